/** Figures of reports that hold sums only: shown where there are no runs, compared where there are. */
import type { Analysis, Finish, Fold } from '../core/analysis.js';
import type { Bucket } from '../core/distribution.js';
import type { Evidence } from '../core/evidence.js';
import { type Batch, isBatchOf, rowAt } from '../core/table.js';
import { printable } from '../core/text.js';
import { dpcAggregate, dpcHistogram } from '../tables/dpc-aggregate.js';
import type { DpcOptions } from './dpc-options.js';
import type { CpuFigures, DurationHistogram, FunctionFigures, ModuleFigures } from './dpc-result.js';

/** What one source's report says. */
export interface ReportFigures {
  readonly source: number;
  readonly modules: readonly ModuleFigures[];
  readonly functions: readonly FunctionFigures[];
  readonly cpus: readonly CpuFigures[];
  readonly histograms: readonly DurationHistogram[];
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

class Report {
  readonly modules = new Map<
    string,
    Sum & { kind: string; module: string | null; evidence: Evidence; perCpu: boolean }
  >();
  readonly functions = new Map<
    string,
    Sum & { kind: string; module: string | null; fn: string | null; evidence: Evidence }
  >();
  readonly cpus = new Map<number, { dpc: Sum; isr: Sum }>();
  readonly histograms = new Map<string, { kind: string | null; module: string | null; buckets: Bucket[] }>();
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
      const kind = row.kind ?? 'DPC';
      const evidence: Evidence = {
        source: `s${batch.source + 1}`,
        line: row.line,
        byte: row.byte,
        quote: printable(batch.quote(i)),
      };
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

  #module(report: Report, kind: string, module: string | null, sum: Sum, perCpu: boolean, evidence: Evidence): void {
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

  #fn(report: Report, kind: string, module: string | null, fn: string | null, sum: Sum, evidence: Evidence): void {
    const key = `${kind}|${module?.toLowerCase()}|${fn}`;
    const known = report.functions.get(key);
    if (known !== undefined) combine(known, sum, true);
    else if (report.functions.size < MAX_KEYS) report.functions.set(key, { ...sum, kind, module, fn, evidence });
    this.#module(report, kind, module, { ...sum, percent: null }, true, evidence);
  }

  #cpu(report: Report, kind: string, cpu: number, sum: Sum, add = false): void {
    let known = report.cpus.get(cpu);
    if (known === undefined) {
      if (report.cpus.size >= MAX_KEYS) return;
      known = { dpc: { ...NOTHING }, isr: { ...NOTHING } };
      report.cpus.set(cpu, known);
    }
    combine(kind === 'ISR' ? known.isr : known.dpc, sum, add);
  }

  #buckets(batch: Batch<typeof dpcHistogram>, report: Report): void {
    for (let i = 0; i < batch.n; i++) {
      const { kind, module, scope, gtUs, leUs, count } = rowAt(batch, i);
      if (gtUs === null || count === null) continue;
      if (scope === 'module' ? !this.#takes(kind, module) : this.options.module !== null) continue;
      report.evidence ??= {
        source: `s${batch.source + 1}`,
        line: batch.cols.line[i],
        byte: batch.cols.byte[i],
        quote: printable(batch.quote(i)),
      };
      const key = `${kind}|${scope}|${module?.toLowerCase()}`;
      let entry = report.histograms.get(key);
      if (entry === undefined) {
        if (report.histograms.size >= MAX_KEYS) continue;
        entry = { kind, module: scope === 'module' ? (module ?? 'Unknown') : null, buckets: [] };
        report.histograms.set(key, entry);
      }
      entry.buckets.push({ gtUs, leUs, count });
    }
  }

  finish(_context: Finish): { result: { reports: ReportFigures[] }; findings: [] } {
    const reports: ReportFigures[] = [];
    for (const [source, report] of this.#reports) {
      if (report.evidence === null) continue;
      reports.push({
        source,
        evidence: report.evidence,
        modules: [...report.modules.values()].map((m) => moduleFigures(m)),
        functions: [...report.functions.values()].map((f) => ({
          ...moduleFigures(f),
          function: f.fn,
          address: null,
          framework: null,
          owner: null,
          owners: [],
          longestOwners: null,
        })),
        cpus: [...report.cpus].map(([cpu, sums]) => cpuFigures(cpu, sums)).sort((a, b) => a.cpu - b.cpu),
        histograms: [...report.histograms.values()],
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

function moduleFigures(m: Sum & { kind: string; module: string | null; evidence: Evidence }): ModuleFigures {
  return {
    kind: m.kind,
    module: m.module,
    count: m.count,
    inclusiveUs: m.totalUs,
    exclusiveUs: m.exclusiveUs,
    percentOfCpu: m.percent,
    perSecond: null,
    meanUs: m.totalUs !== null && m.count !== null && m.count > 0 ? m.totalUs / m.count : null,
    p50Us: null,
    p90Us: null,
    p99Us: null,
    p999Us: null,
    maxUs: m.maxUs,
    overThreshold: null,
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
