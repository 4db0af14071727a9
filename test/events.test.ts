/** Single events: what `readEvents` hands on, and how they are written; the command is in events-cli.test.ts. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { parseFilter, parseNamesFilter } from '../src/core/filter.js';
import {
  ALL_EVENTS,
  type EventRecord,
  type EventRow,
  type EventSelection,
  type EventsSummary,
  type OpenOptions,
  open,
  readEvents,
} from '../src/index.js';
import { csvEvents, type EventWriter, ndjsonEvents, terminalEvents } from '../src/report/events-rows.js';
import { utf8z } from './generate/etl/bytes.js';
import { traceLogging } from './generate/etl/payloads/tracelogging.js';
import { writeEtl } from './generate/etl/write-etl.js';
import { endUs, stutter } from './generate/truth.js';
import { at, logOf } from './support/etl-logs.js';
import { BASE, GUID, LAMP_NAMES, lampLog, MANIFEST, TMF } from './support/event-log.js';
import { CONTROL } from './support/refusal.js';
import { sample } from './support/samples.js';
import { validator } from './support/schema.js';

const folder = mkdtempSync(join(tmpdir(), 'tracekit-events-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
function file(bytes: Uint8Array | string): string {
  const path = join(folder, `file-${files++}`);
  writeFileSync(path, bytes);
  return path;
}

const LAMP = file(writeEtl(lampLog()));
const DECODING = {
  manifests: [{ path: 'lamp.man', bytes: Buffer.from(MANIFEST) }],
  tmf: [{ path: 'lamp.tmf', bytes: Buffer.from(TMF) }],
};

async function eventsOf(
  path: string,
  selection: Partial<EventSelection> = {},
  opening: OpenOptions = {},
): Promise<EventsSummary & { events: EventRecord[] }> {
  const trace = await open([path], opening);
  try {
    const events: EventRecord[] = [];
    const summary = await readEvents(trace, { ...ALL_EVENTS, ...selection }, (event) => events.push(event));
    return { ...summary, events };
  } finally {
    trace.close();
  }
}

const namesOf = async (selection: Partial<EventSelection>, opening: OpenOptions = {}): Promise<(string | null)[]> =>
  (await eventsOf(LAMP, selection, opening)).events.map(({ name }) => name);

/** An event as the writers take it: its fields as text. */
type Shown = Omit<EventRow, 'fieldsJson'> & { readonly fields: Readonly<Record<string, unknown>> | null };
const lineOf = (writer: EventWriter, { fields, ...event }: Shown): string =>
  writer.line({ ...event, fieldsJson: fields === null ? null : JSON.stringify(fields) });

const named = async (name: string, opening: OpenOptions = {}): Promise<EventRecord> => {
  const { events } = await eventsOf(LAMP, { name: (other) => other === name }, opening);
  expect(events).toHaveLength(1);
  return events[0];
};

/** What an event says of nothing. */
const NOTHING = {
  source: 's1',
  pid: null,
  tid: null,
  process: null,
  providerName: null,
  group: null,
  opcode: null,
  id: null,
  version: null,
  level: null,
  task: null,
  channel: null,
  keyword: null,
  activityId: null,
  relatedActivityId: null,
  extended: null,
  message: null,
  fields: null,
  payloadHex: null,
  stack: null,
  line: null,
  byte: expect.any(Number),
};

const IN_LAMP = { pid: 1234, tid: 11, process: 'lamp.exe' };

