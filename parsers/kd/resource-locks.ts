/**
 * `!locks` of the kernel: executive resources. https://learn.microsoft.com/windows-hardware/drivers/debuggercmds/-locks---kdext--locks-
 *
 *     **** DUMP OF ALL RESOURCE OBJECTS ****
 *     KD: Scanning for held locks......
 *
 *     Resource @ nt!ExampleLock (0xfffff80001a81b80)    Exclusively owned
 *         Contention Count = 6
 *         NumberOfSharedWaiters = 1
 *         NumberOfExclusiveWaiters = 1
 *          Threads: fffffa800cd8a040-01<*> fffffa800cd8b040-01
 *          Threads Waiting On Exclusive Access:
 *                   fffffa800cd8c040
 *     2263 total locks, 3 locks currently held
 *
 * With -v a THREAD block stands behind each entry; other modules read it, and the rest of the resource is attached behind it.
 * NT 4 prints another form:
 *
 *     Resource @ 800e99c0
 *      ActiveCount = 0001  Flags = IsOwnedExclusive sharedWaiter
 *      NumberOfExclusiveWaiters = 0000
 *       Thread = 809cd2f0, Count = 01
 */
import { parseAddress } from '../../src/core/symbol.js';
import { dumpLock } from '../../src/tables/dump-lock.js';
import type { Command, Reader, Taken } from './command.js';
import { fed } from './fed.js';
import type { KdLine } from './line.js';
import { lockSymbol } from './lock-symbol.js';
import type { Log } from './log.js';
import { OpenLock } from './open-lock.js';
import { isActual, isEntries, isWaiters } from './resource-threads.js';
import { ADDRESS, hexNumber } from './values.js';

const NAME = '!locks';
/** Broken lists are named before the resources that they belong to. */
const MAX_BROKEN = 1000;

// `Resource @ 0x80e97620    Shared 4 owning threads`, `Resource @ nt!ExampleLock (0x80562400)    Available`
const RESOURCE = new RegExp(
  `^Resource @ (?:(\\S.{0,300}?)\\s{0,9}\\(\\s{0,9}(${ADDRESS})\\)|(${ADDRESS}))\\s{0,99}(.{0,200})$`,
  'i',
);
const STATE = /^(?:(Exclusively owned)|Shared\s{1,9}(\d{1,9})\s{1,9}owning threads?|(Available))/i;
const FIGURE = /^(Contention Count|NumberOf(?:Shared|Exclusive)Waiters)\s{0,9}=\s{0,9}(\S{1,20})/i;
const THREADS = /^Threads:/i;
const WAITING = /^Threads Waiting On Exclusive Access:/i;
// `83b46db0-01<*> << Too many exclusive waiters to list>>`
const ELIDED = /<<\s{0,9}Too many (?:\w{1,20} )?waiters to list/i;
// `An unexpected circular linked list was detected on the shared waiters list for lock 0xffffd08600001000.`
const BROKEN = /\b(?:circular linked list|list (?:is )?(?:corrupt|broken))/i;
const OF_LOCK = new RegExp(`\\bfor (?:lock|resource) (${ADDRESS})\\b`, 'i');
// `ActiveCount = 0001  Flags = IsOwnedExclusive sharedWaiter`
const NT4_STATE = /^ActiveCount = ([0-9a-f]{1,8})\s{1,9}Flags = (.{0,200})$/i;
// `Thread = 809cd2f0, Count = 01`
const NT4_THREAD = new RegExp(`^Thread = (${ADDRESS}), Count = ([0-9a-f]{1,8})\\b`, 'i');
const PROGRESS = /^(?:KD: Scanning for held locks|\*{4} DUMP OF ALL RESOURCE OBJECTS)/i;
// `2263 total locks, 3 locks currently held`
const TOTAL = /^\d{1,12} total locks\b/i;
const WARNING = /^WARNING:/;
export const resourceLocks: Command = {
  name: NAME,
  isTyped: ({ name }) => name === NAME || name === '!er',
  begins: (line, log) => begins(line.trimmed) || continues(line.trimmed, log.openLock),
  read: (log, typed) => new ResourceLocks(log, typed !== null),
};

function begins(trimmed: string): boolean {
  if (trimmed.startsWith('Resource @ ')) return RESOURCE.test(trimmed);
  if (trimmed.startsWith('KD: ') || trimmed.startsWith('****')) return PROGRESS.test(trimmed);
  if (trimmed.startsWith('An unexpected circular')) return OF_LOCK.test(trimmed);
  return trimmed.endsWith('held') && TOTAL.test(trimmed);
}

/** True where the line goes on with a resource inside of whose list something else stood. */
function continues(trimmed: string, open: OpenLock | null): boolean {
  if (open === null) return false;
  if (trimmed.startsWith('Threads')) return THREADS.test(trimmed) || WAITING.test(trimmed);
  if (open.expectsWaiters) return isWaiters(trimmed);
  return open.isListing && isEntries(trimmed);
}

