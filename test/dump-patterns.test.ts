/** Patterns, and what must not be told as one: small made-up logs in the layouts of the debugger. */
import { describe, expect, it } from 'vitest';
import type { DumpResult, Report } from '../src/index.js';
import { dumpOf } from './support/dump.js';

/** Certainty and statement of the patterns of a name. */
function told({ result }: Report<DumpResult>, name: string): [certain: boolean, statement: string][] {
  return result.patterns.filter((one) => one.name === name).map(({ certain, statement }) => [certain, statement]);
}

interface Block {
  readonly at: string;
  readonly state: string;
  readonly ticks?: string;
  readonly user?: string;
  readonly image?: string;
  readonly process?: string;
}

const thread = ({ at, state, ticks = '0', user = '00:00:00.015', image = 'a.exe', process = '8a000020' }: Block) =>
  `THREAD ${at}  Cid 0a40.0${at.slice(-3)}  Teb: 7ffdd000 Win32Thread: 00000000 ${state}
Not impersonating
Owning Process            ${process}       Image:         ${image}
Wait Start TickCount      1000000       Ticks: ${ticks}
Context Switch Count      12
UserTime                  ${user}
KernelTime                00:00:00.000
`;

const READY_ONES = ['8a1010', '8a1020', '8a1030'].map((at) => thread({ at: `${at}10`, state: 'READY' })).join('\n');

describe('Filter Order', () => {
  const HEADER =
    'Filter Name                     Num Instances    Altitude    Frame\n------------------------------  -------------  ------------  -----\n';
  const HEALTHY = `${HEADER}ExScan                                  5       328010         0
ExVirt                                  1       135000         0
OldOne                                           46000.99    <Legacy>
ExInfo                                  5        45000         0
`;
  const WIDENED = `${HEADER}OldOne                                          149998.99    <Legacy>\nExScan                                  5       328010         0\n`;

  it('is not made up from two listings of the same filters', async () => {
    const report = await dumpOf(`C:\\> fltmc\n${HEALTHY}\n0: kd> .shell -ci "fltmc" echo\n${HEALTHY}`);
    expect(told(report, 'Filter Order')).toEqual([]);
    expect(report.result.filters.map(({ name }) => name)).toEqual(['ExScan', 'ExVirt', 'OldOne', 'ExInfo']);
  });

  it('is that of the last listing', async () => {
    const first = await dumpOf(`C:\\> fltmc\n${WIDENED}\n0: kd> .shell -ci "fltmc" echo\n${HEALTHY}`);
    expect(told(first, 'Filter Order')).toEqual([]);
    const last = await dumpOf(`C:\\> fltmc\n${HEALTHY}\n0: kd> .shell -ci "fltmc" echo\n${WIDENED}`);
    expect(told(last, 'Filter Order').map(([certain]) => certain)).toEqual([true]);
    expect(last.result.filters.map(({ name, legacy }) => [name, legacy])).toEqual([
      ['OldOne', true],
      ['ExScan', false],
    ]);
  });

  it('is not lost where volumes are listed later', async () => {
    const report = await dumpOf(`C:\\> fltmc
${WIDENED}
0: kd> !fltkd.volumes
Volume List: fffffa8003e690c0 "Frame 0"
   FLT_VOLUME: fffffa8004432c60 "\\Device\\HarddiskVolume2"
      FLT_INSTANCE: fffffa8004346c60 "Some Instance" "328010"
`);
    expect(told(report, 'Filter Order')).toHaveLength(1);
    expect(report.result.filters.map(({ name }) => name)).toEqual(['OldOne', 'ExScan']);
  });
});

