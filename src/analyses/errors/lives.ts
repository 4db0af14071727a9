/** First and last instant and number of messages of each thread, side by side in memory: there are millions of messages. */
import { grown } from '../../core/grown.js';

const STRIDE = 4;

export class Lives {
  // First, last, count.
  #data = new Float64Array(64 * STRIDE);
  #rows = 0;

  /** Makes room for rows 0 to `row`. */
  reserve(row: number): void {
    if (row < this.#rows) return;
    if ((row + 1) * STRIDE > this.#data.length) {
      this.#data = grown(this.#data, Math.max((row + 1) * STRIDE, 2 * this.#data.length));
    }
    for (; this.#rows <= row; this.#rows++) this.#data.set([Number.NaN, Number.NaN, 0, 0], this.#rows * STRIDE);
  }

  /** A message; NaN is no instant. */
  saw(row: number, atUs: number): void {
    const data = this.#data;
    const at = row * STRIDE;
    data[at + 2]++;
    if (Number.isNaN(atUs)) return;
    if (!(data[at] <= atUs)) data[at] = atUs;
    if (!(data[at + 1] >= atUs)) data[at + 1] = atUs;
  }

  firstUs = (row: number): number => this.#data[row * STRIDE];
  lastUs = (row: number): number => this.#data[row * STRIDE + 1];
  count = (row: number): number => this.#data[row * STRIDE + 2];
}
