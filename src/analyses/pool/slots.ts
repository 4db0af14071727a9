/** Sums over the allocations of one pool type, tag, stack and process. They lie side by side: each event touches a few cache lines. */
import { grown } from '../../core/grown.js';
import { IntKeys } from '../../core/int-keys.js';
import type { Cite } from '../../core/table.js';
import { type BinSeries, SLOT_BINS, type TimeBins } from './time-bins.js';

/** Where each sum of a slot lies: those that nearly every event changes come first, in one cache line. */
export enum Sum {
  /** Allocated in the range. */
  AllocCount,
  AllocBytes,
  /** Of those, freed in the range. */
  FreedCount,
  FreedBytes,
  /** Of those, gone without a free that was seen: their address was given out again. */
  GoneCount,
  GoneBytes,
  LifeSumUs,
  LifeMaxUs,
  /** Allocated in the range and freed after it. */
  LaterCount,
  LaterBytes,
  /** Allocated before the range and freed in it. */
  BeforeFreedCount,
  BeforeFreedBytes,
  /** Allocated before the range, in the trace, and not freed in it. */
  BeforeCount,
  BeforeBytes,
  /** Freed a second time. */
  TwiceCount,
}
const SUMS = 16;
/** Different slots: real traces have some ten thousands. */
const MAX_SLOTS = 400_000;
/** Lifetimes by powers of two: up to 2^LIVES µs, some 17 years. */
export const LIVES = 50;
const MAX_TRIES = 3;

/** What a slot's events have in common, as ids of its source's dictionaries; -1 for unknown. */
export interface SlotKey {
  readonly type: number;
  readonly tag: number;
  readonly stack: number;
  readonly pid: number;
}

/** An allocation that is cited because it is still out. */
interface Candidate {
  readonly cite: Cite;
  readonly low: number;
  readonly high: number;
  readonly atUs: number;
}

export class Slots {
  readonly #keys = new IntKeys(MAX_SLOTS);
  #sums = new Float64Array(SUMS * 256);
  /** By power of two, of each slot: most lifetimes fall into few of them. */
  readonly #lives: Int32Array[] = Array.from({ length: LIVES }, () => new Int32Array(0));
  /** Growth of bytes, and allocations that no free was seen of, by the time at which they were made. */
  readonly growth: BinSeries;
  readonly out: BinSeries;
  /** Frees, by time, of blocks from before the range; only of slots that have some. */
  readonly #freedBefore: BinSeries;
  readonly #freedBeforeOf = new Map<number, number>();
  readonly #candidates: (Candidate | null)[] = [];
  readonly #tries: number[] = [];
  /** From how many allocations on one is to be cited, and the lower word of the address of the one that is. */
  #nextCited = new Float64Array(256);
  #citedLow = new Int32Array(256);
  /** Allocations and frees that stand under no slot of their own. */
  dropped = 0;

  constructor(bins: TimeBins) {
    this.growth = bins.series(SLOT_BINS);
    this.out = bins.series(SLOT_BINS);
    this.#freedBefore = bins.series(SLOT_BINS);
  }

  get count(): number {
    return this.#keys.count;
  }

