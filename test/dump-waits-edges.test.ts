import { describe, expect, it } from 'vitest';
import { dumpOf } from './support/dump.js';
import {
  block,
  deadlocks,
  edges,
  enters,
  entersFromKernel,
  KERNEL_WAIT,
  section,
  userStack,
  userThread,
} from './support/dump-log.js';

const A = { process: '89cf4870', image: 'a.exe' };
const B = { process: '899a0020', image: 'b.exe' };
const IN_USER = ['ntdll!KiFastSystemCallRet', 'KERNELBASE!WaitForSingleObjectEx+0xa8 50', 'app!WaitIo+0x37'];

describe('critical sections', () => {
  it('an owner that waits for its own section contradicts itself: no edge to it, no deadlock', async () => {
    const report = await dumpOf(`0:000> !cs -l
${section('0032be30', 'app!g_a', '00000100')}${section('0032be60', 'app!g_b', '00000222')}
0:000> ~0kv
${userStack(enters('0032be30'))}
0:000> ~
.  0  Id: a74.100 Suspend: 1 Teb: 7ffdf000 Unfrozen
   2  Id: a74.222 Suspend: 1 Teb: 7ffdc000 Unfrozen
`);
    expect(edges(report)).toEqual([
      'tid:256 -> unknown critical-section 0x32be30 ?',
      'unknown -> tid:546 critical-section 0x32be60',
    ]);
    expect(report.result.waitEdges[0].statement).toContain('a contradiction, the section may be damaged');
    expect(deadlocks(report)).toEqual([]);
  });

  it('RtlpEnterCriticalSectionContended takes its argument in a register: what is printed there names another section', async () => {
    const stack = userThread(0, 'a74.100', [
      'ntdll!NtWaitForAlertByThreadId+0xc',
      'ntdll!RtlpWaitOnAddressWithTimeout+0x64 0 0 0032be30',
      'ntdll!RtlpWaitOnCriticalSection+0xc9 0032be30',
      'ntdll!RtlpEnterCriticalSectionContended+0x1c5 0032be60',
      'ntdll!RtlEnterCriticalSection+0x49 0032be30',
      'app!Work+0x20',
    ]);
    const list = `${section('0032be30', 'app!g_a', '00000111')}${section('0032be60', 'app!g_b', '00000222')}`;
    const others = [1, 2].map((n) => userThread(n, `a74.${n}${n}${n}`, IN_USER)).join('\n');
    const known = await dumpOf(`0:000> ~*kv\n${stack}\n${others}\n0:000> !cs -l\n${list}`);
    expect(edges(known)).toContain('tid:256 -> tid:273 critical-section 0x32be30');
    expect(edges(known).filter((edge) => edge.startsWith('tid:256'))).toHaveLength(1);
    const alone = await dumpOf(`0:000> ~*kv\n${stack}`);
    expect(edges(alone)).toEqual(['tid:256 -> unknown critical-section 0x32be30 ?']);
    expect(alone.result.waitEdges[0].statement).toContain('!cs 32be30');
  });

  it('a thread id that two processes have: the owner is the one of the section’s process', async () => {
    const waits = block({ ...A, address: '89d475a8', cid: '0fa4.0f48', frames: entersFromKernel('0032be30') });
    const owner = block({ ...A, address: '89d00420', cid: '0fa4.0f50', frames: [...KERNEL_WAIT, 'a!Owner+0x37'] });
    const ended = block({ ...B, address: '89a80728', cid: '03c8.0f50', state: 'TERMINATED' });
    const list = `kd> .process /p /r 89cf4870\nImplicit process is now 89cf4870\nkd> !cs -l\n${section('0032be30', 'a!g_a', '00000f50')}`;
    const expected = ['0x89d475a8 -> 0x89d00420 critical-section 0x32be30'];
    expect(edges(await dumpOf(`kd> !process 0 17\n${waits}${owner}${ended}${list}`))).toEqual(expected);
    expect(edges(await dumpOf(`kd> !process 0 17\n${ended}${waits}${owner}${list}`))).toEqual(expected);
  });

  const loader = (owner: string): string => section('7c98e178', 'ntdll!LdrpLoaderLock', owner);
  const inA = block({ ...A, address: '89d475a8', cid: '0fa4.0f48', frames: entersFromKernel('7c98e178', 'a!A1+0x20') });
  const ofA = block({ ...A, address: '89d00420', cid: '0fa4.0f50', frames: [...KERNEL_WAIT, 'a!DllMain+0x37'] });
  const inB = block({ ...B, address: '89a80328', cid: '03c8.0644', frames: entersFromKernel('7c98e178', 'b!B1+0x20') });
  const ofB = block({ ...B, address: '89a80728', cid: '03c8.0650', frames: [...KERNEL_WAIT, 'b!DllMain+0x37'] });
  const setTo = (process: string): string => `kd> .process /p /r ${process}\nImplicit process is now ${process}\n`;

  it('two processes have their loader lock at the same address', async () => {
    const report = await dumpOf(
      `kd> !process 0 17\n${inA}${ofA}${inB}${ofB}${setTo('89cf4870')}kd> !cs -l\n${loader('00000f50')}${setTo('899a0020')}kd> !cs -l\n${loader('00000650')}`,
    );
    expect(edges(report)).toEqual([
      '0x89d475a8 -> 0x89d00420 critical-section 0x7c98e178',
      '0x89a80328 -> 0x89a80728 critical-section 0x7c98e178',
    ]);
    expect(report.result.locks.map(({ process, owners }) => [process, owners])).toEqual([
      ['a.exe', ['0x89d00420']],
      ['b.exe', ['0x89a80728']],
    ]);
  });

  it('the same where the lines that set the process were cut out: owners tell', async () => {
    const report = await dumpOf(
      `kd> !process 0 17\n${inA}${ofA}${inB}${ofB}kd> !cs -l\n${loader('00000f50')}kd> !cs -l\n${loader('00000650')}`,
    );
    expect(edges(report)).toEqual([
      '0x89d475a8 -> 0x89d00420 critical-section 0x7c98e178',
      '0x89a80328 -> 0x89a80728 critical-section 0x7c98e178',
    ]);
  });

  it('a section that is known to be of one process holds up no thread of another', async () => {
    const report = await dumpOf(`kd> !process 0 17\n${inB}${setTo('89cf4870')}kd> !cs -l\n${loader('00000f50')}`);
    expect(edges(report).filter((edge) => edge.startsWith('0x89a80328'))).toEqual([
      '0x89a80328 -> unknown critical-section 0x7c98e178 ?',
    ]);
  });

  it('a thread that ends waits for the loader lock, whose owner waits for it to end: DllMain', async () => {
    const owner = block({
      ...A,
      address: '89d475a8',
      cid: '0fa4.0f48',
      waits: ['89d00420  Thread'],
      frames: [...KERNEL_WAIT, 'mydll!DllMain+0x37', 'ntdll!LdrpLoadDll+0x1b1'],
    });
    const ends = block({
      ...A,
      address: '89d00420',
      cid: '0fa4.0f50',
      frames: [...entersFromKernel('7c98e178', 'ntdll!LdrShutdownThread+0x22'), 'kernel32!ExitThread+0x3e'],
    });
    const list = `kd> !locks

CritSec ntdll!LdrpLoaderLock+0 at 7c98e178
LockCount          1
RecursionCount     1
OwningThread       f48
EntryCount         1
ContentionCount    1
*** Locked

Scanned 37 critical sections
`;
    const report = await dumpOf(`kd> !process 0 17\n${owner}${ends}${setTo('89cf4870')}${list}`);
    expect(edges(report).sort()).toEqual([
      '0x89d00420 -> 0x89d475a8 critical-section 0x7c98e178',
      '0x89d475a8 -> 0x89d00420 thread 0x89d00420',
    ]);
    expect(report.result.deadlocks).toMatchObject([{ threads: ['0x89d00420', '0x89d475a8'], certain: true }]);
  });

  it('x64: two sections taken in opposite order, by what stands among the arguments: a deadlock, inferred', async () => {
    const stack = (number: number, tid: string, address: string): string =>
      userThread(
        number,
        `1a4.${tid}`,
        [
          'ntdll!ZwWaitForSingleObject+0xa',
          `ntdll!RtlpWaitOnCriticalSection+0xea 0 0 ${address} 2c`,
          'ntdll!RtlEnterCriticalSection+0xd1',
          'app!Both+0x44',
        ],
        true,
      );
    const owned = (address: string, symbol: string, tid: string, number: number): string =>
      `-----------------------------------------
DebugInfo          = 0x00000000004a1230
Critical section   = 0x${address.padStart(16, '0')} (${symbol}+0x0)
LOCKED
LockCount          = 0x1
WaiterWoken        = No
OwningThread       = 0x${tid.padStart(16, '0')}
RecursionCount     = 0x1
LockSemaphore      = 0x30
SpinCount          = 0x0000000000000000
OwningDbgThread    = ~${number}s
OwningDbgStack     =
Child-SP          RetAddr           Call Site
00000000\`0029f8a8 00000000\`77c6d4a1 ntdll!ZwWaitForSingleObject+0xa
00000000\`0029f8b0 00000000\`77c6d1b2 ntdll!RtlpWaitOnCriticalSection+0xea
00000000\`0029f960 00000001\`3f8d10c4 ntdll!RtlEnterCriticalSection+0xd1
00000000\`0029f990 00000000\`77a1652d app!Both+0x44
ntdll!RtlpStackTraceDataBase is NULL. Probably the stack traces are not enabled.
`;
    const report = await dumpOf(`0:000> ~*kv
${stack(0, '2b0', '13f8d5650')}
${stack(1, '2b4', '13f8d5678')}
0:000> !cs -l -o -s
${owned('13f8d5678', 'app!g_B', '2b0', 0)}${owned('13f8d5650', 'app!g_A', '2b4', 1)}`);
    expect(edges(report)).toEqual([
      'tid:688 -> tid:692 critical-section 0x13f8d5650 ?',
      'tid:692 -> tid:688 critical-section 0x13f8d5678 ?',
    ]);
    expect(report.result.deadlocks).toMatchObject([{ certain: false, mayEnd: false }]);
    expect(report.findings.find(({ rule }) => rule === 'deadlock')).toMatchObject({
      level: 'error',
      confidence: 'medium',
    });
  });
});

