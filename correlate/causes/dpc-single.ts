/**
 * Bugcheck 0x133, parameter 1 = 0: one DPC or ISR ran too long. The dump shows whose ran; the trace, whether it ran long before.
 * https://learn.microsoft.com/windows-hardware/drivers/debugger/bug-check-0x133-dpc-watchdog-violation
 */
import type { DpcWatchdog } from '../../src/analyses/dump/result.js';
import { durationText } from '../../src/core/duration-text.js';
import type { Evidence } from '../../src/core/evidence.js';
import { splitSymbol } from '../../src/core/symbol.js';
import { type Case, canJoinWithin, cited, naming, onLineUs } from '../case.js';
import { functionKey, moduleKey } from '../names.js';
import { type Draft, point } from '../points.js';
import type { Course, Run } from '../probes/routine-runs.js';
import type { Point } from '../result.js';
import { offsetInImage } from '../routines.js';
import { allowedMs } from '../ticks.js';
import { clientsOfFrameworks, frameworkRuns, isFramework } from './framework-runs.js';

const QUESTION = 'bugcheck 0x133';
/** Where the log does not say what is allowed: 642 ticks of 15.6 ms were, in the published case of Server 2012. */
const DEFAULT_LIMIT_MS = 10_000;
const DPC_LIMIT_US = 100;
const MANY_RUNS = 100;
const COMPETITORS = 6;
/** Before the dump: what ran then may be the same occurrence. */
const JUST_BEFORE_US = 30e6;

export function dpcSingle(all: Case): Draft[] {
  const { watchdog } = all.dump;
  if (watchdog?.kind !== 'single') return [];
  const named = watchdog.culprit;
  const drivers = new Map<string, string>();
  if (named !== null) drivers.set(moduleKey(named.module), named.module);
  for (const { module, role } of watchdog.others) {
    if (module !== null && role !== 'queued' && role !== 'framework' && !isWindows(module) && !isFramework(module))
      drivers.set(moduleKey(module), module);
  }
  for (const { module } of longest(all)) {
    if (drivers.size < COMPETITORS && !drivers.has(moduleKey(module))) drivers.set(moduleKey(module), module);
  }
  return [...drivers].map(([key, module]) => draftOf(key, module, watchdog, all));
}

const isWindows = (module: string): boolean => ['nt', 'hal', ''].includes(moduleKey(module));

/** A driver's longest run: its own, or one that a framework made for it. */
interface LongRun {
  readonly module: string;
  readonly durationUs: number;
  readonly evidence: readonly Evidence[];
}

const MOST_EXAMINED = 5000;

/** The longest run of each driver, longest first. What a framework ran counts for whom it ran, where the trace shows that. */
function longest(all: Case): readonly LongRun[] {
  const best = new Map<string, LongRun>();
  const add = (run: LongRun): void => {
    const key = moduleKey(run.module);
    if ((best.get(key)?.durationUs ?? 0) < run.durationUs) best.set(key, run);
  };
  const runs = [...all.probes.runs.long()].sort((a, b) => b.durationUs - a.durationUs).slice(0, MOST_EXAMINED);
  for (const { module, durationUs, source, cite } of runs) {
    if (module === null || isWindows(module) || isFramework(module)) continue;
    if ((best.get(moduleKey(module))?.durationUs ?? 0) < durationUs) {
      add({ module, durationUs, evidence: cited(all, source, cite) });
    }
  }
  for (const { module, maxUs } of clientsOfFrameworks(all)) add({ module, durationUs: maxUs, evidence: [] });
  return [...best.values()].sort((a, b) => b.durationUs - a.durationUs);
}

