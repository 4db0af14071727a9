/** What a row's figures are worth: the kernel counts allocations and frees in 32 bits each, and both wrap. */
import type { PoolRow } from './columns.js';

const WRAP = 2 ** 32;
/** More blocks than can be in use: a difference above is a negative one. */
const MAX_BLOCKS = 2 ** 31;

export interface Counts {
  readonly allocs: number | null;
  readonly frees: number | null;
  readonly outstanding: number | null;
  readonly bytes: number | null;
  /** A figure was negative or has wrapped. */
  readonly wrapped: boolean;
  /** Diff is neither Allocs - Frees nor that with Allocs wrapped. */
  readonly mismatch: boolean;
}

export function countsOf({ figures }: PoolRow): Counts {
  const allocs = whole(figures.allocs);
  const frees = whole(figures.frees);
  const bytes = whole(figures.bytes);
  const expected = allocs === null || frees === null ? null : allocs - frees;
  const told = figures.diff ?? expected ?? undefined;
  const diff = whole(told);
  const outstanding = diff !== null && diff >= MAX_BLOCKS ? null : diff;
  const printed = [figures.allocs, figures.frees, figures.diff, figures.bytes].filter((n) => n !== undefined);
  const wrapped = (told !== undefined && outstanding === null) || printed.some((n) => whole(n) === null);
  const counts = { allocs, frees, outstanding, bytes, wrapped, mismatch: false };
  if (outstanding === null || expected === null || expected === outstanding) return counts;
  // Allocs began again at 0 and Frees has not: their difference is right, Allocs alone is not.
  if (expected + WRAP === outstanding) return { ...counts, allocs: null, wrapped: true };
  // A block has at least one byte.
  const possible = bytes === null || outstanding <= bytes;
  return { ...counts, outstanding: possible ? outstanding : null, mismatch: true };
}

const whole = (n: number | undefined): number | null =>
  n === undefined || n < 0 || !Number.isSafeInteger(n) ? null : n;
