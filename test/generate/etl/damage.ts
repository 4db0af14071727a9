/** Ways to break an .etl file. Each gives a copy. */
import type { WrittenEtl } from './write-etl.js';

/** The first `bytes` bytes. */
export const cutAt = (file: WrittenEtl, bytes: number): Buffer => Buffer.from(file.bytes.subarray(0, bytes));

/** A buffer of events, by its place in the file, all zeros with its header. */
export function withZeroedBuffer(file: WrittenEtl, buffer: number): Buffer {
  const copy = Buffer.from(file.bytes);
  const { offset, bytes } = file.buffers[buffer];
  copy.fill(0, offset, offset + bytes);
  return copy;
}

/** Offset in the file of an event in a buffer that is not compressed. */
export function eventOffset(file: WrittenEtl, buffer: number, event: number): number {
  const { offset, events } = file.buffers[buffer];
  return offset + events[event].offset;
}

/** An event whose size is `size`, whatever it was. */
export function withEventSize(file: WrittenEtl, buffer: number, event: number, size: number): Buffer {
  const copy = Buffer.from(file.bytes);
  const { header } = file.buffers[buffer].events[event].event;
  const sizeAt = /^(system|compact|perfinfo)/.test(header) ? 4 : 0;
  copy.writeUInt16LE(size, eventOffset(file, buffer, event) + sizeAt);
  return copy;
}

/** An event with other bytes 2 and 3: the type of its header and the mark. */
export function withEventMarker(file: WrittenEtl, buffer: number, event: number, type: number, mark: number): Buffer {
  const copy = Buffer.from(file.bytes);
  copy[eventOffset(file, buffer, event) + 2] = type;
  copy[eventOffset(file, buffer, event) + 3] = mark;
  return copy;
}

/** A buffer whose header has another value of 4 bytes at `field`. */
export function withBufferField(file: WrittenEtl, buffer: number, field: number, value: number): Buffer {
  const copy = Buffer.from(file.bytes);
  copy.writeUInt32LE(value >>> 0, file.buffers[buffer].offset + field);
  return copy;
}
