/** When events were: by their XML in UTC, by their text in local time, whose order of day and month other events show. */
import { addNote } from '../../src/core/note.js';
import type { ClockGiven, Output } from '../../src/core/parser.js';
import { filetimeToUtc, localToUtcMs, type Ticks, ticksBetween, ticksValue } from '../../src/core/time.js';
import type { DateOrder, TextDate } from './dates.js';
import type { LogEvent } from './event.js';

/** What the ticks count: an instant, or what a clock showed in a zone that is not known. */
export interface Instant {
  readonly ticks: Ticks;
  readonly basis: 'utc' | 'local';
}

export interface DateReader {
  readonly out: Output;
  readonly zone: string | null;
  order: DateOrder | null;
  /** What the machine's clock was ahead of UTC, by an event that has both, in 100 ns. */
  ahead: number | null;
  /** True once dates that can be read two ways are not waited with any more. */
  gaveUp: boolean;
  /** Largest step of the times read. */
  resolutionNs: number;
  /** What UTC is from local time, by the quarter of an hour, ms. */
  readonly zoneShifts: Map<number, number | null>;
}

export function dateReader(out: Output, { zone, dateOrder }: ClockGiven): DateReader {
  const zoneShifts = new Map<number, number | null>();
  return { out, zone, order: dateOrder, ahead: null, gaveUp: false, resolutionNs: 100, zoneShifts };
}

export const knowsOrder = ({ order }: DateReader): boolean => order !== null;

const MINUTE = 600_000_000;
const QUARTER = 15 * MINUTE;
/** Zones lie between UTC-12 and UTC+14. */
const MAX_BEHIND = -12 * 60 * MINUTE - QUARTER;
const MAX_AHEAD = 14 * 60 * MINUTE + QUARTER;

/** Takes from an event what it shows of how the source writes dates, and of its zone. */
export function learn(reader: DateReader, { utc, date }: LogEvent): void {
  if (date === null) return;
  if (date.order !== null) reader.order ??= date.order;
  if (utc === null) return;
  const ahead = (ticks: Ticks): number => ticksBetween(utc, ticks);
  if (date.readings !== null && reader.order === null) {
    const { dmy, mdy } = date.readings;
    if (isZone(ahead(dmy)) !== isZone(ahead(mdy))) reader.order = isZone(ahead(dmy)) ? 'dmy' : 'mdy';
  }
  const local = readingOf(reader, date);
  if (local !== null && isZone(ahead(local))) reader.ahead ??= Math.round(ahead(local) / QUARTER) * QUARTER;
}

const isZone = (ahead: number): boolean => ahead >= MAX_BEHIND && ahead <= MAX_AHEAD;

function readingOf(reader: DateReader, date: TextDate): Ticks | null {
  if (date.sure !== null) return date.sure;
  return reader.order === null ? null : (date.readings?.[reader.order] ?? null);
}

/** When an event was, on the basis of the events before it where there is one; null where that is not known. */
export async function instantOf(
  reader: DateReader,
  event: LogEvent,
  basis: Instant['basis'] | null,
): Promise<Instant | null> {
  const found = await ownInstant(reader, event);
  if (found === null || basis === null || found.basis === basis) return found;
  if (reader.ahead === null) {
    const message = 'times with a zone and times without one: those that are not like the first one are left out';
    reader.out.diagnostics.add('time-form-mixed', 'warning', message, { line: event.line, example: event.quote });
    return null;
  }
  addNote(
    reader.out.about,
    `where only one of them is there, local time and UTC were told from each other by ${signed(reader.ahead / MINUTE)} minutes, as in the first event that has both`,
  );
  const ticks = addTicks(found.ticks, basis === 'utc' ? -reader.ahead : reader.ahead);
  return { ticks, basis };
}

const signed = (n: number): string => (n < 0 ? `${n}` : `+${n}`);

async function ownInstant(reader: DateReader, event: LogEvent): Promise<Instant | null> {
  const { out } = reader;
  const at = { line: event.line, example: event.quote };
  const { utc, date } = event;
  if (utc !== null) return { ticks: utc, basis: 'utc' };
  if (date === null) {
    out.diagnostics.add('bad-time', 'warning', 'events whose time cannot be read: they have none here', at);
    return null;
  }
  if (date.order !== null && date.order !== reader.order) {
    const message = 'some dates begin with the day and others with the month: each was read as it can be';
    out.diagnostics.add('date-order-mixed', 'warning', message, at);
  }
  const local = readingOf(reader, date);
  if (local === null) {
    const message =
      'dates that can be read with the day or with the month first: these events have no time. Say which: --date-order dmy or --date-order mdy';
    out.diagnostics.add('date-ambiguous', 'warning', message, at);
    return null;
  }
  reader.resolutionNs = Math.max(reader.resolutionNs, date.resolutionNs);
  if (date.offsetMinutes !== null) return { ticks: addTicks(local, -date.offsetMinutes * MINUTE), basis: 'utc' };
  if (date.zulu) {
    const what = 'wevtutil prints Z behind times that are local: they are taken as such (--zone UTC says otherwise)';
    addNote(out.about, what);
  }
  return inZone(reader, local);
}

async function inZone(reader: DateReader, local: Ticks): Promise<Instant> {
  const { zone, zoneShifts } = reader;
  if (zone === null) return { ticks: local, basis: 'local' };
  const ms = Date.parse(filetimeToUtc(ticksValue(local)));
  const quarter = Math.floor(ms / 900_000);
  let shift = zoneShifts.get(quarter);
  if (shift === undefined) {
    if (zoneShifts.size > 50_000) zoneShifts.clear();
    const utcMs = await localToUtcMs(quarter * 900_000, zone);
    shift = utcMs === null ? null : utcMs - quarter * 900_000;
    zoneShifts.set(quarter, shift);
  }
  if (shift !== null) return { ticks: addTicks(local, shift * 1e4), basis: 'utc' };
  reader.out.diagnostics.add('unknown-zone', 'warning', 'the zone given is not known: times stay local', {
    example: zone,
  });
  return { ticks: local, basis: 'local' };
}

/** `ticks` and a whole number of 100 ns. */
function addTicks({ high, low }: Ticks, more: number): Ticks {
  const sum = low + more;
  const carry = Math.floor(sum / 1e9);
  return { high: high + carry, low: sum - carry * 1e9 };
}
