/**
 * A stretch of a trace of 8 busy CPUs, whose events fill a few buffers of each, to be repeated with later times: of the events,
 * 30 % are context switches, 30 % stacks, 25 % samples, 10 % DPCs and ISRs.
 */
import { joined, u32, u64 } from '../test/generate/etl/bytes.js';
import { eventBytes } from '../test/generate/etl/event-bytes.js';
import type { EtlEvent, EventBody } from '../test/generate/etl/log.js';
import { type DpcType, dpc, isr } from '../test/generate/etl/payloads/dpc-isr.js';
import { diskIo, fileIo } from '../test/generate/etl/payloads/io.js';
import { manifestEvent } from '../test/generate/etl/payloads/other.js';
import { imageEvent, processEvent, threadEvent, type When } from '../test/generate/etl/payloads/rundown.js';
import { contextSwitch, sampledProfile } from '../test/generate/etl/payloads/schedule.js';
import { stack } from '../test/generate/etl/payloads/stack.js';
import { type Random, seeded } from '../test/generate/random.js';

export const CPUS = 8;
const SEED = 20240917;
const TICKS_PER_US = 10;
const KERNEL_IMAGES = 60;
const USER_IMAGES = 20;
const PROCESSES = 20;
const THREADS_PER_CPU = 25;
const KERNEL_STACKS = 4000;
const USER_STACKS_PER_PROCESS = 50;
const ROUTINES = 300;
/** Mean time from one thing that happens on a CPU to the next. */
const GAP_US = 70;
/** How much of what happens is what. A run now and then brings an interrupt along, and a sample or switch a stack. */
const SWITCH = 30;
const SAMPLE = 24.6;
const RUN = 9.3;
const OTHER = 5;
const STACK_SHARE = 30 / 55;
const NESTED_SHARE = 0.12;
const SAMPLED_RUN_SHARE = 0.05;
/** Shorter runs are not interrupted. */
const LONG_RUN_TICKS = 80;
const PROVIDER = '6fb7e3a1-52c4-4d0b-9e3f-2a1c7d5b9e04';

interface Image {
  readonly base: bigint;
  readonly size: bigint;
  readonly path: string;
}

interface Thread {
  readonly pid: number;
  readonly tid: number;
}

const IDLE: Thread = { pid: 0, tid: 0 };

interface Machine {
  readonly kernelImages: readonly Image[];
  readonly userImages: readonly Image[];
  readonly pids: readonly number[];
  readonly threads: readonly (readonly Thread[])[];
  readonly routines: readonly bigint[];
  readonly kernelStacks: readonly (readonly bigint[])[];
  readonly userStacks: ReadonlyMap<number, readonly (readonly bigint[])[]>;
}

/** Always the same. */
export function machine(): Machine {
  const random = seeded(SEED);
  const image = (base: bigint, path: string): Image => ({ base, size: BigInt(random.whole(0x40, 0x7f0)) << 12n, path });
  const kernelImages = Array.from({ length: KERNEL_IMAGES }, (_, i) => {
    const name = ['system32\\ntoskrnl.exe', 'system32\\hal.dll'][i] ?? `System32\\drivers\\client${i}.sys`;
    return image(0xfffff80300000000n + BigInt(i) * 0x800000n, `\\SystemRoot\\${name}`);
  });
  const userImages = Array.from({ length: USER_IMAGES }, (_, i) =>
    image(0x7ffb00000000n + BigInt(i) * 0x800000n, `\\Device\\HarddiskVolume3\\Windows\\System32\\library${i}.dll`),
  );
  const pids = Array.from({ length: PROCESSES }, (_, i) => 1000 + i * 44);
  const threads = Array.from({ length: CPUS }, (_, cpu) =>
    Array.from({ length: THREADS_PER_CPU }, (_, i) => ({ pid: random.pick(pids), tid: 4000 + (cpu * 100 + i) * 4 })),
  );
  const frames = (images: readonly Image[]): bigint[] =>
    Array.from({ length: random.whole(8, 24) }, () => addressIn(random.pick(images), random));
  return {
    kernelImages,
    userImages,
    pids,
    threads,
    routines: Array.from({ length: ROUTINES }, () => addressIn(random.pick(kernelImages), random)),
    kernelStacks: Array.from({ length: KERNEL_STACKS }, () => frames(kernelImages)),
    userStacks: new Map(
      pids.map((pid) => [pid, Array.from({ length: USER_STACKS_PER_PROCESS }, () => frames(userImages))]),
    ),
  };
}

