/** Queued DPCs: `!dpcs` and `!dpcwatchdog` print the same ones. */
import { dumpDpc } from '../../tables/dump-system.js';
import type { DumpRows, Placed } from './rows.js';

export type DpcRow = Placed<typeof dumpDpc>;

/** Each DPC object once, as printed last; those without an address as they come. */
export function queuedDpcs(rows: DumpRows): DpcRow[] {
  const known = new Map<string | DpcRow, DpcRow>();
  for (const row of rows.of(dumpDpc)) {
    const key = row.kdpc === null ? row : `${row.at.source} ${row.kdpc}`;
    const before = known.get(key);
    known.set(key, {
      ...row,
      cpu: row.cpu ?? before?.cpu ?? null,
      type: row.type ?? before?.type ?? null,
      routine: row.routine ?? before?.routine ?? null,
    });
  }
  return [...known.values()];
}
