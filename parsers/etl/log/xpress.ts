/**
 * Plain LZ77, as buffers are compressed with ([MS-XCA] 2.3 and 2.4: Plain LZ77 Compression/Decompression Algorithm
 * Details). Flags come in words of 32 bits, highest first; a match is a 13-bit offset and a 3-bit length that may be
 * continued in a shared half byte, a byte, a word and a double word.
 */

/**
 * Unpacks `from[at..end)` into `to[outAt..outEnd)`. Gives the place behind the last byte written: less than `outEnd` where
 * the data end early or refer to what lies before the start. Never writes outside `to[outAt..outEnd)`.
 */
export function unpackXpress(
  from: Uint8Array,
  at: number,
  end: number,
  to: Uint8Array,
  outAt: number,
  outEnd: number,
): number {
  let input = at;
  let out = outAt;
  let flags = 0;
  let left = 0;
  let halfByteAt = 0;
  while (out < outEnd) {
    if (left === 0) {
      if (input + 4 > end) return out;
      flags = from[input] | (from[input + 1] << 8) | (from[input + 2] << 16) | (from[input + 3] << 24);
      input += 4;
      left = 32;
    }
    if (flags >= 0) {
      // A run of literals, as long as there are zeros in front.
      let run = Math.clz32(flags);
      if (run > left) run = left;
      if (run > outEnd - out) run = outEnd - out;
      if (run > end - input) run = end - input;
      if (run === 0) return out;
      left -= run;
      flags <<= run & 31;
      if (run === 32) flags = 0;
      for (const stop = out + run; out < stop; ) to[out++] = from[input++];
      continue;
    }
    flags <<= 1;
    left--;
    if (input + 2 > end) return out;
    const match = from[input] | (from[input + 1] << 8);
    input += 2;
    const offset = (match >>> 3) + 1;
    let length = match & 7;
    if (length === 7) {
      if (halfByteAt === 0) {
        if (input >= end) return out;
        halfByteAt = input++;
        length = from[halfByteAt] & 15;
      } else {
        length = from[halfByteAt] >>> 4;
        halfByteAt = 0;
      }
      if (length === 15) {
        if (input >= end) return out;
        length = from[input++];
        if (length === 255) {
          if (input + 2 > end) return out;
          length = from[input] | (from[input + 1] << 8);
          input += 2;
          if (length === 0) {
            if (input + 4 > end) return out;
            length = (from[input] | (from[input + 1] << 8) | (from[input + 2] << 16) | (from[input + 3] << 24)) >>> 0;
            input += 4;
          }
          if (length < 15 + 7) return out;
          length -= 15 + 7;
        }
        length += 15;
      }
      length += 7;
    }
    length += 3;
    let source = out - offset;
    if (source < outAt) return out;
    const stop = length < outEnd - out ? out + length : outEnd;
    if (offset >= 16 && stop - out >= 32) {
      // Long ones in blocks, which must not overlap.
      while (stop - out > offset) {
        to.copyWithin(out, source, source + offset);
        out += offset;
        source += offset;
      }
      to.copyWithin(out, source, source + stop - out);
      out = stop;
      continue;
    }
    while (out < stop) to[out++] = to[source++];
  }
  return out;
}
