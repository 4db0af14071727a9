/** Finds in a source's first lines how its table of messages is laid out. */
import type { Output } from '../../src/core/parser.js';
import { hexDigit, isCutMark, isDigit } from './bytes.js';
import { cdfColumns } from './cdf-columns.js';
import { type HeadLines, headText } from './head-lines.js';
import { BARE_TABLE, type ColumnKind, type TableHeader, tableHeader } from './table-header.js';
import { TableRow, type TimeMode } from './table-row.js';

/** A header stands among the first lines. */
const MAX_BEFORE = 30;

export interface TableLayout {
  /** Reads rows as the head's are read. */
  readonly row: TableRow;
  /** Lines of the head below the header (marks of cuts left out), and how many of them are rows. */
  readonly lines: number;
  readonly rows: number;
  readonly hasHeader: boolean;
}

/** The table that the head holds, with a header or without; null where there is none. */
export function tableLayout(head: HeadLines): TableLayout | null {
  for (let i = 0; i < Math.min(MAX_BEFORE, head.from.length); i++) {
    const header = tableHeader(headText(head, i, 1001));
    if (header !== null) return learned(header, head, i + 1);
  }
  return null;
}

/** True where the head is a table of messages. */
export function isTable(head: HeadLines): boolean {
  if (head.from.length > 0 && cdfColumns(headText(head, 0, 4000).trim()) !== null) return false;
  const layout = tableLayout(head);
  if (layout === null) return bareLayout(head) !== null;
  // Messages may have lines of their own in between; a header alone is an empty table.
  return layout.lines === 0 || (layout.rows > 0 && layout.rows * 4 >= layout.lines);
}

/** Rows without a header; null where the head's lines are not clearly such: number, process, thread, time, message. */
export function bareLayout(head: HeadLines): TableLayout | null {
  const layout = learned(BARE_TABLE, head, 0);
  const { row, lines, rows } = layout;
  if (rows < 2 || rows * 10 < lines * 6 || row.timeMode !== 'clock') return null;
  let last = -1;
  for (let i = 0; i < head.from.length; i++) {
    if (!row.read(head.bytes, head.from[i], head.end[i])) continue;
    const number = Number(head.bytes.toString('latin1', row.from[0], row.end[0]));
    if (!(number > last)) return null;
    last = number;
  }
  return { ...layout, hasHeader: false };
}

/** The header with what its names leave open: `Process` may hold ids, `Thread` names. */
function variants(header: TableHeader): TableHeader[] {
  const has = (kind: ColumnKind): boolean => header.columns.some((column) => column.kind === kind);
  const as = (name: string, kind: ColumnKind): TableHeader => ({
    ...header,
    columns: header.columns.map((column) => (column.name.toLowerCase() === name ? { ...column, kind } : column)),
  });
  const found = has('pid') ? [header] : [as('process', 'pid'), header];
  return [...found, as('thread', 'skip')];
}

function learned(header: TableHeader, head: HeadLines, first: number): TableLayout {
  const layouts = variants(header).map((variant) => laidOut(variant, head, first));
  // The first of those that fit best says most.
  return layouts.reduce((best, next) => (next.rows > best.rows ? next : best));
}

function laidOut(header: TableHeader, head: HeadLines, first: number): TableLayout {
  let best: TableLayout | null = null;
  const tabs = header.isTabbed ? [true, false] : [false];
  for (const isTabbed of tabs) {
    for (const timeMode of ['clock', 'number'] as const) {
      const layout = tried(header, head, first, isTabbed, timeMode);
      if (best === null || layout.rows > best.rows) best = layout;
    }
  }
  return best as TableLayout;
}

function tried(
  header: TableHeader,
  head: HeadLines,
  first: number,
  isTabbed: boolean,
  timeMode: TimeMode,
): TableLayout {
  const row = new TableRow(header, { isTabbed });
  row.timeMode = timeMode;
  const hexIn = header.columns.map(() => false);
  row.isHex.fill(true);
  let lines = 0;
  let rows = 0;
  for (let i = first; i < head.from.length; i++) {
    if (isCutMark(head.bytes, head.from[i], head.end[i])) continue;
    lines++;
    if (!row.read(head.bytes, head.from[i], head.end[i])) continue;
    rows++;
    for (let column = 0; column < hexIn.length; column++) hexIn[column] ||= hasHexLetter(row, head.bytes, column);
  }
  for (let column = 0; column < hexIn.length; column++) row.isHex[column] = hexIn[column];
  return { row, lines, rows, hasHeader: true };
}

/** True for `183C`, false for `0x183C` and `1833`. */
function hasHexLetter(row: TableRow, bytes: Buffer, column: number): boolean {
  const from = row.from[column];
  if ((bytes[from + 1] | 32) === 120) return false;
  for (let i = from; i < row.end[column]; i++) {
    if (hexDigit(bytes[i]) < 0) return false;
    if (!isDigit(bytes[i])) return true;
  }
  return false;
}

/** Says in `about.notes` what was concluded of the columns; gives the unit of plain numbers, ns, null where unknown. */
export function noteLayout(out: Output, { header, isHex, timeMode }: TableRow, example: number): number | null {
  for (const [i, { kind, name }] of header.columns.entries()) {
    if (isHex[i] && (kind === 'pid' || kind === 'tid')) {
      out.about.notes.push(`numbers in column ${name} were taken as hexadecimal, for some have letters`);
    }
  }
  if (timeMode === 'clock') return null;
  const time = header.columns.find(({ kind }) => kind === 'time');
  if (time === undefined) return null;
  if (time.unitNs !== null) return time.unitNs;
  if (Number.isNaN(example)) return null;
  if (!Number.isInteger(example)) {
    out.about.notes.push(
      `numbers in column ${time.name}, which names no unit, were taken as seconds for they have decimals`,
    );
    return 1e9;
  }
  out.diagnostics.add(
    'time-unit-unknown',
    'warning',
    `column ${time.name} holds whole numbers and names no unit: messages have no time. Name one in the header, as in ${time.name}(ms)`,
  );
  return null;
}
