/** The `pool` command's answer. Names are those of docs/json.md. */
import type { Evidence } from '../../core/evidence.js';
import type { Allocator, Requester } from './attribution.js';
import type { Frame } from './frames.js';

export type PoolVerdict = 'leak' | 'growing' | 'steady' | 'transient' | 'insufficient';
export type Confidence = 'high' | 'medium' | 'low' | null;

/** Counts and bytes against the range: allocated inside (AI) or before it (AO), freed in it (FI) or not (FO). */
export interface PoolCounts {
  readonly aifiCount: number | null;
  readonly aifiBytes: number | null;
  readonly aifoCount: number | null;
  readonly aifoBytes: number | null;
  readonly aofiCount: number | null;
  readonly aofiBytes: number | null;
}

/** What is known of growth, beside the counts. */
export interface PoolGrowth {
  readonly slopeBytesPerSecond: number | null;
  /** 95 % confidence interval of the slope. */
  readonly slopeCi: readonly [number, number] | null;
  readonly verdict: PoolVerdict;
  readonly confidence: Confidence;
  readonly score: number;
  readonly reasons: readonly string[];
  readonly against: readonly string[];
}

/** Lifetimes of the blocks that were freed, and the age of the oldest that was not. Percentiles are rounded up to a power of two. */
export interface Lifetimes {
  readonly freed: number;
  readonly meanUs: number | null;
  readonly p50Us: number | null;
  readonly p99Us: number | null;
  readonly maxUs: number | null;
}

export interface PoolTag extends PoolCounts, PoolGrowth {
  readonly tag: string | null;
  readonly paged: boolean | null;
  readonly driver: string | null;
  /** Where `driver` comes from. */
  readonly driverFrom: DriverSource | null;
  /** Share of its outstanding bytes that this driver allocated; null where `driver` is not from stacks. */
  readonly driverPercent: number | null;
  readonly description: string | null;
  /** Frees in the range, of blocks from before it too; null where the source does not count them. */
  readonly frees: number | null;
  /** Bytes in use by the last snapshot; null where there is none. */
  readonly snapshotBytes: number | null;
  readonly snapshotCount: number | null;
  readonly lifetimes: Lifetimes | null;
  readonly neverFreedPercent: number | null;
  /** Null where no trace is there. */
  readonly doubleFrees: number | null;
  readonly evidence: readonly Evidence[];
}

export type DriverSource = 'stacks' | 'pooltag.txt' | 'snapshot' | 'search';

/** Code that freed blocks, and how many. */
export interface FreedBy extends Frame {
  readonly count: number;
}

export interface PoolStack extends PoolGrowth {
  readonly tag: string | null;
  readonly paged: boolean | null;
  /** What is outstanding; of breakpoints, how often the stack was seen. */
  readonly count: number;
  /** Null where only hits of a breakpoint were counted. */
  readonly bytes: number | null;
  readonly allocCount: number | null;
  readonly allocBytes: number | null;
  readonly freedCount: number | null;
  /** Where the stack is from. */
  readonly from: 'trace' | 'breakpoint' | 'verifier';
  /** Freed after the range, where one was given. */
  readonly freedLater: number | null;
  /** Innermost first. */
  readonly frames: readonly Frame[];
  readonly allocator: Allocator | null;
  readonly requester: Requester | null;
  /** Every process that allocated on it, most bytes outstanding first. */
  readonly processes: readonly {
    readonly process: string | null;
    readonly pid: number | null;
    readonly count: number;
    readonly bytes: number;
  }[];
  readonly lifetimes: Lifetimes | null;
  /** Who freed blocks of this stack; where nobody did, `siblings`: who frees blocks of the same tag that other stacks allocated. */
  readonly freedBy: readonly FreedBy[];
  readonly siblings: { readonly freed: number; readonly of: number; readonly by: readonly FreedBy[] } | null;
  readonly evidence: readonly Evidence[];
}

export interface PoolTotal {
  readonly type: 'AIFI' | 'AIFO' | 'AOFI' | 'AOFO';
  readonly paged: boolean | null;
  readonly count: number | null;
  readonly bytes: number | null;
}

