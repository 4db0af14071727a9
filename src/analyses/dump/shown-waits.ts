/** Edges, chains and deadlocks as the answer shows them. */
import { pushTo } from '../../core/push-to.js';
import type { Case } from './case.js';
import type { Chain } from './chains.js';
import type { Edge } from './edges/edge.js';
import { waitingFor } from './graph.js';
import type { DumpChain, DumpDeadlock, WaitEdge } from './result.js';
import { evidenceOf } from './rows.js';

const MAX_EVIDENCE = 4;

/** An edge with its rows as evidence. */
export function edgeOf(
  { rows, isOneOfSeveral: _several, isAtDevice: _device, ...edge }: Edge,
  { context }: Case,
): WaitEdge {
  return { ...edge, evidence: evidenceOf(context, rows, MAX_EVIDENCE) };
}

/** A chain; its edges are those already shown. */
export function chainOf(
  { threads, edges, root, waiters, longestWaitMs }: Chain,
  shown: ReadonlyMap<Edge, WaitEdge>,
): DumpChain {
  return {
    threads,
    edges: edges.map((edge) => shown.get(edge) as WaitEdge),
    root,
    waiters,
    longestWaitMs,
    certain: edges.every(({ certain }) => certain),
  };
}

/** Members of a cycle, and who waits for them from outside. `live`: the system ran while it was read, so nothing of it is certain. */
export function deadlockOf(
  members: readonly string[],
  { graph }: Case,
  shown: ReadonlyMap<Edge, WaitEdge>,
  live: boolean,
): DumpDeadlock {
  const inside = new Set(members);
  const edges = graph.edgesWithin.get(members) ?? [];
  const victims = [...waitingFor(graph, members[0])].filter((node) => !inside.has(node));
  return {
    threads: inOrder(members, edges),
    edges: edges.map((edge) => shown.get(edge) as WaitEdge),
    victims,
    certain: !live && edges.every(({ certain }) => certain),
    mayEnd: edges.some(({ isOneOfSeveral }) => isOneOfSeveral === true),
  };
}

/** Members along the cycle, as far as it is one ring. */
function inOrder(members: readonly string[], edges: readonly Edge[]): string[] {
  const after = new Map<string, string[]>();
  for (const { from, to } of edges) pushTo(after, from, to);
  const start = [...members].sort()[0];
  const ring = new Set([start]);
  for (let at: string | undefined = start; at !== undefined; ) {
    at = after.get(at)?.find((to) => !ring.has(to));
    if (at !== undefined) ring.add(at);
  }
  return [...ring, ...members.filter((member) => !ring.has(member))];
}
