/** Processes, threads and images: to whom an id or an address belonged at a time, and the events in all their versions. */
import { describe, expect, it } from 'vitest';
import { AddressMap } from '../parsers/etl/system/address-map.js';
import { Lifetimes } from '../parsers/etl/system/lifetimes.js';
import { image } from '../src/tables/image.js';
import { processTable } from '../src/tables/process.js';
import { sampledProfile } from '../src/tables/sampled-profile.js';
import { threadTable } from '../src/tables/thread.js';
import { ansiz, joined, type PointerBytes, pointer, u8, u16, u32, utf16z } from './generate/etl/bytes.js';
import type { EtlEvent, EventBody } from './generate/etl/log.js';
import { systemEvent } from './generate/etl/payloads/kernel.js';
import { classicEvent } from './generate/etl/payloads/other.js';
import { imageEvent, processEvent, threadEvent, threadName, type When } from './generate/etl/payloads/rundown.js';
import { sampledProfile as sample } from './generate/etl/payloads/schedule.js';
import { at, type LogOptions, readBack } from './support/etl-logs.js';

const KERNEL = 0xfffff80340000000n;
const USER = 0x7ff600000000n;

const imageAt = (us: number, when: When, name: string, base = KERNEL, pid = 0, size = 0x10000n): EtlEvent =>
  at(us, imageEvent(when, { base, size, pid, fileName: `\\Device\\HarddiskVolume1\\x\\${name}` }));
const threadAt = (us: number, when: When, pid: number, tid: number): EtlEvent =>
  at(us, threadEvent(when, { pid, tid, win32StartAddress: 0n }));
const processAt = (us: number, when: When, pid: number, name: string): EtlEvent =>
  at(us, processEvent(when, { key: 1n, pid, parentPid: 4, imageFileName: name }));
const samplesAt = (times: readonly number[], address: bigint, tid = 44): EtlEvent[] =>
  times.map((us) => at(us, sample({ instructionPointer: address, tid }), { cpu: 1 }));

/** What a column of the samples says, by their time. */
async function of(
  column: 'module' | 'pid' | 'process',
  events: readonly EtlEvent[],
  options: LogOptions = {},
): Promise<Record<number, unknown>> {
  const rows = (await readBack(events, options)).rows(sampledProfile);
  return Object.fromEntries(rows.map((row) => [row.atUs, row[column]]));
}

