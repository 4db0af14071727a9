/** Which series come in a rhythm: of each template as a whole, of its processes, and of its threads. */
import { pushTo } from '../../core/push-to.js';
import { stepOf } from './clock-steps.js';
import type { Joined, JoinedSeries, JoinedTemplate } from './joined.js';
import { allThreadsOf } from './messages.js';
import type { ErrorsOptions } from './options.js';
import type { SeriesKind } from './result.js';
import type { Count } from './retry.js';
import { mayBePeriodic, type Rhythm, rhythmOf } from './rhythm.js';

/** A rhythm and whose it is. */
export interface Beat {
  readonly kind: SeriesKind;
  /** Template; -1 of series that are none. */
  readonly template: number;
  /** Of series that are no messages. */
  readonly name: string | null;
  readonly thread: number;
  /** Process of a rhythm that several of its threads make together; null else. */
  readonly pid: number | null;
  readonly series: readonly number[];
  readonly count: number;
  readonly rhythm: Rhythm;
  /** True where the series is longer than what was kept and looked at of it, and the rest may be otherwise. */
  readonly isPartial: boolean;
  readonly instants: Float64Array;
  readonly confidence: 'high' | 'medium' | 'low';
  readonly chance: number | null;
  readonly retry: { readonly count: Count; readonly template: number } | null;
}

/** Series that are no messages: spans, routines, tags. */
export interface OtherSeries {
  readonly kind: SeriesKind;
  readonly name: string;
  readonly thread: number;
  readonly series: number;
}

/** Beats from which on a rhythm may be called one at 10 % jitter. */
const FULL_BEATS = 8;
/** ln p that each beat must bring, at least and at most so much in all: measured on Poisson streams, see docs/errors.md. */
const LN_PER_BEAT = 0.9;
const LEAST_LN = 7.2;
const ENOUGH_LN = 16;
/** Of fewer beats than eight only clockwork passes. */
const FEW_LN = 13;
/** Expected number of such series by chance, among all that were looked at: one trace of pure noise in 1,400 may show one. */
const MEDIUM_CHANCE = 7e-4;
const HIGH_CHANCE = 1e-6;
/** Parts of a series (its threads) are many tries more. */
const PART_LN = 7;

interface Candidate extends Omit<Beat, 'confidence' | 'chance' | 'retry'> {
  readonly isPart: boolean;
}

export class Rhythms {
  /** Series that were looked at. */
  tests = 0;
  #parts = 0;
  readonly #found: Candidate[] = [];

  constructor(
    private readonly joined: Joined,
    private readonly resolutionUs: number,
    /** What the clock showed at 0, of a second. */
    private readonly ofSecondUs: number | null,
    private readonly options: ErrorsOptions,
  ) {}

  /** Every series with a rhythm, those of other things than messages behind. */
  find(others: readonly OtherSeries[]): Beat[] {
    for (const template of this.joined.templates) this.#ofTemplate(template);
    for (const other of others) {
      const { kind, name, thread } = other;
      const count = this.joined.pass.series.total(other.series);
      const one = { kind, template: -1, name, thread, pid: null, series: [other.series], count };
      this.#found.push(...this.#look(one, false));
    }
    const { period } = this.options;
    return this.#found
      .map((candidate) => this.#graded(candidate))
      .filter((beat) => beat !== null)
      .filter(({ rhythm: { periodUs } }) => period === null || (periodUs >= period.fromUs && periodUs <= period.toUs));
  }

  #ofTemplate({ id, wholes, threads }: JoinedTemplate): void {
    const { pass } = this.joined;
    for (const whole of wholes) {
      const own = threads.filter(({ thread }) => allThreadsOf(pass.threads[thread].group) === whole.thread);
      this.#ofGroup(id, whole, own);
    }
  }

