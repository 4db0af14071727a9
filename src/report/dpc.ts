/** Every output of a `dpc` answer. A new one is a file beside this and a line in `DPC_OUTPUTS`. */
import type { DpcResult } from '../analyses/dpc-result.js';
import { type Reportable, renderJson } from './document.js';
import { type DpcTerminalOptions, renderDpc } from './dpc-terminal.js';
import { type DpcViewName, dpcView } from './dpc-views.js';
import { listsCsv, listsMarkdown, listsNdjson } from './lists.js';
import { markdownFindings } from './markdown.js';
import type { View } from './views.js';

export type DpcReport = Reportable & { readonly result: DpcResult };

export const DPC_RENDER_DEFAULTS: DpcTerminalOptions = {
  width: 160,
  color: false,
  by: null,
  columns: null,
  top: null,
  allHistograms: false,
};

export const DPC_OUTPUTS: Readonly<Record<string, (report: DpcReport, options: DpcTerminalOptions) => string>> = {
  table: renderDpc,
  json: renderJson,
  ndjson: (report, options) => listsNdjson(viewsOf(report, options, ['module']), options),
  csv: (report, options) => listsCsv(viewsOf(report, options, ['module']), options),
  md: (report, options) =>
    [
      ...listsMarkdown(viewsOf(report, options, ['module', 'function', 'cpu', 'run']), options),
      markdownFindings(report),
    ].join('\n'),
};

function viewsOf(report: DpcReport, options: DpcTerminalOptions, otherwise: readonly DpcViewName[]): View<never>[] {
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
export function dpcColumns(view: DpcViewName): string[] {
  return dpcView(view, EMPTY).columns.map((column) => column.key);
}
