import { describe, expect, it } from 'vitest';
import { tracerptXml } from '../parsers/tracerpt-xml.js';
import { dpcIsr } from '../src/tables/dpc-isr.js';
import { genericEvent } from '../src/tables/event.js';
import { image } from '../src/tables/image.js';
import { sampledProfile } from '../src/tables/sampled-profile.js';
import { stack } from '../src/tables/stack.js';
import { oneOf, survivesDamage } from './support/damage.js';
import { codesOf, type Parsed, parseWith, sniffText } from './support/parse.js';

const NS = 'http://schemas.microsoft.com/win/2004/08/events';
const PERF_INFO = 'ce1dbfb4-137e-4da6-87b0-3f59aa102cbc';
const EVENT_TRACE = '68fdd900-4a3e-11d1-84f4-0000f80464e3';
const IMAGE = '2cb15d1d-5fc1-11d2-abe1-00a0c911f518';
const STACK_WALK = 'def2fe46-7bd6-4b80-bd94-f57fe20d0ce3';
/** 2020-01-01T00:00:00Z as FILETIME: (1577836800 + 11644473600) * 10^7. */
const START = 132223104000000000n;

interface EventOptions {
  readonly guid: string;
  readonly opcode: number;
  readonly time?: string;
  readonly data?: Readonly<Record<string, string>>;
  readonly payload?: string;
  readonly version?: number;
  readonly rendering?: string;
  readonly cpu?: number;
}

/** One event as tracerpt writes it, line breaks included. */
function event(options: EventOptions): string {
  const {
    guid,
    opcode,
    time = 'SystemTime="2020-01-01T00:00:00.000000000Z"',
    data = {},
    version = 2,
    cpu = 0,
  } = options;
  const fields = Object.entries(data).map(([name, value]) => `\t\t<Data Name="${name}">${value}</Data>\n`);
  const own =
    options.payload === undefined
      ? `\t<EventData>\n${fields.join('')}\t</EventData>`
      : `\t<ProcessingErrorData>\n\t\t<ErrorCode>15005</ErrorCode>\n\t\t<DataItemName></DataItemName>\n\t\t<EventPayload>${options.payload}</EventPayload>\n\t</ProcessingErrorData>`;
  return `<Event xmlns="${NS}/event">
\t<System>
\t\t<Provider Guid="{9e814aad-3204-11d2-9a82-006008a86939}" />
\t\t<EventID>0</EventID>
\t\t<Version>${version}</Version>
\t\t<Level>0</Level>
\t\t<Task>0</Task>
\t\t<Opcode>${opcode}</Opcode>
\t\t<Keywords>0x0</Keywords>
\t\t<TimeCreated ${time} />
\t\t<Correlation ActivityID="{00000000-0000-0000-0000-000000000000}" />
\t\t<Execution ProcessID="4294967295" ThreadID="4294967295" ProcessorID="${cpu}" KernelTime="0" UserTime="0" />
\t\t<Channel />
\t\t<Computer />
\t</System>
${own}
\t<RenderingInfo Culture="en-US">
\t\t<Opcode>${options.rendering ?? 'X'}</Opcode>
\t\t<Provider>MSNT_SystemTrace</Provider>
\t\t<EventName xmlns="${NS}/trace">Class</EventName>
\t</RenderingInfo>
\t<ExtendedTracingInfo xmlns="${NS}/trace">
\t\t<EventGuid>{${guid}}</EventGuid>
\t</ExtendedTracingInfo>
</Event>
`;
}

const LINES_PER_EVENT = 28;
const at = (ticks: number, zone = 'Z'): string =>
  `SystemTime="2020-01-01T00:00:00.${String(ticks).padStart(7, '0')}00${zone}"`;

const header = (time = at(0)): string =>
  event({
    guid: EVENT_TRACE,
    opcode: 0,
    time,
    rendering: 'Header',
    data: {
      BufferSize: '65536',
      Version: '83951626',
      ProviderVersion: '19041',
      NumberOfProcessors: '4',
      EndTime: String(START + 20_000_000n),
      TimerResolution: '156250',
      LogFileMode: '0x2',
      BuffersWritten: '7',
      PointerSize: '8',
      EventsLost: '5',
      CPUSpeed: '2995',
      PerfFreq: '10000000',
      StartTime: String(START),
      ReservedFlags: '0x1',
      BuffersLost: '1',
      SessionNameString: 'NT Kernel Logger',
    },
  });

function dpc(ticks: number, initial: bigint | string, more: Partial<EventOptions> = {}): string {
  const data = { InitialTime: String(initial), Routine: '0xFFFFF8034A6D1230' };
  return event({ guid: PERF_INFO, opcode: 68, time: at(ticks), rendering: 'DPC', data, ...more });
}

