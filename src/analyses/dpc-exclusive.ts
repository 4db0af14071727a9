/** Exclusive times of the runs of a batch, found once and read by every analysis that needs them. */
import { NULL_I32 } from '../core/schema.js';
import { type Batch, type Cite, type Consumer, isBatchOf } from '../core/table.js';
import { CpuNesting } from './dpc-nesting.js';
import { dpcIsr, Ranks, type Runs } from './dpc-runs.js';

/** What nesting found wrong in one source. */
export interface Overlaps {
  /** Pairs of runs that overlap on one CPU without one holding the other. */
  readonly seen: number;
  /** The same, had the printed time been the other end of the run. */
  readonly otherwise: number;
  /** Runs that came after one that ended later, on the same CPU. */
  readonly inversions: number;
  /** The first run that overlaps the one before it, and its CPU. */
  readonly first: { readonly cite: Cite; readonly cpu: number } | null;
  /** Runs whose exclusive time is too high, because they hold more runs than are kept. */
  readonly overflowed: number;
}

/** What has come from one source. */
interface SourceNesting {
  readonly cpus: (CpuNesting | undefined)[];
  readonly ranks: Ranks;
  first: Overlaps['first'];
}

/** Put in front of the analyses: for the batch that is current, `us[i]` is the exclusive time of run `i`. */
export class ExclusiveTimes {
  us = new Float64Array(0);
  readonly #sources = new Map<number, SourceNesting>();

  readonly consume: Consumer = (batch: Batch) => {
    if (isBatchOf(batch, dpcIsr)) this.#runs(batch);
  };

  #runs(batch: Runs): void {
    const { cols, n } = batch;
    if (this.us.length < n) this.us = new Float64Array(cols.startUs.length);
    const { us } = this;
    const state = this.#of(batch.source);
    const { cpus, ranks } = state;
    for (let i = 0; i < n; i++) {
      const number = cols.cpu[i];
      if (number === NULL_I32) {
        us[i] = cols.durationUs[i];
        continue;
      }
      const cpu = cpus[number] ?? added(cpus, number);
      const { overlaps } = cpu;
      us[i] = cpu.exclusiveUs(cols.startUs[i], cols.durationUs[i], ranks.of(batch, i));
      if (cpu.overlaps > overlaps && state.first === null) state.first = { cite: batch.cite(i), cpu: number };
    }
  }

  #of(source: number): SourceNesting {
    let state = this.#sources.get(source);
    if (state === undefined) {
      state = { cpus: [], ranks: new Ranks(), first: null };
      this.#sources.set(source, state);
    }
    return state;
  }

  /** What was wrong in each source that had runs. */
  overlaps(): ReadonlyMap<number, Overlaps> {
    const found = new Map<number, Overlaps>();
    for (const [source, { cpus, first }] of this.#sources) {
      const sum = { seen: 0, otherwise: 0, overflowed: 0, inversions: 0, first };
      for (const cpu of cpus) {
        sum.seen += cpu?.overlaps ?? 0;
        sum.otherwise += cpu?.overlapsOtherwise ?? 0;
        sum.overflowed += cpu?.overflowed ?? 0;
        sum.inversions += cpu?.inversions ?? 0;
      }
      found.set(source, sum);
    }
    return found;
  }
}

function added(cpus: (CpuNesting | undefined)[], number: number): CpuNesting {
  const cpu = new CpuNesting();
  cpus[number] = cpu;
  return cpu;
}
