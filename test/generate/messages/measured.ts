/** Periods as the printed beats show them. */

export interface Measured {
  readonly meanUs: number;
  readonly fitUs: number;
  readonly scatter: number;
}

/**
 * The period by the ends, and by least squares, of beats whose places on the grid are known; `scatter` is the standard
 * deviation from the fitted line as a share of its slope. NaN with fewer than two beats.
 */
export function fitted(places: readonly number[], times: readonly number[]): Measured {
  const count = places.length;
  const last = count - 1;
  if (count < 2) return { meanUs: Number.NaN, fitUs: Number.NaN, scatter: Number.NaN };
  const mean = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0) / count;
  const [place, time] = [mean(places), mean(times)];
  let covariance = 0;
  let variance = 0;
  for (let i = 0; i < count; i++) {
    covariance += (places[i] - place) * (times[i] - time);
    variance += (places[i] - place) ** 2;
  }
  const fitUs = covariance / variance;
  const squares = times.reduce((sum, atUs, i) => sum + (atUs - time - fitUs * (places[i] - place)) ** 2, 0);
  return {
    meanUs: (times[last] - times[0]) / (places[last] - places[0]),
    fitUs,
    scatter: Math.sqrt(squares / count) / fitUs,
  };
}
