/**
 * The binary data of a disk's event: the packet of the driver's error log, by offset.
 * IO_ERROR_LOG_PACKET: https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/ns-wdm-_io_error_log_packet
 *
 *   00 MajorFunctionCode   01 RetryCount   02 u16 DumpDataSize   04 u16 NumberOfStrings   06 u16 StringOffset
 *   08 u16 EventCategory   0c u32 ErrorCode   10 u32 UniqueErrorValue   14 u32 FinalStatus   18 u32 SequenceNumber
 *   1c u32 IoControlCode   20 u64 DeviceOffset   28 DumpData
 */

/** What the dump data of the drivers above the controller's say; null where they do not. */
export interface DiskData {
  readonly finalStatus: number | null;
  readonly scsiStatus: number | null;
  /** With its flags. */
  readonly srbStatus: number | null;
  readonly command: number | null;
  readonly lba: string | null;
  readonly sense: { readonly key: number; readonly asc: number; readonly ascq: number } | null;
}

export const NO_DATA: DiskData = {
  finalStatus: null,
  scsiStatus: null,
  srbStatus: null,
  command: null,
  lba: null,
  sense: null,
};

const DUMP = 0x28;
/** Facility of the codes that drivers log (ntiologc.h): 0x80040033 is event 51. */
const IO_FACILITY = 4;
export const AUTOSENSE_VALID = 0x80;
export const QUEUE_FROZEN = 0x40;
const SRB_MASK = 0x3f;

/** The bytes of a packet that was logged as `eventId`; null where the text is no hex, or no such packet. */
export function packetOf(dataHex: string | null, eventId: number): Buffer | null {
  if (dataHex === null || !/^(?:[0-9a-f]{2}){40,65536}$/i.test(dataHex)) return null;
  const packet = Buffer.from(dataHex, 'hex');
  const code = packet.readUInt32LE(0x0c);
  return (code & 0xffff) === eventId && ((code >>> 16) & 0xfff) === IO_FACILITY ? packet : null;
}

/** The dump data, as far as the bytes go. */
const dumpOf = (packet: Buffer): Buffer => packet.subarray(DUMP, DUMP + packet.readUInt16LE(0x02));

/**
 * Events 153 to 155, which the class driver logs of one command: SCSI status, SRB status and command are bytes 1, 2 and 3
 * of the dump data, sense data follow. Microsoft's article on event 153 counts these bytes as "29, 30, 31": it is 0x29,
 * 0x2a, 0x2b of the whole (29 to 31 in decimal would be IoControlCode).
 * https://learn.microsoft.com/archive/blogs/ntdebugging/interpreting-event-153-errors
 */
export function commandData(packet: Buffer): DiskData {
  const dump = dumpOf(packet);
  if (dump.length < 4) return NO_DATA;
  return {
    finalStatus: packet.readUInt32LE(0x14),
    scsiStatus: dump[1],
    srbStatus: dump[2],
    command: dump[3],
    lba: null,
    sense: senseOf(dump.subarray(4)),
  };
}

/**
 * Events 7, 9, 11, 15 and 51 of disk and cdrom. Since Windows Vista the dump data are CLASS_ERROR_LOG_DATA: ticks, port,
 * flags, a SCSI_REQUEST_BLOCK of 64 bit (0x58 bytes) or 32 bit (0x40), sense data. Windows XP and 2003 had path, target,
 * LUN and single bytes. Both: https://learn.microsoft.com/troubleshoot/windows-server/backup-and-storage/event-id-51-information
 */
export function requestData(packet: Buffer): DiskData {
  const dump = dumpOf(packet);
  if (dump.length >= 0x18) {
    const length = dump.readUInt16LE(0x10);
    if (dump[0x12] === 0 && (length === 0x58 || length === 0x40)) return blockData(packet, dump, length);
    if (dump.length <= 0x28) return oldData(packet, dump);
  }
  return { ...NO_DATA, finalStatus: packet.readUInt32LE(0x14) };
}

function blockData(packet: Buffer, dump: Buffer, length: number): DiskData {
  const srb = dump.subarray(0x10, 0x10 + length);
  const srbStatus = srb[3];
  const cdb = srb.subarray(length - 16);
  const hasCommand = cdb.length === 16 && srb[0x0a] > 0;
  const hasSense = (srbStatus & AUTOSENSE_VALID) !== 0;
  return {
    finalStatus: packet.readUInt32LE(0x14),
    scsiStatus: srb[4],
    srbStatus,
    command: hasCommand ? cdb[0] : null,
    lba: hasCommand ? lbaOf(cdb) : null,
    sense: hasSense ? senseOf(dump.subarray(0x10 + length)) : null,
  };
}

function oldData(packet: Buffer, dump: Buffer): DiskData {
  const srbStatus = dump[0x11];
  const cdb = dump.subarray(0x18);
  const hasSense = (srbStatus & AUTOSENSE_VALID) !== 0;
  return {
    finalStatus: packet.readUInt32LE(0x14),
    scsiStatus: dump[0x10],
    srbStatus,
    command: cdb.length > 0 ? cdb[0] : dump[0x0c],
    lba: lbaOf(cdb),
    sense: hasSense ? { key: dump[0x16] & 0x0f, asc: dump[0x15], ascq: dump[0x14] } : null,
  };
}

export const withoutFlags = (srbStatus: number): number => srbStatus & SRB_MASK;

const LONG = new Set([0x88, 0x8a, 0x8e, 0x8f, 0x91, 0x93]);
const MIDDLE = new Set([0x28, 0x2a, 0x2b, 0x2e, 0x2f, 0x35, 0x41, 0xa8, 0xaa]);

/** The first block of a command, which stands in it with the high byte first. */
function lbaOf(cdb: Buffer): string | null {
  const code = cdb[0];
  if (LONG.has(code) && cdb.length >= 10) return `0x${cdb.readBigUInt64BE(2).toString(16)}`;
  if (MIDDLE.has(code) && cdb.length >= 6) return `0x${cdb.readUInt32BE(2).toString(16)}`;
  const isShort = (code === 0x08 || code === 0x0a) && cdb.length >= 4;
  return isShort ? `0x${(cdb.readUIntBE(1, 3) & 0x1fffff).toString(16)}` : null;
}

/** Sense data in fixed (0x70, 0x71) or descriptor format (0x72, 0x73), by SPC-4. */
function senseOf(data: Buffer): DiskData['sense'] {
  const format = (data[0] ?? 0) & 0x7f;
  if ((format === 0x70 || format === 0x71) && data.length >= 14) {
    return { key: data[2] & 0x0f, asc: data[12], ascq: data[13] };
  }
  if ((format === 0x72 || format === 0x73) && data.length >= 4) {
    return { key: data[1] & 0x0f, asc: data[2], ascq: data[3] };
  }
  return null;
}
