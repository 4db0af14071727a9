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
import { bootsOf, type SameBoot } from './same-boot.js';
import { Threads } from './threads.js';
import { allowedMs } from './ticks.js';
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
  const boot = bootsOf(given, line);
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

function alignmentOf(all: Case): Alignment {
  const { line, boot } = all;
  const asked = askedOf(all);
  const spans = spansOf(all);
  const endUs = spans.length === 0 ? null : Math.max(...spans.map(([, end]) => end));
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
    asked,
    overlapMs: overlapOf(line, spans, asked),
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

/** The time before the dump that matters most of what it shows: the watchdog period, else the longest wait, else since the boot. */
function askedOf({ dump }: Case): Alignment['asked'] {
  const { watchdog, system } = dump;
  const periodMs = watchdog === null ? null : allowedMs(watchdog);
  if (watchdog?.kind === 'cumulative' && periodMs !== null) return { what: 'the watchdog period', ms: periodMs };
  const waitMs = longestWait(dump.chains);
  if (waitMs !== null) return { what: 'the longest wait', ms: waitMs };
  return system.uptimeMs === null ? null : { what: 'the time since the boot', ms: system.uptimeMs };
}

/** What the traces hold of that time: each moment once, gaps left out. */
function overlapOf({ dumpAtUs }: Line, spans: readonly Span[], asked: Alignment['asked']): number | null {
  if (dumpAtUs === null || spans.length === 0 || asked === null) return null;
  let [sumUs, upTo] = [0, dumpAtUs - asked.ms * 1000];
  for (const [startUs, endUs] of [...spans].sort((a, b) => a[0] - b[0])) {
    const from = Math.max(startUs, upTo);
    const to = Math.min(endUs, dumpAtUs);
    if (to <= from) continue;
    sumUs += to - from;
    upTo = to;
  }
  return sumUs / 1000;
}

type Span = readonly [startUs: number, endUs: number];

/** First and last instants of the traces; of a text that does not say them, those of all messages. */
function spansOf({ line, dumps, errors, messagesInDump }: Case): Span[] {
  const window = errors?.window ?? null;
  return line.clocks.flatMap(({ startUs, endUs }, index): Span[] => {
    if (index < dumps && !messagesInDump.includes(index)) return [];
    const offset = line.offsetUs[index];
    if (startUs !== null && endUs !== null) return [[startUs, endUs]];
    return window === null || offset === null ? [] : [[window.startUs + offset, window.endUs + offset]];
  });
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
