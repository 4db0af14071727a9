/** Pool rows of dumper text and their stacks. All texts are made up: no public one with pool rows is known. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PoolStacks } from '../parsers/xperf-dumper/pool-stacks.js';
import { tagOf, typeOf } from '../parsers/xperf-dumper/pool-texts.js';
import { ByteTable, Sequences } from '../parsers/xperf-dumper/seen-before.js';
import { xperfDumper } from '../parsers/xperf-dumper.js';
import { Diagnostics } from '../src/core/diagnostic.js';
import { NO_CLOCK, NO_DECODING, Output } from '../src/core/parser.js';
import { NULL_I32, type Row, type TableDef } from '../src/core/schema.js';
import { BLOCK_BYTES, type Block, type SourceStream } from '../src/core/source.js';
import { rowAt } from '../src/core/table.js';
import { callStack } from '../src/tables/call-stack.js';
import { dpcIsr } from '../src/tables/dpc-isr.js';
import { TABLES } from '../src/tables/index.js';
import { poolEvent } from '../src/tables/pool-event.js';
import { sampledProfile } from '../src/tables/sampled-profile.js';
import { stack } from '../src/tables/stack.js';
import { hasStack, TYPE_NAMES } from './generate/pool/model.js';
import { processNames, xperfSymbol } from './generate/pool/text.js';
import { simulatePool } from './generate/pool/truth.js';
import { poolDumper } from './generate/pool/write-dumper.js';
import { addsUp, anyBytes, oneOf, survivesDamage } from './support/damage.js';
import { codesOf, type Parsed, parseWith } from './support/parse.js';

const ALLOC =
  '              PoolAlloc,  TimeStamp,     Process Name ( PID),   ThreadID, CPU,       Type,  Tag,       Size,            Address';
const FREE = ALLOC.replace('              PoolAlloc', '               PoolFree');
const STACK = '                  Stack,  TimeStamp,   ThreadID, No.,            Address,            Image!Function';
const SAMPLE =
  '         SampledProfile,  TimeStamp,     Process Name ( PID),   ThreadID,           PrgrmCtr, CPU, ThreadStartImage!Function,            Image!Function, Count, SampledProfile type';
const DPC = '                    DPC,  TimeStamp, ElapsedTime, CPU,        ServiceAddr,            Image!Function';
const HEAD = ['BeginHeader', ALLOC, FREE, STACK, 'EndHeader'];

interface Fields {
  readonly tid?: number | string;
  readonly tag?: string;
  readonly type?: number | string;
  readonly size?: number | string;
  readonly address?: string;
  readonly process?: string;
  readonly cpu?: number | string;
}

const line = (name: string, ...fields: (string | number)[]): string => `${name.padStart(23)}, ${fields.join(', ')}`;

function pool(name: string, atUs: number | string, fields: Fields = {}): string {
  const { tid = 212, tag = 'Leak', type = 512, size = 4096, address = '0xffffb80012345000' } = fields;
  const { process = 'System (   4)', cpu = 3 } = fields;
  const columns = [String(atUs).padStart(10), process.padStart(23), String(tid).padStart(10), String(cpu).padStart(3)];
  return line(name, ...columns, String(type).padStart(10), tag, String(size).padStart(10), address);
}

const alloc = (atUs: number | string, fields: Fields = {}): string => pool('PoolAlloc', atUs, fields);
const free = (atUs: number | string, fields: Fields = {}): string => pool('PoolFree', atUs, fields);

const frame = (atUs: number | string, tid: number, no: number | string, text: string): string =>
  line('Stack', String(atUs).padStart(10), String(tid).padStart(10), String(no).padStart(3), text);

/** A whole stack of functions `a`, `b` … of `drv.sys`. */
const stackOf = (atUs: number, tid: number, names: string): string[] =>
  [...names].map((name, i) =>
    frame(atUs, tid, i + 1, `0xfffff80300001${name.charCodeAt(0).toString(16)}0,  drv.sys!${name}`),
  );

const text = (rows: readonly string[], head: readonly string[] = HEAD): string =>
  `${[...head, ...rows].join('\r\n')}\r\n`;

const POOL_ONLY: readonly TableDef[] = [poolEvent, callStack];
const parse = (content: string | Uint8Array, tables: readonly TableDef[] = TABLES): Promise<Parsed> =>
  parseWith(xperfDumper, { bytes: content }, {}, tables);

function balanced(parsed: Parsed): Parsed {
  expect(addsUp(parsed)).toBe(true);
  const told = parsed.diagnostics.filter((d) => ['damaged-row', 'damaged-line', 'line-too-long'].includes(d.code));
  expect(told.reduce((sum, d) => sum + d.count, 0)).toBe(parsed.account.skipped);
  return parsed;
}

/** Frames of each stack, `drv.sys!a` as `a`, by its number. */
function stacksOf(parsed: Parsed): string[] {
  const stacks: string[] = [];
  for (const row of parsed.rows(callStack)) {
    const number = row.stack as number;
    stacks[number] ??= '';
    const told = row.routine ?? row.module ?? `0x${row.address?.toString(16)}`;
    stacks[number] += (stacks[number] === '' ? '' : ' ') + told.replace('drv.sys!', '');
  }
  return stacks;
}

