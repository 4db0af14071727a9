/** Days of dates without a year, as syslog prints them: `Oct  9`. */
const DAY_MS = 86_400_000;
const DAYS_BEFORE = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];

/**
 * The year begins as that of the day which the user gives, and counts on where the months begin again. Without one, years
 * have 365 days until a 29th of February shows that one has more.
 */
export class YearlessDays {
  #year: number;
  readonly #hasYear: boolean;
  #isLeap = false;
  #lastMonth = 0;
  /** Days of the years before the current one. */
  #daysBefore = 0;

  constructor(givenMs: number | null) {
    this.#hasYear = givenMs !== null;
    this.#year = givenMs === null ? 0 : new Date(givenMs).getUTCFullYear();
  }

  /** Midnight of the day: ms since 1970, or from an unknown 1st of January where the year is not known. */
  dayMs(month: number, day: number): number {
    const last = this.#lastMonth;
    if (last !== 0 && last - month > 6) this.#turn(1);
    else if (last !== 0 && month - last > 6) this.#turn(-1);
    this.#lastMonth = month;
    if (this.#hasYear) return Date.UTC(this.#year, month - 1, day);
    if (month === 2 && day === 29) this.#isLeap = true;
    const leapDay = this.#isLeap && month > 2 ? 1 : 0;
    return (this.#daysBefore + DAYS_BEFORE[month - 1] + day - 1 + leapDay) * DAY_MS;
  }

  #turn(years: number): void {
    this.#year += years;
    this.#daysBefore += years * (this.#isLeap ? 366 : 365);
    this.#isLeap = false;
  }
}
