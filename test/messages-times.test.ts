/** Days, zones and clocks of the formats that fill `log_message`. */

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { kd } from '../parsers/kd.js';
import { logText } from '../parsers/log-text.js';
import { textTrace } from '../parsers/text-trace.js';
import { wppText } from '../parsers/wpp-text.js';
import type { ClockGiven } from '../src/core/parser.js';
import { logMessage } from '../src/tables/log-message.js';
import { readText, timesOf } from './support/message-rows.js';
import { codesOf, type Parsed, parseWith } from './support/parse.js';
import { SHARED } from './support/shared.js';

const HOUR = 3_600_000_000;
const DAY = 24 * HOUR;
const log = (stamps: readonly string[], clock: Partial<ClockGiven> = {}): Promise<Parsed> =>
  readText(logText, stamps.map((stamp) => `${stamp} text\n`).join(''), clock);
const days = (parsed: Parsed): number[] =>
  timesOf(parsed).map((at) => Math.floor(((at ?? Number.NaN) + DAY / 2) / DAY));

describe('times of day', () => {
  it('that jump back by more than 12 hours are of the next day', async () => {
    const parsed = await log(['23:59:59.500', '00:00:00.500', '12:00:00.0', '23:00:00.0', '01:00:00.0']);
    expect(timesOf(parsed)).toEqual([0, 1e6, 12 * HOUR + 500_000, 23 * HOUR + 500_000, 25 * HOUR + 500_000]);
    expect(parsed.diagnostics.map(({ code, severity, count, line }) => [code, severity, count, line])).toEqual([
      ['midnight', 'info', 2, 2],
    ]);
  });

  it('that step back by less are kept and counted', async () => {
    const parsed = await log(['10:00:00.5', '10:00:00.0', '09:00:00.0', '10:00:01.0']);
    expect(timesOf(parsed)).toEqual([0, -500_000, -HOUR - 500_000, 500_000]);
    expect(parsed.diagnostics.map(({ code, severity, count, line }) => [code, severity, count, line])).toEqual([
      ['time-inversion', 'warning', 2, 2],
    ]);
    expect(parsed.about.span).toEqual({ startUs: 0, endUs: 500_000 });
  });

  it('late messages of the day before stay there', async () => {
    const parsed = await log(['23:59:59.9', '00:00:00.1', '23:59:59.8', '00:00:00.2']);
    expect(timesOf(parsed)).toEqual([0, 200_000, -100_000, 300_000]);
    expect(parsed.diagnostics.map(({ code, count }) => [code, count])).toEqual([
      ['midnight', 1],
      ['time-inversion', 1],
    ]);
  });

  it('have a date where the user gives one, and an instant with a zone', async () => {
    const given = await log(['10:05:11.005', '10:05:12.005'], { date: '2026-11-20', zone: 'Europe/Berlin' });
    expect(given.about.clock).toEqual({
      startUtc: '2026-11-20T09:05:11.005Z',
      zone: 'Europe/Berlin',
      resolutionNs: 1e6,
      uncertaintyMs: 1,
      startLocal: '2026-11-20T10:05:11.005',
    });
    const dated = await log(['10:05:11', '10:05:12'], { date: '2026-11-20' });
    expect(dated.about.clock).toMatchObject({ startUtc: null, zone: null, startLocal: '2026-11-20T10:05:11' });
    const zoned = await log(['10:05:11', '10:05:12'], { zone: '+02:00' });
    expect(zoned.about.clock).toMatchObject({ startUtc: null, zone: '+02:00', startLocal: '10:05:11' });
  });
});

describe('dates', () => {
  it('with a zone are instants', async () => {
    const parsed = await log(['2026-03-29T01:59:59+01:00', '2026-03-29T03:00:01+02:00', '2026-03-29T01:00:02Z']);
    expect(timesOf(parsed)).toEqual([0, 2e6, 3e6]);
    expect(parsed.about.clock).toMatchObject({
      startUtc: '2026-03-29T00:59:59.000Z',
      zone: '+01:00',
      startLocal: '2026-03-29T01:59:59',
    });
  });

  it('without one are local', async () => {
    const stamps = ['2026-02-28 23:59:59', '2026-03-01 00:00:00'];
    expect(timesOf(await log(stamps))).toEqual([0, 1e6]);
    const zoned = await log(stamps, { zone: '+02:00' });
    expect(zoned.about.clock).toMatchObject({ startUtc: '2026-02-28T21:59:59.000Z', zone: '+02:00' });
    expect((await log(stamps)).about.clock).toMatchObject({ startUtc: null, startLocal: '2026-02-28T23:59:59' });
  });

  it('that go back are kept', async () => {
    const parsed = await log(['2026-11-20 10:00:00', '2026-11-19 10:00:00', '2026-11-20 10:00:01']);
    expect(timesOf(parsed)).toEqual([0, -DAY, 1e6]);
    expect(codesOf(parsed)).toEqual(['time-inversion']);
  });
});

