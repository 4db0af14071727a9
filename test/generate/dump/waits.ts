/** Lets one thread of a draft wait for another. */
import {
  type Draft,
  isSystem,
  type LockDraft,
  newLock,
  newThread,
  programs,
  type ThreadDraft,
  waitersOf,
} from './draft.js';
import { chance, codeAddress, DRIVERS, isWide, LOCKING_DRIVERS, PORTS, SECTIONS } from './machine.js';
import {
  type Address,
  addressOf,
  type DumpEdge,
  type DumpMessage,
  type DumpProcess,
  type EdgeKind,
  processNode,
} from './truth.js';

/** Kinds of waiting for a thread. */
export type HopKind = Extract<EdgeKind, 'lpc' | 'critical-section' | 'mutant' | 'eresource' | 'fast-mutex' | 'thread'>;
/** `lpc` stands for ALPC on Windows 10. */
export const HOP_KINDS: readonly HopKind[] = ['lpc', 'critical-section', 'mutant', 'eresource', 'fast-mutex', 'thread'];

/** Whether a thread can be waited for in this way, by a waiter that may be made for it. */
export function canBeAwaited(draft: Draft, target: ThreadDraft, kind: HopKind): boolean {
  if (target.isIdle) return false;
  if (target.isIdOnly && kind !== 'critical-section') return false;
  if (kind === 'lpc') return target.serves === null && !isSystem(target.process);
  // A thread that ends signals itself and abandons its mutants.
  if (target.state === 'TERMINATED' && (kind === 'mutant' || kind === 'thread')) return false;
  return kind !== 'critical-section' || canOwnSection(draft, target);
}

function canOwnSection(draft: Draft, target: ThreadDraft): boolean {
  if (isSystem(target.process)) return false;
  if (!isWide(draft.generation)) return true;
  // On x64 the section of a waiter must follow from there being no other.
  const contended = contendedSections(draft, target.process);
  return contended.length === 0 || (contended.length === 1 && contended[0].owners[0] === target);
}

export const contendedSections = (draft: Draft, process: DumpProcess): LockDraft[] =>
  draft.locks.filter(
    (lock) => lock.kind === 'critical-section' && lock.process === process.address && waitersOf(lock).length > 0,
  );

/** A new thread that can wait for `target` in this way. */
export function waiterFor(draft: Draft, target: ThreadDraft, kind: HopKind): ThreadDraft {
  const { random } = draft;
  if (kind === 'critical-section') return newThread(draft, target.process);
  const others = programs(draft).filter(({ address }) => address !== target.process.address);
  if (kind === 'lpc') return newThread(draft, random.pick(others.length > 0 ? others : programs(draft)));
  if (kind === 'thread' && chance(random, 0.7)) return newThread(draft, target.process);
  return newThread(draft, random.pick(draft.processes));
}

export function waitForThread(draft: Draft, waiter: ThreadDraft, target: ThreadDraft, kind: HopKind): void {
  waiter.depth = Math.max(waiter.depth, target.depth + 1);
  if (kind === 'lpc') request(draft, waiter, target.process, target);
  else if (kind === 'thread') {
    waiter.wait = { kind: 'thread', target };
    addEdge(draft, {
      from: waiter.address,
      to: target.address,
      kind,
      object: target.address,
      certain: true,
      source: 'wait-object',
    });
  } else if (kind === 'eresource') waitForResource(draft, waiter, [target]);
  else waitForLock(draft, waiter, target, kind);
}

const addEdge = ({ edges }: Draft, edge: DumpEdge): number => edges.push(edge);

/** A request to a process that `server` works on, or nobody. */
export function request(draft: Draft, client: ThreadDraft, process: DumpProcess, server: ThreadDraft | null): void {
  const { random, spaces, generation } = draft;
  const kind = isWide(generation) ? 'alpc' : 'lpc';
  // An x86 server's own block can take the place of !lpc message; nothing takes that of !alpc /m.
  const tellsItself = kind === 'lpc' && server !== null && server.isPrinted && server.state === 'WAIT';
  const message: DumpMessage = {
    kind,
    id: kind === 'lpc' ? draft.nextMessageId() : 0,
    address: kind === 'alpc' ? spaces.paged.next() : null,
    client: client.address,
    server: server?.address ?? null,
    serverProcess: process.address,
    clientPort: spaces.paged.next(),
    serverPort: spaces.paged.next(),
    connectionPort: spaces.paged.next(),
    portName: random.pick(PORTS),
    isShown: server === null ? kind === 'lpc' || chance(random, 0.5) : !(tellsItself && chance(random, 0.3)),
  };
  draft.messages.push(message);
  client.wait = { kind: 'lpc', message };
  if (server !== null) {
    server.serves = message;
    if (kind === 'lpc' && (!message.isShown || chance(random, 0.8))) server.workingOn = message.id;
  }
  const source = server === null ? 'port-owner' : message.isShown ? 'message' : 'working-on';
  const to = server?.address ?? processNode(process.address);
  addEdge(draft, {
    from: client.address,
    to,
    kind,
    object: message.address ?? addressOf(BigInt(message.id)),
    certain: true,
    source,
  });
}

type PlainLockKind = 'critical-section' | 'mutant' | 'fast-mutex';

