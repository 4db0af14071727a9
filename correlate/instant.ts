/** Moments in UTC, and how well they are known. */
import type { SourceSummary } from '../src/core/analysis.js';
import type { Evidence } from '../src/core/evidence.js';
import type { ClockMethod } from './result.js';

/** A moment in UTC. */
export interface Instant {
  readonly ms: number;
  readonly method: ClockMethod;
  readonly uncertaintyMs: number;
  /** True where a zone or a day had to be assumed. */
  readonly isAssumed: boolean;
  /** True where no zone and no day puts the trace between boot and dump. */
  readonly isImpossible?: boolean;
  /** True where zone and day follow from threads that fall silent when their waits begin. */
  readonly isBySilences?: boolean;
  readonly statement: string;
  readonly evidence: readonly Evidence[];
}

/** Times of a log with the newest event first go down from 0. */
export const earliestUs = (source: SourceSummary | undefined): number => Math.min(0, source?.about.span.startUs ?? 0);

export const utcText = (ms: number): string =>
  new Date(Math.round(ms)).toISOString().replace('T', ' ').replace('Z', ' UTC');
