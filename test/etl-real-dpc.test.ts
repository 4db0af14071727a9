/**
 * DPCs and ISRs of the real Windows 7 trace: rows and figures against a computation of their own, in whole ticks, from the
 * raw bytes.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import type { DpcResult, ModuleFigures } from '../src/analyses/dpc-result.js';
import type { Finding } from '../src/core/evidence.js';
import { type Batch, isBatchOf } from '../src/core/table.js';
import { open, parseFilter } from '../src/index.js';
import { dpcIsr } from '../src/tables/dpc-isr.js';
import { realEtlFiles, realEtlPath } from './support/etl-sources.js';
import { realLog, ticksOf, type WalkedEvent, walkEvents } from './support/etl-walk.js';
import { dpcOf } from './support/samples.js';

const FILE = 'win7sp1-x64-8cpu-xperf-dpc-isr-cswitch-stacks.etl.zip';
const IS_HERE = realEtlFiles().includes(FILE);
if (!IS_HERE) console.warn('skipped: the real log of Windows 7 is not at hand');

/** Of PerfInfo, group 0x0f. */
const TYPES: Readonly<Record<number, string>> = {
  50: 'ISR-MSI',
  66: 'ThreadedDPC',
  67: 'ISR',
  68: 'DPC',
  69: 'TimerDPC',
};
/** PerfFreq of SOURCES.md. */
const TICKS_PER_US = 2.143632;

interface Run {
  readonly kind: 'DPC' | 'ISR';
  readonly type: string;
  readonly cpu: number;
  readonly start: bigint;
  readonly end: bigint;
  readonly module: string | null;
  exclusive: bigint;
}

interface KernelImage {
  readonly base: bigint;
  readonly end: bigint;
  readonly name: string;
}

/** Images of the kernel: unload, rundowns, loads. */
function imageOf({ bytes, payload, end }: WalkedEvent): KernelImage {
  const base = bytes.readBigUInt64LE(payload);
  // Behind base, size, process, checksum, time, signature, default base and four words.
  const path = bytes.toString('utf16le', payload + 56, end).replace(/\0.*$/s, '');
  return { base, end: base + bytes.readBigUInt64LE(payload + 8), name: path.slice(path.lastIndexOf('\\') + 1) };
}

/** The runs in the order of the file, which is on each processor that in which they ended. */
function walkRuns(log: Buffer): Run[] {
  const runs: (Run & { routine: bigint; module: string | null })[] = [];
  const images = new Map<bigint, KernelImage>();
  for (const event of walkEvents(log)) {
    const { group, opcode, bytes, payload, cpu } = event;
    const type = group === 0x0f ? TYPES[opcode] : undefined;
    if (type !== undefined) {
      const kind = type.startsWith('ISR') ? 'ISR' : 'DPC';
      const [start, routine] = [bytes.readBigUInt64LE(payload), bytes.readBigUInt64LE(payload + 8)];
      runs.push({ kind, type, cpu, start, end: ticksOf(event), routine, module: null, exclusive: 0n });
    } else if ((group === 0x14 && opcode >= 2 && opcode <= 4) || (group === 3 && opcode === 10)) {
      const image = imageOf(event);
      if (image.base >= 1n << 63n) images.set(image.base, image);
    }
  }
  const sorted = [...images.values()].sort((a, b) => (a.base < b.base ? -1 : 1));
  for (const run of runs)
    run.module = sorted.find(({ base, end }) => base <= run.routine && run.routine < end)?.name ?? null;
  return runs;
}

/** Sets what is left of each run without those inside it; gives pairs that overlap without one holding the other. */
function nest(runs: readonly Run[]): Run[][] {
  const open = new Map<number, Run[]>();
  const broken: Run[][] = [];
  for (const run of runs) {
    const before = open.get(run.cpu) ?? [];
    open.set(run.cpu, before);
    run.exclusive = run.end - run.start;
    while (before.length > 0 && (before.at(-1) as Run).start >= run.start) {
      const inner = before.pop() as Run;
      run.exclusive -= inner.end - inner.start;
    }
    const last = before.at(-1);
    if (last !== undefined && last.end > run.start) broken.push([last, run]);
    before.push(run);
  }
  return broken;
}

interface Sums {
  count: number;
  inclusive: bigint;
  exclusive: bigint;
  max: bigint;
}

function sumsOf(runs: readonly Run[]): Map<string, Sums> {
  const sums = new Map<string, Sums>();
  for (const { kind, module, start, end, exclusive } of runs) {
    const key = `${kind} ${module}`;
    const sum = sums.get(key) ?? { count: 0, inclusive: 0n, exclusive: 0n, max: 0n };
    sums.set(key, sum);
    const ticks = end - start;
    sum.count++;
    sum.inclusive += ticks;
    sum.exclusive += exclusive;
    if (ticks > sum.max) sum.max = ticks;
  }
  return sums;
}

const us = (ticks: bigint): number => Number(ticks) / TICKS_PER_US;

interface Row {
  readonly type: string | null;
  readonly kind: string | null;
  readonly cpu: number;
  readonly startUs: number;
  readonly durationUs: number;
  readonly module: string | null;
}

/** Rows, and how many stacks found their event: counted where the census is asked for, as `info` does. */
async function readRows(): Promise<{ rows: Row[]; stacks: unknown }> {
  const rows: Row[] = [];
  const collect = (batch: Batch): void => {
    if (!isBatchOf(batch, dpcIsr)) return;
    const { cols, dicts, n } = batch;
    for (let i = 0; i < n; i++) {
      rows.push({
        type: dicts.type.get(cols.type[i]),
        kind: dicts.kind.get(cols.kind[i]),
        cpu: cols.cpu[i],
        startUs: cols.startUs[i],
        durationUs: cols.durationUs[i],
        module: dicts.module.get(cols.module[i]),
      });
    }
  };
  const trace = await open([realEtlPath(FILE)]);
  const { sources } = await trace.read((table) => (table === dpcIsr ? [collect] : []), { census: true });
  trace.close();
  return { rows, stacks: sources[0].about.stacks };
}