describe('images', () => {
  it('that were there all the time, as only the end says', async () => {
    const events = [...samplesAt([5, 500], KERNEL + 0xffffn), imageAt(900, 'rundownEnd', 'late.sys')];
    expect(await of('module', events)).toEqual({ 5: 'late.sys', 500: 'late.sys' });
  });

  it('cover their pages and no more', async () => {
    const lie = [imageAt(1, 'rundownStart', 'a.sys'), imageAt(1, 'rundownStart', 'b.sys', KERNEL + 0x11000n)];
    const asked = [KERNEL - 1n, KERNEL, KERNEL + 0xffffn, KERNEL + 0x10000n, KERNEL + 0x11000n];
    const events = asked.flatMap((address, i) => samplesAt([10 + i], address));
    expect(await of('module', [...lie, ...events])).toEqual({
      10: null,
      11: 'a.sys',
      12: 'a.sys',
      13: null,
      14: 'b.sys',
    });
  });

  it.each([
    ['kernel', KERNEL],
    ['user', USER],
  ])('at an address that was used again: by the time, and none where it cannot be told (%s)', async (_, base) => {
    const events = [
      threadAt(1, 'rundownStart', 8, 44),
      imageAt(100, 'start', 'one.dll', base, 8),
      imageAt(200, 'end', 'one.dll', base, 8),
      imageAt(300, 'start', 'two.dll', base + 0x4000n, 8),
      ...samplesAt([50, 150, 200, 250, 300, 350], base + 0x5000n),
    ];
    const wanted = { 50: null, 150: 'one.dll', 200: 'one.dll', 250: null, 300: 'two.dll', 350: 'two.dll' };
    expect(await of('module', events)).toEqual(wanted);
    // What the rundown at the end says was there from its load on, not before.
    expect(await of('module', [...events, imageAt(900, 'rundownEnd', 'two.dll', base + 0x4000n, 8)])).toEqual(wanted);
    expect(await of('module', events, { compressed: true, rotateBuffers: 1 })).toEqual(wanted);
  });

  it('loaded once are known even right before and after', async () => {
    const events = [
      imageAt(100, 'start', 'one.sys'),
      imageAt(200, 'end', 'one.sys'),
      ...samplesAt([50, 150, 250], KERNEL + 0x5000n),
    ];
    expect(await of('module', events)).toEqual({ 50: 'one.sys', 150: 'one.sys', 250: 'one.sys' });
  });

  it('of which two lie at one address at one time are none', async () => {
    const events = [
      imageAt(100, 'start', 'one.sys'),
      imageAt(110, 'start', 'two.sys'),
      ...samplesAt([105, 150], KERNEL + 0x5000n),
    ];
    expect(await of('module', events)).toEqual({ 105: 'one.sys', 150: null });
  });

  it('unloaded without a load were there before', async () => {
    const events = [
      imageAt(200, 'end', 'one.sys'),
      imageAt(300, 'start', 'two.sys'),
      ...samplesAt([50, 250, 350], KERNEL + 0x5000n),
    ];
    expect(await of('module', events)).toEqual({ 50: 'one.sys', 250: null, 350: 'two.sys' });
  });

  it('of the user mode belong to their process; those of the kernel to all', async () => {
    const events = [
      threadAt(1, 'rundownStart', 8, 44),
      threadAt(1, 'rundownStart', 12, 45),
      imageAt(1, 'rundownStart', 'one.exe', USER, 8),
      imageAt(1, 'rundownStart', 'two.exe', USER, 12),
      imageAt(1, 'rundownStart', 'k.sys', KERNEL, 4),
      ...samplesAt([10], USER, 44),
      ...samplesAt([11], USER, 45),
      ...samplesAt([12], USER, 46),
      ...samplesAt([13], KERNEL, 45),
      ...samplesAt([14], KERNEL, 46),
    ];
    expect(await of('module', events)).toEqual({ 10: 'one.exe', 11: 'two.exe', 12: null, 13: 'k.sys', 14: 'k.sys' });
  });

  it('of 32-bit systems', async () => {
    const body = (name: string, base: bigint, pid: number): EtlEvent =>
      at(1, imageEvent('rundownStart', { base, size: 0x1000n, pid, fileName: name }, 4));
    const events = [
      at(1, threadEvent('rundownStart', { pid: 8, tid: 44, win32StartAddress: 0n }, 4)),
      body('hal.dll', 0x82000000n, 0),
      body('app.exe', 0x400000n, 8),
      // Above 2 GB in a process: a 32-bit process may have 4 GB on a 64-bit system.
      body('high.dll', 0xa0000000n, 8),
      ...[0x82000010n, 0x400010n, 0xa0000010n].map((instructionPointer, i) =>
        at(10 + i, sample({ instructionPointer, tid: 44 }, 4)),
      ),
    ];
    expect(await of('module', events, { session: { pointerBytes: 4 } })).toEqual({
      10: 'hal.dll',
      11: 'app.exe',
      12: 'high.dll',
    });
  });

  it.each([4, 8] as const)('of versions 0 to 3, with pointers of %i bytes', async (p) => {
    const name = utf16z('\\x\\a.dll');
    const base = pointer(0x10000n, p);
    const size = pointer(0x3000n, p);
    const signature = joined(u8(6), u8(1), u16(0));
    const rest = joined(pointer(0x10000n, p), u32(0), u32(0), u32(0), u32(0), name);
    const payloads = [
      joined(base, u32(0x3000), name),
      joined(base, size, u32(8), name),
      joined(base, size, u32(8), u32(1), u32(1234), u32(0), rest),
      joined(base, size, u32(8), u32(1), u32(1234), signature, rest),
    ];
    const events = payloads.flatMap((payload, version) => [
      at(version, systemEvent({ group: 0x14, opcode: 3, version, pointerBytes: p }, payload)),
      // As a program logs it: by the GUID of the class.
      at(version, classicEvent({ guid: '2cb15d1d-5fc1-11d2-abe1-00a0c911f518', opcode: 10, version }, payload, p)),
    ]);
    const parsed = await readBack(events);
    const common = { base: 0x10000n, end: 0x13000n, path: '\\x\\a.dll' };
    const rows = parsed.rows(image).sort((a, b) => Number(a.atUs) - Number(b.atUs));
    expect(parsed.diagnostics).toEqual([]);
    expect(rows).toMatchObject(
      [0, 1, 2, 3].flatMap((version) =>
        ['rundown-start', 'load'].map((event) => ({
          ...common,
          event,
          atUs: version,
          pid: version === 0 ? null : 8,
          timeDateStamp: version < 2 ? null : 1234,
        })),
      ),
    );
  });
});

