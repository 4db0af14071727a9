/** A hung machine made by hand, as `dump` answers of it. */
import type { DumpFrame, DumpResult } from '../../src/index.js';
import { chainOf, edgeOf, frameOf, irpOf, lockOf, placeOf, processOf, resultOf, threadOf } from './dump-result.js';

const WAIT = ['nt!KiSwapContext+0x2f', 'nt!KiSwapThread+0x8a', 'nt!KeWaitForSingleObject+0x1c2'];
const stackOf = (...symbols: string[]): DumpFrame[] => [...WAIT, ...symbols].map(frameOf);
const AGENT = { process: 'agent.exe', processAddress: '0x8a201020', pid: 0x3a8 };
const CLIENT = { process: 'client.exe', processAddress: '0x8a30f6b8', pid: 0x1204 };

/**
 * A hung machine: clients wait for a service by LPC, the service for a lock whose owner waits for another machine; two threads of
 * a database hold each other up, a third waits for them; and forty threads of a web server wait for one that sleeps.
 */
export function hungMachine(): DumpResult {
  const owner = threadOf('0x8a7d0db0', {
    ...AGENT,
    tid: 0x4a8,
    waitMs: 48_838_703,
    waitTicks: 3_125_677,
    irps: ['0x8a2e1130'],
    frames: stackOf('mup!MupQueryServer+0x88', 'nt!IofCallDriver+0x45', 'agent!OpenShare+0x3b'),
  });
  const worker = threadOf('0x8a7c4b18', { ...AGENT, tid: 0x9e8, frames: stackOf('agent!UpdateList+0x120') });
  const server = threadOf('0x8a7b3020', {
    ...AGENT,
    tid: 0xa28,
    waitMs: 20_068_281,
    frames: stackOf('agent!OnRequest+0x1f', 'rpcrt4!LRPC_ADDRESS::ReceiveLotsaCalls+0x394'),
  });
  const client = threadOf('0x8a6ee5a0', {
    ...CLIENT,
    tid: 0x1210,
    waitMs: 20_068_281,
    frames: stackOf('rpcrt4!LRPC_CCALL::SendReceive+0x22c', 'client!Connect+0x5d'),
  });
  const reader = threadOf('0x8b100db0', {
    process: 'db.exe',
    pid: 0x7d0,
    tid: 0x7d4,
    waitMs: 61_000,
    frames: stackOf('dbfilter!Take+0x11'),
  });
  const writer = threadOf('0x8b101db0', {
    process: 'db.exe',
    pid: 0x7d0,
    tid: 0x7d8,
    waitMs: 60_500,
    frames: stackOf('dbfilter!Give+0x2a'),
  });
  const waiting = threadOf('0x8b102db0', { process: 'db.exe', pid: 0x7d0, tid: 0x7dc, beganAfterNow: true });
  const sleeper = threadOf('0x8c000db0', {
    process: 'web.exe',
    pid: 0xad8,
    tid: 0x1c64,
    waitMs: 4200,
    waitReason: 'DelayExecution',
    frames: stackOf('nt!KeDelayExecutionThread+0x2ab', 'webdb!Retry+0x41'),
  });
  const crowd = Array.from({ length: 40 }, (_, i) =>
    threadOf(`0x8c0${(0x10 + i).toString(16)}db0`, {
      process: 'web.exe',
      pid: 0xad8,
      tid: 0x2000 + 4 * i,
      waitMs: 3000 + i,
      frames: stackOf('ntdll!RtlpWaitForCriticalSection+0x132', 'webdb!Query+0x17'),
    }),
  );
  const running = threadOf('0x8d000db0', {
    process: 'Idle',
    pid: 0,
    tid: 0,
    state: 'RUNNING',
    processor: 1,
    waitReason: null,
  });
  const toOwner = edgeOf(worker.id, owner.id, { object: '0x7c9a0600' });
  const toWorker = edgeOf(server.id, worker.id, {
    object: '0x664b3fe0',
    certain: false,
    statement: 'the second argument of the wait is that lock',
  });
  const toServer = edgeOf(client.id, server.id, { kind: 'lpc', object: 'acfd' });
  const toRemote = edgeOf(owner.id, 'remote:\\\\FILES', { kind: 'irp', object: '0x8a2e1130' });
  const taken = edgeOf(reader.id, writer.id, { kind: 'eresource', object: '0x8b200118' });
  const given = edgeOf(writer.id, reader.id, { kind: 'eresource', object: '0x8b200178' });
  const behind = edgeOf(waiting.id, reader.id, { kind: 'eresource', object: '0x8b200178' });
  const queued = crowd.map(({ id }) => edgeOf(id, sleeper.id, { object: '0x32be30' }));
  const remoteRoot = {
    node: owner.id,
    why: 'remote',
    statement: 'it opens a share of \\\\FILES and waits for the redirector',
    module: 'mup',
    function: 'MupQueryServer',
    waitsFor: 'remote:\\\\FILES',
    isDeadlock: false,
    isRunning: false,
    isPolling: false,
    sleepMs: null,
  } as const;
  return resultOf({
    system: {
      ...resultOf().system,
      windows: 'Windows Server 2003 Kernel Version 3790 (Service Pack 2) MP (2 procs) Free x86 compatible',
      build: 3790,
      architecture: 'x86',
      cpus: 2,
      debugSessionUtc: '2024-05-06T07:08:09.123Z',
      uptimeMs: 49_000_000,
      nowTicks: 3_130_069,
      tickMs: 15.625,
      processors: [
        { cpu: 0, current: client.id, next: null, idle: '0x8089e8c0', isIdle: false, dpcs: [], evidence: placeOf(60) },
        { cpu: 1, current: running.id, next: null, idle: running.id, isIdle: true, dpcs: [], evidence: placeOf(61) },
      ],
    },
    quality: [
      {
        flag: 'live',
        statement: 'a wait began after the time of the dump: it was taken from a system that ran on',
        count: 1,
        evidence: [placeOf(70)],
      },
    ],
    threads: [owner, worker, server, client, reader, writer, waiting, sleeper, ...crowd, running],
    processes: [
      processOf('0x8a201020', { image: 'agent.exe', pid: 0x3a8, handleCount: 812, threadCount: 3 }),
      processOf('0x8a30f6b8', { image: 'client.exe', pid: 0x1204, handleCount: 90, threadCount: 1 }),
    ],
    locks: [
      lockOf('0x7c9a0600', {
        symbol: 'ntdll!FastPebLock',
        process: 'agent.exe',
        owners: [owner.id],
        ownerTid: 0x4a8,
        waiterCount: 17,
        contentionCount: 9,
        waiters: [worker.id],
      }),
      lockOf('0x664b3fe0', {
        symbol: 'agent!gListLock',
        process: 'agent.exe',
        owners: [worker.id],
        ownerTid: 0x9e8,
        waiterCount: 1,
        waiters: [server.id],
      }),
      lockOf('0x8b200118', {
        kind: 'eresource',
        exclusive: true,
        owners: [writer.id],
        exclusiveWaiters: 1,
        waiterCount: 1,
        waiters: [reader.id],
      }),
      lockOf('0x8b200178', {
        kind: 'eresource',
        exclusive: true,
        owners: [reader.id],
        exclusiveWaiters: 2,
        waiterCount: 2,
        waiters: [writer.id, waiting.id],
      }),
      lockOf('0x32be30', {
        process: 'web.exe',
        owners: [sleeper.id],
        ownerTid: 0x1c64,
        waiterCount: 52,
        contentionCount: 705_362,
      }),
      lockOf('0x77cbb480', { locked: false, waiterCount: 0 }),
    ],
    waitEdges: [toServer, toWorker, toOwner, toRemote, taken, given, behind, ...queued],
    chains: [
      chainOf([client.id, server.id, worker.id, owner.id], [toServer, toWorker, toOwner], {
        root: remoteRoot,
        waiters: 19,
        longestWaitMs: 48_838_703,
      }),
      ...crowd.map(({ id }, i) =>
        chainOf([id, sleeper.id], [queued[i]], {
          root: {
            ...remoteRoot,
            node: sleeper.id,
            why: 'sleep',
            statement: 'it sleeps for 6912 ms while it holds the lock',
            module: 'webdb',
            function: 'Retry',
            waitsFor: null,
            isPolling: true,
            sleepMs: null,
          },
          waiters: 52,
          longestWaitMs: 4200,
        }),
      ),
      chainOf([waiting.id, reader.id], [behind], {
        root: {
          ...remoteRoot,
          node: reader.id,
          why: 'unknown',
          statement: 'it is a member of a deadlock',
          module: null,
          function: null,
          waitsFor: null,
          isDeadlock: true,
        },
        longestWaitMs: 61_000,
      }),
    ],
    deadlocks: [
      { threads: [reader.id, writer.id], edges: [taken, given], victims: [waiting.id], certain: true, mayEnd: false },
    ],
    order: [
      ...[owner, client, server, reader, writer, sleeper, ...crowd.toReversed()].map(({ id, waitMs, process }) => ({
        thread: id,
        waitMs,
        process,
      })),
      ...[worker, waiting].map(({ id, process }) => ({ thread: id, waitMs: null, process })),
    ],
    patterns: [
      {
        name: 'Coupled Machines',
        certain: true,
        statement: 'threads of this machine wait for the machine FILES',
        subjects: [owner.id],
        evidence: [placeOf(80)],
        against: [],
        next: ['look at FILES at the same time'],
      },
      {
        name: 'Wait Chain',
        certain: false,
        statement: 'four threads wait one for another, one edge is inferred',
        subjects: [client.id, owner.id],
        evidence: [placeOf(81), placeOf(82)],
        against: [placeOf(83)],
        next: [],
      },
    ],
    irps: {
      byDriver: [{ driver: '\\FileSystem\\Mup', count: 2, threads: 1, withoutThread: 1, requests: ['IRP_MJ_CREATE'] }],
      byThread: [
        { thread: owner.id, count: 1, drivers: ['\\FileSystem\\Mup'] },
        { thread: null, count: 1, drivers: ['\\FileSystem\\Mup'] },
      ],
      list: [
        irpOf('0x8a2e1130', {
          thread: owner.id,
          driver: '\\FileSystem\\Mup',
          major: 'IRP_MJ_CREATE',
          minor: 0,
          stacks: 2,
          current: 1,
        }),
      ],
    },
    leakSuspects: [
      {
        kind: 'handles',
        subject: 'agent.exe',
        paged: null,
        process: 'agent.exe',
        count: 812,
        bytes: null,
        percent: 90,
        evidence: [placeOf(90)],
      },
    ],
  });
}
