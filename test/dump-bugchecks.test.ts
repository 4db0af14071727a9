/** Bugchecks, the DPC watchdog and APCs left disabled, by small logs made up in the layout of the debugger. */
import { describe, expect, it } from 'vitest';
import type { DumpResult, Report } from '../src/index.js';
import { dumpOf } from './support/dump.js';

const CLOCK = [
  'nt!KeAccumulateTicks+0x2',
  'nt!KiUpdateRunTime+0x5d',
  'nt!KeClockInterruptNotify+0x1a',
  'hal!HalpTimerClockIpiRoutine+0x15',
  'nt!KiCallInterruptServiceRoutine+0x11',
  'nt!KiInterruptSubDispatchNoLockNoEtw+0x1a',
  'nt!KiInterruptDispatchNoLockNoEtw+0x37',
];
const BUGCHECK = ['nt!KeBugCheckEx', ...CLOCK];
const DISPATCHER = ['nt!KiExecuteAllDpcs+0x31', 'nt!KiRetireDpcList+0x91', 'nt!KiIdleLoop+0x9a'];

const SINGLE =
  'Bugcheck code 00000133\nArguments 00000000`00000000 00000000`00000501 00000000`00000500 00000000`00000000';

/** `k`, innermost first. */
const stack = (frames: readonly string[], cpu = 0): string =>
  [
    `${cpu}: kd> k`,
    ' # Child-SP          RetAddr               Call Site',
    ...frames.map((frame, i) => {
      const [n, sp] = [
        i.toString(16).padStart(2, '0'),
        (0x1000 + cpu * 0x10000 + i * 0x40).toString(16).padStart(8, '0'),
      ];
      return `${n} ffff8009\`${sp} fffff802\`6be3a${i.toString(16).padStart(3, '0')}     ${frame}`;
    }),
  ].join('\n');

/** A log with bugcheck 0x133 for a single DPC, and the stack of the processor that crashed. */
const single = (part: readonly string[]): string =>
  `0: kd> .bugcheck\n${SINGLE}\n${stack([...BUGCHECK, ...part, ...DISPATCHER])}\n`;

const watchdogOf = async (text: string) => (await dumpOf(text)).result.watchdog;

const othersOf = (found: Awaited<ReturnType<typeof watchdogOf>>): string[] =>
  (found?.others ?? []).map(({ role, module }) => `${role} ${module}`);

const finding = (report: Report<DumpResult>, rule: string) => report.findings.find((one) => one.rule === rule);

const bugcheck = (code: string, ...parameters: string[]): string =>
  `0: kd> .bugcheck\nBugcheck code ${code}\nArguments ${parameters.join(' ')}\n`;

const claimOf = async (text: string) => finding(await dumpOf(text), 'bugcheck');

