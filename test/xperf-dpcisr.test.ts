import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { xperfDpcisr } from '../parsers/xperf-dpcisr.js';
import { inputsOf } from '../src/core/source.js';
import { prefixOf } from '../src/open.js';
import { dpcAggregate, dpcHistogram } from '../src/tables/dpc-aggregate.js';
import { dpcIntervalUsage } from '../src/tables/dpc-interval-usage.js';
import { expectedOf } from './generate/oracle.js';
import { endUs, stutter } from './generate/truth.js';
import { dpcisrReport } from './generate/write-dpcisr.js';
import { survivesDamage } from './support/damage.js';
import { codesOf, type Parsed, parseWith } from './support/parse.js';
import { realFile } from './support/shared.js';

const truth = stutter();
const report = dpcisrReport(truth);
const parse = (text: string | Uint8Array): Promise<Parsed> => parseWith(xperfDpcisr, { bytes: text });

function addsUp({ account }: Parsed, lines?: number): void {
  expect(account.rows + account.skipped + account.ignored).toBe(account.read);
  if (lines !== undefined) expect(account.read).toBe(lines);
}

async function claims(path: string): Promise<boolean> {
  const stream = await (await inputsOf(path))[0].open();
  stream.close();
  return xperfDpcisr.sniff(prefixOf(stream)).claims;
}

describe('the generated report', async () => {
  const parsed = await parse(report);
  const expected = expectedOf(truth);

  it('accounts for each line, without complaint', () => {
    addsUp(parsed, report.split('\n').length - 1);
    expect(parsed.diagnostics).toEqual([]);
    expect(parsed.account.skipped).toBe(0);
    expect(parsed.about).toMatchObject({
      machine: { cpus: 8 },
      span: { startUs: 0, endUs: 20_000_000 },
      truncated: false,
    });
  });

  it('gives the time of each module on each CPU', () => {
    const rows = parsed.rows(dpcAggregate).filter(({ scope }) => scope === 'module-cpu');
    expect(rows).toHaveLength(expected.byModule.length * 8);
    for (const { kind, module, cpu, totalUs, percentOfCpu } of rows) {
      const own = truth.runs.filter((run) => run.kind === kind && run.module === module && run.cpu === cpu);
      const us = own.reduce((sum, run) => sum + run.durationUs, 0);
      expect(totalUs).toBe(us);
      expect(percentOfCpu).toBeCloseTo((100 * us) / truth.lengthUs, 1);
    }
  });

  it('gives the count of each module and of all', () => {
    const counts = parsed.rows(dpcAggregate).filter(({ scope }) => scope === 'module');
    expect(counts).toHaveLength(expected.byModule.length);
    for (const { kind, module, count } of counts) {
      expect(count).toBe(expected.byModule.find((f) => f.kind === kind && f.module === module)?.count);
    }
    const all = parsed.rows(dpcAggregate).filter(({ scope }) => scope === 'all');
    expect(all.map(({ kind, count }) => [kind, count])).toEqual(
      (['DPC', 'ISR'] as const).map((kind) => [kind, truth.runs.filter((run) => run.kind === kind).length]),
    );
  });

  it('gives the histograms, the unresolved module apart from all modules', () => {
    const rows = parsed.rows(dpcHistogram);
    for (const { kind, module, histogram } of expected.byModule) {
      const own = rows.filter((row) => row.scope === 'module' && row.kind === kind && row.module === module);
      expect(own.map(({ gtUs, leUs, count }) => ({ gtUs, leUs, count }))).toEqual(histogram);
    }
    const all = rows.filter(({ scope }) => scope === 'all').reduce((sum, { count }) => sum + (count ?? 0), 0);
    expect(all).toBe(truth.runs.length);
  });

  it('gives the time of each second on each CPU', () => {
    const rows = parsed.rows(dpcIntervalUsage);
    expect(rows).toHaveLength(20 * 8 * 2);
    for (const { kind, cpu, startUs, endUs: end, us, percentOfCpu } of rows) {
      const from = startUs as number;
      const used = truth.runs.reduce((sum, run) => {
        const part = Math.min(endUs(run), from + 1e6) - Math.max(run.startUs, from);
        return run.kind === kind && run.cpu === cpu && part > 0 ? sum + part : sum;
      }, 0);
      expect([us, end, percentOfCpu]).toEqual([used, from + 1e6, Number((used / 1e4).toFixed(2))]);
    }
    // Line 181 of the sample: `6000-7000 :, …, 999863 99.99, …`.
    const worst = rows.find(({ us }) => us === 999_863);
    expect(worst).toMatchObject({ kind: 'DPC', cpu: 3, startUs: 6e6, percentOfCpu: 99.99 });
    expect(worst?.quote).toMatch(/^6000-7000 +:,/);
  });

  it('cites the line of each row', () => {
    const row = parsed.rows(dpcAggregate).find(({ module, cpu }) => module === 'Wdf01000.sys' && cpu === 3);
    expect(row?.quote).toContain('1000506   5.00');
    expect(report.split('\r\n')[(row?.line ?? 0) - 1].trim()).toBe(row?.quote);
  });

  it('is the same with blanks collapsed, with LF and in UTF-16', async () => {
    const plain = (p: Parsed): unknown[] =>
      [...p.rows(dpcAggregate), ...p.rows(dpcHistogram), ...p.rows(dpcIntervalUsage)].map(
        ({ quote: _, byte: __, ...row }) => row,
      );
    const collapsed = report.replace(/ +/g, ' ').replaceAll('\r\n', '\n');
    expect(plain(await parse(collapsed))).toEqual(plain(parsed));
    expect(plain(await parse(Buffer.from(`\uFEFF${report}`, 'utf16le')))).toEqual(plain(parsed));
  });
});

