import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { kd } from '../parsers/kd.js';
import { dumpDpc, dumpFact, dumpModule, dumpProcessor, dumpQuality } from '../src/tables/dump-system.js';
import { poolCounter } from '../src/tables/pool-snapshot.js';
import { addsUp, anyBytes, survivesDamage } from './support/damage.js';
import { codesOf, type Parsed, parseWith, sniffText } from './support/parse.js';
import { SHARED } from './support/shared.js';

const parse = (bytes: string | Uint8Array) => parseWith(kd, { bytes });

/** Rows as short lists. */
const facts = (parsed: Parsed, subject: string) =>
  parsed
    .rows(dumpFact)
    .filter((r) => r.subject === subject)
    .map((r) => [r.name, r.value, r.number]);
const flags = (parsed: Parsed) => parsed.rows(dumpQuality).map((r) => r.flag);
const processors = (parsed: Parsed) =>
  parsed.rows(dumpProcessor).map((r) => [r.command, r.cpu, r.prcb, r.current, r.next, r.idle, r.irql, r.isUnreadable]);
const dpcs = (parsed: Parsed) =>
  parsed.rows(dumpDpc).map((r) => [r.command, r.cpu, r.type, r.kdpc, r.address, r.routine]);
const modules = (parsed: Parsed) =>
  parsed.rows(dumpModule).map((r) => [r.name, r.base, r.end, r.isUnloaded, r.image, r.timestampSeconds]);

const ARGUMENTS = [
  ['code', '0x133', 0x133],
  ['arg1', '0x0', 0],
  ['arg2', '0x283', 0x283],
  ['arg3', '0x282', 0x282],
  ['arg4', '0xfffff80312345678', null],
];

const BUGCHECK = `0: kd> .bugcheck
Bugcheck code 00000133
Arguments 00000000\`00000000 00000000\`00000283 00000000\`00000282 fffff803\`12345678
`;

/** Made up, in the layout of an older debugger. */
const ANALYZE = `0: kd> !analyze -v
*******************************************************************************
*                                                                             *
*                        Bugcheck Analysis                                    *
*                                                                             *
*******************************************************************************

DPC_WATCHDOG_VIOLATION (133)
The DPC watchdog detected a prolonged run time at an IRQL of DISPATCH_LEVEL
or above.
Arguments:
Arg1: 0000000000000000, A single DPC or ISR exceeded its time allotment. The offending
	component can usually be identified with a stack trace.
Arg2: 0000000000000283, The DPC time count (in ticks).
Arg3: 0000000000000282, The DPC time allotment (in ticks).
Arg4: fffff80312345678

Debugging Details:
------------------

DPC_TIMEOUT_TYPE:  SINGLE_DPC_TIMEOUT_EXCEEDED

BUGCHECK_STR:  0x133

PROCESS_NAME:  example.exe

CURRENT_IRQL:  d

LAST_CONTROL_TRANSFER:  from fffff803098525df to fffff803098525a0

STACK_TEXT:  
fffff803\`08c18428 fffff803\`098525df : 00000000\`00000133 00000000\`00000000 00000000\`00000283 00000000\`00000282 : nt!KeBugCheckEx
fffff803\`08c18430 00000000\`00000000 : 00000000\`00000133 00000000\`00000000 00000000\`00000283 00000000\`00000282 : example!ExTimer+0x7d

FOLLOWUP_IP: 
example!ExTimer+7d
fffff880\`04be3409 4883eb01        sub     rbx,1

SYMBOL_NAME:  example!ExTimer+7d
MODULE_NAME: example
IMAGE_NAME:  example.sys
FAILURE_BUCKET_ID:  0x133_DPC_example!ExTimer
Followup: MachineOwner
---------
`;
const ANALYZE_FACTS = [
  ['DPC_TIMEOUT_TYPE', 'SINGLE_DPC_TIMEOUT_EXCEEDED', null],
  ['BUGCHECK_STR', '0x133', 0x133],
  ['PROCESS_NAME', 'example.exe', null],
  ['CURRENT_IRQL', 'd', 13],
  ['LAST_CONTROL_TRANSFER', 'from fffff803098525df to fffff803098525a0', null],
  ['FOLLOWUP_IP', 'example!ExTimer+7d', null],
  ['SYMBOL_NAME', 'example!ExTimer+7d', null],
  ['MODULE_NAME', 'example', null],
  ['IMAGE_NAME', 'example.sys', null],
  ['FAILURE_BUCKET_ID', '0x133_DPC_example!ExTimer', null],
  ['Followup', 'MachineOwner', null],
];