describe('locks that a log makes up', () => {
  const ids = (count: number, high: string) =>
    Array.from({ length: count }, (_, i) => `${high}${(0x40 + i * 0x1000).toString(16).padStart(8, '0')}`);
  const shared = (owners: readonly string[], waiters: readonly string[]) =>
    [
      '0: kd> !locks',
      '**** DUMP OF ALL RESOURCE OBJECTS ****',
      'KD: Scanning for held locks...',
      '',
      `Resource @ 0xffffe001c836c0c0    Shared ${owners.length} owning threads`,
      `    NumberOfExclusiveWaiters = ${waiters.length}`,
      ...owners.map((id) => `     Threads: ${id}-01<*> `),
      '     Threads Waiting On Exclusive Access:',
      ...waiters.map((id) => `              ${id}       `),
      '9 total locks, 1 locks currently held',
    ].join('\n');

  it('each of a few owners is waited for', async () => {
    const report = await dumpOf(shared(ids(3, 'ffffe000'), ids(2, 'ffffe001')));
    expect(report.result.waitEdges).toHaveLength(6);
    expect(report.diagnostics.map(({ code }) => code)).not.toContain('too-many-owners');
  });

  it('thousands of owners and waiters are joined in part, and told', async () => {
    const report = await dumpOf(shared(ids(2000, 'ffffe000'), ids(2000, 'ffffe001')));
    expect(report.result.waitEdges).toHaveLength(50_000);
    expect(report.diagnostics.find(({ code }) => code === 'too-many-owners')).toMatchObject({
      severity: 'data-loss',
      count: 2000 * 2000 - 50_000,
    });
  });

  it('a list that the debugger found broken is told', async () => {
    const log = shared(ids(1, 'ffffe000'), ids(1, 'ffffe001')).replace(
      'KD: Scanning for held locks...',
      '$&\n\nAn unexpected circular linked list was detected on the exclusive waiters list for lock 0xffffe001c836c0c0.',
    );
    const { result } = await dumpOf(log);
    expect(result.quality.map(({ statement }) => statement)).toContain(
      'the list of owners and waiters of 0xffffe001c836c0c0 is broken',
    );
  });
});
