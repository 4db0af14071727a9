/** Who on a stack allocated, for whom, and through which call. */
import { describe, expect, it } from 'vitest';
import { allocatorOf, driverOf, requesterOf, userFrom } from '../src/analyses/pool/attribution.js';
import { frameText, readFrame } from '../src/analyses/pool/frames.js';

/** Frames without addresses, as WPA and debuggers without them print. */
const named = (...routines: readonly string[]) => routines.map((routine) => readFrame(null, null, routine));
/** Frames without functions, as raw logs have them: `module+offset` at an address. */
const bare = (...frames: readonly (readonly [bigint, string | null, number?])[]) =>
  frames.map(([address, module, offset]) =>
    readFrame(address, module, module === null ? null : `${module}+0x${(offset ?? 0x10).toString(16)}`),
  );

const ALLOC = 'nt!ExAllocatePoolWithTag+0x82e';
const IOCTL = ['nt!IopXxxControlFile+0x607', 'nt!NtDeviceIoControlFile+0x56', 'nt!KiSystemServiceCopyEnd+0x13'];
const USER = [
  'ntdll!ZwDeviceIoControlFile+0xa',
  'KERNELBASE!DeviceIoControl+0x75',
  'kernel32!DeviceIoControlImplementation+0x7f',
  'NotMyfault.exe!WinMain+0x214',
  'NotMyfault.exe!__tmainCRTStartup+0x13c',
  'kernel32!BaseThreadInitThunk+0xd',
  'ntdll!RtlUserThreadStart+0x21',
];