describe('High Contention (processors)', () => {
  const ROWS = `     Prcb      Current   Next
  0  ffdff120  8a300b40            ................
  1  f772f120  8a310b40            ................
`;
  const running = (system: string, idle: string) =>
    `0: kd> !running\n\nSystem Processors ${system} (affinity mask)\n  Idle Processors ${idle}\n\n${ROWS}\n0: kd> !ready\n${READY_ONES}`;

  it('is certain where all of the processors are taken', async () => {
    expect(told(await dumpOf(running('3', '0')), 'High Contention (processors)')).toEqual([
      [true, 'all 2 processors are taken; 3 threads are ready and get none'],
    ]);
  });

  it.each([
    ['of 8 processors 6 are idle', 'ff', 'fc'],
    ['of 4 processors only 2 are listed', 'f', '0'],
  ])('is not told where %s', async (_, system, idle) => {
    expect(told(await dumpOf(running(system, idle)), 'High Contention (processors)')).toEqual([]);
  });

  it('is not told where nothing says how many processors there are', async () => {
    const text = `0: kd> !running\n\n${ROWS}\n0: kd> !ready\n${READY_ONES}`;
    expect(told(await dumpOf(text), 'High Contention (processors)')).toEqual([]);
    const versioned = `Windows 10 Kernel Version 19041 MP (2 procs) Free x64\n${text}`;
    expect(told(await dumpOf(versioned), 'High Contention (processors)')).toHaveLength(1);
  });

  it('reads masks of new debuggers, of several groups too', async () => {
    const masks = (system: string, idle: string) =>
      running('3', '0').replace(
        /System Processors.*\n.*\n/,
        `System Processors:  (${system})\n  Idle Processors:  (${idle})\n`,
      );
    const taken = await dumpOf(masks('0000000000000003', '0000000000000000'));
    expect(told(taken, 'High Contention (processors)')).toHaveLength(1);
    for (const [system, idle] of [
      ['00000000000000ff', '00000000000000fc'],
      ['0000000000000003,0000000000000003', '0000000000000000,0000000000000000'],
    ])
      expect(told(await dumpOf(masks(system, idle)), 'High Contention (processors)')).toEqual([]);
  });
});

describe('High Contention of a lock', () => {
  const section = (lines: string) => `0:000> !cs 7c97e178
-----------------------------------------
Critical section   = 0x7c97e178 (example!Lock+0x0)
DebugInfo          = 0x7c97e1a0
${lines}
SpinCount          = 0x00000000
ContentionCount    = 0x0002ac35
`;

  it('is history where nobody waits, and nothing where it is not locked', async () => {
    const owned = await dumpOf(`kd> !locks
**** DUMP OF ALL RESOURCE OBJECTS ****

Resource @ 0x8a22eb40    Shared 1 owning threads
    Contention Count = 1250000
     Threads: 8a5f2b30-01<*>
`);
    expect(told(owned, 'High Contention (executive resources)')).toEqual([
      [
        false,
        '0x8a22eb40 was contended 1250000 times since it was made; nobody waits for it now; its owner is 0x8a5f2b30',
      ],
    ]);
    const free = await dumpOf(section('NOT LOCKED\nLockSemaphore      = 0xA0'));
    expect(told(free, 'High Contention (critical sections)')).toEqual([]);
  });

  it('is certain with 4 waiters and such a history', async () => {
    const lines =
      'LOCKED\nLockCount          = 0x4\nOwningThread       = 0x00000a48\nRecursionCount     = 0x1\nLockSemaphore      = 0xA0';
    const found = told(await dumpOf(section(lines)), 'High Contention (critical sections)');
    expect(found.map(([certain]) => certain)).toEqual([true]);
    expect(found[0][1]).toContain('4 threads wait for example!Lock (0x7c97e178), contended 175157 times so far');
  });
});