/** Each pool row as event, time, thread and its frames. */
function told(parsed: Parsed): (string | number | null)[][] {
  const stacks = stacksOf(parsed);
  return parsed.rows(poolEvent).map((r) => [r.operation, r.atUs, r.tid, r.stack === null ? null : stacks[r.stack]]);
}

/** The text in blocks of at most `size` bytes, a line at least: what the blocks hold is gone with the next one. */
function inBlocks(content: string, size: number): SourceStream {
  const bytes = Buffer.from(content);
  async function* blocks(buffer: Buffer = Buffer.alloc(BLOCK_BYTES)): AsyncGenerator<Block> {
    for (let start = 0; start < bytes.length; ) {
      let end = start;
      do end = bytes.indexOf(10, end) < 0 ? bytes.length : bytes.indexOf(10, end) + 1;
      while (end < bytes.length && end - start < size);
      buffer.fill(35);
      bytes.copy(buffer, 7, start, end);
      yield { bytes: buffer.subarray(7, 7 + end - start), start, overlong: null };
      start = end;
    }
  }
  const none = (): never => {
    throw new Error('not asked for');
  };
  const rest = { encoding: 'utf-8', container: null, head: bytes, headIsAll: true, troubles: [] } as const;
  return { ...rest, blocks, random: none, progress: none, close: () => {} };
}

async function parseInBlocks(content: string, size: number, tables: readonly TableDef[]): Promise<unknown> {
  const rows = new Map<TableDef, object[]>(tables.map((table) => [table, []]));
  const diagnostics = new Diagnostics('s1');
  const out = new Output(0, diagnostics, (table) => {
    const found = rows.get(table);
    if (found === undefined) return [];
    return [
      (batch) => {
        for (let i = 0; i < batch.n; i++) found.push({ ...rowAt(batch, i), quote: batch.quote(i) });
      },
    ];
  });
  await xperfDumper.parse(inBlocks(content, size), out, {
    dpcTimestamp: 'end',
    census: true,
    inTime: false,
    kernelSamplesOnly: false,
    eventFilter: null,
    decoding: NO_DECODING,
    clock: NO_CLOCK,
  });
  out.flush();
  const { account, about, events } = out;
  return { account, about, events, diagnostics: diagnostics.list(), rows: [...rows.values()] };
}

describe('pool rows', () => {
  it('have every column, their text and place, and their stack', async () => {
    const rows = [alloc(1000), ...stackOf(1000, 212, 'abc'), free(2000, { tag: 'Irp ', type: 1, size: 64 })];
    const content = text([...rows, ...stackOf(2000, 212, 'bc')]);
    const parsed = balanced(await parse(content, POOL_ONLY));
    const lines = content.split('\r\n');
    const at = (i: number) => ({ line: i + 1, byte: content.indexOf(lines[i]), quote: lines[i].trim() });
    const common = { process: 'System', pid: 4, tid: 212, cpu: 3, address: 0xffffb80012345000n, sessionId: null };
    expect(parsed.rows(poolEvent)).toEqual([
      {
        ...{ event: 'PoolAlloc', operation: 'alloc', atUs: 1000, ...common, poolType: 'NonPagedPoolNx' },
        ...{ tag: 'Leak', bytes: 4096, stack: 0, ...at(5) },
      },
      {
        ...{ event: 'PoolFree', operation: 'free', atUs: 2000, ...common, poolType: 'PagedPool' },
        ...{ tag: 'Irp ', bytes: 64, stack: 1, ...at(9) },
      },
    ]);
    const frames = (number: number, first: number, names: string) =>
      [...names].map((name, i) => ({
        ...{ stack: number, frame: i + 1, address: BigInt(`0xfffff80300001${name.charCodeAt(0).toString(16)}0`) },
        ...{ module: 'drv.sys', routine: `drv.sys!${name}`, ...at(first) },
      }));
    expect(parsed.rows(callStack)).toEqual([...frames(0, 6, 'abc'), ...frames(1, 10, 'bc')]);
    expect(parsed.account).toEqual({ unit: 'line', read: 12, rows: 7, skipped: 0, ignored: 5 });
    expect(parsed.events.get('PoolAlloc')?.count).toBe(1);
    expect(parsed.events.get('Stack')?.count).toBe(5);
  });

  it.each([
    ['decimal', '512', 'NonPagedPoolNx'],
    ['hex', '0x201', '513'],
    ['padded hex', '0x00000001', 'PagedPool'],
    ['text', 'NonPaged', 'NonPaged'],
    ['text of two words', 'Paged pool', 'Paged pool'],
    ['nothing', '', null],
  ])('type as %s', async (_name, type, expected) => {
    const parsed = balanced(await parse(text([alloc(1, { type })]), POOL_ONLY));
    expect(parsed.rows(poolEvent).map((r) => r.poolType)).toEqual([expected]);
    if (type !== '') expect(typeOf(`  ${type} `)).toBe(expected);
  });

  it.each([
    ['decimal', '4096', 4096],
    ['hex', '0x1000', 4096],
    ['hex of 64 bits', '0x0000000100000010', 2 ** 32 + 16],
    ['none', '0', 0],
  ])('size as %s', async (_name, size, expected) => {
    const parsed = balanced(await parse(text([alloc(1, { size })]), POOL_ONLY));
    expect(parsed.rows(poolEvent).map((r) => r.bytes)).toEqual([expected]);
  });

  it.each([
    ['of 64 bits', '0xFFFFB80012345ABC', 0xffffb80012345abcn],
    ['of 32 bits', '0x81c866e4', 0x81c866e4n],
    ['without 0x', 'ffffb80012345abc', 0xffffb80012345abcn],
    ['null', '0x0', null],
  ])('address %s', async (_name, address, expected) => {
    const parsed = balanced(await parse(text([alloc(1, { address })]), POOL_ONLY));
    expect(parsed.rows(poolEvent).map((r) => r.address)).toEqual([expected]);
  });

  it('processes without id or name, threads and processors that are unknown', async () => {
    const rows = [
      alloc(1, { process: 'Unknown (  -1)' }),
      alloc(2, { process: 'Idle (4294967295)', tid: 4294967295 }),
      alloc(3, { process: 'a b.exe' }),
      alloc(4, { process: '', tid: '', cpu: '' }),
    ];
    const parsed = balanced(await parse(text(rows), POOL_ONLY));
    expect(parsed.rows(poolEvent).map((r) => [r.process, r.pid, r.tid, r.cpu])).toEqual([
      ['Unknown', null, 212, 3],
      ['Idle', null, null, 3],
      ['a b.exe', null, 212, 3],
      [null, null, null, null],
    ]);
  });

  it.each([
    ['TimeStamp', alloc('10x0')],
    ['ThreadID', alloc(1, { tid: '2x' })],
    ['CPU', alloc(1, { cpu: 5000 })],
    ['CPU', alloc(1, { cpu: 1.5 })],
    ['size', alloc(1, { size: '40x6' })],
    ['size', alloc(1, { size: '' })],
    ['size', alloc(1, { size: '-1' })],
    ['address', alloc(1, { address: '0xffffb8001234500000' })],
    ['address', alloc(1, { address: '0xffffq' })],
    ['address', alloc(1, { address: '' })],
    ['address', alloc(1, { address: '1234' })],
    ['tag', alloc(1, { tag: 'Leaky' })],
    ['fewer fields', alloc(1).split(',').slice(0, 5).join(',')],
    ['more fields', `${alloc(1)}, 7, 8`],
  ])('damaged: %s', async (why, row) => {
    const parsed = balanced(await parse(text([row, alloc(9)])));
    expect(parsed.account).toMatchObject({ rows: 1, skipped: 1 });
    expect(parsed.diagnostics[0]).toMatchObject({ code: 'damaged-row', line: 6, examples: [row.trim()] });
    expect(parsed.diagnostics[0].message).toContain(why);
  });
});

