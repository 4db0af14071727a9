/** Numbers in cells, in the locale that was found. */

import { type NumberText, numberOf, numberText, type Separator, separatorOf } from '../../src/core/decimal.js';
import { printable } from '../../src/core/text.js';
import type { Columns } from './headers.js';

/** The decimal separator of one header's columns; null where the file contradicts itself about it. */
export type Locale<Id> = ReadonlyMap<Id, Separator | null>;

export const columnName = <Id>(header: Columns<Id>, id: Id): string =>
  printable(header.cells[header.at.get(id) ?? 0], 60);

export const roundToNs = (us: number): number => Math.round(us * 1000) / 1000;

/** The number, times what its unit stands for (`standard` where the cell has none); null where it can be read in two ways. */
export function scaledBy(
  text: NumberText,
  decimal: Separator | null | undefined,
  standard: number,
  scaleOf: (unit: string) => number | null,
): number | null {
  if (decimal === null && separatorOf(text.digits) !== null) return null;
  const value = numberOf(text, decimal ?? '.');
  const scale = text.unit === '' ? standard : scaleOf(text.unit);
  return value === null || scale === null ? null : value * scale;
}

/** True for a number that can be read in two ways, in a column that does not tell which. */
export const isUndecided = (text: string, decimal: Separator | null | undefined): boolean =>
  decimal === null && numberText(text) !== null;

export const decimalsOf = (text: string, decimal: Separator): number =>
  /^\d*/.exec(text.split(decimal)[1] ?? '')?.[0].length ?? 0;