/** In the layout of a newer one. */
const NEW_ANALYZE = `0: kd> !analyze -v
*******************************************************************************
*                                                                             *
*                        Bugcheck Analysis                                    *
*                                                                             *
*******************************************************************************

DRIVER_POWER_STATE_FAILURE (9f)
A driver has failed to complete a power IRP within a specific time.
Arguments:
Arg1: 0000000000000003, A device object has been blocking an IRP for too long a time
Arg2: ffffe00012daf840, Physical Device Object of the stack
Arg3: fffff8000386c3d8, nt!TRIAGE_9F_POWER on Win7 and higher, otherwise the Functional Device Object of the stack
Arg4: ffffe00013d07420, The blocked IRP

KEY_VALUES_STRING: 1

    Key  : Analysis.CPU.mSec
    Value: 1234

    Key  : WER.OS.Branch
    Value: ex_release

BUGCHECK_CODE:  9f
BUGCHECK_P1: 3
BUGCHECK_P2: ffffe00012daf840
DRVPOWERSTATE_SUBCODE:  3
IRP_ADDRESS: ffffe00013d07420
BLOCKED_THREAD:  ffffe0000ef5e040
EXCEPTION_CODE: (NTSTATUS) 0xc0000005 - The instruction at 0x%p referenced memory at 0x%p.
WARNING: Stack unwind information not available. Following frames may be wrong.
`;

const SHORT = `Use !analyze -v to get detailed debugging information.

BugCheck 133, {0, 283, 282, fffff80312345678}

Probably caused by : example.sys ( example!ExTimer+7d )

Followup: MachineOwner
`;

const OPENING = `Microsoft (R) Windows Debugger Version 10.0.22621.755 AMD64
Copyright (c) Microsoft Corporation. All rights reserved.

Loading Dump File [C:\\dumps\\MEMORY.DMP]
Kernel Bitmap Dump File: Kernel address space is available, User address space may not be available.

************************************************************
WARNING: Dump file has been truncated.  Data may be missing.
************************************************************
Symbol search path is: srv*
Executable search path is: 
Windows 7 Kernel Version 7601 (Service Pack 1) MP (4 procs) Free x64
Product: WinNt, suite: TerminalServer SingleUserTS
Built by: 7601.17514.amd64fre.win7sp1_rtm.101119-1850
Machine Name: "EXAMPLE"
Kernel base = 0xfffff800\`02a0e000 PsLoadedModuleList = 0xfffff800\`02c4b670
Debug session time: Fri Jan  4 10:20:30.123 2013 (UTC + 1:00)
System Uptime: 10 days 18:45:29.032
Process Uptime: 1 day 0:00:01.5
Loading Kernel Symbols
...............................................................
Loading User Symbols
Loading unloaded module list
.......
`;

const QUALITY = `0: kd> ~1
GetContextState failed, 0x80070026
Unable to read selector for PCR for processor 1
WARNING: Unable to reset page directories
Unable to get program counter
Unable to get current machine context, Win32 error 0n38
Unable to get context for thread running on processor 1, Win32 error 0n38
WARNING: Process directory table base 0BD3D000 doesn't match CR3 00185000
WARNING: .cache forcedecodeuser is not enabled
Unable to read KTHREAD address 8a1111110
GetUlongFromAddress: unable to read from 80561a5c
Page 3f4c2 not present in the dump file. Type ".hh dbgerr004" for details
PEB is paged out (Peb.Ldr = 000007fffffd8018).  Type ".hh dbgerr001" for details
***** Kernel symbols are WRONG. Please fix symbols to do analysis.
*** ERROR: Symbol file could not be found.  Defaulted to export symbols for ntkrnlmp.exe - 
*** ERROR: Module load completed but symbols could not be loaded for example.sys
*** WARNING: Unable to verify timestamp for other.sys
Unable to load image \\SystemRoot\\example.sys, Win32 error 0n2
Missing image name, possible paged-out or corrupt data.
Mini Kernel Dump File: Only registers and stack trace are available
User Mini Dump File with Full Memory: Only application data is available
User Mini Dump File: Only registers, stack and portions of memory are available
Kernel Summary Dump File: Only kernel address space is available
Kernel Complete Dump File: Full address space is available
LiveKd v5.40 - Execute kd/windbg on a live system
`;
const QUALITY_FLAGS = [
  'unreadable-cpu',
  'unreadable-cpu',
  'memory-unreadable',
  'unreadable-cpu',
  'unreadable-cpu',
  'unreadable-cpu',
  'directory-base-mismatch',
  'user-memory-not-decoded',
  'memory-unreadable',
  'memory-unreadable',
  'memory-unreadable',
  'memory-unreadable',
  'symbols-wrong',
  'symbols-wrong',
  'symbols-missing',
  'symbols-missing',
  'image-missing',
  'image-missing',
  'mini-dump',
  'user-dump',
  'user-dump',
  'mini-dump',
  'kernel-dump',
  'complete-dump',
  'live',
];