describe('tags', () => {
  it.each([
    ['Leak', 'Leak'],
    ['Irp ', 'Irp '],
    ['     Irp ', 'Irp '],
    [' IDN', ' IDN'],
    ['Irp', 'Irp '],
    ['Irp      ', 'Irp '],
    ['"Irp "', 'Irp '],
    ["'Leak'", 'Leak'],
    ['"ab"', '"ab"'],
    ['"a b', '"a b'],
    ['0x6b61654c', 'Leak'],
    ['0x20707249', 'Irp '],
    ['1801545036', 'Leak'],
    ['1234', '1234'],
    ['0x1f', '0x1f'],
    ['a,b ', 'a,b '],
    [',,,,', ',,,,'],
    ['a,1 ', 'a,1 '],
    ['"a,"', '"a,"'],
    ['   a,b ', 'a,b '],
    ['', null],
    ['    ', null],
    ['Lé\u20ack', 'Lé\u20ack'],
  ])('%j is %j', async (tag, expected) => {
    for (const size of [16, '0x10']) {
      const parsed = balanced(await parse(text([alloc(1, { tag, size })]), POOL_ONLY));
      expect(parsed.rows(poolEvent).map((r) => [r.tag, r.bytes])).toEqual([[expected, 16]]);
    }
  });

  it('of bytes that are no text stay apart', async () => {
    const content = text([alloc(1, { tag: 'ab\x01\x80' }), alloc(2, { tag: 'ab\x01\x81' })]);
    const parsed = balanced(await parse(Buffer.from(content, 'latin1'), POOL_ONLY));
    expect(parsed.rows(poolEvent).map((r) => r.tag)).toEqual(['ab\x01\x80', 'ab\x01\x81']);
  });

  it('hold commas, and so do processes and symbols of one row', async () => {
    const head = [
      'PoolAlloc, TimeStamp, Process Name ( PID), ThreadID, CPU, Tag, Size, Address, Image!Function',
      STACK,
    ];
    const row = (process: string, tag: string, symbol: string): string =>
      `PoolAlloc, 1, ${process}, 8, 1, ${tag}, 32, 0xffff800000001000, ${symbol}`;
    const rows = [
      row('a.exe (1)', 'a,b ', 'x.sys!f<int, 2>'),
      row('b, c.exe (2)', 'Leak', 'x.sys!f'),
      row('b, c.exe (2)', ',b,c', 'x.sys!f<a, b, c, d, e, f, g, h, i>'),
    ];
    const parsed = balanced(await parse(text(rows, head), POOL_ONLY));
    expect(parsed.rows(poolEvent).map((r) => [r.process, r.pid, r.tid, r.tag, r.bytes])).toEqual([
      ['a.exe', 1, 8, 'a,b ', 32],
      ['b, c.exe', 2, 8, 'Leak', 32],
      ['b, c.exe', 2, 8, ',b,c', 32],
    ]);
  });

  it('are at most four characters', () => {
    expect([tagOf(' Leaky'), tagOf(' Leak y'), tagOf(` ${'x'.repeat(300)}`)]).toEqual([null, null, null]);
    expect(tagOf(' 4294967296')).toBeNull();
  });
});

