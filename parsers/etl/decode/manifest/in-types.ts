/** How the values of a manifest's input types lie in a payload. */

import type { Reader } from '../../../../src/core/reader.js';
import { readSid } from '../sid.js';

/** A value as it lies; bytes for binary data, null where they say nothing valid. */
export type Raw = number | bigint | string | boolean | Buffer | null;

export interface InType {
  /** Bits of an integer; 0 for other types. */
  readonly bits: 0 | 8 | 16 | 32 | 64;
  /** `length` is the item's, in bytes or characters; null where it has none. */
  readonly read: (payload: Reader, length: number | null, pointerBytes: 4 | 8) => Raw;
}

const integer = (bits: InType['bits'], read: InType['read']): InType => ({ bits, read });
const other = (read: InType['read']): InType => ({ bits: 0, read });

/**
 * Winmeta.xml's input types by name in lower case without `win:` ("InputType Complex Type" of the EventManifest schema's
 * pages, and tdh.h for the counted ones). All little-endian, unaligned, one after the other. Certain, but for what is
 * said below.
 */
export const IN_TYPES: ReadonlyMap<string, InType> = new Map<string, InType>([
  ['unicodestring', other(readUnicode)],
  ['ansistring', other(readAnsi)],
  ['int8', integer(8, (payload) => payload.i8())],
  ['uint8', integer(8, (payload) => payload.u8())],
  ['int16', integer(16, (payload) => payload.i16())],
  ['uint16', integer(16, (payload) => payload.u16())],
  ['int32', integer(32, (payload) => payload.i32())],
  ['uint32', integer(32, (payload) => payload.u32())],
  ['int64', integer(64, (payload) => payload.i64())],
  ['uint64', integer(64, (payload) => payload.u64())],
  ['hexint32', integer(32, (payload) => payload.u32())],
  ['hexint64', integer(64, (payload) => payload.u64())],
  ['pointer', integer(64, (payload, _, pointerBytes) => payload.pointer(pointerBytes))],
  ['float', other((payload) => payload.f32())],
  ['double', other((payload) => payload.f64())],
  // A BOOL of 32 bits: anything but 0 is true.
  ['boolean', other((payload) => payload.u32() !== 0)],
  ['binary', other((payload, length) => payload.take(length ?? 0))],
  ['guid', other((payload) => payload.guid())],
  ['filetime', other((payload) => payload.u64())],
  ['systemtime', other((payload) => payload.take(16))],
  ['sid', other(readSidOrStop)],
  // A u16 of bytes, not characters, then the text without an end mark.
  ['countedunicodestring', other((payload) => payload.utf16(payload.u16()))],
  ['countedansistring', other((payload) => payload.take(payload.u16()).toString('utf8'))],
  ['countedbinary', other((payload) => payload.take(payload.u16()))],
]);

/** Up to a NUL or the end; with a length in characters just these, of which a NUL and what pads it are left out. */
function readUnicode(payload: Reader, length: number | null): string {
  return length === null ? payload.utf16Z() : beforeNul(payload.utf16(2 * length));
}

/** In the code page of the machine that logged, which is not written down: read as UTF-8, of which ASCII is a part. */
function readAnsi(payload: Reader, length: number | null): string {
  return length === null ? payload.ansiZ() : beforeNul(payload.take(length).toString('utf8'));
}

function beforeNul(text: string): string {
  const nul = text.indexOf('\0');
  return nul < 0 ? text : text.slice(0, nul);
}

/** Nothing says how long something is that is no SID: what follows is out of reach. */
function readSidOrStop(payload: Reader): string | null {
  const sid = readSid(payload);
  if (sid === null) payload.skip(payload.left + 1);
  return sid;
}
