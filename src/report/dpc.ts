/** Every output of a `dpc` answer. A new one is a file beside this and a line in `OUTPUTS`. */
import type { DpcResult } from '../analyses/dpc-result.js';
import { EXIT, TracekitError } from '../core/error.js';
import { printable } from '../core/text.js';
import { type Reportable, renderJson } from './document.js';
import { type DpcTerminalOptions, renderDpc } from './dpc-terminal.js';
import { DPC_VIEWS, type DpcViewName, dpcView } from './dpc-views.js';
import { markdownFindings } from './markdown.js';
import { renderCsv, renderMarkdown, renderNdjson } from './rows.js';
import type { View } from './views.js';

export interface RenderOptions extends DpcTerminalOptions {
  readonly format: string;
}

type DpcReport = Reportable & { readonly result: DpcResult };

const RENDER_DEFAULTS: RenderOptions = {
  format: 'table',
  width: 160,
  color: false,
  by: null,
  columns: null,
  top: null,
  allHistograms: false,
};

const OUTPUTS: Readonly<Record<string, (report: DpcReport, options: RenderOptions) => string>> = {
  table: renderDpc,
  json: renderJson,
  ndjson: (report, options) =>
    viewsOf(report, options, ['module'])
      .map((view) => renderNdjson(view, options.columns))
      .join(''),
  csv: (report, options) =>
    viewsOf(report, options, ['module'])
      .map((view) => renderCsv(view, options.columns))
      .join('\n'),
  md: (report, options) =>
    [
      ...viewsOf(report, options, ['module', 'function', 'cpu', 'run']).map((view) =>
        renderMarkdown(view, options.columns, options.top === null ? 30 : options.top || Number.POSITIVE_INFINITY),
      ),
      markdownFindings(report),
    ].join('\n'),
};

/** The answer as text in one of the outputs `table`, `json`, `ndjson`, `csv`, `md`. Throws TracekitError for another. */
export function render(report: DpcReport, options: Partial<RenderOptions> = {}): string {
  const all = { ...RENDER_DEFAULTS, ...options };
  if (!Object.hasOwn(OUTPUTS, all.format)) {
    throw new TracekitError(
      `no output '${printable(all.format)}'. Known: ${Object.keys(OUTPUTS).join(', ')}.`,
      EXIT.usage,
    );
  }
  return OUTPUTS[all.format](report, all);
}

function viewsOf(report: DpcReport, options: RenderOptions, otherwise: readonly DpcViewName[]): View<never>[] {
  return (options.by ?? otherwise).map((name) => dpcView(name, report.result));
}

const EMPTY: DpcResult = {
  window: { startUs: null, endUs: null, cpus: null },
  thresholds: { dpcUs: 0, isrUs: 0 },
  modules: [],
  functions: [],
  kinds: [],
  cpus: [],
  histograms: [],
  occurrences: [],
  intervals: [],
  storms: [],
  longest: null,
  cut: {},
};

/** Column names of a list, for `--columns`. */
export function viewColumns(view: DpcViewName): string[] {
  return dpcView(view, EMPTY).columns.map((column) => column.key);
}

export { DPC_VIEWS, type DpcViewName };
