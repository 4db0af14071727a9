/** Images and processes of a source, for stacks and events that come as bare addresses and ids. */
import { fileName } from '../../core/symbol.js';
import type { Batch } from '../../core/table.js';
import type { image } from '../../tables/image.js';
import type { processTable } from '../../tables/process.js';

const MAX_IMAGES = 100_000;
/** Images looked at behind an address. */
const MAX_STEPS = 256;

interface Loaded {
  readonly base: bigint;
  readonly end: bigint;
  readonly name: string;
}

export class SystemNames {
  readonly #images = new Map<string, Loaded>();
  #sorted: Loaded[] | null = null;
  /** Null for an id that several processes had. */
  readonly #processes = new Map<number, string | null>();

  addImages({ cols, dicts, n }: Batch<typeof image>): void {
    for (let i = 0; i < n && this.#images.size < MAX_IMAGES; i++) {
      const path = dicts.path.get(cols.path[i]);
      const [base, end] = [cols.base[i], cols.end[i]];
      if (path === null || end <= base) continue;
      this.#images.set(`${base} ${path}`, { base, end, name: fileName(path) });
      this.#sorted = null;
    }
  }

  addProcesses({ cols, dicts, n }: Batch<typeof processTable>): void {
    for (let i = 0; i < n && this.#processes.size < MAX_IMAGES; i++) {
      const name = dicts.process.get(cols.process[i]);
      const pid = cols.pid[i];
      if (name === null || pid < 0) continue;
      const known = this.#processes.get(pid);
      this.#processes.set(pid, known === undefined || known === name ? name : null);
    }
  }

  /** Name of a process; null where no row names it, or several do. */
  process(pid: number): string | null {
    return this.#processes.get(pid) ?? null;
  }

  /** The image that covers an address and how far behind its beginning that lies; null where none does, or where it cannot be told which. */
  moduleAt(address: bigint): { readonly module: string; readonly offset: bigint } | null {
    this.#sorted ??= [...this.#images.values()].sort((a, b) => (a.base < b.base ? -1 : a.base > b.base ? 1 : 0));
    const images = this.#sorted;
    let found: Loaded | null = null;
    for (let i = lastAtOrBelow(images, address), steps = 0; i >= 0 && steps < MAX_STEPS; i--, steps++) {
      const one = images[i];
      if (address >= one.end) continue;
      if (found !== null && (found.name !== one.name || found.base !== one.base)) return null;
      found = one;
    }
    return found === null ? null : { module: found.name, offset: address - found.base };
  }
}

function lastAtOrBelow(images: readonly Loaded[], address: bigint): number {
  let low = 0;
  let high = images.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (images[middle].base <= address) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
