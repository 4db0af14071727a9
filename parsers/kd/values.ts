/** Numbers, addresses and pool tags as debuggers print them. */
import { parseAddress } from '../../src/core/symbol.js';

/** An address: 8 or 16 hex digits, a backtick in the middle of the latter; longest first. Never followed by another digit. */
export const ADDRESS = '(?:0x)?(?:[0-9a-f]{16}|[0-9a-f]{8}`[0-9a-f]{8}|[0-9a-f]{8})';

/** The address that a part of a pattern has matched; null where it has not. */
export const addressIn = (text: string | undefined): bigint | null => (text === undefined ? null : parseAddress(text));

const TAG_LENGTH = 4;

/** A tag with the blanks at its end that printing may have lost. */
export const padTag = (text: string): string => text.slice(0, TAG_LENGTH).padEnd(TAG_LENGTH, ' ');

/** Four characters from four bytes, lowest first; null where one of them cannot be printed. */
export function tagOfBytes(bytes: readonly number[]): string | null {
  if (bytes.length < TAG_LENGTH) return null;
  const first = bytes.slice(0, TAG_LENGTH);
  return first.every((byte) => byte >= 0x20 && byte <= 0x7e) ? String.fromCharCode(...first) : null;
}

/** The tag that a dword in memory is: `3261654c` is `Lea2`, its lowest byte first. */
export const tagOfDword = (value: number): string | null =>
  tagOfBytes([value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24]);

/** Hex digits, with or without 0x, as a number; null where it is none. */
export function hexNumber(text: string): number | null {
  const digits = text.replace(/^0x/i, '').replace('`', '');
  return /^[0-9a-f]{1,16}$/i.test(digits) ? Number.parseInt(digits, 16) : null;
}

/** How far below 0, as 32 bits print it, a counter may have run: by frees that were counted and allocations that were not. */
const MAX_BELOW_ZERO = 1 << 20;

/**
 * True for a counter that has run below zero: -1, or 4294967240, or near 2^64. Such values were seen in real dumps; they are
 * no sizes and no counts.
 */
export function isWrapped(value: number): boolean {
  if (value < 0 || value >= 2 ** 63) return true;
  return value < 2 ** 32 && value >= 2 ** 32 - MAX_BELOW_ZERO;
}

/** Pool that a word of the debugger names: `Nonpaged pool`, `Paged session pool`; null where it does not say. */
export function poolTypeOf(text: string): string | null {
  const session = /session/i.test(text) ? 'Session' : '';
  if (/non-?\s?paged/i.test(text)) return `NonPagedPool${session}`;
  return /paged/i.test(text) ? `PagedPool${session}` : null;
}
