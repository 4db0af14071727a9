/** Prints a truth as `tracerpt x.etl -of CSV` does. Widths are those of a real export. */
import { endUs, type ImageTruth, type Run, type Sample, type Switch, type Truth } from './truth.js';

const HEADER =
  '  Event Name,       Type,     Event ID,    Version,    Channel,      Level,     Opcode,       Task,            Keyword,        PID,        TID,     Processor Number,  Instance ID,   Parent Instance ID,                              Activity ID,                      Related Activity ID,           Clock-Time, Kernel(ms),   User(ms), User Data';

const NONE = 0xffffffff;

interface Event {
  readonly name: string;
  readonly type: string;
  readonly version: number;
  readonly opcode: number;
  readonly pid: number;
  readonly tid: number;
  readonly cpu: number;
  readonly atUs: number;
  readonly data: readonly string[];
}

const num = (value: number | bigint): string => String(value).padStart(8);
const hex = (value: bigint | number): string => `0x${value.toString(16).toUpperCase()}`;
const id = (value: number): string => `0x${value.toString(16).toUpperCase().padStart(8, '0')}`;

/** FILETIME, 100 ns, of a time in the trace. */
export const filetime = (truth: Truth, atUs: number): bigint => truth.startFiletime + BigInt(atUs) * 10n;

function line(truth: Truth, event: Event): string {
  const number = (value: number): string => String(value).padStart(10);
  return [
    event.name.padStart(12),
    ` ${event.type.padStart(10)}`,
    ` ${'0'.padStart(12)}`,
    ` ${number(event.version)}`,
    ` ${number(0)}`,
    ` ${number(0)}`,
    ` ${number(event.opcode)}`,
    ` ${number(0)}`,
    ' 0x0000000000000000',
    ` ${id(event.pid)}`,
    ` ${id(event.tid)}`,
    ` ${String(event.cpu).padStart(20)}`,
    ' '.repeat(13),
    ' '.repeat(21),
    '   {00000000-0000-0000-0000-000000000000}',
    ' '.repeat(41),
    `   ${filetime(truth, event.atUs)}`,
    ` ${number(0)}`,
    ` ${number(0)}`,
    ...event.data.map((field) => ` ${field}`),
  ].join(',');
}

/** TRACE_LOGFILE_HEADER in the order in which tracerpt prints it; the clock is the performance counter. */
function headerEvent(truth: Truth): Event {
  const data = [
    num(8192),
    num(83951626),
    num(22631),
    num(truth.cpus),
    String(filetime(truth, truth.lengthUs)),
    num(156250),
    num(0),
    '0x0',
    num(151),
    num(1),
    num(8),
    num(truth.eventsLost),
    num(2995),
    '0xA',
    '0x7',
    '133890000000000000',
    String(truth.perfFreq).padStart(16),
    String(truth.startFiletime),
    '0x1',
    num(truth.buffersLost),
    '"NT Kernel Logger"',
    `"C:\\Temp\\${truth.name}.etl"`,
  ];
  return { name: 'EventTrace', type: 'Header', version: 2, opcode: 0, pid: 2144, tid: 6212, cpu: 0, atUs: 0, data };
}

function imageEvent({ path, base, size, pid }: ImageTruth): Event {
  const data = [
    hex(base),
    hex(size),
    num(pid),
    num(0),
    num(0),
    num(0),
    '0x0',
    num(0),
    num(0),
    num(0),
    num(0),
    `"${path}"`,
  ];
  return { name: 'Image', type: 'DCStart', version: 3, opcode: 3, pid, tid: NONE, cpu: 0, atUs: 0, data };
}

const OPCODE: Record<Run['type'], number> = { ThreadedDPC: 66, ISR: 67, DPC: 68, TimerDPC: 69, 'ISR-MSI': 50 };

/** InitialTime is printed as FILETIME, the way tracerpt prints the other fields that the schema calls WmiTime. */
function runEvent(truth: Truth, run: Run): Event {
  const data = [String(filetime(truth, run.startUs)), hex(run.address)];
  if (run.kind === 'ISR') data.push(num(1), num(run.vector ?? 0), num(0));
  if (run.messageIndex !== null) data.push(num(run.messageIndex));
  const { type, cpu } = run;
  return {
    name: 'PerfInfo',
    type,
    version: 2,
    opcode: OPCODE[type],
    pid: NONE,
    tid: NONE,
    cpu,
    atUs: endUs(run),
    data,
  };
}

/** The twelve fields of the MOF class CSwitch, in its order. */
function switchEvent({ atUs, cpu, to, from, waitUs }: Switch): Event {
  const threads = [hex(to.tid), hex(from.tid)];
  const priorities = [num(8), num(8)];
  const previousCState = num(0);
  const spare = num(0);
  const waitReason = num(0);
  const waitMode = num(0);
  const state = num(waitUs === 0 ? 2 : 5);
  const idealProcessor = num(cpu);
  const data = [
    ...threads,
    ...priorities,
    previousCState,
    spare,
    waitReason,
    waitMode,
    state,
    idealProcessor,
    num(waitUs),
    '0x0',
  ];
  return { name: 'Thread', type: 'CSwitch', version: 4, opcode: 36, pid: to.pid, tid: to.tid, cpu, atUs, data };
}

/** StackWalk names the event that it belongs to by the performance counter. */
function sampleEvents(truth: Truth, { atUs, cpu, process, stack }: Sample): Event[] {
  const ticks = 41_000_000_000 + (atUs * truth.perfFreq) / 1e6;
  const common = { version: 2, pid: process.pid, tid: process.tid, cpu, atUs };
  return [
    {
      ...common,
      name: 'PerfInfo',
      type: 'SampleProf',
      opcode: 46,
      data: [hex(stack[0].address), num(process.tid), num(1), num(64)],
    },
    {
      ...common,
      name: 'StackWalk',
      type: 'Stack',
      opcode: 32,
      data: [String(ticks), hex(process.pid), num(process.tid), ...stack.map(({ address }) => hex(address))],
    },
  ];
}

/** The file: lines end with CRLF; events in the order in which they were logged. */
export function tracerptCsv(truth: Truth): string {
  const events = [
    ...truth.runs.map((run) => [runEvent(truth, run)]),
    ...truth.cswitches.map((row) => [switchEvent(row)]),
    ...truth.samples.map((row) => sampleEvents(truth, row)),
  ].sort((a, b) => a[0].atUs - b[0].atUs);
  const all = [headerEvent(truth), ...truth.images.map(imageEvent), ...events.flat()];
  return `${[HEADER, ...all.map((event) => line(truth, event))].join('\r\n')}\r\n`;
}
