/** The `pool` command's answer, put together from traces, snapshots and lists. */
import type { Finish } from '../../core/analysis.js';
import type { Finding } from '../../core/evidence.js';
import type { TableDef } from '../../core/schema.js';
import { type Batch, isBatchOf } from '../../core/table.js';
import { callStack } from '../../tables/call-stack.js';
import { image } from '../../tables/image.js';
import { poolAllocation } from '../../tables/pool-allocation.js';
import { poolEvent } from '../../tables/pool-event.js';
import { poolBlock, poolCounter, poolHit, poolTag, poolTagPlace } from '../../tables/pool-snapshot.js';
import { processTable } from '../../tables/process.js';
import { exhaustionOf } from './exhaustion.js';
import { doubleFrees, doubts, exhaustionFindings, leaks } from './findings.js';
import { type InTrace, Listed } from './listed-blocks.js';
import { mergedTags } from './merged-tags.js';
import { lacksFrees } from './missing-frees.js';
import { FrameNames, isSameBoot } from './named-frames.js';
import { asksForAll, type PoolOptions } from './options.js';
import { Outstanding } from './outstanding.js';
import type { ListedBlocks, PoolResult, PoolStack } from './result.js';
import { type SnapshotTag, snapshotCounters, snapshotTags } from './snapshot-answer.js';
import { counterFindings, failureFindings, hitFindings, snapshotFindings } from './snapshot-findings.js';
import { Snapshots, shownSnapshots } from './snapshots.js';
import { type TraceAnswer, TraceAnswers } from './trace-answer.js';
import { treeOf } from './tree.js';
import { notFreedAtUnload } from './unload.js';
import { verifierFindings } from './verifier-findings.js';

/** Tables of single allocations, and those of snapshots: one of them is enough. */
export const POOL_TABLES: readonly TableDef[] = [
  callStack,
  poolEvent,
  poolAllocation,
  poolTag,
  poolCounter,
  poolBlock,
  poolHit,
  poolTagPlace,
];

/** Tables that say whose addresses and ids are whose. */
export const POOL_NAMES: readonly TableDef[] = [image, processTable];

export class PoolFold {
  readonly #traces = new Map<number, Outstanding>();
  readonly #snapshots: Snapshots;
  readonly #listed: Listed;

  constructor(private readonly options: PoolOptions) {
    this.#snapshots = new Snapshots(options);
    this.#listed = new Listed(options);
  }

  add(batch: Batch): void {
    if (isBatchOf(batch, poolEvent)) this.#trace(batch.source).add(batch);
    else if (isBatchOf(batch, poolAllocation)) this.#trace(batch.source).addPaired(batch);
    else if (isBatchOf(batch, image)) this.#trace(batch.source).system.addImages(batch);
    else if (isBatchOf(batch, processTable)) this.#trace(batch.source).system.addProcesses(batch);
    else if (isBatchOf(batch, callStack)) {
      this.#trace(batch.source).stacks.add(batch);
      this.#listed.shareStacks(batch.source, this.#trace(batch.source).stacks);
    } else if (isBatchOf(batch, poolTag)) this.#snapshots.addTags(batch);
    else if (isBatchOf(batch, poolCounter)) this.#snapshots.addCounters(batch);
    else if (isBatchOf(batch, poolBlock)) this.#listed.addBlocks(batch);
    else if (isBatchOf(batch, poolHit)) this.#listed.addHits(batch);
    else if (isBatchOf(batch, poolTagPlace)) this.#listed.addPlaces(batch);
  }

