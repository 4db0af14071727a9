import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { takesArguments } from '../parsers/kd/argument-routines.js';
import { durationMs } from '../parsers/kd/durations.js';
import { columnsOf } from '../parsers/kd/frame-columns.js';
import { routineOf } from '../parsers/kd/frames.js';
import { kd } from '../parsers/kd.js';
import { callStack } from '../src/tables/call-stack.js';
import { dumpProcessor } from '../src/tables/dump-system.js';
import {
  dumpFrameArgument,
  dumpProcess,
  dumpThread,
  dumpThreadIrp,
  dumpWaitObject,
} from '../src/tables/dump-thread.js';
import { addsUp, anyBytes, survivesDamage } from './support/damage.js';
import { codesOf, type Parsed, parseWith, sniffText } from './support/parse.js';
import { SHARED } from './support/shared.js';

const parse = (bytes: string | Uint8Array) => parseWith(kd, { bytes });
const TABLES = [dumpProcess, dumpThread, dumpWaitObject, dumpFrameArgument, dumpThreadIrp, dumpProcessor, callStack];

/** What is not null, without the place. */
function known(row: object): Record<string, unknown> {
  const { quote: _, byte: __, line: ___, ...rest } = row as Record<string, unknown>;
  return Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null));
}
const threads = (parsed: Parsed) => parsed.rows(dumpThread).map(known);
const processes = (parsed: Parsed) => parsed.rows(dumpProcess).map(known);
const objects = (parsed: Parsed) => parsed.rows(dumpWaitObject).map(known);
const processors = (parsed: Parsed) => parsed.rows(dumpProcessor).map(known);
const args = (parsed: Parsed) =>
  parsed.rows(dumpFrameArgument).map((r) => [r.frame, r.routine, r.arg1, r.arg2, r.arg3, r.arg4, r.isReliable]);
const framesOf = (parsed: Parsed, stack: number | null) =>
  parsed
    .rows(callStack)
    .filter((r) => r.stack === stack)
    .map((r) => [r.address, r.routine]);
const stackOf = async (text: string) => {
  const parsed = await parse(text);
  expect(addsUp(parsed)).toBe(true);
  return framesOf(parsed, parsed.rows(dumpThread)[0]?.stack ?? null);
};

/** Made up, in the layouts that debuggers print. */
const XP = `0: kd> !process 0 7
**** NT ACTIVE PROCESS DUMP ****
PROCESS 86a01020  SessionId: 0  Cid: 01f4    Peb: 7ffde000  ParentCid: 0228
    DirBase: 3c9e6000  ObjectTable: e1627410  HandleCount:  81.
    Image: example.exe
    VadRoot 86a80168 Vads 161 Clone 0 Private 517. Modified 4. Locked 0.
    DeviceMap e1003170
    Token                             e1575030
    ElapsedTime                       2 Days 02:59:39.285
    UserTime                          00:00:00.046
    KernelTime                        00:01:00.234
    QuotaPoolUsage[PagedPool]         42916
    QuotaPoolUsage[NonPagedPool]      7176
    Working Set Sizes (now,min,max)  (1289, 50, 345) (5156KB, 200KB, 1380KB)
    PeakWorkingSetSize                1291
    CommitCharge                      866

        THREAD 86a02020  Cid 01f4.03e8  Teb: 7ffdd000 Win32Thread: e1cdc2c0 WAIT: (WrLpcReply) UserMode Non-Alertable
            86a0220c  Semaphore Limit 0x7fffffff
            86a02098  NotificationTimer
        Waiting for reply to LPC MessageId 0000acfd:
        Current LPC port e5501c28
        IRP List:
            86a49008: (0006,01d8) Flags: 00000030  Mdl: 00000000
            86a4a008: (0006,0094) Flags: 00000884  Mdl: 86a4b000
        Not impersonating
        DeviceMap                 e1003170
        Owning Process            0       Image:         <Unknown>
        Attached Process          86a0f020       Image:         other.exe
        Wait Start TickCount      1845699        Ticks: 1284370 (0:05:34:28.281)
        Context Switch Count      149                 LargeStack
        UserTime                  00:00:00.015
        KernelTime                00:00:00.093
        Win32 Start Address 0x0000acfc
        LPC Server thread working on message Id acfc
        Start Address kernel32!BaseThreadStartThunk (0x7c8106f9)
        Stack Init b88a1000 Current b88a0c50 Base b88a1000 Limit b889e000 Call 0
        Priority 9 BasePriority 8 PriorityDecrement 0 DecrementCount 0
        Kernel stack not resident.
        ChildEBP RetAddr  Args to Child
        b88a0c68 804e1bf2 86a02090 86a02020 804e1c3e nt!KiSwapContext+0x2f (FPO: [Uses EBP] [0,0,4])
        b88a0c9c 8057d073 86a0220c 00000011 00000001 nt!KeWaitForSingleObject+0x1c2 (FPO: [Non-Fpo])
        b88a0d50 7c90e514 00000c48 00000000 00000000 nt!KiFastCallEntry+0xfc (TrapFrame @ b88a0d64)
        00a8ffec 00000000 00000000 00000000 00000000 kernel32!BaseThreadStart+0x37

        THREAD 86a03020  Cid 01f4.03ec  Teb: 7ffdc000 Win32Thread: 00000000 WAIT: (Unknown) KernelMode Alertable
            86a0f500  Mutant - owning thread 86a02020
            86a0f600  Thread
        Owning Process            86a01020       Image:         example.exe
        Wait Start TickCount      3130069
`;
const XP_PROCESS = {
  command: '!process',
  address: 0x86a01020n,
  image: 'example.exe',
  pid: 0x1f4,
  parentPid: 0x228,
  sessionId: 0,
  handleCount: 81,
  elapsedMs: 183579285,
  userMs: 46,
  kernelMs: 60234,
  commitPages: 866,
  workingSetPages: 1289,
  pagedQuotaBytes: 42916,
  nonpagedQuotaBytes: 7176,
  hasPeb: 1,
};
const XP_THREADS = [
  {
    sighting: 0,
    command: '!process',
    address: 0x86a02020n,
    pid: 0x1f4,
    tid: 0x3e8,
    teb: 0x7ffdd000n,
    win32Thread: 0xe1cdc2c0n,
    processAddress: 0x86a01020n,
    image: 'example.exe',
    attachedAddress: 0x86a0f020n,
    attachedImage: 'other.exe',
    state: 'WAIT',
    waitReason: 'WrLpcReply',
    waitMode: 'UserMode',
    alertable: 0,
    waitStartTicks: 1845699,
    waitTicks: 1284370,
    waitMs: 20068281,
    contextSwitches: 149,
    userMs: 15,
    kernelMs: 93,
    startRoutine: 'kernel32!BaseThreadStartThunk',
    win32StartRoutine: '0x0000acfc',
    priority: 9,
    basePriority: 8,
    lpcMessage: 'acfd',
    lpcPort: 0xe5501c28n,
    lpcWorkingOn: 'acfc',
    stack: 0,
    stackNotResident: 1,
  },
  {
    sighting: 1,
    command: '!process',
    address: 0x86a03020n,
    pid: 0x1f4,
    tid: 0x3ec,
    teb: 0x7ffdc000n,
    processAddress: 0x86a01020n,
    image: 'example.exe',
    state: 'WAIT',
    waitMode: 'KernelMode',
    alertable: 1,
    waitStartTicks: 3130069,
    beganAfterNow: 1,
  },
];

