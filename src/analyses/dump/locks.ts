/** Locks of a dump, several sightings of one put together, with their owners and waiters. */
import { pushTo } from '../../core/push-to.js';
import { dumpLock, dumpLockThread } from '../../tables/dump-lock.js';
import { hex } from './frames.js';
import type { Model, Process, Thread } from './model.js';
import type { LockKind } from './result.js';
import type { Cited, DumpRows, Placed } from './rows.js';

type LockRow = Placed<typeof dumpLock>;
type LockThreadRow = Placed<typeof dumpLockThread>;

export interface Lock {
  readonly kind: LockKind;
  readonly address: bigint | null;
  symbol: string | null;
  process: Process | null;
  isLocked: boolean | null;
  isExclusive: boolean | null;
  readonly owners: Thread[];
  readonly sharedWaiters: Thread[];
  readonly exclusiveWaiters: Thread[];
  /** Those that only their own stacks show. */
  readonly foundWaiters: Set<Thread>;
  readonly row: Partial<LockRow>;
  readonly rows: Cited[];
  /** Where each owner and waiter is listed, by its id. */
  readonly places: Map<string, Cited>;
}

/** Size of nt!_FAST_MUTEX and nt!_KGUARDED_MUTEX on x64. */
const FAST_MUTEX_BYTES = 0x38n;

/** Listings of one lock that are cited. */
const MAX_PLACES = 4;

/** Edges that one shared lock may have: made-up ones have thousands of owners and waiters. */
const MAX_EDGES = 50_000;
const MIN_OWNERS = 16;

export class Locks {
  /** Edges that were not made: a shared lock has more owners and waiters than can be joined. */
  edgesLeft = 0;
  readonly all: Lock[] = [];
  readonly #byAddress = new Map<bigint, Lock[]>();
  readonly #sections = new Map<Process | null, readonly Lock[]>();
  #owned: readonly Lock[] | null = null;
  #elided: readonly Lock[] | null = null;

  constructor(rows: DumpRows, model: Model) {
    const threads = new Map<string, LockThreadRow[]>();
    for (const row of rows.of(dumpLockThread)) {
      pushTo(threads, `${row.at.source} ${row.lock}`, row);
    }
    for (const row of rows.of(dumpLock)) this.#add(row, threads.get(`${row.at.source} ${row.lock}`) ?? [], model);
  }

  /** Locks at an address; user-mode ones may lie at the same in several processes. */
  at(address: bigint): readonly Lock[] {
    return this.#byAddress.get(address) ?? [];
  }

  /** A fast mutex around an address: its waiters wait for an event within it. */
  around(address: bigint): Lock | null {
    for (let before = 1n; before < FAST_MUTEX_BYTES; before++) {
      const found = this.at(address - before).find(({ kind }) => kind === 'fast-mutex');
      if (found !== undefined) return found;
    }
    return null;
  }

  /** The one of the first address at which there is any that is meant. */
  among(addresses: readonly (string | null)[], isMeant: (lock: Lock) => boolean): Lock | null {
    for (const address of addresses) {
      const found = address === null ? undefined : this.at(BigInt(address)).find(isMeant);
      if (found !== undefined) return found;
    }
    return null;
  }

  /** Owners that a waiter of a lock is joined with. */
  joinedOwners(lock: Lock): readonly Thread[] {
    const { owners, sharedWaiters, exclusiveWaiters, foundWaiters } = lock;
    const waiters = Math.max(1, sharedWaiters.length + exclusiveWaiters.length, foundWaiters.size);
    const joined = owners.slice(0, Math.max(MIN_OWNERS, Math.floor(MAX_EDGES / waiters)));
    this.edgesLeft += owners.length - joined.length;
    return joined;
  }

  /** Locked critical sections of a process; all where `process` is null (user mode). Asked for after all locks are read. */
  sectionsOf(process: Process | null): readonly Lock[] {
    const known = this.#sections.get(process);
    if (known !== undefined) return known;
    this.#owned ??= this.all.filter(isOwned);
    const sections = this.#owned.filter((lock) => isSection(lock, process));
    this.#sections.set(process, sections);
    return sections;
  }

