/** How the values of WPP's item types lie among a message's arguments. */

import type { Reader } from '../../../../src/core/reader.js';
import { filetimeToUtc } from '../../../../src/core/time.js';
import { type FieldValue, hexValue, wholeValue } from '../fields.js';
import { ipv4Text, ipv6Text, macText } from '../net-text.js';
import { readSid } from '../sid.js';
import type { TmfArgument } from './types.js';

/** A value, for JSON and for a format: a number has its bits, for formats are those of C. */
export interface ItemValue {
  readonly value: FieldValue;
  readonly text: string;
  readonly number: { readonly value: bigint; readonly bits: 8 | 16 | 32 | 64 } | null;
}

export type ReadItem = (payload: Reader, argument: TmfArgument, pointerBytes: 4 | 8) => ItemValue;

type Bits = 8 | 16 | 32 | 64;

const textual = (text: string): ItemValue => ({ value: text, text, number: null });

/** A number that has a text of its own. */
const titled = (value: number, bits: Bits, text: string, shown: FieldValue = text): ItemValue => ({
  value: shown,
  text,
  number: { value: BigInt(value), bits },
});

function unsigned(payload: Reader, bits: Bits): bigint {
  if (bits === 64) return payload.u64();
  return BigInt(bits === 32 ? payload.u32() : bits === 16 ? payload.u16() : payload.u8());
}

const signedInteger =
  (bits: Bits): ReadItem =>
  (payload) => {
    const value = unsigned(payload, bits);
    const signed = BigInt.asIntN(bits, value);
    return { value: wholeValue(signed), text: signed.toString(), number: { value, bits } };
  };

const unsignedInteger =
  (bits: Bits): ReadItem =>
  (payload) => {
    const value = unsigned(payload, bits);
    return { value: wholeValue(value), text: value.toString(), number: { value, bits } };
  };

/** Shown in hex, as their name says. */
const hexInteger =
  (bits: Bits): ReadItem =>
  (payload) => {
    const value = unsigned(payload, bits);
    return { value: hexValue(value), text: value.toString(16), number: { value, bits } };
  };

/** `ItemList…`: one text per value, `APC (1)`. */
const listed =
  (bits: 8 | 16 | 32): ReadItem =>
  (payload, { texts }) => {
    const value = Number(unsigned(payload, bits));
    const text = texts.get(value);
    return text === undefined
      ? titled(value, bits, String(value), value)
      : titled(value, bits, text, `${text} (${value})`);
  };

/** `ItemSet…`: one text per bit, the lowest first, `[1,4] (0x9)`. */
const bitSet =
  (bits: 8 | 16 | 32): ReadItem =>
  (payload, { texts }) => {
    const value = Number(unsigned(payload, bits));
    const names = Array.from({ length: bits }, (_, i) => i)
      .filter((bit) => (BigInt(value) >> BigInt(bit)) & 1n)
      .map((bit) => texts.get(bit) ?? `bit${bit}`);
    const text = `[${names.join(',')}]`;
    return titled(value, bits, text, `${text} (${hexValue(value)})`);
  };

/** Codes whose names Windows' own tables have. */
const statusCode: ReadItem = (payload) => {
  const value = payload.u32();
  return titled(value, 32, `0x${value.toString(16).padStart(8, '0')}`);
};

const win32Error: ReadItem = (payload) => {
  const value = payload.u32();
  return titled(value, 32, String(value), value);
};

const pointer: ReadItem = (payload, _, pointerBytes) => {
  const value = payload.pointer(pointerBytes);
  const text = value
    .toString(16)
    .toUpperCase()
    .padStart(2 * pointerBytes, '0');
  return { value: hexValue(value), text, number: { value, bits: pointerBytes === 8 ? 64 : 32 } };
};

const double: ReadItem = (payload) => {
  const value = payload.f64();
  return { value: Number.isFinite(value) ? value : String(value), text: String(value), number: null };
};

/** A u16 of bytes, then the text without an end mark. */
const countedAnsi: ReadItem = (payload) => textual(payload.take(payload.u16()).toString('utf8'));
const countedWide: ReadItem = (payload) => textual(payload.utf16(payload.u16()));

