/**
 * Prefixes that TRACE_FORMAT_PREFIX has made: patterns of `%1` … `%9`, `%!FUNC!` and `%!LEVEL!`.
 * https://learn.microsoft.com/windows-hardware/drivers/devtest/trace-message-prefix
 */
import { NULL_I32 } from '../../src/core/schema.js';
import { decimalAt, hexAt, hexDigit, isBlank, isDigit, skipBlanks } from './bytes.js';
import type { Stamp } from './stamp.js';
import { MAX_NAME, WppPrefix } from './wpp-fields.js';

/**
 * Prefixes that are known, as TRACE_FORMAT_PREFIX spells them, short: `%F` for `%!FUNC!`, `%L` for `%!LEVEL!`, `%P` for a
 * process id in decimal (`%8!u!`), `%X` for a processor in hex (`%9!X!`). A blank is any number of blanks, none too; a last
 * `[%1]` may be missing, as where tracefmt found no format for a message.
 */
const PATTERNS = [
  // Behind a sequence number, as -seq and %7 give it.
  '%7 [%9]%8.%3::%4 [%1]',
  '[%7] [%9]%8.%3::%4 [%1]',
  '%7 %8.%3::%4 [%1]',
  // Of Microsoft's example 7, with more or less in front.
  '%2: %F: %8.%3: %4: ',
  '%7 %L %2: %8.%3: %4: %F: ',
  '%7 %2: %8.%3: %4: ',
  // As eBPF for Windows advises, and a tool that puts each part in brackets.
  '%P [%9] %4: ',
  '[%7][%4][%L][%X-%8:%3][%2][%F]: ',
  '[%4][%9]%8.%3 [%1]',
  '%4 [%9]%8.%3 [%1]',
] as const;

const CLOSE = 93;

type Step =
  | { readonly is: 'literal'; readonly byte: number }
  | { readonly is: 'blanks' }
  | { readonly is: 'time' }
  | { readonly is: 'optional-provider' }
  | { readonly is: 'number'; readonly field: '7' | '8' | '9' | '3' | 'P' | 'X' }
  | { readonly is: 'name'; readonly field: '1' | '2' | 'F' | 'L'; readonly stop: number; readonly blank: boolean };

/** One of these patterns, ready to be matched. */
class PatternPrefix extends WppPrefix {
  readonly #steps: readonly Step[];
  #at = 0;

  constructor(pattern: string, stamp: Stamp) {
    super(stamp, pattern.includes('%L'));
    this.#steps = stepsOf(pattern);
  }

  override match(bytes: Buffer, from: number, end: number): boolean {
    this.#at = from;
    const steps = this.#steps;
    for (let i = 0; i < steps.length; i++) if (!this.#step(steps[i], bytes, end)) return false;
    this.textFrom = this.#at;
    return true;
  }

  #step(step: Step, bytes: Buffer, end: number): boolean {
    switch (step.is) {
      case 'literal':
        if (bytes[this.#at] !== step.byte || this.#at >= end) return false;
        this.#at++;
        return true;
      case 'blanks':
        this.#at = skipBlanks(bytes, this.#at, end);
        return true;
      case 'time':
        this.#at = this.timeEnd(bytes, this.#at, end);
        return this.#at >= 0;
      case 'optional-provider':
        this.#at = this.providerStop(bytes, this.#at, end);
        return true;
      case 'number':
        return this.#number(step.field, bytes, end);
      case 'name':
        return this.#name(step.field, step.stop, step.blank, bytes, end);
    }
  }

  #number(field: '7' | '8' | '9' | '3' | 'P' | 'X', bytes: Buffer, end: number): boolean {
    const from = skipBlanks(bytes, this.#at, end);
    const isHex = field === '8' || field === '3' || field === 'X';
    let i = from;
    while (i < end && (isHex ? hexDigit(bytes[i]) >= 0 : isDigit(bytes[i]))) i++;
    if (i === from || i - from > 10) return false;
    this.#at = field === '7' ? padding(bytes, i, end) : i;
    if (field === '7') return true;
    const number = isHex ? hexAt(bytes, from, i) : decimalAt(bytes, from, i);
    // FFFFFFFF is no id: the message has none.
    const value = number < 0 || number > 0x7fffffff ? NULL_I32 : number;
    if (field === '8' || field === 'P') this.pid = value;
    else if (field === '3') this.tid = value;
    else this.cpu = value;
    return true;
  }

  #name(field: '1' | '2' | 'F' | 'L', close: number, blank: boolean, bytes: Buffer, end: number): boolean {
    const from = this.#at;
    const stop = Math.min(end, from + MAX_NAME);
    let i = from;
    while (i < stop && !(bytes[i] === close && (!blank || i + 1 >= end || isBlank(bytes[i + 1])))) i++;
    if (i === stop || i === from) return false;
    this.#at = i;
    if (field === '1') [this.providerFrom, this.providerEnd] = [from, i];
    else if (field === '2') [this.fileFrom, this.fileEnd] = [from, i];
    else if (field === 'F') [this.functionFrom, this.functionEnd] = [from, i];
    else [this.levelFrom, this.levelEnd] = [from, i];
    return true;
  }
}

/** `[12      ]`: numbers may be padded behind, within brackets. */
function padding(bytes: Buffer, at: number, end: number): number {
  const next = skipBlanks(bytes, at, end);
  return bytes[next] === CLOSE ? next : at;
}

function stepsOf(pattern: string): Step[] {
  const steps: Step[] = [];
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i];
    if (pattern.slice(i) === '[%1]') {
      steps.push({ is: 'optional-provider' });
      break;
    }
    if (c === ' ') steps.push({ is: 'blanks' });
    else if (c !== '%') steps.push({ is: 'literal', byte: c.charCodeAt(0) });
    else steps.push(fieldStep(pattern[++i], pattern.slice(i + 1)));
  }
  return steps;
}

function fieldStep(field: string, rest: string): Step {
  if (field === '4') return { is: 'time' };
  if (field === '1' || field === '2' || field === 'F' || field === 'L') {
    return { is: 'name', field, stop: rest.charCodeAt(0), blank: rest[1] === ' ' || rest.length === 1 };
  }
  return { is: 'number', field: field as '7' | '8' | '9' | '3' | 'P' | 'X' };
}

/** All of them, on one stamp. */
export const patternPrefixes = (stamp: Stamp): WppPrefix[] =>
  PATTERNS.map((pattern) => new PatternPrefix(pattern, stamp));
