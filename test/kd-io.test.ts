import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { kd } from '../parsers/kd.js';
import { dumpDevice, dumpFile, dumpIrp, dumpIrpStack } from '../src/tables/dump-io.js';
import { dumpFact } from '../src/tables/dump-system.js';
import { addsUp, anyBytes, survivesDamage } from './support/damage.js';
import { codesOf, type Parsed, parseWith } from './support/parse.js';
import { SHARED } from './support/shared.js';

const parse = (bytes: string | Uint8Array) => parseWith(kd, { bytes });

/** Rows as short lists. */
const irps = (parsed: Parsed) =>
  parsed.rows(dumpIrp).map((r) => [r.command, r.address, r.thread, r.hasThread, r.major, r.minor, r.device, r.driver]);
const stacks = (parsed: Parsed) =>
  parsed
    .rows(dumpIrpStack)
    .map((r) => [
      r.location,
      r.isCurrent,
      r.major,
      r.minor,
      r.flags,
      r.control,
      r.device,
      r.driver,
      r.completion,
      r.words,
    ]);

const EMPTY = [0, 0, 0, 0, null, null, null, null];

/** Made up, in the layout of 32-bit Windows. */
const IRP = `0: kd> !irp 8a111008
Irp is active with 4 stacks 3 is current (= 0x8a1110c0)
 Mdl=8b222220: No System Buffer: Thread 8b333330:  Irp stack trace.  
     cmd  flg cl Device   File     Completion-Context
 [  0, 0]   0  0 00000000 00000000 00000000-00000000    

			Args: 00000000 00000000 00000000 00000000
 [  0, 0]   0  0 00000000 00000000 00000000-00000000    

			Args: 00000000 00000000 00000000 00000000
>[  4,34]  1c e1 8b444440 8b555550 f7666666-8b777770 Success Error Cancel pending
	       \\Driver\\ExDisk	exmgr!ExIoCompletion
			Args: 00010000 00000000 f457e000 00000002
 [ 16, 2]   0 e0 8b888880 00000000 00000000-00000000    
	       \\FileSystem\\ExFs
			Args: 00010000 00000000 08710000 00000000
`;
const IRP_ROW = ['!irp', 0x8a111008n, 0x8b333330n, 1, 4, 0x34, 0x8b444440n, '\\Driver\\ExDisk'];
const IRP_STACK = [
  [1, 0, ...EMPTY],
  [2, 0, ...EMPTY],
  [3, 1, 4, 0x34, 0x1c, 0xe1, 0x8b444440n, '\\Driver\\ExDisk', 'exmgr!ExIoCompletion', 'Success Error Cancel pending'],
  [4, 0, 0x16, 2, 0, 0xe0, 0x8b888880n, '\\FileSystem\\ExFs', null, null],
];

/** As newer debuggers name the functions. */
const NAMED_IRP = `3: kd> !irp ffffe00000123450
Irp is active with 2 stacks 1 is current (= 0xffffe00000123520)
 No Mdl: System buffer=ffffe00000777000: Thread 00000000:  Irp stack trace.  Pending has been returned
     cmd  flg cl Device   File     Completion-Context
>[IRP_MJ_POWER(16), IRP_MN_SET_POWER(2)]
            0 e1 ffffe00000abcde0 00000000 00000000-00000000    pending
	       \\Driver\\ExHub
			Args: 00016600 00000001 00000004 00000006
 [N/A(0), N/A(0)]
            0  0 00000000 00000000 00000000-ffffe00000111110    

			Args: 00000000 00000000 00000000 00000000

Irp Extension present at 0xffffe00000123600:
`;

