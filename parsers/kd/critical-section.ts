/**
 * A critical section, whichever command printed it. What LockCount says of waiters depends on the format:
 *
 * - up to XP it counts the waiters and what the owner holds: LockCount - (RecursionCount - 1) threads wait
 * - from Server 2003 SP1 !cs and !locks print the number of waiters, and WaiterWoken with it
 * - there the raw value (`dt`) is below -1 while anybody holds it: bit 0 clear = locked, bit 1 clear = a waiter was woken,
 *   and the rest, inverted, the waiters
 */
import { dumpLock } from '../../src/tables/dump-lock.js';
import type { Taken } from './command.js';
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import { hexNumber } from './values.js';

export interface CriticalSection {
  address: bigint | null;
  symbol: string | null;
  isLocked: boolean | null;
  lockCount: number | null;
  /** LockCount as it lies in memory. */
  isRaw: boolean;
  waiterWoken: boolean | null;
  ownerTid: number | null;
  ownerThread: bigint | null;
  recursionCount: number | null;
  semaphore: number | null;
  contentionCount: number | null;
}

export const emptySection = (): CriticalSection => ({
  address: null,
  symbol: null,
  isLocked: null,
  lockCount: null,
  isRaw: false,
  waiterWoken: null,
  ownerTid: null,
  ownerThread: null,
  recursionCount: null,
  semaphore: null,
  contentionCount: null,
});

/** True where a section says more than where it lies. */
export const saysMore = ({ isLocked, lockCount, ownerTid, ownerThread }: CriticalSection): boolean =>
  isLocked !== null || lockCount !== null || ownerTid !== null || ownerThread !== null;

export function writeSection(log: Log, section: CriticalSection, command: string, line: KdLine): Taken {
  const { isRaw, ...printed } = section;
  const state = isRaw ? ofRaw(section) : { ...printed, waiterCount: waitersOf(section) };
  return log.row(
    dumpLock,
    {
      ...printed,
      lock: log.nextLock(),
      command,
      kind: 'critical-section',
      // What lies in user space belongs to a process; a user-mode debugger has but one.
      processAddress: log.context.isKernel === false ? null : log.context.process,
      isLocked: flag(state.isLocked),
      isExclusive: state.isLocked === true ? 1 : null,
      waiterWoken: flag(state.waiterWoken),
      waiterCount: state.waiterCount,
    },
    line,
  );
}

const flag = (value: boolean | null): number | null => (value === null ? null : Number(value));

function waitersOf({ lockCount, waiterWoken, recursionCount }: CriticalSection): number | null {
  if (lockCount === null || lockCount < 0) return null;
  if (waiterWoken !== null) return lockCount;
  return Math.max(0, lockCount - Math.max(0, (recursionCount ?? 1) - 1));
}

interface State {
  readonly isLocked: boolean | null;
  readonly waiterWoken: boolean | null;
  readonly waiterCount: number | null;
}

function ofRaw(section: CriticalSection): State {
  const { lockCount: raw } = section;
  if (raw === null || raw < -(2 ** 31)) return { isLocked: null, waiterWoken: null, waiterCount: null };
  if (raw === -1) return { isLocked: false, waiterWoken: null, waiterCount: 0 };
  if (raw >= 0) return { isLocked: true, waiterWoken: null, waiterCount: waitersOf(section) };
  return { isLocked: (raw & 1) === 0, waiterWoken: (raw & 2) === 0, waiterCount: ~raw >> 2 };
}

/** A handle; null for none: 0, and all ones, as sections have it that wait by address (Windows 8 and later). */
export function semaphoreOf(text: string): number | null {
  const value = hexNumber(text);
  return value === null || value === 0 || /^(?:0x)?(?:f{8}|f{16})$/i.test(text.replace('`', '')) ? null : value;
}
