/** The options of `tracekit pool`: filters, windows, lists, further files. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { PoolResult } from '../src/index.js';
import { myfaultTruth } from './generate/pool/myfault.js';
import { poolDumper } from './generate/pool/write-dumper.js';
import { tracekit } from './support/cli.js';
import { scratch } from './support/scratch.js';

const LEAK = 'samples/xperf-dumper/pool-leak.txt.gz';
const POOLMON = 'samples/poolmon/leak.txt';
const POOLUSED = 'samples/kd/poolused.log';
const VERIFIER = 'samples/kd/verifier.log';
const PDH = 'samples/pdh-csv/leak.csv';

const { written } = scratch('pool-options');

const MYFAULT = written('myfault.txt', poolDumper(myfaultTruth()));
const POOLTAG = written('pooltag.txt', 'rem comment\nFnRx - listed.sys - Receive buffers\nLeak - mine.sys - A leak\n');

/** The answer to these arguments. */
function result(...args: string[]): PoolResult {
  const { out, err, code } = tracekit(['pool', ...args, '--json']);
  expect([code, err]).toEqual([0, '']);
  return JSON.parse(out).result;
}
const tagsOf = (...args: string[]): (string | null)[] => result(...args).tags.map(({ tag }) => tag);

describe('filters', () => {
  it.each<[string[], string[]]>([
    [['--tag', 'FnRx'], ['FnRx']],
    [['--tag', 'fnrx'], []],
    [['--tag', 'Vpn'], ['Vpn ']],
    [['--tag', 'Vpn '], ['Vpn ']],
    [
      ['--tag', 'Tk*;Hp#1'],
      ['TkCt', 'Hp#1', 'TkOb'],
    ],
    [['--tag', 'F???;!FnRx'], ['FgCx']],
    [['--tag', 'qUe!'], ['qUe!']],
    [['--paged'], ['Vpn ', 'GmCb', 'AdBf', 'CcLk']],
    [['--nonpaged', '--tag', 'CcLk'], ['CcLk']],
    [['--process', 'SYSTEM', '--tag', 'GmCb;FnRx'], ['GmCb']],
    [
      ['--pid', '3108', '--tag', 'ShEv;FnRx;GmCb'],
      ['FnRx', 'ShEv'],
    ],
    [
      ['--module', 'echo.sys'],
      ['ShEv', 'TkCt', 'FgCx'],
    ],
    [['--module', 'vpn*.exe;!*.sys', '--tag', 'FnRx'], ['FnRx']],
    [
      ['--function', 'EcCreateSession'],
      ['ShEv', 'TkCt', 'FgCx'],
    ],
    [['--function', 'eccreatesession', '--module', 'fastnic.sys'], []],
  ])('%j', (args, expected) => {
    const { out, code } = tracekit(['pool', LEAK, ...args, '--json']);
    expect(code).toBe(0);
    const tags = (JSON.parse(out).result as PoolResult).tags.map(({ tag }) => tag);
    expect([...tags].sort()).toEqual([...expected].sort());
  });

  it('apply to snapshots and lists of blocks too', () => {
    expect(tagsOf(POOLUSED, '--tag', 'FnRx;Irp')).toEqual(['FnRx', 'Irp ']);
    expect(tagsOf(POOLMON, '--paged').every((tag) => tag !== 'FnRx')).toBe(true);
    expect(result(VERIFIER, '--tag', 'FnRx').blocks).toHaveLength(5);
    expect(result(VERIFIER, '--tag', 'Else')).toMatchObject({ blocks: [], stacks: [], tags: [] });
  });

  it('by process leave out what is known of all processes only', () => {
    const { peaks, timeline } = result(LEAK, '--pid', '3108');
    expect([peaks, timeline]).toEqual([[], null]);
    expect(result(LEAK, '--tag', 'FnRx').peaks).toHaveLength(1);
  });

  it('by age count what is out for so long', () => {
    const [all] = result(MYFAULT).tags;
    // The last second ends 0.5 s behind the last allocation.
    const [old] = result(MYFAULT, '--min-age', '10s').tags;
    expect([all.aifoCount, old.aifoCount]).toEqual([60, 60 - 10]);
    expect(old.aifoBytes).toBe(50 * 1_024_000);
  });
});

