import { describe, expect, it } from 'vitest';
import { dumpOf } from './support/dump.js';
import {
  ALPC_CALL,
  alpcMessage,
  block,
  chains,
  deadlocks,
  edges,
  entersFromKernel,
  KERNEL_WAIT,
  LPC_CALL,
  lpcMessage,
  messagesOf,
  order,
  resource,
  rules,
} from './support/dump-log.js';

const A = { process: '89cf4870', image: 'a.exe' };
const B = { process: '899a0020', image: 'b.exe' };
const mutant = (address: string, owner: string): string => `${address}  Mutant - owning thread ${owner}`;
const one = { ...A, address: '89d475a8', cid: '0fa4.0f48' };
const two = { ...A, address: '89d00420', cid: '0fa4.0f50' };
const calls = (id: string): { state: string; waits: string[]; frames: string[] } => ({
  state: 'WAIT: (WrLpcReply)',
  waits: [
    '89d4779c  Semaphore Limit 0x1',
    `Waiting for reply to LPC MessageId 0000${id}:`,
    'Current LPC port e5501c28',
  ],
  frames: LPC_CALL,
});

describe('callbacks', () => {
  const waits = block({
    ...one,
    waits: [mutant('8a333330', '89d00420')],
    frames: [...KERNEL_WAIT, 'gui!OnTimer+0x37'],
  });
  const inside = (outside: readonly string[]): string =>
    block({
      ...two,
      frames: [
        ...KERNEL_WAIT,
        'vendor!WaitForLicense+0x37',
        'USER32!InternalCallWinProc+0x28',
        'USER32!UserCallWinProcCheckWow+0x150',
        ...outside,
        'gui!OnTimer+0x37',
      ],
    });

  it.each([
    ['SendMessage', ['USER32!DispatchClientMessage+0xa3', 'USER32!SendMessageW+0x49']],
    ['DialogBox', ['USER32!DispatchMessageWorker+0x306', 'USER32!IsDialogMessageW+0xdb', 'USER32!DialogBox2+0x15a']],
    [
      'MessageBox',
      ['USER32!DispatchMessageWorker+0x306', 'USER32!SoftModalMessageBox+0x938', 'USER32!MessageBoxW+0x45'],
    ],
  ])('what waits in a callback does not wait in the %s under which it was called', async (_, outside) => {
    const report = await dumpOf(`kd> !process 0 17\n${waits}${inside(outside)}`);
    expect(edges(report)).toEqual(['0x89d475a8 -> 0x89d00420 mutant 0x8a333330']);
    expect(report.result.chains[0].root).toMatchObject({
      node: '0x89d00420',
      why: 'unknown',
      module: 'vendor',
      function: 'WaitForLicense',
    });
    expect(rules(report)).not.toContain('message-box');
  });
});

describe('threads of the system', () => {
  const system = (frames: readonly string[]): string =>
    block({
      address: 'fffffa8003c9e040',
      cid: '0004.0100',
      process: 'fffffa8001a04040',
      image: 'System',
      state: 'WAIT: (Executive)',
      frames,
    });
  const BODY = ['nt!ExpWorkerThread+0x15a', 'nt!PspSystemThreadStartup+0x5a', 'nt!KxStartSystemThread+0x16'];
  const INNER = ['nt!KiSwapContext+0x7a', 'nt!KiCommitThreadWait+0x1d2', 'nt!KeWaitForSingleObject+0x19f'];
  const idleOf = async (frames: readonly string[]) => {
    const report = await dumpOf(`0: kd> !process 4 17\n${system(frames)}`);
    return [report.result.threads[0].isIdle, order(report)];
  };

  it.each([
    ['a driver', [...INNER, 'vendor!Flush+0x37', ...BODY]],
    ['another part of nt', [...INNER, 'nt!CmpFlushHive+0x137', 'nt!CmpDelayedFlush+0x60', ...BODY]],
  ])('a worker that waits in %s is at work', async (_, frames) => {
    expect(await idleOf(frames)).toEqual([false, ['0xfffffa8003c9e040']]);
  });

  it.each([
    ['a worker in its queue', ['nt!KiSwapContext+0x7a', 'nt!KeRemoveQueueEx+0x323', ...BODY]],
    [
      'a thread that waits right inside its body',
      [...INNER, 'nt!KeBalanceSetManager+0x10a', 'nt!PspSystemThreadStartup+0x5a'],
    ],
  ])('%s waits for work', async (_, frames) => {
    expect(await idleOf(frames)).toEqual([true, []]);
  });
});

