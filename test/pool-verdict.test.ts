/** Each verdict from the smallest sums that earn it: traces in parts of a second, and rows of snapshots. */
import { describe, expect, it } from 'vitest';
import type { PoolVerdict } from '../src/analyses/pool/result.js';
import { LIVES } from '../src/analyses/pool/slots.js';
import { judgeSnapshots } from '../src/analyses/pool/snapshot-verdict.js';
import type { Sums } from '../src/analyses/pool/sums.js';
import { SLOT_BINS } from '../src/analyses/pool/time-bins.js';
import { type Case, judge, seconds } from '../src/analyses/pool/verdict.js';

interface Made {
  /** Blocks still out, by the second in which they were allocated. */
  readonly out?: (second: number) => number;
  readonly freed?: number;
  /** The freed ones lived up to 2^power µs, and this long at most. */
  readonly power?: number;
  readonly lifeMaxUs?: number;
  /** Bytes of each; below 0 the group shrinks for other reasons. */
  readonly bytes?: number;
}

function sumsOf({ out = () => 0, freed = 0, power = 10, lifeMaxUs = 2 ** power, bytes = 100 }: Made): Sums {
  const counts = Float64Array.from({ length: SLOT_BINS }, (_, i) => out(i));
  const outCount = counts.reduce((a, b) => a + b, 0);
  const lives = new Float64Array(LIVES);
  lives[power] = freed;
  return {
    slots: [0],
    allocCount: outCount + freed,
    allocBytes: (outCount + freed) * 100,
    freedCount: freed,
    freedBytes: freed * 100,
    outCount,
    outBytes: outCount * 100,
    laterCount: 0,
    beforeFreedCount: 0,
    beforeFreedBytes: 0,
    beforeCount: 0,
    beforeBytes: 0,
    freedBefore: new Float64Array(SLOT_BINS),
    twiceCount: 0,
    lifeSumUs: freed * lifeMaxUs,
    lifeMaxUs: freed === 0 ? 0 : lifeMaxUs,
    lives,
    growth: counts.map((count) => count * bytes),
    out: counts,
  };
}

const judged = (made: Made, more: Partial<Case> = {}) =>
  judge({
    sums: sumsOf(made),
    others: null,
    beforeFreed: 0,
    freedBefore: new Float64Array(SLOT_BINS).fill((more.beforeFreed ?? 0) / SLOT_BINS),
    ownsFreed: true,
    startUs: 0,
    endUs: SLOT_BINS * 1e6,
    binUs: 1e6,
    isLossy: false,
    ...more,
  });
const every = (): number => 1;
const from =
  (first: number, last = SLOT_BINS) =>
  (i: number): number =>
    i >= first && i < last ? 1 : 0;

