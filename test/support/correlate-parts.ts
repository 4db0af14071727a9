/** Each side's own answer in a report of `correlate` made by hand. */
import type { CorrelateParts } from '../../correlate/result.js';
import type { DpcResult, Figures, ModuleFigures } from '../../src/analyses/dpc-result.js';
import type { DumpResult } from '../../src/analyses/dump/result.js';
import type { ErrorsResult, Periodic } from '../../src/analyses/errors/result.js';
import type { PoolResult, PoolStack, PoolTag } from '../../src/analyses/pool/result.js';
import type { Evidence } from '../../src/core/evidence.js';
import { EMPTY_ERRORS } from '../../src/report/errors.js';
import { chainOf, edgeOf, frameOf, lockOf, placeOf, resultOf, threadOf } from './dump-result.js';

const at = (source: string, line: number, quote: string): Evidence => ({ source, line, byte: line * 64, quote });
const inDump = (line: number, quote?: string): Evidence => ({ ...placeOf(line, quote), source: 's2' });

const FIGURES: Figures = {
  count: 4000,
  inclusiveUs: 91_234.5,
  exclusiveUs: 90_001.2,
  percentOfCpu: 0.0712,
  perSecond: 33.3,
  meanUs: 22.8,
  p50Us: 11,
  p90Us: 64,
  p99Us: 210.5,
  p999Us: 480,
  maxUs: 501_234.5,
  overThreshold: 3,
  longest: null,
  maxRange: null,
};

const moduleOf = (module: string | null, more: Partial<ModuleFigures> = {}): ModuleFigures => ({
  ...FIGURES,
  kind: 'DPC',
  module,
  ...more,
});

const BUCKETS = [120, 900, 2200, 1400, 600, 210, 80, 31, 9, 2, 0, 1];

export const dpcPart = (more: Partial<DpcResult> = {}): CorrelateParts['dpc'] => ({
  findings: [],
  result: {
    window: { startUs: 0, endUs: 120e6, cpus: 2 },
    thresholds: { dpcUs: 100, isrUs: 25 },
    modules: [
      moduleOf('netdrv.sys', {
        longest: {
          startUs: 99e6,
          durationUs: 501_234.5,
          cpu: 1,
          address: null,
          function: 'RxDpc',
          evidence: [at('s1', 9210, 'DPC, 99.000000, 501.2345 ms, CPU 1, netdrv.sys!RxDpc')],
        },
      }),
      moduleOf('storport.sys', { count: 12_345_678, maxUs: 310.25, overThreshold: 12 }),
      moduleOf(null, {
        kind: 'ISR',
        count: null,
        maxUs: null,
        exclusiveUs: null,
        overThreshold: null,
        p99Us: null,
        percentOfCpu: null,
      }),
    ],
    functions: [],
    kinds: [],
    cpus: [],
    histograms: ['netdrv.sys', 'storport.sys', null].map((module, i) => ({
      kind: i === 2 ? 'ISR' : 'DPC',
      module,
      buckets: BUCKETS.slice(0, 12 - 3 * i).map((count, j) => ({
        gtUs: j === 0 ? 0 : 2 ** (j - 1),
        leUs: 2 ** j,
        count,
      })),
    })),
    occurrences: [],
    intervals: [],
    storms: [],
    longest: null,
    cut: {},
    ...more,
  },
});

const LEAK_FRAMES = ['nt!ExAllocatePool2+0x10', 'leak.sys!Read+0x20', 'nt!IofCallDriver+0x59', 'nt!NtReadFile+0x1c'];
const OPEN_FRAMES = ['nt!ExAllocatePool2+0x10', 'leak.sys!Open+0x30', 'nt!IopParseDevice+0x7', 'nt!NtCreateFile+0x9'];

function stackOf(frames: readonly string[], bytes: number, count: number, more: Partial<PoolStack> = {}): PoolStack {
  return {
    tag: 'Leak',
    paged: false,
    count,
    bytes,
    allocCount: count,
    allocBytes: bytes,
    freedCount: 0,
    from: 'trace',
    freedLater: null,
    frames: frames.map((frame) => frameOf(frame)),
    allocator: { ...frameOf(frames[1]), calledBy: null, certain: true },
    requester: { ...frameOf('app.exe!Main+0x4'), process: 'app.exe', pid: 77, call: 'NtReadFile' },
    processes: [],
    lifetimes: null,
    freedBy: [],
    siblings: null,
    slopeBytesPerSecond: 41_984,
    slopeCi: [40_100, 43_500],
    verdict: 'leak',
    confidence: 'high',
    score: 88,
    reasons: [],
    against: [],
    evidence: [at('s1', 3001, 'Alloc, Leak, 4096, leak.sys!Read')],
    ...more,
  };
}

