/** The system as the answer shows it: Windows, modules, processors, ports. */
import { dumpPort, dumpPortConnection } from '../../tables/dump-lock.js';
import { dumpModule, dumpProcessor } from '../../tables/dump-system.js';
import type { Case } from './case.js';
import { queuedDpcs } from './dpcs.js';
import { hex } from './frames.js';
import { connectionQueues } from './port-queues.js';
import { isIdleOn } from './processors.js';
import type { DumpPort, DumpProcessor, DumpSystem } from './result.js';

/** What the log says of Windows, its time, its modules and processors. */
export function systemOf(all: Case): DumpSystem {
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

/** Ports of LPC and ALPC, each once, with their connections. */
export function portsOf({ rows, facts, context }: Case): DumpPort[] {
  const connections = rows.of(dumpPortConnection);
  const ports = new Map<bigint | null, DumpPort>();
  for (const row of rows.of(dumpPort)) {
    const queues = [row.mainQueue, row.largeQueue, row.pendingQueue, row.canceledQueue].filter(
      (count) => count !== null,
    );
    const known = ports.get(row.address);
    const own = connections.filter(({ connectionPort }) => connectionPort === row.address);
    ports.set(row.address, {
      address: hex(row.address),
      // `!object \\X\\ApiPort` names the port that `!alpc` does not.
      name: row.name ?? known?.name ?? facts.text(`object ${hex(row.address)}`, 'name'),
      type: row.type ?? known?.type ?? null,
      owner: hex(row.ownerProcess) ?? known?.owner ?? null,
      ownerImage: row.ownerImage ?? known?.ownerImage ?? null,
      sequenceNo: row.sequenceNo ?? known?.sequenceNo ?? null,
      queued: queues.length > 0 ? queues.reduce((sum, count) => sum + count, 0) : (known?.queued ?? null),
      connectionCount: row.connections ?? known?.connectionCount ?? (own.length || null),
      connections: own.map((one) => ({
        server: hex(one.serverPort),
        client: hex(one.clientPort),
        process: hex(one.process),
        image: one.image,
        queued: connectionQueues(one).reduce<number>((sum, count) => sum + (count ?? 0), 0),
      })),
      evidence: known?.evidence ?? context.evidence(row.at.source, row.at.cite),
    });
  }
  return [...ports.values()];
}
