import { describe, expect, it } from 'vitest';
import { countersOf, pathOf } from '../parsers/pdh-csv/counter-paths.js';
import { pdhCsv } from '../parsers/pdh-csv.js';
import { poolCounter } from '../src/tables/pool-snapshot.js';
import { addsUp, anyBytes, survivesDamage } from './support/damage.js';
import { codesOf, type Parsed, parseWith, sniffText } from './support/parse.js';
import { realFile } from './support/shared.js';

const sniff = (text: string | Buffer) => sniffText(pdhCsv, text);
const parse = (bytes: string | Uint8Array) => parseWith(pdhCsv, { bytes });

/** Two counters of pool, one of another object; made by hand. */
const LOG = String.raw`"(PDH-CSV 4.0) (W. Europe Standard Time)(-60)","\\BOX\Memory\Pool Nonpaged Bytes","\\BOX\Processor(_Total)\% Processor Time","\\BOX\Memory\Pool Nonpaged Allocs"
"11/20/2026 10:00:00.123","1048576","12.5","300"
"11/20/2026 10:01:00.125"," ","13.25","301"
"11/20/2026 10:02:00.124","1048640.000000"," ","302"
`;
const AT = Date.UTC(2026, 10, 20, 9, 0, 0, 123);
const BYTES = 'Pool Nonpaged Bytes';
const ALLOCS = 'Pool Nonpaged Allocs';
const ROWS = [
  [1, AT, BYTES, 1048576, 'bytes'],
  [1, AT, ALLOCS, 300, 'count'],
  [2, AT + 60_002, ALLOCS, 301, 'count'],
  [3, AT + 120_001, BYTES, 1048640, 'bytes'],
  [3, AT + 120_001, ALLOCS, 302, 'count'],
];
const rowsOf = (parsed: Parsed) => parsed.rows(poolCounter).map((r) => [r.snapshot, r.atMs, r.name, r.value, r.unit]);
const timesOf = (parsed: Parsed) => parsed.rows(poolCounter).map((r) => r.atMs);

/** A log of one counter with these times. */
const logOf = (times: readonly string[], zone = ' (GMT Standard Time)(-60)') =>
  [`"(PDH-CSV 4.0)${zone}","\\\\BOX\\Memory\\${BYTES}"`, ...times.map((time, i) => `"${time}","${i}"`), ''].join(
    '\r\n',
  );

describe('log', () => {
  it.each([
    ['CSV', LOG],
    ['TSV', LOG.replace('CSV', 'TSV').replaceAll('","', '"\t"')],
    ['semicolons', LOG.replaceAll('","', '";"')],
    ['no quotes', LOG.replaceAll('"', '')],
    ['CRLF', LOG.replaceAll('\n', '\r\n')],
    ['UTF-16', Buffer.from(`\ufeff${LOG}`, 'utf16le')],
    ['an empty line first', `\n${LOG}`],
    ['no last line end', LOG.trimEnd()],
    ['what typeperf says at its end', `${LOG}\nExiting, please wait...\nThe command completed successfully.\n`],
  ])('is read from %s', async (_, bytes) => {
    const parsed = await parse(bytes);
    expect(rowsOf(parsed)).toEqual(ROWS);
    expect(codesOf(parsed)).toEqual([]);
    expect(parsed.account).toMatchObject({ unit: 'record', rows: 3, skipped: 0 });
    expect(addsUp(parsed)).toBe(true);
    expect(parsed.about.clock).toEqual({
      startUtc: '2026-11-20T09:00:00.123Z',
      zone: 'UTC+01:00',
      resolutionNs: 1e6,
      uncertaintyMs: 1,
    });
    expect(parsed.about.span).toEqual({ startUs: 0, endUs: 120_001_000 });
    expect([...parsed.events].map(([name, { count }]) => [name, count])).toEqual([
      ['Processor(_Total)\\% Processor Time', 2],
    ]);
  });

  it('cites each row', async () => {
    const lines = LOG.split('\n');
    for (const row of (await parse(LOG)).rows(poolCounter)) expect(row.quote).toBe(lines[(row.line ?? 0) - 1]);
  });

  it('is read from text whose quotes and separators were lost', async () => {
    const text = `(PDH-CSV 4.0) (W. Europe Standard Time)(-60) \\BOX\\memory\\pool nonpaged bytes \\BOX\\Memory\\Pool Paged Bytes
11/20/2026 10:00:00.123 1048576 5
11/20/2026 10:01:00.125 7
`;
    const parsed = await parse(text);
    expect(rowsOf(parsed)).toEqual([
      [1, AT, 'pool nonpaged bytes', 1048576, 'bytes'],
      [1, AT, 'Pool Paged Bytes', 5, 'bytes'],
    ]);
    // Of a line with a value less it is not known whose is missing.
    expect(codesOf(parsed)).toEqual(['record-length']);
    expect(parsed.account).toEqual({ unit: 'line', read: 3, rows: 1, skipped: 1, ignored: 1 });
  });

  it('keeps the numbers of logs that are joined', async () => {
    const parsed = await parse(LOG + logOf(['11/20/2026 11:00:00.000'], ' (GMT)(0)'));
    expect(rowsOf(parsed).at(-1)).toEqual([4, Date.UTC(2026, 10, 20, 11), BYTES, 0, 'bytes']);
    expect(codesOf(parsed)).toEqual([]);
  });

  it('without a zone has differences only', async () => {
    const parsed = await parse(logOf(['11/20/2026 10:00:00.000', '11/20/2026 10:01:00.000'], ''));
    expect(timesOf(parsed)).toEqual([Date.UTC(2026, 10, 20, 10), Date.UTC(2026, 10, 20, 10, 1)]);
    expect(parsed.about.clock).toMatchObject({ startUtc: null, zone: null });
    expect(parsed.about.notes.join()).toContain('no zone');
  });
});

