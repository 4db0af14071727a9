/** The `info` answer as read on a screen. */
import type { SourceSummary } from '../core/analysis.js';
import { printable } from '../core/text.js';
import type { InfoResult, SourceInfo } from '../info.js';
import type { Reportable } from './document.js';
import { colorsOf, renderDiagnostics, renderTable, type TerminalOptions, wrap } from './terminal.js';
import type { View, ViewColumn } from './views.js';

const MAX_EVENTS = 60;

const EVENTS: readonly ViewColumn<SourceInfo['events'][number]>[] = [
  { key: 'name', title: 'Event', rank: 0, value: (e) => printable(e.name, 80) },
  {
    key: 'provider',
    title: 'Provider',
    rank: 1,
    value: (e) => (e.provider === 'kernel' ? 'kernel' : providerText(e)),
  },
  { key: 'id', title: 'Id', rank: 2, value: (e) => e.id },
  { key: 'version', title: 'Ver', rank: 3, value: (e) => e.version },
  { key: 'opcode', title: 'Opcode', rank: 4, value: (e) => e.opcode },
  { key: 'count', title: 'Count', rank: 0, value: (e) => e.count },
  { key: 'bytes', title: 'Bytes', rank: 0, value: (e) => e.bytes },
];

function providerText({ provider, providerName }: SourceInfo['events'][number]): string | null {
  return providerName === null ? provider : printable(providerName, 60);
}

export function renderInfo(report: Reportable & { readonly result: InfoResult }, options: TerminalOptions): string {
  const { more, ...first } = report.result;
  const parts = [first, ...more].map((source, i) => renderSource(source, report.sources[i], options));
  return [...parts, renderDiagnostics(report.diagnostics, options)].filter((part) => part !== '').join('\n');
}

function renderSource(info: SourceInfo, source: SourceSummary, options: TerminalOptions): string {
  const c = colorsOf(options);
  const { about, account } = source;
  const facts: [string, string | number | null][] = [
    ['Format', `${info.format}, ${info.encoding}${source.container === null ? '' : `, in ${source.container}`}`],
    ['Size', source.bytes === null ? null : `${source.bytes} bytes`],
    ['Start', info.span.startUtc ?? about.clock.startLocal?.replace('T', ' ') ?? null],
    ...(info.span.firstEventUtc === info.span.startUtc
      ? []
      : [['First event', info.span.firstEventUtc] as [string, string | null]]),
    ['End', info.span.endUtc],
    ['Duration', info.span.durationUs === null ? null : `${(info.span.durationUs / 1e6).toFixed(6)} s`],
    ['Clock step', about.clock.resolutionNs === null ? null : `${Number(about.clock.resolutionNs.toPrecision(6))} ns`],
    ['Zone', about.clock.zone],
    ['Machine', machineText(about.machine)],
    ...sessionFacts(about.session),
    [
      'Stacks',
      info.stacks.matched === null ? null : `${info.stacks.events}, of which ${info.stacks.matched} find their event`,
    ],
    ['Events lost', about.eventsLost],
    ['Buffers lost', about.buffersLost],
    [
      'Read',
      `${account.read} ${account.unit}s = ${account.rows} rows + ${account.skipped} skipped + ${account.ignored} ignored` +
        (about.truncated ? '; the source is cut off' : ''),
    ],
  ];
  const lines = facts
    .filter(([name, value]) => name !== 'Stacks' || value !== null)
    .map(([name, value]) => wrap(`${`${name}:`.padEnd(14)}${value ?? 'unknown'}`, options.width, 14));
  for (const note of about.notes) lines.push(wrap(`${'Note:'.padEnd(14)}${printable(note, 400)}`, options.width, 14));
  for (const { command, answers, why } of info.capabilities) {
    lines.push(wrap(`${`${command}:`.padEnd(14)}${answers ? 'yes' : 'no'}: ${why}`, options.width, 14));
  }
  const events = {
    name: 'event',
    title: `Events (${info.eventsTotal})`,
    columns: EVENTS,
    rows: info.events,
    of: info.events.length,
  };
  const table =
    info.events.length === 0
      ? ''
      : `\n${renderTable(events as unknown as View<never>, null, MAX_EVENTS, options, '--json lists all')}`;
  return `${c.bold(`${source.id} ${printable(source.path)}`)}\n${lines.join('\n')}\n${table}`;
}

/** What only recording sessions have; nothing where the source has none. */
function sessionFacts(session: SourceInfo['session']): [string, string | number | null][] {
  if (session === null) return [['Session', null]];
  const { name, logFile, mode, clock, clockHz, bufferBytes, buffers, compressed, pointerBytes, bootUtc, zoneName } =
    session;
  const facts: [string, string | number | null | undefined][] = [
    ['Session', name === null ? '(no name)' : printable(name)],
    ['Log file', logFile == null ? logFile : printable(logFile)],
    ['Mode', mode],
    ['Buffers', buffers === null ? null : `${buffers} of ${bufferBytes} bytes${compressed ? ', compressed' : ''}`],
    ['Clock', clock == null ? clock : `${clock}, ${clockHz ?? 'unknown'} ticks a second`],
    ['Pointers', pointerBytes === null ? null : `${pointerBytes} bytes in the header of the log`],
    ['Boot', bootUtc],
    ['Zone name', zoneName == null ? zoneName : printable(zoneName)],
  ];
  return facts.filter((fact): fact is [string, string | number | null] => fact[1] !== undefined && fact[1] !== null);
}

function machineText({ os, build, cpus }: SourceSummary['about']['machine']): string | null {
  const parts = [
    os === null ? null : printable(os),
    build === null ? null : `build ${build}`,
    cpus === null ? null : `${cpus} CPUs`,
  ].filter((part) => part !== null);
  return parts.length > 0 ? parts.join(', ') : null;
}
