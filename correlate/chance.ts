/** How likely chance alone makes a match that was found by looking at many. */

/** At least one match among `tries`, each of which matches by chance with probability `p`. */
export function ofTries(p: number, tries: number): number {
  if (!(p > 0) || !(tries > 0)) return 0;
  return p >= 1 ? 1 : -Math.expm1(tries * Math.log1p(-p));
}

/**
 * A period that happens to lie within `tolerance` (relative) of a given time, where periods are as likely in each octave from
 * `fromMs` to `toMs`.
 */
export function periodNear(tolerance: number, fromMs: number, toMs: number): number {
  if (!(toMs > fromMs) || !(fromMs > 0)) return 1;
  const width = Math.log((1 + tolerance) / Math.max(1e-6, 1 - tolerance));
  return Math.min(1, width / Math.log(toMs / fromMs));
}

/** `1 in 40`, `less than 1 in a million`, as people say it. */
export function chanceText(chance: number): string {
  if (chance >= 0.5) return 'as likely as not';
  if (chance < 1e-6) return 'less than 1 in a million';
  const one = 1 / chance;
  const rounded = one < 10 ? one.toFixed(1) : Number(one.toPrecision(2)).toString();
  return `1 in ${rounded.replace(/\.0$/, '')}`;
}
