/** Where the buffers of a log lie, whose they are, and when each begins: 36 bytes each. */
import { grown } from '../../../src/core/grown.js';

/** 2^20 buffers of the usual 64 KB are 64 GB. */
const MAX_BUFFERS = 1 << 20;

export class BufferList {
  count = 0;
  /** True where a list of all was not kept. */
  isCut = false;
  /** True where the buffers of each processor lie in the file in the order of time. */
  isOrdered = true;
  at: Float64Array = new Float64Array(256);
  firstTicks: Float64Array = new Float64Array(256);
  cpu: Int32Array = new Int32Array(256);
  /** Bytes in the file, and unpacked. */
  size: Int32Array = new Int32Array(256);
  bytes: Int32Array = new Int32Array(256);
  /** Offset as it would be if all buffers were unpacked. */
  start: Float64Array = new Float64Array(256);
  readonly #last = new Map<number, number>();

  /** Adds a buffer; the last two are those of its first event. */
  add(
    { at, size, start, bytes }: { at: number; size: number; start: number; bytes: number },
    cpu: number,
    firstTicks: number,
  ): void {
    // Nothing in it has a time: it keeps its place.
    const known = Number.isFinite(firstTicks) ? firstTicks : (this.#last.get(cpu) ?? 0);
    if (known < (this.#last.get(cpu) ?? Number.NEGATIVE_INFINITY)) this.isOrdered = false;
    this.#last.set(cpu, known);
    if (this.count >= MAX_BUFFERS) {
      this.isCut = true;
      return;
    }
    const i = this.count++;
    if (i === this.at.length) this.#grow();
    this.at[i] = at;
    this.size[i] = size;
    this.bytes[i] = bytes;
    this.start[i] = start;
    this.cpu[i] = cpu;
    this.firstTicks[i] = known;
  }

  get cpus(): number {
    return this.#last.size;
  }

  /** Indices in the order of time, by the first event of each. */
  byTime(): Uint32Array {
    const { firstTicks } = this;
    return new Uint32Array(this.count).map((_, i) => i).sort((a, b) => firstTicks[a] - firstTicks[b] || a - b);
  }

  #grow(): void {
    const length = this.at.length * 2;
    this.at = grown(this.at, length);
    this.firstTicks = grown(this.firstTicks, length);
    this.cpu = grown(this.cpu, length);
    this.size = grown(this.size, length);
    this.bytes = grown(this.bytes, length);
    this.start = grown(this.start, length);
  }
}
