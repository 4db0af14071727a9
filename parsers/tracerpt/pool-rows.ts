/** Rows of pool allocations and frees, each with the call stack that follows it. */

import type { Output } from '../../src/core/parser.js';
import { NULL_I32, type Row } from '../../src/core/schema.js';
import type { Writer } from '../../src/core/table.js';
import { CallStackWriter, type StackFrame } from '../../src/tables/call-stack-writer.js';
import { poolEvent } from '../../src/tables/pool-event.js';
import { poolTypeName } from '../../src/tables/pool-types.js';
import type { KernelHead } from './context.js';
import { address, type FieldOf, fit, wholeNumber } from './field-values.js';
import type { KernelEvent } from './kernel-events.js';
import { badField, type Outcome } from './outcome.js';
import type { WalkedStack } from './sample-rows.js';
import { isSame, StackClock } from './stack-clock.js';
import type { Timeline } from './timeline.js';

/**
 * Rows that wait for their stacks: its kernel part comes right behind the event, its user part when the thread returns
 * to user mode, some milliseconds later.
 */
const MAX_HELD = 4096;
/** Processors whose last event is kept; Windows knows 2048. */
const MAX_CPUS = 4096;

type PoolRow = { -readonly [K in keyof Row<typeof poolEvent>]?: Row<typeof poolEvent>[K] };

interface Held {
  readonly row: PoolRow;
  /** As the record stands in the source: its bytes are gone when the row is handed on. */
  readonly quote: string;
  readonly frames: StackFrame[];
  hasUserPart: boolean;
  /** Where the stack begins. */
  stackAt: { readonly line: number; readonly byte: number; readonly quote: string } | null;
  isReleased: boolean;
}

/** Where pool rows wait, in the order of the file, which is that of time. */
export class PoolRows {
  readonly #stacks: CallStackWriter;
  readonly #writer: Writer<typeof poolEvent> | null;
  readonly #clock = new StackClock();
  #held: Held[] = [];
  /** Index of the oldest row held. */
  #first = 0;
  /** The last event of each processor, where that is a pool event. */
  readonly #last = new Map<number, Held>();
  readonly #quotes = new Map<number, string>();

  constructor(
    private readonly out: Output,
    private readonly timeline: Timeline,
  ) {
    this.#stacks = new CallStackWriter(out);
    this.#writer = out.writer(poolEvent);
  }

  get isWanted(): boolean {
    return this.#writer !== null;
  }

  /** True where somebody reads the stacks of pool events. */
  get takesStacks(): boolean {
    return this.isWanted && this.#stacks.isWanted;
  }

