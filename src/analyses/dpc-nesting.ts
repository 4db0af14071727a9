/**
 * Finds what interrupted what on one CPU, as runs come in the order in which they ended. A nested run ends before the
 * one around it, so each run's nested ones are already known when it comes.
 */

/** How a run may hold another: an ISR interrupts anything, a DPC only a threaded DPC (which runs at PASSIVE_LEVEL). */
export enum Rank {
  ISR = 0,
  DPC = 1,
  ThreadedDpc = 2,
}

/** Times printed in whole µs are each off by up to half a µs, their difference by one. */
const ROUNDING_US = 1;
/** Runs kept for one that may yet hold them. A run holding more ends has its exclusive time overstated, and is counted. */
const MAX_PENDING = 1 << 17;

export class CpuNesting {
  /** Pairs of runs that overlap without one holding the other, which no processor can do. */
  overlaps = 0;
  /** The same, had the printed time been the other end of the run. */
  overlapsOtherwise = 0;
  /** Runs that came after one that ended later. */
  inversions = 0;
  /** Runs that may hold more than was kept. */
  overflowed = 0;
  #starts = new Float64Array(256);
  #ends = new Float64Array(256);
  #ranks = new Uint8Array(256);
  #n = 0;
  #droppedEndUs = Number.NEGATIVE_INFINITY;
  #otherwiseEndUs = Number.NEGATIVE_INFINITY;
  #lastEndUs = Number.NEGATIVE_INFINITY;

  /** Takes the next run; returns its duration less that of the runs nested in it. */
  exclusiveUs(startUs: number, durationUs: number, rank: Rank): number {
    const endUs = startUs + durationUs;
    // Out of order: what it holds or overlaps cannot be told, and it must not be taken for a contradiction.
    if (endUs < this.#lastEndUs - ROUNDING_US) {
      this.inversions++;
      return durationUs;
    }
    this.#lastEndUs = Math.max(endUs, this.#lastEndUs);
    let nested = 0;
    while (this.#n > 0 && this.#holds(startUs, rank)) {
      const top = --this.#n;
      nested += this.#ends[top] - this.#starts[top];
    }
    if (this.#n > 0 && this.#ends[this.#n - 1] > startUs + ROUNDING_US) this.overlaps++;
    if (this.#droppedEndUs > startUs) this.overflowed++;
    this.#otherwise(endUs, durationUs);
    this.#push(startUs, endUs, rank);
    return Math.max(0, durationUs - nested);
  }

  /** True where the last run before began inside the one that begins at `startUs` and may interrupt it. */
  #holds(startUs: number, rank: Rank): boolean {
    const top = this.#n - 1;
    const start = this.#starts[top];
    // Rounded times: a run that seems to begin up to 1 µs early is inside if its middle is.
    const inside = start >= startUs || (start >= startUs - ROUNDING_US && (start + this.#ends[top]) / 2 > startUs);
    if (!inside) return false;
    const inner = this.#ranks[top];
    return inner === Rank.ISR || inner < rank;
  }

  #otherwise(startUs: number, durationUs: number): void {
    const end = this.#otherwiseEndUs;
    if (startUs < end - ROUNDING_US && startUs + durationUs > end + ROUNDING_US) this.overlapsOtherwise++;
    if (startUs + durationUs > end) this.#otherwiseEndUs = startUs + durationUs;
  }

  #push(startUs: number, endUs: number, rank: Rank): void {
    if (this.#n === this.#starts.length) this.#grow();
    this.#starts[this.#n] = startUs;
    this.#ends[this.#n] = endUs;
    this.#ranks[this.#n] = rank;
    this.#n++;
  }

  #grow(): void {
    if (this.#n < MAX_PENDING) {
      this.#starts = resized(this.#starts, new Float64Array(this.#n * 2));
      this.#ends = resized(this.#ends, new Float64Array(this.#n * 2));
      this.#ranks = resized(this.#ranks, new Uint8Array(this.#n * 2));
      return;
    }
    const half = this.#n >> 1;
    this.#droppedEndUs = this.#ends[half - 1];
    this.#starts.copyWithin(0, half);
    this.#ends.copyWithin(0, half);
    this.#ranks.copyWithin(0, half);
    this.#n -= half;
  }
}

function resized<A extends Float64Array | Uint8Array>(from: A, to: A): A {
  to.set(from);
  return to;
}
