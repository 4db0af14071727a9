import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tracerptCsv } from '../parsers/tracerpt-csv.js';
import { tracerptXml } from '../parsers/tracerpt-xml.js';
import type { Parser } from '../src/core/parser.js';
import type { TableDef } from '../src/core/schema.js';
import { callStack } from '../src/tables/call-stack.js';
import { poolEvent } from '../src/tables/pool-event.js';
import { stack } from '../src/tables/stack.js';
import { addsUp, oneOf, survivesDamage } from './support/damage.js';
import { codesOf, type Parsed, parseWith } from './support/parse.js';

const COLUMNS =
  'Event Name, Type, Event ID, Version, Channel, Level, Opcode, Task, Keyword, PID, TID, Processor Number, ' +
  'Instance ID, Parent Instance ID, Activity ID, Related Activity ID, Clock-Time, Kernel(ms), User(ms), User Data';

/** 2020-01-01T00:00:00Z as FILETIME. */
const START = 132223104000000000n;
/** The counter at the start of the trace; it ticks 10 times a µs, as FILETIMEs do. */
const COUNTER = 55_000_000_000n;
const NOWHERE = '0xFFFFFFFF';
const TABLES: readonly TableDef[] = [poolEvent, callStack];

interface Place {
  readonly pid?: string;
  readonly tid?: string;
  readonly cpu?: number;
}

function row(name: string, type: string, clock: bigint, data: string, place: Place = {}): string {
  const { pid = NOWHERE, tid = NOWHERE, cpu = 0 } = place;
  return `${name}, ${type}, 0, 2, 0, 0, 0, 0, 0x0, ${pid}, ${tid}, ${cpu}, , , {0}, , ${clock}, 0, 0, ${data}`;
}

const header = (clock = START, freq = 10_000_000): string =>
  row(
    'EventTrace',
    'Header',
    clock,
    `65536, 83951626, 19041, 4, ${START + 10_000_000n}, 156250, 0, 0x1, 7, 1, 8, 0, 2995, 0x0, 0x0, ${START}, ${freq}, ` +
      `${START}, 0x1, 0, "NT Kernel Logger", "C:\\trace.etl"`,
  );

const ME: Place = { pid: '0x0004', tid: '0x0010', cpu: 1 };
const LEAK = '1799447884';
const data = (entry = '0xFFFF800000001000', tag = LEAK, bytes = '64'): string => `512, ${tag}, ${bytes}, ${entry}`;
/** At so many ticks of 0.1 µs from the start of the trace. */
const pool = (ticks: number, type = 'Alloc', fields = data(), place = ME): string =>
  row('PoolTrace', type, START + BigInt(ticks), fields, place);
const walked = (ticks: number, frames: readonly string[], place = ME, own = { pid: '0x4', tid: '0x10' }): string =>
  row(
    'StackWalk',
    'Stack',
    START + BigInt(ticks) + 1n,
    `${COUNTER + BigInt(ticks)}, ${own.pid}, ${own.tid}, ${frames.join(', ')}`,
    place,
  );

const KERNEL = ['0xFFFFF80000000010', '0xFFFFF80000000020'] as const;
const OTHER = ['0xFFFFF80000000030'] as const;
const USER = ['0x00007FF600000010'] as const;
const lower = (frames: readonly string[]): string[] => frames.map((f) => `0x${BigInt(f).toString(16)}`);

const csv = (...rows: string[]): string => `${[COLUMNS, ...rows].join('\r\n')}\r\n`;
const parse = (text: string | Uint8Array, tables = TABLES, parser: Parser = tracerptCsv): Promise<Parsed> =>
  parseWith(parser, { bytes: text }, {}, tables);

/** Frames of a pool row's stack, innermost first; null where it has none. */
function stackOf(parsed: Parsed, id: number | null): string[] | null {
  if (id === null) return null;
  const frames = parsed.rows(callStack).filter((frame) => frame.stack === id);
  expect(frames.map(({ frame }) => frame)).toEqual(frames.map((_, i) => i + 1));
  return frames.map(({ address }) => `0x${address?.toString(16)}`);
}
const stacksOf = (parsed: Parsed): (string[] | null)[] =>
  parsed.rows(poolEvent).map((event) => stackOf(parsed, event.stack));

