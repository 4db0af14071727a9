/** The answer of `dump` as its readers see it: addresses as text, rows as evidence, filters applied. */
import { dumpPort, dumpPortConnection } from '../../tables/dump-lock.js';
import { dumpDesktop, dumpModule, dumpProcessor } from '../../tables/dump-system.js';
import type { Case } from './case.js';
import type { Chain } from './chains.js';
import { orderOf } from './chains.js';
import { queuedDpcs } from './dpcs.js';
import type { Edge } from './edges/edge.js';
import { filtersOf } from './filters.js';
import { type Frame, hex, onceForEach } from './frames.js';
import { waitingFor } from './graph.js';
import { isIdle } from './idle.js';
import { type Lock, waiterCountOf, waitersOf } from './locks.js';
import type { Process, Thread } from './model.js';
import { nblsOf } from './nbls.js';
import type { DumpOptions } from './options.js';
import { leakSuspectsOf } from './patterns/leaks.js';
import { isIdleOn } from './processors.js';
import { isLive, qualityOf } from './quality.js';
import type {
  DumpChain,
  DumpDeadlock,
  DumpFrame,
  DumpLock,
  DumpPattern,
  DumpPort,
  DumpProcess,
  DumpProcessor,
  DumpResult,
  DumpSystem,
  DumpThread,
  WaitEdge,
} from './result.js';
import { type Cited, evidenceOf } from './rows.js';

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
  return {
    system: systemOf(all),
    quality: qualityOf(all),
    threads: threads.filter(({ id }) => isShown(id)).map((thread) => threadOf(thread, all, idle.has(thread), mentions)),
    processes: processesOf(all, options),
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
    leakSuspects: leakSuspectsOf(all),
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
    cut: chains.of > chains.list.length ? { chains: chains.of } : {},
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

const MAX_EVIDENCE = 4;

function edgeOf({ rows, isOneOfSeveral: _, ...edge }: Edge, { context }: Case): WaitEdge {
  return { ...edge, evidence: evidenceOf(context, rows, MAX_EVIDENCE) };
}

function chainOf(
  { threads, edges, root, waiters, longestWaitMs }: Chain,
  shown: ReadonlyMap<Edge, WaitEdge>,
): DumpChain {
  return {
    threads,
    edges: edges.map((edge) => shown.get(edge) as WaitEdge),
    root,
    waiters,
    longestWaitMs,
    certain: edges.every(({ certain }) => certain),
  };
}

function deadlockOf(
  members: readonly string[],
  { graph }: Case,
  shown: ReadonlyMap<Edge, WaitEdge>,
  live: boolean,
): DumpDeadlock {
  const inside = new Set(members);
  const edges = members.flatMap((node) => (graph.out.get(node) ?? []).filter(({ to }) => inside.has(to)));
  const victims = new Set(members.flatMap((node) => [...waitingFor(graph, node)]).filter((node) => !inside.has(node)));
  return {
    threads: inOrder(members, edges),
    edges: edges.map((edge) => shown.get(edge) as WaitEdge),
    victims: [...victims],
    certain: !live && edges.every(({ certain }) => certain),
    mayEnd: edges.some(({ isOneOfSeveral }) => isOneOfSeveral === true),
  };
}

/** Members along the cycle, as far as it is one ring. */
function inOrder(members: readonly string[], edges: readonly Edge[]): string[] {
  const start = [...members].sort()[0];
  const ring = [start];
  for (let at = start; ring.length < members.length; ) {
    const next = edges.find(({ from, to }) => from === at && !ring.includes(to))?.to;
    if (next === undefined) break;
    ring.push(next);
    at = next;
  }
  return [...ring, ...members.filter((member) => !ring.includes(member))];
}

const frameOf = ({ address, symbol, module, function: fn, offset }: Frame): DumpFrame => ({
  address: hex(address),
  symbol,
  module,
  function: fn,
  offset,
});

const shownFrames = onceForEach((frames) => frames.map(frameOf));

/** What names the threads that no command has printed: locks, messages, wait objects. */
function mentionsOf({ model, locks, graph }: Case): ReadonlyMap<string, readonly Cited[]> {
  const found = new Map<string, Cited[]>();
  for (const { id, sightings } of model.threads.values()) if (sightings.length === 0) found.set(id, []);
  if (found.size === 0) return found;
  const name = (id: string, rows: readonly Cited[]): void => {
    const known = found.get(id);
    if (known !== undefined && known.length < MAX_EVIDENCE) known.push(...rows.slice(0, MAX_EVIDENCE));
  };
  for (const lock of locks.all) for (const { id } of [...lock.owners, ...waitersOf(lock)]) name(id, lock.rows);
  for (const { from, to, rows } of graph.edges) for (const id of [to, from]) name(id, rows);
  return found;
}

function threadOf(
  thread: Thread,
  all: Case,
  idle: boolean,
  mentions: ReadonlyMap<string, readonly Cited[]>,
): DumpThread {
  const { process, row, sightings } = thread;
  const isSeen = sightings.length > 0;
  return {
    id: thread.id,
    address: hex(thread.address),
    process: thread.image,
    processAddress: hex(process?.address ?? null),
    pid: thread.pid ?? process?.pid ?? null,
    tid: thread.tid,
    number: thread.number,
    state: thread.state,
    processor: thread.processor,
    waitReason: thread.waitReason,
    waitStartTicks: thread.waitStartTicks,
    waitTicks: thread.waitTicks,
    waitMs: thread.waitMs,
    waitStartUtc: waitStartOf(thread, all),
    beganAfterNow: isSeen ? thread.beganAfterNow : null,
    waitObjects: thread.waitObjects.map(({ object, type, owner }) => ({
      address: hex(object),
      type,
      owner: hex(owner),
    })),
    irps: thread.irps.map((irp) => hex(irp) ?? ''),
    userMs: row.userMs ?? null,
    kernelMs: row.kernelMs ?? null,
    contextSwitches: row.contextSwitches ?? null,
    priority: row.priority ?? null,
    startRoutine: row.win32StartRoutine ?? row.startRoutine ?? null,
    frames: shownFrames(thread.frames),
    doubtfulFrame: thread.doubtfulFrame,
    stackNotResident: isSeen ? row.stackNotResident === 1 : null,
    isIdle: isSeen ? idle : null,
    evidence: evidenceOf(all.context, isSeen ? sightings : (mentions.get(thread.id) ?? []), MAX_EVIDENCE),
  };
}

/** Null where the log does not say when the dump was taken. */
function waitStartOf({ waitMs }: Thread, all: Case): string | null {
  const session = sessionMs(all);
  return session === null || waitMs === null ? null : new Date(session - waitMs).toISOString();
}

const sessionMs = ({ context }: Case): number | null => {
  const start = context.sources.map(({ about }) => about.clock.startUtc).find((text) => text !== null) ?? null;
  return start === null ? null : Date.parse(start);
};

function processesOf({ model, context }: Case, { process, processAddresses, pids }: DumpOptions): DumpProcess[] {
  const counts = new Map<Process, number>();
  for (const thread of model.threads.values()) {
    if (thread.process !== null) counts.set(thread.process, (counts.get(thread.process) ?? 0) + 1);
  }
  return model.processes
    .filter((one) => (process === null || process(one.image ?? '')) && (pids === null || pids.has(one.pid ?? -1)))
    .filter((one) => processAddresses === null || processAddresses.has(hex(one.address) ?? ''))
    .map((one) => ({
      address: hex(one.address),
      image: one.image,
      pid: one.pid,
      parentPid: one.row.parentPid ?? null,
      sessionId: one.row.sessionId ?? null,
      handleCount: one.row.handleCount ?? null,
      threadCount: counts.get(one) ?? 0,
      commandLine: one.row.commandLine ?? null,
      elapsedMs: one.row.elapsedMs ?? null,
      userMs: one.row.userMs ?? null,
      kernelMs: one.row.kernelMs ?? null,
      commitPages: one.row.commitPages ?? null,
      evidence: evidenceOf(context, one.rows, MAX_EVIDENCE),
    }));
}

function lockOf(lock: Lock, { context }: Case): DumpLock {
  const { row, process } = lock;
  return {
    kind: lock.kind,
    address: hex(lock.address),
    symbol: lock.symbol,
    processAddress: hex(process?.address ?? row.processAddress ?? null),
    process: process?.image ?? null,
    locked: lock.isLocked ?? (lock.owners.length > 0 ? true : null),
    exclusive: lock.isExclusive,
    owners: lock.owners.map(({ id }) => id),
    ownerTid: row.ownerTid ?? lock.owners[0]?.tid ?? null,
    sharedWaiters: row.sharedWaiters ?? (lock.sharedWaiters.length || null),
    exclusiveWaiters: row.exclusiveWaiters ?? (lock.exclusiveWaiters.length || null),
    waiterCount: waiterCountOf(lock),
    waiters: waitersOf(lock).map(({ id }) => id),
    recursionCount: row.recursionCount ?? null,
    contentionCount: row.contentionCount ?? null,
    evidence: evidenceOf(context, lock.rows, MAX_EVIDENCE),
  };
}

function systemOf(all: Case): DumpSystem {
  const { facts, clock, context, bugcheck, rows } = all;
  const [machine] = context.sources.map(({ about }) => about.machine);
  return {
    bugcheck,
    windows: facts.text('system', 'windows') ?? machine?.os ?? null,
    build: facts.number('system', 'build') ?? machine?.build ?? null,
    architecture: facts.text('system', 'architecture'),
    cpus: facts.number('system', 'cpus') ?? machine?.cpus ?? null,
    machine: facts.text('system', 'machine'),
    debugSessionUtc: context.sources.map(({ about }) => about.clock.startUtc).find((text) => text !== null) ?? null,
    uptimeMs: facts.number('system', 'uptimeMs'),
    nowTicks: clock.nowTicks,
    tickMs: clock.tickMs,
    modules: rows.of(dumpModule).map((row) => ({
      name: row.name ?? '',
      base: hex(row.base),
      end: hex(row.end),
      image: row.image,
      path: row.path,
      timestampUtc: row.timestampSeconds === null ? null : new Date(row.timestampSeconds * 1000).toISOString(),
      fileVersion: row.fileVersion,
      productVersion: row.productVersion,
      company: row.company,
      unloaded: row.isUnloaded === 1,
      evidence: context.evidence(row.at.source, row.at.cite),
    })),
    processors: processorsOf(all),
  };
}

/** Each processor once: what `!running`, `!pcr` and `!prcb` say of it together. */
function processorsOf({ rows, context }: Case): DumpProcessor[] {
  const byCpu = new Map<
    number,
    { current: bigint | null; next: bigint | null; idle: bigint | null; row: ReturnType<typeof rowsOf>[number] }
  >();
  const rowsOf = () => rows.of(dumpProcessor);
  for (const row of rowsOf()) {
    if (row.cpu === null) continue;
    const known = byCpu.get(row.cpu);
    byCpu.set(row.cpu, {
      current: row.current ?? known?.current ?? null,
      next: row.next ?? known?.next ?? null,
      idle: row.idle ?? known?.idle ?? null,
      row,
    });
  }
  const dpcs = queuedDpcs(rows);
  return [...byCpu]
    .sort(([a], [b]) => a - b)
    .map(([cpu, { current, next, idle, row }]) => ({
      cpu,
      current: hex(current),
      next: hex(next),
      idle: hex(idle),
      isIdle: isIdleOn(current, idle, row.prcb),
      dpcs: dpcs
        .filter((dpc) => dpc.cpu === cpu)
        .map(({ kdpc, type, routine }) => ({ kdpc: hex(kdpc), type, routine })),
      evidence: context.evidence(row.at.source, row.at.cite),
    }));
}

function portsOf({ rows, facts, context }: Case): DumpPort[] {
  const connections = rows.of(dumpPortConnection);
  const ports = new Map<bigint | null, DumpPort>();
  for (const row of rows.of(dumpPort)) {
    const queues = [row.mainQueue, row.largeQueue, row.pendingQueue, row.canceledQueue].filter(
      (count) => count !== null,
    );
    const known = ports.get(row.address);
    ports.set(row.address, {
      address: hex(row.address),
      // `!object \\X\\ApiPort` names the port that `!alpc` does not.
      name: row.name ?? known?.name ?? facts.text(`object ${hex(row.address)}`, 'name'),
      type: row.type ?? known?.type ?? null,
      owner: hex(row.ownerProcess) ?? known?.owner ?? null,
      ownerImage: row.ownerImage ?? known?.ownerImage ?? null,
      sequenceNo: row.sequenceNo ?? known?.sequenceNo ?? null,
      queued: queues.length > 0 ? queues.reduce((sum, count) => sum + count, 0) : (known?.queued ?? null),
      connections: connections
        .filter(({ connectionPort }) => connectionPort === row.address)
        .map((one) => ({
          server: hex(one.serverPort),
          client: hex(one.clientPort),
          process: hex(one.process),
          image: one.image,
          queued: [
            one.serverMain,
            one.serverPending,
            one.serverLarge,
            one.clientMain,
            one.clientPending,
            one.clientLarge,
          ].reduce<number>((sum, count) => sum + (count ?? 0), 0),
        })),
      evidence: known?.evidence ?? context.evidence(row.at.source, row.at.cite),
    });
  }
  return [...ports.values()];
}
