/** The writer of synthetic event logs, by offsets written out by hand: nothing here reads files as the parser does. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { generateEtl } from '../bench/generate-etl.js';
import { ansiz, guid, u32, utf8z } from './generate/etl/bytes.js';
import { cutAt, eventOffset, withBufferField, withEventSize, withZeroedBuffer } from './generate/etl/damage.js';
import { eventBytes } from './generate/etl/event-bytes.js';
import { type EtlEvent, type EtlLog, type EventBody, etlSession } from './generate/etl/log.js';
import { alpcMessage, alpcUnwait, alpcWaitForNewMessage } from './generate/etl/payloads/alpc.js';
import { dpc, isr, wdf } from './generate/etl/payloads/dpc-isr.js';
import { instanceEvent, lostNote, manifestEvent, wppMessage } from './generate/etl/payloads/other.js';
import { pool } from './generate/etl/payloads/pool.js';
import { imageEvent, processEvent, threadEvent, threadName } from './generate/etl/payloads/rundown.js';
import { contextSwitch, readyThread, sampledProfile } from './generate/etl/payloads/schedule.js';
import { stack, stackKey, stackKeyFrames } from './generate/etl/payloads/stack.js';
import { traceLogging } from './generate/etl/payloads/tracelogging.js';
import { writeEtl, writeEtlPlaced } from './generate/etl/write-etl.js';
import { xpressCompress, xpressCompressKeeping } from './generate/etl/xpress-compress.js';
import { endUs, stutter } from './generate/truth.js';
import { writeEtlTruth } from './generate/write-etl-truth.js';

const ROUTINE = 0xfffff80340001230n;
const GUID = 'd3dd3dd4-aac2-4e2a-8dd4-a8fb61b77615';
const hex = (bytes: Buffer): string => bytes.toString('hex');

const at = (body: EventBody, over: Partial<EtlEvent> = {}): EtlEvent => ({
  ...body,
  cpu: 0,
  ticks: 0x0102030405n,
  pid: 0x11,
  tid: 0x22,
  ...over,
});

/** [MS-XCA] 2.4, written for these tests only. Gives the bytes left over as well. */
function decompress(input: Uint8Array, outputBytes: number): { output: Buffer; left: number } {
  const out: number[] = [];
  let at = 0;
  let flags = 0;
  let flagCount = 0;
  let halfAt = -1;
  const word = (): number => input[at++] | (input[at++] << 8);
  while (out.length < outputBytes) {
    if (flagCount === 0) {
      flags = (word() | (word() << 16)) >>> 0;
      flagCount = 32;
    }
    flagCount--;
    if (((flags >>> flagCount) & 1) === 0) {
      out.push(input[at++]);
      continue;
    }
    const match = word();
    let length = match & 7;
    if (length === 7) {
      if (halfAt < 0) {
        halfAt = at;
        length = input[at++] & 15;
      } else {
        length = input[halfAt] >> 4;
        halfAt = -1;
      }
      if (length === 15) {
        length = input[at++];
        if (length === 255) length = word() - 22;
        length += 15;
      }
      length += 7;
    }
    const distance = (match >> 3) + 1;
    for (let i = 0; i < length + 3; i++) out.push(out[out.length - distance]);
  }
  return { output: Buffer.from(out), left: input.length - at };
}

describe('xpress', () => {
  it('packs the example of the specification as it does', () => {
    // [MS-XCA] 3.1: the alphabet, and "abc" a hundred times.
    const alphabet = Buffer.from('abcdefghijklmnopqrstuvwxyz');
    expect(hex(xpressCompress(alphabet))).toBe(`3f000000${hex(alphabet)}`);
    expect(hex(xpressCompress(Buffer.from('abc'.repeat(100))))).toBe('ffffff1f61626317000fff2601');
  });

  it('gives back what went in', () => {
    const lumps = fc.array(fc.tuple(fc.uint8Array({ maxLength: 12 }), fc.integer({ min: 1, max: 400 })), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(lumps, (parts) => {
        const input = Buffer.concat(parts.flatMap(([bytes, times]) => Array.from({ length: times }, () => bytes)));
        const packed = xpressCompress(input);
        const { output, left } = decompress(packed, input.length);
        expect(output.equals(input)).toBe(true);
        expect([0, 4]).toContain(left);
      }),
      { seed: 7, numRuns: 200 },
    );
  });

  it('keeps bytes apart that are to be changed', () => {
    const input = Buffer.from('one two three one two three one two three one two three');
    const keep = Uint32Array.of(4, 5, 18, 19, 32, 33);
    const { bytes, kept } = xpressCompressKeeping(input, keep);
    expect(bytes.length).toBeLessThan(input.length);
    const changed = Buffer.from(input);
    for (const [i, place] of keep.entries()) {
      bytes[kept[i]] = 0x30 + i;
      changed[place] = 0x30 + i;
    }
    expect(decompress(bytes, input.length).output.toString()).toBe(changed.toString());
  });
});

