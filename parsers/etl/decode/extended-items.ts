import { guidText, Reader } from '../../../src/core/reader.js';
import { readSid } from './sid.js';

/**
 * The items between header and payload of an EVENT header with flag bit 0 (EVENT_HEADER_FLAG_EXTENDED_INFO).
 *
 * In the file an item is u16 size of the whole item (a multiple of 8), u16 type, u16 whose bit 0 says that another item
 * follows, u16 size of the data, the data, zeros up to the size. Verified: 6,753 events with 1 to 4 items in seven real
 * files (Windows 8 to 11, 32 and 64 bit), each first u16 = data size + 8 rounded up to 8; the payload begins behind the
 * last item. This is not EVENT_HEADER_EXTENDED_DATA_ITEM of evntcons.h as consumers see it: there the first u16 is
 * `Reserved1`, and a pointer stands in the data's place.
 *
 * Types and what they hold are those of evntcons.h (EVENT_HEADER_EXT_TYPE_*, EVENT_EXTENDED_ITEM_*). Seen in files: 1, 6,
 * 11, 12. The others are from the definitions only.
 */
export interface ExtendedItems {
  readonly relatedActivityId: string | null;
  /** The user who logged the event, `S-1-…`. */
  readonly sid: string | null;
  /** Terminal session. */
  readonly tsId: number | null;
  readonly instance: EventInstance | null;
  /** Mostly one. Two where kernel and user part came apart. */
  readonly stacks: readonly ItemStack[];
  readonly stackKey: ItemStackKey | null;
  readonly pebsIndex: bigint | null;
  readonly pmcCounters: readonly bigint[] | null;
  readonly eventKey: bigint | null;
  /** TraceLogging: metadata of event and fields. Not copied. */
  readonly schema: Buffer | null;
  /** Provider traits, which begin with the provider's name. Not copied. */
  readonly traits: Buffer | null;
  readonly processStartKey: bigint | null;
  readonly controlGuid: string | null;
  readonly containerId: string | null;
  /** Items of a type without published layout, or of a size that does not fit their type. */
  readonly others: readonly { readonly type: number; readonly data: Buffer }[];
  /** Where the payload begins. */
  readonly next: number;
  /** An item ran over the event's end: what follows it is not known, and `next` is the end. */
  readonly broken: boolean;
}

export interface EventInstance {
  readonly instanceId: number;
  readonly parentInstanceId: number;
  readonly parentGuid: string;
}

export interface ItemStack {
  /** Not 0: the other part of the stack comes with an event that has the same number. */
  readonly matchId: bigint;
  readonly addresses: readonly bigint[];
}

export interface ItemStackKey {
  readonly matchId: bigint;
  readonly stackKey: bigint;
}

const ITEM_HEADER_BYTES = 8;

type Items = { -readonly [K in keyof ExtendedItems]: ExtendedItems[K] } & {
  stacks: ItemStack[];
  others: { type: number; data: Buffer }[];
};

/** Reads the items of an event whose header ends at `at` and which itself ends at `end`. Never throws. */
export function readExtendedItems(bytes: Buffer, at: number, end: number): ExtendedItems {
  const items = noItems();
  const stop = Math.min(end, bytes.length);
  let from = at;
  for (let more = true; more; ) {
    const size = from + ITEM_HEADER_BYTES <= stop ? bytes.readUInt16LE(from) : 0;
    const dataSize = size < ITEM_HEADER_BYTES ? 0 : bytes.readUInt16LE(from + 6);
    if (size < ITEM_HEADER_BYTES + dataSize || from + size > stop) return { ...items, next: stop, broken: true };
    const data = bytes.subarray(from + ITEM_HEADER_BYTES, from + ITEM_HEADER_BYTES + dataSize);
    keepItem(items, bytes.readUInt16LE(from + 2), data);
    more = (bytes.readUInt16LE(from + 4) & 1) === 1;
    from += size;
  }
  items.next = from;
  return items;
}

function noItems(): Items {
  return {
    relatedActivityId: null,
    sid: null,
    tsId: null,
    instance: null,
    stacks: [],
    stackKey: null,
    pebsIndex: null,
    pmcCounters: null,
    eventKey: null,
    schema: null,
    traits: null,
    processStartKey: null,
    controlGuid: null,
    containerId: null,
    others: [],
    next: 0,
    broken: false,
  };
}

function keepItem(items: Items, type: number, data: Buffer): void {
  const keep = KEEPERS[type];
  if (keep === undefined || !keep(items, data)) items.others.push({ type, data });
}

/** Each says whether the data were of a size that the type can have. */
const KEEPERS: Readonly<Record<number, (items: Items, data: Buffer) => boolean>> = {
  1: (items, data) => {
    if (data.length === 16) items.relatedActivityId = guidText(data, 0);
    return data.length === 16;
  },
  2: (items, data) => {
    items.sid = readSid(new Reader(data));
    return items.sid !== null;
  },
  3: (items, data) => {
    if (data.length === 4) items.tsId = data.readUInt32LE(0);
    return data.length === 4;
  },
  4: (items, data) => {
    if (data.length === 24) items.instance = readInstance(data);
    return data.length === 24;
  },
  5: (items, data) => keepStack(items, data, 4),
  6: (items, data) => keepStack(items, data, 8),
  7: (items, data) => keepU64(items, 'pebsIndex', data),
  8: (items, data) => {
    items.pmcCounters = addresses(data, 0, 8);
    return data.length % 8 === 0;
  },
  10: (items, data) => keepU64(items, 'eventKey', data),
  11: (items, data) => {
    items.schema = data;
    return true;
  },
  12: (items, data) => {
    items.traits = data;
    return true;
  },
  13: (items, data) => keepU64(items, 'processStartKey', data),
  14: (items, data) => {
    if (data.length === 16) items.controlGuid = guidText(data, 0);
    return data.length === 16;
  },
  // Documented as a GUID in text form; taken in binary form too.
  16: (items, data) => {
    items.containerId = data.length === 16 ? guidText(data, 0) : new Reader(data).ansiZ();
    return true;
  },
  17: (items, data) => {
    if (data.length >= 12)
      items.stackKey = { matchId: data.readBigUInt64LE(0), stackKey: BigInt(data.readUInt32LE(8)) };
    return data.length >= 12;
  },
  18: (items, data) => {
    if (data.length === 16) items.stackKey = { matchId: data.readBigUInt64LE(0), stackKey: data.readBigUInt64LE(8) };
    return data.length === 16;
  },
};

function readInstance(data: Buffer): EventInstance {
  return { instanceId: data.readUInt32LE(0), parentInstanceId: data.readUInt32LE(4), parentGuid: guidText(data, 8) };
}

function keepStack(items: Items, data: Buffer, pointerBytes: 4 | 8): boolean {
  if (data.length < 8) return false;
  items.stacks.push({ matchId: data.readBigUInt64LE(0), addresses: addresses(data, 8, pointerBytes) });
  return true;
}

function keepU64(items: Items, name: 'pebsIndex' | 'eventKey' | 'processStartKey', data: Buffer): boolean {
  if (data.length === 8) items[name] = data.readBigUInt64LE(0);
  return data.length === 8;
}

function addresses(data: Buffer, from: number, pointerBytes: 4 | 8): bigint[] {
  const reader = new Reader(data, from);
  const list: bigint[] = [];
  while (reader.left >= pointerBytes) list.push(reader.pointer(pointerBytes));
  return list;
}
