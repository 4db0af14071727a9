import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { kd } from '../parsers/kd.js';
import { dumpLock, dumpLockThread } from '../src/tables/dump-lock.js';
import { dumpFact } from '../src/tables/dump-system.js';
import { addsUp, anyBytes, oneOf, survivesDamage } from './support/damage.js';
import { codesOf, type Parsed, parseWith, sniffText } from './support/parse.js';
import { SHARED } from './support/shared.js';

const parse = (bytes: string | Uint8Array) => parseWith(kd, { bytes });

/** Rows as short lists; addresses as hex. */
const hex = (value: bigint | null) => (value === null ? null : value.toString(16));
const resources = (parsed: Parsed) =>
  parsed
    .rows(dumpLock)
    .filter((r) => r.kind === 'eresource')
    .map((r) => [
      r.lock,
      hex(r.address),
      r.symbol,
      r.isLocked,
      r.isExclusive,
      r.sharedOwners,
      r.contentionCount,
      r.sharedWaiters,
      r.exclusiveWaiters,
    ]);
const threads = (parsed: Parsed) =>
  parsed.rows(dumpLockThread).map((r) => [r.lock, hex(r.thread), r.role, r.count] as const);
const sections = (parsed: Parsed) =>
  parsed
    .rows(dumpLock)
    .filter((r) => r.kind === 'critical-section')
    .map((r) => [
      hex(r.address),
      r.symbol,
      r.isLocked,
      r.lockCount,
      r.waiterCount,
      r.waiterWoken,
      r.ownerTid,
      r.recursionCount,
    ]);
const facts = (parsed: Parsed) => parsed.rows(dumpFact).map((r) => [r.subject, r.name, r.value]);

/** Made up, in the layouts that debuggers print. */
const LOCKS = `1: kd> !locks
**** DUMP OF ALL RESOURCE OBJECTS ****
KD: Scanning for held locks..

Resource @ nt!ExampleLock (0xfffff80001a81b80)    Exclusively owned
    Contention Count = 6
    NumberOfSharedWaiters = 3
    NumberOfExclusiveWaiters = 5
     Threads: fffffa800cd8a040-02<*> fffffa800cd8b040-01    fffffa800cd8c040-01    
              fffffa800cd8d040-01    
     Threads Waiting On Exclusive Access:
              fffffa800cd8e040       fffffa800cd8f040       fffffa800cd90040       fffffa800cd91040       
              fffffa800cd92040       

KD: Scanning for held locks.

Resource @ 0x80e97620    Shared 2 owning threads
     Threads: ff688da0-01<*> ff687da3-01<*> *** Actual Thread ff687da0
2263 total locks, 2 locks currently held
1: kd> !thread
`;
const LOCKS_ROWS = [
  [0, 'fffff80001a81b80', 'nt!ExampleLock', 1, 1, null, 6, 3, 5],
  [1, '80e97620', null, 1, 0, 2, null, null, null],
];
const LOCKS_THREADS = [
  [0, 'fffffa800cd8a040', 'owner', 2],
  [0, 'fffffa800cd8b040', 'shared-waiter', 1],
  [0, 'fffffa800cd8c040', 'shared-waiter', 1],
  [0, 'fffffa800cd8d040', 'shared-waiter', 1],
  [0, 'fffffa800cd8e040', 'exclusive-waiter', null],
  [0, 'fffffa800cd8f040', 'exclusive-waiter', null],
  [0, 'fffffa800cd90040', 'exclusive-waiter', null],
  [0, 'fffffa800cd91040', 'exclusive-waiter', null],
  [0, 'fffffa800cd92040', 'exclusive-waiter', null],
  [1, 'ff688da0', 'owner', 1],
  [1, 'ff687da0', 'owner', 1],
];

