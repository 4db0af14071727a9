import type { Filter } from '../../core/filter.js';
import type { PoolKey } from './result.js';

/** What `pool` was asked for. Times in µs from the start of the trace. */
export interface PoolOptions {
  /** Against which allocations and frees are called inside or outside; null for the whole trace. */
  readonly range: { readonly startUs: number; readonly endUs: number } | null;
  /** Tags to keep; letter case and trailing blanks count. */
  readonly tag: Filter | null;
  readonly paged: boolean | null;
  /** Processes to keep, by name. */
  readonly process: Filter | null;
  readonly pids: ReadonlySet<number> | null;
  /** Stacks to keep: one of their frames is in such a module. */
  readonly module: Filter | null;
  /** Only blocks that are out for at least this long count as outstanding. */
  readonly minAgeUs: number;
  /** Keys of the tree, outermost first; null where no tree is asked for. */
  readonly by: readonly PoolKey[] | null;
  /** And in such a function. */
  readonly fn: Filter | null;
  /** Longest lists but that of stacks; null or 0 = all. */
  readonly top: number | null;
  /** Longest list of stacks; 0 = all. */
  readonly stacks: number;
  /** The user's own pooltag.txt: driver and description by tag. */
  readonly poolTags:
    | ((tag: string) => { readonly driver: string | null; readonly description: string | null } | null)
    | null;
  /** Time between snapshots that do not say when they were taken; null where not known. */
  readonly everyMs: number | null;
}

export const POOL_DEFAULTS: PoolOptions = {
  range: null,
  tag: null,
  paged: null,
  process: null,
  pids: null,
  module: null,
  minAgeUs: 0,
  by: null,
  fn: null,
  top: null,
  stacks: 0,
  poolTags: null,
  everyMs: null,
};

/** False where only some processes or stacks are asked for: course and highest sums are known of all together only. */
export const asksForAll = ({ process, pids, module, fn }: PoolOptions): boolean =>
  process === null && pids === null && module === null && fn === null;