function addressIn({ base, size }: Image, random: Random): bigint {
  return base + 0x1000n + BigInt(random.whole(0, Number(size) - 0x1010) & ~0xf);
}

/** Processes, threads and images, on CPU 0. */
export function rundown(what: Machine, when: When, ticks: bigint): EtlEvent[] {
  const logger = { cpu: 0, ticks, pid: 2144, tid: 6212 };
  const put = (body: EventBody): EtlEvent => ({ ...body, ...logger });
  const key = (pid: number): bigint => 0xffffc00000000000n + BigInt(pid) * 0x1000n;
  const all = [IDLE, ...what.threads.flat()];
  return [
    ...[0, 4, ...what.pids].map((pid) =>
      put(processEvent(when, { key: key(pid), pid, parentPid: 4, imageFileName: nameOf(pid) })),
    ),
    ...all.map(({ pid, tid }) =>
      put(threadEvent(when, { pid, tid, win32StartAddress: what.userImages[0].base + 0x1000n, name: '' })),
    ),
    ...what.kernelImages.map((image) => put(imageEvent(when, { ...image, pid: 0, fileName: image.path }))),
    ...what.pids.flatMap((pid) =>
      what.userImages.map((image) => put(imageEvent(when, { ...image, pid, fileName: image.path }))),
    ),
  ];
}

const nameOf = (pid: number): string => (pid === 0 ? 'Idle' : pid === 4 ? 'System' : `program${pid}.exe`);

export interface Round {
  readonly events: readonly EtlEvent[];
  /** The next round begins so much later. */
  readonly ticks: number;
}

/** Events that take about `bytesPerCpu` bytes of each CPU's buffers, from `start` on. */
export function makeRound(what: Machine, start: bigint, bytesPerCpu: number): Round {
  const events: EtlEvent[] = [];
  let last = start;
  for (let cpu = 0; cpu < CPUS; cpu++) {
    const own = cpuEvents(what, cpu, start, bytesPerCpu);
    events.push(...own);
    const end = own[own.length - 1].ticks;
    if (end > last) last = end;
  }
  return { events, ticks: Number(last - start) + GAP_US * TICKS_PER_US };
}

