/** Edges, chains and deadlocks as the answer shows them. */
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
  const edges = members.flatMap((node) => (graph.out.get(node) ?? []).filter(({ to }) => inside.has(to)));
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
  const start = [...members].sort()[0];
  const ring = [start];
  for (let at = start; ring.length < members.length; ) {
    const next = edges.find(({ from, to }) => from === at && !ring.includes(to))?.to;
    if (next === undefined) break;
    ring.push(next);
    at = next;
  }
  return [...ring, ...members.filter((member) => !ring.includes(member))];
}
