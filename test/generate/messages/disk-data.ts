/**
 * Binary data of disk events: an IO_ERROR_LOG_PACKET (wdm.h) of 40 bytes, then its dump data.
 * Event 153: SCSI status, SRB status and SCSI command stand at 0x29, 0x2A and 0x2B of the whole, then sense data; the
 * offsets are documented for Event Viewer's view in bytes (which counts in hex), and seen in a public script's example.
 * Event 51: CLASS_ERROR_LOG_DATA with a SCSI_REQUEST_BLOCK of 64 bits from 0x38, seen in a public event of Windows 10.
 */
import type { Random } from '../random.js';
import type { DiskDump } from './model.js';

const PACKET_BYTES = 0x28;

interface Packet {
  readonly major: number;
  readonly retries: number;
  readonly strings: number;
  /** Lower half of the code, which is the event's id; the upper one is 0x8004. */
  readonly eventId: number;
  readonly unique: number;
  readonly finalStatus: number;
  readonly dump: Buffer;
}

function packet({ major, retries, strings, eventId, unique, finalStatus, dump }: Packet): string {
  const head = Buffer.alloc(PACKET_BYTES);
  head[0] = major;
  head[1] = retries;
  head.writeUInt16LE(dump.length, 2);
  head.writeUInt16LE(strings, 4);
  head.writeUInt16LE(PACKET_BYTES + dump.length, 6);
  head.writeUInt16LE(eventId, 0x0c);
  head.writeUInt16LE(0x8004, 0x0e);
  head.writeUInt32LE(unique, 0x10);
  head.writeUInt32LE(finalStatus, 0x14);
  return Buffer.concat([head, dump]).toString('hex').toUpperCase();
}

const READ = 0x28;
const WRITE = 0x2a;
const CHECK_CONDITION = 0x02;
/** SRB_STATUS_*; 0x80 says that there is sense data. */
const TIMEOUT = 0x09;
const COMMAND_TIMEOUT = 0x0b;
const BUS_RESET = 0x0e;
const ERROR_WITH_SENSE = 0x84;
const NO_DEVICE = 0x08;

/** Of a request that the class driver tried again: mostly timeouts. */
export function retriedDump(random: Random): DiskDump {
  const srbStatus = random.pick([TIMEOUT, TIMEOUT, TIMEOUT, COMMAND_TIMEOUT, BUS_RESET, ERROR_WITH_SENSE]);
  const scsiStatus = srbStatus === ERROR_WITH_SENSE ? CHECK_CONDITION : 0;
  const command = random.pick([READ, WRITE, WRITE]);
  const dump = Buffer.alloc(24);
  dump.set([0, scsiStatus, srbStatus, command]);
  // Fixed format, aborted command, 10 bytes more.
  if (scsiStatus === CHECK_CONDITION) dump.set([0x70, 0, 0x0b, 0, 0, 0, 0, 0x0a], 4);
  const fields = { major: 0x0f, retries: 1, strings: 4, eventId: 153, unique: 0, finalStatus: 0 };
  return { dataHex: packet({ ...fields, dump }), scsiStatus, srbStatus, command };
}

const PAGING_IO = 1;
const SRB_AT = 0x10;
const SRB_BYTES = 0x58;
const CDB_AT = SRB_AT + 0x48;

/** Of a paging request to a device that is not there, or that did not answer. */
export function pagingDump(random: Random): DiskDump {
  const srbStatus = random.pick([TIMEOUT, NO_DEVICE]);
  const command = random.pick([READ, WRITE]);
  const dump = Buffer.alloc(0x80);
  dump.writeUInt32LE(random.whole(1_000_000, 9_000_000), 0);
  dump.writeUInt32LE(0xffffffff, 8);
  dump[0x0c] = PAGING_IO;
  dump.writeUInt16LE(SRB_BYTES, SRB_AT);
  dump[SRB_AT + 3] = srbStatus;
  // Lengths of command and sense buffer, flags, seconds until a timeout.
  dump.set([0x0a, 0x12], SRB_AT + 0x0a);
  dump.writeUInt32LE(command === READ ? 0x40200240 : 0x40200280, SRB_AT + 0x0c);
  dump.writeUInt32LE(20, SRB_AT + 0x14);
  dump[CDB_AT] = command;
  dump.writeUInt32BE(random.whole(0x10000, 0x7fffffff), CDB_AT + 2);
  dump[CDB_AT + 8] = 8;
  const finalStatus = srbStatus === NO_DEVICE ? 0xc000000e : 0xc00000b5;
  const fields = { major: command === READ ? 3 : 4, retries: 1, strings: 1, eventId: 51, unique: 0x12d, finalStatus };
  return { dataHex: packet({ ...fields, dump }), scsiStatus: 0, srbStatus, command };
}

/** Of a reset by storport: it says nothing of requests. */
export function resetDump(): DiskDump {
  const fields = { major: 0x0f, retries: 0, strings: 1, eventId: 129, unique: 4, finalStatus: 0 };
  return { dataHex: packet({ ...fields, dump: Buffer.alloc(24) }), scsiStatus: null, srbStatus: null, command: null };
}
