/** Every output of an `errors` answer. A new one is a file beside this and a line in `ERRORS_OUTPUTS`. */
import type { ErrorsResult } from '../analyses/errors/result.js';
import { renderJson } from './document.js';
import { type ErrorsReport, type ErrorsTerminalOptions, renderErrors } from './errors/terminal.js';
import { ERRORS_VIEWS, type ErrorsViewName, errorsView } from './errors/views.js';
import { chosenLists, listsCsv, listsMarkdown, listsNdjson } from './lists.js';
import { markdownFindings } from './markdown.js';
import type { View } from './views.js';

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

export const ERRORS_OUTPUTS: Readonly<Record<string, Output>> = {
  table: renderErrors,
  json: renderJson,
  ndjson: (report, options) => listsNdjson(viewsOf(report, options, ['template']), options),
  csv: (report, options) => listsCsv(viewsOf(report, options, ['template']), options),
  md: (report, options) =>
    [
      ...listsMarkdown(
        viewsOf(report, options, MARKDOWN_VIEWS).filter((view) => options.views !== null || view.rows.length > 0),
        options,
      ),
      markdownFindings(report),
    ].join('\n'),
};

function viewsOf(
  { result }: ErrorsReport,
  { views, columns }: ErrorsTerminalOptions,
  otherwise: readonly ErrorsViewName[],
): View<never>[] {
  const unasked = result.diff === null ? otherwise : [...new Set<ErrorsViewName>(['diff', ...otherwise])];
  return chosenLists(views, unasked, ERRORS_VIEWS, columns, (name) => errorsView(name, result));
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
