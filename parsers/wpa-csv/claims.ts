/** Whose a file is: a DPC/ISR table, another table of WPA, or none. */

import { CLAIMED, type Claim, NOT_MINE, type Prefix, refuse } from '../../src/core/parser.js';
import { printable } from '../../src/core/text.js';
import { TIME_UNIT } from '../wpa/columns.js';
import { firstCells } from '../wpa/headers.js';
import { columnOf } from './columns.js';
import { findHeader, NEEDED } from './headers.js';

/** Columns by which other WPA tables are known, to say what a file is instead. */
const OTHER_TABLES: readonly (readonly [RegExp, string])[] = [
  [/^(Disk Service Time|QD\/I|IO Time)\b/i, 'Disk Usage'],
  [/^(New Thread Id|Ready \(|Waits \(|CPU Usage \(in view\))/i, 'CPU Usage (Precise)'],
  [/^(Weight \(in view\)|Weight$)/i, 'CPU Usage (Sampled)'],
  [/^(Provider Name|Provider Id)$/i, 'Generic Events'],
  [/^(Commit Type|Impacting Size)/i, 'VirtualAlloc Commit'],
];

export function sniff(prefix: Prefix): Claim {
  if (prefix.encoding === 'binary') return NOT_MINE;
  const found = findHeader(prefix.lines);
  if (found !== null && found.header.mode !== null) return CLAIMED;
  if (found !== null || headerLooksTranslated(prefix.lines)) return refuse(refusalOf(prefix.lines));
  const table = otherTable(prefix.lines);
  return table === null ? NOT_MINE : refuse(`is a WPA export of the ${table} table, not DPC/ISR; ${NEEDED}.`);
}

/** `DPC/ISR` in at least one cell of a first line that ends its cells in units: WPA in a language not known here. */
function headerLooksTranslated(lines: readonly string[]): boolean {
  const cells = firstCells(lines);
  return (
    cells.length >= 3 && cells.some((cell) => /\bDPCs?\/ISRs?\b/i.test(cell)) && cells.some((c) => TIME_UNIT.test(c))
  );
}

function refusalOf(lines: readonly string[]): string {
  const cells = firstCells(lines);
  const unknown = cells.filter((cell) => columnOf(cell).id === null).map((cell) => `"${printable(cell, 60)}"`);
  const known = cells.filter((cell) => columnOf(cell).id !== null).map((cell) => `"${printable(cell, 60)}"`);
  const why =
    unknown.length > 0 ? `headers not known: ${unknown.slice(0, 12).join(', ')}` : `it has ${known.join(', ')}`;
  return `looks like a WPA DPC/ISR table whose columns do not suffice (${why}); ${NEEDED}.`;
}

function otherTable(lines: readonly string[]): string | null {
  const cells = firstCells(lines);
  if (cells.length < 3 || !cells.some((cell) => /\((s|ms|us|ns|B|[^\x20-\x7e]{1,3}s?)\)\s*$/i.test(cell))) return null;
  return OTHER_TABLES.find(([pattern]) => cells.some((cell) => pattern.test(cell)))?.[1] ?? null;
}
