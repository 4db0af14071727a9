import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cdfCsv } from '../parsers/cdf-csv.js';
import { addsUp, anyBytes, survivesDamage } from './support/damage.js';
import { columnsOf, messagesOf, readInBlocks, readText, timesOf } from './support/message-rows.js';
import { codesOf, type Parsed, sniffText } from './support/parse.js';

const read = (text: string | Uint8Array, clock = {}): Promise<Parsed> => readText(cdfCsv, text, clock);
const claims = (text: string): boolean => sniffText(cdfCsv, text).claims;

const HEADER = 'TraceTime,CPU,ProcessId,ThreadId,ModuleName,Src,LineNum,Function,Level,Class,Message\n';
const TEXT = `${HEADER}2026-11-20 10:05:11.005,3,2780,5992,Lamp_DB,db.cpp,120,Db::Query,Error,x,no space, retry 26
"2026-11-20 10:05:12.005",0,0xADC,5992,"Lamp, ""old""",db.cpp,121,Db::Query,4,x,"said ""off""
and went"
2026-11-20 10:05:13.005,0,2780,5992,,,,,,,
`;
const NAMES = ['line', 'atUs', 'cpu', 'pid', 'tid', 'provider', 'file', 'function', 'level', 'message'] as const;

it('reads plain and quoted fields', async () => {
  const parsed = await read(TEXT);
  expect(columnsOf(parsed, ...NAMES)).toEqual([
    [2, 0, 3, 2780, 5992, 'Lamp_DB', 'db.cpp:120', 'Db::Query', 2, 'no space, retry 26'],
    [3, 1_000_000, 0, 2780, 5992, 'Lamp, ""old""', 'db.cpp:121', 'Db::Query', 4, 'said "off"\nand went'],
    [5, 2_000_000, 0, 2780, 5992, null, null, null, null, ''],
  ]);
  expect(parsed.account).toEqual({ unit: 'record', read: 4, rows: 3, skipped: 0, ignored: 1 });
  expect(codesOf(parsed)).toEqual([]);
  expect(messagesOf(parsed)[1].quote).toBe(TEXT.split('\n')[2]);
});

it.each([
  ['any order', 'Message,ThreadId,ProcessId,Time\noff,8,4,10:05:11.005\n'],
  ['semicolons', 'Time;ProcessId;ThreadId;Message\n10:05:11,005;4;8;off\n'],
  ['tabs', 'TraceTime\tProcessId\tThreadId\tMessage\n10:05:11.005\t4\t8\toff\n'],
  ['quoted names', '"TraceTime","ProcessId","ThreadId","Message"\n"10:05:11.005","4","8","off"\n'],
  ['a date of its own', 'Date,Time,PID,TID,Message\n11/20/2026,10:05:11.005,4,8,off\n'],
  ['blanks around', 'Time, ProcessId, ThreadId, Message\n 10:05:11.005 , 4, 8, "off"\r\n'],
  ['a mark and line ends of Windows', '\ufeffTime,ProcessId,ThreadId,Message\r\n10:05:11.005,4,8,off\r\n'],
  ['FILETIME', 'TraceTime,ProcessId,ThreadId,Message\n134024561252858400,4,8,off\n'],
  ['colons in front of ms', 'TraceTime,ProcessId,ThreadId,Message\n2026/11/20 10:05:11:005,4,8,off\n'],
])('%s', async (_, text) => {
  expect(claims(text)).toBe(true);
  const parsed = await read(text);
  expect(columnsOf(parsed, 'atUs', 'pid', 'tid', 'message')).toEqual([[0, 4, 8, 'off']]);
  expect(codesOf(parsed)).toEqual([]);
});

it('takes ids with letters for hexadecimal', async () => {
  const parsed = await read('Time,ProcessId,ThreadId,Message\n10:05:11,1000,183C,a\n10:05:12,1000,1840,b\n');
  expect(columnsOf(parsed, 'pid', 'tid')).toEqual([
    [1000, 0x183c],
    [1000, 0x1840],
  ]);
});

