/**
 * Self-describing events: names and types of the fields are in the extended item 11, the provider's name in item 12.
 * Layout: TraceLoggingProvider.h of the Windows SDK, compared with a real file.
 */
import { joined, type PointerBytes, u8, u16, u32, utf8z } from '../bytes.js';
import type { EventBody } from '../log.js';

const EVENT_SCHEMA = 11;
const PROVIDER_TRAITS = 12;
const CHANNEL = 11;

/** TlgIn*, the same numbers as TDH_INTYPE_* up to 21. */
export const IN = {
  unicodeString: 1,
  ansiString: 2,
  int8: 3,
  uint8: 4,
  int16: 5,
  uint16: 6,
  int32: 7,
  uint32: 8,
  int64: 9,
  uint64: 10,
  float: 11,
  double: 12,
  bool32: 13,
  binary: 14,
  guid: 15,
  filetime: 17,
  systemtime: 18,
  sid: 19,
  hexInt32: 20,
  hexInt64: 21,
  countedString: 22,
  countedAnsiString: 23,
  struct: 24,
  countedBinary: 25,
} as const;

const CONSTANT_COUNT = 0x20;
const VARIABLE_COUNT = 0x40;
const MORE = 0x80;

export interface TraceField {
  readonly name: string;
  readonly type: keyof typeof IN;
  /** TDH_OUTTYPE_*; for a struct, the number of fields after it that belong to it. */
  readonly out?: number;
  /** Number of elements: fixed in the metadata, or before the elements in the payload, which is written here. */
  readonly array?: { readonly count: number; readonly kind: 'constant' | 'variable' };
  /** Bits that the provider gives its own meaning to. */
  readonly tags?: number;
  /** The value or all elements; empty for a struct. */
  readonly data: Buffer;
}

export interface TraceLoggingFields {
  readonly guid: string;
  readonly provider: string;
  readonly name: string;
  readonly level?: number;
  readonly opcode?: number;
  readonly keyword?: bigint;
  readonly activityId?: string;
  readonly fields: readonly TraceField[];
}

export function traceLogging(what: TraceLoggingFields, pointerBytes: PointerBytes = 8): EventBody {
  const schema = sized(joined(u8(0), utf8z(what.name), ...what.fields.map(fieldMetadata)));
  return {
    header: pointerBytes === 8 ? 'event64' : 'event32',
    guid: what.guid,
    id: 0,
    version: 0,
    channel: CHANNEL,
    level: what.level ?? 5,
    opcode: what.opcode ?? 0,
    keyword: what.keyword ?? 0n,
    activityId: what.activityId,
    extendedItems: [
      { type: PROVIDER_TRAITS, data: sized(utf8z(what.provider)) },
      { type: EVENT_SCHEMA, data: schema },
    ],
    payload: joined(...what.fields.flatMap(fieldData)),
  };
}

/** Its own size, that of these two bytes included, in front. */
const sized = (bytes: Buffer): Buffer => joined(u16(bytes.length + 2), bytes);

function fieldMetadata({ name, type, out, array, tags }: TraceField): Buffer {
  const count = array === undefined ? 0 : array.kind === 'constant' ? CONSTANT_COUNT : VARIABLE_COUNT;
  const hasOut = out !== undefined || tags !== undefined;
  return joined(
    utf8z(name),
    u8(IN[type] | count | (hasOut ? MORE : 0)),
    ...(hasOut ? [u8((out ?? 0) | (tags === undefined ? 0 : MORE))] : []),
    ...(tags === undefined ? [] : [tagBytes(tags)]),
    ...(array?.kind === 'constant' ? [u16(array.count)] : []),
  );
}

/** Seven bits at a time from the highest of 28 on; the top bit says that more follow. */
function tagBytes(tags: number): Buffer {
  const bytes: number[] = [];
  let rest = tags & 0xfffffff;
  do {
    bytes.push((rest >>> 21) & 0x7f);
    rest = (rest << 7) & 0xfffffff;
  } while (rest !== 0);
  return Buffer.from(bytes.map((byte, i) => (i + 1 < bytes.length ? byte | MORE : byte)));
}

function fieldData({ array, data }: TraceField): Buffer[] {
  return array?.kind === 'variable' ? [u16(array.count), data] : [data];
}

/** Strings and bytes with their size in front: countedString, countedAnsiString, binary and countedBinary. */
export const counted = (bytes: Buffer): Buffer => joined(u16(bytes.length), bytes);

export const float = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
};

export const double = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
};

export const bool32 = (value: boolean): Buffer => u32(value ? 1 : 0);