describe('the form of a line', () => {
  const section = 'DPC Info\n';

  it.each([
    ['Total = 3\nElapsed Time, > 2048 usecs, 3, or 100.00%\nTotal, 3', 2048, null, 3],
    ['Total = 1\nElapsed Time, >        0 usecs AND <=        1 usecs,      1, or 100.00%', 0, 1, 1],
    ['total = 2 for module "Unknown"\nElapsed Time, >4 usecs AND <=8 usecs, 2, or 100.00%', 4, 8, 2],
  ])('reads the bucket of %j', async (text, gtUs, leUs, count) => {
    const parsed = await parse(section + text);
    expect(parsed.rows(dpcHistogram)).toMatchObject([{ kind: 'DPC', module: null, gtUs, leUs, count }]);
    expect(parsed.diagnostics).toEqual([]);
  });

  it('reads shares with a decimal comma, CPU numbers from the header, module names with blanks', async () => {
    const parsed = await parse(
      'Interrupt Info\nCPU 4 Usage, CPU 6 Usage,\n12 0,50, 0 0,00, my driver.sys\nTotal = 1\n',
    );
    expect(parsed.rows(dpcAggregate).slice(0, 2)).toMatchObject([
      { kind: 'ISR', module: 'my driver.sys', cpu: 4, totalUs: 12, percentOfCpu: 0.5 },
      { kind: 'ISR', module: 'my driver.sys', cpu: 6, totalUs: 0, percentOfCpu: 0 },
    ]);
  });

  it.each([
    ['its own line of CPUs', ', CPU 4 Usage , CPU 6 Usage\n', '2000-4000 :, 18 0,00, 20000 1,00', [4, 6]],
    ['that of the modules', 'CPU 1 Usage, CPU 3 Usage,\n', '2000-4000:,18 0.00,20000 1.00,', [1, 3]],
    ['none', '', '2000 - 4000 :, 18 0.00, 20000 1.00', [null, null]],
  ])('reads an interval under %s', async (_, head, row, cpus) => {
    const parsed = await parse(`Interrupt Info\n${head}${row}\n`);
    expect(parsed.rows(dpcIntervalUsage)).toMatchObject([
      { kind: 'ISR', cpu: cpus[0], startUs: 2e6, endUs: 4e6, us: 18, percentOfCpu: 0 },
      { kind: 'ISR', cpu: cpus[1], startUs: 2e6, endUs: 4e6, us: 20000, percentOfCpu: 1 },
    ]);
    expect(codesOf(parsed)).toEqual(cpus[0] === null ? ['no-cpu-columns'] : []);
    addsUp(parsed);
  });

  it.each(['1000-2000 :, 18 0.00', '2000-1000 :, 1 0.00, 1 0.00', '0-1000 :, 18 0.00, 9', '0-1000 :, 1 0.00, x 0.00'])(
    'skips the damaged interval %j',
    async (row) => {
      const parsed = await parse(`DPC Info\n, CPU 0 Usage , CPU 1 Usage\n${row}\n`);
      expect(parsed.account.skipped).toBe(1);
      expect(parsed.rows(dpcIntervalUsage)).toEqual([]);
    },
  );

  it('leaves the kind unknown where no heading says it', async () => {
    const parsed = await parse('Total = 920 for module kbdhid.sys\n');
    expect(parsed.rows(dpcAggregate)).toMatchObject([{ kind: null, module: 'kbdhid.sys', count: 920 }]);
    expect(codesOf(parsed)).toEqual(['kind-unknown']);
  });

  it('does not know the CPUs of a row without the header', async () => {
    const parsed = await parse(`${section}844 0.00, 399 0.00, CLASSPNP.SYS\nTotal = 1\n`);
    expect(parsed.rows(dpcAggregate).map(({ cpu }) => cpu)).toEqual([null, null, null]);
    expect(codesOf(parsed)).toContain('no-cpu-columns');
  });
});

