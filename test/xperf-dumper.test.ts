import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { xperfDumper } from '../parsers/xperf-dumper.js';
import { cswitch } from '../src/tables/cswitch.js';
import { dpcIsr } from '../src/tables/dpc-isr.js';
import { image } from '../src/tables/image.js';
import { TABLES } from '../src/tables/index.js';
import { poolEvent } from '../src/tables/pool-event.js';
import { processTable } from '../src/tables/process.js';
import { readyThread } from '../src/tables/ready-thread.js';
import { sampledProfile } from '../src/tables/sampled-profile.js';
import { stack } from '../src/tables/stack.js';
import { threadTable } from '../src/tables/thread.js';
import { type Frame, type Run, stutter, type Truth, withLosses } from './generate/truth.js';
import { damagedDumper, dumper, dumperLines, runRow } from './generate/write-dumper.js';
import { type Parsed, parseWith } from './support/parse.js';
import { dpcOf } from './support/samples.js';
import { realFile } from './support/shared.js';

const SAMPLES = resolve(import.meta.dirname, '../samples/xperf-dumper');
const truth = stutter();

const parse = (bytes: string | Uint8Array, options = {}): Promise<Parsed> => parseWith(xperfDumper, { bytes }, options);
const codes = (parsed: Parsed): string[] => parsed.diagnostics.map((d) => d.code);

function balanced(parsed: Parsed): Parsed {
  const { read, rows, skipped, ignored } = parsed.account;
  expect(read).toBe(rows + skipped + ignored);
  const told = parsed.diagnostics.filter((d) => ['damaged-row', 'damaged-line', 'line-too-long'].includes(d.code));
  expect(told.reduce((sum, d) => sum + d.count, 0)).toBe(skipped);
  return parsed;
}

const symbolOf = ({ module, fn, address }: Frame): string => {
  const hex = address.toString(16);
  return module === null ? `0x${hex}` : `${module}!${fn ?? `0x${hex}`}`;
};

/** A run as its row must come out. */
const rowOf = (run: Run, sample: Frame = run) => ({
  kind: run.kind,
  type: run.type,
  startUs: run.startUs,
  durationUs: run.durationUs,
  cpu: run.cpu,
  vector: run.vector,
  messageIndex: run.messageIndex,
  module: run.module,
  routine: symbolOf(sample),
  address: run.address,
});

const runsOf = (parsed: Parsed) =>
  parsed.rows(dpcIsr).map(({ line: _line, byte: _byte, quote: _quote, ...run }) => run);

/** With the blanks before the name moved behind it, so that every line stays as long and the scanner knows none. */
const turned = (line: string): string => line.replace(/^( *)([^,]*),/, '$2$1,');

describe('lines whose names are not padded', () => {
  const padded = dumperLines(truth);
  const plain = (quote: string): string => quote.replace(/^ *([^,]*?) *,/, '$1,');

  /** All that the parser says, quotes without the blanks of names. */
  async function all(lines: readonly string[], ending: string, options = {}) {
    const parsed = balanced(await parse(lines.map((line) => line + ending).join(''), options));
    const { about, account, events, diagnostics } = parsed;
    const tables = TABLES.map((table) => parsed.rows(table).map((row) => ({ ...row, quote: plain(row.quote) })));
    const loss = about.lossPlace && { ...about.lossPlace, quote: plain(about.lossPlace.quote) };
    const told = diagnostics.map((d) => ({ ...d, examples: d.examples.map(plain) }));
    return { tables, about: { ...about, lossPlace: loss }, account, events: new Map([...events].sort()), told };
  }

  it.each(['start', 'end'])('give the same, TimeStamp taken as %s', async (dpcTimestamp) => {
    const expected = await all(padded, '\r\n', { dpcTimestamp });
    expect(expected.tables[TABLES.indexOf(dpcIsr)].length).toBe(truth.runs.length);
    expect(await all(padded.map(turned), '\r\n', { dpcTimestamp })).toEqual(expected);
  });

  it('give the same among others, and in files put together', async () => {
    const twice = [...padded, ...damagedDumper(truth).text.split('\r\n').slice(0, -1), ...padded];
    const expected = await all(twice, '\n');
    for (const every of [2, 3, 7]) {
      expect(
        await all(
          twice.map((line, i) => (i % every === 0 ? turned(line) : line)),
          '\n',
        ),
      ).toEqual(expected);
    }
  });

  it('give the same answer', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'tracekit-'));
    const answer = async (lines: string[]) => {
      writeFileSync(join(dir, 'x.txt'), `${lines.join('\r\n')}\r\n`);
      const { result, findings, diagnostics } = await dpcOf(join(dir, 'x.txt'));
      const shown = JSON.stringify({ result, findings, diagnostics });
      // Names are as wide as they are printed where rows are cited.
      return JSON.parse(shown, (_key, value) => (typeof value === 'string' ? plain(value) : value));
    };
    try {
      expect(await answer(padded.map(turned))).toEqual(await answer(padded));
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});