describe('DPC watchdog, a single DPC', () => {
  it('names the driver below the frameworks', async () => {
    const found = await watchdogOf(single(['exnic!ExRead+0x4', 'exnic!ExDpc+0x10', 'ndis!ndisInterruptDpc+0x1a']));
    expect(found?.culprit).toMatchObject({
      module: 'exnic',
      function: 'ExRead',
      cpu: 0,
      certain: true,
      runsAs: 'DPC',
      stalls: null,
    });
    expect(othersOf(found)).toEqual(['framework ndis']);
    expect(found?.statement).toBe(
      'exnic!ExRead ran too long: it is the first driver between the clock interrupt and the DPC dispatcher.',
    );
  });

  it('blames no DPC of another processor', async () => {
    const other = stack(['nt!KxWaitForSpinLockAndAcquire+0x2e', 'bystand!Dpc+0x11', ...DISPATCHER], 2);
    const found = await watchdogOf(
      `${single(['nt!KiTimerWaitTest+0x19', 'nt!KiProcessExpiredTimerList+0xb4'])}0: kd> ~2s\n${other}\n`,
    );
    expect(found?.culprit).toBeNull();
    expect(found?.statement).toBe(
      'On the stack of the processor that crashed there is no driver between the clock interrupt and the DPC dispatcher: which DPC it was, the stack does not show.',
    );
  });

  it('names nobody where no stack has KeBugCheckEx and none shows the clock', async () => {
    const dpc = (driver: string, cpu: number): string => stack([`${driver}!Dpc+0x11`, ...DISPATCHER], cpu);
    const found = await watchdogOf(`0: kd> .bugcheck\n${SINGLE}\n${dpc('drva', 0)}\n0: kd> ~1s\n${dpc('drvb', 1)}\n`);
    expect(found?.culprit).toBeNull();
    expect(found?.statement).toBe('The log does not show the stack of the processor that crashed: print it (k).');
  });

  it('is not certain of the only stack of a fragment', async () => {
    const found = await watchdogOf(`0: kd> .bugcheck\n${SINGLE}\n${stack(['drva!Dpc+0x11', ...DISPATCHER])}\n`);
    expect(found?.culprit).toMatchObject({ module: 'drva', certain: false });
    expect(found?.statement).toContain('The stack is without KeBugCheckEx');
  });

  it('takes the stack on which the clock noticed, where none has KeBugCheckEx', async () => {
    const found = await watchdogOf(
      `0: kd> .bugcheck\n${SINGLE}\n${stack(['drva!Dpc+0x11', ...DISPATCHER])}\n0: kd> ~1s\n${stack([...CLOCK, 'drvb!Dpc+0x1', ...DISPATCHER], 1)}\n`,
    );
    expect(found?.culprit).toMatchObject({ module: 'drvb', certain: false });
  });

  it.each([
    ['nt!KxWaitForSpinLockAndAcquire', ['nt!KxWaitForSpinLockAndAcquire+0x2e', 'nt!KeAcquireSpinLockRaiseToDpc+0x87']],
    ['nt!KxWaitForLockOwnerShip', ['nt!KxWaitForLockOwnerShip+0x14', 'nt!KeAcquireInStackQueuedSpinLock+0x4f']],
    ['nt!KxWaitForLockChainValid', ['nt!KeYieldProcessorEx+0x15', 'nt!KxWaitForLockChainValid+0x12']],
    ['nt!KiAcquireQueuedSpinLockInstrumented', ['nt!KiAcquireQueuedSpinLockInstrumented+0x1']],
    ['nt!ExpWaitForSpinLockExclusiveAndAcquire', ['nt!ExpWaitForSpinLockExclusiveAndAcquire+0x1']],
    ['hal!KfAcquireSpinLock', ['hal!KfAcquireSpinLock+0x1']],
  ])('a DPC that waits for a spin lock in %s is no certain culprit', async (stalls, frames) => {
    const report = await dumpOf(single([...frames, 'victim!Dpc+0x11']));
    const found = report.result.watchdog;
    expect(found?.culprit).toMatchObject({ module: 'victim', certain: false, stalls });
    expect(found?.statement).toContain('It waits for a spin lock; who holds it, the stack does not show.');
    expect(finding(report, 'dpc-watchdog-single')).toMatchObject({
      confidence: 'low',
      next: ['!running -it; !qlocks: what the other processors do, and who holds queued spin locks'],
    });
  });

  it.each([
    [
      'nt!KeFlushMultipleRangeTb',
      ['nt!KeYieldProcessorEx+0x1', 'nt!KeFlushMultipleRangeTb+0x1d0', 'nt!MiFlushTbList+0x1'],
    ],
    ['nt!KiIpiStallOnPacketTargets', ['nt!KiIpiStallOnPacketTargets+0x12', 'nt!KeFlushSingleTb+0x10']],
    ['nt!KeIpiGenericCall', ['nt!KeYieldProcessorEx+0x1', 'nt!KeIpiGenericCall+0x9']],
    ['hal!HalpInterruptSendIpi', ['hal!HalpInterruptSendIpi+0x1', 'nt!KeFlushEntireTb+0x1']],
  ])('a DPC that waits for other processors in %s is no certain culprit', async (stalls, frames) => {
    const found = await watchdogOf(single([...frames, 'victim!Dpc+0x11']));
    expect(found?.culprit).toMatchObject({ module: 'victim', certain: false });
    expect(found?.statement).toContain('It waits until other processors answer; which one does not');
    expect(found?.culprit?.stalls).toBe(stalls);
  });

  it('is not certain where frames without a module stand in front of the driver', async () => {
    const found = await watchdogOf(single(['0xfffff802`0043c57a', 'exdrv!Dpc+0x11']));
    expect(found?.culprit).toMatchObject({ module: 'exdrv', certain: false });
  });

  it('says that a stack does not reach the dispatcher', async () => {
    const found = await watchdogOf(`0: kd> .bugcheck\n${SINGLE}\n${stack([...BUGCHECK, 'exdrv!Work+0x1'])}\n`);
    expect(found?.culprit).toBeNull();
    expect(found?.statement).toContain('does not reach the DPC dispatcher');
  });

  it('a stall is the own doing of the DPC', async () => {
    const found = await watchdogOf(single(['nt!KeStallExecutionProcessor+0x20', 'exdrv!Dpc+0x11']));
    expect(found?.culprit).toMatchObject({ certain: true, stalls: 'nt!KeStallExecutionProcessor' });
  });

  it('a routine that KeIpiGenericCall runs does not wait', async () => {
    const found = await watchdogOf(single(['exdrv!OnEach+0x1', 'nt!KeIpiGenericCall+0x9', 'exdrv!Dpc+0x11']));
    expect(found?.culprit).toMatchObject({ function: 'OnEach', certain: true, stalls: null });
  });

  it('names the network driver, and not what its packets go through', async () => {
    const found = await watchdogOf(
      single([
        'afd!AfdReceive+0x10',
        'tcpip!TcpReceive+0x99',
        'NETIO!Deliver+0x1',
        'ndis!Indicate+0x11',
        'exnic!RxDpc+0x99',
        'ndis!ndisInterruptDpc+0x1a3',
      ]),
    );
    expect(found?.culprit).toMatchObject({ module: 'exnic', function: 'RxDpc', certain: false });
    expect(othersOf(found)).toEqual([
      'called-by-culprit afd',
      'called-by-culprit tcpip',
      'called-by-culprit NETIO',
      'called-by-culprit ndis',
      'framework ndis',
    ]);
    expect(found?.statement).toContain('was in afd!AfdReceive when the clock noticed');
  });

  it('of completions names the port driver that has the DPC, and is not certain', async () => {
    const found = await watchdogOf(
      single([
        'Ntfs!Complete+0x10',
        'nt!IopfCompleteRequest+0x1',
        'volsnap!Done+0x1',
        'partmgr!Done+0x1',
        'CLASSPNP!TransferPktComplete+0x1',
        'storport!Complete+0x1',
        'storport!AdapterDpc+0x4',
      ]),
    );
    expect(found?.culprit).toMatchObject({ module: 'storport', function: 'Complete', certain: false });
    expect(found?.statement).toContain('it was in Ntfs!Complete when the clock noticed; it runs a storage miniport');
  });

  it('of KMDF and a driver of Windows names the driver', async () => {
    const found = await watchdogOf(single(['USBXHCI!Read+0x10', 'USBXHCI!Dpc+0x4', 'Wdf01000!FxInterrupt::Dpc+0xc4']));
    expect(found?.culprit).toMatchObject({ module: 'USBXHCI', function: 'Read', certain: false });
  });

  it('a driver that prints to a debugger is named, not the transport', async () => {
    const found = await watchdogOf(
      single(['nt!KeStallExecutionProcessor+0x1', 'kdcom!KdSendPacket+0x9', 'nt!vDbgPrintEx+0x1', 'exdrv!Dpc+0x3']),
    );
    expect(found?.culprit).toMatchObject({ module: 'exdrv', certain: true });
    expect(found?.statement).toContain('the one driver that is no framework');
    expect(othersOf(found)).toEqual(['called-by-culprit kdcom']);
  });

  it('of two drivers says whose DPC it is and where it was', async () => {
    const found = await watchdogOf(
      single([
        'exwall!Classify+0x9',
        'NETIO!Callout+0x9',
        'tcpip!Receive+0x1',
        'exnic!RxDpc+0x99',
        'ndis!ndisInterruptDpc+0x1',
      ]),
    );
    expect(found?.culprit).toMatchObject({ module: 'exwall', certain: false });
    expect(found?.statement).toBe(
      'exwall!Classify ran too long: the DPC is that of exnic!RxDpc, and it was in exwall!Classify when the clock noticed; which of them took the time, the stack does not show.',
    );
    expect(othersOf(found)).toEqual(['framework NETIO', 'framework tcpip', 'called-it exnic', 'framework ndis']);
  });

  it('is not certain of an ISR that interrupted the DPC of another', async () => {
    const found = await watchdogOf(
      single([
        'exdrv!Isr+0x9',
        'nt!KiCallInterruptServiceRoutine+0xa5',
        'nt!KiInterruptDispatch+0x37',
        'other!Dpc+0x1',
      ]),
    );
    expect(found?.culprit).toMatchObject({ module: 'exdrv', runsAs: 'ISR', certain: false });
    expect(found?.statement).toContain('its ISR interrupted other!Dpc');
  });

  it('KeSynchronizeExecution in a DPC makes no ISR of it', async () => {
    const found = await watchdogOf(
      single([
        'storport!Sync+0x4',
        'nt!KeSynchronizeExecution+0x43',
        'exmini!Timer+0x22',
        'nt!KiProcessExpiredTimerList+0x1',
      ]),
    );
    expect(found?.culprit).toMatchObject({ module: 'exmini', function: 'Timer', runsAs: 'timer DPC', certain: true });
  });

  it('does not take a driver that was interrupted before the DPC for the culprit', async () => {
    const found = await watchdogOf(
      `0: kd> .bugcheck\n${SINGLE}\n${stack([
        ...BUGCHECK,
        'nt!KiTimerWaitTest+0x1',
        'nt!KiProcessExpiredTimerList+0x1',
        'nt!KiRetireDpcList+0x9',
        'nt!KiDpcInterrupt+0x1',
        'hal!HalpClockInterrupt+0x1',
        'loops!Work+0x1',
        'nt!KiDispatchInterrupt+0x1',
      ])}\n`,
    );
    expect(found?.culprit).toBeNull();
  });

  it('lists a DPC once that two commands print', async () => {
    const row = ' 0: Normal  : 0xffffb40c2a1e0008 0xfffff8026a1e1000 exnic!Queued';
    const report = await dumpOf(
      `${single(['exdrv!Dpc+0x1'])}0: kd> !dpcs\nCPU Type      KDPC       Function\n${row}\n0: kd> !dpcwatchdog
All durations are in seconds (1 System tick = 15.625000 milliseconds)

--------------------------------------------------
CPU#0
--------------------------------------------------
Current DPC: No Active DPC

Pending DPCs:
----------------------------------------
CPU Type      KDPC       Function
${row}
`,
    );
    expect(othersOf(report.result.watchdog)).toEqual(['queued exnic']);
  });
});

