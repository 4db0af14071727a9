/** Logs that somebody damaged or made up: no throw but TracekitError, no hang, nothing lost from the account. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { etl } from '../parsers/etl.js';
import { Diagnostics } from '../src/core/diagnostic.js';
import { TracekitError } from '../src/core/error.js';
import { Output } from '../src/core/parser.js';
import type { TableDef } from '../src/core/schema.js';
import type { SourceStream } from '../src/core/source.js';
import type { Consumer } from '../src/core/table.js';
import { open } from '../src/index.js';
import { genericEvent } from '../src/tables/event.js';
import { image } from '../src/tables/image.js';
import { TABLES } from '../src/tables/index.js';
import { sampledProfile } from '../src/tables/sampled-profile.js';
import { u16, u32, utf8z } from './generate/etl/bytes.js';
import type { EtlEvent } from './generate/etl/log.js';
import { dpc, isr } from './generate/etl/payloads/dpc-isr.js';
import { classicEvent, manifestEvent, wppMessage } from './generate/etl/payloads/other.js';
import { pool } from './generate/etl/payloads/pool.js';
import { imageEvent, processEvent, threadEvent, threadName } from './generate/etl/payloads/rundown.js';
import { contextSwitch, readyThread, sampledProfile as sample } from './generate/etl/payloads/schedule.js';
import { stack, stackKey, stackKeyFrames } from './generate/etl/payloads/stack.js';
import { traceLogging } from './generate/etl/payloads/tracelogging.js';
import { writeEtl } from './generate/etl/write-etl.js';
import { type Random, seeded } from './generate/random.js';
import { at, inMemory, type LogOptions, logOf, parseEtl, ticksAt, written } from './support/etl-logs.js';
import { realLog } from './support/etl-walk.js';
import { realFile } from './support/shared.js';

const MAX_MS = 2000;
const MAX_GROWTH_BYTES = 600 << 20;
const GUID = 'd3dd3dd4-aac2-4e2a-8dd4-a8fb61b77615';

const OPTIONS = {
  dpcTimestamp: 'end',
  census: true,
  eventFilter: null,
  decoding: { manifests: [], tmf: [] },
  clock: { date: null, zone: null, dateOrder: null },
} as const;

/** Reads bytes with all tables wanted, or some, and rows quoted now and then; the account must add up. */
async function survive(
  bytes: Buffer,
  inTime: boolean,
  tables: readonly TableDef[] = TABLES,
): Promise<'read' | 'refused'> {
  const diagnostics = new Diagnostics('s1');
  let rows = 0;
  const consume: Consumer = (batch) => {
    rows += batch.n;
    if (batch.n > 0) batch.quote(batch.n - 1);
  };
  const out = new Output(0, diagnostics, (table) => (tables.includes(table) ? [consume] : []));
  const stream = { random: async () => inMemory(bytes) } as unknown as SourceStream;
  const started = performance.now();
  try {
    await etl.parse(stream, out, { ...OPTIONS, inTime, kernelSamplesOnly: inTime });
    out.flush();
  } catch (error) {
    if (!(error instanceof TracekitError)) throw error;
    return 'refused';
  } finally {
    expect(performance.now() - started).toBeLessThan(MAX_MS);
  }
  const { read, rows: counted, skipped, ignored } = out.account;
  expect(read).toBe(counted + skipped + ignored);
  expect(rows).toBeGreaterThanOrEqual(counted);
  expect(diagnostics.list().reduce((sum, d) => sum + (d.byte === null ? 0 : d.count), 0)).toBeGreaterThanOrEqual(
    skipped,
  );
  return 'read';
}

