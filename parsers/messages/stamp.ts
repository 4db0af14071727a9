/**
 * A time as logs print it, with or without a date in front: read from bytes, millions of times, mostly on the same day as
 * the time before.
 *
 *     10:05:11   10:05:11.005   10:05:11,005   10:05:11:005   7:05:11.005 PM
 *     2026-11-20T10:05:11.005123+02:00   11/20/2026-10:05:11.005   Oct  9 10:05:11
 */
import { BLANK, decimalAt, isDigit, isWordByte } from './bytes.js';
import { DateKind, dateText } from './date-text.js';

const COLON = 58;
const POINT = 46;
const COMMA = 44;
/** µs of a fraction's unit, by its digits. Above six digits it is a share of a µs: divided, for exactness. */
const UNIT_US = [0, 100_000, 10_000, 1000, 100, 10, 1, 1, 1, 1];
const PER_US = [1, 1, 1, 1, 1, 1, 1, 10, 100, 1000];
const MAX_DIGITS = 9;
const DAY_SECONDS = 86_400;
/** Dates and what parts them from the time: longer ones are read anew each time. */
const MAX_KEPT = 40;

/** FILETIME of 1970 in units of 10^9 ticks; nothing is left over. */
const EPOCH_HIGH = 116_444_736;

export class Stamp {
  /** Behind what was read last. */
  end = 0;
  kind: DateKind = DateKind.none;
  /** Date as printed; see {@link DateText}. */
  year = 0;
  month = 0;
  day = 0;
  /** Another number for each date that differs from the one before; 0 for none. */
  dateId = 0;
  /** Of an instant: its day, ms since 1970 in UTC. */
  dayMs = Number.NaN;
  /** Time of day, whole µs. */
  ofDayUs = 0;
  /** What is below a µs, as a share of it. */
  belowUs = 0;
  /** Decimals of the seconds. */
  digits = 0;
  /** Local time - UTC; NaN where the text does not say. */
  zoneMinutes = Number.NaN;
  /** Bytes of the last date and what parts it from the time. */
  readonly #kept = Buffer.alloc(MAX_KEPT);
  #keptLength = 0;
  #keptKind: DateKind = DateKind.none;
  #dates = 0;

  /** Reads a time, with the date in front if there is one. False where there is none at `at`. */
  read(bytes: Buffer, at: number, to: number): boolean {
    const length = this.#keptLength;
    if (length > 0 && this.#isKept(bytes, at, to) && this.#time(bytes, at + length, to)) {
      this.kind = this.#keptKind;
      this.#zone(bytes, to);
      return this.#endsHere(bytes, to);
    }
    return this.#readAnew(bytes, at, to);
  }

  /** Reads a date that stands in a column of its own. */
  readDate(bytes: Buffer, at: number, to: number): boolean {
    if (this.#keptLength === to - at && this.#isKept(bytes, at, to)) {
      this.kind = this.#keptKind;
      this.end = to;
      return true;
    }
    const found = this.#date(bytes, at, to);
    return found && this.end === to;
  }

  /** Reads a time of day behind a date that `readDate` has read, or without one. */
  readTime(bytes: Buffer, at: number, to: number): boolean {
    this.zoneMinutes = Number.NaN;
    return this.#time(bytes, at, to) && this.#endsHere(bytes, to);
  }

  /** Forgets the date before, for a time of day without one. */
  undated(): void {
    this.kind = DateKind.none;
  }

  /** Reads 100 ns ticks since 1601 in UTC: 17 or 18 digits. */
  readFiletime(bytes: Buffer, at: number, to: number): boolean {
    let end = at;
    while (end < to && isDigit(bytes[end])) end++;
    if (end - at < 17 || end - at > 18) return false;
    const low = decimalAt(bytes, end - 9, end);
    const seconds = (decimalAt(bytes, at, end - 9) - EPOCH_HIGH) * 100 + Math.floor(low / 1e7);
    return this.#instant(seconds, low % 1e7, 7, end);
  }

