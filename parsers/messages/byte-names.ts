/** Names that repeat in millions of lines, told by their bytes: each becomes a string once. */
import { decodeUtf8 } from '../../src/core/text.js';

/** Longer ones are not names; they are decoded each time. */
const MAX_LENGTH = 256;
/** Names that are kept; those beyond are decoded each time. */
const MAX_NAMES = 50_000;
const FIRST_SLOTS = 1024;

export class ByteNames {
  /** Entry + 1 by hash; 0 is free. */
  #slots = new Int32Array(FIRST_SLOTS);
  #arena = Buffer.alloc(1 << 14);
  #used = 0;
  readonly #starts: number[] = [];
  readonly #hashes: number[] = [];
  readonly #values: number[] = [];
  #last = -1;

  /** `numberOf`: the number that a name stands for; asked once for each name. */
  constructor(private readonly numberOf: (name: string) => number) {}

  /** The number of the name in `bytes` from `from` to `to`. */
  get(bytes: Buffer, from: number, to: number): number {
    const last = this.#last;
    if (last >= 0 && this.#is(last, bytes, from, to)) return this.#values[last];
    if (to - from > MAX_LENGTH) return this.numberOf(decodeUtf8(bytes, from, to));
    let hash = 0x811c9dc5;
    for (let i = from; i < to; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = this.#slots[slot] - 1;
      if (entry < 0) return this.#add(slot, hash, bytes, from, to);
      if (this.#hashes[entry] === hash && this.#is(entry, bytes, from, to)) {
        this.#last = entry;
        return this.#values[entry];
      }
    }
  }

  #is(entry: number, bytes: Buffer, from: number, to: number): boolean {
    const start = this.#starts[entry];
    const end = entry + 1 < this.#starts.length ? this.#starts[entry + 1] : this.#used;
    if (end - start !== to - from) return false;
    const arena = this.#arena;
    for (let i = start, j = from; i < end; i++, j++) if (arena[i] !== bytes[j]) return false;
    return true;
  }

  #add(slot: number, hash: number, bytes: Buffer, from: number, to: number): number {
    const value = this.numberOf(decodeUtf8(bytes, from, to));
    if (this.#values.length >= MAX_NAMES) return value;
    const entry = this.#values.length;
    if (this.#used + to - from > this.#arena.length) this.#growArena(to - from);
    this.#starts.push(this.#used);
    this.#used += bytes.copy(this.#arena, this.#used, from, to);
    this.#hashes.push(hash);
    this.#values.push(value);
    this.#slots[slot] = entry + 1;
    this.#last = entry;
    if (2 * this.#values.length > this.#slots.length) this.#growSlots();
    return value;
  }

  #growArena(more: number): void {
    const larger = Buffer.alloc(2 * this.#arena.length + more);
    this.#arena.copy(larger, 0, 0, this.#used);
    this.#arena = larger;
  }

  #growSlots(): void {
    const slots = new Int32Array(4 * this.#slots.length);
    const mask = slots.length - 1;
    for (let entry = 0; entry < this.#hashes.length; entry++) {
      let slot = this.#hashes[entry] & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = entry + 1;
    }
    this.#slots = slots;
  }
}
