/** What a story is: the files of one machine, as an engineer would have them, and what is known of it. */

export const STORY_KINDS = [
  'single-watchdog',
  'cumulative-watchdog',
  'pool-leak',
  'retry-block',
  'deadlock-innocent-rhythm',
  'disk-timeout-block',
  'process-factory',
] as const;
export type StoryKind = (typeof STORY_KINDS)[number];

export const TWISTS = [
  'none',
  'decisive-evidence-removed',
  'contradicted',
  'other-boot',
  'zone-without-date',
  'time-of-day-only',
  'live-dump',
] as const;
export type Twist = (typeof TWISTS)[number];

export interface StoryFile {
  readonly role: 'trace' | 'dump';
  readonly name: string;
  readonly bytes: Buffer;
}

/** Figures that a story is built on, for tests of the story itself. Null where the story has none. */
export interface StoryFacts {
  /** Argument of the sleep on the root's stack. */
  readonly sleepMs: number | null;
  /** Of the decisive messages. */
  readonly periodMs: number | null;
  /** What a driver does at DISPATCH_LEVEL or above shows here. */
  readonly cpu: number | null;
  /** Length of the watchdog's limit or period. */
  readonly limitMs: number | null;
  /** Of the leaking tag in the dump. */
  readonly bytes: number | null;
  /** Of the leaking tag in the trace. */
  readonly bytesPerSecond: number | null;
  /** How many of the blocks in the dump are outstanding in the trace. */
  readonly blocks: number | null;
  /** Threads of the ring, or of the block: root first. Ids of the dump. */
  readonly threads: readonly string[];
  /** Whose children there are too many of, decimal ids of the dump. */
  readonly children: number | null;
}

export interface StoryTruth {
  /** CauseKind of correlate/result.ts. */
  readonly cause: string;
  /** As a stack names it: without extension. */
  readonly module: string | null;
  readonly function: string | null;
  readonly process: string | null;
  readonly tag: string | null;
  /** 0x… of the dump. */
  readonly thread: string | null;
  /** False where the evidence left does not carry a high-confidence verdict. */
  readonly isProvable: boolean;
  /** Those that must never be named as first cause with high confidence. */
  readonly innocent: readonly string[];
  readonly startUtc: string;
  readonly dumpUtc: string;
  /** From the start of the trace to the dump, ms. */
  readonly offsetMs: number;
  readonly sameBoot: boolean;
  /** Local time - UTC where the trace was recorded; the dump may have been opened elsewhere. */
  readonly zoneMinutes: number;
  readonly facts: StoryFacts;
}

export interface Story {
  readonly kind: StoryKind;
  readonly twist: Twist;
  readonly seed: number;
  readonly files: readonly StoryFile[];
  readonly truth: StoryTruth;
}

export const NO_FACTS: StoryFacts = {
  sleepMs: null,
  periodMs: null,
  cpu: null,
  limitMs: null,
  bytes: null,
  bytesPerSecond: null,
  blocks: null,
  threads: [],
  children: null,
};
