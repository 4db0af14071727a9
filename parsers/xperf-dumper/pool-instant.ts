/** The pool rows of one instant, held until their stacks have passed. */
import { NULL_I32 } from '../../src/core/schema.js';
import type { Writer } from '../../src/core/table.js';
import type { poolEvent } from '../../src/tables/pool-event.js';
import { MAX_FRAMES, type PoolStacks } from './pool-stacks.js';

/** Rows of one instant: a few a processor. */
const MAX_HELD = 1024;
/** Among more rows it is not looked for those of one thread. */
const MAX_COMPARED = 64;
/** An event has no stacks where fewer than one in so many of its rows had one. */
const SELDOM = 16;

/** Pool rows of one event name, and how often it was sure whether they had a stack. */
export interface PoolKind {
  readonly event: number;
  readonly operation: number;
  seen: number;
  withStack: number;
}

enum StackState {
  None,
  /** Lines of its thread are frames of it. */
  Open,
  Closed,
}

/** An id as a column holds it: all bits set stands for none. */
export const idOf = (id: number): number => (id >= 0 && id <= 0x7fffffff ? id : NULL_I32);

/** A pool row as it is read; used again and again. Ids are those of the writer's dictionaries. */
export class PoolRow {
  kind: PoolKind = { event: -1, operation: -1, seen: 0, withStack: 0 };
  atUs = 0;
  process = -1;
  pid = NULL_I32;
  /** As printed; NaN where no column holds it. */
  tid = Number.NaN;
  cpu = NULL_I32;
  poolType = -1;
  tag = -1;
  bytes = Number.NaN;
  sessionId = NULL_I32;
  low = 0;
  high = 0;
  line = 0;
  byte = 0;
  state = StackState.None;
  /** Numbers of its frames so far. */
  readonly frames = new Int32Array(MAX_FRAMES);
  frameCount = 0;
  /** True where one of its frames has no number. */
  isCut = false;
  stackLine = 0;
  stackByte = 0;
}

export class PoolInstant {
  /** Time of the rows held. */
  atUs = Number.NaN;
  /** Rows held. */
  n = 0;
  readonly #rows: PoolRow[] = [];
  /** The row whose stack the last line belonged to. */
  #current: PoolRow | null = null;
  readonly #words: Uint32Array;

  constructor(
    private readonly writer: Writer<typeof poolEvent>,
    private readonly stacks: PoolStacks,
  ) {
    this.#words = writer.words('address');
  }

  get isFull(): boolean {
    return this.n >= MAX_HELD;
  }

  /** The row to read the next line into. */
  next(): PoolRow {
    if (this.n === this.#rows.length) this.#rows.push(new PoolRow());
    return this.#rows[this.n];
  }

  row(i: number): PoolRow {
    return this.#rows[i];
  }

  /** Holds the row last given by `next`; those of another instant leave. */
  hold(row: PoolRow): void {
    if (row.atUs !== this.atUs) {
      const at = this.n;
      this.release();
      this.#rows[at] = this.#rows[0];
      this.#rows[0] = row;
      this.atUs = row.atUs;
    }
    row.state = StackState.None;
    row.frameCount = 0;
    row.isCut = false;
    this.n++;
  }

  /** The row that frame `no` of thread `tid` belongs to; null where there is none. */
  rowOf(tid: number, no: number): PoolRow | null {
    const current = this.#current;
    if (no !== 1 && current !== null && current.tid === tid && current.state === StackState.Open) return current;
    this.#current = no === 1 ? this.#opened(tid) : (this.#open(tid) ?? this.#opened(tid));
    return this.#current;
  }

  /** Adds frame number `frame`; false where the stack is as long as stacks get. */
  addFrame(row: PoolRow, frame: number, line: number, byte: number): boolean {
    if (row.frameCount === 0) {
      row.stackLine = line;
      row.stackByte = byte;
    }
    if (frame < 0) row.isCut = true;
    if (row.frameCount >= MAX_FRAMES) return false;
    row.frames[row.frameCount++] = frame;
    return true;
  }

  /** Writes the rows held, in their order. */
  release(): void {
    for (let i = 0; i < this.n; i++) {
      this.#learn(this.#rows[i]);
      this.#write(this.#rows[i]);
    }
    this.n = 0;
    this.#current = null;
    this.atUs = Number.NaN;
  }

  #open(tid: number): PoolRow | null {
    for (let i = this.n - 1; i >= 0; i--) {
      const row = this.#rows[i];
      if (row.tid === tid && row.state === StackState.Open) return row;
    }
    return null;
  }

  /**
   * A stack of thread `tid` begins: that of its first row without one, but those of events that never have stacks (only
   * allocations may have been walked) are passed over. The stack before has ended.
   */
  #opened(tid: number): PoolRow | null {
    let first: PoolRow | null = null;
    let sure: PoolRow | null = null;
    for (let i = 0; i < this.n; i++) {
      const row = this.#rows[i];
      if (row.tid !== tid) continue;
      if (row.state === StackState.Open) row.state = StackState.Closed;
      if (row.state !== StackState.None) continue;
      first ??= row;
      if (sure === null && row.kind.withStack * SELDOM >= row.kind.seen) sure = row;
    }
    const row = sure ?? first;
    if (row !== null) row.state = StackState.Open;
    return row;
  }

  /** Where a thread has one row in an instant, it is sure whose stack it is. */
  #learn(row: PoolRow): void {
    if (this.n > MAX_COMPARED) return;
    for (let i = 0; i < this.n; i++) if (this.#rows[i] !== row && this.#rows[i].tid === row.tid) return;
    row.kind.seen++;
    if (row.state !== StackState.None) row.kind.withStack++;
  }

  #write(row: PoolRow): void {
    // First, since it may hand rows on.
    const stack = this.#stackOf(row);
    const { cols, n } = this.writer;
    cols.event[n] = row.kind.event;
    cols.operation[n] = row.kind.operation;
    cols.atUs[n] = row.atUs;
    cols.process[n] = row.process;
    cols.pid[n] = row.pid;
    cols.tid[n] = idOf(row.tid);
    cols.cpu[n] = row.cpu;
    cols.poolType[n] = row.poolType;
    cols.tag[n] = row.tag;
    cols.bytes[n] = row.bytes;
    this.#words[2 * n] = row.low;
    this.#words[2 * n + 1] = row.high;
    cols.sessionId[n] = row.sessionId;
    cols.stack[n] = stack;
    cols.line[n] = row.line;
    cols.byte[n] = row.byte;
    this.writer.push();
  }

  #stackOf(row: PoolRow): number {
    if (row.frameCount === 0) return NULL_I32;
    if (!row.isCut) return this.stacks.stack(row.frames, row.frameCount, row.stackLine, row.stackByte);
    this.stacks.noRoom();
    return NULL_I32;
  }
}