  /** Executive resources whose waiters are too many to list. */
  get elided(): readonly Lock[] {
    this.#elided ??= this.all.filter(
      ({ kind, owners, row }) => kind === 'eresource' && owners.length > 0 && row.waitersElided === 1,
    );
    return this.#elided;
  }

  #add(row: LockRow, threads: readonly LockThreadRow[], model: Model): void {
    const kind = row.kind as LockKind;
    const process =
      row.processAddress === null ? model.processOf(row.pid) : model.mentionProcess(row.processAddress, null);
    const known =
      row.address === null ? undefined : this.at(row.address).find((lock) => isSame(lock, row, process, model));
    const lock = known ?? this.#make(kind, row.address);
    lock.rows.push(row);
    lock.process ??= process;
    lock.symbol = row.symbol ?? lock.symbol;
    for (const [name, value] of Object.entries(row)) {
      if (value !== null) (lock.row as Record<string, unknown>)[name] = value;
    }
    lock.isLocked = row.isLocked === null ? lock.isLocked : row.isLocked === 1;
    lock.isExclusive = row.isExclusive === null ? lock.isExclusive : row.isExclusive === 1;
    this.#owners(lock, row, threads, model);
  }

  #owners(lock: Lock, row: LockRow, threads: readonly LockThreadRow[], model: Model): void {
    // A later listing replaces what an earlier one said, so that owners of two moments are never mixed.
    if (row.isLocked === 0) lock.owners.length = 0;
    if (row.ownerThread !== null || (row.ownerTid !== null && row.ownerTid !== 0)) {
      const owner = model.mention(row.ownerThread, row.ownerTid, lock.process);
      if (owner !== null) lock.owners.splice(0, lock.owners.length, owner);
      if (owner !== null && owner.process === null && lock.process !== null) {
        owner.process = lock.process;
        owner.image ??= lock.process.image;
      }
    }
    if (threads.length === 0) return;
    const lists = {
      owner: lock.owners,
      'shared-waiter': lock.sharedWaiters,
      'exclusive-waiter': lock.exclusiveWaiters,
    };
    for (const list of Object.values(lists)) list.length = 0;
    const seen = new Set<string>();
    for (const { thread, role, at } of threads) {
      const one = model.mention(thread);
      if (one === null) continue;
      lock.places.set(one.id, { at });
      const key = `${role} ${one.id}`;
      // Null where an old debugger lists threads and does not say which one owns it.
      if (role === null || seen.has(key)) continue;
      seen.add(key);
      lists[role as keyof typeof lists].push(one);
    }
  }

  #make(kind: LockKind, address: bigint | null): Lock {
    const lock: Lock = {
      kind,
      address,
      symbol: null,
      process: null,
      isLocked: null,
      isExclusive: null,
      owners: [],
      sharedWaiters: [],
      exclusiveWaiters: [],
      foundWaiters: new Set(),
      row: {},
      rows: [],
      places: new Map(),
    };
    this.all.push(lock);
    if (address === null) return lock;
    pushTo(this.#byAddress, address, lock);
    return lock;
  }
}

/** Addresses of user mode are unique in a process only: the owner tells, where the process is not known. */
function isSame(lock: Lock, row: LockRow, process: Process | null, model: Model): boolean {
  if (lock.kind !== row.kind) return false;
  if (lock.kind !== 'critical-section') return true;
  const owner = model.threadAt(row.ownerThread) ?? model.threadOfTid(row.ownerTid, process);
  const before = lock.owners[0] ?? null;
  if (owner !== null && before !== null && before !== owner) {
    // Owners of two processes: two sections at one address.
    if (lock.process !== process || (owner.process !== null && owner.process !== before.process)) return false;
  }
  return process === null || lock.process === null || lock.process === process;
}

/** A locked critical section of a process. Who owns it lives in it; the debugger's own setting may have been lost with lines that were cut out. */
export const isSection = (lock: Lock, process: Process | null): boolean => {
  if (lock.kind !== 'critical-section' || !isOwned(lock)) return false;
  const of = lock.owners[0]?.process ?? lock.process;
  return process === null || of === null || of === process;
};

/** Where the log says that a lock has these owners or waiters; rows of the lock itself first. */
export const placesOf = ({ rows, places }: Lock, ...threads: readonly Thread[]): Cited[] => [
  ...rows.slice(-MAX_PLACES),
  ...threads.map(({ id }) => places.get(id)).filter((place) => place !== undefined),
];

export const isOwned = (lock: Lock): boolean => lock.isLocked !== false && lock.owners.length > 0;

/** Threads that are known to wait for a lock. */
export const waitersOf = (lock: Lock): Thread[] => [
  ...new Set([...lock.sharedWaiters, ...lock.exclusiveWaiters, ...lock.foundWaiters]),
];

/** Waiters as the lock itself counts them; null where it does not. */
export function waiterCountOf({ kind, row, sharedWaiters, exclusiveWaiters }: Lock): number | null {
  if (kind !== 'eresource') return row.waiterCount ?? null;
  const [shared, exclusive] = [row.sharedWaiters ?? null, row.exclusiveWaiters ?? null];
  if (shared === null && exclusive === null && sharedWaiters.length + exclusiveWaiters.length === 0)
    return row.waiterCount ?? 0;
  return Math.max(shared ?? 0, sharedWaiters.length) + Math.max(exclusive ?? 0, exclusiveWaiters.length);
}

export const lockName = ({ symbol, address }: Lock): string => {
  const at = hex(address);
  return symbol === null ? (at ?? 'unknown lock') : at === null ? symbol : `${symbol} (${at})`;
};
