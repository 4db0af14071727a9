/** Finds in a log's first lines where its times stand, and what follows them. */

import { NULL_I32 } from '../../src/core/schema.js';
import { isBlank, TAB } from './bytes.js';
import { DateKind } from './date-text.js';
import { type HeadLines, headText } from './head-lines.js';
import { type LogForm, LogLine } from './log-line.js';
import { LogNames, type NameForm } from './log-names.js';

/** Lines that are looked at; so many of them must have a time, and at least so many lines. */
const LOOKED_AT = 100;
const SHARE = 0.6;
const MIN_LINES = 3;
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
  const count = Math.min(LOOKED_AT, head.from.length);
  const needed = count < MIN_LINES ? count : Math.max(MIN_LINES, SHARE * count);
  let best: { line: LogLine; stamped: number[] } | null = null;
  for (const isIndented of [false, true]) {
    for (let words = 0; words <= MAX_WORDS; words++) {
      const line = new LogLine({ words, isIndented, isDated: false, hasLevels: true });
      const stamped = linesWith(line, head, count);
      if (stamped.length >= needed && stamped.length > (best?.stamped.length ?? 0)) best = { line, stamped };
    }
  }
  return best === null ? null : looked(best.line, head, best.stamped);
}

function linesWith(line: LogLine, { bytes, from, end }: HeadLines, count: number): number[] {
  const found: number[] = [];
  for (let i = 0; i < count; i++) if (line.begins(bytes, from[i], end[i])) found.push(i);
  return found;
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
