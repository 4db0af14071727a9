import type { TableDef } from '../core/schema.js';
import { callStack } from './call-stack.js';
import { cswitch } from './cswitch.js';
import { dpcAggregate, dpcHistogram } from './dpc-aggregate.js';
import { dpcIntervalUsage } from './dpc-interval-usage.js';
import { dpcIsr } from './dpc-isr.js';
import { dumpDevice, dumpFile, dumpIrp, dumpIrpStack } from './dump-io.js';
import { dumpLock, dumpLockThread, dumpMessage, dumpPort, dumpPortConnection, dumpRpcCell } from './dump-lock.js';
import {
  dumpDesktop,
  dumpDpc,
  dumpFact,
  dumpFilter,
  dumpImageError,
  dumpJump,
  dumpMemorySymbol,
  dumpModule,
  dumpNbl,
  dumpProcessor,
  dumpQuality,
  dumpString,
} from './dump-system.js';
import { dumpFrameArgument, dumpProcess, dumpThread, dumpThreadIrp, dumpWaitObject } from './dump-thread.js';
import { genericEvent } from './event.js';
import { frameworkCallback } from './framework-callback.js';
import { image } from './image.js';
import { logMessage } from './log-message.js';
import { poolAllocation } from './pool-allocation.js';
import { poolEvent } from './pool-event.js';
import { poolBlock, poolCounter, poolHit, poolTag, poolTagPlace } from './pool-snapshot.js';
import { processTable } from './process.js';
import { readyThread } from './ready-thread.js';
import { sampledProfile } from './sampled-profile.js';
import { stack } from './stack.js';
import { threadTable } from './thread.js';

/** What is read from a debugger's log beside pool. */
export const DUMP_TABLES: readonly TableDef[] = [
  dumpProcess,
  dumpThread,
  dumpWaitObject,
  dumpFrameArgument,
  dumpThreadIrp,
  dumpLock,
  dumpLockThread,
  dumpMessage,
  dumpPort,
  dumpPortConnection,
  dumpRpcCell,
  dumpIrp,
  dumpIrpStack,
  dumpDevice,
  dumpFile,
  dumpFact,
  dumpQuality,
  dumpProcessor,
  dumpDpc,
  dumpModule,
  dumpString,
  dumpMemorySymbol,
  dumpJump,
  dumpImageError,
  dumpFilter,
  dumpDesktop,
  dumpNbl,
];

/** Every table, in the order of the documentation. */
export const TABLES: readonly TableDef[] = [
  dpcIsr,
  dpcAggregate,
  dpcHistogram,
  dpcIntervalUsage,
  cswitch,
  readyThread,
  sampledProfile,
  stack,
  frameworkCallback,
  image,
  processTable,
  threadTable,
  poolEvent,
  poolAllocation,
  callStack,
  poolTag,
  poolCounter,
  poolBlock,
  poolHit,
  poolTagPlace,
  ...DUMP_TABLES,
  logMessage,
  genericEvent,
];
