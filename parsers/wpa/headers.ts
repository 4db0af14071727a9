/** Header lines of tables of WPA, whatever the table. */

import { type CsvRecord, headerCells } from '../../src/core/csv.js';
import type { Output } from '../../src/core/parser.js';
import { printable } from '../../src/core/text.js';
import { MAX_HEADER_CELL } from './columns.js';

const HEADER_LINES = 20;
/** Longer lines and cells are no headers; patterns with blanks at both ends are not run over them. */
export const MAX_HEADER = 1 << 14;

export const DELIMITERS = [',', ';', '\t', '|'];

/** A header line, whatever its columns. */
export interface AnyHeader {
  readonly cells: readonly string[];
  readonly at: { readonly size: number };
}

/** Where the columns `Id` stand. */
export interface Columns<Id> extends AnyHeader {
  readonly at: { readonly size: number; has(id: Id): boolean; get(id: Id): number | undefined };
}

/** One header line, understood; `Id` names the columns of a table, `NumberId` those of numbers with a unit. */
export interface TableHeader<Id, NumberId> extends Columns<Id> {
  readonly at: ReadonlyMap<Id, number>;
  /** The table's own unit per unit of the number columns (µs, say); null where the header has no unit. */
  readonly scale: ReadonlyMap<NumberId, number | null>;
}

/** The header among a file's first lines, with the delimiter that makes the most of it. */
export function findHeaderBy<H extends AnyHeader>(
  lines: readonly string[],
  headerOf: (cells: readonly string[]) => H,
  isTable: (header: H) => boolean,
  isComplete: (header: H) => boolean,
): { header: H; delimiter: string } | null {
  let best: { header: H; delimiter: string } | null = null;
  for (const line of lines.slice(0, HEADER_LINES)) {
    if (line.length > MAX_HEADER) continue;
    for (const delimiter of DELIMITERS) {
      const header = headerOf(headerCells(line, delimiter));
      if (!isTable(header)) continue;
      const better = best === null || (isComplete(header) && !isComplete(best.header));
      if (better || header.at.size > (best?.header.at.size ?? 0)) best = { header, delimiter };
    }
    if (best !== null && isComplete(best.header)) return best;
  }
  return best;
}

/** Columns of a name that is not known here, or of a figure that no table has (minima, means): named once. */
export function sayNotRead(cells: readonly string[], isRead: (cell: string, i: number) => boolean, out: Output): void {
  const names = cells.filter((cell, i) => cell.trim() !== '' && !isRead(cell, i));
  if (names.length === 0) return;
  const shown = names.slice(0, 12).map((cell) => `"${printable(cell.trim(), 60)}"`);
  const more = names.length > shown.length ? ` and ${names.length - shown.length} more` : '';
  const message = `columns not read: ${shown.join(', ')}${more}`;
  out.diagnostics.add('columns-not-read', 'info', message, { count: names.length });
}

/** Trailing delimiters make empty fields at the end; anything else shifts cells. */
export function rightLength(header: AnyHeader, { fields }: CsvRecord): boolean {
  const n = header.cells.length;
  return fields.length === n || (fields.length > n && fields.slice(n).every((field) => field.trim() === ''));
}

/** The cells of a file's first line, to say what it is where it is no table that is read. */
export function firstCells(lines: readonly string[]): string[] {
  const first = lines.find((line) => line.trim() !== '' && !/^sep=.$/i.test(line.trim()));
  if (first === undefined || first.length > MAX_HEADER) return [];
  const cut = DELIMITERS.map((delimiter) => headerCells(first, delimiter));
  return cut
    .reduce((best, cells) => (cells.length > best.length ? cells : best))
    .map((c) => c.slice(0, MAX_HEADER_CELL));
}
