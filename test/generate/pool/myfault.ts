/**
 * The leak of the Sysinternals tool NotMyfault, as published cases describe it, as a truth that all writers print: a program
 * asks its driver once a second, and the driver allocates a block that it never frees. Times and addresses are made up.
 */
import type { PoolEvent, PoolFrame, PoolModule, PoolProcess, PoolTruth } from './model.js';

const module = (name: string, path: string, base: bigint, pids: readonly number[] | null): PoolModule => ({
  name,
  path,
  base,
  size: 0x100000n,
  kernel: pids === null,
  pids: pids ?? [],
});

const PID = 1234;
const MODULES: readonly PoolModule[] = [
  module('ntoskrnl.exe', '\\SystemRoot\\system32\\ntoskrnl.exe', 0xfffff80342000000n, null),
  module('myfault.sys', '\\??\\C:\\Temp\\myfault.sys', 0xfffff8034496d000n, null),
  module('ntdll.dll', 'C:\\Windows\\System32\\ntdll.dll', 0x7ff912340000n, [PID]),
  module('KERNELBASE.dll', 'C:\\Windows\\System32\\KERNELBASE.dll', 0x7ff910340000n, [PID]),
  module('kernel32.dll', 'C:\\Windows\\System32\\kernel32.dll', 0x7ff911340000n, [PID]),
  module('NotMyfault.exe', 'C:\\Temp\\NotMyfault.exe', 0x7ff6ff220000n, [PID]),
];

const PROCESSES: readonly PoolProcess[] = [
  { name: 'System', pid: 4, parentPid: 0, sessionId: 0, threads: [{ pid: 4, tid: 8, homeCpu: 0 }] },
  { name: 'NotMyfault.exe', pid: PID, parentPid: 4, sessionId: 1, threads: [{ pid: PID, tid: 5678, homeCpu: 1 }] },
];

/** Innermost first: where in the image, the function, and how far in it. */
const CALLS: readonly (readonly [module: string, rva: number, fn: string, offset: number])[] = [
  ['ntoskrnl.exe', 0x1a00, 'ExAllocatePoolWithTag', 0x82e],
  ['myfault.sys', 0x1634, 'MyfaultDeviceControl', 0x358],
  ['myfault.sys', 0x1727, 'MyfaultDispatch', 0xb7],
  ['ntoskrnl.exe', 0x2b00, 'IofCallDriver', 0x59],
  ['ntoskrnl.exe', 0x2c00, 'IopXxxControlFile', 0x607],
  ['ntoskrnl.exe', 0x2d00, 'NtDeviceIoControlFile', 0x56],
  ['ntoskrnl.exe', 0x2e00, 'KiSystemServiceCopyEnd', 0x13],
  ['ntdll.dll', 0x138a, 'NtDeviceIoControlFile', 0xa],
  ['KERNELBASE.dll', 0x2249, 'DeviceIoControl', 0x75],
  ['kernel32.dll', 0x683f, 'DeviceIoControlImplementation', 0x7f],
  ['NotMyfault.exe', 0x2384, 'WinMain', 0x214],
  ['NotMyfault.exe', 0x3500, '__tmainCRTStartup', 0x13c],
  ['kernel32.dll', 0x7034, 'BaseThreadInitThunk', 0x14],
  ['ntdll.dll', 0x2651, 'RtlUserThreadStart', 0x21],
];

const FRAMES: readonly PoolFrame[] = CALLS.map(([name, rva, fn, offset]) => {
  const { base } = MODULES.find((m) => m.name === name) as PoolModule;
  return { module: name, fn, offset, address: base + BigInt(rva) };
});

/** Blocks of a megabyte less a few pages, as the tool allocates by default. */
export const MYFAULT_BYTES = 0xfa000;

export function myfaultTruth(seconds = 60): PoolTruth {
  const events = Array.from({ length: seconds }, (_, i): PoolEvent => {
    const address = 0xffffa80005400000n + BigInt(i) * 0x100000n;
    const block = { address, bytes: MYFAULT_BYTES, tag: 'Leak', poolType: 0, stack: 0, block: i };
    return { ...block, op: 'alloc', atUs: 500_000 + i * 1_000_000, pid: PID, tid: 5678, cpu: 1 };
  });
  const lengthUs = seconds * 1_000_000;
  return {
    seed: 0,
    name: 'myfault',
    startFiletime: 133_893_216_001_234_560n,
    cpus: 2,
    lengthUs,
    writtenUs: lengthUs,
    modules: MODULES,
    processes: PROCESSES,
    stacks: [{ id: 0, frames: FRAMES, kernelFrames: 7 }],
    events,
    written: events,
    lost: null,
    stacksOf: 'all',
    doubleFrees: [],
    scenarios: [],
    population: [],
  };
}
