import type { Reader } from '../../../src/core/reader.js';
import { decodeUtf8 } from '../../../src/core/text.js';
import { filetimeToUtc } from '../../../src/core/time.js';
import { type FieldValue, hexValue, wholeValue } from './fields.js';
import { readSystemTime } from './instants.js';
import { ipv4Text, ipv6Text, socketAddressText } from './net-address.js';
import { readSid } from './sid.js';

/** TlgOut_t of TraceLoggingProvider.h; those that change nothing here (SIGNED, UNSIGNED, PID, TID, XML …) are left out. */
const OUT = {
  string: 2,
  boolean: 3,
  hex: 4,
  port: 7,
  ipv4: 8,
  ipv6: 9,
  socketAddress: 10,
  ntStatus: 14,
  hresult: 15,
  filetime: 16,
  codePointer: 37,
  datetimeUtc: 38,
} as const;

/**
 * Reads one value of an in type of TlgIn_t, shown as its out type asks. An in type that is not published ends reading:
 * its size is not known, and `short` is set.
 *
 * Verified on real events: 1 string, 4 u8 (also as boolean and character), 5 to 8, 9, 10 integers, 15 GUID, 17 FILETIME,
 * 18 SYSTEMTIME, counted strings. The others are from TraceLoggingProvider.h only.
 */
export function readTraceLoggingValue(
  payload: Reader,
  inType: number,
  outType: number,
  pointerBytes: 4 | 8,
): FieldValue {
  const read = READERS[inType];
  if (read !== undefined) return read(payload, outType, pointerBytes);
  payload.skip(payload.left + 1);
  return null;
}

/** Integers of one or two bytes that are to be shown as characters. */
export function isCharacter(inType: number, outType: number): boolean {
  return inType >= 3 && inType <= 6 && outType === OUT.string;
}

type ValueReader = (payload: Reader, outType: number, pointerBytes: 4 | 8) => FieldValue;

const READERS: Readonly<Record<number, ValueReader>> = {
  0: () => null,
  1: (payload) => payload.utf16Z(),
  2: (payload) => payload.ansiZ(),
  3: (payload, out) => integer(BigInt(payload.i8()), 1, out),
  4: (payload, out) => integer(BigInt(payload.u8()), 1, out),
  5: (payload, out) => integer(BigInt(payload.i16()), 2, out),
  6: (payload, out) => integer(BigInt(payload.u16()), 2, out),
  7: (payload, out) => integer(BigInt(payload.i32()), 4, out),
  8: (payload, out) => integer(BigInt(payload.u32()), 4, out),
  9: (payload, out) => integer(payload.i64(), 8, out),
  10: (payload, out) => integer(payload.u64(), 8, out),
  11: (payload) => finite(shortest(payload.f32())),
  12: (payload) => finite(payload.f64()),
  13: (payload) => payload.u32() !== 0,
  14: readBinary,
  15: (payload) => payload.guid(),
  // Not used by the macros of the SDK: a value of pointer size.
  16: (payload, _, pointerBytes) => hexValue(payload.pointer(pointerBytes)),
  17: (payload) => filetimeToUtc(payload.u64()),
  18: readZonedSystemTime,
  19: readSidValue,
  20: (payload, out) => integer(BigInt(payload.u32()), 4, out === 0 ? OUT.hex : out),
  21: (payload, out) => integer(payload.u64(), 8, out === 0 ? OUT.hex : out),
  22: (payload) => payload.utf16(payload.u16()),
  23: (payload) => decodeUtf8(payload.take(payload.u16())),
  25: readBinary,
};

function integer(value: bigint, bytes: 1 | 2 | 4 | 8, outType: number): FieldValue {
  const bits = BigInt.asUintN(bytes * 8, value);
  switch (outType) {
    case OUT.boolean:
      return bits !== 0n;
    case OUT.string:
      return bytes <= 2 ? String.fromCharCode(Number(bits)) : wholeValue(value);
    case OUT.hex:
    case OUT.codePointer:
    case OUT.ntStatus:
    case OUT.hresult:
      return hexValue(bits);
    case OUT.port:
      return bytes === 2 ? Number(((bits & 0xffn) << 8n) | (bits >> 8n)) : wholeValue(value);
    case OUT.ipv4:
      return bytes === 4 ? ipv4Text(littleEndian(bits)) : wholeValue(value);
    case OUT.filetime:
    case OUT.datetimeUtc:
      return bytes === 8 ? filetimeToUtc(bits) : wholeValue(value);
    default:
      return wholeValue(value);
  }
}

/** The four bytes as they lay in memory. */
function littleEndian(value: bigint): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(Number(value));
  return bytes;
}

/** The number of fewest digits that is this 32-bit float: 0.1, not 0.10000000149011612. */
function shortest(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return rounded;
  }
  return value;
}

/** JSON has neither infinities nor NaN. */
const finite = (value: number): FieldValue => (Number.isFinite(value) ? value : String(value));

function readBinary(payload: Reader, outType: number): FieldValue {
  const bytes = payload.take(payload.u16());
  if (outType === OUT.ipv6 && bytes.length === 16) return ipv6Text(bytes);
  if (outType === OUT.ipv4 && bytes.length === 4) return ipv4Text(bytes);
  const address = outType === OUT.socketAddress ? socketAddressText(bytes) : null;
  return address ?? bytes.toString('hex');
}

function readZonedSystemTime(payload: Reader, outType: number): FieldValue {
  const time = readSystemTime(payload);
  return time !== null && outType === OUT.datetimeUtc ? `${time}Z` : time;
}

/** A SID has no size of its own: what is none cannot be passed over. */
function readSidValue(payload: Reader): FieldValue {
  const sid = readSid(payload);
  if (sid === null) payload.skip(payload.left + 1);
  return sid;
}
