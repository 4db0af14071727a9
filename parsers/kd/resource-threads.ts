/**
 * Threads of an executive resource as !locks lists them. Only entries with `<*>` own the resource, the others wait for it
 * shared; a number behind the dash counts how often the thread holds it.
 *
 *     Threads: fffffa8003c9e040-01<*> fffffa8003f5e060-01
 *              fffffa8003f5f060-01
 *     Threads: 80ed0023-01<*> *** Actual Thread 80ed0020
 *     Threads Waiting On Exclusive Access:
 *              fffffa8003c90040       fffffa8003c91040
 */
import { parseAddress } from '../../src/core/symbol.js';
import { dumpLockThread } from '../../src/tables/dump-lock.js';
import type { Taken } from './command.js';
import { fed } from './fed.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import { ADDRESS } from './values.js';

/** Old debuggers mark no owner: these entries wait for the end of their resource to be told apart. */
const MAX_HELD = 4096;

const ENTRY = `(?<![0-9a-f\`])(${ADDRESS})-([0-9a-f]{1,4})(<\\*>)?`;
// `80ed0023-01<*> *** Actual Thread 80ed0020`, `fffffa8003c9e043-01<*> *** Unknown owner, possibly FileSystem`
const ENTRIES = new RegExp(
  `${ENTRY}(?:\\s{0,40}\\*\\*\\* (?:Actual Thread\\s{1,9}(${ADDRESS})|(Unknown owner)))?`,
  'gi',
);
const FIRST_ENTRY = new RegExp(`^${ENTRY}(?=\\s|\\*|<|$)`, 'i');
const ACTUAL = new RegExp(`^\\*\\*\\* Actual Thread\\s{1,9}(${ADDRESS})`, 'i');
const WAITERS = new RegExp(`^${ADDRESS}(?:\\s{1,40}${ADDRESS}){0,15}(?=\\s{0,40}(?:[^\\s0-9a-f-]|$))`, 'i');
const WAITER = new RegExp(ADDRESS, 'gi');

/** Low bits of an owner that is no plain thread: its address goes on without them. */
const OWNER_BITS = 3n;

interface Entry {
  thread: bigint | null;
  readonly count: number;
  readonly isOwner: boolean;
  readonly line: KdLine;
}

/** What decides who owns a resource that has no marks. */
export interface Ownership {
  readonly isExclusive: boolean | null;
  readonly sharedOwners: number | null;
  readonly sharedWaiters: number | null;
  /** An exclusive owner is known to stand first. */
  readonly isOwnerFirst: boolean;
}

/** True for a line of threads that belongs to the list above it. */
export const isEntries = (trimmed: string): boolean => FIRST_ENTRY.test(trimmed);
export const isActual = (trimmed: string): boolean => ACTUAL.test(trimmed);
export const isWaiters = (trimmed: string): boolean => WAITERS.test(trimmed);

export class ResourceThreads {
  /** Not yet written: their roles are open, or the actual thread may follow. */
  #held: Entry[] = [];
  #isMarked = false;
  #isOverfull = false;

  constructor(
    private readonly log: Log,
    private readonly lock: number,
  ) {}

  entries(line: KdLine): Taken {
    for (const match of line.trimmed.matchAll(ENTRIES)) {
      const [, thread, count, mark, actual, unknown] = match;
      const address = parseAddress(actual ?? thread);
      this.#add({
        thread: unknown === undefined ? address : null,
        count: Number.parseInt(count, 16),
        isOwner: mark !== undefined,
        line,
      });
    }
    return fed(this.log, dumpLockThread);
  }

  /** NT 4: `Thread = 809cd2f0, Count = 01`. */
  entry(thread: bigint, count: number, line: KdLine): void {
    this.#add({ thread, count, isOwner: false, line });
  }

  /** `*** Actual Thread 80ed0020` that mail has put into the next line. */
  actual(line: KdLine): Taken {
    const thread = ACTUAL.exec(line.trimmed)?.[1];
    const last = this.#held.at(-1);
    if (thread === undefined || last === undefined) return 'ignored';
    last.thread = parseAddress(thread);
    return fed(this.log, dumpLockThread);
  }

  exclusiveWaiters(line: KdLine): number {
    if (this.#isMarked) this.#flush((one) => (one.isOwner ? 'owner' : 'shared-waiter'));
    const text = WAITERS.exec(line.trimmed)?.[0] ?? '';
    const found = [...text.matchAll(WAITER)];
    for (const [thread] of found) this.#write(parseAddress(thread), 'exclusive-waiter', null, line);
    return found.length;
  }

  #add(entry: Entry): void {
    if (entry.isOwner) this.#isMarked = true;
    // With a mark all roles are known, but for the last entry's actual thread.
    if (this.#isMarked) this.#flush((one) => (one.isOwner ? 'owner' : 'shared-waiter'));
    if (this.#held.length >= MAX_HELD) {
      this.#isOverfull = true;
      this.#flush(() => null);
    }
    this.#held.push(entry);
  }

  /** Writes what is held: nothing more can tell who owns the resource. */
  end(ownership: Ownership): void {
    if (this.#isMarked) this.#flush((one) => (one.isOwner ? 'owner' : 'shared-waiter'));
    else this.#flush(this.#isOverfull ? () => null : rolesOf(ownership, this.#held.length));
  }

  #flush(role: (entry: Entry, index: number) => string | null): void {
    for (const [index, entry] of this.#held.entries()) {
      this.#write(entry.thread, role(entry, index), entry.count, entry.line);
    }
    this.#held = [];
  }

  #write(thread: bigint | null, role: string | null, count: number | null, line: KdLine): void {
    if (thread === 0n) return;
    const plain = thread === null ? null : thread & ~OWNER_BITS;
    this.log.row(dumpLockThread, { lock: this.lock, thread: plain, role, count }, line);
  }
}

/** Roles of entries without marks: sure where they are all of one kind, or the one owner stands in front of the others. */
function rolesOf(ownership: Ownership, count: number): (entry: Entry, index: number) => string | null {
  const { isExclusive, sharedOwners, sharedWaiters, isOwnerFirst } = ownership;
  if (isExclusive === true && (count === 1 || isOwnerFirst || sharedWaiters === count - 1)) {
    return (_, index) => (index === 0 ? 'owner' : 'shared-waiter');
  }
  if (isExclusive === false && sharedOwners !== null && sharedOwners >= count) return () => 'owner';
  return () => null;
}
