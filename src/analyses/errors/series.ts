/**
 * When each series (a template in a thread, a template altogether, a span …) came: count, first, last, and instants for its
 * rhythm. Of a long series the first {@link KEPT} and the last {@link KEPT} instants are kept, so memory is bounded by the
 * number of series, which is bounded too. One record of 64 bytes and few jumps in memory for a message: there are millions.
 */

import { grown } from '../../core/grown.js';

/** Instants kept at each end of a series. */
export const KEPT = 512;
const PER_BLOCK = 15;
const MAX_BLOCKS = 400_000;
const END_BLOCKS = Math.ceil(KEPT / PER_BLOCK);
/** Series at one time; messages of further ones are counted with their template only. Those of templates in threads leave room for others. */
export const MAX_SERIES = 200_000;
const MAX_IN_THREADS = 100_000;

// A record: 2 doubles, then 12 integers.
const STRIDE = 8;
const FIRST = 0;
const LAST = 1;
const COUNT = 4;
const KEY_A = 5;
const KEY_B = 6;
/** First block, block that is written to, place in it, and blocks so far. */
const HEAD = 7;
const CURRENT = 8;
const PLACE = 9;
const BLOCKS = 10;
/** First block of the end that goes round, -1 while there is none. */
const TAIL = 11;

export interface Instants {
  /** In order of time, without break; all where `end` is empty. */
  readonly start: Float64Array;
  /** The last ones, where some between were not kept. */
  readonly end: Float64Array;
}

export class SeriesStore {
  count = 0;
  /** Messages for whose series there was no room. */
  left = 0;
  #reals = new Float64Array(STRIDE * 1024);
  #ints = new Int32Array(this.#reals.buffer);
  #hash = new Int32Array(4096);
  #blocks = new Float64Array(PER_BLOCK * 1024);
  #next = new Int32Array(1024);
  #blockCount = 0;

