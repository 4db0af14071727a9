/** Header texts of WPA taken apart: the name, its unit, an aggregation of it. */

export const MAX_HEADER_CELL = 200;

// `Max:Inclusive Duration (ms)`, `Max Inclusive Duration (ms)`
const AGGREGATION =
  /^\s*(?:(sum|max|maximum|min|minimum|avg|average|mean|count|summe|mittelwert)\s*:|(sum|max|maximum|min|minimum|avg|average|mean)\s)\s*/i;
// `Inclusive Duration (ms) [Max]`, `Inclusive Duration (Max) (ms)`
const AGGREGATION_BEHIND = /\s*[[(<](sum|max|maximum|min|minimum|avg|average|mean)[\])>]\s*$/i;
// A unit in brackets; µ comes damaged in every encoding, so that one odd character (with or without `s`) is µs.
export const TIME_UNIT = /\s*\((s|ms|us|ns|[^\x20-\x7e]{1,3}s?)\)\s*$/i;

export interface HeaderText {
  /** Letters only, lower case. */
  readonly name: string;
  /** As in the brackets; null where there is none. */
  readonly unit: string | null;
  /** `sum`, `max` …, in lower case; empty where the column is not aggregated. */
  readonly how: string;
  readonly isPercent: boolean;
}

/** `unitPattern` has the unit as its first group and stands at the end. */
export function headerText(cell: string, unitPattern: RegExp): HeaderText {
  const last = AGGREGATION_BEHIND.exec(cell);
  let name = last === null ? cell : cell.slice(0, last.index);
  const unit = unitPattern.exec(name);
  if (unit !== null) name = name.slice(0, unit.index);
  const aggregation = AGGREGATION.exec(name) ?? AGGREGATION_BEHIND.exec(name);
  if (aggregation !== null) name = name.replace(aggregation[0], '');
  return {
    name: name
      .normalize('NFC')
      .toLowerCase()
      .replace(/[^\p{L}]/gu, ''),
    unit: unit?.[1] ?? null,
    how: (aggregation?.[1] ?? aggregation?.[2] ?? last?.[1] ?? '').toLowerCase(),
    isPercent: /^\s*%/.test(name),
  };
}

/** True for a column that is not aggregated, or summed up. */
export const isSummed = (how: string): boolean => how === '' || how === 'sum' || how === 'summe' || how === 'count';

/** µs in a unit of time; null for other units. */
export function timeScale(unit: string): number | null {
  const word = unit.toLowerCase();
  if (word === 's') return 1e6;
  if (word === 'ms') return 1e3;
  if (word === 'ns') return 1e-3;
  return word === 'us' || (word !== '' && (word.codePointAt(0) ?? 0) > 0x7e) ? 1 : null;
}
