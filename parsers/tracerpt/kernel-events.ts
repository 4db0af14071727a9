/**
 * What the fields of kernel events mean, for both forms that tracerpt writes: CSV gives them by position, XML by name.
 * Names, order and event types are those of the MOF classes of the kernel logger:
 * https://learn.microsoft.com/windows/win32/etw/msnt-systemtrace
 */
import type { Output } from '../../src/core/parser.js';
import { NULL_I32 } from '../../src/core/schema.js';
import { fileName } from '../../src/core/symbol.js';
import type { Writer } from '../../src/core/table.js';
import { filetimeToUtc, isFiletime, parseTicks, type Ticks, ticksBetween, ticksValue } from '../../src/core/time.js';
import { cswitch } from '../../src/tables/cswitch.js';
import { dpcIsr } from '../../src/tables/dpc-isr.js';
import { genericEvent } from '../../src/tables/event.js';
import { image } from '../../src/tables/image.js';
import { processTable } from '../../src/tables/process.js';
import { readyThread } from '../../src/tables/ready-thread.js';
import { sampledProfile } from '../../src/tables/sampled-profile.js';
import { stack } from '../../src/tables/stack.js';
import { threadTable } from '../../src/tables/thread.js';
import { type AssumedClock, assumedClock, holdRun, settleClock } from './assumed-clock.js';

/** Tables that the two parsers fill from kernel events. */
export const KERNEL_TABLES = [
  image,
  processTable,
  threadTable,
  cswitch,
  readyThread,
  sampledProfile,
  stack,
  dpcIsr,
] as const;

type Use =
  | 'header'
  | 'lost'
  | 'dpc'
  | 'isr'
  | 'image'
  | 'process'
  | 'thread'
  | 'cswitch'
  | 'ready'
  | 'sample'
  | 'stack';

/** One kind of kernel event: how to know it, and what it is used for. */
export interface KernelEvent {
  /** MOF class = `Event Name` in CSV, `EventName` in XML. */
  readonly className: string;
  readonly opcode: number;
  /** MOF event type names = `Type` in CSV. */
  readonly names: readonly string[];
  readonly use: Use;
  /** What the table's `type` or `event` column says. */
  readonly says: string;
}

/** `ExtendedTracingInfo/EventGuid` of the classes, in lower case. */
const GUIDS: Readonly<Record<string, string>> = {
  '68fdd900-4a3e-11d1-84f4-0000f80464e3': 'EventTrace',
  'ce1dbfb4-137e-4da6-87b0-3f59aa102cbc': 'PerfInfo',
  '3d6fa8d1-fe05-11d0-9dda-00c04fd7ba7c': 'Thread',
  '3d6fa8d0-fe05-11d0-9dda-00c04fd7ba7c': 'Process',
  '2cb15d1d-5fc1-11d2-abe1-00a0c911f518': 'Image',
  'def2fe46-7bd6-4b80-bd94-f57fe20d0ce3': 'StackWalk',
  '6a399ae0-4bc6-4de9-870b-3657f8947e7e': 'Lost_Event',
};

const event = (className: string, opcode: number, names: string, use: Use, says: string): KernelEvent => ({
  className,
  opcode,
  names: names.split('|'),
  use,
  says,
});

const KERNEL_EVENTS: readonly KernelEvent[] = [
  event('EventTrace', 0, 'Header', 'header', 'Header'),
  event('Lost_Event', 32, 'RT_LostEvent', 'lost', 'events'),
  event('Lost_Event', 33, 'RT_LostBuffer', 'lost', 'buffers'),
  event('Lost_Event', 34, 'RT_LostFile', 'lost', 'files'),
  // The MOF page spells the threaded one `ThreadDPC`.
  event('PerfInfo', 66, 'ThreadDPC|ThreadedDPC', 'dpc', 'ThreadedDPC'),
  event('PerfInfo', 68, 'DPC', 'dpc', 'DPC'),
  event('PerfInfo', 69, 'TimerDPC', 'dpc', 'TimerDPC'),
  event('PerfInfo', 67, 'ISR', 'isr', 'ISR'),
  event('PerfInfo', 50, 'ISR-MSI', 'isr', 'ISR-MSI'),
  event('PerfInfo', 95, 'PassiveISR|ISR-Passive', 'isr', 'PassiveISR'),
  event('PerfInfo', 46, 'SampleProf|SampledProfile', 'sample', 'SampledProfile'),
  event('Image', 10, 'Load', 'image', 'load'),
  event('Image', 2, 'UnLoad', 'image', 'unload'),
  event('Image', 3, 'DCStart', 'image', 'rundown-start'),
  event('Image', 4, 'DCEnd', 'image', 'rundown-end'),
  event('Process', 1, 'Start', 'process', 'start'),
  event('Process', 2, 'End', 'process', 'end'),
  event('Process', 3, 'DCStart', 'process', 'rundown-start'),
  event('Process', 4, 'DCEnd', 'process', 'rundown-end'),
  event('Process', 39, 'Defunct', 'process', 'defunct'),
  event('Thread', 1, 'Start', 'thread', 'start'),
  event('Thread', 2, 'End', 'thread', 'end'),
  event('Thread', 3, 'DCStart', 'thread', 'rundown-start'),
  event('Thread', 4, 'DCEnd', 'thread', 'rundown-end'),
  event('Thread', 36, 'CSwitch', 'cswitch', 'CSwitch'),
  event('Thread', 50, 'ReadyThread', 'ready', 'ReadyThread'),
  event('StackWalk', 32, 'Stack', 'stack', 'Stack'),
];

