/**
 * Paths to text: plain files, standard input, gzip, zip entries; UTF-8 or UTF-16; handed on as blocks of whole lines.
 * Only the path that the user gave is opened, never one that a file's content names.
 */
import { closeSync, readSync } from 'node:fs';
import { fileReader, openFile } from './source/byte-reader.js';
import { stdinInputs } from './source/stdin.js';
import { openStream } from './source/stream.js';
import type { Input } from './source/types.js';
import { unreadable } from './source/unreadable.js';
import { isZip, openZipFile, zipInputs } from './source/zip.js';

export {
  BLOCK_BYTES,
  type Block,
  type Container,
  type Encoding,
  HEAD_BYTES,
  type Input,
  MAX_LINE,
  type RandomBytes,
  type SourceStream,
  type Trouble,
} from './source/types.js';

/** The inputs behind a path: one, or one for each file in a zip. `-` is standard input. */
export async function inputsOf(path: string): Promise<Input[]> {
  if (path === '-') return stdinInputs();
  const { fd, size } = openFile(path);
  const magic = Buffer.alloc(4);
  let zip: boolean;
  try {
    zip = isZip(magic.subarray(0, readSync(fd, magic, 0, 4, 0)));
  } catch (error) {
    throw unreadable(path, error);
  } finally {
    closeSync(fd);
  }
  if (zip) return zipInputs(path, size, () => openZipFile(path));
  return [{ path, bytes: size, open: () => openStream(path, fileReader(path)) }];
}