describe('Bugchecks in words', () => {
  it.each([
    ['000000d1', '0', 'read'],
    ['000000d1', '1', 'write'],
    ['000000d1', '8', 'execute'],
    ['0000000a', '1', 'write'],
    ['000000d4', '0', 'read'],
  ])('%s with %s: %s', async (code, value, text) => {
    const claim = await claimOf(
      bugcheck(code, '00000000`00000010', '00000000`00000002', `00000000\`0000000${value}`, 'fffff800`01020304'),
    );
    expect(claim?.message).toContain(
      `: Memory referenced 0x10; IRQL at the time 0x2; ${text}; Address that referenced it 0xfffff80001020304.`,
    );
    expect(claim?.confidence).toBeNull();
  });

  it.each([
    ['0', 'read'],
    ['2', 'write'],
    ['10', 'execute'],
    ['3', 'Kind of access 0x3'],
  ])('0x50 with %s: %s', async (value, text) => {
    const claim = await claimOf(
      bugcheck('00000050', 'ffffffff`00000090', value.padStart(8, '0'), 'fffff800`01020304', '00000000'),
    );
    expect(claim?.message).toBe(
      `Bugcheck 0x50 PAGE_FAULT_IN_NONPAGED_AREA: Memory referenced 0xffffffff00000090; ${text}; Address that referenced it 0xfffff80001020304.`,
    );
  });

  it('tells values of 0', async () => {
    const claim = await claimOf(bugcheck('0000000a', '00000000', '00000000', '00000000', '00000000'));
    expect(claim?.message).toContain(
      'Memory referenced 0x0; IRQL at the time 0x0; read; Address that referenced it 0x0.',
    );
  });

  it('0x101 names the processor, 0 too', async () => {
    const claim = await claimOf(bugcheck('00000101', '00000019', '00000000', 'fffff880`009b2180', '00000000'));
    expect(claim?.message).toBe(
      'Bugcheck 0x101 CLOCK_WATCHDOG_TIMEOUT: no clock interrupt for 25 clock ticks; PRCB of the processor that does not answer 0xfffff880009b2180; processor 0 does not answer.',
    );
  });

  it.each([
    ['000000f4', ['00000003', '8a1b2c30', '8a1b2d40', '805c2c2a'], 'a process ended; Object 0x8a1b2c30'],
    ['000000f4', ['00000006', '8a1b2c30', '8a1b2d40', '805c2c2a'], 'a thread ended; Object 0x8a1b2c30'],
    ['000000ef', ['8a1b2c30', '00000000', '00000000', '00000000'], 'Process or thread 0x8a1b2c30; a process died'],
    ['0000007f', ['00000008', '80050033', '000006f8', '00000000'], 'double fault'],
    ['0000007f', ['0000000d', '00000000', '00000000', '00000000'], 'Trap number 0xd'],
    [
      '0000009f',
      ['00000002', '8a1b2c30', '8a1b2d40', '8a1b2e50'],
      'Device object 0x8a1b2d40; Driver object 0x8a1b2e50',
    ],
  ])('%s %s', async (code, parameters, text) => {
    expect((await claimOf(bugcheck(code, ...parameters)))?.message).toContain(text);
  });

  it.each([
    ['00000001', '0x1', 'APC_INDEX_MISMATCH'],
    ['00000015', '0x15', 'LAST_CHANCE_CALLED_FROM_KMODE'],
    ['000000ab', '0xab', 'SESSION_HAS_VALID_POOL_ON_EXIT'],
    ['000000d4', '0xd4', 'SYSTEM_SCAN_AT_RAISED_IRQL_CAUGHT_IMPROPER_DRIVER_UNLOAD'],
    ['000000d8', '0xd8', 'DRIVER_USED_EXCESSIVE_PTES'],
    ['0000014f', '0x14f', 'PDC_WATCHDOG_TIMEOUT'],
    ['00000192', '0x192', 'KERNEL_AUTO_BOOST_LOCK_ACQUISITION_WITH_RAISED_IRQL'],
    ['1000007e', '0x1000007e', 'SYSTEM_THREAD_EXCEPTION_NOT_HANDLED_M'],
    ['1000008e', '0x1000008e', 'KERNEL_MODE_EXCEPTION_NOT_HANDLED_M'],
    ['100000d1', '0x100000d1', 'DRIVER_IRQL_NOT_LESS_OR_EQUAL'],
    ['1000000a', '0x1000000a', 'IRQL_NOT_LESS_OR_EQUAL'],
    ['4000008a', '0x4000008a', 'THREAD_TERMINATE_HELD_MUTEX'],
    ['deaddead', '0xdeaddead', 'MANUALLY_INITIATED_CRASH1'],
  ])('%s is %s %s', async (printed, code, name) => {
    const { result } = await dumpOf(bugcheck(printed, '00000000', '00000000', '00000000', '00000000'));
    expect(result.system.bugcheck).toMatchObject({ code, name });
  });

  it.each([
    ['0000003e', 'KeLeaveCriticalRegion was called for a thread that is in no critical region (0x3e)'],
    [
      '00000040',
      'KeAcquireSpinLockAtDpcLevel was called below DISPATCH_LEVEL (0x40); IRQL at the time 0x1; Spin lock 0x2',
    ],
    ['00000081', 'MmMapLockedPages was called, instead of MmMapLockedPagesSpecifyCache (0x81); MDL 0x1'],
    ['00000085', 'MmMapLockedPages was called for pages that are not locked (0x85); MDL 0x1'],
    ['00000090', 'DRIVER_VERIFIER_DETECTED_VIOLATION: Kind of violation 0x90.'],
    ['000000e3', 'a ZwXxx routine was called with a user-mode address (0xe3); Where the call is 0x1; Address 0x2'],
    ['00001002', 'a resource was acquired that was never initialized (0x1002); Resource 0x1'],
    ['00001003', 'a resource was released in the wrong order (0x1003); Resource 0x1; Resource to release first 0x2'],
    ['00001007', 'a resource was released that was not acquired (0x1007); Resource 0x1'],
    ['00001008', 'a lock was acquired by an API for another type of lock (0x1008); Lock 0x1'],
  ])('0xC4 with %s: %s', async (kind, text) => {
    expect((await claimOf(bugcheck('000000c4', kind, '00000001', '00000002', '00000003')))?.message).toContain(text);
  });

  it('0xC4 with 0x62 counts allocations and takes the name of the driver from !analyze', async () => {
    const claim = await claimOf(`0: kd> !analyze -v
DRIVER_VERIFIER_DETECTED_VIOLATION (c4)
A device driver attempting to corrupt the system has been caught.
Arguments:
Arg1: 0000000000000062, A driver has forgotten to free its pool allocations prior to unloading.
Arg2: fffffa8004c5f7a0, name of the driver having the issue.
Arg3: fffffa8004c5f6d0, verifier internal structure with driver information.
Arg4: 0000000000000002, total # of (paged+nonpaged) allocations that weren't freed.

IMAGE_NAME:  exleak.sys
`);
    expect(claim?.message).toContain(
      'a driver is unloaded that has not freed its pool (0x62); Name of the driver 0xfffffa8004c5f7a0; 2 allocations not freed. By !analyze the driver is exleak.sys.',
    );
    expect(claim).toMatchObject({
      confidence: 'high',
      next: ['!verifier 3 exleak.sys: its allocations that are not freed'],
    });
  });

  it.each([
    ['0000009f', ['00000003', '8a1b2c30', '8a1b2d40', '8a1b2e50'], 'The log does not show IRP 0x8a1b2e50.'],
    ['0000009f', ['00000004', '0000012c', '8a1b2d40', '8a1b2e50'], 'the time-out was 300 s'],
    ['000000e3', ['8a1b2c30', '8a1b2d40', '00000000', '00000000'], 'does not own, 0x8a1b2d40.'],
    ['00000044', ['8a1b2c30', '00000eae', '00000000', '00000000'], 'The log does not show IRP 0x8a1b2c30.'],
  ])('%s %s: no confidence where the log does not show it', async (code, parameters, text) => {
    const claim = await claimOf(bugcheck(code, ...parameters));
    expect(claim?.message).toContain(text);
    expect(claim).toMatchObject({ confidence: null, next: [expect.stringMatching(/^!(?:irp|thread) /)] });
  });

  const thread = (frames: readonly string[]): string => `0: kd> !thread 8a1b2c30
THREAD 8a1b2c30  Cid 0258.0274  Teb: 7ffdd000 Win32Thread: e1a2b3c0 RUNNING on processor 0
Not impersonating
Owning Process            8a0d7c08       Image:         csrss.exe
Wait Start TickCount      110532         Ticks: 0
Context Switch Count      5712                 LargeStack
UserTime                  00:00:00.000
KernelTime                00:00:12.171
Stack Init f7a2b000 Current f7a2ac20 Base f7a2b000 Limit f7a27000 Call 0
Priority 14 BasePriority 13 PriorityDecrement 0 DecrementCount 0
ChildEBP RetAddr  Args to Child
${frames.map((frame, i) => `f7a2a8${(0x10 + i * 4).toString(16)} bf012345 00000000 00000000 00000000 ${frame}`).join('\n')}
`;

  it('0x100000EA names the driver of the stuck thread, and not how long it waited', async () => {
    const claim = await claimOf(
      `${bugcheck('100000ea', '8a1b2c30', '8a1b2c00', 'f7a2acac', '00000001')}${thread(['exdisp+0x1a2b', 'win32k!WatchdogDrvBitBlt+0x38'])}`,
    );
    expect(claim?.message).toContain('0x8a1b2c30, the stuck thread, is in exdisp.');
    expect(claim?.message).not.toContain('waited');
    expect(claim?.confidence).toBe('high');
  });

  it('0xE3 names the driver on the stack of the thread', async () => {
    const claim = await claimOf(
      `${bugcheck('000000e3', '8a111110', '8a1b2c30', '00000000', '00000002')}${thread(['nt!KeBugCheckEx+0x1b', 'nt!ExReleaseResourceLite+0x9', 'exfilt!Release+0x38'])}`,
    );
    expect(claim?.message).toContain('the thread that released what it does not own, is in exfilt!Release.');
  });

  it('says that the stack shows no driver', async () => {
    const claim = await claimOf(
      `${bugcheck('00000162', '8a1b2c30', '8a111110', '00000000', '00000000')}${thread(['nt!KeBugCheckEx+0x1b', 'nt!ExReleaseResourceLite+0x9'])}`,
    );
    expect(claim?.message).toContain('shows no driver');
    expect(claim?.confidence).toBeNull();
  });
});

