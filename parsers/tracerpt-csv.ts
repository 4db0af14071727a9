import {
  CLAIMED,
  type Claim,
  lineAt,
  NOT_MINE,
  type Output,
  type Parser,
  type Prefix,
  skipOverlong,
} from '../src/core/parser.js';
import { NULL_I32 } from '../src/core/schema.js';
import type { TextStream } from '../src/core/source.js';
import type { Writer } from '../src/core/table.js';
import { decodeUtf8 } from '../src/core/text.js';
import type { Ticks } from '../src/core/time.js';
import { genericEvent } from '../src/tables/event.js';
import {
  fieldNames,
  finishKernel,
  isWanted,
  KERNEL_TABLES,
  type KernelContext,
  type KernelEvent,
  type KernelHead,
  kernelContext,
  kernelEventNamed,
  type Outcome,
  readKernelEvent,
  startWith,
  timeUs,
} from './tracerpt/kernel-events.js';

/**
 * `tracerpt x.etl -of CSV`. One record per event: the columns that the header line names, then the event's own fields.
 *
 *   Event Name,       Type,     Event ID,    Version,  …  Clock-Time, Kernel(ms),   User(ms), User Data
 *   EventTrace,     Header,            0,          2,  …  134024561252858400,  15,  0,  8192, 83951626, …, "ACPITrace", "C:\x.etl"
 *   PerfInfo,          DPC,            0,          2,  …  134024561252860000,   0,  0,  134024561252858400, 0xFFFFF8034A6D1230
 *
 * Clock-Time is a FILETIME in UTC, or ticks of the trace's clock under `-rts`. Files may be gigabytes: blocks are walked
 * byte by byte and only the columns that somebody wants are decoded.
 */
export const tracerptCsv: Parser = {
  name: 'tracerpt-csv',
  title: 'CSV dump of an .etl by tracerpt: every event with its fields',
  madeBy: 'tracerpt trace.etl -of CSV -o dumpfile.csv',
  specification: 'https://learn.microsoft.com/windows-server/administration/windows-commands/tracerpt_1',
  tables: [...KERNEL_TABLES, genericEvent],
  sniff,
  parse,
};

/** A record of several lines (a quoted string with line feeds) longer than this is taken as one with a stray quote. */
const MAX_RECORD = 1 << 20;
/** Most different (name, type, id) kept at hand; a trace has hundreds. */
const MAX_KINDS = 4096;
/** Fields of one event that are taken apart; a stack has at most 195. */
const MAX_FIELDS = 256;
const MAX_COLUMNS = 64;

const QUOTE = 34;
const COMMA = 44;
const LF = 10;
const CR = 13;

function sniff(prefix: Prefix): Claim {
  const first = prefix.lines.find((line) => line.trim() !== '');
  return first !== undefined && columnsOf(first) !== null ? CLAIMED : NOT_MINE;
}

/** Index of each fixed column among a record's fields, -1 where the file has none; User Data is what follows them. */
interface Columns {
  readonly fixed: number;
  readonly name: number;
  readonly type: number;
  readonly id: number;
  readonly version: number;
  readonly level: number;
  readonly opcode: number;
  readonly task: number;
  readonly keyword: number;
  readonly pid: number;
  readonly tid: number;
  readonly cpu: number;
  readonly clock: number;
}

// `  Event Name,       Type,     Event ID, …,           Clock-Time, Kernel(ms),   User(ms), User Data`
// Windows XP and 2003 had fewer: `Event Name, Type, TID, Clock-Time, Kernel(ms), User(ms), User Data`.
function columnsOf(header: string): Columns | null {
  const names = header.split(',', MAX_COLUMNS).map((name) => name.trim().replace(/^"|"$/g, '').toLowerCase());
  const fixed = names.filter((name) => name !== 'user data');
  const at = (name: string): number => fixed.indexOf(name);
  if (at('event name') < 0 || at('type') < 0 || at('clock-time') < 0) return null;
  return {
    fixed: fixed.length,
    name: at('event name'),
    type: at('type'),
    id: at('event id'),
    version: at('version'),
    level: at('level'),
    opcode: at('opcode'),
    task: at('task'),
    keyword: at('keyword'),
    pid: at('pid'),
    tid: at('tid'),
    cpu: at('processor number'),
    clock: at('clock-time'),
  };
}

