/** Discontinuities, what is new or has stopped, rates that change, bursts; and that even streams have none of these. */
import { describe, expect, it } from 'vitest';
import { burstsOf } from '../src/analyses/errors/bursts.js';
import type { Change } from '../src/index.js';
import { makeScenario, play, pureNoise } from './generate/messages/truth.js';
import { textTrace } from './generate/messages/write-text-trace.js';
import { type Random, seeded } from './generate/random.js';
import { errorsOf, type TableRow, tableOf } from './support/errors.js';

const SECOND = 1e6;

/** `count` instants spread evenly at random. */
const instants = (random: Random, count: number, fromUs: number, toUs: number): number[] =>
  Array.from({ length: count }, () => random.whole(fromUs, toUs)).sort((a, b) => a - b);

const said = (message: string, atUs: readonly number[], tid = 8): TableRow[] =>
  atUs.map((at) => ({ atUs: at, pid: 4, tid, message }));

const answer = async (...rows: readonly TableRow[][]) =>
  (await errorsOf(tableOf(rows.flat().sort((a, b) => a.atUs - b.atUs)))).result;

describe('a gap', () => {
  const random = seeded(3);
  const busy = (tid: number): TableRow[] =>
    said(
      'Lamp is on',
      [...instants(random, 600, 0, 30 * SECOND), ...instants(random, 600, 42 * SECOND, 60 * SECOND)],
      tid,
    );

  it('of everybody is one of the whole trace and of each thread', async () => {
    const [a, b] = [busy(8), busy(12)];
    const { gaps } = await answer(a, b);
    const lastOf = (rows: TableRow[]): number => Math.max(...rows.map(({ atUs }) => atUs).filter((at) => at < 40e6));
    const firstOf = (rows: TableRow[]): number => Math.min(...rows.map(({ atUs }) => atUs).filter((at) => at > 40e6));
    const whole = [...a, ...b];
    const expected = [
      [null, lastOf(whole), firstOf(whole)],
      [8, lastOf(a), firstOf(a)],
      [12, lastOf(b), firstOf(b)],
    ];
    const long = gaps.filter(({ durationMs }) => durationMs > 5000);
    const start = Math.min(...whole.map(({ atUs }) => atUs));
    expect(long.map(({ tid, startUs, durationMs }) => [tid, startUs, startUs + durationMs * 1000])).toEqual(
      expected
        .map(([tid, from, to]) => [tid, (from as number) - start, (to as number) - start])
        .sort((x, y) =>
          x[0] === null
            ? -1
            : y[0] === null
              ? 1
              : (y[2] as number) - (y[1] as number) - ((x[2] as number) - (x[1] as number)),
        ),
    );
    expect(long.every(({ usualMs, durationMs }) => usualMs * 5 <= durationMs)).toBe(true);
  });

  it('of one thread is no gap of the others', async () => {
    const { gaps } = await answer(busy(8), said('Lamp is off', instants(random, 3000, 0, 60 * SECOND), 12));
    expect(gaps.map(({ tid }) => tid)).toEqual([8]);
    expect(gaps[0].evidence[0].quote).toContain('Lamp is on');
  });

  it('is told of columns other than the thread', async () => {
    const rows = [...busy(8), ...busy(12)].sort((a, b) => a.atUs - b.atUs);
    const { gaps } = (await errorsOf(tableOf(rows), { by: 'process' })).result;
    expect(gaps.map(({ pid, tid }) => [pid, tid])).toEqual([
      [null, null],
      [4, null],
    ]);
  });

  it.each([2, 3])('of generated traces is found where the truth has it (seed %i)', async (seed) => {
    const source = (tid: number) => ({
      kind: 'poisson' as const,
      spoken: {
        text: 'Lamp <num> is on',
        provider: 'Lamp',
        file: 'l.c',
        line: 1,
        function: 'L',
        level: 4 as const,
        severity: null,
      },
      process: { name: 'lamp.exe', pid: 100 },
      tids: [tid],
      stretches: [{ fromUs: 0, toUs: 100 * SECOND, ratePerS: 30 }],
    });
    const log = play(
      makeScenario({
        seed,
        lengthUs: 100 * SECOND,
        sources: [source(1520), source(1524)],
        gaps: [
          { fromUs: 20 * SECOND, toUs: 29 * SECOND, tid: null },
          { fromUs: 60 * SECOND, toUs: 75 * SECOND, tid: 1524 },
        ],
      }),
    );
    const { gaps } = (await errorsOf(textTrace(log, { time: 'seconds' }))).result;
    for (const truth of log.truth.gaps) {
      const found = gaps.find(
        ({ tid, startUs }) => tid === truth.tid && Math.abs(startUs + log.truth.firstUs - truth.fromUs) < 2,
      );
      expect(found?.durationMs).toBeCloseTo((truth.toUs - truth.fromUs) / 1000, 2);
    }
    expect(gaps.filter(({ tid }) => tid === null)).toHaveLength(1);
  });

  it('is none between sources, nor where a clock was set back', async () => {
    const rows = said('Lamp is on', instants(random, 900, 0, 60 * SECOND));
    const two = (await errorsOf([tableOf(rows), tableOf(rows)], { diff: true })).result;
    expect(two.gaps).toEqual([]);
    const back = rows.map((row, i) => ({ ...row, atUs: row.atUs + (i < 500 ? 1800 * SECOND : 0) }));
    expect((await errorsOf(tableOf(back))).result.gaps).toEqual([]);
  });

  it('is found in a log with the newest first', async () => {
    const rows = busy(8).reverse();
    const { gaps } = (await errorsOf(tableOf(rows))).result;
    expect(gaps.map(({ tid, durationMs }) => [tid, Math.round(durationMs / 1000)])).toEqual([
      [null, 12],
      [8, 12],
    ]);
  });
});