const W10 = `2: kd> !process ffffe001d147c840 1f
PROCESS ffffe001d147c840
    SessionId: none  Cid: 10f0    Peb: ee6cf8a000  ParentCid: 0434
DeepFreeze
    DirBase: d2122000  ObjectTable: ffffc0001f191ac0  HandleCount: <Data Not Accessible>
    Image: example one.exe
    ElapsedTime                       <Invalid>
    CommitCharge                      1573
    Job                               ffffe001d4000060

        THREAD ffffe001d173e840  Cid 10f0.1dac  Teb: 000000ee6cf8b000 Win32Thread: 0000000000000000 WAIT: (WrLpcReply) UserMode Non-Alertable
            ffffe001d173ec80  Semaphore Limit 0x1
        Waiting for reply to ALPC Message ffffc00170000010 : queued at port ffffe00300000010 : owned by process ffffe000c0000040
        Not impersonating
        DeviceMap                 ffffc00019113080
        Owning Process            ffffe001d147c840       Image:         example one.exe
        Attached Process          N/A            Image:         N/A
        Wait Start TickCount      338852         Ticks: 0
        Context Switch Count      36             IdealProcessor: 0             
        UserTime                  00:00:00.015
        KernelTime                1 Day 00:00:00.000
        Win32 Start Address ntdll!TppWorkerThread (0x00007ffd14ab2850)
        Stack Init ffffd001c2ec6dd0 Current ffffd001c2ec60c0
        Base ffffd001c2ec7000 Limit ffffd001c2ec1000 Call 0000000000000000
        Priority 8 BasePriority 8 UnusualBoost 0 ForegroundBoost 0 IoPriority 2 PagePriority 5
        Child-SP          RetAddr               : Args to Child                                                           : Call Site
        ffffd001\`c2ec60c0 fffff803\`cd660721     : ffffe001\`0c00d1c7 00000000\`000069f9 00000000\`00001c32 00000000\`00001fd5 : nt!KiSwapContext+0x76
        (Inline Function) --------\`--------     : --------\`-------- --------\`-------- --------\`-------- --------\`-------- : nt!KiInlined+0x12 (Inline Function @ fffff803\`cd660700)
        ffffd001\`c2ec6120 00007ff8\`b2e5e7d4     : ffffe001\`d173ec80 00000000\`00000000 00000000\`00000001 00000000\`00000000 : nt!KeWaitForSingleObject+0x233
        WARNING: Frame IP not in any known module. Following frames may be wrong.
        000000ee\`60000360 00000000\`00000000     : 00000000\`00006e19 00000000\`00000c4e 00000000\`0000c0da 00000000\`00008026 : 0x00007ff8\`b2e5e7d4

        THREAD ffffe001d173f080  Cid 10f0.1db0  Teb: 000000ee6cf8d000 Win32Thread: ffffe001d1118cf0 RUNNING on processor 2
        THREAD ffffe001d1740080  Cid 10f0.1db4  Teb: 000000ee6cf8f000 Win32Thread: 0000000000000000 TERMINATED
        THREAD ffffe001d1741080  Cid 10f0.1db8  Teb: 000000ee6cf91000 Win32Thread: 0000000000000000 WAIT: (Suspended) KernelMode Non-Alertable
        SuspendCount 2 FreezeCount 1
            ffffe001d17413a0  Semaphore Limit 0x2
`;

const NT4 = `kd> !process fb667a00 7
PROCESS fb667a00 Cid: 0002  Peb: 00000000 ParentCid: 0000
  DirBase: 00030000 ObjectTable: e1000f88 TableSize: 112.
  Image: System
  VadRoot fb666388 Clone 0 Private 4. Modified 9850. Locked 0.
  FB667BBC MutantState Signalled OwningThread 0
  ElapsedTime            15:06:36.0338
  CommitCharge           8

    THREAD fb667780 Cid 2.1 Teb: 00000000 Win32Thread: 80144900 WAIT: (WrFreePage) KernelMode Non-Alertable
    80144fc0 SynchronizationEvent
    Not impersonating
    Owning Process fb667a00
    WaitTime (seconds)   32278
    Context Switch Count  787
    UserTime         0:00:00.0000
    KernelTime        0:00:21.0821
    Start Address Phase1Example (0x801aab44)
    Initial Sp fb26f000 Current Sp fb26ed00
    Priority 0 BasePriority 0 PriorityDecrement 0 DecrementCount 0

    ChildEBP RetAddr Args to Child
    fb26ed18 80118efc c0502000 804044b0 00000000 KiSwapThread+0xb5
    fb26ed3c 801289d9 80144fc0 00000008 00000000 KeWaitForSingleObject+0x1c2
`;

const STACKS = `0: kd> !stacks 2
Proc.Thread  .Thread  Ticks   ThreadState Blocker
                            [8b57f7a8 System]
   4.000070  8b579db0 ffffff42 Blocked    nt!KiSwapContext+0x2f
                                        nt!KeWaitForSingleObject+0x1c2
                                        +0x3f3f3f3f
   4.0000c0  8b5768d0 0000163 READY      nt!KiAdjust+0x109
   4.0000e4  8b56cb10 0000001 Blocked    Stack paged out

                            [8b000020 example.exe]
1454.0014b0  89d36b60 0000000 RUNNING    +0xf6fb2044

Threads Processed: 4
`;

const RUNNING = `0: kd> !running -ti

System Processors:  (000000000000000f)
  Idle Processors:  (0000000000000000)

       Prcbs             Current         (pri) Next            (pri) Idle
  0    fffff8024a6a6180  ffffe001d3a27040 ( 8)                       fffff8024a71f740  ................

Child-SP          RetAddr           Call Site
ffffd001\`c70c62a8 fffff800\`7a0fa607 example!Spin+0x12
ffffd001\`c70c62b0 00000000\`00000000 nt!KiStartUserThread+0x5

  1    ffffd00020a40180  ffffe001d3a28040 (16) ffffe001d3a29040 (15) ffffd00020a51cc0  ................
`;

const READY = `1: kd> !ready
SharedReadyQueue fffff80003a5d8a0: No threads in READY state
Processor 0: No threads in READY state
Processor 1: Ready Threads at priority 10
    THREAD 861b1898  Cid 4860.4894  Teb: 7ffd8000 Win32Thread: bc1669a8 READY
Processor 1: Ready Threads at priority 9
    THREAD 83b46db0  Cid 44c8.a11c  Teb: 7f8f8000 Win32Thread: bcbabb38 READY on processor 80000003
`;

const USER = `0:006> ~*kb

   0  Id: 1364.1330 Suspend: 1 Teb: 7ffdf000 Unfrozen
ChildEBP RetAddr  Args to Child
014cfe64 77f6cc7b 00000460 00000000 00000000 ntdll!NtWaitForSingleObject+0xb
014cfee0 6833adb8 0024e750 80000000 01f21cb8 ntdll!RtlEnterCriticalSection+0x46

.  6  Id: 1364.a9 Suspend: 1 Teb: 000000d2\`8b3f2000 Unfrozen "worker one"
      Start: example!ThreadMain (00007ff6\`12345678)
      Priority: 0  Priority class: 32  Affinity: f
 # Child-SP          RetAddr               Call Site
00 000000d2\`8b1ff6a8 00007ffa\`a9094f14 ntdll!NtDelayExecution+0x14
01 000000d2\`8b1ff6b0 00000000\`00000000 KERNELBASE!SleepEx+0xa1

#  7  Id: 1364.111c Suspend: 1 Teb: 7ffd8000 Unfrozen

0:006> ~4 kb
  4  id: 97.a3   Suspend: 0 Teb 7ffd9000 Unfrozen
ChildEBP RetAddr  Args to Child
014cfe64 77f6cc7b 00000460 00000000 00000000 ntdll!NtWaitForSingleObject+0xb
0:006> ~5 kb
ChildEBP RetAddr  Args to Child
014cfe64 77f6cc7b 00000460 00000000 00000000 ntdll!NtWaitForSingleObject+0xb
0:006> kL
014cfe64 77f6cc7b ntdll!NtDelayExecution+0xb
0:006> ~
   4  id: 16.15   Teb 7ffdd000 Unfrozen    // remarked
`;

const BLOCKS = `0:000> |
.  0	id: 2a34	create	name: C:\\Example\\app.exe
0:000> !peb
PEB at 7ffdf000
    InheritedAddressSpace:    No
    ImageFile:    'C:\\Example\\app.exe'
    CommandLine:  '"C:\\Example\\app.exe" -x 1'
    Environment:  00010000
        PATH=C:\\Example
0:000> !teb
TEB at 7ffde000
    ClientId:             00002a34 . 00001abc
`;

