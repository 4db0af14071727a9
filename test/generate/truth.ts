/**
 * Traces made up from a seed, as plain objects. The writers beside this file print them in the formats that are read;
 * oracle.ts computes from them what must come out. All times are whole µs from the start of the trace.
 */
import { type Random, seeded } from './random.js';

export type RunType = 'DPC' | 'TimerDPC' | 'ThreadedDPC' | 'ISR' | 'ISR-MSI';

/** One run of a DPC or ISR. */
export interface Run {
  readonly kind: 'DPC' | 'ISR';
  readonly type: RunType;
  readonly startUs: number;
  readonly durationUs: number;
  readonly cpu: number;
  /** Null for DPCs. */
  readonly vector: number | null;
  /** From 1 for message-signalled interrupts; null for others. */
  readonly messageIndex: number | null;
  /** Null where no image covers `address`. */
  readonly module: string | null;
  /** Null where no symbols were loaded for the module. */
  readonly fn: string | null;
  readonly address: bigint;
}

export interface ImageTruth {
  readonly name: string;
  readonly path: string;
  readonly base: bigint;
  readonly size: bigint;
  readonly pid: number;
}

export interface ProcessTruth {
  readonly name: string;
  readonly pid: number;
  readonly parentPid: number;
  readonly tid: number;
}

export interface Switch {
  readonly atUs: number;
  readonly cpu: number;
  readonly to: ProcessTruth;
  readonly from: ProcessTruth;
  readonly waitUs: number;
}

/** A place in code. */
export interface Frame {
  readonly module: string | null;
  readonly fn: string | null;
  readonly address: bigint;
}

export interface Sample {
  readonly atUs: number;
  readonly cpu: number;
  readonly process: ProcessTruth;
  /** Innermost first; its first frame is the program counter. */
  readonly stack: readonly Frame[];
}

export interface Truth {
  readonly name: string;
  readonly startFiletime: bigint;
  readonly perfFreq: number;
  readonly cpus: number;
  readonly lengthUs: number;
  readonly eventsLost: number;
  readonly buffersLost: number;
  readonly images: readonly ImageTruth[];
  readonly processes: readonly ProcessTruth[];
  /** In the order in which they ended, which is the order in which the kernel logs them. */
  readonly runs: readonly Run[];
  readonly cswitches: readonly Switch[];
  readonly samples: readonly Sample[];
}

export const endUs = (run: Run): number => run.startUs + run.durationUs;

const CPUS = 8;
const LENGTH_US = 20_000_000;

/** Images in load order. Client drivers (the last ones) are made up. */
const IMAGES = [
  'ntoskrnl.exe',
  'hal.dll',
  'ACPI.sys',
  'Wdf01000.sys',
  'ndis.sys',
  'storport.sys',
  'stornvme.sys',
  'dxgkrnl.sys',
  'USBPORT.SYS',
  'USBXHCI.SYS',
  'HDAudBus.sys',
  'tcpip.sys',
  'fastnic.sys',
  'gfxmini.sys',
  'hidpoll.sys',
  'sensorhub.sys',
  'vpnshim.sys',
  'audiodrv.sys',
  'echo.sys',
] as const;

type ImageName = (typeof IMAGES)[number];

const FIRST_IMAGE = 0xfffff80340000000n;
const IMAGE_STRIDE = 0x1000000n;
const IMAGE_SIZE = 0x200000n;

const baseOf = (module: ImageName): bigint => FIRST_IMAGE + BigInt(IMAGES.indexOf(module)) * IMAGE_STRIDE;

/** Where a function of a module lies: spread over the image by its name. */
function addressOf(module: ImageName, fn: string): bigint {
  let hash = 7;
  for (const c of fn) hash = (Math.imul(hash, 31) + c.charCodeAt(0)) >>> 0;
  return baseOf(module) + 0x1000n + BigInt((hash % 0x1e000) << 4);
}

const frame = (module: ImageName, fn: string): Frame => ({ module, fn, address: addressOf(module, fn) });

