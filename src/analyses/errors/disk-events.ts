/** Events that drivers of disks and controllers log, decoded: which disk, which command, what went wrong. */
import {
  AUTOSENSE_VALID,
  commandData,
  type DiskData,
  NO_DATA,
  packetOf,
  QUEUE_FROZEN,
  requestData,
  withoutFlags,
} from './disk-data.js';
import { meaningOf } from './disk-meaning.js';
import { additionalSense, COMMANDS, SCSI_STATUS, SENSE_KEYS, SRB_STATUS } from './scsi-names.js';

export type DiskEventKind =
  /** 51: a read or write of the memory manager or cache failed. */
  | 'paging-error'
  /** 129: a request got no answer and the device was reset. */
  | 'reset'
  /** 153: a command failed and was sent again. */
  | 'retried'
  /** 7 */
  | 'bad-block'
  /** 11 */
  | 'controller-error'
  /** 9 */
  | 'timeout'
  /** 15 */
  | 'not-ready'
  /** 52: the disk says that it will fail (SMART). */
  | 'failure-predicted'
  /** 154: a command failed for good. */
  | 'hardware-error'
  /** 155: a command took longer than it may. */
  | 'slow'
  /** 157: the disk went away. */
  | 'removed'
  /** 158: two disks say that they are the same one. */
  | 'same-identifiers'
  /** 50: data that a program believed written were lost. */
  | 'write-lost'
  /** 140: the file system could not write its own log. */
  | 'flush-failed';

/** A number and what it is called; null where it is not known here. */
export interface Code {
  readonly code: number;
  readonly name: string | null;
}

export interface DiskEvent {
  readonly kind: DiskEventKind;
  /** `Harddisk8\DR13`, `Disk 3`, `\Device\RaidPort0`, as the event names it. */
  readonly disk: string | null;
  /** First block of the command, `0x10078`. */
  readonly lba: string | null;
  readonly scsiStatus: Code | null;
  /** Code without its flags. */
  readonly srbStatus: (Code & { readonly autosenseValid: boolean; readonly queueFrozen: boolean }) | null;
  readonly command: Code | null;
  readonly sense: {
    readonly key: Code;
    readonly asc: number;
    readonly ascq: number;
    readonly name: string | null;
  } | null;
  /** NTSTATUS with which the request ended; 0 where it was tried again. */
  readonly finalStatus: number | null;
  /** A sentence without its full stop: `the command timed out`. */
  readonly meaning: string;
  readonly isTimeout: boolean | null;
  readonly isReset: boolean | null;
}

/** The columns of a message that say what a disk event was. */
export interface LoggedEvent {
  readonly provider: string | null;
  readonly eventId: number | null;
  readonly dataHex: string | null;
  readonly message: string | null;
}

/** Who logs an event: the driver of a kind of disk, the driver of a controller, a file system. */
type Origin = 'class' | 'port' | 'file-system';

interface Known {
  readonly kind: DiskEventKind;
  readonly origins: readonly Origin[];
  readonly data: ((packet: Buffer) => DiskData) | null;
}

/** Ids and texts: ntiologc.h of the Windows Driver Kit; 129 is logged by storport in the name of its miniport. */
const EVENTS: Readonly<Record<number, Known>> = {
  7: { kind: 'bad-block', origins: ['class'], data: requestData },
  9: { kind: 'timeout', origins: ['class', 'port'], data: requestData },
  11: { kind: 'controller-error', origins: ['class', 'port'], data: requestData },
  15: { kind: 'not-ready', origins: ['class', 'port'], data: requestData },
  50: { kind: 'write-lost', origins: ['file-system'], data: null },
  51: { kind: 'paging-error', origins: ['class'], data: requestData },
  52: { kind: 'failure-predicted', origins: ['class'], data: null },
  // Its data are not documented.
  129: { kind: 'reset', origins: ['port'], data: null },
  140: { kind: 'flush-failed', origins: ['file-system'], data: null },
  153: { kind: 'retried', origins: ['class'], data: commandData },
  154: { kind: 'hardware-error', origins: ['class'], data: commandData },
  155: { kind: 'slow', origins: ['class'], data: commandData },
  157: { kind: 'removed', origins: ['class'], data: null },
  158: { kind: 'same-identifiers', origins: ['class'], data: null },
};

