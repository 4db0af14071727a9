/** Records of CDF's CSV become rows. */
import type { ClockGiven, Output } from '../../src/core/parser.js';
import { NULL_I32 } from '../../src/core/schema.js';
import { ByteNames } from './byte-names.js';
import { decimalAt, idAt, isDigit, LF } from './bytes.js';
import { type CdfColumns, cdfColumns } from './cdf-columns.js';
import { isTime, lookAt, readTime } from './cdf-head.js';
import { MessageClock } from './clock.js';
import { CsvRecord, OPEN, singleQuotes } from './csv-record.js';
import { FileLines } from './file-lines.js';
import { isBlankLine } from './head-lines.js';
import { levelOfCell } from './levels.js';
import { MessageRows } from './rows.js';
import { Stamp } from './stamp.js';

/** A record of several lines longer than this is taken as one with a stray quote. */
const MAX_RECORD = 1 << 18;

type NameColumn = 'provider' | 'process' | 'function' | 'machine';
const NAME_COLUMNS: readonly NameColumn[] = ['provider', 'process', 'function', 'machine'];

export class CdfReader {
  readonly rows: MessageRows;
  readonly #clock: MessageClock;
  readonly #stamp = new Stamp();
  readonly #levels = new ByteNames(levelOfCell);
  readonly #names: readonly { readonly column: NameColumn; readonly ids: Int32Array; readonly names: ByteNames }[];
  readonly #files: FileLines;
  /** Index in the record of each of `#names`. */
  readonly #nameAt = new Int32Array(NAME_COLUMNS.length).fill(-1);
  #columns: CdfColumns | null = null;
  #record = new CsvRecord(44);
  readonly #isHexPid: boolean;
  readonly #isHexTid: boolean;
  /** A copy of the bytes where doubled quotes have been made single; null while there are none. */
  #texts: Buffer | null = null;

