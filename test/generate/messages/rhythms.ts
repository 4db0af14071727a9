/** When things happen: instants in whole µs. Only +, -, *, / and square roots, so that every machine gets the same ones. */
import type { Random } from '../random.js';
import type { BurstSource, PeriodicSource, PoissonSource } from './model.js';

/** Near enough to a standard normal distribution: the sum of 12 uniform ones. Within ±6. */
export function normal(random: Random): number {
  let sum = -6;
  for (let i = 0; i < 12; i++) sum += random.next();
  return sum;
}

export interface Beat {
  /** Place on the grid, missed beats counted. */
  readonly n: number;
  readonly atUs: number;
}

/** The beats of a source, those missed by plan left out. */
export function beatsOf(random: Random, source: PeriodicSource): Beat[] {
  const planned = source.beats + source.missed;
  const instants =
    source.jitter.model === 'renewal' ? renewals(random, source, planned) : onGrid(random, source, planned);
  const left = new Set(someOf(random, 1, planned - 2, source.missed));
  return instants.flatMap((atUs, n) => (left.has(n) ? [] : [{ n, atUs }]));
}

/** The period grows evenly from `1 - drift/2` to `1 + drift/2` of its mean. */
function placeUs({ phaseUs, periodUs, drift }: PeriodicSource, n: number, planned: number): number {
  const last = planned - 1;
  const bent = last === 0 ? 0 : drift * ((n * n) / (2 * last) - n / 2);
  return phaseUs + periodUs * (n + bent);
}

function onGrid(random: Random, source: PeriodicSource, planned: number): number[] {
  const { model, share } = source.jitter;
  const off = (): number => (model === 'uniform' ? 2 * random.next() - 1 : normal(random));
  return Array.from({ length: planned }, (_, n) =>
    Math.round(placeUs(source, n, planned) + off() * share * source.periodUs),
  );
}

function renewals(random: Random, source: PeriodicSource, planned: number): number[] {
  const instants = [source.phaseUs];
  for (let n = 1; n < planned; n++) {
    const gapUs = placeUs(source, n, planned) - placeUs(source, n - 1, planned);
    instants.push(instants[n - 1] + Math.max(1, gapUs * (1 + source.jitter.share * normal(random))));
  }
  return instants.map(Math.round);
}

/** `count` different whole numbers from `low` to `high`; fewer where there are not so many. */
function someOf(random: Random, low: number, high: number, count: number): number[] {
  const all = Array.from({ length: Math.max(0, high - low + 1) }, (_, i) => low + i);
  for (let i = 0; i < Math.min(count, all.length); i++) {
    const j = random.whole(i, all.length - 1);
    [all[i], all[j]] = [all[j], all[i]];
  }
  return all.slice(0, count);
}

/** Random instants. Given their number, those of a Poisson process are independent and uniform. */
export function poissonTimes(random: Random, { stretches, exactly }: PoissonSource): number[] {
  const times = stretches.flatMap(({ fromUs, toUs, ratePerS }) => {
    const count = exactly ?? poissonCount(random, (ratePerS * (toUs - fromUs)) / 1e6);
    return Array.from({ length: count }, () => random.whole(fromUs, toUs - 1));
  });
  return times.sort((a, b) => a - b);
}

/** A Poisson number: for small means of many rare trials, for larger ones by the normal distribution. */
function poissonCount(random: Random, mean: number): number {
  if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
  let count = 0;
  for (let i = 0; i < 2000; i++) if (random.next() * 2000 < mean) count++;
  return count;
}

/** Instants of each cluster, in the order of time. */
export function burstTimes(random: Random, source: BurstSource, lengthUs: number): number[][] {
  const starts = Array.from({ length: source.bursts }, () => random.whole(0, Math.max(0, lengthUs - 1_000_000)));
  return starts
    .sort((a, b) => a - b)
    .map((startUs) => {
      const withinUs = random.whole(...source.withinUs);
      const count = random.whole(...source.messages);
      const rest = Array.from({ length: count - 1 }, () => startUs + random.whole(0, withinUs));
      return [startUs, ...rest].sort((a, b) => a - b);
    });
}
