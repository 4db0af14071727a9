/** Figures of reports that hold sums only: shown where there are no runs, compared where there are. */
import type { Analysis, Finish, Fold } from '../core/analysis.js';
import type { Bucket } from '../core/distribution.js';
import type { Evidence } from '../core/evidence.js';
import { type Batch, isBatchOf, rowAt } from '../core/table.js';
import { printable } from '../core/text.js';
import { dpcAggregate, dpcHistogram } from '../tables/dpc-aggregate.js';
import type { DpcOptions } from './dpc-options.js';
import type { CpuFigures, DurationHistogram, DurationRange, FunctionFigures, ModuleFigures } from './dpc-result.js';

/** What one source's report says. */
export interface ReportFigures {
  readonly source: number;
  readonly modules: readonly ModuleFigures[];
  readonly functions: readonly FunctionFigures[];
  readonly cpus: readonly CpuFigures[];
  readonly histograms: readonly DurationHistogram[];
  /** Histograms over all modules, with the line of their last bucket that is not empty. */
  readonly overall: readonly PrintedHistogram[];
  /** First line that gave a figure. */
  readonly evidence: Evidence;
}

export const dpcAggregates: Analysis<DpcOptions, { readonly reports: readonly ReportFigures[] }> = {
  name: 'dpc-aggregates',
  reads: [dpcAggregate, dpcHistogram],
  start: (options) => new AggregatesFold(options),
};

type Sum = {
  count: number | null;
  totalUs: number | null;
  exclusiveUs: number | null;
  maxUs: number | null;
  percent: number | null;
};
const NOTHING: Sum = { count: null, totalUs: null, exclusiveUs: null, maxUs: null, percent: null };

/** Rows that a report may hold; more are not kept. */
const MAX_KEYS = 100_000;

/** A histogram as it is being read. */
interface PrintedHistogram {
  readonly key: string;
  readonly kind: string | null;
  readonly scope: string | null;
  readonly module: string | null;
  readonly buckets: Bucket[];
  /** Line of the last bucket that is not empty. */
  evidence: Evidence | null;
}

class Report {
  readonly modules = new Map<
    string,
    Sum & { kind: string | null; module: string | null; evidence: Evidence; perCpu: boolean }
  >();
  readonly functions = new Map<
    string,
    Sum & { kind: string | null; module: string | null; fn: string | null; evidence: Evidence }
  >();
  readonly cpus = new Map<number, { dpc: Sum; isr: Sum }>();
  readonly histograms: PrintedHistogram[] = [];
  evidence: Evidence | null = null;
}

class AggregatesFold implements Fold<{ reports: readonly ReportFigures[] }> {
  readonly #reports = new Map<number, Report>();

  constructor(private readonly options: DpcOptions) {}

  add(batch: Batch): void {
    let report = this.#reports.get(batch.source);
    if (report === undefined) {
      report = new Report();
      this.#reports.set(batch.source, report);
    }
    if (isBatchOf(batch, dpcAggregate)) this.#sums(batch, report);
    else if (isBatchOf(batch, dpcHistogram)) this.#buckets(batch, report);
  }

