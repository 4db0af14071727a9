/** Filters, shares and bounds where the input holds sums instead of single runs. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type DpcOptions, type DpcResult, parseFilter, type Report } from '../src/index.js';
import { type Run, stutter } from './generate/truth.js';
import { dpcOf, sample } from './support/samples.js';

const truth = stutter();
const DPCISR = sample('xperf-dpcisr/stutter.txt');
const LATENCYMON = sample('latencymon/stutter.txt');

const folder = mkdtempSync(join(tmpdir(), 'tracekit-filters-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

function dpcOfText(text: string, options: Partial<DpcOptions> = {}): Promise<Report<DpcResult>> {
  const path = join(folder, `input-${files++}.txt`);
  writeFileSync(path, text);
  return dpcOf(path, options);
}

const sumUs = (passes: (run: Run) => boolean): number =>
  truth.runs.filter(passes).reduce((sum, run) => sum + run.durationUs, 0);

/** What `filter-not-applied` says; null where it is not there. */
function notApplied({ diagnostics }: Report<DpcResult>): string | null {
  const found = diagnostics.filter((d) => d.code === 'filter-not-applied');
  expect(found.length).toBeLessThan(2);
  expect(found.every((d) => d.source === 's1' && d.severity === 'warning')).toBe(true);
  return found[0]?.message ?? null;
}

describe('--cpu', () => {
  it('takes the sums of that processor of an xperf report, and no counts and buckets of the whole machine', async () => {
    const report = await dpcOf(DPCISR, { cpus: new Set([3]) });
    const { modules, cpus, histograms } = report.result;
    for (const m of modules) {
      const us = sumUs((r) => r.cpu === 3 && r.kind === m.kind && r.module === m.module);
      expect([m.module, m.inclusiveUs, m.count, m.meanUs, m.maxRange]).toEqual([m.module, us, null, null, null]);
      expect(m.percentOfCpu).toBeCloseTo((100 * us) / (20_000_000 * 8), 12);
    }
    expect(modules.some((m) => m.inclusiveUs === 1_000_506)).toBe(true);
    expect(cpus.map((c) => [c.cpu, c.dpcCount])).toEqual([[3, null]]);
    expect(histograms).toEqual([]);
    expect(report.findings.filter((f) => f.rule.endsWith('over-threshold'))).toEqual([]);
    expect(notApplied(report)).toMatch(/--cpu: /);
  });

  it('takes the processors asked for of a LatencyMon report, and leaves out what is of all', async () => {
    const report = await dpcOf(LATENCYMON, { cpus: new Set([3, 5]) });
    const of = (cpu: number, kind: string) => truth.runs.filter((r) => r.cpu === cpu && r.kind === kind).length;
    expect(report.result.cpus.map((c) => [c.cpu, c.dpcCount, c.isrCount])).toEqual(
      [3, 5].map((cpu) => [cpu, of(cpu, 'DPC'), of(cpu, 'ISR')]),
    );
    expect([report.result.modules, report.result.histograms]).toEqual([[], []]);
    expect(notApplied(report)).toMatch(/--cpu: /);
  });
});

describe('--kind', () => {
  it.each([DPCISR, LATENCYMON])('ISR: shows nothing of DPCs in %s', async (path) => {
    const report = await dpcOf(path, { kinds: new Set(['isr']) });
    const { modules, cpus, histograms } = report.result;
    expect(modules.length).toBeGreaterThan(0);
    expect(modules.every((m) => m.kind === 'ISR')).toBe(true);
    expect(histograms.length).toBeGreaterThan(0);
    expect(histograms.every((h) => h.kind === 'ISR')).toBe(true);
    expect(cpus.map((c) => [c.dpcCount, c.dpcUs, c.maxDpcUs])).toEqual(cpus.map(() => [null, null, null]));
    expect(cpus.map((c) => c.isrUs)).toEqual(cpus.map(({ cpu }) => sumUs((r) => r.kind === 'ISR' && r.cpu === cpu)));
    expect(report.findings.map((f) => f.rule)).not.toContain('dpc-over-threshold');
    expect(notApplied(report)).toBeNull();
  });

  it('of a type that reports do not tell apart: leaves its kind out and says so', async () => {
    const report = await dpcOf(DPCISR, { kinds: new Set(['timerdpc']) });
    expect([report.result.modules, report.result.cpus, report.result.histograms]).toEqual([[], [], []]);
    expect(notApplied(report)).toMatch(/--kind: /);
    expect(notApplied(await dpcOf(DPCISR, { kinds: new Set(['dpc', 'timerdpc']) }))).toBeNull();
  });
});

describe('--module', () => {
  it('takes the module’s time by processor where the report tells it', async () => {
    const report = await dpcOf(DPCISR, { module: parseFilter('wdf*') });
    const us = (cpu: number) => sumUs((r) => r.module === 'Wdf01000.sys' && r.cpu === cpu);
    expect(report.result.cpus.map((c) => c.dpcUs)).toEqual(report.result.cpus.map(({ cpu }) => us(cpu)));
    expect(report.result.histograms.map((h) => h.module)).toEqual(['Wdf01000.sys']);
    expect(notApplied(report)).toBeNull();
  });

  it('leaves out what is over all modules, and says so', async () => {
    const report = await dpcOf(LATENCYMON, { module: parseFilter('acpi*') });
    expect(report.result.modules.map((m) => m.module)).toEqual(['ACPI.sys']);
    expect([report.result.cpus, report.result.histograms]).toEqual([[], []]);
    expect(notApplied(report)).toMatch(/--module: /);
  });
});