const IDLE: ProcessTruth = { name: 'Idle', pid: 0, parentPid: 0, tid: 0 };
const PROCESSES: readonly ProcessTruth[] = [
  IDLE,
  { name: 'System', pid: 4, parentPid: 0, tid: 212 },
  { name: 'svchost.exe', pid: 1380, parentPid: 904, tid: 4416 },
  { name: 'audiodg.exe', pid: 7712, parentPid: 1380, tid: 9020 },
  { name: 'game.exe', pid: 12044, parentPid: 6120, tid: 15340 },
  { name: 'explorer.exe', pid: 6120, parentPid: 5996, tid: 6124 },
];

/** A routine and how it behaves. */
interface Routine {
  readonly type: RunType;
  readonly module: ImageName | null;
  /** Null: no symbols were loaded for its module. */
  readonly fn: string | null;
  readonly address: bigint;
  readonly vector: number | null;
  readonly messageIndex: number | null;
}

function routine(
  type: RunType,
  module: ImageName,
  fn: string,
  interrupt: { vector?: number; messageIndex?: number } = {},
): Routine {
  const address = addressOf(module, fn);
  return { type, module, fn, address, vector: interrupt.vector ?? null, messageIndex: interrupt.messageIndex ?? null };
}

const withoutSymbols = (known: Routine): Routine => ({ ...known, fn: null });
const unresolved = (type: RunType, address: bigint, vector: number | null = null): Routine => ({
  type,
  module: null,
  fn: null,
  address,
  vector,
  messageIndex: null,
});

const CLOCK_ISR = routine('ISR', 'hal.dll', 'HalpHpetClockInterrupt', { vector: 209 });
const XHCI_ISR = routine('ISR-MSI', 'USBXHCI.SYS', 'Interrupter_WdfEvtInterruptIsr', { vector: 81, messageIndex: 1 });
const NIC_ISR = routine('ISR-MSI', 'ndis.sys', 'ndisMiniportMessageIsr', { vector: 113, messageIndex: 3 });
const NVME_ISR = routine('ISR-MSI', 'storport.sys', 'RaidpAdapterMSIInterruptRoutine', { vector: 97, messageIndex: 2 });
const PROFILE_ISR = routine('ISR', 'ntoskrnl.exe', 'HalpPerfInterrupt', { vector: 254 });
const ACPI_ISR = routine('ISR', 'ACPI.sys', 'ACPIInterruptServiceRoutine', { vector: 177 });
const NDIS_DPC = routine('DPC', 'ndis.sys', 'ndisInterruptDpc');
const WDF_TIMER = routine('TimerDPC', 'Wdf01000.sys', 'FxTimer::_FxTimerDpcThunk');
const STORM_DPC = routine('DPC', 'fastnic.sys', 'FnRxDpc');
const POLL_TIMER = routine('TimerDPC', 'hidpoll.sys', 'HidPollTimerDpc');
const STORPORT_DPC = routine('DPC', 'storport.sys', 'RaidpAdapterDpcRoutine');
const THREADED = routine('ThreadedDPC', 'sensorhub.sys', 'ShThreadedDpc');

