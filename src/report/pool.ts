/** Every output of a `pool` answer. A new one is a file beside this and a line in `POOL_OUTPUTS`. */
import type { PoolResult } from '../analyses/pool/result.js';
import { type Reportable, renderJson } from './document.js';
import { chosenLists, listsCsv, listsMarkdown, listsNdjson } from './lists.js';
import { markdownFindings } from './markdown.js';
import { weightedStacks } from './pool-stacks.js';
import { type PoolTerminalOptions, renderPool } from './pool-terminal.js';
import { POOL_VIEWS, type PoolViewName, poolView } from './pool-views.js';
import { renderCollapsed } from './stacks/collapsed.js';
import { renderFlameGraph } from './stacks/flame-graph.js';
import { renderSpeedscope } from './stacks/speedscope.js';
import type { View } from './views.js';

export type PoolReport = Reportable & { readonly result: PoolResult };

export const POOL_RENDER_DEFAULTS: PoolTerminalOptions = {
  width: 160,
  color: false,
  views: null,
  tree: null,
  columns: null,
  top: null,
  depth: null,
};

type Output = (report: PoolReport, options: PoolTerminalOptions) => string;

export const POOL_OUTPUTS: Readonly<Record<string, Output>> = {
  table: renderPool,
  json: renderJson,
  ndjson: (report, options) => listsNdjson(viewsOf(report, options, ['tag']), options),
  csv: (report, options) => listsCsv(viewsOf(report, options, ['tag']), options),
  md: (report, options) =>
    [
      ...listsMarkdown(
        viewsOf(report, options, ['total', 'tag', 'stack']).filter(
          (view) => options.views !== null || view.rows.length > 0,
        ),
        options,
      ),
      markdownFindings(report),
    ].join('\n'),
  collapsed: ({ result }) => renderCollapsed(weightedStacks(result)),
  speedscope: ({ result, sources }) =>
    renderSpeedscope(weightedStacks(result), `pool of ${sources.map(({ path }) => path).join(', ')}`),
  flamegraph: ({ result, sources }, { tree }) =>
    renderFlameGraph(weightedStacks(result), {
      title: 'Outstanding pool by allocating stack',
      subtitle: sources.map(({ path }) => path).join(', '),
      unit: 'bytes',
      direction: tree ?? 'top-down',
    }),
};

function viewsOf(
  { result }: PoolReport,
  { views, columns }: PoolTerminalOptions,
  otherwise: readonly PoolViewName[],
): View<never>[] {
  return chosenLists(views, otherwise, POOL_VIEWS, columns, (name) => poolView(name, result));
}

const EMPTY: PoolResult = {
  window: { startUs: null, endUs: null },
  totals: [],
  tags: [],
  stacks: [],
  snapshots: [],
  groups: [],
  timeline: null,
  peaks: [],
  exhaustion: [],
  blocks: [],
  tree: [],
  counters: [],
  tagPlaces: [],
  cut: {},
};

/** Column names of a list, for `--columns`. */
export function poolColumns(view: PoolViewName): string[] {
  return poolView(view, EMPTY).columns.map((column) => column.key);
}
