/** Times, sizes and counts of a record. */

import type { CsvRecord } from '../../src/core/csv.js';
import { numberText } from '../../src/core/decimal.js';
import { addNote } from '../../src/core/note.js';
import type { Output } from '../../src/core/parser.js';
import { cell } from '../wpa/cells.js';
import { decideLocale } from '../wpa/locale.js';
import { columnName, decimalsOf, isUndecided, type Locale, roundToNs, scaledBy } from '../wpa/numbers.js';
import { isCount, isSize, LIVES, NUMBERS, type NumberColumn, scaleOf, TIMES } from './columns.js';
import type { Header } from './headers.js';

export type Figures = Partial<Record<NumberColumn, number>>;

/** What reading figures needs of a table. */
export interface FigureCase {
  readonly header: Header;
  readonly locale: Locale<NumberColumn>;
  readonly out: Output;
}

/** Decides by the first records which separators the numbers have; counts and sizes in bytes have no fraction. */
export function figureCase(header: Header, records: readonly CsvRecord[], out: Output): FigureCase {
  const whole = new Set(NUMBERS.filter((id) => isCount(id) || (isSize(id) && (header.scale.get(id) ?? 1) === 1)));
  const locale = decideLocale<NumberColumn>({ header, records, numbers: NUMBERS, whole, cross: null, out });
  sayAssumedUnits(header, out);
  return { header, locale, out };
}

function sayAssumedUnits(header: Header, out: Output): void {
  for (const [id, scale] of header.scale) {
    if (isCount(id)) continue;
    const name = columnName(header, id);
    if (scale === null) {
      const unit = isSize(id) ? 'bytes' : 's';
      const message = `column "${name}" has no unit in its header: cells without one were read as ${unit}`;
      addNote(out.about, message);
      out.diagnostics.add('unit-assumed', 'warning', message);
    } else if (isSize(id) && scale > 1) {
      addNote(out.about, `Column "${name}" was read in powers of 1024; its sizes are rounded as WPA prints them.`);
    }
  }
}

/** All figures of a record; null, and said, where a cell is no number. */
export function readFigures({ header, locale, out }: FigureCase, record: CsvRecord): Figures | null {
  const figures: Figures = {};
  for (const id of header.scale.keys()) {
    const text = cell(header, record, id);
    if (text === '' || /^(n\/a|-)$/i.test(text)) continue;
    const value = figureOf(header, locale, text, id);
    if (value === null && isUndecided(text, locale.get(id))) continue;
    if (value === null || (value < 0 && id !== 'impactingSize')) {
      const message = `cells of times, sizes or counts that are no numbers (first in column "${columnName(header, id)}"): records passed over`;
      out.skip('bad-number', message, { line: record.line, example: record.text }, 'data-loss');
      return null;
    }
    figures[id] = value;
    if (id === 'allocTime') noteResolution(out, text, locale);
  }
  return figures;
}

function figureOf(header: Header, locale: Locale<NumberColumn>, text: string, id: NumberColumn): number | null {
  const number = numberText(text);
  if (number === null) return null;
  const standard = header.scale.get(id) ?? (TIMES.includes(id) ? 1e6 : 1);
  const value = scaledBy(number, locale.get(id), standard, (unit) => scaleOf(id, unit));
  if (value === null || !(Math.abs(value) < 1e15)) return null;
  if (isCount(id)) return Number.isInteger(value) ? value : null;
  return isSize(id) ? Math.round(value) : roundToNs(value);
}

/** As fine as the most decimals of an allocation's time. */
function noteResolution({ about }: Output, text: string, locale: Locale<NumberColumn>): void {
  const decimals = decimalsOf(text, locale.get('allocTime') ?? '.');
  if (decimals === 0 || decimals > 9) return;
  const ns = 10 ** (9 - decimals);
  if (about.clock.resolutionNs === null || ns < about.clock.resolutionNs) about.clock.resolutionNs = ns;
}

/** Size and count by which a group is compared with its rows; NaN where it has none. */
export function sumsOf(figures: Figures): { readonly bytes: number; readonly count: number } {
  const lives = LIVES.flatMap((life) => figures[`${life}Count`] ?? []);
  const counted = lives.length === 0 ? Number.NaN : lives.reduce((a, b) => a + b);
  return { bytes: figures.size ?? Number.NaN, count: figures.count ?? counted };
}
