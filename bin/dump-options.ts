/** Options of `dump` alone: which process, which thread, how long a wait. */
import { InvalidArgumentError } from 'commander';
import { parseDurationUs } from '../src/core/duration.js';
import { EXIT, TracekitError } from '../src/core/error.js';
import { parseFilter } from '../src/core/filter.js';
import type { DumpOptions } from '../src/index.js';

/** Addresses of kernel objects: what is below is a PID in hex, as `!process` and `Cid` print it. */
const FIRST_ADDRESS = 0x80000000n;

/** `0x89cd9c10`, ``fffffa80`0cd8a040``, `89cd9c10`: as the contract writes it. Null where the text is none. */
function addressOf(text: string): string | null {
  const match = /^(0x)?([0-9a-f]{1,8})(?:`([0-9a-f]{8})|([0-9a-f]{8}))?$/i.exec(text.trim());
  if (match === null) return null;
  const [, prefix, high, behind, low] = match;
  const digits = `${high}${behind ?? low ?? ''}`;
  // Without prefix or backtick only what is as long as an address: `4` and `1380` are something else.
  if (prefix === undefined && behind === undefined && digits.length !== 8 && digits.length !== 16) return null;
  const value = BigInt(`0x${digits}`);
  return value === 0n ? null : `0x${value.toString(16)}`;
}

/** Threads by address, as any output prints it, or by the id that the answer gives those without: `tid:163`, `thread:4`. */
export function threadsOption(text: string): Set<string> {
  const ids = text.split(',').map((part) => {
    const id = /^\s*(?:tid|thread):\d{1,10}\s*$/i.test(part) ? part.trim().toLowerCase() : addressOf(part);
    if (id !== null) return id;
    throw new InvalidArgumentError("Not a thread's address. Examples: 0x89cd9c10  fffffa80`0cd8a040  tid:163");
  });
  return new Set(ids);
}

/** `--process`: images with wildcards, or addresses, or PIDs; `;` between alternatives of one kind. */
export function processFilter(text: string): Pick<DumpOptions, 'process' | 'processAddresses' | 'pids'> {
  const none = { process: null, processAddresses: null, pids: null };
  const parts = text.split(';').filter((part) => part.trim() !== '');
  const numbers = parts.map(numberOf);
  if (numbers.every((number) => number === null)) return { ...none, process: parseFilter(text) };
  const known = numbers.filter((number) => number !== null);
  if (known.length === parts.length) {
    if (known.every((number) => number >= FIRST_ADDRESS)) {
      return { ...none, processAddresses: new Set(known.map((number) => `0x${number.toString(16)}`)) };
    }
    if (known.every((number) => number < FIRST_ADDRESS)) return { ...none, pids: new Set(known.map(Number)) };
  }
  throw new TracekitError('--process takes images, addresses or PIDs, not several kinds at once.', EXIT.usage);
}

/** `4`, `0x3a8`, `0x8a201020`; null of an image. */
function numberOf(part: string): bigint | null {
  if (/^\s*\d{1,7}\s*$/.test(part)) return BigInt(part.trim());
  const address = addressOf(part);
  return address === null ? null : BigInt(address);
}

/** `10s`, `5min`, and `5:34:28.281` as the debugger prints a wait: ms. */
export function waitOption(text: string): number {
  const match = /^(?:(\d{1,4})[:d]\s*)?(\d{1,4}):([0-5]\d):([0-5]\d)(\.\d{1,3})?$/.exec(text.trim());
  if (match !== null) {
    const [, days = '0', hours, minutes, seconds, rest = '0'] = match;
    const all = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
    return Math.round((all + Number(rest)) * 1000);
  }
  const us = parseDurationUs(text);
  if (us !== null) return us / 1000;
  throw new InvalidArgumentError('Not a time. Examples: 10s  5min  1h  5:34:28.281');
}