describe('Stack Overflow (kernel mode)', () => {
  const DOUBLE_FAULT = `0: kd> .bugcheck
Bugcheck code 0000007F
Arguments 00000000\`00000008 00000000\`80050033 00000000\`000006f8 fffff800\`02ad3b7c
`;
  const HEAD = 'Child-SP          RetAddr           Call Site\n';
  const frames = (names: readonly string[]) =>
    names.map((name, i) => `fffff880\`0a9a${(0x1000 + i * 0x40).toString(16)} fffff800\`02acbbe9 ${name}\n`).join('');
  const FAULT = frames(['nt!KeBugCheckEx', 'nt!KiBugCheckDispatch+0x69', 'nt!KiDoubleFaultAbort+0xb2']);
  const ring = Array.from({ length: 24 }, (_, i) => (i % 2 === 0 ? 'exflt!Ask+0x11' : 'exflt!Answer+0x2f'));

  it('is possible where another processor has the deep stack', async () => {
    const report = await dumpOf(
      `${DOUBLE_FAULT}0: kd> k\n${HEAD}${FAULT}${frames(['exflt+0x20'])}0: kd> ~1s\n1: kd> k\n${HEAD}${frames(ring)}`,
    );
    expect(told(report, 'Stack Overflow (kernel mode)').map(([certain]) => certain)).toEqual([false]);
  });

  it('is possible where frames do not repeat', async () => {
    const many = Array.from({ length: 30 }, (_, i) => `exflt!Step${i}+0x11`);
    const report = await dumpOf(`${DOUBLE_FAULT}0: kd> k\n${HEAD}${FAULT}${frames(many)}`);
    expect(told(report, 'Stack Overflow (kernel mode)').map(([certain]) => certain)).toEqual([false]);
  });

  it('is certain where they do, on the stack that faulted', async () => {
    const report = await dumpOf(`${DOUBLE_FAULT}0: kd> k\n${HEAD}${FAULT}${frames(ring)}`);
    expect(told(report, 'Stack Overflow (kernel mode)')).toEqual([
      [
        true,
        'bugcheck 0x7F with 8 is a double fault, and exflt!Answer is on its stack 12 times in a row: the kernel stack has overflowed',
      ],
    ]);
  });

  it('is possible where the debugger could not unwind what repeats', async () => {
    const warning = 'WARNING: Stack unwind information not available. Following frames may be wrong.\n';
    const report = await dumpOf(`${DOUBLE_FAULT}0: kd> k\n${HEAD}${FAULT}${warning}${frames(ring)}`);
    expect(told(report, 'Stack Overflow (kernel mode)').map(([certain]) => certain)).toEqual([false]);
  });
});

describe('IRP Distribution Anomaly', () => {
  let next = 0x8a100008;
  const irps = (count: number, major: string, driver: string, of = '00000000'): string =>
    Array.from({ length: count }, () => {
      next += 0x1000;
      return `${next.toString(16)} [${of}] irpStack: (${major})  8b192030 [ ${driver}] 0x00000000\n`;
    }).join('');
  const threads = (count: number): string =>
    Array.from({ length: count }, (_, i) =>
      irps(1, ' 3, 0', '\\FileSystem\\Ntfs', (0x8b500000 + i * 0x100).toString(16)),
    ).join('');
  const list = (rows: string) =>
    dumpOf(`0: kd> !irpfind\n  Irp    [ Thread ] irpStack: (Mj,Mn)   DevObj  [Driver]\n${rows}`);

  it('leaves out what waits on every system', async () => {
    const report = await list(
      irps(20, ' f, 0', '\\Driver\\USBXHCI') +
        irps(20, '16, 0', '\\Driver\\pci') +
        irps(20, ' d, 0', '\\FileSystem\\Npfs') +
        irps(20, ' e,20', '\\Driver\\ACPI') +
        irps(20, ' c, 2', '\\FileSystem\\Ntfs', '8b56cb10') +
        irps(20, ' 3, 0', '\\Driver\\mouclass') +
        threads(20),
    );
    expect(told(report, 'IRP Distribution Anomaly')).toEqual([]);
  });

  it('is possible for a share of all, never certain', async () => {
    const report = await list(
      irps(30, ' f, 0', '\\Driver\\ExDisk') + irps(60, ' 4,34', '\\Driver\\Disk', '8b56cb10') + threads(10),
    );
    expect(told(report, 'IRP Distribution Anomaly')).toEqual([
      [false, '60 of 100 IRPs listed are of thread 0x8b56cb10, at \\Driver\\Disk (4,34)'],
      [
        false,
        '30 of 100 IRPs listed are at \\Driver\\ExDisk (f,0) and have no thread: the driver made them itself, or for another driver',
      ],
    ]);
    const few = await list(irps(12, ' f, 0', '\\Driver\\ExDisk') + threads(200));
    expect(told(few, 'IRP Distribution Anomaly')).toEqual([]);
  });

  it('takes two for enough in a part of a list, and not in a whole one', async () => {
    const part = await list(irps(2, ' f, 0', '\\Driver\\ExDisk') + threads(4));
    expect(told(part, 'IRP Distribution Anomaly').map(([certain]) => certain)).toEqual([false]);
    const whole = await list(irps(9, ' f, 0', '\\Driver\\ExDisk') + threads(20));
    expect(told(whole, 'IRP Distribution Anomaly')).toEqual([]);
  });
});