describe('schema lines of pool events', () => {
  it('order the columns and name them', async () => {
    const head = [
      'Pool-Alloc,  TimeStamp, Address, Bytes, PoolTag, ThreadID',
      'PoolFreeSession,  TimeStamp, CPU, Pool Tag, Ptr, SessionID',
      'PoolThing,  TimeStamp, Entry, Address, Pool Type, Type, Length, Tag',
    ];
    const rows = [
      line('Pool-Alloc', 5, '0x1000', 48, 'Abcd', 77),
      line('PoolFreeSession', 6, 2, 'Abcd', '0x1000', 1),
      line('PoolThing', 7, '0x2000', '0x9', 1, 'x', 49, 'Ef'),
    ];
    const parsed = balanced(await parse(text(rows, head), POOL_ONLY));
    const cells = parsed.rows(poolEvent).map((r) => [r.event, r.operation, r.atUs, r.tid, r.cpu, r.poolType, r.bytes]);
    expect(cells).toEqual([
      ['Pool-Alloc', 'alloc', 5, 77, null, null, 48],
      ['PoolFreeSession', 'free', 6, null, 2, null, null],
      ['PoolThing', null, 7, null, null, 'PagedPool', 49],
    ]);
    expect(parsed.rows(poolEvent).map((r) => r.sessionId)).toEqual([null, 1, null]);
    expect(parsed.rows(poolEvent).map((r) => [r.tag, r.address])).toEqual([
      ['Abcd', 0x1000n],
      ['Abcd', 0x1000n],
      ['Ef  ', 0x2000n],
    ]);
    expect(parsed.about.machine.cpus).toBe(3);
  });

  it.each([
    ['tag', 'PoolAlloc, TimeStamp, Size, Address'],
    ['address', 'PoolFree, TimeStamp, Size, Tag'],
    ['size', 'PoolAlloc, TimeStamp, Address, Tag'],
    ['tag and address and size', 'PoolSnap, TimeStamp, CPU'],
  ])('without %s are told', async (lacks, schema) => {
    const row = `${schema.split(',')[0]}, 1000, 16, 0x10`;
    const parsed = balanced(await parse(text([row], [schema])));
    expect(parsed.diagnostics[0]).toMatchObject({ code: 'columns-missing', line: 1, examples: [schema] });
    expect(parsed.diagnostics[0].message).toContain(`lacks ${lacks}`);
    expect(parsed.account).toMatchObject({ rows: 0, skipped: 0, ignored: 2 });
    // As ever where nobody wants pool rows.
    expect(codesOf(await parse(text([row], [schema]), [dpcIsr]))).toEqual(['no-header']);
  });

  it('of Stack without thread are told, in another order are read', async () => {
    const bare = 'Stack,  TimeStamp, No., Address, Image!Function';
    const told1 = balanced(await parse(text([alloc(1), 'Stack, 1, 1, 0x10, a!b'], [ALLOC, bare]), POOL_ONLY));
    expect(codesOf(told1)).toContain('columns-missing');
    expect(told1.rows(poolEvent).map((r) => r.stack)).toEqual([null]);

    const turned = 'Stack,  TimeStamp, Image!Function, No., Address, ThreadID';
    const rows = [alloc(1), 'Stack, 1, drv.sys!f<int, 2>, 1, 0x10, 212', 'Stack, 1, drv.sys!g, x, 0x20, 212'];
    const parsed = balanced(await parse(text(rows, [ALLOC, turned]), POOL_ONLY));
    expect(stacksOf(parsed)).toEqual(['f<int, 2>']);
    expect(parsed.account).toMatchObject({ rows: 2, skipped: 1 });

    const unnumbered = ['Stack, TimeStamp, ThreadID, Image!Function'];
    const plain = [alloc(1), 'Stack, 1, 212, drv.sys!a', 'Stack, 1, 212, drv.sys!b'];
    expect(stacksOf(await parse(text(plain, [ALLOC, ...unnumbered]), POOL_ONLY))).toEqual(['a b']);
    const addresses = [alloc(1), 'Stack, 1, 212, 0x10', 'Stack, 1, 212, 0x20'];
    expect(stacksOf(await parse(text(addresses, [ALLOC, 'Stack, TimeStamp, ThreadID, Address']), POOL_ONLY))).toEqual([
      '0x10 0x20',
    ]);
  });
});

