/** Reads the records of a WPA table: headers, damaged records, and the first ones, by which the locale is decided. */

import { type CsvRecord, recordsOf } from '../../src/core/csv.js';
import type { Output } from '../../src/core/parser.js';
import type { SourceStream } from '../../src/core/source.js';
import { type AnyHeader, MAX_HEADER, rightLength } from './headers.js';

/** Records looked at before the locale is decided. */
const SAMPLE_RECORDS = 4096;
const SAMPLE_CHARS = 4 << 20;

/** What is done with a table. */
export interface TableForm<H extends AnyHeader> {
  readonly delimiter: string;
  readonly headerOf: (cells: readonly string[]) => H;
  readonly isHeader: (cells: readonly string[]) => boolean;
  /** A table begins whose columns differ from those of the one before. */
  readonly begin: (header: H) => void;
  /** Decides by the first records how all are read; returns what takes each of them. */
  readonly decide: (header: H, ahead: readonly CsvRecord[]) => (record: CsvRecord) => void;
  /** A table ends, or a part of it, before its header again. */
  readonly end: () => void;
}

interface Reading<H extends AnyHeader> {
  readonly out: Output;
  readonly form: TableForm<H>;
  header: H | null;
  take: ((record: CsvRecord) => void) | null;
  /** Records that wait until the locale is decided. */
  waiting: CsvRecord[];
  waitingChars: number;
  records: number;
}

/** Returns the last header, null where there was none, and how many records had its columns. */
export async function readTables<H extends AnyHeader>(
  stream: SourceStream,
  out: Output,
  form: TableForm<H>,
): Promise<{ readonly header: H | null; readonly records: number }> {
  const reading: Reading<H> = { out, form, header: null, take: null, waiting: [], waitingChars: 0, records: 0 };
  const options = { delimiter: form.delimiter, columns: () => reading.header?.cells.length ?? null };
  for await (const record of recordsOf(stream, out, options)) takeRecord(reading, record);
  settle(reading);
  form.end();
  return reading;
}

function takeRecord<H extends AnyHeader>(reading: Reading<H>, record: CsvRecord): void {
  const { out, form, header } = reading;
  // No header has digits, and nearly every row has.
  if (record.text.length <= MAX_HEADER && /^\D*$/.test(record.text) && form.isHeader(record.fields)) {
    takeHeader(reading, record);
    return;
  }
  if (header === null || record.fields.every((field) => field.trim() === '')) {
    out.account.ignored++;
    return;
  }
  if (!record.ended) {
    out.diagnostics.add('last-line-cut', 'info', 'the last record has no line end: its last field may be cut', {
      line: record.line,
      example: record.text,
    });
  }
  if (!rightLength(header, record)) {
    skipLength(out, header, record);
    return;
  }
  reading.records++;
  if (reading.take !== null) {
    reading.take(record);
    return;
  }
  reading.waiting.push(record);
  reading.waitingChars += record.text.length;
  if (reading.waiting.length >= SAMPLE_RECORDS || reading.waitingChars >= SAMPLE_CHARS) settle(reading);
}

/** Exports that are joined bring their headers with them, in an order of their own. */
function takeHeader<H extends AnyHeader>(reading: Reading<H>, record: CsvRecord): void {
  const { form } = reading;
  settle(reading);
  form.end();
  reading.out.account.ignored++;
  const again = reading.header !== null && record.fields.join('\n') === reading.header.cells.join('\n');
  if (again) return;
  reading.header = form.headerOf(record.fields);
  reading.take = null;
  form.begin(reading.header);
}

function skipLength(out: Output, header: AnyHeader, record: CsvRecord): void {
  const n = header.cells.length;
  if (!record.ended && record.fields.length < n) out.about.truncated = true;
  out.skip(
    'field-count',
    `records with another number of fields than the header's ${n} were passed over: cut off, or decimal commas without quotes`,
    { line: record.line, example: record.text },
    'data-loss',
  );
}

/** Decides by the records that wait how they are read, and takes them. */
function settle<H extends AnyHeader>(reading: Reading<H>): void {
  const { header, waiting } = reading;
  if (header === null || reading.take !== null || waiting.length === 0) return;
  reading.take = reading.form.decide(header, waiting);
  reading.waiting = [];
  reading.waitingChars = 0;
  for (const record of waiting) reading.take(record);
}