const VERBOSE = `kd> !locks -v
An unexpected circular linked list was detected on the exclusive waiters list for lock 0xffffd08600001000.
Resource @ 0xffffd08600001000    Shared 1 owning threads
    Contention Count = 2285996
    NumberOfSharedWaiters = 1
    NumberOfExclusiveWaiters = 2
     Threads: ffffd08600002080-01<*> 

     THREAD ffffd08600002080  Cid 23e4.2280  Teb: 000000ae78b79000 Win32Thread: 0000000000000000 STANDBY
     Not impersonating
     Owning Process            ffffd08600003080       Image:         example.exe
     Wait Start TickCount      310361         Ticks: 392 (0:00:00:06.125)
     Child-SP          RetAddr               Call Site
     ffff8089\`7ce37330 fffff803\`39e83255     nt!KiSwapContext+0x76
     ffff8089\`7ce37470 fffff803\`39e813df     nt!KiSwapThread+0xa65

ffffd08600004080-01    

     THREAD ffffd08600004080  Cid 20c4.2184  Teb: 0000000000f18000 Win32Thread: 0000000000000000 WAIT: (WrResource) KernelMode Non-Alertable
         ffff80897eb77ba0  SynchronizationEvent
     Child-SP          RetAddr               Call Site
     ffff8089\`7eb776a0 fffff803\`39e83255     nt!KiSwapContext+0x76

     Threads Waiting On Exclusive Access:
              ffffd08600005080       ffffd08600006080       

Resource @ nt!ExampleIdle (0xfffff80001a81c80)    Available
    Contention Count = 12
KD: Scanning for held locks......
16088 total locks, 1 locks currently held
`;

const NT4 = `Resource @ 800e9000
 ActiveCount = 0001  Flags = IsOwnedExclusive sharedWaiter
 NumberOfExclusiveWaiters = 0010
  Thread = 809cd000, Count = 01
  Thread = 809eb000, Count = 02
  Thread = 00000000, Count = 00
NT!DbgBreakPoint+0x4:
`;

const CS = `0: kd> .process /r /p 89a20858
Implicit process is now 89a20858
0: kd> !cs -l -o -s
-----------------------------------------
DebugInfo          = 0x7c97e500
Critical section   = 0x7c980600 (ntdll!ExampleLock+0x0)
LOCKED
LockCount          = 0x3
WaiterWoken        = Yes
OwningThread       = 0x000004a8
RecursionCount     = 0x2
LockSemaphore      = 0xC20
SpinCount          = 0x00000000
OwningThread       = .thread 89cd9c10
ntdll!RtlpStackTraceDataBase is NULL. Probably the stack traces are not enabled.
-----------------------------------------
DebugInfo          = 0x000d7f08
Critical section   = 0x01e700d4 (+0x1E700D4)
NOT LOCKED
LockSemaphore      = 0x0
SpinCount          = 0x00000000
Stack trace for DebugInfo = 0x000d7f08:
0x6A2137BD: ntdll!RtlInitializeCriticalSectionAndSpinCount+0x9B
`;
const CS_ROWS = [
  ['7c980600', 'ntdll!ExampleLock', 1, 3, 3, 1, 0x4a8, 2],
  ['1e700d4', null, 0, null, null, null, null, null],
];

const NTSD = `0:006> !locks
CritSec example!g_lock+a8 at 00007ff668629100
WaiterWoken        No
LockCount          12
RecursionCount     1
OwningThread       1b4c
EntryCount         0
ContentionCount    1d47
*** Locked

CritSec +24e750 at 24e750
LockCount          NOT LOCKED
RecursionCount     0
OwningThread       0
EntryCount         0
ContentionCount    2

Scanned 37 critical sections
`;
const NTSD_ROWS = [
  ['7ff668629100', 'example!g_lock+a8', 1, 12, 12, 0, 0x1b4c, 1],
  ['24e750', null, 0, null, null, null, null, 0],
];

const DT = `0: kd> dt -r1 ntdll!_RTL_CRITICAL_SECTION 0x0032be30
   +0x000 DebugInfo        : 0x0016c6d8 _RTL_CRITICAL_SECTION_DEBUG
      +0x000 Type             : 0
      +0x004 CriticalSection  : 0x0032be30 _RTL_CRITICAL_SECTION
      +0x010 EntryCount       : 0
      +0x014 ContentionCount  : 0xac352
   +0x004 LockCount        : 0n-22
   +0x008 RecursionCount   : 0n1
   +0x00c OwningThread     : 0x00001c64 Void
   +0x010 LockSemaphore    : 0x00000624 Void
   +0x014 SpinCount        : 0
`;

const DEADLOCK = `0: kd> !deadlock

Deadlock detected (2 resources in 2 threads):

Thread 0: A B
Thread 1: B A

Where:
Thread 0 = 8d3ba030
Thread 1 = 8d15c030
Lock A =   bba2af30 Type 'Spinlock'
Lock B =   example!g_lock Type 'Fast mutex'
`;

