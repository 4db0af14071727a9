/**
 * What a synthetic software trace is planned from (`Scenario`), what is printed of it (`Message`) and what is known of it
 * (`MessageTruth`). All instants are whole µs from the start of the trace; `clockUs` is what the machine's clock shows
 * then, which differs where the clock was set. A template is text with placeholders: `Job <num> failed`.
 */
import type { Random } from '../random.js';

/** What a placeholder stands for; `<retry>` prints a counter and is `<num>` in the truth. */
export type VariableKind =
  | 'num'
  | 'hex'
  | 'barehex'
  | 'addr'
  | 'guid'
  | 'path'
  | 'quoted'
  | 'duration'
  | 'ip'
  | 'user'
  | 'retry';

export interface Value {
  readonly kind: VariableKind;
  /** As it stands in the message, with quotes and unit. */
  readonly text: string;
}

/** 1 critical, 2 error, 3 warning, 4 information, 5 verbose. */
export type Level = 1 | 2 | 3 | 4 | 5;
/** What a reader of the text alone should take it for; null for neither. */
export type Severity = 'error' | 'warning';

/** A message's text and where in the program it stands. */
export interface Spoken {
  readonly text: string;
  readonly provider: string;
  readonly file: string;
  readonly line: number;
  readonly function: string;
  readonly level: Level;
  readonly severity: Severity | null;
  /** Of event log messages; others are numbered. */
  readonly eventId?: number;
}

export interface Process {
  readonly name: string;
  readonly pid: number;
}

/** Who speaks: one of `tids` at a time. */
export interface Speaker {
  readonly process: Process;
  readonly tids: readonly number[];
}

/** How far beats are from their places, as a share of the period. */
export interface Jitter {
  /** `grid`: normal around the place; `uniform`: ± share around it; `renewal`: each gap is the period, times 1 + normal. */
  readonly model: 'grid' | 'uniform' | 'renewal';
  readonly share: number;
}

/** Counts up from `first` by `step`; after `last` it is `first` again. */
export interface Retry {
  readonly first: number;
  readonly last: number;
  readonly step: number;
}

/** A message that comes a little after every `every`-th beat of another, in its thread: coupled where 1, else a harmonic. */
export interface Follower {
  readonly spoken: Spoken;
  readonly every: number;
  readonly delayUs: readonly [low: number, high: number];
  readonly retry?: Retry;
}

export interface PeriodicSource extends Speaker {
  readonly kind: 'periodic';
  readonly spoken: Spoken;
  /** Place of beat 0. */
  readonly phaseUs: number;
  /** Mean period over the run. */
  readonly periodUs: number;
  /** Beats that are printed, the missed ones not counted. */
  readonly beats: number;
  /** Beats left out, never the first or last one. */
  readonly missed: number;
  readonly jitter: Jitter;
  /** Change of the period from the run's start to its end, as a share: 0.02 for 2 % slower at the end. */
  readonly drift: number;
  readonly retry?: Retry;
  readonly followers?: readonly Follower[];
}

/** Random instants at a rate, as a Poisson process has them. */
export interface PoissonSource extends Speaker {
  readonly kind: 'poisson';
  readonly spoken: Spoken;
  /** Expected events by stretch; or exactly `count` of them, anywhere between `fromUs` and `toUs`. */
  readonly stretches: readonly { readonly fromUs: number; readonly toUs: number; readonly ratePerS: number }[];
  readonly exactly?: number;
}

/** Clusters of messages within ms, at random instants. */
export interface BurstSource extends Speaker {
  readonly kind: 'burst';
  readonly spoken: Spoken;
  readonly bursts: number;
  readonly messages: readonly [low: number, high: number];
  readonly withinUs: readonly [low: number, high: number];
}

/** Starts and finishes that belong together, in each thread nested like calls. */
export interface PairSource extends Speaker {
  readonly kind: 'pair';
  readonly start: Spoken;
  readonly finish: Spoken;
  /** Place among the start's and finish's variables of what tells spans apart; null where the text itself does. */
  readonly key: readonly [inStart: number, inFinish: number] | null;
  /** As TraceTruth names the span where `key` is null. */
  readonly name: string;
  readonly spans: number;
  readonly medianUs: number;
  /** Share that never finishes. */
  readonly unfinished: number;
  /** Share that has others of its kind inside. */
  readonly nested: number;
}

/** Messages at given instants, each with its own data: event log entries. */
export interface ListedSource extends Speaker {
  readonly kind: 'listed';
  readonly spoken: Spoken;
  readonly atUs: readonly number[];
  readonly event: EventLogFields;
  /** Binary data and its meaning. */
  readonly dump?: (random: Random) => DiskDump;
}

export type Source = PeriodicSource | PoissonSource | BurstSource | PairSource | ListedSource;
export type SourceKind = Source['kind'] | 'follower';

export interface EventLogFields {
  readonly channel: string;
  /** Upper half of the event's code. */
  readonly qualifiers: number;
  /** First of the strings that are kept with the event; the others are the message's variables. */
  readonly device: string | null;
}

/** What the dump data of a disk event says. */
export interface DiskDump {
  readonly dataHex: string;
  readonly scsiStatus: number | null;
  readonly srbStatus: number | null;
  readonly command: number | null;
}

/** Nothing is logged from `fromUs` to `toUs`, by anyone or by one thread. */
export interface PlannedGap {
  readonly fromUs: number;
  readonly toUs: number;
  readonly tid: number | null;
}

/** The clock is set at `atUs`: forward where `byUs` is positive. */
export interface ClockStep {
  readonly atUs: number;
  readonly byUs: number;
}

export interface Scenario {
  readonly name: string;
  readonly seed: number;
  /** What the clock shows at 0, µs since 1970 in the machine's zone. */
  readonly startClockUs: number;
  /** Zone of the machine: local time - UTC. */
  readonly zoneMinutes: number;
  readonly machine: string;
  readonly cpus: number;
  readonly lengthUs: number;
  readonly sources: readonly Source[];
  readonly gaps: readonly PlannedGap[];
  readonly clockSteps: readonly ClockStep[];
}

export interface Message {
  /** True time, µs from the start of the trace. */
  readonly atUs: number;
  /** What the clock showed, µs since 1970 in the machine's zone. */
  readonly clockUs: number;
  readonly pid: number;
  readonly tid: number;
  readonly cpu: number;
  readonly process: string;
  readonly provider: string;
  readonly file: string;
  readonly line: number;
  readonly function: string;
  readonly level: Level;
  readonly message: string;
  /** Index into `MessageTruth.templates`. */
  readonly template: number;
  readonly eventId: number;
  readonly values: readonly Value[];
  /** Of a start or finish. */
  readonly part: 'start' | 'finish' | null;
  readonly event: EventLogFields | null;
  readonly disk: DiskDump | null;
}
