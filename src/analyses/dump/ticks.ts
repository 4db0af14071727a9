/**
 * One clock for a dump: Wait Start TickCount + Ticks is the same number, "now", for every thread. It tells whether a log is of
 * one moment, fills in what is not printed, and puts all waits on one line.
 */
import type { dumpThread } from '../../tables/dump-thread.js';
import type { Placed } from './rows.js';

type ThreadRow = Placed<typeof dumpThread>;

/** Increments of the clock that Windows uses, ms a tick. */
const KNOWN_TICKS = [15.625, 15.6001, 15.6, 10.0144, 10, 15.6250001, 1];
const WRAP = 2 ** 32;

export interface DumpClock {
  /** Null where no thread tells. */
  readonly nowTicks: number | null;
  readonly tickMs: number | null;
  /** Every "now" of the log with the number of threads that say so, most first. */
  readonly nows: readonly { readonly ticks: number; readonly count: number; readonly row: ThreadRow }[];
  /** True where `b` was taken at a later moment than `a`. */
  isLater(a: ThreadRow, b: ThreadRow): boolean;
}

/** The clock that rows of threads tell. */
export function clockOf(rows: readonly ThreadRow[]): DumpClock {
  const nows = new Map<number, { ticks: number; count: number; row: ThreadRow }>();
  for (const row of rows) {
    const ticks = nowOf(row);
    if (ticks === null) continue;
    const known = nows.get(ticks);
    if (known === undefined) nows.set(ticks, { ticks, count: 1, row });
    else known.count++;
  }
  const list = [...nows.values()].sort((a, b) => b.count - a.count || b.ticks - a.ticks);
  return {
    nowTicks: list[0]?.ticks ?? null,
    tickMs: tickOf(rows),
    nows: list,
    isLater: (a, b) => (nowOf(b) ?? 0) > (nowOf(a) ?? Number.POSITIVE_INFINITY),
  };
}

/** Tick count at which a row was printed; 32-bit counts wrap. Null where the row does not tell. */
export function nowOf({ waitStartTicks, waitTicks }: ThreadRow): number | null {
  return waitStartTicks === null || waitTicks === null ? null : (waitStartTicks + waitTicks) % WRAP;
}

/** Length of a tick, from the longest wait that is printed both ways: the time is cut to whole ms. */
function tickOf(rows: readonly ThreadRow[]): number | null {
  let longest: ThreadRow | null = null;
  for (const row of rows) {
    if (!row.waitTicks || !row.waitMs) continue;
    if (longest === null || row.waitTicks > (longest.waitTicks ?? 0)) longest = row;
  }
  if (longest === null) return null;
  const ticks = longest.waitTicks ?? 1;
  const [least, most] = [(longest.waitMs ?? 0) / ticks, ((longest.waitMs ?? 0) + 1) / ticks];
  const known = KNOWN_TICKS.find((ms) => ms >= least - 1e-9 && ms < most);
  return known ?? Number(((least + most) / 2).toPrecision(6));
}

export interface Wait {
  waitStartTicks: number | null;
  waitTicks: number | null;
  waitMs: number | null;
  beganAfterNow: boolean;
}

/** When a thread began to wait, by its sightings in the order of their weight, the last one first. */
export function waitOf(sightings: readonly ThreadRow[], clock: DumpClock): Wait {
  const { nowTicks, tickMs } = clock;
  // A sighting that says something of the wait; rows of other commands say nothing.
  const row = sightings.findLast((one) => one.waitStartTicks !== null || one.waitTicks !== null || one.waitMs !== null);
  const after = sightings.findLast((one) => one.beganAfterNow === 1);
  if (row === undefined) {
    return { waitStartTicks: null, waitTicks: null, waitMs: null, beganAfterNow: after !== undefined };
  }
  const start = row.waitStartTicks;
  // Without a Ticks: field the wait began behind the time of the dump: how long it is, nobody knows.
  if (row.beganAfterNow === 1) return { waitStartTicks: start, waitTicks: null, waitMs: null, beganAfterNow: true };
  const ticks = row.waitTicks ?? ticksSince(start, nowTicks);
  const ms = row.waitMs ?? (ticks === 0 ? 0 : ticks !== null && tickMs !== null ? ticks * tickMs : null);
  const began = start ?? (ticks !== null && nowTicks !== null ? nowTicks - ticks : null);
  return { waitStartTicks: began, waitTicks: ticks, waitMs: ms, beganAfterNow: false };
}

const ticksSince = (start: number | null, now: number | null): number | null =>
  start === null || now === null || start > now ? null : now - start;
