/**
 * Bugcheck 0x133 from the dump alone. A single DPC that ran too long is on the stack: the first driver between the clock interrupt
 * that noticed and the dispatcher that called it. A cumulative one is not: then the dump's ETW sessions hold the answer.
 * https://learn.microsoft.com/windows-hardware/drivers/debugger/bug-check-0x133-dpc-watchdog-violation
 */
import type { Finish } from '../../core/analysis.js';
import { dumpDpc, dumpProcessor } from '../../tables/dump-system.js';
import { frameworkOf } from '../dpc-frameworks.js';
import { hexOf } from './bugcheck.js';
import type { Facts } from './facts.js';
import { type Frame, frameOfText, routineOf } from './frames.js';
import type { Model, ThreadRow } from './model.js';
import type { DpcWatchdog, DumpBugcheck } from './result.js';
import { type Cited, type DumpRows, evidenceOf } from './rows.js';

/** Routines of the clock and of other interrupts: what they interrupted stands behind them. */
const INTERRUPT =
  /^(?:Halp?\w{0,40}(?:Interrupt|Clock|Timer(?!Stall))\w{0,40}|Ki(?:Interrupt|Chained|Clock|Ipi|Nmi|Hv|Vmbus)\w{0,60}|Ke(?:Update(?:RunTime|Time|SystemTime)|ClockInterrupt|AccumulateTicks)\w{0,40}|KiUpdateRunTime|KeBugCheck\w{0,6}|HvlpTimer\w{0,20})/;
/** What calls DPCs. */
const DISPATCHER =
  /^(?:Kx?i?RetireDpcList|Ki(?:Retire|Execute(?:All)?|Dispatch)(?:Dpcs?|DpcList|AllDpcs|Interrupt\w{0,20})|KiTimerExpiration|KiProcessExpiredTimerList|KiExpireTimer(?:Table|2)?|KiProcessTimerDpcTable|KiIdleLoop|KiDpcInterrupt\w{0,20}|KyRetireDpcList|KxRetireDpcList|KxSwapStacksAndRetireDpcList|SwapContext|KiExecuteDpc(?:Delegate)?|KiExecuteAllDpcs)$/;
const TIMER = /^Ki(?:TimerExpiration|ProcessExpiredTimerList|ExpireTimer\w{0,8}|ProcessTimerDpcTable)$/;
/** What calls ISRs: inside it there is an ISR. */
const ISR =
  /^(?:KiInterrupt(?:Dispatch|SubDispatch|MessageDispatch)\w{0,30}|KiChainedDispatch\w{0,20}|KiScanInterruptObjectList|KiCallInterruptServiceRoutine|KeSynchronizeExecution)$/;
const STALL = /^(?:KeStallExecutionProcessor|Halp?\w{0,30}Stall\w{0,30})$/;
const SPIN =
  /^(?:Ke?i?Acquire(?:InStackQueued)?SpinLock\w{0,30}|KxWaitFor(?:LockOwnerShip|SpinLock)\w{0,20}|ExpAcquireSpinLock\w{0,30}|ExAcquireSpinLock\w{0,30}|KiAcquireSpinLock\w{0,20})/;
const FRAMEWORKS = new Set([
  'wdf01000',
  'ndis',
  'storport',
  'scsiport',
  'ataport',
  'usbport',
  'ucx01000',
  'usbxhci',
  'acpi',
  'dxgkrnl',
  'videoprt',
  'portcls',
  'ks',
  'hidclass',
  'verifierext',
  'fltmgr',
  'classpnp',
  'wdfldr',
  'dxgmms1',
  'dxgmms2',
  'hdaudbus',
  'tcpip',
  'netio',
]);
const NT = new Set(['nt', 'hal', '']);
const LOGGERS = /^(?:NT Kernel Logger|Circular Kernel Context Logger)$/i;

/** A stack in its parts. */
interface Reading {
  readonly frame: Frame | null;
  readonly runsAs: 'DPC' | 'timer DPC' | 'ISR' | null;
  readonly stalls: string | null;
  readonly inside: readonly Frame[];
  readonly frameworks: readonly Frame[];
  readonly certain: boolean;
}

