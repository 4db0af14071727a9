/** Distributes events over the buffers of their CPUs, and writes a buffer with its header (WMI_BUFFER_HEADER, ntwmi.h). */
import { padded8 } from './bytes.js';
import { eventBytes } from './event-bytes.js';
import type { EtlEvent } from './log.js';

export const BUFFER_HEADER_BYTES = 72;

/** ETW_BUFFER_FLAG_* and ETW_BUFFER_TYPE_*. */
export const FLAG = { flush: 0x01, eventsLost: 0x02, bufferLost: 0x04, wideIndex: 0x20, compressed: 0x40 } as const;
export const TYPE = { generic: 0, header: 4 } as const;

export interface PackedEvent {
  readonly event: EtlEvent;
  /** From the start of the buffer, when unpacked. */
  readonly offset: number;
  readonly bytes: Buffer;
}

/** A buffer of events of one CPU. */
export interface Packed {
  readonly cpu: number;
  /** In the order in which the buffers were taken into use. */
  readonly sequence: number;
  readonly events: readonly PackedEvent[];
  /** With the buffer's header. */
  readonly filledBytes: number;
  /** Size of the event that did not fit any more; 0 where the trace ended. */
  readonly refusedBytes: number;
  readonly flushedTicks: bigint;
}

interface Open {
  readonly cpu: number;
  readonly sequence: number;
  readonly events: PackedEvent[];
  filledBytes: number;
}

/** In the order in which the buffers went to the file: whenever one was full, and the rest at the end. */
export function packBuffers(events: readonly EtlEvent[], bufferBytes: number): Packed[] {
  const packed: Packed[] = [];
  const open = new Map<number, Open>();
  // The header's buffer has number 0.
  let sequence = 1;
  const close = (buffer: Open, refusedBytes: number, flushedTicks: bigint): void => {
    packed.push({ ...buffer, refusedBytes, flushedTicks });
    open.delete(buffer.cpu);
  };
  for (const event of byTime(events)) {
    const bytes = eventBytes(event);
    const room = padded8(bytes).length;
    if (BUFFER_HEADER_BYTES + room > bufferBytes) throw new Error(`an event of ${bytes.length} bytes fits no buffer`);
    const full = open.get(event.cpu);
    if (full !== undefined && full.filledBytes + room > bufferBytes) close(full, room, event.ticks);
    const buffer = open.get(event.cpu) ?? {
      cpu: event.cpu,
      sequence: sequence++,
      events: [],
      filledBytes: BUFFER_HEADER_BYTES,
    };
    open.set(event.cpu, buffer);
    buffer.events.push({ event, offset: buffer.filledBytes, bytes });
    buffer.filledBytes += room;
  }
  for (const rest of [...open.values()]) close(rest, 0, rest.events[rest.events.length - 1].event.ticks);
  return packed;
}

/** Events of one time keep their order. */
const byTime = (events: readonly EtlEvent[]): EtlEvent[] =>
  [...events].sort((a, b) => (a.ticks < b.ticks ? -1 : a.ticks > b.ticks ? 1 : 0));

/** The events one after the other, each up to a multiple of 8. */
export const body = (packed: Packed): Buffer => Buffer.concat(packed.events.map(({ bytes }) => padded8(bytes)));

export interface BufferHeader {
  /** In the file, header and unused rest included. */
  readonly bufferBytes: number;
  readonly filledBytes: number;
  readonly currentOffset: number;
  readonly time: bigint;
  readonly sequence: number;
  readonly cpu: number;
  readonly loggerId: number;
  readonly flags: number;
  readonly type: number;
}

export function bufferHeader(header: BufferHeader): Buffer {
  const bytes = Buffer.alloc(BUFFER_HEADER_BYTES);
  bytes.writeUInt32LE(header.bufferBytes, 0x00);
  bytes.writeUInt32LE(header.filledBytes, 0x04);
  bytes.writeUInt32LE(header.currentOffset, 0x08);
  bytes.writeBigInt64LE(header.time, 0x10);
  bytes.writeBigInt64LE(BigInt(header.sequence), 0x18);
  if ((header.flags & FLAG.wideIndex) !== 0) {
    bytes.writeUInt16LE(header.cpu, 0x28);
  } else {
    bytes[0x28] = header.cpu;
    // Alignment of events, in the files of Windows 7.
    bytes[0x29] = 8;
  }
  bytes.writeUInt16LE(header.loggerId, 0x2a);
  // EtwBufferStateFlush.
  bytes.writeUInt32LE(3, 0x2c);
  bytes.writeUInt32LE(header.filledBytes, 0x30);
  bytes.writeUInt16LE(header.flags, 0x34);
  bytes.writeUInt16LE(header.type, 0x36);
  return bytes;
}

/** A buffer's unused rest is filled with 0xff, as in real files. */
export function filledUp(bytes: Buffer, bufferBytes: number): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(bufferBytes - bytes.length, 0xff)]);
}
