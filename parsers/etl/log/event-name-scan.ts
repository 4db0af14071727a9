/** Name of a TraceLogging event, found without decoding it: for counting. */
import type { EventCursor } from './cursor.js';
import { HEADER_BYTES } from './layout.js';

const SCHEMA = 11;
const TRAITS = 12;
const MAX_ITEMS = 16;
const MAX_NAME = 256;

export interface ScannedName {
  readonly name: string;
  readonly provider: string | null;
}

/** Null where the EVENT at the cursor carries no description of itself (extended item 11). */
export function traceLoggingName({ bytes, words, at, size, type }: EventCursor): ScannedName | null {
  if ((words[(at >> 2) + 1] & 1) === 0) return null;
  const end = at + size;
  let from = at + HEADER_BYTES[type];
  let name: string | null = null;
  let provider: string | null = null;
  for (let n = 0; n < MAX_ITEMS && from + 8 <= end; n++) {
    const itemBytes = bytes.readUInt16LE(from);
    const itemEnd = Math.min(from + 8 + bytes.readUInt16LE(from + 6), end);
    const kind = bytes.readUInt16LE(from + 2);
    if (kind === SCHEMA) name = text(bytes, behindTags(bytes, from + 10, itemEnd), itemEnd);
    else if (kind === TRAITS) provider = text(bytes, from + 10, itemEnd);
    if (itemBytes < 8 || (bytes.readUInt16LE(from + 4) & 1) === 0) break;
    from += itemBytes;
  }
  return name === null ? null : { name, provider };
}

/** Tags are bytes of which all but the last have their highest bit set. */
function behindTags(bytes: Buffer, from: number, end: number): number {
  let at = from;
  while (at < end && bytes[at] >= 0x80) at++;
  return at + 1;
}

function text(bytes: Buffer, from: number, end: number): string {
  if (from >= end) return '';
  const nul = bytes.indexOf(0, from);
  const stop = nul < 0 || nul > end ? end : nul;
  return bytes.toString('utf8', from, Math.min(stop, from + MAX_NAME));
}
