import { BUFFER_HEADER, BufferFlag, HEADER_BUFFER, MAX_BUFFER_BYTES, MAX_BUFFER_TYPE } from './layout.js';

/** What the header of a buffer says. */
export interface BufferHeader {
  /** Bytes of the buffer in the file. */
  readonly size: number;
  /** Bytes of header and events, unpacked. */
  readonly filled: number;
  /** Where the events end. */
  readonly end: number;
  readonly cpu: number;
  readonly flags: number;
  readonly type: number;
  readonly loggerId: number;
  readonly timeStamp: bigint;
}

/** The header at `at`; null where none can be there. `at` + 72 bytes must exist. */
export function readBufferHeader(bytes: Buffer, at: number): BufferHeader | null {
  const size = bytes.readUInt32LE(at + BUFFER_HEADER.bufferSize);
  const filled = bytes.readUInt32LE(at + BUFFER_HEADER.filled);
  const flags = bytes.readUInt16LE(at + BUFFER_HEADER.flags);
  const type = bytes.readUInt16LE(at + BUFFER_HEADER.type);
  const isCompressed = (flags & BufferFlag.Compressed) !== 0;
  if (size < BUFFER_HEADER.bytes || size > MAX_BUFFER_BYTES || type > MAX_BUFFER_TYPE) return null;
  // Some writers leave the length of a buffer without events at 0.
  if (filled > MAX_BUFFER_BYTES || (filled > size && !isCompressed) || (filled < BUFFER_HEADER.bytes && filled > 0))
    return null;
  // Relogged files of Windows 10 and 11 repeat an event of the data behind the saved offset of the header buffer.
  const saved = type === HEADER_BUFFER ? bytes.readUInt32LE(at + BUFFER_HEADER.savedOffset) : 0;
  const is16Bit = (flags & BufferFlag.ProcessorIs16Bit) !== 0;
  return {
    size,
    filled: Math.max(filled, BUFFER_HEADER.bytes),
    end: saved >= BUFFER_HEADER.bytes && saved < filled ? saved : Math.max(filled, BUFFER_HEADER.bytes),
    cpu: is16Bit ? bytes.readUInt16LE(at + BUFFER_HEADER.processor) : bytes[at + BUFFER_HEADER.processor],
    flags,
    type,
    loggerId: bytes.readUInt16LE(at + BUFFER_HEADER.loggerId),
    timeStamp: bytes.readBigInt64LE(at + BUFFER_HEADER.timeStamp),
  };
}
