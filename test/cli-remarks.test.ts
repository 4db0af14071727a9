/** What the command says where there is little to show, and where it cannot write. */

import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { tracekit } from './support/cli.js';
import { linesOfSample, ROOT, sample } from './support/samples.js';

const STUTTER = 'samples/xperf-dumper/stutter.txt';
const folder = mkdtempSync(join(tmpdir(), 'tracekit-remarks-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, lines: readonly string[]): string {
  const path = join(folder, name);
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
  return path;
}

const HEADER = [
  'BeginHeader',
  '                    DPC,  TimeStamp, ElapsedTime, CPU,        ServiceAddr,            Image!Function',
  'EndHeader',
];
const noRuns = file('header.txt', HEADER);
const damaged = file('damaged.txt', [...HEADER, 'DPC, 1000, x, y', 'DPC, 2000']);
const cpusOnly = file('cpus.txt', [
  'LatencyMon has been analyzing your system for  0:00:20  (h:mm:ss) on all processors.',
  'CPU 0 DPC highest execution time (µs):                150.0',
  'CPU 0 DPC total execution time (s):                   0.5',
  'CPU 0 DPC count:                                      10',
]);

describe('answers of little', () => {
  it('takes figures by processor alone for an answer', () => {
    const ran = tracekit(['dpc', cpusOnly]);
    expect([ran.code, ran.err]).toEqual([0, '']);
    expect(ran.out).toMatch(/^ +0 +10 +500000\.0 +150\.0 +2\.500$/m);
    expect(tracekit(['dpc', cpusOnly, '--fail-over', '150us']).code).toBe(0);
    const over = tracekit(['dpc', cpusOnly, '--fail-over', '149us']);
    expect([over.code, over.err]).toEqual([1, 'tracekit: DPC on CPU 0 ran 150 µs: over 149 µs.\n']);
  });

  it('blames the filters only where there are some', () => {
    const none = 'tracekit: no DPC or ISR run passes the filters given.\n';
    for (const filter of [
      ['--module', 'nosuch.sys'],
      ['--range', '90s', '91s'],
      ['--around', '90s+-1s'],
      ['--kind', 'PassiveISR'],
      ['--cpu', '77'],
    ]) {
      const ran = tracekit(['dpc', STUTTER, ...filter]);
      expect([filter, ran.code, ran.err]).toEqual([filter, 0, none]);
    }
    const empty = file('one.txt', ['Highest DPC routine execution time (µs): 5', 'Total time spent in DPCs (%) 0.1']);
    const ran = tracekit(['dpc', empty]);
    expect([ran.code, ran.err]).toEqual([4, expect.stringContaining('no figures of DPCs or ISRs by module')]);
  });

  it('points to damaged lines before it advises another recording', () => {
    const ran = tracekit(['dpc', damaged]);
    expect(ran.code).toBe(4);
    expect(ran.err).toMatch(/could be read from the input: 2 lines were skipped, first in line 4: /);
    expect(ran.err).not.toContain('INTERRUPT and DPC keywords');
    expect(tracekit(['dpc', noRuns]).err).toContain('Record with the INTERRUPT and DPC keywords');
    expect(tracekit(['info', damaged]).out).toContain('could be read: 2 lines were skipped');
    expect(tracekit(['info', noRuns]).out).toContain('record with INTERRUPT and DPC');
  });

  it('prints `none` in place of a table without rows, and assumes nothing of runs that are not there', () => {
    const { out } = tracekit(['dpc', noRuns, '--by', 'interval,module,histogram']);
    expect(out).toMatch(/^Periodic routines\nnone\n\nBy module \(.*\)\nnone\n\nHistogram\nnone\n\nFindings\nnone\n/m);
    expect(out).not.toContain('TimeStamp is taken as');
    expect(tracekit(['dpc', STUTTER]).out).toContain('TimeStamp is taken as the end');
    expect(tracekit(['dpc', noRuns, '--format', 'md']).out).toContain('### By CPU\n\nnone\n');
    // Programs read the header line, rows or not.
    expect(tracekit(['dpc', noRuns, '--format', 'csv']).out).toMatch(/^kind,module,count,.*\n$/);
  });
});

describe('--range', () => {
  it('does not take the file for its second time', () => {
    for (const args of [
      ['dpc', '--range', '6s', STUTTER],
      ['dpc', '--range', '6s', '3x', STUTTER],
    ]) {
      const ran = tracekit(args);
      expect([ran.code, ran.err]).toEqual([2, expect.stringMatching(/^tracekit: --range takes two times: .*\n$/)]);
    }
    for (const second of ['7s', '+1s', '7000000', '+500']) {
      expect(tracekit(['dpc', '--range', '6s', second, STUTTER]).code).toBe(0);
    }
  });
});

describe('standard output that cannot be written', () => {
  it.skipIf(!existsSync('/dev/full'))('is said in one line, exit 3', () => {
    for (const args of [['dpc', STUTTER], ['dpc', STUTTER, '--json'], ['recipe', 'dpc'], ['--help']]) {
      const full = openSync('/dev/full', 'w');
      const bin = join(ROOT, 'dist/bin/tracekit.js');
      const ran = spawnSync(process.execPath, [bin, ...args], { cwd: ROOT, stdio: ['ignore', full, 'pipe'] });
      closeSync(full);
      expect([args, ran.status]).toEqual([args, 3]);
      expect(String(ran.stderr)).toMatch(/^tracekit: standard output: ENOSPC.*\n$/);
    }
  });
});

describe('info', () => {
  it('tells the length from the runs where the format does not say it', () => {
    const table = file('wpa.csv', [
      'Type,CPU,Module,Function,DPC Type,DPC/ISR Enter Time (s),Inclusive Duration (ms)',
      'DPC,0,a.sys,f,DPC,1.500000,0.005000',
      'DPC,1,a.sys,f,DPC,1.000000,2000.000000',
      'DPC,0,a.sys,f,DPC,2.000000,0.250000',
    ]);
    const { result } = JSON.parse(tracekit(['info', table, '--json']).out);
    expect(result.span).toEqual({ startUtc: null, firstEventUtc: null, endUtc: null, durationUs: 2_000_000 });
    const own = JSON.parse(tracekit(['info', sample('xperf-dumper/stutter.txt'), '--json']).out);
    // A format that says it is taken at its word: from 0 to the last row.
    const lastUs = Number(linesOfSample('xperf-dumper/stutter.txt').at(-2)?.split(',')[1]);
    expect(own.result.span.durationUs).toBe(lastUs);
  });
});
