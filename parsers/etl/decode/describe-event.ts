/** Any event in words and fields: what `tracekit events` shows of it, and what evidence quotes. */
import type { EventIdentity } from '../../../src/core/parser.js';
import { guidText, Reader } from '../../../src/core/reader.js';
import type { EventCursor } from '../log/cursor.js';
import { HEADER_BYTES, HeaderType, pointerBytesOf } from '../log/layout.js';
import { decodeClassic } from './decode-classic.js';
import { decodeKernel } from './decode-kernel.js';
import { decodeManifest } from './decode-manifest.js';
import { decodeTraceLogging } from './decode-tracelogging.js';
import type { EventInfos } from './event-info.js';
import { type ExtendedItems, readExtendedItems } from './extended-items.js';
import { type Fields, hexValue, wholeValue } from './fields.js';
import { kernelClassOfGroup, kernelName } from './kernel-names.js';
import type { ManifestIndex } from './manifest.js';
import { readMessageHeader } from './message-header.js';
import { providerName } from './provider-names.js';
import { decodeTmf, type TmfIndex } from './tmf.js';

/** Says how the payload of an event lies. */
export type Describes = Pick<ManifestIndex, 'find' | 'providerName'>;

/** What events are decoded by beside what they say themselves. */
export interface Decoders {
  /** The user's manifests first, then those in the log itself, then the descriptions that merging added. */
  readonly manifests: readonly Describes[];
  /** Descriptions of classic events; null where there are none. */
  readonly classic: Pick<EventInfos, 'findClassic'> | null;
  readonly tmf: TmfIndex | null;
  /** Of messages that do not say it themselves: as the header of the log has it. */
  readonly pointerBytes: 4 | 8;
}

export interface EventDescription extends EventIdentity {
  readonly level: number | null;
  readonly task: number | null;
  readonly channel: number | null;
  /** `0x…` */
  readonly keyword: string | null;
  readonly activityId: string | null;
  readonly relatedActivityId: string | null;
  /** What else came with the event, as JSON; null where nothing did. */
  readonly extended: Fields | null;
  readonly message: string | null;
  /** Null where the layout of the payload is not known: then there is `payload`. */
  readonly fields: Fields | null;
  readonly payload: Buffer | null;
  /** Addresses of the stack that lies in the event itself, innermost first; empty where there is none. */
  readonly addresses: readonly bigint[];
  /** Pid and tid in the header; null where it has none. */
  readonly pid: number | null;
  readonly tid: number | null;
}

const NO_ACTIVITY = '00000000-0000-0000-0000-000000000000';

const NOTHING = {
  providerName: null,
  group: null,
  opcode: null,
  id: null,
  version: null,
  level: null,
  task: null,
  channel: null,
  keyword: null,
  activityId: null,
  relatedActivityId: null,
  extended: null,
  message: null,
  fields: null,
  payload: null,
  addresses: [],
  pid: null,
  tid: null,
} as const;

/** Describes the event at the cursor. Never throws. */
export function describeEvent(cursor: EventCursor, decoders: Decoders): EventDescription {
  if (cursor.key >= 0) return describeKernel(cursor);
  switch (cursor.type) {
    case HeaderType.Event32:
    case HeaderType.Event64:
      return describeManifest(cursor, decoders);
    case HeaderType.Message:
      return describeMessage(cursor, decoders);
    default:
      return describeClassic(cursor, decoders);
  }
}

function describeKernel(cursor: EventCursor): EventDescription {
  const { bytes, at, size, key, type } = cursor;
  const [group, opcode] = [key >> 8, key & 0xff];
  // Bits 8 and above count the processor's counters in front of the payload.
  const version = bytes[at];
  const className = kernelClassOfGroup(group, opcode);
  const payload = new Reader(bytes, cursor.payloadAt, at + size);
  const from = payload.at;
  const fields = className === null ? null : decodeKernel(className, opcode, version, payload, pointerBytesOf(type));
  const hasIds = type < HeaderType.PerfInfo32;
  return {
    ...NOTHING,
    provider: 'kernel',
    group,
    opcode,
    version,
    name: kernelName(group, opcode),
    fields,
    payload: fields === null ? bytes.subarray(from, at + size) : null,
    tid: hasIds ? idIn(bytes, at + 8) : null,
    pid: hasIds ? idIn(bytes, at + 12) : null,
  };
}

