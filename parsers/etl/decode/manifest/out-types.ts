/** How values of a payload are shown: what a manifest's output types and maps say. */

import { filetimeToUtc } from '../../../../src/core/time.js';
import { type FieldValue, hexValue, wholeValue } from '../fields.js';
import { ipv4Text, ipv6Text, socketAddressText } from '../net-text.js';
import type { InType, Raw } from './in-types.js';
import type { DataItem, ValueMap } from './types.js';

/** Output types that mean hexadecimal ("OutputType Complex Type"); error codes too, whose texts Windows alone has. */
const HEX = new Set(['hexint8', 'hexint16', 'hexint32', 'hexint64', 'errorcode', 'ntstatus', 'hresult']);
/** Input types that are shown in hexadecimal where the manifest names no output type. */
const HEX_BY_DEFAULT = new Set(['pointer', 'hexint32', 'hexint64']);

/**
 * A value as it goes into JSON: maps as `Compaction (2)` or `Compaction | Promotion (0x6)`, text first and number kept,
 * just the number where the map has no text for it; addresses and error codes in hex; times as ISO 8601. An output type
 * that is not known, or does not fit the input type, changes nothing.
 */
export function shownValue(raw: Raw, item: DataItem, type: InType): FieldValue {
  if (item.map !== null && typeof raw === 'number') return mapped(raw, item.map);
  if (typeof raw === 'number' || typeof raw === 'bigint') return shownNumber(raw, item, type);
  if (Buffer.isBuffer(raw)) return shownBytes(raw, item);
  return raw;
}

/** A value as it stands in a message: maps by their texts, GUIDs in braces as the output type `xs:GUID` has them. */
export function insertText(raw: Raw, item: DataItem, type: InType): string {
  if (item.map !== null && typeof raw === 'number') return mapTexts(raw, item.map)?.join(' | ') ?? String(raw);
  if (item.inType === 'guid') return `{${raw}}`;
  return String(shownValue(raw, item, type) ?? '');
}

function mapped(value: number, map: ValueMap): FieldValue {
  const texts = mapTexts(value, map);
  if (texts === null) return value;
  return `${texts.join(' | ')} (${map.kind === 'bit' ? hexValue(value) : value})`;
}

/** Null where no text belongs to the value. Bits that have none stand together in hex. */
function mapTexts(value: number, map: ValueMap): string[] | null {
  const whole = map.texts.get(value);
  if (whole !== undefined) return [whole];
  if (map.kind === 'value') return null;
  let left = BigInt.asUintN(64, BigInt(value));
  const texts: string[] = [];
  for (const [bit, text] of map.texts) {
    const mask = BigInt(bit);
    if (mask === 0n || (left & mask) !== mask) continue;
    texts.push(text);
    left &= ~mask;
  }
  if (texts.length === 0) return null;
  return left === 0n ? texts : [...texts, hexValue(left)];
}

function shownNumber(raw: number | bigint, { inType, outType }: DataItem, { bits }: InType): FieldValue {
  if (inType === 'filetime') return filetimeToUtc(BigInt(raw));
  if (bits === 0) return typeof raw === 'bigint' ? wholeValue(raw) : finite(raw);
  if (HEX.has(outType ?? '') || HEX_BY_DEFAULT.has(inType)) return hexValue(BigInt.asUintN(bits, BigInt(raw)));
  if (typeof raw === 'bigint') return wholeValue(raw);
  if (outType === 'string' && bits <= 16) return String.fromCharCode(raw & 0xffff);
  if (outType === 'boolean') return raw !== 0;
  if (outType === 'port' && bits === 16) return ((raw & 0xff) << 8) | ((raw >> 8) & 0xff);
  if (outType === 'ipv4' && bits === 32) return ipv4Text(bytesOf(raw));
  return raw;
}

/** JSON has no infinities and no NaN. */
const finite = (value: number): FieldValue => (Number.isFinite(value) ? value : String(value));

function bytesOf(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

function shownBytes(bytes: Buffer, { inType, outType }: DataItem): FieldValue {
  if (inType === 'systemtime') return systemTime(bytes);
  if (outType === 'ipv6' && bytes.length === 16) return ipv6Text(bytes);
  if (outType === 'socketaddress') return socketAddressText(bytes) ?? bytes.toString('hex');
  return bytes.toString('hex');
}

/** SYSTEMTIME of minwinbase.h, eight u16: year, month, day of the week, day, hour, minute, second, millisecond; UTC. */
function systemTime(bytes: Buffer): string | null {
  const [year, month, , day, hour, minute, second, ms] = Array.from({ length: 8 }, (_, i) => bytes.readUInt16LE(2 * i));
  const at = Date.UTC(year, month - 1, day, hour, minute, second, ms);
  const isDate = year >= 1601 && year <= 30827 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
  const isTime = hour <= 23 && minute <= 59 && second <= 59 && ms <= 999;
  return isDate && isTime ? new Date(at).toISOString() : null;
}
