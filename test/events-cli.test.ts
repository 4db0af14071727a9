/** The command `events`: options, outputs and exit codes; what events hold is in events.test.ts. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { afterAll, describe, expect, it } from 'vitest';
import yazl from 'yazl';
import { utf16z } from './generate/etl/bytes.js';
import { classicEvent } from './generate/etl/payloads/other.js';
import { processEvent } from './generate/etl/payloads/rundown.js';
import { traceLogging } from './generate/etl/payloads/tracelogging.js';
import { writeEtl } from './generate/etl/write-etl.js';
import { type Ran, tracekit } from './support/cli.js';
import { at, logOf } from './support/etl-logs.js';
import { GUID, LAMP_NAMES, lampEvents, lampLog, MANIFEST, TMF } from './support/event-log.js';
import { CONTROL, refused } from './support/refusal.js';
import { ROOT } from './support/samples.js';
import { validator } from './support/schema.js';

const folder = mkdtempSync(join(tmpdir(), 'tracekit-events-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, bytes: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

const LOG = writeEtl(lampLog());
const LAMP = file('lamp.etl', LOG);
const LOST = file('lost.etl', writeEtl(lampLog({ session: { eventsLost: 3, buffersLost: 1 } })));
const MAN = file('lamp.man', MANIFEST);
mkdirSync(join(folder, 'tmf'));
mkdirSync(join(folder, 'empty'));
file('tmf/lamp.tmf', TMF);
file('tmf/readme.txt', 'no message file');
const TMF_DIR = join(folder, 'tmf');
const DUMPER = 'samples/xperf-dumper/stutter.txt';
const STUTTER = 'samples/etl/stutter.etl';

/** Names of the events printed, from NDJSON, where nothing is said and all is well. */
function names(...args: string[]): string[] {
  const { code, out, err } = tracekit(['events', ...args, '--format', 'ndjson']);
  expect([code, err]).toEqual([0, '']);
  return rows(out).map(({ name }) => name as string);
}

const rows = (out: string): Record<string, unknown>[] =>
  out
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));

