/**
 * Durations as debuggers print them, in ms.
 *
 *     00:00:00.093
 *     2 Days 02:59:39.285
 *     15:06:36.0338       NT 4: four digits of milliseconds
 *     0:05:34:28.281      behind Ticks: days, hours, minutes, seconds
 */

const DURATION = /^(?:(\d{1,6})\s{1,9}days?,?\s{1,9})?(?:(\d{1,6}):)?(\d{1,6}):(\d{1,2}):(\d{1,2})(?:\.(\d{1,7}))?$/i;
/** Most of them. */
const NONE = '00:00:00.000';

/** Null for what is none: `<Invalid>`. */
export function durationMs(text: string): number | null {
  if (text === NONE) return 0;
  const match = DURATION.exec(text);
  if (match === null) return null;
  const [, days, daysOfTicks, hours, minutes, seconds, fraction = '0'] = match;
  const wholeSeconds =
    Number(days ?? daysOfTicks ?? 0) * 86_400 + Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  // `.0338` are 338 ms, `.338` as well.
  const ms = fraction.length === 4 ? Number(fraction) : Number(fraction) / 10 ** (fraction.length - 3);
  return wholeSeconds * 1000 + ms;
}
