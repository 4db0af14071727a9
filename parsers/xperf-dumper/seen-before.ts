/** Tables that tell by bytes or by numbers whether something was seen before, without a string or an object for it. */

const FIRST = 1 << 10;
const MULTIPLIER = 0x9e3779b1;

/** Differs from run to run, so that no file can be made whose entries all fall into one place. */
const seed = (): number => Math.floor(Math.random() * 0x7fffffff) | 1;

function mixed(hash: number, word: number): number {
  const product = Math.imul(hash ^ word, MULTIPLIER);
  return product ^ (product >>> 15);
}

const longer = (from: Int32Array, length: number): Int32Array<ArrayBuffer> => {
  const to = new Int32Array(length);
  to.set(from);
  return to;
};

/**
 * Places of a hash table with linear probing, half full at most; what stands in them is told by number. What is looked at
 * together lies together: most of the time here is spent waiting for memory.
 */
class Places {
  /** Two a place: number + 1, 0 where nobody is; and its hash. */
  taken = new Int32Array(4 * FIRST);
  count = 0;

  /** Puts the next number into the place for `hash`; returns it. */
  put(hash: number): number {
    if (4 * this.count >= this.taken.length) this.#grow();
    place(this.taken, this.count + 1, hash);
    return this.count++;
  }

  #grow(): void {
    const before = this.taken;
    this.taken = new Int32Array(2 * before.length);
    for (let at = 0; at < before.length; at += 2) if (before[at] !== 0) place(this.taken, before[at], before[at + 1]);
  }
}

function place(taken: Int32Array, number: number, hash: number): void {
  const mask = taken.length - 1;
  let at = (hash << 1) & mask;
  while (taken[at] !== 0) at = (at + 2) & mask;
  taken[at] = number;
  taken[at + 1] = hash;
}

/** Integers of an entry of `ByteTable`. */
const START = 0;
const LENGTH = 1;
const VALUE = 2;
const WIDTH = 4;

/** Numbers by the bytes that print what they stand for. */
export class ByteTable {
  readonly #seed = seed();
  readonly #places = new Places();
  /** Where the bytes of each entry are kept, how many, and its number. */
  #entries = new Int32Array(WIDTH * FIRST);
  #kept = new DataView(new ArrayBuffer(FIRST));
  #end = 0;

  /** Bytes beyond the bounds are not kept: they are looked up in vain, which costs time only. */
  constructor(
    private readonly maxEntries: number,
    private readonly maxBytes: number,
  ) {}

  /** The number added under the bytes from `from` to `to`; -1 where none was. */
  find(view: DataView, from: number, to: number): number {
    const hash = this.#hash(view, from, to);
    const { taken } = this.#places;
    const mask = taken.length - 1;
    for (let at = (hash << 1) & mask; taken[at] !== 0; at = (at + 2) & mask) {
      const entry = WIDTH * (taken[at] - 1);
      if (taken[at + 1] === hash && this.#same(entry, view, from, to)) return this.#entries[entry + VALUE];
    }
    return -1;
  }

  /** Lets `value`, from 0, be found under bytes under which nothing was. */
  add(view: DataView, from: number, to: number, value: number): void {
    const start = this.#end;
    const end = start + to - from;
    if (this.#places.count >= this.maxEntries || end > this.maxBytes) return;
    const entry = WIDTH * this.#places.put(this.#hash(view, from, to));
    if (entry === this.#entries.length) this.#entries = longer(this.#entries, 2 * entry);
    if (end > this.#kept.byteLength) this.#keepUpTo(end);
    for (let i = 0; i < to - from; i++) this.#kept.setUint8(start + i, view.getUint8(from + i));
    this.#entries[entry + START] = start;
    this.#entries[entry + LENGTH] = to - from;
    this.#entries[entry + VALUE] = value;
    this.#end = end;
  }

  #keepUpTo(end: number): void {
    const more = new Uint8Array(Math.max(end, 2 * this.#kept.byteLength));
    more.set(new Uint8Array(this.#kept.buffer));
    this.#kept = new DataView(more.buffer);
  }

  #hash(view: DataView, from: number, to: number): number {
    let hash = this.#seed ^ (to - from);
    let at = from;
    for (; at + 4 <= to; at += 4) hash = mixed(hash, view.getInt32(at, true));
    for (; at < to; at++) hash = mixed(hash, view.getUint8(at));
    return hash;
  }

  #same(entry: number, view: DataView, from: number, to: number): boolean {
    const kept = this.#kept;
    const entries = this.#entries;
    if (entries[entry + LENGTH] !== to - from) return false;
    let mine = entries[entry + START];
    let at = from;
    for (; at + 4 <= to; at += 4, mine += 4) if (kept.getInt32(mine, true) !== view.getInt32(at, true)) return false;
    for (; at < to; at++, mine++) if (kept.getUint8(mine) !== view.getUint8(at)) return false;
    return true;
  }
}

/** Numbers sequences of integers in the order of first sight. */
export class Sequences {
  /** All sequences, one behind the other. */
  ints = new Int32Array(FIRST);
  readonly #seed = seed();
  readonly #places = new Places();
  #starts = new Int32Array(FIRST + 1);

  constructor(
    private readonly maxCount: number,
    private readonly maxInts: number,
  ) {}

  get count(): number {
    return this.#places.count;
  }

  /** Where sequence `id` begins in `ints`. */
  start(id: number): number {
    return this.#starts[id];
  }

  /** The number of the first `length` of `ints`, added if new; -1 where there is no room for more. */
  id(ints: Int32Array, length: number): number {
    let hash = this.#seed ^ length;
    for (let i = 0; i < length; i++) hash = mixed(hash, ints[i]);
    const { taken } = this.#places;
    const mask = taken.length - 1;
    for (let at = (hash << 1) & mask; taken[at] !== 0; at = (at + 2) & mask) {
      const known = taken[at] - 1;
      if (taken[at + 1] === hash && this.#same(known, ints, length)) return known;
    }
    return this.#add(hash, ints, length);
  }

  #same(known: number, ints: Int32Array, length: number): boolean {
    const start = this.#starts[known];
    if (this.#starts[known + 1] - start !== length) return false;
    const mine = this.ints;
    for (let i = 0; i < length; i++) if (mine[start + i] !== ints[i]) return false;
    return true;
  }

  #add(hash: number, ints: Int32Array, length: number): number {
    const { count } = this.#places;
    const start = this.#starts[count];
    const end = start + length;
    if (count >= this.maxCount || end > this.maxInts) return -1;
    if (count + 2 > this.#starts.length) this.#starts = longer(this.#starts, 2 * this.#starts.length);
    if (end > this.ints.length) this.ints = longer(this.ints, Math.max(end, 2 * this.ints.length));
    for (let i = 0; i < length; i++) this.ints[start + i] = ints[i];
    this.#starts[count + 1] = end;
    return this.#places.put(hash);
  }
}
