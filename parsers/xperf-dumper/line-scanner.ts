/** The WebAssembly kernel (kernel/scan.ts) and its memory, as typed arrays. */
import { readFileSync } from 'node:fs';
import { TracekitError } from '../../src/core/error.js';
import { BLOCK_BYTES } from '../../src/core/source.js';
import type { DpcShape } from './dpc-rows.js';

/** What the kernel does with the lines of a name; the numbers are the kernel's. */
export enum Action {
  CountOnly = 0,
  HandBack = 1,
  CountAndShowCpu = 2,
  Sample = 3,
  StackOfSample = 4,
  /** Pool rows: as samples. */
  Pool = 5,
}

const FIRST_SHAPE = 16;
const MAX_SHAPES = 64;
const MAX_COLUMNS = 64;
/** Half of the kernel's slots, so that probing ends. */
const MAX_NAMES = 256;
const NAME_WIDTH = 23;
/** Room behind the text: the kernel reads 16 bytes at a time. */
const SLACK = 64;
const PAGE = 65536;
/** The kernel counts lines in 32 bits: beyond this many, what it counts is behind by `linesBehind`. */
const COUNTED_LINES = 2 ** 30;

// What is used of the WebAssembly API: its types come with the DOM library only, which has no place here.
declare namespace WebAssembly {
  class Module {
    constructor(code: Uint8Array);
  }
  class Instance {
    constructor(module: Module, imports: object);
    readonly exports: object;
  }
  interface Global {
    readonly value: number;
  }
  interface Memory {
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }
}

type Globals =
  | 'COUNTS'
  | 'BYTES'
  | 'ROLES'
  | 'LAST'
  | 'TIME'
  | 'ELAPSED'
  | 'CPU'
  | 'VECTOR'
  | 'MESSAGE'
  | 'TAIL'
  | 'SYMBOL'
  | 'START'
  | 'END'
  | 'LINE'
  | 'SHAPE'
  | 'ROUTINE'
  | 'OTHERS'
  | 'TEXT'
  | 'CAPACITY';

type Kernel = { readonly [G in Globals]: WebAssembly.Global } & {
  readonly memory: WebAssembly.Memory;
  setName(name: number, id: number, action: number): number;
  scan(from: number, to: number, line: number): number;
  addRoutine(from: number, symbol: number, to: number, number: number): number;
  rowCount(): number;
  otherCount(): number;
  lineCount(): number;
};

/** Loads the kernel; it is built beside this file. */
function instantiate(): Kernel {
  let code: Buffer;
  try {
    code = readFileSync(new URL('./kernel/scan.wasm', import.meta.url));
  } catch {
    throw new TracekitError('the scanner of xperf dumper text is not built: run `npm run build`.');
  }
  const instance = new WebAssembly.Instance(new WebAssembly.Module(code), {});
  return instance.exports as unknown as Kernel;
}

/** Scans blocks that lie in its own `buffer`; what it found is in the arrays until the next call. */
export class LineScanner {
  /** Give this to `SourceStream.blocks`: the kernel reads nothing else. */
  readonly buffer: Buffer;
  rows = 0;
  others = 0;
  /** Number of the last line scanned. */
  line = 0;
  /** To be added to the numbers of lines in the arrays. */
  linesBehind = 0;
  readonly time: Float64Array;
  readonly elapsed: Float64Array;
  readonly cpu: Int32Array;
  readonly vector: Int32Array;
  readonly message: Int32Array;
  /** Offsets in `buffer`. */
  readonly tail: Int32Array;
  readonly symbol: Int32Array;
  readonly start: Int32Array;
  readonly end: Int32Array;
  readonly lineOf: Int32Array;
  readonly shape: Int32Array;
  /** Number that the row's routine was added under; -1 for none. */
  readonly routine: Int32Array;
  /** Triples: start, line feed, line. */
  readonly other: Int32Array;
  /** By name id, since the last `clearCounts`. */
  readonly counts: Uint32Array;
  readonly bytes: Uint32Array;
  readonly #kernel = instantiate();
  readonly #memory: Buffer;
  readonly #ids = new Map<string, number>();
  /** Index of each shape: files put together repeat theirs. */
  readonly #shapes = new Map<string, number>();

