/** Verdicts over families of what tags do on real machines, by a simulator of its own: a false leak is worse than one that is missed. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { judgeSnapshots } from '../src/analyses/pool/snapshot-verdict.js';
import { theilSen } from '../src/analyses/pool/trend.js';
import { analyzePool, open, type PoolOptions, type PoolResult } from '../src/index.js';
import { FAMILIES, type Family, familyTag, simulateFamily } from './generate/pool/families.js';
import { poolDumper } from './generate/pool/write-dumper.js';
import { seeded } from './generate/random.js';

const dir = mkdtempSync(join(tmpdir(), 'tracekit-families-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const LENGTH_US = 300_000_000;
const SEEDS = 24;

async function answer(family: Family, options: Partial<PoolOptions> = {}): Promise<PoolResult> {
  const path = join(dir, 'families.txt');
  writeFileSync(path, poolDumper(simulateFamily(family, SEEDS, LENGTH_US)));
  return (await analyzePool(await open([path]), options)).result;
}

const named = (name: string): Family => {
  const found = FAMILIES.find((family) => family.name === name);
  if (found === undefined) throw new Error(`no family ${name}`);
  return found;
};
const tagsOf = ({ tags }: PoolResult): PoolResult['tags'] => tags.filter(({ tag }) => tag !== familyTag(SEEDS));
const pathOf = (fn: string | null | undefined): number => Number(/^Path(\d)$/.exec(fn ?? '')?.[1] ?? Number.NaN);

describe('families of tags', () => {
  it.each(FAMILIES.map((family) => [family.name, family.truth, family] as const))(
    '%s: %s',
    { timeout: 60_000 },
    async (_, truth, family) => {
      const result = await answer(family);
      const tags = tagsOf(result);
      expect(tags).toHaveLength(SEEDS);
      const leaks = tags.filter(({ verdict }) => verdict === 'leak');
      const said = leaks.map(({ tag, confidence, reasons }) => `${tag} ${confidence}: ${reasons.join('; ')}`);
      if (truth === 'none') expect(said).toEqual([]);
      if (truth === 'doubtful') expect(said.filter((text) => !text.includes(' low: '))).toEqual([]);
      if (truth === 'leak') expect(leaks.length).toBeGreaterThanOrEqual(0.9 * SEEDS);
      // Not one stack is blamed that does not leak, in all of the tags.
      const blamed = result.stacks.filter(({ verdict }) => verdict === 'leak');
      const paths = blamed.map(({ allocator }) => pathOf(allocator?.function));
      if (truth !== 'doubtful') expect(paths.filter((path) => !family.guilty.includes(path))).toEqual([]);
      if (truth === 'leak') expect(blamed.length).toBeGreaterThanOrEqual(0.9 * SEEDS * family.guilty.length);
      // Leaks of the same pace are not parts of one object.
      expect(result.groups).toEqual([]);
    },
  );

  it('nothing leaks that is freed after the range', { timeout: 60_000 }, async () => {
    const result = await answer(named('freed at the end only'), { range: { startUs: 1e6, endUs: LENGTH_US * 0.7 } });
    expect(tagsOf(result).map(({ verdict }) => verdict)).toEqual(Array(SEEDS).fill('transient'));
  });

  it('turnover stays turnover where a filter leaves out what was there before', { timeout: 60_000 }, async () => {
    const result = await answer(named('turnover by a path that also frees at once'), { pids: new Set([4]) });
    expect(tagsOf(result).map(({ verdict }) => verdict)).not.toContain('leak');
    expect(tagsOf(result).map(({ aofiCount }) => aofiCount)).toEqual(Array(SEEDS).fill(0));
  });
});

/** Standard normal, by a sum of twelve. */
const normal = (random: { next(): number }): number =>
  Array.from({ length: 12 }, () => random.next()).reduce((sum, x) => sum + x, -6);

describe('the 95 % interval of a slope', () => {
  it.each([20, 64, 128])('holds it for sums of independent steps, %i of them', (n) => {
    let held = 0;
    for (let seed = 1; seed <= 400; seed++) {
      const random = seeded(seed * 977);
      let sum = 0;
      const values = Array.from({ length: n }, () => {
        sum += 3 + normal(random);
        return sum;
      });
      const slope = theilSen(
        values.map((_, i) => i),
        values,
      );
      if (slope !== null && slope.low <= 3 && slope.high >= 3) held++;
    }
    expect(held / 400).toBeGreaterThan(0.9);
  });
});

type Course = (random: { next(): number }, n: number) => number[];
const steps = (n: number, at: (i: number) => number): number[] =>
  Array.from({ length: n }, (_, i) => Math.round(at(i)));

/** How many of 200 rows of snapshots are called leaks, and how many of them with more than low confidence. */
function leaksOf(course: Course, n: number): { leaks: number; sure: number } {
  let [leaks, sure] = [0, 0];
  for (let seed = 1; seed <= 200; seed++) {
    const counts = course(seeded(seed * 7919), n);
    const values = counts.map((count) => 200 * count);
    const { verdict, confidence } = judgeSnapshots({ at: counts.map((_, i) => 600 * i), values, counts });
    if (verdict === 'leak') leaks++;
    if (verdict === 'leak' && confidence !== 'low') sure++;
  }
  return { leaks, sure };
}

describe('families of snapshots', () => {
  it.each<[string, Course]>([
    [
      'a load that wanders',
      (random, n) => {
        let load = 5000;
        return steps(n, () => {
          load += 40 * normal(random);
          return load;
        });
      },
    ],
    [
      'a load that comes back',
      (random, n) => {
        let load = 0;
        return steps(n, () => {
          load = 0.8 * load + 0.6 * normal(random);
          return 1000 + 100 * load;
        });
      },
    ],
    [
      'a day of load',
      (random, n) => {
        const phase = 7 * random.next();
        return steps(n, (i) => 3000 - 1000 * Math.cos(phase + (2 * Math.PI * i) / n) + 20 * normal(random));
      },
    ],
    [
      'a cache that is full at 0.7',
      (random, n) => steps(n, (i) => 1000 + 5000 * Math.min(1, i / n / 0.7) + 30 * normal(random)),
    ],
    [
      'one step',
      (random, n) => {
        const at = 1 + random.next() * (n - 2);
        return steps(n, (i) => 1000 + (i >= at ? 800 : 0) + 20 * normal(random));
      },
    ],
  ])('%s is seldom called a leak', (_, course) => {
    for (const n of [8, 12, 24, 50]) {
      const { leaks, sure } = leaksOf(course, n);
      expect([n, leaks <= 10, sure <= 4]).toEqual([n, true, true]);
    }
  });

  it('a leak is found', () => {
    for (const n of [12, 24, 50]) {
      const { leaks, sure } = leaksOf((random, count) => steps(count, (i) => 1000 + 100 * i + 30 * normal(random)), n);
      expect([n, leaks >= 190, sure >= 180]).toEqual([n, true, true]);
    }
  });
});
