/** Writes a log as an .etl file. Shares no code with what reads such files. */
import {
  BUFFER_HEADER_BYTES,
  body,
  bufferHeader,
  FLAG,
  filledUp,
  type Packed,
  type PackedEvent,
  packBuffers,
  TYPE,
} from './buffers.js';
import { padded8 } from './bytes.js';
import { eventBytes } from './event-bytes.js';
import { headerEvent } from './header-event.js';
import type { EtlLog, EtlSession } from './log.js';
import { xpressCompress } from './xpress-compress.js';

/** A buffer of events, and where it stands. */
export interface PlacedBuffer {
  readonly offset: number;
  readonly bytes: number;
  readonly cpu: number;
  readonly sequence: number;
  readonly flags: number;
  /** Offsets are from the start of the buffer, when unpacked. */
  readonly events: readonly PackedEvent[];
}

export interface WrittenEtl {
  readonly bytes: Buffer;
  /** In the order of the file, without the header's buffer. */
  readonly buffers: readonly PlacedBuffer[];
}

/** The header's buffer of a compressed file takes whole sectors instead of a whole buffer. */
const SECTOR_BYTES = 512;
const CIRCULAR = 0x2;
const COMPRESSED_MODE = 0x4000000;

export const writeEtl = (log: EtlLog): Buffer => writeEtlPlaced(log).bytes;

/** As writeEtl, and where everything stands. */
export function writeEtlPlaced(log: EtlLog): WrittenEtl {
  const written = packBuffers(log.events, log.session.bufferBytes);
  const all = written.map((packed, i) => ({ packed, flags: flagsOf(log, written, i) }));
  const kept = all.filter((_, i) => !log.lostBuffers?.includes(i));
  const slots = rotated(circular(kept, log.circularBuffers), log.rotateBuffers ?? 0);
  const first = headerBuffer(log, slots.length + 1);
  const chunks = [first];
  const buffers: PlacedBuffer[] = [];
  let offset = first.length;
  for (const { packed, flags } of slots) {
    const bytes = eventBuffer(log, packed, flags);
    chunks.push(bytes);
    buffers.push({
      offset,
      bytes: bytes.length,
      cpu: packed.cpu,
      sequence: packed.sequence,
      flags,
      events: packed.events,
    });
    offset += bytes.length;
  }
  return { bytes: Buffer.concat(chunks), buffers };
}

function flagsOf(log: EtlLog, written: readonly Packed[], i: number): number {
  let flags = log.wideProcessorIndex === false ? 0 : FLAG.wideIndex;
  if (log.compressed) flags |= FLAG.compressed;
  if (i === written.length - 1) flags |= FLAG.flush;
  if (log.buffersWithLosses?.includes(i)) flags |= FLAG.eventsLost;
  const before = written.findLastIndex((other, j) => j < i && other.cpu === written[i].cpu);
  if (log.lostBuffers?.includes(before)) flags |= FLAG.bufferLost;
  return flags;
}

/** Buffer n goes to slot n modulo the slots: of each slot the last one written is there. */
function circular<T>(buffers: readonly T[], slots: number | undefined): readonly T[] {
  if (slots === undefined || buffers.length <= slots) return buffers;
  const file: T[] = [];
  for (const [i, buffer] of buffers.entries()) file[i % slots] = buffer;
  return file;
}

function rotated<T>(buffers: readonly T[], by: number): readonly T[] {
  return [...buffers.slice(by), ...buffers.slice(0, by)];
}

/** The first buffer of a file of so many, this one included. */
export function headerBuffer(log: Omit<EtlLog, 'events'>, buffersWritten: number): Buffer {
  const session = withMode(log);
  const event = padded8(eventBytes(headerEvent(session, buffersWritten, log.compressed ?? false)));
  const filledBytes = BUFFER_HEADER_BYTES + event.length;
  const bufferBytes = log.compressed ? Math.ceil(filledBytes / SECTOR_BYTES) * SECTOR_BYTES : session.bufferBytes;
  if (filledBytes > bufferBytes) throw new Error('the header event does not fit its buffer');
  const header = bufferHeader({
    bufferBytes,
    filledBytes,
    currentOffset: log.nativeLog ? filledBytes : 0,
    time: 0n,
    sequence: 0,
    cpu: 0,
    loggerId: session.loggerId,
    flags: FLAG.flush | (log.nativeLog && log.wideProcessorIndex !== false ? FLAG.wideIndex : 0),
    type: TYPE.header,
  });
  return filledUp(Buffer.concat([header, event]), bufferBytes);
}

/** The mode says what the file is. */
function withMode({ session, compressed, circularBuffers }: Omit<EtlLog, 'events'>): EtlSession {
  const circularMode = circularBuffers === undefined ? session.logFileMode : (session.logFileMode & ~1) | CIRCULAR;
  return { ...session, logFileMode: circularMode | (compressed ? COMPRESSED_MODE : 0) };
}

function eventBuffer(log: EtlLog, packed: Packed, flags: number): Buffer {
  const { session } = log;
  const plain = body(packed);
  const content = log.compressed ? xpressCompress(plain) : plain;
  const bufferBytes = log.compressed ? BUFFER_HEADER_BYTES + content.length : session.bufferBytes;
  const header = bufferHeader({
    bufferBytes,
    filledBytes: packed.filledBytes,
    currentOffset: packed.filledBytes + (packed.refusedBytes || session.bufferBytes),
    time: log.nativeLog ? packed.flushedTicks : filetimeOf(session, packed.flushedTicks),
    sequence: packed.sequence,
    cpu: packed.cpu,
    loggerId: session.loggerId,
    flags,
    type: TYPE.generic,
  });
  return filledUp(Buffer.concat([header, content]), bufferBytes);
}

/** FILETIME of `ticks` by the session's clock. */
export function filetimeOf(session: EtlSession, ticks: bigint): bigint {
  if (session.clockType === 2) return ticks;
  return session.startFiletime + ((ticks - session.startTicks) * 10_000_000n) / session.perfFreq;
}
