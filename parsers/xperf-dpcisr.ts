/**
 * `xperf -i x.etl -a dpcisr`: sums by module and CPU, then histograms, for DPCs and for ISRs.
 * Options: https://learn.microsoft.com/windows-hardware/test/wpt/dpcisr
 *
 * Real reports are seen as heads and as fragments, with runs of blanks collapsed and with headings of their authors';
 * so every line is told by itself, and nothing is taken from widths or from the order of the blocks.
 */

import type { TextLine } from '../src/core/parser.js';
import { CLAIMED, type Claim, linesOf, NOT_MINE, type Output, type Parser, type Prefix } from '../src/core/parser.js';
import type { TextStream } from '../src/core/source.js';
import { splitSymbol } from '../src/core/symbol.js';
import type { Writer } from '../src/core/table.js';
import { dpcAggregate, dpcHistogram } from '../src/tables/dpc-aggregate.js';

// All patterns are for trimmed lines.

/** `CPU Usage from 0 us to 130788231 us:` */
const WINDOW = /^CPU Usage from\s+(\d{1,15})\s*us\s+to\s+(\d{1,15})\s*us\b/i;
/** `CPU 0 Usage,      CPU 1 Usage,`: one column for each CPU; the table of intervals has a leading comma. */
const CPU_COLUMNS = /^CPU\s+\d+\s+Usage\s*,/i;
/** `649114 0.50, 2825 0.00, Wdf01000.sys`: a cell, from the front of the line. */
const CELL = /\s*(\d{1,15})\s+(\d{1,9}[.,]\d{1,9})\s*,/y;
/** `Total = 920 for module kbdhid.sys`, `Total = 3261` (over all modules) */
const TOTAL = /^Total\s*=\s*(\d{1,15})(?:\s+for module\s(.*))?$/i;
/** `Elapsed Time, > 4 usecs AND <= 8 usecs, 628, or 68.26%`; the open last bucket has no `AND <= …`. */
const BUCKET =
  /^Elapsed Time,\s*>\s*(\d{1,15})\s*usecs\s*(?:AND\s*<=\s*(\d{1,15})\s*usecs\s*)?,\s*(\d{1,15})\s*,\s*or\s*[\d.,]{1,20}\s*%$/i;
/** `Total, 920`; a real report has `Total,` alone. */
const BUCKETS_END = /^Total,\s*(\d{0,15})$/i;
/** `All Module = 3261,  Total = 3261,   EQUAL`: the report's own check. */
const ALL_MODULES = /^All Module\s*=\s*(\d{1,15})\s*,\s*Total\s*=\s*(\d{1,15})\s*,\s*(\S.*)$/i;
/** Lines with words or numbers that are in no table: their content is also in the sums, or they are headings. */
const KNOWN: readonly RegExp[] = [
  // `--------------------------`, `============`, `---`
  /^[-=_]{3,}$/,
  // `CPU Usage Summing By Module For the Whole Trace`
  /^CPU Usage Summing By Module/i,
  // `usec %, usec %, Module`
  /^usec\s+%/i,
  // `Usage From 0 ms to 90000 ms, Summing In 1 second intervals. Intervals=90`
  /^Usage From\s+\d+\s*ms\s+to\s+\d+\s*ms\b/i,
  // `Start (ms) End (ms)    ,    (usec)      % ,`, and the line of CPUs above it
  /^Start \(ms\)/i,
  /^,\s*CPU\s+\d+\b/i,
  // `0-1000 :, 18 0.00, 0 0.00`
  /^\d+\s*-\s*\d+\s*:\s*,/,
  // `Distribution of number of 2000 ms intervals w.r.t. DPC/ISR usage:` and its table
  /^Distribution of number of\s+\d+\s*ms intervals/i,
  /^DPC\/ISR Usage %\s*,/i,
  /^>=?\s*\d+\s+AND\s*<=\s*\d+\s*,/i,
  /^Total:\s*,/i,
];
/** Lines that begin as a line of data does; where none of the patterns fits, they are damaged. */
const DATA = /^(?:Elapsed Time\b|Total\s*[=,]|All Module\b|CPU Usage from\b|\d)/i;
// biome-ignore lint/suspicious/noControlCharactersInRegex: a report has none but tabs.
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f\ufffd]/;

type Kind = 'DPC' | 'ISR' | null;

/** A histogram being read. */
interface Histogram {
  readonly kind: Kind;
  readonly module: string | null;
  readonly scope: 'module' | 'all';
  /** As its heading counts them. */
  readonly total: number;
  readonly line: number;
  counted: number;
  buckets: number;
  ended: boolean;
}