/** Other providers have events of the same numbers: the time service logs 129, Kerberos 7. */
const PROVIDERS: Readonly<Record<Origin, RegExp>> = {
  class: /^(?:disk|cdrom|classpnp|sfloppy|partmgr|microsoft-windows-disk)$/i,
  port: new RegExp(
    `^(?:${[
      'stor(?:ahci|nvme|vsc|flt|port|ufs)?\\w{0,12}|ia(?:stor|ahci|vroc)\\w{0,12}|(?:ms|amd|a)?ahci\\w{0,8}|atapi|ataport|scsiport|nvme\\w{0,12}',
      'vhdmp|pvscsi|vioscsi|viostor|vmscsi|xenvbd|secnvme|samsung\\w{0,8}|ocznvme|iorate|uaspstor|usbstor|sbp2port|sdbus|sdstor|spaceport|mpio|msdsm',
      'lsi_\\w{1,12}|mega\\w{1,12}|perc\\w{1,12}|mpi3\\w{0,8}|itsas\\w{0,8}|arc\\w{1,8}|adp\\w{1,8}|aac\\w{0,8}|smartpqi\\w{0,8}|hpsa\\w{0,8}|hpcissx?\\w{0,6}|smartsamd',
      'elx\\w{1,8}|ql\\w{1,10}|bfad\\w{0,6}|brcd\\w{0,6}|nvstor\\w{0,6}|nvraid|rcraid|rcbottom|amd_?(?:sata|sbs|xata)|mv\\w{1,8}|asstor\\w{0,6}|asahci\\w{0,6}|jraid|si3\\w{1,6}|iscsiprt|ehstor\\w{1,12}',
    ].join('|')})$`,
    'i',
  ),
  'file-system':
    /^(?:(?:microsoft-windows-)?(?:ntfs|refs|fastfat|exfat)|mrxsmb\w{0,4}|application popup|volmgr|volsnap)$/i,
};
const DEVICES: Readonly<Record<Origin, RegExp>> = {
  class: /\\Device\\(?:Harddisk\d|CdRom\d)/i,
  port: /\\Device\\(?:RaidPort|ScsiPort|Scsi\\|Ide\\)/i,
  'file-system': /\\Device\\HarddiskVolume\d/i,
};

/**
 * Decodes an event of a disk, a controller or a file system; null for all others. What data and text do not say is null.
 * Never throws: data that are short or of another layout are left out.
 */
export function decodeDiskEvent(event: LoggedEvent): DiskEvent | null {
  const { eventId } = event;
  const known = eventId === null ? undefined : EVENTS[eventId];
  if (eventId === null || known === undefined) return null;
  const packet = packetOf(event.dataHex, eventId);
  const origin = originOf(event, known, packet !== null);
  if (origin === null) return null;
  const isDecoded = packet !== null && known.data !== null && origin === 'class';
  const data = isDecoded ? (known.data as (packet: Buffer) => DiskData)(packet) : NO_DATA;
  const said = saidBy(event);
  const named = namesOf(data);
  return {
    kind: known.kind,
    disk: diskOf(said),
    lba: data.lba ?? (known.data === commandData ? lbaIn(said) : null),
    ...named,
    finalStatus: data.finalStatus,
    meaning: meaningOf(known.kind, data),
    isTimeout: isTimeout(known.kind, data),
    isReset: isReset(known.kind, data),
  };
}

/** The message without the provider and id that stand for one that nobody rendered: `disk 153: …` names no disk 153. */
function saidBy({ provider, eventId, message }: LoggedEvent): string {
  const front = `${provider} ${eventId}: `;
  return message?.startsWith(front) ? message.slice(front.length) : (message ?? '');
}