/** Where the time goes on a machine that is well: how often, on which CPUs, how long. */
const ORDINARY: readonly {
  readonly routine: Routine;
  readonly runs: number;
  readonly cpus: readonly number[];
  readonly medianUs: number;
  readonly sigma: number;
}[] = [
  { routine: NDIS_DPC, runs: 90, cpus: [0, 2, 4, 6], medianUs: 14, sigma: 1.1 },
  {
    routine: routine('DPC', 'tcpip.sys', 'TcpPeriodicTimeoutHandler'),
    runs: 24,
    cpus: [1, 3],
    medianUs: 4,
    sigma: 0.8,
  },
  { routine: STORPORT_DPC, runs: 70, cpus: [0, 1, 2, 3, 4, 6, 7], medianUs: 11, sigma: 0.9 },
  { routine: routine('DPC', 'dxgkrnl.sys', 'DpiFdoDpcForIsr'), runs: 110, cpus: [0, 1], medianUs: 38, sigma: 0.9 },
  { routine: routine('DPC', 'gfxmini.sys', 'GmDpcRoutine'), runs: 12, cpus: [1], medianUs: 95, sigma: 0.6 },
  {
    routine: routine('TimerDPC', 'ntoskrnl.exe', 'PpmPerfAction'),
    runs: 60,
    cpus: [0, 1, 2, 3, 6, 7],
    medianUs: 3,
    sigma: 0.9,
  },
  {
    routine: routine('TimerDPC', 'ntoskrnl.exe', 'KiBalanceSetManagerDeferredRoutine'),
    runs: 19,
    cpus: [0],
    medianUs: 2,
    sigma: 0.5,
  },
  { routine: routine('DPC', 'USBPORT.SYS', 'USBPORT_IsrDpc'), runs: 26, cpus: [2], medianUs: 21, sigma: 1 },
  {
    routine: routine('DPC', 'USBXHCI.SYS', 'Interrupter_WdfEvtInterruptDpc'),
    runs: 40,
    cpus: [3, 7],
    medianUs: 17,
    sigma: 1,
  },
  {
    routine: routine('DPC', 'HDAudBus.sys', 'HdaController::DpcRoutine'),
    runs: 44,
    cpus: [0],
    medianUs: 8,
    sigma: 0.7,
  },
  {
    routine: routine('DPC', 'vpnshim.sys', 'PacketQueue<Packet, 64>::DrainDpc'),
    runs: 15,
    cpus: [4],
    medianUs: 55,
    sigma: 0.7,
  },
  { routine: withoutSymbols(routine('DPC', 'audiodrv.sys', 'AdDpc')), runs: 18, cpus: [0], medianUs: 30, sigma: 0.8 },
  { routine: WDF_TIMER, runs: 14, cpus: [3], medianUs: 6, sigma: 0.6 },
  { routine: CLOCK_ISR, runs: 50, cpus: [0, 1, 2, 3, 4, 6, 7], medianUs: 4, sigma: 0.7 },
  { routine: XHCI_ISR, runs: 36, cpus: [3, 7], medianUs: 6, sigma: 0.9 },
  { routine: NIC_ISR, runs: 44, cpus: [0, 2, 4, 6], medianUs: 5, sigma: 0.8 },
  { routine: NVME_ISR, runs: 40, cpus: [0, 1, 2, 4, 6, 7], medianUs: 7, sigma: 0.9 },
  { routine: ACPI_ISR, runs: 8, cpus: [0], medianUs: 18, sigma: 0.9 },
  { routine: unresolved('DPC', 0xfffff80777001234n), runs: 9, cpus: [6], medianUs: 26, sigma: 0.8 },
  { routine: unresolved('ISR', 0xfffff80777004450n, 145), runs: 4, cpus: [6], medianUs: 9, sigma: 0.5 },
];

/** Free time on the CPUs, so that runs overlap only where the story wants them to. */
interface Timeline {
  readonly runs: Run[];
  /** Adds a run at its time, whatever is there. */
  put(routine: Routine, cpu: number, startUs: number, durationUs: number): Run;
  /** Adds a run at the first free time from `startUs` on. */
  place(routine: Routine, cpu: number, startUs: number, durationUs: number): Run;
}

/** Runs that are not nested keep this distance. */
const GAP_US = 3;

function timeline(): Timeline {
  const runs: Run[] = [];
  const put = (what: Routine, cpu: number, startUs: number, durationUs: number): Run => {
    const kind = what.type.startsWith('ISR') ? 'ISR' : 'DPC';
    const run: Run = { kind, ...what, startUs, durationUs, cpu };
    runs.push(run);
    return run;
  };
  const place = (what: Routine, cpu: number, startUs: number, durationUs: number): Run => {
    let at = startUs;
    for (;;) {
      const clash = runs.find((r) => r.cpu === cpu && r.startUs < at + durationUs + GAP_US && endUs(r) + GAP_US > at);
      if (clash === undefined) return put(what, cpu, at, durationUs);
      at = endUs(clash) + GAP_US;
    }
  };
  return { runs, put, place };
}

/** A DPC of a second in a framework's timer; interrupts are nested in it, one of them in another. */
function putLongTimer(time: Timeline, random: Random): Run {
  const long = time.put(WDF_TIMER, 3, 6_000_137, 1_000_412);
  for (let i = 1; i < 25; i++) {
    const isr = time.put(i % 3 === 0 ? XHCI_ISR : CLOCK_ISR, 3, long.startUs + i * 40_000, random.whole(4, 18));
    if (i === 12) time.put(NVME_ISR, 3, isr.startUs + 1, isr.durationUs - 2);
  }
  return long;
}

