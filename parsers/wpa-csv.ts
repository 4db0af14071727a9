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
import type { CsvRecord } from '../src/core/csv.js';
import type { Output, Parser } from '../src/core/parser.js';
import type { SourceStream } from '../src/core/source.js';
import type { Writer } from '../src/core/table.js';
import { dpcAggregate } from '../src/tables/dpc-aggregate.js';
import { dpcIsr } from '../src/tables/dpc-isr.js';
import { cell } from './wpa/cells.js';
import { readTables } from './wpa/table.js';
import { kindOf } from './wpa-csv/cells.js';
import { sniff } from './wpa-csv/claims.js';
import { endGroups, type Groups, groupsOf, takeGrouped } from './wpa-csv/groups.js';
import {
  findHeader,
  type Header,
  headerOf,
  isHeader,
  NEEDED,
  sayWhatIsMissing,
  sayWhatIsNotRead,
} from './wpa-csv/headers.js';
import { decideLocale, sayAssumedUnits } from './wpa-csv/locale.js';
import { type Numbers, readNumbers } from './wpa-csv/numbers.js';
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

interface State {
  readonly out: Output;
  /** Null where nobody wants them. */
  readonly runs: Runs | null;
  readonly sums: Writer<typeof dpcAggregate> | null;
  /** What is known of the groups that rows stand in; once the locale is decided. */
  groups: Groups | null;
  readonly summed: Sums;
  /** Most decimals seen in a time. */
  decimals: number;
}

async function parse(stream: SourceStream, out: Output): Promise<void> {
  const found = findHeader(stream.head.toString('utf8').split('\n'));
  const runs = runsFor(out, out.writer(dpcIsr));
  const state: State = { out, runs, sums: out.writer(dpcAggregate), groups: null, summed: noSums(), decimals: 0 };
  const { header, records } = await readTables<Header>(stream, out, {
    delimiter: found?.delimiter ?? ',',
    headerOf,
    isHeader,
    begin(next) {
      sayWhatIsMissing(next, out);
      sayWhatIsNotRead(next, out);
    },
    decide: (next, ahead) => decide(state, next, ahead),
    end() {
      if (state.groups !== null) endGroups(state.groups);
    },
  });
  if (records === 0) sayNoRows(header, out);
  finish(state);
}

/** Decides the locale by the first records; returns what takes each of them. */
function decide(state: State, header: Header, ahead: readonly CsvRecord[]): (record: CsvRecord) => void {
  const { out } = state;
  const locale = decideLocale(header, ahead, out);
  const groups = groupsOf(header, ahead, out, (record, numbers) => takeRow(state, header, record, numbers));
  state.groups = groups;
  sayAssumedUnits(header, out);
  return (record) => {
    const numbers = readNumbers(header, locale, record, state);
    if (numbers !== null) takeGrouped(groups, record, numbers);
  };
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

function sayNoRows(header: Header | null, out: Output): void {
  const message =
    header === null
      ? `no header line with the columns of a DPC/ISR table was found; ${NEEDED}`
      : 'the table has a header and no rows: no DPC or ISR ran in the range exported, or the export was filtered';
  out.diagnostics.add('no-rows', header === null ? 'error' : 'warning', message);
}

function finish(state: State): void {
  const { out } = state;
  if (state.decimals > 0 && state.decimals <= 9) out.about.clock.resolutionNs = 10 ** (9 - state.decimals);
  const quotes = new Map<number, string>();
  out.quoteRow = (byte) => quotes.get(byte) ?? '';
  if (state.sums !== null) writeSums(state.summed, out, state.sums, quotes);
  if (state.runs !== null) writeRuns(state.runs, out);
}
