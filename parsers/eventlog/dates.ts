/**
 * Dates of events as text: wevtutil's, and those of Event Viewer, which are written as the machine's region has them.
 * No zone is in them.
 */
import { isoToFiletime, type Ticks } from '../../src/core/time.js';

export type DateOrder = 'dmy' | 'mdy';

/** A time as printed; ticks are those of UTC had it been printed in UTC. */
export interface TextDate {
  /** Null where day and month can be exchanged: then both readings are there. */
  readonly sure: Ticks | null;
  readonly readings: Readonly<Record<DateOrder, Ticks>> | null;
  /** The order that the date itself shows: a part above 12. */
  readonly order: DateOrder | null;
  /** Offset from UTC that is printed behind it (`+02:00`), in minutes. */
  readonly offsetMinutes: number | null;
  /**
   * True where `Z` stands behind it. wevtutil of Windows 10 and 11 prints it behind local times: it is not believed.
   */
  readonly zulu: boolean;
  /** Smallest step of the time, ns. */
  readonly resolutionNs: number;
}

// 2018-07-21   2018/07/21   2018. 07. 21.   21.07.2018   21/07/2018   7/21/2018   21-07-2018
const DATE = /^(\d{1,4})([-/.])\s?(\d{1,2})\2\s?(\d{1,4})\.?(?=[\sT,])/;
// T09:58:19.504   9:58:19 AM   上午 09:58:19   9.58.19   09:58:19.5040000Z   09:58:19+02:00
const TIME =
  /^[T\s,]{1,3}([^\s\d]{1,5}(?:\s[^\s\d]{1,3})?)?\s{0,2}(\d{1,2})[:.](\d{2})[:.](\d{2})(?:[.,](\d{1,9}))?\s?(Z|[+-]\d{2}:?\d{2})?\s{0,2}([^\s\d]{1,5}(?:\s[^\s\d]{1,3})?)?$/;
const MORNING = new Set(['am', 'a.m.', 'a. m.', 'vorm.', '上午', '午前', '오전', 'πμ', 'π.μ.']);
const AFTERNOON = new Set(['pm', 'p.m.', 'p. m.', 'nachm.', '下午', '午後', '오후', 'μμ', 'μ.μ.']);
const MAX_TEXT = 80;

/** Reads a date with a time; null where the text is none. */
export function dateOf(text: string): TextDate | null {
  const clean = text
    .slice(0, MAX_TEXT)
    .replace(/[\u200e\u200f]/g, '')
    .replace(/[\u00a0\u202f]/g, ' ')
    .trim();
  const date = DATE.exec(clean);
  if (date === null) return null;
  const time = TIME.exec(clean.slice(date[0].length));
  if (time === null) return null;
  const clock = clockOf(time);
  if (clock === null) return null;
  const days = daysOf(date);
  const sure = days.sure === null ? null : ticksOf(days.sure, clock);
  const dmy = days.dmy === null ? null : ticksOf(days.dmy, clock);
  const mdy = days.mdy === null ? null : ticksOf(days.mdy, clock);
  const printed = {
    offsetMinutes: offsetOf(time[6]),
    zulu: time[6] === 'Z',
    resolutionNs: 10 ** (9 - (time[5] ?? '').length),
  };
  if (sure !== null) return { sure, readings: null, order: null, ...printed };
  if (dmy !== null && mdy !== null) {
    if (days.dmy === days.mdy) return { sure: dmy, readings: null, order: null, ...printed };
    return { sure: null, readings: { dmy, mdy }, order: null, ...printed };
  }
  const only = dmy ?? mdy;
  return only === null ? null : { sure: only, readings: null, order: dmy === null ? 'mdy' : 'dmy', ...printed };
}

/** `2018-07-21`, by each way to read it; null where the calendar has no such day. */
function daysOf([, first, sign, second, last]: RegExpExecArray): Record<'sure' | DateOrder, string | null> {
  if (first.length === 4) return { sure: dayOf(first, second, last), dmy: null, mdy: null };
  // Dots stand in dates that begin with the day.
  if (sign === '.') return { sure: dayOf(last, second, first), dmy: null, mdy: null };
  return { sure: null, dmy: dayOf(last, second, first), mdy: dayOf(last, first, second) };
}

function dayOf(year: string, month: string, day: string): string | null {
  if (year.length !== 4 || month.length > 2 || day.length > 2) return null;
  const at = new Date(Date.UTC(+year, +month - 1, +day));
  // Years of other calendars are not taken for ours.
  if (+year < 1990 || +year > 2200 || at.getUTCMonth() !== +month - 1 || at.getUTCDate() !== +day) return null;
  return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
}

/** `09:58:19.504`; null where it is no time of day. */
function clockOf([, before, hour, minute, second, fraction, , behind]: RegExpExecArray): string | null {
  const word = (before ?? behind ?? '').toLowerCase();
  if (before !== undefined && behind !== undefined) return null;
  const half = word === '' ? null : halfOf(word);
  if (half === undefined || +minute > 59 || +second > 59) return null;
  if (half !== null && (+hour < 1 || +hour > 12)) return null;
  const hours = half === null ? +hour : (+hour % 12) + half;
  if (hours > 23) return null;
  return `${String(hours).padStart(2, '0')}:${minute}:${second}${fraction === undefined ? '' : `.${fraction}`}`;
}

/** Hours to be added; undefined for a word that is neither half of the day. */
function halfOf(word: string): number | undefined {
  if (MORNING.has(word)) return 0;
  return AFTERNOON.has(word) ? 12 : undefined;
}

const ticksOf = (day: string, clock: string): Ticks | null => isoToFiletime(`${day}T${clock}Z`);

function offsetOf(zone: string | undefined): number | null {
  const part = /^([+-])(\d{2}):?(\d{2})$/.exec(zone ?? '');
  return part === null ? null : (part[1] === '-' ? -1 : 1) * (+part[2] * 60 + +part[3]);
}
