/** What a trace of allocations and frees says: totals, tags, stacks, course. */
import type { Finish } from '../../core/analysis.js';
import type { Evidence } from '../../core/evidence.js';
import { type Allocator, allocatorOf, driverOf, requesterOf } from './attribution.js';
import { bareFrame, frameText, type KnownFrame } from './frames.js';
import { type Growing, lockStep } from './lock-step.js';
import { hasLosses, lacksFrees } from './missing-frees.js';
import type { FrameNames } from './named-frames.js';
import { asksForAll, type PoolOptions } from './options.js';
import { type Outstanding, Whole } from './outstanding.js';
import type { FreedBy, Lifetimes, PoolGroup, PoolPeak, PoolStack, PoolTag, PoolTimeline, PoolTotal } from './result.js';
import type { Slots } from './slots.js';
import { lifetimeUs, type Sums } from './sums.js';
import { BINS, SLOT_BINS } from './time-bins.js';
import { added, groupsOf, processName, type StackGroup, type TagGroup } from './trace-groups.js';
import { type Slope, theilSen } from './trend.js';
import { type Case, type Judgement, judge } from './verdict.js';

/** A tag and its stacks, with all that findings need beside the result. */
export interface JudgedTag {
  readonly group: TagGroup;
  readonly judgement: Judgement;
  readonly result: PoolTag;
  readonly stacks: readonly JudgedStack[];
}

/** A stack that was judged. What results show of it is made when it is asked for: of a big trace most stacks are not. */
export interface JudgedStack {
  readonly group: StackGroup;
  readonly judgement: Judgement;
  /** What is out for as long as was asked for. */
  readonly out: { readonly count: number; readonly bytes: number };
  readonly allocator: Allocator | null;
  readonly result: PoolStack;
}

export interface TraceAnswer {
  readonly source: number;
  readonly startUs: number;
  readonly endUs: number;
  readonly totals: readonly PoolTotal[];
  readonly tags: readonly JudgedTag[];
  readonly groups: readonly PoolGroup[];
  readonly timeline: PoolTimeline | null;
  readonly peaks: readonly PoolPeak[];
  /** Growth of each pool, bytes a second. */
  readonly growth: ReadonlyMap<boolean, Slope>;
}

interface Place {
  readonly atUs: number;
  readonly bytes: number;
  readonly place: number;
  readonly address: string;
}

/** Stacks whose slope is worked out. */
const MAX_SLOPES = 1000;
const MAX_FREED_BY = 8;
const MAX_EVIDENCE = 3;

export class TraceAnswers {
  readonly #slots: Slots;
  readonly #startUs: number;
  readonly #endUs: number;
  readonly #binUs: number;
  readonly #isLossy: boolean;
  readonly #freedBy: ReadonlyMap<number, ReadonlyMap<number, number>>;
  #slopes = 0;
  /** The first block of each slot that is out; made when a slot has no allocation that was kept in full. */
  #places: Map<number, Place> | null = null;

  constructor(
    private readonly trace: Outstanding,
    private readonly options: PoolOptions,
    private readonly source: number,
    private readonly context: Finish,
    /** Functions that a debugger log of the same boot knows; null where there is none. */
    private readonly names: FrameNames | null,
  ) {
    this.#slots = trace.slots as Slots;
    const { about } = context.sources[source];
    const { range } = options;
    const lastUs = trace.endOf(about);
    this.#startUs = trace.startUs;
    this.#endUs = range === null ? lastUs : Math.min(range.endUs, lastUs);
    this.#binUs = (trace.bins?.widthUs ?? 1) * (BINS / SLOT_BINS);
    this.#isLossy = hasLosses(about) || about.truncated || lacksFrees(trace, options) !== null;
    this.#freedBy = freesBySlot(trace);
    if (options.minAgeUs > 0) this.#findYoung();
  }

