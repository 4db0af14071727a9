/** Times and durations as debuggers print them in `vertarget` and `.time`. */

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const TIME =
  /time:\s{1,40}[a-z]{3}\s{1,9}([a-z]{3})\s{1,9}(\d{1,2})\s{1,9}(\d{1,2}):(\d{2}):(\d{2})(?:\.(\d{1,3}))?\s{1,9}(\d{4})(?:\s{0,9}\((?:UTC|GMT)\s{0,9}(?:([+-])\s{0,9}(\d{1,2})(?::(\d{2}))?)?\))?$/i;
// `0 days 01:31:58.931`, `1 day 2:03:04`, `10 days 18:45:29.032`
const DURATION = /^(?:(\d{1,6})\s{1,9}days?\s{1,9})?(\d{1,6}):(\d{2}):(\d{2})(?:\.(\d{1,3}))?$/i;

/** A time of day with its zone; null where it has none, because then nobody knows when it was. */
export function timeOf(text: string): { atMs: number; stepMs: number; zone: string } | null {
  const match = TIME.exec(text);
  if (match === null) return null;
  const [whole, name, day, hour, minute, second, fraction, year, sign, zoneHours, zoneMinutes] = match;
  const month = MONTHS.indexOf(name.toLowerCase());
  if (month < 0 || !whole.endsWith(')')) return null;
  const [d, h, m, s, y] = [day, hour, minute, second, year].map(Number);
  if (d < 1 || d > 31 || h > 23 || m > 59 || s > 60) return null;
  const ms = Number((fraction ?? '').padEnd(3, '0'));
  const offset = (sign === '-' ? -1 : 1) * (Number(zoneHours ?? 0) * 60 + Number(zoneMinutes ?? 0));
  const atMs = Date.UTC(y, month, d, h, m, s, ms) - offset * 60_000;
  const zone = sign === undefined ? 'UTC' : `UTC${sign}${Number(zoneHours)}:${zoneMinutes ?? '00'}`;
  return { atMs, stepMs: fraction === undefined ? 1000 : 1, zone };
}

/** An uptime in ms; null for `not available` and whatever else is none. */
export function durationMs(text: string): number | null {
  const match = DURATION.exec(text.trim());
  if (match === null) return null;
  const [, days, hours, minutes, seconds, fraction] = match;
  const whole = ((Number(days ?? 0) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
  return whole * 1000 + Number((fraction ?? '').padEnd(3, '0'));
}
