import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventlogText } from '../parsers/eventlog-text.js';
import { decodeDiskEvent, type LoggedEvent } from '../src/analyses/errors/disk-events.js';
import { additionalSense, COMMANDS, SCSI_STATUS, SRB_STATUS } from '../src/analyses/errors/scsi-names.js';
import { logMessage } from '../src/tables/log-message.js';
import { parseWith } from './support/parse.js';
import { realFile } from './support/shared.js';

const u32 = (n: number): number[] => [n & 255, (n >>> 8) & 255, (n >>> 16) & 255, n >>> 24];

/** A packet of the driver's error log, by the documented offsets. */
function packet(eventId: number, dump: readonly number[], { finalStatus = 0, severity = 0x8004 } = {}): string {
  const head = [
    ...[3, 1, dump.length & 255, dump.length >> 8, 1, 0, 0, 0],
    ...[0, 0, 0, 0, eventId, 0, severity & 255, severity >> 8],
    ...u32(0x12d),
    ...u32(finalStatus),
    ...u32(0),
    ...u32(0),
    ...[0, 0, 0, 0, 0, 0, 0, 0],
  ];
  return Buffer.from([...head, ...dump]).toString('hex');
}

interface Request {
  readonly srb: number;
  readonly scsi?: number;
  readonly cdb: readonly number[];
  readonly sense?: readonly number[];
  /** Size of the request block: 0x58 of 64 bit, 0x40 of 32 bit. */
  readonly size?: number;
}

/** Ticks, port, flags, request block, sense data: what Windows logs since Vista. */
function request({ srb, scsi = 0, cdb, sense = [], size = 0x58 }: Request): number[] {
  const block = new Array<number>(size).fill(0);
  block.splice(0, 12, size, 0, 0, srb, scsi, 0, 0, 1, 0, 0x20, cdb.length, 0x12);
  block.splice(size - 16, cdb.length, ...cdb);
  const data = [...u32(0xa29), ...u32(0), ...u32(0xffffffff), 1, 0, 0, 0, ...block, ...sense];
  return [...data, ...new Array<number>(Math.max(0, 0x80 - data.length)).fill(0)];
}

const fixedSense = (key: number, asc: number, ascq: number): number[] => [
  ...[0x70, 0, key, 0, 0, 0, 0, 10, 0, 0, 0, 0, asc, ascq, 0, 0, 0, 0],
];
const READ10 = [0x28, 0, 0, 1, 0, 0x78, 0, 0, 8, 0];
const WRITE16 = [0x8a, 0, 0, 0, 0, 1, 0x23, 0x45, 0x67, 0x89, 0, 0, 0, 8, 0, 0];

const of = (event: Partial<LoggedEvent>) =>
  decodeDiskEvent({ provider: 'disk', eventId: 51, dataHex: null, message: null, ...event });
const paging = (data: Request, finalStatus = 0) => of({ dataHex: packet(51, request(data), { finalStatus }) });

