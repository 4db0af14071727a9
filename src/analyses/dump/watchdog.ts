/**
 * Bugcheck 0x133 from the dump alone. A single DPC that ran too long is on the stack: the driver between the clock interrupt
 * that noticed and the dispatcher that called it. A cumulative one is not: then the dump's ETW sessions hold the answer.
 * https://learn.microsoft.com/windows-hardware/drivers/debugger/bug-check-0x133-dpc-watchdog-violation
 */
import type { Finish } from '../../core/analysis.js';
import { dumpProcessor } from '../../tables/dump-system.js';
import { frameworkOf } from '../dpc-frameworks.js';
import { hexOf } from './bugcheck.js';
import { allStacks, type CrashStack, hasBugcheck } from './crash-stack.js';
import { isFrameworkImage } from './dpc-images.js';
import { handedTo, type Reading, reachesDispatcher, runningRoutine, showsClock } from './dpc-stack.js';
import { queuedDpcs } from './dpcs.js';
import type { Facts } from './facts.js';
import { type Frame, frameOfText, hex, routineOf } from './frames.js';
import type { Model } from './model.js';
import type { DpcWatchdog, DumpBugcheck } from './result.js';
import { type Cited, type DumpRows, evidenceOf } from './rows.js';

const LOGGERS = /^(?:NT Kernel Logger|Circular Kernel Context Logger)$/i;

/** The stack that is read, and whether it is sure that it is the one of the processor that crashed. */
interface Chosen extends CrashStack {
  readonly isSure: boolean;
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
  const stack = chosenStack(model);
  const reading = stack === null ? null : runningRoutine(stack.frames);
  const cited: Cited[] = [];
  const ms = (ticks: number | null): number | null => (ticks === null || tickMs === null ? null : ticks * tickMs);
  const queued = queuedDpcs(rows).slice(0, 200);
  const loggers = loggersOf(facts);
  if (stack !== null) cited.push(stack.row);
  const { frame = null } = reading ?? {};
  const cpu = stack?.row.processor ?? null;
  const culprit =
    kind === 1 || stack === null || frame === null || reading === null || frame.module === null
      ? null
      : {
          module: frame.module,
          function: frame.function,
          cpu: stack.row.processor,
          certain: isCertain(stack, reading),
          runsAs: reading.runsAs,
          stalls: stallText(reading, facts, frame),
          address: startOf(frame),
        };
  return {
    kind: kind === 0 ? 'single' : 'cumulative',
    ticks: kind === 0 ? second : null,
    limitTicks: kind === 0 ? third : second,
    ms: kind === 0 ? ms(second) : null,
    limitMs: ms(kind === 0 ? third : second),
    culprit,
    others: [
      ...(reading?.inside ?? []).map((one) => other(one, 'called-by-culprit', cpu)),
      ...(reading?.outside ?? []).map((one) => other(one, isFrameworkImage(one.base) ? 'framework' : 'called-it', cpu)),
      ...(kind === 1 && frame !== null ? [other(frame, 'interrupted', cpu)] : []),
      ...queued.map((row) => other(frameOfText(row.routine ?? ''), 'queued', row.cpu)),
    ],
    loggers,
    statement:
      kind === 1
        ? cumulativeText(loggers.length)
        : singleText(stack, culprit === null ? null : reading, culprit?.stalls ?? null),
    evidence: [
      ...bugcheck.evidence,
      ...evidenceOf(context, [...cited, ...queued.slice(0, 3), ...rows.of(dumpProcessor).slice(0, 2)], 6),
    ],
  };
}

/** First byte of the routine: the frame's address less the offset behind its name. */
function startOf({ address, offset, function: fn }: Frame): string | null {
  if (address === null || fn === null) return null;
  return hex(address - BigInt(offset ?? '0x0'));
}

const other = (
  frame: Frame,
  role: DpcWatchdog['others'][number]['role'],
  cpu: number | null,
): DpcWatchdog['others'][number] => {
  return { module: frame.module, function: frame.function, role, cpu };
};

/**
 * The stack of the processor that crashed. Other processors run DPCs too, often victims of the one: without KeBugCheckEx a stack
 * counts where the clock noticed on it, and what runs is not certain.
 */
function chosenStack(model: Model): Chosen | null {
  const stacks = allStacks(model);
  const isRead = ({ frames }: CrashStack): boolean => runningRoutine(frames) !== null;
  const crashed = stacks.filter(hasBugcheck);
  const stack = crashed.findLast(isRead) ?? crashed.at(-1);
  if (stack !== undefined) return { ...stack, isSure: true };
  const noticed = stacks.filter((one) => showsClock(one.frames) && isRead(one));
  // Of two different ones nobody knows which it was.
  const routines = new Set(noticed.map(({ frames }) => routineOf(runningRoutine(frames)?.frame ?? frames[0])));
  if (noticed.length > 0)
    return routines.size === 1 ? { ...noticed[0], isSure: stacks.length === noticed.length } : null;
  return stacks.length === 1 && isRead(stacks[0]) ? { ...stacks[0], isSure: false } : null;
}

