/** How far a dump can be trusted: what the debugger says, and what contradicts itself. */
import { pushTo } from '../../core/push-to.js';
import { dumpQuality } from '../../tables/dump-system.js';
import type { Case } from './case.js';
import { onceForEach } from './frames.js';
import { lockName } from './locks.js';
import type { DumpQuality } from './result.js';
import { type Cited, evidenceOf } from './rows.js';
import { nowOf } from './ticks.js';

/** Kinds of dumps that hold what their kind should. */
const KINDS = new Set(['complete-dump', 'active-dump', 'kernel-dump', 'user-dump']);

export interface Doubt {
  readonly flag: string;
  readonly statement: string;
  readonly rows: readonly Cited[];
}

/** What is asked before a case stands. */
type Asked = Pick<Case, 'rows' | 'model' | 'clock' | 'locks' | 'facts' | 'memory' | 'context'>;

export function qualityOf(all: Asked): DumpQuality[] {
  const doubts = [...said(all), ...inconsistencies(all)];
  const byFlag = new Map<string, Doubt[]>();
  for (const doubt of doubts) pushTo(byFlag, doubt.flag, doubt);
  return [...byFlag].map(([flag, list]) => ({
    flag,
    statement: [...new Set(list.map(({ statement }) => statement))].slice(0, 4).join('; '),
    count: list.length,
    evidence: evidenceOf(
      all.context,
      list.flatMap(({ rows }) => rows),
    ),
  }));
}

const said = ({ rows }: Asked): Doubt[] =>
  rows
    .of(dumpQuality)
    .filter(({ flag }) => !KINDS.has(flag ?? ''))
    .map((row) => ({ flag: row.flag ?? 'other', statement: (row.text ?? '').trim(), rows: [row] }));

const showsLiveKd = onceForEach((frames) => frames.some(({ base }) => base.startsWith('livekd')));

/** What cannot be at one moment. */
function inconsistencies(all: Asked): Doubt[] {
  const { model, clock } = all;
  const found: Doubt[] = [];
  const running = new Map<number, { id: string; now: number | null; rows: Cited[] }[]>();
  for (const {
    id,
    state,
    processor,
    sightings,
    beganAfterNow,
    waitStartTicks,
    frames,
    stackRow,
  } of model.threads.values()) {
    if (state === 'RUNNING' && processor !== null) {
      const now = sightings.map(nowOf).findLast((ticks) => ticks !== null) ?? null;
      pushTo(running, processor, { id, now, rows: [...sightings] });
    }
    if (beganAfterNow) {
      const start =
        waitStartTicks === null || clock.nowTicks === null || waitStartTicks <= clock.nowTicks
          ? ''
          : ` (${waitStartTicks}, now is ${clock.nowTicks})`;
      found.push({
        flag: 'inconsistent',
        statement: `the wait of ${id} began after the time of the dump${start}`,
        rows: sightings,
      });
    }
    if (showsLiveKd(frames)) {
      found.push({
        flag: 'live',
        statement: `LiveKd is on the stack of ${id}: the system ran while it was read`,
        rows: stackRow === null ? sightings : [stackRow],
      });
    }
  }
  for (const [cpu, seen] of running) {
    // A live session shows one thread after the other: only what can be of one moment contradicts itself.
    const last = seen.findLast(({ now }) => now !== null)?.now ?? null;
    const threads = seen.filter(({ now }) => now === null || now === last);
    if (threads.length < 2) continue;
    const ids = threads.map(({ id }) => id).join(' and ');
    found.push({
      flag: 'inconsistent',
      statement: `${ids} are all RUNNING on processor ${cpu}`,
      rows: threads.flatMap(({ rows }) => rows),
    });
  }
  return [...found, ...broken(all), ...tooLarge(all)];
}

/** The debugger found a list of waiters broken: some may be missing. */
const broken = ({ locks }: Pick<Case, 'locks'>): Doubt[] =>
  locks.all
    .filter(({ row }) => row.isListBroken === 1)
    .map((lock) => ({
      flag: 'inconsistent',
      statement: `the list of owners and waiters of ${lockName(lock)} is broken`,
      rows: lock.rows,
    }));

/** The debugger says that the dump is cut. */
export const isSaidTruncated = ({ rows }: Pick<Case, 'rows'>): boolean =>
  rows.of(dumpQuality).some(({ flag }) => flag === 'truncated');

/**
 * A complete dump that does not fit into the page file. Since Windows 7 dumps may have a file of their own, so sizes alone say nothing
 * where the debugger has found all of memory.
 */
function tooLarge({ facts, memory, rows }: Pick<Case, 'facts' | 'memory' | 'rows'>): Doubt[] {
  const { pageFileKb = null, physicalKb = null } = memory ?? {};
  const isComplete = /complete/i.test(facts.text('system', 'dumpKind') ?? '');
  const isWhole = rows.of(dumpQuality).some(({ flag }) => flag === 'complete-dump');
  if (!isComplete || (isWhole && !isSaidTruncated({ rows }))) return [];
  if (pageFileKb === null || physicalKb === null || pageFileKb >= physicalKb) return [];
  const row = facts.of('vm')[0];
  return [
    {
      flag: 'truncated',
      statement: `the page file (${pageFileKb} Kb) is smaller than physical memory (${physicalKb} Kb): a complete dump does not fit`,
      rows: row === undefined ? [] : [row],
    },
  ];
}

/** The system ran while it was read (LiveKd, local kernel debugging): what stands side by side may be of two moments. */
export const isLive = ({ quality }: Pick<Case, 'quality'>): boolean => quality.some(({ flag }) => flag === 'live');
