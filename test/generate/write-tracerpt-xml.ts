/** Prints a truth as `tracerpt x.etl -of XML` does: events are told by class GUID and opcode, as in real dumps. */
import { endUs, type ImageTruth, type Run, type Sample, type Truth } from './truth.js';

const PERF_INFO = '{ce1dbfb4-137e-4da6-87b0-3f59aa102cbc}';
const EVENT_TRACE = '{68fdd900-4a3e-11d1-84f4-0000f80464e3}';
const IMAGE = '{2cb15d1d-5fc1-11d2-abe1-00a0c911f518}';
const STACK_WALK = '{def2fe46-7bd6-4b80-bd94-f57fe20d0ce3}';
const NONE = 4294967295;

interface Event {
  readonly guid: string;
  readonly eventName: string;
  readonly opcode: number;
  readonly opcodeName: string;
  readonly pid: number;
  readonly tid: number;
  readonly cpu: number;
  readonly atUs: number;
  readonly data: readonly (readonly [string, string])[];
}

const hex = (value: bigint | number): string => `0x${value.toString(16).toUpperCase()}`;
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
const filetime = (truth: Truth, atUs: number): bigint => truth.startFiletime + BigInt(atUs) * 10n;

/** `2025-04-17T10:13:20.123456000Z`: nine decimals, as tracerpt prints them. */
function systemTime(truth: Truth, atUs: number): string {
  const ticks = filetime(truth, atUs) - 116_444_736_000_000_000n;
  const seconds = new Date(Number(ticks / 10_000_000n) * 1000).toISOString().slice(0, 19);
  return `${seconds}.${String(ticks % 10_000_000n).padStart(7, '0')}00Z`;
}

function element(truth: Truth, event: Event): string {
  return [
    '<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event">',
    '\t<System>',
    '\t\t<Provider Guid="{9e814aad-3204-11d2-9a82-006008a86939}" />',
    '\t\t<EventID>0</EventID>',
    '\t\t<Version>2</Version>',
    '\t\t<Level>0</Level>',
    '\t\t<Task>0</Task>',
    `\t\t<Opcode>${event.opcode}</Opcode>`,
    '\t\t<Keywords>0x0</Keywords>',
    `\t\t<TimeCreated SystemTime="${systemTime(truth, event.atUs)}" />`,
    '\t\t<Correlation ActivityID="{00000000-0000-0000-0000-000000000000}" />',
    `\t\t<Execution ProcessID="${event.pid}" ThreadID="${event.tid}" ProcessorID="${event.cpu}" KernelTime="0" UserTime="0" />`,
    '\t\t<Channel />',
    '\t\t<Computer />',
    '\t</System>',
    '\t<EventData>',
    ...event.data.map(([name, value]) => `\t\t<Data Name="${name}">${escaped(value)}</Data>`),
    '\t</EventData>',
    '\t<RenderingInfo Culture="en-US">',
    `\t\t<Opcode>${event.opcodeName}</Opcode>`,
    '\t\t<Provider>MSNT_SystemTrace</Provider>',
    `\t\t<EventName xmlns="http://schemas.microsoft.com/win/2004/08/events/trace">${event.eventName}</EventName>`,
    '\t</RenderingInfo>',
    '\t<ExtendedTracingInfo xmlns="http://schemas.microsoft.com/win/2004/08/events/trace">',
    `\t\t<EventGuid>${event.guid}</EventGuid>`,
    '\t</ExtendedTracingInfo>',
    '</Event>',
  ].join('\r\n');
}

