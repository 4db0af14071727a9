/** What the commands print, word for word. `npx vitest run test/cli-screens.test.ts -u` writes test/snapshots/ again. */
import { relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DPC_VIEWS, info, open, render } from '../src/index.js';
import { renderInfo } from '../src/report/info-terminal.js';
import { tracekit } from './support/cli.js';
import { dpcOf, ROOT } from './support/samples.js';

// Paths are printed as given: from the project's folder, so that no machine's own stands in the snapshots.
const path = (name: string): string => relative(process.cwd(), `${ROOT}/samples/${name}`);
const STUTTER = path('xperf-dumper/stutter.txt');
const stutter = dpcOf(STUTTER);

const snapshot = (name: string): string => `./snapshots/${name}`;
// biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes begin with ESC.
const plain = (text: string): string => text.replace(/\u001b\[[0-9;]*m/g, '');

describe('help', () => {
  it.each(['', 'dpc', 'pool', 'dump', 'errors', 'info', 'events', 'tables', 'formats', 'recipe'])(
    'of %s',
    async (command) => {
      const { code, out, err } = tracekit([...(command === '' ? [] : [command]), '--help']);
      expect([code, err]).toEqual([0, '']);
      await expect(out).toMatchFileSnapshot(snapshot(`help${command === '' ? '' : `-${command}`}.txt`));
    },
  );

  it('names every command in the main one', () => {
    for (const command of ['dpc', 'pool', 'dump', 'errors', 'info', 'events', 'tables', 'formats', 'recipe']) {
      expect(tracekit(['--help']).out).toMatch(new RegExp(`^  ${command} `, 'm'));
    }
  });
});

describe('dpc on a screen', () => {
  it.each([80, 160])('%i columns wide', async (width) => {
    const text = render(await stutter, { width });
    await expect(text).toMatchFileSnapshot(snapshot(`dpc-${width}.txt`));
    for (const line of text.split('\n')) expect([...line].length, line).toBeLessThanOrEqual(width);
  });

  it.each([40, 60, 100, 250])('fits %i columns, text that has no blank apart', async (width) => {
    const lines = render(await stutter, { width }).split('\n');
    const findings = lines.slice(lines.indexOf('Findings'));
    for (const line of findings) {
      if (/\S \S/.test(line.trim())) expect([...line].length, line).toBeLessThanOrEqual(Math.max(width, 48));
    }
  });

  it('says the same in colour', async () => {
    const [colored, uncolored] = [true, false].map(async (color) => render(await stutter, { width: 80, color }));
    expect(await colored).not.toBe(await uncolored);
    expect(plain(await colored)).toBe(await uncolored);
  });

  it.each(['xperf-dpcisr/stutter.txt', 'latencymon/stutter.txt', 'xperf-dumper/damaged.txt'])('of %s', async (name) => {
    const text = render(await dpcOf(path(name)), { width: 100 });
    await expect(text).toMatchFileSnapshot(snapshot(`dpc-${name.replace(/[/.]/g, '-')}.txt`));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not come out.
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });

  it('shows every list when asked', async () => {
    const text = render(await stutter, { by: [...DPC_VIEWS], top: 3, width: 200 });
    await expect(text).toMatchFileSnapshot(snapshot('dpc-every-list.txt'));
  });
});

describe('dpc for other programs', () => {
  it.each([
    ['md', { top: 4 }],
    ['csv', { by: ['module', 'cpu'] as const }],
    ['ndjson', { by: ['function'] as const, columns: ['kind', 'module', 'function', 'owner', 'maxUs'] }],
  ])('as %s', async (format, options) => {
    const text = render(await stutter, { format, ...options });
    await expect(text).toMatchFileSnapshot(snapshot(`dpc-${format}.txt`));
  });

  it('gives CSV numbers in full and one row a line', async () => {
    const { result } = await stutter;
    const [head, ...rows] = render(await stutter, { format: 'csv' })
      .trimEnd()
      .split('\n');
    const mean = head.split(',').indexOf('meanUs');
    expect(rows.map((row) => Number(row.split(',')[mean]))).toEqual(result.modules.map((m) => m.meanUs));
  });

  it('gives no spreadsheet a formula', async () => {
    const report = await stutter;
    const [first, ...rest] = report.result.modules;
    const modules = [{ ...first, module: '=cmd|"/c calc"!A0' }, ...rest];
    const text = render({ ...report, result: { ...report.result, modules } }, { format: 'csv', columns: ['module'] });
    expect(text.split('\n')[1]).toBe('"\'=cmd|""/c calc""!A0"');
  });
});

describe('the command', () => {
  it('prints to a pipe what the library renders 160 wide and without colour', async () => {
    const { code, out, err } = tracekit(['dpc', STUTTER]);
    expect([code, err]).toEqual([0, '']);
    expect(out).toBe(render(await stutter, { width: 160, color: false }));
  });

  it('colours when told to, NO_COLOR or not', () => {
    const always = tracekit(['dpc', STUTTER, '--color', 'always'], { env: { NO_COLOR: '1' } });
    expect(always.out).toContain('\u001b[31mERROR');
    expect(plain(always.out)).toBe(tracekit(['dpc', STUTTER, '--color', 'never']).out);
  });

  it('prints info', async () => {
    const { code, out } = tracekit(['info', STUTTER]);
    expect(code).toBe(0);
    await expect(out).toMatchFileSnapshot(snapshot('info.txt'));
    const trace = await open([STUTTER]);
    const narrow = renderInfo(await info(trace), { width: 60, color: false });
    trace.close();
    for (const line of narrow.split('\n')) expect([...line].length, line).toBeLessThanOrEqual(60);
  });

  it('prints formats', async () => {
    await expect(tracekit(['formats']).out).toMatchFileSnapshot(snapshot('formats.txt'));
  });
});
