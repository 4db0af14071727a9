/** A process starts others again and again, and they stay: the dump counts them, the trace shows who starts them and how fast. */
import { type Draft, newThread, type ThreadDraft } from '../dump/draft.js';
import type { DumpProcess } from '../dump/truth.js';
import type { Source, Spoken } from '../messages/model.js';
import type { ProcessTruth, Truth } from '../truth.js';
import { dumperLines } from '../write-dumper.js';
import { imagesOf, packedIfLarge } from './dpc-trace.js';
import { addCrowd } from './hung-crowd.js';
import { addProcess, draftOf, hungLog, hungTruth, type ThreadWish } from './hung-log.js';
import { areClocksKnown, messageFile, messageTrace, rhythm } from './message-trace.js';
import type { Story, StoryFile, Twist } from './model.js';
import { isOfClock } from './retry-block.js';
import { filetimeOfMs, offsetMsOf, type Scene, sceneOf, truthOf, WINDOWS_X64 } from './scene.js';
import type { ComponentName } from './words.js';

const KIND = 'process-factory';

interface Cast {
  readonly parent: ComponentName;
  /** Starts one now and then, and they end. */
  readonly other: ComponentName;
  readonly child: string;
  readonly otherChild: string;
}

interface Start {
  readonly atUs: number;
  readonly pid: number;
  readonly parent: ProcessTruth;
  readonly image: string;
  /** Null: it stays. */
  readonly endUs: number | null;
}

export function processFactory(twist: Twist, seed: number): Story {
  const scene = sceneOf(KIND, twist, seed, { windows: WINDOWS_X64, lengthMs: [120_000, 400_000], gapMs: [0, 30_000] });
  const { random, words } = scene;
  const [parent, other] = [words.component(), words.component()];
  const cast: Cast = { parent, other, child: `${parent.module}worker.exe`, otherChild: `${other.module}task.exe` };
  const draft = draftOf(scene, 4 * random.whole(80, 400));
  const count = twist === 'decisive-evidence-removed' ? random.whole(3, 5) : random.whole(55, 120);
  const own = addProcess(draft, parent.service, draft.nextId(), { handleCount: count * random.whole(40, 180) });
  const crowd = addCrowd(scene, draft);
  const quiet = addProcess(draft, other.service, draft.nextId());
  const children = addChildren(draft, own, cast.child, count);
  const wishes = new Map<ThreadDraft['address'], ThreadWish>(crowd);
  for (const thread of mainThreads(draft, own)) wishes.set(thread.address, { waitMs: random.whole(20, 900) });
  const periodMs = Math.floor(scene.lengthMs / random.whole(25, 45));
  const isMessages = isOfClock(twist) || random.next() < 0.5;
  const plan = { scene, cast, own, quiet, children, periodMs };
  const { file, innocent } = isMessages ? messagesOf(plan) : startsFile(plan);
  const truth = hungTruth({ scene, draft, wishes });
  const isPlain = twist === 'none' || twist === 'live-dump' || isOfClock(twist);
  return {
    kind: KIND,
    twist,
    seed,
    files: [file, hungLog(scene, truth, { briefly: [own, quiet, ...children] })],
    truth: truthOf(scene, {
      cause: 'process-factory',
      process: own.image,
      isProvable: isPlain && areClocksKnown(scene),
      innocent: [other.service, cast.otherChild, other.words, ...innocent],
      facts: { children: children.length, periodMs: isPlain || twist === 'other-boot' ? periodMs : null },
    }),
  };
}

function addChildren(draft: Draft, own: DumpProcess, image: string, count: number): DumpProcess[] {
  return Array.from({ length: count }, () =>
    addProcess(draft, image, draft.nextId(), {
      parentPid: own.pid,
      sessionId: own.sessionId,
      handleCount: 36 + draft.random.whole(0, 9),
    }),
  );
}

/** The parent sleeps between two starts. */
function mainThreads(draft: Draft, own: DumpProcess): ThreadDraft[] {
  const thread = newThread(draft, own);
  thread.wait = { kind: 'event' };
  thread.end = { why: 'unknown', isFirm: true };
  return [thread];
}

interface Plan {
  readonly scene: Scene;
  readonly cast: Cast;
  readonly own: DumpProcess;
  readonly quiet: DumpProcess;
  readonly children: readonly DumpProcess[];
  readonly periodMs: number;
}

/** Who starts processes in the trace: where the story is contradicted, the other. */
const isStarter = ({ twist }: Scene, isOwn: boolean): boolean =>
  twist !== 'decisive-evidence-removed' && isOwn === (twist !== 'contradicted');

