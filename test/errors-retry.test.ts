/** Retry counters: which number counts, how it goes on, and what a few messages with one can say. */
import { describe, expect, it } from 'vitest';
import { RetryCounter, retrySlot } from '../src/analyses/errors/retry.js';
import { Scanner } from '../src/analyses/errors/scanner.js';
import { tokensOf } from '../src/analyses/errors/templates.js';
import type { Periodic } from '../src/index.js';
import { play, stutterRetry } from './generate/messages/truth.js';
import { textTrace } from './generate/messages/write-text-trace.js';
import { errorsOf, type TableRow, tableOf } from './support/errors.js';

/** The number in a message that counts tries; null for none. */
function countIn(message: string): number | null {
  const scanner = new Scanner();
  const bytes = Buffer.from(message);
  scanner.scan(bytes, 0, bytes.length, 0, false, true);
  const slot = retrySlot(tokensOf(scanner, bytes));
  return slot < 0 ? null : scanner.slotValue[slot];
}

describe('the number that counts', () => {
  it.each<[string, number]>([
    ['sleeps on error (retry 11)', 11],
    ['Disk 3 does not answer, retry #11 of 20', 11],
    ['attempt 11', 11],
    ['attempt number 11 of 50', 11],
    ['Connection failed, attempts: 11', 11],
    ['RetryCount=11 status=0xc0000001', 11],
    ['retry_count: 11', 11],
    ['retrying (11)', 11],
    ['11. attempt at 0x5', 11],
    ['11 retries so far', 11],
    ['Try no. 11', 11],
    ['Versuch 11 von 20', 11],
    ['Wiederholung 11', 11],
    ['11. Versuch', 11],
    ['tentative 11', 11],
    ['essai 11 sur 20', 11],
    ['reintento 11', 11],
    ['tentativa 11', 11],
    ['tentativo 11', 11],
    ['poging 11', 11],
    ['próba 11', 11],
    ['попытка 11', 11],
  ])('%j: %i', (message, count) => {
    expect(countIn(message)).toBe(count);
  });

  it.each([
    'retry in 500 ms',
    'wrote 11 bytes',
    'retry of file 11',
    'entry 11',
    'retry 0x1f',
    'country 11',
    'Disk 11 failed',
    'attempts exhausted after 12 minutes',
  ])('%j has none', (message) => {
    expect(countIn(message)).toBeNull();
  });
});

describe('a counter', () => {
  const of = (...values: number[]): ReturnType<RetryCounter['count']> => {
    const counter = new RetryCounter();
    for (const value of values) counter.saw(value);
    return counter.count();
  };

  it.each<[number[], ReturnType<typeof of>]>([
    [[11, 12], { first: 11, last: 12, step: 1, resets: 0 }],
    [[1, 2, 3, 4, 5], { first: 1, last: 5, step: 1, resets: 0 }],
    [[5, 4, 3, 2], { first: 5, last: 2, step: -1, resets: 0 }],
    [[10, 20, 30], { first: 10, last: 30, step: 10, resets: 0 }],
    [[1, 2, 3, 1, 2, 3, 1, 2], { first: 1, last: 2, step: 1, resets: 2 }],
    [[3, 2, 1, 3, 2], { first: 3, last: 2, step: -1, resets: 1 }],
    [[Number.NaN, 7, 8, Number.NaN, 9], { first: 7, last: 9, step: 1, resets: 0 }],
    [[], null],
    [[11], null],
    [[7, 7, 7, 7], null],
    [[1, 2, 9, 30, 31], null],
    [[5, 9, 2, 7, 1, 12], null],
    [[1, 2, 1, 2, 1, 2, 1], { first: 1, last: 1, step: 1, resets: 3 }],
  ])('%j', (values, count) => {
    expect(of(...values)).toEqual(count);
  });
});

