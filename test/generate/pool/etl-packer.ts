/**
 * Events straight into buffers, for logs of many events: the general writer in ../etl makes several objects of each, which
 * takes too long where hundreds of logs are written. Headers of buffers and the first buffer are its own.
 */
import { BUFFER_HEADER_BYTES, bufferHeader, FLAG, TYPE } from '../etl/buffers.js';
import type { EtlSession } from '../etl/log.js';
import { filetimeOf, headerBuffer } from '../etl/write-etl.js';

/** TRACE_HEADER_TYPE_PERFINFO64, and the mark of kernel events. */
const PERFINFO64 = 17;
const MARK = 0xc0;
const HEADER_BYTES = 16;
const TWO_TO_32 = 4294967296;

interface Open {
  readonly bytes: Buffer;
  readonly cpu: number;
  readonly sequence: number;
  readonly flags: number;
  filled: number;
  lastTicks: number;
}

export class EtlPacker {
  readonly #open = new Map<number, Open>();
  readonly #chunks: Buffer[] = [];
  /** CPUs whose next buffer tells that one before it was lost. */
  readonly #losses = new Set<number>();
  #sequence = 1;
  #buffers = 0;

  constructor(
    readonly session: EtlSession,
    readonly nativeLog: boolean,
    /** Takes each buffer that is full, where a log is too long to be kept: `finish` gives the first buffer alone then. */
    private readonly sink: ((buffer: Buffer) => void) | null = null,
  ) {}

  /** A PERFINFO event up to its payload: the buffer, and where the payload begins. Events of a CPU come in the order of time. */
  perfInfo(cpu: number, ticks: number, group: number, opcode: number, payloadBytes: number): readonly [Buffer, number] {
    const size = HEADER_BYTES + payloadBytes;
    const { bytes, at } = this.#room(cpu, ticks, size);
    bytes.writeUInt16LE(2, at);
    bytes[at + 2] = PERFINFO64;
    bytes[at + 3] = MARK;
    bytes.writeUInt16LE(size, at + 4);
    bytes[at + 6] = opcode;
    bytes[at + 7] = group;
    writeTicks(bytes, ticks, at + 8);
    return [bytes, at + HEADER_BYTES];
  }

  /** Any event, as bytes. */
  raw(cpu: number, ticks: number, event: Buffer): void {
    const { bytes, at } = this.#room(cpu, ticks, event.length);
    event.copy(bytes, at);
  }

  /** So many buffers are missing from here on. */
  lose(buffers: number): void {
    for (const open of [...this.#open.values()]) this.#close(open);
    for (let cpu = 0; cpu < this.session.cpus; cpu++) this.#losses.add(cpu);
    this.#sequence += buffers;
  }

  /** The file. */
  finish(): Buffer {
    for (const open of [...this.#open.values()]) this.#close(open);
    const log = { session: this.session, nativeLog: this.nativeLog };
    return Buffer.concat([headerBuffer(log, this.#buffers + 1), ...this.#chunks]);
  }

  #room(cpu: number, ticks: number, size: number): { bytes: Buffer; at: number } {
    const room = (size + 7) & ~7;
    let open = this.#open.get(cpu);
    if (open !== undefined && open.filled + room > open.bytes.length) {
      this.#close(open);
      open = undefined;
    }
    open ??= this.#take(cpu);
    const at = open.filled;
    open.bytes.fill(0, at + size, at + room);
    open.filled += room;
    open.lastTicks = ticks;
    return { bytes: open.bytes, at };
  }

  #take(cpu: number): Open {
    const open = {
      bytes: Buffer.alloc(this.session.bufferBytes, 0xff),
      cpu,
      sequence: this.#sequence++,
      flags: FLAG.wideIndex | (this.#losses.delete(cpu) ? FLAG.bufferLost : 0),
      filled: BUFFER_HEADER_BYTES,
      lastTicks: 0,
    };
    this.#open.set(cpu, open);
    return open;
  }

  #close(open: Open): void {
    const ticks = BigInt(open.lastTicks);
    const header = bufferHeader({
      bufferBytes: open.bytes.length,
      filledBytes: open.filled,
      currentOffset: open.filled,
      time: this.nativeLog ? ticks : filetimeOf(this.session, ticks),
      sequence: open.sequence,
      cpu: open.cpu,
      loggerId: this.session.loggerId,
      flags: open.flags,
      type: TYPE.generic,
    });
    header.copy(open.bytes);
    this.#buffers++;
    if (this.sink === null) this.#chunks.push(open.bytes);
    else this.sink(open.bytes);
    this.#open.delete(open.cpu);
  }
}

/** A whole number below 2^53, as 64 bits. */
export function writeTicks(bytes: Buffer, ticks: number, at: number): void {
  bytes.writeUInt32LE(ticks % TWO_TO_32, at);
  bytes.writeUInt32LE(Math.floor(ticks / TWO_TO_32), at + 4);
}
