import { guidText, type Reader } from '../../../../src/core/reader.js';
import type { ManifestEvent, Named, ValueMap } from '../manifest/types.js';
import { readItems } from './items.js';
import { type Texts, textsIn } from './texts.js';

/** Where a description is from: DECODING_SOURCE of tdh.h in its order. */
export type DecodingSource = 'manifest' | 'mof' | 'wpp' | 'tracelogging';

const SOURCES: readonly DecodingSource[] = ['manifest', 'mof', 'wpp', 'tracelogging'];
const NO_GUID = '00000000-0000-0000-0000-000000000000';
/** Of TRACE_EVENT_INFO, before its properties. */
const HEAD_BYTES = 112;

/** What tells an event from others. */
export interface EventKey {
  readonly source: DecodingSource;
  /** GUID in the headers of the events, in lower case: the provider's; of a MOF event, the class's where it has one. */
  readonly guid: string;
  readonly id: number;
  readonly version: number;
  readonly opcode: number;
}

export interface EventInfo {
  /** GUID in lower case. */
  readonly provider: string;
  readonly providerName: string | null;
  /** Of `mof`, the event is one with a classic header, and is told by GUID, opcode and version. */
  readonly key: EventKey;
  /** `items` is null where the layout is not sound. */
  readonly event: ManifestEvent;
}

/** Maps of the event's provider, by name. */
export type MapNamed = (name: string) => ValueMap | null;

/** What the start of a TRACE_EVENT_INFO says; null where it is none. */
export function readEventKey(bytes: Buffer): EventKey | null {
  if (bytes.length < HEAD_BYTES) return null;
  const source = SOURCES[bytes.readUInt32LE(48)];
  if (source === undefined) return null;
  const eventGuid = guidText(bytes, 16);
  const isEventGuid = (source === 'mof' || source === 'wpp') && eventGuid !== NO_GUID;
  return {
    source,
    guid: isEventGuid ? eventGuid : guidText(bytes, 0),
    id: bytes.readUInt16LE(32),
    version: bytes[34],
    opcode: bytes[37],
  };
}

/** The provider's name in bytes that have a key; null where it has none. */
export const readProviderName = (bytes: Buffer): string | null => providerNameIn(bytes, textsIn(bytes));

const providerNameIn = (bytes: Buffer, texts: Texts): string | null => shown(texts.at(bytes.readUInt32LE(52)));

/**
 * The payload of MetaData/EventInfo, which is a TRACE_EVENT_INFO (tdh.h): 112 bytes of head, then the properties of 24
 * bytes each; offsets count from its start. Verified field by field: 156 manifest events in logs of Windows 7, 8 and 10 (all but
 * the event's name and attributes, that no file has). MOF, WPP and TraceLogging descriptions are by the comments of tdh.h,
 * and none was seen. Level, opcode and task keep their numbers where they have no name. Null where the payload is no
 * TRACE_EVENT_INFO. Never throws.
 */
export function readEventInfo(payload: Reader, mapNamed: MapNamed = () => null): EventInfo | null {
  const bytes = payload.take(payload.left);
  const key = readEventKey(bytes);
  if (key === null) return null;
  const provider = guidText(bytes, 0);
  const texts = textsIn(bytes);
  const providerName = providerNameIn(bytes, texts);
  return { provider, providerName, key, event: eventOf(bytes, key, providerName ?? provider, texts, mapNamed) };
}

function eventOf(bytes: Buffer, key: EventKey, provider: string, texts: Texts, mapNamed: MapNamed): ManifestEvent {
  const text = (at: number): string | null => shown(texts.at(bytes.readUInt32LE(at)));
  return {
    provider,
    id: key.id,
    version: key.version,
    // Of MOF classes the name of the property with the activity id lies there.
    symbol: key.source === 'mof' ? null : text(92),
    level: named(bytes[36], text(56)),
    opcode: named(key.opcode, text(72)),
    task: named(bytes.readUInt16LE(38), text(68)),
    channel: text(60),
    keywords: texts.list(bytes.readUInt32LE(64)),
    items: readItems({
      bytes,
      at: HEAD_BYTES,
      count: bytes.readUInt32LE(100),
      topLevel: bytes.readUInt32LE(104),
      texts,
      mapNamed,
    }),
    // New lines lie in it as such.
    message: text(76)?.replaceAll('\r\n', '\n') ?? null,
  };
}

/** Messages and localized names end with a blank where they ended with a new line. */
function shown(text: string | null): string | null {
  const trimmed = text?.trimEnd() ?? '';
  return trimmed === '' ? null : trimmed;
}

const named = (value: number, name: string | null): Named => ({ value, name: name?.replace(/^win:/, '') ?? null });