const QLOCKS = `0: kd> !qlocks
Key: O = Owner, 1-n = Wait order, blank = not owned/waiting, C = Corrupt

                       Processor Number
    Lock Name         0  1  2  3

KE   - Dispatcher     O     1
MM   - PFN
MM   - MM NonPagedPool      C
`;

describe('!locks of the kernel', () => {
  it('reads owners, shared waiters and exclusive waiters over several lines', async () => {
    const parsed = await parse(LOCKS);
    expect(resources(parsed)).toEqual(LOCKS_ROWS);
    expect(threads(parsed)).toEqual(LOCKS_THREADS);
    expect([parsed.account.rows, parsed.account.skipped, addsUp(parsed)]).toEqual([10, 0, true]);
    expect(codesOf(parsed)).not.toContain('damaged-lock');
  });

  it('reads the same without prompts, indentation and backticks', async () => {
    const text = LOCKS.replace(/^1: kd>.*\n/gm, '').replace(/^ +/gm, '');
    const parsed = await parse(text.replaceAll('fffffa800cd8e040', 'fffffa80`0cd8e040'));
    expect(resources(parsed)).toEqual(LOCKS_ROWS);
    expect(threads(parsed)).toEqual(LOCKS_THREADS);
  });

  it('attaches what stands behind THREAD blocks of -v to the resource, and knows a broken list by its address', async () => {
    for (const text of [VERBOSE, VERBOSE.replace(/^kd>.*\n/, ''), VERBOSE.replace(/^ +/gm, '')]) {
      const parsed = await parse(text);
      expect(resources(parsed)).toEqual([
        [0, 'ffffd08600001000', null, 1, 0, 1, 2285996, 1, 2],
        [1, 'fffff80001a81c80', 'nt!ExampleIdle', 0, null, null, 12, null, null],
      ]);
      expect(threads(parsed)).toEqual([
        [0, 'ffffd08600002080', 'owner', 1],
        [0, 'ffffd08600004080', 'shared-waiter', 1],
        [0, 'ffffd08600005080', 'exclusive-waiter', null],
        [0, 'ffffd08600006080', 'exclusive-waiter', null],
      ]);
      expect(parsed.rows(dumpLock).map((r) => r.isListBroken)).toEqual([1, null]);
      expect(addsUp(parsed)).toBe(true);
    }
  });

  it('does not take addresses for waiters once a command was typed', async () => {
    const text = '     Threads Waiting On Exclusive Access:\n              ffffd08600005080\n';
    const parsed = await parse(`${VERBOSE.split('ffffd08600004080-01')[0]}${text}kd> x\nffffd08600006080\n`);
    expect(threads(parsed).map(([, thread]) => thread)).toEqual(['ffffd08600002080', 'ffffd08600005080']);
  });

  it('says so where waiters were left out', async () => {
    const parsed = await parse(
      'Resource @ Example (0xbae016a0)    Exclusively owned\n    NumberOfExclusiveWaiters = 3591\n' +
        '     Threads: 83b46db0-01<*> << Too many exclusive waiters to list>>\n',
    );
    expect(parsed.rows(dumpLock)[0]).toMatchObject({ waitersElided: 1, exclusiveWaiters: 3591 });
    expect(threads(parsed)).toEqual([[0, '83b46db0', 'owner', 1]]);
  });

  it('reads remarks behind waiters', async () => {
    const parsed = await parse(
      'Resource @ 0x85205ec8    Exclusively owned\n     Threads: 88b9fcb0-01<*>\n     Threads Waiting On Exclusive Access:\n' +
        '              850bbd78       84753d78  <<<\nremember me\n',
    );
    expect(threads(parsed).map(([, thread, role]) => [thread, role])).toEqual([
      ['88b9fcb0', 'owner'],
      ['850bbd78', 'exclusive-waiter'],
      ['84753d78', 'exclusive-waiter'],
    ]);
  });

  it('keeps an unknown owner without a thread', async () => {
    const parsed = await parse(
      'Resource @ 0xfffffa8000001000    Shared 1 owning threads\n' +
        '     Threads: fffffa8000002003-01<*> *** Unknown owner, possibly FileSystem\n',
    );
    expect(threads(parsed)).toEqual([[0, null, 'owner', 1]]);
  });

  it('reads an actual thread that mail has put into the next line', async () => {
    const parsed = await parse(
      'Resource @ 0x80d8b0b0    Shared 1 owning threads\nThreads: 80ed0023-01<*>\n*** Actual Thread 80ed0100\n',
    );
    expect(threads(parsed)).toEqual([[0, '80ed0100', 'owner', 1]]);
  });

  it('without marks knows an owner only where nothing else is possible', async () => {
    const one = (state: string, list: string) => parse(`Resource @ 0x80d8b0b0    ${state}\n     Threads: ${list}\n`);
    expect(threads(await one('Exclusively owned', 'ffaf5410-01')).map(([, , role]) => role)).toEqual(['owner']);
    const shared = await one('Shared 2 owning threads', 'ffaf5410-01 ffaf6410-01');
    expect(threads(shared).map(([, , role]) => role)).toEqual(['owner', 'owner']);
    const waiting = await one('Exclusively owned\n    NumberOfSharedWaiters = 1', 'ffaf5410-01 ffaf6410-01');
    expect(threads(waiting).map(([, , role]) => role)).toEqual(['owner', 'shared-waiter']);
    const open = await one('Shared 1 owning threads', 'ffaf5410-01 ffaf6410-01');
    expect(threads(open).map(([, , role]) => role)).toEqual([null, null]);
  });

  it('reads the form of NT 4, whose figures are hex', async () => {
    const parsed = await parse(NT4);
    expect(resources(parsed)).toEqual([[0, '800e9000', null, 1, 1, null, null, null, 16]]);
    expect(threads(parsed)).toEqual([
      [0, '809cd000', 'owner', 1],
      [0, '809eb000', 'shared-waiter', 2],
    ]);
  });

  it('skips a figure that cannot be read', async () => {
    const parsed = await parse(LOCKS.replace('Contention Count = 6', 'Contention Count = zz'));
    expect(resources(parsed)[0][6]).toBeNull();
    expect([parsed.account.skipped, codesOf(parsed)[0]]).toEqual([1, 'damaged-lock']);
  });

  it('keeps the list of a resource bounded', async () => {
    const many = Array.from({ length: 9000 }, (_, i) => `${(0x80000000 + i * 8).toString(16)}-01`).join('\n');
    const parsed = await parse(`Resource @ 0x80d8b0b0    Shared 9 owning threads\n     Threads: ${many}\n`);
    expect(threads(parsed)).toHaveLength(9000);
    expect(new Set(threads(parsed).map(([, , role]) => role))).toEqual(new Set([null]));
  });
});

