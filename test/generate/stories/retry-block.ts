/** A service's thread holds a lock, fails, sleeps and tries again; others wait for the lock. The trace tells at what it fails. */

import { type Draft, newLock, newThread, type ThreadDraft } from '../dump/draft.js';
import { streamOf } from '../dump/machine.js';
import type { DumpProcess } from '../dump/truth.js';
import { joinQueue, waitForThread } from '../dump/waits.js';
import type { PeriodicSource, Source, Spoken } from '../messages/model.js';
import { addCrowd } from './hung-crowd.js';
import { addProcess, draftOf, hungLog, hungTruth, type ThreadWish } from './hung-log.js';
import { areClocksKnown, messageFile, messageTrace, rhythm } from './message-trace.js';
import type { Story, Twist } from './model.js';
import { offsetMsOf, type Scene, sceneOf, truthOf, WINDOWS_X64, WINDOWS_X86 } from './scene.js';
import type { ComponentName } from './words.js';

const KIND = 'retry-block';
/** On x86 the stack shows the argument of Sleep. */
const MOSTLY_X86 = [...WINDOWS_X86, ...WINDOWS_X86, ...WINDOWS_X64.slice(0, 2)];

interface Plan {
  readonly sleepMs: number;
  readonly periodMs: number;
  readonly component: ComponentName;
  readonly fn: string;
  readonly module: string;
  readonly error: string;
  readonly retries: string;
}

export function retryBlock(twist: Twist, seed: number): Story {
  const early = streamOf(seed, `${KIND} plan`);
  const sleepMs = early.pick([1_000, 1_500, 2_000, 2_500, 3_000, 4_096, 5_000, 6_144, 7_500, 10_000, 12_000]);
  const periodMs = sleepMs + Math.max(15, Math.round(sleepMs * (0.003 + 0.02 * early.next())));
  const scene = sceneOf(KIND, twist, seed, {
    windows: MOSTLY_X86,
    lengthMs: [periodMs * 28, periodMs * 60],
    gapMs: [0, 90_000],
  });
  const { random } = scene;
  const plan = planOf(scene, sleepMs, periodMs);
  const draft = draftOf(scene, 4 * random.whole(80, 400));
  const service = addProcess(draft, plan.component.service, draft.nextId());
  const owner = newThread(draft, service);
  owner.wait = { kind: 'sleep' };
  owner.end = { why: 'sleep', isFirm: true };
  const waitMs = Math.floor(random.next() * 0.9 * sleepMs);
  const firstRetry = random.whole(1, 30);
  const beats = Math.floor(offsetMsOf(scene) / periodMs);
  const blockMs = Math.min(scene.uptimeMs - 5_000, (firstRetry + beats) * periodMs);
  const wishes = new Map<ThreadDraft['address'], ThreadWish>();
  wishes.set(owner.address, {
    waitMs,
    sleepMs,
    program: [`${plan.module}!${plan.fn}`, `${plan.component.module}!HandleRequest`],
  });
  for (const waiter of addWaiters(draft, owner))
    wishes.set(waiter.address, { waitMs: Math.floor(blockMs * random.next()) });
  for (const [address, wish] of addCrowd(scene, draft)) wishes.set(address, wish);
  const sameIds = scene.sameBoot && random.next() < 0.6;
  const shift = sameIds ? 0 : 4 * random.whole(200, 900);
  const decisive = decisiveOf(scene, plan, { service, tid: owner.tid + shift, shift, waitMs, firstRetry });
  const trace = messageTrace(scene, {
    decisive: decisive.sources,
    noise: { texts: random.whole(6, 10), each: [6, 30] },
    innocentPeriodsUs: innocentPeriods(scene, periodMs),
    firstPid: 4 * random.whole(2_000, 3_000),
  });
  const truth = hungTruth({ scene, draft, wishes });
  const isKnown = truth.pointerBytes === 4 || sameIds;
  return {
    kind: KIND,
    twist,
    seed,
    files: [messageFile(scene, trace), hungLog(scene, truth, { stacksOf: [owner.address] })],
    truth: truthOf(scene, {
      cause: 'blocking',
      module: plan.module,
      function: plan.fn,
      process: service.image,
      thread: owner.address,
      isProvable: isKnown && areClocksKnown(scene) && (twist === 'none' || twist === 'live-dump' || isOfClock(twist)),
      innocent: [...trace.innocent, ...decisive.innocent],
      facts: {
        sleepMs: truth.pointerBytes === 4 ? sleepMs : null,
        periodMs: decisive.periodMs,
        threads: truth.threads
          .filter((thread) => isBehind(thread.address, truth, owner.address))
          .map(({ address }) => address),
      },
    }),
  };
}

export const isOfClock = (twist: Twist): boolean => twist === 'zone-without-date' || twist === 'time-of-day-only';

const isBehind = (
  thread: string,
  { edges }: { readonly edges: readonly { readonly from: string; readonly to: string }[] },
  root: string,
): boolean => edges.some(({ from, to }) => from === thread && to === root);

