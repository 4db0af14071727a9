/** Threads that wait for work, not for somebody. */
import type { Case } from './case.js';
import type { Thread } from './model.js';
import { isInOwnBody, stackWait } from './waits.js';

/** Waits for work, and nobody for it. */
export function isIdle(thread: Thread, { graph }: Pick<Case, 'graph'>): boolean {
  if (thread.tid === 0 && thread.pid === 0) return true;
  if (thread.state !== null && !/WAIT/.test(thread.state)) return false;
  if ((graph.into.get(thread.id) ?? []).length > 0 || (graph.out.get(thread.id) ?? []).length > 0) return false;
  if (/^(?:WrQueue|WrLpcReceive|WrEventPairHigh|WrFreePage|WrPageOut|WrRundown)$/i.test(thread.waitReason ?? ''))
    return true;
  const wait = stackWait(thread.frames);
  if (wait?.kind === 'idle') return true;
  // Threads of the kernel itself wait for what they are there for.
  return (
    thread.pid === 4 &&
    thread.frames.length > 0 &&
    thread.irps.length === 0 &&
    wait?.kind === 'object' &&
    isInOwnBody(thread.frames)
  );
}
