/** Joins both sides: clocks, identities, causes. */
import type { Evidence, Finding } from '../src/core/evidence.js';
import type { Case } from './case.js';
import { draftsOf } from './causes/index.js';
import { type Line, lineOf } from './clock-alignment.js';
import type { Given } from './given.js';
import { joinsOf } from './joins.js';
import { missingOf } from './missing.js';
import { ranked, unique } from './points.js';
import type { Alignment, Cause, CorrelateResult, Join, TimeLine } from './result.js';
import { type SameBoot, sameBootOf } from './same-boot.js';
import { Threads } from './threads.js';
import { stripsOf, timeLineOf } from './time-line.js';
import { unexplainedOf } from './unexplained.js';
import { verdictOf } from './verdict.js';

export interface Correlated {
  readonly result: CorrelateResult;
  readonly findings: readonly Finding[];
  readonly timeline: TimeLine;
}

export async function correlate(given: Given): Promise<Correlated> {
  const line = await lineOf(given);
  const boot = sameBootOf(given, line);
  const all: Case = { ...given, line, boot, threads: new Threads(given) };
  const drafts = draftsOf(all);
  const every = ranked(drafts, all);
  const { top } = given.options;
  const causes = top > 0 ? every.slice(0, top) : every;
  const timeline = timeLineOf(all, causes);
  const result: CorrelateResult = {
    verdict: verdictOf(causes, all),
    alignment: alignmentOf(all),
    joins: onceEach([...drafts.flatMap(({ joins }) => joins ?? []), ...joinsOf(all)]),
    causes,
    unexplained: unexplainedOf(all, causes),
    missing: missingOf(all),
    timeline: {
      startUs: timeline.startUs,
      endUs: timeline.endUs,
      dumpAtUs: timeline.dumpAtUs,
      strips: stripsOf(timeline),
    },
  };
  return { result, findings: causes.flatMap(findingOf), timeline };
}

function onceEach(joins: readonly Join[]): Join[] {
  const seen = new Set<string>();
  return joins.filter(({ kind, key, statement }) => {
    const name = `${kind} ${key} ${statement}`;
    if (seen.has(name)) return false;
    seen.add(name);
    return true;
  });
}

function alignmentOf({ line, boot, dump, dumps, errors }: Case): Alignment {
  const ends = line.clocks.slice(dumps).flatMap(({ endUs }) => (endUs === null ? [] : [endUs]));
  const windowEnd = errors?.window?.endUs ?? null;
  const endUs = ends.length > 0 ? Math.max(...ends) : windowEnd;
  const { dumpAtUs } = line;
  const boundMs = line.uncertaintyMs ?? 0;
  const gapMs = dumpAtUs === null || endUs === null ? null : Math.max(0, (dumpAtUs - endUs) / 1000);
  const after = dumpAtUs === null ? null : dumpAtUs < -boundMs * 1000;
  return {
    method: line.method,
    offsetMs: dumpAtUs === null ? null : dumpAtUs / 1000,
    uncertaintyMs: line.uncertaintyMs,
    sameBoot: boot.isSame,
    sameBootReasons: boot.reasons,
    traceBeforeDump: after === null ? null : !after,
    gapMs,
    overlapMs: overlapOf(line, endUs, dump.system.uptimeMs, dump.watchdog?.limitMs ?? null, longestWait(dump.chains)),
    statement: statementOf(line, boot),
    clocks: line.clocks,
    evidence: unique([...line.evidence, ...boot.evidence]) as readonly Evidence[],
  };
}

const longestWait = (chains: readonly { readonly longestWaitMs: number | null }[]): number | null =>
  chains.reduce<number | null>(
    (most, { longestWaitMs }) => (longestWaitMs === null ? most : Math.max(most ?? 0, longestWaitMs)),
    null,
  );

/** Of what the dump asks about (watchdog period, longest wait, else the uptime) the part that the trace holds. */
function overlapOf(
  { dumpAtUs }: Line,
  endUs: number | null,
  uptimeMs: number | null,
  periodMs: number | null,
  waitMs: number | null,
): number | null {
  const askedMs = periodMs ?? waitMs ?? uptimeMs;
  if (dumpAtUs === null || endUs === null || askedMs === null) return null;
  const fromUs = Math.max(0, dumpAtUs - askedMs * 1000);
  return Math.max(0, (Math.min(endUs, dumpAtUs) - fromUs) / 1000);
}

function statementOf(line: Line, boot: SameBoot): string {
  const same =
    boot.isSame === null
      ? boot.reasons.length === 0
        ? 'Nothing says whether they are of one boot.'
        : `Whether they are of one boot is open: ${boot.reasons.join('; ')}.`
      : `They are of ${boot.isSame ? 'one boot' : 'different boots'}: ${boot.reasons.join('; ')}.`;
  return `${line.statement} ${same}`;
}

/** A cause as a finding, for those who read findings of every command alike. */
function findingOf(cause: Cause): Finding[] {
  const [first, ...rest] = cause.evidence;
  if (first === undefined) return [];
  return [
    {
      rule: cause.cause,
      level: cause.confidence === 'low' ? 'note' : cause.confidence === 'high' ? 'error' : 'warning',
      message: cause.statement,
      confidence: cause.confidence,
      evidence: [first, ...rest],
      against: cause.against,
      next: cause.next,
    },
  ];
}