function waitForLock(draft: Draft, waiter: ThreadDraft, owner: ThreadDraft, kind: PlainLockKind): void {
  const owned = owner.owns.find((lock) => lock.kind === kind && waitersOf(lock).length > 0);
  const mustShare = kind === 'critical-section' && isWide(draft.generation);
  const isShared = owned !== undefined && (mustShare || chance(draft.random, 0.6));
  queueAt(draft, waiter, isShared ? owned : lockOf(draft, owner, kind), kind);
}

function queueAt(draft: Draft, waiter: ThreadDraft, lock: LockDraft, kind: PlainLockKind): void {
  const [owner] = lock.owners;
  lock.exclusiveWaiters.push(waiter);
  waiter.depth = Math.max(waiter.depth, owner.depth + 1);
  waiter.wait = { kind: kind === 'critical-section' ? 'section' : kind, lock };
  addEdge(draft, {
    from: waiter.address,
    to: owner.isIdOnly ? 'unknown' : owner.address,
    kind,
    object: lock.address,
    certain: kind !== 'critical-section' || !isWide(draft.generation),
    source: sourceOf(draft, kind),
  });
}

/** Of sections on x64 finish.ts knows whether there is another. */
function sourceOf({ generation }: Draft, kind: PlainLockKind): DumpEdge['source'] {
  if (kind === 'mutant') return 'wait-object';
  if (kind === 'fast-mutex') return 'mutex-around-event';
  return isWide(generation) ? 'only-contended' : 'argument';
}

/** One more waiter for a lock that has some; false where that cannot be. */
export function joinQueue(draft: Draft, lock: LockDraft): boolean {
  const { kind, owners } = lock;
  if (kind === 'push-lock' || owners.length !== 1 || !canBeAwaited(draft, owners[0], kind)) return false;
  const waiter = waiterFor(draft, owners[0], kind);
  if (kind === 'eresource') queueAtResource(draft, waiter, lock);
  else queueAt(draft, waiter, lock, kind);
  return true;
}

function lockOf(draft: Draft, owner: ThreadDraft, kind: PlainLockKind): LockDraft {
  if (kind === 'critical-section') return newSection(draft, owner);
  const eventOffset = kind === 'fast-mutex' ? (isWide(draft.generation) ? 0x18 : 0xc) : 0;
  return newLock(draft, { kind, address: draft.spaces.nonpaged.next(), owners: [owner], eventOffset });
}

/** Global sections lie at the same address in all processes that load the module. */
export function newSection(draft: Draft, owner: ThreadDraft): LockDraft {
  const { random, generation, spaces } = draft;
  const process = owner.process.address;
  const taken = new Set(draft.locks.filter((lock) => lock.process === process).map(({ address }) => address));
  const symbol = chance(random, 0.5) ? random.pick(SECTIONS) : null;
  const fixed = symbol === null ? null : addressOf(codeAddress(generation, symbol) & ~0x7n);
  const isFree = fixed !== null && !taken.has(fixed);
  const byId = owner.isIdOnly || (owner.isPrinted && chance(random, 0.2));
  const isRaw = byId && generation === '2003' && owner.isPrinted && chance(random, 0.5);
  return newLock(draft, {
    kind: 'critical-section',
    address: isFree ? fixed : spaces.heap.next(),
    symbol: isFree ? symbol : null,
    process,
    owners: [owner],
    recursion: chance(random, 0.2) ? random.whole(2, 3) : 1,
    shownBy: isRaw ? 'dt' : byId ? 'list' : 'list-o',
  });
}

/** Waits for all owners: exclusively where there are several, for they would not keep others from sharing. */
export function waitForResource(draft: Draft, waiter: ThreadDraft, owners: readonly ThreadDraft[]): void {
  const { random } = draft;
  const [owner] = owners;
  const owned = owner.owns.find((lock) => lock.kind === 'eresource' && lock.owners.length === 1);
  const isSingle = owners.length === 1;
  const lock =
    isSingle && owned !== undefined && chance(random, 0.6)
      ? owned
      : newLock(draft, {
          kind: 'eresource',
          ...resourcePlace(draft),
          owners: [...owners],
          isExclusive: isSingle && chance(random, 0.85),
        });
  queueAtResource(draft, waiter, lock);
}

function queueAtResource(draft: Draft, waiter: ThreadDraft, lock: LockDraft): void {
  const isShared = lock.isExclusive && chance(draft.random, 0.35);
  (isShared ? lock.sharedWaiters : lock.exclusiveWaiters).push(waiter);
  waiter.wait = { kind: 'resource', lock, isShared };
  for (const { address, depth } of lock.owners) {
    waiter.depth = Math.max(waiter.depth, depth + 1);
    addEdge(draft, {
      from: waiter.address,
      to: address,
      kind: 'eresource',
      object: lock.address,
      certain: true,
      source: 'lock-list',
    });
  }
}

export function resourcePlace({ random, generation, spaces, locks }: Draft): {
  address: Address;
  symbol: string | null;
} {
  const driver = random.pick(LOCKING_DRIVERS);
  const symbol = `${driver}!${DRIVERS[driver].functions[0].slice(0, 2)}GlobalResource`;
  const address = addressOf(codeAddress(generation, symbol) & ~0x1fn);
  const isFree = chance(random, 0.25) && !locks.some((lock) => lock.address === address);
  return isFree ? { address, symbol } : { address: spaces.nonpaged.next(), symbol: null };
}
