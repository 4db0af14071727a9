/** Templates that are new, have stopped, or come at another rate than before. */
import type { JoinedTemplate } from './joined.js';
import { PARTS, type Strips } from './strips.js';

export interface Turn {
  readonly kind: 'new' | 'stopped' | 'faster' | 'slower';
  readonly template: JoinedTemplate;
  readonly atUs: number;
  readonly before: number;
  readonly after: number;
}

/** Probability (ln) that messages spread evenly over the trace leave as long a stretch at its beginning or end empty. */
const LN_ALONE = -14;
/** Share of the trace that must be before what is new, or after what stopped. */
const LEAST_SHARE = 0.05;
/** Likelihood ratio (ln) of two rates against one, over the spread of the counts. */
const LN_RATES = 15;
const LEAST_RATIO = 2;
const LEAST_COUNT = 30;
const LEAST_PARTS = 8;
/** Likelihood ratio (ln), over the spread, from which on a stretch has the other rate: of 50 true changes one is lost. */
const LN_BACK = 4;

interface Range {
  readonly startUs: number;
  readonly endUs: number;
}

export interface Life {
  readonly first: number;
  readonly last: number;
  readonly count: number;
  readonly counts: ArrayLike<number>;
}

/** What changed in the whole trace, by the messages themselves. */
export function turnsOf(template: JoinedTemplate, life: Life, strips: Strips, whole: Range): Turn[] {
  const spanUs = whole.endUs - whole.startUs;
  if (!(spanUs > 0) || life.count < 3) return [];
  const turns: Turn[] = [];
  const before = (life.first - whole.startUs) / spanUs;
  const after = (whole.endUs - life.last) / spanUs;
  const alone = (life.count - 1) / clustering(life.counts);
  const isNew = before >= LEAST_SHARE && alone * Math.log1p(-before) < LN_ALONE;
  const isOver = after >= LEAST_SHARE && alone * Math.log1p(-after) < LN_ALONE;
  const rate = (fromUs: number, toUs: number): number => (toUs > fromUs ? (1e6 * life.count) / (toUs - fromUs) : 0);
  if (isNew) {
    turns.push({ kind: 'new', template, atUs: life.first, before: 0, after: rate(life.first, whole.endUs) });
  }
  if (isOver) {
    turns.push({ kind: 'stopped', template, atUs: life.last, before: rate(whole.startUs, life.last), after: 0 });
  }
  if (!isNew && !isOver) turns.push(...rateChange(template, life, strips, whole));
  return turns;
}

/** Variance over mean of the counts from the first message to the last: a burst says as little as one message. At least 1. */
function clustering(counts: ArrayLike<number>): number {
  const parts = Array.from(counts);
  const own = parts.slice(
    parts.findIndex((count) => count > 0),
    parts.findLastIndex((count) => count > 0) + 1,
  );
  const mean = own.reduce((sum, count) => sum + count, 0) / own.length;
  const squares = own.reduce((sum, count) => sum + (count - mean) ** 2, 0);
  return own.length < 2 ? Math.max(1, mean) : Math.max(1, squares / (own.length - 1) / mean);
}

/** What was first said in a window, and what was last said in it. */
export function turnsInWindow(template: JoinedTemplate, life: Life, window: Range, whole: Range): Turn[] {
  const within = (us: number): boolean => us >= window.startUs && us <= window.endUs;
  const perSecond = (fromUs: number, toUs: number): number =>
    toUs > fromUs ? (1e6 * life.count) / (toUs - fromUs) : 0;
  const turns: Turn[] = [];
  if (within(life.first) && window.startUs > whole.startUs) {
    turns.push({ kind: 'new', template, atUs: life.first, before: 0, after: perSecond(life.first, whole.endUs) });
  }
  if (within(life.last) && window.endUs < whole.endUs) {
    turns.push({ kind: 'stopped', template, atUs: life.last, before: perSecond(whole.startUs, life.last), after: 0 });
  }
  return turns;
}

