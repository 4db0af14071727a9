import { decodeUtf8 } from '../text.js';
import type { ByteReader } from './byte-reader.js';
import { BLOCK_BYTES, type Block, MAX_LINE, READ_BYTES } from './types.js';

/** The buffer has two sides; each has room for what is held of a line, and a read right behind it. */
const SIDE = BLOCK_BYTES / 2;

/**
 * Cuts the byte stream into blocks of whole lines, in one buffer of {@link BLOCK_BYTES} that is used again and again.
 * While a block is worked on at one side, the next read fills the other: on two processors reading then costs nothing.
 */
export async function* blocksOf(reader: ByteReader, start: number, buffer: Buffer): AsyncGenerator<Block> {
  const read = async (side: number): Promise<number> => {
    const at = side * SIDE + MAX_LINE;
    return reader.read(buffer.subarray(at, at + READ_BYTES), 0);
  };
  const block = (from: number, to: number): Block => ({ bytes: buffer.subarray(from, to), start: at, overlong: null });
  /** Bytes held from the read before: they lie right before where this side's read begins. */
  let held = 0;
  let at = start;
  /** Bytes of an over-long line that were passed over so far, and how it begins. */
  let passed = 0;
  let text = '';
  const overlong = (): Block => ({ bytes: buffer.subarray(0, 0), start: at, overlong: { length: passed, text } });
  let side = 0;
  let next = read(side);
  try {
    for (;;) {
      const n = await next;
      const begin = side * SIDE + MAX_LINE;
      if (n === 0) {
        if (passed > 0) yield overlong();
        else if (held > 0) yield block(begin - held, begin);
        return;
      }
      side = 1 - side;
      next = read(side);
      // An error is thrown where it is awaited; until then it must not count as one that nobody handles.
      next.catch(() => {});
      const end = begin + n;
      let from = begin - held;
      held = 0;
      // What is held has no line end, and a read is no longer than a line may be: only the first line can be over-long.
      if (passed > 0 || end - from > MAX_LINE) {
        const newline = buffer.subarray(begin, end).indexOf(10) + begin;
        const none = newline < begin;
        if (passed > 0 || none || newline - from > MAX_LINE) {
          if (passed === 0) text = decodeUtf8(buffer, from, Math.min(end, from + 200));
          const stop = none ? end : newline + 1;
          passed += stop - from;
          from = stop;
          if (none) continue;
          yield overlong();
          at += passed;
          passed = 0;
        }
      }
      const stop = Math.max(from, buffer.subarray(from, end).lastIndexOf(10) + 1 + from);
      held = end - stop;
      buffer.copy(buffer, side * SIDE + MAX_LINE - held, stop, end);
      if (stop > from) yield block(from, stop);
      at += stop - from;
    }
  } finally {
    // Whoever stops early closes the file next: not while a read is under way.
    await next.catch(() => {});
  }
}
