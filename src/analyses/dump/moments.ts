/**
 * A debugger that lets its target run shows several moments in one log: who owned a lock then and who waits for it now make no edge.
 * Of each log the moment of which it shows most counts, the later one where two show as much. Which id a thread of a user-mode
 * debugger has stays true.
 */
import type { Finish } from '../../core/analysis.js';
import type { TableDef } from '../../core/schema.js';
import { dumpLock, dumpMessage } from '../../tables/dump-lock.js';
import { dumpFact, dumpProcessor } from '../../tables/dump-system.js';
import { dumpThread } from '../../tables/dump-thread.js';
import type { Cited, DumpRows, Placed } from './rows.js';

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
    const isKept = (row: Cited): boolean => row.at.source !== source || momentOf(row) === kept;
    const handles = rows.of(dumpFact).filter((row) => isOfHandle(row) && !isKept(row));
    const left = counts.reduce((sum, count) => sum + count, handles.length) - most;
    if (left === 0) continue;
    const ids = rows.of(dumpThread).filter((row) => !isKept(row) && row.number !== null && row.tid !== null);
    for (const table of OF_MOMENT) rows.keep(table, isKept);
    const gone = new Set<Cited>(handles);
    rows.keep(dumpFact, (row) => !gone.has(row));
    rows.put(dumpThread, ids.map(identity));
    const from = kept === 0 ? 'the beginning' : `line ${ends[kept - 1]}`;
    context.diagnostics.add(
      'several-moments',
      'warning',
      `the target ran between outputs of this log: threads, locks, messages and handles of one moment count, from ${from} ${kept < ends.length ? `to line ${ends[kept]}` : 'on'}; ${left} rows of other moments do not`,
      { source: context.sources[source].id, line: ends[0] },
    );
  }
}

/** Handles are used again for something else. */
const isOfHandle = ({ subject }: Placed<typeof dumpFact>): boolean => subject?.startsWith('handle ') ?? false;

const OF_IDENTITY = new Set(['at', 'line', 'byte', 'sighting', 'number', 'pid', 'tid', 'teb']);

/** Who a thread is, without how it waits. */
function identity(row: Placed<typeof dumpThread>): Placed<typeof dumpThread> {
  const known: Record<string, unknown> = { ...row };
  for (const name of Object.keys(known)) if (!OF_IDENTITY.has(name)) known[name] = null;
  return known as typeof row;
}
