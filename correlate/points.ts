/**
 * Scoring: a cause is worth the sum of its points, from 0 to 100. Each rule gives a fixed number of points for a fixed observation;
 * docs/correlate.md lists them all. What the sum cannot carry (a trace of another boot, clocks that are only assumed, a rival as good)
 * bounds the confidence, whatever the sum.
 */
import type { Evidence } from '../src/core/evidence.js';
import type { Case } from './case.js';
import type { Cause, CauseKind, Confidence, Culprit, Join, Point } from './result.js';
import type { RuleName } from './rules.js';

/** A cause under construction. */
export interface Draft {
  readonly cause: CauseKind;
  readonly culprit: Partial<Culprit>;
  readonly statement: string;
  readonly question: string;
  readonly victims: number | null;
  readonly points: readonly Point[];
  /** Further bounds on the confidence, with the reason. */
  readonly caps: readonly Cap[];
  /** True where a join by numbers that nothing else has (addresses of blocks, of routines) ties both sides: clocks are not needed then. */
  readonly isTiedByNumbers: boolean;
  /** True where the dump alone proves it, as it does a ring of certain waits. */
  readonly isProvenByDump?: boolean;
  readonly next: readonly string[];
  /** What ties both sides where that is neither a number nor a name of its own. */
  readonly joins?: readonly Join[];
}

export interface Cap {
  readonly most: Confidence;
  readonly reason: string;
}

const HIGH_FROM = 70;
const MEDIUM_FROM = 40;
/** A rival this near leaves it open which of them it was. */
const RIVAL_WITHIN = 15;

export function point(
  rule: RuleName,
  points: number,
  from: Point['from'],
  statement: string,
  evidence: readonly Evidence[],
  chance: number | null = null,
): Point {
  return { rule, points, statement, from, chance, evidence: unique(evidence).slice(0, 6) };
}

const NOBODY: Culprit = {
  module: null,
  function: null,
  process: null,
  pid: null,
  thread: null,
  remote: null,
  resource: null,
};

const ORDER: readonly Confidence[] = ['low', 'medium', 'high'];
const least = (a: Confidence, b: Confidence): Confidence => (ORDER.indexOf(a) < ORDER.indexOf(b) ? a : b);

const sumOf = (points: readonly Point[]): number =>
  Math.max(0, Math.min(100, Math.round(points.reduce((sum, one) => sum + one.points, 0))));

/** The causes with score and confidence, the surest first. */
export function ranked(drafts: readonly Draft[], all: Case): Cause[] {
  const scored = drafts.map((draft) => ({ draft, score: sumOf(draft.points) }));
  // Of those that all speaks against nothing is told where another answers the same question.
  const isTold = ({ draft, score }: (typeof scored)[number]): boolean =>
    score > 0 || !scored.some((other) => other.score > 0 && other.draft.question === draft.question);
  return scored
    .filter(isTold)
    .map(({ draft, score }) => {
      const rival = scored.find(
        (other) =>
          other.draft !== draft &&
          other.draft.question === draft.question &&
          !isSameCulprit(other.draft, draft) &&
          other.score > score - RIVAL_WITHIN,
      );
      const caps = [...capsOf(draft, all), ...(rival === undefined ? [] : [rivalCap(rival.draft)])];
      const byScore: Confidence = score >= HIGH_FROM ? 'high' : score >= MEDIUM_FROM ? 'medium' : 'low';
      const confidence = caps.reduce((most, cap) => least(most, cap.most), byScore);
      const limits = caps
        .filter((cap) => cap.most !== 'high' && ORDER.indexOf(cap.most) <= ORDER.indexOf(confidence))
        .map(({ reason }) => reason);
      if (byScore !== 'high')
        limits.unshift(`the points come to ${score}; high takes ${HIGH_FROM}, medium ${MEDIUM_FROM}`);
      return { draft, score, confidence, limits };
    })
    .sort(
      (a, b) =>
        ORDER.indexOf(b.confidence) - ORDER.indexOf(a.confidence) ||
        b.score - a.score ||
        (b.draft.victims ?? -1) - (a.draft.victims ?? -1),
    )
    .map(({ draft, score, confidence, limits }, index) => causeOf(draft, score, confidence, limits, index + 1));
}

const isSameCulprit = (a: Draft, b: Draft): boolean =>
  a.cause === b.cause &&
  a.culprit.module === b.culprit.module &&
  a.culprit.function === b.culprit.function &&
  a.culprit.thread === b.culprit.thread &&
  a.culprit.resource === b.culprit.resource;

