/** What ran on a stack when the clock interrupted it: the drivers between the clock and what calls DPCs or ISRs. */
import { isFrameworkImage, isLayer, isWrapper } from './dpc-images.js';
import type { Frame } from './frames.js';
import { routineOf } from './frames.js';

/** Routines of the clock and of other interrupts: what they interrupted stands behind them. Those that send interrupts are none. */
const INTERRUPT =
  /^(?:Halp?(?!\w{0,40}(?:Send|Request))\w{0,40}(?:Interrupt|Clock|Timer(?!Stall))\w{0,40}|Ki(?:Interrupt|Chained|Clock|Ipi(?:Interrupt|Service|Process|GenericCallTarget)|Nmi|Hv|Vmbus)\w{0,60}|Ke(?:Update(?:RunTime|Time|SystemTime)|ClockInterrupt|AccumulateTicks)\w{0,40}|KiUpdate(?:Run)?Time|KeBugCheck\w{0,6}|HvlpTimer\w{0,20})$/;
/** Only the clock's interrupt calls these, and they count the ticks of a DPC. */
const CLOCK =
  /^(?:KeAccumulateTicks|Ke(?:UpdateRunTime|UpdateSystemTime|ClockInterruptNotify)|KiUpdate(?:Run)?Time|Halp?\w{0,40}Clock\w{0,40}|KiClockInterrupt\w{0,20})$/;
/** What calls DPCs. */
const DISPATCHER =
  /^(?:Kx?i?RetireDpcList|Ki(?:Retire|Execute(?:All)?|Dispatch)(?:Dpcs?|DpcList|AllDpcs|Interrupt\w{0,20})|KiTimerExpiration|KiProcessExpiredTimerList|KiExpireTimer(?:Table|2)?|KiProcessTimerDpcTable|KiIdleLoop|KiDpcInterrupt\w{0,20}|KyRetireDpcList|KxRetireDpcList|KxSwapStacksAndRetireDpcList|SwapContext|KiExecuteDpc(?:Delegate)?|KiExecuteAllDpcs)$/;
const TIMER = /^Ki(?:TimerExpiration|ProcessExpiredTimerList|ExpireTimer\w{0,8}|ProcessTimerDpcTable)$/;
/** What calls ISRs: inside it there is an ISR. KeSynchronizeExecution is none: DPCs call it too. */
const ISR =
  /^(?:KiInterrupt(?:Dispatch|SubDispatch|MessageDispatch)\w{0,30}|KiChainedDispatch\w{0,20}|KiScanInterruptObjectList|KiCallInterruptServiceRoutine)$/;
const STALL = /^(?:KeStallExecutionProcessor|Halp?\w{0,30}Stall\w{0,30})$/;
const SPIN =
  /^(?:K[eifx]Acquire(?:InStack|Interrupt)?(?:Queued)?SpinLock\w{0,30}|KeAcquireReaderWriterSpinLock\w{0,20}|KxWaitFor(?:LockOwnerShip|LockChainValid|SpinLock)\w{0,30}|KiWaitForSpinLock\w{0,30}|Exp?Acquire(?:SpinLock|RundownProtectionSpin)\w{0,30}|ExpWaitForSpinLock\w{0,30})$/i;
/** Waits until other processors have answered: flushes of the TLB and of caches among them. */
const IPI =
  /^(?:K[eix]Flush\w{0,30}Tb|K[eix]Flush(?:Address|Range|Process|Current|Entire|Multiple|Single)\w{0,40}|KiIpi(?:Stall|Send|Wait|GenericCall)(?!\w{0,20}Target$)\w{0,30}|KeIpiGenericCall\w{0,10}|K[ei](?:Invalidate|Sweep)\w{0,30}(?:Cache|Icache)\w{0,30}|Halp?\w{0,30}(?:Send|Request)\w{0,10}Ipi\w{0,20})$/;
const YIELD = /^KeYieldProcessorEx$/;
const NT = new Set(['nt', 'hal', '']);

/** What a routine that does not return waits for; none of it says who keeps it waiting, but a stall is its own doing. */
export type WaitsFor = 'stall' | 'spin-lock' | 'processors' | 'unknown';

/** A stack in its parts. */
export interface Reading {
  /** The routine that ran. */
  readonly frame: Frame;
  readonly runsAs: 'DPC' | 'timer DPC' | 'ISR';
  readonly stalls: string | null;
  readonly waitsFor: WaitsFor | null;
  /** Drivers that `frame` called. */
  readonly inside: readonly Frame[];
  /** Drivers that called it. */
  readonly outside: readonly Frame[];
  /** Whose DPC it is, where that is another image. */
  readonly owner: Frame | null;
  /** The routine whose DPC an ISR interrupted. */
  readonly interrupted: Frame | null;
  /** False where only images stand there that run the routines of others. */
  readonly isOwn: boolean;
  /** True where frames without a module stand in front of it. */
  readonly isBroken: boolean;
  /** Its number among the frames, from 0. */
  readonly at: number;
}

