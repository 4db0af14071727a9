import type { Reader } from '../../../src/core/reader.js';

/**
 * A SYSTEMTIME (minwinbase.h): u16 year, month, day of week, day, hour, minute, second, ms, as ISO 8601. Whether it is UTC
 * or local is not in it: no zone is written. Null where the fields are no date.
 */
export function readSystemTime(payload: Reader): string | null {
  const [year, month, , day, hour, minute, second, ms] = Array.from({ length: 8 }, () => payload.u16());
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second, ms));
  // Date.UTC takes years below 100 for those of the 20th century, and carries what is out of range over.
  const asSaid = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return asSaid && hour < 24 && minute < 60 && second < 60 && ms < 1000 ? date.toISOString().slice(0, -1) : null;
}
