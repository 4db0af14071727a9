/** When the event of a stack was logged: EventTimeStamp is in ticks of the counter, Clock-Time mostly a FILETIME. */

import type { Ticks } from '../../src/core/time.js';
import { type Timeline, timeUs } from './timeline.js';

/** Pairs of a stack and the event right before it that must agree before times are relied on. */
const SURE = 8;
/** FILETIMEs come in steps of 0.1 µs, one of the pair that told the offset and one of the event itself. */
const TOLERANCE_US = 0.3;

/**
 * Relates the two scales where the file does not: FILETIME(ticks) = offset + ticks * 10^7 / PerfFreq, and the offset is the
 * same for all events of a trace. Pairs found by their order vote for it; a pair that disagrees with the majority is
 * none.
 */
export class StackClock {
  #offsetUs = Number.NaN;
  #votes = 0;

  /** Time of the event that a stack with this EventTimeStamp belongs to; NaN where the scales are not related (yet). */
  eventUs(timeline: Timeline, stamp: Ticks): number {
    const us = timeUs(timeline, stamp);
    if (!Number.isNaN(us) || this.#votes < SURE) return us;
    return this.#offsetUs + counterUs(timeline, stamp);
  }

  /** True where an event at `atUs` and a stack with this EventTimeStamp can belong together. */
  agrees(timeline: Timeline, stamp: Ticks, atUs: number): boolean {
    const offsetUs = atUs - counterUs(timeline, stamp);
    if (Number.isNaN(offsetUs) || isSame(offsetUs, this.#offsetUs)) {
      this.#votes++;
      return true;
    }
    if (this.#votes > 0) {
      this.#votes--;
      return false;
    }
    this.#offsetUs = offsetUs;
    this.#votes = 1;
    return true;
  }

  /** Another trace begins. */
  reset(): void {
    this.#offsetUs = Number.NaN;
    this.#votes = 0;
  }
}

/** Times of one instant, as far as the scales tell. */
export const isSame = (a: number, b: number): boolean => Math.abs(a - b) <= TOLERANCE_US;

/** NaN where the counter's rate is unknown: nothing can be said then. */
function counterUs({ counterPerUs }: Timeline, { high, low }: Ticks): number {
  return counterPerUs === null ? Number.NaN : (high * 1e9 + low) / counterPerUs;
}
