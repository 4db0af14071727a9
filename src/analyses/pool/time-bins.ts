/** Equal parts of the time that is looked at, and numbers added up in them. Where its end is not known, the parts are joined two by two as time goes on. */

import { grown } from '../../core/grown.js';

/** Parts for tags and for the whole; slots have a quarter of them. */
export const BINS = 256;
export const SLOT_BINS = 64;
const PER_SLOT_BIN = BINS / SLOT_BINS;
const FIRST_WIDTH_US = 100;

export class TimeBins {
  widthUs: number;
  /** Last bin that anything fell into; -1 before. */
  last = -1;
  readonly #series: BinSeries[] = [];

  /** `endUs` is NaN where it is not known yet. */
  constructor(
    readonly startUs: number,
    endUs: number,
  ) {
    const us = endUs - startUs;
    this.widthUs = us > 0 ? us / BINS : FIRST_WIDTH_US;
  }

  /** Bin of an instant; the first one for those before the start. */
  of(us: number): number {
    let bin = Math.floor((us - this.startUs) / this.widthUs);
    if (!(bin > 0)) bin = 0;
    // The end itself is in the last part.
    if (bin === BINS && us <= this.startUs + BINS * this.widthUs * (1 + 1e-9)) bin = BINS - 1;
    while (bin >= BINS) {
      this.widthUs *= 2;
      this.last >>= 1;
      for (const series of this.#series) series.halve();
      bin = Math.floor((us - this.startUs) / this.widthUs);
    }
    if (bin > this.last) this.last = bin;
    return bin;
  }

  /** A set of series over these bins: `bins` is BINS or SLOT_BINS. */
  series(bins: typeof BINS | typeof SLOT_BINS): BinSeries {
    const series = new BinSeries(bins);
    this.#series.push(series);
    return series;
  }
}

const FIRST_SERIES = 1 << 8;

/** Many series of numbers over the same bins: those of one bin lie together, because events come in the order of time. */
export class BinSeries {
  readonly #byBin: Float64Array[];
  readonly #shift: number;

  constructor(readonly bins: number) {
    this.#shift = Math.log2(BINS / bins);
    this.#byBin = Array.from({ length: bins }, () => new Float64Array(0));
  }

  /** Adds to the part of series `id` in which bin `bin` of the time lies. */
  add(id: number, bin: number, value: number): void {
    const at = bin >> this.#shift;
    if (id >= this.#byBin[at].length) this.#byBin[at] = grown(this.#byBin[at], roomFor(id));
    this.#byBin[at][id] += value;
  }

  /** The numbers of series `id`. */
  of(id: number): Float64Array {
    return Float64Array.from(this.#byBin, (values) => values[id] ?? 0);
  }

  /** Joins parts two by two. */
  halve(): void {
    const half = this.bins / 2;
    for (let i = 0; i < half; i++) this.#byBin[i] = summed(this.#byBin[2 * i], this.#byBin[2 * i + 1]);
    for (let i = half; i < this.bins; i++) this.#byBin[i] = new Float64Array(0);
  }
}

/** The next power of two. */
const roomFor = (id: number): number => Math.max(FIRST_SERIES, 2 ** Math.ceil(Math.log2(id + 1)));

function summed(a: Float64Array, b: Float64Array): Float64Array {
  const [long, short] = a.length >= b.length ? [a, b] : [b, a];
  for (let i = 0; i < short.length; i++) long[i] += short[i];
  return long;
}

/** Bins of the slots that `last`, a bin of the time, reaches to. */
export const slotBinsUsed = (last: number): number => Math.floor(last / PER_SLOT_BIN) + 1;
