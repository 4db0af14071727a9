/** Finds in a log's first lines where its times stand, and what follows them. */

import { NULL_I32 } from '../../src/core/schema.js';
import { isBlank, TAB } from './bytes.js';
import { DateKind } from './date-text.js';
import { type HeadLines, headText } from './head-lines.js';
import { type LogForm, LogLine } from './log-line.js';
import { LogNames, type NameForm } from './log-names.js';

/** Lines that are looked at, those of stacks not counted; so many of them must have a time, and at least so many lines. */
const LOOKED_AT = 100;
const SHARE = 0.6;
const MIN_LINES = 3;
/** `java.net.ConnectException: refused`, and with nothing behind it. */
const THROWN = /^(?:[A-Za-z_$][\w$]{0,80}\.){1,12}[A-Za-z_$][\w$]{0,80}(?:Exception|Error|Throwable)(?::\s|:?\s*$)/;
const STACK = /^(?:at\s|Caused by\b|\.\.\. \d{1,6} (?:more|common frames omitted)\b)/;
/** Words that may stand in front of a time: a level, a number, a name. */
const MAX_WORDS = 3;
const NAME_FORMS: readonly NameForm[] = ['dash', 'padded', 'syslog', 'colon'];

export interface FoundForm {
  readonly form: LogForm;
  /** Null where the text has no names in a known form. */
  readonly names: NameForm | null;
  /** Most lines have a comma or a semicolon right behind the time, or the tabs of a header line. */
  readonly isCsv: boolean;
}

/** The form of the lines; null where not enough of them have a time in front. */
export function logForm(head: HeadLines): FoundForm | null {
  const least = Math.min(MIN_LINES, head.from.length);
  let best: { line: LogLine; stamped: number[] } | null = null;
  for (const isIndented of [false, true]) {
    const goesOn = head.from.map((_, i) => isOfStack(head, i, isIndented));
    for (let words = 0; words <= MAX_WORDS; words++) {
      const line = new LogLine({ words, isIndented, isDated: false, hasLevels: true });
      const { stamped, counted } = linesWith(line, head, goesOn);
      if (stamped.length < Math.max(least, SHARE * counted)) continue;
      if (stamped.length > (best?.stamped.length ?? 0)) best = { line, stamped };
    }
  }
  return best === null ? null : looked(best.line, head, best.stamped);
}

/**
 * A line that goes on with the message above, as those of a stack: the log has no fewer times for it. Where lines with a time
 * are indented themselves, blanks in front say nothing.
 */
function isOfStack(head: HeadLines, i: number, isIndented: boolean): boolean {
  if (!isIndented && isBlank(head.bytes[head.from[i]])) return true;
  const text = headText(head, i).trimStart();
  return STACK.test(text) || THROWN.test(text);
}

/** The lines with a time, and how many lines count, these among them. */
function linesWith(
  line: LogLine,
  { bytes, from, end }: HeadLines,
  goesOn: readonly boolean[],
): { stamped: number[]; counted: number } {
  const stamped: number[] = [];
  let others = 0;
  for (let i = 0; i < from.length && stamped.length + others < LOOKED_AT; i++) {
    if (line.begins(bytes, from[i], end[i])) stamped.push(i);
    else if (!goesOn[i]) others++;
  }
  return { stamped, counted: stamped.length + others };
}

function looked(line: LogLine, head: HeadLines, stamped: readonly number[]): FoundForm {
  const { bytes, from, end } = head;
  const names = new LogNames();
  const named = new Map(NAME_FORMS.map((form) => [form, [] as string[]]));
  let [dated, levels, csv] = [0, 0, 0];
  for (const i of stamped) {
    line.begins(bytes, from[i], end[i]);
    if (line.stamp.kind !== DateKind.none) dated++;
    if (isCell(bytes, line.timeEnd, end[i])) csv++;
    line.level = NULL_I32;
    line.readRest(bytes, end[i]);
    if (line.level !== NULL_I32) levels++;
    for (const form of NAME_FORMS) {
      if (!names.read(form, bytes, line.textFrom, end[i])) continue;
      named.get(form)?.push(bytes.toString('latin1', names.from, names.end));
    }
  }
  const enough = SHARE * stamped.length;
  return {
    form: { ...line.form, isDated: dated > 0.9 * stamped.length, hasLevels: levels >= enough },
    names: NAME_FORMS.find((form) => areNames(named.get(form) ?? [], enough)) ?? null,
    isCsv: csv >= stamped.length / 2 || isTable(head, stamped),
  };
}

/** Enough lines have one, and they repeat: else they are words of the text. */
function areNames(names: readonly string[], enough: number): boolean {
  return names.length >= enough && new Set(names).size <= Math.max(3, names.length / 2);
}

/** `10:05:11,Info` is a cell of CSV, `10:05:11, Info` is not. */
function isCell(bytes: Buffer, at: number, end: number): boolean {
  const c = bytes[at];
  return at + 1 < end && (c === 44 || c === 59) && !isBlank(bytes[at + 1]);
}

/** The first line has no time and names columns: as many tabs as there are below. */
function isTable(head: HeadLines, stamped: readonly number[]): boolean {
  if (stamped[0] !== 1) return false;
  const tabs = (i: number): number => headText(head, i, 4000).split(String.fromCharCode(TAB)).length - 1;
  return tabs(0) > 0 && tabs(0) === tabs(1) && tabs(0) === tabs(stamped[stamped.length - 1]);
}
