/** Every output of a `dump` answer. A new one is a file beside this and a line in `DUMP_OUTPUTS`. */
import type { DumpResult } from '../analyses/dump/result.js';
import { renderJson } from './document.js';
import { type DumpReport, type DumpTerminalOptions, renderDump } from './dump/terminal.js';
import { DUMP_VIEWS, type DumpViewName, dumpView } from './dump/views.js';
import { chosenLists, listsCsv, listsMarkdown, listsNdjson } from './lists.js';
import { markdownFindings } from './markdown.js';
import type { View } from './views.js';
import { renderDot } from './wait-graph/dot.js';
import { waitGraph } from './wait-graph/graph.js';
import { mermaidText, renderMermaid } from './wait-graph/mermaid.js';

export type { DumpReport } from './dump/terminal.js';

export const DUMP_RENDER_DEFAULTS: DumpTerminalOptions = {
  width: 160,
  color: false,
  views: null,
  columns: null,
  top: null,
  depth: null,
  inFull: null,
};

type Output = (report: DumpReport, options: DumpTerminalOptions) => string;

/** Lists of a ticket, where they have rows. */
const MARKDOWN_VIEWS = ['summary', 'deadlock', 'chain', 'order', 'pattern', 'lock', 'leak', 'quality'] as const;
/** Nodes of a graph that a ticket shows whole. */
const MARKDOWN_NODES = 60;

export const DUMP_OUTPUTS: Readonly<Record<string, Output>> = {
  table: renderDump,
  json: renderJson,
  ndjson: (report, options) => listsNdjson(viewsOf(report, options, ['thread']), options),
  csv: (report, options) => listsCsv(viewsOf(report, options, ['thread']), options),
  md: (report, options) =>
    [
      ...listsMarkdown(
        viewsOf(options.views === null ? oneChainEach(report) : report, options, MARKDOWN_VIEWS).filter(
          (view) => options.views !== null || view.rows.length > 0,
        ),
        options,
      ),
      options.views === null && options.columns === null ? drawn(report.result) : '',
      markdownFindings(report),
    ]
      .filter((part) => part !== '')
      .join('\n'),
  dot: ({ result }) => renderDot(result),
  mermaid: ({ result }) => renderMermaid(result),
};

/** The first chain of each root: forty threads that wait for one would be forty rows that differ in a word. */
function oneChainEach(report: DumpReport): DumpReport {
  const { result } = report;
  const chains = [...new Map(result.chains.toReversed().map((chain) => [chain.root.node, chain])).values()].reverse();
  return { ...report, result: { ...result, chains, cut: { ...result.cut, chains: chains.length } } };
}

/** The wait graph in a fence that ticket systems draw; '' where there is none, or too much of it. */
function drawn(result: DumpResult): string {
  const graph = waitGraph(result, MARKDOWN_NODES);
  if (graph.edges.length === 0 || graph.nodesLeft > 0) return '';
  return `### Who waits for whom\n\n\`\`\`mermaid\n${mermaidText(graph)}\`\`\`\n`;
}

function viewsOf(
  { result }: DumpReport,
  { views, columns }: DumpTerminalOptions,
  otherwise: readonly DumpViewName[],
): View<never>[] {
  return chosenLists(views, otherwise, DUMP_VIEWS, columns, (name) => dumpView(name, result));
}

/** An answer with nothing in it. */
export const EMPTY_DUMP: DumpResult = {
  system: {
    bugcheck: null,
    windows: null,
    build: null,
    architecture: null,
    cpus: null,
    machine: null,
    debugSessionUtc: null,
    uptimeMs: null,
    nowTicks: null,
    tickMs: null,
    modules: [],
    processors: [],
  },
  quality: [],
  threads: [],
  processes: [],
  locks: [],
  waitEdges: [],
  chains: [],
  deadlocks: [],
  order: [],
  patterns: [],
  irps: { byDriver: [], byThread: [], list: [] },
  memory: null,
  leakSuspects: [],
  watchdog: null,
  ports: [],
  filters: [],
  desktops: [],
  nbls: null,
  cut: {},
};

/** Column names of a list, for `--columns`. */
export function dumpColumns(view: DumpViewName): string[] {
  return dumpView(view, EMPTY_DUMP).columns.map((column) => column.key);
}