const ANALYZE = `0: kd> !analyze -v
PROCESS_NAME:  example.exe

STACK_TEXT:
f46f5b44 808b73a4 e1a36008 00000004 00000018 nt!ExampleFind+0xd7
f46f5b6c 7c8285ec 00000438 0012fad0 00000000 nt!KiFastCallEntry+0xfc
WARNING: Stack unwind information not available. Following frames may be wrong.
0012fbf4 628e2d57 60062e70 60062b40 80000001 examplea!GetThing+0x9600

FOLLOWUP_IP:
nt!ExampleFind+d7
`;

const TEXTS = [XP, W10, NT4, STACKS, RUNNING, READY, USER, BLOCKS, ANALYZE];

describe('!process and !thread of XP', () => {
  it('give every field', async () => {
    const parsed = await parse(XP);
    expect(processes(parsed)).toEqual([XP_PROCESS]);
    expect(threads(parsed)).toEqual(XP_THREADS);
    expect(objects(parsed)).toEqual([
      { sighting: 0, thread: 0x86a02020n, object: 0x86a0220cn, type: 'Semaphore', limit: 0x7fffffff },
      { sighting: 0, thread: 0x86a02020n, object: 0x86a02098n, type: 'NotificationTimer' },
      { sighting: 1, thread: 0x86a03020n, object: 0x86a0f500n, type: 'Mutant', owner: 0x86a02020n },
      { sighting: 1, thread: 0x86a03020n, object: 0x86a0f600n, type: 'Thread' },
    ]);
    expect(parsed.rows(dumpThreadIrp).map(known)).toEqual([
      { sighting: 0, thread: 0x86a02020n, irp: 0x86a49008n, flags: '00000030' },
      { sighting: 0, thread: 0x86a02020n, irp: 0x86a4a008n, flags: '00000884', mdl: 0x86a4b000n },
    ]);
    expect(framesOf(parsed, 0)).toEqual([
      [null, 'nt!KiSwapContext+0x2f'],
      [0x804e1bf2n, 'nt!KeWaitForSingleObject+0x1c2'],
      [0x8057d073n, 'nt!KiFastCallEntry+0xfc'],
      [0x7c90e514n, 'kernel32!BaseThreadStart+0x37'],
    ]);
    expect(args(parsed)).toEqual([[2, 'nt!KeWaitForSingleObject+0x1c2', '0x86a0220c', '0x11', '0x1', null, 1]]);
    expect(parsed.account).toEqual({ unit: 'line', read: 50, rows: 37, skipped: 0, ignored: 13 });
    expect(codesOf(parsed)).toEqual([]);
    expect(parsed.rows(dumpThread)[1].quote).toContain('THREAD 86a03020');
  });

  it.each([
    ['lost indentation', XP.replace(/^ +/gm, '')],
    ['hard blanks and `0×`', XP.replaceAll('  ', '\u00a0 ').replaceAll('0x', '0\u00d7')],
    ['blank lines everywhere', XP.replaceAll('\n', '\n\n')],
    ['no prompt', XP.replace(/^.*\n/, '')],
    ['carriage returns', XP.replaceAll('\n', '\r\n')],
    ['upper case addresses', XP.replace(/\b86a0/g, '86A0')],
    ['the state wrapped by mail', XP.replaceAll('WAIT: (', 'WAIT:\n(')],
    ['Win32Thread wrapped by mail', XP.replaceAll(/ (Win32Thread: \w+)/g, '\n$1')],
    ['ticks wrapped by mail', XP.replace(' Ticks: 1284370', '\nTicks: 1284370')],
    ['the head of the process wrapped by mail', XP.replace('  Peb:', '\nPeb:')],
    ['symbols wrapped by mail', XP.replaceAll(/ (nt!|kernel32!BaseThreadStart\+)/g, '\n$1')],
    ['a marker of a cut in front', XP.replace('        THREAD 86a02020', '[...]\n        THREAD 86a02020')],
  ])('are the same with %s', async (_, text) => {
    const parsed = await parse(text);
    expect(processes(parsed)).toEqual([XP_PROCESS]);
    expect(threads(parsed)).toEqual(XP_THREADS);
    expect(objects(parsed)).toHaveLength(4);
    expect(framesOf(parsed, 0)).toHaveLength(4);
    expect(addsUp(parsed)).toBe(true);
  });

  it('of NT 4: a duration in seconds, four digits of ms, no module names', async () => {
    const parsed = await parse(NT4);
    expect(processes(parsed)).toEqual([
      {
        command: '!process',
        address: 0xfb667a00n,
        image: 'System',
        pid: 2,
        parentPid: 0,
        handleCount: 112,
        elapsedMs: 54396338,
        commitPages: 8,
        hasPeb: 0,
      },
    ]);
    expect(threads(parsed)).toEqual([
      {
        sighting: 0,
        command: '!process',
        address: 0xfb667780n,
        pid: 2,
        tid: 1,
        win32Thread: 0x80144900n,
        processAddress: 0xfb667a00n,
        image: 'System',
        state: 'WAIT',
        waitReason: 'WrFreePage',
        waitMode: 'KernelMode',
        alertable: 0,
        waitMs: 32278000,
        contextSwitches: 787,
        userMs: 0,
        kernelMs: 21821,
        startRoutine: 'Phase1Example',
        priority: 0,
        basePriority: 0,
        stack: 0,
      },
    ]);
    expect(framesOf(parsed, 0)).toEqual([
      [null, 'KiSwapThread+0xb5'],
      [0x80118efcn, 'KeWaitForSingleObject+0x1c2'],
    ]);
  });

  it('of 2000: WaitTime (ticks) is when the wait began', async () => {
    const parsed = await parse(NT4.replace('(seconds)   32278', '(ticks)          44294977'));
    expect(threads(parsed)[0]).toMatchObject({ waitStartTicks: 44294977 });
    expect(parsed.rows(dumpThread)[0].waitMs).toBeNull();
  });

  it('of Windows 10: heads in two lines, ALPC, inlined routines, frames in doubt', async () => {
    const parsed = await parse(W10);
    expect(processes(parsed)).toEqual([
      {
        command: '!process',
        address: 0xffffe001d147c840n,
        image: 'example one.exe',
        pid: 0x10f0,
        parentPid: 0x434,
        commitPages: 1573,
        hasPeb: 1,
      },
    ]);
    const [first, ...others] = threads(parsed);
    expect(first).toMatchObject({
      alpcMessage: 0xffffc00170000010n,
      alpcPort: 0xffffe00300000010n,
      alpcOwner: 0xffffe000c0000040n,
      waitTicks: 0,
      kernelMs: 86_400_000,
      doubtfulFrame: 4,
      stack: 0,
    });
    expect(first).not.toHaveProperty('beganAfterNow');
    expect(first).not.toHaveProperty('attachedAddress');
    expect(
      others.map(({ state, processor, suspendCount, processAddress }) => [
        state,
        processor,
        suspendCount,
        processAddress,
      ]),
    ).toEqual([
      ['RUNNING', 2, undefined, 0xffffe001d147c840n],
      ['TERMINATED', undefined, undefined, 0xffffe001d147c840n],
      ['WAIT', undefined, 2, 0xffffe001d147c840n],
    ]);
    expect(framesOf(parsed, 0)).toEqual([
      [null, 'nt!KiSwapContext+0x76'],
      [0xfffff803cd660721n, 'nt!KiInlined+0x12'],
      [0xfffff803cd660721n, 'nt!KeWaitForSingleObject+0x233'],
      [0x7ff8b2e5e7d4n, null],
    ]);
    expect(args(parsed)).toEqual([[3, 'nt!KeWaitForSingleObject+0x233', '0xffffe001d173ec80', '0x0', '0x1', '0x0', 0]]);
    expect(codesOf(parsed)).toEqual([]);
  });

  it('wrapped by mail within the ALPC line', async () => {
    const parsed = await parse(W10.replace(' : queued', '\n: queued').replace(' : owned by', '\n: owned by'));
    expect(threads(parsed)[0]).toMatchObject({ alpcPort: 0xffffe00300000010n, alpcOwner: 0xffffe000c0000040n });
    expect(framesOf(parsed, 0)).toHaveLength(4);
  });

  const one = (state: string) => `THREAD 86a02020  Cid 01f4.03e8  Teb: 7ffdd000 Win32Thread: 00000000 ${state}\n`;
  it.each([
    [
      'WAIT: (Executive) KernelMode Non-Alertable',
      { state: 'WAIT', waitReason: 'Executive', waitMode: 'KernelMode', alertable: 0 },
    ],
    ['WAIT: (Unknown) UserMode Alertable', { state: 'WAIT', waitMode: 'UserMode', alertable: 1 }],
    ['WAIT: ...', { state: 'WAIT' }],
    ['WAIT: (WrFastMutex) KernelMode Non-Alertable', { state: 'WAIT', waitReason: 'WrFastMutex' }],
    ['RUNNING on processor 12', { state: 'RUNNING', processor: 12 }],
    ['READY', { state: 'READY' }],
    ['READY on processor 3', { state: 'READY', processor: 3 }],
    ['READY on processor 80000003', { state: 'READY', processor: 3 }],
    ['STANDBY', { state: 'STANDBY' }],
    ['GATEWAIT', { state: 'GATEWAIT' }],
    ['TERMINATED', { state: 'TERMINATED' }],
    ['DEFERRED READY', { state: 'DEFERRED_READY' }],
    ['WAIT: (Suspended) KernelMode Non-Alertable FreezeCount 1', { waitReason: 'Suspended', suspendCount: 1 }],
    ['', { pid: 0x1f4, tid: 0x3e8 }],
  ])('in state %j', async (state, expected) => {
    const parsed = await parse(one(state));
    expect(threads(parsed)).toEqual([
      expect.objectContaining({ address: 0x86a02020n, command: '!thread', ...expected }),
    ]);
    expect(parsed.account.rows).toBe(1);
  });

  it.each([
    ['Ticks: 0', 0, null, null],
    ['Ticks: 1 (0:00:00:00.015)', 1, null, 15],
    ['', null, 1, null],
    ['Ticks: -190', null, 1, null],
    ['Ticks: 4294967106 (776:16:36:28.531)', null, 1, null],
    ['[...]', null, null, null],
  ])('began their wait %j', async (ticks, waitTicks, beganAfterNow, waitMs) => {
    const parsed = await parse(`${one('READY')}Wait Start TickCount      24437735       ${ticks}\n`);
    expect(parsed.rows(dumpThread)[0]).toMatchObject({ waitStartTicks: 24437735, waitTicks, beganAfterNow, waitMs });
  });

  it('belong to the process around only where their ids agree', async () => {
    const head = XP.slice(0, XP.indexOf('        THREAD'));
    const other = one('READY').replace('01f4.', '0bbc.');
    const parsed = await parse(`${head}[...]\n${one('READY')}${other}`);
    expect(parsed.rows(dumpThread).map((r) => [r.processAddress, r.image])).toEqual([
      [0x86a01020n, 'example.exe'],
      [null, null],
    ]);
    const asked = await parse(`0: kd> !process 86a01020\n[...]\n${one('READY')}`);
    expect(asked.rows(dumpThread)[0].processAddress).toBe(0x86a01020n);
  });

  it('a second field of a kind is of another thread, and of nobody without its first line', async () => {
    const fragment = `Owning Process            86b00020       Image:         late.exe
[...]
Wait Start TickCount      11049035       Ticks: 7 (0:00:00:00.109)
`;
    expect(threads(await parse(fragment))).toEqual([]);
    const parsed = await parse(`${XP}\n${fragment}`);
    expect(threads(parsed)).toEqual(XP_THREADS);
    expect(addsUp(parsed)).toBe(true);
  });

  it('whose first line was cut out are those that were asked for', async () => {
    const rest = XP.slice(XP.indexOf('        ChildEBP'), XP.indexOf('        THREAD 86a03020'));
    const parsed = await parse(`0: kd> !thread 86a02020 1f\n[...]\n${rest}`);
    expect(threads(parsed)).toEqual([{ sighting: 0, command: '!thread', address: 0x86a02020n, stack: 0 }]);
    const plain = await parse(`3: kd> !thread\n[...]\n${rest}`);
    expect(threads(plain)).toEqual([{ sighting: 0, command: '!thread', processor: 3, stack: 0 }]);
  });

  it('are those of the command that printed them', async () => {
    const block = XP.slice(XP.indexOf('        THREAD 86a02020'), XP.indexOf('        THREAD 86a03020'));
    const parsed = await parse(`0: kd> !locks -v 86a0f500\n${block}1 total locks, 1 locks currently held\n`);
    expect(threads(parsed)[0]).toMatchObject({ command: '!locks', address: 0x86a02020n });
  });

  it('!sprocess lists processes', async () => {
    const parsed = await parse(
      `0: kd> !sprocess 1\nDumping Session 1\n\n_MM_SESSION_SPACE af925000\n_MMSESSION        af925d80\n${XP.split('\n').slice(2, 5).join('\n')}\n`,
    );
    expect(processes(parsed)).toEqual([
      expect.objectContaining({ command: '!sprocess', image: 'example.exe', handleCount: 81 }),
    ]);
    expect(codesOf(parsed)).toEqual([]);
  });
});