const PCR = `0: kd> !pcr 0
KPCR for Processor 0 at fffff80309974000:
    Major 1 Minor 1
	NtTib.ExceptionList: fffff80308c11000
	    NtTib.StackBase: fffff80308c12080

	            SelfPcr: 0000000000000000
	               Prcb: fffff80309974180
	               Irql: 0000000000000000

	      CurrentThread: fffff803099ce880
	         NextThread: fffffa800261cb00
	         IdleThread: fffff803099ce880

	          DpcQueue:  0xfffffa80020ce790 0xfffff880012e4e9c [Normal] exnet!ExReturn
	                     0xfffff8030994fda0 0xfffff8030972bc30 [Threaded] nt!ExRoutine
	                     0xfffffa8002082300 0xfffff88001701df0 [Normal] EXPORT
kd> !pcr 1
KPCR for Processor 1 at ffdff000:
    Major 1 Minor 1
                     Prcb: ffdff120
                     Irql: 00000002
            CurrentThread: 8015e8a0
               NextThread: 00000000
               IdleThread: 8015e8a0
                DpcQueue:  0x80168ee0 0x80100d04 ntoskrnl!ExTimer
kd> !prcb
PRCB for Processor 2 at e0000000818ba000:
Current IRQL -- 13
Threads--  Current e0000000818bbe10 Next 0000000000000000 Idle e0000000818bbe10
Number 0 SetMember 00000001
Interrupt Count -- 0000b81f
Times -- Dpc    00000028 Interrupt 000003ff 
         Kernel 00005ef4 User      00000385 
0: kd> !irql
Debugger saved IRQL for processor 0x3 -- 2 (DISPATCH_LEVEL)
`;

const DPCS = `3: kd> !dpcs
CPU Type      KDPC       Function
 0: Normal  : 0xfffff8035f5ac290 0xfffff80363e15630 nt!ExAction
Failed to read DPC at 0xffffe40b77190dd8
10: Threaded: 0xfffff8035f5ac3d8 0xfffff80363f27d70 nt!ExWatchdog
 1: Normal  : 0x8a123450 0xf7312340 
0: kd> !dpcs
CPU Type      KDPC       Function

dpcs: no pending DPCs found
0: kd> !dpcwatchdog
All durations are in seconds (1 System tick = 15.625000 milliseconds)

Circular Kernel Context Logger history: !logdump 0x2
DPC and ISR stats: !intstats /d

--------------------------------------------------
CPU#0
--------------------------------------------------
Current DPC: No Active DPC

Pending DPCs:
----------------------------------------
CPU Type       KDPC       Function
 0: Normal  : 0xfffff8035f5ac290 0xfffff80363e15630 nt!ExAction

--------------------------------------------------
CPU#1
--------------------------------------------------
Current DPC: example!ExDpc (Normal DPC)

Pending DPCs:
----------------------------------------
CPU Type       KDPC       Function
dpcs: no pending DPCs found
`;

const LOGGERS = `0: kd> !wmitrace.strdump
(WmiTrace) StrDump Generic
  LoggerContext Array @ 0xFFFFFA8003F5A200 [64 Elements]
    Logger Id 0x02 @ 0xFFFFFA8003ABDB00 Named 'Circular Kernel Context Logger'
    Logger Id 0x1f @ 0xFFFFFA8003ABE300 Named 'NT Kernel Logger'
`;

const MODULES = `0: kd> lmv m example
start             end                 module name
fffff880\`02000000 fffff880\`02010000   example    (deferred)             
    Image path: \\SystemRoot\\system32\\drivers\\example.sys
    Image name: example.sys
    Browse all global symbols  functions  data
    Timestamp:        Thu Jun 05 14:51:52 2008 (4847EF78)
    CheckSum:         0009D068
    ImageSize:        00010000
    File version:     5.80.5.1764
    Product version:  5.80.0.0
    CompanyName:      Example Inc.
    FileDescription:  Example
fffff880\`03000000 fffff880\`03010000   hashed   # (pdb symbols)          c:\\sym\\hashed.pdb
    Timestamp:        A7E3F2B1 (This is a reproducible build file hash, not a timestamp)
kd> lm t n
start    end        module name
80800000 80a50000   nt       ntkrnlpa.exe Tue Mar 25 11:33:46 2008 (47E8E4CA)
80a50000 80a7c000   hal      halmacpi.dll Sat Feb 17 05:48:08 2007 (45D69758)

Unloaded modules:
f79c0000 f79c8000   other.sys
    Timestamp: unavailable (00000000)
    Checksum:  00000000
kd> !lmi third
Loaded Module Info: [third] 
         Module: third
   Base Address: fffff8069ad90000
     Image Name: third.sys
   Machine Type: 34404 (X64)
     Time Stamp: 58ebe848 Mon Apr 10 13:17:12 2017
           Size: 48000
       CheckSum: 42df7
kd> !sysinfo machineid
Machine ID Information [From Smbios 2.4, DMIVersion 36, Size=1234]
SystemManufacturer = Example Inc.
kd> !sysinfo cpuinfo
[CPU Information]
~MHz = REG_DWORD 2394
ProcessorNameString = REG_SZ Example CPU
`;
const MODULE_ROWS = [
  ['example', 0xfffff88002000000n, 0xfffff88002010000n, 0, 'example.sys', 0x4847ef78],
  ['hashed', 0xfffff88003000000n, 0xfffff88003010000n, 0, null, null],
  ['nt', 0x80800000n, 0x80a50000n, 0, 'ntkrnlpa.exe', 0x47e8e4ca],
  ['hal', 0x80a50000n, 0x80a7c000n, 0, 'halmacpi.dll', 0x45d69758],
  ['other.sys', 0xf79c0000n, 0xf79c8000n, 1, 'other.sys', null],
  ['third', 0xfffff8069ad90000n, 0xfffff8069add8000n, 0, 'third.sys', 0x58ebe848],
];

