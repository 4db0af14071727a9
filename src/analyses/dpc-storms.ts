/** Processors that spent much of a second in DPCs and ISRs, and whose they were. */
import type { Analysis, Finish, Fold } from '../core/analysis.js';
import type { Evidence, Finding, Level } from '../core/evidence.js';
import { type Batch, type Cite, isBatchOf } from '../core/table.js';
import type { DpcSetup } from './dpc-options.js';
import type { DpcResult, Storm } from './dpc-result.js';
import { dpcIsr, type Runs } from './dpc-runs.js';

/** Seconds are looked at in steps of a quarter: a storm cannot hide across the border of two. */
const STEP_US = 250_000;
const STEPS = 4;
/** A second over 5 % holds a step over 5 %: the run that takes a step over that, and over each doubling, is quoted. */
const QUOTED_US = (STEP_US * 5) / 100;
/** Steps kept open for runs that end late: 32 s of them, more than the DPC watchdog lets a run take. */
const RING = 128;
/** Keys below this have their place in an array; traces with more modules are few. */
const MAX_DENSE = 512;
/** Keys from here on stand for routines whose module the source does not name: it is looked up at the end. */
const ROUTINE_KEYS = 2 ** 40;
export const STORM_PERCENT = [5, 10, 20] as const;
const SECOND_US = STEP_US * STEPS;

export const dpcStorms: Analysis<DpcSetup, Pick<DpcResult, 'storms'>> = {
  name: 'dpc-storms',
  reads: [dpcIsr],
  start: (options) => new StormsFold(options),
};

/** One quarter of a second on one CPU. */
class Step {
  us = 0;
  /** Time by module and kind: key = module id × 2 + (1 for ISR), or the routine's id likewise, from `ROUTINE_KEYS` on. */
  #byKey = new Float64Array(0);
  /** The same for keys too large for that. */
  readonly #others = new Map<number, number>();
  /** The run that took the step over a limit last, and how much of the step that was; quoting every run would cost. */
  quotedUs = 0;
  quoted: Cite | null = null;

  add(key: number, us: number): void {
    this.us += us;
    if (key < this.#byKey.length) this.#byKey[key] += us;
    else this.#addOther(key, us);
  }

  #addOther(key: number, us: number): void {
    if (key >= MAX_DENSE) {
      this.#others.set(key, (this.#others.get(key) ?? 0) + us);
      return;
    }
    const larger = new Float64Array(2 ** Math.ceil(Math.log2(key + 1)));
    larger.set(this.#byKey);
    this.#byKey = larger;
    larger[key] += us;
  }

  /** Time by key, added to `sums`. */
  addTo(sums: Map<number, number>): void {
    const add = (us: number, key: number): void => {
      if (us > 0) sums.set(key, (sums.get(key) ?? 0) + us);
    };
    this.#byKey.forEach(add);
    this.#others.forEach(add);
  }

  clear(): void {
    this.us = 0;
    this.#byKey.fill(0);
    if (this.#others.size > 0) this.#others.clear();
    this.quotedUs = 0;
    this.quoted = null;
  }
}

interface Worst {
  readonly step: number;
  readonly us: number;
  readonly byModule: Map<number, number>;
  readonly cite: Cite;
  readonly isDoubtful: boolean;
}

class Cpu {
  readonly #ring: (Step | undefined)[] = new Array(RING).fill(undefined);
  /** First step that is still open. */
  open = Number.NaN;
  worst: Worst | null = null;
  readonly over = [0, 0, 0];

  /** The step `index`, closing those that have become too old; null where it is too old itself. */
  step(index: number): Step | null {
    if (Number.isNaN(this.open)) this.open = Math.max(0, index - STEPS);
    if (index < this.open) return null;
    if (index >= this.open + RING) this.#close(index - RING + 1);
    const place = index % RING;
    const step = this.#ring[place] ?? new Step();
    this.#ring[place] = step;
    return step;
  }

  #close(until: number): void {
    // A gap longer than the ring: all that is in it closes, the rest of the gap is empty.
    const stop = Math.min(until, this.open + RING);
    for (; this.open < stop; this.open++) {
      this.#judge(this.open);
      this.#ring[this.open % RING]?.clear();
    }
    this.open = until;
  }

  finish(): void {
    if (!Number.isNaN(this.open)) this.#close(this.open + RING);
  }

  /** Looks at the second that begins with step `first`; the steps after it are still in the ring. */
  #judge(first: number): void {
    let us = 0;
    let isDoubtful = false;
    for (let k = 0; k < STEPS; k++) {
      const step = this.#ring[(first + k) % RING]?.us ?? 0;
      // More than there is time for: runs overlap that cannot, and what they add up to means nothing.
      if (step > STEP_US * 1.01) isDoubtful = true;
      us += Math.min(step, STEP_US);
    }
    const percent = (100 * us) / SECOND_US;
    STORM_PERCENT.forEach((limit, i) => {
      if (percent > limit) this.over[i]++;
    });
    if (percent <= STORM_PERCENT[0] || us <= (this.worst?.us ?? 0)) return;
    const steps = Array.from({ length: STEPS }, (_, k) => this.#ring[(first + k) % RING]).filter(
      (s) => s !== undefined,
    );
    const byModule = new Map<number, number>();
    for (const step of steps) step.addTo(byModule);
    const { quoted } = steps.reduce((a, b) => (b.quotedUs > a.quotedUs ? b : a));
    if (quoted !== null) this.worst = { step: first, us, byModule, cite: quoted, isDoubtful };
  }
}

