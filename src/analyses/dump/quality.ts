/** How far a dump can be trusted: what the debugger says, and what contradicts itself. */
import { dumpQuality } from '../../tables/dump-system.js';
import type { Case } from './case.js';
import { onceForEach } from './frames.js';
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

export function qualityOf(all: Case): DumpQuality[] {
  const doubts = [...said(all), ...inconsistencies(all)];
  const byFlag = new Map<string, Doubt[]>();
  for (const doubt of doubts) byFlag.set(doubt.flag, [...(byFlag.get(doubt.flag) ?? []), doubt]);
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

const said = ({ rows }: Case): Doubt[] =>
  rows
    .of(dumpQuality)
    .filter(({ flag }) => !KINDS.has(flag ?? ''))
    .map((row) => ({ flag: row.flag ?? 'other', statement: (row.text ?? '').trim(), rows: [row] }));

const showsLiveKd = onceForEach((frames) => frames.some(({ base }) => base.startsWith('livekd')));

/** What cannot be at one moment. */
export function inconsistencies({ model, clock, facts, memory }: Case): Doubt[] {
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
      running.set(processor, [...(running.get(processor) ?? []), { id, now, rows: [...sightings] }]);
    }
    if (beganAfterNow) {
      const start =
        waitStartTicks === null || clock.nowTicks === null || waitStartTicks <= clock.nowTicks
          ? ''
          : ` (${waitStartTicks}, now is ${clock.nowTicks})`;
      found.push({
        flag: 'inconsistent',
        statement: `the wait of ${id} began behind the time of the dump${start}`,
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
  for (const [cpu, all] of running) {
    // A live session shows one thread after the other: only what can be of one moment contradicts itself.
    const last = all.findLast(({ now }) => now !== null)?.now ?? null;
    const threads = all.filter(({ now }) => now === null || now === last);
    if (threads.length < 2) continue;
    const ids = threads.map(({ id }) => id).join(' and ');
    found.push({
      flag: 'inconsistent',
      statement: `${ids} are all RUNNING on processor ${cpu}`,
      rows: threads.flatMap(({ rows }) => rows),
    });
  }
  const { pageFileKb, physicalKb } = memory ?? {};
  const isComplete = /complete/i.test(facts.text('system', 'dumpKind') ?? '');
  if (
    isComplete &&
    pageFileKb !== null &&
    pageFileKb !== undefined &&
    physicalKb !== null &&
    physicalKb !== undefined &&
    pageFileKb < physicalKb
  ) {
    const row = facts.of('vm')[0];
    found.push({
      flag: 'truncated',
      statement: `the page file (${pageFileKb} Kb) is smaller than physical memory (${physicalKb} Kb): a complete dump does not fit`,
      rows: row === undefined ? [] : [row],
    });
  }
  return found;
}
