import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kd } from '../parsers/kd.js';
import { wppText } from '../parsers/wpp-text.js';
import { logMessage } from '../src/tables/log-message.js';
import { addsUp, anyBytes, survivesDamage } from './support/damage.js';
import { columnsOf, messagesOf, readInBlocks, readText, timesOf } from './support/message-rows.js';
import { codesOf, type Parsed, parseWith, sniffText } from './support/parse.js';
import { realFile } from './support/shared.js';

const read = (text: string | Uint8Array, clock = {}): Promise<Parsed> => readText(wppText, text, clock);
const claims = (text: string): boolean => sniffText(wppText, text).claims;

const TEXT = `[3]0004.183C::11/20/2026-09:46:11.485 [lamp]Pool 0xFFFF910FBEF98BB0, Tracking 1
[0]0004.183C::11/20/2026-09:46:11.496 [lamp]!LampPut[58]!Enter
  and more of it
[0]FFFFFFFF.FFFFFFFF::11/21/2026-00:00:00.000 [wmi][inner]text
`;

it('reads the default prefix', async () => {
  const parsed = await read(TEXT);
  expect(columnsOf(parsed, 'line', 'atUs', 'cpu', 'pid', 'tid', 'provider', 'function', 'message')).toEqual([
    [1, 0, 3, 4, 0x183c, 'lamp', null, 'Pool 0xFFFF910FBEF98BB0, Tracking 1'],
    [2, 11_000, 0, 4, 0x183c, 'lamp', 'LampPut', '!LampPut[58]!Enter\n  and more of it'],
    [4, 51_228_515_000, 0, null, null, 'wmi', null, '[inner]text'],
  ]);
  expect(parsed.account).toEqual({ unit: 'line', read: 4, rows: 3, skipped: 0, ignored: 1 });
  expect([...parsed.events].map(([name, { count }]) => [name, count])).toEqual([
    ['lamp', 2],
    ['wmi', 1],
  ]);
  expect(parsed.about.clock).toMatchObject({
    startUtc: null,
    resolutionNs: 1e6,
    startLocal: '2026-11-20T09:46:11.485',
  });
  expect(codesOf(parsed)).toEqual([]);
  expect(messagesOf(parsed)[2].quote).toBe(TEXT.split('\n')[3]);
});

describe('other prefixes', () => {
  it.each([
    ['0004.183C::11/20/2026-10:05:11.005 [lamp]off', { pid: 4, tid: 0x183c, provider: 'lamp', cpu: null }],
    ['[1]0004.183C::2026/11/20-10:05:11.005123456 [lamp]off', { pid: 4, cpu: 1 }],
    ['00000012 [1]0004.183C::11/20/2026-10:05:11.005 [lamp]off', { pid: 4, tid: 0x183c, provider: 'lamp' }],
    ['[1]0004.183C::11/20/2026-10:05:11.005 off', { pid: 4, provider: null }],
    [
      'lamp_c258: LampPut: 0af4.0c64: 11/20/2026-10:05:11.005:  off',
      { pid: 0xaf4, tid: 0xc64, file: 'lamp.c:258', function: 'LampPut', provider: null },
    ],
    [
      '00000012 TRACE_LEVEL_ERROR lamp_cpp12: 0af4.0c64: 11/20/2026-10:05:11.005: Lamp::Put: off',
      { pid: 0xaf4, level: 2, file: 'lamp.cpp:12', function: 'Lamp::Put' },
    ],
    ['5984 [003] 11/20/2026-10:05:11.005:off', { pid: 5984, cpu: 3, tid: null }],
    [
      '[12      ][11/20/2026-10:05:11.005][TRACE_LEVEL_WARNING][B-0AF4:0C64][lamp_c9][Put]: off',
      { pid: 0xaf4, tid: 0xc64, cpu: 11, level: 3, file: 'lamp.c:9', function: 'Put' },
    ],
  ])('%s', async (line, expected) => {
    const text = `${line}\n${line}\n`;
    expect(claims(text)).toBe(true);
    const rows = messagesOf(await read(text));
    expect(rows).toHaveLength(2);
    expect(rows[1]).toMatchObject({ message: 'off', atUs: 0, ...expected });
  });

  it('a function without a line', async () => {
    const texts = ['!Put!off', '!Put[x]!off', '!Put off!', '!', '!!off', '!Put[12]'];
    const parsed = await read(texts.map((t) => `[1]0004.183C::11/20/2026-10:05:11.005 [lamp]${t}\n`).join(''));
    expect(columnsOf(parsed, 'function', 'message')).toEqual(texts.map((t, i) => [i === 0 ? 'Put' : null, t]));
  });
});

const DUMP = `(WmiTrace) LogDump for Logger Id 0x13
Reading Buffer   1 /   2
Found Buffers: 2 Messages: 2, sorting entries
[1]0EF8.0CF0::04/05/2020-09:43:36.894 [cx][Lamp]DriverEntry: Enter
[1]0EF8.0CF0::04/05/2020-09:43:36.897 [cx]!Exit[12]!status=STATUS_SUCCESS
Total of 2 Messages from 2 Buffers
`;