function draftOf(key: string, module: string, watchdog: DpcWatchdog, all: Case): Draft {
  const named = watchdog.culprit;
  const isNamed = named !== null && moduleKey(named.module) === key;
  const runs = all.probes.runs.long().filter((run) => run.module !== null && moduleKey(run.module) === key);
  const course = all.probes.runs.courses.get(key) ?? null;
  const limitMs = allowedMs(watchdog) ?? DEFAULT_LIMIT_MS;
  const worst = runs.reduce<Run | null>((a, b) => (b.durationUs > (a?.durationUs ?? 0) ? b : a), null);
  const routine = isNamed ? named.function : worst?.routine == null ? null : splitSymbol(worst.routine).fn;
  const points = [
    ...onStack(key, module, watchdog),
    ...inTrace(key, module, course, worst, limitMs, all),
    ...sameRoutine(named, isNamed, runs, all),
    ...growth(module, course, all),
    ...justBefore(module, isNamed ? named.cpu : cpuOf(watchdog), runs, all),
    ...longerRivals(key, worst, all),
  ];
  const at = watchdog.limitMs === null ? '' : ` Allowed are ${durationText(watchdog.limitMs)}.`;
  return {
    cause: 'dpc-watchdog-single',
    culprit: { module, function: routine },
    statement: isNamed
      ? `${watchdog.statement}${at}${seenBefore(course)}`
      : `${module} may have run too long: ${worst === null ? 'it is on the stack beside' : `the trace holds a run of ${durationText(worst.durationUs / 1000)}`}.`,
    question: QUESTION,
    victims: null,
    points,
    caps: [
      ...(isNamed && !named.certain
        ? [{ most: 'medium' as const, reason: 'the stack leaves open which driver took the time' }]
        : []),
      ...(!isNamed && named?.certain
        ? [{ most: 'low' as const, reason: `the stack of the processor that crashed names ${named.module}` }]
        : []),
    ],
    isTiedByNumbers: false,
    next: stepsOf(module, isNamed, course, all),
  };
}

const cpuOf = ({ culprit, others }: DpcWatchdog): number | null =>
  culprit?.cpu ??
  others.find(({ cpu, role }) => cpu !== null && role !== 'queued')?.cpu ??
  others.find(({ cpu }) => cpu !== null)?.cpu ??
  null;

function seenBefore(course: Course | null): string {
  if (course === null) return '';
  return course.over > 0
    ? ` In the trace ${course.over} of its ${course.count} runs are over the limit of a DPC, the longest ${durationText(course.maxUs / 1000)}.`
    : ` In the trace none of its ${course.count} runs is over ${DPC_LIMIT_US} µs.`;
}

function onStack(key: string, module: string, { culprit, others, evidence }: DpcWatchdog): Point[] {
  if (culprit !== null && moduleKey(culprit.module) === key) {
    const found = [
      point(
        culprit.certain ? 'on-crashing-stack' : 'maybe-on-crashing-stack',
        culprit.certain ? 50 : 25,
        'dump',
        culprit.certain
          ? `its ${culprit.runsAs ?? 'DPC'} is what ran on the processor that crashed`
          : 'it is on the stack of the processor that crashed, but not alone to blame',
        naming(module, evidence),
      ),
    ];
    if (culprit.stalls !== null && /= [\d.]+ s$/.test(culprit.stalls)) {
      found.push(point('stall-loop', 15, 'dump', `its code stalls the processor itself: ${culprit.stalls}`, evidence));
    }
    return found;
  }
  const roles = others
    .filter((other) => other.module !== null && moduleKey(other.module) === key)
    .map(({ role }) => role);
  if (roles.some((role) => role !== 'queued')) {
    return [
      point(
        'beside-on-stack',
        12,
        'dump',
        `${module} is on the same stack, ${roles[0] === 'called-it' ? 'above' : 'below'} what ran`,
        naming(module, evidence),
      ),
    ];
  }
  if (roles.includes('queued')) {
    return [
      point('only-queued', -10, 'dump', `its DPC waits in the queue of the processor: it is held up itself`, evidence),
    ];
  }
  return culprit === null
    ? []
    : [
        point(
          'not-on-stack',
          culprit.certain ? -25 : -10,
          'dump',
          `it is not on the stack of the processor that crashed; ${culprit.module} is`,
          naming(module, evidence),
        ),
      ];
}