  #ofGroup(template: number, whole: JoinedSeries, threads: readonly JoinedSeries[]): void {
    const one = (series: JoinedSeries, pid: number | null) => ({
      kind: 'message' as const,
      template,
      name: null,
      thread: series.thread,
      pid,
      series: series.series,
      count: series.count,
    });
    if (threads.length === 1) {
      this.#found.push(...this.#look(one(threads[0], null), false));
      return;
    }
    const pids = this.#byProcess(threads);
    const onlyPid = pids.length === 1 && pids[0].pid !== null ? pids[0].pid : null;
    const [all] = this.#look(one(whole, onlyPid), false);
    const parts: Candidate[] = [];
    for (const thread of threads) parts.push(...this.#look(one(thread, null), true));
    if (pids.length > 1) {
      for (const { pid, series } of pids) {
        if (series.length < 2) continue;
        const count = series.reduce((sum, each) => sum + each.count, 0);
        const joined = { thread: whole.thread, count, series: series.flatMap((each) => each.series) };
        const [process] = this.#look(one(joined, pid), true);
        if (process !== undefined) parts.push(process);
      }
    }
    this.#found.push(
      ...told(
        all,
        parts.filter((part) => this.#isSure(part)),
      ),
    );
  }

  #byProcess(threads: readonly JoinedSeries[]): { pid: number | null; series: JoinedSeries[] }[] {
    const found = new Map<number | null, JoinedSeries[]>();
    for (const series of threads) {
      const { pid } = this.joined.pass.threads[series.thread];
      pushTo(found, pid, series);
    }
    return [...found].map(([pid, series]) => ({ pid, series }));
  }

  #look(one: Omit<Candidate, 'rhythm' | 'isPartial' | 'instants' | 'isPart'>, isPart: boolean): Candidate[] {
    if (one.count < 4 || one.series.length === 0) return [];
    const { start, end } = this.joined.instants(one.series);
    if (isPart) this.#parts++;
    else this.tests++;
    if (isPart && !mayBePeriodic(start)) return [];
    const stepUs = stepOf(start, this.resolutionUs, this.ofSecondUs);
    const first = rhythmOf(start, this.resolutionUs, stepUs);
    // Of several series put together, only what all of them kept is there.
    const isCut = end.length > 0 || start.length < one.count;
    const last = end.length > 0 ? rhythmOf(end, this.resolutionUs, stepUs) : null;
    const found =
      end.length > 0 ? over(first, last, one.count) : first === null ? null : { rhythm: first, isPart: isCut };
    return found === null ? [] : [{ ...one, rhythm: found.rhythm, isPartial: found.isPart, instants: start, isPart }];
  }

  #isSure({ rhythm }: Candidate): boolean {
    return isRegular(rhythm) && rhythm.lnChance + Math.log(this.#parts + 1) <= -PART_LN;
  }

  #graded(candidate: Candidate): Beat | null {
    const { isPart, ...beat } = candidate;
    const { rhythm } = beat;
    if (!isRegular(rhythm)) return null;
    const chance = Math.exp(rhythm.lnChance) * (isPart ? this.tests + this.#parts : this.tests);
    const confidence =
      chance <= HIGH_CHANCE && rhythm.beats >= FULL_BEATS ? 'high' : chance <= MEDIUM_CHANCE ? 'medium' : 'low';
    return { ...beat, confidence, chance, retry: null };
  }
}

function isRegular({ beats, lnChance }: Rhythm): boolean {
  if (beats < FULL_BEATS) return lnChance <= -FEW_LN;
  return lnChance <= -Math.max(LEAST_LN, Math.min(LN_PER_BEAT * beats, ENOUGH_LN));
}

/** Beats that a count may be off from the places on the grid for the middle to have the rhythm of both ends. */
const FITS = 1.05;

/**
 * A long series of which both ends were kept: one rhythm from the first to the last where both have it, and as many messages are
 * between as it makes. Else that of one end is told, as a part of the series.
 */
