import { Reader } from '../../../src/core/reader.js';

/**
 * The description that a TraceLogging event carries of itself (extended item 11, EVENT_HEADER_EXT_TYPE_EVENT_SCHEMA_TL):
 * u16 size of all, tags, UTF-8 name with NUL, fields to the end. A field is its name with NUL, u8 in type, then
 * u8 out type where bit 0x80 of the in type is set (for a struct: how many of the following fields are its own), tags where
 * bit 0x80 of the out type is set, u16 count where the in type says 0x20, u16 size and bytes of type information where it
 * says 0x60. Tags are 28 bits, seven a byte from the top, bit 0x80 where another byte follows.
 *
 * From TraceLoggingProvider.h and TraceLoggingDynamic.h of the Windows SDK. Verified on five real files: names, in and
 * out types, a struct's field count. From the definitions only: tags other than 0, constant counts, type information.
 */
export interface Schema {
  readonly name: string;
  readonly tags: number;
  readonly fields: readonly SchemaField[];
  /** The description ended in the middle, or nests deeper than anything sane: later fields are missing. */
  readonly broken: boolean;
}

export interface SchemaField {
  readonly name: string;
  readonly inType: number;
  readonly outType: number;
  readonly count: 'one' | 'counted' | 'custom' | number;
  /** Fields of a struct; null for values. */
  readonly members: readonly SchemaField[] | null;
}

const IN_TYPE_MASK = 0x1f;
const COUNT_MASK = 0x60;
const CONSTANT_COUNT = 0x20;
const COUNTED = 0x40;
const CHAIN = 0x80;
const STRUCT = 24;
/** Structs within structs that are followed. Seen: one level. */
const MAX_DEPTH = 16;
const MAX_TAG_BYTES = 4;

export function readSchema(bytes: Buffer): Schema {
  const size = bytes.length < 2 ? 0 : bytes.readUInt16LE(0);
  const reader = new Reader(bytes, Math.min(2, bytes.length), Math.min(Math.max(size, 2), bytes.length));
  const tags = readTags(reader);
  const name = reader.ansiZ();
  const fields: SchemaField[] = [];
  while (reader.left > 0 && !reader.short) addField(fields, reader, 0);
  return { name, tags, fields, broken: reader.short };
}

/** A field that is cut off is left out: half a description would misread all that follows. */
function addField(fields: SchemaField[], reader: Reader, depth: number): void {
  const field = readField(reader, depth);
  if (!reader.short) fields.push(field);
}

function readField(reader: Reader, depth: number): SchemaField {
  const name = reader.ansiZ();
  const inByte = reader.u8();
  const outByte = (inByte & CHAIN) === 0 ? 0 : reader.u8();
  if ((outByte & CHAIN) !== 0) readTags(reader);
  const count = readCount(reader, inByte);
  const inType = inByte & IN_TYPE_MASK;
  const outType = outByte & ~CHAIN;
  const members = inType === STRUCT ? readMembers(reader, outType, depth + 1) : null;
  return { name, inType, outType, count, members };
}

function readMembers(reader: Reader, count: number, depth: number): SchemaField[] {
  const members: SchemaField[] = [];
  // No deeper: what is left is not read, and the description counts as broken.
  if (depth > MAX_DEPTH) reader.skip(reader.left + 1);
  for (let i = 0; i < count && !reader.short; i++) addField(members, reader, depth);
  return members;
}

function readCount(reader: Reader, inByte: number): SchemaField['count'] {
  const kind = inByte & COUNT_MASK;
  if (kind === 0) return 'one';
  if (kind === COUNTED) return 'counted';
  if (kind === CONSTANT_COUNT) return reader.u16();
  reader.skip(reader.u16());
  return 'custom';
}

function readTags(reader: Reader): number {
  let tags = 0;
  for (let i = 0; ; i++) {
    const byte = reader.u8();
    if (i < MAX_TAG_BYTES) tags |= (byte & 0x7f) << (21 - 7 * i);
    if ((byte & CHAIN) === 0) return tags;
  }
}
