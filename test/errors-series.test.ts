/** What is kept of each series, against lists that keep everything. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KEPT, MAX_SERIES, SeriesStore } from '../src/analyses/errors/series.js';
import { Strips } from '../src/analyses/errors/strips.js';
import { IntKeys } from '../src/core/int-keys.js';
import { seeded } from './generate/random.js';

/** Blocks of 15 instants: so many more than asked for may be kept at either end. */
const BLOCK = 15;
const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

/** What the store must say of a series, by all its instants in the order in which they came. */
function holds(store: SeriesStore, series: number, all: readonly number[]): void {
  expect([store.total(series), store.firstUs(series), store.lastUs(series)]).toEqual([all.length, all[0], all.at(-1)]);
  const { start, end } = store.instants(series);
  if (end.length === 0) {
    expect(all.length).toBeLessThanOrEqual(KEPT + BLOCK);
    expect([...start]).toEqual(sorted(all));
    return;
  }
  expect([...start]).toEqual(sorted(all.slice(0, start.length)));
  expect(start.length).toBeGreaterThanOrEqual(KEPT);
  expect([...end]).toEqual(sorted(all.slice(all.length - end.length)));
  expect(start.length + end.length).toBeLessThanOrEqual(all.length);
  // The ring's block that is written to lacks what has not come yet.
  const most = Math.min(all.length - start.length, KEPT - BLOCK);
  expect(end.length).toBeGreaterThanOrEqual(most);
  expect(end.length).toBeLessThanOrEqual(KEPT + BLOCK);
}

