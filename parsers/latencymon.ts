/**
 * LatencyMon's report text (Resplendence), as saved or pasted into forums: blank lines and line breaks can be lost,
 * separators changed, µ damaged, colons left out by the tool itself. So labels are looked for, not columns.
 *
 *     LatencyMon has been analyzing your system for  0:01:00  (h:mm:ss) on all processors.
 *     Highest DPC routine execution time (µs):              128.007035
 *     Driver with highest DPC routine execution time:       ntoskrnl.exe - NT Kernel & System, Microsoft Corporation
 *     Total time spent in DPCs (%)                          0.136599
 *     DPC count (execution time 250-500 µs):                0
 *     CPU 0 DPC count:                                      196811
 */
import {
  CLAIMED,
  type Claim,
  linesOf,
  NOT_MINE,
  type Output,
  type Parser,
  type Prefix,
  type TextLine,
} from '../src/core/parser.js';
import type { SourceStream } from '../src/core/source.js';
import { dpcAggregate, dpcHistogram } from '../src/tables/dpc-aggregate.js';
import { checkEnd, checkSums, hasAllRanges, readBuckets, sum } from './latencymon/checks.js';
import { take } from './latencymon/figures.js';
import { FIGURES, LABELS, LIKE_A_FIGURE, labelsIn, type Place } from './latencymon/labels.js';
import { KINDS, type Kind, noFigures, type State } from './latencymon/report.js';

export const latencymon: Parser = {
  name: 'latencymon',
  title: 'LatencyMon report text',
  madeBy: 'LatencyMon: Edit > Copy report text to clipboard, or File > Save report',
  specification: 'https://www.resplendence.com/latencymon_technical',
  tables: [dpcAggregate, dpcHistogram],
  sniff,
  parse,
};

function sniff(prefix: Prefix): Claim {
  if (prefix.encoding === 'binary') return NOT_MINE;
  if (/LatencyMon\s{1,20}has\s{1,20}been\s{1,20}analyzing\s{1,20}your\s{1,20}system/i.test(prefix.text)) return CLAIMED;
  const kinds = LABELS.filter(([what, pattern]) => FIGURES.has(what) && prefix.text.search(pattern) >= 0);
  return kinds.length >= 2 ? CLAIMED : NOT_MINE;
}

/** Lines count as rows where one of their figures went into a row (a CPU's row is made of three lines). */
async function parse(stream: SourceStream, out: Output): Promise<void> {
  const state: State = {
    out,
    of: { ISR: noFigures(), DPC: noFigures() },
    taken: new Set(),
    durationS: null,
    separators: new Set(),
    cut: null,
  };
  for await (const line of linesOf(stream, out)) takeLine(state, line);
  finish(state);
}

/** Most lines hold one label; a report whose line breaks are lost holds all of them in one. */
function takeLine(state: State, line: TextLine): void {
  const { out } = state;
  const wanted = out.writer(dpcAggregate) !== null || out.writer(dpcHistogram) !== null;
  const found = labelsIn(line);
  let used = 0;
  let failed = 0;
  for (const one of found) {
    const taken = take(state, one);
    if (taken === 'row') used++;
    else if (taken === 'damaged') failed++;
  }
  const last = found.at(-1);
  if (!line.ended && last !== undefined && FIGURES.has(last.what)) state.cut = last;
  if (used > 0 && wanted) out.account.rows++;
  else if (failed > 0) out.account.skipped++;
  else if (found.length === 0 && LIKE_A_FIGURE.test(line.text)) {
    const message = 'lines that look like figures and have no label known here were passed over';
    out.skip('unreadable-line', message, { line: line.line, example: line.text });
  } else out.account.ignored++;
}

function finish(state: State): void {
  const { out } = state;
  for (const kind of KINDS) readBuckets(state, kind);
  for (const kind of KINDS) checkSums(state, kind);
  checkEnd(state);
  addNotes(state);
  const quotes = new Map<number, string>();
  out.quoteRow = (byte) => quotes.get(byte) ?? '';
  const rows = KINDS.map((kind) => writeKind(state, kind, quotes));
  if (sum(rows) === 0) {
    out.diagnostics.add('no-rows', 'error', 'the report holds no figures of DPCs or ISRs. Save or copy it as a whole.');
  }
}

function addNotes({ out, of, separators }: State): void {
  if (separators.size > 1) {
    const message = 'some figures have decimal points, others decimal commas: the text was edited or joined';
    out.diagnostics.add('number-mixed', 'warning', message);
  }
  const { notes } = out.about;
  const drivers = KINDS.flatMap((kind) => [of[kind].maxDriver, of[kind].totalDriver]);
  if (drivers.some((driver) => /^rsplll\w{0,8}\.sys$/i.test(driver?.module ?? ''))) {
    notes.push('rspLLL64.sys is LatencyMon’s own driver: its DPCs are part of the measurement');
  }
  if (KINDS.some((kind) => of[kind].buckets.length > 0)) {
    notes.push('LatencyMon counts a run that falls on the edge of two ranges in the upper one');
  }
}

/** Writes the rows of one kind; returns how many. */
function writeKind(state: State, kind: Kind, quotes: Map<number, string>): number {
  const of = state.of[kind];
  const sums = state.out.writer(dpcAggregate);
  const histogram = state.out.writer(dpcHistogram);
  const cited = ({ line, byte, quote }: Place): { line: number; byte: number } => {
    quotes.set(byte, quote);
    return { line, byte };
  };
  const runs = hasAllRanges(of.buckets) ? sum(of.buckets.map((b) => b.count)) : null;
  const allPlace = of.place ?? of.buckets[0] ?? null;
  const scope = { kind, module: null };
  let n = of.buckets.length + of.cpus.size;
  if (allPlace !== null) {
    n++;
    sums?.row({ ...scope, scope: 'all', count: runs, maxUs: of.max, percentOfCpu: of.percent, ...cited(allPlace) });
  }
  for (const [driver, figures] of [
    [of.maxDriver, { maxUs: of.max }],
    [of.totalDriver, { percentOfCpu: of.maxTotal }],
  ] as const) {
    if (driver === null) continue;
    n++;
    sums?.row({ kind, scope: 'module', module: driver.module, ...figures, ...cited(driver) });
  }
  for (const [cpu, { max, total, count: runsOfCpu, place }] of of.cpus) {
    sums?.row({ ...scope, scope: 'cpu', cpu, count: runsOfCpu, totalUs: total, maxUs: max, ...cited(place) });
  }
  for (const b of of.buckets)
    histogram?.row({ ...scope, scope: 'all', gtUs: b.lo, leUs: b.hi, count: b.count, ...cited(b) });
  return n;
}