interface State {
  readonly out: Output;
  readonly aggregates: Writer<typeof dpcAggregate> | null;
  readonly buckets: Writer<typeof dpcHistogram> | null;
  kind: Kind;
  /** CPU of each column of the current table; null before the first header. */
  cpus: readonly number[] | null;
  histogram: Histogram | null;
  /** `Total = N` without a module, in this section. */
  sectionTotal: number | null;
  /** Sum of `Total = N for module …` in this section; null where there was none. */
  modulesTotal: number | null;
  readonly modulesSeen: Set<string>;
  usageRows: number;
  totals: number;
}

/** What became of a line. */
type Fate = 'row' | 'ignored' | 'damaged';

/** The word for a section in its heading (`DPC Info`, `Interrupt Info`, or authors' own like `DPC Latency`). */
function kindOfHeading(text: string): Kind {
  const dpc = /\bDPCs?\b/i.test(text);
  const isr = /\b(?:interrupts?|ISRs?)\b/i.test(text);
  if (dpc === isr) return null;
  return dpc ? 'DPC' : 'ISR';
}

/** Module as spelled; null for `"Unknown"`. */
const moduleOf = (text: string): string | null => splitSymbol(text.replaceAll('!', '')).module;

function readLine(state: State, line: TextLine): Fate {
  const text = line.text.trim();
  if (text === '') return 'ignored';
  // Untrusted lines may be long: what follows looks at lines of a length that reports have.
  if (text.length > 65536 || CONTROL.test(text)) return 'damaged';
  return (
    readUsageRow(state, text, line) ??
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
  const cells: { us: number; percent: number }[] = [];
  let end = 0;
  CELL.lastIndex = 0;
  for (let found = CELL.exec(text); found !== null; found = CELL.exec(text)) {
    cells.push({ us: Number(found[1]), percent: Number(found[2].replace(',', '.')) });
    end = CELL.lastIndex;
  }
  if (cells.length === 0) return null;
  const name = text.slice(end).trim();
  if (name === '' || (state.cpus !== null && state.cpus.length !== cells.length)) return 'damaged';
  state.usageRows++;
  noteKind(state, line);
  if (state.cpus === null) {
    state.out.diagnostics.add(
      'no-cpu-columns',
      'warning',
      'sums by module stand without the line that names the CPUs',
      {
        line,
      },
    );
  }
  if (state.aggregates === null) return 'ignored';
  const { kind } = state;
  const module = moduleOf(name);
  for (const [i, { us, percent }] of cells.entries()) {
    const cpu = state.cpus?.[i] ?? null;
    state.aggregates.row({ kind, module, scope: 'module-cpu', cpu, totalUs: us, percentOfCpu: percent, line, byte });
  }
  return 'row';
}

function readBucket(state: State, text: string, { line, byte }: TextLine): Fate | null {
  const found = BUCKET.exec(text);
  if (found === null) return null;
  const { histogram } = state;
  // A bucket of nobody knows what cannot be used.
  if (histogram === null) return 'damaged';
  const count = Number(found[3]);
  histogram.counted += count;
  histogram.buckets++;
  if (state.buckets === null) return 'ignored';
  const { kind, module, scope } = histogram;
  const leUs = found[2] === undefined ? null : Number(found[2]);
  state.buckets.row({ kind, module, scope, gtUs: Number(found[1]), leUs, count, line, byte });
  return 'row';
}

function readTotal(state: State, text: string, { line, byte }: TextLine): Fate | null {
  const found = TOTAL.exec(text);
  if (found === null) return null;
  const name = found[2]?.trim();
  if (name === '') return 'damaged';
  endHistogram(state);
  noteKind(state, line);
  const count = Number(found[1]);
  const scope = name === undefined ? 'all' : 'module';
  const module = name === undefined ? null : moduleOf(name);
  const { kind } = state;
  state.totals++;
  if (name === undefined) state.sectionTotal = count;
  else {
    state.modulesTotal = (state.modulesTotal ?? 0) + count;
    noteModule(state, name, line, text);
  }
  state.histogram = { kind, module, scope, total: count, line, counted: 0, buckets: 0, ended: false };
  if (state.aggregates === null) return 'ignored';
  state.aggregates.row({ kind, module, scope, count, line, byte });
  return 'row';
}

/** Twice the same module: two reports in one file, or excerpts of several. Their counts are then added up. */
function noteModule(state: State, name: string, line: number, example: string): void {
  const key = `${state.kind} ${name.toLowerCase()}`;
  if (state.modulesSeen.has(key)) {
    const message = 'a module is counted more than once: the file may hold parts of several reports';
    state.out.diagnostics.add('module-counted-twice', 'warning', message, { line, example });
  }
  state.modulesSeen.add(key);
}

function noteKind(state: State, line: number): void {
  if (state.kind !== null) return;
  const message = 'no heading says whether these are DPCs or ISRs';
  state.out.diagnostics.add('kind-unknown', 'warning', message, { line });
}

function readBucketsEnd(state: State, text: string, { line }: TextLine): Fate | null {
  const found = BUCKETS_END.exec(text);
  if (found === null) return null;
  const { histogram } = state;
  if (histogram === null) return 'ignored';
  histogram.ended = true;
  if (found[1] !== '' && Number(found[1]) !== histogram.total) {
    mismatch(state, line, `a histogram's heading counts ${histogram.total}, its last line ${found[1]}`, text);
  }
  endHistogram(state);
  return 'ignored';
}

/** The buckets of a histogram must add up to its heading. With `-summary` there are no buckets. */
function endHistogram(state: State): void {
  const { histogram } = state;
  state.histogram = null;
  if (histogram === null || histogram.buckets === 0 || histogram.counted === histogram.total) return;
  const { total, counted, module, scope, line } = histogram;
  const whose = scope === 'all' ? 'all modules' : (module ?? 'the unresolved module');
  mismatch(
    state,
    line,
    `the buckets of ${whose} add up to ${counted}, their heading counts ${total}`,
    `Total = ${total}`,
  );
}

function readAllModules(state: State, text: string, { line }: TextLine): Fate | null {
  const found = ALL_MODULES.exec(text);
  if (found === null) return null;
  endHistogram(state);
  const modules = Number(found[1]);
  const total = Number(found[2]);
  const saysEqual = /^EQUAL\b/i.test(found[3]);
  if (modules !== total || !saysEqual) {
    mismatch(state, line, `the report's own check fails: ${modules} by module, ${total} in all`, text);
  }
  const { modulesTotal, sectionTotal } = state;
  if (modulesTotal !== null && modulesTotal !== modules) {
    mismatch(state, line, `the counts by module add up to ${modulesTotal}, the report says ${modules}`, text);
  }
  if (sectionTotal !== null && sectionTotal !== total) {
    mismatch(state, line, `the section counts ${sectionTotal} in all, its check line ${total}`, text);
  }
  startSection(state);
  return 'ignored';
}

function mismatch(state: State, line: number, message: string, example: string): void {
  state.out.diagnostics.add('totals-differ', 'warning', message, { line, example });
}

function startSection(state: State): void {
  state.sectionTotal = null;
  state.modulesTotal = null;
}

function readColumns(state: State, text: string): Fate | null {
  if (!CPU_COLUMNS.test(text)) return null;
  state.cpus = [...text.matchAll(/CPU\s+(\d{1,5})\s+Usage/gi)].map((found) => Number(found[1]));
  const { machine } = state.out.about;
  machine.cpus = Math.max(machine.cpus ?? 0, state.cpus.length);
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

async function parse(stream: TextStream, out: Output): Promise<void> {
  const state: State = {
    out,
    aggregates: out.writer(dpcAggregate),
    buckets: out.writer(dpcHistogram),
    kind: null,
    cpus: null,
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

/** Lines that no other tool prints; one of them stands near the front of every report and fragment seen. */
const MARKS: readonly RegExp[] = [
  /^CPU Usage Summing By Module/i,
  WINDOW,
  TOTAL,
  BUCKET,
  ALL_MODULES,
  /^Usage From\s+\d+\s*ms\s+to\s+\d+\s*ms, Summing In/i,
  /^Distribution of number of\s+\d+\s*ms intervals w\.r\.t\. DPC\/ISR usage/i,
];

function sniff(prefix: Prefix): Claim {
  const claims = prefix.lines.some((line) => {
    const text = line.length > 300 ? '' : line.trim();
    // `Total = N` alone could be anyone's.
    return MARKS.some((mark) => mark.test(text) && (mark !== TOTAL || /for module/i.test(text)));
  });
  return claims ? CLAIMED : NOT_MINE;
}

/** `xperf -a dpcisr` report text. */
export const xperfDpcisr: Parser = {
  name: 'xperf-dpcisr',
  title: 'xperf dpcisr report: DPC and ISR time by module, with histograms',
  madeBy: 'xperf -i trace.etl -o report.txt -a dpcisr',
  specification: 'https://learn.microsoft.com/windows-hardware/test/wpt/dpcisr',
  tables: [dpcAggregate, dpcHistogram],
  sniff,
  parse,
};
