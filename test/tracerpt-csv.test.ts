import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { splitFields } from '../parsers/tracerpt-csv/user-data.js';
import { tracerptCsv } from '../parsers/tracerpt-csv.js';
import { Diagnostics } from '../src/core/diagnostic.js';
import { NO_CLOCK, NO_DECODING, Output } from '../src/core/parser.js';
import { inputsOf } from '../src/core/source.js';
import { rowAt } from '../src/core/table.js';
import { prefixOf } from '../src/open.js';
import { cswitch } from '../src/tables/cswitch.js';
import { dpcIsr } from '../src/tables/dpc-isr.js';
import { genericEvent } from '../src/tables/event.js';
import { image } from '../src/tables/image.js';
import { processTable } from '../src/tables/process.js';
import { readyThread } from '../src/tables/ready-thread.js';
import { sampledProfile } from '../src/tables/sampled-profile.js';
import { stack } from '../src/tables/stack.js';
import { threadTable } from '../src/tables/thread.js';
import { addsUp, oneOf, survivesDamage } from './support/damage.js';
import { codesOf, type Parsed, parseWith, sniffText } from './support/parse.js';
import { realFile } from './support/shared.js';

const COLUMNS =
  '  Event Name,       Type,     Event ID,    Version,    Channel,      Level,     Opcode,       Task,            Keyword,' +
  '        PID,        TID,     Processor Number,  Instance ID,   Parent Instance ID,      Activity ID,' +
  '      Related Activity ID,           Clock-Time, Kernel(ms),   User(ms), User Data';

/** 2020-01-01T00:00:00Z: 13 222 310 400 seconds after 1601, computed with `date -u -d 2020-01-01 +%s` + 11644473600. */
const START = 132223104000000000n;
const NOWHERE = '0xFFFFFFFF';

interface RowOptions {
  readonly id?: number;
  readonly version?: number;
  readonly opcode?: number;
  readonly pid?: string;
  readonly tid?: string;
  readonly cpu?: number;
}

function row(name: string, type: string, clock: bigint | string, data: string, options: RowOptions = {}): string {
  const { id = 0, version = 2, opcode = 0, pid = NOWHERE, tid = NOWHERE, cpu = 0 } = options;
  return (
    `${name.padStart(12)}, ${type.padStart(10)}, ${id}, ${version}, 0, 0, ${opcode}, 0, 0x0000000000000000, ${pid}, ${tid}, ` +
    `${cpu}, , , {00000000-0000-0000-0000-000000000000}, ,   ${clock}, 0, 0${data === '' ? '' : `, ${data}`}`
  );
}

const HEADER_DATA = (start: bigint | string = START, end: bigint | string = START + 10_000_000n): string =>
  `65536, 83951626, 19041, 4, ${end}, 156250, 0, 0x10002, 7, 1, 8, 12, 2995, 0x0, 0x0, ${START - 999n}, 10000000, ` +
  `${start}, 0x1, 3, "NT Kernel Logger", "C:\\trace.etl"`;

const header = (clock: bigint | string = START): string => row('EventTrace', 'Header', clock, HEADER_DATA());
const csv = (...rows: string[]): string => `${[COLUMNS, ...rows].join('\r\n')}\r\n`;
const parse = (text: string | Uint8Array): Promise<Parsed> => parseWith(tracerptCsv, { bytes: text });

const REAL = realFile('tracerpt-csv/zephyrus-acpi-providers.tracerpt.csv');

