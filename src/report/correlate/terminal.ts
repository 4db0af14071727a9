/** The answer of `correlate` on a screen: verdict, causes with what speaks for and against them, time line, what is open. */
import type { Cause, CorrelateResult, Point } from '../../../correlate/result.js';
import { durationText } from '../../core/duration-text.js';
import type { Evidence } from '../../core/evidence.js';
import { printable } from '../../core/text.js';
import type { Reportable } from '../document.js';
import { sourceLine } from '../source-line.js';
import { colorsOf, renderDiagnostics, rowLimit, type TerminalOptions, wrap } from '../terminal.js';
import { ofEachSide, placeNames } from './places.js';
import { stripLines } from './strips.js';

export interface CorrelateReport extends Reportable {
  readonly result: CorrelateResult;
}

export interface CorrelateTerminalOptions extends TerminalOptions {
  /** Causes shown, with all of their points; null for some. */
  readonly top: number | null;
}

const SHOWN = 5;
const POINTS_SHOWN = 8;
const MOST_TEXT = 4000;

export function renderCorrelate(report: CorrelateReport, options: CorrelateTerminalOptions): string {
  const c = colorsOf(options);
  const { result } = report;
  const place = placeNames(report.sources);
  const limit = rowLimit(options.top, SHOWN);
  const lines = [
    c.bold('tracekit correlate'),
    ...report.sources.map((source) => c.dim(sourceLine(source, options.width))),
    '',
    c.bold('Verdict'),
    wrap(safe(result.verdict.statement), options.width, 0),
    '',
    ...clockLines(result, options),
    '',
    ...stripLines(result, options),
    ...result.causes.slice(0, limit).flatMap((cause) => [...causeLines(cause, place, options), '']),
    ...(result.causes.length > limit
      ? [c.dim(`(${limit} of ${result.causes.length} causes shown; --top 0 shows all)`), '']
      : []),
    ...unexplainedLines(result, place, options),
    ...missingLines(result, options),
    ...joinLines(result, options),
  ];
  return `${lines.join('\n')}\n${renderDiagnostics(report.diagnostics, options)}`;
}

const safe = (text: string): string => printable(text, MOST_TEXT);

/** How dump and trace lie to each other. */
export const offsetText = (offsetMs: number, uncertaintyMs: number | null): string =>
  `the dump is ${durationText(Math.abs(offsetMs))} ${offsetMs < 0 ? 'before' : 'after'} the start of the trace, ± ${durationText(uncertaintyMs ?? 0)}`;

function clockLines({ alignment }: CorrelateResult, options: TerminalOptions): string[] {
  const { offsetMs, uncertaintyMs, sameBoot, gapMs, asked, overlapMs, statement } = alignment;
  const c = colorsOf(options);
  const figures = [
    offsetMs === null ? 'trace and dump are not on one clock' : offsetText(offsetMs, uncertaintyMs),
    gapMs === null || gapMs === 0 ? null : `the trace ends ${durationText(gapMs)} before the dump`,
    overlapMs === null || asked === null
      ? null
      : `it holds ${durationText(overlapMs)} of ${asked.what} (${durationText(asked.ms)})`,
    sameBoot === null ? 'same boot: unknown' : `same boot: ${sameBoot ? 'yes' : 'no'}`,
  ].filter((one) => one !== null);
  return [c.bold('Clocks'), wrap(figures.join('; '), options.width, 0), c.dim(wrap(safe(statement), options.width, 0))];
}

function causeLines(cause: Cause, place: (e: Evidence) => string, options: TerminalOptions): string[] {
  const c = colorsOf(options);
  const { rank, cause: kind, culprit, confidence, score, statement, points, limits, next } = cause;
  const paint = confidence === 'high' ? c.red : confidence === 'medium' ? c.yellow : c.cyan;
  const who = culpritText(culprit);
  const lines = [
    wrap(
      `${c.bold(`${rank}. ${kind}`)}${who === '' ? '' : `: ${who}`}  ${paint(`${confidence} confidence`)}, ${score} of 100 points`,
      options.width,
      3,
    ),
    wrap(`   ${safe(statement)}`, options.width, 3),
  ];
  const quoted = new Set<string>();
  const shown = [...points].sort((a, b) => Math.abs(b.points) - Math.abs(a.points)).slice(0, POINTS_SHOWN);
  const listed = (title: string, of: readonly Point[]): string[] =>
    of.length === 0 ? [] : [`   ${title}`, ...of.flatMap((one) => pointLines(one, place, quoted, options))];
  lines.push(
    ...listed(
      'for',
      shown.filter((one) => one.points > 0),
    ),
  );
  lines.push(
    ...listed(
      'against',
      shown.filter((one) => one.points <= 0),
    ),
  );
  if (points.length > shown.length) lines.push(c.dim(`   (${points.length - shown.length} smaller points not shown)`));
  for (const limit of limits) lines.push(wrap(`   not surer: ${safe(limit)}`, options.width, 14));
  for (const step of next) lines.push(wrap(`   next: ${safe(step)}`, options.width, 9));
  return lines;
}

