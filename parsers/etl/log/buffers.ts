/** The buffers of a log file in the order in which they lie in it. */
import { TracekitError } from '../../../src/core/error.js';
import type { RandomBytes } from '../../../src/core/source.js';
import { type BufferHeader, isUnused, readBufferHeader } from './buffer-header.js';
import { BUFFER_HEADER, BufferFlag, HEADER_BUFFER, HEADER_BYTES, HeaderType, isKernelHeader } from './layout.js';
import { unpackXpress } from './xpress.js';

/** One buffer, unpacked. Valid until the next one is asked for. */
export interface LogBuffer {
  readonly header: BufferHeader;
  /** Offset in the source. */
  readonly at: number;
  /** Offset in the source as it would be if all buffers were unpacked; `at` where none is packed. */
  readonly start: number;
  /** Header and events. */
  readonly bytes: Buffer;
}

/** Told of what is no buffer, of one that ends early, of room that is not used. */
export interface BufferTroubles {
  /** `bytes` from `at` on are no buffer and were passed over. */
  damaged(at: number, bytes: number): void;
  /** The buffer at `at` holds only `got` of `filled` bytes. */
  cut(at: number, got: number, filled: number, atEnd: boolean): void;
  unused(at: number, bytes: number): void;
}

/** One read. Bigger than any buffer of a usual log, so that few straddle two reads. */
const READ = 4 << 20;
/** Buffers that are packed may hold this many times the bytes of the file, as with other containers. */
const MAX_EXPANSION = 200;
const EXPANSION_FLOOR = 256 << 20;

/** A stretch of the file in memory, beginning at a multiple of 8. */
interface Stretch {
  readonly at: number;
  readonly bytes: Buffer;
}

/**
 * Walks the file. `bufferBytes` is what the log says of its buffers' size (0 where unknown): behind damage the next buffer
 * is looked for at multiples of it, or byte by byte where buffers are packed. While a stretch is worked on the next is read.
 */
export async function* buffersOf(
  file: RandomBytes,
  troubles: BufferTroubles,
  bufferBytes: () => number,
): AsyncGenerator<LogBuffer> {
  const unpacker = new Unpacker(file.size);
  let at = 0;
  let start = 0;
  const room = file.size < READ ? (file.size + 7) & ~7 : READ;
  const sides = [Buffer.from(new ArrayBuffer(room)), Buffer.from(new ArrayBuffer(0))];
  let side = 0;
  let next = readStretch(file, at, sides[0]);
  let isPacked = false;
  let firstBytes = 0;
  while (at < file.size) {
    const stretch = await next;
    if (stretch.bytes.length === 0) return;
    // What the log says is not known in the first stretch of a first pass: any later pass must find the same buffers.
    const step = isPacked || stretch.at === 0 ? 0 : bufferBytes();
    const found = headersIn(stretch, file.size, step, firstBytes, troubles);
    if (stretch.at === 0) firstBytes = found.headers[0]?.header.size ?? 0;
    at = found.end;
    isPacked ||= found.isPacked;
    side = 1 - side;
    // A buffer longer than a stretch needs a longer one.
    const needed = at < file.size ? Math.max(READ, found.needed) : 0;
    if (sides[side].length < needed) sides[side] = Buffer.from(new ArrayBuffer(needed));
    next =
      at < file.size ? readStretch(file, at, sides[side]) : Promise.resolve({ at, bytes: sides[side].subarray(0, 0) });
    next.catch(() => {});
    for (const { at: place, header } of found.headers) {
      const bytes = unpacker.bytesOf(stretch.bytes, place - stretch.at, header, (got) =>
        troubles.cut(place, got, header.filled, place + header.size > file.size),
      );
      yield { header, at: place, start, bytes };
      start += (header.flags & BufferFlag.Compressed) !== 0 ? header.filled : header.size;
    }
  }
}

async function readStretch(file: RandomBytes, at: number, into: Buffer): Promise<Stretch> {
  const n = await file.read(into.subarray(0, Math.min(into.length, file.size - at)), at);
  return { at, bytes: into.subarray(0, n) };
}

interface Found {
  readonly headers: readonly { readonly at: number; readonly header: BufferHeader }[];
  /** Where to go on. */
  readonly end: number;
  /** Bytes that the buffer there is long, where it did not fit at all. */
  readonly needed: number;
  /** True where one of them is compressed: then buffers lie anywhere. */
  readonly isPacked: boolean;
}

/** The buffers that lie whole in a stretch; the last one of the file may be cut. */
function headersIn(
  stretch: Stretch,
  fileSize: number,
  bufferBytes: number,
  firstBytes: number,
  troubles: BufferTroubles,
): Found {
  const headers: { at: number; header: BufferHeader }[] = [];
  const { bytes } = stretch;
  const isLast = stretch.at + bytes.length >= fileSize;
  let i = 0;
  let isPacked = false;
  while (i + BUFFER_HEADER.bytes <= bytes.length) {
    const header = sized(readBufferHeader(bytes, i), bytes, i, firstBytes || (headers[0]?.header.size ?? 0));
    if (header === null) {
      const stop = nextBuffer(bytes, i, stretch.at, isPacked ? 0 : bufferBytes);
      if (isUnused(bytes, i)) troubles.unused(stretch.at + i, stop - i);
      else troubles.damaged(stretch.at + i, stop - i);
      i = stop;
      continue;
    }
    if (i + header.size > bytes.length && !isLast) {
      return { headers, end: stretch.at + i, needed: i === 0 ? header.size + 8 : 0, isPacked };
    }
    if ((header.flags & BufferFlag.Compressed) !== 0) isPacked = true;
    headers.push({ at: stretch.at + i, header });
    i += header.size;
  }
  if (isLast && i < bytes.length) {
    troubles.damaged(stretch.at + i, bytes.length - i);
    i = bytes.length;
  }
  return { headers, end: stretch.at + i, needed: 0, isPacked };
}

