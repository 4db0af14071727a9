/** Columns of the lists beside threads: locks, processes, IRPs, modules, memory, processors and what few logs hold. */
import type {
  DumpDesktop,
  DumpFilter,
  DumpIrp,
  DumpIrps,
  DumpLock,
  DumpMemory,
  DumpModule,
  DumpNbls,
  DumpPattern,
  DumpPort,
  DumpProcess,
  DumpProcessor,
  DumpQuality,
  IrpLocation,
  LeakSuspect,
} from '../../analyses/dump/result.js';
import type { ViewColumn } from '../views.js';
import { evidenceColumn, hexText, listText, text, waitColumn, yes, yesNo } from './columns.js';

export const LOCK: readonly ViewColumn<DumpLock>[] = [
  { key: 'kind', title: 'Lock', rank: 0, value: (l) => l.kind },
  { key: 'address', title: 'Address', rank: 0, value: (l) => l.address },
  { key: 'symbol', title: 'Symbol', rank: 1, value: (l) => text(l.symbol) },
  { key: 'process', title: 'Process', rank: 3, value: (l) => text(l.process ?? l.processAddress) },
  { key: 'locked', title: 'Locked', rank: 6, value: (l) => yesNo(l.locked) },
  { key: 'exclusive', title: 'Exclusive', rank: 5, value: (l) => yesNo(l.exclusive) },
  { key: 'owners', title: 'Owner', rank: 0, value: (l) => listText(l.owners) },
  { key: 'ownerTid', title: 'Owner TID', rank: 7, value: (l) => l.ownerTid, text: (l) => hexText(l.ownerTid) },
  { key: 'waiterCount', title: 'Waiters', rank: 0, value: (l) => l.waiterCount, unknown: 'unknown' },
  { key: 'exclusiveWaiters', title: 'Excl.', rank: 8, value: (l) => l.exclusiveWaiters },
  { key: 'sharedWaiters', title: 'Shared', rank: 8, value: (l) => l.sharedWaiters },
  { key: 'contentionCount', title: 'Contention', rank: 4, value: (l) => l.contentionCount },
  { key: 'recursionCount', title: 'Recursion', rank: 9, value: (l) => l.recursionCount },
  { key: 'waiters', title: 'Who waits', rank: 10, value: (l) => listText(l.waiters) },
  evidenceColumn((l) => l.evidence),
];

export const PROCESS: readonly ViewColumn<DumpProcess>[] = [
  { key: 'process', title: 'Process', rank: 0, value: (p) => p.address },
  { key: 'image', title: 'Image', rank: 0, value: (p) => text(p.image) },
  { key: 'pid', title: 'PID', rank: 0, value: (p) => p.pid },
  { key: 'parentPid', title: 'Parent', rank: 3, value: (p) => p.parentPid },
  { key: 'sessionId', title: 'Session', rank: 4, value: (p) => p.sessionId },
  { key: 'handleCount', title: 'Handles', rank: 1, value: (p) => p.handleCount },
  { key: 'threadCount', title: 'Threads', rank: 1, value: (p) => p.threadCount },
  { key: 'commitPages', title: 'Commit pages', rank: 5, value: (p) => p.commitPages },
  waitColumn('elapsedMs', 'Elapsed', 6, (p) => p.elapsedMs, '-'),
  waitColumn('userMs', 'User', 7, (p) => p.userMs, '-'),
  waitColumn('kernelMs', 'Kernel', 7, (p) => p.kernelMs, '-'),
  { key: 'commandLine', title: 'Command line', rank: 8, value: (p) => text(p.commandLine) },
  evidenceColumn((p) => p.evidence),
];

export const IRP: readonly ViewColumn<DumpIrp>[] = [
  { key: 'irp', title: 'IRP', rank: 0, value: (i) => i.address },
  { key: 'thread', title: 'Thread', rank: 0, value: (i) => text(i.thread) },
  { key: 'driver', title: 'Driver', rank: 0, value: (i) => text(i.driver) },
  { key: 'device', title: 'Device', rank: 3, value: (i) => text(i.device) },
  { key: 'major', title: 'Request', rank: 1, value: (i) => text(i.major) },
  { key: 'minor', title: 'Minor', rank: 2, value: (i) => i.minor },
  { key: 'current', title: 'Current', rank: 4, value: (i) => i.current },
  { key: 'stacks', title: 'Stacks', rank: 4, value: (i) => i.stacks },
  evidenceColumn((i) => [i.evidence]),
];

export interface LocationRow {
  readonly irp: DumpIrp;
  readonly at: IrpLocation;
}

