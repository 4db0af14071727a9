/** Slopes, arrivals and tags in lock-step, with figures worked by hand. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Growing, lockStep } from '../src/analyses/pool/lock-step.js';
import { SLOT_BINS } from '../src/analyses/pool/time-bins.js';
import { arrivals, quantile, theilSen } from '../src/analyses/pool/trend.js';

describe('quantile', () => {
  it.each([
    [[1, 2, 3, 4], 0.5, 2.5],
    [[1, 2, 3, 4], 0, 1],
    [[1, 2, 3, 4], 1, 4],
    [[1, 2, 3, 4], -1, 1],
    [[1, 2, 3, 4], 2, 4],
    [[1, 10], 0.25, 3.25],
    [[7], 0.3, 7],
  ])('of %j at %f is %f', (sorted, share, value) => expect(quantile(sorted, share)).toBe(value));
});

describe('theilSen', () => {
  const from = (values: readonly number[]) =>
    theilSen(
      values.map((_, i) => i),
      values,
    );

  it('takes the median of all slopes, and the wider of two bounds', () => {
    // Slopes of the six pairs, sorted: 1, 1, 1, 10/3, 9/2, 8. Residuals alternate, so nothing is widened.
    const slope = from([0, 1, 2, 10]);
    expect(slope?.perSecond).toBeCloseTo((1 + 10 / 3) / 2, 12);
    // Sen: 1.96 · √(4·3·13/18) / (2·6) = 0.48084 to both sides of the middle, so from 1 to 7.66. As a sum of steps: against the
    // line these are -7/6, -7/6, 35/6; 36.75 - 1.6 · 5.4444 - 1.2 · 6.8056 = 19.872; 1.96 · √(1.2 · 19.872 · 3) / 3 = 5.526 is wider.
    expect(slope?.low).toBeCloseTo(13 / 6 - 5.526, 3);
    expect(slope?.high).toBeCloseTo(13 / 6 + 5.526, 3);
  });

  it('of a line is its slope, without doubt', () => {
    expect(from([5, 8, 11, 14, 17])).toEqual({ perSecond: 3, low: 3, high: 3 });
    expect(from([2, 2, 2, 2])).toEqual({ perSecond: 0, low: 0, high: 0 });
  });

  it('is not known of too few points, or where time stands still', () => {
    expect(from([])).toBeNull();
    expect(from([1, 2, 3])).toBeNull();
    expect(theilSen([1, 1, 1, 1], [1, 2, 3, 4])).toBeNull();
    // Points of one time are not compared with each other.
    expect(theilSen([0, 0, 1, 1], [0, 0, 2, 2])?.perSecond).toBe(2);
  });

  it('is not led astray by a fifth of wrong values', () => {
    const values = Array.from({ length: 50 }, (_, i) => (i % 5 === 2 ? 1e6 * (i % 3) : 10 * i));
    expect(from(values)?.perSecond).toBeCloseTo(10, 0);
  });

  it('has wider bounds where neighbours resemble each other', () => {
    const wave = Array.from({ length: 60 }, (_, i) => Math.sin((2 * Math.PI * i) / 20));
    const shuffled = wave.map((_, i) => wave[(i * 23) % 60]);
    const width = (values: readonly number[]): number => {
      const slope = from(values);
      return slope === null ? 0 : slope.high - slope.low;
    };
    expect(width(wave)).toBeGreaterThan(2 * width(shuffled));
  });

  it('follows shifts and scales, and lies within its bounds', () => {
    const points = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 4, maxLength: 200 });
    fc.assert(
      fc.property(points, fc.integer({ min: 1, max: 9 }), fc.integer({ min: -50, max: 50 }), (values, scale, tilt) => {
        const [plain, changed] = [from(values), from(values.map((v, i) => scale * v + tilt * i + 12_345))];
        expect(changed?.perSecond).toBeCloseTo(scale * (plain?.perSecond ?? 0) + tilt, 6);
        expect(plain?.low).toBeLessThanOrEqual(plain?.perSecond ?? 0);
        expect(plain?.high).toBeGreaterThanOrEqual(plain?.perSecond ?? 0);
      }),
    );
  });
});

describe('arrivals', () => {
  it('that are even', () => {
    expect(arrivals([0, 0, 1, 1, 1, 1, 1, 1], 8)).toEqual({
      total: 6,
      first: 2,
      last: 7,
      occupied: 6,
      effective: 6,
      independent: 6,
      trend: 0,
      lastQuarter: 1,
      lastEighth: 1,
      silence: 1,
    });
  });

  it('in one burst', () => {
    const { trend, silence, ...rest } = arrivals([4, 0, 0, 0], 4);
    expect(rest).toEqual({
      total: 4,
      first: 0,
      last: 0,
      occupied: 1,
      effective: 1,
      independent: 1,
      lastQuarter: 0,
      lastEighth: 0,
    });
    // (0.5 - 2) / (4 / √12)
    expect(trend).toBeCloseTo(-1.299, 3);
    // Three parts empty, where 98 % would be filled.
    expect(silence).toBeCloseTo(0.02 ** 3, 12);
  });

  it('more and more', () => {
    const { trend, effective, independent, lastQuarter, lastEighth } = arrivals([1, 2, 3, 4], 4);
    // Mean (0.5 + 3 + 7.5 + 14) / 10 = 2.5. Neighbours two by two, 3 and 7, differ by 4² / 10 = 1.6 of what chance has.
    expect(effective).toBeCloseTo(100 / 30, 12);
    expect(independent).toBeCloseTo(10 / 1.6, 12);
    expect(trend).toBeCloseTo(0.5 / (4 / Math.sqrt(12 * 6.25)), 12);
    expect(lastQuarter).toBeCloseTo(4 / 2.5, 12);
    expect(lastEighth).toBeCloseTo(2 / 1.25, 12);
  });

  it('up to an end, without what is below nothing', () => {
    expect(arrivals([1, 1, 9], 2).total).toBe(2);
    expect(arrivals([1, -3, 1, 0], 4)).toMatchObject({ total: 2, occupied: 2, first: 0, last: 2 });
    for (const [counts, end] of [
      [[], 0],
      [[0, 0], 2],
      [[0, 5], 1],
      [[-1], 1],
    ] as const)
      expect(arrivals(counts, end)).toMatchObject({ total: 0, first: -1, last: -1, effective: 0, silence: 1 });
  });
});

describe('lockStep', () => {
  /** A tag with `each` blocks in every part that `parts` names. */
  const growing = (
    tag: string,
    each: number,
    parts: (i: number) => boolean,
    paged: boolean | null = false,
  ): Growing => {
    const out = Float64Array.from({ length: SLOT_BINS }, (_, i) => (parts(i) ? each : 0));
    return { tag, paged, out, count: out.reduce((a, b) => a + b, 0) };
  };
  const even = (i: number): boolean => i % 2 === 0;
  const odd = (i: number): boolean => i % 2 === 1;

  it('finds tags whose blocks keep a ratio in each part of the time', () => {
    expect(lockStep([growing('Two ', 2, even), growing('One ', 1, even, true), growing('Also', 1, even)])).toEqual([
      { tags: ['Also', 'One ', 'Two '], paged: [false, true, false], ratio: [1, 1, 2], counts: [32, 32, 64] },
    ]);
    expect(lockStep([growing('Thre', 3, even), growing('Two ', 2, even)])).toEqual([
      { tags: ['Two ', 'Thre'], paged: [false, false], ratio: [2, 3], counts: [64, 96] },
    ]);
  });

  it('finds several groups, that of most blocks first', () => {
    const found = lockStep([growing('A', 1, even), growing('B', 2, even), growing('C', 5, odd), growing('D', 5, odd)]);
    expect(found.map(({ tags }) => tags)).toEqual([
      ['C', 'D'],
      ['A', 'B'],
    ]);
  });

  it('leaves apart what only grows as much, what has no simple ratio, and what is few', () => {
    expect(lockStep([growing('Even', 1, even), growing('Odd ', 1, odd)])).toEqual([]);
    expect(lockStep([growing('Ten ', 10, even), growing('More', 18, even)])).toEqual([]);
    expect(lockStep([growing('One ', 1, even), growing('Nine', 9, even)])).toEqual([]);
    const few = (i: number): boolean => i < 11;
    expect(lockStep([growing('Few ', 1, few), growing('Also', 1, few)])).toEqual([]);
    expect(lockStep([growing('One ', 1, even)])).toEqual([]);
    expect(lockStep([])).toEqual([]);
  });

  it('lets a few stray blocks pass', () => {
    const other = growing('Two ', 2, even);
    other.out[5] += 2;
    expect(lockStep([growing('One ', 1, even), { ...other, count: other.count + 2 }])).toMatchObject([
      { ratio: [1, 2] },
    ]);
  });
});
