/** The second pass over a log: every event, buffer by buffer or in the order of time. */
import { pushTo } from '../../src/core/push-to.js';
import type { RandomBytes } from '../../src/core/source.js';
import { readBufferHeader } from './log/buffer-header.js';
import { type BufferTroubles, buffersOf, type LogBuffer } from './log/buffers.js';
import { EventCursor } from './log/cursor.js';
import { BUFFER_HEADER } from './log/layout.js';
import { Unpacker } from './log/unpacker.js';
import { StackUses } from './stacks/stack-uses.js';
import type { Survey } from './survey.js';

/** A buffer in memory, and the stacks of its events. */
export interface Loaded {
  readonly cursor: EventCursor;
  /** Null where nobody asks for stacks. */
  readonly uses: StackUses | null;
}

export interface Visitor {
  /** By key: 1 for kernel events that are wanted. Others are only counted, in `passed`. */
  readonly wanted: Uint8Array;
  /** True where events that are none of the kernel's are wanted. */
  readonly wantsOthers: boolean;
  /** `count` events were passed over. */
  passed(count: number): void;
  /** The event at `loaded.cursor`. */
  event(loaded: Loaded): void;
  /** Called before the bytes of a buffer go away: what was kept of its events must be handed on. */
  release(): void;
}

/** What was wrong was told in the first pass. */
const SILENT: BufferTroubles = { damaged: () => {}, cut: () => {}, unused: () => {}, shrank: () => {} };
/** Memory for buffers of all processors at once. */
const MAX_LOADED = 192 << 20;
/** Processors merged: as many as Windows can have. */
const MAX_QUEUES = 2048;

export class Walk {
  /** Buffers in memory. */
  readonly #loaded: Loaded[] = [];

  constructor(
    private readonly file: RandomBytes,
    private readonly survey: Survey,
    private readonly withStacks: boolean,
  ) {}

  /** Events of each processor in the order of time; processors one after the other, buffer by buffer. */
  async byProcessor(visitor: Visitor): Promise<void> {
    const loaded = this.#load();
    for await (const buffer of this.#buffers()) {
      this.#open(loaded, buffer);
      const { cursor } = loaded;
      cursor.passed = 0;
      while (cursor.stepTo(visitor.wanted, visitor.wantsOthers)) visitor.event(loaded);
      visitor.passed(cursor.passed);
      visitor.release();
    }
  }

  /** All events in the order of time, by merging the processors. False where there is no room: nothing was read then. */
  async inTime(visitor: Visitor): Promise<boolean> {
    const { buffers } = this.survey;
    let largest = 0;
    for (let i = 0; i < buffers.count; i++) if (buffers.bytes[i] > largest) largest = buffers.bytes[i];
    if (buffers.isCut || buffers.cpus > MAX_QUEUES || largest * buffers.cpus > MAX_LOADED) return false;
    const queues = this.#queues(visitor);
    const heap: Queue[] = [];
    for (const queue of queues) if (await queue.next()) heap.push(queue);
    for (let i = (heap.length >> 1) - 1; i >= 0; i--) sink(heap, i);
    while (heap.length > 0) {
      const queue = heap[0];
      const { cursor } = queue.loaded;
      const limit = lastTicksAlone(heap);
      let more: boolean;
      do {
        visitor.event(queue.loaded);
        more = cursor.stepTo(visitor.wanted, visitor.wantsOthers);
      } while (more && cursor.ticks <= limit);
      if (!more) {
        visitor.passed(cursor.passed);
        visitor.release();
        if (!(await queue.next())) {
          const last = heap.pop() as Queue;
          if (heap.length === 0) break;
          heap[0] = last;
        }
      }
      sink(heap, 0);
    }
    return true;
  }

  /** A cursor at the event that begins at `byte`, which lies in a buffer that is in memory; null where none does. */
  eventAt(byte: number): EventCursor | null {
    for (const { cursor } of this.#loaded) {
      const at = byte - cursor.start;
      if (at < BUFFER_HEADER.bytes || at >= cursor.bytes.length) continue;
      const found = this.#cursor();
      found.open(cursor.bytes, at, cursor.bytes.length, cursor.start, cursor.cpu);
      return found.step() ? found : null;
    }
    return null;
  }

  #load(): Loaded {
    const loaded = { cursor: this.#cursor(), uses: this.withStacks ? new StackUses(this.survey) : null };
    this.#loaded.push(loaded);
    return loaded;
  }

