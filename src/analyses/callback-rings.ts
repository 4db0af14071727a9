/** The latest callbacks of client drivers on each processor, until the run that made them has ended. */
import type { Batch, Cite } from '../core/table.js';
import type { frameworkCallback } from '../tables/framework-callback.js';

/** One routine of a client driver that a framework called. */
export interface Callback {
  readonly type: string | null;
  readonly module: string | null;
  readonly routine: string | null;
  readonly cite: Cite;
}

interface Kept extends Callback {
  readonly atUs: number;
}

/** A run calls few; older ones belong to runs that are over. */
const MAX_KEPT = 512;

export class CallbackRings {
  readonly #byPlace = new Map<string, Kept[]>();

  keep(batch: Batch<typeof frameworkCallback>): void {
    const { cols, dicts, n, source } = batch;
    for (let i = 0; i < n; i++) {
      const key = `${source}|${cols.cpu[i]}`;
      const list = this.#byPlace.get(key) ?? [];
      this.#byPlace.set(key, list);
      list.push({
        atUs: cols.atUs[i],
        type: dicts.type.get(cols.type[i]),
        module: dicts.module.get(cols.module[i]),
        routine: dicts.routine.get(cols.routine[i]),
        cite: batch.cite(i),
      });
      if (list.length > MAX_KEPT) list.splice(0, MAX_KEPT / 2);
    }
  }

  /** Calls `each` for every callback on a processor from `startUs` to `endUs`. */
  within(source: number, cpu: number, startUs: number, endUs: number, each: (callback: Callback) => void): void {
    const list = this.#byPlace.get(`${source}|${cpu}`);
    if (list === undefined) return;
    for (let k = list.length - 1; k >= 0 && list[k].atUs >= startUs; k--) if (list[k].atUs <= endUs) each(list[k]);
  }
}
