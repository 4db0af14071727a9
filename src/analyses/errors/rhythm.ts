/**
 * Periodic Error (the name of the published trace analysis pattern): does a series come in a rhythm? A period is guessed from the
 * gaps, the instants are put on beats by following them one after the other (so a slow drift is followed too), and what comes out is
 * held against chance (chance.ts).
 */
import { lnChance } from './chance.js';

export interface Rhythm {
  readonly periodUs: number;
  /** Standard deviation of the gaps between beats that follow each other. */
  readonly jitterUs: number;
  /** First beat, fitted. */
  readonly phaseUs: number;
  /** Instants on a beat, and beats without one. */
  readonly beats: number;
  readonly missed: number;
  /** Instants off the beat. */
  readonly extra: number;
  /** Change of the period from the first beat to the last, in percent of it; null for few beats. */
  readonly driftPercent: number | null;
  /** Messages of one beat that come together, e.g. 3; 1 where each is alone. */
  readonly perBeat: number;
  /** Stretches between pauses that it was found in; 1 where it goes through. */
  readonly stretches: number;
  readonly firstUs: number;
  readonly lastUs: number;
  /** Natural logarithm of the probability that a stream without rhythm is as regular, all tries counted. */
  readonly lnChance: number;
}

/** An instant is on the beat within this share of a period. */
const TOLERANCE = 0.35;
/** Deviations from the grid, or half of that of gaps, beyond which nothing is called periodic, in periods. */
const MAX_RMS = 0.21;
const MIN_BEATS = 4;
/** Beats that must have been hit, of all between the first and the last. */
const MIN_HIT = 0.65;
/** Timers of seconds that fire at every second or third tick hold to their grid closely: then fewer will do. */
const SPARSE = { hit: 0.3, rms: 0.05, beats: 10, periodUs: 100_000 } as const;
/** Instants that must be on the beat. */
const MIN_ON_BEAT = 0.6;
/** Share of beats that must be hit where they may be the steps of a clock. */
const WHOLE = 0.97;
/** Ticks of a clock, as of GetTickCount's 15.6 ms. */
const TICK = { periodUs: 100_000, hit: 0.9, steps: 0.6 } as const;
/** A gap of so many usual ones is a pause: what comes after it may have another phase. */
const PAUSE = 12;
/** Messages that come together: their gaps are so much shorter than those between beats. */
const TOGETHER = 8;
/** Periods shorter than so many steps of the clock cannot be told from its steps. */
const MIN_STEPS = 4;

/**
 * The rhythm of instants (µs, sorted), or null.
 *
 * @param resolutionUs smallest step of the digits that are printed
 * @param stepUs the step that all of them stand on, where that is coarser (clock-steps.ts)
 */
export function rhythmOf(instants: Float64Array, resolutionUs: number, stepUs = resolutionUs): Rhythm | null {
  const clock = { resolutionUs, stepUs };
  if (instants.length < MIN_BEATS) return null;
  const clusters = starts(instants);
  const tried = clusters === null ? [instants] : [instants, clusters];
  let best: Rhythm | null = null;
  for (const times of tried) {
    const found = inStretches(times, clock);
    if (found !== null && (best === null || found.lnChance < best.lnChance)) {
      const perBeat = times === instants ? 1 : instants.length / times.length;
      best = { ...found, perBeat, lnChance: Math.min(0, found.lnChance + Math.log(tried.length)) };
    }
  }
  return best;
}

/** Of few gaps most must be within a quarter of the usual one, of many half within a half; those of a Poisson stream: 18 and 35 %. */
const FEW_GAPS = { below: 24, within: 0.25, share: 0.6 } as const;
const MANY_GAPS = { within: 0.5, share: 0.45 } as const;

/** A quick look, for series of which there are very many: false where there can hardly be a rhythm. */
export function mayBePeriodic(instants: Float64Array): boolean {
  const gaps = gapsOf(instants);
  if (gaps.length < MIN_BEATS - 1) return false;
  const usual = gaps.toSorted()[gaps.length >> 1];
  const { within, share } = gaps.length < FEW_GAPS.below ? FEW_GAPS : MANY_GAPS;
  let near = 0;
  for (const gap of gaps) if (Math.abs(gap - usual) <= within * usual) near++;
  return near >= share * gaps.length;
}

