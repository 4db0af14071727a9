/** Every way in which a trace of messages is written, for tests that go through them all. */
import type { MessageLog } from './play.js';
import * as cdf from './write-cdf-csv.js';
import * as debug from './write-debugview.js';
import * as etl from './write-etl-messages.js';
import * as eventText from './write-eventlog-text.js';
import * as eventXml from './write-eventlog-xml.js';
import * as logs from './write-log-text.js';
import * as table from './write-text-trace.js';
import * as csv from './write-tracerpt-csv-events.js';
import * as xml from './write-tracerpt-xml-events.js';
import * as wpp from './write-wpp.js';

/** What of a message a format keeps. */
export interface Keeps {
  readonly date: boolean;
  /** Its times can be told in UTC. */
  readonly zone: boolean;
  readonly pid: boolean;
  readonly tid: boolean;
  readonly cpu: boolean;
  readonly process: boolean;
  readonly provider: boolean;
  readonly level: boolean;
  /** The text; else its variables only. */
  readonly message: boolean;
}

export interface MessageFormat {
  readonly name: string;
  /** As the parser that should claim it is called in the project. */
  readonly parser: string;
  /** Ending of a file of it. */
  readonly extension: string;
  write(log: MessageLog): Buffer;
  /** Files that decode it, where it needs some. */
  readonly decoding?: (log: MessageLog) => { readonly tmf: string; readonly manifest: string };
  /** Smallest step of its times; finer parts are cut off. */
  readonly resolutionUs: number;
  readonly keeps: Keeps;
  /** Prints true time, not what the clock showed. */
  readonly trueTime: boolean;
  readonly newestFirst: boolean;
}

const NOTHING: Keeps = {
  date: false,
  zone: false,
  pid: false,
  tid: false,
  cpu: false,
  process: false,
  provider: false,
  level: false,
  message: true,
};

function format(
  name: string,
  parser: string,
  extension: string,
  resolutionUs: number,
  keeps: string,
  write: (log: MessageLog) => string | Buffer,
  more: Partial<Pick<MessageFormat, 'trueTime' | 'newestFirst' | 'decoding'>> = {},
): MessageFormat {
  const kept = Object.fromEntries(keeps.split(' ').map((field) => [field, true]));
  return {
    name,
    parser,
    extension,
    resolutionUs,
    keeps: { ...NOTHING, ...kept },
    write: (log) => Buffer.from(write(log) as string),
    trueTime: false,
    newestFirst: false,
    ...more,
  };
}

const tableOf = (name: string, keeps: string, options: table.TextTraceOptions): MessageFormat =>
  format(name, 'text-trace', 'txt', table.resolutionUs(options), keeps, (log) => table.textTrace(log, options));

const logOf = (style: logs.LogStyle, keeps: string): MessageFormat =>
  format(`log-text, ${style}`, 'log-text', 'log', logs.resolutionUs({ style }), keeps, (log) =>
    logs.logText(log, { style }),
  );

const etlOf = (as: etl.EtlKind, keeps: string): MessageFormat =>
  format(`etl, ${as}`, 'etl', 'etl', 1, keeps, (log) => etl.etlMessages(log, { as }).etl, {
    trueTime: true,
    decoding: (log) => etl.etlMessages(log, { as }),
  });

const EVENT = 'date zone pid tid cpu provider level';

export const MESSAGE_FORMATS: readonly MessageFormat[] = [
  tableOf('text-trace', 'pid tid', {}),
  tableOf('text-trace, µs, hex, date', 'date pid tid provider', {
    columns: ['#', 'Module', 'PID', 'TID', 'Date', 'Time', 'Message'],
    time: 'us',
    ids: '0x',
  }),
  tableOf('text-trace, tabs, other order', 'date pid tid cpu process provider level', {
    columns: ['Date', 'Time', 'Process', 'TID', 'PID', 'CPU', 'Level', 'Module', 'Function', 'Message'],
    time: '100ns',
    separator: 'tab',
    newline: '\n',
  }),
  tableOf('text-trace, ticks', 'date zone pid tid', { time: 'ticks' }),
  tableOf('text-trace, seconds', 'pid tid', { time: 'seconds' }),
  format('wpp-text', 'wpp-text', 'txt', wpp.resolutionUs(), 'date pid tid cpu provider', (log) => wpp.wppText(log)),
  format('wpp-text, ns', 'wpp-text', 'txt', 1, 'date pid tid cpu provider', (log) =>
    wpp.wppText(log, { nanoseconds: true }),
  ),
  format('cdf-csv', 'cdf-csv', 'csv', cdf.resolutionUs(), 'date pid tid cpu provider level', (log) => cdf.cdfCsv(log)),
  format('tracerpt-csv', 'tracerpt-csv', 'csv', csv.resolutionUs(), EVENT, (log) => csv.tracerptCsvEvents(log)),
  format('tracerpt-xml', 'tracerpt-xml', 'xml', xml.resolutionUs(), EVENT, (log) => xml.tracerptXmlEvents(log)),
  format('eventlog-text', 'eventlog-text', 'txt', eventText.resolutionUs(), 'date provider level', (log) =>
    eventText.eventlogText(log),
  ),
  format(
    'eventlog-text, newest first',
    'eventlog-text',
    'txt',
    eventText.resolutionUs({ style: 'wevtutil-11' }),
    'date zone provider level',
    (log) => eventText.eventlogText(log, { style: 'wevtutil-11', newestFirst: true }),
    { newestFirst: true },
  ),
  format('eventlog-text, viewer', 'eventlog-text', 'txt', 1, 'date zone pid tid provider level', (log) =>
    eventText.eventlogText(log, { style: 'viewer' }),
  ),
  format('eventlog-xml', 'eventlog-xml', 'xml', eventXml.resolutionUs(), 'date zone pid tid provider level', (log) =>
    eventXml.eventlogXml(log, { rendered: true }),
  ),
  format('debugview', 'debugview', 'log', debug.resolutionUs(), 'pid', (log) => debug.debugView(log), {
    trueTime: true,
  }),
  format('debugview, clock', 'debugview', 'log', 1000, 'pid', (log) => debug.debugView(log, { time: 'clock' })),
  logOf('iso', 'date zone pid tid provider level'),
  logOf('comma', 'date tid level'),
  logOf('syslog', 'pid'),
  logOf('us', 'date tid level'),
  logOf('de', 'date level'),
  etlOf('wpp', EVENT.replace('level', 'process level')),
  etlOf('manifest', EVENT.replace('level', 'process level')),
  etlOf('tracelogging', EVENT.replace('level', 'process level')),
];
