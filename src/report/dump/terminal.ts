/** The `dump` answer as read on a screen. */
import type { DumpResult } from '../../analyses/dump/result.js';
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

/** Lists of the default screen behind chains and deadlocks, and their rows. */
const DEFAULT_VIEWS: readonly [DumpViewName, number][] = [
  ['lock', 12],
  ['leak', 10],
  ['driver', 10],
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
  else parts.push(...screen(result, said, options));
  parts.push(renderFindings(findings, most, options));
  parts.push(renderDiagnostics(report.diagnostics, options));
  return parts.filter((part) => part !== '').join('\n');
}

function header({ sources }: DumpReport, options: TerminalOptions): string {
  const lines = sources.map((source) => sourceLine(source, options.width));
  return `${colorsOf(options).bold('tracekit dump')}\n${lines.join('\n')}\n`;
}

/** What has something to say, worst first. */
function screen(result: DumpResult, said: readonly string[], options: DumpTerminalOptions): string[] {
  const isSaid = (statement: string): boolean => said.some((message) => message.includes(statement));
  const { deadlocks, chains, patterns, watchdog } = result;
  return [
    renderSystem(result, options),
    options.inFull === null ? '' : renderThreads(result, options.inFull, options),
    deadlocks.length === 0 ? '' : renderDeadlocks(result, options),
    chains.length === 0 ? '' : renderChains(result, options),
    watchdog === null ? '' : renderWatchdog(watchdog, options),
    order(result, options),
    patterns.length === 0 ? '' : renderPatterns(result, options, isSaid),
    ...DEFAULT_VIEWS.map(([name, rows]) => table(name, shortly(result), rows, options)),
  ];
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

/** Locks that somebody holds or waits for: of others a log may list thousands. */
function shortly(result: DumpResult): DumpResult {
  const locks = result.locks.filter(
    ({ owners, ownerTid, waiters, waiterCount }) =>
      owners.length > 0 || ownerTid !== null || waiters.length > 0 || (waiterCount ?? 0) > 0,
  );
  return { ...result, locks };
}

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