describe.skipIf(!IS_HERE)('DPCs and ISRs of the Windows 7 trace', () => {
  let runs: Run[] = [];
  let broken: Run[][] = [];
  let rows: Row[] = [];
  let stacks: unknown;
  let origin = 0n;
  let result: DpcResult;
  let alone: DpcResult;
  let findings: readonly Finding[] = [];
  beforeAll(async () => {
    // Before the rows fill memory.
    ({ result, findings } = await dpcOf(realEtlPath(FILE)));
    ({ result: alone } = await dpcOf(realEtlPath(FILE), { module: parseFilter('ndis.sys') }));
    const log = realLog(FILE, '.etl') as Buffer;
    origin = originOf(log);
    runs = walkRuns(log);
    broken = nest(runs);
    ({ rows, stacks } = await readRows());
  });

  it('are as many of each type as SOURCES.md has', () => {
    const counts: Record<string, number> = {};
    for (const { type } of rows) counts[`${type}`] = (counts[`${type}`] ?? 0) + 1;
    expect(counts).toEqual({ ISR: 138_599, 'ISR-MSI': 1118, DPC: 13_487, TimerDPC: 1772, ThreadedDPC: 8 });
  });

  it('lie where the raw bytes have them, each of them', () => {
    // Rows come by processor, raw events by buffer; on each processor the order is one.
    const byCpu = (list: readonly { readonly cpu: number }[]): number[] =>
      list.map((_, i) => i).sort((a, b) => list[a].cpu - list[b].cpu || a - b);
    const [ours, raw] = [byCpu(rows), byCpu(runs)];
    expect(ours.length).toBe(raw.length);
    let wrong = 0;
    for (let i = 0; i < ours.length; i++) {
      const [row, run] = [rows[ours[i]], runs[raw[i]]];
      const same =
        row.type === run.type &&
        row.kind === run.kind &&
        row.module === run.module &&
        Math.abs(row.startUs - us(run.start - origin)) < 1e-3 &&
        Math.abs(row.durationUs - us(run.end - run.start)) < 1e-6;
      if (!same) wrong++;
    }
    expect(wrong).toBe(0);
  });

  it('are never negative, and each has a module', () => {
    expect(rows.filter(({ durationUs }) => !(durationUs >= 0))).toEqual([]);
    expect(rows.filter(({ startUs }) => !(startUs >= 0))).toEqual([]);
    expect(rows.filter(({ module }) => module === null)).toEqual([]);
  });

  it('nest on their processor, or lie apart', () => {
    expect(broken).toEqual([]);
  });

  it('give the figures of each module', () => {
    const expected = new Map([...sumsOf(runs)].map(([key, sum]) => [key, figuresOf(sum)]));
    const found = new Map(result.modules.map((m) => [`${m.kind} ${m.module}`, rounded(m)]));
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected));
    expect([...found.keys()]).toEqual(expect.arrayContaining(['DPC ndis.sys', 'ISR ndis.sys', 'ISR hal.dll']));
  });

  it('give the same figures of a module that is asked for alone', () => {
    const ofNdis = result.modules.filter(({ module }) => module === 'ndis.sys');
    expect(ofNdis.length).toBe(2);
    expect(alone.modules).toEqual(ofNdis);
    expect(alone.functions).toEqual(result.functions.filter(({ module }) => module === 'ndis.sys'));
  });

  it('know the interrupt that takes the samples', () => {
    const profile = findings.filter(({ rule }) => rule === 'profile-interrupt');
    expect(profile.length).toBe(1);
    expect(profile[0].message).toMatch(/^136370 ISRs in hal\.dll /);
  });

  it('name the drivers behind NDIS and the graphics kernel', () => {
    const longest = result.functions
      .filter(({ kind, module }) => kind === 'DPC' && module === 'ndis.sys')
      .reduce((a, b) => ((b.maxUs ?? 0) > (a.maxUs ?? 0) ? b : a));
    expect(longest).toMatchObject({ owner: 'NETwNs64.sys', framework: 'NDIS' });
    expect(longest.longestOwners?.map(({ module, by }) => [module, by])).toEqual([['NETwNs64.sys', 'stack']]);
    const dxgkrnl = result.functions.filter(({ module }) => module === 'dxgkrnl.sys');
    expect(dxgkrnl.flatMap(({ owners }) => owners.map(({ module }) => module))).toContain('nvlddmkm.sys');
  });

  it('come with stacks, each of which finds its event', () => {
    expect(stacks).toEqual({ events: 138_474, matched: 138_474 });
  });
});

/** Counter at the start: the time stamp of the header, the first event. */
function originOf(log: Buffer): bigint {
  for (const event of walkEvents(log)) return ticksOf(event);
  return 0n;
}

const figuresOf = ({ count, inclusive, exclusive, max }: Sums): object => ({
  count,
  inclusiveUs: us(inclusive).toFixed(1),
  exclusiveUs: us(exclusive).toFixed(1),
  maxUs: us(max).toFixed(3),
});

/** Ours adds up to tenths of nanoseconds for each run. */
const rounded = ({ count, inclusiveUs, exclusiveUs, maxUs }: ModuleFigures): object => ({
  count,
  inclusiveUs: inclusiveUs?.toFixed(1),
  exclusiveUs: exclusiveUs?.toFixed(1),
  maxUs: maxUs?.toFixed(3),
});
