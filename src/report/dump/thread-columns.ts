/** Columns of the lists of threads: threads, stacks, order, chains, deadlocks, edges. */
import type {
  ChainRoot,
  DumpChain,
  DumpDeadlock,
  DumpResult,
  DumpThread,
  WaitEdge,
} from '../../analyses/dump/result.js';
import type { ViewColumn } from '../views.js';
import { evidenceColumn, listText, text, waitColumn, yes, yesNo } from './columns.js';
import { cidText, type DumpIndex, edgeText, frameText, indexOf, tellingFrame } from './names.js';
import type { StackGroup } from './stack-groups.js';

const CID: ViewColumn<DumpThread> = {
  key: 'cid',
  title: 'Cid',
  rank: 1,
  value: (t) => cidText(t.pid, t.tid),
};

export const THREAD: readonly ViewColumn<DumpThread>[] = [
  { key: 'thread', title: 'Thread', rank: 0, value: (t) => text(t.id) },
  CID,
  { key: 'process', title: 'Process', rank: 0, value: (t) => text(t.process) },
  { key: 'pid', title: 'PID', rank: 12, value: (t) => t.pid },
  { key: 'tid', title: 'TID', rank: 12, value: (t) => t.tid },
  { key: 'number', title: 'No.', rank: 11, value: (t) => t.number },
  { key: 'state', title: 'State', rank: 3, value: (t) => text(t.state) },
  { key: 'processor', title: 'CPU', rank: 9, value: (t) => t.processor },
  { key: 'waitReason', title: 'Reason', rank: 5, value: (t) => text(t.waitReason) },
  waitColumn('waitMs', 'Wait', 0, (t) => t.waitMs),
  { key: 'waitTicks', title: 'Ticks', rank: 13, value: (t) => t.waitTicks },
  { key: 'waitStartUtc', title: 'Since', rank: 14, value: (t) => t.waitStartUtc },
  {
    key: 'beganAfterNow',
    title: 'Began after the dump',
    rank: 15,
    hidden: true,
    value: (t) => yes(t.beganAfterNow),
  },
  {
    key: 'objects',
    title: 'Wait objects',
    rank: 8,
    value: (t) =>
      listText(t.waitObjects.map(({ type, address }) => [type, address].filter((p) => p !== null).join(' '))),
  },
  { key: 'irps', title: 'IRPs', rank: 7, value: (t) => t.irps.length || null },
  waitColumn('userMs', 'User', 6, (t) => t.userMs, '-'),
  waitColumn('kernelMs', 'Kernel', 6, (t) => t.kernelMs, '-'),
  { key: 'contextSwitches', title: 'Switches', rank: 10, value: (t) => t.contextSwitches },
  { key: 'priority', title: 'Pri', rank: 10, value: (t) => t.priority },
  { key: 'isIdle', title: 'For work', rank: 9, value: (t) => yes(t.isIdle) },
  { key: 'frame', title: 'In', rank: 2, value: (t) => tellingFrame(t) },
  { key: 'startRoutine', title: 'Began in', rank: 16, hidden: true, value: (t) => text(t.startRoutine) },
  { key: 'frames', title: 'Frames', rank: 99, hidden: true, value: (t) => listText(t.frames.map(frameText), ';') },
  evidenceColumn((t) => t.evidence),
];

export const STACK: readonly ViewColumn<StackGroup>[] = [
  { key: 'count', title: 'Threads', rank: 0, value: (g) => g.threads.length },
  { key: 'thread', title: 'First', rank: 0, value: (g) => text(g.first.id) },
  { key: 'process', title: 'Process', rank: 1, value: (g) => listText(g.processes) },
  { key: 'state', title: 'State', rank: 4, value: (g) => text(g.first.state) },
  { key: 'waitReason', title: 'Reason', rank: 3, value: (g) => text(g.first.waitReason) },
  waitColumn('longestWaitMs', 'Longest wait', 0, (g) => g.longestWaitMs),
  { key: 'frame', title: 'In', rank: 0, value: (g) => tellingFrame(g.first) },
  { key: 'threads', title: 'All', rank: 99, hidden: true, value: (g) => listText(g.threads.map(({ id }) => id)) },
  {
    key: 'frames',
    title: 'Frames',
    rank: 99,
    hidden: true,
    value: (g) => listText(g.first.frames.map(frameText), ';'),
  },
];

