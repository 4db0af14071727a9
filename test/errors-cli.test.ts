/** Exit codes of `tracekit errors`, what its options leave, and where it reads and writes; what it prints is in errors-screens.test.ts. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ERRORS_VIEWS, type ErrorsResult, errorsColumns } from '../src/index.js';
import { seeded } from './generate/random.js';
import { tracekit } from './support/cli.js';
import { type TableRow, tableOf } from './support/errors.js';
import { clean, refused } from './support/refusal.js';
import { scratch } from './support/scratch.js';

const { folder, written } = scratch('errors-cli');

const random = seeded(12);

/** From ten o'clock on, a minute: an error every 5 s, a span of 2 s, and what is new at 30 s. */
const rows: TableRow[] = [
  ...Array.from({ length: 12 }, (_, i) => [
    { atUs: i * 5e6, pid: 100, tid: 104, message: 'Error: write to disk failed' },
    { atUs: i * 5e6 + 1000, pid: 100, tid: 104, message: `will try again (retry ${i + 1})` },
  ]).flat(),
  ...Array.from({ length: 40 }, (_, i) => ({
    atUs: random.whole(0, 59e6),
    pid: 200,
    tid: 204 + 4 * (i % 2),
    message: `Lamp ${i % 5} is on`,
  })),
  { atUs: 10.2e6, pid: 200, tid: 204, message: 'Scan started' },
  { atUs: 12.2e6, pid: 200, tid: 204, message: 'Scan finished' },
  { atUs: 31e6, pid: 200, tid: 204, message: 'Warning: cache is nearly full' },
  { atUs: 33e6, pid: 200, tid: 204, message: 'Warning: cache is nearly full' },
].sort((a, b) => a.atUs - b.atUs);
const TRACE = written('trace.txt', tableOf(rows));
const QUIET = written('quiet.txt', tableOf(rows.filter(({ pid }) => pid === 200)));
const DAMAGED = written('damaged.txt', `${tableOf(rows)}999 5 x 10:01:02.5\n`);
const HEADER = written('header.txt', '# PID TID Time Message\n');

/** The answer to these arguments. */
function result(...args: string[]): ErrorsResult {
  const ran = tracekit(['errors', ...args, '--json']);
  expect([ran.code, ran.err]).toEqual([0, '']);
  return JSON.parse(ran.out).result;
}

const texts = (...args: string[]): string[] => result(TRACE, ...args).templates.map(({ template }) => template);

describe('exit codes', () => {
  it.each<[number, string, string[]]>([
    [0, '', [TRACE]],
    [0, '', [TRACE, '--fail-over', '3s', '--strict']],
    [0, '', [QUIET, '--fail-on-periodic']],
    [0, '', [DAMAGED]],
    [1, 'an error comes every 5', [TRACE, '--fail-on-periodic']],
    [1, 'a span took 2000 ms: over 1500 ms', [TRACE, '--fail-over', '1.5s']],
    [3, '--strict: ', [DAMAGED, '--strict']],
    [3, '--strict: ', [DAMAGED, '--strict', '--fail-on-periodic']],
    [3, 'missing.txt', ['missing.txt']],
    [3, 'missing.txt', [TRACE, 'missing.txt']],
    [3, 'samples', ['samples']],
    [3, 'is of no known format', ['README.md']],
    [3, 'is empty', ['-']],
    [3, 'holds no message data. Formats that do: ', ['samples/latencymon/stutter.txt']],
    [3, '--rules: ', [TRACE, '--rules', 'missing-rules.txt']],
    [3, 'missing.man', [TRACE, '--manifest', 'missing.man']],
    [0, 'no message passes the filters given', [TRACE, '--pid', '1']],
    [0, 'no message passes the filters given', [TRACE, '--range', '100s', '200s']],
    [0, 'no message passes the filters given', [TRACE, '--process', 'nobody.exe', '--strict']],
    [4, 'no messages in the input', [HEADER]],
  ])('%i: "%s" %j', (code, why, args) => {
    const ran = tracekit(['errors', ...args]);
    expect([ran.code, ran.err]).toEqual([code, why === '' ? '' : expect.stringContaining(why)]);
    expect(ran.err.trimEnd().split('\n')).toHaveLength(1);
    clean(ran);
  });

  it('are the same with --quiet, which says nothing', () => {
    for (const [code, args] of [
      [1, [TRACE, '--fail-on-periodic']],
      [3, [DAMAGED, '--strict']],
      [4, [HEADER]],
    ] as const) {
      const ran = tracekit(['errors', ...args, '--quiet']);
      expect([ran.code, ran.err]).toEqual([code, '']);
    }
  });

  it('leave the answer as it is', () => {
    const { out } = tracekit(['errors', TRACE]);
    expect(tracekit(['errors', TRACE, '--fail-on-periodic']).out).toBe(out);
    expect(tracekit(['errors', TRACE, '--fail-over', '1s']).out).toBe(out);
  });
});