describe('the sample stutter', () => {
  const path = join(SAMPLES, 'stutter.txt');
  const lines = readFileSync(path, 'utf8').split('\r\n').slice(0, -1);

  it('gives every run of the truth, in order', async () => {
    const parsed = balanced(await parseWith(xperfDumper, { path }));
    expect(runsOf(parsed)).toEqual(truth.runs.map((run) => rowOf(run)));
    expect(parsed.diagnostics).toEqual([]);
    expect(parsed.account.read).toBe(lines.length);
    expect(parsed.account.skipped).toBe(0);
  });

  it('gives the place and the text of every row', async () => {
    const parsed = await parseWith(xperfDumper, { path });
    const bytes = readFileSync(path);
    for (const table of TABLES) {
      for (const row of parsed.rows(table)) {
        expect(row.quote).toBe(lines[(row.line as number) - 1].trim());
        const at = row.byte as number;
        expect(bytes.toString('utf8', at, at + lines[(row.line as number) - 1].length).trim()).toBe(row.quote);
      }
    }
  });

  it('takes the TimeStamp for the start where told so', async () => {
    const parsed = await parseWith(xperfDumper, { path }, { dpcTimestamp: 'start' });
    expect(parsed.about.assumedTimestamp).toBe('start');
    const starts = (us: readonly (number | null)[]): unknown[] => [...us].sort((a, b) => Number(a) - Number(b));
    expect(starts(parsed.rows(dpcIsr).map((row) => row.startUs))).toEqual(
      starts(truth.runs.map((r) => r.startUs + r.durationUs)),
    );
  });

  it('tells clock, machine, span and losses', async () => {
    const { about } = await parseWith(xperfDumper, { path });
    // 133893216001234560 * 100 ns after 1601: by `date -u -d @$((133893216001234560/10000000-11644473600))`.
    expect(about.clock).toEqual({
      startUtc: '2025-04-17T00:00:00.1234560Z',
      zone: null,
      resolutionNs: 1000,
      uncertaintyMs: 0,
    });
    expect(about.machine).toEqual({ os: '10.0.22631', build: 22631, cpus: 8 });
    expect(about).toMatchObject({ eventsLost: 0, buffersLost: 0, truncated: false, assumedTimestamp: 'end' });
    expect(about.span.startUs).toBe(0);
    const last = Math.max(
      ...truth.runs.map((r) => r.startUs + r.durationUs),
      ...[...truth.cswitches, ...truth.samples].map(({ atUs }) => atUs),
    );
    expect(about.span.endUs).toBe(last);
    expect(about.session).toMatchObject({ name: 'stutter.etl', pointerBytes: 8 });
  });

  it('counts events by name as grep does', async () => {
    const { events } = await parseWith(xperfDumper, { path });
    const body = lines.slice(lines.indexOf('EndHeader') + 1);
    const counted = new Map<string, number>();
    for (const line of body) {
      const name = /^ *([A-Za-z][\w/-]*),/.exec(line)?.[1];
      if (name !== undefined && !name.startsWith('FirstReliable')) counted.set(name, (counted.get(name) ?? 0) + 1);
    }
    const got = new Map([...events].map(([name, { count }]) => [name, count]));
    for (const name of got.keys()) if (name.startsWith('FirstReliable')) got.delete(name);
    expect(got).toEqual(counted);
    expect(events.get('DPC')?.bytes).toBe(
      body.filter((l) => /^ *DPC,/.test(l)).reduce((sum, l) => sum + Buffer.byteLength(l) + 2, 0),
    );
  });

  it('gives context switches, samples with their stacks, stacks, images, processes and threads', async () => {
    const parsed = await parseWith(xperfDumper, { path });
    expect(parsed.rows(cswitch).map((r) => [r.atUs, r.cpu, r.newProcess, r.newPid, r.newTid, r.waitUs])).toEqual(
      truth.cswitches.map((s) => [s.atUs, s.cpu, s.to.name, s.to.pid, s.to.tid, s.waitUs]),
    );
    expect(parsed.rows(cswitch).map((r) => [r.oldProcess, r.oldPid, r.oldTid, r.oldState])).toEqual(
      truth.cswitches.map((s) => [s.from.name, s.from.pid, s.from.tid, s.from.tid === 0 ? 'Running' : 'Waiting']),
    );
    expect(
      parsed.rows(sampledProfile).map((r) => [r.atUs, r.cpu, r.process, r.pid, r.tid, r.address, r.module, r.stack]),
    ).toEqual(
      truth.samples.map(({ atUs, cpu, process: p, stack: frames }) => [
        atUs,
        cpu,
        p.name,
        p.pid,
        p.tid,
        frames[0].address,
        frames[0].module,
        frames.map(symbolOf).join(';'),
      ]),
    );
    expect(parsed.rows(stack).map((r) => [r.atUs, r.tid, r.frame, r.address, r.module, r.routine])).toEqual(
      truth.samples.flatMap(({ atUs, process: p, stack: frames }) =>
        frames.map((f, i) => [atUs, p.tid, i + 1, f.address, f.module, symbolOf(f)]),
      ),
    );
    expect(parsed.rows(image).map((r) => [r.event, r.pid, r.base, r.end, r.timeDateStamp, r.path])).toEqual(
      truth.images.map((i) => ['rundown-start', i.pid, i.base, i.base + i.size, 0x5f3a1c20, i.path]),
    );
    expect(parsed.rows(processTable).map((r) => [r.event, r.process, r.pid, r.parentPid, r.commandLine])).toEqual(
      truth.processes.map((p) => ['rundown-start', p.name, p.pid, p.parentPid, p.name]),
    );
    expect(parsed.rows(threadTable).map((r) => [r.event, r.process, r.pid, r.tid, r.startRoutine])).toEqual(
      truth.processes.map((p) => ['rundown-start', p.name, p.pid, p.tid, `${p.name}!start`]),
    );
  });

  it('gives the same in UTF-16, with LF, and gzipped', async () => {
    const { gzipSync } = await import('node:zlib');
    const text = lines.join('\n');
    const expected = truth.runs.map((run) => rowOf(run));
    for (const bytes of [
      Buffer.from(`\ufeff${text}\n`, 'utf16le'),
      Buffer.from(`\ufeff${text}\n`, 'utf16le').swap16(),
      Buffer.from(`\ufeff${text}\n`),
      gzipSync(text),
    ]) {
      const parsed = balanced(await parse(bytes));
      expect(runsOf(parsed)).toEqual(expected);
      expect(parsed.account.read).toBe(lines.length);
    }
  });
});