describe('dates that can be read two ways', () => {
  it.each([
    ['a part above 12, first', ['13/02/2026', '14/02/2026'], [0, 1], '2026-02-13T10:00:00'],
    ['a part above 12, second', ['02/13/2026', '02/14/2026'], [0, 1], '2026-02-13T10:00:00'],
    ['a later date', ['11/02/2026', '12/02/2026', '13/02/2026'], [0, 1, 2], '2026-02-11T10:00:00'],
    ['neighbours, the day first', ['01/02/2026', '02/02/2026'], [0, 1], '2026-02-01T10:00:00'],
    ['neighbours, the month first', ['02/01/2026', '02/02/2026'], [0, 1], '2026-02-01T10:00:00'],
    ['neighbours across a month', ['28/02/2026', '01/03/2026'], [0, 1], '2026-02-28T10:00:00'],
    ['points', ['01.02.2026', '03.02.2026'], [0, 2], '2026-02-01T10:00:00'],
    ['the same numbers', ['05/05/2026'], [0], '2026-05-05T10:00:00'],
  ])('are told by %s', async (_, dates, expected, startLocal) => {
    const parsed = await log(dates.flatMap((date) => [`${date} 10:00:00`, `${date} 10:00:00`]));
    expect(days(parsed)).toEqual(expected.flatMap((day) => [day, day]));
    expect(parsed.about.clock.startLocal).toBe(startLocal);
    expect(codesOf(parsed)).toEqual([]);
    expect(parsed.about.notes).toEqual([]);
  });

  it('are told by the user', async () => {
    const dates = ['01/02/2026 10:00:00', '01/02/2026 10:00:01'];
    expect((await log(dates, { dateOrder: 'dmy' })).about.clock.startLocal).toBe('2026-02-01T10:00:00');
    expect((await log(dates, { dateOrder: 'mdy' })).about.clock.startLocal).toBe('2026-01-02T10:00:00');
    expect((await log(dates, { date: '2026-02-01' })).about.clock.startLocal).toBe('2026-02-01T10:00:00');
    expect(codesOf(await log(dates, { dateOrder: 'dmy' }))).toEqual([]);
  });

  it('are left open where nothing tells; times within a day are right', async () => {
    const parsed = await log(['01/02/2026 10:00:00', '01/02/2026 10:00:01', '01/02/2026 23:00:00'], { zone: 'UTC' });
    expect(timesOf(parsed)).toEqual([0, 1e6, 13 * HOUR]);
    expect(parsed.about.clock).toMatchObject({ startUtc: null, zone: 'UTC', startLocal: '10:00:00' });
    expect(parsed.diagnostics.map(({ code, severity }) => [code, severity])).toEqual([['date-ambiguous', 'warning']]);
    expect(parsed.diagnostics[0].message).toContain('--date-order dmy');
  });

  it('where neither reading is the next day it is taken as such, and said', async () => {
    const parsed = await log([
      '01/02/2026 10:00:00',
      '05/09/2026 10:00:00',
      '01/02/2026 10:00:01',
      '05/09/2026 11:00:00',
    ]);
    expect(timesOf(parsed)).toEqual([0, DAY, 1e6, DAY + HOUR]);
    expect(codesOf(parsed)).toEqual(['time-inversion', 'date-ambiguous']);
    expect(parsed.about.notes.join()).toContain('taken as the next day');
  });

  it('become known late, beyond what is looked at first', async () => {
    const lines = Array.from({ length: 5000 }, (_, i) => `01/02/2026 10:00:${10 + (i % 50)}`).sort();
    const parsed = await log([...lines, '02/02/2026 10:00:10', '13/02/2026 10:00:10']);
    expect(timesOf(parsed).slice(-2)).toEqual([DAY, 12 * DAY]);
    expect(parsed.about.clock.startLocal).toBe('2026-02-01T10:00:10');
    expect(codesOf(parsed)).toEqual([]);
  });

  it('that contradict the order told are read the other way, and counted', async () => {
    const parsed = await log(['01/02/2026 10:00:00', '01/13/2026 10:00:00'], { dateOrder: 'dmy' });
    expect(codesOf(parsed)).toContain('date-order-contradicted');
    expect(parsed.about.clock.startLocal).toBe('2026-02-01T10:00:00');
  });

  it('of tracefmt have the month first', async () => {
    const line = (date: string): string => `[3]0004.183C::${date}-10:00:00.000 [lamp]x\n`;
    const parsed = await readText(wppText, line('02/01/2026') + line('03/01/2026'));
    expect(days(parsed)).toEqual([0, 28]);
    expect(parsed.about.clock.startLocal).toBe('2026-02-01T10:00:00.000');
    expect(codesOf(parsed)).toEqual([]);
  });

  it('of tables, in columns of their own', async () => {
    const rows = ['4/23/2009 17:59:14.600', '4/24/2009 17:59:14.600'].map((t, i) => `${i} 4 8 ${t} x\n`);
    const parsed = await readText(textTrace, `No PID TID Date Time Statement\n${rows.join('')}`);
    expect(timesOf(parsed)).toEqual([0, DAY]);
    expect(parsed.about.clock.startLocal).toBe('2009-04-23T17:59:14.600');
  });
});

