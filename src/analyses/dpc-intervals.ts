/** Which routines run periodically: period and jitter from the gaps between their runs. */
import type { Analysis, Finish, Fold } from '../core/analysis.js';
import { formatAddress, splitSymbol } from '../core/symbol.js';
import { type Batch, type Cite, isBatchOf } from '../core/table.js';
import type { DpcSetup } from './dpc-options.js';
import type { DpcResult, Interval } from './dpc-result.js';
import { dpcIsr, RunSelection, type Runs } from './dpc-runs.js';

/** Fewer runs say nothing of a rhythm. */
const MIN_RUNS = 8;
/** Gaps kept for each routine: every gap at first, then every second, fourth … so that memory is bounded. */
const MAX_GAPS = 1024;
/** A gap is on the beat if it lies within this share of one, two or three periods. */
const TOLERANCE = 0.1;
/** A routine is periodic if this share of its gaps is on the beat. Gaps of a Poisson process: about 15 %. */
const ON_BEAT = 0.8;
const MAX_ROUTINES = 20_000;

export const dpcIntervals: Analysis<DpcSetup, Pick<DpcResult, 'intervals'>> = {
  name: 'dpc-intervals',
  reads: [dpcIsr],
  start: (options) => new IntervalsFold(options),
};

/** A systematic sample of gaps: bounded, and the same for the same input. */
class Gaps {
  #kept = new Float64Array(16);
  #n = 0;
  #stride = 1;
  /** Gaps to pass over before the next is kept. */
  #wait = 0;

  add(gapUs: number): void {
    if (this.#wait-- > 0) return;
    this.#wait = this.#stride - 1;
    if (this.#n === this.#kept.length) this.#makeRoom();
    this.#kept[this.#n++] = gapUs;
  }

  #makeRoom(): void {
    if (this.#n < MAX_GAPS) {
      const larger = new Float64Array(this.#n * 2);
      larger.set(this.#kept);
      this.#kept = larger;
      return;
    }
    for (let i = 0; i < MAX_GAPS / 2; i++) this.#kept[i] = this.#kept[2 * i];
    this.#n = MAX_GAPS / 2;
    this.#stride *= 2;
  }

  /** Rhythm of the gaps, or null where there is none. */
  rhythm(): { periodUs: number; jitterUs: number; onBeat: number; missed: number } | null {
    const gaps = this.#kept.slice(0, this.#n);
    if (gaps.length < MIN_RUNS - 1) return null;
    // Missed beats lengthen gaps and so can only raise the median: the period is sought around it and, where the beat is
    // missed more often than kept, around its half.
    const middle = nth(gaps, gaps.length >> 1);
    for (const guess of [middle, middle / 2]) {
      // Most routines have no rhythm: their gaps are never sorted.
      const found = isOnBeat(gaps, guess) ? rhythmAt(gaps.sort(), guess) : null;
      if (found !== null) return { ...found, missed: found.missed * this.#stride };
    }
    return null;
  }
}

/** Counts as `rhythmAt` does, in gaps of any order. */
function isOnBeat(gaps: Float64Array, guess: number): boolean {
  let single = 0;
  let more = 0;
  for (const gap of gaps) {
    if (gap >= (1 - TOLERANCE) * guess && gap <= (1 + TOLERANCE) * guess) single++;
    else if (gap >= (2 - TOLERANCE) * guess && gap <= (2 + TOLERANCE) * guess) more++;
    else if (gap >= (3 - TOLERANCE) * guess && gap <= (3 + TOLERANCE) * guess) more++;
  }
  return (single + more) / gaps.length >= ON_BEAT && single >= gaps.length / 2;
}

/** The value that would stand at `index` if `values` were sorted; moves them about (Hoare's selection). */
function nth(values: Float64Array, index: number): number {
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const pivot = values[(low + high) >> 1];
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i] < pivot) i++;
      while (values[j] > pivot) j--;
      if (i > j) break;
      const moved = values[i];
      values[i++] = values[j];
      values[j--] = moved;
    }
    if (index <= j) high = j;
    else if (index >= i) low = i;
    else break;
  }
  return values[index];
}

function rhythmAt(gaps: Float64Array, guess: number) {
  if (!(guess > 0)) return null;
  const near = (beats: number): Float64Array => between(gaps, (beats - TOLERANCE) * guess, (beats + TOLERANCE) * guess);
  const single = near(1);
  const double = near(2).length;
  const triple = near(3).length;
  const onBeat = (single.length + double + triple) / gaps.length;
  if (onBeat < ON_BEAT || single.length < gaps.length / 2) return null;
  const periodUs = single[single.length >> 1];
  const deviations = single.map((gap) => Math.abs(gap - periodUs)).sort();
  return { periodUs, jitterUs: deviations[deviations.length >> 1], onBeat, missed: double + 2 * triple };
}

