/** The driver on whose behalf a framework's DPC ran, from the framework's own events and the samples that fell into its runs. */
import type { Analysis, Finish, Fold } from '../core/analysis.js';
import { parseAddress, splitSymbol } from '../core/symbol.js';
import { type Batch, type Cite, isBatchOf } from '../core/table.js';
import { frameworkCallback } from '../tables/framework-callback.js';
import { sampledProfile } from '../tables/sampled-profile.js';
import { type Callback, CallbackRings } from './callback-rings.js';
import { frameworkOf, isKernel } from './dpc-frameworks.js';
import type { DpcOptions } from './dpc-options.js';
import type { Owner } from './dpc-result.js';
import { dpcIsr, RunSelection, type Runs } from './dpc-runs.js';
import { type Sample, SampleRings } from './sample-rings.js';

/** What samples say of one framework routine. */
export interface RoutineOwners {
  /** Over all of its runs, most samples first. */
  readonly all: readonly Owner[];
  /** Inside its longest run; null where no sample fell into that. */
  readonly longest: readonly Owner[] | null;
}

/** Owners by framework routine: `DPC|Wdf01000.sys!FxTimer…`. */
export type Owners = ReadonlyMap<string, RoutineOwners>;

/** What samples and events show. */
export interface OwnersResult {
  readonly owners: Owners;
  /** Samples in all, also those that nobody asked about. */
  readonly samples: number;
  /** True where samples came with stacks. */
  readonly hasStacks: boolean;
}

export const dpcOwners: Analysis<DpcOptions, OwnersResult> = {
  name: 'dpc-owners',
  reads: [sampledProfile, frameworkCallback, dpcIsr],
  start: (options) => new OwnersFold(options),
};

interface Client {
  readonly module: string;
  readonly fn: string | null;
  readonly by: Owner['by'];
}

/** Where a DPC begins in a stack: what lies further out is the thread or the idle loop that it interrupted. */
const DPC_DISPATCHER =
  /^(K[ixy]RetireDpcList|KiExecuteAllDpcs|KiExecuteDpc|KiExecuteDpcDelegate|KiProcessExpiredTimerList|KiTimerExpiration|KiDpcInterrupt)$/;
/** Where an ISR begins. */
const ISR_DISPATCHER =
  /^(Ki\w*InterruptDispatch\w*|KiInterruptMessageDispatch|KiCallInterruptServiceRoutine|KiChainedDispatch)$/;

/**
 * The driver that a sample shows under a framework. With a stack: the frame that the framework itself called, that is the
 * next one inside the framework's outermost frame of this DPC. What the driver called in turn (helpers, the framework
 * again) and what interrupted it stand further in and do not matter. Without a stack: the image sampled, which is weaker,
 * since an interrupt of another driver may have been sampled inside the run.
 */
function clientOf(sample: Sample, framework: string, isIsr: boolean, address: bigint): Client | null {
  if (sample.stack === null) {
    const named = splitSymbol(sample.routine ?? '');
    const module = named.module ?? sample.module;
    const { fn } = named;
    return module === null || isKernel(module) || module.toLowerCase() === framework
      ? null
      : { module, fn, by: 'sample' };
  }
  const texts = sample.stack.split(';');
  const all = texts.map(splitSymbol);
  const isFramework = ({ module }: { module: string | null }): boolean => module?.toLowerCase() === framework;
  const innermost = all.findIndex(isFramework);
  if (innermost < 0) return null;
  // DPCs do not nest: the innermost dispatcher began this one. ISRs do, so theirs is sought outside the framework.
  const dispatcher = all.findIndex(({ fn }, i) =>
    isIsr ? i > innermost && ISR_DISPATCHER.test(fn ?? '') : DPC_DISPATCHER.test(fn ?? ''),
  );
  // Without symbols the frame of the routine itself tells where the run begins. Where neither is there (symbols of the
  // kernel are missing, addresses are not printed) the whole stack has to do.
  const routine = dispatcher < 0 && address !== 0n ? routineFrame(texts, all, framework, address) : null;
  if (routine === -1) return null;
  const frames = all.slice(0, dispatcher >= 0 ? dispatcher : routine !== null ? routine + 1 : all.length);
  const completes = frameworkOf(framework)?.completes === true;
  for (let i = frames.findLastIndex(isFramework) - 1; i >= 0; i--) {
    const { module, fn } = frames[i];
    if (module === null || isFramework(frames[i])) continue;
    if (!isKernel(module)) return { module, fn, by: 'stack' };
    // What the kernel called in turn is not the framework's client: completion routines of drivers above it, for one.
    if (!completes) return null;
  }
  return null;
}

