/**
 * Sums over the runs of one routine, type and vector. They lie side by side in typed arrays: each run of a big trace
 * touches a few cache lines instead of a dozen objects.
 */
import { Distribution } from '../core/distribution.js';
import type { Cite } from '../core/table.js';
import type { Runs } from './dpc-runs.js';

/** One run kept in full. */
export interface Kept {
  readonly source: number;
  readonly kind: string | null;
  readonly type: string | null;
  readonly module: string | null;
  readonly routine: string;
  readonly address: bigint | null;
  readonly startUs: number;
  readonly durationUs: number;
  readonly exclusiveUs: number;
  readonly cpu: number | null;
  readonly cite: Cite;
}

/** Where each sum of a slot lies. */
enum At {
  InclusiveUs,
  ExclusiveUs,
  /** Exclusive time inside the range asked for. */
  ClippedUs,
  Over,
  MaxUs,
  Count,
}
const SUMS = 8;
const KEYS = 5;
/** Durations of fewer steps of the clock are counted in place, others in a distribution of the slot's own. */
const SHORT = 256;
const FIRST_SLOTS = 256;
/** Real traces have hundreds; made-up ones must not fill the memory. */
const MAX_SLOTS = 50_000;
/** Differs from run to run, so that no file can be made whose runs all fall into one bucket. */
const SEED = Math.floor(Math.random() * 0x7fffffff) | 1;

/** What runs of one slot have in common, and their sums. */
export class Slot {
  longest: Kept | null = null;
  /** Durations that are not counted in place. */
  others: Distribution | null = null;

  constructor(
    private readonly slots: RunSlots,
    private readonly index: number,
    readonly source: number,
    readonly kind: string | null,
    readonly type: string | null,
    readonly vector: number,
    readonly module: string | null,
    readonly routine: string,
    readonly address: bigint | null,
  ) {}

  get inclusiveUs(): number {
    return this.slots.sums[this.index * SUMS + At.InclusiveUs];
  }

  get exclusiveUs(): number {
    return this.slots.sums[this.index * SUMS + At.ExclusiveUs];
  }

  get clippedUs(): number {
    return this.slots.sums[this.index * SUMS + At.ClippedUs];
  }

  get over(): number {
    return this.slots.sums[this.index * SUMS + At.Over];
  }

  get maxUs(): number {
    return this.slots.sums[this.index * SUMS + At.MaxUs];
  }

  get count(): number {
    return this.slots.sums[this.index * SUMS + At.Count];
  }

  get perUs(): number {
    return this.slots.perUs;
  }

  addDurationsTo(all: Distribution): void {
    const from = this.index * SHORT;
    const { short, perUs } = this.slots;
    for (let step = 0; step < SHORT; step++) if (short[from + step] > 0) all.add(step / perUs, short[from + step]);
    if (this.others !== null) all.merge(this.others);
  }
}

/** The slots of one source. */
export class RunSlots {
  readonly all: Slot[] = [];
  sums = new Float64Array(FIRST_SLOTS * SUMS);
  short = new Uint32Array(FIRST_SLOTS * SHORT);
  /** Type, vector, address (two words) and routine of each slot. */
  #keys = new Int32Array(FIRST_SLOTS * KEYS);
  /** Index + 1 of the next slot of the same bucket; 0 where there is none. */
  #next = new Int32Array(FIRST_SLOTS);
  /** By hash: index + 1 of a slot. As many as there is room for slots. */
  #first = new Int32Array(FIRST_SLOTS);

  /** Durations are mostly multiples of 1 / `perUs` µs. */
  constructor(readonly perUs = 1) {}

  /** True where runs of further routines went into the last slot, under no module. */
  get isFull(): boolean {
    return this.all.length >= MAX_SLOTS;
  }