const IRPFIND = `kd> !irpfind
Scanning large pool allocation table for Tag: Irp? (827d1000 : 827e9000)
Searching NonPaged pool (8090c000 : 8131e000) for Tag: Irp?

Irp [ Thread ] irpStack: (Mj,Mn) DevObj [Driver] MDL Process
8a100008 [8b100010] irpStack: ( 4,34) 8b200030 [ \\Driver\\ExDisk] 0x00000000
8a100340 [8acab888] irpStack: ( 3, 0) 8b200130 [ \\FileSystem\\ExPipe]
fffffa8004c3ab10 [fffffa8004a4bb60] irpStack: ( e,2d)  fffffa8004a2e2c0 [ \\Driver\\ExNet] 0xfffffa8004e8c040
8aa6ab28 [00000000] irpStack: ( f, 0) 8b192030 [ \\Driver\\ExBus] 0x00000000
8aa6bb28 [8b100010] irpStack: (1b, 7) 00000000 [00000000: Could not read device object or _DEVICE_OBJECT not found]
8aa6cb28 [8b100010] Irp is complete (CurrentLocation 10 > StackCount 9)
Searching NonPaged pool (8090c000 : 8131e000) for Tag: Irp?
8097c008 Thread 8094d900 current stack belongs to  \\Driver\\exscsi
`;
const IRPFIND_ROWS = [
  ['!irpfind', 0x8a100008n, 0x8b100010n, 1, 4, 0x34, 0x8b200030n, '\\Driver\\ExDisk'],
  ['!irpfind', 0x8a100340n, 0x8acab888n, 1, 3, 0, 0x8b200130n, '\\FileSystem\\ExPipe'],
  ['!irpfind', 0xfffffa8004c3ab10n, 0xfffffa8004a4bb60n, 1, 0xe, 0x2d, 0xfffffa8004a2e2c0n, '\\Driver\\ExNet'],
  ['!irpfind', 0x8aa6ab28n, null, 0, 0xf, 0, 0x8b192030n, '\\Driver\\ExBus'],
  ['!irpfind', 0x8aa6bb28n, 0x8b100010n, 1, 0x1b, 7, null, null],
  ['!irpfind', 0x8aa6cb28n, 0x8b100010n, 1, null, null, null, null],
  ['!irpfind', 0x8097c008n, 0x8094d900n, 1, null, null, null, '\\Driver\\exscsi'],
];

const PROCESS_IRPS = `2: kd> !processirps fffffa8006000940
**** PROCESS fffffa8006000940 (Image: example.exe) ****

Checking threads for IRPs.

  Thread fffffa8006001080:

    IRP fffffa8004000c10 - Owned by \\FileSystem\\ExFs for device fffffa8004f5c030
    ...

Checking file objects for IRPs.

  FileObject fffffa80068795e0 (handle 8bc):

    IRP fffffa8006590cf0 - Owned by \\Driver\\ExApi for device ExApi (fffffa800363ae40)
`;

const POWER = `3: kd> !poaction
PopAction: fffff801332f3fe0
  State..........: 0 - Idle
  Lightest State.: Unspecified

Allocated power irps (PopIrpList - fffff801332f44f0)
  IRP: ffffe0001d53d8f0 (wait-wake/S0), PDO: ffffe00013cae060
  IRP: ffffe00013d07420 (set/D3,), PDO: ffffe00012daf840, CURRENT: ffffe00012dd5040

Irp worker threads (PopIrpThreadList - fffff801332f3100)
  THREAD: ffffe0000ef5d040 (static)
  THREAD: ffffe0000ef5e040 (static), IRP: ffffe00013d07420, DEVICE: ffffe00012dd5040
`;

const DEVICES = `0: kd> !devobj 8b100030
Device object (8b100030) is for:
 EX0 \\Driver\\ExDisk DriverObject 8b57e218
Current Irp 00000000 RefCount 0 Type 00000007 Flags 00000050
Vpb 8b52f080 Dacl e13e397c DevExt 8b1b80e8 DevObjExt 8b1b8548 Dope 8b467828
ExtensionFlags (0000000000)  
AttachedDevice (Upper) 8b0556d8 \\Driver\\ExPart
AttachedTo (Lower) 8b192030 \\Driver\\ExBus
Device queue is not busy.
0: kd> !devobj 80e204f8
Device object (80e204f8) is for:
  \\Driver\\ExPnp DriverObject 80e20610
Device queue is not busy.
0: kd> !devstack 8b100030
  !DevObj   !DrvObj            !DevExt   ObjectName
  8b0556d8  \\Driver\\ExPart     8b055790  
> 8b100030  \\Driver\\ExDisk     8b1000e8  EX0
  8b192030  \\Driver\\ExampleBusDriver8b1920e8  ExPort1
!DevNode 8b56f5d0 :
  DeviceInst is "EXBUS\\Disk&Ven_A\\4&1588251b&0&000"
  ServiceName is "exdisk"
8089a554 ffdffec0
0: kd> !devstack fffffa8007b13440
  !DevObj           !DrvObj            !DevExt           ObjectName
> fffffa8007b13440  \\Driver\\ExHub     fffffa8007b13590  InfoMask field not found for _OBJECT_HEADER at fffffa8007b13410
0: kd> !devnode 0 1
Dumping IopRootDeviceNode (= 0x80e203b8)
DevNode 0x80e203b8 for PDO 0x80e204f8
  Parent 0000000000   Sibling 0000000000   Child 0x80e56dc8
  InstancePath is "HTREE\\ROOT\\0"
  State = DeviceNodeStarted (0x308)
  Previous State = DeviceNodeEnumerateCompletion (0x30d)
  DevNode 0xffffe000002d9d30 for PDO 0xffffe000002daa40
    InstancePath is "ROOT\\exvol\\0000"
    ServiceName is "exvol"
    State = DeviceNodeQueryRemoved (0x30f)
0: kd> !drvobj exdisk 3
Driver object (8b57e218) is for:
 \\Driver\\ExDisk
Driver Extension List: (id , addr)
(f7a5c0e6 8b57e0f8)  
Device Object list:
8b100030  8b100130  

DriverEntry:   f7a60b85	exdisk!GsDriverEntry
Dispatch routines:
[00] IRP_MJ_CREATE                      f7a5bc30	EXPNP!ExGlobalDispatch
`;

