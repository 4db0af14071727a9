/** What a character is to the finder of names. All of it works on UTF-16 units, so that places in folded text are places in the text. */

const ASCII_LIMIT = 0x80;
/** 1 for letters and digits of ASCII: this is asked for every character of a report. */
const ASCII_ALNUM = Uint8Array.from({ length: ASCII_LIMIT }, (_, code) =>
  /[0-9a-z]/i.test(String.fromCharCode(code)) ? 1 : 0,
);

/** Letters and digits of any script; `_` parts words, as it does in names of modules that are made of names. */
export function isAlnum(code: number): boolean {
  if (code < ASCII_LIMIT) return ASCII_ALNUM[code] === 1;
  // Before the beginning and behind the end there is nothing.
  if (Number.isNaN(code)) return false;
  if (code < 0xc0 || code === 0xd7 || code === 0xf7) return false;
  // Punctuation, arrows and signs; half-width forms begin with punctuation.
  return !(code >= 0x2000 && code < 0x2c00) && !(code >= 0x3000 && code < 0x3040) && !(code >= 0xfff0);
}

export const isDigit = (code: number): boolean => code >= 48 && code <= 57;

export const isHexDigit = (code: number): boolean => isDigit(code) || ((code | 32) >= 97 && (code | 32) <= 102);

const INSIDE_ATOM = new Set([...'_.-+$~#%&'].map((one) => one.charCodeAt(0)));

/** Of names of files, programs, hosts and mailboxes. */
export const isAtom = (code: number): boolean => isAlnum(code) || INSIDE_ATOM.has(code);

export const isSlash = (code: number): boolean => code === 92 || code === 47;

export const BACKSLASH = 92;

/** End of the run of characters that `is` holds for; no further than `most` characters on, where what is found may be given up again. */
export function endOf(text: string, from: number, is: (code: number) => boolean, most = text.length): number {
  const limit = Math.min(text.length, from + most);
  let end = from;
  while (end < limit && is(text.charCodeAt(end))) end++;
  return end;
}

/** Where `part` begins, at `from` or at most `most` characters behind it; -1 where it does not. */
export function indexWithin(text: string, part: string, from: number, most: number): number {
  const found = text.slice(from, from + most + part.length).indexOf(part);
  return found < 0 ? -1 : from + found;
}

/** Lower case of the same length, whatever the script. */
export function folded(text: string): string {
  const lower = text.toLowerCase();
  if (lower.length === text.length) return lower;
  let same = '';
  for (let i = 0; i < text.length; i++) {
    const one = text[i].toLowerCase();
    same += one.length === 1 ? one : text[i];
  }
  return same;
}

/** Length of `\x0a` or `\u{202e}`, as control characters are printed, at `at`; 0 where there is none. */
export function printedControl(text: string, at: number): number {
  if (text.charCodeAt(at) !== BACKSLASH) return 0;
  if (text[at + 1] === 'x') return /^[0189][0-9a-f]$|^7f$/i.test(text.slice(at + 2, at + 4)) ? 4 : 0;
  if (text[at + 1] !== 'u' || text[at + 2] !== '{') return 0;
  const end = indexWithin(text, '}', at, 10);
  return end < 0 ? 0 : end + 1 - at;
}