describe('the real trace of the ACPI providers', () => {
  it.skipIf(REAL === null)('is claimed and accounted for to the record', async () => {
    const stream = await (await inputsOf(REAL as string))[0].open();
    expect(tracerptCsv.sniff(prefixOf(stream))).toEqual({ claims: true });
    stream.close();
    const parsed = await parseWith(tracerptCsv, { path: REAL as string });
    expect(parsed.account).toEqual({ unit: 'record', read: 9350, rows: 9349, skipped: 0, ignored: 1 });
    expect(parsed.diagnostics).toEqual([]);
    expect(Object.fromEntries([...parsed.events].map(([name, { count }]) => [name, count]))).toEqual({
      'EventTrace/Header': 1,
      'EventTrace/PartitionInfoExtensionV2': 1,
      'EventTrace/BuildInfo': 1,
      'EventTrace/DbgIdRSDS': 1,
      'Microsoft-Windows-Kernel-Acpi/7': 6582,
      'Microsoft-Windows-Kernel-Acpi/23': 2725,
      'Microsoft-Windows-Kernel-Acpi/2': 38,
    });
    expect(parsed.about).toMatchObject({
      machine: { os: '10.0.26100', build: 26100, cpus: 20 },
      eventsLost: 0,
      buffersLost: 0,
      truncated: false,
      session: { name: 'ACPITrace', bufferBytes: 8192, buffers: 151, pointerBytes: 8 },
    });
  });

  it.skipIf(REAL === null)('gives every row the time, place and data that its own line has', async () => {
    const lines = readFileSync(REAL as string, 'latin1').split('\r\n');
    const rows = (await parseWith(tracerptCsv, { path: REAL as string })).rows(genericEvent);
    const start = 134024561252858400n;
    for (const { line, atUs, fields, byte, pid } of rows) {
      const text = lines[(line as number) - 1];
      const cells = text.split(',');
      expect(atUs).toBeCloseTo(Number(BigInt(cells[16].trim()) - start) / 10, 3);
      expect(fields).toBe(cells.slice(19).join(',').trim());
      expect(byte).toBe(lines.slice(0, (line as number) - 1).reduce((sum, l) => sum + l.length + 2, 0));
      expect(pid).toBe(cells[9].includes('FFFFFFFF') ? null : Number(cells[9]));
      if ((line as number) > 300) break;
    }
    expect(rows.map(({ line }) => line)).toEqual(Array.from({ length: 9349 }, (_, i) => i + 2));
  });
});