  answer(): TraceAnswer {
    const groups = groupsOf(this.trace, this.options);
    const tags = groups.map((group) => this.#tag(group));
    return {
      source: this.source,
      startUs: this.#startUs,
      endUs: this.#endUs,
      totals: this.#totals(groups),
      tags,
      groups: lockStep(tags.flatMap(growing), this.trace.paired > 0 ? null : (members) => this.#timesOf(members)),
      timeline: asksForAll(this.options) ? this.#timeline() : null,
      peaks: this.#peaks(),
      growth: this.#growth(),
    };
  }

  /** When the blocks were allocated that are out, by slots, in the order of time. */
  #timesOf(members: readonly (readonly number[])[]): Float64Array[] {
    const setOf = new Map(members.flatMap((slots, i) => slots.map((slot) => [slot, i] as const)));
    const times = members.map((): number[] => []);
    this.trace.blocks.each((_low, _high, atUs, _bytes, slot) => {
      const i = setOf.get(slot);
      if (i !== undefined && atUs >= this.#startUs && atUs <= this.#endUs) times[i].push(atUs);
    });
    return times.map((list) => Float64Array.from(list).sort());
  }

  #findYoung(): void {
    this.trace.blocks.each((_low, _high, atUs, bytes, slot) => {
      if (atUs < this.#startUs || this.#endUs - atUs >= this.options.minAgeUs) return;
      this.trace.young.add(slot, bytes);
    });
  }

  /** What is out for as long as was asked for. */
  #out(sums: Sums): { count: number; bytes: number } {
    let { outCount: count, outBytes: bytes } = sums;
    for (const slot of this.options.minAgeUs > 0 ? sums.slots : []) {
      const young = this.trace.young.of(slot);
      count -= young.count;
      bytes -= young.bytes;
    }
    return { count, bytes };
  }

  #tag(group: TagGroup): JudgedTag {
    const { sums, tag, paged } = group;
    const own = this.#judge(sums, null, {
      beforeFreed: group.freedBefore.reduce((all, count) => all + count, 0),
      freedBefore: group.freedBefore,
      ownsFreed: true,
    });
    const judged = group.stacks.map((stack) => this.#stack(group, stack, own));
    const judgement = withStacks(own, judged);
    const slope = this.#slope(sums);
    const out = this.#out(sums);
    const driver = largestDriver(judged);
    const result: PoolTag = {
      tag,
      paged,
      driver: driver?.driver ?? null,
      driverFrom: driver === null ? null : 'stacks',
      driverPercent: driver?.percent ?? null,
      description: null,
      aifiCount: sums.freedCount,
      aifiBytes: sums.freedBytes,
      aifoCount: out.count,
      aifoBytes: out.bytes,
      aofiCount: sums.beforeFreedCount,
      aofiBytes: sums.beforeFreedBytes,
      frees: sums.freedCount + sums.beforeFreedCount,
      ...growthOf(slope, judgement),
      snapshotBytes: null,
      snapshotCount: null,
      lifetimes: lifetimesOf(sums),
      neverFreedPercent: sums.allocCount === 0 ? null : (100 * sums.outCount) / sums.allocCount,
      doubleFrees: sums.twiceCount,
      evidence: this.#evidence(sums),
    };
    return { group, judgement, result, stacks: judged };
  }

  #stack(tag: TagGroup, group: StackGroup, ofTag: Judgement): JudgedStack {
    const { sums } = group;
    // A free of a block from before does not say which stack made it: each gets its share, and to be sure of a leak, all.
    const share = tag.sums.outCount === 0 ? 0 : Math.max(0, sums.outCount) / tag.sums.outCount;
    const unknown = tag.freedUnknown.reduce((all, count) => all + count, 0);
    const judgement = this.#judge(sums, tag.sums, {
      beforeFreed: sums.beforeFreedCount + unknown * share,
      freedBefore: added(sums.freedBefore, tag.freedUnknown),
      ownsFreed: ofTag.verdict !== 'leak' && ofTag.verdict !== 'growing',
    });
    const allocator = once(() => allocatorOf(this.#frames(group.stack)));
    const result = once(() => this.#stackResult(tag, group, judgement));
    const out = this.#out(sums);
    return {
      group,
      judgement,
      out,
      get allocator() {
        return allocator();
      },
      get result() {
        return result();
      },
    };
  }

  #frames(stack: number): readonly KnownFrame[] {
    const frames = this.trace.stacks.frames(stack);
    return this.names === null ? frames : this.names.named(frames);
  }

  #stackResult(tag: TagGroup, group: StackGroup, judgement: Judgement): PoolStack {
    const { sums } = group;
    const frames = this.#frames(group.stack);
    const processes = this.#processes(sums);
    const [main] = processes;
    const out = this.#out(sums);
    const freedBy = this.#freesOf(sums.slots);
    return {
      tag: tag.tag,
      paged: tag.paged,
      from: 'trace',
      count: out.count,
      bytes: out.bytes,
      allocCount: sums.allocCount,
      allocBytes: sums.allocBytes,
      freedCount: sums.freedCount,
      freedLater: sums.laterCount,
      frames: frames.map(bareFrame),
      allocator: allocatorOf(frames),
      requester: requesterOf(frames, main?.process ?? null, main?.pid ?? null),
      processes,
      ...growthOf(sums.outCount > 0 && this.#slopes++ < MAX_SLOPES ? this.#slope(sums) : null, judgement),
      lifetimes: lifetimesOf(sums),
      freedBy,
      siblings: freedBy.length === 0 ? this.#siblings(tag, group) : null,
      evidence: this.#evidence(sums),
    };
  }

  #judge(sums: Sums, others: Sums | null, before: Pick<Case, 'beforeFreed' | 'freedBefore' | 'ownsFreed'>): Judgement {
    return judge({
      sums,
      others,
      ...before,
      startUs: this.#startUs,
      endUs: this.#endUs,
      binUs: this.#binUs,
      isLossy: this.#isLossy,
    });
  }

  /** Of the net growth of bytes: frees of blocks from before are taken off. */
  #slope({ growth }: Sums): Slope | null {
    const at: number[] = [0];
    const bytes: number[] = [0];
    let sum = 0;
    for (let i = 0; i < growth.length; i++) {
      const us = Math.min(this.#endUs - this.#startUs, (i + 1) * this.#binUs);
      sum += growth[i];
      at.push(us / 1e6);
      bytes.push(sum);
      if (us === this.#endUs - this.#startUs) break;
    }
    return theilSen(at, bytes);
  }

  #processes(sums: Sums): PoolStack['processes'] {
    const byPid = new Map<string, { process: string | null; pid: number | null; count: number; bytes: number }>();
    for (const slot of sums.slots) {
      const { pid } = this.#slots.key(slot);
      const process = processName(this.trace, slot);
      const known = byPid.get(`${pid}`) ?? { process, pid: pid < 0 ? null : pid, count: 0, bytes: 0 };
      const young = this.trace.young.of(slot);
      known.count += this.#slots.outCount(slot) - young.count;
      known.bytes += this.#slots.outBytes(slot) - young.bytes;
      byPid.set(`${pid}`, known);
    }
    return [...byPid.values()]
      .filter(({ pid, process }) => pid !== null || process !== null)
      .sort((a, b) => b.bytes - a.bytes);
  }

  #freesOf(slots: readonly number[]): FreedBy[] {
    const byStack = new Map<string, FreedBy>();
    for (const slot of slots) {
      for (const [stack, count] of this.#freedBy.get(slot) ?? []) {
        const frame = allocatorOf(this.#frames(stack)) ?? this.#frames(stack)[0];
        if (frame === undefined) continue;
        // Without a function the offset tells one place from another.
        const key = frameText({ ...frame, offset: frame.function === null ? frame.offset : null, address: null });
        byStack.set(key, { ...bareFrame(frame), count: (byStack.get(key)?.count ?? 0) + count });
      }
    }
    return [...byStack.values()].sort((a, b) => b.count - a.count).slice(0, MAX_FREED_BY);
  }

  /** Who frees blocks of the tag that other stacks allocated. */
  #siblings({ sums, stacks }: TagGroup, own: StackGroup): PoolStack['siblings'] {
    const others = stacks.filter((stack) => stack !== own);
    const freed = sums.freedCount - own.sums.freedCount;
    if (freed === 0) return null;
    const by = this.#freesOf(others.flatMap((stack) => stack.sums.slots));
    return { freed, of: sums.allocCount - own.sums.allocCount, by };
  }

  /** Allocations that are out, those of the largest slots first; where none was kept in full, one by its place. */
  #evidence(sums: Sums): Evidence[] {
    const slots = [...sums.slots].sort((a, b) => this.#slots.outBytes(b) - this.#slots.outBytes(a));
    const cites = slots.map((slot) => this.#slots.candidate(slot)).filter((candidate) => candidate !== null);
    if (cites.length === 0) return slots.flatMap((slot) => this.#placeOf(slot)).slice(0, 1);
    return cites.slice(0, MAX_EVIDENCE).map(({ cite }) => this.context.evidence(this.source, cite));
  }

  /** Where a block of the slot that is out was allocated: the text that stands there was not kept. */
  #placeOf(slot: number): Evidence[] {
    this.#places ??= this.#firstPlaces();
    const first = this.#places.get(slot);
    if (first === undefined) return [];
    const source = this.context.sources[this.source];
    const isBinary = source.account.unit === 'event';
    return [
      {
        source: source.id,
        line: isBinary ? null : first.place,
        byte: isBinary ? first.place : null,
        quote: `(allocation of ${first.bytes} bytes at ${first.address}, ${(first.atUs / 1e6).toFixed(6)} s)`,
      },
    ];
  }

  #firstPlaces(): Map<number, Place> {
    const places = new Map<number, Place>();
    this.trace.blocks.each((low, high, atUs, bytes, slot, place) => {
      if (atUs < this.#startUs || (places.get(slot)?.atUs ?? Number.POSITIVE_INFINITY) <= atUs) return;
      const address = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
      places.set(slot, { atUs, bytes, place, address: `0x${address.toString(16)}` });
    });
    return places;
  }

  #totals(groups: readonly TagGroup[]): PoolTotal[] {
    const pools = [false, true, null].filter((paged) => groups.some((group) => group.paged === paged));
    return pools.flatMap((paged): PoolTotal[] => {
      const sums = groups.filter((group) => group.paged === paged).map((group) => group.sums);
      const total = (pick: (s: Sums) => number): number => sums.reduce((all, s) => all + pick(s), 0);
      const out = sums
        .map((s) => this.#out(s))
        .reduce((a, b) => ({ count: a.count + b.count, bytes: a.bytes + b.bytes }), { count: 0, bytes: 0 });
      // What was there before the trace and was never freed leaves no event.
      const knowsBefore = this.options.range !== null || total((s) => s.beforeCount) > 0;
      return [
        { type: 'AIFI', paged, count: total((s) => s.freedCount), bytes: total((s) => s.freedBytes) },
        { type: 'AIFO', paged, ...out },
        { type: 'AOFI', paged, count: total((s) => s.beforeFreedCount), bytes: total((s) => s.beforeFreedBytes) },
        {
          type: 'AOFO',
          paged,
          count: knowsBefore ? total((s) => s.beforeCount) : null,
          bytes: knowsBefore ? total((s) => s.beforeBytes) : null,
        },
      ];
    });
  }

  #timeline(): PoolTimeline {
    const { bins } = this.trace;
    const parts = Math.ceil((this.#endUs - this.#startUs) / (bins?.widthUs ?? 1) - 1e-9);
    // An event at the very end may lie on the border of the next part.
    const used = Math.min(BINS, Math.max(1, parts, (bins?.last ?? -1) + 1));
    const summed = (series: Float64Array): number[] => {
      let sum = 0;
      return Array.from(series.subarray(0, used), (growth) => {
        sum += growth;
        return sum;
      });
    };
    return {
      startUs: this.#startUs,
      binUs: bins?.widthUs ?? 0,
      nonpagedBytes: summed(this.trace.out(Whole.Nonpaged)),
      pagedBytes: summed(this.trace.out(Whole.Paged)),
      nonpagedGrowth: summed(this.trace.growth(Whole.Nonpaged)),
      pagedGrowth: summed(this.trace.growth(Whole.Paged)),
    };
  }

  /** Of rows that the source had paired, which come in no order, no highest sum is known. */
  #peaks(): PoolPeak[] {
    if (this.trace.paired > 0 || !asksForAll(this.options)) return [];
    const pools: readonly (readonly [Whole, boolean | null])[] = [
      [Whole.Nonpaged, false],
      [Whole.Paged, true],
      [Whole.Unknown, null],
    ];
    return pools
      .map(([whole, paged]) => ({ paged, bytes: this.trace.peaks[whole].bytes, atUs: this.trace.peaks[whole].atUs }))
      .filter(({ bytes }) => bytes > 0);
  }

  #growth(): Map<boolean, Slope> {
    const slopes = new Map<boolean, Slope>();
    for (const [whole, paged] of [
      [Whole.Nonpaged, false],
      [Whole.Paged, true],
    ] as const) {
      const growth = this.trace.growth(whole);
      const coarse = new Float64Array(SLOT_BINS);
      growth.forEach((bytes, i) => {
        coarse[Math.floor(i / (BINS / SLOT_BINS))] += bytes;
      });
      const slope = this.#slope({ growth: coarse } as Sums);
      if (slope !== null && growth.some((bytes) => bytes !== 0)) slopes.set(paged, slope);
    }
    return slopes;
  }
}

