/** Names of kernel events by group and opcode and by class GUID. */
import { describe, expect, it } from 'vitest';
import { kernelClassOfGuid, kernelName, kernelTypeName } from '../parsers/etl/decode/kernel-names.js';

describe('kernel names', () => {
  it.each([
    [0x00, 0, 'EventTrace/Header'],
    [0x00, 5, 'EventTrace/Extension'],
    [0x00, 80, 'EventTrace/PartitionInfoExtension'],
    [0x01, 14, 'DiskIo/FlushBuffers'],
    [0x02, 32, 'PageFault/HardFault'],
    [0x03, 3, 'Process/DCStart'],
    [0x03, 10, 'Image/Load'],
    [0x03, 33, 'Process/PerfCtrRundown'],
    [0x03, 39, 'Process/Defunct'],
    [0x04, 36, 'FileIo/FileRundown'],
    [0x05, 36, 'Thread/CSwitch'],
    [0x05, 50, 'Thread/ReadyThread'],
    [0x06, 26, 'TcpIp/SendIPV6'],
    [0x08, 11, 'UdpIp/RecvIPV4'],
    [0x0b, 22, 'SysConfig/PnP'],
    [0x0e, 32, 'Pool/Alloc'],
    [0x0f, 46, 'PerfInfo/SampledProfile'],
    [0x0f, 50, 'PerfInfo/ISR-MSI'],
    [0x0f, 66, 'PerfInfo/ThreadedDPC'],
    [0x0f, 103, 'PerfInfo/WdfWorkItem'],
    [0x14, 2, 'Image/Unload'],
    [0x14, 33, 'Image/KernelBase'],
    [0x18, 35, 'StackWalk/KeyDelete'],
    [0x18, 38, 'StackWalk/KeyUser'],
    [0x1a, 33, 'ALPC/SendMessage'],
    [0x0f, 123, 'PerfInfo/Opcode(123)'],
    [0x2c, 5, 'Group(0x2c)/Opcode(5)'],
    [0x0c, 1, 'Group(0x0c)/Opcode(1)'],
  ])('names group %i opcode %i', (group, opcode, name) => {
    expect(kernelName(group, opcode)).toBe(name);
  });

  it('gives no opcode of any class two names', () => {
    const names = Array.from({ length: 0x1f }, (_, group) =>
      Array.from({ length: 256 }, (__, opcode) => kernelName(group, opcode)).filter((name) => name !== 'Image/Load'),
    ).flat();
    expect(new Set(names).size).toBe(names.length);
  });

  it('knows classes by GUID, those without group too', () => {
    expect(kernelClassOfGuid('2cb15d1d-5fc1-11d2-abe1-00a0c911f518')).toEqual({ className: 'Image', group: 0x14 });
    expect(kernelClassOfGuid('ce1dbfb4-137e-4da6-87b0-3f59aa102cbc')).toEqual({ className: 'PerfInfo', group: 0x0f });
    expect(kernelClassOfGuid('6a399ae0-4bc6-4de9-870b-3657f8947e7e')).toEqual({ className: 'Lost_Event', group: null });
    expect(kernelClassOfGuid('00000000-0000-0000-0000-000000000000')).toBeNull();
    expect(kernelTypeName('Lost_Event', 33)).toBe('Lost_Event/RT_LostBuffer');
  });
});
