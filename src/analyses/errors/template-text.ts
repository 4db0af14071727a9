/** What a template is made of, and how it is written. */
import { Token } from './scanner.js';

/** Stands for a word that differs. */
export const ANY_WORD = 11;

/** The tokens of a template; text of words and punctuation, of variables that of the first message. */
export interface TemplateToken {
  readonly kind: number;
  readonly text: string;
}

export type ParameterType =
  | 'number'
  | 'ip'
  | 'hex'
  | 'address'
  | 'guid'
  | 'path'
  | 'string'
  | 'duration'
  | 'word'
  | 'rest';

const UNITS =
  /^(?:ns|nsec|us|usec|µs|μs|ms|msec|msecs|s|sec|secs|seconds?|milliseconds?|microseconds?|nanoseconds?|min|minutes?|hours?)$/i;

/** Hex digits from which on a hex number is taken for an address. */
const ADDRESS_DIGITS = 8;
const IP = /^\d{1,3}(?:\.\d{1,3}){3}$/;

/** Eight digits that begin like an NTSTATUS or HRESULT (severity bits of an error) are a code as like as not. */
const isAddress = (digits: string): boolean =>
  digits.length > ADDRESS_DIGITS || (digits.length === ADDRESS_DIGITS && !/^[8c]0/i.test(digits));

const PLACEHOLDER: Readonly<Record<ParameterType, string>> = {
  number: '<num>',
  ip: '<ip>',
  hex: '<hex>',
  address: '<addr>',
  guid: '<guid>',
  path: '<path>',
  string: '<str>',
  duration: '<duration>',
  word: '<*>',
  rest: '<…>',
};

/** What a variable is called; null for what is none. */
export function typeOf(tokens: readonly TemplateToken[], i: number): ParameterType | null {
  const { kind, text } = tokens[i];
  switch (kind) {
    case Token.number:
      if (unitEnd(tokens, i) > i) return 'duration';
      return IP.test(text) ? 'ip' : 'number';
    case Token.suffix:
      return 'number';
    case Token.hex:
      return isAddress(text.replace(/^0x|`/gi, '')) ? 'address' : 'hex';
    case Token.guid:
      return 'guid';
    case Token.path:
      return 'path';
    case Token.quoted:
      return 'string';
    case Token.rest:
      return 'rest';
    case Token.duration:
      return 'duration';
    case ANY_WORD:
      return 'word';
    default:
      return null;
  }
}

/** Index of the unit that makes the number at `i` a duration (`12ms`, `3.5 s`), or `i`. */
function unitEnd(tokens: readonly TemplateToken[], i: number): number {
  const next = tokens[i + 1]?.kind === Token.blank ? i + 2 : i + 1;
  const unit = tokens[next];
  if (unit === undefined || unit.kind !== Token.word || !UNITS.test(unit.text)) return i;
  // In `5 s.c` and `3 min_value` the word goes on.
  const after = tokens[next + 1];
  return after === undefined || after.kind === Token.blank || /^[),;.\]]$/.test(after.text) ? next : i;
}

/**
 * The template as text: `Error: [DB Driver] retry <num> after <duration>`. What `constant` says to have been the same in all
 * messages is shown as it is: `w3wp`, `status 0xc0000022`.
 */
export function templateText(tokens: readonly TemplateToken[], constant: (token: number) => boolean): string {
  let text = '';
  for (let i = 0; i < tokens.length; i++) {
    const { kind, text: own } = tokens[i];
    const type = typeOf(tokens, i);
    if (kind === Token.blank) text += ' ';
    else if (type === null || constant(i)) text += own;
    else {
      text += PLACEHOLDER[type];
      if (type === 'duration') i = unitEnd(tokens, i);
    }
  }
  return text.trim();
}
