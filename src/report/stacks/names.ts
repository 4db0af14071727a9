/** Names of frames as they may be shown: they come from strangers' files. */
import { printable } from '../../core/text.js';

// Alone, neither half of a pair nor these two stand for a character: UTF-8 cannot hold the first, XML none of them.
const NO_CHARACTER = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]|[\ufffe\uffff]/g;

/** A name that is one line, valid in UTF-8 and (escaped) in XML 1.0: what is not is made visible. */
export function visibleName(text: string, max = Number.POSITIVE_INFINITY): string {
  return printable(text, max).replace(NO_CHARACTER, (c) => `\\u{${c.charCodeAt(0).toString(16)}}`);
}

/** Share of a whole in percent, as people read it. */
export function percentText(part: number, whole: number): string {
  const percent = whole > 0 ? (100 * part) / whole : 0;
  return percent > 0 && percent < 0.05 ? '<0.1' : percent.toFixed(1);
}

// Wide in East Asian fonts and terminals, emoji among them; roughly, since terminals differ as well.
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const NARROW = /\p{Mn}|\p{Me}|\u200b|\u200c|\u200d/u;

function charColumns(char: string): number {
  if (char < '\u0300') return 1;
  return NARROW.test(char) ? 0 : WIDE.test(char) ? 2 : 1;
}

/** Columns of a terminal that a text takes. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const char of text) columns += charColumns(char);
  return columns;
}

/** The text, or its beginning and its end with `…` between, in no more than `max` columns. */
export function cutMiddle(text: string, max: number): string {
  if (columnsOf(text) <= max) return text;
  const chars = [...text];
  // The end tells more: function and offset stand there.
  const head = firstColumns(chars, Math.floor((max - 1) / 2));
  const tail = firstColumns(chars.toReversed(), max - 1 - columnsOf(head.join('')));
  return `${head.join('')}…${tail.reverse().join('')}`;
}

function firstColumns(chars: readonly string[], max: number): string[] {
  const taken: string[] = [];
  let columns = 0;
  for (const char of chars) {
    columns += charColumns(char);
    if (columns > max) break;
    taken.push(char);
  }
  return taken;
}
