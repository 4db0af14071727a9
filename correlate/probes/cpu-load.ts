/**
 * Time in DPCs and ISRs by processor and routine along the trace, for the watchdog counts it by processor and period. Times are
 * exclusive: what interrupts a run counts for itself.
 */
import { NULL_I32 } from '../../src/core/schema.js';
import { splitSymbol } from '../../src/core/symbol.js';
import { type Batch, type Cite, isBatchOf } from '../../src/core/table.js';
import { dpcIsr } from '../../src/tables/dpc-isr.js';
import type { Probe } from './probe.js';

/** A part of the trace, µs. Grows where there are too many parts with something in them. */
const FIRST_PART_US = 250_000;
const MAX_PARTS = 1_500_000;
const MAX_SERIES = 100_000;
/** Of the time of a batch. */
const WORTH_CITING = 0.02;

export interface LoadKey {
  readonly source: number;
  readonly cpu: number;
  readonly kind: string;
  /** As the source names it; null where unresolved. */
  readonly module: string | null;
  /** `Image!Function` or an address. */
  readonly routine: string | null;
}

interface Series extends LoadKey {
  /** Numbers of parts, rising, the time in each, and the runs that began in it. */
  parts: number[];
  us: number[];
  counts: number[];
  maxUs: number;
  /** The longest run, and the last one of each batch: in a window that ends with the trace the last is within. */
  longest: CitedRun | null;
  last: CitedRun | null;
  /** In the current batch: the last row, and the time. */
  row: number;
  rowUs: number;
}

interface CitedRun {
  readonly startUs: number;
  readonly cite: Cite;
}

/** What a routine took of a processor in a window. */
export interface LoadShare extends LoadKey {
  readonly us: number;
  /** Runs, but for those at the edges of the window: whole parts are counted. */
  readonly count: number;
  /** A run within the window; null where none of those kept is. */
  readonly cite: Cite | null;
}

export class CpuLoad implements Probe {
  readonly reads = [dpcIsr];
  #partUs = FIRST_PART_US;
  readonly #series = new Map<string, Series>();
  /** By source: from ids of dictionaries to a series; looked up for each run. */
  readonly #known: Map<number, Series | null>[] = [];
  #kept = 0;
  /** Runs of routines for which there was no room. */
  left = 0;
  /** First and last instant with a run, by source. */
  readonly spans = new Map<number, { startUs: number; endUs: number }>();

  /** `exclusive`: times of the current batch without what interrupted it. */
  constructor(private readonly exclusive: { readonly us: Float64Array }) {}

  add(batch: Batch): void {
    if (!isBatchOf(batch, dpcIsr)) return;
    const { cols, n } = batch;
    const { us } = this.exclusive;
    const touched: Series[] = [];
    let totalUs = 0;
    const span = this.spans.get(batch.source) ?? { startUs: Number.POSITIVE_INFINITY, endUs: Number.NEGATIVE_INFINITY };
    this.spans.set(batch.source, span);
    for (let i = 0; i < n; i++) {
      const startUs = cols.startUs[i];
      if (startUs < span.startUs) span.startUs = startUs;
      if (startUs + cols.durationUs[i] > span.endUs) span.endUs = startUs + cols.durationUs[i];
      const series = this.#of(batch, i);
      if (series === null) {
        this.left++;
        continue;
      }
      this.#count(series, batch, i, us[i]);
      if (series.row < 0) touched.push(series);
      series.row = i;
      series.rowUs += us[i];
      totalUs += us[i];
    }
    for (const series of touched) {
      // Texts take time to make: of what takes next to none of the processors none is needed.
      if (series.rowUs >= WORTH_CITING * totalUs) {
        series.last = { startUs: cols.startUs[series.row], cite: batch.cite(series.row) };
      }
      series.row = -1;
      series.rowUs = 0;
    }
  }

  #count(series: Series, batch: Batch<typeof dpcIsr>, i: number, us: number): void {
    const { startUs, durationUs } = batch.cols;
    if (durationUs[i] > series.maxUs) {
      series.maxUs = durationUs[i];
      series.longest = { startUs: startUs[i], cite: batch.cite(i) };
    }
    // A run longer than a part is spread over the parts that it covers.
    let from = startUs[i];
    let left = us;
    const span = Math.max(durationUs[i], 1e-9);
    const share = us / span;
    let begun = 1;
    while (left > 0) {
      const part = Math.floor(from / this.#partUs);
      const untilNext = (part + 1) * this.#partUs - from;
      const here = Math.min(left, untilNext * share);
      this.#addTo(series, part, here, begun);
      begun = 0;
      if (here >= left || untilNext <= 0) return;
      left -= here;
      from += untilNext;
    }
  }