export function culpritText({
  module,
  function: fn,
  process,
  pid,
  thread,
  remote,
  resource,
}: Cause['culprit']): string {
  const code = module === null ? null : `${module}${fn === null ? '' : `!${fn}`}`;
  const who = process === null ? null : `${process}${pid === null ? '' : ` (${pid})`}`;
  return [code, who, thread, remote, resource]
    .filter((one) => one !== null)
    .map((one) => safe(one))
    .join(', ');
}

/** A point with a place of each side; lines that were quoted before are named only. */
function pointLines(
  { points, statement, evidence }: Point,
  place: (e: Evidence) => string,
  quoted: Set<string>,
  options: TerminalOptions,
): string[] {
  const c = colorsOf(options);
  const sign = points > 0 ? `+${points}` : String(points);
  const lines = [wrap(`   ${sign.padStart(5)}  ${safe(statement)}`, options.width, 10)];
  const known: string[] = [];
  for (const one of ofEachSide(evidence)) {
    const where = place(one);
    if (quoted.has(where)) {
      known.push(where);
      continue;
    }
    quoted.add(where);
    lines.push(
      c.dim(wrap(`          ${where} "${printable(one.quote, 160).replace(/\s+/g, ' ')}"`, options.width, 12)),
    );
  }
  if (known.length > 0) lines.push(c.dim(wrap(`          ${known.join(', ')}`, options.width, 12)));
  return lines;
}

function unexplainedLines(
  { unexplained }: CorrelateResult,
  place: (e: Evidence) => string,
  options: TerminalOptions,
): string[] {
  if (unexplained.length === 0) return [];
  const c = colorsOf(options);
  return [
    c.bold('Not explained'),
    ...unexplained.flatMap(({ statement, evidence, next }) => [
      wrap(`- ${safe(statement)}`, options.width, 2),
      ...evidence
        .slice(0, 1)
        .map((one) =>
          c.dim(wrap(`  ${place(one)} "${printable(one.quote, 160).replace(/\s+/g, ' ')}"`, options.width, 4)),
        ),
      ...next.map((step) => wrap(`  next: ${safe(step)}`, options.width, 8)),
    ]),
    '',
  ];
}

function missingLines({ missing }: CorrelateResult, options: TerminalOptions): string[] {
  if (missing.length === 0) return [];
  const c = colorsOf(options);
  return [
    c.bold('Not measured'),
    ...missing.flatMap(({ what, why, next }) => [
      wrap(`- ${safe(what)}: ${safe(why)}`, options.width, 2),
      wrap(`  next: ${safe(next)}`, options.width, 8),
    ]),
    '',
  ];
}

function joinLines({ joins }: CorrelateResult, options: CorrelateTerminalOptions): string[] {
  const c = colorsOf(options);
  if (joins.length === 0) return [c.bold('Joined'), 'nothing: no thread, process, module, tag or name is in both', ''];
  const limit = rowLimit(options.top, 10);
  return [
    c.bold('Joined (rows of the trace, rows of the dump)'),
    ...joins
      .slice(0, limit)
      .map(({ kind, key, traceRows, dumpRows, strength, statement }) =>
        wrap(`- ${kind} ${safe(key)}: ${traceRows}, ${dumpRows}; ${strength}: ${safe(statement)}`, options.width, 2),
      ),
    ...(joins.length > limit ? [c.dim(`(${limit} of ${joins.length} shown; --top 0 shows all)`)] : []),
    '',
  ];
}
