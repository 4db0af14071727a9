/**
 * Synthetic software traces with known truth: scenarios from a seed, or put together by hand, and what must come out of
 * them. Shares no code with the readers. `play(randomScenario(7))` gives messages and truth; formats.ts prints them.
 */
import { type Random, seeded } from '../random.js';
import { type Cast, castOf } from './cast.js';
import { clockAt } from './clock.js';
import type { ClockStep, Follower, PlannedGap, PoissonSource, Scenario, Source, Spoken } from './model.js';
import { type RhythmOptions, randomBursts, randomPairs, randomRhythms, rhythmOf } from './random-sources.js';
import { makeScenario } from './scenario.js';
import { shuffled } from './shuffle.js';
import { NOISE, RECURRING } from './texts.js';

export { diskEvents } from './disk.js';
export * from './model.js';
export { type MessageLog, messagesOf, play, truthOf } from './play.js';
export { type RhythmOptions, rhythmOf } from './random-sources.js';
export { stutterRetry } from './retry.js';
export { makeScenario } from './scenario.js';
export * from './truth-model.js';
export { matcherOf, partsOf } from './variables.js';

export interface ScenarioOptions {
  readonly lengthUs?: number;
  /** The clock passes midnight; by default of every fourth seed. */
  readonly midnight?: boolean;
  /** The clock is set once or twice; by default of every fifth seed. */
  readonly clockSteps?: boolean;
  /** Everybody is silent for a while, and one thread for another; by default of two seeds in three. */
  readonly gaps?: boolean;
}

/** Everything at once: rhythms, noise, bursts, pairs, gaps; from 1 to 60 minutes. */
export function randomScenario(seed: number, options: ScenarioOptions = {}): Scenario {
  const random = seeded(seed * 6007 + 29);
  const lengthUs = options.lengthUs ?? random.whole(60, 3600) * 1_000_000;
  const cast = castOf(random);
  const noise = shuffled(random, NOISE);
  const quiet = cast.hired(1);
  const sources: Source[] = [
    ...randomRhythms(random, cast, lengthUs),
    ...noise.slice(0, random.whole(8, 14)).map((spoken) => noiseOf(random, cast, spoken, lengthUs)),
    ...changingNoise(random, cast, noise.slice(-4), lengthUs),
    // A busy thread of its own, so that its silence stands out.
    { kind: 'poisson', spoken: noise[20], ...quiet, stretches: even(lengthUs, 400) },
    ...randomBursts(random, cast),
    ...randomPairs(random, cast, lengthUs),
  ];
  const withGaps = options.gaps ?? seed % 3 !== 0;
  return makeScenario({
    name: `random-${seed}`,
    seed,
    lengthUs,
    sources,
    startClockUs: (options.midnight ?? seed % 4 === 0) ? beforeMidnight(random, lengthUs) : someDay(random),
    gaps: withGaps ? randomGaps(random, lengthUs, quiet.tids[0]) : [],
    clockSteps: (options.clockSteps ?? seed % 5 === 0) ? randomSteps(random, lengthUs) : [],
  });
}

/** Nothing but random instants: 5 to 40 templates, 6 to 400 messages each, of several threads. No period is true of it. */
export function pureNoise(seed: number): Scenario {
  const random = seeded(seed * 15_013 + 7);
  const lengthUs = random.whole(30, 7200) * 1_000_000;
  const cast = castOf(random);
  const spoken = shuffled(random, NOISE).slice(0, random.whole(5, 40));
  return makeScenario({
    name: `noise-${seed}`,
    seed,
    lengthUs,
    startClockUs: someDay(random),
    sources: spoken.map((spoken) => ({
      kind: 'poisson',
      spoken,
      ...cast.hired(random.whole(1, 4)),
      stretches: even(lengthUs, 1),
      // As many short series as long ones: chance has most room in the short ones.
      exactly: random.next() < 0.5 ? random.whole(6, 40) : random.whole(6, 400),
    })),
  });
}

export interface OneRhythmOptions extends RhythmOptions {
  /** Templates at random beside it; default 5. */
  readonly noise?: number;
  readonly followers?: readonly Follower[];
}

