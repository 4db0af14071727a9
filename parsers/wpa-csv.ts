/**
 * WPA's "DPC/ISR Duration" table, written by wpaexporter or copied from WPA: one row per *fragment* of a run, columns in
 * the order and choice of the user, numbers in the locale of the machine.
 *
 *     DPC/ISR Enter Time (s),CPU,Type,DPC Type,Module,Function,Count (DPCs/ISRs),Inclusive Duration (ms)
 *     1.000000500,2,DPC,Regular,ndis.sys,ndis.sys!ndisInterruptDpc,1,0.0521
 *     "1,000000500",2,DPC,Regular,ndis.sys,ndis.sys!ndisInterruptDpc,1,"0,0521"      (German machine)
 *
 * Column meanings: https://learn.microsoft.com/windows-hardware/test/wpt/cpu-analysis. `Count (DPCs/ISRs)` is 1 on the
 * final fragment of a run and 0 on the others; inclusive and exclusive durations stand again on every fragment, so they
 * are never summed over rows: the fragments of one run are folded into one row.
 */
import { type CsvRecord, recordsOf } from '../src/core/csv.js';
import type { Output, Parser } from '../src/core/parser.js';
import type { SourceStream } from '../src/core/source.js';
import type { Writer } from '../src/core/table.js';
import { dpcAggregate } from '../src/tables/dpc-aggregate.js';
import { dpcIsr } from '../src/tables/dpc-isr.js';
import { cell, kindOf } from './wpa-csv/cells.js';
import { sniff } from './wpa-csv/claims.js';
import { endGroups, type Groups, groupsOf, takeGrouped } from './wpa-csv/groups.js';
import {
  findHeader,
  type Header,
  headerOf,
  isHeader,
  MAX_HEADER,
  NEEDED,
  rightLength,
  sayWhatIsMissing,
  sayWhatIsNotRead,
} from './wpa-csv/headers.js';
import { decideLocale, sayAssumedUnits } from './wpa-csv/locale.js';
import { type Locale, type Numbers, readNumbers } from './wpa-csv/numbers.js';
import { type Runs, runsFor, takeRun, writeRuns } from './wpa-csv/runs.js';
import { noSums, type Sums, takeSum, writeSums } from './wpa-csv/sums.js';

export const wpaCsv: Parser = {
  name: 'wpa-dpc-isr',
  title: 'WPA / wpaexporter table "DPC/ISR Duration" (CSV or copied)',
  madeBy: 'wpaexporter -i trace.etl -profile dpcisr.wpaProfile',
  specification: 'https://learn.microsoft.com/windows-hardware/test/wpt/cpu-analysis',
  tables: [dpcIsr, dpcAggregate],
  sniff,
  parse,
};

/** Records looked at before the locale is decided. */
const SAMPLE_RECORDS = 4096;
const SAMPLE_CHARS = 4 << 20;

interface State {
  readonly out: Output;
  /** Null where nobody wants them. */
  readonly runs: Runs | null;
  readonly sums: Writer<typeof dpcAggregate> | null;
  header: Header | null;
  locale: Locale | null;
  /** What is known of the groups that rows stand in; with the locale. */
  groups: Groups | null;
  /** Records that wait until the locale is decided. */
  waiting: CsvRecord[];
  waitingChars: number;
  readonly summed: Sums;
  records: number;
  /** Most decimals seen in a time. */
  decimals: number;
}

async function parse(stream: SourceStream, out: Output): Promise<void> {
  const found = findHeader(stream.head.toString('utf8').split('\n'));
  const state: State = {
    out,
    runs: runsFor(out, out.writer(dpcIsr)),
    sums: out.writer(dpcAggregate),
    header: null,
    locale: null,
    groups: null,
    waiting: [],
    waitingChars: 0,
    summed: noSums(),
    records: 0,
    decimals: 0,
  };
  const options = { delimiter: found?.delimiter ?? ',', columns: () => state.header?.cells.length ?? null };
  for await (const record of recordsOf(stream, out, options)) take(state, record);
  settle(state);
  if (state.groups !== null) endGroups(state.groups);
  finish(state);
}