const FILE = `kd> !fileobj 899ab170

\\SERVER\\IPC$

Device Object: 0x89f46ee8   \\FileSystem\\ExRdr
Vpb is NULL

Flags:  0x2
	Synchronous IO 

CurrentByteOffset: 0
`;

const TEXTS = [IRP, NAMED_IRP, IRPFIND, PROCESS_IRPS, POWER, DEVICES, FILE];

describe('!irp', () => {
  it('gives the IRP with its current location, and all locations, cited', async () => {
    const parsed = await parse(IRP);
    expect(irps(parsed)).toEqual([IRP_ROW]);
    expect(parsed.rows(dumpIrp)[0]).toMatchObject({
      state: 'active',
      stacks: 4,
      current: 3,
      mdl: 0x8b222220n,
      file: 0x8b555550n,
      process: null,
      line: 2,
      quote: 'Irp is active with 4 stacks 3 is current (= 0x8a1110c0)',
    });
    expect(stacks(parsed)).toEqual(IRP_STACK);
    const [, , third] = parsed.rows(dumpIrpStack);
    expect(third).toMatchObject({
      irp: 0x8a111008n,
      file: 0x8b555550n,
      context: 0x8b777770n,
      args: '00010000 00000000 f457e000 00000002',
      line: 11,
      quote: '>[  4,34]  1c e1 8b444440 8b555550 f7666666-8b777770 Success Error Cancel pending',
    });
    expect(parsed.diagnostics).toEqual([]);
    expect(parsed.account).toEqual({ unit: 'line', read: 16, rows: 12, skipped: 0, ignored: 4 });
    expect([...parsed.events.keys()]).toEqual(['!irp']);
  });

  it.each([
    ['without a prompt: the address follows from that of the location', IRP.replace(/^.*\n/, '')],
    ['without indentation', IRP.replaceAll(/^\s+/gm, '')],
    ['with hard blanks', IRP.replaceAll('  ', '\u00a0 ')],
    ['with a blank line behind each', IRP.replaceAll('\n', '\n\n')],
    ['with the older words of the header', IRP.replace('Mdl=8b222220: No System Buffer:', 'Mdl = 8b222220')],
    ['with `stack` where it should be `stacks`', IRP.replace('4 stacks', '4 stack')],
    ['with `0×`', IRP.replace('0x', '0\u00d7')],
    ['with remarks behind lines', IRP.replace('pending\n', 'pending <-- What is this?\n')],
    ['with words in the next line', IRP.replace('Cancel pending\n', 'Cancel\npending\n')],
    ['with the fields in the next line', IRP.replace('[  4,34]  1c', '[  4,34]\n   1c')],
    ['without the mark of the current location', IRP.replace('>[', ' [')],
    ['with CRLF', IRP.replaceAll('\n', '\r\n')],
  ])('reads the same %s', async (_, text) => {
    const parsed = await parse(text);
    expect(irps(parsed)).toEqual([IRP_ROW]);
    expect(stacks(parsed)).toEqual(IRP_STACK);
    expect(codesOf(parsed).filter((code) => code !== 'repaired-text')).toEqual([]);
    expect(addsUp(parsed)).toBe(true);
  });

  it('knows functions by name, and tells that there is no thread', async () => {
    const parsed = await parse(NAMED_IRP);
    expect(irps(parsed)).toEqual([
      ['!irp', 0xffffe00000123450n, null, 0, 0x16, 2, 0xffffe00000abcde0n, '\\Driver\\ExHub'],
    ]);
    expect(stacks(parsed)).toEqual([
      [1, 1, 0x16, 2, 0, 0xe1, 0xffffe00000abcde0n, '\\Driver\\ExHub', null, 'pending'],
      [2, 0, ...EMPTY],
    ]);
    expect(parsed.rows(dumpIrpStack)[1].context).toBe(0xffffe00000111110n);
    // A mail has put the minor function into the next line.
    const cut = await parse(NAMED_IRP.replace('(16), ', '(16),\n'));
    expect(stacks(cut)).toEqual(stacks(parsed));
    const bare = await parse(NAMED_IRP.replace(/^.*\n/, ''));
    expect(bare.rows(dumpIrp)[0].address).toBe(0xffffe00000123450n);
  });

  it('takes the thread and the file from the fields that flag 1 lists', async () => {
    const parsed = await parse(
      IRP.replace(' Thread 8b333330:  Irp', '  Irp')
        .replace(
          '     cmd  flg',
          'Flags = 00000000\nTail.Overlay.Thread = 8b333330\nTail.Overlay.OriginalFileObject = 8a999990\n     cmd  flg',
        )
        .replace('8a111008', '8a111008 1'),
    );
    expect(irps(parsed)).toEqual([IRP_ROW]);
    expect(parsed.rows(dumpIrp)[0].file).toBe(0x8a999990n);
  });

  it('knows one that is completed: it has no current location', async () => {
    const parsed = await parse(
      'kd> !irp 8a111008\nIrp is active with 4 stacks 5 is current (= 0x8a111108)\n No Mdl Thread 8b333330:  Irp is completed.\n',
    );
    expect(irps(parsed)).toEqual([['!irp', 0x8a111008n, 0x8b333330n, 1, null, null, null, null]]);
    const [row] = (await parse('kd> !irp 8a111008\nIrp is completed.  Pending has been returned\n')).rows(dumpIrp);
    expect(row).toMatchObject({ address: 0x8a111008n, state: 'completed', stacks: null });
  });

  it('gives all IRPs of one command', async () => {
    const body = IRP.replace(/^.*\n/, '');
    const parsed = await parse(`kd> !list "-x !irp" 8a111008\n${body}${body.replace('8a1110c0', '8a2110c0')}`);
    expect(parsed.rows(dumpIrp).map((r) => r.address)).toEqual([0x8a111008n, 0x8a211008n]);
    expect(parsed.rows(dumpIrpStack)).toHaveLength(8);
  });

  it('skips locations that cannot be read, and no other text', async () => {
    const parsed = await parse(
      IRP.replace('8b444440 8b555550', '8b44444 8b555550').replace('     cmd', 'see below\n cmd'),
    );
    expect(parsed.diagnostics.map(({ code, count }) => [code, count])).toEqual([
      ['damaged-irp', 1],
      ['unread-commands', 1],
    ]);
    expect(parsed.rows(dumpIrpStack)).toHaveLength(3);
    expect((await parse('kd> !irp\nFree build - use !irpfind\n')).diagnostics).toEqual([]);
  });
});