describe('pool events of tracerpt -of CSV', () => {
  it('become rows with operation, pool, tag, size and block', async () => {
    const parsed = await parse(
      csv(
        header(),
        pool(100),
        pool(200, 'AllocSession', `33, 0x20707249, 0x0000000000001000, 0xFFFF900000002000, 1`),
        pool(300, 'PoolFree', `1, "Nt v", 32, 0xFFFF800000003000`),
        pool(400, 'FreeSession', `NonPagedPool, "MmS", 16, 0xFFFF800000004000, 1`),
        row('Pool', '34', START + 500n, '0, 4278255361, 8, 0x0000000080001000', { cpu: 2 }),
      ),
    );
    const common = { process: null, pid: 4, tid: 16, cpu: 1, stack: null, sessionId: null };
    expect(parsed.rows(poolEvent).map(({ byte: _, quote: __, ...values }) => values)).toEqual([
      {
        ...common,
        ...{ event: 'Alloc', operation: 'alloc', atUs: 10, poolType: 'NonPagedPoolNx', tag: 'LeAk', bytes: 64 },
        ...{ address: 0xffff800000001000n, line: 3 },
      },
      {
        ...common,
        ...{ event: 'AllocSession', operation: 'alloc', atUs: 20, poolType: 'PagedPoolSession', tag: 'Irp ' },
        ...{ bytes: 4096, address: 0xffff900000002000n, sessionId: 1, line: 4 },
      },
      {
        ...common,
        ...{ event: 'Free', operation: 'free', atUs: 30, poolType: 'PagedPool', tag: 'Nt v', bytes: 32 },
        ...{ address: 0xffff800000003000n, line: 5 },
      },
      {
        ...common,
        ...{ event: 'FreeSession', operation: 'free', atUs: 40, poolType: 'NonPagedPool', tag: 'MmS ', bytes: 16 },
        ...{ address: 0xffff800000004000n, sessionId: 1, line: 6 },
      },
      {
        ...common,
        ...{ pid: null, tid: null, cpu: 2, event: 'Free', operation: 'free', atUs: 50, poolType: 'NonPagedPool' },
        // 0xFF00FF01: what is no letter is kept as it is.
        ...{ tag: '\u0001\u00ff\u0000\u00ff', bytes: 8, address: 0x80001000n, line: 7 },
      },
    ]);
    expect(parsed.account).toEqual({ unit: 'record', read: 7, rows: 5, skipped: 0, ignored: 2 });
    expect(parsed.diagnostics).toEqual([]);
  });

  it('are skipped where a field is damaged', async () => {
    const damaged = [
      data('nowhere'),
      data(undefined, 'Leaky'),
      data(undefined, '9999999999'),
      data(undefined, LEAK, '-'),
    ];
    const parsed = await parse(
      csv(header(), ...damaged.map((fields) => pool(100, 'Alloc', fields)), pool(100, 'Alloc', '1')),
    );
    expect(parsed.rows(poolEvent)).toEqual([]);
    expect(parsed.account).toMatchObject({ read: 7, skipped: 5, ignored: 2 });
    expect(codesOf(parsed)).toEqual(['bad-field', 'unknown-layout']);
  });

  it('are not read where nobody wants them', async () => {
    const parsed = await parse(csv(header(), pool(100), walked(100, KERNEL)), [callStack]);
    expect(parsed.account).toMatchObject({ rows: 0, ignored: 4 });
    const withoutStacks = await parse(csv(header(), pool(100), walked(100, KERNEL)), [poolEvent]);
    expect(withoutStacks.rows(poolEvent)).toMatchObject([{ stack: null }]);
    expect(withoutStacks.account).toMatchObject({ rows: 1, ignored: 3 });
  });
});

