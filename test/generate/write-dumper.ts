/** Prints a truth as `xperf -i x.etl -a dumper` does. Widths are those of rows in public excerpts. */
import {
  endUs,
  type Frame,
  type ImageTruth,
  type ProcessTruth,
  type Run,
  type Sample,
  type Switch,
  type Truth,
} from './truth.js';

const SCHEMA = [
  'FirstReliableEventTimeStamp, TimeStamp',
  'FirstReliableCSwitchEventTimeStamp, TimeStamp',
  ...[
    'UnknownEvent/Classic,  TimeStamp,     Process Name ( PID),   ThreadID, CPU,                              EventGuid, Type, Level, Version, MofLength',
    'UnknownEvent/Crimson,  TimeStamp,     Process Name ( PID),   ThreadID, CPU,                             ProviderId,     Id,   Task, Opcode, Version, Channel, Level,            Keyword, UserDataLength',
    'P-Start,  TimeStamp,     Process Name ( PID),  ParentPID,  SessionID,  UniqueKey, UserSid, Command Line',
    'P-End,  TimeStamp,     Process Name ( PID),  ParentPID,  SessionID,  UniqueKey,     Status, UserSid, Command Line',
    'P-DCStart,  TimeStamp,     Process Name ( PID),  ParentPID,  SessionID,  UniqueKey, UserSid, Command Line',
    'P-DCEnd,  TimeStamp,     Process Name ( PID),  ParentPID,  SessionID,  UniqueKey, UserSid, Command Line',
    ...['T-Start', 'T-End', 'T-DCStart', 'T-DCEnd'].map(
      (name) =>
        `${name},  TimeStamp,     Process Name ( PID),   ThreadID,          StackBase,         StackLimit,         UsrStkBase,          UsrStkLmt,            TebBase, SubProcessTag, BasePri, PagePri, IoPri, Flags,            Image!Function`,
    ),
    ...['I-Start', 'I-End', 'I-DCStart', 'I-DCEnd'].map(
      (name) =>
        `${name},  TimeStamp,     Process Name ( PID),           BaseAddr,            EndAddr,   Checksum, TimeDateStamp,        DefaultBase, FileName, Relocated, NT FileName`,
    ),
    'CSwitch,  TimeStamp, New Process Name ( PID),    New TID, NPri, NQnt, TmSinceLast, WaitTime, Old Process Name ( PID),    Old TID, OPri, OQnt,        OldState,      Wait Reason, Swapable, InSwitchTime, CPU, IdealProc,  OldRemQnt, NewPriDecr, PrevCState',
    'ReadyThread,  TimeStamp,     Process Name ( PID),   ThreadID, Rdy Process Name ( PID),    Rdy TID, AdjustReason, AdjustIncrement, InDPC',
    'MarkEvent,  TimeStamp,     Type, Level,     TranId,    AppId,     OpId, Text',
    'Interrupt,  TimeStamp, ElapsedTime, CPU, Vector, MessageIndex,     Status,        ServiceAddr,            Image!Function',
    ...['DPC', 'DPCTmr', 'ThreadedDPC'].map(
      (name) => `${name},  TimeStamp, ElapsedTime, CPU,        ServiceAddr,            Image!Function`,
    ),
    'SysCallEnter,  TimeStamp,     Process Name ( PID),   ThreadID,        ServiceAddr,            Image!Function',
    'SysCallExit,  TimeStamp,     Process Name ( PID),   ThreadID,     Status',
    'SampledProfile,  TimeStamp,     Process Name ( PID),   ThreadID,           PrgrmCtr, CPU, ThreadStartImage!Function,            Image!Function, Count, SampledProfile type',
    'SampledProfileNmi,  TimeStamp,     Process Name ( PID),   ThreadID,           PrgrmCtr, CPU, ThreadStartImage!Function,            Image!Function, Interrupts Masked',
    'Stack,  TimeStamp,   ThreadID, No.,            Address,            Image!Function',
    'ProfileFreq-DCStart,  TimeStamp,     Process Name ( PID),   ThreadID, Source, New Interval, Old Interval',
    'GroupMasks,  TimeStamp, Num, Mask',
  ].map((line) => named(line.slice(0, line.indexOf(',')), line.slice(line.indexOf(',') + 2))),
];

