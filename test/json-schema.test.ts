import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { analyzePool, open, type PoolOptions, render } from '../src/index.js';
import { samples } from './generate/samples.js';
import { tracekit } from './support/cli.js';
import { everyField } from './support/dump-full.js';
import { hungMachine } from './support/dump-hung.js';
import { resultOf } from './support/dump-result.js';
import { sample } from './support/samples.js';
import { validator } from './support/schema.js';

// biome-ignore lint/suspicious/noExplicitAny: documents are damaged on purpose, at any depth.
type Doc = any;

const evidence = { source: 's1', line: 12, byte: 345, quote: 'DPC, 10, 5, 0, 0xfffff80000001000, a.sys!b' };
const longest = {
  startUs: 5,
  durationUs: 5,
  cpu: 0,
  address: '0xfffff80000001000',
  function: 'b',
  evidence: [evidence],
};
const figures = {
  kind: 'DPC',
  module: 'a.sys',
  count: 1,
  inclusiveUs: 5,
  exclusiveUs: 5,
  percentOfCpu: 0.5,
  meanUs: 5,
  p50Us: 5,
  p90Us: 5,
  p99Us: 5,
  p999Us: 5,
  maxUs: 5,
  overThreshold: 0,
  longest,
};

function envelope(command: string, result: object): Doc {
  return {
    tool: { name: 'tracekit', version: '0.1.0' },
    command,
    sources: [
      {
        id: 's1',
        path: 'a.txt',
        format: 'xperf-dumper',
        bytes: 100,
        unit: 'line',
        read: 3,
        rows: 1,
        skipped: 1,
        ignored: 1,
        truncated: false,
        eventsLost: null,
        buffersLost: 0,
        clock: { startUtc: '2026-01-02T03:04:05.678Z', zone: null, resolutionNs: 1000, uncertaintyMs: null },
        machine: { os: null, cpus: 2 },
      },
    ],
    result,
    findings: [
      {
        rule: 'dpc-over-threshold',
        level: 'warning',
        message: 'a.sys ran too long',
        confidence: null,
        evidence: [evidence],
        against: [],
        next: [],
      },
    ],
    diagnostics: [
      {
        code: 'row-damaged',
        severity: 'data-loss',
        source: 's1',
        line: 7,
        byte: null,
        count: 1,
        message: 'cut',
        examples: ['DPC,'],
      },
      {
        code: 'entry-not-read',
        severity: 'info',
        source: null,
        line: null,
        byte: 72,
        count: 1,
        message: 'none',
        examples: [],
      },
    ],
  };
}

const dpc = (): Doc =>
  structuredClone(
    envelope('dpc', {
      window: { startUs: 0, endUs: 1000, cpus: 2 },
      thresholds: { dpcUs: 100, isrUs: 25 },
      modules: [figures, { ...figures, module: null, longest: null, p50Us: null, count: null }],
      functions: [{ ...figures, function: 'b', address: '0x89cd9c10', owner: null }],
      kinds: [{ ...figures, module: undefined, type: 'TimerDPC', vector: null }],
      cpus: [{ cpu: 0, dpcCount: 1, dpcUs: 5, isrCount: 0, isrUs: 0, percentOfCpu: 0.5 }],
      histograms: [{ kind: 'DPC', module: 'a.sys', buckets: [{ gtUs: 2048, leUs: null, count: 1 }] }],
      occurrences: [{ kind: 'DPC', module: 'a.sys', ...longest }],
      intervals: [{ kind: 'ISR', module: 'a.sys', periodMs: 15.6, jitterMs: 0.1 }],
    }),
  );

/** Text formats do not know these. */
const SESSION_OF_RAW_LOG = {
  logFile: 'C:\\a.etl',
  clock: 'QueryPerformanceCounter',
  clockHz: 10_000_000,
  bootUtc: '2026-01-01T03:04:05Z',
  endUtc: null,
  zoneName: null,
};

