/** What either side shows and no cause explains: a reader must not take the first finding for the whole story. */
import { durationText } from '../src/core/duration-text.js';
import type { Case } from './case.js';
import { unique } from './points.js';
import type { Cause, Unexplained } from './result.js';

const MOST = 20;
/** Waits that nobody stands at the end of: threads that wait much longer than the chains that were told. */
const MOST_WAITS = 3;

export function unexplainedOf(all: Case, causes: readonly Cause[]): Unexplained[] {
  return [
    ...bugcheck(all, causes),
    ...earlierWaits(all, causes),
    ...rhythms(all, causes),
    ...disks(all, causes),
    ...longRuns(all, causes),
    ...leaks(all, causes),
    ...patterns(all, causes),
  ].slice(0, MOST);
}

function bugcheck({ dump }: Case, causes: readonly Cause[]): Unexplained[] {
  const { bugcheck: found } = dump.system;
  if (found === null || causes.some(({ question }) => question.startsWith('bugcheck'))) return [];
  if (/^0x(?:e2|0)$/.test(found.code)) return [];
  return [
    {
      statement: `bugcheck ${found.code}${found.name === null ? '' : ` (${found.name})`}: no cause that was looked for explains it`,
      from: 'dump',
      evidence: found.evidence,
      next: ['!analyze -v'],
    },
  ];
}

/** Threads that wait longer than any chain that a cause names. */
function earlierWaits({ dump }: Case, causes: readonly Cause[]): Unexplained[] {
  const told = new Set(causes.flatMap(({ culprit, question }) => [culprit.thread, ...question.split(' ')]));
  const chained = new Set(
    dump.chains
      .filter(({ root, threads }) => told.has(root.node) || threads.some((id) => told.has(id)))
      .flatMap(({ threads }) => threads),
  );
  if (chained.size === 0) return [];
  const longest = Math.max(
    0,
    ...dump.order.filter(({ thread }) => chained.has(thread)).map(({ waitMs }) => waitMs ?? 0),
  );
  return dump.order
    .filter(({ thread, waitMs }) => !chained.has(thread) && waitMs !== null && waitMs > longest * 1.05 + 1000)
    .slice(0, MOST_WAITS)
    .flatMap(({ thread, waitMs, process }): Unexplained[] => {
      const found = dump.threads.find(({ id }) => id === thread);
      if (found === undefined || found.evidence.length === 0) return [];
      return [
        {
          statement: `${process ?? 'thread'} ${thread} waits for ${durationText(waitMs as number)}, longer than any thread of the chains above, and is on none of them`,
          from: 'dump',
          evidence: found.evidence.slice(0, 2),
          next: found.address === null ? [] : [`!thread ${found.address.slice(2)}`],
        },
      ];
    });
}

/** Errors in rhythm that no cause names. */
function rhythms({ errors }: Case, causes: readonly Cause[]): Unexplained[] {
  const told = new Set(causes.flatMap(({ culprit }) => (culprit.resource === null ? [] : [culprit.resource])));
  const places = placesOf(causes);
  return (errors?.periodic ?? [])
    .filter(
      ({ level, template, confidence, evidence }) =>
        (level === 'error' || level === 'critical') &&
        confidence !== 'low' &&
        !told.has(`"${template}"`) &&
        !evidence.some(({ source, line, byte }) => places.has(`${source} ${line} ${byte}`)),
    )
    .slice(0, 5)
    .map(({ template, periodMs, count, evidence, process, pid }) => ({
      statement: `"${template}" comes every ${durationText(periodMs)} (${count} times${process === null && pid === null ? '' : `, ${process ?? `PID ${pid}`}`}): nothing in the dump is tied to it`,
      from: 'trace',
      evidence,
      next: [],
    }));
}

const placesOf = (causes: readonly Cause[]): Set<string> =>
  new Set(
    causes
      .flatMap(({ evidence, against }) => [...evidence, ...against])
      .map(({ source, line, byte }) => `${source} ${line} ${byte}`),
  );

function disks({ errors }: Case, causes: readonly Cause[]): Unexplained[] {
  const told = new Set(causes.flatMap(({ culprit }) => [culprit.module, culprit.resource]));
  return (errors?.disks ?? [])
    .filter(({ provider }) => !told.has(provider))
    .slice(0, 3)
    .map(({ provider, eventId, count, meaning, evidence }) => ({
      statement: `${provider ?? 'a disk'} logged event ${eventId} ${count} times${meaning === null ? '' : ` (${meaning})`}: no wait of the dump is tied to it`,
      from: 'trace',
      evidence,
      next: [],
    }));
}

/** DPCs of a hundredth of a second and more in a dump of something else. */
function longRuns({ dpc, dump }: Case, causes: readonly Cause[]): Unexplained[] {
  const longest = dpc?.longest ?? null;
  if (longest === null || longest.durationUs < 10_000 || dump.watchdog !== null) return [];
  if (causes.some(({ culprit }) => culprit.module === longest.module)) return [];
  return [
    {
      statement: `${longest.module ?? 'an unknown module'} ran ${durationText(longest.durationUs / 1000)} in one ${longest.kind ?? 'DPC'}: the dump shows nothing that comes of it`,
      from: 'trace',
      evidence: longest.evidence,
      next: ['tracekit dpc'],
    },
  ];
}

/** Leaks of the trace that the dump does not show. */
function leaks({ pool }: Case, causes: readonly Cause[]): Unexplained[] {
  return (pool?.tags ?? [])
    .filter(
      ({ verdict, confidence, tag }) =>
        verdict === 'leak' &&
        confidence !== 'low' &&
        !causes.some(({ culprit }) => culprit.resource === `tag '${tag}'`),
    )
    .slice(0, 3)
    .map(({ tag, evidence }) => ({
      statement: `'${tag}' leaks in the trace: in the dump it is none of the large tags`,
      from: 'trace' as const,
      evidence: unique(evidence),
      next: [`tracekit pool --tag '${tag}'`],
    }))
    .filter(({ evidence }) => evidence.length > 0);
}

/** Of the dump's own patterns: those that say how it was taken or read explain nothing. */
const OF_READING =
  /^(?:Coincidental|Manual Dump|Virtualized|Paged Out|Incorrect|Truncated|Inconsistent|No |Unloaded|Filter Order)/;
const MOST_PATTERNS = 6;

/** What the dump shows for certain and no cause names: there may be more than one thing wrong. */
function patterns({ dump }: Case, causes: readonly Cause[]): Unexplained[] {
  const places = placesOf(causes);
  // Threads that causes are about, by culprit or question.
  const told = new Set(causes.flatMap(({ culprit, question }) => [culprit.thread, ...question.split(' ')]));
  return dump.patterns
    .filter(
      ({ name, certain, evidence, subjects }) =>
        certain &&
        !subjects.some((subject) => told.has(subject)) &&
        !OF_READING.test(name) &&
        !evidence.some(({ source, line, byte }) => places.has(`${source} ${line} ${byte}`)),
    )
    .slice(0, MOST_PATTERNS)
    .map(({ name, statement, evidence, next }) => ({
      statement: `${name}: ${statement}`,
      from: 'dump',
      evidence: evidence.slice(0, 3),
      next,
    }));
}
