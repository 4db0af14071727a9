/** What the analyses are built from, on made-up values, against the plainest other way. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CpuNesting, Rank } from '../src/analyses/dpc-nesting.js';
import { LargestN } from '../src/analyses/largest.js';
import { Distribution, histogram } from '../src/core/distribution.js';
import { parseFilter } from '../src/core/filter.js';

/** Wildcards by trying everything. */
function matches(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  if (pattern[0] === '*') return matches(pattern.slice(1), text) || (text !== '' && matches(pattern, text.slice(1)));
  return text !== '' && (pattern[0] === '?' || pattern[0] === text[0]) && matches(pattern.slice(1), text.slice(1));
}

describe('parseFilter', () => {
  const part = fc.string({ unit: fc.constantFrom('a', 'b', 'B', '.', '*', '?'), minLength: 1, maxLength: 7 });
  const parts = fc.array(fc.tuple(fc.boolean(), part), { minLength: 1, maxLength: 3 });
  const name = fc.string({ unit: fc.constantFrom('a', 'A', 'b', '.', 'é'), maxLength: 9 });

  it('matches as trying everything does', () => {
    fc.assert(
      fc.property(parts, name, fc.boolean(), (list, text, caseSensitive) => {
        const fold = (s: string): string => (caseSensitive ? s : s.toLowerCase());
        const filter = parseFilter(list.map(([not, p]) => `${not ? '!' : ''}${p}`).join(';'), { caseSensitive });
        const wanted = list.filter(([not]) => !not).map(([, p]) => p);
        const unwanted = list.filter(([not]) => not).map(([, p]) => p);
        const hit = (p: string): boolean => matches(fold(p), fold(text));
        expect(filter(text)).toBe(!unwanted.some(hit) && (wanted.length === 0 || wanted.some(hit)));
      }),
      { numRuns: 2000 },
    );
  });

  it('takes no long time for a pattern made to take one', () => {
    const filter = parseFilter(`${'*a'.repeat(200)}b`);
    expect(filter('a'.repeat(20_000))).toBe(false);
  });

  it('passes everything where nothing is asked for', () => {
    expect(['', ';', ';;'].map((text) => parseFilter(text)('x'))).toEqual([true, true, true]);
  });
});

const durations = fc.array(
  fc.oneof(
    fc.nat(200),
    fc.nat(5_000_000),
    fc.constantFrom(0, 1, 2, 4095, 4096, 4097, 250, 1024),
    fc.double({ min: 0, max: 1e7, noNaN: true }),
  ),
  { minLength: 1, maxLength: 300 },
);

function distributionOf(values: readonly number[]): Distribution {
  const distribution = new Distribution();
  for (const value of values) distribution.add(value);
  return distribution;
}

describe('Distribution', () => {
  const PS = [0, 0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 1];
  // ⌈p·n⌉ in whole thousandths, so that no rounding comes in.
  const nearestRank = (values: readonly number[]): number[] => {
    const sorted = [...values].sort((a, b) => a - b);
    return PS.map((p) => sorted[Math.max(1, Math.ceil((Math.round(p * 1000) * sorted.length) / 1000)) - 1]);
  };

  it('gives percentiles as sorting does', () => {
    fc.assert(
      fc.property(durations, (values) => {
        expect(distributionOf(values).percentiles(PS)).toEqual(nearestRank(values));
      }),
    );
  });

  it('merged is as all values together, in any order', () => {
    fc.assert(
      fc.property(durations, durations, (a, b) => {
        const merged = distributionOf(a);
        merged.merge(distributionOf(b));
        expect(merged.count).toBe(a.length + b.length);
        expect(merged.sorted()).toEqual(distributionOf([...b, ...a]).sorted());
        expect(merged.percentiles(PS)).toEqual(nearestRank([...a, ...b]));
      }),
    );
  });

  it('without values gives null', () => {
    expect(new Distribution().percentiles([0.5])).toEqual([null]);
    expect(histogram(new Distribution(), 'xperf')).toEqual([]);
  });
});

describe('histogram', () => {
  it.each(['xperf', 'latencymon'] as const)('counts every value once, in the bucket that holds it: %s', (style) => {
    fc.assert(
      fc.property(durations, (values) => {
        const buckets = histogram(distributionOf(values), style);
        for (const [i, { gtUs, leUs, count }] of buckets.entries()) {
          const above = (v: number): boolean => (style === 'xperf' ? v > gtUs || (i === 0 && v === 0) : v >= gtUs);
          const upTo = (v: number): boolean => leUs === null || (style === 'xperf' ? v <= leUs : v < leUs);
          expect(count).toBe(values.filter((v) => above(v) && upTo(v)).length);
          expect(gtUs).toBe(i === 0 ? 0 : buckets[i - 1].leUs);
        }
        expect(buckets.reduce((sum, b) => sum + b.count, 0)).toBe(values.length);
      }),
    );
  });
});

