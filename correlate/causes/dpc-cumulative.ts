/**
 * Bugcheck 0x133, parameter 1 = 1: the processor was at DISPATCH_LEVEL or above for too long in all. What is on the stack need not be to
 * blame; what took the processor in the watchdog period before is.
 * https://learn.microsoft.com/windows-hardware/drivers/debugger/bug-check-0x133-dpc-watchdog-violation
 */
import type { DpcWatchdog } from '../../src/analyses/dump/result.js';
import { durationText } from '../../src/core/duration-text.js';
import { splitSymbol } from '../../src/core/symbol.js';
import { type Case, cited, naming } from '../case.js';
import { moduleKey } from '../names.js';
import { type Cap, type Draft, point } from '../points.js';
import type { Culprit, Point } from '../result.js';
import { allowedMs } from '../ticks.js';
import { byDriver, type DriverShare, type Window, windowAtDump, worstWindow } from './watchdog-window.js';

const QUESTION = 'bugcheck 0x133';
/** The watchdog period where the log does not name it: 7680 ticks of 15.6 ms. */
const DEFAULT_PERIOD_MS = 120_000;
/** Of the processor, for a driver to be a candidate. */
const LEAST_PERCENT = 3;
const CANDIDATES = 5;

export function dpcCumulative(all: Case): Draft[] {
  const { watchdog } = all.dump;
  if (watchdog?.kind !== 'cumulative') return [];
  const periodMs = allowedMs(watchdog) ?? DEFAULT_PERIOD_MS;
  const cpu = crashedCpu(all, watchdog);
  const window = windowAtDump(all, cpu, periodMs) ?? worstWindow(all, cpu, periodMs);
  if (window === null || window.shares.length === 0) return [fromDumpAlone(watchdog, window, cpu)];
  const { shares, fromUs, toUs } = window;
  return shares
    .filter(({ us }, rank) => rank === 0 || (100 * us) / (toUs - fromUs) >= LEAST_PERCENT)
    .slice(0, CANDIDATES)
    .map((share, rank) => draftOf(share, rank, window, watchdog, periodMs, all));
}

/** The processor that crashed, where the log shows it. */
function crashedCpu(all: Case, { culprit, others }: DpcWatchdog): number | null {
  const crashing = all.dump.threads.find(
    ({ processor, frames }) => processor !== null && frames.some((frame) => frame.function === 'KeBugCheckEx'),
  );
  return (
    culprit?.cpu ??
    crashing?.processor ??
    others.find(({ role, cpu }) => role !== 'queued' && cpu !== null)?.cpu ??
    (all.dump.system.processors.length === 1 ? all.dump.system.processors[0].cpu : null)
  );
}

function draftOf(
  share: DriverShare,
  rank: number,
  window: Window,
  watchdog: DpcWatchdog,
  periodMs: number,
  all: Case,
): Draft {
  const percent = (100 * share.us) / (window.toUs - window.fromUs);
  const total = window.shares.reduce((sum, { us }) => sum + us, 0);
  const when = window.isAtDump
    ? `in the ${durationText((window.toUs - window.fromUs) / 1000)} that the trace holds of the watchdog period (${durationText(periodMs)}) before the dump`
    : `in the worst ${durationText((window.toUs - window.fromUs) / 1000)} of the trace, which holds nothing of the watchdog period`;
  const evidence = cited(all, window.source, share.worst.cite);
  const routine = share.worst.routine === null ? null : splitSymbol(share.worst.routine).fn;
  const what = `${share.module} took ${percent.toFixed(0)} % of CPU ${window.cpu} in DPCs and ISRs ${when}`;
  const points = [
    ...taken(share, percent, total, window, when, evidence),
    ...onDump(share, watchdog),
    ...spread(share, window, all),
    ...calm(window),
  ];
  return {
    cause: 'dpc-watchdog-cumulative',
    culprit: { module: share.module, function: routine },
    statement: `${what}${rank === 0 ? '' : ', less than others'}${routine === null ? '' : `, most of it in ${routine}`}: ${share.count} runs.`,
    question: QUESTION,
    victims: null,
    points,
    caps: capsOf(window),
    isTiedByNumbers: false,
    next: stepsOf(watchdog, window),
  };
}

function taken(
  share: DriverShare,
  percent: number,
  total: number,
  { isAtDump, cpu, covered, isCrashCpu }: Window,
  when: string,
  evidence: ReturnType<typeof cited>,
): Point[] {
  const size = percent >= 50 ? 50 : percent >= 25 ? 35 : percent >= 10 ? 20 : percent >= 3 ? 8 : 0;
  const found: Point[] = [];
  if (size > 0) {
    found.push(
      point(
        isAtDump ? 'held-the-processor' : 'held-the-processor-at-another-time',
        isAtDump ? size : Math.round(size / 3),
        isAtDump ? 'both' : 'trace',
        `${percent.toFixed(1)} % of CPU ${cpu}${isCrashCpu === null ? ' (the busiest; which crashed, the log does not show)' : ''} went to it ${when}`,
        evidence,
      ),
    );
  }
  const among = total > 0 ? share.us / total : 0;
  if (among >= 0.7 && size > 0) {
    found.push(
      point(
        'most-of-all',
        12,
        'trace',
        `${(100 * among).toFixed(0)} % of the time in DPCs and ISRs there is its own`,
        evidence,
      ),
    );
  } else if (among < 0.3) {
    found.push(
      point(
        'less-than-others',
        -12,
        'trace',
        `only ${(100 * among).toFixed(0)} % of the time in DPCs and ISRs there is its own`,
        evidence,
      ),
    );
  }
  if (isAtDump && covered >= 0.8 && size >= 20) {
    found.push(
      point('whole-period', 10, 'both', `the trace holds ${(100 * covered).toFixed(0)} % of the watchdog period`, []),
    );
  }
  if (share.isrUs > share.us / 2 && size > 0) {
    found.push(
      point(
        'interrupts',
        3,
        'trace',
        `${((share.isrUs / share.us) * 100).toFixed(0)} % of it are ISRs: its device interrupts without end, or its ISR is slow`,
        evidence,
      ),
    );
  }
  return found;
}