describe('who allocated', () => {
  const said = (...routines: readonly string[]) => {
    const allocator = allocatorOf(named(...routines));
    if (allocator === null) return null;
    const { calledBy, certain } = allocator;
    return [frameText(allocator), calledBy === null ? null : frameText(calledBy), certain, driverOf(allocator)];
  };

  it.each<[string, readonly string[], readonly unknown[] | null]>([
    ['a driver', [ALLOC, 'a.sys!f+0x1', 'b.sys!g', ...IOCTL, ...USER], ['a.sys!f+0x1', null, true, 'a.sys']],
    [
      'a driver, by several of the pool’s functions',
      ['nt!ExAllocateHeapPool', 'nt!ExpAllocatePoolWithTagFromNode', 'nt!ExAllocatePool2', 'a.sys!f'],
      ['a.sys!f', null, true, 'a.sys'],
    ],
    [
      'a verified driver',
      [
        'nt!VeAllocatePoolWithTagPriority+0x2b6',
        'nt!VerifierExAllocatePoolEx+0x1d',
        'a!f+0x358',
        'nt!IovCallDriver+0xa0',
      ],
      ['a!f+0x358', null, true, 'a'],
    ],
    [
      'a verified driver of Windows 10',
      [ALLOC, 'nt!VeAllocatePoolWithTagPriority', 'VerifierExt.sys!ExAllocatePoolWithTagPriority_wrapper', 'a.sys!f'],
      ['a.sys!f', null, true, 'a.sys'],
    ],
    [
      'a miniport through NDIS',
      [ALLOC, 'ndis!NdisAllocateMemoryWithTag+0x2b', 'e1g.sys!Init+0x10', 'ndis!ndisMInitializeAdapter'],
      ['ndis!NdisAllocateMemoryWithTag+0x2b', 'e1g.sys!Init+0x10', true, 'e1g.sys'],
    ],
    [
      'a miniport through two of NDIS, and more of NDIS behind them',
      [ALLOC, 'ndis!ndisAllocateX', 'ndis!NdisAllocateMemoryWithTagPriority', 'ndis!ndisInner', 'e1g.sys!Init'],
      ['ndis!ndisAllocateX', 'e1g.sys!Init', true, 'e1g.sys'],
    ],
    ['NDIS for itself', [ALLOC, 'ndis!ndisMIndicate', 'e1g.sys!Rx'], ['ndis!ndisMIndicate', null, true, 'ndis']],
    [
      'a driver through IoAllocateMdl',
      [ALLOC, 'nt!IoAllocateMdl+0x1', 'a.sys!f+0x2', 'nt!IofCallDriver'],
      ['nt!IoAllocateMdl+0x1', 'a.sys!f+0x2', true, 'a.sys'],
    ],
    [
      'a driver through IoAllocateMdl under Driver Verifier',
      ['nt!VeAllocatePoolWithTagPriority', 'nt!IovAllocateMdl', 'VerifierExt.sys!IoAllocateMdl_wrapper', 'a.sys!f'],
      ['a.sys!f', null, true, 'a.sys'],
    ],
    [
      'a driver through a framework and IoAllocateMdl',
      [ALLOC, 'nt!IoAllocateMdl', 'ndis!NdisAllocateMdl', 'e1g.sys!Tx'],
      ['nt!IoAllocateMdl', 'e1g.sys!Tx', true, 'e1g.sys'],
    ],
    [
      'nt for a program: objects',
      [
        ALLOC,
        'nt!ObpAllocateObject+0x1',
        'nt!ObCreateObject',
        'nt!NtCreateEvent',
        'nt!KiSystemServiceCopyEnd',
        ...USER,
      ],
      ['nt!ObpAllocateObject+0x1', null, true, 'nt'],
    ],
    ['nt for itself', [ALLOC, 'nt!CmpAllocate+0x5', 'nt!CmpInit'], ['nt!CmpAllocate+0x5', null, true, 'nt']],
    ['nobody that is seen', [ALLOC, 'nt!ExAllocatePoolWithQuotaTag'], null],
    ['nobody of the kernel', [ALLOC, ...USER], null],
    ['nobody', [], null],
  ])('%s', (_, routines, expected) => expect(said(...routines)).toEqual(expected));

  it('without symbols is the first frame outside nt, and that is not certain', () => {
    const stack = bare(
      [0xfffff80342001a00n, 'ntoskrnl.exe'],
      [0xfffff80342002a00n, 'ntoskrnl.exe'],
      [0xfffff8034496e634n, 'myfault.sys', 0x1634],
      [0xfffff80342003a00n, 'ntoskrnl.exe'],
      [0x7ff912340010n, 'ntdll.dll'],
    );
    expect(allocatorOf(stack)).toMatchObject({
      module: 'myfault.sys',
      offset: '0x1634',
      certain: false,
      calledBy: null,
    });
    const ofNt = bare([0xfffff80342001a00n, 'ntoskrnl.exe', 0x1a00], [0x7ff912340010n, 'ntdll.dll']);
    expect(allocatorOf(ofNt)).toMatchObject({ module: 'ntoskrnl.exe', offset: '0x1a00', certain: false });
  });

  it('of 32 bits is told from user mode by the half of the addresses', () => {
    const stack = [
      readFrame(0x82a1b2c3n, null, 'nt!ExAllocatePoolWithTag+0x1'),
      readFrame(0x9a3bf687n, 'MyDriver', 'MyDriver!Dispatch+0x27'),
      readFrame(0x82a10000n, null, 'nt!IofCallDriver+0x3f'),
      readFrame(0x7705b0f4n, 'ntdll', 'ntdll!KiFastSystemCallRet'),
      readFrame(0x00401234n, 'prog', 'prog+0x1234'),
    ];
    expect(userFrom(stack)).toBe(3);
    expect(allocatorOf(stack)).toMatchObject({ module: 'MyDriver', function: 'Dispatch', certain: true });
    expect(requesterOf(stack, 'prog.exe', 7)).toMatchObject({ module: 'prog', offset: '0x1234', call: null });
  });

  it('in a module that is not known is the address', () => {
    const stack = [readFrame(0xfffff80342001a00n, null, ALLOC), readFrame(0xffffb00012345678n, null, null)];
    expect(allocatorOf(stack)).toMatchObject({ module: null, function: null, address: '0xffffb00012345678' });
  });
});

