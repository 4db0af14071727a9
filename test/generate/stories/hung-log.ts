/** The log of a hung machine: processes with their threads, locks, messages and requests, as a draft of test/generate/dump has them. */
import { sectionStacks } from '../dump/compose.js';
import type { Draft } from '../dump/draft.js';
import { finish } from '../dump/finish.js';
import { spacesOf, streamOf } from '../dump/machine.js';
import { irpOutputs } from '../dump/print-irps.js';
import { locksOutput, sectionsOutput } from '../dump/print-locks.js';
import { messageOutputs } from '../dump/print-messages.js';
import { processBlock, processList } from '../dump/print-process.js';
import { stackLines, threadBlock } from '../dump/print-thread.js';
import { type Layout, layoutOf, ptr, ticked, typed } from '../dump/text.js';
import type { Address, DumpFrame, DumpProcess, DumpThread, DumpTruth } from '../dump/truth.js';
import { headLines, isWide, logText } from './kd-text.js';
import type { StoryFile } from './model.js';
import { type Scene, textFile } from './scene.js';

/** Increment of the clock of Windows on most machines. */
export const TICK_MS = 15.625;

/** A machine without threads; `firstId` is the least of its process and thread ids. */
export function draftOf(scene: Scene, firstId: number): Draft {
  const random = streamOf(scene.seed, `${scene.kind} ${scene.twist} dump`);
  const { generation } = scene.windows;
  const spaces = spacesOf(random, generation);
  let id = firstId;
  const nextId = (): number => {
    id += 4 * random.whole(1, 20);
    return id;
  };
  let message = random.whole(0x1000, 0xffffff);
  const nextMessageId = (): number => {
    message += random.whole(1, 400);
    return message;
  };
  const system = processOf({ spaces, generation }, 'System', 4, 0);
  return {
    seed: scene.seed,
    random,
    generation,
    spaces,
    processes: [system],
    threads: [],
    locks: [],
    messages: [],
    irps: [],
    edges: [],
    nextId,
    nextMessageId,
  };
}

function processOf(
  { spaces, generation }: Pick<Draft, 'spaces' | 'generation'>,
  image: string,
  pid: number,
  parentPid: number,
): DumpProcess {
  const base = generation === 'win10' ? 0xee6cf70000n : 0x7ffd0000n;
  return {
    address: spaces.nonpaged.next(),
    pid,
    parentPid,
    image,
    sessionId: pid === 4 ? null : pid % 8 === 0 ? 0 : 1,
    peb: pid === 4 ? 0n : base + BigInt(pid % 16) * 0x1000n,
    handleCount: 120 + (pid % 700),
  };
}

/** One more process. */
export function addProcess(draft: Draft, image: string, pid: number, over: Partial<DumpProcess> = {}): DumpProcess {
  const made = { ...processOf(draft, image, pid, 4 * draft.random.whole(100, 200)), ...over };
  (draft.processes as DumpProcess[]).push(made);
  return made;
}

/** What is changed of a thread when all is decided: how long it has waited, where its program stands. */
export interface ThreadWish {
  /** Null: the wait began behind the time of the dump. */
  readonly waitMs?: number | null;
  /** Takes the place of the program's innermost frames. */
  readonly program?: readonly string[];
  /** First argument of Sleep. */
  readonly sleepMs?: number;
}

export interface Hung {
  readonly scene: Scene;
  readonly draft: Draft;
  readonly wishes: ReadonlyMap<Address, ThreadWish>;
}

/** The dump's truth on the clock of the scene. */
export function hungTruth({ scene, draft, wishes }: Hung): DumpTruth {
  const nowTicks = Math.floor(scene.uptimeMs / TICK_MS);
  const plain = finish(draft);
  const threads = plain.threads.map((thread) =>
    wished(thread, scene, nowTicks, Math.min(plain.nowTicks, nowTicks), wishes.get(thread.address) ?? {}),
  );
  return { ...plain, cpus: scene.cpus, nowTicks, tickMs: TICK_MS, threads };
}