describe('events of a raw log', () => {
  it.each([
    ['whole buffers', {}],
    ['a buffer for each few events', { session: { bufferBytes: 512 + 512 } }],
    ['compressed', { compressed: true }],
    ['native', { nativeLog: true }],
    ['buffers turned', { session: { bufferBytes: 1024 }, rotateBuffers: 1 }],
  ])('come in the order of time over all processors: %s', async (_, options) => {
    const { events, matched, shown } = await eventsOf(file(writeEtl(lampLog(options))));
    expect(events.map(({ name }) => name)).toEqual(LAMP_NAMES);
    expect(events.map(({ atUs }) => atUs)).toEqual([0, 0, 0, 100, 200, 300, 400, 500, 600, 600.1, 700]);
    expect(events.map(({ cpu }) => cpu)).toEqual([0, 0, 0, 0, 1, 0, 2, 1, 0, 0, 2]);
    expect([matched, shown]).toEqual([11, 11]);
  });

  it('have a manifest event’s header and payload in hex, as long as nobody describes it', async () => {
    expect(await named('Event(7)')).toEqual({
      ...NOTHING,
      ...IN_LAMP,
      atUs: 200,
      utc: '2025-04-17T00:00:00.1236560Z',
      cpu: 1,
      provider: GUID.manifest,
      id: 7,
      version: 1,
      name: 'Event(7)',
      channel: 16,
      level: 4,
      opcode: 1,
      task: 3,
      keyword: '0x8000000000000010',
      payloadHex: '2a0000006400650073006b000000',
    });
  });

  it('have its names, fields and message with a manifest; the provider’s name also where an event is not in it', async () => {
    expect(await named('Switch/Start', { decoding: DECODING })).toMatchObject({
      providerName: 'Contoso-Lamp',
      fields: { Count: 42, Name: 'desk' },
      message: 'Lamp desk switched 42 times',
      payloadHex: null,
    });
    expect(await named('Event(8)', { decoding: DECODING })).toMatchObject({
      providerName: 'Contoso-Lamp',
      fields: null,
      payloadHex: 'addeefbe',
    });
  });

  it('have a TraceLogging event’s own description, and its activities', async () => {
    expect(await named('Beat')).toEqual({
      ...NOTHING,
      ...IN_LAMP,
      tid: 12,
      atUs: 300,
      utc: '2025-04-17T00:00:00.1237560Z',
      cpu: 0,
      provider: GUID.traceLogging,
      providerName: 'Contoso-Trace',
      name: 'Beat',
      id: 0,
      version: 0,
      opcode: 0,
      task: 0,
      channel: 11,
      level: 5,
      keyword: '0x0',
      activityId: GUID.activity,
      relatedActivityId: GUID.related,
      fields: { n: 5, text: '=1+1' },
    });
  });

  it('have a WPP message’s number and payload, and its text with a message file', async () => {
    const header = { provider: GUID.wpp, id: 10, atUs: 400, cpu: 2, pid: 1234, tid: 13, process: 'lamp.exe' };
    expect(await named('Message(10)')).toMatchObject({
      ...header,
      fields: null,
      payloadHex: 'fbffffff',
      message: null,
    });
    expect(await named('LampOn', { decoding: DECODING })).toMatchObject({
      ...header,
      providerName: 'Lamp',
      fields: { watts: -5 },
      message: 'LampOn watts -5',
      payloadHex: null,
    });
  });

  it('have a classic event’s GUID and opcode', async () => {
    expect(await named('Opcode(3)')).toEqual({
      ...NOTHING,
      ...IN_LAMP,
      atUs: 700,
      utc: '2025-04-17T00:00:00.1241560Z',
      cpu: 2,
      provider: GUID.classic,
      opcode: 3,
      version: 1,
      level: 4,
      name: 'Opcode(3)',
      payloadHex: '0102ff',
    });
  });

  it('have a kernel event’s fields, and the stack that was logged after it', async () => {
    expect(await named('PerfInfo/DPC')).toEqual({
      ...NOTHING,
      atUs: 100,
      utc: '2025-04-17T00:00:00.1235560Z',
      cpu: 0,
      provider: 'kernel',
      group: 15,
      opcode: 68,
      version: 2,
      name: 'PerfInfo/DPC',
      fields: { InitialTime: 41_000_000_900, Routine: '0xfffff80000010123' },
    });
    const frame = (address: bigint, module: string | null): object => ({
      address: `0x${address.toString(16)}`,
      module,
      function: null,
    });
    const { stack } = await named('PerfInfo/SampledProfile');
    expect(stack).toEqual([
      frame(BASE + 0x200n, 'driver.sys'),
      frame(BASE + 0x300n, 'driver.sys'),
      frame(0xfffff90000000000n, null),
    ]);
  });

  it('are as the schema of a line of NDJSON says', async () => {
    const valid = validator('events', 'event');
    for (const opening of [{}, { decoding: DECODING }]) {
      for (const event of (await eventsOf(LAMP, {}, opening)).events) {
        expect(valid(JSON.parse(lineOf(ndjsonEvents, event)))).toEqual([]);
      }
    }
  });

  it('are those of the truth that the samples were made from', async () => {
    const runs = stutter()
      .runs.map((run) => `${endUs(run)} ${run.cpu} ${run.type} ${41_000_000_000 + 10 * run.startUs}`)
      .sort();
    for (const path of ['etl/stutter.etl', 'etl/stutter-keys.etl.gz']) {
      const name = parseFilter('PerfInfo/*DPC;PerfInfo/ISR*');
      const { events, matched } = await eventsOf(sample(path), { name });
      const found = events.map((e) => `${e.atUs} ${e.cpu} ${e.name?.slice(9)} ${e.fields?.InitialTime}`);
      expect([matched, found.sort()]).toEqual([4119, runs]);
      const times = events.map(({ atUs }) => atUs as number);
      expect(times).toEqual([...times].sort((a, b) => a - b));
    }
  });
});