describe('DPC and ISR rows', () => {
  it('take InitialTime as start and Clock-Time as end, in 100 ns', async () => {
    const parsed = await parse(
      csv(
        header(),
        row('PerfInfo', 'DPC', START + 2000n, `${START + 1877n}, 0xFFFFF8034A6D1230`, { opcode: 68, cpu: 3 }),
        row('PerfInfo', 'TimerDPC', START + 3000n, `${START + 3000n}, 0x00000000804A6D12`, { opcode: 69 }),
        row('PerfInfo', 'ThreadDPC', START + 5_000_000n, `${START + 4000n}, 0xFFFFF8034A6D1230`),
        row('PerfInfo', 'ISR', START + 5_000_100n, `${START + 5_000_001n}, 0xFFFFF80310002000, 1, 177, 0`),
        row('PerfInfo', 'ISR-MSI', START + 5_000_200n, `${START + 5_000_150n}, 0xFFFFF80310003000, 0, 161, 0, 4`),
      ),
    );
    const runs = parsed
      .rows(dpcIsr)
      .map((r) => [r.kind, r.type, r.startUs, r.durationUs, r.cpu, r.vector, r.messageIndex, r.routine, r.module]);
    expect(runs).toEqual([
      ['DPC', 'DPC', 187.7, 12.3, 3, null, null, '0xfffff8034a6d1230', null],
      ['DPC', 'TimerDPC', 300, 0, 0, null, null, '0x804a6d12', null],
      ['DPC', 'ThreadedDPC', 400, 499_600, 0, null, null, '0xfffff8034a6d1230', null],
      ['ISR', 'ISR', 500_000.1, 9.9, 0, 177, null, '0xfffff80310002000', null],
      ['ISR', 'ISR-MSI', 500_015, 5, 0, 161, 4, '0xfffff80310003000', null],
    ]);
    expect(parsed.rows(dpcIsr)[0].address).toBe(0xfffff8034a6d1230n);
    expect(parsed.rows(dpcIsr)[0].quote).toContain('0xFFFFF8034A6D1230');
    // The header line is ignored; every record is counted once though it fills two tables.
    expect(parsed.account).toEqual({ unit: 'record', read: 7, rows: 6, skipped: 0, ignored: 1 });
    expect(parsed.rows(genericEvent)).toHaveLength(6);
  });

  it('say what the header says', async () => {
    const { about } = await parse(csv(header()));
    expect(about).toMatchObject({
      clock: { startUtc: '2020-01-01T00:00:00.0000000Z', zone: 'UTC', resolutionNs: 100, uncertaintyMs: 15.625 },
      machine: { os: '10.0.19041', build: 19041, cpus: 4 },
      span: { startUs: 0, endUs: 1_000_000 },
      eventsLost: 12,
      buffersLost: 3,
      session: { name: 'NT Kernel Logger', mode: '0x10002 (circular)', bufferBytes: 65536, buffers: 7 },
    });
    expect(about.lossPlace?.line).toBe(2);
  });

  it('are in ticks of the performance counter under -rts', async () => {
    const rts = row('EventTrace', 'Header', 5_000_000_000n, HEADER_DATA().replace(' 10000000,', ' 3000000,'));
    const parsed = await parse(csv(rts, row('PerfInfo', 'DPC', 5_000_003_000n, '5000001500, 0xFFFFF8034A6D1230')));
    expect(parsed.rows(dpcIsr)).toMatchObject([{ startUs: 500, durationUs: 500 }]);
    expect(parsed.about.clock.startUtc).toBe('2020-01-01T00:00:00.0000000Z');
    expect(parsed.about.clock.resolutionNs).toBeCloseTo(1000 / 3, 9);
  });

  it('are related through the header where InitialTime is a FILETIME and Clock-Time is not', async () => {
    const rts = header(5_000_000_000n);
    const parsed = await parse(
      csv(rts, row('PerfInfo', 'DPC', 5_000_003_000n, `${START + 1000n}, 0xFFFFF8034A6D1230`)),
    );
    expect(parsed.rows(dpcIsr)).toMatchObject([{ startUs: 100, durationUs: 200 }]);
  });

  it('are not guessed where nothing relates InitialTime to Clock-Time', async () => {
    const text = csv(header(), row('PerfInfo', 'DPC', START + 3000n, '5000001500, 0xFFFFF8034A6D1230'));
    const parsed = await parse(text);
    expect(parsed.rows(dpcIsr)).toEqual([]);
    expect(parsed.diagnostics).toMatchObject([{ code: 'no-clock-relation', severity: 'data-loss', line: 3 }]);
    const alone = await onlyDpc(text);
    expect(alone.account).toEqual({ unit: 'record', read: 3, rows: 0, skipped: 1, ignored: 2 });
  });

  it('are passed over where they cannot be so', async () => {
    const alone = await onlyDpc(
      csv(
        header(),
        row('PerfInfo', 'DPC', START + 3000n, `${START + 3001n}, 0xFFFFF8034A6D1230`),
        row('PerfInfo', 'DPC', START + 3000n, `${START + 2000n}, ndis.sys`),
        row('PerfInfo', 'DPC', START + 3000n, `yesterday, 0xFFFFF8034A6D1230`),
        row('PerfInfo', 'DPC', START + 3000n, `${START + 2000n}`),
        row('PerfInfo', 'DPC', 'n/a', `${START + 2000n}, 0xFFFFF8034A6D1230`),
      ),
    );
    expect(alone.account).toEqual({ unit: 'record', read: 7, rows: 0, skipped: 5, ignored: 2 });
    expect(alone.codes).toEqual(['ends-before-start', 'bad-field', 'unknown-layout', 'bad-clock-time']);
  });

  it('out of order on their CPU are told', async () => {
    const at = (clock: bigint, cpu: number): string =>
      row('PerfInfo', 'DPC', clock, `${clock - 10n}, 0xFFFFF8034A6D1230`, { cpu });
    const parsed = await parse(csv(header(), at(START + 900n, 0), at(START + 500n, 1), at(START + 800n, 0)));
    expect(parsed.rows(dpcIsr)).toHaveLength(3);
    expect(parsed.diagnostics).toMatchObject([{ code: 'time-inversion', count: 1, line: 5 }]);
  });
});

