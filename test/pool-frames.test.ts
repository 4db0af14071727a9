/** Frames taken apart, and what they are by name and address. */
import { describe, expect, it } from 'vitest';
import { baseName, type FrameKind, frameText, isKernelAddress, readFrame } from '../src/analyses/pool/frames.js';

describe('a frame', () => {
  it.each<[bigint | null, string | null, string | null, string | null, string | null, string | null]>([
    [0xfffff8800447d634n, 'myfault', 'myfault!MyfaultDeviceControl+0x358', 'myfault', 'MyfaultDeviceControl', '0x358'],
    [null, null, 'myfault!MyfaultDeviceControl+0X35F', 'myfault', 'MyfaultDeviceControl', '0x35f'],
    [0xfffff8800496e634n, 'myfault', 'myfault+0x1634', 'myfault', null, '0x1634'],
    [null, null, 'ntoskrnl.exe!ExAllocatePool2', 'ntoskrnl.exe', 'ExAllocatePool2', null],
    [0x10n, 'drv.sys', 'drv.sys!0xfffff80012345678', 'drv.sys', null, null],
    [0x10n, 'drv.sys', '0xfffff80012345678', 'drv.sys', null, null],
    [0x10n, 'drv.sys', 'Unknown!Unknown', 'drv.sys', null, null],
    [0x10n, 'drv.sys', '?!?', 'drv.sys', null, null],
    [0x10n, 'drv.sys', '', 'drv.sys', null, null],
    [0x10n, 'drv.sys', null, 'drv.sys', null, null],
    [null, null, null, null, null, null],
    [null, null, 'n/a', null, null, null],
    [null, 'drv.sys', 'drv.sys!<Symbols disabled>', 'drv.sys', null, null],
    [null, null, "nt! ?? ::FNODOBFM::`string'+0x24a2a", 'nt', "?? ::FNODOBFM::`string'", '0x24a2a'],
    [null, null, 'a.sys!Vec::operator+', 'a.sys', 'Vec::operator+', null],
    [null, null, 'a.sys!Vec::operator+=+0x10', 'a.sys', 'Vec::operator+=', '0x10'],
    [null, null, 'a.sys!b!c+0x1', 'a.sys', 'b!c', '0x1'],
    [null, null, 'a.sys!f+0x12345678123456789', 'a.sys', 'f+0x12345678123456789', null],
  ])('%s, %s, %s', (address, module, routine, name, fn, offset) => {
    const frame = readFrame(address, module, routine);
    expect([frame.module, frame.function, frame.offset]).toEqual([name, fn, offset]);
    expect(frame.address).toBe(address === null ? null : `0x${address.toString(16)}`);
  });

  it('is one with others of its function, and with others at its place where that has no name', () => {
    const key = (routine: string | null, address: bigint | null = null) => readFrame(address, null, routine).key;
    expect(key('a.sys!f+0x10')).toBe(key('a.sys!f+0x20'));
    expect(key('a.sys!f')).not.toBe(key('b.sys!f'));
    expect(key('a.sys+0x10')).not.toBe(key('a.sys+0x20'));
    expect(key(null, 0x10n)).not.toBe(key(null, 0x20n));
  });

  it('reads as one line of text', () => {
    const text = (routine: string | null, address: bigint | null = null) =>
      frameText(readFrame(address, null, routine));
    expect([text('a.sys!f+0x10'), text('a.sys!f+0x0'), text('a.sys+0x10'), text(null, 0xffn), text(null)]).toEqual([
      'a.sys!f+0x10',
      'a.sys!f',
      'a.sys+0x10',
      '0xff',
      '?',
    ]);
  });

  it.each<[bigint, boolean]>([
    [0xffffffff_ffffffffn, true],
    [0xffff8000_00000000n, true],
    [0xffff7fff_ffffffffn, false],
    [0x7ff6_ff220000n, false],
    [0x1_00000000n, false],
    [0xffffffffn, true],
    [0x80000000n, true],
    [0x7fffffffn, false],
    [0n, false],
  ])('at %x is of the kernel: %s', (address, kernel) => expect(isKernelAddress(address)).toBe(kernel));

  it.each<[string, FrameKind]>([
    ['nt!ExAllocatePoolWithTag', 'pool'],
    ['ntoskrnl.exe!ExAllocatePool2', 'pool'],
    ['ntkrnlmp.exe!ExAllocateHeapPool', 'pool'],
    ['ntkrpamp.exe!ExpAllocatePoolWithTagFromNode', 'pool'],
    ['nt!ExFreePoolWithTag', 'pool'],
    ['nt!ExAllocatePoolWithQuotaTag', 'pool'],
    ['nt!VeAllocatePoolWithTagPriority', 'pool'],
    ['nt!VerifierExAllocatePoolEx', 'pool'],
    ['nt!ViPoolLogStackTrace', 'pool'],
    ['nt!IovAllocateMdl', 'pool'],
    ['nt!RtlpHpLfhSlotAllocate', 'pool'],
    ['nt!EtwpTracePool', 'pool'],
    ['nt!MiAllocatePoolPages', 'pool'],
    ["nt! ?? ::FNODOBFM::`string'", 'pool'],
    ["nt! ??::FNODOBFM::`string'", 'pool'],
    ['VerifierExt.sys!ExAllocatePoolWithTagPriority_wrapper', 'pool'],
    ['verifierext!anything', 'pool'],
    // Of another module, a name like that says nothing.
    ['leaky.sys!ExAllocatePoolWithTag', 'kernel'],
    ['leaky.sys!VfAllocate', 'kernel'],
    ['nt!VfsThing', 'kernel'],
    ['nt!IoAllocateMdl', 'wrapper'],
    ['nt!IopAllocateIrpPrivate', 'wrapper'],
    ['nt!ObpAllocateObject', 'wrapper'],
    ['nt!MmAllocatePagesForMdl', 'wrapper'],
    ['nt!RtlDuplicateUnicodeString', 'wrapper'],
    ['ndis!NdisAllocateMemoryWithTag', 'wrapper'],
    ['NDIS.SYS!NdisMAllocateNetBufferSGList', 'wrapper'],
    ['Wdf01000.sys!imp_WdfMemoryCreate', 'wrapper'],
    ['fltmgr.sys!FltAllocatePoolAlignedWithTag', 'wrapper'],
    ['storport.sys!StorPortAllocatePool', 'wrapper'],
    ['win32kfull.sys!Win32AllocPool', 'wrapper'],
    ['myndis.sys!NdisAllocateMemoryWithTag', 'kernel'],
    ['ndis.sys!ndisMIndicate', 'kernel'],
    ['hal.dll!KfLowerIrql', 'kernel'],
    ['CI.dll!CiValidate', 'kernel'],
    ['win32kbase.sys!f', 'kernel'],
    ['leaky.sys', 'kernel'],
    ['ntdll!NtClose', 'user'],
    ['KERNELBASE.dll!DeviceIoControl', 'user'],
    ['NotMyfault.exe!WinMain', 'user'],
    ['some.dll!f', 'user'],
  ])('%s without address: %s', (routine, kind) => expect(readFrame(null, null, routine).kind).toBe(kind));

  it('is of user mode by its address, whatever its name', () => {
    expect(readFrame(0x7ff6_ff220000n, 'driver.sys', 'driver.sys!f').kind).toBe('user');
    expect(readFrame(0xfffff800_12345678n, 'some.dll', 'some.dll!f').kind).toBe('kernel');
  });

  it.each([
    ['\\SystemRoot\\System32\\drivers\\Leaky.SYS', 'leaky'],
    ['C:/Temp/NotMyfault.exe', 'notmyfault'],
    ['a.b.dll', 'a.b'],
    ['nt', 'nt'],
    [null, ''],
  ])('of %s is in %s', (module, base) => expect(baseName(module)).toBe(base));
});
