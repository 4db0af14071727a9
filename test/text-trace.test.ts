import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textTrace } from '../parsers/text-trace.js';
import { addsUp, anyBytes, survivesDamage } from './support/damage.js';
import { columnsOf, messagesOf, readInBlocks, readText, timesOf } from './support/message-rows.js';
import { codesOf, type Parsed, sniffText } from './support/parse.js';

const read = (text: string | Uint8Array, clock = {}): Promise<Parsed> => readText(textTrace, text, clock);
const claims = (text: string): boolean => sniffText(textTrace, text).claims;

const TABLE = `#    PID  TID  Time         Message
[...]
1972 2780 5992 10:05:11.005 Error: [Store] no space on volume
1973 2780 5992 10:05:11.005 Query sleeps on error (retry 26)
[...]
4513 2780 3292 10:06:02.942 Error: [Store] no space on volume
`;

it('reads a published excerpt', async () => {
  const parsed = await read(TABLE);
  expect(columnsOf(parsed, 'line', 'atUs', 'pid', 'tid', 'message')).toEqual([
    [3, 0, 2780, 5992, 'Error: [Store] no space on volume'],
    [4, 0, 2780, 5992, 'Query sleeps on error (retry 26)'],
    [6, 51_937_000, 2780, 3292, 'Error: [Store] no space on volume'],
  ]);
  expect(parsed.account).toEqual({ unit: 'line', read: 6, rows: 3, skipped: 0, ignored: 3 });
  expect(parsed.about.span).toEqual({ startUs: 0, endUs: 51_937_000 });
  expect(parsed.about.clock).toEqual({
    startUtc: null,
    zone: null,
    resolutionNs: 1e6,
    uncertaintyMs: null,
    startLocal: '10:05:11.005',
  });
  expect(codesOf(parsed)).toEqual([]);
  expect(messagesOf(parsed)[2].quote).toBe(TABLE.split('\n')[5]);
  expect([...parsed.events].map(([name, { count }]) => [name, count])).toEqual([['message', 3]]);
});

describe('columns', () => {
  const one = async (text: string) => {
    const parsed = await read(text);
    expect(claims(text)).toBe(true);
    expect(messagesOf(parsed)).toHaveLength(1);
    return messagesOf(parsed)[0];
  };

  it.each([
    ['No. PID TID Date Time Module Message\n1 4 8 11/20/2026 10:05:11.005 Lamp off, on\n', { provider: 'Lamp' }],
    ['PID TID Time Message\n4 8 10:05:11 off, on\n', {}],
    ['No\tTime\tTID\tPID\tComponent\tMessage\n1\t10:05:11\t8\t4\tMy Lamp\toff, on\n', { provider: 'My Lamp' }],
    [
      '# CPU PID TID Time Level Function Message\n1 3 4 8 10:05:11 Warning Lamp::Put off, on\n',
      { cpu: 3, level: 3, function: 'Lamp::Put' },
    ],
    ['# PID TID Time File Line Message\n1 4 8 10:05:11 lamp.c 120 off, on\n', { file: 'lamp.c:120' }],
    ['# PID TID Time Src Message\n1 4 8 10:05:11 lamp.c off, on\n', { file: 'lamp.c' }],
    ['# PID TID Time Event ID Message\n1 4 8 10:05:11 51 off, on\n', { eventId: 51 }],
    ['# Process Name Process ID Thread ID Time Statement\n1 a.exe 4 8 10:05:11 off, on\n', { process: 'a.exe' }],
    ['Computer Time Process ID Thread ID Message\nBOX 10:05:11 4 8 off, on\n', { machine: 'BOX' }],
    ['# Process Thread Time Message\n1 4 8 10:05:11 off, on\n', { process: null }],
    ['   #  PID  TID Time   Message\n  1 0x4 0x8 10:05:11  off, on\r\n', {}],
    ['#\tTime\tPID\tTID\tMessage\n1\t10:05:11.005\t4\t8\toff, on\n', {}],
    ['No\tTime\tTID\tPID\tModule\tMessage\n1\t10:05:11.005\t0x8\t0x4\tLamp\toff, on\n', { provider: 'Lamp' }],
    ['# PID TID Time Date Message\n1 4 8 10:05:11 2026-11-20 off, on\n', {}],
  ])('%j', async (text, expected) => {
    expect(await one(text)).toMatchObject({ pid: 4, tid: 8, message: 'off, on', ...expected });
  });

  it('takes ids with letters for hexadecimal, column by column, and says so', async () => {
    const parsed = await read('# PID TID Time Message\n1 1000 183C 10:05:11 a\n2 1000 1840 10:05:12 b\n');
    expect(columnsOf(parsed, 'pid', 'tid')).toEqual([
      [1000, 0x183c],
      [1000, 0x1840],
    ]);
    expect(parsed.about.notes).toEqual(['numbers in column TID were taken as hexadecimal, for some have letters']);
  });

  it('threads may have names', async () => {
    const parsed = await read('# PID Thread Time Message\n1 4 main 10:05:11 a\n');
    expect(columnsOf(parsed, 'pid', 'tid', 'message')).toEqual([[4, null, 'a']]);
  });

  it('finds rows without a header', async () => {
    const text = TABLE.split('\n').slice(1).join('\n');
    expect(claims(text)).toBe(true);
    expect(columnsOf(await read(text), 'atUs', 'tid', 'message')).toEqual(
      columnsOf(await read(TABLE), 'atUs', 'tid', 'message'),
    );
  });

  it('reads a header that comes again', async () => {
    const parsed = await read(TABLE + TABLE);
    expect(messagesOf(parsed)).toHaveLength(6);
    expect(codesOf(parsed)).toEqual(['time-inversion']);
  });
});