it('in a log with the newest first goes the other way', async () => {
  const counter = new RetryCounter();
  for (const value of [2, 1, 3, 2, 1]) counter.saw(value, true);
  expect(counter.count()).toEqual({ first: 1, last: 2, step: 1, resets: 1 });
  const rows = Array.from({ length: 30 }, (_, i) => ({
    atUs: i * 600e6,
    pid: 4,
    tid: 8,
    message: `Replication attempt ${i + 1} failed`,
  }));
  for (const [, order] of Object.entries({ oldest: rows, newest: rows.toReversed() })) {
    const { periodic } = (await errorsOf(tableOf(order))).result;
    expect(periodic.map(({ retry }) => retry)).toEqual([expect.objectContaining({ first: 1, last: 30, step: 1 })]);
  }
});

describe('a loop of two tries', () => {
  const rows: TableRow[] = [
    { atUs: 100_000, pid: 2780, tid: 5992, message: 'Error: [DB Driver] Not enough space on temp disk' },
    { atUs: 101_000, pid: 2780, tid: 5992, message: 'Order statement sleeps on error (retry 11)' },
    { atUs: 2_000_000, pid: 2780, tid: 3292, message: 'Error: [DB Driver] Not enough space on temp disk' },
    { atUs: 2_001_000, pid: 2780, tid: 3292, message: 'Order statement sleeps on error (retry 4)' },
    { atUs: 6_756_000, pid: 2780, tid: 5992, message: 'Error: [DB Driver] Not enough space on temp disk' },
    { atUs: 6_757_000, pid: 2780, tid: 5992, message: 'Order statement sleeps on error (retry 12)' },
  ];

  it('is told, with its one interval and low confidence, whatever confidence is asked for', async () => {
    for (const confidence of ['low', 'medium', 'high'] as const) {
      const { periodic } = (await errorsOf(tableOf(rows), { confidence })).result;
      expect(
        periodic.map(({ template, tid, beats, confidence: sure, chance }) => [template, tid, beats, sure, chance]),
      ).toEqual(
        expect.arrayContaining([
          ['Error: [DB Driver] Not enough space on temp disk', 5992, 2, 'low', null],
          [expect.stringContaining('sleeps on error'), 5992, 2, 'low', null],
        ]),
      );
      for (const { periodMs, jitterMs, retry } of periodic) {
        expect(periodMs).toBeCloseTo(6656, 6);
        expect(jitterMs).toBeNull();
        expect(retry).toMatchObject({ first: 11, last: 12, step: 1, resets: 0 });
      }
    }
  });

  it('says so in a sentence', async () => {
    const { findings } = await errorsOf(tableOf(rows));
    const [found] = findings.filter(({ rule }) => rule === 'periodic-error');
    expect(found.message).toContain('every 6.656 s (one repetition, retry 11 → 12) in thread 5992 of process 2780');
    expect(found.confidence).toBe('low');
    expect(found.evidence.length).toBeGreaterThan(1);
  });

  it('is none where the counter stands still, or the gaps are no loop', async () => {
    const still = rows.map((row) => ({ ...row, message: row.message.replace('retry 12', 'retry 11') }));
    expect((await errorsOf(tableOf(still))).result.periodic).toEqual([]);
    const ragged = [100, 200, 900, 1000, 4000].map((ms, i) => ({
      ...rows[1],
      atUs: ms * 1000,
      message: `sleeps (retry ${i})`,
    }));
    expect((await errorsOf(tableOf(ragged))).result.periodic).toEqual([]);
  });
});

it('of generated loops first, last and resets are those of the truth', async () => {
  const log = play(stutterRetry());
  const { periodic } = (await errorsOf(textTrace(log))).result;
  const truth = log.truth.templates.flatMap(({ series }) => series.filter(({ retry }) => retry !== null));
  expect(truth).toHaveLength(2);
  for (const { tids, retry } of truth) {
    const found = periodic.filter(({ tid, retry: own }: Periodic) => tid === tids[0] && own !== null);
    expect(found.length).toBeGreaterThan(0);
    for (const { retry: own } of found) {
      const values = retry?.values ?? [];
      expect(own).toMatchObject({ first: values[0], last: values.at(-1), step: retry?.step, resets: retry?.resets });
    }
  }
});