describe('a group of a trace', () => {
  it.each<[string, PoolVerdict, Made, Partial<Case>, RegExp]>([
    ['was not allocated', 'transient', {}, { beforeFreed: 9 }, /^nothing was allocated/],
    ['was freed wholly', 'transient', { freed: 7 }, {}, /^all 7 blocks were freed/],
    ['left five blocks', 'insufficient', { out: from(0, 5) }, {}, /^5 blocks are left over: too few/],
    [
      'left two of a hundred',
      'transient',
      { out: from(0, 2), freed: 98 },
      {},
      /^98 of 100 blocks were freed; 2 are left/,
    ],
    ['is replaced as it was before', 'steady', { out: from(0, 20) }, { beforeFreed: 20 }, /turnover, no growth$/],
    ['is replaced, few blocks', 'steady', { out: from(0, 4) }, { beforeFreed: 3 }, /turnover/],
    ['grows as much as chance has it', 'steady', { out: from(0, 40) }, { beforeFreed: 25 }, /turnover/],
    ['does not grow in bytes', 'steady', { out: every, bytes: -1 }, {}, /^its bytes do not grow/],
    [
      'left young blocks, most freed',
      'transient',
      { out: (i) => 5 * from(60)(i), freed: 100, power: 22 },
      {},
      /no older than those/,
    ],
    ['left young blocks, few freed', 'steady', { out: (i) => 9 * from(60)(i), freed: 30, power: 22 }, {}, /no older/],
    [
      'lives nearly as long as the range',
      'insufficient',
      { out: from(40), freed: 50, power: 25 },
      {},
      /too short to see/,
    ],
    ['levelled off', 'steady', { out: from(0, 20) }, {}, /^it grew until 20 s into the range .* levelled off$/],
    ['came in two bursts', 'insufficient', { out: (i) => (i === 10 || i === 60 ? 10 : 0) }, {}, /came in 2 bursts/],
    ['slows down', 'growing', { out: (i) => Math.ceil(30 / (i + 1)) }, {}, /more and more slowly/],
    [
      'may have levelled off',
      'growing',
      { out: (i) => (i % 2 === 0 && i <= 56 ? 1 : 0) },
      {},
      /in the last 7 s that count/,
    ],
    ['began late', 'growing', { out: (i) => 2 * from(52)(i) }, {}, /^it grows for 12 s only/],
    ['grows evenly', 'leak', { out: every }, {}, /^64 of 64 blocks \(100 %\) were not freed/],
    ['grows evenly in heavy traffic', 'leak', { out: every, freed: 100_000 }, {}, /^64 of 100064 blocks \(0\.1 %\)/],
    ['grows from a quarter of the range on', 'leak', { out: from(40) }, {}, /were not freed/],
    ['grows against some turnover', 'leak', { out: () => 2, freed: 500 }, { beforeFreed: 10 }, /not freed/],
  ])('that %s: %s', (_, verdict, made, more, why) => {
    const judgement = judged(made, more);
    expect([judgement.verdict, judgement.reasons[0]]).toEqual([verdict, expect.stringMatching(why)]);
    expect(judgement.confidence === null).toBe(verdict === 'insufficient');
    expect(judgement.score).toBeGreaterThanOrEqual(0);
    expect(judgement.score).toBeLessThanOrEqual(100);
  });

  it('leaks more surely where the lifetimes of its blocks are known', () => {
    const alone = judged({ out: every });
    expect(alone).toMatchObject({
      confidence: 'medium',
      against: [expect.stringContaining('how long its blocks live')],
    });
    const own = judged({ out: every, freed: 100 });
    expect(own).toMatchObject({ verdict: 'leak', confidence: 'high', against: [] });
    expect(own.reasons[1]).toContain('99 % of those that it freed');
    const ofTag = judged({ out: every }, { others: sumsOf({ freed: 500 }) });
    expect(ofTag).toMatchObject({ verdict: 'leak', confidence: 'medium' });
    expect(ofTag.against).toEqual([expect.stringContaining('how long its own blocks live is not known')]);
    expect(ofTag.reasons[1]).toContain('99 % of those that the tag freed');
    expect(alone.score).toBeLessThan(ofTag.score);
  });

  it('leaks less surely where events are missing, and by few parts', () => {
    const lossy = judged({ out: every, freed: 100 }, { isLossy: true });
    expect(lossy).toMatchObject({ verdict: 'leak', confidence: 'low' });
    // The last second is younger than blocks live: 63 are old, √63 standard deviations.
    expect(lossy.score).toBe(Math.round(0.7 * (2.5 * Math.sqrt(63) + 25 + 25 * (63 / 64) + 25 * (64 / 164))));
    expect(judged({ out: (i) => (i % 10 === 0 ? 4 : 0) })).toMatchObject({ verdict: 'leak', confidence: 'low' });
  });

  it('does not leak what is freed after the range, or what may be turnover', () => {
    const later = { ...sumsOf({ out: (i) => from(0, 5)(i) }), outCount: 20, laterCount: 15, allocCount: 20 };
    expect(judged({}, { sums: later })).toMatchObject({
      verdict: 'transient',
      reasons: ['0 of 20 blocks were freed in the range, and 15 of the 20 left after it'],
    });
    const replaced = { beforeFreed: 10, freedBefore: new Float64Array(SLOT_BINS).fill(1) };
    expect(judged({ out: every }, replaced)).toMatchObject({
      verdict: 'steady',
      reasons: [expect.stringMatching(/^64 blocks are left, but 64 .* turnover, no growth$/)],
    });
    expect(judged({ out: every }, { ...replaced, ownsFreed: false })).toMatchObject({
      verdict: 'insufficient',
      reasons: [expect.stringMatching(/whether this stack grows is not known$/)],
    });
  });

  it('is not judged by blocks of which it is not known when they were allocated', () => {
    const untimed = { ...sumsOf({ out: every }), out: new Float64Array(SLOT_BINS) };
    expect(judged({}, { sums: untimed })).toMatchObject({
      verdict: 'insufficient',
      reasons: [expect.stringMatching(/growth needs times$/)],
    });
  });

  it('leaks with little confidence in a short range in which nothing was freed', () => {
    const short = judged({ out: every }, { endUs: 16e6, binUs: 0.25e6 });
    expect(short).toMatchObject({ verdict: 'leak', confidence: 'low' });
    expect(short.against).toContain('the range is 16 s only, less than 30 s');
  });

  it('says when growth stopped', () => {
    expect(judged({ out: from(5, 30) }).stoppedUs).toBe(30e6);
    expect(judged({ out: from(5, 30) }, { startUs: 1e6, endUs: 65e6 }).stoppedUs).toBe(31e6);
    expect(judged({ out: every }).stoppedUs).toBeNull();
  });

  it.each([
    [0.5, '0.5 µs'],
    [999, '999 µs'],
    [1500, '1.5 ms'],
    [2_500_000, '2.5 s'],
    [599e6, '599 s'],
    [600e6, '10 min'],
  ])('names %f µs %s', (us, text) => expect(seconds(us)).toBe(text));
});

