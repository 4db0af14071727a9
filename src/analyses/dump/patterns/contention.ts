/** Locks and processors that many want at a time. */

import { dumpProcessor } from '../../../tables/dump-system.js';
import type { Case } from '../case.js';
import { hex } from '../frames.js';
import { isOwned, type Lock, lockName, waiterCountOf, waitersOf } from '../locks.js';
import { isIdleOn } from '../processors.js';
import type { DumpPattern } from '../result.js';
import { counted, type PatternFinder, pattern, someOf } from './pattern.js';

/** Waiters from which on a lock is contended. Contentions are counted since it was made: they say nothing of now. */
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
    const waiters = waitersNow(lock);
    return (
      waiters >= MANY_WAITERS ||
      (waiters >= SOME_WAITERS && isOwned(lock)) ||
      (wasContended(lock) && (waiters > 0 || lock.isLocked !== false))
    );
  });
  return contended
    .sort((a, b) => waitersNow(b) - waitersNow(a))
    .slice(0, 12)
    .map((lock) => {
      const waiters = waitersNow(lock);
      const count = lock.row.contentionCount ?? null;
      const statement =
        waiters === 0
          ? `${lockName(lock)} was contended ${count} times since it was made; ${waiterCountOf(lock) === null ? 'how many wait for it now is not known' : 'nobody waits for it now'}${ownerText(lock)}`
          : `${counted(waiters, 'thread')} ${waiters === 1 ? 'waits' : 'wait'} for ${lockName(lock)}${count === null ? '' : `, contended ${count} times so far`}${ownerText(lock)}`;
      return pattern(all, {
        name: `High Contention (${KINDS[lock.kind] ?? lock.kind})`,
        certain: waiters >= MANY_WAITERS || (waiters >= SOME_WAITERS && wasContended(lock)),
        statement,
        subjects: [hex(lock.address) ?? '', ...lock.owners.map(({ id }) => id)],
        rows: lock.rows,
        next: ownerSteps(lock),
      });
    });
}

/** What its owner does decides; who owned it most, only a trace of the time tells. */
const ownerSteps = ({ owners }: Lock): string[] => [
  ...owners
    .filter(({ address }) => address !== null)
    .slice(0, 2)
    .map(({ id }) => `!thread ${id.slice(2)} 1f: what the owner does`),
  'a trace of context switches over the time (WPA CPU Usage (Precise), by waiting stack)',
];

/** As the lock counts them, or as many as are known. */
const waitersNow = (lock: Lock): number => Math.max(waiterCountOf(lock) ?? 0, waitersOf(lock).length);

const wasContended = ({ row }: Lock): boolean => (row.contentionCount ?? 0) >= MANY_CONTENTIONS;

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

/** Processors of masks such as `ff`; null where there is none. */
function processorsIn(masks: string | null): number | null {
  if (masks === null) return null;
  const digits = masks.replace(/[^0-9a-f]/gi, '');
  return [...digits].reduce(
    (sum, digit) => sum + [...Number.parseInt(digit, 16).toString(2)].filter((bit) => bit === '1').length,
    0,
  );
}

/** Every processor has something to run. `!running` without -i leaves out idle ones: nothing is said where one is not known. */
function processors(all: Case): DumpPattern[] {
  const { rows, model, facts } = all;
  const [system, idleOnes] = ['system', 'idle'].map((name) => facts.last('running', name));
  const count = processorsIn(system?.value ?? null) ?? facts.number('system', 'cpus');
  if (count === null || (processorsIn(idleOnes?.value ?? null) ?? 0) > 0) return [];
  const ready = [...model.threads.values()].filter(({ state }) => state === 'READY' || state === 'STANDBY');
  const known = rows.of(dumpProcessor).filter(({ cpu }) => cpu !== null);
  const latest = [...new Map(known.map((row) => [row.cpu, row])).values()];
  const isIdle = ({ current, idle, prcb }: (typeof latest)[number]): boolean =>
    isIdleOn(current, idle, prcb) ?? (current !== null && isIdleThread(all, current));
  // An idle thread that is current beside a next thread is about to go: the processor is taken.
  const taken = latest.filter((row) => row.next !== null || (row.current !== null && !isIdle(row)));
  if (latest.length < count || latest.length === 0 || ready.length === 0 || taken.length < latest.length) return [];
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
      next: ['!running -it: what runs on each; a trace with CPU samples tells who uses them over time'],
    }),
  ];
}

function isIdleThread({ model }: Case, address: bigint): boolean {
  const thread = model.threadAt(address);
  return thread !== null && thread.pid === 0 && thread.tid === 0;
}
