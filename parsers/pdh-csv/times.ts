/** Times of samples, and when in UTC they were. */

/** As printed, in ms: since 1970 in local time, or since the last full hour. */
export interface SampleTime {
  readonly kind: 'date' | 'in-hour';
  readonly ms: number;
}

// 11/20/2026 10:00:00.123: always the month first   11/20/2026 10:00 (saved again by a spreadsheet)
const DATE = /^(\d{1,2})\/(\d{1,2})\/(\d{4}) (\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,7}))?)?$/;
// 2026-11-20 10:00:00.123
const ISO = /^(\d{4})-(\d{2})-(\d{2})[ T](\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,7}))?$/;
// 14:07.7: minutes and seconds, as spreadsheets show such times
const IN_HOUR = /^(\d{1,2}):(\d{2})[.,](\d{1,3})$/;

/** The time in a cell; null where there is none. */
export function timeOf(cell: string): SampleTime | null {
  const text = cell.trim();
  const date = DATE.exec(text);
  if (date !== null) return dated([date[3], date[1], date[2], date[4], date[5], date[6], date[7]]);
  const iso = ISO.exec(text);
  if (iso !== null) return dated(iso.slice(1));
  const part = IN_HOUR.exec(text);
  if (part === null || +part[1] > 59 || +part[2] > 59) return null;
  return { kind: 'in-hour', ms: +part[1] * 60_000 + +part[2] * 1000 + msOf(part[3]) };
}

const msOf = (fraction: string | undefined): number =>
  fraction === undefined ? 0 : Math.round(Number(`0.${fraction}`) * 1000);

function dated([year, month, day, hour, minute, second = '0', fraction]: (string | undefined)[]): SampleTime | null {
  const days = Date.UTC(Number(year), Number(month) - 1, Number(day));
  const real = new Date(days).getUTCMonth() === Number(month) - 1 && new Date(days).getUTCDate() === Number(day);
  if (!real || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null;
  const seconds = (Number(hour) * 60 + Number(minute)) * 60 + Number(second);
  return { kind: 'date', ms: days + seconds * 1000 + msOf(fraction) };
}

const HOUR_MS = 3_600_000;

/** Where the times of a log stand: one of them at a time, in the order of the log. */
export interface Timeline {
  readonly kind: SampleTime['kind'];
  /** The time before, as printed. */
  lastMs: number;
  /** Distance of the two times before. */
  stepMs: number | null;
  /** Hours passed, or that the clock was put back. */
  addedMs: number;
}

export const timelineFrom = ({ kind, ms }: SampleTime): Timeline => ({ kind, lastMs: ms, stepMs: null, addedMs: 0 });

export type Step = 'on' | 'hour-back' | 'backwards';

/** Goes on to the next time; says how it lies to the one before. */
export function stepTo(timeline: Timeline, { ms }: SampleTime): Step {
  const step = ms - timeline.lastMs;
  timeline.lastMs = ms;
  if (step >= 0) {
    timeline.stepMs = step;
    return 'on';
  }
  // Minutes and seconds begin again each hour; nothing else brings them back so far.
  const nextHour = timeline.kind === 'in-hour' ? step < -HOUR_MS / 2 : isHourBack(step, timeline.stepMs);
  if (!nextHour) return 'backwards';
  timeline.addedMs += HOUR_MS;
  return timeline.kind === 'in-hour' ? 'on' : 'hour-back';
}

/** At the end of summer time the clock is put back an hour: the samples go on as far apart as before, but for that hour. */
function isHourBack(step: number, before: number | null): boolean {
  const apart = step + HOUR_MS;
  return before !== null && apart >= 0 && apart <= 2 * before + 1000;
}
