/** Exit codes of `tracekit pool`, and where it reads and writes; what it prints is in pool-screens.test.ts. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { PoolResult } from '../src/index.js';
import { myfaultTruth } from './generate/pool/myfault.js';
import { poolDumper } from './generate/pool/write-dumper.js';
import { tracekit } from './support/cli.js';
import { scratch } from './support/scratch.js';

const LEAK = 'samples/xperf-dumper/pool-leak.txt.gz';
const POOLMON = 'samples/poolmon/leak.txt';
const VERIFIER = 'samples/kd/verifier.log';
const NO_POOL = 'samples/xperf-dumper/stutter.txt';

const { folder, written } = scratch('pool-cli');

const MYFAULT = written('myfault.txt', poolDumper(myfaultTruth()));
const LOSSY = written('lossy.txt', readFileSync(MYFAULT, 'utf8').replace('Events Lost: 0', 'Events Lost: 7'));

/** The answer to these arguments. */
function result(...args: string[]): PoolResult {
  const { out, err, code } = tracekit(['pool', ...args, '--json']);
  expect([code, err]).toEqual([0, '']);
  return JSON.parse(out).result;
}

describe('exit codes', () => {
  it.each<[number, string, string[]]>([
    [0, '', ['pool', MYFAULT]],
    [0, '', ['pool', MYFAULT, '--strict']],
    [0, '', ['pool', MYFAULT, '--fail-over', '2MB/s']],
    [0, '', ['pool', POOLMON, '--every', '5s', '--fail-over', '1GB']],
    [0, 'no pool event or snapshot passes the filters', ['pool', MYFAULT, '--tag', 'Nope']],
    [0, 'no pool event or snapshot passes the filters', ['pool', MYFAULT, '--paged']],
    [0, 'no pool event or snapshot passes the filters', ['pool', MYFAULT, '--pid', '77']],
    [1, "'Leak' leaks 102", ['pool', MYFAULT, '--fail-over', '1000000']],
    [1, "'FnRx' leaks ", ['pool', LEAK, '--fail-over', '10KB/s', '--top', '1']],
    [1, "'FnRx' leaks ", ['pool', POOLMON, '--every', '5.4545s', '--fail-over', '10kb']],
    [3, '--strict: events-lost', ['pool', LOSSY, '--strict']],
    [3, '--strict: events-lost', ['pool', LOSSY, '--strict', '--fail-over', '1']],
    [3, 'missing.txt', ['pool', 'missing.txt']],
    [3, 'missing.log', ['pool', MYFAULT, '--snapshot', 'missing.log']],
    [3, 'samples', ['pool', 'samples']],
    [3, 'is of no known format', ['pool', 'README.md']],
    [3, 'is empty', ['pool', '-']],
    [3, 'holds no pool data. Formats that do: ', ['pool', 'samples/latencymon/stutter.txt']],
    [3, 'holds no pool data. Formats that do: ', ['pool', 'samples/wpa-dpc-isr/stutter-en.csv']],
    [3, '--pooltag: ', ['pool', MYFAULT, '--pooltag', 'missing.txt']],
    [3, 'holds no line such as', ['pool', MYFAULT, '--pooltag', 'README.md']],
    [4, 'no pool data in the input. Record with the POOL keyword', ['pool', NO_POOL]],
    [4, 'no pool data in the input', ['pool', NO_POOL, '--strict', '--fail-over', '1']],
    [4, 'no pool data in the input', ['pool', 'samples/etl/stutter.etl']],
  ])('%i: "%s" %j', (code, why, args) => {
    const ran = tracekit(args);
    expect([ran.code, ran.err]).toEqual([code, why === '' ? '' : expect.stringContaining(why)]);
    expect(ran.err.trimEnd().split('\n')).toHaveLength(1);
    expect(ran.err).not.toContain('internal error');
  });

  it('are the same with --quiet, which says nothing', () => {
    for (const [code, args] of [
      [1, ['pool', MYFAULT, '--fail-over', '1']],
      [3, ['pool', LOSSY, '--strict']],
      [4, ['pool', NO_POOL]],
    ] as const) {
      const ran = tracekit([...args, '--quiet']);
      expect([ran.code, ran.err]).toEqual([code, '']);
    }
  });

  it.each<[string, string[]]>([
    ['no file', ['pool']],
    ['an unknown option', ['pool', MYFAULT, '--tags', 'x']],
    ['an unknown column', ['pool', MYFAULT, '--columns', 'tag,nosuch']],
    ['a column of another list', ['pool', MYFAULT, '--view', 'tag', '--columns', 'allocator']],
    ['an unknown list', ['pool', MYFAULT, '--view', 'driver']],
    ['an unknown key', ['pool', MYFAULT, '--by', 'size']],
    ['an unknown end', ['pool', MYFAULT, '--tree', 'sideways']],
    ['an unknown format', ['pool', MYFAULT, '--format', 'html']],
    ['both pools', ['pool', MYFAULT, '--paged', '--nonpaged']],
    ['a rate that is none', ['pool', MYFAULT, '--fail-over', 'fast']],
    ['a rate of an unknown unit', ['pool', MYFAULT, '--fail-over', '10 lightyears']],
    ['a rate below zero', ['pool', MYFAULT, '--fail-over', '-1KB/s']],
    ['a rate of nothing', ['pool', MYFAULT, '--fail-over', '']],
    ['a length that is no number', ['pool', MYFAULT, '--top', 'all']],
    ['a depth below zero', ['pool', MYFAULT, '--depth', '-1']],
    ['a process that is no number', ['pool', MYFAULT, '--pid', 'all']],
    ['an age that is no duration', ['pool', MYFAULT, '--min-age', 'old']],
    ['a distance that is no duration', ['pool', POOLMON, '--every', 'often']],
    ['one time', ['pool', MYFAULT, '--range', '2s']],
    ['a range that ends before it begins', ['pool', MYFAULT, '--range', '3s', '2s']],
    ['a time without distance', ['pool', MYFAULT, '--around', '2s']],
    ['two windows', ['pool', MYFAULT, '--range', '2s,3s', '--around', '2s±1s']],
    ['an output over an input', ['pool', MYFAULT, '--output', MYFAULT]],
    ['an output over a snapshot', ['pool', MYFAULT, '--snapshot', VERIFIER, '--output', VERIFIER]],
  ])('2: %s', (_, args) => {
    const before = readFileSync(VERIFIER, 'utf8');
    const { code, out, err } = tracekit(args);
    expect([code, out]).toEqual([2, '']);
    // Commander adds what may have been meant, and where to find help.
    expect(
      err
        .replace(/^\(.*\)\n/gm, '')
        .trimEnd()
        .split('\n'),
    ).toHaveLength(1);
    expect(err.length).toBeGreaterThan(10);
    expect(err).not.toContain('    at ');
    expect(readFileSync(VERIFIER, 'utf8')).toBe(before);
  });
});

