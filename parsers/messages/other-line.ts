/** Lines that begin no message. */
import type { Output } from '../../src/core/parser.js';
import { isCutMark, trimEnd } from './bytes.js';
import { isBlankLine } from './head-lines.js';
import type { MessageRows } from './rows.js';

/**
 * Counts a line that begins no message: blank ones and marks of what was cut out of an excerpt are passed over, others go on
 * with the message above, and where there is none they are damaged.
 */
export function otherLine(out: Output, rows: MessageRows, bytes: Buffer, from: number, end: number): void {
  if (isBlankLine(bytes, from, end)) out.account.ignored++;
  else if (isCutMark(bytes, from, end)) {
    rows.endMessage();
    out.account.ignored++;
  } else if (rows.addLine(trimEnd(bytes, from, end))) out.account.ignored++;
  else damagedRow(out, rows, from);
}

/** Counts the line at `from` as one that cannot be read. */
export function damagedRow(out: Output, rows: MessageRows, from: number): void {
  const at = { line: rows.line, example: rows.lineText(from).slice(0, 400) };
  out.skip('damaged-row', 'lines that are no row of this format, and belong to none', at);
}