describe('what changes', () => {
  const random = seeded(11);
  const even = (rate: number, fromS: number, toS: number): number[] =>
    instants(random, Math.round(rate * (toS - fromS)), fromS * SECOND, toS * SECOND);
  const ground = (): TableRow[] => said('Lamp is on', even(20, 0, 100), 12);
  const of = (changes: readonly Change[], template: string) =>
    changes.filter((change) => change.template === template).map(({ kind }) => kind);

  it('is new, or has stopped', async () => {
    const { changes } = await answer(
      ground(),
      said('Fan runs', even(3, 40, 100)),
      said('Pump runs', even(3, 0, 70)),
      said('Valve opens', even(3, 30, 60)),
      said('Sensor reads', even(3, 0, 100)),
    );
    expect(of(changes, 'Fan runs')).toEqual(['new']);
    expect(of(changes, 'Pump runs')).toEqual(['stopped']);
    expect(of(changes, 'Valve opens').sort()).toEqual(['new', 'stopped']);
    expect(of(changes, 'Sensor reads')).toEqual([]);
    expect(of(changes, 'Lamp is on')).toEqual([]);
    const fan = changes.find(({ template }) => template === 'Fan runs');
    expect([(fan?.atUs ?? 0) / SECOND > 39, (fan?.atUs ?? 0) / SECOND < 42, fan?.before]).toEqual([true, true, 0]);
    expect(fan?.after).toBeCloseTo(3, 0);
  });

  it('is faster, or slower', async () => {
    const { changes } = await answer(
      ground(),
      said('Fan runs', [...even(2, 0, 50), ...even(12, 50, 100)]),
      said('Pump runs', [...even(12, 0, 50), ...even(2, 50, 100)]),
      said('Valve opens', [...even(5, 0, 50), ...even(6, 50, 100)]),
    );
    expect(of(changes, 'Fan runs')).toEqual(['faster']);
    expect(of(changes, 'Pump runs')).toEqual(['slower']);
    expect(of(changes, 'Valve opens')).toEqual([]);
    for (const { template, atUs, before, after } of changes.filter(({ template }) => /runs/.test(template))) {
      expect(Math.abs(atUs / SECOND - 50)).toBeLessThan(3);
      expect([Math.min(before, after), Math.max(before, after)].map(Math.round), template).toEqual([2, 12]);
    }
  });

  it('is nothing that two bursts could tell', async () => {
    const bursts = [55, 80].flatMap((s) => Array.from({ length: 12 }, (_, i) => s * SECOND + i * 500));
    const { changes } = await answer(ground(), said('Queue is full', bursts));
    expect(of(changes, 'Queue is full')).toEqual([]);
  });

  it('is told of a window where one is given', async () => {
    const rows = [
      ground(),
      said('Fan runs', [41 * SECOND, 42 * SECOND]),
      said('Pump runs', [5 * SECOND, 44 * SECOND]),
      said('Valve opens', [90 * SECOND]),
    ]
      .flat()
      .sort((a, b) => a.atUs - b.atUs);
    const { changes } = (await errorsOf(tableOf(rows), { window: { startUs: 40e6, endUs: 60e6 } })).result;
    expect(changes.map(({ template, kind }) => `${template} ${kind}`).sort()).toEqual([
      'Fan runs new',
      'Fan runs stopped',
      'Pump runs stopped',
    ]);
  });

  it.each([
    ['dense, all lengths of the last part', 0.1, [47, 50, 55, 59.9, 60, 63.9, 64, 64.1]],
    ['long', 1, [4999, 5000, 5003]],
  ])('at a constant rate is nothing: %s', async (_, periodS, lengths) => {
    for (const length of lengths) {
      const times = Array.from({ length: Math.floor(length / periodS) }, (_, i) => Math.round(i * periodS * SECOND));
      const rows = said('Fan runs', times);
      for (const order of [rows, rows.toReversed()]) {
        expect((await errorsOf(tableOf(order))).result.changes, `${length} s`).toEqual([]);
      }
    }
  });

  it.each([
    ['in the middle', 2000, 5600, 7600],
    ['late', 2000, 5600, 6100],
    ['early', 300, 3900, 7600],
    ['far longer than all else', 150, 3750, 3900],
  ])('behind a pause %s is nothing', async (_, fromS, toS, endS) => {
    const { changes } = await answer(said('Fan runs', [...even(1, 0, fromS), ...even(1, toS, endS)]));
    expect(changes).toEqual([]);
  });

  it('is nothing where a message begins a little late, and goes on evenly', async () => {
    const { changes } = await answer(said('Lamp is on', even(4, 0, 1200), 12), said('Fan runs', even(2, 37, 1200)));
    expect(changes).toEqual([]);
  });

  it('in even streams is nothing, over 200 seeds', async () => {
    const wrong: string[] = [];
    for (let seed = 1; seed <= 200; seed++) {
      const log = play(pureNoise(seed));
      if (log.messages.length === 0) continue;
      const { changes, gaps } = (await errorsOf(textTrace(log, { time: 'seconds' }))).result;
      wrong.push(...changes.map(({ kind, template }) => `${seed}: ${template} ${kind}`));
      wrong.push(...gaps.map(({ tid, durationMs }) => `${seed}: gap of ${tid}, ${durationMs} ms`));
    }
    expect(wrong).toEqual([]);
  }, 120_000);
});

