/**
 * What a log says of its machine and time: `vertarget`, `version`, `.time`, `||`, the lines that a debugger prints when it opens
 * a dump, and `!session`.
 *
 *     Loading Dump File [C:\dumps\MEMORY.DMP]
 *     Windows 7 Kernel Version 7601 (Service Pack 1) MP (4 procs) Free x64
 *     Product: WinNt, suite: TerminalServer SingleUserTS
 *     Built by: 7601.17514.amd64fre.win7sp1_rtm.101119-1850
 *     Machine Name: "EXAMPLE"
 *     Debug session time: Fri Feb 20 10:15:17.807 2015 (UTC - 8:00)
 *     System Uptime: 0 days 01:31:58.931
 *     Debugger (not debuggee) time: Wed Dec  6 13:20:55.123 2023 (UTC - 8:00)
 *
 * The kinds of dump (`Kernel Complete Dump File: …`) are read with what tells of a dump's quality.
 */
import type { Command, Taken } from './command.js';
import { writeFact } from './facts.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import { durationMs, timeOf } from './target-time.js';

const SUBJECT = 'system';

const SESSION_TIME = /^Debug session time:\s/i;
const DEBUGGER_TIME = /^Debugger \(not debuggee\) time:\s/i;
const WINDOWS = /^Windows .{1,80}?\bVersion (\d{3,6})\b.{0,200}$/i;
const PROCESSORS = /\((\d{1,5}) procs?\)/i;
const UPTIME = /^(System|Process) Uptime:\s{1,9}(\S.{0,60})$/i;
// `Using session 1`, `Current Session: 1`
const SESSION = /^(?:Using session|Current Session:?)\s{1,9}(\d{1,9})\b/i;
// `.  0 64-bit Kernel bitmap dump: F:\x\MEMORY.DMP`, `.  0 User mini dump: c:\x.dmp`
const SYSTEM =
  /^(?:[.#*]\s{0,9})?\d{1,4}\s{1,9}((?:\d\d-bit )?(?:Kernel|User|Full|Mini)\b[\w -]{0,40}\bdump):\s{1,9}(\S.{0,300})$/i;
/** Lines of which the rest is a fact. */
const PLAIN: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['dumpFile', /^Loading Dump File \[(.{1,300})\]/i],
  ['debugger', /^(Microsoft \(R\) Windows Debugger\b.{1,100})$/i],
  ['product', /^Product:\s{1,9}(.{1,200})$/i],
  ['builtBy', /^(?:Built by|Edition build lab):\s{1,9}(.{1,200})$/i],
  ['machine', /^Machine Name:\s{0,9}"([^"]{1,100})"/i],
  ['connected', /^(Connected to Windows .{1,80} target\b.{0,200})$/i],
];
const REMARK =
  /^(?:System Uptime|Process Uptime|Product|Built by|Edition build lab|Machine Name|Kernel base\s?=|Primary image base|(?:Kernel|User) time:|(?:Symbol|Executable) search path is|Loading (?:Kernel|User) Symbols|Loading unloaded module list|Copyright \(c\)|Response\s{1,40}Time \(ms\)|Deferred\s|OK\s{1,40}|\*{5,}|For analysis of this file|Use !analyze -v|Comment: '|Dump completed successfully|Waiting to reconnect|Kernel Debugger connection established|This dump file has an exception of interest|The stored exception information|command line: '|(?:dbgeng|dbghelp|dbgcore|extpath|DIA version|kext|ext|exts|kdexts|uext|ntsdexts|wmitrace)\s{0,9}:|\[path: |Extension DLL )/i;
const TYPED = new Set(['vertarget', 'version', '.time', '.echotime', '!session']);
/** How lines begin that can be the first, in four letters: most lines of a log are told from them by that. */
const FIRST = new Set(['debu', 'wind', 'usin', 'curr', 'syst', 'proc', 'load', 'micr', 'buil', 'edit', 'mach', 'conn']);

export const target: Command = {
  name: 'vertarget',
  isTyped: ({ name, args }) => TYPED.has(name) || (name === '|' && args === '|'),
  begins: ({ trimmed }) =>
    (trimmed.startsWith('.') && SYSTEM.test(trimmed)) ||
    (FIRST.has(trimmed.slice(0, 4).toLowerCase()) && isBeginning(trimmed)),
  read: (log) => ({ take: (line) => take(log, line) }),
};

const isBeginning = (trimmed: string): boolean =>
  SESSION_TIME.test(trimmed) ||
  DEBUGGER_TIME.test(trimmed) ||
  WINDOWS.test(trimmed) ||
  UPTIME.test(trimmed) ||
  SESSION.test(trimmed) ||
  PLAIN.some(([name, pattern]) => name !== 'product' && pattern.test(trimmed));

function take(log: Log, line: KdLine): Taken {
  const { trimmed } = line;
  if (SESSION_TIME.test(trimmed)) return sessionTime(log, line);
  if (DEBUGGER_TIME.test(trimmed)) return debuggerTime(log, line);
  if (WINDOWS.test(trimmed)) return machine(log, line);
  const uptime = UPTIME.exec(trimmed);
  if (uptime !== null) return uptimeOf(log, line, uptime);
  const session = SESSION.exec(trimmed);
  if (session !== null) {
    log.sessionId = Number(session[1]);
    return 'ignored';
  }
  return plain(log, line) ?? (REMARK.test(trimmed) ? 'ignored' : 'over');
}

/** A line that is a fact as it stands; null for another. */
function plain(log: Log, line: KdLine): Taken | null {
  const { trimmed } = line;
  for (const [name, pattern] of PLAIN) {
    const value = pattern.exec(trimmed)?.[1];
    if (value !== undefined) return writeFact(log, { subject: SUBJECT, name, value }, line);
  }
  const system = SYSTEM.exec(trimmed);
  if (system === null) return null;
  writeFact(log, { subject: SUBJECT, name: 'dumpFile', value: system[2] }, line);
  return writeFact(log, { subject: SUBJECT, name: 'dumpKind', value: system[1] }, line);
}

function uptimeOf(log: Log, line: KdLine, [, which, text]: RegExpExecArray): Taken {
  const number = durationMs(text);
  if (number === null) return 'ignored';
  const name = which.toLowerCase() === 'system' ? 'uptimeMs' : 'processUptimeMs';
  return writeFact(log, { subject: SUBJECT, name, value: text, number }, line);
}

function sessionTime(log: Log, line: KdLine): Taken {
  const { trimmed } = line;
  const time = timeOf(trimmed);
  const { clock } = log.out.about;
  log.atMs = time?.atMs ?? null;
  const local = trimmed.replace(SESSION_TIME, '').replace(/\s{1,40}/g, ' ');
  const taken = writeFact(log, { subject: SUBJECT, name: 'debugSessionLocal', value: local }, line);
  if (time === null) return taken;
  const utc = new Date(time.atMs).toISOString();
  writeFact(log, { subject: SUBJECT, name: 'debugSessionUtc', value: utc, number: time.atMs }, line);
  if (clock.startUtc !== null) return taken;
  clock.startUtc = utc;
  clock.zone = time.zone;
  clock.resolutionNs = time.stepMs * 1e6;
  clock.uncertaintyMs = time.stepMs;
  return taken;
}

/** The debugger's own clock: of a live system it is now, of a dump it is later. So it goes behind the session's. */
function debuggerTime(log: Log, { trimmed }: KdLine): Taken {
  if (log.out.about.clock.startUtc === null) log.atMs = timeOf(trimmed)?.atMs ?? null;
  return 'ignored';
}

/** `… MP (4 procs) Free x64`, `… UP Checked x86 compatible`, `… Free ARM 64-bit (AArch64)` */
const ARCHITECTURES: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['ARM64', /\b(?:Free|Checked)\s{1,9}(?:ARM\s?64|ARM 64-bit|AArch64)/i],
  ['ARM', /\b(?:Free|Checked)\s{1,9}ARM\b/i],
  ['x64', /\b(?:Free|Checked)\s{1,9}x64\b/i],
  ['x86', /\b(?:Free|Checked)\s{1,9}x86\b/i],
  ['IA64', /\b(?:Free|Checked)\s{1,9}IA-?64\b/i],
];

function machine(log: Log, line: KdLine): Taken {
  const { trimmed } = line;
  const build = Number(WINDOWS.exec(trimmed)?.[1]);
  const processors = PROCESSORS.exec(trimmed)?.[1];
  const cpus = processors === undefined ? (/\bUP\b/.test(trimmed) ? 1 : null) : Number(processors);
  const architecture = ARCHITECTURES.find(([, pattern]) => pattern.test(trimmed))?.[0] ?? '';
  const { machine: known } = log.out.about;
  if (known.os === null) Object.assign(known, { os: trimmed, build, cpus });
  writeFact(log, { subject: SUBJECT, name: 'build', value: String(build), number: build }, line);
  writeFact(log, { subject: SUBJECT, name: 'architecture', value: architecture }, line);
  if (cpus !== null) writeFact(log, { subject: SUBJECT, name: 'cpus', value: String(cpus), number: cpus }, line);
  return writeFact(log, { subject: SUBJECT, name: 'windows', value: trimmed }, line);
}
