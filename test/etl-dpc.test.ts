/** The figures of `dpc` from raw logs against those that test/generate/oracle.ts computes from the same truth. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import yazl from 'yazl';
import { RoutineIds } from '../parsers/etl/rows/names.js';
import { Dictionary, OTHER_NAMES } from '../src/core/table.js';
import type { DpcResult, FunctionFigures, ModuleFigures, Report } from '../src/index.js';
import { cswitch } from '../src/tables/cswitch.js';
import { dpcIsr } from '../src/tables/dpc-isr.js';
import { poolEvent } from '../src/tables/pool-event.js';
import { readyThread } from '../src/tables/ready-thread.js';
import { sampledProfile } from '../src/tables/sampled-profile.js';
import { eventOffset } from './generate/etl/damage.js';
import type { EtlEvent } from './generate/etl/log.js';
import { dpc, isr } from './generate/etl/payloads/dpc-isr.js';
import { pool } from './generate/etl/payloads/pool.js';
import { imageEvent, processEvent, threadEvent } from './generate/etl/payloads/rundown.js';
import { contextSwitch, readyThread as ready } from './generate/etl/payloads/schedule.js';
import { writeEtl } from './generate/etl/write-etl.js';
import { expectedOf, type Figures } from './generate/oracle.js';
import { endUs, type Run, stutter, type Truth, withLosses } from './generate/truth.js';
import { type EtlTruthOptions, etlTruthLog, writeEtlTruth } from './generate/write-etl-truth.js';
import { at, parseEtl, readBack, ticksAt, written } from './support/etl-logs.js';
import { dpcOf } from './support/samples.js';

const truth = stutter();
const expected = expectedOf(truth);
const dir = mkdtempSync(join(tmpdir(), 'tracekit-etl-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function dpcOfBytes(name: string, bytes: Buffer): Promise<Report<DpcResult>> {
  const path = join(dir, name);
  writeFileSync(path, bytes);
  return await dpcOf(path);
}

async function zipped(name: string, bytes: Buffer): Promise<Buffer> {
  const zip = new yazl.ZipFile();
  zip.addBuffer(bytes, name);
  zip.end();
  return await buffer(zip.outputStream);
}

function figures(f: ModuleFigures | Figures): object {
  const { count, inclusiveUs, exclusiveUs, meanUs, p50Us, p90Us, p99Us, p999Us, maxUs, overThreshold } = f;
  return { count, inclusiveUs, exclusiveUs, meanUs, p50Us, p90Us, p99Us, p999Us, maxUs, overThreshold };
}

const byKey = <T extends ModuleFigures | Figures>(list: readonly T[], key: (item: T) => string): [string, object][] =>
  list.map((item): [string, object] => [key(item), figures(item)]).sort(([a], [b]) => (a < b ? -1 : 1));

const filled = (buckets: readonly { gtUs: number; leUs: number | null; count: number }[]) =>
  buckets.filter((b) => b.count > 0).map(({ gtUs, leUs, count }) => ({ gtUs, leUs, count }));

interface Variant {
  readonly name: string;
  readonly options: EtlTruthOptions;
  readonly pack?: (bytes: Buffer) => Buffer | Promise<Buffer>;
}

const VARIANTS: readonly Variant[] = [
  { name: 'stutter.etl', options: {} },
  { name: 'compressed.etl', options: { compressed: true } },
  { name: 'native.etl', options: { nativeLog: true } },
  { name: 'keys.etl', options: { stackKeys: true } },
  { name: 'keys-compressed.etl', options: { stackKeys: true, compressed: true } },
  { name: 'small-buffers.etl', options: { bufferBytes: 1024 } },
  { name: 'windows-7.etl', options: { isrLayout: 'vector8' } },
  { name: 'double-clock.etl', options: { perfFreq: 20_000_000n } },
  { name: 'stutter.etl.gz', options: {}, pack: (bytes) => gzipSync(bytes) },
  { name: 'stutter.etl.zip', options: {}, pack: (bytes) => zipped('folder/stutter.etl', bytes) },
  { name: 'of-no-known-name', options: { compressed: true } },
];

describe.each(VARIANTS)('$name', ({ name, options, pack }) => {
  let report: Report<DpcResult>;
  beforeAll(async () => {
    const bytes = writeEtlTruth(truth, options);
    report = await dpcOfBytes(name, pack === undefined ? bytes : await pack(bytes));
  });

  it('gives each module and each routine its figures', () => {
    const { result } = report;
    const module = (f: ModuleFigures | Figures): string => `${f.kind} ${f.module}`;
    expect(byKey(result.modules, module)).toEqual(byKey(expected.byModule, module));
    const mine = (f: FunctionFigures): string => `${f.kind} ${f.module} ${f.address}`;
    const theirs = (f: Figures): string => `${f.kind} ${f.module} 0x${f.address?.toString(16)}`;
    expect(byKey(result.functions, mine)).toEqual(byKey(expected.byFunction, theirs));
  });

  it('gives each CPU its counts and times', () => {
    for (const { cpu, dpcCount, dpcUs, isrCount, isrUs } of report.result.cpus) {
      const side = (kind: string) => expected.byCpu.find((c) => c.cpu === cpu && c.kind === kind);
      const [d, i] = [side('DPC'), side('ISR')];
      expect([dpcCount, dpcUs, isrCount, isrUs]).toEqual([d?.count, d?.inclusiveUs, i?.count, i?.inclusiveUs]);
    }
    expect(report.result.cpus.map(({ cpu }) => cpu)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('draws the histograms, lists the longest runs, finds storm, rhythm and overlap', () => {
    const { result, diagnostics } = report;
    for (const { kind, module, histogram } of expected.byModule.filter((f) => f.module !== null)) {
      const mine = result.histograms.find((h) => h.kind === kind && h.module === module);
      expect(filled(mine?.buckets ?? []), `${kind} ${module}`).toEqual(histogram);
    }
    const longest = truth.runs.map((run) => run.durationUs).sort((a, b) => b - a);
    expect(result.occurrences.map((o) => o.durationUs)).toEqual(longest.slice(0, 100));
    for (const { startUs, durationUs, cpu, module, exclusiveUs, evidence } of result.occurrences) {
      const same = (r: Run): boolean =>
        r.startUs === startUs && r.durationUs === durationUs && r.cpu === cpu && r.module === module;
      const run = truth.runs.find(same);
      expect(exclusiveUs).toBe(expected.exclusiveUs.get(run as Run));
      expect([evidence[0].line, typeof evidence[0].byte]).toEqual([null, 'number']);
    }
    expect(result.storms[0].cpu).toBe(expected.busiest.cpu);
    const polls = result.intervals.filter((i) => i.module === 'hidpoll.sys');
    expect(polls.map((i) => i.missedBeats)).toEqual([4]);
    expect(diagnostics.filter((d) => d.code === 'overlapping-runs').map((d) => d.count)).toEqual([1]);
    expect(diagnostics.filter((d) => d.severity === 'data-loss' || d.severity === 'error')).toEqual([]);
  });

  it('names the driver behind the framework’s timer by the stacks of the samples in it', () => {
    const long = truth.runs.find((run) => run.durationUs === 1_000_412) as Run;
    const inside = truth.samples.filter((s) => s.cpu === 3 && s.atUs >= long.startUs && s.atUs <= endUs(long));
    const timer = report.result.functions.find((f) => f.module === 'Wdf01000.sys');
    expect(timer?.owner).toBe('echo.sys');
    expect(timer?.longestOwners?.map((o) => [o.module, o.samples, o.ofSamples])).toEqual([
      ['echo.sys', inside.length, inside.length],
    ]);
  });
});

describe('a clock of 2143632 Hz', () => {
  const perfFreq = 2_143_632n;
  /** The truth as that clock tells it: whole ticks, as µs. */
  const ticks = (us: number): number => Math.floor((us * 2_143_632 + 500_000) / 1e6);
  const us = (count: number): number => count / 2.143632;

  it.each([{ perfFreq }, { perfFreq, compressed: true, stackKeys: true }])('%o', async (options) => {
    const { rows } = await parseEtl(writeEtlTruth(truth, options));
    const text = (start: number, duration: number, cpu: number, address: bigint | null): string =>
      `${start.toFixed(6)} ${duration.toFixed(6)} ${cpu} ${address}`;
    const mine = rows(dpcIsr).map((r) =>
      text(r.startUs as number, r.durationUs as number, r.cpu as number, r.address as bigint),
    );
    const theirs = truth.runs.map((run) =>
      text(us(ticks(run.startUs)), us(ticks(endUs(run)) - ticks(run.startUs)), run.cpu, run.address),
    );
    expect(mine.sort()).toEqual(theirs.sort());
  });
});

