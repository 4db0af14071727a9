import { HEADER_BYTES, HeaderType, isKernelHeader } from './layout.js';
import { messageTimeOffset } from './message-layout.js';

const IS_KERNEL = Uint8Array.from({ length: 256 }, (_, type) =>
  isKernelHeader(type) && HEADER_BYTES[type] > 0 ? 1 : 0,
);
/** Events that must follow each other without a fault before bytes behind broken ones are believed again. */
const CHAIN = 4;
const NOTHING = Buffer.alloc(8);

/** Told of bytes that are no event: where in `cursor.bytes` they begin, how many they are, why. */
export type Broken = (cursor: EventCursor, at: number, bytes: number, why: string) => void;

/** Goes from event to event in one buffer. One object for millions of events: values, not events, are to be kept. */
export class EventCursor {
  /** What the buffer holds, unpacked; the words are the same bytes. */
  bytes: Buffer = NOTHING;
  words: Int32Array = new Int32Array(2);
  /** Offset of `bytes[0]` in the source, counted as if all its buffers were unpacked. */
  start = 0;
  /** Processor whose buffer it is. */
  cpu = -1;
  /** First byte of the event, its size without padding, the type of its header. */
  at = 0;
  size = 0;
  type = 0;
  /** `kernelKey` of a kernel event; -1 for others. */
  key = -1;
  /** Events that `stepTo` passed over. */
  passed = 0;
  /** Counter since the origin, exact to 2^53. A message without time keeps that of the event before. */
  ticks = 0;
  #next = 0;
  #end = 0;
  #originHigh = 0;
  #originLow = 0;

  constructor(private readonly broken: Broken) {}

  /** Counter value that is time 0. */
  setOrigin(counter: bigint): void {
    this.#originHigh = Number(BigInt.asIntN(32, counter >> 32n));
    this.#originLow = Number(counter & 0xffffffffn);
  }

  /**
   * Where the payload begins. Counters of the processor's performance monitor lie before it, as many as bits 8 to 10 of a
   * kernel event's version say (ntwmi.h; not seen in a file).
   */
  get payloadAt(): number {
    const at = this.at + HEADER_BYTES[this.type];
    if (this.key < 0) return at;
    const counters = (this.words[this.at >> 2] >>> 8) & 7;
    return counters === 0 ? at : Math.min(at + 8 * counters, this.at + this.size);
  }

  /**
   * Takes a buffer: `bytes[from..end)` are events. `bytes` must begin at a multiple of 8 in memory. `ticks` is the time of
   * messages without time that come first.
   */
  open(bytes: Buffer, from: number, end: number, start: number, cpu: number, ticks = Number.NEGATIVE_INFINITY): void {
    this.bytes = bytes;
    this.words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
    this.start = start;
    this.cpu = cpu;
    this.ticks = ticks;
    this.#next = from;
    this.#end = end;
  }