const xml = (...events: string[]): string => `<Events>\n${events.join('')}</Events>\n`;
const parse = (bytes: string | Uint8Array): Promise<Parsed> => parseWith(tracerptXml, { bytes });

describe('kernel events', () => {
  it('are known by GUID and opcode, whatever they are called', async () => {
    const isr = { Routine: '0xFFFFF80310002000', ReturnValue: '1', Vector: '177', Reserved: '0' };
    const parsed = await parse(
      xml(
        header(),
        dpc(2000, START + 1877n, { cpu: 3, rendering: 'Unterbrechung' }),
        dpc(5000, START + 4000n, { opcode: 69 }),
        event({ guid: PERF_INFO, opcode: 67, time: at(6000), data: { InitialTime: String(START + 5999n), ...isr } }),
      ),
    );
    const runs = parsed.rows(dpcIsr).map((r) => [r.kind, r.type, r.startUs, r.durationUs, r.cpu, r.vector, r.routine]);
    expect(runs).toEqual([
      ['DPC', 'DPC', 187.7, 12.3, 3, null, '0xfffff8034a6d1230'],
      ['DPC', 'TimerDPC', 400, 100, 0, null, '0xfffff8034a6d1230'],
      ['ISR', 'ISR', 599.9, 0.1, 0, 177, '0xfffff80310002000'],
    ]);
    expect(parsed.account).toEqual({ unit: 'record', read: 4, rows: 4, skipped: 0, ignored: 0 });
    expect(parsed.diagnostics).toEqual([]);
    const [first] = parsed.rows(dpcIsr);
    expect(first.line).toBe(2 + header().split('\n').length - 1);
    expect(first.byte).toBe('<Events>\n'.length + header().length);
    expect(first.quote).toMatch(/^<Event><System>.*<Data Name="Routine">0xFFFFF8034A6D1230<\/Data>.*<\/Event>$/s);
    expect(parsed.rows(genericEvent)[1]).toMatchObject({
      provider: 'Class',
      name: 'Unterbrechung',
      opcode: 68,
      pid: null,
      fields: `InitialTime=${START + 1877n}, Routine=0xFFFFF8034A6D1230`,
    });
  });

  it('say in the header what the trace is', async () => {
    const { about } = await parse(xml(header()));
    expect(about).toMatchObject({
      clock: { startUtc: '2020-01-01T00:00:00.0000000Z', zone: 'UTC', resolutionNs: 100 },
      machine: { os: '10.0.19041', build: 19041, cpus: 4 },
      span: { startUs: 0, endUs: 2_000_000 },
      eventsLost: 5,
      buffersLost: 1,
      session: { name: 'NT Kernel Logger', mode: '0x2 (circular)', buffers: 7, pointerBytes: 8 },
    });
    expect(about.lossPlace).toMatchObject({ line: 2, byte: 9 });
  });

  it('have their times corrected where the zone that is printed is wrong', async () => {
    const zone = '+01:59';
    const parsed = await parse(xml(header(at(0, zone)), dpc(0, START + 1000n, { time: at(3000, zone) })));
    expect(parsed.rows(dpcIsr)).toMatchObject([{ startUs: 100, durationUs: 200 }]);
    expect(parsed.about.notes[0]).toContain('7140 s');
  });

  it('may have the clock’s own ticks as times', async () => {
    const parsed = await parse(xml(header('RawTime="5000"'), dpc(0, '5100', { time: 'RawTime="5400"' })));
    expect(parsed.rows(dpcIsr)).toMatchObject([{ startUs: 10, durationUs: 30 }]);
  });

  it('are not guessed where InitialTime cannot be related', async () => {
    const parsed = await parse(xml(header(), dpc(3000, '5100')));
    expect(parsed.rows(dpcIsr)).toEqual([]);
    expect(codesOf(parsed)).toEqual(['no-clock-relation']);
  });

  it('are decoded from the payload where the layout is known, else counted', async () => {
    const initial = Buffer.alloc(8);
    initial.writeBigUInt64LE(START + 1000n);
    const routine = '30126d4a03f8ffff';
    const msi = `${initial.toString('hex')}${routine}01a10000${'04000000'}`;
    const undecoded = (opcode: number, payload: string, version = 2): string =>
      event({ guid: PERF_INFO, opcode, time: at(3000), payload, version });
    const parsed = await parse(
      xml(
        header(),
        undecoded(68, `${initial.toString('hex')}${routine}`),
        undecoded(50, msi),
        undecoded(68, `${initial.toString('hex')}804a6d12`),
        undecoded(68, `${initial.toString('hex')}${routine}00`),
        undecoded(68, `${initial.toString('hex')}${routine}`, 9),
        undecoded(201, 'FFFF'),
      ),
    );
    expect(parsed.rows(dpcIsr).map((r) => [r.type, r.durationUs, r.vector, r.messageIndex, r.routine])).toEqual([
      ['DPC', 200, null, null, '0xfffff8034a6d1230'],
      ['ISR-MSI', 200, 161, 4, '0xfffff8034a6d1230'],
      ['DPC', 200, null, null, '0x126d4a80'],
    ]);
    expect(parsed.diagnostics.map(({ code, count }) => [code, count])).toEqual([
      ['undecoded-event', 2],
      ['undecoded-fields', 1],
    ]);
  });

  it('fill the image, sample and stack tables', async () => {
    const parsed = await parse(
      xml(
        header(),
        event({
          guid: IMAGE,
          opcode: 3,
          data: { ImageBase: '0xFFFFF80310000000', ImageSize: '0x200000', ProcessId: '0x0', FileName: '\\a&amp;b.sys' },
        }),
        event({
          guid: PERF_INFO,
          opcode: 46,
          time: at(50),
          data: { InstructionPointer: '0x7FF67D7E5E80', ThreadId: '4260' },
        }),
        event({
          guid: STACK_WALK,
          opcode: 32,
          data: {
            EventTimeStamp: String(START + 50n),
            StackProcess: '0x1C3C',
            StackThread: '4260',
            Stack1: '0xFFFFF803C3FEDD84',
          },
        }),
      ),
    );
    expect(parsed.rows(image)).toMatchObject([
      { event: 'rundown-start', base: 0xfffff80310000000n, end: 0xfffff80310200000n, pid: 0, path: '\\a&b.sys' },
    ]);
    expect(parsed.rows(sampledProfile)).toMatchObject([{ atUs: 5, tid: 4260, address: 0x7ff67d7e5e80n }]);
    expect(parsed.rows(stack)).toMatchObject([{ atUs: 5, tid: 4260, frame: 1, address: 0xfffff803c3fedd84n }]);
  });

  it('tell of losses inside the trace', async () => {
    const parsed = await parse(xml(header(), event({ guid: '6a399ae0-4bc6-4de9-870b-3657f8947e7e', opcode: 32 })));
    expect(parsed.diagnostics).toMatchObject([{ code: 'lost-in-trace', severity: 'data-loss', line: 2 + 42 }]);
  });
});