/** One CPU above 20 % for two whole seconds, by runs none of which is long. */
function putStorm(time: Timeline, random: Random): void {
  for (let at = 7_900_000; at < 10_100_000; at += 1_250) {
    const run = time.put(STORM_DPC, 5, at + random.whole(0, 60), random.whole(250, 310));
    if (random.next() < 0.03) time.put(NIC_ISR, 5, run.startUs + random.whole(5, 100), random.whole(3, 9));
  }
}

const MISSED_BEATS = new Set([100, 333, 334, 600]);

/** Every 15.6 ms, give or take 0.1 ms. */
function putPeriodic(time: Timeline, random: Random): void {
  for (let beat = 0; beat < 770; beat++) {
    if (MISSED_BEATS.has(beat)) continue;
    time.put(POLL_TIMER, 0, 500_000 + beat * 15_600 + random.whole(-100, 100), random.longTailed(9, 0.5));
  }
}

/** What recording with sampling costs: an interrupt every ms. */
function putProfileInterrupt(time: Timeline, random: Random): void {
  for (let i = 0; i < 700; i++) time.put(PROFILE_ISR, 2, 12_000_000 + i * 1_000, random.whole(1, 4));
}

/** Two DPCs of one CPU that overlap, which cannot be: the clock or the trace is damaged there. */
function putOverlap(time: Timeline): void {
  time.put(STORPORT_DPC, 6, 4_200_000, 210);
  time.put(STORPORT_DPC, 6, 4_200_150, 300);
}

/** Threaded DPCs run at passive level: DPCs interrupt them, and ISRs interrupt both. */
function putThreaded(time: Timeline, random: Random): void {
  for (let i = 0; i < 4; i++) {
    const run = time.put(THREADED, 4, 14_100_000 + i * 400_000, random.whole(2_600, 3_400));
    time.put(NIC_ISR, 4, run.startUs + 200, random.whole(3, 9));
    const dpc = time.put(NDIS_DPC, 4, run.startUs + 600, random.whole(40, 90));
    time.put(CLOCK_ISR, 4, dpc.startUs + 10, random.whole(2, 12));
    time.put(NDIS_DPC, 4, run.startUs + 1_500, random.whole(10, 60));
  }
}

/** Runs exactly at the default limits and at bucket edges: `>` and `>=` must not be mixed up. */
function putEdges(time: Timeline): void {
  for (const [i, durationUs] of [100, 101, 128, 64, 1024].entries()) {
    time.put(STORPORT_DPC, 7, 16_000_000 + i * 10_000, durationUs);
  }
  for (const [i, durationUs] of [25, 26, 16, 32].entries()) {
    time.put(NVME_ISR, 7, 16_500_000 + i * 10_000, durationUs);
  }
}

function placeOrdinary(time: Timeline, random: Random): void {
  for (const { routine: what, runs, cpus, medianUs, sigma } of ORDINARY) {
    for (let i = 0; i < runs; i++) {
      const durationUs = random.longTailed(medianUs, sigma);
      const run = time.place(what, random.pick(cpus), random.whole(2_000, LENGTH_US - 20_000), durationUs);
      if (run.kind === 'DPC' && durationUs >= 24 && random.next() < 0.3) {
        const nestedUs = random.whole(2, 8);
        time.put(random.pick([CLOCK_ISR, NVME_ISR]), run.cpu, run.startUs + random.whole(2, 12), nestedUs);
      }
    }
  }
}

/** What the processor was doing in the long DPC: a client driver's timer callback that stalls. */
const STALL_STACKS: readonly (readonly Frame[])[] = [
  [frame('hal.dll', 'HalpHpetQueryCounter'), frame('hal.dll', 'KeQueryPerformanceCounter')],
  [frame('hal.dll', 'HalpTimerStallExecutionProcessor')],
].map((top) => [
  ...top,
  frame('hal.dll', 'KeStallExecutionProcessor'),
  frame('echo.sys', 'EchoEvtTimerFunc'),
  frame('Wdf01000.sys', 'FxTimer::TimerHandler'),
  frame('Wdf01000.sys', 'FxTimer::_FxTimerDpcThunk'),
  frame('ntoskrnl.exe', 'KiProcessExpiredTimerList'),
  frame('ntoskrnl.exe', 'KiRetireDpcList'),
  frame('ntoskrnl.exe', 'KiIdleLoop'),
]);

