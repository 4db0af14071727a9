/** Ways through code on which pool is allocated and freed, as stacks. */
import type { Random } from '../random.js';
import { DRIVERS, type Driver, type Machine } from './machine.js';
import type { PoolFrame, PoolProcess, PoolStack } from './model.js';

/** Where a block is allocated and where it is freed, for a process. */
export interface Path {
  readonly allocStack: number;
  readonly freeStack: number;
  readonly process: PoolProcess;
}

/** A place in a driver that allocates; several processes may get there. */
export interface Site {
  readonly driver: Driver;
  /** The driver's function that calls the allocator. */
  readonly fn: string;
  readonly entry: Entry;
  readonly alloc: readonly PoolFrame[];
  readonly free: readonly PoolFrame[];
}

/** How user code or the system gets into the kernel. */
type Entry = 'ioctl' | 'write' | 'create' | 'worker';

/** Function and offset, innermost first. */
type Call = readonly [module: string, fn: string, offset: number];
const NT = 'ntoskrnl.exe';

const KERNEL_TAILS: Readonly<Record<Entry, readonly Call[]>> = {
  ioctl: [
    [NT, 'IofCallDriver', 0x59],
    [NT, 'IopSynchronousServiceTail', 0x1a8],
    [NT, 'IopXxxControlFile', 0x607],
    [NT, 'NtDeviceIoControlFile', 0x56],
    [NT, 'KiSystemServiceCopyEnd', 0x13],
  ],
  write: [
    [NT, 'IofCallDriver', 0x59],
    ['fltmgr.sys', 'FltpLegacyProcessingAfterPreCallbacksCompleted', 0x155],
    ['fltmgr.sys', 'FltpDispatch', 0xb6],
    [NT, 'IofCallDriver', 0x59],
    [NT, 'IopSynchronousServiceTail', 0x1a8],
    [NT, 'NtWriteFile', 0x8bd],
    [NT, 'KiSystemServiceCopyEnd', 0x13],
  ],
  create: [
    [NT, 'IofCallDriver', 0x59],
    [NT, 'IopParseDevice', 0x632],
    [NT, 'ObpLookupObjectName', 0x78f],
    [NT, 'ObOpenObjectByNameEx', 0x201],
    [NT, 'NtCreateFile', 0x79],
    [NT, 'KiSystemServiceCopyEnd', 0x13],
  ],
  worker: [
    [NT, 'IopProcessWorkItem', 0x12a],
    [NT, 'ExpWorkerThread', 0x105],
    [NT, 'PspSystemThreadStartup', 0x55],
    [NT, 'KiStartSystemThread', 0x28],
  ],
};

const USER_CALLS: Readonly<Record<Exclude<Entry, 'worker'>, readonly Call[]>> = {
  ioctl: [
    ['ntdll.dll', 'NtDeviceIoControlFile', 0x14],
    ['KERNELBASE.dll', 'DeviceIoControl', 0x75],
    ['kernel32.dll', 'DeviceIoControlImplementation', 0x7f],
  ],
  write: [
    ['ntdll.dll', 'NtWriteFile', 0x14],
    ['KERNELBASE.dll', 'WriteFile', 0x7a],
  ],
  create: [
    ['ntdll.dll', 'NtCreateFile', 0x14],
    ['KERNELBASE.dll', 'CreateFileInternal', 0x2f6],
    ['KERNELBASE.dll', 'CreateFileW', 0x66],
  ],
};

/** What programs do there. */
const WORK = { ioctl: 'PollDevice', write: 'FlushQueue', create: 'OpenChannel' } as const;
const THREAD_START: readonly Call[] = [
  ['kernel32.dll', 'BaseThreadInitThunk', 0x14],
  ['ntdll.dll', 'RtlUserThreadStart', 0x21],
];