/** The kernel event of that class and type name; the type may also be an opcode, where tracerpt had no name for it. */
export function kernelEventNamed(className: string, type: string): KernelEvent | null {
  const wantedClass = className.toLowerCase();
  const wanted = type.toLowerCase();
  for (const known of KERNEL_EVENTS) {
    const lostMarker = known.use === 'lost' && wanted.startsWith('rt_lost');
    if (known.className.toLowerCase() !== wantedClass && !lostMarker) continue;
    if (known.names.some((name) => name.toLowerCase() === wanted)) return known;
    // Type 0 is also what manifest events print; no class has a manifest event of its name.
    if (wanted === String(known.opcode)) return known;
  }
  return null;
}

/** The MOF class of an event GUID; null where it is no kernel class that is used here. */
export function className(guid: string): string | null {
  return GUIDS[guid.replace(/[{}\s]/g, '').toLowerCase()] ?? null;
}

/** The kernel event of that class GUID (with or without braces) and opcode. */
export function kernelEventOfGuid(guid: string, opcode: number): KernelEvent | null {
  const name = className(guid);
  if (name === null) return null;
  return KERNEL_EVENTS.find((known) => known.className === name && known.opcode === opcode) ?? null;
}

const HEADER_FIELDS =
  'BufferSize Version ProviderVersion NumberOfProcessors EndTime TimerResolution MaxFileSize LogFileMode BuffersWritten ' +
  'StartBuffers PointerSize EventsLost CPUSpeed LoggerName LogFileName BootTime PerfFreq StartTime ReservedFlags ' +
  'BuffersLost SessionNameString LogFileNameString';

const IMAGE_BEGIN = 'ImageBase ImageSize ProcessId';
const IMAGE_DATES = `${IMAGE_BEGIN} ImageChecksum TimeDateStamp`;
const PROCESS_BEGIN = 'UniqueProcessKey ProcessId ParentId SessionId ExitStatus';

/**
 * Names of the `count` fields of an event in their order, the version decided by their number; null where no documented
 * version has that many. Later versions only ever added fields at the end, but for Image and Process.
 */
export function fieldNames(known: KernelEvent, count: number): readonly string[] | null {
  const text = namesText(known, count);
  if (text === null) return null;
  const names = text.split(' ').filter((name) => name !== '');
  // Windows XP's header ends earlier.
  if (known.use === 'header') return names.slice(0, count);
  return names.length <= count ? names : null;
}

function namesText(known: KernelEvent, count: number): string | null {
  switch (known.use) {
    case 'header':
      return HEADER_FIELDS;
    case 'lost':
      return '';
    case 'dpc':
      return 'InitialTime Routine';
    case 'isr':
      return isrNames(count);
    case 'image':
      return imageNames(count);
    case 'process':
      return processNames(count);
    case 'thread':
      return count >= 8
        ? 'ProcessId TThreadId StackBase StackLimit UserStackBase UserStackLimit StartAddr Win32StartAddr'
        : 'ProcessId TThreadId';
    case 'cswitch':
      return (
        'NewThreadId OldThreadId NewThreadPriority OldThreadPriority PreviousCState SpareByte OldThreadWaitReason ' +
        'OldThreadWaitMode OldThreadState OldThreadWaitIdealProcessor NewThreadWaitTime Reserved'
      );
    case 'ready':
      return 'TThreadId AdjustReason AdjustIncrement Flag';
    case 'sample':
      return 'InstructionPointer ThreadId Count';
    case 'stack':
      return stackNames(count);
  }
}

function isrNames(count: number): string {
  if (count < 5) return count < 4 ? 'InitialTime Routine' : 'InitialTime Routine ReturnValue Vector';
  const names = 'InitialTime Routine ReturnValue Vector Reserved';
  return count < 6 ? names : `${names} MessageNumber`;
}

