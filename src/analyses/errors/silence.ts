/**
 * Discontinuity (the name of the published trace analysis pattern): a thread, or the whole trace, says nothing for far longer than
 * usual. What is usual is told by the gaps themselves, counted by quarters of powers of two; the longest ones are kept.
 */
import { grown } from '../../core/grown.js';
import type { Cite } from '../../core/table.js';

const KEPT = 8;
/** Fewer gaps tell nothing of what is usual. */
const MIN_GAPS = 20;
/**
 * Where gaps beyond those that are usual thin out as those of a Poisson stream do (which tells their scale by the 99th of a hundred, of few by the third longest),
 * not one in e^9 streams has a gap beyond the limit.
 */
const LN_STREAMS = 9;
/** A discontinuity is so many times as long as the mean gap, too, */
const TIMES_MEAN = 10;
/** and so many times as long as the longest gap that is none: where gaps grow little by little, none stands out. */
const TIMES_NEXT = 1.5;
/** Parts of a power of two that gaps are counted by: the first bits of a double's fraction. */
const PARTS = 4;
const BINS = 54 * PARTS;

export interface Silence {
  readonly startUs: number;
  readonly durationUs: number;
  readonly usualUs: number;
  readonly source: number;
  readonly end: Cite;
}

interface Kept {
  readonly isBack: boolean;
  readonly startUs: number;
  readonly durationUs: number;
  readonly source: number;
  readonly end: Cite;
}

// Of a row: last instant, sum of gaps, number of gaps, shortest gap among the longest ones, the gap before the last message, where it
// begins, and steps back in time.
const STRIDE = 8;
const LAST = 0;
const SUM = 1;
const COUNT = 2;
const SHORTEST = 3;
const GAP = 4;
const FROM = 5;
const BACK = 6;

/** Gaps of many rows: of the whole, and of each thread. */
export class Silences {
  #data = new Float64Array(STRIDE);
  #bins = new Int32Array(BINS);
  readonly #longest: Kept[][] = [];

  /** Makes room for a row. */
  reserve(row: number): void {
    if ((row + 1) * STRIDE > this.#data.length) {
      const room = Math.max(row + 1, (2 * this.#data.length) / STRIDE);
      this.#data = grown(this.#data, room * STRIDE);
      this.#bins = grown(this.#bins, room * BINS);
    }
    this.#data[row * STRIDE + LAST] = Number.NaN;
    this.#longest[row] = [];
  }

  /** A message at `atUs`. Returns true where the gap before it is among the longest of its row: then `keep` it. */
  saw(row: number, atUs: number): boolean {
    const data = this.#data;
    const at = row * STRIDE;
    const lastUs = data[at + LAST];
    const gap = Math.abs(atUs - lastUs);
    data[at + LAST] = atUs;
    if (!(gap >= 0)) return false;
    data[at + COUNT]++;
    data[at + SUM] += gap;
    if (atUs < lastUs) data[at + BACK]++;
    this.#bins[row * BINS + binOf(gap)]++;
    if (gap <= data[at + SHORTEST]) return false;
    data[at + GAP] = gap;
    data[at + FROM] = atUs < lastUs ? atUs : lastUs;
    return true;
  }

  /** No gap before the next message of any row. */
  restart(): void {
    for (let at = LAST; at < this.#data.length; at += STRIDE) this.#data[at] = Number.NaN;
  }

  /** Keeps the gap before the message that came last in a row, which is the one cited. */
  keep(row: number, source: number, end: Cite): void {
    const longest = this.#longest[row];
    const at = row * STRIDE;
    const isBack = this.#data[at + FROM] === this.#data[at + LAST];
    longest.push({ isBack, startUs: this.#data[at + FROM], durationUs: this.#data[at + GAP], source, end });
    longest.sort((a, b) => b.durationUs - a.durationUs);
    if (longest.length > KEPT) longest.pop();
    if (longest.length === KEPT) this.#data[at + SHORTEST] = longest[KEPT - 1].durationUs;
  }

  /** The gaps of a row that are no usual ones, longest first. */
  found(row: number): Silence[] {
    const count = this.#data[row * STRIDE + COUNT];
    if (!(count >= MIN_GAPS)) return [];
    const longest = this.#longest[row];
    const beyond = Math.max(Math.floor(count / 100), 2);
    const usualUs = this.#upperEnd(row, beyond);
    // What the longest ones take does not make the mean.
    const rest = this.#data[row * STRIDE + SUM] - longest.reduce((sum, { durationUs }) => sum + durationUs, 0);
    const meanUs = rest / Math.max(1, count - longest.length);
    // The fewer gaps are longer, the less sure is how they thin out.
    const scaleUs = ((1 + 1 / (beyond + 1)) * usualUs) / Math.log(count / (beyond + 0.5));
    const limit = Math.max((Math.log(count) + LN_STREAMS) * scaleUs, TIMES_MEAN * meanUs);
    let found = longest.findIndex(({ durationUs }) => durationUs <= limit);
    if (found < 0) found = longest.length;
    while (found > 0 && found < longest.length && !standsOut(longest, found)) found--;
    // A step against the order of the log is a clock that was set, not a silence.
    const isNewestFirst = 2 * this.#data[row * STRIDE + BACK] > count;
    return longest
      .slice(0, found)
      .filter(({ isBack }) => isBack === isNewestFirst)
      .map(({ isBack: _, ...gap }) => ({ ...gap, usualUs }));
  }

  /** Upper end of the bin below which all gaps but `beyond` lie: 1 %, of few gaps two. */
  #upperEnd(row: number, beyond: number): number {
    let seen = 0;
    for (let bin = BINS - 1; bin >= 0; bin--) {
      seen += this.#bins[row * BINS + bin];
      if (seen > beyond) return upperEnd(bin);
    }
    return 0;
  }
}

const standsOut = (longest: readonly Kept[], found: number): boolean =>
  longest[found - 1].durationUs >= TIMES_NEXT * longest[found].durationUs;

const REAL = new Float64Array(1);
const WORDS = new Uint32Array(REAL.buffer);

/** By the exponent and first bits of the double: no logarithm for each gap. */
function binOf(us: number): number {
  if (us < 1) return 0;
  REAL[0] = us;
  return Math.min(BINS - 1, (WORDS[1] >>> 18) - 1023 * PARTS);
}

const upperEnd = (bin: number): number => 2 ** Math.floor(bin / PARTS) * (1 + ((bin % PARTS) + 1) / PARTS);
