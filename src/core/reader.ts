import { decodeUtf8 } from './text.js';

/**
 * Reads little-endian values out of one stretch of bytes, front to back. Whatever lies beyond its end is read as 0 or as
 * an empty text and sets `short`: binary records of strangers end where they like, and none may make a reader throw.
 */
export class Reader {
  /** True once something was read that lay beyond the end. */
  short = false;
  at: number;

  constructor(
    readonly bytes: Buffer,
    from = 0,
    readonly end = bytes.length,
  ) {
    this.at = from;
  }

  /** Bytes not read yet. */
  get left(): number {
    return this.end - this.at;
  }

  u8(): number {
    return this.#has(1) ? this.bytes[this.at++] : 0;
  }

  i8(): number {
    return (this.u8() << 24) >> 24;
  }

  u16(): number {
    return this.#has(2) ? this.bytes.readUInt16LE(this.#step(2)) : 0;
  }

  i16(): number {
    return (this.u16() << 16) >> 16;
  }

  u32(): number {
    return this.#has(4) ? this.bytes.readUInt32LE(this.#step(4)) : 0;
  }

  i32(): number {
    return this.u32() | 0;
  }

  u64(): bigint {
    return this.#has(8) ? this.bytes.readBigUInt64LE(this.#step(8)) : 0n;
  }

  i64(): bigint {
    return BigInt.asIntN(64, this.u64());
  }

  f32(): number {
    return this.#has(4) ? this.bytes.readFloatLE(this.#step(4)) : 0;
  }

  f64(): number {
    return this.#has(8) ? this.bytes.readDoubleLE(this.#step(8)) : 0;
  }

  /** An address or a size of 4 or 8 bytes. */
  pointer(bytes: 4 | 8): bigint {
    return bytes === 8 ? this.u64() : BigInt(this.u32());
  }

  skip(n: number): void {
    if (this.#has(n)) this.at += n;
  }

  /** The next `n` bytes, not copied; as many as there are where there are fewer. */
  take(n: number): Buffer {
    const from = this.at;
    const size = this.#has(n) ? n : Math.max(0, this.end - from);
    this.at = from + size;
    return this.bytes.subarray(from, from + size);
  }

  /** Text up to a NUL, which is passed over, or to the end. Read as UTF-8, of which ANSI file names are mostly a part. */
  ansiZ(): string {
    const nul = this.bytes.indexOf(0, this.at);
    const stop = nul < 0 || nul >= this.end ? this.end : nul;
    const text = decodeUtf8(this.bytes, this.at, Math.max(stop, this.at));
    this.at = Math.min(stop + 1, this.end);
    return text;
  }

  /** UTF-16 text up to a NUL, which is passed over, or to the end. */
  utf16Z(): string {
    let stop = this.at;
    while (stop + 1 < this.end && (this.bytes[stop] !== 0 || this.bytes[stop + 1] !== 0)) stop += 2;
    const text = this.bytes.toString('utf16le', this.at, Math.min(stop, this.end));
    this.at = Math.min(stop + 2, this.end);
    return text;
  }

  /** UTF-16 text of `n` bytes. */
  utf16(n: number): string {
    return this.take(n).toString('utf16le');
  }

  /** 16 bytes as `01234567-89ab-cdef-0123-456789abcdef`. */
  guid(): string {
    return this.#has(16) ? guidText(this.bytes, this.#step(16)) : '';
  }

  #step(n: number): number {
    const { at } = this;
    this.at = at + n;
    return at;
  }

  #has(n: number): boolean {
    if (n >= 0 && this.at + n <= this.end) return true;
    this.short = true;
    this.at = Math.max(this.at, this.end);
    return false;
  }
}

/** The GUID at `at` in lower case, without braces. */
export function guidText(bytes: Buffer, at: number): string {
  const hex = bytes.toString('hex', at, at + 16);
  const turned = (from: number, to: number): string => {
    let text = '';
    for (let i = to; i > from; i -= 2) text += hex.slice(i - 2, i);
    return text;
  };
  return `${turned(0, 8)}-${turned(8, 12)}-${turned(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