/** Version 1 has 4 fields, version 2 has 12, version 3 takes Reserved0 apart: 14. The file name is always the last. */
function imageNames(count: number): string | null {
  if (count === 4) return `${IMAGE_BEGIN} FileName`;
  if (count < 12) return null;
  const between = Array.from({ length: count - 6 }, (_, i) => `Other${i}`).join(' ');
  return `${IMAGE_DATES} ${between} FileName`;
}

/** Version 1: 7 fields, 2: 8, 3: 9 (DirectoryTableBase), 4: 10 (Flags) and two strings more. */
function processNames(count: number): string | null {
  if (count === 7) return `${PROCESS_BEGIN} UserSID ImageFileName`;
  if (count === 8) return `${PROCESS_BEGIN} UserSID ImageFileName CommandLine`;
  if (count === 9) return `${PROCESS_BEGIN} DirectoryTableBase UserSID ImageFileName CommandLine`;
  if (count >= 10) return `${PROCESS_BEGIN} DirectoryTableBase Flags UserSID ImageFileName CommandLine`;
  return null;
}

/** No stack that ETW walks has more frames. */
const MAX_FRAMES = 192;

function stackNames(count: number): string {
  const frames = Array.from({ length: Math.min(Math.max(count - 3, 0), MAX_FRAMES) }, (_, i) => `Stack${i + 1}`);
  return ['EventTimeStamp StackProcess StackThread', ...frames].join(' ');
}

/** The value of a field by its MOF name, blanks and quotes taken off; undefined where the event has no such field. */
export type FieldOf = (name: string) => string | undefined;

/** Layouts are the same in versions 0 to 2 of the DPC and ISR events. */
const MAX_RUN_VERSION = 2;

/**
 * The fields of a DPC or ISR event from its payload in hex: InitialTime u64, Routine pointer; in ISRs ReturnValue u8,
 * Vector u8, Reserved u16; in ISR-MSI then MessageNumber u32. The payload's size tells the pointer's. Null for other events,
 * versions and sizes.
 */
export function payloadFields(known: KernelEvent, version: number | null, hex: string): FieldOf | null {
  if (known.use !== 'dpc' && known.use !== 'isr') return null;
  if (version === null || version > MAX_RUN_VERSION || !/^(?:[0-9a-f]{2}){12,24}$/i.test(hex)) return null;
  const bytes = Buffer.from(hex, 'hex');
  const isMessage = known.says === 'ISR-MSI';
  const pointerBytes = bytes.length - 8 - (known.use === 'dpc' ? 0 : isMessage ? 8 : 4);
  if (pointerBytes !== 4 && pointerBytes !== 8) return null;
  const routine = pointerBytes === 8 ? bytes.readBigUInt64LE(8) : BigInt(bytes.readUInt32LE(8));
  const fields = new Map([
    ['InitialTime', bytes.readBigUInt64LE(0).toString()],
    ['Routine', `0x${routine.toString(16)}`],
  ]);
  if (known.use === 'isr') fields.set('Vector', String(bytes[9 + pointerBytes]));
  if (isMessage) fields.set('MessageNumber', String(bytes.readUInt32LE(12 + pointerBytes)));
  return (name) => fields.get(name);
}

/** An event's own columns. Numbers as the tables store them: NULL_I32 for null. */
export interface KernelHead {
  stamp: Ticks | null;
  /** The time stamp as printed, where that is not its decimal ticks. */
  stampText: string | null;
  /** From `timeUs`; NaN where it cannot be told. */
  atUs: number;
  cpu: number;
  pid: number;
  tid: number;
  line: number;
  byte: number;
}

/** Became a row; nobody wants it; or why it could not be used. */
export type Outcome = 'row' | 'unwanted' | Problem;

export interface Problem {
  readonly code: string;
  readonly message: string;
}

/**
 * How the two scales of the trace relate. Times of events are FILETIMEs, or ticks of the performance counter (tracerpt
 * -rts); either scale is known from its value at the start of the trace and its ticks per µs.
 */
export interface Timeline {
  startFiletime: Ticks | null;
  startCounter: Ticks | null;
  counterPerUs: number | null;
}

const FILETIME_PER_US = 10;

/** Time from the start of the trace; NaN where the scale's start or rate is unknown. */
export function timeUs(timeline: Timeline, ticks: Ticks | null): number {
  if (ticks === null) return Number.NaN;
  if (isFiletime(ticks)) {
    return timeline.startFiletime === null ? Number.NaN : ticksBetween(timeline.startFiletime, ticks) / FILETIME_PER_US;
  }
  if (timeline.startCounter === null || timeline.counterPerUs === null) return Number.NaN;
  return ticksBetween(timeline.startCounter, ticks) / timeline.counterPerUs;
}

