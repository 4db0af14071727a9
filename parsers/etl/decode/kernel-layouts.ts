import { pushTo } from '../../../src/core/push-to.js';
import { type CompiledLayout, compileLayout, type EventLayout } from './event-layout.js';
import { CRIT_SEC, HEAP, PAGE_FAULT, POOL } from './kernel-layouts/memory.js';
import { TCP_IP, UDP_IP } from './kernel-layouts/network.js';
import { ALPC, DBG_PRINT, EVENT_TRACE, LOST_EVENT, OBJECT, REGISTRY, THREAD_POOL } from './kernel-layouts/others.js';
import { PERF_INFO, STACK_WALK } from './kernel-layouts/perf-info.js';
import { IMAGE, JOB, PROCESS, THREAD } from './kernel-layouts/process-thread.js';
import { DISK_IO, FILE_IO, SPLIT_IO } from './kernel-layouts/storage.js';
import { SYS_CONFIG } from './kernel-layouts/system-config.js';

const LAYOUTS: Readonly<Record<string, readonly EventLayout[]>> = {
  ALPC,
  CritSec: CRIT_SEC,
  DbgPrint: DBG_PRINT,
  DiskIo: DISK_IO,
  EventTrace: EVENT_TRACE,
  FileIo: FILE_IO,
  Heap: HEAP,
  Image: IMAGE,
  Job: JOB,
  Lost_Event: LOST_EVENT,
  Object: OBJECT,
  PageFault: PAGE_FAULT,
  PerfInfo: PERF_INFO,
  Pool: POOL,
  Process: PROCESS,
  Registry: REGISTRY,
  SplitIo: SPLIT_IO,
  StackWalk: STACK_WALK,
  SysConfig: SYS_CONFIG,
  TcpIp: TCP_IP,
  Thread: THREAD,
  ThreadPool: THREAD_POOL,
  UdpIp: UDP_IP,
};

interface VersionedLayout {
  readonly from: number;
  readonly to: number | null;
  readonly fields: CompiledLayout;
}

const COMPILED: ReadonlyMap<string, readonly VersionedLayout[]> = compileAll();

function compileAll(): Map<string, VersionedLayout[]> {
  const byType = new Map<string, VersionedLayout[]>();
  for (const [className, layouts] of Object.entries(LAYOUTS)) {
    for (const { opcodes, from, to, fields } of layouts) {
      const compiled = { from, to, fields: compileLayout(fields) };
      for (const opcode of opcodes) {
        const key = `${className}/${opcode}`;
        pushTo(byType, key, compiled);
      }
    }
  }
  return byType;
}

/**
 * The layout of a kernel event type. A version above those that are published is read as the highest one: new versions
 * mostly add fields at the end, which then are `Rest`. Null where none is published.
 */
export function kernelLayout(className: string, opcode: number, version: number): CompiledLayout | null {
  const layouts = COMPILED.get(`${className}/${opcode}`) ?? [];
  return layouts.find(({ from, to }) => version >= from && (to === null || version <= to))?.fields ?? null;
}
