/** Small tests and numbers on bytes: what hot parsers use in place of strings and regular expressions. */

export const TAB = 9;
export const LF = 10;
export const CR = 13;
export const BLANK = 32;
export const QUOTE = 34;

export const isDigit = (c: number): boolean => c >= 48 && c <= 57;
export const isBlank = (c: number): boolean => c === BLANK || c === TAB;
/** ASCII letters only. */
export const isLetter = (c: number): boolean => (c | 32) >= 97 && (c | 32) <= 122;
export const isWordByte = (c: number): boolean => isDigit(c) || isLetter(c) || c === 95;

/** The first byte from `at` on that is no blank or tab; `to` where all are. */
export function skipBlanks(bytes: Buffer, at: number, to: number): number {
  let i = at;
  while (i < to && isBlank(bytes[i])) i++;
  return i;
}

/** The first blank or tab from `at` on; `to` where there is none. */
export function tokenEnd(bytes: Buffer, at: number, to: number): number {
  let i = at;
  while (i < to && !isBlank(bytes[i])) i++;
  return i;
}

/** The end of the text before `to` without blanks, tabs and carriage returns behind it; not before `from`. */
export function trimEnd(bytes: Buffer, from: number, to: number): number {
  let end = to;
  while (end > from && (isBlank(bytes[end - 1]) || bytes[end - 1] === CR)) end--;
  return end;
}

/** Decimal digits as a number, at most `2^53`; -1 where the bytes are anything else. */
export function decimalAt(bytes: Buffer, from: number, to: number): number {
  if (from >= to || to - from > 15) return -1;
  let value = 0;
  for (let i = from; i < to; i++) {
    const digit = bytes[i] - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

export function hexDigit(c: number): number {
  if (isDigit(c)) return c - 48;
  const letter = c | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

/** Hex digits as a number, at most 12 of them; -1 where the bytes are anything else. */
export function hexAt(bytes: Buffer, from: number, to: number): number {
  if (from >= to || to - from > 12) return -1;
  let value = 0;
  for (let i = from; i < to; i++) {
    const digit = hexDigit(bytes[i]);
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

/**
 * An id as an `i32` column holds it, -1 where it is none: `0x…` is hex, other digits are decimal, or hex where `isHex`
 * says that the column is.
 */
export function idAt(bytes: Buffer, from: number, to: number, isHex: boolean): number {
  const prefixed = to - from > 2 && bytes[from] === 48 && (bytes[from + 1] | 32) === 120;
  const value = prefixed ? hexAt(bytes, from + 2, to) : isHex ? hexAt(bytes, from, to) : decimalAt(bytes, from, to);
  return value > 0x7fffffff ? -1 : value;
}

/** True where `bytes` from `at` on begin with `text` (ASCII). */
export function startsWith(bytes: Buffer, at: number, to: number, text: string): boolean {
  if (to - at < text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
}

/**
 * Where something was cut out of a published excerpt; never a message: `...`, `[...]`, `[…]`, `…`.
 */
export function isCutMark(bytes: Buffer, from: number, to: number): boolean {
  let i = skipBlanks(bytes, from, to);
  const end = trimEnd(bytes, i, to);
  if (end - i > 12) return false;
  if (bytes[i] === 91) i++;
  const stop = bytes[end - 1] === 93 ? end - 1 : end;
  let dots = 0;
  for (; i < stop; i++, dots++) {
    if (bytes[i] === 46) continue;
    // An ellipsis is three bytes.
    if (bytes[i] !== 0xe2 || bytes[i + 1] !== 0x80 || bytes[i + 2] !== 0xa6) return false;
    i += 2;
    dots += 2;
  }
  return dots >= 2;
}
