/** The wait graph: cycles are its strongly connected components. */
import { pushTo } from '../../core/push-to.js';
import type { Edge } from './edges/edge.js';

export interface Graph {
  readonly edges: readonly Edge[];
  /** Edges by the node that they begin at. */
  readonly out: ReadonlyMap<string, readonly Edge[]>;
  readonly into: ReadonlyMap<string, readonly Edge[]>;
  /** Each cycle's members; a thread that waits for itself is a cycle of one. */
  readonly cycles: readonly (readonly string[])[];
  readonly cycleOf: ReadonlyMap<string, readonly string[]>;
  /** The edges between the members of each cycle. */
  readonly edgesWithin: ReadonlyMap<readonly string[], readonly Edge[]>;
}

export function graphOf(edges: readonly Edge[]): Graph {
  const out = new Map<string, Edge[]>();
  const into = new Map<string, Edge[]>();
  for (const edge of edges) {
    pushTo(out, edge.from, edge);
    pushTo(into, edge.to, edge);
  }
  const cycles = components(out).filter(
    (members) => members.length > 1 || (out.get(members[0]) ?? []).some(({ to }) => to === members[0]),
  );
  const cycleOf = new Map(cycles.flatMap((members) => members.map((node) => [node, members] as const)));
  const edgesWithin = new Map(cycles.map((members) => [members, within(members, out)] as const));
  return { edges, out, into, cycles, cycleOf, edgesWithin };
}

function within(members: readonly string[], out: ReadonlyMap<string, readonly Edge[]>): Edge[] {
  const inside = new Set(members);
  return members.flatMap((node) => (out.get(node) ?? []).filter(({ to }) => inside.has(to)));
}

/** Only threads wait: `unknown`, drivers, servers and processes stand for many, and close no cycle. */
export const isThread = (node: string): boolean => /^(?:0x|tid:|thread:)/.test(node);

interface Visit {
  readonly node: string;
  next: number;
}

/** Tarjan's components, without recursion: chains may be as long as the log has threads. */
function components(out: ReadonlyMap<string, readonly Edge[]>): string[][] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const onStack = new Set<string>();
  const stack: string[] = [];
  const found: string[][] = [];
  const begin = (node: string): Visit => {
    index.set(node, index.size);
    low.set(node, index.size - 1);
    stack.push(node);
    onStack.add(node);
    return { node, next: 0 };
  };
  for (const root of out.keys()) {
    if (index.has(root) || !isThread(root)) continue;
    const visits = [begin(root)];
    while (visits.length > 0) {
      const visit = visits[visits.length - 1];
      const edges = out.get(visit.node) ?? [];
      if (visit.next < edges.length) {
        const { to } = edges[visit.next++];
        if (!isThread(to)) continue;
        if (!index.has(to)) visits.push(begin(to));
        else if (onStack.has(to)) low.set(visit.node, Math.min(lowest(low, visit.node), lowest(index, to)));
        continue;
      }
      visits.pop();
      const parent = visits.at(-1);
      if (parent !== undefined) low.set(parent.node, Math.min(lowest(low, parent.node), lowest(low, visit.node)));
      if (low.get(visit.node) === index.get(visit.node)) found.push(popTo(stack, onStack, visit.node));
    }
  }
  return found;
}

const lowest = (map: ReadonlyMap<string, number>, node: string): number => map.get(node) ?? 0;

function popTo(stack: string[], onStack: Set<string>, node: string): string[] {
  const members = stack.splice(stack.lastIndexOf(node));
  for (const member of members) onStack.delete(member);
  return members;
}

/** Every thread that waits for a node, directly or through others, the node left out. */
export function waitingFor(graph: Pick<Graph, 'into'>, node: string): Set<string> {
  const seen = new Set<string>([node]);
  const todo = [node];
  for (let at = todo.pop(); at !== undefined; at = todo.pop()) {
    for (const { from } of graph.into.get(at) ?? []) {
      if (seen.has(from) || !isThread(from)) continue;
      seen.add(from);
      todo.push(from);
    }
  }
  seen.delete(node);
  return seen;
}