  finish(context: Finish): { result: PoolResult; findings: Finding[] } {
    const { options } = this;
    const main = this.#mainTrace(context);
    const snapshots = this.#snapshots.list();
    const seen = snapshotTags(snapshots, options.everyMs, context);
    const counters = snapshotCounters(snapshots, options.everyMs, context);
    const places = this.#listed.places(context);
    const lists = this.#listed.lists(context, main === null ? null : inTrace(main.trace));
    const names = main === null ? null : this.#names(main.source, lists);
    const answer =
      main === null || this.#isRangeOutside(main, context)
        ? null
        : new TraceAnswers(main.trace, options, main.source, context, names).answer();
    const listedStacks = this.#listed.stackResults(
      context,
      notFreedAtUnload(snapshots) !== null,
      main === null ? null : inTrace(main.trace),
    );
    const exhaustion = exhaustionOf(snapshots, counters, answer, context);
    const tags = mergedTags(answer, seen, places, options);
    const { stacks, of } = largestStacks(answer, listedStacks, options.stacks);
    this.#noteDropped(main?.trace ?? null, context);
    const result: PoolResult = {
      window: { startUs: finite(answer?.startUs), endUs: finite(answer?.endUs) },
      totals: answer?.totals ?? [],
      tags,
      stacks,
      snapshots: shownSnapshots(snapshots, context),
      groups: answer?.groups ?? [],
      timeline: answer?.timeline ?? null,
      peaks: answer?.peaks ?? [],
      exhaustion,
      blocks: lists,
      tree: main === null || answer === null ? [] : treeOf(main.trace, options),
      counters,
      tagPlaces: places,
      cut: {},
    };
    const findings = [
      ...(main === null ? [] : doubts(main.trace, context.sources[main.source], lacksFrees(main.trace, options))),
      ...(answer === null ? [] : leaks(answer)),
      ...(main === null || answer === null ? [] : doubleFrees(main.trace, options, context, main.source)),
      ...exhaustionFindings(exhaustion),
      ...snapshotFindings(untraced(seen, answer), snapshots, places),
      ...counterFindings(counters, tags.length > 0),
      ...failureFindings(snapshots, context),
      ...verifierFindings(lists, snapshots, listedStacks, context),
      ...hitFindings(listedStacks),
    ];
    names?.tell(context);
    return { result: cutToTop(result, options, of), findings };
  }

  /** A range that lies before or behind the trace: then nothing is known of it. */
  #isRangeOutside(
    { source, trace }: { readonly source: number; readonly trace: Outstanding },
    context: Finish,
  ): boolean {
    const { range } = this.options;
    const { id, about } = context.sources[source];
    const startUs = about.span.startUs ?? trace.firstUs;
    const endUs = trace.endOf(about);
    if (range === null || !Number.isFinite(endUs) || (range.startUs <= endUs && range.endUs >= startUs)) return false;
    const span = `${(startUs / 1e6).toFixed(3)} s to ${(endUs / 1e6).toFixed(3)} s`;
    context.diagnostics.add('range-outside', 'warning', `the range lies outside the trace, which goes from ${span}`, {
      source: id,
    });
    return true;
  }

  /** Where a debugger log is of the same boot, its symbols name the trace's frames. */
  #names(source: number, lists: readonly ListedBlocks[]): FrameNames | null {
    if (!isSameBoot(lists)) return null;
    return new FrameNames([...this.#traces].filter(([other]) => other !== source).map(([, { stacks }]) => stacks));
  }

  #trace(source: number): Outstanding {
    let trace = this.#traces.get(source);
    if (trace === undefined) {
      trace = new Outstanding(this.options);
      this.#traces.set(source, trace);
    }
    return trace;
  }

  /** The first source with allocations. Those of other sources are not added: their blocks may be the same, or of another boot. */
  #mainTrace({ sources, diagnostics }: Finish): { readonly source: number; readonly trace: Outstanding } | null {
    const traces = [...this.#traces]
      .filter(([, { events, paired }]) => events + paired > 0)
      .sort((a, b) => a[0] - b[0]);
    const [main, ...others] = traces;
    for (const [source, { events, paired }] of others) {
      diagnostics.add(
        'trace-not-added',
        'warning',
        `its ${events + paired} pool events were not added to those of s${main[0] + 1}: give it alone`,
        { source: sources[source].id },
      );
    }
    return main === undefined ? null : { source: main[0], trace: main[1] };
  }

  #noteDropped(trace: Outstanding | null, { diagnostics }: Finish): void {
    const add = (code: string, message: string, count: number): void => {
      if (count > 0) diagnostics.add(code, 'data-loss', message, { count });
    };
    add(
      'too-many-blocks',
      'more blocks are outstanding than there is room for: the rest was left out',
      trace?.blocks.dropped ?? 0,
    );
    add(
      'too-many-groups',
      'more combinations of tag, stack and process than there is room for: the rest stands under its tag',
      trace?.slots?.dropped ?? 0,
    );
    add('too-many-snapshots', 'more snapshots than there is room for: the rest was left out', this.#snapshots.dropped);
    add('too-many-listed', 'more listed blocks than there is room for: the rest was left out', this.#listed.dropped);
    const { minAgeUs } = this.options;
    if (minAgeUs > 0 && trace !== null && trace.paired > 0) {
      diagnostics.add(
        'filter-not-applied',
        'warning',
        'ages of blocks are not known one by one in tables of WPA: --min-age was not applied',
      );
    }
    if (!asksForAll(this.options) && this.#snapshots.list().length > 0) {
      diagnostics.add(
        'filter-not-applied',
        'warning',
        'snapshots do not say which process or code allocated: filters by these were not applied to them',
      );
    }
    if (trace !== null && trace.unusable > 0) {
      diagnostics.add('unusable-events', 'warning', 'pool events without address, time or kind could not be paired', {
        count: trace.unusable,
      });
    }
  }
}

