/** Memory that has run out by the dump, where no tag and no process is known to be behind it. */
import type { Case } from '../case.js';
import { type Draft, point } from '../points.js';
import type { Point } from '../result.js';

export function exhaustion(all: Case): Draft[] {
  return all.dump.patterns
    .filter(({ name }) => name.startsWith('Insufficient Memory'))
    .slice(0, 4)
    .map((pattern): Draft => {
      const what = pattern.name.replace(/^Insufficient Memory \(|\)$/g, '');
      const [suspect] = all.dump.leakSuspects.filter(({ kind }) => kind === 'process-commit');
      const isCommit = /commit/.test(what);
      return {
        cause: 'exhaustion',
        culprit: { process: isCommit ? (suspect?.process ?? null) : null, resource: what },
        statement: `${pattern.statement}.`.replace(/\.\.$/, '.'),
        question: what === 'kernel pool' ? 'pool used up' : `memory: ${what}`,
        victims: null,
        points: [
          point('limit-reached', pattern.certain ? 25 : 12, 'dump', pattern.statement, pattern.evidence),
          ...(isCommit && suspect !== undefined
            ? [
                point(
                  'largest-commit',
                  8,
                  'dump',
                  `${suspect.subject} has ${suspect.percent === null ? 'the largest part' : `${suspect.percent.toFixed(0)} %`} of what is committed`,
                  suspect.evidence,
                ),
              ]
            : []),
          ...grew(what, all),
        ],
        caps: [],
        isTiedByNumbers: false,
        next: [...pattern.next],
      };
    });
}

/** Counters of the trace that grew. */
function grew(what: string, { pool }: Case): Point[] {
  const name = /commit/.test(what) ? /commit/i : /pool/.test(what) ? /pool/i : /available/i;
  const counter = pool?.counters.find(
    (one) => name.test(one.name) && (one.verdict === 'growing' || one.verdict === 'leak'),
  );
  if (counter === undefined) return [];
  return [
    point(
      'counter-grew',
      20,
      'both',
      `${counter.name} grew in the trace from ${counter.first} to ${counter.last}`,
      counter.evidence,
    ),
  ];
}