/** The driver whose DPC or ISR runs on a stack. */
export function runningRoutine(frames: readonly Frame[]): Reading | null {
  const isNt = ({ base }: Frame): boolean => NT.has(base);
  const isCall = (pattern: RegExp, { base, function: fn }: Frame): boolean =>
    (base === 'nt' || base === 'hal') && fn !== null && pattern.test(fn);
  const noticed = frames.findLastIndex(
    (frame, i) =>
      i < frames.length && isCall(INTERRUPT, frame) && !isCall(ISR, frame) && frames.slice(0, i).every(isNt),
  );
  let from = noticed + 1;
  // The dispatcher of the clock's own interrupt.
  while (from > 0 && from < frames.length && (isCall(ISR, frames[from]) || isCall(INTERRUPT, frames[from]))) from++;
  const end = frames.findIndex((frame, i) => i >= from && isCall(DISPATCHER, frame));
  const isr = frames.findIndex((frame, i) => i > from && (end < 0 || i < end) && isCall(ISR, frame));
  const to = isr >= 0 ? isr : end >= 0 ? end : -1;
  if (to < 0) return null;
  const part = frames.slice(from, to);
  const drivers = part.filter((frame) => !isNt(frame));
  if (drivers.length === 0) return null;
  const own = drivers.filter(({ base }) => !FRAMEWORKS.has(base));
  const frame = own[0] ?? drivers[0];
  const stalled = part.find((one) => isCall(STALL, one)) ?? part.find((one) => isCall(SPIN, one)) ?? null;
  return {
    frame,
    runsAs: isr >= 0 ? 'ISR' : frames.slice(to).some((one) => isCall(TIMER, one)) ? 'timer DPC' : 'DPC',
    stalls: stalled === null ? null : routineOf(stalled),
    // What it called is farther in; the drivers that called it farther out.
    inside: part.slice(0, part.indexOf(frame)).filter((one) => !isNt(one)),
    frameworks: drivers.filter((one) => one.base !== frame.base && part.indexOf(one) > part.indexOf(frame)),
    certain: own.length > 0,
  };
}

export function watchdogOf(
  bugcheck: DumpBugcheck | null,
  model: Model,
  rows: DumpRows,
  facts: Facts,
  tickMs: number | null,
  context: Finish,
): DpcWatchdog | null {
  if (bugcheck?.code !== '0x133') return null;
  const [kind, second, third] = bugcheck.parameters.map(hexOf);
  if (kind !== 0 && kind !== 1) return null;
  const stack = crashStack(model);
  const reading = stack === null ? null : runningRoutine(stack.frames);
  const cited: Cited[] = [];
  const ms = (ticks: number | null): number | null => (ticks === null || tickMs === null ? null : ticks * tickMs);
  const queued = rows.of(dumpDpc).slice(0, 200);
  const loggers = loggersOf(facts);
  if (stack !== null) cited.push(stack.row);
  const { frame = null } = reading ?? {};
  const culprit =
    kind === 1 || frame === null || reading === null || frame.module === null
      ? null
      : {
          module: frame.module,
          function: frame.function,
          cpu: stack?.row.processor ?? null,
          certain: reading.certain,
          runsAs: reading.runsAs,
          stalls: stallText(reading, facts, frame),
        };
  return {
    kind: kind === 0 ? 'single' : 'cumulative',
    ticks: kind === 0 ? second : null,
    limitTicks: kind === 0 ? third : second,
    ms: kind === 0 ? ms(second) : null,
    limitMs: ms(kind === 0 ? third : second),
    culprit,
    others: [
      ...(reading?.inside ?? []).map((one) => other(one, 'called-by-culprit', stack?.row.processor ?? null)),
      ...(reading?.frameworks ?? []).map((one) => other(one, 'framework', stack?.row.processor ?? null)),
      ...(kind === 1 && frame !== null ? [other(frame, 'interrupted', stack?.row.processor ?? null)] : []),
      ...queued.map((row) => other(frameOfText(row.routine ?? ''), 'queued', row.cpu)),
    ],
    loggers,
    statement: statementOf(kind, reading, culprit, loggers.length),
    evidence: [
      ...bugcheck.evidence,
      ...evidenceOf(context, [...cited, ...queued.slice(0, 3), ...rows.of(dumpProcessor).slice(0, 2)], 6),
    ],
  };
}