describe('rows of a truth', () => {
  const image = (address: bigint | null, module: string | null): string =>
    `${module === null ? '' : `${module}!`}0x${address?.toString(16)}`;

  it('runs, with vector and message, in the order of their ends on each CPU', async () => {
    for (const isrLayout of ['vector8', 'vector16'] as const) {
      const parsed = await parseEtl(writeEtlTruth(truth, { isrLayout }));
      const rows = parsed.rows(dpcIsr);
      for (const cpu of [0, 3, 5]) {
        const wanted = truth.runs
          .filter((run) => run.cpu === cpu)
          .map((r) => [
            r.type,
            r.startUs,
            r.durationUs,
            r.vector,
            r.messageIndex,
            r.module,
            image(r.address, r.module),
          ]);
        const own = rows.filter((r) => r.cpu === cpu);
        expect(
          own.map((r) => [r.type, r.startUs, r.durationUs, r.vector, r.messageIndex, r.module, r.routine]),
        ).toEqual(wanted);
      }
    }
  });

  it('switches and samples, with their processes and stacks', async () => {
    const parsed = await parseEtl(writeEtlTruth(truth, { stackKeys: true, compressed: true }), { inTime: true });
    expect(
      parsed
        .rows(cswitch)
        .map((r) => [r.atUs, r.cpu, r.newTid, r.newPid, r.newProcess, r.oldTid, r.oldPid, r.oldProcess]),
    ).toEqual(
      truth.cswitches.map(({ atUs, cpu, to, from }) => [
        ...[atUs, cpu, to.tid, to.pid, to.name],
        ...[from.tid, from.pid, from.name],
      ]),
    );
    const moduleOf = (address: bigint): string | null =>
      truth.images.find(({ base, size }) => address >= base && address < base + size)?.name ?? null;
    expect(parsed.rows(sampledProfile).map((r) => [r.atUs, r.cpu, r.tid, r.process, r.address, r.stack])).toEqual(
      truth.samples.map(({ atUs, cpu, process, stack }) => [
        ...[atUs, cpu, process.tid, process.name, stack[0].address],
        stack.map((f) => image(f.address, moduleOf(f.address))).join(';'),
      ]),
    );
  });

  it('tells losses, span and clock of the log', async () => {
    const damaged: Truth = withLosses(truth);
    const { about } = await parseEtl(writeEtlTruth(damaged));
    expect([about.eventsLost, about.buffersLost]).toEqual([1234, 3]);
    const { findings } = await dpcOfBytes('damaged.etl', writeEtlTruth(damaged));
    expect(findings.map(({ rule }) => rule)).toContain('events-lost');
    expect(about.span).toMatchObject({ startUs: 0, endUs: 5_000_000 });
    // 133893216001234560 * 100 ns after 1601.
    expect(about.clock).toMatchObject({ startUtc: '2025-04-17T00:00:00.1234560Z', resolutionNs: 100 });
    const lost = await parseEtl(writeEtl({ ...etlTruthLog(truth, { bufferBytes: 4096 }), lostBuffers: [4, 9] }));
    expect(lost.diagnostics.map(({ code, count }) => [code, count])).toEqual([['loss-marked', 2]]);
  });
});

