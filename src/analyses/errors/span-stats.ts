/** What is known of the spans of one name in one thread: how many, how long, and how many lack an end or a beginning. */
import type { Cite } from '../../core/table.js';

/** Durations kept of a span: all at first, then every second, fourth … */
const MAX_DURATIONS = 8192;

/** Spans of one name in one thread. */
export class SpanStats {
  count = 0;
  sumUs = 0;
  maxUs = -1;
  unfinished = 0;
  unstarted = 0;
  firstUs = Number.NaN;
  lastUs = Number.NaN;
  longest: { readonly source: number; readonly start: Cite | null; readonly finish: Cite } | null = null;
  /** The last start that never ended. */
  open: { readonly source: number; readonly start: Cite } | null = null;
  #kept: number[] = [];
  #stride = 1;

  /** @param name its digits are filled in when all messages have come: where they differ, they are no part of it */
  constructor(
    public name: string,
    readonly thread: number,
  ) {}

  /** One from `startUs` to `finishUs`. Returns true where this is the longest so far. */
  add(startUs: number, finishUs: number): boolean {
    // Where a clock was set back in between.
    const us = Math.max(0, finishUs - startUs);
    if (!(this.firstUs <= startUs)) this.firstUs = startUs;
    if (!(this.lastUs >= finishUs)) this.lastUs = finishUs;
    this.count++;
    this.sumUs += us;
    if (this.count % this.#stride === 0) this.#keep(us);
    if (us <= this.maxUs) return false;
    this.maxUs = us;
    return true;
  }

  #keep(us: number): void {
    this.#kept.push(us);
    if (this.#kept.length < MAX_DURATIONS) return;
    this.#kept = this.#kept.filter((_, i) => i % 2 === 1);
    this.#stride *= 2;
  }

  /** By nearest rank; exact up to 8191 spans. Null where there are none. */
  percentile(p: number): number | null {
    if (this.#kept.length === 0) return null;
    const sorted = this.#kept.toSorted((a, b) => a - b);
    return sorted[Math.max(0, Math.ceil(p * sorted.length - 1e-9) - 1)];
  }
}
