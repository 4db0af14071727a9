/** The stacks of pool rows as rows of `call_stack`, each different one once; frames are known by the bytes that print them. */
import type { Output } from '../../src/core/parser.js';
import { NULL_I32 } from '../../src/core/schema.js';
import { splitSymbol } from '../../src/core/symbol.js';
import type { Writer } from '../../src/core/table.js';
import { callStack } from '../../src/tables/call-stack.js';
import { ByteTable, Sequences } from './seen-before.js';

/** As many as ETW walks at most. */
export const MAX_FRAMES = 192;
/** Different stacks and frames of a trace go to tens of thousands; made-up ones must not fill the memory. */
const MAX_STACKS = 500_000;
const MAX_FRAMES_OF_ALL = 8 << 20;
const MAX_KNOWN_FRAMES = 1 << 20;
const MAX_FRAME_BYTES = 64 << 20;
/** Address low and high, module, routine. */
const PARTS = 4;

/** Make it before asking for the writer of a table that refers to stacks: a stack must be handed on before the row that has it. */
export class PoolStacks {
  readonly #writer: Writer<typeof callStack> | null;
  readonly #words: Uint32Array;
  readonly #byBytes = new ByteTable(MAX_KNOWN_FRAMES, MAX_FRAME_BYTES);
  readonly #frames = new Sequences(MAX_KNOWN_FRAMES, PARTS * MAX_KNOWN_FRAMES);
  readonly #stacks = new Sequences(MAX_STACKS, MAX_FRAMES_OF_ALL);
  readonly #parts = new Int32Array(PARTS);

  constructor(private readonly out: Output) {
    this.#writer = out.writer(callStack);
    this.#words = this.#writer?.words('address') ?? new Uint32Array(0);
  }

  /** False where nobody reads stacks: then frames need not be collected. */
  get isWanted(): boolean {
    return this.#writer !== null;
  }

  /** Number of the frame that these bytes printed before; -1 where they did not. */
  known(view: DataView, from: number, to: number): number {
    return this.#byBytes.find(view, from, to);
  }

  /** Lets `frame` be known by these bytes. */
  learn(view: DataView, from: number, to: number, frame: number): void {
    this.#byBytes.add(view, from, to, frame);
  }

  /** Number of the frame with this address and `Image!Function`; -1 where there is no room for more. */
  frame(address: bigint | null, symbol: string): number {
    const dicts = this.#writer?.dicts;
    if (dicts === undefined) return -1;
    const { module, fn } = splitSymbol(symbol);
    this.#parts[0] = Number((address ?? 0n) & 0xffffffffn);
    this.#parts[1] = Number((address ?? 0n) >> 32n);
    this.#parts[2] = dicts.module.id(module);
    this.#parts[3] = dicts.routine.id(fn === null ? null : symbol);
    return this.#frames.id(this.#parts, PARTS);
  }

  /** Number of the stack with these frames, innermost first; NULL_I32 where there is no room for more. */
  stack(frames: Int32Array, length: number, line: number, byte: number): number {
    const { count } = this.#stacks;
    const stack = this.#stacks.id(frames, length);
    if (stack < 0) {
      this.noRoom();
      return NULL_I32;
    }
    if (stack === count) this.#write(stack, frames, length, line, byte);
    return stack;
  }

  noRoom(): void {
    this.out.diagnostics.add(
      'too-many-stacks',
      'data-loss',
      'more different stacks than there is room for: the rest was left out',
    );
  }

  #write(stack: number, frames: Int32Array, length: number, line: number, byte: number): void {
    const w = this.#writer;
    if (w === null) return;
    const { cols } = w;
    const { ints } = this.#frames;
    for (let i = 0; i < length; i++) {
      const { n } = w;
      const at = this.#frames.start(frames[i]);
      cols.stack[n] = stack;
      cols.frame[n] = i + 1;
      this.#words[2 * n] = ints[at];
      this.#words[2 * n + 1] = ints[at + 1];
      cols.module[n] = ints[at + 2];
      cols.routine[n] = ints[at + 3];
      cols.line[n] = line;
      cols.byte[n] = byte;
      w.push();
    }
  }
}
