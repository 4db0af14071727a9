import type { Reader } from '../../../../src/core/reader.js';
import { guidText } from '../../../../src/core/reader.js';
import type { ValueMap } from '../manifest/types.js';
import { type Texts, textsIn } from './texts.js';

export interface EventMap {
  /** GUID of the provider, in lower case. */
  readonly provider: string;
  readonly name: string;
  readonly map: ValueMap;
}

const GUID_BYTES = 16;
/** Of EVENT_MAP_INFO, before its entries. */
const HEAD_BYTES = 16;
const ENTRY_BYTES = 8;
/** MAP_FLAGS of tdh.h: a valueMap and a bitMap of a manifest. Pattern maps and those of MOF classes have other values. */
const VALUE_MAP = 1;
const BIT_MAP = 2;
/** EVENTMAP_ENTRY_VALUETYPE_ULONG. */
const WHOLE_NUMBERS = 0;

/**
 * The payload of MetaData/EventMapInfo: the GUID of the provider, then EVENT_MAP_INFO (tdh.h): u32 each offset of the name,
 * flags, number of entries, type of the values; then for each entry u32 offset of the text and u32 value. Offsets count
 * from behind the GUID; texts end with a blank, which is left out. Verified: 36 maps in logs of Windows 7, 8 and 10. Null for maps that
 * are none of a manifest's and what is no map. Never throws.
 */
export function readEventMap(payload: Reader): EventMap | null {
  const whole = payload.take(payload.left);
  if (whole.length < GUID_BYTES + HEAD_BYTES) return null;
  const bytes = whole.subarray(GUID_BYTES);
  const texts = textsIn(bytes);
  const flags = bytes.readUInt32LE(4);
  const name = texts.at(bytes.readUInt32LE(0));
  const isKnown = (flags === VALUE_MAP || flags === BIT_MAP) && bytes.readUInt32LE(12) === WHOLE_NUMBERS;
  const entries = isKnown ? entriesOf(bytes, texts) : null;
  if (name === null || entries === null) return null;
  return { provider: guidText(whole, 0), name, map: { kind: flags === BIT_MAP ? 'bit' : 'value', texts: entries } };
}

function entriesOf(bytes: Buffer, texts: Texts): ReadonlyMap<number, string> | null {
  const count = bytes.readUInt32LE(8);
  if (HEAD_BYTES + count * ENTRY_BYTES > bytes.length) return null;
  const entries = new Map<number, string>();
  for (let i = 0; i < count; i++) {
    const at = HEAD_BYTES + i * ENTRY_BYTES;
    const text = texts.at(bytes.readUInt32LE(at))?.trimEnd() ?? '';
    const value = bytes.readUInt32LE(at + 4);
    if (text !== '' && !entries.has(value)) entries.set(value, text);
  }
  return entries;
}