describe('other events', () => {
  it('go by provider and id', async () => {
    const manifest = dpc(10, 1n)
      .replace('<EventID>0<', '<EventID>7<')
      .replace('<Provider Guid', '<Provider Name="Microsoft-Windows-Kernel-Acpi" Guid');
    const parsed = await parse(xml(manifest));
    expect([...parsed.events.keys()]).toEqual(['Microsoft-Windows-Kernel-Acpi/DPC/7']);
    expect(parsed.rows(genericEvent)).toMatchObject([{ provider: 'Microsoft-Windows-Kernel-Acpi', id: 7, atUs: 0 }]);
    expect(parsed.rows(dpcIsr)).toEqual([]);
  });

  it('over many blocks keep line, byte and quote', async () => {
    const n = 3000;
    const text = xml(...Array.from({ length: n }, (_, i) => dpc(i + 1, START + BigInt(i))));
    const per = dpc(1, START).length - '1'.length;
    expect(per * n).toBeGreaterThan(3 << 20);
    const parsed = await parse(text);
    const rows = parsed.rows(dpcIsr);
    expect(rows).toHaveLength(n);
    const bytes = Buffer.from(text);
    for (const [i, { byte, line, quote, durationUs }] of rows.entries()) {
      expect(bytes.toString('latin1', byte as number, (byte as number) + 6)).toBe('<Event');
      expect(line).toBe(2 + i * LINES_PER_EVENT);
      expect(quote).toContain(`InitialTime">${START + BigInt(i)}<`);
      expect(durationUs).toBe(0.1);
    }
  });

  it('are the same in UTF-16', async () => {
    const source = xml(header(), dpc(3000, START));
    const wide = await parse(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(source, 'utf16le')]));
    expect(wide.rows(dpcIsr)).toEqual((await parse(source)).rows(dpcIsr));
    expect(wide.rows(dpcIsr)).toHaveLength(1);
  });
});

