/** The `dpc` command's answer, put together from its analyses. */
import type { Analysis, Finish } from '../core/analysis.js';
import type { Finding } from '../core/evidence.js';
import { dpcAggregates, type ReportFigures } from './dpc-aggregates.js';
import { dpcDurations } from './dpc-durations.js';
import type { Overlaps } from './dpc-exclusive.js';
import {
  doubts,
  oneCpuForAll,
  overInReports,
  overLimit,
  profileInterrupt,
  unresolved,
  withOwners,
} from './dpc-findings.js';
import { dpcIntervals } from './dpc-intervals.js';
import type { DpcOptions, DpcSetup } from './dpc-options.js';
import { dpcOwners } from './dpc-owners.js';
import { dpcReportStorms } from './dpc-report-storms.js';
import type { CpuFigures, DpcResult, Figures, ModuleFigures } from './dpc-result.js';
import { dpcStorms } from './dpc-storms.js';

type ResultOf<A> = A extends Analysis<DpcSetup, infer R> ? R : never;

/** The analyses behind `dpc`, by name. */
export const DPC_ANALYSES = {
  durations: dpcDurations,
  intervals: dpcIntervals,
  storms: dpcStorms,
  owners: dpcOwners,
  aggregates: dpcAggregates,
  reportStorms: dpcReportStorms,
} as const;

/** Their results; an analysis that failed is missing. */
export type DpcParts = { [K in keyof typeof DPC_ANALYSES]?: ResultOf<(typeof DPC_ANALYSES)[K]> };

/** Joins the parts. Where no source holds runs, a report's sums stand in; where some do, they are compared with it. */
export function assembleDpc(
  parts: DpcParts,
  context: Finish,
  options: DpcOptions,
  overlaps: ReadonlyMap<number, Overlaps>,
): { result: DpcResult; findings: Finding[] } {
  const reports = parts.aggregates?.reports ?? [];
  const durations = parts.durations;
  // Runs that no filter lets pass are runs all the same: a report must not stand in for them.
  const single = overlaps.size > 0;
  const storms = parts.reportStorms?.reports ?? [];
  // Of several reports the first one's figures count; one may hold the table of intervals alone.
  const stormy = single ? undefined : storms.find(({ source }) => source === (reports[0]?.source ?? source));
  if (!single && reports.length === 0 && storms.length === 0) {
    context.diagnostics.add('no-runs', 'warning', 'the input holds no runs of DPCs or ISRs, and no sums of them');
  }
  const base: DpcResult = {
    window: single ? (durations?.window ?? NO_WINDOW) : windowWithoutRuns(context),
    thresholds: { dpcUs: options.dpcUs, isrUs: options.isrUs },
    modules: durations?.modules ?? [],
    functions: withOwners(durations?.functions ?? [], parts.owners?.owners ?? new Map()),
    kinds: durations?.kinds ?? [],
    cpus: (durations?.cpus ?? []).filter(({ cpu }) => options.cpus?.has(cpu) ?? true),
    histograms: durations?.histograms ?? [],
    occurrences: durations?.occurrences ?? [],
    intervals: parts.intervals?.intervals ?? [],
    storms: single ? (parts.storms?.storms ?? []) : (stormy?.storms ?? []),
    longest: null,
    cut: {},
  };
  if (durations !== undefined) noteUnknownCpu(durations, context);
  const result = !single && reports.length > 0 ? fromReports(base, reports, context) : base;
  if (single) compareWithReports(base, reports, context, options);
  const samples = parts.owners?.samples ?? 0;
  return {
    result: cutToTop({ ...result, longest: longestOf(result.modules) }, options.top, durations?.runs ?? 0),
    findings: [
      ...doubts(context, overlaps),
      ...overLimit(result, options, samples, parts.owners?.hasStacks ?? false),
      ...(!single ? overInReports(reports.slice(0, 1), options) : []),
      ...(stormy?.findings ?? []),
      ...oneCpuForAll(result, options),
      ...profileInterrupt(result, samples),
      ...unresolved(result, context.sources),
    ],
  };
}

const NO_WINDOW = { startUs: null, endUs: null, cpus: null };

/** The time that a source covers which holds no runs. */
function windowWithoutRuns({ sources }: Finish): DpcResult['window'] {
  const about = sources.length === 1 ? sources[0].about : null;
  if (about === null) return NO_WINDOW;
  return { startUs: about.span.startUs, endUs: about.span.endUs, cpus: about.machine.cpus };
}

/** The module with the longest run. */
function longestOf(modules: readonly ModuleFigures[]): DpcResult['longest'] {
  const holder = modules.reduce<ModuleFigures | null>(
    (a, b) => (b.longest !== null && b.longest.durationUs > (a?.longest?.durationUs ?? -1) ? b : a),
    null,
  );
  return holder?.longest == null ? null : { kind: holder.kind, module: holder.module, ...holder.longest };
}

/** Runs of unknown processor are in every list but the one by CPU. */
function noteUnknownCpu({ runs, cpus }: { runs: number; cpus: readonly CpuFigures[] }, context: Finish): void {
  const known = cpus.reduce((sum, { dpcCount, isrCount }) => sum + (dpcCount ?? 0) + (isrCount ?? 0), 0);
  if (known >= runs) return;
  context.diagnostics.add('cpu-unknown', 'info', 'the source does not say on which CPU runs were: no CPU counts them', {
    count: runs - known,
  });
}

