import { decodeUtf8 } from './text.js';

const NOTHING = Buffer.alloc(0);
/** Room for the texts of a batch that do not stand in a block: grows as needed, and is used again. */
const FIRST_ROOM = 1 << 16;

/**
 * A column of texts that stay bytes: as millions of strings they would cost more than all else that is done with them.
 * Row `i` is UTF-8 in `buffer` from `from[i]` to `end[i]`; null where `from[i]` is -1. A parser either points into the block
 * that it reads (`buffer = block.bytes`, then `from` and `end`; all rows flushed before the next block), or gives strings.
 */
export class TextColumn {
  buffer: Buffer = NOTHING;
  readonly from: Int32Array;
  readonly end: Int32Array;
  #own = NOTHING;
  #used = 0;

  constructor(readonly length: number) {
    this.from = new Int32Array(length).fill(-1);
    this.end = new Int32Array(length);
  }

  /** Text of row `i`, for parsers that have strings; rows are given in order, from 0 in each batch. */
  set(i: number, text: string | null): void {
    if (i === 0) this.#used = 0;
    if (text === null) {
      this.from[i] = -1;
      return;
    }
    const most = 3 * text.length;
    if (this.#own.length - this.#used < most) this.#grow(most);
    this.buffer = this.#own;
    this.from[i] = this.#used;
    this.#used += this.#own.write(text, this.#used, 'utf8');
    this.end[i] = this.#used;
  }

  get(i: number): string | null {
    return this.from[i] < 0 ? null : decodeUtf8(this.buffer, this.from[i], this.end[i]);
  }

  #grow(more: number): void {
    const larger = Buffer.allocUnsafe(Math.max(FIRST_ROOM, 2 * this.#own.length, this.#used + more));
    this.#own.copy(larger, 0, 0, this.#used);
    this.#own = larger;
  }
}
