/** Kernel and merge events: layouts against bytes made by hand, real logs, and what Microsoft's reader says of one. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeClassic } from '../parsers/etl/decode/decode-classic.js';
import { decodeKernel } from '../parsers/etl/decode/decode-kernel.js';
import type { Fields, FieldValue } from '../parsers/etl/decode/fields.js';
import { kernelClassOfGroup, kernelTypeName } from '../parsers/etl/decode/kernel-names.js';
import { Reader } from '../src/core/reader.js';
import { realLog, type WalkedEvent, walkEvents } from './support/etl-walk.js';
import { realFile } from './support/shared.js';

const hex = (text: string): Reader => new Reader(Buffer.from(text.replaceAll(' ', ''), 'hex'));

const decode = (className: string, opcode: number, version: number, bytes: string, pointerBytes: 4 | 8 = 8) =>
  decodeKernel(className, opcode, version, hex(bytes), pointerBytes);

describe('kernel layouts', () => {
  it.each<[string, string, number, number, string, Fields]>([
    [
      'DPC',
      'PerfInfo',
      68,
      2,
      '0100000002000000 0010000000f8ffff',
      { InitialTime: 8589934593, Routine: '0xfffff80000001000' },
    ],
    [
      'DPC beyond 2^53 ticks',
      'PerfInfo',
      69,
      2,
      'ffffffffffffff7f 0010000000f8ffff',
      { InitialTime: '9223372036854775807', Routine: '0xfffff80000001000' },
    ],
    [
      'ISR with a vector above 255',
      'PerfInfo',
      67,
      2,
      '0a00000000000000 0020000000f8ffff 01 0201 00',
      { InitialTime: 10, Routine: '0xfffff80000002000', ReturnValue: 1, Vector: 258, Reserved: 0 },
    ],
    [
      'ISR-MSI',
      'PerfInfo',
      50,
      2,
      '0a00000000000000 0020000000f8ffff 01 a300 00 07000000',
      {
        InitialTime: 10,
        Routine: '0xfffff80000002000',
        ReturnValue: 1,
        Vector: 163,
        Reserved: 0,
        MessageNumber: 7,
      },
    ],
    ['WDF DPC', 'PerfInfo', 98, 2, '0030000000f8ffff', { Routine: '0xfffff80000003000' }],
    [
      'CSwitch',
      'Thread',
      36,
      2,
      '01000000 02000000 08 0a 01 fe 00 01 02 03 04000000 05000000',
      {
        NewThreadId: 1,
        OldThreadId: 2,
        NewThreadPriority: 8,
        OldThreadPriority: 10,
        PreviousCState: 1,
        SpareByte: -2,
        OldThreadWaitReason: 0,
        OldThreadWaitMode: 1,
        OldThreadState: 2,
        OldThreadWaitIdealProcessor: 3,
        NewThreadWaitTime: 4,
        Reserved: 5,
      },
    ],
    [
      'ReadyThread',
      'Thread',
      50,
      2,
      '10270000 01 ff 02 00',
      { TThreadId: 10000, AdjustReason: 1, AdjustIncrement: -1, Flag: 2, Reserved: 0 },
    ],
    [
      'pool allocation',
      'Pool',
      32,
      2,
      '00020000 4e746649 0010000000000000 0040000000f8ffff',
      { Type: '0x200', Tag: 'NtfI', NumberOfBytes: 4096, Entry: '0xfffff80000004000' },
    ],
    [
      'pool allocation of a session',
      'Pool',
      33,
      2,
      '21000000 00616263 0010000000000000 0040000000f8ffff 01000000',
      { Type: '0x21', Tag: '.abc', NumberOfBytes: 4096, Entry: '0xfffff80000004000', SessionId: 1 },
    ],
    [
      'stack',
      'StackWalk',
      32,
      2,
      '0700000000000000 04000000 08000000 0010000000f8ffff 0020000000f8ffff',
      { EventTimeStamp: 7, StackProcess: 4, StackThread: 8, Stack: ['0xfffff80000001000', '0xfffff80000002000'] },
    ],
    ['ALPC wait', 'ALPC', 36, 2, '01000000 706f727400', { IsServerPort: 1, PortName: 'port' }],
    [
      'file read of version 3',
      'FileIo',
      67,
      3,
      '0010000000000000 0100000000000000 0200000000000000 0300000000000000 04000000 05000000 06000000',
      {
        Offset: 4096,
        IrpPtr: '0x1',
        FileObject: '0x2',
        FileKey: '0x3',
        TTID: 4,
        IoSize: 5,
        IoFlags: '0x6',
      },
    ],
    [
      'TCP connection over IPv4',
      'TcpIp',
      12,
      2,
      '04000000 00000000 0a800003 0a800037 01bb cf64 b405 0100 0000 0100 00000100 0800 fdff 00000000 0000000000000000',
      {
        PID: 4,
        size: 0,
        daddr: '10.128.0.3',
        saddr: '10.128.0.55',
        dport: 443,
        sport: 53092,
        mss: 1460,
        sackopt: 1,
        tsopt: 0,
        wsopt: 1,
        rcvwin: 65536,
        rcvwinscale: 8,
        sndwinscale: -3,
        seqnum: 0,
        connid: '0x0',
      },
    ],
    [
      'list of names',
      'PerfInfo',
      48,
      2,
      '02000000 6100 0000 620063000000',
      { CounterCount: 2, CounterName: ['a', 'bc'] },
    ],
    [
      'registry',
      'Registry',
      14,
      2,
      '0900000000000000 340000c0 01000000 00e00000c0f8ffff 610000000000',
      { InitialTime: 9, Status: '0xc0000034', Index: 1, KeyHandle: '0xfffff8c00000e000', KeyName: 'a', Rest: '0000' },
    ],
    ['lost events', 'Lost_Event', 32, 0, '', {}],
  ])('%s', (_, className, opcode, version, bytes, expected) => {
    expect(decode(className, opcode, version, bytes)).toEqual(expected);
  });

  it('takes the pointer size of the event', () => {
    expect(decode('PerfInfo', 46, 2, '00100080 0a000000 0100 4000', 4)).toEqual({
      InstructionPointer: '0x80001000',
      ThreadId: 10,
      Count: 1,
      Reserved: 64,
    });
  });

  it('leaves null what is not there, and keeps what is left over', () => {
    expect(decode('DiskIo', 12, 2, '0100000000000000')).toEqual({ Irp: '0x1', IssuingThreadId: null });
    expect(decode('DiskIo', 12, 3, '0100000000000000 0200')).toEqual({ Irp: '0x1', IssuingThreadId: null });
    expect(decode('DiskIo', 12, 9, '0100000000000000 02000000 cafe')).toEqual({
      Irp: '0x1',
      IssuingThreadId: 2,
      Rest: 'cafe',
    });
  });

  it('has no layout for what is not published', () => {
    expect(decode('PageFault', 34, 2, '00')).toBeNull();
    expect(decode('PerfInfo', 255, 2, '00')).toBeNull();
    expect(decode('Nothing', 1, 2, '00')).toBeNull();
  });

  it.each([
    ['without', '00000000', null],
    ['with', 'a0d49cfc88b4ffff 0000000000000000 0101000000000005 12000000', 'S-1-5-18'],
    ['with, behind an empty token', '0000000000000000 0000000000000000 0101000000000005 12000000', 'S-1-5-18'],
  ])('reads a process %s SID', (_, sid, expected) => {
    const bytes = `0100000000000000 04000000 00000000 ffffffff 03010000 0200000000000000 01000000 ${sid} 6100 62000000 0000 0000`;
    expect(decode('Process', 1, 4, bytes)).toEqual({
      UniqueProcessKey: '0x1',
      ProcessId: 4,
      ParentId: 0,
      SessionId: 4294967295,
      ExitStatus: 259,
      DirectoryTableBase: '0x2',
      Flags: '0x1',
      UserSID: expected,
      ImageFileName: 'a',
      CommandLine: 'b',
      PackageFullName: '',
      ApplicationId: '',
    });
  });
});

describe('classic events', () => {
  const IMAGE = '2cb15d1d-5fc1-11d2-abe1-00a0c911f518';

  it('decodes kernel events by their class GUID, those of 64 bits in a 32-bit header too', () => {
    const narrow = '00001601 00e01900 dc1d0000 61000000';
    const wide = '0000160100000000 00e0190000000000 dc1d0000 61000000';
    const expected = {
      name: 'Image/Load',
      fields: { ImageBase: '0x1160000', ImageSize: 1695744, ProcessId: 7644, FileName: 'a' },
    };
    expect(decodeClassic(IMAGE, 10, 1, hex(narrow), 4)).toEqual(expected);
    expect(decodeClassic(IMAGE, 10, 1, hex(wide), 8)).toEqual(expected);
    expect(decodeClassic(IMAGE, 10, 1, hex(wide), 4)).toEqual(expected);
  });

  it('names what it cannot decode', () => {
    const winSat = 'ed54dff8-c409-4cf6-bf83-05e1e61a09c4';
    expect(decodeClassic(winSat, 33, 0, hex('00'), 8)).toEqual({ name: 'WinSat/WinSPR', fields: null });
    expect(decodeClassic(winSat, 99, 0, hex('00'), 8)).toEqual({ name: 'WinSat/Opcode(99)', fields: null });
    expect(decodeClassic('00000000-0000-0000-0000-000000000000', 0, 0, hex('00'), 8)).toBeNull();
  });
});

describe('hostile payloads', () => {
  it('never throw', () => {
    const classes = Array.from({ length: 0x1f }, (_, group) => kernelClassOfGroup(group, 0) ?? '');
    const opcode = fc.oneof(fc.integer({ min: 0, max: 110 }), fc.nat(255));
    const pointerBytes = fc.constantFrom(4 as const, 8 as const);
    fc.assert(
      fc.property(
        fc.constantFrom(...classes),
        opcode,
        fc.nat(6),
        fc.uint8Array({ maxLength: 120 }),
        pointerBytes,
        (...args) => {
          const [className, type, version, bytes, pointer] = args;
          JSON.stringify(decodeKernel(className, type, version, new Reader(Buffer.from(bytes)), pointer));
        },
      ),
      { numRuns: 20_000 },
    );
  });

  it('make no list longer than themselves', () => {
    const fields = decode('PerfInfo', 48, 2, `ffffffff ${'00'.repeat(10)}`);
    expect(fields?.CounterName).toHaveLength(5);
  });
});

interface Decoded {
  readonly name: string;
  readonly bytes: number;
  readonly fields: Fields | null;
}

function decoded(event: WalkedEvent): Decoded | null {
  const { bytes, payload: at, end, opcode, version, pointerBytes, guid, classic, group } = event;
  const payload = new Reader(bytes, at, end);
  if (classic && guid !== null) {
    const known = decodeClassic(guid, opcode, version, payload, pointerBytes);
    return known === null ? null : { ...known, bytes: end - at };
  }
  if (group === null) return null;
  const className = kernelClassOfGroup(group, opcode) ?? '';
  const fields = decodeKernel(className, opcode, version, payload, pointerBytes);
  return { name: kernelTypeName(className, opcode), bytes: end - at, fields };
}

/** How many events of a log have no layout, or one that does not end with the payload, by name. */
function misfits(log: Buffer): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const event of walkEvents(log)) {
    const found = decoded(event);
    if (found === null || (found.fields !== null && !('Rest' in found.fields))) continue;
    counts[found.name] = (counts[found.name] ?? 0) + 1;
  }
  return counts;
}

