/** Multiples of the step below this are counted in an array that grows to hold the largest of them. */
const DENSE = 4096;

/**
 * Counts of distinct values: percentiles and histograms of it are exact, and memory grows with the distinct values
 * (multiples of a clock's step, of which there are few), not with the rows.
 */
export class Distribution {
  count = 0;
  #dense = new Uint32Array(16);
  /** By multiple of the step: small whole numbers are found much faster than fractions. */
  readonly #whole = new Map<number, number>();
  readonly #sparse = new Map<number, number>();

  /** Most values are expected to be multiples of 1 / `perUnit`; those that are not are counted all the same. */
  constructor(private readonly perUnit = 1) {}

  add(value: number, times = 1): void {
    this.count += times;
    const step = Math.round(value * this.perUnit);
    if (step < this.#dense.length && step >= 0 && step / this.perUnit === value) this.#dense[step] += times;
    else this.#addOther(value, step, times);
  }

  merge(other: Distribution): void {
    for (const [value, count] of other.#pairs()) this.add(value, count);
  }

  /** [value, count], smallest value first. */
  sorted(): [number, number][] {
    return this.#pairs().sort((a, b) => a[0] - b[0]);
  }

  #pairs(): [number, number][] {
    const pairs: [number, number][] = [];
    const dense = this.#dense;
    const { perUnit } = this;
    for (let step = 0; step < dense.length; step++) if (dense[step] > 0) pairs.push([step / perUnit, dense[step]]);
    for (const [step, count] of this.#whole) pairs.push([step / perUnit, count]);
    for (const [value, count] of this.#sparse) pairs.push([value, count]);
    return pairs;
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

  #addOther(value: number, step: number, times: number): void {
    if (step / this.perUnit !== value || step < 0) this.#sparse.set(value, (this.#sparse.get(value) ?? 0) + times);
    else if (step < DENSE) {
      this.#grow(step + 1);
      this.#dense[step] += times;
    } else this.#whole.set(step, (this.#whole.get(step) ?? 0) + times);
  }

  #grow(length: number): void {
    const larger = new Uint32Array(Math.min(DENSE, 1 << Math.ceil(Math.log2(length))));
    larger.set(this.#dense);
    this.#dense = larger;
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