describe('stacks of pool rows', () => {
  const told1 = async (rows: readonly string[]) => told(balanced(await parse(text(rows), POOL_ONLY)));

  it('of two threads in the same microsecond, one after the other or mixed', async () => {
    const both = [alloc(5, { tid: 8 }), free(5, { tid: 12 })];
    const [first, second] = [stackOf(5, 8, 'abc'), stackOf(5, 12, 'xyz')];
    const expected = [
      ['alloc', 5, 8, 'a b c'],
      ['free', 5, 12, 'x y z'],
    ];
    const mixed = first.flatMap((frameLine, i) => [second[i], frameLine]);
    expect(await told1([...both, ...first, ...second])).toEqual(expected);
    expect(await told1([...both, ...second, ...first])).toEqual(expected);
    expect(await told1([...both, ...mixed])).toEqual(expected);
    expect(await told1([both[0], ...first, both[1], ...second])).toEqual(expected);
  });

  it('of several rows of one thread in the same microsecond come in their order', async () => {
    const expected = [
      ['alloc', 5, 8, 'a b'],
      ['alloc', 5, 8, 'c d e'],
      ['alloc', 6, 8, null],
    ];
    const [first, second] = [stackOf(5, 8, 'ab'), stackOf(5, 8, 'cde')];
    const row = alloc(5, { tid: 8 });
    expect(await told1([row, ...first, row, ...second, alloc(6, { tid: 8 })])).toEqual(expected);
    expect(await told1([row, row, ...first, ...second, alloc(6, { tid: 8 })])).toEqual(expected);
  });

  it('are not those of events that never have one', async () => {
    const before = Array.from({ length: 3 }, (_, i) => [free(i), alloc(10 + i), ...stackOf(10 + i, 212, 'a')]).flat();
    const rows = [...before, free(50), alloc(50), ...stackOf(50, 212, 'bc')];
    // Rows stand out of time order: told, and read all the same.
    expect((await told1(rows)).slice(-2)).toEqual([
      ['free', 50, 212, null],
      ['alloc', 50, 212, 'b c'],
    ]);
  });

  it('may be missing, of other times, of other threads, of other events', async () => {
    const rows = [
      ...stackOf(1, 212, 'z'),
      alloc(5),
      ...stackOf(4, 212, 'z'),
      ...stackOf(5, 213, 'z'),
      ...stackOf(6, 212, 'z'),
      alloc(7),
      ...stackOf(7, 212, 'ab'),
      // A second stack of this instant is of something else, a context switch for one.
      ...stackOf(7, 212, 'xyz'),
      alloc(8),
    ];
    const parsed = balanced(await parse(text(rows), POOL_ONLY));
    expect(told(parsed)).toEqual([
      ['alloc', 5, 212, null],
      ['alloc', 7, 212, 'a b'],
      ['alloc', 8, 212, null],
    ]);
    expect(parsed.account).toMatchObject({ rows: 5, ignored: 12, skipped: 0 });
  });

  it('stand once, whatever the blanks between their fields', async () => {
    const rows = Array.from({ length: 5 }, (_, i) => {
      const pad = ' '.repeat(i);
      return [alloc(i), frame(i, 212, 1, `0x10, ${pad}drv.sys!a`), frame(i, 212, 2, `${pad}0x0020,drv.sys!b`)];
    });
    const parsed = balanced(await parse(text(rows.flat()), POOL_ONLY));
    expect(parsed.rows(callStack)).toHaveLength(2);
    expect(parsed.rows(poolEvent).map((r) => r.stack)).toEqual([0, 0, 0, 0, 0]);
  });

  it('differ by address, by routine, by module and by order', async () => {
    const [a, b] = ['0x10, drv.sys!a', '0x20, drv.sys!b'];
    const all = [[a, b], [b, a], [a], ['0x11, drv.sys!a', b], ['0x10, drv.sys!c', b], ['0x10, x.sys!0x10', b], [a, b]];
    const rows = all.flatMap((frames, i) => [alloc(i), ...frames.map((f, k) => frame(i, 212, k + 1, f))]);
    const parsed = balanced(await parse(text(rows), POOL_ONLY));
    expect(parsed.rows(poolEvent).map((r) => r.stack)).toEqual([0, 1, 2, 3, 4, 5, 0]);
  });

  it('name frames as far as symbols are known', async () => {
    const symbols = [
      '0x10,     x.sys!foo<int, bar>::baz+0x12',
      '0x11,     x.sys!0x11',
      '0x12,     "Unknown"',
      '0x13, Unknown',
      '0x14, ',
      ' , x.sys!onlyName',
    ];
    const rows = [alloc(1), ...symbols.map((symbol, i) => frame(1, 212, i + 1, symbol))];
    const parsed = balanced(await parse(text(rows), POOL_ONLY));
    expect(parsed.rows(callStack).map((r) => [r.address, r.module, r.routine])).toEqual([
      [0x10n, 'x.sys', 'x.sys!foo<int, bar>::baz+0x12'],
      [0x11n, 'x.sys', null],
      [0x12n, null, null],
      [0x13n, null, null],
      [0x14n, null, null],
      [null, 'x.sys', 'x.sys!onlyName'],
    ]);
  });

  it('are cut where they are longer than any', async () => {
    const rows = [
      alloc(1),
      ...Array.from({ length: 200 }, (_, i) => frame(1, 212, i + 1, `0x${i + 1}, drv.sys!f${i}`)),
    ];
    const parsed = balanced(await parse(text([...rows, alloc(2)]), POOL_ONLY));
    expect(parsed.rows(callStack).map((r) => r.frame)).toEqual(Array.from({ length: 192 }, (_, i) => i + 1));
    expect(parsed.account).toMatchObject({ rows: 194, ignored: 13 });
  });

  it('go on without their damaged lines', async () => {
    const rows = [
      alloc(1),
      frame(1, 212, 1, '0x10, drv.sys!a'),
      frame(1, 212, 'x', '0x20, drv.sys!b'),
      frame('1y', 212, 3, '0x30, drv.sys!c'),
      frame(1, 212, 4, ' , '),
      frame(1, 212, 5, '0x50, drv.sys!e'),
      line('Stack', '1', '212'),
      alloc(2),
      // The first of this stack is lost.
      frame(2, 212, 2, '0x20, drv.sys!b'),
      frame(2, 212, 3, '0x30, drv.sys!c'),
    ];
    const parsed = balanced(await parse(text(rows), POOL_ONLY));
    expect(told(parsed)).toEqual([
      ['alloc', 1, 212, 'a e'],
      ['alloc', 2, 212, 'b c'],
    ]);
    expect(parsed.account).toMatchObject({ rows: 6, skipped: 4 });
  });

  it('of many rows of one instant, more than are held', async () => {
    const rows = Array.from({ length: 3000 }, (_, i) => alloc(1, { tid: i, address: `0x${(i + 16).toString(16)}` }));
    const parsed = balanced(await parse(text([...rows, ...stackOf(1, 2999, 'ab'), ...stackOf(1, 3, 'c')]), POOL_ONLY));
    expect(parsed.rows(poolEvent).map((r) => r.tid)).toEqual(rows.map((_, i) => i));
    expect(parsed.rows(poolEvent).flatMap((r) => (r.stack === null ? [] : [r.tid]))).toEqual([2999]);
  });

  it('beyond what is kept are told', () => {
    const diagnostics = new Diagnostics('s1');
    let rows = 0;
    const out = new Output(0, diagnostics, () => [
      (batch) => {
        rows += batch.n;
      },
    ]);
    const stacks = new PoolStacks(out);
    const numbers = Array.from({ length: 500_002 }, (_, i) =>
      stacks.stack(Int32Array.of(stacks.frame(BigInt(i + 1), 'drv.sys!f')), 1, 1, 0),
    );
    out.flush();
    expect(rows).toBe(500_000);
    expect(numbers.slice(-3)).toEqual([499_999, NULL_I32, NULL_I32]);
    expect(diagnostics.list().map((d) => [d.code, d.severity, d.count])).toEqual([['too-many-stacks', 'data-loss', 2]]);
  });

  it('are left out where nobody reads them', async () => {
    const parsed = balanced(await parse(text([alloc(1), ...stackOf(1, 212, 'abc')]), [poolEvent]));
    expect(parsed.rows(poolEvent).map((r) => r.stack)).toEqual([null]);
    expect(parsed.account).toMatchObject({ rows: 1, ignored: 8 });
  });
});

