/** What the machine's clock shows, and how writers spell it. Formats of ms cut off what is smaller, as Windows does. */
import type { Scenario } from './model.js';

const DAY_US = 86_400_000_000;

/** A clock that may be set while the trace runs. */
export class ClockHands {
  constructor(private readonly scenario: Scenario) {}

  /** µs since 1970, in the machine's zone, at `atUs` of the trace. */
  clockUs(atUs: number): number {
    const { startClockUs, clockSteps } = this.scenario;
    const set = clockSteps.reduce((sum, step) => (atUs >= step.atUs ? sum + step.byUs : sum), 0);
    return startClockUs + atUs + set;
  }

  /** True times in the trace at which the clock came to a midnight, by itself or by being set forward. */
  midnights(): number[] {
    const { lengthUs, clockSteps } = this.scenario;
    const edges = [...clockSteps.map(({ atUs }) => atUs).sort((a, b) => a - b), lengthUs];
    const found: number[] = [];
    let fromUs = 0;
    let dayBefore = Math.floor(this.clockUs(0) / DAY_US);
    for (const toUs of edges) {
      const first = this.clockUs(fromUs);
      if (Math.floor(first / DAY_US) > dayBefore) found.push(fromUs);
      const last = first + (toUs - fromUs) - 1;
      for (let day = Math.floor(first / DAY_US) + 1; day * DAY_US <= last; day++)
        found.push(fromUs + day * DAY_US - first);
      dayBefore = Math.floor(last / DAY_US);
      fromUs = toUs;
    }
    return found;
  }
}

/** µs since 1970 of a date and a time of day, months from 1. */
export const clockAt = (year: number, month: number, day: number, hour = 0, minute = 0, second = 0): number =>
  Date.UTC(year, month - 1, day, hour, minute, second) * 1000;

const two = (value: number): string => String(value).padStart(2, '0');

export interface Shown {
  readonly year: string;
  readonly month: string;
  readonly day: string;
  /** `10:05:11` */
  readonly time: string;
  /** Six digits. */
  readonly micros: string;
  readonly hour: number;
}

/** The parts of what a clock shows. */
export function shown(clockUs: number): Shown {
  const at = new Date(Math.floor(clockUs / 1_000_000) * 1000);
  const hour = at.getUTCHours();
  return {
    year: String(at.getUTCFullYear()),
    month: two(at.getUTCMonth() + 1),
    day: two(at.getUTCDate()),
    time: `${two(hour)}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}`,
    micros: String(clockUs - Math.floor(clockUs / 1_000_000) * 1_000_000).padStart(6, '0'),
    hour,
  };
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
export const monthName = ({ month }: Shown): string => MONTHS[Number(month) - 1];

/** FILETIME in UTC, 100 ns since 1601. */
export const filetimeOf = (clockUs: number, zoneMinutes: number): bigint =>
  (BigInt(clockUs) - BigInt(zoneMinutes) * 60_000_000n) * 10n + 116_444_736_000_000_000n;

/** `+02:00`. */
export function zoneText(zoneMinutes: number): string {
  const minutes = Math.abs(zoneMinutes);
  return `${zoneMinutes < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** The same moment in UTC, as `shown` takes it. */
export const utcOf = (clockUs: number, zoneMinutes: number): number => clockUs - zoneMinutes * 60_000_000;

/** `10:05:11.005`, with so many digits of a second's fraction, cut off. */
export function timeOfDay({ time, micros }: Shown, decimals: number): string {
  return decimals === 0 ? time : `${time}.${micros.padEnd(decimals, '0').slice(0, decimals)}`;
}
