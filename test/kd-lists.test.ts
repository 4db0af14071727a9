import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kd } from '../parsers/kd.js';
import {
  dumpDesktop,
  dumpFact,
  dumpFilter,
  dumpImageError,
  dumpJump,
  dumpMemorySymbol,
  dumpNbl,
  dumpString,
} from '../src/tables/dump-system.js';
import { poolCounter } from '../src/tables/pool-snapshot.js';
import { addsUp, anyBytes, survivesDamage } from './support/damage.js';
import { codesOf, type Parsed, parseWith } from './support/parse.js';
import { SHARED } from './support/shared.js';

const parse = (bytes: string | Uint8Array) => parseWith(kd, { bytes });

/** Rows as short lists. */
const facts = (parsed: Parsed) => parsed.rows(dumpFact).map((r) => [r.subject, r.name, r.value, r.number]);
const filters = (parsed: Parsed) =>
  parsed.rows(dumpFilter).map((r) => [r.name, r.instances, r.altitude, r.frame, r.isLegacy]);
const desktops = (parsed: Parsed) =>
  parsed.rows(dumpDesktop).map((r) => [r.run, r.name, r.address, r.heapKb, r.usedPercent, r.sessionId]);
const nbls = (parsed: Parsed) => parsed.rows(dumpNbl).map((r) => [r.run, r.nbl, r.holder, r.holderName, r.holderKind]);
const errors = (parsed: Parsed) =>
  parsed.rows(dumpImageError).map((r) => [r.module, r.symbol, r.address, r.bytes, r.expected, r.found]);
const jumps = (parsed: Parsed) =>
  parsed.rows(dumpJump).map((r) => [r.address, r.symbol, r.offset, r.target, r.targetSymbol]);
const symbols = (parsed: Parsed) => parsed.rows(dumpMemorySymbol).map((r) => [r.address, r.value, r.symbol]);
const texts = (parsed: Parsed) => parsed.rows(dumpString).map((r) => [r.address, r.text]);

/** Made up, in the layouts that debuggers print. */
const VM = `1: kd> !vm 4

*** Virtual Memory Usage ***
	Physical Memory:      262144 (   1048576 Kb)
	Page File: \\??\\C:\\pagefile.sys
	  Current:   2097152 Kb  Free Space:   2000000 Kb
	  Minimum:   2097152 Kb  Maximum:      4194304 Kb
	NonPagedPool Usage:    65000 (    260000 Kb)
	********** Excessive NonPaged Pool Usage *****
	Free System PTEs:     4294967240 (  -224 Kb)
	********** 12 commit requests have failed  **********
	Example Pages:           300
	********** Number of committed pages is near limit ********

	Terminal Server Memory Usage By Session:

	Session ID 1 @ af925000:
	Paged Pool Usage:        100K
	*** 7 Pool Allocation Failures ***

	0a2c example one.exe      25 (       100 Kb)
`;
const VM_FACTS = [
  ['vm', 'Physical Memory', '262144', 262144],
  ['vm', 'Physical Memory Kb', '1048576', 1048576],
  ['vm pagefile \\??\\C:\\pagefile.sys', 'Current', '2097152', 2097152],
  ['vm pagefile \\??\\C:\\pagefile.sys', 'Free Space', '2000000', 2000000],
  ['vm pagefile \\??\\C:\\pagefile.sys', 'Minimum', '2097152', 2097152],
  ['vm pagefile \\??\\C:\\pagefile.sys', 'Maximum', '4194304', 4194304],
  ['vm', 'NonPagedPool Usage', '65000', 65000],
  ['vm', 'NonPagedPool Usage Kb', '260000', 260000],
  ['vm', 'remark', 'Excessive NonPaged Pool Usage', null],
  ['vm', 'Free System PTEs', '4294967240', null],
  ['vm', 'Free System PTEs Kb', '-224', null],
  ['vm', 'failed commit requests', '12', 12],
  ['vm', 'Example Pages', '300', 300],
  ['vm', 'remark', 'Number of committed pages is near limit', null],
  ['vm session 1', 'Paged Pool Usage', '100', 100],
  ['vm session 1', 'failed pool allocations', '7', 7],
  ['vm process a2c example one.exe', 'commit', '25', 25],
  ['vm process a2c example one.exe', 'commit Kb', '100', 100],
];

const VM_NEW = `lkd> !vm
Page File: \\??\\C:\\pagefile.sys
  Current:  33554432 Kb  Free Space:  33554424 Kb
  Minimum:  33554432 Kb  Maximum:    100663296 Kb
Page File: \\??\\C:\\swapfile.sys
  Current:     16384 Kb  Free Space:     16376 Kb
No Name for Paging File
  Current: 132921100 Kb  Free Space: 132268192 Kb

Physical Memory:          8319015 (   33276060 Kb)
NonPagedPool Max:      4294967296 (17179869184 Kb)

******* 2162688 kernel stack PTE allocations have failed *******

Commit limit:            17759655 (   71038620 Kb)

  Pid ImageName                           Commit   SharedCommit          Debt

   a1c example.exe                     612345 Kb        2345 Kb          0 Kb
`;

const NBLS = `8: kd> !ndiskd.pendingnbls
    This command requires NBL tracking to be enabled on the debugee target
    machine.  (By default, client operating systems have level 1, and servers
    have level 0).  To enable, set this REG_DWORD value

    HKLM\\SYSTEM\\CurrentControlSet\\Services\\NDIS\\Parameters ! TrackNblOwner
    Possible Values (features are cumulative)
    * 0:  Disable all tracking.

    Show me all allocated NBLs so I can manually find the one I want
8: kd> !ndiskd.pendingnbls

PHASE 1/3: Found 20 NBL pool(s).
PHASE 2/3: Found 550 freed NBL(s).

    Pending Nbl        Currently held by
    fffffa8010000010   fffffa80102000a0 - Example 1Gb (2 - left) Adapter  [Miniport]
    fffffa8010000020   fffffa80102000b0 - Example Filter  [Filter]
    fffffa8010000030   [Unknown]
    fffffa8010000040   fffffa80102000c0

PHASE 3/3: Found 1854 pending NBL(s) of 3005 total NBL(s).
Search complete.
`;
const NBL_ROWS = [
  [2, 0xfffffa8010000010n, 0xfffffa80102000a0n, 'Example 1Gb (2 - left) Adapter', 'Miniport'],
  [2, 0xfffffa8010000020n, 0xfffffa80102000b0n, 'Example Filter', 'Filter'],
  [2, 0xfffffa8010000030n, null, null, 'Unknown'],
  [2, 0xfffffa8010000040n, 0xfffffa80102000c0n, null, null],
];

