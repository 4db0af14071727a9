import { decodeUtf8 } from '../text.js';
import type { ByteReader } from './byte-reader.js';
import { type Block, MAX_LINE } from './types.js';

/** Cuts the byte stream into blocks of whole lines, in one buffer that is used again and again. */
export async function* blocksOf(reader: ByteReader, start: number, buffer: Buffer): AsyncGenerator<Block> {
  let held = 0;
  let at = start;
  /** Bytes of an over-long line that were passed over so far, and how it begins. */
  let passed = 0;
  let text = '';
  const overlong = (): Block => ({ bytes: buffer.subarray(0, 0), start: at, overlong: { length: passed, text } });
  for (;;) {
    const pending = reader.read(buffer, held);
    const n = typeof pending === 'number' ? pending : await pending;
    if (n === 0) break;
    const end = held + n;
    let from = 0;
    // What is held has no line end, and a read is no longer than a line may be: only the first line can be over-long.
    if (passed > 0 || end > MAX_LINE) {
      const newline = buffer.subarray(0, end).indexOf(10, held);
      if (passed > 0 || newline > MAX_LINE || newline < 0) {
        if (passed === 0) text = decodeUtf8(buffer, 0, Math.min(end, 200));
        from = newline < 0 ? end : newline + 1;
        passed += from;
        held = 0;
        if (newline < 0) continue;
        yield overlong();
        at += passed;
        passed = 0;
      }
    }
    const length = buffer.subarray(0, end).lastIndexOf(10) + 1;
    if (length > from) yield { bytes: buffer.subarray(from, length), start: at, overlong: null };
    const rest = Math.max(length, from);
    buffer.copyWithin(0, rest, end);
    held = end - rest;
    at += rest - from;
  }
  if (passed > 0) yield overlong();
  else if (held > 0) yield { bytes: buffer.subarray(0, held), start: at, overlong: null };
}
