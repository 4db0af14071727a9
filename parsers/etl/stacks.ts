/** Call stacks, each kept once; and the keys by which newer logs refer to them. */

/** Words of addresses kept: 64 MB of them, some hundred thousand different stacks. */
const MAX_WORDS = 16 << 20;
const FIRST = 1 << 12;
/** Frames of one stack, as many as ETW walks at most. */
export const MAX_FRAMES = 192;

/** Stacks by number, innermost frame first. */
export class Stacks {
  /** Addresses of all stacks, low word first. */
  words: Int32Array = new Int32Array(FIRST);
  /** Where the words of stack `id` begin; its end is the beginning of the next. */
  starts: Float64Array = new Float64Array(FIRST);
  count = 0;
  /** Stacks for which there was no room. */
  dropped = 0;
  /** Differs from run to run, so that no file can be made whose stacks all fall into one bucket. */
  readonly #seed = Math.floor(Math.random() * 0x7fffffff);
  #hashes = new Int32Array(FIRST);
  #next = new Int32Array(FIRST);
  #first = new Int32Array(FIRST);

  /** Number of the stack whose addresses are `from[at..)`, `frames` of `pointerBytes` bytes; -1 where there is no room. */
  id(from: Int32Array, at: number, frames: number, pointerBytes: 4 | 8): number {
    const step = pointerBytes >> 2;
    let hash = frames ^ this.#seed;
    for (let i = at; i < at + frames * step; i++) hash = Math.imul(hash ^ from[i], 0x9e3779b1) ^ (hash >>> 13);
    for (let id = this.#first[hash & (this.#first.length - 1)]; id > 0; id = this.#next[id - 1]) {
      if (this.#hashes[id - 1] === hash && this.#isSame(id - 1, from, at, frames, step)) return id - 1;
    }
    return this.#add(hash, from, at, frames, step);
  }

  /** True where the innermost frame is in the kernel of a 64-bit system. */
  isKernel(id: number): boolean {
    return this.words[this.starts[id] + 1] < 0;
  }

  /** Number of the stack of an event that has two: kernel frames, then those of the user mode. The first where they are not that. */
  joined(one: number, other: number): number {
    if (one < 0 || other < 0) return Math.max(one, other);
    if (this.isKernel(one) === this.isKernel(other)) return one;
    const [inner, outer] = this.isKernel(one) ? [one, other] : [other, one];
    const a = this.words.subarray(this.starts[inner], this.starts[inner + 1]);
    const b = this.words.subarray(this.starts[outer], this.starts[outer + 1]);
    const both = new Int32Array(a.length + b.length);
    both.set(a);
    both.set(b, a.length);
    return this.id(both, 0, both.length / 2, 8);
  }

  #isSame(id: number, from: Int32Array, at: number, frames: number, step: number): boolean {
    const start = this.starts[id];
    if (this.starts[id + 1] - start !== frames * 2) return false;
    for (let i = 0; i < frames; i++) {
      if (this.words[start + 2 * i] !== from[at + i * step]) return false;
      if (this.words[start + 2 * i + 1] !== (step === 2 ? from[at + 2 * i + 1] : 0)) return false;
    }
    return true;
  }

  #add(hash: number, from: Int32Array, at: number, frames: number, step: number): number {
    const start = this.starts[this.count];
    if (start + frames * 2 > MAX_WORDS) {
      this.dropped++;
      return -1;
    }
    const id = this.count++;
    if (start + frames * 2 > this.words.length) {
      this.words = copied(this.words, new Int32Array(Math.max(this.words.length * 2, start + frames * 2)));
    }
    for (let i = 0; i < frames; i++) {
      this.words[start + 2 * i] = from[at + i * step];
      this.words[start + 2 * i + 1] = step === 2 ? from[at + 2 * i + 1] : 0;
    }
    if (this.count + 1 >= this.starts.length) this.#grow();
    this.starts[this.count] = start + frames * 2;
    this.#hashes[id] = hash;
    this.#chain(id);
    return id;
  }

  #chain(id: number): void {
    const bucket = this.#hashes[id] & (this.#first.length - 1);
    this.#next[id] = this.#first[bucket];
    this.#first[bucket] = id + 1;
  }

  #grow(): void {
    const length = this.starts.length * 2;
    this.starts = copied(this.starts, new Float64Array(length));
    this.#hashes = copied(this.#hashes, new Int32Array(length));
    this.#next = new Int32Array(length);
    this.#first = new Int32Array(length);
    for (let id = 0; id < this.count - 1; id++) this.#chain(id);
  }
}

function copied<A extends Int32Array | Float64Array>(from: A, to: A): A {
  to.set(from);
  return to;
}

const MAX_DEFINITIONS = 2 << 20;

/**
 * Definitions of stack keys. Keys are used again for other stacks: a use means the first definition at or after it
 * (KeyDelete when a key is given up, KeyRundown at the end of the log).
 */
export class StackKeys {
  /** Definitions for which there was no room. */
  dropped = 0;
  readonly #byKey = new Map<bigint, { ticks: number; stack: number }[]>();
  #count = 0;
  #sorted = false;

  define(key: bigint, ticks: number, stack: number): void {
    if (this.#count >= MAX_DEFINITIONS) {
      this.dropped++;
      return;
    }
    this.#count++;
    const definition = { ticks, stack };
    const known = this.#byKey.get(key);
    if (known === undefined) this.#byKey.set(key, [definition]);
    else known.push(definition);
    this.#sorted = false;
  }

  /** The stack that a key meant at `ticks`; -1 where nothing defines it. */
  find(key: bigint, ticks: number): number {
    if (!this.#sorted) this.#sort();
    const known = this.#byKey.get(key);
    if (known === undefined) return -1;
    let low = 0;
    let high = known.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (known[middle].ticks < ticks) low = middle + 1;
      else high = middle;
    }
    return low < known.length ? known[low].stack : -1;
  }

  #sort(): void {
    for (const known of this.#byKey.values()) known.sort((a, b) => a.ticks - b.ticks);
    this.#sorted = true;
  }
}
