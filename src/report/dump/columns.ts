/** What the columns of several `dump` lists share. */
import type { Evidence } from '../../core/evidence.js';
import { printable } from '../../core/text.js';
import { placeText, type View, type ViewColumn } from '../views.js';
import { durationText } from './names.js';

/** Text from the log, as long as it is: tables of a terminal cut their cells. */
export const text = (value: string | null): string | null =>
  value === null ? null : printable(value, Number.POSITIVE_INFINITY);

export const yesNo = (value: boolean | null): string | null => (value === null ? null : value ? 'yes' : 'no');
export const yes = (value: boolean | null): string | null => (value ? 'yes' : null);

/** Ids or names in one cell; null where there is none. */
export const listText = (values: readonly string[], between = ', '): string | null =>
  values.length === 0 ? null : (text(values.join(between)) as string);

export const hexText = (n: number | null): string | null => (n === null ? null : `0x${n.toString(16)}`);

/** A wait in ms; people are shown hours, minutes and seconds. */
export function waitColumn<R>(
  key: string,
  title: string,
  rank: number,
  value: (row: R) => number | null,
  unknown = 'unknown',
): ViewColumn<R> {
  const shown = (row: R): string | null => {
    const ms = value(row);
    return ms === null ? null : durationText(ms);
  };
  return { key, title, rank, value, text: shown, unknown };
}

/** Where the first line stands that a row was made from; for programs. */
export const evidenceColumn = <R>(of: (row: R) => readonly Evidence[]): ViewColumn<R> => ({
  key: 'evidence',
  title: 'At',
  rank: 99,
  hidden: true,
  value: (row) => (of(row).length === 0 ? null : placeText(of(row)[0])),
});

export const madeView = <R>(
  name: string,
  title: string,
  columns: readonly ViewColumn<R>[],
  rows: readonly R[],
  of?: number,
): View<never> => ({ name, title, columns, rows, of: Math.max(of ?? 0, rows.length) }) as unknown as View<never>;