/** One rhythm, that of template 0, among noise: what is not said of it is chosen. The trace is half as long again. */
export function oneRhythm(seed: number, { noise = 5, followers, ...options }: OneRhythmOptions = {}): Scenario {
  const random = seeded(seed * 9973 + 41);
  const cast = castOf(random);
  const periodUs = options.periodUs ?? Math.round(50_000 * 1200 ** random.next());
  const beats = options.beats ?? random.whole(8, 400);
  const missedShare = options.missedShare ?? random.pick([0, 0, 0.05, 0.1, 0.2]);
  const lengthUs = Math.round(((1.5 * (beats + 4)) / (1 - missedShare)) * periodUs);
  const spoken = random.pick(RECURRING);
  const rhythm = rhythmOf(random, cast, spoken, lengthUs, { ...options, periodUs, beats, missedShare });
  const others = shuffled(random, NOISE).slice(0, noise);
  return makeScenario({
    name: `rhythm-${seed}`,
    seed,
    lengthUs,
    startClockUs: someDay(random),
    sources: [
      followers === undefined ? rhythm : { ...rhythm, followers },
      ...others.map((text): PoissonSource => {
        const stretches = even(lengthUs, random.whole(10, 300));
        return { kind: 'poisson', spoken: text, ...cast.hired(random.whole(1, 3)), stretches };
      }),
    ],
  });
}

/** One stretch over the whole trace with so many messages to be expected. */
const even = (lengthUs: number, expected: number): PoissonSource['stretches'] => [
  { fromUs: 0, toUs: lengthUs, ratePerS: (expected * 1e6) / lengthUs },
];

/** From 10 to 600 messages, at 0.05 to 50 a second. */
function noiseOf(random: Random, cast: Cast, spoken: Spoken, lengthUs: number): PoissonSource {
  const most = Math.min(600, (50 * lengthUs) / 1e6);
  const expected = Math.max(10, (0.05 * lengthUs) / 1e6, random.next() * random.next() * most);
  return { kind: 'poisson', spoken, ...cast.hired(random.whole(1, 5)), stretches: even(lengthUs, expected) };
}

/** One that becomes six times as fast, one slower, one that is new, one that stops. */
function changingNoise(random: Random, cast: Cast, spoken: readonly Spoken[], lengthUs: number): PoissonSource[] {
  const rate = 150e6 / lengthUs;
  const shapes: readonly (readonly [before: number, after: number])[] = [
    [rate / 3, rate * 2],
    [rate * 2, rate / 3],
    [0, rate],
    [rate, 0],
  ];
  return shapes.map(([before, after], i) => {
    const atUs = random.whole(Math.round(0.35 * lengthUs), Math.round(0.65 * lengthUs));
    const both = [
      { fromUs: 0, toUs: atUs, ratePerS: before },
      { fromUs: atUs, toUs: lengthUs, ratePerS: after },
    ];
    const stretches = both.filter(({ ratePerS }) => ratePerS > 0);
    return { kind: 'poisson', spoken: spoken[i], ...cast.hired(random.whole(1, 3)), stretches };
  });
}

/** The whole trace for 4 to 8 % of it, and one thread for 5 to 10 %, elsewhere. */
function randomGaps(random: Random, lengthUs: number, tid: number): PlannedGap[] {
  const part = (share: number): number => Math.round(share * lengthUs);
  const all = part(0.15 + 0.15 * random.next());
  const one = part(0.6 + 0.2 * random.next());
  return [
    { fromUs: all, toUs: all + part(0.04 + 0.04 * random.next()), tid: null },
    { fromUs: one, toUs: one + part(0.05 + 0.05 * random.next()), tid },
  ];
}

/** Back by minutes, and forward by hours. */
function randomSteps(random: Random, lengthUs: number): ClockStep[] {
  const back = { atUs: Math.round((0.35 + 0.1 * random.next()) * lengthUs), byUs: -random.whole(20, 400) * 1_000_000 };
  const forward = {
    atUs: Math.round((0.85 + 0.1 * random.next()) * lengthUs),
    byUs: random.whole(1, 3) * 3_600_000_000,
  };
  return random.next() < 0.5 ? [back] : [back, forward];
}

/** Between 6:00 and 18:00 of a day whose month and day cannot be taken for each other, or can. */
const someDay = (random: Random): number =>
  clockAt(
    2026,
    random.whole(1, 12),
    random.whole(1, 28),
    random.whole(6, 17),
    random.whole(0, 59),
    random.whole(0, 59),
  ) + random.whole(0, 999_999);

function beforeMidnight(random: Random, lengthUs: number): number {
  const day = clockAt(2026, random.whole(1, 12), random.whole(2, 28));
  return day - Math.round((0.3 + 0.4 * random.next()) * lengthUs);
}