/** Only dpc_isr wanted: the other rows are ignored. */
async function onlyDpc(text: string): Promise<{ account: Parsed['account']; codes: string[]; rows: object[] }> {
  const rows: object[] = [];
  const diagnostics = new Diagnostics('s1');
  const out = new Output(0, diagnostics, (table) =>
    table === dpcIsr ? [(b) => rows.push(...Array.from({ length: b.n }, (_, i) => rowAt(b, i)))] : [],
  );
  const bytes = Buffer.from(text);
  let done = false;
  const block = { bytes, start: 0, overlong: null };
  await tracerptCsv.parse(
    {
      encoding: 'utf-8',
      container: null,
      head: bytes,
      headIsAll: true,
      async *blocks() {
        if (!done) yield block;
        done = true;
      },
      random: () => Promise.reject(new Error('not asked for')),
      progress: () => ({ read: 0, total: null }),
      troubles: [],
      close() {},
    },
    out,
    {
      dpcTimestamp: 'end',
      census: false,
      inTime: false,
      kernelSamplesOnly: false,
      eventFilter: null,
      decoding: NO_DECODING,
      clock: NO_CLOCK,
    },
  );
  out.flush();
  return { account: out.account, codes: diagnostics.list().map(({ code }) => code), rows };
}

describe('other kernel rows', () => {
  it('fill the image table, with 4, 12 or 14 fields', async () => {
    const begin = '0xFFFFF80310000000, 0x200000';
    const parsed = await parse(
      csv(
        header(),
        row(
          'Image',
          'DCStart',
          START,
          `${begin}, 0, 1234, 1577836800, 0, 0x1C0000000, 0, 0, 0, 0, "\\Windows\\a, b.sys"`,
        ),
        row('Image', 'Load', START + 10n, `${begin}, 4, 1, 5, 12, 1, 0, 0x0, 0, 0, 0, 0, "\\x.sys"`, { version: 3 }),
        row('Image', 'UnLoad', START + 20n, `${begin}, 0x10, "y.sys"`, { version: 1 }),
        row('Image', 'Load', START + 20n, `${begin}, "z.sys"`, { version: 0 }),
      ),
    );
    const base = { base: 0xfffff80310000000n, end: 0xfffff80310200000n };
    expect(parsed.rows(image)).toMatchObject([
      { ...base, event: 'rundown-start', atUs: 0, pid: 0, timeDateStamp: 1577836800, path: '\\Windows\\a, b.sys' },
      { ...base, event: 'load', atUs: 1, pid: 4, timeDateStamp: 5, path: '\\x.sys' },
      { ...base, event: 'unload', atUs: 2, pid: 16, timeDateStamp: null, path: 'y.sys' },
    ]);
    expect(codesOf(parsed)).toEqual(['unknown-layout']);
  });

  it('fill the thread, process, sample and stack tables', async () => {
    const parsed = await parse(
      csv(
        header(),
        row('Thread', 'CSwitch', START + 10n, '0x1A4, 0x0, 8, 0, 1, 0, 6, 0, 5, 0, 1, 0', { cpu: 2 }),
        row('Thread', 'ReadyThread', START + 20n, '0x1A4, 1, 2, 1, 0', { pid: '0x00000004', tid: '0x00000010' }),
        row(
          'Thread',
          'Start',
          START + 30n,
          '0x10EC, 0x1A4, 0x1, 0x2, 0x3, 0x4, 0x5, 0x7FF612340000, 0x6, 0x0, 8, 5, 2, 0',
        ),
        row(
          'Process',
          'Start',
          START + 40n,
          '0xFFFF8A0001, 0x10EC, 0x4, 1, 259, 0x1000, 0, "\\\\NT\\SYSTEM", "a.exe", ""C:\\a.exe" -x, 1", "", ""',
          { version: 4 },
        ),
        row('PerfInfo', 'SampleProf', START + 50n, '0xFFFFF80310001000, 420, 1, 64', { cpu: 1 }),
        row('StackWalk', 'Stack', START + 51n, `${START + 50n}, 0x10EC, 420, 0xFFFFF80310001000, 0x7FF612340010`),
      ),
    );
    expect(codesOf(parsed)).toEqual([]);
    expect(parsed.rows(cswitch)).toMatchObject([
      { atUs: 1, cpu: 2, newTid: 420, oldTid: 0, newPriority: 8, oldState: 'Waiting', waitReason: 'UserRequest' },
    ]);
    expect(parsed.rows(cswitch)[0]).toMatchObject({ newPid: null, waitUs: null });
    expect(parsed.rows(readyThread)).toMatchObject([{ atUs: 2, pid: 4, tid: 16, readyTid: 420, inDpc: '1' }]);
    expect(parsed.rows(threadTable)).toMatchObject([
      { event: 'start', pid: 4332, tid: 420, startRoutine: '0x7ff612340000' },
    ]);
    expect(parsed.rows(processTable)).toMatchObject([
      { event: 'start', process: 'a.exe', pid: 4332, parentPid: 4, sessionId: 1, commandLine: '"C:\\a.exe" -x, 1' },
    ]);
    expect(parsed.rows(sampledProfile)).toMatchObject([{ atUs: 5, cpu: 1, tid: 420, routine: '0xfffff80310001000' }]);
    expect(parsed.rows(stack)).toMatchObject([
      { atUs: 5, tid: 420, frame: 1, address: 0xfffff80310001000n },
      { atUs: 5, tid: 420, frame: 2, address: 0x7ff612340010n },
    ]);
  });

  it('tell of losses inside the trace', async () => {
    const parsed = await parse(csv(header(), row('Lost_Event', 'RT_LostEvent', START + 10n, '')));
    expect(parsed.diagnostics).toMatchObject([{ code: 'lost-in-trace', severity: 'data-loss', line: 3 }]);
  });
});

