/** From sums of runs to the figures that are shown: by module, function, kind, CPU; histograms; orders. */

import type { Finish } from '../core/analysis.js';
import { Distribution, histogram } from '../core/distribution.js';
import { pushTo } from '../core/push-to.js';
import { NULL_I32 } from '../core/schema.js';
import { formatAddress, splitSymbol } from '../core/symbol.js';
import type { DpcOptions, SortKey } from './dpc-options.js';
import type {
  CpuFigures,
  DpcResult,
  DurationHistogram,
  Figures,
  FunctionFigures,
  KindFigures,
  Longest,
  ModuleFigures,
  Occurrence,
} from './dpc-result.js';
import type { Images } from './image-map.js';
import type { Kept, Slot } from './run-slots.js';

/** Sums over the runs on one processor; the first of each pair is for DPCs, the second for ISRs. */
export class CpuSums {
  readonly count = [0, 0];
  readonly us = [0, 0];
  readonly max = [-1, -1];
  clippedUs = 0;
}

/** Folds slots into groups and takes their figures. */
export class Groups {
  readonly #windowUs: number | null;

  constructor(
    private readonly window: DpcResult['window'],
    private readonly context: Finish,
    private readonly images: Images,
  ) {
    const { startUs, endUs } = window;
    this.#windowUs = startUs !== null && endUs !== null && endUs > startUs ? endUs - startUs : null;
  }

  by<T>(slots: readonly Slot[], key: (slot: Slot) => string, figures: (group: readonly Slot[]) => T): T[] {
    const groups = new Map<string, Slot[]>();
    for (const slot of slots) {
      const k = key(slot);
      pushTo(groups, k, slot);
    }
    return [...groups.values()].map(figures);
  }

  module(slot: { source: number; module: string | null; routine: string }): string | null {
    return slot.module ?? this.images.of(slot.source).module(slot.routine);
  }

  readonly moduleFigures = (group: readonly Slot[]): ModuleFigures => ({
    kind: group[0].kind,
    module: this.module(group[0]),
    ...this.#figures(group),
  });

  readonly functionFigures = (group: readonly Slot[]): FunctionFigures => ({
    ...this.moduleFigures(group),
    function: splitSymbol(group[0].routine).fn,
    address: formatAddress(group[0].address),
    offset: this.#offset(group[0]),
    framework: null,
    owner: null,
    owners: [],
    longestOwners: null,
  });

  /** Of a routine without a name: what a debugger takes for one (`ln ndis+0x1a00`). */
  #offset({ source, routine, address }: Slot): string | null {
    if (address === null || splitSymbol(routine).fn !== null) return null;
    const offset = this.images.of(source).offset(address);
    return offset === null ? null : `0x${offset.toString(16)}`;
  }

  readonly kindFigures = (group: readonly Slot[]): KindFigures => ({
    kind: group[0].kind,
    type: group[0].type,
    vector: group[0].vector === NULL_I32 ? null : group[0].vector,
    ...this.#figures(group),
  });

  #figures(group: readonly Slot[]): Figures {
    const durations = new Distribution(group[0].perUs);
    for (const slot of group) slot.addDurationsTo(durations);
    const sum = (of: (slot: Slot) => number): number => group.reduce((total, slot) => total + of(slot), 0);
    const [p50Us, p90Us, p99Us, p999Us] = durations.percentiles([0.5, 0.9, 0.99, 0.999]);
    const longest = group.reduce((a, b) => (b.maxUs > a.maxUs ? b : a)).longest;
    const inclusiveUs = sum((s) => s.inclusiveUs);
    const cpus = this.window.cpus;
    return {
      count: durations.count,
      inclusiveUs: rounded(inclusiveUs),
      exclusiveUs: rounded(sum((s) => s.exclusiveUs)),
      percentOfCpu:
        this.#windowUs === null || cpus === null ? null : (100 * sum((s) => s.clippedUs)) / (this.#windowUs * cpus),
      perSecond: this.#windowUs === null ? null : durations.count / (this.#windowUs / 1e6),
      meanUs: inclusiveUs / durations.count,
      p50Us,
      p90Us,
      p99Us,
      p999Us,
      maxUs: longest?.durationUs ?? null,
      overThreshold: sum((s) => s.over),
      longest: longest === null ? null : this.#longest(longest),
      maxRange: null,
    };
  }

  #longest(kept: Kept): Longest {
    return {
      startUs: kept.startUs,
      durationUs: kept.durationUs,
      cpu: kept.cpu,
      address: formatAddress(kept.address),
      function: splitSymbol(kept.routine).fn,
      evidence: [this.context.evidence(kept.source, kept.cite)],
    };
  }

  occurrence(kept: Kept): Occurrence {
    return {
      kind: kept.kind,
      type: kept.type,
      module: this.module(kept),
      ...this.#longest(kept),
      exclusiveUs: rounded(kept.exclusiveUs),
    };
  }
}

