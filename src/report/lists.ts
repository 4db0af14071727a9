/** What the outputs of every answer that is made of lists share: which lists, and their text for programs and tickets. */
import { renderCsv, renderMarkdown, renderNdjson } from './rows.js';
import { rowLimit } from './terminal.js';
import { chosenColumns, type View } from './views.js';

export interface ListOptions {
  /** Keys of columns, in the order to show them; null for all. */
  readonly columns: readonly string[] | null;
  /** Rows of a list; null for the output's own limit, 0 for all. */
  readonly top: number | null;
}

/** Rows of a list in a ticket. */
const MARKDOWN_ROWS = 30;

/**
 * The lists of `names` that have some of the columns. Where no list was asked for and none of `otherwise` has any: the one
 * of `all` that has most of them.
 */
export function chosenLists<Name extends string>(
  names: readonly Name[] | null,
  otherwise: readonly Name[],
  all: readonly Name[],
  columns: readonly string[] | null,
  viewOf: (name: Name) => View<never>,
): View<never>[] {
  const matching = (view: View<never>): number => chosenColumns(view, columns).length;
  const chosen = (names ?? otherwise).map(viewOf).filter((view) => matching(view) > 0);
  if (chosen.length > 0 || names !== null) return chosen;
  // Columns of another list ask for that list.
  return all
    .map(viewOf)
    .sort((a, b) => matching(b) - matching(a))
    .slice(0, 1);
}

export const listsNdjson = (views: readonly View<never>[], { columns }: ListOptions): string =>
  views.map((view) => renderNdjson(view, columns)).join('');

export const listsCsv = (views: readonly View<never>[], { columns }: ListOptions): string =>
  views.map((view) => renderCsv(view, columns)).join('\n');

export const listsMarkdown = (views: readonly View<never>[], { columns, top }: ListOptions): string[] =>
  views.map((view) => renderMarkdown(view, columns, rowLimit(top, MARKDOWN_ROWS)));