describe('what is refused as usage', () => {
  it.each<[string, string[]]>([
    ['no file', []],
    ['an unknown option', [TRACE, '--levels', 'error']],
    ['an unknown column', [TRACE, '--columns', 'count,nosuch']],
    ['a column of another list', [TRACE, '--view', 'gap', '--columns', 'confidence']],
    ['an unknown list', [TRACE, '--view', 'templates']],
    ['an unknown format', [TRACE, '--format', 'svg']],
    ['an unknown level', [TRACE, '--level', 'bad']],
    ['an unknown column to tell by', [TRACE, '--by', 'colour']],
    ['an unknown confidence', [TRACE, '--confidence', 'total']],
    ['a period that is none', [TRACE, '--period', 'often']],
    ['three periods', [TRACE, '--period', '1s,2s,3s']],
    ['periods the wrong way round', [TRACE, '--period', '10s', '5s']],
    ['an empty period', [TRACE, '--period', '']],
    ['a period below zero', [TRACE, '--period=-5s']],
    ['a range of one time', [TRACE, '--range', '5s']],
    ['a range that ends before it begins', [TRACE, '--range', '9s', '5s']],
    ['a range that is none', [TRACE, '--range', 'soon,later']],
    ['a window that is none', [TRACE, '--window', 'soon,later']],
    ['a window that ends before it begins', [TRACE, '--window', '9s', '5s']],
    ['a distance that is none', [TRACE, '--around', '5s±x']],
    ['range and around', [TRACE, '--range', '1s,2s', '--around', '1s±1s']],
    ['a process that is no number', [TRACE, '--pid', 'all']],
    ['a thread that is no number', [TRACE, '--tid', '-']],
    ['a day that is none', [TRACE, '--date', '2026-02-30']],
    ['a day in another form', [TRACE, '--date', '20.11.2026']],
    ['a zone that is none', [TRACE, '--zone', 'Mars/Olympus']],
    ['an order of dates that is none', [TRACE, '--date-order', 'ymd']],
    ['lines that are no number', [TRACE, '--sample-lines', 'all']],
    ['a length that is no number', [TRACE, '--top', '-1']],
    ['a limit that is no time', [TRACE, '--fail-over', 'long']],
    ['one file to compare', ['--diff', TRACE]],
    ['a template that is too long', [TRACE, '--template', 'x'.repeat(3000)]],
    ['an output over an input', [TRACE, '--output', TRACE]],
    ['an output over the second input', [QUIET, TRACE, '--output', TRACE]],
  ])('%s', (_, args) => {
    const before = readFileSync(TRACE, 'utf8');
    const ran = tracekit(['errors', ...args]);
    expect([ran.code, ran.out]).toEqual([2, '']);
    clean(ran);
    const said = ran.err.replace(/^\(.*\)\n/gm, '').trimEnd();
    expect(said.split('\n')).toHaveLength(1);
    expect(said.length).toBeGreaterThan(20);
    expect(readFileSync(TRACE, 'utf8')).toBe(before);
  });

  it('too many rules, and one that is too long', () => {
    const many = written('many.rules', 'x*\n'.repeat(1001));
    refused(tracekit(['errors', TRACE, '--rules', many]), 2, /more than 1000 rules/);
    const long = written('long.rules', 'x'.repeat(2001));
    refused(tracekit(['errors', TRACE, '--rules', long]), 2, /more than 2000 characters/);
  });
});