/** A thread that is known, or an id alone. */
interface Named {
  readonly id: string;
  readonly thread: DumpThread | null;
  readonly index: DumpIndex;
}

export interface OrderRow extends Named {
  readonly waitMs: number | null;
  readonly process: string | null;
}

export const orderRows = (result: DumpResult): OrderRow[] => {
  const index = indexOf(result);
  return result.order.map(({ thread: id, waitMs, process }) => ({
    id,
    thread: index.threads.get(id) ?? null,
    index,
    waitMs,
    process,
  }));
};

export const ORDER: readonly ViewColumn<OrderRow>[] = [
  waitColumn('waitMs', 'Wait', 0, (r) => r.waitMs),
  { key: 'thread', title: 'Thread', rank: 0, value: (r) => text(r.id) },
  {
    key: 'cid',
    title: 'Cid',
    rank: 1,
    value: ({ thread }) => (thread === null ? null : cidText(thread.pid, thread.tid)),
  },
  { key: 'process', title: 'Process', rank: 0, value: (r) => text(r.process) },
  { key: 'waitReason', title: 'Reason', rank: 5, value: ({ thread }) => text(thread?.waitReason ?? null) },
  {
    key: 'for',
    title: 'For',
    rank: 3,
    value: ({ id, index }) => listText((index.waits.get(id) ?? []).map((edge) => edgeText(edge, index))),
  },
  { key: 'frame', title: 'In', rank: 2, value: ({ thread }) => (thread === null ? null : tellingFrame(thread)) },
  { key: 'waitStartUtc', title: 'Since', rank: 6, value: ({ thread }) => thread?.waitStartUtc ?? null },
];

const rootText = ({ module, function: fn }: ChainRoot): string | null => {
  const parts = [module, fn].filter((part) => part !== null);
  return parts.length === 0 ? null : text(parts.join('!'));
};

export const CHAIN: readonly ViewColumn<DumpChain>[] = [
  { key: 'root', title: 'Root', rank: 0, value: ({ root }) => text(root.node) },
  { key: 'why', title: 'Why', rank: 0, value: ({ root }) => root.why },
  { key: 'in', title: 'In', rank: 2, value: ({ root }) => rootText(root) },
  { key: 'module', title: 'Module', rank: 99, hidden: true, value: ({ root }) => text(root.module) },
  { key: 'function', title: 'Function', rank: 99, hidden: true, value: ({ root }) => text(root.function) },
  { key: 'waitsFor', title: 'Waits for', rank: 3, value: ({ root }) => text(root.waitsFor) },
  { key: 'waiters', title: 'Waiters', rank: 0, value: (c) => c.waiters },
  waitColumn('longestWaitMs', 'Longest wait', 0, (c) => c.longestWaitMs),
  { key: 'certain', title: 'Certain', rank: 1, value: (c) => yesNo(c.certain) },
  { key: 'isDeadlock', title: 'Deadlock', rank: 4, value: ({ root }) => yes(root.isDeadlock) },
  { key: 'isRunning', title: 'Runs', rank: 5, value: ({ root }) => yes(root.isRunning) },
  { key: 'isPolling', title: 'Polls', rank: 5, value: ({ root }) => yes(root.isPolling) },
  { key: 'victim', title: 'Victim', rank: 6, value: (c) => text(c.threads[0] ?? null) },
  { key: 'length', title: 'Threads', rank: 7, value: (c) => c.threads.length },
  { key: 'threads', title: 'Chain', rank: 8, value: (c) => listText(c.threads, ' > ') },
  { key: 'statement', title: 'Reason', rank: 99, hidden: true, value: ({ root }) => text(root.statement) },
  evidenceColumn((c) => c.edges.flatMap(({ evidence }) => evidence)),
];

