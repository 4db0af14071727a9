/**
 * The blocks that are allocated at the moment: 32 bytes each in a table that is half to three quarters full. A block is found by one
 * look at memory, because what is kept of it lies in the table itself. Memory grows with the blocks and with nothing else.
 */

/** What is kept of a block, in words of 32 bits and, for two of them, doubles. Slots count from 1: 0 is an empty place. */
const WORDS = 8;
const DOUBLES = 4;
enum Word {
  Low = 0,
  High = 1,
  Slot = 4,
  Size = 5,
}
enum Double {
  AtUs = 1,
  Place = 3,
}
const FIRST_PLACES = 1 << 12;
const GROWTH = 1.5;
const MAX_LOAD = 0.75;
/** 700 MB: more blocks than any pool has. */
const MAX_BLOCKS = 1 << 24;

export class LiveBlocks {
  /** Of the block that `take` or `find` found last. */
  slot = -1;
  bytes = 0;
  atUs = Number.NaN;
  /** Byte offset or line of its allocation. */
  place = Number.NaN;
  count = 0;
  /** Blocks for which there was no room. */
  dropped = 0;
  #places = FIRST_PLACES;
  #words = new Int32Array(FIRST_PLACES * WORDS);
  #doubles = new Float64Array(this.#words.buffer);
  readonly #seed = Math.floor(Math.random() * 0x7fffffff) | 1;
  /** Sizes that 32 bits do not hold, by address. */
  readonly #huge = new Map<string, number>();

  /** Adds a block that is not there yet. False where there is no room. */
  add(low: number, high: number, atUs: number, bytes: number, slot: number, place: number): boolean {
    if (this.count >= MAX_BLOCKS) {
      this.dropped++;
      return false;
    }
    if (++this.count > this.#places * MAX_LOAD) this.#grow();
    const at = this.#free(low, high);
    const words = this.#words;
    words[at * WORDS + Word.Low] = low;
    words[at * WORDS + Word.High] = high;
    words[at * WORDS + Word.Slot] = slot + 1;
    this.#doubles[at * DOUBLES + Double.AtUs] = atUs;
    this.#doubles[at * DOUBLES + Double.Place] = place;
    if (bytes < 0xffffffff) words[at * WORDS + Word.Size] = bytes;
    else {
      words[at * WORDS + Word.Size] = -1;
      this.#huge.set(`${high} ${low}`, bytes);
    }
    return true;
  }

  /** True where the block is there; what is known of it stands in the fields then. */
  find(low: number, high: number): boolean {
    const at = this.#place(low, high);
    if (at < 0) return false;
    this.#load(at);
    return true;
  }

  /** As `find`, and takes the block out. */
  take(low: number, high: number): boolean {
    const at = this.#place(low, high);
    if (at < 0) return false;
    this.#load(at);
    if (this.#huge.size > 0) this.#huge.delete(`${high} ${low}`);
    this.#remove(at);
    this.count--;
    return true;
  }

  /** Every block, in no order. */
  each(visit: (low: number, high: number, atUs: number, bytes: number, slot: number, place: number) => void): void {
    for (let at = 0; at < this.#places; at++) {
      const k = at * WORDS;
      if (this.#words[k + Word.Slot] === 0) continue;
      this.#load(at);
      visit(this.#words[k + Word.Low], this.#words[k + Word.High], this.atUs, this.bytes, this.slot, this.place);
    }
  }

  #load(at: number): void {
    const words = this.#words;
    const k = at * WORDS;
    const size = words[k + Word.Size];
    this.slot = words[k + Word.Slot] - 1;
    this.bytes =
      size === -1 ? (this.#huge.get(`${words[k + Word.High]} ${words[k + Word.Low]}`) ?? 0xffffffff) : size >>> 0;
    this.atUs = this.#doubles[at * DOUBLES + Double.AtUs];
    this.place = this.#doubles[at * DOUBLES + Double.Place];
  }

  /** Place of a block; -1 where it is not there. */
  #place(low: number, high: number): number {
    const words = this.#words;
    for (let at = this.#home(low, high); ; at = at + 1 === this.#places ? 0 : at + 1) {
      const k = at * WORDS;
      if (words[k + Word.Slot] === 0) return -1;
      if (words[k + Word.Low] === low && words[k + Word.High] === high) return at;
    }
  }

  /** The first empty place for a block. */
  #free(low: number, high: number): number {
    const words = this.#words;
    let at = this.#home(low, high);
    while (words[at * WORDS + Word.Slot] !== 0) at = at + 1 === this.#places ? 0 : at + 1;
    return at;
  }

  /** Empties a place and moves those behind it up, so that no search ends before its time. */
  #remove(place: number): void {
    const words = this.#words;
    const places = this.#places;
    let hole = place;
    for (let at = hole + 1 === places ? 0 : hole + 1; ; at = at + 1 === places ? 0 : at + 1) {
      const k = at * WORDS;
      if (words[k + Word.Slot] === 0) break;
      const home = this.#home(words[k + Word.Low], words[k + Word.High]);
      const fromHome = at >= home ? at - home : at - home + places;
      const fromHole = at >= hole ? at - hole : at - hole + places;
      if (fromHome < fromHole) continue;
      words.copyWithin(hole * WORDS, k, k + WORDS);
      hole = at;
    }
    words[hole * WORDS + Word.Slot] = 0;
  }

  #grow(): void {
    const before = this.#words;
    this.#places = Math.ceil(this.#places * GROWTH);
    this.#words = new Int32Array(this.#places * WORDS);
    this.#doubles = new Float64Array(this.#words.buffer);
    for (let k = 0; k < before.length; k += WORDS) {
      if (before[k + Word.Slot] === 0) continue;
      const at = this.#free(before[k + Word.Low], before[k + Word.High]);
      for (let i = 0; i < WORDS; i++) this.#words[at * WORDS + i] = before[k + i];
    }
  }

  /** Where a block belongs: blocks lie at multiples of 8 or 16. */
  #home(low: number, high: number): number {
    let hash = Math.imul((low >>> 3) ^ Math.imul(high, 0x85ebca6b) ^ this.#seed, 0x9e3779b1);
    hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35);
    hash ^= hash >>> 16;
    return Math.floor(((hash >>> 0) * this.#places) / 4294967296);
  }
}