/** What has come from one source. */
interface SourceStorms {
  readonly cpus: (Cpu | undefined)[];
  readonly dicts: Runs['dicts'];
  /** Image that covers a routine printed as an address. */
  moduleAt(routine: string): string | null;
}

class StormsFold implements Fold<Pick<DpcResult, 'storms'>> {
  readonly #sources = new Map<number, SourceStorms>();

  constructor(private readonly options: DpcSetup) {}

  add(batch: Batch): void {
    if (!isBatchOf(batch, dpcIsr)) return;
    const state = this.#sources.get(batch.source) ?? this.#source(batch);
    const { cols, n } = batch;
    const { exclusive } = this.options;
    const isIsr = batch.dicts.kind.values.map((kind) => (kind === 'ISR' ? 1 : 0));
    for (let i = 0; i < n; i++) {
      const number = cols.cpu[i];
      if (number < 0 || (this.options.cpus !== null && !this.options.cpus.has(number))) continue;
      const cpu = state.cpus[number] ?? new Cpu();
      state.cpus[number] = cpu;
      this.#spread(cpu, batch, i, exclusive.us[i], isIsr[cols.kind[i]] ?? 0);
    }
  }

  #source(batch: Runs): SourceStorms {
    const images = this.options.images.of(batch.source);
    const state: SourceStorms = { cpus: [], dicts: batch.dicts, moduleAt: (routine) => images.module(routine) };
    this.#sources.set(batch.source, state);
    return state;
  }

  /** Lays a run's own time over the steps that it touches, evenly: where its interruptions lay is not kept. */
  #spread(cpu: Cpu, batch: Runs, i: number, exclusiveUs: number, isr: 0 | 1): void {
    const { range } = this.options;
    const runStart = batch.cols.startUs[i];
    const durationUs = batch.cols.durationUs[i];
    const start = Math.max(runStart, range?.startUs ?? 0, 0);
    const end = Math.min(runStart + durationUs, range?.endUs ?? Number.POSITIVE_INFINITY);
    if (!(end >= start) || durationUs === 0) return;
    const last = Math.floor(end / STEP_US);
    const share = exclusiveUs / durationUs;
    const { module, routine } = batch.cols;
    const key = (module[i] >= 0 ? module[i] * 2 : ROUTINE_KEYS + routine[i] * 2) + isr;
    for (let index = Math.max(Math.floor(start / STEP_US), last - RING + 1); index <= last; index++) {
      const step = cpu.step(index);
      if (step === null) continue;
      const us = (Math.min(end, (index + 1) * STEP_US) - Math.max(start, index * STEP_US)) * share;
      step.add(key, us);
      if (step.us >= QUOTED_US && step.us >= 2 * step.quotedUs) {
        step.quotedUs = step.us;
        step.quoted = batch.cite(i);
      }
    }
  }

  finish(context: Finish): { result: Pick<DpcResult, 'storms'>; findings: Finding[] } {
    const storms: Storm[] = [];
    for (const [source, state] of this.#sources) {
      if (!context.counted(source)) continue;
      state.cpus.forEach((cpu, number) => {
        cpu?.finish();
        if (cpu?.worst) storms.push(storm(number, cpu, cpu.worst, state, context.evidence(source, cpu.worst.cite)));
      });
    }
    storms.sort((a, b) => b.percentOfCpu - a.percentOfCpu || a.cpu - b.cpu);
    return { result: { storms }, findings: storms.map((s) => stormFinding(s)) };
  }
}

