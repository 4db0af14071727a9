/** What a source's own times tell of its clock. */
import type { About, ClockGiven } from '../../src/core/parser.js';
import { localToUtcMs } from '../../src/core/time.js';
import { DateKind } from './date-text.js';

/** The first time of a source. */
export interface FirstTime {
  readonly kind: DateKind;
  /** Its day in UTC where its zone is printed, else as printed: known better at the end than at the beginning. */
  dayMs(): number;
  readonly ofDayUs: number;
  readonly belowUs: number;
  readonly digits: number;
  /** Local time - UTC as printed with it; NaN where it is not. */
  readonly zoneMinutes: number;
}

/**
 * Fills in `about.clock`. `dayIsKnown`: the first time's date leaves nothing open.
 * `first` is null where times are plain numbers from an unknown start.
 */
export async function aboutClock(
  about: About,
  given: ClockGiven,
  first: FirstTime | null,
  resolutionNs: number,
  dayIsKnown: boolean,
): Promise<void> {
  const { clock } = about;
  clock.resolutionNs = resolutionNs;
  if (first === null) return;
  const hasDay = first.kind === DateKind.none ? given.date !== null : dayIsKnown;
  const zone = Number.isNaN(first.zoneMinutes) ? given.zone : zoneText(first.zoneMinutes);
  clock.zone = zone;
  clock.startLocal = `${hasDay ? `${isoDay(first.dayMs())}T` : ''}${timeText(first)}`;
  if (!hasDay || zone === null) return;
  const startMs = first.dayMs() + Math.floor(first.ofDayUs / 1000);
  const utcMs = Number.isNaN(first.zoneMinutes)
    ? await localToUtcMs(startMs, zone)
    : startMs - first.zoneMinutes * 60_000;
  if (utcMs === null) return;
  const below = timeText(first).slice('00:00:00.000'.length);
  clock.startUtc = `${new Date(utcMs).toISOString().slice(0, -1)}${below}Z`;
  clock.uncertaintyMs = resolutionNs / 1e6;
}

const isoDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** `10:05:11.005`, with as many decimals as were printed. */
function timeText({ ofDayUs, belowUs, digits }: FirstTime): string {
  const seconds = Math.floor(ofDayUs / 1e6);
  const two = (value: number): string => String(value).padStart(2, '0');
  const whole = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  if (digits === 0) return whole;
  const below = Math.round((ofDayUs - seconds * 1e6 + belowUs) * 1000);
  return `${whole}.${String(below).padStart(9, '0').slice(0, digits)}`;
}

function zoneText(minutes: number): string {
  if (minutes === 0) return 'UTC';
  const size = Math.abs(minutes);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}
