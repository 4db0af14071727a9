/** Slots added up: what a tag, a stack or any other group of allocations comes to. */
import { LIVES, type Slots, Sum } from './slots.js';
import { SLOT_BINS } from './time-bins.js';

export interface Sums {
  readonly slots: readonly number[];
  /** Allocated in the range. */
  readonly allocCount: number;
  readonly allocBytes: number;
  /** Allocated and freed in the range (AIFI). */
  readonly freedCount: number;
  readonly freedBytes: number;
  /** Allocated in the range, and still out at its end (AIFO). */
  readonly outCount: number;
  readonly outBytes: number;
  /** Of those out, freed after the range. */
  readonly laterCount: number;
  /** Allocated before the range and freed in it (AOFI). */
  readonly beforeFreedCount: number;
  readonly beforeFreedBytes: number;
  /** Allocated before the range and not freed in it (AOFO), as far as the trace shows them. */
  readonly beforeCount: number;
  readonly beforeBytes: number;
  readonly twiceCount: number;
  readonly lifeSumUs: number;
  readonly lifeMaxUs: number;
  readonly lives: Float64Array;
  /** By part of the time: growth of bytes; allocations never freed, after the range neither, when they were made; frees of blocks from before. */
  readonly growth: Float64Array;
  readonly out: Float64Array;
  readonly freedBefore: Float64Array;
}

export function sumOf(slots: Slots, members: readonly number[]): Sums {
  const total = (sum: Sum): number => members.reduce((all, slot) => all + slots.sum(slot, sum), 0);
  const lives = new Float64Array(LIVES);
  const growth = new Float64Array(SLOT_BINS);
  const out = new Float64Array(SLOT_BINS);
  const freedBefore = new Float64Array(SLOT_BINS);
  for (const slot of members) {
    slots.lives(slot).forEach((count, i) => {
      lives[i] += count;
    });
    addTo(growth, slots.growth.of(slot));
    addTo(out, slots.out.of(slot));
    addTo(freedBefore, slots.freedBefore(slot));
  }
  const [allocCount, freedCount, goneCount] = [Sum.AllocCount, Sum.FreedCount, Sum.GoneCount].map(total);
  const [allocBytes, freedBytes, goneBytes] = [Sum.AllocBytes, Sum.FreedBytes, Sum.GoneBytes].map(total);
  return {
    slots: members,
    allocCount,
    allocBytes,
    freedCount,
    freedBytes,
    outCount: allocCount - freedCount - goneCount,
    outBytes: allocBytes - freedBytes - goneBytes,
    laterCount: total(Sum.LaterCount),
    beforeFreedCount: total(Sum.BeforeFreedCount),
    beforeFreedBytes: total(Sum.BeforeFreedBytes),
    beforeCount: total(Sum.BeforeCount),
    beforeBytes: total(Sum.BeforeBytes),
    twiceCount: total(Sum.TwiceCount),
    lifeSumUs: total(Sum.LifeSumUs),
    lifeMaxUs: members.reduce((most, slot) => Math.max(most, slots.sum(slot, Sum.LifeMaxUs)), 0),
    lives,
    growth,
    out,
    freedBefore,
  };
}

export function addTo(target: Float64Array, values: Float64Array | null): void {
  if (values === null) return;
  for (let i = 0; i < target.length; i++) target[i] += values[i];
}

/** Upper bound of the time within which a share of the blocks was freed: a power of two of µs, or the longest; null where none was. */
export function lifetimeUs({ lives, lifeMaxUs }: Pick<Sums, 'lives' | 'lifeMaxUs'>, share: number): number | null {
  const total = lives.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let seen = 0;
  for (let i = 0; i < lives.length; i++) {
    seen += lives[i];
    if (seen >= share * total) return Math.min(2 ** i, lifeMaxUs);
  }
  return lifeMaxUs;
}

/** Blocks that were freed after more than 2^power µs. */
export function livedOver({ lives }: Pick<Sums, 'lives'>, power: number): number {
  let count = 0;
  for (let i = power + 1; i < lives.length; i++) count += lives[i];
  return count;
}
