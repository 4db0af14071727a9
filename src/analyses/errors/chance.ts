/**
 * How likely a stream without rhythm (Poisson) looks as regular as what was seen.
 *
 * Given its first and last instant, the others of a Poisson stream are spread evenly between them. A rhythm with period P over K
 * beats, of which h were hit with deviations of root mean square s·P, is a point within a ball of radius s·sqrt(h-2) (in periods)
 * around one of C(K-1, h-2) choices of beats, in each of (h-2)! orders, in a box of volume K^(h-2):
 *
 *     p = C(K-1, h-2) · (h-2)! · V(h-2, s·sqrt(h-2)) / K^(h-2)
 *
 * V(d, r) is the volume of a ball. Where beats were missed, K might have been another number, too: as many tries more as there are
 * numbers for which enough beats would have been hit (`MIN_HIT` in rhythm.ts). Where n-h instants beside the beats are left out, C(n, h) choices of them more. The same for
 * deviations of the gaps, for rhythms whose errors add up: the gaps of a Poisson stream are spread evenly over a simplex of
 * volume sqrt(h-1)/(h-2)! · K^(h-2). These are bounds from above, of the order of what simulation gives.
 */

/** ln Γ(x), Lanczos' approximation (Numerical Recipes, 6.1, g = 7, n = 9); x > 0. */
export function lnGamma(x: number): number {
  const c = [
    0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
    12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
  ];
  const y = x - 1;
  let sum = c[0];
  for (let i = 1; i < 9; i++) sum += c[i] / (y + i);
  const t = y + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (y + 0.5) * Math.log(t) - t + Math.log(sum);
}

const lnFactorial = (n: number): number => lnGamma(n + 1);
const lnChoose = (n: number, k: number): number => lnFactorial(n) - lnFactorial(k) - lnFactorial(n - k);

/** ln of the volume of a ball in `d` dimensions. */
const lnBall = (d: number, radius: number): number =>
  (d / 2) * Math.log(Math.PI) - lnGamma(d / 2 + 1) + d * Math.log(radius);

export interface Regularity {
  /** Instants looked at, and those of them that are beats. */
  readonly instants: number;
  readonly hits: number;
  /** Periods from the first beat to the last. */
  readonly periods: number;
  /** Root mean square of the deviations of beats from the grid, and of gaps from the period, in periods. */
  readonly gridRms: number;
  readonly gapRms: number;
  /** Share of beats that must have been hit for a rhythm to be told. */
  readonly leastHit: number;
}

/** ln of the probability that a Poisson stream is as regular; at most 0. */
export function lnChance({ instants, hits, periods, gridRms, gapRms, leastHit }: Regularity): number {
  const d = hits - 2;
  const lengths = periods > hits - 1 ? 1 + (hits - 1) * (1 / leastHit - 1) : 1;
  const beats = Math.log(lengths) + lnChoose(Math.max(periods - 1, d), d) - d * Math.log(periods);
  const grid = beats + lnFactorial(d) + lnBall(d, gridRms * Math.sqrt(d));
  const gap = beats + lnFactorial(d) - 0.5 * Math.log(hits - 1) + lnBall(d, gapRms * Math.sqrt(hits - 1));
  // Two measures were tried.
  return Math.min(0, Math.log(2) + Math.min(grid, gap) + lnChoose(instants, hits));
}
