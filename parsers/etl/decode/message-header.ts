/** Headers of WPP messages. */

import { guidText } from '../../../src/core/reader.js';
import { MESSAGE_FIXED_BYTES, MessageFlag } from '../log/message-layout.js';

export interface MessageHeader {
  /** Of the whole message, header included, as it says itself: nothing is sure to lie there. */
  readonly bytes: number;
  readonly messageNumber: number;
  readonly flags: number;
  readonly sequence: number | null;
  /** Of the trace message format; lower case. */
  readonly guid: string | null;
  readonly componentId: number | null;
  /** In the clock of the session. */
  readonly ticks: bigint | null;
  readonly tid: number | null;
  readonly pid: number | null;
  /** Null where the message does not say; the log's own size then holds. */
  readonly pointerBytes: 4 | 8 | null;
  /** Where the arguments begin. */
  readonly payloadAt: number;
}

/**
 * Reads the header of the message at `at` of which no byte lies at `end` or beyond; null where it does not fit in. No file
 * with messages was at hand: all of this is from definitions.
 *
 * MESSAGE_TRACE_HEADER: u16 size, u8 reserved, u8 marker, u16 message number, u16 flags. The marker is, by the same header
 * (ntwmi.h, of which the phnt headers are a public copy), `0x90`: TRACE_HEADER_FLAG 0x80 and TRACE_MESSAGE 0x10, without
 * the 0x40 of all other events, and the reserved byte need not be a header type.
 * Then follow, in this order, those that the flags name ("TraceMessage function", evntrace.h): sequence number u32, GUID
 * of 16 bytes or component id u32, which exclude each other, time stamp u64, thread u32 and process u32.
 */
export function readMessageHeader(bytes: Buffer, at: number, end: number): MessageHeader | null {
  if (at < 0 || end > bytes.length || at + MESSAGE_FIXED_BYTES > end) return null;
  const flags = bytes.readUInt16LE(at + 6);
  const hasGuid = (flags & MessageFlag.Guid) !== 0;
  let next = at + MESSAGE_FIXED_BYTES;
  const place = (flag: MessageFlag, size: number): number | null => {
    if ((flags & flag) === 0 || (flag === MessageFlag.ComponentId && hasGuid)) return null;
    next += size;
    return next - size;
  };
  const sequenceAt = place(MessageFlag.Sequence, 4);
  const guidAt = place(MessageFlag.Guid, 16);
  const componentAt = place(MessageFlag.ComponentId, 4);
  const ticksAt = place(MessageFlag.Timestamp, 8);
  const systemInfoAt = place(MessageFlag.SystemInfo, 8);
  if (next > end) return null;
  const u32 = (where: number | null): number | null => (where === null ? null : bytes.readUInt32LE(where));
  return {
    bytes: bytes.readUInt16LE(at),
    messageNumber: bytes.readUInt16LE(at + 4),
    flags,
    sequence: u32(sequenceAt),
    guid: guidAt === null ? null : guidText(bytes, guidAt),
    componentId: u32(componentAt),
    ticks: ticksAt === null ? null : bytes.readBigUInt64LE(ticksAt),
    tid: u32(systemInfoAt),
    pid: u32(systemInfoAt === null ? null : systemInfoAt + 4),
    pointerBytes: pointerBytesOf(flags),
    payloadAt: next,
  };
}

function pointerBytesOf(flags: number): 4 | 8 | null {
  if ((flags & MessageFlag.Pointer64) !== 0) return 8;
  return (flags & MessageFlag.Pointer32) !== 0 ? 4 : null;
}
