/** Cells of a record by their columns. */

import type { CsvRecord } from '../../src/core/csv.js';
import type { Output } from '../../src/core/parser.js';
import type { Columns } from './headers.js';

export const cell = <Id>(header: Columns<Id>, record: CsvRecord, id: Id): string => {
  const at = header.at.get(id);
  return at === undefined ? '' : (record.fields[at] ?? '').trim();
};

/** A whole number in a cell; null where it is empty, and, said, where it is none. */
export function wholeOf<Id>(header: Columns<Id>, record: CsvRecord, id: Id, out: Output): number | null {
  const text = cell(header, record, id);
  if (text === '' || /^(n\/a|-|unknown)$/i.test(text)) return null;
  const hex = /^0x[0-9a-f]{1,7}$/i.test(text);
  if (hex || /^-?\d{1,9}$/.test(text)) return Number(text);
  const message = 'cells that should be whole numbers and are not: read as unknown';
  out.diagnostics.add('bad-cell', 'warning', message, { line: record.line, example: text });
  return null;
}