  constructor(
    private readonly out: Output,
    given: ClockGiven,
    headBytes: Buffer,
  ) {
    this.rows = new MessageRows(out);
    const { cols, dicts } = this.rows;
    this.#names = NAME_COLUMNS.map((column) => {
      return { column, ids: cols[column], names: new ByteNames((name) => dicts[column].id(name)) };
    });
    this.#files = new FileLines(new ByteNames((name) => dicts.file.id(name)));
    this.#clock = new MessageClock(out, given);
    const head = lookAt(headBytes, this.#clock);
    this.#isHexPid = head.isHexPid;
    this.#isHexTid = head.isHexTid;
    this.#clock.start();
  }

  /** Reads the records of some bytes; returns how far. What is left is one that has not ended, unless `isLast`. */
  read(bytes: Buffer, start: number, isLast: boolean): number {
    const { rows } = this;
    this.#texts = null;
    rows.begin(bytes, start);
    this.#record.restart();
    let from = 0;
    while (from < bytes.length) {
      let end = this.#record.read(bytes, from, bytes.length);
      // Only the source's last record has no line end: it may go on in the next block, should there be one.
      if ((end === OPEN || end === bytes.length) && !isLast && bytes.length - from <= MAX_RECORD) break;
      if (end === OPEN) end = this.#closed(bytes, from);
      rows.line++;
      if (this.#record.isForced) this.#noteForced(bytes, from, end);
      this.#take(bytes, from, end);
      // Without lines of its own, as most are, it ends at its first line feed.
      rows.line += linesIn(bytes, from, end);
      from = end + 1;
    }
    rows.flush();
    return Math.min(from, bytes.length);
  }

  /** The quotes of the record at `from` never close: it ends with its first line. */
  #closed(bytes: Buffer, from: number): number {
    const newline = bytes.indexOf(LF, from);
    const end = newline < 0 ? bytes.length : newline;
    const record = this.#record;
    if (record.read(bytes, from, end) === OPEN) record.close(bytes, end);
    return end;
  }

  #noteForced(bytes: Buffer, from: number, end: number): void {
    this.out.diagnostics.add(
      'quote-not-closed',
      'warning',
      'a quoted field does not end in its record; the record was taken to end where the next one begins, or with its line',
      { line: this.rows.line, example: bytes.toString('utf8', from, Math.min(end, from + 400)) },
    );
  }

  async finish(): Promise<void> {
    if (this.#columns === null) {
      this.out.diagnostics.add(
        'no-columns',
        'error',
        'no line names the columns TraceTime (or Time), ProcessId, ThreadId and Message',
      );
    }
    this.rows.finish();
    await this.#clock.finish();
  }

  #take(bytes: Buffer, from: number, end: number): void {
    const { account } = this.out;
    account.read++;
    if (isBlankLine(bytes, from, end)) account.ignored++;
    else if (this.#columns === null) this.#header(bytes, from, end);
    else this.#row(this.#columns, bytes, from, end);
  }

  #header(bytes: Buffer, from: number, end: number): void {
    const columns = cdfColumns(bytes.toString('utf8', from, Math.min(end, from + 4001)).trim());
    if (columns === null) {
      this.#skip('before-header', 'lines before the one that names the columns', from);
      return;
    }
    this.#columns = columns;
    const { message } = columns.at;
    for (const [i, { column }] of this.#names.entries()) this.#nameAt[i] = columns.at[column];
    const delimiter = columns.delimiter.charCodeAt(0);
    const probe = new CsvRecord(delimiter);
    this.#record = new CsvRecord(delimiter, message === columns.count - 1 ? message : -1, (bytes, at) =>
      beginsRecord(probe, columns, bytes, at),
    );
    this.out.account.ignored++;
  }

  #row(columns: CdfColumns, bytes: Buffer, from: number, end: number): void {
    const record = this.#record;
    const { at } = columns;
    if (record.count <= Math.max(at.message, at.time, at.pid, at.tid)) {
      this.#skip('damaged-row', 'records with fewer columns than the header names', from);
      return;
    }
    if (this.#isHeaderAgain(bytes, from, end)) {
      this.out.account.ignored++;
      return;
    }
    const { rows } = this;
    const n = rows.open(from);
    const { cols } = rows;
    cols.atUs[n] = this.#time(columns, bytes);
    cols.pid[n] = this.#id(at.pid, bytes, this.#isHexPid);
    cols.tid[n] = this.#id(at.tid, bytes, this.#isHexTid);
    cols.cpu[n] = this.#number(at.cpu, bytes);
    cols.eventId[n] = this.#number(at.eventId, bytes);
    for (let i = 0; i < this.#names.length; i++) {
      const { ids, names } = this.#names[i];
      const index = this.#nameAt[i];
      ids[n] = this.#has(index) ? names.get(bytes, record.from[index], record.end[index]) : -1;
    }
    cols.level[n] = this.#has(at.level)
      ? this.#levels.get(bytes, record.from[at.level], record.end[at.level])
      : NULL_I32;
    cols.file[n] = this.#fileOf(at, bytes);
    rows.message(n, record.from[at.message], this.#messageEnd(at.message, bytes), cols.provider[n]);
  }

  /** Where the message ends: earlier than in the source where quotes in it are doubled there. */
  #messageEnd(column: number, bytes: Buffer): number {
    const { from, end, isDoubled } = this.#record;
    if (isDoubled[column] === 0) return end[column];
    if (this.#texts === null) {
      this.#texts = Buffer.from(bytes);
      this.rows.useTexts(this.#texts);
    }
    return singleQuotes(this.#texts, from[column], end[column]);
  }

  #has(column: number): boolean {
    const record = this.#record;
    return column >= 0 && column < record.count && record.end[column] > record.from[column];
  }

  #number(column: number, bytes: Buffer): number {
    if (!this.#has(column)) return NULL_I32;
    const value = decimalAt(bytes, this.#record.from[column], this.#record.end[column]);
    return value < 0 || value > 0x7fffffff ? NULL_I32 : value;
  }

  #id(column: number, bytes: Buffer, isHex: boolean): number {
    if (!this.#has(column)) return NULL_I32;
    const value = idAt(bytes, this.#record.from[column], this.#record.end[column], isHex);
    return value < 0 ? NULL_I32 : value;
  }

  /** `db.cpp:120` */
  #fileOf(at: CdfColumns['at'], bytes: Buffer): number {
    if (!this.#has(at.file)) return -1;
    const { from, end } = this.#record;
    const lineFrom = this.#has(at.line) ? from[at.line] : 0;
    return this.#files.get(bytes, from[at.file], end[at.file], lineFrom, this.#has(at.line) ? end[at.line] : 0);
  }

  #time(columns: CdfColumns, bytes: Buffer): number {
    if (readTime(this.#stamp, this.#record, columns, bytes)) return this.#clock.at(this.#stamp, this.rows.line);
    const { time } = columns.at;
    this.out.diagnostics.add('bad-time', 'warning', 'records whose time cannot be read have none', {
      line: this.rows.line,
      example: bytes.toString(
        'utf8',
        this.#record.from[time],
        Math.min(this.#record.end[time], this.#record.from[time] + 80),
      ),
    });
    return Number.NaN;
  }

  #isHeaderAgain(bytes: Buffer, from: number, end: number): boolean {
    const time = this.#columns?.at.time ?? 0;
    return (
      !isDigit(bytes[this.#record.from[time]]) &&
      cdfColumns(bytes.toString('utf8', from, Math.min(end, from + 4001))) !== null
    );
  }

  #skip(code: string, message: string, from: number): void {
    this.out.skip(code, message, { line: this.rows.line, example: this.rows.lineText(from).slice(0, 400) });
  }
}

/** True where the line at `from` has all columns, with a time in its own. */
function beginsRecord(probe: CsvRecord, columns: CdfColumns, bytes: Buffer, from: number): boolean {
  const newline = bytes.indexOf(LF, from);
  const end = newline < 0 ? bytes.length : newline;
  probe.restart();
  // The last field may be one whose quote closes farther down.
  if (probe.read(bytes, from, end) === OPEN) probe.close(bytes, end);
  const { time } = columns.at;
  return probe.count >= columns.count && isTime(bytes, probe.from[time], probe.end[time]);
}

/** Line feeds in a record, its own line end left out. */
function linesIn(bytes: Buffer, from: number, end: number): number {
  let lines = 0;
  for (let at = bytes.indexOf(LF, from); at >= 0 && at < end; at = bytes.indexOf(LF, at + 1)) lines++;
  return lines;
}
