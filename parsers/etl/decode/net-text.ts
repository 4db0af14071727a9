/** Network addresses as text. */

/** Four bytes in network order as `127.0.0.1`. */
export const ipv4Text = (bytes: Buffer, at = 0): string => bytes.subarray(at, at + 4).join('.');

/** Sixteen bytes (IN6_ADDR) as RFC 5952 writes them: lower case, the longest run of zeros as `::`. */
export function ipv6Text(bytes: Buffer, at = 0): string {
  const words = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(at + 2 * i));
  const isMapped = words.slice(0, 5).every((word) => word === 0) && words[5] === 0xffff;
  if (isMapped) return `::ffff:${ipv4Text(bytes, at + 12)}`;
  const run = longestZeroRun(words);
  const hex = (part: readonly number[]): string => part.map((word) => word.toString(16)).join(':');
  return run.length < 2 ? hex(words) : `${hex(words.slice(0, run.from))}::${hex(words.slice(run.from + run.length))}`;
}

function longestZeroRun(words: readonly number[]): { readonly from: number; readonly length: number } {
  let longest = { from: 0, length: 0 };
  for (let from = 0; from < words.length; from++) {
    let to = from;
    while (words[to] === 0) to++;
    if (to - from > longest.length) longest = { from, length: to - from };
  }
  return longest;
}

/**
 * A SOCKADDR of the families AF_INET (2) and AF_INET6 (23) of winsock2.h as `127.0.0.1:80` or `[::1]:80`; null for other
 * families and where bytes are missing. Port and addresses are in network order.
 */
export function socketAddressText(bytes: Buffer): string | null {
  const family = bytes.length < 8 ? 0 : bytes.readUInt16LE(0);
  if (family === 2) return `${ipv4Text(bytes, 4)}:${bytes.readUInt16BE(2)}`;
  if (family === 23 && bytes.length >= 24) return `[${ipv6Text(bytes, 8)}]:${bytes.readUInt16BE(2)}`;
  return null;
}

/** Six bytes as `00:1a:2b:3c:4d:5e`. */
export const macText = (bytes: Buffer): string => bytes.toString('hex').replace(/..(?=.)/g, '$&:');