describe('a row of snapshots', () => {
  const of = (values: readonly number[], counts: readonly number[] | null = null) =>
    judgeSnapshots({ at: values.map((_, i) => i), values, counts });
  const line = (n: number, step = 100): number[] => Array.from({ length: n }, (_, i) => 1000 + step * i);
  const after = (n: number, first: number): number[] =>
    Array.from({ length: n }, (_, i) => Math.max(0, i - first) * 100);
  const until = (n: number, last: number): number[] => Array.from({ length: n }, (_, i) => Math.min(i, last) * 100);

  it.each<[string, PoolVerdict, readonly number[], RegExp]>([
    ['none', 'insufficient', [], /^one snapshot/],
    ['one', 'insufficient', [5], /^one snapshot shows how much there is/],
    ['three that rise', 'insufficient', [5, 15, 25], /^3 snapshots are too few.*it grew by 20$/],
    ['three that fall', 'insufficient', [25, 15, 5], /it did not grow$/],
    ['four that rise', 'growing', line(4), /^it grows in 4 snapshots: too few/],
    ['five that rise', 'growing', line(5), /too few to tell a leak/],
    ['six that rise', 'leak', line(6), /^it grows through all 6 snapshots/],
    ['many that rise', 'leak', line(40), /through all 40/],
    ['many that stay', 'steady', line(12, 0), /^it does not grow/],
    ['many that fall', 'steady', line(12, -5), /^it does not grow/],
    ['many that rise and fall', 'transient', [0, 500, 900, 400, 100, 0], /^it rose and fell again/],
    [
      'many that go to and fro',
      'steady',
      Array.from({ length: 20 }, (_, i) => 1000 + ((i * 7) % 11)),
      /varies|not grow/,
    ],
    ['growth that ends', 'steady', until(16, 8), /^it grew until snapshot 9 of 16 and then no more/],
    ['growth that slows', 'growing', [0, 1000, 1500, 1750, 1875, 1937, 1968, 1990], /more and more slowly/],
    ['growth that began late', 'growing', after(16, 9), /^it grows since late/],
  ])('%s: %s', (_, verdict, values, why) => {
    const judgement = of(values);
    expect([judgement.verdict, judgement.reasons[0]]).toEqual([verdict, expect.stringMatching(why)]);
    expect(judgement.confidence === null).toBe(verdict === 'insufficient');
  });

  it('leaks more surely the more there are', () => {
    // Kendall: S = n(n-1)/2, less 1, over √(n(n-1)(2n+5)/18): 3.34 of 8, 4.46 of 12.
    expect(of(line(8))).toMatchObject({ confidence: 'low', score: 67 });
    expect(of(line(12))).toMatchObject({ confidence: 'medium', score: 76 });
    expect(of(line(40)).score).toBe(80);
  });

  it('does not take for growth what so many blocks vary by', () => {
    expect(of(line(12), line(12, 0.9))).toMatchObject({
      verdict: 'steady',
      reasons: ['it varies no more than chance has it'],
    });
    expect(of(line(12), line(12, 30)).verdict).toBe('leak');
  });

  it('tells growth of blocks that large ones hide in the bytes, not where one of both shrinks', () => {
    const noisy = line(12).map((value, i) => value * 1000 + (i % 2 === 0 ? 0 : 600_000));
    expect(of(noisy).verdict).not.toBe('leak');
    expect(of(noisy, line(12, 50)).verdict).toBe('leak');
    expect(of(line(12, -100), line(12, 50)).verdict).toBe('steady');
  });
});
