/** Where buffers begin in a stretch of a file, and where the next one begins behind damage. */
import { type BufferHeader, readBufferHeader } from './buffer-header.js';
import { BUFFER_HEADER, BufferFlag, HEADER_BUFFER, HEADER_BYTES, HeaderType, isKernelHeader } from './layout.js';
import { unpackXpress } from './xpress.js';

/** How the buffers of a log lie in its file. */
export interface LogShape {
  /** Bytes of a buffer, unpacked; 0 where the log does not say. */
  readonly bufferBytes: number;
  /** True where all are as long as the first: they begin at multiples of `bufferBytes`. */
  readonly isPlain: boolean;
}

/** BufferSize in the payload of the first event (TRACE_LOGFILE_HEADER), which begins right behind the header of the buffer. */
const TOLD_AT = BUFFER_HEADER.bytes + HEADER_BYTES[HeaderType.System64];

/** What the beginning of a file says: in a compressed log the first buffer is shorter than what the log says of its buffers. */
export function shapeOf(bytes: Buffer): LogShape {
  const first = bytes.length < TOLD_AT + 4 ? null : readBufferHeader(bytes, 0);
  if (first === null) return { bufferBytes: 0, isPlain: false };
  const told = bytes.readUInt32LE(TOLD_AT);
  const isPlain = first.size === told && (first.flags & BufferFlag.Compressed) === 0;
  return { bufferBytes: told, isPlain };
}

/** What lies at a place: a buffer, or so many bytes that are none. */
export type Found =
  | { readonly header: BufferHeader }
  | { readonly header: null; readonly bytes: number; readonly isUnused: boolean };

/** Looks at `bytes[i]`, 72 bytes of which are there. What is no buffer may go on behind the end of `bytes`. */
export function bufferAt(bytes: Buffer, i: number, shape: LogShape): Found {
  const header = readBufferHeader(bytes, i);
  return shape.isPlain ? plainAt(bytes, i, header, shape.bufferBytes) : packedAt(bytes, i, header, shape.bufferBytes);
}

/** Whatever a plain buffer says of its length, the next begins where it must: none swallows another. */
function plainAt(bytes: Buffer, i: number, header: BufferHeader | null, bufferBytes: number): Found {
  const isSound = header !== null && (header.flags & BufferFlag.Compressed) === 0 && header.filled <= bufferBytes;
  if (isSound) return { header: header.size === bufferBytes ? header : { ...header, size: bufferBytes } };
  return { header: null, bytes: bufferBytes, isUnused: isZero(bytes, i, Math.min(i + bufferBytes, bytes.length)) };
}

function packedAt(bytes: Buffer, i: number, header: BufferHeader | null, bufferBytes: number): Found {
  if (header !== null) return { header };
  const last = bytes.length - BUFFER_HEADER.bytes;
  let at = i + 1;
  while (at <= last && !looksLikeBuffer(bytes, at, bufferBytes)) at++;
  // A header may begin in the last bytes, and go on behind them.
  return { header: null, bytes: at - i, isUnused: isZero(bytes, i, at) };
}

function isZero(bytes: Buffer, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (bytes[i] !== 0) return false;
  return true;
}

/** Stricter than `readBufferHeader`: in the middle of other bytes much looks like a header. */
function looksLikeBuffer(bytes: Buffer, at: number, bufferBytes: number): boolean {
  // Cheap checks first: high bytes of size, flags and type, and unused flags.
  if (bytes[at + 3] !== 0 || bytes[at + 0x33] !== 0 || bytes[at + 0x35] !== 0 || bytes[at + 0x37] !== 0) return false;
  if (bytes[at + 0x34] > 0x7f || bytes[at + 0x36] >= HEADER_BUFFER) return false;
  const header = readBufferHeader(bytes, at);
  if (header === null || header.filled === BUFFER_HEADER.bytes) return false;
  if (bufferBytes > 0 && header.filled > bufferBytes) return false;
  const next = at + header.size;
  if (next + BUFFER_HEADER.bytes <= bytes.length && readBufferHeader(bytes, next) === null) return false;
  const event = at + BUFFER_HEADER.bytes;
  if ((header.flags & BufferFlag.Compressed) === 0) return looksLikeEvent(bytes, event, at + header.filled);
  return packsEvent(bytes, event, Math.min(next, bytes.length), header.filled - BUFFER_HEADER.bytes);
}

/** True where the packed bytes begin with an event. */
function packsEvent(bytes: Buffer, at: number, end: number, filled: number): boolean {
  const front = Buffer.alloc(8);
  return unpackXpress(bytes, at, end, front, 0, 8) === 8 && looksLikeEvent(front, 0, filled);
}

/** Mark, type and size of an event's header, as events are told by in a buffer. */
function looksLikeEvent(bytes: Buffer, at: number, end: number): boolean {
  if (at + 8 > bytes.length) return false;
  const type = bytes[at + 2];
  const mark = bytes[at + 3];
  const size = bytes.readUInt16LE(mark === 0xc0 && isKernelHeader(type) ? at + 4 : at);
  if (at + size > end) return false;
  if (mark === 0xc0) return HEADER_BYTES[type] > 0 && size >= HEADER_BYTES[type];
  return (mark & 0xd0) === 0x90 && size >= HEADER_BYTES[HeaderType.Message];
}
