/** Stacks that were logged in another buffer than their event: found by the event's time. 36 bytes each. */
import { grown } from '../../../src/core/grown.js';
import type { StackKeys } from './stacks.js';

const MAX_LATE = 1 << 20;

export class LateStacks {
  count = 0;
  /** Stacks for which there was no room. */
  dropped = 0;
  #stamps = new Float64Array(1024);
  #pids = new Int32Array(1024);
  #tids = new Int32Array(1024);
  #ticks = new Float64Array(1024);
  #keys = new BigUint64Array(1024);
  #stacks = new Int32Array(1024);
  #order: Uint32Array | null = null;
  #found = new Uint8Array(0);
  #taken = new Uint8Array(0);

  /** Keeps a stack by the time, process and thread of its event: its number, or (-1) its key and the time at which that was used. */
  add(stamp: number, pid: number, tid: number, stack: number, key: bigint, ticks: number): void {
    if (this.count >= MAX_LATE) {
      this.dropped++;
      return;
    }
    const i = this.count++;
    if (i === this.#stamps.length) this.#grow();
    this.#stamps[i] = stamp;
    this.#pids[i] = pid;
    this.#tids[i] = tid;
    this.#stacks[i] = stack;
    this.#keys[i] = key;
    this.#ticks[i] = ticks;
  }

  /** Once all keys are defined: sorts, so that `find` may be asked. */
  seal(keys: StackKeys): void {
    const order = new Uint32Array(this.count).map((_, i) => i);
    order.sort((a, b) => this.#stamps[a] - this.#stamps[b] || a - b);
    for (let i = 0; i < this.count; i++) {
      if (this.#stacks[i] < 0) this.#stacks[i] = keys.find(this.#keys[i], this.#ticks[i]);
    }
    this.#order = order;
    this.#found = new Uint8Array(this.count);
    this.#taken = new Uint8Array(this.count);
  }

  /** Index, to be given to `stack`, of the first stack of an event at `stamp`; -1 where there is none. */
  find(stamp: number): number {
    const order = this.#order;
    if (order === null || order.length === 0) return -1;
    let low = 0;
    let high = order.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#stamps[order[middle]] < stamp) low = middle + 1;
      else high = middle;
    }
    return low < order.length && this.#stamps[order[low]] === stamp ? low : -1;
  }

  /** True where there is a stack of an event at `stamp` at an index. */
  isAt(index: number, stamp: number): boolean {
    const order = this.#order;
    return order !== null && index >= 0 && index < order.length && this.#stamps[order[index]] === stamp;
  }

  /** Process of the stack at an index. */
  pid(index: number): number {
    return this.#pids[this.#at(index)];
  }

  /** True where it was given to an event already. */
  isTaken(index: number): boolean {
    return this.#taken[this.#at(index)] === 1;
  }

  take(index: number): void {
    this.#taken[this.#at(index)] = 1;
  }

  /** Thread of the stack at an index. */
  tid(index: number): number {
    return this.#tids[this.#at(index)];
  }

  /** Number of the stack at an index; -1 where its key is not defined. */
  stack(index: number): number {
    return this.#stacks[this.#at(index)];
  }

  /** Notes that there is an event at `stamp`. */
  touch(stamp: number): void {
    for (let i = this.find(stamp); this.isAt(i, stamp); i++) this.#found[this.#at(i)] = 1;
  }

  /** Those whose event was noted. */
  get matched(): number {
    return this.#found.reduce((sum, found) => sum + found, 0);
  }

  #at(index: number): number {
    return this.#order === null ? index : this.#order[index];
  }

  #grow(): void {
    const length = this.#stamps.length * 2;
    this.#stamps = grown(this.#stamps, length);
    this.#ticks = grown(this.#ticks, length);
    this.#keys = grown(this.#keys, length);
    this.#pids = grown(this.#pids, length);
    this.#tids = grown(this.#tids, length);
    this.#stacks = grown(this.#stacks, length);
  }
}