describe('!cs', () => {
  it('reads sections with the process that they are of', async () => {
    const parsed = await parse(CS);
    expect(sections(parsed)).toEqual(CS_ROWS);
    expect(parsed.rows(dumpLock)[0]).toMatchObject({
      command: '!cs',
      processAddress: 0x89a20858n,
      ownerThread: 0x89cd9c10n,
      semaphore: 0xc20,
    });
    expect(addsUp(parsed)).toBe(true);
  });

  it('reads fields in the order of !cs with an address, with marks of headings, without prompt and rules', async () => {
    const section = CS.split('\n').slice(4, 13);
    const text = [section[1], section[0], ...section.slice(2)].join('\n');
    expect(sections(await parse(text))).toEqual([CS_ROWS[0]]);
    expect(sections(await parse(text.replaceAll(/^(Spin|Lock)/gm, '## $1').replaceAll(/ +=/g, ' =')))).toEqual([
      CS_ROWS[0],
    ]);
  });

  it('a section that is shown again is a second row, also without a rule between them', async () => {
    const section = CS.split('\n').slice(5, 13).join('\n');
    expect(sections(await parse(`${section}\n${section}\n`))).toEqual([CS_ROWS[0], CS_ROWS[0]]);
  });

  it('up to XP LockCount also counts what the owner holds', async () => {
    const parsed = await parse(CS.replace(/WaiterWoken.*\n/, ''));
    expect(sections(parsed)[0]).toEqual(['7c980600', 'ntdll!ExampleLock', 1, 3, 2, null, 0x4a8, 2]);
  });

  it('reads owners as .thread and ~~[tid], and no handle of all ones', async () => {
    const text = (owner: string) =>
      `Critical section   = 0x00007ff65e843650 (example!cs1+0x0)\nLOCKED\nOwningThread       = ${owner}\nLockSemaphore      = 0xFFFFFFFF\n`;
    const owner = async (as: string) => {
      const [row] = (await parse(text(as))).rows(dumpLock);
      return [row.ownerTid, row.ownerThread, row.semaphore];
    };
    expect(await owner('0x0000000000000174')).toEqual([0x174, null, null]);
    expect(await owner('.thread fffffa80`0cd8a040')).toEqual([null, 0xfffffa800cd8a040n, null]);
    expect(await owner('.thread (~~[0x1a4])')).toEqual([0x1a4, null, null]);
    expect(await owner('~~[1a4]')).toEqual([0x1a4, null, null]);
  });

  it('passes over the tree of -t', async () => {
    const parsed = await parse(
      '0:001> !cs -t\n\nTree root 00bb08c0\n\nLevel     Node       CS    Debug  InitThr EnterThr\n' +
        '    0 00bb08c0 77c7e020 77fbcae0      4c8      4c8        0        0      4c8        c        0\n',
    );
    expect([parsed.account.rows, parsed.account.skipped]).toEqual([0, 0]);
    expect(codesOf(parsed)).toEqual([]);
  });

  it('skips numbers that cannot be read', async () => {
    const parsed = await parse(CS.replace('= 0x3', '= 0xzz'));
    expect([parsed.account.skipped, codesOf(parsed)[0]]).toEqual([1, 'damaged-lock']);
  });
});