describe('stacks', () => {
  const EXPECTED = [
    [null, 'nt!KiSwapContext+0x2f'],
    [0x804e1bf2n, "nt! ?? ::FNODOBFM::`string'+0x12ff6"],
    [0x804e1c3en, 'example!Wait'],
    [0x8057d073n, 'kernel32!BaseThreadStart+0x37'],
  ];
  const LONG = EXPECTED.map(([address, routine]) => [address, routine]);
  const k = `ChildEBP RetAddr
b88a0c68 804e1bf2 nt!KiSwapContext+0x2f
b88a0c74 804e1c3e nt! ?? ::FNODOBFM::\`string'+0x12ff6
b88a0c9c 8057d073 example!Wait
00a8ffec 00000000 kernel32!BaseThreadStart+0x37
`;
  const long = (low: string) => `00000000\`${low}`;
  const rows = [...k.matchAll(/^(\w{8}) (\w{8}) (.*)$/gm)]
    .slice(0, 4)
    .map(([, sp, ret, symbol]) => ({ sp, ret, symbol }));
  const numbered = (n: number) => n.toString(16).padStart(2, '0');
  const four = `${long('00000001')} ${long('00000002')} ${long('00000003')} ${long('00000004')}`;

  it.each([
    ['k', k],
    ['kn', ` # ChildEBP RetAddr  \n${rows.map((r, i) => `${numbered(i)} ${r.sp} ${r.ret} ${r.symbol}\n`).join('')}`],
    [
      'kb',
      `ChildEBP RetAddr  Args to Child              \n${rows.map((r) => `${r.sp} ${r.ret} 00000001 00000002 00000003 ${r.symbol}\n`).join('')}`,
    ],
    [
      'kv',
      `ChildEBP RetAddr  Args to Child              \n${rows.map((r) => `${r.sp} ${r.ret} 00000001 00000002 00000003 ${r.symbol} (FPO: [Non-Fpo]) (CONV: stdcall) [d:\\ex\\ex.c @ 12]\n`).join('')}`,
    ],
    [
      'kf',
      ` #   Memory  ChildEBP RetAddr  \n${rows.map((r, i) => `${numbered(i)} ${i === 0 ? '        ' : '      1c'} ${r.sp} ${r.ret} ${r.symbol}\n`).join('')}`,
    ],
    [
      'k of x64',
      `Child-SP          RetAddr           Call Site\n${rows.map((r) => `${long(r.sp)} ${long(r.ret)} ${r.symbol}\n`).join('')}`,
    ],
    [
      'k of x64 without backticks',
      `Child-SP RetAddr Call Site\n${rows.map((r) => `${long(r.sp)} ${long(r.ret)} ${r.symbol}\n`.replaceAll('0`', '0')).join('')}`,
    ],
    [
      'kb of x64',
      `# RetAddr           : Args to Child                                                           : Call Site\n${rows.map((r, i) => `${numbered(i)} ${long(r.ret)} : ${four} : ${r.symbol}\n`).join('')}`,
    ],
    [
      'kv of x64',
      `Child-SP          RetAddr               : Args to Child                                                           : Call Site\n${rows.map((r) => `${long(r.sp)} ${long(r.ret)}     : ${four} : ${r.symbol}\n`).join('')}`,
    ],
    [
      'kv of x64, wrapped by mail',
      `Child-SP          RetAddr           : Args to Child : Call Site\n${rows.map((r) => `${long(r.sp)} ${long(r.ret)} : ${four.slice(0, 35)}\n${four.slice(36)} : ${r.symbol}\n`).join('')}`,
    ],
    [
      'kb, wrapped by mail',
      `ChildEBP RetAddr  Args to Child\n${rows.map((r) => `${r.sp} ${r.ret} 00000001\n00000002 00000003 ${r.symbol}\n`).join('')}`,
    ],
    [
      'NT 4',
      `FramePtr  RetAddr   Param1   Param2   Param3   Function Name\n${rows.map((r) => `${r.sp} ${r.ret} 00000001 00000002 00000003 ${r.symbol}\n`).join('')}`,
    ],
    ['with glued columns', k.replace('804e1c3e nt', '804e1c3ent').replace('b88a0c9c 8057d073', 'b88a0c9c8057d073')],
    [
      'with remarks',
      k
        .replace('example!Wait', 'example!Wait        //Here is ours')
        .replace('+0x2f', '+0x2f <-- look')
        .replace('RetAddr', 'RetAddr            // a stack'),
    ],
    [
      'with lines of remarks',
      k.replace('b88a0c9c', '// this is ours\nb88a0c9c').replace('b88a0c74', '<--- and this\nb88a0c74'),
    ],
    [
      'with errors in between',
      k.replace(
        'b88a0c9c',
        '*** ERROR: Module load completed but symbols could not be loaded for example.sys\nGetContextState failed, 0x80070026\nb88a0c9c',
      ),
    ],
    ['with a source place wrapped by mail', k.replace('example!Wait', 'example!Wait [d:\\ex\\\nex.c @ 12]')],
    [
      'with a mark',
      ` # ChildEBP RetAddr\n${rows.map((r, i) => `${numbered(i)} (T) ${r.sp} ${r.ret} ${r.symbol}\n`).join('')}`,
    ],
    [
      'of mixed code',
      ` # Arch    Child-SP          RetAddr               Call Site\n${rows.map((r, i) => `${numbered(i)} ARM64EC ${long(r.sp)} ${long(r.ret)} ${r.symbol}\n`).join('')}`,
    ],
    ['kP', k.replace('example!Wait', 'example!Wait(\n\t\t\tint count = 0n5, \n\t\t\tchar * name = 0x00000000 "x")')],
    ['kp', k.replace('example!Wait', 'example!Wait(int count = 0n5, char * name = 0x00000000 "x")')],
  ])('are read as %s prints them', async (_, text) => {
    const parsed = await parse(
      `0: kd> .thread 86a02020\nImplicit thread is now 86a02020\n0: kd> kb\n  *** Stack trace for last set context - .thread/.cxr resets it\n${text}0: kd> g\n`,
    );
    expect(threads(parsed)).toEqual([
      { sighting: 0, command: 'k', address: 0x86a02020n, stack: 0, stackCommand: 'kb' },
    ]);
    expect(framesOf(parsed, 0)).toEqual(LONG);
    expect(addsUp(parsed)).toBe(true);
    expect(parsed.account.rows).toBeGreaterThan(3);
  });

  it('without addresses (kc), and of Itanium, without symbols', async () => {
    const kc = ` # Call Site\n${rows.map((r, i) => `${numbered(i)} ${r.symbol}\n`).join('')}`;
    expect(await stackOf(`0: kd> kc\n${kc}`)).toEqual(EXPECTED.map(([, routine]) => [null, routine]));
    const ia64 = `Child-SP          Child-BSP         RetAddr\n${rows.map((r) => `${long(r.sp)} ${long('00070420')} ${long(r.ret)}\n`).join('')}`;
    expect(await stackOf(ia64)).toEqual(EXPECTED.map(([address]) => [address, null]));
  });

  it('go on behind a cut, whose marker is no frame', async () => {
    expect(await stackOf(k.replace('b88a0c9c', '[...]\nb88a0c9c'))).toEqual(
      EXPECTED.map(([address, routine], i) => [i === 2 ? null : address, routine]),
    );
    expect(await stackOf(k.replaceAll('\n', '\n\n'))).toEqual(EXPECTED);
  });

  it('say from which frame on they are in doubt, and of what is paged out', async () => {
    const warning = 'WARNING: Stack unwind information not available. Following frames may be wrong.\n';
    const parsed = await parse(k.replace('b88a0c9c', `${warning}b88a0c9c`).replace('00a8ffec', `${warning}00a8ffec`));
    expect(parsed.rows(dumpThread)[0].doubtfulFrame).toBe(3);
    expect(framesOf(parsed, 0)).toEqual(EXPECTED);
    const out = await parse(`${XP.slice(XP.indexOf('        THREAD 86a03020'))}        Kernel stack not resident.\n`);
    expect(out.rows(dumpThread)[0].stackNotResident).toBe(1);
  });

  it('that stand apart are of the processor, where no thread is set', async () => {
    expect(threads(await parse(`3: kd> kb\n${k}`))[0]).toMatchObject({ processor: 3, stackCommand: 'kb' });
    // Shown by another command: of nobody known.
    expect(threads(await parse(`3: kd> .thread 86a02020\n3: kd> !example\n${k}`))).toEqual([
      { sighting: 0, command: 'k', stack: 0, stackCommand: 'k' },
    ]);
    expect(threads(await parse(k))).toHaveLength(1);
  });

  it('end where rows of memory begin', async () => {
    expect(
      await stackOf(`${k}Dump of memory:\nb88a0c68 804e1bf2 nt!Foo+0x1\nb88a0c6c 804e1bf2\nb88a0c70 804e1bf2\n`),
    ).toEqual(EXPECTED);
    expect(await stackOf(`${k}00001000  00000000 00000000 00000000 00000000\n`)).toEqual(EXPECTED);
    expect(await stackOf(`0: kd> kd\nb88a0c68 804e1bf2 nt!Foo+0x1\n`)).toEqual([]);
  });

  it('are kept once each', async () => {
    const parsed = await parse(`${k}\n${k}\n0: kd> k\n${k}`);
    expect(parsed.rows(dumpThread).map((r) => r.stack)).toEqual([0, 0, 0]);
    expect(parsed.rows(callStack)).toHaveLength(4);
  });

  it('of !analyze are a sighting too', async () => {
    const parsed = await parse(ANALYZE);
    expect(threads(parsed)).toEqual([{ sighting: 0, command: '!analyze', processor: 0, stack: 0, doubtfulFrame: 3 }]);
    expect(framesOf(parsed, 0)).toHaveLength(3);
  });

  it.each([
    ['nt!Foo+0x12 (FPO: [1,0,0])', 'nt!Foo+0x12'],
    ['nt!Foo (TrapFrame @ b88a0d64)', 'nt!Foo'],
    [
      'app!std::vector<int,std::allocator<int> >::push_back+0x1f [d:\\x.h @ 9]',
      'app!std::vector<int,std::allocator<int> >::push_back+0x1f',
    ],
    ['app!main(int argc = 0n1, char ** argv = 0x00000001)+0x1f', 'app!main+0x1f'],
    ['app!Call::operator()+0x12', 'app!Call::operator()+0x12'],
    ['app!std::function<void __cdecl(int)>::operator()+0x12', 'app!std::function<void __cdecl(int)>::operator()+0x12'],
    ['nt!Foo+0x12 and then prose', 'nt!Foo+0x12'],
    ['<Unloaded_x.sys>+0x12', '<Unloaded_x.sys>+0x12'],
  ])('symbol %j', (text, routine) => expect(routineOf(text)).toBe(routine));

  it.each(['ChildEBP', 'RetAddress', 'Call Site of it', 'Current', 'Child-SP is wrong', 'RetAddr was 0'])(
    'header %j is none',
    (text) => expect(columnsOf(text)).toBeNull(),
  );

  it.each([
    ['ntdll!RtlEnterCriticalSection+0x46', true],
    ['ntdll!_RtlpWaitForCriticalSection+0x89', true],
    ['KERNELBASE!SleepEx', true],
    ['KeWaitForSingleObject+0x1c2', true],
    ['nt!ExAcquireResourceExclusiveLite+0xa5', true],
    ['kernel32!CreateProcessInternalA+0x28b', true],
    ['kernel32!SleepConditionVariableCS', false],
    ['nt!KiSwapThread+0x8a', false],
    ['example!KeWaitForSingleObjects', false],
  ])('arguments of %s: %s', (routine, expected) => expect(takesArguments(routine)).toBe(expected));

  it('arguments in registers are never reliable', async () => {
    const parsed = await parse(`ChildEBP RetAddr  Args to Child
b88a0c68 804e1bf2 86a02090 86a02020 804e1c3e nt!IofCallDriver+0x2f
b88a0c70 804e1bf2 86a02090 86a02020 804e1c3e nt!ExAcquireResourceSharedLite+0x2f
`);
    expect(args(parsed).map((row) => row.at(-1))).toEqual([0, 1]);
  });
});