describe('Spiking Thread', () => {
  const process = (elapsed: string) => `PROCESS 8a000020  SessionId: 0  Cid: 0a40    Peb: 7ffd4000  ParentCid: 01b8
    DirBase: cffb6d20  ObjectTable: e6084268  HandleCount: 117.
    Image: a.exe
    ElapsedTime                       ${elapsed}
    UserTime                          00:00:00.000
    KernelTime                        00:00:00.000

`;
  const spiking = thread({ at: '8a101010', state: 'RUNNING on processor 0', user: '00:01:04.500' });

  it('is told by the share of the time that its process has existed', async () => {
    const long = await dumpOf(`kd> !process 0 7\n${process('10:00:00.000')}${spiking}`);
    expect(told(long, 'Spiking Thread')).toEqual([
      [
        false,
        '0x8a101010 (a.exe) runs on processor 0 and has used 0:01:04.500 of CPU (user 0:01:04.500, kernel 0:00:00.000), 0.2 % of the 10:00:00.000 that its process has existed',
      ],
    ]);
    const short = await dumpOf(`kd> !process 0 7\n${process('00:02:00.000')}${spiking}`);
    expect(told(short, 'Spiking Thread').map(([certain]) => certain)).toEqual([true]);
  });

  it('is told by the time that the system has been up, and where neither is known', async () => {
    const long = await dumpOf(`System Uptime: 2 days 1:00:00.000\nkd> !thread\n${spiking}`);
    expect(told(long, 'Spiking Thread').map(([certain]) => certain)).toEqual([false]);
    expect(told(await dumpOf(`kd> !thread\n${spiking}`), 'Spiking Thread').map(([certain]) => certain)).toEqual([true]);
  });
});