it('names every filter that cannot be applied, once', async () => {
  const report = await dpcOf(DPCISR, { fn: parseFilter('f*'), range: { startUs: 0, endUs: 1 }, cpus: new Set([0]) });
  expect(notApplied(report)?.match(/--\w+/g)?.sort()).toEqual(['--cpu', '--function', '--range']);
});

it('filters functions where a table of sums has them', async () => {
  const table = [
    'Type,Module,Function,CPU,Count (DPCs/ISRs),Inclusive Duration (ms)',
    'DPC,a.sys,f,0,4,0.1',
    'DPC,a.sys,f,1,2,0.3',
    'DPC,a.sys,g,1,1,0.5',
  ].join('\n');
  const figures = ({ result }: Report<DpcResult>) => result.functions.map((f) => [f.function, f.count, f.inclusiveUs]);
  const all = await dpcOfText(table);
  expect(figures(all)).toEqual(expect.arrayContaining([['f', 6, 400], ['g', 1, 500]])); // biome-ignore format: pairs
  const one = await dpcOfText(table, { fn: parseFilter('f'), cpus: new Set([1]) });
  expect(figures(one)).toEqual([['f', 2, 300]]);
  expect(one.result.modules.map((m) => [m.count, m.inclusiveUs])).toEqual([[2, 300]]);
  expect(notApplied(one)).toBeNull();
});

describe('shares of a processor', () => {
  it.each([DPCISR, LATENCYMON])('follow from its time in %s', async (path) => {
    const { result } = await dpcOf(path);
    expect(result.cpus).toHaveLength(truth.cpus);
    for (const { cpu, percentOfCpu } of result.cpus) {
      expect(percentOfCpu).toBeCloseTo((100 * sumUs((r) => r.cpu === cpu)) / 20_000_000, 12);
    }
  });

  it('are unknown where a time is', async () => {
    const report = (length: string) =>
      [
        `LatencyMon has been analyzing your system for  ${length}  (h:mm:ss) on all processors.`,
        'CPU 0 ISR total execution time (s):                   0.5',
        'CPU 0 ISR count:                                      10',
        'CPU 0 DPC count:                                      3',
        'CPU 1 ISR total execution time (s):                   0.5',
        'CPU 1 ISR count:                                      10',
        '',
      ].join('\n');
    const shares = async (length: string) => (await dpcOfText(report(length))).result.cpus.map((c) => c.percentOfCpu);
    expect(await shares('0:00:10')).toEqual([null, 5]);
    expect(await shares('')).toEqual([null, null]);
  });
});

describe('runs on an unknown processor', () => {
  const table = (cpus: readonly string[]) =>
    [
      'Type,CPU,Module,Function,DPC Type,DPC/ISR Enter Time (s),Inclusive Duration (ms)',
      ...cpus.map((cpu, i) => `DPC,${cpu},a.sys,f,DPC,${i + 1}.000001,0.005000`),
    ].join('\n');
  const counted = async (cpus: readonly string[]) => {
    const { result, diagnostics } = await dpcOfText(table(cpus));
    const remark = diagnostics.find((d) => d.code === 'cpu-unknown');
    return [result.cpus.map((c) => [c.cpu, c.dpcCount]), remark?.severity ?? null, remark?.count ?? null];
  };

  it('are counted in a remark, and in no row', async () => {
    expect(await counted(['', '3', ''])).toEqual([[[3, 1]], 'info', 2]);
    expect(await counted(['1', '3', '1'])).toEqual([[[1, 2], [3, 1]], null, null]); // biome-ignore format: pairs
  });
});

describe('reports of very many modules', () => {
  const many = (n: number): string => {
    const name = (i: number): string => `mod${i}.sys`;
    const rows = Array.from({ length: n }, (_, i) => `10 0.00, ${name(i)}`);
    const totals = Array.from(
      { length: n },
      (_, i) => `Total = 1 for module ${name(i)}\nElapsed Time, > 8 usecs AND <= 16 usecs, 1, or 100.00%\nTotal, 1`,
    );
    const head = 'DPC Info\nCPU Usage from 0 us to 20000000 us:\nCPU 0 Usage,\nusec %, Module';
    return [head, ...rows, ...totals, ''].join('\n');
  };

  it('are read in time that grows with their number, up to a bound that is named', async () => {
    const { result, diagnostics } = await dpcOfText(many(100_010));
    expect(result.modules).toHaveLength(100_000);
    expect(result.modules.every((m) => m.maxRange?.leUs === 16)).toBe(true);
    // Ten modules by their row of usage, their count and their histogram.
    expect(diagnostics.filter((d) => d.code === 'too-many-sums').map((d) => [d.source, d.count])).toEqual([['s1', 30]]);
  }, 30_000);
});
