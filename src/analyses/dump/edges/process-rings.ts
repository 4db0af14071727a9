/**
 * A thread waits for a process to end, and a thread of that process waits, over others or not, for the first: the process cannot end.
 * The edge to the process is then continued to that thread, so that the ring closes. That the process would end without it is not known.
 */
import { pushTo } from '../../../core/push-to.js';
import { hex } from '../frames.js';
import { waitingFor } from '../graph.js';
import type { Thread } from '../model.js';
import type { Edge, Scene } from './edge.js';

export function processRings({ model }: Scene, edges: readonly Edge[]): Edge[] {
  const waits = edges.filter(({ kind, to }) => kind === 'process' && to.startsWith('process:'));
  if (waits.length === 0) return [];
  const into = new Map<string, Edge[]>();
  for (const edge of edges) pushTo(into, edge.to, edge);
  return waits.flatMap((wait) => {
    const process = model.processAt(BigInt(wait.to.slice('process:'.length)));
    return [...waitingFor({ into }, wait.from)]
      .map((id) => model.threads.get(id))
      .filter((thread) => thread !== undefined && thread.process !== null && thread.process === process)
      .map((thread) => continued(wait, thread as Thread));
  });
}

function continued(wait: Edge, thread: Thread): Edge {
  return {
    ...wait,
    to: thread.id,
    object: hex(thread.process?.address ?? null),
    certain: false,
    statement: `${wait.statement}; its thread ${thread.id} waits for the one that waits for it`,
    rows: [...wait.rows, ...thread.sightings],
  };
}
