/** Whose a framework's DPC is: the worst that can go wrong here is a wrong name. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { analyzeDpc, open } from '../src/index.js';

const SCHEMA = [
  'BeginHeader',
  '                    DPC,  TimeStamp, ElapsedTime, CPU,        ServiceAddr,            Image!Function',
  '         SampledProfile,  TimeStamp,     Process Name ( PID),   ThreadID,           PrgrmCtr, CPU, ThreadStartImage!Function,            Image!Function, Count, SampledProfile type',
  '                  Stack,  TimeStamp,   ThreadID, No.,            Address,            Image!Function',
  'EndHeader',
];

/** A 1 ms run of `routine` on CPU 3, sampled five times with the same stack, innermost frame first. */
function trace(routine: string, frames: readonly string[]): string {
  const rows = [1, 2, 3, 4, 5].flatMap((n) => [
    `         SampledProfile, ${1000 + n * 100}, Idle (   0), 0, 0xfffff80300000001, 3, x.exe!y, ${frames[0]}, 1, Unbatched`,
    ...frames.map(
      (frame, i) => `                  Stack, ${1000 + n * 100}, 0, ${i + 1}, 0xfffff8030000000${i}, ${frame}`,
    ),
  ]);
  const dpc = `                    DPC, 2000, 1000, 3, 0xfffff80343094070, ${routine}`;
  return [...SCHEMA, ...rows, dpc, ''].join('\r\n');
}

async function answer(text: string) {
  const dir = mkdtempSync(join(tmpdir(), 'tracekit-'));
  try {
    writeFileSync(join(dir, 'trace.txt'), text);
    return await analyzeDpc(await open([join(dir, 'trace.txt')]));
  } finally {
    rmSync(dir, { recursive: true });
  }
}

const TIMER = 'Wdf01000.sys!FxTimer::_FxTimerDpcThunk';
const DISPATCH = ['ntoskrnl.exe!KiProcessExpiredTimerList', 'ntoskrnl.exe!KiRetireDpcList'];

describe('the driver behind a framework', () => {
  it.each([
    ['runs by itself', ['client.sys!EvtTimer', TIMER, ...DISPATCH]],
    ['calls a helper', ['ntoskrnl.exe!memcpy', 'WppRecorder.sys!imp_Log', 'client.sys!EvtTimer', TIMER, ...DISPATCH]],
    [
      'calls back into the framework',
      ['Wdf01000.sys!imp_WdfSpinLockAcquire', 'client.sys!EvtTimer', TIMER, ...DISPATCH],
    ],
    [
      'is interrupted by another driver',
      ['nic.sys!Isr', 'ntoskrnl.exe!KiInterruptMessageDispatch', 'client.sys!EvtTimer', TIMER, ...DISPATCH],
    ],
    [
      'interrupts a thread that was in the framework for another',
      ['client.sys!EvtTimer', TIMER, ...DISPATCH, 'other.sys!EvtIo', 'Wdf01000.sys!FxIoQueue::DispatchEvents'],
    ],
  ])('is the one that it called, when that %s', async (_what, frames) => {
    const { result, findings } = await answer(trace(TIMER, frames));
    const owner = { module: 'client.sys', function: 'EvtTimer', by: 'stack', samples: 5, ofSamples: 5 };
    expect(result.functions[0]).toMatchObject({ owner: 'client.sys', owners: [owner], longestOwners: [owner] });
    expect(findings[0]).toMatchObject({ rule: 'dpc-over-threshold', confidence: 'high' });
    expect(findings[0].message).toContain('client.sys!EvtTimer');
  });

  it.each([
    ['the stack shows the framework only', [TIMER, ...DISPATCH]],
    ['the framework is not in the stack', ['other.sys!Work', ...DISPATCH]],
    [
      'the framework stands only in what was interrupted',
      ['ntoskrnl.exe!KeStall', ...DISPATCH, 'other.sys!EvtIo', TIMER],
    ],
  ])('is unknown when %s', async (_what, frames) => {
    const { result, findings } = await answer(trace(TIMER, frames));
    expect(result.functions[0]).toMatchObject({ framework: 'KMDF', owner: null, owners: [] });
    expect(findings[0]).toMatchObject({ confidence: 'low' });
    expect(findings[0].message).toContain('which one is unknown');
    expect(findings[0].next[0]).toContain('owner unknown');
  });

  it('is not the kernel, where the kernel calls a driver’s timer', async () => {
    const { findings } = await answer(trace('ntoskrnl.exe!IopTimerDispatch', ['client.sys!Tick', ...DISPATCH]));
    expect(findings[0]).toMatchObject({ rule: 'dpc-over-threshold', confidence: 'low' });
    expect(findings[0].message).toContain('a driver that called IoStartTimer');
  });
});