const info = (): Doc =>
  structuredClone(
    envelope('info', {
      format: 'xperf-dumper',
      encoding: 'utf-8',
      span: { startUtc: '2026-01-02T03:04:05Z', firstEventUtc: null, endUtc: null, durationUs: null },
      session: {
        name: 'NT Kernel Logger',
        mode: 'sequential (0x1)',
        bufferBytes: 65_536,
        buffers: 3,
        compressed: false,
        pointerBytes: 8,
        ...SESSION_OF_RAW_LOG,
      },
      machine: { os: null, build: 26100, cpus: null },
      eventsTotal: 1,
      unreadable: 0,
      events: [
        {
          provider: null,
          providerName: null,
          group: null,
          opcode: null,
          id: null,
          version: null,
          name: 'DPC',
          count: 1,
          bytes: 60,
        },
      ],
      stacks: { events: null, matched: null },
      capabilities: [{ command: 'dpc', answers: true, why: 'it has DPC rows' }],
    }),
  );

const event = (): Doc =>
  structuredClone({
    source: 's1',
    atUs: 12.5,
    utc: '2026-01-02T03:04:05.6789012Z',
    cpu: 0,
    pid: 4,
    tid: 8,
    process: 'a.exe',
    provider: 'kernel',
    providerName: null,
    group: 15,
    opcode: 68,
    id: null,
    version: 2,
    name: 'PerfInfo/DPC',
    level: null,
    task: null,
    channel: null,
    keyword: null,
    activityId: null,
    relatedActivityId: null,
    message: null,
    fields: {},
    payloadHex: null,
    stack: [{ address: '0xfffff80000001000', module: 'a.sys', function: null }],
    line: null,
    byte: 72,
  });

const events = (): Doc =>
  structuredClone(
    envelope('events', {
      matched: 2,
      shown: 2,
      events: [event(), { ...event(), fields: null, payloadHex: '00ff', stack: null }],
    }),
  );

const frame = { module: 'leaky.sys', function: 'Alloc', offset: '0x358', address: '0xfffff88004be3409' };
const growth = {
  slopeBytesPerSecond: 4096.5,
  slopeCi: [-1, 4200],
  verdict: 'leak',
  confidence: 'high',
  score: 80,
  reasons: ['it grows'],
  against: ['too short'],
};
const lifetimes = { freed: 2, meanUs: 3.5, p50Us: 4, p99Us: 8, maxUs: 8 };

