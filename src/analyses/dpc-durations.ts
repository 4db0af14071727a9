/** How long DPCs and ISRs ran: by module, function, kind and CPU, with the longest single runs. */
import type { Analysis, Finish, Fold, SourceSummary } from '../core/analysis.js';
import { NULL_I32 } from '../core/schema.js';
import { type Batch, isBatchOf } from '../core/table.js';
import { CpuSums, cpuFigures, Groups, histograms, order } from './dpc-figures.js';
import { Rank } from './dpc-nesting.js';
import type { DpcOptions, DpcSetup } from './dpc-options.js';
import type { DpcResult } from './dpc-result.js';
import { dpcIsr, Ranks, RunSelection, type Runs } from './dpc-runs.js';
import { LargestN } from './largest.js';
import { type Kept, RunSlots, type Slot } from './run-slots.js';

type Part = Pick<
  DpcResult,
  'window' | 'thresholds' | 'modules' | 'functions' | 'kinds' | 'cpus' | 'histograms' | 'occurrences'
> & {
  /** Runs that passed the filters; `occurrences` holds the longest of them. */
  readonly runs: number;
};

export const dpcDurations: Analysis<DpcSetup, Part> = {
  name: 'dpc-durations',
  reads: [dpcIsr],
  start: (options) => new DurationsFold(options),
};

/** What has come from one source. */
class SourceRuns {
  readonly slots: RunSlots;
  readonly cpus: CpuSums[] = [];
  readonly words: Int32Array;
  readonly ranks = new Ranks();
  readonly selection: RunSelection;
  readonly longest: LargestN<Kept>;
  firstUs = Number.POSITIVE_INFINITY;
  lastUs = Number.NEGATIVE_INFINITY;

  constructor(batch: Runs, options: DpcSetup) {
    this.slots = new RunSlots(1000 / (batch.about.clock.resolutionNs ?? 1000));
    this.words = new Int32Array(batch.cols.address.buffer);
    this.selection = new RunSelection(options, (routine) => options.images.of(batch.source).module(routine));
    this.longest = new LargestN(options.top ?? DEFAULT_OCCURRENCES);
  }

  /** Sums of a processor; -1 gathers runs whose processor is unknown. */
  cpu(number: number): CpuSums {
    const known = this.cpus[number + 1];
    if (known !== undefined) return known;
    const sums = new CpuSums();
    this.cpus[number + 1] = sums;
    return sums;
  }
}

const DEFAULT_OCCURRENCES = 100;

class DurationsFold implements Fold<Part> {
  readonly #sources = new Map<number, SourceRuns>();

  constructor(private readonly options: DpcSetup) {}

  add(batch: Batch): void {
    if (isBatchOf(batch, dpcIsr)) this.#runs(batch);
  }

