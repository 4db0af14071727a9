/** A seeded generator of numbers: the same seed gives the same sample on every machine. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** Whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number;
  /** Whole µs around `median`, long-tailed as routine times are; at least 1. */
  longTailed(median: number, sigma: number): number;
  pick<T>(items: readonly T[]): T;
}

/** mulberry32, a public-domain generator by Tommy Ettinger. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 0x100000000;
  };
  // The sum of 12 is near enough to a normal distribution, and needs no Math.log, whose last digit may differ.
  const normal = (): number => {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += next();
    return sum;
  };
  return {
    next,
    whole: (low, high) => low + Math.floor(next() * (high - low + 1)),
    longTailed: (median, sigma) => Math.max(1, Math.round(median * 2 ** (sigma * normal()))),
    pick: (items) => items[Math.floor(next() * items.length)],
  };
}
