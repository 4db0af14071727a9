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
  /** Filters that some figures could not be told by, each with what became of them. */
  readonly notApplied: readonly string[];
  /** Sums and buckets beyond those kept. */
  readonly dropped: number;
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

/** Sums of each sort, and histograms, that are kept of a report; no machine has so many modules. */
const MAX_KEYS = 100_000;
/** Buckets kept over all histograms of a report. */
const MAX_BUCKETS = 1_000_000;

/** A filter of {@link DpcOptions} as the command line names it. */
type FilterName = '--range' | '--cpu' | '--module' | '--function' | '--kind';

/** What becomes of figures that a filter cannot be applied to. */
const NOT_APPLIED: Readonly<Record<FilterName, string>> = {
  '--range': 'its figures are over the whole trace and shown as such',
  '--cpu': 'figures over all processors (counts, maxima, histograms) are left out',
  '--module': 'figures of processors are over all modules and left out',
  '--function': 'figures over all functions are shown as they are',
  '--kind': 'it tells DPCs from ISRs only: what it does not tell apart is left out',
};

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
  readonly notApplied = new Set<FilterName>();
  buckets = 0;
  dropped = 0;
  evidence: Evidence | null = null;
}

/** What a figure is a figure of; null where it is over all of them. */
interface Whose {
  readonly kind: string | null;
  readonly scope: string | null;
  readonly module: string | null;
  readonly cpu: number | null;
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

  /** True where a figure passes the filters. One that a filter cannot be applied to does not, and that is noted. */
  #takes(report: Report, { kind, scope, module, cpu }: Whose): boolean {
    const { kinds, cpus, module: filter } = this.options;
    if (kinds !== null && !this.#takesKind(report, kinds, kind)) return false;
    if (cpus !== null) {
      if (cpu === null) return refuse(report, '--cpu');
      if (!cpus.has(cpu)) return false;
    }
    if (filter === null) return true;
    if (scope === 'cpu') return refuse(report, '--module');
    return scope !== 'all' && filter(module ?? 'Unknown');
  }