describe('the sample damaged', () => {
  const lossy: Truth = withLosses(truth);
  const { text, broken, odd } = damagedDumper(lossy);
  const lines = text.split('\r\n');

  it('skips exactly the planted lines, each told with its first place', async () => {
    const parsed = balanced(await parseWith(xperfDumper, { path: join(SAMPLES, 'damaged.txt') }));
    expect(parsed.account.read).toBe(lines.length);
    expect(parsed.account.skipped).toBe(broken.length);
    const lineOf = (i: number): number => lines.indexOf(broken[i]) + 1;
    const told = parsed.diagnostics.map(({ code, severity, line, count }) => ({ code, severity, line, count }));
    expect(told).toEqual([
      { code: 'damaged-row', severity: 'warning', line: lineOf(0), count: 4 },
      { code: 'no-schema', severity: 'info', line: lines.findIndex((l) => l.includes('NeverHeardOf')) + 1, count: 1 },
      { code: 'damaged-line', severity: 'warning', line: lineOf(3), count: 3 },
      { code: 'no-line-end', severity: 'warning', line: lines.length, count: 1 },
    ]);
    expect(parsed.diagnostics[0].examples).toEqual(broken.slice(0, 3).map((l) => l.trim()));
    expect(parsed.diagnostics[2].examples).toEqual([
      'no event name at all',
      '\\x00'.repeat(8),
      `"=cmd|' /C calc'!A0",1,2,3`,
    ]);
    expect(parsed.about.truncated).toBe(true);
  });

  it('keeps all other rows', async () => {
    const parsed = await parse(text);
    expect(runsOf(parsed)).toEqual([...lossy.runs, ...odd].map((run) => rowOf(run)));
    expect(parsed.about).toMatchObject({ eventsLost: 1234, buffersLost: 3 });
    const place = parsed.about.lossPlace;
    expect(place?.line).toBe(lines.findIndex((l) => l.startsWith('OS Version')) + 1);
    expect(place?.quote).toContain('Events Lost: 1234, Buffers lost: 3');
  });
});

const HEAD = ['BeginHeader'];
const DPC = 'DPC,  TimeStamp, ElapsedTime, CPU,        ServiceAddr,            Image!Function';
const INTERRUPT =
  'Interrupt,  TimeStamp, ElapsedTime, CPU, Vector, MessageIndex,     Status,        ServiceAddr,            Image!Function';

