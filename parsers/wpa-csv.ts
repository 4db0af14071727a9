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
import { type CsvRecord, headerCells, recordsOf } from '../src/core/csv.js';
import {
  type NumberText,
  nothingShown,
  numberOf,
  numberText,
  other,
  type Separator,
  type Shown,
  show,
} from '../src/core/decimal.js';
import { HeldRuns } from '../src/core/held-runs.js';
import { CLAIMED, type Claim, NOT_MINE, type Output, type Parser, type Prefix, refuse } from '../src/core/parser.js';
import { NULL_I32 } from '../src/core/schema.js';
import type { TextStream } from '../src/core/source.js';
import { formatAddress, isAddress, parseAddress } from '../src/core/symbol.js';
import type { Writer } from '../src/core/table.js';
import { printable } from '../src/core/text.js';
import { dpcAggregate } from '../src/tables/dpc-aggregate.js';
import { dpcIsr } from '../src/tables/dpc-isr.js';

/** Runs are held to be sorted by their end (about 300 bytes each, with the line to be quoted); more are not read. */
export const MAX_RUNS = 1_000_000;
/** Records looked at before the locale is decided. */
const SAMPLE_RECORDS = 4096;
const SAMPLE_CHARS = 4 << 20;
const HEADER_LINES = 20;
/** Longer lines and cells are no headers; patterns with blanks at both ends are not run over them. */
const MAX_HEADER = 1 << 14;
const MAX_HEADER_CELL = 200;
const DELIMITERS = [',', ';', '\t', '|'];

const NEEDED =
  'needed: DPC/ISR Duration table with columns DPC/ISR Enter Time, DPC/ISR Exit Time or Inclusive Duration, ' +
  'Type, CPU, Module and Function (wpaexporter with a profile that shows that table)';

type TimeColumn = 'enter' | 'exit' | 'fragEnter' | 'fragExit';
type DurationColumn = 'inclusive' | 'exclusive' | 'fragmented' | 'maxInclusive' | 'maxFragmented';
type NumberColumn = TimeColumn | DurationColumn;
type PlainColumn =
  | 'type'
  | 'dpcType'
  | 'module'
  | 'fn'
  | 'cpu'
  | 'address'
  | 'vector'
  | 'messageIndex'
  | 'count'
  | 'fragments';
type ColumnId = NumberColumn | PlainColumn | 'unused';

const TIMES: readonly TimeColumn[] = ['enter', 'exit', 'fragEnter', 'fragExit'];
const DURATIONS: readonly DurationColumn[] = ['inclusive', 'exclusive', 'fragmented', 'maxInclusive', 'maxFragmented'];
const NUMBERS: readonly NumberColumn[] = [...TIMES, ...DURATIONS];

/**
 * Header texts, letters only, lower case. The English ones are documented; the German ones are translations made here
 * (no localised export was found), so that such a file is read where the words are the obvious ones. A bare `Duration`
 * is what aggregations of the fragmented column are called (`Max:Duration (ms)`).
 */
const ALIASES: ReadonlyMap<string, ColumnId> = new Map<string, ColumnId>([
  ['dpcisrentertime', 'enter'],
  ['dpcisrexittime', 'exit'],
  ['fragmententertime', 'fragEnter'],
  ['fragmentexittime', 'fragExit'],
  ['inclusiveduration', 'inclusive'],
  ['exclusiveduration', 'exclusive'],
  ['durationfragmented', 'fragmented'],
  ['duration', 'fragmented'],
  ['type', 'type'],
  ['dpctype', 'dpcType'],
  ['module', 'module'],
  ['function', 'fn'],
  ['cpu', 'cpu'],
  ['address', 'address'],
  ['vector', 'vector'],
  ['messageindex', 'messageIndex'],
  ['countdpcsisrs', 'count'],
  ['count', 'count'],
  ['countfragments', 'fragments'],
  ['fragment', 'unused'],
  ['returnvalue', 'unused'],
  ['dpcisreintrittszeit', 'enter'],
  ['dpcisrstartzeit', 'enter'],
  ['dpcisraustrittszeit', 'exit'],
  ['dpcisrendzeit', 'exit'],
  ['fragmenteintrittszeit', 'fragEnter'],
  ['fragmentaustrittszeit', 'fragExit'],
  ['inklusivedauer', 'inclusive'],
  ['dauerinklusiv', 'inclusive'],
  ['exklusivedauer', 'exclusive'],
  ['dauerexklusiv', 'exclusive'],
  ['dauerfragmentiert', 'fragmented'],
  ['fragmentiertedauer', 'fragmented'],
  ['dauer', 'fragmented'],
  ['typ', 'type'],
  ['dpctyp', 'dpcType'],
  ['modul', 'module'],
  ['funktion', 'fn'],
  ['prozessor', 'cpu'],
  ['adresse', 'address'],
  ['vektor', 'vector'],
  ['nachrichtenindex', 'messageIndex'],
  ['anzahldpcsisrs', 'count'],
  ['anzahl', 'count'],
  ['anzahlfragmente', 'fragments'],
  ['rückgabewert', 'unused'],
]);