  /** Takes a pool event. */
  event(known: KernelEvent, head: KernelHead, field: FieldOf): Outcome {
    const row = rowOf(known, head, field);
    if (row === null) return badField('Tag, NumberOfBytes or Entry');
    if (!this.takesStacks) {
      this.#writer?.row(row);
      return 'row';
    }
    const quote = this.out.quoteRow(head.byte, head.line);
    const held: Held = { row, quote, frames: [], hasUserPart: false, stackAt: null, isReleased: false };
    this.#held.push(held);
    if (this.#last.size >= MAX_CPUS) this.#last.clear();
    this.#last.set(head.cpu, held);
    if (this.#held.length - this.#first > MAX_HELD) this.#release(1);
    return 'row';
  }

  /** Another event has come: stacks that follow on its processor are not those of the pool event before it. */
  passed(cpu: number): void {
    this.#last.delete(cpu);
  }

  /** Takes a stack; true where it belongs to a pool event. */
  stack(stack: WalkedStack, head: KernelHead): boolean {
    if (!this.takesStacks) return false;
    const us = this.#clock.eventUs(this.timeline, stack.stamp);
    const held = Number.isNaN(us) ? this.#byOrder(stack, head) : this.#byTime(us, stack, head);
    if (held === null) return false;
    const { row, frames } = held;
    for (const pointer of stack.frames) frames.push({ address: pointer, module: null, routine: null });
    held.hasUserPart ||= this.#isUser(stack);
    held.stackAt ??= { line: head.line, byte: head.byte, quote: this.out.quoteRow(head.byte, head.line) };
    // Pool events may be logged without ids; the thread of the stack is theirs.
    row.pid ??= fit(stack.pid);
    row.tid ??= fit(stack.tid);
    return true;
  }

  /** The stack of the event right before it on its processor. */
  #byOrder(stack: WalkedStack, head: KernelHead): Held | null {
    const held = this.#last.get(head.cpu);
    if (held === undefined || held.isReleased || !this.#hasRoom(held, stack)) return null;
    const { row } = held;
    const isSameThread = (row.tid ?? stack.tid) === stack.tid && (row.pid ?? stack.pid) === stack.pid;
    if (!isSameThread || !this.#clock.agrees(this.timeline, stack.stamp, row.atUs ?? Number.NaN)) return null;
    return held;
  }

  /** The oldest row of that time and thread that still misses this part of its stack. */
  #byTime(us: number, stack: WalkedStack, head: KernelHead): Held | null {
    let found: Held | null = null;
    for (let i = this.#held.length - 1; i >= this.#first; i--) {
      const held = this.#held[i];
      const { atUs, tid, cpu } = held.row;
      if (!isSame(atUs ?? Number.NaN, us)) {
        if ((atUs ?? us) < us) break;
        continue;
      }
      const isSameThread = tid === null ? cpu === (head.cpu === NULL_I32 ? null : head.cpu) : tid === stack.tid;
      if (!isSameThread || !this.#hasRoom(held, stack)) continue;
      // A user part goes behind a kernel part rather than to a row without any.
      if (found === null || found.frames.length === 0 || held.frames.length > 0) found = held;
    }
    return found;
  }

  /** A stack comes whole, or as a kernel part that a user part follows. */
  #hasRoom(held: Held, stack: WalkedStack): boolean {
    return held.frames.length === 0 || (!held.hasUserPart && this.#isUser(stack));
  }

  #isUser({ frames }: WalkedStack): boolean {
    const kernelFrom = this.out.about.session?.pointerBytes === 4 ? 0x8000_0000n : 0x8000_0000_0000n;
    return frames[0] < kernelFrom;
  }

  /** Hands on what is held: no stack comes any more. */
  end(): void {
    this.#release(this.#held.length - this.#first);
    this.#last.clear();
    this.#clock.reset();
  }

  #release(count: number): void {
    for (const held of this.#held.slice(this.#first, this.#first + count)) this.#write(held);
    this.#first += count;
    if (this.#first < MAX_HELD && this.#first < this.#held.length) return;
    this.#held = this.#held.slice(this.#first);
    this.#first = 0;
  }

  #write(held: Held): void {
    const { row, frames, stackAt, quote } = held;
    held.isReleased = true;
    this.#quotes.set(row.byte as number, quote);
    if (stackAt !== null) {
      this.#quotes.set(stackAt.byte, stackAt.quote);
      row.stack = this.#stacks.id(frames, stackAt);
    }
    this.#writer?.row(row);
  }

  /** Text of a row or stack handed on since the last flush, whose bytes may be in an earlier block. */
  quote(byte: number): string | undefined {
    return this.#quotes.get(byte);
  }

  /** Call after each flush. */
  flushed(): void {
    this.#quotes.clear();
  }
}

/** `Type u32, Tag u32, NumberOfBytes pointer, Entry pointer [, SessionId u32]`; null where one that matters is missing. */
function rowOf(known: KernelEvent, head: KernelHead, field: FieldOf): PoolRow | null {
  const tag = tagOf(field('Tag'));
  const bytes = sizeOf(field('NumberOfBytes'));
  const block = address(field('Entry'));
  if (tag === null || bytes === null || block === null) return null;
  const type = wholeNumber(field('Type'));
  return {
    event: known.says,
    operation: known.says.startsWith('Alloc') ? 'alloc' : 'free',
    atUs: Number.isNaN(head.atUs) ? null : head.atUs,
    pid: head.pid === NULL_I32 ? null : head.pid,
    tid: head.tid === NULL_I32 ? null : head.tid,
    cpu: head.cpu === NULL_I32 ? null : head.cpu,
    poolType: type === null || type < 0 ? (field('Type') ?? null) : poolTypeName(type),
    tag,
    bytes,
    address: block,
    sessionId: known.says.endsWith('Session') ? fit(wholeNumber(field('SessionId'))) : null,
    line: head.line,
    byte: head.byte,
  };
}

/** `64`, or as a pointer: `0x0000000000000040`. */
function sizeOf(text: string | undefined): number | null {
  const pointer = address(text);
  const size = pointer === null ? wholeNumber(text) : Number(pointer);
  return size === null || size < 0 || size > Number.MAX_SAFE_INTEGER ? null : size;
}

/**
 * A tag as it lies in memory: `1799447884` and `0x6B41654C` are `LeAk`. Where the exporting machine printed its
 * characters they stand as they are, blanks at the end given back. No tag is a number of up to four digits.
 */
export function tagOf(text: string | undefined): string | null {
  if (text === undefined || text === '') return null;
  const isNumber = /^0x[0-9a-f]{1,8}$/i.test(text) || /^\d{5,10}$/.test(text);
  if (!isNumber) return text.length <= 4 ? text.padEnd(4) : null;
  const value = Number(text);
  if (value > 0xffffffff) return null;
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes.toString('latin1');
}