describe('!stacks', () => {
  it('gives threads, processes, and at level 2 stacks', async () => {
    const parsed = await parse(STACKS);
    expect(processes(parsed)).toEqual([
      { command: '!stacks', address: 0x8b57f7a8n, image: 'System', pid: 4 },
      { command: '!stacks', address: 0x8b000020n, image: 'example.exe', pid: 0x1454 },
    ]);
    const system = { command: '!stacks', pid: 4, processAddress: 0x8b57f7a8n, image: 'System' };
    expect(threads(parsed)).toEqual([
      {
        ...system,
        sighting: 0,
        address: 0x8b579db0n,
        tid: 0x70,
        state: 'BLOCKED',
        beganAfterNow: 1,
        blocker: 'nt!KiSwapContext+0x2f',
        stack: 0,
      },
      {
        ...system,
        sighting: 1,
        address: 0x8b5768d0n,
        tid: 0xc0,
        state: 'READY',
        waitTicks: 355,
        blocker: 'nt!KiAdjust+0x109',
      },
      {
        ...system,
        sighting: 2,
        address: 0x8b56cb10n,
        tid: 0xe4,
        state: 'BLOCKED',
        waitTicks: 1,
        blocker: 'Stack paged out',
        stackNotResident: 1,
      },
      {
        sighting: 3,
        command: '!stacks',
        address: 0x89d36b60n,
        pid: 0x1454,
        tid: 0x14b0,
        processAddress: 0x8b000020n,
        image: 'example.exe',
        state: 'RUNNING',
        waitTicks: 0,
        blocker: '+0xf6fb2044',
      },
    ]);
    expect(framesOf(parsed, 0)).toEqual([
      [null, 'nt!KiSwapContext+0x2f'],
      [null, 'nt!KeWaitForSingleObject+0x1c2'],
      [0x3f3f3f3fn, null],
    ]);
    expect(codesOf(parsed)).toEqual([]);
    expect(parsed.account).toMatchObject({ rows: 8, skipped: 0 });
  });

  it.each([
    ['no prompt', STACKS.replace(/^.*\n/, '')],
    ['no header', STACKS.replace(/^Proc.*\n/m, '')],
    ['the header behind the process', STACKS.replace(/^(Proc.*\n)(.*\n)/m, '$2$1')],
    ['lost indentation', STACKS.replace(/^ +/gm, '')],
  ])('the same with %s', async (_, text) => {
    const [whole, parsed] = [await parse(STACKS), await parse(text)];
    expect(threads(parsed)).toEqual(threads(whole));
    expect(processes(parsed)).toEqual(processes(whole));
  });

  it('of old versions has no ticks, and no address of the process', async () => {
    const parsed = await parse(`kd> !stacks 0
Proc.Thread  .Thread  ThreadState  Blocker
                                     [System]
   4.000050  827eea10  Blocked    +0xfe0343a5
.....
`);
    expect(threads(parsed)).toEqual([
      {
        sighting: 0,
        command: '!stacks',
        address: 0x827eea10n,
        pid: 4,
        tid: 0x50,
        image: 'System',
        state: 'BLOCKED',
        blocker: '+0xfe0343a5',
      },
    ]);
    expect(processes(parsed)).toEqual([]);
  });

  it('of x64', async () => {
    const parsed = await parse(`0: kd> !stacks
Proc.Thread  .Thread  Ticks   ThreadState Blocker
                            [fffff8032a9fb400 Idle]
   0.000000  fffff8032a9fb400 0000000 RUNNING    nt!KiIdleLoop+0x1a
   4.00000c  ffffe001cd0295c0 fff5a2c Blocked    nt!KiExample+0x1
`);
    expect(threads(parsed).map(({ address, waitTicks }) => [address, waitTicks])).toEqual([
      [0xfffff8032a9fb400n, 0],
      [0xffffe001cd0295c0n, 0xfff5a2c],
    ]);
  });

  it('skips rows that are damaged', async () => {
    const parsed = await parse(STACKS.replace('0000163 READY  ', '0000163 '));
    expect(codesOf(parsed)).toContain('damaged-stacks');
    expect(addsUp(parsed)).toBe(true);
  });
});

