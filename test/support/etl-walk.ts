/**
 * A plain walk over the events of a real log, for tests of what lies inside events. It shares no code with the reader that
 * is tested but the text form of a GUID, and knows nothing of damage.
 */
import { readFileSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';
import { guidText } from '../../src/core/reader.js';
import { realFile } from './shared.js';

export interface WalkedEvent {
  readonly bytes: Buffer;
  /** Where the event begins in `bytes`. */
  readonly at: number;
  /** Where it begins in the log, counted as if all buffers were unpacked. */
  readonly byte: number;
  /** Of the header: 1 SYSTEM32, 2 SYSTEM64, 3 and 4 COMPACT, 10 and 20 FULL, 16 and 17 PERFINFO, 18 and 19 EVENT. */
  readonly type: number;
  readonly cpu: number;
  /** Where the payload begins, or, with `extended`, its extended items. */
  readonly payload: number;
  readonly end: number;
  readonly pointerBytes: 4 | 8;
  readonly version: number;
  readonly opcode: number;
  /** Kernel events (SYSTEM, COMPACT, PERFINFO); null else. */
  readonly group: number | null;
  /** All others. */
  readonly guid: string | null;
  /** FULL headers. */
  readonly classic: boolean;
  readonly id: number | null;
  readonly extended: boolean;
}

const HEADER_BYTES: Readonly<Record<number, number>> = {
  1: 32,
  2: 32,
  3: 24,
  4: 24,
  16: 16,
  17: 16,
  10: 48,
  20: 48,
  18: 80,
  19: 80,
};

/** The log `name` in `etl/` or, with `entry`, the one in that zip whose name ends so; null where the folder is absent. */
export function realLog(name: string, entry?: string): Buffer | null {
  const path = realFile(`etl/${name}`);
  if (path === null) return null;
  const file = readFileSync(path);
  return entry === undefined ? file : unzipped(file, entry);
}

export function* walkEvents(log: Buffer): Generator<WalkedEvent> {
  let start = 0;
  for (let at = 0; at + 72 <= log.length; at += log.readUInt32LE(at)) {
    const filled = log.readUInt32LE(at + 0x30);
    const flags = log.readUInt16LE(at + 0x34);
    const packed = (flags & 0x40) !== 0;
    const cpu = (flags & 0x20) !== 0 ? log.readUInt16LE(at + 0x28) : log[at + 0x28];
    const bytes = packed
      ? expand(log.subarray(at + 72, at + log.readUInt32LE(at)), filled - 72)
      : log.subarray(at + 72, at + endOf(log, at, filled));
    yield* eventsOf(bytes, cpu, start + 72);
    start += packed ? filled : log.readUInt32LE(at);
  }
}

/** A header buffer (type 4) ends at its saved offset: behind it logs that Windows 10 and 11 merged hold one event once more. */
function endOf(log: Buffer, at: number, filled: number): number {
  const saved = log.readUInt32LE(at + 4);
  return log.readUInt16LE(at + 0x36) === 4 && saved > 72 ? Math.min(saved, filled) : filled;
}

/** Time stamp of an event, in the clock of its log. */
export const ticksOf = ({ bytes, at, type }: WalkedEvent): bigint =>
  bytes.readBigUInt64LE(at + (type === 16 || type === 17 ? 8 : 16));

function* eventsOf(bytes: Buffer, cpu: number, first: number): Generator<WalkedEvent> {
  for (let at = 0; at + 8 <= bytes.length; ) {
    const event = eventAt(bytes, at, first + at, cpu);
    yield event;
    at = (event.end + 7) & ~7;
  }
}

function eventAt(bytes: Buffer, at: number, byte: number, cpu: number): WalkedEvent {
  const type = bytes[at + 2];
  const manifest = type === 18 || type === 19;
  const classic = type === 10 || type === 20;
  const kernel = !manifest && !classic;
  return {
    bytes,
    at,
    byte,
    type,
    cpu,
    payload: at + HEADER_BYTES[type],
    end: at + bytes.readUInt16LE(at + (kernel ? 4 : 0)),
    pointerBytes: [1, 3, 16, 10, 18].includes(type) ? 4 : 8,
    version: kernel ? bytes.readUInt16LE(at) : manifest ? bytes[at + 42] : bytes.readUInt16LE(at + 6),
    opcode: bytes[at + (kernel ? 6 : classic ? 4 : 45)],
    group: kernel ? bytes[at + 7] : null,
    guid: kernel ? null : guidText(bytes, at + 24),
    classic,
    id: manifest ? bytes.readUInt16LE(at + 40) : null,
    extended: manifest && (bytes[at + 4] & 1) === 1,
  };
}

/** The entry of a zip whose name ends with `end`. */
function unzipped(zip: Buffer, end: string): Buffer {
  const directory = zip.readUInt32LE(zip.lastIndexOf('PK\u0005\u0006', undefined, 'latin1') + 16);
  let at = directory;
  while (zip.readUInt32LE(at) === 0x02014b50) {
    const nameBytes = zip.readUInt16LE(at + 28);
    const name = zip.toString('utf8', at + 46, at + 46 + nameBytes);
    if (name.endsWith(end)) return entryData(zip, at);
    at += 46 + nameBytes + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  throw new Error(`no ${end} in the zip`);
}

function entryData(zip: Buffer, at: number): Buffer {
  const local = zip.readUInt32LE(at + 42);
  const from = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
  const data = zip.subarray(from, from + zip.readUInt32LE(at + 20));
  return zip.readUInt16LE(at + 10) === 0 ? data : inflateRawSync(data);
}

/** Plain LZ77 XPRESS, [MS-XCA] 2.4, byte by byte. */
function expand(packed: Buffer, size: number): Buffer {
  const out = Buffer.alloc(size);
  let to = 0;
  let at = 0;
  let flags = 0;
  let flagsLeft = 0;
  let halfByteAt = 0;
  const readLength = (three: number): number => {
    if (three < 7) return three + 3;
    const half = halfByteAt === 0 ? packed[at] & 15 : packed[halfByteAt] >> 4;
    halfByteAt = halfByteAt === 0 ? at++ : 0;
    if (half < 15) return half + 10;
    const byte = packed[at++];
    if (byte < 255) return byte + 25;
    const word = packed.readUInt16LE(at);
    at += 2;
    return word + 3;
  };
  while (to < size) {
    if (flagsLeft === 0) {
      flags = packed.readUInt32LE(at);
      at += 4;
      flagsLeft = 32;
    }
    flagsLeft--;
    if (((flags >>> flagsLeft) & 1) === 0) {
      out[to++] = packed[at++];
      continue;
    }
    const match = packed.readUInt16LE(at);
    at += 2;
    const length = readLength(match & 7);
    for (let i = 0; i < length && to < size; i++, to++) out[to] = out[to - (match >> 3) - 1];
  }
  return out;
}