const text = (schema: readonly string[], rows: readonly string[]): string =>
  `${[...HEAD, ...schema, 'EndHeader', ...rows].join('\r\n')}\r\n`;

describe('schema lines', () => {
  it('order the columns', async () => {
    const parsed = balanced(
      await parse(
        text(
          [
            'DPC,  TimeStamp,    CPU, Image!Function, ElapsedTime,  Routine',
            'DPCTmr, TimeStamp, ElapsedTime, Image!Function, CPU',
          ],
          [
            'DPC,  1000,  3, ndis.sys!ndisInterruptDpc,  40,  0xfffff80342001000',
            'DPC,  2000,  3, ndis.sys!ndisInterruptDpc,  50,  0xfffff80342001008',
            'DPCTmr,  3000,  60, storport.sys!X, 2',
          ],
        ),
      ),
    );
    expect(parsed.rows(dpcIsr).map((r) => [r.type, r.startUs, r.durationUs, r.cpu, r.routine, r.address])).toEqual([
      ['DPC', 960, 40, 3, 'ndis.sys!ndisInterruptDpc', 0xfffff80342001000n],
      ['DPC', 1950, 50, 3, 'ndis.sys!ndisInterruptDpc', 0xfffff80342001008n],
      ['TimerDPC', 2940, 60, 2, 'storport.sys!X', null],
    ]);
  });

  it('in any order keep all rows of a long trace', async () => {
    const row = '                    DPC,  1000,  3, ndis.sys!ndisInterruptDpc,  40,  0xfffff80342001000';
    const rows = new Array(210_000).fill(row);
    const parsed = balanced(
      await parse(text(['DPC,  TimeStamp,    CPU, Image!Function, ElapsedTime,  Routine'], rows)),
    );
    expect(parsed.account).toMatchObject({ rows: 210_000, skipped: 0 });
  });

  it('may name columns that are not known', async () => {
    const parsed = balanced(
      await parse(
        text(
          ['DPC,  TimeStamp, Weight, ElapsedTime, CPU, Group,        ServiceAddr,            Image!Function, Extra'],
          [
            'DPC,  1000, heavy, 40, 3, 0, 0xfffff80342001000, ndis.sys!f, 17',
            'DPC,  1000, x, 40, 3, 0, 0xf, a!b, c, d',
          ],
        ),
      ),
    );
    expect(runsOf(parsed)).toMatchObject([
      { startUs: 960, cpu: 3, routine: 'ndis.sys!f', address: 0xfffff80342001000n },
    ]);
    expect(parsed.diagnostics[0]).toMatchObject({ code: 'damaged-row', count: 1 });
    expect(parsed.diagnostics[0].message).toContain('more fields than its schema line');
  });

  it('may leave out ServiceAddr: an unknown routine is null, and still a run', async () => {
    const schema = 'DPC,  TimeStamp, ElapsedTime, CPU,            Image!Function';
    const parsed = balanced(
      await parse(
        text([schema], ['DPC,  1000, 40, 3, ndis.sys!f', 'DPC,  2000, 41, 3, "Unknown"', 'DPC,  2000, 41, 3, ']),
      ),
    );
    expect(parsed.rows(dpcIsr).map((r) => [r.durationUs, r.module, r.address])).toEqual([
      [40, 'ndis.sys', null],
      [41, null, null],
    ]);
    expect(parsed.account.skipped).toBe(1);
  });

  it('repeated in files put together are read as such', async () => {
    const one = text([DPC, 'CSwitch, TimeStamp, CPU'], ['DPC, 1000, 40, 3, 0xf000, ndis.sys!f', 'CSwitch, 1000, 2']);
    const other = text(
      ['DPC,  TimeStamp, CPU, ElapsedTime, Image!Function', 'CSwitch, TimeStamp, New TID, CPU'],
      ['DPC, 5000, 7, 9, tcpip.sys!g', 'CSwitch, 6000, 44, 1'],
    );
    const parsed = balanced(await parse(one + other));
    expect(parsed.rows(dpcIsr).map((r) => [r.startUs, r.durationUs, r.cpu, r.routine])).toEqual([
      [960, 40, 3, 'ndis.sys!f'],
      [4991, 9, 7, 'tcpip.sys!g'],
    ]);
    expect(parsed.rows(cswitch).map((r) => [r.cpu, r.newTid])).toEqual([
      [2, null],
      [1, 44],
    ]);
    expect(parsed.account).toMatchObject({ read: 12, rows: 4, ignored: 8, skipped: 0 });
  });

  it('two traces put together run backwards in time: told', async () => {
    const one = text([DPC], ['DPC, 9000, 40, 3, 0xf000, ndis.sys!f']);
    const parsed = await parse(one + one.replace('9000', '1000'));
    expect(parsed.diagnostics.map((d) => [d.code, d.count])).toContainEqual(['time-inversion', 1]);
  });

  it('of events that no table holds are ignored, whatever the name', async () => {
    const name = `Microsoft-Windows-Kernel-Processor-Power/${'IdleState'.repeat(8)}/win:Info`;
    const parsed = balanced(
      await parse(
        text(
          [`${name}, TimeStamp, Process Name ( PID), State`, 'Überwachung, TimeStamp, What'],
          [`${name}, 1000, Idle (0), 3`, 'Überwachung, 1000, x', 'Other:Event/No-Schema, 12, a'],
        ),
      ),
    );
    expect(parsed.account).toMatchObject({ skipped: 0, ignored: 7 });
    expect(parsed.events.get(name)?.count).toBe(1);
    expect(codes(parsed)).toEqual(['no-schema', 'no-header']);
  });

  it('more than any trace has do not fill the memory', async () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => `Made-Up-${i}, TimeStamp, x`);
    const parsed = balanced(await parse(`${lines.join('\n')}\n${DPC}\nDPC, 1000, 40, 3, 0xf000, ndis.sys!f\n`));
    expect(parsed.account.read).toBe(20_002);
    expect(parsed.events.size).toBeLessThan(5000);
  });
});

