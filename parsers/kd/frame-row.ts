/**
 * One row of a stack, taken apart without patterns: rows of stacks are most of a log.
 *
 *     b88a0c68 804e1bf2 nt!KiSwapContext+0x2f
 *     01 8a3f1c44 f7a31234 00000000 00000018 3261654c nt!ExAllocatePoolWithTag+0x12 (FPO: [3,0,0])
 *     fffff880`02b0ee70 fffff800`0187ba32 : 00000000`00000000 ... : nt!KiSwapContext+0x7a
 *     fffff880`02b0ee70 fffff800`0187ba32     : 00000000`00000000 ...     : nt!KiSwapContext+0x7a
 *     02 (Inline Function) --------`-------- tcpip!FlpUninitialize+0x12
 *     ----inline function----             tcpip!FlpUninitialize
 *     03 (T) 0012fe40 77f5b2bd ntdll!Foo+0x1
 */
import type { FrameColumns } from './frame-columns.js';
import { AddressScanner, behindBlanks, digitAt, nextBlank } from './hex.js';

const COLON = 0x3a;
const OPEN = 0x28;
const CLOSE = 0x29;
const DASH = 0x2d;
const ARGUMENTS_SHORT = 3;
const ARGUMENTS_LONG = 4;
const MEMORY_DIGITS = 7;
const NUMBER_DIGITS = 3;
// ` --------`-------- : --------`-------- `
const FILLING = new Set([...' -`:.'].map((character) => character.charCodeAt(0)));

export class FrameRow {
  returnHigh = 0;
  returnLow = 0;
  isInline = false;
  /** 64-bit columns. */
  isLong = false;
  /** Where the arguments begin and end; the same where none are printed. */
  argumentsFrom = 0;
  argumentsTo = 0;
  /** Fewer arguments than the columns hold: the row may go on in the next line. */
  isCutShort = false;
  /** Where the symbol begins; the end of the text where there is none. */
  symbolFrom = 0;
  readonly #scanner = new AddressScanner();

  /** True where the text begins as a row does; whether a symbol follows is for the caller to see. */
  read(text: string, columns: FrameColumns): boolean {
    this.isInline = false;
    this.isLong = false;
    this.isCutShort = false;
    this.returnHigh = 0;
    this.returnLow = 0;
    let at = behindNumber(text, 0, NUMBER_DIGITS);
    if (columns.hasMemory) at = behindNumber(text, at, MEMORY_DIGITS);
    if (columns.hasArchitecture) at = behindWord(text, at);
    at = behindMark(text, at);
    this.argumentsFrom = this.argumentsTo = at;
    const inline = behindInline(text, at);
    if (inline >= 0) {
      this.isInline = true;
      this.symbolFrom = inline;
      return true;
    }
    if (!columns.hasReturn) {
      this.symbolFrom = at;
      return true;
    }
    at = this.#addresses(text, at, columns);
    if (at < 0) return false;
    at = behindBlanks(text, at);
    this.symbolFrom =
      text.charCodeAt(at) === COLON ? this.#behindColons(text, at) : this.#behindArguments(text, at, columns);
    return true;
  }