describe('times', () => {
  it('go on where the clock was put back at the end of summer time', async () => {
    const parsed = await parse(
      logOf([
        '10/29/2017 01:59:44.562',
        '10/29/2017 01:59:59.562',
        '10/29/2017 01:00:14.562',
        '10/29/2017 01:00:29.563',
      ]),
    );
    const start = Date.UTC(2017, 9, 29, 0, 59, 44, 562);
    expect(timesOf(parsed)).toEqual([0, 15_000, 30_000, 45_001].map((ms) => start + ms));
    expect(codesOf(parsed)).toEqual(['clock-step']);
  });

  it('that run backwards otherwise are said', async () => {
    const parsed = await parse(
      logOf(['11/20/2026 10:00:00.000', '11/20/2026 10:01:00.000', '11/20/2026 09:59:00.000']),
    );
    expect(codesOf(parsed)).toEqual(['time-inversion']);
    expect(parsed.about.span.endUs).toBe(60_000_000);
  });

  it('of minutes and seconds are counted from the first, over the hours', async () => {
    const parsed = await parse(logOf(['58:08.6', '59:08.6', '00:08.6', '30:00.0', '59:59.9', '00:00.0', '55:00.0']));
    expect(timesOf(parsed)).toEqual(
      [0, 60, 120, 60 * 31 + 51.4, 60 * 61 + 51.3, 60 * 61 + 51.4, 60 * 116 + 51.4].map((s) => Math.round(s * 1000)),
    );
    expect(parsed.about.clock.startUtc).toBeNull();
    expect(parsed.about.notes.join()).toContain('minutes and seconds only');
    expect(codesOf(await parse(logOf(['30:00.0', '20:00.0'])))).toEqual(['time-inversion']);
  });

  it.each([
    '13/20/2026 10:00:00.000',
    '02/30/2026 10:00:00.000',
    '11/20/2026 24:00:00.000',
    '60:00.0',
    '10:00',
    'now',
    '',
  ])('such as %j are no times', async (time) => {
    const parsed = await parse(logOf(['11/20/2026 10:00:00.000', time]));
    expect(timesOf(parsed)).toHaveLength(1);
    expect(codesOf(parsed)).toEqual(['unreadable-time']);
    expect(parsed.account).toMatchObject({ rows: 1, skipped: 1 });
  });

  it.each([
    ['11/20/2026 10:00', 0],
    ['2026-11-20 10:00:00.500', 500],
    ['11/20/2026 10:00:00,250', 250],
  ])('%s is one', async (time, ms) => {
    expect(timesOf(await parse(logOf([time])))).toEqual([Date.UTC(2026, 10, 20, 9) + ms]);
  });
});

