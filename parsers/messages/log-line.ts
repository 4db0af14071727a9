/**
 * Lines of a log of which only so much is known that a time stands in front. Behind it a level, and ids in brackets, are
 * taken as such where nothing else can be meant; the message is what follows.
 *
 *     2026-11-20 10:05:11,123 [worker-1] ERROR store.Index - cannot open
 *     2026-11-20 10:05:11, Info                  CBS    Loaded the stack
 *     [2026-11-20T10:05:11.005Z] <warning> [2780:5992] retry
 *     Oct  9 10:05:11 box sshd[1234]: failed
 */
import { NULL_I32 } from '../../src/core/schema.js';
import { BLANK, decimalAt, isBlank, isDigit, isLetter, isWordByte, QUOTE, skipBlanks, tokenEnd } from './bytes.js';
import { DateKind } from './date-text.js';
import { levelAt, levelInBrackets } from './levels.js';
import { Stamp } from './stamp.js';

const OPEN = 91;
const CLOSE = 93;
const MINUS = 45;
/** What is within brackets is longer only where it is text. */
const MAX_BRACKETS = 80;

/** How the lines of a log are, as their first ones show. */
export interface LogForm {
  /** Words in front of the time. */
  readonly words: number;
  /** Lines begin with blanks. */
  readonly isIndented: boolean;
  /** Times have a date: what looks like a time of day alone is text. */
  readonly isDated: boolean;
  /** Most lines have a word for a level right behind the time. */
  readonly hasLevels: boolean;
}

export class LogLine {
  readonly stamp = new Stamp();
  level = NULL_I32;
  pid = NULL_I32;
  tid = NULL_I32;
  /** A number alone in brackets stood there: mostly the thread's id, as most logging libraries print it. */
  hasNumber = false;
  /** Behind the time. */
  timeEnd = 0;
  textFrom = 0;
  /** A bracket in front of the time is not closed behind it: `[10:05:11 ERROR] …`. */
  #isOpen = false;

  constructor(public form: LogForm) {}

  /** True where the line has a time at its place; then the stamp and `timeEnd` are set. */
  begins(bytes: Buffer, from: number, end: number): boolean {
    const { form, stamp } = this;
    let at = from;
    if (form.isIndented) at = skipBlanks(bytes, from, end);
    this.level = NULL_I32;
    for (let word = 0; word < form.words; word++) {
      const stop = tokenEnd(bytes, at, end);
      if (stop === at) return false;
      if (this.level === NULL_I32) this.level = levelOfToken(bytes, at, stop);
      at = skipBlanks(bytes, stop, end);
    }
    const opened = bytes[at] === OPEN || bytes[at] === 60 || bytes[at] === 40;
    if (opened) at++;
    if (at >= end) return false;
    if (stamp.read(bytes, at, end)) {
      if (form.isDated && stamp.kind === DateKind.none) return false;
    } else if (!stamp.readUnix(bytes, at, end)) return false;
    // A quoted cell is of CSV.
    if (bytes[stamp.end] === QUOTE && stamp.end < end) return false;
    this.timeEnd = stamp.end;
    this.#isOpen = opened;
    if (opened && stamp.end < end && isClose(bytes[stamp.end])) {
      this.timeEnd++;
      this.#isOpen = false;
    }
    return true;
  }

  /** Reads what is behind the time of a line that begins with one. */
  readRest(bytes: Buffer, end: number): void {
    this.pid = NULL_I32;
    this.tid = NULL_I32;
    this.hasNumber = false;
    const at = this.#separators(bytes, this.timeEnd, end);
    this.textFrom = at;
    if (this.level === NULL_I32) this.#level(bytes, at, end);
    this.#ids(bytes, this.textFrom, end);
  }