function freesBySlot({ pairs, pairCounts }: Outstanding): Map<number, Map<number, number>> {
  const bySlot = new Map<number, Map<number, number>>();
  for (let id = 0; id < pairs.count; id++) {
    const slot = pairs.part(id, 0);
    const own = bySlot.get(slot) ?? new Map<number, number>();
    own.set(pairs.part(id, 1), pairCounts[id]);
    bySlot.set(slot, own);
  }
  return bySlot;
}

const SURENESS = ['low', 'medium', 'high'] as const;

/** A tag leaks no more surely than the stack that is blamed for it, and not with high confidence where none is. */
function noSurer(own: Judgement, leaking: readonly JudgedStack[], stacks: number): Judgement {
  if (stacks === 0) return own;
  const sure = (confidence: Judgement['confidence']): number => SURENESS.indexOf(confidence ?? 'low');
  const surest = leaking.reduce<Judgement | null>(
    (best, { judgement }) => (best === null || sure(judgement.confidence) > sure(best.confidence) ? judgement : best),
    null,
  );
  const most = surest === null ? sure('medium') : sure(surest.confidence);
  if (sure(own.confidence) <= most) return own;
  return { ...own, confidence: SURENESS[most], against: [...new Set([...own.against, ...(surest?.against ?? [])])] };
}

