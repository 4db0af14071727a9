/** The kernel's counters of each tag at given moments: what they were before the trace, and what happened since. */
import { isPagedType, type PoolTruth } from './model.js';

export interface TagCounters {
  readonly tag: string;
  readonly paged: boolean;
  readonly allocs: number;
  readonly frees: number;
  readonly bytes: number;
}

/** One list for each moment, in the order of the population. Second frees of a block do not count: the kernel would stop. */
export function countersAt(truth: PoolTruth, moments: readonly number[]): TagCounters[][] {
  const again = new Set(truth.doubleFrees);
  return moments.map((atUs) => {
    const tags = truth.population.map((tag) => ({ ...tag }));
    const byKey = new Map(tags.map((tag) => [`${tag.tag} ${tag.paged}`, tag]));
    for (const event of truth.events) {
      if (event.atUs > atUs) break;
      const tag = byKey.get(`${event.tag} ${isPagedType(event.poolType)}`);
      if (tag === undefined || again.has(event)) continue;
      if (event.op === 'alloc') tag.allocs++;
      else tag.frees++;
      tag.bytes += event.op === 'alloc' ? event.bytes : -event.bytes;
    }
    return tags;
  });
}
