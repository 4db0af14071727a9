/** Tables of runs: the fragments of each are folded into one row. */
import type { CsvRecord } from '../../src/core/csv.js';
import { HeldRuns } from '../../src/core/held-runs.js';
import type { Output } from '../../src/core/parser.js';
import { NULL_I32 } from '../../src/core/schema.js';
import type { Writer } from '../../src/core/table.js';
import type { dpcIsr } from '../../src/tables/dpc-isr.js';
import { cell, wholeOf } from '../wpa/cells.js';
import { roundToNs } from '../wpa/numbers.js';
import { countOf, eventOf, namesOf } from './cells.js';
import type { Header } from './headers.js';
import { fits, type Numbers, type Row } from './numbers.js';

/** Runs are held to be sorted by their end (about 300 bytes each, with the line to be quoted); more are not read. */
const MAX_RUNS = 1_000_000;
/** Characters of the lines to be quoted: lines can be as long as a hostile file makes them. */
const MAX_QUOTED = 1 << 29;

/** The runs, each in the making until all records are read; the lists hold what only folding needs, run by run. */
export interface Runs {
  readonly rows: HeldRuns<typeof dpcIsr>;
  /** Time of the fragments seen. */
  readonly fragmentsUs: number[];
  /** How many these are. */
  readonly parts: number[];
  /** True once the final one is among them. */
  readonly hasFinal: boolean[];
  /** Latest run by enter time; `older` leads to the ones before it that were entered at the same time, -1 ends. */
  readonly byStart: Map<number, number>;
  readonly older: number[];
  /** Characters of the lines held to be quoted. */
  quoted: number;
}

/** Where runs are put together; null where nobody wants them. */
export function runsFor(out: Output, writer: Writer<typeof dpcIsr> | null): Runs | null {
  if (writer === null) return null;
  const rows = new HeldRuns(out, writer);
  return { rows, fragmentsUs: [], parts: [], hasFinal: [], byStart: new Map(), older: [], quoted: 0 };
}

/** Adds a record of a table of runs to `runs`. */
export function takeRun(runs: Runs, row: Row, out: Output): void {
  const { header, record, kind, numbers } = row;
  const place = { line: record.line, example: record.text };
  const count = countOf(header, record);
  const start = startOf(numbers);
  if (start === null || isTotal(numbers, count)) {
    out.account.ignored++;
    out.diagnostics.add(
      'total-row',
      'info',
      'rows that sum up others (no enter time, or more than one run) were left out',
      place,
    );
    return;
  }
  const end = endOf(numbers, start);
  if (end !== null && end < start) {
    out.skip('negative-duration', 'runs that end before they begin were passed over', place, 'data-loss');
    return;
  }
  if (numbers.enter === undefined && numbers.exit === undefined) {
    const message =
      'the export has no DPC/ISR Enter Time: each fragment counts as a run, so interrupted runs count as several';
    out.diagnostics.add('fragments-as-runs', 'warning', message);
  }
  checkDuration(out, numbers, place);
  addRun(runs, header, record, { kind, count, start, end, numbers }, out);
}

/** Totals that WPA prints for a group of rows have no enter time, or count more than one run. */
export const isTotal = (numbers: Numbers, count: number | null): boolean =>
  startOf(numbers) === null || (count !== null && count > 1);

const startOf = (n: Numbers): number | null =>
  n.enter ??
  (n.exit !== undefined && n.inclusive !== undefined ? roundToNs(n.exit - n.inclusive) : null) ??
  n.fragEnter ??
  null;

/** When the run returned, where the record says it: the inclusive duration is exit - enter. */
function endOf(n: Numbers, start: number): number | null {
  if (n.exit !== undefined) return n.exit;
  if (n.inclusive !== undefined) return start + n.inclusive;
  if (n.enter === undefined && n.fragExit !== undefined) return n.fragExit;
  return null;
}

function checkDuration(out: Output, n: Numbers, place: { line: number; example: string }): void {
  if (n.enter === undefined || n.exit === undefined || n.inclusive === undefined) return;
  if (fits(n.inclusive, n.exit - n.enter)) return;
  const message = 'inclusive duration is not exit - enter: the duration was taken';
  out.diagnostics.add('duration-mismatch', 'warning', message, place);
}

interface Fragment {
  readonly kind: 'DPC' | 'ISR' | null;
  readonly count: number | null;
  readonly start: number;
  readonly end: number | null;
  readonly numbers: Numbers;
}

