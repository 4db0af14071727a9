/** Values up to this, where whole, are counted in an array once there are enough of them. */
const DENSE = 2048;
const DENSE_FROM = 256;

/**
 * Counts of distinct values: percentiles and histograms of it are exact, and memory grows with the distinct values
 * (times printed in whole µs have few), not with the rows.
 */
export class Distribution {
  count = 0;
  #dense: Uint32Array | null = null;
  readonly #sparse = new Map<number, number>();

  add(value: number, times = 1): void {
    this.count += times;
    const dense = this.#dense;
    if (dense !== null && value < DENSE && value === (value | 0)) {
      dense[value] += times;
      return;
    }
    this.#sparse.set(value, (this.#sparse.get(value) ?? 0) + times);
    if (dense === null && this.count >= DENSE_FROM) this.#makeDense();
  }

  merge(other: Distribution): void {
    for (const [value, count] of other.sorted()) this.add(value, count);
  }

  /** [value, count], smallest value first. */
  sorted(): [number, number][] {
    const pairs = [...this.#sparse];
    this.#dense?.forEach((count, value) => {
      if (count > 0) pairs.push([value, count]);
    });
    return pairs.sort((a, b) => a[0] - b[0]);
  }

  /**
   * Percentiles by nearest rank: the value at position ⌈p·n⌉ of the sorted values (p from 0 to 1). Null for each where
   * there are no values.
   */
  percentiles(ps: readonly number[]): (number | null)[] {
    const pairs = this.sorted();
    return ps.map((p) => {
      const rank = Math.max(1, Math.ceil(p * this.count - 1e-9));
      let seen = 0;
      for (const [value, count] of pairs) {
        seen += count;
        if (seen >= rank) return value;
      }
      return null;
    });
  }

  #makeDense(): void {
    const dense = new Uint32Array(DENSE);
    for (const [value, count] of this.#sparse) {
      if (value >= 0 && value < DENSE && value === (value | 0)) {
        dense[value] += count;
        this.#sparse.delete(value);
      }
    }
    this.#dense = dense;
  }
}

/** A histogram's bucket: above `gtUs`, up to and including `leUs` (null = open). */
export interface Bucket {
  readonly gtUs: number;
  readonly leUs: number | null;
  count: number;
}

/** Bucket edges: xperf's powers of two, or LatencyMon's ranges. */
export type HistogramStyle = 'xperf' | 'latencymon';

/** LatencyMon prints <250, 250-500, 500-1000, 1000-2000, 2000-4000, >=4000 µs. */
const LATENCYMON_EDGES = [250, 500, 1000, 2000, 4000];

/**
 * Histogram of a distribution. `xperf`: `> a AND <= b` with a, b powers of two from (0, 1] on, first bucket with zero
 * included, as `xperf -a dpcisr` prints it. `latencymon`: its ranges, whose lower edges belong to the bucket, so that a
 * duration of exactly 250 µs counts in 250-500.
 */
export function histogram(distribution: Distribution, style: HistogramStyle): Bucket[] {
  const pairs = distribution.sorted();
  if (pairs.length === 0) return [];
  const max = pairs[pairs.length - 1][0];
  return style === 'xperf' ? powersOfTwo(pairs, max) : latencyMon(pairs);
}

function powersOfTwo(pairs: [number, number][], max: number): Bucket[] {
  const buckets: Bucket[] = [{ gtUs: 0, leUs: 1, count: 0 }];
  while ((buckets[buckets.length - 1].leUs as number) < max) {
    const gtUs = buckets[buckets.length - 1].leUs as number;
    buckets.push({ gtUs, leUs: gtUs * 2, count: 0 });
  }
  let at = 0;
  for (const [value, count] of pairs) {
    while (value > (buckets[at].leUs as number)) at++;
    buckets[at].count += count;
  }
  return buckets;
}

function latencyMon(pairs: [number, number][]): Bucket[] {
  const edges = [0, ...LATENCYMON_EDGES];
  const buckets = edges.map((gtUs, i): Bucket => ({ gtUs, leUs: edges[i + 1] ?? null, count: 0 }));
  for (const [value, count] of pairs) {
    let at = 0;
    while (at < LATENCYMON_EDGES.length && value >= LATENCYMON_EDGES[at]) at++;
    buckets[at].count += count;
  }
  return buckets;
}
