/** Locks and processors that many want at a time. */

import { dumpProcessor } from '../../../tables/dump-system.js';
import type { Case } from '../case.js';
import { hex } from '../frames.js';
import { isOwned, type Lock, lockName, waiterCountOf } from '../locks.js';
import { isIdleOn } from '../processors.js';
import type { DumpPattern } from '../result.js';
import { counted, type PatternFinder, pattern, someOf } from './pattern.js';

/** Waiters from which on a lock is contended, and contentions since it was made. */
const MANY_WAITERS = 10;
const SOME_WAITERS = 4;
const MANY_CONTENTIONS = 100_000;
const KINDS: Readonly<Record<string, string>> = {
  'critical-section': 'critical sections',
  eresource: 'executive resources',
  mutant: 'mutexes',
  'push-lock': 'push locks',
  'fast-mutex': 'fast mutexes',
};

export const contentionPatterns: PatternFinder = (all) => [
  ...locks(all),
  ...swarms(all),
  ...orphans(all),
  ...processors(all),
];

function locks(all: Case): DumpPattern[] {
  const contended = all.locks.all.filter((lock) => {
    const waiters = waiterCountOf(lock) ?? 0;
    return (
      waiters >= MANY_WAITERS ||
      (waiters >= SOME_WAITERS && isOwned(lock)) ||
      (lock.row.contentionCount ?? 0) >= MANY_CONTENTIONS
    );
  });
  return contended
    .sort((a, b) => (waiterCountOf(b) ?? 0) - (waiterCountOf(a) ?? 0))
    .slice(0, 12)
    .map((lock) => {
      const waiters = waiterCountOf(lock) ?? 0;
      const count = lock.row.contentionCount ?? null;
      const isHigh = waiters >= MANY_WAITERS || (count ?? 0) >= MANY_CONTENTIONS;
      return pattern(all, {
        name: `High Contention (${KINDS[lock.kind] ?? lock.kind})`,
        certain: isHigh,
        statement: `${counted(waiters, 'thread')} wait for ${lockName(lock)}${count === null ? '' : `, contended ${count} times so far`}${ownerText(lock)}`,
        subjects: [hex(lock.address) ?? '', ...lock.owners.map(({ id }) => id)],
        rows: lock.rows,
      });
    });
}

const ownerText = ({ owners }: Lock): string =>
  owners.length === 0
    ? ''
    : `; ${owners.length === 1 ? 'its owner is' : 'its owners are'} ${someOf(owners.map(({ id, image }) => (image === null ? id : `${id} (${image})`)))}`;

const MANY_OWNERS = 8;

function swarms(all: Case): DumpPattern[] {
  return all.locks.all
    .filter(({ owners, isExclusive }) => isExclusive === false && owners.length >= MANY_OWNERS)
    .map((lock) =>
      pattern(all, {
        name: 'Swarm of Shared Locks',
        certain: true,
        statement: `${lock.owners.length} threads share ${lockName(lock)}: who wants it exclusively waits for all of them`,
        subjects: [hex(lock.address) ?? '', ...lock.owners.slice(0, 20).map(({ id }) => id)],
        rows: lock.rows,
      }),
    );
}

/** Owned by a thread that has ended. */
function orphans(all: Case): DumpPattern[] {
  return all.locks.all.flatMap((lock) =>
    lock.owners
      .filter(({ state }) => state === 'TERMINATED')
      .map((owner) =>
        pattern(all, {
          name: lock.kind === 'critical-section' ? 'Critical Section Corruption' : 'Orphaned Lock',
          certain: true,
          statement: `${lockName(lock)} is owned by ${owner.id}, which has ended: nobody will release it`,
          subjects: [hex(lock.address) ?? '', owner.id],
          rows: [...lock.rows, ...owner.sightings],
          next: [
            'find the code path that ends the thread without releasing the lock (!thread of the owner; Driver Verifier, Application Verifier)',
          ],
        }),
      ),
  );
}

function processors(all: Case): DumpPattern[] {
  const { rows, model } = all;
  const ready = [...model.threads.values()].filter(({ state }) => state === 'READY' || state === 'STANDBY');
  const latest = [...new Map(rows.of(dumpProcessor).map((row) => [row.cpu, row])).values()];
  const isIdle = ({ current, idle, prcb }: (typeof latest)[number]): boolean =>
    isIdleOn(current, idle, prcb) ?? (current !== null && isIdleThread(all, current));
  // An idle thread that is current beside a next thread is about to go: the processor is taken.
  const taken = latest.filter((row) => row.next !== null || (row.current !== null && !isIdle(row)));
  if (latest.length === 0 || ready.length === 0 || taken.length < latest.length) return [];
  const idle = latest.filter((row) => isIdle(row));
  const other =
    idle.length > 0 ? `; on ${idle.length} of them the idle thread is current and a next thread is chosen` : '';
  return [
    pattern(all, {
      name: 'High Contention (processors)',
      certain: ready.length > latest.length,
      statement: `all ${latest.length} processors are taken${other}; ${counted(ready.length, 'thread')} ${ready.length === 1 ? 'is' : 'are'} ready and ${ready.length === 1 ? 'gets' : 'get'} none`,
      subjects: ready.slice(0, 20).map(({ id }) => id),
      rows: [...latest.slice(0, 4), ...ready.slice(0, 3).flatMap(({ sightings }) => sightings)],
    }),
  ];
}

function isIdleThread({ model }: Case, address: bigint): boolean {
  const thread = model.threadAt(address);
  return thread !== null && thread.pid === 0 && thread.tid === 0;
}
