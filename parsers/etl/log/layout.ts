/**
 * Where things lie in a log file. Verified against real files of Windows 7 to 11 unless said otherwise; the names are those
 * of evntrace.h, wmistr.h and of the public kernel symbols (WMI_BUFFER_HEADER).
 */

/** WMI_BUFFER_HEADER, in front of each buffer. */
export const BUFFER_HEADER = {
  bytes: 72,
  /** u32: size of this buffer in the file. */
  bufferSize: 0x00,
  /** u32: 0 in the header buffer of files older than Windows 8. */
  savedOffset: 0x04,
  /** i64: raw counter in a log written by Windows itself, FILETIME in a relogged one: no order is to be had from it. */
  timeStamp: 0x10,
  sequenceNumber: 0x18,
  /** u16 where {@link BufferFlag.ProcessorIs16Bit}, else u8. */
  processor: 0x28,
  loggerId: 0x2a,
  /** u32: header and events, unpacked. */
  filled: 0x30,
  flags: 0x34,
  type: 0x36,
} as const;

export enum BufferFlag {
  Flush = 0x01,
  EventsLost = 0x02,
  BufferLost = 0x04,
  ProcessorIs16Bit = 0x20,
  Compressed = 0x40,
}

/** WMI_BUFFER_TYPE_HEADER: the first buffer, which describes the log. */
export const HEADER_BUFFER = 4;
/** The highest type of a buffer (debug info). */
export const MAX_BUFFER_TYPE = 7;
/** ETW's own limit is 16 MB (EVENT_TRACE_PROPERTIES.BufferSize: at most 16,384 KB since Windows 8.1). */
export const MAX_BUFFER_BYTES = 16 << 20;

/** The byte at 2 of each event. Types 3, 4, 11, 21 and 15 are known from definitions only. */
export enum HeaderType {
  System32 = 1,
  System64 = 2,
  Compact32 = 3,
  Compact64 = 4,
  Full32 = 10,
  Instance32 = 11,
  Message = 15,
  PerfInfo32 = 16,
  PerfInfo64 = 17,
  Event32 = 18,
  Event64 = 19,
  Full64 = 20,
  Instance64 = 21,
}

/** Bytes of each header, by type; 0 for types that do not exist. */
export const HEADER_BYTES: Uint8Array = ((): Uint8Array => {
  const bytes = new Uint8Array(256);
  bytes[HeaderType.System32] = bytes[HeaderType.System64] = 32;
  bytes[HeaderType.Compact32] = bytes[HeaderType.Compact64] = 24;
  bytes[HeaderType.Full32] = bytes[HeaderType.Full64] = 48;
  // EVENT_INSTANCE_GUID_HEADER.
  bytes[HeaderType.Instance32] = bytes[HeaderType.Instance64] = 72;
  bytes[HeaderType.Message] = 8;
  bytes[HeaderType.PerfInfo32] = bytes[HeaderType.PerfInfo64] = 16;
  bytes[HeaderType.Event32] = bytes[HeaderType.Event64] = 80;
  return bytes;
})();

/** True for headers of kernel events, which are told by group and opcode. */
export const isKernelHeader = (type: number): boolean => type <= 4 || type === 16 || type === 17;

/** Size of an address in an event: each event says so by itself. */
export function pointerBytesOf(type: number): 4 | 8 {
  switch (type) {
    case HeaderType.System32:
    case HeaderType.Compact32:
    case HeaderType.Full32:
    case HeaderType.Instance32:
    case HeaderType.PerfInfo32:
    case HeaderType.Event32:
      return 4;
    default:
      return 8;
  }
}

/** Groups of kernel events (byte 7), as far as something is read from them. */
export enum Group {
  EventTrace = 0x00,
  Process = 0x03,
  Thread = 0x05,
  Pool = 0x0e,
  PerfInfo = 0x0f,
  Image = 0x14,
  StackWalk = 0x18,
}

/** Group and opcode as one number. */
export const kernelKey = (group: Group, opcode: number): number => (group << 8) | opcode;
