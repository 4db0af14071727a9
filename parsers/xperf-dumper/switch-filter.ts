/** Context switches of threads that nobody asks for, told by the bytes of their ids: most of a trace, and slow to take apart as text. */
import { columnKey } from './text-rows.js';

const COMMA = 0x2c;
const SPACE = 0x20;
const ZERO = 0x30;

/** True for a line, from `start` to `end`, that may be left out. Null where the columns do not tell which threads switch. */
export function switchFilter(
  columns: readonly string[],
  threads: ReadonlySet<number>,
): ((bytes: Uint8Array, start: number, end: number) => boolean) | null {
  const keys = columns.map(columnKey);
  const [a, b] = [keys.indexOf('newtid'), keys.indexOf('oldtid')].sort((x, y) => x - y);
  if (a < 0) return null;
  return (bytes, start, end) => {
    let field = 0;
    let at = start;
    let seen = 0;
    while (at < end && field <= b) {
      if (field === a || field === b) {
        const tid = numberAt(bytes, at, end);
        // What is no number (a name may hold a comma) is for the reader of text to judge.
        if (tid < 0 || threads.has(tid)) return false;
        seen++;
      }
      const comma = bytes.indexOf(COMMA, at);
      if (comma < 0 || comma >= end) break;
      at = comma + 1;
      field++;
    }
    return seen === 2;
  };
}

/** A whole decimal field between blanks; -1 for anything else. */
function numberAt(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && bytes[at] === SPACE) at++;
  let value = -1;
  for (; at < end; at++) {
    const digit = bytes[at] - ZERO;
    if (digit < 0 || digit > 9) break;
    value = Math.max(0, value) * 10 + digit;
  }
  while (at < end && bytes[at] === SPACE) at++;
  return at < end && bytes[at] === COMMA ? value : -1;
}