/** Shortens the lists, last of all: findings and comparisons are made from the whole ones. Says what was cut. */
function cutToTop(result: DpcResult, top: number | null, runs: number): DpcResult {
  const cut: Record<string, { shown: number; of: number }> = {};
  const limit = <T>(name: string, list: readonly T[], of = list.length): readonly T[] => {
    const kept = top ? list.slice(0, top) : list;
    if (kept.length < of) cut[name] = { shown: kept.length, of };
    return kept;
  };
  return {
    ...result,
    modules: limit('modules', result.modules),
    functions: limit('functions', result.functions),
    occurrences: limit('occurrences', result.occurrences, runs),
    cut,
  };
}

/** The first report's figures as the result. Further reports of other captures are named, not added up. */
function fromReports(base: DpcResult, reports: readonly ReportFigures[], context: Finish): DpcResult {
  const [report, ...others] = reports;
  for (const other of others) {
    context.diagnostics.add(
      'report-not-added',
      'warning',
      `it holds sums only, as s${report.source + 1} does: sums of two reports cannot be joined; give it alone`,
      { source: context.sources[other.source].id },
    );
  }
  const { span, machine } = context.sources[report.source].about;
  if (report.notApplied.length > 0) {
    context.diagnostics.add(
      'filter-not-applied',
      'warning',
      `the source holds sums, to which not every filter can be applied. ${report.notApplied.join('; ')}`,
      { source: context.sources[report.source].id },
    );
  }
  if (report.dropped > 0) {
    context.diagnostics.add(
      'too-many-sums',
      'data-loss',
      'more modules, functions, processors or histograms than any machine has: the rest was not kept',
      { source: context.sources[report.source].id, count: report.dropped },
    );
  }
  const { startUs, endUs } = span;
  const spanUs = startUs === null || endUs === null || endUs <= startUs ? null : endUs - startUs;
  const capacityUs = spanUs === null || machine.cpus === null ? null : spanUs * machine.cpus;
  // A report prints shares of each CPU; of all of them the share follows from the times.
  const withShare = (m: ModuleFigures): ModuleFigures =>
    m.percentOfCpu !== null || m.inclusiveUs === null || !capacityUs
      ? m
      : { ...m, percentOfCpu: (100 * m.inclusiveUs) / capacityUs };
  // Printed shares of a CPU are rounded: where the times are known they say it better.
  const withCpuShare = (c: CpuFigures): CpuFigures => {
    const busyUs = busyOf(c);
    return spanUs === null || busyUs === null ? c : { ...c, percentOfCpu: (100 * busyUs) / spanUs };
  };
  const bySize = (a: Figures, b: Figures): number => size(b) - size(a);
  return {
    ...base,
    window: { startUs: span.startUs, endUs: span.endUs, cpus: machine.cpus },
    modules: report.modules.map(withShare).sort(bySize),
    functions: withOwners(report.functions, new Map()).sort(bySize),
    cpus: report.cpus.map(withCpuShare),
    histograms: report.histograms,
  };
}

/** Time in DPCs and ISRs; null where runs are known to be there whose time is not. */
function busyOf({ dpcCount, dpcUs, maxDpcUs, isrCount, isrUs, maxIsrUs }: CpuFigures): number | null {
  const isMissing = (us: number | null, others: (number | null)[]): boolean =>
    us === null && others.some((figure) => figure !== null && figure > 0);
  if (isMissing(dpcUs, [dpcCount, maxDpcUs]) || isMissing(isrUs, [isrCount, maxIsrUs])) return null;
  return dpcUs === null && isrUs === null ? null : (dpcUs ?? 0) + (isrUs ?? 0);
}

/** Longest run first, or what is known of it; then by time. */
const size = (f: Figures): number =>
  f.maxUs ?? f.maxRange?.gtUs ?? (f.inclusiveUs === null ? -2 : f.inclusiveUs / 1e12 - 1);

/** Counts may differ by runs at the ends of the trace; more means that the files are not of one capture. */
const COUNT_TOLERANCE = 0.01;

/** Says whether a report given beside the runs agrees with them. */
function compareWithReports(
  result: DpcResult,
  reports: readonly ReportFigures[],
  context: Finish,
  options: DpcOptions,
): void {
  const keyOf = ({ kind, module }: ModuleFigures): string => `${kind}|${module?.toLowerCase()}`;
  const byKey = new Map(result.modules.map((m) => [keyOf(m), m]));
  const whole = options.range === null && options.cpus === null && options.fn === null;
  for (const report of reports) {
    const { id } = context.sources[report.source];
    if (!whole) {
      context.diagnostics.add(
        'report-not-compared',
        'info',
        'it holds sums over the whole trace: they cannot be compared with a part of the runs',
        { source: id },
      );
      continue;
    }
    const differing: string[] = [];
    let compared = 0;
    for (const theirs of report.modules) {
      const ours = byKey.get(keyOf(theirs));
      if (theirs.count === null || theirs.kind === null) continue;
      compared++;
      const count = ours?.count ?? 0;
      if (Math.abs(theirs.count - count) > Math.max(1, count * COUNT_TOLERANCE)) {
        differing.push(`${theirs.kind} ${theirs.module}: ${theirs.count} in the report, ${count} runs`);
      }
    }
    if (differing.length > 0) {
      context.diagnostics.add(
        'report-differs',
        'warning',
        'it does not agree with the runs: another capture, a range, or lost rows',
        {
          source: id,
          count: differing.length,
          example: differing[0],
        },
      );
    } else {
      context.diagnostics.add(
        'report-compared',
        'info',
        compared > 0
          ? `it agrees with the runs in the counts of ${compared} modules`
          : 'it holds no counts that could be compared with the runs',
        { source: id },
      );
    }
  }
}
