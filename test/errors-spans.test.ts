/** Spans from messages that begin and end something: durations, names, threads, what stays open. */
import { describe, expect, it } from 'vitest';
import type { Span } from '../src/index.js';
import { makeScenario, type PairSource, play } from './generate/messages/truth.js';
import { textTrace } from './generate/messages/write-text-trace.js';
import { seeded } from './generate/random.js';
import { errorsOf, type TableRow, tableOf } from './support/errors.js';

type Said = readonly [ms: number, message: string, tid?: number, pid?: number];

const rowsOf = (said: readonly Said[]): TableRow[] =>
  said.map(([ms, message, tid = 8, pid = 4]) => ({ atUs: ms * 1000, pid, tid, message }));

const spansOf = async (...said: readonly Said[]): Promise<readonly Span[]> =>
  (await errorsOf(tableOf(rowsOf(said)))).result.spans;

/** Name, thread, how many, and all that their durations say. */
const figures = (spans: readonly Span[]) =>
  spans
    .map(({ name, tid, count, totalMs, maxMs, unfinished, unstarted }) => ({
      name,
      tid,
      count,
      totalMs,
      maxMs,
      unfinished,
      unstarted,
    }))
    .sort((a, b) => (`${a.name} ${a.tid}` < `${b.name} ${b.tid}` ? -1 : 1));

describe('words that begin and end', () => {
  it.each([
    ['Scan started', 'Scan finished', 'Scan'],
    ['Scan starting', 'Scan completed', 'Scan'],
    ['Scan begins', 'Scan ends', 'Scan'],
    ['Start scan', 'Stop scan', 'scan'],
    ['begin lamp scan', 'end lamp scan', 'lamp scan'],
    ['Enter ReadLamp', 'Leave ReadLamp', 'ReadLamp'],
    ['Entering ReadLamp', 'Exiting ReadLamp', 'ReadLamp'],
    ['enter ReadLamp', 'return ReadLamp', 'ReadLamp'],
    ['lamp lock acquired', 'lamp lock released', 'lamp lock'],
    ['Query sent', 'Query received', 'Query'],
    ['Lamp opened', 'Lamp closed', 'Lamp'],
    ['IRP dispatched', 'IRP completed', 'IRP'],
    ['Job 5 started', 'Job 5 finished', 'Job'],
  ])('"%s" and "%s"', async (start, finish, name) => {
    expect(figures(await spansOf([0, start], [7.25, finish]))).toEqual([
      { name, tid: 8, count: 1, totalMs: 7.25, maxMs: 7.25, unfinished: 0, unstarted: 0 },
    ]);
  });

  it.each([
    ['Scan started', 'Lamp finished'],
    ['Scan started', 'Scan paused'],
    ['Enter ReadLamp', 'ReadLamp finished'],
    ['Scan is slow', 'Scan is slower'],
    ['started', 'finished'],
  ])('"%s" and "%s" are no span', async (start, finish) => {
    expect(await spansOf([0, start], [5, finish])).toEqual([]);
  });
});

