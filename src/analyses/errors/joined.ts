/** What the pass collected, with merged templates put together: series by template and thread. */

import { pushTo } from '../../core/push-to.js';
import type { Cite } from '../../core/table.js';
import type { MessagePass } from './messages.js';
import type { Count } from './retry.js';

export interface CitedPlace {
  readonly source: number;
  readonly cite: Cite;
}

/** One template in one thread, or in all. */
export interface JoinedSeries {
  readonly thread: number;
  readonly count: number;
  readonly series: readonly number[];
}

/** A template and all that was merged into it. */
export interface JoinedTemplate {
  readonly id: number;
  readonly members: readonly number[];
  readonly count: number;
  /** All its threads together, for each group of sources. */
  readonly wholes: readonly JoinedSeries[];
  /** None where too many say it. */
  readonly threads: readonly JoinedSeries[];
  /** Threads that are known to say it. */
  readonly sayers: readonly number[];
  readonly hasMoreThreads: boolean;
}

export class Joined {
  readonly templates: readonly JoinedTemplate[];

  constructor(readonly pass: MessagePass) {
    pass.templates.settle();
    const members = new Map<number, number[]>();
    const threads = new Map<number, Map<number, number[]>>();
    for (const id of pass.seen.keys()) if (pass.seen[id] !== undefined) pushTo(members, pass.templates.root(id), id);
    for (let series = 0; series < pass.series.count; series++) {
      const thread = pass.series.keyB(series);
      const key = pass.series.keyA(series);
      if (key < 0) continue;
      const root = pass.templates.root(key);
      let of = threads.get(root);
      if (of === undefined) {
        of = new Map();
        threads.set(root, of);
      }
      pushTo(of, thread, series);
    }
    this.templates = [...members].map(([id, ids]) => {
      const all = [...(threads.get(id) ?? [])].map(([thread, series]) => ({
        thread,
        count: series.reduce((sum, one) => sum + pass.series.total(one), 0),
        series,
      }));
      const own = all.filter(({ thread }) => thread >= 0);
      const hasMoreThreads = !ids.every(pass.knowsThreads);
      const count = ids.reduce((sum, member) => sum + pass.records.count(member), 0);
      return {
        id,
        members: ids,
        count,
        wholes: all.filter(({ thread }) => thread < 0),
        threads: hasMoreThreads ? [] : own,
        sayers: own.map(({ thread }) => thread),
        hasMoreThreads,
      };
    });
  }

  /**
   * Instants of several series as one, sorted, without break: where one of them was cut, up to its cut. Where a single series was
   * cut, `end` holds its last ones.
   */
  instants(series: readonly number[]): { start: Float64Array; end: Float64Array } {
    const { series: store } = this.pass;
    if (series.length === 1) return store.instants(series[0]);
    let limit = Number.POSITIVE_INFINITY;
    const parts = series.map((one) => {
      const { start, end } = store.instants(one);
      if (end.length > 0 || start.length < store.total(one)) limit = Math.min(limit, start[start.length - 1] ?? 0);
      return start;
    });
    const all = Float64Array.from(parts.flatMap((part) => [...part])).sort();
    return {
      start: limit === Number.POSITIVE_INFINITY ? all : all.filter((at) => at <= limit),
      end: new Float64Array(0),
    };
  }

  /** First places of a series. */
  cites(series: readonly number[]): readonly CitedPlace[] {
    return series.flatMap((one) => this.pass.cites[one] ?? []).slice(0, 2);
  }

  /** The retry counter that a template's messages in one thread show. */
  counter(series: readonly number[]): Count | null {
    for (const one of series) {
      const count = this.pass.counters.get(one)?.count() ?? null;
      if (count !== null) return count;
    }
    return null;
  }
}
