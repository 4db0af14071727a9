/**
 * What the parameters of bugchecks mean, from the pages of Microsoft's bug check reference
 * (learn.microsoft.com/windows-hardware/drivers/debugger/bug-check-code-reference2).
 */

/** What the four parameters are; null where one is reserved or depends on another. */
export type Labels = readonly (string | null)[];

const KIND = 'Kind of violation';
const IRQL = 'IRQL at the time';
const REFERENCED = 'Memory referenced';
const BY = 'Address that referenced it';
const ACCESS = 'Kind of access';
const AT_IRQL: Labels = [REFERENCED, IRQL, ACCESS, BY];
const IN_POOL: Labels = [REFERENCED, ACCESS, BY, null];
const EXCEPTION = 'Exception code';
const WHERE = 'Address at which it occurred';

export const LABELS: ReadonlyMap<number, Labels> = new Map<number, Labels>([
  [0x01, ['System call or worker routine', 'APC state index', 'APC disable count', null]],
  [0x0a, AT_IRQL],
  [0x18, ['Object type', 'Object', null, null]],
  [0x19, [KIND]],
  [0x1a, [KIND]],
  [0x1e, [EXCEPTION, WHERE, 'First parameter of the exception', 'Second parameter of the exception']],
  [0x20, ['APC found pending', 'APC disable count of the thread', IRQL, null]],
  [0x24, ['Source file and line', 'Exception record', 'Context record', null]],
  [0x3b, [EXCEPTION, 'Instruction that caused it', 'Context record', null]],
  [0x44, ['IRP']],
  [0x4e, ['Kind of corruption']],
  [0x50, [REFERENCED, ACCESS, BY, null]],
  [0x76, [null, 'Process', 'Locked pages', null]],
  [0x77, ['Status code']],
  [0x7a, ['Lock type or PTE', 'Status code', null, 'Address that could not be paged in']],
  [0x7e, [EXCEPTION, WHERE, 'Exception record', 'Context record']],
  [0x7f, ['Trap number']],
  [0x8e, [EXCEPTION, WHERE, 'Trap frame', null]],
  [0x9f, [KIND]],
  [0xab, ['Session', 'Bytes of paged pool left', 'Bytes of nonpaged pool left', 'Allocations left']],
  [0xc2, [KIND]],
  [0xc4, [KIND]],
  [0xc5, AT_IRQL],
  [0xc9, [KIND]],
  [0xcb, ['Address in the driver', 'Caller', 'MDL', 'Pages']],
  [0xcc, IN_POOL],
  [0xcd, IN_POOL],
  [0xce, IN_POOL],
  [0xd0, AT_IRQL],
  [0xd1, AT_IRQL],
  [0xd4, AT_IRQL],
  [0xd5, IN_POOL],
  [0xd6, IN_POOL],
  [0xd8, ['Name of the driver', 'PTEs that it uses', 'Free system PTEs', 'System PTEs']],
  [0xe3, ['Resource', 'Thread', 'Owner table', null]],
  [0xea, ['Stuck thread', 'DEFERRED_WATCHDOG object', 'Name of the driver', 'How often it hung']],
  [0xef, ['Process or thread', 'Which of them', null, null]],
  [0xf4, ['Object type', 'Object', 'Image name', 'Explanation']],
  [0xfc, ['Address that was to be executed', 'Page table entry', null, null]],
  [0x101, ['Time-out, in clock ticks', null, 'PRCB of the processor that does not answer', 'Its number']],
  [0x10d, [KIND]],
  [0x116, ['TDR recovery context', 'Address in the display driver', 'Error code of the last operation', null]],
  [0x124, ['Kind of error source', 'WHEA_ERROR_RECORD', null, null]],
  [0x139, ['Kind of corruption', 'Trap frame', 'Exception record', null]],
  [0x14f, ['Client', 'Kind of client', null, null]],
  [0x162, ['Thread', 'Lock', 'Session', null]],
  [0x192, ['Thread', 'Lock', 'IRQL at which it was acquired', null]],
]);

const BY_BIT = { 0: 'read', 1: 'write', 8: 'execute' };
/** Page faults, 0x50: since Windows 10 bit 1 is a write and bit 4 execution; 1 and 8 are of older systems and of Arm. */
const BY_PAGE_FAULT = { 0: 'read', 1: 'write', 2: 'write', 8: 'execute', 16: 'execute' };

/** What a value of "Kind of access" says; null where the reference does not have it. */
export function accessOf(code: number, value: number | null): string | null {
  if (value === null) return null;
  const known: Readonly<Record<number, string>> =
    code === 0x50 ? BY_PAGE_FAULT : code === 0xd1 ? { ...BY_BIT, 2: 'execute' } : BY_BIT;
  return known[value] ?? null;
}

/** Number of the parameter, from 0, that says how memory was accessed; below 0 where none does. */
export const accessAt = (code: number): number => (LABELS.get(code) ?? []).indexOf(ACCESS);

export const TRAPS: ReadonlyMap<number, string> = new Map([
  [0x0, 'divide by zero'],
  [0x4, 'overflow'],
  [0x5, 'bounds check'],
  [0x6, 'invalid opcode'],
  [0x8, 'double fault: most often the kernel stack overflowed'],
]);

/** Bugcheck 0x9F: kinds, and what the other parameters are. */
export const POWER_KINDS: ReadonlyMap<number, readonly [string, string | null, string | null, string | null]> = new Map(
  [
    [0x1, ['the device object that is freed still has a power request', 'Device object', null, null]],
    [
      0x2,
      [
        'the device object has completed the IRP for the system power state, but not called PoStartNextPowerIrp',
        'Target device object',
        'Device object',
        'Driver object',
      ],
    ],
    [
      0x3,
      [
        'a device object has been blocking an IRP for too long',
        'Physical device object of the stack',
        'nt!_TRIAGE_9F_POWER, or the functional device object before Windows 7',
        'The blocked IRP',
      ],
    ],
    [
      0x4,
      [
        'the power transition timed out waiting to synchronise with Plug and Play',
        'Time-out, s',
        'Thread that holds the Plug and Play lock',
        'nt!_TRIAGE_9F_PNP',
      ],
    ],
    [
      0x5,
      [
        'a device did not complete a directed power transition in time',
        'Physical device object',
        'POP_FX_DEVICE',
        null,
      ],
    ],
    [
      0x6,
      ['a device did not complete its directed power transition callback', 'POP_FX_DEVICE', 'Success or failure', null],
    ],
    [
      0x500,
      [
        'the device object has completed the IRP, but not called PoStartNextPowerIrp',
        null,
        'Target device object',
        'Device object',
      ],
    ],
  ],
);
