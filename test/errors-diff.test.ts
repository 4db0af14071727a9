/** Two traces side by side. */
import { describe, expect, it } from 'vitest';
import type { TraceDiff } from '../src/index.js';
import { type Random, seeded } from './generate/random.js';
import { errorsOf, type TableRow, tableOf } from './support/errors.js';

const SECOND = 1e6;
const LENGTH = 100 * SECOND;

const some = (random: Random, message: string, count: number, tid = 8): TableRow[] =>
  Array.from({ length: count }, () => ({ atUs: random.whole(0, LENGTH), pid: 4, tid, message }));

/** Messages, and one at each end so that both traces are as long. */
const trace = (...rows: readonly TableRow[][]): string =>
  tableOf(
    [
      ...rows.flat(),
      { atUs: 0, pid: 4, tid: 2, message: 'Lamp service says hello' },
      { atUs: LENGTH, pid: 4, tid: 2, message: 'Lamp service says goodbye' },
    ].sort((a, b) => a.atUs - b.atUs),
  );

async function diffOf(...traces: readonly string[]): Promise<TraceDiff> {
  const { diff } = (await errorsOf(traces, { diff: true })).result;
  if (diff === null) throw new Error('no diff');
  return diff;
}

const changesIn = ({ templates }: TraceDiff): Record<string, string> =>
  Object.fromEntries(templates.map(({ template, change }) => [template, change]));

describe('templates', () => {
  const a = seeded(1);
  const b = seeded(2);
  const before = trace(
    some(a, 'Fan runs', 400),
    some(a, 'Pump runs', 400),
    some(a, 'Valve opens', 400),
    some(a, 'Disk failed with 5', 40),
    some(a, 'Sensor reads', 20),
  );
  const after = trace(
    some(b, 'Fan runs', 900),
    some(b, 'Pump runs', 150),
    some(b, 'Valve opens', 430),
    some(b, 'Heater failed', 60),
    some(b, 'Sensor reads', 27),
  );

  it('are new, gone, faster, slower, or the same', async () => {
    const diff = await diffOf(before, after);
    expect(changesIn(diff)).toEqual({
      'Fan runs': 'faster',
      'Pump runs': 'slower',
      'Valve opens': 'same',
      'Disk failed with 5': 'gone',
      'Heater failed': 'new',
      'Sensor reads': 'same',
      'Lamp service says hello': 'same',
      'Lamp service says goodbye': 'same',
    });
    const order = ['new', 'gone', 'faster', 'slower', 'same'];
    const places = diff.templates.map(({ change }) => order.indexOf(change));
    expect(places).toEqual(places.toSorted((x, y) => x - y));
  });

  it('have their counts and rates', async () => {
    const { templates } = await diffOf(before, after);
    const fan = templates.find(({ template }) => template === 'Fan runs');
    expect(fan).toMatchObject({ countA: 400, countB: 900, perSecondA: 4, perSecondB: 9, ratio: 2.25 });
    const heater = templates.find(({ template }) => template === 'Heater failed');
    expect(heater).toMatchObject({ countA: 0, countB: 60, ratio: null });
    for (const { evidence } of templates) expect(evidence).toHaveLength(1);
  });

  it('are turned round with the traces', async () => {
    const there = changesIn(await diffOf(before, after));
    const back = changesIn(await diffOf(after, before));
    const turned: Record<string, string> = {
      new: 'gone',
      gone: 'new',
      faster: 'slower',
      slower: 'faster',
      same: 'same',
    };
    expect(back).toEqual(Object.fromEntries(Object.entries(there).map(([name, change]) => [name, turned[change]])));
  });

  it('of a trace and itself are all the same', async () => {
    const { templates, spans } = await diffOf(before, before);
    expect([...new Set(templates.map(({ change }) => change))]).toEqual(['same']);
    for (const { countA, countB } of [...templates, ...spans]) expect(countA).toBe(countB);
  });

  it('of the first trace are held against all others together', async () => {
    const { templates } = await diffOf(before, after, after);
    expect(templates.find(({ template }) => template === 'Heater failed')).toMatchObject({ countA: 0, countB: 120 });
  });

  it('of even streams with one rate are the same, over 200 seeds', async () => {
    const wrong: string[] = [];
    for (let seed = 0; seed < 200; seed++) {
      const random = seeded(seed * 7 + 1);
      const counts = Array.from({ length: 6 }, () => random.whole(20, 300));
      const names = ['Fan runs', 'Pump runs', 'Valve opens', 'Heater fails', 'Sensor reads', 'Lamp glows'];
      const one = (): string =>
        trace(
          ...names.map((name, i) =>
            some(random, name, counts[i] + Math.round((random.next() - 0.5) * 2 * Math.sqrt(counts[i]))),
          ),
        );
      const changes = changesIn(await diffOf(one(), one()));
      wrong.push(
        ...Object.entries(changes)
          .filter(([, change]) => change !== 'same')
          .map(([name, change]) => `${seed} ${name} ${change}`),
      );
    }
    expect(wrong).toEqual([]);
  }, 60_000);
});

it('periods are told of both', async () => {
  const beats = (periodUs: number): TableRow[] =>
    Array.from({ length: Math.floor(LENGTH / periodUs) }, (_, i) => ({
      atUs: i * periodUs,
      pid: 4,
      tid: 8,
      message: 'Queue is full',
    }));
  const { templates } = await diffOf(trace(beats(2 * SECOND)), trace(beats(5 * SECOND)));
  const queue = templates.find(({ template }) => template === 'Queue is full');
  expect([queue?.periodMsA, queue?.periodMsB].map((ms) => Math.round(ms ?? 0))).toEqual([2000, 5000]);
});

it('spans are told of both, all threads together', async () => {
  const spans = (count: number, us: number, tid: number): TableRow[] =>
    Array.from({ length: count }, (_, i) => [
      { atUs: i * 100_000, pid: 4, tid, message: 'Scan started' },
      { atUs: i * 100_000 + us, pid: 4, tid, message: 'Scan finished' },
    ]).flat();
  const { spans: found } = await diffOf(
    trace(spans(10, 1000, 8), spans(10, 3000, 12)),
    trace(spans(40, 5000, 8), [
      { atUs: 90 * SECOND, pid: 4, tid: 8, message: 'Load started' },
      { atUs: 91 * SECOND, pid: 4, tid: 8, message: 'Load finished' },
    ]),
  );
  expect(found).toEqual([
    { name: 'Load', countA: 0, countB: 1, meanMsA: null, meanMsB: 1000, maxMsA: null, maxMsB: 1000 },
    { name: 'Scan', countA: 20, countB: 40, meanMsA: 2, meanMsB: 5, maxMsA: 3, maxMsB: 5 },
  ]);
});

it('one trace alone has no diff', async () => {
  expect((await errorsOf(trace())).result.diff).toBeNull();
});
