/** Where records end: tracerpt puts strings with line feeds in quotes, and does not escape quotes in them. */

import { lineAt } from '../../src/core/parser.js';
import { QUOTE, ticksAt } from './cells.js';
import type { Columns } from './columns.js';
import type { Reader } from './reader.js';

const COMMA = 44;
const LF = 10;

/** Stands for the end of a record that does not end in the bytes at hand. */
export const OPEN = -1;

/**
 * Finds the line feed (or the end of `bytes`) that ends the record at `from`, and the commas between its fixed columns.
 * Line feeds in quotes belong to the record, unless a line with all fixed columns follows: then a quote is missing
 * (tracerpt does not escape quotes in strings). OPEN where the bytes end within quotes.
 */
export function recordEnd(reader: Reader, bytes: Buffer, from: number): number {
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
export function closeByForce(reader: Reader, bytes: Buffer, from: number): number {
  const newline = bytes.indexOf(LF, from);
  const end = newline < 0 ? bytes.length : newline;
  while (reader.commaCount > 0 && reader.commas[reader.commaCount - 1] > end) reader.commaCount--;
  reader.innerLines = 0;
  // Where the file ends in it, readRecord says so.
  if (newline >= 0) noteStray(reader, bytes, from);
  return end;
}