/** One CPU's: it begins and ends idle, and what is started is ended. */
function cpuEvents(what: Machine, cpu: number, start: bigint, bytes: number): EtlEvent[] {
  const random = seeded(SEED + 1 + cpu);
  const events: EtlEvent[] = [];
  let used = 0;
  let now = start;
  let current = IDLE;
  let spawned: Thread | null = null;

  const put = (body: EventBody, ticks = now): void => {
    const event: EtlEvent = { ...body, cpu, ticks, pid: current.pid, tid: current.tid };
    events.push(event);
    used += (eventBytes(event).length + 7) & ~7;
  };
  const putStack = (owner: Thread, frames: readonly bigint[]): void => {
    put(stack({ ticks: now, ...owner }, frames), now + 3n);
    now += 5n;
  };
  const framesOf = ({ pid }: Thread): readonly bigint[] => {
    const user = what.userStacks.get(pid);
    return random.pick(user !== undefined && random.next() < 0.4 ? user : what.kernelStacks);
  };
  const putSample = (frames: readonly bigint[]): void => {
    put(sampledProfile({ instructionPointer: frames[0], tid: current.tid }));
    if (random.next() < STACK_SHARE) putStack(current, frames);
  };
  const switchTo = (next: Thread): void => {
    const waits = current === IDLE ? { oldState: 2 } : { oldState: 5, oldWaitReason: 6, oldWaitMode: 1 };
    put(contextSwitch({ newTid: next.tid, oldTid: current.tid, ...waits, newThreadWaitTime: random.whole(0, 30) }));
    current = next;
    if (random.next() < STACK_SHARE) putStack(current, framesOf(current));
  };
  const putRun = (): void => {
    const initialTime = now;
    const end = now + BigInt(random.longTailed(8, 1.3) * TICKS_PER_US + random.whole(0, 9));
    const isLong = end - initialTime > LONG_RUN_TICKS;
    if (isLong && random.next() < NESTED_SHARE) {
      now += 30n;
      put(isr({ initialTime: initialTime + 10n, routine: random.pick(what.routines), vector: 0x91 }));
    }
    if (isLong && random.next() < SAMPLED_RUN_SHARE) {
      now += 20n;
      putSample(random.pick(what.kernelStacks));
    }
    now = end;
    put(runBody(random, { initialTime, routine: random.pick(what.routines) }));
  };
  const putOther = (): void => {
    const kind = random.next();
    if (kind < 0.3) put(fileBody(random, current.tid));
    else if (kind < 0.5) put(diskBody(random, current.tid));
    else if (kind < 0.8) put(manifestBody(random));
    else if (spawned === null) {
      spawned = { pid: random.pick(what.pids), tid: 40_000 + cpu * 4 };
      put(threadEvent('start', { ...spawned, win32StartAddress: what.userImages[0].base + 0x1000n, name: '' }));
    } else {
      put(threadEvent('end', { ...spawned, win32StartAddress: what.userImages[0].base + 0x1000n, name: '' }));
      spawned = null;
    }
  };

  while (used < bytes || current !== IDLE || spawned !== null) {
    now += BigInt(1 + Math.floor(random.next() * 2 * GAP_US * TICKS_PER_US));
    const choice = random.next() * (SWITCH + SAMPLE + RUN + OTHER);
    if (choice < SWITCH) switchTo(current === IDLE ? random.pick(what.threads[cpu]) : IDLE);
    else if (choice < SWITCH + SAMPLE) putSample(framesOf(current));
    else if (choice < SWITCH + SAMPLE + RUN) putRun();
    else putOther();
  }
  return events;
}

interface RunTimes {
  readonly initialTime: bigint;
  readonly routine: bigint;
}

function runBody(random: Random, run: RunTimes): EventBody {
  const type = random.pick<DpcType | 'ISR' | 'ISR-MSI'>(['DPC', 'DPC', 'DPC', 'TimerDPC', 'ISR', 'ISR-MSI']);
  if (type === 'ISR') return isr({ ...run, vector: random.whole(0x51, 0xfe) });
  if (type === 'ISR-MSI') return isr({ ...run, vector: random.whole(0x51, 0xfe), message: random.whole(0, 7) });
  return dpc(type, run);
}

const someAddress = (random: Random): bigint => 0xffffc00000000000n + BigInt(random.whole(0, 0xfffffff)) * 16n;

function fileBody(random: Random, tid: number): EventBody {
  return fileIo(random.pick(['read', 'write']), {
    offset: BigInt(random.whole(0, 1e6)) * 4096n,
    irp: someAddress(random),
    fileObject: someAddress(random),
    fileKey: someAddress(random),
    tid,
    bytes: 4096,
  });
}

function diskBody(random: Random, tid: number): EventBody {
  return diskIo(random.pick(['read', 'write']), {
    disk: 0,
    bytes: 4096,
    offset: BigInt(random.whole(0, 1e6)) * 4096n,
    fileObject: someAddress(random),
    irp: someAddress(random),
    responseTime: BigInt(random.whole(500, 90_000)),
    tid,
  });
}

function manifestBody(random: Random): EventBody {
  const head = { guid: PROVIDER, id: random.whole(1, 40), version: 1, channel: 16, level: 4, opcode: 0, task: 3 };
  const payload = joined(u32(random.whole(0, 1e6)), u64(someAddress(random)), Buffer.from('request\0', 'utf16le'));
  return manifestEvent({ ...head, keyword: 0x8000000000000010n }, payload);
}
