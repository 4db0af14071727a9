/** One pass for the `dpc` command's analyses, each of which may fail alone. */
import { SameCapture } from '../correlate/same-capture.js';
import { assembleDpc, DPC_ANALYSES, type DpcParts } from './analyses/dpc.js';
import { ExclusiveTimes } from './analyses/dpc-exclusive.js';
import { DPC_DEFAULTS, type DpcOptions, type DpcSetup } from './analyses/dpc-options.js';
import type { DpcResult } from './analyses/dpc-result.js';
import { Images } from './analyses/image-map.js';
import type { Analysis, Finish, Fold, SourceSummary } from './core/analysis.js';
import type { Diagnostics } from './core/diagnostic.js';
import type { Finding } from './core/evidence.js';
import type { TableDef } from './core/schema.js';
import type { Batch, Consumer } from './core/table.js';
import { contextOf } from './finishing.js';
import { dpcIsr } from './tables/dpc-isr.js';
import { image } from './tables/image.js';

/** What tells of DPCs and ISRs at all. */
export const DPC_TABLES: readonly TableDef[] = [...DPC_ANALYSES.durations.reads, ...DPC_ANALYSES.aggregates.reads];

/** A fold that is taken out once it throws, so that one failing analysis loses one part of the answer. */
class Guarded {
  failure: string | null = null;

  constructor(
    readonly name: string,
    readonly reads: readonly TableDef[],
    readonly fold: Fold<unknown>,
  ) {}

  readonly consume: Consumer = (batch: Batch) => {
    if (this.failure !== null) return;
    try {
      this.fold.add(batch);
    } catch (error) {
      this.failure = String((error as Error).message);
    }
  };

  finish(context: Finish): { result: unknown; findings: readonly Finding[] } | null {
    if (this.failure === null) {
      try {
        return this.fold.finish(context);
      } catch (error) {
        this.failure = String((error as Error).message);
      }
    }
    context.diagnostics.add('analysis-failed', 'error', `${this.name} failed and its part is missing: ${this.failure}`);
    return null;
  }
}

export class DpcPass {
  /** Of the current batch; consumers that come later may read it. */
  readonly exclusive = new ExclusiveTimes();
  readonly #options: DpcSetup;
  readonly #same = new SameCapture();
  readonly #folds: readonly (readonly [key: string, fold: Guarded])[];

  constructor(
    given: Partial<DpcOptions>,
    private readonly several: boolean,
  ) {
    this.#options = { ...DPC_DEFAULTS, ...given, exclusive: this.exclusive, images: new Images() };
    this.#folds = Object.entries<Analysis<DpcSetup, unknown>>(DPC_ANALYSES).map(
      ([key, analysis]) => [key, new Guarded(analysis.name, analysis.reads, analysis.start(this.#options))] as const,
    );
  }

  consumersOf(table: TableDef): Consumer[] {
    const consumers = this.#folds.filter(([, fold]) => fold.reads.includes(table)).map(([, fold]) => fold.consume);
    if (table === image) return [this.#options.images.consume, ...consumers];
    if (table !== dpcIsr) return consumers;
    return [this.exclusive.consume, ...consumers, ...(this.several ? [this.#same.consume] : [])];
  }

  finish(
    sources: readonly SourceSummary[],
    diagnostics: Diagnostics,
  ): { result: DpcResult; findings: readonly Finding[] } {
    const context = contextOf(sources, diagnostics, this.#same.counted(sources, diagnostics));
    const parts: Record<string, unknown> = {};
    const findings: Finding[] = [];
    for (const [key, fold] of this.#folds) {
      const done = fold.finish(context);
      if (done === null) continue;
      parts[key] = done.result;
      findings.push(...done.findings);
    }
    const assembled = assembleDpc(parts as DpcParts, context, this.#options, this.exclusive.overlaps());
    return { result: assembled.result, findings: [...assembled.findings, ...findings] };
  }
}