describe('windows', () => {
  it('count against the range', () => {
    const { window, totals, tags } = result(MYFAULT, '--range', '10s', '50s');
    expect(window).toEqual({ startUs: 10e6, endUs: 50e6 });
    expect(tags[0].aifoCount).toBe(40);
    expect(totals.map(({ type, count }) => [type, count])).toEqual([
      ['AIFI', 0],
      ['AIFO', 40],
      ['AOFI', 0],
      ['AOFO', 10],
    ]);
  });

  it.each([
    [['--range', '10s,50s']],
    [['--range=10s 50s']],
    [['--range', '10000ms', '+40s']],
    [['--around', '30s±20s']],
    [['--around', '30s+-20s']],
    [['--range', '2025-04-17T00:00:10.123456Z', '+40s']],
  ])('%j', (args) => {
    expect(result(...args, MYFAULT).totals).toEqual(result(MYFAULT, '--range', '10s', '50s').totals);
  });
});

describe('lists', () => {
  it('nest by the keys asked for', () => {
    const { tree } = result(LEAK, '--by', 'paged,tag,driver');
    expect(tree.map(({ by, value }) => [by, value])).toEqual([
      ['paged', 'Nonpaged'],
      ['paged', 'Paged'],
    ]);
    const [fnrx] = tree[0].children;
    expect([fnrx.by, fnrx.value, fnrx.children.map(({ value }) => value)]).toEqual(['tag', 'FnRx', ['fastnic.sys']]);
    for (const node of tree) expect(node.children.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(node.bytes);
    const { out } = tracekit(['pool', LEAK, '--by', 'type,process', '--format', 'csv']);
    expect(out.split('\n')[0]).toBe('bytes,count,depth,by,path');
    expect(out).toContain('AIFO / vpnclient.exe (2524)');
    expect(tracekit(['pool', LEAK, '--by', 'tag']).out).not.toContain('By tag');
  });

  it('are those of --view, in that order', () => {
    const { out } = tracekit(['pool', LEAK, '--view', 'group,tag']);
    expect(out.indexOf('lock-step\n')).toBeLessThan(out.indexOf('By tag'));
    expect(out).not.toContain('Stacks by outstanding');
    expect(tracekit(['pool', LEAK, '--view', 'place']).out).toMatch(/^Where tags stand in memory\nnone\n/m);
  });

  it('are as long as --top says, and --top 0 cuts nothing', () => {
    const cut = result(LEAK, '--top', '2');
    expect([cut.tags.length, cut.stacks.length]).toEqual([2, 2]);
    expect(cut.cut.tags).toEqual({ shown: 2, of: 12 });
    expect(tracekit(['pool', LEAK, '--top', '0']).out).not.toMatch(/\d+ of \d+ shown/);
    expect(result(LEAK, '--top', '0').cut).toEqual({});
  });

  it('have the columns asked for, whatever their case, and no list without any', () => {
    const { out } = tracekit(['pool', LEAK, '--format', 'csv', '--columns', 'AIFOBYTES,tag', '--top', '1']);
    expect(out).toBe('aifoBytes,tag\n666080,FnRx\n');
    const screen = tracekit(['pool', LEAK, '--columns', 'aifoBytes,score']).out;
    expect(screen).toContain('By tag');
    expect(screen).not.toContain('Stacks by outstanding');
    expect(tracekit(['pool', LEAK, '--format', 'csv', '--columns', 'allocator,call', '--top', '1']).out).toBe(
      'allocator,call\nfastnic.sys!FnQuery,NtCreateFile\n',
    );
  });

  it('show stacks as a tree, as deep as asked for', () => {
    const down = tracekit(['pool', MYFAULT, '--tree', 'top-down']).out;
    expect(down).toContain('Outstanding by stack, outermost frame first');
    expect(down.indexOf('RtlUserThreadStart')).toBeLessThan(down.indexOf('MyfaultDeviceControl\n'));
    const up = tracekit(['pool', MYFAULT, '--tree', 'bottom-up']).out;
    expect(up.indexOf('ExAllocatePoolWithTag')).toBeLessThan(up.indexOf('MyfaultDispatch'));
    const short = tracekit(['pool', MYFAULT, '--tree', 'bottom-up', '--depth', '2']).out;
    expect(short).toContain('myfault.sys!MyfaultDeviceControl');
    expect(short).not.toContain('MyfaultDispatch');
    const frames = (depth: string): number =>
      tracekit(['pool', MYFAULT, '--depth', depth]).out.match(/^(?:> | {2})\S+![\w]+$/gm)?.length ?? 0;
    expect([frames('3'), frames('0')]).toEqual([3, 14]);
    expect(tracekit(['pool', MYFAULT, '--depth', '3']).out).toContain('(11 more frames; --depth 0 shows all)');
  });
});

describe('further files', () => {
  it('--snapshot adds to a trace what a debugger lists', () => {
    const { blocks, tags } = result(LEAK, '--snapshot', VERIFIER, POOLUSED);
    expect(blocks.map(({ count, inTrace }) => [count, inTrace])).toEqual([
      [54, 54],
      [1, 1],
      [1, 1],
      [2, 2],
      [1, 1],
    ]);
    expect(tags.find(({ tag }) => tag === 'FnRx')).toMatchObject({ verdict: 'leak', aifoCount: 59 });
    expect(tags.find(({ tag }) => tag === 'FnRx')?.snapshotBytes).toBeGreaterThan(600_000);
    expect(result(LEAK, VERIFIER, POOLUSED)).toEqual(result(LEAK, '--snapshot', VERIFIER, POOLUSED));
  });

  it('--every tells how far snapshots are apart that do not say when they were taken', () => {
    const slope = (...args: string[]) => result(POOLMON, ...args).tags.find(({ tag }) => tag === 'FnRx');
    const [bare, seconds, minutes] = [slope(), slope('--every', '5s'), slope('--every', '5min')];
    expect(bare?.slopeBytesPerSecond).toBeNull();
    expect(seconds?.slopeBytesPerSecond).toBeGreaterThan(0);
    expect((seconds?.slopeBytesPerSecond ?? 0) / (minutes?.slopeBytesPerSecond ?? 1)).toBeCloseTo(60, 6);
    expect([bare?.verdict, seconds?.verdict, minutes?.verdict]).toEqual(['leak', 'leak', 'leak']);
    // Those that say it are not told otherwise.
    expect(result(PDH, '--every', '1h').counters).toEqual(result(PDH).counters);
  });

  it('--pooltag names drivers that nothing else names, and describes tags', () => {
    const [named] = result(POOLMON, '--pooltag', POOLTAG, '--tag', 'FnRx').tags;
    expect(named).toMatchObject({ driver: 'listed.sys', driverFrom: 'pooltag.txt', description: 'Receive buffers' });
    const [traced] = result(MYFAULT, '--pooltag', POOLTAG).tags;
    expect(traced).toMatchObject({ driver: 'myfault.sys', driverFrom: 'stacks', description: 'A leak' });
  });

  it('the files of one machine in the order of time, or in that given where they do not say', () => {
    const screens = readFileSync(POOLMON, 'utf8').split(/(?= Memory: )/);
    const paths = screens.map((text, i) => written(`screen-${i}.txt`, text));
    expect(result(...paths).tags).toHaveLength(result(POOLMON).tags.length);
    const verdicts = (list: PoolResult) =>
      list.tags.map(({ tag, verdict, snapshotBytes }) => [tag, verdict, snapshotBytes]);
    expect(verdicts(result(...paths))).toEqual(verdicts(result(POOLMON)));
  });
});
