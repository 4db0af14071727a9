/** Tables with headings that sort; they scroll in a box of their own. */
import type { Evidence } from '../../../core/evidence.js';
import { chosenColumns, type View, type ViewColumn } from '../../views.js';
import type { Limits } from './limits.js';
import { cut, type Html, html, leftOut, type Part, trusted, UNKNOWN } from './markup.js';
import type { Places } from './places.js';
import { figure } from './units.js';

/** A cell: what is shown, and what it is sorted by; null sorts last. */
export interface Cell {
  readonly shown: Part;
  readonly by: string | number | null;
}

export interface Column<R> {
  readonly title: string;
  readonly isNumber?: boolean;
  /** Wide columns hold sentences. */
  readonly isText?: boolean;
  readonly cell: (row: R) => Cell;
}

/** What all tables of a page share. */
export interface TableContext {
  readonly places: Places;
  readonly limits: Limits;
}

/** A column of a value that is shown as it is. */
export const column = <R>(title: string, value: (row: R) => string | number | null, isText = false): Column<R> => ({
  title,
  isText,
  isNumber: false,
  cell: (row) => plainCell(value(row), null),
});

export const numberColumn = <R>(
  title: string,
  value: (row: R) => number | null,
  decimals: number | null = null,
): Column<R> => ({
  title,
  isNumber: true,
  cell: (row) => plainCell(value(row), decimals),
});

export const placeColumn = <R>(places: Places, of: (row: R) => readonly Evidence[]): Column<R> => ({
  title: 'Evidence',
  cell: (row) => {
    const evidence = of(row);
    return evidence.length === 0
      ? { shown: html`<span class="unknown">none</span>`, by: null }
      : { shown: places.buttons(evidence), by: places.nameOf(evidence[0]) };
  },
});

function plainCell(value: string | number | null, decimals: number | null): Cell {
  if (value === null || value === '' || Number.isNaN(value)) return { shown: UNKNOWN, by: null };
  return { shown: typeof value === 'number' ? figure(value, decimals) : value, by: value };
}

/** A sortable table with its caption; says how many rows were left out. `of`: rows of the list before anything cut it. */
export function table<R>(
  caption: string,
  columns: readonly Column<R>[],
  rows: readonly R[],
  { limits }: TableContext,
  of = rows.length,
): Html {
  if (rows.length === 0) return html`<p class="none"><b>${caption}:</b> none.</p>`;
  const shown = rows.slice(0, limits.rows);
  const head = columns.map(
    ({ title, isNumber }) =>
      html`<th scope="col" class="${isNumber ? 'n' : ''}" aria-sort="none"><button type="button" class="sort">${title}</button></th>`,
  );
  const body = shown.map(
    (row) => html`<tr>${columns.map((one) => cellMarkup(one, one.cell(row), limits.cell))}</tr>
`,
  );
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table class="sortable"><caption>${caption}</caption><thead><tr>${head}</tr></thead><tbody>
${body}</tbody></table></div>${leftOut(shown.length, Math.max(of, rows.length), 'rows')}`;
}

/** Shorter texts stand in one line. */
const LONG = 30;

function cellMarkup<R>({ isNumber, isText }: Column<R>, { shown, by }: Cell, max: number): Html {
  const text = typeof shown === 'string' ? cut(shown, max) : shown;
  const isLong = typeof text === 'string' && text.length > LONG;
  const kind = isNumber ? 'n' : isText ? 't' : isLong ? 'l' : '';
  const sameText = typeof shown === 'string' && shown === by;
  // What is shown as it is sorted needs no second copy.
  const sort =
    by === null ? trusted(' data-v') : sameText ? null : html` data-v="${typeof by === 'string' ? cut(by, 80) : by}"`;
  return html`<td${kind === '' ? null : html` class="${kind}"`}${sort}>${text}</td>`;
}

/** A list of another command's answer, by some of its columns. */
export function viewTable(
  view: View<never>,
  keys: readonly string[],
  evidenceOf: ((row: never) => readonly Evidence[]) | null,
  context: TableContext,
  caption = view.title,
): Html {
  const chosen = chosenColumns(view, keys).filter(
    (one) => !one.optional || view.rows.some((row) => (one.value(row) ?? '') !== ''),
  );
  const columns = chosen.map((one) => fromView(one, view.rows));
  if (evidenceOf !== null) columns.push(placeColumn<never>(context.places, evidenceOf));
  return table(caption, columns, view.rows, context, view.of);
}

function fromView(from: ViewColumn<never>, rows: readonly never[]): Column<never> {
  const isNumber = rows.some((row) => typeof from.value(row) === 'number');
  return {
    title: from.title,
    isNumber,
    isText: from.fills === true,
    cell: (row) => {
      const value = from.value(row);
      const text = from.text?.(row) ?? null;
      if (text !== null) return { shown: text, by: value };
      return plainCell(value, from.decimals ?? null);
    },
  };
}
