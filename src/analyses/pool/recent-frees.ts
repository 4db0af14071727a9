/** The frees of late, to know a block that is freed a second time. A table of fixed size: an older free may be forgotten, never invented. */
const PLACES = 1 << 15;
/** What is kept of a free, in words of 32 bits and, for two of them, doubles: one look at memory finds all. Slots count from 1. */
const WORDS = 8;
const DOUBLES = 4;
enum Word {
  Low = 0,
  High = 1,
  Slot = 2,
}
enum Double {
  AtUs = 2,
  Place = 3,
}

export class RecentFrees {
  /** Of the free that `has` found. */
  slot = -1;
  place = Number.NaN;
  atUs = Number.NaN;
  #words = new Int32Array(0);
  #doubles = new Float64Array(0);

  add(low: number, high: number, slot: number, atUs: number, place: number): void {
    if (this.#words.length === 0) {
      this.#words = new Int32Array(PLACES * WORDS);
      this.#doubles = new Float64Array(this.#words.buffer);
    }
    const at = hash(low, high);
    this.#words[at * WORDS + Word.Low] = low;
    this.#words[at * WORDS + Word.High] = high;
    this.#words[at * WORDS + Word.Slot] = slot + 1;
    this.#doubles[at * DOUBLES + Double.AtUs] = atUs;
    this.#doubles[at * DOUBLES + Double.Place] = place;
  }

  /** The block is allocated again: its free is history. */
  forget(low: number, high: number): void {
    const at = this.#find(low, high);
    if (at >= 0) this.#words[at * WORDS + Word.Slot] = 0;
  }

  /** True where the block at an address was freed and not allocated since. */
  has(low: number, high: number): boolean {
    const at = this.#find(low, high);
    if (at < 0) return false;
    this.slot = this.#words[at * WORDS + Word.Slot] - 1;
    this.atUs = this.#doubles[at * DOUBLES + Double.AtUs];
    this.place = this.#doubles[at * DOUBLES + Double.Place];
    return true;
  }

  #find(low: number, high: number): number {
    if (this.#words.length === 0) return -1;
    const at = hash(low, high);
    const k = at * WORDS;
    const isThere = this.#words[k + Word.Low] === low && this.#words[k + Word.High] === high;
    return isThere && this.#words[k + Word.Slot] > 0 ? at : -1;
  }
}

function hash(low: number, high: number): number {
  const mixed = Math.imul((low >>> 3) ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1);
  return (mixed ^ (mixed >>> 15)) & (PLACES - 1);
}