const ALLOCATORS: readonly (readonly Call[])[] = [
  [[NT, 'ExAllocatePoolWithTag', 0x82e]],
  [[NT, 'ExAllocatePoolWithTag', 0x82e]],
  [
    [NT, 'ExAllocateHeapPool', 0x2b0],
    [NT, 'ExpAllocatePoolWithTagFromNode', 0x5f],
    [NT, 'ExAllocatePool2', 0xdd],
  ],
  [
    [NT, 'ExAllocatePoolWithTag', 0x82e],
    [NT, 'ExAllocatePoolWithQuotaTag', 0x5f],
  ],
];
/** Drivers under Driver Verifier call these instead. */
const VERIFIER_ALLOCATORS: readonly (readonly Call[])[] = [
  [
    [NT, 'ExAllocatePoolWithTag', 0x82e],
    [NT, 'VeAllocatePoolWithTagPriority', 0x2b6],
    [NT, 'VerifierExAllocatePoolEx', 0x1d],
  ],
  [
    [NT, 'VeAllocatePoolWithTagPriority', 0x2b6],
    ['VerifierExt.sys', 'ExAllocatePoolWithTagPriority_wrapper', 0x31],
  ],
];
const FREE: readonly Call[] = [[NT, 'ExFreePoolWithTag', 0x1f1]];
const VERIFIER_FREE: readonly Call[] = [
  [NT, 'ExFreePoolWithTag', 0x1f1],
  [NT, 'VerifierExFreePoolWithTag', 0x44],
];

/** Stacks without repetition. */
export class StackBook {
  readonly stacks: PoolStack[] = [];
  readonly #ids = new Map<string, number>();
  constructor(readonly machine: Machine) {}

  frames(calls: readonly Call[]): PoolFrame[] {
    return calls.map(([module, fn, offset]) => this.machine.frame(module, fn, offset));
  }

  id(kernel: readonly PoolFrame[], user: readonly PoolFrame[]): number {
    const frames = [...kernel, ...user];
    const key = frames.map(({ address }) => address).join();
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.stacks.length;
    this.stacks.push({ id, frames, kernelFrames: kernel.length });
    this.#ids.set(key, id);
    return id;
  }
}

export interface SiteOptions {
  readonly entry?: Entry;
  readonly verifier?: boolean;
  /** The same function allocates at several places. */
  readonly fn?: string;
}

/** A new place in a driver; `what` is what the driver does there, such as `Query`. */
export function siteOf(book: StackBook, random: Random, driver: Driver, what: string, options: SiteOptions = {}): Site {
  const entry = options.entry ?? random.pick(['ioctl', 'ioctl', 'write', 'create'] as const);
  const prefix = DRIVERS[driver];
  const fn = options.fn ?? `${prefix}${what}`;
  const offset = 16 * random.whole(2, 40) + random.whole(0, 15);
  const dispatch: Call = [driver, `${prefix}${entry === 'worker' ? 'WorkItem' : 'Dispatch'}`, 0x80 + (offset % 64)];
  const outer = book.frames([dispatch, ...KERNEL_TAILS[entry]]);
  const allocator = random.pick(options.verifier ? VERIFIER_ALLOCATORS : ALLOCATORS);
  const free = options.verifier ? VERIFIER_FREE : FREE;
  return {
    driver,
    fn,
    entry,
    alloc: [...book.frames([...allocator, [driver, fn, offset]]), ...outer],
    free: [...book.frames([...free, [driver, `${prefix}Release${what}`, offset % 97]]), ...outer],
  };
}

/** The way of a process through a place. */
export function pathOf(book: StackBook, site: Site, process: PoolProcess): Path {
  const user = site.entry === 'worker' ? [] : book.frames(userCalls(site.entry, process.name));
  return { allocStack: book.id(site.alloc, user), freeStack: book.id(site.free, user), process };
}

function userCalls(entry: Exclude<Entry, 'worker'>, program: string): Call[] {
  const own: Call[] = [
    [program, WORK[entry], 0x1c4],
    [program, 'main', 0x93],
  ];
  return [...USER_CALLS[entry], ...own, ...THREAD_START];
}