  /** Reads stack pointer and return address; the place behind them, or -1. */
  #addresses(text: string, from: number, columns: FrameColumns): number {
    const scanner = this.#scanner;
    let at = scanner.read(text, from);
    if (at < 0) return -1;
    this.isLong = scanner.isLong;
    let next = behindBlanks(text, at);
    if (columns.hasStackPointer && text.charCodeAt(next) !== COLON) {
      let behind = this.isLong ? scanner.read(text, next) : scanner.readShort(text, next);
      if (behind < 0 || (this.isLong && !scanner.isLong)) behind = this.#glued(text, from, at);
      if (behind < 0) return -1;
      at = behind;
      if (columns.hasBackingStore) {
        next = behindBlanks(text, at);
        at = scanner.read(text, next);
        if (at < 0) return -1;
      }
    }
    this.returnHigh = scanner.high;
    this.returnLow = scanner.low;
    return at;
  }

  /** `b88a0c74804e1c3e nt!Foo`: two columns that have lost the blank between them. */
  #glued(text: string, from: number, behind: number): number {
    if (behind - from !== 16) return -1;
    this.isLong = false;
    return this.#scanner.readShort(text, from + 8);
  }

  /** `: 00000000`00000000 … : nt!Foo+0x82e` */
  #behindColons(text: string, colon: number): number {
    const second = text.indexOf(' : ', colon + 1);
    this.argumentsFrom = colon + 1;
    if (second >= 0) {
      this.argumentsTo = second;
      return behindBlanks(text, second + 3);
    }
    const at = this.#behindAll(text, behindBlanks(text, colon + 1), ARGUMENTS_LONG, false);
    this.isCutShort = at >= text.length;
    this.argumentsTo = at;
    return text.charCodeAt(at) === COLON ? behindBlanks(text, at + 1) : at;
  }

  #behindArguments(text: string, from: number, columns: FrameColumns): number {
    const most = this.isLong ? ARGUMENTS_LONG : ARGUMENTS_SHORT;
    const at = this.#behindAll(text, from, most, columns.hasArguments);
    this.argumentsFrom = from;
    this.argumentsTo = at;
    this.isCutShort = columns.hasArguments && at >= text.length && at - from < (this.isLong ? 66 : 26);
    return at;
  }

  /** The place behind at most `most` addresses; with `isGlued` they need no blank behind them. */
  #behindAll(text: string, from: number, most: number, isGlued: boolean): number {
    const scanner = this.#scanner;
    const [high, low] = [scanner.high, scanner.low];
    let at = from;
    for (let n = 0; n < most; n++) {
      const behind = this.isLong ? scanner.read(text, at) : scanner.readShort(text, at);
      if (behind < 0 || scanner.isLong !== this.isLong) break;
      const isEnded = behind >= text.length || text.charCodeAt(behind) === 0x20;
      if (!isEnded && !isGlued) break;
      at = behindBlanks(text, behind);
    }
    scanner.high = high;
    scanner.low = low;
    return at;
  }
}

/** The place behind a number of at most `most` hex digits and the blanks behind it; `at` where there is none. */
function behindNumber(text: string, at: number, most: number): number {
  let end = at;
  while (end - at <= most && digitAt(text, end) < 16) end++;
  const isNumber = end > at && end - at <= most && text.charCodeAt(end) === 0x20;
  return isNumber ? behindBlanks(text, end) : at;
}

/** `ARM64EC `, `AMD64 ` */
function behindWord(text: string, at: number): number {
  const blank = nextBlank(text, at);
  return blank - at <= 8 && digitAt(text, at + 2) > 15 ? behindBlanks(text, blank) : at;
}

/** `(T) `: the debugger's mark of a frame at which the processor's mode changed. */
function behindMark(text: string, at: number): number {
  const isMark = text.charCodeAt(at) === OPEN && text.charCodeAt(at + 2) === CLOSE;
  return isMark ? behindBlanks(text, at + 3) : at;
}

/** The place behind the words that stand for the columns of an inlined routine; -1 where there are none. */
function behindInline(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code === OPEN) {
    if (!text.startsWith('(Inline', at)) return -1;
    const close = text.indexOf(')', at);
    return close < 0 ? -1 : behindFilling(text, close + 1);
  }
  if (code !== DASH) return -1;
  const words = behindFilling(text, at);
  if (words - at < 4 || !/^inline(?: function)?/i.test(text.slice(words, words + 16))) return -1;
  const dash = text.indexOf('-', words);
  return dash < 0 ? -1 : behindFilling(text, dash);
}

function behindFilling(text: string, at: number): number {
  while (FILLING.has(text.charCodeAt(at))) at++;
  return at;
}

/** The arguments of a row as hex with 0x and without leading zeros. */
export function argumentsIn(text: string, from: number, to: number): string[] {
  const found = text.slice(from, to).match(/[0-9a-f`]{8,17}/gi) ?? [];
  return found.slice(0, ARGUMENTS_LONG).map((digits) => {
    const plain = digits.replace('`', '').replace(/^0+(?=.)/, '');
    return `0x${plain.toLowerCase()}`;
  });
}
