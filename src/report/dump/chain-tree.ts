/** Chains that end in one root as a tree: the root on top, below each thread those that wait for it. */
import type { ChainRoot, DumpChain, DumpResult, WaitEdge } from '../../analyses/dump/result.js';
import { type DumpIndex, grouped, indexOf, stackKey } from './names.js';

export interface ChainNode {
  readonly id: string;
  /** Its wait for the node above it; null of the root, and where no edge is known. */
  readonly edge: WaitEdge | null;
  /** Other threads of the same process that wait for the same with the same stack, and for which nobody waits. */
  readonly alike: readonly string[];
  readonly children: readonly ChainNode[];
}

export interface ChainTree {
  readonly root: ChainRoot;
  readonly node: ChainNode;
  /** Threads in the tree, those folded included, the root not. */
  readonly size: number;
  /** As the chains say, who know of waiters that locks only count. */
  readonly waiters: number;
  readonly longestWaitMs: number | null;
  readonly certain: boolean;
}

/** A node while the tree grows. */
interface Growing {
  readonly id: string;
  readonly edge: WaitEdge | null;
  readonly children: Map<string, Growing>;
}

/** One tree for each root, in the order of the chains. */
export function chainTrees(result: DumpResult): ChainTree[] {
  const index = indexOf(result);
  const byRoot = grouped(result.chains, ({ root, edges }) =>
    // Two threads that the log does not name are not one.
    root.node === 'unknown' ? `unknown ${edges.at(-1)?.kind} ${edges.at(-1)?.object}` : root.node,
  );
  return [...byRoot.values()].map((chains) => treeOf(chains, index));
}

function treeOf(chains: readonly DumpChain[], index: DumpIndex): ChainTree {
  const [{ root }] = chains;
  const grown: Growing = { id: root.node, edge: null, children: new Map() };
  for (const chain of chains) graft(grown, chain);
  const known = chains.map(({ longestWaitMs }) => longestWaitMs).filter((ms) => ms !== null);
  const node = folded(grown, index);
  return {
    root,
    node,
    size: sizeOf(node) - 1,
    waiters: Math.max(...chains.map(({ waiters }) => waiters)),
    longestWaitMs: known.length === 0 ? null : Math.max(...known),
    certain: chains.every(({ certain }) => certain),
  };
}

/** Adds a chain, from its root down to its victim. */
function graft(root: Growing, { threads, edges }: DumpChain): void {
  const byFrom = grouped(edges, ({ from }) => from);
  let above = root;
  for (const id of threads.toReversed()) {
    if (id === root.id) continue;
    const edge = byFrom.get(id)?.find(({ to }) => to === above.id) ?? null;
    let node = above.children.get(id);
    if (node === undefined) {
      node = { id, edge, children: new Map() };
      above.children.set(id, node);
    }
    above = node;
  }
}

/** The tree with waiters that are alike in one node. Chains may be long: no recursion. */
function folded(root: Growing, index: DumpIndex): ChainNode {
  const order: Growing[] = [root];
  for (let i = 0; i < order.length; i++) order.push(...order[i].children.values());
  const done = new Map<Growing, ChainNode>();
  for (const node of order.reverse()) {
    const children = [...node.children.values()].map((child) => done.get(child) as ChainNode);
    done.set(node, { id: node.id, edge: node.edge, alike: [], children: foldAlike(children, index) });
  }
  return done.get(root) as ChainNode;
}

/** Fewer threads that are alike stand each for itself: the reader wants to know their addresses. */
export const MIN_FOLDED = 3;

function foldAlike(children: readonly ChainNode[], index: DumpIndex): ChainNode[] {
  const groups = grouped(children, ({ id, edge, children: below }) => likeness(id, edge, below.length === 0, index));
  return [...groups.values()].flatMap((group) => {
    const sorted = byWait(group, index);
    if (sorted.length < MIN_FOLDED) return sorted;
    const [first, ...others] = sorted;
    return [{ ...first, alike: others.map(({ id }) => id) }];
  });
}

/** Equal for threads that one line may stand for. */
export function likeness(id: string, edge: WaitEdge | null, nobodyWaits: boolean, index: DumpIndex): string {
  const thread = index.threads.get(id);
  if (!nobodyWaits || thread === undefined || edge === null) return `only ${id}`;
  const { kind, object, certain } = edge;
  return JSON.stringify([thread.processAddress ?? thread.process, thread.pid, kind, object, certain, stackKey(thread)]);
}

/** Longest wait first, unknown last. */
function byWait(nodes: readonly ChainNode[], index: DumpIndex): ChainNode[] {
  const waitOf = ({ id }: ChainNode): number => index.threads.get(id)?.waitMs ?? -1;
  return [...nodes].sort((a, b) => waitOf(b) - waitOf(a));
}

function sizeOf(root: ChainNode): number {
  let size = 0;
  const waiting = [root];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    size += 1 + node.alike.length;
    waiting.push(...node.children);
  }
  return size;
}
