/**
 * Plain LZ77 of XPRESS as [MS-XCA] 2.3 has it: 32 flags at a time, the first of them in the highest bit; a 0 stands for a
 * byte as it is, a 1 for a match of 3 bytes or more at a distance up to 8192.
 */

const MIN_MATCH = 3;
const MAX_MATCH = 0xffff;
const MAX_DISTANCE = 8192;
const HASH_BITS = 14;
/** How many earlier places with the same hash are looked at. */
const TRIES = 8;

export interface Compressed {
  readonly bytes: Buffer;
  /** Where each byte of `keep` went. */
  readonly kept: Uint32Array;
}

export const xpressCompress = (input: Uint8Array): Buffer => xpressCompressKeeping(input, new Uint32Array(0)).bytes;

/**
 * As xpressCompress, but the bytes at the positions `keep` (ascending) stand as they are and nothing refers to them: they can
 * be changed afterwards.
 */
export function xpressCompressKeeping(input: Uint8Array, keep: Uint32Array): Compressed {
  const out = writer(input.length);
  const find = matcher(input, runsWithout(input.length, keep));
  const kept = new Uint32Array(keep.length);
  let nextKept = 0;
  for (let at = 0; at < input.length; ) {
    const { length, distance } = find(at);
    if (length >= MIN_MATCH) {
      out.match(length, distance);
      at += length;
      continue;
    }
    const position = out.literal(input[at]);
    if (keep[nextKept] === at) kept[nextKept++] = position;
    at++;
  }
  return { bytes: out.finish(), kept };
}

/** For each position, how many bytes from it on may be in a match. */
function runsWithout(length: number, keep: Uint32Array): Uint32Array {
  const free = new Uint32Array(length);
  let next = keep.length - 1;
  let run = 0;
  for (let at = length - 1; at >= 0; at--) {
    const isKept = next >= 0 && keep[next] === at;
    if (isKept) next--;
    run = isKept ? 0 : run + 1;
    free[at] = run;
  }
  return free;
}

interface Match {
  readonly length: number;
  readonly distance: number;
}

const NONE: Match = { length: 0, distance: 0 };

/** Finds the longest of a few earlier matches. Positions must come in ascending order. */
function matcher(input: Uint8Array, free: Uint32Array): (at: number) => Match {
  const last = new Int32Array(1 << HASH_BITS).fill(-1);
  const previous = new Int32Array(input.length).fill(-1);
  let entered = 0;
  const hashAt = (at: number): number => {
    const three = input[at] | (input[at + 1] << 8) | (input[at + 2] << 16);
    return Math.imul(three, 0x9e3779b1) >>> (32 - HASH_BITS);
  };
  const enterUpTo = (at: number): void => {
    for (; entered < at; entered++) {
      if (free[entered] < MIN_MATCH) continue;
      const hash = hashAt(entered);
      previous[entered] = last[hash];
      last[hash] = entered;
    }
  };
  return (at) => {
    enterUpTo(at);
    if (free[at] < MIN_MATCH) return NONE;
    let best = NONE;
    let from = last[hashAt(at)];
    for (let tries = 0; tries < TRIES && from >= 0 && at - from <= MAX_DISTANCE; tries++) {
      // A match may run over its own beginning, so that free bytes of the source are limited by its distance only there.
      const limit = Math.min(free[at], MAX_MATCH, free[from] >= at - from ? Number.POSITIVE_INFINITY : free[from]);
      let length = 0;
      while (length < limit && input[from + length] === input[at + length]) length++;
      if (length > best.length) best = { length, distance: at - from };
      from = previous[from];
    }
    return best.length >= MIN_MATCH ? best : NONE;
  };
}

interface Writer {
  /** Gives where the byte went. */
  literal(byte: number): number;
  match(length: number, distance: number): void;
  finish(): Buffer;
}

function writer(inputBytes: number): Writer {
  const out = Buffer.alloc(inputBytes + (inputBytes >> 3) + 64);
  let used = 4;
  let flagsAt = 0;
  let flags = 0;
  let flagCount = 0;
  /** Where the upper half of a byte with a length is still free; 0 for nowhere. */
  let halfAt = 0;

  const flag = (bit: 0 | 1): void => {
    flags = ((flags << 1) | bit) >>> 0;
    if (++flagCount < 32) return;
    out.writeUInt32LE(flags, flagsAt);
    flagsAt = used;
    used += 4;
    flags = 0;
    flagCount = 0;
  };
  const longLength = (length: number): void => {
    const half = Math.min(length - 7, 15);
    if (halfAt === 0) {
      halfAt = used;
      out[used++] = half;
    } else {
      out[halfAt] |= half << 4;
      halfAt = 0;
    }
    if (half < 15) return;
    if (length - 22 < 255) {
      out[used++] = length - 22;
    } else {
      out[used++] = 255;
      used = out.writeUInt16LE(length, used);
    }
  };
  return {
    literal(byte) {
      const position = used;
      out[used++] = byte;
      flag(0);
      return position;
    },
    match(length, distance) {
      const rest = length - MIN_MATCH;
      used = out.writeUInt16LE(((distance - 1) << 3) | Math.min(rest, 7), used);
      if (rest >= 7) longLength(rest);
      flag(1);
    },
    finish() {
      // The flags that are not used are ones.
      const filled = flagCount === 0 ? 0xffffffff : (flags << (32 - flagCount)) | (2 ** (32 - flagCount) - 1);
      out.writeUInt32LE(filled >>> 0, flagsAt);
      return out.subarray(0, used);
    },
  };
}
