/**
 * Blocks of processes and threads: `!process`, `!sprocess`, `!thread`, `!ready`, and those that other commands print in between
 * (`!locks -v`). Known by their first lines, whatever was typed.
 * https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/-process
 * https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/-thread
 * https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/-ready
 *
 *     PROCESS 89d6d8e8  SessionId: 0  Cid: 1454    Peb: 7ffd8000  ParentCid: 0234
 *         Image: ServiceA.exe
 *     THREAD 89ce9580  Cid 1454.1630  Teb: 7ff9e000 Win32Thread: bc1e71f8 WAIT: (Unknown) UserMode Non-Alertable
 *         893fae40  SynchronizationEvent
 *     Wait Start TickCount      11048203       Ticks: 712510 (0:03:05:32.968)
 *     ChildEBP RetAddr
 *     f65a2c78 8083d5b1 nt!KiSwapContext+0x26
 *
 *     Processor 1: Ready Threads at priority 9
 *         THREAD 83b46db0  Cid 44c8.a11c  Teb: 7f8f8000 Win32Thread: bcbabb38 READY
 */
import { parseAddress } from '../../src/core/symbol.js';
import { dumpThread } from '../../src/tables/dump-thread.js';
import type { Command, Reader, Taken } from './command.js';
import { fed } from './fed.js';
import { columnsOf, mayBeHeader } from './frame-columns.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import { isProcess, ProcessHead } from './process-head.js';
import type { Typed } from './prompt.js';
import { StackFrames } from './stack-frames.js';
import { ThreadFields } from './thread-block-fields.js';
import { continuesHead, isHeadWhole, isThread, readHead } from './thread-head.js';
import { ThreadRecord } from './thread-record.js';
import { ADDRESS } from './values.js';

const PROCESS_COMMANDS = new Set(['!process', '!sprocess', '!for_each_process']);
/** Commands that print threads in their own output. */
const PRINTING = new Set(['!process', '!sprocess', '!thread', '!locks', '!ready', '!running', '!alpc', '!lpc', '!irp']);
/** Lines within a block that nobody knows: after some the block is over. */
const MAX_STRANGE = 3;
/** Lines that mail may have made of the first line of a thread. */
const MAX_WRAPPED = 4;

// `Processor 1: Ready Threads at priority 9`, `SharedReadyQueue fffff80003a5d8a0: Ready Threads at priority 8`
const READY =
  /^(?:Processor\s{1,9}(\d{1,4})\s{0,3}:\s{0,9}|(?:K?SHARED_?READY_?QUEUE)\s{1,9}\S{8,20}\s{0,9})?Ready Threads at priority\s{1,9}(\d{1,2})\b/i;
const NOT_READY =
  /^(?:(?:Processor\s{1,9}\d{1,4}|(?:K?SHARED_?READY_?QUEUE)\s{1,9}\S{8,18}):?\s{0,9})?No threads in (?:the )?READY state/i;
