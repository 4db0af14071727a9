/** Routines whose arguments say what a thread waits for, or does: rows of `dump_frame_argument` are written for these only. */

/** Names without module and leading underscores; `*` stands for any ending. */
const ARGUMENT_ROUTINES: readonly string[] = [
  // Critical sections and slim locks: the lock.
  'RtlEnterCriticalSection',
  'RtlpEnterCriticalSectionContended',
  'RtlpWaitForCriticalSection',
  'RtlpWaitOnCriticalSection',
  'RtlAcquireSRWLock*',
  'RtlpAcquireSRWLock*',
  // Locks of the kernel: the lock.
  'ExAcquireResource*',
  'ExpAcquireResource*',
  'ExpWaitForResource',
  'ExAcquirePushLock*',
  'ExfAcquirePushLock*',
  'ExpAcquirePushLock*',
  'ExBlockPushLock',
  'ExfBlockPushLock',
  'ExAcquireFastMutex*',
  'ExiAcquireFastMutex',
  'ExpAcquireFastMutexContended',
  'KeAcquireGuardedMutex*',
  'KiAcquireFastMutex',
  // Waits: the object or handle, and the timeout.
  'KeWaitForSingleObject',
  'KeWaitForMultipleObjects',
  'KeWaitForMutexObject',
  'NtWaitForSingleObject',
  'ZwWaitForSingleObject',
  'WaitForSingleObject',
  'WaitForSingleObjectEx',
  // Sleeps: how long.
  'Sleep',
  'SleepEx',
  'NtDelayExecution',
  'ZwDelayExecution',
  'KeDelayExecutionThread',
  // Calls of drivers: device and IRP.
  'IofCallDriver',
  'IopfCallDriver',
  'IoCallDriver',
  // What a program was asked to open or start: texts that the log may show.
  'SetCurrentDirectoryW',
  'SetCurrentDirectoryA',
  'CreateFileW',
  'CreateFileA',
  'CreateProcess*',
  'LoadLibrary*',
  'SendMessage*',
  'KeBugCheckEx',
];

const NAMES = new Set(ARGUMENT_ROUTINES.filter((name) => !name.endsWith('*')));
const BEGINNINGS = ARGUMENT_ROUTINES.filter((name) => name.endsWith('*')).map((name) => name.slice(0, -1));

// `nt!_KeWaitForSingleObject+0x218`, `KERNELBASE!SleepEx`; NT 4 without a module
const NAME = /^(?:[\w.~$-]{1,64}!)?_{0,2}(?:imp__?)?(\w{1,80})(?:@\d{1,3})?(?:\+0x[0-9a-f]{1,16})?$/i;

/** True where the arguments of a routine, as printed in a stack, are wanted. */
export function takesArguments(routine: string): boolean {
  const name = NAME.exec(routine)?.[1];
  if (name === undefined) return false;
  return NAMES.has(name) || BEGINNINGS.some((beginning) => name.startsWith(beginning));
}

// Called with their first arguments in registers on x86 as well.
const FASTCALL =
  /^(?:[\w.~$-]{1,64}!)?_{0,2}(?:Iop?fCallDriver|Exf|Exi?AcquireFastMutex|ExpAcquireFastMutex|KiAcquireFastMutex|KeAcquireGuardedMutex|RtlpEnterCriticalSectionContended)/i;

/** True where the first arguments are not on the stack, whatever a debugger prints in their place. */
export const isFastcall = (routine: string): boolean => FASTCALL.test(routine);