describe('event 51', () => {
  it('says what became of the command', () => {
    const message = 'An error was detected on device \\Device\\Harddisk8\\DR13 during a paging operation.';
    const dataHex = packet(51, request({ srb: 0x08, cdb: READ10 }), { finalStatus: 0xc000000e });
    expect(of({ message, dataHex })).toEqual({
      kind: 'paging-error',
      disk: 'Harddisk8\\DR13',
      lba: '0x10078',
      scsiStatus: { code: 0, name: 'GOOD' },
      srbStatus: { code: 8, name: 'NO_DEVICE', autosenseValid: false, queueFrozen: false },
      command: { code: 0x28, name: 'READ(10)' },
      sense: null,
      finalStatus: 0xc000000e,
      meaning: 'the disk is not there any more',
      isTimeout: false,
      isReset: false,
    });
  });

  it('of 32 bit and with long commands', () => {
    const event = paging({ srb: 0x49, cdb: WRITE16, size: 0x40 });
    expect(event).toMatchObject({ lba: '0x123456789', command: { name: 'WRITE(16)' }, isTimeout: true });
    expect(event?.srbStatus).toEqual({ code: 9, name: 'TIMEOUT', autosenseValid: false, queueFrozen: true });
    expect(event?.meaning).toBe('the command timed out');
  });

  it('takes sense data where the status says that they are there', () => {
    const sense = fixedSense(3, 0x11, 0);
    expect(paging({ srb: 0x84, scsi: 2, cdb: READ10, sense })).toMatchObject({
      scsiStatus: { name: 'CHECK CONDITION' },
      srbStatus: { code: 4, autosenseValid: true },
      sense: { key: { code: 3, name: 'MEDIUM ERROR' }, asc: 0x11, ascq: 0, name: 'unrecovered read error' },
      meaning: 'the disk cannot read or write the block',
    });
    expect(paging({ srb: 0x04, scsi: 2, cdb: READ10, sense })?.sense).toBeNull();
    expect(paging({ srb: 0x84, scsi: 2, cdb: READ10 })?.sense).toBeNull();
    expect(paging({ srb: 0x84, cdb: READ10, sense: [0x72, 4, 0x44, 0] })?.sense).toMatchObject({ asc: 0x44 });
  });

  it.each([
    [0x09, 'the command timed out', true, false],
    [0x0b, 'the command timed out', true, false],
    [0x0a, 'the disk did not answer when it was selected', false, false],
    [0x0e, 'the bus was reset', false, true],
    [0x05, 'the controller was busy', false, false],
    [0x3f, 'a read or write of the memory manager or the cache failed', false, false],
  ])('SRB status %i', (srb, meaning, isTimeout, isReset) => {
    expect(paging({ srb, cdb: READ10 })).toMatchObject({ meaning, isTimeout, isReset });
  });

  // The example of Microsoft's article on event 51 (KB 244780), of Windows XP.
  it('of Windows XP', () => {
    const dataHex =
      '0400220001007200' +
      '0000000033000480' +
      '2d01000000000000' +
      '0000000000000000' +
      '0052ea0415000000' +
      '0100000004000000' +
      '030000002a000000' +
      '0284000000290600' +
      '2a600a8275290000' +
      '8000';
    const event = of({ dataHex, message: 'An error was detected on device \\Device\\Harddisk3\\DR3 during …' });
    // The sector by the article; the offset of the bad byte says the same.
    expect(event?.lba).toBe('0xa827529');
    expect(BigInt('0x1504ea5200') / 512n).toBe(0xa827529n);
    expect(event).toMatchObject({
      disk: 'Harddisk3\\DR3',
      scsiStatus: { code: 2 },
      srbStatus: { code: 4, name: 'ERROR', autosenseValid: true, queueFrozen: false },
      command: { name: 'WRITE(10)' },
      sense: { key: { name: 'UNIT ATTENTION' }, asc: 0x29, ascq: 0 },
      finalStatus: 0,
      meaning: 'the bus or the disk was reset',
      isTimeout: false,
      isReset: true,
    });
  });

  it('without data says only what its number says', () => {
    expect(of({ message: 'An error was detected on device \\Device\\Harddisk1\\DR1 during …' })).toEqual({
      kind: 'paging-error',
      disk: 'Harddisk1\\DR1',
      lba: null,
      scsiStatus: null,
      srbStatus: null,
      command: null,
      sense: null,
      finalStatus: null,
      meaning: 'a read or write of the memory manager or the cache failed',
      isTimeout: null,
      isReset: null,
    });
  });

  const real = realFile('eventlog/pastebin-CsFVACbK-disk-event-51.txt');
  it.skipIf(real === null)('of a real log', async () => {
    const [row] = (await parseWith(eventlogText, { path: real ?? '' })).rows(logMessage);
    expect(decodeDiskEvent(row)).toEqual({
      kind: 'paging-error',
      disk: 'Harddisk8\\DR13',
      lba: '0x10078',
      scsiStatus: { code: 0, name: 'GOOD' },
      srbStatus: { code: 8, name: 'NO_DEVICE', autosenseValid: false, queueFrozen: false },
      command: { code: 0x28, name: 'READ(10)' },
      sense: null,
      // STATUS_NO_SUCH_DEVICE: two parts of the data, written at different times, agree.
      finalStatus: 0xc000000e,
      meaning: 'the disk is not there any more',
      isTimeout: false,
      isReset: false,
    });
    // Bytes 29 to 31, counted in decimal, are IoControlCode here: the rule for event 153 is one in hex.
    expect((row.dataHex ?? '').slice(58, 64)).toBe('000000');
  });
});

