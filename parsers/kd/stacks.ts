/**
 * `!stacks`: where each thread of the kernel stands. https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/-stacks
 *
 *     Proc.Thread  .Thread  Ticks   ThreadState Blocker
 *                                 [8b57f7a8 System]
 *        4.000070  8b579db0 ffffff42 Blocked    +0x1
 *     1454.0014b0  89d36b60 0000163 Blocked    DriverA!Check+0x177
 *
 * Level 2 prints stacks; old versions have no Ticks, and no address of the process:
 *
 *     Proc.Thread  .Thread  ThreadState  Blocker
 *                                          [System]
 *        4.000008  827d0030  Blocked    ntoskrnl!KiSwapThread+0xc5
 *                                       ntoskrnl!KeWaitForMultipleObjects+0x2b4
 */
import { parseAddress } from '../../src/core/symbol.js';
import type { StackFrame } from '../../src/tables/call-stack-writer.js';
import { dumpProcess, dumpThread } from '../../src/tables/dump-thread.js';
import type { Command, Reader, Taken } from './command.js';
import { fed } from './fed.js';
import { frameOf, isSymbol } from './frames.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import { areStacksWanted, NOT_RESIDENT } from './stack-frames.js';
import { ThreadRecord } from './thread-record.js';
import { ADDRESS } from './values.js';

const NAME = '!stacks';
const MAX_FRAMES = 192;
const MAX_BLOCKER = 400;

