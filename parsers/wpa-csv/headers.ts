/** Header lines: which columns a table has, and whether its rows are runs or sums over them. */

import type { Output } from '../../src/core/parser.js';
import { findHeaderBy, sayNotRead, type TableHeader } from '../wpa/headers.js';
import { type ColumnId, columnOf, DURATIONS, NUMBERS, type NumberColumn } from './columns.js';

export const NEEDED =
  'needed: DPC/ISR Duration table with columns DPC/ISR Enter Time, DPC/ISR Exit Time or Inclusive Duration, ' +
  'Type, CPU, Module and Function (wpaexporter with a profile that shows that table)';

/** One header line, understood. */
export interface Header extends TableHeader<ColumnId, NumberColumn> {
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

export const findHeader = (lines: readonly string[]): { header: Header; delimiter: string } | null =>
  findHeaderBy(lines, headerOf, isDpcTable, ({ mode }) => mode !== null);

export function sayWhatIsNotRead({ cells, at, mode }: Header, out: Output): void {
  const isRead = (cell: string, i: number): boolean => {
    const { id, known } = columnOf(cell);
    if (id === 'unused') return known;
    return id !== null && at.get(id) === i && !(mode === 'runs' && id.startsWith('max'));
  };
  sayNotRead(cells, isRead, out);
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