describe('filters', () => {
  it.each<[string[], readonly string[]]>([
    [[], LAMP_NAMES],
    [['--provider', GUID.wpp], ['Message(10)']],
    [['--provider', `{${GUID.wpp.toUpperCase()}}`], ['Message(10)']],
    [['--provider', 'contoso-*'], ['Beat']],
    [
      ['--provider', '!kernel;!Contoso-*', '--cpu', '0-1'],
      ['Event(7)', 'Event(8)'],
    ],
    [
      ['--provider', 'kernel', '--name', '*/DC*'],
      ['Process/DCStart', 'Image/DCStart'],
    ],
    [
      ['--name', '!*/*', '--id', '0,7-9'],
      ['Event(7)', 'Beat', 'Event(8)'],
    ],
    [
      ['--pid', '4'],
      ['Process/DCStart', 'Image/DCStart'],
    ],
    [
      ['--tid', '12,13'],
      ['Beat', 'Message(10)'],
    ],
    [
      ['--cpu', '2'],
      ['Message(10)', 'Opcode(3)'],
    ],
    [
      ['--range', '200', '400'],
      ['Event(7)', 'Beat', 'Message(10)'],
    ],
    [
      ['--range', '0.0002s', '+200us'],
      ['Event(7)', 'Beat', 'Message(10)'],
    ],
    [
      ['--range', '0.2ms,0.4ms'],
      ['Event(7)', 'Beat', 'Message(10)'],
    ],
    [
      ['--range', '2025-04-17T00:00:00.123656Z', '+200us'],
      ['Event(7)', 'Beat', 'Message(10)'],
    ],
    [
      ['--range', '2025-04-17T02:00:00.123656+02:00', '+200us'],
      ['Event(7)', 'Beat', 'Message(10)'],
    ],
    [
      ['--around', '0.3ms±100us'],
      ['Event(7)', 'Beat', 'Message(10)'],
    ],
    [
      ['--around', '300+-100'],
      ['Event(7)', 'Beat', 'Message(10)'],
    ],
    [
      ['--around', '2025-04-17T00:00:00.123756Z±100us'],
      ['Event(7)', 'Beat', 'Message(10)'],
    ],
    [['--limit', '0'], LAMP_NAMES],
  ])('%j', (args, expected) => {
    expect(names(LAMP, ...args)).toEqual(expected);
    expect(names(...args, LAMP)).toEqual(expected);
  });

  it('take a time of day without zone for that of the machine that recorded', () => {
    // The machine's clock is an hour, with daylight saving two, ahead of UTC.
    expect(names(LAMP, '--range', '2025-04-17T02:00:00.123656', '+200us')).toEqual(['Event(7)', 'Beat', 'Message(10)']);
  });

  it('that let nothing pass are said, and no failure', () => {
    const { code, out, err } = tracekit(['events', LAMP, '--name', 'nobody', '--format', 'ndjson']);
    expect([code, out, err]).toEqual([0, '', 'tracekit: no event passes the filters given.\n']);
    const csv = tracekit(['events', LAMP, '--name', 'nobody', '--format', 'csv', '--quiet']);
    expect([csv.code, csv.out.split('\n').length, csv.err]).toEqual([0, 2, '']);
  });

  it.each<[string, string[]]>([
    ['an id that is none', ['--id', 'seven']],
    ['an id list without end', ['--pid', '1-']],
    ['too many ids', ['--tid', '0-4294967295']],
    ['a processor that is none', ['--cpu', 'all']],
    ['a limit that is none', ['--limit', 'many']],
    ['a limit below zero', ['--limit=-1']],
    ['a range with one end', ['--range', '2s']],
    ['a range that ends before it begins', ['--range', '3s', '2s']],
    ['a range and a time', ['--range', '1s', '2s', '--around', '1s±1s']],
    ['an unknown output', ['--format', 'html']],
    ['an unknown option', ['--providers', 'x']],
    ['an escape sequence', ['--id', '\u001b[31m']],
  ])('2: %s', (_, args) => {
    const { code, out, err } = tracekit(['events', LAMP, ...args]);
    expect([code, out]).toEqual([2, '']);
    expect(err).not.toMatch(CONTROL);
    expect(err.length).toBeGreaterThan(10);
  });
});

describe('descriptions given', () => {
  it('decode manifest events and WPP messages', () => {
    const all = ['--manifest', MAN, '--tmf', TMF_DIR];
    const ran = tracekit(['events', ...all, LAMP, '--id', '7,10', '--format', 'ndjson']);
    expect([ran.code, ran.err]).toEqual([0, '']);
    expect(rows(ran.out)).toMatchObject([
      {
        name: 'Switch/Start',
        providerName: 'Contoso-Lamp',
        fields: { Count: 42, Name: 'desk' },
        message: 'Lamp desk switched 42 times',
        payloadHex: null,
      },
      { name: 'LampOn', providerName: 'Lamp', fields: { watts: -5 }, message: 'LampOn watts -5', payloadHex: null },
    ]);
    expect(names(LAMP, ...all, '--provider', 'contoso-lamp')).toEqual(['Switch/Start', 'Event(8)']);
    expect(names(LAMP, '--tmf', join(TMF_DIR, 'lamp.tmf'), '--name', 'LampOn')).toEqual(['LampOn']);
  });

  it('are used in the order given', () => {
    const other = file('other.man', MANIFEST.replaceAll('"Switch"', '"Other"'));
    expect(names(LAMP, '--manifest', other, '--manifest', MAN, '--id', '7')).toEqual(['Other/Start']);
    expect(names(LAMP, '--manifest', MAN, '--manifest', other, '--id', '7')).toEqual(['Switch/Start']);
  });

  it.each<[string, RegExp, string[]]>([
    ['a manifest that is not there', /none\.man/, ['--manifest', join(folder, 'none.man')]],
    ['a folder for a manifest', /empty/, ['--manifest', join(folder, 'empty')]],
    ['a manifest that is none', /readme\.txt/, ['--manifest', join(TMF_DIR, 'readme.txt')]],
    ['a trace for a manifest', /lamp\.etl/, ['--manifest', LAMP]],
    ['a folder that is not there', /--tmf: .*nowhere/, ['--tmf', join(folder, 'nowhere')]],
    [
      'a folder without message files',
      /--tmf: no \.tmf file in .*empty\. Make them with tracepdb/,
      ['--tmf', join(folder, 'empty')],
    ],
    ['a message file that is none', /lamp\.man/, ['--tmf', MAN]],
  ])('3: %s', (_, why, args) => {
    refused(tracekit(['events', LAMP, ...args]), 3, why);
    refused(tracekit(['events', LAMP, ...args, '--format', 'csv', '--output', join(folder, 'unwritten')]), 3, why);
    expect(existsSync(join(folder, 'unwritten'))).toBe(false);
  });
});