function headerEvent(truth: Truth): Event {
  return {
    guid: EVENT_TRACE,
    eventName: 'EventTrace',
    opcode: 0,
    opcodeName: 'Header',
    pid: 2144,
    tid: 6212,
    cpu: 0,
    atUs: 0,
    data: [
      ['BufferSize', '8192'],
      ['Version', '83951626'],
      ['ProviderVersion', '22631'],
      ['NumberOfProcessors', String(truth.cpus)],
      ['EndTime', String(filetime(truth, truth.lengthUs))],
      ['TimerResolution', '156250'],
      ['MaxFileSize', '0'],
      ['LogFileMode', '0x0'],
      ['BuffersWritten', '151'],
      ['StartBuffers', '1'],
      ['PointerSize', '8'],
      ['EventsLost', String(truth.eventsLost)],
      ['CPUSpeed', '2995'],
      ['LoggerName', '0xA'],
      ['LogFileName', '0x7'],
      ['BootTime', '133890000000000000'],
      ['PerfFreq', String(truth.perfFreq)],
      ['StartTime', String(truth.startFiletime)],
      ['ReservedFlags', '0x1'],
      ['BuffersLost', String(truth.buffersLost)],
      ['SessionNameString', 'NT Kernel Logger'],
      ['LogFileNameString', `C:\\Temp\\${truth.name}.etl`],
    ],
  };
}

function imageEvent({ path, base, size, pid }: ImageTruth): Event {
  return {
    guid: IMAGE,
    eventName: 'Image',
    opcode: 3,
    opcodeName: 'DCStart',
    pid,
    tid: NONE,
    cpu: 0,
    atUs: 0,
    data: [
      ['ImageBase', hex(base)],
      ['ImageSize', hex(size)],
      ['ProcessId', String(pid)],
      ['ImageCheckSum', '0'],
      ['TimeDateStamp', '1597643808'],
      ['DefaultBase', hex(base)],
      ['FileName', path],
    ],
  };
}

/** Opcodes and display names; the schema calls the threaded kind `ThreadDPC`. */
const EVENT: Record<Run['type'], readonly [number, string]> = {
  ThreadedDPC: [66, 'ThreadDPC'],
  ISR: [67, 'ISR'],
  DPC: [68, 'DPC'],
  TimerDPC: [69, 'TimerDPC'],
  'ISR-MSI': [50, 'ISR-MSI'],
};

function runEvent(truth: Truth, run: Run): Event {
  const data: [string, string][] = [
    ['InitialTime', String(filetime(truth, run.startUs))],
    ['Routine', hex(run.address)],
  ];
  if (run.kind === 'ISR') data.push(['ReturnValue', '1'], ['Vector', String(run.vector)], ['Reserved', '0']);
  if (run.messageIndex !== null) data.push(['MessageNumber', String(run.messageIndex)]);
  const [opcode, opcodeName] = EVENT[run.type];
  const { cpu } = run;
  return {
    guid: PERF_INFO,
    eventName: 'PerfInfo',
    opcode,
    opcodeName,
    pid: NONE,
    tid: NONE,
    cpu,
    atUs: endUs(run),
    data,
  };
}

function sampleEvents(truth: Truth, { atUs, cpu, process, stack }: Sample): Event[] {
  const ticks = 41_000_000_000 + (atUs * truth.perfFreq) / 1e6;
  const none = { pid: NONE, tid: NONE, cpu, atUs };
  return [
    {
      ...none,
      guid: PERF_INFO,
      eventName: 'PerfInfo',
      opcode: 46,
      opcodeName: 'SampleProf',
      data: [
        ['InstructionPointer', hex(stack[0].address)],
        ['ThreadId', String(process.tid)],
        ['Count', '1'],
        ['Reserved', '64'],
      ],
    },
    {
      ...none,
      guid: STACK_WALK,
      eventName: 'StackWalk',
      opcode: 32,
      opcodeName: 'Stack',
      data: [
        ['EventTimeStamp', String(ticks)],
        ['StackProcess', hex(process.pid)],
        ['StackThread', String(process.tid)],
        ...stack.map(({ address }, i): [string, string] => [`Stack${i + 1}`, hex(address)]),
      ],
    },
  ];
}

/** The file: CRLF, one `Events` element. */
export function tracerptXml(truth: Truth): string {
  const events = [
    ...truth.runs.map((run) => [runEvent(truth, run)]),
    ...truth.samples.map((row) => sampleEvents(truth, row)),
  ].sort((a, b) => a[0].atUs - b[0].atUs);
  const all = [headerEvent(truth), ...truth.images.map(imageEvent), ...events.flat()];
  return `<Events>\r\n${all.map((event) => element(truth, event)).join('\r\n')}\r\n</Events>\r\n`;
}
