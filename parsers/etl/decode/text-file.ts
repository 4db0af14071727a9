/** Text files that a user hands over beside a trace: manifests, trace message format files. */

/**
 * Text of bytes in UTF-8, or in UTF-16 where a byte order mark says so or where the first character, an ASCII one in
 * these formats, takes two bytes. Message Compiler and tracepdb write either. The mark itself is left out.
 */
export function decodeText(bytes: Buffer): string {
  if (bytes.length >= 2 && bytes[0] === 0xff && bytes[1] === 0xfe) return utf16(bytes.subarray(2));
  if (bytes.length >= 2 && bytes[0] === 0xfe && bytes[1] === 0xff) return utf16(swapped(bytes.subarray(2)));
  if (bytes.length >= 2 && bytes[0] !== 0 && bytes[1] === 0) return utf16(bytes);
  if (bytes.length >= 2 && bytes[0] === 0 && bytes[1] !== 0) return utf16(swapped(bytes));
  const hasMark = bytes.length >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return bytes.toString('utf8', hasMark ? 3 : 0);
}

const utf16 = (bytes: Buffer): string => bytes.toString('utf16le', 0, bytes.length & ~1);

const swapped = (bytes: Buffer): Buffer => Buffer.from(bytes.subarray(0, bytes.length & ~1)).swap16();