describe('the report’s own totals', () => {
  const body =
    'DPC Info\nTotal = 5 for module a.sys\nElapsed Time, > 4 usecs AND <= 8 usecs, 5, or 100.00%\nTotal, 5\n';

  it('accepts what agrees', async () => {
    expect((await parse(`${body}All Module = 5, Total = 5, EQUAL\n`)).diagnostics).toEqual([]);
  });

  it.each([
    ['the report says so', `${body}All Module = 5, Total = 6, NOT EQUAL\n`, 3],
    ['the word is wrong', `${body}All Module = 5, Total = 5, DIFFERENT\n`, 1],
    ['modules are missing', `${body}All Module = 9, Total = 9, EQUAL\n`, 1],
    ['a bucket is wrong', body.replace('8 usecs, 5', '8 usecs, 4'), 1],
    ['the last line of a histogram is wrong', body.replace('Total, 5', 'Total, 6'), 1],
  ])('warns where %s', async (_, text) => {
    const parsed = await parse(text);
    const found = parsed.diagnostics.filter(({ code }) => code === 'totals-differ');
    expect(found).toMatchObject([{ severity: 'warning' }]);
    addsUp(parsed);
  });

  it('says which module’s buckets do not add up, and at which line', async () => {
    const parsed = await parse(body.replace('8 usecs, 5', '8 usecs, 4'));
    expect(parsed.diagnostics).toMatchObject([{ line: 2, message: expect.stringContaining('a.sys add up to 4') }]);
  });

  it('warns of a module counted twice and of several windows', async () => {
    const parsed = await parse(`${body}${body}CPU Usage from 0 us to 5 us:\nCPU Usage from 0 us to 6 us:\n`);
    expect(codesOf(parsed)).toEqual(['module-counted-twice', 'several-windows']);
  });
});

