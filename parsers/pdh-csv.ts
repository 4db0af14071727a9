/**
 * Counter logs as text: perfmon, logman, typeperf and relog write them, one sample a line, missing samples as a blank.
 *
 *     "(PDH-CSV 4.0) (W. Europe Standard Time)(-60)","\\HOST\Memory\Pool Nonpaged Bytes"
 *     "11/20/2026 10:00:00.123","123456"
 *     "11/20/2026 10:01:00.125"," "
 *
 * Also with tabs (PDH-TSV 4.0), without a zone (typeperf), and as pasted from spreadsheets: no quotes, blanks between the
 * cells, times cut to minutes and seconds (`14:07.7 812204032`).
 */
import { recordsOf } from '../src/core/csv.js';
import { addNote } from '../src/core/note.js';
import { CLAIMED, type Claim, linesOf, NOT_MINE, type Output, type Parser, type Prefix } from '../src/core/parser.js';
import type { SourceStream } from '../src/core/source.js';
import type { Writer } from '../src/core/table.js';
import { poolCounter } from '../src/tables/pool-snapshot.js';
import { type Counter, countersOf } from './pdh-csv/counter-paths.js';
import { blankHeaderCells, type Header, headerOf, isHeader, separatorOf } from './pdh-csv/header.js';
import { type SampleTime, stepTo, type Timeline, timelineFrom, timeOf } from './pdh-csv/times.js';

export const pdhCsv: Parser = {
  name: 'pdh-csv',
  title: 'counter log of perfmon, typeperf or relog (PDH-CSV, PDH-TSV)',
  madeBy: 'typeperf "\\Memory\\Pool Nonpaged Bytes" -si 60 -o pool.csv',
  specification: 'https://learn.microsoft.com/windows-server/administration/windows-commands/typeperf',
  tables: [poolCounter],
  sniff,
  parse,
};

/** One line of the log. */
interface Sample {
  readonly cells: readonly string[];
  readonly text: string;
  readonly line: number;
  readonly byte: number;
  readonly ended: boolean;
}

interface State {
  readonly out: Output;
  /** Null where nobody wants them. */
  readonly rows: Writer<typeof poolCounter> | null;
  header: Header | null;
  counters: readonly Counter[];
  /** Lines of data so far. */
  snapshot: number;
  timeline: Timeline | null;
  firstMs: number | null;
  lastMs: number | null;
}

const MAX_PREFIX_LINES = 20;

function sniff(prefix: Prefix): Claim {
  if (prefix.encoding === 'binary') return NOT_MINE;
  return headerLine(prefix.lines) === undefined ? NOT_MINE : CLAIMED;
}

/** typeperf prints an empty line first. */
const headerLine = (lines: readonly string[]): string | undefined => lines.slice(0, MAX_PREFIX_LINES).find(isHeader);

async function parse(stream: SourceStream, out: Output): Promise<void> {
  const state: State = {
    out,
    rows: out.writer(poolCounter),
    header: null,
    counters: [],
    snapshot: 0,
    timeline: null,
    firstMs: null,
    lastMs: null,
  };
  out.about.functionNames = false;
  const separator = separatorOf(headerLine(stream.head.toString('utf8').split(/\r?\n/)) ?? '');
  if (separator === 'blank') await readBlanks(stream, state);
  else {
    const options = { delimiter: separator, columns: () => (state.header === null ? null : state.counters.length + 1) };
    for await (const record of recordsOf(stream, out, options)) take(state, { ...record, cells: record.fields });
  }
  finish(state);
}

async function readBlanks(stream: SourceStream, state: State): Promise<void> {
  for await (const line of linesOf(stream, state.out)) {
    if (line.text.trim() === '') state.out.account.ignored++;
    else take(state, { ...line, cells: isHeader(line.text) ? blankHeaderCells(line.text) : blankCells(line.text) });
  }
}

// `11/20/2026 10:00:00.123 812204032`, `14:07.7 812204032`
const BLANK_ROW = /^\s{0,40}(\d{1,4}[/-]\d{1,2}[/-]\d{1,4}\s\d{1,2}:\S{1,20}|\d{1,2}:\S{1,20})(?:\s|$)/;

function blankCells(text: string): string[] {
  const time = BLANK_ROW.exec(text);
  if (time === null) return [text];
  return [time[1].replace(/\s/, ' '), ...text.slice(time[0].length).trim().split(/\s+/)];
}

function take(state: State, sample: Sample): void {
  const { out } = state;
  if (isHeader(sample.cells[0])) takeHeader(state, sample);
  else if (state.header === null || isFarewell(sample)) out.account.ignored++;
  else takeSample(state, sample);
}

/** Logs that are joined bring their headers with them. */
function takeHeader(state: State, sample: Sample): void {
  const { out } = state;
  out.account.ignored++;
  const cells = sample.cells.at(-1)?.trim() === '' ? sample.cells.slice(0, -1) : sample.cells;
  state.header = headerOf(cells);
  state.counters = countersOf(state.header.paths);
  state.timeline = null;
  if (state.counters.some(({ row }) => row !== null)) return;
  const message =
    'a log without counters of pool memory: record \\Memory\\Pool Nonpaged Bytes and \\Memory\\Pool Paged Bytes';
  out.diagnostics.add('no-pool-counters', 'warning', message, { line: sample.line, example: sample.text });
}