/** What all records with the same Event Name, Type and Event ID share. */
interface Kind {
  readonly provider: string;
  readonly type: string;
  /** As counted: `PerfInfo/DPC`; `Microsoft-Windows-Kernel-Acpi/7` where only the id tells events apart. */
  readonly eventName: string;
  /** The kernel event, where its fields have to be read. */
  readonly known: KernelEvent | null;
  readonly isHeaderLine: boolean;
  /** Index of each field by name, by the number of fields; null where no version has that many. */
  readonly layouts: Map<number, ReadonlyMap<string, number> | null>;
}

interface Reader {
  readonly out: Output;
  readonly context: KernelContext;
  readonly events: Writer<typeof genericEvent> | null;
  columns: Columns | null;
  readonly kinds: Map<string, Kind>;
  /** Line at which the current record begins, from 1. */
  line: number;
  /** The current record: where its fixed columns end. */
  readonly commas: Int32Array;
  commaCount: number;
  /** The current record ends within quotes. */
  isOpen: boolean;
  /** Line feeds in the current record, its own line end left out. */
  innerLines: number;
  /** The fields of the current event and their places by name. */
  values: readonly string[];
  layout: ReadonlyMap<string, number> | null;
  readonly head: KernelHead;
  readonly field: (name: string) => string | undefined;
  lastUs: number;
}

function makeReader(out: Output): Reader {
  const reader: Reader = {
    out,
    context: kernelContext(out),
    events: out.writer(genericEvent),
    columns: null,
    kinds: new Map(),
    line: 1,
    commas: new Int32Array(MAX_COLUMNS),
    commaCount: 0,
    isOpen: false,
    innerLines: 0,
    values: [],
    layout: null,
    head: {
      stamp: null,
      stampText: null,
      atUs: Number.NaN,
      cpu: NULL_I32,
      pid: NULL_I32,
      tid: NULL_I32,
      line: 0,
      byte: 0,
    },
    field(name) {
      const index = reader.layout?.get(name);
      return index === undefined ? undefined : reader.values[index];
    },
    lastUs: Number.NaN,
  };
  return reader;
}

async function parse(stream: TextStream, out: Output): Promise<void> {
  out.account.unit = 'record';
  const reader = makeReader(out);
  let held = Buffer.alloc(0);
  let heldStart = 0;
  for await (const block of stream.blocks()) {
    if (block.overlong !== null) {
      readBlock(reader, held, heldStart, true);
      out.flush();
      held = Buffer.alloc(0);
      out.account.read++;
      skipOverlong(out, block, reader.line++);
      continue;
    }
    const start = held.length > 0 ? heldStart : block.start;
    const bytes = held.length > 0 ? Buffer.concat([held, block.bytes]) : block.bytes;
    const done = readBlock(reader, bytes, start, false);
    out.flush();
    held = Buffer.from(bytes.subarray(done));
    heldStart = start + done;
  }
  readBlock(reader, held, heldStart, true);
  out.flush();
  finish(reader);
}

function finish(reader: Reader): void {
  const { about } = reader.out;
  finishKernel(reader.context);
  const { startFiletime } = reader.context.timeline;
  // tracerpt prints no time zone: FILETIMEs are UTC.
  if (startFiletime !== null) about.clock.zone = 'UTC';
  if (Number.isNaN(reader.lastUs)) return;
  about.span.startUs = 0;
  if (about.span.endUs === null) about.span.endUs = reader.lastUs;
}

/** Reads the records of a block; returns how far. What is left is one that has not ended, unless `isLast`. */
function readBlock(reader: Reader, bytes: Buffer, start: number, isLast: boolean): number {
  reader.out.quoteRow = (byte) => lineAt(bytes, byte - start).replace(/ {2,}/g, ' ');
  let from = 0;
  while (from < bytes.length) {
    let end = recordEnd(reader, bytes, from);
    if (end === OPEN) {
      if (!isLast && bytes.length - from <= MAX_RECORD) return from;
      end = closeByForce(reader, bytes, from);
    }
    // Only the source's last record has no line end: it may go on in the next block, should there be one.
    if (end === bytes.length && !isLast) return from;
    readRecord(reader, bytes, from, end, start);
    reader.line += reader.innerLines + 1;
    from = end + 1;
  }
  return bytes.length;
}

