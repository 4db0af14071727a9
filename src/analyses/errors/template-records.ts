/**
 * What is counted of each template with each of its messages, 64 bytes side by side: there are millions of messages, and what is
 * slow is to fetch their template's figures from many places of memory.
 */
import { grown } from '../../core/grown.js';

// First and last instant as doubles, then integers.
const STRIDE = 8;
const FIRST = 0;
const LAST = 1;
const COUNT = 4;
const LEVEL = 5;
const EXAMPLES = 6;
const THREADS = 7;
const SERIES = 8;
const RETRY = 9;

/** No level that a source gives is as high. */
export const NO_LEVEL = 99;

export class TemplateRecords {
  #reals = new Float64Array(64 * STRIDE);
  #ints = new Int32Array(this.#reals.buffer);

  /** Makes a record for a template: `retry` is the variable that counts tries, `examples` how many messages are to be kept. */
  make(template: number, retry: number, examples: number): void {
    const needed = (template + 1) * STRIDE;
    if (needed > this.#reals.length) {
      this.#reals = grown(this.#reals, Math.max(needed, 2 * this.#reals.length));
      this.#ints = new Int32Array(this.#reals.buffer);
    }
    this.#reals.fill(Number.NaN, template * STRIDE + FIRST, template * STRIDE + LAST + 1);
    this.#ints.set([0, NO_LEVEL, examples, 0, -1, retry], 2 * template * STRIDE + COUNT);
  }

  /** Counts a message; NaN is no instant, a level below 1 none. Returns true where it is to be kept as an example. */
  saw(template: number, atUs: number, level: number): boolean {
    const real = template * STRIDE;
    const int = 2 * real;
    const ints = this.#ints;
    ints[int + COUNT]++;
    if (level > 0 && level < ints[int + LEVEL]) ints[int + LEVEL] = level;
    const reals = this.#reals;
    if (!(reals[real + FIRST] <= atUs) && !Number.isNaN(atUs)) reals[real + FIRST] = atUs;
    if (!(reals[real + LAST] >= atUs) && !Number.isNaN(atUs)) reals[real + LAST] = atUs;
    if (ints[int + EXAMPLES] === 0) return false;
    ints[int + EXAMPLES]--;
    return true;
  }

  firstUs = (template: number): number => this.#reals[template * STRIDE + FIRST];
  lastUs = (template: number): number => this.#reals[template * STRIDE + LAST];
  count = (template: number): number => this.#ints[2 * template * STRIDE + COUNT];
  /** The worst level that the source itself gave; {@link NO_LEVEL} for none. */
  worstLevel = (template: number): number => this.#ints[2 * template * STRIDE + LEVEL];
  retry = (template: number): number => this.#ints[2 * template * STRIDE + RETRY];

  /** Series of all its messages of the first group of sources; -1 where it was not asked for yet. */
  series = (template: number): number => this.#ints[2 * template * STRIDE + SERIES];
  setSeries(template: number, series: number): void {
    this.#ints[2 * template * STRIDE + SERIES] = series;
  }

  /** Threads that said it. */
  threads = (template: number): number => this.#ints[2 * template * STRIDE + THREADS];
  setThreads(template: number, threads: number): void {
    this.#ints[2 * template * STRIDE + THREADS] = threads;
  }
}