describe('input and output', () => {
  it('- reads plain text and gzip with the same answer', () => {
    const bytes = readFileSync(MYFAULT);
    const expected = result(MYFAULT).tags;
    for (const input of [bytes, gzipSync(bytes), Buffer.from(`\ufeff${bytes}`, 'utf16le')]) {
      const { code, out } = tracekit(['pool', '-', '--json'], { input });
      expect(code).toBe(0);
      // Places in the file differ by its encoding.
      const tags = (JSON.parse(out).result as PoolResult).tags.map((tag) => ({ ...tag, evidence: [] }));
      expect(tags).toEqual(expected.map((tag) => ({ ...tag, evidence: [] })));
    }
  });

  it.each(['table', 'json', 'ndjson', 'csv', 'md', 'collapsed', 'flamegraph', 'speedscope'])(
    '--output writes as %s what it would print',
    (format) => {
      const path = join(folder, `answer.${format}`);
      const args = ['pool', MYFAULT, '--format', format];
      const ran = tracekit([...args, '--output', path]);
      expect([ran.code, ran.out, ran.err]).toEqual([0, '', '']);
      const text = readFileSync(path, 'utf8');
      expect(text.length).toBeGreaterThan(100);
      expect(text).toBe(tracekit(args).out);
    },
  );

  it('prints the answer whatever the exit code', () => {
    expect(tracekit(['pool', LOSSY, '--strict']).out).toBe(tracekit(['pool', LOSSY]).out);
    expect(tracekit(['pool', MYFAULT, '--fail-over', '1']).out).toBe(tracekit(['pool', MYFAULT]).out);
  });

  it('takes an output and an input format one after the other', () => {
    const asJson = tracekit(['pool', MYFAULT, '--json']).out;
    expect(tracekit(['pool', MYFAULT, '--format', 'xperf-dumper', '--format', 'json']).out).toBe(asJson);
    const forced = tracekit(['pool', MYFAULT, '--format', 'poolmon']);
    expect([forced.code, forced.err]).toEqual([4, expect.stringContaining('no pool data in the input')]);
  });
});