describe('!locks and !critsec of user mode', () => {
  it('reads sections, LockCount as decimal and the rest as hex', async () => {
    const parsed = await parse(NTSD);
    expect(sections(parsed)).toEqual(NTSD_ROWS);
    expect(parsed.rows(dumpLock).map((r) => [r.command, r.contentionCount, r.processAddress])).toEqual([
      ['!locks', 0x1d47, null],
      ['!locks', 2, null],
    ]);
    expect(addsUp(parsed)).toBe(true);
  });

  it('reads them without a prompt, with remarks behind values', async () => {
    const text = NTSD.replace(/^0:006>.*\n/, '').replace('1b4c', '1b4c         // the owner');
    const parsed = await parse(text.replace('at 24e750', 'at 24e750     24e750 is the second one'));
    expect(sections(parsed)).toEqual(NTSD_ROWS);
  });
});

describe('dt of locks', () => {
  it('decodes the raw LockCount of Server 2003 SP1 and later', async () => {
    const row = ['32be30', null, 1, -22, 5, 0, 0x1c64, 1];
    expect(sections(await parse(DT))).toEqual([row]);
    const [lock] = (await parse(DT)).rows(dumpLock);
    expect(lock).toMatchObject({ command: 'dt', contentionCount: 0xac352, semaphore: 0x624 });
    const raw = async (count: string) => sections(await parse(DT.replace('0n-22', count)))[0].slice(2, 6);
    expect(await raw('-210')).toEqual([1, -210, 52, 0]);
    expect(await raw('-24')).toEqual([1, -24, 5, 1]);
    expect(await raw('-1')).toEqual([0, -1, 0, null]);
    expect(await raw('-0n2')).toEqual([1, -2, 0, 0]);
    expect(await raw('0xfffffffe')).toEqual([1, -2, 0, 0]);
    expect(await raw('4')).toEqual([1, 4, 4, null]);
  });

  it('takes the address from DebugInfo where the command is not shown', async () => {
    expect(sections(await parse(DT.replace(/^0: kd>.*\n/, '').replace(/^ +/gm, '')))).toEqual([
      ['32be30', null, 1, -22, 5, 0, 0x1c64, 1],
    ]);
  });

  it('gives no row where types stand in place of values', async () => {
    const parsed = await parse(
      '0:000> dt ntdll!_RTL_CRITICAL_SECTION\n   +0x000 DebugInfo        : Ptr64 _RTL_CRITICAL_SECTION_DEBUG\n' +
        '   +0x008 LockCount        : Int4B\n',
    );
    expect(parsed.rows(dumpLock)).toEqual([]);
    expect(addsUp(parsed)).toBe(true);
  });

  it('reads dx, and a symbol in place of the address', async () => {
    const dx = await parse(
      '0:000> dx -r1 (*((ntdll!_RTL_CRITICAL_SECTION *)0x7ff65e843650))\n' +
        '(*((ntdll!_RTL_CRITICAL_SECTION *)0x7ff65e843650))                 [Type: _RTL_CRITICAL_SECTION]\n' +
        '    [+0x000] DebugInfo        : 0xffffffffffffffff [Type: _RTL_CRITICAL_SECTION_DEBUG *]\n' +
        '    [+0x008] LockCount        : -6 [Type: long]\n    [+0x00c] RecursionCount   : 1 [Type: long]\n' +
        '    [+0x010] OwningThread     : 0x1b4c [Type: void *]\n',
    );
    expect(sections(dx)).toEqual([['7ff65e843650', null, 1, -6, 1, 0, 0x1b4c, 1]]);
    const named = await parse(
      '0:000> dt ntdll!_RTL_CRITICAL_SECTION example!g_lock\n   +0x008 LockCount        : 0n-6\n',
    );
    expect(sections(named)).toEqual([[null, 'example!g_lock', 1, -6, 1, 0, null, null]]);
  });

  it('reads owners of resources, fast mutexes, guarded mutexes and mutants', async () => {
    const parsed = await parse(`0: kd> dt -r1 nt!_ERESOURCE fffffa80\`03c9e040
   +0x000 SystemResourcesList : _LIST_ENTRY [ 0xfffffa80\`03c9e0b0 - 0xfffffa80\`03c9e0c0 ]
   +0x010 OwnerTable       : 0xfffffa80\`04f5b0b0 _OWNER_ENTRY
      +0x000 OwnerThread      : 0
   +0x018 ActiveCount      : 0n1
   +0x01a Flag             : 0x80
   +0x030 OwnerEntry       : _OWNER_ENTRY
      +0x000 OwnerThread      : 0xfffffa80\`0cd8a043
   +0x040 ActiveEntries    : 1
   +0x044 ContentionCount  : 0x12
   +0x048 NumberOfSharedWaiters : 0
   +0x04c NumberOfExclusiveWaiters : 3
0: kd> dt nt!_FAST_MUTEX fffffa8003c9f040
   +0x000 Count            : 0n0
   +0x008 Owner            : 0xfffffa80\`0cd8b040 _KTHREAD
   +0x010 Contention       : 5
0: kd> dt_KGUARDED_MUTEX fffffa8003ca0040
   +0x000 Count            : 0n1
   +0x008 Owner            : (null)
0: kd> dt nt!_KMUTANT 89a01000
   +0x000 Header           : _DISPATCHER_HEADER
   +0x018 OwnerThread      : 0x89a02020 _KTHREAD
`);
    expect(
      parsed
        .rows(dumpLock)
        .map((r) => [r.kind, hex(r.address), r.isLocked, r.isExclusive, hex(r.ownerThread), r.contentionCount]),
    ).toEqual([
      ['eresource', 'fffffa8003c9e040', 1, 1, 'fffffa800cd8a040', 0x12],
      ['fast-mutex', 'fffffa8003c9f040', 1, 1, 'fffffa800cd8b040', 5],
      ['fast-mutex', 'fffffa8003ca0040', 0, null, null, null],
      ['mutant', '89a01000', 1, 1, '89a02020', null],
    ]);
    expect(parsed.rows(dumpLock)[0]).toMatchObject({ sharedWaiters: 0, exclusiveWaiters: 3 });
  });

  it('leaves other structures to others', async () => {
    const parsed = await parse('0: kd> dt nt!_EPROCESS 89a01000\n   +0x000 Pcb              : _KPROCESS\n');
    expect(parsed.rows(dumpLock)).toEqual([]);
  });
});