  #addTo(series: Series, part: number, us: number, begun: number): void {
    const last = series.parts.length - 1;
    if (last >= 0 && series.parts[last] === part) {
      series.us[last] += us;
      series.counts[last] += begun;
      return;
    }
    // Runs come in the order of their ends: one that began before the last may be put into an earlier part.
    if (last >= 0 && series.parts[last] > part) {
      const at = lowerBound(series.parts, part);
      series.us[at] += us;
      series.counts[at] += begun;
      return;
    }
    series.parts.push(part);
    series.us.push(us);
    series.counts.push(begun);
    if (++this.#kept > MAX_PARTS) this.#coarsen();
  }

  /** Twice as long parts, half as many. */
  #coarsen(): void {
    this.#partUs *= 2;
    this.#kept = 0;
    for (const series of this.#series.values()) {
      const parts: number[] = [];
      const us: number[] = [];
      const counts: number[] = [];
      for (const [i, old] of series.parts.entries()) {
        const part = Math.floor(old / 2);
        if (parts.at(-1) === part) {
          us[us.length - 1] += series.us[i];
          counts[counts.length - 1] += series.counts[i];
        } else {
          parts.push(part);
          us.push(series.us[i]);
          counts.push(series.counts[i]);
        }
      }
      series.parts = parts;
      series.us = us;
      series.counts = counts;
      this.#kept += parts.length;
    }
  }

  #of(batch: Batch<typeof dpcIsr>, i: number): Series | null {
    const { cols, dicts, source } = batch;
    this.#known[source] ??= new Map();
    const known = this.#known[source];
    const id = ((cols.routine[i] + 1) * 4 + cols.kind[i] + 1) * 8192 + (cols.cpu[i] === NULL_I32 ? 8191 : cols.cpu[i]);
    const found = known.get(id);
    if (found !== undefined) return found;
    if (this.#series.size >= MAX_SERIES) return null;
    const routine = dicts.routine.get(cols.routine[i]);
    const module = dicts.module.get(cols.module[i]) ?? (routine === null ? null : splitSymbol(routine).module);
    const series: Series = {
      source,
      cpu: cols.cpu[i] === NULL_I32 ? -1 : cols.cpu[i],
      kind: dicts.kind.get(cols.kind[i]) ?? 'DPC',
      module,
      routine,
      parts: [],
      us: [],
      counts: [],
      maxUs: 0,
      longest: null,
      last: null,
      row: -1,
      rowUs: 0,
    };
    this.#series.set(`${source} ${id}`, series);
    known.set(id, series);
    return series;
  }

  /** Time of each routine on a processor (null: on each) from `fromUs` to `toUs` of a source, most first; of parts at the edges their share. */
  shares(source: number, cpu: number | null, fromUs: number, toUs: number): LoadShare[] {
    const [from, to] = [Math.floor(fromUs / this.#partUs), Math.ceil(toUs / this.#partUs)];
    const found: LoadShare[] = [];
    for (const series of this.#series.values()) {
      if (series.source !== source || (cpu !== null && series.cpu !== cpu)) continue;
      let [us, count] = [0, 0];
      for (let i = lowerBound(series.parts, from); i < series.parts.length && series.parts[i] < to; i++) {
        const inside = this.#insideOf(series.parts[i], fromUs, toUs);
        us += inside * series.us[i];
        count += Math.round(inside * series.counts[i]);
      }
      if (us <= 0) continue;
      const isWithin = (run: CitedRun | null): run is CitedRun =>
        run !== null && run.startUs >= fromUs && run.startUs <= toUs;
      const run = [series.longest, series.last].find(isWithin) ?? null;
      const { kind, module, routine } = series;
      found.push({ source, cpu: series.cpu, kind, module, routine, us, count, cite: run?.cite ?? null });
    }
    return found.sort((a, b) => b.us - a.us);
  }

  /** How much of a part lies in a window, 0 to 1. */
  #insideOf(part: number, fromUs: number, toUs: number): number {
    const startUs = part * this.#partUs;
    return Math.max(0, Math.min(toUs, startUs + this.#partUs) - Math.max(fromUs, startUs)) / this.#partUs;
  }

  /** Time of all routines on a processor in each part from `fromUs` to `toUs`. */
  strip(source: number, cpu: number, fromUs: number, toUs: number): { startUs: number; us: number }[] {
    const sums = new Map<number, number>();
    const [from, to] = [Math.floor(fromUs / this.#partUs), Math.ceil(toUs / this.#partUs)];
    for (const series of this.#series.values()) {
      if (series.source !== source || series.cpu !== cpu) continue;
      for (const [i, part] of series.parts.entries()) {
        if (part >= from && part < to) sums.set(part, (sums.get(part) ?? 0) + series.us[i]);
      }
    }
    return [...sums].sort(([a], [b]) => a - b).map(([part, us]) => ({ startUs: part * this.#partUs, us }));
  }

  /** Processors that had a run in a source. */
  cpus(source: number): number[] {
    const found = new Set<number>();
    for (const series of this.#series.values()) if (series.source === source && series.cpu >= 0) found.add(series.cpu);
    return [...found].sort((a, b) => a - b);
  }
}

function lowerBound(values: readonly number[], least: number): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] < least) low = middle + 1;
    else high = middle;
  }
  return low;
}
