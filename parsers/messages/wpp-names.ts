/** Names within WPP's texts. */
import { isBlank, isDigit } from './bytes.js';
import { MAX_NAME, type WppPrefix } from './wpp-fields.js';

const OPEN = 91;
const CLOSE = 93;

// `tracedrv_c258`: tracedrv.c, line 258. The point has become an underscore.
const SOURCE_LINE = /^([^\s]{1,200})_([A-Za-z]{1,4})(\d{1,6})$/;

/** `tracedrv.c:258` of `tracedrv_c258`, as %2 prints it; other texts as they are. */
export function sourceLine(name: string): string {
  const match = SOURCE_LINE.exec(name);
  return match === null ? name : `${match[1]}.${match[2]}:${match[3]}`;
}

const MARK = 33;

/**
 * The function in `!func[line]!text` and `!func!text`, from `at` on: sets `functionFrom` and `functionEnd`, both 0 where
 * the message has no such shape.
 */
export function functionIn(prefix: WppPrefix, bytes: Buffer, end: number): void {
  prefix.functionFrom = prefix.functionEnd = 0;
  const at = prefix.textFrom;
  if (bytes[at] !== MARK) return;
  const stop = Math.min(end, at + MAX_NAME);
  let i = at + 1;
  while (i < stop && bytes[i] !== MARK && bytes[i] !== OPEN && !isBlank(bytes[i])) i++;
  const nameEnd = i;
  if (nameEnd === at + 1 || i >= stop) return;
  if (bytes[i] === OPEN) {
    i++;
    while (i < stop && isDigit(bytes[i])) i++;
    if (bytes[i++] !== CLOSE) return;
  }
  if (i >= end || bytes[i] !== MARK) return;
  prefix.functionFrom = at + 1;
  prefix.functionEnd = nameEnd;
}
