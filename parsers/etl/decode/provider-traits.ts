import { Reader } from '../../../src/core/reader.js';

/** Provider traits: who registered the provider, as it says itself. */
export interface ProviderTraits {
  readonly name: string;
  /** ETW_PROVIDER_TRAIT_TYPE 1: the provider group; null where it has none. */
  readonly groupGuid: string | null;
  /** ETW_PROVIDER_TRAIT_TYPE 2: the GUID under which to look for decoding; null where it is the provider's own. */
  readonly decodeGuid: string | null;
}

const GROUP = 1;
const DECODE_GUID = 2;
const TRAIT_HEADER_BYTES = 3;

/**
 * Extended item 12: u16 size of all, UTF-8 name with NUL, then traits of u16 size (itself included), u8 type, data.
 * https://learn.microsoft.com/windows/win32/etw/provider-traits. Verified: size and name in six real files; traits after
 * the name from the definition only. Null where there is no name.
 */
export function readProviderTraits(bytes: Buffer): ProviderTraits | null {
  const reader = new Reader(bytes);
  const size = reader.u16();
  if (reader.short || size < 3) return null;
  const traits = new Reader(bytes, 2, Math.min(size, bytes.length));
  const name = traits.ansiZ();
  const guids = new Map<number, string>();
  while (traits.left >= TRAIT_HEADER_BYTES) {
    const from = traits.at;
    const traitSize = traits.u16();
    if (traitSize < TRAIT_HEADER_BYTES) break;
    const type = traits.u8();
    if (traitSize === TRAIT_HEADER_BYTES + 16) guids.set(type, traits.guid());
    traits.at = from + traitSize;
  }
  return { name, groupGuid: guids.get(GROUP) ?? null, decodeGuid: guids.get(DECODE_GUID) ?? null };
}
