/** The library as the README shows it: whatever the command does, it can do. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { DPC_ANALYSES } from '../src/analyses/dpc.js';
import { analyze, documentOf, FORMAT_NAMES, info, open, render, TracekitError } from '../src/index.js';
import { dpcOf, SINGLE_RUNS, sample } from './support/samples.js';
import { validator } from './support/schema.js';

const DUMPER = sample('xperf-dumper/stutter.txt');

describe('open, analyze, render', () => {
  it('answers in every output', async () => {
    const trace = await open([DUMPER]);
    expect(trace.sources).toEqual([{ path: DUMPER, format: 'xperf-dumper' }]);
    const report = await analyze(trace, 'dpc', { dpcUs: 100 });
    trace.close();
    expect(report.command).toBe('dpc');
    expect(render(report)).toBe(render(report, { format: 'table', width: 160, color: false }));
    expect(render(report)).toContain('Wdf01000.sys');
    expect(JSON.parse(render(report, { format: 'json' }))).toEqual(JSON.parse(JSON.stringify(documentOf(report))));
    const rows = render(report, { format: 'ndjson' }).trimEnd().split('\n');
    expect(rows.map((row) => JSON.parse(row).module)).toEqual(report.result.modules.map((m) => m.module));
    const [head, ...lines] = render(report, { format: 'csv' }).trimEnd().split('\n');
    expect(head.split(',').slice(0, 3)).toEqual(['kind', 'module', 'count']);
    expect(lines).toHaveLength(report.result.modules.length);
    expect(render(report, { format: 'md', by: ['cpu'] })).toMatch(/^### By CPU\n\n\| CPU \| DPCs \|/);
  });

  it('refuses an output that there is none of', async () => {
    const report = await dpcOf(DUMPER);
    for (const format of ['html', 'constructor', '']) {
      expect(() => render(report, { format })).toThrow(TracekitError);
    }
  });

  it('refuses a format that there is none of', async () => {
    await expect(open([DUMPER], { format: 'evtx' })).rejects.toThrow(/no format 'evtx'\. Known: etl, .*xperf-dumper/);
  });

  it.each(SINGLE_RUNS)('gives the same answer each time a trace is read: $name', async ({ path }) => {
    const trace = await open([sample(path)]);
    const first = await analyze(trace, 'dpc');
    expect(await analyze(trace, 'dpc')).toEqual(first);
    await info(trace);
    expect(await analyze(trace, 'dpc')).toEqual(first);
    trace.close();
  });

  it('answers several questions on one trace at a time, each for itself', async () => {
    const trace = await open([DUMPER]);
    const asked = [{ cpus: new Set([3]) }, { cpus: new Set([5]) }, {}];
    const together = await Promise.all(asked.map((options) => analyze(trace, 'dpc', options)));
    for (const [i, options] of asked.entries()) expect(together[i]).toEqual(await dpcOf(DUMPER, options));
    trace.close();
  });

  it('tells how far it has read', async () => {
    const trace = await open([DUMPER]);
    const seen: { path: string; read: number; total: number | null }[] = [];
    await analyze(trace, 'dpc', {}, { onProgress: (progress) => seen.push(progress) });
    trace.close();
    expect(seen.length).toBeGreaterThan(0);
    for (const { path, read, total } of seen) {
      expect(path).toBe(DUMPER);
      expect(read).toBeLessThanOrEqual(total as number);
    }
  });
});

describe('info', () => {
  it('counts what the file holds', async () => {
    const trace = await open([DUMPER]);
    const { result, command } = await info(trace);
    trace.close();
    expect([command, result.format, result.machine.build, result.unreadable]).toEqual([
      'info',
      'xperf-dumper',
      22631,
      0,
    ]);
    const counts = new Map(result.events.map((e) => [e.name, e.count]));
    expect([...['DPC', 'DPCTmr', 'ThreadedDPC', 'Interrupt'].map((name) => counts.get(name))]).toEqual([
      2233, 860, 4, 1022,
    ]);
    expect(result.eventsTotal).toBe(result.events.reduce((sum, e) => sum + e.count, 0));
    expect(result.capabilities.find((c) => c.command === 'dpc')?.answers).toBe(true);
  });

  it('knows every format by the names that open takes', async () => {
    for (const { path } of SINGLE_RUNS) {
      const trace = await open([sample(path)]);
      expect(FORMAT_NAMES).toContain((await info(trace)).result.format);
      trace.close();
    }
  });
});

describe('an analysis that throws', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  const broken = {
    add(): void {
      throw new Error('boom');
    },
    finish(): never {
      throw new Error('not reached');
    },
  };

  it.each(Object.keys(DPC_ANALYSES) as (keyof typeof DPC_ANALYSES)[])('loses its part only: %s', async (name) => {
    const whole = await dpcOf(DUMPER);
    vi.spyOn(DPC_ANALYSES[name], 'start').mockReturnValue(broken);
    const ofReports = name === 'aggregates' || name === 'reportStorms';
    const trace = await open(ofReports ? [DUMPER, sample('xperf-dpcisr/stutter.txt')] : [DUMPER]);
    const report = await analyze(trace, 'dpc');
    trace.close();
    const failed = report.diagnostics.filter((d) => d.code === 'analysis-failed');
    expect(failed.map((d) => [d.severity, d.message])).toEqual([
      ['error', `${DPC_ANALYSES[name].name} failed and its part is missing: boom`],
    ]);
    const kept = { durations: 'modules', intervals: 'intervals', storms: 'storms' } as const;
    for (const [part, list] of Object.entries(kept)) {
      if (part === name) expect(report.result[list]).toEqual([]);
      // Owners go into modules' functions only, so that these three stand whole beside any other's failure.
      else expect(report.result[list]).toEqual(whole.result[list]);
    }
    expect(validator('dpc')(JSON.parse(render(report, { format: 'json' })))).toEqual([]);
  });

  it('is caught in finishing too', async () => {
    vi.spyOn(DPC_ANALYSES.storms, 'start').mockReturnValue({ ...broken, add: () => {} });
    const { diagnostics, result } = await dpcOf(DUMPER);
    expect(diagnostics.find((d) => d.code === 'analysis-failed')?.message).toContain('dpc-storms');
    expect(result.modules.length).toBe(23);
  });
});