describe('event 153', () => {
  const message =
    'The IO operation at logical block address 0x2B33a238 for Disk 3 (PDO name: \\Device\\00000030) was retried.';
  const dataHex = packet(153, [0, 2, 4, 0x2a, ...fixedSense(0x0b, 0x44, 0), 0x2d, 0x2d]);

  it('has SCSI status, SRB status and command at 0x29 to 0x2b', () => {
    expect(Buffer.from(dataHex, 'hex').subarray(0x29, 0x2c)).toEqual(Buffer.from([2, 4, 0x2a]));
    expect(of({ eventId: 153, message, dataHex })).toEqual({
      kind: 'retried',
      disk: 'Disk 3',
      lba: '0x2b33a238',
      scsiStatus: { code: 2, name: 'CHECK CONDITION' },
      srbStatus: { code: 4, name: 'ERROR', autosenseValid: false, queueFrozen: false },
      command: { code: 0x2a, name: 'WRITE(10)' },
      sense: { key: { code: 11, name: 'ABORTED COMMAND' }, asc: 0x44, ascq: 0, name: 'internal target failure' },
      finalStatus: 0,
      meaning: 'the disk aborted the command',
      isTimeout: false,
      isReset: false,
    });
  });

  it.each([
    [[0, 0, 9, 0x28], 'the command timed out', true, false],
    [[0, 0, 0x0e, 0x28], 'the bus was reset', false, true],
    [[0, 8, 4, 0x28], 'the disk was busy', false, false],
    [[0, 0, 4], 'a command failed and was sent again', null, null],
  ])('%j', (dump, meaning, isTimeout, isReset) => {
    expect(of({ eventId: 153, message, dataHex: packet(153, dump) })).toMatchObject({ meaning, isTimeout, isReset });
  });

  it.each([
    [
      'Der E/A-Vorgang an der logischen Blockadresse 0x10 für den Datenträger 2 (PDO-Name: \\Device\\0000003c) …',
      'Disk 2',
    ],
    ['L’opération d’E/S à l’adresse de bloc logique 0x10 du disque 12 (nom PDO : \\Device\\0000003c) …', 'Disk 12'],
    ['ディスク 1 (PDO 名: \\Device\\0000003c) の論理ブロック アドレス 0x10 で …', 'Disk 1'],
    ['disk 153: \\Device\\Harddisk3\\DR3; 0x10; 3; \\Device\\0000003c', 'Harddisk3\\DR3'],
  ])('in other words: %s', (text, disk) => {
    expect(of({ eventId: 153, message: text })).toMatchObject({ kind: 'retried', disk, lba: '0x10' });
  });
});

