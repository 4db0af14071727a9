/** The latest samples of each processor, until the run that they fell into has ended. */
import type { Batch, Cite } from '../core/table.js';
import type { sampledProfile } from '../tables/sampled-profile.js';

type Samples = Batch<typeof sampledProfile>;

/** Samples kept for each CPU: a run of 16 s at the usual 1 kHz. */
const MAX_SAMPLES = 16_384;
const FIRST = 256;

/** One sample, as it is asked for. */
export interface Sample {
  readonly module: string | null;
  readonly routine: string | null;
  /** Frames, innermost first, joined by `;`. */
  readonly stack: string | null;
  /** To be asked while the batch is there that the sample's run came in. */
  readonly cite: () => Cite;
}

/** Samples of one processor of one source, in typed arrays: most are never asked for. */
class Ring {
  n = 0;
  atUs = new Float64Array(FIRST);
  #modules = new Int32Array(FIRST);
  #routines = new Int32Array(FIRST);
  #stacks = new Int32Array(FIRST);
  #lines = new Float64Array(FIRST);
  #bytes = new Float64Array(FIRST);
  /** Text of the samples' lines; sources without lines are asked when it is needed. */
  #texts: (string | null)[] = [];
  #batch: Samples;

  constructor(batch: Samples) {
    this.#batch = batch;
  }

  keep(batch: Samples, i: number): void {
    if (this.n === MAX_SAMPLES) this.#forget(MAX_SAMPLES / 2);
    else if (this.n === this.atUs.length) this.#grow();
    const { cols } = batch;
    const { n } = this;
    this.#batch = batch;
    this.atUs[n] = cols.atUs[i];
    this.#modules[n] = cols.module[i];
    this.#routines[n] = cols.routine[i];
    this.#stacks[n] = cols.stack[i];
    this.#lines[n] = cols.line[i];
    this.#bytes[n] = cols.byte[i];
    if (!Number.isNaN(cols.line[i])) this.#texts[n] = batch.quote(i);
    this.n++;
  }

  sample(k: number): Sample {
    const { dicts } = this.#batch;
    const [line, byte] = [this.#lines[k], this.#bytes[k]];
    return {
      module: dicts.module.get(this.#modules[k]),
      routine: dicts.routine.get(this.#routines[k]),
      stack: dicts.stack.get(this.#stacks[k]),
      cite: () => ({
        line: Number.isNaN(line) ? null : line,
        byte: Number.isNaN(byte) ? null : byte,
        text: this.#texts[k] ?? this.#batch.quoteAt(byte, line),
      }),
    };
  }

  /** Index of the first sample at or after `us`; samples are in time order. */
  firstAt(us: number): number {
    let low = 0;
    let high = this.n;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.atUs[middle] < us) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #forget(count: number): void {
    for (const column of [this.atUs, this.#modules, this.#routines, this.#stacks, this.#lines, this.#bytes])
      column.copyWithin(0, count, this.n);
    this.#texts = this.#texts.slice(count);
    this.n -= count;
  }

  #grow(): void {
    const longer = <A extends Float64Array | Int32Array>(from: A, to: A): A => {
      to.set(from);
      return to;
    };
    const length = this.n * 2;
    this.atUs = longer(this.atUs, new Float64Array(length));
    this.#modules = longer(this.#modules, new Int32Array(length));
    this.#routines = longer(this.#routines, new Int32Array(length));
    this.#stacks = longer(this.#stacks, new Int32Array(length));
    this.#lines = longer(this.#lines, new Float64Array(length));
    this.#bytes = longer(this.#bytes, new Float64Array(length));
  }
}

/** The rings of all sources and processors. */
export class SampleRings {
  readonly #bySource = new Map<number, Map<number, Ring>>();

  keep(batch: Samples): void {
    let rings = this.#bySource.get(batch.source);
    if (rings === undefined) {
      rings = new Map();
      this.#bySource.set(batch.source, rings);
    }
    let ring: Ring | undefined;
    let ringCpu = Number.NaN;
    for (let i = 0; i < batch.n; i++) {
      const cpu = batch.cols.cpu[i];
      if (ring === undefined || cpu !== ringCpu) {
        ring = rings.get(cpu) ?? new Ring(batch);
        rings.set(cpu, ring);
        ringCpu = cpu;
      }
      ring.keep(batch, i);
    }
  }

  /** Calls `each` for every sample of a processor from `startUs` to `endUs`. */
  within(source: number, cpu: number, startUs: number, endUs: number, each: (sample: Sample) => void): void {
    const ring = this.#bySource.get(source)?.get(cpu);
    if (ring === undefined) return;
    for (let k = ring.firstAt(startUs); k < ring.n && ring.atUs[k] <= endUs; k++) each(ring.sample(k));
  }
}
