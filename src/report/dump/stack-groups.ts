/** Threads with the same stack as one: of ten thousand threads most wait in a few ways. */
import type { DumpResult, DumpThread } from '../../analyses/dump/result.js';
import { grouped, stackKey } from './names.js';

export interface StackGroup {
  /** The one that waits longest. */
  readonly first: DumpThread;
  readonly threads: readonly DumpThread[];
  /** Null where no wait is known. */
  readonly longestWaitMs: number | null;
  /** Images, most threads first. */
  readonly processes: readonly string[];
}

/** Groups of threads, most threads first; threads without a stack by state and reason of their wait. */
export function stackGroups({ threads }: DumpResult): StackGroup[] {
  const groups = grouped(threads, (thread) =>
    thread.frames.length > 0
      ? stackKey(thread)
      : `no stack\n${thread.state}\n${thread.waitReason}\n${thread.stackNotResident}`,
  );
  return [...groups.values()].map(groupOf).sort((a, b) => b.threads.length - a.threads.length || waitOf(b) - waitOf(a));
}

const waitOf = ({ longestWaitMs }: StackGroup): number => longestWaitMs ?? -1;

function groupOf(threads: readonly DumpThread[]): StackGroup {
  let [first] = threads;
  for (const thread of threads) if ((thread.waitMs ?? -1) > (first.waitMs ?? -1)) first = thread;
  const byImage = grouped(threads, ({ process }) => process);
  const processes = [...byImage].sort((a, b) => b[1].length - a[1].length).map(([image]) => image);
  return { first, threads, longestWaitMs: first.waitMs, processes };
}
