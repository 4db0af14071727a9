/** Counts: as statements of the log, and of lines whose rows are written later. */
import type { Taken } from './command.js';
import { writeFact } from './facts.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';

/** A statement whose value is a decimal number as printed. */
export const countFact = (log: Log, subject: string, name: string, digits: string, line: KdLine): Taken =>
  writeFact(log, { subject, name, value: digits, number: Number(digits) }, line);

/** `0x…` in lower case, as subjects name an address. */
export const hex = (address: bigint): string => `0x${address.toString(16)}`;

/** Counts lines that were held until it was known whether they feed a row. */
export function countHeld({ out: { account } }: Log, lines: number, taken: Taken): void {
  if (taken === 'row') account.rows += lines;
  else account.ignored += lines;
}
