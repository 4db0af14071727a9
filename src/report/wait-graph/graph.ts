/** The wait graph of a `dump` result, small enough to be drawn. */
import type { DumpResult, WaitEdge } from '../../analyses/dump/result.js';
import { likeness, MIN_FOLDED } from '../dump/chain-tree.js';
import { cidText, type DumpIndex, edgeText, grouped, indexOf, nameText, nodeParts, waitText } from '../dump/names.js';

export interface GraphNode {
  readonly id: string;
  readonly kind: 'thread' | 'process' | 'driver' | 'remote' | 'unknown';
  readonly lines: readonly string[];
  readonly isRoot: boolean;
  readonly isDeadlocked: boolean;
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly label: string;
  readonly certain: boolean;
  readonly isDeadlocked: boolean;
}

export interface WaitGraph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  /** Nodes and edges that were left out, since there were too many. */
  readonly nodesLeft: number;
  readonly edgesLeft: number;
}

/** Nodes that have an edge, deadlocks and roots before others, at most `max`; threads that wait alike are one node. */
export function waitGraph(result: DumpResult, max: number): WaitGraph {
  const index = indexOf(result);
  const { edges, alike } = folded(allEdges(result), index);
  const ids = new Set(edges.flatMap(({ from, to }) => [from, to]));
  const kept = new Set(inOrder(result, ids).slice(0, max));
  const roots = new Set(result.chains.map(({ root }) => root.node));
  const deadlockOf = new Map(result.deadlocks.flatMap(({ threads }, i) => threads.map((id) => [id, i] as const)));
  const shown = edges.filter(({ from, to }) => kept.has(from) && kept.has(to));
  const linked = new Set(shown.flatMap(({ from, to }) => [from, to]));
  return {
    nodes: [...kept]
      .filter((id) => linked.has(id))
      .map((id) => ({
        id,
        kind: kindOf(id),
        lines: labelLines(id, alike.get(id) ?? 0, index),
        isRoot: roots.has(id),
        isDeadlocked: deadlockOf.has(id),
      })),
    edges: shown.map((edge) => ({
      from: edge.from,
      to: edge.to,
      label: edgeText(edge, index),
      certain: edge.certain,
      isDeadlocked: deadlockOf.has(edge.from) && deadlockOf.get(edge.from) === deadlockOf.get(edge.to),
    })),
    nodesLeft: ids.size - linked.size,
    edgesLeft: edges.length - shown.length,
  };
}

/** Edges of the result, those of chains and deadlocks among them, each once. */
function allEdges({ waitEdges, chains, deadlocks }: DumpResult): WaitEdge[] {
  const all = [waitEdges, ...chains.map(({ edges }) => edges), ...deadlocks.map(({ edges }) => edges)].flat();
  return [...new Map(all.map((edge) => [keyOf(edge), edge])).values()].map(told);
}

/** Threads that the log does not name are not one: each lock, message or wait has its own. */
function told(edge: WaitEdge): WaitEdge {
  const own = (id: string): string => (id === 'unknown' ? `unknown:${edge.kind} ${edge.object ?? edge.from}` : id);
  return { ...edge, from: own(edge.from), to: own(edge.to) };
}

const keyOf = ({ from, to, kind, object }: WaitEdge): string => JSON.stringify([from, to, kind, object]);

/** Threads of one process for which nobody waits, and which wait for the same in the same way, as one of them. */
function folded(edges: readonly WaitEdge[], index: DumpIndex): { edges: WaitEdge[]; alike: Map<string, number> } {
  const waitedFor = new Set(edges.map(({ to }) => to));
  const byThread = grouped(edges, ({ from }) => from);
  const groups = grouped([...byThread], ([id, own]) =>
    own.length > 1 ? `only ${id}` : `${likeness(id, own[0], !waitedFor.has(id), index)} ${own[0].to}`,
  );
  const alike = new Map<string, number>();
  const kept = [...groups.values()].flatMap((group) => {
    if (group.length < MIN_FOLDED) return group.flatMap(([, own]) => own);
    const waitOf = ([id]: (typeof group)[number]): number => index.threads.get(id)?.waitMs ?? -1;
    const [id, own] = group.reduce((most, one) => (waitOf(one) > waitOf(most) ? one : most));
    alike.set(id, group.length - 1);
    return own;
  });
  return { edges: kept, alike };
}

/** What must not be left out first: deadlocks, then chains from their roots, then the rest. */
function inOrder({ deadlocks, chains }: DumpResult, ids: ReadonlySet<string>): string[] {
  const first = [
    ...deadlocks.flatMap(({ threads }) => threads),
    ...chains.flatMap(({ threads, root }) => [
      ...(root.waitsFor === null ? [] : [root.waitsFor]),
      root.node,
      ...threads.toReversed(),
    ]),
  ];
  return [...new Set([...first.filter((id) => ids.has(id)), ...ids])];
}

function kindOf(id: string): GraphNode['kind'] {
  const [kind] = /^(?:process|driver|remote|unknown)(?=:)/.exec(id) ?? ['thread'];
  return kind as GraphNode['kind'];
}

function labelLines(id: string, others: number, index: DumpIndex): string[] {
  const thread = index.threads.get(id);
  if (thread === undefined) return nodeParts(kindOf(id) === 'unknown' ? 'unknown' : id, index);
  const cid = cidText(thread.pid, thread.tid);
  const who = [thread.process === null ? null : nameText(thread.process), cid]
    .filter((part) => part !== null)
    .join(' ');
  return [nameText(id), who, waitText(thread), others > 0 ? `and ${others} more like it` : ''].filter(
    (line) => line !== '',
  );
}