/** Time by kind and module, most first. */
function modulesOf(worst: Worst, { dicts, moduleAt }: SourceStorms): Storm['modules'] {
  const sums = new Map<string, { kind: string; module: string | null; us: number }>();
  for (const [key, us] of worst.byModule) {
    const kind = key % 2 === 1 ? 'ISR' : 'DPC';
    const id = Math.floor((key < ROUTINE_KEYS ? key : key - ROUTINE_KEYS) / 2);
    const module = key < ROUTINE_KEYS ? dicts.module.get(id) : moduleAt(dicts.routine.get(id) ?? '');
    const sum = sums.get(`${kind} ${module}`);
    if (sum === undefined) sums.set(`${kind} ${module}`, { kind, module, us });
    else sum.us += us;
  }
  return [...sums.values()]
    .sort((a, b) => b.us - a.us)
    .slice(0, 5)
    .map(({ us, ...rest }) => ({ ...rest, us: Math.round(us) }));
}

function storm(cpu: number, state: Cpu, worst: Worst, source: SourceStorms, evidence: Evidence): Storm {
  return {
    cpu,
    startUs: worst.step * STEP_US,
    percentOfCpu: (100 * worst.us) / SECOND_US,
    steps: { over5: state.over[0], over10: state.over[1], over20: state.over[2] },
    modules: modulesOf(worst, source),
    doubtful: worst.isDoubtful,
    evidence: [evidence],
  };
}

/** What there is to say of a storm; `lengthUs` is that of the interval in which it is worst. */
export function stormFinding(storm: Storm, lengthUs = SECOND_US): Finding {
  const limit = storm.percentOfCpu > 20 ? 20 : storm.percentOfCpu > 10 ? 10 : 5;
  const level: Level = storm.doubtful ? 'note' : limit === 20 ? 'error' : limit === 10 ? 'warning' : 'note';
  const doubt = storm.doubtful ? ' Its runs overlap, so their times are doubtful and so is this.' : '';
  const who = storm.modules
    .slice(0, 2)
    .map((m) => `${m.module ?? 'an unresolved module'} ${m.kind} ${(m.us / 1000).toFixed(1)} ms`)
    .join(', ');
  const span = lengthUs === SECOND_US ? 'second' : `${lengthUs / 1e6} s`;
  return {
    rule: 'dpc-storm',
    level,
    message:
      `CPU ${storm.cpu} spent ${storm.percentOfCpu.toFixed(1)} % of the ${span} from ${(storm.startUs / 1e6).toFixed(2)} s ` +
      `in DPCs and ISRs (over ${limit} %)${who === '' ? '' : `: ${who}`}.${doubt}`,
    confidence: storm.doubtful ? 'low' : 'high',
    evidence: storm.evidence,
    against: [],
    next: [`tracekit dpc … --range ${storm.startUs / 1e6}s +1s --cpu ${storm.cpu}`],
  };
}