describe('stacks of pool events', () => {
  it('are those right behind them on their processor and of their thread', async () => {
    const elsewhere: Place = { pid: '0x4', tid: '0x20', cpu: 3 };
    const parsed = await parse(
      csv(
        header(),
        pool(100),
        pool(100, 'Free', data('0xFFFF800000005000'), elsewhere),
        walked(100, KERNEL),
        walked(100, OTHER, elsewhere, { pid: '0x4', tid: '0x20' }),
        // Of a thread that is another one.
        pool(200),
        walked(200, OTHER, ME, { pid: '0x4', tid: '0x14' }),
        // Of an event between the two.
        pool(300),
        row('Thread', 'CSwitch', START + 310n, '1, 2, 8, 8, 0, 0, 0, 0, 5, 1, 0, 0', { cpu: 1 }),
        walked(310, OTHER),
        pool(400),
        walked(400, KERNEL),
      ),
    );
    expect(stacksOf(parsed)).toEqual([lower(KERNEL), lower(OTHER), null, null, lower(KERNEL)]);
    // Each different stack stands there once.
    expect(parsed.rows(callStack)).toHaveLength(3);
    expect(parsed.account).toEqual({ unit: 'record', read: 13, rows: 8, skipped: 0, ignored: 5 });
    expect(parsed.rows(poolEvent).map(({ line, quote }) => [line, quote.includes('PoolTrace')])).toEqual(
      [3, 4, 7, 9, 12].map((line) => [line, true]),
    );
    expect(parsed.rows(callStack)[0]).toMatchObject({ line: 5, module: null, routine: null });
    expect(parsed.rows(callStack)[0].quote).toMatch(/^StackWalk, Stack, .*0xFFFFF80000000020$/);
  });

  it('are found by their time stamp once pairs have told how the two clocks are related', async () => {
    const pairs = Array.from({ length: 8 }, (_, i) => [pool(100 * i), walked(100 * i, KERNEL)]).flat();
    const parsed = await parse(
      csv(
        header(),
        ...pairs,
        pool(1000),
        row('Thread', 'CSwitch', START + 1001n, '1, 2, 8, 8, 0, 0, 0, 0, 5, 1, 0, 0', { cpu: 1 }),
        walked(1000, OTHER),
        // The user part comes when the thread returns to user mode, from another processor maybe.
        pool(1100),
        walked(1000, USER, { ...ME, cpu: 2 }),
        // Right behind, but of another event.
        walked(1050, KERNEL),
      ),
    );
    expect(stacksOf(parsed).slice(8)).toEqual([[...lower(OTHER), ...lower(USER)], null]);
  });

  it('do not vote for a relation that others contradict', async () => {
    const odd = row('StackWalk', 'Stack', START + 101n, `${COUNTER - 9_000_000n}, 0x4, 0x10, ${OTHER.join(', ')}`, ME);
    const pairs = Array.from({ length: 12 }, (_, i) => [pool(100 * i + 200), walked(100 * i + 200, KERNEL)]).flat();
    const parsed = await parse(csv(header(), pool(100), odd, ...pairs));
    const found = stacksOf(parsed);
    // The first cannot be told from the others, and costs one of them its stack.
    expect(found.slice(0, 2)).toEqual([lower(OTHER), null]);
    expect(found.slice(2)).toEqual(Array.from({ length: 11 }, () => lower(KERNEL)));
  });

  it('are found by their time stamp in exports with raw ticks', async () => {
    const ticks = (line: string, from: bigint, to: bigint): string => line.replace(String(from), String(to));
    const rts = (line: string, at: number): string => ticks(line, START + BigInt(at), COUNTER + BigInt(at));
    const parsed = await parse(
      csv(
        ticks(header(), START, COUNTER),
        rts(pool(100), 100),
        rts(pool(100, 'Alloc', data('0xFFFF800000002000'), { ...ME, cpu: 2, tid: NOWHERE, pid: NOWHERE }), 100),
        rts(row('Thread', 'CSwitch', START + 110n, '1, 2, 8, 8, 0, 0, 0, 0, 5, 1, 0, 0', { cpu: 1 }), 110),
        rts(walked(100, KERNEL), 101),
        rts(walked(100, OTHER, { cpu: 2 }, { pid: '0x8', tid: '0x44' }), 101),
        rts(walked(100, USER, { cpu: 3 }, { pid: '0x8', tid: '0x44' }), 101),
      ),
    );
    expect(stacksOf(parsed)).toEqual([lower(KERNEL), [...lower(OTHER), ...lower(USER)]]);
    // The thread that had no id in the record is that of its stack.
    expect(parsed.rows(poolEvent).map(({ pid, tid, atUs }) => [pid, tid, atUs])).toEqual([
      [4, 16, 10],
      [8, 0x44, 10],
    ]);
  });

  it('go to the table of stacks as well where that is wanted', async () => {
    const text = csv(header(), pool(100), walked(100, KERNEL), walked(900, OTHER, { cpu: 7 }));
    const parsed = await parse(text, [poolEvent, callStack, stack]);
    expect(parsed.rows(stack)).toHaveLength(3);
    expect(parsed.rows(callStack)).toHaveLength(2);
    expect(parsed.account).toMatchObject({ read: 5, rows: 3, ignored: 2 });
  });

  it('are waited for within bounds: rows are handed on in their order', async () => {
    const many = Array.from({ length: 9000 }, (_, i) => pool(10 * i, 'Alloc', data(`0x${(4096 + i).toString(16)}`)));
    const parsed = await parse(csv(header(), ...many, walked(89_990, KERNEL)));
    const rows = parsed.rows(poolEvent);
    expect(rows.map(({ atUs }) => atUs)).toEqual(many.map((_, i) => i));
    expect(rows.map(({ quote }) => quote.includes('PoolTrace'))).not.toContain(false);
    expect(rows.filter((event) => event.stack !== null).map(({ atUs }) => atUs)).toEqual([8999]);
  });

  it('stay with their rows whatever block these are in, and end with their trace', async () => {
    const filler = `${'x'.repeat(2000)}`;
    const between = Array.from({ length: 1000 }, () => row('Thread', 'Other', START + 5n, `"${filler}"`, { cpu: 9 }));
    const parsed = await parse(csv(header(), pool(100), ...between, walked(100, KERNEL), header(), walked(100, OTHER)));
    expect(stacksOf(parsed)).toEqual([lower(KERNEL)]);
    expect(parsed.rows(poolEvent)[0].quote).toMatch(/^PoolTrace, Alloc, /);
    expect(parsed.rows(callStack)[0].quote).toMatch(/^StackWalk, Stack, /);
  });
});