export const LOCATION: readonly ViewColumn<LocationRow>[] = [
  { key: 'irp', title: 'IRP', rank: 0, value: ({ irp }) => irp.address },
  { key: 'location', title: 'No.', rank: 0, value: ({ at }) => at.location },
  { key: 'current', title: 'Current', rank: 0, optional: true, value: ({ at }) => yes(at.current) },
  { key: 'major', title: 'Request', rank: 1, value: ({ at }) => text(at.major) },
  { key: 'minor', title: 'Minor', rank: 4, value: ({ at }) => at.minor },
  { key: 'driver', title: 'Driver', rank: 0, value: ({ at }) => text(at.driver) },
  { key: 'device', title: 'Device', rank: 3, value: ({ at }) => at.device },
  { key: 'file', title: 'File', rank: 6, value: ({ at }) => at.file },
  { key: 'completion', title: 'Completion', rank: 2, value: ({ at }) => text(at.completion) },
  { key: 'control', title: 'Control', rank: 5, value: ({ at }) => text(at.control?.byte ?? null) },
  { key: 'pending', title: 'Pending', rank: 3, value: ({ at }) => yesNo(at.control?.pending ?? null) },
  { key: 'error', title: 'Error', rank: 6, value: ({ at }) => yesNo(at.control?.error ?? null) },
  { key: 'invokeOn', title: 'Completion on', rank: 4, value: ({ at }) => listText(at.control?.invokeOn ?? []) },
];

export const DRIVER: readonly ViewColumn<DumpIrps['byDriver'][number]>[] = [
  { key: 'driver', title: 'Driver', rank: 0, value: (d) => text(d.driver) },
  { key: 'count', title: 'IRPs', rank: 0, value: (d) => d.count },
  { key: 'threads', title: 'Threads', rank: 0, value: (d) => d.threads },
  { key: 'withoutThread', title: 'Without thread', rank: 1, value: (d) => d.withoutThread },
  { key: 'requests', title: 'Requests', rank: 2, value: (d) => listText(d.requests) },
];

export const REQUESTER: readonly ViewColumn<DumpIrps['byThread'][number]>[] = [
  { key: 'thread', title: 'Thread', rank: 0, value: (t) => text(t.thread), unknown: 'none' },
  { key: 'count', title: 'IRPs', rank: 0, value: (t) => t.count },
  { key: 'drivers', title: 'Drivers', rank: 0, value: (t) => listText(t.drivers) },
];

export const PATTERN: readonly ViewColumn<DumpPattern>[] = [
  { key: 'pattern', title: 'Pattern', rank: 0, value: (p) => text(p.name) },
  {
    key: 'certain',
    title: 'Certain',
    rank: 0,
    value: (p) => yesNo(p.certain),
    text: (p) => (p.certain ? 'certain' : 'possible'),
  },
  { key: 'subjects', title: 'Of', rank: 2, value: (p) => listText(p.subjects) },
  { key: 'statement', title: 'Statement', rank: 1, value: (p) => text(p.statement) },
  evidenceColumn((p) => p.evidence),
];

export const MODULE: readonly ViewColumn<DumpModule>[] = [
  { key: 'module', title: 'Module', rank: 0, value: (m) => text(m.name) },
  { key: 'base', title: 'From', rank: 3, value: (m) => m.base },
  { key: 'end', title: 'To', rank: 4, value: (m) => m.end },
  { key: 'image', title: 'Image', rank: 2, value: (m) => text(m.image) },
  { key: 'timestampUtc', title: 'Built', rank: 0, value: (m) => m.timestampUtc },
  { key: 'fileVersion', title: 'Version', rank: 1, value: (m) => text(m.fileVersion) },
  { key: 'productVersion', title: 'Product version', rank: 6, value: (m) => text(m.productVersion) },
  { key: 'company', title: 'Company', rank: 2, value: (m) => text(m.company) },
  { key: 'path', title: 'Path', rank: 5, value: (m) => text(m.path) },
  { key: 'unloaded', title: 'Unloaded', rank: 1, value: (m) => yes(m.unloaded) },
  evidenceColumn((m) => [m.evidence]),
];

export const MEMORY: readonly ViewColumn<DumpMemory['figures'][number]>[] = [
  { key: 'figure', title: 'Figure', rank: 0, value: (f) => text(f.name) },
  { key: 'pages', title: 'Pages', rank: 0, value: (f) => f.pages },
  { key: 'kb', title: 'KB', rank: 0, value: (f) => f.kb },
];

export const PROCESSOR: readonly ViewColumn<DumpProcessor>[] = [
  { key: 'cpu', title: 'CPU', rank: 0, value: (p) => p.cpu },
  { key: 'current', title: 'Current', rank: 0, value: (p) => text(p.current) },
  { key: 'next', title: 'Next', rank: 0, value: (p) => text(p.next) },
  { key: 'idle', title: 'Idle thread', rank: 2, value: (p) => text(p.idle) },
  { key: 'isIdle', title: 'Idle', rank: 0, value: (p) => yesNo(p.isIdle) },
  { key: 'dpcs', title: 'DPCs queued', rank: 1, value: (p) => p.dpcs.length },
  evidenceColumn((p) => [p.evidence]),
];

export interface QueueRow {
  readonly cpu: number;
  readonly dpc: DumpProcessor['dpcs'][number];
}

