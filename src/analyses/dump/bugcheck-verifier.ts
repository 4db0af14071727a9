/**
 * Kinds of bugcheck 0xC4, by its first parameter, and what the other three are: only those that Microsoft's table has
 * (learn.microsoft.com/windows-hardware/drivers/debugger/bug-check-0xc4--driver-verifier-detected-violation).
 */

export type VerifierKind = readonly [string, string | null, string | null, string | null];

const IRQL = 'IRQL at the time';
const COUNT_NOW = 'APC disable count now';
const COUNT_BEFORE = 'APC disable count before';
const [BYTES_PAGED, BYTES_NONPAGED, NOT_FREED] = [
  'Bytes of paged pool',
  'Bytes of nonpaged pool',
  'Allocations not freed',
];
const SPIN_LOCK = 'Spin lock';
const FREED_TWICE: VerifierKind = ['a pool block was freed that is free already', null, 'Pool header', 'Its contents'];

export const VERIFIER_KINDS: ReadonlyMap<number, VerifierKind> = new Map<number, VerifierKind>([
  [0x0, ['a pool allocation of zero bytes', IRQL, 'Pool type', 'Bytes']],
  [0x1, ['paged pool was allocated above APC_LEVEL', IRQL, 'Pool type', 'Bytes']],
  [0x2, ['nonpaged pool was allocated above DISPATCH_LEVEL', IRQL, 'Pool type', 'Bytes']],
  [0x10, ['an address was freed that no allocation returned', 'Address', null, null]],
  [0x11, ['paged pool was freed above APC_LEVEL', IRQL, 'Pool type', 'Address']],
  [0x12, ['nonpaged pool was freed above DISPATCH_LEVEL', IRQL, 'Pool type', 'Address']],
  [0x13, FREED_TWICE],
  [0x14, FREED_TWICE],
  [0x16, ['pool was freed at a bad address', null, 'Address', null]],
  [0x30, ['KeRaiseIrql was called with an IRQL that is not valid', IRQL, 'IRQL asked for', null]],
  [0x31, ['KeLowerIrql was called with an IRQL that is not valid', IRQL, 'IRQL asked for', null]],
  [0x32, ['KeReleaseSpinLock was called at another IRQL than DISPATCH_LEVEL', IRQL, SPIN_LOCK, null]],
  [0x33, ['a fast mutex was acquired above APC_LEVEL', IRQL, 'Fast mutex', null]],
  [0x34, ['a fast mutex was released at another IRQL than APC_LEVEL', IRQL, 'Fast mutex', null]],
  [0x37, ['a resource was acquired while APCs were not disabled', IRQL, 'APC disable count', 'Resource']],
  [0x38, ['a resource was released while APCs were not disabled', IRQL, 'APC disable count', 'Resource']],
  [0x3c, ['ObReferenceObjectByHandle was called with a bad handle', 'Handle', 'Object type', null]],
  [0x3e, ['KeLeaveCriticalRegion was called for a thread that is in no critical region', null, null, null]],
  [0x3f, ['an object without references was referenced or dereferenced', 'Object', 'New count', null]],
  [0x40, ['KeAcquireSpinLockAtDpcLevel was called below DISPATCH_LEVEL', IRQL, SPIN_LOCK, null]],
  [0x41, ['KeReleaseSpinLockFromDpcLevel was called below DISPATCH_LEVEL', IRQL, SPIN_LOCK, null]],
  [0x42, ['KeAcquireSpinLock was called above DISPATCH_LEVEL', IRQL, SPIN_LOCK, null]],
  [0x60, ['a driver is unloaded that has not freed its pool', BYTES_PAGED, BYTES_NONPAGED, NOT_FREED]],
  [0x61, ['a driver thread allocates pool while the driver is unloaded', BYTES_PAGED, BYTES_NONPAGED, NOT_FREED]],
  [0x62, ['a driver is unloaded that has not freed its pool', 'Name of the driver', null, NOT_FREED]],
  [0x70, ['MmProbeAndLockPages was called above DISPATCH_LEVEL', IRQL, 'MDL', 'Access mode']],
  [0x7c, ['MmUnlockPages was called for pages that were never locked', 'MDL', 'MDL flags', null]],
  [0x7d, ['MmUnlockPages was called for nonpaged pool', 'MDL', 'MDL flags', null]],
  [0x80, ['KeSetEvent was called above DISPATCH_LEVEL', IRQL, 'Event', null]],
  [0x81, ['MmMapLockedPages was called, instead of MmMapLockedPagesSpecifyCache', 'MDL', 'MDL flags', null]],
  [0x82, ['MmMapLockedPagesSpecifyCache was called with BugCheckOnFailure', 'MDL', 'MDL flags', null]],
  [
    0x83,
    ['MmMapIoSpace was called for pages that are not locked', 'Physical address', 'Bytes', 'First page not locked'],
  ],
  [0x85, ['MmMapLockedPages was called for pages that are not locked', 'MDL', 'Pages', 'First page not locked']],
  [0x91, ['a driver switched stacks in an unsupported way', null, null, null]],
  [0xc0, ['IoCallDriver was called with interrupts disabled', 'IRP', null, null]],
  [0xc1, ['a dispatch routine returned with interrupts disabled', 'Dispatch routine', null, null]],
  [0xc5, ['a dispatch routine changed the APC disable count', 'Dispatch routine', COUNT_NOW, COUNT_BEFORE]],
  [0xc6, ['a fast I/O routine changed the APC disable count', 'Fast I/O routine', COUNT_NOW, COUNT_BEFORE]],
  [0xd0, ['an ERESOURCE is initialized again', 'Resource', null, null]],
  [0xd1, ['an ERESOURCE is deleted that was never initialized', 'Resource', null, null]],
  [0xd2, ['pool is freed with an ERESOURCE in use in it', 'Resource', 'Pool block', 'Bytes']],
  [0xe0, ['a kernel function was called with a user-mode address', 'Address', 'Bytes', null]],
  [0xe1, ['a synchronization object lies at a bad or pageable address', 'Object', null, null]],
  [0xe2, ['an IRP of kernel mode has a user-mode address in it', 'IRP', 'Address', null]],
  [0xe3, ['a ZwXxx routine was called with a user-mode address', 'Where the call is', 'Address', null]],
  [0xe4, ['a ZwXxx routine was called with a malformed UNICODE_STRING', 'Where the call is', 'String', null]],
  [0xe5, ['a kernel routine was called at the wrong IRQL', IRQL, null, null]],
  [0xea, ['a push lock was acquired while APCs were enabled', IRQL, 'APC disable count', 'Push lock']],
  [0xeb, ['a push lock was released while APCs were enabled', IRQL, 'APC disable count', 'Push lock']],
  [0xf5, ['ObReferenceObjectByHandle was called with a NULL handle', 'Address of the handle', 'Object type', null]],
  [0xf6, ['a driver references a user-mode handle as of kernel mode', 'Handle', 'Process', 'Where the driver does']],
  [0xfb, ['a completion routine changed the APC disable count', 'Completion routine', COUNT_NOW, COUNT_BEFORE]],
  [0x115, ['shutdown has taken longer than 20 minutes', 'Thread responsible for the shutdown', null, null]],
  [0x11a, ['KeEnterCriticalRegion was called above APC_LEVEL', IRQL, null, null]],
  [0x11b, ['KeLeaveCriticalRegion was called above APC_LEVEL', IRQL, null, null]],
  [0x1000, ['a thread acquires a resource that it has: it blocks itself', 'Resource', null, null]],
  [0x1001, ['locks are taken in orders that form a cycle', 'Resource that closes the cycle', null, null]],
  [0x1002, ['a resource was acquired that was never initialized', 'Resource', null, null]],
  [0x1003, ['a resource was released in the wrong order', 'Resource', 'Resource to release first', null]],
  [
    0x1004,
    ['a resource was released by the wrong thread', 'Resource', 'Thread that acquired it', 'Thread that released it'],
  ],
  [0x1005, ['a resource was initialized more than once', 'Resource', null, null]],
  [0x1007, ['a resource was released that was not acquired', 'Resource', null, null]],
  [0x1008, ['a lock was acquired by an API for another type of lock', 'Lock', null, null]],
  [0x1009, ['a lock was released by an API for another type of lock', 'Lock', null, null]],
  [0x100a, ['a thread that has ended owns a lock', 'Thread', null, null]],
  [0x100b, ['a lock was deleted that a thread owns', 'Lock', 'Thread', null]],
]);
