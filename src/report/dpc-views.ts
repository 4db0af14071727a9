/** The lists of a `dpc` result as tables. */
import type {
  CpuFigures,
  DpcResult,
  Figures,
  FunctionFigures,
  Interval,
  KindFigures,
  ModuleFigures,
  Occurrence,
  Storm,
} from '../analyses/dpc-result.js';
import { printable } from '../core/text.js';
import { placeText, type View, type ViewColumn } from './views.js';

export const DPC_VIEWS = ['module', 'function', 'kind', 'cpu', 'run', 'interval', 'storm', 'histogram'] as const;
export type DpcViewName = (typeof DPC_VIEWS)[number];

const name = (text: string | null): string | null => (text === null ? null : printable(text));

const FIGURES: readonly ViewColumn<Figures>[] = [
  { key: 'count', title: 'Count', rank: 1, value: (f) => f.count },
  { key: 'inclusiveUs', title: 'Incl µs', decimals: 1, rank: 5, value: (f) => f.inclusiveUs },
  { key: 'exclusiveUs', title: 'Excl µs', decimals: 1, rank: 2, value: (f) => f.exclusiveUs },
  { key: 'percentOfCpu', title: '%CPU', decimals: 3, rank: 4, value: (f) => f.percentOfCpu },
  { key: 'perSecond', title: 'Per s', decimals: 1, rank: 11, value: (f) => f.perSecond },
  { key: 'meanUs', title: 'Mean µs', decimals: 1, rank: 7, value: (f) => f.meanUs },
  { key: 'p50Us', title: 'p50', decimals: 1, rank: 6, value: (f) => f.p50Us },
  { key: 'p90Us', title: 'p90', decimals: 1, rank: 9, value: (f) => f.p90Us },
  { key: 'p99Us', title: 'p99', decimals: 1, rank: 3, value: (f) => f.p99Us },
  { key: 'p999Us', title: 'p99.9', decimals: 1, rank: 8, value: (f) => f.p999Us },
  { key: 'maxUs', title: 'Max µs', decimals: 1, rank: 0, optional: true, value: (f) => f.maxUs },
  { key: 'maxRange', title: 'Max between µs', rank: 0, optional: true, value: rangeText },
  { key: 'overThreshold', title: 'Over', rank: 1, value: (f) => f.overThreshold },
];

/** Bounds of the maximum, where a report prints none. */
function rangeText({ maxRange }: Figures): string | null {
  if (maxRange === null) return null;
  const low = Number(maxRange.gtUs.toFixed(1));
  return maxRange.leUs === null ? `> ${low}` : `${low} - ${maxRange.leUs}`;
}

const LONGEST: ViewColumn<Figures> = {
  key: 'longestStartUs',
  title: 'Longest at µs',
  decimals: 1,
  rank: 10,
  value: (f) => f.longest?.startUs ?? null,
};

const MODULE: readonly ViewColumn<ModuleFigures>[] = [
  { key: 'kind', title: 'Kind', rank: 0, value: (f) => f.kind },
  { key: 'module', title: 'Module', rank: 0, value: (f) => name(f.module), unknown: 'Unknown' },
];

const FUNCTION: readonly ViewColumn<FunctionFigures>[] = [
  ...MODULE,
  {
    key: 'function',
    title: 'Function',
    rank: 0,
    value: (f) => name(f.function),
    unknown: (f) => (f.offset === null ? '-' : `+${f.offset}`),
  },
  { key: 'address', title: 'Address', rank: 8, value: (f) => f.address },
  { key: 'owner', title: 'Owner', rank: 0, optional: true, value: ownerText },
];

/** The owner; for a framework without one `unknown`, elsewhere nothing. */
function ownerText(f: FunctionFigures): string | null {
  if (f.framework === null) return '';
  const more = f.owners.length > 1 ? ` +${f.owners.length - 1}` : '';
  return f.owner === null ? 'unknown' : `${printable(f.owner)}${more}`;
}

const KIND: readonly ViewColumn<KindFigures>[] = [
  { key: 'kind', title: 'Kind', rank: 0, value: (f) => f.kind },
  { key: 'type', title: 'Type', rank: 0, value: (f) => f.type },
  { key: 'vector', title: 'Vector', rank: 0, value: (f) => f.vector },
];

const CPU: readonly ViewColumn<CpuFigures>[] = [
  { key: 'cpu', title: 'CPU', rank: 0, value: (f) => f.cpu },
  { key: 'dpcCount', title: 'DPCs', rank: 1, value: (f) => f.dpcCount },
  { key: 'dpcUs', title: 'DPC µs', decimals: 1, rank: 1, value: (f) => f.dpcUs },
  { key: 'maxDpcUs', title: 'Max DPC µs', decimals: 1, rank: 1, value: (f) => f.maxDpcUs },
  { key: 'isrCount', title: 'ISRs', rank: 1, value: (f) => f.isrCount },
  { key: 'isrUs', title: 'ISR µs', decimals: 1, rank: 1, value: (f) => f.isrUs },
  { key: 'maxIsrUs', title: 'Max ISR µs', decimals: 1, rank: 1, value: (f) => f.maxIsrUs },
  { key: 'percentOfCpu', title: '%CPU', decimals: 3, rank: 0, value: (f) => f.percentOfCpu },
];

