/** Numbers tuples of four 32-bit integers in the order of first sight: a Map without an object or a string for each key. */
import { grown } from './grown.js';

const WIDTH = 4;
const FIRST = 1 << 10;

export class IntKeys {
  /** The tuples, one after the other. */
  keys: Int32Array = new Int32Array(FIRST * WIDTH);
  count = 0;
  /** Number + 1 of the tuple in each place; 0 for none. */
  #index = new Int32Array(FIRST * 2);
  /** Differs from run to run, so that no file can be made whose keys all fall into one place. */
  readonly #seed = Math.floor(Math.random() * 0x7fffffff) | 1;

  constructor(private readonly max: number) {}

  /** The tuple's number, added if new; -1 where there is no room for more. */
  id(a: number, b: number, c: number, d: number): number {
    const at = this.#place(a, b, c, d);
    const found = this.#index[at];
    if (found !== 0) return found - 1;
    return this.count >= this.max ? -1 : this.#add(at, a, b, c, d);
  }

  /** The tuple's number; -1 where it is not there. */
  find(a: number, b: number, c: number, d: number): number {
    return this.#index[this.#place(a, b, c, d)] - 1;
  }

  /** Place of the tuple in the index, or the free one where it belongs. */
  #place(a: number, b: number, c: number, d: number): number {
    const { keys } = this;
    const index = this.#index;
    const mask = index.length - 1;
    for (let at = this.#hash(a, b, c, d) & mask; ; at = (at + 1) & mask) {
      const found = index[at];
      if (found === 0) return at;
      const k = (found - 1) * WIDTH;
      if (keys[k] === a && keys[k + 1] === b && keys[k + 2] === c && keys[k + 3] === d) return at;
    }
  }

  /** One integer of tuple `id`. */
  part(id: number, part: 0 | 1 | 2 | 3): number {
    return this.keys[id * WIDTH + part];
  }

  #add(at: number, a: number, b: number, c: number, d: number): number {
    const id = this.count++;
    if (id * WIDTH >= this.keys.length) this.keys = grown(this.keys, this.keys.length * 2);
    const k = id * WIDTH;
    this.keys[k] = a;
    this.keys[k + 1] = b;
    this.keys[k + 2] = c;
    this.keys[k + 3] = d;
    this.#index[at] = id + 1;
    if (this.count * 2 > this.#index.length) this.#rehash();
    return id;
  }

  #rehash(): void {
    const index = new Int32Array(this.#index.length * 2);
    const mask = index.length - 1;
    for (let id = 0; id < this.count; id++) {
      const k = id * WIDTH;
      let at = this.#hash(this.keys[k], this.keys[k + 1], this.keys[k + 2], this.keys[k + 3]) & mask;
      while (index[at] !== 0) at = (at + 1) & mask;
      index[at] = id + 1;
    }
    this.#index = index;
  }

  #hash(a: number, b: number, c: number, d: number): number {
    let hash = Math.imul(a ^ this.#seed, 0x9e3779b1);
    hash = Math.imul(hash ^ (hash >>> 15) ^ b, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13) ^ c, 0xc2b2ae35);
    hash = Math.imul(hash ^ (hash >>> 16) ^ d, 0x27d4eb2f);
    return hash ^ (hash >>> 15);
  }
}
