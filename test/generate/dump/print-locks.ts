/** `!locks`, `!cs`, and `dt` of locks. */
import { isWide } from './machine.js';
import { hex, type Layout, ptr, ticked, typed } from './text.js';
import type { Address, DumpLock, DumpProcess } from './truth.js';

/** Executive resources, those without waiters too. */
export function locksOutput(layout: Layout): string[] {
  const held = layout.truth.locks.filter(({ kind }) => kind === 'eresource');
  const total = layout.random.whole(2000, 30_000);
  return [
    typed(layout, '!locks'),
    '**** DUMP OF ALL RESOURCE OBJECTS ****',
    ...held.flatMap((lock) => [scanning(layout), '', ...resourceLines(layout, lock)]),
    scanning(layout),
    `${total} total locks, ${held.length} locks currently held`,
    '',
  ];
}

const scanning = ({ random }: Layout): string => `KD: Scanning for held locks${'.'.repeat(random.whole(1, 70))}`;

function resourceLines(layout: Layout, lock: DumpLock): string[] {
  const at = `0x${ptr(layout, lock.address)}`;
  const place = lock.symbol === null ? at : `${lock.symbol} (${at})`;
  const how = lock.isExclusive ? 'Exclusively owned' : `Shared ${lock.owners.length} owning threads`;
  const { sharedWaiters, exclusiveWaiters } = lock;
  const waiters = sharedWaiters.length + exclusiveWaiters.length;
  return [
    `Resource @ ${place}    ${how}`,
    ...(waiters === 0 ? [] : [`    Contention Count = ${lock.contentionCount}`]),
    ...(sharedWaiters.length === 0 ? [] : [`    NumberOfSharedWaiters = ${sharedWaiters.length}`]),
    ...(exclusiveWaiters.length === 0 ? [] : [`    NumberOfExclusiveWaiters = ${exclusiveWaiters.length}`]),
    ...threadLines(layout, lock),
    ...exclusiveLines(layout, exclusiveWaiters),
  ];
}

/** Owners with a star, then those who wait to share: four in a line. */
function threadLines(layout: Layout, { owners, sharedWaiters }: DumpLock): string[] {
  const entries = [
    ...owners.map((owner) => ownerEntry(layout, owner)),
    ...sharedWaiters.map((waiter) => `${ptr(layout, waiter)}-01    `),
  ];
  return rows(entries).map((row, i) => (i === 0 ? `     Threads: ${row}` : `              ${row}`));
}

/** Sometimes the owner is not the thread's address but one near it. */
function ownerEntry(layout: Layout, owner: Address): string {
  if (layout.random.next() > 0.1) return `${ptr(layout, owner)}-01<*> `;
  return `${ptr(layout, BigInt(owner) | 3n)}-01<*> *** Actual Thread ${ptr(layout, owner)} `;
}

function exclusiveLines(layout: Layout, waiters: readonly Address[]): string[] {
  if (waiters.length === 0) return [];
  const entries = waiters.map((waiter) => `${ptr(layout, waiter)}       `);
  const blank = layout.isSpacious ? [''] : [];
  return [
    ...blank,
    '     Threads Waiting On Exclusive Access:',
    ...rows(entries).map((row) => `              ${row}`),
    '',
  ];
}

function rows(entries: readonly string[]): string[] {
  const all: string[] = [];
  for (let i = 0; i < entries.length; i += 4) all.push(entries.slice(i, i + 4).join(''));
  return all;
}

/** `dt nt!_FAST_MUTEX` for every one that is waited for. */
export function fastMutexOutputs(layout: Layout): string[][] {
  return layout.truth.locks.filter(({ kind }) => kind === 'fast-mutex').map((lock) => fastMutexOutput(layout, lock));
}

function fastMutexOutput(layout: Layout, { address, owners, exclusiveWaiters, contentionCount }: DumpLock): string[] {
  const at = ptr(layout, address);
  const owner = ticked(layout, owners[0]);
  const head = [typed(layout, `dt nt!_FAST_MUTEX ${at}`)];
  if (isWide(layout.truth.generation))
    return [
      ...head,
      `   +0x000 Count            : 0n${exclusiveWaiters.length * 4}`,
      `   +0x008 Owner            : 0x${owner} Void`,
      `   +0x010 Contention       : ${contentionCount}`,
      '   +0x018 Event            : _KEVENT',
      '   +0x030 OldIrql          : 0',
      '',
    ];
  return [
    ...head,
    `   +0x000 Count            : -${exclusiveWaiters.length}`,
    `   +0x004 Owner            : 0x${owner} _KTHREAD`,
    `   +0x008 Contention       : ${contentionCount}`,
    '   +0x00c Event            : _KEVENT',
    '   +0x01c OldIrql          : 0',
    '',
  ];
}

