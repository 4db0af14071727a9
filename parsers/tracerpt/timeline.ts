/** The two scales on which a trace prints its times. */
import { isFiletime, type Ticks, ticksBetween } from '../../src/core/time.js';

/**
 * How the two scales of the trace relate. Times of events are FILETIMEs, or ticks of the performance counter (tracerpt
 * -rts); either scale is known from its value at the start of the trace and its ticks per µs.
 */
export interface Timeline {
  startFiletime: Ticks | null;
  startCounter: Ticks | null;
  counterPerUs: number | null;
}

export const FILETIME_PER_US = 10;

/** Time from the start of the trace; NaN where the scale's start or rate is unknown. */
export function timeUs(timeline: Timeline, ticks: Ticks | null): number {
  if (ticks === null) return Number.NaN;
  if (isFiletime(ticks)) {
    return timeline.startFiletime === null ? Number.NaN : ticksBetween(timeline.startFiletime, ticks) / FILETIME_PER_US;
  }
  if (timeline.startCounter === null || timeline.counterPerUs === null) return Number.NaN;
  return ticksBetween(timeline.startCounter, ticks) / timeline.counterPerUs;
}

/** Exact where both are on one scale; over the trace's start where they are not; NaN where that is unknown. */
export function betweenUs(timeline: Timeline, from: Ticks, to: Ticks | null): number {
  if (to === null) return Number.NaN;
  if (isFiletime(from) && isFiletime(to)) return ticksBetween(from, to) / FILETIME_PER_US;
  if (!isFiletime(from) && !isFiletime(to)) {
    return timeline.counterPerUs === null ? Number.NaN : ticksBetween(from, to) / timeline.counterPerUs;
  }
  return timeUs(timeline, to) - timeUs(timeline, from);
}

/** `ticks` and `by` more; performance counters stay as they are. */
export function shifted(ticks: Ticks, by: number): Ticks {
  if (by === 0 || !isFiletime(ticks)) return ticks;
  const low = ticks.low + by;
  const carry = Math.floor(low / 1e9);
  return { high: ticks.high + carry, low: low - carry * 1e9 };
}

/** Without a header the trace starts with its first event. */
export function startWith(timeline: Timeline, first: Ticks): void {
  if (timeline.startFiletime !== null || timeline.startCounter !== null) return;
  if (isFiletime(first)) timeline.startFiletime = first;
  else timeline.startCounter = first;
}