function over(first: Rhythm | null, last: Rhythm | null, count: number): { rhythm: Rhythm; isPart: boolean } | null {
  const sure = [first, last]
    .filter((end) => end !== null)
    .sort((a, b) => a.lnChance - b.lnChance)
    .at(0);
  if (sure === undefined) return null;
  if (first === null || last === null) return { rhythm: sure, isPart: true };
  const middle = (first.periodUs + last.periodUs) / 2;
  const beats = Math.round(count / first.perBeat);
  const slots = Math.round((last.lastUs - first.firstUs) / middle) + 1;
  if (Math.abs(first.periodUs / last.periodUs - 1) > 0.1 || beats > FITS * slots) return { rhythm: sure, isPart: true };
  const rhythm: Rhythm = {
    ...first,
    // Count and length tell the period better than either end, where nothing was missed.
    periodUs: Math.abs(slots / beats - 1) < 0.02 ? (last.lastUs - first.firstUs) / (beats - 1) : middle,
    beats,
    missed: Math.max(0, slots - beats),
    extra: first.extra + last.extra,
    driftPercent: (100 * (last.periodUs - first.periodUs)) / middle,
    lastUs: last.lastUs,
    lnChance: Math.min(first.lnChance, last.lnChance),
  };
  return { rhythm, isPart: false };
}

/**
 * Whether the whole has the rhythm, or its threads have: the same beats are not told twice. Threads that take turns at one timer
 * are as exact as the whole; threads with timers of their own are more exact each than all together.
 */
function told(whole: Candidate | undefined, parts: readonly Candidate[]): Candidate[] {
  if (whole === undefined || !isRegular(whole.rhythm)) return withoutTwins(parts);
  const { rhythm } = whole;
  const alone = parts.filter((part) => part.rhythm.beats >= 0.9 * rhythm.beats && near(part.rhythm, rhythm, 1));
  // Threads share no messages: what another one has for itself is told too.
  if (alone.length > 0)
    return withoutTwins([...alone, ...parts.filter((part) => part.thread >= 0 && !alone.includes(part))]);
  const inTurns = parts.filter((part) => TURNS.some((times) => near(part.rhythm, rhythm, times)));
  const exact = inTurns.filter((part) => part.rhythm.jitterUs < OWN_TIMER * rhythm.jitterUs);
  const covered = exact.reduce((sum, part) => sum + (part.thread < 0 ? 0 : part.rhythm.beats), 0);
  if (covered >= 0.8 * rhythm.beats) return withoutTwins(parts);
  // Two timers of 3 and 7 s are no timer of one second: each hits all of its own beats.
  const own = inTurns.filter(({ thread }) => thread >= 0);
  const ownBeats = own.reduce((sum, part) => sum + part.rhythm.beats, 0);
  const ownSlots = own.reduce((sum, part) => sum + part.rhythm.beats + part.rhythm.missed, 0);
  if (ownBeats >= 0.8 * rhythm.beats && ownBeats / ownSlots >= rhythm.beats / (rhythm.beats + rhythm.missed) + 0.15) {
    return withoutTwins(parts);
  }
  return [whole, ...withoutTwins(parts.filter((part) => !inTurns.includes(part)))];
}

/** Threads that may share a rhythm by turns. */
const TURNS = [1, 2, 3, 4, 5, 6, 7, 8];
/** Jitter of a thread with its own timer, against that of all threads together. */
const OWN_TIMER = 0.5;

/** A process' rhythm is left out where one of its threads has it alone. */
function withoutTwins(parts: readonly Candidate[]): Candidate[] {
  const threads = parts.filter(({ thread }) => thread >= 0);
  const twin = (part: Candidate): boolean =>
    threads.some(({ series, rhythm }) => part.series.includes(series[0]) && near(rhythm, part.rhythm, 1));
  return [...threads, ...parts.filter((part) => part.thread < 0 && !twin(part))];
}

const near = (a: Rhythm, b: Rhythm, times: number): boolean => Math.abs(a.periodUs / (times * b.periodUs) - 1) < 0.05;