describe('rows', () => {
  const dpc = (rest: string): string => `                    DPC, ${rest}`;

  it.each([
    ['a symbol with commas', 'x.sys!foo<int, bar>::baz', 'x.sys', 'x.sys!foo<int, bar>::baz'],
    ['quoted Unknown', '"Unknown"', null, '0xfffff80342001000'],
    ['Unknown without quotes', 'Unknown', null, '0xfffff80342001000'],
    ['no symbol at all', '', null, '0xfffff80342001000'],
    ['an address in place of the function', 'x.sys!0xfffff80342001000', 'x.sys', 'x.sys!0xfffff80342001000'],
    ['a module and Unknown', 'x.sys!Unknown', 'x.sys', 'x.sys!0xfffff80342001000'],
    ['another exclamation mark', 'x.sys!a!b', 'x.sys', 'x.sys!a!b'],
  ])('%s', async (_name, symbol, module, routine) => {
    const parsed = balanced(await parse(text([DPC], [dpc(`1000, 40, 1, 0xfffff80342001000, ${symbol}`)])));
    expect(runsOf(parsed)).toMatchObject([{ module, routine, address: 0xfffff80342001000n }]);
  });

  it('32-bit addresses, and none', async () => {
    const parsed = await parse(
      text([DPC], [dpc('1000, 40, 1, 0x81c866e4, a.sys!f'), dpc('1000, 40, 1, 0x0, a.sys!f')]),
    );
    expect(parsed.rows(dpcIsr).map((r) => r.address)).toEqual([0x81c866e4n, null]);
  });

  it('fractions of µs', async () => {
    const parsed = balanced(await parse(text([DPC], [dpc('1000.5, 40.25, 1, 0xf000, a.sys!f')])));
    expect(runsOf(parsed)).toMatchObject([{ startUs: 960.25, durationUs: 40.25 }]);
  });

  it.each([
    ['no number', '10x0, 40, 1, 0xf000, a.sys!f'],
    ['a negative duration', '1000, -40, 1, 0xf000, a.sys!f'],
    ['no duration', '1000, , 1, 0xf000, a.sys!f'],
    ['a processor that cannot be', '1000, 40, 70000, 0xf000, a.sys!f'],
    ['half a processor', '1000, 40, 1.5, 0xf000, a.sys!f'],
    ['too few fields', '1000, 40, 1'],
    ['a number too long', '10000000000000000000000, 40, 1, 0xf000, a.sys!f'],
    ['neither address nor symbol', '1000, 40, 1, , '],
  ])('%s: skipped', async (_name, row) => {
    const parsed = balanced(await parse(text([DPC], [dpc(row)])));
    expect(parsed.account).toMatchObject({ rows: 0, skipped: 1 });
    expect(parsed.diagnostics[0]).toMatchObject({ code: 'damaged-row', line: 4 });
  });

  it('of message-signalled and line-based interrupts', async () => {
    const row = (vector: string, message: string): string =>
      `              Interrupt, 1000, 4, 1, ${vector}, ${message}, 0x00000001, 0xf000, a.sys!f`;
    const rows = [
      row('81', '2'),
      row('81', '0'),
      row('81', ''),
      row('81', '-1'),
      row('81', '4294967295'),
      row('', '0'),
    ];
    const parsed = balanced(await parse(text([INTERRUPT], rows)));
    expect(parsed.rows(dpcIsr).map((r) => [r.type, r.vector, r.messageIndex])).toEqual([
      ['ISR-MSI', 81, 2],
      ['ISR', 81, null],
      ['ISR', 81, null],
      ['ISR', 81, null],
      ['ISR', 81, null],
      ['ISR', null, null],
    ]);
  });

  it('of other DPC kinds by their name', async () => {
    const schema = ['ThreadedDPC', 'DPCThread', 'TimerDPC', 'ISR-MSI'].map((name) => DPC.replace('DPC', name));
    const rows = schema.map((s) => `${s.split(',')[0]}, 1000, 4, 1, 0xf000, a.sys!f`);
    const parsed = await parse(text(schema, rows));
    expect(parsed.rows(dpcIsr).map((r) => [r.kind, r.type])).toEqual([
      ['DPC', 'ThreadedDPC'],
      ['DPC', 'ThreadedDPC'],
      ['DPC', 'TimerDPC'],
      ['ISR', 'ISR-MSI'],
    ]);
  });

  it('without OS Version line: losses and start are unknown, not 0', async () => {
    const parsed = await parse(text([DPC], [dpc('1000, 40, 1, 0xf000, a.sys!f')]));
    expect(parsed.about).toMatchObject({ eventsLost: null, buffersLost: null, lossPlace: null, session: null });
    expect(parsed.about.clock.startUtc).toBeNull();
    expect(codes(parsed)).toEqual(['no-header']);
  });

  it('with a routine for each row do not slow it down beyond bounds', async () => {
    const rows = Array.from({ length: 50_000 }, (_, i) => dpc(`1000, 40, 1, 0xf000, a.sys!f${100_000 + i}`));
    const begun = Date.now();
    const parsed = balanced(await parse(text([DPC], rows)));
    expect(parsed.account.rows).toBe(50_000);
    expect(Date.now() - begun).toBeLessThan(3_000);
  });
});

