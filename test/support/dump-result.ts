/** Answers of `dump` made by hand, for tests of what prints them. */

import type {
  DumpChain,
  DumpFrame,
  DumpIrp,
  DumpLock,
  DumpProcess,
  DumpResult,
  DumpThread,
  Evidence,
  Finding,
  Report,
  WaitEdge,
} from '../../src/index.js';
import { EMPTY_DUMP } from '../../src/report/dump.js';

export const placeOf = (line: number, quote = 'THREAD 81000001  Cid 0004.0008'): Evidence => ({
  source: 's1',
  line,
  byte: line * 80,
  quote,
});

/** `nt!KiSwapContext+0x2f`, taken apart. */
export function frameOf(symbol: string): DumpFrame {
  const [, module, fn, offset] = /^(.*?)!(.*?)(?:\+(0x[0-9a-f]+))?$/s.exec(symbol) ?? [];
  return { address: null, symbol, module: module ?? null, function: fn ?? null, offset: offset ?? null };
}

export const threadOf = (id: string, more: Partial<DumpThread> = {}): DumpThread => ({
  id,
  address: id.startsWith('0x') ? id : null,
  process: null,
  processAddress: null,
  pid: null,
  tid: null,
  number: null,
  state: 'WAIT',
  processor: null,
  waitReason: 'UserRequest',
  waitStartTicks: null,
  waitTicks: null,
  waitMs: null,
  waitStartUtc: null,
  beganAfterNow: false,
  waitObjects: [],
  irps: [],
  userMs: null,
  kernelMs: null,
  contextSwitches: null,
  priority: null,
  startRoutine: null,
  frames: [],
  doubtfulFrame: null,
  stackNotResident: false,
  isIdle: false,
  evidence: [placeOf(10)],
  ...more,
});

export const edgeOf = (from: string, to: string, more: Partial<WaitEdge> = {}): WaitEdge => ({
  from,
  to,
  kind: 'critical-section',
  object: null,
  certain: true,
  statement: 'the lock names its owner',
  evidence: [placeOf(20)],
  ...more,
});

export const chainOf = (
  threads: readonly string[],
  edges: readonly WaitEdge[],
  more: Partial<DumpChain> = {},
): DumpChain => ({
  threads,
  edges,
  root: {
    node: threads.at(-1) ?? 'unknown',
    why: 'unknown',
    statement: 'the log does not show what it waits for',
    module: null,
    function: null,
    waitsFor: null,
    isDeadlock: false,
    isRunning: false,
    isPolling: false,
    sleepMs: null,
  },
  waiters: threads.length - 1,
  longestWaitMs: null,
  certain: edges.every(({ certain }) => certain),
  ...more,
});

export const lockOf = (address: string, more: Partial<DumpLock> = {}): DumpLock => ({
  kind: 'critical-section',
  address,
  symbol: null,
  processAddress: null,
  process: null,
  locked: true,
  exclusive: null,
  owners: [],
  ownerTid: null,
  sharedWaiters: null,
  exclusiveWaiters: null,
  waiterCount: null,
  waiters: [],
  recursionCount: null,
  contentionCount: null,
  evidence: [placeOf(30)],
  ...more,
});

export const processOf = (address: string, more: Partial<DumpProcess> = {}): DumpProcess => ({
  address,
  image: null,
  pid: null,
  parentPid: null,
  sessionId: null,
  handleCount: null,
  threadCount: null,
  commandLine: null,
  elapsedMs: null,
  userMs: null,
  kernelMs: null,
  commitPages: null,
  evidence: [placeOf(40)],
  ...more,
});

export const irpOf = (address: string, more: Partial<DumpIrp> = {}): DumpIrp => ({
  address,
  thread: null,
  driver: null,
  device: null,
  major: null,
  minor: null,
  stacks: null,
  current: null,
  locations: [],
  evidence: placeOf(50),
  ...more,
});

export const resultOf = (more: Partial<DumpResult> = {}): DumpResult => ({ ...EMPTY_DUMP, ...more });

export const reportOf = (result: DumpResult, findings: readonly Finding[] = []): Report<DumpResult> => ({
  command: 'dump',
  sources: [
    {
      id: 's1',
      path: 'hang.log',
      format: 'kd',
      bytes: 81_920,
      encoding: 'utf-8',
      container: null,
      account: { unit: 'line', read: 1024, rows: 900, skipped: 0, ignored: 124 },
      about: {
        truncated: false,
        eventsLost: null,
        buffersLost: null,
        clock: { startUtc: null, zone: null, resolutionNs: null, uncertaintyMs: null },
        machine: { os: null, build: null, cpus: null },
        session: null,
        assumedTimestamp: null,
        notes: [],
      },
    } as unknown as Report<DumpResult>['sources'][number],
  ],
  result,
  findings,
  diagnostics: [],
});