const MINIPORT = `8: kd> !ndiskd.miniport fffffa80102000a0

MINIPORT

    Example  1Gb Adapter

    Ndis handle        fffffa80102000a0
    Ndis API version   v6.20
    Miniport driver    fffffa8010004530 - exampledrv  v1.0
    Device object      fffffa8010200050    More information

STATE

    Miniport           Running
    Device PnP         QUERY_REMOVED       Show state history
    Operational status DORMANT
    Operational flags  DORMANT_PAUSED
    Pending OID        None
    Flags              BUS_MASTER, 64BIT_DMA,
                       SUPPORTS_MEDIA_SENSE,
                       MEDIA_CONNECTED
    PnP flags          HARDWARE_DEVICE

BINDINGS

    Protocol list      Driver              Open                Context
    TCPIP              fffffa8010006530    fffffa8010007530    fffffa8010008530
`;
const MINIPORT_FACTS = [
  ['name', 'Example  1Gb Adapter'],
  ['Ndis handle', 'fffffa80102000a0'],
  ['Ndis API version', 'v6.20'],
  ['Miniport driver', 'exampledrv  v1.0'],
  ['Miniport driver handle', 'fffffa8010004530'],
  ['Device object', 'fffffa8010200050'],
  ['Miniport', 'Running'],
  ['Device PnP', 'QUERY_REMOVED'],
  ['Operational status', 'DORMANT'],
  ['Operational flags', 'DORMANT_PAUSED'],
  ['Pending OID', 'None'],
  ['Flags', 'BUS_MASTER, 64BIT_DMA, SUPPORTS_MEDIA_SENSE, MEDIA_CONNECTED'],
  ['PnP flags', 'HARDWARE_DEVICE'],
].map(([name, value]) => ['miniport 0xfffffa80102000a0', name, value, null]);

const FLTMC = `C:\\Windows\\system32>fltmc

Filter Name                     Num Instances    Altitude    Frame
------------------------------  -------------  ------------ -----
Example Legacy                                  389998.99   <Legacy>
ExampleMini                            3        328000         1
luafv                                  1        135000         0
`;
const FLTMC_ROWS = [
  ['Example Legacy', null, '389998.99', null, 1],
  ['ExampleMini', 3, '328000', 1, 0],
  ['luafv', 1, '135000', 0, 0],
];

const FLTKD = `0: kd> !fltkd.filters

Filter List: fffffa8003e690c0 "Frame 1"
   FLT_FILTER: fffffa800433e010 "ExampleTop" "389700"
      FLT_INSTANCE: fffffa8004432c60 "ExampleTop Instance" "389700"
      FLT_INSTANCE: fffffa8004432d60 "Other" "389701"
Filter List: fffffa8003e690c1 "Frame 0"
   FLT_FILTER: fffffa800433f010 "ExampleIdle" "180000.5"
   FLT_FILTER: fffffa8004340010 "luafv" "135000"
      FLT_INSTANCE: fffffa8004433c60 "luafv" "135000"
`;
const FLTKD_ROWS = [
  ['ExampleTop', 2, '389700', 1, 0],
  ['ExampleIdle', 0, '180000.5', 0, 0],
  ['luafv', 1, '135000', 0, 0],
];

const DSKHEAP = `23: kd> !dskheap
Error Reading TotalFreeSize from nt!_HEAP @ fffffa8010005c00
Failed to GetHeapInfo for desktop @fffffa8010005c00
EnumDsktps failed on Winsta: 1000f090FillWinstaArray failed
23: kd> !dskheap
Error Reading TotalFreeSize from nt!_HEAP @ fffffa8010005c00
  Winstation\\Desktop            Heap Size(KB)   Used Rate(%)
------------------------------------------------------------
  WinSta0\\Default                  20480                 0%
  WinSta0\\Screen saver 2             192                97%
------------------------------------------------------
                Total Desktop: (   20672 KB -   2 desktops)
                Session ID:  3
============================================================
`;
const DESKTOP_ROWS = [
  [1, null, 0xfffffa8010005c00n, null, null, null],
  [2, null, 0xfffffa8010005c00n, null, null, null],
  [2, 'WinSta0\\Default', null, 20480, 0, 3],
  [2, 'WinSta0\\Screen saver 2', null, 192, 97, 3],
];
const DSKHEAP_FACTS = [
  ['dskheap run 1', 'failed', 'EnumDsktps failed on Winsta: 1000f090FillWinstaArray failed', null],
  ['dskheap run 2', 'totalKb', '20672', 20672],
  ['dskheap run 2', 'desktops', '2', 2],
  ['dskheap run 2', 'sessionId', '3', 3],
];

const CHKIMG = `1: kd> !chkimg -lo 50 -d !example -v
Searching for module with expression: !example
Will apply relocation fixups to file used for comparison
Comparison image path: c:\\symbols\\example.dll\\45D70AC791000\\example.dll
No range specified

Scanning section:    .text
Size: 392891
Range to scan: 77381000-773e0ebb
    7738c341-7738c345  5 bytes - EXAMPLE!CreateThing
	[ 8b ff 55 8b ec:e9 ba 3c 00 c0 ]
    7738c350-7738c357  8 bytes - EXAMPLE!CreateThing+f (+0x0f)
    7738c390 - EXAMPLE!Other::run+3 (+0x40)
	[ 06:46 ]
Total bytes compared: 73728(18%)
Number of errors: 14
14 errors : !example (7738c341-7738c390)
`;
const CHKIMG_ROWS = [
  ['EXAMPLE', 'EXAMPLE!CreateThing', 0x7738c341n, 5, '8b ff 55 8b ec', 'e9 ba 3c 00 c0'],
  ['EXAMPLE', 'EXAMPLE!CreateThing+f', 0x7738c350n, 8, null, null],
  ['EXAMPLE', 'EXAMPLE!Other::run+3', 0x7738c390n, 1, '06', '46'],
];
const CHKIMG_FACTS = [
  ['chkimg example', 'bytesCompared', '73728', 73728],
  ['chkimg example', 'errors', '14', 14],
];

const CODE = `1: kd> u 7738c341
EXAMPLE!CreateThing:
7738c341 e9ba3c00c0      jmp     37390000
7738c346 6801000040      push    40000001h
1: kd> u 37390000
37390000 e96b91562e      jmp     Hook!CreateThing (658f9170)
37390005 8bff            mov     edi,edi
37390007 e937c3ff3f      jmp     EXAMPLE!CreateThing+0x5 (7738c346)
`;
const JUMP_ROWS = [
  [0x7738c341n, 'EXAMPLE!CreateThing', 0, 0x37390000n, null],
  [0x37390000n, null, 0, 0x658f9170n, 'Hook!CreateThing'],
];

const STALL = `0: kd> ub fffff880\`04be3409
example!EvtTimerFunc+0x6d:
fffff880\`04be33f9 bbc0d40100      mov     ebx,1D4C0h
fffff880\`04be33fe b964000000      mov     ecx,64h
fffff880\`04be3403 ff15f70b0000    call    qword ptr [example!_imp_KeStallExecutionProcessor (fffff880\`04be4000)]   //a remark
0: kd> u fffff880\`04be3409
example!EvtTimerFunc+0x7d:
fffff880\`04be3409 4883eb01        sub     rbx,1
fffff880\`04be340d 75ef            jne     example!EvtTimerFunc+0x72 (fffff880\`04be33fe)
fffff880\`04be340f c3              ret
`;
const STALL_FACTS = [
  ['disassembly 0xfffff88004be3403', 'calls', 'KeStallExecutionProcessor', null],
  ['disassembly 0xfffff88004be3403', 'returnAddress', '0xfffff88004be3409', null],
  ['disassembly 0xfffff88004be3403', 'argument', '64', 100],
  ['address 0xfffff88004be3409', 'previousInstruction', 'call', null],
  ['disassembly 0xfffff88004be3403', 'loopsTo', '0xfffff88004be33fe', null],
  ['disassembly 0xfffff88004be3403', 'routine', 'example!EvtTimerFunc', null],
  ['disassembly 0xfffff88004be3403', 'loopCounter', '1D4C0', 120000],
];