  #runs(batch: Runs): void {
    let state = this.#sources.get(batch.source);
    if (state === undefined) {
      state = new SourceRuns(batch, this.options);
      this.#sources.set(batch.source, state);
    }
    const { cols, n } = batch;
    const exclusive = this.options.exclusive.us;
    const range = this.options.range;
    const from = range?.startUs ?? Number.NEGATIVE_INFINITY;
    const to = range?.endUs ?? Number.POSITIVE_INFINITY;
    for (let i = 0; i < n; i++) {
      const startUs = cols.startUs[i];
      const durationUs = cols.durationUs[i];
      const rank = state.ranks.of(batch, i);
      const cpu = cols.cpu[i] === NULL_I32 ? -1 : cols.cpu[i];
      const sums = state.cpu(cpu);
      const exclusiveUs = exclusive[i];
      const endUs = startUs + durationUs;
      if (startUs < state.firstUs) state.firstUs = startUs;
      if (endUs > state.lastUs) state.lastUs = endUs;
      if (endUs < from || startUs > to || !state.selection.takes(batch, i)) continue;
      const clippedUs =
        startUs >= from && endUs <= to
          ? exclusiveUs
          : clip(startUs, endUs, from, to) * (exclusiveUs / (durationUs || 1));
      const side = rank === Rank.ISR ? 1 : 0;
      sums.count[side]++;
      sums.us[side] += durationUs;
      sums.clippedUs += clippedUs;
      if (durationUs > sums.max[side]) sums.max[side] = durationUs;
      const index = state.slots.indexOf(batch, state.words, i);
      const isOver = durationUs > (side === 1 ? this.options.isrUs : this.options.dpcUs);
      const isLongest = state.slots.count(index, durationUs, exclusiveUs, clippedUs, isOver);
      if (!isLongest && !state.longest.wants(durationUs)) continue;
      const slot = state.slots.all[index];
      const kept = keep(batch, i, slot, exclusiveUs);
      if (isLongest) slot.longest = kept;
      state.longest.add(durationUs, kept);
    }
  }

  finish(context: Finish): { result: Part; findings: [] } {
    const { options } = this;
    const states = [...this.#sources].filter(([source]) => context.counted(source));
    const window = windowOf(states, context.sources, options);
    if (options.range !== null && window.startUs === window.endUs) {
      context.diagnostics.add('range-outside', 'warning', 'the time range asked for lies outside the trace');
    }
    const groups = new Groups(window, context, options.images);
    const slots = states.flatMap(([, state]) => state.slots.all);
    const modules = groups.by(slots, (s) => `${s.kind}|${groups.module(s)?.toLowerCase()}`, groups.moduleFigures);
    const functions = groups.by(
      slots,
      (s) => `${s.kind}|${groups.module(s)?.toLowerCase()}|${s.routine}|${s.address}`,
      groups.functionFigures,
    );
    const kinds = groups.by(slots, (s) => `${s.kind}|${s.type}|${s.vector}`, groups.kindFigures);
    if (states.some(([, state]) => state.slots.isFull)) {
      context.diagnostics.add(
        'too-many-routines',
        'data-loss',
        'more routines than any machine has: the figures of the rest stand together under no module',
      );
    }
    const total = slots.reduce((sum, slot) => sum + slot.count, 0);
    const occurrences = states
      .flatMap(([, state]) => state.longest.sorted())
      .sort((a, b) => b.durationUs - a.durationUs)
      .slice(0, (options.top ?? DEFAULT_OCCURRENCES) || Number.POSITIVE_INFINITY)
      .map((kept) => groups.occurrence(kept));
    return {
      result: {
        window,
        thresholds: { dpcUs: options.dpcUs, isrUs: options.isrUs },
        modules: modules.sort(order(options.sort)),
        functions: functions.sort(order(options.sort)),
        kinds: kinds.sort((a, b) => order(options.sort)(a, b) || (a.vector ?? 0) - (b.vector ?? 0)),
        cpus: cpuFigures(
          states.map(([, state]) => state.cpus),
          window,
        ),
        histograms: histograms(slots, groups, options),
        occurrences,
        runs: total,
      },
      findings: [],
    };
  }
}

const clip = (start: number, end: number, from: number, to: number): number =>
  Math.max(0, Math.min(end, to) - Math.max(start, from));

function keep(batch: Runs, i: number, slot: Slot, exclusiveUs: number): Kept {
  const { cols } = batch;
  return {
    source: batch.source,
    kind: slot.kind,
    type: slot.type,
    module: slot.module,
    routine: slot.routine,
    address: slot.address,
    startUs: cols.startUs[i],
    durationUs: cols.durationUs[i],
    exclusiveUs,
    cpu: cols.cpu[i] === NULL_I32 ? null : cols.cpu[i],
    cite: batch.cite(i),
  };
}

function windowOf(
  states: [number, SourceRuns][],
  sources: readonly SourceSummary[],
  options: DpcOptions,
): DpcResult['window'] {
  const spans = states.map(([source, state]) => {
    const { span } = sources[source].about;
    const first = Number.isFinite(state.firstUs) ? state.firstUs : null;
    const last = Number.isFinite(state.lastUs) ? state.lastUs : null;
    return { startUs: span.startUs ?? first, endUs: span.endUs ?? last };
  });
  const starts = spans.map((s) => s.startUs).filter((us) => us !== null);
  const ends = spans.map((s) => s.endUs).filter((us) => us !== null);
  const cpus = states.map(
    ([source, state]) => sources[source].about.machine.cpus ?? (state.cpus.length > 1 ? state.cpus.length - 1 : null),
  );
  const known = cpus.filter((n) => n !== null);
  const startUs = starts.length > 0 ? Math.min(...starts) : null;
  const endUs = ends.length > 0 ? Math.max(...ends) : null;
  const { range } = options;
  const within = (us: number): number => Math.min(Math.max(us, startUs ?? us), endUs ?? us);
  return {
    startUs: range === null ? startUs : within(range.startUs),
    endUs: range === null ? endUs : within(range.endUs),
    cpus: known.length > 0 ? Math.max(...known) : null,
  };
}