describe('events of text formats', () => {
  // tracerpt calls the threaded kind in XML as its schema does.
  it.each([
    ['tracerpt-csv/stutter.csv.gz', 'ThreadedDPC'],
    ['tracerpt-xml/stutter.xml.gz', 'ThreadDPC'],
  ])('%s', async (path, threaded) => {
    const { events } = await eventsOf(sample(path), { name: parseFilter(`DPC;${threaded};TimerDPC;ISR;ISR-MSI`) });
    const found = events.map((e) => `${e.atUs} ${e.cpu} ${e.name === threaded ? 'ThreadedDPC' : e.name}`);
    expect(found.sort()).toEqual(
      stutter()
        .runs.map((run) => `${endUs(run)} ${run.cpu} ${run.type}`)
        .sort(),
    );
    const valid = validator('events', 'event');
    for (const event of events.slice(0, 50)) {
      expect(valid(event)).toEqual([]);
      expect([event.provider, typeof event.line, Object.keys(event.fields ?? {})]).toEqual([
        'PerfInfo',
        'number',
        ['Data'],
      ]);
    }
  });

  it('keep data that look like JSON as they are', async () => {
    const csv = gunzipSync(readFileSync(sample('tracerpt-csv/stutter.csv.gz'))).toString('latin1');
    const lines = csv.split('\n').slice(0, 40);
    lines[2] = lines[2].replace(/0xFFFFF80340000000, .*/, '{}');
    const { events } = await eventsOf(file(Buffer.from(lines.join('\n'), 'latin1')));
    expect(events.slice(1, 3).map(({ fields }) => fields)).toEqual([
      { Data: '{}' },
      { Data: expect.stringContaining('hal.dll') },
    ]);
  });

  it.each([
    'xperf-dumper/stutter.txt',
    'xperf-dpcisr/stutter.txt',
    'latencymon/stutter.txt',
    'wpa-dpc-isr/stutter-en.csv',
  ])('%s holds none', async (path) => {
    const ended = eventsOf(sample(path));
    await expect(ended).rejects.toMatchObject({ name: 'TracekitError', exitCode: 4 });
    await expect(ended).rejects.toThrow(/holds no single events\. Formats that do: etl, tracerpt-csv, tracerpt-xml\.$/);
  });
});

