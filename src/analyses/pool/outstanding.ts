/**
 * Pairs allocations with frees by address, as rows of `pool_event` come in the order of time, and sums what is left over. Rows of
 * `pool_allocation` are paired already.
 */
import { grown } from '../../core/grown.js';
import { IntKeys } from '../../core/int-keys.js';
import type { About } from '../../core/parser.js';
import { NULL_I32 } from '../../core/schema.js';
import type { Batch, Cite } from '../../core/table.js';
import type { poolAllocation } from '../../tables/pool-allocation.js';
import type { poolEvent } from '../../tables/pool-event.js';
import { isPaged, isSessionPool } from '../../tables/pool-types.js';
import { CallStacks } from './call-stacks.js';
import { LiveBlocks } from './live-blocks.js';
import { hasLosses } from './missing-frees.js';
import type { PoolOptions } from './options.js';
import { RecentFrees } from './recent-frees.js';
import { Slots, Sum } from './slots.js';
import { SystemNames } from './system-names.js';
import { BINS, type BinSeries, TimeBins } from './time-bins.js';
import { YoungBlocks } from './young-blocks.js';

/** Pairs of an allocating slot and a freeing stack. */
const MAX_PAIRS = 1 << 20;
const MAX_TWICE = 20;
/** Of a block that was allocated after the range: no slot has this number. */
const NO_SLOT = 1 << 30;
/** Of a paired row whose block was not there in the range. */
const OUTSIDE = 'outside';

/** A block that was freed twice with no allocation between. */
export interface DoubleFree {
  readonly slot: number;
  readonly address: bigint;
  readonly atUs: number;
  readonly beforeUs: number;
  readonly stack: number;
  readonly cite: Cite;
}

/** Series of the whole. */
export enum Whole {
  Nonpaged = 0,
  Paged = 1,
  Unknown = 2,
}

const wholeOf = (paged: boolean | null): Whole =>
  paged === null ? Whole.Unknown : paged ? Whole.Paged : Whole.Nonpaged;

export class Outstanding {
  readonly system: SystemNames = new SystemNames();
  readonly stacks: CallStacks = new CallStacks(this.system);
  readonly blocks: LiveBlocks = new LiveBlocks();
  readonly recent: RecentFrees = new RecentFrees();
  /** Of what is out at the end of the range, what is younger than was asked for: of blocks that were freed later, as they are met. */
  readonly young: YoungBlocks = new YoungBlocks();
  readonly twice: DoubleFree[] = [];
  twiceCount = 0;
  /** Events that were used, and those without tag, address or operation. */
  events = 0;
  unusable = 0;
  /** Events without a stack. */
  withoutStack = 0;
  /** Events that came after one that is later. */
  inversions = 0;
  lastUs = Number.NEGATIVE_INFINITY;
  firstUs = Number.POSITIVE_INFINITY;
  /** Rows that the source had paired itself. */
  paired = 0;
  /** Frees that found their allocation, and those that did not. */
  matched = 0;
  unmatched = 0;
  /** Allocations at an address that was in use. */
  reused = 0;
  readonly pairs = new IntKeys(MAX_PAIRS);
  pairCounts: Float64Array = new Float64Array(1024);
  /** By slot: the freeing stack that was counted last + 1, and its pair. */
  #lastPairs = new Int32Array(1024);
  /** Id of the name of the process by slot. */
  readonly processes: number[] = [];
  /** Highest sum of what was out at one time, by `Whole`. */
  readonly peaks = [0, 0, 0].map(() => ({ bytes: 0, atUs: Number.NaN }));
  dicts: Batch<typeof poolEvent>['dicts'] | Batch<typeof poolAllocation>['dicts'] | null = null;
  #bins: TimeBins | null = null;
  #slots: Slots | null = null;
  #growth: BinSeries | null = null;
  #out: BinSeries | null = null;
  readonly #now = [0, 0, 0];
  /** By id of the type: paged, session. */
  readonly #paged: (boolean | null)[] = [];
  readonly #session: boolean[] = [];
  /** By id of the tag: whether it passes the filter. */
  readonly #wanted: boolean[] = [];
  #startUs = Number.NEGATIVE_INFINITY;
  #endUs = Number.POSITIVE_INFINITY;

  constructor(private readonly options: PoolOptions) {}

