/**
 * Prints a truth of pool as `xperf -i x.etl -a dumper` does. No schema line of pool events is public: the columns of pool
 * rows here are those that the fields of the events suggest, with names as in rows of other events. All other rows are
 * as in public excerpts.
 */
import { hasStack, type PoolEvent, type PoolModule, type PoolTruth, TYPE_NAMES } from './model.js';
import { hex64, processCell, processNames, xperfSymbol } from './text.js';
import { buffersLost, eventsLost } from './write-etl.js';

export interface PoolDumperOptions {
  /** Without symbols a routine is its module and address. Default true. */
  readonly symbols?: boolean;
}

const IMAGE =
  'TimeStamp,     Process Name ( PID),           BaseAddr,            EndAddr,   Checksum, TimeDateStamp,        DefaultBase, FileName, Relocated, NT FileName';
const POOL = 'TimeStamp,     Process Name ( PID),   ThreadID, CPU, Type, Tag, Size, Address';
const SCHEMA: readonly (readonly [name: string, columns: string])[] = [
  ['FirstReliableEventTimeStamp', 'TimeStamp'],
  ['P-DCStart', 'TimeStamp,     Process Name ( PID),  ParentPID,  SessionID,  UniqueKey, UserSid, Command Line'],
  [
    'T-DCStart',
    'TimeStamp,     Process Name ( PID),   ThreadID,          StackBase,         StackLimit,         UsrStkBase,          UsrStkLmt,            TebBase, SubProcessTag, BasePri, PagePri, IoPri, Flags,            Image!Function',
  ],
  ['I-DCStart', IMAGE],
  ['PoolAlloc', POOL],
  ['PoolFree', POOL],
  ['PoolAllocSession', POOL],
  ['PoolFreeSession', POOL],
  ['Stack', 'TimeStamp,   ThreadID, No.,            Address,            Image!Function'],
];

/** A row: the event's name right-justified to 23 characters, and the rest. */
const named = (name: string, rest: string): string => `${name.padStart(23)}, ${rest}`;
const num = (value: number, width: number): string => String(value).padStart(width);

/** The file: lines end with CRLF. */
export function poolDumper(truth: PoolTruth, options: PoolDumperOptions = {}): string {
  const stacks = stackTails(truth, options.symbols ?? true);
  const names = processNames(truth.processes);
  const lines = [...headerRows(truth), ...rundownRows(truth, names)];
  for (const event of truth.written) {
    lines.push(poolRow(event, names));
    if (!hasStack(truth, event)) continue;
    const head = named('Stack', `${num(event.atUs, 10)}, ${num(event.tid, 10)}, `);
    for (const tail of stacks[event.stack]) lines.push(head + tail);
  }
  return `${lines.join('\r\n')}\r\n`;
}

function headerRows(truth: PoolTruth): string[] {
  const os = [
    'OS Version: 10.0.22631',
    'Trace Size: 4096KB',
    `Events Lost: ${eventsLost(truth)}`,
    `Buffers lost: ${buffersLost(truth)}`,
    `Trace Start: ${truth.startFiletime}`,
    `Trace Length: ${Math.round(truth.lengthUs / 1e6)} sec`,
    'PointerSize: 8',
    `Trace Name: ${truth.name}.etl`,
  ];
  const schema = SCHEMA.map(([name, columns]) => named(name, columns));
  return ['BeginHeader', ...schema, 'EndHeader', os.join(', '), 'FirstReliableEventTimeStamp, 0'];
}

/** What of a stack is the same each time: number, address and routine of each frame. */
function stackTails({ stacks }: PoolTruth, symbols: boolean): string[][] {
  return stacks.map(({ frames }) =>
    frames.map((frame, i) => {
      const routine = symbols ? xperfSymbol(frame) : `${frame.module}!${hex64(frame.address)}`;
      return `${num(i + 1, 3)}, ${hex64(frame.address)}, ${routine.padStart(25)}`;
    }),
  );
}

function poolRow(event: PoolEvent, names: ReadonlyMap<number, string>): string {
  const type = TYPE_NAMES[event.poolType];
  const name = `Pool${event.op === 'alloc' ? 'Alloc' : 'Free'}${type.includes('Session') ? 'Session' : ''}`;
  const who = `${processCell(names.get(event.pid) ?? 'Unknown', event.pid)}, ${num(event.tid, 10)}, ${num(event.cpu, 3)}`;
  return named(
    name,
    `${num(event.atUs, 10)}, ${who}, ${type}, ${event.tag}, ${num(event.bytes, 6)}, ${hex64(event.address)}`,
  );
}

function rundownRows(truth: PoolTruth, names: ReadonlyMap<number, string>): string[] {
  const at = num(0, 10);
  const processes = truth.processes.map(({ name, pid, parentPid, sessionId }) => {
    const key = hex64(0xffffc00000000000n + BigInt(pid) * 0x1000n);
    const rest = `${num(parentPid, 10)}, ${num(sessionId, 10)}, ${key}, S-1-5-18, "${name}"`;
    return named('P-DCStart', `${at}, ${processCell(name, pid)}, ${rest}`);
  });
  const threads = truth.processes.flatMap(({ name, pid, threads: own }) =>
    own.map(({ tid }) => threadRow(name, pid, tid)),
  );
  const images = truth.modules.flatMap((module) =>
    (module.kernel ? [4] : module.pids).map((pid) => imageRow(module, processCell(names.get(pid) ?? 'Unknown', pid))),
  );
  return [...processes, ...threads, ...images];
}

function threadRow(name: string, pid: number, tid: number): string {
  const start = pid === 4 ? 'ntoskrnl.exe' : name;
  const stack = hex64(0xfffff90000000000n + BigInt(tid) * 0x10000n);
  const rest = `${stack}, ${stack}, ${hex64(0n)}, ${hex64(0n)}, ${hex64(0n)},    0x00000000,       8,       5,     2,  0x00`;
  return named(
    'T-DCStart',
    `${num(0, 10)}, ${processCell(name, pid)}, ${num(tid, 10)}, ${rest}, ${start.padStart(16)}!start`,
  );
}

function imageRow({ base, size, path }: PoolModule, owner: string): string {
  const range = `${hex64(base)}, ${hex64(base + size)}, 0x00000000,    0x5f3a1c20, ${hex64(base)}`;
  return named('I-DCStart', `${num(0, 10)}, ${owner}, ${range}, "${path}", , "${path}"`);
}