const pool = (): Doc =>
  structuredClone(
    envelope('pool', {
      window: { startUs: 0, endUs: 60_000_000 },
      totals: [
        { type: 'AIFO', paged: false, count: 3, bytes: 96 },
        { type: 'AOFO', paged: null, count: null, bytes: null },
      ],
      tags: [
        {
          tag: 'Lk  ',
          paged: true,
          driver: 'leaky.sys',
          driverFrom: 'stacks',
          driverPercent: 100,
          description: null,
          aifiCount: 1,
          aifiBytes: 32,
          aifoCount: 3,
          aifoBytes: 96,
          aofiCount: 0,
          aofiBytes: 0,
          frees: 1,
          ...growth,
          snapshotBytes: null,
          snapshotCount: null,
          lifetimes,
          neverFreedPercent: 75,
          doubleFrees: 0,
          evidence: [evidence],
        },
      ],
      stacks: [
        {
          tag: 'Lk  ',
          paged: true,
          from: 'trace',
          count: 3,
          bytes: 96,
          allocCount: 4,
          allocBytes: 128,
          freedCount: 1,
          freedLater: 0,
          frames: [frame, { ...frame, function: null, offset: '0x0' }],
          allocator: { ...frame, calledBy: frame, certain: true },
          requester: { ...frame, process: 'a.exe', pid: 4, call: 'NtWriteFile' },
          processes: [{ process: null, pid: 4, count: 3, bytes: 96 }],
          ...growth,
          lifetimes: null,
          freedBy: [{ ...frame, count: 1 }],
          siblings: { freed: 1, of: 2, by: [{ ...frame, count: 1 }] },
          evidence: [evidence],
        },
      ],
      snapshots: [
        {
          source: 's1',
          snapshot: 1,
          utc: '2026-01-02T03:04:05.678Z',
          counters: [{ name: 'Pool N', value: 1024, unit: 'bytes', sessionId: null }],
          tags: [{ tag: 'Lk  ', paged: true, sessionId: 1, count: null, bytes: 96, allocs: 4, frees: null }],
          nonpagedBytes: null,
          pagedBytes: 96,
        },
      ],
      groups: [{ tags: ['Lk  ', 'Lk2 '], paged: [true, null], ratio: [1, 2], counts: [12, 24] }],
      timeline: {
        startUs: 0,
        binUs: 234_375,
        nonpagedBytes: [0],
        pagedBytes: [96],
        nonpagedGrowth: [-8],
        pagedGrowth: [96],
      },
      peaks: [{ paged: true, bytes: 96, atUs: 5 }],
      exhaustion: [
        {
          paged: false,
          usedBytes: 1,
          limitBytes: 2,
          bytesPerSecond: 0,
          secondsLeft: null,
          evidence: [evidence],
        },
      ],
      blocks: [
        {
          command: 'verifier 3',
          driver: 'leaky.sys',
          tag: 'Lk  ',
          callerAddress: '0xfffff88004be3409',
          caller: null,
          count: 1,
          bytes: 32,
          inTrace: 1,
          freedInTrace: null,
          evidence: [evidence],
        },
      ],
      tree: [
        {
          by: 'type',
          value: 'AIFO',
          count: 3,
          bytes: 96,
          children: [{ by: 'process', value: null, count: 3, bytes: 96, children: [] }],
        },
      ],
      counters: [
        {
          name: 'Pool N',
          sessionId: null,
          unit: 'bytes',
          samples: 4,
          first: 1,
          last: 2,
          max: 2,
          slopePerSecond: 0.5,
          slopeCi: null,
          verdict: 'growing',
          evidence: [evidence],
        },
      ],
      tagPlaces: [{ tag: 'Lk  ', address: '0xfffff88004be3409', module: null, evidence: [evidence] }],
      cut: { stacks: { shown: 1, of: 2 } },
    }),
  );

/** Every field of an answer of dump, with lists as short as they may be: each field is left out once. */
function dump(): Doc {
  const { threads, locks, waitEdges, order, chains, ...result } = everyField();
  const [chain] = chains;
  const short = { threads: threads.slice(0, 1), locks: locks.slice(0, 1), waitEdges: waitEdges.slice(0, 1) };
  const oneChain = { ...chain, edges: chain.edges.slice(0, 1) };
  return structuredClone(envelope('dump', { ...result, ...short, order: order.slice(0, 1), chains: [oneChain] }));
}

describe.each([
  ['dpc', dpc],
  ['pool', pool],
  ['dump', dump],
  ['info', info],
  ['events', events],
] as const)('the schema of %s', (command, make) => {
  const check = validator(command);

  it('accepts a document as the contract describes it, and more fields beside', () => {
    expect(check(make())).toEqual([]);
    expect(check({ ...make(), more: 1, result: { ...make().result, more: [] } })).toEqual([]);
  });

  it('requires each field: leaving any one out is seen', () => {
    const optional = [
      '/sources/0/unit',
      '/sources/0/read',
      '/result/kinds',
      // A kind is summed over all modules: what the shared figures hold beside is no field of it.
      '/result/kinds/0/module',
      // Lists that were cut: here there may be none.
      '/result/cut/stacks',
      '/result/cut/threads',
      '/result/nbls/holders/0/states/flags',
      ...Object.keys(SESSION_OF_RAW_LOG).map((name) => `/result/session/${name}`),
    ];
    const missed = places(make())
      .filter((place) => !optional.includes(place))
      .filter((place) => check(without(make(), place)).length === 0);
    expect(missed).toEqual([]);
  });

  it.each([
    ['a wrong command', (doc: Doc) => (doc.command = 'nonsense')],
    ['undefined instead of null', (doc: Doc) => (doc.sources[0].eventsLost = undefined)],
    ['a source id of another form', (doc: Doc) => (doc.sources[0].id = 'S1')],
    ['a local time', (doc: Doc) => (doc.sources[0].clock.startUtc = '2026-01-02T03:04:05+01:00')],
    ['a time without its zone', (doc: Doc) => (doc.sources[0].clock.startUtc = '2026-01-02T03:04:05')],
    ['an unknown level', (doc: Doc) => (doc.findings[0].level = 'info')],
    ['an unknown severity', (doc: Doc) => (doc.diagnostics[0].severity = 'note')],
    ['a finding without evidence', (doc: Doc) => (doc.findings[0].evidence = [])],
    ['a negative offset', (doc: Doc) => (doc.diagnostics[1].byte = -1)],
    ['an unknown unit', (doc: Doc) => (doc.sources[0].unit = 'buffer')],
    ['line 0', (doc: Doc) => (doc.findings[0].evidence[0].line = 0)],
    ['a count of lines as text', (doc: Doc) => (doc.sources[0].rows = '1')],
  ])('refuses %s', (_what, damage) => {
    const doc = make();
    damage(doc);
    expect(check(doc)).not.toEqual([]);
  });
});