describe('records', () => {
  const text = (data: string, clock = START): string => row('Prov', '0', clock, data, { id: 9 });

  it('may run over several lines within quotes', async () => {
    const parsed = await parse(csv(text('1, "two\nlines, and\r\nthree"'), text('"next"')));
    expect(parsed.account).toEqual({ unit: 'record', read: 3, rows: 2, skipped: 0, ignored: 1 });
    expect(parsed.rows(genericEvent).map(({ line, fields }) => [line, fields])).toEqual([
      [2, '1, "two\nlines, and\r\nthree"'],
      [5, '"next"'],
    ]);
  });

  it('of several lines are put together across blocks', async () => {
    const filler = 'x'.repeat(700);
    const n = 5000;
    const rows = Array.from({ length: n }, (_, i) => text(`${i}, "${filler}\n${filler}"`, START + BigInt(i)));
    const parsed = await parse(csv(...rows));
    expect(parsed.account).toEqual({ unit: 'record', read: n + 1, rows: n, skipped: 0, ignored: 1 });
    const got = parsed.rows(genericEvent);
    expect(
      got.every((r, i) => r.line === 2 + 2 * i && r.fields?.startsWith(`${i}, "x`) && r.fields.endsWith('x"')),
    ).toBe(true);
    expect(got.every((r) => r.quote.startsWith('Prov, 0, 9'))).toBe(true);
  });

  it('with a quote too many cost only themselves', async () => {
    const parsed = await parse(csv(text('"never closed'), text('"a"'), text('"b"')));
    expect(parsed.rows(genericEvent).map(({ line }) => line)).toEqual([2, 3, 4]);
    expect(codesOf(parsed)).toEqual(['quote-not-closed']);
    expect(addsUp(parsed)).toBe(true);
  });

  it('cut at the end of the file are told', async () => {
    const whole = csv(header(), text('"abc"'), text('"def"'));
    const inColumns = await parse(whole.slice(0, whole.length - 60));
    expect(inColumns.about.truncated).toBe(true);
    expect(codesOf(inColumns)).toEqual(['truncated']);
    const inQuotes = await parse(whole.slice(0, whole.length - 4));
    expect(inQuotes.account).toMatchObject({ read: 4, rows: 2, skipped: 1 });
    expect(codesOf(inQuotes)).toEqual(['truncated']);
    const inAddress = csv(header(), row('PerfInfo', 'DPC', START + 9n, `${START}, 0xFFFFF8034A6D1230`)).slice(0, -5);
    expect((await parse(inAddress)).rows(dpcIsr)).toEqual([]);
    const noLineEnd = csv(header(), row('PerfInfo', 'DPC', START + 9n, `${START}, 0xFFFFF8034A6D1230`)).slice(0, -2);
    expect((await parse(noLineEnd)).rows(dpcIsr)).toHaveLength(1);
  });

  it('are read by the names of their columns', async () => {
    const swapped = 'Clock-Time, TID, Event Name, Processor Number, Type, User Data';
    const parsed = await parse(
      `${swapped}\n${START + 50n}, 0x0010, PerfInfo, 5, DPC, ${START}, 0xFFFFF8034A6D1230\n\nEvent Name, x\n`,
    );
    expect(parsed.rows(dpcIsr)).toMatchObject([{ cpu: 5, startUs: -5, durationUs: 5 }]);
    expect(parsed.rows(genericEvent)).toMatchObject([{ tid: 16, pid: null, id: null, version: null }]);
    expect(parsed.account).toEqual({ unit: 'record', read: 4, rows: 1, skipped: 1, ignored: 2 });
  });

  it('are the same in UTF-16 and with LF alone', async () => {
    const source = csv(header(), text('"ä"'), row('PerfInfo', 'DPC', START + 9n, `${START}, 0xFFFFF8034A6D1230`));
    const plain = await parse(source);
    const wide = await parse(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(source, 'utf16le')]));
    const unix = await parse(source.replaceAll('\r\n', '\n'));
    expect(wide.rows(genericEvent)).toEqual(plain.rows(genericEvent));
    expect(unix.rows(dpcIsr).map(({ durationUs }) => durationUs)).toEqual([0.9]);
  });
});

