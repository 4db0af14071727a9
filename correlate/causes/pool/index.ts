/**
 * Pool that the dump shows to be used up, against what the trace shows to be allocated and not freed: the same tag, the same blocks, a
 * growth that comes to the dump's total since the boot, and the code that allocates.
 */

import { poolText, tagText } from '../../../src/analyses/pool/bytes-text.js';
import type { PoolTag } from '../../../src/analyses/pool/result.js';
import type { Case } from '../../case.js';
import type { Draft } from '../../points.js';
import { allocatorPoints, listedCaller } from './driver-points.js';
import { allocators, listedShare, type Share } from './share.js';
import { plain, type Subject, subjectOf } from './subject.js';
import { blockJoin, inDump, inTrace, slopeJoin } from './tag-points.js';

const CANDIDATES = 8;
/** Of a pool: less is not what uses it up. */
const LEAST_PERCENT = 3;

export function poolLeak(all: Case): Draft[] {
  const { pool, dump } = all;
  if (pool === null) return [];
  const suspects = dump.leakSuspects.filter(({ kind }) => kind === 'pool-tag');
  const big = suspects.slice(0, CANDIDATES);
  const isBig = ({ tag, paged }: PoolTag): boolean =>
    big.some(
      (one) => plain(one.subject) === plain(tag ?? '') && (one.paged === null || paged === null || one.paged === paged),
    );
  const asked = pool.tags.filter(
    (row) => row.tag !== null && (isBig(row) || row.verdict === 'leak' || row.verdict === 'growing'),
  );
  const subjects = asked.map((row) => subjectOf(row.tag as string, row.paged, row, suspects, pool));
  // Tags of lists and breakpoints, of which no snapshot and no trace tells.
  const known = new Set(subjects.map(({ tag }) => plain(tag)));
  for (const { tag, count } of [...pool.blocks, ...pool.stacks.filter(({ from }) => from !== 'trace')]) {
    if (tag === null || count === 0 || known.has(plain(tag))) continue;
    known.add(plain(tag));
    const row = pool.tags.find((one) => one.tag !== null && plain(one.tag) === plain(tag)) ?? null;
    subjects.push(subjectOf(tag, row?.paged ?? null, row, suspects, pool));
  }
  return subjects
    .filter((one) => isWorthIt(one, all))
    .sort((a, b) => weight(b) - weight(a))
    .slice(0, CANDIDATES)
    .flatMap((one) => draftsOf(one, all));
}

const weight = ({ row, suspect }: Subject): number =>
  (suspect?.bytes ?? row?.snapshotBytes ?? 0) + 60 * Math.max(0, row?.slopeBytesPerSecond ?? 0);

/** The dump has to show it: what only grows in the trace is said by `tracekit pool`. */
function isWorthIt({ row, suspect, listed, stacks }: Subject, { dump }: Case): boolean {
  if ((suspect?.percent ?? 0) >= LEAST_PERCENT || listed.some(({ count }) => count > 0)) return true;
  if (stacks.some(({ from }) => from !== 'trace')) return true;
  return row?.verdict === 'leak' && (dump.memory?.failedPoolAllocations ?? 0) > 0;
}

/** One draft for each driver that allocates a good part; one without a driver where stacks do not tell. */
function draftsOf(subject: Subject, all: Case): Draft[] {
  const shares = allocators(subject);
  if (shares.length === 0) return [draftOf(subject, listedShare(subject), all)];
  return shares.slice(0, 3).map((share) => draftOf(subject, share, all));
}

function draftOf(subject: Subject, share: Share | null, all: Case): Draft {
  const { tag, paged, row } = subject;
  const join = slopeJoin(subject, all);
  const blocks = blockJoin(subject);
  const points = [
    ...inDump(subject, all),
    ...inTrace(subject, all),
    ...(join === null ? [] : [join]),
    ...blocks,
    ...allocatorPoints(subject, share),
    ...listedCaller(subject, share),
  ];
  const who = share === null ? null : `${share.module}${share.function === null ? '' : `!${share.function}`}`;
  const on = share?.process == null ? '' : ` on behalf of ${share.process}`;
  return {
    cause: 'pool-leak',
    culprit: {
      module: share?.module ?? null,
      function: share?.function ?? null,
      process: share?.process ?? null,
      resource: `tag ${tagText(tag)}`,
    },
    statement:
      `${tagText(tag)} in ${poolText(paged)} ${verdictText(row)}` +
      (who === null
        ? '; which code allocates it, the trace does not show'
        : `: ${(100 * (share as Share).part).toFixed(0)} % ${share?.stack?.from === 'trace' ? 'of what is outstanding in the trace' : 'of what the debugger shows'} was allocated by ${who}${on}`) +
      (join === null ? '.' : `; ${join.statement}.`) +
      (share !== null && share.innocent.length > 0
        ? ` The same tag is used, and freed, by ${share.innocent.slice(0, 4).join(', ')}.`
        : ''),
    question: 'pool used up',
    victims: null,
    points,
    caps: [
      ...(share === null ? [{ most: 'medium' as const, reason: 'no stack names the code that allocates' }] : []),
      ...(share !== null && !share.leaks
        ? [{ most: 'medium' as const, reason: `the trace does not show that what ${share.module} allocates stays` }]
        : []),
      ...(row !== null && (row.verdict === 'steady' || row.verdict === 'transient')
        ? [{ most: 'low' as const, reason: 'the tag does not grow in the trace' }]
        : []),
    ],
    isTiedByNumbers: blocks.some(({ points: worth }) => worth > 0),
    next: stepsOf(subject, share, all),
  };
}

function verdictText(row: PoolTag | null): string {
  switch (row?.verdict) {
    case 'leak':
      return 'leaks';
    case 'growing':
      return 'grows';
    case 'steady':
      return 'does not grow in the trace';
    case 'transient':
      return 'comes and goes in the trace';
    default:
      return 'is what the dump shows';
  }
}

function stepsOf({ tag, listed }: Subject, share: Share | null, { dump }: Case): string[] {
  const steps: string[] = [];
  if (share === null) steps.push(`tracekit recipe pool --tag "${tag}"`);
  if (listed.length === 0) steps.push(`!poolfind ${tag} -tag`);
  if (share !== null)
    steps.push(`verifier /flags 0x9 /driver ${share.module}`, `lmv m ${share.module.replace(/\.sys$/i, '')}`);
  if (dump.system.uptimeMs === null) steps.push('.time');
  return steps;
}