/** Waits are the doing of another; and where several drivers have worked, the stack does not say which one took the time. */
function isCertain({ row, isSure }: Chosen, reading: Reading): boolean {
  return (
    isSure &&
    reading.isOwn &&
    !reading.isBroken &&
    (reading.waitsFor === null || reading.waitsFor === 'stall') &&
    reading.owner === null &&
    reading.interrupted === null &&
    handedTo(reading) === null &&
    (row.doubtfulFrame === null || reading.at < row.doubtfulFrame - 1)
  );
}

function cumulativeText(loggers: number): string {
  const traced =
    loggers > 0
      ? 'save the ETW session in the dump and rank its DPCs and ISRs'
      : 'list the ETW sessions of the dump (!wmitrace.strdump) and save the kernel one';
  return `The limit is for all DPCs and ISRs together: what ran when it was noticed need not be to blame; ${traced}.`;
}

function singleText(stack: Chosen | null, reading: Reading | null, stalls: string | null): string {
  if (stack === null) return 'The log does not show the stack of the processor that crashed: print it (k).';
  if (reading === null) {
    return reachesDispatcher(stack.frames)
      ? 'On the stack of the processor that crashed there is no driver between the clock interrupt and the DPC dispatcher: which DPC it was, the stack does not show.'
      : 'The stack of the processor that crashed does not reach the DPC dispatcher, so it does not show whose DPC ran.';
  }
  const stall = stalls === null ? '' : `, in ${stalls}`;
  const doubt = stack.isSure
    ? ''
    : ' The stack is without KeBugCheckEx: whether it is of the processor that crashed, the log does not show.';
  return `${routineOf(reading.frame)} ran too long${stall}: ${whyText(reading)}.${waitText(reading)}${doubt}`;
}

/** Why it is named, or why not it alone. */
function whyText(reading: Reading): string {
  const { frame, owner, interrupted, isOwn, runsAs } = reading;
  const what = runsAs === 'ISR' ? 'interrupt' : 'DPC';
  const innermost = handedTo(reading);
  if (!isOwn) {
    const clients = frameworkOf(`${frame.module}.sys`)?.clients ?? null;
    const at = innermost === null ? '' : `it was in ${routineOf(innermost)} when the clock noticed; `;
    return clients === null
      ? `${at}it works for other drivers, and the stack does not show for which`
      : `${at}it runs ${clients}, and the stack does not show whose`;
  }
  if (owner !== null)
    return `the ${runsAs} is that of ${routineOf(owner)}, and it was in ${routineOf(frame)} when the clock noticed; which of them took the time, the stack does not show`;
  if (interrupted !== null)
    return `its ISR interrupted ${routineOf(interrupted)}; which of them took the time, the stack does not show`;
  if (innermost !== null)
    return `the ${runsAs} is its own, and was in ${routineOf(innermost)} when the clock noticed; which of them took the time, the stack does not show`;
  const which = reading.inside.length === 0 ? 'the first driver' : 'the one driver that is no framework';
  return `it is ${which} between the clock interrupt and the ${what} dispatcher`;
}

function waitText({ waitsFor }: Reading): string {
  if (waitsFor === 'spin-lock') return ' It waits for a spin lock; who holds it, the stack does not show.';
  if (waitsFor === 'processors')
    return ' It waits until other processors answer; which one does not, the stack does not show.';
  return waitsFor === 'unknown' ? ' It waits in a loop; for what, the stack does not show.' : '';
}

/** What to type in the debugger. */
export function watchdogSteps(found: DpcWatchdog): string[] {
  const steps = found.loggers.map(
    ({ command, name }) => `${command} saves the session "${name}"; then: tracekit dpc dpc.etl`,
  );
  if (found.kind === 'cumulative') {
    return steps.length > 0
      ? steps
      : [
          '!wmitrace.strdump lists the ETW sessions of the dump; !wmitrace.logsave <id> dpc.etl saves the kernel one; then: tracekit dpc dpc.etl',
        ];
  }
  const { culprit } = found;
  if (culprit === null) {
    return ['!running -it and k on the processor that crashed show the DPC or ISR that ran', ...steps];
  }
  const isWait = culprit.stalls !== null && !/Stall/.test(culprit.stalls);
  return [
    isWait
      ? '!running -it; !qlocks: what the other processors do, and who holds queued spin locks'
      : `lmv m ${culprit.module}: its version and date`,
    ...steps,
  ];
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
