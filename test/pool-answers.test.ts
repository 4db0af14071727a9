/** What the answer says of made-up rows: filters, doubts, owners, rows that a source has paired, limits of the machine. */
import { describe, expect, it } from 'vitest';
import { parseFilter } from '../src/core/filter.js';
import type { Row } from '../src/core/schema.js';
import type { poolAllocation } from '../src/tables/pool-allocation.js';
import { MYFAULT_BYTES, myfaultTruth } from './generate/pool/myfault.js';
import { poolDumper } from './generate/pool/write-dumper.js';
import { poolOfTexts } from './support/pool.js';
import { type Fed, feed, type MadeEvent } from './support/pool-feed.js';

const STACKS = [
  ['nt!ExAllocatePool2', 'a.sys!Read', 'nt!NtReadFile', 'nt!KiSystemServiceCopyEnd', 'one.exe!Main'],
  ['nt!ExAllocatePool2', 'b.sys!Open', 'nt!NtCreateFile', 'nt!KiSystemServiceCopyEnd', 'two.exe!Main'],
  ['nt!ExAllocatePoolWithTag', 'ndis!NdisAllocateMemoryWithTag', 'e1g.sys!Send'],
  ['nt!ExFreePoolWithTag', 'a.sys!Close'],
];

const event = (
  operation: 'alloc' | 'free',
  atUs: number,
  address: number,
  more: Partial<MadeEvent> = {},
): MadeEvent => ({
  operation,
  atUs,
  address: BigInt(address),
  bytes: 100,
  tag: 'Aaaa',
  poolType: 'NonPagedPool',
  sessionId: null,
  stack: 0,
  pid: 10,
  ...more,
});
const named = (list: readonly MadeEvent[]) =>
  list.map((e) => ({ ...e, process: e.pid === 10 ? 'One.exe' : e.pid === 20 ? 'two.exe' : null }));
const rules = ({ findings }: Fed): string[] => findings.map(({ rule }) => rule);

/** One block of each tag, pool, stack and process. */
const MIXED = named([
  event('alloc', 1, 0x1000),
  event('alloc', 2, 0x2000, { tag: 'Bb  ', stack: 1, pid: 20 }),
  event('alloc', 3, 0x3000, { tag: 'aaaa', poolType: 'PagedPool', stack: 2, pid: 20 }),
  event('alloc', 4, 0x4000, { tag: 'Cccc', stack: null, pid: 30 }),
]);

describe('filters', () => {
  const tags = (options: Parameters<typeof feed>[1]): string[] => {
    const { result } = feed({ events: MIXED, stacks: STACKS }, { by: ['tag'], ...options });
    const own = result.tags.flatMap(({ tag }) => tag ?? []).sort();
    // What is filtered out is in no other part of the answer either.
    expect([...new Set(result.stacks.map(({ tag }) => tag))].sort()).toEqual(own.filter((tag) => tag !== 'Cccc'));
    expect(result.tree.map(({ value }) => value).sort()).toEqual(own);
    expect(result.totals.reduce((sum, { count }) => sum + (count ?? 0), 0)).toBe(own.length);
    return own;
  };
  const filter = (text: string) => parseFilter(text);

  it.each<[string, Parameters<typeof feed>[1], string[]]>([
    ['none', {}, ['Aaaa', 'Bb  ', 'Cccc', 'aaaa']],
    ['tag', { tag: (tag) => tag === 'Aaaa' }, ['Aaaa']],
    ['paged', { paged: true }, ['aaaa']],
    ['nonpaged', { paged: false }, ['Aaaa', 'Bb  ', 'Cccc']],
    ['process, letter case apart', { process: filter('one.EXE') }, ['Aaaa']],
    ['process, not', { process: filter('!two.exe') }, ['Aaaa', 'Cccc']],
    ['pids', { pids: new Set([20, 30]) }, ['Bb  ', 'Cccc', 'aaaa']],
    ['module anywhere on the stack', { module: filter('two.exe;e1g.sys') }, ['Bb  ', 'aaaa']],
    ['function', { fn: filter('Nt*File') }, ['Aaaa', 'Bb  ']],
    ['module and function of one frame', { module: filter('a.sys'), fn: filter('Open') }, []],
    ['all together', { paged: false, pids: new Set([10, 20]), fn: filter('open'), tag: filter('b*') }, ['Bb  ']],
  ])('%s', (_, options, expected) => expect(tags(options)).toEqual(expected));
});