/** Columns by which other WPA tables are known, to say what a file is instead. */
const OTHER_TABLES: readonly (readonly [RegExp, string])[] = [
  [/^(Disk Service Time|QD\/I|IO Time)\b/i, 'Disk Usage'],
  [/^(New Thread Id|Ready \(|Waits \(|CPU Usage \(in view\))/i, 'CPU Usage (Precise)'],
  [/^(Weight \(in view\)|Weight$)/i, 'CPU Usage (Sampled)'],
  [/^(Provider Name|Provider Id)$/i, 'Generic Events'],
  [/^(Pool Tag|Paged|AIFO Count)/i, 'Pool'],
  [/^(Commit Type|Impacting Size)/i, 'VirtualAlloc Commit'],
];

/** One header line, understood. */
interface Header {
  readonly cells: readonly string[];
  readonly at: ReadonlyMap<ColumnId, number>;
  /** µs per unit of the number columns; null where the header has no unit. */
  readonly scale: ReadonlyMap<NumberColumn, number | null>;
  /** The cells that speak of DPCs or ISRs. */
  readonly dpcWords: boolean;
  readonly mode: 'runs' | 'sums' | null;
}

const AGGREGATION = /^\s*(sum|max|maximum|min|minimum|avg|average|mean|count|summe|mittelwert)\s*:\s*/i;
const AGGREGATION_BEHIND = /\s*[[(<](sum|max|maximum|min|minimum|avg|average|mean)[\])>]\s*$/i;
// A unit in brackets; µ comes damaged in every encoding, so that one odd character (with or without `s`) is µs.
const UNIT = /\s*\((s|ms|us|ns|[^\x20-\x7e]{1,3}s?)\)\s*$/i;

function scaleOf(unit: string): number | null {
  const word = unit.toLowerCase();
  if (word === 's') return 1e6;
  if (word === 'ms') return 1e3;
  if (word === 'ns') return 1e-3;
  return word === 'us' || (word !== '' && (word.codePointAt(0) ?? 0) > 0x7e) ? 1 : null;
}

function columnOf(cell: string): { id: ColumnId | null; scale: number | null } {
  if (cell.length > MAX_HEADER_CELL) return { id: null, scale: null };
  const unit = UNIT.exec(cell);
  let name = unit === null ? cell : cell.slice(0, unit.index);
  const aggregation = AGGREGATION.exec(name) ?? AGGREGATION_BEHIND.exec(name);
  const how = aggregation === null ? '' : aggregation[1].toLowerCase();
  if (aggregation !== null) name = name.replace(aggregation[0], '');
  const scale = unit === null ? null : scaleOf(unit[1]);
  if (/^\s*%/.test(name)) return { id: 'unused', scale };
  const plain =
    ALIASES.get(
      name
        .normalize('NFC')
        .toLowerCase()
        .replace(/[^\p{L}]/gu, ''),
    ) ?? null;
  return { id: aggregated(plain, how), scale };
}

function aggregated(id: ColumnId | null, how: string): ColumnId | null {
  if (how === '' || how === 'sum' || how === 'summe' || how === 'count' || id === null) return id;
  if (!how.startsWith('max')) return 'unused';
  return id === 'inclusive' ? 'maxInclusive' : id === 'fragmented' ? 'maxFragmented' : 'unused';
}

function headerOf(cells: readonly string[]): Header {
  const at = new Map<ColumnId, number>();
  const scale = new Map<NumberColumn, number | null>();
  for (const [i, cell] of cells.entries()) {
    const { id, scale: factor } = columnOf(cell);
    if (id === null || id === 'unused' || at.has(id)) continue;
    at.set(id, i);
    if (NUMBERS.includes(id as NumberColumn)) scale.set(id as NumberColumn, factor);
  }
  const dpcWords = cells.some((cell) => /\b(DPC|ISR)s?\b/i.test(cell));
  return { cells, at, scale, dpcWords, mode: modeOf(at) };
}

/** With times, rows are fragments of runs; without, they are sums over them. */
function modeOf(at: ReadonlyMap<ColumnId, number>): Header['mode'] {
  const has = (...ids: ColumnId[]): boolean => ids.some((id) => at.has(id));
  if (has('enter') && has('exit', 'fragExit', ...DURATIONS)) return 'runs';
  if (has('exit') && has('inclusive')) return 'runs';
  if (has('fragEnter') && has('fragExit', 'fragmented')) return 'runs';
  if (has('enter', 'exit')) return null;
  return has('count', ...DURATIONS) && has('module', 'fn', 'cpu', 'type', 'dpcType') ? 'sums' : null;
}

/** True where the table is certainly of DPCs and ISRs: a word says so, or durations that no other table has. */
const isDpcTable = (header: Header): boolean =>
  header.at.size >= 2 &&
  (header.dpcWords || (['inclusive', 'exclusive'] as const).some((id) => header.at.has(id) && header.at.has('module')));

const isHeader = (cells: readonly string[]): boolean => {
  const header = headerOf(cells);
  return header.mode !== null && isDpcTable(header);
};

/** The header among a file's first lines, with the delimiter that makes the most of it. */
function findHeader(lines: readonly string[]): { header: Header; delimiter: string } | null {
  let best: { header: Header; delimiter: string } | null = null;
  for (const line of lines.slice(0, HEADER_LINES)) {
    if (line.length > MAX_HEADER) continue;
    for (const delimiter of DELIMITERS) {
      const header = headerOf(headerCells(line, delimiter));
      if (!isDpcTable(header)) continue;
      const better = best === null || (header.mode !== null && best.header.mode === null);
      if (better || header.at.size > (best?.header.at.size ?? 0)) best = { header, delimiter };
    }
    if (best !== null && best.header.mode !== null) return best;
  }
  return best;
}

function sniff(prefix: Prefix): Claim {
  if (prefix.encoding === 'binary') return NOT_MINE;
  const found = findHeader(prefix.lines);
  if (found !== null && found.header.mode !== null) return CLAIMED;
  if (found !== null || headerLooksTranslated(prefix.lines)) return refuse(refusalOf(prefix.lines));
  const table = otherTable(prefix.lines);
  return table === null ? NOT_MINE : refuse(`is a WPA export of the ${table} table, not DPC/ISR; ${NEEDED}.`);
}

/** `DPC/ISR` in at least one cell of a first line that ends its cells in units: WPA in a language not known here. */
function headerLooksTranslated(lines: readonly string[]): boolean {
  const cells = firstCells(lines);
  return cells.length >= 3 && cells.some((cell) => /\bDPCs?\/ISRs?\b/i.test(cell)) && cells.some((c) => UNIT.test(c));
}

function refusalOf(lines: readonly string[]): string {
  const cells = firstCells(lines);
  const unknown = cells.filter((cell) => columnOf(cell).id === null).map((cell) => `"${printable(cell, 60)}"`);
  const known = cells.filter((cell) => columnOf(cell).id !== null).map((cell) => `"${printable(cell, 60)}"`);
  const why =
    unknown.length > 0 ? `headers not known: ${unknown.slice(0, 12).join(', ')}` : `it has ${known.join(', ')}`;
  return `looks like a WPA DPC/ISR table whose columns do not suffice (${why}); ${NEEDED}.`;
}

function otherTable(lines: readonly string[]): string | null {
  const cells = firstCells(lines);
  if (cells.length < 3 || !cells.some((cell) => /\((s|ms|us|ns|B|[^\x20-\x7e]{1,3}s?)\)\s*$/i.test(cell))) return null;
  return OTHER_TABLES.find(([pattern]) => cells.some((cell) => pattern.test(cell)))?.[1] ?? null;
}

function firstCells(lines: readonly string[]): string[] {
  const first = lines.find((line) => line.trim() !== '' && !/^sep=.$/i.test(line.trim()));
  if (first === undefined || first.length > MAX_HEADER) return [];
  const cut = DELIMITERS.map((delimiter) => headerCells(first, delimiter));
  return cut
    .reduce((best, cells) => (cells.length > best.length ? cells : best))
    .map((c) => c.slice(0, MAX_HEADER_CELL));
}

/** Numbers of one header's columns, as the file prints them. */
type Locale = ReadonlyMap<NumberColumn, Separator>;

/** The runs, each in the making until all records are read; the lists hold what only folding needs, run by run. */
interface Runs {
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
}

/** Sums of a table without times, by what they are sums of. */
interface Sum {
  kind: string | null;
  module: string | null;
  fn: string | null;
  cpu: number | null;
  count: number | null;
  inclusive: number | null;
  exclusive: number | null;
  fragmented: number | null;
  max: number | null;
  /** Records folded in; more than one where the table is of fragments. */
  records: number;
  line: number;
  byte: number;
  quote: string;
}

interface State {
  readonly out: Output;
  /** Null where nobody wants them. */
  readonly runs: Runs | null;
  readonly sums: Writer<typeof dpcAggregate> | null;
  header: Header | null;
  locale: Locale | null;
  /** Records that wait until the locale is decided. */
  waiting: CsvRecord[];
  waitingChars: number;
  summed: Map<string, Sum>;
  records: number;
  /** Most decimals seen in a time. */
  decimals: number;
}

async function parse(stream: TextStream, out: Output): Promise<void> {
  const found = findHeader(stream.head.toString('utf8').split('\n'));
  const state: State = {
    out,
    runs: runsFor(out, out.writer(dpcIsr)),
    sums: out.writer(dpcAggregate),
    header: null,
    locale: null,
    waiting: [],
    waitingChars: 0,
    summed: new Map(),
    records: 0,
    decimals: 0,
  };
  const options = { delimiter: found?.delimiter ?? ',', columns: () => state.header?.cells.length ?? null };
  for await (const record of recordsOf(stream, out, options)) take(state, record);
  settle(state);
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
  state.out.account.ignored++;
  const again = state.header !== null && record.fields.join('\n') === state.header.cells.join('\n');
  if (again) return;
  state.header = headerOf(record.fields);
  state.locale = null;
  sayWhatIsMissing(state.header, state.out);
}

function sayWhatIsMissing({ at, mode }: Header, out: Output): void {
  const wanted: readonly (readonly [ColumnId, string])[] = [
    ['cpu', 'CPU'],
    ['module', 'Module'],
    ['fn', 'Function'],
  ];
  const missing = wanted.filter(([id]) => !at.has(id)).map(([, name]) => name);
  if (!at.has('type') && !at.has('dpcType')) missing.push('Type');
  if (mode === 'runs' && missing.length > 0) {
    const message = `the export has no column ${missing.join(', ')}: these stay unknown`;
    out.diagnostics.add('column-missing', 'warning', message, { count: missing.length });
  }
}

/** Trailing delimiters make empty fields at the end; anything else shifts cells. */
function rightLength(header: Header, { fields }: CsvRecord): boolean {
  const n = header.cells.length;
  return fields.length === n || (fields.length > n && fields.slice(n).every((field) => field.trim() === ''));
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

const cell = (header: Header, record: CsvRecord, id: ColumnId): string => {
  const at = header.at.get(id);
  return at === undefined ? '' : (record.fields[at] ?? '').trim();
};

/** Decides the locale from the records that wait, and reads them. */
function settle(state: State): void {
  const { header, waiting } = state;
  if (header === null || state.locale !== null) return;
  if (waiting.length === 0) return;
  state.locale = decideLocale(header, waiting, state.out);
  sayAssumedUnits(header, state.out);
  state.waiting = [];
  state.waitingChars = 0;
  for (const record of waiting) takeRecord(state, record);
}

/**
 * Which separator stands before the fraction, for each column on the evidence of its own cells first: a file that was
 * edited or joined can mix locales (one was seen with times `1,176567818` beside durations `5.909`). A column whose
 * cells prove nothing is decided, in this order, by whether its durations fit exit - enter; by what proved true in the
 * other columns, where it uses the same separator; and else by WPA printing a fixed number of decimals in a column, so
 * that three digits behind one separator in *every* cell are decimals and beside whole numbers are a group. The last
 * two steps are said, never silent.
 */
function decideLocale(header: Header, records: readonly CsvRecord[], out: Output): Locale {
  const shown = new Map<NumberColumn, Shown>();
  for (const id of NUMBERS) if (header.at.has(id)) shown.set(id, shownIn(header, records, id));
  const locale = new Map<NumberColumn, Separator>();
  for (const [id, { proof }] of shown) {
    if (proof['.'] === 0 && proof[','] === 0) continue;
    locale.set(id, proof['.'] >= proof[','] ? '.' : ',');
    if (proof['.'] > 0 && proof[','] > 0) sayMixedCells(header, id, out);
  }
  const proven = new Set(locale.values());
  if (proven.size === 2) sayMixedColumns(header, locale, out);
  const file = proven.size === 1 ? [...proven][0] : null;
  for (const [id, seen] of shown) {
    if (!locale.has(id)) locale.set(id, decideOpen(header, records, id, seen, file, locale, out));
  }
  return locale;
}

function shownIn(header: Header, records: readonly CsvRecord[], id: NumberColumn): Shown {
  const shown = nothingShown();
  for (const record of records) {
    const text = numberText(cell(header, record, id));
    if (text !== null) show(shown, text.digits);
  }
  return shown;
}

function decideOpen(
  header: Header,
  records: readonly CsvRecord[],
  id: NumberColumn,
  shown: Shown,
  file: Separator | null,
  locale: Locale,
  out: Output,
): Separator {
  const { open, plain } = shown;
  if (open['.'] === 0 && open[','] === 0) return file ?? '.';
  const used: Separator = open['.'] >= open[','] ? '.' : ',';
  const fitting = id === 'inclusive' ? fittingTimes(header, records, locale) : null;
  if (fitting !== null) return fitting;
  if (used === file) return file;
  const decimal = plain > 0 ? other(used) : used;
  sayAmbiguous(header, id, used, decimal, out);
  return decimal;
}

/** The reading under which inclusive durations are exit - enter; null where the times cannot tell. */
function fittingTimes(header: Header, records: readonly CsvRecord[], locale: Locale): Separator | null {
  const votes = { '.': 0, ',': 0 };
  for (const record of records) {
    const enter = micros(header, locale, record, 'enter');
    const exit = micros(header, locale, record, 'exit');
    if (enter === null || exit === null) continue;
    for (const sign of ['.', ','] as const) {
      const read = micros(header, new Map([['inclusive', sign]]), record, 'inclusive');
      if (read !== null && fits(read, exit - enter)) votes[sign]++;
    }
  }
  if (votes['.'] === votes[',']) return null;
  return votes['.'] > votes[','] ? '.' : ',';
}

/** Within 1 % or 2 µs: times are rounded too. */
const fits = (a: number, b: number): boolean => Math.abs(a - b) <= Math.max(2, Math.abs(b) * 0.01);

const named = (header: Header, id: NumberColumn): string => printable(header.cells[header.at.get(id) ?? 0], 60);

function sayAmbiguous(header: Header, id: NumberColumn, used: Separator, decimal: Separator, out: Output): void {
  const role = used === decimal ? 'decimal separator' : 'digit grouping';
  const message = `column "${named(header, id)}": '${used}' before three digits was read as ${role}; the file does not prove it`;
  out.about.notes.push(message);
  out.diagnostics.add('number-ambiguous', 'warning', message);
}

function sayMixedCells(header: Header, id: NumberColumn, out: Output): void {
  const message = `column "${named(header, id)}" holds decimal points and decimal commas: the cells in the minority are passed over`;
  out.diagnostics.add('number-mixed', 'data-loss', message);
}

function sayMixedColumns(header: Header, locale: Locale, out: Output): void {
  const commas = [...locale].filter(([, sign]) => sign === ',').map(([id]) => `"${named(header, id)}"`);
  const message = `some columns have decimal commas (${commas.join(', ')}), others points: each was read in its own way`;
  out.about.notes.push(message);
  out.diagnostics.add('number-mixed-columns', 'warning', message);
}

function sayAssumedUnits(header: Header, out: Output): void {
  for (const [id, scale] of header.scale) {
    if (scale !== null) continue;
    const unit = TIMES.includes(id as TimeColumn) ? 's' : 'ms';
    const message = `column "${named(header, id)}" has no unit in its header: cells without one were read as ${unit}, which WPA prints`;
    out.about.notes.push(message);
    out.diagnostics.add('unit-assumed', 'warning', message);
  }
}

const roundToNs = (us: number): number => Math.round(us * 1000) / 1000;

/** A time or duration in µs, to the nanosecond; null where the cell is empty or no number. */
function micros(header: Header, locale: Locale, record: CsvRecord, id: NumberColumn): number | null {
  const text = numberText(cell(header, record, id));
  return text === null ? null : scaled(header, locale, text, id);
}

function scaled(header: Header, locale: Locale, text: NumberText, id: NumberColumn): number | null {
  const value = numberOf(text, locale.get(id) ?? '.');
  const standard = header.scale.get(id) ?? (TIMES.includes(id as TimeColumn) ? 1e6 : 1e3);
  const scale = text.unit === '' ? standard : scaleOf(text.unit);
  if (value === null || scale === null) return null;
  const us = roundToNs(value * scale);
  return Number.isFinite(us) && Math.abs(us) < 1e15 ? us : null;
}

function takeRecord(state: State, record: CsvRecord): void {
  const { header, out } = state;
  if (header === null) return;
  const kind = kindOf(header, record, out);
  out.countEvent(cell(header, record, 'type') || kind || 'unknown', record.text.length);
  if ((header.mode === 'runs' ? state.runs : state.sums) === null) {
    out.account.ignored++;
    return;
  }
  const numbers = readNumbers(state, record);
  if (numbers === null) return;
  if (header.mode === 'runs') takeRun(state, record, numbers, kind);
  else takeSum(state, record, numbers, kind);
}

type Numbers = Partial<Record<NumberColumn, number>>;

/** All times and durations of a record; a cell that is not empty and no number makes it a damaged one. */
function readNumbers(state: State, record: CsvRecord): Numbers | null {
  const { header, locale, out } = state;
  const numbers: Numbers = {};
  if (header === null || locale === null) return null;
  for (const id of header.scale.keys()) {
    const text = cell(header, record, id);
    if (text === '' || /^(n\/a|-)$/i.test(text)) continue;
    const us = micros(header, locale, record, id);
    if (us === null || us < 0) {
      const message = `cells of times or durations that are no numbers (column "${named(header, id)}"): records passed over`;
      out.skip('bad-number', message, { line: record.line, example: record.text }, 'data-loss');
      return null;
    }
    numbers[id] = us;
    if (id === 'enter') state.decimals = Math.max(state.decimals, decimalsOf(text, locale.get(id) ?? '.'));
  }
  return numbers;
}

const decimalsOf = (text: string, decimal: Separator): number =>
  /^\d*/.exec(text.split(decimal)[1] ?? '')?.[0].length ?? 0;

/** `Type` is `DPC` or `Interrupt`; without it, `DPC Type` is blank for an ISR. */
function kindOf(header: Header, record: CsvRecord, out: Output): 'DPC' | 'ISR' | null {
  const type = cell(header, record, 'type').toLowerCase();
  if (/^dpc/.test(type)) return 'DPC';
  if (/^(interrupt|isr|unterbrechung)/.test(type)) return 'ISR';
  if (header.at.has('type') && type !== '') {
    const example = cell(header, record, 'type');
    out.diagnostics.add('type-unknown', 'warning', 'neither DPC nor interrupt: the kind stays unknown', {
      line: record.line,
      example,
    });
    return null;
  }
  if (!header.at.has('dpcType')) return null;
  return cell(header, record, 'dpcType') === '' ? 'ISR' : 'DPC';
}

/**
 * The kernel event, as far as WPA tells: `DPC Type` is `Regular`, `Timer` or (not documented) `Threaded`; a message
 * index above 0 belongs to a message-signalled interrupt, a blank or negative one does not, and 0 can be either.
 */
function eventOf(kind: 'DPC' | 'ISR' | null, dpcType: string, hasIndex: boolean, index: number | null): string | null {
  if (kind === 'DPC') {
    if (/^regular|^normal/i.test(dpcType)) return 'DPC';
    if (/^timer/i.test(dpcType)) return 'TimerDPC';
    return /^thread/i.test(dpcType) ? 'ThreadedDPC' : null;
  }
  if (kind === null || !hasIndex || index === 0) return null;
  return index === null || index < 0 ? 'ISR' : 'ISR-MSI';
}

const UNRESOLVED = new Set(['', 'unknown', '"unknown"', '<unknown>', '?', 'n/a', '-']);
const resolved = (text: string): string | null => (UNRESOLVED.has(text.toLowerCase()) || isAddress(text) ? null : text);

interface Names {
  readonly module: string | null;
  readonly fn: string | null;
  readonly routine: string | null;
  readonly address: bigint;
}

/** `Function` is `module!function` or the function alone. */
function namesOf(header: Header, record: CsvRecord): Names {
  const fnCell = cell(header, record, 'fn');
  const bang = fnCell.indexOf('!');
  const fn = resolved(fnCell.slice(bang + 1));
  const module = resolved(cell(header, record, 'module')) ?? (bang < 0 ? null : resolved(fnCell.slice(0, bang)));
  const printed = cell(header, record, 'address');
  const place = printed !== '' ? printed : isAddress(fnCell.slice(bang + 1)) ? fnCell.slice(bang + 1) : '';
  const address = parseAddress(place) ?? 0n;
  const last = fn ?? formatAddress(address);
  const routine = last === null ? null : module === null ? last : `${module}!${last}`;
  return { module, fn, routine, address };
}

/** A whole number in a cell; null where it is empty, and, said, where it is none. */
function wholeOf(state: State, record: CsvRecord, id: ColumnId): number | null {
  if (state.header === null) return null;
  const text = cell(state.header, record, id);
  if (text === '' || /^(n\/a|-|unknown)$/i.test(text)) return null;
  const hex = /^0x[0-9a-f]{1,7}$/i.test(text);
  if (hex || /^-?\d{1,9}$/.test(text)) return Number(text);
  const message = 'cells that should be whole numbers and are not: read as unknown';
  state.out.diagnostics.add('bad-cell', 'warning', message, { line: record.line, example: text });
  return null;
}

/** Counts may be grouped, and never have a fraction. */
function countOf(header: Header, record: CsvRecord): number | null {
  const digits = cell(header, record, 'count').replace(/[\s.,'’\u00a0\u202f]/g, '');
  return /^\d{1,15}$/.test(digits) ? Number(digits) : null;
}

function takeRun(state: State, record: CsvRecord, numbers: Numbers, kind: 'DPC' | 'ISR' | null): void {
  const { header, out } = state;
  if (header === null) return;
  const place = { line: record.line, example: record.text };
  const count = countOf(header, record);
  const start = startOf(numbers);
  // Totals that WPA prints for a group of rows have no enter time, or count more than one run.
  if (start === null || (count !== null && count > 1)) {
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
  addRun(state, record, { kind, count, start, end, numbers });
}

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
function addRun(state: State, record: CsvRecord, fragment: Fragment): void {
  const { header, runs, out } = state;
  if (header === null || runs === null) return;
  const { rows } = runs;
  const { cols, dicts, n } = rows.writer;
  const names = namesOf(header, record);
  const cpu = wholeOf(state, record, 'cpu') ?? NULL_I32;
  const kind = dicts.kind.id(fragment.kind);
  const routine = dicts.routine.id(names.routine);
  const same = sameRun(runs, fragment, cpu, kind, routine);
  if (same >= 0) {
    foldIn(runs, same, fragment);
    out.account.ignored++;
    return;
  }
  if (rows.n >= MAX_RUNS) {
    const message = `more than ${MAX_RUNS} runs: the rest was not read. Export a shorter range (wpaexporter -range).`;
    out.skip('too-many-rows', message, { line: record.line, example: record.text }, 'data-loss');
    return;
  }
  const index = wholeOf(state, record, 'messageIndex');
  const type = eventOf(fragment.kind, cell(header, record, 'dpcType'), header.at.has('messageIndex'), index);
  cols.kind[n] = kind;
  cols.type[n] = dicts.type.id(type);
  cols.startUs[n] = fragment.start;
  cols.durationUs[n] = Number.NaN;
  cols.cpu[n] = cpu;
  cols.vector[n] = wholeOf(state, record, 'vector') ?? NULL_I32;
  cols.messageIndex[n] = index !== null && index >= 0 ? index : NULL_I32;
  cols.module[n] = dicts.module.id(names.module);
  cols.routine[n] = routine;
  cols.address[n] = names.address;
  cols.line[n] = record.line;
  cols.byte[n] = record.byte;
  const row = rows.hold(Number.NaN, record.text);
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

function runsFor(out: Output, writer: Writer<typeof dpcIsr> | null): Runs | null {
  if (writer === null) return null;
  const rows = new HeldRuns(out, writer);
  return { rows, fragmentsUs: [], parts: [], hasFinal: [], byStart: new Map(), older: [] };
}

function takeSum(state: State, record: CsvRecord, n: Numbers, kind: 'DPC' | 'ISR' | null): void {
  const { header, out, summed } = state;
  if (header === null) return;
  const names = namesOf(header, record);
  const { module } = names;
  // An unresolved function keeps its printed name here: without one the row would be the module's own sum.
  const fn = names.fn ?? (cell(header, record, 'fn') || null);
  const cpu = wholeOf(state, record, 'cpu');
  const nameless = cell(header, record, 'module') === '' && fn === null && cpu === null;
  if (nameless && (header.at.has('module') || header.at.has('fn'))) {
    out.account.ignored++;
    const place = { line: record.line, example: record.text };
    out.diagnostics.add('total-row', 'info', 'grand totals were left out', place);
    return;
  }
  const key = JSON.stringify([kind, module, fn, cpu]);
  const sum = summed.get(key);
  if (sum === undefined && summed.size >= MAX_RUNS) {
    const message = `more than ${MAX_RUNS} sums: the rest was not read`;
    out.skip('too-many-rows', message, { line: record.line, example: record.text }, 'data-loss');
    return;
  }
  out.account.rows++;
  const count = countOf(header, record);
  const now = sumOf(record, n, count, { kind, module, fn, cpu });
  if (sum === undefined) summed.set(key, now);
  else foldSum(sum, now);
}

type SumKey = Pick<Sum, 'kind' | 'module' | 'fn' | 'cpu'>;

function sumOf(record: CsvRecord, n: Numbers, count: number | null, key: SumKey): Sum {
  // A row that counts one run is that run: its duration is the longest. One that counts none is an earlier fragment,
  // whose run's durations stand again on the final one.
  const own = count === 0;
  const single = count === 1 ? n.inclusive : undefined;
  return {
    ...key,
    count,
    inclusive: own ? null : (n.inclusive ?? null),
    exclusive: own ? null : (n.exclusive ?? null),
    fragmented: n.fragmented ?? null,
    max: n.maxInclusive ?? single ?? null,
    records: 1,
    line: record.line,
    byte: record.byte,
    quote: record.text,
  };
}

const plus = (a: number | null, b: number | null): number | null => (a === null ? b : b === null ? a : a + b);

function foldSum(sum: Sum, more: Sum): void {
  sum.count = plus(sum.count, more.count);
  sum.inclusive = plus(sum.inclusive, more.inclusive);
  sum.exclusive = plus(sum.exclusive, more.exclusive);
  sum.fragmented = plus(sum.fragmented, more.fragmented);
  sum.max = sum.max === null ? more.max : Math.max(sum.max, more.max ?? 0);
  sum.records++;
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
  if (state.sums !== null) writeSums(state, state.sums, quotes);
  if (state.runs !== null) writeRuns(state.runs, out);
}

function writeSums(state: State, writer: Writer<typeof dpcAggregate>, quotes: Map<number, string>): void {
  const repeated = [...state.summed.values()].some((sum) => sum.records > 1 && sum.count === null);
  if (repeated) {
    const message =
      'rows repeat for the same routine and have no Count (DPCs/ISRs): runs cannot be told from fragments, so that only ' +
      'times without interruptions are summed';
    state.out.diagnostics.add('runs-unknown', 'data-loss', message);
  }
  for (const sum of state.summed.values()) {
    const folded = sum.records > 1 && sum.count === null;
    quotes.set(sum.byte, sum.quote);
    writer.row({
      kind: sum.kind,
      module: sum.module,
      scope: scopeOf(sum),
      fn: sum.fn,
      cpu: sum.cpu,
      count: sum.count,
      totalUs: folded ? null : sum.inclusive,
      exclusiveUs: folded ? sum.fragmented : (sum.exclusive ?? sum.fragmented),
      maxUs: sum.max,
      line: sum.line,
      byte: sum.byte,
    });
  }
  writer.flush();
}

function scopeOf({ module, fn, cpu }: Sum): string {
  if (fn !== null) return 'function';
  if (cpu === null) return 'module';
  return module === null ? 'cpu' : 'module-cpu';
}

/** Hands the runs on in the order in which they ended. */
function writeRuns(runs: Runs, out: Output): void {
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

export const wpaCsv: Parser = {
  name: 'wpa-dpc-isr',
  title: 'WPA / wpaexporter table "DPC/ISR Duration" (CSV or copied)',
  madeBy: 'wpaexporter -i trace.etl -profile dpcisr.wpaProfile',
  specification: 'https://learn.microsoft.com/windows-hardware/test/wpt/cpu-analysis',
  tables: [dpcIsr, dpcAggregate],
  sniff,
  parse,
};
