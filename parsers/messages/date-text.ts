/** Dates as logs print them, up to the first digit of the time behind: slow, once for each date of a log. */
import { isDigit, isLetter } from './bytes.js';

/** What is known of the day of a stamp. */
export const DateKind = {
  /** A time of day only. */
  none: 0,
  /** Year, month and day are certain. */
  certain: 1,
  /** Day and month in an order that the text does not tell: `01/02/2026`. */
  twoWays: 2,
  /** Month and day: `Oct  9`. */
  noYear: 3,
  /** An instant in UTC: FILETIME, or seconds since 1970. */
  instant: 4,
} as const;
export type DateKind = (typeof DateKind)[keyof typeof DateKind];

/** A date as printed. Of `twoWays`, `month` is the first number and `day` the second. */
export interface DateText {
  kind: DateKind;
  year: number;
  month: number;
  day: number;
  /** Behind the blanks (or the `T`, or whatever) that end it. */
  end: number;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = new Set(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']);
/** No date with its blanks is longer. */
const MAX_DATE = 32;

// 2026-11-20T   2026/11/20-   2026.11.20
const YEAR_FIRST = /^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:T(?=\d)|[-_ \t,:]{1,4}|$)/;
// 11/20/2026-   20.11.2026
const YEAR_LAST = /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?:T(?=\d)|[-_ \t,:]{1,4}|$)/;
// 20-Nov-2026   20 Nov 2026   20/Nov/2026:   Thu, 20 Nov 2026
const MONTH_INSIDE = /^(?:([A-Za-z]{3}),? )?(\d{1,2})([-/ .])([A-Za-z]{3,9})\3(\d{4})(?:[-_ \t,:]{1,4}|$)/;
// Oct  9    Nov 20 2026    Fri Oct  9
const MONTH_FIRST = /^(?:([A-Za-z]{3}),? {1,2})?([A-Za-z]{3,9})\.? {1,2}(\d{1,2})(?:,? (\d{4}))?(?:,? {1,2}|$)/;

/** The date at `at`; null where there is none. A year that an `asctime` prints behind the time is not looked for. */
export function dateText(bytes: Buffer, at: number, to: number): DateText | null {
  if (!isDigit(bytes[at]) && !isLetter(bytes[at])) return null;
  const text = bytes.toString('latin1', at, Math.min(to, at + MAX_DATE));
  const found = isDigit(bytes[at]) ? (yearFirst(text) ?? yearLast(text) ?? named(text)) : named(text);
  if (found === null) return null;
  found.end += at;
  return found;
}

function yearFirst(text: string): DateText | null {
  const match = YEAR_FIRST.exec(text);
  if (match === null) return null;
  return certain(Number(match[1]), Number(match[3]), Number(match[4]), match[0].length);
}

function yearLast(text: string): DateText | null {
  const match = YEAR_LAST.exec(text);
  if (match === null) return null;
  const [first, second, year] = [Number(match[1]), Number(match[3]), Number(match[4])];
  if (Number.isNaN(dayMs(year, first, second)) && Number.isNaN(dayMs(year, second, first))) return null;
  // Points are written where the day goes first.
  if (match[2] === '.' && second <= 12) return certain(year, second, first, match[0].length);
  return { kind: DateKind.twoWays, year, month: first, day: second, end: match[0].length };
}

function named(text: string): DateText | null {
  const inside = MONTH_INSIDE.exec(text);
  if (inside !== null) {
    const month = monthOf(inside[4]);
    return month === 0 || !isDay(inside[1])
      ? null
      : certain(Number(inside[5]), month, Number(inside[2]), inside[0].length);
  }
  const first = MONTH_FIRST.exec(text);
  const month = first === null ? 0 : monthOf(first[2]);
  if (first === null || month === 0 || !isDay(first[1])) return null;
  const day = Number(first[3]);
  if (first[4] !== undefined) return certain(Number(first[4]), month, day, first[0].length);
  // A leap year has every day that there is.
  if (Number.isNaN(dayMs(2000, month, day))) return null;
  return { kind: DateKind.noYear, year: 0, month, day, end: first[0].length };
}

const isDay = (name: string | undefined): boolean => name === undefined || DAYS.has(name.toLowerCase());
const monthOf = (name: string): number => MONTHS.indexOf(name.slice(0, 3).toLowerCase()) + 1;

function certain(year: number, month: number, day: number, end: number): DateText | null {
  return Number.isNaN(dayMs(year, month, day)) ? null : { kind: DateKind.certain, year, month, day, end };
}

/** Midnight of a day as ms since 1970, counted as if in UTC; NaN where there is no such day. */
export function dayMs(year: number, month: number, day: number): number {
  if (month < 1 || month > 12 || day < 1 || year < 1601 || year > 9999) return Number.NaN;
  const ms = Date.UTC(year, month - 1, day);
  return new Date(ms).getUTCDate() === day ? ms : Number.NaN;
}
