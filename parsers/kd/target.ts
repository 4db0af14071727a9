/**
 * What a log says of its machine and time: `vertarget`, `.time`, the lines that a debugger prints when it opens a dump, and
 * `!session`.
 *
 *     Windows 7 Kernel Version 7601 (Service Pack 1) MP (4 procs) Free x64
 *     Debug session time: Fri Feb 20 10:15:17.807 2015 (UTC - 8:00)
 *     Debugger (not debuggee) time: Wed Dec  6 13:20:55.123 2023 (UTC - 8:00)
 */
import type { Command, Taken } from './command.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

const SESSION_TIME = /^Debug session time:\s/i;
const DEBUGGER_TIME = /^Debugger \(not debuggee\) time:\s/i;
const TIME =
  /time:\s{1,40}[a-z]{3}\s{1,9}([a-z]{3})\s{1,9}(\d{1,2})\s{1,9}(\d{1,2}):(\d{2}):(\d{2})(?:\.(\d{1,3}))?\s{1,9}(\d{4})(?:\s{0,9}\((?:UTC|GMT)\s{0,9}(?:([+-])\s{0,9}(\d{1,2})(?::(\d{2}))?)?\))?$/i;
const WINDOWS = /^Windows .{1,80}?\bVersion (\d{3,6})\b.{0,200}$/i;
const PROCESSORS = /\((\d{1,5}) procs?\)/i;
const REMARK = /^(?:System Uptime|Process Uptime|Product|Built by|Edition build lab|Machine Name|Kernel base\s?=)/i;
// `Using session 1`, `Current Session: 1`
const SESSION = /^(?:Using session|Current Session:?)\s{1,9}(\d{1,9})\b/i;
const TYPED = new Set(['vertarget', 'version', '.time', '.echotime', '!session']);

export const target: Command = {
  name: 'vertarget',
  isTyped: ({ name }) => TYPED.has(name),
  begins: ({ trimmed }) =>
    SESSION_TIME.test(trimmed) || DEBUGGER_TIME.test(trimmed) || WINDOWS.test(trimmed) || SESSION.test(trimmed),
  read: (log) => ({ take: (line) => take(log, line) }),
};

function take(log: Log, { trimmed }: KdLine): Taken {
  if (SESSION_TIME.test(trimmed)) sessionTime(log, trimmed);
  else if (DEBUGGER_TIME.test(trimmed)) debuggerTime(log, trimmed);
  else if (WINDOWS.test(trimmed)) machine(log, trimmed);
  else if (SESSION.test(trimmed)) log.sessionId = Number(SESSION.exec(trimmed)?.[1]);
  else return REMARK.test(trimmed) ? 'ignored' : 'over';
  return 'ignored';
}

function sessionTime(log: Log, text: string): void {
  const time = timeOf(text);
  const { clock } = log.out.about;
  log.atMs = time?.atMs ?? null;
  if (time === null || clock.startUtc !== null) return;
  clock.startUtc = new Date(time.atMs).toISOString();
  clock.zone = time.zone;
  clock.resolutionNs = time.stepMs * 1e6;
  clock.uncertaintyMs = time.stepMs;
}

/** The debugger's own clock: of a live system it is now, of a dump it is later. So it goes behind the session's. */
function debuggerTime(log: Log, text: string): void {
  if (log.out.about.clock.startUtc === null) log.atMs = timeOf(text)?.atMs ?? null;
}

/** A time of day with its zone; null where it has none, because then nobody knows when it was. */
function timeOf(text: string): { atMs: number; stepMs: number; zone: string } | null {
  const match = TIME.exec(text);
  if (match === null) return null;
  const [whole, name, day, hour, minute, second, fraction, year, sign, zoneHours, zoneMinutes] = match;
  const month = MONTHS.indexOf(name.toLowerCase());
  if (month < 0 || !whole.endsWith(')')) return null;
  const [d, h, m, s, y] = [day, hour, minute, second, year].map(Number);
  if (d < 1 || d > 31 || h > 23 || m > 59 || s > 60) return null;
  const ms = Number((fraction ?? '').padEnd(3, '0'));
  const offset = (sign === '-' ? -1 : 1) * (Number(zoneHours ?? 0) * 60 + Number(zoneMinutes ?? 0));
  const atMs = Date.UTC(y, month, d, h, m, s, ms) - offset * 60_000;
  const zone = sign === undefined ? 'UTC' : `UTC${sign}${Number(zoneHours)}:${zoneMinutes ?? '00'}`;
  return { atMs, stepMs: fraction === undefined ? 1000 : 1, zone };
}

function machine(log: Log, text: string): void {
  const { machine: known } = log.out.about;
  if (known.os !== null) return;
  known.os = text;
  known.build = Number(WINDOWS.exec(text)?.[1]);
  const processors = PROCESSORS.exec(text)?.[1];
  known.cpus = processors === undefined ? (/\bUP\b/.test(text) ? 1 : null) : Number(processors);
}