const tagOf = (tag: string | null, more: Partial<PoolTag> = {}): PoolTag => ({
  tag,
  paged: false,
  driver: 'leak.sys',
  driverFrom: 'stacks',
  driverPercent: 99,
  description: null,
  frees: 3,
  snapshotBytes: 275_775_488,
  snapshotCount: 67_328,
  lifetimes: null,
  neverFreedPercent: 99.5,
  doubleFrees: null,
  aifiCount: 3,
  aifiBytes: 12_288,
  aifoCount: 1230,
  aifoBytes: 5_038_080,
  aofiCount: null,
  aofiBytes: null,
  slopeBytesPerSecond: 41_984,
  slopeCi: [40_100, 43_500],
  verdict: 'leak',
  confidence: 'high',
  score: 88,
  reasons: [],
  against: [],
  evidence: [at('s1', 3001, 'Alloc, Leak, 4096, leak.sys!Read')],
  ...more,
});

const rising = (slope: number): number[] =>
  Array.from({ length: 64 }, (_, i) => Math.round(slope * i + 90_000 * Math.sin(i / 3)));

export const poolPart = (more: Partial<PoolResult> = {}): CorrelateParts['pool'] => ({
  findings: [],
  result: {
    window: { startUs: 0, endUs: 120e6 },
    totals: [],
    tags: [
      tagOf('Leak'),
      tagOf('Ntf ', {
        driver: null,
        driverFrom: null,
        verdict: 'steady',
        confidence: null,
        slopeBytesPerSecond: null,
        slopeCi: null,
        snapshotBytes: null,
      }),
    ],
    stacks: [
      stackOf(LEAK_FRAMES, 4_096_000, 1000),
      stackOf(OPEN_FRAMES, 942_080, 230),
      stackOf(['nt!ExAllocatePool2', 'ntfs.sys!Create+0x1'], 65_536, 16, { tag: 'Ntf ', verdict: 'steady' }),
    ],
    snapshots: [0, 1, 2, 3].map((i) => ({
      source: 's2',
      snapshot: i + 1,
      utc: `2026-03-14T0${6 + i}:00:00.000Z`,
      counters: [],
      tags: [],
      nonpagedBytes: 120e6 + 55e6 * i,
      pagedBytes: i === 2 ? null : 80e6 + 1e6 * i,
    })),
    groups: [],
    timeline: {
      startUs: 0,
      binUs: 1_875_000,
      nonpagedBytes: rising(79_000),
      pagedBytes: rising(3000),
      nonpagedGrowth: rising(70_000),
      pagedGrowth: rising(-1000),
    },
    peaks: [{ paged: false, bytes: 5_100_000, atUs: 118e6 }],
    exhaustion: [],
    blocks: [],
    tree: [],
    counters: [],
    tagPlaces: [],
    cut: { tags: { shown: 2, of: 311 } },
    ...more,
  },
});

const periodicOf = (more: Partial<Periodic> = {}): Periodic => ({
  kind: 'message',
  template: 'Not enough space on temp disk, retry <n>',
  templateId: 't1',
  level: 'error',
  pid: 2612,
  tid: 7000,
  process: 'spoolsv.exe',
  key: null,
  periodMs: 6656,
  jitterMs: 12.5,
  count: 18,
  phaseMs: 1200,
  confidence: 'high',
  chance: 0.0000012,
  beats: 18,
  missed: 0,
  extra: 0,
  perBeat: 1,
  stretches: 1,
  isPartial: false,
  driftPercent: null,
  firstUs: 1.2e6,
  lastUs: 114.4e6,
  retry: { first: 41, last: 58, step: 1, resets: 0, template: 'Not enough space on temp disk, retry <n>' },
  group: null,
  evidence: [at('s1', 16504, '16504, Not enough space on temp disk, retry 41')],
  ...more,
});