describe('damaged reports', () => {
  it('skips what looks like data and is not', async () => {
    const bad = [
      'Elapsed Time, > x usecs AND <= 8 usecs, 628, or 68.26%',
      'Total = many for module a.sys',
      '17357 0.01, 101',
      'evil\u001b[31m text',
      'NUL\u0000s',
    ];
    const parsed = await parse(`DPC Info\nCPU 0 Usage, CPU 1 Usage,\n${bad.join('\n')}\nTotal = 1\n`);
    addsUp(parsed, 8);
    expect(parsed.account.skipped).toBe(bad.length);
    expect(parsed.diagnostics).toMatchObject([{ code: 'damaged-row', count: bad.length, line: 3 }]);
    expect(parsed.diagnostics[0].examples.join('')).not.toContain('\u001b');
  });

  it('skips a row with more or fewer cells than CPUs', async () => {
    const parsed = await parse(
      'DPC Info\nCPU 0 Usage, CPU 1 Usage,\n1 0.00, a.sys\n1 0.00, 1 0.00, 1 0.00, a.sys\nTotal = 1\n',
    );
    expect(parsed.account.skipped).toBe(2);
    expect(parsed.rows(dpcAggregate).filter(({ scope }) => scope === 'module-cpu')).toEqual([]);
  });

  it('says that a report ends early', async () => {
    const lines = report.split('\r\n');
    const early = lines.findIndex((line) => line.startsWith('Total ='));
    for (const cut of [early - 3, lines.findIndex((line) => line.includes('for module fastnic.sys')) + 2]) {
      const parsed = await parse(lines.slice(0, cut).join('\r\n'));
      expect(parsed.about.truncated).toBe(true);
      expect(codesOf(parsed)).toContain('truncated');
      addsUp(parsed, cut);
    }
  });

  it('says that the last line is cut', async () => {
    const parsed = await parse('DPC Info\nTotal = 9 for module a.sys\nElapsed Time, > 4 usecs AND <= 8 us');
    expect(parsed.about.truncated).toBe(true);
    expect(parsed.diagnostics).toMatchObject([{ code: 'truncated', line: 3 }]);
  });

  it('adds up and throws nothing, whatever the bytes', async () => {
    const put = fc.uint8Array({ minLength: 1, maxLength: 1 });
    await survivesDamage(parse, [report.slice(0, 6000)], { put, maxEdits: 60, numRuns: 60 });
  });

  it('is not slow on long lines', async () => {
    const started = performance.now();
    const long = [' '.repeat(60_000), '1 0.0,'.repeat(10_000), `Total = 1 for module ${' '.repeat(60_000)}x`];
    addsUp(await parse(`DPC Info\n${long.join('\n')}\nElapsed Time, > ${'1'.repeat(900_000)}\n`));
    expect(performance.now() - started).toBeLessThan(3000);
  });
});

describe('real reports', () => {
  const KEYBOARD = 'dpcisr/keyboard-ps2-vs-usb-histograms.txt';
  const HEADS = ['dpcisr/pastebin-8rJrdHvr-2017-4cpu-head.txt', 'dpcisr/pastebin-aKFWZ6wM-2024-4cpu-head.txt'];

  it.skipIf(realFile(KEYBOARD) === null)('reads histograms with headings of their author', async () => {
    const path = realFile(KEYBOARD) as string;
    expect(await claims(path)).toBe(true);
    const parsed = await parseWith(xperfDpcisr, { path });
    // Counted with wc and grep: 56 lines, 5 "Total =", 29 "Elapsed Time".
    addsUp(parsed, 56);
    expect(parsed.account).toMatchObject({ rows: 34, skipped: 0 });
    expect(parsed.rows(dpcAggregate).map(({ kind, module, count }) => [kind, module, count])).toEqual([
      ['DPC', 'kbdhid.sys', 921],
      ['DPC', 'kbdhid.sys', 920],
      ['DPC', 'i8042prt.sys', 938],
      ['DPC', 'i8042prt.sys', 937],
      ['ISR', 'i8042prt.sys', 937],
    ]);
    expect(parsed.rows(dpcHistogram)).toHaveLength(29);
    // The author put several reports into one file; nothing else is wrong with it.
    expect(codesOf(parsed).sort()).toEqual(['module-counted-twice', 'text-line']);
  });

  it.skipIf(realFile(HEADS[0]) === null)('reads the head of a report and says that the rest is missing', async () => {
    for (const [i, name] of HEADS.entries()) {
      const path = realFile(name) as string;
      expect(await claims(path)).toBe(true);
      const parsed = await parseWith(xperfDpcisr, { path });
      addsUp(parsed);
      expect(parsed.account).toMatchObject({ skipped: 0 });
      expect(parsed.about).toMatchObject({
        machine: { cpus: 4 },
        span: { startUs: 0, endUs: [130_788_231, 561_853_390][i] },
        truncated: true,
      });
      expect(codesOf(parsed)).toEqual(['truncated']);
      const wdf = parsed.rows(dpcAggregate).filter(({ module }) => module === 'Wdf01000.sys');
      expect(wdf.map(({ kind, totalUs }) => [kind, totalUs])).toEqual(
        [
          [649114, 2825, 0, 0],
          [7021706, 1869641, 0, 0],
        ][i].map((us) => ['DPC', us]),
      );
      expect(wdf.map(({ percentOfCpu }) => percentOfCpu)).toEqual(
        [
          [0.5, 0, 0, 0],
          [1.25, 0.33, 0, 0],
        ][i],
      );
    }
  });
});