/** What typeperf prints when it ends. */
const isFarewell = ({ text }: Sample): boolean =>
  /^(?:Exiting, please wait|The command completed successfully)/.test(text.trimStart());

function takeSample(state: State, sample: Sample): void {
  const { out, counters } = state;
  state.snapshot++;
  const cells = sample.cells.slice(1);
  if (cells.length === counters.length + 1 && cells[counters.length].trim() === '') cells.pop();
  const trouble = troubleOf(state, sample, cells);
  const time = trouble === null ? timeOf(sample.cells[0]) : null;
  const atMs = time === null ? null : placeInTime(state, sample, time);
  if (atMs === null) {
    const [code, message] = trouble ?? ['unreadable-time', 'lines without a time that can be read were passed over'];
    out.skip(code, message, { line: sample.line, example: sample.text });
    return;
  }
  const { written, failed } = writeSample(state, sample, cells, atMs);
  if (written > 0) out.account.rows++;
  else if (failed > 0) out.account.skipped++;
  else out.account.ignored++;
}

function troubleOf({ out, counters }: State, sample: Sample, cells: readonly string[]): [string, string] | null {
  if (cells.length !== counters.length) {
    if (!sample.ended) out.about.truncated = true;
    return ['record-length', 'lines with more or fewer values than the header has counters were passed over'];
  }
  // Without quotes nothing tells a whole number from its first digits.
  const whole = sample.ended || sample.text.trimEnd().endsWith('"');
  return whole
    ? null
    : ['last-line-cut', 'the last line has no line end: its last value may be cut, it was passed over'];
}

/** When a sample was taken: in UTC where the log says how, else as if its times were; null where the time does not fit. */
function placeInTime(state: State, sample: Sample, time: SampleTime): number | null {
  const fresh = state.timeline === null;
  state.timeline ??= timelineFrom(time);
  const { timeline } = state;
  if (timeline.kind !== time.kind) return null;
  const step = fresh ? 'on' : stepTo(timeline, time);
  if (step !== 'on') sayStep(state.out, sample, step);
  const ms = time.ms + timeline.addedMs + (state.header?.biasMinutes ?? 0) * 60_000;
  state.firstMs ??= ms;
  state.lastMs = Math.max(ms, state.lastMs ?? ms);
  return timeline.kind === 'date' ? ms : ms - state.firstMs;
}

function sayStep(out: Output, { line, text }: Sample, step: 'hour-back' | 'backwards'): void {
  const message =
    step === 'hour-back'
      ? 'the times go back by an hour, as at the end of summer time (the header has the zone of the beginning only): read so'
      : 'times run backwards';
  out.diagnostics.add(step === 'hour-back' ? 'clock-step' : 'time-inversion', 'warning', message, {
    line,
    example: text,
  });
}

function writeSample(
  { out, rows, counters, snapshot }: State,
  { line, byte, text }: Sample,
  cells: readonly string[],
  atMs: number,
): { written: number; failed: number } {
  let written = 0;
  let failed = 0;
  for (const [i, { label, row }] of counters.entries()) {
    const cell = cells[i].trim();
    if (cell === '') continue;
    if (row === null) {
      out.countEvent(label, cell.length);
      continue;
    }
    const value = numberIn(cell);
    if (value === null) {
      failed++;
      const message = 'values that are no number, or negative, were left out';
      out.diagnostics.add('unreadable-value', 'warning', message, { line, example: text });
    } else if (rows !== null) {
      written++;
      rows.row({ snapshot, atMs, name: row.name, value: value * row.factor, unit: row.unit, line, byte });
    }
  }
  return { written, failed };
}

// `812204032`, `812204032.000000`, `8.12e+08`; a decimal comma where the machine writes one
const VALUE = /^\d{1,25}(?:[.,]\d{1,25})?(?:e[+-]?\d{1,2})?$/i;

const numberIn = (cell: string): number | null => (VALUE.test(cell) ? Number(cell.replace(',', '.')) : null);

function finish(state: State): void {
  const { out, header, timeline, firstMs, lastMs } = state;
  const { about, diagnostics } = out;
  if (header === null) {
    diagnostics.add('no-header', 'error', 'no line begins with (PDH-CSV 4.0) or (PDH-TSV 4.0)');
    return;
  }
  if (firstMs === null || lastMs === null || timeline === null) return;
  about.span = { startUs: 0, endUs: (lastMs - firstMs) * 1000 };
  if (timeline.kind === 'in-hour') {
    about.clock.resolutionNs = 1e8;
    addNote(
      about,
      'the times have minutes and seconds only: the first sample is counted as 0, when it was taken is not known; a step back is the next hour',
    );
    return;
  }
  about.clock.resolutionNs = 1e6;
  if (header.biasMinutes === null) {
    addNote(about, 'the header has no zone: times are taken as if in UTC, so only their differences hold');
    return;
  }
  about.clock.startUtc = new Date(firstMs).toISOString();
  about.clock.zone = zoneText(header.biasMinutes);
  about.clock.uncertaintyMs = 1;
}

/** UTC = local time + bias: -60 is `UTC+01:00`. */
function zoneText(biasMinutes: number): string {
  const minutes = Math.abs(biasMinutes);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `UTC${biasMinutes > 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
