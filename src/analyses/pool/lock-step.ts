/** Tags that grow together: one object is often made of several allocations. */
import type { PoolGroup } from './result.js';
import { SLOT_BINS } from './time-bins.js';

/** A tag that grows: how many blocks that are still out were made in each part of the time. */
export interface Growing {
  readonly tag: string;
  readonly paged: boolean | null;
  readonly count: number;
  readonly out: Float64Array;
  /** Slots of the tag, by which the times of its blocks are asked for. */
  readonly slots?: readonly number[];
}

/** Times of blocks that are out, sorted, of each set of slots. */
export type TimesOf = (sets: readonly (readonly number[])[]) => readonly Float64Array[];

/** Tags compared with each other. */
const MAX_TAGS = 200;
/** How far a ratio may be from one of small numbers. */
const TOLERANCE = 0.04;
const MAX_PART = 8;
/** Of the variance that two independent counts would show against each other. */
const MAX_RESIDUAL = 0.25;
const MIN_COUNT = 12;
/** Parts of one object are allocated one after the other: within so much of the mean gap, for so many of the objects. */
const NEAR = 0.02;
const TOGETHER = 0.8;
/** Standard deviations by which the residual must be below that of independent counts, be the parts few: some 1 in 100,000 pairs. */
const BELOW = 4.26;

/**
 * Groups of tags whose numbers of blocks keep a ratio of small numbers in each part of the time, largest first; where times of single
 * blocks are known, the blocks must come together, too: leaks that are driven by one clock grow alike and are no one object.
 */
export function lockStep(growing: readonly Growing[], timesOf: TimesOf | null = null): PoolGroup[] {
  const largest = growing.filter(({ count }) => count >= MIN_COUNT).sort((a, b) => b.count - a.count);
  const left = largest.slice(0, MAX_TAGS).reverse();
  const groups: PoolGroup[] = [];
  while (left.length > 0) {
    const base = left.shift() as Growing;
    const members: Member[] = [{ tag: base, ratio: 1 }];
    for (let i = left.length - 1; i >= 0; i--) {
      const ratio = ratioOf(base, left[i]);
      if (ratio === null) continue;
      members.push({ tag: left[i], ratio });
      left.splice(i, 1);
    }
    const together = timesOf === null || members.length === 1 ? members : inTime(members, timesOf);
    left.push(...members.map(({ tag }) => tag).filter((tag) => !together.some((member) => member.tag === tag)));
    left.sort(byCount);
    if (together.length > 1) groups.push(groupOf(together));
  }
  return groups.sort((a, b) => b.counts.reduce((s, n) => s + n, 0) - a.counts.reduce((s, n) => s + n, 0));
}

const byCount = (a: Growing, b: Growing): number => a.count - b.count;

interface Member {
  readonly tag: Growing;
  readonly ratio: number;
}

/** The base, and those members whose blocks come when the base's do. */
function inTime([base, ...others]: readonly Member[], timesOf: TimesOf): Member[] {
  const [of, ...times] = timesOf([base, ...others].map(({ tag }) => tag.slots ?? []));
  return [base, ...others.filter((_, i) => comeTogether(of, times[i]))];
}

/** True where most times of one have one of the other's nearby. */
function comeTogether(base: Float64Array, other: Float64Array): boolean {
  if (base.length < 2 || other.length === 0) return false;
  const near = (NEAR * (base[base.length - 1] - base[0])) / Math.max(base.length, other.length);
  let count = 0;
  let from = 0;
  for (const at of base) {
    while (from < other.length && other[from] < at - near) from++;
    if (from < other.length && other[from] <= at + near) count++;
  }
  return count >= TOGETHER * base.length;
}

function groupOf(members: readonly Member[]): PoolGroup {
  const denominator = [1, 2, 3, 4, 5, 6, 7, 8].find((d) =>
    members.every(({ ratio }) => Math.abs(ratio * d - Math.round(ratio * d)) < TOLERANCE * d),
  );
  const ordered = [...members].sort((a, b) => a.ratio - b.ratio || (a.tag.tag < b.tag.tag ? -1 : 1));
  return {
    tags: ordered.map(({ tag }) => tag.tag),
    paged: ordered.map(({ tag }) => tag.paged),
    ratio: ordered.map(({ ratio }) => Math.round(ratio * (denominator ?? 1))),
    counts: ordered.map(({ tag }) => tag.count),
  };
}

/** How many blocks of `other` there are for one of `base`; null where they do not grow in lock-step. */
function ratioOf(base: Growing, other: Growing): number | null {
  const ratio = other.count / base.count;
  const simple = simpleRatio(ratio);
  if (simple === null) return null;
  let residual = 0;
  let expected = 0;
  let parts = 0;
  for (let i = 0; i < SLOT_BINS; i++) {
    if (other.out[i] > 0 || base.out[i] > 0) parts++;
    residual += (other.out[i] - simple * base.out[i]) ** 2;
    expected += other.out[i] + simple * simple * base.out[i];
  }
  return expected > 0 && residual / expected < Math.min(MAX_RESIDUAL, belowChance(parts)) ? simple : null;
}

/** What the residual of independent counts in so many parts is above but for chance: chi-square by Wilson & Hilferty (1931). */
function belowChance(parts: number): number {
  const ninth = 2 / (9 * Math.max(1, parts));
  return Math.max(0, 1 - ninth - BELOW * Math.sqrt(ninth)) ** 3;
}

function simpleRatio(ratio: number): number | null {
  for (let q = 1; q <= 3; q++) {
    const p = Math.round(ratio * q);
    if (p >= 1 && p <= MAX_PART * q && Math.abs(ratio - p / q) <= TOLERANCE * ratio) return p / q;
  }
  return null;
}
