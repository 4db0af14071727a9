/**
 * A debugger that lets its target run shows several moments in one log: who owned a lock then and who waits for it now make no edge.
 * Of each log the moment of which it shows most counts, the later one where two show as much.
 */
import type { Finish } from '../../core/analysis.js';
import type { TableDef } from '../../core/schema.js';
import { dumpLock, dumpMessage } from '../../tables/dump-lock.js';
import { dumpFact, dumpProcessor } from '../../tables/dump-system.js';
import { dumpThread } from '../../tables/dump-thread.js';
import type { Cited, DumpRows } from './rows.js';

/** What must be of one moment. */
const OF_MOMENT: readonly TableDef[] = [dumpThread, dumpLock, dumpMessage, dumpProcessor];

export function keepOneMoment(rows: DumpRows, context: Finish): void {
  for (const source of context.sources.keys()) {
    const ends = rows
      .of(dumpFact)
      .filter(({ subject, at }) => subject === 'target' && at.source === source)
      .map(({ line }) => line ?? 0);
    if (ends.length === 0) continue;
    const momentOf = ({ at }: Cited): number => ends.filter((end) => end < (at.cite.line ?? 0)).length;
    const counts = new Array<number>(ends.length + 1).fill(0);
    for (const table of OF_MOMENT) {
      for (const row of rows.of(table)) if (row.at.source === source) counts[momentOf(row)]++;
    }
    const most = Math.max(...counts);
    const kept = counts.lastIndexOf(most);
    const left = counts.reduce((sum, count) => sum + count, 0) - most;
    if (left === 0) continue;
    for (const table of OF_MOMENT) rows.keep(table, (row) => row.at.source !== source || momentOf(row) === kept);
    const from = kept === 0 ? 'the beginning' : `line ${ends[kept - 1]}`;
    context.diagnostics.add(
      'several-moments',
      'warning',
      `the target ran between outputs of this log: threads, locks and messages of one moment count, from ${from} ${kept < ends.length ? `to line ${ends[kept]}` : 'on'}; ${left} rows of other moments do not`,
      { source: context.sources[source].id, line: ends[0] },
    );
  }
}
