/** The `dpc` answer as read on a screen. */
import type { DpcResult, DurationHistogram } from '../analyses/dpc-result.js';
import { printable } from '../core/text.js';
import type { Reportable } from './document.js';
import { type DpcViewName, dpcView } from './dpc-views.js';
import { sourceLine } from './source-line.js';
import {
  bar,
  colorsOf,
  renderDiagnostics,
  renderFindings,
  renderTable,
  rowLimit,
  type TerminalOptions,
  wrap,
} from './terminal.js';

/** Which lists are shown unless `--by` says otherwise, and how many rows of each unless `--top` does. */
const DEFAULT_VIEWS: readonly [DpcViewName, number][] = [
  ['module', 20],
  ['function', 12],
  ['cpu', 32],
  ['run', 10],
  ['interval', 10],
];
const DEFAULT_ROWS = 30;
const DEFAULT_FINDINGS = 12;

export interface DpcTerminalOptions extends TerminalOptions {
  readonly by: readonly DpcViewName[] | null;
  readonly columns: readonly string[] | null;
  readonly top: number | null;
  /** Histograms of every module, not of all DPCs and all ISRs only. */
  readonly allHistograms: boolean;
}

/** The whole screen: sources, tables, histogram, findings, what reading found. */
export function renderDpc(report: Reportable & { readonly result: DpcResult }, options: DpcTerminalOptions): string {
  const { result } = report;
  const parts = [header(report, options)];
  const views = options.by?.map((by): [DpcViewName, number] => [by, DEFAULT_ROWS]) ?? DEFAULT_VIEWS;
  for (const [name, rows] of views) {
    if (name === 'histogram') continue;
    const view = dpcView(name, result);
    if (view.rows.length === 0 && options.by === null) continue;
    parts.push(renderTable(view, options.columns, rowLimit(options.top, rows), options));
  }
  if (options.by === null || options.by.includes('histogram')) {
    const isEmpty = options.by !== null && result.histograms.length === 0;
    parts.push(isEmpty ? renderTable(dpcView('histogram', result), null, 0, options) : histograms(result, options));
  }
  parts.push(
    renderFindings(report.findings, Math.max(DEFAULT_FINDINGS, rowLimit(options.top, DEFAULT_FINDINGS)), options),
  );
  parts.push(renderDiagnostics(report.diagnostics, options));
  return parts.filter((part) => part !== '').join('\n');
}

function header(report: Reportable & { result: DpcResult }, options: TerminalOptions): string {
  const c = colorsOf(options);
  const { startUs, endUs, cpus } = report.result.window;
  const span = startUs === null || endUs === null ? 'length unknown' : `${((endUs - startUs) / 1e6).toFixed(3)} s`;
  const lines = report.sources.map((source) => sourceLine(source, options.width));
  const from = startUs === null ? '' : ` from ${(startUs / 1e6).toFixed(6)} s`;
  const about = `${cpus ?? 'unknown number of'} CPUs; times in µs from the start of the trace`;
  lines.push(wrap(`Window: ${span}${from}, ${about}`, options.width, 2));
  const assumed = report.sources.find((s) => s.about.assumedTimestamp !== null);
  if (assumed !== undefined && report.result.modules.length > 0) {
    const end = assumed.about.assumedTimestamp === 'end';
    lines.push(
      wrap(
        `TimeStamp is taken as the ${end ? 'end' : 'start'} of a run (start = TimeStamp${end ? ' - ElapsedTime' : ''}); the format does not say`,
        options.width,
        2,
      ),
    );
  }
  if (report.sources.every((s) => !s.about.functionNames)) {
    lines.push(
      wrap(
        'A raw log holds no function names: routines are shown by their offset in the image (in a debugger: ln ndis+0x1a00)',
        options.width,
        2,
      ),
    );
  }
  return `${c.bold('tracekit dpc')}\n${lines.join('\n')}\n`;
}

const BAR = 40;
const RANGE = 28;

function histograms(result: DpcResult, options: DpcTerminalOptions): string {
  const wanted = result.histograms.filter((h) => h.buckets.length > 0 && (options.allHistograms || h.module === null));
  const shown = wanted.length > 0 ? wanted : result.histograms.slice(0, 4);
  return shown
    .slice(0, rowLimit(options.top, options.allHistograms ? 12 : 4))
    .map((histogram) => drawn(histogram, options))
    .join('\n');
}

function drawn(histogram: DurationHistogram, options: TerminalOptions): string {
  const c = colorsOf(options);
  const total = histogram.buckets.reduce((sum, b) => sum + b.count, 0);
  const most = Math.max(1, ...histogram.buckets.map((b) => b.count));
  const whose =
    histogram.module === null
      ? `all ${histogram.kind ?? 'run'}s`
      : `${histogram.kind ?? ''} ${printable(histogram.module)}`;
  // LatencyMon's ranges hold their lower edge, xperf's their upper one.
  const latencyMon = histogram.buckets[0]?.leUs === 250;
  const widths = Math.max(5, String(most).length);
  const lines = histogram.buckets.flatMap((b, i, all) => {
    // xperf leaves empty buckets out; a gap of several is shown as one line, so that the bars keep their scale.
    const empty = (at: number): boolean => !latencyMon && all[at]?.count === 0;
    if (empty(i) && empty(i - 1)) return [];
    if (empty(i) && empty(i + 1)) return ['...'.padStart(RANGE)];
    const percent = total === 0 ? '0.00' : ((100 * b.count) / total).toFixed(2);
    const drawnBar = bar(b.count / most, Math.max(0, Math.min(BAR, options.width - RANGE - widths - 14)));
    const range = rangeText(b, latencyMon).padStart(RANGE);
    return [`${range}  ${String(b.count).padStart(widths)}  ${percent.padStart(6)} %  ${drawnBar}`.trimEnd()];
  });
  return `${c.bold(`Durations of ${whose.trim()} (${total})`)}\n${lines.join('\n')}\n`;
}

function rangeText({ gtUs, leUs }: { gtUs: number; leUs: number | null }, lowerEdgeIn: boolean): string {
  if (lowerEdgeIn) return leUs === null ? `>= ${gtUs} µs` : gtUs === 0 ? `< ${leUs} µs` : `${gtUs} - ${leUs} µs`;
  return leUs === null ? `> ${gtUs} µs` : `> ${gtUs} and <= ${leUs} µs`;
}