/** Tags that the trace does not know: of the others its verdict stands, and the snapshots' is told beside it. */
function untraced(seen: readonly SnapshotTag[], answer: TraceAnswer | null): readonly SnapshotTag[] {
  const known = new Set(answer?.tags.map(({ group }) => `${group.paged} ${group.tag}`));
  return seen.filter(({ tag, paged }) => !known.has(`${paged} ${tag}`));
}

/** A block of the trace is the same where address, tag and size are: none of them is by chance. */
function inTrace({ blocks, recent, slots, dicts }: Outstanding): InTrace {
  const tagOf = (slot: number): string | null =>
    slots === null ? null : (dicts?.tag.get(slots.key(slot).tag) ?? null);
  return (address, tag, bytes) => {
    const low = Number(address & 0xffffffffn) | 0;
    const high = Number(address >> 32n) | 0;
    const isSame = (slot: number): boolean =>
      tag === null || tagOf(slot) === null || tagOf(slot)?.trimEnd() === tag.trimEnd();
    if (blocks.find(low, high)) return isSame(blocks.slot) && isSameSize(blocks.bytes, bytes) ? 'outstanding' : null;
    return recent.has(low, high) && isSame(recent.slot) ? 'freed' : null;
  };
}

/** Lists of pool count the header of a block in, and round sizes up. */
const isSameSize = (asked: number, listed: number): boolean =>
  listed === 0 || (listed >= asked && listed <= asked + 4096);

/** Most bytes first; `most` of them, or all where that is 0. */
function largestStacks(
  answer: TraceAnswer | null,
  listed: readonly PoolStack[],
  most: number,
): { stacks: PoolStack[]; of: number } {
  const all: { readonly bytes: number; readonly count: number; readonly result: () => PoolStack }[] = [
    ...(answer?.tags.flatMap((tag) => tag.stacks) ?? []).map((stack) => ({ ...stack.out, result: () => stack.result })),
    ...listed.map((stack) => ({ bytes: stack.bytes ?? 0, count: stack.count, result: () => stack })),
  ];
  all.sort((a, b) => b.bytes - a.bytes || b.count - a.count);
  return { stacks: all.slice(0, most === 0 ? all.length : most).map(({ result }) => result()), of: all.length };
}

/** Shortens the lists, last of all, and says what was cut. */
function cutToTop(result: PoolResult, { top }: PoolOptions, stacks: number): PoolResult {
  const cut: Record<string, { shown: number; of: number }> = {};
  if (result.stacks.length < stacks) cut.stacks = { shown: result.stacks.length, of: stacks };
  const limit = <T>(name: string, list: readonly T[], most: number): readonly T[] => {
    if (most === 0 || list.length <= most) return list;
    cut[name] = { shown: most, of: list.length };
    return list.slice(0, most);
  };
  return {
    ...result,
    tags: limit('tags', result.tags, top ?? 0),
    blocks: limit('blocks', result.blocks, top ?? 0),
    cut,
  };
}

/** Times of rows that have none are infinite. */
const finite = (us: number | undefined): number | null => (us !== undefined && Number.isFinite(us) ? us : null);