describe('layouts in real logs', () => {
  it.for([
    [
      'win7sp1-x64-8cpu-xperf-dpc-isr-cswitch-stacks.etl.zip',
      '.etl',
      {
        'MetaData/EventInfo': 24,
        'MetaData/EventMapInfo': 3,
        'PerfTrackMetaData/Opcode(33)': 51,
        'PerfTrackMetaData/Opcode(34)': 8,
        'SystemConfigEx/Opcode(36)': 40,
        'WinSat/Metrics': 1,
        'WinSat/SystemConfig': 1,
        'WinSat/WinSPR': 1,
      },
    ],
    [
      'win2012-x64-8cpu-perfview-compressed-stackkeys.etl.zip',
      '.etl',
      { 'MetaData/EventInfo': 61, 'MetaData/EventMapInfo': 24 },
    ],
    ['win10-18362-x64-2cpu-native-kernel-shutdown-perfdiag.etl.zip', '.etl', {}],
    ['win10-19041-x64-4cpu-diaghub-4files.zip', 'diaghub.kernel.1.etl', {}],
    ['win7-32bit-16cpu-sawbuck-image_data_32_v0.etl', undefined, {}],
    ['win7-32bit-16cpu-sawbuck-image_data_64_v1.etl', undefined, {}],
    ['win7-32bit-16cpu-sawbuck-process_data_32_v2.etl', undefined, {}],
    ['win7-32bit-16cpu-sawbuck-process_data_64_v3.etl', undefined, {}],
  ] as const)('%s: payloads end where layouts do', ([name, entry, expected], context) => {
    const log = realLog(name, entry);
    if (log === null) return context.skip('real traces are absent');
    expect(misfits(log)).toEqual(expected);
  });
});