describe('header event', () => {
  const session = etlSession({ eventsLost: 12, buffersLost: 3, maximumFileMb: 20, loggerId: 28 });

  it('has its fields where 64-bit files have them', () => {
    const file = writeEtl({ session, events: [], nativeLog: true });
    expect(file.length).toBe(65536);
    // Size, saved and current offset; filled length, flags and type.
    expect(file.readUInt32LE(0x00)).toBe(65536);
    const filled = 0x48 + 32 + 280 + 2 * ('NT Kernel Logger'.length + 1 + 'C:\\Temp\\synthetic.etl'.length + 1);
    expect(file.readUInt32LE(0x04)).toBe((filled + 7) & ~7);
    expect(file.readUInt16LE(0x2a)).toBe(28);
    expect(file.readUInt32LE(0x30)).toBe((filled + 7) & ~7);
    expect(hex(file.subarray(0x34, 0x38))).toBe('21000400');
    expect(hex(file.subarray(0x48, 0x4c))).toBe('020002c0');
    expect(file.readUInt16LE(0x4c)).toBe(filled - 0x48);
    expect(file.readUInt32LE(0x50)).toBe(6212);
    expect(file.readUInt32LE(0x54)).toBe(2144);
    expect(file.readBigUInt64LE(0x58)).toBe(41_000_000_000n);
    expect(file.readUInt32LE(0x68)).toBe(65536);
    expect(hex(file.subarray(0x6c, 0x70))).toBe('0a000105');
    expect(file.readUInt32LE(0x70)).toBe(22631);
    expect(file.readUInt32LE(0x74)).toBe(8);
    expect(file.readBigUInt64LE(0x78)).toBe(133_893_216_201_234_560n);
    expect(file.readUInt32LE(0x84)).toBe(20);
    expect(file.readUInt32LE(0x88)).toBe(1);
    expect(file.readUInt32LE(0x8c)).toBe(1);
    expect(file.readUInt32LE(0x94)).toBe(8);
    expect(file.readUInt32LE(0x98)).toBe(12);
    expect(file.readInt32LE(0xb0)).toBe(-60);
    expect(file.toString('utf16le', 0xb4, 0xb4 + 46)).toBe('Synthetic Time Standard');
    expect(file.readBigUInt64LE(0x160)).toBe(133_893_211_901_234_560n);
    expect(file.readBigUInt64LE(0x168)).toBe(10_000_000n);
    expect(file.readBigUInt64LE(0x170)).toBe(133_893_216_001_234_560n);
    expect(file.readUInt32LE(0x178)).toBe(1);
    expect(file.readUInt32LE(0x17c)).toBe(3);
    expect(file.toString('utf16le', 0x180, filled)).toBe('NT Kernel Logger\0C:\\Temp\\synthetic.etl\0');
    expect(file.subarray((filled + 7) & ~7).every((byte) => byte === 0xff)).toBe(true);
  });

  it('has its fields where 32-bit files have them', () => {
    const file = writeEtl({ session: etlSession({ pointerBytes: 4, buffersLost: 9 }), events: [] });
    expect(hex(file.subarray(0x34, 0x38))).toBe('01000400');
    expect(hex(file.subarray(0x48, 0x4c))).toBe('020001c0');
    expect(file.readUInt32LE(0x94)).toBe(4);
    expect(file.readInt32LE(0xa8)).toBe(-60);
    expect(file.readBigUInt64LE(0x158)).toBe(133_893_211_901_234_560n);
    expect(file.readBigUInt64LE(0x160)).toBe(10_000_000n);
    expect(file.readUInt32LE(0x174)).toBe(9);
    expect(file.toString('utf16le', 0x178, 0x178 + 32)).toBe('NT Kernel Logger');
  });
});

