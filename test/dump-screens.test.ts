/** What `dump` prints, word for word. `npx vitest run test/dump-screens.test.ts -u` writes test/snapshots/ again. */
import { describe, expect, it } from 'vitest';
import { DUMP_VIEWS, type DumpResult, dumpColumns, render } from '../src/index.js';
import { everyField, FINDING, watchdogOf } from './support/dump-full.js';
import { hungMachine } from './support/dump-hung.js';
import { chainOf, edgeOf, reportOf, resultOf, threadOf } from './support/dump-result.js';

const hung = reportOf(hungMachine(), [FINDING]);
const full = reportOf(everyField(), [FINDING]);

const snapshot = (name: string): string => `./snapshots/${name}`;
// biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes begin with ESC.
const plain = (text: string): string => text.replace(/\u001b\[[0-9;]*m/g, '');

/** The part of a screen under a heading, up to the next blank line. */
function part(text: string, heading: string): string[] {
  const lines = text.split('\n');
  const from = lines.findIndex((line) => line.startsWith(heading));
  if (from < 0) throw new Error(`no '${heading}' in\n${text}`);
  const length = lines.slice(from).indexOf('');
  return lines.slice(from + 1, length < 0 ? undefined : from + length);
}

const screen = (result: Partial<DumpResult>, options: Parameters<typeof render>[1] = {}): string =>
  render(reportOf(resultOf(result)), { width: 80, ...options });

describe('dump on a screen', () => {
  it.each([80, 160])('%i columns wide', async (width) => {
    const text = render(hung, { width });
    await expect(text).toMatchFileSnapshot(snapshot(`dump-${width}.txt`));
    for (const line of text.split('\n')) expect([...line].length, line).toBeLessThanOrEqual(width);
  });

  it.each([80, 160])('with a bugcheck, memory and all that few logs hold, %i columns wide', async (width) => {
    const text = render(full, { width });
    await expect(text).toMatchFileSnapshot(snapshot(`dump-bugcheck-${width}.txt`));
    for (const line of text.split('\n')) expect([...line].length, line).toBeLessThanOrEqual(width);
  });

  it.each([40, 60, 100, 250])('trees and findings fit %i columns', (width) => {
    const text = render(hung, { width });
    const lines = [...part(text, 'Wait chains'), ...part(text, 'Deadlocks'), ...part(text, 'Findings')];
    for (const line of lines) expect([...line].length, line).toBeLessThanOrEqual(Math.max(width, 48));
  });

  it('shows every list when asked', async () => {
    const text = render(full, { views: [...DUMP_VIEWS], top: 3, width: 200 });
    await expect(text).toMatchFileSnapshot(snapshot('dump-every-list.txt'));
  });

  it('says of every list that it is empty', () => {
    const text = screen({}, { views: DUMP_VIEWS.filter((view) => view !== 'summary') });
    expect(text.match(/^none$/gm)?.length).toBe(DUMP_VIEWS.length);
  });

  it('shows a thread in full, and groups of threads with their stacks', async () => {
    const [thread] = full.result.threads;
    await expect(render(full, { views: ['thread'], inFull: new Set([thread.id]), width: 100 })).toMatchFileSnapshot(
      snapshot('dump-thread.txt'),
    );
    await expect(render(hung, { views: ['stack'], depth: 4, width: 100 })).toMatchFileSnapshot(
      snapshot('dump-stacks.txt'),
    );
  });

  it('says the same in colour', () => {
    for (const report of [hung, full]) {
      const [colored, uncolored] = [true, false].map((color) => render(report, { width: 80, color }));
      expect(colored).not.toBe(uncolored);
      expect(plain(colored)).toBe(uncolored);
    }
  });

  it('of a log that holds nothing is short', () => {
    expect(
      screen({})
        .split('\n')
        .filter((line) => line !== '')
        .slice(-2),
    ).toEqual(['Findings', 'none']);
  });

  it('does not say of a pattern what the findings say, or a tree shows', () => {
    const [{ statement }, second] = hung.result.patterns;
    const finding = { ...FINDING, message: `Coupled Machines: ${statement}` };
    const lines = render(reportOf(hung.result, [finding]), { width: 120 });
    expect(part(lines, 'Patterns')[0]).toContain(second.name);
    const [{ root }] = hung.result.chains;
    const drawn = { ...second, statement: `3 threads wait for ${root.node}: ${root.statement}` };
    const result = { ...hung.result, patterns: [hung.result.patterns[0], drawn] };
    expect(render(reportOf(result, [finding]), { width: 120 })).not.toContain('Patterns');
    expect(part(render(reportOf(hung.result, [finding]), { views: ['pattern'] }), 'Patterns')[0]).toContain(statement);
  });

  it('names what the log does not show of a watchdog', () => {
    const watchdog = watchdogOf({ kind: 'cumulative', culprit: null, others: [], ticks: null, ms: null });
    const lines = part(screen({ watchdog }), 'DPC watchdog: DPCs and ISRs together');
    expect(lines[1]).toBe('Limit 10031.25 ms, 642 ticks');
    expect(lines[2]).toBe('Culprit: the log does not show it');
  });
});

describe('chains as trees', () => {
  const edge = (from: string, to: string) => edgeOf(from, to, { object: '0x10' });

  it('have one root for all that wait for it, and each thread once', () => {
    const [a, b, c, d] = ['0xa', '0xb', '0xc', '0xd'];
    const chains = [
      chainOf([a, c, d], [edge(a, c), edge(c, d)], { waiters: 3 }),
      chainOf([b, c, d], [edge(b, c), edge(c, d)], { waiters: 3 }),
    ];
    const lines = part(screen({ threads: [a, b, c, d].map((id) => threadOf(id)), chains }), 'Wait chains');
    expect(lines.filter((line) => !line.startsWith('   ')).map((line) => line.trim().split('  ')[0])).toEqual([
      '0xd',
      '`- 0xc',
    ]);
    expect(lines.filter((line) => /^ {3}[|`]- /.test(line))).toEqual([
      '   |- 0xa  wait unknown  critical-section 0x10',
      '   `- 0xb  wait unknown  critical-section 0x10',
    ]);
  });

  it('fold threads that wait alike, and none that another waits for', () => {
    const frames = hung.result.threads[0].frames;
    const ids = Array.from({ length: 5 }, (_, i) => `0xa${i}`);
    const threads = ids.map((id, i) => threadOf(id, { process: 'a.exe', frames, waitMs: 1000 * i }));
    const chains = [
      ...ids.map((id) => chainOf([id, '0xf'], [edge(id, '0xf')])),
      chainOf(['0xe', '0xa1', '0xf'], [edge('0xe', '0xa1'), edge('0xa1', '0xf')]),
    ];
    const lines = part(screen({ threads: [...threads, threadOf('0xe'), threadOf('0xf')], chains }), 'Wait chains');
    expect(lines.filter((line) => line.includes('- 0x'))).toEqual([
      '|- 0xa4  a.exe  0:00:04.000  × 4  critical-section 0x10',
      '`- 0xa1  a.exe  0:00:01.000  critical-section 0x10',
      '   `- 0xe  wait unknown  critical-section 0x10',
    ]);
  });

  it('of ends that are no thread name them', () => {
    const ends = ['process:0x8a201020', 'driver:\\FileSystem\\Mup', 'remote:\\\\FILES', 'unknown'];
    const chains = ends.map((end, i) => {
      const chain = chainOf([`0xa${i}`], [edgeOf(`0xa${i}`, end, { kind: 'irp', certain: false })]);
      return { ...chain, root: { ...chain.root, node: end } };
    });
    const { processes } = hung.result;
    const lines = part(screen({ chains, processes }).replaceAll('\n\n', '\n').split('Findings')[0], 'Wait chains');
    expect(lines.filter((line) => /^[a-z]/.test(line))).toEqual([
      'process 0x8a201020  Cid 03a8  agent.exe',
      'driver \\FileSystem\\Mup',
      'remote \\\\FILES',
      'a thread that the log does not name',
    ]);
    expect(lines.filter((line) => line.startsWith('`- '))[0]).toBe('`- 0xa0  ? irp');
  });

  it('that end in threads nobody names are not one', () => {
    const chains = ['0x1', '0x2'].map((object) => {
      const chain = chainOf([`0xa${object}`], [edgeOf(`0xa${object}`, 'unknown', { object })]);
      return { ...chain, root: { ...chain.root, node: 'unknown' } };
    });
    expect(screen({ chains }).match(/^a thread that the log does not name$/gm)).toHaveLength(2);
    expect(render(reportOf(resultOf({ chains })), { format: 'dot' }).match(/shape=plaintext/g)).toHaveLength(2);
  });

  it('of twenty thousand threads are laid out, and cut', () => {
    const ids = Array.from({ length: 20_000 }, (_, i) => `0x${(0x1000 + i).toString(16)}`);
    const edges = ids.slice(1).map((id, i) => edge(ids[i], id));
    const result = { threads: ids.map((id) => threadOf(id)), waitEdges: edges, chains: [chainOf(ids, edges)] };
    const text = screen(result, { views: ['chain'] });
    expect(text).toContain('(19959 more below; --top 0 shows all)');
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    for (const line of screen(result, { views: ['chain'], top: 0 }).split('\n'))
      expect(line.length).toBeLessThanOrEqual(80);
  });
});

describe('ten thousand threads', () => {
  const frames = hung.result.threads.slice(0, 4).map((thread) => thread.frames);
  const threads = Array.from({ length: 10_000 }, (_, i) =>
    threadOf(`0x${(0x8a000000 + i * 0x400).toString(16)}`, {
      process: 'a.exe',
      pid: 4,
      tid: i * 4,
      waitMs: i,
      frames: frames[i % 4],
    }),
  );
  const order = threads.toReversed().map(({ id, waitMs, process }) => ({ thread: id, waitMs, process }));

  it('are a screen', () => {
    const text = screen({ threads, order });
    expect(text.split('\n').length).toBeLessThan(30);
    expect(text).toContain('(10 of 10000 shown; --top 0 shows all)');
  });

  it('are four rows by stack', () => {
    const rows = part(screen({ threads }, { views: ['stack'] }), 'Threads by stack');
    expect(rows.filter((row) => /^ +\d/.test(row))).toHaveLength(4);
    expect(rows[1]).toMatch(/^ +2500 {2}0x8a9c3c00 {2}a\.exe .* 0:00:09\.999 {2}rpcrt4!LRPC_CCALL::SendReceive/);
  });
});

describe('dump for other programs', () => {
  it.each(['md', 'dot', 'mermaid'])('as %s', async (format) => {
    await expect(render(hung, { format })).toMatchFileSnapshot(snapshot(`dump-${format}.txt`));
  });

  it.each([
    ['csv', { views: ['chain', 'lock'] as const }],
    ['ndjson', { views: ['order'] as const, columns: ['thread', 'process', 'waitMs', 'for', 'frame'] }],
  ])('as %s', async (format, options) => {
    await expect(render(hung, { format, ...options })).toMatchFileSnapshot(snapshot(`dump-${format}.txt`));
  });

  it('as CSV in full: a header and a row for each thread, numbers as they are', () => {
    const [head, ...rows] = render(hung, { format: 'csv' }).trimEnd().split('\n');
    expect(head.split(',')).toEqual(dumpColumns('thread'));
    expect(rows).toHaveLength(hung.result.threads.length);
    const wait = head.split(',').indexOf('waitMs');
    expect(rows.map((row) => row.split(',')[wait])).toEqual(
      hung.result.threads.map(({ waitMs }) => (waitMs === null ? '' : String(waitMs))),
    );
  });

  it('as JSON that is the result itself', () => {
    expect(JSON.parse(render(full, { format: 'json' })).result).toEqual(JSON.parse(JSON.stringify(full.result)));
  });

  it('has columns in every list, each named once', () => {
    for (const view of DUMP_VIEWS) {
      const keys = dumpColumns(view);
      expect(keys.length, view).toBeGreaterThan(1);
      expect(new Set(keys).size, view).toBe(keys.length);
    }
  });

  it('knows no other output', () => {
    expect(() => render(hung, { format: 'svg' })).toThrow(/no output 'svg'\. Known: table, json/);
  });
});