describe('ends of chains', () => {
  it('thread objects that have ended hold nobody up', async () => {
    const worker = (address: string, cid: string, state?: string): string =>
      block({ ...A, address, cid, state, frames: state === undefined ? [...KERNEL_WAIT, 'pool!Worker+0x37'] : [] });
    const report = await dumpOf(
      `kd> !process 89cf4870 17\n${block({ ...one, waits: ['89d00020  Thread', '89d00420  Thread', '89d00820  Thread'], frames: [...KERNEL_WAIT, 'pool!WaitForWorkers+0x37'] })}${worker('89d00020', '0fa4.0f50', 'TERMINATED')}${worker('89d00420', '0fa4.0f54')}${worker('89d00820', '0fa4.0f58', 'TERMINATED')}`,
    );
    expect(edges(report)).toEqual(['0x89d475a8 -> 0x89d00420 thread 0x89d00420 ?']);
    expect(chains(report)).toEqual(['0x89d475a8 > 0x89d00420: unknown']);
  });

  it('a suspended owner', async () => {
    const owner = block({
      ...two,
      state: 'WAIT: (Suspended)',
      waits: ['89d005ac  Semaphore Limit 0x2'],
      frames: [
        'nt!KiSwapContext+0x2f',
        'nt!KiSuspendThread+0x18',
        'nt!KiDeliverApc+0x124',
        'nt!KiFastCallEntry+0xfc',
        'a!Compute+0x37',
      ],
    }).replace('Non-Alertable\n', 'Non-Alertable\nSuspendCount 1\n');
    const report = await dumpOf(
      `kd> !process 0 17\n${block({ ...one, waits: [mutant('8a000010', '89d00420')], frames: [...KERNEL_WAIT, 'a!Loop+0x37'] })}${owner}`,
    );
    expect(edges(report)).toEqual(['0x89d475a8 -> 0x89d00420 mutant 0x8a000010']);
    expect(report.result.chains[0].root.statement).toContain('it is suspended (count 1)');
    expect(rules(report)).toContain('suspended-thread');
  });
});

