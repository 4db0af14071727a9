/** Little-endian values as bytes, to be joined with Buffer.concat. */

export type PointerBytes = 4 | 8;

export const u8 = (value: number): Buffer => Buffer.of(value & 0xff);

export function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value & 0xffff);
  return bytes;
}

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

export function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, value));
  return bytes;
}

/** An address; its upper half is dropped where pointers have 4 bytes. */
export const pointer = (value: bigint, pointerBytes: PointerBytes): Buffer =>
  pointerBytes === 8 ? u64(value) : u32(Number(BigInt.asUintN(32, value)));

export const utf16z = (text: string): Buffer => Buffer.from(`${text}\0`, 'utf16le');
export const utf8z = (text: string): Buffer => Buffer.from(`${text}\0`, 'utf8');
export const ansiz = (text: string): Buffer => Buffer.from(`${text}\0`, 'latin1');

/** The first three groups of a GUID's text are numbers, the rest bytes. */
export function guid(text: string): Buffer {
  const hex = text.replace(/[{}-]/g, '');
  if (!/^[0-9a-f]{32}$/i.test(hex)) throw new Error(`not a GUID: ${text}`);
  const big = Buffer.from(hex, 'hex');
  return Buffer.concat([
    big.subarray(0, 4).reverse(),
    big.subarray(4, 6).reverse(),
    big.subarray(6, 8).reverse(),
    big.subarray(8),
  ]);
}

export const joined = (...parts: readonly Uint8Array[]): Buffer => Buffer.concat(parts);

/** Zeros up to a multiple of 8, which is where the next event or extended item begins. */
export function padded8(bytes: Buffer): Buffer {
  const rest = bytes.length % 8;
  return rest === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(8 - rest)]);
}
