import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tracerptCsv } from '../parsers/tracerpt-csv.js';
import { tracerptXml } from '../parsers/tracerpt-xml.js';
import { analyzeDpc } from '../src/analyze.js';
import { open } from '../src/open.js';
import { dpcIsr } from '../src/tables/dpc-isr.js';
import { genericEvent } from '../src/tables/event.js';
import { codesOf, type Parsed, parseWith } from './support/parse.js';

const COLUMNS =
  'Event Name, Type, Event ID, Version, Channel, Level, Opcode, Task, Keyword, PID, TID, Processor Number, Instance ID, ' +
  'Parent Instance ID, Activity ID, Related Activity ID, Clock-Time, Kernel(ms), User(ms), User Data';
/** 2020-01-01T00:00:00Z. */
const START = 132223104000000000n;
/** The performance counter at that instant. */
const FIRST_TICK = 987_654_321_012n;

/** A run whose begin and end are known in 100 ns units from the start of the trace. */
interface TrueRun {
  readonly begin: number;
  readonly end: number;
  readonly cpu: number;
}

interface FileOptions {
  readonly perfFreq?: number;
  readonly clockType?: number;
  /** Added to InitialTime, by time in 100 ns units. */
  readonly drift?: (at: number) => number;
}

const ticksOf = (at: number, { perfFreq = 10_000_000, drift = () => 0 }: FileOptions): bigint =>
  FIRST_TICK + BigInt(Math.round(((at + drift(at)) * perfFreq) / 1e7));

function csvRow(name: string, type: string, cpu: number, clock: bigint, data: string): string {
  const none = '0xFFFFFFFF';
  return `${name.padStart(12)}, ${type.padStart(10)}, 0, 2, 0, 0, 68, 0, 0x0, ${none}, ${none}, ${cpu}, , , {0}, , ${clock}, 0, 0, ${data}`;
}

const csvHeader = ({ perfFreq = 10_000_000, clockType = 1 }: FileOptions, start = START): string =>
  csvRow(
    'EventTrace',
    'Header',
    0,
    start,
    `65536, 83951626, 19041, 4, ${start + 600_000_000n}, 156250, 0, 0x1, 7, 1, 8, 0, 2995, 0x0, 0x0, ${start - 9n}, ` +
      `${perfFreq}, ${start}, 0x${clockType}, 0, "NT Kernel Logger", "C:\\trace.etl"`,
  );

const csvRun = (run: TrueRun, options: FileOptions, start = START): string =>
  csvRow('PerfInfo', 'DPC', run.cpu, start + BigInt(run.end), `${ticksOf(run.begin, options)}, 0xFFFFF8034A6D1230`);

const csvRuns = (runs: readonly TrueRun[], options: FileOptions, start = START): string[] =>
  runs.map((run) => csvRun(run, options, start));

const csvFile = (rows: readonly string[]): string => `${[COLUMNS, ...rows].join('\r\n')}\r\n`;
const csv = (runs: readonly TrueRun[], options: FileOptions = {}): string =>
  csvFile([csvHeader(options), ...csvRuns(runs, options)]);

const parse = (text: string): Promise<Parsed> => parseWith(tracerptCsv, { bytes: text });

/** `n` runs by end, 1 ms apart, on 4 CPUs: 0.4 µs, and from 1.3 to 250 µs. */
function someRuns(n: number): TrueRun[] {
  return Array.from({ length: n }, (_, i) => {
    const end = 10_000 + i * 10_000;
    const length = i % 50 === 7 ? 4 : 13 + ((i * 7919) % 2488);
    return { begin: end - length, end, cpu: i % 4 };
  });
}