describe('headers of events', () => {
  const payload = Buffer.from('aabbcc', 'hex');
  const kernel = { group: 0x0f, opcode: 46, version: 2, payload };

  it.each([
    ['system64', '020002c023002e0f' + '2200000011000000' + '0504030201000000' + '0100000002000000'],
    ['system32', '020001c023002e0f' + '2200000011000000' + '0504030201000000' + '0100000002000000'],
    ['compact64', '020004c01b002e0f' + '2200000011000000' + '0504030201000000'],
    ['compact32', '020003c01b002e0f' + '2200000011000000' + '0504030201000000'],
    ['perfinfo64', '020011c013002e0f' + '0504030201000000'],
    ['perfinfo32', '020010c013002e0f' + '0504030201000000'],
  ] as const)('%s', (header, expected) => {
    const bytes = eventBytes(at({ ...kernel, header }, { kernelTime: 1, userTime: 2 }));
    expect(hex(bytes)).toBe(`${expected}aabbcc`);
  });

  it('full, with a GUID', () => {
    const body = { header: 'full64', guid: GUID, opcode: 7, level: 4, version: 3, payload } as const;
    expect(hex(eventBytes(at(body)))).toBe(
      '330014c007040300' +
        '22000000110000000504030201000000' +
        'd43dddd3c2aa2a4e8dd4a8fb61b77615' +
        '0000000000000000' +
        'aabbcc',
    );
  });

  it('instance, of 72 bytes', () => {
    const body = instanceEvent({ guid: GUID, opcode: 1, instanceId: 5, parentInstanceId: 6 }, payload, 4);
    const bytes = eventBytes(at(body));
    expect(bytes.length).toBe(75);
    expect(hex(bytes.subarray(0, 4))).toBe('4b000bc0');
    expect(hex(bytes.subarray(48, 56))).toBe('0500000006000000');
  });

  it('manifest, with extended items padded to 8', () => {
    const head = { guid: GUID, id: 0x1234, version: 2, channel: 16, level: 4, opcode: 9, task: 0x55, keyword: 0x80n };
    const items = [
      { type: 1, data: Buffer.alloc(16, 0x77) },
      { type: 6, data: Buffer.from('0102030405', 'hex') },
    ];
    const bytes = eventBytes(at(manifestEvent({ ...head, extendedItems: items }, payload)));
    expect(bytes.length).toBe(80 + 24 + 16 + 3);
    expect(hex(bytes.subarray(0, 8))).toBe('7b0013c001000000');
    expect(hex(bytes.subarray(40, 56))).toBe('3412021004095500' + '8000000000000000');
    expect(hex(bytes.subarray(80, 88))).toBe('1800010001001000');
    expect(hex(bytes.subarray(104, 120))).toBe('1000060000000500' + '0102030405000000');
  });

  it('messages, with every combination of their fields', () => {
    for (let flags = 0; flags < 32; flags++) {
      const message = {
        number: 0x0a0b,
        ...(flags & 1 ? { sequence: 0xc1c2c3c4 } : {}),
        ...(flags & 2 ? { guid: GUID } : flags & 4 ? { componentId: 0xd1d2d3d4 } : {}),
        time: (flags & 8) !== 0,
        system: (flags & 16) !== 0,
        pointerBytes: 8 as const,
      };
      const optional = [
        flags & 1 ? 'c4c3c2c1' : '',
        flags & 2 ? 'd43dddd3c2aa2a4e8dd4a8fb61b77615' : flags & 4 ? 'd4d3d2d1' : '',
        flags & 8 ? '0504030201000000' : '',
        flags & 16 ? '2200000011000000' : '',
      ].join('');
      const written = (flags & 1) | (flags & 2 ? 2 : flags & 4) | (flags & 8) | (flags & 16 ? 0x20 : 0) | 0x80;
      const size = (8 + optional.length / 2 + 3).toString(16).padStart(2, '0');
      const bytes = eventBytes(at(wppMessage(message, payload)));
      expect(hex(bytes)).toBe(`${size}0000900b0a${written.toString(16)}00${optional}aabbcc`);
    }
  });
});

