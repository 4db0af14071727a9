import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { latencymon } from '../parsers/latencymon.js';
import { dpcAggregate, dpcHistogram } from '../src/tables/dpc-aggregate.js';
import { anyBytes, survivesDamage } from './support/damage.js';
import { codesOf, type Parsed, parseWith, sniffText } from './support/parse.js';
import { realFile } from './support/shared.js';

const sniff = (text: string | Buffer) => sniffText(latencymon, text);
const parse = (bytes: string | Uint8Array) => parseWith(latencymon, { bytes });

/** Two processors; made by hand so that its totals agree: 5 ISRs, 117 DPCs; 0.025 s of DPCs in 2 × 60 s. */
const REPORT = `CONCLUSION
_____________________________________________
Your system appears to be suitable for handling real-time audio.
LatencyMon has been analyzing your system for  0:01:00  (h:mm:ss) on all processors.


_____________________________________________
SYSTEM INFORMATION
_____________________________________________
Computer name:                                        BOX
OS version:                                           Windows 10, 10.0, version 1803, build: 17134 (x64)
Hardware:
CPU:                                                  GenuineIntel
Logical processors:                                   2
Processor groups:                                     1
RAM:                                                  4095 MB total

Reported CPU speed:                                   3696 MHz
Highest measured interrupt to process latency (µs):   70.80

Highest ISR routine execution time (µs):              320.996212
Driver with highest ISR routine execution time:       storport.sys - Microsoft Storage Port Driver, Microsoft Corporation

Highest reported total ISR routine time (%):          0.003403
Driver with highest ISR total time:                   storport.sys - Microsoft Storage Port Driver, Microsoft Corporation

Total time spent in ISRs (%)                          0.00040

ISR count (execution time <250 µs):                   4
ISR count (execution time 250-500 µs):                1
ISR count (execution time 500-1000 µs):               0
ISR count (execution time 1000-2000 µs):              0
ISR count (execution time 2000-4000 µs):              0
ISR count (execution time >=4000 µs):                 0

DPC routines are part of the interrupt servicing dispatch mechanism.

Highest DPC routine execution time (µs):              600.50
Driver with highest DPC routine execution time:       ntoskrnl.exe - NT Kernel & System, Microsoft Corporation

Highest reported total DPC routine time (%):          0.010
Driver with highest DPC total execution time:         rspLLL64.sys - Resplendence Latency Monitoring, Resplendence

Total time spent in DPCs (%)                          0.020830

DPC count (execution time <250 µs):                   115
DPC count (execution time 250-500 µs):                0
DPC count (execution time 500-10000 µs):              2
DPC count (execution time 1000-2000 µs):              0
DPC count (execution time 2000-4000 µs):              0
DPC count (execution time >=4000 µs):                 0

 PER CPU DATA
_____________________________________________
CPU 0 Interrupt cycle time (s):                       1.617693
CPU 0 ISR highest execution time (µs):                320.996212
CPU 0 ISR total execution time (s):                   0.000480
CPU 0 ISR count:                                      5
CPU 0 DPC highest execution time (µs):                600.50
CPU 0 DPC total execution time (s):                   0.0240
CPU 0 DPC count:                                      110
_____________________________________________
CPU 1 Interrupt cycle time (s):                       1.214845
CPU 1 ISR highest execution time (µs):                0.0
CPU 1 ISR total execution time (s):                   0.0
CPU 1 ISR count:                                      0
CPU 1 DPC highest execution time (µs):                59.524351
CPU 1 DPC total execution time (s):                   0.0010
CPU 1 DPC count:                                      7
_____________________________________________
`;

const sums = (parsed: Parsed) =>
  parsed.rows(dpcAggregate).map((r) => [r.kind, r.scope, r.module, r.cpu, r.count, r.totalUs, r.maxUs, r.percentOfCpu]);
const SUMS = [
  ['ISR', 'all', null, null, 5, null, 320.996212, 0.0004],
  ['ISR', 'module', 'storport.sys', null, null, null, 320.996212, null],
  ['ISR', 'module', 'storport.sys', null, null, null, null, 0.003403],
  ['ISR', 'cpu', null, 0, 5, 480, 320.996212, null],
  ['ISR', 'cpu', null, 1, 0, 0, 0, null],
  ['DPC', 'all', null, null, 117, null, 600.5, 0.02083],
  ['DPC', 'module', 'ntoskrnl.exe', null, null, null, 600.5, null],
  ['DPC', 'module', 'rspLLL64.sys', null, null, null, null, 0.01],
  ['DPC', 'cpu', null, 0, 110, 24000, 600.5, null],
  ['DPC', 'cpu', null, 1, 7, 1000, 59.524351, null],
];
const ranges = (parsed: Parsed) => parsed.rows(dpcHistogram).map((r) => [r.kind, r.gtUs, r.leUs, r.count]);
const EDGES = [0, 250, 500, 1000, 2000, 4000, null];
const rangesOf = (kind: string, counts: number[]) => counts.map((n, i) => [kind, EDGES[i], EDGES[i + 1], n]);
const RANGES = [...rangesOf('ISR', [4, 1, 0, 0, 0, 0]), ...rangesOf('DPC', [115, 0, 2, 0, 0, 0])];