/** Only dpc_isr wanted, as the command line has it. */
async function answer(text: string): Promise<Awaited<ReturnType<typeof analyzeDpc>>> {
  const dir = mkdtempSync(join(tmpdir(), 'tracekit-'));
  try {
    writeFileSync(join(dir, 'x.csv'), text);
    return await analyzeDpc(await open([join(dir, 'x.csv')]));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

describe('runs in ticks of the performance counter beside FILETIMEs', () => {
  it('are short by exactly the length of the shortest one', async () => {
    const truth = someRuns(400);
    const parsed = await parse(csv(truth));
    const rows = parsed.rows(dpcIsr);
    expect(rows).toHaveLength(400);
    for (const [i, { begin, end, cpu }] of truth.entries()) {
      expect(rows[i].durationUs).toBeCloseTo((end - begin - 4) / 10, 3);
      expect((rows[i].startUs as number) + (rows[i].durationUs as number)).toBeCloseTo(end / 10, 3);
      expect([rows[i].cpu, rows[i].line]).toEqual([cpu, i + 3]);
    }
    expect(codesOf(parsed)).toEqual(['assumed-clock']);
    expect(parsed.diagnostics[0]).toMatchObject({ severity: 'warning', count: 400, line: 3 });
    // 12 parts: the shortest run of the one that has the longest shortest run takes 8.9 µs, that of the trace 0.4.
    const parts = Array.from({ length: 12 }, (_, part) =>
      truth.filter((_, i) => Math.floor((i * 12) / 400) === part).map(({ begin, end }) => end - begin),
    );
    expect(Math.max(...parts.map((lengths) => Math.min(...lengths)))).toBe(89);
    expect(parsed.diagnostics[0].message).toMatch(/agree within 8\.5 µs$/);
    expect(parsed.about.notes[0]).toContain('short by what the shortest run took');
    expect(parsed.account).toEqual({ unit: 'record', read: 402, rows: 401, skipped: 0, ignored: 1 });
  });

  it('quote the very text of their rows', async () => {
    const truth = someRuns(200);
    const parsed = await parse(csv(truth));
    const lines = csvRuns(truth, {}).map((line) => line.trim().replace(/ {2,}/g, ' '));
    expect(parsed.rows(dpcIsr).map(({ quote }) => quote)).toEqual(lines);
    const odd = csvFile([
      csvHeader({}),
      ...csvRuns(truth.slice(0, 100), {}).map((line) => line.replace(/(\d{12}), 0xF/, '000$1, 0xF')),
      ...csvRuns(truth.slice(100), {}).map((line, i) => line.replace('0xFFFFFFFF', `\u0001${i}`)),
    ]);
    const oddRows = (await parse(odd)).rows(dpcIsr);
    expect(oddRows[3].quote).toContain(`, 000${ticksOf(truth[3].begin, {})}, 0x`);
    expect(oddRows[103].quote).toContain('\u00013,');
    expect(oddRows).toHaveLength(200);
  });

  it('have a bound on the shortage proved by DPCs that followed each other', async () => {
    // One CPU, a gap of 1.5 µs somewhere: short by 0.4, which cannot be more than 0.4 + 1.5 + 2 steps of 0.1.
    const truth = someRuns(200).map((run) => ({ ...run, cpu: 0 }));
    truth[100] = { ...truth[100], begin: truth[99].end + 15 };
    const parsed = await parse(csv(truth));
    expect(parsed.about.notes[0]).toMatch(/at most 2\.[12] µs/);
    // Overlaps prove nothing.
    truth[100] = { ...truth[100], begin: truth[99].end - 900 };
    expect((await parse(csv(truth))).about.notes[0]).toContain('not proved');
  });

  it('are found at any rate of the counter, and within its steps', async () => {
    for (const perfFreq of [3_579_545, 14_318_180, 24_000_000]) {
      const truth = someRuns(300);
      const rows = (await parse(csv(truth, { perfFreq }))).rows(dpcIsr);
      expect(rows).toHaveLength(300);
      const step = 1e6 / perfFreq;
      for (const [i, { begin, end }] of truth.entries()) {
        expect(Math.abs((rows[i].durationUs as number) - (end - begin - 4) / 10)).toBeLessThanOrEqual(step + 0.002);
      }
    }
  });

  it('are refused where the relation drifts', async () => {
    // 200 µs over the 4 s of the trace: a counter whose rate is not the one printed.
    const drift = (at: number): number => at * 5e-5;
    const parsed = await parse(csv(someRuns(4000), { drift }));
    expect(parsed.rows(dpcIsr)).toEqual([]);
    expect(parsed.diagnostics).toMatchObject([
      { code: 'no-clock-relation', severity: 'data-loss', count: 4000, line: 3 },
    ]);
    expect(parsed.diagnostics[0].message).toMatch(/drifts by \d+(\.\d)? µs\)\. Export again .* dumper$/);
    expect(parsed.diagnostics[0].examples).toHaveLength(3);
    // 20 µs are let pass, and said.
    const slow = await parse(csv(someRuns(4000), { drift: (at) => at * 5e-6 }));
    expect(slow.rows(dpcIsr)).toHaveLength(4000);
    expect(slow.about.notes[0]).toMatch(/agree within 1\d(\.\d)? µs/);
  });

  it('are refused where one is damaged so that it ends before it begins', async () => {
    const truth = someRuns(400);
    truth[222] = { ...truth[222], begin: truth[222].end + 50_000 };
    const parsed = await parse(csv(truth));
    expect(codesOf(parsed)).toEqual(['no-clock-relation']);
  });

  it('are not guessed from few runs, nor without the rate of the counter', async () => {
    expect(codesOf(await parse(csv(someRuns(63))))).toEqual(['no-clock-relation']);
    expect((await parse(csv(someRuns(64)))).rows(dpcIsr)).toHaveLength(64);
    expect(codesOf(await parse(csv(someRuns(400), { perfFreq: 0 })))).toEqual(['no-clock-relation']);
    const headless = csvFile(csvRuns(someRuns(400), {}));
    expect(codesOf(await parse(headless))).toEqual(['no-clock-relation']);
  });

  it('are counted once, as rows or as skipped', async () => {
    const good = await answer(csv(someRuns(400)));
    expect(good.sources[0].account).toEqual({ unit: 'record', read: 402, rows: 400, skipped: 0, ignored: 2 });
    expect(good.result.modules[0]).toMatchObject({ count: 400 });
    expect(good.result.occurrences[0].evidence[0].quote).toMatch(/^PerfInfo, DPC, 0, .*, 0xFFFFF8034A6D1230$/);
    const few = await answer(csv(someRuns(20)));
    expect(few.sources[0].account).toEqual({ unit: 'record', read: 22, rows: 0, skipped: 20, ignored: 2 });
  });

  it('of traces put one behind the other have a relation each', async () => {
    const truth = someRuns(100);
    const second = START + 864_000_000_000n;
    const text = csvFile([
      csvHeader({}),
      ...csvRuns(truth, {}),
      csvHeader({ perfFreq: 3_000_000 }, second),
      ...csvRuns(truth, { perfFreq: 3_000_000 }, second),
    ]);
    const rows = (await parse(text)).rows(dpcIsr);
    expect(rows).toHaveLength(200);
    for (const [i, { begin, end }] of truth.entries()) {
      expect(rows[i].durationUs).toBeCloseTo((end - begin - 4) / 10, 3);
      expect(Math.abs((rows[100 + i].durationUs as number) - (end - begin - 4) / 10)).toBeLessThan(0.4);
    }
  });

  it('come in the order in which they ended on their CPU', async () => {
    const truth = someRuns(200);
    [truth[50], truth[54]] = [truth[54], truth[50]];
    const parsed = await parse(csv(truth));
    const lines = parsed.rows(dpcIsr).map(({ line }) => line);
    expect([lines[50], lines[54]]).toEqual([57, 53]);
    expect(codesOf(parsed)).toEqual(['assumed-clock']);
  });

  it('stay as they are where the header relates the scales', async () => {
    const header = csvHeader({}).replace(`, ${START}, 0, 0, 65536`, `, ${FIRST_TICK}, 0, 0, 65536`);
    expect(header).not.toBe(csvHeader({}));
    const truth = someRuns(100);
    const parsed = await parse(csvFile([header, ...csvRuns(truth, {})]));
    expect(codesOf(parsed)).toEqual([]);
    for (const [i, { durationUs }] of parsed.rows(dpcIsr).entries()) {
      expect(durationUs).toBeCloseTo((truth[i].end - truth[i].begin) / 10, 3);
    }
  });

  it('never come out long, nor short by more than the shortest, whatever they are', async () => {
    const run = fc.record({
      gap: fc.integer({ min: 0, max: 100_000 }),
      length: fc.integer({ min: 0, max: 400 }),
      cpu: fc.nat(3),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(run, { minLength: 64, maxLength: 300 }), async (drawn) => {
        let at = 0;
        const truth = drawn.map(({ gap, length, cpu }) => {
          at += gap;
          return { begin: at - length, end: at, cpu };
        });
        const shortest = Math.min(...drawn.map(({ length }) => length)) / 10;
        const parsed = await parse(csv(truth));
        const rows = parsed.rows(dpcIsr);
        expect(rows).toHaveLength(truth.length);
        const byLine = new Map(rows.map((row) => [row.line, row.durationUs as number]));
        for (const [i, { begin, end }] of truth.entries()) {
          const missing = (end - begin) / 10 - (byLine.get(i + 3) as number);
          expect(missing).toBeGreaterThanOrEqual(-0.002);
          expect(missing).toBeLessThanOrEqual(shortest + 0.002);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('add up and never throw, whatever bytes are changed', async () => {
    const source = Buffer.from(csv(someRuns(80)));
    const edit = fc.tuple(fc.nat(source.length - 1), fc.constantFrom(0, 1, 10, 34, 44, 48, 57, 255));
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { maxLength: 12 }), fc.nat(source.length), async (edits, length) => {
        const bytes = Buffer.from(source);
        for (const [at, value] of edits) bytes[at] = value;
        const { account, rows } = await parseWith(tracerptCsv, { bytes: bytes.subarray(0, length) });
        expect(account.read).toBe(account.rows + account.skipped + account.ignored);
        for (const { durationUs } of rows(dpcIsr)) expect(durationUs).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 80 },
    );
  });
});

describe('the same in XML', () => {
  const NS = 'http://schemas.microsoft.com/win/2004/08/events';
  const iso = (at: number, zone: string): string =>
    `2020-01-01T00:00:0${Math.floor(at / 1e7)}.${String(at % 1e7).padStart(7, '0')}00${zone}`;
  const event = (guid: string, opcode: number, time: string, data: Record<string, string>): string =>
    `<Event xmlns="${NS}/event"><System><EventID>0</EventID><Version>2</Version><Opcode>${opcode}</Opcode>` +
    `<TimeCreated SystemTime="${time}" /><Execution ProcessID="0" ThreadID="0" ProcessorID="0" /></System>` +
    `<EventData>${Object.entries(data)
      .map(([name, value]) => `<Data Name="${name}">${value}</Data>`)
      .join('')}</EventData><ExtendedTracingInfo><EventGuid>{${guid}}</EventGuid></ExtendedTracingInfo></Event>\n`;
  const header = (zone: string): string =>
    event('68fdd900-4a3e-11d1-84f4-0000f80464e3', 0, iso(0, zone), {
      PerfFreq: '10000000',
      StartTime: String(START),
      ReservedFlags: '0x1',
    });
  const run = ({ begin, end }: TrueRun, zone: string): string =>
    event('ce1dbfb4-137e-4da6-87b0-3f59aa102cbc', 68, iso(end, zone), {
      InitialTime: String(ticksOf(begin, {})),
      Routine: '0xFFFFF8034A6D1230',
    });

  it('gives the same durations, and quotes the text, in any zone', async () => {
    const truth = someRuns(200);
    for (const zone of ['Z', '+01:59', '-08:00']) {
      const events = truth.map((r) => run(r, zone));
      const text = `<Events>\n${header(zone)}${events.join('')}</Events>\n`;
      const parsed = await parseWith(tracerptXml, { bytes: text });
      const rows = parsed.rows(dpcIsr);
      expect(codesOf(parsed)).toEqual(['assumed-clock']);
      expect(parsed.rows(genericEvent)).toHaveLength(201);
      expect(rows.map(({ durationUs }) => Math.round((durationUs as number) * 10))).toEqual(
        truth.map(({ begin, end }) => end - begin - 4),
      );
      expect(rows.map(({ quote }) => quote)).toEqual(events.map((e) => e.trim().replace(/ xmlns="[^"]*"/g, '')));
    }
  });
});
