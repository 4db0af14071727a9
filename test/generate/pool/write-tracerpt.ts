/**
 * Prints a truth of pool as `tracerpt x.etl -of CSV` does. Rows of PoolTrace are made by analogy: none is public. Their
 * opcodes are those of the events; numbers are printed as with other events, addresses and sizes of pointers in hex.
 */
import { hasStack, isSessionType, type PoolEvent, type PoolTruth } from './model.js';
import { filetimeAt } from './text.js';
import { buffersLost, eventsLost, pidsOf } from './write-etl.js';

export interface PoolTracerptOptions {
  /** Pool events carry no ids in the log; `true` prints them nevertheless. */
  readonly ids?: boolean;
}

const HEADER =
  '  Event Name,       Type,     Event ID,    Version,    Channel,      Level,     Opcode,       Task,            Keyword,        PID,        TID,     Processor Number,  Instance ID,   Parent Instance ID,                              Activity ID,                      Related Activity ID,           Clock-Time, Kernel(ms),   User(ms), User Data';

const NONE = 0xffffffff;
/** Of the log's clock, at the start of the trace; its rate in ticks a µs. */
const START_TICKS = 41_000_000_000;
const TICKS_PER_US = 10;

interface Row {
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

/** The file: lines end with CRLF; events in the order in which they were logged. */
export function poolTracerpt(truth: PoolTruth, options: PoolTracerptOptions = {}): string {
  const stacks = truth.stacks.map(({ frames }) => frames.map(({ address }) => hex(address)));
  const rows = [headerRow(truth), ...rundown(truth)];
  for (const event of truth.written) {
    rows.push(poolRow(truth, event, options.ids ?? false));
    if (hasStack(truth, event)) rows.push(stackRow(event, stacks[event.stack]));
  }
  return `${[HEADER, ...rows.map((row) => line(truth, row))].join('\r\n')}\r\n`;
}

const num = (value: number | bigint): string => String(value).padStart(8);
const hex = (value: bigint | number): string => `0x${value.toString(16).toUpperCase()}`;
const id = (value: number): string => `0x${value.toString(16).toUpperCase().padStart(8, '0')}`;

function line(truth: PoolTruth, row: Row): string {
  const number = (value: number): string => String(value).padStart(10);
  const identity = `${number(row.version)}, ${number(0)}, ${number(0)}, ${number(row.opcode)}, ${number(0)}`;
  return [
    row.name.padStart(12),
    ` ${row.type.padStart(10)}`,
    ` ${'0'.padStart(12)}`,
    ` ${identity}`,
    ' 0x0000000000000000',
    ` ${id(row.pid)}`,
    ` ${id(row.tid)}`,
    ` ${String(row.cpu).padStart(20)}`,
    ' '.repeat(13),
    ' '.repeat(21),
    '   {00000000-0000-0000-0000-000000000000}',
    ' '.repeat(41),
    `   ${filetimeAt(truth, row.atUs)}`,
    ` ${number(0)}`,
    ` ${number(0)}`,
    ...row.data.map((field) => ` ${field}`),
  ].join(',');
}

/** TRACE_LOGFILE_HEADER in the order in which tracerpt prints it; the clock is the performance counter. */
function headerRow(truth: PoolTruth): Row {
  const version = [num(65536), num(83951626), num(22631), num(truth.cpus), String(filetimeAt(truth, truth.lengthUs))];
  const file = [num(156250), num(0), '0x0', num(151), num(1), num(8), num(eventsLost(truth)), num(2995), '0xA', '0x7'];
  const clock = [
    '133890000000000000',
    num(TICKS_PER_US * 1e6),
    String(truth.startFiletime),
    '0x1',
    num(buffersLost(truth)),
  ];
  const data = [...version, ...file, ...clock, '"NT Kernel Logger"', `"C:\\Temp\\${truth.name}.etl"`];
  return { name: 'EventTrace', type: 'Header', version: 2, opcode: 0, pid: 2144, tid: 6212, cpu: 0, atUs: 0, data };
}

function rundown(truth: PoolTruth): Row[] {
  const start = { type: 'DCStart', opcode: 3, cpu: 0, atUs: 0, tid: NONE };
  const processes = truth.processes.map(({ name, pid, parentPid, sessionId }) => {
    const key = hex(0xffffc00000000000n + BigInt(pid) * 0x1000n);
    const data = [
      key,
      hex(pid),
      hex(parentPid),
      num(sessionId),
      num(259),
      '0x1AD000',
      '0x0',
      '"\\\\NT AUTHORITY\\SYSTEM"',
    ];
    return { ...start, name: 'Process', version: 4, pid, data: [...data, `"${name}"`, `"${name}"`, '""', '""'] };
  });
  const threads = truth.processes.flatMap(({ pid, threads: own }) =>
    own.map(({ tid }) => {
      const addresses = Array.from({ length: 7 }, () => '0x0');
      const data = [hex(pid), hex(tid), ...addresses, '0x0', num(8), num(5), num(2), num(0)];
      return { ...start, name: 'Thread', version: 3, pid, tid, data };
    }),
  );
  const images = truth.modules.flatMap((module) =>
    pidsOf(module).map((pid) => {
      const place = [hex(module.base), hex(module.size), num(pid)];
      const rest = [num(0), num(0), num(0), '0x0', num(0), num(0), num(0), num(0), `"${module.path}"`];
      return { ...start, name: 'Image', version: 3, pid, data: [...place, ...rest] };
    }),
  );
  return [...processes, ...threads, ...images];
}

function poolRow(truth: PoolTruth, event: PoolEvent, ids: boolean): Row {
  const session = isSessionType(event.poolType);
  const opcode = (event.op === 'alloc' ? 32 : 34) + (session ? 1 : 0);
  const type = `${event.op === 'alloc' ? 'Alloc' : 'Free'}${session ? 'Session' : ''}`;
  // The tag is a number to tracerpt: its characters, the first in the lowest byte.
  const tag = Buffer.from(event.tag, 'latin1').readUInt32LE();
  const data = [num(event.poolType), num(tag), hex(event.bytes), hex(event.address)];
  if (session) data.push(num(truth.processes.find(({ pid }) => pid === event.pid)?.sessionId ?? 0));
  const [pid, tid] = ids ? [event.pid, event.tid] : [NONE, NONE];
  return { name: 'PoolTrace', type, version: 2, opcode, pid, tid, cpu: event.cpu, atUs: event.atUs, data };
}

/** It names the event that it belongs to by the log's clock. */
function stackRow({ pid, tid, cpu, atUs }: PoolEvent, frames: readonly string[]): Row {
  const ticks = START_TICKS + atUs * TICKS_PER_US;
  const data = [String(ticks), hex(pid), num(tid), ...frames];
  return { name: 'StackWalk', type: 'Stack', version: 2, opcode: 32, pid, tid, cpu, atUs, data };
}
