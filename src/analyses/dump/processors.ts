/** Processors as `!running`, `!pcr` and `!prcb` show them. */

/** The idle thread of a processor lies in the same block of memory as its PRCB (seen on x86 and IA-64), but for the first one. */
const BESIDE = 0x10000n;

/** Whether a processor runs its idle thread; null where the log does not say. */
export function isIdleOn(current: bigint | null, idle: bigint | null, prcb: bigint | null): boolean | null {
  if (current === null) return null;
  if (idle !== null) return current === idle;
  if (prcb !== null && current > prcb && current - prcb < BESIDE) return true;
  return null;
}
