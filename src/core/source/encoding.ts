/** UTF-8 and UTF-16, told by their bytes. */
import type { ByteReader } from './byte-reader.js';
import type { Encoding } from './types.js';

/** Byte-order marks first; without one, UTF-16 shows as NULs in every other place. */
export function encodingOf(front: Buffer): { encoding: Encoding; bom: number } {
  if (front.length >= 3 && front[0] === 0xef && front[1] === 0xbb && front[2] === 0xbf)
    return { encoding: 'utf-8', bom: 3 };
  if (front.length >= 2 && front[0] === 0xff && front[1] === 0xfe) return { encoding: 'utf-16le', bom: 2 };
  if (front.length >= 2 && front[0] === 0xfe && front[1] === 0xff) return { encoding: 'utf-16be', bom: 2 };
  if (isBinary(front)) return { encoding: 'binary', bom: 0 };
  const n = Math.min(front.length, 4096);
  let even = 0;
  let odd = 0;
  for (let i = 0; i < n; i++) if (front[i] === 0) i % 2 === 0 ? even++ : odd++;
  if (odd > n * 0.35 && even < n * 0.05) return { encoding: 'utf-16le', bom: 0 };
  if (even > n * 0.35 && odd < n * 0.05) return { encoding: 'utf-16be', bom: 0 };
  return { encoding: even + odd > n * 0.1 ? 'binary' : 'utf-8', bom: 0 };
}

/** NULs in even and in odd places at the very beginning: no text is like that, but a binary header with texts in it is. */
function isBinary(front: Buffer): boolean {
  const nuls = [0, 0];
  for (let i = 0; i < Math.min(front.length, 72); i++) if (front[i] === 0) nuls[i % 2]++;
  return nuls[0] >= 8 && nuls[1] >= 8;
}

export function transcode(raw: ByteReader, encoding: 'utf-16le' | 'utf-16be'): ByteReader {
  const decoder = new TextDecoder(encoding, { ignoreBOM: false });
  const part = Buffer.alloc(1 << 18);
  let rest: Buffer = Buffer.alloc(0);
  let ended = false;
  const troubles = raw.troubles;
  return {
    ...raw,
    troubles,
    random: undefined,
    async read(target, offset) {
      while (rest.length === 0 && !ended) {
        const n = await raw.read(part, 0);
        ended = n === 0;
        const text = decoder.decode(part.subarray(0, n), { stream: !ended });
        // At the end only half a code unit or half a surrogate pair can be left.
        if (ended && text !== '') {
          troubles.push({ code: 'truncated', message: 'the UTF-16 text ends in the middle of a character' });
        }
        rest = Buffer.from(text, 'utf8');
      }
      const n = Math.min(rest.length, target.length - offset);
      rest.copy(target, offset, 0, n);
      rest = rest.subarray(n);
      return n;
    },
  };
}