/** The first of each group of messages that come together; null where none do. */
function starts(instants: Float64Array): Float64Array | null {
  const sorted = gapsOf(instants).sort();
  let limit = 0;
  let ratio = TOGETHER;
  // Not the gaps at either end: a short one or a long one is nothing.
  for (let i = Math.floor(sorted.length / 4); i < sorted.length - 2; i++) {
    const next = sorted[i + 1] / Math.max(sorted[i], 1);
    if (next > ratio) [ratio, limit] = [next, Math.sqrt(Math.max(sorted[i], 1) * sorted[i + 1])];
  }
  if (limit === 0) return null;
  const first = instants.filter((at, i) => i === 0 || at - instants[i - 1] > limit);
  return first.length < MIN_BEATS ? null : first;
}

function gapsOf(times: Float64Array): Float64Array {
  const gaps = new Float64Array(Math.max(0, times.length - 1));
  for (let i = 0; i < gaps.length; i++) gaps[i] = times[i + 1] - times[i];
  return gaps;
}

interface Clock {
  readonly resolutionUs: number;
  readonly stepUs: number;
}

/** The rhythm of the whole or, where there are pauses, of the longest stretches between them together. */
function inStretches(times: Float64Array, clock: Clock): Rhythm | null {
  const whole = bestFit(times, clock);
  if (whole !== null) return whole;
  const gaps = gapsOf(times);
  const usual = gaps.toSorted()[gaps.length >> 1];
  const stretches: Float64Array[] = [];
  let from = 0;
  for (let i = 0; i <= gaps.length; i++) {
    if (i < gaps.length && gaps[i] <= PAUSE * usual) continue;
    stretches.push(times.subarray(from, i + 1));
    from = i + 1;
  }
  const long = stretches.filter(({ length }) => length >= 8);
  if (stretches.length < 2 || long.length === 0 || long.length > 16) return null;
  return together(
    long.map((stretch) => bestFit(stretch, clock)).filter((fit) => fit !== null),
    stretches.length,
  );
}

/** Stretches with one period are one rhythm with pauses. */
function together(fits: readonly Rhythm[], tries: number): Rhythm | null {
  if (fits.length === 0) return null;
  const best = fits.reduce((a, b) => (a.lnChance <= b.lnChance ? a : b));
  const alike = fits.filter(({ periodUs }) => Math.abs(periodUs / best.periodUs - 1) < 0.05);
  const beats = alike.reduce((sum, fit) => sum + fit.beats, 0);
  const mean = (value: (fit: Rhythm) => number): number =>
    alike.reduce((sum, fit) => sum + fit.beats * value(fit), 0) / beats;
  return {
    ...best,
    periodUs: mean((fit) => fit.periodUs),
    jitterUs: mean((fit) => fit.jitterUs),
    phaseUs: alike[0].phaseUs,
    beats,
    missed: alike.reduce((sum, fit) => sum + fit.missed, 0),
    extra: alike.reduce((sum, fit) => sum + fit.extra, 0),
    driftPercent: null,
    stretches: alike.length,
    firstUs: alike[0].firstUs,
    lastUs: alike[alike.length - 1].lastUs,
    lnChance: Math.min(0, best.lnChance + Math.log(tries)),
  };
}

function bestFit(times: Float64Array, clock: Clock): Rhythm | null {
  const guesses = guessesOf(times);
  const gaps = gapsOf(times);
  let best: Rhythm | null = null;
  for (const guess of guesses) {
    if (!(guess >= MIN_STEPS * clock.resolutionUs) || !(guess > 0) || !isWorthTrying(gaps, guess)) continue;
    const fit = fitAt(times, guess, clock);
    if (fit !== null && (best === null || fit.lnChance < best.lnChance)) best = fit;
  }
  return best === null ? null : { ...best, lnChance: Math.min(0, best.lnChance + Math.log(guesses.length)) };
}

/** From so many gaps on, so many must be of one, two or three periods, a quarter more or less; of a Poisson stream 31 % are. */
const LONG = 64;
const NEAR_SHARE = 0.42;

/** A look that spares following a long series which has no rhythm. */
function isWorthTrying(gaps: Float64Array, guess: number): boolean {
  if (gaps.length < LONG) return true;
  let near = 0;
  for (const gap of gaps) {
    const steps = gap / guess;
    const whole = Math.round(steps);
    if (whole >= 1 && whole <= 3 && Math.abs(steps - whole) <= 0.25) near++;
  }
  return near >= NEAR_SHARE * gaps.length;
}