describe('times', () => {
  it.each([
    ['10:05:11.005 10:05:11.006', 1000],
    ['10:05:11,005 10:05:11,006', 1000],
    ['10:05:11.0050001 10:05:11.0060002', 1000.1],
    ['10:05:11.005000001 10:05:11.006000003', 1000.002],
    ['9:05:11 10:05:11', 3_600_000_000],
    ['11:59:59.500 12:00:00.000', 500_000],
    ['2026-11-20T23:59:59.5 2026-11-21T00:00:00.5', 1_000_000],
  ])('%s', async (times, expected) => {
    const [a, b] = times.split(' ');
    const [first, second] = timesOf(await read(`# PID TID Time Message\n1 4 8 ${a} a\n2 4 8 ${b} b\n`));
    expect(first).toBe(0);
    expect(second).toBeCloseTo(expected, 6);
  });

  it.each([
    ['Time(ms)', 1000],
    ['Time (us)', 1],
    ['Time(s)', 1_000_000],
    ['Ticks', 0.1],
    ['Time (ticks)', 0.1],
    ['Elapsed [ms]', 1000],
  ])('plain numbers under %s', async (name, us) => {
    const parsed = await read(`# PID TID ${name} Message\n1 4 8 1000 a\n2 4 8 1500 b\n3 4 8 1500.5 c\n`);
    for (const [i, expected] of [0, 500, 500.5].entries()) expect(timesOf(parsed)[i]).toBeCloseTo(expected * us, 9);
    expect(parsed.about.clock.startLocal).toBeUndefined();
    expect(codesOf(parsed)).toEqual([]);
  });

  it('numbers without a unit: decimals are seconds, whole ones are left open', async () => {
    const seconds = await read('# PID TID Time Message\n1 4 8 1.5 a\n2 4 8 2.25 b\n');
    expect(timesOf(seconds)).toEqual([0, 750_000]);
    expect(seconds.about.notes.join()).toContain('were taken as seconds');
    const open = await read('# PID TID Time Message\n1 4 8 1000 a\n2 4 8 2000 b\n');
    expect(timesOf(open)).toEqual([null, null]);
    expect(codesOf(open)).toEqual(['time-unit-unknown']);
    expect(open.about.span).toEqual({ startUs: null, endUs: null });
  });

  it('an instant in 100 ns ticks', async () => {
    const parsed = await read('# PID TID Time Message\n1 4 8 134024561252858400 a\n2 4 8 134024561252868400 b\n');
    expect(timesOf(parsed)).toEqual([0, 1000]);
    expect(parsed.about.clock.startUtc).toBe('2025-09-16T00:28:45.2858400Z');
  });
});