/** Line ends and tabs become blanks, and those at the end are dropped. */
const reduced = (text: string): ItemValue => textual(text.replace(/[\t\r\n]/g, ' ').trimEnd());

const sid: ReadItem = (payload) => {
  const text = readSid(payload);
  if (text === null) payload.skip(payload.left + 1);
  return textual(text ?? '');
};

const address =
  (bytes: number, show: (taken: Buffer) => string): ReadItem =>
  (payload) => {
    const taken = payload.take(bytes);
    return textual(taken.length === bytes ? show(taken) : '');
  };

const guid: ReadItem = (payload) => textual(payload.guid());

const port: ReadItem = (payload) => {
  const value = payload.u16();
  const turned = ((value & 0xff) << 8) | (value >> 8);
  return titled(value, 16, String(turned), turned);
};

const filetime: ReadItem = (payload) => textual(filetimeToUtc(payload.u64()));

/**
 * WPP's item types by name. Sizes and layouts are those that WPP's macros give to the types (defaultwpp.ini of the WDK,
 * quoted in public sources; "What are the WPP extended format specification strings?" of the driver documentation) and
 * agree among the public readers that were compared; no file with messages was at hand. Not here, since the sources
 * differ or are silent: ItemFloat, ItemMLString, ItemDSString, ItemDSWString, ItemNWString, ItemHexBytes and all else.
 */
export const ITEMS: ReadonlyMap<string, ReadItem> = new Map<string, ReadItem>([
  ['ItemChar', signedInteger(8)],
  ['ItemUChar', unsignedInteger(8)],
  ['ItemShort', signedInteger(16)],
  ['ItemUShort', unsignedInteger(16)],
  ['ItemLong', signedInteger(32)],
  ['ItemULong', unsignedInteger(32)],
  ['ItemLongX', hexInteger(32)],
  ['ItemULongX', hexInteger(32)],
  ['ItemLongLong', signedInteger(64)],
  ['ItemULongLong', unsignedInteger(64)],
  ['ItemLongLongX', hexInteger(64)],
  ['ItemLongLongXX', hexInteger(64)],
  ['ItemLongLongO', unsignedInteger(64)],
  ['ItemPtr', pointer],
  ['ItemDouble', double],
  ['ItemString', (payload) => textual(payload.ansiZ())],
  ['ItemWString', (payload) => textual(payload.utf16Z())],
  ['ItemRString', (payload) => reduced(payload.ansiZ())],
  ['ItemRWString', (payload) => reduced(payload.utf16Z())],
  ['ItemPString', countedAnsi],
  ['ItemPWString', countedWide],
  // Four letters in the order in which they lie.
  ['ItemChar4', address(4, (taken) => taken.toString('latin1'))],
  ['ItemSid', sid],
  ['ItemGuid', guid],
  ['ItemIID', guid],
  ['ItemCLSID', guid],
  ['ItemLIBID', guid],
  ['ItemTimestamp', filetime],
  ['ItemTimeStamp', filetime],
  // Durations; the sources do not agree on their unit.
  ['ItemTimeDelta', signedInteger(64)],
  ['ItemWaitTime', signedInteger(64)],
  ['ItemNTSTATUS', statusCode],
  ['ItemNTerror', statusCode],
  ['ItemHRESULT', statusCode],
  ['ItemWINERROR', win32Error],
  ['ItemIPAddr', address(4, ipv4Text)],
  ['ItemIPV6Addr', address(16, ipv6Text)],
  ['ItemPort', port],
  ['ItemMACAddr', address(6, macText)],
  // A u16 of bytes, then these.
  ['ItemHEXDump', (payload) => textual(payload.take(payload.u16()).toString('hex'))],
  ['ItemListByte', listed(8)],
  ['ItemListShort', listed(16)],
  ['ItemListLong', listed(32)],
  ['ItemSetByte', bitSet(8)],
  ['ItemSetShort', bitSet(16)],
  ['ItemSetLong', bitSet(32)],
  // Names of an enumeration are in the symbol file only.
  ['ItemEnum', signedInteger(32)],
  ['ItemFlagsEnum', hexInteger(32)],
]);
