/**
 * Names of bugchecks and what their parameters mean, from Microsoft's bug check reference
 * (learn.microsoft.com/windows-hardware/drivers/debugger/bug-check-code-reference2).
 */

/** What the four parameters mean; null where a parameter is reserved or depends on another one. */
export interface BugcheckInfo {
  readonly name: string;
  readonly parameters?: readonly (string | null)[];
}

const IRQL = ['Memory referenced', 'IRQL at the time', '0 read, 1 write, 8 execute', 'Address that referenced it'];
const EXCEPTION = [
  'Exception code',
  'Address at which it occurred',
  'First parameter of the exception',
  'Second parameter of the exception',
];

export const BUGCHECKS: ReadonlyMap<number, BugcheckInfo> = new Map<number, BugcheckInfo>([
  [0x0a, { name: 'IRQL_NOT_LESS_OR_EQUAL', parameters: IRQL }],
  [0x19, { name: 'BAD_POOL_HEADER', parameters: ['Kind of violation'] }],
  [0x1a, { name: 'MEMORY_MANAGEMENT', parameters: ['Kind of violation'] }],
  [0x1e, { name: 'KMODE_EXCEPTION_NOT_HANDLED', parameters: EXCEPTION }],
  [
    0x20,
    {
      name: 'KERNEL_APC_PENDING_DURING_EXIT',
      parameters: ['APC found pending', 'APC disable count of the thread', 'IRQL at the time', null],
    },
  ],
  [
    0x24,
    { name: 'NTFS_FILE_SYSTEM', parameters: ['Source file and line', 'Exception record', 'Context record', null] },
  ],
  [0x27, { name: 'RDR_FILE_SYSTEM' }],
  [
    0x3b,
    {
      name: 'SYSTEM_SERVICE_EXCEPTION',
      parameters: ['Exception code', 'Instruction that caused it', 'Context record', null],
    },
  ],
  [0x3f, { name: 'NO_MORE_SYSTEM_PTES' }],
  [0x44, { name: 'MULTIPLE_IRP_COMPLETE_REQUESTS', parameters: ['IRP'] }],
  [0x4e, { name: 'PFN_LIST_CORRUPT', parameters: ['Kind of corruption'] }],
  [
    0x50,
    {
      name: 'PAGE_FAULT_IN_NONPAGED_AREA',
      parameters: ['Memory referenced', '0 read, 1 write, 2 or 0x10 execute', 'Address that referenced it', null],
    },
  ],
  [0x62, { name: 'DRIVER_VERIFIER_DETECTED_LEAK' }],
  [0x76, { name: 'PROCESS_HAS_LOCKED_PAGES', parameters: [null, 'Process', 'Locked pages', null] }],
  [0x77, { name: 'KERNEL_STACK_INPAGE_ERROR', parameters: ['Status code'] }],
  [
    0x7a,
    {
      name: 'KERNEL_DATA_INPAGE_ERROR',
      parameters: ['Lock type or PTE', 'Status code', null, 'Address that could not be paged in'],
    },
  ],
  [0x7b, { name: 'INACCESSIBLE_BOOT_DEVICE' }],
  [
    0x7e,
    {
      name: 'SYSTEM_THREAD_EXCEPTION_NOT_HANDLED',
      parameters: ['Exception code', 'Address at which it occurred', 'Exception record', 'Context record'],
    },
  ],
  [0x7f, { name: 'UNEXPECTED_KERNEL_MODE_TRAP', parameters: ['Trap number'] }],
  [0x80, { name: 'NMI_HARDWARE_FAILURE' }],
  [
    0x8e,
    {
      name: 'KERNEL_MODE_EXCEPTION_NOT_HANDLED',
      parameters: ['Exception code', 'Address at which it occurred', 'Trap frame', null],
    },
  ],
  [0x9c, { name: 'MACHINE_CHECK_EXCEPTION' }],
  [0x9f, { name: 'DRIVER_POWER_STATE_FAILURE', parameters: ['Kind of violation'] }],
  [0xa0, { name: 'INTERNAL_POWER_ERROR' }],
  [0xc1, { name: 'SPECIAL_POOL_DETECTED_MEMORY_CORRUPTION' }],
  [0xc2, { name: 'BAD_POOL_CALLER', parameters: ['Kind of violation'] }],
  [0xc4, { name: 'DRIVER_VERIFIER_DETECTED_VIOLATION', parameters: ['Kind of violation'] }],
  [0xc5, { name: 'DRIVER_CORRUPTED_EXPOOL', parameters: IRQL }],
  [0xc9, { name: 'DRIVER_VERIFIER_IOMANAGER_VIOLATION', parameters: ['Kind of violation'] }],
  [0xca, { name: 'PNP_DETECTED_FATAL_ERROR' }],
  [
    0xcb,
    { name: 'DRIVER_LEFT_LOCKED_PAGES_IN_PROCESS', parameters: ['Address in the driver', 'Caller', 'MDL', 'Pages'] },
  ],
  [0xce, { name: 'DRIVER_UNLOADED_WITHOUT_CANCELLING_PENDING_OPERATIONS', parameters: IRQL }],
  [0xd1, { name: 'DRIVER_IRQL_NOT_LESS_OR_EQUAL', parameters: IRQL }],
  [0xd5, { name: 'DRIVER_PAGE_FAULT_IN_FREED_SPECIAL_POOL' }],
  [0xd6, { name: 'DRIVER_PAGE_FAULT_BEYOND_END_OF_ALLOCATION' }],
  [0xda, { name: 'SYSTEM_PTE_MISUSE' }],
  [0xe2, { name: 'MANUALLY_INITIATED_CRASH' }],
  [0xe3, { name: 'RESOURCE_NOT_OWNED', parameters: ['Resource', 'Thread', null, null] }],
  [
    0xea,
    {
      name: 'THREAD_STUCK_IN_DEVICE_DRIVER',
      parameters: ['Stuck thread', 'DEFERRED_WATCHDOG object', null, 'How often it hung'],
    },
  ],
  [0xef, { name: 'CRITICAL_PROCESS_DIED', parameters: ['Process or thread', '0 process, 1 thread', null, null] }],
  [
    0xf4,
    { name: 'CRITICAL_OBJECT_TERMINATION', parameters: ['3 process, 6 thread', 'Object', 'Image name', 'Explanation'] },
  ],
  [0xf7, { name: 'DRIVER_OVERRAN_STACK_BUFFER' }],
  [0xfc, { name: 'ATTEMPTED_EXECUTE_OF_NOEXECUTE_MEMORY' }],
  [0xfe, { name: 'BUGCODE_USB_DRIVER' }],
  [
    0x101,
    {
      name: 'CLOCK_WATCHDOG_TIMEOUT',
      parameters: ['Time-out, in clock ticks', null, 'PRCB of the processor that does not answer', 'Its number'],
    },
  ],
  [0x109, { name: 'CRITICAL_STRUCTURE_CORRUPTION' }],
  [0x10d, { name: 'WDF_VIOLATION', parameters: ['Kind of violation'] }],
  [0x113, { name: 'VIDEO_DXGKRNL_FATAL_ERROR' }],
  [
    0x116,
    {
      name: 'VIDEO_TDR_FAILURE',
      parameters: ['TDR recovery context', 'Address in the display driver', 'Error code of the last operation', null],
    },
  ],
  [0x117, { name: 'VIDEO_TDR_TIMEOUT_DETECTED' }],
  [0x119, { name: 'VIDEO_SCHEDULER_INTERNAL_ERROR' }],
  [0x124, { name: 'WHEA_UNCORRECTABLE_ERROR', parameters: ['Kind of error source', 'WHEA_ERROR_RECORD', null, null] }],
  [0x12b, { name: 'FAULTY_HARDWARE_CORRUPTED_PAGE' }],
  [0x133, { name: 'DPC_WATCHDOG_VIOLATION' }],
  [
    0x139,
    {
      name: 'KERNEL_SECURITY_CHECK_FAILURE',
      parameters: ['Kind of corruption', 'Trap frame', 'Exception record', null],
    },
  ],
  [0x13a, { name: 'KERNEL_MODE_HEAP_CORRUPTION' }],
  [0x144, { name: 'BUGCODE_USB3_DRIVER' }],
  [0x154, { name: 'UNEXPECTED_STORE_EXCEPTION' }],
  [0x15f, { name: 'CONNECTED_STANDBY_WATCHDOG_TIMEOUT_LIVEDUMP' }],
  [0x162, { name: 'KERNEL_AUTO_BOOST_INVALID_LOCK_RELEASE', parameters: ['Thread', 'Lock', null, null] }],
  [0x18b, { name: 'SECURE_KERNEL_ERROR' }],
  [0x1ca, { name: 'SYNTHETIC_WATCHDOG_TIMEOUT' }],
  [0x1d3, { name: 'WFP_INVALID_OPERATION' }],
]);