describe('a selection', () => {
  const all = [...LAMP_NAMES];
  const without = (...names: string[]): string[] => all.filter((name) => !names.includes(name));
  const provider = (text: string): Partial<EventSelection> => ({ provider: parseNamesFilter(text) });
  const OF_MANIFEST = ['Event(7)', 'Event(8)'];
  const KERNEL = all.filter((name) => name.includes('/'));

  it.each<[string, Partial<EventSelection>, readonly string[]]>([
    ['nothing', {}, all],
    ['provider kernel', provider('kernel'), KERNEL],
    ['provider by GUID', provider(GUID.manifest), OF_MANIFEST],
    ['provider by GUID in capitals', provider(GUID.manifest.toUpperCase()), OF_MANIFEST],
    ['provider by name', provider('contoso-trace'), ['Beat']],
    ['providers by part of the name, and GUID', provider(`*-Trace;${GUID.wpp}`), ['Beat', 'Message(10)']],
    ['all providers but kernel', provider('!KERNEL'), all.filter((name) => !name.includes('/'))],
    ['all providers but one by name', provider('!Contoso-*'), without('Beat')],
    ['all providers but one by GUID', provider(`!${GUID.traceLogging}`), without('Beat')],
    ['no such provider', provider('nobody'), []],
    ['name', { name: parseFilter('perfinfo/dpc') }, ['PerfInfo/DPC']],
    ['names', { name: parseFilter('PerfInfo/*;Beat') }, ['PerfInfo/DPC', 'Beat', 'PerfInfo/SampledProfile']],
    ['names but one', { name: parseFilter('PerfInfo/*;!*/DPC') }, ['PerfInfo/SampledProfile']],
    ['names with a letter open', { name: parseFilter('Event(?)') }, OF_MANIFEST],
    ['ids', { ids: new Set([7, 10]) }, ['Event(7)', 'Message(10)']],
    ['id 0, which kernel events do not have', { ids: new Set([0]) }, ['Beat']],
    ['pids', { pids: new Set([4]) }, ['Process/DCStart', 'Image/DCStart']],
    ['pid 0, which nobody has', { pids: new Set([0]) }, []],
    ['tids', { tids: new Set([12, 13]) }, ['Beat', 'Message(10)']],
    ['cpus', { cpus: new Set([1, 2]) }, ['Event(7)', 'Message(10)', 'Event(8)', 'Opcode(3)']],
    ['range', { range: { startUs: 200, endUs: 500 } }, ['Event(7)', 'Beat', 'Message(10)', 'Event(8)']],
    [
      'all at once',
      { ...provider('!kernel'), cpus: new Set([1]), ids: new Set([8]), pids: new Set([1234]) },
      ['Event(8)'],
    ],
  ])('of %s', async (_, selection, names) => {
    expect(await namesOf(selection)).toEqual(names);
  });

  it('knows providers by the names in a manifest', async () => {
    expect(await namesOf(provider('Contoso-Lamp'), { decoding: DECODING })).toEqual(['Switch/Start', 'Event(8)']);
    expect(await namesOf(provider('!Contoso-Lamp;!kernel'), { decoding: DECODING })).toEqual([
      'Beat',
      'LampOn',
      'Opcode(3)',
    ]);
  });

  it('counts what the limit leaves out', async () => {
    const { events, matched, shown } = await eventsOf(LAMP, { ...provider('kernel'), limit: 2 });
    expect([events.map(({ name }) => name), matched, shown]).toEqual([['EventTrace/Header', 'Process/DCStart'], 6, 2]);
    const none = await eventsOf(LAMP, { ids: new Set([99]), limit: 2 });
    expect([none.events, none.matched, none.shown]).toEqual([[], 0, 0]);
  });
});

