/** What `dump` may be asked to leave out. */
import type { Filter } from '../../core/filter.js';

export interface DumpOptions {
  /** Only chains, threads and processes of these images; null for all. */
  readonly process: Filter | null;
  /** Only chains, threads and processes of these processes: addresses as the contract writes them. */
  readonly processAddresses: ReadonlySet<string> | null;
  readonly pids: ReadonlySet<number> | null;
  readonly tids: ReadonlySet<number> | null;
  /** Only these threads, by id (`0x89cd9c10`), and the chains that they are in with all of their threads. */
  readonly threads: ReadonlySet<string> | null;
  /** Only threads with a frame in these modules. */
  readonly module: Filter | null;
  /** Only threads with a frame in these functions. */
  readonly fn: Filter | null;
  /** Only threads that wait at least so long, ms; threads whose wait is unknown are kept. */
  readonly minWaitMs: number;
}

export const DUMP_DEFAULTS: DumpOptions = {
  process: null,
  processAddresses: null,
  pids: null,
  tids: null,
  threads: null,
  module: null,
  fn: null,
  minWaitMs: 0,
};
