import { describe, expect, it } from 'vitest';
import { dumpOf } from './support/dump.js';
import {
  ALPC_CALL,
  alpcMessage,
  block,
  chains,
  edges,
  enters,
  KERNEL_WAIT,
  LPC_CALL,
  lpcMessage,
  order,
  rules,
  section,
  userThread,
} from './support/dump-log.js';

const A = { process: '89cf4870', image: 'a.exe' };
const B = { process: '899a0020', image: 'b.exe' };
const at = (report: Awaited<ReturnType<typeof dumpOf>>, id: string) => report.result.threads.find((t) => t.id === id);
const IN_USER = ['ntdll!KiFastSystemCallRet', 'KERNELBASE!WaitForSingleObjectEx+0xa8 50', 'app!WaitIo+0x37'];

describe('messages', () => {
  const server64 = (frames: string[], state?: string): string =>
    block({
      address: 'fffffa8005c9e040',
      cid: '0a00.0a04',
      process: 'fffffa8009a3e060',
      image: 'server.exe',
      state,
      ticks: 900,
      frames,
    });
  const client64 = block({
    address: 'fffffa8003c9e040',
    cid: '0f00.0f04',
    process: 'fffffa8004000060',
    image: 'client.exe',
    state: 'WAIT: (WrLpcReply)',
    waits: [
      'fffffa8003c9e400  Semaphore Limit 0x1',
      'Waiting for reply to ALPC Message fffff8a00dbc6650 : queued at port fffffa8009db7160 : owned by process fffffa8009a3e060',
    ],
    frames: ALPC_CALL,
  });
  const message = (server: string): string => alpcMessage('fffff8a00dbc6650', 'fffffa8003c9e040', server);

  it('LRPC: a caller that waits elsewhere does not wait for the call', async () => {
    const report = await dumpOf(`0:000> !rpcexts.getcallinfo
Searching for call info ...
## PID  CELL ID   ST PNO IFSTART  TIDNUMBER CALLFLAG CALLID   LASTTIME CONN/CLN
----------------------------------------------------------------------------
03c8 0000.0019 02 00b 82273fdc 0000.0002 00000009 00000000 00018b19 0a74.0100
0:000> !rpcexts.getthreadinfo 3c8
Searching for thread info ...
## PID  CELL ID   ST TID      LASTTIME
-----------------------------------
03c8 0000.0002 01 00000644 0004caa5
0:000> ~*kv
${userThread(0, 'a74.100', enters('0032be30'))}
${userThread(1, 'a74.111', IN_USER)}
0:000> !cs -l
${section('0032be30', 'app!g_a', '00000111')}`);
    expect(edges(report)).toEqual(['tid:256 -> tid:273 critical-section 0x32be30']);
    expect(chains(report)).toEqual(['tid:256 > tid:273: unknown']);
  });

  it('LPC: a server thread back in its pool has passed the message on; its process is waited for', async () => {
    const client = block({
      ...A,
      address: '89d475a8',
      cid: '0fa4.0f48',
      state: 'WAIT: (WrLpcReply)',
      waits: [
        '89d4779c  Semaphore Limit 0x1',
        'Waiting for reply to LPC MessageId 0000acfd:',
        'Current LPC port e5501c28',
      ],
      frames: LPC_CALL,
    });
    const idle = block({
      ...B,
      address: '89a80328',
      cid: '03c8.0644',
      state: 'WAIT: (WrLpcReceive)',
      waits: ['89a8051c  Semaphore Limit 0x7fffffff'],
      frames: [
        'nt!KiSwapContext+0x2f',
        'nt!KeRemoveQueue+0x20e',
        'nt!NtReplyWaitReceivePortEx+0x3dc',
        'nt!KiFastCallEntry+0xfc',
      ],
    }).replace('Context Switch', 'LPC Server thread working on message Id acfd\nContext Switch');
    const report = await dumpOf(`kd> !process 0 17\n${client}${idle}`);
    expect(edges(report)).toEqual(['0x89d475a8 -> process:0x899a0020 lpc 0xacfd ?']);
    expect(report.result.chains[0].root).toMatchObject({ node: 'process:0x899a0020', why: 'missing-thread' });
    expect(report.result.waitEdges[0].statement).toContain('waits for new work');
    expect(at(report, '0x89a80328')?.isIdle).toBe(true);
    expect(order(report)).toEqual(['0x89d475a8']);
  });

  it('ALPC: the thread that the message names is the server, even where it waits for work: the message was lost there', async () => {
    const idle = server64(
      [
        'nt!KiSwapContext+0x7a',
        'nt!KeRemoveQueueEx+0x323',
        'nt!IoRemoveIoCompletion+0x47',
        'nt!NtWaitForWorkViaWorkerFactory+0x285',
        'nt!KiSystemServiceCopyEnd+0x13',
        'ntdll!TppWorkerThread+0x2c9',
      ],
      'WAIT: (WrQueue)',
    );
    const report = await dumpOf(`0: kd> !process 0 17\n${client64}${idle}${message('fffffa8005c9e040')}`);
    expect(edges(report)).toEqual(['0xfffffa8003c9e040 -> 0xfffffa8005c9e040 alpc 0xfffff8a00dbc6650']);
    expect(report.result.chains[0].root).toMatchObject({
      node: '0xfffffa8005c9e040',
      why: 'unknown',
      statement: expect.stringContaining('waits for new work'),
    });
    expect(rules(report)).not.toContain('blocked-first');
  });

  it('ALPC: ServerThread 0 is nobody: the port’s process is waited for', async () => {
    const report = await dumpOf(`0: kd> !process 0 17\n${client64}${message('0000000000000000')}`);
    expect(edges(report)).toEqual(['0xfffffa8003c9e040 -> process:0xfffffa8009a3e060 alpc 0xfffff8a00dbc6650']);
    expect(report.result.waitEdges[0].statement).toContain('which no thread of server.exe has picked up');
    expect(report.result.chains[0].root).toMatchObject({ node: 'process:0xfffffa8009a3e060', why: 'missing-thread' });
  });

  it('a hard error: csrss shows the message box for the service that waits', async () => {
    const raises = block({
      ...A,
      image: 'svc.exe',
      address: '89d475a8',
      cid: '0fa4.0f48',
      state: 'WAIT: (WrLpcReply)',
      waits: [
        '89d4779c  Semaphore Limit 0x1',
        'Waiting for reply to LPC MessageId 0000beef:',
        'Current LPC port e5501c28',
      ],
      frames: [
        'nt!KiSwapContext+0x2f',
        'nt!LpcRequestWaitReplyPort+0x2bd',
        'nt!ExpRaiseHardError+0x1a1',
        'nt!NtRaiseHardError+0x117',
      ],
    });
    const shows = block({
      ...B,
      image: 'csrss.exe',
      address: '89a80328',
      cid: '0228.0644',
      state: 'WAIT: (WrUserRequest)',
      frames: [
        'nt!KeWaitForSingleObject+0x1c2',
        'win32k!xxxSleepThread+0x192',
        'win32k!NtUserWaitMessage+0x14',
        'nt!KiFastCallEntry+0xfc',
        'USER32!NtUserWaitMessage+0xc',
        'USER32!InternalDialogBox+0xd0',
        'USER32!SoftModalMessageBox+0x938',
        'winsrv!HardErrorHandler+0x37f',
      ],
    });
    const report = await dumpOf(`kd> !process 0 17\n${raises}${shows}${lpcMessage('beef', '89d475a8', '89a80328')}`);
    expect(edges(report)).toEqual(['0x89d475a8 -> 0x89a80328 lpc 0xbeef']);
    expect(chains(report)).toEqual(['0x89d475a8 > 0x89a80328: message-box']);
    expect(report.result.chains[0].root).toMatchObject({ module: 'winsrv', function: 'HardErrorHandler' });
    expect(rules(report)).toContain('message-box');
  });
});