/** Periods worth trying: the usual gap, the gap that most gaps are like, the same over two and three steps. */
function guessesOf(times: Float64Array): number[] {
  const gaps = gapsOf(times)
    .filter((gap) => gap > 0)
    .sort();
  if (gaps.length < MIN_BEATS - 1) return [];
  const mode = modeOf(gaps);
  const guesses = [gaps[gaps.length >> 1], mode, mode / 2, mode / 3];
  for (const step of [2, 3]) {
    if (times.length < 8 * step) continue;
    const over = new Float64Array(times.length - step);
    for (let i = 0; i < over.length; i++) over[i] = times[i + step] - times[i];
    guesses.push(modeOf(over.sort()));
  }
  // A guess that another one stands for is no further try.
  return guesses.filter((guess, i) => !guesses.slice(0, i).some((other) => Math.abs(other / guess - 1) < 0.03));
}

/** Half-sample mode of sorted values: the densest half of the densest half … */
function modeOf(sorted: Float64Array): number {
  let values = sorted;
  while (values.length > 3) {
    const half = Math.ceil(values.length / 2);
    let best = 0;
    for (let i = 1; i + half <= values.length; i++) {
      if (values[i + half - 1] - values[i] < values[best + half - 1] - values[best]) best = i;
    }
    values = values.subarray(best, best + half);
  }
  return values[values.length >> 1];
}

/** Instants that are beats: which, and the number of each beat. */
interface Beats {
  readonly at: Float64Array;
  readonly number: Float64Array;
}

const MAX_ROUNDS = 3;
const MAX_ANCHORS = 3;

function fitAt(times: Float64Array, guess: number, clock: Clock): Rhythm | null {
  let beats = follow(times, guess);
  for (let round = 0, period = guess; round < MAX_ROUNDS; round++) {
    if (beats === null) return null;
    const better = usualPeriod(beats);
    if (Math.abs(better / period - 1) < 1e-4) break;
    period = better;
    beats = follow(times, period);
  }
  return beats === null ? null : judged(times.length, beats, clock);
}

/** The instants on the beat, from whichever of the first ones gives most. */
function follow(times: Float64Array, period: number): Beats | null {
  let best: Beats | null = null;
  for (let anchor = 0; anchor < Math.min(MAX_ANCHORS, times.length); anchor++) {
    const beats = followFrom(times, anchor, period);
    if (best === null || beats.at.length > best.at.length) best = beats;
    if (beats.at.length >= 0.9 * times.length) break;
  }
  return best === null || best.at.length < MIN_BEATS ? null : best;
}

function followFrom(times: Float64Array, anchor: number, period: number): Beats {
  const at = new Float64Array(times.length - anchor);
  const number = new Float64Array(at.length);
  at[0] = times[anchor];
  let n = 1;
  // Where the next beat is expected follows the last ones, not the last one alone: its own error would be the next one's.
  let expected = times[anchor];
  for (let i = anchor + 1; i < times.length; i++) {
    const steps = (times[i] - expected) / period;
    const whole = Math.round(steps);
    if (whole < 1 || Math.abs(steps - whole) > TOLERANCE) continue;
    at[n] = times[i];
    number[n] = number[n - 1] + whole;
    n++;
    const grid = expected + whole * period;
    expected = grid + 0.5 * (times[i] - grid);
  }
  return { at: at.subarray(0, n), number: number.subarray(0, n) };
}

/** Median of the gaps between beats, each by the periods it spans. */
function usualPeriod({ at, number }: Beats): number {
  const gaps = new Float64Array(at.length - 1);
  for (let i = 0; i < gaps.length; i++) gaps[i] = (at[i + 1] - at[i]) / (number[i + 1] - number[i]);
  const middle = gaps.sort()[gaps.length >> 1];
  const mean = (at[at.length - 1] - at[0]) / number[number.length - 1];
  return Math.abs(mean / middle - 1) < 0.1 ? mean : middle;
}

/** Where all beats stand on multiples of a number of periods, that is the period. */
function reduced({ at, number }: Beats): Beats {
  let divisor = 0;
  for (const k of number) for (let a = k; a > 0; ) [divisor, a] = [a, divisor % a];
  return divisor > 1 ? { at, number: number.map((k) => k / divisor) } : { at, number };
}