describe('payloads', () => {
  const payload = (body: EventBody): string => hex(body.payload);
  const R8 = '3012004003f8ffff';
  const R4 = '30120040';
  const owner = { ticks: 0x55n, pid: 4, tid: 8 };

  it.each<[string, EventBody, number, string]>([
    ['DPC', dpc('DPC', { initialTime: 0x99n, routine: ROUTINE }), 68, `9900000000000000${R8}`],
    ['TimerDPC', dpc('TimerDPC', { initialTime: 0x99n, routine: ROUTINE }, 4), 69, `9900000000000000${R4}`],
    ['ThreadedDPC', dpc('ThreadedDPC', { initialTime: 0x99n, routine: ROUTINE }), 66, `9900000000000000${R8}`],
    ['ISR', isr({ initialTime: 1n, routine: ROUTINE, vector: 0x191 }), 67, `0100000000000000${R8}01910100`],
    [
      'ISR of Windows 7',
      isr({ initialTime: 1n, routine: ROUTINE, vector: 0x91, claimed: false }, 'vector8', 4),
      67,
      `0100000000000000${R4}00910000`,
    ],
    [
      'ISR-MSI',
      isr({ initialTime: 1n, routine: ROUTINE, vector: 0x51, message: 7 }),
      50,
      `0100000000000000${R8}0151000007000000`,
    ],
    [
      'passive ISR',
      isr({ initialTime: 1n, routine: ROUTINE, vector: 0x51, passive: true }),
      95,
      `0100000000000000${R8}01510000`,
    ],
    ['WDF ISR', wdf('isr', ROUTINE), 96, R8],
    ['WDF passive ISR', wdf('passiveIsr', ROUTINE), 97, R8],
    ['WDF DPC', wdf('dpc', ROUTINE, 4), 98, R4],
    ['WDF work item', wdf('workItem', ROUTINE), 103, R8],
    ['sample', sampledProfile({ instructionPointer: ROUTINE, tid: 9, count: 2 }), 46, `${R8}0900000002000000`],
    [
      'switch',
      contextSwitch({ newTid: 1, oldTid: 2, oldWaitReason: 6, oldWaitMode: 1, oldIdealProcessor: 3 }),
      36,
      '01000000020000000808000006010503' + '0000000000000000',
    ],
    ['ready', readyThread({ tid: 9, adjustReason: 1, adjustIncrement: 2, flag: 1 }), 50, '0900000001020100'],
    ['stack', stack(owner, [ROUTINE, 5n]), 32, `55000000000000000400000008000000${R8}0500000000000000`],
    ['kernel key', stackKey('kernel', owner, 5n), 37, '55000000000000000400000008000000' + '0500000000000000'],
    ['user key', stackKey('user', owner, 5n, 4), 38, '55000000000000000400000008000000' + '05000000'],
    ['key deleted', stackKeyFrames('delete', 5n, [ROUTINE]), 35, `0500000000000000${R8}`],
    ['key rundown', stackKeyFrames('rundown', 5n, [ROUTINE], 4), 36, `05000000${R4}`],
    [
      'pool alloc',
      pool('alloc', { type: 0x200, tag: 'Ab', bytes: 0x30n, entry: ROUTINE }),
      32,
      `0002000041622020${'30'.padEnd(16, '0')}${R8}`,
    ],
    [
      'pool free',
      pool('free', { type: 1, tag: 'Abcd', bytes: 0x30n, entry: ROUTINE }, 4),
      34,
      `010000004162636430000000${R4}`,
    ],
    [
      'session pool alloc',
      pool('alloc', { type: 1, tag: 'Abcd', bytes: 0x30n, entry: ROUTINE, sessionId: 2 }, 4),
      33,
      `010000004162636430000000${R4}02000000`,
    ],
    [
      'session pool free',
      pool('free', { type: 1, tag: 'Abcd', bytes: 0n, entry: 0n, sessionId: 2 }, 4),
      35,
      '0100000041626364000000000000000002000000',
    ],
    ['ALPC send', alpcMessage('send', 77), 33, '4d000000'],
    ['ALPC receive', alpcMessage('receive', 77), 34, '4d000000'],
    ['ALPC wait for reply', alpcMessage('waitForReply', 77), 35, '4d000000'],
    ['ALPC wait for new message', alpcWaitForNewMessage(true, '\\P'), 36, '010000005c5000'],
    ['ALPC unwait', alpcUnwait(0x102), 37, '02010000'],
    ['thread name', threadName(1, 2, 'a'), 72, '010000000200000061000000'],
  ])('%s', (_, body, opcode, expected) => {
    expect(body.opcode).toBe(opcode);
    expect(payload(body)).toBe(expected);
  });

  it('has processes, threads and images as long as in real files', () => {
    // Idle of Windows 7 (99 bytes) and of Windows 10 (91 with its shorter header); ntoskrnl.exe; threads with and without name.
    const idle = { key: 1n, pid: 0, parentPid: 0, imageFileName: 'Idle' };
    expect(processEvent('rundownStart', { ...idle, version: 3 }).payload.length).toBe(99 - 32);
    expect(processEvent('rundownStart', idle).payload.length).toBe(91 - 16);
    const kernel = { base: ROUTINE, size: 0x200000n, pid: 0, fileName: '\\SystemRoot\\system32\\ntoskrnl.exe' };
    expect(imageEvent('rundownStart', kernel).payload.length).toBe(156 - 32);
    expect(imageEvent('rundownStart', kernel, 4).payload.length).toBe(156 - 32 - 3 * 4);
    expect(threadEvent('start', { pid: 1, tid: 2, win32StartAddress: 3n }).payload.length).toBe(104 - 32);
    expect(threadEvent('start', { pid: 1, tid: 2, win32StartAddress: 3n, name: '' }).payload.length).toBe(106 - 32);
    const loaded = imageEvent('start', kernel);
    expect([loaded.group, loaded.opcode]).toEqual([3, 10]);
    const gone = imageEvent('end', kernel);
    expect([gone.group, gone.opcode]).toEqual([0x14, 2]);
  });

  it('describes TraceLogging fields', () => {
    const body = traceLogging({
      guid: GUID,
      provider: 'solar_system',
      name: 'ev',
      fields: [
        { name: 'n', type: 'int32', data: u32(5) },
        { name: 'b', type: 'int32', out: 3, data: u32(1) },
        { name: 'v', type: 'uint8', array: { count: 2, kind: 'variable' }, data: Buffer.of(8, 9) },
        { name: 'c', type: 'uint8', array: { count: 2, kind: 'constant' }, tags: 0x200, data: Buffer.of(6, 7) },
        { name: 's', type: 'struct', out: 1, data: Buffer.alloc(0) },
        { name: 'a', type: 'ansiString', data: utf8z('hi') },
      ],
    });
    const [traits, schema] = body.extendedItems ?? [];
    expect(traits.type).toBe(12);
    expect(hex(traits.data)).toBe(`0f00${hex(ansiz('solar_system'))}`);
    expect(schema.type).toBe(11);
    const head = hex(schema.data.subarray(0, 6));
    expect(head).toBe(`${schema.data.length.toString(16)}0000657600`);
    // Tags 0x200 of 28 bits, seven at a time: 0, 0, 4.
    expect(hex(schema.data.subarray(6))).toBe(
      '6e0007' + '62008703' + '760044' + '6300a480808004' + '0200' + '73009801' + '610002',
    );
    expect(payload(body)).toBe('05000000' + '01000000' + '02000809' + '0607' + '686900');
  });

  it('notes losses by the class of real-time loss', () => {
    const body = lostNote('buffer');
    expect(body.opcode).toBe(33);
    expect(hex(guid(body.guid ?? ''))).toBe('e09a396ac64be94d870b3657f8947e7e');
  });
});

