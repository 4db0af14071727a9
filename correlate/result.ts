/** The answer of `correlate`, as docs/json.md and docs/schema/correlate.schema.json describe it. Unknown is null. */
import type { DpcResult } from '../src/analyses/dpc-result.js';
import type { DumpResult } from '../src/analyses/dump/result.js';
import type { ErrorsResult } from '../src/analyses/errors/result.js';
import type { PoolResult } from '../src/analyses/pool/result.js';
import type { Evidence, Finding } from '../src/core/evidence.js';

export type Confidence = 'high' | 'medium' | 'low';

/** What a source is read for; a debugger's log with messages of a software trace in it is both. */
export type Role = 'trace' | 'dump';

/** How the time of a source was found, the surest first. */
export type ClockMethod =
  /** The user said it: --trace-start, --offset, --dump-time. */
  | 'given'
  /** The source names its start in UTC. */
  | 'utc'
  /** Local time, put into the zone that the user or the other side names. */
  | 'local-in-zone'
  /** Time of day without a date: the last such time before the dump. */
  | 'time-of-day'
  /** The messages lie in the dump's own buffers. */
  | 'in-dump'
  | 'unknown';

/** One source on the time line. */
export interface SourceClock {
  readonly source: string;
  readonly role: Role;
  readonly method: ClockMethod;
  /** Start of a trace, moment of a dump. */
  readonly utc: string | null;
  /** The same on the time line: µs from the start of the first trace. */
  readonly atUs: number | null;
  /** How far it may be off; null where nobody knows. */
  readonly uncertaintyMs: number | null;
  readonly startUs: number | null;
  readonly endUs: number | null;
  /** How the time was found, and what had to be assumed for it. */
  readonly statement: string;
  readonly evidence: readonly Evidence[];
}

export interface Alignment {
  readonly method: ClockMethod;
  /** From the start of the first trace to the moment of the dump; null where the clocks cannot be joined. */
  readonly offsetMs: number | null;
  /** Joins in time that are closer than this are not made; null where the clocks cannot be joined. */
  readonly uncertaintyMs: number | null;
  /** Null where nothing tells. */
  readonly sameBoot: boolean | null;
  /** What tells so. */
  readonly sameBootReasons: readonly string[];
  /** True where the trace ends before the dump was taken (within the uncertainty), or holds that moment. */
  readonly traceBeforeDump: boolean | null;
  /** Time from the end of the trace to the dump; 0 where the trace holds that moment, null where unknown. */
  readonly gapMs: number | null;
  /** The time before the dump that it asks about: `the longest wait`, say; null where that is not known. */
  readonly asked: { readonly what: string; readonly ms: number } | null;
  /** What the traces hold of it. */
  readonly overlapMs: number | null;
  readonly statement: string;
  readonly clocks: readonly SourceClock[];
  readonly evidence: readonly Evidence[];
}

export type JoinKind =
  | 'thread'
  | 'process'
  | 'module'
  | 'pool-tag'
  | 'pool-block'
  | 'dpc-routine'
  | 'alpc-message'
  | 'component'
  | 'disk'
  | 'server'
  | 'path';

export interface Join {
  readonly kind: JoinKind;
  readonly key: string;
  readonly traceRows: number;
  readonly dumpRows: number;
  /** `exact`: the same number or name; `inferred`: by parts of names; `weak`: a name that many have. */
  readonly strength: 'exact' | 'inferred' | 'weak';
  readonly statement: string;
  readonly evidence: readonly Evidence[];
}

export type CauseKind =
  | 'dpc-watchdog-single'
  | 'dpc-watchdog-cumulative'
  | 'pool-leak'
  | 'blocking'
  | 'deadlock'
  | 'starvation'
  | 'process-factory'
  | 'exhaustion';

export interface Culprit {
  readonly module: string | null;
  readonly function: string | null;
  readonly process: string | null;
  readonly pid: number | null;
  /** Id of a thread of the dump. */
  readonly thread: string | null;
  readonly remote: string | null;
  /** Lock, disk, tag, path or message. */
  readonly resource: string | null;
}