describe('deadlocks', () => {
  it('of a member that waits for several objects, any of which may end its wait: possible only', async () => {
    const any = block({
      ...one,
      waits: [mutant('8a000010', '89d00420'), '8a000040  NotificationEvent'],
      frames: [...KERNEL_WAIT, 'a!Loop+0x37'],
    });
    const other = block({ ...two, waits: [mutant('8a000080', '89d475a8')], frames: [...KERNEL_WAIT, 'a!Owner+0x37'] });
    const report = await dumpOf(`kd> !process 0 17\n${any}${other}`);
    expect(edges(report)).toEqual([
      '0x89d475a8 -> 0x89d00420 mutant 0x8a000010 ?',
      '0x89d00420 -> 0x89d475a8 mutant 0x8a000080',
    ]);
    expect(report.result.deadlocks).toMatchObject([{ certain: false, mayEnd: true }]);
    expect(report.findings.find(({ rule }) => rule === 'possible-deadlock')).toMatchObject({
      level: 'note',
      confidence: 'low',
      message: expect.stringContaining('another object that 0x89d475a8 waits for'),
    });
    expect(rules(report)).not.toContain('deadlock');
    // A time-out is no other object.
    const timed = block({
      ...one,
      waits: [mutant('8a000010', '89d00420'), '8a000040  NotificationTimer'],
      frames: KERNEL_WAIT,
    });
    const certain = await dumpOf(`kd> !process 0 17\n${timed}${other}`);
    expect(certain.result.deadlocks).toMatchObject([{ certain: true, mayEnd: false }]);
  });

  it('through a process that cannot end, because its thread waits for the one that waits for it', async () => {
    const child = block({
      address: '89a80328',
      cid: '03c8.0644',
      process: '899a0020',
      image: 'child.exe',
      ...calls('acfe'),
    });
    const parent = block({
      ...one,
      image: 'parent.exe',
      waits: ['899a0020  ProcessObject'],
      ticks: 1010,
      frames: [...KERNEL_WAIT, 'a!Parent+0x37'],
    });
    const head = `PROCESS 899a0020  SessionId: 0  Cid: 03c8    Peb: 7ffde000  ParentCid: 0fa4
    DirBase: 3c9e6000  ObjectTable: e1627410  HandleCount:  81.
    Image: child.exe

`;
    const report = await dumpOf(
      `kd> !process 0 17\n${head}${child}${parent}${lpcMessage('acfe', '89a80328', '89d475a8')}`,
    );
    expect(edges(report)).toEqual([
      '0x89a80328 -> 0x89d475a8 lpc 0xacfe',
      '0x89d475a8 -> process:0x899a0020 process 0x899a0020',
      '0x89d475a8 -> 0x89a80328 process 0x899a0020 ?',
    ]);
    expect(deadlocks(report)).toEqual([['0x89a80328', '0x89d475a8']]);
    expect(report.result.deadlocks[0].certain).toBe(false);
  });
});

