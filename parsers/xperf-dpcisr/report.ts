/** What is kept while a report is read. */
import type { Output } from '../../src/core/parser.js';
import { splitSymbol } from '../../src/core/symbol.js';
import type { Writer } from '../../src/core/table.js';
import type { dpcAggregate, dpcHistogram } from '../../src/tables/dpc-aggregate.js';

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
  kind: Kind;
  /** CPU of each column of the current table; null before the first header. */
  cpus: readonly number[] | null;
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

/** Module as spelled; null for `"Unknown"`. */
export const moduleOf = (text: string): string | null => splitSymbol(text.replaceAll('!', '')).module;