/** So many samples of each of three CPUs, 10 ticks apart. */
function someEvents(count: number): EtlEvent[] {
  return Array.from({ length: count }, (_, i) => ({
    ...sampledProfile({ instructionPointer: BigInt(i), tid: 4 }),
    cpu: i % 3,
    ticks: 41_000_000_000n + BigInt(i * 10),
  }));
}

describe('buffers', () => {
  const session = etlSession({ bufferBytes: 4096, cpus: 3 });
  // Each sample takes 32 bytes: 125 fit into 4096 - 72.
  const log: EtlLog = { session, events: someEvents(1000) };

  it('holds the events of a CPU in order, and goes to the file when full', () => {
    const { bytes, buffers } = writeEtlPlaced({ ...log, nativeLog: true });
    expect(buffers.map(({ cpu }) => cpu)).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2]);
    expect(buffers.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(bytes.length).toBe(10 * 4096);
    expect(bytes.readUInt32LE(0x8c)).toBe(10);
    for (const [i, { offset, cpu }] of buffers.entries()) {
      expect(offset).toBe((i + 1) * 4096);
      expect(bytes.readUInt32LE(offset)).toBe(4096);
      expect(bytes.readUInt16LE(offset + 0x28)).toBe(cpu);
      expect(bytes.readUInt16LE(offset + 0x34)).toBe(i === 8 ? 0x21 : 0x20);
      expect(bytes.readUInt16LE(offset + 0x36)).toBe(0);
      const count = (bytes.readUInt32LE(offset + 0x30) - 72) / 32;
      expect(count).toBe(i < 6 ? 125 : [84, 83, 83][cpu]);
      for (let n = 0; n < count; n++) {
        const index = (Math.floor(i / 3) * 125 + n) * 3 + cpu;
        const event = offset + 72 + n * 32;
        expect(bytes.readUInt32LE(event)).toBe(0xc0110002);
        expect(bytes.readBigUInt64LE(event + 8)).toBe(41_000_000_000n + BigInt(index * 10));
        expect(bytes.readBigUInt64LE(event + 16)).toBe(BigInt(index));
      }
    }
    // The first was full when CPU 0's 126th event came.
    expect(bytes.readBigInt64LE(4096 + 0x10)).toBe(41_000_000_000n + 3750n);
    expect(bytes.readUInt32LE(4096 + 0x08)).toBe(72 + 125 * 32 + 32);
  });

  it('has FILETIME in the headers of merged logs, and indexes of 8 bits in old ones', () => {
    const old = writeEtl({ ...log, wideProcessorIndex: false });
    expect(old.readBigInt64LE(4096 + 0x10)).toBe(133_893_216_001_234_560n + 3750n);
    expect(hex(old.subarray(3 * 4096 + 0x28, 3 * 4096 + 0x2a))).toBe('0208');
    expect(old.readUInt16LE(4096 + 0x34)).toBe(0);
  });

  it('numbers processors above 255', () => {
    const events = someEvents(2).map((event, i) => ({ ...event, cpu: 300 + i }));
    const bytes = writeEtl({ session, events });
    expect(bytes.readUInt16LE(4096 + 0x28)).toBe(300);
    expect(bytes.readUInt16LE(8192 + 0x28)).toBe(301);
  });

  it('packs to the same events', () => {
    const plain = writeEtl(log);
    const packed = writeEtl({ ...log, compressed: true });
    expect(packed.readUInt32LE(0)).toBe(512);
    expect(packed.readUInt32LE(0x88)).toBe(0x4000001);
    expect(hex(packed.subarray(0x6e, 0x70))).toBe('0200');
    let at = 512;
    for (let i = 1; i < 10; i++) {
      const size = packed.readUInt32LE(at);
      expect(packed.readUInt16LE(at + 0x34) & 0x60).toBe(0x60);
      const filled = packed.readUInt32LE(at + 0x30);
      expect(filled).toBe(plain.readUInt32LE(i * 4096 + 0x30));
      const { output } = decompress(packed.subarray(at + 72, at + size), filled - 72);
      expect(output.equals(plain.subarray(i * 4096 + 72, i * 4096 + filled))).toBe(true);
      at += size;
    }
    expect(at).toBe(packed.length);
  });

  it('wraps round and turns', () => {
    const numbers = (over: Partial<EtlLog>): number[] =>
      writeEtlPlaced({ ...log, ...over }).buffers.map(({ sequence }) => sequence);
    expect(numbers({ circularBuffers: 4 })).toEqual([9, 6, 7, 8]);
    expect(numbers({ rotateBuffers: 4 })).toEqual([5, 6, 7, 8, 9, 1, 2, 3, 4]);
    expect(writeEtl({ ...log, circularBuffers: 4 }).readUInt32LE(0x88)).toBe(2);
  });

  it('leaves buffers out and says so in the next of the CPU', () => {
    const { buffers } = writeEtlPlaced({ ...log, lostBuffers: [1], buffersWithLosses: [5] });
    expect(buffers.map(({ sequence }) => sequence)).toEqual([1, 3, 4, 5, 6, 7, 8, 9]);
    expect(buffers.map(({ flags }) => flags)).toEqual([0x20, 0x20, 0x20, 0x24, 0x22, 0x20, 0x20, 0x21]);
  });

  it('refuses an event that fits no buffer', () => {
    const big = { ...someEvents(1)[0], payload: Buffer.alloc(4096) };
    expect(() => writeEtl({ session, events: [big] })).toThrow(/fits no buffer/);
  });

  it('can be damaged', () => {
    const file = writeEtlPlaced(log);
    expect(cutAt(file, 5000).length).toBe(5000);
    expect(
      withZeroedBuffer(file, 1)
        .subarray(8192, 12288)
        .every((byte) => byte === 0),
    ).toBe(true);
    expect(eventOffset(file, 2, 3)).toBe(3 * 4096 + 72 + 96);
    expect(withEventSize(file, 2, 3, 7).readUInt16LE(3 * 4096 + 72 + 96 + 4)).toBe(7);
    expect(withBufferField(file, 0, 0x30, 99).readUInt32LE(4096 + 0x30)).toBe(99);
    expect(file.bytes.equals(writeEtl(log))).toBe(true);
  });
});

