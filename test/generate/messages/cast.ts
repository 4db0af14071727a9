/** Made-up processes and their threads. */
import type { Random } from '../random.js';
import type { Process, Speaker } from './model.js';

const IMAGES = ['lampsvc.exe', 'dimmer.exe', 'storehost.exe', 'relay.exe', 'indexer.exe', 'printhub.exe'] as const;

export interface Cast {
  /** A process and so many threads of it that nobody else has. */
  hired(threads: number): Speaker;
}

export function castOf(random: Random): Cast {
  let nextPid = 4 * random.whole(200, 700);
  let nextTid = 4 * random.whole(1000, 2000);
  const processes: Process[] = IMAGES.map((name) => {
    nextPid += 4 * random.whole(3, 300);
    return { name, pid: nextPid };
  });
  return {
    hired(threads) {
      const tids = Array.from({ length: threads }, () => {
        nextTid += 4 * random.whole(1, 9);
        return nextTid;
      });
      return { process: random.pick(processes), tids };
    },
  };
}
