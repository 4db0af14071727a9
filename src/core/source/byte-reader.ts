/** Bytes by pull: from a file, from a Node stream, with bytes put back in front. */
import { closeSync, fstatSync, openSync, read as readFile } from 'node:fs';
import type { Readable } from 'node:stream';
import { TracekitError } from '../error.js';
import { printable } from '../text.js';
import { fileBytes } from './random.js';
import { type RandomBytes, READ_BYTES, type Trouble } from './types.js';
import { unreadable } from './unreadable.js';

/** A container that expands more than this is refused once it has given more than `EXPANSION_FLOOR` bytes. */
const MAX_EXPANSION = 200;
const EXPANSION_FLOOR = 256 << 20;

/** Fills `target` from `offset`; 0 at the end. */
export interface ByteReader {
  read(target: Buffer, offset: number): number | Promise<number>;
  readonly taken: () => number;
  readonly total: number | null;
  readonly troubles: Trouble[];
  /** The same bytes at any place; where they can only be read front to back it is left out. */
  readonly random?: () => RandomBytes;
  close(): void;
}

export function openFile(path: string): { fd: number; size: number } {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    throw unreadable(path, error);
  }
  const stat = fstatSync(fd);
  if (stat.isDirectory()) {
    closeSync(fd);
    throw new TracekitError(`${printable(path)}: is a directory. Name the files in it.`);
  }
  return { fd, size: stat.isFile() ? stat.size : 0 };
}

export function fileReader(path: string): ByteReader {
  const { fd, size } = openFile(path);
  const troubles: Trouble[] = [];
  let taken = 0;
  let reading = 0;
  let open = true;
  let wanted = true;
  // Not while a read is under way: the next file opened may get the same number, and lose bytes to it.
  const closeWhenIdle = (): void => {
    if (wanted || reading > 0 || !open) return;
    open = false;
    closeSync(fd);
  };
  return {
    async read(target, offset) {
      if (!wanted) return 0;
      reading++;
      let n: number;
      try {
        n = await readSome(path, fd, target, offset);
      } finally {
        reading--;
        closeWhenIdle();
      }
      taken += n;
      if (n === 0 && taken < size && troubles.length === 0) {
        troubles.push({
          code: 'file-shrank',
          message: `the file shrank while it was read: ${taken} of ${size} bytes were there`,
        });
      }
      return n;
    },
    taken: () => taken,
    total: size,
    troubles,
    // A pipe or a device that was named as a file has no places.
    random: size > 0 ? () => fileBytes(path, fd) : undefined,
    close() {
      wanted = false;
      closeWhenIdle();
    },
  };
}

function readSome(path: string, fd: number, target: Buffer, offset: number): Promise<number> {
  return new Promise((resolve, reject) => {
    readFile(fd, target, offset, Math.min(READ_BYTES, target.length - offset), null, (error, n) => {
      if (error === null) resolve(n);
      else reject(unreadable(path, error));
    });
  });
}

/** A pull reader over a Node stream; `taken` counts the container's bytes. */
export function streamReader(stream: Readable, path: string, taken: () => number, total: number | null): ByteReader {
  const iterator = stream[Symbol.asyncIterator]();
  const troubles: Trouble[] = [];
  let chunk: Uint8Array = Buffer.alloc(0);
  let given = 0;
  const next = async (): Promise<boolean> => {
    try {
      const { value, done } = await iterator.next();
      if (done) return false;
      chunk = value as Uint8Array;
      return true;
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? '';
      const message = printable(String((error as Error).message));
      if (given === 0) throw new TracekitError(`${printable(path)}: cannot be unpacked (${message}).`);
      const why = code.startsWith('Z_') ? 'the compressed data end early or are damaged' : 'reading stopped';
      troubles.push({ code: 'truncated', message: `${why} (${message}) after ${given} unpacked bytes` });
      return false;
    }
  };
  const copy = (target: Buffer, offset: number): number => {
    const n = Math.min(chunk.length, target.length - offset);
    target.set(chunk.subarray(0, n), offset);
    chunk = chunk.subarray(n);
    given += n;
    if (given > EXPANSION_FLOOR && given > taken() * MAX_EXPANSION) {
      throw new TracekitError(
        `${printable(path)}: expands more than ${MAX_EXPANSION} times, as a decompression bomb does; reading stopped at ` +
          `${given} bytes. Unpack it yourself if you trust it.`,
      );
    }
    return n;
  };
  const pull = async (target: Buffer, offset: number): Promise<number> => {
    while (chunk.length === 0) if (!(await next())) return 0;
    return copy(target, offset);
  };
  return {
    read: (target, offset) => (chunk.length > 0 ? copy(target, offset) : pull(target, offset)),
    taken,
    total,
    troubles,
    close: () => void stream.destroy(),
  };
}

/** Reads until `target` is full or the source ends. */
export async function fill(reader: ByteReader, target: Buffer): Promise<number> {
  let n = 0;
  while (n < target.length) {
    const got = await reader.read(target, n);
    if (got === 0) break;
    n += got;
  }
  return n;
}

/** `reader` with bytes already taken from it put back in front. */
export function replay(reader: ByteReader, front: Buffer): ByteReader {
  let rest = front;
  return {
    ...reader,
    read(target, offset) {
      if (rest.length === 0) return reader.read(target, offset);
      const n = Math.min(rest.length, target.length - offset);
      rest.copy(target, offset, 0, n);
      rest = rest.subarray(n);
      return n;
    },
  };
}