const DPS = `0: kd> dps f70c2f38 f70c2f54
f70c2f38  8b20100c
f70c2f3c  f72922a5 example!BuildList+0x9b
f70c2f40  f7290000 example
f70c2f44  ????????
f70c2f48  f7298da0 other+0x1da0 [d:\\x\\other.c @ 12]
f70c2f4c  80a613f4 nt! ?? ::FNODOBFM::\`string'+0x12 // remark
`;
const DPS_ROWS = [
  [0xf70c2f3cn, 0xf72922a5n, 'example!BuildList+0x9b'],
  [0xf70c2f40n, 0xf7290000n, 'example'],
  [0xf70c2f48n, 0xf7298da0n, 'other+0x1da0'],
  [0xf70c2f4cn, 0x80a613f4n, "nt! ?? ::FNODOBFM::`string'+0x12"],
];

const STRINGS = `kd> du /c 90 0078894a
0078894a  "\\\\server\\share\\folder"
kd> da 000000d7\`0c7bf988
000000d7\`0c7bf988  "A long text is printed in rows, "
000000d7\`0c7bf9a8  "each "with" its own address"
kd> da 00001000
00001000  "????????"
kd> du 00002000
00002000  ""
`;
const STRING_ROWS = [
  [0x78894an, '\\\\server\\share\\folder'],
  [0xd70c7bf988n, 'A long text is printed in rows, each "with" its own address'],
];

const HANDLES = `0:000> !handle 0 0
6 Handles
Type            Count
Event           3
Key             3
kd> !handle 0 3
PROCESS fffffa8004f48940
    SessionId: none  Cid: 0138    Peb: 7f6639bf000  ParentCid: 0004
    DirBase: 10cb74000  ObjectTable: fffff8a00066f700  HandleCount:  39.
    Image: example.exe

Handle table at fffff8a00066f700 with 39 entries in use

0040: Object: fffff8a000633f00  GrantedAccess: 00000006 (Inherit) Entry: fffff8a000670100
Object: fffff8a000633f00  Type: (fffffa80035fef20) Section
    ObjectHeader: fffff8a000633ed0 (new version)
        HandleCount: 1  PointerCount: 262144
        Directory Object: 00000000  Name: \\example
0044: Object: fffff8a000633e00  GrantedAccess: 00000006 Entry: fffff8a000670110
Object: fffff8a000633e00  Type: (fffffa80035fef20) Section
kd> !handle 0 1
Handle table at fffff8a00066f700 with 2 entries in use
`;
const HANDLE_FACTS = [
  ['handles current', 'handles', '6', 6],
  ['handles current', 'Event', '3', 3],
  ['handles current', 'Key', '3', 3],
  ['handles 0xfffffa8004f48940', 'handles', '39', 39],
  ['handles 0xfffffa8004f48940', 'Section', '2', 2],
  ['handles current', 'handles', '2', 2],
];

const SMALL = `kd> !apc
*** Enumerating APCs in all processes
Process 82b5c020 example.exe
    Thread 82b3e4f0 ApcStateIndex 0 ApcListHead 82b3e524 [KERNEL]
        KAPC @ 82b3e6ac
          Type           12
          KernelRoutine  804f16b0 nt!KiSuspendNop+0
          RundownRoutine 804f1bd0
Process 82b5d020 other.exe
kd> dt nt!_KTHREAD 82b3e4f0
   +0x000 Header           : _DISPATCHER_HEADER
   +0x164 State            : 0x5 ''
   +0x1c4 KernelApcDisable : 0n-1
   +0x1c6 SpecialApcDisable : -2
   +0x1c4 CombinedApcDisable : 0xffff
kd> !sysptes
System PTE Information
  Total System Ptes 181517
     SysPtes list of size 1 has 400 free
    starting PTE: c03c3000

  free blocks: 63   total free: 171103   largest free block: 129531
`;
const SMALL_FACTS = [
  ['apc 0x82b3e6ac', 'mode', 'KERNEL', null],
  ['apc 0x82b3e6ac', 'thread', '0x82b3e4f0', null],
  ['apc 0x82b3e6ac', 'KernelRoutine', 'nt!KiSuspendNop+0', null],
  ['apc 0x82b3e6ac', 'RundownRoutine', '804f1bd0', null],
  ['thread 0x82b3e4f0', 'State', "0x5 ''", 5],
  ['thread 0x82b3e4f0', 'KernelApcDisable', '0n-1', -1],
  ['thread 0x82b3e4f0', 'SpecialApcDisable', '-2', -2],
  ['thread 0x82b3e4f0', 'CombinedApcDisable', '0xffff', 65535],
  ['sysptes', 'total', '181517', 181517],
  ['sysptes', 'freeBlocks', '63', 63],
  ['sysptes', 'free', '171103', 171103],
  ['sysptes', 'largestFree', '129531', 129531],
];

const REGIONS = `0: kd> !verifier 200 fffffa80068c9400
Displaying most recent 0x2 entries from the critical region log.

Thread: fffffa80068c9400
KeEnterCriticalRegion
CombinedApcDisable: 0000ffff

    fffff80002a5b5bf nt!VerifierKeEnterCriticalRegion+0x9a
    fffff8800140f12a example!ExampleRead+0x20a
    fffff8800140f12b other!OtherRead+0x20a

Thread: fffffa80068c9400
    fffff80002a5b5bf nt!VerifierKeLeaveCriticalRegion+0x9a
    fffff80002a5b5cf nt!ExampleWorker+0x9a
`;
const REGION_FACTS = [
  ['critical-region 0xfffffa80068c9400', 'KeEnterCriticalRegion', 'example!ExampleRead+0x20a', 65535],
  ['critical-region 0xfffffa80068c9400', 'KeLeaveCriticalRegion', 'unknown caller', null],
];

const TEXTS = [
  VM,
  VM_NEW,
  NBLS,
  MINIPORT,
  FLTMC,
  FLTKD,
  DSKHEAP,
  CHKIMG,
  CODE,
  STALL,
  DPS,
  STRINGS,
  HANDLES,
  SMALL,
  REGIONS,
];

/** What publishing and saving do to every layout. */
const DAMAGES: readonly (readonly [string, (text: string) => string])[] = [
  ['as printed', (text) => text],
  ['with CRLF', (text) => text.replaceAll('\n', '\r\n')],
  ['with a blank line behind each', (text) => text.replaceAll('\n', '\n\n')],
  ['with lost indentation', (text) => text.replaceAll(/^[ \t]+/gm, '')],
  ['with indented lines', (text) => text.replaceAll(/^/gm, '    ')],
  ['with hard blanks', (text) => text.replaceAll('  ', '\u00a0 ')],
];

