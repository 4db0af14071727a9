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
import type { SourceStream } from '../src/core/source.js';
import { decodeUtf8 } from '../src/core/text.js';
import type { Ticks } from '../src/core/time.js';
import { genericEvent } from '../src/tables/event.js';
import { KERNEL_TABLES, notePassed } from './tracerpt/context.js';
import type { KernelEvent } from './tracerpt/kernel-events.js';
import { account, type Outcome } from './tracerpt/outcome.js';
import { finishKernel, readKernelEvent } from './tracerpt/read-event.js';
import { startWith, timeUs } from './tracerpt/timeline.js';
import { dataFrom, fieldEnd, fieldFrom, isBlank, isBlankText, numberAt, QUOTE, ticksAt } from './tracerpt-csv/cells.js';
import { type Columns, columnsOf } from './tracerpt-csv/columns.js';
import { writeEvent } from './tracerpt-csv/event-rows.js';
import { kindOf, layoutOf } from './tracerpt-csv/kinds.js';
import { type Kind, makeReader, type Reader } from './tracerpt-csv/reader.js';
import { closeByForce, OPEN, recordEnd } from './tracerpt-csv/records.js';
import { splitFields } from './tracerpt-csv/user-data.js';

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

function sniff(prefix: Prefix): Claim {
  const first = prefix.lines.find((line) => line.trim() !== '');
  return first !== undefined && columnsOf(first) !== null ? CLAIMED : NOT_MINE;
}

async function parse(stream: SourceStream, out: Output): Promise<void> {
  out.account.unit = 'record';
  const reader = makeReader(out);
  let held = Buffer.alloc(0);
  let heldStart = 0;
  for await (const block of stream.blocks()) {
    if (block.overlong !== null) {
      readBlock(reader, held, heldStart, true);
      flush(reader);
      held = Buffer.alloc(0);
      out.account.read++;
      skipOverlong(out, block, reader.line++);
      continue;
    }
    const start = held.length > 0 ? heldStart : block.start;
    const bytes = held.length > 0 ? Buffer.concat([held, block.bytes]) : block.bytes;
    const done = readBlock(reader, bytes, start, false);
    flush(reader);
    held = Buffer.from(bytes.subarray(done));
    heldStart = start + done;
  }
  readBlock(reader, held, heldStart, true);
  flush(reader);
  finishKernel(reader.context, reader.lastUs);
  flush(reader);
}

/** Rows handed on are quoted from the bytes at hand, or were held with their text. */
function flush({ out, context }: Reader): void {
  out.flush();
  context.pool.flushed();
}

/** Reads the records of a block; returns how far. What is left is one that has not ended, unless `isLast`. */
function readBlock(reader: Reader, bytes: Buffer, start: number, isLast: boolean): number {
  const { pool } = reader.context;
  reader.out.quoteRow = (byte) => pool.quote(byte) ?? lineAt(bytes, byte - start).replace(/ {2,}/g, ' ');
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

function readRecord(reader: Reader, bytes: Buffer, from: number, newline: number, start: number): void {
  const { out } = reader;
  out.account.read++;
  let end = newline;
  while (end > from && isBlank(bytes[end - 1])) end--;
  if (isBlankText(bytes, from, end)) out.account.ignored++;
  else if (reader.columns === null) readHeaderLine(reader, bytes, from, end);
  else readEvent(reader, reader.columns, bytes, from, end, start, newline < bytes.length);
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
  notePassed(reader.context, kind.known, reader.head.cpu);
  const outcome = kind.known === null ? 'unwanted' : readKernel(reader, columns, kind, bytes, end, hasLineEnd);
  if (reader.events !== null) writeEvent(reader, reader.events, columns, kind, bytes, from, end);
  account(out, outcome, reader.events !== null, () => ({
    line: reader.line,
    example: decodeUtf8(bytes, from, end).replace(/ {2,}/g, ' '),
  }));
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
      message: `kernel events with a number of fields that no documented version has (first: ${kind.eventName} with ${count})`,
    };
  }
  if (!hasLineEnd && bytes[end - 1] !== QUOTE && mayBeCut(reader, known)) {
    reader.out.about.truncated = true;
    return { code: 'truncated', message: 'the file ends in the middle of a record' };
  }
  return readKernelEvent(reader.context, known, reader.head, reader.field);
}

/** A record without line end may be cut in its last field: safe where that is a whole pointer, or not looked at. */
function mayBeCut(reader: Reader, known: KernelEvent): boolean {
  const last = reader.values.at(-1) ?? '';
  if (known.use === 'isr' && reader.values.length >= 5) return false;
  const pointerBytes = reader.out.about.session?.pointerBytes ?? 8;
  const endsWithPointer = known.use === 'dpc' || (known.use === 'pool' && reader.values.length === 4);
  return !(endsWithPointer && last.length === 2 + 2 * pointerBytes);
}