describe('!running and !ready', () => {
  it('give processors and threads, with priorities and stacks', async () => {
    const parsed = await parse(RUNNING);
    expect(processors(parsed)).toEqual([
      {
        command: '!running',
        cpu: 0,
        prcb: 0xfffff8024a6a6180n,
        current: 0xffffe001d3a27040n,
        idle: 0xfffff8024a71f740n,
        currentPriority: 8,
        stack: 0,
      },
      {
        command: '!running',
        cpu: 1,
        prcb: 0xffffd00020a40180n,
        current: 0xffffe001d3a28040n,
        next: 0xffffe001d3a29040n,
        idle: 0xffffd00020a51cc0n,
        currentPriority: 16,
        nextPriority: 15,
      },
    ]);
    expect(threads(parsed)).toEqual([
      {
        sighting: 0,
        command: '!running',
        address: 0xffffe001d3a27040n,
        processor: 0,
        state: 'RUNNING',
        priority: 8,
        stack: 0,
      },
      { sighting: 1, command: '!running', address: 0xffffe001d3a28040n, processor: 1, state: 'RUNNING', priority: 16 },
    ]);
    expect(framesOf(parsed, 0)).toHaveLength(2);
    expect(codesOf(parsed)).toEqual([]);
  });

  it('of old versions', async () => {
    const parsed = await parse(`1: kd> !running

System Processors ff (affinity mask)
  Idle Processors 0

     Prcb      Current   Next
  0  ffdff120  86300b40            …………….
  1  f772f120  f77320a0  852fadb0  .O..............
`);
    expect(processors(parsed)).toEqual([
      { command: '!running', cpu: 0, prcb: 0xffdff120n, current: 0x86300b40n },
      { command: '!running', cpu: 1, prcb: 0xf772f120n, current: 0xf77320a0n, next: 0x852fadb0n },
    ]);
  });

  it('!ready names processor and priority in a heading', async () => {
    const parsed = await parse(READY);
    expect(
      threads(parsed).map(({ command, address, processor, priority, state }) => [
        command,
        address,
        processor,
        priority,
        state,
      ]),
    ).toEqual([
      ['!ready', 0x861b1898n, 1, 10, 'READY'],
      ['!ready', 0x83b46db0n, 3, 9, 'READY'],
    ]);
    expect(codesOf(parsed)).toEqual([]);
    const bare = await parse(READY.replace(/^.*\n/, ''));
    expect(threads(bare)).toEqual(threads(parsed));
  });
});

