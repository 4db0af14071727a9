/** The `dump` answer as read on a screen. */
import type { DumpPattern, DumpResult } from '../../analyses/dump/result.js';
import type { Reportable } from '../document.js';
import { sourceLine } from '../source-line.js';
import {
  colorsOf,
  renderDiagnostics,
  renderFindings,
  renderTable,
  rowLimit,
  type TerminalOptions,
  wrap,
} from '../terminal.js';
import { chosenColumns } from '../views.js';
import { renderChains } from './chain-text.js';
import { renderDeadlocks } from './deadlock-text.js';
import { nameText } from './names.js';
import { renderPatterns, renderWatchdog } from './pattern-text.js';
import { renderSystem } from './system-text.js';
import { renderStacks, renderThreads } from './thread-text.js';
import { type DumpViewName, dumpView } from './views.js';

export interface DumpTerminalOptions extends TerminalOptions {
  /** Lists to show; null for those that have something to show. */
  readonly views: readonly DumpViewName[] | null;
  readonly columns: readonly string[] | null;
  readonly top: number | null;
  /** Frames shown of a stack; 0 = all. */
  readonly depth: number | null;
  /** Ids of threads to be shown with their whole stacks; null for none. */
  readonly inFull: ReadonlySet<string> | null;
}

export type DumpReport = Reportable & { readonly result: DumpResult };

/** Lists of the default screen behind the findings, and their rows. */
const DEFAULT_VIEWS: readonly [DumpViewName, number][] = [
  ['lock', 12],
  ['leak', 10],
  ['driver', 10],
  ['location', 24],
  ['queue', 8],
  ['nbl', 8],
  ['filter', 16],
  ['desktop', 10],
  ['port', 6],
];
const ORDER_ROWS = 10;
const DEFAULT_ROWS = 40;
const DEFAULT_FINDINGS = 12;
const MAX_UNKNOWN = 8;

export function renderDump(report: DumpReport, options: DumpTerminalOptions): string {
  const { result, findings } = report;
  const most = Math.max(DEFAULT_FINDINGS, rowLimit(options.top, DEFAULT_FINDINGS));
  const said = findings.slice(0, most).map(({ message }) => message);
  const parts = [header(report, options)];
  if (options.views !== null) for (const name of options.views) parts.push(asked(name, result, options));
  else parts.push(...screen(result, options));
  parts.push(renderFindings(findings, most, options));
  if (options.views === null) parts.push(...behind(result, said, options));
  parts.push(renderDiagnostics(report.diagnostics, options));
  return parts.filter((part) => part !== '').join('\n');
}

function header({ sources }: DumpReport, options: TerminalOptions): string {
  const lines = sources.map((source) => sourceLine(source, options.width));
  return `${colorsOf(options).bold('tracekit dump')}\n${lines.join('\n')}\n`;
}

/** What stands before the findings: what is told nowhere else. */
function screen(result: DumpResult, options: DumpTerminalOptions): string[] {
  const { deadlocks, chains, watchdog } = result;
  return [
    renderSystem(result, options),
    options.inFull === null ? '' : renderThreads(result, options.inFull, options),
    deadlocks.length === 0 ? '' : renderDeadlocks(result, options),
    chains.length === 0 ? '' : renderChains(result, options),
    watchdog === null ? '' : renderWatchdog(watchdog, options),
  ];
}

/** What stands behind them, where it has something to say. */
function behind(result: DumpResult, said: readonly string[], options: DumpTerminalOptions): string[] {
  const isSaid = ({ statement }: DumpPattern): boolean => said.some((message) => message.includes(statement));
  const untold = result.patterns.filter((pattern) => !isSaid(pattern) && !isDrawn(pattern, result));
  const cut = { ...result.cut };
  delete cut.patterns;
  const short = shortly(result);
  return [
    order(result, options),
    untold.length === 0 ? '' : renderPatterns({ ...result, patterns: untold, cut }, options),
    ...DEFAULT_VIEWS.map(([name, rows]) => {
      const text = table(name, short, rows, options);
      const hasTags = name === 'leak' && result.leakSuspects.some(({ kind }) => kind === 'pool-tag');
      return text !== '' && hasTags ? `${text}${wrap(OF_TAGS, options.width, 2)}\n` : text;
    }),
  ];
}

const OF_TAGS = 'Of pool tags, tracekit pool over the same log says more.';

/** Chains and deadlocks stand as trees above. */
function isDrawn({ name, statement, subjects }: DumpPattern, { chains, deadlocks }: DumpResult): boolean {
  if (name.startsWith('Deadlock'))
    return deadlocks.some(({ threads }) => subjects.length > 0 && threads.every((id) => subjects.includes(id)));
  return chains.some(({ root }) => statement.includes(root.statement));
}

/** A list that was asked for: it says so where it is empty. */
function asked(name: DumpViewName, result: DumpResult, options: DumpTerminalOptions): string {
  if (options.columns === null) {
    if (name === 'summary') return renderSystem(result, options);
    if (name === 'deadlock') return renderDeadlocks(result, options);
    if (name === 'chain') return renderChains(result, options);
    if (name === 'pattern') return renderPatterns(result, options);
    if (name === 'thread' && options.inFull !== null) return renderThreads(result, options.inFull, options);
    // Frames do not fit into a table.
    if (name === 'stack' && options.depth !== null) return renderStacks(result, options);
  }
  const view = dumpView(name, result);
  if (chosenColumns(view, options.columns).length === 0) return '';
  return renderTable(view, options.columns, rowLimit(options.top, DEFAULT_ROWS), options);
}

function table(name: DumpViewName, result: DumpResult, rows: number, options: DumpTerminalOptions): string {
  const view = dumpView(name, result);
  if (view.rows.length === 0 || chosenColumns(view, options.columns).length === 0) return '';
  return renderTable(view, options.columns, rowLimit(options.top, rows), options);
}

/** Locks that somebody holds or waits for, since of others a log may list thousands; ports and IRPs that say something. */
function shortly(result: DumpResult): DumpResult {
  const locks = result.locks.filter(
    ({ owners, ownerTid, waiters, waiterCount }) =>
      owners.length > 0 || ownerTid !== null || waiters.length > 0 || (waiterCount ?? 0) > 0,
  );
  const ports = result.ports.filter(({ queued, connections }) => (queued ?? 0) > 0 || connections.length > 0);
  return { ...result, locks, ports, irps: isOfIrpsAlone(result) ? result.irps : { ...result.irps, list: [] } };
}

/** Where a log holds nothing else, the stack locations of its IRPs are what it was made for. */
const isOfIrpsAlone = ({ threads, processes, locks, chains, patterns }: DumpResult): boolean =>
  [threads, processes, locks, chains, patterns].every((list) => list.length === 0);

/** Longest waits; those that are not known apart, since they may be longer still. */
function order(result: DumpResult, options: DumpTerminalOptions): string {
  const known = result.order.filter(({ waitMs }) => waitMs !== null);
  const unknown = result.order.slice(known.length);
  if (result.order.length === 0) return '';
  const cut = { ...result.cut };
  delete cut.order;
  const of = Math.max(known.length, (result.cut.order ?? 0) - unknown.length);
  const text = table('order', { ...result, order: known, cut: { ...cut, order: of } }, ORDER_ROWS, options);
  if (unknown.length === 0 || options.columns !== null) return text;
  const some = unknown.slice(0, rowLimit(options.top, MAX_UNKNOWN)).map(({ thread }) => nameText(thread));
  const more = unknown.length - some.length;
  const said = `Wait not known: ${some.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return `${text}${wrap(said, options.width, 2)}\n`;
}
