/** What is kept while a report is read. */
import type { Output } from '../../src/core/parser.js';
import { splitSymbol } from '../../src/core/symbol.js';
import type { Writer } from '../../src/core/table.js';
import type { dpcAggregate, dpcHistogram } from '../../src/tables/dpc-aggregate.js';
import type { dpcIntervalUsage } from '../../src/tables/dpc-interval-usage.js';

export type Kind = 'DPC' | 'ISR' | null;

/** A histogram being read. */
interface Histogram {
  readonly kind: Kind;
  readonly module: string | null;
  readonly scope: 'module' | 'all';
  /** As its heading counts them. */
  readonly total: number;
  readonly line: number;
  counted: number;
  buckets: number;
  ended: boolean;
}

export interface State {
  readonly out: Output;
  readonly aggregates: Writer<typeof dpcAggregate> | null;
  readonly buckets: Writer<typeof dpcHistogram> | null;
  readonly intervals: Writer<typeof dpcIntervalUsage> | null;
  kind: Kind;
  /** CPU of each column of the current table; null before the first header. */
  cpus: readonly number[] | null;
  /** The same of the table of intervals. */
  intervalCpus: readonly number[] | null;
  histogram: Histogram | null;
  /** `Total = N` without a module, in this section. */
  sectionTotal: number | null;
  /** Sum of `Total = N for module …` in this section; null where there was none. */
  modulesTotal: number | null;
  readonly modulesSeen: Set<string>;
  usageRows: number;
  totals: number;
}

/** What became of a line. */
export type Fate = 'row' | 'ignored' | 'damaged';

export function noteKind(state: State, line: number): void {
  if (state.kind !== null) return;
  const message = 'no heading says whether these are DPCs or ISRs';
  state.out.diagnostics.add('kind-unknown', 'warning', message, { line });
}

/** Numbers of the CPUs in a line that names them. */
export function cpusIn(text: string, { out }: State): readonly number[] {
  const cpus = [...text.matchAll(/CPU\s+(\d{1,5})\s+Usage/gi)].map((found) => Number(found[1]));
  const { machine } = out.about;
  machine.cpus = Math.max(machine.cpus ?? 0, cpus.length);
  return cpus;
}

/** Cells `usec %` from `from` on, and where the last one ends. */
export function cellsOf(text: string, pattern: RegExp, from: number): { cells: Cell[]; end: number } {
  const cells: Cell[] = [];
  let end = from;
  pattern.lastIndex = from;
  for (let found = pattern.exec(text); found !== null; found = pattern.exec(text)) {
    cells.push({ us: Number(found[1]), percent: Number(found[2].replace(',', '.')) });
    end = pattern.lastIndex;
  }
  return { cells, end };
}

interface Cell {
  readonly us: number;
  readonly percent: number;
}

export function sayNoCpus({ out }: State, line: number): void {
  const message = 'sums stand without the line that names the CPUs';
  out.diagnostics.add('no-cpu-columns', 'warning', message, { line });
}

/** Module as spelled; null for `"Unknown"`. */
export const moduleOf = (text: string): string | null => splitSymbol(text.replaceAll('!', '')).module;