describe('User Data', () => {
  it('is taken apart at commas outside of quotes, whatever stands in the strings', () => {
    expect(splitFields('14, "\\_SB.ATKD.WMNB", "started ",                0')).toEqual([
      '14',
      '\\_SB.ATKD.WMNB',
      'started ',
      '0',
    ]);
    expect(splitFields('""C:\\a b.exe" -x", "", 7')).toEqual(['"C:\\a b.exe" -x', '', '7']);
    expect(splitFields('')).toEqual([]);
  });

  it('takes no more than linear time', () => {
    const hostile = `"${'" '.repeat(500_000)}x`;
    const before = performance.now();
    splitFields(hostile);
    expect(performance.now() - before).toBeLessThan(1000);
  });
});

describe('hostile input', () => {
  it('is refused by sniff where the columns are others', () => {
    const sniff = (text: string) => sniffText(tracerptCsv, text);
    expect(sniff(`\n${COLUMNS}\n`)).toEqual({ claims: true });
    expect(sniff('Line #,Process,Count\n')).toMatchObject({ claims: false });
    expect(sniff('')).toMatchObject({ claims: false });
  });

  it('never throws anything but TracekitError and always adds up', async () => {
    const source = csv(
      header(),
      row('PerfInfo', 'DPC', START + 9n, `${START}, 0xFFFFF8034A6D1230`),
      row('Prov', '0', START, '"two\nlines", "=cmd|x", \u001b[31m', { id: 9 }),
      row('StackWalk', 'Stack', START + 51n, `${START}, 0x1, 420, 0xFFFFF80310001000`),
      row('Image', 'UnLoad', START + 20n, '0xFFFFF80310000000, 0x200000, 0x10, "y.sys"'),
    );
    await survivesDamage(parse, [source], { put: oneOf(0, 10, 13, 34, 44, 48, 57, 255), maxEdits: 12 });
  });
});
