/** Whether a group of allocations leaks: growth, its course, and the ages of what is left against the lifetimes of what was freed. */
import type { PoolVerdict } from './result.js';
import { lifetimeUs, livedOver, type Sums } from './sums.js';
import { SLOT_BINS } from './time-bins.js';
import { type Arrivals, arrivals } from './trend.js';

export interface Judgement {
  readonly verdict: PoolVerdict;
  /** Of the verdict: null where there is none. */
  readonly confidence: 'high' | 'medium' | 'low' | null;
  /** 0 to 100: what speaks for a leak, see docs/pool.md. */
  readonly score: number;
  readonly reasons: readonly string[];
  /** What speaks against a leak. */
  readonly against: readonly string[];
  /** When growth stopped, where it did. */
  readonly stoppedUs: number | null;
}

/** What a group is judged by. */
export interface Case {
  readonly sums: Sums;
  /** Where its own blocks were not freed often enough to know how long they live: those of the same tag. */
  readonly others: Sums | null;
  /** Blocks from before the range that were freed in it, as far as they are likely to be of this group. */
  readonly beforeFreed: number;
  /** The same by time, as far as they may be of this group: a free does not say who allocated. */
  readonly freedBefore: Float64Array;
  /** False for a stack where other stacks of its tag grow: then it is not known whose the blocks were. */
  readonly ownsFreed: boolean;
  readonly startUs: number;
  readonly endUs: number;
  /** Length of one part of `out` and `growth`. */
  readonly binUs: number;
  /** True where events are missing. */
  readonly isLossy: boolean;
}

/** Fewer blocks than this left over tell nothing. */
const MIN_OUT = 6;
/** Frees by which lifetimes are known. */
const MIN_LIVES = 20;
/** Standard deviations by which growth must stand out of chance. */
const MIN_Z = 4;
const MIN_PARTS = 6;
/** Bursts, of how many blocks ever: seven caches that were filled one after the other look like seven steps of a leak. */
const MIN_BURSTS = 7;
/** Of what is left, what must have been freed of the blocks from before to speak of turnover. */
const REPLACED = 0.3;
/** Of the whole range, what growth must span to be called a leak. */
const MIN_SPAN = 0.25;
/** Chance that a growth that goes on leaves as many parts empty at the end: below the first it stopped, below the second it may have. */
const SILENT = 0.002;
const NEARLY_SILENT = 0.01;
const DECELERATING = -4;
/** Of what an even growth would have put into the last quarter: less is slowing down, much less is so by any count. */
const SLOWING = 0.65;
const SLOW = 0.4;
/** Standard deviations by which the last quarter must hold more than half of what an even growth would have put there. */
const GOES_ON = 1.645;
const SURELY_GOES_ON = 2.33;
/** Where nothing of a tag was freed, a shorter range does not tell a leak from blocks that live for a minute. */
const MIN_BLIND_US = 30e6;

export function judge(given: Case): Judgement {
  const { sums, beforeFreed } = given;
  const { outCount, laterCount, freedCount, allocCount } = sums;
  if (allocCount === 0) return plain('transient', 'nothing was allocated: only blocks from before were freed');
  // What is freed after the range is outstanding at its end, and no leak.
  const kept = outCount - laterCount;
  const ages = agesOf(given);
  const came = arrivals(sums.out, ages.end);
  const replaced = replacedIn(given, ages);
  // Of old blocks alone, which the coming and going of short-lived ones does not drown.
  const z = deviations(came.total, replaced);
  if (kept < MIN_OUT || (deviations(kept, beforeFreed) < MIN_Z && z < MIN_Z)) return withoutGrowth(given);
  const timed = sums.out.reduce((sum, count) => sum + Math.max(0, count), 0);
  if (timed < kept / 2)
    return plain('insufficient', 'the source does not say when the blocks were allocated: growth needs times');
  if (came.total < MIN_OUT || came.total < 3 * ages.freedOlder) return young(given, ages);
  if (z < MIN_Z)
    return replaced < REPLACED * came.total ? young(given, ages) : turnedOver(given, ages, came.total, replaced);
  if (sums.growth.reduce((sum, bytes) => sum + bytes, 0) <= 0) return plain('steady', 'its bytes do not grow');
  return grown(given, ages, came, z, freedCount / allocCount);
}

/** By how many standard deviations of independent counts one exceeds another. */
const deviations = (a: number, b: number): number => (a + b <= 0 ? 0 : (a - b) / Math.sqrt(a + b));

/**
 * Blocks from before the range that were freed so late in it that they were older than the limit: where blocks come and go at a
 * steady rate, as many as are left that are older.
 */
function replacedIn({ freedBefore, binUs }: Case, { limitUs }: Ages): number {
  const from = limitUs === null ? 0 : Math.ceil(limitUs / binUs);
  return freedBefore.subarray(from).reduce((sum, count) => sum + count, 0);
}