describe('other tables', () => {
  it('ready_thread', async () => {
    const parsed = balanced(
      await parse(
        text(
          [
            'ReadyThread,  TimeStamp,     Process Name ( PID),   ThreadID, Rdy Process Name ( PID),    Rdy TID, AdjustReason, AdjustIncrement, InDPC',
          ],
          ['ReadyThread,  1000,  svchost.exe (1380),   4416,  audiodg.exe (7712),  9020,  Unwait,  1,  Yes'],
        ),
      ),
    );
    expect(parsed.rows(readyThread)).toMatchObject([
      {
        atUs: 1000,
        process: 'svchost.exe',
        pid: 1380,
        tid: 4416,
        readyProcess: 'audiodg.exe',
        readyPid: 7712,
        readyTid: 9020,
        adjustReason: 'Unwait',
        inDpc: 'Yes',
      },
    ]);
  });

  it('pool_event, by whatever columns the header names', async () => {
    const parsed = balanced(
      await parse(
        text(
          [
            'PoolAlloc,  TimeStamp, Process Name ( PID), ThreadID, CPU, Type, Tag, Size, Address, Image!Function',
            'PoolFree,  TimeStamp, Process Name ( PID), ThreadID, Pool Tag, NumberOfBytes, Entry',
          ],
          [
            'PoolAlloc,  1000, System (   4), 212, 3, NonPaged, Ntfx, 4096, 0xffffb80012345000, ndis.sys!f',
            'PoolFree,  2000, System (   4), 212, Ntfx, 4096, 0xffffb80012345000',
          ],
        ),
      ),
    );
    expect(parsed.rows(poolEvent)).toMatchObject([
      { event: 'PoolAlloc', atUs: 1000, pid: 4, tid: 212, cpu: 3, poolType: 'NonPaged', tag: 'Ntfx', bytes: 4096 },
      { event: 'PoolFree', atUs: 2000, cpu: null, poolType: null, tag: 'Ntfx', address: 0xffffb80012345000n },
    ]);
  });

  it('a sample takes the stack of its own thread, also across others and without symbols', async () => {
    const sample =
      'SampledProfile,  TimeStamp,     Process Name ( PID),   ThreadID,           PrgrmCtr, CPU, ThreadStartImage!Function,            Image!Function, Count, SampledProfile type';
    const parsed = balanced(
      await parse(
        text(
          [sample, 'Stack,  TimeStamp,   ThreadID, No.,            Address,            Image!Function'],
          [
            'SampledProfile, 100, a.exe (1), 11, 0x1000, 0, a.exe!s, a.exe!f, 1, Unbatched',
            'SampledProfile, 100, b.exe (2), 22, 0x2000, 1, b.exe!s, b.exe!g<int, 0>, 1, Unbatched',
            'Stack, 100, 22, 1, 0x2000, b.exe!g<int, 0>',
            'Stack, 100, 22, 2, 0x2100, "Unknown"',
            'Stack, 100, 11, 1, 0x1000, a.exe!f',
            'Stack, 99, 11, 1, 0x9999, late.exe!x',
            'SampledProfile, 200, a.exe (1), 11, 0x1000, 0, a.exe!s, a.exe!f, 1, Unbatched',
          ],
        ),
      ),
    );
    expect(parsed.rows(sampledProfile).map((r) => [r.atUs, r.tid, r.routine, r.stack])).toEqual([
      [100, 11, 'a.exe!f', 'a.exe!f'],
      [100, 22, 'b.exe!g<int, 0>', 'b.exe!g<int, 0>;Unknown'],
      [200, 11, 'a.exe!f', null],
    ]);
    expect(parsed.rows(stack)).toHaveLength(4);
  });
});