/** The component stands in the name of the module, or in that of the function. */
function planOf({ random, words }: Scene, sleepMs: number, periodMs: number): Plan {
  const component = words.component();
  const isInModule = random.next() < 0.5;
  const fn = random.pick(['Execute', 'Commit', 'Write', 'Command']);
  const said = `[${component.words}]`;
  const of = random.whole(100, 999);
  return {
    sleepMs,
    periodMs,
    component,
    module: isInModule ? component.module : `${words.stem()}core`,
    fn: isInModule ? fn : `${component.words.replace(' ', '_')}_${fn}`,
    error: random.pick([
      `Error: ${said} no space left on temporary volume`,
      `Error: ${said} cannot open queue file, error 32`,
      `Error: ${said} peer <ip> refuses the connection`,
      `Error: ${said} write failed with status 0xC000007F`,
    ]),
    retries: random.pick([
      `${said} sleeps on error (retry <retry> of ${of})`,
      `${said} will try again (retry <retry> of ${of})`,
    ]),
  };
}

function addWaiters(draft: Draft, owner: ThreadDraft): ThreadDraft[] {
  const { random } = draft;
  const before = draft.threads.length;
  const kind = random.next() < 0.7 ? 'critical-section' : 'mutant';
  if (kind === 'critical-section') {
    const lock = newLock(draft, {
      kind,
      address: draft.spaces.heap.next(),
      process: owner.process.address,
      owners: [owner],
      shownBy: 'list-o',
    });
    for (let i = random.whole(6, 18); i > 0; i--) joinQueue(draft, lock);
  } else {
    waitForThread(draft, newThread(draft, owner.process), owner, kind);
    for (let i = random.whole(4, 12); i > 0; i--) joinQueue(draft, owner.owns[0]);
  }
  return draft.threads.slice(before);
}

interface Decisive {
  readonly service: DumpProcess;
  readonly tid: number;
  readonly shift: number;
  readonly waitMs: number;
  readonly firstRetry: number;
}

function decisiveOf(scene: Scene, plan: Plan, { service, tid, shift, waitMs, firstRetry }: Decisive) {
  const { twist, random, words } = scene;
  const none = { sources: [] as Source[], innocent: [] as string[], periodMs: null };
  if (twist === 'decisive-evidence-removed') return none;
  if (twist === 'contradicted') {
    const other = words.component();
    const periodMs = Math.round(plan.sleepMs * random.pick([0.37, 0.61, 1.43, 1.71, 2.37]));
    const source = retrying(
      scene,
      { ...plan, component: other },
      {
        process: { name: other.service, pid: service.pid + 4 * random.whole(300, 600) },
        tid: tid + 4 * random.whole(300, 600),
        periodMs,
        beatMs: random.whole(0, periodMs),
        firstRetry,
        said: other,
      },
    );
    return { sources: [source], innocent: [other.words, other.joined, other.service], periodMs: null };
  }
  const source = retrying(scene, plan, {
    process: { name: service.image, pid: service.pid + shift },
    tid,
    periodMs: plan.periodMs,
    beatMs: offsetMsOf(scene) - waitMs - 2,
    firstRetry,
    said: plan.component,
  });
  return { sources: [source], innocent: [], periodMs: plan.periodMs };
}

interface Retrying {
  readonly process: { readonly name: string; readonly pid: number };
  readonly tid: number;
  readonly periodMs: number;
  readonly beatMs: number;
  readonly firstRetry: number;
  readonly said: ComponentName;
}

function retrying(
  scene: Scene,
  plan: Plan,
  { process, tid, periodMs, beatMs, firstRetry, said }: Retrying,
): PeriodicSource {
  const spoken = (text: string, level: 2 | 4): Spoken => ({
    text: text.replace(plan.error === text || plan.retries === text ? /\[[^\]]{1,40}\]/ : /$^/, `[${said.words}]`),
    provider: said.joined,
    file: `${said.module}.cpp`,
    line: level * 111,
    function: plan.fn,
    level,
    severity: level === 2 ? 'error' : null,
  });
  const source = rhythm(scene, {
    spoken: spoken(plan.error, 2),
    process,
    tids: [tid],
    periodUs: periodMs * 1000,
    beatUs: beatMs * 1000,
    share: 0.001 + 0.003 * scene.random.next(),
  });
  return {
    ...source,
    followers: [
      {
        spoken: spoken(plan.retries, 4),
        every: 1,
        delayUs: [80, 900],
        retry: { first: firstRetry, last: firstRetry + 5_000, step: 1 },
      },
    ],
  };
}

/** Of other components; one in some seeds nearly the same. */
function innocentPeriods({ random }: Scene, periodMs: number): number[] {
  const near = 1 + (random.next() < 0.5 ? -1 : 1) * (0.04 + 0.05 * random.next());
  const any = (): number => Math.round(periodMs * 1000 * (0.55 + 2.2 * random.next()));
  const periods = [any(), any()];
  if (random.next() < 0.4) periods.push(Math.round(periodMs * 1000 * near));
  return periods;
}
