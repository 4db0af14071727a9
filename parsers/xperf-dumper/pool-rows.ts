/** Pool events, each with the stack that follows it: tables `pool_event` and `call_stack`. */
import { lineAt, type Output } from '../../src/core/parser.js';
import type { Writer } from '../../src/core/table.js';
import { poolEvent } from '../../src/tables/pool-event.js';
import type { Place } from './dpc-rows.js';
import type { LineHandler } from './event-names.js';
import { PoolInstant, type PoolKind } from './pool-instant.js';
import { PoolLine, PoolTexts } from './pool-line.js';
import type { PoolShape } from './pool-shape.js';
import { PoolStacks } from './pool-stacks.js';
import { StackLine, stackShape } from './stack-lines.js';

/** Told of lines that cannot be used. */
interface PoolSink {
  damaged(start: number, end: number, why: string): void;
}

/**
 * What became of a Stack line: a frame of a pool row; not needed, since no row waits for it; or why it is damaged, as any
 * other text.
 */
type StackUse = 'frame' | 'ignored' | { readonly damaged: string };
/** Reads a Stack line. */
type StackReader = (comma: number, end: number, start: number) => StackUse;

const FRAME: StackUse = 'frame';
const IGNORED: StackUse = 'ignored';

/**
 * Holds the pool rows of one time stamp until their Stack lines (same TimeStamp and ThreadID) have passed, which is until
 * a pool row of another time comes.
 */
export class PoolRows {
  /** First and last time of rows, and the highest processor; NaN and -1 before the first. */
  firstUs = Number.NaN;
  lastUs = Number.NaN;
  maxCpu = -1;
  /** TimeStamp of the Stack line read last; NaN where that is damaged. */
  stackUs = Number.NaN;
  /** Rows earlier than one before them. */
  inversions = 0;
  readonly #stacks: PoolStacks;
  readonly #writer: Writer<typeof poolEvent> | null;
  readonly #instant: PoolInstant | null;
  readonly #texts: PoolTexts | null;
  /** Events by name: files put together repeat theirs. */
  readonly #kinds = new Map<string, PoolKind>();
  /** Texts of the lines of rows that were held when their block ended, by place. */
  #quotes = new Map<number, string>();

  constructor(
    private readonly out: Output,
    private readonly place: Place,
    private readonly sink: PoolSink,
  ) {
    // Before pool_event: a stack must be handed on before the row that has it.
    this.#stacks = new PoolStacks(out);
    this.#writer = out.writer(poolEvent);
    this.#instant = this.#writer === null ? null : new PoolInstant(this.#writer, this.#stacks);
    this.#texts = this.#writer === null ? null : new PoolTexts(this.#writer);
  }

  get isWanted(): boolean {
    return this.#writer !== null;
  }

  /** True where Stack lines are to be read. */
  get wantsStacks(): boolean {
    return this.#writer !== null && this.#stacks.isWanted;
  }

  /** A handler for the rows of an event; null where nobody wants them. */
  rowHandler(name: string, shape: PoolShape): LineHandler | null {
    const instant = this.#instant;
    const texts = this.#texts;
    if (instant === null || texts === null) return null;
    const { place, sink } = this;
    const kind = this.#kind(name, shape.operation);
    const line = new PoolLine(shape, place, texts);
    return (comma, end, start) => {
      if (instant.isFull) instant.release();
      const row = instant.next();
      const why = line.read(row, comma, end);
      if (why !== null) return sink.damaged(start, end, why);
      row.kind = kind;
      row.line = place.line;
      row.byte = place.start + start;
      instant.hold(row);
      this.#saw(row.atUs, row.cpu);
      this.out.account.rows++;
    };
  }

  /** A reader for Stack lines; null where their columns do not tell whose stack it is, or nobody wants them. */
  stackReader(columns: readonly string[]): StackReader | null {
    const instant = this.#instant;
    const shape = stackShape(columns);
    if (instant === null || shape === null || !this.wantsStacks) return null;
    const { place } = this;
    const line = new StackLine(columns, shape, place, this.#stacks);
    return (comma, end, start) => {
      const why = line.read(comma, end, start);
      this.stackUs = why === null ? line.atUs : Number.NaN;
      if (why !== null) return { damaged: why };
      if (line.atUs !== instant.atUs) return IGNORED;
      const row = instant.rowOf(line.tid, line.no);
      if (row === null) return IGNORED;
      const frame = line.frame();
      if (frame === null) return { damaged: 'it has neither a routine nor its address' };
      return instant.addFrame(row, frame, place.line, place.start + start) ? FRAME : IGNORED;
    };
  }

  /** Writes the rows held: no stack of theirs comes any more. */
  release(): void {
    this.#instant?.release();
  }

  /** The text at a place whose line may be in an earlier block. */
  quote(byte: number): string | undefined {
    return this.#quotes.size === 0 ? undefined : this.#quotes.get(byte);
  }

  /** Call when the block at `start` has been handed on, and its bytes are about to go: keeps the lines of rows still held. */
  blockEnded(bytes: Buffer, start: number): void {
    const instant = this.#instant;
    if (instant === null) return;
    const kept = new Map<number, string>();
    const keep = (byte: number): void => {
      kept.set(byte, this.#quotes.get(byte) ?? lineAt(bytes, byte - start));
    };
    for (let i = 0; i < instant.n; i++) {
      const { byte, stackByte, frameCount } = instant.row(i);
      keep(byte);
      if (frameCount > 0) keep(stackByte);
    }
    this.#quotes = kept;
  }

  #kind(name: string, operation: string | null): PoolKind {
    const known = this.#kinds.get(name);
    if (known !== undefined) return known;
    const { event, operation: operations } = (this.#writer as Writer<typeof poolEvent>).dicts;
    const kind = { event: event.id(name), operation: operations.id(operation), seen: 0, withStack: 0 };
    this.#kinds.set(name, kind);
    return kind;
  }

  #saw(atUs: number, cpu: number): void {
    if (atUs < this.lastUs) this.inversions++;
    if (!(atUs >= this.firstUs)) this.firstUs = atUs;
    if (!(atUs <= this.lastUs)) this.lastUs = atUs;
    if (cpu > this.maxCpu) this.maxCpu = cpu;
  }
}
