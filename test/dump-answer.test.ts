/** What `dump` answers where a log says little: unknown is null, and a share is of what the log itself sums up. */
import { describe, expect, it } from 'vitest';
import { type DumpResult, render } from '../src/index.js';
import { dumpOf } from './support/dump.js';
import { watchdogOf } from './support/dump-full.js';
import { edgeOf, reportOf, resultOf, threadOf } from './support/dump-result.js';
import { validator } from './support/schema.js';

const resultFor = async (...lines: string[]): Promise<DumpResult> => {
  const report = await dumpOf(`${lines.join('\n')}\n`);
  expect(validator('dump')(JSON.parse(render(report, { format: 'json' })))).toEqual([]);
  return report.result;
};

const PROCESS = [
  'kd> !process 0 0',
  '**** NT ACTIVE PROCESS DUMP ****',
  'PROCESS 8a6f0020  SessionId: 0  Cid: 07d0    Peb: 7ffdf000  ParentCid: 0170',
  '    DirBase: 1f5c0000  ObjectTable: e1a00e58  HandleCount: 120.',
  '    Image: db.exe',
];

const thread = (start: string, working = ''): string[] => [
  'THREAD 8a444db0  Cid 07d0.07d4  Teb: 7ffd9000 Win32Thread: 00000000 WAIT: (Executive) KernelMode Non-Alertable',
  '    8a444fac  SynchronizationEvent',
  ...(working === '' ? [] : [`Waiting for reply to LPC MessageId 0000aaaa:`, working]),
  'Owning Process            8a6f0020       Image:         db.exe',
  'Wait Start TickCount      361600         Ticks: 38400 (0:00:10:00.000)',
  start,
  'Stack Init f4a1d000 Current f4a1cc18 Base f4a1d000 Limit f4a1a000 Call 0',
];

describe('unknown is null', () => {
  it('threads of a process that the log does not show', async () => {
    expect((await resultFor(...PROCESS)).processes[0].threadCount).toBeNull();
    const { processes } = await resultFor(...PROCESS, 'kd> !thread 8a444db0', ...thread('Start Address 0x77e617ec'));
    expect(processes[0].threadCount).toBe(1);
  });

  it('connections of a port that the log does not list', async () => {
    const port = [
      'kd> !alpc /p ffffc48d8895de20',
      'Port @ ffffc48d8895de20',
      '  Type                      : ALPC_CONNECTION_PORT',
    ];
    expect((await resultFor(...port)).ports).toMatchObject([{ connectionCount: null, connections: [] }]);
    const counted = ['kd> !alpc /lpc ffffc48d8895de20', 'Port @ffffc48d8895de20 has 0 connections'];
    expect((await resultFor(...port, ...counted)).ports).toMatchObject([{ connectionCount: 0, connections: [] }]);
  });

  it('but a resource that lists no waiters has none', async () => {
    const { locks } = await resultFor(
      'kd> !locks',
      '**** DUMP OF ALL RESOURCE OBJECTS ****',
      'Resource @ 0x8a111118    Exclusively owned',
      '     Threads: 8a444db0-01<*>',
      '12 total locks, 1 locks currently held',
    );
    expect(locks[0]).toMatchObject({ sharedWaiters: 0, exclusiveWaiters: 0, waiterCount: 0 });
  });
});

describe('where a thread began', () => {
  it.each([
    ['Start Address 0x77e617ec', '0x77e617ec'],
    ['Start Address 77e617ec', '0x77e617ec'],
    ['Start Address 0x0000000077e617ec', '0x77e617ec'],
    ['Start Address db!ThreadMain (0x00401000)', 'db!ThreadMain'],
  ])('%s', async (start, expected) => {
    expect((await resultFor('kd> !thread 8a444db0', ...thread(start))).threads[0].startRoutine).toBe(expected);
  });

  it('is not known where the id of an LPC message overwrote it', async () => {
    const block = [
      'THREAD 8a444db0  Cid 07d0.07d4  Teb: 7ffd9000 Win32Thread: 00000000 WAIT: (Executive) KernelMode Non-Alertable',
      '    8a444fac  SynchronizationEvent',
      'Owning Process            8a6f0020       Image:         db.exe',
      'Wait Start TickCount      361600         Ticks: 38400 (0:00:10:00.000)',
      'Win32 Start Address 0x0000bbbb',
      'LPC Server thread working on message Id bbbb',
      'Start Address KERNEL32!BaseThreadStartThunk (0x77e617ec)',
      'Stack Init f4a1d000 Current f4a1cc18 Base f4a1d000 Limit f4a1a000 Call 0',
    ];
    const { threads } = await resultFor('kd> !thread 8a444db0', ...block);
    expect(threads[0].startRoutine).toBe('KERNEL32!BaseThreadStartThunk');
    const alone = await resultFor('kd> !thread 8a444db0', ...block.filter((line) => !line.startsWith('Start')));
    expect(alone.threads[0].startRoutine).toBeNull();
  });
});