  #cursor(): EventCursor {
    const cursor = new EventCursor(() => {});
    if (this.survey.header !== null) cursor.setOrigin(this.survey.header.originCounter);
    return cursor;
  }

  #open({ cursor, uses }: Loaded, { bytes, header, start }: LogBuffer, ticks?: number): void {
    const end = Math.min(header.end, bytes.length);
    if (uses !== null) {
      cursor.open(bytes, BUFFER_HEADER.bytes, end, start, header.cpu);
      uses.prepare(cursor);
    }
    cursor.open(bytes, BUFFER_HEADER.bytes, end, start, header.cpu, ticks);
  }

  /** In the order of the file, which is that of time on each processor; else (a log that wrapped) sorted. */
  async *#buffers(): AsyncGenerator<LogBuffer> {
    const { buffers } = this.survey;
    if (buffers.isOrdered || buffers.isCut) yield* buffersOf(this.file, SILENT);
    else {
      const reader = new BufferReader(this.file, this.survey);
      for (const i of buffers.byTime()) {
        const buffer = await reader.read(i);
        if (buffer !== null) yield buffer;
      }
    }
  }

  #queues(visitor: Visitor): Queue[] {
    const { buffers } = this.survey;
    const byCpu = new Map<number, number[]>();
    for (const i of buffers.byTime()) {
      pushTo(byCpu, buffers.cpu[i], i);
    }
    return [...byCpu.values()].map((list) => {
      const loaded = this.#load();
      const open = (buffer: LogBuffer, i: number): void => this.#open(loaded, buffer, buffers.firstTicks[i]);
      return new Queue(list, new BufferReader(this.file, this.survey), loaded, visitor, open);
    });
  }
}

/** The buffers of one processor in the order of time. */
class Queue {
  #at = 0;

  constructor(
    private readonly list: readonly number[],
    private readonly reader: BufferReader,
    readonly loaded: Loaded,
    private readonly visitor: Visitor,
    private readonly open: (buffer: LogBuffer, i: number) => void,
  ) {}

  /** Loads the next buffer with events that are wanted and goes to its first one; false where there is none left. */
  async next(): Promise<boolean> {
    while (this.#at < this.list.length) {
      const i = this.list[this.#at++];
      const buffer = await this.reader.read(i);
      if (buffer === null) continue;
      this.open(buffer, i);
      const { cursor } = this.loaded;
      const { wanted, wantsOthers } = this.visitor;
      cursor.passed = 0;
      if (cursor.stepTo(wanted, wantsOthers)) return true;
      this.visitor.passed(cursor.passed);
    }
    return false;
  }
}

/** Reads buffers by their number in the survey's list, into memory of its own. */
class BufferReader {
  #bytes = Buffer.from(new ArrayBuffer(0));
  readonly #unpacker: Unpacker;

  constructor(
    private readonly file: RandomBytes,
    private readonly survey: Survey,
  ) {
    this.#unpacker = new Unpacker(file.size);
  }

  async read(i: number): Promise<LogBuffer | null> {
    const { at, size, start } = this.survey.buffers;
    const needed = (size[i] + 7) & ~7;
    if (this.#bytes.length < needed) this.#bytes = Buffer.from(new ArrayBuffer(needed));
    const n = await this.file.read(this.#bytes.subarray(0, size[i]), at[i]);
    const header = n < BUFFER_HEADER.bytes ? null : readBufferHeader(this.#bytes, 0);
    if (header === null) return null;
    const bytes = this.#unpacker.bytesOf(this.#bytes.subarray(0, n), 0, header, () => {});
    return { header, at: at[i], start: start[i], bytes };
  }
}

const ticksOf = (queue: Queue): number => queue.loaded.cursor.ticks;

/** Time up to which the first of the heap goes on alone: at the time of the next one only where its processor is the lower. */
function lastTicksAlone(heap: readonly Queue[]): number {
  if (heap.length === 1) return Number.POSITIVE_INFINITY;
  const next = heap.length > 2 && isBefore(heap[2], heap[1]) ? heap[2] : heap[1];
  return heap[0].loaded.cursor.cpu < next.loaded.cursor.cpu ? ticksOf(next) : ticksOf(next) - 1;
}

/** Puts the queue at `i` where it belongs in the heap: earliest first; at the same time, the lower processor. */
function sink(heap: Queue[], i: number): void {
  const queue = heap[i];
  let at = i;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child++;
    if (!isBefore(heap[child], queue)) break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = queue;
}

function isBefore(a: Queue, b: Queue): boolean {
  const difference = ticksOf(a) - ticksOf(b);
  return difference !== 0 ? difference < 0 : a.loaded.cursor.cpu < b.loaded.cursor.cpu;
}