const BASELINE = 'win2012-x64-8cpu-perfview-compressed-stackkeys';

/** TraceEvent's name of an event, as ours. */
function ourName(name: string): string | null {
  const known: Record<string, string> = {
    'Windows Kernel/EventTrace': 'EventTrace/Header',
    'Windows Kernel/EventTrace/RundownComplete': 'EventTrace/RDComplete',
    'Windows Kernel/Memory/HardFault': 'PageFault/HardFault',
    'Windows Kernel/PerfInfo/Sample': 'PerfInfo/SampledProfile',
    'Windows Kernel/SysConfig/Opcode(37)': 'SystemConfigEx/DeviceFamily',
    'Windows Kernel/UdpIp/Recv': 'UdpIp/RecvIPV4',
    'Windows Kernel/UdpIp/Send': 'UdpIp/SendIPV4',
    'KernelTraceControl/ImageID': 'ImageID/Info',
  };
  if (name in known) return known[name];
  const [, provider, rest] = /^(Windows Kernel|KernelTraceControl)\/(.+)$/.exec(name) ?? [];
  if (provider === undefined) return null;
  return rest
    .replace('SysConfig/', 'SystemConfigEx/')
    .replace('SystemConfig/', 'SysConfig/')
    .replace('DiskIO/', 'DiskIo/')
    .replace(/(Process|Thread)\/Stop$/, '$1/End')
    .replace(/\/DCStop$/, '/DCEnd');
}