/** One event of every kind that is read. */
function everyKind(): EtlEvent[] {
  const owner = (us: number) => ({ ticks: ticksAt(us), pid: 8, tid: 44 });
  const key = 0xffffb18c40000000n;
  const frames = [0xfffff80340000010n, 0xfffff80340000020n, 0x7ff600000010n];
  const where = { base: 0xfffff80340000000n, size: 0x10000n, pid: 0, fileName: '\\x\\a.sys' };
  const tl = traceLogging({
    guid: GUID,
    provider: 'solar_system',
    name: 'ev',
    fields: [
      { name: 'n', type: 'int32', data: u32(5) },
      { name: 'v', type: 'uint8', array: { count: 2, kind: 'variable' }, data: Buffer.concat([u16(2), u16(7)]) },
      { name: 'a', type: 'ansiString', data: utf8z('hi') },
    ],
  });
  const bodies = (us: number) => [
    processEvent('start', { key: 1n, pid: 8, parentPid: 4, imageFileName: 'a.exe', commandLine: 'a /x' }),
    threadEvent('rundownStart', { pid: 8, tid: 44, win32StartAddress: 1n, version: 4, name: 'w' }),
    threadName(8, 44, 'worker'),
    imageEvent('rundownStart', where),
    imageEvent('end', where),
    sample({ instructionPointer: frames[0], tid: 44 }),
    stack(owner(us + 5), frames),
    stackKey('kernel', owner(us + 5), key),
    stackKey('user', owner(us - 3), key + 8n),
    stackKeyFrames('delete', key, frames),
    dpc('TimerDPC', { initialTime: ticksAt(us), routine: frames[0] }),
    isr({ initialTime: ticksAt(us), routine: frames[1], vector: 5, message: 2 }),
    contextSwitch({ newTid: 44, oldTid: 0 }),
    readyThread({ tid: 44 }),
    pool('alloc', { type: 1, tag: 'Abcd', bytes: 64n, entry: key }),
    manifestEvent({ guid: GUID, id: 1 }, Buffer.alloc(9)),
    classicEvent({ guid: '2cb15d1d-5fc1-11d2-abe1-00a0c911f518', opcode: 10, version: 2 }, Buffer.alloc(90)),
    wppMessage({ number: 10, guid: GUID, time: true, system: true }, Buffer.alloc(3)),
    tl,
  ];
  return [10, 50].flatMap((us) => bodies(us).map((body, i) => at(us + i, body, { cpu: i % 3 })));
}

const SHAPES: readonly LogOptions[] = [
  { session: { bufferBytes: 1024 } },
  { compressed: true, session: { bufferBytes: 1024 } },
  { nativeLog: true, session: { bufferBytes: 2048, pointerBytes: 4 } },
  { rotateBuffers: 2, session: { bufferBytes: 1024 } },
];

describe('damage to synthetic logs', () => {
  const logs = SHAPES.map((shape) => writeEtl(logOf(everyKind(), shape)));

  it('as they are', async () => {
    for (const bytes of logs) expect(await survive(bytes, false)).toBe('read');
  });

  it('bytes put anywhere, cut anywhere', async () => {
    const edits = fc.array(fc.tuple(fc.nat(), fc.constantFrom(0, 1, 4, 0x40, 0x7f, 0x80, 0xc0, 0xff, 0x20, 0x12)), {
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.nat(logs.length - 1),
        edits,
        fc.nat(9999),
        fc.boolean(),
        async (which, places, cut, inTime) => {
          const bytes = Buffer.from(logs[which]);
          for (const [place, by] of places) bytes[place % bytes.length] = by;
          // One in two is cut.
          const end = cut < 5000 ? bytes.length : Math.floor((bytes.length * (cut - 5000)) / 5000);
          await survive(bytes.subarray(0, end), inTime, WANTED[places.length % WANTED.length]);
        },
      ),
      { seed: 71, numRuns: 1200 },
    );
  });

  it('words put over what is inside events, sizes and headers left as they are', async () => {
    const files = SHAPES.slice(0, 1).map((shape) => written(everyKind(), shape));
    const edits = fc.array(
      fc.tuple(fc.nat(), fc.nat(), fc.constantFrom(0, 1, 0xffff, 0x7fffffff, 0xffffffff, 0x80000000)),
      {
        minLength: 1,
        maxLength: 6,
      },
    );
    await fc.assert(
      fc.asyncProperty(edits, fc.boolean(), async (places, inTime) => {
        const [file] = files;
        const bytes = Buffer.from(file.bytes);
        const events = file.buffers.flatMap(({ offset, events: list }) =>
          list.map((e) => ({ at: offset + e.offset, size: e.bytes.length })),
        );
        for (const [which, place, by] of places) {
          const event = events[which % events.length];
          const into = event.at + 8 + (place % Math.max(1, event.size - 12));
          bytes.writeUInt32LE(by, into);
        }
        await survive(bytes, inTime, WANTED[places.length % WANTED.length]);
      }),
      { seed: 72, numRuns: 600 },
    );
  });
});

/** Small real logs: file, entry of its zip. */
const REAL: readonly (readonly [string, string?])[] = [
  ['win10-10586-32bit-compressed-tiny.etl'],
  ['win11-22000-x64-compressed-tiny.etl'],
  ['win10-19041-x64-8k-buffers-tracelogging.etl'],
  ['win10-19043-x64-tracelogging-primitive-types.etl.zip', 'primitive-types.etl'],
  ['win7-32bit-16cpu-sawbuck-process_data_64_v3.etl'],
];

