import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logText } from '../parsers/log-text.js';
import { inputsOf } from '../src/core/source.js';
import { prefixOf } from '../src/open.js';
import { addsUp, anyBytes, survivesDamage } from './support/damage.js';
import { columnsOf, messagesOf, readInBlocks, readText, timesOf } from './support/message-rows.js';
import { codesOf, type Parsed, sniffText } from './support/parse.js';
import { SHARED } from './support/shared.js';

const read = (text: string | Uint8Array, clock = {}): Promise<Parsed> => readText(logText, text, clock);
const claims = (text: string): boolean => sniffText(logText, text).claims;

/** The same line three times, a second apart. */
const thrice = (line: string): string => [1, 2, 3].map((n) => `${line.replace('10:05:11', `10:05:1${n}`)}\n`).join('');

describe('times in front', () => {
  it.each([
    ['2026-11-20T10:05:11.005Z off', '2026-11-20T10:05:11.005'],
    ['2026-11-20T10:05:11+02:00 off', '2026-11-20T10:05:11'],
    ['2026-11-20 10:05:11,123 off', '2026-11-20T10:05:11.123'],
    ['11/20/2026 10:05:11 AM off', '2026-11-20T10:05:11'],
    ['11/20/2026 10:05:11 PM: off', '2026-11-20T22:05:11'],
    ['20.11.2026 10:05:11 off', '2026-11-20T10:05:11'],
    ['20 Nov 2026 10:05:11.5 off', '2026-11-20T10:05:11.5'],
    ['[20/Nov/2026:10:05:11 +0100] off', '2026-11-20T10:05:11'],
    ['Oct  9 10:05:11 off', '10:05:11'],
    ['[2026-11-20 10:05:11.005] off', '2026-11-20T10:05:11.005'],
    ['<2026-11-20 10:05:11.005> off', '2026-11-20T10:05:11.005'],
    ['10:05:11.005 off', '10:05:11.005'],
    ['  10:05:11 - off', '10:05:11'],
    ['lamp 0012 2026-11-20 10:05:11.005 | off', '2026-11-20T10:05:11.005'],
  ])('%s', async (line, startLocal) => {
    const text = thrice(line);
    expect(claims(text)).toBe(true);
    const parsed = await read(text);
    expect(columnsOf(parsed, 'atUs', 'message')).toEqual([
      [0, 'off'],
      [1_000_000, 'off'],
      [2_000_000, 'off'],
    ]);
    expect(parsed.about.clock.startLocal).toBe(startLocal);
    expect(codesOf(parsed)).toEqual([]);
  });

  it.each([
    ['1763632800.123 off\n1763632801.123 off\n1763632802.125 off\n', 2_002_000, '2025-11-20T10:00:00.123Z'],
    ['1763632800123 off\n1763632801123 off\n1763632802125 off\n', 2_002_000, '2025-11-20T10:00:00.123Z'],
  ])('%j is in UTC', async (text, endUs, startUtc) => {
    expect(claims(text)).toBe(true);
    const parsed = await read(text);
    expect(parsed.about.span).toEqual({ startUs: 0, endUs });
    expect(parsed.about.clock).toMatchObject({ startUtc, zone: 'UTC', resolutionNs: 1e6 });
  });
});