/** `ticks` and `by` more; performance counters stay as they are. */
export function shifted(ticks: Ticks, by: number): Ticks {
  if (by === 0 || !isFiletime(ticks)) return ticks;
  const low = ticks.low + by;
  const carry = Math.floor(low / 1e9);
  return { high: ticks.high + carry, low: low - carry * 1e9 };
}

/** Without a header the trace starts with its first event. */
export function startWith(timeline: Timeline, first: Ticks): void {
  if (timeline.startFiletime !== null || timeline.startCounter !== null) return;
  if (isFiletime(first)) timeline.startFiletime = first;
  else timeline.startCounter = first;
}

/** What reading kernel events needs between them. */
export interface KernelContext {
  readonly out: Output;
  readonly timeline: Timeline;
  readonly writers: Writers;
  /** End of the last run on each CPU, to see rows that are out of order. */
  readonly lastEndUs: Map<number, number>;
  /** Runs that wait for what relates their two scales; null where there are none. */
  assumed: AssumedClock | null;
  /** True where each record becomes a row of another table as well, and so is never skipped. */
  readonly rowAnyway: boolean;
}

interface Writers {
  readonly image: Writer<typeof image> | null;
  readonly process: Writer<typeof processTable> | null;
  readonly thread: Writer<typeof threadTable> | null;
  readonly cswitch: Writer<typeof cswitch> | null;
  readonly ready: Writer<typeof readyThread> | null;
  readonly sample: Writer<typeof sampledProfile> | null;
  readonly stack: Writer<typeof stack> | null;
  readonly dpcIsr: Writer<typeof dpcIsr> | null;
}

/** A fresh context; opens the writers of the tables that are wanted, and of `event` after them. */
export function kernelContext(out: Output): KernelContext {
  const context: Omit<KernelContext, 'rowAnyway'> = {
    out,
    timeline: { startFiletime: null, startCounter: null, counterPerUs: null },
    writers: {
      image: out.writer(image),
      process: out.writer(processTable),
      thread: out.writer(threadTable),
      cswitch: out.writer(cswitch),
      ready: out.writer(readyThread),
      sample: out.writer(sampledProfile),
      stack: out.writer(stack),
      dpcIsr: out.writer(dpcIsr),
    },
    lastEndUs: new Map(),
    assumed: null,
  };
  return { ...context, rowAnyway: out.writer(genericEvent) !== null };
}

/** True where the event's fields have to be read: it is the header, a loss, or a table wants it. */
export function isWanted(context: KernelContext, known: KernelEvent): boolean {
  switch (known.use) {
    case 'header':
    case 'lost':
      return true;
    case 'dpc':
    case 'isr':
      return context.writers.dpcIsr !== null;
    default:
      return context.writers[known.use] !== null;
  }
}

/** Writes the row of a kernel event, or notes what the header says. */
export function readKernelEvent(context: KernelContext, known: KernelEvent, head: KernelHead, field: FieldOf): Outcome {
  const { writers } = context;
  switch (known.use) {
    case 'header':
      return readHeader(context, head, field);
    case 'lost':
      return noteLost(context, known, head);
    case 'dpc':
    case 'isr':
      return writers.dpcIsr === null ? 'unwanted' : writeRun(context, writers.dpcIsr, known, head, field);
    case 'image':
      return writers.image === null ? 'unwanted' : writeImage(writers.image, known, head, field);
    case 'process':
      return writers.process === null ? 'unwanted' : writeProcess(writers.process, known, head, field);
    case 'thread':
      return writers.thread === null ? 'unwanted' : writeThread(writers.thread, known, head, field);
    case 'cswitch':
      return writers.cswitch === null ? 'unwanted' : writeSwitch(writers.cswitch, head, field);
    case 'ready':
      return writers.ready === null ? 'unwanted' : writeReady(writers.ready, head, field);
    case 'sample':
      return writers.sample === null ? 'unwanted' : writeSample(writers.sample, head, field);
    case 'stack':
      return writers.stack === null ? 'unwanted' : writeStack(context, writers.stack, head, field);
  }
}

const problem = (code: string, message: string): Problem => ({ code, message });

const badField = (name: string): Problem =>
  problem('bad-field', `a kernel event whose ${name} is missing or no number; the row was passed over`);

/** A whole number, decimal or `0x` hex, below 2^53; null where the text is neither. */
export function wholeNumber(text: string | undefined): number | null {
  if (text === undefined || !/^(?:[0-9]{1,15}|-[0-9]{1,15}|0x[0-9a-f]{1,13})$/i.test(text)) return null;
  return Number(text);
}

