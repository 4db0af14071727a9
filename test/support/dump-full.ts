/** An answer of `dump` in which every list has an entry. */
import type { DpcWatchdog, DumpResult, Finding } from '../../src/index.js';
import { hungMachine } from './dump-hung.js';
import { irpOf, placeOf } from './dump-result.js';

export const watchdogOf = (more: Partial<DpcWatchdog> = {}): DpcWatchdog => ({
  kind: 'single',
  ticks: 643,
  limitTicks: 642,
  ms: 10_046.875,
  limitMs: 10_031.25,
  culprit: {
    module: 'slowtimer',
    function: 'TimerFunc',
    cpu: 0,
    certain: true,
    runsAs: 'timer DPC',
    stalls: 'stalls 120000 times for 100 µs',
    address: '0xfffff88001234560',
  },
  others: [
    { module: 'Wdf01000', function: 'FxTimer::TimerHandler', role: 'framework', cpu: 0 },
    { module: 'NDIS', function: 'ndisInterruptDpc', role: 'queued', cpu: 0 },
    { module: 'USBPORT', function: null, role: 'queued', cpu: 0 },
  ],
  loggers: [{ id: 2, name: 'Circular Kernel Context Logger', command: '!wmitrace.logsave 2 ckcl.etl' }],
  statement: 'one DPC ran 643 ticks where 642 are allowed',
  evidence: [placeOf(100)],
  ...more,
});

/** A result in which every list has an entry and every field a value: what the schema is held against. */
export function everyField(): DumpResult {
  const hung = hungMachine();
  const [thread] = hung.threads;
  const [chain] = hung.chains;
  return {
    ...hung,
    system: {
      ...hung.system,
      machine: 'HOST',
      bugcheck: {
        code: '0x133',
        name: 'DPC_WATCHDOG_VIOLATION',
        parameters: ['0x0', '0x283', '0x282', null],
        meanings: ['one DPC or ISR ran too long', 'ticks that it ran', 'ticks allowed', null],
        evidence: [placeOf(1)],
      },
      modules: [
        {
          name: 'slowtimer',
          base: '0xf7710000',
          end: '0xf7718000',
          image: 'slowtimer.sys',
          path: '\\SystemRoot\\system32\\drivers\\slowtimer.sys',
          timestampUtc: '2007-01-02T03:04:05Z',
          fileVersion: '1.2.3.4',
          productVersion: '1.2',
          company: 'Example',
          unloaded: true,
          evidence: placeOf(2),
        },
      ],
      processors: hung.system.processors.map((processor) => ({
        ...processor,
        dpcs: [{ kdpc: '0x8a001000', type: 'Normal', routine: 'NDIS!ndisInterruptDpc' }],
      })),
    },
    threads: [
      {
        ...thread,
        waitObjects: [{ address: '0x8a7d0f9c', type: 'SynchronizationEvent', owner: '0x8a7c4b18' }],
        irps: ['0x8a2e1130'],
        startRoutine: 'agent!Worker',
        doubtfulFrame: 3,
      },
      ...hung.threads.slice(1),
    ],
    chains: [{ ...chain }],
    irps: {
      ...hung.irps,
      list: [
        irpOf('0x8a2e1130', {
          thread: '0x8a7d0db0',
          locations: [
            {
              location: 1,
              current: true,
              major: 'IRP_MJ_READ',
              minor: 0,
              device: '0x8a001200',
              driver: '\\Driver\\Disk',
              file: '0x8a001300',
              completion: 'partmgr!PmReadWriteCompletion',
              control: { byte: '0xe1', pending: true, error: false, invokeOn: ['success', 'error', 'cancel'] },
            },
            {
              location: 2,
              current: false,
              major: null,
              minor: null,
              device: null,
              driver: null,
              file: null,
              completion: null,
              control: null,
            },
          ],
        }),
      ],
    },
    memory: {
      physicalKb: 4_192_948,
      pageFileKb: 6_000_000,
      pageFileMaximumKb: 6_000_000,
      availableKb: 900_000,
      committedPages: 5_565_215,
      commitLimitPages: 25_162_749,
      failedPoolAllocations: 185_454,
      failedCommits: 48_440,
      sessions: [{ sessionId: 1, pagedPoolKb: 16_868, commitKb: 20_000, failedPoolAllocations: 371_034 }],
      figures: [{ name: 'Available Pages', pages: 225_000, kb: 900_000 }],
      evidence: [placeOf(3)],
    },
    watchdog: watchdogOf(),
    ports: [
      {
        address: '0xe1640798',
        name: 'ExamplePort',
        type: 'ALPC_CONNECTION_PORT',
        owner: '0x8a201020',
        ownerImage: 'agent.exe',
        sequenceNo: 969,
        queued: 0,
        connectionCount: 1,
        connections: [
          { server: '0xe1640800', client: '0xe1640900', process: '0x8a30f6b8', image: 'client.exe', queued: 0 },
        ],
        evidence: placeOf(4),
      },
    ],
    filters: [
      { name: 'ExampleFilter', altitude: '328000', frame: 0, instances: 3, legacy: false, evidence: placeOf(5) },
    ],
    desktops: [
      {
        name: 'WinSta0\\Default',
        address: '0x8c001000',
        sessionId: 0,
        heapKb: 3072,
        usedPercent: 1.5,
        evidence: placeOf(6),
      },
    ],
    nbls: {
      tracking: true,
      pending: 1854,
      total: 3005,
      holders: [
        {
          address: '0x8a142000',
          name: 'Example Adapter',
          kind: 'miniport',
          listed: 1854,
          driver: 'exnic',
          states: { flags: 'QUERY_REMOVED' },
        },
      ],
      evidence: [placeOf(7)],
    },
    cut: { threads: 100 },
  };
}

export const FINDING: Finding = {
  rule: 'wait-chain',
  level: 'warning',
  message: 'agent.exe waits for another machine, and 19 threads for it',
  confidence: 'high',
  evidence: [placeOf(80)],
  against: [],
  next: ['look at FILES at the same time'],
};