describe('levels', () => {
  it.each([
    ['2026-11-20 10:05:11,123 [main] ERROR lamp.Store - off', 2, 'lamp.Store - off', 'lamp.Store'],
    ['2026-11-20 10:05:11,123 [17] WARN  lamp.Store - off', 3, 'lamp.Store - off', 'lamp.Store'],
    ['2026-11-20 10:05:11, Info                  CBS    off', 4, 'CBS    off', 'CBS'],
    ['2026-11-20 10:05:11 [E] off', 2, 'off', null],
    ['2026-11-20 10:05:11 <warning> off', 3, 'off', null],
    ['2026-11-20 10:05:11 Info: off', 4, 'off', null],
    ['20.11.2026 10:05:11,005 FEHLER off', 2, 'off', null],
    ['2026-11-20 10:05:11 ERROR [1:2] Store: off', 2, 'Store: off', 'Store'],
    ['2026-11-20 10:05:11 | DEBUG | off', 5, 'off', null],
    ['2026-11-20 10:05:11 FATAL off', 1, 'off', null],
    ['[WARN] 2026-11-20 10:05:11 off', 3, 'off', null],
    ['INFO 2026-11-20 10:05:11 off', 4, 'off', null],
    ['[2026-11-20 10:05:11 ERROR] off', 2, 'off', null],
    ['2026-11-20 10:05:11 information desk is off', 4, 'desk is off', null],
    ['2026-11-20 10:05:11 lamp error off', null, 'lamp error off', null],
    ['2026-11-20 10:05:11 errors: off', null, 'errors: off', 'errors'],
  ])('%s', async (line, level, message, provider) => {
    const rows = messagesOf(await read(thrice(line)));
    expect(rows).toHaveLength(3);
    expect(rows[1]).toMatchObject({ level, provider, message });
  });

  it('a word that few lines begin with is text, unless it is in capitals or brackets', async () => {
    const lines = [
      'lamp on',
      'Error opening the door',
      'ERROR opening',
      '[Error] opening',
      'lamp off',
      'lamp on',
      'lamp off',
    ];
    const parsed = await read(lines.map((line) => `10:05:11 ${line}\n`).join(''));
    expect(columnsOf(parsed, 'level', 'message').slice(1, 4)).toEqual([
      [null, 'Error opening the door'],
      [2, 'opening'],
      [2, 'opening'],
    ]);
  });
});

describe('ids', () => {
  it.each([
    ['2026-11-20 10:05:11 [2780:5992] off', 2780, 5992, 'off'],
    ['2026-11-20 10:05:11 [2780.5992] INFO off', 2780, 5992, 'off'],
    ['2026-11-20 10:05:11 INFO [2780:5992] off', 2780, 5992, 'off'],
    ['2026-11-20 10:05:11 [5992] off', null, 5992, 'off'],
    ['2026-11-20 10:05:11 INFO [5992] off', null, 5992, 'off'],
    ['2026-11-20 10:05:11,123 [5992] INFO off', null, 5992, 'off'],
    ['2026-11-20 10:05:11 pid=2780 tid=5992 off', 2780, 5992, 'off'],
    ['2026-11-20 10:05:11 [lamp] off', null, null, '[lamp] off'],
    ['2026-11-20 10:05:11 [2780 x] off', null, null, '[2780 x] off'],
  ])('%s', async (line, pid, tid, message) => {
    const parsed = await read(thrice(line));
    expect(columnsOf(parsed, 'pid', 'tid', 'message')[2]).toEqual([pid, tid, message]);
    const isGuess = /\[\d+\]/.test(line);
    expect(parsed.about.notes).toHaveLength(isGuess ? 1 : 0);
  });

  it('of syslog', async () => {
    const parsed = await read(thrice('Oct  9 10:05:11 box-1 sshd[1234]: failed for root'));
    expect(columnsOf(parsed, 'machine', 'provider', 'pid', 'message')[0]).toEqual([
      'box-1',
      'sshd',
      1234,
      'failed for root',
    ]);
    expect([...parsed.events.keys()]).toEqual(['sshd']);
  });
});

it('lines without a time belong to the message above, and a time of day alone is none in a log with dates', async () => {
  const more = Array.from({ length: 10 }, (_, i) => `2026-11-20 10:06:1${i} z\n`).join('');
  const parsed = await read(
    `started by hand\n2026-11-20 10:05:11 a\n  at x()\n\n  at 10:05:11 y()\n2026-11-20 10:05:12 b\n10:05:13 c\n${more}`,
  );
  expect(columnsOf(parsed, 'line', 'message').slice(0, 3)).toEqual([
    [2, 'a\n  at x()\n\n  at 10:05:11 y()'],
    [6, 'b\n10:05:13 c'],
    [8, 'z'],
  ]);
  expect(parsed.account).toEqual({ unit: 'line', read: 17, rows: 12, skipped: 1, ignored: 4 });
  expect(codesOf(parsed)).toEqual(['damaged-row']);
});

