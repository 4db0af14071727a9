/** The scenario `stutter-retry` of the samples: a driver of a database that cannot write, and sleeps between its tries. */
import { clockAt } from './clock.js';
import type { PeriodicSource, PoissonSource, Scenario, Source, Speaker, Spoken } from './model.js';
import { makeScenario } from './scenario.js';
import { AFTERWARDS, CLUSTERED, NOISE, PAIRS, RECURRING } from './texts.js';

const LENGTH_US = 205_000_000;
const PERIOD_US = 6_700_000;

const ORDERS = { name: 'orderdb.exe', pid: 2716 };
const LAMP = { name: 'lampsvc.exe', pid: 1184 };
const SHELL = { name: 'dimmer.exe', pid: 5020 };

/** Two threads of one process, each error followed by how often it was tried; a counter that starts over once. */
const retryLoop = (tid: number, phaseUs: number, first: number, last: number): PeriodicSource => ({
  kind: 'periodic',
  spoken: RECURRING[0],
  process: ORDERS,
  tids: [tid],
  phaseUs,
  periodUs: PERIOD_US,
  beats: 27,
  missed: 1,
  jitter: { model: 'grid', share: 0.004 },
  drift: 0,
  followers: [{ spoken: AFTERWARDS[0], every: 1, delayUs: [100, 900], retry: { first, last, step: 1 } }],
});

const spokenOf = (beginning: string): Spoken => {
  const found = NOISE.find(({ text }) => text.startsWith(beginning));
  if (found === undefined) throw new Error(`no text begins with ${beginning}`);
  return found;
};

const noise = (beginning: string, messages: number, speaker: Speaker): PoissonSource => ({
  kind: 'poisson',
  spoken: spokenOf(beginning),
  ...speaker,
  stretches: [{ fromUs: 0, toUs: LENGTH_US, ratePerS: 0 }],
  exactly: messages,
});

const lamp = (...tids: number[]): Speaker => ({ process: LAMP, tids });
const shell = (...tids: number[]): Speaker => ({ process: SHELL, tids });

const SOURCES: readonly Source[] = [
  retryLoop(6008, 3_141_592, 9, 40),
  retryLoop(3308, 6_201_004, 3, 18),
  noise('Cache page', 34, lamp(1520, 1524)),
  noise('Connected to', 21, lamp(1528)),
  noise('Pushed work item', 30, lamp(1520, 1532)),
  noise('Verification', 9, lamp(1536)),
  noise('Painted region', 38, shell(7112)),
  noise('Quota of', 16, lamp(1528, 1536)),
  noise('Failed to open token', 5, shell(7116)),
  noise('Slow call', 7, lamp(1540)),
  { kind: 'burst', spoken: CLUSTERED[1], ...lamp(1544), bursts: 2, messages: [7, 12], withinUs: [3_000, 9_000] },
  { kind: 'pair', ...PAIRS[0], ...lamp(1560, 1564), spans: 26, medianUs: 240_000, unfinished: 0.1, nested: 0 },
  { kind: 'pair', ...PAIRS[1], ...shell(7120), spans: 18, medianUs: 12_000, unfinished: 0, nested: 0.3 },
];

/** About 400 messages in 205 s, all in one morning; nobody says anything for 14 s from 97 s on. */
export const stutterRetry = (): Scenario =>
  makeScenario({
    name: 'stutter-retry',
    seed: 20_261_120,
    lengthUs: LENGTH_US,
    startClockUs: clockAt(2026, 11, 20, 10, 3, 27) + 418_000,
    cpus: 4,
    sources: SOURCES,
    gaps: [{ fromUs: 97_000_000, toUs: 111_000_000, tid: null }],
  });