describe('hostile input', () => {
  it('keeps what came before the place where the XML breaks', async () => {
    const parsed = await parse(
      xml(dpc(10, START), dpc(20, START), dpc(30, START)).replace(/<\/System>(?=(?:(?!<\/System>).)*$)/s, '</Sys>'),
    );
    expect(parsed.rows(dpcIsr)).toHaveLength(2);
    expect(parsed.about.truncated).toBe(true);
    expect(parsed.diagnostics.map(({ code, severity }) => [code, severity])).toEqual([
      ['event-cut', 'data-loss'],
      ['malformed-xml', 'data-loss'],
    ]);
    expect(parsed.diagnostics[1].line).toBe(2 + 2 * LINES_PER_EVENT + 14);
    expect(parsed.account).toEqual({ unit: 'record', read: 3, rows: 2, skipped: 1, ignored: 0 });
  });

  it('is told where the file is cut', async () => {
    const parsed = await parse(xml(dpc(10, START), dpc(20, START)).slice(0, -500));
    expect(parsed.rows(dpcIsr)).toHaveLength(1);
    expect(parsed.about.truncated).toBe(true);
    expect(parsed.account).toMatchObject({ read: 2, rows: 1, skipped: 1 });
  });

  it('may have characters that XML forbids', async () => {
    const data = { Text: 'a\u0001\u001b[31m &b; b' };
    const parsed = await parse(xml(dpc(10, START), event({ guid: IMAGE, opcode: 99, data }), dpc(20, START)));
    expect(parsed.rows(dpcIsr)).toHaveLength(2);
    expect(codesOf(parsed)).toEqual(['bad-character']);
    expect(parsed.rows(genericEvent)[1].fields).toBe('Text=a\u0001\u001b[31m &b; b');
    expect(parsed.diagnostics[0].examples.join()).not.toContain('\u001b');
  });

  it('has no entities of its own: a DOCTYPE ends reading', async () => {
    const parsed = await parse(`<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>${xml(dpc(10, START))}`);
    expect(codesOf(parsed)).toEqual(['malformed-xml', 'no-events']);
    expect(parsed.about.truncated).toBe(true);
  });

  it('is bounded in depth, text and line', async () => {
    expect(codesOf(await parse(`<Events>${'<a>'.repeat(1000)}`))).toEqual(['too-deep', 'no-events']);
    const long = await parse(xml(dpc(10, START), dpc(20, `${'x'.repeat(999)}\n`.repeat(10_000))));
    expect(long.rows(dpcIsr)).toHaveLength(1);
    expect(codesOf(long)).toEqual(['event-cut', 'text-too-long']);
    const line = await parse(xml(dpc(10, START), dpc(20, 'x'.repeat(2 << 20))));
    expect(line.rows(dpcIsr)).toHaveLength(1);
    expect(codesOf(line)).toEqual(['event-cut', 'line-too-long']);
  });

  it('is claimed only where it is a trace', () => {
    const sniff = (text: string) => sniffText(tracerptXml, text);
    expect(sniff(xml(header()))).toEqual({ claims: true });
    expect(sniff(`<?xml version="1.0"?>\r\n${xml(header())}`)).toEqual({ claims: true });
    expect(sniff('<html><Events></html>')).toEqual({ claims: false, why: null });
    const log = `<Events><Event xmlns='${NS}/event'><System><EventRecordID>1</EventRecordID></System></Event></Events>`;
    expect(sniff(log)).toMatchObject({ claims: false, why: expect.stringContaining('event log') });
  });

  it('is read in linear time where a line holds many tags, and each event keeps its place', async () => {
    const before = performance.now();
    const tags = await parse(xml(`é${'<a/>'.repeat(240_000)}\n`));
    expect(performance.now() - before).toBeLessThan(5000);
    expect(codesOf(tags)).toEqual(['no-events']);
    const line = `${header()}é${dpc(10, START)}é<a/>${dpc(20, START)}`.replaceAll(/[\n\t]/g, '');
    const bytes = Buffer.from(xml(line));
    const parsed = await parse(bytes);
    const places = [...parsed.rows(dpcIsr)].map((row) => row.byte ?? 0);
    const second = bytes.indexOf('<Event ', bytes.indexOf('<Event ') + 1);
    expect(places).toEqual([second, bytes.indexOf('<Event ', second + 1)]);
  });

  it('never throws anything but TracekitError and always adds up', async () => {
    const source = xml(header(), dpc(2000, START + 1877n), event({ guid: PERF_INFO, opcode: 68, payload: 'F019' }));
    await survivesDamage(parse, [source], { put: oneOf(0, 10, 34, 38, 47, 60, 62, 93, 255), maxEdits: 6 });
  });
});