/** Bytes by time, at the end of each of equal parts. */
export interface PoolTimeline {
  readonly startUs: number;
  readonly binUs: number;
  /** Outstanding of what was allocated in the range. */
  readonly nonpagedBytes: readonly number[];
  readonly pagedBytes: readonly number[];
  /** Growth of the pool since the start, with what was freed of older blocks taken off. */
  readonly nonpagedGrowth: readonly number[];
  readonly pagedGrowth: readonly number[];
}

export interface PoolPeak {
  readonly paged: boolean | null;
  readonly bytes: number;
  readonly atUs: number | null;
}

/** Tags that grow together, so many blocks of each for one of the first. */
export interface PoolGroup {
  readonly tags: readonly string[];
  readonly paged: readonly (boolean | null)[];
  readonly ratio: readonly number[];
  readonly counts: readonly number[];
}

/** A tag in a row of snapshots. */
export interface PoolSnapshot {
  readonly source: string;
  readonly snapshot: number;
  readonly utc: string | null;
  readonly counters: readonly {
    readonly name: string;
    readonly value: number | null;
    readonly unit: string | null;
    readonly sessionId: number | null;
  }[];
  readonly tags: readonly {
    readonly tag: string | null;
    readonly paged: boolean | null;
    readonly sessionId: number | null;
    readonly count: number | null;
    readonly bytes: number | null;
    readonly allocs: number | null;
    readonly frees: number | null;
  }[];
  /** Sums over the tags; figures that have wrapped are left out. */
  readonly nonpagedBytes: number | null;
  readonly pagedBytes: number | null;
}

/** How long a limit of the machine lasts at the present growth. */
export interface PoolExhaustion {
  readonly paged: boolean;
  readonly usedBytes: number;
  readonly limitBytes: number;
  readonly bytesPerSecond: number;
  readonly secondsLeft: number | null;
  readonly evidence: readonly Evidence[];
}

/** Blocks that a debugger lists, by caller. */
export interface ListedBlocks {
  readonly command: string;
  readonly driver: string | null;
  readonly tag: string | null;
  readonly callerAddress: string | null;
  /** Resolved through a stack of the same log where the list prints the address only. */
  readonly caller: string | null;
  readonly count: number;
  readonly bytes: number;
  /** Of them, found as outstanding in the trace by address, and found freed there. */
  readonly inTrace: number | null;
  readonly freedInTrace: number | null;
  readonly evidence: readonly Evidence[];
}

/** A row of the tree that `--by` asks for. */
export interface PoolNode {
  readonly by: PoolKey;
  readonly value: string | null;
  readonly count: number;
  readonly bytes: number;
  readonly children: readonly PoolNode[];
}

export const POOL_KEYS = ['type', 'paged', 'tag', 'stack', 'process', 'driver'] as const;
export type PoolKey = (typeof POOL_KEYS)[number];

/** A figure of the whole machine in a row of snapshots. */
export interface PoolCounter {
  readonly name: string;
  readonly sessionId: number | null;
  readonly unit: string | null;
  readonly samples: number;
  readonly first: number;
  readonly last: number;
  readonly max: number;
  readonly slopePerSecond: number | null;
  readonly slopeCi: readonly [number, number] | null;
  readonly verdict: PoolVerdict;
  readonly evidence: readonly Evidence[];
}

export interface PoolResult {
  readonly window: { readonly startUs: number | null; readonly endUs: number | null };
  readonly totals: readonly PoolTotal[];
  readonly tags: readonly PoolTag[];
  readonly stacks: readonly PoolStack[];
  readonly snapshots: readonly PoolSnapshot[];
  readonly groups: readonly PoolGroup[];
  readonly timeline: PoolTimeline | null;
  readonly peaks: readonly PoolPeak[];
  readonly exhaustion: readonly PoolExhaustion[];
  readonly blocks: readonly ListedBlocks[];
  readonly tree: readonly PoolNode[];
  readonly counters: readonly PoolCounter[];
  /** Places of tags in code and data. */
  readonly tagPlaces: readonly {
    readonly tag: string | null;
    readonly address: string | null;
    readonly module: string | null;
    readonly evidence: readonly Evidence[];
  }[];
  /** Lists that were cut, by name. */
  readonly cut: Readonly<Record<string, { readonly shown: number; readonly of: number }>>;
}