  /** The series of a pair of numbers, made if new; -1 where there is no room. */
  of(a: number, b: number): number {
    const mask = this.#hash.length - 1;
    let slot = hashOf(a, b) & mask;
    for (;;) {
      const series = this.#hash[slot] - 1;
      if (series < 0) return this.#make(a, b, slot);
      const at = series * 2 * STRIDE;
      if (this.#ints[at + KEY_A] === a && this.#ints[at + KEY_B] === b) return series;
      slot = (slot + 1) & mask;
    }
  }

  /** Adds an instant (µs). Returns how many there are now. */
  add(series: number, atUs: number): number {
    const real = series * STRIDE;
    const int = 2 * real;
    const ints = this.#ints;
    const count = ++ints[int + COUNT];
    if (count === 1) this.#reals[real + FIRST] = atUs;
    this.#reals[real + LAST] = atUs;
    let place = ints[int + PLACE];
    if (place === PER_BLOCK) {
      if (!this.#nextBlock(int)) return count;
      place = 0;
    }
    const current = ints[int + CURRENT];
    if (current < 0) return count;
    this.#blocks[current * PER_BLOCK + place] = atUs;
    ints[int + PLACE] = place + 1;
    return count;
  }

  keyA = (series: number): number => this.#ints[2 * series * STRIDE + KEY_A];
  keyB = (series: number): number => this.#ints[2 * series * STRIDE + KEY_B];
  total = (series: number): number => this.#ints[2 * series * STRIDE + COUNT];
  firstUs = (series: number): number => this.#reals[series * STRIDE + FIRST];
  lastUs = (series: number): number => this.#reals[series * STRIDE + LAST];

  /** The instants that were kept, sorted. */
  instants(series: number): Instants {
    const at = 2 * series * STRIDE;
    const tail = this.#ints[at + TAIL];
    const headBlocks = tail < 0 ? this.#ints[at + BLOCKS] : END_BLOCKS;
    const start = this.#read(this.#ints[at + HEAD], headBlocks, tail < 0 ? this.#ints[at + PLACE] : PER_BLOCK);
    if (tail < 0) return { start: start.sort(), end: new Float64Array(0) };
    return { start: start.sort(), end: this.#readRing(at).sort() };
  }

  #read(first: number, blocks: number, inLast: number): Float64Array {
    if (first < 0) return new Float64Array(0);
    const values = new Float64Array((blocks - 1) * PER_BLOCK + inLast);
    let block = first;
    for (let i = 0; i < blocks; i++) {
      const n = i === blocks - 1 ? inLast : PER_BLOCK;
      values.set(this.#blocks.subarray(block * PER_BLOCK, block * PER_BLOCK + n), i * PER_BLOCK);
      block = this.#next[block];
    }
    return values;
  }

  /** The ring of the last blocks: the one that is being written to holds old instants behind its place. */
  #readRing(at: number): Float64Array {
    const tail = this.#ints[at + TAIL];
    const current = this.#ints[at + CURRENT];
    const place = this.#ints[at + PLACE];
    const made = this.#ints[at + BLOCKS] - END_BLOCKS;
    const isRound = made > END_BLOCKS;
    const values: number[] = [];
    let block = tail;
    for (let i = 0; i < Math.min(made, END_BLOCKS); i++) {
      const n = block === current ? place : PER_BLOCK;
      if (isRound || block !== current || n > 0) {
        for (let k = 0; k < n; k++) values.push(this.#blocks[block * PER_BLOCK + k]);
      }
      block = this.#next[block];
    }
    return Float64Array.from(values);
  }

  #nextBlock(int: number): boolean {
    const ints = this.#ints;
    const blocks = ints[int + BLOCKS];
    const current = ints[int + CURRENT];
    if (blocks >= 2 * END_BLOCKS) {
      // The ring is closed: the oldest of its blocks is written over.
      const last = blocks === 2 * END_BLOCKS ? this.#close(int) : this.#next[current];
      ints[int + CURRENT] = last;
      ints[int + PLACE] = 0;
      ints[int + BLOCKS] = 2 * END_BLOCKS + 1;
      return true;
    }
    const block = this.#newBlock();
    if (block < 0) {
      ints[int + CURRENT] = -1;
      ints[int + PLACE] = 0;
      return false;
    }
    this.#next[current] = block;
    if (blocks === END_BLOCKS) ints[int + TAIL] = block;
    ints[int + CURRENT] = block;
    ints[int + PLACE] = 0;
    ints[int + BLOCKS] = blocks + 1;
    return true;
  }

  #close(int: number): number {
    const tail = this.#ints[int + TAIL];
    this.#next[this.#ints[int + CURRENT]] = tail;
    return tail;
  }

  #newBlock(): number {
    if (this.#blockCount >= MAX_BLOCKS) return -1;
    if (this.#blockCount * PER_BLOCK === this.#blocks.length) {
      const room = Math.min(MAX_BLOCKS, 2 * this.#blockCount);
      this.#blocks = grown(this.#blocks, room * PER_BLOCK);
      this.#next = grown(this.#next, room);
    }
    return this.#blockCount++;
  }

  #make(a: number, b: number, slot: number): number {
    if (this.count >= (a >= 0 && b >= 0 ? MAX_IN_THREADS : MAX_SERIES)) {
      this.left++;
      return -1;
    }
    if (this.count * STRIDE === this.#reals.length) {
      this.#reals = grown(this.#reals, 2 * this.#reals.length);
      this.#ints = new Int32Array(this.#reals.buffer);
    }
    const series = this.count++;
    const block = this.#newBlock();
    const at = 2 * series * STRIDE;
    this.#ints.set([0, a, b, block, block, 0, block < 0 ? 0 : 1, -1, 0], at + COUNT);
    this.#hash[slot] = series + 1;
    if (2 * this.count > this.#hash.length) this.#rehash();
    return series;
  }

  #rehash(): void {
    this.#hash = new Int32Array(2 * this.#hash.length);
    const mask = this.#hash.length - 1;
    for (let series = 0; series < this.count; series++) {
      let slot = hashOf(this.keyA(series), this.keyB(series)) & mask;
      while (this.#hash[slot] !== 0) slot = (slot + 1) & mask;
      this.#hash[slot] = series + 1;
    }
  }
}

function hashOf(a: number, b: number): number {
  let h = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 0x165667b1, 0xc2b2ae35);
  h ^= h >>> 15;
  return Math.imul(h, 0x2c1b3c6d) >>> 3;
}