describe('memory', () => {
  const file = (now: number, most: number) =>
    `Page File: \\??\\C:\\pagefile.sys\n  Current:   ${now} Kb  Free Space:   1481780 Kb\n  Minimum:   ${now} Kb  Maximum:     ${most} Kb\n`;
  const STORE =
    'No Name for Paging File\n  Current:  31333848 Kb  Free Space:  29893568 Kb\n  Minimum:  31333848 Kb  Maximum:     31333848 Kb\n';
  const SWAP =
    'Page File: \\??\\C:\\swapfile.sys\n  Current:     16384 Kb  Free Space:     16376 Kb\n  Minimum:     16384 Kb  Maximum:     6289836 Kb\n';
  const PHYSICAL =
    '\nPhysical Memory:          2089459 (    8357836 Kb)\nAvailable Pages:           422441 (    1689764 Kb)\n';
  const COMMIT =
    'Committed pages:          2455053 (    9820212 Kb)\nCommit limit:             2712051 (   10848204 Kb)\n';

  it('is counted once, and what is kept compressed is no page file', async () => {
    const { result } = await dumpOf(`0: kd> !vm\n${file(2490368, 2490368)}${SWAP}${STORE}${PHYSICAL}${COMMIT}`);
    expect(result.memory).toMatchObject({
      physicalKb: 8357836,
      availableKb: 1689764,
      pageFileKb: 2490368,
      pageFileMaximumKb: 2490368,
    });
    expect(result.memory?.figures).toEqual([
      { name: 'Physical Memory', pages: 2089459, kb: 8357836 },
      { name: 'Available Pages', pages: 422441, kb: 1689764 },
      { name: 'Committed pages', pages: 2455053, kb: 9820212 },
      { name: 'Commit limit', pages: 2712051, kb: 10848204 },
    ]);
  });

  it('Insufficient Memory (committed memory) is possible while the page file can grow', async () => {
    const name = 'Insufficient Memory (committed memory)';
    const grows = await dumpOf(`0: kd> !vm\n${file(2490368, 25073564)}${PHYSICAL}${COMMIT}`);
    expect(told(grows, name)).toEqual([
      [
        false,
        '2455053 of 2712051 pages (91 %) are committed; the page file can still grow, from 2490368 to 25073564 Kb',
      ],
    ]);
    const full = await dumpOf(`0: kd> !vm\n${file(2490368, 2490368)}${STORE}${PHYSICAL}${COMMIT}`);
    expect(told(full, name)).toEqual([
      [true, '2455053 of 2712051 pages (91 %) are committed; the page file is at its maximum size and cannot grow'],
    ]);
    const failed = await dumpOf(
      `0: kd> !vm\n${file(2490368, 25073564)}${PHYSICAL}${COMMIT}\n********** 12 commit requests have failed  **********\n`,
    );
    expect(told(failed, name).map(([certain]) => certain)).toEqual([true]);
  });

  it('nonpaged pool that cannot be executed counts', async () => {
    const report = await dumpOf(
      `0: kd> !vm\n${file(2490368, 25073564)}${PHYSICAL}NonPagedPool Usage:           312 (       1248 Kb)\nNonPagedPoolNx Usage:     1457021 (    5828084 Kb)\nNonPagedPool Max:         1500000 (    6000000 Kb)\n`,
    );
    expect(told(report, 'Insufficient Memory (kernel pool)')).toEqual([
      [false, 'nonpaged pool is at 97 % of its maximum (1457333 of 1500000 pages)'],
    ]);
  });

  it('Insufficient Memory (physical memory) is certain where the figures agree', async () => {
    const report = (free: number) =>
      dumpOf(
        `0: kd> !vm\n${file(2490368, 25073564)}\nPhysical Memory:          2089459 (    8357836 Kb)\nAvailable Pages:           ${free} (    ${free * 4} Kb)\n\n********** Running out of physical memory **********\n`,
      );
    expect(told(await report(2441), 'Insufficient Memory (physical memory)')).toEqual([
      [true, 'the debugger says that the system runs out of physical memory; 2441 of 2089459 pages are available'],
    ]);
    const free = told(await report(1000000), 'Insufficient Memory (physical memory)');
    expect(free.map(([certain]) => certain)).toEqual([false]);
  });

  it('Insufficient Memory (PTE) is doubted beside billions of free ones', async () => {
    const report = (free: number, failures: string) =>
      dumpOf(
        `0: kd> !vm\n${file(2490368, 25073564)}${PHYSICAL}Free System PTEs:      ${free} (${free * 4} Kb)\n\n******* ${failures} have failed ******\n`,
      );
    const name = 'Insufficient Memory (PTE)';
    expect(told(await report(23980, '3563 system PTE allocations'), name)).toEqual([
      [true, '3563 system PTE allocations have failed; 23980 system PTEs are free'],
    ]);
    expect(told(await report(4294995337, '17 system cache map requests'), name)).toEqual([
      [false, '17 system cache map requests have failed; 4294995337 system PTEs are free'],
    ]);
    // Said of healthy systems too.
    expect(told(await report(4294995337, '464832 kernel stack PTE allocations'), name)).toEqual([]);
    expect(told(await report(23980, '11 kernel stack PTE allocations'), name).map(([certain]) => certain)).toEqual([
      false,
    ]);
  });
});

