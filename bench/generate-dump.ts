/**
 * A log of a Windows 10 dump of any size: processes of 50 threads with stacks and arguments, a few hundred different stacks, and in every
 * fifty threads a chain over ALPC, a mutant and an executive resource. Some resources end in a deadlock instead.
 */
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { codeAddress } from '../test/generate/dump/machine.js';
import { processBlock } from '../test/generate/dump/print-process.js';
import { threadBlock } from '../test/generate/dump/print-thread.js';
import type { StackNeeds } from '../test/generate/dump/stacks.js';
import { LAYERS_WIDE } from '../test/generate/dump/stacks-x64.js';
import { type Layer, type LayerKind, user } from '../test/generate/dump/stacks-x86.js';
import { type Layout, ptr, ticked } from '../test/generate/dump/text.js';
import {
  type Address,
  addressOf,
  type DumpMessage,
  type DumpProcess,
  type DumpThread,
  type DumpTruth,
  type WaitObject,
} from '../test/generate/dump/truth.js';
import { type Random, seeded } from '../test/generate/random.js';

const SEED = 20261120;
const STACKS = 320;
const THREADS_A_PROCESS = 50;
const NOW_TICKS = 9_000_000;
const TICK_MS = 15.625;
const FLUSH_BYTES = 4_000_000;
/** Every so many processes, the owner of the resource waits for a lock of the one who waits for it. */
const DEADLOCK_EVERY = 40;
const WORDS = 4096;

export interface DumpFigures {
  readonly bytes: number;
  readonly lines: number;
  readonly threads: number;
  readonly processes: number;
  /** Threads that wait for another one. */
  readonly waiters: number;
  readonly deadlocks: number;
  /** Stacks that differ in their functions. */
  readonly stacks: number;
}

/** Writes the log to `path`, unless it is there already. About 4 KB a thread. */
export function generateDump(path: string, threads: number): DumpFigures {
  const note = `${path}.json`;
  const known = figuresIn(note);
  if (known !== null && known.threads === threads && statSync(path, { throwIfNoEntry: false })?.size === known.bytes)
    return known;
  mkdirSync(dirname(path), { recursive: true });
  const fd = openSync(`${path}.part`, 'w');
  let figures: DumpFigures;
  try {
    figures = write(new TextFile(fd), threads);
  } finally {
    closeSync(fd);
  }
  renameSync(`${path}.part`, path);
  writeFileSync(note, JSON.stringify(figures));
  return figures;
}

function figuresIn(path: string): DumpFigures | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

class TextFile {
  readonly #fd: number;
  #parts: string[] = [];
  #held = 0;
  bytes = 0;
  lines = 0;

  constructor(fd: number) {
    this.#fd = fd;
  }