/** Puts bytes, words or zeros somewhere, cuts, or moves a piece; mostly where something is. */
function mutated(log: Buffer, random: Random): Buffer {
  let bytes = Buffer.from(log);
  const times = random.whole(1, 8);
  for (let n = 0; n < times; n++) {
    // Headers are small and matter most.
    const near = random.next() < 0.4 ? random.whole(0, 500) : random.whole(0, bytes.length - 1);
    const place = Math.min(near, bytes.length - 1);
    switch (random.whole(0, 6)) {
      case 0:
        bytes[place] ^= 1 << random.whole(0, 7);
        break;
      case 1:
        if (place + 4 <= bytes.length)
          bytes.writeUInt32LE(random.pick([0, 1, 71, 72, 0xffff, 0x7fffffff, 0xffffffff]), place);
        break;
      case 2:
        bytes.fill(random.pick([0, 0xff]), place, Math.min(bytes.length, place + random.whole(1, 300)));
        break;
      case 3:
        bytes.copyWithin(place, random.whole(0, bytes.length - 1), bytes.length);
        break;
      case 4:
        if (random.next() < 0.3) bytes = bytes.subarray(0, Math.max(1, place));
        break;
      default:
        bytes[place] = random.whole(0, 255);
    }
  }
  return bytes;
}

/** All tables; or few, which is faster: every byte is looked at all the same. */
const EVENTS = [genericEvent];
const WANTED: readonly (readonly TableDef[])[] = [TABLES, EVENTS, [image], [sampledProfile], EVENTS, [], [image]];

const hasReal = realFile('etl') !== null;

describe.skipIf(!hasReal)('damage to real logs', () => {
  it('10,000 times', async () => {
    const logs = REAL.map(([file, entry]) => realLog(file, entry)).filter((log) => log !== null);
    expect(logs).toHaveLength(REAL.length);
    const random = seeded(73);
    const before = process.memoryUsage().rss;
    let grown = 0;
    const outcomes = { read: 0, refused: 0 };
    for (let i = 0; i < 10_000; i++) {
      const log = logs[i % logs.length];
      const bytes = mutated(log, random);
      try {
        outcomes[await survive(bytes, i % 16 < 8, WANTED[i % WANTED.length])]++;
      } catch (error) {
        const path = join(tmpdir(), `tracekit-mutation-${i}.etl`);
        writeFileSync(path, bytes);
        throw new Error(`mutation ${i} of ${REAL[i % logs.length][0]}, kept as ${path}: ${(error as Error).stack}`);
      }
      if (i % 500 === 0) grown = Math.max(grown, process.memoryUsage().rss - before);
    }
    expect(grown).toBeLessThan(MAX_GROWTH_BYTES);
    // Most are still logs.
    expect(outcomes.read).toBeGreaterThan(5000);
  }, 120_000);
});

describe('header fields at their extremes', () => {
  const file = written(everyKind());
  const event = 72 + 32;
  // Offsets of the header event's payload, in TRACE_LOGFILE_HEADER of evntrace.h.
  const FIELDS = {
    bufferSize: event,
    version: event + 4,
    build: event + 8,
    cpus: event + 12,
    mode: event + 32,
    pointerSize: event + 44,
    eventsLost: event + 48,
    mhz: event + 52,
    zone: event + 72,
    boot: event + 248,
    perfFreq: event + 256,
    start: event + 264,
    clock: event + 272,
    lost: event + 276,
  };

  it.each(Object.entries(FIELDS))('%s', async (_, offset) => {
    for (const value of [0, 1, 0x7fffffff, 0x80000000, 0xffffffff]) {
      for (const words of [1, 2]) {
        const bytes = Buffer.from(file.bytes);
        for (let i = 0; i < words; i++) bytes.writeUInt32LE(value, offset + 4 * i);
        expect(await survive(bytes, false)).toBe('read');
        expect(await survive(bytes, true, [genericEvent])).toBe('read');
      }
    }
  });

  it.each([0, 1, 0xffffffff])('every 4 bytes of buffer and event header: %i', async (value) => {
    for (let offset = 0; offset < event + 300; offset += 4) {
      const bytes = Buffer.from(file.bytes);
      bytes.writeUInt32LE(value, offset);
      await survive(bytes, false);
    }
  });

  it('a clock that does not go: no time is known, and that is said', async () => {
    const bytes = Buffer.from(file.bytes);
    bytes.writeBigUInt64LE(0n, FIELDS.perfFreq);
    const parsed = await parseEtl(bytes);
    expect(parsed.about.clock.resolutionNs).toBeNull();
    expect(parsed.about.span.startUs).toBeNull();
    expect(parsed.diagnostics.map(({ code }) => code)).toContain('no-clock');
    expect(parsed.rows(sampledProfile).every(({ atUs }) => atUs === null || Number.isNaN(atUs))).toBe(true);
  });

  it('a header event of another kind: refused, as no time is known', async () => {
    const bytes = Buffer.from(file.bytes);
    bytes[72 + 6] = 80;
    await expect(parseEtl(bytes)).rejects.toThrow(/no header of a log/);
  });
});

