/** What the dump is of, in some lines: bugcheck, Windows, time, processors, memory, and what makes it doubtful. */
import type { DumpBugcheck, DumpMemory, DumpProcessor, DumpResult, DumpSystem } from '../../analyses/dump/result.js';
import { printable } from '../../core/text.js';
import { colorsOf, type TerminalOptions, wrap } from '../terminal.js';
import { placeText } from '../views.js';
import { countText, durationText, nameText } from './names.js';

export function renderSystem(result: DumpResult, options: TerminalOptions): string {
  const { system, memory, quality } = result;
  const lines = [
    ...(system.bugcheck === null ? [] : bugcheckLines(system.bugcheck, options)),
    ...[
      windowsLine(system),
      timeLine(system),
      processorsLine(result),
      memoryLine(memory),
      nblLine(result),
      contentLine(result),
    ]
      .filter((line) => line !== '')
      .map((line) => wrap(line, options.width, 2)),
    ...quality.map(({ flag, statement, count, evidence }) => {
      const times = count > 1 ? ` (${count} times)` : '';
      const place = evidence.length === 0 ? '' : ` [${placeText(evidence[0])}]`;
      return wrap(
        `${colorsOf(options).yellow(`Doubtful, ${nameText(flag)}:`)} ${printable(statement, 600)}${times}${place}`,
        options.width,
        2,
      );
    }),
  ];
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

function bugcheckLines({ code, name, parameters, meanings }: DumpBugcheck, options: TerminalOptions): string[] {
  const c = colorsOf(options);
  const width = Math.max(...parameters.map((parameter) => (parameter ?? 'unknown').length));
  const lines = [
    c.bold(
      wrap(
        `Bugcheck ${[code, name]
          .filter((part) => part !== null)
          .map(nameText)
          .join(' ')}`,
        options.width,
        2,
      ),
    ),
  ];
  if (parameters.every((parameter) => parameter === null)) return lines;
  parameters.forEach((parameter, i) => {
    const meaning = meanings[i] === null ? '' : printable(meanings[i], 400);
    lines.push(
      wrap(`  ${i + 1}  ${(parameter ?? 'unknown').padEnd(width)}  ${meaning}`.trimEnd(), options.width, width + 7),
    );
  });
  return lines;
}

function windowsLine({ windows, build, architecture, machine }: DumpSystem): string {
  const parts = [
    windows === null ? null : printable(windows),
    build === null || windows?.includes(String(build)) ? null : `build ${build}`,
    architecture === null ? null : nameText(architecture),
    machine === null ? null : `machine ${nameText(machine)}`,
  ].filter((part) => part !== null);
  return parts.length === 0 ? '' : `System: ${parts.join(', ')}`;
}

function timeLine({ debugSessionUtc, uptimeMs, nowTicks, tickMs }: DumpSystem): string {
  const parts = [
    debugSessionUtc === null ? null : `dump of ${debugSessionUtc}`,
    uptimeMs === null ? null : `up for ${durationText(uptimeMs)}`,
    nowTicks === null ? null : `tick count ${nowTicks}`,
    tickMs === null ? null : `a tick is ${Number(tickMs.toFixed(4))} ms`,
  ].filter((part) => part !== null);
  return parts.length === 0 ? '' : `Time: ${parts.join(', ')}`;
}

function processorsLine({ system: { cpus, processors }, watchdog }: DumpResult): string {
  if (cpus === null && processors.length === 0) return '';
  const busy = watchdog?.culprit?.cpu ?? null;
  // A thread that is to run next takes the processor, and so does a DPC that runs above the idle thread.
  const isFree = ({ cpu, isIdle, next }: DumpProcessor): boolean => isIdle === true && next === null && cpu !== busy;
  const idle = processors.filter(isFree).length;
  const queued = processors.reduce((sum, { dpcs }) => sum + dpcs.length, 0);
  const parts = [cpus === null ? 'number unknown' : String(cpus)];
  if (processors.length > 0) parts.push(`state of ${processors.length} shown`);
  if (idle > 0 || (processors.length > 0 && processors.every(({ isIdle }) => isIdle !== null)))
    parts.push(`${idle} of them idle`);
  if (queued > 0) parts.push(`${countText(queued, 'DPC')} queued`);
  return `Processors: ${parts.join(', ')}`;
}

const MAX_SESSIONS = 4;

function memoryLine(memory: DumpMemory | null): string {
  if (memory === null) return '';
  const { committedPages: used, commitLimitPages: limit } = memory;
  const kb = (name: string, value: number | null): string | null => (value === null ? null : `${name} ${value} KB`);
  const failed = (what: string, count: number | null): string | null => (count ? `${count} ${what} failed` : null);
  const share = used !== null && limit ? ` (${((100 * used) / limit).toFixed(0)} %)` : '';
  const parts = [
    kb('physical', memory.physicalKb),
    kb('available', memory.availableKb),
    kb('page file', memory.pageFileKb),
    kb('page file at most', memory.pageFileMaximumKb),
    used === null ? null : `committed ${used} of ${limit ?? 'unknown'} pages${share}`,
    failed('pool allocations', memory.failedPoolAllocations),
    failed('commit requests', memory.failedCommits),
    ...memory.sessions
      .filter(({ failedPoolAllocations }) => failedPoolAllocations)
      .slice(0, MAX_SESSIONS)
      .map((session) => failed(`pool allocations of session ${session.sessionId}`, session.failedPoolAllocations)),
  ].filter((part) => part !== null);
  return parts.length === 0 ? '' : `Memory: ${parts.join(', ')}`;
}

function nblLine({ nbls }: DumpResult): string {
  if (nbls === null) return '';
  const { tracking, pending, total } = nbls;
  const parts = [
    pending === null ? null : `${pending}${total === null ? '' : ` of ${total}`} pending`,
    tracking === null ? null : `tracking of owners is ${tracking ? 'on' : 'off'}`,
  ].filter((part) => part !== null);
  return parts.length === 0 ? '' : `Network buffers (NBLs): ${parts.join(', ')}`;
}

/** How much of everything the log shows. */
function contentLine(result: DumpResult): string {
  const { threads, processes, locks, irps, system, cut } = result;
  const parts = [
    [cut.threads ?? threads.length, 'thread', 'threads'],
    [cut.processes ?? processes.length, 'process', 'processes'],
    [cut.locks ?? locks.length, 'lock', 'locks'],
    [cut.irps ?? irps.list.length, 'IRP', 'IRPs'],
    [cut.modules ?? system.modules.length, 'module', 'modules'],
  ] as const;
  const held = parts.filter(([count]) => count > 0).map(([count, one, many]) => countText(count, one, many));
  if (held.length === 0) return '';
  const left = [
    cut.threads === undefined ? null : `${threads.length} of ${countText(cut.threads, 'thread')}`,
    cut.processes === undefined ? null : `${processes.length} of ${countText(cut.processes, 'process', 'processes')}`,
  ].filter((part) => part !== null);
  return `In the log: ${held.join(', ')}${left.length === 0 ? '' : `; shown: ${left.join(', ')}`}`;
}
