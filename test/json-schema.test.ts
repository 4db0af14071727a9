import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { analyzeErrors, analyzePool, type ErrorsOptions, open, type PoolOptions, render } from '../src/index.js';
import { EMPTY_ERRORS } from '../src/report/errors.js';
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

const whose = { pid: 2716, tid: 6008, process: 'store.exe' };
const retrying = { template: 'sleeps on error (retry <num>)', level: 'warning' };
const named = { code: 2, name: 'CHECK CONDITION' };

/** Every list of an answer of errors has an entry, and every field that may be null a value. */
const errors = (): Doc =>
  structuredClone(
    envelope('errors', {
      window: { startUs: -5, endUs: 60_000_000 },
      messages: 40,
      withoutTime: 1,
      perSecond: 0.65,
      by: 'thread',
      templates: [
        {
          ...retrying,
          id: '0f9599b4',
          provider: 'OrderStore',
          function: 'Retry',
          eventId: 101,
          count: 2,
          levelFrom: 'code',
          reason: 'the message reports E_FAIL',
          worstCount: 3,
          firstUs: 0,
          lastUs: 6_656_000,
          perSecond: 0.03,
          percent: 5,
          pids: [2716],
          tids: [6008],
          processes: ['store.exe'],
          hasMoreThreads: false,
          codes: [
            {
              text: '0x80004005',
              at: 12,
              kind: 'hresult',
              value: 0x80004005,
              hex: '0x80004005',
              name: 'E_FAIL',
              description: null,
              severity: 'error',
              announced: true,
            },
          ],
          parameters: [{ type: 'number', distinct: 2, values: ['11', '12'], min: 11, max: 12 }],
          bursts: { count: 1, largest: 6, longestMs: 0.5 },
          counts: [1, 1],
          examples: [evidence],
        },
      ],
      periodic: [
        {
          ...whose,
          ...retrying,
          kind: 'message',
          templateId: '0f9599b4',
          key: null,
          periodMs: 6656,
          jitterMs: 12.5,
          count: 2,
          phaseMs: 0,
          confidence: 'low',
          chance: 1e-7,
          beats: 2,
          missed: 0,
          extra: 0,
          perBeat: 1,
          stretches: 1,
          isPartial: false,
          driftPercent: -0.5,
          firstUs: 0,
          lastUs: 6_656_000,
          retry: { first: 11, last: 12, step: 1, resets: 0, template: 'sleeps on error (retry <num>)' },
          group: 0,
          evidence: [evidence],
        },
      ],
      groups: [
        {
          periodMs: 6656,
          members: [
            { periodic: 0, lagMs: 0 },
            { periodic: 1, lagMs: null },
          ],
        },
      ],
      gaps: [{ ...whose, key: null, startUs: 5, durationMs: 14_000, usualMs: 1048.576, evidence: [evidence] }],
      spans: [
        {
          ...whose,
          name: 'Request',
          count: 3,
          p50Ms: 1,
          p99Ms: 2,
          maxMs: 2,
          totalMs: 4,
          unfinished: 1,
          unstarted: 0,
          open: evidence,
          firstUs: 5,
          lastUs: 9,
          evidence: [evidence, evidence],
        },
      ],
      changes: [
        { ...retrying, kind: 'new', templateId: '0f9599b4', atUs: 5, before: 0, after: 1.5, evidence: [evidence] },
      ],
      threads: [{ ...whose, key: null, count: 40, percent: 100, perSecond: 0.65, firstUs: 0, lastUs: 5 }],
      disks: [
        {
          kind: 'retried',
          disk: 'Harddisk1\\DR1',
          lba: '0x10078',
          scsiStatus: named,
          srbStatus: { code: 4, name: 'ERROR', autosenseValid: true, queueFrozen: false },
          command: { code: 0x2a, name: 'WRITE(10)' },
          sense: { key: { code: 11, name: 'ABORTED COMMAND' }, asc: 0, ascq: 0, name: null },
          finalStatus: 0,
          meaning: 'the disk aborted the command',
          isTimeout: false,
          isReset: null,
          provider: 'disk',
          eventId: 153,
          count: 1,
          firstUs: null,
          lastUs: 5,
          evidence: [evidence],
        },
      ],
      timeline: { startUs: -5, binUs: 937_500, counts: [1, 0] },
      diff: {
        templates: [
          {
            ...retrying,
            id: '0f9599b4',
            change: 'faster',
            countA: 1,
            countB: 5,
            perSecondA: 0.1,
            perSecondB: 0.5,
            ratio: 5,
            periodMsA: null,
            periodMsB: 6656,
            evidence: [evidence],
          },
        ],
        spans: [{ name: 'Request', countA: 0, countB: 3, meanMsA: null, meanMsB: 1.5, maxMsA: null, maxMsB: 2 }],
      },
    }),
  );