const ROUTINE = 0xfffff80340001230n;
const initialTime = ticksAt(90);

describe('layouts', () => {
  const run = async (event: EtlEvent) => {
    const parsed = await readBack([event]);
    expect(parsed.diagnostics).toEqual([]);
    return parsed.rows(dpcIsr)[0];
  };

  it.each([4, 8] as const)('of DPCs, with pointers of %i bytes', async (p) => {
    const routine = p === 4 ? 0x82001230n : ROUTINE;
    for (const type of ['DPC', 'TimerDPC', 'ThreadedDPC'] as const) {
      expect(await run(at(100, dpc(type, { initialTime, routine }, p), { cpu: 7 }))).toMatchObject({
        ...{ kind: 'DPC', type, startUs: 90, durationUs: 10, cpu: 7 },
        ...{ vector: null, messageIndex: null, module: null, address: routine },
        routine: `0x${routine.toString(16)}`,
      });
    }
  });

  it.each([
    ['Windows 7, 64-bit', 'vector8', 8, 0xd1],
    ['Windows 7, 32-bit', 'vector8', 4, 0xd1],
    ['later, 64-bit', 'vector16', 8, 0x1d1],
    ['later, 32-bit', 'vector16', 4, 0x1d1],
  ] as const)('of ISRs: %s', async (_, layout, p, vector) => {
    const fields = { initialTime, routine: 0x82001230n, vector };
    const common = { kind: 'ISR', startUs: 90, durationUs: 10, vector, address: 0x82001230n };
    expect(await run(at(100, isr(fields, layout, p)))).toMatchObject({ ...common, type: 'ISR', messageIndex: null });
    expect(await run(at(100, isr({ ...fields, passive: true, claimed: false }, layout, p)))).toMatchObject({
      ...common,
      type: 'PassiveISR',
      messageIndex: null,
    });
    expect(await run(at(100, isr({ ...fields, message: 5 }, layout, p)))).toMatchObject({
      ...common,
      type: 'ISR-MSI',
      messageIndex: 5,
    });
  });

  it('an ISR without vector', async () => {
    const whole = isr({ initialTime, routine: ROUTINE, vector: 5 });
    const row = await run(at(100, { ...whole, payload: whole.payload.subarray(0, 16) }));
    expect(row).toMatchObject({ vector: null, messageIndex: null, durationUs: 10 });
  });

  it('a run of no time', async () => {
    expect(await run(at(90, dpc('DPC', { initialTime, routine: ROUTINE })))).toMatchObject({ durationUs: 0 });
  });
});