  put(lines: readonly string[]): void {
    const text = `${lines.join('\r\n')}\r\n`;
    this.#parts.push(text);
    this.#held += text.length;
    this.lines += lines.length;
    if (this.#held > FLUSH_BYTES) this.flush();
  }

  flush(): void {
    this.bytes += writeSync(this.#fd, this.#parts.join(''));
    this.#parts = [];
    this.#held = 0;
  }
}

/** What stays the same in all stacks that are printed from it. */
interface StackPlan {
  readonly wait: LayerKind;
  readonly frames: readonly { readonly ret: string; readonly symbol: string; readonly isUser: boolean }[];
}

/** What a thread of a process does, by its number in the process. */
interface Part {
  readonly wait: LayerKind;
  readonly reason: string;
  readonly objects: (thread: number) => WaitObject[];
}

const threadAddress = (thread: number): Address => addressOf(0xffffe00100000080n + BigInt(thread) * 0x1000n);
const processAddress = (process: number): Address => addressOf(0xffffe000c0000040n + BigInt(process) * 0x1000n);
/** Below the frames of a thread. */
const stackLow = (thread: number): bigint => 0xffffd00110000000n + BigInt(thread) * 0x8000n;
const objectNear = (thread: number, type: string, owner: Address | null = null): WaitObject => ({
  address: addressOf(BigInt(threadAddress(thread)) + 0x700n),
  type,
  owner,
});

const IDLE: readonly Part[] = [
  { wait: 'idle-worker', reason: 'WrQueue', objects: (n) => [objectNear(n, 'QueueObject')] },
  { wait: 'idle-rpc', reason: 'WrLpcReceive', objects: (n) => [objectNear(n, 'Semaphore Limit 0x7fffffff')] },
  { wait: 'idle-gui', reason: 'WrUserRequest', objects: (n) => [objectNear(n, 'SynchronizationEvent')] },
  { wait: 'several', reason: 'UserRequest', objects: (n) => [objectNear(n, 'NotificationEvent')] },
];
const onResource: Part = {
  wait: 'resource',
  reason: 'WrResource',
  objects: (n) => [objectNear(n, 'SynchronizationEvent')],
};
/** 0 asks 1, which waits for a mutant of 2, which waits for a resource of 3, as 4 and 5 do; 3 sleeps. */
const CHAIN: readonly Part[] = [
  { wait: 'lpc', reason: 'WrLpcReply', objects: (n) => [objectNear(n, 'Semaphore Limit 0x1')] },
  {
    wait: 'object',
    reason: 'UserRequest',
    objects: (n) => [objectNear(n, 'Mutant - owning thread', threadAddress(n + 1))],
  },
  onResource,
  { wait: 'sleep', reason: 'DelayExecution', objects: (n) => [objectNear(n, 'NotificationTimer')] },
  onResource,
  onResource,
];
const OWNER = 3;
const RESOURCE_WAITERS = [2, 4, 5];

function write(file: TextFile, threads: number): DumpFigures {
  const random = seeded(SEED);
  const layout = layoutWith(random, []);
  const plans = plansOf(random);
  const words = Array.from({ length: WORDS }, () => wordOf(layout, random));
  const processes = Math.ceil(threads / THREADS_A_PROCESS);
  file.put([
    'Windows 10 Kernel Version 19041 MP (8 procs) Free x64',
    '',
    '0: kd> !process 0 7',
    '**** NT ACTIVE PROCESS DUMP ****',
  ]);
  for (let n = 0; n < threads; n++) {
    const inProcess = n % THREADS_A_PROCESS;
    const process = Math.floor(n / THREADS_A_PROCESS);
    if (inProcess === 0) file.put(processBlock(layout, processOf(process)));
    const part = partOf(random, process, inProcess);
    const plan = random.pick(plans.get(part.wait) as StackPlan[]);
    const messages = part.wait === 'lpc' ? [messageOf(n)] : [];
    const block = threadBlock(
      { ...layout, truth: { ...layout.truth, messages } },
      threadOf(random, n, part),
      '        ',
    );
    file.put([...block, ...stackOf(random, plan, n, words), '']);
  }
  const full = Math.floor(threads / THREADS_A_PROCESS);
  file.put(locks(full));
  for (let p = 0; p < full; p++) file.put(message(layout, p * THREADS_A_PROCESS));
  file.flush();
  const deadlocks = Math.ceil(full / DEADLOCK_EVERY);
  return {
    bytes: file.bytes,
    lines: file.lines,
    threads,
    processes,
    waiters: full * (CHAIN.length - 1) + deadlocks,
    deadlocks,
    stacks: new Set([...plans.values()].flat().map(({ frames }) => frames.map(({ symbol }) => symbol).join())).size,
  };
}

const isDeadlocked = (process: number): boolean => process % DEADLOCK_EVERY === 0;

function partOf(random: Random, process: number, inProcess: number): Part {
  if (inProcess === OWNER && isDeadlocked(process)) return onResource;
  return CHAIN[inProcess] ?? random.pick(IDLE);
}

function layoutWith(random: Random, messages: readonly DumpMessage[]): Layout {
  const truth: DumpTruth = {
    seed: SEED,
    generation: 'win10',
    pointerBytes: 8,
    cpus: 8,
    nowTicks: NOW_TICKS,
    tickMs: TICK_MS,
    processes: [],
    threads: [],
    locks: [],
    messages,
    irps: [],
    edges: [],
    cycles: [],
    chains: [],
    roots: new Map(),
    order: [],
  };
  return { truth, random, hasArgs: true, hidesOwners: false, isSpacious: false, hasBoosts: true, processor: '0: ' };
}

const processOf = (process: number): DumpProcess => ({
  address: processAddress(process),
  pid: 0x100 + process * 4,
  parentPid: 4,
  image: `service${process % 200}.exe`,
  sessionId: process % 3,
  peb: 0xee6cf70000n,
  handleCount: 100 + (process % 900),
});

function threadOf(random: Random, thread: number, part: Part): DumpThread {
  const process = Math.floor(thread / THREADS_A_PROCESS);
  const ticks = random.whole(1, 2_000_000);
  const { pid, image, address } = processOf(process);
  const stackBase = stackLow(thread) + 0x6000n;
  return {
    address: threadAddress(thread),
    pid,
    tid: 0x1000 + thread * 4,
    process: address,
    image,
    state: 'WAIT',
    processor: null,
    isPrinted: true,
    isIdle: false,
    waitReason: part.reason,
    waitMode: part.wait === 'resource' ? 'KernelMode' : 'UserMode',
    isAlertable: false,
    waitObjects: part.objects(thread),
    waitStartTicks: NOW_TICKS - ticks,
    waitTicks: ticks,
    teb: 0xee6cf80000n,
    win32Thread: 0n,
    contextSwitches: random.whole(1, 100_000),
    userMs: random.whole(0, 1000),
    kernelMs: random.whole(0, 1000),
    startSymbol: 'ntdll!TppWorkerThread',
    stackBase,
    stackLimit: stackBase - 0x6000n,
    isResident: true,
    priority: 8,
    // Printed here, for speed.
    frames: [],
    irps: [],
    workingOn: null,
  };
}

function plansOf(random: Random): Map<LayerKind, StackPlan[]> {
  const kinds = [...new Set([...CHAIN, ...IDLE].map(({ wait }) => wait))];
  const needs: StackNeeds = {
    generation: 'win10',
    isSystem: false,
    object: 0n,
    lock: 0n,
    isShared: false,
    driver: 'fltguard',
    sleepMs: 1000,
  };
  const plan = (wait: LayerKind): StackPlan => {
    const middle = Array.from({ length: random.whole(3, 9) }, () =>
      user(`component${random.whole(0, 11)}!Function${random.whole(0, 99)}+0x${random.whole(16, 900).toString(16)}`),
    );
    const layers = [...LAYERS_WIDE[wait](needs), ...middle, ...LAYERS_WIDE.userBottom(needs)];
    return { wait, frames: layers.map((layer, i) => frameOf(layer, layers[i + 1])) };
  };
  return new Map(kinds.map((wait) => [wait, Array.from({ length: STACKS / kinds.length }, () => plan(wait))]));
}

function frameOf(layer: Layer, behind: Layer | undefined): StackPlan['frames'][number] {
  const ret = behind === undefined ? 0n : codeAddress('win10', behind.symbol) + BigInt(behind.offset);
  return {
    ret: halves(ret.toString(16).padStart(16, '0')),
    symbol: layer.offset === 0 ? layer.symbol : `${layer.symbol}+0x${layer.offset.toString(16)}`,
    isUser: layer.isUser,
  };
}

const halves = (digits: string): string => `${digits.slice(0, 8)}\`${digits.slice(8)}`;

function wordOf(layout: Layout, random: Random): string {
  return ticked(
    layout,
    random.next() < 0.5 ? BigInt(random.whole(0, 0xffff)) : 0xffffe00100000000n + BigInt(random.whole(0, 0xfffffff)),
  );
}

function stackOf(random: Random, { frames }: StackPlan, thread: number, words: readonly string[]): string[] {
  const header =
    'Child-SP          RetAddr           : Args to Child                                                           : Call Site';
  const kernelLow = stackLow(thread) + 0x2000n;
  const userLow = 0xee60000000n + BigInt(thread) * 0x4000n;
  const placeOf = (isUser: boolean, i: number): string =>
    halves(((isUser ? userLow : kernelLow) + BigInt(i * 0x60)).toString(16).padStart(16, '0'));
  const lines = frames.map(({ ret, symbol, isUser }, i) => {
    const sp = placeOf(isUser, i);
    const at = random.whole(0, WORDS - 5);
    return `        ${sp} ${ret} : ${words[at]} ${words[at + 1]} ${words[at + 2]} ${words[at + 3]} : ${symbol}`;
  });
  return [`        ${header}`, ...lines];
}

const messageOf = (thread: number): DumpMessage => ({
  kind: 'alpc',
  id: 0,
  address: addressOf(0xffffc00170000010n + BigInt(thread) * 0x100n),
  client: threadAddress(thread),
  server: threadAddress(thread + 1),
  serverProcess: processAddress(Math.floor(thread / THREADS_A_PROCESS)),
  clientPort: addressOf(0xffffe00200000010n + BigInt(thread) * 0x200n),
  serverPort: addressOf(0xffffe00200000110n + BigInt(thread) * 0x200n),
  connectionPort: addressOf(0xffffe00300000010n + BigInt(thread) * 0x200n),
  portName: 'ServicePort',
  isShown: true,
});

function message(layout: Layout, thread: number): string[] {
  const { address, client, server, connectionPort, serverProcess } = messageOf(thread);
  const at = ptr(layout, address ?? 0n);
  return [
    `0: kd> !alpc /m ${at}`,
    '',
    `Message @ ${at}`,
    '  MessageID             : 0x1FD2 (8146)',
    '  Type                  : LPC_REQUEST',
    `  WaitingThread         : ${ptr(layout, client)}`,
    '  QueueType             : ALPC_MSGQUEUE_PENDING',
    `  QueuePort             : ${ptr(layout, connectionPort)} [ALPC_CONNECTION_PORT]`,
    `  QueuePortOwnerProcess : ${ptr(layout, serverProcess)} (service.exe)`,
    `  ServerThread          : ${ptr(layout, server ?? 0n)}`,
    '',
  ];
}

/** One resource a process, and a second where the owner of the first waits for the last of its waiters. */
function locks(processes: number): string[] {
  const resource = (process: number, which: number, owner: number, waiters: readonly number[]): string[] => {
    const thread = (n: number): string => threadAddress(process * THREADS_A_PROCESS + n).slice(2);
    return [
      '',
      `Resource @ 0x${(0xffffe000a0000040n + BigInt(process * 2 + which) * 0x100n).toString(16)}    Exclusively owned`,
      `    Contention Count = ${10 + process}`,
      `    NumberOfExclusiveWaiters = ${waiters.length}`,
      `     Threads: ${thread(owner)}-01<*> `,
      '     Threads Waiting On Exclusive Access:',
      `              ${waiters.map((n) => `${thread(n)}       `).join('')}`,
      '',
      'KD: Scanning for held locks.',
    ];
  };
  const all = Array.from({ length: processes }, (_, process) => [
    ...resource(process, 0, OWNER, RESOURCE_WAITERS),
    ...(isDeadlocked(process) ? resource(process, 1, RESOURCE_WAITERS[2], [OWNER]) : []),
  ]);
  return [
    '0: kd> !locks',
    '**** DUMP OF ALL RESOURCE OBJECTS ****',
    ...all.flat(),
    `${processes * 9} total locks, ${processes} locks currently held`,
    '',
  ];
}
