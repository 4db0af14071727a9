/** Times and durations, in µs. */
import type { CsvRecord } from '../../src/core/csv.js';
import { numberText } from '../../src/core/decimal.js';
import type { Output } from '../../src/core/parser.js';
import { cell } from '../wpa/cells.js';
import { timeScale } from '../wpa/columns.js';
import {
  columnName,
  decimalsOf,
  isUndecided,
  roundToNs,
  scaledBy,
  type Locale as TableLocale,
} from '../wpa/numbers.js';
import { type NumberColumn, TIMES, type TimeColumn } from './columns.js';
import type { Header } from './headers.js';

export type Locale = TableLocale<NumberColumn>;

/** Within 1 % or 2 µs: times are rounded too. */
export const fits = (a: number, b: number): boolean => Math.abs(a - b) <= Math.max(2, Math.abs(b) * 0.01);

/** A time or duration in µs, to the nanosecond; null where the cell is empty or no number. */
export function micros(header: Header, locale: Locale, record: CsvRecord, id: NumberColumn): number | null {
  const text = numberText(cell(header, record, id));
  if (text === null) return null;
  const standard = header.scale.get(id) ?? (TIMES.includes(id as TimeColumn) ? 1e6 : 1e3);
  const value = scaledBy(text, locale.get(id), standard, timeScale);
  if (value === null) return null;
  const us = roundToNs(value);
  return Number.isFinite(us) && Math.abs(us) < 1e15 ? us : null;
}

export type Numbers = Partial<Record<NumberColumn, number>>;

/** A record with its numbers read. */
export interface Row {
  readonly header: Header;
  readonly record: CsvRecord;
  readonly kind: 'DPC' | 'ISR' | null;
  readonly numbers: Numbers;
}

/**
 * All times and durations of a record; a cell that is not empty and no number makes it a damaged one. `seen.decimals`
 * becomes the most decimals seen in a time.
 */
export function readNumbers(
  header: Header,
  locale: Locale,
  record: CsvRecord,
  seen: { readonly out: Output; decimals: number },
): Numbers | null {
  const { out } = seen;
  const numbers: Numbers = {};
  for (const id of header.scale.keys()) {
    const text = cell(header, record, id);
    if (text === '' || /^(n\/a|-)$/i.test(text)) continue;
    const us = micros(header, locale, record, id);
    if (us === null && isUndecided(text, locale.get(id))) {
      if (header.mode !== 'runs') continue;
      // A run without its time or its duration says nothing that could be relied on.
      const message = 'runs with a time or duration that can be read in two ways (see number-undecided): passed over';
      out.skip('number-unread', message, { line: record.line, example: record.text }, 'data-loss');
      return null;
    }
    if (us === null || us < 0) {
      const message = `cells of times or durations that are no numbers (first in column "${columnName(header, id)}"): records passed over`;
      out.skip('bad-number', message, { line: record.line, example: record.text }, 'data-loss');
      return null;
    }
    numbers[id] = us;
    if (id === 'enter') seen.decimals = Math.max(seen.decimals, decimalsOf(text, locale.get(id) ?? '.'));
  }
  return numbers;
}