describe('spans', () => {
  it('of one name nest like calls', async () => {
    const spans = await spansOf(
      [0, 'Scan started'],
      [10, 'Scan started'],
      [15, 'Scan finished'],
      [40, 'Scan finished'],
      [50, 'Scan started'],
      [51, 'Scan finished'],
    );
    expect(figures(spans)).toEqual([
      { name: 'Scan', tid: 8, count: 3, totalMs: 5 + 40 + 1, maxMs: 40, unfinished: 0, unstarted: 0 },
    ]);
    const [{ evidence, firstUs, lastUs, p50Ms, p99Ms }] = spans;
    expect(evidence.map(({ line }) => line)).toEqual([2, 5]);
    expect([firstUs, lastUs, p50Ms, p99Ms]).toEqual([0, 51_000, 5, 40]);
  });

  it('with ids go through each other', async () => {
    const spans = await spansOf(
      [0, 'Request 17 begin'],
      [1, 'Request 18 begin'],
      [2, 'Request 19 begin'],
      [5, 'Request 17 end'],
      [9, 'Request 19 end'],
      [21, 'Request 18 end'],
    );
    expect(figures(spans)).toEqual([
      { name: 'Request', tid: 8, count: 3, totalMs: 5 + 7 + 20, maxMs: 20, unfinished: 0, unstarted: 0 },
    ]);
  });

  it('with ids end in another thread, even of another process', async () => {
    const spans = await spansOf(
      [0, 'Request 17 begin', 8, 4],
      [1, 'Request 18 begin', 8, 4],
      [5, 'Request 17 end', 12, 4],
      [9, 'Request 18 end', 16, 20],
    );
    expect(figures(spans)).toEqual([
      { name: 'Request', tid: 8, count: 2, totalMs: 13, maxMs: 8, unfinished: 0, unstarted: 0 },
    ]);
  });

  it('without ids end in another thread where there is just one', async () => {
    expect(figures(await spansOf([0, 'Scan started', 8], [5, 'Scan finished', 12]))).toEqual([
      { name: 'Scan', tid: 8, count: 1, totalMs: 5, maxMs: 5, unfinished: 0, unstarted: 0 },
    ]);
    const two = await spansOf([0, 'Scan started', 8], [1, 'Scan started', 16], [5, 'Scan finished', 12]);
    expect(two.filter(({ count }) => count > 0)).toEqual([]);
    const other = await spansOf([0, 'Scan started', 8, 4], [5, 'Scan finished', 12, 20]);
    expect(other.filter(({ count }) => count > 0)).toEqual([]);
  });

  it('of two threads are told apart', async () => {
    const spans = await spansOf(
      [0, 'Scan started', 8],
      [1, 'Scan started', 12],
      [5, 'Scan finished', 8],
      [9, 'Scan finished', 12],
    );
    expect(figures(spans)).toEqual([
      { name: 'Scan', tid: 12, count: 1, totalMs: 8, maxMs: 8, unfinished: 0, unstarted: 0 },
      { name: 'Scan', tid: 8, count: 1, totalMs: 5, maxMs: 5, unfinished: 0, unstarted: 0 },
    ]);
  });

  it('that stay open, and ends without a beginning, are counted', async () => {
    const spans = await spansOf(
      [0, 'Scan finished'],
      [1, 'Scan started'],
      [4, 'Scan finished'],
      [5, 'Scan started'],
      [6, 'Scan started'],
      [9, 'Lamp is on'],
    );
    expect(figures(spans)).toEqual([
      { name: 'Scan', tid: 8, count: 1, totalMs: 3, maxMs: 3, unfinished: 2, unstarted: 1 },
    ]);
  });

  it('that never end anywhere are none', async () => {
    expect(await spansOf([0, 'Scan started'], [5, 'Lamp started'], [6, 'Scan started'])).toEqual([]);
  });

  it('are long where the clock went back: never below zero', async () => {
    const [span] = await spansOf([3_600_000, 'Scan started'], [10, 'Scan finished']);
    expect(span === undefined || (span.maxMs ?? 0) >= 0).toBe(true);
  });

  it('of a hundred open at once lose the oldest, which are counted as open', async () => {
    const said: Said[] = Array.from({ length: 100 }, (_, i) => [i, 'Scan started'] as const);
    const ends: Said[] = Array.from({ length: 100 }, (_, i) => [100 + i, 'Scan finished'] as const);
    const [{ count, unfinished, unstarted }] = await spansOf(...said, ...ends);
    expect([count, unfinished, unstarted]).toEqual([16, 84, 84]);
  });
});