/** As many of the old blocks were freed as new ones grew old. */
function turnedOver({ ownsFreed }: Case, { limitUs }: Ages, old: number, replaced: number): Judgement {
  const which = limitUs === null ? '' : ` that are older than ${seconds(limitUs)}`;
  if (ownsFreed) {
    return plain(
      'steady',
      `${old} blocks are left${which}, but ${replaced} of such an age from before the range were freed: turnover, no growth`,
    );
  }
  return plain(
    'insufficient',
    `${old} of its blocks are left${which}, and ${replaced} of the tag from before the range were freed that may have been its own: whether this stack grows is not known`,
  );
}

/** Nothing is left over, or no more than is freed of what was there before. */
function withoutGrowth({ sums, beforeFreed }: Case): Judgement {
  const { outCount, laterCount, freedCount, allocCount } = sums;
  const freedShare = `${freedCount} of ${allocCount} blocks were freed`;
  if (outCount > 0 && laterCount >= 0.5 * outCount)
    return plain('transient', `${freedShare} in the range, and ${laterCount} of the ${outCount} left after it`);
  if (outCount === 0) return plain('transient', `all ${allocCount} blocks were freed`);
  if (beforeFreed >= REPLACED * outCount && outCount + beforeFreed >= MIN_OUT) {
    return plain(
      'steady',
      `${outCount} blocks are left, but ${beforeFreed} from before the range were freed: turnover, no growth`,
    );
  }
  if (freedCount >= 10 * outCount) return plain('transient', `${freedShare}; ${outCount} are left`);
  return plain('insufficient', `${outCount} blocks are left over: too few to tell growth from chance`);
}

interface Ages {
  /** Blocks that are older than this should have been freed. */
  readonly limitUs: number | null;
  /** Parts of the range of which all blocks are older. */
  readonly end: number;
  /** Blocks of the group that were freed at a greater age. */
  readonly freedOlder: number;
  readonly of: 'own' | 'tag' | null;
}

function agesOf({ sums, others, startUs, endUs, binUs }: Case): Ages {
  const used = Math.min(SLOT_BINS, Math.ceil((endUs - startUs) / binUs - 1e-6));
  const source =
    sums.freedCount >= MIN_LIVES ? sums : others !== null && others.freedCount >= MIN_LIVES ? others : null;
  const p99 = source === null ? null : lifetimeUs(source, 0.99);
  if (source === null || p99 === null) return { limitUs: null, end: used, freedOlder: 0, of: null };
  const power = Math.ceil(Math.log2(Math.max(1, p99))) + 1;
  const limitUs = Math.min(2 ** power, Math.max(1, source.lifeMaxUs));
  const end = Math.max(0, Math.min(used, Math.floor((endUs - limitUs - startUs) / binUs)));
  return { limitUs, end, freedOlder: livedOver(sums, power), of: source === sums ? 'own' : 'tag' };
}

/** What is left is not older than what gets freed. */
function young({ sums, startUs, endUs }: Case, { limitUs, freedOlder }: Ages): Judgement {
  const { outCount, freedCount } = sums;
  if (limitUs !== null && limitUs > (endUs - startUs) / 2) {
    return plain(
      'insufficient',
      `blocks of this kind live up to ${seconds(limitUs)}: the range is too short to see them stay`,
    );
  }
  const tail = freedOlder > 0 ? `; ${freedOlder} were freed at a higher age` : '';
  const why = `the ${outCount} blocks left are mostly no older than those that get freed (within ${seconds(limitUs ?? 0)})${tail}`;
  return plain(freedCount >= outCount ? 'transient' : 'steady', why);
}

function grown(given: Case, ages: Ages, came: Arrivals, z: number, freedShare: number): Judgement {
  const { startUs, endUs, binUs } = given;
  const stoppedUs = startUs + (came.last + 1) * binUs;
  const parts = ages.end - came.first;
  const quiet = ages.end - 1 - came.last;
  const reasons = reasonsOf(given, ages, came, freedShare);
  const score = scoreOf(given, came, ages, z);
  const course = (verdict: PoolVerdict, why: string, stopped: number | null = null): Judgement => ({
    verdict,
    confidence: verdict === 'insufficient' ? null : given.isLossy ? 'low' : 'medium',
    score: Math.min(score, verdict === 'steady' ? 10 : 50),
    reasons: [why, ...reasons],
    against: [why],
    stoppedUs: stopped,
  });
  if ((quiet >= 2 && came.silence < SILENT) || came.lastQuarter < 0.1) {
    const until = seconds(stoppedUs - startUs);
    return course('steady', `it grew until ${until} into the range and then no more: it levelled off`, stoppedUs);
  }
  if (came.occupied < MIN_PARTS || came.effective < MIN_BURSTS) {
    const bursts =
      came.occupied < MIN_PARTS ? `${came.occupied} ${came.occupied === 1 ? 'burst' : 'bursts'}` : 'few bursts';
    return course('insufficient', `what is left came in ${bursts}: growth that goes on does not follow`);
  }
  // Who lives for half of the range cannot be seen to stay in it.
  if (ages.limitUs !== null && ages.limitUs > (endUs - startUs) / 2) return young(given, ages);
  if (isSlowing(came)) return course('growing', 'it grows more and more slowly: it may level off');
  if (came.silence < NEARLY_SILENT) {
    const since = seconds(quiet * binUs);
    return course('growing', `nothing more came in the last ${since} that count: it may have levelled off`);
  }
  if (parts < MIN_SPAN * SLOT_BINS || parts * binUs < MIN_SPAN * (endUs - startUs)) {
    const span = seconds(parts * binUs);
    return course('growing', `it grows for ${span} only: too short to tell a leak from a load that has begun`);
  }
  return {
    verdict: 'leak',
    confidence: confidenceOf(given, ages, came, z),
    score,
    reasons,
    against: againstLeak(given, ages, came),
    stoppedUs: null,
  };
}

