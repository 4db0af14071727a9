import { NULL_I32 } from '../../../src/core/schema.js';
import { type Dictionary, OTHER_NAMES } from '../../../src/core/table.js';
import type { SystemMap } from '../system/system-map.js';

/** Numbers of images as ids of a column's dictionary. */
export class ModuleIds {
  readonly #ids: number[] = [];

  constructor(
    private readonly system: SystemMap,
    private readonly dictionary: Dictionary,
  ) {}

  /** Id of the image at an address (two words); -1 where unknown. */
  at(low: number, high: number, pid: number, ticks: number): number {
    const image = this.system.imageAt(low, high, pid, ticks);
    if (image < 0) return -1;
    let id = this.#ids[image];
    if (id === undefined) {
      id = this.dictionary.id(this.system.images[image]);
      this.#ids[image] = id;
    }
    return id;
  }
}

/** Routines of real logs go to thousands; made-up ones must not fill the memory. */
const MAX_ROUTINES = 100_000;
/** Threads whose process was looked up lately; a power of 2. */
const CACHED = 4096;

/** Processes of threads, and their names as ids of a column's dictionary: the same few threads are asked for all the time. */
export class ThreadOwners {
  /** Id of the name of the process that was found last; -1 where it has none. */
  process = -1;
  readonly #tids = new Int32Array(CACHED).fill(NULL_I32);
  readonly #pids = new Int32Array(CACHED);
  readonly #processes = new Int32Array(CACHED);

  constructor(
    private readonly system: SystemMap,
    private readonly dictionary: Dictionary,
  ) {}

  /** Process of a thread; NULL_I32 where unknown. */
  pid(tid: number, ticks: number): number {
    this.process = -1;
    if (tid === NULL_I32) return NULL_I32;
    const slot = (tid >> 2) & (CACHED - 1);
    if (this.#tids[slot] === tid) {
      this.process = this.#processes[slot];
      return this.#pids[slot];
    }
    const pid = this.system.pidOfThread(tid, ticks);
    if (pid === null) return NULL_I32;
    this.process = this.dictionary.id(this.system.processName(pid, ticks));
    if (this.system.isSteadyThread(tid)) {
      this.#tids[slot] = tid;
      this.#pids[slot] = pid;
      this.#processes[slot] = this.process;
    }
    return pid;
  }
}

/**
 * Routines as ids of a column's dictionary: `module!0x…`, as xperf prints what it has no symbols for, or the address alone
 * where no image is known. For columns with few different ones.
 */
export class RoutineIds {
  readonly #ids = new Map<number, { readonly high: number; readonly module: number; readonly id: number }[]>();
  #count = 0;

  constructor(
    private readonly modules: Dictionary,
    private readonly dictionary: Dictionary,
  ) {}

  /** `module` is an id of the column of modules, or -1. */
  id(low: number, high: number, module: number): number {
    let chain = this.#ids.get(low);
    if (chain !== undefined) {
      for (const known of chain) if (known.high === high && known.module === module) return known.id;
    } else chain = [];
    if (this.#count >= MAX_ROUTINES) return this.dictionary.id(OTHER_NAMES);
    this.#count++;
    const name = this.modules.get(module);
    const id = this.dictionary.id(`${name === null ? '' : `${name}!`}${addressText(low, high)}`);
    chain.push({ high, module, id });
    this.#ids.set(low, chain);
    return id;
  }
}

/** Where a row tells the routine that ran: the columns module, routine and address. */
export class RoutineColumns {
  readonly #modules: ModuleIds;
  readonly #routines: RoutineIds;

  /** `words` are the two words of each row's address. */
  constructor(
    system: SystemMap,
    private readonly cols: { readonly module: Int32Array; readonly routine: Int32Array },
    dicts: { readonly module: Dictionary; readonly routine: Dictionary },
    private readonly words: Uint32Array,
  ) {
    this.#modules = new ModuleIds(system, dicts.module);
    this.#routines = new RoutineIds(dicts.module, dicts.routine);
  }

  /** Fills row `n`; the address is that of a kernel routine. */
  set(n: number, low: number, high: number, ticks: number): void {
    const module = this.#modules.at(low, high, 0, ticks);
    this.cols.module[n] = module;
    this.cols.routine[n] = this.#routines.id(low, high, module);
    this.words[2 * n] = low;
    this.words[2 * n + 1] = high;
  }
}

/** `0x…` in lower case, without leading zeros. */
export function addressText(low: number, high: number): string {
  const lower = (low >>> 0).toString(16);
  return high === 0 ? `0x${lower}` : `0x${(high >>> 0).toString(16)}${lower.padStart(8, '0')}`;
}
