/** File system filters: of several outputs that list them one counts. */
import { dumpFilter } from '../../tables/dump-system.js';
import type { DumpRows, Placed } from './rows.js';

/** `fltmc` lists legacy filters too; volumes name instances only. */
const BEST = ['all', 'minifilters', 'instances'];

/** The filters of one output, from the top: of those that list most kinds the last one. */
export function filtersOf(rows: DumpRows): Placed<typeof dumpFilter>[] {
  const all = rows.of(dumpFilter);
  const list = BEST.find((kind) => all.some((row) => row.list === kind));
  const last = all.findLast((row) => row.list === list);
  return all.filter(({ list, run, at }) => list === last?.list && run === last?.run && at.source === last?.at.source);
}