const NS = 'http://schemas.microsoft.com/win/2004/08/events';
const GUIDS = {
  pool: '0268a8b6-74fd-4302-9dd0-6e8f1795c0cf',
  stack: 'def2fe46-7bd6-4b80-bd94-f57fe20d0ce3',
} as const;

function xmlEvent(guid: string, opcode: number, ticks: number, body: string, cpu = 1): string {
  const time = `2020-01-01T00:00:00.${String(ticks).padStart(7, '0')}00Z`;
  return `<Event xmlns="${NS}/event">
  <System>
    <Provider Guid="{9e814aad-3204-11d2-9a82-006008a86939}" /><EventID>0</EventID><Version>2</Version><Opcode>${opcode}</Opcode>
    <TimeCreated SystemTime="${time}" /><Execution ProcessID="4" ThreadID="16" ProcessorID="${cpu}" />
  </System>
  ${body}
  <RenderingInfo Culture="de-DE"><Opcode>Zuordnung</Opcode></RenderingInfo>
  <ExtendedTracingInfo xmlns="${NS}/trace"><EventGuid>{${guid}}</EventGuid></ExtendedTracingInfo>
</Event>
`;
}
const named = (fields: Readonly<Record<string, string>>): string =>
  `<EventData>${Object.entries(fields)
    .map(([name, value]) => `<Data Name="${name}">${value}</Data>`)
    .join('\n')}</EventData>`;