describe('other events', () => {
  it('129 is a reset after a timeout', () => {
    const message = 'Reset to device, \\Device\\RaidPort0, was issued.';
    for (const provider of ['storahci', 'stornvme', 'iaStorAC', 'vhdmp', 'pvscsi', 'MEGASAS2', 'newvendor', null]) {
      expect(of({ eventId: 129, provider, message })).toMatchObject({
        kind: 'reset',
        disk: '\\Device\\RaidPort0',
        meaning: 'a request was not answered in time, and the device was reset',
        isTimeout: true,
        isReset: true,
        srbStatus: null,
        finalStatus: null,
      });
    }
  });

  it.each([
    [7, 'disk', 'The device, \\Device\\Harddisk0\\DR0, has a bad block.', 'bad-block', 'Harddisk0\\DR0'],
    [9, 'iaStor', 'The device, \\Device\\Ide\\iaStor0, did not respond …', 'timeout', '\\Device\\Ide\\iaStor0'],
    [
      11,
      'Disk',
      'The driver detected a controller error on \\Device\\Harddisk1\\DR1.',
      'controller-error',
      'Harddisk1\\DR1',
    ],
    [11, 'stornvme', '… a controller error on \\Device\\RaidPort1.', 'controller-error', '\\Device\\RaidPort1'],
    [15, 'cdrom', 'The device, \\Device\\CdRom0, is not ready for access yet.', 'not-ready', 'CdRom0'],
    [50, 'Ntfs', '{Delayed Write Failed} …', 'write-lost', null],
    [52, 'disk', '… device \\Device\\Harddisk2\\DR2 has predicted …', 'failure-predicted', 'Harddisk2\\DR2'],
    [140, 'Microsoft-Windows-Ntfs', '… DeviceName: \\Device\\HarddiskVolume2. (…)', 'flush-failed', 'HarddiskVolume2'],
    [154, 'disk', '… block address 0x0 for Disk 1 (PDO name: \\Device\\00000030) failed …', 'hardware-error', 'Disk 1'],
    [157, 'disk', 'Disk 4 has been surprise removed.', 'removed', 'Disk 4'],
    [158, 'disk', 'Disk 2 has the same disk identifiers as …', 'same-identifiers', 'Disk 2'],
  ])('%i of %s', (eventId, provider, message, kind, disk) => {
    expect(of({ eventId, provider, message })).toMatchObject({ kind, disk });
  });

  it('7 has the data of 51', () => {
    const sense = fixedSense(3, 0x11, 4);
    const data = packet(7, request({ srb: 0x84, scsi: 2, cdb: READ10, sense }), { severity: 0xc004 });
    expect(of({ eventId: 7, dataHex: data })).toMatchObject({
      kind: 'bad-block',
      lba: '0x10078',
      sense: { asc: 0x11 },
    });
  });

  it.each([
    [129, 'Microsoft-Windows-Time-Service', 'NtpClient was unable to set a domain peer …'],
    [7, 'Microsoft-Windows-Kerberos-Key-Distribution-Center', 'The digitally signed PAC …'],
    [153, 'Microsoft-Windows-Kernel-Boot', 'Virtualization-based security …'],
    [11, 'Microsoft-Windows-Hyper-V-Netvsc', 'Miniport NIC …'],
    [51, 'somebody', 'An error'],
    [7036, 'disk', 'The service …'],
    [null, 'disk', '\\Device\\Harddisk0\\DR0'],
  ])('%s of %s is none', (eventId, provider, message) => {
    expect(of({ eventId, provider, message })).toBeNull();
  });
});

describe('damage', () => {
  const whole = packet(51, request({ srb: 0x84, scsi: 2, cdb: READ10, sense: fixedSense(3, 0x11, 0) }));

  it('leaves out what is cut off', () => {
    for (let n = 0; n <= whole.length; n++) {
      const event = of({ dataHex: whole.slice(0, n) });
      expect(event?.kind).toBe('paging-error');
      if (n < 0x7a) expect(event?.srbStatus).toBeNull();
    }
  });

  it.each(['', 'zz', '0', whole.slice(1), 'ff'.repeat(200), '00'.repeat(200)])('takes %j for no data', (dataHex) => {
    expect(of({ dataHex })).toMatchObject({ srbStatus: null, command: null, finalStatus: null, isTimeout: null });
  });

  it('never throws, and names only what is in the tables', () => {
    const ids = fc.constantFrom(7, 9, 11, 15, 50, 51, 52, 129, 140, 153, 154, 155, 157, 158);
    fc.assert(
      fc.property(ids, fc.uint8Array({ maxLength: 200 }), fc.string({ unit: 'binary' }), (eventId, dump, message) => {
        const dataHex = packet(eventId, [...dump]);
        const event = of({ eventId, dataHex, message, provider: 'disk' });
        if (event === null) return;
        const { srbStatus, scsiStatus, command } = event;
        if (srbStatus !== null) expect(srbStatus.name).toBe(SRB_STATUS[srbStatus.code] ?? null);
        if (scsiStatus !== null) expect(scsiStatus.name).toBe(SCSI_STATUS[scsiStatus.code] ?? null);
        if (command !== null) expect(command.name).toBe(COMMANDS[command.code] ?? null);
        expect(event.meaning).not.toBe('');
      }),
    );
  });

  it('is not held up by long messages', () => {
    const begun = Date.now();
    for (const part of ['\\Device\\Ide\\', 'Disk ', '0x', 'dysk', '\\Device\\Harddisk1']) {
      of({ eventId: 153, message: part.repeat(200_000) });
      of({ eventId: 129, provider: part.repeat(100_000), message: part.repeat(200_000) });
    }
    expect(Date.now() - begun).toBeLessThan(1000);
  });
});

it('qualified sense codes come before those without', () => {
  expect(additionalSense(0x04, 0x01)).toBe('logical unit is in process of becoming ready');
  expect(additionalSense(0x04, 0x77)).toBe('logical unit not ready');
  expect(additionalSense(0xff, 0)).toBeNull();
});