const ERROR = 'Error: write to disk failed';
const RETRY = 'will try again (retry <num>)';
const WARNING = 'Warning: cache is nearly full';

describe('filters', () => {
  it.each<[string, string[], string[]]>([
    ['--level error', ['--level', 'error'], [ERROR]],
    ['--level warn', ['--level', 'warn'], [ERROR, RETRY, WARNING]],
    ['--message', ['--message', '*disk*'], [ERROR]],
    ['--message, what is not', ['--message', '!*disk*;Lamp*', '--level', 'error'], []],
    ['--pid', ['--pid', '100', '--level', 'warning'], [ERROR, RETRY]],
    ['--tid', ['--tid', '204', '--level', 'warning'], [WARNING]],
    ['--range', ['--range', '30s', '35s', '--level', 'warning'], [ERROR, WARNING, RETRY]],
    ['--range, one argument', ['--range', '30s,+2s', '--level', 'error'], [ERROR]],
    ['--range, times of day', ['--range', '10:00:31', '10:00:34', '--level', 'warning'], [WARNING]],
    ['--around', ['--around', '31s±100ms', '--level', 'warning'], [WARNING]],
    ['--around, time of day', ['--around', '10:00:31±100ms', '--level', 'warning'], [WARNING]],
  ])('%s', (_, args, left) => {
    expect(texts(...args).sort()).toEqual([...left].sort());
  });

  it('--period keeps rhythms with such a period', () => {
    const of = (...args: string[]): number => result(TRACE, ...args).periodic.length;
    const all = of();
    expect(all).toBeGreaterThan(0);
    expect([of('--period', '4s', '6s'), of('--period', '4s,6s'), of('--period=4s 6s')]).toEqual([all, all, all]);
    expect([of('--period', '5s'), of('--period', '5.2s'), of('--period', '5000ms', '--level', 'error')]).toEqual([
      all,
      all,
      1,
    ]);
    expect([of('--period', '6s'), of('--period', '6s', '9s'), of('--period', '1s', '4s')]).toEqual([0, 0, 0]);
    // The file may stand behind a single period.
    expect(JSON.parse(tracekit(['errors', '--json', '--period', '5s', TRACE]).out).result.periodic).toHaveLength(all);
  });

  it('--window tells what was new in it, and what stopped', () => {
    const of = (...args: string[]): string[] =>
      result(TRACE, ...args).changes.map(({ kind, template }) => `${kind} ${template}`);
    const expected = ['new Warning: cache is nearly full', 'stopped Warning: cache is nearly full'];
    expect(of('--window', '30s', '40s').sort()).toEqual(expected);
    expect(of('--window', '10:00:30', '10:00:40').sort()).toEqual(expected);
    expect(of('--window', '30s', '32s')).toEqual(expected.slice(0, 1));
    expect(of('--window', '50s', '+1s')).toEqual([]);
  });

  it('--by tells threads of activity by another column', () => {
    expect(result(TRACE).threads.map(({ pid, tid }) => [pid, tid])).toHaveLength(3);
    expect(result(TRACE, '--by', 'process').threads.map(({ pid, tid }) => [pid, tid])).toEqual([
      [200, null],
      [100, null],
    ]);
    for (const by of ['provider', 'function', 'file', 'cpu', 'machine', 'channel', 'template']) {
      const { threads, by: told } = result(TRACE, '--by', by);
      expect([told, threads.length, threads[0].count]).toEqual([by, 1, rows.length]);
    }
  });

  it('--confidence leaves out what is less sure', () => {
    const of = (confidence: string): number => result(TRACE, '--confidence', confidence).periodic.length;
    expect(of('low')).toBeGreaterThanOrEqual(of('medium'));
    expect(of('medium')).toBeGreaterThanOrEqual(of('high'));
  });

  it('--sample-lines quotes so many of each template', () => {
    for (const n of [1, 3, 7]) {
      const lengths = result(TRACE, '--sample-lines', String(n)).templates.map(({ examples, count }) => [
        examples.length,
        Math.min(n, count),
      ]);
      for (const [length, expected] of lengths) expect(length).toBe(expected);
    }
    expect(result(TRACE, '--sample-lines', '0').templates.every(({ examples }) => examples.length === 1)).toBe(true);
  });
});

