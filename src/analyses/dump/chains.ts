/** Chains of waits from each victim to the root that holds it up, deadlocks, and who blocked first. */
import { pushTo } from '../../core/push-to.js';
import type { Edge } from './edges/edge.js';
import { type Graph, isThread, waitingFor } from './graph.js';
import { isOwned, type Lock, type Locks, waiterCountOf, waitersOf } from './locks.js';
import type { Model, Thread } from './model.js';
import type { ChainRoot } from './result.js';
import { processRoot, threadRoot } from './roots.js';
import { isWaitingStack } from './waits.js';

/** As many chains as are told, and ways from one victim. */
const MAX_CHAINS = 2000;
const MAX_WAYS = 16;
/** Edges that are followed in all: a made-up tangle has more ways than anybody can go. */
const MAX_STEPS = 3_000_000;

export interface Chain {
  readonly threads: readonly string[];
  readonly edges: readonly Edge[];
  readonly root: ChainRoot;
  readonly waiters: number;
  readonly longestWaitMs: number | null;
}

/** A way under construction: the last edge, and what leads to it. */
interface Way {
  readonly node: string;
  readonly edge: Edge | null;
  readonly before: Way | null;
  readonly length: number;
}

/** The edges of a way, the first one first. */
function edgesOf(way: Way): Edge[] {
  const edges: Edge[] = [];
  for (let at: Way | null = way; at !== null; at = at.before) if (at.edge !== null) edges.push(at.edge);
  return edges.reverse();
}

export class Chains {
  readonly list: readonly Chain[];
  /** All there are; `list` holds the most important. */
  readonly of: number;
  /** There are more ways than were followed. */
  readonly isCut: boolean;
  #steps = 0;
  readonly #counts = new Map<string, number>();
  /** Locks by owner. */
  readonly #owned = new Map<string, Lock[]>();