describe('!deadlock and !qlocks', () => {
  it('reads the order in which locks were taken', async () => {
    expect(facts(await parse(DEADLOCK))).toEqual([
      ['deadlock', 'order 0', 'A B'],
      ['deadlock', 'order 1', 'B A'],
      ['deadlock', 'thread 0', '8d3ba030'],
      ['deadlock', 'thread 1', '8d15c030'],
      ['deadlock', 'lock A', 'bba2af30'],
      ['deadlock', 'lock A type', 'Spinlock'],
      ['deadlock', 'lock B', 'example!g_lock'],
      ['deadlock', 'lock B type', 'Fast mutex'],
    ]);
  });

  it('reads the order, and where the locks were taken, from the detailed form', async () => {
    const parsed = await parse(`Deadlock detected (2 resources in 2 threads):

Thread 0 (8D14F750) took locks in the following order:

    Lock A -- b7906f30 (Spinlock)
    Stack:   example!ExampleActivate+0x63
             example!ExampleOpen+0x2E1

    Lock B -- example!g_lock (Spinlock)
    Stack:   << Current stack >>

0: kd> k
`);
    expect(facts(parsed)).toEqual([
      ['deadlock', 'thread 0', '8D14F750'],
      ['deadlock', 'lock A', 'b7906f30'],
      ['deadlock', 'lock A type', 'Spinlock'],
      ['deadlock', 'taken 0 A', 'example!ExampleActivate+0x63'],
      ['deadlock', 'lock B', 'example!g_lock'],
      ['deadlock', 'lock B type', 'Spinlock'],
      ['deadlock', 'taken 0 B', '<< Current stack >>'],
      ['deadlock', 'order 0', 'A B'],
    ]);
  });

  it('reads owners, waiters and corrupt entries of queued spin locks by their columns', async () => {
    expect(facts(await parse(QLOCKS))).toEqual([
      ['qlock KE - Dispatcher', 'cpu 0', 'O'],
      ['qlock KE - Dispatcher', 'cpu 2', '1'],
      ['qlock MM - MM NonPagedPool', 'cpu 2', 'C'],
    ]);
  });

  it('skips marks whose columns are lost', async () => {
    const parsed = await parse(QLOCKS.replace('Dispatcher     O     1', 'Dispatcher O 1'));
    expect([parsed.account.skipped, codesOf(parsed)[0]]).toEqual([1, 'damaged-qlocks']);
  });
});