describe('Blocked Thread (Plug and Play)', () => {
  const held = (ticks: string) =>
    dumpOf(`kd> !locks
Resource @ nt!PiEngineLock (0xfffff80001a81b80)    Exclusively owned
     Threads: 8a101010-01<*>
kd> !thread 8a101010
${thread({ at: '8a101010', state: 'WAIT: (Executive) KernelMode Non-Alertable\n    8a200000  NotificationEvent', ticks })}`);

  it.each([
    ['is certain after a minute', '6400 (0:00:01:40.000)', [true]],
    ['is possible before', '1280 (0:00:00:20.000)', [false]],
    ['is nothing where a device has just come', '2 (0:00:00:00.031)', []],
  ])('%s', async (_, ticks, certain) => {
    expect(told(await held(ticks), 'Blocked Thread (Plug and Play)').map(([one]) => one)).toEqual(certain);
  });
});

describe('Truncated Dump', () => {
  const complete = (more: string) =>
    dumpOf(`Loading Dump File [C:\\dumps\\MEMORY.DMP]
Kernel Complete Dump File: Full address space is available
${more}
0: kd> !vm 1
Page File: \\??\\C:\\pagefile.sys
  Current:   2490368 Kb  Free Space:   1481780 Kb
  Minimum:   2490368 Kb  Maximum:     25073564 Kb

Physical Memory:          2089459 (    8357836 Kb)
`);

  it('is nothing where the debugger has found all of memory', async () => {
    const report = await complete('');
    expect(told(report, 'Truncated Dump')).toEqual([]);
    expect(report.result.quality).toEqual([]);
  });

  it('is certain by the word of the debugger, with the sizes', async () => {
    const report = await complete('WARNING: Dump file has been truncated.  Data may be missing.');
    expect(told(report, 'Truncated Dump')).toEqual([
      [
        true,
        'WARNING: Dump file has been truncated.  Data may be missing.; the page file (2490368 Kb) is smaller than physical memory (8357836 Kb): a complete dump does not fit',
      ],
    ]);
  });
});

describe('Process Factory', () => {
  const processes = (count: number, image: string, parent: string) =>
    ['parent', ...Array.from({ length: count }, () => image)]
      .map((name, i) => {
        const [cid, of, named] = i === 0 ? ['1000', '0004', parent] : [(0x2000 + i * 4).toString(16), '1000', name];
        return `PROCESS ${(0x8a000020 + i * 0x1000).toString(16)}  SessionId: 1  Cid: ${cid}    Peb: 7ffd4000  ParentCid: ${of}\n    DirBase: cffb6d20  ObjectTable: e6084268  HandleCount: 117.\n    Image: ${named}\n\n`;
      })
      .join('');
  const found = async (count: number, image: string, parent: string) =>
    told(await dumpOf(`kd> !process 0 0\n${processes(count, image, parent)}`), 'Process Factory').map(([one]) => one);

  it('is not told of a browser that runs pages in children of its own image', async () => {
    expect(await found(5, 'Chrome.exe', 'chrome.exe')).toEqual([]);
    expect(await found(60, 'chrome.exe', 'chrome.exe')).toEqual([true]);
    expect(await found(5, 'tool.exe', 'shell.exe')).toEqual([false]);
  });
});

