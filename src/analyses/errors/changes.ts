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

/** The split into two rates that fits best, where it fits far better than one. */
function rateChange(template: JoinedTemplate, { counts, count }: Life, strips: Strips, whole: Range): Turn[] {
  if (count < LEAST_COUNT) return [];
  const parts = Math.min(PARTS, Math.ceil((whole.endUs - strips.startUs) / strips.partUs));
  const from = Math.max(0, Math.floor((whole.startUs - strips.startUs) / strips.partUs));
  if (parts - from < 8) return [];
  let best = { at: -1, ln: 0, left: 0 };
  let left = 0;
  for (let at = from + 1; at < parts; at++) {
    left += counts[at - 1];
    const ln = likelihood(left, at - from) + likelihood(count - left, parts - at) - likelihood(count, parts - from);
    if (ln > best.ln) best = { at, ln, left };
  }
  if (best.at < 0) return [];
  const before = best.left / (best.at - from);
  const after = (count - best.left) / (parts - best.at);
  const ratio = after / Math.max(before, 1e-9);
  const isLarge = ratio >= LEAST_RATIO || ratio <= 1 / LEAST_RATIO;
  if (!isLarge || best.ln / spread(counts, from, best.at, parts, before, after) < LN_RATES) return [];
  const perSecond = 1e6 / strips.partUs;
  return [
    {
      kind: ratio > 1 ? 'faster' : 'slower',
      template,
      atUs: strips.startUs + best.at * strips.partUs,
      before: before * perSecond,
      after: after * perSecond,
    },
  ];
}

/** ln of the largest likelihood of a Poisson count, but for what is the same in all splits. */
const likelihood = (count: number, parts: number): number => (count === 0 ? 0 : count * Math.log(count / parts));

/** Variance over mean of the counts beside both rates: bursts make any two rates differ. At least 1. */
function spread(
  counts: ArrayLike<number>,
  from: number,
  at: number,
  to: number,
  before: number,
  after: number,
): number {
  let sum = 0;
  for (let i = from; i < to; i++) {
    const mean = Math.max(i < at ? before : after, 0.5);
    sum += (counts[i] - mean) ** 2 / mean;
  }
  return Math.max(1, sum / Math.max(1, to - from - 2));
}
