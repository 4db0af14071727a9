import { TracekitError } from '../error.js';
import { printable } from '../text.js';

/** Why a file cannot be read, in words. */
export function unreadable(path: string, error: unknown): TracekitError {
  const code = (error as NodeJS.ErrnoException).code;
  const why =
    code === 'ENOENT'
      ? 'no such file'
      : code === 'EACCES' || code === 'EPERM'
        ? 'permission denied'
        : code === 'EISDIR'
          ? 'is a directory. Name the files in it'
          : String((error as Error).message ?? error);
  return new TracekitError(`${printable(path)}: ${printable(why)}.`);
}