const OPEN = -1;

/**
 * Finds the line feed (or the end of `bytes`) that ends the record at `from`, and the commas between its fixed columns.
 * Line feeds in quotes belong to the record, unless a line with all fixed columns follows: then a quote is missing
 * (tracerpt does not escape quotes in strings). OPEN where the bytes end within quotes.
 */
function recordEnd(reader: Reader, bytes: Buffer, from: number): number {
  const { commas } = reader;
  const wanted = reader.columns === null ? 0 : reader.columns.fixed;
  let found = 0;
  let inQuotes = false;
  reader.innerLines = 0;
  reader.isOpen = false;
  for (let i = from; i < bytes.length; i++) {
    const c = bytes[i];
    if (c > COMMA) continue;
    if (c === COMMA) {
      if (found < wanted && !inQuotes) commas[found++] = i;
    } else if (c === QUOTE) inQuotes = !inQuotes;
    else if (c === LF) {
      const stray = inQuotes && beginsRecord(reader.columns, bytes, i + 1);
      if (stray) noteStray(reader, bytes, from);
      if (!inQuotes || stray) {
        reader.commaCount = found;
        return i;
      }
      reader.innerLines++;
    }
  }
  reader.commaCount = found;
  reader.isOpen = inQuotes;
  return inQuotes ? OPEN : bytes.length;
}

/** True where the line at `from` has all fixed columns before any quote, with numbers in Clock-Time and Event ID. */
function beginsRecord(columns: Columns | null, bytes: Buffer, from: number): boolean {
  if (columns === null) return false;
  let column = 0;
  let fieldFrom = from;
  for (let i = from; i < bytes.length && column < columns.fixed; i++) {
    const c = bytes[i];
    if (c === QUOTE || c === LF) return false;
    if (c !== COMMA) continue;
    const mustBeNumber = column === columns.clock || column === columns.id;
    if (mustBeNumber && ticksAt(bytes, fieldFrom, i) === null) return false;
    column++;
    fieldFrom = i + 1;
  }
  return column === columns.fixed;
}

function noteStray(reader: Reader, bytes: Buffer, from: number): void {
  reader.out.diagnostics.add(
    'quote-not-closed',
    'warning',
    'a quoted string does not end in its record; the next line that has all columns was taken as the next record',
    { line: reader.line, example: lineAt(bytes, from) },
  );
}

/** The record at `from` never closes its quotes: it ends with its first line. */
function closeByForce(reader: Reader, bytes: Buffer, from: number): number {
  const newline = bytes.indexOf(LF, from);
  const end = newline < 0 ? bytes.length : newline;
  while (reader.commaCount > 0 && reader.commas[reader.commaCount - 1] > end) reader.commaCount--;
  reader.innerLines = 0;
  // Where the file ends in it, readRecord says so.
  if (newline >= 0) noteStray(reader, bytes, from);
  return end;
}

function readRecord(reader: Reader, bytes: Buffer, from: number, newline: number, start: number): void {
  const { out } = reader;
  out.account.read++;
  let end = newline;
  while (end > from && isBlank(bytes[end - 1])) end--;
  if (isBlankText(bytes, from, end)) out.account.ignored++;
  else if (reader.columns === null) readHeaderLine(reader, bytes, from, end);
  else readEvent(reader, reader.columns, bytes, from, end, start, newline < bytes.length);
}

const isBlank = (c: number): boolean => c === 32 || c === CR || c === 9;

function isBlankText(bytes: Buffer, from: number, end: number): boolean {
  for (let i = from; i < end; i++) if (!isBlank(bytes[i])) return false;
  return true;
}

function readHeaderLine(reader: Reader, bytes: Buffer, from: number, end: number): void {
  const text = decodeUtf8(bytes, from, end);
  reader.columns = columnsOf(text);
  if (reader.columns !== null) reader.out.account.ignored++;
  else {
    reader.out.skip('before-header', 'a line before the one that names the columns (Event Name, Type, …, Clock-Time)', {
      line: reader.line,
      example: text,
    });
  }
}