  /** A level, perhaps with something in brackets in front. */
  #level(bytes: Buffer, from: number, end: number): void {
    let at = from;
    for (let brackets = 0; brackets < 3; brackets++) {
      const stop = this.#levelEnd(bytes, at, end);
      if (stop > 0) {
        this.textFrom = this.#separators(bytes, stop, end);
        // In brackets between time and level log4j has the thread, by number or name.
        if (brackets > 0) this.#idsIn(bytes, from, at);
        return;
      }
      if (bytes[at] !== OPEN) return;
      const close = closeOf(bytes, at, end);
      if (close < 0) return;
      at = this.#separators(bytes, close + 1, end);
    }
  }

  /** Where a level that begins at `at` ends; -1 where there is none. */
  #levelEnd(bytes: Buffer, at: number, end: number): number {
    const c = bytes[at];
    if (c === OPEN || c === 60 || c === 40) return this.#bracketedLevel(bytes, at, end);
    let stop = at;
    while (stop < end && isLetter(bytes[stop])) stop++;
    if (stop === at || (stop < end && (isWordByte(bytes[stop]) || bytes[stop] === 46))) return -1;
    const level = levelAt(bytes, at, stop);
    if (level === NULL_I32 || !(this.form.hasLevels || isUpper(bytes, at, stop))) return -1;
    this.level = level;
    return stop;
  }

  /** `[E]`, `<warning>`, `[ INFO ]` */
  #bracketedLevel(bytes: Buffer, at: number, end: number): number {
    const close = closeOf(bytes, at, end);
    if (close < 0) return -1;
    let from = at + 1;
    let to = close;
    while (from < to && bytes[from] === BLANK) from++;
    while (to > from && bytes[to - 1] === BLANK) to--;
    this.level = levelInBrackets(bytes, from, to);
    return this.level === NULL_I32 ? -1 : close + 1;
  }

  /** `[2780:5992]`, `[2780]`, `pid=2780 tid=5992` in front of the text. */
  #ids(bytes: Buffer, at: number, end: number): void {
    if (bytes[at] === OPEN) {
      const stop = this.#idsIn(bytes, at, end);
      if (stop > 0) this.textFrom = this.#separators(bytes, stop, end);
      return;
    }
    const letter = bytes[at] | 32;
    if (letter !== 112 && letter !== 116) return;
    for (let n = 0, from = at; n < 2; n++) {
      const stop = this.#named(bytes, from, end);
      if (stop < 0) return;
      from = this.#separators(bytes, stop, end);
      this.textFrom = from;
    }
  }

  /** Ids in brackets at `at`: where they end, -1 where there are none. */
  #idsIn(bytes: Buffer, at: number, end: number): number {
    let i = at + 1;
    while (i < end && isDigit(bytes[i])) i++;
    const first = idOf(bytes, at + 1, i);
    if (first < 0) return -1;
    if (bytes[i] === CLOSE) {
      if (this.tid === NULL_I32) this.tid = first;
      this.hasNumber = true;
      return i + 1;
    }
    if (bytes[i] !== 58 && bytes[i] !== 46 && bytes[i] !== MINUS && bytes[i] !== 47) return -1;
    const from = ++i;
    while (i < end && isDigit(bytes[i])) i++;
    const second = idOf(bytes, from, i);
    if (second < 0 || bytes[i] !== CLOSE) return -1;
    this.pid = first;
    this.tid = second;
    return i + 1;
  }

  /** `pid=2780` */
  #named(bytes: Buffer, at: number, end: number): number {
    const letter = bytes[at] | 32;
    if ((letter !== 112 && letter !== 116) || (bytes[at + 1] | 32) !== 105 || (bytes[at + 2] | 32) !== 100) return -1;
    if (bytes[at + 3] !== 61) return -1;
    let i = at + 4;
    while (i < end && isDigit(bytes[i])) i++;
    const id = idOf(bytes, at + 4, i);
    if (id < 0 || (i < end && isWordByte(bytes[i]))) return -1;
    if (letter === 112) this.pid = id;
    else this.tid = id;
    return i;
  }

  /** Skips blanks and the signs that part columns. */
  #separators(bytes: Buffer, from: number, end: number): number {
    let at = from;
    for (; at < end; at++) {
      const c = bytes[at];
      if (c === BLANK || c === 9 || c === 58 || c === 44 || c === 59 || c === 124) continue;
      if (this.#isOpen && isClose(c)) continue;
      if (c !== MINUS || (at + 1 < end && !isBlank(bytes[at + 1]))) break;
    }
    return at;
  }
}

const isClose = (c: number): boolean => c === CLOSE || c === 62 || c === 41;

/** The bracket that closes the one at `at`; -1 where it is far, or another one opens before. */
function closeOf(bytes: Buffer, at: number, end: number): number {
  const stop = end - at < MAX_BRACKETS ? end : at + MAX_BRACKETS;
  for (let i = at + 1; i < stop; i++) {
    const c = bytes[i];
    if (c === CLOSE || c === 62 || c === 41) return i;
    if (c === OPEN) return -1;
  }
  return -1;
}

function idOf(bytes: Buffer, from: number, to: number): number {
  const value = to - from > 10 ? -1 : decimalAt(bytes, from, to);
  return value > 0x7fffffff ? -1 : value;
}

function isUpper(bytes: Buffer, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (bytes[i] > 90) return false;
  return true;
}

/** `INFO`, `[INFO]`, `INFO:` in front of a time. */
function levelOfToken(bytes: Buffer, from: number, to: number): number {
  let a = from;
  let b = to;
  while (a < b && !isLetter(bytes[a])) a++;
  while (b > a && !isLetter(bytes[b - 1])) b--;
  return a > from ? levelInBrackets(bytes, a, b) : levelAt(bytes, a, b);
}
