/** Standard output, progress and exit codes. */
import { closeSync, openSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { EXIT, TracekitError } from '../src/core/error.js';
import { printable } from '../src/core/text.js';
import type { ReadOptions } from '../src/index.js';

/** Writes the answer to standard output or to the file that `option` names; never over one of the inputs. */
export async function writeAnswer(
  text: string | Iterable<string>,
  output: string | undefined,
  inputs: readonly string[],
  option = '--output',
): Promise<void> {
  const pieces = typeof text === 'string' ? [text] : text;
  if (output === undefined || output === '-') {
    for (const piece of pieces) await new Promise<void>((done) => process.stdout.write(piece, () => done()));
    return;
  }
  if (isOneOf(output, inputs)) {
    throw new TracekitError(`${option} ${printable(output)} is one of the files to be read.`, EXIT.usage);
  }
  try {
    const fd = openSync(output, 'w');
    try {
      for (const piece of pieces) writeFileSync(fd, piece);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw new TracekitError(`${option}: ${printable(String((error as Error).message))}.`, EXIT.unreadable);
  }
}

/** True where `path` names one of the inputs. */
export const isOneOf = (path: string, inputs: readonly string[]): boolean =>
  inputs.some((input) => isSameFile(input, path));

/** Writes all of `text` before it returns, so that an answer of any size needs little memory. */
export function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let n = 0; n < bytes.length; ) {
    try {
      n += writeSync(fd, bytes, n);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      // A reader of `head` may have seen enough.
      if (code === 'EPIPE' || code === 'EOF') process.exit(EXIT.ok);
      if (code !== 'EAGAIN') throw new TracekitError(`the answer cannot be written (${printable(message)}).`);
      // The pipe is full, and does not block.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

/** True where both name one file, by another spelling or a link too. */
function isSameFile(a: string, b: string): boolean {
  if (resolve(a) === resolve(b)) return true;
  const one = identityOf(a);
  return one !== null && one === identityOf(b);
}

/** Device and number of a file; null where there is none, or the system does not tell. */
function identityOf(path: string): string | null {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    return ino === 0n ? null : `${dev}:${ino}`;
  } catch {
    return null;
  }
}

/** A reader of `head` may have seen enough: that is no error. What cannot be written otherwise is said in a line. */
export function endQuietlyOnClosedPipe(): void {
  // Remarks that nobody reads any more are no failure.
  process.stderr.on('error', () => {});
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.ok);
    process.stderr.write(`tracekit: standard output: ${printable(String(error.message))}.\n`);
    process.exit(EXIT.unreadable);
  });
}

/** Progress on stderr, on a terminal only, after half a second; call `done` before anything else is printed. */
export function progress(quiet: boolean): { report: ReadOptions['onProgress']; done(): void } {
  if (quiet || !process.stderr.isTTY) return { report: undefined, done: () => {} };
  const begun = Date.now();
  let last = 0;
  return {
    report({ path, read, total }) {
      const now = Date.now();
      if (now - begun < 500 || now - last < 100) return;
      last = now;
      const share = total === null || total === 0 ? '' : ` ${Math.min(100, Math.floor((100 * read) / total))} %`;
      process.stderr.write(`\r\x1b[Kreading ${printable(path, 50)}${share} (${Math.floor(read / 1e6)} MB)`);
    },
    done() {
      if (last > 0) process.stderr.write('\r\x1b[K');
    },
  };
}

/** Width of the terminal; 160 where the answer goes to a pipe or a file, so that it does not depend on a window. */
export function terminalWidth(output?: string): number {
  return output === undefined && process.stdout.isTTY ? Math.max(40, process.stdout.columns ?? 80) : 160;
}

/** Colour on a terminal, unless `NO_COLOR` is set; `--color` decides over both. */
export function useColor(option: 'auto' | 'always' | 'never', output: string | undefined): boolean {
  if (option !== 'auto') return option === 'always';
  const noColor = process.env.NO_COLOR;
  if (noColor !== undefined && noColor !== '') return false;
  return output === undefined && process.stdout.isTTY === true && process.env.TERM !== 'dumb';
}