describe('APC Disable Imbalance', () => {
  const patternOf = async (text: string) =>
    (await dumpOf(text)).result.patterns.find(({ name }) => name === 'APC Disable Imbalance');

  it.each([
    [
      '00000020',
      ['00000000', '0000ffff', '00000000', '00000001'],
      'APCs were disabled more often than enabled (1 critical region entered and not left)',
    ],
    [
      '00000020',
      ['00000000', 'fffffffe', '00000000', '00000001'],
      'APCs were disabled more often than enabled (2 critical regions entered and not left)',
    ],
    [
      '00000020',
      ['00000000', '00000001', '00000000', '00000001'],
      'APCs were enabled more often than disabled (1 critical region left and not entered)',
    ],
    [
      '00000001',
      ['805c2c2a', '00000000', 'fffe0000', '00000000'],
      'APCs were disabled more often than enabled (2 guarded regions entered and not left)',
    ],
    [
      '000000c4',
      ['000000c5', '805c2c2a', '0000ffff', '00000000'],
      'APCs were disabled more often than enabled (1 critical region entered and not left)',
    ],
    [
      '000000c4',
      ['000000fb', '805c2c2a', '00000000', '0000ffff'],
      'APCs were enabled more often than disabled (1 critical region left and not entered)',
    ],
    [
      '000000c4',
      ['0000003e', '00000000', '00000000', '00000000'],
      'APCs were enabled more often than disabled (1 critical region left and not entered)',
    ],
  ])('%s %s', async (code, parameters, text) => {
    const found = await patternOf(bugcheck(code, ...parameters));
    expect(found).toMatchObject({ certain: false, statement: `${text}; who did it, the log does not show` });
  });

  it.each([
    ['00000020', ['8a1b2c30', '00000000', '00000000', '00000001']],
    ['00000001', ['805c2c2a', '00000000', '00000000', '00000000']],
    ['000000c4', ['000000c5', '805c2c2a', '0000ffff', '0000ffff']],
    ['000000c4', ['00000062', '805c2c2a', '0000ffff', '00000001']],
  ])('nothing is claimed of %s %s', async (code, parameters) => {
    expect(await patternOf(bugcheck(code, ...parameters))).toBeUndefined();
  });

  it('suspects drivers on the stack of the bugcheck, and no module of user mode', async () => {
    const found = await patternOf(
      `${bugcheck('00000020', '00000000', '0000ffff', '00000000', '00000001')}${stack([
        'nt!KeBugCheckEx',
        'nt!PspExitThread+0x92',
        'exfilt!Post+0x4',
        'nt!NtTerminateThread+0x44',
        'nt!KiSystemServiceCopyEnd+0x13',
        'ntdll!NtTerminateThread+0xa',
        'exserver!WorkerEnd+0x11',
      ])}\n0: kd> ~1s\n${stack(['bystand!Work+0x1', 'nt!PspSystemThreadStartup+0x1'], 1)}\n`,
    );
    expect(found).toMatchObject({ certain: false, subjects: ['exfilt'] });
    expect(found?.statement).toContain("on the kernel's part of the stack: exfilt; who did it, the log does not show");
  });

  const regions = (...entries: readonly (readonly [string, string])[]): string =>
    `0: kd> !verifier 200 8a1b2c30\n${entries
      .map(
        ([operation, caller]) =>
          `Thread: 8a1b2c30\n${operation}\nCombinedApcDisable: 0000ffff\n\n    805c2c2a nt!Verifier${operation}+0x9a\n    f7a2acac ${caller}\n`,
      )
      .join('\n')}\n`;
  const ENTER = 'KeEnterCriticalRegion';
  const LEAVE = 'KeLeaveCriticalRegion';
  const ONE_OFF = bugcheck('00000020', '00000000', '0000ffff', '00000000', '00000001');

  it('is certain where one module makes up the whole count', async () => {
    const found = await patternOf(
      ONE_OFF + regions([ENTER, 'exfilt!Read+0x2'], [ENTER, 'other!Read+0x2'], [LEAVE, 'other!Read+0x9']),
    );
    expect(found).toMatchObject({ certain: true, subjects: ['exfilt'] });
    expect(found?.statement).toContain("by Driver Verifier's log exfilt did it");
  });

  it('is possible only where the log of regions does not add up to the count', async () => {
    const found = await patternOf(ONE_OFF + regions([ENTER, 'exfilt!Read+0x2'], [ENTER, 'exfilt!Read+0x2']));
    expect(found).toMatchObject({ certain: false, subjects: ['exfilt'] });
  });
});