/** Walks the events of a file that is not compressed: group, opcode, time and payload of the kernel's. */
function* walk(file: Buffer) {
  for (let buffer = 0; buffer < file.length; buffer += file.readUInt32LE(buffer)) {
    const end = buffer + file.readUInt32LE(buffer + 0x30);
    const cpu = file.readUInt16LE(buffer + 0x28);
    for (let event = buffer + 72; event < end; ) {
      const isKernel = [1, 2, 16, 17].includes(file[event + 2]);
      const isShort = file[event + 2] >= 16 && isKernel;
      const size = file.readUInt16LE(event + (isKernel ? 4 : 0));
      const ticks = file.readBigUInt64LE(event + (isShort ? 8 : 16));
      const name = isKernel ? `${file[event + 7]}/${file[event + 6]}` : 'provider';
      yield { name, cpu, ticks, payload: file.subarray(event + (isShort ? 16 : 32), event + size) };
      event += (size + 7) & ~7;
    }
  }
}

describe('a truth as an event log', () => {
  const truth = stutter();

  it('logs every run at its end, with its beginning, routine and vector', () => {
    const opcodes = { DPC: 68, TimerDPC: 69, ThreadedDPC: 66, ISR: 67, 'ISR-MSI': 50 };
    const wanted = truth.runs.map((run) => {
      const rest = run.kind === 'ISR' ? ` ${run.vector} ${run.messageIndex}` : '';
      return `${run.cpu} ${opcodes[run.type]} ${run.startUs} ${endUs(run)} ${run.address}${rest}`;
    });
    const got: string[] = [];
    for (const { name, cpu, ticks, payload } of walk(writeEtlTruth(truth))) {
      const opcode = Number(name.slice(3));
      if (!name.startsWith('15/') || opcode === 46) continue;
      const us = (time: bigint): number => Number(time - 41_000_000_000n) / 10;
      const isIsr = opcode === 67 || opcode === 50;
      const message = opcode === 50 ? payload.readUInt32LE(20) : null;
      const rest = isIsr ? ` ${payload.readUInt16LE(17)} ${message}` : '';
      const times = `${us(payload.readBigUInt64LE(0))} ${us(ticks)}`;
      got.push(`${cpu} ${opcode} ${times} ${payload.readBigUInt64LE(8)}${rest}`);
    }
    expect(got.sort()).toEqual(wanted.sort());
  });

  it('gives each sample its stack, whole or by a key that is told later', () => {
    const wanted = truth.samples.map(({ atUs, stack: frames }) => `${atUs} ${frames.map((f) => f.address).join()}`);
    const us = (time: bigint): number => Number(time - 41_000_000_000n) / 10;
    const whole: string[] = [];
    const open: { at: number; key: bigint }[] = [];
    const resolved: string[] = [];
    const frames = (payload: Buffer, from: number): string =>
      Array.from({ length: (payload.length - from) / 8 }, (_, i) => payload.readBigUInt64LE(from + i * 8)).join();
    for (const { name, payload } of walk(writeEtlTruth(truth))) {
      if (name === '24/32') whole.push(`${us(payload.readBigUInt64LE(0))} ${frames(payload, 16)}`);
    }
    const keyed = [...walk(writeEtlTruth(truth, { stackKeys: true }))].sort((a, b) => Number(a.ticks - b.ticks));
    for (const { name, payload } of keyed) {
      if (name === '24/37') open.push({ at: us(payload.readBigUInt64LE(0)), key: payload.readBigUInt64LE(16) });
      if (name !== '24/35' && name !== '24/36') continue;
      const key = payload.readBigUInt64LE(0);
      for (const use of open.filter((one) => one.key === key)) {
        resolved.push(`${use.at} ${frames(payload, 8)}`);
        open.splice(open.indexOf(use), 1);
      }
    }
    expect(whole.sort()).toEqual(wanted.sort());
    expect(resolved.sort()).toEqual(wanted);
    expect(open).toEqual([]);
  });

  it('rounds to the ticks of any clock, and time never goes back on a CPU', () => {
    const last = new Map<number, bigint>();
    let runs = 0;
    for (const { name, cpu, ticks } of walk(writeEtlTruth(truth, { perfFreq: 2_143_632n, isrLayout: 'vector8' }))) {
      expect(ticks >= (last.get(cpu) ?? 0n)).toBe(true);
      last.set(cpu, ticks);
      if (name.startsWith('15/') && name !== '15/46') runs++;
    }
    expect(runs).toBe(truth.runs.length);
  });
});