describe('the schema of dpc', () => {
  const check = validator('dpc');

  it.each(['0X89CD9C10', '0x0089cd9c10', '89cd9c10', 'fffff880`04be3409', '0xFFFFF88004BE3409', '0x0', 12])(
    'refuses the address %s',
    (address) => {
      const doc = dpc();
      doc.result.functions[0].address = address;
      expect(check(doc)).not.toEqual([]);
    },
  );

  it.each([-1, 100.1, '5'])('refuses the percentage %s', (percent) => {
    const doc = dpc();
    doc.result.modules[0].percentOfCpu = percent;
    expect(check(doc)).not.toEqual([]);
  });

  it('names the place of a violation', () => {
    const doc = dpc();
    doc.result.modules[1].kind = 'DPCTmr';
    expect(check(doc).join()).toContain('/result/modules/1/kind');
  });

  it('has no result without window', () => {
    expect(check(envelope('dpc', {}))).not.toEqual([]);
  });
});

describe('the schema of pool', () => {
  const check = validator('pool');

  it.each([
    ['an unknown verdict', (doc: Doc) => (doc.result.tags[0].verdict = 'suspect')],
    ['a figure of the machine that leaks', (doc: Doc) => (doc.result.counters[0].verdict = 'leak')],
    ['a bound alone', (doc: Doc) => doc.result.tags[0].slopeCi.pop()],
    ['a score above 100', (doc: Doc) => (doc.result.stacks[0].score = 101)],
    ['an offset with zeros in front', (doc: Doc) => (doc.result.stacks[0].frames[0].offset = '0x0358')],
    ['an address in capitals', (doc: Doc) => (doc.result.stacks[0].allocator.address = '0xFFFFF88004BE3409')],
    ['a pool by name', (doc: Doc) => (doc.result.totals[0].paged = 'Paged')],
    ['a tag in a group by itself', (doc: Doc) => doc.result.groups[0].tags.pop()],
    ['a wrong key deep in the tree', (doc: Doc) => (doc.result.tree[0].children[0].by = 'module')],
    ['blocks below none', (doc: Doc) => (doc.result.tags[0].aifoCount = -1)],
  ])('refuses %s', (_what, damage) => {
    const doc = pool();
    damage(doc);
    expect(check(doc)).not.toEqual([]);
  });

  const single = samples().filter(({ path }) => /pool|^kd\/(?!hang)/.test(path));
  const answers: [string, string[], Partial<PoolOptions>][] = [
    ...single.map(({ path }): [string, string[], Partial<PoolOptions>] => [path, [path], {}]),
    ['all of them together', single.map(({ path }) => path), {}],
    [
      'a range, nested',
      ['etl/pool-leak.etl.gz', 'kd/verifier.log'],
      { range: { startUs: 10e6, endUs: 30e6 }, minAgeUs: 3e6, by: ['driver', 'process'], top: 2, stacks: 3 },
    ],
  ];

  it('has samples to check', () => {
    expect(single.length).toBeGreaterThan(5);
  });

  it.each(answers)('holds for the answer of %s', async (_name, paths, options) => {
    const trace = await open(paths.map(sample));
    const report = await analyzePool(trace, options);
    trace.close();
    const doc = JSON.parse(render(report, { format: 'json' }));
    expect(check(doc)).toEqual([]);
    expect(doc.result.tags.length + doc.result.blocks.length).toBeGreaterThan(0);
  });
});