describe('ids that are used again', () => {
  it('threads: their process by the time', async () => {
    const events = [
      threadAt(100, 'start', 8, 44),
      threadAt(200, 'end', 8, 44),
      threadAt(300, 'start', 12, 44),
      threadAt(900, 'rundownEnd', 12, 44),
      ...samplesAt([50, 150, 250, 350], KERNEL),
    ];
    expect(await of('pid', events)).toEqual({ 50: null, 150: 8, 250: null, 350: 12 });
    expect(await of('pid', events, { rotateBuffers: 1 })).toEqual({ 50: null, 150: 8, 250: null, 350: 12 });
  });

  it('processes: their name by the time', async () => {
    const events = [
      threadAt(1, 'rundownStart', 8, 44),
      processAt(1, 'rundownStart', 8, 'old.exe'),
      processAt(200, 'end', 8, 'old.exe'),
      processAt(300, 'start', 8, 'new.exe'),
      ...samplesAt([150, 250, 350], KERNEL),
    ];
    expect(await of('process', events)).toEqual({ 150: 'old.exe', 250: null, 350: 'new.exe' });
  });

  it('whose end was not logged end where the next begins', async () => {
    const threads = [threadAt(1, 'rundownStart', 8, 44), threadAt(300, 'start', 12, 44)];
    expect(await of('pid', [...threads, ...samplesAt([150, 350], KERNEL)])).toEqual({ 150: 8, 350: 12 });
    const processes = [processAt(100, 'start', 8, 'old.exe'), processAt(300, 'start', 8, 'new.exe')];
    const events = [threadAt(1, 'rundownStart', 8, 44), ...processes, ...samplesAt([150, 350], KERNEL)];
    expect(await of('process', events)).toEqual({ 150: 'old.exe', 350: 'new.exe' });
  });

  it('known by their end, or by the rundown at the end, only', async () => {
    const events = [
      threadAt(200, 'end', 8, 44),
      threadAt(900, 'rundownEnd', 12, 44),
      processAt(900, 'rundownEnd', 8, 'a.exe'),
      processAt(900, 'rundownEnd', 12, 'b.exe'),
      ...samplesAt([150, 350], KERNEL),
    ];
    expect(await of('pid', events)).toEqual({ 150: 8, 350: 12 });
    expect(await of('process', events)).toEqual({ 150: 'a.exe', 350: 'b.exe' });
  });

  it('0 is idle, and 0xffffffff nobody', async () => {
    const rows = (
      await readBack([
        ...samplesAt([1], KERNEL, 0),
        at(2, sample({ instructionPointer: KERNEL, tid: 0xffffffff }), { cpu: 1 }),
      ])
    ).rows(sampledProfile);
    expect(rows.map(({ tid, pid, process }) => [tid, pid, process])).toEqual([
      [0, 0, 'Idle'],
      [null, null, null],
    ]);
  });
});

/** A process event of each version, by the MOF classes Process_V0_TypeGroup1 to Process_TypeGroup1. */
function processPayload(version: number, p: PointerBytes, withSid: boolean): Buffer {
  const word = (value: bigint): Buffer => pointer(value, p);
  const user = withSid
    ? joined(word(0x1234n), word(0n), Buffer.from('0102000000000005200000002002000000'.slice(0, 32), 'hex'))
    : word(0n);
  const ids = joined(u32(1234), u32(904), u32(2), u32(0x103));
  const name = ansiz('audiodg.exe');
  const command = utf16z('audiodg.exe 0x7c8');
  switch (version) {
    case 0:
      return joined(word(1234n), word(904n), user, name);
    case 1:
      return joined(word(0x1ad000n), ids, user, name);
    case 2:
      return joined(word(0xffffb18c40000000n), ids, user, name, command);
    case 3:
      return joined(word(0xffffb18c40000000n), ids, word(0x1ad000n), user, name, command);
    default:
      return joined(
        joined(word(0xffffb18c40000000n), ids, word(0x1ad000n), u32(7), user, name, command),
        joined(utf16z('A.Package'), utf16z('App')),
      );
  }
}

