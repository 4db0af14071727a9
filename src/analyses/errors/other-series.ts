/** Instants that are no messages: runs of DPCs and ISRs by routine, allocations by pool tag. Their rhythms are told beside those of messages. */
import type { Batch } from '../../core/table.js';
import { isBatchOf } from '../../core/table.js';
import { dpcIsr } from '../../tables/dpc-isr.js';
import { poolEvent } from '../../tables/pool-event.js';
import { ALL_THREADS, type MessagePass } from './messages.js';
import type { OtherSeries } from './periodic.js';
import type { SeriesKind } from './result.js';

/** Numbers of these series are below those of spans. */
const FIRST_KEY = -1_000_000;
const MAX_OTHERS = 20_000;

export const OTHER_TABLES = [dpcIsr, poolEvent] as const;

export class Others {
  readonly list: OtherSeries[] = [];
  readonly #byName = new Map<string, number>();
  /** Series of a dictionary's number, by source and kind: names are looked up once. */
  readonly #known = new Map<string, (number | undefined)[]>();

  constructor(private readonly pass: MessagePass) {}

  add(batch: Batch, offsetUs: number): void {
    if (isBatchOf(batch, dpcIsr)) this.#runs(batch, offsetUs);
    else if (isBatchOf(batch, poolEvent)) this.#allocations(batch, offsetUs);
  }

  #runs(batch: Batch<typeof dpcIsr>, offsetUs: number): void {
    const { cols, dicts, n } = batch;
    for (let i = 0; i < n; i++) {
      const isIsr = dicts.kind.get(cols.kind[i]) === 'ISR';
      const series = this.#series(batch, isIsr ? 'isr' : 'dpc', cols.routine[i], () => {
        const routine = dicts.routine.get(cols.routine[i]) ?? 'unknown routine';
        return `${isIsr ? 'ISR' : 'DPC'} ${routine}`;
      });
      if (series >= 0) this.pass.addInstant(series, cols.startUs[i] + offsetUs, batch, i);
    }
  }

  #allocations(batch: Batch<typeof poolEvent>, offsetUs: number): void {
    const { cols, dicts, n } = batch;
    for (let i = 0; i < n; i++) {
      if (!/alloc/i.test(dicts.operation.get(cols.operation[i]) ?? '')) continue;
      const series = this.#series(batch, 'pool', cols.tag[i], () => `pool tag ${dicts.tag.get(cols.tag[i]) ?? ''}`);
      if (series >= 0) this.pass.addInstant(series, cols.atUs[i] + offsetUs, batch, i);
    }
  }

  #series(batch: Batch, kind: SeriesKind, id: number, name: () => string): number {
    const key = `${kind} ${batch.source}`;
    let known = this.#known.get(key);
    if (known === undefined) {
      known = [];
      this.#known.set(key, known);
    }
    known[id + 1] ??= this.#named(kind, name());
    return known[id + 1] as number;
  }

  #named(kind: SeriesKind, name: string): number {
    const found = this.#byName.get(name);
    if (found !== undefined) return found;
    if (this.list.length >= MAX_OTHERS) return -1;
    const series = this.pass.series.of(FIRST_KEY - this.list.length, ALL_THREADS);
    this.#byName.set(name, series);
    if (series >= 0) this.list.push({ kind, name, thread: ALL_THREADS, series });
    return series;
  }
}
