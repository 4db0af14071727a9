/**
 * Instants and clocks; the only import of luxon. Per-row work here is digits and `Date.UTC`: luxon is for the few
 * instants that are shown or that a user types.
 */

/** 100 ns units from 1601-01-01 (FILETIME) to 1970-01-01. */
const UNIX_EPOCH_FILETIME = 116_444_736_000_000_000n;
const UNIX_EPOCH_SECONDS = 11_644_473_600;

/**
 * A 64-bit count of clock ticks, `high` * 10^9 + `low`: FILETIMEs exceed 2^53, and two parts keep differences exact
 * without a BigInt for each row.
 */
export interface Ticks {
  readonly high: number;
  readonly low: number;
}

/** Reads up to 20 decimal digits or `0x` and up to 16 hex digits; null where the text is neither. */
export function parseTicks(text: string): Ticks | null {
  if (/^[0-9]{1,20}$/.test(text)) {
    return text.length <= 9
      ? { high: 0, low: Number(text) }
      : { high: Number(text.slice(0, -9)), low: Number(text.slice(-9)) };
  }
  if (!/^0x[0-9a-f]{1,16}$/i.test(text)) return null;
  const value = BigInt(text);
  return { high: Number(value / 1_000_000_000n), low: Number(value % 1_000_000_000n) };
}

/** `a` - `b`; exact below 2^53. */
export function ticksBetween(b: Ticks, a: Ticks): number {
  return (a.high - b.high) * 1e9 + (a.low - b.low);
}

/** The ticks as one integer. */
export function ticksValue(ticks: Ticks): bigint {
  return BigInt(ticks.high) * 1_000_000_000n + BigInt(ticks.low);
}

/** True for values that are a FILETIME between the years 1917 and 2234; performance counters are far below. */
export function isFiletime(ticks: Ticks): boolean {
  return ticks.high >= 1e8 && ticks.high < 2e8;
}

/** A FILETIME (100 ns since 1601, UTC) as ISO 8601 with Z and all its seven decimals. */
export function filetimeToUtc(ticks: bigint | string): string {
  const unix = BigInt(ticks) - UNIX_EPOCH_FILETIME;
  const fraction = ((unix % 10_000_000n) + 10_000_000n) % 10_000_000n;
  const text = new Date(Number((unix - fraction) / 10_000n)).toISOString();
  return `${text.slice(0, -4)}${fraction.toString().padStart(7, '0')}Z`;
}

// 2006-12-18T12:26:27.887309500Z   2019-05-06T14:33:32.298979800+01:59
const ISO = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d{1,3}(?::?\d\d)?)?$/;

/**
 * An ISO 8601 instant as FILETIME ticks, for rows: no luxon. Digits below 100 ns are dropped; the zone is applied where
 * it is `Z` or a whole offset (`+02:00`), and a time without zone is taken as UTC. Null where the text is no instant.
 */
export function isoToFiletime(text: string): Ticks | null {
  const part = ISO.exec(text);
  if (part === null) return null;
  const ms = Date.UTC(+part[1], +part[2] - 1, +part[3], +part[4], +part[5], +part[6]);
  const fraction = Number((part[7] ?? '').slice(0, 7).padEnd(7, '0'));
  const seconds = ms / 1000 + UNIX_EPOCH_SECONDS - offsetSeconds(part[8]);
  if (seconds < 0) return null;
  return { high: Math.floor(seconds / 100), low: (seconds % 100) * 1e7 + fraction };
}

function offsetSeconds(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z') return 0;
  const part = /^([+-])(\d{1,3}?)(?::?(\d\d))?$/.exec(zone);
  if (part === null) return 0;
  const seconds = Number(part[2]) * 3600 + Number(part[3] ?? 0) * 60;
  return part[1] === '-' ? -seconds : seconds;
}

/** An instant that a user typed (luxon is loaded for it only), ISO 8601, as ms since 1970; a time without zone is in `zone`. Null where it is none. */
export async function parseInstant(text: string, zone = 'utc'): Promise<number | null> {
  const { DateTime } = await import('luxon');
  const instant = DateTime.fromISO(text.trim(), { zone, setZone: false });
  // luxon drops what is below a millisecond; a run may be shorter than that.
  const below = /[.,]\d{3}(\d{1,9})/.exec(text);
  return instant.isValid ? instant.toMillis() + (below === null ? 0 : Number(`0.${below[1]}`)) : null;
}

/** A time that a source gives without zone, as ms since 1970 counted as if in UTC, made UTC by the zone's rules. Null where `zone` is none. */
export async function localToUtcMs(localMs: number, zone: string): Promise<number | null> {
  const { DateTime } = await import('luxon');
  const whole = Math.floor(localMs);
  const instant = DateTime.fromISO(new Date(whole).toISOString().slice(0, -1), { zone: zoneName(zone) });
  return instant.isValid ? instant.toMillis() + (localMs - whole) : null;
}

/** `+02:00` as luxon spells it. */
const zoneName = (zone: string): string => (/^[+-]\d/.test(zone) ? `UTC${zone}` : zone);