describe('who blocked first', () => {
  const holds = (state: string): string =>
    block({ ...one, image: 'low.exe', state, ticks: 9000, frames: state.startsWith('TERM') ? [] : ['low!Spin+0x37'] });
  const wants = block({
    ...B,
    image: 'hi.exe',
    address: '89b99998',
    cid: '0aa4.0a2c',
    state: 'WAIT: (Executive)',
    frames: [
      'nt!KiSwapContext+0x2f',
      'nt!ExpWaitForResource+0x30 8a0e7620',
      'nt!ExAcquireResourceExclusiveLite+0x8d 8a0e7620',
    ],
  });

  it.each([
    ['READY on processor 1', 'starved'],
    ['RUNNING on processor 1', 'unknown'],
    ['TERMINATED', 'terminated'],
  ])('only blocked threads are compared: not one that is %s', async (state, why) => {
    const report = await dumpOf(
      `kd> !locks\n${resource('8a0e7620', ['89d475a8'], ['89b99998'])}kd> !process 0 17\n${holds(state)}${wants}`,
    );
    expect(chains(report)).toEqual([`0x89b99998 > 0x89d475a8: ${why}`]);
    expect(rules(report)).not.toContain('blocked-first');
    expect(order(report)).toEqual(['0x89b99998']);
  });

  it('all owners of a shared resource hold its waiter up', async () => {
    const owner = (address: string, cid: string, process: string, image: string, ticks: number): string =>
      block({ address, cid, process, image, ticks, frames: [...KERNEL_WAIT, 'x!Holds+0x37'] });
    const report = await dumpOf(
      `kd> !locks\n${resource('8a0e7620', ['89d475a8', '89a80328'], ['89b99998'])}kd> !process 0 17\n${owner('89d475a8', 'fa4.f48', '89cf4870', 'a.exe', 5000)}${owner('89a80328', '3c8.644', '899a0020', 'b.exe', 4936)}${block({ ...one, address: '89b99998', cid: 'fa4.a2c', frames: [...KERNEL_WAIT, 'a!W+0x1'] })}`,
    );
    expect(edges(report)).toEqual([
      '0x89b99998 -> 0x89d475a8 eresource 0x8a0e7620',
      '0x89b99998 -> 0x89a80328 eresource 0x8a0e7620',
    ]);
    expect(chains(report)).toEqual(['0x89b99998 > 0x89d475a8: unknown', '0x89b99998 > 0x89a80328: unknown']);
    expect(messagesOf(report, 'blocked-first')).toEqual([expect.stringContaining('a.exe blocked 1.0 s before b.exe')]);
  });

  it('processes of one image are told apart by their ids, and each is compared', async () => {
    const host = { image: 'svchost.exe' };
    const report = await dumpOf(`kd> !process 0 17
${block({ ...host, address: '89d475a8', cid: '0fa4.0f48', process: '89cf4870', ticks: 1000, ...calls('acfd') })}
${block({ address: '89a80328', cid: '03c8.0644', process: '899a0020', image: 'lsass.exe', ticks: 1064, ...calls('acfe') })}
${block({ ...host, address: '89b452e8', cid: '0bb4.0a28', process: '89bb4870', ticks: 1128, frames: [...KERNEL_WAIT, 'a!Serve+0x37'] })}
${lpcMessage('acfd', '89d475a8', '89a80328')}${lpcMessage('acfe', '89a80328', '89b452e8')}`);
    expect(chains(report)).toEqual(['0x89d475a8 > 0x89a80328 > 0x89b452e8: unknown']);
    expect(messagesOf(report, 'blocked-first')).toEqual([
      expect.stringContaining('svchost.exe (PID 2996) blocked 1.0 s before lsass.exe'),
      expect.stringContaining('lsass.exe blocked 1.0 s before svchost.exe (PID 4004)'),
    ]);
  });

  it('members of a deadlock are compared, and those that wait for them', async () => {
    const X = (address: string, cid: string, process: string, image: string) => ({
      address: `fffffa80${address}`,
      cid,
      process,
      image,
    });
    const alpc = (message: string) => ({
      state: 'WAIT: (WrLpcReply)',
      waits: [
        `Waiting for reply to ALPC Message ${message} : queued at port fffffa8009db7160 : owned by process fffffa8009a3e060`,
      ],
      frames: ALPC_CALL,
    });
    const client = block({
      ...X('03c9e040', 'f00.f04', 'fffffa8004000060', 'client.exe'),
      ticks: 1128,
      ...alpc('fffff8a00dbc6650'),
    });
    const server = block({
      ...X('05c9e040', 'a00.a04', 'fffffa8009a3e060', 'server.exe'),
      ticks: 1064,
      waits: [mutant('fffffa8006c00110', 'fffffa8003c9e040')],
      frames: [
        'nt!KiSwapContext+0x7a',
        'nt!KeWaitForSingleObject+0x19f',
        'nt!NtWaitForSingleObject+0xb2',
        'nt!KiSystemServiceCopyEnd+0x13',
        'server!Handler+0x9c',
      ],
    });
    const victim = block({
      ...X('07c9e040', 'b00.b04', 'fffffa8008000060', 'victim.exe'),
      ticks: 1000,
      ...alpc('fffff8a00dbc7770'),
    });
    const report = await dumpOf(
      `0: kd> !process 0 17\n${client}${server}${victim}${alpcMessage('fffff8a00dbc6650', 'fffffa8003c9e040', 'fffffa8005c9e040')}${alpcMessage('fffff8a00dbc7770', 'fffffa8007c9e040', 'fffffa8005c9e040')}`,
    );
    expect(report.result.deadlocks).toMatchObject([
      { threads: ['0xfffffa8003c9e040', '0xfffffa8005c9e040'], victims: ['0xfffffa8007c9e040'], certain: true },
    ]);
    expect(chains(report)).toEqual(['0xfffffa8007c9e040 > 0xfffffa8005c9e040: deadlock']);
    expect(messagesOf(report, 'blocked-first')).toEqual([
      expect.stringContaining('client.exe blocked 1.0 s before server.exe'),
      expect.stringContaining('server.exe blocked 1.0 s before victim.exe'),
    ]);
  });
});

