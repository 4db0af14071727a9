/** No DPC is too long, but all together hold a CPU for a whole watchdog period; what it interrupts at last is innocent. */
import { type DpcTraceBuilder, dpcTrace, imagesOf, type Routine, traceFile } from './dpc-trace.js';
import type { Story, StoryFile, Twist } from './model.js';
import { type Scene, sceneOf, truthOf, WINDOWS_X64 } from './scene.js';
import { watchdogDump } from './watchdog-dump.js';
import type { DriverName } from './words.js';

const KIND = 'cumulative-watchdog';
const TICK_MS = 15.625;
/** Two minutes are Windows' own period; shorter ones are set by hand. */
const PERIODS = [0x1e00, 0x1e00, 0xf00, 0x780] as const;

interface Cast {
  readonly culprit: DriverName;
  /** Louder, on other CPUs and before the period. */
  readonly loud: DriverName;
  readonly others: readonly DriverName[];
}

interface Storm {
  readonly cpu: number;
  /** The period before the dump, as far as the trace holds it. */
  readonly fromUs: number;
  readonly toUs: number;
}

export function cumulativeWatchdog(twist: Twist, seed: number): Story {
  const periodTicks = PERIODS[seed % PERIODS.length];
  const periodMs = periodTicks * TICK_MS;
  const endsEarly = twist === 'decisive-evidence-removed' && seed % 2 === 0;
  const drawn = sceneOf(KIND, twist, seed, {
    windows: WINDOWS_X64,
    lengthMs: [periodMs + 20_000, periodMs + 120_000],
    gapMs: endsEarly ? ([periodMs * 1.5, periodMs * 6].map(Math.round) as [number, number]) : [40, 700],
  });
  const scene = { ...drawn, cpus: Math.max(4, drawn.cpus) };
  const { random, words } = scene;
  const cast: Cast = { culprit: words.driver(), loud: words.driver(), others: [words.driver(), words.driver()] };
  const cpu = random.whole(0, scene.cpus - 1);
  const files = [cast.culprit, cast.loud, ...cast.others].map(({ file }) => file);
  const images = imagesOf(files, BigInt(random.whole(0, 0xfff)) * 0x10000n);
  const trace = dpcTrace(scene, images);
  const lengthUs = scene.lengthMs * 1000;
  const storm: Storm = { cpu, fromUs: Math.max(0, (scene.dumpMs - scene.startMs - periodMs) * 1000), toUs: lengthUs };
  const isStormy = twist === 'none' || twist === 'other-boot';
  if (isStormy)
    putStorm(scene, trace, cast, twist === 'other-boot' ? { ...storm, fromUs: lengthUs - periodMs * 1000 } : storm);
  putLoud(scene, trace, cast, { ...storm, fromUs: Math.min(storm.fromUs, lengthUs - periodMs * 1000) });
  putQuiet(scene, trace, cast);
  return {
    kind: KIND,
    twist,
    seed,
    files: [
      traceFile(scene, trace, random.next() < 0.5 ? 'dumper' : 'etl'),
      dumpOf(scene, cast, cpu, periodTicks, trace),
    ],
    truth: truthOf(scene, {
      cause: 'dpc-watchdog-cumulative',
      module: twist === 'contradicted' ? null : cast.culprit.module,
      isProvable: twist === 'none',
      innocent: [cast.loud, ...cast.others].map(({ module }) => module),
      facts: { cpu, limitMs: periodMs },
    }),
  };
}

/** DPCs, with ISRs before some of them, take 60 to 95 % of the CPU in the period. */
function putStorm({ random }: Scene, trace: DpcTraceBuilder, { culprit }: Cast, { cpu, fromUs, toUs }: Storm): void {
  const dpc: Routine = { file: culprit.file, fn: culprit.dpc, type: 'DPC' };
  const isr: Routine = { file: culprit.file, fn: culprit.isr, type: 'ISR-MSI' };
  const share = 0.64 + 0.3 * random.next();
  const count = random.whole(260, 420);
  const slotUs = (toUs - fromUs) / count;
  const hasIsrs = random.next() < 0.6;
  for (let i = 0; i < count; i++) {
    const startUs = Math.floor(fromUs + i * slotUs + 40);
    const isrUs = random.whole(6, 25);
    if (hasIsrs) trace.place(isr, cpu, startUs, isrUs);
    trace.place(dpc, cpu, startUs + 60, Math.floor(slotUs * share * (0.96 + 0.06 * random.next())));
  }
}

/** Longer runs, and more of them in all: on other CPUs at any time, on this one before the period only. */
function putLoud({ random, cpus }: Scene, trace: DpcTraceBuilder, { loud }: Cast, { cpu, fromUs, toUs }: Storm): void {
  const dpc: Routine = { file: loud.file, fn: loud.dpc, type: 'DPC' };
  const perCpu = Math.floor(220 / cpus) + 8;
  for (let other = 0; other < cpus; other++) {
    const end = other === cpu ? fromUs - 100 : toUs;
    for (let i = 0; i < perCpu; i++) {
      const durationUs = random.whole(300_000, 900_000);
      trace.place(
        dpc,
        other,
        random.whole(0, Math.max(1, Math.floor(end - durationUs))),
        Math.min(durationUs, Math.floor(end / 3)),
      );
    }
  }
}

function putQuiet({ cpus }: Scene, trace: DpcTraceBuilder, { others }: Cast): void {
  const all = Array.from({ length: cpus }, (_, i) => i);
  for (const { file, dpc } of others) {
    trace.scatter({ file, fn: dpc, type: 'DPC' }, { runs: 50, cpus: all, medianUs: 40, sigma: 0.9, mostUs: 300 });
  }
  const system = { runs: 40, cpus: all, medianUs: 9, sigma: 0.9, mostUs: 120 };
  trace.scatter({ file: 'ndis.sys', fn: 'ndisInterruptDpc', type: 'DPC' }, system);
  trace.scatter({ file: 'ntoskrnl.exe', fn: 'PpmPerfAction', type: 'TimerDPC' }, system);
}

function dumpOf(scene: Scene, cast: Cast, cpu: number, limitTicks: number, { images }: DpcTraceBuilder): StoryFile {
  const { random, sameBoot } = scene;
  const { culprit, loud, others } = cast;
  const slide = sameBoot ? 0n : 0x3400000n + BigInt(random.whole(1, 0xfff)) * 0x10000n;
  const [interrupted, waiting] = others;
  return watchdogDump(scene, {
    kind: 'cumulative',
    cpu,
    limitTicks,
    images: images.map((image) => ({ ...image, base: image.base + slide })),
    interrupted: [[interrupted.file, interrupted.dpc]],
    isTimer: false,
    queued: [
      [waiting.file, waiting.dpc],
      ...(random.next() < 0.5 ? [[culprit.file, culprit.dpc] as const] : []),
      ...(random.next() < 0.5 ? [[loud.file, loud.dpc] as const] : []),
      ['ntoskrnl.exe', 'KiBalanceSetManagerDeferredRoutine'],
    ],
    details: null,
  });
}