describe('Pending NET_BUFFER_LISTs', () => {
  const nbls = (counts: Record<string, number>, pending: number) => {
    let next = 0x16a00030;
    const rows = Object.entries(counts).flatMap(([name, count], holder) =>
      Array.from({ length: count }, () => {
        next += 0x10000;
        return `    ffffe001${next.toString(16)}   ffffe0010ea8${holder}1a0 - ${name}  [NetAdapter]\n`;
      }),
    );
    return dumpOf(
      `0: kd> !ndiskd.pendingnbls\n\nPHASE 1/3: Found 20 NBL pool(s).\nPHASE 2/3: Found 342 freed NBL(s).\n\n    Pending Nbl        Currently held by\n${rows.join('')}\nPHASE 3/3: Found ${pending} pending NBL(s) of 3005 total NBL(s).\nSearch complete.\n`,
    );
  };
  const name = 'Pending NET_BUFFER_LISTs';

  it('judges each holder by what it holds', async () => {
    expect(told(await nbls({ 'Ex Wire': 180, 'Ex Air': 2 }, 182), name)).toEqual([
      [true, '180 NBLs of 3005 are held by Ex Wire [NetAdapter]'],
    ]);
    expect(told(await nbls({ 'Ex Wire': 3, 'Ex Air': 1 }, 4), name)).toEqual([
      [false, '3 NBLs of 3005 are held by Ex Wire [NetAdapter]'],
      [false, '1 NBL of 3005 is held by Ex Air [NetAdapter]'],
    ]);
  });

  it('says at least where the list was cut', async () => {
    expect(told(await nbls({ 'Ex Wire': 20, 'Ex Air': 2 }, 1800), name)).toEqual([
      [false, 'at least 20 NBLs of 3005 are held by Ex Wire [NetAdapter]'],
      [false, 'at least 2 NBLs of 3005 are held by Ex Air [NetAdapter]'],
    ]);
  });
});

describe('what is not known', () => {
  it('unused stack locations have no function, and routines without symbols are addresses', async () => {
    const { result } = await dumpOf(`0: kd> !irp ffff9b0f2a001010 1
Irp is active with 3 stacks 2 is current (= 0xffff9b0f2a001128)
 Mdl=ffff9b0f2b0000d0: No System Buffer: Thread ffff9b0f2b0f3080:  Irp stack trace.
     cmd  flg cl Device   File     Completion-Context
 [N/A(0), N/A(0)]
            0  0 00000000 00000000 00000000-00000000

			Args: 00000000 00000000 00000000 00000000
>[IRP_MJ_READ(3), N/A(0)]
            0 e1 ffff9b0f2b0f4080 00000000 fffff80345c1c9c0-ffff9b0f2b0f3080 Success Error Cancel pending
	       \\Driver\\exdisk
			Args: 00001000 00000000 1ad00000 00000000
 [IRP_MJ_CREATE(0), N/A(0)]
            0 82 ffff9b0f2b0f4098 00000000 fffff80345c1c9d0-00000000 Error error
	       \\FileSystem\\Ntfs	exflt!Done
			Args: 00001000 00000000 1ad00000 00000000
`);
    expect(result.irps.list[0].locations.map((one) => [one.major, one.minor, one.completion])).toEqual([
      [null, null, null],
      ['IRP_MJ_READ', 0, '0xfffff80345c1c9c0'],
      ['IRP_MJ_CREATE', 0, 'exflt!Done'],
    ]);
  });

  it('a thread that only a lock names has nothing but that, and its line', async () => {
    const { result } = await dumpOf(`kd> !locks
Resource @ 0x8a22eb40    Exclusively owned
    Contention Count = 12
     Threads: 8a5f2b30-01<*>
`);
    expect(result.threads).toHaveLength(1);
    const [owner] = result.threads;
    expect(owner).toMatchObject({
      id: '0x8a5f2b30',
      beganAfterNow: null,
      isIdle: null,
      stackNotResident: null,
      state: null,
    });
    expect(owner.evidence[0].quote).toContain('Resource @ 0x8a22eb40');
  });
});