  constructor() {
    const kernel = this.#kernel;
    const text = kernel.TEXT.value;
    const pages = Math.ceil((text + BLOCK_BYTES + SLACK) / PAGE);
    kernel.memory.grow(Math.max(0, pages - kernel.memory.buffer.byteLength / PAGE));
    const memory = kernel.memory.buffer;
    const rows = kernel.CAPACITY.value;
    const numbers = (at: WebAssembly.Global, length = rows): Int32Array => new Int32Array(memory, at.value, length);
    this.#memory = Buffer.from(memory);
    this.buffer = Buffer.from(memory, text, BLOCK_BYTES);
    this.time = new Float64Array(memory, kernel.TIME.value, rows);
    this.elapsed = new Float64Array(memory, kernel.ELAPSED.value, rows);
    this.cpu = numbers(kernel.CPU);
    this.vector = numbers(kernel.VECTOR);
    this.message = numbers(kernel.MESSAGE);
    this.tail = numbers(kernel.TAIL);
    this.symbol = numbers(kernel.SYMBOL);
    this.start = numbers(kernel.START);
    this.end = numbers(kernel.END);
    this.lineOf = numbers(kernel.LINE);
    this.shape = numbers(kernel.SHAPE);
    this.routine = numbers(kernel.ROUTINE);
    this.other = numbers(kernel.OTHERS, rows * 3);
    this.counts = new Uint32Array(memory, kernel.COUNTS.value, MAX_NAMES * 2);
    this.bytes = new Uint32Array(memory, kernel.BYTES.value, MAX_NAMES * 2);
  }

  /** Scans `buffer` from `from` to `to`, where a line ends; `line` lines came before. Returns where it stopped. */
  scan(from: number, to: number, line: number): number {
    // One line in 1024 is looked at: which ones stays the same.
    const counted = line < COUNTED_LINES ? line : COUNTED_LINES + (line % 1024);
    this.linesBehind = line - counted;
    const next = this.#kernel.scan(from, to, counted);
    this.rows = this.#kernel.rowCount();
    this.others = this.#kernel.otherCount();
    this.line = this.#kernel.lineCount() + this.linesBehind;
    return next;
  }

  /**
   * Lets rows that print `from`..`to` of `buffer` as address and symbol, the symbol from `symbol` on, be told by `number`;
   * false where there is no room.
   */
  addRoutine(from: number, symbol: number, to: number, number: number): boolean {
    return this.#kernel.addRoutine(from, symbol, to, number) !== 0;
  }

  clearCounts(): void {
    this.counts.fill(0);
    this.bytes.fill(0);
  }

  /** What to do with a name's lines from now on. Names without room in the kernel are handed back. Returns its id. */
  setName(name: string, action: number): number | null {
    const printed = Buffer.from(`${name.padStart(NAME_WIDTH)},`, 'latin1');
    const known = this.#ids.get(name);
    const fits = printed.length === NAME_WIDTH + 1 && !/[^\x20-\x7e]/.test(name);
    if (!fits || (known === undefined && this.#ids.size >= MAX_NAMES)) return null;
    const id = known ?? this.#ids.size;
    const at = this.#kernel.TEXT.value + BLOCK_BYTES;
    printed.copy(this.#memory, at);
    if (this.#kernel.setName(at, id, action) === 0) return null;
    this.#ids.set(name, id);
    return id;
  }

  /**
   * The action for rows of a shape: `HandBack` where the kernel cannot read it, which takes Image!Function last and the
   * address, if there is one, right before it.
   */
  addShape(shape: DpcShape): number {
    const last = shape.columns - 1;
    const readable = shape.symbol === last && (shape.address < 0 || shape.address === last - 1);
    if (!readable || shape.columns > MAX_COLUMNS) return Action.HandBack;
    const key = JSON.stringify(shape);
    const known = this.#shapes.get(key);
    if (known !== undefined) return FIRST_SHAPE + known;
    if (this.#shapes.size >= MAX_SHAPES) return Action.HandBack;
    const index = this.#shapes.size;
    this.#shapes.set(key, index);
    const roles = [shape.time, shape.elapsed, shape.cpu, shape.vector, shape.messageIndex, shape.address];
    const at = this.#kernel.ROLES.value + index * MAX_COLUMNS;
    this.#memory.fill(0, at, at + MAX_COLUMNS);
    roles.forEach((column, i) => {
      if (column >= 0) this.#memory[at + column] = i + 1;
    });
    this.#memory.writeInt32LE(last, this.#kernel.LAST.value + index * 4);
    return FIRST_SHAPE + index;
  }
}

/** Index of the shape that an action stands for; -1 where it is none. */
export const shapeOf = (action: number): number => action - FIRST_SHAPE;
