/** Messages that would move a cursor, be a formula, or markup: `tracekit errors` prints them as text. */
import { describe, expect, it } from 'vitest';
import { ERRORS_VIEWS } from '../src/index.js';
import { tracekit } from './support/cli.js';
import { tableOf } from './support/errors.js';
import { clean } from './support/refusal.js';
import { scratch } from './support/scratch.js';

const { written } = scratch('errors-cli-hostile');

describe('hostile messages', () => {
  const names = [
    'ev\u001b[31mil failed',
    'a\u202egnp failed',
    'x\u2066y\u2069 failed',
    '\u009b31mred failed',
    '=cmd|x!A0 failed',
    '+1+cmd failed',
    '@SUM(A1) failed',
    '-2+3 failed',
    '<script>alert(1)</script> failed',
    '`x`|y| [a](b) *z* failed',
    '\u0007bell failed\b\b',
    'a\\',
  ];
  const path = written(
    'hostile.txt',
    tableOf(names.flatMap((message, i) => [0, 1, 2].map((n) => ({ atUs: i * 1000 + n, pid: 4, tid: 8, message })))),
  );

  it.each(['table', 'json', 'ndjson', 'csv', 'md'])('as %s move no cursor', (format) => {
    for (const more of [
      [],
      ['--view', ERRORS_VIEWS.join(','), '--top', '0', '--columns', 'template,example,evidence'],
    ]) {
      const ran = tracekit(['errors', path, '--format', format, ...more]);
      expect([format, ran.code, ran.err]).toEqual([format, 0, '']);
      clean(ran);
      expect(ran.out.length).toBeGreaterThan(100);
    }
  });

  it('begin no formula in CSV', () => {
    const cells = tracekit(['errors', path, '--format', 'csv', '--columns', 'template']).out.split('\n').slice(1);
    expect(cells.filter((cell) => /^"?[=+@-]/.test(cell))).toEqual([]);
    expect(cells.some((cell) => cell.includes('cmd'))).toBe(true);
  });

  it('are text in Markdown', () => {
    const { out } = tracekit(['errors', path, '--format', 'md']);
    expect(out).not.toMatch(/<script>/);
    expect(out).not.toMatch(/[^\\]\[a\]\(b\)/);
    const table = out.split('\n').filter((line) => line.startsWith('|'));
    const bars = table.map((line) => line.replace(/\\\|/g, '').split('|').length);
    expect(new Set(bars).size).toBeLessThanOrEqual(2);
  });
});
