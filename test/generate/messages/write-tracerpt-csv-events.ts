/**
 * Prints messages as `tracerpt -of CSV` prints events of providers: the 20 columns of a real export, its widths, ids in
 * hex, times as FILETIME; a header event first. User data are the message's variables, in quotes where they are no
 * numbers, or the whole message. How tracerpt prints a quote inside a string is not known: here it is doubled.
 */
import { filetimeOf } from './clock.js';
import type { Message } from './model.js';
import type { MessageLog } from './play.js';

export interface TracerptEventsOptions {
  /**
   * `values`: the variables. Starts and finishes then have one id, and end with `"started "` or `"finished "`; where no
   * variable tells spans apart, their name comes first.
   */
  readonly data?: 'message' | 'values';
}

export const resolutionUs = (_options: TracerptEventsOptions = {}): number => 1;

const HEADER =
  '  Event Name,       Type,     Event ID,    Version,    Channel,      Level,     Opcode,       Task,            Keyword,        PID,        TID,     Processor Number,  Instance ID,   Parent Instance ID,                              Activity ID,                      Related Activity ID,           Clock-Time, Kernel(ms),   User(ms), User Data';

/** Channel of events without one: TraceLogging's and classic ones differ. */
const CHANNEL = 16;

export function tracerptCsvEvents(log: MessageLog, { data = 'message' }: TracerptEventsOptions = {}): string {
  const names = data === 'values' ? spanNames(log) : null;
  const lines = log.messages.map((message) =>
    names === null
      ? line(log, message, message.eventId, [text(message.message)])
      : line(log, message, names.get(message.template)?.eventId ?? message.eventId, values(message, names)),
  );
  return `${[HEADER, headerEvent(log), ...lines].join('\r\n')}\r\n`;
}

/** Of templates that start or finish spans: the start's id, and the spans' name where nothing else tells them apart. */
type SpanNames = ReadonlyMap<number, { readonly eventId: number; readonly name: string | null }>;

function spanNames({ truth }: MessageLog): SpanNames {
  const pairs = truth.spans.flatMap(({ startTemplate, finishTemplate, key, name }) => {
    const named = { eventId: truth.templates[startTemplate].eventId, name: key === null ? name : null };
    return [startTemplate, finishTemplate].map((template) => [template, named] as const);
  });
  return new Map(pairs);
}

const number = (value: number, width: number): string => ` ${String(value).padStart(width)}`;
const id = (value: number): string => ` 0x${value.toString(16).toUpperCase().padStart(8, '0')}`;
const text = (value: string): string => ` "${value.replaceAll('"', '""')}"`;

/** As the real export prints fields: numbers padded, hex as it is, texts in quotes. */
function values({ values, part, template }: Message, names: SpanNames): string[] {
  const fields = values.map(({ kind, text: value }) => {
    if (kind === 'num' || kind === 'retry') return ` ${value.padStart(8)}`;
    return kind === 'hex' || kind === 'addr' ? ` ${value}` : text(value.replace(/^"(.*)"$/, '$1'));
  });
  if (part === null) return fields;
  const name = names.get(template)?.name ?? null;
  return [...(name === null ? [] : [text(name)]), ...fields, text(part === 'start' ? 'started ' : 'finished ')];
}

interface Row {
  readonly name: string;
  readonly type: string;
  readonly eventId: number;
  readonly version: number;
  readonly channel: number;
  readonly level: number;
  readonly opcode: number;
  readonly pid: number;
  readonly tid: number;
  readonly cpu: number;
  readonly filetime: bigint;
  readonly data: readonly string[];
}

const rowText = (row: Row): string =>
  [
    row.name.padStart(12),
    ` ${row.type.padStart(10)}`,
    number(row.eventId, 12),
    number(row.version, 10),
    number(row.channel, 10),
    number(row.level, 10),
    number(row.opcode, 10),
    number(0, 10),
    ' 0x0000000000000001',
    id(row.pid),
    id(row.tid),
    number(row.cpu, 20),
    ' '.repeat(13),
    ' '.repeat(21),
    '   {00000000-0000-0000-0000-000000000000}',
    ' '.repeat(41),
    `   ${row.filetime}`,
    number(0, 10),
    number(0, 10),
    ...row.data,
  ].join(',');

function line({ zoneMinutes }: MessageLog, message: Message, eventId: number, data: readonly string[]): string {
  const { provider, level, pid, tid, cpu, clockUs } = message;
  const filetime = filetimeOf(clockUs, zoneMinutes);
  const common = { type: '0', version: 0, channel: CHANNEL, level, opcode: 0, pid, tid, cpu, filetime, data };
  return rowText({ ...common, name: `${provider} `, eventId });
}

/** TRACE_LOGFILE_HEADER in the order in which tracerpt prints it. */
function headerEvent(log: MessageLog): string {
  const start = filetimeOf(log.startClockUs, log.zoneMinutes);
  const end = start + BigInt(log.lengthUs) * 10n;
  const n = (value: number | bigint | string): string => ` ${String(value).padStart(8)}`;
  const data = [
    ...[8192, 83951626, 22631, log.cpus, end, 156250, 0, '0x0', 151, 1, 8, 0, 2995, '0xA', '0x7'].map(n),
    ...['133890000000000000', '10000000', start, '0x1', 0].map(n),
    ' "Lamp Session"',
    ` "C:\\Traces\\${log.name}.etl"`,
  ];
  const common = { version: 2, channel: 0, level: 0, opcode: 0, pid: 2144, tid: 6212, cpu: 0, filetime: start, data };
  return rowText({ ...common, name: 'EventTrace', type: 'Header', eventId: 0 });
}