  /** Number of the slot; where there is no room, that of a slot of the same type and tag without stack and process. -1 where there is none either. */
  id(type: number, tag: number, stack: number, pid: number): number {
    const id = this.#keys.id(type, tag, stack, pid);
    if (id >= 0) {
      if (id === this.#tries.length) this.#added();
      return id;
    }
    this.dropped++;
    return this.#keys.id(type, tag, -1, -1);
  }

  key(slot: number): SlotKey {
    const keys = this.#keys;
    return { type: keys.part(slot, 0), tag: keys.part(slot, 1), stack: keys.part(slot, 2), pid: keys.part(slot, 3) };
  }

  /** Type of a slot: asked often, so without an object. */
  type(slot: number): number {
    return this.#keys.part(slot, 0);
  }

  /** Bytes that were allocated in the range and are out. */
  outBytes(slot: number): number {
    const sums = this.#sums;
    const at = slot * SUMS;
    return sums[at + Sum.AllocBytes] - sums[at + Sum.FreedBytes] - sums[at + Sum.GoneBytes];
  }

  outCount(slot: number): number {
    const sums = this.#sums;
    const at = slot * SUMS;
    return sums[at + Sum.AllocCount] - sums[at + Sum.FreedCount] - sums[at + Sum.GoneCount];
  }

  /** Counts frees of blocks from before the range. */
  addFreedBefore(slot: number, bin: number, count: number): void {
    const id = this.#freedBeforeOf.get(slot) ?? this.#freedBeforeOf.size;
    if (id === this.#freedBeforeOf.size) this.#freedBeforeOf.set(slot, id);
    this.#freedBefore.add(id, bin, count);
  }

  /** By part of the time; null where there are none. */
  freedBefore(slot: number): Float64Array | null {
    const id = this.#freedBeforeOf.get(slot);
    return id === undefined ? null : this.#freedBefore.of(id);
  }

  add(slot: number, sum: Sum, value: number): void {
    this.#sums[slot * SUMS + sum] += value;
  }

  /** Keeps the greatest. */
  raise(slot: number, sum: Sum, value: number): void {
    if (value > this.#sums[slot * SUMS + sum]) this.#sums[slot * SUMS + sum] = value;
  }

  sum(slot: number, sum: Sum): number {
    return this.#sums[slot * SUMS + sum];
  }

  /** Counts a lifetime. */
  lived(slot: number, us: number): void {
    const power =
      us < 2 ** 31 ? 32 - Math.clz32(Math.max(0, Math.ceil(us) - 1)) : Math.min(LIVES - 1, Math.ceil(Math.log2(us)));
    if (slot >= this.#lives[power].length) this.#lives[power] = grown(this.#lives[power], 2 * slot + 256);
    this.#lives[power][slot]++;
    this.add(slot, Sum.LifeSumUs, us);
    this.raise(slot, Sum.LifeMaxUs, us);
  }

  /** Lifetimes of at most 2^i µs, and more than 2^(i-1), by i. */
  lives(slot: number): Int32Array {
    return Int32Array.from(this.#lives, (counts) => counts[slot] ?? 0);
  }

  /** True where an allocation of the slot should be cited: none that is out is, and not too many were in vain. */
  wantsCandidate(slot: number): boolean {
    return this.#sums[slot * SUMS + Sum.AllocCount] >= this.#nextCited[slot];
  }

  setCandidate(slot: number, candidate: Candidate): void {
    this.#candidates[slot] = candidate;
    this.#citedLow[slot] = candidate.low;
    this.#nextCited[slot] = Number.POSITIVE_INFINITY;
    this.#tries[slot]++;
  }

  /** The block at an address is freed. */
  dropCandidate(slot: number, low: number, high: number): void {
    if (this.#citedLow[slot] !== low || this.#candidates[slot]?.low !== low || this.#candidates[slot]?.high !== high)
      return;
    this.#candidates[slot] = null;
    // Of slots whose blocks are all freed soon, fewer and fewer are tried.
    const tries = this.#tries[slot];
    const pause = tries < MAX_TRIES ? 0 : 3 ** Math.min(tries, 25);
    this.#nextCited[slot] = this.sum(slot, Sum.AllocCount) + pause;
  }

  /** A cited allocation that is still out; null where there is none. */
  candidate(slot: number): Candidate | null {
    return this.#candidates[slot];
  }

  #added(): void {
    this.#candidates.push(null);
    this.#tries.push(0);
    const slots = this.#tries.length;
    if (slots > this.#nextCited.length) {
      this.#nextCited = grown(this.#nextCited, slots * 2);
      this.#citedLow = grown(this.#citedLow, slots * 2);
    }
    if (slots * SUMS > this.#sums.length) this.#sums = grown(this.#sums, this.#sums.length * 2);
  }
}
