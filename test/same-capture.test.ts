/** Several files given together: exports of one capture, a report beside its runs, and captures that differ. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { DpcResult, Report } from '../src/index.js';
import { stutter, type Truth } from './generate/truth.js';
import { dpcisrReport } from './generate/write-dpcisr.js';
import { dumper } from './generate/write-dumper.js';
import { dpcOf, SINGLE_RUNS, sample } from './support/samples.js';

const truth = stutter();
const DUMPER = sample('xperf-dumper/stutter.txt');
const WPA = sample('wpa-dpc-isr/stutter-en.csv');

const folder = mkdtempSync(join(tmpdir(), 'tracekit-'));
afterAll(() => rmSync(folder, { recursive: true }));

function written(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const codes = (report: Report<DpcResult>): string[] => report.diagnostics.map((d) => d.code);
const count = (report: Report<DpcResult>): number => report.result.modules.reduce((sum, m) => sum + (m.count ?? 0), 0);

/** All that does not depend on which of the files was quoted, and on the span that it states. */
const figuresOf = ({ result }: Report<DpcResult>): unknown[] =>
  result.modules.map(({ kind, module, count, inclusiveUs, exclusiveUs, p99Us, maxUs, overThreshold }) => [
    [kind, module, count, inclusiveUs, exclusiveUs, p99Us, maxUs, overThreshold],
  ]);

describe('two exports of one capture', () => {
  const others = SINGLE_RUNS.slice(1);

  it.each(others)('are counted once: xperf-dumper and $name', async ({ path }) => {
    const alone = await dpcOf(DUMPER);
    const both = await dpcOf([DUMPER, sample(path)]);
    expect(both.sources.map((s) => s.account.rows > 0)).toEqual([true, true]);
    expect(figuresOf(both)).toEqual(figuresOf(alone));
    expect(both.result.occurrences).toEqual(alone.result.occurrences);
    expect(both.result.storms).toEqual(alone.result.storms);
    expect(both.result.intervals).toEqual(alone.result.intervals);
    const said = both.diagnostics.filter((d) => d.code === 'same-capture');
    expect(said.map((d) => [d.source, d.message])).toEqual([
      ['s2', expect.stringMatching(/as s1: .* counted once, from s1/)],
    ]);
    expect(codes(both).filter((code) => code === 'overlapping-runs')).toHaveLength(1);
  });

  it('fill the lists asked for from the one that is counted', async () => {
    const { result } = await dpcOf([DUMPER, WPA], { top: 3 });
    expect(result.occurrences.map((o) => [o.durationUs, o.evidence[0].source])).toEqual([
      [1_000_412, 's1'],
      [3312, 's1'],
      [3291, 's1'],
    ]);
    expect(result.cut.occurrences).toEqual({ shown: 3, of: truth.runs.length });
  });

  it('count the samples behind a framework once, whichever file holds them', async () => {
    const alone = (await dpcOf(DUMPER)).result.functions.find((f) => f.module === 'Wdf01000.sys');
    expect(alone?.owner).toBe('echo.sys');
    for (const files of [
      [DUMPER, DUMPER],
      [DUMPER, WPA],
      [WPA, DUMPER],
    ]) {
      const timer = (await dpcOf(files)).result.functions.find((f) => f.module === 'Wdf01000.sys');
      const seen = (f: typeof timer) => f?.owners.map(({ module, samples, ofSamples }) => [module, samples, ofSamples]);
      expect(seen(timer)).toEqual(seen(alone));
      expect(timer?.longestOwners?.map((o) => o.samples)).toEqual(alone?.longestOwners?.map((o) => o.samples));
    }
  });

  it('are told from the order in which they are given only by whom they quote', async () => {
    const swapped = await dpcOf([WPA, DUMPER]);
    expect(figuresOf(swapped)).toEqual(figuresOf(await dpcOf(DUMPER)));
    expect(swapped.result.longest?.evidence[0].source).toBe('s1');
    expect(swapped.diagnostics.find((d) => d.code === 'same-capture')?.message).toContain('from s1');
  });
});