describe('with other tables', () => {
  const rows = [
    line('SampledProfile', 5, 'a.exe (1)', 8, '0x1000', 0, 'a.exe!s', 'a.exe!f', 1, 'Unbatched'),
    alloc(5, { tid: 12 }),
    ...stackOf(5, 8, 'ab'),
    ...stackOf(5, 12, 'cd'),
    line('DPC', 6, 1, 2, '0xf000', 'ndis.sys!d'),
    alloc(7, { tid: 8 }),
    ...stackOf(7, 8, 'ef'),
  ];
  const content = text(rows, ['BeginHeader', SAMPLE, STACK, ALLOC, DPC, 'EndHeader']);

  it('samples take their stacks, pool rows theirs, and the table of stacks all', async () => {
    const parsed = balanced(await parse(content));
    expect(parsed.rows(sampledProfile).map((r) => r.stack)).toEqual(['drv.sys!a;drv.sys!b']);
    expect(told(parsed)).toEqual([
      ['alloc', 5, 12, 'c d'],
      ['alloc', 7, 8, 'e f'],
    ]);
    expect(parsed.rows(stack)).toHaveLength(6);
    expect(parsed.rows(dpcIsr)).toHaveLength(1);
    expect(parsed.account).toMatchObject({ rows: 10, ignored: 6, skipped: 0 });
  });

  it.each([
    [[poolEvent, callStack]],
    [[poolEvent, callStack, sampledProfile]],
    [[poolEvent, callStack, stack, dpcIsr]],
  ])('rows are the same, whatever else is read', async (tables) => {
    const [all, some] = [await parse(content), balanced(await parse(content, tables))];
    for (const table of tables) expect(some.rows(table)).toEqual(all.rows(table));
  });

  it('are passed over where nobody wants them', async () => {
    const parsed = balanced(await parse(content, [dpcIsr, callStack, sampledProfile]));
    expect(parsed.rows(callStack)).toEqual([]);
    expect(parsed.account).toMatchObject({ rows: 4, ignored: 12, skipped: 0 });
    expect(balanced(await parse(content, [dpcIsr])).account).toMatchObject({ rows: 1, ignored: 15 });
  });

  it('tell span and processors', async () => {
    const parsed = await parse(text([alloc(100, { cpu: 5 }), free(250, { cpu: 1 }), ...stackOf(250, 212, 'a')]));
    expect(parsed.about.span).toEqual({ startUs: 100, endUs: 250 });
    expect(parsed.about.machine.cpus).toBe(6);
    expect(parsed.about.notes[0]).toContain('6 processors');
  });
});

