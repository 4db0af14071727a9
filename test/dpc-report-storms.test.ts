import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { DpcOptions } from '../src/analyses/dpc-options.js';
import type { DpcResult } from '../src/analyses/dpc-result.js';
import type { Report } from '../src/analyze.js';
import { dpcOf, sample } from './support/samples.js';

const dir = mkdtempSync(join(tmpdir(), 'tracekit-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const REPORT = sample('xperf-dpcisr/stutter.txt');
const RUNS = sample('xperf-dumper/stutter.txt');

let files = 0;
async function answerOf(text: string, options: Partial<DpcOptions> = {}): Promise<Report<DpcResult>> {
  const path = join(dir, `${++files}.txt`);
  writeFileSync(path, text);
  return dpcOf([path], options);
}

const storms = ({ findings }: Report<DpcResult>) => findings.filter(({ rule }) => rule === 'dpc-storm');

const table = (heading: string, ...rows: string[]): string =>
  `${heading}\nUsage From 0 ms to 3000 ms, Summing In 1 second intervals. Intervals=3\n, CPU 0 Usage , CPU 2 Usage\n${rows.join('\n')}\n`;

describe('storms of a report', () => {
  it('are those of its table of seconds, DPCs and ISRs added up', async () => {
    const report = await dpcOf([REPORT]);
    // Lines of the sample: CPU 3 `999863 99.99` and `306 0.03` in second 6; CPU 5 `224514 22.45` and `150 0.01` in second 8.
    expect(report.result.storms).toMatchObject([
      { cpu: 3, startUs: 6e6, percentOfCpu: 100, steps: { over5: 1, over10: 1, over20: 1 }, modules: [] },
      { cpu: 5, startUs: 8e6, percentOfCpu: (224_514 + 150) / 1e4, steps: { over5: 2, over10: 2, over20: 2 } },
    ]);
    const found = storms(report);
    expect(found.map(({ level, message }) => [level, message])).toEqual([
      ['error', 'CPU 3 spent 100.0 % of the second from 6.00 s in DPCs and ISRs (over 20 %).'],
      ['error', 'CPU 5 spent 22.5 % of the second from 8.00 s in DPCs and ISRs (over 20 %).'],
    ]);
    expect(found[0].evidence).toMatchObject([
      { source: 's1', line: 181, quote: expect.stringMatching(/999863 +99\.99/) },
    ]);
  });

  it('cite both rows where both matter, and keep to the limits', async () => {
    const report = await answerOf(
      table('DPC Info', '0-1000 :, 30000 3.00, 50000 5.00', '1000-2000 :, 40000 4.00, 0 0.00') +
        table('Interrupt Info', '0-1000 :, 10000 1.00, 0 0.00', '1000-2000 :, 70000 7.00, 50000 5.00'),
    );
    // 4 % and 11 % on CPU 0; twice exactly 5 % on CPU 2, which is not over it.
    expect(report.result.storms).toMatchObject([
      { cpu: 0, startUs: 1e6, percentOfCpu: 11, steps: { over5: 1, over10: 1, over20: 0 }, doubtful: false },
    ]);
    expect(storms(report)).toMatchObject([{ level: 'warning', evidence: [{ line: 5 }, { line: 10 }] }]);
    expect(report.diagnostics).toEqual([]);
  });

  it('take the window and the CPUs asked for', async () => {
    const range = { startUs: 7_500_000, endUs: 12_000_000 };
    const report = await dpcOf([REPORT], { range, cpus: new Set([3, 5]) });
    expect(report.result.storms.map(({ cpu, startUs }) => [cpu, startUs])).toEqual([[5, 8e6]]);
    expect((await dpcOf([REPORT], { cpus: new Set([0]) })).result.storms).toEqual([]);
  });

  it('do not add up the same interval of two reports, and name the length of others than seconds', async () => {
    const part = table('DPC Info', '0-4000 :, 1000000 25.00, 0 0.00');
    const report = await answerOf(part + part);
    expect(report.result.storms.map(({ percentOfCpu }) => percentOfCpu)).toEqual([25]);
    expect(storms(report)[0].message).toContain('25.0 % of the 4 s from 0.00 s');
  });

  it('do not stand beside those of runs', async () => {
    const both = await dpcOf([REPORT, RUNS]);
    const alone = await dpcOf([RUNS]);
    expect(both.result.storms.map(({ evidence: _, ...storm }) => storm)).toEqual(
      alone.result.storms.map(({ evidence: _, ...storm }) => storm),
    );
    expect(storms(both)).toHaveLength(storms(alone).length);
  });
});
