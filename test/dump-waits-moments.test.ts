import { describe, expect, it } from 'vitest';
import { dumpOf } from './support/dump.js';
import {
  block,
  chains,
  deadlocks,
  edges,
  enters,
  KERNEL_WAIT,
  LPC_CALL,
  lpcMessage,
  resource,
  rules,
  section,
  userStack,
  userThread,
} from './support/dump-log.js';

const WAITS = ['ntdll!KiFastSystemCallRet', 'kernel32!WaitForSingleObjectEx+0xa8 50', 'app!WaitIo+0x37'];
const codes = ({ diagnostics }: Awaited<ReturnType<typeof dumpOf>>): string[] => diagnostics.map(({ code }) => code);

describe('moments of one log', () => {
  it('a user-mode target that ran between two lists of stacks: who waited before and who owns now are no deadlock', async () => {
    const report = await dumpOf(`0:000> ~*kv
${userThread(0, 'a74.100', enters('0032be30'))}
${userThread(1, 'a74.111', WAITS)}
0:000> g
(a74.111): Break instruction exception - code 80000003 (first chance)
0:001> ~*kv
${userThread(0, 'a74.100', WAITS)}
${userThread(1, 'a74.111', enters('0032be60'))}
0:001> !cs -l
${section('0032be30', 'app!g_a', '00000111', '0x0')}${section('0032be60', 'app!g_b', '00000100')}`);
    expect(edges(report)).toEqual(['tid:273 -> tid:256 critical-section 0x32be60']);
    expect(deadlocks(report)).toEqual([]);
    expect(rules(report)).not.toContain('deadlock');
    expect(codes(report)).toContain('several-moments');
  });

  it('a single stack that is shown later counts, and the number of its thread still tells who it is', async () => {
    const report = await dumpOf(`0:000> ~*kv
${userThread(0, 'a74.100', enters('0032be30'))}
${userThread(1, 'a74.111', WAITS)}
0:000> g
0:000> ~0kv
${userStack(enters('0032be60'))}
0:000> ~1kv
${userStack(enters('0032be30'))}
0:000> !cs -l
${section('0032be30', 'app!g_a', '00000100')}${section('0032be60', 'app!g_b', '00000111')}`);
    expect(edges(report)).toEqual([
      'tid:256 -> tid:273 critical-section 0x32be60',
      'tid:273 -> tid:256 critical-section 0x32be30',
    ]);
    expect(deadlocks(report)).toEqual([['tid:256', 'tid:273']]);
    expect(codes(report)).toContain('several-moments');
  });

  it('the moment of which most is shown counts, not the last one', async () => {
    const report = await dumpOf(`0:000> ~*kv
${userThread(0, 'a74.100', enters('0032be30'))}
${userThread(1, 'a74.111', WAITS)}
0:000> !cs -l
${section('0032be30', 'app!g_a', '00000111')}
0:000> p
0:000> ~1kv
${userStack(enters('0032be60'))}`);
    expect(edges(report)).toEqual(['tid:256 -> tid:273 critical-section 0x32be30']);
  });

  it('nothing is left out, and nothing said, where the target runs behind all outputs', async () => {
    const report = await dumpOf(`0:000> ~*kv
${userThread(0, 'a74.100', enters('0032be30'))}
0:000> !cs -l
${section('0032be30', 'app!g_a', '00000111')}
0:000> g
`);
    expect(edges(report)).toEqual(['tid:256 -> tid:273 critical-section 0x32be30']);
    expect(codes(report)).not.toContain('several-moments');
  });

  const client = { address: '89d475a8', cid: '0fa4.0f48', process: '89cf4870', image: 'client.exe' };
  const calls = block({
    ...client,
    state: 'WAIT: (WrLpcReply)',
    waits: [
      '89d4779c  Semaphore Limit 0x1',
      'Waiting for reply to LPC MessageId 0000acfd:',
      'Current LPC port e5501c28',
    ],
    ticks: 100,
    frames: LPC_CALL,
  });

  it('a live kernel: the edge of an LPC wait is gone where the same thread is shown waiting elsewhere later', async () => {
    const later = block({
      ...client,
      waits: ['8a111110  SynchronizationEvent'],
      ticks: 64_000,
      frames: [...KERNEL_WAIT, 'app!Worker+0x37'],
    });
    const report = await dumpOf(
      `lkd> !thread 89d475a8\n${calls}\nl${lpcMessage('acfd', '89d475a8', '89a80328')}\nlkd> !thread 89d475a8\n${later}`,
    );
    expect(edges(report)).toEqual([]);
    expect(report.result.chains).toEqual([]);
    expect(report.result.threads.find(({ id }) => id === '0x89d475a8')).toMatchObject({
      waitReason: 'UserRequest',
      waitMs: 1_000_000,
      waitObjects: [{ address: '0x8a111110', type: 'SynchronizationEvent', owner: null }],
    });
  });

  it('a live kernel: no deadlock of what a thread waited for and what it sleeps in now', async () => {
    const sleeps = block({
      ...client,
      state: 'WAIT: (DelayExecution)',
      waits: ['89d47698  NotificationTimer'],
      ticks: 90,
      frames: ['nt!KiSwapContext+0x2f', 'nt!KeDelayExecutionThread+0x1c2', 'nt!NtDelayExecution+0x87'],
    });
    const server = block({
      address: '89d00420',
      cid: '0bb4.0f50',
      process: '89cf5870',
      image: 'server.exe',
      waits: ['8a000080  Mutant - owning thread 89d475a8'],
      ticks: 310,
      frames: [...KERNEL_WAIT, 'b!Two+0x37'],
    });
    const report = await dumpOf(
      `lkd> !thread 89d475a8\n${calls}\nl${lpcMessage('acfd', '89d475a8', '89d00420')}\nlkd> !thread 89d475a8\n${sleeps}\nlkd> !thread 89d00420\n${server}`,
    );
    expect(edges(report)).toEqual(['0x89d00420 -> 0x89d475a8 mutant 0x8a000080']);
    expect(chains(report)).toEqual(['0x89d00420 > 0x89d475a8: sleep']);
    expect(deadlocks(report)).toEqual([]);
  });

  it('a live kernel: a ring over two outputs is a possible deadlock, never a certain one', async () => {
    const text = `!locks\n${resource('8a0e7620', ['89d475a8'], ['89b99998'])}`;
    const other = `!locks\n${resource('8a0e7998', ['89b99998'], ['89d475a8'])}`;
    const live = await dumpOf(`lkd> ${text}lkd> ${other}`);
    expect(rules(live)).toContain('possible-deadlock');
    expect(rules(live)).not.toContain('deadlock');
    expect(live.result.deadlocks).toMatchObject([{ certain: false, mayEnd: false }]);
    expect(live.findings.find(({ rule }) => rule === 'possible-deadlock')).toMatchObject({
      level: 'warning',
      confidence: 'low',
      message: expect.stringContaining('the system ran while it was read'),
    });
    // Of a dump the same is one.
    const dump = await dumpOf(`kd> ${text}kd> ${other}`);
    expect(dump.result.deadlocks).toMatchObject([{ certain: true }]);
    expect(rules(dump)).toContain('deadlock');
  });

  it('handles of another moment may stand for something else', async () => {
    const handle =
      'Handle 50\n  Type         \tMutant\n  Object Specific Information\n    Mutex is Owned\n    Mutant Owner a74.111\n';
    const stacks = `0:000> ~*kv\n${userThread(0, 'a74.100', WAITS)}\n${userThread(1, 'a74.111', WAITS)}`;
    const now = await dumpOf(`${stacks}\n0:000> !handle 50 f\n${handle}`);
    expect(edges(now)).toEqual(['tid:256 -> tid:273 mutant 0x50']);
    const before = await dumpOf(`0:000> !handle 50 f\n${handle}0:000> g\n${stacks}`);
    expect(edges(before)).toEqual([]);
  });
});
