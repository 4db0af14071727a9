/**
 * A start that is printed as local time, without zone or day: every zone and day that puts the trace between boot and dump is possible.
 * One is taken, and how far the others are away is the error bound.
 */

export interface LocalStart {
  /** The printed time counted as if it were UTC; of a time of day that of 1970-01-01. */
  readonly localMs: number;
  readonly hasDay: boolean;
  readonly spanMs: number;
  /** Zone that the user or the other side names, minutes east of UTC; null where nobody does. */
  readonly zoneMinutes: number | null;
  readonly isZoneSure: boolean;
}

/** A thread that said something before it began to wait: its last message, and when its wait began. */
export interface Silence {
  readonly lastMs: number;
  readonly beganMs: number;
}

export interface ChosenStart {
  /** Threads whose silence begins with their wait only if this is the start; 0 where that did not decide. */
  readonly silences: number;
  /** True where they decide against a zone that is named and possible. */
  readonly isAgainstNamed: boolean;
  readonly ms: number;
  readonly zoneMinutes: number;
  /** Zones and days that are possible, the chosen one among them; 0 where none is. */
  readonly possible: number;
  /** The farthest of them. */
  readonly spreadMs: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** All zones that there are lie between these, at whole quarters of an hour. */
const FIRST_ZONE = -12 * 60;
const LAST_ZONE = 14 * 60;
const STEP = 15;
/** Where nobody knows how long the machine was up. */
const MOST_DAYS = 14;
const SLACK_MS = 2000;

/** A thread does something between its last message and its wait. */
const SILENCE_MS = 5000;
const LEAST_SILENCES = 2;

/**
 * The start that is taken. `silences`: last messages (ms from the start of the trace) and waits (ms since 1970) of threads that both sides
 * know; where two or more of them agree on one zone and day, and on no other, that is it.
 */
export function likeliestStart(
  start: LocalStart,
  dumpMs: number,
  uptimeMs: number | null,
  silences: readonly Silence[] = [],
): ChosenStart {
  const bootMs = dumpMs - Math.min(uptimeMs ?? Number.POSITIVE_INFINITY, MOST_DAYS * DAY_MS);
  const all = candidates(start, dumpMs);
  const possible = all.filter(({ ms }) => ms >= bootMs - SLACK_MS && ms + start.spanMs <= dumpMs + SLACK_MS);
  const list = possible.length > 0 ? possible : all;
  const agreed = bySilences(possible, silences);
  const isNamed = ({ zoneMinutes }: { zoneMinutes: number }): boolean => zoneMinutes === start.zoneMinutes;
  const named = list.filter(isNamed);
  if (agreed !== null) {
    const isAgainstNamed = possible.some(isNamed) && !isNamed(agreed);
    return { ...agreed, isAgainstNamed, possible: 1, spreadMs: 0 };
  }
  // Of several days, and where no zone is named, the last that is before the dump: traces are saved when the trouble is seen.
  const pool = named.length > 0 ? named : list;
  const before = pool.filter(({ ms }) => ms + start.spanMs <= dumpMs + SLACK_MS);
  const chosen = (before.length > 0 ? before : pool).reduce((a, b) => (b.ms > a.ms ? b : a));
  return {
    ...chosen,
    silences: 0,
    isAgainstNamed: false,
    possible: possible.length,
    spreadMs: list.reduce((most, { ms }) => Math.max(most, Math.abs(ms - chosen.ms)), 0),
  };
}

function bySilences<C extends { readonly ms: number }>(
  possible: readonly C[],
  silences: readonly Silence[],
): (C & { readonly silences: number }) | null {
  const counted = possible
    .map((one) => {
      const fitting = silences.filter(({ lastMs, beganMs }) => {
        const apart = beganMs - (one.ms + lastMs);
        return apart >= -1000 && apart <= SILENCE_MS;
      });
      return { ...one, silences: fitting.length };
    })
    .sort((a, b) => b.silences - a.silences);
  const [first, second] = counted;
  if (first === undefined || first.silences < LEAST_SILENCES) return null;
  // Another that fits nearly as many leaves it open.
  return (second?.silences ?? 0) * 2 > first.silences ? null : first;
}

function candidates(
  { localMs, hasDay, zoneMinutes, isZoneSure }: LocalStart,
  dumpMs: number,
): { readonly ms: number; readonly zoneMinutes: number }[] {
  const zones: number[] = [];
  if (isZoneSure && zoneMinutes !== null) zones.push(zoneMinutes);
  else for (let zone = FIRST_ZONE; zone <= LAST_ZONE; zone += STEP) zones.push(zone);
  const today = Math.floor(dumpMs / DAY_MS) * DAY_MS;
  const days = hasDay ? [0] : Array.from({ length: MOST_DAYS + 2 }, (_, back) => today - (back - 1) * DAY_MS);
  return zones.flatMap((zone) => days.map((day) => ({ ms: localMs + day - zone * MINUTE_MS, zoneMinutes: zone })));
}
