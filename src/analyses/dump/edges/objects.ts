/** Objects that threads wait for: mutants, threads, processes. */
import { hex } from '../frames.js';
import type { Thread, WaitObjectRow } from '../model.js';
import { type Edge, processNode, type Scene } from './edge.js';

const TIMER = /timer/i;

export function objectEdges(scene: Scene): Edge[] {
  return scene.waiters.flatMap(({ thread }) => edgesOf(scene, thread));
}

function edgesOf(scene: Scene, thread: Thread): Edge[] {
  // A timer beside the object is the time-out.
  const objects = thread.waitObjects.filter(({ type }) => !TIMER.test(type ?? ''));
  return objects.flatMap((row) => edgeOf(scene, thread, row, objects.length));
}

function edgeOf({ model, locks }: Scene, thread: Thread, row: WaitObjectRow, of: number): Edge[] {
  const { object, type, owner } = row;
  const base = {
    from: thread.id,
    object: hex(object),
    certain: of === 1,
    isOneOfSeveral: of > 1,
    rows: [row, ...thread.sightings],
  };
  const one = of === 1 ? '' : `, one of ${of} objects that it waits for`;
  const held =
    object === null
      ? []
      : locks.at(object).filter(({ kind, owners }) => kind !== 'critical-section' && owners.length > 0);
  const ownerThread = owner !== null ? model.mention(owner) : null;
  if (ownerThread !== null) {
    if (ownerThread === thread) return [];
    return [
      {
        ...base,
        to: ownerThread.id,
        kind: 'mutant',
        statement: `waits for mutant ${hex(object)}${one}, which ${ownerThread.id} owns`,
      },
    ];
  }
  if (held.length === 1) {
    const [lock] = held;
    lock.foundWaiters.add(thread);
    const kind =
      lock.kind === 'eresource' || lock.kind === 'fast-mutex' || lock.kind === 'push-lock' ? lock.kind : 'mutant';
    return locks.joinedOwners(lock).map((to) => ({
      ...base,
      to: to.id,
      kind,
      statement: `waits for ${kind} ${hex(object)}${one}, which ${to.id} owns`,
    }));
  }
  const isThread = type !== null && /^(?:thread|threadobject)$/i.test(type);
  const target = model.threadAt(object);
  if (object !== null && (isThread || target !== null)) {
    const to = target ?? model.mention(object);
    // One that has ended lets nobody wait.
    if (to === null || to === thread || to.state === 'TERMINATED') return [];
    return [{ ...base, to: to.id, kind: 'thread', statement: `waits for thread ${to.id} to end${one}` }];
  }
  if (object !== null && (/^process/i.test(type ?? '') || model.processAt(object) !== null)) {
    const process = model.mentionProcess(object, null);
    const name = process.image ?? 'the process';
    return [
      { ...base, to: processNode(hex(object) ?? ''), kind: 'process', statement: `waits for ${name} to end${one}` },
    ];
  }
  return [];
}