/** Whose event it is; null where another provider's has the same number. */
function originOf({ provider, message }: LoggedEvent, { origins }: Known, isPacket: boolean): Origin | null {
  const byName = origins.find((origin) => provider !== null && PROVIDERS[origin].test(provider));
  if (byName !== undefined) return byName;
  // A driver that is not known here: what it says has the number and the device of a disk's event.
  const byDevice = origins.find((origin) => DEVICES[origin].test((message ?? '').slice(0, MAX_SEARCHED)));
  if (byDevice === 'port' || (byDevice !== undefined && (isPacket || provider === null))) return byDevice;
  return isPacket && origins.length === 1 && origins[0] === 'port' ? 'port' : null;
}

function namesOf({
  scsiStatus,
  srbStatus,
  command,
  sense,
}: DiskData): Pick<DiskEvent, 'scsiStatus' | 'srbStatus' | 'command' | 'sense'> {
  const code = (value: number, names: Readonly<Record<number, string>>): Code => {
    return { code: value, name: names[value] ?? null };
  };
  return {
    scsiStatus: scsiStatus === null ? null : code(scsiStatus, SCSI_STATUS),
    srbStatus:
      srbStatus === null
        ? null
        : {
            ...code(withoutFlags(srbStatus), SRB_STATUS),
            autosenseValid: (srbStatus & AUTOSENSE_VALID) !== 0,
            queueFrozen: (srbStatus & QUEUE_FROZEN) !== 0,
          },
    command: command === null ? null : code(command, COMMANDS),
    sense:
      sense === null
        ? null
        : {
            key: code(sense.key, SENSE_KEYS),
            asc: sense.asc,
            ascq: sense.ascq,
            name: additionalSense(sense.asc, sense.ascq),
          },
  };
}

const MAX_SEARCHED = 4000;
// `for Disk 3 (PDO name: \Device\00000030)`, in the languages of event 153
const DISK_NUMBER =
  /(?:(?<![\p{L}\d])(?:Disk|Datenträger|disque|disco|dysk\p{L}{0,4}|schijf|диск\p{L}{0,3})\s{1,3}|(?:ディスク|磁盘|磁碟|디스크)\s{0,3})(\d{1,4})(?!\d)/iu;
const PORT = /\\Device\\(?:RaidPort|ScsiPort|Scsi\\|Ide\\)[\w\\]{0,60}/i;
const CLASS_DEVICE = /\\Device\\(Harddisk\d{1,5}(?:\\DR\d{1,5})?|CdRom\d{1,5}|HarddiskVolume\d{1,5})(?!\w)/i;
const LBA = /(?<![\w\\])0x([0-9a-f]{1,16})(?!\w)/i;

function diskOf(message: string): string | null {
  const text = message.slice(0, MAX_SEARCHED);
  const port = PORT.exec(text);
  if (port !== null) return port[0];
  const number = DISK_NUMBER.exec(text);
  if (number !== null) return `Disk ${Number(number[1])}`;
  return CLASS_DEVICE.exec(text)?.[1] ?? null;
}

function lbaIn(message: string): string | null {
  const found = LBA.exec(message.slice(0, MAX_SEARCHED));
  return found === null ? null : `0x${BigInt(`0x${found[1]}`).toString(16)}`;
}

const TIMEOUTS = new Set([9, 11]);
const BUS_RESET = 14;

function isTimeout(kind: DiskEventKind, { srbStatus }: DiskData): boolean | null {
  // Storport logs 129 where a request was not answered in time.
  if (kind === 'timeout' || kind === 'reset') return true;
  return srbStatus === null ? null : TIMEOUTS.has(withoutFlags(srbStatus));
}

function isReset(kind: DiskEventKind, { srbStatus, sense }: DiskData): boolean | null {
  if (kind === 'reset') return true;
  if (srbStatus === null) return null;
  // Unit attention 29: the disk says itself that it was reset.
  return withoutFlags(srbStatus) === BUS_RESET || (sense?.key === 6 && sense.asc === 0x29);
}