  constructor(
    private readonly model: Model,
    private readonly graph: Graph,
    locks: Locks,
  ) {
    for (const lock of locks.all) {
      if (!isOwned(lock)) continue;
      for (const { id } of lock.owners) pushTo(this.#owned, id, lock);
    }
    const found: Chain[] = [];
    for (const edges of this.#paths()) found.push(this.#chain(edges));
    this.isCut = this.#steps > MAX_STEPS;
    found.sort(byImportance);
    this.of = found.length;
    this.list = found.slice(0, MAX_CHAINS);
  }

  /** Threads that wait for a node, and those that only locks of its chain count. */
  waitersOf(of: string): number {
    // Members of a deadlock all wait for each other: one stands for all.
    const node = this.graph.cycleOf.get(of)?.[0] ?? of;
    const known = this.#counts.get(node);
    if (known !== undefined) return known;
    const threads = waitingFor(this.graph, node);
    let count = threads.size;
    // A lock that several of them own counts once.
    const locks = new Set([node, ...threads].flatMap((id) => this.#owned.get(id) ?? []));
    for (const lock of locks) count += Math.max(0, (waiterCountOf(lock) ?? 0) - waitersOf(lock).length);
    this.#counts.set(node, count);
    return count;
  }

  /** From every thread nobody waits for, every way along the edges. */
  *#paths(): Generator<readonly Edge[]> {
    const { out, into, cycleOf } = this.graph;
    for (const node of out.keys()) {
      const isStart = isThread(node)
        ? !cycleOf.has(node) && !(into.get(node) ?? []).some(({ from }) => isThread(from))
        : node === 'unknown';
      if (!isStart) continue;
      if (node !== 'unknown') {
        yield* this.#ways(node);
        continue;
      }
      // Owners of locks whose waiters are not shown: a chain of their own, unless one of those shown passes through.
      for (const edge of out.get(node) ?? []) {
        if ((into.get(edge.to) ?? []).some(({ from }) => isThread(from))) continue;
        for (const rest of this.#ways(edge.to, true)) yield [edge, ...rest];
      }
    }
  }

  /**
   * A deadlock ends a way; what its members wait for besides is followed as well, because it may be the earlier cause. No way
   * comes to a thread twice.
   */
  *#ways(start: string, mayBeEmpty = false): Generator<readonly Edge[]> {
    const { out, cycleOf } = this.graph;
    let ways = 0;
    // Inside a deadlock a member is gone to once: all ways there lead through the same ring.
    const seen = new Set<string>();
    const stack: Way[] = [{ node: start, edge: null, before: null, length: 0 }];
    for (let at = stack.pop(); at !== undefined && ways < MAX_WAYS; at = stack.pop()) {
      const { node, edge: last, length } = at;
      if (++this.#steps > MAX_STEPS) return;
      const cycle = cycleOf.get(node);
      const edges = isThread(node) ? (out.get(node) ?? []) : [];
      const isEntry = cycle !== undefined && (last === null || cycleOf.get(last.from) !== cycle);
      if ((edges.length === 0 || isEntry) && (length > 0 || mayBeEmpty)) {
        ways++;
        this.#steps += length;
        yield edgesOf(at);
      }
      for (const edge of [...edges].reverse()) {
        if (cycle !== undefined && cycleOf.get(edge.to) === cycle) {
          if (seen.has(edge.to)) continue;
          seen.add(edge.to);
        }
        stack.push({ node: edge.to, edge, before: at, length: length + 1 });
      }
    }
  }

  #chain(edges: readonly Edge[]): Chain {
    const nodes = [edges[0].from, ...edges.map(({ to }) => to)];
    const threads = nodes.filter(isThread);
    const root = this.#root(nodes, threads, edges);
    const waits = threads
      .map((id) => this.model.threads.get(id))
      .map((thread) => (thread !== undefined && isBlocked(thread) ? thread.waitMs : null))
      .filter((ms) => ms !== null);
    return {
      threads,
      edges,
      root,
      waiters: this.waitersOf(root.node),
      longestWaitMs: waits.length === 0 ? null : Math.max(...waits),
    };
  }

  #root(nodes: readonly string[], threads: readonly string[], edges: readonly Edge[]): ChainRoot {
    const end = nodes[nodes.length - 1];
    if (end.startsWith('process:')) return processRoot(this.model, end, edges[edges.length - 1].kind);
    const id = threads[threads.length - 1];
    const thread = this.model.threads.get(id) as Thread;
    const cycle = this.graph.cycleOf.get(id);
    if (cycle !== undefined) {
      const root = threadRoot(thread, []);
      return {
        ...root,
        why: 'unknown',
        statement: `it is one of ${cycle.length} threads in a deadlock`,
        isDeadlock: true,
      };
    }
    return threadRoot(thread, this.graph.out.get(id) ?? []);
  }
}

/** Waits, as printed or by its stack: one that runs, is ready or has ended is not blocked. */
export const isBlocked = ({ state, frames }: Thread): boolean =>
  state === null ? isWaitingStack(frames) : /WAIT/.test(state);

/** Chains that hold up most come first, then the longer ones, then those that wait longest. */
function byImportance(a: Chain, b: Chain): number {
  return (
    b.waiters - a.waiters ||
    b.threads.length - a.threads.length ||
    (b.longestWaitMs ?? -1) - (a.longestWaitMs ?? -1) ||
    (a.threads[0] < b.threads[0] ? -1 : 1)
  );
}

/** Threads that wait, longest first, unknown last; those that wait for work only are left out, unless somebody waits for them. */
export function orderOf(threads: readonly Thread[], isIdle: (thread: Thread) => boolean): Thread[] {
  return threads
    .filter((thread) => thread.sightings.length > 0 && isBlocked(thread) && !isIdle(thread))
    .sort(
      (a, b) =>
        // A log without times has ticks.
        (a.waitTicks !== null && b.waitTicks !== null ? b.waitTicks - a.waitTicks : 0) ||
        (b.waitMs ?? -1) - (a.waitMs ?? -1) ||
        (b.waitTicks ?? -1) - (a.waitTicks ?? -1) ||
        (a.id < b.id ? -1 : 1),
    );
}