/** Adds a run, or folds a further fragment into the run that it belongs to. */
function addRun(runs: Runs, header: Header, record: CsvRecord, fragment: Fragment, out: Output): void {
  const { rows } = runs;
  const { cols, dicts, n } = rows.writer;
  const names = namesOf(header, record);
  const cpu = wholeOf(header, record, 'cpu', out) ?? NULL_I32;
  const kind = dicts.kind.id(fragment.kind);
  const routine = dicts.routine.id(names.routine);
  const same = sameRun(runs, fragment, cpu, kind, routine);
  if (same >= 0) {
    foldIn(runs, same, fragment);
    out.account.ignored++;
    return;
  }
  if (rows.n >= MAX_RUNS || runs.quoted + record.text.length > MAX_QUOTED) {
    const most = rows.n >= MAX_RUNS ? `${MAX_RUNS} runs` : `${MAX_QUOTED} characters of runs`;
    const message = `more than ${most}: the rest was not read. Export a shorter range (wpaexporter -range).`;
    out.skip('too-many-rows', message, { line: record.line, example: record.text }, 'data-loss');
    return;
  }
  const index = wholeOf(header, record, 'messageIndex', out);
  const type = eventOf(fragment.kind, cell(header, record, 'dpcType'), header.at.has('messageIndex'), index);
  cols.kind[n] = kind;
  cols.type[n] = dicts.type.id(type);
  cols.startUs[n] = fragment.start;
  cols.durationUs[n] = Number.NaN;
  cols.cpu[n] = cpu;
  cols.vector[n] = wholeOf(header, record, 'vector', out) ?? NULL_I32;
  cols.messageIndex[n] = index !== null && index >= 0 ? index : NULL_I32;
  cols.module[n] = dicts.module.id(names.module);
  cols.routine[n] = routine;
  cols.address[n] = names.address;
  cols.line[n] = record.line;
  cols.byte[n] = record.byte;
  const row = rows.hold(Number.NaN, record.text);
  runs.quoted += record.text.length;
  runs.fragmentsUs.push(0);
  runs.parts.push(0);
  runs.hasFinal.push(false);
  runs.older.push(runs.byStart.get(fragment.start) ?? -1);
  runs.byStart.set(fragment.start, row);
  foldIn(runs, row, fragment);
  out.account.rows++;
}

/**
 * Fragments of one run share CPU, enter time and routine (and exit time, where printed). Two runs that print the same
 * are told apart by `Count (DPCs/ISRs)`: a run has one final fragment, so a second one begins another run.
 */
function sameRun(runs: Runs, f: Fragment, cpu: number, kind: number, routine: number): number {
  const { cols, endUs } = runs.rows;
  for (let i = runs.byStart.get(f.start) ?? -1, steps = 0; i >= 0 && steps < 64; i = runs.older[i], steps++) {
    const equal = cols.cpu[i] === cpu && cols.kind[i] === kind && cols.routine[i] === routine;
    if (!equal || (f.count === 1 && runs.hasFinal[i])) continue;
    if (f.end === null || Number.isNaN(endUs[i]) || Math.abs(endUs[i] - f.end) <= 0.002) return i;
  }
  return -1;
}

function foldIn(runs: Runs, i: number, { count, end, start, numbers: n }: Fragment): void {
  const { endUs, cols } = runs.rows;
  if (count === 1) runs.hasFinal[i] = true;
  runs.parts[i]++;
  runs.fragmentsUs[i] +=
    n.fragmented ?? (n.fragEnter !== undefined && n.fragExit !== undefined ? n.fragExit - n.fragEnter : 0);
  // The last fragment returns when the run does; the exclusive duration is what is left where nothing else is printed.
  const last = n.fragExit !== undefined && !(n.fragExit < endUs[i]) ? n.fragExit : endUs[i];
  endUs[i] = end ?? last;
  const known = n.inclusive ?? (Number.isNaN(endUs[i]) ? Number.NaN : roundToNs(endUs[i] - start));
  cols.durationUs[i] = known;
  if (Number.isNaN(known) && n.exclusive !== undefined) runs.fragmentsUs[i] = n.exclusive;
}

/** Hands the runs on in the order in which they ended. */
export function writeRuns(runs: Runs, out: Output): void {
  const withoutEnd = fillDurations(runs);
  if (withoutEnd > 0) {
    const message =
      'runs in several fragments whose exit time and inclusive duration are not in the export: their durations are ' +
      'without the interruptions, so too short';
    out.about.notes.push(message);
    out.diagnostics.add('duration-exclusive', 'warning', message, { count: withoutEnd });
  }
  runs.rows.release();
}

/** Without exit and inclusive duration a run's own time is known only; equal to the duration if it is in one piece. */
function fillDurations({ rows, fragmentsUs, parts }: Runs): number {
  const { n, endUs } = rows;
  const { startUs, durationUs } = rows.cols;
  let withoutEnd = 0;
  for (let i = 0; i < n; i++) {
    if (Number.isNaN(durationUs[i]) && fragmentsUs[i] > 0) {
      durationUs[i] = fragmentsUs[i];
      if (parts[i] > 1) withoutEnd++;
    }
    if (Number.isNaN(endUs[i])) endUs[i] = startUs[i] + (durationUs[i] || 0);
  }
  return withoutEnd;
}