/** How far behind its first instruction a routine may be left for a call. */
const MAX_ROUTINE_BYTES = 0x1000n;

/**
 * Index of the frame that lies in the routine at `address`; -1 where none of the framework's frames does, null where frames
 * are printed by name.
 */
function routineFrame(
  texts: readonly string[],
  frames: readonly { readonly module: string | null; readonly fn: string | null }[],
  framework: string,
  address: bigint,
): number | null {
  let best = -1;
  let bestOffset = MAX_ROUTINE_BYTES;
  for (const [i, { module, fn }] of frames.entries()) {
    if (module?.toLowerCase() !== framework) continue;
    if (fn !== null) return null;
    const at = parseAddress(texts[i].slice(texts[i].indexOf('!') + 1));
    if (at === null || at < address || at - address >= bestOffset) continue;
    best = i;
    bestOffset = at - address;
  }
  return best;
}

/** Callbacks of an interrupt, and those of a DPC. */
const ISR_CALLBACK = /^Wdf(Passive)?ISR$/;
const DPC_CALLBACK = /^WdfDPC$/;

interface Seen {
  samples: number;
  readonly client: Client;
  readonly cite: Cite;
  readonly source: number;
}

/** Samples, or events of the framework itself, counted by the driver they show. */
class Clients {
  of = 0;
  readonly #byModule = new Map<string, Seen>();

  count(sample: Sample, framework: string, isIsr: boolean, address: bigint, source: number): void {
    this.of++;
    const client = clientOf(sample, framework, isIsr, address);
    if (client !== null) this.#see(client, sample.cite, source);
  }

  /** What the framework says itself. */
  call({ module, routine, cite }: Callback, source: number): void {
    this.of++;
    if (module !== null) this.#see({ module, fn: splitSymbol(routine ?? '').fn, by: 'event' }, () => cite, source);
  }

  #see(client: Client, cite: () => Cite, source: number): void {
    const key = client.module.toLowerCase();
    const known = this.#byModule.get(key);
    if (known !== undefined) known.samples++;
    else this.#byModule.set(key, { samples: 1, client, cite: cite(), source });
  }

  merge(other: Clients): void {
    this.of += other.of;
    for (const [key, theirs] of other.#byModule) {
      const known = this.#byModule.get(key);
      if (known !== undefined) known.samples += theirs.samples;
      else this.#byModule.set(key, { ...theirs });
    }
  }

  list(context: Finish): Owner[] {
    const owners = [...this.#byModule.values()].map(({ samples, client, cite, source }): Owner => {
      return {
        module: client.module,
        function: client.fn,
        by: client.by,
        samples,
        ofSamples: this.of,
        evidence: [context.evidence(source, cite)],
      };
    });
    return owners.sort((a, b) => b.samples - a.samples || (a.module < b.module ? -1 : 1));
  }
}

/** What is known of the drivers behind one routine: by its samples, and by the framework's own events, which are surer. */
interface Routine {
  readonly all: Clients;
  readonly called: Clients;
  longestUs: number;
  longest: Clients | null;
  longestCalled: Clients | null;
}

/** What one source shows. */
class SourceOwners {
  readonly routines = new Map<string, Routine>();

  constructor(readonly selection: RunSelection) {}

  routine(key: string): Routine {
    let routine = this.routines.get(key);
    if (routine === undefined) {
      routine = { all: new Clients(), called: new Clients(), longestUs: -1, longest: null, longestCalled: null };
      this.routines.set(key, routine);
    }
    return routine;
  }
}

class OwnersFold implements Fold<OwnersResult> {
  readonly #samples = new SampleRings();
  readonly #callbacks = new CallbackRings();
  #hasCallbacks = false;
  #hasStacks = false;
  readonly #sources = new Map<number, SourceOwners>();
  /** Samples of each source. */
  readonly #sampled = new Map<number, number>();

  constructor(private readonly options: DpcOptions) {}