describe('on whose behalf', () => {
  const said = (process: string | null, pid: number | null, ...routines: readonly string[]) => {
    const requester = requesterOf(named(...routines), process, pid);
    return requester === null ? null : [requester.process, requester.pid, frameText(requester), requester.call];
  };
  const DRIVER = [ALLOC, 'a.sys!f'];

  it.each<[string, string | null, number | null, readonly string[], readonly unknown[] | null]>([
    [
      'a program, where it begins',
      'NotMyfault.exe',
      1234,
      [...DRIVER, ...IOCTL, ...USER],
      ['NotMyfault.exe', 1234, 'NotMyfault.exe!WinMain+0x214', 'NtDeviceIoControlFile'],
    ],
    [
      'a program whose process is not known',
      null,
      null,
      [...DRIVER, ...IOCTL, ...USER],
      [null, null, 'NotMyfault.exe!WinMain+0x214', 'NtDeviceIoControlFile'],
    ],
    [
      'a thread of a library',
      'host.exe',
      9,
      [...DRIVER, ...IOCTL, USER[0], 'plugin.dll!Work', USER[5], USER[6]],
      ['host.exe', 9, 'plugin.dll!Work', 'NtDeviceIoControlFile'],
    ],
    [
      'the system’s own libraries',
      'host.exe',
      9,
      [...DRIVER, ...IOCTL, USER[0], USER[1], 'ntdll!TppWorkerThread', USER[5], USER[6]],
      ['host.exe', 9, 'ntdll!TppWorkerThread', 'NtDeviceIoControlFile'],
    ],
    [
      'a work item',
      'System',
      4,
      [...DRIVER, 'b.sys!WorkItem+0x5', 'nt!IopProcessWorkItem+0x1', 'nt!ExpWorkerThread', 'nt!PspSystemThreadStartup'],
      ['System', 4, 'b.sys!WorkItem+0x5', null],
    ],
    [
      'a thread of a driver',
      'System',
      4,
      [...DRIVER, 'b.sys!ThreadProc', 'nt!PspSystemThreadStartup', 'nt!KiStartSystemThread'],
      ['System', 4, 'b.sys!ThreadProc', null],
    ],
    ['a process of which the stack shows nothing', 'x.exe', 8, DRIVER, ['x.exe', 8, '?', null]],
    ['a call whose user part is missing', null, 8, [...DRIVER, ...IOCTL], [null, 8, '?', 'NtDeviceIoControlFile']],
    [
      'a call of win32k',
      'x.exe',
      8,
      [
        ALLOC,
        'win32kfull.sys!xxxCreate',
        'win32kfull.sys!NtUserCreateWindowEx',
        'nt!KiSystemServiceCopyEnd',
        'x.exe!main',
      ],
      ['x.exe', 8, 'x.exe!main', 'NtUserCreateWindowEx'],
    ],
    [
      'a driver that calls a system call of the kernel itself: the outermost counts',
      'x.exe',
      8,
      [
        ALLOC,
        'nt!NtCreateFile',
        'nt!KiSystemServiceCopyEnd',
        'nt!KiServiceInternal',
        'a.sys!Open',
        ...IOCTL,
        'x.exe!main',
      ],
      ['x.exe', 8, 'x.exe!main', 'NtDeviceIoControlFile'],
    ],
    ['nobody that is known', null, null, DRIVER, null],
    ['nobody', null, null, [], null],
  ])('%s', (_, process, pid, routines, expected) => expect(said(process, pid, ...routines)).toEqual(expected));

  it('passes over what every program begins with', () => {
    const without = USER.filter((routine) => !routine.includes('CRTStartup'));
    expect(said('NotMyfault.exe', 1, ...DRIVER, ...IOCTL, ...without)?.[2]).toBe('NotMyfault.exe!WinMain+0x214');
    const wide = [...without, 'NotMyfault.exe!wWinMainCRTStartup', 'NotMyfault.exe!__scrt_common_main_seh'];
    expect(said('notmyfault.EXE', 1, ...DRIVER, ...IOCTL, ...wide)?.[2]).toBe('NotMyfault.exe!WinMain+0x214');
  });
});
