/** One DPC runs too long and the watchdog stops the machine; the trace before it shows how it came to that. */

import { type DpcTraceBuilder, dpcTrace, imagesOf, type Routine, sampled, traceFile } from './dpc-trace.js';
import type { Story, StoryFile, Twist } from './model.js';
import { type Scene, sceneOf, truthOf, WINDOWS_X64 } from './scene.js';
import { watchdogDump } from './watchdog-dump.js';
import type { DriverName } from './words.js';

const KIND = 'single-watchdog';
const TICK_MS = 15.625;
/** 20 s is Windows' own; half of it is seen as well. */
const LIMITS = [0x500, 0x500, 0x280] as const;

interface Cast {
  readonly culprit: DriverName;
  /** Busier in total, but each run is short. */
  readonly busy: DriverName;
  readonly others: readonly DriverName[];
  /** The culprit's DPC is one of the driver framework's timers. */
  readonly isFramework: boolean;
}

export function singleWatchdog(twist: Twist, seed: number): Story {
  const limit = LIMITS[seed % LIMITS.length];
  const isContradicted = twist === 'contradicted';
  // The last run, over the limit, is not in the trace: it never ended.
  const least = limit * TICK_MS;
  const scene = sceneOf(KIND, twist, seed, {
    windows: WINDOWS_X64,
    lengthMs: [60_000, 240_000],
    gapMs: isContradicted ? [300, 3_000] : [least + 500, least + 40_000],
  });
  const { random, words } = scene;
  const cast: Cast = {
    culprit: words.driver(),
    busy: words.driver(),
    others: [words.driver(), words.driver(), words.driver()],
    isFramework: random.next() < 0.35,
  };
  const cpu = random.whole(0, scene.cpus - 1);
  const files = [cast.culprit, cast.busy, ...cast.others].map(({ file }) => file);
  const images = imagesOf(files, BigInt(random.whole(0, 0xfff)) * 0x10000n);
  const trace = dpcTrace(scene, images);
  if (twist === 'contradicted') putOtherCulprit(scene, trace, cast, cpu);
  else if (twist !== 'decisive-evidence-removed') putCulprit(scene, trace, cast, cpu);
  putNeighbours(scene, trace, cast);
  return {
    kind: KIND,
    twist,
    seed,
    files: [traceFile(scene, trace, random.next() < 0.5 ? 'dumper' : 'etl'), dumpOf(scene, cast, cpu, limit, trace)],
    truth: truthOf(scene, {
      cause: 'dpc-watchdog-single',
      module: cast.culprit.module,
      function: cast.isFramework ? cast.culprit.timer : cast.culprit.dpc,
      isProvable: twist === 'none',
      innocent: [cast.busy, ...cast.others].map(({ module }) => module),
      facts: { cpu, limitMs: limit * TICK_MS },
    }),
  };
}

const routineOf = ({ culprit, isFramework }: Cast): Routine =>
  isFramework
    ? { file: 'Wdf01000.sys', fn: 'FxTimer::_FxTimerDpcThunk', type: 'TimerDPC' }
    : { file: culprit.file, fn: culprit.dpc, type: 'DPC' };

/** Runs that grow; or short ones, some far over the limit of 100 µs; or a few of these, less in total than those of a busy neighbour. */
function putCulprit(scene: Scene, trace: DpcTraceBuilder, cast: Cast, cpu: number): void {
  const { random, lengthMs } = scene;
  const routine = routineOf(cast);
  const way = random.pick(['growing', 'now-and-then', 'rare'] as const);
  const count = random.whole(30, 70);
  const mostUs = way === 'rare' ? random.whole(9_000, 14_000) : random.whole(400_000, 1_500_000);
  for (let i = 0; i < count; i++) {
    const startUs = Math.floor(((i + 0.1 + 0.3 * random.next()) / count) * lengthMs * 1000);
    const grownUs = Math.floor(150 + mostUs * (i / count) ** 3 * (0.8 + 0.4 * random.next()));
    const isLong = i === count - 2 || (way === 'rare' ? i % 20 === 9 : random.next() < 0.15);
    const shortOrLongUs = isLong ? random.whole(mostUs >> 1, mostUs) : random.longTailed(45, 0.8);
    trace.place(routine, cpu, startUs, way === 'growing' ? grownUs : shortOrLongUs);
  }
  if (cast.isFramework) putSamples(trace, cast);
}