function messagesOf(plan: Plan): { file: StoryFile; innocent: readonly string[] } {
  const { scene, cast, own, quiet, periodMs } = plan;
  const moved = scene.sameBoot ? 0 : 4 * scene.random.whole(100, 700);
  const spoken = ({ joined, module }: ComponentName, text: string): Spoken => ({
    text,
    provider: joined,
    file: `${module}.cpp`,
    line: 318,
    function: 'StartWorker',
    level: 4,
    severity: null,
  });
  const starts = (name: ComponentName, { image, pid }: DumpProcess, child: string): Source =>
    rhythm(scene, {
      spoken: spoken(name, `[${name.words}] started process ${child} for job <num>`),
      process: { name: image, pid: pid + moved },
      tids: [pid + moved + 4],
      periodUs: periodMs * 1000,
      share: 0.05,
    });
  const trace = messageTrace(scene, {
    decisive: [
      ...(isStarter(scene, true) ? [starts(cast.parent, own, cast.child)] : []),
      ...(isStarter(scene, false) ? [starts(cast.other, quiet, cast.otherChild)] : []),
    ],
    noise: { texts: 7, each: [6, 24] },
    innocentPeriodsUs: [scene.random.whole(3_000_000, 9_000_000)],
    firstPid: 4 * scene.random.whole(2_000, 3_000),
  });
  return { file: messageFile(scene, trace), innocent: trace.innocent };
}

/** Rows of process starts, as `xperf -a dumper` prints them. */
function startsFile(plan: Plan): { file: StoryFile; innocent: readonly string[] } {
  const { scene, own, quiet } = plan;
  const moved = scene.sameBoot ? 0 : 4 * scene.random.whole(100, 700);
  const process = ({ image, pid, parentPid }: DumpProcess): ProcessTruth => ({
    name: image,
    pid: pid + moved,
    parentPid,
    tid: pid + moved + 4,
  });
  const truth: Truth = {
    name: 'trace',
    startFiletime: filetimeOfMs(scene.startMs),
    perfFreq: 10_000_000,
    cpus: scene.cpus,
    lengthUs: scene.lengthMs * 1000,
    eventsLost: 0,
    buffersLost: 0,
    images: imagesOf([], 0n),
    processes: [{ name: 'System', pid: 4, parentPid: 0, tid: 8 }, process(own), process(quiet)],
    runs: [],
    cswitches: [],
    samples: [],
  };
  const rows = startsOf(plan, process(own), process(quiet))
    .flatMap((start) => [
      { atUs: start.atUs, line: startRow('P-Start', start, start.atUs) },
      ...(start.endUs === null ? [] : [{ atUs: start.endUs, line: startRow('P-End', start, start.endUs) }]),
    ])
    .sort((a, b) => a.atUs - b.atUs);
  const lines = [...dumperLines(truth), ...rows.map(({ line }) => line)];
  const text = `${lines.join('\r\n')}\r\n`.replace('OS Version: 10.0.22631', `OS Version: 10.0.${scene.windows.build}`);
  return { file: packedIfLarge('trace', 'trace.txt', text), innocent: [] };
}

/** The last children of the dump are those that the trace saw start. */
function startsOf({ scene, cast, children, periodMs }: Plan, own: ProcessTruth, quiet: ProcessTruth): Start[] {
  const { random, lengthMs, sameBoot } = scene;
  const seen = Math.floor(offsetMsOf(scene) / periodMs);
  const pids = children.slice(-seen).map(({ pid }) => (sameBoot ? pid : pid + 8_000));
  const at = (i: number): number => Math.floor((i + 0.2 + 0.1 * random.next()) * periodMs * 1000);
  const mine = pids.map((pid, i): Start => ({ atUs: at(i), pid, parent: own, image: cast.child, endUs: null }));
  const every = isStarter(scene, false) ? periodMs : periodMs * 7;
  const brief = Array.from({ length: Math.floor(lengthMs / every) }, (_, i): Start => {
    const atUs = Math.floor((i + 0.5) * every * 1000);
    return {
      atUs,
      pid: 60_000 + 8 * i,
      parent: quiet,
      image: cast.otherChild,
      endUs: atUs + random.whole(50_000, 900_000),
    };
  });
  const starts = isStarter(scene, true) ? [...mine, ...brief] : brief;
  return starts.filter(({ atUs, endUs }) => (endUs ?? atUs) < lengthMs * 1000);
}

function startRow(name: 'P-Start' | 'P-End', { pid, parent, image }: Start, atUs: number): string {
  const key = `0x${(0xffffc00000000000n + BigInt(pid) * 0x1000n).toString(16)}`;
  const num = (value: number, width: number): string => String(value).padStart(width);
  const status = name === 'P-End' ? '0x00000000, ' : '';
  const who = `${image.padStart(16)} (${num(pid, 4)}), ${num(parent.pid, 10)}, ${num(1, 10)}`;
  return `${name.padStart(23)}, ${num(atUs, 10)}, ${who}, ${key}, ${status}S-1-5-18, "${image} -job ${pid % 1000}"`;
}