describe.each(DAMAGES)('%s', (_, damage) => {
  it('!vm', async () => expect(facts(await parse(damage(VM)))).toEqual(VM_FACTS));
  it('!ndiskd.pendingnbls', async () => {
    const parsed = await parse(damage(NBLS));
    expect(nbls(parsed)).toEqual(NBL_ROWS);
    expect(facts(parsed)).toEqual([
      ['nbls', 'tracking', 'disabled', null],
      ['nbls', 'total', '3005', 3005],
      ['nbls', 'pending', '1854', 1854],
    ]);
  });
  it('!ndiskd.miniport', async () => expect(facts(await parse(damage(MINIPORT)))).toEqual(MINIPORT_FACTS));
  it('fltmc', async () => expect(filters(await parse(damage(FLTMC)))).toEqual(FLTMC_ROWS));
  it('!fltkd.filters', async () => expect(filters(await parse(damage(FLTKD)))).toEqual(FLTKD_ROWS));
  it('!dskheap', async () => {
    const parsed = await parse(damage(DSKHEAP));
    expect(desktops(parsed)).toEqual(DESKTOP_ROWS);
    expect(facts(parsed)).toEqual(DSKHEAP_FACTS);
  });
  it('!chkimg', async () => {
    const parsed = await parse(damage(CHKIMG));
    expect(errors(parsed)).toEqual(CHKIMG_ROWS);
    expect(facts(parsed)).toEqual(CHKIMG_FACTS);
  });
  it('u', async () => expect(jumps(await parse(damage(CODE)))).toEqual(JUMP_ROWS));
  it('ub and u of a loop that stalls', async () => expect(facts(await parse(damage(STALL)))).toEqual(STALL_FACTS));
  it('dps', async () => expect(symbols(await parse(damage(DPS)))).toEqual(DPS_ROWS));
  it('da, du', async () => expect(texts(await parse(damage(STRINGS)))).toEqual(STRING_ROWS));
  it('!handle', async () => expect(facts(await parse(damage(HANDLES)))).toEqual(HANDLE_FACTS));
  it('!apc, dt of a thread, !sysptes', async () => expect(facts(await parse(damage(SMALL)))).toEqual(SMALL_FACTS));
  it('!verifier 200', async () => expect(facts(await parse(damage(REGIONS)))).toEqual(REGION_FACTS));
  it('all of them: every line counted, nothing damaged', async () => {
    const parsed = await parse(damage(TEXTS.join('')));
    expect(addsUp(parsed)).toBe(true);
    expect(parsed.account.skipped).toBe(0);
  });
});

describe('!vm', () => {
  it('knows the layout of Windows 10: page files first, no title, processes in Kb', async () => {
    for (const text of [VM_NEW, VM_NEW.replace(/^.*\n/, '')]) {
      const parsed = await parse(text);
      expect(facts(parsed)).toEqual([
        ['vm pagefile \\??\\C:\\pagefile.sys', 'Current', '33554432', 33554432],
        ['vm pagefile \\??\\C:\\pagefile.sys', 'Free Space', '33554424', 33554424],
        ['vm pagefile \\??\\C:\\pagefile.sys', 'Minimum', '33554432', 33554432],
        ['vm pagefile \\??\\C:\\pagefile.sys', 'Maximum', '100663296', 100663296],
        ['vm pagefile \\??\\C:\\swapfile.sys', 'Current', '16384', 16384],
        ['vm pagefile \\??\\C:\\swapfile.sys', 'Free Space', '16376', 16376],
        ['vm store', 'Current', '132921100', 132921100],
        ['vm store', 'Free Space', '132268192', 132268192],
        ['vm', 'Physical Memory', '8319015', 8319015],
        ['vm', 'Physical Memory Kb', '33276060', 33276060],
        ['vm', 'NonPagedPool Max', '4294967296', 4294967296],
        ['vm', 'NonPagedPool Max Kb', '17179869184', 17179869184],
        ['vm', 'failed kernel stack pte allocations', '2162688', 2162688],
        ['vm', 'Commit limit', '17759655', 17759655],
        ['vm', 'Commit limit Kb', '71038620', 71038620],
        ['vm process a1c example.exe', 'commit Kb', '612345', 612345],
        ['vm process a1c example.exe', 'shared commit Kb', '2345', 2345],
        ['vm process a1c example.exe', 'debt Kb', '0', 0],
      ]);
      expect(codesOf(parsed)).toEqual([]);
    }
  });

  it('knows page files of old debuggers, without blanks in front of Kb', async () => {
    const parsed = await parse('kd> !vm\n*** Virtual Memory Usage ***\n Current:  98304Kb Free Space:  61044Kb\n');
    expect(facts(parsed)).toEqual([
      ['vm pagefile', 'Current', '98304', 98304],
      ['vm pagefile', 'Free Space', '61044', 61044],
    ]);
  });

  it('counts a line once, whatever tables it feeds', async () => {
    const [both, one] = [[dumpFact, poolCounter], [dumpFact]].map((tables) => parseWith(kd, { bytes: VM }, {}, tables));
    expect((await one).account).toEqual((await both).account);
    expect((await parseWith(kd, { bytes: VM }, {}, [])).account.rows).toBe(0);
  });
});

describe('!ndiskd', () => {
  it('gives each output a number of its own, also where no prompt parts them', async () => {
    const one = NBLS.slice(NBLS.indexOf('PHASE 1/3'));
    const parsed = await parse(one + one);
    expect(parsed.rows(dumpNbl).map((r) => r.run)).toEqual([1, 1, 1, 1, 2, 2, 2, 2]);
  });

  it('lists adapters, and drivers by themselves', async () => {
    const parsed = await parse(`0: kd> !ndiskd.netadapter
    Driver             NetAdapter          Name
    ffffe00bc6e12ae0   ffffe00bc6e4e1a0    Example Adapter #2
0: kd> !ndiskd.minidriver -basic
    ffffd20d173deae0 - example
0: kd> !ndiskd.minidriver ffffd20d173deae0

MINIPORT DRIVER

    example

    Ndis handle        ffffd20d173deae0    [type it]
    Driver image       example.sys

HANDLERS

    NDIS Handler                           Function pointer   Symbol (if available)
    HaltHandlerEx                          fffff80ae9618040  bp
`);
    expect(facts(parsed)).toEqual([
      ['miniport 0xffffe00bc6e4e1a0', 'Miniport driver handle', 'ffffe00bc6e12ae0', null],
      ['miniport 0xffffe00bc6e4e1a0', 'name', 'Example Adapter #2', null],
      ['minidriver 0xffffd20d173deae0', 'name', 'example', null],
      ['minidriver 0xffffd20d173deae0', 'name', 'example', null],
      ['minidriver 0xffffd20d173deae0', 'Ndis handle', 'ffffd20d173deae0', null],
      ['minidriver 0xffffd20d173deae0', 'Driver image', 'example.sys', null],
    ]);
  });

  it('calls the driver of a newer layout what older ones call it', async () => {
    const text = MINIPORT.replace('Miniport driver   ', 'Driver            ').replace('.miniport', '.netadapter');
    expect(facts(await parse(text))).toEqual(MINIPORT_FACTS);
  });

  it('reads the layout of Windows XP', async () => {
    const parsed = await parse(`kd> !ndiskd.miniport 8163c308
 Miniport 8163c308 : Example PRO Adapter, v5.0

    AdapterContext : 81a0e000
    Flags          : 2c452208
                     BUS_MASTER, DESERIALIZED
    MiniportState  : STATE_RUNNING
`);
    expect(facts(parsed)).toEqual(
      [
        ['name', 'Example PRO Adapter, v5.0'],
        ['AdapterContext', '81a0e000'],
        ['Flags', '2c452208 BUS_MASTER, DESERIALIZED'],
        ['MiniportState', 'STATE_RUNNING'],
      ].map(([name, value]) => ['miniport 0x8163c308', name, value, null]),
    );
  });
});

