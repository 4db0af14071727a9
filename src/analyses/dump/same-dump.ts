/** Several logs are put together only where they can be of one dump: the time of the session, or the tick count, tells. */
import type { Finish } from '../../core/analysis.js';
import { dumpThread } from '../../tables/dump-thread.js';
import type { DumpRows } from './rows.js';
import { clockOf } from './ticks.js';

/** The session's time is printed to the ms, and cut in some places. */
const SAME_MS = 1000;

interface Moment {
  readonly source: number;
  readonly nowTicks: number | null;
  readonly sessionMs: number | null;
}

export function leaveOutOtherDumps(rows: DumpRows, context: Finish): void {
  if (context.sources.length < 2) return;
  const threads = rows.of(dumpThread);
  const moments = context.sources.map((source, i): Moment => {
    const start = source.about.clock.startUtc;
    return {
      source: i,
      nowTicks: clockOf(threads.filter((row) => row.at.source === i)).nowTicks,
      sessionMs: start === null ? null : Date.parse(start),
    };
  });
  const kept: Moment[] = [];
  for (const moment of moments) {
    if (kept.every((other) => isSame(other, moment))) {
      kept.push(moment);
      continue;
    }
    rows.without(moment.source);
    context.diagnostics.add(
      'other-dump',
      'data-loss',
      'this log is of another dump than the first one (another session time or tick count): nothing of it counts. Give logs of one dump at a time',
      { source: context.sources[moment.source].id },
    );
  }
}

function isSame(a: Moment, b: Moment): boolean {
  if (a.nowTicks !== null && b.nowTicks !== null) return a.nowTicks === b.nowTicks;
  if (a.sessionMs !== null && b.sessionMs !== null) return Math.abs(a.sessionMs - b.sessionMs) <= SAME_MS;
  return true;
}
