/**
 * The figures that must come out of a truth, computed the plainest way: whole lists, sorted, compared pair by pair.
 * Shares no code with what it judges.
 */
import { endUs, type Run, type Truth } from './truth.js';

/** Figures of a group of runs. */
export interface Figures {
  readonly kind: 'DPC' | 'ISR';
  readonly module: string | null;
  readonly fn: string | null;
  readonly address: bigint | null;
  readonly count: number;
  readonly inclusiveUs: number;
  /** Without the interrupts nested in the runs. */
  readonly exclusiveUs: number;
  readonly meanUs: number;
  /** By nearest rank: the value at position ceil(p · n) of the sorted durations. */
  readonly p50Us: number;
  readonly p90Us: number;
  readonly p99Us: number;
  readonly p999Us: number;
  readonly maxUs: number;
  /** Runs that took longer than the limit of their kind. */
  readonly overThreshold: number;
  readonly histogram: readonly Bucket[];
}

/** Durations above `gtUs`, up to and including `leUs`; only those with runs. */
export interface Bucket {
  readonly gtUs: number;
  readonly leUs: number;
  readonly count: number;
}

export interface CpuFigures {
  readonly cpu: number;
  readonly kind: 'DPC' | 'ISR';
  readonly count: number;
  readonly inclusiveUs: number;
  readonly exclusiveUs: number;
}

/** Time of one second of one CPU that was spent in DPCs and ISRs, nested time counted once. */
export interface BusySecond {
  readonly cpu: number;
  readonly second: number;
  readonly busyUs: number;
}

export interface Expected {
  readonly byModule: readonly Figures[];
  readonly byFunction: readonly Figures[];
  readonly byCpu: readonly CpuFigures[];
  readonly busiest: BusySecond;
  readonly exclusiveUs: ReadonlyMap<Run, number>;
  /** Pairs that share time on a CPU though neither can have interrupted the other. */
  readonly overlaps: readonly (readonly [Run, Run])[];
}

export interface Limits {
  readonly dpcUs: number;
  readonly isrUs: number;
}