function isSlowing({ trend, lastQuarter, lastEighth, effective }: Arrivals): boolean {
  return (
    (trend < DECELERATING && lastQuarter < SLOWING) || lastQuarter < SLOW || (effective / 8 >= 4 && lastEighth < 0.2)
  );
}

/** By how many standard deviations the last quarter holds more than half of what an even growth would have put there. */
function goesOn({ independent, lastQuarter }: Arrivals): number {
  const even = independent / 4;
  return (even * lastQuarter - even / 2) / Math.sqrt(even / 2);
}

function againstLeak({ startUs, endUs }: Case, ages: Ages, came: Arrivals): string[] {
  const against: string[] = [];
  if (ages.of === null)
    against.push(
      'no block of this tag was freed in the range: how long its blocks live is not known, and a cache that still fills looks the same',
    );
  if (ages.of === 'tag') against.push('how long its own blocks live is not known: it freed too few of them');
  if (ages.of === null && endUs - startUs < MIN_BLIND_US)
    against.push(`the range is ${seconds(endUs - startUs)} only, less than ${seconds(MIN_BLIND_US)}`);
  if (came.trend < -2)
    against.push(`it grows more slowly than before: ${percent(came.lastQuarter)} of its mean rate of late`);
  else if (goesOn(came) < GOES_ON) against.push('too few blocks came late to be sure that it goes on');
  return against;
}

function reasonsOf({ sums, startUs, binUs }: Case, ages: Ages, came: Arrivals, freedShare: number): string[] {
  const { outCount, allocCount } = sums;
  const never = `${outCount} of ${allocCount} blocks (${percent(1 - freedShare)}) were not freed`;
  const old =
    ages.limitUs === null
      ? 'none of its blocks was freed in the range'
      : `${came.total} of them are older than ${seconds(ages.limitUs)}, within which 99 % of those that ${ages.of === 'own' ? 'it' : 'the tag'} freed were gone`;
  const since = came.first === 0 ? 'from its start on' : `from ${seconds(came.first * binUs)} into the range on`;
  const even = `it grows all through: ${since}, in ${came.occupied} of ${Math.max(1, ages.end - came.first)} parts of ${seconds(binUs)}`;
  return startUs === Number.NEGATIVE_INFINITY ? [never] : [never, old, even];
}

function confidenceOf(
  { isLossy, startUs, endUs }: Case,
  ages: Ages,
  came: Arrivals,
  z: number,
): 'high' | 'medium' | 'low' {
  const rangeUs = endUs - startUs;
  const going = goesOn(came);
  if (isLossy || came.effective < 10 || going < GOES_ON || came.trend < -3 || came.silence < 0.05) return 'low';
  if (ages.of === null) return rangeUs < MIN_BLIND_US ? 'low' : 'medium';
  const outlived = ages.limitUs !== null && ages.limitUs <= rangeUs / 4;
  // How long blocks of other stacks live need not hold for these.
  return outlived && ages.of === 'own' && came.effective >= 12 && z >= 6 && going >= SURELY_GOES_ON && came.trend > -2
    ? 'high'
    : 'medium';
}

/** Points for a leak; docs/pool.md names each. */
function scoreOf({ sums, isLossy }: Case, came: Arrivals, ages: Ages, z: number): number {
  const growth = Math.min(25, z * 2.5);
  const course = came.silence >= SILENT ? Math.min(25, 25 * Math.min(1, came.lastQuarter)) : 0;
  const age = ages.of === null ? 10 : Math.min(25, (25 * came.total) / Math.max(1, sums.outCount));
  const never = 25 * Math.min(1, sums.outCount / Math.max(1, sums.allocCount));
  return Math.round((growth + course + age + never) * (isLossy ? 0.7 : 1));
}

const plain = (verdict: PoolVerdict, why: string): Judgement => ({
  verdict,
  confidence: verdict === 'insufficient' ? null : 'medium',
  score: 0,
  reasons: [why],
  against: [],
  stoppedUs: null,
});

/** A length of time in the unit that suits it. */
export function seconds(us: number): string {
  if (us < 1000) return `${Number(us.toPrecision(3))} µs`;
  if (us < 1e6) return `${Number((us / 1000).toPrecision(3))} ms`;
  return us < 600e6 ? `${Number((us / 1e6).toPrecision(3))} s` : `${Number((us / 60e6).toPrecision(3))} min`;
}

const percent = (share: number): string => `${(100 * share).toFixed(share > 0.1 ? 0 : 1)} %`;