/** As an i32 column stores it: ids and numbers above 2^31, as 0xFFFFFFFF for "none", are null. */
function stored(text: string | undefined): number {
  const value = wholeNumber(text);
  return value === null || value > 0x7fffffff || value <= NULL_I32 ? NULL_I32 : value;
}

/** An address as tracerpt prints it, `0x` and hex; null for anything else. */
function address(text: string | undefined): bigint | null {
  return text !== undefined && /^0x[0-9a-f]{1,16}$/i.test(text) ? BigInt(text) : null;
}

/**
 * The event is logged when the routine ends; InitialTime is its start, in the clock of the trace (WmiTime in the MOF).
 * Whether tracerpt turns InitialTime into a FILETIME as it does with Clock-Time is not documented: the size of the value
 * tells. Ticks beside a FILETIME are related by the header where it carries both, as it does under `tracerpt -rts`, and
 * else by the runs themselves, once all are known.
 */
function writeRun(
  context: KernelContext,
  w: NonNullable<Writers['dpcIsr']>,
  known: KernelEvent,
  head: KernelHead,
  field: FieldOf,
): Outcome {
  const initial = parseTicks(field('InitialTime') ?? '');
  if (initial === null) return badField('InitialTime');
  const routine = address(field('Routine'));
  if (routine === null) return badField('Routine');
  const durationUs = betweenUs(context.timeline, initial, head.stamp);
  if (durationUs < 0) return problem('ends-before-start', 'a DPC or ISR whose InitialTime is after its own time stamp');
  fillRun(w, known, head, field, routine, durationUs);
  if (Number.isNaN(durationUs)) return holdUnrelated(context, w, head, initial, field('InitialTime') ?? '');
  noteOrder(context, head.cpu, head.atUs, head.line);
  w.push();
  return 'row';
}

/** Sets the run at the writer's index `n`, without ending the row. */
function fillRun(
  w: NonNullable<Writers['dpcIsr']>,
  known: KernelEvent,
  head: KernelHead,
  field: FieldOf,
  routine: bigint,
  durationUs: number,
): void {
  const { cols, dicts, n } = w;
  const isIsr = known.use === 'isr';
  cols.kind[n] = dicts.kind.id(isIsr ? 'ISR' : 'DPC');
  cols.type[n] = dicts.type.id(known.says);
  cols.startUs[n] = head.atUs - durationUs;
  cols.durationUs[n] = durationUs;
  cols.cpu[n] = head.cpu;
  cols.vector[n] = isIsr ? stored(field('Vector')) : NULL_I32;
  cols.messageIndex[n] = isIsr ? stored(field('MessageNumber')) : NULL_I32;
  cols.module[n] = -1;
  cols.routine[n] = dicts.routine.id(`0x${routine.toString(16)}`);
  cols.address[n] = routine;
  cols.line[n] = head.line;
  cols.byte[n] = head.byte;
}

const REMEDY = 'Export again with `tracerpt -rts` or xperf -a dumper';

const noRelation = (why: string): Problem =>
  problem(
    'no-clock-relation',
    `durations of DPCs and ISRs are unknown: InitialTime and Clock-Time are on two scales, and ${why}. ${REMEDY}`,
  );

const NO_RELATION = noRelation('the file gives no rate or no start of the counter');

/** Holds a run in counter ticks whose time stamp is a FILETIME; any other cannot be related. */
function holdUnrelated(
  context: KernelContext,
  w: NonNullable<Writers['dpcIsr']>,
  head: KernelHead,
  initial: Ticks,
  initialText: string,
): Outcome {
  const { out, timeline } = context;
  const { stamp, stampText, atUs } = head;
  const isHeldKind = !isFiletime(initial) && stamp !== null && isFiletime(stamp) && !Number.isNaN(atUs);
  if (!isHeldKind || timeline.counterPerUs === null || timeline.startFiletime === null) return NO_RELATION;
  context.assumed ??= assumedClock(out, w, timeline.startFiletime, initial, timeline.counterPerUs);
  const quote = out.quoteRow(head.byte, head.line);
  switch (holdRun(context.assumed, { stamp, stampText, initial, initialText, endUs: atUs }, quote)) {
    case 'held':
      return 'row';
    case 'too-far':
      return badField('InitialTime');
    case 'too-many':
      return problem('too-many-rows', `more runs than can be held in memory to relate their times. ${REMEDY}`);
  }
}

/** At the end of a trace, and before the header of another that was put behind it. */
function settleRuns(context: KernelContext): void {
  const { assumed, out } = context;
  if (assumed === null) return;
  context.assumed = null;
  const refusal = settleClock(assumed, out, (cpu, endUs, line) => noteOrder(context, cpu, endUs, line));
  if (refusal === null) return;
  const { code, message } = noRelation(refusal.message);
  for (const [i, example] of refusal.examples.entries()) {
    const count = i === 0 ? refusal.count - refusal.examples.length + 1 : 1;
    out.diagnostics.add(code, 'data-loss', message, { line: refusal.line, example, count });
  }
  if (context.rowAnyway) return;
  out.account.rows -= refusal.count;
  out.account.skipped += refusal.count;
}