export const errorsPart = (more: Partial<ErrorsResult> = {}): CorrelateParts['errors'] => ({
  findings: [],
  result: {
    ...EMPTY_ERRORS,
    periodic: [
      periodicOf(),
      periodicOf({
        template: 'heartbeat <n>',
        level: 'information',
        periodMs: 1000,
        jitterMs: null,
        chance: null,
        retry: null,
        tid: null,
        confidence: 'medium',
      }),
    ],
    ...more,
  },
});

const OWNER = '0xffffb28c4a1d5080';
const RING = ['0xffffb28c11000080', '0xffffb28c22000080'];
const id = (i: number): string => `0xffffb28c4b${i.toString(16).padStart(2, '0')}0080`;

/** Threads behind one owner, some behind each other, a deadlock beside it, and an IRP that a driver holds. */
export function dumpPart(more: Partial<DumpResult> = {}): CorrelateParts['dump'] {
  const victims = Array.from({ length: 9 }, (_, i) => id(i));
  const threads = [
    threadOf(OWNER, {
      process: 'spoolsv.exe',
      pid: 0xa34,
      tid: 0x1b58,
      waitMs: 6100,
      frames: [frameOf('spoolsv!WaitForTempSpace+0x4c')],
      evidence: [inDump(88)],
    }),
    ...victims.map((one, i) =>
      threadOf(one, {
        process: i < 6 ? 'spoolsv.exe' : 'explorer.exe',
        pid: i < 6 ? 0xa34 : 0x5c0,
        tid: 0x2000 + i,
        waitMs: 113_000 - 9000 * i,
        frames: [frameOf(`ntdll!RtlEnterCriticalSection+0x${i}`)],
        evidence: [inDump(140 + 12 * i)],
      }),
    ),
    ...RING.map((one, i) =>
      threadOf(one, { process: 'print.exe', pid: 0x777, tid: 0x50 + i, waitMs: 41_000, evidence: [inDump(400 + i)] }),
    ),
  ];
  const lock = {
    kind: 'critical-section' as const,
    object: '0x7c980600',
    evidence: [inDump(60, 'LockSemaphore 0x5c OwningThread 1b58')],
  };
  const edges = [
    ...victims.slice(0, 6).map((one) => edgeOf(one, OWNER, lock)),
    ...victims.slice(6).map((one, i) =>
      edgeOf(one, victims[i], {
        kind: 'alpc',
        object: '0xffffa00123',
        certain: i !== 1,
        statement: 'the message waits in the queue of the port',
        evidence: [inDump(500 + i)],
      }),
    ),
    edgeOf(OWNER, 'driver:\\Driver\\tempdisk', {
      kind: 'irp',
      object: '0xffffb28c99',
      certain: false,
      evidence: [inDump(610)],
    }),
    edgeOf(RING[0], RING[1], { kind: 'mutant', object: '0xffffb28c01', evidence: [inDump(401)] }),
    edgeOf(RING[1], RING[0], { kind: 'eresource', object: '0xffffb28c02', evidence: [inDump(402)] }),
    edgeOf(id(40), RING[0], { kind: 'mutant', object: '0xffffb28c03', evidence: [inDump(403)] }),
  ];
  const root = {
    ...chainOf([OWNER], []).root,
    node: OWNER,
    why: 'sleep' as const,
    statement: 'sleeps 6.9 s at a time',
    module: 'spoolsv',
    function: 'WaitForTempSpace',
    waitsFor: 'driver:\\Driver\\tempdisk',
  };
  return {
    findings: [],
    result: resultOf({
      threads,
      locks: [lockOf('0x7c980600', { symbol: 'spoolsv!g_TempLock', owners: [OWNER], waiterCount: 52 })],
      waitEdges: edges,
      chains: victims
        .slice(0, 6)
        .map((one, i) => chainOf([one, OWNER], [edges[i]], { root, waiters: 52, longestWaitMs: 113_000 - 9000 * i })),
      deadlocks: [{ threads: RING, edges: edges.slice(-3, -1), victims: [id(40)], certain: true, mayEnd: false }],
      order: [...threads]
        .sort((a, b) => (b.waitMs ?? 0) - (a.waitMs ?? 0))
        .map(({ id, waitMs, process }) => ({ thread: id, waitMs, process })),
      quality: [
        {
          flag: 'truncated-log',
          statement: 'the log ends inside the output of !locks',
          count: 1,
          evidence: [inDump(700, 'Resource @ 0xffffb28c')],
        },
      ],
      cut: { order: 212 },
      ...more,
    }),
  };
}
