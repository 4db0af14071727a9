/**
 * `!running`: what runs on each processor, with -t its stack. https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/-running
 *
 *          Prcb      Current   Next
 *       0  ffdff120  86300b40            ................
 *       1  f772f120  f77320a0  852fadb0  .O..............
 *
 * Newer versions print priorities and the idle thread:
 *
 *            Prcbs             Current         (pri) Next            (pri) Idle
 *       0    fffff8024a6a6180  ffffe001d3a27040 ( 8)                       fffff8024a71f740  ................
 *
 * Without -i only processors that are busy are listed. Which ones there are stands in front, as masks:
 *
 *     System Processors ff (affinity mask)
 *       Idle Processors f6
 *     System Processors:  (00000000000000ff)
 */
import { parseAddress } from '../../src/core/symbol.js';
import { dumpProcessor } from '../../src/tables/dump-system.js';
import { dumpThread } from '../../src/tables/dump-thread.js';
import type { Command, Reader, Taken } from './command.js';
import { writeFact } from './facts.js';
import { fed } from './fed.js';
import { columnsOf, mayBeHeader } from './frame-columns.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import { StackFrames } from './stack-frames.js';
import { ThreadRecord } from './thread-record.js';
import { ADDRESS } from './values.js';

const NAME = '!running';

const HEADER = /^Prcbs?\s{1,40}Current\b/i;
const IDLE = /\bIdle\b/i;
const ROW = new RegExp(`^(\\d{1,4})\\s{1,40}(${ADDRESS})\\s{1,40}(${ADDRESS})(?=\\s|\\(|$)(.{0,300})$`, 'i');
const PRIORITY = '(?:\\s{0,9}\\(\\s{0,3}(-?\\d{1,3})\\s{0,3}\\))?';
const THREADS = new RegExp(`^${PRIORITY}(?:\\s{0,40}(${ADDRESS})${PRIORITY})?(?:\\s{1,40}(${ADDRESS}))?`, 'i');
const BEFORE = /^System Processors:?\s{0,9}\(?[0-9a-f`]{1,17}/i;
// Machines with more than 64 processors have a mask for each group of them.
const MASKS =
  /^(System|Idle) Processors:?\s{0,9}\(?\s{0,3}([0-9a-f`]{1,17}(?:\s{0,3},\s{0,3}[0-9a-f`]{1,17}){0,31})\s{0,3}(?:\)|\(affinity|$)/i;
const KNOWN = /^(?:System Processors|Idle Processors|All processors idle|Processors idle|Number of processors)\b/i;

export const running: Command = {
  name: NAME,
  isTyped: ({ name }) => name === NAME,
  begins: ({ trimmed }) =>
    (trimmed.startsWith('Prcb') && HEADER.test(trimmed)) || (trimmed.startsWith('System P') && BEFORE.test(trimmed)),
  read: (log, typed) => new Running(log, typed !== null),
};

interface Open {
  readonly record: ThreadRecord;
  readonly prcb: bigint | null;
  readonly next: bigint | null;
  readonly idle: bigint | null;
  readonly nextPriority: number | null;
  hasStack: boolean;
}

class Running implements Reader {
  readonly #frames: StackFrames;
  #hasIdle = false;
  #hasHeader: boolean;
  #open: Open | null = null;

  constructor(
    private readonly log: Log,
    isTyped: boolean,
  ) {
    this.#frames = new StackFrames(log);
    // Where the header was cut out.
    this.#hasHeader = isTyped;
  }

  take(line: KdLine): Taken {
    const { trimmed } = line;
    if (HEADER.test(trimmed)) {
      this.#write();
      this.#hasHeader = true;
      this.#hasIdle = IDLE.test(trimmed);
      return 'ignored';
    }
    if (KNOWN.test(trimmed)) return this.#masks(line);
    const open = this.#open;
    if (open?.hasStack) {
      const taken = this.#frames.take(line);
      if (taken !== null) return taken;
    } else if (open !== null && mayBeHeader(trimmed)) {
      const columns = columnsOf(trimmed);
      if (columns !== null) {
        this.#frames.begin(columns);
        open.hasStack = true;
        return 'ignored';
      }
    }
    const row = this.#hasHeader ? ROW.exec(trimmed) : null;
    if (row !== null) return this.#row(line, row);
    this.#write();
    return 'unread';
  }

  cut(): void {
    if (this.#open?.hasStack) this.#frames.cut();
  }

  end(): void {
    this.#write();
  }

  #masks(line: KdLine): Taken {
    this.#write();
    const [, which, masks] = MASKS.exec(line.trimmed) ?? [];
    if (masks === undefined) return 'ignored';
    const value = masks.replace(/[`\s]/g, '');
    return writeFact(this.log, { subject: 'running', name: which.toLowerCase(), value }, line);
  }

  #row(line: KdLine, [, cpu, prcb, current, rest]: RegExpExecArray): Taken {
    this.#write();
    const [, priority, first, firstPriority, second] = THREADS.exec(rest) ?? [];
    const record = new ThreadRecord(NAME, line);
    record.address = parseAddress(current);
    record.processor = Number(cpu);
    record.state = 'RUNNING';
    record.priority = priority === undefined ? null : Number(priority);
    // Of one address alone the header tells whether it is the idle thread.
    const isNext = second !== undefined || !this.#hasIdle || firstPriority !== undefined;
    this.#open = {
      record,
      prcb: parseAddress(prcb),
      next: first === undefined || !isNext ? null : parseAddress(first),
      idle: addressOf(second ?? (isNext ? undefined : first)),
      nextPriority: firstPriority === undefined ? null : Number(firstPriority),
      hasStack: false,
    };
    return fed(this.log, dumpProcessor, dumpThread);
  }

  #write(): void {
    const open = this.#open;
    if (open === null) return;
    this.#open = null;
    const { record, prcb, next, idle, nextPriority } = open;
    record.write(this.log, open.hasStack ? this.#frames.finish() : null);
    const { processor: cpu, address: current, priority: currentPriority, stack } = record;
    this.log.row(
      dumpProcessor,
      { command: NAME, cpu, prcb, current, next, idle, currentPriority, nextPriority, stack },
      record.place,
    );
  }
}

const addressOf = (text: string | undefined): bigint | null => (text === undefined ? null : parseAddress(text));