function judged(instants: number, found: Beats, { resolutionUs, stepUs }: Clock): Rhythm | null {
  const beats = reduced(found);
  const { at, number } = beats;
  const hits = at.length;
  const periods = number[hits - 1];
  const hit = hits / (periods + 1);
  if (hit < SPARSE.hit || hits / instants < MIN_ON_BEAT) return null;
  const line = fitted(beats);
  const gaps = gapFigures(beats);
  // Errors of beats that hold to a grid do not add up: their gaps are anticorrelated, and the fitted line is the better measure.
  const isGrid = gaps.anticorrelation < -0.25 || line.rms * Math.SQRT2 < gaps.rms;
  const periodUs = isGrid ? line.period : (at[hits - 1] - at[0]) / periods;
  // A clock that steps makes deviations that are not the rhythm's, and hides those that are.
  // One that steps coarsely (whole seconds) makes beats of its own, but no series that hits each of them once.
  const isWhole = hit >= WHOLE && hits === instants;
  const least = Math.max(1e-4, (0.3 * (isWhole ? resolutionUs : stepUs)) / periodUs);
  const gridRms = Math.max(line.rms / periodUs, least);
  const gapRms = Math.max(gaps.rms / periodUs, least);
  // Short ticks without any error of their own, many of them empty: that is the clock that stamps the messages.
  if (periodUs < TICK.periodUs && hit < TICK.hit && gaps.rms <= TICK.steps * resolutionUs) return null;
  const rms = Math.min(gridRms, gapRms / Math.SQRT2);
  const isSparse = rms <= SPARSE.rms && hits >= SPARSE.beats && periodUs >= SPARSE.periodUs;
  if (rms > MAX_RMS || (hit < MIN_HIT && !isSparse)) return null;
  return {
    periodUs,
    jitterUs: gaps.rms,
    phaseUs: isGrid ? line.phase : at[0],
    beats: hits,
    missed: periods + 1 - hits,
    extra: instants - hits,
    driftPercent: line.driftPercent,
    perBeat: 1,
    stretches: 1,
    firstUs: at[0],
    lastUs: at[hits - 1],
    lnChance: lnChance({ instants, hits, periods, gridRms, gapRms, leastHit: hit < MIN_HIT ? SPARSE.hit : MIN_HIT }),
  };
}

/** Root mean square of the gaps' deviations from the mean of a period, and how much a long gap is followed by a short one. */
function gapFigures({ at, number }: Beats): { rms: number; anticorrelation: number } {
  const n = at.length - 1;
  const period = (at[n] - at[0]) / number[n];
  let squares = 0;
  let products = 0;
  let before = 0;
  for (let i = 0; i < n; i++) {
    const off = at[i + 1] - at[i] - period * (number[i + 1] - number[i]);
    squares += off * off;
    products += off * before;
    before = off;
  }
  return { rms: Math.sqrt(squares / Math.max(1, n - 1)), anticorrelation: squares === 0 ? 0 : products / squares };
}

/** Beats from which on a drift is looked for. */
const DRIFT_BEATS = 20;

interface Line {
  readonly period: number;
  readonly phase: number;
  readonly rms: number;
  readonly driftPercent: number | null;
}

/** The straight line of instants over beats; for many beats a parabola, whose bend is the drift. */
function fitted({ at, number }: Beats): Line {
  const n = at.length;
  const middle = number.reduce((sum, k) => sum + k, 0) / n;
  const centre = at.reduce((sum, t) => sum + (t - at[0]), 0) / n;
  let kk = 0;
  let kt = 0;
  for (let i = 0; i < n; i++) {
    kk += (number[i] - middle) ** 2;
    kt += (number[i] - middle) * (at[i] - at[0] - centre);
  }
  const period = kt / kk;
  const off = at.map((t, i) => t - at[0] - centre - period * (number[i] - middle));
  const phase = at[0] + centre - period * middle;
  if (n < DRIFT_BEATS) return { period, phase, rms: rmsOf(off, 2), driftPercent: null };
  // What is left of k² when constant and slope are gone.
  const mean2 = kk / n;
  let k3 = 0;
  for (const k of number) k3 += (k - middle) ** 3;
  const bow = number.map((k) => (k - middle) ** 2 - mean2 - (k3 / kk) * (k - middle));
  let bb = 0;
  let bt = 0;
  for (let i = 0; i < n; i++) {
    bb += bow[i] * bow[i];
    bt += bow[i] * off[i];
  }
  const bend = bb === 0 ? 0 : bt / bb;
  const left = off.map((value, i) => value - bend * bow[i]);
  const rms = rmsOf(left, 3);
  // A bend within its own error is none.
  const isBent = Math.abs(bend) * Math.sqrt(bb) > 4 * rms;
  return {
    period,
    phase,
    rms: isBent ? rms : rmsOf(off, 2),
    driftPercent: isBent ? (100 * 2 * bend * number[n - 1]) / period : 0,
  };
}

function rmsOf(values: Float64Array, free: number): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return Math.sqrt(sum / Math.max(1, values.length - free));
}