/** One reason for or against a cause: what it is worth, and where it stands. */
export interface Point {
  /** Name of the rule, of those in docs/correlate.md. */
  readonly rule: string;
  /** Above 0 for it, below 0 against it. */
  readonly points: number;
  readonly statement: string;
  /** Which sides it stands on. */
  readonly from: 'trace' | 'dump' | 'both';
  /** How likely chance alone makes such a match; null where that is not a match. */
  readonly chance: number | null;
  readonly evidence: readonly Evidence[];
}

export interface Cause {
  /** From 1. */
  readonly rank: number;
  readonly cause: CauseKind;
  readonly culprit: Culprit;
  readonly statement: string;
  readonly confidence: Confidence;
  /** Sum of the points, 0 to 100. */
  readonly score: number;
  /** What the causes compete to explain: causes of one question exclude each other. */
  readonly question: string;
  /** Threads held up by it; null where it holds up none. */
  readonly victims: number | null;
  readonly points: readonly Point[];
  /** Why the confidence is no higher. */
  readonly limits: readonly string[];
  readonly evidence: readonly Evidence[];
  readonly against: readonly Evidence[];
  readonly next: readonly string[];
}

/** What the dump or the trace shows, and no cause explains. */
export interface Unexplained {
  readonly statement: string;
  readonly from: 'trace' | 'dump';
  readonly evidence: readonly Evidence[];
  readonly next: readonly string[];
}

/** What was not measured, and would settle a question. */
export interface Missing {
  readonly what: string;
  readonly why: string;
  /** To be typed. */
  readonly next: string;
}

export interface Verdict {
  readonly statement: string;
  /** Rank of the cause that it names; null where the evidence does not carry one. */
  readonly cause: number | null;
  readonly confidence: Confidence | null;
}

export type LaneKind = 'dpc' | 'isr' | 'message' | 'wait' | 'pool' | 'disk' | 'cpu';

/** Marks of one kind on the time line, as columns: there may be 100,000 of them. Times in µs on the time line. */
export interface Lane {
  readonly id: string;
  readonly title: string;
  readonly kind: LaneKind;
  readonly cpu: number | null;
  readonly level: 'error' | 'warning' | 'note';
  readonly startUs: readonly number[];
  /** 0 of an instant. */
  readonly durationUs: readonly number[];
  /** Index in `labels`. */
  readonly label: readonly number[];
  readonly labels: readonly string[];
  /** Where it stands: source of all, and line or byte of each; null where not known. */
  readonly source: string | null;
  readonly places: readonly (number | null)[];
  readonly placesAre: 'line' | 'byte';
  /** How many there are where not all are kept: the longest are. */
  readonly of: number;
}

export interface TimeLine {
  readonly startUs: number | null;
  readonly endUs: number | null;
  readonly dumpAtUs: number | null;
  readonly uncertaintyUs: number | null;
  readonly lanes: readonly Lane[];
}

/** A lane in 64 equal parts of the time line: how many marks begin in each. */
export interface LaneStrip {
  readonly id: string;
  readonly title: string;
  readonly kind: LaneKind;
  readonly count: number;
  readonly counts: readonly number[];
}

export interface CorrelateResult {
  readonly verdict: Verdict;
  readonly alignment: Alignment;
  readonly joins: readonly Join[];
  readonly causes: readonly Cause[];
  readonly unexplained: readonly Unexplained[];
  readonly missing: readonly Missing[];
  readonly timeline: {
    readonly startUs: number | null;
    readonly endUs: number | null;
    readonly dumpAtUs: number | null;
    readonly strips: readonly LaneStrip[];
  };
}

/** One side's own answer, whole: for reports that show it. */
export interface Part<R> {
  readonly result: R;
  readonly findings: readonly Finding[];
}

/** What the causes were found from; null where no source holds such data. */
export interface CorrelateParts {
  readonly dpc: Part<DpcResult> | null;
  readonly pool: Part<PoolResult> | null;
  readonly errors: Part<ErrorsResult> | null;
  readonly dump: Part<DumpResult> | null;
  readonly timeline: TimeLine;
}