describe('user mode', () => {
  it('lists threads, with stacks', async () => {
    const parsed = await parse(USER);
    expect(threads(parsed)).toEqual([
      { sighting: 0, command: '~', number: 0, pid: 0x1364, tid: 0x1330, teb: 0x7ffdf000n, suspendCount: 1, stack: 0 },
      {
        sighting: 1,
        command: '~',
        number: 6,
        pid: 0x1364,
        tid: 0xa9,
        teb: 0xd28b3f2000n,
        suspendCount: 1,
        startRoutine: 'example!ThreadMain',
        stack: 1,
      },
      { sighting: 2, command: '~', number: 7, pid: 0x1364, tid: 0x111c, teb: 0x7ffd8000n, suspendCount: 1 },
      { sighting: 3, command: '~', number: 4, pid: 0x97, tid: 0xa3, teb: 0x7ffd9000n, suspendCount: 0, stack: 2 },
      { sighting: 4, command: 'k', number: 5, stack: 2, stackCommand: 'kb' },
      { sighting: 5, command: 'k', number: 6, stack: 3, stackCommand: 'kl' },
      { sighting: 6, command: '~', number: 4, pid: 0x16, tid: 0x15, teb: 0x7ffdd000n },
    ]);
    expect(args(parsed)[1]).toEqual([
      2,
      'ntdll!RtlEnterCriticalSection+0x46',
      '0x24e750',
      '0x80000000',
      '0x1f21cb8',
      null,
      1,
    ]);
    expect(codesOf(parsed)).toEqual([]);
  });

  it('!uniqstack', async () => {
    const parsed = await parse(`0:000> !uniqstack
Processing 14 threads, please wait

.  0  Id: f0f0.15c Suspend: 1 Teb: 00000000\`7fff8000 Unfrozen
      Priority: 0
Child-SP          RetAddr           Call Site
00000000\`0006e5e0 00000000\`00000000 ntdll!Example+0x1

Total threads: 14
Duplicate callstacks: 3 (windbg thread #s follow):
2, 3, 4
`);
    expect(threads(parsed)).toEqual([
      {
        sighting: 0,
        command: '!uniqstack',
        number: 0,
        pid: 0xf0f0,
        tid: 0x15c,
        teb: 0x7fff8000n,
        suspendCount: 1,
        stack: 0,
      },
    ]);
    expect(codesOf(parsed)).toEqual([]);
  });

  it('names processes, command lines and ids', async () => {
    const parsed = await parse(BLOCKS);
    expect(processes(parsed)).toEqual([
      { command: '|', pid: 0x2a34, image: 'app.exe' },
      { command: '!peb', image: 'app.exe', commandLine: '"C:\\Example\\app.exe" -x 1', hasPeb: 1 },
    ]);
    expect(threads(parsed)).toEqual([
      { sighting: 0, command: '!teb', number: 0, pid: 0x2a34, tid: 0x1abc, teb: 0x7ffde000n },
    ]);
    expect(codesOf(parsed).filter((code) => code !== 'repaired-text')).toEqual([]);
  });
});

it.each([
  ['00:00:00.000', 0],
  ['00:00:00.093', 93],
  ['0:05:34:28.281', 20068281],
  ['2 Days 02:59:39.285', 183579285],
  ['1 Day 01:53:14.490', 93194490],
  ['15:06:36.0338', 54396338],
  ['0:00:23.0153', 23153],
  ['00:01', null],
  ['<Invalid>', null],
])('duration %s', (text, ms) => expect(durationMs(text)).toBe(ms));

it('fills only tables that are asked for', async () => {
  for (const text of TEXTS) {
    const all = await parse(text);
    for (const table of TABLES) {
      const one = await parseWith(kd, { bytes: text }, {}, [table]);
      expect(addsUp(one)).toBe(true);
      expect(one.rows(table).map((r) => r.line)).toEqual(all.rows(table).map((r) => r.line));
      expect(one.account.rows > 0).toBe(one.rows(table).length > 0);
    }
  }
});

it.each(TEXTS)('sniff claims %#, with and without prompts', (text) => {
  expect(sniffText(kd, text)).toEqual({ claims: true });
  const bare = text.replaceAll(/^\d*:?[\d ]*(?:kd)?>.*\n/gm, '');
  expect(sniffText(kd, bare)).toEqual({ claims: true });
});

describe('hostile text', () => {
  it('never throws anything but TracekitError, and the account always adds up', { timeout: 30_000 }, async () => {
    await survivesDamage(parse, [...TEXTS, TEXTS.join('')], { put: anyBytes(8), maxEdits: 6 });
  });

  it('made of its own lines in any order adds up too', { timeout: 30_000 }, async () => {
    const lines = TEXTS.join('').split('\n');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...lines), { maxLength: 80 }), async (some) => {
        const parsed = await parse(some.join('\n'));
        expect(addsUp(parsed)).toBe(true);
        const sightings = parsed.rows(dumpThread).map((r) => r.sighting);
        expect(sightings).toEqual(sightings.map((_, i) => i));
        const stacks = new Set(parsed.rows(callStack).map((r) => r.stack));
        for (const { stack } of parsed.rows(dumpThread)) if (stack !== null) expect(stacks.has(stack)).toBe(true);
        for (const { sighting } of parsed.rows(dumpWaitObject)) expect(sightings).toContain(sighting);
      }),
      { numRuns: 150 },
    );
  });

  it.each([
    `THREAD 86a02020  Cid 1.1 ${'Teb: '.repeat(100_000)}`,
    `THREAD 86a02020\n${'WAIT:\n'.repeat(50_000)}`,
    `PROCESS 86a02020${' Cid:'.repeat(100_000)}`,
    `ChildEBP RetAddr\n${'b88a0c68 804e1bf2\n'.repeat(50_000)}`,
    `ChildEBP RetAddr\n${'b88a0c68 804e1bf2 nt!a<b(\n'.repeat(50_000)}`,
    `ChildEBP RetAddr\nb88a0c68 804e1bf2 nt!${'a('.repeat(100_000)}`,
    `ChildEBP RetAddr\nb88a0c68 804e1bf2 nt!${' '.repeat(100_000)}x`,
    `Child-SP RetAddr${' '.repeat(100_000)}Call`,
    `Proc.Thread .Thread ThreadState Blocker\n4.000070 8b579db0 ${'Blocked '.repeat(50_000)}`,
    `.  0  Id: 1.${'1'.repeat(100_000)} Suspend: `,
    `System Processors f\n0 ffdff120 86300b40 ${'( 8) '.repeat(100_000)}`,
  ])('is not held up by long lines (%#)', { timeout: 5000 }, async (text) => {
    expect(addsUp(await parse(text))).toBe(true);
  });

  it('keeps frames, objects and symbols bounded', { timeout: 30_000 }, async () => {
    const head = 'THREAD 86a02020  Cid 1.1  Teb: 00000000 WAIT: (Executive) KernelMode Non-Alertable\n';
    const many = await parse(head + '86a02020  SynchronizationEvent\n'.repeat(3000));
    expect(many.rows(dumpWaitObject).length).toBeLessThanOrEqual(512);
    const deep = await parse(`ChildEBP RetAddr\n${'b88a0c68 804e1bf2 nt!KiSwapContext+0x2f\n'.repeat(5000)}`);
    expect(deep.rows(callStack).length).toBeLessThanOrEqual(192);
    expect(deep.account.rows).toBe(5000);
  });
});

it('gives the same where blocks of bytes end', { timeout: 30_000 }, async () => {
  const text = TEXTS.join('');
  const rowsOf = (parsed: Parsed, lines: number, bytes: number) =>
    TABLES.map((table) =>
      parsed.rows(table).map((row) => ({ ...row, line: (row.line ?? 0) - lines, byte: (row.byte ?? 0) - bytes })),
    );
  const whole = rowsOf(await parse(text), 0, 0);
  const block = 1 << 20;
  const blank = `${' '.repeat(1023)}\n`;
  for (let at = 0; at < text.length; at += 997) {
    const front = blank.repeat((block - at) >> 10) + '\n'.repeat((block - at) & 1023);
    const parsed = await parse(front + text);
    expect(rowsOf(parsed, front.split('\n').length - 1, front.length)).toEqual(whole);
  }
});

const KD = join(SHARED, 'kd');
const shared = existsSync(KD)
  ? ['cases', 'docs'].flatMap((folder) => readdirSync(join(KD, folder)).map((name) => join(KD, folder, name)))
  : [];
const sharedFile = (start: string) => ({ path: shared.find((path) => path.includes(`/${start}`)) ?? '' });