describe('dates without a year', () => {
  it('count days, over the end of a year too', async () => {
    const parsed = await log(['Dec 30 10:00:00', 'Dec 31 10:00:00', 'Jan  1 10:00:00', 'Mar  1 10:00:00']);
    expect(days(parsed)).toEqual([0, 1, 2, 61]);
    expect(parsed.about.clock).toMatchObject({ startUtc: null, startLocal: '10:00:00' });
    expect(codesOf(parsed)).toEqual([]);
  });

  it('a 29th of February shows that the year has one', async () => {
    const parsed = await log(['Feb 28 10:00:00', 'Feb 29 10:00:00', 'Mar  1 10:00:00']);
    expect(days(parsed)).toEqual([0, 1, 2]);
  });

  it('have the year that the user gives', async () => {
    const parsed = await log(['Feb 28 10:00:00', 'Mar  1 10:00:00'], { date: '2028-02-28', zone: 'UTC' });
    expect(days(parsed)).toEqual([0, 2]);
    expect(parsed.about.clock).toMatchObject({
      startUtc: '2028-02-28T10:00:00.000Z',
      startLocal: '2028-02-28T10:00:00',
    });
  });
});

const cases = join(SHARED, 'kd/cases');
const found = existsSync(cases) ? readdirSync(cases).find((name) => name.startsWith('08-')) : undefined;
it.skipIf(found === undefined)('six rows in a debugger log', async () => {
  const parsed = await parseWith(kd, { path: join(cases, found ?? '') });
  const rows = parsed.rows(logMessage);
  expect(rows.map((row) => [row.atUs, row.pid, row.tid])).toEqual([
    [0, 2780, 5992],
    [0, 2780, 5992],
    [51_937_000, 2780, 3292],
    [51_937_000, 2780, 3292],
    [58_593_000, 2780, 3292],
    [58_593_000, 2780, 3292],
  ]);
  expect(rows[5].message).toBe('Execute DB command sleeps on error (retry 12)');
  expect(rows.map((row) => row.line)).toEqual([72, 73, 75, 76, 77, 78]);
  expect(rows[2].quote).toBe('4513 2780 3292 10:06:02.942 Error: [DB Driver] Not enough space on temp disk');
  expect(parsed.about.clock.startLocal).toBe('10:05:11.005');
});

it('tables in a debugger log may have dates and ids in hex', async () => {
  const parsed = await parseWith(kd, {
    bytes:
      '0: kd> x\n# PID TID Date Time Module Message\n[...]\n1 4 1833 01/02/2026 10:00:00 Lamp a\n2 4 183C 02/02/2026 10:00:00 Lamp b\n0: kd> q\n',
  });
  const rows = parsed.rows(logMessage);
  expect(rows.map((row) => [row.atUs, row.tid, row.provider, row.message])).toEqual([
    [0, 1833, 'Lamp', 'a'],
    [DAY, 0x183c, 'Lamp', 'b'],
  ]);
  expect(parsed.events.get('trace message table')?.count).toBe(1);
});