describe('bursts', () => {
  it('are messages far closer together than usual', () => {
    const burst = (at: number, count: number): number[] => Array.from({ length: count }, (_, i) => at + i * 100);
    const times = Float64Array.from([...burst(0, 7), ...burst(1e6, 12), ...burst(2e6, 3), 5e6, 9e6]);
    expect(burstsOf(times, 9e6 / (times.length - 1))).toEqual({ count: 2, largest: 12, longestUs: 1100 });
  });

  it('are none in an even stream', () => {
    for (let seed = 0; seed < 200; seed++) {
      const times = Float64Array.from(instants(seeded(seed), 200, 0, 60 * SECOND));
      expect(burstsOf(times, (times[199] - times[0]) / 199)).toBeNull();
    }
    expect(burstsOf(new Float64Array(0), 0)).toBeNull();
    expect(burstsOf(Float64Array.of(5), 0)).toBeNull();
  });

  it('are told with their template', async () => {
    const random = seeded(1);
    const bursts = [10, 30, 55].flatMap((s) => Array.from({ length: 9 }, (_, i) => s * SECOND + i * 1000));
    const { templates } = await answer(
      said(
        'Queue is full',
        [...bursts, 58 * SECOND].sort((a, b) => a - b),
      ),
      said('Lamp is on', instants(random, 300, 0, 60 * SECOND)),
    );
    expect(templates.map(({ template, bursts: found }) => [template, found])).toEqual(
      expect.arrayContaining([
        ['Queue is full', { count: 3, largest: 9, longestMs: 8 }],
        ['Lamp is on', null],
      ]),
    );
  });
});

describe('the timeline', () => {
  it('holds every message once, in the whole and by template', async () => {
    const random = seeded(8);
    const { messages, timeline, templates } = await answer(
      said('Lamp is on', instants(random, 777, 0, 61 * SECOND)),
      said('Fan runs', instants(random, 55, 3 * SECOND, 9 * SECOND), 12),
    );
    const sum = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0);
    expect([messages, sum(timeline.counts), timeline.counts.length]).toEqual([832, 832, 64]);
    for (const { count, counts } of templates) expect([sum(counts), counts.length]).toEqual([count, 64]);
  });
});