const OUR_FIELDS: Readonly<Record<string, string>> = {
  ParentID: 'ParentId',
  SessionID: 'SessionId',
  PageDirectoryBase: 'DirectoryTableBase',
  ApplicationID: 'ApplicationId',
  FileKey: 'FileObject',
  MemoryCount: 'PageFaultCount',
  StartAddr: 'Affinity',
  PDBFileName: 'PdbFileName',
  SessionName: 'SessionNameString',
  LogFileName: 'LogFileNameString',
  TargetID: 'TargetId',
  SampleSource: 'Source',
};

// Computed by TraceEvent from other fields or events, or of the event's header; of UDP, fields of version 0.
const NOT_IN_PAYLOAD = new Set(
  [
    'PID TID PName ProceNum DataLen BuildTime ElapsedTimeMSec DiskServiceTimeMSec Priority IrpFlags Flags ThreadFlags',
    'ProcessName PhysicalAddr context dsize ParentThreadID ParentProcessID UtcOffsetMinutes ProcessorNumber ExecutingDPC ExecutingISR Rank ThreadName',
  ].flatMap((names) => names.split(' ')),
);

interface Expected {
  readonly name: string;
  readonly bytes: number;
  readonly fields: ReadonlyMap<string, string>;
}

function expectedEvents(text: string): Expected[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const part = /^EVENT [\d.,]+: (.+?) (PID=.*)$/.exec(line);
    const name = part === null ? null : ourName(part[1]);
    if (part === null || name === null) return [];
    const pairs = [...part[2].matchAll(/(\w+)=(.*?); /g)].map((pair): [string, string] => [pair[1], pair[2]]);
    const bytes = Number(new Map(pairs).get('DataLen')?.replaceAll(',', ''));
    return [{ name, bytes, fields: new Map(pairs.filter(([field]) => !NOT_IN_PAYLOAD.has(field))) }];
  });
}

/** Whether a value of ours is what TraceEvent prints: cut at 20 characters, grouped digits, all integers signed. */
function same(ours: FieldValue, theirs: string): boolean {
  const text = String(ours ?? '');
  if (theirs.endsWith('...')) {
    const start = theirs.slice(0, -3);
    const instant = `${start.startsWith('70') ? 19 : 20}${start.replaceAll('/', '-')}`;
    return text.startsWith(start) || text.replace('T', ' ').startsWith(instant);
  }
  const number = theirs.replaceAll(',', '');
  if (!/^(-?\d+|0x[\da-f]+)$/.test(number) || !/^(-?\d+|0x[\da-f]+)$/.test(text)) return text === theirs;
  const [left, right] = [BigInt(text), BigInt(number)];
  return left === right || BigInt.asIntN(32, left) === right;
}

/** Their fields that are ours; the rest is taken for absent. Paths that TraceEvent maps to drive letters are left out. */
function agrees(ours: Fields, { name, fields }: Expected): boolean {
  return [...fields].every(([field, theirs]) => {
    if (field === 'FileName' || (name === 'ImageID/Info' && field === 'ProcessID')) return true;
    const key = OUR_FIELDS[field] ?? (field === 'ProcessID' ? 'ProcessId' : field);
    return key in ours && same(ours[key], theirs);
  });
}

describe('against Microsoft TraceEvent', () => {
  it('finds every kernel event that it prints, with the same values', (context) => {
    const log = realLog(`${BASELINE}.etl.zip`, '.etl');
    const baseline = realFile(`etl/${BASELINE}.TraceEvent-baseline.txt`);
    if (log === null || baseline === null) return context.skip('real traces are absent');
    const byKind = new Map<string, Fields[]>();
    for (const event of walkEvents(log)) {
      const found = decoded(event);
      if (found === null || found.fields === null) continue;
      const kind = `${found.name} ${found.bytes}`;
      const list = byKind.get(kind) ?? [];
      list.push(found.fields);
      byKind.set(kind, list);
    }
    const expected = expectedEvents(readFileSync(baseline, 'utf8'));
    const missing = expected.filter(
      (want) => !byKind.get(`${want.name} ${want.bytes}`)?.some((ours) => agrees(ours, want)),
    );
    expect(missing).toEqual([]);
    expect(expected).toHaveLength(184);
  });
});
