/** Who holds far more than others: handles, pool, commit. */
import { poolTag } from '../../../tables/pool-snapshot.js';
import type { Case } from '../case.js';
import { hex } from '../frames.js';
import type { LeakSuspect } from '../result.js';
import { evidenceOf } from '../rows.js';
import { MANY_HANDLES } from './processes.js';

/** Share of a pool from which on a tag stands out. */
const SHARE = 0.3;
const LEAST_BYTES = 10 << 20;
const MAX = 20;

export const leakSuspectsOf = (all: Case): LeakSuspect[] => [...handles(all), ...tags(all)];

function handles({ model, context }: Case): LeakSuspect[] {
  return model.processes
    .filter(({ row }) => (row.handleCount ?? 0) >= MANY_HANDLES)
    .sort((a, b) => (b.row.handleCount ?? 0) - (a.row.handleCount ?? 0))
    .slice(0, MAX)
    .map(({ address, image, row, rows }) => ({
      kind: 'handles',
      subject: hex(address) ?? image ?? 'unknown',
      process: image,
      count: row.handleCount ?? null,
      bytes: null,
      percent: null,
      evidence: evidenceOf(context, rows, 4),
    }));
}

/** Of the last snapshot of each tag; `tracekit pool` says more. */
function tags({ rows, context }: Case): LeakSuspect[] {
  const latest = new Map<string, (typeof all)[number]>();
  const all = rows.of(poolTag);
  for (const row of all) latest.set(`${row.tag} ${row.poolType}`, row);
  const totals = new Map<string, number>();
  for (const { poolType, bytes } of latest.values())
    totals.set(poolType ?? '', (totals.get(poolType ?? '') ?? 0) + (bytes ?? 0));
  return [...latest.values()]
    .map((row) => ({ row, percent: (100 * (row.bytes ?? 0)) / Math.max(1, totals.get(row.poolType ?? '') ?? 1) }))
    .filter(({ row, percent }) => percent >= SHARE * 100 && (row.bytes ?? 0) >= LEAST_BYTES)
    .sort((a, b) => (b.row.bytes ?? 0) - (a.row.bytes ?? 0))
    .slice(0, MAX)
    .map(({ row, percent }) => ({
      kind: 'pool-tag',
      subject: row.tag ?? '',
      process: null,
      count: row.outstanding,
      bytes: row.bytes,
      percent,
      evidence: evidenceOf(context, [row]),
    }));
}