describe('sniff', () => {
  const prefix = (content: string) => ({
    encoding: 'utf-8' as const,
    text: content,
    lines: content.split('\n'),
    bytes: Buffer.from(content),
  });

  it('refuses rows without schema lines and says what is missing', () => {
    const claim = xperfDumper.sniff(prefix('CSwitch,     106082,        rustc.exe (10612),  15340\n'));
    expect(claim.claims).toBe(false);
    expect((claim as { why: string }).why).toMatch(/no schema lines.*Export the whole trace again/s);
  });

  it('claims header, excerpt with one schema line, and nothing else', () => {
    expect(xperfDumper.sniff(prefix('BeginHeader\n')).claims).toBe(true);
    expect(xperfDumper.sniff(prefix(`${DPC}\n`)).claims).toBe(true);
    expect(xperfDumper.sniff(prefix('a, b, c\n1, 2, 3\n'))).toEqual({ claims: false, why: null });
  });
});

describe('real excerpts', () => {
  const count = (content: string, pattern: RegExp): number =>
    content.split(/\r?\n/).filter((l) => pattern.test(l)).length;
  const isData = /,\s*\d+(,|$)/;

  const files: readonly (readonly [string, Readonly<Record<string, number>>])[] = [
    ['istart-sampledprofile-64bit-excerpt.txt', { image: 1 }],
    ['msnstorage-2008-header-schema.txt', {}],
    ['uiforetw-etwpmc-win10-cswitch-pmc-excerpt.txt', { cswitch: 8 }],
    ['uiforetw-sampledprofile-stack-32bit-excerpt.txt', { sampled_profile: 3, stack: 5 }],
  ];

  for (const [name, tables] of files) {
    const path = realFile(`xperf-dumper/${name}`);
    it.skipIf(path === null)(`${name}: rows as counted by hand, accounted for to the line`, async () => {
      const parsed = balanced(await parseWith(xperfDumper, { path: path as string }));
      const content = readFileSync(path as string, 'utf8');
      expect(parsed.account.read).toBe(content.split('\n').length - (content.endsWith('\n') ? 1 : 0));
      const got = TABLES.map((t) => [t.name, parsed.rows(t).length] as const).filter(([, n]) => n > 0);
      expect(Object.fromEntries(got)).toEqual(tables);
      for (const event of ['CSwitch', 'SampledProfile', 'Stack', 'I-Start', 'Pmc']) {
        const rows = count(content, new RegExp(`^\\s*${event},\\s*\\d+,`));
        expect([event, parsed.events.get(event)?.count ?? 0]).toEqual([event, rows]);
      }
    });
  }

  const excerpt = realFile('xperf-dumper/rustc-perf-win10-19043-pmc-excerpt.txt');
  it.skipIf(excerpt === null)(
    'rustc-perf: rows that contradict their schema lines are told, not guessed at',
    async () => {
      const parsed = balanced(await parseWith(xperfDumper, { path: excerpt as string }));
      const content = readFileSync(excerpt as string, 'utf8');
      const body = content.slice(content.indexOf('EndHeader')).split('\n');
      const data = body.filter((l) => isData.test(l));
      expect(parsed.account.read).toBe(content.trimEnd().split('\n').length);
      expect(parsed.account.rows + parsed.account.skipped).toBe(
        data.filter((l) => /^\s*(CSwitch|[PT]-(Start|End)),/.test(l)).length,
      );
      expect(parsed.about.clock.startUtc).toBe('2021-06-07T19:44:29.0347142Z');
      expect(parsed.about.machine).toMatchObject({ os: '10.0.19043', build: 19043 });
      expect(parsed.about).toMatchObject({ eventsLost: 0, buffersLost: 0 });
      expect(parsed.rows(dpcIsr)).toEqual([]);
    },
  );

  const bare = realFile('xperf-dumper/rustc-perf-unshortened-rows.txt');
  it.skipIf(bare === null)('rows without schema lines are refused', () => {
    const content = readFileSync(bare as string, 'utf8');
    const claim = xperfDumper.sniff({
      encoding: 'utf-8',
      text: content,
      lines: content.split('\n'),
      bytes: Buffer.from(content),
    });
    expect(claim).toMatchObject({ claims: false });
    expect((claim as { why: string }).why).toContain('no schema lines');
  });
});