function describeClassic(cursor: EventCursor, { classic }: Decoders): EventDescription {
  const { bytes, at, size, type } = cursor;
  const guid = guidText(bytes, at + 24);
  const opcode = bytes[at + 4];
  const version = bytes.readUInt16LE(at + 6);
  const payload = new Reader(bytes, at + HEADER_BYTES[type], at + size);
  const from = payload.at;
  const known = decodeClassic(guid, opcode, version, payload, pointerBytesOf(type));
  const described = known === null ? (classic?.findClassic(guid, opcode, version) ?? null) : null;
  const found =
    described === null
      ? known
      : { name: manifestName(described), ...decodedBy(described, payload, pointerBytesOf(type)) };
  const fields = found?.fields ?? null;
  return {
    ...NOTHING,
    provider: guid,
    providerName: providerName(guid),
    opcode,
    version,
    level: bytes[at + 5],
    name: found?.name ?? `Opcode(${opcode})`,
    fields,
    payload: fields === null ? bytes.subarray(from, at + size) : null,
    tid: idIn(bytes, at + 8),
    pid: idIn(bytes, at + 12),
  };
}

function describeManifest(cursor: EventCursor, decoders: Decoders): EventDescription {
  const { bytes, at, size, type } = cursor;
  const end = at + size;
  const hasItems = (bytes.readUInt16LE(at + 4) & 1) === 1;
  const items = hasItems ? readExtendedItems(bytes, at + HEADER_BYTES[type], end) : null;
  const payload = new Reader(bytes, items?.next ?? at + HEADER_BYTES[type], end);
  const from = payload.at;
  const guid = guidText(bytes, at + 24);
  const id = bytes.readUInt16LE(at + 40);
  const version = bytes[at + 42];
  const activityId = guidText(bytes, at + 64);
  const decoded = decodeEvent(guid, id, version, items, payload, pointerBytesOf(type), decoders);
  return {
    ...NOTHING,
    provider: guid,
    providerName: decoded.providerName ?? providerName(guid),
    opcode: bytes[at + 45],
    id,
    version,
    level: bytes[at + 44],
    task: bytes.readUInt16LE(at + 46),
    channel: bytes[at + 43],
    keyword: hexValue(bytes.readBigUInt64LE(at + 48)),
    name: decoded.name ?? `Event(${id})`,
    activityId: activityId === NO_ACTIVITY ? null : activityId,
    relatedActivityId: items?.relatedActivityId ?? null,
    extended: items === null ? null : extendedOf(items),
    message: decoded.message,
    fields: decoded.fields,
    payload: decoded.fields === null && from < end ? bytes.subarray(from, end) : null,
    addresses: items?.stacks.flatMap(({ addresses }) => addresses) ?? [],
    tid: idIn(bytes, at + 8),
    pid: idIn(bytes, at + 12),
  };
}

/** The items that have no column of their own, under the names of evntcons.h. */
function extendedOf(items: ExtendedItems): Fields | null {
  const { sid, tsId, instance, stackKey, pebsIndex, pmcCounters, eventKey, processStartKey, controlGuid, containerId } =
    items;
  const found: Fields = {};
  if (sid !== null) found.sid = sid;
  if (tsId !== null) found.terminalSessionId = tsId;
  if (instance !== null) found.instance = { ...instance };
  if (stackKey !== null) found.stackKey = hexValue(stackKey.stackKey);
  if (pebsIndex !== null) found.pebsIndex = wholeValue(pebsIndex);
  if (pmcCounters !== null) found.pmcCounters = pmcCounters.map(wholeValue);
  if (eventKey !== null) found.eventKey = hexValue(eventKey);
  if (processStartKey !== null) found.processStartKey = hexValue(processStartKey);
  if (controlGuid !== null) found.controlGuid = controlGuid;
  if (containerId !== null) found.containerId = containerId;
  for (const { type, data } of items.others) found[`type${type}`] = data.toString('hex');
  return Object.keys(found).length > 0 ? found : null;
}

