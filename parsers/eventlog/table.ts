/**
 * Event Viewer's "Save All Events As" text or CSV: a head, then a row an event. The description is a last column without
 * a head; it is quoted where lines end in it, and may be as long as a record of the log.
 *
 *   Level,Date and Time,Source,Event ID,Task Category
 *   Warning,7/21/2018 9:58:19 AM,disk,51,None,"An error was detected on device …"
 */
import type { Output, TextLine } from '../../src/core/parser.js';
import { dateOf } from './dates.js';
import { type Draft, describe, draftAt, finished, joinLine } from './draft.js';
import type { LogEvent } from './event.js';
import { type Field, fieldOfColumn } from './labels.js';
import { levelOfWord } from './levels.js';
import type { ReadXml } from './xml-event.js';

export interface TableHead {
  readonly delimiter: string;
  readonly fields: readonly (Field | null)[];
}

interface EventTable {
  readonly out: Output;
  readonly read: ReadXml;
  readonly head: TableHead;
  /** The row under way, and its lines. */
  draft: Draft | null;
  lines: string[];
  chars: number;
  /** True while a quote is open. */
  inQuote: boolean;
}

const MAX_COLUMNS = 64;
/** Characters of one row. */
const MAX_ROW = 524_288;

/** The head of such a table in a line; null where it is none. */
export function tableHead(line: string): TableHead | null {
  for (const delimiter of [',', '\t', ';']) {
    const cells = line.slice(0, 4000).split(delimiter, MAX_COLUMNS);
    if (cells.length < 4) continue;
    const fields = cells.map((cell) => fieldOfColumn(cell.trim().replace(/^"(.{0,80})"$/, '$1')));
    const needed: readonly Field[] = ['date', 'source', 'eventId'];
    if (needed.every((field) => fields.includes(field))) return { delimiter, fields };
  }
  return null;
}

export const eventTable = (out: Output, read: ReadXml, head: TableHead): EventTable => {
  return { out, read, head, draft: null, lines: [], chars: 0, inQuote: false };
};

/** Takes a line; the event that it ends. */
export function takeRowLine(table: EventTable, line: TextLine): LogEvent | null {
  const { out } = table;
  if (beginsRow(table, line.text)) {
    const event = closeRow(table);
    table.draft = draftAt(line);
    keepLine(table, line.text);
    return event;
  }
  if (table.draft !== null) {
    joinLine(out, table.draft, line.text);
    keepLine(table, line.text);
  } else if (line.text.trim() === '' || tableHead(line.text) !== null) out.account.ignored++;
  else out.skip('damaged-row', 'lines that are no row were passed over', { line: line.line, example: line.text });
  return null;
}

function keepLine(table: EventTable, text: string): void {
  table.chars += text.length + 1;
  if (table.chars > MAX_ROW && table.draft !== null) table.draft.isCut = true;
  if (table.chars <= MAX_ROW || table.lines.length === 0) table.lines.push(text.slice(0, MAX_ROW));
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) table.inQuote = !table.inQuote;
}

/** A row has a date in its place. In a quote, which may have lost its end, the level must be one too. */
function beginsRow({ head, inQuote }: EventTable, text: string): boolean {
  const cells = cellsOf(text.slice(0, 1000), head.delimiter);
  const at = (field: Field): string => cells[head.fields.indexOf(field)] ?? '';
  if (dateOf(at('date')) === null) return false;
  return !inQuote || levelOfWord(at('level')) !== null;
}

/** Ends the row under way. */
export function closeRow(table: EventTable): LogEvent | null {
  const { draft, out, head } = table;
  if (draft === null) return null;
  const text = table.lines.join('\n');
  if (table.inQuote) {
    const message = 'a quote that is not closed: the row was taken to end where the next one begins';
    out.diagnostics.add('bad-quote', 'warning', message, { line: draft.line, example: text });
  }
  table.draft = null;
  table.lines = [];
  table.chars = 0;
  table.inQuote = false;
  const cells = cellsOf(text, head.delimiter);
  fill(draft, cells, head);
  return finished(out, draft, table.read);
}

function fill(draft: Draft, cells: readonly string[], { fields, delimiter }: TableHead): void {
  for (const [i, field] of fields.entries()) {
    if (field !== null && field !== 'description') draft.fields.set(field, (cells[i] ?? '').trim());
  }
  const told = fields.indexOf('description');
  // Commas of a description without quotes are its own.
  const text = told >= 0 ? (cells[told] ?? '') : cells.slice(fields.length).join(delimiter);
  if (text.trim() !== '') describe(draft, text);
}

/** Cells of a row; quotes that are no pair are text. */
function cellsOf(text: string, delimiter: string): string[] {
  const cells: string[] = [];
  let at = 0;
  while (at <= text.length) {
    const { cell, next } = text[at] === '"' ? quotedCell(text, at, delimiter) : plainCell(text, at, delimiter);
    cells.push(cell);
    at = next;
  }
  return cells;
}

function plainCell(text: string, from: number, delimiter: string): { cell: string; next: number } {
  const at = text.indexOf(delimiter, from);
  const end = at < 0 ? text.length : at;
  return { cell: text.slice(from, end), next: end + 1 };
}

function quotedCell(text: string, from: number, delimiter: string): { cell: string; next: number } {
  let cell = '';
  for (let at = from + 1; ; ) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return { cell: cell + text.slice(at), next: text.length + 1 };
    cell += text.slice(at, quote);
    if (text[quote + 1] === '"') {
      cell += '"';
      at = quote + 2;
      continue;
    }
    const rest = plainCell(text, quote + 1, delimiter);
    return { cell: cell + rest.cell, next: rest.next };
  }
}