describe('report', () => {
  it('gives sums and ranges, cited', async () => {
    const parsed = await parse(REPORT);
    expect(sums(parsed)).toEqual(SUMS);
    expect(ranges(parsed)).toEqual(RANGES);
    expect(codesOf(parsed)).toEqual(['bucket-label']);
    expect(parsed.about.machine).toEqual({
      os: 'Windows 10, 10.0, version 1803, build: 17134 (x64)',
      build: 17134,
      cpus: 2,
    });
    expect(parsed.about.span).toEqual({ startUs: 0, endUs: 60e6 });
    expect(parsed.about.truncated).toBe(false);
    expect(parsed.about.notes.join()).toContain('rspLLL64.sys');
    const lines = REPORT.split('\n');
    for (const row of [...parsed.rows(dpcAggregate), ...parsed.rows(dpcHistogram)]) {
      expect(row.quote).toBe(lines[(row.line ?? 0) - 1].trim());
      expect(
        Buffer.from(REPORT)
          .subarray(row.byte ?? 0)
          .toString()
          .startsWith(row.quote),
      ).toBe(true);
    }
    // 5 figures and 6 ranges for each kind, 6 figures for each processor.
    expect(parsed.account).toEqual({
      unit: 'line',
      read: lines.length - 1,
      rows: 34,
      skipped: 0,
      ignored: lines.length - 35,
    });
  });

  const separators = (text: string) => text.replaceAll(/^_+$/gm, '-------');
  it.each([
    ['decimal commas', REPORT.replace(/(\d)\.(\d+)$/gm, '$1,$2')],
    ['CRLF', REPORT.replaceAll('\n', '\r\n')],
    ['UTF-16', Buffer.from(`\ufeff${REPORT}`, 'utf16le')],
    ['µs as one wrong character', REPORT.replaceAll('µs', '탎')],
    ['µ as a Latin-1 byte', Buffer.from(REPORT, 'latin1')],
    ['µ lost', REPORT.replaceAll('µs', '?s')],
    [
      'lost blank lines, columns and separators',
      separators(REPORT).replaceAll(/\n\n+/g, '\n').replaceAll(/ {2,}/g, ' '),
    ],
    ['lost colons', REPORT.replaceAll(/^((?:.* (?:time|\))|CPU \d \w+ count)):/gm, '$1')],
    ['ranges named 500-999', REPORT.replaceAll('500-10000 ', '500-999 ').replaceAll('1000-2000', '1000-1999')],
    ['all in one line', REPORT.replaceAll(/\s+/g, ' ')],
  ])('reads the same with %s', async (_, bytes) => {
    const parsed = await parse(bytes);
    expect(sums(parsed)).toEqual(SUMS);
    expect(ranges(parsed)).toEqual(RANGES);
    expect(codesOf(parsed).filter((code) => code !== 'bucket-label')).toEqual([]);
    const { read, rows, skipped, ignored } = parsed.account;
    expect(read).toBe(rows + skipped + ignored);
    expect(parsed.about.machine.cpus).toBe(2);
  });

  it.each([
    ['a count that does not add up', REPORT.replace(/110$/m, '111'), 'sum-differs-dpc'],
    ['a longest run that is no processor’s', REPORT.replace('600.50', '601.50'), 'max-differs-dpc'],
    ['a share that is not the processors’', REPORT.replace('0.020830', '0.120830'), 'percent-differs-dpc'],
    ['a figure with lost decimals', REPORT.replace('59.524351', '59.52435'), 'decimals-doubtful'],
    ['a second report', REPORT + REPORT, 'repeated-figure'],
    ['a missing figure', REPORT.replace(/^(CPU 1 ISR count:) .*/m, '$1'), 'no-value'],
    ['an unknown range label', REPORT.replace('time 250-500 µs', 'time a few'), 'bucket-unreadable'],
    ['mixed separators', REPORT.replace('0.0010', '0,0010'), 'number-mixed'],
    ['a label not known', REPORT.replace('CPU 1 DPC total execution', 'CPU 1 DPC sum of execution'), 'unreadable-line'],
  ])('says of %s', async (_, text, code) => {
    expect(codesOf(await parse(text))).toContain(code);
  });

  it('does not read a figure that could be grouped', async () => {
    const parsed = await parse(REPORT.replace('59.524351', '59.524'));
    expect(parsed.rows(dpcAggregate).find((r) => r.kind === 'DPC' && r.cpu === 1)?.maxUs).toBeNull();
    expect(parsed.account.skipped).toBe(1);
  });

  it('says that a report is cut off', async () => {
    const at = REPORT.indexOf('CPU 1 DPC count');
    const parsed = await parse(REPORT.slice(0, at + 'CPU 1 DPC count:'.length));
    expect(parsed.about.truncated).toBe(true);
    expect(codesOf(parsed)).toContain('truncated');
    const inNumber = await parse(REPORT.slice(0, at - 3));
    expect(inNumber.about.truncated).toBe(true);
    expect(codesOf(inNumber)).toContain('last-line-cut');
    // Without its last separator the report is whole: its totals confirm the last count.
    const whole = await parse(REPORT.slice(0, REPORT.lastIndexOf('\n____')));
    expect(codesOf(whole)).toEqual(['bucket-label']);
  });
});

