/** One row of a table of messages: where its cells are, and what their bytes say. */
import { NULL_I32 } from '../../src/core/schema.js';
import { BLANK, decimalAt, idAt, isBlank, isDigit, skipBlanks, TAB, tokenEnd, trimEnd } from './bytes.js';
import { DateKind } from './date-text.js';
import { Stamp } from './stamp.js';
import type { ColumnKind, TableHeader } from './table-header.js';

/** How times are printed: as clock time, or as plain numbers. */
export type TimeMode = 'clock' | 'number';

/** Kinds as small numbers, for the loop over millions of rows. */
const Code = {
  number: 0,
  text: 1,
  pid: 2,
  tid: 3,
  cpu: 4,
  date: 5,
  time: 6,
  line: 7,
  eventId: 8,
  dateTime: 9,
} as const;
type Code = (typeof Code)[keyof typeof Code];
const CODES: Readonly<Partial<Record<ColumnKind, Code>>> = {
  number: Code.number,
  pid: Code.pid,
  tid: Code.tid,
  cpu: Code.cpu,
  date: Code.date,
  time: Code.time,
  line: Code.line,
  eventId: Code.eventId,
};

export class TableRow {
  readonly stamp = new Stamp();
  pid = NULL_I32;
  tid = NULL_I32;
  cpu = NULL_I32;
  eventId = NULL_I32;
  /** A time that is a plain number, NaN where it is an instant; and its decimals. */
  number = Number.NaN;
  decimals = 0;
  textFrom = 0;
  timeMode: TimeMode = 'clock';
  /** By column: ids are hex without `0x`. */
  readonly isHex: boolean[];
  /** By column: where its cell began and ended in the last row. */
  readonly from: Int32Array;
  readonly end: Int32Array;
  readonly #codes: Uint8Array;
  readonly #isTabbed: boolean;
  /** The date is in a column that is not in front of the time's. */
  readonly #isApart: boolean;

