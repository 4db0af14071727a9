/** Pool rows, read from bytes. */
import { NULL_I32 } from '../../src/core/schema.js';
import type { Writer } from '../../src/core/table.js';
import type { poolEvent } from '../../src/tables/pool-event.js';
import { type Place, readNumber } from './dpc-rows.js';
import { idOf, type PoolRow } from './pool-instant.js';
import type { PoolShape } from './pool-shape.js';
import { KnownProcesses, KnownTexts, tagOf, typeOf } from './pool-texts.js';

const COMMA = 44;
const SPACE = 32;
const ZERO = 48;
const X = 120;
const CLOSING_BRACKET = 41;
const LOWER_CASE = 32;
/** As in DPC rows: a number above is none of a processor. */
const MAX_CPUS = 4096;
/** Commas looked for inside a tag and inside a process name. */
const MAX_IN_TAG = 4;
const MAX_IN_PROCESS = 2;
/** Last fields that a version may leave out. */
const MAX_LEFT_OUT = 2;

/** What the rows of all pool events share: the texts known. */
export class PoolTexts {
  readonly tags: KnownTexts;
  readonly types: KnownTexts;
  readonly processes: KnownTexts;
  readonly process: KnownProcesses;

  constructor({ dicts }: Writer<typeof poolEvent>) {
    this.tags = new KnownTexts((field) => {
      const tag = tagOf(field);
      return tag === null ? -1 : dicts.tag.id(tag);
    });
    this.types = new KnownTexts((field) => dicts.poolType.id(typeOf(field)));
    this.process = new KnownProcesses(dicts.process, NULL_I32);
    this.processes = new KnownTexts((field) => this.process.number(field));
  }
}

/** Reads the lines of one pool event. */
export class PoolLine {
  /** Where the fields between commas begin, and behind the last one's end. */
  readonly #starts: Int32Array;
  /** Where the columns begin and end. */
  readonly #from: Int32Array;
  readonly #to: Int32Array;
  /** The number whose digits were read last, as two words. */
  #low = 0;
  #high = 0;

  constructor(
    private readonly shape: PoolShape,
    private readonly place: Place,
    private readonly texts: PoolTexts,
  ) {
    this.#starts = new Int32Array(shape.columns + MAX_IN_TAG + MAX_IN_PROCESS + 2);
    this.#from = new Int32Array(shape.columns);
    this.#to = new Int32Array(shape.columns);
  }

  /**
   * Fills `row`; why not, where it cannot. Tags and names of processes may hold commas: where there are more fields than
   * columns and they make no row, those commas are looked for.
   */
  read(row: PoolRow, comma: number, end: number): string | null {
    const fields = this.#cut(comma, end);
    const why = this.#take(row, fields, 0, 0, end);
    if (why === null) return null;
    const more = fields - this.shape.columns;
    for (let inProcess = 0; inProcess <= Math.min(more, MAX_IN_PROCESS); inProcess++) {
      const mostInTag = Math.min(more - inProcess, MAX_IN_TAG);
      for (let inTag = inProcess > 0 ? 0 : 1; inTag <= mostInTag; inTag++)
        if (this.#take(row, fields, inProcess, inTag, end) === null) return null;
    }
    return why;
  }

  /** Finds the commas, as many as are of interest; returns the number of fields, the name's included. */
  #cut(comma: number, end: number): number {
    const { bytes } = this.place;
    const starts = this.#starts;
    const most = starts.length - 1;
    starts[1] = comma + 1;
    let fields = 2;
    for (let at = comma + 1; at < end; at++) {
      if (bytes[at] !== COMMA) continue;
      if (fields >= most) return fields;
      starts[fields++] = at + 1;
    }
    starts[fields] = end + 1;
    return fields;
  }

