/** From the times that a source prints to µs from its first message. */
import type { ClockGiven, Output } from '../../src/core/parser.js';
import { CalendarDays } from './calendar-days.js';
import { aboutClock, type FirstTime } from './clock-about.js';
import { DateKind } from './date-text.js';
import type { Order } from './day-order.js';
import type { Stamp } from './stamp.js';

const DAY_MS = 86_400_000;
const HALF_DAY_US = 43_200e6;
/** After midnight a message that is late by less than this is of the day before, not of this day's end. */
const LATE_US = 60e6;

/** What a parser knows of its format's times. */
export interface ClockOptions {
  /** Order of day and month that the format's documentation states. */
  readonly order?: Order;
}

/**
 * The clock of one source. `at` turns each stamp into µs from the first one. A time of day without a date that jumps back
 * by more than 12 hours is of the next day; other steps back are counted and kept.
 */
export class MessageClock {
  readonly #days: CalendarDays;
  #first: FirstTime | null = null;
  #baseDayMs = 0;
  #baseOfDayUs = 0;
  #baseBelowUs = 0;
  #dateId = 0;
  /** Day of the last stamp, ms since 1970; a running number of days where the source names none. */
  #dayMs = 0;
  /** Day of the last date. */
  #datedMs = 0;
  #isDated = false;
  #lastOfDayUs = Number.NaN;
  #lastUs = Number.NEGATIVE_INFINITY;
  #maxUs = Number.NEGATIVE_INFINITY;
  #maxDayMs = 0;
  #maxDigits = 0;
  #inversions = 0;
  #inversionLine = 0;
  #midnights = 0;
  #midnightLine = 0;
  /** Step of times that are plain numbers, ns. */
  #stepNs = Number.POSITIVE_INFINITY;
  #baseNumberUs = Number.NaN;

  constructor(
    private readonly out: Output,
    private readonly given: ClockGiven,
    { order }: ClockOptions = {},
  ) {
    this.#days = new CalendarDays(given, order ?? null);
  }

  /** Looks at a stamp of the source's beginning, before any is turned into a time: for the order of day and month. */
  learn(stamp: Stamp): void {
    if (stamp.kind === DateKind.twoWays) this.#days.learn(stamp);
  }

  /** To be called between `learn` and the first `at`. */
  start(): void {
    this.#days.start();
  }

  /** µs from the first stamp. */
  at(stamp: Stamp, line: number): number {
    let ofDayUs = stamp.ofDayUs;
    if (stamp.kind === DateKind.none) this.#undated(ofDayUs, line);
    else if (stamp.kind === DateKind.instant) this.#dayMs = stamp.dayMs;
    else {
      if (stamp.dateId !== this.#dateId || !this.#isDated) this.#turnTo(stamp);
      this.#dayMs = this.#datedMs;
      // A zone is NaN where there is none, and 0 changes nothing.
      if (stamp.zoneMinutes < 0 || stamp.zoneMinutes > 0) ofDayUs -= stamp.zoneMinutes * 60e6;
    }
    const dayMs = this.#dayMs;
    if (this.#first === null) this.#begin(stamp, dayMs, ofDayUs);
    // Whole µs first: a day's µs and what is below them do not fit one number.
    const whole = (dayMs - this.#baseDayMs) * 1000 + (ofDayUs - this.#baseOfDayUs);
    const at = whole + (stamp.belowUs - this.#baseBelowUs);
    if (stamp.digits > this.#maxDigits) this.#maxDigits = stamp.digits;
    this.#lastOfDayUs = stamp.ofDayUs;
    return this.#passed(at, line);
  }

  /** The same for a time that is a plain number of µs, printed in steps of `stepNs`. */
  atNumber(us: number, stepNs: number, line: number): number {
    if (Number.isNaN(this.#baseNumberUs)) this.#baseNumberUs = us;
    if (stepNs < this.#stepNs) this.#stepNs = stepNs;
    return this.#passed(us - this.#baseNumberUs, line);
  }

  /** Says in `out.about` and `out.diagnostics` what is known of the source's times. To be called once, at its end. */
  async finish(): Promise<void> {
    const { out } = this;
    this.#tell();
    this.#days.tell(out);
    // Another clock was told before, as that of a debugger's log: its times are not these.
    if (this.#maxUs === Number.NEGATIVE_INFINITY || out.about.clock.startUtc !== null) return;
    out.about.span.startUs = 0;
    out.about.span.endUs = this.#maxUs;
    const resolutionNs = Math.min(this.#stepNs, this.#first === null ? this.#stepNs : 1e9 / 10 ** this.#maxDigits);
    await aboutClock(out.about, this.given, this.#first, resolutionNs, this.#days.firstIsKnown);
  }

  #passed(at: number, line: number): number {
    if (at < this.#lastUs && this.#inversions++ === 0) this.#inversionLine = line;
    this.#lastUs = at;
    if (at > this.#maxUs) this.#maxUs = at;
    return at;
  }

  #begin(stamp: Stamp, dayMs: number, ofDayUs: number): void {
    this.#baseDayMs = dayMs;
    this.#baseOfDayUs = ofDayUs;
    this.#baseBelowUs = stamp.belowUs;
    this.#maxDayMs = dayMs;
    this.#first = {
      kind: stamp.kind,
      dayMs: () => this.#baseDayMs,
      ofDayUs: stamp.ofDayUs,
      belowUs: stamp.belowUs,
      digits: stamp.digits,
      zoneMinutes: stamp.zoneMinutes,
    };
  }

  #undated(ofDayUs: number, line: number): void {
    if (this.#first === null) {
      this.#dayMs = this.#days.givenMs ?? 0;
      return;
    }
    const stepUs = ofDayUs - this.#lastOfDayUs;
    if (stepUs < -HALF_DAY_US) {
      this.#dayMs += DAY_MS;
      if (this.#dayMs <= this.#maxDayMs) return;
      this.#maxDayMs = this.#dayMs;
      if (!this.#isDated && this.#midnights++ === 0) this.#midnightLine = line;
    } else if (stepUs > 2 * HALF_DAY_US - LATE_US && this.#dayMs > this.#baseDayMs) this.#dayMs -= DAY_MS;
  }

  /** The date has changed. */
  #turnTo(stamp: Stamp): void {
    const wasUndated = this.#first !== null && !this.#isDated;
    const dayBeforeMs = this.#dayMs;
    this.#dateId = stamp.dateId;
    this.#isDated = true;
    this.#datedMs = this.#days.dayMs(stamp);
    // The order has become known: the days before are now days of a calendar.
    this.#baseDayMs += this.#days.takeShift();
    // What came before was of the same day, as far as is known.
    if (wasUndated) this.#baseDayMs += this.#datedMs - dayBeforeMs;
    if (this.#datedMs > this.#maxDayMs) this.#maxDayMs = this.#datedMs;
  }

  #tell(): void {
    const { diagnostics } = this.out;
    if (this.#midnights > 0) {
      diagnostics.add('midnight', 'info', 'the time of day jumps back by more than 12 hours: taken as the next day', {
        line: this.#midnightLine,
        count: this.#midnights,
      });
    }
    if (this.#inversions > 0) {
      diagnostics.add('time-inversion', 'warning', 'messages whose time is before that of the message above', {
        line: this.#inversionLine,
        count: this.#inversions,
      });
    }
  }
}