describe.each([
  ['dpc', dpc],
  ['pool', pool],
  ['dump', dump],
  ['errors', errors],
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

describe('the schema of errors', () => {
  const check = validator('errors');

  it.each([
    ['an unknown level', (doc: Doc) => (doc.result.templates[0].level = 'fatal')],
    ['a level from nowhere', (doc: Doc) => (doc.result.templates[0].levelFrom = null)],
    ['an id in capitals', (doc: Doc) => (doc.result.templates[0].id = '0F9599B4')],
    ['an unknown type of a variable', (doc: Doc) => (doc.result.templates[0].parameters[0].type = 'float')],
    ['a code of another world', (doc: Doc) => (doc.result.templates[0].codes[0].kind = 'http')],
    ['a period of none', (doc: Doc) => (doc.result.periodic[0].periodMs = 0)],
    ['a rhythm that is somewhat sure', (doc: Doc) => (doc.result.periodic[0].confidence = 0.8)],
    ['an unknown kind of series', (doc: Doc) => (doc.result.periodic[0].kind = 'cswitch')],
    ['a group of one', (doc: Doc) => doc.result.groups[0].members.pop()],
    ['a gap below none', (doc: Doc) => (doc.result.gaps[0].durationMs = -1)],
    ['an unknown change', (doc: Doc) => (doc.result.changes[0].kind = 'gone')],
    ['more than all', (doc: Doc) => (doc.result.threads[0].percent = 101)],
    ['an unknown disk event', (doc: Doc) => (doc.result.disks[0].kind = 'smart')],
    ['an SRB status without its flags', (doc: Doc) => (doc.result.disks[0].srbStatus = named)],
    ['an unknown difference', (doc: Doc) => (doc.result.diff.templates[0].change = 'stopped')],
    ['a column that --by does not know', (doc: Doc) => (doc.result.by = 'module')],
  ])('refuses %s', (_what, damage) => {
    const doc = errors();
    damage(doc);
    expect(check(doc)).not.toEqual([]);
  });

  it('takes an answer that holds nothing', () => {
    expect(check(envelope('errors', EMPTY_ERRORS))).toEqual([]);
  });

  const messages = samples().filter(({ path }) =>
    /^(?:text-trace|wpp-text|cdf-csv|debugview|log-text|eventlog-\w+)\/|messages/.test(path),
  );
  const answers: [string, string[], Partial<ErrorsOptions>][] = [
    ...messages.map(({ path }): [string, string[], Partial<ErrorsOptions>] => [path, [path], { confidence: 'low' }]),
    ['two traces', ['text-trace/retry.txt', 'debugview/retry.log'], { diff: true }],
    ['traces of several clocks', ['text-trace/retry.txt', 'log-text/retry.log', 'eventlog-xml/disk.xml'], {}],
    [
      'a part of a trace, with a template that is pinned',
      ['cdf-csv/retry.csv'],
      {
        by: 'function',
        window: { startUs: 50e6, endUs: 150e6 },
        range: { startUs: 20e6, endUs: 190e6 },
        rules: [{ pattern: 'Quota of * stands at *', level: 'warning' }],
        sampleLines: 0,
      },
    ],
    ['a raw log of the kernel alone', ['etl/stutter.etl'], {}],
  ];

  it('has samples to check', () => {
    expect(messages.length).toBeGreaterThan(7);
  });

  it.each(answers)('holds for the answer of %s', async (_name, paths, options) => {
    const trace = await open(paths.map(sample));
    const report = await analyzeErrors(trace, options);
    trace.close();
    const doc = JSON.parse(render(report, { format: 'json' }));
    expect(check(doc)).toEqual([]);
    const known = new Set(places(errors().result).map((place) => place.split('/').at(-1)));
    const unknown = places(doc.result).filter((place) => !known.has(place.split('/').at(-1)));
    expect(unknown, 'fields that the contract does not name').toEqual([]);
    expect(doc.result.messages > 0).toBe(!paths[0].startsWith('etl/'));
  });

  it('has samples that fill the lists', async () => {
    const filled = new Set<string>();
    for (const [, paths, options] of answers) {
      const trace = await open(paths.map(sample));
      const { result } = await analyzeErrors(trace, options);
      trace.close();
      for (const [name, value] of Object.entries(result))
        if (!Array.isArray(value) || value.length > 0) filled.add(name);
    }
    const lists = ['templates', 'periodic', 'groups', 'spans', 'changes', 'threads', 'disks'];
    expect([...filled]).toEqual(expect.arrayContaining(lists));
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
      [...places(dpc()), ...places(pool()), ...places(errors()), ...places(info()), ...places(events())].map(
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