const QUEUE = /^K?SHARED_?READY_?QUEUE\s{1,9}[0-9a-f`]{8,17}:?/i;
const TITLE =
  /^(?:\*{4} NT ACTIVE PROCESS DUMP \*{4}|Searching for Process with Cid|Cid handle table at|Implicit process|Dumping Session \d|_MM_?SESSION(?:_SPACE)?\s)/i;
const KERNEL = new RegExp(`^${ADDRESS}$`, 'i');

export const process: Command = {
  name: '!process',
  isTyped: ({ name }) => PROCESS_COMMANDS.has(name),
  begins: ({ trimmed }) => trimmed.startsWith('PROCESS') && isProcess(trimmed),
  read: (log, typed) => new ThreadBlocks(log, typed, '!process'),
};

export const thread: Command = {
  name: '!thread',
  isTyped: ({ name }) => name === '!thread' || name === '!for_each_thread',
  begins: ({ trimmed }) => trimmed.startsWith('THREAD') && isThread(trimmed),
  read: (log, typed) => new ThreadBlocks(log, typed, '!thread'),
};

export const ready: Command = {
  name: '!ready',
  isTyped: ({ name }) => name === '!ready',
  begins: ({ trimmed }) => /^[PSKR]/i.test(trimmed) && (READY.test(trimmed) || NOT_READY.test(trimmed)),
  read: (log, typed) => new ThreadBlocks(log, typed, '!ready'),
};

/** A thread that is being read. */
interface Open {
  readonly record: ThreadRecord;
  readonly fields: ThreadFields;
  /** Its first line, as far as it was put together; null where it is complete. */
  head: string | null;
  headLines: number;
  hasStack: boolean;
}

class ThreadBlocks implements Reader {
  readonly #frames: StackFrames;
  #thread: Open | null = null;
  #head: ProcessHead | null = null;
  /** The process around, once its head has ended. */
  #process: ProcessHead['row'] | null = null;
  /** Of the list of ready threads. */
  #ready: { readonly processor: number | null; readonly priority: number } | null = null;
  #strange = 0;
  #hasBlocks = false;

  constructor(
    private readonly log: Log,
    private readonly typed: Typed | null,
    private readonly kind: '!process' | '!thread' | '!ready',
  ) {
    this.#frames = new StackFrames(log);
  }

  take(line: KdLine): Taken {
    const taken = this.#take(line);
    if (taken !== null) {
      this.#strange = 0;
      return taken;
    }
    this.#stray();
    return 'unread';
  }

  cut(): void {
    if (this.#thread?.hasStack) this.#frames.cut();
  }

  end(): void {
    this.#endThread();
    this.#endHead();
  }

  #take(line: KdLine): Taken | null {
    const { trimmed } = line;
    if (trimmed.startsWith('THREAD') && isThread(trimmed)) return this.#beginThread(line);
    if (trimmed.startsWith('PROCESS') && isProcess(trimmed)) return this.#beginProcess(line);
    if (this.#thread?.hasStack) {
      const taken = this.#frames.take(line);
      if (taken !== null) return taken;
    }
    return this.#ofThread(line) ?? this.#head?.take(line) ?? this.#title(trimmed);
  }

  #ofThread(line: KdLine): Taken | null {
    const { trimmed } = line;
    const open = this.#thread;
    if (open !== null && !open.hasStack) {
      if (open.head !== null && this.#wrapped(open, trimmed)) return fed(this.log, dumpThread);
      open.head = null;
      if (mayBeHeader(trimmed) && this.#beginStack(open, trimmed)) return 'ignored';
      return open.fields.take(line);
    }
    return open === null ? this.#lostHead(line) : null;
  }

  /** Puts together a first line that mail has wrapped. */
  #wrapped(open: Open, trimmed: string): boolean {
    if (open.head === null || open.headLines >= MAX_WRAPPED || !continuesHead(trimmed)) return false;
    open.head = `${open.head} ${trimmed}`;
    open.headLines++;
    readHead(open.head, open.record);
    if (isHeadWhole(open.head)) open.head = null;
    return true;
  }

  #beginStack(open: Open, trimmed: string): boolean {
    const columns = columnsOf(trimmed);
    if (columns === null) return false;
    this.#frames.begin(columns);
    open.hasStack = true;
    return true;
  }

  #beginThread(line: KdLine): Taken {
    this.#endThread();
    this.#endHead();
    const { trimmed } = line;
    const record = this.#open(line);
    readHead(trimmed, record);
    if (this.#thread !== null) this.#thread.head = isHeadWhole(trimmed) ? null : trimmed;
    return fed(this.log, dumpThread);
  }

  #open(line: KdLine): ThreadRecord {
    const record = new ThreadRecord(this.#command(), line);
    this.#thread = { record, fields: new ThreadFields(this.log, record), head: null, headLines: 1, hasStack: false };
    this.#hasBlocks = true;
    return record;
  }

  #beginProcess(line: KdLine): Taken {
    this.#endThread();
    this.#endHead();
    const { typed } = this;
    this.#head = new ProcessHead(this.log, typed?.name === '!sprocess' ? typed.name : '!process', line);
    this.#hasBlocks = true;
    return this.#head.fed();
  }

  /** `!thread 89cd9c10 7` whose first line was cut out: its stack or fields are of the thread that was asked for. */
  #lostHead(line: KdLine): Taken | null {
    const { typed, log } = this;
    if (this.#hasBlocks || this.#head !== null || typed?.name !== '!thread') return null;
    const { trimmed } = line;
    const isStack = mayBeHeader(trimmed) && columnsOf(trimmed) !== null;
    const record = new ThreadRecord('!thread', line);
    const fields = new ThreadFields(log, record);
    const taken = isStack ? 'ignored' : fields.take(line);
    if (taken !== 'row' && !isStack) return null;
    const asked = typed.args.split(/\s+/)[0];
    if (KERNEL.test(asked)) record.address = parseAddress(asked);
    else if (asked === '') record.processor = log.context.cpu;
    this.#thread = { record, fields, head: null, headLines: 1, hasStack: false };
    this.#hasBlocks = true;
    if (isStack) this.#beginStack(this.#thread, trimmed);
    return taken;
  }

  #title(trimmed: string): Taken | null {
    const heading = READY.exec(trimmed);
    if (heading !== null) {
      this.end();
      const processor = heading[1] === undefined ? null : Number(heading[1]);
      this.#ready = { processor, priority: Number(heading[2]) };
      return 'ignored';
    }
    if (NOT_READY.test(trimmed) || QUEUE.test(trimmed)) {
      this.end();
      this.#ready = null;
      return 'ignored';
    }
    return TITLE.test(trimmed) ? 'ignored' : null;
  }

  /** A line that nobody knows: behind frames the stack has ended, elsewhere the block after some of them. */
  #stray(): void {
    if (this.#thread?.hasStack || ++this.#strange >= MAX_STRANGE) this.#endThread();
    if (this.#strange >= MAX_STRANGE) this.#endHead();
  }

  #command(): string {
    const name = this.typed?.name ?? this.log.typedName;
    if (this.#ready !== null) return '!ready';
    if (PRINTING.has(name)) return name;
    return this.#process !== null || this.kind === '!process' ? '!process' : this.kind;
  }

  #endHead(): void {
    const head = this.#head;
    if (head === null) return;
    this.#head = null;
    this.#process = head.row;
    head.write();
  }

  #endThread(): void {
    const open = this.#thread;
    if (open === null) return;
    this.#thread = null;
    const { record } = open;
    this.#ofProcess(record);
    this.#ofReady(record);
    record.write(this.log, open.hasStack ? this.#frames.finish() : null);
  }

  /** The process around is the thread's where their ids agree: parts may have been cut out in between. */
  #ofProcess(record: ThreadRecord): void {
    const around = this.#process;
    if (around === null) {
      this.#ofAsked(record);
      return;
    }
    const isSame = around.pid !== null && around.pid === record.pid;
    if (record.processAddress === null && isSame) record.processAddress = around.address;
    if (record.image === null && isSame && record.processAddress === around.address) record.image = around.image;
  }

  /** `!process 86083020` whose head was cut out. */
  #ofAsked(record: ThreadRecord): void {
    const asked = this.typed?.name === '!process' ? this.typed.args.split(/\s+/)[0] : '';
    if (record.processAddress === null && KERNEL.test(asked)) record.processAddress = parseAddress(asked);
  }

  #ofReady(record: ThreadRecord): void {
    const list = this.#ready;
    if (list === null || record.state !== 'READY') return;
    record.processor ??= list.processor;
    record.priority ??= list.priority;
  }
}
