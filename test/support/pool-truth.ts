/** Compares an answer of `pool` with what a simulation knows to be true. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { analyzePool, open, type PoolResult, type Report } from '../../src/index.js';
import {
  booksOf,
  figuresByStack,
  figuresByTag,
  type PoolTruth,
  type Range,
  simulatePool,
} from '../generate/pool/truth.js';

type PoolReport = Report<PoolResult>;

/** What the answer says of a tag, and what the books say, in the same shape. */
export function figuresOf({ result }: PoolReport): object {
  return Object.fromEntries(
    result.tags
      .map((t) => [
        `${t.tag}|${t.paged}`,
        [t.aifiCount, t.aifiBytes, t.aifoCount, t.aifoBytes, t.aofiCount, t.aofiBytes].join(' '),
      ])
      .sort(),
  );
}

export function expectedFigures(truth: PoolTruth, range?: Range): object {
  const gap = truth.lost === null ? null : { fromUs: Number.POSITIVE_INFINITY, toUs: Number.POSITIVE_INFINITY };
  const books = booksOf(truth.written, gap);
  const figures = figuresByTag(books, range).filter(
    ({ aifi, aifo, aofi, aofo, unknown }) => aifi.count + aifo.count + aofi.count + aofo.count + unknown.count > 0,
  );
  return Object.fromEntries(
    figures
      .map(({ tag, paged, aifi, aifo, aofi }) => [
        `${tag}|${paged}`,
        [aifi.count, aifi.bytes, aifo.count, aifo.bytes, aofi.count, aofi.bytes].join(' '),
      ])
      .sort(),
  );
}

/** Outstanding blocks of the leaking stacks by the books. */
export function leakingStacks(truth: PoolTruth): { tag: string; paged: boolean; count: number; bytes: number }[] {
  const byStack = figuresByStack(booksOf(truth.written));
  return truth.scenarios.flatMap(({ leak, tag, paged }) => {
    if (leak === null) return [];
    const own = byStack.find((f) => f.stack === leak.stack && f.tag === tag && f.paged === paged);
    return own === undefined ? [] : [{ tag, paged, count: own.aifo.count, bytes: own.aifo.bytes }];
  });
}

/** Verdicts that are wrong, in words; none may be. */
export function wrongVerdicts(truth: PoolTruth, { result }: PoolReport): string[] {
  const wrong: string[] = [];
  for (const { tag, paged, kind, verdicts } of truth.scenarios) {
    const said = result.tags.find((t) => t.tag === tag && t.paged === paged);
    if (said === undefined) wrong.push(`seed ${truth.seed}: '${tag}' (${kind}) is missing`);
    else if (!verdicts.includes(said.verdict) && !isSeldom(said, result))
      wrong.push(
        `seed ${truth.seed}: '${tag}' (${kind}) ${said.verdict}, not ${verdicts.join(' or ')}: ${said.reasons[0]}`,
      );
  }
  for (const { tag, paged, verdict, reasons } of result.tags) {
    const leaks = truth.scenarios.some((s) => s.tag === tag && s.paged === paged && s.leak !== null);
    if (verdict === 'leak' && !leaks) wrong.push(`seed ${truth.seed}: '${tag}' is no leak: ${reasons[0]}`);
  }
  return wrong;
}

/** A tag that hardly any snapshot holds cannot be told of. */
const isSeldom = (tag: PoolResult['tags'][number], { snapshots }: PoolResult): boolean =>
  tag.verdict === 'insufficient' &&
  snapshots.length > 0 &&
  snapshots.filter(({ tags }) => tags.some((t) => t.tag === tag.tag && t.paged === tag.paged)).length < 4;

/** Whose fault each leak is, by the answer; where it is wrong, in words. */
function wrongCulprits(truth: PoolTruth, { result }: PoolReport): string[] {
  return truth.scenarios.flatMap(({ leak, tag, paged }) => {
    if (leak === null) return [];
    const stacks = result.stacks.filter((s) => s.tag === tag && s.paged === paged && s.verdict === 'leak');
    const [first] = stacks;
    const allocator = first?.allocator?.calledBy ?? first?.allocator;
    const module = allocator?.module?.replace(/\.sys$/, '');
    const right = module === leak.module.replace(/\.sys$/, '') && first?.requester?.process === leak.process;
    if (right && (allocator?.function ?? leak.fn) === leak.fn && stacks.length === 1) return [];
    return [
      `seed ${truth.seed}: '${tag}' leaks through ${stacks.map((s) => `${s.allocator?.module}!${s.allocator?.function} for ${s.requester?.process}`).join(', ')}; it is ${leak.module}!${leak.fn} for ${leak.process}`,
    ];
  });
}

/** Leaks that no finding speaks of. */
const untold = (truth: PoolTruth, { result, findings }: PoolReport): string[] => {
  const told = findings.filter(({ rule }) => rule === 'pool-leak').map(({ message }) => message);
  return result.tags
    .filter(({ tag, verdict }) => verdict === 'leak' && !told.some((message) => message.includes(`'${tag}'`)))
    .map(({ tag }) => `seed ${truth.seed}: no finding speaks of '${tag}'`);
};

/** All that the answer to a whole trace says wrongly, in words. Figures must be those of the books to the block. */
export function wrongAnswers(truth: PoolTruth, report: PoolReport): string[] {
  expect(figuresOf(report)).toEqual(expectedFigures(truth));
  return [...wrongVerdicts(truth, report), ...wrongCulprits(truth, report), ...untold(truth, report)];
}

export const none = (list: readonly string[]): void => expect(list).toEqual([]);

const SEEDS = Array.from({ length: 200 }, (_, i) => i + 1);

/** Writes the truth of 200 seeds in a format and gives what `check` finds wrong with the answers. */
export async function wrongOf(
  write: (truth: PoolTruth) => string | Buffer,
  check: (truth: PoolTruth, report: PoolReport) => string[],
): Promise<string[]> {
  const dir = mkdtempSync(join(tmpdir(), 'tracekit-pool-'));
  const path = join(dir, 'pool.txt');
  const wrong: string[] = [];
  try {
    for (const seed of SEEDS) {
      const truth = simulatePool(seed);
      writeFileSync(path, write(truth));
      wrong.push(...check(truth, await analyzePool(await open([path]))));
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
  return wrong;
}
