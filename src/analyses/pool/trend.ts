/** Growth over time: robust slopes, and whether what is left over came evenly. */

/** A rate with bounds within which it lies with 95 % confidence. */
export interface Slope {
  readonly perSecond: number;
  readonly low: number;
  readonly high: number;
}

const Z95 = 1.96;
/** Points compared in pairs: some 8,000 pairs. */
const MAX_POINTS = 128;

/**
 * Theil–Sen: the median of the slopes between all pairs of points. Bounds by Sen (1968, J. Am. Stat. Assoc. 63:1379) from the
 * variance of Kendall's S without ties, widened where neighbouring residuals hang together (Yue & Wang 2004, Water Resour. Manage.
 * 18:201: effective sample size from their lag-1 correlation), and no closer than what sums of independent steps allow: what is
 * outstanding is such a sum, of which Sen's bounds alone hold 65 % (simulated). Null below four points or where time stands still.
 */
export function theilSen(atS: ArrayLike<number>, values: ArrayLike<number>): Slope | null {
  const step = Math.max(1, Math.ceil(atS.length / MAX_POINTS));
  const points: [number, number][] = [];
  for (let i = (atS.length - 1) % step; i < atS.length; i += step) points.push([atS[i], values[i]]);
  const n = points.length;
  if (n < 4) return null;
  const slopes: number[] = [];
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      const dt = points[j][0] - points[i][0];
      if (dt > 0) slopes.push((points[j][1] - points[i][1]) / dt);
    }
  }
  if (slopes.length === 0) return null;
  const sorted = Float64Array.from(slopes).sort();
  const perSecond = quantile(sorted, 0.5);
  const inflation = varianceInflation(points.map(([t, v]) => v - perSecond * t));
  const half = (Z95 * Math.sqrt((inflation * n * (n - 1) * (2 * n + 5)) / 18)) / (2 * sorted.length);
  const steps = Z95 * deviationOfSteps(points, perSecond);
  return {
    perSecond,
    low: Math.min(quantile(sorted, 0.5 - half), perSecond - steps),
    high: Math.max(quantile(sorted, 0.5 + half), perSecond + steps),
  };
}

/** Of steps that hang together with those before: how many, and that the slope of a sum of steps varies more than its ends. */
const LAGS = 4;
const SLOPE_OF_SUM = 1.2;

/**
 * Standard deviation of the slope where the values are sums of steps: from the variance of the steps, with that of their
 * neighbours (Newey & West 1987, Econometrica 55:703), so that values which swing about a line count for little. A line through
 * a Wiener process has 6/5 of the variance of its mean step.
 */
function deviationOfSteps(points: readonly (readonly [number, number])[], perSecond: number): number {
  const n = points.length - 1;
  const span = points[n][0] - points[0][0];
  const steps = points.slice(1).map(([t, v], i) => v - points[i][1] - perSecond * (t - points[i][0]));
  let variance = 0;
  for (let lag = 0; lag <= Math.min(LAGS, n - 1); lag++) {
    let sum = 0;
    for (let i = lag; i < n; i++) sum += steps[i] * steps[i - lag];
    variance += lag === 0 ? sum : 2 * (1 - lag / (LAGS + 1)) * sum;
  }
  // Few steps are known by few: their variance has n - 1 degrees of freedom, and tails that are heavier.
  return Math.sqrt((SLOPE_OF_SUM * Math.max(0, variance) * n) / Math.max(1, n - 2)) / span;
}

/** By how much the variance of a sum grows because neighbours resemble each other; 1 where they do not. */
function varianceInflation(residuals: readonly number[]): number {
  const mean = residuals.reduce((sum, r) => sum + r, 0) / residuals.length;
  let own = 0;
  let next = 0;
  residuals.forEach((r, i) => {
    own += (r - mean) ** 2;
    if (i > 0) next += (r - mean) * (residuals[i - 1] - mean);
  });
  const correlation = own === 0 ? 0 : Math.min(0.95, Math.max(0, next / own));
  return (1 + correlation) / (1 - correlation);
}

/** Of sorted numbers, between neighbours in proportion. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const at = Math.min(1, Math.max(0, share)) * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(sorted.length - 1, low + 1);
  return sorted[low] + (sorted[high] - sorted[low]) * (at - low);
}

/** How the things counted in equal parts of time came. */
export interface Arrivals {
  readonly total: number;
  /** First and last part with any; -1 where there are none. */
  readonly first: number;
  readonly last: number;
  readonly occupied: number;
  /** How many there would be if each part held as many: bursts count as few. */
  readonly effective: number;
  /** How many came by themselves: all of them, where neighbouring parts differ no more than chance has it; one of each burst. */
  readonly independent: number;
  /** Standard deviations by which they came later (positive) or earlier than evenly (Laplace's trend test). */
  readonly trend: number;
  /** Share of those in the last quarter, and in the last eighth, of what an even rate would have put there. */
  readonly lastQuarter: number;
  readonly lastEighth: number;
  /** Probability that an even rate leaves as many parts empty at the end as are. */
  readonly silence: number;
}

/** `counts` up to part `end` (not included), from the first part with any on. */
export function arrivals(counts: ArrayLike<number>, end: number): Arrivals {
  let first = -1;
  let last = -1;
  let total = 0;
  let squares = 0;
  let occupied = 0;
  let moment = 0;
  for (let i = 0; i < end; i++) {
    const count = Math.max(0, counts[i]);
    if (count === 0) continue;
    if (first < 0) first = i;
    last = i;
    total += count;
    squares += count * count;
    occupied++;
    moment += count * (i + 0.5);
  }
  if (first < 0) {
    const none = { occupied: 0, effective: 0, independent: 0, trend: 0, lastQuarter: 0, lastEighth: 0, silence: 1 };
    return { total: 0, first, last, ...none };
  }
  const width = end - first;
  const independent = total / dispersion(counts, first, end);
  const effective = Math.min((total * total) / squares, independent);
  const trend = (moment / total - (first + end) / 2) / (width / Math.sqrt(12 * independent));
  const density = Math.min(0.98, occupied / (last - first + 1));
  return {
    total,
    first,
    last,
    occupied,
    effective,
    independent,
    trend,
    lastQuarter: shareOfEven(counts, first, end, total, 0.25),
    lastEighth: shareOfEven(counts, first, end, total, 0.125),
    silence: (1 - density) ** (end - 1 - last),
  };
}

/** Parts joined to look for bursts that are longer than one. */
const JOINED = [1, 2, 4];

/**
 * By how much counts vary more than independent ones do: the squares of the differences between neighbours against their sum,
 * which a rate that changes slowly leaves alone (von Neumann 1941, Ann. Math. Stat. 12:367). The most of several widths, 1 at least.
 */
function dispersion(counts: ArrayLike<number>, first: number, end: number): number {
  return JOINED.reduce((most, width) => {
    let squares = 0;
    let sum = 0;
    let before = Number.NaN;
    for (let i = first; i + width <= end; i += width) {
      let own = 0;
      for (let k = 0; k < width; k++) own += Math.max(0, counts[i + k]);
      if (!Number.isNaN(before)) {
        squares += (own - before) ** 2;
        sum += own + before;
      }
      before = own;
    }
    return sum === 0 ? most : Math.max(most, squares / sum);
  }, 1);
}

function shareOfEven(counts: ArrayLike<number>, first: number, end: number, total: number, share: number): number {
  const from = end - (end - first) * share;
  let sum = 0;
  for (let i = Math.floor(from); i < end; i++) sum += Math.max(0, counts[i]) * Math.min(1, i + 1 - from);
  return sum / (total * share);
}