describe('the file of the bench', () => {
  const bytes = 20 << 20;
  const dir = mkdtempSync(join(tmpdir(), 'tracekit-etl-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('holds what it says, each stack right after its event', () => {
    const path = join(dir, 'bench.etl');
    const figures = generateEtl(path, { bytes });
    const file = readFileSync(path);
    expect(file.length).toBe(figures.bytes);
    const counts = new Map<string, number>();
    const last = new Map<number, bigint>();
    const owner = new Map<number, bigint>();
    for (const { name, cpu, ticks, payload } of walk(file)) {
      counts.set(name, (counts.get(name) ?? 0) + 1);
      if (ticks < (last.get(cpu) ?? 0n)) throw new Error(`time goes back on CPU ${cpu}`);
      last.set(cpu, ticks);
      if (name === '5/36' || name === '15/46') owner.set(cpu, ticks);
      if (name === '24/32' && payload.readBigUInt64LE(0) !== owner.get(cpu)) throw new Error('a stack of no event');
    }
    const { cswitch, stack: stacks, sampledProfile: samples, dpc: dpcs, isr: isrs, manifest } = figures.counts;
    expect([counts.get('5/36'), counts.get('24/32'), counts.get('15/46')]).toEqual([cswitch, stacks, samples]);
    expect([counts.get('15/68'), counts.get('15/67'), counts.get('provider')]).toEqual([dpcs, isrs, manifest]);
    expect([...counts.values()].reduce((sum, count) => sum + count, 0)).toBe(figures.events);
    const share = (count: number): number => Math.round((count / figures.events) * 100);
    expect([share(cswitch), share(stacks), share(samples)]).toEqual([30, 30, 25]);
  });

  it('unpacks to the same events', () => {
    generateEtl(join(dir, 'packed.etl'), { bytes, compressed: true });
    const plain = readFileSync(join(dir, 'bench.etl'));
    const packed = readFileSync(join(dir, 'packed.etl'));
    const sizes: number[] = [];
    for (let at = 0; at < packed.length; at += packed.readUInt32LE(at)) sizes.push(packed.readUInt32LE(at));
    expect(sizes.length).toBe(plain.length / 65536);
    // Of the rundown, the first round and a later one.
    for (const i of [1, 2, 3, 4, 150, 151, 250]) {
      const at = sizes.slice(0, i).reduce((sum, size) => sum + size, 0);
      const filled = packed.readUInt32LE(at + 0x30);
      const { output } = decompress(packed.subarray(at + 72, at + sizes[i]), filled - 72);
      expect(output.equals(plain.subarray(i * 65536 + 72, i * 65536 + filled))).toBe(true);
    }
  });
});