describe('any damage', () => {
  const small: Truth = {
    ...truth,
    images: truth.images.slice(0, 3),
    runs: truth.runs.slice(0, 60),
    cswitches: truth.cswitches.slice(0, 20),
    samples: truth.samples.slice(0, 5),
  };
  const whole = Buffer.from(dumper(small));

  it('bytes changed, cut out or put in: nothing is thrown and the account adds up', async () => {
    const edit = fc.record({
      at: fc.nat(whole.length - 1),
      bytes: fc.uint8Array({ maxLength: 6 }),
      cut: fc.nat(200),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 12 }), async (edits) => {
        let bytes = whole;
        for (const { at, bytes: put, cut } of edits) {
          bytes = Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + cut)]);
        }
        balanced(await parse(bytes));
      }),
      { numRuns: 150 },
    );
  });

  it('lines made of pieces of rows', async () => {
    const pieces = fc.constantFrom(
      ...['DPC', 'DPCTmr', 'Interrupt', 'CSwitch', 'Stack', 'SampledProfile', 'I-Start', 'TimeStamp', 'CPU', '"', ' '],
      ...[
        'ElapsedTime',
        'Image!Function',
        '0x',
        '0xf000',
        '-1',
        '1e9',
        '99999999999999999999',
        'a.sys!f',
        '<',
        '(',
        ',',
      ],
      ...['BeginHeader', 'EndHeader', 'OS Version: 10.0.1', 'Events Lost: x', 'Trace Start: 1', '\u0000', '\r', 'é'],
    );
    const line = fc.array(pieces, { maxLength: 12 }).chain((p) => fc.constantFrom(p.join(', '), p.join('')));
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 60 }), async (lines) => {
        const content = [DPC, INTERRUPT, ...lines].join('\n');
        const parsed = balanced(await parse(content));
        expect(parsed.account.read).toBe(content.split('\n').length - (content.endsWith('\n') ? 1 : 0));
      }),
      { numRuns: 200 },
    );
  });

  it('the same file over block ends gives the same rows', async () => {
    // Padding before the rows moves the places where blocks end over all columns of a row.
    const rows = dumperLines(truth);
    const header = rows.slice(
      0,
      rows.findIndex((l) => l.includes('P-DCStart,  ') && !l.includes('TimeStamp')),
    );
    const run = truth.runs.slice(0, 2000).map(runRow);
    const fill = new Array(8).fill('x'.repeat(120_000));
    const expected = truth.runs.slice(0, 2000).map((r) => rowOf(r));
    for (let shift = 0; shift < 140; shift += 9) {
      const lines = [...header, `${'y'.repeat(shift)}`, ...fill, ...run];
      const parsed = balanced(await parse(`${lines.join('\n')}\n`));
      expect(runsOf(parsed)).toEqual(expected);
    }
  });

  it('lines of all lengths up to the longest', async () => {
    const long = `DPC, 1000, 40, 1, 0xf000, a.sys!${'f'.repeat(1_000_000)}`;
    const longer = `DPC, 1000, 40, 1, 0xf000, a.sys!${'f'.repeat(1_200_000)}`;
    const commas = ','.repeat(900_000);
    const quotes = `CSwitch, 1000, ${'"<('.repeat(300_000)}`;
    const parsed = balanced(await parse(text([DPC, 'CSwitch, TimeStamp, CPU'], [long, longer, commas, quotes])));
    expect(parsed.account).toMatchObject({ read: 8, rows: 2, skipped: 2 });
    expect(codes(parsed).sort()).toEqual(['damaged-line', 'line-too-long', 'no-header']);
  });
});