describe('outputs', () => {
  const FIELDS = ['atUs', 'utc', 'cpu', 'pid', 'tid', 'process', 'provider', 'providerName', 'group', 'opcode', 'id'];
  const MORE = ['version', 'name', 'fields', 'payloadHex', 'stack', 'byte'];

  it('NDJSON has the fields that scripts rely on, unknown ones too', () => {
    const printed = rows(tracekit(['events', LAMP, '--format', 'ndjson']).out);
    expect(printed).toHaveLength(LAMP_NAMES.length);
    const valid = validator('events', 'event');
    for (const row of printed) {
      expect(Object.keys(row)).toEqual(expect.arrayContaining([...FIELDS, ...MORE]));
      expect(valid(row)).toEqual([]);
    }
    expect(printed[8].stack).toEqual([
      { address: '0xfffff80000010200', module: 'driver.sys', function: null },
      { address: '0xfffff80000010300', module: 'driver.sys', function: null },
      { address: '0xfffff90000000000', module: null, function: null },
    ]);
  });

  it('JSON is one document, of which NDJSON is the events', () => {
    const { code, out, err } = tracekit(['events', LAMP, '--json', '--limit', '4']);
    // The document says by itself what it leaves out.
    expect([code, err]).toEqual([0, 'tracekit: 4 of 11 events shown; --limit 0 shows all.\n']);
    const document = JSON.parse(out);
    expect(validator('events')(document)).toEqual([]);
    expect(document).toMatchObject({ command: 'events', result: { matched: 11, shown: 4 } });
    const lines = rows(tracekit(['events', LAMP, '--format', 'ndjson', '--limit', '4', '--quiet']).out);
    expect(document.result.events).toEqual(lines);
  });

  it('CSV has a column for each field and a record for each event', () => {
    const ran = tracekit(['events', LAMP, '--format', 'csv', '--manifest', MAN]);
    expect([ran.code, ran.err]).toEqual([0, '']);
    const records: Record<string, string>[] = parse(ran.out, { columns: true });
    const lines = rows(tracekit(['events', LAMP, '--format', 'ndjson', '--manifest', MAN]).out);
    expect(Object.keys(records[0])).toEqual(Object.keys(lines[0]));
    expect(records.map(({ name }) => name)).toEqual(lines.map(({ name }) => name));
    for (const [i, record] of records.entries()) {
      for (const [key, cell] of Object.entries(record)) {
        const value = lines[i][key];
        if (key === 'fields') expect(cell === '' ? null : JSON.parse(cell)).toEqual(value);
        else if (key !== 'stack') expect(cell).toBe(value === null ? '' : String(value));
      }
    }
    expect(records[8].stack).toBe('driver.sys!0xfffff80000010200;driver.sys!0xfffff80000010300;0xfffff90000000000');
  });

  it.each([
    ['', []],
    ['-stacks', ['--stacks', '--manifest', MAN, '--tmf', TMF_DIR]],
  ])('a table, 160 wide where it goes to a pipe%s', async (name, args) => {
    const { code, out, err } = tracekit(['events', LAMP, ...args]);
    expect([code, err]).toEqual([0, '']);
    await expect(out).toMatchFileSnapshot(`./snapshots/events${name}-160.txt`);
    for (const line of out.split('\n')) expect([...line].length).toBeLessThanOrEqual(160);
  });

  it('is the same in colour, and with NO_COLOR: nothing is coloured', () => {
    const plain = tracekit(['events', LAMP]).out;
    expect(plain).not.toMatch(CONTROL);
    expect(tracekit(['events', LAMP, '--color', 'always']).out).toBe(plain);
    expect(tracekit(['events', LAMP], { env: { NO_COLOR: '1' } }).out).toBe(plain);
  });

  it('shows 100 in a table, and all as NDJSON and CSV', () => {
    const table = tracekit(['events', STUTTER]);
    expect(table.out.trimEnd().split('\n')).toHaveLength(101);
    expect([table.code, table.err]).toEqual([0, 'tracekit: 100 of 4673 events shown; --limit 0 shows all.\n']);
    expect(tracekit(['events', STUTTER, '--limit', '0']).out.trimEnd().split('\n')).toHaveLength(4674);
    expect(tracekit(['events', STUTTER, '--format', 'csv']).out.trimEnd().split('\n')).toHaveLength(4674);
    expect(names(STUTTER)).toHaveLength(4673);
    expect(tracekit(['events', STUTTER, '--limit', '3', '--quiet']).err).toBe('');
  });

  it('goes to a file, and never over what is read', () => {
    const path = join(folder, 'answer.csv');
    const ran = tracekit(['events', LAMP, '--format', 'csv', '--output', path]);
    expect([ran.code, ran.out, ran.err]).toEqual([0, '', '']);
    expect(readFileSync(path, 'utf8')).toBe(tracekit(['events', LAMP, '--format', 'csv']).out);
    expect(tracekit(['events', LAMP, '--output', '-']).out).toBe(tracekit(['events', LAMP]).out);

    const link = join(folder, 'link.etl');
    linkSync(LAMP, link);
    for (const over of [LAMP, `${folder}/../${folder.split('/').at(-1)}/lamp.etl`, link, MAN]) {
      refused(tracekit(['events', LAMP, '--manifest', MAN, '--output', over]), 2, /is one of the files to be read/);
    }
    expect(readFileSync(LAMP).equals(LOG)).toBe(true);
    expect(readFileSync(MAN, 'utf8')).toBe(MANIFEST);
    refused(tracekit(['events', LAMP, '--output', join(folder, 'no', 'such')]), 3, /--output: /);
  });

  it('leaves a file as it was where nothing is printed, and empties it where no event passes', () => {
    const path = file('before.txt', 'before');
    expect(tracekit(['events', LAMP, '--output', path, '--range', '3s', '2s']).code).toBe(2);
    expect(tracekit(['events', DUMPER, '--output', path]).code).toBe(4);
    expect(readFileSync(path, 'utf8')).toBe('before');
    expect(tracekit(['events', LAMP, '--output', path, '--name', 'x', '--format', 'ndjson']).code).toBe(0);
    expect(readFileSync(path, 'utf8')).toBe('');
  });
});

