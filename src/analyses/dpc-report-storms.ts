/** Processors that spent much of an interval in DPCs and ISRs, by a report that prints their time interval by interval. */
import type { Analysis, Finish, Fold } from '../core/analysis.js';
import type { Evidence, Finding } from '../core/evidence.js';
import { NULL_I32 } from '../core/schema.js';
import { type Batch, type Cite, isBatchOf } from '../core/table.js';
import { dpcIntervalUsage } from '../tables/dpc-interval-usage.js';
import type { DpcOptions } from './dpc-options.js';
import type { Storm } from './dpc-result.js';
import { STORM_PERCENT, stormFinding } from './dpc-storms.js';

/** What the reports say, for `assembleDpc` to take where no source holds single runs. */
export interface ReportStorms {
  readonly source: number;
  readonly storms: readonly Storm[];
  readonly findings: readonly Finding[];
}

export const dpcReportStorms: Analysis<DpcOptions, { readonly reports: readonly ReportStorms[] }> = {
  name: 'dpc-report-storms',
  reads: [dpcIntervalUsage],
  start: (options) => new ReportStormsFold(options),
};

/** Times that are kept of a source: intervals × CPUs; 64 CPUs for four hours are 921 600 of them. */
const MAX_CELLS = 1_000_000;

/** One interval on one CPU. */
interface Cell {
  readonly startUs: number;
  readonly lengthUs: number;
  /** By kind, unknown ones third; each section of a report prints an interval once. */
  readonly us: [number, number, number];
  /** Rows that may matter: without one of them an interval cannot be over the lowest limit. */
  readonly cites: [Cite | null, Cite | null, Cite | null];
}

interface SourceUsage {
  readonly cpus: Map<number, Map<number, Cell>>;
  cells: number;
  /** The last row cited: the CPUs of one line share it. */
  last: Cite | null;
}

class ReportStormsFold implements Fold<{ reports: readonly ReportStorms[] }> {
  readonly #sources = new Map<number, SourceUsage>();

  constructor(private readonly options: DpcOptions) {}

  add(batch: Batch): void {
    if (!isBatchOf(batch, dpcIntervalUsage)) return;
    const usage = this.#sources.get(batch.source) ?? { cpus: new Map(), cells: 0, last: null };
    this.#sources.set(batch.source, usage);
    const { cols, n } = batch;
    const { cpus, range } = this.options;
    const kinds = batch.dicts.kind.values.map((kind) => (kind === 'DPC' ? 0 : kind === 'ISR' ? 1 : 2));
    for (let i = 0; i < n; i++) {
      const cpu = cols.cpu[i];
      if (cpu === NULL_I32 || (cpus !== null && !cpus.has(cpu)) || !(cols.us[i] > 0)) continue;
      // Of an interval that a window cuts, nobody knows which part the time fell into.
      if (range !== null && (cols.startUs[i] < range.startUs || cols.endUs[i] > range.endUs)) continue;
      addCell(usage, batch, i, kinds[cols.kind[i]] ?? 2);
    }
  }

  finish(context: Finish): { result: { reports: ReportStorms[] }; findings: [] } {
    const reports: ReportStorms[] = [];
    for (const [source, usage] of this.#sources) {
      if (!context.counted(source)) continue;
      const found = [...usage.cpus]
        .flatMap(([cpu, cells]) => stormOf(cpu, [...cells.values()], (cite) => context.evidence(source, cite)) ?? [])
        .sort((a, b) => b.storm.percentOfCpu - a.storm.percentOfCpu || a.storm.cpu - b.storm.cpu);
      const storms = found.map(({ storm }) => storm);
      reports.push({ source, storms, findings: found.map(({ finding }) => finding) });
      if (usage.cells > MAX_CELLS) {
        const message = `more than ${MAX_CELLS} intervals of CPUs: storms were not sought in the rest`;
        context.diagnostics.add('too-many-intervals', 'data-loss', message, { source: context.sources[source].id });
      }
    }
    return { result: { reports }, findings: [] };
  }
}

function addCell(usage: SourceUsage, batch: Batch<typeof dpcIntervalUsage>, i: number, kind: number): void {
  const { cols } = batch;
  const ofCpu = usage.cpus.get(cols.cpu[i]) ?? new Map<number, Cell>();
  usage.cpus.set(cols.cpu[i], ofCpu);
  let cell = ofCpu.get(cols.startUs[i]);
  if (cell === undefined) {
    if (++usage.cells > MAX_CELLS) return;
    cell = {
      startUs: cols.startUs[i],
      lengthUs: cols.endUs[i] - cols.startUs[i],
      us: [0, 0, 0],
      cites: [null, null, null],
    };
    ofCpu.set(cell.startUs, cell);
  }
  // The same again is another report in the same file: that is not added up.
  if (cols.us[i] <= cell.us[kind]) return;
  cell.us[kind] = cols.us[i];
  if (cols.us[i] < (cell.lengthUs * STORM_PERCENT[0]) / 300) return;
  if (usage.last === null || usage.last.line !== cols.line[i]) usage.last = batch.cite(i);
  cell.cites[kind] = usage.last;
}

const busyUs = ({ us }: Cell): number => us[0] + us[1] + us[2];
const percentOf = (cell: Cell): number => (100 * Math.min(busyUs(cell), cell.lengthUs)) / cell.lengthUs;

/** The worst interval of a CPU, where it is over the lowest limit. */
function stormOf(
  cpu: number,
  cells: readonly Cell[],
  cited: (cite: Cite) => Evidence,
): { storm: Storm; finding: Finding } | null {
  const worst = cells.reduce((a, b) => (percentOf(b) > percentOf(a) ? b : a));
  const [evidence, ...more] = worst.cites.filter((cite) => cite !== null).map(cited);
  if (percentOf(worst) <= STORM_PERCENT[0] || evidence === undefined) return null;
  const [over5, over10, over20] = STORM_PERCENT.map((limit) => cells.filter((cell) => percentOf(cell) > limit).length);
  const storm: Storm = {
    cpu,
    startUs: worst.startUs,
    percentOfCpu: percentOf(worst),
    steps: { over5, over10, over20 },
    modules: [],
    // The time of an ISR may stand in that of the DPC that it interrupted: more than there is says no more than that.
    doubtful: false,
    evidence: [evidence],
  };
  const next = ['export the single runs to see whose they are: xperf -i trace.etl -o trace.txt -a dumper'];
  const finding = { ...stormFinding(storm, worst.lengthUs), evidence: [evidence, ...more] as const, next };
  return { storm, finding };
}