type Decoded = Pick<EventDescription, 'providerName' | 'message' | 'fields'> & { readonly name: string | null };

/** By its own description, else by a manifest. */
function decodeEvent(
  guid: string,
  id: number,
  version: number,
  items: ExtendedItems | null,
  payload: Reader,
  pointerBytes: 4 | 8,
  { manifests }: Decoders,
): Decoded {
  if (items?.schema != null) {
    const {
      name,
      providerName: provider,
      fields,
    } = decodeTraceLogging(items.schema, items.traits, payload, pointerBytes);
    return { name, providerName: provider, message: null, fields };
  }
  for (const manifest of manifests) {
    const event = manifest.find(guid, id, version);
    if (event === null) continue;
    const provider = manifest.providerName(guid);
    return { name: manifestName(event), providerName: provider, ...decodedBy(event, payload, pointerBytes) };
  }
  const provider = manifests.map((m) => m.providerName(guid)).find((name) => name !== null) ?? null;
  // Nothing to decode is decoded.
  return { name: null, providerName: provider, message: null, fields: payload.left === 0 ? {} : null };
}

/** What lies behind the last field that is described is `Rest`, in hex. */
function decodedBy(
  event: ManifestEvent,
  payload: Reader,
  pointerBytes: 4 | 8,
): Pick<EventDescription, 'message' | 'fields'> {
  if (event.items === null) return { message: null, fields: null };
  const { fields, message, stopped } = decodeManifest(event, payload, pointerBytes);
  if (stopped === null && payload.left > 0) fields.Rest = payload.take(payload.left).toString('hex');
  return { message, fields };
}

type ManifestEvent = NonNullable<ReturnType<ManifestIndex['find']>>;

/** `Task/Opcode` as PerfView and WPA name events; the symbol, where there is no task. */
export function manifestName({ task, opcode, symbol, id }: ManifestEvent): string {
  const step = opcode.name === null || /^info$/i.test(opcode.name) ? null : opcode.name;
  if (task.name !== null) return step === null ? task.name : `${task.name}/${step}`;
  return symbol ?? (step === null ? `Event(${id})` : `Event(${id})/${step}`);
}

function describeMessage(cursor: EventCursor, { tmf, pointerBytes }: Decoders): EventDescription {
  const { bytes, at, size } = cursor;
  const header = readMessageHeader(bytes, at, at + size);
  if (header === null)
    return { ...NOTHING, provider: null, name: 'Message', payload: bytes.subarray(at + 8, at + size) };
  const { guid, messageNumber, tid, pid, sequence } = header;
  const known = guid === null ? null : (tmf?.find(guid, messageNumber) ?? null);
  const payload = new Reader(bytes, Math.min(header.payloadAt, at + size), at + size);
  const from = payload.at;
  const decoded =
    known === null
      ? null
      : decodeTmf(known, payload, header.pointerBytes ?? pointerBytes, { tid, pid, sequence, cpu: cursor.cpu });
  return {
    ...NOTHING,
    provider: guid,
    providerName: decoded?.component ?? null,
    id: messageNumber,
    name: decoded?.function ?? `Message(${messageNumber})`,
    message: decoded?.text ?? null,
    fields: decoded?.fields ?? null,
    payload: decoded === null ? bytes.subarray(from, at + size) : null,
    tid,
    pid,
  };
}

/** 0xFFFFFFFF means none. */
function idIn(bytes: Buffer, at: number): number | null {
  const id = bytes.readUInt32LE(at);
  return id === 0xffffffff ? null : id;
}

/** `PerfInfo/DPC InitialTime=123, Routine=0x…`: an event as evidence quotes it. */
export function eventText({ name, fields, message, payload }: EventDescription): string {
  if (message !== null) return `${name} ${message}`;
  if (fields === null) return `${name} ${payload === null ? '' : payload.toString('hex', 0, 64)}`.trim();
  const shown = Object.entries(fields).map(
    ([key, value]) => `${key}=${typeof value === 'object' && value !== null ? JSON.stringify(value) : value}`,
  );
  return `${name} ${shown.join(', ')}`.trim();
}