describe('filters of the file system', () => {
  it('counts the instances that fltmc lists one by one, volumes without a name too', async () => {
    const parsed = await parse(`C:\\>fltmc instances
Filter                Volume Name                              Altitude        Instance Name       Frame   SprtFtrs  VlStatus
--------------------  -------------------------------------  ------------  ----------------------  -----   --------  --------
ExampleMini           C:                                        328000     Example Instance          1     00000003
ExampleMini           \\Device\\Mup                               328000     Example Instance          1     00000003
luafv                                                           135000     luafv                     0     00000003
C:\\>
`);
    expect(filters(parsed)).toEqual([
      ['ExampleMini', 2, '328000', 1, 0],
      ['luafv', 1, '135000', 0, 0],
    ]);
    expect(parsed.account).toMatchObject({ rows: 3, skipped: 0 });
  });

  it('reads fltmc without its header of dashes and its prompt', async () => {
    const parsed = await parse(FLTMC.replace(/^.*\n/, '').replace(/^-.*\n/m, ''));
    expect(filters(parsed)).toEqual(FLTMC_ROWS);
  });

  it('skips rows of fltmc that have lost their frame', async () => {
    const parsed = await parse(FLTMC.replace('328000         1', '328000 '));
    expect(codesOf(parsed)).not.toContain('unread-commands');
    expect(parsed.account.skipped + filters(parsed).length).toBe(3);
  });

  it('takes frames from !fltkd.frames, and from the details of one filter', async () => {
    const frames = await parse(`0: kd> !fltkd.frames
Frame List: fffff88001ab7380
   FLTP_FRAME: fffff98020692ac0 "Frame 1" "41111111.1 to 271111111.1"
      FLT_FILTER: fffff9801e04eac0 "exampleTop" "328000"
   FLTP_FRAME: fffff98001218ac0 "Frame 0" "0 to 41111111.1"
      FLT_FILTER: fffff9801e04ebc0 "luafv" "135000"
`);
    expect(filters(frames)).toEqual([
      ['exampleTop', 0, '328000', 1, 0],
      ['luafv', 0, '135000', 0, 0],
    ]);
    const one = await parse(`0: kd> !fltkd.filter fffffa800433e010
FLT_FILTER: fffffa800433e010 "example" "389700"
   FLT_OBJECT: fffffa800433e010  [02000000] Filter
      RundownRef               : 0x0000000000000010 (8)
   Frame                    : fffffa8003e69010 "Frame 2"
   Flags                    : [00000002] FilteringInitiated
   InstanceList             : (fffffa800433e068)
      FLT_INSTANCE: fffffa8004432c60 "example Instance" "389700"
`);
    expect(filters(one)).toEqual([['example', 1, '389700', 2, 0]]);
  });

  it('knows filters of volumes by their instances, from the top', async () => {
    const parsed = await parse(`0: kd> !fltkd.volumes
Volume List: fffffa8003e690c0 "Frame 0"
   FLT_VOLUME: fffffa8004432c60 "\\Device\\Mup"
      FLT_INSTANCE: fffffa8004346c60 "FileInfo" "45000"
   FLT_VOLUME: fffffa8004432d60 "\\Device\\HarddiskVolume2"
      FLT_INSTANCE: fffffa8004346d60 "example Instance" "328000.1"
      FLT_INSTANCE: fffffa8004346e60 "FileInfo" "45000"
`);
    expect(filters(parsed)).toEqual([
      ['example', 1, '328000.1', 0, 0],
      ['FileInfo', 2, '45000', 0, 0],
    ]);
  });
});

describe('!dskheap', () => {
  it('reads marks of a heading in front of lines, and takes the session from the option', async () => {
    const parsed = await parse(`kd> !dskheap -s 4
##   Winstation\\Desktop            Heap Size(KB)   Used Rate(%)
##   WinSta0\\Winlogon                   128                 5%
                Total Desktop: (     128 KB -   1 desktops)
`);
    expect(desktops(parsed)).toEqual([[1, 'WinSta0\\Winlogon', null, 128, 5, 4]]);
    const named = await parse(
      '##  Winstation\\Desktop   Heap Size(KB)\n#  A\\B  1  2%\n#                 Session ID:  7\n',
    );
    expect(desktops(named)).toEqual([[1, 'A\\B', null, 1, 2, 7]]);
  });

  it('names a heap once, though two messages do', async () => {
    expect((await parse(DSKHEAP)).rows(dumpDesktop).filter((r) => r.run === 1)).toHaveLength(1);
  });

  it('skips rows that have lost a number', async () => {
    const parsed = await parse(DSKHEAP.replace('20480                 0%', '2o480                 0%'));
    expect(codesOf(parsed)).toEqual(['damaged-dskheap']);
  });
});

describe('!chkimg', () => {
  it('counts errors where the module is named in other ways', async () => {
    const parsed = await parse(`kd> !chkimg win32k
Number of different bytes for win32k: 31
kd> !chkimg win32k -f
Warning: Any detected errors will be fixed to what we expect!
Number of different bytes for win32k: 31 (fixed)
kd> !chkimg -lo 50 nt
Number of errors: 4
`);
    expect(facts(parsed)).toEqual([
      ['chkimg win32k', 'errors', '31', 31],
      ['chkimg win32k', 'fixed', 'fixed', null],
      ['chkimg win32k', 'errors', '31', 31],
      ['chkimg nt', 'errors', '4', 4],
    ]);
  });

  it('reads what stands without a prompt', async () => {
    const parsed = await parse(`be000015-be000016  2 bytes - win32k!Routine+15 (0x8)
     [ 85 dd:95 23 ]
1 error : !nt (fffff80002e7ec51)
`);
    expect(errors(parsed)).toEqual([['win32k', 'win32k!Routine+15', 0xbe000015n, 2, '85 dd', '95 23']]);
    expect(facts(parsed)).toEqual([['chkimg nt', 'errors', '1', 1]]);
  });
});

