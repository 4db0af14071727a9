/** A pool tag that both sides may know, and what each says of it. */
import type { LeakSuspect } from '../../../src/analyses/dump/result.js';
import type { ListedBlocks, PoolResult, PoolStack, PoolTag } from '../../../src/analyses/pool/result.js';

/** A tag, in one pool or in both where the source does not tell. */
export interface Subject {
  readonly tag: string;
  readonly paged: boolean | null;
  readonly row: PoolTag | null;
  readonly suspect: LeakSuspect | null;
  readonly stacks: readonly PoolStack[];
  readonly listed: readonly ListedBlocks[];
  /** Where the tag stands in code. */
  readonly places: PoolResult['tagPlaces'];
}

export function subjectOf(
  tag: string,
  paged: boolean | null,
  row: PoolTag | null,
  suspects: readonly LeakSuspect[],
  pool: PoolResult,
): Subject {
  const isOwn = (one: string | null): boolean => one !== null && plain(one) === plain(tag);
  const fitsPool = (other: boolean | null): boolean => other === null || paged === null || other === paged;
  return {
    tag,
    paged,
    row,
    suspect: suspects.find((one) => isOwn(one.subject) && fitsPool(one.paged)) ?? null,
    stacks: pool.stacks.filter((stack) => isOwn(stack.tag) && fitsPool(stack.paged)),
    listed: pool.blocks.filter((list) => isOwn(list.tag)),
    places: pool.tagPlaces.filter((place) => isOwn(place.tag)),
  };
}

/** Tags as poolmon, kd and ETW print them differ in quotes and trailing blanks. */
export const plain = (tag: string): string => tag.replace(/^'|'$/g, '').trimEnd();