describe('order', () => {
  it('of a log that has ticks only: by ticks', async () => {
    const report = await dumpOf(`kd> !stacks 0
Proc.Thread  .Thread  Ticks   ThreadState Blocker
                            [8a0c7830 System]
   4.000014  8a04cb30  0000163 Blocked    Mup!PktPostSystemWork+0x74
   4.000018  8a04cc30  0000999 Blocked    nt!ExpWorkerThread+0x15
   4.00001c  8a04cd30  0000000 Blocked    drv!Poll+0x74
                            [89cf4870 a.exe]
 fa4.000f48  89d475a8  02fb1ad Blocked    ntdll!RtlpWaitForCriticalSection+0x132
 fa4.000f50  89d00420  0000263 READY      a!X+0x1
`);
    expect(order(report)).toEqual(['0x89d475a8', '0x8a04cb30', '0x8a04cd30']);
    expect(report.result.threads.find(({ id }) => id === '0x89d475a8')?.waitTicks).toBe(0x2fb1ad);
    expect(edges(report)).toEqual(['0x89d475a8 -> unknown critical-section ?']);
  });

  it('threads that somebody waits for stay in it, longest first', async () => {
    const owner = block({ ...two, ticks: 5000, frames: [...KERNEL_WAIT, 'a!Owner+0x37'] });
    const waits = block({
      ...one,
      waits: [mutant('8a000010', '89d00420')],
      ticks: 900,
      frames: entersFromKernel('8a000010').slice(0, 5),
    });
    const report = await dumpOf(`kd> !process 0 17\n${waits}${owner}`);
    expect(order(report)).toEqual(['0x89d00420', '0x89d475a8']);
  });
});

const DISK = `0: kd> !thread fffffa8003c9e040 17
THREAD fffffa8003c9e040  Cid 0a74.0100  Teb: 000007fffffde000 Win32Thread: 0000000000000000 WAIT: (Executive) KernelMode Non-Alertable
    fffffa8004000110  NotificationEvent
IRP List:
    fffffa8004000c10: (0006,0358) Flags: 00060043  Mdl: 00000000
Owning Process            fffffa8003c00060       Image:         reader.exe
Wait Start TickCount      1000           Ticks: 640 (0:00:00:10.000)
Child-SP          RetAddr           Call Site
fffff880\`00001000 fffff800\`01000100 nt!KiSwapContext+0x7a
fffff880\`00001010 fffff800\`01000200 nt!KeWaitForSingleObject+0x19f
fffff880\`00001020 fffff800\`01000300 nt!IopSynchronousServiceTail+0x35c
fffff880\`00001030 fffff800\`01000400 nt!NtReadFile+0x631
fffff880\`00001040 00000000\`77000100 nt!KiSystemServiceCopyEnd+0x13
0: kd> !irp fffffa8004000c10
Irp is active with 3 stacks 1 is current (= 0xfffffa8004000ce0)
 No Mdl: No System Buffer: Thread fffffa8003c9e040:  Irp stack trace.
     cmd  flg cl Device   File     Completion-Context
>[  3, 0]   0 e1 fffffa8005000060 00000000 fffff88001000000-00000000 Success Error Cancel pending
               \\Driver\\exampleport  disk!ExampleCompletion
                        Args: 00001000 00000000 00000000 00000000
`;
const STACK = `0: kd> !devstack fffffa8005000060
  !DevObj           !DrvObj            !DevExt           ObjectName
  fffffa8005000b90  \\Driver\\disk       fffffa8005000ce0  DR0
> fffffa8005000060  \\Driver\\exampleport fffffa80050001b0  ExamplePort0
`;

describe('a request at the last driver of its device stack', () => {
  it('is with the device, where the stack is shown', async () => {
    const { result } = await dumpOf(DISK + STACK);
    expect(result.chains[0].root).toMatchObject({ why: 'device', waitsFor: 'driver:\\Driver\\exampleport' });
  });

  it('is with the driver, where it is not', async () => {
    const { result } = await dumpOf(DISK);
    expect(result.chains[0].root).toMatchObject({ why: 'driver', waitsFor: 'driver:\\Driver\\exampleport' });
  });
});