  /** Fills `row` from the fields, with so many commas inside process and tag. */
  #take(row: PoolRow, fields: number, inProcess: number, inTag: number, end: number): string | null {
    const { columns, process, tag, lastIsText } = this.shape;
    const left = fields - inProcess - inTag;
    if (left < columns - MAX_LEFT_OUT) return 'fewer fields than its schema line';
    if (left > columns && !lastIsText) return 'more fields than its schema line';
    let field = 1;
    for (let column = 1; column < columns; column++) {
      const isThere = field < fields;
      this.#from[column] = isThere ? this.#starts[field] : end;
      field += 1 + (column === process ? inProcess : 0) + (column === tag ? inTag : 0);
      this.#to[column] = !isThere || column === columns - 1 ? end : this.#starts[Math.min(field, fields)] - 1;
    }
    return this.#numbers(row) ?? this.#names(row, inProcess, inTag);
  }

  #numbers(row: PoolRow): string | null {
    const { time, tid, cpu, bytes, address, session } = this.shape;
    row.atUs = this.#number(time);
    if (!(row.atUs >= 0)) return 'TimeStamp is no number';
    row.tid = this.#number(tid);
    if (Number.isNaN(row.tid) && !this.#isBlank(tid)) return 'ThreadID is no number';
    const processor = this.#number(cpu);
    const isProcessor = processor >= 0 && processor < MAX_CPUS && Number.isInteger(processor);
    if (!isProcessor && !this.#isBlank(cpu)) return 'CPU is no number, or none that can be';
    row.cpu = isProcessor ? processor : NULL_I32;
    row.sessionId = idOf(this.#number(session));
    row.bytes = this.#size(bytes);
    if (!(row.bytes >= 0) && !(this.shape.operation === 'free' && this.#isBlank(bytes))) return 'its size is no number';
    return this.#address(row, address) ? null : 'its address is no number';
  }

  #names(row: PoolRow, inProcess: number, inTag: number): string | null {
    const { tag, type, process } = this.shape;
    if (inTag > 0 && this.#to[tag] - this.#from[tag] <= inTag) return 'its tag is none';
    row.tag = this.#text(this.texts.tags, tag);
    if (row.tag < 0 && !this.#isBlank(tag)) return 'its tag is longer than four characters';
    if (inProcess > 0 && !this.#endsInBracket(process)) return 'its process is none';
    const known = this.#text(this.texts.processes, process);
    row.process = known < 0 ? -1 : this.texts.process.names[known];
    row.pid = known < 0 ? NULL_I32 : this.texts.process.pids[known];
    row.poolType = this.#text(this.texts.types, type);
    return null;
  }

  #text(texts: KnownTexts, column: number): number {
    if (column < 0 || this.#isBlank(column)) return -1;
    const { bytes, view } = this.place;
    return texts.id(bytes, view, this.#from[column], this.#to[column]);
  }

  /** True where the column is none, or holds nothing. */
  #isBlank(column: number): boolean {
    if (column < 0) return true;
    const { bytes } = this.place;
    for (let at = this.#from[column]; at < this.#to[column]; at++) if (bytes[at] !== SPACE) return false;
    return true;
  }

  #endsInBracket(column: number): boolean {
    if (column < 0) return false;
    let at = this.#to[column] - 1;
    while (at > this.#from[column] && this.place.bytes[at] === SPACE) at--;
    return this.place.bytes[at] === CLOSING_BRACKET;
  }

  #number(column: number): number {
    return column < 0 ? Number.NaN : readNumber(this.place.bytes, this.#from[column], this.#to[column]);
  }

  /** ` 4096` or ` 0x1000`. */
  #size(column: number): number {
    if (column < 0) return Number.NaN;
    const number = this.#number(column);
    if (!Number.isNaN(number)) return number;
    const digits = this.#digits(column);
    if (digits < 0) return Number.NaN;
    return this.#high * 4294967296 + this.#low;
  }

  #address(row: PoolRow, column: number): boolean {
    if (this.#digits(column) < 0) return false;
    row.low = this.#low;
    row.high = this.#high;
    return true;
  }

  /** ` 0xffffb80012345000`, or all its digits without `0x`; returns how many there are, -1 where it is no such number. */
  #digits(column: number): number {
    const { bytes } = this.place;
    let at = this.#from[column];
    let to = this.#to[column];
    while (at < to && bytes[at] === SPACE) at++;
    while (to > at && bytes[to - 1] === SPACE) to--;
    const isMarked = bytes[at] === ZERO && at + 1 < to && (bytes[at + 1] | LOWER_CASE) === X;
    if (isMarked) at += 2;
    const length = to - at;
    if (length === 0 || length > 16 || (!isMarked && length !== 8 && length !== 16)) return -1;
    let low = 0;
    let high = 0;
    for (; at < to; at++) {
      const digit = hexDigit(bytes[at]);
      if (digit < 0) return -1;
      high = (high << 4) | (low >>> 28);
      low = (low << 4) | digit;
    }
    this.#low = low >>> 0;
    this.#high = high >>> 0;
    return length;
  }
}

function hexDigit(byte: number): number {
  const digit = byte - ZERO;
  if (digit >= 0 && digit <= 9) return digit;
  const letter = (byte | LOWER_CASE) - 87;
  return letter >= 10 && letter <= 15 ? letter : -1;
}
