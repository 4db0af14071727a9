/**
 * Lines that Sysinternals DebugView saves: number, time, text; tabs in between, and often one behind.
 *
 *     00000001<TAB>0.00002640<TAB>[15232] module is not installed<TAB>
 *     1<TAB>10:05:11.005 AM<TAB>a kernel's message has no process
 *
 * Seconds from the first line, or the time of day as the machine writes it. Pasted text has blanks in place of the tabs.
 */
import { NULL_I32 } from '../../src/core/schema.js';
import { BLANK, decimalAt, isBlank, isDigit, skipBlanks, startsWith, TAB } from './bytes.js';
import { type HeadLines, headText } from './head-lines.js';
import { Stamp } from './stamp.js';
import { tableHeader } from './table-header.js';

const POINT = 46;
const COMMA = 44;
const OPEN = 91;
const CLOSE = 93;
/** Powers of ten, by decimals. */
const TENS = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12];
/** Decimals that tell seconds from other numbers, where there are no tabs. */
const MIN_DECIMALS = 6;

export class DebugViewLine {
  readonly stamp = new Stamp();
  number = 0;
  /** Seconds as µs, NaN where the line has a time of day; and their decimals. */
  elapsedUs = Number.NaN;
  decimals = 0;
  pid = NULL_I32;
  textFrom = 0;

  /** What the last decimal of the seconds stands for, ns. */
  get stepNs(): number {
    return 1e9 / TENS[this.decimals];
  }

  /** True where the line is a message; then the fields are set. */
  read(bytes: Buffer, from: number, end: number): boolean {
    let at = from;
    while (at < end && isDigit(bytes[at])) at++;
    this.number = decimalAt(bytes, from, at);
    if (this.number < 0 || at >= end) return false;
    const isTabbed = bytes[at] === TAB;
    if (!isTabbed && bytes[at] !== BLANK) return false;
    at = isTabbed ? at + 1 : skipBlanks(bytes, at, end);
    at = this.#time(bytes, at, end, isTabbed);
    if (at < 0) return false;
    this.#text(bytes, at, end);
    return true;
  }

  /** Where the text begins; -1 where there is no time. */
  #time(bytes: Buffer, at: number, end: number, isTabbed: boolean): number {
    const stop = this.#elapsed(bytes, at, end);
    if (stop > 0) {
      if (isTabbed) return bytes[stop] === TAB ? stop + 1 : -1;
      return this.decimals >= MIN_DECIMALS && isBlank(bytes[stop]) ? skipBlanks(bytes, stop, end) : -1;
    }
    this.elapsedUs = Number.NaN;
    if (!isTabbed || !this.stamp.read(bytes, at, end)) return -1;
    return bytes[this.stamp.end] === TAB ? this.stamp.end + 1 : -1;
  }

  /** `12.34567890`: where it ends, -1 where it is none. */
  #elapsed(bytes: Buffer, from: number, end: number): number {
    let point = from;
    while (point < end && isDigit(bytes[point])) point++;
    if (bytes[point] !== POINT && bytes[point] !== COMMA) return -1;
    let stop = point + 1;
    while (stop < end && isDigit(bytes[stop])) stop++;
    const whole = decimalAt(bytes, from, point);
    const fraction = decimalAt(bytes, point + 1, stop);
    if (whole < 0 || fraction < 0 || stop - point > TENS.length) return -1;
    this.decimals = stop - point - 1;
    this.elapsedUs = whole * 1e6 + (fraction * 1e6) / TENS[this.decimals];
    return stop;
  }

  /** `[1234] text`; other brackets are part of the text. */
  #text(bytes: Buffer, at: number, end: number): void {
    this.pid = NULL_I32;
    this.textFrom = at;
    if (bytes[at] !== OPEN) return;
    let close = at + 1;
    while (close < end && isDigit(bytes[close])) close++;
    const pid = decimalAt(bytes, at + 1, close);
    if (bytes[close] !== CLOSE || pid < 0 || pid > 0x7fffffff) return;
    if (close + 1 < end && !isBlank(bytes[close + 1])) return;
    this.pid = pid;
    // One blank parts them: more are the text's own.
    this.textFrom = bytes[close + 1] === BLANK ? close + 2 : Math.min(end, close + 1);
  }
}

/** `[\\BOX]`, in front of the lines of a machine: where its name begins, -1 for other lines. */
export const machineAt = (bytes: Buffer, from: number, end: number): number =>
  startsWith(bytes, from, end, '[\\\\') && bytes[end - 1] === CLOSE && end - from > 4 ? from + 3 : -1;

/**
 * The first line names columns, among them ids: `#<TAB>Time<TAB>PID<TAB>TID<TAB>Message`. DebugView saves no such line, and
 * rows of such a table, where the time comes before the ids, look like its own.
 */
function hasIdColumns(head: HeadLines): boolean {
  if (head.from.length === 0) return false;
  const columns = tableHeader(headText(head, 0, 1001))?.columns ?? [];
  return columns.some(({ kind }) => kind === 'pid' || kind === 'tid');
}

/** True where nearly all lines are DebugView's, and their numbers count on. */
export function isMostlyDebugView(head: HeadLines): boolean {
  if (hasIdColumns(head)) return false;
  const line = new DebugViewLine();
  let messages = 0;
  let others = 0;
  let last = -1;
  for (let i = 0; i < head.from.length; i++) {
    if (machineAt(head.bytes, head.from[i], head.end[i]) >= 0) continue;
    if (line.read(head.bytes, head.from[i], head.end[i])) {
      messages++;
      if (line.number < last) return false;
      last = line.number;
    } else others++;
  }
  return messages > 0 && others <= messages / 2;
}