/** Exact where both are on one scale; over the trace's start where they are not; NaN where that is unknown. */
function betweenUs(timeline: Timeline, from: Ticks, to: Ticks | null): number {
  if (to === null) return Number.NaN;
  if (isFiletime(from) && isFiletime(to)) return ticksBetween(from, to) / FILETIME_PER_US;
  if (!isFiletime(from) && !isFiletime(to)) {
    return timeline.counterPerUs === null ? Number.NaN : ticksBetween(from, to) / timeline.counterPerUs;
  }
  return timeUs(timeline, to) - timeUs(timeline, from);
}

/** tracerpt writes events in the order of their time stamps; rows that are not would be nested wrongly. */
function noteOrder({ out, lastEndUs }: KernelContext, cpu: number, endUs: number, line: number): void {
  const last = lastEndUs.get(cpu);
  if (last !== undefined && endUs < last) {
    out.diagnostics.add(
      'time-inversion',
      'warning',
      'DPCs or ISRs are not in the order in which they ended on their CPU: exclusive times may be wrong',
      { line },
    );
  } else lastEndUs.set(cpu, endUs);
}

function writeImage(w: NonNullable<Writers['image']>, known: KernelEvent, head: KernelHead, field: FieldOf): Outcome {
  const base = address(field('ImageBase'));
  const size = wholeNumber(field('ImageSize'));
  const path = field('FileName');
  if (base === null || size === null || path === undefined) return badField('ImageBase, ImageSize or FileName');
  const pid = stored(field('ProcessId'));
  w.row({
    event: known.says,
    atUs: head.atUs,
    pid: pid === NULL_I32 ? null : pid,
    base,
    end: BigInt.asUintN(64, base + BigInt(size)),
    // 0 in images that have none.
    timeDateStamp: wholeNumber(field('TimeDateStamp')) || null,
    path,
    line: head.line,
    byte: head.byte,
  });
  return 'row';
}

function writeProcess(
  w: NonNullable<Writers['process']>,
  known: KernelEvent,
  head: KernelHead,
  field: FieldOf,
): Outcome {
  const pid = wholeNumber(field('ProcessId'));
  if (pid === null) return badField('ProcessId');
  const name = field('ImageFileName');
  w.row({
    event: known.says,
    atUs: head.atUs,
    process: name === undefined ? null : fileName(name),
    pid,
    parentPid: fit(wholeNumber(field('ParentId'))),
    sessionId: fit(wholeNumber(field('SessionId'))),
    commandLine: field('CommandLine') ?? null,
    line: head.line,
    byte: head.byte,
  });
  return 'row';
}

/** Null where a number does not fit an i32 column (0xFFFFFFFF stands for "none"). */
const fit = (value: number | null): number | null => (value === null || value > 0x7fffffff ? null : value);

function writeThread(w: NonNullable<Writers['thread']>, known: KernelEvent, head: KernelHead, field: FieldOf): Outcome {
  const tid = wholeNumber(field('TThreadId'));
  if (tid === null) return badField('TThreadId');
  const start = address(field('Win32StartAddr'));
  w.row({
    event: known.says,
    atUs: head.atUs,
    pid: fit(wholeNumber(field('ProcessId'))),
    tid: fit(tid),
    startRoutine: start === null || start === 0n ? null : `0x${start.toString(16)}`,
    line: head.line,
    byte: head.byte,
  });
  return 'row';
}

// Values of OldThreadState and OldThreadWaitReason: https://learn.microsoft.com/windows/win32/etw/cswitch
const THREAD_STATES = 'Initialized Ready Running Standby Terminated Waiting Transition DeferredReady'.split(' ');
const WAIT_REASONS = (
  'Executive FreePage PageIn PoolAllocation DelayExecution Suspended UserRequest WrExecutive WrFreePage WrPageIn ' +
  'WrPoolAllocation WrDelayExecution WrSuspended WrUserRequest WrEventPair WrQueue WrLpcReceive WrLpcReply ' +
  'WrVirtualMemory WrPageOut WrRendezvous WrKeyedEvent WrTerminated WrProcessInSwap WrCpuRateControl WrCalloutStack ' +
  'WrKernel WrResource WrPushLock WrMutex WrQuantumEnd WrDispatchInt WrPreempted WrYieldExecution WrFastMutex ' +
  'WrGuardedMutex WrRundown'
).split(' ');