/** Sums of binary fractions of a µs, cleaned of the noise of adding them; a ten-thousandth of a µs is below any clock. */
const rounded = (us: number): number => Math.round(us * 1e4) / 1e4;

/** Figures by processor; each source's sums stand at the processor's number + 1. */
export function cpuFigures(
  states: readonly (readonly (CpuSums | undefined)[])[],
  window: DpcResult['window'],
): CpuFigures[] {
  const length = Math.max(0, ...states.map((cpus) => cpus.length));
  const figures: CpuFigures[] = [];
  const span = window.startUs === null || window.endUs === null ? 0 : window.endUs - window.startUs;
  for (let index = 1; index < length; index++) {
    const sums = states.map((cpus) => cpus[index]).filter((s) => s !== undefined);
    const add = (of: (s: CpuSums) => number): number => sums.reduce((total, s) => total + of(s), 0);
    const max = (side: 0 | 1): number | null => {
      const value = Math.max(-1, ...sums.map((s) => s.max[side]));
      return value < 0 ? null : value;
    };
    if (sums.length === 0) continue;
    figures.push({
      cpu: index - 1,
      dpcCount: add((s) => s.count[0]),
      dpcUs: rounded(add((s) => s.us[0])),
      isrCount: add((s) => s.count[1]),
      isrUs: rounded(add((s) => s.us[1])),
      percentOfCpu: span > 0 ? (100 * add((s) => s.clippedUs)) / span : null,
      maxDpcUs: max(0),
      maxIsrUs: max(1),
    });
  }
  return figures;
}

/** Histograms over all runs of a kind, then of each module, longest first. */
export function histograms(slots: readonly Slot[], groups: Groups, options: DpcOptions): DurationHistogram[] {
  const of = (group: readonly Slot[]): DurationHistogram['buckets'] => {
    const durations = new Distribution(group[0]?.perUs);
    for (const slot of group) slot.addDurationsTo(durations);
    return histogram(durations, options.histogram);
  };
  const all = groups.by(
    slots,
    (s) => `${s.kind}`,
    (group) => ({ kind: group[0].kind, module: null, buckets: of(group) }),
  );
  const modules = groups
    .by(
      slots.filter((s) => groups.module(s) !== null),
      (s) => `${s.kind}|${groups.module(s)?.toLowerCase()}`,
      (group) => ({ kind: group[0].kind, module: groups.module(group[0]), buckets: of(group) }),
    )
    .sort((a, b) => b.buckets.length - a.buckets.length);
  return [...all.sort((a, b) => ((a.kind ?? '') < (b.kind ?? '') ? -1 : 1)), ...modules];
}

/** Largest first; names from A; unknown last; ties by name, so that the order never depends on the file's. */
export function order(
  sort: SortKey,
): (a: Figures & { kind: string | null }, b: Figures & { kind: string | null }) => number {
  const value = (f: Figures): number => {
    switch (sort) {
      case 'max':
        return f.maxUs ?? -1;
      case 'count':
        return f.count ?? -1;
      case 'inclusive':
        return f.inclusiveUs ?? -1;
      case 'exclusive':
        return f.exclusiveUs ?? -1;
      case 'mean':
        return f.meanUs ?? -1;
      case 'p99':
        return f.p99Us ?? -1;
      case 'over':
        return f.overThreshold ?? -1;
      case 'name':
        return 0;
    }
  };
  const name = (f: object): string => {
    const {
      module,
      function: fn,
      type,
    } = f as { module?: string | null; function?: string | null; type?: string | null };
    return `${module ?? '~'}!${fn ?? ''}${type ?? ''}`.toLowerCase();
  };
  return (a, b) => value(b) - value(a) || compare(name(a), name(b)) || compare(a.kind ?? '', b.kind ?? '');
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