describe('the share of a pool tag', () => {
  const USED = [
    'kd> !poolused 2',
    '   Sorting by  NonPaged Pool Consumed',
    '',
    '  Pool Used:',
    '            NonPaged            Paged',
    ' Tag    Allocs     Used    Allocs     Used',
    ' Exm1      200 90000000         0        0\tUNKNOWN pooltag',
    ' Exm2      100 30000000         0        0\tUNKNOWN pooltag',
  ];

  it('is of what the log itself sums up', async () => {
    const { leakSuspects } = await resultFor(...USED, ' TOTAL    9999 120000000     5000  6000000');
    expect(leakSuspects.map(({ subject, percent }) => [subject, percent])).toEqual([['Exm1', 75]]);
  });

  it('is not known without that sum: the first tag stands out by its bytes', async () => {
    const { leakSuspects } = await resultFor(...USED);
    expect(leakSuspects.map(({ subject, percent }) => [subject, percent])).toEqual([['Exm1', null]]);
    expect(await resultFor(...USED.slice(0, 6), ' Exm1      200  9000000         0        0')).toMatchObject({
      leakSuspects: [],
    });
  });

  it('comes with a word of the command that says more', () => {
    const suspect = {
      kind: 'pool-tag',
      subject: 'Exm1',
      paged: false,
      process: null,
      count: 2,
      bytes: 90_000_000,
      percent: 75,
    } as const;
    const text = render(reportOf(resultOf({ leakSuspects: [{ ...suspect, evidence: [] }] })));
    expect(text).toContain('tracekit pool over the same log says more');
  });
});

describe('filters', () => {
  it('leave the number of threads that the log holds', async () => {
    const log = ['kd> !thread 8a444db0', ...thread('Start Address 0x77e617ec')].join('\n');
    const report = await dumpOf(`${log}\n`, { tids: new Set([1]) });
    expect(report.result.threads).toEqual([]);
    expect(report.result.cut).toEqual({ threads: 1 });
    expect(render(report)).toContain('; shown: 0 of 1 thread');
  });
});

describe('statements on the screen', () => {
  const processor = (cpu: number, next: string | null, isIdle: boolean | null) => ({
    cpu,
    current: '0x10',
    next,
    idle: '0x10',
    isIdle,
    dpcs: [],
    evidence: { source: 's1', line: 1, byte: 0, quote: '' },
  });
  const line = (processors: ReturnType<typeof processor>[]): string | undefined => {
    const result = resultOf();
    const text = render(reportOf({ ...result, system: { ...result.system, cpus: null, processors } }));
    return text.split('\n').find((one) => one.startsWith('Processors'));
  };

  it('do not acquit DPCs in the queues of a watchdog for all of them', () => {
    const queued = [{ module: 'USBPORT', function: null, role: 'queued', cpu: 0 }] as const;
    const text = (kind: 'single' | 'cumulative'): string =>
      render(reportOf(resultOf({ watchdog: watchdogOf({ kind, culprit: null, others: queued }) })));
    expect(text('single')).toContain('Waiting in queues, not at fault: USBPORT on 0');
    expect(text('cumulative')).toContain('\nQueued: USBPORT on 0');
  });

  it('name the thread that another waits for once', () => {
    const edges = [edgeOf('0xa', '0xb', { kind: 'thread', object: '0xb' }), edgeOf('0xb', '0xa', { object: '0x10' })];
    const deadlock = { threads: ['0xa', '0xb'], edges, victims: [], certain: true, mayEnd: false };
    const threads = [threadOf('0xa'), threadOf('0xb')];
    const text = render(reportOf(resultOf({ threads, deadlocks: [deadlock] })));
    expect(text).toContain('waits for thread 0xb to end\n');
    expect(text).toContain('waits for critical-section 0x10 of 0xa\n');
  });

  it('do not count processors where the log does not, nor one that a thread is to run on next as idle', () => {
    expect(line([processor(0, null, true)])).toBe('Processors: number unknown, state of 1 shown, 1 of them idle');
    expect(line([processor(0, '0x20', true)])).toBe('Processors: number unknown, state of 1 shown, 0 of them idle');
    expect(line([processor(0, null, null)])).toBe('Processors: number unknown, state of 1 shown');
  });
});
