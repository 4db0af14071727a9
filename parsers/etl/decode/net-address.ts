const AF_INET = 2;
const AF_INET6 = 23;

/** Four bytes in network order as `10.0.0.1`. */
export function ipv4Text(bytes: Uint8Array): string {
  return bytes.subarray(0, 4).join('.');
}

/** Sixteen bytes in network order as RFC 5952 writes them: lower case, the longest run of zero groups as `::`. */
export function ipv6Text(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(2 * i).toString(16));
  const { from, length } = longestZeroRun(groups);
  if (length < 2) return groups.join(':');
  return `${groups.slice(0, from).join(':')}::${groups.slice(from + length).join(':')}`;
}

function longestZeroRun(groups: readonly string[]): { from: number; length: number } {
  let best = { from: 0, length: 0 };
  let length = 0;
  groups.forEach((group, i) => {
    length = group === '0' ? length + 1 : 0;
    if (length > best.length) best = { from: i + 1 - length, length };
  });
  return best;
}

/** A SOCKADDR (ws2def.h, ws2ipdef.h) as `10.0.0.1:80` or `[::1]:80`; null where it is of another family or too short. */
export function socketAddressText(bytes: Buffer): string | null {
  if (bytes.length < 8) return null;
  const family = bytes.readUInt16LE(0);
  const port = bytes.readUInt16BE(2);
  if (family === AF_INET) return `${ipv4Text(bytes.subarray(4, 8))}:${port}`;
  return family === AF_INET6 && bytes.length >= 24 ? `[${ipv6Text(bytes.subarray(8, 24))}]:${port}` : null;
}
