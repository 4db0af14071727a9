import type { Reader } from '../../../src/core/reader.js';

/** SID_MAX_SUB_AUTHORITIES of winnt.h. */
const MAX_SUB_AUTHORITIES = 15;

/**
 * A security identifier as text (`S-1-5-18`): revision u8, count of sub-authorities u8, authority 6 bytes big-endian, then
 * as many u32 as counted (SID in winnt.h; [MS-DTYP] 2.4.2.2). Null where there is none: too short, a revision other than 1
 * or more sub-authorities than allowed; the reader then stands where the SID was to begin.
 */
export function readSid(payload: Reader): string | null {
  const { at, bytes } = payload;
  if (payload.left < 8 || bytes[at] !== 1 || bytes[at + 1] > MAX_SUB_AUTHORITIES) return null;
  const count = bytes[at + 1];
  if (payload.left < 8 + 4 * count) return null;
  const authority = bytes.readUIntBE(at + 2, 6);
  const parts: (number | string)[] = ['S', 1, authority < 2 ** 32 ? authority : `0x${authority.toString(16)}`];
  payload.skip(8);
  for (let i = 0; i < count; i++) parts.push(payload.u32());
  return parts.join('-');
}
