import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { canInterrupt, expectedOf, histogramOf } from './generate/oracle.js';
import { samples } from './generate/samples.js';
import { endUs, type Run, stutter, withLosses } from './generate/truth.js';
import { damagedDumper } from './generate/write-dumper.js';

const truth = stutter();

describe('the generated truth', () => {
  it('is the same each time and differs by seed', () => {
    expect(stutter()).toEqual(truth);
    expect(stutter(1).runs).not.toEqual(truth.runs);
  });

  it('holds one overlapping pair and no other overlap', () => {
    const { overlaps } = expectedOf(truth);
    expect(overlaps.map(([a, b]) => [a.cpu, a.startUs, b.startUs])).toEqual([[6, 4_200_000, 4_200_150]]);
  });

  it('lists runs by end and within the trace, with whole µs', () => {
    for (const [i, run] of truth.runs.entries()) {
      expect(Number.isInteger(run.startUs) && Number.isInteger(run.durationUs) && run.durationUs > 0).toBe(true);
      expect(run.startUs >= 0 && endUs(run) <= truth.lengthUs).toBe(true);
      if (i > 0) expect(endUs(run)).toBeGreaterThanOrEqual(endUs(truth.runs[i - 1]));
    }
  });

  it('has a storm above 20 % on CPU 5 in both of its seconds, and nowhere else but in the long DPC', () => {
    const busy = (cpu: number, second: number): number =>
      truth.runs
        .filter((run) => run.cpu === cpu && run.kind === 'DPC' && run.type !== 'ThreadedDPC')
        .reduce((sum, run) => {
          const from = Math.max(run.startUs, second * 1e6);
          return sum + Math.max(0, Math.min(endUs(run), (second + 1) * 1e6) - from);
        }, 0) / 1e4;
    const over: string[] = [];
    for (let cpu = 0; cpu < 8; cpu++)
      for (let second = 0; second < 20; second++) if (busy(cpu, second) > 20) over.push(`CPU ${cpu}, second ${second}`);
    expect(over).toEqual(['CPU 3, second 6', 'CPU 5, second 8', 'CPU 5, second 9']);
  });

  it('damages a dumper file without touching the rows of the truth', () => {
    const { text, broken, odd } = damagedDumper(withLosses(truth));
    expect(text).toContain('Events Lost: 1234, Buffers lost: 3');
    expect(text.endsWith('\n')).toBe(false);
    const lines = text.split('\r\n');
    for (const line of broken) expect(lines).toContain(line);
    expect(odd).toHaveLength(1);
  });
});

describe('the oracle', () => {
  const run = (kind: 'DPC' | 'ISR', type: Run['type'], startUs: number, durationUs: number, cpu = 0): Run => ({
    kind,
    type,
    startUs,
    durationUs,
    cpu,
    vector: null,
    messageIndex: null,
    module: 'a.sys',
    fn: 'f',
    address: 1n,
  });

  it('takes nested time out once, and only what can interrupt', () => {
    const threaded = run('DPC', 'ThreadedDPC', 0, 1000);
    const dpc = run('DPC', 'DPC', 100, 100);
    const isr = run('ISR', 'ISR', 150, 20);
    const inner = run('ISR', 'ISR-MSI', 155, 5);
    const elsewhere = run('ISR', 'ISR', 160, 20, 1);
    const crossing = run('ISR', 'ISR', 990, 20);
    const { exclusiveUs } = expectedOf({ ...truth, runs: [inner, isr, elsewhere, dpc, threaded, crossing] });
    expect([threaded, dpc, isr, inner, crossing].map((r) => exclusiveUs.get(r))).toEqual([900, 80, 15, 5, 20]);
    expect(canInterrupt(dpc, run('DPC', 'TimerDPC', 0, 1000))).toBe(false);
  });

  it('ranks and counts as defined', () => {
    const runs = Array.from({ length: 10 }, (_, i) => run('DPC', 'DPC', i * 1000, (i + 1) * 20));
    const [figures] = expectedOf({ ...truth, runs }).byModule;
    expect(figures).toMatchObject({ count: 10, inclusiveUs: 1100, meanUs: 110, p50Us: 100, p90Us: 180, p99Us: 200 });
    expect(figures).toMatchObject({ p999Us: 200, maxUs: 200, overThreshold: 5 });
  });

  it('puts a power of two into the bucket that it ends', () => {
    expect(histogramOf([1, 2, 3, 4, 5])).toEqual([
      { gtUs: 0, leUs: 1, count: 1 },
      { gtUs: 1, leUs: 2, count: 1 },
      { gtUs: 2, leUs: 4, count: 2 },
      { gtUs: 4, leUs: 8, count: 1 },
    ]);
  });
});

describe('the samples', () => {
  it.each(samples().map((file) => [file.path, file] as const))('%s is as the generator makes it', (path, { bytes }) => {
    const stored = readFileSync(join(import.meta.dirname, '../samples', path));
    const unpacked = (data: Buffer): Buffer => (path.endsWith('.gz') ? gunzipSync(data) : data);
    expect(unpacked(stored).equals(unpacked(bytes))).toBe(true);
  });
});
