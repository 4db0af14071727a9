/** The leak simulator's truth against the answer from raw logs, over 200 seeds; ranges, losses and missing stacks too. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { analyzePool, open, type PoolOptions, type PoolResult, type Report } from '../src/index.js';
import { booksOf, outstandingOf, type PoolTruth, peakOf, simulatePool } from './generate/pool/truth.js';
import { type PoolEtlOptions, writePoolEtl } from './generate/pool/write-etl.js';
import { expectedFigures, figuresOf, leakingStacks, none, wrongAnswers, wrongVerdicts } from './support/pool-truth.js';

const dir = mkdtempSync(join(tmpdir(), 'tracekit-pool-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function answer(
  truth: PoolTruth,
  written: PoolEtlOptions = {},
  options: Partial<PoolOptions> = {},
): Promise<Report<PoolResult>> {
  const path = join(dir, 'pool.etl');
  writeFileSync(path, writePoolEtl(truth, written));
  return analyzePool(await open([path]), options);
}

const SEEDS = Array.from({ length: 200 }, (_, i) => i + 1);

describe('raw logs of simulated leaks', () => {
  it.each([0, 1, 2, 3])('says what is true of seeds 1 to 200 (part %i of 4)', { timeout: 300_000 }, async (part) => {
    const wrong: string[] = [];
    for (const seed of SEEDS.filter((s) => s % 4 === part)) {
      const truth = simulatePool(seed);
      const report = await answer(truth);
      wrong.push(...wrongAnswers(truth, report));
      const leaking = report.result.stacks.filter(({ verdict }) => verdict === 'leak');
      const said = leaking.map(({ tag, paged, count, bytes }) => ({ tag, paged, count, bytes }));
      expect(said).toEqual(expect.arrayContaining(leakingStacks(truth)));
    }
    none(wrong);
  });

  it.each([0, 1])(
    'calls nothing a leak that is none where events are missing (part %i of 2)',
    { timeout: 300_000 },
    async (part) => {
      const wrong: string[] = [];
      for (const seed of SEEDS.slice(0, 100).filter((s) => s % 2 === part)) {
        const truth = simulatePool(seed, { lost: true });
        const report = await answer(truth);
        wrong.push(...wrongVerdicts(truth, report));
        expect(report.findings[0].rule).toBe('events-lost');
        for (const { verdict, confidence } of report.result.tags)
          if (verdict === 'leak') expect(confidence).toBe('low');
        expect(report.findings.some(({ rule, level }) => rule === 'double-free' && level === 'error')).toBe(false);
      }
      none(wrong);
    },
  );

  it('tells by range what the books tell', { timeout: 120_000 }, async () => {
    for (const seed of [3, 7, 11, 15, 19]) {
      const truth = simulatePool(seed);
      const fromUs = Math.round(truth.lengthUs * 0.3);
      const toUs = Math.round(truth.lengthUs * 0.75);
      const report = await answer(truth, {}, { range: { startUs: fromUs, endUs: toUs } });
      expect(figuresOf(report)).toEqual(expectedFigures(truth, { fromUs, toUs }));
      expect(report.result.window).toEqual({ startUs: fromUs, endUs: toUs });
    }
  });

  it('finds blocks that are freed twice, the lock-step group, and the highest sum', { timeout: 120_000 }, async () => {
    for (const seed of [2, 4, 6, 8, 10, 12]) {
      const truth = simulatePool(seed);
      const { result, findings } = await answer(truth);
      const twice = findings.find(({ rule }) => rule === 'double-free');
      expect(twice?.message.startsWith(`${truth.doubleFrees.length} block`)).toBe(truth.doubleFrees.length > 0);
      const group = truth.scenarios.filter(({ kind }) => kind === 'group-leak').map(({ tag }) => tag);
      expect(result.groups.map(({ tags }) => [...tags].sort())).toEqual([group.sort()]);
      expect(result.groups[0].ratio).toEqual([1, 1, 2]);
      const books = booksOf(truth.written);
      const all = [false, true].map((paged) => {
        const tags = new Set(truth.written.map(({ tag }) => tag));
        const steps = [...tags].flatMap((tag) => {
          let before = 0;
          return outstandingOf(books, tag, paged).map(({ atUs, bytes }) => {
            const step = { atUs, count: 0, bytes: bytes - before };
            before = bytes;
            return step;
          });
        });
        let bytes = 0;
        const rows = steps
          .sort((a, b) => a.atUs - b.atUs)
          .map((step) => {
            bytes += step.bytes;
            return { atUs: step.atUs, count: 0, bytes };
          });
        return { paged, peak: peakOf(rows) };
      });
      for (const { paged, peak } of all) {
        const said = result.peaks.find((p) => p.paged === paged);
        expect(said?.bytes).toBe(peak?.bytes);
        expect(said?.atUs).toBeCloseTo(peak?.atUs ?? 0, 3);
      }
    }
  });

  it('answers without stacks by tag, and says so first', { timeout: 60_000 }, async () => {
    const truth = simulatePool(5, { noStacks: true });
    const report = await answer(truth);
    expect(figuresOf(report)).toEqual(expectedFigures(truth));
    none(wrongVerdicts(truth, report));
    expect(report.result.stacks).toEqual([]);
    expect(report.findings[0]).toMatchObject({ rule: 'no-stacks', level: 'warning' });
  });

  it('reads stacks whole, split in kernel and user part, and by recycled keys alike', { timeout: 60_000 }, async () => {
    const truth = simulatePool(9);
    const [whole, split, keys] = await Promise.all(
      (['whole', 'split', 'keys'] as const).map(async (stacks, i) => {
        const path = join(dir, `stacks-${i}.etl`);
        writeFileSync(path, writePoolEtl(truth, { stacks }));
        const { result } = await analyzePool(await open([path]));
        return result.stacks.map(({ tag, paged, count, bytes, frames }) => ({ tag, paged, count, bytes, frames }));
      }),
    );
    expect(split).toEqual(whole);
    expect(keys).toEqual(whole);
  });
});
