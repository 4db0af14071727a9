import type { Bucket } from '../core/distribution.js';
import type { Evidence } from '../core/evidence.js';

/** `result` of the `dpc` command; fields are documented in docs/json.md. Unknown values are null. */
export interface DpcResult {
  readonly window: { readonly startUs: number | null; readonly endUs: number | null; readonly cpus: number | null };
  readonly thresholds: { readonly dpcUs: number; readonly isrUs: number };
  readonly modules: readonly ModuleFigures[];
  readonly functions: readonly FunctionFigures[];
  readonly kinds: readonly KindFigures[];
  readonly cpus: readonly CpuFigures[];
  readonly histograms: readonly DurationHistogram[];
  readonly occurrences: readonly Occurrence[];
  readonly intervals: readonly Interval[];
  readonly storms: readonly Storm[];
  /** The longest run of all, before `top` cut anything; null where no maximum is known. */
  readonly longest: (Longest & { readonly kind: string | null; readonly module: string | null }) | null;
  /** What `top` cut from each list, by its name; empty where nothing was cut. */
  readonly cut: Readonly<Record<string, { readonly shown: number; readonly of: number }>>;
}

/** Figures of a group of runs; all durations inclusive unless named otherwise. */
export interface Figures {
  readonly count: number | null;
  readonly inclusiveUs: number | null;
  readonly exclusiveUs: number | null;
  /** Exclusive time as a share of the time of all processors in the window. */
  readonly percentOfCpu: number | null;
  readonly perSecond: number | null;
  readonly meanUs: number | null;
  readonly p50Us: number | null;
  readonly p90Us: number | null;
  readonly p99Us: number | null;
  readonly p999Us: number | null;
  readonly maxUs: number | null;
  readonly overThreshold: number | null;
  readonly longest: Longest | null;
  /** Bounds of the longest run where only a histogram or a mean is known; null where `maxUs` is, or nothing is. */
  readonly maxRange: DurationRange | null;
}

/** Above `gtUs` (at least, where it comes from a mean), up to and including `leUs`; null = open. */
export interface DurationRange {
  readonly gtUs: number;
  readonly leUs: number | null;
  /** Runs known to be above `gtUs`; null where that comes from a mean. */
  readonly count: number | null;
  readonly evidence: readonly [Evidence];
}

export interface Longest {
  readonly startUs: number | null;
  readonly durationUs: number;
  readonly cpu: number | null;
  readonly address: string | null;
  readonly function: string | null;
  readonly evidence: readonly [Evidence];
}

export interface ModuleFigures extends Figures {
  /** `DPC` or `ISR`; null where a report does not say. */
  readonly kind: string | null;
  readonly module: string | null;
}

export interface FunctionFigures extends ModuleFigures {
  readonly function: string | null;
  readonly address: string | null;
  /** From the start of its image, where the function has no name; null where it has, or the image is not known. */
  readonly offset: string | null;
  /** The framework that `module` is, e.g. `KMDF`; null where it is none. */
  readonly framework: string | null;
  /** Image of the driver on whose behalf the framework ran most often when sampled; null where the trace does not say. */
  readonly owner: string | null;
  /** All drivers seen at work inside runs of the routine, most samples first; empty where none was. */
  readonly owners: readonly Owner[];
  /** Those seen inside the longest run itself; null where no sample fell into it. */
  readonly longestOwners: readonly Owner[] | null;
}

/** A driver seen at work inside a framework's runs. */
export interface Owner {
  readonly module: string;
  readonly function: string | null;
  /** Named by the framework's own event, seen in a stack under it, or only as the image sampled during its runs. */
  readonly by: 'event' | 'stack' | 'sample';
  /** Samples (or events of the framework) that show this driver, of all that fell into the runs looked at. */
  readonly samples: number;
  readonly ofSamples: number;
  readonly evidence: readonly [Evidence];
}

export interface KindFigures extends Figures {
  readonly kind: string | null;
  /** The kernel event; null where the source does not tell one from another. */
  readonly type: string | null;
  readonly vector: number | null;
}

export interface CpuFigures {
  readonly cpu: number;
  readonly dpcCount: number | null;
  readonly dpcUs: number | null;
  readonly isrCount: number | null;
  readonly isrUs: number | null;
  /** Time in DPCs and ISRs, counted once where one interrupts another, as a share of this processor's time. */
  readonly percentOfCpu: number | null;
  readonly maxDpcUs: number | null;
  readonly maxIsrUs: number | null;
}

export interface DurationHistogram {
  readonly kind: string | null;
  readonly module: string | null;
  readonly buckets: readonly Bucket[];
}

export interface Occurrence extends Longest {
  readonly kind: string | null;
  readonly type: string | null;
  readonly module: string | null;
  readonly exclusiveUs: number;
}

export interface Interval {
  readonly kind: string | null;
  readonly module: string | null;
  readonly function: string | null;
  readonly address: string | null;
  readonly count: number;
  readonly periodMs: number;
  readonly jitterMs: number;
  /** True where the routine keeps this period on each processor by itself. */
  readonly perCpu: boolean;
  /** Share of the gaps between runs that are one, two or three periods long, 0-100. */
  readonly percentOnBeat: number;
  /** Beats without a run, seen as gaps of two or three periods. */
  readonly missedBeats: number;
  readonly evidence: readonly [Evidence];
}

export interface Storm {
  readonly cpu: number;
  /** Start of the worst second. */
  readonly startUs: number;
  readonly percentOfCpu: number;
  /** Quarter-second steps at which the second that begins there lies over 5, 10 and 20 %; a report's own intervals. */
  readonly steps: { readonly over5: number; readonly over10: number; readonly over20: number };
  readonly modules: readonly { readonly kind: string; readonly module: string | null; readonly us: number }[];
  /** True where runs overlap that cannot: more time than there is. */
  readonly doubtful: boolean;
  readonly evidence: readonly [Evidence];
}