const HEADER = /^Proc\.Thread\s{1,40}\.?Thread\s{1,40}(?:Ticks\s{1,40})?ThreadState\s{1,40}Blocker$/i;
// `[8b57f7a8 System]`, `[System]`
const PROCESS = new RegExp(`^\\[(?:(${ADDRESS})\\s{1,9})?([^\\[\\]]{1,80})\\]$`, 'i');
const SURE_PROCESS = /^\[(?:0x)?[89a-f][0-9a-f`]{7,16}\s{1,9}[^\s[\]][^[\]]{0,79}\]$/i;
const ROW = new RegExp(
  `^([0-9a-f]{1,8})\\.([0-9a-f]{4,8})\\s{1,9}(${ADDRESS})\\s{1,9}(?:([0-9a-f]{6,16})\\s{1,9})?([A-Z?][A-Za-z?_]{3,20})(?:\\s{1,40}(\\S.{0,600}))?$`,
  'i',
);
// What is left of a row.
const LIKE_A_ROW = new RegExp(`^[0-9a-f]{1,8}\\.[0-9a-f]{6}\\s{1,9}${ADDRESS}\\b`, 'i');
// `+0x3f3f3f3f`: no module is known there
const BARE_OFFSET = /^\+0x([0-9a-f`]{1,17})$/i;
const KNOWN =
  /^(?:Threads Processed:|Max cache size|Total memory in cache|Number of regions cached|\d{1,9} full reads|counts: |bytes: |\*{2} (?:Transition|Prototype|Virtual addresses)|This \(virtual|Invalid kernel thread)/i;
const BELOW_ZERO = 2 ** 31;

export const stacks: Command = {
  name: NAME,
  isTyped: ({ name }) => name === NAME,
  begins: ({ trimmed }) => begins(trimmed),
  read: (log) => new Stacks(log),
};

function begins(trimmed: string): boolean {
  if (trimmed.startsWith('Proc.Thread')) return HEADER.test(trimmed);
  if (trimmed.startsWith('[')) return SURE_PROCESS.test(trimmed);
  const point = trimmed.indexOf('.');
  return point > 0 && point <= 8 && ROW.test(trimmed);
}

interface Open {
  readonly record: ThreadRecord;
  readonly frames: StackFrame[];
  lines: number;
}

class Stacks implements Reader {
  #process: {
    readonly address: bigint | null;
    readonly image: string;
    readonly line: KdLine;
    isWritten: boolean;
  } | null = null;
  #open: Open | null = null;

  constructor(private readonly log: Log) {}

  take(line: KdLine): Taken {
    const { trimmed } = line;
    const row = ROW.exec(trimmed);
    if (row !== null) return this.#row(line, row);
    const process = PROCESS.exec(trimmed);
    if (process !== null) return this.#beginProcess(line, process);
    if (HEADER.test(trimmed) || KNOWN.test(trimmed)) {
      this.#write();
      return 'ignored';
    }
    const frame = this.#frame(trimmed);
    if (frame !== null) return frame;
    this.#write();
    if (!LIKE_A_ROW.test(trimmed)) return 'unread';
    return this.log.skip('damaged-stacks', 'rows of !stacks that cannot be read were skipped', line);
  }

  cut(): void {
    this.#write();
    // What follows may be of another process.
    this.#writeProcess(null);
    this.#process = null;
  }

  end(): void {
    this.#write();
    this.#writeProcess(null);
  }

  #beginProcess(line: KdLine, [, address, image]: RegExpExecArray): Taken {
    this.#write();
    this.#writeProcess(null);
    this.#process = { address: address === undefined ? null : parseAddress(address), image, line, isWritten: false };
    return address === undefined ? 'ignored' : fed(this.log, dumpProcess);
  }

  /** The row of a process is written when its id is known, from its first thread. */
  #writeProcess(pid: number | null): void {
    const process = this.#process;
    if (process === null || process.isWritten) return;
    process.isWritten = true;
    const { address, image, line } = process;
    if (address !== null) this.log.row(dumpProcess, { command: NAME, address, image, pid }, line);
  }

  #row(line: KdLine, [, pid, tid, address, ticks, state, blocker]: RegExpExecArray): Taken {
    this.#write();
    const record = new ThreadRecord(NAME, line);
    record.pid = Number.parseInt(pid, 16);
    record.tid = Number.parseInt(tid, 16);
    record.address = parseAddress(address);
    record.state = /^\?+$/.test(state) ? null : state.toUpperCase();
    if (ticks !== undefined) setTicks(record, Number.parseInt(ticks, 16), ticks.length);
    this.#writeProcess(record.pid);
    record.processAddress = this.#process?.address ?? null;
    record.image = this.#process?.image ?? null;
    const text = blocker?.trim().slice(0, MAX_BLOCKER) ?? null;
    record.blocker = text;
    if (text !== null && NOT_RESIDENT.test(text)) record.stackNotResident = 1;
    this.#open = { record, frames: text !== null && isPlace(text) ? [placeOf(text)] : [], lines: 0 };
    return fed(this.log, dumpThread);
  }

  /** The next frame of a stack that level 2 prints. */
  #frame(trimmed: string): Taken | null {
    const open = this.#open;
    if (open === null || open.frames.length === 0 || !isPlace(trimmed)) return null;
    if (open.frames.length < MAX_FRAMES) open.frames.push(placeOf(trimmed));
    open.lines++;
    return areStacksWanted(this.log) ? 'row' : fed(this.log, dumpThread);
  }

  #write(): void {
    const open = this.#open;
    if (open === null) return;
    this.#open = null;
    const { record, frames, lines } = open;
    const { log } = this;
    // A blocker alone is no stack.
    if (lines > 0 && areStacksWanted(log)) record.stack = log.stacks.id(frames, log.place(record.place));
    record.write(log);
  }
}

/** Ticks that the thread has been in its state; below zero on a live system. */
function setTicks(record: ThreadRecord, ticks: number, digits: number): void {
  const isBelowZero = digits > 8 ? ticks >= 2 ** 63 : ticks >= BELOW_ZERO;
  if (isBelowZero) record.beganAfterNow = 1;
  else record.waitTicks = ticks;
}

const isPlace = (text: string): boolean => isSymbol(text) || BARE_OFFSET.test(text);

function placeOf(text: string): StackFrame {
  const bare = BARE_OFFSET.exec(text);
  if (bare === null) return frameOf(text, null);
  return { address: parseAddress(bare[1]), module: null, routine: null };
}
