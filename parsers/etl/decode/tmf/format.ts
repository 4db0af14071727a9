import type { ItemValue } from './items.js';

/** Wider fields are cut: a format must not make a text of its own. */
const MAX_WIDTH = 256;

// s   p   d   08lx   #I64x   .4X   -20s
const FORMAT = /^([-+ #0]*)(\d{0,4})(?:\.(\d{0,4}))?(?:hh|h|ll|l|I64|I32|I|w|z)?([a-zA-Z])$/;

/**
 * A value by a printf format: `d` and `i` signed, `u`, `o`, `x`, `X` unsigned, in the bits that the value has; `c` a
 * character; all else, `s` and `p` foremost, the value's own text. No format gives that text too.
 */
export function formatItem(item: ItemValue, format: string | null): string {
  const part = FORMAT.exec(format ?? 's');
  if (part === null) return item.text;
  const [, flags, width, precision, conversion] = part;
  const body = item.number === null ? null : numberText(item.number, conversion, flags);
  if (body === null) return padded(cut(item.text, precision), flags.replace('0', ''), width);
  const digits = body.digits.padStart(Math.min(Number(precision ?? 0), MAX_WIDTH), '0');
  const free = Math.min(Number(width), MAX_WIDTH) - body.sign.length;
  const isZeroFilled = flags.includes('0') && !flags.includes('-') && precision === undefined;
  return padded(body.sign + (isZeroFilled ? digits.padStart(free, '0') : digits), flags, width);
}

interface Digits {
  readonly sign: string;
  readonly digits: string;
}

/** Null for conversions that are not numeric. */
function numberText(
  { value, bits }: NonNullable<ItemValue['number']>,
  conversion: string,
  flags: string,
): Digits | null {
  const positive = BigInt.asUintN(bits, value);
  switch (conversion) {
    case 'd':
    case 'i': {
      const signed = BigInt.asIntN(bits, value);
      const plus = flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
      return { sign: signed < 0n ? '-' : plus, digits: (signed < 0n ? -signed : signed).toString() };
    }
    case 'u':
      return { sign: '', digits: positive.toString() };
    case 'o':
      return { sign: flags.includes('#') ? '0' : '', digits: positive.toString(8) };
    case 'x':
      return { sign: flags.includes('#') && positive > 0n ? '0x' : '', digits: positive.toString(16) };
    case 'X':
      return { sign: flags.includes('#') && positive > 0n ? '0X' : '', digits: positive.toString(16).toUpperCase() };
    case 'c':
      return { sign: '', digits: String.fromCharCode(Number(positive & 0xffffn)) };
    default:
      return null;
  }
}

const cut = (text: string, precision: string | undefined): string =>
  precision === undefined ? text : text.slice(0, Number(precision));

function padded(text: string, flags: string, width: string): string {
  const chars = Math.min(Number(width), MAX_WIDTH);
  return flags.includes('-') ? text.padEnd(chars) : text.padStart(chars);
}