it('outputs of locks without prompts are known to be of a debugger', () => {
  for (const text of [NT4, NTSD.split('\n').slice(1).join('\n'), CS.split('\n').slice(4).join('\n')]) {
    expect(sniffText(kd, text).claims).toBe(true);
  }
});

const SAMPLES = [LOCKS, VERBOSE, NT4, CS, NTSD, DT, DEADLOCK, QLOCKS, LOCKS + CS + NTSD + DT];

it('any damage is survived, and counted', { timeout: 60_000 }, async () => {
  await survivesDamage(parse, SAMPLES, { put: anyBytes(4), maxEdits: 40 });
  await survivesDamage(parse, SAMPLES, { put: oneOf(0x0a, 0x20, 0x2d, 0x3d, 0x3a, 0x30), maxEdits: 60 });
});

it('long lines cost no more than their length', async () => {
  const long = (text: string) => `${text}${'a0 '.repeat(600)}\n`;
  const lines = [
    'Resource @ ',
    '     Threads: ',
    'Critical section = 0x',
    'CritSec ',
    '+0x000 ',
    'Lock A =   ',
    'KE   - ',
  ];
  const heads = 'Resource @ 0x80d8b0b0    Exclusively owned\nDeadlock detected (2 resources in 2 threads):\n';
  const began = performance.now();
  const parsed = await parse(heads + lines.map(long).join('').repeat(200));
  expect(addsUp(parsed)).toBe(true);
  expect(performance.now() - began).toBeLessThan(5000);
});

const KD = join(SHARED, 'kd');
const shared = existsSync(KD)
  ? ['cases', 'docs'].flatMap((folder) => readdirSync(join(KD, folder)).map((name) => join(KD, folder, name)))
  : [];
const read = (start: string) => parseWith(kd, { path: shared.find((path) => path.includes(`/${start}`)) ?? '' });

