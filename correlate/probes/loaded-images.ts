/** Kernel images of the traces: where they lay, and when they were linked. */
import { fileName } from '../../src/core/symbol.js';
import { type Batch, type Cite, isBatchOf } from '../../src/core/table.js';
import { image } from '../../src/tables/image.js';
import type { Probe } from './probe.js';

export interface TraceImage {
  readonly source: number;
  readonly name: string;
  readonly base: bigint;
  readonly end: bigint;
  /** Seconds since 1970; null where not recorded. */
  readonly timeDateStamp: number | null;
  readonly cite: Cite;
}

const KERNEL_64 = 0xffff_8000_0000_0000n;
const KERNEL_32 = 0x8000_0000n;
const MAX_IMAGES = 5000;

export class LoadedImages implements Probe {
  readonly reads = [image];
  readonly list: TraceImage[] = [];
  readonly #seen = new Set<string>();

  add(batch: Batch): void {
    if (!isBatchOf(batch, image)) return;
    const { cols, dicts, n } = batch;
    for (let i = 0; i < n; i++) {
      const base = cols.base[i];
      const isKernel = base >= KERNEL_64 || (base >= KERNEL_32 && base < 0x1_0000_0000n);
      const path = dicts.path.get(cols.path[i]);
      if (!isKernel || path === null || this.list.length >= MAX_IMAGES) continue;
      const name = fileName(path);
      const key = `${batch.source} ${base} ${name}`;
      if (this.#seen.has(key)) continue;
      this.#seen.add(key);
      const stamp = cols.timeDateStamp[i];
      this.list.push({
        source: batch.source,
        name,
        base,
        end: cols.end[i],
        timeDateStamp: stamp > 0 ? stamp : null,
        cite: batch.cite(i),
      });
    }
  }
}