/** Who runs inside the framework's timer. */
function putSamples(trace: DpcTraceBuilder, { culprit }: Cast): void {
  const stack = [
    trace.frame('hal.dll', 'KeStallExecutionProcessor', 0x31),
    trace.frame(culprit.file, culprit.timer, 0x7d),
    trace.frame('Wdf01000.sys', 'FxTimer::TimerHandler', 0x92),
    trace.frame('Wdf01000.sys', 'FxTimer::_FxTimerDpcThunk', 0x3c),
    trace.frame('ntoskrnl.exe', 'KiProcessExpiredTimerList', 0x214),
    trace.frame('ntoskrnl.exe', 'KiRetireDpcList', 0x5d),
    trace.frame('ntoskrnl.exe', 'KiIdleLoop', 0x5a),
  ];
  const long = trace.runs.filter(({ durationUs }) => durationUs > 4_000);
  for (const run of long.slice(-12)) sampled(trace, run, stack, Math.max(1_000, Math.floor(run.durationUs / 6)));
}

/** The driver on the stack never ran long; another did, on that CPU, just before. */
function putOtherCulprit(scene: Scene, trace: DpcTraceBuilder, cast: Cast, cpu: number): void {
  const { random, lengthMs } = scene;
  const other: Routine = { file: cast.others[0].file, fn: cast.others[0].dpc, type: 'DPC' };
  const durationUs = random.whole(180_000, 240_000);
  trace.place(other, cpu, lengthMs * 1000 - durationUs - random.whole(1_000, 90_000), durationUs);
  const own = { runs: random.whole(40, 80), cpus: [cpu], medianUs: 9, sigma: 0.5, mostUs: 20 };
  trace.scatter(routineOf(cast), own);
}

/** Innocents: some runs above 100 µs, one driver busier than all others in total. */
function putNeighbours({ random, cpus }: Scene, trace: DpcTraceBuilder, { busy, others }: Cast): void {
  const all = Array.from({ length: cpus }, (_, i) => i);
  const some = all.filter(() => random.next() < 0.6);
  const dpc = ({ file, dpc: fn }: DriverName): Routine => ({ file, fn, type: 'DPC' });
  const isr = ({ file, isr: fn }: DriverName): Routine => ({ file, fn, type: 'ISR-MSI' });
  trace.scatter(dpc(busy), { runs: 260, cpus: all, medianUs: 320, sigma: 0.3, mostUs: 800 });
  trace.scatter(isr(busy), { runs: 60, cpus: all, medianUs: 6, sigma: 0.6, mostUs: 40 });
  for (const other of others) {
    trace.scatter(dpc(other), { runs: 40, cpus: some.length > 0 ? some : all, medianUs: 30, sigma: 1, mostUs: 260 });
  }
  trace.scatter(
    { file: 'ndis.sys', fn: 'ndisInterruptDpc', type: 'DPC' },
    { runs: 50, cpus: all, medianUs: 14, sigma: 1, mostUs: 200 },
  );
  trace.scatter(
    { file: 'storport.sys', fn: 'RaidpAdapterDpcRoutine', type: 'DPC' },
    { runs: 40, cpus: all, medianUs: 11, sigma: 0.9, mostUs: 120 },
  );
  trace.scatter(
    { file: 'ntoskrnl.exe', fn: 'PpmPerfAction', type: 'TimerDPC' },
    { runs: 30, cpus: all, medianUs: 3, sigma: 0.9, mostUs: 30 },
  );
}

function dumpOf(scene: Scene, cast: Cast, cpu: number, limitTicks: number, { images }: DpcTraceBuilder): StoryFile {
  const { random, twist, sameBoot } = scene;
  const { culprit, busy, others, isFramework } = cast;
  // Another boot has loaded everything somewhere else.
  const slide = sameBoot ? 0n : 0x3400000n + BigInt(random.whole(1, 0xfff)) * 0x10000n;
  const stalls = random.next() < 0.6;
  const stack: (readonly [string, string])[] = [
    ...(stalls ? [['hal.dll', 'KeStallExecutionProcessor'] as const] : []),
    ...(isFramework
      ? [[culprit.file, culprit.timer] as const, ['Wdf01000.sys', 'FxTimer::TimerHandler'] as const]
      : [[culprit.file, culprit.dpc] as const]),
  ];
  return watchdogDump(scene, {
    kind: 'single',
    cpu,
    limitTicks,
    images: images.map((image) => ({ ...image, base: image.base + slide })),
    interrupted: twist === 'decisive-evidence-removed' ? null : stack,
    isTimer: isFramework,
    queued: [
      [busy.file, busy.dpc],
      ['ntoskrnl.exe', 'KiBalanceSetManagerDeferredRoutine'],
      ...others.slice(0, random.whole(0, 2)).map(({ file, dpc }) => [file, dpc] as const),
    ],
    details: twist === 'decisive-evidence-removed' ? null : culprit.file,
  });
}