describe('damage', () => {
  it('a time that is none, a row that is short, a header that comes again', async () => {
    const parsed = await read(
      `Time,ProcessId,ThreadId,Message\n10:05:11,4,8,a\nsoon,4,8,b\n10:05,4\nTime,ProcessId,ThreadId,Message\n10:05:13,4,8,c\n`,
    );
    expect(columnsOf(parsed, 'atUs', 'message')).toEqual([
      [0, 'a'],
      [null, 'b'],
      [2_000_000, 'c'],
    ]);
    expect(codesOf(parsed)).toEqual(['bad-time', 'damaged-row']);
    expect(parsed.account).toEqual({ unit: 'record', read: 6, rows: 3, skipped: 1, ignored: 2 });
  });

  it('a quote that is not closed ends where the next record begins', async () => {
    const parsed = await read(`Time,ProcessId,ThreadId,Message\n10:05:11,4,8,"a\n10:05:12,4,8,"b"\n10:05:13,4,8,c\n`);
    expect(columnsOf(parsed, 'line', 'message')).toEqual([
      [2, 'a'],
      [3, 'b'],
      [4, 'c'],
    ]);
    expect(codesOf(parsed)).toEqual(['quote-not-closed']);
    const last = await read(`Time,ProcessId,ThreadId,Message\n10:05:11,4,8,"a\nb\n`);
    expect(messagesOf(last)[0].message).toBe('a');
    expect(addsUp(last)).toBe(true);
  });

  it('quotes within a field that are not doubled', async () => {
    const parsed = await read('Time,ProcessId,ThreadId,Message\n10:05:11,4,8,"cannot open "x" now"\n');
    expect(columnsOf(parsed, 'message')).toEqual([['cannot open "x" now']]);
  });

  it('never throws anything but TracekitError, and the account always adds up', async () => {
    await survivesDamage(read, [TEXT], { put: anyBytes(6), maxEdits: 6 });
    await survivesDamage(read, [TEXT], { put: fc.constantFrom(34, 10, 44).map((c) => Uint8Array.of(c)), maxEdits: 6 });
  });

  it('gives the same wherever blocks end', async () => {
    const text = HEADER + TEXT.slice(HEADER.length).repeat(20);
    const whole = await readInBlocks(cdfCsv, text, [1 << 20]);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 6 }), async (sizes) => {
        expect(await readInBlocks(cdfCsv, text, sizes)).toEqual(whole);
      }),
      { numRuns: 60 },
    );
  });

  it('reads a file of several blocks', async () => {
    const n = 12_000;
    const parsed = await read(HEADER + TEXT.slice(HEADER.length).repeat(n));
    expect(parsed.account).toEqual({ unit: 'record', read: 3 * n + 1, rows: 3 * n, skipped: 0, ignored: 1 });
    expect(new Set(messagesOf(parsed).map((row) => row.message)).size).toBe(3);
    expect(messagesOf(parsed).at(-1)?.line).toBe(4 * n + 1);
  });

  it.each([
    `${HEADER}"${'x\n'.repeat(900_000)}`,
    `${HEADER}${'"'.repeat(900_000)}\n`,
    `${HEADER}${'","'.repeat(300_000)}\n`,
    `Time,ProcessId,ThreadId,Message\n${'10:05:11,4,8,"a\n'.repeat(20_000)}`,
    `Time,ProcessId,ThreadId,Message\n${'x,"a\n'.repeat(400_000)}`,
    `Time,ProcessId,ThreadId,Message\n${'x,"a""\n'.repeat(300_000)}`,
    ','.repeat(900_000),
  ])('is not held up (%#)', { timeout: 10_000 }, async (text) => {
    expect(addsUp(await read(text))).toBe(true);
  });
});

describe('sniff', () => {
  it.each([
    '',
    'Time,CPU,Value\n10:05:11,1,2\n',
    'PID\tTID\tTime\tMessage\n4\t8\t10:05:11\toff\n',
    '"Time of Day","Process Name","PID","Operation"\n',
    'Event Name, Type, Event ID, Clock-Time, User Data\n',
  ])('leaves alone %j', (text) => expect(claims(text)).toBe(false));
});

it('says that there is no header, where the format is forced', async () => {
  const parsed = await read('10:05:11,4,8,off\n');
  expect(codesOf(parsed)).toEqual(['before-header', 'no-columns', 'no-rows']);
  expect(timesOf(parsed)).toEqual([]);
});
