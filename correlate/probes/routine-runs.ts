/** Single DPC and ISR runs along the trace: the long ones, and how each driver's went on. */
import { NULL_I32 } from '../../src/core/schema.js';
import { type Batch, type Cite, isBatchOf } from '../../src/core/table.js';
import { dpcIsr } from '../../src/tables/dpc-isr.js';
import { moduleKey } from '../names.js';
import type { Probe } from './probe.js';

export interface Run {
  readonly source: number;
  readonly kind: string;
  readonly cpu: number | null;
  readonly module: string | null;
  readonly routine: string | null;
  readonly startUs: number;
  readonly durationUs: number;
  readonly cite: Cite | null;
  readonly place: number | null;
}

/** Runs of one driver, by seconds of the trace: does it get slower? */
export interface Course {
  count: number;
  over: number;
  maxUs: number;
  sumUs: number;
  /** The longest run. */
  longest: { readonly source: number; readonly cite: Cite } | null;
  /** Runs in each second. */
  readonly bins: Map<number, { count: number; sumUs: number; maxUs: number }>;
}

const MAX_LONG = 40_000;
const MAX_COURSES = 2000;
const BIN_US = 1_000_000;
const MAX_BINS = 100_000;

export class RoutineRuns implements Probe {
  readonly reads = [dpcIsr];
  /** Over the limits, the longest of them where there are too many. */
  #long: Run[] = [];
  #leastUs = 0;
  longOf = 0;
  readonly courses = new Map<string, Course>();
  #bins = 0;
  /** By source, from dictionary id to the driver's key. */
  readonly #keys: string[][] = [];

  constructor(private readonly limits: { readonly dpcUs: number; readonly isrUs: number }) {}

  add(batch: Batch): void {
    if (!isBatchOf(batch, dpcIsr)) return;
    const { cols, dicts, n } = batch;
    this.#keys[batch.source] ??= [];
    const keys = this.#keys[batch.source];
    for (let i = 0; i < n; i++) {
      const id = cols.module[i] + 1;
      keys[id] ??= moduleKey(dicts.module.get(cols.module[i]) ?? '');
      const kind = dicts.kind.get(cols.kind[i]) ?? 'DPC';
      const limit = kind === 'ISR' ? this.limits.isrUs : this.limits.dpcUs;
      const us = cols.durationUs[i];
      this.#follow(keys[id], batch, i, limit);
      if (us <= limit) continue;
      this.longOf++;
      if (us > this.#leastUs) this.#keep(batch, i, kind);
    }
  }

  #follow(key: string, batch: Batch<typeof dpcIsr>, i: number, limit: number): void {
    const us = batch.cols.durationUs[i];
    let course = this.courses.get(key);
    if (course === undefined) {
      if (this.courses.size >= MAX_COURSES) return;
      course = { count: 0, over: 0, maxUs: 0, sumUs: 0, longest: null, bins: new Map() };
      this.courses.set(key, course);
    }
    course.count++;
    course.sumUs += us;
    if (us > limit) course.over++;
    if (us > course.maxUs || course.longest === null) {
      course.maxUs = us;
      course.longest = { source: batch.source, cite: batch.cite(i) };
    }
    const bin = Math.floor(batch.cols.startUs[i] / BIN_US);
    const known = course.bins.get(bin);
    if (known !== undefined) {
      known.count++;
      known.sumUs += us;
      if (us > known.maxUs) known.maxUs = us;
    } else if (this.#bins < MAX_BINS) {
      this.#bins++;
      course.bins.set(bin, { count: 1, sumUs: us, maxUs: us });
    }
  }

  #keep(batch: Batch<typeof dpcIsr>, i: number, kind: string): void {
    const { cols, dicts } = batch;
    const line = cols.line[i];
    const byte = cols.byte[i];
    this.#long.push({
      source: batch.source,
      kind,
      cpu: cols.cpu[i] === NULL_I32 ? null : cols.cpu[i],
      module: dicts.module.get(cols.module[i]),
      routine: dicts.routine.get(cols.routine[i]),
      startUs: cols.startUs[i],
      durationUs: cols.durationUs[i],
      // The text is looked up for what is long indeed: most are only drawn.
      cite: cols.durationUs[i] > 20 * this.limits.dpcUs ? batch.cite(i) : null,
      place: Number.isNaN(line) ? (Number.isNaN(byte) ? null : byte) : line,
    });
    if (this.#long.length < 2 * MAX_LONG) return;
    this.#long.sort((a, b) => b.durationUs - a.durationUs);
    this.#long.length = MAX_LONG;
    this.#leastUs = this.#long[MAX_LONG - 1].durationUs;
  }

  /** Runs over the limits, in the order of time; of very many the longest. */
  long(): readonly Run[] {
    if (this.#long.length > MAX_LONG) {
      this.#long.sort((a, b) => b.durationUs - a.durationUs);
      this.#long = this.#long.slice(0, MAX_LONG);
    }
    return this.#long.sort((a, b) => a.startUs - b.startUs);
  }
}
