/** Blocks that debuggers list, stacks of PoolHitTag breakpoints, and places where tags stand in code. */

import type { Finish } from '../../core/analysis.js';
import { pushTo } from '../../core/push-to.js';
import { NULL_I32 } from '../../core/schema.js';
import { formatAddress } from '../../core/symbol.js';
import type { Batch, Cite } from '../../core/table.js';
import type { poolBlock, poolHit, poolTagPlace } from '../../tables/pool-snapshot.js';
import { isPaged } from '../../tables/pool-types.js';
import { allocatorOf, requesterOf } from './attribution.js';
import { CallStacks } from './call-stacks.js';
import { bareFrame, frameText, type KnownFrame, readFrame } from './frames.js';
import type { PoolOptions } from './options.js';
import type { ListedBlocks, PoolResult, PoolStack } from './result.js';

/** Blocks kept. */
const MAX_BLOCKS = 500_000;
const MAX_EVIDENCE = 3;

interface Block {
  readonly source: number;
  readonly command: string;
  readonly address: bigint;
  readonly bytes: number;
  readonly tag: string | null;
  readonly paged: boolean | null;
  readonly operation: string | null;
  readonly state: string | null;
  readonly driver: string | null;
  readonly caller: string | null;
  readonly callerAddress: bigint | null;
  readonly stack: number;
  readonly cite: Cite;
}

interface Hit {
  readonly source: number;
  readonly operation: string | null;
  readonly tag: string | null;
  readonly stack: number;
  readonly cite: Cite;
}

/** What a trace knows of a block by its address: outstanding, freed, or nothing. */
export type InTrace = (address: bigint, tag: string | null, bytes: number) => 'outstanding' | 'freed' | null;

const NO_STACKS = new CallStacks();