export interface EdgeRow {
  readonly edge: WaitEdge;
  readonly index: DumpIndex;
}

export const edgeRows = (result: DumpResult): EdgeRow[] =>
  result.waitEdges.map((edge) => ({ edge, index: indexOf(result) }));

const imageOf = (id: string, { threads, processes }: DumpIndex): string | null =>
  text(threads.get(id)?.process ?? processes.get(id.replace(/^process:/, ''))?.image ?? null);

export const EDGE: readonly ViewColumn<EdgeRow>[] = [
  { key: 'from', title: 'From', rank: 0, value: ({ edge }) => text(edge.from) },
  { key: 'fromProcess', title: 'of', rank: 2, value: ({ edge, index }) => imageOf(edge.from, index) },
  waitColumn('waitMs', 'Wait', 3, ({ edge, index }) => index.threads.get(edge.from)?.waitMs ?? null),
  { key: 'kind', title: 'Waits on', rank: 0, value: ({ edge }) => edge.kind },
  { key: 'object', title: 'Object', rank: 1, value: ({ edge }) => text(edge.object) },
  { key: 'to', title: 'Held by', rank: 0, value: ({ edge }) => text(edge.to) },
  { key: 'toProcess', title: 'of', rank: 2, value: ({ edge, index }) => imageOf(edge.to, index) },
  { key: 'certain', title: 'Certain', rank: 1, value: ({ edge }) => yesNo(edge.certain) },
  { key: 'statement', title: 'How it is known', rank: 4, value: ({ edge }) => text(edge.statement) },
  evidenceColumn(({ edge }) => edge.evidence),
];

export interface DeadlockRow {
  readonly no: number;
  readonly deadlock: DumpDeadlock;
  readonly id: string;
  readonly edge: WaitEdge | null;
  readonly index: DumpIndex;
}

/** One row a thread of a deadlock and what it waits for inside it. */
export function deadlockRows(result: DumpResult): DeadlockRow[] {
  const index = indexOf(result);
  return result.deadlocks.flatMap((deadlock, i) => {
    const members = new Set(deadlock.threads);
    return deadlock.threads.flatMap((id): DeadlockRow[] => {
      const own = deadlock.edges.filter(({ from, to }) => from === id && members.has(to));
      const edges: (WaitEdge | null)[] = own.length === 0 ? [null] : own;
      return edges.map((edge) => ({ no: i + 1, deadlock, id, edge, index }));
    });
  });
}

export const DEADLOCK: readonly ViewColumn<DeadlockRow>[] = [
  { key: 'deadlock', title: 'No.', rank: 0, value: (r) => r.no },
  { key: 'thread', title: 'Thread', rank: 0, value: (r) => text(r.id) },
  { key: 'process', title: 'Process', rank: 1, value: ({ id, index }) => imageOf(id, index) },
  waitColumn('waitMs', 'Wait', 2, ({ id, index }) => index.threads.get(id)?.waitMs ?? null),
  { key: 'kind', title: 'Waits on', rank: 0, value: ({ edge }) => edge?.kind ?? null },
  { key: 'object', title: 'Object', rank: 0, value: ({ edge }) => text(edge?.object ?? null) },
  { key: 'to', title: 'Held by', rank: 0, value: ({ edge }) => text(edge?.to ?? null) },
  { key: 'certain', title: 'Certain', rank: 1, value: ({ deadlock }) => yesNo(deadlock.certain) },
  { key: 'victims', title: 'Victims', rank: 3, value: ({ deadlock }) => deadlock.victims.length },
  evidenceColumn(({ edge }) => edge?.evidence ?? []),
];
