/** What the analyses of DPC and ISR runs share: selection by the options, and slots found by small ids. */
import { splitSymbol } from '../core/symbol.js';
import type { Batch } from '../core/table.js';
import { dpcIsr } from '../tables/dpc-isr.js';
import { Rank } from './dpc-nesting.js';
import type { DpcOptions } from './dpc-options.js';

export type Runs = Batch<typeof dpcIsr>;
export { dpcIsr };

/** How a type of run may be interrupted. */
function rankOf(kind: string | null, type: string | null): Rank {
  if (kind === 'ISR') return Rank.ISR;
  return type === 'ThreadedDPC' ? Rank.ThreadedDpc : Rank.DPC;
}

/** Ranks of the runs of one source, found once for each kind and type. */
export class Ranks {
  readonly #known: (Rank | undefined)[] = [];

  of(batch: Runs, i: number): Rank {
    const kind = batch.cols.kind[i];
    const type = batch.cols.type[i];
    const key = (type + 1) * 4 + kind + 1;
    const known = this.#known[key];
    if (known !== undefined) return known;
    const rank = rankOf(batch.dicts.kind.get(kind), batch.dicts.type.get(type));
    this.#known[key] = rank;
    return rank;
  }
}

/** Decides by the names of a run; names are checked once for each dictionary id, not for each row. */
export class RunSelection {
  readonly #routines: (boolean | undefined)[] = [];
  readonly #types: (boolean | undefined)[] = [];
  /** True where nothing is filtered by name: then the per-row look-ups are skipped. */
  readonly #all: boolean;

  constructor(
    private readonly options: DpcOptions,
    /** Module of an address where the source does not name one; null where unknown. */
    private readonly resolve: (routine: string) => string | null = () => null,
  ) {
    this.#all = options.module === null && options.fn === null && options.kinds === null && options.cpus === null;
  }

  /** True where run `i` was asked for, its time apart. */
  takes(batch: Runs, i: number): boolean {
    if (this.#all) return true;
    const { cols } = batch;
    const { cpus, kinds } = this.options;
    if (cpus !== null && !cpus.has(cols.cpu[i])) return false;
    if (kinds !== null && !this.#takesType(batch, i)) return false;
    const id = cols.routine[i];
    this.#routines[id] ??= this.#takesRoutine(
      batch.dicts.routine.get(id) ?? '',
      batch.dicts.module.get(cols.module[i]),
    );
    return this.#routines[id];
  }

  #takesType(batch: Runs, i: number): boolean {
    const id = (batch.cols.type[i] + 1) * 4 + batch.cols.kind[i] + 1;
    if (this.#types[id] === undefined) {
      const type = (batch.dicts.type.get(batch.cols.type[i]) ?? '').toLowerCase();
      const kind = (batch.dicts.kind.get(batch.cols.kind[i]) ?? '').toLowerCase();
      this.#types[id] = this.options.kinds?.has(type) || this.options.kinds?.has(kind) || false;
    }
    return this.#types[id] as boolean;
  }

  #takesRoutine(routine: string, module: string | null): boolean {
    const { fn, module: modules } = this.options;
    const name = module ?? this.resolve(routine) ?? 'Unknown';
    if (modules !== null && !modules(name)) return false;
    // Without a name the address stands for it, with the image in front or not.
    return fn === null || fn(splitSymbol(routine).fn ?? routine.slice(routine.lastIndexOf('!') + 1));
  }
}
