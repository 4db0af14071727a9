/** The day of each date that a source prints, also where the date leaves open which it is. */
import type { ClockGiven, Output } from '../../src/core/parser.js';
import { DateKind, dayMs } from './date-text.js';
import { DayOrder, type OpenDate, type Order, readAs } from './day-order.js';
import type { Stamp } from './stamp.js';
import { YearlessDays } from './yearless-days.js';

const DAY_MS = 86_400_000;
/** Dates whose days were guessed are kept, so that one that comes back is the same day. */
const MAX_GUESSED = 5000;

export class CalendarDays {
  /** Day of the first message as the user gives it, ms since 1970; null where not given. */
  readonly givenMs: number | null;
  /** False where the first date's day is not known. */
  firstIsKnown = true;
  readonly #order: DayOrder;
  readonly #asked: Order | null;
  readonly #yearless: YearlessDays;
  #firstOpen: OpenDate | null = null;
  #guessedFirstMs = 0;
  #lastMs = 0;
  #last: OpenDate | null = null;
  readonly #guessed = new Map<number, number>();
  #shiftMs = 0;
  #steps = 0;
  #contradictions = 0;

  constructor(given: ClockGiven, documented: Order | null) {
    this.givenMs = givenDay(given.date);
    this.#asked = given.dateOrder ?? documented;
    this.#order = new DayOrder(this.#asked, this.givenMs);
    this.#yearless = new YearlessDays(this.givenMs);
  }

  learn({ month, day, year }: Stamp): void {
    this.#order.learn({ first: month, second: day, year });
  }

  /** What was learned is kept; dates come again from the first one on. */
  start(): void {
    this.#order.restart();
  }

  /** Midnight of a stamp's date, ms since 1970; a number of days from an unknown one while the order is open. */
  dayMs(stamp: Stamp): number {
    const { kind, year, month, day } = stamp;
    if (kind === DateKind.certain) return dayMs(year, month, day);
    if (kind === DateKind.noYear) {
      this.firstIsKnown = this.givenMs !== null;
      return this.#yearless.dayMs(month, day);
    }
    return this.#openDay({ first: month, second: day, year });
  }

  /** How far days that were given before must be moved, now that the order is known; once. */
  takeShift(): number {
    const shiftMs = this.#shiftMs;
    this.#shiftMs = 0;
    return shiftMs;
  }

  /** What could not be told from the dates. */
  tell({ diagnostics, about }: Output): void {
    if (this.#contradictions > 0) {
      diagnostics.add(
        'date-order-contradicted',
        'warning',
        `dates that are none with ${this.#asked === 'dmy' ? 'the day' : 'the month'} first were read the other way round`,
        { count: this.#contradictions },
      );
    }
    if (this.#firstOpen !== null && this.#order.order === null) this.#tellOpen(diagnostics);
    if (this.#steps > 0) {
      about.notes.push(
        'dates that can be read two ways: where neither reading makes one the day after the one before, it was taken as the next day',
      );
    }
  }

  #tellOpen(diagnostics: Output['diagnostics']): void {
    const { first, second, year } = this.#firstOpen as OpenDate;
    if (first === second) return;
    diagnostics.add(
      'date-ambiguous',
      'warning',
      'dates can be read with the day or the month first, and nothing tells which: the day is left open, times within it are right. ' +
        'Say --date-order dmy or --date-order mdy',
      { example: `${first}/${second}/${year}` },
    );
  }

  #openDay(date: OpenDate): number {
    const was = this.#order.order;
    this.#order.learn(date);
    const { order } = this.#order;
    if (order === null) return this.#guess(date);
    if (was === null && this.#firstOpen !== null) {
      this.#shiftMs += this.#certainDay(order, this.#firstOpen) - this.#guessedFirstMs;
      this.firstIsKnown = true;
    }
    this.#firstOpen ??= date;
    return this.#certainDay(order, date);
  }

  #certainDay(order: Order, date: OpenDate): number {
    const ms = readAs(order, date);
    if (!Number.isNaN(ms)) return ms;
    this.#contradictions++;
    return readAs(order === 'dmy' ? 'mdy' : 'dmy', date);
  }

  /** Days count on from the first date's, which is not known itself. */
  #guess(date: OpenDate): number {
    if (this.#firstOpen === null) {
      this.#firstOpen = date;
      this.firstIsKnown = date.first === date.second;
      this.#guessedFirstMs = readAs('mdy', date);
      return this.#keep(date, this.#guessedFirstMs);
    }
    const known = this.#guessed.get(keyOf(date));
    if (known !== undefined) return this.#keep(date, known);
    const last = this.#last as OpenDate;
    // Where both readings agree, as around 05/05, that is how many days it is.
    const [dmy, mdy] = [readAs('dmy', date) - readAs('dmy', last), readAs('mdy', date) - readAs('mdy', last)];
    if (dmy === mdy) return this.#keep(date, this.#lastMs + dmy);
    this.#steps++;
    return this.#keep(date, this.#lastMs + DAY_MS);
  }

  #keep(date: OpenDate, ms: number): number {
    this.#last = date;
    this.#lastMs = ms;
    if (this.#guessed.size < MAX_GUESSED) this.#guessed.set(keyOf(date), ms);
    return ms;
  }
}

const keyOf = ({ first, second, year }: OpenDate): number => (year * 100 + first) * 100 + second;

function givenDay(date: string | null): number | null {
  const match = date === null ? null : /^(\d{4})-(\d{2})-(\d{2})$/.exec(date);
  const ms = match === null ? Number.NaN : dayMs(Number(match[1]), Number(match[2]), Number(match[3]));
  return Number.isNaN(ms) ? null : ms;
}
