/** What only the times of DPCs and ISRs tell of separators and units. */

import type { CsvRecord } from '../../src/core/csv.js';
import type { Separator } from '../../src/core/decimal.js';
import { addNote } from '../../src/core/note.js';
import type { Output } from '../../src/core/parser.js';
import { decideLocale as decide } from '../wpa/locale.js';
import { columnName } from '../wpa/numbers.js';
import { NUMBERS, type NumberColumn, TIMES, type TimeColumn } from './columns.js';
import type { Header } from './headers.js';
import { fits, type Locale, micros } from './numbers.js';

const NONE: ReadonlySet<never> = new Set();

/** Where cells prove nothing, inclusive durations are exit - enter. */
export function decideLocale(header: Header, records: readonly CsvRecord[], out: Output): Locale {
  const cross = { id: 'inclusive', fitting: (locale: Locale) => fittingTimes(header, records, locale) } as const;
  return decide<NumberColumn>({ header, records, numbers: NUMBERS, whole: NONE, cross, out });
}

/** The reading under which inclusive durations are exit - enter; null where the times cannot tell. */
function fittingTimes(header: Header, records: readonly CsvRecord[], locale: Locale): Separator | null {
  if (!header.at.has('enter') || !header.at.has('exit')) return null;
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

export function sayAssumedUnits(header: Header, out: Output): void {
  for (const [id, scale] of header.scale) {
    if (scale !== null) continue;
    const unit = TIMES.includes(id as TimeColumn) ? 's' : 'ms';
    const message = `column "${columnName(header, id)}" has no unit in its header: cells without one were read as ${unit}, which WPA prints`;
    addNote(out.about, message);
    out.diagnostics.add('unit-assumed', 'warning', message);
  }
}