const other = (
  frame: Frame,
  role: DpcWatchdog['others'][number]['role'],
  cpu: number | null,
): DpcWatchdog['others'][number] => {
  return { module: frame.module, function: frame.function, role, cpu };
};

/** The stack of the processor that crashed: one with KeBugCheckEx on it, else any that runs a DPC. */
function crashStack(model: Model): { row: ThreadRow; frames: readonly Frame[] } | null {
  const stacks = [
    ...model.looseStacks,
    ...[...model.threads.values()].flatMap(({ stackRow, frames }) =>
      stackRow === null ? [] : [{ row: stackRow, frames }],
    ),
  ];
  const crashed = stacks.filter(({ frames }) =>
    frames.slice(0, 4).some(({ function: fn }) => fn !== null && /^KeBugCheck/.test(fn)),
  );
  return (
    crashed.findLast(({ frames }) => runningRoutine(frames) !== null) ??
    stacks.find(({ frames }) => runningRoutine(frames) !== null) ??
    crashed.at(-1) ??
    null
  );
}

function statementOf(kind: number, reading: Reading | null, culprit: DpcWatchdog['culprit'], loggers: number): string {
  if (kind === 1) {
    const traced =
      loggers > 0
        ? 'save the ETW session in the dump and rank its DPCs and ISRs'
        : 'list the ETW sessions of the dump (!wmitrace.strdump) and save the kernel one';
    return `The limit is for all DPCs and ISRs together: what ran when it was noticed need not be to blame; ${traced}.`;
  }
  if (culprit === null)
    return 'The log shows no driver between the clock interrupt and the DPC dispatcher: print the stack of the processor that crashed (k).';
  const at = culprit.function === null ? culprit.module : `${culprit.module}!${culprit.function}`;
  const stall = culprit.stalls === null ? '' : `, in ${culprit.stalls}`;
  if (!reading?.certain) {
    const framework = frameworkOf(`${culprit.module}.sys`);
    return `${at} ran too long${stall}; it runs ${framework?.clients ?? 'the routines of other drivers'}, and the stack does not show whose.`;
  }
  return `${at} ran too long${stall}: it is the first driver between the clock interrupt and the ${culprit.runsAs === 'ISR' ? 'interrupt' : 'DPC'} dispatcher.`;
}

/** What it stalls in, and for how long where its disassembly shows a loop. */
function stallText(reading: Reading, facts: Facts, frame: Frame): string | null {
  if (reading.stalls === null) return null;
  for (const [address, rows] of facts.subjects('disassembly ')) {
    const value = (name: string): number | null => rows.find((row) => row.name === name)?.number ?? null;
    const [us, rounds] = [value('argument'), value('loopCounter')];
    if (us === null || rounds === null || !rows.some((row) => row.name === 'calls' && /Stall/.test(row.value ?? '')))
      continue;
    if (!nearby(address, frame)) continue;
    return `${reading.stalls}: a loop of ${rounds} x ${us} µs = ${((rounds * us) / 1e6).toFixed(1)} s`;
  }
  return reading.stalls;
}

/** A page of code around the frame. */
const nearby = (address: string, frame: Frame): boolean =>
  frame.address === null || !/^0x[0-9a-f]{1,16}$/.test(address) || frame.address >> 12n === BigInt(address) >> 12n;

function loggersOf(facts: Facts): DpcWatchdog['loggers'] {
  const found: DpcWatchdog['loggers'][number][] = [];
  for (const [text, rows] of facts.subjects('logger ')) {
    const id = Number(text);
    const name = rows.find((row) => row.name === 'name')?.value ?? '';
    if (!Number.isInteger(id) || !LOGGERS.test(name.trim())) continue;
    found.push({ id, name: name.trim(), command: `!wmitrace.logsave 0x${id.toString(16)} dpc.etl` });
  }
  return found;
}