export const QUEUE: readonly ViewColumn<QueueRow>[] = [
  { key: 'cpu', title: 'CPU', rank: 0, value: (q) => q.cpu },
  { key: 'type', title: 'Type', rank: 1, value: ({ dpc }) => text(dpc.type) },
  { key: 'kdpc', title: 'KDPC', rank: 1, value: ({ dpc }) => dpc.kdpc },
  { key: 'routine', title: 'Routine', rank: 0, value: ({ dpc }) => text(dpc.routine) },
];

export const LEAK: readonly ViewColumn<LeakSuspect>[] = [
  { key: 'kind', title: 'Held', rank: 0, value: (l) => l.kind },
  { key: 'subject', title: 'Suspect', rank: 0, value: (l) => text(l.subject) },
  { key: 'process', title: 'Process', rank: 1, value: (l) => text(l.process) },
  { key: 'count', title: 'Count', rank: 0, value: (l) => l.count },
  { key: 'bytes', title: 'Bytes', rank: 0, optional: true, value: (l) => l.bytes },
  { key: 'percent', title: '% of all', decimals: 1, rank: 1, value: (l) => l.percent },
  evidenceColumn((l) => l.evidence),
];

export const PORT: readonly ViewColumn<DumpPort>[] = [
  { key: 'port', title: 'Port', rank: 0, value: (p) => p.address },
  { key: 'name', title: 'Name', rank: 0, value: (p) => text(p.name) },
  { key: 'type', title: 'Type', rank: 2, value: (p) => text(p.type) },
  { key: 'owner', title: 'Owner', rank: 3, value: (p) => text(p.owner) },
  { key: 'ownerImage', title: 'Image', rank: 1, value: (p) => text(p.ownerImage) },
  { key: 'connections', title: 'Connections', rank: 0, value: (p) => p.connectionCount, unknown: 'unknown' },
  { key: 'queued', title: 'Queued', rank: 0, value: (p) => p.queued },
  { key: 'sequenceNo', title: 'Sequence', rank: 4, value: (p) => p.sequenceNo },
  evidenceColumn((p) => [p.evidence]),
];

export const FILTER: readonly ViewColumn<DumpFilter>[] = [
  { key: 'filter', title: 'Filter driver', rank: 0, value: (f) => text(f.name) },
  { key: 'altitude', title: 'Altitude', rank: 0, value: (f) => text(f.altitude) },
  { key: 'frame', title: 'Frame', rank: 0, value: (f) => f.frame },
  { key: 'instances', title: 'Instances', rank: 1, value: (f) => f.instances },
  { key: 'legacy', title: 'Legacy', rank: 1, value: (f) => yes(f.legacy) },
  evidenceColumn((f) => [f.evidence]),
];

export const DESKTOP: readonly ViewColumn<DumpDesktop>[] = [
  { key: 'desktop', title: 'Desktop', rank: 0, value: (d) => text(d.name) },
  { key: 'address', title: 'Address', rank: 2, value: (d) => d.address },
  { key: 'sessionId', title: 'Session', rank: 1, value: (d) => d.sessionId },
  { key: 'heapKb', title: 'Heap KB', rank: 0, value: (d) => d.heapKb, unknown: 'unknown' },
  { key: 'usedPercent', title: '% used', decimals: 1, rank: 0, value: (d) => d.usedPercent, unknown: 'unknown' },
  evidenceColumn((d) => [d.evidence]),
];

export const NBL: readonly ViewColumn<DumpNbls['holders'][number]>[] = [
  { key: 'holder', title: 'Holder', rank: 0, value: (h) => h.address },
  { key: 'name', title: 'Name', rank: 0, value: (h) => text(h.name) },
  { key: 'kind', title: 'Kind', rank: 1, value: (h) => text(h.kind) },
  { key: 'driver', title: 'Driver', rank: 1, value: (h) => text(h.driver) },
  { key: 'listed', title: 'NBLs', rank: 0, value: (h) => h.listed },
  {
    key: 'states',
    title: 'State',
    rank: 2,
    value: (h) => listText(Object.entries(h.states).map((pair) => pair.join(' '))),
  },
];

export const QUALITY: readonly ViewColumn<DumpQuality>[] = [
  { key: 'flag', title: 'Doubt', rank: 0, value: (q) => text(q.flag) },
  { key: 'count', title: 'Times', rank: 0, value: (q) => q.count },
  { key: 'statement', title: 'Statement', rank: 0, value: (q) => text(q.statement) },
  evidenceColumn((q) => q.evidence),
];

export const LOGGER: readonly ViewColumn<{ readonly id: number; readonly name: string; readonly command: string }>[] = [
  { key: 'id', title: 'Id', rank: 0, value: (l) => l.id },
  { key: 'name', title: 'Logger', rank: 0, value: (l) => text(l.name) },
  { key: 'command', title: 'To save it', rank: 0, value: (l) => text(l.command) },
];
