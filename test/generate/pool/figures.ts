/** What must come out of pool events, by plain bookkeeping: one list of blocks, gone through once for each question. */
import { isPagedType, type PoolEvent } from './model.js';

/** The life of a block, as far as the events tell. */
export interface Block {
  readonly address: bigint;
  readonly tag: string;
  readonly poolType: number;
  readonly paged: boolean;
  readonly bytes: number;
  /** Null: allocated before the events begin (or while they were lost). */
  readonly alloc: PoolEvent | null;
  /** Null: not freed, as far as is known. */
  readonly free: PoolEvent | null;
  /** The next allocation of the address, where no free was seen before it: the free is missing in the events. */
  readonly reused: PoolEvent | null;
}

export interface Books {
  readonly blocks: readonly Block[];
  /** Frees of an address that had been freed already, without an allocation in between. */
  readonly doubleFrees: readonly PoolEvent[];
}

const blockOf = (of: PoolEvent, rest: Pick<Block, 'alloc' | 'free' | 'reused'>): Block => {
  const { address, tag, poolType, bytes } = of;
  return { address, tag, poolType, paged: isPagedType(poolType), bytes, ...rest };
};

/** Between these times, events are missing. */
export interface Gap {
  readonly fromUs: number;
  readonly toUs: number;
}

/**
 * Pairs frees with allocations by address alone, as a reader must. With `gap`, a second free behind it is none: the
 * allocation may be among the events that are missing, and counts as not known.
 */
export function booksOf(events: readonly PoolEvent[], gap: Gap | null = null): Books {
  const open = new Map<bigint, PoolEvent>();
  const freedUs = new Map<bigint, number>();
  const blocks: Block[] = [];
  const doubleFrees: PoolEvent[] = [];
  const isAgain = (beforeUs: number | undefined, atUs: number): boolean =>
    beforeUs !== undefined && !(gap !== null && beforeUs < gap.fromUs && atUs > gap.toUs);
  for (const event of events) {
    const alloc = open.get(event.address);
    if (event.op === 'alloc') {
      if (alloc !== undefined) blocks.push(blockOf(alloc, { alloc, free: null, reused: event }));
      open.set(event.address, event);
      freedUs.delete(event.address);
      continue;
    }
    if (alloc !== undefined) blocks.push(blockOf(alloc, { alloc, free: event, reused: null }));
    else if (isAgain(freedUs.get(event.address), event.atUs)) doubleFrees.push(event);
    else blocks.push(blockOf(event, { alloc: null, free: event, reused: null }));
    open.delete(event.address);
    freedUs.set(event.address, event.atUs);
  }
  for (const alloc of open.values()) blocks.push(blockOf(alloc, { alloc, free: null, reused: null }));
  return { blocks, doubleFrees };
}

export interface Sum {
  count: number;
  bytes: number;
}

/** Of a tag in paged or nonpaged pool, over a range of time. */
export interface PoolFigures {
  readonly tag: string;
  readonly paged: boolean;
  /** Index of the allocating stack; null for blocks whose allocation is not among the events, and in sums over stacks. */
  readonly stack: number | null;
  /** Allocated and freed inside. */
  readonly aifi: Sum;
  /** Allocated inside, freed later or never. */
  readonly aifo: Sum;
  /** Allocated before, freed inside. */
  readonly aofi: Sum;
  /** Allocated before, freed later or never. */
  readonly aofo: Sum;
  /** Allocated inside or before, and the free is missing in the events: the address was allocated again. */
  readonly unknown: Sum;
}

/** Both ends included. Without: from before the first event to behind the last. */
export interface Range {
  readonly fromUs: number;
  readonly toUs: number;
}
const WHOLE: Range = { fromUs: Number.NEGATIVE_INFINITY, toUs: Number.POSITIVE_INFINITY };
type Class = 'aifi' | 'aifo' | 'aofi' | 'aofo' | 'unknown';

/** Null where the block was not there during the range. Before the events is before any range. */
function classOf({ alloc, free, reused }: Block, { fromUs, toUs }: Range): Class | null {
  if (alloc !== null && alloc.atUs > toUs) return null;
  if (free !== null && free.atUs < fromUs) return null;
  if (reused !== null) return reused.atUs < fromUs ? null : 'unknown';
  const inside = alloc !== null && alloc.atUs >= fromUs;
  const ended = free !== null && free.atUs <= toUs;
  if (inside) return ended ? 'aifi' : 'aifo';
  return ended ? 'aofi' : 'aofo';
}

/** Sums over stacks, in the order in which tags first end or, at last, are left over. */
export const figuresByTag = (books: Books, range: Range = WHOLE): PoolFigures[] => figures(books, range, () => null);

/** By allocating stack as well. */
export const figuresByStack = (books: Books, range: Range = WHOLE): PoolFigures[] =>
  figures(books, range, ({ alloc }) => alloc?.stack ?? null);

function figures(books: Books, range: Range, stackOf: (block: Block) => number | null): PoolFigures[] {
  const all = new Map<string, PoolFigures>();
  const none = (): Sum => ({ count: 0, bytes: 0 });
  for (const block of books.blocks) {
    const kind = classOf(block, range);
    if (kind === null) continue;
    const { tag, paged, bytes } = block;
    const stack = stackOf(block);
    const key = `${tag} ${paged} ${stack}`;
    const sums = { aifi: none(), aifo: none(), aofi: none(), aofo: none(), unknown: none() };
    const known = all.get(key) ?? { tag, paged, stack, ...sums };
    known[kind].count++;
    known[kind].bytes += bytes;
    all.set(key, known);
  }
  return [...all.values()];
}

/** Blocks allocated in the trace that are in use after an event. */
export interface Outstanding {
  readonly atUs: number;
  readonly count: number;
  readonly bytes: number;
}

/** One row after each event that changes it. Blocks of before the trace do not count. */
export function outstandingOf(books: Books, tag: string, paged: boolean, stack?: number): Outstanding[] {
  const own = books.blocks.filter(
    (block) => block.tag === tag && block.paged === paged && (stack === undefined || block.alloc?.stack === stack),
  );
  const steps = own.flatMap(({ alloc, free, reused, bytes }) => {
    if (alloc === null) return [];
    const end = free ?? reused;
    const start = { atUs: alloc.atUs, count: 1, bytes };
    return end === null ? [start] : [start, { atUs: end.atUs, count: -1, bytes: -bytes }];
  });
  let [count, bytes] = [0, 0];
  return steps
    .sort((a, b) => a.atUs - b.atUs)
    .map((step) => {
      count += step.count;
      bytes += step.bytes;
      return { atUs: step.atUs, count, bytes };
    });
}

/** The first moment with the most bytes in use; null where nothing was allocated. */
export function peakOf(outstanding: readonly Outstanding[]): Outstanding | null {
  let peak: Outstanding | null = null;
  for (const row of outstanding) if (peak === null || row.bytes > peak.bytes) peak = row;
  return peak;
}
