/**
 * Prints messages as a table with a header line, `# PID TID Time Message`: the form in which traces are quoted in
 * articles, and that viewers save. Columns in any order; ids decimal or hex; times in several spellings.
 */
import { filetimeOf, shown, timeOfDay } from './clock.js';
import type { Message } from './model.js';
import type { MessageLog } from './play.js';

export type TextTraceColumn =
  | '#'
  | 'Module'
  | 'PID'
  | 'TID'
  | 'CPU'
  | 'Date'
  | 'Time'
  | 'Function'
  | 'Level'
  | 'Process'
  | 'Message';

export interface TextTraceOptions {
  /** Default `# PID TID Time Message`. Where cells are parted by blanks, keep `Message` last; no other may hold one. */
  readonly columns?: readonly TextTraceColumn[];
  readonly ids?: 'decimal' | 'hex' | '0x';
  /** Fraction of the second: 3, 6 or 7 digits. `ticks`: FILETIME in 100 ns, UTC. `seconds`: from the start, 6 digits. */
  readonly time?: 'ms' | 'us' | '100ns' | 'ticks' | 'seconds';
  readonly date?: 'iso' | 'us' | 'de';
  readonly separator?: 'blanks' | 'tab';
  readonly newline?: '\n' | '\r\n';
}

const USUAL: readonly TextTraceColumn[] = ['#', 'PID', 'TID', 'Time', 'Message'];
const LEVELS = ['', 'Critical', 'Error', 'Warning', 'Information', 'Verbose'] as const;
const DECIMALS = { ms: 3, us: 6, '100ns': 7 } as const;

/** Smallest step of the times printed, µs. */
export const resolutionUs = ({ time = 'ms' }: TextTraceOptions = {}): number => (time === 'ms' ? 1000 : 1);

export function textTrace(log: MessageLog, options: TextTraceOptions = {}): string {
  const columns = options.columns ?? USUAL;
  const rows = log.messages.map((message, i) => columns.map((column) => cell(log, message, i, column, options)));
  const table = [columns, ...rows];
  const newline = options.newline ?? '\r\n';
  const lines = options.separator === 'tab' ? table.map((row) => row.join('\t')) : aligned(table);
  return lines.map((line) => line + newline).join('');
}

/** Each column as wide as its widest cell, but the last. */
function aligned(table: readonly (readonly string[])[]): string[] {
  const widths = table[0].map((_, i) => table.reduce((most, row) => Math.max(most, row[i].length), 0));
  return table.map((row) => row.map((text, i) => (i === row.length - 1 ? text : text.padEnd(widths[i]))).join(' '));
}

function cell(
  log: MessageLog,
  message: Message,
  i: number,
  column: TextTraceColumn,
  { ids = 'decimal', time = 'ms', date = 'iso' }: TextTraceOptions,
): string {
  switch (column) {
    case '#':
      return String(i + 1);
    case 'Module':
      return message.provider;
    case 'PID':
      return idText(message.pid, ids);
    case 'TID':
      return idText(message.tid, ids);
    case 'CPU':
      return String(message.cpu);
    case 'Date':
      return dateText(message.clockUs, date);
    case 'Time':
      return timeText(log, message, time);
    case 'Function':
      return message.function;
    case 'Level':
      return LEVELS[message.level];
    case 'Process':
      return message.process;
    case 'Message':
      return message.message;
  }
}

function idText(id: number, ids: NonNullable<TextTraceOptions['ids']>): string {
  if (ids === 'decimal') return String(id);
  return ids === 'hex' ? id.toString(16).toUpperCase().padStart(4, '0') : `0x${id.toString(16)}`;
}

function dateText(clockUs: number, date: NonNullable<TextTraceOptions['date']>): string {
  const { year, month, day } = shown(clockUs);
  if (date === 'iso') return `${year}-${month}-${day}`;
  return date === 'us' ? `${Number(month)}/${Number(day)}/${year}` : `${day}.${month}.${year}`;
}

function timeText(log: MessageLog, message: Message, time: NonNullable<TextTraceOptions['time']>): string {
  if (time === 'ticks') return String(filetimeOf(message.clockUs, log.zoneMinutes));
  if (time === 'seconds') return ((message.clockUs - log.startClockUs) / 1e6).toFixed(6);
  return timeOfDay(shown(message.clockUs), DECIMALS[time]);
}
