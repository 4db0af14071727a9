/** Which separators a file's numbers have, on the evidence of its own cells. */

import type { CsvRecord } from '../../src/core/csv.js';
import { nothingShown, numberText, other, type Separator, type Shown, show } from '../../src/core/decimal.js';
import { addNote } from '../../src/core/note.js';
import type { Output } from '../../src/core/parser.js';
import { cell } from './cells.js';
import { NUMBERS, type NumberColumn, TIMES, type TimeColumn } from './columns.js';
import type { Header } from './headers.js';
import { columnName, fits, type Locale, micros } from './numbers.js';

/**
 * Which separator stands before the fraction, for each column on the evidence of its own cells first: a file that was
 * edited or joined can mix locales (one was seen with times `1,176567818` beside durations `5.909`). A column whose
 * cells prove nothing is decided, in this order, by whether its durations fit exit - enter; by what proved true in the
 * other columns, where it uses the same separator; and else by WPA printing a fixed number of decimals in a column, so
 * that three digits behind one separator in *every* cell are decimals and beside whole numbers are a group. The last
 * two steps are said, never silent.
 */
export function decideLocale(header: Header, records: readonly CsvRecord[], out: Output): Locale {
  const shown = new Map<NumberColumn, Shown>();
  for (const id of NUMBERS) if (header.at.has(id)) shown.set(id, shownIn(header, records, id));
  const locale = new Map<NumberColumn, Separator>();
  for (const [id, { proof }] of shown) {
    if (proof['.'] === 0 && proof[','] === 0) continue;
    locale.set(id, proof['.'] >= proof[','] ? '.' : ',');
    if (proof['.'] > 0 && proof[','] > 0) sayMixedCells(header, id, out);
  }
  const proven = new Set(locale.values());
  if (proven.size === 2) sayMixedColumns(header, locale, out);
  const file = proven.size === 1 ? [...proven][0] : null;
  for (const [id, seen] of shown) {
    if (!locale.has(id)) locale.set(id, decideOpen(header, records, id, seen, file, locale, out));
  }
  return locale;
}

function shownIn(header: Header, records: readonly CsvRecord[], id: NumberColumn): Shown {
  const shown = nothingShown();
  for (const record of records) {
    const text = numberText(cell(header, record, id));
    if (text !== null) show(shown, text.digits);
  }
  return shown;
}

function decideOpen(
  header: Header,
  records: readonly CsvRecord[],
  id: NumberColumn,
  shown: Shown,
  file: Separator | null,
  locale: Locale,
  out: Output,
): Separator {
  const { open, plain } = shown;
  if (open['.'] === 0 && open[','] === 0) return file ?? '.';
  const used: Separator = open['.'] >= open[','] ? '.' : ',';
  const fitting = id === 'inclusive' ? fittingTimes(header, records, locale) : null;
  if (fitting !== null) return fitting;
  if (used === file) return file;
  const decimal = plain > 0 ? other(used) : used;
  sayAmbiguous(header, id, used, decimal, out);
  return decimal;
}

/** The reading under which inclusive durations are exit - enter; null where the times cannot tell. */
function fittingTimes(header: Header, records: readonly CsvRecord[], locale: Locale): Separator | null {
  const votes = { '.': 0, ',': 0 };
  for (const record of records) {
    const enter = micros(header, locale, record, 'enter');
    const exit = micros(header, locale, record, 'exit');
    if (enter === null || exit === null) continue;
    for (const sign of ['.', ','] as const) {
      const read = micros(header, new Map([['inclusive', sign]]), record, 'inclusive');
      if (read !== null && fits(read, exit - enter)) votes[sign]++;
    }
  }
  if (votes['.'] === votes[',']) return null;
  return votes['.'] > votes[','] ? '.' : ',';
}

function sayAmbiguous(header: Header, id: NumberColumn, used: Separator, decimal: Separator, out: Output): void {
  const role = used === decimal ? 'decimal separator' : 'digit grouping';
  const message = `column "${columnName(header, id)}": '${used}' before three digits was read as ${role}; the file does not prove it`;
  addNote(out.about, message);
  out.diagnostics.add('number-ambiguous', 'warning', message);
}

function sayMixedCells(header: Header, id: NumberColumn, out: Output): void {
  const message = `column "${columnName(header, id)}" holds decimal points and decimal commas: the cells in the minority are passed over`;
  out.diagnostics.add('number-mixed', 'data-loss', message);
}

function sayMixedColumns(header: Header, locale: Locale, out: Output): void {
  const commas = [...locale].filter(([, sign]) => sign === ',').map(([id]) => `"${columnName(header, id)}"`);
  const message = `some columns have decimal commas (${commas.join(', ')}), others points: each was read in its own way`;
  addNote(out.about, message);
  out.diagnostics.add('number-mixed-columns', 'warning', message);
}

export function sayAssumedUnits(header: Header, out: Output): void {
  for (const [id, scale] of header.scale) {
    if (scale !== null) continue;
    const unit = TIMES.includes(id as TimeColumn) ? 's' : 'ms';
    const message = `column "${columnName(header, id)}" has no unit in its header: cells without one were read as ${unit}, which WPA prints`;
    addNote(out.about, message);
    out.diagnostics.add('unit-assumed', 'warning', message);
  }
}