describe('lists of IRPs', () => {
  it('!irpfind, new and old', async () => {
    const parsed = await parse(IRPFIND);
    expect(irps(parsed)).toEqual(IRPFIND_ROWS);
    expect(parsed.rows(dumpIrp).map((r) => r.process)).toEqual([
      null,
      null,
      0xfffffa8004e8c040n,
      null,
      null,
      null,
      null,
    ]);
    expect(parsed.rows(dumpIrp)[5]).toMatchObject({ state: 'completed', current: 10, stacks: 9 });
    expect(parsed.diagnostics).toEqual([]);
    expect(parsed.account).toMatchObject({ rows: 7, skipped: 0 });
  });

  it.each([
    ['without a prompt', IRPFIND.replace(/^.*\n/, '')],
    ['with `0×`', IRPFIND.replaceAll('0x', '0\u00d7')],
    ['without blanks in brackets', IRPFIND.replaceAll('[ \\', '[\\').replaceAll('( ', '(')],
    ['with blank lines', IRPFIND.replaceAll('\n', '\n\n')],
  ])('!irpfind %s', async (_, text) => {
    expect(irps(await parse(text))).toEqual(IRPFIND_ROWS);
  });

  it('!irpfind: damaged rows are skipped', async () => {
    const parsed = await parse(IRPFIND.replace('( 4,34) 8b200030', '( 4,34 8b200030'));
    expect(irps(parsed)).toEqual(IRPFIND_ROWS.slice(1));
    expect(parsed.diagnostics.map(({ code, count }) => [code, count])).toEqual([['damaged-irpfind', 1]]);
  });

  it('!processirps, of threads and of files', async () => {
    for (const text of [PROCESS_IRPS, PROCESS_IRPS.replace(/^.*\n/, '')]) {
      const parsed = await parse(text);
      expect(irps(parsed)).toEqual([
        [
          '!processirps',
          0xfffffa8004000c10n,
          0xfffffa8006001080n,
          1,
          null,
          null,
          0xfffffa8004f5c030n,
          '\\FileSystem\\ExFs',
        ],
        ['!processirps', 0xfffffa8006590cf0n, null, null, null, null, 0xfffffa800363ae40n, '\\Driver\\ExApi'],
      ]);
      expect(parsed.rows(dumpIrp).map((r) => [r.process, r.file])).toEqual([
        [0xfffffa8006000940n, null],
        [0xfffffa8006000940n, 0xfffffa80068795e0n],
      ]);
    }
  });

  it('!poaction, of devices and of workers', async () => {
    for (const text of [POWER, POWER.replace(/^.*\n/, '')]) {
      const parsed = await parse(text);
      expect(irps(parsed)).toEqual([
        ['!poaction', 0xffffe0001d53d8f0n, null, null, 0x16, 0, null, null],
        ['!poaction', 0xffffe00013d07420n, null, null, 0x16, 2, 0xffffe00012dd5040n, null],
        ['!poaction', 0xffffe00013d07420n, 0xffffe0000ef5e040n, 1, 0x16, null, 0xffffe00012dd5040n, null],
      ]);
      expect(parsed.rows(dumpIrp).map((r) => r.pdo)).toEqual([0xffffe00013cae060n, 0xffffe00012daf840n, null]);
      expect(parsed.diagnostics).toEqual([]);
    }
  });
});