class ResourceLocks implements Reader {
  readonly #broken = new Set<bigint>();

  constructor(
    private readonly log: Log,
    private readonly isTyped: boolean,
  ) {}

  take(line: KdLine): Taken {
    const { trimmed } = line;
    const match = trimmed.startsWith('Resource @') ? RESOURCE.exec(trimmed) : null;
    if (match !== null) return this.#resource(match, line);
    if (PROGRESS.test(trimmed) || TOTAL.test(trimmed)) return 'ignored';
    if (BROKEN.test(trimmed)) return this.#isBroken(trimmed);
    const open = this.log.openLock;
    const taken = open === null ? null : this.#part(open, line);
    if (taken !== null) return taken;
    if (WARNING.test(trimmed)) return 'ignored';
    return this.isTyped ? 'unread' : 'over';
  }

  end(): void {
    // It stays open: more of it may stand behind a block that another module reads.
    this.log.openLock?.write();
  }

  #resource([, symbol, behind, bare, state]: RegExpExecArray, line: KdLine): Taken {
    this.log.openLock?.write();
    const address = parseAddress(behind ?? bare);
    const open = new OpenLock(this.log, address, lockSymbol(symbol ?? ''), line);
    this.log.openLock = open;
    if (address !== null) open.isListBroken = this.#broken.delete(address);
    setState(open, state);
    return fed(this.log, dumpLock);
  }

  /** A line of the resource; null where it is none. */
  #part(open: OpenLock, line: KdLine): Taken | null {
    const { trimmed } = line;
    if (ELIDED.test(trimmed)) open.areWaitersElided = true;
    if (WAITING.test(trimmed)) {
      open.isWaiting = true;
      open.isListing = false;
      return 'ignored';
    }
    if (THREADS.test(trimmed)) {
      open.isListing = true;
      return open.threads.entries(line);
    }
    if (open.isListing && isEntries(trimmed)) return open.threads.entries(line);
    if (open.isListing && isActual(trimmed)) return open.threads.actual(line);
    if (open.isWaiting && isWaiters(trimmed)) return open.waiters(line);
    if (ELIDED.test(trimmed)) return fed(this.log, dumpLock);
    if (open.isLocked === null && setState(open, trimmed)) return fed(this.log, dumpLock);
    return this.#figure(open, line) ?? this.#nt4(open, line);
  }

  #figure(open: OpenLock, line: KdLine): Taken | null {
    const match = FIGURE.exec(line.trimmed);
    if (match === null) return null;
    const value = figureOf(match[2], open.isNt4);
    if (value === null) return this.log.skip('damaged-lock', 'lines of locks that cannot be read were skipped', line);
    const name = match[1].toLowerCase();
    if (name.startsWith('contention')) open.figures.contentionCount = value;
    else if (name.includes('shared')) open.figures.sharedWaiters = value;
    else open.figures.exclusiveWaiters = value;
    return fed(this.log, dumpLock);
  }

  #nt4(open: OpenLock, line: KdLine): Taken | null {
    const state = NT4_STATE.exec(line.trimmed);
    if (state !== null) {
      open.isNt4 = true;
      open.isLocked = Number.parseInt(state[1], 16) > 0;
      open.isExclusive = open.isLocked ? /IsOwnedExclusive/i.test(state[2]) : null;
      if (open.isExclusive === false) open.sharedOwners = Number.parseInt(state[1], 16);
      return fed(this.log, dumpLock);
    }
    const match = NT4_THREAD.exec(line.trimmed);
    const thread = match === null ? null : parseAddress(match[1]);
    if (match === null || thread === null) return null;
    if (thread === 0n) return 'ignored';
    open.threads.entry(thread, Number.parseInt(match[2], 16), line);
    return fed(this.log, dumpLock);
  }

  /** The list of a lock is broken: named in the line, or the one above it. */
  #isBroken(trimmed: string): Taken {
    const address = OF_LOCK.exec(trimmed)?.[1];
    const lock = address === undefined ? null : parseAddress(address);
    const open = this.log.openLock;
    if (open !== null && (lock === null || lock === open.address)) open.isListBroken = true;
    else if (lock !== null && this.#broken.size < MAX_BROKEN) this.#broken.add(lock);
    return fed(this.log, dumpLock);
  }
}

function setState(open: OpenLock, text: string): boolean {
  const match = STATE.exec(text);
  if (match === null) return false;
  const [, exclusive, shared] = match;
  open.isLocked = exclusive !== undefined || shared !== undefined;
  if (open.isLocked) open.isExclusive = exclusive !== undefined;
  if (shared !== undefined) open.sharedOwners = Number(shared);
  return true;
}

/** NT 4 prints figures in hex, with zeros in front; later debuggers in decimal. */
function figureOf(text: string, isNt4: boolean): number | null {
  if (isNt4) return hexNumber(text);
  return /^\d{1,15}$/.test(text) ? Number(text) : null;
}