const rivalCap = ({ culprit, cause }: Draft): Cap => ({
  most: 'medium',
  reason: `${culprit.module ?? culprit.process ?? culprit.resource ?? cause} explains it nearly as well`,
});

/** What bounds every cause. */
function capsOf(draft: Draft, all: Case): Cap[] {
  const { line, dump } = all;
  const caps: Cap[] = [...draft.caps];
  const pro = draft.points.filter(({ points }) => points > 0);
  const hasTrace = pro.some(({ from }) => from !== 'dump');
  const hasDump = pro.some(({ from }) => from !== 'trace');
  if (!hasTrace && !draft.isProvenByDump) {
    caps.push({ most: 'medium', reason: 'only the dump speaks for it: the trace confirms nothing' });
  }
  if (!hasDump) caps.push({ most: 'low', reason: 'only the trace speaks for it: nothing in the dump does' });
  if (hasTrace) caps.push(...bootCaps(draft, pro, all));
  if (hasTrace && line.dumpAtUs === null && !draft.isTiedByNumbers) {
    caps.push({ most: 'medium', reason: 'the clocks of trace and dump cannot be joined' });
  } else if (hasTrace && line.isAssumed && !draft.isTiedByNumbers) {
    caps.push({ most: 'medium', reason: 'the zone or the day of the trace is assumed, not known' });
  }
  const live = dump.quality.find(({ flag }) => flag === 'live');
  const broken = dump.quality.find(({ flag }) => flag === 'inconsistent');
  if (broken !== undefined) caps.push({ most: 'medium', reason: `the dump contradicts itself: ${broken.statement}` });
  else if (live !== undefined)
    caps.push({ most: 'medium', reason: `the dump is of a system that ran on: ${live.statement}` });
  if (waitsBeforeBoot(all)) {
    caps.push({ most: 'medium', reason: 'threads are said to wait longer than the machine was up' });
  }
  return caps;
}

/** Of the boots of those traces that it rests on. */
function bootCaps(draft: Draft, pro: readonly Point[], { boot, context }: Case): Cap[] {
  const cited = new Set(
    pro.filter(({ from }) => from !== 'dump').flatMap(({ evidence }) => evidence.map(({ source }) => source)),
  );
  const own = [...boot.of].filter(([index]) => cited.has(context.sources[index].id)).map(([, one]) => one);
  const boots = own.length > 0 ? own : [boot];
  const other = boots.find(({ isSame }) => isSame === false);
  if (other !== undefined) {
    const ofDump = sumOf(draft.points.filter(({ from }) => from === 'dump'));
    return [
      {
        most: ofDump >= MEDIUM_FROM ? 'medium' : 'low',
        reason: `the trace is of another boot (${other.reasons.join('; ')}), and the points of the dump alone come to ${ofDump}`,
      },
    ];
  }
  if (boots.every(({ isSame }) => isSame === true) || draft.isTiedByNumbers) return [];
  return [{ most: 'medium', reason: 'whether trace and dump are of one boot is not known' }];
}

const waitsBeforeBoot = ({ dump }: Case): boolean => {
  const { uptimeMs } = dump.system;
  return uptimeMs !== null && dump.order.some(({ waitMs }) => waitMs !== null && waitMs > uptimeMs + 60_000);
};

function causeOf(draft: Draft, score: number, confidence: Confidence, limits: readonly string[], rank: number): Cause {
  const isFor = ({ points }: Point): boolean => points > 0;
  const of = (points: readonly Point[]): Evidence[] => unique(points.flatMap(({ evidence }) => evidence)).slice(0, 24);
  return {
    rank,
    cause: draft.cause,
    culprit: { ...NOBODY, ...draft.culprit },
    statement: draft.statement,
    confidence,
    score,
    question: draft.question,
    victims: draft.victims,
    points: draft.points,
    limits,
    evidence: of(draft.points.filter(isFor)),
    against: of(draft.points.filter((one) => !isFor(one))),
    next: [...new Set(draft.next)],
  };
}

/** Each place once. */
export function unique(evidence: readonly Evidence[]): Evidence[] {
  const seen = new Set<string>();
  return evidence.filter(({ source, line, byte, quote }) => {
    const key = `${source} ${line} ${byte} ${line === null && byte === null ? quote : ''}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