const RUN: readonly ViewColumn<Occurrence>[] = [
  { key: 'startUs', title: 'Start µs', decimals: 1, rank: 0, value: (o) => o.startUs },
  { key: 'durationUs', title: 'Duration µs', decimals: 1, rank: 0, value: (o) => o.durationUs },
  { key: 'exclusiveUs', title: 'Excl µs', decimals: 1, rank: 4, value: (o) => o.exclusiveUs },
  { key: 'cpu', title: 'CPU', rank: 0, value: (o) => o.cpu },
  { key: 'type', title: 'Type', rank: 1, value: (o) => o.type },
  { key: 'module', title: 'Module', rank: 0, value: (o) => name(o.module), unknown: 'Unknown' },
  { key: 'function', title: 'Function', rank: 3, value: (o) => name(o.function) },
  { key: 'address', title: 'Address', rank: 5, value: (o) => o.address },
  { key: 'place', title: 'Place', rank: 2, value: (o) => placeText(o.evidence[0]) },
];

const INTERVAL: readonly ViewColumn<Interval>[] = [
  { key: 'kind', title: 'Kind', rank: 0, value: (i) => i.kind },
  { key: 'module', title: 'Module', rank: 0, value: (i) => name(i.module), unknown: 'Unknown' },
  { key: 'function', title: 'Function', rank: 3, value: (i) => name(i.function) },
  { key: 'address', title: 'Address', rank: 5, value: (i) => i.address },
  { key: 'count', title: 'Count', rank: 1, value: (i) => i.count },
  { key: 'periodMs', title: 'Period ms', decimals: 3, rank: 0, value: (i) => i.periodMs },
  { key: 'jitterMs', title: 'Jitter ms', decimals: 3, rank: 0, value: (i) => i.jitterMs },
  { key: 'percentOnBeat', title: '% on beat', decimals: 1, rank: 2, value: (i) => i.percentOnBeat },
  { key: 'missedBeats', title: 'Missed', rank: 2, value: (i) => i.missedBeats },
  { key: 'perCpu', title: 'Of', rank: 4, value: (i) => (i.perCpu ? 'each CPU' : 'machine') },
];

const STORM: readonly ViewColumn<Storm>[] = [
  { key: 'cpu', title: 'CPU', rank: 0, value: (s) => s.cpu },
  { key: 'startUs', title: 'Worst second from µs', decimals: 0, rank: 0, value: (s) => s.startUs },
  { key: 'percentOfCpu', title: '%CPU', decimals: 1, rank: 0, value: (s) => s.percentOfCpu },
  {
    key: 'modules',
    title: 'Mostly',
    rank: 0,
    value: (s) =>
      s.modules
        .slice(0, 3)
        .map((m) => `${name(m.module) ?? 'Unknown'} ${m.kind} ${m.us} µs`)
        .join(', '),
  },
];

interface BucketRow {
  readonly kind: string | null;
  readonly module: string | null;
  readonly gtUs: number;
  readonly leUs: number | null;
  readonly count: number;
}

const HISTOGRAM: readonly ViewColumn<BucketRow>[] = [
  { key: 'kind', title: 'Kind', rank: 0, value: (b) => b.kind },
  { key: 'module', title: 'Module', rank: 0, value: (b) => name(b.module), unknown: 'all' },
  { key: 'gtUs', title: '> µs', rank: 0, value: (b) => b.gtUs },
  { key: 'leUs', title: '<= µs', rank: 0, value: (b) => b.leUs, unknown: 'open' },
  { key: 'count', title: 'Count', rank: 0, value: (b) => b.count },
];

/** One list of the result as a table. */
export function dpcView(view: DpcViewName, result: DpcResult): View<never> {
  const of = (list: readonly unknown[], cut: string): number => result.cut[cut]?.of ?? list.length;
  const make = <R>(
    title: string,
    columns: readonly ViewColumn<R>[],
    rows: readonly R[],
    cut = view as string,
  ): View<never> => ({ name: view, title, columns, rows, of: of(rows, cut) }) as unknown as View<never>;
  const limits = `limits: DPC ${result.thresholds.dpcUs} µs, ISR ${result.thresholds.isrUs} µs`;
  switch (view) {
    case 'module':
      return make(`By module (${limits})`, [...MODULE, ...FIGURES, LONGEST], result.modules, 'modules');
    case 'function':
      return make('By function', [...FUNCTION, ...FIGURES, LONGEST], result.functions, 'functions');
    case 'kind':
      return make('By kind and vector', [...KIND, ...FIGURES], result.kinds);
    case 'cpu':
      return make('By CPU', CPU, result.cpus);
    case 'run':
      return make('Longest single runs', RUN, result.occurrences, 'occurrences');
    case 'interval':
      return make('Periodic routines', INTERVAL, result.intervals);
    case 'storm':
      return make('Storms: worst second of each CPU over 5 %', STORM, result.storms);
    case 'histogram':
      return make(
        'Histogram',
        HISTOGRAM,
        result.histograms.flatMap((h) => h.buckets.map((b) => ({ kind: h.kind, module: h.module, ...b }))),
      );
  }
}