describe('!wmitrace.logdump', () => {
  const expected = [
    [0, 1, 0xef8, 0xcf0, 'cx', null, '[Lamp]DriverEntry: Enter'],
    [3000, 1, 0xef8, 0xcf0, 'cx', 'Exit', '!Exit[12]!status=STATUS_SUCCESS'],
  ];
  const names = ['atUs', 'cpu', 'pid', 'tid', 'provider', 'function', 'message'] as const;

  it('saved by itself', async () => {
    expect(claims(DUMP)).toBe(true);
    const parsed = await read(`${DUMP}\nsome text\n`);
    expect(columnsOf(parsed, ...names)).toEqual(expected);
    expect(parsed.account).toEqual({ unit: 'line', read: 8, rows: 2, skipped: 1, ignored: 5 });
    expect(parsed.about.clock.startLocal).toBe('2020-04-05T09:43:36.894');
    expect(codesOf(parsed)).toEqual(['damaged-row']);
  });

  it('in a debugger log', async () => {
    const log = `0: kd> !wmitrace.logdump IddCx\n${DUMP}0: kd> !vm 1\n`;
    expect(claims(log)).toBe(false);
    expect(sniffText(kd, log).claims).toBe(true);
    const parsed = await parseWith(kd, { bytes: log });
    expect(parsed.rows(logMessage).map((row) => names.map((name) => row[name]))).toEqual(expected);
    expect(parsed.rows(logMessage)[1].line).toBe(6);
    expect(parsed.events.get('!logdump')?.count).toBe(1);
    expect(parsed.about.clock.startLocal).toBe('2020-04-05T09:43:36.894');
    expect(addsUp(parsed)).toBe(true);
    // Rows without the header, as articles show them.
    const bare = await parseWith(kd, { bytes: `0: kd> vertarget\n${DUMP.split('\n')[3]}\n` });
    expect(bare.rows(logMessage).map((row) => row.tid)).toEqual([0xcf0]);
  });

  it('gives TraceLogging events instants in UTC', async () => {
    const line = (ticks: string) => `[0]0168.0720::  ${ticks} [Lamp.Core/Put/]{"a": 2}\n`;
    const parsed = await read(line('131727044074591555') + line('131727044074591565'));
    expect(columnsOf(parsed, 'provider', 'message')[1]).toEqual(['Lamp.Core/Put/', '{"a": 2}']);
    expect(timesOf(parsed)).toEqual([0, 1]);
    expect(parsed.about.clock).toMatchObject({
      startUtc: '2018-06-05T20:33:27.4591555Z',
      zone: 'UTC',
      resolutionNs: 100,
    });
  });
});

describe('sniff', () => {
  it.each([
    '',
    'some text\n',
    `0: kd> x\n${TEXT}`,
    '[0]0004.183C: no time\n',
    '2026-11-20 10:05:11 [lamp] off\n',
    `${'text\n'.repeat(10)}${TEXT}`,
  ])('leaves alone %j', (text) => expect(claims(text)).toBe(false));
});

describe('damage', () => {
  it('never throws anything but TracekitError, and the account always adds up', async () => {
    await survivesDamage(read, [TEXT, DUMP, 'lamp_c258: Put: 0af4.0c64: 11/20/2026-10:05:11.005:  off\n'.repeat(3)], {
      put: anyBytes(6),
      maxEdits: 6,
    });
  });

  it('gives the same wherever blocks end', async () => {
    const text = TEXT.repeat(20);
    const whole = await readInBlocks(wppText, text, [1 << 20]);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 6 }), async (sizes) => {
        expect(await readInBlocks(wppText, text, sizes)).toEqual(whole);
      }),
      { numRuns: 60 },
    );
  });

  it('skips an over-long line and goes on', async () => {
    const parsed = await read(`${TEXT}${'x'.repeat(3 << 20)}\n${TEXT}`);
    expect(messagesOf(parsed)).toHaveLength(6);
    expect(messagesOf(parsed)[3].line).toBe(6);
    expect(codesOf(parsed)).toContain('line-too-long');
    expect(addsUp(parsed)).toBe(true);
  });

  it('counts lines before the first message', async () => {
    const parsed = await read(`a\n\nb\n${TEXT}`);
    expect(parsed.account).toMatchObject({ skipped: 2, rows: 3, ignored: 2 });
  });
});

const qcwcn = realFile('wpp-text/lumia520-qcwcn8930-driver-start.wpp.txt');
it.skipIf(qcwcn === null)('reads a published trace of a driver that starts', async () => {
  const parsed = await parseWith(wppText, { path: qcwcn ?? '' });
  const rows = messagesOf(parsed);
  expect(rows).toHaveLength(75);
  expect(rows[0]).toMatchObject({
    atUs: 0,
    cpu: 1,
    pid: 4,
    tid: 0x84,
    provider: 'qcwcn8930_guid01',
    function: 'EvtDriverDeviceAdd',
  });
  expect(rows[74].atUs).toBe(19_116_000);
  expect(rows.every((row) => row.function !== null)).toBe(true);
  expect(codesOf(parsed)).toEqual([]);
  // 06/06 is the same day however it is read.
  expect(parsed.about.clock.startLocal).toBe('2025-06-06T12:19:03.186');
});

const kmdf = realFile('wpp-text/kmdf-tracefmt-win10-22000-excerpt.txt');
it.skipIf(kmdf === null)('reads a published trace of the framework', async () => {
  const parsed = await parseWith(wppText, { path: kmdf ?? '' });
  expect(parsed.account).toEqual({ unit: 'line', read: 21, rows: 21, skipped: 0, ignored: 0 });
  expect([...parsed.events].map(([name, { count }]) => [name, count])).toEqual([
    ['core', 1],
    ['km', 19],
    ['wmi', 1],
  ]);
  expect(timesOf(parsed).at(-1)).toBe(4_245_000);
});