describe.skipIf(shared.length === 0)('published logs', () => {
  it('02: 8 locked critical sections, two of them shown again', async () => {
    const found = sections(await read('02-'));
    expect(found).toHaveLength(10);
    expect(found.slice(0, 8).every(([, , isLocked]) => isLocked === 1)).toBe(true);
    expect(found[0]).toEqual(['7c980600', 'ntdll!FastPebLock', 1, 0x10, 16, null, 0x4a8, 1]);
    expect(found[5]).toEqual(['664a3fe0', 'ipnathlp!gFwMain', 1, 6, 6, null, 0x9e8, 1]);
    expect(found.slice(8)).toEqual([found[5], found[0]]);
    const owners = (await read('02-')).rows(dumpLock).map((r) => [hex(r.ownerThread), hex(r.processAddress)]);
    expect(owners[0]).toEqual(['89cd9c10', '89a20858']);
    expect(owners[5]).toEqual(['898aa600', '89a20858']);
  });

  it('07 and 08: waiters as printed, and the same from the raw value', async () => {
    expect(sections(await read('07-'))).toEqual([['998ac80', null, 1, 5, 5, 0, 0x1680, 1]]);
    const parsed = await read('08-');
    expect(sections(parsed)).toEqual([
      ['32be30', null, 1, 52, 52, 0, 0x1c64, 1],
      ['32be30', null, 1, -210, 52, 0, 0x1c64, 1],
    ]);
    expect(parsed.rows(dumpLock).map((r) => r.contentionCount)).toEqual([null, 705362]);
    expect(parsed.rows(dumpLock)[0].ownerThread).toBe(0x86396db0n);
  });

  it('13 and 24: resources without and with symbols of the kernel', async () => {
    const factory = await read('13-');
    expect(resources(factory)).toEqual([[0, 'bae016a0', 'DriverA', 1, 1, null, 277088870, null, 3591]]);
    expect(threads(factory)).toEqual([[0, '83b46db0', 'owner', 1]]);
    expect(factory.rows(dumpLock)[0].waitersElided).toBe(1);
    const pnp = await read('24-');
    expect(resources(pnp)).toEqual([
      [0, 'fffff80001a81c80', 'nt!IopDeviceTreeLock', 1, 0, 1, null, null, null],
      [1, 'fffff80001a81b80', 'nt!PiEngineLock', 1, 1, null, 6, null, null],
    ]);
    expect(threads(pnp).map(([lock, thread, role]) => [lock, thread, role])).toEqual([
      [0, 'fffffa800cd8a040', 'owner'],
      [1, 'fffffa800cd8a040', 'owner'],
    ]);
  });

  it('of two resources each owner waits for the other', async () => {
    expect(threads(await read('w10-locks')).map(([lock, thread, role]) => [lock, thread, role])).toEqual([
      [0, 'ffffaa05ca9df7c0', 'owner'],
      [0, 'ffffaa05c93fc080', 'shared-waiter'],
      [0, 'ffffaa05c93fe080', 'exclusive-waiter'],
      [1, 'ffffaa05c93fc080', 'owner'],
      [1, 'ffffaa05cabbe080', 'shared-waiter'],
      [1, 'ffffaa05ca9df7c0', 'exclusive-waiter'],
    ]);
  });

  it('of the documentation: user mode, NT 4, actual threads, and a lock order', async () => {
    expect(sections(await read('msdocs-usermode-critsec')).map((row) => [row[0], row[4], row[6]])).toEqual([
      ['6833dd68', 0, 0xa7],
      ['68629100', 2, 0xa3],
      ['24e750', 6, 0xa9],
    ]);
    const nt4 = await read('msdocs-resource-timeout');
    expect(resources(nt4).map((row) => [row[1], row[3], row[4], row[8]])).toEqual([
      ['800e99c0', 1, 1, 0],
      ['fc664ee0', 1, 1, 1],
      ['fc664ee0', 1, 1, 1],
    ]);
    expect(threads(nt4).filter(([, , role]) => role === 'owner')).toHaveLength(3);
    expect(threads(await read('msdocs-locks-qlocks')).map(([lock, thread]) => [lock, thread])).toEqual([
      [0, 'ff688da0'],
      [0, 'ff687da0'],
      [0, 'ff686da0'],
      [0, 'ff685da0'],
      [1, '80ed0020'],
      [2, '80ed0020'],
      [3, '80ed0020'],
    ]);
    const order = facts(await read('msdocs-deadlock-apc')).filter(([, name]) => name?.startsWith('order'));
    expect(order.map(([, name, value]) => [name, value])).toEqual([
      ['order 0', 'A B'],
      ['order 1', 'B A'],
      ['order 0', 'A B'],
      ['order 1', 'B A'],
    ]);
  });
});