/** The stack and the queue of the dump, explained by the trace. */
function onDump({ key, module }: DriverShare, { others, culprit, evidence }: DpcWatchdog): Point[] {
  const of = others.filter((other) => other.module !== null && moduleKey(other.module) === key);
  const found: Point[] = [];
  if (
    of.some(({ role }) => role === 'interrupted' || role === 'called-it') ||
    (culprit !== null && moduleKey(culprit.module) === key)
  ) {
    found.push(
      point('running-at-the-crash', 15, 'both', `${module} ran when the watchdog noticed`, naming(module, evidence)),
    );
  }
  const queued = of.filter(({ role }) => role === 'queued').length;
  if (queued > 0)
    found.push(
      point(
        'queued-again',
        8,
        'both',
        `${queued} of its DPCs wait in the queue of the processor`,
        naming(module, evidence),
      ),
    );
  const running = others.find((other) => other.role === 'interrupted' && other.module !== null);
  if (found.length === 0 && running !== undefined && moduleKey(running.module as string) !== key) {
    found.push(
      point(
        'another-was-running',
        -3,
        'dump',
        `${running.module} ran when the watchdog noticed; with a cumulative limit that may be chance`,
        evidence,
      ),
    );
  }
  return found;
}

/** All of a driver's DPCs on one processor are how one is starved while others idle. */
function spread(share: DriverShare, window: Window, all: Case): Point[] {
  const rows = byDriver(all.probes.load.shares(window.source, null, window.fromUs, window.toUs));
  const whole = rows.find(({ key }) => key === share.key)?.us ?? 0;
  const cpus = all.probes.load.cpus(window.source).length;
  if (cpus < 2 || whole <= 0 || share.us < 0.8 * whole || share.us < 0.1 * (window.toUs - window.fromUs)) return [];
  return [
    point(
      'one-processor-takes-all',
      5,
      'trace',
      `${((100 * share.us) / whole).toFixed(0)} % of its time is on this one of ${cpus} processors`,
      [],
    ),
  ];
}

/** A calm processor contradicts the bugcheck, or the clocks do. */
function calm({ isAtDump, busy, cpu, covered }: Window): Point[] {
  if (!isAtDump || busy >= 0.1 || covered < 0.1) return [];
  return [
    point(
      'processor-was-calm',
      -30,
      'both',
      `all DPCs and ISRs together took ${(100 * busy).toFixed(1)} % of CPU ${cpu} in that time: the trace does not show what the watchdog saw`,
      [],
    ),
  ];
}

function capsOf({ isAtDump, covered, isCrashCpu }: Window): Cap[] {
  const caps: Cap[] = [];
  if (!isAtDump) caps.push({ most: 'low', reason: 'the trace holds nothing of the watchdog period before the dump' });
  else if (covered < 0.25) {
    caps.push({
      most: 'medium',
      reason: `the trace holds only ${(100 * covered).toFixed(0)} % of the watchdog period`,
    });
  }
  if (isCrashCpu === null) caps.push({ most: 'medium', reason: 'which processor crashed, the log does not show' });
  return caps;
}

function fromDumpAlone(watchdog: DpcWatchdog, window: Window | null, cpu: number | null): Draft {
  const running = watchdog.others.find(({ role }) => role === 'interrupted');
  const culprit: Partial<Culprit> = { module: running?.module ?? null, function: running?.function ?? null };
  const reason =
    window === null
      ? 'the trace holds no DPCs and ISRs'
      : window.isAtDump
        ? `the trace holds no DPC and no ISR on CPU ${window.cpu} in ${(100 * window.covered).toFixed(0)} % of the watchdog period that it covers`
        : `the trace holds nothing of the watchdog period, and no DPC and no ISR on CPU ${window.cpu}`;
  return {
    cause: 'dpc-watchdog-cumulative',
    culprit,
    statement: `Who took CPU ${cpu ?? 'of the crash'} is not known: ${reason}. ${watchdog.statement}`,
    question: QUESTION,
    victims: null,
    points: [
      ...(running === undefined || running.module === null
        ? []
        : [
            point(
              'was-running',
              10,
              'dump',
              `${running.module} ran when the watchdog noticed, which with a cumulative limit need not mean anything`,
              watchdog.evidence,
            ),
          ]),
      point(
        window?.isAtDump ? 'processor-was-calm' : 'period-not-recorded',
        window?.isAtDump ? -30 : 0,
        'trace',
        reason,
        watchdog.evidence,
      ),
    ],
    caps: [{ most: 'low', reason: 'the limit is for all DPCs and ISRs together, and the trace does not show them' }],
    isTiedByNumbers: false,
    next: stepsOf(watchdog, null),
  };
}

function stepsOf({ loggers }: DpcWatchdog, window: Window | null): string[] {
  if (loggers.length > 0) return loggers.map(({ command }) => command);
  return window?.isAtDump && window.covered >= 0.8
    ? ['tracekit dpc TRACE --by run']
    : ['!wmitrace.strdump', '!wmitrace.logsave ID dpc.etl', 'tracekit recipe dpc'];
}
