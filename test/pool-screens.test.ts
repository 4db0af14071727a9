/** What `pool` prints, word for word. `npx vitest run test/pool-screens.test.ts -u` writes test/snapshots/ again. */
import { relative } from 'node:path';
import { SaxesParser } from 'saxes';
import { describe, expect, it } from 'vitest';
import { POOL_VIEWS, poolColumns, render } from '../src/index.js';
import { tracekit } from './support/cli.js';
import { poolOf } from './support/pool.js';
import { ROOT } from './support/samples.js';
import { validator } from './support/schema.js';

// Paths are printed as given: from the project's folder, so that no machine's own stands in the snapshots.
const path = (name: string): string => relative(process.cwd(), `${ROOT}/samples/${name}`);
const LEAK = path('xperf-dumper/pool-leak.txt.gz');
const leak = poolOf(LEAK);

const snapshot = (name: string): string => `./snapshots/${name}`;
// biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes begin with ESC.
const plain = (text: string): string => text.replace(/\u001b\[[0-9;]*m/g, '');

describe('pool on a screen', () => {
  it.each([80, 160])('%i columns wide', async (width) => {
    const text = render(await leak, { width });
    await expect(text).toMatchFileSnapshot(snapshot(`pool-${width}.txt`));
    for (const line of text.split('\n')) expect([...line].length, line).toBeLessThanOrEqual(width);
  });

  it.each([40, 60, 100, 250])('fits %i columns, text that has no blank apart', async (width) => {
    const lines = render(await leak, { width }).split('\n');
    for (const line of lines.slice(lines.indexOf('Findings'))) {
      if (/\S \S/.test(line.trim())) expect([...line].length, line).toBeLessThanOrEqual(Math.max(width, 48));
    }
  });

  it.each(['poolmon/leak.txt', 'kd/poolused.log', 'kd/verifier.log', 'pdh-csv/leak.csv', 'etl/pool-leak.etl.gz'])(
    'of %s',
    async (name) => {
      const text = render(await poolOf(path(name)), { width: 120 });
      await expect(text).toMatchFileSnapshot(snapshot(`pool-${name.replace(/[/.]/g, '-')}.txt`));
    },
  );

  it.each(['top-down', 'bottom-up'] as const)('as a tree, %s', async (tree) => {
    const text = render(await poolOf(LEAK, { tag: (tag) => tag === 'FnRx' }), { tree, width: 120 });
    await expect(text).toMatchFileSnapshot(snapshot(`pool-tree-${tree}.txt`));
  });

  it('shows every list when asked', async () => {
    const text = render(await leak, { views: [...POOL_VIEWS], top: 3, width: 200 });
    await expect(text).toMatchFileSnapshot(snapshot('pool-every-list.txt'));
  });

  it('says the same in colour', async () => {
    const [colored, uncolored] = await Promise.all(
      [true, false].map(async (color) => render(await leak, { width: 80, color })),
    );
    expect(colored).not.toBe(uncolored);
    expect(plain(colored)).toBe(uncolored);
  });
});

describe('pool for other programs', () => {
  it.each([
    ['md', { top: 4 }],
    ['csv', { views: ['tag', 'group'] as const }],
    ['ndjson', { views: ['stack'] as const, columns: ['bytes', 'verdict', 'tag', 'allocator', 'requester', 'call'] }],
  ])('as %s', async (format, options) => {
    const text = render(await leak, { format, ...options });
    await expect(text).toMatchFileSnapshot(snapshot(`pool-${format}.txt`));
  });

  it('as CSV in full: a header and a row for each of the list', async () => {
    const { result } = await leak;
    const [head, ...rows] = render(await leak, { format: 'csv', views: ['tag'] })
      .trimEnd()
      .split('\n');
    expect(head.split(',')).toEqual(poolColumns('tag'));
    expect(rows).toHaveLength(result.tags.length);
    const bytes = head.split(',').indexOf('aifoBytes');
    expect(rows.map((row) => Number(row.split(',')[bytes]))).toEqual(result.tags.map((tag) => tag.aifoBytes));
  });

  it('as folded stacks, which come to all that is outstanding', async () => {
    const { result } = await leak;
    const lines = render(await leak, { format: 'collapsed' })
      .trimEnd()
      .split('\n');
    const total = lines.reduce((sum, line) => {
      const [, frames, bytes] = /^(\S.*) (\d+)$/.exec(line) as RegExpExecArray;
      expect(frames.split(';').length).toBeGreaterThan(3);
      return sum + Number(bytes);
    }, 0);
    const out = result.totals.filter(({ type }) => type === 'AIFO').reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
    expect(total).toBe(out);
    expect(lines.some((line) => line.startsWith("Nonpaged pool;'FnRx';ntdll.dll!RtlUserThreadStart;"))).toBe(true);
  });

  it('as a file for speedscope, of the same bytes', async () => {
    const { profiles, shared } = JSON.parse(render(await leak, { format: 'speedscope' }));
    const [bytes, counts] = profiles.map(({ weights }: { weights: number[] }) => weights.reduce((a, b) => a + b, 0));
    const { totals } = (await leak).result;
    const out = totals.filter(({ type }) => type === 'AIFO');
    expect([bytes, counts]).toEqual([
      out.reduce((sum, t) => sum + (t.bytes ?? 0), 0),
      out.reduce((sum, t) => sum + (t.count ?? 0), 0),
    ]);
    for (const { samples } of profiles) for (const id of samples.flat()) expect(shared.frames[id]).toBeDefined();
  });

  it('as a flame graph that is well-formed and loads nothing', async () => {
    const svg = render(await leak, { format: 'flamegraph' });
    const parser = new SaxesParser({ xmlns: true });
    const names: string[] = [];
    parser.on('error', (error) => {
      throw error;
    });
    parser.on('opentag', ({ name, attributes }) => {
      names.push(name);
      for (const [key, { value }] of Object.entries(attributes)) if (/href|src/i.test(key)) expect(value).toMatch(/^#/);
    });
    parser.write(svg).close();
    expect(names[0]).toBe('svg');
    expect(svg).toContain('fastnic.sys!FnQuery');
  });

  it.each([LEAK, ...['kd/verifier.log', 'kd/poolused.log', 'poolmon/leak.txt', 'pdh-csv/leak.csv'].map(path)])(
    'as JSON that is valid: %s',
    async (name) => {
      const report = await poolOf(name);
      const document = JSON.parse(render(report, { format: 'json' }));
      expect(document.result).toEqual(JSON.parse(JSON.stringify(report.result)));
      expect(validator('pool')(document)).toEqual([]);
    },
  );
});

describe('the command', () => {
  it('prints to a pipe what the library renders 160 wide and without colour', async () => {
    const { code, out, err } = tracekit(['pool', LEAK]);
    expect([code, err]).toEqual([0, '']);
    expect(out).toBe(render(await poolOf(LEAK, { stacks: 500 }), { width: 160, color: false }));
  });

  it('colours when told to, NO_COLOR or not', () => {
    const always = tracekit(['pool', LEAK, '--color', 'always'], { env: { NO_COLOR: '1' } });
    expect(always.out).toContain('\u001b[31mERROR');
    expect(plain(always.out)).toBe(tracekit(['pool', LEAK, '--color', 'never']).out);
  });
});
