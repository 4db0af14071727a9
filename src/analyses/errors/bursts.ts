/** Groups of messages of one template that come far closer together than it usually does. */

/** A message belongs to the one before within this share of the mean gap. */
const CLOSE = 1 / 20;
const LEAST = 6;

export interface Bursts {
  readonly count: number;
  readonly largest: number;
  readonly longestUs: number;
}

/**
 * @param instants sorted, µs
 * @param meanGapUs mean gap of the template over its whole life
 */
export function burstsOf(instants: Float64Array, meanGapUs: number): Bursts | null {
  let count = 0;
  let largest = 0;
  let longestUs = 0;
  for (let from = 0, i = 1; i <= instants.length; i++) {
    if (i < instants.length && instants[i] - instants[i - 1] <= CLOSE * meanGapUs) continue;
    if (i - from >= LEAST) {
      count++;
      largest = Math.max(largest, i - from);
      longestUs = Math.max(longestUs, instants[i - 1] - instants[from]);
    }
    from = i;
  }
  return count === 0 ? null : { count, largest, longestUs };
}
