/** Exclusive times of the runs of a batch, found once and read by every analysis that needs them. */
import { NULL_I32 } from '../core/schema.js';
import type { Batch, Consumer } from '../core/table.js';
import { isBatchOf } from '../core/table.js';
import { CpuNesting, type Rank } from './dpc-nesting.js';
import { dpcIsr, type Runs, rankOf } from './dpc-runs.js';

/** What nesting found wrong in one source. */
export interface Overlaps {
  /** Pairs of runs that overlap on one CPU without one holding the other. */
  readonly seen: number;
  /** The same, had the printed time been the other end of the run. */
  readonly otherwise: number;
  /** Runs whose exclusive time is too high, because they hold more runs than are kept. */
  readonly overflowed: number;
}

/** Put in front of the analyses: for the batch that is current, `us[i]` is the exclusive time of run `i`. */
export class ExclusiveTimes {
  us = new Float64Array(0);
  readonly #sources = new Map<number, { cpus: (CpuNesting | undefined)[]; ranks: (Rank | undefined)[] }>();

  readonly consume: Consumer = (batch: Batch) => {
    if (isBatchOf(batch, dpcIsr)) this.#runs(batch);
  };

  #runs(batch: Runs): void {
    const { cols, n } = batch;
    if (this.us.length < n) this.us = new Float64Array(cols.startUs.length);
    const { us } = this;
    const { cpus, ranks } = this.#of(batch.source);
    for (let i = 0; i < n; i++) {
      const number = cols.cpu[i];
      if (number === NULL_I32) {
        us[i] = cols.durationUs[i];
        continue;
      }
      const cpu = cpus[number] ?? added(cpus, number);
      const rank = ranks[cols.type[i]] ?? rankOfRow(ranks, batch, i);
      us[i] = cpu.exclusiveUs(cols.startUs[i], cols.durationUs[i], rank);
    }
  }

  #of(source: number): { cpus: (CpuNesting | undefined)[]; ranks: (Rank | undefined)[] } {
    let state = this.#sources.get(source);
    if (state === undefined) {
      state = { cpus: [], ranks: [] };
      this.#sources.set(source, state);
    }
    return state;
  }

  /** What was wrong in each source that had runs. */
  overlaps(): ReadonlyMap<number, Overlaps> {
    const found = new Map<number, Overlaps>();
    for (const [source, { cpus }] of this.#sources) {
      const sum = { seen: 0, otherwise: 0, overflowed: 0 };
      for (const cpu of cpus) {
        sum.seen += cpu?.overlaps ?? 0;
        sum.otherwise += cpu?.overlapsOtherwise ?? 0;
        sum.overflowed += cpu?.overflowed ?? 0;
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

function rankOfRow(ranks: (Rank | undefined)[], batch: Runs, i: number): Rank {
  const { cols, dicts } = batch;
  const rank = rankOf(dicts.kind.get(cols.kind[i]), dicts.type.get(cols.type[i]));
  ranks[cols.type[i]] = rank;
  return rank;
}
