/** PROCESS blocks with their threads. */
import { isWide } from './machine.js';
import { threadBlock } from './print-thread.js';
import { cpuTime, hex, type Layout, ptr, typed } from './text.js';
import type { Address, DumpProcess } from './truth.js';

/** `!process 0 7` or the like: every process, with those of its threads. */
export function processList(layout: Layout, inList: ReadonlySet<Address>): string[] {
  // Bit 3 keeps arguments away.
  const flags = layout.hasArgs ? layout.random.pick(['7', '17']) : layout.random.pick(['f', '1f', 'ff', '3f']);
  const blocks = layout.truth.processes.flatMap((process) => [
    ...processBlock(layout, process),
    ...layout.truth.threads
      .filter((thread) => thread.process === process.address && inList.has(thread.address))
      .flatMap((thread) => [...threadBlock(layout, thread, '        '), '']),
  ]);
  return [typed(layout, `!process 0 ${flags}`), '**** NT ACTIVE PROCESS DUMP ****', ...blocks];
}

export function processBlock(layout: Layout, process: DumpProcess): string[] {
  return [...headLines(layout, process), ...detailLines(layout, process), ''];
}

function headLines(
  layout: Layout,
  { address, sessionId, pid, peb, parentPid, image, handleCount }: DumpProcess,
): string[] {
  const wide = isWide(layout.truth.generation);
  const ids = `SessionId: ${sessionId ?? 'none'}  Cid: ${hex(pid, 4)}    Peb: ${wide ? hex(peb, 8) : ptr(layout, peb)}  ParentCid: ${hex(parentPid, 4)}`;
  const table = ptr(layout, (wide ? 0xffffc00100000000n : 0xe1000000n) + BigInt(pid) * 0x40n);
  const memory = `    DirBase: ${hex(pid * 0x1000, 8)}  ObjectTable: ${table}  HandleCount: ${String(handleCount).padStart(3)}.`;
  const head = wide ? [`PROCESS ${ptr(layout, address)}`, `    ${ids}`] : [`PROCESS ${ptr(layout, address)}  ${ids}`];
  return [...head, memory, `    Image: ${image}`];
}

function detailLines(layout: Layout, { pid, address }: DumpProcess): string[] {
  const pages = 100 + (pid % 977);
  const detail = (name: string, value: string): string => `    ${name.padEnd(34)}${value}`;
  return [
    `    VadRoot ${ptr(layout, BigInt(address) + 0x400n)} Vads ${pages} Clone 0 Private ${pages * 3}. Modified 4. Locked 0.`,
    `    DeviceMap ${ptr(layout, isWide(layout.truth.generation) ? 0xffffc00019113080n : 0xe1003170n)}`,
    detail(
      'Token',
      ptr(layout, (isWide(layout.truth.generation) ? 0xffffc00200000000n : 0xe1500000n) + BigInt(pid) * 0x40n),
    ),
    detail('ElapsedTime', cpuTime(layout.truth.nowTicks * layout.truth.tickMs - pid)),
    detail('UserTime', cpuTime(pid * 3)),
    detail('KernelTime', cpuTime(pid * 5)),
    detail('QuotaPoolUsage[PagedPool]', String(pid * 12)),
    detail('QuotaPoolUsage[NonPagedPool]', String(pid * 4)),
    `    Working Set Sizes (now,min,max)  (${pages}, 50, 345) (${pages * 4}KB, 200KB, 1380KB)`,
    detail('PeakWorkingSetSize', String(pages + 80)),
    detail('VirtualSize', `${pages} Mb`),
    detail('PeakVirtualSize', `${pages + 5} Mb`),
    detail('PageFaultCount', String(pages * 9)),
    detail('MemoryPriority', 'BACKGROUND'),
    detail('BasePriority', '8'),
    detail('CommitCharge', String(pages * 2)),
  ];
}