/** The name of a numbered value; the number itself where it has no documented name. */
function named(names: readonly string[], text: string | undefined): string | null {
  const value = wholeNumber(text);
  return value === null ? null : (names[value] ?? String(value));
}

function writeSwitch(w: NonNullable<Writers['cswitch']>, head: KernelHead, field: FieldOf): Outcome {
  const newTid = stored(field('NewThreadId'));
  const oldTid = stored(field('OldThreadId'));
  if (newTid === NULL_I32 || oldTid === NULL_I32) return badField('NewThreadId or OldThreadId');
  const { cols, dicts, n } = w;
  cols.atUs[n] = head.atUs;
  cols.cpu[n] = head.cpu;
  // The event names threads only.
  cols.newProcess[n] = -1;
  cols.newPid[n] = NULL_I32;
  cols.newTid[n] = newTid;
  cols.newPriority[n] = stored(field('NewThreadPriority'));
  cols.oldProcess[n] = -1;
  cols.oldPid[n] = NULL_I32;
  cols.oldTid[n] = oldTid;
  cols.oldPriority[n] = stored(field('OldThreadPriority'));
  cols.oldState[n] = dicts.oldState.id(named(THREAD_STATES, field('OldThreadState')));
  cols.waitReason[n] = dicts.waitReason.id(named(WAIT_REASONS, field('OldThreadWaitReason')));
  // NewThreadWaitTime is documented without a unit.
  cols.waitUs[n] = Number.NaN;
  cols.line[n] = head.line;
  cols.byte[n] = head.byte;
  w.push();
  return 'row';
}

/** The readying thread is the one in whose context the event was logged. */
function writeReady(w: NonNullable<Writers['ready']>, head: KernelHead, field: FieldOf): Outcome {
  const readyTid = stored(field('TThreadId'));
  if (readyTid === NULL_I32) return badField('TThreadId');
  const flag = wholeNumber(field('Flag'));
  const { cols, dicts, n } = w;
  cols.atUs[n] = head.atUs;
  cols.process[n] = -1;
  cols.pid[n] = head.pid;
  cols.tid[n] = head.tid;
  cols.readyProcess[n] = -1;
  cols.readyPid[n] = NULL_I32;
  cols.readyTid[n] = readyTid;
  cols.adjustReason[n] = dicts.adjustReason.id(field('AdjustReason') ?? null);
  // Flag 0x1: "The thread has been readied from DPC" (https://learn.microsoft.com/windows/win32/etw/readythread).
  cols.inDpc[n] = dicts.inDpc.id(flag === null ? null : flag & 1 ? '1' : '0');
  cols.line[n] = head.line;
  cols.byte[n] = head.byte;
  w.push();
  return 'row';
}

function writeSample(w: NonNullable<Writers['sample']>, head: KernelHead, field: FieldOf): Outcome {
  const pointer = address(field('InstructionPointer'));
  if (pointer === null) return badField('InstructionPointer');
  const tid = wholeNumber(field('ThreadId'));
  w.row({
    atUs: head.atUs,
    cpu: head.cpu === NULL_I32 ? null : head.cpu,
    pid: head.pid === NULL_I32 ? null : head.pid,
    tid: fit(tid),
    address: pointer,
    routine: `0x${pointer.toString(16)}`,
    line: head.line,
    byte: head.byte,
  });
  return 'row';
}

/** One row a frame. EventTimeStamp is in the clock of the trace; where that cannot be related `atUs` is null. */
function writeStack(
  context: KernelContext,
  w: NonNullable<Writers['stack']>,
  head: KernelHead,
  field: FieldOf,
): Outcome {
  const stamp = parseTicks(field('EventTimeStamp') ?? '');
  const tid = wholeNumber(field('StackThread'));
  if (stamp === null || tid === null) return badField('EventTimeStamp or StackThread');
  const atUs = timeUs(context.timeline, stamp);
  let frame = 1;
  for (; frame <= MAX_FRAMES; frame++) {
    const pointer = address(field(`Stack${frame}`));
    if (pointer === null) break;
    const routine = `0x${pointer.toString(16)}`;
    w.row({ atUs, tid: fit(tid), frame, address: pointer, routine, line: head.line, byte: head.byte });
  }
  return frame === 1 ? badField('first frame') : 'row';
}

/** A marker where the session lost events: the trace has a hole there. */
function noteLost(context: KernelContext, known: KernelEvent, head: KernelHead): Outcome {
  context.out.diagnostics.add(
    'lost-in-trace',
    'data-loss',
    `the trace says at this place that ${known.says} were lost: runs in the gap are missing`,
    { line: head.line },
  );
  return 'unwanted';
}

