/**
 * Header lines of tables of messages: which column is what.
 *
 *     #    PID  TID  Time         Message
 *     No     PID  TID   Date      Time         Statement
 *     Time (us)<TAB>Process Name<TAB>Thread ID<TAB>Level<TAB>Message
 */

/** What a column holds. `skip`: one word that is not read, `number`: one that must be a number. */
export type ColumnKind =
  | 'number'
  | 'skip'
  | 'pid'
  | 'tid'
  | 'cpu'
  | 'date'
  | 'time'
  | 'level'
  | 'provider'
  | 'process'
  | 'function'
  | 'file'
  | 'line'
  | 'eventId'
  | 'machine'
  | 'message';

export interface TableColumn {
  readonly kind: ColumnKind;
  /** As printed. */
  readonly name: string;
  /** Unit of a column of time that holds plain numbers, ns; null where its name does not say. */
  readonly unitNs: number | null;
}

export interface TableHeader {
  readonly columns: readonly TableColumn[];
  /** Columns are parted by tabs: cells may hold blanks, and be empty. */
  readonly isTabbed: boolean;
}

const NAMES: Readonly<Record<Exclude<ColumnKind, 'skip' | 'time'>, readonly string[]>> = {
  number: ['#', 'no', 'no.', 'nr', 'nr.', 'num', 'index', 'seq', 'sequence'],
  pid: ['pid', 'process id', 'processid', 'proc id'],
  tid: ['tid', 'thread id', 'threadid', 'thread'],
  cpu: ['cpu', 'cpu#', 'processor', 'core'],
  date: ['date', 'day'],
  level: ['level', 'severity', 'lvl'],
  provider: ['module', 'modulename', 'module name', 'component', 'provider', 'logger', 'subsystem', 'facility'],
  process: ['process', 'process name', 'processname', 'image', 'image name'],
  function: ['function', 'func', 'funcname', 'function name', 'method', 'routine'],
  file: ['file', 'filename', 'file name', 'source', 'src', 'source file'],
  line: ['line', 'line#', 'linenum', 'line number', 'linenumber', 'source line'],
  eventId: ['event id', 'eventid'],
  machine: ['computer', 'machine', 'host', 'hostname'],
  message: ['message', 'statement', 'text', 'msg', 'description', 'details', 'message text', 'trace message'],
};
const KINDS: ReadonlyMap<string, ColumnKind> = new Map(
  Object.entries(NAMES).flatMap(([kind, names]) => names.map((name) => [name, kind as ColumnKind])),
);
const TIMES = new Set([
  'time',
  'timestamp',
  'time stamp',
  'tracetime',
  'trace time',
  'clock',
  'clock time',
  'time of day',
]);
/** Names of times that say the unit themselves. */
const COUNTS = new Set([
  'elapsed',
  'elapsed time',
  'uptime',
  'ticks',
  'tick',
  'ms',
  'us',
  'µs',
  'ns',
  's',
  'sec',
  'seconds',
]);
const UNITS_NS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1000,
  µs: 1000,
  μs: 1000,
  usec: 1000,
  microseconds: 1000,
  ms: 1e6,
  msec: 1e6,
  milliseconds: 1e6,
  s: 1e9,
  sec: 1e9,
  seconds: 1e9,
  tick: 100,
  ticks: 100,
  '100ns': 100,
};

/** `Time(ms)`, `Time (us)`, `Elapsed [s]` */
const WITH_UNIT = /^(.{1,20}?) ?[([]([^)\]]{1,12})[)\]]$/;
/** No header has more words. */
const MAX_WORDS = 64;
const MAX_TEXT = 1000;

/** The columns that a line names; null where it is no header: the last must be the message, and there must be a time and who speaks. */
export function tableHeader(line: string): TableHeader | null {
  if (line.length > MAX_TEXT) return null;
  const isTabbed = line.trim().includes('\t');
  const columns = isTabbed ? line.trimEnd().split('\t').map(columnOf) : parted(line.trim());
  const has = (kind: ColumnKind): boolean => columns.some((column) => column.kind === kind);
  if (columns.length < 3 || columns.length > MAX_WORDS || columns.at(-1)?.kind !== 'message') return null;
  if (columns.filter(({ kind }) => kind === 'message').length > 1) return null;
  if (!has('time') || !(has('pid') || has('tid') || has('number'))) return null;
  return { columns, isTabbed };
}

/** Names of up to three words, the longest that is known first. */
function parted(line: string): TableColumn[] {
  const words = line.split(/\s+/, MAX_WORDS + 1);
  const columns: TableColumn[] = [];
  for (let i = 0; i < words.length; ) {
    let count = 3;
    while (count > 1 && !isKnown(words.slice(i, i + count).join(' '))) count--;
    columns.push(columnOf(words.slice(i, i + count).join(' ')));
    i += count;
  }
  return columns;
}

const isKnown = (name: string): boolean => columnOf(name).kind !== 'skip';

function columnOf(text: string): TableColumn {
  const name = text.trim();
  const lower = name.toLowerCase();
  const kind = KINDS.get(lower);
  if (kind !== undefined) return { kind, name, unitNs: null };
  const match = WITH_UNIT.exec(lower);
  const base = match === null ? lower : match[1];
  if (!TIMES.has(base) && !COUNTS.has(base)) return { kind: 'skip', name, unitNs: null };
  return { kind: 'time', name, unitNs: (match === null ? null : UNITS_NS[match[2]]) ?? UNITS_NS[base] ?? null };
}

/** Columns of excerpts that have lost their header: `1972 2780 5992 10:05:11.005 Error: …`. */
export const BARE_TABLE: TableHeader = {
  columns: (['number', 'pid', 'tid', 'time', 'message'] as const).map((kind) => ({ kind, name: kind, unitNs: null })),
  isTabbed: false,
};
