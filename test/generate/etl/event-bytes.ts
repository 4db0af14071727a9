/**
 * An event as bytes: its header, extended items and payload, without the zeros up to the next multiple of 8.
 * Layouts: ntwmi.h of the Windows 10 WDK (SYSTEM_TRACE_HEADER, PERFINFO_TRACE_HEADER, EVENT_INSTANCE_GUID_HEADER,
 * MESSAGE_TRACE_HEADER), evntrace.h (EVENT_TRACE_HEADER, TRACE_MESSAGE_*) and evntcons.h (EVENT_HEADER). All but COMPACT,
 * INSTANCE and MESSAGE were compared with real files.
 */
import { guid, joined, padded8, u8, u16, u32, u64 } from './bytes.js';
import type { EtlEvent, ExtendedItem, HeaderKind } from './log.js';

/** TRACE_HEADER_TYPE_*. A message has none: its marker is its own. */
const HEADER_TYPE: Record<Exclude<HeaderKind, 'message'>, number> = {
  system32: 1,
  system64: 2,
  compact32: 3,
  compact64: 4,
  full32: 10,
  instance32: 11,
  perfinfo32: 16,
  perfinfo64: 17,
  event32: 18,
  event64: 19,
  full64: 20,
  instance64: 21,
};

/** TRACE_HEADER_FLAG and TRACE_HEADER_EVENT_TRACE. */
const MARK = 0xc0;
/** TRACE_HEADER_FLAG and TRACE_MESSAGE. */
const MESSAGE_MARK = 0x90;
/** EVENT_HEADER_FLAG_EXTENDED_INFO. */
const HAS_EXTENDED_ITEMS = 1;
const NO_GUID = '00000000-0000-0000-0000-000000000000';

export function eventBytes(event: EtlEvent): Buffer {
  if (event.header === 'message') return messageBytes(event);
  const type = HEADER_TYPE[event.header];
  const bytes = event.header.startsWith('event')
    ? manifestBytes(event, type)
    : event.header.startsWith('full') || event.header.startsWith('instance')
      ? classicBytes(event, type)
      : kernelBytes(event, type);
  if (bytes.length > 0xffff) throw new Error(`an event of ${bytes.length} bytes: sizes have 16 bits`);
  return bytes;
}

function kernelBytes(event: EtlEvent, type: number): Buffer {
  const marker = joined(u16(event.version ?? 2), u8(type), u8(MARK));
  const identity = joined(u8(event.opcode ?? 0), u8(event.group ?? 0));
  const context = joined(u32(event.tid ?? 0), u32(event.pid ?? 0));
  const times = joined(u32(event.kernelTime ?? 0), u32(event.userTime ?? 0));
  const ticks = u64(event.ticks);
  const rest = event.header.startsWith('perfinfo')
    ? ticks
    : event.header.startsWith('compact')
      ? joined(context, ticks)
      : joined(context, ticks, times);
  const size = 8 + rest.length + event.payload.length;
  return joined(marker, u16(size), identity, rest, event.payload);
}

function classicBytes(event: EtlEvent, type: number): Buffer {
  const instance = event.header.startsWith('instance')
    ? joined(u32(event.instanceId ?? 0), u32(event.parentInstanceId ?? 0), guid(event.parentGuid ?? NO_GUID))
    : Buffer.alloc(0);
  const size = 48 + instance.length + event.payload.length;
  return joined(
    joined(u16(size), u8(type), u8(MARK)),
    joined(u8(event.opcode ?? 0), u8(event.level ?? 0), u16(event.version ?? 0)),
    joined(u32(event.tid ?? 0), u32(event.pid ?? 0), u64(event.ticks)),
    guid(event.guid ?? NO_GUID),
    joined(u32(event.kernelTime ?? 0), u32(event.userTime ?? 0)),
    instance,
    event.payload,
  );
}

function manifestBytes(event: EtlEvent, type: number): Buffer {
  const items = event.extendedItems ?? [];
  const extended = joined(...items.map((item, i) => extendedItem(item, i + 1 < items.length)));
  const size = 80 + extended.length + event.payload.length;
  return joined(
    joined(u16(size), u8(type), u8(MARK)),
    joined(u16(items.length > 0 ? HAS_EXTENDED_ITEMS : 0), u16(event.property ?? 0)),
    joined(u32(event.tid ?? 0), u32(event.pid ?? 0), u64(event.ticks)),
    guid(event.guid ?? NO_GUID),
    joined(u16(event.id ?? 0), u8(event.version ?? 0), u8(event.channel ?? 0)),
    joined(u8(event.level ?? 0), u8(event.opcode ?? 0), u16(event.task ?? 0), u64(event.keyword ?? 0n)),
    joined(u32(event.kernelTime ?? 0), u32(event.userTime ?? 0)),
    guid(event.activityId ?? NO_GUID),
    extended,
    event.payload,
  );
}

/** Size with the zeros up to the next item, type, whether another follows, size of the data; seen in real files. */
function extendedItem({ type, data }: ExtendedItem, more: boolean): Buffer {
  const bytes = padded8(joined(u64(0n), data));
  bytes.writeUInt16LE(bytes.length, 0);
  bytes.writeUInt16LE(type, 2);
  bytes.writeUInt16LE(more ? 1 : 0, 4);
  bytes.writeUInt16LE(data.length, 6);
  return bytes;
}

/** The optional fields follow each other in the order of their flags, not aligned. */
function messageBytes(event: EtlEvent): Buffer {
  const fields = event.message;
  if (fields === undefined) throw new Error('a message without its fields');
  let flags = 0;
  const parts: Buffer[] = [];
  const put = (flag: number, ...bytes: Buffer[]): void => {
    flags |= flag;
    parts.push(...bytes);
  };
  if (fields.sequence !== undefined) put(0x01, u32(fields.sequence));
  if (fields.guid !== undefined) put(0x02, guid(fields.guid));
  else if (fields.componentId !== undefined) put(0x04, u32(fields.componentId));
  if (fields.time) put(0x08, u64(event.ticks));
  if (fields.system) put(0x20, u32(event.tid ?? 0), u32(event.pid ?? 0));
  if (fields.pointerBytes !== undefined) put(fields.pointerBytes === 4 ? 0x40 : 0x80);
  const rest = joined(...parts, event.payload);
  return joined(u16(8 + rest.length), u8(0), u8(MESSAGE_MARK), u16(fields.number), u16(flags), rest);
}
