/** Executive resources, push locks and fast mutexes. */
import { hex } from '../frames.js';
import { type Lock, type Locks, lockName, placesOf } from '../locks.js';
import type { Thread } from '../model.js';
import { type Edge, type Scene, UNKNOWN } from './edge.js';

/** What `!locks` lists: certain both ways. */
export function resourceEdges({ locks, waiters }: Scene): Edge[] {
  const edges: Edge[] = [];
  const explained = new Set<Thread>();
  for (const lock of locks.all.filter(({ kind }) => kind === 'eresource')) {
    for (const [how, list] of [
      ['shared', lock.sharedWaiters],
      ['exclusive', lock.exclusiveWaiters],
    ] as const) {
      for (const thread of list) {
        explained.add(thread);
        edges.push(...toOwners(locks, lock, thread, true, `waits for ${how} access to resource ${lockName(lock)}`));
      }
    }
  }
  for (const { thread, wait } of waiters) {
    if (wait?.kind === 'eresource' && !explained.has(thread)) edges.push(...ofStack(locks, thread));
  }
  return edges;
}

/** A waiter that the list leaves out (`Too many exclusive waiters to list`), or that came from elsewhere. */
function ofStack(locks: Locks, thread: Thread): Edge[] {
  const isOther = ({ owners }: Lock) => owners.length > 0 && !owners.includes(thread);
  const args = thread.args.filter(({ routine }) => /Resource|Shared/i.test(routine ?? ''));
  for (const row of args) {
    const values = [row.arg1, row.arg2, row.arg3, row.arg4];
    const lock = locks.among(values, (one) => one.kind === 'eresource' && isOther(one));
    if (lock === null) continue;
    lock.foundWaiters.add(thread);
    const certain = row.isReliable === 1 && row.arg1 === hex(lock.address);
    return toOwners(locks, lock, thread, certain, `waits for resource ${lockName(lock)}, an argument on its stack`, [
      row,
    ]);
  }
  const elided = locks.elided.filter(isOther);
  if (elided.length === 1) {
    elided[0].foundWaiters.add(thread);
    return toOwners(
      locks,
      elided[0],
      thread,
      false,
      `waits for a resource; ${lockName(elided[0])} is the only one whose waiters are not all listed`,
    );
  }
  const statement = 'waits for an executive resource that !locks does not show';
  return [
    {
      from: thread.id,
      to: UNKNOWN,
      kind: 'eresource',
      object: args[0]?.arg1 ?? null,
      certain: false,
      statement,
      rows: thread.sightings,
    },
  ];
}

function toOwners(
  locks: Locks,
  lock: Lock,
  thread: Thread,
  certain: boolean,
  statement: string,
  rows: Edge['rows'] = [],
): Edge[] {
  return locks.joinedOwners(lock).map((owner) => ({
    from: thread.id,
    to: owner.id,
    kind: 'eresource' as const,
    object: hex(lock.address),
    certain,
    statement: `${statement}, which ${owner === thread ? 'it owns itself' : `${owner.id} owns`}`,
    rows: [...rows, ...placesOf(lock, thread, owner), ...thread.sightings],
  }));
}

function srwEdge(thread: Thread): Edge {
  const row = thread.args.find(({ routine, isReliable }) => isReliable === 1 && /SRWLock/.test(routine ?? ''));
  const statement = 'waits for a slim reader/writer lock: it does not record its owner';
  return {
    from: thread.id,
    to: UNKNOWN,
    kind: 'event',
    object: row?.arg1 ?? null,
    certain: false,
    statement,
    rows: thread.sightings,
  };
}

function mutexAround(locks: Locks, { waitObjects }: Thread): Lock | null {
  const [only] = waitObjects;
  return waitObjects.length !== 1 || only.object === null ? null : locks.around(only.object);
}

/** Their owners are in no list: only a structure shown with `dt` names one. */
export function stackLockEdges({ locks, waiters }: Scene): Edge[] {
  const edges: Edge[] = [];
  for (const { thread, wait } of waiters) {
    if (wait?.kind === 'srw-lock') edges.push(srwEdge(thread));
    if (wait?.kind !== 'push-lock' && wait?.kind !== 'fast-mutex') continue;
    const kind = wait.kind;
    const values = thread.args.flatMap(({ arg1, arg2, arg3, arg4 }) => [arg1, arg2, arg3, arg4]);
    const around = kind === 'fast-mutex' ? mutexAround(locks, thread) : null;
    if (around !== null && around.owners.length > 0) {
      around.foundWaiters.add(thread);
      const statement = `waits for fast mutex ${lockName(around)}, in which the event lies that it waits for`;
      edges.push(...toOwners(locks, around, thread, true, statement).map((edge) => ({ ...edge, kind })));
      continue;
    }
    const lock = locks.among(values, (one) => (one.kind === kind || one.kind === 'mutant') && one.owners.length > 0);
    if (lock !== null) {
      lock.foundWaiters.add(thread);
      const isSure = thread.args.some(({ isReliable, arg1 }) => isReliable === 1 && arg1 === hex(lock.address));
      edges.push(
        ...toOwners(locks, lock, thread, isSure, `waits for ${kind.replace('-', ' ')} ${lockName(lock)}`).map(
          (edge) => ({
            ...edge,
            kind,
          }),
        ),
      );
      continue;
    }
    const first = thread.args.find(({ isReliable }) => isReliable === 1);
    edges.push({
      from: thread.id,
      to: UNKNOWN,
      kind,
      object: first?.arg1 ?? null,
      certain: false,
      statement:
        kind === 'push-lock'
          ? 'waits for a push lock: it does not record its owner'
          : 'waits for a fast mutex; its owner is in the structure (dt nt!_FAST_MUTEX)',
      rows: thread.sightings,
    });
  }
  return edges;
}