describe('templates of the user', () => {
  it('--template, more than once', () => {
    const { templates } = result(TRACE, '--template', 'critical: Lamp <*> is*', '--template', '*disk*');
    expect(templates.slice(0, 2).map(({ template, count, level }) => [template, count, level])).toEqual([
      ['Lamp <*> is*', 40, 'critical'],
      ['*disk*', 12, 'error'],
    ]);
  });

  it('--rules, with levels, remarks and a byte order mark', () => {
    const path = written('own.rules', '\ufeff# remarks\r\n\r\nerror: Lamp*\r\ninformation\tError: *\r\nScan *\r\n');
    const { templates } = result(TRACE, '--rules', path);
    expect(templates.map(({ template, count, level }) => [template, count, level])).toEqual([
      ['Lamp*', 40, 'error'],
      [RETRY, 12, 'warning'],
      [WARNING, 2, 'warning'],
      ['Error: *', 12, 'information'],
      ['Scan *', 2, null],
    ]);
  });
});

describe('clocks', () => {
  const startOf = (...args: string[]): unknown => {
    const { sources } = JSON.parse(tracekit(['errors', TRACE, ...args, '--json']).out);
    return sources[0].about?.clock?.startUtc ?? sources[0].clock?.startUtc ?? null;
  };

  it('--date and --zone say when a log of times of day began', () => {
    expect(startOf()).toBeNull();
    expect(startOf('--date', '2026-11-20', '--zone', 'UTC')).toMatch(/^2026-11-20T10:00:00/);
    expect(startOf('--date', '2026-11-20', '--zone', '+02:00')).toMatch(/^2026-11-20T08:00:00/);
    expect(startOf('--date', '2026-07-20', '--zone', 'Europe/Berlin')).toMatch(/^2026-07-20T08:00:00/);
    expect(startOf('--date', '2026-11-20')).toBeNull();
  });

  it('--date-order reads dates that may be either', () => {
    const dated = (day: string): string =>
      `${day} 10:00:00.000 [1] INFO Lamp is on\n${day} 10:00:05.000 [1] INFO Lamp is off\n`;
    const path = written('dated.log', dated('01/02/2026').repeat(4));
    const start = (...args: string[]): string =>
      JSON.stringify(JSON.parse(tracekit(['errors', path, '--zone', 'UTC', ...args, '--json']).out).sources);
    expect(start('--date-order', 'dmy')).toContain('2026-02-01T10:00:00');
    expect(start('--date-order', 'mdy')).toContain('2026-01-02T10:00:00');
    expect(start()).not.toMatch(/2026-0[12]-0[12]T10/);
  });

  const later = written('later.txt', tableOf(rows.map((row) => ({ ...row, atUs: row.atUs + 3600e6 }))));
  const together = (...args: string[]) => JSON.parse(tracekit(['errors', TRACE, later, ...args, '--json']).out);
  const codes = (document: { diagnostics: { code: string }[] }): string[] =>
    document.diagnostics.map(({ code }) => code);

  it('of several sources are apart where their start is not known, and that is said', () => {
    const document = together();
    expect(codes(document)).toContain('clocks-apart');
    expect(document.result.threads).toHaveLength(6);
    expect(document.result.messages).toBe(2 * rows.length);
  });

  it('of several sources are one where their start is known', () => {
    const document = together('--date', '2026-11-20', '--zone', 'UTC');
    expect(codes(document)).not.toContain('clocks-apart');
    expect(document.result.window.endUs).toBeGreaterThan(3600e6);
    expect(document.result.threads).toHaveLength(3);
  });
});