  constructor(
    readonly header: TableHeader,
    { isTabbed = header.isTabbed } = {},
  ) {
    const kinds = header.columns.map(({ kind }) => kind);
    const dateAt = kinds.indexOf('date');
    const joined = !isTabbed && dateAt >= 0 && kinds[dateAt + 1] === 'time';
    this.#isApart = dateAt >= 0 && !joined;
    this.#codes = Uint8Array.from(kinds.slice(0, -1), (kind, i) =>
      joined && i === dateAt ? Code.dateTime : (CODES[kind] ?? Code.text),
    );
    this.#isTabbed = isTabbed;
    this.isHex = kinds.map(() => false);
    this.from = new Int32Array(kinds.length);
    this.end = new Int32Array(kinds.length);
  }

  /** The same columns, whose ids and times are read as `other`'s are. */
  learnFrom(other: TableRow): void {
    this.timeMode = other.timeMode;
    for (let i = 0; i < this.isHex.length; i++) this.isHex[i] = other.isHex[i];
  }

  /** True where the line is a row; then the fields are set. */
  read(bytes: Buffer, from: number, end: number): boolean {
    if (this.timeMode === 'clock' && this.#isApart) this.stamp.undated();
    return this.#isTabbed ? this.#tabbed(bytes, from, end) : this.#parted(bytes, from, end);
  }

  #parted(bytes: Buffer, lineFrom: number, lineEnd: number): boolean {
    const codes = this.#codes;
    let at = skipBlanks(bytes, lineFrom, lineEnd);
    for (let column = 0; column < codes.length; column++) {
      const code = codes[column] as Code;
      const end = this.#part(code, column, bytes, at, lineEnd);
      if (end < 0) return false;
      this.#cell(column, at, end);
      // The column of the time was read with the date's.
      if (code === Code.dateTime) this.#cell(++column, at, end);
      at = skipBlanks(bytes, end, lineEnd);
    }
    this.textFrom = at;
    return true;
  }

  /** Reads the cell at `at`: where it ends, -1 where it cannot be what its column says. */
  #part(code: Code, column: number, bytes: Buffer, at: number, lineEnd: number): number {
    if (code <= Code.tid) {
      const end = this.#digits(code, column, bytes, at, lineEnd);
      if (end > at) return end;
    }
    if (this.timeMode === 'clock' && (code === Code.dateTime || (code === Code.time && !this.#isApart))) {
      // May have blanks within.
      if (!this.stamp.read(bytes, at, lineEnd)) return -1;
      const { end } = this.stamp;
      return end < lineEnd && !isBlank(bytes[end]) ? -1 : end;
    }
    const end = tokenEnd(bytes, at, lineEnd);
    return end > at && this.#read(code, column, bytes, at, end) ? end : -1;
  }

  /** Reads most numbers and ids, which are a few decimal digits: where they end; -1 for any others. */
  #digits(code: Code, column: number, bytes: Buffer, from: number, lineEnd: number): number {
    if (this.isHex[column]) return -1;
    const most = from + 9 < lineEnd ? from + 9 : lineEnd;
    let value = 0;
    let i = from;
    for (; i < most; i++) {
      const digit = bytes[i] - 48;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    if (i < lineEnd && bytes[i] !== BLANK && bytes[i] !== TAB) return -1;
    if (code === Code.pid) this.pid = value;
    else if (code === Code.tid) this.tid = value;
    return i;
  }

  #tabbed(bytes: Buffer, lineFrom: number, lineEnd: number): boolean {
    const codes = this.#codes;
    let at = lineFrom;
    for (let column = 0; column < codes.length; column++) {
      let tab = at;
      while (tab < lineEnd && bytes[tab] !== TAB) tab++;
      if (tab === lineEnd) return false;
      const from = skipBlanks(bytes, at, tab);
      const end = trimEnd(bytes, from, tab);
      this.#cell(column, from, end);
      if (!this.#read(codes[column] as Code, column, bytes, from, end)) return false;
      at = tab + 1;
    }
    this.textFrom = at;
    return true;
  }

  #cell(column: number, from: number, end: number): void {
    this.from[column] = from;
    this.end[column] = end;
  }

  /** Reads a cell; false where it cannot be what its column says. */
  #read(code: Code, column: number, bytes: Buffer, from: number, end: number): boolean {
    switch (code) {
      case Code.text:
        return true;
      case Code.number:
        return idAt(bytes, from, end, true) >= 0 || decimalAt(bytes, from, end) >= 0;
      case Code.pid:
        this.pid = idAt(bytes, from, end, this.isHex[column]);
        return this.pid >= 0;
      case Code.tid:
        this.tid = idAt(bytes, from, end, this.isHex[column]);
        return this.tid >= 0;
      case Code.cpu:
        this.cpu = orNull(decimalAt(bytes, from, end));
        return true;
      case Code.eventId:
        this.eventId = orNull(decimalAt(bytes, from, end));
        return true;
      case Code.line:
        return true;
      case Code.date:
      case Code.dateTime:
        return this.timeMode === 'number' || this.stamp.readDate(bytes, from, end);
      case Code.time:
        return this.timeMode === 'number' ? this.#plain(bytes, from, end) : this.#clock(bytes, from, end);
    }
  }

  #clock(bytes: Buffer, from: number, end: number): boolean {
    const { stamp } = this;
    return (this.#isApart ? stamp.readTime(bytes, from, end) : stamp.read(bytes, from, end)) && stamp.end === end;
  }

  /** `1234`, `12.345678` */
  #plain(bytes: Buffer, from: number, end: number): boolean {
    let point = from;
    while (point < end && isDigit(bytes[point])) point++;
    const whole = decimalAt(bytes, from, point);
    if (whole < 0) return this.#filetime(bytes, from, end);
    this.number = whole;
    this.decimals = 0;
    if (point === end) return true;
    const fraction = decimalAt(bytes, point + 1, end);
    if (bytes[point] !== 46 || fraction < 0) return false;
    this.decimals = end - point - 1;
    this.number = whole + fraction / 10 ** this.decimals;
    return true;
  }

  /** More digits than a number holds: they are an instant. */
  #filetime(bytes: Buffer, from: number, end: number): boolean {
    this.number = Number.NaN;
    return this.stamp.readFiletime(bytes, from, end) && this.stamp.end === end && this.stamp.kind === DateKind.instant;
  }
}

const orNull = (value: number): number => (value < 0 || value > 0x7fffffff ? NULL_I32 : value);
