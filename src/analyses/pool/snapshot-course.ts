/** How a figure grew from snapshot to snapshot: early, late, and whether it stopped. By time, as snapshots may be taken at any. */

export interface Course {
  /** Growth in the last third of the time against what an even growth would have put there. */
  readonly late: number;
  /** Share of the growth in the first half of the time. */
  readonly early: number;
  /** True where the last third lacks so much that its noise does not explain it. */
  readonly isSlowing: boolean;
  /** Index of the snapshot from which on it did not grow by more than noise, three at least; null where it went on. */
  readonly stoppedAt: number | null;
  /** True where it did not grow in the last one or two. */
  readonly pauses: boolean;
}

/** Against an even growth: less in the last third is slowing down, much less is so by any noise. */
const SLOWING = 0.65;
const SLOW = 0.4;
/** Standard deviations of the noise by which growth must be missing. */
const MISSING = 2.5;
const STOPPED = 5;
/** Snapshots at the end that show a stop, and what they may still have grown of what is due. */
const MIN_STOPPED = 3;
const STANDS = 0.25;

export function courseOf(given: readonly number[], values: readonly number[]): Course {
  const n = values.length;
  // Where time stands still, snapshots are counted.
  const at = given[n - 1] > given[0] ? given : values.map((_, i) => i);
  const growth = values[n - 1] - values[0];
  const valueAt = (share: number): number => between(at, values, at[0] + share * (at[n - 1] - at[0]));
  const first = valueAt(1 / 3) - values[0];
  const last = values[n - 1] - valueAt(2 / 3);
  const late = growth === 0 ? 0 : (3 * last) / growth;
  const noise = noiseOf(values);
  const since = growth > 0 ? stoppedAt(at, values, noise) : null;
  const isMissing = first - last > MISSING * noise * Math.sqrt((2 * n) / 3);
  return {
    late,
    early: growth === 0 ? 0 : (valueAt(0.5) - values[0]) / growth,
    isSlowing: late < SLOW || (late < SLOWING && isMissing),
    stoppedAt: since !== null && n - 1 - since >= MIN_STOPPED ? since : null,
    pauses: since !== null,
  };
}

/** In proportion between the two points next to it. */
function between(at: readonly number[], values: readonly number[], when: number): number {
  const i = Math.max(
    1,
    at.findIndex((t) => t >= when),
  );
  const step = at[i] - at[i - 1];
  return step <= 0 ? values[i] : values[i - 1] + ((values[i] - values[i - 1]) * (when - at[i - 1])) / step;
}

/** Standard deviation of the steps between snapshots about their median, from the median of the distances: a few jumps do not count. */
function noiseOf(values: readonly number[]): number {
  const steps = values.slice(1).map((value, i) => value - values[i]);
  const middle = median(steps);
  return 1.4826 * median(steps.map((step) => Math.abs(step - middle)));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** The earliest of the last snapshots, a third of them at most, since which nearly all growth is missing that is due by the pace before. */
function stoppedAt(at: readonly number[], values: readonly number[], noise: number): number | null {
  const end = values.length - 1;
  for (let from = Math.ceil((2 * end) / 3); from < end; from++) {
    const pace = (values[from] - values[0]) / (at[from] - at[0]);
    const due = pace * (at[end] - at[from]);
    const came = values[end] - values[from];
    if (came < STANDS * due && due - came > STOPPED * noise * Math.sqrt(end - from)) return from;
  }
  return null;
}