describe('locks without an owner', () => {
  it('a push lock', async () => {
    const waits = block({
      address: 'fffffa8003c9e040',
      cid: '0f00.0f04',
      process: 'fffffa8004000060',
      image: 'client.exe',
      state: 'WAIT: (WrPushLock)',
      waits: ['fffff88003c8e800  SynchronizationEvent'],
      frames: [
        'nt!KiSwapContext+0x7a',
        'nt!KeWaitForGate+0x19f',
        'nt!ExfAcquirePushLockExclusive+0x188',
        'nt!MmSetAddressRange+0x46',
        'nt!KiSystemServiceCopyEnd+0x13',
      ],
    });
    const report = await dumpOf(`0: kd> !process 0 17\n${waits}`);
    expect(edges(report)).toEqual(['0xfffffa8003c9e040 -> unknown push-lock ?']);
    expect(report.result.chains[0].root.statement).toContain('it does not record its owner');
    expect(order(report)).toEqual(['0xfffffa8003c9e040']);
  });

  it('a slim reader/writer lock beside threads of a pool', async () => {
    const report = await dumpOf(`0:000> ~*kv
${userThread(0, '1a4.2b0', ['ntdll!NtWaitForAlertByThreadId+0x14', 'ntdll!RtlAcquireSRWLockExclusive+0x165', 'app!Lock+0x10'], true)}
${userThread(1, '1a4.2b4', ['ntdll!NtWaitForWorkViaWorkerFactory+0x14', 'ntdll!TppWorkerThread+0x2f7'], true)}
${userThread(2, '1a4.2b8', ['ntdll!NtAlpcSendWaitReceivePort+0x14', 'RPCRT4!LRPC_ADDRESS::ProcessIO+0x2f7'], true)}
${userThread(3, '1a4.2bc', ['ntdll!NtWaitForMultipleObjects+0x14', 'ntdll!TppWaiterpThread+0x14d'], true)}`);
    expect(edges(report)).toEqual(['tid:688 -> unknown event ?']);
    expect(report.result.waitEdges[0].statement).toContain('slim reader/writer lock');
    expect(report.result.threads.map(({ id, isIdle }) => [id, isIdle])).toEqual([
      ['tid:688', false],
      ['tid:692', true],
      ['tid:696', true],
      ['tid:700', true],
    ]);
    expect(order(report)).toEqual(['tid:688']);
  });

  it('a fast mutex, by its event that the thread waits for and its structure', async () => {
    const waits = block({
      ...A,
      address: '89d475a8',
      cid: '0fa4.0f48',
      state: 'WAIT: (Executive)',
      waits: ['8a55500c  SynchronizationEvent'],
      frames: [
        'nt!KiSwapContext+0x2f',
        'nt!KeWaitForSingleObject+0x1c2 8a55500c',
        'hal!ExAcquireFastMutex+0x3e',
        'drv!Dispatch+0x20',
      ],
    });
    const owns = block({ ...B, address: '89a80328', cid: '03c8.0644', frames: [...KERNEL_WAIT, 'b!Y+0x37'] });
    const mutex = (address: string): string => `kd> dt nt!_FAST_MUTEX ${address}
   +0x000 Count            : -1
   +0x004 Owner            : 0x89a80328 _KTHREAD
   +0x008 Contention       : 5
   +0x00c Event            : _KEVENT
   +0x01c OldIrql          : 1
`;
    const report = await dumpOf(`kd> !thread 89d475a8\n${waits}${mutex('8a555000')}kd> !thread 89a80328\n${owns}`);
    expect(edges(report)).toEqual(['0x89d475a8 -> 0x89a80328 fast-mutex 0x8a555000']);
    // Another mutex near by is not it: what is known is the event.
    const other = await dumpOf(`kd> !thread 89d475a8\n${waits}${mutex('8a555100')}kd> !thread 89a80328\n${owns}`);
    expect(edges(other)).toEqual(['0x89d475a8 -> unknown fast-mutex 0x8a55500c ?']);
  });
});
