/**
 * Descriptions of events that merging a log (KernelTraceControl.dll) puts into it, so that it can be decoded on machines
 * that do not know the providers: what TDH said of each event that the log has, and of the maps they use.
 */
import { guidText, Reader } from '../../../src/core/reader.js';
import { readEventMap } from './event-info/maps.js';
import { type EventInfo, type EventKey, readEventInfo, readEventKey, readProviderName } from './event-info/read.js';
import type { ManifestEvent, ValueMap } from './manifest/types.js';
import type { ManifestIndex } from './manifest.js';

export { readEventMap } from './event-info/maps.js';
export { type DecodingSource, type EventInfo, type EventKey, readEventInfo } from './event-info/read.js';

/** GUID of the classic events MetaData. */
export const METADATA_GUID = 'bbccf6c1-6cd1-48c4-80ff-839482e37671';
const EVENT_INFO = 32;
const EVENT_MAP_INFO = 33;

/** Descriptions and maps each. */
const MAX_COUNT = 20_000;
/** All payloads together. */
const MAX_BYTES = 32 << 20;

/** Descriptions of events, gathered from a log, and read when they are asked for. */
export class EventInfos implements Pick<ManifestIndex, 'find' | 'providerName'> {
  readonly #payloads = new Map<string, Buffer>();
  readonly #read = new Map<string, ManifestEvent | null>();
  readonly #maps = new Map<string, ValueMap>();
  readonly #providerNames = new Map<string, string>();
  #bytes = 0;
  #isCut = false;

  /** Events that are described. */
  get count(): number {
    return this.#payloads.size;
  }

  /** True once something was left out because there was too much. */
  get isCut(): boolean {
    return this.#isCut;
  }

  /** Takes the payload of a MetaData event. An event that is described again, which is usual, keeps the first description. */
  take(opcode: number, payload: Reader): void {
    if (opcode === EVENT_INFO) this.#takeInfo(payload.take(payload.left));
    else if (opcode === EVENT_MAP_INFO) this.#takeMap(payload);
  }

  /** The event of that provider (lower case, without braces), id and version; null where none has just this version. */
  find(providerGuid: string, id: number, version: number): ManifestEvent | null {
    return this.#find(manifestKey(providerGuid, id, version));
  }

  /** The event of a MOF class by its GUID, or, for classes without, its provider's. */
  findClassic(guid: string, opcode: number, version: number): ManifestEvent | null {
    return this.#find(classicKey(guid, opcode, version));
  }

  providerName(guid: string): string | null {
    return this.#providerNames.get(guid) ?? null;
  }

  #takeInfo(bytes: Buffer): void {
    const found = readEventKey(bytes);
    const key = found === null ? null : keyOf(found);
    if (key === null || this.#payloads.has(key) || !this.#hasRoom(this.#payloads.size, bytes.length)) return;
    // Not the log's own bytes, which are written over.
    this.#payloads.set(key, Buffer.from(bytes));
    this.#nameProvider(bytes);
  }

  #nameProvider(bytes: Buffer): void {
    const guid = guidText(bytes, 0);
    if (this.#providerNames.has(guid)) return;
    const name = readProviderName(bytes);
    if (name !== null) this.#providerNames.set(guid, name);
  }

  #takeMap(payload: Reader): void {
    const bytes = payload.left;
    const found = readEventMap(payload);
    if (found === null) return;
    const key = mapKey(found.provider, found.name);
    if (this.#maps.has(key) || !this.#hasRoom(this.#maps.size, bytes)) return;
    this.#maps.set(key, found.map);
    // Maps follow the events that use them.
    this.#read.clear();
  }

  #hasRoom(count: number, bytes: number): boolean {
    const hasRoom = count < MAX_COUNT && this.#bytes + bytes <= MAX_BYTES;
    if (hasRoom) this.#bytes += bytes;
    else this.#isCut = true;
    return hasRoom;
  }

  #find(key: string): ManifestEvent | null {
    const known = this.#read.get(key);
    if (known !== undefined) return known;
    const bytes = this.#payloads.get(key);
    if (bytes === undefined) return null;
    const event = this.#readInfo(bytes)?.event ?? null;
    this.#read.set(key, event);
    return event;
  }

  #readInfo(bytes: Buffer): EventInfo | null {
    const provider = guidText(bytes, 0);
    return readEventInfo(new Reader(bytes), (name) => this.#maps.get(mapKey(provider, name)) ?? null);
  }
}

const mapKey = (provider: string, name: string): string => `${provider}/${name}`;
const manifestKey = (guid: string, id: number, version: number): string => `${guid}/${id}/${version}`;
const classicKey = (guid: string, opcode: number, version: number): string => `${guid}/mof/${opcode}/${version}`;

/**
 * Null for what needs no description by key: TraceLogging events describe themselves and share an id, messages of WPP are
 * told by number, which TRACE_EVENT_INFO does not hold for certain.
 */
function keyOf({ source, guid, id, version, opcode }: EventKey): string | null {
  if (source === 'manifest') return manifestKey(guid, id, version);
  return source === 'mof' ? classicKey(guid, opcode, version) : null;
}