/** A row: the event's name right-justified to 23 characters, and the rest. */
function named(name: string, rest: string): string {
  return `${name.padStart(23)}, ${rest}`;
}

const num = (value: number, width: number): string => String(value).padStart(width);
const hex64 = (value: bigint): string => `0x${value.toString(16).padStart(16, '0')}`;
const process = ({ name, pid }: ProcessTruth): string => `${name.padStart(16)} (${num(pid, 4)})`;

/** `module!function`; the address where there are no symbols; `"Unknown"` where no image covers it. */
function symbol({ module, fn, address }: Frame): string {
  if (module === null) return '"Unknown"'.padStart(17);
  return `${module.padStart(16)}!${fn ?? hex64(address)}`;
}

const EVENT_NAME: Record<Run['type'], string> = {
  DPC: 'DPC',
  TimerDPC: 'DPCTmr',
  ThreadedDPC: 'ThreadedDPC',
  ISR: 'Interrupt',
  'ISR-MSI': 'Interrupt',
};

/** The TimeStamp of a DPC or ISR row is the end of the routine: that is when the kernel logs it. */
export function runRow(run: Run): string {
  const head = `${num(endUs(run), 10)}, ${num(run.durationUs, 11)}, ${num(run.cpu, 3)}`;
  const interrupt =
    run.kind === 'ISR' ? `, ${num(run.vector ?? 0, 6)}, ${num(run.messageIndex ?? 0, 12)}, 0x00000001` : '';
  return named(EVENT_NAME[run.type], `${head}${interrupt}, ${hex64(run.address)}, ${symbol(run)}`);
}

function imageRow({ name, path, base, size, pid }: ImageTruth): string {
  const owner = pid === 4 ? 'System' : name;
  const range = `${hex64(base)}, ${hex64(base + size)}, 0x00000000,    0x5f3a1c20, ${hex64(base)}`;
  return named('I-DCStart', `${num(0, 10)}, ${owner.padStart(16)} (${num(pid, 4)}), ${range}, "${path}", , "${path}"`);
}

function processRow(p: ProcessTruth): string {
  const key = hex64(0xffffc00000000000n + BigInt(p.pid) * 0x1000n);
  const rest = `${num(p.parentPid, 10)}, ${num(p.pid > 4 ? 1 : 0, 10)}, ${key}, S-1-5-18, "${p.name}"`;
  return named('P-DCStart', `${num(0, 10)}, ${process(p)}, ${rest}`);
}

function threadRow(p: ProcessTruth): string {
  const stack = hex64(0xfffff90000000000n + BigInt(p.tid) * 0x10000n);
  const rest = `${stack}, ${stack}, ${hex64(0n)}, ${hex64(0n)}, ${hex64(0n)},    0x00000000,       8,       5,     2,  0x00`;
  return named('T-DCStart', `${num(0, 10)}, ${process(p)}, ${num(p.tid, 10)}, ${rest}, ${p.name.padStart(16)}!start`);
}

function switchRow({ atUs, cpu, to, from, waitUs }: Switch): string {
  const priority = (p: ProcessTruth): number => (p.tid === 0 ? 0 : 8);
  const state = from.tid === 0 ? ['Running', 'Executive', ' NonSwap'] : ['Waiting', 'UserRequest', 'Swapable'];
  const fields = [
    num(atUs, 10),
    process(to),
    num(to.tid, 10),
    num(priority(to), 4),
    num(-1, 4),
    num(waitUs + 1500, 11),
    num(waitUs, 8),
    process(from),
    num(from.tid, 10),
    num(priority(from), 4),
    num(-1, 4),
    state[0].padStart(15),
    state[1].padStart(16),
    state[2],
    num(9, 6),
    num(cpu, 3),
    num(cpu, 3),
    num(0, 10),
    num(0, 4),
    num(0, 4),
  ];
  return named('CSwitch', fields.join(', '));
}