describe('u, ub, uf', () => {
  const previous = (parsed: Parsed) => facts(parsed).filter(([, name]) => name === 'previousInstruction');

  it('takes no jump for one at the beginning that stands farther on, or inside of a routine', async () => {
    const parsed = await parse(`kd> u nt!Example
nt!Example:
80829f60 8bff            mov     edi,edi
80829f62 55              push    ebp
80829f63 8bec            mov     ebp,esp
80829f65 e900000000      jmp     nt!Other (80829f6a)
kd> u 80829f70
nt!Example+0x10:
80829f70 eb08            jmp     nt!Example+0x1b (80829f67)
kd> u fffff800\`014798f6
nt! ?? ::FNODOBFM::\`string'+0x24a2a:
fffff800\`014798f6 cc              int     3
fffff800\`014798f7 e9ee8e0800      jmp     nt!Example+0x13a (fffff800\`015027ea)
kd> u nt!Conditional
nt!Conditional:
80829f80 7408            je      nt!Conditional+0x1b (80829f67)
80829f82 eb08            jmp     nt!Conditional+0x1b (80829f67)
kd> u nt!Thunk
nt!Thunk:
fffff800\`01479900 ff2500000000    jmp     qword ptr [nt!_imp_Thunk (fffff800\`01479910)]
`);
    expect(jumps(parsed)).toEqual([]);
  });

  it('takes no jump behind a cut for one at the beginning', async () => {
    const parsed = await parse(CODE.replaceAll(/^(7738c341|37390000) .*$/gm, '[...]'));
    expect(jumps(parsed)).toEqual([]);
  });

  it('knows short jumps, those behind an instruction, and those by a register', async () => {
    const parsed = await parse(`0:000> u example!A
example!A:
77810000 8bff            mov     edi,edi
77810002 e9f9ffffff      jmp     short hook!A (77900000)
0:000> u example!B
example!B:
00007ff8\`00001000 48b80020009000000000 mov rax,900002000h
00007ff8\`0000100a ffe0            jmp     rax
0:000> u example!C
example!C:
00007ff8\`00001100 48b80020009000000000 mov rax,offset hook!C (00007ff8\`00009000)
00007ff8\`0000110a ffe0            jmp     rax
0:000> u example!D
example!D [d:\\src\\d.c @ 27]:
fffff800\`12340000 17fffff0 b       hook!D (fffff800\`1233ffc0)
`);
    expect(jumps(parsed)).toEqual([
      [0x77810002n, 'example!A', 2, 0x77900000n, 'hook!A'],
      [0x7ff80000100an, 'example!B', 10, 0x900002000n, null],
      [0x7ff80000110an, 'example!C', 10, 0x7ff800009000n, 'hook!C'],
      [0xfffff80012340000n, 'example!D', 0, 0xfffff8001233ffc0n, 'hook!D'],
    ]);
  });

  it('reads a routine without a prompt by its label, and nothing without one', async () => {
    const parsed = await parse(`Some text.
EXAMPLE!CreateThing:
7738c341 e9ba3c00c0      jmp     37390000
7738c346 6801000040      push    40000001h
More text.
37390000 e96b91562e      jmp     Hook!CreateThing (658f9170)
`);
    expect(jumps(parsed)).toEqual([JUMP_ROWS[0]]);
  });

  it('reads blocks and line numbers of uf', async () => {
    const parsed = await parse(`kd> uf example!Wait
example!Wait [d:\\src\\wait.c @ 12]:
   12 fffff800\`00001000 eb08            jmp     example!Real (fffff800\`00002000)

example!Wait+0x12 [d:\\src\\wait.c @ 13]:
   13 fffff800\`00001012 eb08            jmp     example!Wait+0x20 (fffff800\`00001020)
`);
    expect(jumps(parsed)).toEqual([[0xfffff80000001000n, 'example!Wait', 0, 0xfffff80000002000n, 'example!Real']]);
  });

  it('says what is before an address: a call, something else, or nothing that can be', async () => {
    const parsed = await parse(`0: kd> ub 80829f70
nt!Example+0x1a9:
80829f67 8a4dfe          mov     cl,byte ptr [ebp-2]
80829f6a ff1508118080    call    dword ptr [nt!_imp_KfLowerIrql (80801108)]
0: kd> ub nt!Example+0x1b0 L1
nt!Example+0x1ad:
80829f6d 83c404          add     esp,4
0: kd> ub 8089a570
                 ^ Unable to find valid previous instruction for 'ub 8089a570'
`);
    expect(previous(parsed)).toEqual([
      ['address 0x80829f70', 'previousInstruction', 'call', null],
      ['address 0x80829f70', 'previousInstruction', 'other', null],
      ['address 0x8089a570', 'previousInstruction', 'none', null],
    ]);
    const alone = await parse('^ Unable to find valid previous instruction for \u2018ub 8089a570\u2019\n');
    expect(previous(alone)).toEqual([['address 0x8089a570', 'previousInstruction', 'none', null]]);
  });

  it('says nothing of what is before an address where that was cut out', async () => {
    const parsed = await parse(`0: kd> ub 80829f70
80829f67 8a4dfe          mov     cl,byte ptr [ebp-2]
[...]
`);
    expect(previous(parsed)).toEqual([]);
  });

  const stalls = (parsed: Parsed) => facts(parsed).filter(([subject]) => String(subject).startsWith('disassembly'));

  it('knows a stall that is called directly, with its argument on the stack (x86)', async () => {
    const parsed = await parse(`kd> uf example!Spin
example!Spin:
f7290000 be10270000      mov     esi,2710h
f7290005 6a32            push    32h
f7290007 e8f4ffffff      call    hal!KeStallExecutionProcessor (80a61000)
f729000c 4e              dec     esi
f729000d 75f6            jne     example!Spin+0x5 (f7290005)
`);
    expect(stalls(parsed).map(([, name, value, number]) => [name, value, number])).toEqual([
      ['calls', 'KeStallExecutionProcessor', null],
      ['returnAddress', '0xf729000c', null],
      ['argument', '32', 50],
      ['loopsTo', '0xf7290005', null],
      ['routine', 'example!Spin', null],
      ['loopCounter', '2710', 10000],
    ]);
  });

  it('states neither argument nor loop that was not seen', async () => {
    const alone = await parse(STALL.replace(/^.*mov {5}e[bc]x.*\n/gm, '').replace(/^.*jne.*\n/m, ''));
    expect(stalls(alone).map(([, name]) => name)).toEqual(['calls', 'returnAddress']);
    // The two outputs do not touch.
    const apart = await parse(STALL.replaceAll('04be340', '04be350').replaceAll('04be3503', '04be3403'));
    expect(stalls(apart).map(([, name]) => name)).toEqual(['calls', 'returnAddress', 'argument']);
    // Another register is counted down than the one that was set.
    const other = await parse(STALL.replace('sub     rbx,1', 'sub     rsi,1'));
    expect(stalls(other).map(([, name]) => name)).not.toContain('loopCounter');
  });

  it('knows waits with KeDelayExecutionThread, without an argument', async () => {
    const parsed = await parse(`kd> u
fffff880\`04be3403 e8f70b00000    bad
fffff880\`04be3403 e8f70b0000      call    nt!KeDelayExecutionThread (fffff800\`04be4000)
`);
    expect(stalls(parsed)[0]).toEqual(['disassembly 0xfffff88004be3403', 'calls', 'KeDelayExecutionThread', null]);
  });
});