/** A tag leaks where one of its stacks does, be it hidden in the traffic of the others. */
function withStacks(own: Judgement, stacks: readonly JudgedStack[]): Judgement {
  const leaking = stacks.filter(({ judgement }) => judgement.verdict === 'leak');
  if (own.verdict === 'leak') return noSurer(own, leaking, stacks.length);
  if (leaking.length === 0) return own;
  const worst = leaking.reduce((a, b) => (b.group.sums.outBytes > a.group.sums.outBytes ? b : a));
  const { judgement } = worst;
  return {
    ...judgement,
    reasons: [
      ...judgement.reasons,
      leaking.length === 1 ? 'one of its stacks leaks' : `${leaking.length} of its stacks leak`,
    ],
    against: [...judgement.against, ...own.reasons],
  };
}

function growing({ judgement, group }: JudgedTag): Growing[] {
  if (judgement.verdict !== 'leak' && judgement.verdict !== 'growing') return [];
  if (group.tag === null) return [];
  return [
    { tag: group.tag, paged: group.paged, count: group.sums.outCount, out: group.sums.out, slots: group.sums.slots },
  ];
}

function largestDriver(stacks: readonly JudgedStack[]): { driver: string; percent: number } | null {
  const byDriver = new Map<string, number>();
  let total = 0;
  for (const { allocator, group } of stacks) {
    // Where nothing is out, the allocations say whose tag it is.
    const weight = Math.max(0, group.sums.outBytes) + group.sums.allocBytes * 1e-6;
    total += weight;
    const driver = allocator === null ? null : driverOf(allocator);
    if (driver !== null) byDriver.set(driver, (byDriver.get(driver) ?? 0) + weight);
  }
  const [largest] = [...byDriver].sort((a, b) => b[1] - a[1]);
  return largest === undefined || total === 0 ? null : { driver: largest[0], percent: (100 * largest[1]) / total };
}

export function growthOf(
  slope: Slope | null,
  judgement: Judgement,
): Pick<PoolTag, 'slopeBytesPerSecond' | 'slopeCi' | 'verdict' | 'confidence' | 'score' | 'reasons' | 'against'> {
  const { verdict, confidence, score, reasons, against } = judgement;
  return {
    slopeBytesPerSecond: slope?.perSecond ?? null,
    slopeCi: slope === null ? null : [slope.low, slope.high],
    verdict,
    confidence,
    score,
    reasons,
    against,
  };
}

function lifetimesOf(sums: Sums): Lifetimes | null {
  const freed = sums.lives.reduce((all, count) => all + count, 0);
  if (freed === 0) return null;
  return {
    freed,
    meanUs: sums.lifeSumUs / freed,
    p50Us: lifetimeUs(sums, 0.5),
    p99Us: lifetimeUs(sums, 0.99),
    maxUs: sums.lifeMaxUs,
  };
}

/** What is made once, when it is first asked for. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