// Bits of LogFileMode: https://learn.microsoft.com/windows/win32/etw/logging-mode-constants
const MODES: readonly (readonly [number, string])[] = [
  [0x1, 'sequential'],
  [0x2, 'circular'],
  [0x4, 'append'],
  [0x8, 'new file'],
  [0x100, 'real time'],
  [0x400, 'buffering'],
  [0x4000000, 'compressed'],
  [0x2000000, 'system logger'],
];
const COMPRESSED = 0x4000000;

/**
 * The `EventTrace, Header` event: TRACE_LOGFILE_HEADER without its time zone. Times in it are FILETIMEs whatever the
 * clock of the events is; its own time stamp is the start of the trace on that clock.
 */
function readHeader(context: KernelContext, head: KernelHead, field: FieldOf): Outcome {
  const { out } = context;
  const { about } = out;
  settleRuns(context);
  const number = (name: string): number | null => wholeNumber(field(name));
  about.machine.build = number('ProviderVersion');
  about.machine.cpus = number('NumberOfProcessors') || null;
  about.machine.os = osVersion(number('Version'), about.machine.build);
  about.eventsLost = number('EventsLost');
  about.buffersLost = number('BuffersLost');
  if (about.eventsLost !== null || about.buffersLost !== null) {
    about.lossPlace = { line: head.line, byte: head.byte, quote: out.quoteRow(head.byte, head.line) };
  }
  const mode = number('LogFileMode');
  about.session = {
    name: field('SessionNameString') || null,
    mode: mode === null ? null : modeText(mode),
    bufferBytes: number('BufferSize') || null,
    buffers: number('BuffersWritten'),
    compressed: mode === null ? null : (mode & COMPRESSED) !== 0,
    pointerBytes: number('PointerSize') || null,
  };
  setClock(context, head, field);
  return 'unwanted';
}

const modeText = (mode: number): string => {
  const names = MODES.filter(([bit]) => (mode & bit) !== 0).map(([, name]) => name);
  return names.length === 0 ? `0x${mode.toString(16)}` : `0x${mode.toString(16)} (${names.join(', ')})`;
};

/** Version: major and minor in the low two bytes. */
function osVersion(version: number | null, build: number | null): string | null {
  if (version === null) return null;
  const text = `${version & 0xff}.${(version >> 8) & 0xff}`;
  return build === null ? text : `${text}.${build}`;
}

function setClock(context: KernelContext, head: KernelHead, field: FieldOf): void {
  const { timeline, out } = context;
  const start = filetimeField(field('StartTime'));
  const end = filetimeField(field('EndTime'));
  timeline.counterPerUs = counterPerUs(field);
  if (head.stamp !== null) {
    timeline.startFiletime = isFiletime(head.stamp) ? head.stamp : start;
    timeline.startCounter = isFiletime(head.stamp) ? null : head.stamp;
  } else timeline.startFiletime = start;
  const { clock, span } = out.about;
  const shown = start ?? timeline.startFiletime;
  clock.startUtc = shown === null ? null : filetimeToUtc(ticksValue(shown));
  // The system time that StartTime was read from may be one timer tick (100 ns units) behind.
  const tick = wholeNumber(field('TimerResolution'));
  clock.uncertaintyMs = shown === null || tick === null ? null : tick / 1e4;
  span.startUs = 0;
  if (start !== null && end !== null) span.endUs = ticksBetween(start, end) / FILETIME_PER_US;
}

function filetimeField(text: string | undefined): Ticks | null {
  const ticks = parseTicks(text ?? '');
  return ticks !== null && isFiletime(ticks) ? ticks : null;
}

/** ReservedFlags holds the clock type: 1 performance counter, 2 system time (100 ns), 3 CPU cycles (CPUSpeed in MHz). */
function counterPerUs(field: FieldOf): number | null {
  const type = wholeNumber(field('ReservedFlags'));
  const rate =
    type === 3
      ? wholeNumber(field('CPUSpeed'))
      : type === 2
        ? FILETIME_PER_US
        : (wholeNumber(field('PerfFreq')) ?? 0) / 1e6;
  return rate === null || rate <= 0 ? null : rate;
}

/** Said once at the end: what the scales of the trace allow. */
export function finishKernel(context: KernelContext): void {
  const { timeline, out } = context;
  const { clock } = out.about;
  settleRuns(context);
  if (timeline.startCounter !== null && timeline.counterPerUs !== null) {
    clock.resolutionNs = 1000 / timeline.counterPerUs;
  } else if (timeline.startFiletime !== null) clock.resolutionNs = 100;
  if (context.lastEndUs.size > 0) {
    out.about.notes.push(
      'The time stamp of a DPC or ISR event is taken as the end of the run and InitialTime as its start, as the kernel ' +
        'logs them; routines are addresses, to be resolved through the image table.',
    );
  }
}
