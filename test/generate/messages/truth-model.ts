/** What must come out of a synthetic trace. Instants are true times, µs from its start. */
import type { ClockStep, Jitter, Level, Severity, SourceKind } from './model.js';

/** What is true of all messages of a text. */
export interface TemplateTruth {
  readonly index: number;
  /** With placeholders: `Order statement sleeps on error (retry <num>)`. */
  readonly text: string;
  readonly provider: string;
  readonly file: string;
  readonly line: number;
  readonly function: string;
  readonly level: Level;
  readonly severity: Severity | null;
  readonly eventId: number;
  /** Printed ones; instants are NaN where there are none. */
  readonly count: number;
  readonly firstUs: number;
  readonly lastUs: number;
  readonly pids: readonly number[];
  readonly tids: readonly number[];
  /** One for each source of this text: two threads that beat apart are two. */
  readonly series: readonly SeriesTruth[];
  /** The text is planned to begin or end well inside the trace; null where it is not. */
  readonly newFromUs: number | null;
  readonly stopsAtUs: number | null;
  /** Planned changes of the rate. */
  readonly rateChanges: readonly RateChange[];
}

/** Messages of one source, or of one follower of a source. */
export interface SeriesTruth {
  readonly kind: SourceKind;
  readonly pid: number;
  readonly tids: readonly number[];
  readonly count: number;
  readonly firstUs: number;
  readonly lastUs: number;
  readonly periodic: PeriodicTruth | null;
  readonly retry: RetryTruth | null;
}

export interface PeriodicTruth {
  /** As planned. Few beats with much jitter show another one: see `meanUs` and `fitUs`. */
  readonly periodUs: number;
  readonly phaseUs: number;
  readonly jitter: Jitter;
  readonly drift: number;
  /** Places on the grid of the beats printed, 0 for the first planned one. */
  readonly beatNumbers: readonly number[];
  /** As many as `beatNumbers`. */
  readonly beats: number;
  /** Left out between the first and the last one printed: by plan, or by a gap. */
  readonly missed: number;
  /** From the first to the last beat printed, by the number of periods between them. */
  readonly meanUs: number;
  /** Slope of the least squares line through the beats printed. */
  readonly fitUs: number;
  /** Standard deviation of the distances from that line, as a share of the period. */
  readonly scatter: number;
  /** Of a follower: the leader's template, and on which of its beats it comes. */
  readonly follows: { readonly template: number; readonly every: number } | null;
}

export interface RetryTruth {
  /** Smallest and largest printed. */
  readonly first: number;
  readonly last: number;
  readonly step: number;
  readonly resets: number;
  /** As printed, in the order of time. */
  readonly values: readonly number[];
}

export interface RateChange {
  readonly atUs: number;
  readonly beforePerS: number;
  readonly afterPerS: number;
}

export interface SpanTruth {
  readonly startUs: number;
  /** Null where it never finished. */
  readonly endUs: number | null;
  readonly pid: number;
  readonly tid: number;
  readonly name: string;
  /** What tells it from others of the text, as printed; null where the text does. */
  readonly key: string | null;
  /** Spans of the same thread that it is in. */
  readonly depth: number;
  /** Templates of both ends. */
  readonly startTemplate: number;
  readonly finishTemplate: number;
}

export interface GapTruth {
  /** Last message before and first one after: the silence itself. */
  readonly fromUs: number;
  readonly toUs: number;
  /** Null for the whole trace. */
  readonly tid: number | null;
}

export interface BurstTruth {
  readonly template: number;
  readonly startUs: number;
  readonly endUs: number;
  readonly messages: number;
}

export interface ClockStepTruth extends ClockStep {
  /** Index of the first message with the new clock; null where none follows. */
  readonly firstMessage: number | null;
}

export interface MessageTruth {
  readonly messages: number;
  readonly firstUs: number;
  readonly lastUs: number;
  readonly templates: readonly TemplateTruth[];
  readonly spans: readonly SpanTruth[];
  readonly gaps: readonly GapTruth[];
  readonly bursts: readonly BurstTruth[];
  readonly clockSteps: readonly ClockStepTruth[];
  /** True times at which the clock passed midnight forward. */
  readonly midnightsUs: readonly number[];
}
