/** Threads, processes and locks as the answer shows them. */
import type { Case } from './case.js';
import { type Frame, hex, onceForEach } from './frames.js';
import { type Lock, waiterCountOf, waitersOf } from './locks.js';
import type { Process, Thread } from './model.js';
import type { DumpOptions } from './options.js';
import type { DumpFrame, DumpLock, DumpProcess, DumpThread } from './result.js';
import { type Cited, evidenceOf } from './rows.js';

const MAX_EVIDENCE = 4;

const frameOf = ({ address, symbol, module, function: fn, offset }: Frame): DumpFrame => ({
  address: hex(address),
  symbol,
  module,
  function: fn,
  offset,
});

const shownFrames = onceForEach((frames) => frames.map(frameOf));

/** What names the threads that no command has printed: locks, messages, wait objects. */
export function mentionsOf({ model, locks, graph }: Case): ReadonlyMap<string, readonly Cited[]> {
  const found = new Map<string, Cited[]>();
  for (const { id, sightings } of model.threads.values()) if (sightings.length === 0) found.set(id, []);
  if (found.size === 0) return found;
  const name = (id: string, rows: readonly Cited[]): void => {
    const known = found.get(id);
    if (known !== undefined && known.length < MAX_EVIDENCE) known.push(...rows.slice(0, MAX_EVIDENCE));
  };
  for (const lock of locks.all) for (const { id } of [...lock.owners, ...waitersOf(lock)]) name(id, lock.rows);
  for (const { from, to, rows } of graph.edges) for (const id of [to, from]) name(id, rows);
  return found;
}

/** A thread; `mentions` cites those that no command has printed. */
export function threadOf(
  thread: Thread,
  all: Case,
  idle: boolean,
  mentions: ReadonlyMap<string, readonly Cited[]>,
): DumpThread {
  const { process, row, sightings } = thread;
  const isSeen = sightings.length > 0;
  return {
    id: thread.id,
    address: hex(thread.address),
    process: thread.image,
    processAddress: hex(process?.address ?? null),
    pid: thread.pid ?? process?.pid ?? null,
    tid: thread.tid,
    number: thread.number,
    state: thread.state,
    processor: thread.processor,
    waitReason: thread.waitReason,
    waitStartTicks: thread.waitStartTicks,
    waitTicks: thread.waitTicks,
    waitMs: thread.waitMs,
    waitStartUtc: waitStartOf(thread, all),
    beganAfterNow: isSeen ? thread.beganAfterNow : null,
    waitObjects: thread.waitObjects.map(({ object, type, owner }) => ({
      address: hex(object),
      type,
      owner: hex(owner),
    })),
    irps: thread.irps.map((irp) => hex(irp) ?? ''),
    userMs: row.userMs ?? null,
    kernelMs: row.kernelMs ?? null,
    contextSwitches: row.contextSwitches ?? null,
    priority: row.priority ?? null,
    startRoutine: startOf(row),
    frames: shownFrames(thread.frames),
    doubtfulFrame: thread.doubtfulFrame,
    stackNotResident: isSeen ? row.stackNotResident === 1 : null,
    isIdle: isSeen ? idle : null,
    evidence: evidenceOf(all.context, isSeen ? sightings : (mentions.get(thread.id) ?? []), MAX_EVIDENCE),
  };
}

/** Where a thread began. A server thread's LPC message overwrites that in the debugger's output. */
function startOf({ win32StartRoutine, startRoutine, lpcWorkingOn }: Thread['row']): string | null {
  const message = numberOf(lpcWorkingOn ?? '');
  const isMessage = (text: string): boolean => message !== null && numberOf(text) === message;
  const [win32, system] = [win32StartRoutine ?? null, startRoutine ?? null];
  const start = win32 === null || isMessage(win32) ? system : win32;
  if (start === null || isMessage(start)) return null;
  return hex(numberOf(start)) ?? start;
}

/** A bare address, with or without `0x`; null for a symbol. */
const numberOf = (text: string): bigint | null => {
  const [, digits] = /^(?:0x)?([0-9a-f`]{1,17})$/i.exec(text) ?? [];
  return digits === undefined ? null : BigInt(`0x${digits.replaceAll('`', '') || '0'}`);
};

/** Null where the log does not say when the dump was taken. */
function waitStartOf({ waitMs }: Thread, all: Case): string | null {
  const session = sessionMs(all);
  return session === null || waitMs === null ? null : new Date(session - waitMs).toISOString();
}

const sessionMs = ({ context }: Case): number | null => {
  const start = context.sources.map(({ about }) => about.clock.startUtc).find((text) => text !== null) ?? null;
  return start === null ? null : Date.parse(start);
};

/** Processes that pass the filters, with the number of their threads in the log. */
export function processesOf({ model, context }: Case, { process, processAddresses, pids }: DumpOptions): DumpProcess[] {
  const counts = new Map<Process, number>();
  for (const thread of model.threads.values()) {
    if (thread.process !== null) counts.set(thread.process, (counts.get(thread.process) ?? 0) + 1);
  }
  return model.processes
    .filter((one) => (process === null || process(one.image ?? '')) && (pids === null || pids.has(one.pid ?? -1)))
    .filter((one) => processAddresses === null || processAddresses.has(hex(one.address) ?? ''))
    .map((one) => ({
      address: hex(one.address),
      image: one.image,
      pid: one.pid,
      parentPid: one.row.parentPid ?? null,
      sessionId: one.row.sessionId ?? null,
      handleCount: one.row.handleCount ?? null,
      threadCount: counts.get(one) ?? null,
      commandLine: one.row.commandLine ?? null,
      elapsedMs: one.row.elapsedMs ?? null,
      userMs: one.row.userMs ?? null,
      kernelMs: one.row.kernelMs ?? null,
      commitPages: one.row.commitPages ?? null,
      evidence: evidenceOf(context, one.rows, MAX_EVIDENCE),
    }));
}

/** A lock with its owners and waiters by id. */
export function lockOf(lock: Lock, { context }: Case): DumpLock {
  const { row, process } = lock;
  const waiterCount = waiterCountOf(lock);
  // Of a resource that nobody waits for, `!locks` prints neither count.
  const unprinted = lock.kind === 'eresource' && waiterCount !== null ? 0 : null;
  return {
    kind: lock.kind,
    address: hex(lock.address),
    symbol: lock.symbol,
    processAddress: hex(process?.address ?? row.processAddress ?? null),
    process: process?.image ?? null,
    locked: lock.isLocked ?? (lock.owners.length > 0 ? true : null),
    exclusive: lock.isExclusive,
    owners: lock.owners.map(({ id }) => id),
    ownerTid: row.ownerTid ?? lock.owners[0]?.tid ?? null,
    sharedWaiters: row.sharedWaiters ?? (lock.sharedWaiters.length || unprinted),
    exclusiveWaiters: row.exclusiveWaiters ?? (lock.exclusiveWaiters.length || unprinted),
    waiterCount,
    waiters: waitersOf(lock).map(({ id }) => id),
    recursionCount: row.recursionCount ?? null,
    contentionCount: row.contentionCount ?? null,
    evidence: evidenceOf(context, lock.rows, MAX_EVIDENCE),
  };
}
