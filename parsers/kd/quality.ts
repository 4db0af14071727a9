/**
 * Lines that tell how far a dump can be trusted. They stand anywhere, also in the middle of other outputs, so they are no
 * command: `Outputs` shows every line to `Quality`, and what is read around them goes on.
 *
 *     WARNING: Dump file has been truncated.  Data may be missing.
 *     GetContextState failed, 0x80070026
 *     WARNING: Process directory table base 0BD3D000 doesn't match CR3 00185000
 *     Kernel Complete Dump File: Full address space is available
 */
import { dumpQuality } from '../../src/tables/dump-system.js';
import type { Taken } from './command.js';
import { writeFact } from './facts.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';

/** Rows of one flag, or of one flag and processor; debuggers repeat some of these lines with every command. */
const MAX_ROWS = 20;

/** Which lines mean what. All of a line begin alike, so that a look at two letters is enough for most lines of a log. */
const FLAGS: readonly (readonly [starts: readonly string[], flag: string, pattern: RegExp])[] = [
  [['WA', 'Du'], 'truncated', /^(?:WARNING:\s{0,9})?Dump file has been truncated/i],
  [['Du'], 'incomplete', /^Dump (?:is )?incomplete/i],
  [['Ge'], 'unreadable-cpu', /^GetContextState failed/i],
  [
    ['Un'],
    'unreadable-cpu',
    /^Unable to (?:read selector for PCR|get program counter|get current machine context|get context for thread|read (?:the )?PCR\b|read (?:the )?PRCB\b)/i,
  ],
  [['CS', 'No'], 'unreadable-cpu', /^(?:CS descriptor lookup failed|No flat address for current instruction)/i],
  [['Ca'], 'unreadable-cpu', /^Cannot (?:get|read) (?:PRCB|PCR|KPRCB)\b/i],
  [['WA'], 'directory-base-mismatch', /^WARNING: Process directory table base /i],
  [['WA'], 'memory-unreadable', /^WARNING: (?:Unable to reset page directories|\.reload failed)/i],
  [['WA'], 'user-memory-not-decoded', /^WARNING: \.cache forcedecodeuser/i],
  [['Un'], 'memory-unreadable', /^Unable to read (?!selector|(?:the )?PCR\b|(?:the )?PRCB\b)[A-Za-z_*]/],
  [['Ge'], 'memory-unreadable', /^Get(?:Ulong|Pointer|Usermode\w{0,20}|Field\w{0,20})FromAddress: unable to read/i],
  [['Pa'], 'memory-unreadable', /^Page \S{1,20} (?:not present in the dump file|too large to be in the dump file)/i],
  [['PE', 'TE'], 'memory-unreadable', /^[PT]EB is paged out/i],
  [['Fa'], 'memory-unreadable', /^Failed to read (?:DPC|memory|data)\b/i],
  [['Me'], 'memory-unreadable', /^Memory (?:read|access) error/i],
  [['**', 'Ke'], 'symbols-wrong', /^\*{0,9}\s{0,9}Kernel symbols are WRONG/i],
  [['**', 'Yo'], 'symbols-wrong', /^\*{0,9}\s{0,40}Your debugger is not using the correct symbols/i],
  [
    ['**'],
    'symbols-wrong',
    /^\*{3} (?:ERROR|WARNING): .{0,80}\b(?:symbol\w*|checksum|timestamp)\b.{0,80}\s(?:nt|ntoskrnl|ntkrnl\w{2})(?:\.exe)?(?:\s|$)/i,
  ],
  [
    ['**'],
    'symbols-missing',
    /^\*{3} (?:ERROR: (?:Symbol file could not be found|Module load completed but)|WARNING: (?:symbols timestamp is wrong|Unable to verify (?:checksum|timestamp)))/i,
  ],
  [['Un'], 'image-missing', /^Unable to load image\b/i],
  [['Mi'], 'image-missing', /^Missing image name\b/i],
  [['Ke'], 'complete-dump', /^Kernel \w{1,20} Dump File: Full address space/i],
  [['Ke'], 'active-dump', /^Kernel \w{1,20} Dump File: Active memory/i],
  [['Ke'], 'kernel-dump', /^Kernel \w{1,20} Dump File: (?:Only kernel|Kernel) address space/i],
  [['Mi'], 'mini-dump', /^Mini Kernel Dump File\b/i],
  [['Mi'], 'mini-dump', /^Minidump does(?:n't| not) have\b/i],
  [['Us'], 'user-dump', /^User (?:Mini )?Dump File\b.{0,40}:/i],
  [['Us'], 'mini-dump', /^User Mini Dump File: Only registers/i],
  [['Li'], 'live', /^LiveKd\w{0,3} v?\d/i],
  [['Lo'], 'live', /^Loading Dump File \[.{0,300}\blivekd\w{0,8}\.dmp\]/i],
  [['lk'], 'live', /^lkd>/],
];
// `Kernel Bitmap Dump File: Kernel address space is available, User address space may not be available.`
const DUMP_KIND = /^((?:Kernel \w{1,20}|Mini Kernel|User(?: Mini)?) Dump File(?: with [\w ]{1,40})?):/;

const PROCESSOR = /\bprocessor \d{1,4}\b/i;

/** Number of two characters; -1 where one is beyond ASCII. */
function startOf(text: string): number {
  const first = text.charCodeAt(0);
  const second = text.charCodeAt(1);
  return first < 0x80 && second < 0x80 ? first * 0x80 + second : -1;
}

type Candidates = readonly (readonly [flag: string, pattern: RegExp])[];
const BY_START: (Candidates | undefined)[] = new Array(0x80 * 0x80).fill(undefined);
for (const [starts, flag, pattern] of FLAGS) {
  for (const start of starts.map(startOf)) BY_START[start] = [...(BY_START[start] ?? []), [flag, pattern]];
}

/** What a line tells of the dump: its row is written; null for a line that tells nothing. */
export function quality(log: Log, line: KdLine): Taken | null {
  const { trimmed } = line;
  const candidates = BY_START[startOf(trimmed)];
  if (candidates === undefined || !candidates.some(([, pattern]) => pattern.test(trimmed))) return null;
  const flags = candidates.filter(([, pattern]) => pattern.test(trimmed)).map(([flag]) => flag);
  // One and the same error of the kernel's symbols is also one of symbols.
  const told = flags.includes('symbols-wrong') ? ['symbols-wrong'] : [...new Set(flags)];
  let taken: Taken = 'ignored';
  for (const flag of told) if (write(log, line, flag) === 'row') taken = 'row';
  const kind = DUMP_KIND.exec(trimmed)?.[1];
  if (kind === undefined) return taken;
  return writeFact(log, { subject: 'system', name: 'dumpKind', value: kind }, line) === 'row' ? 'row' : taken;
}

function write(log: Log, line: KdLine, flag: string): Taken {
  // What is typed at a local debugger's prompt is no news.
  const most = flag === 'live' ? 1 : MAX_ROWS;
  const processor = PROCESSOR.exec(line.trimmed)?.[0] ?? '';
  if (log.writer(dumpQuality) === null || log.nextOf(`quality ${flag} ${processor}`) > most) return 'ignored';
  return log.row(dumpQuality, { flag, text: line.trimmed.slice(0, 400) }, line);
}