function readEvent(
  reader: Reader,
  columns: Columns,
  bytes: Buffer,
  from: number,
  end: number,
  start: number,
  hasLineEnd: boolean,
): void {
  const { out } = reader;
  // Without fields of its own an event may end with the last fixed column.
  const isCut = !hasLineEnd && reader.isOpen;
  if (isCut || reader.commaCount < columns.fixed - 1) {
    skipShort(reader, bytes, from, end, hasLineEnd);
    return;
  }
  const kind = kindOf(reader, columns, bytes, from, end);
  if (kind.isHeaderLine) {
    out.account.ignored++;
    return;
  }
  const stamp = ticksAt(bytes, fieldFrom(reader, from, columns.clock), fieldEnd(reader, end, columns.clock));
  if (stamp === null) {
    const example = decodeUtf8(bytes, from, end);
    out.skip('bad-clock-time', 'a record whose Clock-Time is no number', { line: reader.line, example });
    return;
  }
  out.countEvent(kind.eventName, end - from);
  startWith(reader.context.timeline, stamp);
  fillHead(reader, columns, bytes, from, end, stamp, start);
  if (!hasLineEnd) noteNoLineEnd(reader);
  const outcome = kind.known === null ? 'unwanted' : readKernel(reader, columns, kind, bytes, end, hasLineEnd);
  if (reader.events !== null) writeEvent(reader, reader.events, columns, kind, bytes, from, end);
  account(reader, outcome, bytes, from, end);
}

function skipShort(reader: Reader, bytes: Buffer, from: number, end: number, hasLineEnd: boolean): void {
  const at = { line: reader.line, example: decodeUtf8(bytes, from, end) };
  if (hasLineEnd) {
    reader.out.skip('too-few-columns', 'a record with fewer columns than the header line names', at);
    return;
  }
  reader.out.about.truncated = true;
  reader.out.skip('truncated', 'the file ends in the middle of a record', at, 'data-loss');
}

function noteNoLineEnd(reader: Reader): void {
  reader.out.diagnostics.add('no-line-end', 'warning', 'the last record has no line end: the file may be cut there', {
    line: reader.line,
  });
}

/** A record counts once, even where it filled two tables. */
function account(reader: Reader, outcome: Outcome, bytes: Buffer, from: number, end: number): void {
  const { out } = reader;
  const isRow = reader.events !== null || outcome === 'row';
  if (typeof outcome === 'string') {
    if (isRow) out.account.rows++;
    else out.account.ignored++;
    return;
  }
  const at = { line: reader.line, example: decodeUtf8(bytes, from, end).replace(/ {2,}/g, ' ') };
  if (!isRow) {
    out.skip(outcome.code, outcome.message, at, 'data-loss');
    return;
  }
  out.account.rows++;
  out.diagnostics.add(outcome.code, 'data-loss', outcome.message, at);
}

function fieldFrom(reader: Reader, from: number, column: number): number {
  return column === 0 ? from : reader.commas[column - 1] + 1;
}

function fieldEnd(reader: Reader, end: number, column: number): number {
  return column < reader.commaCount ? reader.commas[column] : end;
}

/** The text of a fixed column without blanks around it and without quotes; null where the file has no such column. */
function textAt(reader: Reader, bytes: Buffer, from: number, end: number, column: number): string | null {
  if (column < 0) return null;
  let a = fieldFrom(reader, from, column);
  let b = fieldEnd(reader, end, column);
  while (a < b && isBlank(bytes[a])) a++;
  while (b > a && isBlank(bytes[b - 1])) b--;
  if (b - a >= 2 && bytes[a] === QUOTE && bytes[b - 1] === QUOTE) {
    a++;
    b--;
  }
  return decodeUtf8(bytes, a, b);
}

/** The record's kind, found by the bytes of its first columns where these are name, type and id, as they always were. */
function kindOf(reader: Reader, columns: Columns, bytes: Buffer, from: number, end: number): Kind {
  const usual = columns.name === 0 && columns.type === 1 && columns.id === 2;
  const key = usual
    ? bytes.toString('latin1', from, fieldEnd(reader, end, 2))
    : [columns.name, columns.type, columns.id].map((c) => textAt(reader, bytes, from, end, c)).join();
  let kind = reader.kinds.get(key);
  if (kind === undefined) {
    kind = makeKind(reader, columns, bytes, from, end);
    if (reader.kinds.size >= MAX_KINDS) reader.kinds.clear();
    reader.kinds.set(key, kind);
  }
  return kind;
}