const isNt = ({ base }: Frame): boolean => NT.has(base);
const isCall = (pattern: RegExp, { base, function: fn }: Frame): boolean =>
  (base === 'nt' || base === 'hal') && fn !== null && pattern.test(fn);

/** True where the clock's interrupt is on the stack, in front of every driver. */
export function showsClock(frames: readonly Frame[]): boolean {
  const drivers = frames.findIndex((frame) => !isNt(frame));
  return frames.slice(0, drivers < 0 ? frames.length : drivers).some((frame) => isCall(CLOCK, frame));
}

/** True where the stack reaches what calls DPCs or ISRs. */
export const reachesDispatcher = (frames: readonly Frame[]): boolean =>
  frames.some((frame) => isCall(DISPATCHER, frame));

/** The driver whose DPC or ISR runs on a stack; null where it shows none. */
export function runningRoutine(frames: readonly Frame[]): Reading | null {
  const from = behindInterrupt(frames);
  const end = frames.findIndex((frame, i) => i >= from && isCall(DISPATCHER, frame));
  const isr = frames.findIndex((frame, i) => i > from && (end < 0 || i < end) && isCall(ISR, frame));
  const to = isr >= 0 ? isr : end;
  if (to < 0) return null;
  const part = frames.slice(from, to);
  const drivers = part.filter((frame) => !isNt(frame));
  if (drivers.length === 0) return null;
  const own = drivers.filter(({ base }) => !isFrameworkImage(base));
  const frame = own[0] ?? withoutOwn(drivers);
  const at = part.indexOf(frame);
  const owner = own.findLast(({ base }) => base !== frame.base) ?? null;
  const wait = waitOf(part);
  return {
    frame,
    runsAs: isr >= 0 ? 'ISR' : frames.slice(to).some((one) => isCall(TIMER, one)) ? 'timer DPC' : 'DPC',
    stalls: wait === null ? null : routineOf(wait.frame),
    waitsFor: wait?.waitsFor ?? null,
    inside: part.slice(0, at).filter((one) => !isNt(one) && one.base !== frame.base),
    outside: part.slice(at + 1).filter((one) => !isNt(one) && one.base !== frame.base),
    owner,
    interrupted: isr < 0 || end < 0 ? null : (frames.slice(isr, end).find((one) => !isNt(one)) ?? null),
    isOwn: own.length > 0,
    isBroken: part.slice(0, at).some(({ base }) => base === ''),
    at: from + at,
  };
}

/** The first frame that the clock interrupted; 0 where the stack shows no interrupt. */
function behindInterrupt(frames: readonly Frame[]): number {
  let from = 0;
  for (const [i, frame] of frames.entries()) {
    // Interrupts behind a driver or a dispatcher are older ones.
    if (!isNt(frame) || isCall(DISPATCHER, frame)) break;
    if (isCall(INTERRUPT, frame) && !isCall(ISR, frame)) from = i + 1;
  }
  // The dispatcher of the clock's own interrupt.
  while (from > 0 && from < frames.length && (isCall(ISR, frames[from]) || isCall(INTERRUPT, frames[from]))) from++;
  return from;
}

/** Where all of them run for others: the outermost has the DPC, unless it only wraps the routine of the next. */
function withoutOwn(drivers: readonly Frame[]): Frame {
  const image = drivers.findLast(({ base }) => !isWrapper(base)) ?? drivers[drivers.length - 1];
  return drivers.find(({ base }) => base === image.base) ?? image;
}

/** The wait of the kernel at the very end of the stack; a driver may stand there only if it called in on behalf of another. */
function waitOf(part: readonly Frame[]): { frame: Frame; waitsFor: WaitsFor } | null {
  const driver = part.findIndex((frame) => !isNt(frame));
  const kernel = part.slice(0, driver < 0 ? part.length : driver);
  const kinds = [
    [STALL, 'stall'],
    [IPI, 'processors'],
    [SPIN, 'spin-lock'],
    [YIELD, 'unknown'],
  ] as const;
  for (const [pattern, waitsFor] of kinds) {
    const frame = kernel.find((one) => isCall(pattern, one));
    if (frame !== undefined) return { frame, waitsFor };
  }
  return null;
}

/** The innermost image that the routine handed work to; null where none does work of its own. */
export const handedTo = ({ inside }: Reading): Frame | null => inside.find(({ base }) => isLayer(base)) ?? null;
