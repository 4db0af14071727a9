/** Call stacks, each kept once; and the keys by which newer logs refer to them. */
import { grown } from '../../../src/core/grown.js';
import { IntKeys } from '../../../src/core/int-keys.js';

/** Words of addresses kept: 64 MB of them, some hundred thousand different stacks. */
const MAX_WORDS = 16 << 20;
const FIRST = 1 << 12;
/** Stacks compared before one is kept as new: stacks made to look alike must not make each other slow. */
const MAX_STEPS = 64;
/** Frames of one stack, as many as ETW walks at most. */
export const MAX_FRAMES = 192;

/** Stacks by number, innermost frame first. */
export class Stacks {
  /** Addresses of all stacks, low word first. */
  words: Int32Array = new Int32Array(FIRST);
  /** Where the words of stack `id` begin; its end is the beginning of the next. */
  starts: Int32Array = new Int32Array(FIRST);
  count = 0;
  /** Stacks for which there was no room. */
  dropped = 0;
  /** Differs from run to run, so that no file can be made whose stacks all fall into one bucket. */
  readonly #seed = Math.floor(Math.random() * 0x7fffffff);
  #hashes: Int32Array = new Int32Array(FIRST);
  #next = new Int32Array(FIRST);
  #first = new Int32Array(FIRST);

  /** Number of the stack whose addresses are `from[at..)`, `frames` of `pointerBytes` bytes; -1 where there is no room. */
  id(from: Int32Array, at: number, frames: number, pointerBytes: 4 | 8): number {
    const step = pointerBytes >> 2;
    const hash = this.#hash(from, at, frames, step);
    let steps = 0;
    for (let id = this.#first[hash & (this.#first.length - 1)]; id > 0 && steps < MAX_STEPS; id = this.#next[id - 1]) {
      steps++;
      if (this.#hashes[id - 1] === hash && this.#isSame(id - 1, from, at, frames, step)) return id - 1;
    }
    return this.#add(hash, from, at, frames, step);
  }

  /** True where the innermost frame is in the kernel: in the upper half of 64 bits, or of 32. */
  isKernel(id: number): boolean {
    const at = this.starts[id];
    return this.words[at + 1] < 0 || (this.words[at + 1] === 0 && this.words[at] < 0);
  }

  /** True where they can be the two parts of one event's stack. */
  areParts(one: number, other: number): boolean {
    return one < 0 || other < 0 || this.isKernel(one) !== this.isKernel(other);
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

  /** Of both ends and some frames between: stacks that differ elsewhere only are few, and told apart by comparing them. */
  #hash(from: Int32Array, at: number, frames: number, step: number): number {
    let hash = Math.imul(frames ^ this.#seed, 0x9e3779b1);
    const stride = step * Math.max(1, frames >> 3);
    for (let i = at; i < at + frames * step; i += stride) hash = Math.imul(hash ^ from[i], 0x9e3779b1) ^ (hash >>> 13);
    return Math.imul(hash ^ from[at + (frames - 1) * step], 0x85ebca6b) ^ (hash >>> 15);
  }

  #isSame(id: number, from: Int32Array, at: number, frames: number, step: number): boolean {
    const { words, starts } = this;
    const start = starts[id];
    if (starts[id + 1] - start !== frames * 2) return false;
    if (step === 2) {
      for (let i = 0; i < frames * 2; i++) if (words[start + i] !== from[at + i]) return false;
      return true;
    }
    for (let i = 0; i < frames; i++) {
      if (words[start + 2 * i] !== from[at + i] || words[start + 2 * i + 1] !== 0) return false;
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
      this.words = grown(this.words, Math.max(this.words.length * 2, start + frames * 2));
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
    this.starts = grown(this.starts, length);
    this.#hashes = grown(this.#hashes, length);
    this.#next = new Int32Array(length);
    this.#first = new Int32Array(length);
    for (let id = 0; id < this.count - 1; id++) this.#chain(id);
  }
}

/** Some 150 bytes each. */
const MAX_DEFINITIONS = 1 << 19;
const MANY = -2;

/**
 * Definitions of stack keys. Keys are used again for other stacks: a use means the first definition at or after it
 * (KeyDelete when a key is given up, KeyRundown at the end of the log).
 */
export class StackKeys {
  /** Definitions for which there was no room. */
  dropped = 0;
  /** Keys as two words: uses come by the million, and a bigint for each would take longer than all else. */
  readonly #keys = new IntKeys(MAX_DEFINITIONS);
  readonly #byKey: { ticks: number; stack: number }[][] = [];
  /** Of keys that are defined once, which most are: when, and what they mean. -2 of others. */
  #ticks = new Float64Array(0);
  #stacks = new Int32Array(0);
  #count = 0;
  #sorted = false;

  define(key: bigint, ticks: number, stack: number): void {
    if (this.#count >= MAX_DEFINITIONS) {
      this.dropped++;
      return;
    }
    this.#count++;
    const definition = { ticks, stack };
    const id = this.#keys.id(lowOf(key), highOf(key), 0, 0);
    if (id === this.#byKey.length) this.#byKey.push([definition]);
    else this.#byKey[id].push(definition);
    this.#sorted = false;
  }

  /** The stack that a key meant at `ticks`; -1 where nothing defines it. */
  find(key: bigint, ticks: number): number {
    return this.findWords(lowOf(key), highOf(key), ticks);
  }

  /** The same, by the two words of the key. */
  findWords(lowWord: number, highWord: number, ticks: number): number {
    if (!this.#sorted) this.#sort();
    const id = this.#keys.find(lowWord, highWord, 0, 0);
    if (id < 0) return -1;
    const only = this.#stacks[id];
    if (only !== MANY) return this.#ticks[id] < ticks ? -1 : only;
    const known = this.#byKey[id];
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
    this.#ticks = new Float64Array(this.#byKey.length);
    this.#stacks = new Int32Array(this.#byKey.length);
    for (const [id, known] of this.#byKey.entries()) {
      known.sort((a, b) => a.ticks - b.ticks);
      this.#ticks[id] = known[0].ticks;
      this.#stacks[id] = known.length === 1 ? known[0].stack : MANY;
    }
    this.#sorted = true;
  }
}

const lowOf = (key: bigint): number => Number(key & 0xffffffffn) | 0;
const highOf = (key: bigint): number => Number((key >> 32n) & 0xffffffffn) | 0;