  add(batch: Batch): void {
    if (isBatchOf(batch, sampledProfile)) {
      this.#sampled.set(batch.source, (this.#sampled.get(batch.source) ?? 0) + batch.n);
      this.#samples.keep(batch);
      for (let i = 0; i < batch.n && !this.#hasStacks; i++) this.#hasStacks = batch.cols.stack[i] >= 0;
    } else if (isBatchOf(batch, frameworkCallback)) {
      this.#hasCallbacks = true;
      this.#callbacks.keep(batch);
    } else if (isBatchOf(batch, dpcIsr)) this.#match(batch);
  }

  #match(batch: Runs): void {
    if (this.#sampled.size === 0 && !this.#hasCallbacks) return;
    const { cols, dicts, n } = batch;
    let state = this.#sources.get(batch.source);
    if (state === undefined) {
      state = new SourceOwners(new RunSelection(this.options));
      this.#sources.set(batch.source, state);
    }
    const from = this.options.range?.startUs ?? Number.NEGATIVE_INFINITY;
    const to = this.options.range?.endUs ?? Number.POSITIVE_INFINITY;
    const frameworks = dicts.module.values.map((module) =>
      frameworkOf(module) === null ? null : module.toLowerCase(),
    );
    for (let i = 0; i < n; i++) {
      const framework = cols.module[i] < 0 ? null : frameworks[cols.module[i]];
      if (framework === null) continue;
      if (cols.startUs[i] > to || cols.startUs[i] + cols.durationUs[i] < from) continue;
      if (state.selection.takes(batch, i)) this.#run(state, batch, i, framework);
    }
  }

  /** Counts the samples inside one run of a framework's routine. */
  #run(state: SourceOwners, batch: Runs, i: number, framework: string): void {
    const { cols, dicts } = batch;
    const routine = state.routine(`${dicts.kind.get(cols.kind[i])}|${dicts.routine.get(cols.routine[i])}`);
    const isIsr = dicts.kind.get(cols.kind[i]) === 'ISR';
    const startUs = cols.startUs[i];
    const durationUs = cols.durationUs[i];
    const isLongest = durationUs > routine.longestUs;
    if (isLongest) {
      routine.longestUs = durationUs;
      routine.longest = null;
      routine.longestCalled = null;
    }
    const wanted = isIsr ? ISR_CALLBACK : DPC_CALLBACK;
    this.#callbacks.within(batch.source, cols.cpu[i], startUs, startUs + durationUs, (callback) => {
      if (!wanted.test(callback.type ?? '')) return;
      routine.called.call(callback, batch.source);
      if (!isLongest) return;
      routine.longestCalled ??= new Clients();
      routine.longestCalled.call(callback, batch.source);
    });
    const address = cols.address[i];
    this.#samples.within(batch.source, cols.cpu[i], startUs, startUs + durationUs, (sample) => {
      routine.all.count(sample, framework, isIsr, address, batch.source);
      if (!isLongest) return;
      routine.longest ??= new Clients();
      routine.longest.count(sample, framework, isIsr, address, batch.source);
    });
  }

  /**
   * Of two exports of one capture only one is counted, but either may hold the samples: the other one is asked where the
   * counted ones show no driver behind a routine.
   */
  finish(context: Finish): { result: OwnersResult; findings: [] } {
    const merged = new Map<string, Routine>();
    const sources = [...this.#sources].sort(([a], [b]) => Number(context.counted(b)) - Number(context.counted(a)));
    for (const [source, { routines }] of sources) {
      for (const [key, routine] of routines) {
        const known = merged.get(key);
        if (known === undefined) merged.set(key, routine);
        else if (context.counted(source)) mergeInto(known, routine);
        else if (isBlank(known, context)) merged.set(key, routine);
      }
    }
    const owners = new Map<string, RoutineOwners>();
    for (const [key, { all, called, longest, longestCalled }] of merged) {
      const inLongest = surer(longestCalled, longest, context);
      owners.set(key, {
        all: surer(called, all, context),
        longest: longest === null && longestCalled === null ? null : inLongest,
      });
    }
    const counts = context.sources.map(({ about }, i) => (this.#sampled.get(i) ?? 0) + about.samplesLeftOut);
    return { result: { owners, samples: Math.max(0, ...counts), hasStacks: this.#hasStacks }, findings: [] };
  }
}

/** What the framework's events say; the samples where it says nothing. */
function surer(called: Clients | null, sampled: Clients | null, context: Finish): Owner[] {
  const named = called?.list(context) ?? [];
  return named.length > 0 ? named : (sampled?.list(context) ?? []);
}

const isBlank = ({ all, called }: Routine, context: Finish): boolean => surer(called, all, context).length === 0;

/** Adds what another capture shows of a routine; what fell into the longest run stays with the longer one. */
function mergeInto(known: Routine, more: Routine): void {
  known.all.merge(more.all);
  known.called.merge(more.called);
  if (more.longestUs <= known.longestUs) return;
  known.longestUs = more.longestUs;
  known.longest = more.longest;
  known.longestCalled = more.longestCalled;
}
