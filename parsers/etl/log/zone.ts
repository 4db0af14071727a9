/** A time zone as Windows writes it down: TIME_ZONE_INFORMATION (timezoneapi.h). */
export interface ZoneRules {
  /** UTC = local time + bias. */
  readonly biasMinutes: number;
  readonly standardName: string;
  /** When standard time begins; month 0 where there is no summer time. */
  readonly standardDate: TransitionDate;
  readonly standardBiasMinutes: number;
  readonly daylightName: string;
  readonly daylightDate: TransitionDate;
  readonly daylightBiasMinutes: number;
}

/** A SYSTEMTIME: with year 0 `day` means the nth (5: last) `dayOfWeek` of the month. */
interface TransitionDate {
  readonly year: number;
  readonly month: number;
  readonly dayOfWeek: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}

const FILETIME_UNIX_MS = 11_644_473_600_000;

/** True where summer time was in force at a FILETIME. */
export function isDaylight(zone: ZoneRules, filetime: bigint): boolean {
  if (zone.daylightDate.month === 0 || zone.standardDate.month === 0 || filetime === 0n) return false;
  const ms = Number(filetime / 10_000n) - FILETIME_UNIX_MS;
  const year = new Date(ms - zone.biasMinutes * 60_000).getUTCFullYear();
  // Each change is given in the local time that ends with it.
  const begin = localMs(zone.daylightDate, year) + (zone.biasMinutes + zone.standardBiasMinutes) * 60_000;
  const end = localMs(zone.standardDate, year) + (zone.biasMinutes + zone.daylightBiasMinutes) * 60_000;
  return begin < end ? ms >= begin && ms < end : ms >= begin || ms < end;
}

function localMs(date: TransitionDate, year: number): number {
  const { month, dayOfWeek, day, hour, minute } = date;
  if (date.year !== 0) return Date.UTC(date.year, month - 1, day, hour, minute);
  const first = new Date(Date.UTC(year, month - 1, 1)).getUTCDay();
  const days = new Date(Date.UTC(year, month, 0)).getUTCDate();
  let of = 1 + ((dayOfWeek - first + 7) % 7) + (day - 1) * 7;
  while (of > days) of -= 7;
  return Date.UTC(year, month - 1, of, hour, minute);
}

/** `UTC-08:00` */
export function zoneText(biasMinutes: number): string {
  const ahead = -biasMinutes;
  const minutes = Math.abs(ahead);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `UTC${ahead < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