describe('owners', () => {
  it('are those who called the framework', () => {
    const { result } = feed({ events: MIXED, stacks: STACKS });
    expect(
      result.tags.map(({ tag, driver, driverFrom, driverPercent }) => [tag, driver, driverFrom, driverPercent]),
    ).toEqual(
      expect.arrayContaining([
        ['Aaaa', 'a.sys', 'stacks', 100],
        ['aaaa', 'e1g.sys', 'stacks', 100],
        ['Cccc', null, null, null],
      ]),
    );
  });

  it('come from pooltag.txt where no stack tells, which names the description anyway', () => {
    const poolTags = () => ({ driver: 'listed.sys', description: 'what it is' });
    const { result } = feed({ events: MIXED, stacks: STACKS }, { poolTags });
    const of = (tag: string) => result.tags.find((t) => t.tag === tag);
    expect(of('Cccc')).toMatchObject({ driver: 'listed.sys', driverFrom: 'pooltag.txt', description: 'what it is' });
    expect(of('Aaaa')).toMatchObject({ driver: 'a.sys', driverFrom: 'stacks', description: 'what it is' });
  });

  it('of frees: who frees, and who frees the blocks of sibling paths', () => {
    const events = named([
      event('alloc', 1, 0x1000),
      event('alloc', 2, 0x2000),
      event('alloc', 3, 0x3000, { stack: 1, pid: 20 }),
      event('free', 4, 0x1000, { stack: 3 }),
    ]);
    const { result } = feed({ events, stacks: STACKS });
    const by = (fn: string) => result.stacks.find(({ allocator }) => allocator?.function === fn);
    expect(by('Read')).toMatchObject({ count: 1, freedCount: 1, siblings: null });
    expect(by('Read')?.freedBy).toMatchObject([{ module: 'a.sys', function: 'Close', count: 1 }]);
    expect(by('Open')).toMatchObject({ count: 1, freedCount: 0, freedBy: [] });
    expect(by('Open')?.siblings).toMatchObject({ freed: 1, of: 2, by: [{ function: 'Close', count: 1 }] });
  });

  it('fold stacks that differ in offsets only, with every process', () => {
    const stacks = [0x10, 0x20].map((offset) => ['nt!ExAllocatePool2+0x1', `a.sys!Read+0x${offset.toString(16)}`]);
    const events = named([event('alloc', 1, 0x1000), event('alloc', 2, 0x2000, { stack: 1, pid: 20, bytes: 300 })]);
    const { result } = feed({ events, stacks });
    expect(result.stacks).toHaveLength(1);
    expect(result.stacks[0].processes).toEqual([
      { process: 'two.exe', pid: 20, count: 1, bytes: 300 },
      { process: 'One.exe', pid: 10, count: 1, bytes: 100 },
    ]);
  });
});

describe('doubts come first', () => {
  const twice = named([event('alloc', 1, 0x1000), event('free', 2, 0x1000), event('free', 3, 0x1000, { stack: 3 })]);

  it('a block freed twice is an error, where events were lost it may be none', () => {
    const sure = feed({ events: twice, stacks: STACKS });
    const found = sure.findings.find(({ rule }) => rule === 'double-free');
    expect(found).toMatchObject({ level: 'error', confidence: 'high' });
    expect(found?.message).toMatch(
      /^1 block was freed twice .* 'Aaaa' at 0x1000, freed at 0\.000002 s and again at 0\.000003 s by a\.sys!Close/,
    );
    expect(found?.evidence).toEqual([{ source: 's1', line: 3, byte: null, quote: 'row 3' }]);
    expect(sure.result.tags[0].doubleFrees).toBe(1);
    const lossy = feed({ events: twice, stacks: STACKS, about: { eventsLost: 1 } });
    expect(lossy.findings.find(({ rule }) => rule === 'double-free')).toMatchObject({
      level: 'note',
      confidence: 'low',
    });
    expect(lossy.result.tags[0].doubleFrees).toBe(0);
    expect(rules(lossy)[0]).toBe('events-lost');
  });

  it('is lost, cut, without stacks, out of order', () => {
    expect(rules(feed({ events: twice, stacks: STACKS, about: { buffersLost: 2 } }))[0]).toBe('events-lost');
    expect(rules(feed({ events: twice, stacks: STACKS, about: { truncated: true } }))[0]).toBe('truncated');
    const bare = feed({ events: twice.map((e) => ({ ...e, stack: null })) });
    expect(bare.findings[0]).toMatchObject({
      rule: 'no-stacks',
      message: expect.stringMatching(/^no event has a stack/),
    });
    const some = feed({ events: twice.map((e, i) => ({ ...e, stack: i === 0 ? null : e.stack })), stacks: STACKS });
    expect(some.findings[0].message).toBe('1 of 3 events have no stack');
    expect(rules(feed({ events: [...twice].reverse(), stacks: STACKS }))).toContain('time-inversion');
  });

  it('misses frees where addresses are given out again', () => {
    const again = named(Array.from({ length: 12 }, (_, i) => event('alloc', i, 0x1000)));
    expect(feed({ events: again, stacks: STACKS }).findings[0]).toMatchObject({
      rule: 'missing-frees',
      message: expect.stringMatching(/^11 allocations came at an address that was in use/),
    });
    expect(feed({ events: again, stacks: STACKS }).result.tags[0]).toMatchObject({ aifoCount: 1, aifiCount: 0 });
  });

  it('counts events that cannot be paired', () => {
    const { diagnostics, result } = feed({
      stacks: STACKS,
      events: [...MIXED, { ...MIXED[0], address: null }, { ...MIXED[0], operation: null }, { ...MIXED[0], atUs: null }],
    });
    expect(diagnostics).toMatchObject([{ code: 'unusable-events', count: 3 }]);
    expect(result.tags).toHaveLength(4);
  });

  it('leaves sizes that are not known at 0, and tags that are not known without name', () => {
    const { result } = feed({ events: [{ ...MIXED[0], bytes: null, tag: null, poolType: null }], stacks: STACKS });
    expect(result.tags).toMatchObject([{ tag: null, paged: null, aifoCount: 1, aifoBytes: 0 }]);
  });
});