export const TRAPS: ReadonlyMap<number, string> = new Map([
  [0x0, 'divide by zero'],
  [0x4, 'overflow'],
  [0x5, 'bounds check'],
  [0x6, 'invalid opcode'],
  [0x8, 'double fault: most often the kernel stack overflowed'],
]);

/** Bugcheck 0xC4: kinds of violation that name what was left behind or locked wrongly. */
export const VERIFIER_KINDS: ReadonlyMap<number, string> = new Map([
  [0x0, 'zero-length pool request'],
  [0x10, 'a bad address was freed'],
  [0x13, 'a block was freed twice, or with a bad header'],
  [0x3e, 'a thread ended with APCs disabled'],
  [0x40, 'an MDL was left locked'],
  [0x60, 'a driver was unloaded that had not freed its pool'],
  [0x61, 'a driver thread allocates pool while it is unloaded'],
  [0x62, 'a driver was unloaded that had not freed its pool'],
  [0x81, 'an MDL is not locked'],
  [0x83, 'an MDL maps physical memory that is not locked'],
  [0x90, 'NTLoader list corruption'],
  [0xe0, 'a system call was given a user-mode address as parameter'],
  [0xe3, 'a kernel API was given a bad user-mode handle'],
  [0xf6, 'a driver referenced a user handle as kernel mode'],
  [0x1001, 'a potential deadlock: locks are taken in an order that forms a cycle'],
  [0x1002, 'a resource was acquired out of order'],
  [0x1003, 'a resource was released that is not owned'],
  [0x1008, 'the lock hierarchy is not kept'],
]);

/** Bugcheck 0x9F: kinds, and what the other parameters are. */
export const POWER_KINDS: ReadonlyMap<number, readonly [string, string | null, string | null, string | null]> = new Map(
  [
    [0x1, ['the device object that is freed still has a power request', 'Device object', null, null]],
    [
      0x2,
      [
        'the device object has completed the IRP for the system power state, but not called PoStartNextPowerIrp',
        'Device object',
        null,
        null,
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