/** What `truth` must give. */
export function expectedOf(truth: Truth, limits: Limits = { dpcUs: 100, isrUs: 25 }): Expected {
  const exclusiveUs = new Map(truth.runs.map((run) => [run, exclusiveOf(run, truth.runs)]));
  const figures = (runs: readonly Run[]) => figuresOf(runs, exclusiveUs, limits);
  const byModule = groups(truth.runs, (run) => `${run.kind} ${run.module}`).map((runs) => ({
    ...figures(runs),
    fn: null,
    address: null,
  }));
  const byFunction = groups(truth.runs, (run) => `${run.kind} ${run.module} ${run.fn} ${run.address}`).map(figures);
  const byCpu = groups(truth.runs, (run) => `${run.cpu} ${run.kind}`).map((runs) => ({
    cpu: runs[0].cpu,
    kind: runs[0].kind,
    count: runs.length,
    inclusiveUs: sum(runs.map((run) => run.durationUs)),
    exclusiveUs: sum(runs.map((run) => exclusiveUs.get(run) as number)),
  }));
  return { byModule, byFunction, byCpu, busiest: busiestOf(truth), exclusiveUs, overlaps: overlapsOf(truth.runs) };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function groups(runs: readonly Run[], key: (run: Run) => string): Run[][] {
  const byKey = new Map<string, Run[]>();
  for (const run of runs) byKey.set(key(run), [...(byKey.get(key(run)) ?? []), run]);
  return [...byKey.values()];
}

/** ISRs interrupt DPCs and other ISRs; DPCs interrupt only threaded DPCs. */
export function canInterrupt(inner: Run, outer: Run): boolean {
  if (inner.kind === 'ISR') return true;
  return outer.type === 'ThreadedDPC' && inner.type !== 'ThreadedDPC';
}

/** The runs that lie wholly within `outer` on its CPU and can interrupt it. */
export function nestedIn(outer: Run, runs: readonly Run[]): Run[] {
  return runs.filter(
    (run) =>
      run !== outer &&
      run.cpu === outer.cpu &&
      run.startUs >= outer.startUs &&
      endUs(run) <= endUs(outer) &&
      canInterrupt(run, outer),
  );
}

function exclusiveOf(outer: Run, runs: readonly Run[]): number {
  return outer.durationUs - unionUs(nestedIn(outer, runs).map((run) => [run.startUs, endUs(run)]));
}

/** Length of the union of intervals. */
function unionUs(intervals: readonly (readonly [number, number])[]): number {
  let total = 0;
  let reached = Number.NEGATIVE_INFINITY;
  for (const [start, end] of [...intervals].sort((a, b) => a[0] - b[0])) {
    total += Math.max(0, end - Math.max(start, reached));
    reached = Math.max(reached, end);
  }
  return total;
}

function figuresOf(runs: readonly Run[], exclusiveUs: ReadonlyMap<Run, number>, limits: Limits): Figures {
  const { kind, module, fn, address } = runs[0];
  const durations = runs.map((run) => run.durationUs).sort((a, b) => a - b);
  const rank = (perMille: number): number => durations[Math.ceil((perMille * durations.length) / 1000) - 1];
  const limitUs = kind === 'DPC' ? limits.dpcUs : limits.isrUs;
  return {
    kind,
    module,
    fn,
    address,
    count: runs.length,
    inclusiveUs: sum(durations),
    exclusiveUs: sum(runs.map((run) => exclusiveUs.get(run) as number)),
    meanUs: sum(durations) / durations.length,
    p50Us: rank(500),
    p90Us: rank(900),
    p99Us: rank(990),
    p999Us: rank(999),
    maxUs: durations[durations.length - 1],
    overThreshold: durations.filter((us) => us > limitUs).length,
    histogram: histogramOf(durations),
  };
}

/** Power-of-two buckets as xperf prints them, from `> 0 AND <= 1`; empty ones left out. */
export function histogramOf(durations: readonly number[]): Bucket[] {
  const buckets: Bucket[] = [];
  for (let gtUs = 0, leUs = 1; leUs <= 2 ** 40; gtUs = leUs, leUs *= 2) {
    const count = durations.filter((us) => us > gtUs && us <= leUs).length;
    if (count > 0) buckets.push({ gtUs, leUs, count });
  }
  return buckets;
}

function busiestOf(truth: Truth): BusySecond {
  let busiest: BusySecond = { cpu: 0, second: 0, busyUs: -1 };
  for (let cpu = 0; cpu < truth.cpus; cpu++) {
    const own = truth.runs.filter((run) => run.cpu === cpu);
    for (let second = 0; second * 1e6 < truth.lengthUs; second++) {
      const busyUs = unionUs(own.flatMap((run) => within(run, second * 1e6, (second + 1) * 1e6)));
      if (busyUs > busiest.busyUs) busiest = { cpu, second, busyUs };
    }
  }
  return busiest;
}

function within(run: Run, fromUs: number, toUs: number): [number, number][] {
  const start = Math.max(run.startUs, fromUs);
  const end = Math.min(endUs(run), toUs);
  return end > start ? [[start, end]] : [];
}

function overlapsOf(runs: readonly Run[]): [Run, Run][] {
  const pairs: [Run, Run][] = [];
  const sorted = [...runs].sort((a, b) => a.cpu - b.cpu || a.startUs - b.startUs);
  for (const [i, a] of sorted.entries()) {
    for (let j = i + 1; j < sorted.length && sorted[j].cpu === a.cpu && sorted[j].startUs < endUs(a); j++) {
      if (!nestedIn(a, [sorted[j]]).length) pairs.push([a, sorted[j]]);
    }
  }
  return pairs;
}