  #takes(kind: string | null, module: string | null): boolean {
    const { kinds, module: filter } = this.options;
    if (kinds !== null && kind !== null && !kinds.has(kind.toLowerCase())) return false;
    return filter === null || filter(module ?? 'Unknown');
  }

  #sums(batch: Batch<typeof dpcAggregate>, report: Report): void {
    for (let i = 0; i < batch.n; i++) {
      const row = rowAt(batch, i);
      const { kind } = row;
      const evidence = evidenceOf(batch, i);
      report.evidence ??= evidence;
      const sum: Sum = {
        count: row.count,
        totalUs: row.totalUs,
        exclusiveUs: row.exclusiveUs,
        maxUs: row.maxUs,
        percent: row.percentOfCpu,
      };
      if (row.scope === 'cpu' && row.cpu !== null) this.#cpu(report, kind, row.cpu, sum);
      if (row.scope === 'module-cpu' && row.cpu !== null && this.#takesCpu(row.cpu)) {
        this.#cpu(report, kind, row.cpu, sum, true);
      }
      if (!this.#takes(kind, row.module)) continue;
      if (row.scope === 'module' || row.scope === 'module-cpu') {
        if (row.scope === 'module-cpu' && row.cpu !== null && !this.#takesCpu(row.cpu)) continue;
        this.#module(report, kind, row.module, sum, row.scope === 'module-cpu', evidence);
      } else if (row.scope === 'function') this.#fn(report, kind, row.module, row.fn, sum, evidence);
    }
  }

  #takesCpu(cpu: number): boolean {
    return this.options.cpus === null || this.options.cpus.has(cpu);
  }

  #module(
    report: Report,
    kind: string | null,
    module: string | null,
    sum: Sum,
    perCpu: boolean,
    evidence: Evidence,
  ): void {
    const key = `${kind}|${module?.toLowerCase()}`;
    const known = report.modules.get(key);
    if (known === undefined) {
      if (report.modules.size < MAX_KEYS) {
        // A share of one CPU is no share of all of them.
        report.modules.set(key, { ...sum, percent: perCpu ? null : sum.percent, kind, module, evidence, perCpu });
      }
      return;
    }
    combine(known, { ...sum, percent: perCpu ? null : sum.percent }, perCpu && known.perCpu);
  }

  #fn(
    report: Report,
    kind: string | null,
    module: string | null,
    fn: string | null,
    sum: Sum,
    evidence: Evidence,
  ): void {
    const key = `${kind}|${module?.toLowerCase()}|${fn}`;
    const known = report.functions.get(key);
    if (known !== undefined) combine(known, sum, true);
    else if (report.functions.size < MAX_KEYS) report.functions.set(key, { ...sum, kind, module, fn, evidence });
    this.#module(report, kind, module, { ...sum, percent: null }, true, evidence);
  }

  #cpu(report: Report, kind: string | null, cpu: number, sum: Sum, add = false): void {
    let known = report.cpus.get(cpu);
    if (known === undefined) {
      if (report.cpus.size >= MAX_KEYS) return;
      known = { dpc: { ...NOTHING }, isr: { ...NOTHING } };
      report.cpus.set(cpu, known);
    }
    if (kind !== null) combine(kind === 'ISR' ? known.isr : known.dpc, sum, add);
  }

  #buckets(batch: Batch<typeof dpcHistogram>, report: Report): void {
    for (let i = 0; i < batch.n; i++) {
      const { kind, module, scope, gtUs, leUs, count } = rowAt(batch, i);
      if (gtUs === null || count === null) continue;
      if (scope === 'module' ? !this.#takes(kind, module) : this.options.module !== null) continue;
      const evidence = evidenceOf(batch, i);
      report.evidence ??= evidence;
      const key = `${kind}|${scope}|${module?.toLowerCase()}`;
      const last = report.histograms.at(-1);
      // Buckets come in ascending order: one that does not begins another histogram of the same name.
      const fits = last !== undefined && last.key === key && (last.buckets.at(-1)?.gtUs ?? -1) < gtUs;
      const histogram = fits ? last : { key, kind, scope, module, buckets: [], evidence: null };
      if (!fits) {
        if (report.histograms.length >= MAX_KEYS) return;
        report.histograms.push(histogram);
      }
      histogram.buckets.push({ gtUs, leUs, count });
      if (count > 0) histogram.evidence = evidence;
    }
  }

  finish(_context: Finish): { result: { reports: ReportFigures[] }; findings: [] } {
    const reports: ReportFigures[] = [];
    for (const [source, report] of this.#reports) {
      if (report.evidence === null) continue;
      reports.push({
        source,
        evidence: report.evidence,
        modules: [...report.modules.values()].map((m) => moduleFigures(m, report.histograms)),
        functions: [...report.functions.values()].map((f) => ({
          ...moduleFigures(f, []),
          function: f.fn,
          address: null,
          framework: null,
          owner: null,
          owners: [],
          longestOwners: null,
        })),
        cpus: [...report.cpus].map(([cpu, sums]) => cpuFigures(cpu, sums)).sort((a, b) => a.cpu - b.cpu),
        histograms: report.histograms.map(({ kind, scope, module, buckets }) => ({
          kind,
          module: scope === 'module' ? (module ?? 'Unknown') : null,
          buckets,
        })),
        overall: report.histograms.filter((h) => h.scope === 'all'),
      });
    }
    return { result: { reports }, findings: [] };
  }
}

