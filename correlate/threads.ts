/** Threads and processes of the dump in the traces: the same id and, where both say it, the same image. */
import type { DumpThread } from '../src/analyses/dump/result.js';
import type { Given } from './given.js';
import { isSameImage } from './names.js';
import type { SeenThread } from './probes/processes-seen.js';
import type { Switched } from './probes/switches.js';
import type { Talk } from './probes/thread-talk.js';

/** A thread of the dump, and what the traces hold of it. */
export interface ThreadMatch {
  readonly thread: DumpThread;
  readonly talk: readonly Talk[];
  readonly switched: readonly Switched[];
  readonly seen: readonly SeenThread[];
  /** True where PID or image say so too; false where only the thread's number does. */
  readonly isSure: boolean;
  readonly rows: number;
}

export class Threads {
  readonly #matches = new Map<string, ThreadMatch | null>();
  readonly #byId = new Map<string, DumpThread>();

  constructor(private readonly given: Given) {
    for (const thread of given.dump.threads) this.#byId.set(thread.id, thread);
  }

  /** A thread of the dump by the id that chains and locks name it by. */
  byId = (id: string): DumpThread | null => this.#byId.get(id) ?? null;

  /** What the traces hold of a thread; null where they hold nothing. Ids are used again: another process' thread is not it. */
  match(thread: DumpThread): ThreadMatch | null {
    const known = this.#matches.get(thread.id);
    if (known !== undefined) return known;
    const found = this.#find(thread);
    this.#matches.set(thread.id, found);
    return found;
  }

  #find(thread: DumpThread): ThreadMatch | null {
    const { tid, pid, process } = thread;
    if (tid === null || tid === 0) return null;
    const { talk, switches, processes } = this.given.probes;
    const fits = (one: { pid: number | null; process: string | null }): boolean =>
      (pid === null || one.pid === null || one.pid === pid) &&
      (process === null || one.process === null || isSameImage(one.process, process));
    const seen = processes.threadsOf(tid).filter(fits);
    const life = seen.at(-1);
    // A thread that ended in the trace is not that of the dump, whatever its number.
    if (life !== undefined && life.endedUs !== null) return null;
    // Nor is one that had the number before.
    const isOfLife = (source: number, lastUs: number): boolean =>
      life?.startedUs == null || source !== life.source || !(lastUs < life.startedUs);
    const own = {
      talk: talk.of(tid).filter((one) => fits(one) && isOfLife(one.source, one.lastUs)),
      switched: switches.of(tid).filter((one) => fits(one) && isOfLife(one.source, one.lastOutUs)),
      seen,
    };
    const all = [...own.talk, ...own.switched, ...own.seen];
    if (all.length === 0) return null;
    const isSure = all.some(
      (one) =>
        (pid !== null && one.pid === pid) ||
        (process !== null && one.process !== null && isSameImage(one.process, process)),
    );
    const rows =
      own.talk.reduce((sum, { count }) => sum + count, 0) +
      own.switched.reduce((sum, { runs }) => sum + runs, 0) +
      own.seen.length;
    return { thread, ...own, isSure, rows };
  }
}