/**
 * Plain buffers are all as long as the first: one that says it is longer would swallow the next, so where a buffer lies
 * that far behind it, the length is not believed.
 */
function sized(header: BufferHeader | null, bytes: Buffer, at: number, firstBytes: number): BufferHeader | null {
  if (header === null || header.size <= firstBytes || firstBytes === 0) return header;
  const next = at + firstBytes;
  const isPlain = (header.flags & BufferFlag.Compressed) === 0 && header.filled <= firstBytes;
  if (!isPlain || next + BUFFER_HEADER.bytes > bytes.length || !looksLikeBuffer(bytes, next)) return header;
  return { ...header, size: firstBytes };
}

/** The next place behind `i` where a buffer seems to begin, or room that is not used; the end of `bytes` where there is none. */
function nextBuffer(bytes: Buffer, i: number, offset: number, bufferBytes: number): number {
  const last = bytes.length - BUFFER_HEADER.bytes;
  if (bufferBytes > 0) {
    const step = bufferBytes - ((offset + i) % bufferBytes);
    const at = i + step;
    if (at <= last && (isUnused(bytes, at) || readBufferHeader(bytes, at) !== null)) return at;
  }
  for (let at = i + 1; at <= last; at++) if (looksLikeBuffer(bytes, at)) return at;
  return bytes.length;
}

/** Stricter than `readBufferHeader`: in the middle of other bytes much looks like a header. */
function looksLikeBuffer(bytes: Buffer, at: number): boolean {
  // Cheap checks first: high bytes of size, flags and type, and unused flags.
  if (bytes[at + 3] !== 0 || bytes[at + 0x33] !== 0 || bytes[at + 0x35] !== 0 || bytes[at + 0x37] !== 0) return false;
  if (bytes[at + 0x34] > 0x7f || bytes[at + 0x36] >= HEADER_BUFFER) return false;
  const header = readBufferHeader(bytes, at);
  if (header === null || header.filled === BUFFER_HEADER.bytes) return false;
  const isCompressed = (header.flags & BufferFlag.Compressed) !== 0;
  // A plain buffer begins with an event; behind a packed one the next lies.
  if (!isCompressed) return looksLikeEvent(bytes, at + BUFFER_HEADER.bytes, at + header.filled);
  const next = at + header.size;
  return next + BUFFER_HEADER.bytes > bytes.length || readBufferHeader(bytes, next) !== null;
}

/** Mark, type and size of an event's header, as events are told by in a buffer. */
function looksLikeEvent(bytes: Buffer, at: number, end: number): boolean {
  if (at + 8 > bytes.length) return false;
  const type = bytes[at + 2];
  const mark = bytes[at + 3];
  const size = bytes.readUInt16LE(mark === 0xc0 && isKernelHeader(type) ? at + 4 : at);
  if (at + size > end) return false;
  if (mark === 0xc0) return HEADER_BYTES[type] > 0 && size >= HEADER_BYTES[type];
  return (mark & 0xd0) === 0x90 && size >= HEADER_BYTES[HeaderType.Message];
}

/** Gives the bytes of a buffer, unpacked and at a multiple of 8 in memory. */
export class Unpacker {
  #scratch = Buffer.from(new ArrayBuffer(0));
  #packed = 0;

  constructor(private readonly fileSize: number) {}

  /** The buffer that begins at `bytes[at]`; `cut` is told where it ends early. Valid until the next call. */
  bytesOf(bytes: Buffer, at: number, header: BufferHeader, cut: (got: number) => void): Buffer {
    const { size, filled, flags } = header;
    const there = Math.min(size, bytes.length - at);
    if ((flags & BufferFlag.Compressed) === 0) {
      const got = Math.min(filled, there);
      if (got < filled) cut(got);
      if ((bytes.byteOffset + at) % 8 === 0) return bytes.subarray(at, at + got);
      const copy = this.#room(got);
      bytes.copy(copy, 0, at, at + got);
      return copy.subarray(0, got);
    }
    this.#guard(filled);
    const out = this.#room(filled);
    bytes.copy(out, 0, at, at + BUFFER_HEADER.bytes);
    const got = unpackXpress(bytes, at + BUFFER_HEADER.bytes, at + there, out, BUFFER_HEADER.bytes, filled);
    if (got < filled) cut(got);
    return out.subarray(0, got);
  }

  #guard(filled: number): void {
    this.#packed += filled;
    if (this.#packed <= Math.max(EXPANSION_FLOOR, this.fileSize * MAX_EXPANSION)) return;
    throw new TracekitError(
      `its compressed buffers expand more than ${MAX_EXPANSION} times, as a decompression bomb does: reading stopped.`,
    );
  }

  #room(bytes: number): Buffer {
    // The events are read in words of 8 bytes: the room ends at a multiple of them.
    const needed = (bytes + 7) & ~7;
    if (this.#scratch.length < needed) this.#scratch = Buffer.from(new ArrayBuffer(needed));
    return this.#scratch;
  }
}
