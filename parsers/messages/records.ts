/** Walks the blocks of a source line by line, so that a message and the lines that go on with it are at hand together. */
import { type Output, skipOverlong } from '../../src/core/parser.js';
import type { Block, SourceStream } from '../../src/core/source.js';
import { CR, LF } from './bytes.js';
import type { MessageRows } from './rows.js';

/** As far as the begin of the last message of a block is looked for, and as much as is held: more than a message may have. */
const MAX_HELD = 1 << 17;

/** What a parser knows of its lines. */
export interface LineReader {
  /** True where a message begins with the line. Changes nothing. */
  begins(bytes: Buffer, from: number, end: number): boolean;
  /** Reads the line from `from` to `end`, its line end left out, and counts it. */
  line(bytes: Buffer, from: number, end: number): void;
}

/**
 * Reads all lines of a source. The last message of each block is held until it is known how it goes on: most often only its
 * own line. So each batch of rows points into one buffer. The rows are finished with it.
 */
export async function readRecords(
  stream: SourceStream,
  out: Output,
  rows: MessageRows,
  reader: LineReader,
): Promise<void> {
  const walk = new Walk(out, rows, reader);
  for await (const block of stream.blocks()) {
    if (block.overlong === null) walk.block(block);
    else walk.overlong(block);
  }
  walk.end();
  rows.finish();
}

class Walk {
  #held: Buffer = Buffer.alloc(0);
  #heldStart = 0;

  constructor(
    private readonly out: Output,
    private readonly rows: MessageRows,
    private readonly reader: LineReader,
  ) {}

  block({ bytes, start }: Block): void {
    let from = 0;
    if (this.#held.length > 0) {
      from = this.#firstBegin(bytes);
      if (from > 0) this.#held = Buffer.concat([this.#held, bytes.subarray(0, from)]);
      if (from === bytes.length && this.#held.length <= MAX_HELD) return;
      this.#readHeld();
    }
    if (from === bytes.length) return;
    const cut = this.#lastBegin(bytes, from);
    this.#read(bytes, start, from, cut);
    this.#held = Buffer.from(bytes.subarray(cut));
    this.#heldStart = start + cut;
  }

  overlong(block: Block): void {
    this.#readHeld();
    this.rows.line++;
    this.out.account.read++;
    skipOverlong(this.out, block, this.rows.line);
  }

  end(): void {
    this.#readHeld();
  }

  #readHeld(): void {
    const held = this.#held;
    this.#held = Buffer.alloc(0);
    if (held.length > 0) this.#read(held, this.#heldStart, 0, held.length);
  }

  #read(bytes: Buffer, start: number, from: number, to: number): void {
    const { rows, reader } = this;
    rows.begin(bytes, start);
    let lines = 0;
    for (let at = from; at < to; lines++) {
      let newline = bytes.indexOf(LF, at);
      if (newline < 0) newline = to;
      rows.line++;
      reader.line(bytes, at, newline > at && bytes[newline - 1] === CR ? newline - 1 : newline);
      at = newline + 1;
    }
    this.out.account.read += lines;
    rows.flush();
  }

  /** Where the first message of a block begins; its end where none does. */
  #firstBegin(bytes: Buffer): number {
    for (let at = 0; at < bytes.length; ) {
      const newline = bytes.indexOf(LF, at);
      const end = newline < 0 ? bytes.length : newline;
      if (this.#begins(bytes, at, end)) return at;
      at = end + 1;
    }
    return bytes.length;
  }

  /** Where the last message of a block begins; its end where it is too long to be held. */
  #lastBegin(bytes: Buffer, from: number): number {
    const stop = Math.max(from, bytes.length - MAX_HELD);
    let end = bytes[bytes.length - 1] === LF ? bytes.length - 1 : bytes.length;
    for (;;) {
      const before = end > 0 ? bytes.lastIndexOf(LF, end - 1) : -1;
      const at = before + 1;
      if (at < stop) return bytes.length;
      if (this.#begins(bytes, at, end)) return at;
      if (before < 0) return bytes.length;
      end = before;
    }
  }

  #begins(bytes: Buffer, from: number, end: number): boolean {
    return this.reader.begins(bytes, from, end > from && bytes[end - 1] === CR ? end - 1 : end);
  }
}