function take(state: State, record: CsvRecord): void {
  const { out } = state;
  // No header has digits, and nearly every row has.
  if (record.text.length <= MAX_HEADER && /^\D*$/.test(record.text) && isHeader(record.fields)) {
    takeHeader(state, record);
    return;
  }
  if (state.header === null || record.fields.every((field) => field.trim() === '')) {
    out.account.ignored++;
    return;
  }
  if (!record.ended) {
    out.diagnostics.add('last-line-cut', 'info', 'the last record has no line end: its last field may be cut', {
      line: record.line,
      example: record.text,
    });
  }
  if (!rightLength(state.header, record)) {
    skipLength(state, record);
    return;
  }
  state.records++;
  if (state.locale !== null) {
    takeRecord(state, record);
    return;
  }
  state.waiting.push(record);
  state.waitingChars += record.text.length;
  if (state.waiting.length >= SAMPLE_RECORDS || state.waitingChars >= SAMPLE_CHARS) settle(state);
}

/** Exports that are joined bring their headers with them, in an order of their own. */
function takeHeader(state: State, record: CsvRecord): void {
  settle(state);
  if (state.groups !== null) endGroups(state.groups);
  state.out.account.ignored++;
  const again = state.header !== null && record.fields.join('\n') === state.header.cells.join('\n');
  if (again) return;
  state.header = headerOf(record.fields);
  state.locale = null;
  state.groups = null;
  sayWhatIsMissing(state.header, state.out);
  sayWhatIsNotRead(state.header, state.out);
}

function skipLength({ out, header }: State, record: CsvRecord): void {
  const n = header?.cells.length ?? 0;
  if (!record.ended && record.fields.length < n) out.about.truncated = true;
  out.skip(
    'field-count',
    `records with another number of fields than the header's ${n} were passed over: cut off, or decimal commas without quotes`,
    { line: record.line, example: record.text },
    'data-loss',
  );
}

/** Decides the locale from the records that wait, and reads them. */
function settle(state: State): void {
  const { header, waiting } = state;
  if (header === null || state.locale !== null) return;
  if (waiting.length === 0) return;
  state.locale = decideLocale(header, waiting, state.out);
  state.groups = groupsOf(header, waiting, state.out, (record, numbers) => takeRow(state, header, record, numbers));
  sayAssumedUnits(header, state.out);
  state.waiting = [];
  state.waitingChars = 0;
  for (const record of waiting) takeRecord(state, record);
}

function takeRecord(state: State, record: CsvRecord): void {
  const { header, locale, groups } = state;
  if (header === null || locale === null || groups === null) return;
  const numbers = readNumbers(header, locale, record, state);
  if (numbers !== null) takeGrouped(groups, record, numbers);
}

/** Takes a record that stands for itself, its cells filled where it stood in a group. */
function takeRow(state: State, header: Header, record: CsvRecord, numbers: Numbers): void {
  const { out, runs, summed } = state;
  const kind = kindOf(header, record, out);
  out.countEvent(cell(header, record, 'type') || kind || 'unknown', record.text.length);
  const isRun = header.mode === 'runs';
  const row = { header, record, kind, numbers };
  if ((isRun ? runs : state.sums) === null) out.account.ignored++;
  else if (!isRun) takeSum(summed, row, out);
  else if (runs !== null) takeRun(runs, row, out);
}

function finish(state: State): void {
  const { out } = state;
  if (state.records === 0) {
    const message =
      state.header === null
        ? `no header line with the columns of a DPC/ISR table was found; ${NEEDED}`
        : 'the table has a header and no rows: no DPC or ISR ran in the range exported, or the export was filtered';
    out.diagnostics.add('no-rows', state.header === null ? 'error' : 'warning', message);
  }
  if (state.decimals > 0 && state.decimals <= 9) out.about.clock.resolutionNs = 10 ** (9 - state.decimals);
  const quotes = new Map<number, string>();
  out.quoteRow = (byte) => quotes.get(byte) ?? '';
  if (state.sums !== null) writeSums(state.summed, out, state.sums, quotes);
  if (state.runs !== null) writeRuns(state.runs, out);
}