interface Made {
  readonly start: number;
  readonly end: number;
  readonly rank: Rank;
}

/** A tree of runs laid out in time: each holds runs of lower rank (an ISR holds ISRs) with room between them. */
type Tree = { readonly rank: Rank; readonly gap: number; readonly own: number; readonly inner: readonly Tree[] };

function treeOf(rank: Rank, depth: number): fc.Arbitrary<Tree> {
  const lower = rank === Rank.ThreadedDpc ? [Rank.DPC, Rank.ISR] : [Rank.ISR];
  const inner =
    depth === 0 ? fc.constant([]) : fc.array(fc.oneof(...lower.map((r) => treeOf(r, depth - 1))), { maxLength: 3 });
  return fc.record({
    rank: fc.constant(rank),
    gap: fc.integer({ min: 3, max: 40 }),
    own: fc.integer({ min: 3, max: 90 }),
    inner,
  });
}

/** Lays a tree out from `at`; gives its runs, innermost first, so in the order in which they end. */
function laidOut(tree: Tree, at: number, out: Made[]): number {
  const start = at + tree.gap;
  let next = start + tree.own;
  for (const inner of tree.inner) next = laidOut(inner, next, out);
  const end = next + 3;
  out.push({ start, end, rank: tree.rank });
  return end;
}

describe('CpuNesting', () => {
  const forest = fc.array(fc.oneof(...[Rank.ISR, Rank.DPC, Rank.ThreadedDpc].map((rank) => treeOf(rank, 3))), {
    minLength: 1,
    maxLength: 8,
  });

  it('gives the exclusive times that comparing every pair gives', () => {
    fc.assert(
      fc.property(forest, (trees) => {
        const runs: Made[] = [];
        trees.reduce((at, tree) => laidOut(tree, at, runs), 0);
        const nesting = new CpuNesting();
        const found = runs.map(({ start, end, rank }) => nesting.exclusiveUs(start, end - start, rank));
        const covered = (run: Made): number => {
          let us = 0;
          for (let t = run.start; t < run.end; t++) {
            if (runs.some((r) => r !== run && r.start >= run.start && r.end <= run.end && t >= r.start && t < r.end))
              us++;
          }
          return us;
        };
        expect(found).toEqual(runs.map((run) => run.end - run.start - covered(run)));
        expect(found.reduce((a, b) => a + b, 0)).toBe(
          new Set(runs.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, i) => start + i))).size,
        );
        expect([nesting.overlaps, nesting.overflowed]).toEqual([0, 0]);
      }),
    );
  });

  it('counts a pair of runs that overlap without one holding the other', () => {
    const nesting = new CpuNesting();
    expect(nesting.exclusiveUs(0, 100, Rank.DPC)).toBe(100);
    expect(nesting.exclusiveUs(50, 100, Rank.DPC)).toBe(100);
    expect(nesting.overlaps).toBe(1);
  });

  it.each([
    [Rank.ISR, Rank.ISR, true],
    [Rank.ISR, Rank.DPC, true],
    [Rank.ISR, Rank.ThreadedDpc, true],
    [Rank.DPC, Rank.ISR, false],
    [Rank.DPC, Rank.DPC, false],
    [Rank.DPC, Rank.ThreadedDpc, true],
    [Rank.ThreadedDpc, Rank.ISR, false],
    [Rank.ThreadedDpc, Rank.DPC, false],
    [Rank.ThreadedDpc, Rank.ThreadedDpc, false],
  ])('knows what may interrupt what: rank %i in rank %i, %s', (inner, outer, may) => {
    const nesting = new CpuNesting();
    nesting.exclusiveUs(40, 20, inner);
    expect(nesting.exclusiveUs(0, 100, outer)).toBe(may ? 80 : 100);
    expect(nesting.overlaps).toBe(may ? 0 : 1);
  });

  it('says so where a run holds more than is kept', () => {
    const nesting = new CpuNesting();
    for (let i = 0; i < 200_000; i++) nesting.exclusiveUs(10 * i, 5, Rank.ISR);
    nesting.exclusiveUs(0, 2_000_000, Rank.DPC);
    expect(nesting.overflowed).toBe(1);
  });
});

it('LargestN keeps what sorting keeps, the first of equals first', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20), { maxLength: 60 }), fc.nat(12), (keys, n) => {
      const largest = new LargestN<number>(n);
      keys.forEach((key, i) => {
        if (largest.wants(key)) largest.add(key, i);
      });
      const sorted = keys.map((key, i) => ({ key, i })).sort((a, b) => b.key - a.key || a.i - b.i);
      expect(largest.sorted()).toEqual(sorted.slice(0, n || undefined).map(({ i }) => i));
    }),
  );
});
