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
import type { DpcResult, Figures, ModuleFigures } from './dpc-result.js';
import { dpcStorms } from './dpc-storms.js';

type ResultOf<A> = A extends Analysis<DpcSetup, infer R> ? R : never;

/** The analyses behind `dpc`, by name. */
export const DPC_ANALYSES = {
  durations: dpcDurations,
  intervals: dpcIntervals,
  storms: dpcStorms,
  owners: dpcOwners,
  aggregates: dpcAggregates,
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
  if (!single && reports.length === 0) {
    context.diagnostics.add('no-runs', 'warning', 'the input holds no runs of DPCs or ISRs, and no sums of them');
  }
  const base: DpcResult = {
    window: durations?.window ?? { startUs: null, endUs: null, cpus: null },
    thresholds: { dpcUs: options.dpcUs, isrUs: options.isrUs },
    modules: durations?.modules ?? [],
    functions: withOwners(durations?.functions ?? [], parts.owners?.owners ?? new Map()),
    kinds: durations?.kinds ?? [],
    cpus: (durations?.cpus ?? []).filter(({ cpu }) => options.cpus?.has(cpu) ?? true),
    histograms: durations?.histograms ?? [],
    occurrences: durations?.occurrences ?? [],
    intervals: parts.intervals?.intervals ?? [],
    storms: parts.storms?.storms ?? [],
    longest: null,
    cut: {},
  };
  const result = !single && reports.length > 0 ? fromReports(base, reports, context, options) : base;
  if (single) compareWithReports(base, reports, context, options);
  const sampled = parts.owners?.sampled ?? false;
  return {
    result: cutToTop({ ...result, longest: longestOf(result.modules) }, options.top, durations?.runs ?? 0),
    findings: [
      ...doubts(context, overlaps),
      ...overLimit(result, options),
      ...(!single ? overInReports(reports.slice(0, 1), options) : []),
      ...oneCpuForAll(result, options),
      ...profileInterrupt(result, sampled),
      ...unresolved(result),
    ],
  };
}

/** The module with the longest run. */
function longestOf(modules: readonly ModuleFigures[]): DpcResult['longest'] {
  const holder = modules.reduce<ModuleFigures | null>(
    (a, b) => (b.longest !== null && b.longest.durationUs > (a?.longest?.durationUs ?? -1) ? b : a),
    null,
  );
  return holder?.longest == null ? null : { kind: holder.kind, module: holder.module, ...holder.longest };
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
function fromReports(
  base: DpcResult,
  reports: readonly ReportFigures[],
  context: Finish,
  options: DpcOptions,
): DpcResult {
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
  if (options.range !== null || options.fn !== null) {
    context.diagnostics.add(
      'filter-not-applied',
      'warning',
      'the source holds sums over the whole trace: a time range or function filter cannot be applied to it',
    );
  }
  const { startUs, endUs } = span;
  const capacityUs =
    startUs === null || endUs === null || machine.cpus === null || options.cpus !== null
      ? null
      : (endUs - startUs) * machine.cpus;
  // A report prints shares of each CPU; of all of them the share follows from the times.
  const withShare = (m: ModuleFigures): ModuleFigures =>
    m.percentOfCpu !== null || m.inclusiveUs === null || !capacityUs
      ? m
      : { ...m, percentOfCpu: (100 * m.inclusiveUs) / capacityUs };
  const bySize = (a: Figures, b: Figures): number => size(b) - size(a);
  return {
    ...base,
    window: { startUs: span.startUs, endUs: span.endUs, cpus: machine.cpus },
    modules: report.modules.map(withShare).sort(bySize),
    functions: withOwners(report.functions, new Map()).sort(bySize),
    cpus: report.cpus,
    histograms: report.histograms,
  };
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
      const ours = result.modules.find(
        (m) => m.kind === theirs.kind && m.module?.toLowerCase() === theirs.module?.toLowerCase(),
      );
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
