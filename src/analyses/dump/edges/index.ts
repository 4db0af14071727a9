/** All edges of the wait graph, each once. */
import { isWaitingStack, stackWait } from '../waits.js';
import type { Edge, EdgeFinder, Scene, Waiter } from './edge.js';
import { handleEdges } from './handles.js';
import { irpEdges } from './irps.js';
import { resourceEdges, stackLockEdges } from './kernel-locks.js';
import { messageEdges } from './messages.js';
import { objectEdges } from './objects.js';
import { processRings } from './process-rings.js';
import { rpcEdges } from './rpc.js';
import { sectionEdges } from './sections.js';
import { unlistedWaiters } from './unlisted.js';

const FINDERS: readonly EdgeFinder[] = [
  messageEdges,
  sectionEdges,
  resourceEdges,
  stackLockEdges,
  objectEdges,
  handleEdges,
  rpcEdges,
];

/** Threads that wait: printed so, or their innermost frames say so where no state is printed. */
export function waitersOf(scene: Omit<Scene, 'waiters'>): Waiter[] {
  return [...scene.model.threads.values()]
    .filter(({ state, frames }) =>
      state === null
        ? isWaitingStack(frames) || (stackWait(frames)?.kind ?? 'object') !== 'object'
        : /WAIT/.test(state),
    )
    .map((thread) => ({ thread, wait: stackWait(thread.frames) }));
}

export function allEdges(scene: Scene): Edge[] {
  const edges = FINDERS.flatMap((find) => find(scene));
  // Who has an edge to an owner does not wait for a request that is under way beside it.
  const explained = new Set(edges.map(({ from }) => from));
  const all = merged([...edges, ...irpEdges(explained)(scene), ...unlistedWaiters(scene)]);
  return [...all, ...processRings(scene, all)];
}

/** Equal edges found in two ways are one; the surer way says why. Of unknown and known ends of one wait the known one stays. */
function merged(edges: readonly Edge[]): Edge[] {
  const byKey = new Map<string, Edge>();
  for (const edge of edges) {
    const key = `${edge.from} ${edge.to} ${edge.kind} ${edge.object}`;
    const known = byKey.get(key);
    if (known === undefined) byKey.set(key, edge);
    else if (edge.certain && !known.certain) byKey.set(key, { ...edge, rows: [...edge.rows, ...known.rows] });
  }
  const all = [...byKey.values()];
  const hasEnd = new Set(all.filter(({ to }) => to !== 'unknown').map(({ from, kind }) => `${from} ${kind}`));
  return all.filter(({ from, to, kind }) => to !== 'unknown' || !hasEnd.has(`${from} ${kind}`));
}