describe('a simulated trace', () => {
  it.each([
    ['all stacks', 3, {}],
    ['stacks of allocations only', 3, { noFreeStacks: true }],
    ['none', 4, { noStacks: true }],
  ] as const)('gives each event and its stack: %s', async (_name, seed, options) => {
    const truth = simulatePool(seed, options);
    const parsed = balanced(await parse(poolDumper(truth), POOL_ONLY));
    const names = processNames(truth.processes);
    const frames: (string | null)[][] = [];
    for (const { stack: number, routine } of parsed.rows(callStack)) {
      const known = frames[number as number] ?? [];
      frames[number as number] = [...known, routine];
    }
    const rows = parsed.rows(poolEvent).map((r) => ({ ...r, frames: r.stack === null ? null : frames[r.stack] }));
    expect(rows.length).toBe(truth.written.length);
    truth.written.forEach((event, i) => {
      expect(rows[i]).toMatchObject({
        ...{ atUs: event.atUs, operation: event.op, address: event.address, bytes: event.bytes, tag: event.tag },
        ...{ pid: event.pid, tid: event.tid, cpu: event.cpu, poolType: TYPE_NAMES[event.poolType] },
        process: names.get(event.pid) ?? 'Unknown',
        frames: hasStack(truth, event) ? truth.stacks[event.stack].frames.map(xperfSymbol) : null,
      });
    });
    expect(parsed.account.skipped).toBe(0);
  });
});

describe('files put together', () => {
  it('are read on, by their own schema lines', async () => {
    const one = text([alloc(9000), ...stackOf(9000, 212, 'ab')]);
    const head = [
      'PoolAlloc, TimeStamp, Tag, Size, Entry, ThreadID',
      'Stack, TimeStamp, No., ThreadID, Address, Image!Function',
    ];
    const other = text(
      [
        'PoolAlloc, 9000, Abcd, 8, 0x10, 212',
        'Stack, 9000, 1, 212, 0x10, drv.sys!x',
        'PoolAlloc, 9001, Abcd, 8, 0x10, 1',
      ],
      head,
    );
    const parsed = balanced(await parse(one + other + one, POOL_ONLY));
    expect(told(parsed)).toEqual([
      ['alloc', 9000, 212, 'a b'],
      ['alloc', 9000, 212, 'x'],
      ['alloc', 9001, 1, null],
      ['alloc', 9000, 212, 'a b'],
    ]);
    expect(parsed.diagnostics.map((d) => [d.code, d.count])).toContainEqual(['time-inversion', 1]);
    expect(parsed.account.skipped).toBe(0);
  });

  it('give stacks to rows of their own file only', async () => {
    const parsed = await parse(text([alloc(5), ...stackOf(5, 212, 'a')]) + text(stackOf(5, 212, 'b')), POOL_ONLY);
    expect(told(balanced(parsed))).toEqual([['alloc', 5, 212, 'a']]);
    const late = await parse(text([alloc(5)]) + text(stackOf(5, 212, 'b')), POOL_ONLY);
    expect(told(balanced(late))).toEqual([['alloc', 5, 212, null]]);
  });
});

/** A trace with a little of everything. */
function someTrace(): string {
  const rows = Array.from({ length: 60 }, (_, i) => {
    const [at, tid] = [Math.floor(i / 3), 8 + 4 * (i % 4)];
    const names = 'abcdefgh'.slice(i % 5, (i % 5) + (i % 4));
    const row = i % 2 === 0 ? alloc(at, { tid, tag: 'Irp ', cpu: i % 7 }) : free(at, { tid, size: '0x40' });
    return [row, ...stackOf(at, tid, names)];
  });
  const odd = [
    alloc('x'),
    frame(5, 8, 'x', 'y'),
    line('SampledProfile', 19, 'a (1)', 8, '0x1', 0, 'a!s', 'a!f', 1, 'U'),
  ];
  const all = [...rows.flat(), ...odd, ...stackOf(19, 8, 'ab'), ...HEAD, ...rows.slice(0, 9).flat()];
  return text(all, [...HEAD.slice(0, 4), SAMPLE, 'EndHeader']);
}

describe('blocks that end anywhere', () => {
  const trace = someTrace();
  const lines = trace.split('\r\n');

  it.each([
    ['pool rows only', POOL_ONLY],
    ['all tables', TABLES],
    ['samples too', [sampledProfile, poolEvent, callStack]],
  ])('change nothing: %s', async (_name, tables) => {
    const whole = await parseInBlocks(trace, 1 << 20, tables);
    for (const size of [1, 200, 250, 333, 1000, 5000]) expect(await parseInBlocks(trace, size, tables)).toEqual(whole);
    for (const row of (whole as { rows: (Row<typeof poolEvent> & { quote: string })[][] }).rows.flat())
      expect(row.quote).toBe(lines[(row.line as number) - 1].trim());
  });

  it('change nothing where names are not padded', async () => {
    const bare = (whole: unknown): unknown =>
      JSON.parse(
        JSON.stringify(whole, (key, value) => {
          if (typeof value === 'bigint') return String(value);
          if (key === 'events' || key === 'byte') return null;
          return typeof value === 'string' ? value.replace(/^ *([^,]*?) *,/, '$1,') : value;
        }),
      );
    for (const tables of [POOL_ONLY, TABLES]) {
      const whole = bare(await parseInBlocks(trace, 1 << 20, tables));
      const turned = (every: number): string =>
        lines.map((l, i) => (i % every === 0 ? l.replace(/^( *)([^,]*),/, '$2$1,') : l)).join('\r\n');
      for (const every of [1, 2, 3, 7]) expect(bare(await parseInBlocks(turned(every), 300, tables))).toEqual(whole);
    }
  });
});