describe('what cannot be', () => {
  it('a run that ends before it starts is skipped, with its offset', async () => {
    const sound = (us: number): EtlEvent => at(us, dpc('DPC', { initialTime: ticksAt(us - 5), routine: ROUTINE }));
    const events = [sound(50), at(80, dpc('DPC', { initialTime, routine: ROUTINE })), sound(100)];
    const file = written(events);
    const parsed = await parseEtl(file.bytes);
    expect(parsed.account).toEqual({ unit: 'event', read: 4, rows: 2, skipped: 1, ignored: 1 });
    expect(parsed.diagnostics).toMatchObject([{ code: 'ends-before-start', count: 1, byte: eventOffset(file, 0, 1) }]);
  });

  it.each([
    ['DPC', dpc('DPC', { initialTime, routine: ROUTINE }), 15],
    ['ISR', isr({ initialTime, routine: ROUTINE, vector: 3 }), 15],
    ['sample without thread', { ...dpc('DPC', { initialTime, routine: ROUTINE }), opcode: 46 }, 11],
    ['switch', contextSwitch({ newTid: 1, oldTid: 2 }), 15],
    ['ready thread', ready({ tid: 1 }), 6],
    ['pool allocation', pool('alloc', { type: 1, tag: 'Abcd', bytes: 64n, entry: 1n }), 23],
  ])('a %s that is shorter than its fields is skipped', async (_, body, length) => {
    const file = written([at(100, { ...body, payload: body.payload.subarray(0, length) })]);
    const parsed = await parseEtl(file.bytes);
    expect(parsed.account).toEqual({ unit: 'event', read: 2, rows: 0, skipped: 1, ignored: 1 });
    expect(parsed.diagnostics).toMatchObject([{ code: 'damaged-event', byte: eventOffset(file, 0, 0) }]);
  });
});