describe('process events', () => {
  it.each([4, 8] as const)('of versions 0 to 4, with and without SID, with pointers of %i bytes', async (p) => {
    const events = [0, 1, 2, 3, 4].flatMap((version) =>
      [false, true].flatMap((withSid) => {
        const payload = processPayload(version, p, withSid);
        const guid = '3d6fa8d0-fe05-11d0-9dda-00c04fd7ba7c';
        return [
          at(version, systemEvent({ group: 3, opcode: 1, version, pointerBytes: p }, payload)),
          at(version, classicEvent({ guid, opcode: 39, version }, payload, p)),
        ];
      }),
    );
    const parsed = await readBack(events);
    expect(parsed.diagnostics).toEqual([]);
    const rows = parsed.rows(processTable).sort((a, b) => Number(a.atUs) - Number(b.atUs));
    expect(rows).toHaveLength(20);
    for (const [i, row] of rows.entries()) {
      expect(row).toMatchObject({
        atUs: Math.floor(i / 4),
        event: i % 2 === 0 ? 'start' : 'defunct',
        process: 'audiodg.exe',
        pid: 1234,
        parentPid: 904,
        sessionId: i < 4 ? null : 2,
        commandLine: i < 8 ? null : 'audiodg.exe 0x7c8',
      });
    }
  });

  it('cut anywhere before the name are damaged, and counted as skipped', async () => {
    for (const version of [0, 1, 2, 3, 4]) {
      const payload = processPayload(version, 8, true);
      const until = payload.indexOf('audiodg.exe\0');
      for (const length of [0, 3, 8, 20, until - 1].filter((n) => n < until)) {
        const body = systemEvent({ group: 3, opcode: 1, version, pointerBytes: 8 }, payload.subarray(0, length));
        const parsed = await readBack([at(1, body), ...samplesAt([5], KERNEL)]);
        expect(parsed.rows(processTable), `version ${version}, ${length} bytes`).toEqual([]);
        expect(parsed.account.skipped).toBe(1);
        expect(parsed.account.rows).toBe(1);
      }
    }
  });
});

describe('thread events', () => {
  it.each([4, 8] as const)('of versions 0 to 4, with pointers of %i bytes', async (p) => {
    const ids = joined(u32(8), u32(44));
    const words = (count: number): Buffer =>
      joined(...Array.from({ length: count }, (_, i) => pointer(BigInt(0x1000 * (i + 1)), p)));
    const tail = joined(u32(0), u8(8), u8(5), u8(2), u8(0));
    // Thread_V0_TypeGroup1 has the thread first; V1 ends with WaitMode; V2 has TebBase and SubProcessTag.
    const payloads = [
      joined(u32(44), u32(8)),
      joined(ids, words(6), u8(0)),
      joined(ids, words(7), u32(0)),
      joined(ids, words(7), tail),
      joined(ids, words(7), tail, utf16z('worker')),
    ];
    const events = payloads.map((payload, version) =>
      at(version, systemEvent({ group: 5, opcode: 3, version, pointerBytes: p }, payload)),
    );
    const parsed = await readBack(events);
    expect(parsed.diagnostics).toEqual([]);
    expect(parsed.rows(threadTable).map((row) => [row.atUs, row.event, row.pid, row.tid, row.startRoutine])).toEqual(
      [null, '0x6000', '0x6000', '0x6000', '0x6000'].map((start, version) => [version, 'rundown-start', 8, 44, start]),
    );
  });

  it('that end hold no more than the ids in version 1', async () => {
    const body: EventBody = systemEvent({ group: 5, opcode: 2, version: 1, pointerBytes: 8 }, joined(u32(8), u32(44)));
    const parsed = await readBack([at(1, body)]);
    expect(parsed.rows(threadTable)).toMatchObject([{ event: 'end', pid: 8, tid: 44, startRoutine: null }]);
  });

  it('name threads: at their rundown, or later', async () => {
    const parsed = await readBack([
      at(1, threadEvent('rundownStart', { pid: 8, tid: 44, win32StartAddress: 0n, version: 4, name: 'first' })),
      at(1, threadEvent('rundownStart', { pid: 8, tid: 45, win32StartAddress: 0n, version: 4, name: '' })),
      at(9, threadName(8, 44, 'second')),
      at(9, threadName(8, 46, 'third')),
    ]);
    expect(parsed.rows(threadTable).map(({ event, tid, name }) => [event, tid, name])).toEqual([
      ['rundown-start', 44, 'first'],
      ['rundown-start', 45, null],
      ['name', 44, 'second'],
      ['name', 46, 'third'],
    ]);
  });
});

describe('made-up logs', () => {
  it('of one id with ever new holders take no time', () => {
    const lives = new Lifetimes<number>((a, b) => a === b);
    const started = performance.now();
    for (let i = 0; i < 300_000; i++) {
      lives.begin(44, i, i);
      lives.rundown(44, -i);
      lives.end(44, i + 1, i);
    }
    for (let i = 0; i < 300_000; i++) lives.at(44, i);
    expect(performance.now() - started).toBeLessThan(5000);
    expect(lives.dropped).toBeGreaterThan(500_000);
  });

  it('of one address with ever new images take no time', () => {
    const map = new AddressMap();
    const started = performance.now();
    for (let i = 0; i < 200_000; i++) {
      map.loaded(8, USER, 0x1000n, i, i);
      map.unloaded(8, USER, 0x1000n, i + 1, i);
      map.rundown(8, USER, 0x1000n, i + 2);
    }
    const page = Number(USER / 4096n);
    for (let i = 0; i < 200_000; i++) map.find(page, 8, i);
    expect(map.find(page, 8, 199_999)).toBe(-1);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
