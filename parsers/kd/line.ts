/** A line of a log with the damage undone that publishing did to it, where that is certain. */
import type { TextLine } from '../../src/core/parser.js';

/** No output that is read here is longer; what is behind it is not looked at. */
const MAX_TEXT = 2000;
/** As much of a line as evidence shows, for lines whose bytes may be gone when they are quoted. */
const MAX_QUOTE = 400;

export interface KdLine {
  /** Repaired; blanks in front stay, for columns. */
  readonly text: string;
  /** `text` without blanks around it. */
  readonly trimmed: string;
  /** The line as it stands, cut to what is quoted. */
  readonly quote: string;
  readonly line: number;
  readonly byte: number;
  /** Number of the block of bytes that it is in: its bytes are gone once there is another. */
  readonly block: number;
  readonly isRepaired: boolean;
}

/** Characters that stand for others in published logs: the mark of most is a byte beyond ASCII. */
const REPAIRS: readonly (readonly [RegExp, string])[] = [
  // Column padding of web pages, and tabs in front of comments.
  [/[\t\u00a0\u2000-\u200a\u202f\u3000]/g, ' '],
  [/[\u200b-\u200d\ufeff]/g, ''],
  // `0×1c`
  [/0\u00d7(?=[0-9a-f])/gi, '0x'],
  [/[\u2018\u2019\u201b]/g, "'"],
  [/[\u201c\u201d\u201f\u2033]/g, '"'],
  [/[\u2010-\u2013\u2212]/g, '-'],
];
// biome-ignore lint/suspicious/noControlCharactersInRegex: everything but ASCII is meant.
const BEYOND_ASCII = /[^\x00-\x7f]/;

class Line implements KdLine {
  constructor(
    readonly text: string,
    readonly trimmed: string,
    private readonly raw: string,
    readonly line: number,
    readonly byte: number,
    readonly block: number,
    readonly isRepaired: boolean,
  ) {}

  // Few lines are ever quoted.
  get quote(): string {
    return this.raw.trim().slice(0, MAX_QUOTE);
  }
}

export function kdLine({ text: whole, line, byte, bytes }: TextLine, block: number): KdLine {
  const raw = whole.length > MAX_TEXT ? whole.slice(0, MAX_TEXT) : whole;
  const before = raw.includes('\t') ? raw.replaceAll('\t', ' ') : raw;
  let text = before;
  // As many characters as bytes: nothing beyond ASCII.
  if (bytes !== whole.length && BEYOND_ASCII.test(text)) {
    for (const [pattern, by] of REPAIRS) text = text.replace(pattern, by);
  }
  return new Line(text, text.trim(), raw, line, byte, block, text !== before);
}

/**
 * Where something was cut out (or the dots of a command's progress); never data:
 *
 *     ...
 *     [...]
 *     […]
 */
export function isCut({ trimmed }: KdLine): boolean {
  const code = trimmed.charCodeAt(0);
  return (code === 0x2e || code === 0x5b || code === 0x2026) && /^\[?[.…]+\]?$/.test(trimmed);
}