/** The split into two rates that fits best, where it fits far better than one, and each rate holds on its side. */
function rateChange(template: JoinedTemplate, life: Life, strips: Strips, whole: Range): Turn[] {
  const { from, to } = wholeParts(life, strips, whole);
  if (to - from < LEAST_PARTS) return [];
  const counts = Array.from(life.counts).slice(from, to);
  if (sumOf(counts) < LEAST_COUNT) return [];
  const best = bestSplit(counts);
  if (best.at < 0) return [];
  const { at, before, after } = best;
  const ratio = after / Math.max(before, 1e-9);
  const isLarge = ratio >= LEAST_RATIO || ratio <= 1 / LEAST_RATIO;
  const clusters = spread(counts, at, before, after);
  if (!isLarge || best.ln / clusters < LN_RATES) return [];
  const isBack = comesBack(counts.slice(at), after, before, LN_BACK * clusters);
  const wasThere = comesBack(counts.slice(0, at).reverse(), before, after, LN_BACK * clusters);
  if (isBack || wasThere) return [];
  const perSecond = 1e6 / strips.partUs;
  return [
    {
      kind: ratio > 1 ? 'faster' : 'slower',
      template,
      atUs: strips.startUs + (from + at) * strips.partUs,
      before: before * perSecond,
      after: after * perSecond,
    },
  ];
}

/** Parts that lie wholly within the trace and behind the first message: what begins late is new, not faster. */
function wholeParts({ first }: Life, { startUs, partUs }: Strips, whole: Range): { from: number; to: number } {
  return {
    from: Math.max(0, Math.ceil((Math.max(first, whole.startUs) - startUs) / partUs)),
    to: Math.min(PARTS, Math.floor((whole.endUs - startUs) / partUs)),
  };
}

function bestSplit(counts: readonly number[]): { at: number; ln: number; before: number; after: number } {
  const { length } = counts;
  const count = sumOf(counts);
  let best = { at: -1, ln: 0, before: 0, after: 0 };
  let left = 0;
  for (let at = 1; at < length; at++) {
    left += counts[at - 1];
    const right = count - left;
    const ln = likelihood(left, at) + likelihood(right, length - at) - likelihood(count, length);
    if (ln > best.ln) best = { at, ln, before: left / at, after: right / (length - at) };
  }
  return best;
}

/**
 * True where the other rate is there again: at the end of the stretch that has its `own` rate (the pause in between is told as such),
 * or for a third of it. `ln` is how much likelier the other rate must make the counts.
 */
function comesBack(counts: readonly number[], own: number, other: number, ln: number): boolean {
  const { length } = counts;
  // A rate of nothing at all would make a single message impossible.
  const [mine, its] = [own, other].map((rate) => Math.max(rate, 0.5 / length));
  const third = Math.ceil(length / 3);
  const sums = [0];
  for (const count of counts) sums.push(sums[sums.length - 1] + count * Math.log(its / mine) - (its - mine));
  for (let end = 1; end <= length; end++) {
    for (let start = 0; start < end; start++) {
      if ((end === length || end - start >= third) && sums[end] - sums[start] > ln) return true;
    }
  }
  return false;
}

const sumOf = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

/** ln of the largest likelihood of a Poisson count, but for what is the same in all splits. */
const likelihood = (count: number, parts: number): number => (count === 0 ? 0 : count * Math.log(count / parts));

/** Variance over mean of the counts beside both rates: bursts make any two rates differ. At least 1. */
function spread(counts: readonly number[], at: number, before: number, after: number): number {
  const squares = counts.reduce((sum, count, i) => {
    const mean = Math.max(i < at ? before : after, 0.5);
    return sum + (count - mean) ** 2 / mean;
  }, 0);
  return Math.max(1, squares / Math.max(1, counts.length - 2));
}