describe('runs that cannot be', () => {
  const rows = (lines: readonly string[]): string =>
    [...SCHEMA, ...lines.map((line) => `                    DPC, ${line}, 0xfffff80343094070, a.sys!f`), ''].join(
      '\r\n',
    );

  it('never make a processor busier than it can be', async () => {
    // 50 runs of a second each, all at once on CPU 0.
    const { result, findings } = await answer(
      rows(Array.from({ length: 50 }, (_, i) => `${1_000_000 + i}, 1000000, 0`)),
    );
    expect(result.storms[0].percentOfCpu).toBeLessThanOrEqual(100);
    expect(findings.find((f) => f.rule === 'dpc-storm')).toMatchObject({ level: 'note', confidence: 'low' });
  });

  it('are not claimed to overlap where they only stand out of order', async () => {
    const { diagnostics } = await answer(rows(Array.from({ length: 50 }, (_, i) => `${100_000 - i * 1000}, 10, 0`)));
    expect(diagnostics.map((d) => d.code)).not.toContain('overlapping-runs');
    expect(diagnostics.map((d) => d.code)).toContain('time-inversion');
  });

  it('begin the window with the first run where the source says nothing of its start', async () => {
    const { result } = await answer(rows(['1000, 900, 0', '1100, 10, 0']));
    expect(result.window).toMatchObject({ startUs: 100, endUs: 1100 });
    expect(result.modules[0].percentOfCpu).toBeCloseTo(91, 6);
  });
});

describe('the profile interrupt', () => {
  const KERNEL = 'hal.dll!0xfffff80342001000';
  const rows = (interrupts: number, samples: number): string => {
    const isr =
      '              Interrupt,  TimeStamp, ElapsedTime, CPU, Vector, MessageIndex,     Status,        ServiceAddr,            Image!Function';
    const lines = Array.from({ length: Math.max(interrupts, samples) }, (_, i) => [
      ...(i < interrupts
        ? [`              Interrupt, ${i * 1000 + 5}, 3, 0, 209, 0, 0x00000001, 0xfffff80342001000, ${KERNEL}`]
        : []),
      ...(i < samples
        ? [
            `         SampledProfile, ${i * 1000 + 5}, Idle (   0), 0, 0xfffff80300000001, 0, x.exe!y, x.exe!z, 1, Unbatched`,
          ]
        : []),
    ]);
    return [...SCHEMA.slice(0, -1), isr, 'EndHeader', ...lines.flat(), ''].join('\r\n');
  };

  it('is known without symbols where it ran as often as there are samples', async () => {
    const { findings } = await answer(rows(400, 395));
    expect(findings.find((f) => f.rule === 'profile-interrupt')).toMatchObject({ confidence: 'medium' });
  });

  it('is not seen in a clock of the same rhythm', async () => {
    const { findings, result } = await answer(rows(400, 150));
    expect(result.intervals[0]).toMatchObject({ kind: 'ISR', periodMs: 1 });
    expect(findings.filter((f) => f.rule === 'profile-interrupt')).toEqual([]);
  });
});
