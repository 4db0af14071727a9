/** Threads wait for each other in a ring and say nothing more; an error of another component goes on in its rhythm. */
import { type Draft, newThread, type ThreadDraft } from '../dump/draft.js';
import { addWaiter } from '../dump/ends.js';
import type { DumpTruth } from '../dump/truth.js';
import { canBeAwaited, type HopKind, waitForThread } from '../dump/waits.js';
import type { PlannedGap, Source, Spoken } from '../messages/model.js';
import { addCrowd } from './hung-crowd.js';
import { addProcess, draftOf, hungLog, hungTruth, type ThreadWish } from './hung-log.js';
import { areClocksKnown, messageFile, messageTrace } from './message-trace.js';
import type { Story, Twist } from './model.js';
import { isOfClock } from './retry-block.js';
import { offsetMsOf, type Scene, sceneOf, truthOf, WINDOWS_X64, WINDOWS_X86 } from './scene.js';
import type { ComponentName } from './words.js';

const KIND = 'deadlock-innocent-rhythm';

export function deadlock(twist: Twist, seed: number): Story {
  const scene = sceneOf(KIND, twist, seed, {
    windows: [...WINDOWS_X86, ...WINDOWS_X64.slice(0, 2)],
    lengthMs: [180_000, 420_000],
    gapMs: [0, 60_000],
  });
  const { random, words } = scene;
  const draft = draftOf(scene, 4 * random.whole(80, 400));
  const components = [words.component(), words.component(), words.component()];
  const ring = addRing(draft, components, twist === 'decisive-evidence-removed');
  const victims = Array.from({ length: random.whole(2, 5) }, () => victimOf(draft, ring)).filter((one) => one !== null);
  // The last lock was asked for when the trace had run for a while.
  const silentMs = Math.floor(scene.lengthMs * (0.3 + 0.4 * random.next()));
  const wishes = new Map<ThreadDraft['address'], ThreadWish>();
  const waitMs = offsetMsOf(scene) - silentMs;
  for (const [i, { address }] of ring.entries()) {
    const early = scene.sameBoot ? waitMs - i * random.whole(2, 900) : Math.floor(scene.uptimeMs * (0.3 + 0.1 * i));
    wishes.set(address, {
      waitMs: early,
      program: [`${components[i].module}!${random.pick(['Commit', 'Lookup', 'Refresh'])}`],
    });
  }
  for (const { address } of victims)
    wishes.set(address, { waitMs: Math.floor((wishes.get(ring[0].address)?.waitMs ?? 1) * random.next()) });
  for (const [address, wish] of addCrowd(scene, draft)) wishes.set(address, wish);
  const trace = messageTrace(scene, {
    decisive: ring.map((thread, i) => talkOf(scene, thread, components[i])),
    noise: { texts: random.whole(5, 8), each: [6, 24] },
    innocentPeriodsUs: [random.whole(3_000_000, 9_000_000), random.whole(2_000_000, 12_000_000)],
    gaps: twist === 'contradicted' || !scene.sameBoot ? [] : gapsOf(scene, ring, wishes),
    firstPid: 4 * random.whole(2_000, 3_000),
  });
  const truth = hungTruth({ scene, draft, wishes });
  return {
    kind: KIND,
    twist,
    seed,
    files: [messageFile(scene, trace), hungLog(scene, truth)],
    truth: truthOf(scene, {
      cause: 'deadlock',
      process: ring[0].process.image,
      thread: ring[0].address,
      isProvable:
        isCertain(truth) && areClocksKnown(scene) && (twist === 'none' || twist === 'live-dump' || isOfClock(twist)),
      innocent: trace.innocent,
      facts: { threads: truth.cycles.flatMap(({ threads }) => threads) },
    }),
  };
}

const isCertain = ({ cycles }: DumpTruth): boolean => cycles.length > 0 && cycles.every((cycle) => cycle.isCertain);

/** Two or three threads, each in a process of its own or two in one; without its last edge where an owner is to be missing. */
function addRing(draft: Draft, components: readonly ComponentName[], isOpen: boolean): ThreadDraft[] {
  const { random } = draft;
  const size = random.whole(2, 3);
  const kinds = kindsOf(draft, size);
  const ring: ThreadDraft[] = [];
  for (let i = 0; i < size; i++) {
    // Both threads of a critical section are of one process.
    const isSame = i > 0 && kinds[i - 1] === 'critical-section';
    const process = isSame ? ring[i - 1].process : addProcess(draft, components[i].service, draft.nextId());
    ring.push(newThread(draft, process));
  }
  ring.forEach((thread, i) => {
    if (isOpen && i === size - 1) waitForMissing(draft, thread, kinds[i]);
    else waitForThread(draft, thread, ring[(i + 1) % size], kinds[i]);
  });
  return ring;
}

/** The owner is named, and the log does not show it. */
function waitForMissing(draft: Draft, thread: ThreadDraft, kind: HopKind): void {
  const process = kind === 'critical-section' ? thread.process : draft.processes[draft.processes.length - 1];
  const owner = newThread(draft, process);
  owner.isPrinted = false;
  owner.end = { why: 'missing-thread', isFirm: true };
  waitForThread(draft, thread, owner, kind === 'lpc' ? 'mutant' : kind);
}

/** The last is never a critical section, unless all are: then there are two of them. */
function kindsOf({ random, generation }: Draft, size: number): HopKind[] {
  if (size === 2 && generation !== 'win10' && random.next() < 0.4) return ['critical-section', 'critical-section'];
  const first: readonly HopKind[] = generation === 'win10' ? ['mutant', 'lpc'] : ['critical-section', 'mutant', 'lpc'];
  return Array.from({ length: size }, (_, i) => random.pick(i === size - 1 ? (['mutant', 'lpc'] as const) : first));
}

function victimOf(draft: Draft, ring: readonly ThreadDraft[]): ThreadDraft | null {
  const target = draft.random.pick(ring);
  const kind = (['mutant', 'lpc'] as const).find((one) => canBeAwaited(draft, target, one));
  return kind === undefined ? null : addWaiter(draft, target, kind);
}

/** What a thread of the ring says all the time, until it waits. */
function talkOf(scene: Scene, thread: ThreadDraft, { joined, module, words }: ComponentName): Source {
  const spoken: Spoken = {
    text: `${words}: batch <num> handed to queue <quoted>`,
    provider: joined,
    file: `${module}.cpp`,
    line: 212,
    function: 'Commit',
    level: 4,
    severity: null,
  };
  const moved = scene.sameBoot ? 0 : 4 * scene.random.whole(100, 700);
  const { random, lengthMs } = scene;
  return {
    kind: 'poisson',
    spoken,
    process: { name: thread.process.image, pid: thread.process.pid + moved },
    tids: [thread.tid + moved],
    stretches: [{ fromUs: 0, toUs: lengthMs * 1000, ratePerS: random.whole(20, 45) / 100 }],
  };
}

const gapsOf = (
  scene: Scene,
  ring: readonly ThreadDraft[],
  wishes: ReadonlyMap<ThreadDraft['address'], ThreadWish>,
): PlannedGap[] =>
  ring.map(({ address, tid }) => {
    const fromUs = (offsetMsOf(scene) - (wishes.get(address)?.waitMs ?? 0)) * 1000;
    return { fromUs, toUs: scene.lengthMs * 1000, tid };
  });
