/** Several sightings of one thread put together, and what contradicts itself kept apart. */

import type { Diagnostics } from '../../core/diagnostic.js';
import { pushTo } from '../../core/push-to.js';
import { type Frame, frameOfText } from './frames.js';
import type { Thread, ThreadRow, WaitObjectRow } from './model.js';
import type { Cited, DumpRows } from './rows.js';
import type { DumpClock } from './ticks.js';

/** Commands that print all of a thread; the others show a part, or less reliably. */
const WHOLE = new Set(['!thread', '!process', '!sprocess']);
/** Columns in which two sightings of the same moment must agree. */
const CONSTANT = ['pid', 'tid', 'waitStartTicks', 'state'] as const;

/**
 * Puts sightings together in the order of the log. One that contradicts those before it is of another moment, or more to be
 * believed: then only who the thread is stays of them.
 */
export function mergeSightings(thread: Thread): void {
  let hasWhole = false;
  for (const sighting of thread.sightings) {
    const whole = isWhole(sighting);
    if (contradicts(thread.row, sighting)) {
      // A line of a list is no match for a whole block.
      if (hasWhole && !whole) continue;
      const row = thread.row as Record<string, unknown>;
      for (const column of OF_WAIT) row[column] = null;
      thread.current = [];
    }
    hasWhole ||= whole;
    overlay(thread.row, sighting);
    thread.current.push(sighting);
  }
}

/**
 * The longest stack counts where several fit each other: the others are cut (`kv 10`), or without arguments. Where they do not, the
 * last one is of another moment, and counts.
 */
export function chooseStack(thread: Thread, rows: DumpRows): void {
  for (const row of thread.current) {
    const frames = rows.framesOf(row.at.source, row.stack);
    if (frames.length === 0) continue;
    if (!isSameStack(frames, thread.frames)) {
      thread.frames = [];
      thread.stackRows = [];
    }
    thread.stackRows.push(row);
    if (frames.length < thread.frames.length) continue;
    thread.frames = frames;
    thread.stackRow = row;
    thread.doubtfulFrame = row.doubtfulFrame;
  }
  const { blocker } = thread.row;
  if (thread.frames.length === 0 && typeof blocker === 'string' && blocker.includes('!')) {
    thread.frames = [frameOfText(blocker)];
    thread.stackRow = thread.sightings.find((row) => row.blocker === blocker) ?? null;
  }
}

/** Tells of whole blocks of one moment that do not agree. */
export function tellContradictions(thread: Thread, clock: DumpClock, diagnostics: Diagnostics): void {
  const whole = thread.sightings.filter(isWhole);
  for (let i = 1; i < whole.length; i++) {
    const [before, row] = [whole[i - 1], whole[i]];
    if (clock.isLater(before, row)) continue;
    const column = CONSTANT.find((name) => before[name] !== null && row[name] !== null && before[name] !== row[name]);
    if (column === undefined) continue;
    diagnostics.add(
      'contradicting-sightings',
      'warning',
      'a thread is printed several times with values that contradict each other: the last one counts',
      {
        line: row.at.cite.line,
        example: `${thread.id}: ${column} ${before[column]}, then ${row[column]}`,
      },
    );
    return;
  }
}

/** Columns of one wait. */
const OF_WAIT = [
  'state',
  'processor',
  'waitReason',
  'waitMode',
  'alertable',
  'waitStartTicks',
  'waitTicks',
  'waitMs',
  'beganAfterNow',
  'lpcMessage',
  'lpcPort',
  'lpcWorkingOn',
  'alpcMessage',
  'alpcPort',
  'alpcOwner',
  'blocker',
] as const;
/** Columns of which two sightings of one wait show the same. */
const SAME = ['state', 'waitReason', 'waitStartTicks', 'lpcMessage', 'alpcMessage'] as const;

const contradicts = (row: Partial<ThreadRow>, sighting: ThreadRow): boolean =>
  SAME.some((column) => {
    const [before, now] = [row[column] ?? null, sighting[column]];
    if (before === null || now === null || before === now) return false;
    // `!stacks` says Blocked of a thread that waits.
    return !(column === 'state' && [before, now].every((state) => state === 'WAIT' || state === 'BLOCKED'));
  });

/** Frames that two stacks of one wait have in common. */
const COMMON = 3;

/** True where one can be a part of the other, cut at its inner end or its outer one, or there is none yet. */
function isSameStack(a: readonly Frame[], b: readonly Frame[]): boolean {
  const [long, short] = a.length >= b.length ? [a, b] : [b, a];
  if (short.length === 0) return true;
  const from = long.findIndex(({ symbol }) => symbol !== null && symbol === short[0].symbol);
  if (from < 0) return false;
  const common = Math.min(short.length, long.length - from, COMMON);
  for (let i = 1; i < common; i++) if (long[from + i].symbol !== short[i].symbol) return false;
  return true;
}

/** True for a row that prints all of a thread. */
export const isWhole = ({ command }: ThreadRow): boolean => WHOLE.has(command ?? '');

/** Sets what `from` knows. */
export function overlay(row: object, from: object): void {
  const target = row as Record<string, unknown>;
  for (const [name, value] of Object.entries(from)) if (value !== null) target[name] = value;
}

const MAX_SIGHTINGS = 2 ** 32;
/** By which rows of other tables find their sighting. */
export const sightingKey = ({ at, sighting }: { readonly sighting: number | null } & Cited): number =>
  at.source * MAX_SIGHTINGS + (sighting ?? -1);

/** Rows by the thread of their sighting; those of sightings that no longer count are left out. */
export function grouped<R extends { readonly sighting: number | null } & Cited>(
  rows: readonly R[],
  owners: ReadonlyMap<number, Thread>,
): Map<Thread, R[]> {
  const groups = new Map<Thread, R[]>();
  for (const row of rows) {
    const thread = owners.get(sightingKey(row));
    if (thread === undefined) continue;
    pushTo(groups, thread, row);
  }
  return groups;
}

/** Of several sightings the rows of the last one. */
export function ofLastSighting(rows: readonly WaitObjectRow[]): WaitObjectRow[] {
  const last = rows[rows.length - 1];
  return rows.filter(({ sighting, at }) => sighting === last.sighting && at.source === last.at.source);
}