/** Without a wish, it has waited as long as it did, but not since before the start of the machine. */
function wished(thread: DumpThread, scene: Scene, nowTicks: number, most: number, wish: ThreadWish): DumpThread {
  const processor = thread.processor === null ? null : thread.processor % scene.cpus;
  const frames = framesOf(thread, wish);
  const known = { ...thread, processor, frames };
  if (!thread.isPrinted) return known;
  if (wish.waitMs === null) {
    return { ...known, waitTicks: null, waitStartTicks: nowTicks + 1 + Math.floor((thread.waitTicks ?? 7) % 300) };
  }
  const ticks =
    wish.waitMs === undefined ? Math.min(thread.waitTicks ?? 60, most - 1) : Math.floor(wish.waitMs / TICK_MS);
  return { ...known, waitTicks: ticks, waitStartTicks: nowTicks - ticks };
}

const IS_SLEEP = /!Sleep(?:Ex)?$/;
const SYSTEM_CODE = /^(?:nt|hal|ntdll|kernel32|KERNEL32|KERNELBASE|win32\w*|USER32|RPCRT4|FLTMGR|ucrtbase|msvcrt)!/;

/** The program's frames are those between the system's own. */
function framesOf({ frames }: DumpThread, { program, sleepMs }: ThreadWish): DumpFrame[] {
  let next = 0;
  return frames.map((frame) => {
    if (sleepMs !== undefined && IS_SLEEP.test(frame.symbol)) {
      return { ...frame, args: [BigInt(sleepMs), ...frame.args.slice(1)] };
    }
    const symbol = SYSTEM_CODE.test(frame.symbol) ? undefined : program?.[next++];
    return symbol === undefined ? frame : { ...frame, symbol };
  });
}

export interface HungLogOptions {
  /** Whose stacks are printed once more, with arguments. */
  readonly stacksOf?: readonly Address[];
  readonly more?: (layout: Layout) => string[][];
  /** Processes are listed without threads and details. */
  readonly briefly?: readonly DumpProcess[];
}

export function hungLog(scene: Scene, truth: DumpTruth, options: HungLogOptions = {}): StoryFile {
  const layout: Layout = { ...layoutOf(truth), hasArgs: true };
  const printed = new Set(truth.threads.filter(({ isPrinted }) => isPrinted).map(({ address }) => address));
  const brief = options.briefly ?? [];
  const text = logText(
    headLines(scene),
    brief.length === 0 ? [] : briefList(layout, brief),
    processList(
      { ...layout, truth: { ...truth, processes: truth.processes.filter((one) => !brief.includes(one)) } },
      printed,
    ),
    locksOutput(layout),
    ...truth.processes.map((process) => sectionsOutput(layout, process)),
    ...messageOutputs(layout),
    ...irpOutputs(layout),
    ...(isWide(scene) ? [] : sectionStacks(layout)),
    ...(options.stacksOf ?? []).map((address) => stackOf(layout, address)),
    ...(options.more?.(layout) ?? []),
    [typed(layout, '.logclose')],
  );
  return textFile('dump', 'dump.log', text);
}

/** `!process 0 0`. */
function briefList(layout: Layout, processes: readonly DumpProcess[]): string[] {
  const lines = layout.truth.generation === 'win10' ? 4 : 3;
  const blocks = processes.flatMap((process) => [...processBlock(layout, process).slice(0, lines), '']);
  return [typed(layout, '!process 0 0'), '**** NT ACTIVE PROCESS DUMP ****', ...blocks];
}

function stackOf(layout: Layout, address: Address): string[] {
  const thread = layout.truth.threads.find((one) => one.address === address);
  if (thread === undefined) return [];
  return [
    typed(layout, `.thread ${ptr(layout, address)}`),
    `Implicit thread is now ${ticked(layout, address)}`,
    '',
    typed(layout, 'kv'),
    '  *** Stack trace for last set context - .thread/.cxr resets it',
    ...stackLines(layout, thread.frames, true),
    '',
  ];
}

/** `!thread` of one, as it stands in the list. */
export const threadOutput = (layout: Layout, thread: DumpThread): string[] => [
  typed(layout, `!thread ${ptr(layout, thread.address)}`),
  ...threadBlock(layout, thread),
  '',
];