describe('lines that are no rows', () => {
  it('go on with the message above, or are damaged', async () => {
    const parsed = await read(
      '# PID TID Time Message\n1 4 8 10:05:11 first\n  at a()\n  at b()\n\n2 4 x 10:05:12 second\n3 4 8 10:05:13 third\n[...]\nsome prose\n',
    );
    expect(columnsOf(parsed, 'message')).toEqual([['first\n  at a()\n  at b()'], ['third']]);
    expect(parsed.diagnostics.map(({ code, count, line }) => [code, count, line])).toEqual([['damaged-row', 2, 6]]);
    expect(parsed.account).toEqual({ unit: 'line', read: 9, rows: 2, skipped: 2, ignored: 5 });
  });

  it('a table without rows says so', async () => {
    expect(codesOf(await read('# PID TID Time Message\n'))).toEqual(['no-rows']);
  });

  it('UTF-16, marks of excerpts and line ends of Windows', async () => {
    const text = TABLE.replaceAll('[...]', '[\u2026]').replaceAll('\n', '\r\n');
    const parsed = await read(Buffer.from(`\ufeff${text}`, 'utf16le'));
    expect(columnsOf(parsed, 'message', 'tid')).toEqual(columnsOf(await read(TABLE), 'message', 'tid'));
    expect(codesOf(parsed)).toEqual([]);
  });
});

describe('sniff', () => {
  it.each([TABLE, '# PID TID Time Message\n', `A note.\n\n${TABLE}`])('claims %#', (text) =>
    expect(claims(text)).toBe(true),
  );
  it.each([
    '',
    `0: kd> !cs\n${TABLE}`,
    `${TABLE}0:000> k\n`,
    ' # Child-SP          RetAddr           Call Site\n00 fffff880 fffff800 nt!Ki\n',
    'PID TID Name\n4 8 a\n',
    '1 2 3\n4 5 6\n',
    '1 4 8 10:05:11 only one row\n',
    'TraceTime\tProcessId\tThreadId\tMessage\n2026-11-20 10:05:11\t4\t8\ta\n',
  ])('leaves alone %j', (text) => expect(claims(text)).toBe(false));
});

describe('damage', () => {
  it('never throws anything but TracekitError, and the account always adds up', async () => {
    const wide =
      '# CPU PID TID Date Time Level File Line Message\n1 3 4 8 01/02/2026 10:05:11 Error a.c 1 off\n2 3 4 8 02/02/2026 10:05:11 5 a.c 1 on\n';
    await survivesDamage(read, [TABLE, wide], { put: anyBytes(6), maxEdits: 6 });
  });

  it('gives the same wherever blocks end', async () => {
    const lines = Array.from({ length: 60 }, (_, i) =>
      i % 7 === 3 ? `  goes on ${i}` : i % 11 === 5 ? '[...]' : `${i} 4 ${i} 10:05:${10 + (i % 50)}.005 text ${i}`,
    );
    const text = `# PID TID Time Message\n${lines.join('\n')}\n`;
    const whole = await readInBlocks(textTrace, text, [1 << 20]);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 6 }), async (sizes) => {
        expect(await readInBlocks(textTrace, text, sizes)).toEqual(whole);
      }),
      { numRuns: 60 },
    );
  });

  it('reads a file of several blocks, and cuts a message without end', async () => {
    const n = 30_000;
    const text = `# PID TID Time Message\n${'1 4 8 10:05:11.005 a message of some length\n'.repeat(n)}${'goes on and on\n'.repeat(n)}2 4 8 10:05:12 last\n`;
    const parsed = await read(text);
    const rows = messagesOf(parsed);
    expect(rows).toHaveLength(n + 1);
    expect(rows[n - 1].message).toHaveLength(65_536);
    expect(rows[n]).toMatchObject({ message: 'last', line: 2 * n + 2 });
    expect(parsed.diagnostics.map(({ code, count }) => [code, count])).toEqual([['message-cut', 1]]);
    expect(addsUp(parsed)).toBe(true);
  });

  it.each([
    '# PID TID Time '.repeat(70_000),
    `# PID TID Time Message\n${'1 '.repeat(500_000)}`,
    `# PID TID Time Message\n1 4 8 ${'1'.repeat(900_000)}`,
    `# PID TID Time Message\n1 4 8 10:05:11${'.'.repeat(900_000)}`,
    '\t'.repeat(900_000),
  ])('is not held up by long lines (%#)', { timeout: 5000 }, async (text) => {
    expect(addsUp(await read(text))).toBe(true);
  });
});