describe('a series', () => {
  it.each([
    0, 1, 2, 14, 15, 16, 511, 512, 513, 524, 525, 526, 527, 540, 1023, 1024, 1025, 1049, 1050, 1051, 1066, 5000,
  ])('of %i instants', (count) => {
    const store = new SeriesStore();
    const series = store.of(7, 9);
    const all = Array.from({ length: count }, (_, i) => i * 10 + (i % 3));
    for (const [i, atUs] of all.entries()) expect(store.add(series, atUs)).toBe(i + 1);
    if (count === 0) expect([store.total(series), [...store.instants(series).start]]).toEqual([0, []]);
    else holds(store, series, all);
  });

  it('among others, in any order', () => {
    const step = fc.tuple(fc.nat(5), fc.nat(3), fc.nat(400), fc.integer({ min: -50, max: 1000 }));
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
        const store = new SeriesStore();
        const naive = new Map<string, number[]>();
        let atUs = 0;
        for (const [a, b, times, stepUs] of steps) {
          const series = store.of(a, -b);
          const key = `${a} ${-b}`;
          const all = naive.get(key) ?? [];
          naive.set(key, all);
          for (let n = 0; n < times; n++) {
            atUs += stepUs;
            all.push(atUs);
            expect(store.add(series, atUs)).toBe(all.length);
          }
        }
        expect(store.count).toBe(naive.size);
        for (const [key, all] of naive) {
          const [a, b] = key.split(' ').map(Number);
          const series = store.of(a, b);
          expect([store.keyA(series), store.keyB(series)]).toEqual([a, b]);
          if (all.length > 0) holds(store, series, all);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('is one of at most so many', () => {
    const store = new SeriesStore();
    for (let i = 0; i < MAX_SERIES; i++) expect(store.of(i, -i)).toBe(i);
    expect([store.of(-1, 0), store.of(-2, 0), store.left]).toEqual([-1, -1, 2]);
    // Those that are there are found all the same.
    expect([store.of(0, 0), store.of(MAX_SERIES - 1, 1 - MAX_SERIES)]).toEqual([0, MAX_SERIES - 1]);
  });

  it('is counted where there is no room for its instants', () => {
    const store = new SeriesStore();
    const full = 1400;
    for (let i = 0; i < full; i++) {
      const series = store.of(i, 0);
      for (let n = 0; n < 1000; n++) store.add(series, n);
    }
    for (let i = 0; i < full; i++) {
      expect([store.total(i), store.firstUs(i), store.lastUs(i)]).toEqual([1000, 0, 999]);
      const { start, end } = store.instants(i);
      expect(start.length + end.length).toBe(1000);
    }
    // Four hundred thousand blocks of fifteen: enough for five thousand such series and some.
    for (let i = full; i < 6200; i++) {
      const series = store.of(i, 0);
      for (let n = 0; n < 1200; n++) store.add(series, n);
    }
    const last = store.of(6199, 0);
    expect([store.total(last), store.firstUs(last), store.lastUs(last)]).toEqual([1200, 0, 1199]);
    expect(store.instants(last).start.length).toBe(0);
    for (let i = 0; i < 6200; i += 61) {
      const { start, end } = store.instants(i);
      expect([...start]).toEqual(Array.from(start, (_, n) => n));
      for (const at of end) expect(at).toBeLessThan(store.total(i));
    }
  });
});

describe('numbers of tuples', () => {
  it('are those of a map', () => {
    const int = fc.oneof(fc.nat(3), fc.integer(), fc.constantFrom(-2147483648, 2147483647, -1));
    fc.assert(
      fc.property(fc.array(fc.tuple(int, int, int, int), { maxLength: 3000 }), (tuples) => {
        const keys = new IntKeys(1 << 20);
        const naive = new Map<string, number>();
        for (const tuple of tuples) {
          const key = tuple.join();
          const known = naive.get(key);
          expect(keys.find(...tuple)).toBe(known ?? -1);
          if (known === undefined) naive.set(key, naive.size);
          expect(keys.id(...tuple)).toBe(naive.get(key));
        }
        expect(keys.count).toBe(naive.size);
      }),
      { numRuns: 60 },
    );
  });

  it('have a limit, beyond which the known ones are found', () => {
    const keys = new IntKeys(1000);
    for (let i = 0; i < 1000; i++) expect(keys.id(i, i, 0, 0)).toBe(i);
    expect([keys.id(1000, 0, 0, 0), keys.count, keys.id(999, 999, 0, 0)]).toEqual([-1, 1000, 999]);
    expect([keys.part(5, 0), keys.part(5, 3)]).toEqual([5, 0]);
  });
});

describe('counts by parts of the time', () => {
  /** Counts by the store's own parts. */
  const naive = (strips: Strips, instants: readonly number[]): number[] => {
    const counts = new Array<number>(128).fill(0);
    for (const at of instants) counts[Math.floor((at - strips.startUs) / strips.partUs)]++;
    return counts;
  };

  it.each<[string, (i: number, random: () => number) => number]>([
    ['forward', (i) => i * 37_000],
    ['backward', (i) => 1e9 - i * 37_000],
    ['from the middle to both ends', (i) => 5e8 + (i % 2 === 0 ? 1 : -1) * i * 30_000],
    ['at random', (_, random) => Math.floor(random() * 3e9) - 1e9],
    ['all at one instant', () => 42],
  ])('%s', (_, of) => {
    const random = seeded(5);
    const strips = new Strips();
    strips.reserve(1);
    const instants = Array.from({ length: 4000 }, (_, i) => of(i, () => random.next()));
    for (const [i, at] of instants.entries()) {
      const part = strips.part(at);
      strips.count(0, part);
      if (i % 3 === 0) strips.count(1, part);
    }
    expect([...strips.row(0)]).toEqual(naive(strips, instants));
    expect([...strips.row(1)]).toEqual(
      naive(
        strips,
        instants.filter((_, i) => i % 3 === 0),
      ),
    );
  });

  it('of instants far apart', () => {
    const strips = new Strips();
    strips.reserve(0);
    for (const at of [0, 1e15, -1e15, 9e15]) strips.count(0, strips.part(at));
    expect(strips.row(0).reduce((sum, count) => sum + count, 0)).toBe(4);
  });
});
