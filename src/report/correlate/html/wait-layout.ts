/** Where each node of a wait graph lies: what all wait for on the left, behind it those that wait. */
import type { GraphEdge, GraphNode, WaitGraph } from '../../wait-graph/graph.js';

export interface PlacedNode {
  readonly node: GraphNode;
  /** 0 is what waits for nobody. */
  readonly column: number;
  readonly row: number;
}

export interface WaitLayout {
  readonly nodes: readonly PlacedNode[];
  readonly columns: number;
  readonly rows: number;
}

/**
 * A forest: each node hangs on the first node reached that it waits for, roots first, then members of deadlocks. Rows go to
 * the ends of its branches, a node stands beside its first one. Each node and edge is looked at a fixed number of times.
 */
export function layOutWaits({ nodes, edges }: WaitGraph): WaitLayout {
  const waiters = new Map<string, GraphEdge[]>();
  const waits = new Set<string>();
  for (const edge of edges) {
    const list = waiters.get(edge.to);
    if (list === undefined) waiters.set(edge.to, [edge]);
    else list.push(edge);
    if (edge.from !== edge.to) waits.add(edge.from);
  }
  const starts = [
    ...nodes.filter(({ id }) => !waits.has(id)),
    ...nodes.filter(({ isDeadlocked }) => isDeadlocked),
    ...nodes.filter(({ isRoot }) => isRoot),
    ...nodes,
  ];
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const placed = new Map<string, PlacedNode>();
  let row = 0;
  for (const start of starts) {
    if (!placed.has(start.id)) row = branch(start, row, { byId, waiters, placed });
  }
  const all = [...placed.values()];
  return { nodes: all, columns: all.reduce((most, { column }) => Math.max(most, column + 1), 0), rows: row };
}

interface Growing {
  readonly byId: ReadonlyMap<string, GraphNode>;
  readonly waiters: ReadonlyMap<string, readonly GraphEdge[]>;
  readonly placed: Map<string, PlacedNode>;
}

/** Places a node and all that hang on it, depth first; gives the next free row. No recursion: chains may be long. */
function branch(start: GraphNode, firstRow: number, { byId, waiters, placed }: Growing): number {
  let row = firstRow;
  const waiting: { id: string; column: number; isFirst: boolean }[] = [{ id: start.id, column: 0, isFirst: true }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const node = byId.get(next.id);
    if (node === undefined || placed.has(next.id)) continue;
    // The first below a node stands in its row, every other one opens a row.
    if (!next.isFirst) row++;
    placed.set(next.id, { node, column: next.column, row });
    const below = [...new Set((waiters.get(next.id) ?? []).map(({ from }) => from))].filter((id) => !placed.has(id));
    const column = next.column + 1;
    waiting.push(...below.map((id, i) => ({ id, column, isFirst: i === 0 })).reverse());
  }
  return row + 1;
}
