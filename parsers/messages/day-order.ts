/** Finds out whether `01/02/2026` is in January or in February: by the other dates of the source. */
import { dayMs } from './date-text.js';

export type Order = 'dmy' | 'mdy';

const DAY_MS = 86_400_000;

/** A date whose order is open, as printed: `first/second/year`. */
export interface OpenDate {
  readonly first: number;
  readonly second: number;
  readonly year: number;
}

/** Midnight of the date read in an order; NaN where it has no such day. */
export const readAs = (order: Order, { first, second, year }: OpenDate): number =>
  order === 'dmy' ? dayMs(year, second, first) : dayMs(year, first, second);

/** The order in which alone the date exists; null where both do, or none. */
export function onlyOrder(date: OpenDate): Order | null {
  const dmy = Number.isNaN(readAs('dmy', date));
  const mdy = Number.isNaN(readAs('mdy', date));
  if (dmy === mdy) return null;
  return dmy ? 'mdy' : 'dmy';
}

/** The order in which alone `next` is the day after `last`; null where both or none say so. */
export function orderOfStep(last: OpenDate, next: OpenDate): Order | null {
  const dmy = readAs('dmy', next) - readAs('dmy', last) === DAY_MS;
  const mdy = readAs('mdy', next) - readAs('mdy', last) === DAY_MS;
  if (dmy === mdy) return null;
  return dmy ? 'dmy' : 'mdy';
}

/**
 * Order of day and month in a source's dates: told by the user or the format, else by the first date that has a part above
 * 12, or by two dates that follow each other and are neighbours in one reading only.
 */
export class DayOrder {
  #last: OpenDate | null = null;

  constructor(
    /** Null while it is not known. */
    public order: Order | null,
    /** Day of the first message as the user gives it, ms since 1970; null where not given. */
    private readonly firstMs: number | null,
  ) {}

  /** Looks at a date as the source goes on; sets `order` where it tells. */
  learn(date: OpenDate): void {
    if (this.order !== null) return;
    const last = this.#last;
    this.#last = date;
    this.order = onlyOrder(date) ?? (last === null ? this.#byFirst(date) : orderOfStep(last, date));
  }

  /** The dates begin again. */
  restart(): void {
    this.#last = null;
  }

  #byFirst(date: OpenDate): Order | null {
    const isDmy = readAs('dmy', date) === this.firstMs;
    const isMdy = readAs('mdy', date) === this.firstMs;
    return isDmy === isMdy ? null : isDmy ? 'dmy' : 'mdy';
  }
}