describe('durations', () => {
  it('are those of a plain list, percentiles by nearest rank', async () => {
    const random = seeded(99);
    const durations = Array.from({ length: 500 }, () => random.whole(1, 90_000));
    let atUs = 0;
    const rows = durations.flatMap((us) => {
      const startUs = atUs;
      atUs += us + 100;
      return [
        { atUs: startUs, pid: 4, tid: 8, message: 'Scan started' },
        { atUs: startUs + us, pid: 4, tid: 8, message: 'Scan finished' },
      ];
    });
    const [{ count, p50Ms, p99Ms, maxMs, totalMs }] = (await errorsOf(tableOf(rows))).result.spans;
    const sorted = durations.toSorted((a, b) => a - b);
    expect(count).toBe(500);
    expect(p50Ms).toBeCloseTo(sorted[249] / 1000, 6);
    expect(p99Ms).toBeCloseTo(sorted[494] / 1000, 6);
    expect(maxMs).toBeCloseTo(sorted[499] / 1000, 6);
    expect(totalMs).toBeCloseTo(durations.reduce((sum, us) => sum + us, 0) / 1000, 3);
  });

  const pair = (text: readonly [string, string], more: Partial<PairSource>): PairSource => {
    const spoken = {
      provider: 'Lamp',
      file: 'lamp.cpp',
      line: 10,
      function: 'Lamp::Go',
      level: 4 as const,
      severity: null,
    };
    return {
      kind: 'pair',
      start: { ...spoken, text: text[0] },
      finish: { ...spoken, text: text[1], line: 20 },
      key: null,
      name: 'scan',
      process: { name: 'lamp.exe', pid: 1184 },
      tids: [1520, 1524],
      spans: 120,
      medianUs: 40_000,
      unfinished: 0,
      nested: 0,
      ...more,
    };
  };

  it.each<[string, PairSource]>([
    ['one after the other', pair(['Lamp scan started', 'Lamp scan finished'], {})],
    ['nested', pair(['Lamp scan started', 'Lamp scan finished'], { nested: 0.5 })],
    [
      'with ids, some open',
      pair(['Job <num> begin on the lamp', 'Job <num> end on the lamp'], { key: [0, 0], unfinished: 0.1 }),
    ],
    [
      'with ids, nested',
      pair(['Job <num> begin on the lamp', 'Job <num> end on the lamp'], { key: [0, 0], nested: 0.4 }),
    ],
  ])('of generated spans are exact: %s', async (_, source) => {
    for (const seed of [1, 2, 3]) {
      const log = play(makeScenario({ seed, lengthUs: 120_000_000, sources: [source] }));
      const { spans } = (await errorsOf(textTrace(log, { time: 'us' }))).result;
      for (const tid of source.tids) {
        const own = log.truth.spans.filter((span) => span.tid === tid);
        const durations = own.flatMap(({ startUs, endUs }) => (endUs === null ? [] : [endUs - startUs]));
        const found = spans.filter((span) => span.tid === tid);
        expect(found).toHaveLength(1);
        const [{ count, totalMs, maxMs, unfinished, unstarted }] = found;
        expect([count, unfinished, unstarted]).toEqual([durations.length, own.length - durations.length, 0]);
        expect(totalMs).toBeCloseTo(durations.reduce((sum, us) => sum + us, 0) / 1000, 3);
        expect(maxMs).toBeCloseTo(Math.max(...durations) / 1000, 6);
      }
    }
  });
});

it('spans that come in a rhythm are told with their period', async () => {
  const said = Array.from({ length: 40 }, (_, i): Said[] => [
    [i * 250, 'Scan started'],
    [i * 250 + 20 + (i % 7), 'Scan finished'],
  ]);
  const { periodic } = (await errorsOf(tableOf(rowsOf(said.flat())))).result;
  const [span] = periodic.filter(({ kind }) => kind === 'span');
  expect([span?.template, span?.tid ?? null, span?.beats]).toEqual(['Scan', expect.anything(), 40]);
  expect(span?.periodMs).toBeCloseTo(250, 3);
});

describe('spans with one id', () => {
  it('of several names end by their name, in whatever process', async () => {
    const said = Array.from({ length: 5 }, (_, i): Said[] => [
      [i * 20_000, 'Gamma 42 started', 7, 100],
      [i * 20_000 + 1000, 'Delta 42 started', 7, 100],
      [i * 20_000 + 2000, 'Gamma 42 finished', 9, 200],
      [i * 20_000 + 5000, 'Delta 42 finished', 9, 200],
    ]);
    expect(figures(await spansOf(...said.flat()))).toEqual([
      { name: 'Delta', tid: 7, count: 5, totalMs: 20_000, maxMs: 4000, unfinished: 0, unstarted: 0 },
      { name: 'Gamma', tid: 7, count: 5, totalMs: 10_000, maxMs: 2000, unfinished: 0, unstarted: 0 },
    ]);
  });

  it.each(['IRP 0x8a3e0010 completed, status 0', 'Completed IRP 0x8a3e0010'])(
    'that are sent are completed: "%s"',
    async (completed) => {
      const other = completed.replace('0010', '0020');
      const spans = await spansOf(
        [0, 'Sending IRP 0x8a3e0010 to disk', 7, 100],
        [1, 'Sending IRP 0x8a3e0020 to disk', 7, 100],
        [5, completed, 0, 0],
        [9, other, 0, 0],
      );
      expect(figures(spans)).toEqual([
        { name: 'IRP', tid: 7, count: 2, totalMs: 13, maxMs: 8, unfinished: 0, unstarted: 0 },
      ]);
    },
  );

  it('that is missing are not completed by what is sent', async () => {
    expect(await spansOf([0, 'Sending mail'], [5, 'Completed mail'])).toEqual([]);
  });
});