/** What a run of that length is worth, against what the watchdog allows. */
const lengthPoints = (ms: number, limitMs: number): number =>
  ms >= limitMs / 10 ? 25 : ms >= 10 ? 20 : ms >= 1 ? 12 : 6;

/** Runs of a framework for this driver. */
function throughFramework(key: string, limitMs: number, all: Case): Point[] {
  const [row] = frameworkRuns(key, all);
  if (row === undefined || (row.maxUs ?? 0) <= DPC_LIMIT_US) return [];
  const ms = (row.maxUs as number) / 1000;
  return [
    point(
      'long-before-in-framework',
      lengthPoints(ms, limitMs),
      'trace',
      `${row.module} ran ${durationText(ms)} in one DPC for it (${row.framework}); ${row.overThreshold ?? 'some'} of ${row.count ?? 'its'} runs of that routine are over the limit of a DPC (${DPC_LIMIT_US} µs)`,
      [...(row.longest?.evidence ?? []), ...row.owners.slice(0, 1).flatMap(({ evidence }) => evidence)],
    ),
  ];
}

function inTrace(
  key: string,
  module: string,
  course: Course | null,
  worst: Run | null,
  limitMs: number,
  all: Case,
): Point[] {
  if (all.dpc === null || all.probes.load.spans.size === 0) return [];
  const inFramework = throughFramework(key, limitMs, all);
  if (
    inFramework.length > 0 &&
    inFramework[0].points >= (worst === null ? 0 : lengthPoints(worst.durationUs / 1000, limitMs))
  )
    return inFramework;
  if (course === null) {
    return [point('never-in-trace', -10, 'trace', `${module} has no DPC and no ISR in the trace`, [])];
  }
  const evidence = course.longest === null ? [] : cited(all, course.longest.source, course.longest.cite);
  if (worst === null || course.over === 0) {
    return course.count < MANY_RUNS
      ? []
      : [
          point(
            'always-short',
            -20,
            'trace',
            `all of its ${course.count} runs in the trace are short, the longest ${durationText(course.maxUs / 1000)}`,
            evidence,
          ),
        ];
  }
  const ms = worst.durationUs / 1000;
  const points = lengthPoints(ms, limitMs);
  return [
    point(
      'long-before',
      points,
      'trace',
      `it ran ${durationText(ms)} at ${(worst.startUs / 1e6).toFixed(3)} s of the trace${worst.cpu === null ? '' : ` on CPU ${worst.cpu}`}; ${course.over} of its ${course.count} runs are over the limit of a DPC (${DPC_LIMIT_US} µs)`,
      evidence,
    ),
  ];
}

/** The routine on the stack, in the trace: by name or, in a raw log without names, by its place in the image. */
function sameRoutine(named: DpcWatchdog['culprit'], isNamed: boolean, runs: readonly Run[], all: Case): Point[] {
  if (!isNamed || named === null || named.function === null) return [];
  const fn = named.function;
  const same = runs.filter(({ routine }) => {
    const name = routine === null ? null : splitSymbol(routine).fn;
    return name !== null && functionKey(name) === functionKey(fn);
  });
  if (same.length > 0) {
    const worst = same.reduce((a, b) => (b.durationUs > a.durationUs ? b : a));
    const statement = `the routine on the stack, ${fn}, is the one that ran long in the trace`;
    return [point('same-routine', 10, 'both', statement, cited(all, worst.source, worst.cite))];
  }
  const offset = offsetInImage(named.module, named.address, all);
  const row = (all.dpc?.functions ?? []).find(
    (one) =>
      offset !== null &&
      one.offset === offset &&
      one.module !== null &&
      moduleKey(one.module) === moduleKey(named.module),
  );
  if (row === undefined || row.longest === null || (row.maxUs ?? 0) <= DPC_LIMIT_US) return [];
  const statement = `the routine on the stack, ${fn}, begins ${offset} bytes behind the start of ${named.module}, as the one that ran long in the trace does`;
  return [point('same-routine', 10, 'both', statement, row.longest.evidence)];
}