/** The sections of a process, after the debugger was set to it; empty where it has none. */
export function sectionsOutput(layout: Layout, process: DumpProcess): string[] {
  const own = layout.truth.locks.filter((lock) => lock.process === process.address);
  const listed = own.filter(({ shownBy }) => shownBy === 'list' || shownBy === 'list-o');
  const raw = own.filter(
    (lock) => lock.shownBy === 'dt' || (layout.truth.generation === '2003' && layout.random.next() < 0.2),
  );
  if (own.length === 0) return [];
  const withOwners = listed.filter(({ shownBy }) => shownBy === 'list-o');
  const without = listed.filter(({ shownBy }) => shownBy === 'list');
  return [
    ...setProcess(layout, process),
    // Two lists: what -o would tell is left out of one of them.
    ...(withOwners.length === 0 ? [] : sectionList(layout, '!cs -l -o -s', withOwners)),
    ...(without.length === 0 ? [] : sectionList(layout, '!cs -l', without)),
    ...raw.flatMap((lock) => rawSection(layout, lock)),
  ];
}

export function setProcess(layout: Layout, { address }: DumpProcess): string[] {
  return [
    typed(layout, `.process /r /p ${ptr(layout, address)}`),
    `Implicit process is now ${ticked(layout, address)}`,
    'Loading User Symbols',
    '.'.repeat(layout.random.whole(20, 60)),
    '',
  ];
}

function sectionList(layout: Layout, command: string, locks: readonly DumpLock[]): string[] {
  return [typed(layout, command), ...locks.flatMap((lock) => sectionLines(layout, lock)), ''];
}

const waiterCount = ({ exclusiveWaiters }: DumpLock): number => exclusiveWaiters.length;

/** A plain count up to Windows XP: entries by the owner count as well. Later !cs prints the number of waiters. */
function shownLockCount({ truth }: Layout, lock: DumpLock): number {
  return waiterCount(lock) + (truth.generation === 'xp' ? lock.recursion - 1 : 0);
}

function sectionLines(layout: Layout, lock: DumpLock): string[] {
  const { truth } = layout;
  const wide = isWide(truth.generation);
  const digits = wide ? 16 : 8;
  const at = BigInt(lock.address);
  const name = lock.symbol === null ? `+0x${hex(at).toUpperCase()}` : `${lock.symbol}+0x0`;
  const semaphore = wide ? '0xFFFFFFFF' : waiterCount(lock) === 0 ? '0x0' : `0x${hex(semaphoreOf(lock)).toUpperCase()}`;
  const owner = truth.threads.find(({ address }) => address === lock.owners[0]);
  const showsStacks = lock.shownBy === 'list-o';
  return [
    '-----------------------------------------',
    `DebugInfo          = 0x${hex(at ^ 0x5a0n, digits)}`,
    `Critical section   = 0x${hex(at, digits)} (${name})`,
    'LOCKED',
    `LockCount          = 0x${hex(shownLockCount(layout, lock)).toUpperCase()}`,
    ...(truth.generation === 'xp' ? [] : ['WaiterWoken        = No']),
    `OwningThread       = 0x${hex(owner?.tid ?? 0, digits)}`,
    `RecursionCount     = 0x${hex(lock.recursion)}`,
    `LockSemaphore      = ${semaphore}`,
    `SpinCount          = 0x${hex(wide ? 0x20007d0 : 0, digits)}`,
    ...(showsStacks ? [`OwningThread       = .thread ${ptr(layout, lock.owners[0])}`] : []),
    ...(showsStacks && !wide
      ? ['ntdll!RtlpStackTraceDataBase is NULL. Probably the stack traces are not enabled.']
      : []),
  ];
}

const semaphoreOf = ({ address }: DumpLock): number => Number((BigInt(address) >> 3n) % 0x300n) * 4 + 4;

/** Server 2003: bit 0 clear: locked; bit 1 clear: a waiter was woken; the rest is the ones' complement of the waiters. */
const rawLockCount = (lock: DumpLock): number => ~(waiterCount(lock) * 4 + 1);

function rawSection(layout: Layout, lock: DumpLock): string[] {
  const at = ptr(layout, lock.address);
  const owner = layout.truth.threads.find(({ address }) => address === lock.owners[0]);
  const semaphore = waiterCount(lock) === 0 ? '(null) ' : `0x${hex(semaphoreOf(lock), 8)} `;
  return [
    typed(layout, `dt -r1 _RTL_CRITICAL_SECTION   0x${at}`),
    'ntdll!_RTL_CRITICAL_SECTION',
    `   +0x000 DebugInfo        : 0x${hex(BigInt(lock.address) ^ 0x5a0n, 8)} _RTL_CRITICAL_SECTION_DEBUG`,
    '      +0x000 Type             : 0',
    '      +0x002 CreatorBackTraceIndex : 0',
    `      +0x004 CriticalSection  : 0x${at} _RTL_CRITICAL_SECTION`,
    '      +0x008 ProcessLocksList : _LIST_ENTRY [ 0x16c708 - 0x16c6b8 ]',
    '      +0x010 EntryCount       : 0',
    `      +0x014 ContentionCount  : 0x${hex(lock.contentionCount)}`,
    '      +0x018 Spare            : [2] 0x43005c',
    `   +0x004 LockCount        : ${rawLockCount(lock)}`,
    `   +0x008 RecursionCount   : ${lock.recursion}`,
    `   +0x00c OwningThread     : 0x${hex(owner?.tid ?? 0, 8)} `,
    `   +0x010 LockSemaphore    : ${semaphore}`,
    '   +0x014 SpinCount        : 0',
    '',
  ];
}
