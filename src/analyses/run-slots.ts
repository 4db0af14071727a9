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
  readonly kind: string;
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
const KEYS = 4;
/** Whole durations below this are counted in place, others in a distribution of the slot's own. */
const SHORT_US = 64;
const FIRST_SLOTS = 256;

/** What runs of one slot have in common, and their sums. */
export class Slot {
  longest: Kept | null = null;
  /** Durations that are not counted in place. */
  others: Distribution | null = null;

  constructor(
    private readonly slots: RunSlots,
    private readonly index: number,
    readonly source: number,
    readonly kind: string,
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

  addDurationsTo(all: Distribution): void {
    const from = this.index * SHORT_US;
    const { short } = this.slots;
    for (let us = 0; us < SHORT_US; us++) if (short[from + us] > 0) all.add(us, short[from + us]);
    if (this.others !== null) all.merge(this.others);
  }
}

/** The slots of one source. */
export class RunSlots {
  readonly all: Slot[] = [];
  sums = new Float64Array(FIRST_SLOTS * SUMS);
  short = new Uint32Array(FIRST_SLOTS * SHORT_US);
  /** Type, vector and address of each slot. */
  #keys = new Int32Array(FIRST_SLOTS * KEYS);
  /** Index + 1 of the next slot of the same bucket; 0 where there is none. */
  #next = new Int32Array(FIRST_SLOTS);
  /** By routine and the vector's low bits: index + 1 of a slot. */
  #first = new Int32Array(FIRST_SLOTS);

  /** Index of the slot of run `i`; `words` are the addresses of the batch. */
  indexOf(batch: Runs, words: Int32Array, i: number): number {
    const { cols } = batch;
    const type = cols.type[i];
    const vector = cols.vector[i];
    const low = words[2 * i];
    const high = words[2 * i + 1];
    const bucket = cols.routine[i] * 8 + (vector & 7);
    const keys = this.#keys;
    if (bucket < this.#first.length) {
      for (let at = this.#first[bucket]; at > 0; at = this.#next[at - 1]) {
        const k = (at - 1) * KEYS;
        if (keys[k] === type && keys[k + 1] === vector && keys[k + 2] === low && keys[k + 3] === high) return at - 1;
      }
    }
    return this.#add(batch, i, bucket, [type, vector, low, high]);
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
    if (durationUs < SHORT_US && durationUs === durationUs >>> 0) this.short[index * SHORT_US + durationUs]++;
    else this.#countOther(index, durationUs);
    if (!(durationUs > sums[at + At.MaxUs])) return false;
    sums[at + At.MaxUs] = durationUs;
    return true;
  }

  #countOther(index: number, durationUs: number): void {
    const slot = this.all[index];
    slot.others ??= new Distribution();
    slot.others.add(durationUs);
  }

  #add(batch: Runs, i: number, bucket: number, key: readonly number[]): number {
    const { cols, dicts } = batch;
    const index = this.all.length;
    const address = cols.address[i];
    this.all.push(
      new Slot(
        this,
        index,
        batch.source,
        dicts.kind.get(cols.kind[i]) ?? 'DPC',
        dicts.type.get(cols.type[i]),
        cols.vector[i],
        dicts.module.get(cols.module[i]),
        dicts.routine.get(cols.routine[i]) ?? '',
        address === 0n ? null : address,
      ),
    );
    if (index === this.#next.length) this.#grow(index * 2);
    if (bucket >= this.#first.length) this.#first = copied(this.#first, new Int32Array(bucket * 2 + 1));
    this.#keys.set(key, index * KEYS);
    this.#next[index] = this.#first[bucket];
    this.#first[bucket] = index + 1;
    this.sums[index * SUMS + At.MaxUs] = -1;
    return index;
  }

  #grow(slots: number): void {
    this.sums = copied(this.sums, new Float64Array(slots * SUMS));
    this.short = copied(this.short, new Uint32Array(slots * SHORT_US));
    this.#keys = copied(this.#keys, new Int32Array(slots * KEYS));
    this.#next = copied(this.#next, new Int32Array(slots));
  }
}

function copied<A extends Float64Array | Int32Array | Uint32Array>(from: A, to: A): A {
  to.set(from);
  return to;
}