/** The stretch of sorted values from `low` to `high`. */
function between(sorted: Float64Array, low: number, high: number): Float64Array {
  let from = 0;
  while (from < sorted.length && sorted[from] < low) from++;
  let to = from;
  while (to < sorted.length && sorted[to] <= high) to++;
  return sorted.subarray(from, to);
}

class Routine {
  readonly gaps = new Gaps();
  readonly cpuGaps = new Gaps();
  readonly lastByCpu: number[] = [];
  lastUs = Number.NaN;
  count = 0;

  constructor(
    readonly source: number,
    readonly kind: string | null,
    readonly module: string | null,
    readonly routine: string,
    readonly address: bigint,
    readonly first: Cite,
  ) {}

  saw(startUs: number, cpu: number): void {
    if (this.count++ > 0) this.gaps.add(Math.abs(startUs - this.lastUs));
    this.lastUs = startUs;
    if (cpu < 0) return;
    while (this.lastByCpu.length <= cpu) this.lastByCpu.push(Number.NaN);
    const last = this.lastByCpu[cpu];
    if (!Number.isNaN(last)) this.cpuGaps.add(Math.abs(startUs - last));
    this.lastByCpu[cpu] = startUs;
  }
}

class IntervalsFold implements Fold<Pick<DpcResult, 'intervals'>> {
  readonly #bySource = new Map<number, { selection: RunSelection; routines: (Routine | undefined)[] }>();
  #total = 0;
  #runsLeftOut = 0;

  constructor(private readonly options: DpcSetup) {}

  add(batch: Batch): void {
    if (!isBatchOf(batch, dpcIsr)) return;
    let state = this.#bySource.get(batch.source);
    if (state === undefined) {
      const images = this.options.images.of(batch.source);
      state = { selection: new RunSelection(this.options, (r) => images.module(r)), routines: [] };
      this.#bySource.set(batch.source, state);
    }
    const { cols, n } = batch;
    const from = this.options.range?.startUs ?? Number.NEGATIVE_INFINITY;
    const to = this.options.range?.endUs ?? Number.POSITIVE_INFINITY;
    for (let i = 0; i < n; i++) {
      const startUs = cols.startUs[i];
      if (startUs > to || startUs + cols.durationUs[i] < from || !state.selection.takes(batch, i)) continue;
      const id = cols.routine[i];
      const routine = state.routines[id] ?? this.#routine(state.routines, batch, i);
      if (routine === null) this.#runsLeftOut++;
      else routine.saw(startUs, cols.cpu[i]);
    }
  }

  #routine(routines: (Routine | undefined)[], batch: Runs, i: number): Routine | null {
    if (this.#total >= MAX_ROUTINES) return null;
    this.#total++;
    const { cols, dicts } = batch;
    const routine = new Routine(
      batch.source,
      dicts.kind.get(cols.kind[i]),
      dicts.module.get(cols.module[i]),
      dicts.routine.get(cols.routine[i]) ?? '',
      cols.address[i],
      batch.cite(i),
    );
    routines[cols.routine[i]] = routine;
    return routine;
  }

  finish(context: Finish): { result: Pick<DpcResult, 'intervals'>; findings: [] } {
    const intervals: Interval[] = [];
    for (const [source, { routines }] of this.#bySource) {
      if (!context.counted(source)) continue;
      for (const routine of routines) {
        if (routine !== undefined && routine.count >= MIN_RUNS) {
          const found = interval(routine, this.options, context);
          if (found !== null) intervals.push(found);
        }
      }
    }
    if (this.#runsLeftOut > 0) {
      context.diagnostics.add(
        'too-many-routines',
        'warning',
        `only the first ${MAX_ROUTINES} routines were looked at for a period; the count is that of the others' runs`,
        { count: this.#runsLeftOut },
      );
    }
    intervals.sort((a, b) => b.count - a.count || (a.module ?? '').localeCompare(b.module ?? ''));
    return { result: { intervals }, findings: [] };
  }
}

function interval(routine: Routine, { images }: DpcSetup, context: Finish): Interval | null {
  const overall = routine.gaps.rhythm();
  const rhythm =
    overall ?? (routine.lastByCpu.filter((us) => !Number.isNaN(us)).length > 1 ? routine.cpuGaps.rhythm() : null);
  if (rhythm === null) return null;
  return {
    kind: routine.kind,
    module: routine.module ?? images.of(routine.source).module(routine.routine),
    function: splitSymbol(routine.routine).fn,
    address: formatAddress(routine.address),
    count: routine.count,
    periodMs: rhythm.periodUs / 1000,
    jitterMs: rhythm.jitterUs / 1000,
    perCpu: overall === null,
    percentOnBeat: 100 * rhythm.onBeat,
    missedBeats: rhythm.missed,
    evidence: [context.evidence(routine.source, routine.first)],
  };
}