describe('sniff', () => {
  const stamped = (n: number): string => Array.from({ length: n }, (_, i) => `10:05:${10 + (i % 50)} text\n`).join('');

  it('wants 60 % of the first hundred lines, and three of them', () => {
    expect(claims(stamped(2))).toBe(true);
    expect(claims(`${stamped(2)}a\n`)).toBe(false);
    expect(claims(`${stamped(60)}${'a\n'.repeat(40)}`)).toBe(true);
    expect(claims(`${stamped(59)}${'a\n'.repeat(41)}`)).toBe(false);
    expect(claims(`${stamped(100)}${'a\n'.repeat(400)}`)).toBe(true);
  });

  it.each([
    'java.net.ConnectException: refused\n\tat com.acme.Pool.open(Pool.java:120)\n',
    'java.lang.StackOverflowError\n    at com.acme.Pool.open(Pool.java:120)\n... 12 more\n',
    'System.IO.IOException: gone\n   at Acme.Pool.Open()\nCaused by: x\nat Acme.Pool.Close()\n',
    '  more of it\n'.repeat(40),
  ])('does not count lines of a stack: %j', (stack) => {
    const line = '2026-11-20 10:05:11,123 [main-1] ERROR lamp.Store - off\n';
    expect(claims((line + stack).repeat(3))).toBe(true);
    expect(claims(line + stack)).toBe(false);
    expect(claims(`a\nb\nc\n${(line + stack).repeat(3)}`)).toBe(false);
    expect(claims(stack.repeat(5))).toBe(false);
  });

  it('counts indented lines where those with a time are indented', () => {
    expect(claims(`${'  10:05:11 a\n'.repeat(3)}${'  b\n'.repeat(3)}`)).toBe(false);
    expect(claims(`${'  10:05:11 a\n'.repeat(3)}${'    at b()\n'.repeat(30)}`)).toBe(true);
  });

  it.each([
    '{\n  "a": 1,\n  "at": "2026-11-20 10:05:11"\n}\n'.repeat(30),
    'export class A {\n  at = 1;\n  // 2026-11-20 10:05:11\n}\n'.repeat(30),
    `def f():\n${'    return 1\n'.repeat(90)}`,
  ])('leaves alone what is indented: %#', (text) => expect(claims(text)).toBe(false));

  it.each([
    '2026-11-20 10:05:11,12,34\n2026-11-20 10:05:12,12,34\n2026-11-20 10:05:13,12,34\n',
    '2026-11-20 10:05:11;a;b\n2026-11-20 10:05:12;a;b\n2026-11-20 10:05:13;a;b\n',
    'Time\tCPU\tValue\n10:05:11\t1\t2\n10:05:12\t1\t2\n10:05:13\t1\t2\n',
  ])('refuses CSV with the reason: %j', (text) => {
    expect(sniffText(logText, text)).toEqual({ claims: false, why: expect.stringContaining('CSV') });
  });

  it.each([
    '',
    '"11/20/2026 10:00:00.123","1"\n'.repeat(4),
    'kd> !x\n10:05:11 a\n10:05:12 b\n10:05:13 c\n10:05:14 d\n',
    '#    PID  TID  Time         Message\n1 2 3 10:05:11 a\n1 2 3 10:05:11 a\n1 2 3 10:05:11 a\n',
    '1 2 3 10:05:11 a\n2 2 3 10:05:11 a\n3 2 3 10:05:11 a\n',
    '[3]0004.183C::08/21/2025-09:46:11.485 [core]x\n'.repeat(4),
    '1\t10:05:11\ta\n2\t10:05:12\tb\n3\t10:05:13\tc\n',
    'Time,ProcessId,ThreadId,Message\n10:05:11,1,2,a\n10:05:11,1,2,a\n10:05:11,1,2,a\n',
    'for (let i = 0; i < 10; i++) {\n  f(i);\n}\n',
    '<html>\n<body>10:05:11</body>\n</html>\n',
    '            CSwitch,     106082,        a.exe ( 100),\n'.repeat(4),
  ])('leaves alone %j', (text) => expect(sniffText(logText, text)).toEqual({ claims: false, why: null }));

  const samples = resolve(import.meta.dirname, '../samples');
  // Stories are of several formats, this one among them.
  const own = new Set(['log-text', 'stories']);
  const files = (folder: string): string[] =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.parentPath !== samples)
      .map((entry) => join(entry.parentPath, entry.name));
  const told = files(samples).filter((path) => !own.has(path.slice(samples.length + 1).split('/')[0]));

  it('claims no sample of another format, whole or cut', async () => {
    for (const path of told) {
      const stream = await (await inputsOf(path))[0].open();
      stream.close();
      expect([path, logText.sniff(prefixOf(stream)).claims]).toEqual([path, false]);
      if (/\.(txt|csv|log|xml)$/.test(path)) {
        for (const length of [300, 1000, 4000, 20_000]) {
          const cut = readFileSync(path).subarray(0, length);
          expect([path, length, sniffText(logText, cut).claims]).toEqual([path, length, false]);
        }
      }
    }
  });

  const parsersOf = [
    'kd',
    'poolmon',
    'latencymon',
    'pdh-csv',
    'wpa-csv',
    'xperf-dumper',
    'dpcisr',
    'eventlog',
    'wpp-text',
    'tracerpt-csv',
  ];
  it('claims no real file of another format', async () => {
    for (const name of parsersOf) {
      const folder = name === 'kd' ? join(SHARED, 'kd/cases') : join(SHARED, 'real', name);
      let paths: string[] = [];
      try {
        paths = files(folder);
      } catch {
        // The folder is not there.
      }
      for (const path of paths) expect([path, sniffText(logText, readFileSync(path)).claims]).toEqual([path, false]);
    }
  });
});

