import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { debugview } from '../parsers/debugview.js';
import { anyBytes, survivesDamage } from './support/damage.js';
import { columnsOf, messagesOf, readInBlocks, readText, timesOf } from './support/message-rows.js';
import { codesOf, type Parsed, sniffText } from './support/parse.js';

const read = (text: string | Uint8Array, clock = {}): Promise<Parsed> => readText(debugview, text, clock);
const claims = (text: string): boolean => sniffText(debugview, text).claims;

const TEXT = `[\\\\BOX]
00000001\t0.00000000\t[2780] Error: no space on volume\t
00000002\t0.00002640\t[2780]   retry\t
00000003\t6.65600000\t[Lamp]: driver loaded\t
00000004\t6.65600010\tdriver unloaded
`;

it('reads seconds from the first line', async () => {
  const parsed = await read(TEXT);
  expect(claims(TEXT)).toBe(true);
  expect(columnsOf(parsed, 'line', 'pid', 'machine', 'message')).toEqual([
    [2, 2780, 'BOX', 'Error: no space on volume'],
    [3, 2780, 'BOX', '  retry'],
    [4, null, 'BOX', '[Lamp]: driver loaded'],
    [5, null, 'BOX', 'driver unloaded'],
  ]);
  expect(timesOf(parsed)).toEqual([0, 26.4, 6_656_000, 6_656_000.1]);
  expect(parsed.account).toEqual({ unit: 'line', read: 5, rows: 4, skipped: 0, ignored: 1 });
  expect(parsed.about.clock).toEqual({ startUtc: null, zone: null, resolutionNs: 10, uncertaintyMs: null });
  expect(codesOf(parsed)).toEqual([]);
});

it.each([
  ['1\t10:05:11.005 AM\t[4] a\n2\t10:05:11.006 AM\t[4] b\n', '10:05:11.005'],
  ['1\t10:05:11 PM\t[4] a\n2\t10:05:11 PM\t[4] b\n', '22:05:11'],
  ['1\t10:05:11\t[4] a\n2\t10:05:11\t[4] b\n', '10:05:11'],
  ['1\t10:05:11,005\t[4] a\n2\t10:05:11,006\t[4] b\n', '10:05:11.005'],
  ['00000001\t0,00000000\t[4] a\n00000002\t0,00100000\t[4] b\n', undefined],
  ['00000001    0.00000000    [4] a\n00000002    0.00100000    [4] b\n', undefined],
])('%j', async (text, startLocal) => {
  expect(claims(text)).toBe(true);
  const parsed = await read(text);
  expect(columnsOf(parsed, 'pid', 'message')).toEqual([
    [4, 'a'],
    [4, 'b'],
  ]);
  expect(parsed.about.clock.startLocal).toBe(startLocal);
  expect([0, 1000]).toContain(timesOf(parsed)[1]);
});

it('reads on where the time of day passes midnight', async () => {
  const parsed = await read('1\t11:59:59 PM\t[4] a\n2\t12:00:01 AM\t[4] b\n');
  expect(timesOf(parsed)).toEqual([0, 2_000_000]);
  expect(codesOf(parsed)).toEqual(['midnight']);
});

describe('damage', () => {
  it('is counted', async () => {
    const parsed = await read(`a\n${TEXT}00000005\tsoon\tx\n`);
    expect(messagesOf(parsed)).toHaveLength(4);
    expect(messagesOf(parsed)[3].message).toBe('driver unloaded\n00000005\tsoon\tx');
    expect(parsed.account).toEqual({ unit: 'line', read: 7, rows: 4, skipped: 1, ignored: 2 });
  });

  it('never throws anything but TracekitError, and the account always adds up', async () => {
    await survivesDamage(read, [TEXT, '1\t10:05:11.005 AM\t[4] a\n'.repeat(3)], { put: anyBytes(6), maxEdits: 6 });
  });

  it('gives the same wherever blocks end', async () => {
    const text = TEXT.repeat(20);
    const whole = await readInBlocks(debugview, text, [1 << 20]);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 6 }), async (sizes) => {
        expect(await readInBlocks(debugview, text, sizes)).toEqual(whole);
      }),
      { numRuns: 60 },
    );
  });
});

describe('sniff', () => {
  it.each([
    '',
    '[\\\\BOX]\n',
    '1 2 3\n',
    '1\t2\t3\n4\t5\t6\n',
    '00000001 10:05:11 a\n',
    '00000002\t0.1\ta\n00000001\t0.2\tb\n',
    '1 2.5 a\n2 3.5 b\n',
    '#\tTime\tPID\tTID\tMessage\n1\t10:05:11.005\t4\t8\ta\n2\t10:05:12.005\t4\t8\tb\n',
    '\r\n#\tTime\tPID\tTID\tMessage\r\n1\t0.25\t4\t8\ta\r\n2\t0.5\t4\t8\tb\r\n',
    'No\tTime\tTID\tPID\tModule\tMessage\n1\t10:05:11\t0x8\t0x4\tLamp\ta\n2\t10:05:12\t0x8\t0x4\tLamp\tb\n',
  ])('leaves alone %j', (text) => expect(claims(text)).toBe(false));

  it.each(['#\tTime\tDebug Print\n', 'some note about the PID\n'])('claims lines below %j', (first) =>
    expect(claims(first + TEXT)).toBe(true),
  );
});