  /** Goes on to the next event; false behind the last one. Bytes that are no event are passed over and told. */
  step(): boolean {
    for (;;) {
      const at = this.#next;
      if (at + 8 > this.#end) {
        if (at < this.#end) this.#tell(at, this.#end, 'too few bytes for an event');
        return false;
      }
      const i = at >> 2;
      const first = this.words[i];
      const second = this.words[i + 1];
      const type = (first >>> 16) & 0xff;
      if (first >>> 24 === 0xc0 && IS_KERNEL[type] === 1) {
        const size = second & 0xffff;
        if (size >= HEADER_BYTES[type] && at + size <= this.#end) {
          this.key = second >>> 16;
          this.type = type;
          this.at = at;
          this.size = size;
          this.ticks = this.#ticksAt(i + (type >= HeaderType.PerfInfo32 ? 2 : 4));
          this.#next = (at + size + 7) & ~7;
          return true;
        }
      } else if (this.#other(at, first, second)) return true;
      this.#resume(at);
    }
  }

  /**
   * Goes on to the next event that is wanted: a kernel event with 1 at its key, or, with `others`, any other. Those passed
   * over are counted in `passed`; most of a log is, and takes a fraction of the time so.
   */
  stepTo(wanted: Uint8Array, others: boolean): boolean {
    const { words } = this;
    let at = this.#next;
    for (;;) {
      if (at + 8 <= this.#end) {
        const i = at >> 2;
        const first = words[i];
        const second = words[i + 1];
        const type = (first >>> 16) & 0xff;
        const size = second & 0xffff;
        const isKernel = first >>> 24 === 0xc0 && IS_KERNEL[type] === 1 && size >= HEADER_BYTES[type];
        if (isKernel && at + size <= this.#end && wanted[second >>> 16] === 0) {
          this.passed++;
          at = (at + size + 7) & ~7;
          continue;
        }
      }
      this.#next = at;
      if (!this.step()) return false;
      if (this.key >= 0 ? wanted[this.key] === 1 : others) return true;
      this.passed++;
      at = this.#next;
    }
  }

  /** A counter in the event, at `offset` bytes from its start, as ticks. */
  ticksIn(offset: number): number {
    return this.#ticksAt((this.at + offset) >> 2);
  }

  /** A counter at `offset` bytes from the start of the buffer, as ticks. */
  ticksFrom(offset: number): number {
    return this.#ticksAt(offset >> 2);
  }

  #ticksAt(i: number): number {
    return (this.words[i + 1] - this.#originHigh) * 4294967296 + ((this.words[i] >>> 0) - this.#originLow);
  }

  /** Takes an event that is none of the kernel's; false where there is none at `at`. */
  #other(at: number, first: number, second: number): boolean {
    const type = otherType(first);
    const size = first & 0xffff;
    if (type === 0 || size < HEADER_BYTES[type] || at + size > this.#end) return false;
    this.key = -1;
    this.type = type;
    this.at = at;
    this.size = size;
    this.#next = (at + size + 7) & ~7;
    const time = type === HeaderType.Message ? messageTimeOffset(second >>> 16) : 16;
    if (time > 0 && time + 8 <= size) this.ticks = this.ticksIn(time);
    return true;
  }

  /** Looks for the next place from which on events follow each other again. */
  #resume(at: number): void {
    let next = at + 8;
    while (next + 8 <= this.#end && !this.#isChain(next)) next += 8;
    if (next + 8 > this.#end) next = this.#end;
    this.#tell(at, next, 'no header of an event, or a size that cannot be');
    this.#next = next;
  }

  #isChain(from: number): boolean {
    let at = from;
    for (let n = 0; n < CHAIN; n++) {
      if (at >= this.#end) return n > 0;
      if (at + 8 > this.#end) return false;
      const first = this.words[at >> 2];
      const isKernel = first >>> 24 === 0xc0 && IS_KERNEL[(first >>> 16) & 0xff] === 1;
      const size = (isKernel ? this.words[(at >> 2) + 1] : first) & 0xffff;
      const type = isKernel ? (first >>> 16) & 0xff : otherType(first);
      if (type === 0 || size < HEADER_BYTES[type] || at + size > this.#end) return false;
      at = (at + size + 7) & ~7;
    }
    return true;
  }

  #tell(at: number, end: number, why: string): void {
    this.broken(this, at, end - at, why);
    this.#next = end;
  }
}

/** Type of an event that is none of the kernel's, by its first word; 0 where it is none. */
function otherType(first: number): number {
  const type = (first >>> 16) & 0xff;
  // Marker of WPP messages: TRACE_HEADER_FLAG | TRACE_MESSAGE without TRACE_HEADER_EVENT_TRACE.
  if ((first & 0xd0000000) >>> 0 === 0x90000000) return HeaderType.Message;
  return first >>> 24 === 0xc0 && HEADER_BYTES[type] > 0 && IS_KERNEL[type] === 0 ? type : 0;
}