describe('any damage', () => {
  const trace = someTrace();

  it.each([
    ['pool rows', POOL_ONLY],
    ['all tables', TABLES],
  ])('is survived: %s', async (_name, tables) => {
    const put = fc.oneof(
      oneOf(10, 13, 32, 34, 44, 48, 57, 0, 255),
      anyBytes(6),
      fc
        .constantFrom(', ', '  TimeStamp', '0x', 'Pool', 'Stack, ', '\nPoolAlloc, ', '99999999999')
        .map((s) => Buffer.from(s)),
    );
    await survivesDamage((bytes) => parse(bytes, tables), [trace], { put, maxEdits: 15, numRuns: 100 });
  });

  it('lines made of pieces of rows', async () => {
    const pieces = fc.constantFrom(
      ...['PoolAlloc', 'PoolFree', 'Stack', 'Pool', '              PoolAlloc', '                  Stack', 'TimeStamp'],
      ...['ThreadID', 'No.', 'Tag', 'Size', 'Address', 'Image!Function', 'Type', 'CPU', 'Process Name ( PID)'],
      ...[
        '1',
        '1',
        '212',
        'Leak',
        'Irp ',
        '0x10',
        '0xffffb80012345000',
        '-1',
        '1e9',
        '',
        ' ',
        '"',
        'a.sys!f',
        '(',
        ')',
      ],
    );
    const someLine = fc.array(pieces, { maxLength: 11 }).map((p) => p.join(', '));
    const known = fc.constantFrom(ALLOC, FREE, STACK, alloc(1), free(1), ...stackOf(1, 212, 'ab'));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(someLine, known), { maxLength: 60 }), fc.boolean(), async (all, some) => {
        const content = [ALLOC, STACK, ...all].join('\n');
        const parsed = balanced(await parse(content, some ? POOL_ONLY : TABLES));
        expect(parsed.account.read).toBe(content.split('\n').length - (content.endsWith('\n') ? 1 : 0));
        const stacks = parsed.rows(callStack).map((r) => r.stack as number);
        for (const { stack: number } of parsed.rows(poolEvent)) if (number !== null) expect(stacks).toContain(number);
      }),
      { numRuns: 100 },
    );
  });
});

describe('many rows', () => {
  it('with stacks take no time beyond bounds', async () => {
    const stacks = Array.from(
      { length: 50 },
      (_, i) => (at: number) =>
        Array.from({ length: 20 }, (_, k) => frame(at, 212, k + 1, `0x${4096 + i * k}, drv.sys!Function${i * k}`)),
    );
    const rows = Array.from({ length: 10_000 }, (_, i) => [alloc(i), ...stacks[i % 50](i)]).flat();
    const content = text(rows);
    const begun = Date.now();
    const parsed = balanced(await parse(content, POOL_ONLY));
    expect(Date.now() - begun).toBeLessThan(3_000);
    expect(parsed.account).toMatchObject({ rows: 210_000, skipped: 0 });
    expect(parsed.rows(callStack)).toHaveLength(1000);
  });
});

describe('tables of what was seen before', () => {
  it('of bytes: find what was added, and nothing else', () => {
    const short = fc.uint8Array({ maxLength: 9 });
    fc.assert(
      fc.property(fc.array(short, { maxLength: 60 }), fc.array(short, { maxLength: 20 }), (added, asked) => {
        const table = new ByteTable(1000, 1000);
        const plain = new Map<string, number>();
        const find = (bytes: Uint8Array): number =>
          table.find(new DataView(bytes.buffer), bytes.byteOffset, bytes.length);
        for (const bytes of added) {
          expect(find(bytes)).toBe(plain.get(String(bytes)) ?? -1);
          if (plain.has(String(bytes))) continue;
          table.add(new DataView(bytes.buffer), 0, bytes.length, plain.size);
          plain.set(String(bytes), plain.size);
        }
        for (const bytes of [...added, ...asked]) expect(find(bytes)).toBe(plain.get(String(bytes)) ?? -1);
      }),
    );
  });

  it('grow to their bounds', () => {
    const table = new ByteTable(5000, 1 << 20);
    const sequences = new Sequences(5000, 12_000);
    const view = new DataView(new ArrayBuffer(8));
    for (let i = 0; i < 6000; i++) {
      view.setFloat64(0, i);
      table.add(view, 0, 8, i);
    }
    const found = Array.from({ length: 6000 }, (_, i) => {
      view.setFloat64(0, i);
      return table.find(view, 0, 8);
    });
    expect(found).toEqual(found.map((_, i) => (i < 5000 ? i : -1)));
    const ids = (): number[] => Array.from({ length: 6000 }, (_, i) => sequences.id(Int32Array.of(i, -i, 7), 3));
    const expected = ids();
    expect(expected).toEqual(expected.map((_, i) => (i < 4000 ? i : -1)));
    expect(ids()).toEqual(expected);
    expect(sequences.id(Int32Array.of(5, -5, 7), 2)).toBe(-1);
  });
});