  get bins(): TimeBins | null {
    return this.#bins;
  }

  get slots(): Slots | null {
    return this.#slots;
  }

  /** From when on allocations count as inside. */
  get startUs(): number {
    return this.#startUs;
  }

  /** When the trace ends, once all is read: at its last pool event, or later where the source says so. */
  endOf({ span }: Pick<About, 'span'>): number {
    return Math.max(this.lastUs, span.endUs ?? Number.NEGATIVE_INFINITY);
  }

  /** Growth of bytes by part of the time. */
  growth(whole: Whole): Float64Array {
    return this.#growth?.of(whole) ?? new Float64Array(BINS);
  }

  /** Growth of the bytes that were allocated in the range. */
  out(whole: Whole): Float64Array {
    return this.#out?.of(whole) ?? new Float64Array(BINS);
  }

  paged(type: number): boolean | null {
    return this.#paged[type] ?? null;
  }

  add(batch: Batch<typeof poolEvent>): void {
    this.dicts = batch.dicts;
    const { cols, n, dicts } = batch;
    if (n > 0) this.#begin(batch, cols.atUs[0]);
    const alloc = dicts.operation.id('alloc');
    const free = dicts.operation.id('free');
    const words = new Int32Array(cols.address.buffer, cols.address.byteOffset, 2 * n);
    for (let i = 0; i < n; i++) {
      const operation = cols.operation[i];
      const low = words[2 * i];
      const high = words[2 * i + 1];
      const atUs = cols.atUs[i];
      if ((low === 0 && high === 0) || (operation !== alloc && operation !== free) || Number.isNaN(atUs)) {
        this.unusable++;
        continue;
      }
      if (!this.#passes(cols.tag[i], cols.poolType[i], batch)) continue;
      this.events++;
      if (atUs < this.lastUs) this.inversions++;
      else this.lastUs = atUs;
      if (atUs < this.firstUs) this.firstUs = atUs;
      if (cols.stack[i] === NULL_I32) this.withoutStack++;
      const session = cols.sessionId[i];
      // Each session has the same addresses.
      const own =
        session !== NULL_I32 && this.#session[cols.poolType[i]] ? high ^ Math.imul(session + 1, 0x9e3779b1) : high;
      if (operation === alloc) this.#alloc(batch, i, low, own, atUs);
      else this.#free(batch, i, low, own, atUs);
    }
  }

  /** Takes rows that the source has paired; they need not be in the order of time. */
  addPaired(batch: Batch<typeof poolAllocation>): void {
    this.dicts = batch.dicts;
    const { cols, n } = batch;
    for (let i = 0; i < n; i++) {
      if (!this.#passes(cols.tag[i], cols.poolType[i], batch)) continue;
      const times = [cols.allocUs[i], cols.freeUs[i]].filter((us) => !Number.isNaN(us));
      this.#begin(batch, 0);
      for (const us of times) {
        if (us > this.lastUs) this.lastUs = us;
        if (us < this.firstUs) this.firstUs = us;
      }
      this.paired++;
      this.#row(batch, i);
    }
  }

  /** A row of sums or of one allocation: its type against the range is what its times say, else what the source says. */
  #row(batch: Batch<typeof poolAllocation>, i: number): void {
    const { cols, dicts } = batch;
    const slots = this.#slots as Slots;
    const bins = this.#bins as TimeBins;
    const slot = this.#slotOf(cols.poolType[i], cols.tag[i], cols.stack[i], cols.pid[i], cols.process[i]);
    if (slot < 0) return;
    const count = Number.isNaN(cols.count[i]) ? 1 : cols.count[i];
    const bytes = Number.isNaN(cols.bytes[i]) ? 0 : cols.bytes[i];
    if (cols.stack[i] === NULL_I32) this.withoutStack += count;
    const allocUs = cols.allocUs[i];
    const freeUs = cols.freeUs[i];
    const type = this.#typeOf(allocUs, freeUs, dicts.type.get(cols.type[i]));
    if (type === OUTSIDE) return;
    if (type === null) this.unusable++;
    else if (type[1] === 'I') {
      slots.add(slot, Sum.AllocCount, count);
      slots.add(slot, Sum.AllocBytes, bytes);
      this.#grow(slot, Number.isNaN(allocUs) ? -1 : bins.of(allocUs), bytes);
      if (type === 'AIFI') {
        slots.add(slot, Sum.FreedCount, count);
        slots.add(slot, Sum.FreedBytes, bytes);
        this.#grow(slot, Number.isNaN(freeUs) ? -1 : bins.of(freeUs), -bytes);
        if (freeUs >= allocUs) slots.lived(slot, freeUs - allocUs);
        this.#pair(slot, cols.freeStack[i], count);
      } else {
        if (!Number.isNaN(allocUs)) slots.out.add(slot, bins.of(allocUs), count);
        if (slots.wantsCandidate(slot))
          slots.setCandidate(slot, { cite: batch.cite(i), low: 0, high: 0, atUs: allocUs });
      }
    } else {
      const isFreed = type === 'AOFI';
      slots.add(slot, isFreed ? Sum.BeforeFreedCount : Sum.BeforeCount, count);
      slots.add(slot, isFreed ? Sum.BeforeFreedBytes : Sum.BeforeBytes, bytes);
      if (isFreed && !Number.isNaN(freeUs)) {
        this.#grow(slot, bins.of(freeUs), -bytes, false);
        slots.addFreedBefore(slot, bins.of(freeUs), count);
      }
    }
  }

  #typeOf(allocUs: number, freeUs: number, said: string | null): string | null {
    if (this.options.range === null)
      return said ?? (Number.isNaN(allocUs) ? null : Number.isNaN(freeUs) ? 'AIFO' : 'AIFI');
    // What was allocated or freed at an unknown time was so outside what the source covers.
    const inside = (us: number): boolean => us >= this.#startUs && us <= this.#endUs;
    if (Number.isNaN(allocUs) && Number.isNaN(freeUs)) return said;
    if (allocUs > this.#endUs || freeUs < this.#startUs) return OUTSIDE;
    return `${inside(allocUs) ? 'AI' : 'AO'}${inside(freeUs) ? 'FI' : 'FO'}`;
  }

  #grow(slot: number, bin: number, bytes: number, isOurs = true): void {
    if (bin < 0) return;
    const whole = wholeOf(this.paged((this.#slots as Slots).type(slot)));
    this.#grew(slot, whole, bin, bytes);
    if (isOurs) (this.#out as BinSeries).add(whole, bin, bytes);
  }

  #grew(slot: number, whole: Whole, bin: number, bytes: number): void {
    (this.#slots as Slots).growth.add(slot, bin, bytes);
    (this.#growth as BinSeries).add(whole, bin, bytes);
  }

  #begin(batch: Batch, firstUs: number): void {
    if (this.#bins !== null) return;
    const { range } = this.options;
    const { span } = batch.about;
    this.#startUs = range?.startUs ?? span.startUs ?? firstUs;
    this.#endUs = range?.endUs ?? Number.POSITIVE_INFINITY;
    this.#bins = new TimeBins(this.#startUs, Math.min(this.#endUs, span.endUs ?? Number.NaN));
    this.#slots = new Slots(this.#bins);
    this.#growth = this.#bins.series(BINS);
    this.#out = this.#bins.series(BINS);
  }

  #passes(tag: number, type: number, { dicts }: Batch<typeof poolEvent> | Batch<typeof poolAllocation>): boolean {
    if (type >= 0 && this.#paged[type] === undefined) {
      const name = dicts.poolType.get(type);
      this.#paged[type] = isPaged(name);
      this.#session[type] = isSessionPool(name);
    }
    const { paged } = this.options;
    if (paged !== null && this.paged(type) !== paged) return false;
    if (this.options.tag === null) return true;
    this.#wanted[tag] ??= this.options.tag(dicts.tag.get(tag) ?? '');
    return this.#wanted[tag];
  }

  #slotOf(type: number, tag: number, stack: number, pid: number, process: number): number {
    const slots = this.#slots as Slots;
    const slot = slots.id(type, tag, stack === NULL_I32 ? -1 : stack, pid === NULL_I32 ? -1 : pid);
    if (slot >= 0 && (this.processes[slot] ?? -1) < 0) this.processes[slot] = process;
    return slot;
  }

  #alloc(batch: Batch<typeof poolEvent>, i: number, low: number, high: number, atUs: number): void {
    const { cols } = batch;
    const slots = this.#slots as Slots;
    if (this.blocks.take(low, high)) this.#gone(atUs, low, high);
    this.recent.forget(low, high);
    if (atUs > this.#endUs) {
      // Kept without a slot, so that its free is not taken for one of a block that was there all through the range.
      this.blocks.add(low, high, atUs, 0, NO_SLOT, Number.NaN);
      return;
    }
    const slot = this.#slotOf(cols.poolType[i], cols.tag[i], cols.stack[i], cols.pid[i], cols.process[i]);
    const bytes = Number.isNaN(cols.bytes[i]) ? 0 : cols.bytes[i];
    const place = Number.isNaN(cols.line[i]) ? cols.byte[i] : cols.line[i];
    if (slot < 0 || !this.blocks.add(low, high, atUs, bytes, slot, place)) return;
    if (atUs < this.#startUs) {
      slots.add(slot, Sum.BeforeCount, 1);
      slots.add(slot, Sum.BeforeBytes, bytes);
      return;
    }
    slots.add(slot, Sum.AllocCount, 1);
    slots.add(slot, Sum.AllocBytes, bytes);
    const bin = (this.#bins as TimeBins).of(atUs);
    slots.out.add(slot, bin, 1);
    const whole = wholeOf(this.paged(cols.poolType[i]));
    this.#grew(slot, whole, bin, bytes);
    this.#changed(whole, bin, bytes, atUs);
    if (slots.wantsCandidate(slot)) slots.setCandidate(slot, { cite: batch.cite(i), low, high, atUs });
  }

  /** The block in `blocks` was given out anew without a free between: that free is missing. */
  #gone(atUs: number, low: number, high: number): void {
    const slots = this.#slots as Slots;
    const { slot, bytes, atUs: since } = this.blocks;
    this.reused++;
    if (slot === NO_SLOT) return;
    slots.dropCandidate(slot, low, high);
    if (atUs > this.#endUs) {
      // It was out at the end of the range, as far as is seen.
      if (since >= this.#startUs) this.#later(slot, bytes, since);
    } else if (since < this.#startUs) {
      slots.add(slot, Sum.BeforeCount, -1);
      slots.add(slot, Sum.BeforeBytes, -bytes);
    } else {
      slots.add(slot, Sum.GoneCount, 1);
      slots.add(slot, Sum.GoneBytes, bytes);
      slots.out.add(slot, (this.#bins as TimeBins).of(since), -1);
    }
    if (atUs < this.#startUs || atUs > this.#endUs) return;
    this.#shrink(slot, bytes, atUs, since >= this.#startUs);
  }

  /** Freed after the range: outstanding at its end, and no leak. */
  #later(slot: number, bytes: number, since: number): void {
    const slots = this.#slots as Slots;
    slots.add(slot, Sum.LaterCount, 1);
    slots.add(slot, Sum.LaterBytes, bytes);
    slots.out.add(slot, (this.#bins as TimeBins).of(since), -1);
    if (this.#endUs - since < this.options.minAgeUs) this.young.add(slot, bytes);
  }

  #shrink(slot: number, bytes: number, atUs: number, isOurs: boolean): void {
    const slots = this.#slots as Slots;
    const bin = (this.#bins as TimeBins).of(atUs);
    const whole = wholeOf(this.paged(slots.type(slot)));
    this.#grew(slot, whole, bin, -bytes);
    if (isOurs) this.#changed(whole, bin, -bytes, atUs);
  }

  #changed(whole: Whole, bin: number, bytes: number, atUs: number): void {
    (this.#out as BinSeries).add(whole, bin, bytes);
    this.#now[whole] += bytes;
    if (bytes <= 0) return;
    if (this.#now[whole] > this.peaks[whole].bytes) this.peaks[whole] = { bytes: this.#now[whole], atUs };
  }

  #free(batch: Batch<typeof poolEvent>, i: number, low: number, high: number, atUs: number): void {
    const { cols } = batch;
    const slots = this.#slots as Slots;
    const place = Number.isNaN(cols.line[i]) ? cols.byte[i] : cols.line[i];
    if (!this.blocks.take(low, high)) {
      this.#freeOfUnknown(batch, i, low, high, atUs, place);
      return;
    }
    this.matched++;
    const { slot, bytes, atUs: since } = this.blocks;
    this.recent.add(low, high, slot, atUs, place);
    if (slot === NO_SLOT) return;
    slots.dropCandidate(slot, low, high);
    if (since < this.#startUs) {
      slots.add(slot, Sum.BeforeCount, -1);
      slots.add(slot, Sum.BeforeBytes, -bytes);
    }
    if (atUs < this.#startUs) return;
    if (atUs > this.#endUs) {
      if (since >= this.#startUs) this.#later(slot, bytes, since);
      else {
        // Not freed in the range after all.
        slots.add(slot, Sum.BeforeCount, 1);
        slots.add(slot, Sum.BeforeBytes, bytes);
      }
      return;
    }
    if (since < this.#startUs) {
      slots.add(slot, Sum.BeforeFreedCount, 1);
      slots.add(slot, Sum.BeforeFreedBytes, bytes);
      slots.addFreedBefore(slot, (this.#bins as TimeBins).of(atUs), 1);
    } else {
      slots.add(slot, Sum.FreedCount, 1);
      slots.add(slot, Sum.FreedBytes, bytes);
      slots.out.add(slot, (this.#bins as TimeBins).of(since), -1);
      slots.lived(slot, atUs - since);
    }
    this.#pair(slot, cols.stack[i], 1);
    this.#shrink(slot, bytes, atUs, since >= this.#startUs);
  }

  /** A free whose allocation was not seen: it lies before the trace, or was lost; or the block is freed a second time. */
  #freeOfUnknown(
    batch: Batch<typeof poolEvent>,
    i: number,
    low: number,
    high: number,
    atUs: number,
    place: number,
  ): void {
    const { cols } = batch;
    const slots = this.#slots as Slots;
    const isInside = atUs >= this.#startUs && atUs <= this.#endUs;
    if (this.recent.has(low, high)) {
      if (isInside && this.recent.slot !== NO_SLOT) this.#again(batch, i, atUs);
      // Where events were lost, the allocation between may be among them.
      if (!hasLosses(batch.about)) return;
    }
    const slot = this.#slotOf(cols.poolType[i], cols.tag[i], NULL_I32, NULL_I32, -1);
    this.unmatched++;
    if (slot < 0) return;
    this.recent.add(low, high, slot, atUs, place);
    if (atUs < this.#startUs) return;
    const bytes = Number.isNaN(cols.bytes[i]) ? 0 : cols.bytes[i];
    if (atUs > this.#endUs) {
      // It was there all through the range.
      slots.add(slot, Sum.BeforeCount, 1);
      slots.add(slot, Sum.BeforeBytes, bytes);
      return;
    }
    slots.add(slot, Sum.BeforeFreedCount, 1);
    slots.add(slot, Sum.BeforeFreedBytes, bytes);
    slots.addFreedBefore(slot, (this.#bins as TimeBins).of(atUs), 1);
    this.#pair(slot, cols.stack[i], 1);
    this.#shrink(slot, bytes, atUs, false);
  }

  /** A block that was freed already, and not allocated since as far as the trace shows. */
  #again(batch: Batch<typeof poolEvent>, i: number, atUs: number): void {
    const { slot, atUs: beforeUs } = this.recent;
    this.twiceCount++;
    if (!hasLosses(batch.about)) (this.#slots as Slots).add(slot, Sum.TwiceCount, 1);
    if (this.twice.length >= MAX_TWICE) return;
    const { address, stack } = batch.cols;
    this.twice.push({ slot, address: address[i], atUs, beforeUs, stack: stack[i], cite: batch.cite(i) });
  }

  /** Counts frees of a slot's blocks by a stack. */
  #pair(slot: number, stack: number, count: number): void {
    if (stack === NULL_I32 || stack < 0) return;
    if (2 * slot >= this.#lastPairs.length) this.#lastPairs = grown(this.#lastPairs, 4 * slot);
    // Most often it is the stack that freed the one before.
    const isLast = this.#lastPairs[2 * slot] === stack + 1;
    const id = isLast ? this.#lastPairs[2 * slot + 1] : this.pairs.id(slot, stack, 0, 0);
    if (id < 0) return;
    this.#lastPairs[2 * slot] = stack + 1;
    this.#lastPairs[2 * slot + 1] = id;
    if (id >= this.pairCounts.length) this.pairCounts = grown(this.pairCounts, this.pairCounts.length * 2);
    this.pairCounts[id] += count;
  }
}