describe('dps', () => {
  it('reads rows without a prompt where two follow each other', async () => {
    const parsed = await parse(`Some text
8089a554 ffdffec0
8089a558 80a6157e hal!HalEndSystemInterrupt+0x6e
8089a55c ffdffec0
[...]
8089a5a8 8089a600 nt!Example+0\u00d72d50
`);
    expect(symbols(parsed)).toEqual([
      [0x8089a558n, 0x80a6157en, 'hal!HalEndSystemInterrupt+0x6e'],
      [0x8089a5a8n, 0x8089a600n, 'nt!Example+0x2d50'],
    ]);
  });

  it('takes no frames of a stack, no other memory and no list of modules for its rows', async () => {
    const parsed = await parse(`ChildEBP RetAddr
8089a558 80a6157e hal!HalEndSystemInterrupt+0x6e
8089a568 80a6158e hal!Other+0x6e
0: kd> dp nt!Example L1
fffff880\`00ef1a30  00000000\`00000001
0: kd> lm
start    end        module name
80400000 80408000   example   (deferred)
`);
    expect(symbols(parsed)).toEqual([]);
  });

  it('stops at 50,000 rows', { timeout: 30_000 }, async () => {
    const row = (i: number) => `${(0x10000000 + i * 4).toString(16)}  80a6157e nt!Example+0x6e\n`;
    const parsed = await parse(`kd> dps 10000000 L10000\n${Array.from({ length: 50_010 }, (_, i) => row(i)).join('')}`);
    expect(parsed.rows(dumpMemorySymbol)).toHaveLength(50_000);
    expect(parsed.account).toEqual({ unit: 'line', read: 50_011, rows: 50_000, skipped: 0, ignored: 11 });
  });
});

describe('texts', () => {
  it('join rows without a prompt only where they touch', async () => {
    const parsed = await parse(`text
00001000  "abcd"
00001004  "ef"
00001100  "other"
00002000  "wi"
00002004  "de"
`);
    expect(texts(parsed)).toEqual([
      [0x1000n, 'abcdef'],
      [0x1100n, 'other'],
      [0x2000n, 'wide'],
    ]);
  });

  it('are cut at 2,000 characters', async () => {
    const rows = Array.from(
      { length: 100 },
      (_, i) => `${(0x1000 + i * 32).toString(16).padStart(8, '0')}  "${'x'.repeat(32)}"\n`,
    );
    const parsed = await parse(`kd> da 1000\n${rows.join('')}`);
    expect(texts(parsed)).toEqual([[0x1000n, 'x'.repeat(2000)]]);
    expect(parsed.account.rows).toBe(100);
  });

  it('are read from dx where it gives their address', async () => {
    const parsed = await parse(`0: kd> dx -r1 example
example                 [Type: _EXAMPLE]
    [+0x008] Name             : 0x7ff6a1b2c3d0 : "a text" [Type: char *]
    [+0x010] Count            : 0x2 [Type: unsigned long]
`);
    expect(texts(parsed)).toEqual([[0x7ff6a1b2c3d0n, 'a text']]);
  });

  it('are curly quotes no obstacle to', async () => {
    expect(texts(await parse('kd> da /c 100 00a43280\n00a43280  \u201cx.exe a\u201d\n'))).toEqual([
      [0xa43280n, 'x.exe a'],
    ]);
  });
});

it('knows a table of trace messages, so that nobody takes its rows', async () => {
  const parsed = await parse(`0: kd> dt x
#    PID  TID  Time         Message
[...]
1972 2780 5992 10:05:11.005 Error: [x] not enough space
1973 2780 5992 10:05:11.005 Execute sleeps
`);
  expect(parsed.events.get('trace message table')?.count).toBe(1);
  expect(facts(parsed)).toEqual([]);
});

it('dt of another structure, or without an address, is not of a thread', async () => {
  const parsed = await parse(
    'kd> dt nt!_KPRCB 82b3e4f0\n   +0x164 State            : 0x5\nkd> dt nt!_KTHREAD\n   +0x164 State            : UChar\n',
  );
  expect(facts(parsed)).toEqual([]);
});

it('cites the line of every row', async () => {
  const text = TEXTS.join('');
  const lines = text.split('\n');
  const parsed = await parse(text);
  for (const table of [
    dumpFact,
    dumpNbl,
    dumpFilter,
    dumpDesktop,
    dumpImageError,
    dumpJump,
    dumpMemorySymbol,
    dumpString,
  ]) {
    expect(parsed.rows(table).length).toBeGreaterThan(0);
    for (const row of parsed.rows(table)) expect(row.quote).toBe(lines[(row.line ?? 0) - 1].trim().slice(0, 400));
  }
});