describe('the schema of dump', () => {
  const check = validator('dump');

  it.each([
    ['an address without 0x', (doc: Doc) => (doc.result.threads[0].id = '89cd9c10')],
    ['an address with zeros in front', (doc: Doc) => (doc.result.waitEdges[0].to = '0x0089cd9c10')],
    ['a node of an unknown kind', (doc: Doc) => (doc.result.chains[0].root.node = 'file:a')],
    ['an unknown kind of edge', (doc: Doc) => (doc.result.waitEdges[0].kind = 'spinlock')],
    ['an unknown end of a chain', (doc: Doc) => (doc.result.chains[0].root.why = 'tired')],
    ['a chain of nobody', (doc: Doc) => (doc.result.chains[0].threads = [])],
    ['three parameters', (doc: Doc) => doc.result.system.bugcheck.parameters.pop()],
    ['a wait below none', (doc: Doc) => (doc.result.order[0].waitMs = -1)],
    ['an edge that is somewhat certain', (doc: Doc) => (doc.result.waitEdges[0].certain = 'yes')],
    [
      'a completion armed for what is none',
      (doc: Doc) => doc.result.irps.list[0].locations[0].control.invokeOn.push('failure'),
    ],
  ])('refuses %s', (_what, damage) => {
    const doc = dump();
    damage(doc);
    expect(check(doc)).not.toEqual([]);
  });

  it('takes an answer that holds nothing, and one of many threads', () => {
    for (const result of [resultOf(), hungMachine()]) expect(check(envelope('dump', result))).toEqual([]);
  });
});

describe('the schema of events', () => {
  const check = validator('events', 'event');

  it.each([
    ['a GUID as payload', { payloadHex: '{00ff}' }],
    ['fields as text', { fields: 'a=1' }],
    ['a stack as text', { stack: 'a.sys!b' }],
    ['a frame without its module', { stack: [{ address: null, function: null }] }],
    ['an address with zeros in front', { stack: [{ address: '0x0089', module: null, function: null }] }],
    ['a time as text', { atUs: '12.5' }],
  ])('refuses %s', (_what, part) => {
    expect(check({ ...event(), ...part })).not.toEqual([]);
  });

  const logs = samples().filter(({ path }) => path.startsWith('etl/'));

  it('has samples to check', () => {
    expect(logs.length).toBeGreaterThan(1);
  });

  it.each(logs.map(({ path }) => [`samples/${path}`]))('holds for every event of %s', (path) => {
    const printed = tracekit(['events', path, '--json', '--limit', '0', '--quiet']);
    expect([printed.code, printed.err]).toEqual([0, '']);
    const doc = JSON.parse(printed.out);
    expect(validator('events')(doc)).toEqual([]);
    expect(doc.result.events.length).toBe(doc.sources[0].read);
    const lines = tracekit(['events', path, '--format', 'ndjson', '--quiet']).out.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(doc.result.events);
    expect(lines.flatMap((line) => check(JSON.parse(line)))).toEqual([]);
  });
});

describe('docs/json.md', () => {
  const text = readFileSync(join(import.meta.dirname, '../docs/json.md'), 'utf8');

  it('names every field that the contract fixes', () => {
    const names = new Set(
      [...places(dpc()), ...places(pool()), ...places(info()), ...places(events())].map(
        (place) => place.split('/').at(-1) as string,
      ),
    );
    expect([...names].filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
  });
});

/** JSON pointers of all fields of objects in a document. */
function places(value: Doc, at = ''): string[] {
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const place = `${at}/${key}`;
    return Array.isArray(value) ? places(inner, place) : [place, ...places(inner, place)];
  });
}

function without(doc: Doc, place: string): Doc {
  const path = place.split('/').slice(1);
  const last = path.pop() as string;
  delete path.reduce((value, key) => value[key], doc)[last];
  return doc;
}

it('has no validator for an unknown command', () => {
  expect(() => validator('nonsense')).toThrow('no schema');
});
