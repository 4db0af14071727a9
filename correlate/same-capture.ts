/** Two files may be exports of one capture: runs that stand in both must be counted once. */
import type { SourceSummary } from '../src/core/analysis.js';
import type { Diagnostics } from '../src/core/diagnostic.js';
import type { About } from '../src/core/parser.js';
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

  /**
   * Decides, source by source in the order given, whether its runs are counted; says so where they are not. Sources that
   * began at different times are two captures: their runs are all counted, with a warning.
   */
  counted(sources: readonly SourceSummary[], diagnostics: Diagnostics): (source: number) => boolean {
    const kept: [number, Coverage][] = [];
    const left = new Set<number>();
    for (const [source, coverage] of this.#bySource) {
      const { id, about } = sources[source];
      const other = kept.find(([k]) => startsApart(about, sources[k].about));
      if (other !== undefined) {
        diagnostics.add(
          'different-captures',
          'warning',
          `it began at another time than ${sources[other[0]].id}: two captures are counted together, each from its own start; give them one at a time`,
          { source: id },
        );
      }
      const twin = kept.find(([k, runs]) => !startsApart(about, sources[k].about) && sameRuns(coverage, runs));
      if (twin === undefined) kept.push([source, coverage]);
      else {
        left.add(source);
        const { id: twinId } = sources[twin[0]];
        diagnostics.add(
          'same-capture',
          'info',
          `it holds the same runs as ${twinId}: they were counted once, from ${twinId}`,
          {
            source: id,
          },
        );
      }
    }
    return (source) => !left.has(source);
  }
}

/** Exports of one capture print its start to the second or better. */
const START_TOLERANCE_MS = 1000;

/** True where both say when they began, and it is not the same time. */
function startsApart(a: About, b: About): boolean {
  const { startUtc: one } = a.clock;
  const { startUtc: two } = b.clock;
  return one !== null && two !== null && Math.abs(Date.parse(one) - Date.parse(two)) > START_TOLERANCE_MS;
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
