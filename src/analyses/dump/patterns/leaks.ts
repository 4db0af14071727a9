/** Who holds far more than others: handles, pool, commit. */
import { poolCounter, poolTag } from '../../../tables/pool-snapshot.js';
import type { Case } from '../case.js';
import { hex } from '../frames.js';
import type { LeakSuspect } from '../result.js';
import { type DumpRows, evidenceOf, type Placed } from '../rows.js';
import { MANY_HANDLES } from './processes.js';

/** Share of a pool from which on a tag stands out. */
const SHARE = 0.3;
const LEAST_BYTES = 10 << 20;
const MAX = 20;

/** What is asked before a case stands. */
type Asked = Pick<Case, 'rows' | 'model' | 'context'>;

export const leakSuspectsOf = (all: Asked): LeakSuspect[] => [...handles(all), ...tags(all)];

function handles({ model, context }: Asked): LeakSuspect[] {
  return model.processes
    .filter(({ row }) => (row.handleCount ?? 0) >= MANY_HANDLES)
    .sort((a, b) => (b.row.handleCount ?? 0) - (a.row.handleCount ?? 0))
    .slice(0, MAX)
    .map(({ address, image, row, rows }) => ({
      kind: 'handles',
      subject: hex(address) ?? image ?? 'unknown',
      paged: null,
      process: image,
      count: row.handleCount ?? null,
      bytes: null,
      percent: null,
      evidence: evidenceOf(context, rows, 4),
    }));
}

/** Of the last snapshot of each tag; `tracekit pool` says more. */
function tags({ rows, context }: Asked): LeakSuspect[] {
  const latest = new Map<string, Placed<typeof poolTag>>();
  for (const row of rows.of(poolTag)) latest.set(`${row.tag} ${row.poolType} ${row.sessionId}`, row);
  const totals = totalsOf(rows);
  const most = new Map<string | null, number>();
  for (const { poolType, bytes } of latest.values()) most.set(poolType, Math.max(most.get(poolType) ?? 0, bytes ?? 0));
  return [...latest.values()]
    .map((row) => ({ row, bytes: row.bytes ?? 0, percent: percentOf(row, totals) }))
    .filter(({ bytes }) => bytes >= LEAST_BYTES)
    .filter(({ row, bytes, percent }) => (percent === null ? bytes === most.get(row.poolType) : percent >= SHARE * 100))
    .sort((a, b) => b.bytes - a.bytes)
    .slice(0, MAX)
    .map(({ row, percent }) => ({
      kind: 'pool-tag',
      subject: row.tag ?? '',
      paged: row.poolType === null ? null : /^Paged/i.test(row.poolType),
      process: null,
      count: row.outstanding,
      bytes: row.bytes,
      percent,
      evidence: evidenceOf(context, [row]),
    }));
}

/** What all tags hold, as `!poolused` itself sums up: by snapshot, since a log may hold several. */
function totalsOf(rows: DumpRows): Map<string, number> {
  const totals = new Map<string, number>();
  for (const { name, value, sessionId, snapshot, at } of rows.of(poolCounter)) {
    const poolType = TOTALS.get(name ?? '');
    if (poolType === undefined || sessionId !== null || value === null) continue;
    totals.set(`${at.source} ${snapshot} ${poolType}`, value);
  }
  return totals;
}

const TOTALS: ReadonlyMap<string, string> = new Map([
  ['poolused NonPaged Used', 'NonPagedPool'],
  ['poolused Paged Used', 'PagedPool'],
]);

/** Null where the log prints no sum: the tags that are left of a listing are no whole. */
function percentOf({ poolType, snapshot, bytes, at }: Placed<typeof poolTag>, totals: ReadonlyMap<string, number>) {
  const total = totals.get(`${at.source} ${snapshot} ${poolType}`);
  return !total || bytes === null || bytes > total ? null : (100 * bytes) / total;
}