describe('hostile input', () => {
  it('does not throw on any damage', { timeout: 60_000 }, async () => {
    await survivesDamage(parse, TEXTS, { put: anyBytes(4), maxEdits: 8 });
  });

  it('takes lines of all layouts in any order', { timeout: 60_000 }, async () => {
    const lines = TEXTS.join('').split('\n');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...lines), { maxLength: 60 }), async (some) => {
        expect(addsUp(await parse(some.join('\n')))).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it.each([
    `0: kd> !vm\n*** Virtual Memory Usage ***\n${'a '.repeat(400_000)}`,
    `0: kd> !ndiskd.pendingnbls\nPHASE 1/3: x\n${'f'.repeat(16)} ${' -'.repeat(400_000)}`,
    `0: kd> !ndiskd.miniport\nMINIPORT\nx\n${'A, '.repeat(300_000)}`,
    `Filter Name                     Num Instances    Altitude    Frame\n${'x 1 '.repeat(200_000)}`,
    `0: kd> !fltkd.filters\nFLT_FILTER: ${'f'.repeat(16)} "${'x"'.repeat(300_000)}`,
    `0: kd> !dskheap\n  Winstation\\Desktop            Heap Size(KB)\n${'a\\b '.repeat(200_000)}%`,
    `0: kd> !chkimg\n7738c341-7738c345  5 bytes - x!y\n[ ${'8b '.repeat(300_000)}`,
    `0: kd> u\n7738c341 ${'8b'.repeat(400_000)}`,
    `0: kd> u\n${'x!'.repeat(400_000)}:`,
    `0: kd> dps\n7738c341 7738c341 ${'! '.repeat(400_000)}`,
    `0: kd> da\n7738c341  "${'"'.repeat(800_000)}`,
    `0: kd> !handle\n${'Event '.repeat(100_000)}`,
  ])('is not held up by long lines (%#)', { timeout: 5000 }, async (text) => {
    expect(addsUp(await parse(text))).toBe(true);
  });
});

const CASES = join(SHARED, 'kd', 'cases');
const DOCS = join(SHARED, 'kd', 'docs');
const real = (folder: string, name: string) => parseWith(kd, { path: join(folder, `${name}.log`) });

describe.skipIf(!existsSync(CASES))('published logs', () => {
  it('02, 13: texts that arguments point to', async () => {
    const [share] = (await real(CASES, '02-lpc-critsec-coupled-machines')).rows(dumpString);
    expect(share).toMatchObject({ address: 0x78894an, text: '\\\\SERVER_B\\Share_X$\\Folder_Q' });
    const [command] = (await real(CASES, '13-explorer-process-factory')).rows(dumpString);
    expect(command).toMatchObject({ address: 0xa43280n, text: 'wscript.exe C:\\Scripts\\script.vbs parameters' });
  });

  it('04: symbols of two raw stacks, and addresses behind which no call lies', async () => {
    const parsed = await real(CASES, '04-irp-distribution-inconsistent-dump');
    expect(parsed.rows(dumpMemorySymbol)).toHaveLength(51);
    const faults = symbols(parsed).filter(([, , symbol]) => String(symbol).startsWith('nt!KiDoubleFaultStack'));
    expect(faults.map(([, value]) => value)).toEqual([0x8089a570n, 0x8089a600n, 0x8089a600n]);
    expect(facts(parsed).filter(([, name]) => name === 'previousInstruction')).toEqual([
      ['address 0x80829f70', 'previousInstruction', 'call', null],
      ['address 0x8089a570', 'previousInstruction', 'none', null],
      ['address 0x8089a600', 'previousInstruction', 'none', null],
    ]);
    expect(jumps(parsed)).toEqual([]);
  });

  it('13: allocations that failed, of the machine and of a session', async () => {
    const parsed = await real(CASES, '13-explorer-process-factory');
    const failed = facts(parsed).filter(([, name]) => String(name).startsWith('failed'));
    expect(failed).toEqual([
      ['vm', 'failed pool allocations', '185454', 185454],
      ['vm session 1', 'failed pool allocations', '371034', 371034],
    ]);
    expect(facts(parsed)).toContainEqual(['vm session 1', 'Paged Pool Usage', '16868', 16868]);
  });

  it('16: a hooked function, by its jumps and by !chkimg', async () => {
    const parsed = await real(CASES, '16-spiking-thread-hooked');
    expect(jumps(parsed)).toEqual([
      [0x7738c341n, 'USER32!CreateWindowExA', 0, 0x37390000n, null],
      [0x37390000n, null, 0, 0x658f9170n, 'HookA!CreateWindowExA'],
    ]);
    expect(errors(parsed)).toEqual([
      ['USER32', 'USER32!CreateWindowExA', 0x7738c341n, 5, '8b ff 55 8b ec', 'e9 ba 3c 00 c0'],
    ]);
    expect(facts(parsed)).toContainEqual(['chkimg user32', 'errors', '75', 75]);
  });

  it('18: 120000 stalls of 100 us each', async () => {
    const said = facts(await real(CASES, '18-0x133-arg0-echo-timer')).filter(([s]) =>
      String(s).startsWith('disassembly'),
    );
    expect(said.map(([, name, , number]) => [name, number])).toEqual([
      ['calls', null],
      ['returnAddress', null],
      ['argument', 100],
      ['loopsTo', null],
      ['routine', null],
      ['loopCounter', 120000],
    ]);
    expect(said[4][2]).toBe('ECHO!EchoEvtTimerFunc');
  });

  it('20: a block that the optimiser has moved is no hook', async () => {
    expect(jumps(await real(CASES, '20-pool-leak-part5-poolhittag'))).toEqual([]);
  });

  it('23: commit requests that failed, and a page file at its maximum', async () => {
    const said = facts(await real(CASES, '23-vm-commit-failures'));
    const of = (subject: string, name: string) => said.find(([s, n]) => s === subject && n === name)?.[3];
    expect(of('vm', 'failed commit requests')).toBe(48440);
    expect(of('vm', 'Committed pages')).toBe(5565215);
    expect(of('vm', 'Commit limit')).toBe(25162749);
    expect(of('vm', 'PagedPool 1 Usage')).toBe(4149241);
    const file = 'vm pagefile \\??\\C:\\pagefile.sys';
    expect(of(file, 'Current')).toBe(of(file, 'Maximum'));
  });

  it('24: 1854 of 3005 NBLs pending, all at one miniport that is being removed', async () => {
    const parsed = await real(CASES, '24-tracknblowner-pending-nbls');
    expect(nbls(parsed).map(([run, , holder, , kind]) => [run, holder, kind])).toEqual(
      Array(3).fill([2, 0xfffffa80142d31a0n, 'Miniport']),
    );
    const said = facts(parsed).map(([subject, name, value]) => [subject, name, value]);
    expect(said).toContainEqual(['nbls', 'tracking', 'disabled']);
    expect(said).toContainEqual(['nbls', 'pending', '1854']);
    expect(said).toContainEqual(['nbls', 'total', '3005']);
    const miniport = 'miniport 0xfffffa80142d31a0';
    expect(said).toContainEqual([miniport, 'name', 'My Ethernet 1Gb 4-port Adapter']);
    expect(said).toContainEqual([miniport, 'Miniport driver', 'MyMiniPortDriver  v1.0']);
    expect(said).toContainEqual([miniport, 'Device PnP', 'QUERY_REMOVED']);
    expect(said).toContainEqual([miniport, 'Operational flags', 'DORMANT_PAUSED']);
  });

  it('26: eight desktops, two heaps that cannot be read, and a run that failed', async () => {
    const parsed = await real(CASES, '26-dskheap');
    const rows = parsed.rows(dumpDesktop);
    expect(rows.filter((r) => r.name !== null)).toHaveLength(8);
    expect(Math.max(...rows.map((r) => r.usedPercent ?? 0))).toBe(2);
    expect(rows.filter((r) => r.name === null).map((r) => [r.run, r.address])).toEqual([
      [1, 0xfffffa8019c65c00n],
      [2, 0xfffffa8019c65c00n],
      [2, 0xfffffa801a53ea30n],
    ]);
    expect(facts(parsed).map(([subject, name, , number]) => [subject, name, number])).toEqual([
      ['dskheap run 1', 'failed', null],
      ['dskheap run 2', 'totalKb', 51392],
      ['dskheap run 2', 'desktops', 8],
      ['dskheap run 2', 'sessionId', 0],
    ]);
  });

  it('27: two legacy filters above minifilters of frame 0', async () => {
    expect(filters(await real(CASES, '27-minifilter-load-order'))).toEqual([
      ['AVLegacy', null, '389998.99', null, 1],
      ['EncryptionLegacy', null, '149998.99', null, 1],
      ['AVMiniFilter', 3, '328000', 0, 0],
      ['luafv', 1, '135000', 0, 0],
      ['FileInfo', 13, '45000', 0, 0],
    ]);
  });

  it('of the documentation: !chkimg, !dskheap, !handle, !ndiskd', async () => {
    const image = await real(DOCS, 'msdocs-chkimg');
    expect(errors(image).map(([, symbol, , bytes]) => [symbol, bytes])).toEqual([
      ['win32k!VeryUsefulFunction+15', 2],
      ['win32k!HFDBASIS32::vSteadyState+1f', 7],
      ['win32k!HFDBASIS32::vHalveStepSize', 24],
    ]);
    const lists = await real(DOCS, 'msdocs-handle-dskheap-devobj-devstack');
    expect(desktops(lists).map(([run, , , , , session]) => [run, session])).toEqual([
      ...Array(4).fill([1, 3]),
      ...Array(7).fill([2, 0]),
    ]);
    expect(facts(lists)).toContainEqual(['handles 0xfffffa8004f48940', 'handles', '39', 39]);
    const network = await real(DOCS, 'msdocs-ndiskd-pendingnbls');
    expect(nbls(network).map(([, , , , kind]) => kind)).toEqual(['NetAdapter']);
  });
});