function makeKind(reader: Reader, columns: Columns, bytes: Buffer, from: number, end: number): Kind {
  const provider = textAt(reader, bytes, from, end, columns.name) ?? '';
  const type = textAt(reader, bytes, from, end, columns.type) ?? '';
  const id = textAt(reader, bytes, from, end, columns.id) ?? '0';
  const isClassic = id === '0';
  // Manifest events have an id; kernel events, described by MOF, never do.
  const known = isClassic ? kernelEventNamed(provider, type) : null;
  return {
    provider,
    type,
    eventName: isClassic ? `${provider}/${type}` : `${provider}/${/^\d*$/.test(type) ? '' : `${type}/`}${id}`,
    known: known !== null && isWanted(reader.context, known) ? known : null,
    isHeaderLine: provider.toLowerCase() === 'event name' && type.toLowerCase() === 'type',
    layouts: new Map(),
  };
}

function fillHead(
  reader: Reader,
  columns: Columns,
  bytes: Buffer,
  from: number,
  end: number,
  stamp: Ticks,
  start: number,
): void {
  const { head } = reader;
  head.stamp = stamp;
  head.atUs = timeUs(reader.context.timeline, stamp);
  if (!(head.atUs <= reader.lastUs)) reader.lastUs = Number.isNaN(head.atUs) ? reader.lastUs : head.atUs;
  head.cpu = numberAt(reader, bytes, from, end, columns.cpu);
  head.pid = numberAt(reader, bytes, from, end, columns.pid);
  head.tid = numberAt(reader, bytes, from, end, columns.tid);
  head.line = reader.line;
  head.byte = start + from;
}

/** Decimal ticks in `bytes`, blanks around them; null where it is anything else. */
function ticksAt(bytes: Buffer, from: number, to: number): Ticks | null {
  let a = from;
  let b = to;
  while (a < b && isBlank(bytes[a])) a++;
  while (b > a && isBlank(bytes[b - 1])) b--;
  if (a === b || b - a > 20) return null;
  const split = Math.max(a, b - 9);
  const high = digits(bytes, a, split);
  const low = digits(bytes, split, b);
  return high < 0 || low < 0 ? null : { high, low };
}

