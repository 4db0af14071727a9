/** The buffers of a log file in the order in which they lie in it. */
import type { RandomBytes } from '../../../src/core/source.js';
import type { BufferHeader } from './buffer-header.js';
import { bufferAt, type LogShape, shapeOf } from './buffer-search.js';
import { BUFFER_HEADER, BufferFlag } from './layout.js';
import { Unpacker } from './unpacker.js';

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
  /** `bytes` from `at` on are zeros. */
  unused(at: number, bytes: number): void;
  /** The file ends at `at`, before the size that it had. */
  shrank(at: number): void;
}

/** One read. Bigger than any buffer of a usual log, so that few straddle two reads. */
const READ = 4 << 20;

/** A stretch of the file in memory, beginning at a multiple of 8. */
interface Stretch {
  readonly at: number;
  readonly bytes: Buffer;
  /** True where nothing follows it. */
  readonly isLast: boolean;
}

/** Walks the file. While a stretch is worked on the next is read. Both passes over a log find the same buffers. */
export async function* buffersOf(file: RandomBytes, troubles: BufferTroubles): AsyncGenerator<LogBuffer> {
  const unpacker = new Unpacker(file.size);
  const sides = [roomFor(Math.min(READ, file.size)), roomFor(0)];
  let side = 0;
  let at = 0;
  let start = 0;
  let shape: LogShape | null = null;
  let next: Promise<Stretch | null> = readStretch(file, at, sides[0], troubles);
  try {
    while (at < file.size) {
      const stretch = await next;
      if (stretch === null) return;
      shape ??= shapeOf(stretch.bytes);
      const found = headersIn(stretch, shape, troubles);
      at = found.end;
      side = 1 - side;
      const hasMore = at < file.size && !stretch.isLast;
      // A buffer longer than a stretch needs a longer one.
      const needed = hasMore ? Math.min(Math.max(READ, found.needed), file.size - at) : 0;
      if (sides[side].length < needed) sides[side] = roomFor(needed);
      next = hasMore ? readStretch(file, at, sides[side], troubles) : Promise.resolve(null);
      // Thrown where it is awaited; until then it must not count as an error that nobody handles.
      next.catch(() => {});
      for (const { at: place, header } of found.headers) {
        const atEnd = place + header.size > stretch.at + stretch.bytes.length;
        const bytes = unpacker.bytesOf(stretch.bytes, place - stretch.at, header, (got) =>
          troubles.cut(place, got, header.filled, atEnd),
        );
        yield { header, at: place, start, bytes };
        start += (header.flags & BufferFlag.Compressed) !== 0 ? header.filled : header.size;
      }
      if (stretch.isLast) return;
    }
  } finally {
    // Whoever stops early closes the file next: not while a read is under way.
    await next.catch(() => {});
  }
}

/** Events are read in words of 8 bytes. */
const roomFor = (bytes: number): Buffer => Buffer.from(new ArrayBuffer((bytes + 7) & ~7));

async function readStretch(
  file: RandomBytes,
  at: number,
  into: Buffer,
  troubles: BufferTroubles,
): Promise<Stretch | null> {
  const asked = Math.min(into.length, file.size - at);
  const n = await file.read(into.subarray(0, asked), at);
  if (n < asked) troubles.shrank(at + n);
  return n === 0 ? null : { at, bytes: into.subarray(0, n), isLast: n < asked || at + n >= file.size };
}

interface Headers {
  readonly headers: readonly { readonly at: number; readonly header: BufferHeader }[];
  /** Where to go on. */
  readonly end: number;
  /** Bytes that the buffer there is long, where it did not fit at all. */
  readonly needed: number;
}

/** The buffers that lie whole in a stretch; the last one of the file may be cut. */
function headersIn({ at, bytes, isLast }: Stretch, shape: LogShape, troubles: BufferTroubles): Headers {
  const headers: { at: number; header: BufferHeader }[] = [];
  let i = 0;
  while (i + BUFFER_HEADER.bytes <= bytes.length) {
    const found = bufferAt(bytes, i, shape);
    const size = found.header === null ? found.bytes : found.header.size;
    // What goes on behind the stretch is looked at as a whole in the next one.
    const fits = i + size <= bytes.length || isLast;
    if (!fits) return { headers, end: at + i, needed: i === 0 ? size + BUFFER_HEADER.bytes : 0 };
    if (found.header !== null) headers.push({ at: at + i, header: found.header });
    else if (found.isUnused) troubles.unused(at + i, Math.min(size, bytes.length - i));
    else troubles.damaged(at + i, Math.min(size, bytes.length - i));
    i += size;
  }
  if (isLast && i < bytes.length) {
    troubles.damaged(at + i, bytes.length - i);
    i = bytes.length;
  }
  return { headers, end: at + i, needed: 0 };
}
