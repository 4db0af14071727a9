/** Memory as `!vm` prints it. */
import type { Finish } from '../../core/analysis.js';
import type { FactRow, Facts } from './facts.js';
import type { DumpMemory } from './result.js';
import { evidenceOf } from './rows.js';

/** Figures of one subject, the last value of each name; kilobytes stand apart from pages. */
interface Figure {
  readonly name: string;
  pages: number | null;
  kb: number | null;
  readonly row: FactRow;
}

const KB = / Kb$/i;

export function memoryOf(facts: Facts, context: Finish): DumpMemory | null {
  const figures = figuresOf(facts.of('vm'));
  // Applications are swapped out to swapfile.sys as wholes: it adds nothing to what can be committed.
  const files = [...facts.subjects('vm pagefile')]
    .filter(([name]) => !/\\swapfile\.sys$/i.test(name))
    .flatMap(([, rows]) => figuresOf(rows));
  const sessions = [...facts.subjects('vm session ')]
    .map(([id, rows]) => sessionOf(Number(id), rows))
    .filter(({ sessionId }) => Number.isInteger(sessionId));
  if (figures.length + files.length + sessions.length === 0) return null;
  const find = (pattern: RegExp): Figure | undefined => figures.find(({ name }) => pattern.test(name));
  const page = (pattern: RegExp): number | null =>
    total(files.filter(({ name }) => pattern.test(name)).map(({ kb, pages }) => kb ?? pages));
  const cited = [
    find(/^failed pool/i),
    find(/^failed commit/i),
    find(/^physical/i),
    find(/^committed pages/i),
    find(/^commit limit/i),
    files[0],
  ];
  return {
    physicalKb: find(/^physical memory/i)?.kb ?? null,
    pageFileKb: page(/^current/i),
    pageFileMaximumKb: page(/^maximum/i),
    availableKb: find(/^available pages/i)?.kb ?? null,
    committedPages: find(/^committed pages/i)?.pages ?? null,
    commitLimitPages: find(/^commit limit/i)?.pages ?? null,
    failedPoolAllocations: find(/^failed pool/i)?.pages ?? null,
    failedCommits: find(/^failed commit/i)?.pages ?? null,
    sessions,
    figures: figures.map(({ name, pages, kb }) => ({ name, pages, kb })),
    evidence: evidenceOf(context, [
      ...cited.flatMap((one) => (one === undefined ? [] : [one.row])),
      ...figures.slice(0, 1).map(({ row }) => row),
    ]),
  };
}

const total = (values: readonly (number | null)[]): number | null => {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
};

function figuresOf(rows: readonly FactRow[]): Figure[] {
  const byName = new Map<string, Figure>();
  for (const row of rows) {
    if (row.name === null || row.number === null) continue;
    const name = row.name.replace(KB, '');
    const known = byName.get(name) ?? { name, pages: null, kb: null, row };
    if (KB.test(row.name)) known.kb = row.number;
    else known.pages = row.number;
    byName.set(name, known);
  }
  return [...byName.values()];
}

function sessionOf(sessionId: number, rows: readonly FactRow[]): DumpMemory['sessions'][number] {
  const figures = figuresOf(rows);
  const value = (pattern: RegExp): number | null => {
    const one = figures.find(({ name }) => pattern.test(name));
    return one === undefined ? null : (one.kb ?? one.pages);
  };
  return {
    sessionId,
    pagedPoolKb: value(/^paged pool/i),
    commitKb: value(/^commit/i),
    failedPoolAllocations: value(/^failed pool/i),
  };
}
