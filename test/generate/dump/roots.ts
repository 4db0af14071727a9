/** What follows from the edges: chains, where they end, deadlocks. */
import type { Address, DumpChain, DumpCycle, DumpEdge, DumpRoot, Node } from './truth.js';

export type Ends = ReadonlyMap<Node, Pick<DumpRoot, 'why' | 'isFirm'>>;

/** Far more than the graphs made here have; an exclusive waiter of shared owners multiplies ways. */
const MOST_WAYS = 2000;

interface Way {
  readonly threads: readonly Address[];
  readonly root: DumpRoot;
}

/** All ways from a thread to where they end, or to the first thread that they meet again. */
export function waysFrom(start: Address, edges: ReadonlyMap<Node, readonly DumpEdge[]>, ends: Ends): Way[] {
  const ways: Way[] = [];
  const walk = (thread: Address, behind: readonly Address[]): void => {
    const threads = [...behind, thread];
    const next = edges.get(thread) ?? [];
    if (next.length === 0) ways.push({ threads, root: rootAt(thread, null, ends) });
    for (const edge of next) {
      if (ways.length >= MOST_WAYS) return;
      const to = edge.to as Address;
      if (threads.includes(to)) ways.push({ threads, root: { node: to, why: 'deadlock', isFirm: true } });
      else if (to.startsWith('0x')) walk(to, threads);
      else ways.push({ threads, root: rootAt(to, edge, ends) });
    }
  };
  walk(start, []);
  return ways;
}

function rootAt(node: Node, edge: DumpEdge | null, ends: Ends): DumpRoot {
  const end = ends.get(node);
  if (end !== undefined) return { node, ...end };
  if (node.startsWith('driver:')) return { node, why: 'driver', isFirm: true };
  if (node.startsWith('remote:')) return { node, why: 'remote', isFirm: true };
  if (edge?.kind === 'critical-section') return { node, why: 'missing-thread', isFirm: true };
  if (edge?.source === 'port-owner') return { node, why: 'missing-thread', isFirm: false };
  return { node, why: 'unknown', isFirm: edge?.kind === 'push-lock' };
}

export function edgesByThread(edges: readonly DumpEdge[]): Map<Node, DumpEdge[]> {
  const byThread = new Map<Node, DumpEdge[]>();
  for (const edge of edges) byThread.set(edge.from, [...(byThread.get(edge.from) ?? []), edge]);
  return byThread;
}

export function rootsOf(edges: readonly DumpEdge[], ends: Ends): Map<Address, DumpRoot[]> {
  const byThread = edgesByThread(edges);
  const roots = new Map<Address, DumpRoot[]>();
  for (const from of byThread.keys()) {
    const found = new Map<string, DumpRoot>();
    for (const { root } of waysFrom(from as Address, byThread, ends)) found.set(`${root.why} ${root.node}`, root);
    roots.set(from as Address, [...found.values()]);
  }
  return roots;
}

/** From the threads that nobody waits for. */
export function chainsOf(edges: readonly DumpEdge[], ends: Ends): DumpChain[] {
  const byThread = edgesByThread(edges);
  const awaited = new Set(edges.map(({ to }) => to));
  return [...byThread.keys()]
    .filter((thread) => !awaited.has(thread))
    .flatMap((thread) => waysFrom(thread as Address, byThread, ends));
}

/** Threads that wait for themselves in the end, in the order of waiting. No thread of these graphs is on two rings. */
export function cyclesOf(edges: readonly DumpEdge[]): DumpCycle[] {
  const byThread = edgesByThread(edges);
  const seen = new Set<Address>();
  const cycles: DumpCycle[] = [];
  for (const start of byThread.keys() as IterableIterator<Address>) {
    if (seen.has(start)) continue;
    const ring = ringThrough(start, byThread);
    if (ring === null) continue;
    for (const { from } of ring) seen.add(from);
    cycles.push({ threads: ring.map(({ from }) => from), isCertain: ring.every(({ certain }) => certain) });
  }
  return cycles;
}

function ringThrough(start: Address, byThread: ReadonlyMap<Node, readonly DumpEdge[]>): DumpEdge[] | null {
  const tried = new Set<Node>();
  const search = (thread: Node): DumpEdge[] | null => {
    for (const edge of byThread.get(thread) ?? []) {
      if (edge.to === start) return [edge];
      if (tried.has(edge.to)) continue;
      tried.add(edge.to);
      const rest = search(edge.to);
      if (rest !== null) return [edge, ...rest];
    }
    return null;
  };
  return search(start);
}
