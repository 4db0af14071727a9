/** Header lines of Pool tables, and whose a file is. */

import { CLAIMED, type Claim, NOT_MINE, type Output, type Prefix, refuse } from '../../src/core/parser.js';
import { printable } from '../../src/core/text.js';
import { findHeaderBy, firstCells, sayNotRead, type TableHeader } from '../wpa/headers.js';
import {
  type ColumnId,
  columnOf,
  hasAllocWord,
  hasPoolWord,
  LIVES,
  NUMBERS,
  type NumberColumn,
  scaleOf,
  UNIT,
} from './columns.js';

export const NEEDED =
  'needed: Pool table with the columns Pool Tag and Size or Count, and as far as WPA has them Type, Paged, Stack, Process, ' +
  'Thread ID, Address, Alloc Time and Free Time, all to the right of the gold bar (wpaexporter with a profile that shows that table)';

/** One header line, understood; scales are µs and bytes per unit. */
export interface Header extends TableHeader<ColumnId, NumberColumn> {
  /** Cells that only tables of pool have. */
  readonly poolWords: boolean;
  readonly allocWords: boolean;
}

export function headerOf(cells: readonly string[]): Header {
  const at = new Map<ColumnId, number>();
  const scale = new Map<NumberColumn, number | null>();
  for (const [i, cell] of cells.entries()) {
    const { id, unit } = columnOf(cell);
    if (id === null || id === 'unused' || at.has(id)) continue;
    at.set(id, i);
    const number = NUMBERS.find((known) => known === id);
    if (number !== undefined) scale.set(number, unit === null ? null : scaleOf(number, unit));
  }
  return { cells, at, scale, poolWords: cells.some(hasPoolWord), allocWords: cells.some(hasAllocWord) };
}

const isPoolTable = ({ at, poolWords, allocWords }: Header): boolean =>
  at.has('tag') && at.size >= 2 && (poolWords || allocWords);

/** Columns without which a row says nothing. */
const isComplete = ({ at }: Header): boolean =>
  at.has('tag') &&
  (['size', 'impactingSize', 'count', ...LIVES.map((life) => `${life}Count` as const)] as const).some((id) =>
    at.has(id),
  );

export function isHeader(cells: readonly string[]): boolean {
  const header = headerOf(cells);
  return isPoolTable(header) && isComplete(header);
}

export const findHeader = (lines: readonly string[]): { header: Header; delimiter: string } | null =>
  findHeaderBy(lines, headerOf, isPoolTable, isComplete);

export function sniff(prefix: Prefix): Claim {
  if (prefix.encoding === 'binary') return NOT_MINE;
  const found = findHeader(prefix.lines);
  if (found !== null && isComplete(found.header)) return CLAIMED;
  const cells = found?.header.cells ?? firstCells(prefix.lines);
  const isRelative = cells.length >= 3 && cells.some((text) => UNIT.test(text)) && cells.some(hasPoolWord);
  // VirtualAlloc tables have an Impacting Size too.
  if (!isRelative || cells.some((text) => /^\s*commit/i.test(text))) return NOT_MINE;
  return refuse(`is a WPA export of the Pool table whose columns do not suffice (${shown(cells)}); ${NEEDED}.`);
}

const shown = (cells: readonly string[]): string =>
  `it has ${cells
    .slice(0, 12)
    .map((text) => `"${printable(text, 60)}"`)
    .join(', ')}`;

export function sayWhatIsNotRead({ cells, at }: Header, out: Output): void {
  const isRead = (text: string, i: number): boolean => {
    const { id, known } = columnOf(text);
    return id === 'unused' ? known : id !== null && at.get(id) === i;
  };
  sayNotRead(cells, isRead, out);
}

/** What is asked of pool is who allocated, when and from where. */
export function sayWhatIsMissing({ at }: Header, out: Output): void {
  const wanted: readonly (readonly [ColumnId, string])[] = [
    ['size', 'Size'],
    ['stack', 'Stack'],
  ];
  const missing = wanted.filter(([id]) => !at.has(id)).map(([, name]) => name);
  if (!at.has('type') && !at.has('allocTime') && !at.has('aifoCount')) missing.push('Type');
  if (!at.has('paged') && !at.has('poolType')) missing.push('Paged');
  if (!at.has('size') && at.has('impactingSize')) {
    const message = 'the export has no column Size: Impacting Size was taken, in which what was freed counts 0';
    out.diagnostics.add('size-impacting', 'warning', message);
  }
  if (missing.length === 0) return;
  const message = `the export has no column ${missing.join(', ')}: these stay unknown`;
  out.diagnostics.add('column-missing', 'warning', message, { count: missing.length });
}