const EXCEPTION = `This dump file has an exception of interest stored in it.
The stored exception information can be accessed via .ecxr.
(1a2c.1b10): Access violation - code c0000005 (first/second chance not available)
0:000> .exr -1
ExceptionAddress: 77c8d1b6 (ntdll!ExampleRoutine+0x000000b9)
   ExceptionCode: c0000005 (Access violation)
  ExceptionFlags: 00000000
NumberParameters: 2
   Parameter[0]: 00000001
   Parameter[1]: 00000024
Attempt to write to address 00000024
`;

const BREAK = `*** Fatal System Error: 0x00000133
                       (0x0000000000000000,0x0000000000000283,0x0000000000000282,0xFFFFF80312345678)
`;

const TEXTS = [BUGCHECK, ANALYZE, NEW_ANALYZE, SHORT, OPENING, QUALITY, PCR, DPCS, LOGGERS, MODULES, EXCEPTION, BREAK];

describe('bugchecks', () => {
  it.each([
    ['.bugcheck', BUGCHECK],
    ['.bugcheck without a prompt', BUGCHECK.replace(/^.*\n/, '')],
    ['.bugcheck, indented and with blank lines', BUGCHECK.replaceAll(/^/gm, '    ').replaceAll('\n', '\n\n')],
    ['.bugcheck with wrapped arguments', BUGCHECK.replace('00000282 ', '00000282\n')],
    ['.bugcheck without backticks', BUGCHECK.replaceAll('`', '')],
    ['a break in a live kernel', BREAK],
    ['a break, all in one line', BREAK.replace(/\n\s+\(/, ' (')],
    ['!analyze without -v', SHORT],
  ])('%s', async (_, text) => {
    const parsed = await parse(text);
    expect(facts(parsed, 'bugcheck')).toEqual(ARGUMENTS);
    expect(codesOf(parsed)).toEqual([]);
    expect(addsUp(parsed)).toBe(true);
  });

  it('on x86', async () => {
    const parsed = await parse(
      'kd> .bugcheck\nBugcheck code 000000E2\nArguments 00000000 0000001c 00000000 00000001\n',
    );
    expect(facts(parsed, 'bugcheck').map(([, value]) => value)).toEqual(['0xe2', '0x0', '0x1c', '0x0', '0x1']);
  });

  it('!analyze -v gives the bugcheck and its fields; the stack is no part of it', async () => {
    const parsed = await parse(ANALYZE);
    expect(facts(parsed, 'bugcheck')).toEqual([['name', 'DPC_WATCHDOG_VIOLATION', null], ...ARGUMENTS]);
    expect(facts(parsed, 'analyze')).toEqual(ANALYZE_FACTS);
    expect(addsUp(parsed)).toBe(true);
    expect(parsed.rows(dumpFact)[0]).toMatchObject({ line: 8, quote: 'DPC_WATCHDOG_VIOLATION (133)' });
  });

  it.each([
    ['without a prompt', ANALYZE.replace(/^.*\n/, '')],
    ['without a banner', ANALYZE.replaceAll(/^\*.*\n/gm, '')],
    ['indented', ANALYZE.replaceAll(/^/gm, '    ')],
    ['with blank lines', ANALYZE.replaceAll('\n', '\n\n')],
    ['without indentation', ANALYZE.replaceAll(/^\s+/gm, '')],
    ['with lines of the debugger in between', ANALYZE.replaceAll('\nBUG', '\nGetContextState failed, 0x80070026\nBUG')],
  ])('!analyze -v %s', async (_, text) => {
    const parsed = await parse(text);
    expect(facts(parsed, 'bugcheck')).toEqual([['name', 'DPC_WATCHDOG_VIOLATION', null], ...ARGUMENTS]);
    expect(facts(parsed, 'analyze')).toEqual(ANALYZE_FACTS);
  });

  it('!analyze of newer debuggers, with keys and values', async () => {
    const parsed = await parse(NEW_ANALYZE);
    expect(facts(parsed, 'bugcheck').map(([name, value]) => [name, value])).toEqual([
      ['name', 'DRIVER_POWER_STATE_FAILURE'],
      ['code', '0x9f'],
      ['arg1', '0x3'],
      ['arg2', '0xffffe00012daf840'],
      ['arg3', '0xfffff8000386c3d8'],
      ['arg4', '0xffffe00013d07420'],
      ['code', '0x9f'],
      ['arg1', '0x3'],
      ['arg2', '0xffffe00012daf840'],
    ]);
    expect(facts(parsed, 'analyze')).toEqual([
      ['Analysis.CPU.mSec', '1234', null],
      ['WER.OS.Branch', 'ex_release', null],
      ['BUGCHECK_CODE', '9f', 0x9f],
      ['BUGCHECK_P1', '3', 3],
      ['BUGCHECK_P2', 'ffffe00012daf840', null],
      ['DRVPOWERSTATE_SUBCODE', '3', 3],
      ['IRP_ADDRESS', 'ffffe00013d07420', null],
      ['BLOCKED_THREAD', 'ffffe0000ef5e040', null],
      ['EXCEPTION_CODE', '(NTSTATUS) 0xc0000005 - The instruction at 0x%p referenced memory at 0x%p.', 0xc0000005],
    ]);
  });

  it('says who is to blame, where !analyze does', async () => {
    expect(facts(await parse(SHORT), 'analyze')).toEqual([
      ['Probably caused by', 'example.sys ( example!ExTimer+7d )', null],
      ['Followup', 'MachineOwner', null],
    ]);
  });

  it.each([
    ['MANUALLY_INITIATED_CRASH (e2)', ['MANUALLY_INITIATED_CRASH', '0xe2']],
    ['KERNEL_MODE_EXCEPTION_NOT_HANDLED_M (1000008e)', ['KERNEL_MODE_EXCEPTION_NOT_HANDLED_M', '0x1000008e']],
    ['STATUS_SYSTEM_PROCESS_TERMINATED (c000021a)', ['STATUS_SYSTEM_PROCESS_TERMINATED', '0xc000021a']],
    ['Unknown bugcheck code (4000008a)', ['0x4000008a']],
    ['STATUS_ACCESS_DENIED (c0000022)', []],
    ['IRP_MJ_READ (3)', []],
    ['BasePriority (8)', []],
  ])('a title %s', async (title, expected) => {
    expect(facts(await parse(`Pool Used:\n${title}\n`), 'bugcheck').map(([, value]) => value)).toEqual(expected);
  });

  it('0xC4 goes on counting blocks that were not freed', async () => {
    const parsed = await parse(`DRIVER_VERIFIER_DETECTED_VIOLATION (c4)
A device driver attempting to corrupt the system has been caught.
Arguments:
Arg1: 00000062, A driver has forgotten to free its pool allocations prior to unloading.
Arg4: 00000003, total # of (paged+nonpaged) allocations that weren't freed.
`);
    expect(parsed.rows(poolCounter).map((r) => [r.name, r.value])).toEqual([
      ['verifier allocations not freed at unload', 3],
    ]);
    expect(facts(parsed, 'bugcheck').map(([name]) => name)).toEqual(['name', 'code', 'arg1', 'arg4']);
  });

  it('exceptions of a user-mode dump', async () => {
    expect(facts(await parse(EXCEPTION), 'exception')).toEqual([
      ['pid', '1a2c', 0x1a2c],
      ['tid', '1b10', 0x1b10],
      ['ExceptionCode', 'c0000005 (Access violation)', 0xc0000005],
      ['ExceptionAddress', '77c8d1b6 (ntdll!ExampleRoutine+0x000000b9)', 0x77c8d1b6],
      ['ExceptionCode', 'c0000005 (Access violation)', 0xc0000005],
      ['ExceptionFlags', '00000000', 0],
      ['NumberParameters', '2', 2],
      ['Parameter[0]', '00000001', 1],
      ['Parameter[1]', '00000024', 0x24],
      ['text', 'Attempt to write to address 00000024', null],
    ]);
  });
});

describe('the system', () => {
  it('as a debugger tells it when it opens a dump', async () => {
    const parsed = await parse(OPENING);
    expect(facts(parsed, 'system')).toEqual([
      ['debugger', 'Microsoft (R) Windows Debugger Version 10.0.22621.755 AMD64', null],
      ['dumpFile', 'C:\\dumps\\MEMORY.DMP', null],
      ['dumpKind', 'Kernel Bitmap Dump File', null],
      ['build', '7601', 7601],
      ['architecture', 'x64', null],
      ['cpus', '4', 4],
      ['windows', 'Windows 7 Kernel Version 7601 (Service Pack 1) MP (4 procs) Free x64', null],
      ['product', 'WinNt, suite: TerminalServer SingleUserTS', null],
      ['builtBy', '7601.17514.amd64fre.win7sp1_rtm.101119-1850', null],
      ['machine', 'EXAMPLE', null],
      ['debugSessionLocal', 'Fri Jan 4 10:20:30.123 2013 (UTC + 1:00)', null],
      ['debugSessionUtc', '2013-01-04T09:20:30.123Z', Date.UTC(2013, 0, 4, 9, 20, 30, 123)],
      ['uptimeMs', '10 days 18:45:29.032', ((10 * 24 + 18) * 3600 + 45 * 60 + 29) * 1000 + 32],
      ['processUptimeMs', '1 day 0:00:01.5', 86_401_500],
    ]);
    expect(flags(parsed)).toEqual(['kernel-dump', 'truncated']);
    expect(codesOf(parsed)).toEqual([]);
    expect(parsed.about.machine).toMatchObject({ build: 7601, cpus: 4 });
  });

  it.each([
    ['Windows 7 Kernel Version 7601 MP (4 procs) Free x64', ['7601', 'x64', '4']],
    ['Windows Server 2003 Kernel Version 3790 (Service Pack 2) MP (8 procs) Free x86 compatible', ['3790', 'x86', '8']],
    ['Windows NT 4 Version 1381 (Service Pack 6) UP Free x86 compatible', ['1381', 'x86', '1']],
    ['Windows XP Version 2600 (Service Pack 3) MP (2 procs) Free x86 compatible', ['2600', 'x86', '2']],
    ['Windows 10 Kernel Version 22621 MP (8 procs) Free ARM 64-bit (AArch64)', ['22621', 'ARM64', '8']],
    ['Windows Server 2008/Windows Vista Kernel Version 6002 MP (2 procs) Checked x64', ['6002', 'x64', '2']],
    ['Windows 10 Kernel Version 9926', ['9926']],
  ])('%s', async (line, expected) => {
    const parsed = await parse(`kd> vertarget\n${line}\nSystem Uptime: not available\n`);
    const values = facts(parsed, 'system').map(([, value]) => value);
    expect(values).toEqual([...expected, line]);
  });

  it('says of `||` which dump is open', async () => {
    const parsed = await parse('0: kd> ||\n.  0 64-bit Kernel bitmap dump: F:\\x\\MEMORY.DMP\n');
    expect(facts(parsed, 'system')).toEqual([
      ['dumpFile', 'F:\\x\\MEMORY.DMP', null],
      ['dumpKind', '64-bit Kernel bitmap dump', null],
    ]);
  });

  it('!sysinfo', async () => {
    expect(facts(await parse(MODULES), 'sysinfo')).toEqual([
      ['SystemManufacturer', 'Example Inc.', null],
      ['~MHz', '2394', null],
      ['ProcessorNameString', 'Example CPU', null],
    ]);
  });

  it('loggers', async () => {
    for (const text of [LOGGERS, LOGGERS.replace(/^.*\n/, ''), LOGGERS.replaceAll("'", '\u2019')]) {
      const parsed = await parse(text);
      expect(parsed.rows(dumpFact).map((r) => [r.subject, r.name, r.value])).toEqual([
        ['logger 2', 'name', 'Circular Kernel Context Logger'],
        ['logger 31', 'name', 'NT Kernel Logger'],
      ]);
    }
  });
});

describe('quality of a dump', () => {
  it('is told by lines that stand anywhere', async () => {
    const parsed = await parse(QUALITY);
    expect(flags(parsed)).toEqual(QUALITY_FLAGS);
    expect(codesOf(parsed)).toEqual([]);
    expect(addsUp(parsed)).toBe(true);
    const [first] = parsed.rows(dumpQuality);
    expect(first).toMatchObject({ text: 'GetContextState failed, 0x80070026', line: 2 });
  });

  it('keeps twenty rows of a line that is repeated, and one of a processor that is named late', async () => {
    const parsed = await parse(
      `kd> ~1\n${'GetContextState failed, 0x80070026\n'.repeat(50)}Unable to read selector for PCR for processor 7\n`,
    );
    expect(parsed.rows(dumpQuality)).toHaveLength(21);
    expect(parsed.account).toMatchObject({ read: 52, rows: 21, ignored: 31 });
  });

  it('does not end the output around it', async () => {
    const parsed = await parse(MODULES.replace('    Image name', 'GetContextState failed, 0x80070026\n    Image name'));
    expect(modules(parsed)).toEqual(MODULE_ROWS);
    expect(flags(parsed)).toEqual(['unreadable-cpu']);
  });

  it('is in doubt where the system runs: LiveKd, or a local debugger', async () => {
    const live = await parse('Loading Dump File [C:\\Windows\\livekd.dmp]\nlkd> !vm\nlkd> x\n');
    expect(flags(live)).toEqual(['live']);
    expect(facts(live, 'system')).toEqual([['dumpFile', 'C:\\Windows\\livekd.dmp', null]]);
    expect(flags(await parse('lkd> !vm\nlkd> x\n'))).toEqual(['live']);
  });
});

describe('processors and DPCs', () => {
  it.each([
    ['as printed', PCR],
    ['without indentation', PCR.replaceAll(/^\s+/gm, '')],
    ['without prompts', PCR.replaceAll(/^.*kd>.*\n/gm, '')],
    ['with blank lines', PCR.replaceAll('\n', '\n\n')],
  ])('!pcr, !prcb and !irql %s', async (_, text) => {
    const parsed = await parse(text);
    expect(processors(parsed)).toEqual([
      [
        '!pcr',
        0,
        0xfffff80309974180n,
        0xfffff803099ce880n,
        0xfffffa800261cb00n,
        0xfffff803099ce880n,
        '0000000000000000',
        null,
      ],
      ['!pcr', 1, 0xffdff120n, 0x8015e8a0n, null, 0x8015e8a0n, '00000002', null],
      ['!prcb', 2, 0xe0000000818ba000n, 0xe0000000818bbe10n, null, 0xe0000000818bbe10n, '13', null],
      ['!irql', 3, null, null, null, null, '2 (DISPATCH_LEVEL)', null],
    ]);
    expect(dpcs(parsed)).toEqual([
      ['!pcr', 0, 'Normal', 0xfffffa80020ce790n, 0xfffff880012e4e9cn, 'exnet!ExReturn'],
      ['!pcr', 0, 'Threaded', 0xfffff8030994fda0n, 0xfffff8030972bc30n, 'nt!ExRoutine'],
      ['!pcr', 0, 'Normal', 0xfffffa8002082300n, 0xfffff88001701df0n, 'EXPORT'],
      ['!pcr', 1, null, 0x80168ee0n, 0x80100d04n, 'ntoskrnl!ExTimer'],
    ]);
    expect(codesOf(parsed)).toEqual([]);
  });

  it('!pcr of a processor that was not saved', async () => {
    const parsed = await parse(
      '0: kd> !pcr 1\nUnable to read selector for PCR for processor 1\nCannot get PRCB address\n',
    );
    expect(processors(parsed)).toEqual([['!pcr', 1, null, null, null, null, null, 1]]);
    expect(addsUp(parsed)).toBe(true);
  });

  it('!dpcs and !dpcwatchdog', async () => {
    for (const text of [DPCS, DPCS.replaceAll(/^.*kd>.*\n/gm, '')]) {
      const parsed = await parse(text);
      expect(dpcs(parsed)).toEqual([
        ['!dpcs', 0, 'Normal', 0xfffff8035f5ac290n, 0xfffff80363e15630n, 'nt!ExAction'],
        ['!dpcs', 10, 'Threaded', 0xfffff8035f5ac3d8n, 0xfffff80363f27d70n, 'nt!ExWatchdog'],
        ['!dpcs', 1, 'Normal', 0x8a123450n, 0xf7312340n, null],
        ['!dpcwatchdog', 0, 'Normal', 0xfffff8035f5ac290n, 0xfffff80363e15630n, 'nt!ExAction'],
      ]);
      expect(facts(parsed, 'dpcs')).toEqual([['pending', '0', 0]]);
      expect(facts(parsed, 'system')).toEqual([['tickMs', '15.625000', 15.625]]);
      expect(facts(parsed, 'dpcwatchdog cpu 0')).toEqual([['currentDpc', 'No Active DPC', null]]);
      expect(facts(parsed, 'dpcwatchdog cpu 1')).toEqual([['currentDpc', 'example!ExDpc (Normal DPC)', null]]);
      expect(flags(parsed)).toEqual(['memory-unreadable']);
      expect(codesOf(parsed)).toEqual([]);
    }
  });

  it('skips damaged rows of !dpcs', async () => {
    const parsed = await parse(DPCS.replace('0xfffff80363e15630 nt!ExAction', 'fffff80363e1563 nt!ExAction'));
    expect(parsed.diagnostics.map(({ code, count }) => [code, count])).toEqual([['damaged-dpc', 1]]);
  });
});

describe('modules', () => {
  it.each([
    ['as printed', MODULES],
    ['without indentation', MODULES.replaceAll(/^ +/gm, '')],
    ['with blank lines', MODULES.replaceAll('\n', '\n\n')],
    ['with hard blanks', MODULES.replaceAll('  ', '\u00a0 ')],
    ['without prompts', MODULES.replaceAll(/^.*kd>.*\n/gm, '')],
  ])('%s', async (_, text) => {
    const parsed = await parse(text);
    expect(modules(parsed)).toEqual(MODULE_ROWS);
    expect(parsed.rows(dumpModule)[0]).toMatchObject({
      path: '\\SystemRoot\\system32\\drivers\\example.sys',
      fileVersion: '5.80.5.1764',
      productVersion: '5.80.0.0',
      company: 'Example Inc.',
    });
    expect(codesOf(parsed).filter((code) => code !== 'repaired-text')).toEqual([]);
    expect(addsUp(parsed)).toBe(true);
  });
});

it('is known without a prompt', () => {
  const bare = (text: string) => text.replaceAll(/^.*kd>.*\n/gm, '');
  for (const text of [BUGCHECK, ANALYZE, SHORT, OPENING, PCR].map(bare)) {
    expect(sniffText(kd, text)).toMatchObject(sniffText(kd, `0: kd> !vm\n${text}`));
  }
});

it('survives any damage', async () => {
  await survivesDamage(parse, [TEXTS.join(''), ...TEXTS], { put: anyBytes(8), maxEdits: 12 });
});

describe.skipIf(!existsSync(join(SHARED, 'kd')))('published logs', () => {
  const shared = (start: string) => {
    const found = ['cases', 'docs'].flatMap((dir) =>
      readdirSync(join(SHARED, 'kd', dir))
        .filter((name) => name.startsWith(start))
        .map((name) => join(SHARED, 'kd', dir, name)),
    );
    return parseWith(kd, { path: found[0] });
  };

  it('18: one DPC ran 643 ticks of 642; five are queued', async () => {
    const parsed = await shared('18-');
    expect(facts(parsed, 'bugcheck')).toEqual([
      ['code', '0x133', 307],
      ['arg1', '0x0', 0],
      ['arg2', '0x283', 643],
      ['arg3', '0x282', 642],
      ['arg4', '0x0', 0],
    ]);
    const [processor] = parsed.rows(dumpProcessor).filter((r) => r.command === '!pcr');
    expect(processor).toMatchObject({
      prcb: 0xfffff80309974180n,
      current: 0xfffff803099ce880n,
      idle: 0xfffff803099ce880n,
      next: 0xfffffa800261cb00n,
    });
    expect(dpcs(parsed).map(([, cpu, type, , , routine]) => [cpu, type, routine])).toEqual([
      [0, 'Normal', 'NDIS!NdisReturnNetBufferLists'],
      [0, 'Normal', 'ataport!AtaPortInitialize'],
      [0, 'Normal', 'nt!KiBalanceSetManagerDeferredRoutine'],
      [0, 'Normal', 'ataport!AtaPortInitialize'],
      [0, 'Normal', 'USBPORT'],
    ]);
  });

  it('16: a manual crash, a truncated dump, a version', async () => {
    const parsed = await shared('16-');
    expect(facts(parsed, 'bugcheck').map(([, value]) => value)).toEqual([
      'MANUALLY_INITIATED_CRASH',
      '0xe2',
      '0x0',
      '0x0',
      '0x0',
      '0x0',
    ]);
    expect(facts(parsed, 'analyze').map(([name, value]) => [name, value])).toEqual([
      ['PROCESS_NAME', 'AppA.exe'],
      ['CURRENT_IRQL', '0'],
      ['LAST_CONTROL_TRANSFER', 'from 808b73a4 to 808b72cb'],
      ['FOLLOWUP_IP', 'nt!HvpFindFreeCellInThisViewWindow+d7'],
    ]);
    expect(new Set(flags(parsed))).toEqual(
      new Set(['unreadable-cpu', 'complete-dump', 'truncated', 'memory-unreadable']),
    );
    expect(parsed.rows(dumpModule)[0]).toMatchObject({ image: 'AppA.exe', fileVersion: '5.80.5.1764' });
  });

  it('04: no DPC is pending', async () => {
    expect(facts(await shared('04-'), 'dpcs')).toEqual([['pending', '0', 0]]);
  });

  it('of the documentation: both kinds of 0x133', async () => {
    const parsed = await shared('msdocs-0x133');
    const first = facts(parsed, 'bugcheck')
      .filter(([name]) => name === 'arg1')
      .map(([, , number]) => number);
    expect(first).toEqual([0, 1]);
    expect(dpcs(parsed).map(([, cpu, type, , , routine]) => [cpu, type, routine])).toEqual([
      [0, 'Normal', 'nt!PpmPerfAction'],
      [0, 'Threaded', 'nt!KiDpcWatchdog'],
    ]);
  });
});