const STORM_STACK: readonly Frame[] = [
  frame('fastnic.sys', 'FnRxIndicate'),
  frame('fastnic.sys', 'FnRxDpc'),
  frame('ntoskrnl.exe', 'KiExecuteAllDpcs'),
  frame('ntoskrnl.exe', 'KiRetireDpcList'),
];

const IDLE_STACK: readonly Frame[] = [frame('ntoskrnl.exe', 'HalProcessorIdle'), frame('ntoskrnl.exe', 'KiIdleLoop')];

function samplesOf(random: Random, long: Run): Sample[] {
  const samples: Sample[] = [];
  for (let at = long.startUs + 10_003; at < endUs(long); at += 25_000) {
    samples.push({ atUs: at, cpu: long.cpu, process: IDLE, stack: random.pick(STALL_STACKS) });
  }
  for (let at = 8_000_101; at < 10_000_000; at += 80_000) {
    samples.push({ atUs: at, cpu: 5, process: IDLE, stack: STORM_STACK });
  }
  for (let at = 1_000_007; at < 19_000_000; at += 400_000) {
    samples.push({ atUs: at, cpu: random.pick([1, 7]), process: random.pick(PROCESSES), stack: IDLE_STACK });
  }
  return samples.sort((a, b) => a.atUs - b.atUs);
}

function switchesOf(random: Random): Switch[] {
  const switches: Switch[] = [];
  const running: ProcessTruth[] = new Array(CPUS).fill(IDLE);
  for (let at = 10_000; at < LENGTH_US - 10_000; at += random.whole(30_000, 70_000)) {
    const cpu = random.whole(0, CPUS - 1);
    const from = running[cpu];
    const to = from === IDLE ? random.pick(PROCESSES.slice(1)) : IDLE;
    if (running.includes(to) && to !== IDLE) continue;
    running[cpu] = to;
    switches.push({ atUs: at, cpu, to, from, waitUs: to === IDLE ? 0 : random.whole(0, 40) });
  }
  return switches;
}

function imagesOf(): ImageTruth[] {
  const kernel = IMAGES.map((name) => {
    const folder = name.toLowerCase().endsWith('.sys') ? '\\SystemRoot\\System32\\drivers' : '\\SystemRoot\\system32';
    return { name, path: `${folder}\\${name}`, base: baseOf(name), size: IMAGE_SIZE, pid: 4 };
  });
  const user = PROCESSES.slice(2).map(({ name, pid }, i) => ({
    name,
    path: `\\Device\\HarddiskVolume3\\Programs\\${name}`,
    base: 0x7ff600000000n + BigInt(i) * 0x10000000n,
    size: 0x80000n,
    pid,
  }));
  return [...kernel, ...user];
}

/** By end; an interrupt before what it interrupted, where both end in the same µs. */
const byEnd = (a: Run, b: Run): number => endUs(a) - endUs(b) || b.startUs - a.startUs;

/** Eight CPUs, 20 s, everything that `tracekit dpc` should find. */
export function stutter(seed = 20240917): Truth {
  const random = seeded(seed);
  const time = timeline();
  const long = putLongTimer(time, random);
  putStorm(time, random);
  putPeriodic(time, random);
  putProfileInterrupt(time, random);
  putOverlap(time);
  putThreaded(time, random);
  putEdges(time);
  placeOrdinary(time, random);
  return {
    name: 'stutter',
    startFiletime: 133_893_216_001_234_560n,
    perfFreq: 10_000_000,
    cpus: CPUS,
    lengthUs: LENGTH_US,
    eventsLost: 0,
    buffersLost: 0,
    images: imagesOf(),
    processes: PROCESSES,
    runs: time.runs.sort(byEnd),
    cswitches: switchesOf(random),
    samples: samplesOf(random, long),
  };
}

/** The first five seconds of `truth`, with lost events in its header. */
export function withLosses(truth: Truth, lengthUs = 5_000_000): Truth {
  return {
    ...truth,
    name: 'damaged',
    lengthUs,
    eventsLost: 1234,
    buffersLost: 3,
    runs: truth.runs.filter((run) => endUs(run) <= lengthUs),
    cswitches: truth.cswitches.filter(({ atUs }) => atUs <= lengthUs),
    samples: truth.samples.filter(({ atUs }) => atUs <= lengthUs),
  };
}
