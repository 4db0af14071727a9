/** Rhythms, bursts and pairs at random, as many as make a trace that can still be read. */
import type { Random } from '../random.js';
import type { Cast } from './cast.js';
import type { BurstSource, Follower, Jitter, PairSource, PeriodicSource, Spoken } from './model.js';
import { shuffled } from './shuffle.js';
import { AFTERWARDS, CLUSTERED, NOW_AND_THEN, PAIRS, RECURRING } from './texts.js';

const SHORTEST_US = 50_000;
const LONGEST_US = 60_000_000;
const FEWEST = 8;
const MOST = 400;

export interface RhythmOptions {
  readonly periodUs?: number;
  readonly beats?: number;
  readonly jitter?: Jitter;
  readonly missedShare?: number;
  readonly drift?: number;
  readonly phaseUs?: number;
}

/** A rhythm of one thread that fits into the trace: what is not said is chosen. */
export function rhythmOf(
  random: Random,
  cast: Cast,
  spoken: Spoken,
  lengthUs: number,
  options: RhythmOptions = {},
): PeriodicSource {
  // As many short periods as long ones, as far as eight beats fit.
  const longestUs = Math.min(LONGEST_US, (0.8 * lengthUs) / (FEWEST * 1.3));
  const periodUs = options.periodUs ?? Math.round(SHORTEST_US * (longestUs / SHORTEST_US) ** random.next());
  const missedShare = options.missedShare ?? random.pick([0, 0, 0.05, 0.1, 0.2]);
  const fitting = Math.floor((0.95 * lengthUs) / (periodUs * 1.05));
  const planned =
    options.beats ?? random.whole(FEWEST, Math.max(FEWEST, Math.min(MOST, Math.floor(fitting * (1 - missedShare)))));
  const missed = Math.round((planned * missedShare) / (1 - missedShare));
  const neededUs = (planned + missed + 1) * periodUs;
  return {
    kind: 'periodic',
    spoken,
    ...cast.hired(1),
    periodUs,
    beats: planned,
    missed,
    jitter: options.jitter ?? {
      model: random.pick(['grid', 'uniform', 'renewal'] as const),
      share: random.pick([0, 0.001, 0.01, 0.03, 0.06, 0.1]),
    },
    drift: options.drift ?? random.pick([0, 0, 0, 0.01, -0.01, 0.02, -0.02]),
    phaseUs: options.phaseUs ?? Math.round(periodUs / 2 + random.next() * Math.max(0, lengthUs - neededUs)),
  };
}

/** Three to six: the first with a coupled message that counts retries, the second with one on every so many beats. */
export function randomRhythms(random: Random, cast: Cast, lengthUs: number): PeriodicSource[] {
  const texts = shuffled(random, RECURRING).slice(0, random.whole(3, 6));
  return texts.map((spoken, i) => ({ ...rhythmOf(random, cast, spoken, lengthUs), followers: followersOf(random, i) }));
}

function followersOf(random: Random, i: number): Follower[] {
  if (i === 0) {
    const first = random.whole(0, 3);
    const retry = { first, last: first + random.whole(6, 40), step: 1 };
    return [{ spoken: random.pick(AFTERWARDS), every: 1, delayUs: [0, 4000], retry }];
  }
  if (i === 1) return [{ spoken: random.pick(NOW_AND_THEN), every: random.pick([2, 3, 5]), delayUs: [50, 900] }];
  return [];
}

export const randomBursts = (random: Random, cast: Cast): BurstSource[] =>
  shuffled(random, CLUSTERED)
    .slice(0, random.whole(1, 2))
    .map((spoken) => ({
      kind: 'burst',
      spoken,
      ...cast.hired(2),
      bursts: random.whole(2, 6),
      messages: [5, 50],
      withinUs: [2_000, 40_000],
    }));

export const randomPairs = (random: Random, cast: Cast, lengthUs: number): PairSource[] =>
  shuffled(random, PAIRS)
    .slice(0, random.whole(2, 4))
    .map((pair) => ({
      kind: 'pair',
      ...pair,
      ...cast.hired(random.whole(1, 4)),
      spans: random.whole(20, 150),
      medianUs: Math.min(lengthUs / 2000, 10 ** random.whole(2, 4) * random.whole(2, 9)),
      unfinished: random.pick([0, 0.02, 0.05]),
      // Spans that are told apart by their text alone nest like calls too.
      nested: random.pick([0, 0.2]),
    }));