describe('what is taken for a log', () => {
  const dir = mkdtempSync(join(tmpdir(), 'tracekit-etl-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  const latin = (text: string): Buffer => Buffer.from(text, 'latin1');
  const filled = (head: Buffer): Buffer =>
    Buffer.concat([head, Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 37) & 0xff))]);
  /** Chunks of BPerf: packed and unpacked length, then data. */
  const bperf = Buffer.concat(
    Array.from({ length: 6 }, () => Buffer.concat([u32(500), u32(4096), Buffer.alloc(500, 0xa7)])),
  );

  it.each([
    ['evtx', filled(latin('ElfFile\0\0\0\0\0')), /\.evtx/],
    ['evt', filled(Buffer.concat([u32(0x30), latin('LfLe'), u32(1), u32(1)])), /\.evt\)/],
    ['etlx', filled(Buffer.concat([u32(20), latin('!FastSerialization.1')])), /\.etlx/],
    ['nettrace', filled(latin('Nettrace\x14\0\0\0!FastSerialization.1')), /\.nettrace/],
    ['CTF stream', filled(Buffer.from('c11ffcc1', 'hex')), /Common Trace Format/],
    ['CTF stream, other byte order', filled(Buffer.from('c1fc1fc1', 'hex')), /Common Trace Format/],
    ['CTF metadata', filled(Buffer.from('75d11d57', 'hex')), /Common Trace Format/],
    ['perf.data', filled(latin('PERFILE2h\0\0\0\0\0\0\0')), /perf\.data/],
    ['kernel dump', filled(latin('PAGEDU64')), /memory dump/],
    ['minidump', filled(latin('MDMP\x93\xa7\0\0')), /minidump/],
    ['cabinet', filled(latin('MSCF\0\0\0\0')), /\.cab/],
    ['7z', filled(Buffer.from('377abcaf271c0004', 'hex')), /7-Zip/],
    ['BPerf', bperf, /BPerf/],
    ['zeros', Buffer.alloc(100_000), /zeros/],
  ])('%s: refused, saying what it is', async (name, bytes, why) => {
    const path = join(dir, `${name}.etl`);
    writeFileSync(path, bytes);
    const error = await open([path]).then(
      (trace) => trace.close(),
      (reason) => reason,
    );
    expect(error).toBeInstanceOf(TracekitError);
    expect(error.message).toMatch(why);
    expect(error.message).toContain(`${name}.etl`);
  });

  it('a real log is opened under any name, and none is refused for what it resembles', async () => {
    for (const shape of SHAPES) {
      const path = join(dir, 'log.bin');
      writeFileSync(path, writeEtl(logOf(everyKind(), shape)));
      const trace = await open([path]);
      expect(trace.sources.map(({ format }) => format)).toEqual(['etl']);
      trace.close();
    }
    expect(readFileSync(join(dir, 'log.bin')).length).toBeGreaterThan(0);
  });
});

describe('claims without end', () => {
  it('a log of a few bytes that says its buffers hold 16 MB', async () => {
    const file = written(everyKind(), { compressed: true });
    const bytes = Buffer.from(file.bytes);
    for (const { offset } of file.buffers) bytes.writeUInt32LE(16 << 20, offset + 0x30);
    const before = process.memoryUsage().rss;
    expect(await survive(bytes, true)).toBe('read');
    expect(process.memoryUsage().rss - before).toBeLessThan(MAX_GROWTH_BYTES);
  });

  it.each([2048, 65_536])('%i processors, each with a buffer', async (cpus) => {
    const one = written([at(1, sample({ instructionPointer: 1n, tid: 4 }))], { session: { bufferBytes: 1024 } });
    const all = Array.from({ length: cpus }, (_, cpu) => {
      const bytes = Buffer.from(one.bytes.subarray(1024, 1024 + 104));
      bytes.writeUInt32LE(104, 0);
      bytes.writeUInt16LE(cpu, 0x28);
      return bytes;
    });
    const log = Buffer.concat([one.bytes.subarray(0, 1024), ...all]);
    const before = process.memoryUsage().rss;
    expect(await survive(log, false, [sampledProfile])).toBe('read');
    expect(await survive(log, true, [sampledProfile])).toBe('read');
    expect(process.memoryUsage().rss - before).toBeLessThan(MAX_GROWTH_BYTES);
  });
});
