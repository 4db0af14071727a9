/** Header lines of Citrix-style CSV files of CDF traces. */
import type { Prefix } from '../../src/core/parser.js';

export interface CdfColumns {
  readonly delimiter: ',' | ';' | '\t';
  readonly count: number;
  /** Index of each column; -1 where the file has none. */
  readonly at: Readonly<Record<CdfColumn, number>>;
}

const NAMES = {
  time: ['tracetime', 'time', 'timestamp', 'datetime', 'localtime'],
  date: ['date', 'tracedate'],
  pid: ['processid', 'pid'],
  tid: ['threadid', 'tid'],
  message: ['message', 'msg', 'text'],
  cpu: ['cpu', 'cpunumber', 'processor', 'processornumber'],
  process: ['processname', 'process', 'image', 'imagename'],
  provider: ['modulename', 'module', 'provider', 'providername', 'component'],
  file: ['src', 'file', 'source', 'sourcefile', 'filename', 'srcfile'],
  line: ['linenum', 'line', 'linenumber', 'lineno'],
  function: ['function', 'funcname', 'functionname', 'func'],
  level: ['level', 'severity', 'class'],
  machine: ['computer', 'computername', 'machine', 'machinename', 'host'],
  eventId: ['eventid'],
} as const;
export type CdfColumn = keyof typeof NAMES;

const MAX_TEXT = 4000;

/** `TraceTime,ProcessId,ThreadId,ModuleName,…,Message`; null where a line does not name these. */
export function cdfColumns(line: string): CdfColumns | null {
  if (line.length > MAX_TEXT) return null;
  const delimiter = ([',', ';', '\t'] as const).reduce((best, one) =>
    line.split(one).length > line.split(best).length ? one : best,
  );
  const names = line.split(delimiter).map((name) => name.toLowerCase().replace(/[^a-z]/g, ''));
  // The first name that is there counts: `Level` before `Class`.
  const at = Object.fromEntries(
    Object.entries(NAMES).map(([column, known]) => [
      column,
      known.map((name) => names.indexOf(name)).find((i) => i >= 0) ?? -1,
    ]),
  ) as Record<CdfColumn, number>;
  if (at.time < 0 || at.pid < 0 || at.tid < 0 || at.message < 0) return null;
  // With tabs it may be any table of messages; these spell their names as the tool does.
  if (delimiter === '\t' && !(names.includes('processid') && names.includes('threadid'))) return null;
  return { delimiter, count: names.length, at };
}

/** The columns that the first line with text names. */
export function cdfColumnsOf(prefix: Pick<Prefix, 'lines'>): CdfColumns | null {
  const first = prefix.lines.find((line) => line.trim() !== '');
  return first === undefined ? null : cdfColumns(first.trim());
}