describe('counters', () => {
  it.each([
    ['\\\\BOX\\Memory\\Pool Paged Bytes', 'Pool Paged Bytes', 'bytes', 1],
    ['\\Memory\\Pool Paged Resident Bytes', 'Pool Paged Resident Bytes', 'bytes', 1],
    ['\\\\BOX\\Memory\\Available MBytes', 'Available MBytes', 'bytes', 2 ** 20],
    ['\\\\BOX\\Memory\\Available KBytes', 'Available KBytes', 'bytes', 2 ** 10],
    ['\\\\BOX\\Memory\\Committed Bytes', 'Committed Bytes', 'bytes', 1],
    ['\\\\BOX\\Memory\\Commit Limit', 'Commit Limit', 'bytes', 1],
    ['\\\\BOX\\Memory\\Pool Paged Allocs', 'Pool Paged Allocs', 'count', 1],
    ['\\\\BOX\\Speicher\\Auslagerungspool (Bytes)', 'Auslagerungspool (Bytes)', 'bytes', 1],
    ['\\\\BOX\\Process(a b#1)\\Pool Nonpaged Bytes', 'Process(a b#1) Pool Nonpaged Bytes', 'bytes', 1],
    ['\\\\BOX\\Process(c:\\a)\\Pool Paged Bytes', 'Process(c:\\a) Pool Paged Bytes', 'bytes', 1],
  ])('%s is read', (path, name, unit, factor) => {
    expect(countersOf([path])[0].row).toEqual({ name, unit, factor });
  });

  it.each([
    '\\\\BOX\\Memory\\% Committed Bytes In Use',
    '\\\\BOX\\Memory\\Page Faults/sec',
    '\\\\BOX\\Memory\\Cache Bytes',
    '\\\\BOX\\Process(a)\\Working Set',
    '\\\\BOX\\HTTP Service Request Queues(DefaultAppPool)\\CurrentQueueSize',
    '\\\\BOX\\.NET CLR Data\\Current # connection pools',
    '\\\\BOX\\Thread Pool\\Pool Threads',
    'Pool',
    '',
  ])('%s is not', (path) => expect(countersOf([path])[0]?.row?.name ?? null).toBe(path === 'Pool' ? 'Pool' : null));

  it('of several machines are told apart', () => {
    const paths = [
      '\\\\A\\Memory\\Pool Paged Bytes',
      '\\\\B\\Memory\\Pool Paged Bytes',
      '\\\\a\\Memory\\Pool Paged Allocs',
    ];
    expect(countersOf(paths).map(({ row }) => row?.name)).toEqual([
      'Pool Paged Bytes',
      '\\\\B\\Memory\\Pool Paged Bytes',
      'Pool Paged Allocs',
    ]);
  });

  it('have paths with and without a machine', () => {
    expect(pathOf('\\\\BOX\\Process(c:\\a(1))\\ID Process')).toEqual({
      machine: 'BOX',
      object: 'Process',
      instance: 'c:\\a(1)',
      counter: 'ID Process',
    });
    expect(pathOf('\\Memory\\Pool Paged Bytes')).toMatchObject({ machine: '', object: 'Memory', instance: null });
    expect(pathOf('\\USER\\memory\\pool nonpaged bytes')).toMatchObject({ machine: 'USER', object: 'memory' });
  });

  it('that are all of other objects are said to be so', async () => {
    const parsed = await parse(LOG.replaceAll('Pool', 'Cache'));
    expect(rowsOf(parsed)).toEqual([]);
    expect(codesOf(parsed)).toEqual(['no-pool-counters']);
    expect(parsed.account).toMatchObject({ rows: 0, skipped: 0, ignored: 4 });
    expect(parsed.events.get('Memory\\Cache Nonpaged Bytes')?.count).toBe(2);
  });

  it.each([
    ['-1', null],
    ['1,048,576', null],
    ['many', null],
    ['1048576,500000', 1048576.5],
    ['1.048576e+06', 1048576],
    ['1048576E0', 1048576],
  ])('with the value %s', async (text, value) => {
    const parsed = await parse(LOG.replace('"1048576"', `"${text}"`));
    expect(parsed.rows(poolCounter).find((r) => r.snapshot === 1 && r.name === BYTES)?.value ?? null).toBe(value);
    expect(codesOf(parsed)).toEqual(value === null ? ['unreadable-value'] : []);
    expect(addsUp(parsed)).toBe(true);
  });
});