describe('damage', () => {
  const LOG = `${thrice('2026-11-20 10:05:11,123 [17] WARN  lamp.Store - off')}  at x()\n${thrice('2026-11-20 10:06:11,123 [17] INFO  lamp.Store - on')}`;

  it('never throws anything but TracekitError, and the account always adds up', async () => {
    await survivesDamage(
      read,
      [LOG, thrice('Oct  9 10:05:11 box sshd[1234]: x'), thrice('01/02/2026 10:05:11 PM <E> [1:2] x')],
      {
        put: anyBytes(6),
        maxEdits: 6,
      },
    );
  });

  it('gives the same wherever blocks end', async () => {
    const text = LOG.repeat(15);
    const whole = await readInBlocks(logText, text, [1 << 20]);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 6 }), async (sizes) => {
        expect(await readInBlocks(logText, text, sizes)).toEqual(whole);
      }),
      { numRuns: 60 },
    );
  });

  it('random lines are counted', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.constantFrom('10:05:11 a', '', '  b', '2026-11-20 10:05:11 c', '[...]', '10:99:00', '\u0000\u0001'),
          { maxLength: 30 },
        ),
        async (lines) => {
          const parsed = await read(lines.join('\n'));
          expect(addsUp(parsed)).toBe(true);
          expect(timesOf(parsed).every((at) => at !== null)).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each([
    ' '.repeat(900_000),
    `10:05:11 ${'['.repeat(900_000)}`,
    `${'['.repeat(900_000)}`,
    `10:05:11 ${'- '.repeat(400_000)}`,
    `2026-11-20 ${'10:05:11 '.repeat(90_000)}`,
    '10:05:11 a\n'.repeat(90_000),
  ])('is not held up by long lines (%#)', { timeout: 5000 }, async (text) => {
    expect(addsUp(await read(text))).toBe(true);
    claims(text);
  });
});