  /** Reads seconds since 1970 with decimals (`1763632800.123`), or whole ms (`1763632800123`). */
  readUnix(bytes: Buffer, at: number, to: number): boolean {
    let end = at;
    while (end < to && end - at < 14 && isDigit(bytes[end])) end++;
    const whole = decimalAt(bytes, at, end);
    if (end - at === 13) {
      return !isWordByte(bytes[end]) && this.#instant(Math.floor(whole / 1000), whole % 1000, 3, end);
    }
    if (end - at !== 10 || (bytes[end] !== POINT && bytes[end] !== COMMA)) return false;
    const from = ++end;
    while (end < to && isDigit(bytes[end])) end++;
    const digits = end - from;
    if (digits < 1 || digits > MAX_DIGITS || (end < to && isWordByte(bytes[end]))) return false;
    return this.#instant(whole, decimalAt(bytes, from, end), digits, end);
  }

  /** `fraction` has `digits` decimals. */
  #instant(seconds: number, fraction: number, digits: number, end: number): boolean {
    const ofDay = ((seconds % DAY_SECONDS) + DAY_SECONDS) % DAY_SECONDS;
    this.kind = DateKind.instant;
    this.dayMs = (seconds - ofDay) * 1000;
    this.ofDayUs = ofDay * 1e6;
    this.belowUs = 0;
    this.#addFraction(fraction, digits);
    this.digits = digits;
    this.zoneMinutes = 0;
    this.end = end;
    return true;
  }

  #readAnew(bytes: Buffer, at: number, to: number): boolean {
    const isDated = this.#date(bytes, at, to);
    if (!isDated) this.kind = DateKind.none;
    if (!this.#time(bytes, isDated ? this.end : at, to)) return false;
    if (isDated) this.#zone(bytes, to);
    else this.zoneMinutes = Number.NaN;
    return this.#endsHere(bytes, to);
  }

  #isKept(bytes: Buffer, at: number, to: number): boolean {
    const kept = this.#kept;
    const length = this.#keptLength;
    if (to - at < length) return false;
    // Dates of a log differ at their end.
    for (let i = length - 1; i >= 0; i--) if (bytes[at + i] !== kept[i]) return false;
    return true;
  }

  #date(bytes: Buffer, at: number, to: number): boolean {
    // A time of day alone, which most undated lines begin with.
    if (bytes[at + 2] === COLON || bytes[at + 1] === COLON) return false;
    const found = dateText(bytes, at, to);
    if (found === null) return false;
    const { kind, year, month, day, end } = found;
    if (kind !== this.#keptKind || year !== this.year || month !== this.month || day !== this.day) {
      this.dateId = ++this.#dates;
    }
    this.kind = kind;
    this.#keptKind = kind;
    this.year = year;
    this.month = month;
    this.day = day;
    this.end = end;
    this.#keptLength = end - at > MAX_KEPT ? 0 : bytes.copy(this.#kept, 0, at, end);
    return true;
  }

  /** Time of day at `at`; sets `end` behind it. */
  #time(bytes: Buffer, at: number, to: number): boolean {
    let i = at;
    let hour = bytes[i++] - 48;
    if (hour < 0 || hour > 9) return false;
    if (bytes[i] !== COLON) hour = hour * 10 + bytes[i++] - 48;
    // A colon, then two digits, twice.
    if (i + 6 > to || bytes[i] !== COLON || bytes[i + 3] !== COLON) return false;
    const minute = twoDigits(bytes, i + 1);
    const second = twoDigits(bytes, i + 4);
    if (hour > 23 || hour < 0 || minute < 0 || minute > 59 || second < 0 || second > 60) return false;
    this.ofDayUs = (hour * 3600 + minute * 60 + second) * 1e6;
    this.belowUs = 0;
    this.end = i + 6;
    this.#fraction(bytes, to);
    return this.#halfOfDay(bytes, to, hour);
  }

  /** `.005`, `,005` (three digits or more, since a comma also parts columns) or `:005` (exactly three). */
  #fraction(bytes: Buffer, to: number): void {
    this.digits = 0;
    const sign = bytes[this.end];
    if (this.end + 1 >= to || (sign !== POINT && sign !== COMMA && sign !== COLON)) return;
    const from = this.end + 1;
    let end = from;
    let value = 0;
    for (; end < to; end++) {
      const digit = bytes[end] - 48;
      if (digit < 0 || digit > 9) break;
      if (end - from < MAX_DIGITS) value = value * 10 + digit;
    }
    const digits = end - from;
    if (digits === 0 || (sign === COMMA && digits < 3) || (sign === COLON && digits !== 3)) return;
    const used = digits > MAX_DIGITS ? MAX_DIGITS : digits;
    this.digits = used;
    this.end = end;
    this.#addFraction(value, used);
  }

  /** `value` has `digits` decimals of a second. */
  #addFraction(value: number, digits: number): void {
    if (digits <= 6) {
      this.ofDayUs += value * UNIT_US[digits];
      return;
    }
    const perUs = PER_US[digits];
    const us = Math.floor(value / perUs);
    this.ofDayUs += us;
    this.belowUs = (value - us * perUs) / perUs;
  }

  /** ` AM`, `PM`, ` p.m.` behind a time; false where the hour is none of that half. */
  #halfOfDay(bytes: Buffer, to: number, hour: number): boolean {
    const at = bytes[this.end] === BLANK ? this.end + 1 : this.end;
    const letter = bytes[at] | 32;
    if (at + 1 >= to || (letter !== 97 && letter !== 112)) return true;
    const dotted = bytes[at + 1] === POINT ? 1 : 0;
    if ((bytes[at + 1 + dotted] | 32) !== 109) return true;
    const end = at + 2 + dotted + (dotted === 1 && bytes[at + 3] === POINT ? 1 : 0);
    if (end < to && isWordByte(bytes[end])) return true;
    if (hour < 1 || hour > 12) return false;
    this.end = end;
    if (letter === 112 && hour < 12) this.ofDayUs += 43_200e6;
    if (letter === 97 && hour === 12) this.ofDayUs -= 43_200e6;
    return true;
  }

  /** `Z`, `+02:00`, `+0200`, `+02`, ` +0200`, ` UTC`, ` GMT` behind a time with a date. */
  #zone(bytes: Buffer, to: number): void {
    this.zoneMinutes = Number.NaN;
    const at = this.end;
    if (at >= to) return;
    const c = bytes[at];
    if (c === 90) {
      if (at + 1 < to && isWordByte(bytes[at + 1])) return;
      this.zoneMinutes = 0;
      this.end = at + 1;
    } else if (c === 43 || c === 45) this.#offset(bytes, at, to, false);
    else if (c === BLANK) this.#zoneBehindBlank(bytes, at + 1, to);
  }

  #zoneBehindBlank(bytes: Buffer, at: number, to: number): void {
    const c = bytes[at];
    if (c === 43 || c === 45) this.#offset(bytes, at, to, true);
    else if (c === 85 || c === 71) {
      if (to - at < 3 || (at + 3 < to && isWordByte(bytes[at + 3]))) return;
      const name = bytes.toString('latin1', at, at + 3);
      if (name !== 'UTC' && name !== 'GMT') return;
      this.zoneMinutes = 0;
      this.end = at + 3;
    }
  }

  /** Behind a blank only four digits are a zone: `10:05:11 -5` may be said of something else. */
  #offset(bytes: Buffer, at: number, to: number, isFour: boolean): void {
    const hours = at + 3 <= to ? twoDigits(bytes, at + 1) : -1;
    if (hours < 0 || hours > 14) return;
    let end = at + 3;
    let minutes = 0;
    const colon = bytes[end] === COLON ? 1 : 0;
    if (end + colon + 2 <= to && twoDigits(bytes, end + colon) >= 0) {
      minutes = twoDigits(bytes, end + colon);
      end += colon + 2;
    } else if (isFour) return;
    if (minutes > 59 || (end < to && isWordByte(bytes[end]))) return;
    this.zoneMinutes = (bytes[at] === 45 ? -1 : 1) * (hours * 60 + minutes);
    this.end = end;
  }

  /** `10:05:11x` is no time, nor is `10:05:11:22`. */
  #endsHere(bytes: Buffer, to: number): boolean {
    if (this.end >= to) return true;
    const c = bytes[this.end];
    if (isWordByte(c)) return false;
    return c !== COLON || this.end + 1 >= to || !isDigit(bytes[this.end + 1]);
  }
}

/** Two digits as a number; -1 where they are none. */
function twoDigits(bytes: Buffer, at: number): number {
  const tens = bytes[at] - 48;
  const ones = bytes[at + 1] - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1;
}