/** A sample, and the stack that follows it. */
function sampleRows({ atUs, cpu, process: p, stack }: Sample): string[] {
  const start = `${(p.tid === 0 ? 'ntoskrnl.exe' : p.name).padStart(19)}!start`;
  const own = `${num(atUs, 10)}, ${process(p)}, ${num(p.tid, 10)}, ${hex64(stack[0].address)}, ${num(cpu, 3)}`;
  const sample = named('SampledProfile', `${own}, ${start}, ${symbol(stack[0])}, ${num(1, 5)}, Unbatched`);
  const frames = stack.map((frame, i) =>
    named('Stack', `${num(atUs, 10)}, ${num(p.tid, 10)}, ${num(i + 1, 3)}, ${hex64(frame.address)}, ${symbol(frame)}`),
  );
  return [sample, ...frames];
}

function headerRows(truth: Truth): string[] {
  const os = [
    'OS Version: 10.0.22631',
    'Trace Size: 4096KB',
    `Events Lost: ${truth.eventsLost}`,
    `Buffers lost: ${truth.buffersLost}`,
    `Trace Start: ${truth.startFiletime}`,
    `Trace Length: ${Math.round(truth.lengthUs / 1e6)} sec`,
    'PointerSize: 8',
    `Trace Name: ${truth.name}.etl`,
  ];
  const first = ['FirstReliableEventTimeStamp, 0', 'FirstReliableCSwitchEventTimeStamp, 0'];
  return ['BeginHeader', ...SCHEMA, 'EndHeader', os.join(', '), ...first];
}

/** All lines, without line ends. */
export function dumperLines(truth: Truth): string[] {
  const rows = [
    ...truth.runs.map((run) => ({ atUs: endUs(run), lines: [runRow(run)] })),
    ...truth.cswitches.map((row) => ({ atUs: row.atUs, lines: [switchRow(row)] })),
    ...truth.samples.map((row) => ({ atUs: row.atUs, lines: sampleRows(row) })),
  ].sort((a, b) => a.atUs - b.atUs);
  return [
    ...headerRows(truth),
    named('GroupMasks', `${num(0, 10)}, ${num(0, 3)}, 0x00000000`),
    ...truth.processes.map(processRow),
    ...truth.processes.map(threadRow),
    ...truth.images.map(imageRow),
    ...rows.flatMap(({ lines }) => lines),
  ];
}

/** The file: lines end with CRLF. */
export function dumper(truth: Truth): string {
  return `${dumperLines(truth).join('\r\n')}\r\n`;
}

/** A damaged file, and what is wrong with it. */
export interface Damaged {
  readonly text: string;
  /** Lines that no reader can use, in the order in which they stand. */
  readonly broken: readonly string[];
  /** Lines put in that are sound, though they look bad, as rows of DPCs. */
  readonly odd: readonly Run[];
}

/** Puts bad lines between the rows of a truth; all rows of the truth stay as they are. */
export function damagedDumper(truth: Truth): Damaged {
  const whole = runRow(truth.runs[10]);
  const broken = [
    whole.slice(0, 44),
    whole.replace(/^( *\w+, +)\d/, '$1x'),
    named('DPC', '   2000000,       abc,   1, 0xfffff80342001000, storport.sys!RaidpAdapterDpcRoutine'),
    'no event name at all',
    '\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000',
    `"=cmd|' /C calc'!A0",1,2,3`,
  ];
  const hostile: Run = {
    ...truth.runs[20],
    module: 'ev\u001b[31mil.sys',
    fn: 'Dpc\u001b]0;title\u0007',
    startUs: 4_999_500,
    durationUs: 40,
    cpu: 7,
    kind: 'DPC',
    type: 'DPC',
    vector: null,
    messageIndex: null,
  };
  const unknown = named('NeverHeardOf/Event', `${num(2_500_000, 10)}, 1, 2, "three"`);
  const lines = dumperLines(truth);
  const third = Math.floor(lines.length / 3);
  const text = [
    ...lines.slice(0, third),
    ...broken.slice(0, 3),
    ...lines.slice(third, 2 * third),
    unknown,
    ...broken.slice(3),
    ...lines.slice(2 * third),
    runRow(hostile),
  ].join('\r\n');
  const cut = runRow({ ...truth.runs[30], startUs: 4_999_700 }).slice(0, 52);
  return { text: `${text}\r\n${cut}`, broken: [...broken, cut], odd: [hostile] };
}
