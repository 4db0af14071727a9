/** What `errors` may be asked. */
import type { Filter } from '../../core/filter.js';

/** Columns by which messages are told apart into adjoint threads of activity. */
export const BY = [
  'thread',
  'process',
  'provider',
  'function',
  'file',
  'cpu',
  'machine',
  'channel',
  'template',
] as const;
export type By = (typeof BY)[number];

export const LEVEL_NAMES = ['critical', 'error', 'warning', 'information', 'verbose'] as const;
export type LevelName = (typeof LEVEL_NAMES)[number];

/** A template that the user pins: messages that match are one template, whatever else they say. */
export interface Rule {
  /** Text with `*`, `?` or `<…>` for what varies. */
  readonly pattern: string;
  /** Its level; null where the message says. */
  readonly level: LevelName | null;
}

export interface ErrorsOptions {
  readonly pids: ReadonlySet<number> | null;
  readonly tids: ReadonlySet<number> | null;
  readonly process: Filter | null;
  readonly provider: Filter | null;
  /** Only templates whose text passes. */
  readonly message: Filter | null;
  /** Only templates as bad as this or worse; null for all. */
  readonly level: LevelName | null;
  readonly rules: readonly Rule[];
  /** µs from the start of the first source. */
  readonly range: { readonly startUs: number; readonly endUs: number } | null;
  /** What was new in it, and what stopped. */
  readonly window: { readonly startUs: number; readonly endUs: number } | null;
  /** Rhythms and gaps are looked for in each of these. */
  readonly by: By;
  /** Only rhythms with periods in this range. */
  readonly period: { readonly fromUs: number; readonly toUs: number } | null;
  readonly confidence: 'high' | 'medium' | 'low';
  /** The first source against the others: they are kept apart. */
  readonly diff: boolean;
  /** Messages quoted of each template. */
  readonly sampleLines: number;
}

export const ERRORS_DEFAULTS: ErrorsOptions = {
  pids: null,
  tids: null,
  process: null,
  provider: null,
  message: null,
  level: null,
  rules: [],
  range: null,
  window: null,
  by: 'thread',
  period: null,
  confidence: 'medium',
  diff: false,
  sampleLines: 3,
};