describe('devices, drivers and files', () => {
  const devices = (parsed: Parsed, command: string) => parsed.rows(dumpDevice).filter((r) => r.command === command);

  it.each([
    ['as printed', DEVICES],
    ['without indentation', DEVICES.replaceAll(/^ +/gm, '')],
    ['without prompts', DEVICES.replaceAll(/^0: kd>.*\n/gm, '')],
    ['with curly quotes', DEVICES.replaceAll(/"(.*)"/g, '\u201c$1\u2033')],
    ['with blank lines', DEVICES.replaceAll('\n', '\n\n')],
  ])('%s', async (_, text) => {
    const parsed = await parse(text);
    expect(
      devices(parsed, '!devobj').map((r) => [r.address, r.driver, r.name, r.upper, r.upperDriver, r.lower]),
    ).toEqual([
      [0x8b100030n, '\\Driver\\ExDisk', 'EX0', 0x8b0556d8n, '\\Driver\\ExPart', 0x8b192030n],
      [0x80e204f8n, '\\Driver\\ExPnp', null, null, null, null],
    ]);
    expect(devices(parsed, '!devobj')[0].lowerDriver).toBe('\\Driver\\ExBus');
    expect(
      devices(parsed, '!devstack').map((r) => [
        r.stack,
        r.position,
        r.address,
        r.driver,
        r.name,
        r.instance,
        r.service,
      ]),
    ).toEqual([
      [1, 1, 0x8b0556d8n, '\\Driver\\ExPart', null, null, null],
      [1, 2, 0x8b100030n, '\\Driver\\ExDisk', 'EX0', null, null],
      [1, 3, 0x8b192030n, '\\Driver\\ExampleBusDriver', 'ExPort1', 'EXBUS\\Disk&Ven_A\\4&1588251b&0&000', 'exdisk'],
      [2, 1, 0xfffffa8007b13440n, '\\Driver\\ExHub', null, null, null],
    ]);
    expect(devices(parsed, '!devnode').map((r) => [r.address, r.instance, r.service, r.state])).toEqual([
      [0x80e204f8n, 'HTREE\\ROOT\\0', null, 'DeviceNodeStarted'],
      [0xffffe000002daa40n, 'ROOT\\exvol\\0000', 'exvol', 'DeviceNodeQueryRemoved'],
    ]);
    expect(devices(parsed, '!drvobj').map((r) => [r.address, r.driver])).toEqual([
      [0x8b100030n, '\\Driver\\ExDisk'],
      [0x8b100130n, '\\Driver\\ExDisk'],
    ]);
    expect(parsed.rows(dumpFact).map((r) => [r.subject, r.name, r.value])).toEqual([
      ['driver 0x8b57e218', 'name', '\\Driver\\ExDisk'],
    ]);
    expect(addsUp(parsed)).toBe(true);
  });

  it('!fileobj is named by what was typed', async () => {
    const rows = async (text: string) =>
      (await parse(text)).rows(dumpFile).map((r) => [r.address, r.name, r.device, r.driver]);
    expect(await rows(FILE)).toEqual([[0x899ab170n, '\\SERVER\\IPC$', 0x89f46ee8n, '\\FileSystem\\ExRdr']]);
    expect(await rows(FILE.replace(/^.*\n/, ''))).toEqual([[null, null, 0x89f46ee8n, '\\FileSystem\\ExRdr']]);
    expect(await rows(FILE.replace('\\SERVER\\IPC$\n', ''))).toEqual([
      [0x899ab170n, null, 0x89f46ee8n, '\\FileSystem\\ExRdr'],
    ]);
    expect(await rows(FILE.replace(/^Device.*\n/m, ''))).toEqual([[0x899ab170n, '\\SERVER\\IPC$', null, null]]);
  });
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

  it('04: requests of one thread, and of none; the driver below', async () => {
    const parsed = await shared('04-');
    const found = parsed.rows(dumpIrp).filter((r) => r.command === '!irpfind');
    const disk = found.filter((r) => r.driver === '\\Driver\\Disk');
    expect(disk.map((r) => [r.major, r.minor, r.thread])).toEqual(Array(4).fill([4, 0x34, 0x8b56cb10n]));
    const other = found.filter((r) => r.driver === '\\Driver\\DriverA');
    expect(other.map((r) => [r.major, r.minor, r.hasThread])).toEqual(Array(2).fill([0xf, 0, 0]));
    const [irp] = parsed.rows(dumpIrp).filter((r) => r.command === '!irp');
    expect(irp).toMatchObject({ address: 0x8a3d3008n, stacks: 11, current: 7, thread: 0x8b56cb10n, major: 4 });
    expect(parsed.rows(dumpIrpStack).map((r) => r.isCurrent)).toEqual([0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
    const [device] = parsed.rows(dumpDevice);
    expect(device).toMatchObject({ address: 0x8b1b8030n, lower: 0x8b192030n, lowerDriver: '\\Driver\\DriverA' });
    expect(parsed.rows(dumpDevice).filter((r) => r.command === '!devstack')).toHaveLength(3);
  });

  it('22: control bytes and the words for them', async () => {
    const parsed = await shared('22-');
    const current = parsed.rows(dumpIrpStack).filter((r) => r.isCurrent === 1);
    expect(current.map((r) => [r.control, r.words, r.completion])).toEqual([
      [0xe0, 'Success Error Cancel', 'partmgr!PmReadWriteCompletion'],
      [0xe1, 'Success Error Cancel pending', 'CLASSPNP!TransferPktComplete'],
    ]);
    expect(parsed.rows(dumpIrp).map((r) => [r.stacks, r.current, r.hasThread])).toEqual([
      [9, 5, 1],
      [3, 3, 0],
    ]);
  });

  it('02: the file of an IRP lies on another machine', async () => {
    const parsed = await shared('02-');
    expect(parsed.rows(dumpFile).map((r) => [r.address, r.name, r.driver])).toEqual([
      [0x899ab170n, '\\SERVER_B\\IPC$', '\\FileSystem\\Mup'],
    ]);
    expect(parsed.rows(dumpIrp)[0]).toMatchObject({ address: 0x89901348n, file: 0x899ab170n, thread: 0x8a04cb30n });
  });
});