describe('lists and columns', () => {
  it('are all known to CSV, with their columns', () => {
    for (const view of ERRORS_VIEWS) {
      const { out, code } = tracekit(['errors', TRACE, '--format', 'csv', '--view', view]);
      expect([view, code, out.split('\n')[0].split(',')]).toEqual([view, 0, errorsColumns(view)]);
    }
  }, 60_000);

  it('are those asked for', () => {
    const args = ['errors', TRACE, '--format', 'csv', '--columns', 'count,template', '--level', 'warning'];
    expect(tracekit(args).out).toBe(`count,template\n12,${ERROR}\n12,${RETRY}\n2,${WARNING}\n`);
  });

  it('--top cuts them, 0 does not', () => {
    const of = (top: string): number =>
      tracekit(['errors', TRACE, '--view', 'template', '--top', top]).out.split('\n').length;
    expect(of('1')).toBeLessThan(of('3'));
    expect(of('3')).toBeLessThan(of('0'));
  });
});

describe('input and output', () => {
  it('- reads plain text, UTF-16 and gzip with the same answer', () => {
    const bytes = readFileSync(TRACE);
    const expected = result(TRACE).templates.map(({ id, count }) => [id, count]);
    for (const input of [bytes, gzipSync(bytes), Buffer.from(`\ufeff${bytes}`, 'utf16le')]) {
      const { code, out } = tracekit(['errors', '-', '--json'], { input });
      expect(code).toBe(0);
      const { templates } = JSON.parse(out).result as ErrorsResult;
      expect(templates.map(({ id, count }) => [id, count])).toEqual(expected);
    }
    const packed = written('trace.txt.gz', gzipSync(bytes));
    expect(result(packed).templates.map(({ id, count }) => [id, count])).toEqual(expected);
  });

  it.each(['table', 'json', 'ndjson', 'csv', 'md'])('--output writes as %s what it would print', (format) => {
    const path = join(folder, `answer.${format}`);
    const args = ['errors', TRACE, '--format', format];
    const ran = tracekit([...args, '--output', path]);
    expect([ran.code, ran.out, ran.err]).toEqual([0, '', '']);
    expect(readFileSync(path, 'utf8')).toBe(tracekit(args).out);
  });

  it('is in colour where that is asked for, else not', () => {
    const plain = tracekit(['errors', TRACE]).out;
    expect(plain).not.toContain('\u001b');
    const forced = tracekit(['errors', TRACE], { env: { FORCE_COLOR: '1' } }).out;
    expect(tracekit(['errors', TRACE], { env: { NO_COLOR: '1', FORCE_COLOR: '1' } }).out).toBe(plain);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes begin with ESC.
    expect(forced.replace(/\u001b\[[0-9;]*m/g, '')).toBe(plain);
  });

  it('--diff compares the first file with the others', () => {
    const { diff } = result('--diff', TRACE, QUIET);
    const gone = diff?.templates.filter(({ change }) => change === 'gone').map(({ template }) => template);
    expect(gone?.sort()).toEqual(['Error: write to disk failed', 'will try again (retry <num>)']);
    expect(tracekit(['errors', '--diff', TRACE, QUIET]).out).toContain('gone');
  });
});

it('refuses what holds no text in one line', () => {
  refused(tracekit(['errors', written('zeros.log', '\0'.repeat(9000))]), 3, /begins with zeros only/);
  refused(tracekit(['errors', folder]), 3, /: is a directory/);
});
