/** The `errors` answer as read on a screen. */
import type { ErrorsResult } from '../../analyses/errors/result.js';
import { durationText } from '../../core/duration-text.js';
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
import { strip } from './strip.js';
import { type ErrorsViewName, errorsView } from './views.js';

export interface ErrorsTerminalOptions extends TerminalOptions {
  /** Lists to show; null for those that have something to show. */
  readonly views: readonly ErrorsViewName[] | null;
  readonly columns: readonly string[] | null;
  readonly top: number | null;
}

export type ErrorsReport = Reportable & { readonly result: ErrorsResult };

/** Lists of the default screen, and their rows. */
const LISTS: readonly [ErrorsViewName, number][] = [
  ['template', 20],
  ['periodic', 15],
];
const BEHIND: readonly [ErrorsViewName, number][] = [
  ['disk', 10],
  ['gap', 8],
  ['span', 10],
  ['change', 8],
];
const OF_DIFF: readonly [ErrorsViewName, number][] = [
  ['diff', 30],
  ['span-diff', 10],
];
const DEFAULT_ROWS = 40;
const DEFAULT_FINDINGS = 10;

export function renderErrors(report: ErrorsReport, options: ErrorsTerminalOptions): string {
  const { result, findings } = report;
  const most = Math.max(DEFAULT_FINDINGS, rowLimit(options.top, DEFAULT_FINDINGS));
  const told = renderFindings(findings, most, options);
  const parts = [header(report, options), summary(result, options)];
  if (options.views !== null) {
    for (const name of options.views) parts.push(asked(name, result, options));
    parts.push(told);
  } else if (result.diff !== null) parts.push(...lists(OF_DIFF, result, options));
  else parts.push(...lists(LISTS, result, options), told, ...lists(BEHIND, result, options));
  parts.push(renderDiagnostics(report.diagnostics, options));
  return parts.filter((part) => part !== '').join('\n');
}

function header({ sources }: ErrorsReport, options: TerminalOptions): string {
  const lines = sources.map((source) => sourceLine(source, options.width));
  return `${colorsOf(options).bold('tracekit errors')}\n${lines.join('\n')}\n`;
}

/** How much there is, over what time, and when. */
function summary(
  { messages, withoutTime, templates, threads, window, perSecond, timeline, by }: ErrorsResult,
  options: TerminalOptions,
): string {
  const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
  const of = by === 'thread' ? `, ${count(threads.length, 'thread')}` : '';
  const rate =
    perSecond === null ? '' : `, ${perSecond >= 100 ? perSecond.toFixed(0) : perSecond.toPrecision(2)} a second`;
  const time = window === null ? '' : ` over ${durationText((window.endUs - window.startUs) / 1000)}${rate}`;
  const without = withoutTime === 0 ? '' : `; ${withoutTime} without a time`;
  const lines = [
    wrap(
      `${count(messages, 'message')}, ${count(templates.length, 'template')}${of}${time}${without}`,
      options.width,
      2,
    ),
  ];
  if (timeline.counts.length > 0 && messages > 1) {
    const blocks = strip(timeline.counts, Math.min(timeline.counts.length, options.width - 4));
    lines.push(`|${blocks}|`);
  }
  return `${lines.join('\n')}\n`;
}

function lists(
  names: readonly [ErrorsViewName, number][],
  result: ErrorsResult,
  options: ErrorsTerminalOptions,
): string[] {
  return names.map(([name, rows]) => {
    const view = errorsView(name, result);
    if (view.rows.length === 0 && name !== 'template') return '';
    if (options.columns !== null && chosenColumns(view, options.columns).length === 0) return '';
    return renderTable(view, options.columns, rowLimit(options.top, rows), options, `--view ${name} --top 0 shows all`);
  });
}

/** A list that was asked for: it says so where it is empty. */
function asked(name: ErrorsViewName, result: ErrorsResult, options: ErrorsTerminalOptions): string {
  const view = errorsView(name, result);
  if (options.columns !== null && chosenColumns(view, options.columns).length === 0) return '';
  return renderTable(view, options.columns, rowLimit(options.top, DEFAULT_ROWS), options);
}
