/**
 * Prints messages as the CSV that Citrix's tracing tools save: a header, then a record each. No public file was found;
 * the columns are those that the tools' own window shows, the spelling of the first three is that of the task.
 */
import { shown, timeOfDay } from './clock.js';
import type { Message } from './model.js';
import type { MessageLog } from './play.js';

export interface CdfCsvOptions {
  /** 3 or 7 digits of the second. */
  readonly time?: 'ms' | '100ns';
  readonly ids?: 'decimal' | 'hex';
}

export const resolutionUs = ({ time = '100ns' }: CdfCsvOptions = {}): number => (time === 'ms' ? 1000 : 1);

const HEADER = 'TraceTime,ProcessId,ThreadId,CPU,Session,Module,Src,Line,Function,Level,Class,Message';
const LEVELS = ['', 'Fatal', 'Error', 'Warning', 'Information', 'Verbose'] as const;

export const cdfCsv = (log: MessageLog, options: CdfCsvOptions = {}): string =>
  `${[HEADER, ...log.messages.map((message) => record(message, options))].join('\r\n')}\r\n`;

function record(message: Message, { time = '100ns', ids = 'decimal' }: CdfCsvOptions): string {
  const at = shown(message.clockUs);
  const id = (value: number): string => (ids === 'hex' ? `0x${value.toString(16).toUpperCase()}` : String(value));
  return [
    `${at.year}/${at.month}/${at.day} ${timeOfDay(at, time === 'ms' ? 3 : 7)}`,
    id(message.pid),
    id(message.tid),
    message.cpu,
    0,
    message.provider,
    message.file,
    message.line,
    message.function,
    LEVELS[message.level],
    'General',
    message.message,
  ]
    .map((field) => quoted(String(field)))
    .join(',');
}

/** In quotes where it must be, as RFC 4180 has it. */
const quoted = (field: string): string => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field);
