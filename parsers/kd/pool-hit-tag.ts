/**
 * `nt!PoolHitTag`: the kernel breaks into the debugger where a block with this tag is allocated or freed. Its value is the
 * tag's four bytes as a dword, lowest first; in quotes the debugger takes characters the other way round. See "Using the
 * kernel debugger to find a kernel-mode memory leak" in the documentation of the debugger.
 */
import type { Log } from './log.js';
import type { Typed } from './prompt.js';
import { hexNumber } from './values.js';

const VARIABLE = /\bpoolhittag\b/i;
// `nt!PoolHitTag 3261654c`, `nt!poolhittag 0x3261654c`
const AS_NUMBER = /\bpoolhittag\s+((?:0x)?[0-9a-f]{1,8})(?:\s|$)/i;
// `nt!PoolHitTag ' cbA'` for the tag `Abc `
const AS_TEXT = /\bpoolhittag\s+'([\x20-\x7e]{4})'/i;

/** True where a command is about the variable. */
export const isOfHitTag = (typed: Typed | null): boolean => typed !== null && VARIABLE.test(typed.args);

/** `ed nt!PoolHitTag 3261654c` sets it; `ffffff0f`, its value at start, stands for none. */
export function hitTagTyped(log: Log, typed: Typed): void {
  if (typed.name !== 'ed') return;
  const text = AS_TEXT.exec(typed.args)?.[1];
  const digits = AS_NUMBER.exec(typed.args)?.[1];
  if (text !== undefined) log.setHitTag(Buffer.from(text, 'latin1').readUInt32BE(0));
  else if (digits !== undefined) log.setHitTag(hexNumber(digits) ?? 0);
}
