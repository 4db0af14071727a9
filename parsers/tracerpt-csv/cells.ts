/** Texts and numbers of the fixed columns, straight from the bytes. */

import { NULL_I32 } from '../../src/core/schema.js';
import { decodeUtf8 } from '../../src/core/text.js';
import type { Ticks } from '../../src/core/time.js';
import type { Columns } from './columns.js';
import type { Reader } from './reader.js';

export const QUOTE = 34;
const CR = 13;

export const isBlank = (c: number): boolean => c === 32 || c === CR || c === 9;

export function isBlankText(bytes: Buffer, from: number, end: number): boolean {
  for (let i = from; i < end; i++) if (!isBlank(bytes[i])) return false;
  return true;
}

export function fieldFrom(reader: Reader, from: number, column: number): number {
  return column === 0 ? from : reader.commas[column - 1] + 1;
}

export function fieldEnd(reader: Reader, end: number, column: number): number {
  return column < reader.commaCount ? reader.commas[column] : end;
}

/** The text of a fixed column without blanks around it and without quotes; null where the file has no such column. */
export function textAt(reader: Reader, bytes: Buffer, from: number, end: number, column: number): string | null {
  if (column < 0) return null;
  let a = fieldFrom(reader, from, column);
  let b = fieldEnd(reader, end, column);
  while (a < b && isBlank(bytes[a])) a++;
  while (b > a && isBlank(bytes[b - 1])) b--;
  if (b - a >= 2 && bytes[a] === QUOTE && bytes[b - 1] === QUOTE) {
    a++;
    b--;
  }
  return decodeUtf8(bytes, a, b);
}

/** Decimal ticks in `bytes`, blanks around them; null where it is anything else. */
export function ticksAt(bytes: Buffer, from: number, to: number): Ticks | null {
  let a = from;
  let b = to;
  while (a < b && isBlank(bytes[a])) a++;
  while (b > a && isBlank(bytes[b - 1])) b--;
  if (a === b || b - a > 20) return null;
  const split = Math.max(a, b - 9);
  const high = digits(bytes, a, split);
  const low = digits(bytes, split, b);
  return high < 0 || low < 0 ? null : { high, low };
}

/** The decimal number in `bytes`; -1 where there is anything but digits. */
function digits(bytes: Buffer, from: number, to: number): number {
  let value = 0;
  for (let i = from; i < to; i++) {
    const digit = bytes[i] - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** A column as an i32 column stores it: decimal, or `0x` hex as PID and TID are; null also for 0xFFFFFFFF, "none". */
export function numberAt(reader: Reader, bytes: Buffer, from: number, end: number, column: number): number {
  if (column < 0) return NULL_I32;
  let a = fieldFrom(reader, from, column);
  let b = fieldEnd(reader, end, column);
  while (a < b && bytes[a] === 32) a++;
  while (b > a && bytes[b - 1] === 32) b--;
  if (a === b || b - a > 18) return NULL_I32;
  const isHex = bytes[a] === 48 && (bytes[a + 1] | 32) === 120;
  const value = isHex ? hexDigits(bytes, a + 2, b) : digits(bytes, a, b);
  return value < 0 || value > 0x7fffffff ? NULL_I32 : value;
}

function hexDigits(bytes: Buffer, from: number, to: number): number {
  if (from >= to) return -1;
  let value = 0;
  for (let i = from; i < to; i++) {
    const c = bytes[i] | 32;
    const digit = c >= 97 && c <= 102 ? c - 87 : bytes[i] >= 48 && bytes[i] <= 57 ? bytes[i] - 48 : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

/** Where User Data begins; `end` where the event has none. */
export function dataFrom(reader: Reader, columns: Columns, end: number): number {
  return reader.commaCount < columns.fixed ? end : reader.commas[columns.fixed - 1] + 1;
}