export class Listed {
  readonly #blocks: Block[] = [];
  readonly #hits: Hit[] = [];
  readonly #places: {
    readonly source: number;
    readonly tag: string | null;
    readonly address: bigint;
    readonly module: string | null;
    readonly cite: Cite;
  }[] = [];
  readonly #stacks = new Map<number, CallStacks>();
  dropped = 0;

  constructor(private readonly options: PoolOptions) {}

  /** Stacks that the rows of a source refer to; they are filled elsewhere. */
  shareStacks(source: number, stacks: CallStacks): void {
    this.#stacks.set(source, stacks);
  }

  stacks(source: number): CallStacks {
    return this.#stacks.get(source) ?? NO_STACKS;
  }

  addBlocks(batch: Batch<typeof poolBlock>): void {
    const { cols, dicts, n, source } = batch;
    for (let i = 0; i < n; i++) {
      if (this.#blocks.length >= MAX_BLOCKS) {
        this.dropped++;
        continue;
      }
      const tag = dicts.tag.get(cols.tag[i]);
      const paged = isPaged(dicts.poolType.get(cols.poolType[i]));
      if (!this.#passes(tag) || (this.options.paged !== null && paged !== null && paged !== this.options.paged))
        continue;
      this.#blocks.push({
        source,
        command: dicts.command.get(cols.command[i]) ?? '',
        address: cols.address[i],
        bytes: Number.isNaN(cols.bytes[i]) ? 0 : cols.bytes[i],
        tag,
        paged,
        operation: dicts.operation.get(cols.operation[i]),
        state: dicts.state.get(cols.state[i]),
        driver: dicts.driver.get(cols.driver[i]),
        caller: dicts.caller.get(cols.caller[i]),
        callerAddress: cols.callerAddress[i] === 0n ? null : cols.callerAddress[i],
        stack: cols.stack[i] === NULL_I32 ? -1 : cols.stack[i],
        cite: batch.cite(i),
      });
    }
  }

  addHits(batch: Batch<typeof poolHit>): void {
    const { cols, dicts, n, source } = batch;
    for (let i = 0; i < n && this.#hits.length < MAX_BLOCKS; i++) {
      const stack = cols.stack[i] === NULL_I32 ? -1 : cols.stack[i];
      if (!this.#passes(dicts.tag.get(cols.tag[i]))) continue;
      this.#hits.push({
        source,
        operation: dicts.operation.get(cols.operation[i]),
        tag: dicts.tag.get(cols.tag[i]),
        stack,
        cite: batch.cite(i),
      });
    }
  }

  addPlaces(batch: Batch<typeof poolTagPlace>): void {
    const { cols, dicts, n, source } = batch;
    for (let i = 0; i < n && this.#places.length < MAX_BLOCKS; i++) {
      if (!this.#passes(dicts.tag.get(cols.tag[i]))) continue;
      this.#places.push({
        source,
        tag: dicts.tag.get(cols.tag[i]),
        address: cols.address[i],
        module: dicts.module.get(cols.module[i]),
        cite: batch.cite(i),
      });
    }
  }

  /** What has no tag passes: it may be of any. */
  #passes(tag: string | null): boolean {
    return tag === null || this.options.tag === null || this.options.tag(tag);
  }

  /** Lists by command, driver, tag and caller, most bytes first. */
  lists(context: Finish, inTrace: InTrace | null): ListedBlocks[] {
    const groups = new Map<string, Block[]>();
    for (const block of this.#blocks) {
      if (block.command === 'verifier 80' || block.state === 'free') continue;
      const key = [block.source, block.command, block.driver, block.tag, block.callerAddress ?? block.caller].join('|');
      pushTo(groups, key, block);
    }
    return [...groups.values()].map((own) => this.#list(own, context, inTrace)).sort((a, b) => b.bytes - a.bytes);
  }

  #list(blocks: readonly Block[], context: Finish, inTrace: InTrace | null): ListedBlocks {
    const [first] = blocks;
    const distinct = [...new Map(blocks.map((block) => [block.address, block])).values()];
    const seen = inTrace === null ? null : distinct.map(({ address, tag, bytes }) => inTrace(address, tag, bytes));
    const frame = this.#caller(first);
    return {
      command: first.command,
      driver: first.driver,
      tag: first.tag,
      callerAddress: formatAddress(first.callerAddress),
      caller: frame === null ? null : frameText(frame),
      count: distinct.length,
      bytes: distinct.reduce((sum, { bytes }) => sum + bytes, 0),
      inTrace: seen === null ? null : seen.filter((state) => state === 'outstanding').length,
      freedInTrace: seen === null ? null : seen.filter((state) => state === 'freed').length,
      evidence: distinct.slice(0, MAX_EVIDENCE).map(({ source, cite }) => context.evidence(source, cite)),
    };
  }

  /** The list's own symbol, or that which a stack of the log prints for the address. */
  #caller({ source, caller, callerAddress }: Block): KnownFrame | null {
    if (callerAddress !== null) {
      for (const stacks of [this.stacks(source), ...this.#stacks.values()]) {
        const frame = stacks.at(callerAddress);
        if (frame !== null) return frame;
      }
    }
    return caller === null ? null : readFrame(callerAddress, null, caller);
  }

  /** Places of tags, each once. */
  places(context: Finish): PoolResult['tagPlaces'] {
    const known = new Map(this.#places.map((place) => [`${place.tag}|${place.address}`, place]));
    return [...known.values()].map(({ source, tag, address, module, cite }) => ({
      tag,
      address: formatAddress(address),
      module: module ?? this.#moduleNear(address),
      evidence: [context.evidence(source, cite)],
    }));
  }

  /** Module of an address by frames that print `module+offset`: these tell where it begins. */
  #moduleNear(address: bigint): string | null {
    for (const stacks of this.#stacks.values()) {
      const module = stacks.moduleNear(address);
      if (module !== null) return module;
    }
    return null;
  }

  /** Stacks of breakpoints and of the log that Driver Verifier keeps, as far as they are of blocks that are listed. */
  stackResults(context: Finish, isUnload: boolean, inTrace: InTrace | null): PoolStack[] {
    return [...this.#hitStacks(context), ...this.#verifierStacks(context, isUnload, inTrace)];
  }

  #hitStacks(context: Finish): PoolStack[] {
    const groups = new Map<string, Hit[]>();
    for (const hit of this.#hits) {
      const key = `${hit.source}|${hit.tag}|${hit.operation}|${this.stacks(hit.source).folded(hit.stack)}`;
      pushTo(groups, key, hit);
    }
    const freed = this.#hits.filter(({ operation }) => operation === 'free');
    return [...groups.values()]
      .filter(([hit]) => hit.operation !== 'free')
      .map((hits): PoolStack => {
        const [first] = hits;
        const own = freed.filter(({ tag }) => tag === first.tag);
        const by = this.#freedBy(own).map((frame) => frameText(frame));
        const frees = `${own.length} ${own.length === 1 ? 'free' : 'frees'} of the tag${by.length === 0 ? '' : `, by ${by.slice(0, 3).join(', ')}`}`;
        const why = `a breakpoint counts allocations and frees as they happen to be hit: ${hits.length} ${hits.length === 1 ? 'allocation' : 'allocations'} on this stack, ${frees}`;
        return {
          ...this.#stack(first.source, first.stack, null),
          tag: first.tag,
          paged: null,
          from: 'breakpoint',
          count: hits.length,
          bytes: null,
          allocCount: hits.length,
          allocBytes: null,
          freedCount: null,
          reasons: [why],
          freedBy: [],
          siblings:
            own.length === 0
              ? null
              : { freed: own.length, of: this.#hits.length - freed.length, by: this.#freedBy(own) },
          evidence: hits.slice(0, MAX_EVIDENCE).map(({ source, cite }) => context.evidence(source, cite)),
        };
      });
  }

  #freedBy(hits: readonly Hit[]): PoolStack['freedBy'] {
    const byFrame = new Map<string, { readonly frame: KnownFrame; count: number }>();
    for (const { source, stack } of hits) {
      const frames = this.stacks(source).frames(stack);
      const frame = frames.find(({ kind }) => kind !== 'pool') ?? frames[0];
      if (frame === undefined) continue;
      const known = byFrame.get(frame.key);
      if (known === undefined) byFrame.set(frame.key, { frame, count: 1 });
      else known.count++;
    }
    return [...byFrame.values()]
      .map(({ frame, count }) => ({ ...bareFrame(frame), count }))
      .sort((a, b) => b.count - a.count);
  }

  /** For each list of !verifier 3 the stack of an allocation whose frames hold the caller. */
  #verifierStacks(context: Finish, isUnload: boolean, inTrace: InTrace | null): PoolStack[] {
    const logged = this.#blocks.filter(
      ({ command, operation, stack }) => command === 'verifier 80' && operation !== 'free' && stack >= 0,
    );
    const lists = new Map<string, Block[]>();
    for (const block of this.#blocks) {
      if (block.command !== 'verifier 3') continue;
      // The trace has it, with its stack: it counts once.
      if (inTrace?.(block.address, block.tag, block.bytes) === 'outstanding') continue;
      const key = `${block.source}|${block.driver}|${block.tag}|${block.callerAddress}`;
      pushTo(lists, key, block);
    }
    return [...lists.values()].flatMap((blocks): PoolStack[] => {
      const [first] = blocks;
      const caller = formatAddress(first.callerAddress);
      const found = logged.find(
        ({ source, stack, address }) =>
          blocks.some((block) => block.address === address) ||
          (caller !== null &&
            this.stacks(source)
              .frames(stack)
              .some((frame) => frame.address === caller)),
      );
      if (found === undefined) return [];
      const count = `${blocks.length} ${blocks.length === 1 ? 'block of this caller was' : 'blocks of this caller were'} not freed`;
      const why = isUnload
        ? `${count} when the driver was unloaded (bugcheck 0xC4, 0x62)`
        : `${count} when the dump was taken; one dump does not show growth`;
      return [
        {
          ...this.#stack(found.source, found.stack, null),
          tag: first.tag,
          paged: first.paged,
          from: 'verifier',
          count: blocks.length,
          bytes: blocks.reduce((sum, { bytes }) => sum + bytes, 0),
          allocCount: null,
          allocBytes: null,
          freedCount: null,
          reasons: [why],
          ...(isUnload ? { verdict: 'leak', confidence: 'high', score: 100 } : {}),
          freedBy: [],
          siblings: null,
          evidence: [blocks[0], found].map(({ source, cite }) => context.evidence(source, cite)),
        },
      ];
    });
  }

  #stack(
    source: number,
    stack: number,
    process: string | null,
  ): Pick<
    PoolStack,
    | 'frames'
    | 'allocator'
    | 'requester'
    | 'processes'
    | 'lifetimes'
    | 'freedLater'
    | 'slopeBytesPerSecond'
    | 'slopeCi'
    | 'verdict'
    | 'confidence'
    | 'score'
    | 'against'
  > {
    const frames = this.stacks(source).frames(stack);
    return {
      frames: frames.map(bareFrame),
      allocator: allocatorOf(frames),
      requester: requesterOf(frames, process, null),
      processes: [],
      lifetimes: null,
      freedLater: null,
      slopeBytesPerSecond: null,
      slopeCi: null,
      verdict: 'insufficient',
      confidence: null,
      score: 0,
      against: [],
    };
  }
}
