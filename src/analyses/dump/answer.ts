/** The answer of `dump` as its readers see it: addresses as text, rows as evidence, filters applied. */
import { dumpDesktop } from '../../tables/dump-system.js';
import type { Case } from './case.js';
import { orderOf } from './chains.js';
import { filtersOf } from './filters.js';
import { hex } from './frames.js';
import { isIdle } from './idle.js';
import type { Thread } from './model.js';
import { nblsOf } from './nbls.js';
import type { DumpOptions } from './options.js';
import { isLive } from './quality.js';
import type { DumpPattern, DumpResult, WaitEdge } from './result.js';
import { portsOf, systemOf } from './shown-system.js';
import { lockOf, mentionsOf, processesOf, threadOf } from './shown-threads.js';
import { chainOf, deadlockOf, edgeOf } from './shown-waits.js';

export function answerOf(all: Case, patterns: readonly DumpPattern[], options: DumpOptions): DumpResult {
  const { model, locks, graph, chains, context } = all;
  const wanted = wantedThreads(all, options);
  const isWanted = (id: string): boolean => wanted === null || wanted.has(id);
  const threads = [...model.threads.values()];
  const edges = new Map(graph.edges.map((edge) => [edge, edgeOf(edge, all)]));
  const told = chains.list.filter((chain) => chain.threads.some(isWanted));
  const cycles = graph.cycles.filter((members) => members.some(isWanted));
  const live = cycles.length > 0 && isLive(all);
  const idle = new Set(threads.filter((thread) => isIdle(thread, all)));
  const mentions = mentionsOf(all);
  // A chain names all of its threads: what they are is told, whoever was asked for.
  const named = new Set([...told.flatMap(({ threads: ids }) => ids), ...cycles.flat()]);
  const isShown = (id: string): boolean => isWanted(id) || named.has(id);
  const shown = threads.filter(({ id }) => isShown(id));
  const processes = processesOf(all, options);
  return {
    system: systemOf(all),
    quality: all.quality,
    threads: shown.map((thread) => threadOf(thread, all, idle.has(thread), mentions)),
    processes,
    locks: locks.all.map((lock) => lockOf(lock, all)),
    waitEdges: graph.edges
      .filter(({ from, to }) => isShown(from) || isShown(to))
      .map((edge) => edges.get(edge) as WaitEdge),
    chains: told.map((chain) => chainOf(chain, edges)),
    deadlocks: cycles.map((members) => deadlockOf(members, all, edges, live)),
    order: orderOf(threads, (thread) => idle.has(thread))
      .filter(({ id }) => isWanted(id))
      .map(({ id, waitMs, image }) => ({ thread: id, waitMs, process: image })),
    patterns,
    irps: all.irps,
    memory: all.memory,
    leakSuspects: all.leakSuspects,
    watchdog: all.watchdog,
    ports: portsOf(all),
    filters: filtersOf(all.rows).map((row) => ({
      name: row.name ?? '',
      altitude: row.altitude,
      frame: row.frame,
      instances: row.instances,
      legacy: row.isLegacy === 1,
      evidence: context.evidence(row.at.source, row.at.cite),
    })),
    desktops: all.rows.of(dumpDesktop).map((row) => ({
      name: row.name,
      address: hex(row.address),
      sessionId: row.sessionId,
      heapKb: row.heapKb,
      usedPercent: row.usedPercent,
      evidence: context.evidence(row.at.source, row.at.cite),
    })),
    nbls: nblsOf(all),
    cut: {
      ...(chains.of > chains.list.length ? { chains: chains.of } : {}),
      ...(shown.length < threads.length ? { threads: threads.length } : {}),
      ...(processes.length < model.processes.length ? { processes: model.processes.length } : {}),
    },
  };
}

/** Threads that pass the filters; null for all. */
function wantedThreads({ model }: Case, options: DumpOptions): Set<string> | null {
  const { process, processAddresses, pids, tids, threads, module, fn, minWaitMs } = options;
  const filters: ((thread: Thread) => boolean)[] = [];
  if (process !== null) filters.push(({ image }) => image !== null && process(image));
  if (processAddresses !== null)
    filters.push((thread) => processAddresses.has(hex(thread.process?.address ?? null) ?? ''));
  if (pids !== null) filters.push(({ pid }) => pid !== null && pids.has(pid));
  if (tids !== null) filters.push(({ tid }) => tid !== null && tids.has(tid));
  if (threads !== null) filters.push(({ id }) => threads.has(id));
  if (module !== null)
    filters.push(({ frames }) => frames.some((frame) => frame.module !== null && module(frame.module)));
  if (fn !== null) filters.push(({ frames }) => frames.some((frame) => frame.function !== null && fn(frame.function)));
  if (minWaitMs > 0) filters.push(({ waitMs }) => waitMs === null || waitMs >= minWaitMs);
  if (filters.length === 0) return null;
  const all = [...model.threads.values()];
  return new Set(all.filter((thread) => filters.every((filter) => filter(thread))).map(({ id }) => id));
}
