/**
 * tracefmt's own prefix, with or without the processor: nearly all files have this one, and gigabytes of it.
 *
 *     [1]0EF8.0CF0::04/24/2020-09:43:36.894 [cx]DriverEntry: Enter
 *     0EF8.0CF0::04/24/2020-09:43:36.894 [cx]DriverEntry: Enter
 */
import { NULL_I32 } from '../../src/core/schema.js';
import { hexDigit, skipBlanks } from './bytes.js';
import type { Stamp } from './stamp.js';
import { WppPrefix } from './wpp-fields.js';

const OPEN = 91;
const CLOSE = 93;
const POINT = 46;
const COLON = 58;
const MAX_HEX = 8;

export class DefaultPrefix extends WppPrefix {
  /** Behind the number that was read last; -1 where there was none. */
  #at = 0;

  constructor(stamp: Stamp) {
    super(stamp, false);
  }

  override match(bytes: Buffer, from: number, end: number): boolean {
    this.#at = from;
    this.cpu = NULL_I32;
    if (bytes[from] === OPEN && !this.#processor(bytes, from + 1, end)) return false;
    this.pid = this.#hex(bytes, this.#at, end);
    if (this.#at < 0 || bytes[this.#at] !== POINT) return false;
    this.tid = this.#hex(bytes, this.#at + 1, end);
    const at = this.#at;
    if (at < 0 || bytes[at] !== COLON || bytes[at + 1] !== COLON) return false;
    const timeEnd = this.timeEnd(bytes, at + 2, end);
    if (timeEnd < 0) return false;
    this.textFrom = this.providerStop(bytes, skipBlanks(bytes, timeEnd, end), end);
    return true;
  }

  #processor(bytes: Buffer, from: number, end: number): boolean {
    let i = from;
    let cpu = 0;
    for (; i < end && i - from < 5; i++) {
      const digit = bytes[i] - 48;
      if (digit < 0 || digit > 9) break;
      cpu = cpu * 10 + digit;
    }
    if (i === from || bytes[i] !== CLOSE) return false;
    this.cpu = cpu;
    this.#at = skipBlanks(bytes, i + 1, end);
    return true;
  }

  /** A number in hex; null where it is no id: FFFFFFFF stands for none. */
  #hex(bytes: Buffer, from: number, end: number): number {
    let i = from;
    let value = 0;
    for (; i < end; i++) {
      const digit = hexDigit(bytes[i]);
      if (digit < 0) break;
      value = value * 16 + digit;
    }
    this.#at = i === from || i - from > MAX_HEX ? -1 : i;
    return value > 0x7fffffff ? NULL_I32 : value;
  }
}
