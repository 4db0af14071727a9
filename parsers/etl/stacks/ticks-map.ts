/** Numbers found by a time; emptied at once, to be filled again for each buffer. Two numbers a time are kept. */
export class TicksMap {
  /** Differs from run to run, so that no file can be made whose times all fall together. */
  readonly #seed = Math.floor(Math.random() * 0x7fffffff);
  #keys = new Float64Array(1024);
  #values = new Int32Array(1024);
  #seconds = new Int32Array(1024);
  #generations = new Int32Array(1024);
  #generation = 1;
  #size = 0;

  clear(): void {
    this.#generation++;
    this.#size = 0;
  }

  /** Adds `value` (not negative) under `ticks`; of more than two the last stays. */
  add(ticks: number, value: number): void {
    if (this.#size * 2 >= this.#keys.length) this.#grow();
    const at = this.#find(ticks);
    if (this.#generations[at] !== this.#generation) {
      this.#generations[at] = this.#generation;
      this.#keys[at] = ticks;
      this.#values[at] = value;
      this.#seconds[at] = -1;
      this.#size++;
    } else this.#seconds[at] = value;
  }

  /** Place of a time; -1 where it is not there. */
  at(ticks: number): number {
    const at = this.#find(ticks);
    return this.#generations[at] === this.#generation ? at : -1;
  }

  /** Forgets the first value of a place, or the second. */
  take(at: number, second: boolean): void {
    if (second) this.#seconds[at] = -1;
    else this.#values[at] = -1;
  }

  /** -1 where it was taken. */
  first(at: number): number {
    return this.#values[at];
  }

  /** -1 where there is but one, or it was taken. */
  second(at: number): number {
    return this.#seconds[at];
  }

  #find(ticks: number): number {
    const mask = this.#keys.length - 1;
    let at = hashOf(ticks, this.#seed) & mask;
    while (this.#generations[at] === this.#generation && this.#keys[at] !== ticks) at = (at + 1) & mask;
    return at;
  }

  #grow(): void {
    const { length } = this.#keys;
    const [keys, values, seconds, generations] = [this.#keys, this.#values, this.#seconds, this.#generations];
    this.#keys = new Float64Array(length * 2);
    this.#values = new Int32Array(length * 2);
    this.#seconds = new Int32Array(length * 2);
    this.#generations = new Int32Array(length * 2);
    this.#size = 0;
    for (let i = 0; i < length; i++) {
      if (generations[i] !== this.#generation) continue;
      this.add(keys[i], values[i]);
      if (seconds[i] >= 0) this.add(keys[i], seconds[i]);
    }
  }
}

function hashOf(ticks: number, seed: number): number {
  const low = ticks | 0;
  const hash = Math.imul(low ^ seed ^ Math.floor(ticks / 4294967296), 0x9e3779b1);
  return hash ^ (hash >>> 15);
}