/** The second half of the trace against the first, for growth to be told. */
const GROWTH = 2;

function growth(module: string, course: Course | null, { probes }: Case): Point[] {
  const bins = course === null ? [] : [...course.bins].sort(([a], [b]) => a - b).map(([, bin]) => bin);
  if (bins.length < 8 || (course?.maxUs ?? 0) < DPC_LIMIT_US) return [];
  const half = bins.length >> 1;
  const mean = (part: typeof bins): number => part.reduce((sum, { maxUs }) => sum + maxUs, 0) / part.length;
  const [before, after] = [mean(bins.slice(0, half)), mean(bins.slice(half))];
  if (after < GROWTH * before || probes.load.spans.size === 0) return [];
  return [
    point(
      'growing',
      8,
      'trace',
      `the longest runs of ${module} in each second grow from ${durationText(before / 1000)} in the first half of the trace to ${durationText(after / 1000)} in the second`,
      [],
    ),
  ];
}

function justBefore(module: string, cpu: number | null, runs: readonly Run[], all: Case): Point[] {
  const { dumpAtUs } = all.line;
  if (dumpAtUs === null || all.boot.isSame === false || !canJoinWithin(all, JUST_BEFORE_US)) return [];
  const near = runs.filter((run) => {
    const at = onLineUs(all, run.source, run.startUs);
    return (
      at !== null &&
      at <= dumpAtUs &&
      dumpAtUs - at <= JUST_BEFORE_US &&
      run.durationUs >= 1000 &&
      (cpu === null || run.cpu === cpu)
    );
  });
  if (near.length === 0) return [];
  const worst = near.reduce((a, b) => (b.durationUs > a.durationUs ? b : a));
  const before = (dumpAtUs - (onLineUs(all, worst.source, worst.startUs) as number)) / 1000;
  return [
    point(
      'long-just-before',
      12,
      'both',
      `${durationText(before)} before the dump ${module} ran ${durationText(worst.durationUs / 1000)}${cpu === null ? '' : ` on the processor that crashed (CPU ${cpu})`}`,
      cited(all, worst.source, worst.cite),
    ),
  ];
}

/** Another driver that ran far longer is a rival, whatever the stack says. */
function longerRivals(key: string, worst: Run | null, all: Case): Point[] {
  const runs = longest(all);
  const [first] = runs;
  if (first === undefined || moduleKey(first.module) === key) return [];
  const own = Math.max(
    worst?.durationUs ?? 0,
    runs.find(({ module }) => moduleKey(module) === key)?.durationUs ?? 0,
    DPC_LIMIT_US,
  );
  if (first.durationUs < 5 * own || first.durationUs < 10_000) return [];
  return [
    point(
      'another-ran-longer',
      -12,
      'trace',
      `${first.module} ran ${durationText(first.durationUs / 1000)} in the trace, longer than anything of this driver`,
      first.evidence,
    ),
  ];
}

function stepsOf(module: string, isNamed: boolean, course: Course | null, all: Case): string[] {
  const steps = isNamed ? [`lmv m ${module.replace(/\.sys$/i, '')}`] : ['!running -it'];
  if (isNamed) steps.push('!pcr; !dpcs; k on the processor that crashed');
  if (course === null || all.dpc === null) steps.push('tracekit recipe dpc');
  if (all.boot.isSame === false) steps.push('tracekit recipe dpc');
  if (all.dump.watchdog?.loggers.length) steps.push(...all.dump.watchdog.loggers.map(({ command }) => command));
  return steps;
}
