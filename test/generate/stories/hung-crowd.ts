/** Threads of a dump that have nothing to do with it: they wait for work, as most threads of any machine. */
import { type Draft, newThread, type ThreadDraft } from '../dump/draft.js';
import { addProcess, type ThreadWish } from './hung-log.js';
import type { Scene } from './scene.js';

/** Wishes by thread: of a live system some waits begin behind the time of the dump. */
export function addCrowd(scene: Scene, draft: Draft): Map<ThreadDraft['address'], ThreadWish> {
  const { random, words, twist } = scene;
  const wishes = new Map<ThreadDraft['address'], ThreadWish>();
  const images = ['svchost.exe', `${words.stem()}tray.exe`, `${words.stem()}agent.exe`];
  const processes = images.map((image) => addProcess(draft, image, draft.nextId()));
  const idle = Array.from({ length: random.whole(5, 9) }, () => {
    const thread = newThread(draft, random.pick([draft.processes[0], ...processes]));
    thread.isIdle = true;
    thread.wait = {
      kind: thread.process.pid === 4 ? 'idle-worker' : random.pick(['idle-worker', 'idle-rpc', 'idle-gui']),
    };
    return thread;
  });
  // Nobody waits for these; the times of the rest are those that finish.ts makes up.
  for (const [i, { address }] of idle.entries()) {
    const isLate = twist === 'live-dump' && i < 3;
    wishes.set(address, {
      waitMs: isLate ? null : Math.floor(Math.min(scene.uptimeMs - 2_000, random.longTailed(40_000, 2))),
    });
  }
  return wishes;
}