describe('damage', () => {
  it('skips lines that do not fit', async () => {
    const parsed = await parse(LOG.replace('"13.25",', ''));
    expect(rowsOf(parsed)).toEqual(ROWS.filter(([snapshot]) => snapshot !== 2));
    expect(codesOf(parsed)).toEqual(['record-length']);
    expect(parsed.account).toMatchObject({ rows: 2, skipped: 1 });
  });

  it('does not take the beginning of a number for a number', async () => {
    const parsed = await parse(LOG.replaceAll('"', '').slice(0, -2));
    expect(rowsOf(parsed)).toEqual(ROWS.slice(0, 3));
    expect(codesOf(parsed)).toEqual(['last-line-cut']);
    const quoted = await parse(LOG.slice(0, -3));
    expect(rowsOf(quoted)).toEqual(ROWS.slice(0, 3));
    expect(addsUp(quoted)).toBe(true);
    expect(quoted.account.skipped).toBe(1);
  });

  it('says that there is no header', async () => {
    expect(codesOf(await parse('"a","b"\n'))).toEqual(['no-header']);
  });

  it('never throws anything but TracekitError, and the account always adds up', async () => {
    const pasted = '(PDH-CSV 4.0) (A)(0) \\BOX\\memory\\pool nonpaged bytes\n14:07.7 812\n15:07.7 813\n';
    await survivesDamage(parse, [LOG, pasted, logOf(['59:08.6', '00:08.6'])], { put: anyBytes(6), maxEdits: 5 });
  });

  it('reads the same over the edges of blocks', async () => {
    const n = 60_000;
    const stamp = (i: number) => new Date(Date.UTC(2026, 0, 1) + i * 1000).toISOString();
    const times = Array.from(
      { length: n },
      (_, i) => `${stamp(i).slice(5, 7)}/${stamp(i).slice(8, 10)}/2026 ${stamp(i).slice(11, 23)}`,
    );
    const parsed = await parse(logOf(times, ' (GMT)(0)'));
    expect(rowsOf(parsed)).toEqual(times.map((_, i) => [i + 1, Date.UTC(2026, 0, 1) + i * 1000, BYTES, i, 'bytes']));
    expect(addsUp(parsed)).toBe(true);
  });

  it.each([
    `(PDH-CSV 4.0) (${'('.repeat(900_000)}`,
    `(PDH-CSV 4.0) (A)(0)${' \\'.repeat(450_000)}\n14:07.7 1\n`,
    `(PDH-CSV 4.0) (A)(0) \\M\\Memory\\Pool Bytes\n14:07.7${' '.repeat(900_000)}x`,
    `"(PDH-CSV 4.0)","\\Memory\\${'('.repeat(900_000)}"\n`,
  ])('is not held up by long lines (%#)', { timeout: 5000 }, async (text) => {
    expect(addsUp(await parse(text))).toBe(true);
  });
});

describe('sniff', () => {
  it.each([
    LOG,
    LOG.replaceAll('"', ''),
    `\r\n${LOG}`,
    '"(PDH-TSV 4.0)"\t"\\\\A\\b\\c"',
    '(PDH-CSV 4.0) (A)(0) \\A\\b\\c',
  ])('claims %#', (text) => expect(sniff(text)).toEqual({ claims: true }));
  it.each(['', '"Time","Value"\n', 'see (PDH-CSV 4.0)\n', 'PDH-CSV\n'])('leaves alone %j', (text) =>
    expect(sniff(text)).toEqual({ claims: false, why: null }),
  );
});

const real = realFile('pdh-csv/pastebin-Gc5eUuLN-pool-nonpaged-bytes-1min.txt');
it.skipIf(real === null)('reads a log that was pasted from a spreadsheet', async () => {
  const parsed = await parseWith(pdhCsv, { path: real ?? '' });
  const rows = rowsOf(parsed);
  // A sample a minute, 14:07.7 to 05:08.7 of the next hour: 52 lines, 51 min and 1 s apart.
  expect(rows).toHaveLength(52);
  expect(rows[0]).toEqual([1, 0, 'pool nonpaged bytes', 812204032, 'bytes']);
  expect(rows[45]).toEqual([46, 45 * 60_000 + 900, 'pool nonpaged bytes', 827043840, 'bytes']);
  expect(rows[46]).toEqual([47, 46 * 60_000 + 900, 'pool nonpaged bytes', 827043840, 'bytes']);
  expect(rows[51]).toEqual([52, 51 * 60_000 + 1000, 'pool nonpaged bytes', 827576320, 'bytes']);
  expect(codesOf(parsed)).toEqual([]);
  expect(parsed.account).toEqual({ unit: 'line', read: 53, rows: 52, skipped: 0, ignored: 1 });
  expect(parsed.about.clock).toEqual({ startUtc: null, zone: null, resolutionNs: 1e8, uncertaintyMs: null });
  expect(parsed.about.span).toEqual({ startUs: 0, endUs: 3_061_000_000 });
});
