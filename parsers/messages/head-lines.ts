/** The lines of a source's first bytes, by which parsers find out how it is laid out. */
import { CR, isBlank, LF } from './bytes.js';

/** Lines that are looked at. */
const MAX_LINES = 400;

export interface HeadLines {
  readonly bytes: Buffer;
  /** Lines that are not blank, without their line ends: where each begins and ends. */
  readonly from: readonly number[];
  readonly end: readonly number[];
}

/** The first lines of `head` that are not blank. The last one may be cut: it counts only where nothing else is there. */
export function headLines(head: Buffer, most = MAX_LINES): HeadLines {
  const from: number[] = [];
  const end: number[] = [];
  for (let at = 0; at < head.length && from.length < most; ) {
    const newline = head.indexOf(LF, at);
    if (newline < 0 && from.length > 0 && head.length >= 65_536) break;
    const stop = newline < 0 ? head.length : newline;
    const last = stop > at && head[stop - 1] === CR ? stop - 1 : stop;
    if (!isBlankLine(head, at, last)) {
      from.push(at);
      end.push(last);
    }
    at = stop + 1;
  }
  return { bytes: head, from, end };
}

export function isBlankLine(bytes: Buffer, from: number, end: number): boolean {
  for (let i = from; i < end; i++) if (!isBlank(bytes[i]) && bytes[i] !== CR) return false;
  return true;
}

/** The text of a line of the head, cut to what sniffing needs. */
export const headText = ({ bytes, from, end }: HeadLines, i: number, most = 400): string =>
  bytes.toString('utf8', from[i], Math.min(end[i], from[i] + most));

// `0: kd> `, `lkd> `, `0:035> `, `## kd> `
const PROMPT = /^(?:#{1,6}\s{1,9})?(?:\d{1,4}: {0,9})?(?:l?[Kk]d(?::\w{1,10})?|\d{1,4}:\d{3,5}(?::\w{1,10})?)>/;

/** True where the head is a debugger's log: its tables of messages are read there. */
export function hasPrompt(lines: HeadLines): boolean {
  return lines.from.some((_, i) => PROMPT.test(headText(lines, i, 60).trimStart()));
}
