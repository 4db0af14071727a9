/** Prints a truth as WPA exports its "DPC/ISR Duration" table: one row per fragment, columns as the user chose them. */
import { nestedIn } from './oracle.js';
import { endUs, type Run, type Truth } from './truth.js';

/** A stretch of a run between two interrupts. */
interface Fragment {
  readonly run: Run;
  readonly startUs: number;
  readonly endUs: number;
  readonly last: boolean;
  /** Sum of the run's fragments. */
  readonly exclusiveUs: number;
  readonly many: boolean;
}

function fragmentsOf(run: Run, runs: readonly Run[]): Fragment[] {
  const stretches: { startUs: number; endUs: number }[] = [];
  let from = run.startUs;
  for (const inner of nestedIn(run, runs).sort((a, b) => a.startUs - b.startUs)) {
    if (inner.startUs > from) stretches.push({ startUs: from, endUs: inner.startUs });
    from = Math.max(from, endUs(inner));
  }
  stretches.push({ startUs: from, endUs: endUs(run) });
  const exclusiveUs = stretches.reduce((sum, s) => sum + s.endUs - s.startUs, 0);
  const many = stretches.length > 1;
  return stretches.map((s, i) => ({ ...s, run, exclusiveUs, many, last: i === stretches.length - 1 }));
}

/** How numbers and fields are written in a country. */
interface Locale {
  readonly delimiter: string;
  readonly point: string;
  readonly grouping: string;
}

const EN: Locale = { delimiter: ',', point: '.', grouping: ',' };
const DE: Locale = { delimiter: ';', point: ',', grouping: '.' };

type Column = readonly [title: string, value: (fragment: Fragment, locale: Locale) => string];

/** µs as a decimal number of a larger unit, with as many decimals as WPA shows (ns). */
function decimal(us: number, perUnit: 1000 | 1_000_000, locale: Locale): string {
  const whole = String(Math.floor(us / perUnit)).replace(/\B(?=(\d{3})+$)/g, locale.grouping);
  const digits = perUnit === 1000 ? 3 : 6;
  return `${whole}${locale.point}${String(us % perUnit).padStart(digits, '0')}000`;
}

const ENTER: Column = ['DPC/ISR Enter Time (s)', (f, l) => decimal(f.run.startUs, 1_000_000, l)];
const TYPE: Column = ['Type', (f) => (f.run.kind === 'ISR' ? 'Interrupt' : 'DPC')];
const DPC_TYPE: Column = [
  'DPC Type',
  ({ run }) => ({ DPC: 'Regular', TimerDPC: 'Timer', ThreadedDPC: 'Threaded', ISR: '', 'ISR-MSI': '' })[run.type],
];
const CPU: Column = ['CPU', (f) => String(f.run.cpu)];
const MODULE: Column = ['Module', (f) => f.run.module ?? 'Unknown'];
const FUNCTION: Column = ['Function', ({ run }) => run.fn ?? (run.module === null ? 'Unknown' : address(run))];
const ADDRESS: Column = ['Address', (f) => address(f.run)];
const VECTOR: Column = ['Vector', (f) => String(f.run.vector ?? '')];
const MESSAGE: Column = ['MessageIndex', (f) => String(f.run.messageIndex ?? '')];
const FRAGMENT: Column = ['Fragment', (f) => (f.many ? 'True' : 'False')];
const FRAGMENT_ENTER: Column = ['Fragment Enter Time (s)', (f, l) => decimal(f.startUs, 1_000_000, l)];
const FRAGMENTED: Column = ['Duration (Fragmented) (ms)', (f, l) => decimal(f.endUs - f.startUs, 1000, l)];
const EXCLUSIVE: Column = ['Exclusive Duration (ms)', (f, l) => decimal(f.exclusiveUs, 1000, l)];
const INCLUSIVE: Column = ['Inclusive Duration (ms)', (f, l) => decimal(f.run.durationUs, 1000, l)];
const COUNT: Column = ['Count (DPCs/ISRs)', (f) => (f.last ? '1' : '0')];
const COUNT_FRAGMENTS: Column = ['Count (Fragments)', () => '1'];

const address = (run: Run): string => `0x${run.address.toString(16).padStart(16, '0')}`;

const EN_COLUMNS: readonly Column[] = [
  TYPE,
  DPC_TYPE,
  MODULE,
  FUNCTION,
  CPU,
  ADDRESS,
  VECTOR,
  MESSAGE,
  FRAGMENT,
  COUNT,
  COUNT_FRAGMENTS,
  ENTER,
  FRAGMENT_ENTER,
  FRAGMENTED,
  EXCLUSIVE,
  INCLUSIVE,
];

const DE_COLUMNS: readonly Column[] = [CPU, TYPE, DPC_TYPE, MODULE, FUNCTION, COUNT, INCLUSIVE, EXCLUSIVE, ENTER];

const quoted = (text: string, delimiter: string): string =>
  text.includes(delimiter) || text.includes('"') ? `"${text.replaceAll('"', '""')}"` : text;

function table(truth: Truth, columns: readonly Column[], locale: Locale): string {
  const fragments = truth.runs.flatMap((run) => fragmentsOf(run, truth.runs)).sort((a, b) => a.startUs - b.startUs);
  const row = (cells: readonly string[]): string =>
    cells.map((cell) => quoted(cell, locale.delimiter)).join(locale.delimiter);
  const rows = fragments.map((fragment) => row(columns.map(([, value]) => value(fragment, locale))));
  return `\uFEFF${[row(columns.map(([title]) => title)), ...rows].join('\r\n')}\r\n`;
}

/** Comma, decimal point; UTF-8 with byte-order mark. */
export function wpaCsvEn(truth: Truth): Buffer {
  return Buffer.from(table(truth, EN_COLUMNS, EN), 'utf8');
}

/** Semicolon, decimal comma; UTF-16LE with byte-order mark; fewer columns, in another order. */
export function wpaCsvDe(truth: Truth): Buffer {
  return Buffer.from(table(truth, DE_COLUMNS, DE), 'utf16le');
}
