/** Hex digits read one by one: for the lines that make up most of a log. */

/** Value of an ASCII character as a hex digit; 16 where it is none. */
const DIGITS = new Uint8Array(128).fill(16);
for (let i = 0; i < 16; i++) {
  DIGITS[i.toString(16).charCodeAt(0)] = i;
  DIGITS[i.toString(16).toUpperCase().charCodeAt(0)] = i;
}

const BACKTICK = 0x60;

/** Value of the hex digit at a place; 16 where there is none. */
export function digitAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  // False beyond the end too, where the code is NaN.
  return code < 128 ? DIGITS[code] : 16;
}

/** The number that eight hex digits are; -1 where there are not eight. */
export function wordAt(text: string, at: number): number {
  let high = 0;
  let low = 0;
  for (let i = 0; i < 4; i++) {
    const digit = digitAt(text, at + i);
    if (digit > 15) return -1;
    high = (high << 4) | digit;
  }
  for (let i = 4; i < 8; i++) {
    const digit = digitAt(text, at + i);
    if (digit > 15) return -1;
    low = (low << 4) | digit;
  }
  return high * 65536 + low;
}

/** An address of 8 or 16 digits, read from a line. */
export class AddressScanner {
  high = 0;
  low = 0;
  isLong = false;

  /** Reads the address at a place; the place behind it, or -1 where there is none. */
  read(text: string, at: number): number {
    const first = wordAt(text, at);
    if (first < 0) return -1;
    const isParted = text.charCodeAt(at + 8) === BACKTICK;
    const second = wordAt(text, isParted ? at + 9 : at + 8);
    this.isLong = second >= 0;
    if (second < 0) {
      this.high = 0;
      this.low = first;
      return at + 8;
    }
    this.high = first;
    this.low = second;
    return isParted ? at + 17 : at + 16;
  }

  /** Reads the address at a place as 8 digits, whatever follows. */
  readShort(text: string, at: number): number {
    const word = wordAt(text, at);
    if (word < 0) return -1;
    this.high = 0;
    this.low = word;
    this.isLong = false;
    return at + 8;
  }
}

/** The address that two words are. */
export const bigintOf = (high: number, low: number): bigint =>
  high === 0 ? BigInt(low) : (BigInt(high) << 32n) | BigInt(low);

/** Where the blanks that begin at a place end. */
export function behindBlanks(text: string, at: number): number {
  while (text.charCodeAt(at) === 0x20) at++;
  return at;
}

/** Where the text that begins at a place has its next blank, or ends. */
export function nextBlank(text: string, at: number): number {
  const blank = text.indexOf(' ', at);
  return blank < 0 ? text.length : blank;
}
