/**
 * Threads of a user-mode debugger: `~`, `~*k`, `~4 kb`, `!uniqstack`. https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/---thread-status-
 *
 *       0  id: 16.15   Teb 7ffdd000 Unfrozen
 *     .  6  Id: 1364.a9 Suspend: 1 Teb: 7ffd9000 Unfrozen
 *     #  7  Id: 1364.111c Suspend: 1 Teb: 000000d2`8b3f2000 Unfrozen "worker"
 *           Start: app!ThreadMain (00007ff6`12345678)
 *           Priority: 0  Priority class: 32  Affinity: f
 *      # Child-SP          RetAddr               Call Site
 *     00 000000d2`8b1ff6a8 00007ffa`a9094f14 ntdll!NtWaitForSingleObject+0x14
 *
 * `|` lists the processes:
 *
 *     .  0	id: 2a34	create	name: app.exe
 */
import { parseAddress } from '../../src/core/symbol.js';
import { dumpProcess, dumpThread } from '../../src/tables/dump-thread.js';
import type { Command, Reader, Taken } from './command.js';
import { fed } from './fed.js';
import { columnsOf, mayBeHeader } from './frame-columns.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import type { Typed } from './prompt.js';
import { StackFrames } from './stack-frames.js';
import { ThreadRecord } from './thread-record.js';

const LISTED =
  /^(?:[.#*]\s{0,9}){0,2}(\d{1,5})\s{1,9}id:\s{0,9}([0-9a-f]{1,8})\.([0-9a-f]{1,8})\s{1,40}(?:Suspend:\s{0,9}(-?\d{1,9})\s{1,9})?Teb:?\s{1,9}((?:0x)?[0-9a-f`]{1,17})(?=\s|$)/i;
const START = /^Start:\s{1,9}(\S.{0,300})$/i;
const DETAIL = /^(?:Priority:\s{1,9}-?\d|Affinity:)/i;
const BEHIND_ROUTINE = /\s{1,9}\((?:0x)?[0-9a-f`]{4,17}\)$/i;
const PROCESS =
  /^(?:[.#*]\s{0,9}){0,2}\d{1,5}\s{1,9}id:\s{1,9}([0-9a-f]{1,8})\s{1,40}[a-z]\w{1,20}\s{1,40}name:\s{1,9}(\S.{0,260})$/i;
const KNOWN =
  /^(?:Processing \d{1,9} threads, please wait|Total threads: \d|Duplicate callstacks: \d|\d{1,5}(?:, \d{1,5}){0,300},?$)/i;

export const userThreads: Command = {
  name: '~',
  isTyped: ({ name, args }) =>
    name === '!uniqstack' || name === '|' || (/^~/.test(name) && !/^~\S*?s$/i.test(name + args)),
  begins: ({ trimmed }) => mayBeListed(trimmed) && (LISTED.test(trimmed) || PROCESS.test(trimmed)),
  read: (log, typed) => new UserThreads(log, typed),
};

/** By the first character: a mark or a number. */
function mayBeListed(trimmed: string): boolean {
  const code = trimmed.charCodeAt(0);
  const isMark = code === 0x2e || code === 0x23 || code === 0x2a;
  return (isMark || (code >= 0x30 && code <= 0x39)) && /^.{2,16}\bid:/i.test(trimmed);
}

class UserThreads implements Reader {
  readonly #frames: StackFrames;
  readonly #command: string;
  #record: ThreadRecord | null = null;
  #hasStack = false;

  constructor(
    private readonly log: Log,
    typed: Typed | null,
  ) {
    this.#frames = new StackFrames(log);
    this.#command = typed?.name === '!uniqstack' ? typed.name : '~';
  }

  take(line: KdLine): Taken {
    const { trimmed } = line;
    if (this.#hasStack) {
      const taken = this.#frames.take(line);
      if (taken !== null) return taken;
    }
    if (mayBeListed(trimmed)) {
      const listed = LISTED.exec(trimmed);
      if (listed !== null) return this.#listed(line, listed);
      const process = PROCESS.exec(trimmed);
      if (process !== null) return this.#process(line, process);
    }
    const ofThread = this.#ofThread(trimmed);
    if (ofThread !== null) return ofThread;
    this.#write();
    return KNOWN.test(trimmed) ? 'ignored' : 'unread';
  }

  cut(): void {
    if (this.#hasStack) this.#frames.cut();
    else this.#write();
  }

  end(): void {
    this.#write();
  }

  #listed(line: KdLine, [, number, pid, tid, suspended, teb]: RegExpExecArray): Taken {
    this.#write();
    const record = new ThreadRecord(this.#command, line);
    record.number = Number(number);
    record.pid = Number.parseInt(pid, 16);
    record.tid = Number.parseInt(tid, 16);
    record.teb = parseAddress(teb);
    record.suspendCount = suspended === undefined ? null : Number(suspended);
    this.#record = record;
    return fed(this.log, dumpThread);
  }

  #process(line: KdLine, [, pid, name]: RegExpExecArray): Taken {
    this.#write();
    const image = name.slice(name.lastIndexOf('\\') + 1).trim();
    return this.log.row(dumpProcess, { command: '|', pid: Number.parseInt(pid, 16), image }, line);
  }

  /** Lines below a thread, before its stack. */
  #ofThread(trimmed: string): Taken | null {
    const record = this.#record;
    if (record === null || this.#hasStack) return null;
    if (mayBeHeader(trimmed)) {
      const columns = columnsOf(trimmed);
      if (columns !== null) {
        this.#frames.begin(columns);
        this.#hasStack = true;
        return 'ignored';
      }
    }
    const start = START.exec(trimmed)?.[1];
    if (start !== undefined) {
      record.startRoutine = start.replace(BEHIND_ROUTINE, '');
      return fed(this.log, dumpThread);
    }
    return DETAIL.test(trimmed) ? 'ignored' : null;
  }

  #write(): void {
    const record = this.#record;
    if (record === null) return;
    this.#record = null;
    record.write(this.log, this.#hasStack ? this.#frames.finish() : null);
    this.#hasStack = false;
  }
}
