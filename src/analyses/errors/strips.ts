/**
 * How many messages of each row (a template, the whole) came in equal parts of the time: parts are joined two by two as the time
 * becomes longer, at either end, for the event log is exported with the newest first.
 */
import { grown } from '../../core/grown.js';

export const PARTS = 128;
const FIRST_PART_US = 1000;

export class Strips {
  startUs = Number.NaN;
  partUs = FIRST_PART_US;
  #endUs = Number.NaN;
  #counts = new Int32Array(16 * PARTS);
  #rows = 0;

  /** Makes room for rows 0 to `row`. */
  reserve(row: number): void {
    this.#rows = Math.max(this.#rows, row + 1);
    if (this.#rows * PARTS <= this.#counts.length) return;
    this.#counts = grown(this.#counts, Math.max(2 * this.#counts.length, this.#rows * PARTS));
  }

  /** The part of an instant. */
  part(atUs: number): number {
    if (!(atUs >= this.startUs && atUs < this.#endUs)) this.#reach(atUs);
    return Math.min(PARTS - 1, Math.floor((atUs - this.startUs) / this.partUs));
  }

  count(row: number, part: number): void {
    this.#counts[row * PARTS + part]++;
  }

  /** The counts of a row; valid until the next `part`. */
  row = (row: number): Int32Array => this.#counts.subarray(row * PARTS, (row + 1) * PARTS);

  #reach(atUs: number): void {
    if (Number.isNaN(this.startUs)) {
      this.startUs = atUs;
      this.#endUs = atUs + PARTS * this.partUs;
    }
    while (atUs >= this.#endUs) this.#double(0);
    while (atUs < this.startUs) this.#double(PARTS / 2);
  }

  /** Twice the time in as many parts; `from` is the first of those that the old ones go to. */
  #double(from: number): void {
    for (let row = 0; row < this.#rows; row++) {
      const counts = this.row(row);
      const old = counts.slice();
      counts.fill(0);
      for (let i = 0; i < PARTS / 2; i++) counts[from + i] = old[2 * i] + old[2 * i + 1];
    }
    if (from > 0) this.startUs -= PARTS * this.partUs;
    this.partUs *= 2;
    this.#endUs = this.startUs + PARTS * this.partUs;
  }
}

/** Counts summed into `parts` parts of `fromUs` to `toUs`, for a row that fills its place whatever the bins are. */
export function resampled(
  counts: ArrayLike<number>,
  parts: number,
  startUs: number,
  partUs: number,
  range: Range,
): number[] {
  const widthUs = Math.max(1, range.endUs - range.startUs) / parts;
  const out = new Array<number>(parts).fill(0);
  for (let i = 0; i < counts.length; i++) {
    if (counts[i] === 0) continue;
    const middle = startUs + (i + 0.5) * partUs;
    out[Math.max(0, Math.min(parts - 1, Math.floor((middle - range.startUs) / widthUs)))] += counts[i];
  }
  return out;
}

interface Range {
  readonly startUs: number;
  readonly endUs: number;
}
