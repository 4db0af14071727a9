import type { HistogramStyle } from '../core/distribution.js';
import type { Filter } from '../core/filter.js';
import type { ExclusiveTimes } from './dpc-exclusive.js';
import type { Images } from './image-map.js';

/** What `dpc` was asked for. Times in µs from the start of the trace. */
export interface DpcOptions {
  /** Only runs that overlap this window; whole durations count, shares of the CPU are clipped to it. */
  readonly range: { readonly startUs: number; readonly endUs: number } | null;
  readonly cpus: ReadonlySet<number> | null;
  readonly module: Filter | null;
  readonly fn: Filter | null;
  /** Kinds and types to keep, lower case: `dpc`, `isr`, `timerdpc`, `threadeddpc`, `isr-msi` … */
  readonly kinds: ReadonlySet<string> | null;
  readonly dpcUs: number;
  readonly isrUs: number;
  /** Longest lists; null = all, with the longest 100 runs; 0 = all. */
  readonly top: number | null;
  readonly sort: SortKey;
  readonly histogram: HistogramStyle;
}

/** What the analyses of `dpc` are started with. */
export interface DpcSetup extends DpcOptions {
  /** Filled for each batch before the analyses see it. */
  readonly exclusive: ExclusiveTimes;
  /** Filled as image rows come. */
  readonly images: Images;
}

export type SortKey = 'max' | 'count' | 'inclusive' | 'exclusive' | 'mean' | 'p99' | 'over' | 'name';
export const SORT_KEYS: readonly SortKey[] = ['max', 'count', 'inclusive', 'exclusive', 'mean', 'p99', 'over', 'name'];

/** Microsoft's guidance for drivers: a DPC should not run longer than 100 µs, an ISR not longer than 25 µs. */
const DEFAULT_DPC_US = 100;
const DEFAULT_ISR_US = 25;

export const DPC_DEFAULTS: DpcOptions = {
  range: null,
  cpus: null,
  module: null,
  fn: null,
  kinds: null,
  dpcUs: DEFAULT_DPC_US,
  isrUs: DEFAULT_ISR_US,
  top: null,
  sort: 'max',
  histogram: 'xperf',
};