describe('a report beside the runs', () => {
  const report = sample('xperf-dpcisr/stutter.txt');
  const altered = (change: Partial<Truth>): string => written('altered.txt', dpcisrReport({ ...truth, ...change }));

  it('is compared and not added', async () => {
    for (const files of [
      [DUMPER, report],
      [report, DUMPER],
    ]) {
      const both = await dpcOf(files);
      expect(figuresOf(both)).toEqual(figuresOf(await dpcOf(DUMPER)));
      const said = both.diagnostics.filter((d) => d.code === 'report-compared');
      expect(said.map((d) => d.message)).toEqual([expect.stringContaining('agrees with the runs in the counts of 23')]);
      expect(codes(both)).not.toContain('report-differs');
    }
  });

  it('is said to differ where runs are missing from it', async () => {
    const runs = truth.runs.filter((run, i) => run.module !== 'fastnic.sys' || i % 10 > 0);
    const both = await dpcOf([DUMPER, altered({ runs })]);
    const said = both.diagnostics.find((d) => d.code === 'report-differs');
    expect(said?.severity).toBe('warning');
    expect(said?.examples[0]).toMatch(/^DPC fastnic\.sys: \d+ in the report, 1760 runs$/);
    expect(codes(both)).not.toContain('report-compared');
    expect(figuresOf(both)).toEqual(figuresOf(await dpcOf(DUMPER)));
  });

  it('is said to differ where it names drivers that never ran', async () => {
    const runs = truth.runs.map((run) => (run.module === 'gfxmini.sys' ? { ...run, module: 'other.sys' } : run));
    const said = (await dpcOf([DUMPER, altered({ runs })])).diagnostics.find((d) => d.code === 'report-differs');
    expect(said?.examples).toEqual(['DPC other.sys: 12 in the report, 0 runs']);
  });

  it('is not compared with a part of the runs', async () => {
    const both = await dpcOf([DUMPER, report], { range: { startUs: 0, endUs: 5_000_000 } });
    expect(codes(both)).toContain('report-not-compared');
    expect(codes(both)).not.toContain('report-differs');
  });

  it('does not stand in for runs that no filter lets pass', async () => {
    const both = await dpcOf([DUMPER, report], { range: { startUs: 30_000_000, endUs: 31_000_000 } });
    expect(both.result.modules).toEqual([]);
  });

  it('has only one of two reports counted', async () => {
    const two = await dpcOf([report, sample('latencymon/stutter.txt')]);
    expect(codes(two)).toContain('report-not-added');
    expect(count(two)).toBe(truth.runs.length);
  });
});

describe('two captures', () => {
  const other = stutter(7);
  const path = written('other.txt', dumper(other));

  it('are both counted', async () => {
    const both = await dpcOf([DUMPER, path]);
    expect(codes(both)).not.toContain('same-capture');
    expect(count(both)).toBe(truth.runs.length + other.runs.length);
    const all = [...truth.runs, ...other.runs];
    for (const { kind, module, count: n, inclusiveUs, maxUs } of both.result.modules) {
      const us = all.filter((r) => r.kind === kind && r.module === module).map((r) => r.durationUs);
      expect([n, inclusiveUs, maxUs]).toEqual([us.length, us.reduce((a, b) => a + b, 0), Math.max(...us)]);
    }
    expect(both.result.storms.map((s) => s.cpu).sort()).toEqual([3, 3, 5, 5]);
    expect(codes(both).filter((code) => code === 'overlapping-runs')).toHaveLength(2);
  });

  it('add up the samples behind a framework', async () => {
    const [first, second, both] = await Promise.all([[DUMPER], [path], [DUMPER, path]].map((files) => dpcOf(files)));
    const owner = (r: Report<DpcResult>) => r.result.functions.find((f) => f.module === 'Wdf01000.sys')?.owners[0];
    expect(owner(both)?.samples).toBe((owner(first)?.samples ?? 0) + (owner(second)?.samples ?? 0));
    expect(owner(both)?.ofSamples).toBe((owner(first)?.ofSamples ?? 0) + (owner(second)?.ofSamples ?? 0));
  });

  it('are two where one run more stands in one of them', async () => {
    const runs = truth.runs.slice(0, -1);
    const both = await dpcOf([DUMPER, written('one-less.txt', dumper({ ...truth, runs }))]);
    expect(codes(both)).not.toContain('same-capture');
    expect(count(both)).toBe(2 * truth.runs.length - 1);
  });
});
