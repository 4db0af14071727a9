import { TracekitError } from '../../../src/core/error.js';
import type { BufferHeader } from './buffer-header.js';
import { BUFFER_HEADER, BufferFlag } from './layout.js';
import { unpackXpress } from './xpress.js';

/** Buffers that are packed may hold this many times the bytes of the file, as with other containers. */
const MAX_EXPANSION = 200;
const EXPANSION_FLOOR = 256 << 20;

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