const LEAK_FIELDS = { Type: '1', Tag: LEAK, NumberOfBytes: '0x40', Entry: '0xFFFF800000001000' };
const XML = `<Events>\n${[
  xmlEvent(GUIDS.pool, 32, 100, named(LEAK_FIELDS)),
  xmlEvent(
    GUIDS.stack,
    32,
    101,
    named({
      EventTimeStamp: '55000000100',
      StackProcess: '0x4',
      StackThread: '0x10',
      Stack1: KERNEL[0],
      Stack2: KERNEL[1],
    }),
  ),
  xmlEvent(GUIDS.pool, 35, 200, named({ ...LEAK_FIELDS, SessionId: '1', Tag: 'Irp ' })),
  // What the exporting machine could not decode, for 64 and 32 bits.
  xmlEvent(
    GUIDS.pool,
    34,
    300,
    '<ProcessingErrorData><ErrorCode>15005</ErrorCode><EventPayload>000200004C65416B2000000000000000001000000080FFFF</EventPayload></ProcessingErrorData>',
  ),
  xmlEvent(
    GUIDS.pool,
    33,
    400,
    '<ProcessingErrorData><ErrorCode>15005</ErrorCode><EventPayload>210000004C65416B200000000010008001000000</EventPayload></ProcessingErrorData>',
  ),
  xmlEvent(
    GUIDS.pool,
    33,
    500,
    '<ProcessingErrorData><ErrorCode>15005</ErrorCode><EventPayload>210000004C65416B2000</EventPayload></ProcessingErrorData>',
  ),
].join('')}</Events>\n`;

describe('pool events of tracerpt -of XML', () => {
  it('are known by GUID and opcode, and have the stacks behind them', async () => {
    const parsed = await parse(XML, TABLES, tracerptXml);
    const rows = parsed.rows(poolEvent);
    expect(rows.map((r) => [r.event, r.operation, r.atUs, r.poolType, r.tag, r.bytes, r.address, r.stack])).toEqual([
      ['Alloc', 'alloc', 0, 'PagedPool', 'LeAk', 64, 0xffff800000001000n, 0],
      ['FreeSession', 'free', 10, 'PagedPool', 'Irp ', 64, 0xffff800000001000n, null],
      ['Free', 'free', 20, 'NonPagedPoolNx', 'LeAk', 32, 0xffff800000001000n, null],
      ['AllocSession', 'alloc', 30, 'PagedPoolSession', 'LeAk', 32, 0x80001000n, null],
    ]);
    expect(stackOf(parsed, 0)).toEqual(lower(KERNEL));
    expect(rows.map(({ sessionId }) => sessionId)).toEqual([null, 1, null, 1]);
    expect(rows.map(({ pid, tid, cpu }) => [pid, tid, cpu])).toEqual(rows.map(() => [4, 16, 1]));
    expect(rows[0].quote).toMatch(/^<Event><System>.*Tag">1799447884<.*<\/Event>$/s);
    expect(parsed.account).toEqual({ unit: 'record', read: 6, rows: 5, skipped: 1, ignored: 0 });
    expect(codesOf(parsed)).toEqual(['undecoded-event']);
  });
});

describe('damaged exports with pool events', () => {
  const texts = [
    csv(
      header(),
      pool(100),
      walked(100, KERNEL),
      pool(200, 'FreeSession', `${data()}, 1`),
      walked(200, [...KERNEL, ...USER]),
    ),
  ];

  it('CSV: never throw, and account for every record', async () => {
    await survivesDamage((bytes) => parse(bytes), texts, { put: oneOf(0, 10, 34, 44, 48, 88, 255), maxEdits: 6 });
  });

  it('XML: never throw, and account for every event', async () => {
    const damage = { put: oneOf(0, 10, 34, 48, 60, 62, 88, 255), maxEdits: 4 };
    await survivesDamage((bytes) => parse(bytes, TABLES, tracerptXml), [XML], damage);
  });

  it('no fields make it throw', async () => {
    const text = fc.string({ maxLength: 20 }).map((s) => s.replace(/[\r\n]/g, ' '));
    await fc.assert(
      fc.asyncProperty(fc.array(text, { maxLength: 6 }), fc.array(text, { maxLength: 6 }), async (a, b) => {
        const stackRow = row('StackWalk', 'Stack', START + 101n, b.join(', '), ME);
        expect(addsUp(await parse(csv(header(), pool(100, 'Alloc', a.join(', ')), stackRow)))).toBe(true);
      }),
      { numRuns: 100 },
    );
  });
});
