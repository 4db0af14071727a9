/** Whether a tag, or a figure of the machine, grows from snapshot to snapshot. */
import type { PoolVerdict } from './result.js';
import { courseOf } from './snapshot-course.js';
import { type Slope, theilSen } from './trend.js';
import type { Judgement } from './verdict.js';

/** Snapshots in a row by which growth can be told from chance at all. */
const MIN_SNAPSHOTS = 4;
const MIN_LEAK_SNAPSHOTS = 6;
/** Standard deviations of Kendall's test by which it must rise. */
const MIN_Z = 3;
const MIN_COUNT = 6;
/** Halves of the 95 % interval that a slope is to be sure of it: 3 standard deviations. */
const SURE = 1.5;
/** Growth in the last third, against an even one, below which it may be slowing down. */
const KEEPS_ON = 0.75;

export interface SnapshotSeries {
  readonly at: readonly number[];
  /** Bytes, or any other figure. */
  readonly values: readonly number[];
  /** Blocks; null where they are not counted. */
  readonly counts: readonly number[] | null;
}

/** Slope by `at`, which is in seconds or counts snapshots. */
export const slopeOf = ({ at, values }: SnapshotSeries): Slope | null => theilSen(at, values);

const ORDER: readonly PoolVerdict[] = ['leak', 'growing', 'steady', 'transient', 'insufficient'];

/**
 * Judged by bytes and by blocks: few large blocks that come and go hide small ones that stay, and the other way round. The worse of
 * both counts, where neither shrinks.
 */
export function judgeSnapshots({ at, values, counts }: SnapshotSeries): Judgement {
  const byBytes = judgeSeries(at, values, counts);
  if (counts === null || counts.length < MIN_SNAPSHOTS) return byBytes;
  const byBlocks = judgeSeries(at, counts, counts);
  if (growthOf(values) <= 0 || growthOf(counts) <= 0) return byBytes;
  return ORDER.indexOf(byBlocks.verdict) < ORDER.indexOf(byBytes.verdict) ? byBlocks : byBytes;
}

const growthOf = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values[values.length - 1] - values[0];

function judgeSeries(at: readonly number[], values: readonly number[], counts: readonly number[] | null): Judgement {
  const n = values.length;
  const growth = growthOf(values);
  if (n < MIN_SNAPSHOTS) return said('insufficient', fewText(n, growth));
  const z = kendall(values);
  if (growth <= 0 || isChance(counts) || (z < MIN_Z && !rises(values))) return withoutGrowth(values, counts, growth);
  const course = courseOf(at, values);
  const when = stoppedAt(values) ?? course.stoppedAt;
  if (course.late < 0.1 || when !== null)
    return said('steady', `it grew until snapshot ${(when ?? n - 1) + 1} of ${n} and then no more: it levelled off`, 5);
  if (n < MIN_LEAK_SNAPSHOTS)
    return said('growing', `it grows in ${n} snapshots: too few to tell a leak from a load that has begun`, 40);
  if (course.pauses) return said('growing', 'it did not grow of late: it may have levelled off', 40);
  if (course.isSlowing) return said('growing', 'it grows more and more slowly: it may level off', 40);
  if (course.late > 2.2 && course.early < 0.15)
    return said('growing', 'it grows since late: too short to tell a leak from a load that has begun', 40);
  const sure = surenessOf(theilSen(at, values));
  // A load that wanders rises for a while as well, and so do a few large steps.
  if (sure < 1) return said('growing', 'it rises unevenly: chance, or a few steps, may explain it', 40);
  const score = Math.round(Math.min(80, 40 + 8 * z));
  return {
    ...said('leak', `it grows through all ${n} snapshots`, score),
    confidence: n >= 10 && z >= 4 && sure >= SURE && course.late >= KEEPS_ON ? 'medium' : 'low',
  };
}

/** How often the half of the 95 % interval goes into the slope: below 1 it holds 0. */
function surenessOf(slope: Slope | null): number {
  if (slope === null || slope.perSecond <= 0) return 0;
  const half = slope.perSecond - slope.low;
  return half <= 0 ? Number.POSITIVE_INFINITY : slope.perSecond / half;
}

/** Blocks that come and go vary as chance has it: by the root of their number. */
function isChance(counts: readonly number[] | null): boolean {
  if (counts === null || counts.length < 2) return false;
  const least = Math.max(1, Math.min(counts[0], counts[counts.length - 1]));
  return growthOf(counts) < Math.max(MIN_COUNT, 4 * Math.sqrt(least));
}

function withoutGrowth(values: readonly number[], counts: readonly number[] | null, growth: number): Judgement {
  if (hasHump(values, 0) || (counts !== null && hasHump(counts, 4))) return said('transient', 'it rose and fell again');
  return said('steady', growth > 0 ? 'it varies no more than chance has it' : 'it does not grow');
}

/** True where it was much higher in between than at both ends; of counts, by so many roots of their number, that is by more than chance. */
function hasHump(values: readonly number[], roots: number): boolean {
  const most = values.reduce((a, b) => Math.max(a, b), 0);
  const ends = Math.max(values[0], values[values.length - 1]);
  if (roots === 0) return most > 0 && ends < 0.7 * most;
  return most - ends > MIN_COUNT + roots * Math.sqrt(Math.max(1, ends));
}

function fewText(n: number, growth: number): string {
  if (n < 2) return 'one snapshot shows how much there is, not whether it grows';
  return `${n} snapshots are too few to tell growth from chance; ${growth > 0 ? `it grew by ${growth}` : 'it did not grow'}`;
}

const said = (verdict: PoolVerdict, why: string, score = 0): Judgement => ({
  verdict,
  confidence: verdict === 'insufficient' ? null : 'medium',
  score,
  reasons: [why],
  against: [],
  stoppedUs: null,
});

/** Mann–Kendall: how far pairs in order outnumber those that are not, in standard deviations. */
function kendall(values: readonly number[]): number {
  const step = Math.max(1, Math.ceil(values.length / 200));
  const some = values.filter((_, i) => (values.length - 1 - i) % step === 0);
  const n = some.length;
  let s = 0;
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) s += Math.sign(some[j] - some[i]);
  const sd = Math.sqrt((n * (n - 1) * (2 * n + 5)) / 18);
  return sd === 0 ? 0 : (s - Math.sign(s)) / sd;
}

/** True where no step goes down, and most go up: all that so few snapshots can show. */
function rises(values: readonly number[]): boolean {
  let up = 0;
  for (let i = 1; i < values.length; i++) {
    if (values[i] < values[i - 1]) return false;
    if (values[i] > values[i - 1]) up++;
  }
  return up >= (values.length - 1) * 0.7;
}

/** Index of the snapshot from which on it did not grow, where that is a fifth of them and three at least; null elsewhere. */
function stoppedAt(values: readonly number[]): number | null {
  const n = values.length;
  const growth = values[n - 1] - values[0];
  let from = n - 1;
  while (from > 0 && Math.abs(values[n - 1] - values[from - 1]) <= 0.02 * growth) from--;
  return n - 1 - from >= Math.max(3, Math.floor(n / 5)) ? from : null;
}
