/** A list of the result as a table: what outputs that print rows (terminal, CSV, Markdown, NDJSON) share. */

export type Cell = string | number | null;

export interface ViewColumn<R> {
  /** As in `--columns` and in CSV headers, e.g. `maxUs`. */
  readonly key: string;
  /** Heading in terminal and Markdown. */
  readonly title: string;
  /** Decimals shown in the terminal and in Markdown; CSV and NDJSON print numbers in full. Strings have none. */
  readonly decimals?: number;
  /** Columns with higher numbers are left out first where the terminal is narrow; 0 always stays. */
  readonly rank: number;
  readonly value: (row: R) => Cell;
  /** What people are shown instead of the value, where that differs: tags in quotes. */
  readonly text?: (row: R) => string | null;
  /** Never on a screen unless asked for: for programs. */
  readonly hidden?: boolean;
  /** Takes what the other columns leave of a terminal's line: messages are long. At most one of a view. */
  readonly fills?: boolean;
  /** Left out where no row has a value, even at rank 0. */
  readonly optional?: boolean;
  /** What people are shown where the value is not known; default `-`. */
  readonly unknown?: string | ((row: R) => string);
}

export interface View<R = unknown> {
  /** As in `--by`, e.g. `module`. */
  readonly name: string;
  readonly title: string;
  readonly columns: readonly ViewColumn<R>[];
  readonly rows: readonly R[];
  /** Rows of the list before `--top` cut it, where it did. */
  readonly of: number;
}

/** The columns asked for, in the order asked for; all where none were. Unknown names are given to `unknown`. */
export function chosenColumns<R>(view: View<R>, keys: readonly string[] | null): readonly ViewColumn<R>[] {
  if (keys === null) return view.columns;
  const wanted = keys.map((key) => key.toLowerCase());
  return wanted.map((key) => view.columns.find((c) => c.key.toLowerCase() === key)).filter((c) => c !== undefined);
}

/** A number as people read it: fixed decimals, no grouping. */
export function shown(value: Cell, decimals: number | undefined, unknown = '-'): string {
  if (value === null) return unknown;
  if (typeof value === 'string') return value;
  return decimals === undefined ? String(value) : value.toFixed(decimals);
}

/** A column's value in a row as people read it. */
export function shownCell<R>(column: ViewColumn<R>, row: R): string {
  const { unknown } = column;
  return shown(
    column.text?.(row) ?? column.value(row),
    column.decimals,
    typeof unknown === 'function' ? unknown(row) : unknown,
  );
}

/** `s1:1234`: source and line, or byte offset where there are no lines. */
export function placeText(e: { source: string; line: number | null; byte: number | null }): string {
  return e.line !== null
    ? `${e.source}:${e.line}`
    : e.byte !== null
      ? `${e.source}@0x${e.byte.toString(16)}`
      : e.source;
}