describe('texts from a log', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.string({
      unit: fc.constantFrom('\u001b', '\n', '\r', '\t', '"', ',', '=', '\u202e', '\u009b', '😀', 'a'),
      maxLength: 12,
    }),
  );
  const orNull = fc.option(text, { nil: null });
  const shownEvent: fc.Arbitrary<Shown> = fc.record({
    ...{ source: fc.constant('s1'), atUs: fc.option(fc.double(), { nil: null }), utc: orNull },
    ...{ cpu: fc.constant(1), pid: fc.nat(), tid: fc.constant(null), process: orNull, provider: orNull },
    ...{ providerName: orNull, group: fc.constant(null), opcode: fc.option(fc.nat(), { nil: null }), id: fc.nat() },
    ...{ version: fc.nat(), name: orNull, level: fc.nat(), task: fc.nat(), channel: fc.nat(), keyword: orNull },
    ...{
      activityId: orNull,
      relatedActivityId: orNull,
      extended: fc.constant(null),
      message: orNull,
      payloadHex: orNull,
    },
    fields: fc.option(fc.dictionary(text, fc.oneof(text, fc.nat(), fc.array(text, { maxLength: 3 }))), { nil: null }),
    stack: fc.option(fc.array(fc.record({ address: orNull, module: orNull, function: orNull }), { maxLength: 9 }), {
      nil: null,
    }),
    ...{ line: fc.constant(null), byte: fc.nat() },
  });

  it('fit the width of a table, a line each and without controls', () => {
    fc.assert(
      fc.property(shownEvent, fc.integer({ min: 40, max: 200 }), fc.boolean(), (event, width, withStacks) => {
        const lines = lineOf(terminalEvents(width, withStacks), event);
        expect(lines).not.toMatch(CONTROL);
        const all = lines.split('\n').slice(0, -1);
        expect(all.length).toBeLessThanOrEqual(withStacks ? 8 : 1);
        for (const line of all) expect(line.length).toBeLessThanOrEqual(width);
      }),
      { numRuns: 300 },
    );
  });

  it('a table 80 columns wide', async () => {
    const { events } = await eventsOf(LAMP, {}, { decoding: DECODING });
    const table = terminalEvents(80, true);
    const text = `${table.head}${events.map((event) => lineOf(table, event)).join('')}`;
    await expect(text).toMatchFileSnapshot('./snapshots/events-80.txt');
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('are cut between characters', () => {
    const nothing = Object.fromEntries(
      csvEvents.head
        .trimEnd()
        .split(',')
        .map((name) => [name, null]),
    );
    const event = { ...nothing, name: '😀'.repeat(35) } as unknown as Shown;
    for (let width = 56; width < 90; width++) {
      const line = lineOf(terminalEvents(width, false), event);
      expect(Buffer.from(line).toString()).toBe(line);
      expect(line.endsWith('😀…\n')).toBe(true);
    }
  });

  it('are whole in NDJSON, a line each', () => {
    fc.assert(
      fc.property(shownEvent, (event) => {
        const line = lineOf(ndjsonEvents, event);
        expect(line).not.toMatch(CONTROL);
        expect(line.indexOf('\n')).toBe(line.length - 1);
        expect(JSON.parse(line)).toEqual(JSON.parse(JSON.stringify(event)));
      }),
      { numRuns: 300 },
    );
  });

  it('are one record in CSV, and no formula', () => {
    const columns = csvEvents.head.trimEnd().split(',');
    fc.assert(
      fc.property(shownEvent, (event) => {
        const line = lineOf(csvEvents, event);
        expect(line).not.toMatch(CONTROL);
        expect(line.indexOf('\n')).toBe(line.length - 1);
        const records: string[][] = parse(line);
        expect(records.map((cells) => cells.length)).toEqual([columns.length]);
        for (const [i, cell] of records[0].entries()) {
          const value = event[columns[i] as keyof Shown];
          if (typeof value === 'string' && /^[=+\-@]/.test(value)) expect(cell.startsWith(`'${value[0]}`)).toBe(true);
          else if (typeof value === 'string' && !/[\n\t]/.test(value) && !CONTROL.test(value) && !/^\s/.test(value)) {
            expect(cell).toBe(value);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('as names of events, providers and fields come to no harm', async () => {
    const ESC = '\u001b]0;owned\u0007';
    const body = traceLogging({
      guid: GUID.traceLogging,
      provider: `P${ESC}`,
      name: `N${ESC}`,
      fields: [
        { name: `F${ESC}`, type: 'ansiString', data: utf8z(`V${ESC}`) },
        { name: '__proto__', type: 'uint8', data: Buffer.of(7) },
        { name: 'constructor', type: 'uint8', data: Buffer.of(8) },
      ],
    });
    const { events } = await eventsOf(file(writeEtl(logOf([at(10, body)]))));
    const event = events[1];
    expect(Object.entries(event.fields ?? {})).toEqual([
      [`F${ESC}`, `V${ESC}`],
      ['__proto__', 7],
      ['constructor', 8],
    ]);
    for (const writer of [terminalEvents(160, true), csvEvents, ndjsonEvents]) {
      expect(lineOf(writer, event)).not.toMatch(CONTROL);
    }
    expect(JSON.parse(lineOf(ndjsonEvents, event)).name).toBe(`N${ESC}`);
  });
});

it('a damaged log gives what is left of it, whatever the damage', async () => {
  const sound = writeEtl(lampLog());
  const path = file(sound);
  const edit = fc.tuple(fc.nat(sound.length - 1), fc.nat(255));
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 12 }), fc.nat(sound.length), async (edits, length) => {
      const bytes = Buffer.from(sound);
      // The start of the header stays, so that it is taken for a log.
      for (const [where, byte] of edits) if (where >= 0x80) bytes[where] = byte;
      writeFileSync(path, bytes.subarray(0, Math.max(4096, length)));
      const { events, matched } = await eventsOf(path, {}, { decoding: DECODING });
      expect(matched).toBe(events.length);
      for (const event of events) expect(lineOf(csvEvents, event)).not.toMatch(CONTROL);
    }),
    { numRuns: 100 },
  );
});