describe('a log with the newest first', () => {
  const said: Said[] = [
    [0, 'Scan finished'],
    [10, 'Job 1 started'],
    [20, 'Job 2 started'],
    [25, 'Scan started'],
    [26, 'Scan started'],
    [30, 'Job 1 finished'],
    [31, 'Scan finished'],
    [50, 'Job 2 finished', 12],
    [55, 'Scan finished'],
    [60, 'Job 3 started'],
    [70, 'Scan started'],
  ];

  it('has the spans of one with the oldest first', async () => {
    const zero = (spans: readonly Span[], us: number) =>
      spans
        .map(({ name, firstUs, lastUs, open }) => [
          name,
          (firstUs ?? 0) + us,
          (lastUs ?? 0) + us,
          open?.quote.slice(-20),
        ])
        .sort();
    const [oldest, newest] = [await spansOf(...said), await spansOf(...said.toReversed())];
    expect(figures(newest)).toEqual(figures(oldest));
    expect(figures(newest)).toEqual([
      { name: 'Job', tid: 8, count: 2, totalMs: 50, maxMs: 30, unfinished: 1, unstarted: 0 },
      { name: 'Scan', tid: 8, count: 2, totalMs: 35, maxMs: 30, unfinished: 1, unstarted: 1 },
    ]);
    // Times count from the first message of the file.
    expect(zero(newest, 70_000)).toEqual(zero(oldest, 0));
    const quotes = newest.flatMap(({ evidence }) => evidence.map(({ quote }) => quote.replace(/^.*\.\d+ /, '')));
    expect(quotes.sort()).toEqual(['Job 2 finished', 'Job 2 started', 'Scan finished', 'Scan started']);
  });

  it('counts its spans as periodic by their starts', async () => {
    const many = Array.from({ length: 40 }, (_, i): Said[] => [
      [i * 250, 'Scan started'],
      [i * 250 + 20 + (i % 7), 'Scan finished'],
    ]).flat();
    const { periodic } = (await errorsOf(tableOf(rowsOf(many.toReversed())))).result;
    const [span] = periodic.filter(({ kind }) => kind === 'span');
    expect([span?.template, span?.beats]).toEqual(['Scan', 40]);
    expect(span?.periodMs).toBeCloseTo(250, 3);
    expect(span?.jitterMs).toBeLessThan(0.01);
  });
});

describe('digits in a name', () => {
  it.each([
    ['Service W32Time started', 'Service W32Time stopped', 'Service W32Time'],
    ['Start W32Time service', 'Stop W32Time service', 'W32Time service'],
  ])('are part of it: "%s"', async (start, finish, name) => {
    expect((await spansOf([0, start], [5, finish])).map((span) => span.name)).toEqual([name]);
  });

  it('tell one from another where they differ', async () => {
    const spans = await spansOf(
      [0, 'Harddisk8 opened'],
      [1, 'Harddisk9 opened'],
      [5, 'Harddisk8 closed'],
      [21, 'Harddisk9 closed'],
    );
    expect(figures(spans)).toEqual([
      { name: 'Harddisk<num>', tid: 8, count: 2, totalMs: 25, maxMs: 20, unfinished: 0, unstarted: 0 },
    ]);
  });

  it('stand beside an id', async () => {
    const spans = await spansOf(
      [0, 'Disk2 request 17 begin'],
      [1, 'Disk2 request 18 begin'],
      [5, 'Disk2 request 17 end'],
      [9, 'Disk2 request 18 end'],
    );
    expect(figures(spans)).toEqual([
      { name: 'Disk2 request', tid: 8, count: 2, totalMs: 13, maxMs: 8, unfinished: 0, unstarted: 0 },
    ]);
  });
});