describe('sniff', () => {
  it.each([REPORT, REPORT.slice(REPORT.indexOf('ISR count')), REPORT.replaceAll(/\s+/g, ' ')])('claims %#', (text) =>
    expect(sniff(text)).toEqual({ claims: true }),
  );
  it.each(['', 'LatencyMon says my DPCs are bad', 'DPC Info\nTotal = 3\n'])('leaves alone %j', (text) =>
    expect(sniff(text)).toEqual({ claims: false, why: null }),
  );
});

const real = realFile('latencymon/zephyrus-m16-latencymon.txt');
it.skipIf(real === null)('reads a real report; its totals agree', async () => {
  const text = readFileSync(real ?? '', 'utf8');
  const parsed = await parseWith(latencymon, { path: real ?? '' });
  expect(sniff(text)).toEqual({ claims: true });
  expect(codesOf(parsed)).toEqual(['bucket-label']);
  // Counted another way: the numbers at the ends of the lines.
  const ends = (pattern: RegExp) => [...text.matchAll(pattern)].map((m) => Number(m[1]));
  for (const kind of ['ISR', 'DPC'] as const) {
    const counts = ends(new RegExp(`^CPU \\d+ ${kind} count:\\s+(\\d+)\\r?$`, 'gm'));
    const rows = parsed.rows(dpcAggregate).filter((r) => r.kind === kind);
    expect(rows.filter((r) => r.scope === 'cpu').map((r) => r.count)).toEqual(counts);
    expect(counts).toHaveLength(20);
    expect(rows[0]).toMatchObject({ scope: 'all', count: counts.reduce((a, b) => a + b) });
    const seconds = ends(new RegExp(`^CPU \\d+ ${kind} total execution time \\(s\\):\\s+([\\d.]+)`, 'gm'));
    expect(rows.filter((r) => r.scope === 'cpu').map((r) => (r.totalUs ?? 0) / 1e6)).toEqual(seconds);
  }
  expect(
    parsed
      .rows(dpcAggregate)
      .filter((r) => r.scope === 'all')
      .map((r) => [r.count, r.maxUs, r.percentOfCpu]),
  ).toEqual([
    [35205, 536.804674, 0.005171],
    [5094719, 5998.834725, 0.421332],
  ]);
  // 220.12020 is 220.1202: zeros at the end are folded into one, none is lost in front.
  expect(parsed.rows(dpcAggregate).find((r) => r.kind === 'DPC' && r.cpu === 11)?.maxUs).toBe(220.1202);
  expect(parsed.about.span.endUs).toBe((19 * 60 + 15) * 1e6);
  expect(parsed.about.machine).toMatchObject({ build: 26100, cpus: 20 });
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
  // 5 figures and 6 ranges for each kind, 6 lines for each of 20 processors.
  expect(parsed.account).toEqual({ unit: 'line', read: lines, rows: 142, skipped: 0, ignored: lines - 142 });
});

it('never throws anything but TracekitError, and the account always adds up', async () => {
  const flat = REPORT.replaceAll(/\s+/g, ' ');
  await survivesDamage(parse, [REPORT, flat], { put: anyBytes(8), maxEdits: 5 });
});

it('keeps a bounded number of ranges', async () => {
  const lines = Array.from({ length: 70 }, (_, i) => `ISR count (execution time ${i}-${i + 1} µs): 1\n`);
  const parsed = await parse(lines.join(''));
  expect(parsed.rows(dpcHistogram)).toHaveLength(64);
  expect(parsed.account).toMatchObject({ read: 70, rows: 64, skipped: 6 });
  expect(parsed.diagnostics.find(({ code }) => code === 'too-many-ranges')?.count).toBe(6);
});

it.each([`Highest${' '.repeat(900_000)}`, 'ISR count ('.repeat(80_000), 'CPU 1 ISR count: 5 '.repeat(50_000)])(
  'is not held up by long lines (%#)',
  { timeout: 5000 },
  async (text) => {
    const { account } = await parse(text);
    expect(account.read).toBe(1);
    expect(account.rows + account.skipped + account.ignored).toBe(1);
  },
);