describe('inputs', () => {
  const expected = tracekit(['events', LAMP, '--format', 'csv']).out;
  const csv = (path: string, input?: Buffer): Ran => tracekit(['events', path, '--format', 'csv'], { input });

  it('standard input', () => {
    expect(csv('-', LOG)).toEqual({ code: 0, out: expected, err: '' });
    expect(csv('-', gzipSync(LOG))).toEqual({ code: 0, out: expected, err: '' });
    refused(csv('-', Buffer.alloc(0)), 3, /is empty/);
  });

  it('gzip and zip', async () => {
    expect(csv(file('lamp.etl.gz', gzipSync(LOG)))).toEqual({ code: 0, out: expected, err: '' });
    const made = new yazl.ZipFile();
    made.addBuffer(LOG, 'logs/lamp.etl');
    made.addBuffer(Buffer.from('hello\n'), 'readme.txt');
    made.end();
    const parts: Buffer[] = [];
    for await (const part of made.outputStream) parts.push(part as Buffer);
    expect(csv(file('lamp.zip', Buffer.concat(parts)))).toEqual({ code: 0, out: expected, err: '' });
  });

  it('several files, one after the other', () => {
    const { code, out } = tracekit(['events', LAMP, LOST, '--name', 'Beat', '--format', 'ndjson', '--quiet']);
    expect([code, rows(out).map(({ source }) => source)]).toEqual([0, ['s1', 's2']]);
  });

  it.each(['tracerpt-csv/stutter.csv.gz', 'tracerpt-xml/stutter.xml.gz'])('%s', (name) => {
    const args = ['--name', 'TimerDPC', '--cpu', '3', '--range', '7s', '7.1s'];
    const [row] = rows(tracekit(['events', `samples/${name}`, ...args, '--format', 'ndjson']).out);
    // The long timer: from 6.000137 s on, 1.000412 s long.
    expect(row).toMatchObject({ atUs: 7_000_549, cpu: 3, provider: 'PerfInfo', name: 'TimerDPC', payloadHex: null });
    const [raw] = rows(tracekit(['events', STUTTER, ...args, '--name', '*/TimerDPC', '--format', 'ndjson']).out);
    expect([raw.atUs, raw.utc, raw.opcode]).toEqual([row.atUs, row.utc, row.opcode]);
  });

  it('3 or 4: what cannot be read, or holds no events', () => {
    refused(tracekit(['events', 'missing.etl']), 3, /missing\.etl: no such file/);
    refused(tracekit(['events', folder]), 3, /is a directory/);
    refused(tracekit(['events', file('empty.etl', '')]), 3, /empty\.etl: is empty/);
    refused(tracekit(['events', 'README.md']), 3, /is of no known format/);
    refused(tracekit(['events', file('zeros.etl', Buffer.alloc(8192))]), 3, /zeros/);
    refused(tracekit(['events', LAMP, 'missing.etl']), 3, /missing/);
    refused(
      tracekit(['events', DUMPER]),
      4,
      /holds no single events\. Formats that do: etl, tracerpt-csv, tracerpt-xml/,
    );
    const bare = tracekit(['events']);
    expect([bare.code, bare.out]).toEqual([2, '']);
  });

  it('4: a file of a format with events that has none', () => {
    const head = file('head.csv', readTracerptHead());
    const ran = tracekit(['events', head, '--format', 'ndjson']);
    expect([ran.code, ran.out]).toEqual([4, '']);
    expect(ran.err).toContain('tracekit: no events in the input.\n');
  });

  it('says what a recording lost; 3 with --strict', () => {
    const lost = 'tracekit: s1 recording lost 3 events and 1 buffers. [events-lost]\n';
    const ran = tracekit(['events', LOST, '--format', 'csv']);
    expect([ran.code, ran.err]).toEqual([0, lost]);
    const strict = tracekit(['events', LOST, '--format', 'csv', '--strict']);
    expect([strict.code, strict.out]).toEqual([3, ran.out]);
    expect(strict.err).toBe(`${lost}tracekit: --strict: events-lost.\n`);
    const quiet = tracekit(['events', LOST, '--format', 'csv', '--strict', '--quiet']);
    expect(quiet).toEqual({ code: 3, out: ran.out, err: '' });
    expect(tracekit(['events', LAMP, '--strict']).code).toBe(0);
    expect(JSON.parse(tracekit(['events', LOST, '--json']).out).sources[0]).toMatchObject({
      eventsLost: 3,
      buffersLost: 1,
    });
  });

  it('a log that is cut off gives the events that are there; 3 with --strict', () => {
    const cut = file('cut.etl', LOG.subarray(0, LOG.length - 4000));
    const ran = tracekit(['events', cut, '--format', 'ndjson']);
    expect(ran.code).toBe(0);
    expect(rows(ran.out).length).toBeGreaterThan(5);
    // The event at the end of the file is there in part.
    expect(ran.err).toMatch(
      /^tracekit: s1 the log ends inside a buffer: .+ \[truncated\]\ntracekit: .+ \[damaged-event\]\n$/,
    );
    expect(tracekit(['events', cut, '--strict']).code).toBe(3);
  });

  it('escape sequences in a log come out nowhere', () => {
    const ESC = '\u001b]0;owned\u0007\u001b[2J\u202e\u009b31m\r\n';
    const events = [
      at(0, processEvent('rundownStart', { key: 1n, pid: 7, parentPid: 4, imageFileName: `p${ESC}.exe` }), { pid: 4 }),
      at(
        5,
        traceLogging({
          guid: GUID.traceLogging,
          provider: `=P${ESC}`,
          name: `=N${ESC}`,
          fields: [{ name: `F${ESC}`, type: 'unicodeString', data: utf16z(`=V${ESC}`) }],
        }),
        { pid: 7, tid: 8 },
      ),
      at(6, classicEvent({ guid: GUID.classic, opcode: 1 }, Buffer.from(ESC)), { pid: 7, tid: 8 }),
    ];
    const log = writeEtl(logOf(events, { session: { loggerName: `L${ESC}`, logFileName: `F${ESC}` } }));
    const path = file('a\u001b[31mb\u202e.etl', log);
    const manifest = MANIFEST.replace('Contoso-Lamp', 'Lamp&#x9b;31m&#x202e;').replace('Lamp %2', 'x&#x85;&#x2028; %2');
    const man = file('esc.man', manifest);
    for (const args of [['--format', 'table', '--stacks'], ['--json'], ['--format', 'ndjson'], ['--format', 'csv']]) {
      for (const given of [[path], [LAMP, '--manifest', man]]) {
        const { code, out, err } = tracekit(['events', ...given, ...args, '--strict']);
        expect([code, CONTROL.exec(out), CONTROL.exec(err)]).toEqual([0, null, null]);
      }
    }
    const csvRow: Record<string, string>[] = parse(csv(path).out, { columns: true });
    expect(csvRow[2].name.startsWith("'=N\\x1b]0;owned")).toBe(true);
    const [row] = rows(tracekit(['events', path, '--format', 'ndjson', '--id', '0']).out);
    expect([row.name, row.providerName, row.fields]).toEqual([`=N${ESC}`, `=P${ESC}`, { [`F${ESC}`]: `=V${ESC}` }]);
    refused(tracekit(['events', path.replace('.etl', '.no')]), 3, /a\\x1b\[31mb/);
  });
});

describe('a closed pipe', () => {
  it.each(['ndjson', 'csv', 'table'])('%s: ends quietly', async (format) => {
    const args = [join(ROOT, 'dist/bin/tracekit.js'), 'events', STUTTER, '--limit', '0', '--format', format];
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    let err = '';
    child.stderr.on('data', (chunk: Buffer) => {
      err += chunk.toString();
    });
    const code = await new Promise((done) => {
      child.on('close', done);
      child.stdout.once('data', () => child.stdout.destroy());
    });
    expect([code, err]).toEqual([0, '']);
  });
});

/** The first line of a tracerpt export, unpacked. */
function readTracerptHead(): string {
  const run = spawnSync('gzip', ['-dc', 'samples/tracerpt-csv/stutter.csv.gz'], { cwd: ROOT, encoding: 'utf8' });
  return `${run.stdout.split('\n')[0]}\n`;
}

it('lists all of its events in time order from a log that holds many kinds', () => {
  // As the writer was given them, by time and then processor.
  const order = [...lampEvents()].sort((a, b) => Number(a.ticks - b.ticks) || a.cpu - b.cpu);
  const printed = rows(tracekit(['events', LAMP, '--format', 'ndjson']).out);
  expect(printed.slice(1).map(({ cpu }) => cpu)).toEqual(order.map(({ cpu }) => cpu));
});
