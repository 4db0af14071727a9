/** Files as a zip whose bytes depend on the files alone. */
import { createWriteStream, renameSync, rmSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { EXIT, TracekitError } from '../core/error.js';
import { printable } from '../core/text.js';

export interface BundledFile {
  readonly name: string;
  readonly bytes: Buffer;
}

/** Zips keep local time: with this one, written as local, their bytes are the same in every zone. */
const STAMP = [2000, 0, 1] as const;

/** Writes beside `path` and renames, so that no half of a zip is ever found there. Throws TracekitError where that fails. */
export async function writeZip(files: readonly BundledFile[], path: string): Promise<void> {
  const beside = `${path}.${process.pid}.tmp`;
  try {
    await zipTo(files, beside);
    renameSync(beside, path);
  } catch (error) {
    rmSync(beside, { force: true });
    const { code, message } = error as NodeJS.ErrnoException;
    throw new TracekitError(`--bundle ${printable(path)}: ${remedy(code, message)}`, EXIT.unreadable);
  }
}

async function zipTo(files: readonly BundledFile[], path: string): Promise<void> {
  const { default: yazl } = await import('yazl');
  const zip = new yazl.ZipFile();
  const options = { mtime: new Date(...STAMP), forceDosTimestamp: true, mode: 0o100644 };
  for (const { name, bytes } of files) zip.addBuffer(bytes, name, options);
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(path, { flags: 'wx' }));
}

function remedy(code: string | undefined, message: string): string {
  if (code === 'ENOENT') return 'there is no such folder. Make it first, or name a file in another one.';
  if (code === 'EISDIR' || code === 'EEXIST' || code === 'ENOTEMPTY')
    return 'is a folder, or in use. Name a file that is to be written.';
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return 'must not be written. Name a file in a folder of your own.';
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'the disk is full. Make room, or name a file on another disk.';
  return `cannot be written (${printable(message)}). Name a file in another folder.`;
}
