/** What the first records of CDF's CSV tell of all. */
import { hexDigit, isDigit } from './bytes.js';
import { type CdfColumns, cdfColumns } from './cdf-columns.js';
import type { MessageClock } from './clock.js';
import { CsvRecord, OPEN } from './csv-record.js';
import { Stamp } from './stamp.js';

/** Records that are looked at. */
const MAX_LOOK = 400;

/** Are ids in hex? Shows the clock the times, for the order of day and month. */
export function lookAt(head: Buffer, clock: MessageClock): { isHexPid: boolean; isHexTid: boolean } {
  const found = { isHexPid: false, isHexTid: false };
  const stamp = new Stamp();
  let record = new CsvRecord(44);
  let columns: CdfColumns | null = null;
  let looked = 0;
  for (let from = 0; from < head.length && looked < MAX_LOOK; looked++) {
    const end = record.read(head, from, head.length);
    if (end === OPEN) break;
    if (columns === null) {
      columns = cdfColumns(head.toString('utf8', from, Math.min(end, from + 4001)).trim());
      if (columns !== null) record = new CsvRecord(columns.delimiter.charCodeAt(0));
    } else if (record.count >= columns.count) {
      const { pid, tid } = columns.at;
      found.isHexPid ||= isHexWord(head, record.from[pid], record.end[pid]);
      found.isHexTid ||= isHexWord(head, record.from[tid], record.end[tid]);
      if (readTime(stamp, record, columns, head)) clock.learn(stamp);
    }
    from = end + 1;
  }
  return found;
}

/** Reads the time of a record into `stamp`: a date of its own, a date and a time, a time, or a FILETIME. */
export function readTime(stamp: Stamp, { from, end, count }: CsvRecord, { at }: CdfColumns, bytes: Buffer): boolean {
  const { date, time } = at;
  if (date >= 0 && date < count && end[date] > from[date]) {
    if (stamp.readDate(bytes, from[date], end[date])) return stamp.readTime(bytes, from[time], end[time]);
  }
  if (stamp.read(bytes, from[time], end[time])) return stamp.end === end[time];
  return stamp.readFiletime(bytes, from[time], end[time]) && stamp.end === end[time];
}

/** True for `183C`, false for `0x183C`, `1833` and any other text. */
function isHexWord(bytes: Buffer, from: number, end: number): boolean {
  let hasLetter = false;
  for (let i = from; i < end; i++) {
    if (hexDigit(bytes[i]) < 0) return false;
    hasLetter ||= !isDigit(bytes[i]);
  }
  return hasLetter;
}

/** True where a cell is a time, whatever one. */
export function isTime(bytes: Buffer, from: number, end: number): boolean {
  const stamp = new Stamp();
  return (stamp.read(bytes, from, end) || stamp.readFiletime(bytes, from, end)) && stamp.end === end;
}