/** Folds a further row into a sum: added up where they are parts of one whole, filled in where they are different figures. */
function combine(into: Sum, more: Sum, add: boolean): void {
  const plus = (a: number | null, b: number | null): number | null =>
    a === null ? b : b === null ? a : add ? a + b : Math.max(a, b);
  into.count = plus(into.count, more.count);
  into.totalUs = plus(into.totalUs, more.totalUs);
  into.exclusiveUs = plus(into.exclusiveUs, more.exclusiveUs);
  into.percent = plus(into.percent, more.percent);
  into.maxUs = into.maxUs === null ? more.maxUs : more.maxUs === null ? into.maxUs : Math.max(into.maxUs, more.maxUs);
}

function evidenceOf(batch: Batch, i: number): Evidence {
  const { line, byte, text } = batch.cite(i);
  return { source: `s${batch.source + 1}`, line, byte, quote: printable(text) };
}

/**
 * How long the longest run was, as far as a report without maxima tells: above the lower edge of the last bucket that is
 * not empty, and no shorter than the mean.
 */
function rangeOf(sum: ModuleSum, histograms: readonly PrintedHistogram[]): DurationRange | null {
  if (sum.maxUs !== null) return null;
  const meanUs = meanOf(sum);
  const own = histograms.filter(
    (h) => h.scope === 'module' && h.kind === sum.kind && h.module?.toLowerCase() === sum.module?.toLowerCase(),
  );
  const last = own
    .flatMap((h) =>
      h.evidence === null ? [] : [{ bucket: h.buckets.findLast((b) => b.count > 0), evidence: h.evidence }],
    )
    .sort((a, b) => (b.bucket?.gtUs ?? 0) - (a.bucket?.gtUs ?? 0))[0];
  if (last?.bucket !== undefined) return { ...last.bucket, evidence: [last.evidence] };
  return meanUs === null ? null : { gtUs: meanUs, leUs: null, count: null, evidence: [sum.evidence] };
}

const meanOf = (sum: Sum): number | null =>
  sum.totalUs !== null && sum.count !== null && sum.count > 0 ? sum.totalUs / sum.count : null;

type ModuleSum = Sum & { kind: string | null; module: string | null; evidence: Evidence };

function moduleFigures(m: ModuleSum, histograms: readonly PrintedHistogram[]): ModuleFigures {
  return {
    kind: m.kind,
    module: m.module,
    count: m.count,
    inclusiveUs: m.totalUs,
    exclusiveUs: m.exclusiveUs,
    percentOfCpu: m.percent,
    perSecond: null,
    meanUs: meanOf(m),
    p50Us: null,
    p90Us: null,
    p99Us: null,
    p999Us: null,
    maxUs: m.maxUs,
    overThreshold: null,
    maxRange: rangeOf(m, histograms),
    longest:
      m.maxUs === null
        ? null
        : { startUs: null, durationUs: m.maxUs, cpu: null, address: null, function: null, evidence: [m.evidence] },
  };
}

function cpuFigures(cpu: number, { dpc, isr }: { dpc: Sum; isr: Sum }): CpuFigures {
  const percent = dpc.percent === null && isr.percent === null ? null : (dpc.percent ?? 0) + (isr.percent ?? 0);
  return {
    cpu,
    dpcCount: dpc.count,
    dpcUs: dpc.totalUs,
    isrCount: isr.count,
    isrUs: isr.totalUs,
    percentOfCpu: percent,
    maxDpcUs: dpc.maxUs,
    maxIsrUs: isr.maxUs,
  };
}
