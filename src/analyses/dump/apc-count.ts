/**
 * How often a thread has disabled APCs and not enabled them again. Each entry into a critical region takes 1 off, each exit adds
 * 1; the upper half of 32 bits counts guarded regions (special APCs) in the same way. At rest all is 0.
 * https://learn.microsoft.com/windows-hardware/drivers/debugger/bug-check-0x1--apc-index-mismatch
 */
import type { DumpBugcheck } from './result.js';

export interface ApcCount {
  readonly critical: number;
  readonly guarded: number;
}

/** Of a parameter as printed; addresses are 64 bits wide, the count is not. */
export function apcCountOf(text: string | null): ApcCount | null {
  if (text === null || !/^0x[0-9a-f]{1,16}$/i.test(text)) return null;
  const low = Number(BigInt(text) & 0xffff_ffffn);
  const signed = (half: number): number => (half >= 0x8000 ? half - 0x10000 : half);
  const count = { critical: signed(low % 0x10000), guarded: signed(Math.floor(low / 0x10000)) };
  // Before Server 2003 all 32 bits are one count.
  return count.guarded === -1 && count.critical < 0 ? { ...count, guarded: 0 } : count;
}

/** Driver Verifier: a dispatch routine, a fast I/O routine or a completion routine changed the count. */
const CHANGED = new Set([0xc5, 0xc6, 0xfb]);
/** Driver Verifier: a critical region was left that had not been entered. */
const LEFT = 0x3e;

/** What a bugcheck says of the balance, by what it is off; null where it says nothing of it. */
export function balanceOf({ code, parameters }: DumpBugcheck): ApcCount | null {
  const [first, second, third, fourth] = parameters;
  if (code === '0x20') return apcCountOf(second);
  if (code === '0x1') return apcCountOf(third);
  if (code !== '0xc4' || first === null) return null;
  if (Number(first) === LEFT) return { critical: 1, guarded: 0 };
  const [now, before] = [apcCountOf(third), apcCountOf(fourth)];
  if (!CHANGED.has(Number(first)) || now === null || before === null) return null;
  return { critical: now.critical - before.critical, guarded: now.guarded - before.guarded };
}

const regions = (count: number, what: string): string =>
  count === 0
    ? ''
    : `${Math.abs(count)} ${what} region${Math.abs(count) === 1 ? '' : 's'} ${count < 0 ? 'entered and not left' : 'left and not entered'}`;

/** `1 critical region entered and not left`; null where nothing is off. */
export function imbalanceText({ critical, guarded }: ApcCount): string | null {
  const parts = [regions(critical, 'critical'), regions(guarded, 'guarded')].filter((text) => text !== '');
  return parts.length === 0 ? null : parts.join(', ');
}
