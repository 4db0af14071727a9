/** Every command whose output is read; the only list. The first that claims a line gets it. */

import { alpc } from './alpc.js';
import { alpcConnections } from './alpc-connections.js';
import { analyze } from './analyze.js';
import { apcs } from './apcs.js';
import { bugcheck } from './bugcheck.js';
import { chkimg } from './chkimg.js';
import type { Command } from './command.js';
import { criticalRegions } from './critical-regions.js';
import { cs } from './cs.js';
import { deadlock } from './deadlock.js';
import { devnode, devobj, drvobj } from './devices.js';
import { devstack } from './devstack.js';
import { disassembly } from './disassembly.js';
import { dpcs, dpcwatchdog } from './dpcs.js';
import { dskheap } from './dskheap.js';
import { dtLock } from './dt-lock.js';
import { dtThread } from './dt-thread.js';
import { dumpMemory } from './dump-memory.js';
import { environmentBlocks } from './environment-blocks.js';
import { exception } from './exception.js';
import { fileobj } from './fileobj.js';
import { fltkd } from './fltkd.js';
import { fltmc } from './fltmc.js';
import { handles } from './handles.js';
import { irp } from './irp.js';
import { poaction, processirps } from './irp-lists.js';
import { irpfind } from './irpfind.js';
import { logdump } from './logdump.js';
import { strdump } from './loggers.js';
import { lpc } from './lpc.js';
import { memoryStrings } from './memory-strings.js';
import { memorySymbols } from './memory-symbols.js';
import { listModules, listNearest, moduleInfo } from './modules-listed.js';
import { ndisAdapters } from './ndis-adapters.js';
import { pendingNbls } from './ndis-nbls.js';
import { noThread } from './no-thread.js';
import { ntsdLocks } from './ntsd-locks.js';
import { object } from './object.js';
import { pool } from './pool.js';
import { poolfind } from './poolfind.js';
import { poolused } from './poolused.js';
import { irql, pcr, prcb } from './processors.js';
import { qlocks } from './qlocks.js';
import { resourceLocks } from './resource-locks.js';
import { rpcCell } from './rpc-cell.js';
import { rpcCells } from './rpc-cells.js';
import { rpcReadStack, rpcTime } from './rpc-client.js';
import { running } from './running.js';
import { search } from './search.js';
import { stack, stackText } from './stack.js';
import { stacks } from './stacks.js';
import { sysinfo } from './sysinfo.js';
import { systemPtes } from './system-ptes.js';
import { target } from './target.js';
import { process, ready, thread } from './thread.js';
import { traceMessages } from './trace-messages.js';
import { userThreads } from './user-threads.js';
import { verifier } from './verifier.js';
import { verifierLog } from './verifier-log.js';
import { vm } from './vm.js';

export const COMMANDS: readonly Command[] = [
  process,
  thread,
  userThreads,
  poolused,
  vm,
  criticalRegions,
  verifier,
  verifierLog,
  poolfind,
  pool,
  stack,
  stackText,
  stacks,
  running,
  ready,
  environmentBlocks,
  // Of rows of memory, those that were found before go first.
  dumpMemory,
  search,
  listModules,
  moduleInfo,
  listNearest,
  irp,
  irpfind,
  processirps,
  poaction,
  devobj,
  drvobj,
  devnode,
  devstack,
  fileobj,
  bugcheck,
  analyze,
  exception,
  pcr,
  prcb,
  irql,
  dpcs,
  dpcwatchdog,
  strdump,
  logdump,
  sysinfo,
  resourceLocks,
  ntsdLocks,
  cs,
  dtLock,
  deadlock,
  qlocks,
  lpc,
  alpc,
  alpcConnections,
  object,
  rpcCells,
  rpcCell,
  rpcReadStack,
  rpcTime,
  target,
  pendingNbls,
  ndisAdapters,
  fltmc,
  fltkd,
  dskheap,
  chkimg,
  handles,
  noThread,
  apcs,
  dtThread,
  systemPtes,
  traceMessages,
  disassembly,
  memoryStrings,
  memorySymbols,
];
