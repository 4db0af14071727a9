/** What a simulated pool trace is made of: plain objects. All times are whole µs from the start of the trace. */

export type Verdict = 'leak' | 'growing' | 'steady' | 'transient' | 'insufficient';

export interface PoolModule {
  readonly name: string;
  readonly path: string;
  readonly base: bigint;
  readonly size: bigint;
  /** Loaded in the kernel; others are loaded in `pids`. */
  readonly kernel: boolean;
  readonly pids: readonly number[];
}

export interface PoolThread {
  readonly pid: number;
  readonly tid: number;
  /** Where it mostly runs. */
  readonly homeCpu: number;
}

export interface PoolProcess {
  readonly name: string;
  readonly pid: number;
  readonly parentPid: number;
  readonly sessionId: number;
  readonly threads: readonly PoolThread[];
}

/** A return address in code. */
export interface PoolFrame {
  readonly module: string;
  readonly fn: string;
  readonly offset: number;
  readonly address: bigint;
}

export interface PoolStack {
  /** Its index in `stacks`. */
  readonly id: number;
  /** Innermost first. */
  readonly frames: readonly PoolFrame[];
  /** How many of them lie in the kernel; the rest is user code. */
  readonly kernelFrames: number;
}

export interface PoolEvent {
  readonly atUs: number;
  readonly op: 'alloc' | 'free';
  readonly address: bigint;
  readonly bytes: number;
  /** Four characters, trailing blanks kept. */
  readonly tag: string;
  /** POOL_TYPE. */
  readonly poolType: number;
  /** Index in `stacks`: of who allocates, or of who frees. */
  readonly stack: number;
  readonly pid: number;
  readonly tid: number;
  readonly cpu: number;
  /** Which block it is, whatever its address; the trace does not tell. */
  readonly block: number;
}

export type ScenarioKind = 'slow-leak' | 'cache' | 'burst' | 'traffic' | 'turnover' | 'group-leak' | 'few';

/** A leak, and whose fault it is. */
export interface LeakTruth {
  /** Index in `stacks` of the allocations that are never freed. */
  readonly stack: number;
  readonly module: string;
  readonly fn: string;
  /** The process for which the blocks are allocated. */
  readonly process: string;
  readonly pid: number;
}

/** What must come out for a tag in paged or nonpaged pool. */
export interface Scenario {
  readonly kind: ScenarioKind;
  readonly tag: string;
  readonly paged: boolean;
  readonly poolType: number;
  /** Any of these is right. */
  readonly verdicts: readonly Verdict[];
  readonly leak: LeakTruth | null;
}

/** What the counters of a tag were when the trace began, as poolmon would have shown them. */
export interface Population {
  readonly tag: string;
  readonly paged: boolean;
  readonly allocs: number;
  readonly frees: number;
  readonly bytes: number;
}

export interface PoolTruth {
  readonly seed: number;
  readonly name: string;
  readonly startFiletime: bigint;
  readonly cpus: number;
  readonly lengthUs: number;
  /** Where the written trace ends: `lengthUs`, or where it was cut. */
  readonly writtenUs: number;
  readonly modules: readonly PoolModule[];
  readonly processes: readonly PoolProcess[];
  readonly stacks: readonly PoolStack[];
  /** All that happened, in the order of time; no two at one time. */
  readonly events: readonly PoolEvent[];
  /** What the written trace holds of it. */
  readonly written: readonly PoolEvent[];
  /** Within this time, both ends included, events were lost. */
  readonly lost: { readonly fromUs: number; readonly toUs: number; readonly events: number } | null;
  /** Which events have stacks in the written trace. */
  readonly stacksOf: 'all' | 'allocs' | 'none';
  /** The second frees of blocks, among the events. */
  readonly doubleFrees: readonly PoolEvent[];
  readonly scenarios: readonly Scenario[];
  /** Of every tag of a scenario, and of tags that do not change during the trace. */
  readonly population: readonly Population[];
}

/** Whether the written trace holds the stack of an event. */
export const hasStack = ({ stacksOf }: PoolTruth, { op }: PoolEvent): boolean =>
  stacksOf === 'all' || (stacksOf === 'allocs' && op === 'alloc');

/** The lowest bit of a POOL_TYPE tells (BASE_POOL_TYPE_MASK, wdm.h). */
export const isPagedType = (poolType: number): boolean => (poolType & 1) === 1;
/** POOL_SESSION_POOL_TYPE. */
export const isSessionType = (poolType: number): boolean => (poolType & 32) !== 0;

/** The types that occur, by the names that wdm.h gives them. */
export const TYPE_NAMES: Readonly<Record<number, string>> = {
  0: 'NonPagedPool',
  1: 'PagedPool',
  32: 'NonPagedPoolSession',
  33: 'PagedPoolSession',
  512: 'NonPagedPoolNx',
  544: 'NonPagedPoolSessionNx',
};