describe('rows that the source has paired', () => {
  const row = (
    type: string,
    allocUs: number | null,
    freeUs: number | null,
    more: Partial<Row<typeof poolAllocation>> = {},
  ) => ({
    ...{ type, allocUs, freeUs, poolType: 'PagedPool', tag: 'Aaaa', bytes: 10, stack: 0, pid: 10, process: 'One.exe' },
    ...more,
  });
  const ROWS = [
    row('AIFI', 10, 20),
    row('AIFO', 30, null, { count: 3, bytes: 90 }),
    row('AOFI', null, 40, { stack: null }),
    row('AOFO', null, null, { count: 7, bytes: 70, stack: null }),
  ];
  const totals = ({ result }: Fed) => result.totals.map(({ type, count, bytes }) => [type, count, bytes]);

  it('count as what the source says', () => {
    const fed = feed({ paired: ROWS, stacks: STACKS });
    expect(totals(fed)).toEqual([
      ['AIFI', 1, 10],
      ['AIFO', 3, 90],
      ['AOFI', 1, 10],
      ['AOFO', 7, 70],
    ]);
    expect(fed.result.peaks).toEqual([]);
    expect(fed.result.tags[0]).toMatchObject({ lifetimes: { freed: 1, maxUs: 10 }, driver: 'a.sys' });
    expect(feed({ paired: [...ROWS].reverse(), stacks: STACKS, batch: 1 }).result.totals).toEqual(fed.result.totals);
  });

  it('count by their times against a range', () => {
    const at = (startUs: number, endUs: number) =>
      totals(feed({ paired: ROWS, stacks: STACKS }, { range: { startUs, endUs } })).map(([, count]) => count);
    expect(at(0, 100)).toEqual([1, 3, 1, 7]);
    expect(at(15, 100)).toEqual([0, 3, 2, 7]);
    expect(at(0, 15)).toEqual([0, 1, 0, 8]);
    expect(at(10, 20)).toEqual([1, 0, 0, 8]);
    expect(at(35, 36)).toEqual([0, 0, 0, 11]);
    // What lies outside the range is no trouble.
    const { diagnostics } = feed({ paired: ROWS, stacks: STACKS }, { range: { startUs: 0, endUs: 15 } });
    expect(diagnostics).toEqual([]);
  });
});

describe('limits of the machine', () => {
  const vm = (maxKb: number): string =>
    `0: kd> !vm 1\n\tNonPagedPool Usage:    53108 (    212432 Kb)\n\tNonPagedPool Max:    ${maxKb / 4} (  ${maxKb} Kb)\n`;
  const trace = poolDumper(myfaultTruth());

  it('last as long as the growth of the trace leaves them', async () => {
    const { result, findings } = await poolOfTexts([trace, vm(400_000)]);
    const [{ paged, usedBytes, limitBytes, bytesPerSecond, secondsLeft }] = result.exhaustion;
    expect([paged, usedBytes, limitBytes]).toEqual([false, 212_432 * 1024, 400_000 * 1024]);
    expect(bytesPerSecond / MYFAULT_BYTES).toBeCloseTo(1, 1);
    expect(secondsLeft).toBeCloseTo((limitBytes - usedBytes) / bytesPerSecond, 6);
    const found = findings.find(({ rule }) => rule === 'pool-exhaustion');
    expect([found?.level, found?.message]).toEqual(['warning', expect.stringContaining('(53 %); at 10')]);
    expect(found?.message).toMatch(/lasts another 3 min|lasts another 19\d s/);
  });

  it('are near where little is left, growth or none', async () => {
    const { findings } = await poolOfTexts(vm(230_000));
    const found = findings.find(({ rule }) => rule === 'pool-exhaustion');
    expect([found?.level, found?.message]).toEqual(['error', expect.stringMatching(/\(92 %\)\.$/)]);
    expect((await poolOfTexts(vm(400_000))).findings).toEqual([]);
  });
});
