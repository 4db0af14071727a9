/** Statements about the system that have no table of their own: rows of `dump_fact`. */
import { parseAddress } from '../../src/core/symbol.js';
import { dumpFact } from '../../src/tables/dump-system.js';
import type { Taken } from './command.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';

const MAX_VALUE = 500;

/** One statement: what is said of what. */
export interface Fact {
  readonly subject: string;
  readonly name: string;
  readonly value: string;
  readonly number?: number | null;
}

/** Writes a statement; nothing where it says nothing. */
export function writeFact(log: Log, { subject, name, value, number = null }: Fact, line: KdLine): Taken {
  const text = value.trim().slice(0, MAX_VALUE);
  return text === '' ? 'ignored' : log.row(dumpFact, { subject, name, value: text, number }, line);
}

/** The number that hex digits are; null for what is none, and for what no number holds exactly. */
export function exactNumber(value: bigint | null): number | null {
  return value === null || value > BigInt(Number.MAX_SAFE_INTEGER) ? null : Number(value);
}

/** Writes a number printed in hex: `00000133` becomes `0x133`. */
export function writeHex(log: Log, subject: string, name: string, digits: string, line: KdLine): Taken {
  const value = parseAddress(digits);
  if (value === null) return 'ignored';
  return writeFact(log, { subject, name, value: `0x${value.toString(16)}`, number: exactNumber(value) }, line);
}
