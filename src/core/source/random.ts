/** Sources whose readers jump: files where they lie, and what comes packed or through a pipe once it is unpacked. */
import { closeSync, fstatSync, mkdtempSync, openSync, read as readFile, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TracekitError } from '../error.js';
import { printable } from '../text.js';
import type { ByteReader } from './byte-reader.js';
import { type RandomBytes, READ_BYTES } from './types.js';
import { unreadable } from './unreadable.js';

/** What is unpacked stays in memory up to this, and goes into a temporary file beyond it. */
const MAX_IN_MEMORY = 64 << 20;
/** Reads of at most this are waited for. */
const MAX_AT_ONCE = 128 << 10;

/** The bytes of an open file; closing them leaves the file open. */
export function fileBytes(path: string, fd: number): RandomBytes {
  return {
    size: fstatSync(fd).size,
    read: (target, at) => readAt(path, fd, target, at),
    close: () => {},
  };
}

async function readAt(path: string, fd: number, target: Uint8Array, at: number): Promise<number> {
  let n = 0;
  while (n < target.length) {
    const isSmall = target.length - n <= MAX_AT_ONCE;
    const got = isSmall ? readNow(path, fd, target, n, at + n) : await readOnce(path, fd, target, n, at + n);
    if (got === 0) break;
    n += got;
  }
  return n;
}

/** A buffer of a log: the way through the pool of threads and back would take longer than the read. */
function readNow(path: string, fd: number, target: Uint8Array, offset: number, at: number): number {
  try {
    return readSync(fd, target, offset, target.length - offset, at);
  } catch (error) {
    throw unreadable(path, error as NodeJS.ErrnoException);
  }
}

function readOnce(path: string, fd: number, target: Uint8Array, offset: number, at: number): Promise<number> {
  return new Promise((resolve, reject) => {
    readFile(fd, target, offset, target.length - offset, at, (error, n) => {
      if (error === null) resolve(n);
      else reject(unreadable(path, error));
    });
  });
}

/** Takes all that `reader` gives. Throws TracekitError where there is no room for it. */
export async function keptBytes(reader: ByteReader): Promise<RandomBytes> {
  const parts: Buffer[] = [];
  let size = 0;
  let spool: Spool | null = null;
  try {
    for (;;) {
      const part = Buffer.allocUnsafe(READ_BYTES);
      const n = await reader.read(part, 0);
      if (n === 0) break;
      size += n;
      if (spool === null && size > MAX_IN_MEMORY) {
        spool = openSpool();
        for (const kept of parts.splice(0)) spool.write(kept);
      }
      if (spool === null) parts.push(part.subarray(0, n));
      else spool.write(part.subarray(0, n));
    }
  } catch (error) {
    spool?.close();
    throw error;
  }
  return spool === null ? memoryBytes(Buffer.concat(parts)) : spool.bytes();
}

function memoryBytes(all: Buffer): RandomBytes {
  return {
    size: all.length,
    async read(target, at) {
      const part = all.subarray(at, at + target.length);
      target.set(part);
      return part.length;
    },
    close: () => {},
  };
}

interface Spool {
  write(part: Buffer): void;
  bytes(): RandomBytes;
  close(): void;
}

/** A file of our own in the temporary folder, readable by nobody else, removed when it is closed. */
function openSpool(): Spool {
  const dir = guarded(() => mkdtempSync(join(tmpdir(), 'tracekit-')));
  const path = join(dir, 'unpacked');
  const remove = (): void => rmSync(dir, { recursive: true, force: true });
  const fd = guarded(() => openSync(path, 'wx+', 0o600));
  // Where the system lets it, the file is given up at once: whatever ends the command, nothing is left of it.
  const isGone = process.platform !== 'win32';
  if (isGone) remove();
  else process.once('exit', remove);
  let open = true;
  const close = (): void => {
    if (!open) return;
    open = false;
    closeSync(fd);
    if (isGone) return;
    remove();
    process.removeListener('exit', remove);
  };
  return {
    write(part) {
      guarded(() => {
        for (let n = 0; n < part.length; ) n += writeSync(fd, part, n);
      });
    },
    bytes: () => ({ ...fileBytes(path, fd), close }),
    close,
  };
}

function guarded<T>(step: () => T): T {
  try {
    return step();
  } catch (error) {
    throw new TracekitError(
      `the temporary folder ${printable(tmpdir())} cannot take the unpacked log (${printable(String((error as Error).message))}). ` +
        'Unpack it yourself, or point TMPDIR (TEMP on Windows) to a folder with more room.',
    );
  }
}