  /** Index of the slot of run `i`; `words` are the addresses of the batch. */
  indexOf(batch: Runs, words: Int32Array, i: number): number {
    const { cols } = batch;
    // Kind and type together: a type may be unknown where the kind is not.
    const type = (cols.type[i] + 1) * 4 + cols.kind[i] + 1;
    const vector = cols.vector[i];
    const low = words[2 * i];
    const high = words[2 * i + 1];
    const keys = this.#keys;
    const bucket = hashOf(cols.routine[i], type, vector, low) & (this.#first.length - 1);
    for (let at = this.#first[bucket]; at > 0; at = this.#next[at - 1]) {
      const k = (at - 1) * KEYS;
      if (
        keys[k] === type &&
        keys[k + 1] === vector &&
        keys[k + 2] === low &&
        keys[k + 3] === high &&
        keys[k + 4] === cols.routine[i]
      )
        return at - 1;
    }
    return this.#add(batch, i, [type, vector, low, high, cols.routine[i]]);
  }

  /** Adds a run; true where it is longer than all before. */
  count(index: number, durationUs: number, exclusiveUs: number, clippedUs: number, isOver: boolean): boolean {
    const { sums } = this;
    const at = index * SUMS;
    sums[at + At.InclusiveUs] += durationUs;
    sums[at + At.ExclusiveUs] += exclusiveUs;
    sums[at + At.ClippedUs] += clippedUs;
    sums[at + At.Count]++;
    if (isOver) sums[at + At.Over]++;
    const step = Math.round(durationUs * this.perUs);
    if (step < SHORT && step >= 0 && step / this.perUs === durationUs) this.short[index * SHORT + step]++;
    else this.#countOther(index, durationUs);
    if (!(durationUs > sums[at + At.MaxUs])) return false;
    sums[at + At.MaxUs] = durationUs;
    return true;
  }

  #countOther(index: number, durationUs: number): void {
    const slot = this.all[index];
    slot.others ??= new Distribution(this.perUs);
    slot.others.add(durationUs);
  }

  #add(batch: Runs, i: number, key: readonly number[]): number {
    const index = this.all.length;
    if (this.isFull) return MAX_SLOTS - 1;
    const { cols, dicts } = batch;
    const isLast = index === MAX_SLOTS - 1;
    const address = cols.address[i];
    this.all.push(
      new Slot(
        this,
        index,
        batch.source,
        dicts.kind.get(cols.kind[i]),
        dicts.type.get(cols.type[i]),
        cols.vector[i],
        isLast ? null : dicts.module.get(cols.module[i]),
        isLast ? '(other routines)' : (dicts.routine.get(cols.routine[i]) ?? ''),
        isLast || address === 0n ? null : address,
      ),
    );
    if (index === this.#next.length) this.#grow(index * 2);
    this.#keys.set(key, index * KEYS);
    this.#chain(index);
    this.sums[index * SUMS + At.MaxUs] = -1;
    return index;
  }

  /** Puts a slot into the bucket of its key. */
  #chain(index: number): void {
    const k = index * KEYS;
    const keys = this.#keys;
    const bucket = hashOf(keys[k + 4], keys[k], keys[k + 1], keys[k + 2]) & (this.#first.length - 1);
    this.#next[index] = this.#first[bucket];
    this.#first[bucket] = index + 1;
  }

  #grow(slots: number): void {
    this.sums = copied(this.sums, new Float64Array(slots * SUMS));
    this.short = copied(this.short, new Uint32Array(slots * SHORT));
    this.#keys = copied(this.#keys, new Int32Array(slots * KEYS));
    this.#next = new Int32Array(slots);
    this.#first = new Int32Array(slots);
    for (let index = 0; index < this.all.length - 1; index++) this.#chain(index);
  }
}

function hashOf(routine: number, type: number, vector: number, low: number): number {
  let hash = Math.imul(routine ^ SEED, 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 15) ^ low, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13) ^ vector, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 16) ^ type, 0x27d4eb2f);
  return hash ^ (hash >>> 15);
}

function copied<A extends Float64Array | Int32Array | Uint32Array>(from: A, to: A): A {
  to.set(from);
  return to;
}
