/**
 * Times that scripts write in front of snapshots (`echo %date% %time% >> log`): in the locale of the machine, mostly
 * without a zone. A date is read only where it can mean but one day.
 */

export interface Stamp {
  /** Since 1970 as if in UTC; in UTC where `zoned`. */
  readonly ms: number;
  readonly zoned: boolean;
  /** How the date is written. */
  readonly form: string;
}

/** In which order 05/11/2026 is to be read, once another date of the same source has shown it. */
export interface DateOrder {
  known: 'month-first' | 'day-first' | null;
}

interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly form: string;
}

// 2026-11-20T10:00:00+01:00   2026/11/20 10:00:00   2026. 11. 20 is not read
const YEAR_FIRST = /(?<![\d.])(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)/g;
// 20.11.2026 10:00:00,12
const DOTTED = /(?<![\d.])(\d{1,2})\.(\d{1,2})\.(\d{4})(?![\d.])/g;
// Fri 11/20/2026 10:00:00.12   20/11/2026 10:00:00.12   20-11-2026
const YEAR_LAST = /(?<!\d)(\d{1,2})([/-])(\d{1,2})\2(\d{4})(?!\d)/g;
// 20 November 2026   Friday, November 20, 2026 10:00:00 AM
const DAY_MONTH = /(?<!\d)(\d{1,2})[ -]([A-Za-z]{3,9})[ -](\d{4})(?!\d)/g;
const MONTH_DAY = /(?<![A-Za-z])([A-Za-z]{3,9}) (\d{1,2}), (\d{4})(?!\d)/g;
// 10:00:00.12   9:05:00,12   10:00 AM   10:00:00.1234567+01:00   10:00:00 UTC
const TIME =
  /(?<![\d:])(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?:\s{0,3}([AP])\.?M\b\.?)?(?:\s{0,3}(Z\b|(?:UTC|GMT)?[+-]\d{2}:?\d{2}\b|(?:UTC|GMT)\b))?/gi;
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const WEEKDAY = /(?<![A-Za-z])(sun|mon|tue|wed|thu|fri|sat)[a-z]{0,6}(?![A-Za-z])/gi;

/** The last time of day with a date in some text; null where there is none. */
export function stampOf(text: string, order: DateOrder): Stamp | 'ambiguous' | null {
  const time = last(text, TIME);
  if (time === null) return null;
  const ofDay = msOfDay(time);
  const date = dateOf(text, order);
  if (ofDay === null || date === null) return null;
  if (date === 'ambiguous') return date;
  const offset = offsetMs(time[6]);
  const ms = Date.UTC(date.year, date.month - 1, date.day) + ofDay - (offset ?? 0);
  return { ms, zoned: offset !== null, form: date.form };
}

function last(text: string, pattern: RegExp): RegExpExecArray | null {
  return [...text.matchAll(pattern)].at(-1) ?? null;
}

function msOfDay([, hour, minute, second = '0', fraction = '', half]: RegExpExecArray): number | null {
  if (half !== undefined && (+hour < 1 || +hour > 12)) return null;
  const hours = half === undefined ? +hour : (+hour % 12) + (half.toUpperCase() === 'P' ? 12 : 0);
  if (hours > 23 || +minute > 59 || +second > 59) return null;
  return hours * 3_600_000 + +minute * 60_000 + +second * 1000 + Number(`0.${fraction || '0'}`) * 1000;
}

/** `Z`, `UTC`, `+01:00`, `GMT+0100`; null where no zone is given. */
function offsetMs(zone: string | undefined): number | null {
  if (zone === undefined) return null;
  const part = /([+-])(\d{2}):?(\d{2})$/.exec(zone);
  if (part === null) return 0;
  return (part[1] === '-' ? -1 : 1) * (+part[2] * 60 + +part[3]) * 60_000;
}

function dateOf(text: string, order: DateOrder): Day | 'ambiguous' | null {
  const iso = last(text, YEAR_FIRST);
  if (iso !== null) return real({ year: +iso[1], month: +iso[3], day: +iso[4], form: `y${iso[2]}m${iso[2]}d` });
  const dotted = last(text, DOTTED);
  if (dotted !== null) return real({ year: +dotted[3], month: +dotted[2], day: +dotted[1], form: 'd.m.y' });
  const yearLast = last(text, YEAR_LAST);
  if (yearLast !== null) return inOrder(text, yearLast, order);
  const dayMonth = last(text, DAY_MONTH);
  const monthDay = last(text, MONTH_DAY);
  if (dayMonth !== null)
    return real({ year: +dayMonth[3], month: monthOf(dayMonth[2]), day: +dayMonth[1], form: 'd mon y' });
  if (monthDay !== null)
    return real({ year: +monthDay[3], month: monthOf(monthDay[1]), day: +monthDay[2], form: 'mon d, y' });
  return null;
}

const monthOf = (name: string): number => MONTHS.indexOf(name.slice(0, 3).toLowerCase()) + 1;

/** 11/20/2026 can only begin with the month, 20/11/2026 with the day; of 05/11/2026 the day of the week may tell. */
function inOrder(text: string, found: RegExpExecArray, order: DateOrder): Day | 'ambiguous' | null {
  const [, first, sign, second, year] = found;
  const dayOf = (month: string, day: string, form: string): Day | null =>
    real({ year: +year, month: +month, day: +day, form });
  const monthFirst = dayOf(first, second, `m${sign}d${sign}y`);
  const dayFirst = dayOf(second, first, `d${sign}m${sign}y`);
  if (monthFirst !== null && dayFirst !== null && first !== second) {
    const weekday = last(text, WEEKDAY)?.[1].toLowerCase();
    const fits = (day: Day): boolean => weekday !== undefined && weekdayOf(day) === weekday;
    if (fits(monthFirst) !== fits(dayFirst)) order.known = fits(monthFirst) ? 'month-first' : 'day-first';
    if (order.known === null) return 'ambiguous';
  } else if (first !== second) order.known = monthFirst !== null ? 'month-first' : 'day-first';
  return order.known === 'day-first' ? dayFirst : monthFirst;
}

const weekdayOf = ({ year, month, day }: Day): string => WEEKDAYS[new Date(Date.UTC(year, month - 1, day)).getUTCDay()];

/** The day where the calendar has it. */
function real(date: Day): Day | null {
  const { year, month, day } = date;
  const at = new Date(Date.UTC(year, month - 1, day));
  return year >= 1970 && at.getUTCMonth() === month - 1 && at.getUTCDate() === day ? date : null;
}
