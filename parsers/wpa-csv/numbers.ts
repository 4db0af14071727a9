/** Times and durations, in µs. */
import type { CsvRecord } from '../../src/core/csv.js';
import { type NumberText, numberOf, numberText, type Separator, separatorOf } from '../../src/core/decimal.js';
import type { Output } from '../../src/core/parser.js';
import { printable } from '../../src/core/text.js';
import { cell } from './cells.js';
import { type NumberColumn, scaleOf, TIMES, type TimeColumn } from './columns.js';
import type { Header } from './headers.js';

/** The decimal separator of one header's columns; null where the file contradicts itself about it. */
export type Locale = ReadonlyMap<NumberColumn, Separator | null>;

/** Within 1 % or 2 µs: times are rounded too. */
export const fits = (a: number, b: number): boolean => Math.abs(a - b) <= Math.max(2, Math.abs(b) * 0.01);

export const columnName = (header: Header, id: NumberColumn): string =>
  printable(header.cells[header.at.get(id) ?? 0], 60);

export const roundToNs = (us: number): number => Math.round(us * 1000) / 1000;

/** A time or duration in µs, to the nanosecond; null where the cell is empty or no number. */
export function micros(header: Header, locale: Locale, record: CsvRecord, id: NumberColumn): number | null {
  const text = numberText(cell(header, record, id));
  return text === null ? null : scaled(header, locale, text, id);
}

function scaled(header: Header, locale: Locale, text: NumberText, id: NumberColumn): number | null {
  const decimal = locale.get(id);
  if (decimal === null && separatorOf(text.digits) !== null) return null;
  const value = numberOf(text, decimal ?? '.');
  const standard = header.scale.get(id) ?? (TIMES.includes(id as TimeColumn) ? 1e6 : 1e3);
  const scale = text.unit === '' ? standard : scaleOf(text.unit);
  if (value === null || scale === null) return null;
  const us = roundToNs(value * scale);
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

const isUndecided = (text: string, decimal: Separator | null | undefined): boolean =>
  decimal === null && numberText(text) !== null;

const decimalsOf = (text: string, decimal: Separator): number =>
  /^\d*/.exec(text.split(decimal)[1] ?? '')?.[0].length ?? 0;