/** The decimal number in `bytes`; -1 where there is anything but digits. */
function digits(bytes: Buffer, from: number, to: number): number {
  let value = 0;
  for (let i = from; i < to; i++) {
    const digit = bytes[i] - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** A column as an i32 column stores it: decimal, or `0x` hex as PID and TID are; null also for 0xFFFFFFFF, "none". */
function numberAt(reader: Reader, bytes: Buffer, from: number, end: number, column: number): number {
  if (column < 0) return NULL_I32;
  let a = fieldFrom(reader, from, column);
  let b = fieldEnd(reader, end, column);
  while (a < b && bytes[a] === 32) a++;
  while (b > a && bytes[b - 1] === 32) b--;
  if (a === b || b - a > 18) return NULL_I32;
  const isHex = bytes[a] === 48 && (bytes[a + 1] | 32) === 120;
  const value = isHex ? hexDigits(bytes, a + 2, b) : digits(bytes, a, b);
  return value < 0 || value > 0x7fffffff ? NULL_I32 : value;
}

function hexDigits(bytes: Buffer, from: number, to: number): number {
  if (from >= to) return -1;
  let value = 0;
  for (let i = from; i < to; i++) {
    const c = bytes[i] | 32;
    const digit = c >= 97 && c <= 102 ? c - 87 : bytes[i] >= 48 && bytes[i] <= 57 ? bytes[i] - 48 : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

/** Where User Data begins; `end` where the event has none. */
function dataFrom(reader: Reader, columns: Columns, end: number): number {
  return reader.commaCount < columns.fixed ? end : reader.commas[columns.fixed - 1] + 1;
}

function readKernel(
  reader: Reader,
  columns: Columns,
  kind: Kind,
  bytes: Buffer,
  end: number,
  hasLineEnd: boolean,
): Outcome {
  const known = kind.known as KernelEvent;
  reader.values = splitFields(decodeUtf8(bytes, dataFrom(reader, columns, end), end));
  const count = reader.values.length;
  reader.layout = layoutOf(kind, known, count);
  if (reader.layout === null) {
    return {
      code: 'unknown-layout',
      message: `${kind.eventName} with ${count} fields, which no documented version has`,
    };
  }
  if (!hasLineEnd && bytes[end - 1] !== QUOTE && mayBeCut(reader, known)) {
    reader.out.about.truncated = true;
    return { code: 'truncated', message: 'the file ends in the middle of a record' };
  }
  return readKernelEvent(reader.context, known, reader.head, reader.field);
}

function layoutOf(kind: Kind, known: KernelEvent, count: number): ReadonlyMap<string, number> | null {
  let layout = kind.layouts.get(count);
  if (layout === undefined) {
    const names = fieldNames(known, count);
    layout = names === null ? null : new Map(names.map((name, index) => [name, index]));
    kind.layouts.set(count, layout);
  }
  return layout;
}

/** A record without line end may be cut in its last field: safe where that is a whole pointer, or not looked at. */
function mayBeCut(reader: Reader, known: KernelEvent): boolean {
  const last = reader.values.at(-1) ?? '';
  if (known.use === 'isr' && reader.values.length >= 5) return false;
  const pointerBytes = reader.out.about.session?.pointerBytes ?? 8;
  return !(known.use === 'dpc' && last.length === 2 + 2 * pointerBytes);
}

/**
 * User Data taken apart. tracerpt puts strings in quotes and does not escape quotes in them: a string ends at a quote
 * that a comma or the end follows.
 *
 *   14, "\_SB.ATKD.WMNB", "started ",                0
 */
export function splitFields(text: string): string[] {
  const fields: string[] = [];
  let i = 0;
  while (i < text.length && fields.length < MAX_FIELDS) {
    while (i < text.length && (text[i] === ' ' || text[i] === '\t')) i++;
    if (text[i] === '"') {
      const close = closingQuote(text, i + 1);
      fields.push(text.slice(i + 1, close));
      const comma = text.indexOf(',', close);
      i = comma < 0 ? text.length : comma + 1;
    } else {
      const comma = text.indexOf(',', i);
      const end = comma < 0 ? text.length : comma;
      fields.push(text.slice(i, end).trim());
      i = end + 1;
    }
  }
  return fields;
}

function closingQuote(text: string, from: number): number {
  for (let quote = text.indexOf('"', from); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let next = quote + 1;
    while (next < text.length && (text[next] === ' ' || text[next] === '\t')) next++;
    if (next === text.length || text[next] === ',') return quote;
    // `" " " "…`: blanks are looked at once.
    quote = next - 1;
  }
  return text.length;
}

function writeEvent(
  reader: Reader,
  w: Writer<typeof genericEvent>,
  columns: Columns,
  kind: Kind,
  bytes: Buffer,
  from: number,
  end: number,
): void {
  const { cols, dicts, n } = w;
  const { head } = reader;
  cols.atUs[n] = head.atUs;
  cols.cpu[n] = head.cpu;
  cols.pid[n] = head.pid;
  cols.tid[n] = head.tid;
  cols.provider[n] = dicts.provider.id(kind.provider);
  cols.name[n] = dicts.name.id(kind.type);
  cols.id[n] = numberAt(reader, bytes, from, end, columns.id);
  cols.version[n] = numberAt(reader, bytes, from, end, columns.version);
  cols.level[n] = numberAt(reader, bytes, from, end, columns.level);
  cols.opcode[n] = numberAt(reader, bytes, from, end, columns.opcode);
  cols.task[n] = numberAt(reader, bytes, from, end, columns.task);
  cols.keyword[n] = dicts.keyword.id(textAt(reader, bytes, from, end, columns.keyword));
  cols.fields[n] = decodeUtf8(bytes, dataFrom(reader, columns, end), end).trim();
  cols.line[n] = head.line;
  cols.byte[n] = head.byte;
  w.push();
}