describe('pool events and readied threads', () => {
  const known = [
    at(1, processEvent('rundownStart', { key: 1n, pid: 8, parentPid: 4, imageFileName: 'a.exe' })),
    at(1, threadEvent('rundownStart', { pid: 8, tid: 44, win32StartAddress: 0n })),
    at(1, processEvent('rundownStart', { key: 1n, pid: 12, parentPid: 4, imageFileName: 'b.exe' })),
    at(1, threadEvent('rundownStart', { pid: 12, tid: 45, win32StartAddress: 0n })),
    at(1, imageEvent('rundownStart', { base: ROUTINE - 0x230n, size: 0x1000n, pid: 0, fileName: '\\x\\a.sys' })),
    // Thread 44 runs on CPU 2 from here on, 45 later.
    at(10, contextSwitch({ newTid: 44, oldTid: 0 }), { cpu: 2 }),
    at(50, contextSwitch({ newTid: 45, oldTid: 44 }), { cpu: 2 }),
  ];

  it.each([4, 8] as const)('pool rows, with pointers of %i bytes', async (p) => {
    const entry = p === 4 ? 0x85001000n : 0xffffb18c40001000n;
    const bytes = p === 4 ? 0xf0000000n : 0x100000040n;
    const fields = { type: 512, tag: 'Nt v', bytes, entry };
    const events = [
      at(20, pool('alloc', fields, p), { cpu: 2 }),
      at(30, pool('free', { ...fields, sessionId: 1 }, p), { cpu: 2 }),
      at(60, pool('free', fields, p), { cpu: 2 }),
      at(60, pool('alloc', { ...fields, sessionId: 1 }, p), { cpu: 3 }),
    ];
    const parsed = await readBack([...known, ...events]);
    const common = { poolType: 'NonPagedPoolNx', tag: 'Nt v', bytes: Number(bytes), address: entry };
    const rows = parsed
      .rows(poolEvent)
      .sort((a, b) => Number(a.atUs) - Number(b.atUs) || Number(a.cpu) - Number(b.cpu));
    expect(rows).toMatchObject([
      { ...common, event: 'Alloc', atUs: 20, cpu: 2, pid: 8, tid: 44, process: 'a.exe' },
      { ...common, event: 'FreeSession', atUs: 30, cpu: 2, pid: 8, tid: 44, process: 'a.exe' },
      { ...common, event: 'Free', atUs: 60, cpu: 2, pid: 12, tid: 45, process: 'b.exe' },
      // Nothing says what ran on CPU 3.
      { ...common, event: 'AllocSession', atUs: 60, cpu: 3, pid: null, tid: null, process: null },
    ]);
    expect(parsed.diagnostics).toEqual([]);
  });

  it('who readied whom, by a DPC or not', async () => {
    const parsed = await readBack([
      ...known,
      at(20, ready({ tid: 45, adjustReason: 2 }), { cpu: 2 }),
      at(21, ready({ tid: 45, flag: 1 }), { cpu: 2 }),
      at(60, ready({ tid: 99 }), { cpu: 2 }),
      at(61, ready({ tid: 44 }), { cpu: 5 }),
    ]);
    expect(parsed.rows(readyThread).sort((a, b) => Number(a.atUs) - Number(b.atUs))).toMatchObject([
      { atUs: 20, process: 'a.exe', pid: 8, tid: 44, readyProcess: 'b.exe', readyPid: 12, readyTid: 45, inDpc: '0' },
      { atUs: 21, tid: 44, readyTid: 45, adjustReason: '1', inDpc: '1' },
      { atUs: 60, process: 'b.exe', pid: 12, tid: 45, readyProcess: null, readyPid: null, readyTid: 99 },
      { atUs: 61, process: null, pid: null, tid: null, readyProcess: 'a.exe', readyTid: 44 },
    ]);
  });
});

it('routines for which there is no room share one name', () => {
  const routines = new Dictionary();
  const ids = new RoutineIds(new Dictionary(), routines);
  for (let i = 0; i < 100_000; i++) ids.id(i * 16, -2048, -1);
  const other = ids.id(0x7000_0000, -2048, -1);
  expect(routines.get(other)).toBe(OTHER_NAMES);
  expect(ids.id(0x7000_0010, -2048, -1)).toBe(other);
  expect(routines.get(ids.id(16, -2048, -1))).toBe('0xfffff80000000010');
  expect(routines.values).toHaveLength(100_001);
});
