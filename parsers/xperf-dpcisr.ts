/**
 * `xperf -i x.etl -a dpcisr`: sums by module and CPU, then histograms, for DPCs and for ISRs.
 * Options: https://learn.microsoft.com/windows-hardware/test/wpt/dpcisr
 *
 * Real reports are seen as heads and as fragments, with runs of blanks collapsed and with headings of their authors';
 * so every line is told by itself, and nothing is taken from widths or from the order of the blocks.
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
import { dpcIntervalUsage } from '../src/tables/dpc-interval-usage.js';
import { readInterval, readIntervalColumns } from './xperf-dpcisr/intervals.js';
import { CELL, CONTROL, CPU_COLUMNS, DATA, KNOWN, MARKS, TOTAL, WINDOW } from './xperf-dpcisr/patterns.js';
import {
  cellsOf,
  cpusIn,
  type Fate,
  type Kind,
  moduleOf,
  noteKind,
  type State,
  sayNoCpus,
} from './xperf-dpcisr/report.js';
import {
  endHistogram,
  readAllModules,
  readBucket,
  readBucketsEnd,
  readTotal,
  startSection,
} from './xperf-dpcisr/totals.js';

/** `xperf -a dpcisr` report text. */
export const xperfDpcisr: Parser = {
  name: 'xperf-dpcisr',
  title: 'xperf dpcisr report: DPC and ISR time by module, with histograms',
  madeBy: 'xperf -i trace.etl -o report.txt -a dpcisr',
  specification: 'https://learn.microsoft.com/windows-hardware/test/wpt/dpcisr',
  tables: [dpcAggregate, dpcHistogram, dpcIntervalUsage],
  sniff,
  parse,
};

function sniff(prefix: Prefix): Claim {
  const claims = prefix.lines.some((line) => {
    const text = line.length > 300 ? '' : line.trim();
    // `Total = N` alone could be anyone's.
    return MARKS.some((mark) => mark.test(text) && (mark !== TOTAL || /for module/i.test(text)));
  });
  return claims ? CLAIMED : NOT_MINE;
}

async function parse(stream: SourceStream, out: Output): Promise<void> {
  const state: State = {
    out,
    aggregates: out.writer(dpcAggregate),
    buckets: out.writer(dpcHistogram),
    intervals: out.writer(dpcIntervalUsage),
    kind: null,
    cpus: null,
    intervalCpus: null,
    histogram: null,
    sectionTotal: null,
    modulesTotal: null,
    modulesSeen: new Set(),
    usageRows: 0,
    totals: 0,
  };
  let last = 0;
  for await (const line of linesOf(stream, out)) {
    account(state, readLine(state, line), line);
    last = line.line;
  }
  finish(state, last);
}

function readLine(state: State, line: TextLine): Fate {
  const text = line.text.trim();
  if (text === '') return 'ignored';
  // Untrusted lines may be long: what follows looks at lines of a length that reports have.
  if (text.length > 65536 || CONTROL.test(text)) return 'damaged';
  return (
    readUsageRow(state, text, line) ??
    readInterval(state, text, line) ??
    readIntervalColumns(state, text) ??
    readBucket(state, text, line) ??
    readTotal(state, text, line) ??
    readBucketsEnd(state, text, line) ??
    readAllModules(state, text, line) ??
    readColumns(state, text) ??
    readWindow(state, text, line) ??
    readOther(state, text, line)
  );
}

function readUsageRow(state: State, text: string, { line, byte }: TextLine): Fate | null {
  const { cells, end } = cellsOf(text, CELL, 0);
  if (cells.length === 0) return null;
  const name = text.slice(end).trim();
  if (name === '' || (state.cpus !== null && state.cpus.length !== cells.length)) return 'damaged';
  state.usageRows++;
  noteKind(state, line);
  if (state.cpus === null) sayNoCpus(state, line);
  if (state.aggregates === null) return 'ignored';
  const { kind } = state;
  const module = moduleOf(name);
  for (const [i, { us, percent }] of cells.entries()) {
    const cpu = state.cpus?.[i] ?? null;
    state.aggregates.row({ kind, module, scope: 'module-cpu', cpu, totalUs: us, percentOfCpu: percent, line, byte });
  }
  return 'row';
}

/** The word for a section in its heading (`DPC Info`, `Interrupt Info`, or authors' own like `DPC Latency`). */
function kindOfHeading(text: string): Kind {
  const dpc = /\bDPCs?\b/i.test(text);
  const isr = /\b(?:interrupts?|ISRs?)\b/i.test(text);
  if (dpc === isr) return null;
  return dpc ? 'DPC' : 'ISR';
}

function readColumns(state: State, text: string): Fate | null {
  if (!CPU_COLUMNS.test(text)) return null;
  state.cpus = cpusIn(text, state);
  return 'ignored';
}

function readWindow(state: State, text: string, { line }: TextLine): Fate | null {
  const found = WINDOW.exec(text);
  if (found === null) return null;
  const { span } = state.out.about;
  const startUs = Number(found[1]);
  const endUs = Number(found[2]);
  if (span.endUs !== null && (span.startUs !== startUs || span.endUs !== endUs)) {
    const message = 'the sections are over different times: the file may hold parts of several reports';
    state.out.diagnostics.add('several-windows', 'warning', message, { line, example: text });
    return 'ignored';
  }
  span.startUs = startUs;
  span.endUs = endUs;
  return 'ignored';
}

function readOther(state: State, text: string, { line }: TextLine): Fate {
  if (KNOWN.some((pattern) => pattern.test(text))) return 'ignored';
  if (DATA.test(text)) return 'damaged';
  const kind = kindOfHeading(text);
  if (kind !== null) {
    endHistogram(state);
    startSection(state);
    state.kind = kind;
    return 'ignored';
  }
  const message = 'lines that are no part of such a report were passed over as text';
  state.out.diagnostics.add('text-line', 'info', message, { line, example: text });
  return 'ignored';
}

function account(state: State, fate: Fate, line: TextLine): void {
  const { out } = state;
  if (fate === 'row') out.account.rows++;
  else if (fate === 'ignored') out.account.ignored++;
  else {
    if (!line.ended) out.about.truncated = true;
    const message = line.ended ? 'the line is damaged' : 'the last line is cut off or damaged';
    out.skip(line.ended ? 'damaged-row' : 'truncated', message, { line: line.line, example: line.text });
  }
}

/** A report that ends before its totals, or within a histogram, was cut. */
function finish(state: State, lastLine: number): void {
  const { histogram, out } = state;
  const cutInHistogram = histogram !== null && !histogram.ended && histogram.counted < histogram.total;
  const noTotals = state.usageRows > 0 && state.totals === 0;
  if ((cutInHistogram && histogram.buckets > 0) || noTotals) {
    out.about.truncated = true;
    const missing = noTotals ? 'counts and histograms are missing' : 'its last histogram is incomplete';
    out.diagnostics.add('truncated', 'data-loss', `the report ends early: ${missing}`, { line: lastLine });
  }
  endHistogram(state);
  out.about.notes.push(
    'The source holds sums and counts that xperf made: single runs, percentiles and exclusive times are not in it.',
  );
}