  /** Reports tell DPCs from ISRs, not the types of either: `timerdpc` is a part of their `DPC`, of unknown size. */
  #takesKind(report: Report, kinds: ReadonlySet<string>, kind: string | null): boolean {
    if (kind === null) return refuse(report, '--kind');
    if (kinds.has(kind.toLowerCase())) return true;
    return [...kinds].some((type) => kind === kindOfType(type)) && refuse(report, '--kind');
  }

  #sums(batch: Batch<typeof dpcAggregate>, report: Report): void {
    for (let i = 0; i < batch.n; i++) {
      const row = rowAt(batch, i);
      const evidence = evidenceOf(batch, i);
      report.evidence ??= evidence;
      if (!this.#takes(report, row)) continue;
      const { kind, scope, module, fn, cpu } = row;
      const sum: Sum = {
        count: row.count,
        totalUs: row.totalUs,
        exclusiveUs: row.exclusiveUs,
        maxUs: row.maxUs,
        percent: row.percentOfCpu,
      };
      const { fn: filter } = this.options;
      if (filter !== null && fn === null) report.notApplied.add('--function');
      if (filter !== null && fn !== null && !filter(fn)) continue;
      if (cpu !== null && (scope === 'cpu' || scope === 'module-cpu')) {
        this.#cpu(report, kind, cpu, sum, scope === 'module-cpu');
      }
      if (scope === 'module' || scope === 'module-cpu') {
        this.#module(report, kind, module, sum, scope === 'module-cpu', evidence);
      } else if (scope === 'function') this.#fn(report, kind, module, fn, sum, evidence);
    }
  }

  #module(
    report: Report,
    kind: string | null,
    module: string | null,
    sum: Sum,
    perCpu: boolean,
    evidence: Evidence,
  ): void {
    const key = keyOf({ kind, module });
    const known = report.modules.get(key);
    if (known === undefined) {
      if (report.modules.size < MAX_KEYS) {
        // A share of one CPU is no share of all of them.
        report.modules.set(key, { ...sum, percent: perCpu ? null : sum.percent, kind, module, evidence, perCpu });
      } else report.dropped++;
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
    else report.dropped++;
    this.#module(report, kind, module, { ...sum, percent: null }, true, evidence);
  }

  #cpu(report: Report, kind: string | null, cpu: number, sum: Sum, add = false): void {
    let known = report.cpus.get(cpu);
    if (known === undefined) {
      if (report.cpus.size >= MAX_KEYS) {
        report.dropped++;
        return;
      }
      known = { dpc: { ...NOTHING }, isr: { ...NOTHING } };
      report.cpus.set(cpu, known);
    }
    if (kind !== null) combine(kind === 'ISR' ? known.isr : known.dpc, sum, add);
  }

  #buckets(batch: Batch<typeof dpcHistogram>, report: Report): void {
    for (let i = 0; i < batch.n; i++) {
      const { kind, module, scope, gtUs, leUs, count } = rowAt(batch, i);
      if (gtUs === null || count === null) continue;
      const evidence = evidenceOf(batch, i);
      report.evidence ??= evidence;
      if (this.options.fn !== null) report.notApplied.add('--function');
      if (!this.#takes(report, { kind, scope, module, cpu: null })) continue;
      const key = `${kind}|${scope}|${module?.toLowerCase()}`;
      const last = report.histograms.at(-1);
      // Buckets come in ascending order: one that does not begins another histogram of the same name.
      const fits = last !== undefined && last.key === key && (last.buckets.at(-1)?.gtUs ?? -1) < gtUs;
      if (report.buckets >= MAX_BUCKETS || (!fits && report.histograms.length >= MAX_KEYS)) {
        report.dropped++;
        continue;
      }
      report.buckets++;
      const histogram = fits ? last : { key, kind, scope, module, buckets: [], evidence: null };
      if (!fits) report.histograms.push(histogram);
      histogram.buckets.push({ gtUs, leUs, count });
      if (count > 0) histogram.evidence = evidence;
    }
  }

  finish(_context: Finish): { result: { reports: ReportFigures[] }; findings: [] } {
    const reports: ReportFigures[] = [];
    for (const [source, report] of this.#reports) {
      if (report.evidence === null) continue;
      if (this.options.range !== null) report.notApplied.add('--range');
      const longest = longestBuckets(report.histograms);
      reports.push({
        source,
        evidence: report.evidence,
        modules: [...report.modules.values()].map((m) => moduleFigures(m, longest.get(keyOf(m)))),
        functions: [...report.functions.values()].map((f) => ({
          ...moduleFigures(f, undefined),
          function: f.fn,
          address: null,
          offset: null,
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
        notApplied: [...report.notApplied].map((name) => `${name}: ${NOT_APPLIED[name]}`),
        dropped: report.dropped,
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

/** Notes that `name` cannot be applied to a figure, which is then left out. */
function refuse(report: Report, name: FilterName): false {
  report.notApplied.add(name);
  return false;
}

const kindOfType = (type: string): 'DPC' | 'ISR' => (/dpc$/i.test(type) ? 'DPC' : 'ISR');

const keyOf = ({ kind, module }: { kind: string | null; module: string | null }): string =>
  `${kind}|${module?.toLowerCase()}`;

/** The highest bucket that is not empty of each module's histograms, by {@link keyOf}. */
function longestBuckets(histograms: readonly PrintedHistogram[]): Map<string, DurationRange> {
  const longest = new Map<string, DurationRange>();
  for (const histogram of histograms) {
    const { scope, buckets, evidence } = histogram;
    const bucket = buckets.findLast((b) => b.count > 0);
    if (scope !== 'module' || evidence === null || bucket === undefined) continue;
    const known = longest.get(keyOf(histogram));
    if (known === undefined || bucket.gtUs > known.gtUs) {
      longest.set(keyOf(histogram), { ...bucket, evidence: [evidence] });
    }
  }
  return longest;
}

/**
 * How long the longest run was, as far as a report without maxima tells: in the last bucket that is not empty, or no
 * shorter than the mean.
 */
function rangeOf(sum: ModuleSum, bucket: DurationRange | undefined): DurationRange | null {
  if (sum.maxUs !== null) return null;
  if (bucket !== undefined) return bucket;
  const meanUs = meanOf(sum);
  return meanUs === null ? null : { gtUs: meanUs, leUs: null, count: null, evidence: [sum.evidence] };
}

const meanOf = (sum: Sum): number | null =>
  sum.totalUs !== null && sum.count !== null && sum.count > 0 ? sum.totalUs / sum.count : null;

type ModuleSum = Sum & { kind: string | null; module: string | null; evidence: Evidence };

function moduleFigures(m: ModuleSum, longest: DurationRange | undefined): ModuleFigures {
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
    maxRange: rangeOf(m, longest),
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
