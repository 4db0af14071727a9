/** Two files may be exports of one capture: runs that stand in both must be counted once. */
import type { Diagnostics } from '../src/core/diagnostic.js';
import { type Batch, type Consumer, isBatchOf } from '../src/core/table.js';
import { dpcIsr } from '../src/tables/dpc-isr.js';

/** What is compared of a source's runs. */
interface Coverage {
  /** By kind and CPU: `DPC|3`. */
  readonly counts: Map<string, number>;
  totalUs: number;
  firstUs: number;
  lastUs: number;
}

/** Times are printed to the µs at the coarsest: each run may differ by one. */
const STEP_US = 1;

/** Watches the runs of each source go by. */
export class SameCapture {
  readonly #bySource = new Map<number, Coverage>();

  readonly consume: Consumer = (batch: Batch) => {
    if (isBatchOf(batch, dpcIsr)) this.#runs(batch);
  };

  #runs(batch: Batch<typeof dpcIsr>): void {
    let coverage = this.#bySource.get(batch.source);
    if (coverage === undefined) {
      coverage = { counts: new Map(), totalUs: 0, firstUs: Number.POSITIVE_INFINITY, lastUs: 0 };
      this.#bySource.set(batch.source, coverage);
    }
    const { cols, n } = batch;
    // Counted in an array first: a Map access for each row would show.
    const counts = new Map<number, number>();
    for (let i = 0; i < n; i++) {
      coverage.totalUs += cols.durationUs[i];
      if (cols.startUs[i] < coverage.firstUs) coverage.firstUs = cols.startUs[i];
      if (cols.startUs[i] > coverage.lastUs) coverage.lastUs = cols.startUs[i];
      const key = cols.cpu[i] * 8 + cols.kind[i];
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    for (const [key, count] of counts) {
      const name = `${batch.dicts.kind.get(((key % 8) + 8) % 8)}|${Math.floor(key / 8)}`;
      coverage.counts.set(name, (coverage.counts.get(name) ?? 0) + count);
    }
  }

  /** Decides, source by source in the order given, whether its runs are counted; says so where they are not. */
  counted(diagnostics: Diagnostics): (source: number) => boolean {
    const kept: [number, Coverage][] = [];
    const left = new Set<number>();
    for (const [source, coverage] of this.#bySource) {
      const twin = kept.find(([, other]) => sameRuns(coverage, other));
      if (twin === undefined) kept.push([source, coverage]);
      else {
        left.add(source);
        diagnostics.add(
          'same-capture',
          'info',
          `s${source + 1} holds the same runs as s${twin[0] + 1}: they were counted once, from s${twin[0] + 1}`,
        );
      }
    }
    return (source) => !left.has(source);
  }
}

function sameRuns(a: Coverage, b: Coverage): boolean {
  if (a.counts.size !== b.counts.size) return false;
  let runs = 0;
  for (const [key, count] of a.counts) {
    if (b.counts.get(key) !== count) return false;
    runs += count;
  }
  const spread = a.lastUs - a.firstUs - (b.lastUs - b.firstUs);
  return runs > 0 && Math.abs(a.totalUs - b.totalUs) <= runs * STEP_US && Math.abs(spread) <= 4 * STEP_US;
}