describe.skipIf(shared.length === 0)('published logs', () => {
  it('all add up, skip nothing, and number their sightings', async () => {
    for (const path of shared) {
      const parsed = await parseWith(kd, { path });
      expect([path, addsUp(parsed), parsed.account.skipped]).toEqual([path, true, 0]);
      expect(parsed.rows(dumpThread).map((r) => r.sighting)).toEqual(parsed.rows(dumpThread).map((_, i) => i));
    }
  });

  it('02: threads of a chain, and the stack of one that has no block', async () => {
    const parsed = await parseWith(kd, sharedFile('02-'));
    const rows = parsed.rows(dumpThread);
    expect(rows.map((r) => [r.command, r.address, r.waitTicks, r.waitMs, r.lpcMessage])).toEqual([
      ['!process', 0x89d475a8n, 1284370, 20068281, 'acfd'],
      ['!thread', 0x89a80328n, 1284370, 20068281, 'acfe'],
      ['!thread', 0x89b452e8n, 1284370, 20068281, null],
      ['k', 0x89b452e8n, null, null, null],
      ['k', 0x898aa600n, null, null, null],
      ['k', 0x89cd9c10n, null, null, null],
      ['!thread', 0x89cd9c10n, 3125677, 48838703, null],
      ['!thread', 0x8a04cb30n, 3125677, 48838703, null],
    ]);
    expect(rows[6].waitStartTicks).toBe(4392);
    expect(rows[1]).toMatchObject({ processAddress: null, attachedAddress: 0x899a0020n, lpcWorkingOn: 'acfd' });
    expect(parsed.rows(dumpThreadIrp).map((r) => r.irp)).toEqual([0x89b49008n, 0x89a2e130n, 0x89a13008n, 0x89901348n]);
    const sections = parsed.rows(dumpFrameArgument).filter((r) => r.routine?.includes('RtlEnterCriticalSection'));
    expect(sections.map((r) => r.arg1)).toEqual(['0x664a3fe0', '0x7c980600']);
    expect(parsed.rows(dumpFrameArgument).find((r) => r.routine?.includes('SetCurrentDirectoryW'))?.arg1).toBe(
      '0x78894a',
    );
  });

  it('04: two threads RUNNING on one processor, waits that began behind now', async () => {
    const rows = (await parseWith(kd, sharedFile('04-'))).rows(dumpThread);
    const whole = rows.filter((r) => r.command === '!thread');
    expect(whole.map((r) => [r.address, r.state, r.processor, r.waitStartTicks, r.waitTicks, r.beganAfterNow])).toEqual(
      [
        [0x8b56cb10n, 'RUNNING', 0, 24437735, null, 1],
        [0x8089d8c0n, 'RUNNING', 0, 24437476, 69, null],
        [0xf7732090n, 'RUNNING', 1, 0, 24437545, null],
      ],
    );
    expect(rows.filter((r) => r.command === '!stacks').map((r) => r.beganAfterNow)).toEqual([1, 1, 1]);
  });

  it('07: waits in two processes, and fragments that belong to no thread', async () => {
    const parsed = await parseWith(kd, sharedFile('07-'));
    const rows = parsed.rows(dumpThread);
    expect(rows.map((r) => [r.address, r.waitTicks, r.waitMs])).toEqual([
      [0x89d36b60n, 355, null],
      [0x89d36b60n, 355, 5546],
      [0x89ce9580n, 712510, 11132968],
      [0x89e1f890n, 9763, 152546],
      [0x89bfc4d8n, 711678, 11119968],
    ]);
    expect(rows[4].lpcMessage).toBe('fbbc86');
    // Frames go on behind blank lines and cuts.
    expect(framesOf(parsed, rows[2].stack).at(-1)?.[1]).toBe('kernel32!BaseThreadStart+0x5f');
    expect(framesOf(parsed, rows[2].stack)).toHaveLength(16);
  });

  it('08: a thread that sleeps 6912 ms', async () => {
    const parsed = await parseWith(kd, sharedFile('08-'));
    expect(args(parsed).map(([, routine, arg1]) => [routine, arg1])).toEqual([
      ['kernel32!SleepEx+0x68', '0x1b00'],
      ['kernel32!Sleep+0xf', '0x1b00'],
    ]);
    expect(parsed.rows(dumpThread).map((r) => r.address)).toEqual([0x86396db0n, 0x86396db0n]);
  });

  it('13: handles, READY threads, processors that are to run another thread', async () => {
    const parsed = await parseWith(kd, sharedFile('13-'));
    const handles = parsed.rows(dumpProcess).map((r) => [r.image, r.handleCount]);
    expect(handles).toContainEqual(['csrss.exe', 11677]);
    expect(handles).toContainEqual(['explorer.exe', 25407]);
    const listed = parsed.rows(dumpProcess).filter((r) => r.command === '!sprocess' && r.image === 'application.exe');
    expect(listed).toHaveLength(6);
    expect(listed.filter((r) => r.parentPid === 0x44c8)).toHaveLength(5);
    const owner = parsed.rows(dumpThread).find((r) => r.address === 0x83b46db0n);
    expect(owner).toMatchObject({
      command: '!ready',
      state: 'READY',
      priority: 9,
      processor: 1,
      pid: 0x44c8,
      tid: 0xa11c,
    });
    expect(
      parsed
        .rows(dumpProcessor)
        .filter((r) => r.next !== null)
        .map((r) => r.cpu),
    ).toEqual([1, 2, 3, 4, 5, 6, 7]);
    const created = args(parsed).find(([, routine]) => String(routine).includes('CreateProcessA+'));
    expect(created?.[3]).toBe('0xa43280');
  });

  it('16: threads that spike, and a stack of !analyze that is in doubt', async () => {
    const parsed = await parseWith(kd, sharedFile('16-'));
    expect(
      parsed.rows(dumpThread).map((r) => [r.command, r.image, r.processor, r.userMs, r.kernelMs, r.doubtfulFrame]),
    ).toEqual([
      ['!analyze', null, 0, null, null, 14],
      ['!thread', 'AppA.exe', 0, 3109, 17500, null],
      ['!thread', 'calc.exe', 1, 64515, 15, null],
    ]);
  });

  it('18 and 24: frames with remarks, moved blocks, inlined routines', async () => {
    const echo = await parseWith(kd, sharedFile('18-'));
    const routines = framesOf(echo, 0).map(([, routine]) => routine);
    expect(routines).toHaveLength(15);
    expect(routines[8]).toBe('ECHO!EchoEvtTimerFunc+0x7d');
    const nbl = await parseWith(kd, sharedFile('24-'));
    const [block, again] = nbl.rows(dumpThread);
    expect(block).toMatchObject({ address: 0xfffffa800cd8a040n, waitTicks: 15577, waitMs: 243002, pid: 4, tid: 0x5c });
    expect(framesOf(nbl, block.stack)).toHaveLength(23);
    expect(framesOf(nbl, block.stack)[3][1]).toBe("nt! ??::FNODOBFM::`string'+0x12ff6");
    expect(framesOf(nbl, again.stack)[4][1]).toBe('tcpip!FlpUninitializePacketProviderInterface');
    expect([again.address, again.processor]).toEqual([null, null]);
  });

  it('of the documentation: old and new lists of threads', async () => {
    const old = await parseWith(kd, sharedFile('msdocs-critsec-timeout'));
    expect(old.rows(dumpThread).filter((r) => r.command === '~')).toHaveLength(25);
    expect(old.rows(dumpThread).find((r) => r.tid === 0x6d)?.number).toBe(6);
    const { rows } = await parseWith(kd, sharedFile('msdocs-usermode-critsec'));
    expect(
      rows(dumpThread)
        .filter((r) => r.command === '~')
        .map((r) => r.number),
    ).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 4]);
    expect(rows(dumpThread).at(-1)).toMatchObject({ command: 'k', number: 6, stackCommand: 'kb' });
    const dokan = await parseWith(kd, sharedFile('w10-locks'));
    expect(dokan.rows(dumpThread).map((r) => [r.address, r.stackCommand])).toEqual([
      [0xffffaa05ca9df7c0n, 'kn'],
      [0xffffaa05c93fc080n, 'kn'],
    ]);
  });
});
