/** Every output of an `errors` answer. A new one is a file beside this and a line in `ERRORS_OUTPUTS`. */
import type { ErrorsResult } from '../analyses/errors/result.js';
import { renderJson } from './document.js';
import { type ErrorsReport, type ErrorsTerminalOptions, renderErrors } from './errors/terminal.js';
import { ERRORS_VIEWS, type ErrorsViewName, errorsView } from './errors/views.js';
import { markdownFindings } from './markdown.js';
import { renderCsv, renderMarkdown, renderNdjson } from './rows.js';
import { chosenColumns, type View } from './views.js';

export type { ErrorsReport } from './errors/terminal.js';

export const ERRORS_RENDER_DEFAULTS: ErrorsTerminalOptions = {
  width: 160,
  color: false,
  views: null,
  columns: null,
  top: null,
};

type Output = (report: ErrorsReport, options: ErrorsTerminalOptions) => string;

/** Lists of a ticket, where they have rows. */
const MARKDOWN_VIEWS = ['diff', 'periodic', 'template', 'disk', 'gap', 'span', 'change'] as const;
const MARKDOWN_ROWS = 30;

export const ERRORS_OUTPUTS: Readonly<Record<string, Output>> = {
  table: renderErrors,
  json: renderJson,
  ndjson: (report, options) =>
    viewsOf(report, options, ['template'])
      .map((view) => renderNdjson(view, options.columns))
      .join(''),
  csv: (report, options) =>
    viewsOf(report, options, ['template'])
      .map((view) => renderCsv(view, options.columns))
      .join('\n'),
  md: (report, options) =>
    [
      ...viewsOf(report, options, MARKDOWN_VIEWS)
        .filter((view) => options.views !== null || view.rows.length > 0)
        .map((view) =>
          renderMarkdown(
            view,
            options.columns,
            options.top === null ? MARKDOWN_ROWS : options.top || Number.POSITIVE_INFINITY,
          ),
        ),
      markdownFindings(report),
    ].join('\n'),
};

function viewsOf(
  { result }: ErrorsReport,
  { views, columns }: ErrorsTerminalOptions,
  otherwise: readonly ErrorsViewName[],
): View<never>[] {
  const matching = (view: View<never>): number => chosenColumns(view, columns).length;
  const names = views ?? (result.diff === null ? otherwise : [...new Set<ErrorsViewName>(['diff', ...otherwise])]);
  const chosen = names.map((name) => errorsView(name, result)).filter((view) => matching(view) > 0);
  if (chosen.length > 0 || views !== null) return chosen;
  // Columns of another list ask for that list.
  return ERRORS_VIEWS.map((name) => errorsView(name, result))
    .sort((a, b) => matching(b) - matching(a))
    .slice(0, 1);
}

/** An answer with nothing in it. */
export const EMPTY_ERRORS: ErrorsResult = {
  window: null,
  messages: 0,
  withoutTime: 0,
  perSecond: null,
  by: 'thread',
  templates: [],
  periodic: [],
  groups: [],
  gaps: [],
  spans: [],
  changes: [],
  threads: [],
  disks: [],
  timeline: { startUs: 0, binUs: 1, counts: [] },
  diff: null,
};

/** Column names of a list, for `--columns`. */
export function errorsColumns(view: ErrorsViewName): string[] {
  return errorsView(view, EMPTY_ERRORS).columns.map((column) => column.key);
}
