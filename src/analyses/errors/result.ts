/** The answer of `errors`; unknown is null. */
import type { Evidence } from '../../core/evidence.js';
import type { DiskEvent } from './disk-events.js';
import type { By, LevelName } from './options.js';
import type { StatusCode } from './status-codes.js';
import type { ParameterType } from './template-text.js';

export interface ErrorsResult {
  /** First and last message; null where none has a time. */
  readonly window: { readonly startUs: number; readonly endUs: number } | null;
  /** Messages that passed the filters, and those of them without a time. */
  readonly messages: number;
  readonly withoutTime: number;
  /** Statement current of all messages. */
  readonly perSecond: number | null;
  readonly by: By;
  readonly templates: readonly MessageTemplate[];
  readonly periodic: readonly Periodic[];
  /** Series with one period. */
  readonly groups: readonly RhythmGroup[];
  readonly gaps: readonly Gap[];
  readonly spans: readonly Span[];
  readonly changes: readonly Change[];
  readonly threads: readonly ThreadActivity[];
  readonly disks: readonly DiskErrors[];
  /** Messages in equal parts of the window. */
  readonly timeline: { readonly startUs: number; readonly binUs: number; readonly counts: readonly number[] };
  /** Two traces side by side, where that was asked for. */
  readonly diff: TraceDiff | null;
}

export interface TraceDiff {
  readonly templates: readonly TemplateDiff[];
  readonly spans: readonly SpanDiff[];
}

export interface TemplateDiff {
  readonly id: string;
  readonly template: string;
  readonly level: LevelName | null;
  /** Of the second trace against the first. */
  readonly change: 'new' | 'gone' | 'faster' | 'slower' | 'same';
  readonly countA: number;
  readonly countB: number;
  readonly perSecondA: number | null;
  readonly perSecondB: number | null;
  readonly ratio: number | null;
  readonly periodMsA: number | null;
  readonly periodMsB: number | null;
  readonly evidence: readonly Evidence[];
}

export interface SpanDiff {
  readonly name: string;
  readonly countA: number;
  readonly countB: number;
  readonly meanMsA: number | null;
  readonly meanMsB: number | null;
  readonly maxMsA: number | null;
  readonly maxMsB: number | null;
}

export interface MessageTemplate {
  /** The same in every trace: made from the text and its origin. */
  readonly id: string;
  readonly template: string;
  readonly provider: string | null;
  readonly function: string | null;
  readonly eventId: number | null;
  readonly count: number;
  readonly level: LevelName | null;
  /** What the level was taken from, and why. */
  readonly levelFrom: 'source' | 'event-id' | 'code' | 'word' | 'rule' | 'none';
  readonly reason: string;
  /** Messages of it that are as bad as `level` says; null where that is not known. */
  readonly worstCount: number | null;
  readonly firstUs: number | null;
  readonly lastUs: number | null;
  /** Statement current: messages a second of the window. */
  readonly perSecond: number | null;
  /** Statement density: share of all messages. */
  readonly percent: number;
  readonly pids: readonly number[];
  readonly tids: readonly number[];
  readonly processes: readonly string[];
  /** True where more threads say it than are listed: it is looked at as a whole only. */
  readonly hasMoreThreads: boolean;
  readonly codes: readonly StatusCode[];
  readonly parameters: readonly Parameter[];
  /** Groups of messages that come far closer together than usual. */
  readonly bursts: { readonly count: number; readonly largest: number; readonly longestMs: number } | null;
  readonly counts: readonly number[];
  readonly examples: readonly Evidence[];
}

export interface Parameter {
  readonly type: ParameterType;
  /** Different values; null where there are more than were kept. */
  readonly distinct: number | null;
  /** Some of the values, those seen first. */
  readonly values: readonly string[];
  /** Of numbers. */
  readonly min: number | null;
  readonly max: number | null;
}

export interface Retry {
  readonly first: number;
  readonly last: number;
  readonly step: number;
  /** Times that it began anew. */
  readonly resets: number;
  /** The template that counts. */
  readonly template: string;
}

export type SeriesKind = 'message' | 'span' | 'dpc' | 'isr' | 'pool';

export interface Periodic {
  readonly kind: SeriesKind;
  readonly template: string;
  readonly templateId: string | null;
  readonly level: LevelName | null;
  readonly pid: number | null;
  readonly tid: number | null;
  readonly process: string | null;
  /** What `--by` names, where it is neither thread nor process. */
  readonly key: string | null;
  readonly periodMs: number;
  /** Standard deviation of the gaps between beats; null where there is but one. */
  readonly jitterMs: number | null;
  readonly count: number;
  /** First beat, from the start of the trace, modulo the period. */
  readonly phaseMs: number;
  readonly confidence: 'high' | 'medium' | 'low';
  /** How many series as regular as this one chance alone would make among all that were looked at; null where only a retry counter speaks for it. */
  readonly chance: number | null;
  readonly beats: number;
  readonly missed: number;
  readonly extra: number;
  readonly perBeat: number;
  /** Stretches between pauses that the rhythm was found in; 1 where it goes through. */
  readonly stretches: number;
  /** True where the series is longer than what was kept and looked at of it: the rest may be otherwise. */
  readonly isPartial: boolean;
  readonly driftPercent: number | null;
  readonly firstUs: number;
  readonly lastUs: number;
  readonly retry: Retry | null;
  /** Index in `groups`. */
  readonly group: number | null;
  readonly evidence: readonly Evidence[];
}

export interface RhythmGroup {
  readonly periodMs: number;
  /** Indices in `periodic`, and by how much each comes after the first. */
  readonly members: readonly { readonly periodic: number; readonly lagMs: number | null }[];
}

export interface Gap {
  /** Null, both: of the whole trace. */
  readonly pid: number | null;
  readonly tid: number | null;
  readonly process: string | null;
  readonly key: string | null;
  readonly startUs: number;
  readonly durationMs: number;
  /** 99 of 100 gaps are no longer. */
  readonly usualMs: number;
  /** The message that ends it. */
  readonly evidence: readonly Evidence[];
}

export interface Span {
  readonly name: string;
  readonly pid: number | null;
  readonly tid: number | null;
  readonly process: string | null;
  readonly count: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly maxMs: number | null;
  readonly totalMs: number;
  readonly unfinished: number;
  /** Finishes whose start is not there. */
  readonly unstarted: number;
  /** The last start without a finish; null where there is none. */
  readonly open: Evidence | null;
  readonly firstUs: number | null;
  readonly lastUs: number | null;
  /** Start of the longest, and its finish. */
  readonly evidence: readonly Evidence[];
}

export interface Change {
  readonly kind: 'new' | 'stopped' | 'faster' | 'slower';
  readonly template: string;
  readonly templateId: string;
  readonly level: LevelName | null;
  readonly atUs: number;
  /** Messages a second before and after. */
  readonly before: number;
  readonly after: number;
  readonly evidence: readonly Evidence[];
}

export interface ThreadActivity {
  readonly pid: number | null;
  readonly tid: number | null;
  readonly process: string | null;
  readonly key: string | null;
  readonly count: number;
  readonly percent: number;
  readonly perSecond: number | null;
  readonly firstUs: number | null;
  readonly lastUs: number | null;
}

export interface DiskErrors extends Omit<DiskEvent, 'meaning'> {
  readonly provider: string | null;
  readonly eventId: number;
  readonly meaning: string | null;
  readonly count: number;
  readonly firstUs: number | null;
  readonly lastUs: number | null;
  readonly evidence: readonly Evidence[];
}
