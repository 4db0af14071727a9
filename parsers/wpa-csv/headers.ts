/** Header lines: which columns a table has, and whether its rows are runs or sums over them. */

import { type CsvRecord, headerCells } from '../../src/core/csv.js';
import type { Output } from '../../src/core/parser.js';
import { printable } from '../../src/core/text.js';
import { type ColumnId, columnOf, DURATIONS, NUMBERS, type NumberColumn } from './columns.js';

const HEADER_LINES = 20;
/** Longer lines and cells are no headers; patterns with blanks at both ends are not run over them. */
export const MAX_HEADER = 1 << 14;

export const DELIMITERS = [',', ';', '\t', '|'];

export const NEEDED =
  'needed: DPC/ISR Duration table with columns DPC/ISR Enter Time, DPC/ISR Exit Time or Inclusive Duration, ' +
  'Type, CPU, Module and Function (wpaexporter with a profile that shows that table)';

/** One header line, understood. */
export interface Header {
  readonly cells: readonly string[];
  readonly at: ReadonlyMap<ColumnId, number>;
  /** µs per unit of the number columns; null where the header has no unit. */
  readonly scale: ReadonlyMap<NumberColumn, number | null>;
  /** The cells that speak of DPCs or ISRs. */
  readonly dpcWords: boolean;
  readonly mode: 'runs' | 'sums' | null;
}

export function headerOf(cells: readonly string[]): Header {
  const at = new Map<ColumnId, number>();
  const scale = new Map<NumberColumn, number | null>();
  for (const [i, cell] of cells.entries()) {
    const { id, scale: factor } = columnOf(cell);
    if (id === null || id === 'unused' || at.has(id)) continue;
    at.set(id, i);
    if (NUMBERS.includes(id as NumberColumn)) scale.set(id as NumberColumn, factor);
  }
  const dpcWords = cells.some((cell) => /\b(DPC|ISR)s?\b/i.test(cell));
  return { cells, at, scale, dpcWords, mode: modeOf(at) };
}

/** With times, rows are fragments of runs; without, they are sums over them. */
function modeOf(at: ReadonlyMap<ColumnId, number>): Header['mode'] {
  const has = (...ids: ColumnId[]): boolean => ids.some((id) => at.has(id));
  if (has('enter') && has('exit', 'fragExit', ...DURATIONS)) return 'runs';
  if (has('exit') && has('inclusive')) return 'runs';
  if (has('fragEnter') && has('fragExit', 'fragmented')) return 'runs';
  if (has('enter', 'exit')) return null;
  return has('count', ...DURATIONS) && has('module', 'fn', 'cpu', 'type', 'dpcType') ? 'sums' : null;
}

/** True where the table is certainly of DPCs and ISRs: a word says so, or durations that no other table has. */
const isDpcTable = (header: Header): boolean =>
  header.at.size >= 2 &&
  (header.dpcWords || (['inclusive', 'exclusive'] as const).some((id) => header.at.has(id) && header.at.has('module')));

export const isHeader = (cells: readonly string[]): boolean => {
  const header = headerOf(cells);
  return header.mode !== null && isDpcTable(header);
};

/** The header among a file's first lines, with the delimiter that makes the most of it. */
export function findHeader(lines: readonly string[]): { header: Header; delimiter: string } | null {
  let best: { header: Header; delimiter: string } | null = null;
  for (const line of lines.slice(0, HEADER_LINES)) {
    if (line.length > MAX_HEADER) continue;
    for (const delimiter of DELIMITERS) {
      const header = headerOf(headerCells(line, delimiter));
      if (!isDpcTable(header)) continue;
      const better = best === null || (header.mode !== null && best.header.mode === null);
      if (better || header.at.size > (best?.header.at.size ?? 0)) best = { header, delimiter };
    }
    if (best !== null && best.header.mode !== null) return best;
  }
  return best;
}

/** Columns of a name that is not known here, or of a figure that no table has (minima, means): named once. */
export function sayWhatIsNotRead({ cells, at, mode }: Header, out: Output): void {
  const isRead = (cell: string, i: number): boolean => {
    const { id, known } = columnOf(cell);
    if (id === 'unused') return known;
    return id !== null && at.get(id) === i && !(mode === 'runs' && id.startsWith('max'));
  };
  const names = cells.filter((cell, i) => cell.trim() !== '' && !isRead(cell, i));
  if (names.length === 0) return;
  const shown = names.slice(0, 12).map((cell) => `"${printable(cell.trim(), 60)}"`);
  const more = names.length > shown.length ? ` and ${names.length - shown.length} more` : '';
  const message = `columns not read: ${shown.join(', ')}${more}`;
  out.diagnostics.add('columns-not-read', 'info', message, { count: names.length });
}

export function sayWhatIsMissing({ at, mode }: Header, out: Output): void {
  const wanted: readonly (readonly [ColumnId, string])[] = [
    ['cpu', 'CPU'],
    ['module', 'Module'],
    ['fn', 'Function'],
  ];
  const missing = wanted.filter(([id]) => !at.has(id)).map(([, name]) => name);
  if (!at.has('type') && !at.has('dpcType')) missing.push('Type');
  if (mode === 'runs' && missing.length > 0) {
    const message = `the export has no column ${missing.join(', ')}: these stay unknown`;
    out.diagnostics.add('column-missing', 'warning', message, { count: missing.length });
  }
}

/** Trailing delimiters make empty fields at the end; anything else shifts cells. */
export function rightLength(header: Header, { fields }: CsvRecord): boolean {
  const n = header.cells.length;
  return fields.length === n || (fields.length > n && fields.slice(n).every((field) => field.trim() === ''));
}
