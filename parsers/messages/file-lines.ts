/** `driver.c:120` from two columns. */
import type { ByteNames } from './byte-names.js';

const MAX_FILE = 512;
const MAX_LINE = 20;
const COLON = 58;

export class FileLines {
  readonly #text = Buffer.alloc(MAX_FILE + MAX_LINE + 1);

  /** `names`: numbers of the texts that come out. */
  constructor(private readonly names: ByteNames) {}

  /** The number of the file in `bytes` from `from` to `end` with the line from `lineFrom` on; without, where that is empty. -1 for no file. */
  get(bytes: Buffer, from: number, end: number, lineFrom: number, lineEnd: number): number {
    if (end <= from) return -1;
    if (lineEnd <= lineFrom || end - from > MAX_FILE || lineEnd - lineFrom > MAX_LINE) {
      return this.names.get(bytes, from, end);
    }
    const text = this.#text;
    let length = 0;
    for (let i = from; i < end; i++) text[length++] = bytes[i];
    text[length++] = COLON;
    for (let i = lineFrom; i < lineEnd; i++) text[length++] = bytes[i];
    return this.names.get(text, 0, length);
  }
}
