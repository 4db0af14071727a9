/** The decoder of compressed buffers, against the examples of [MS-XCA], hand-made bytes and the writer's compressor. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unpackXpress } from '../parsers/etl/log/xpress.js';
import { xpressCompress } from './generate/etl/xpress-compress.js';

/** Unpacks `size` bytes; null where the data give fewer. */
function unpack(hex: string | Uint8Array, size: number): Buffer | null {
  const from = typeof hex === 'string' ? Buffer.from(hex.replaceAll(' ', ''), 'hex') : hex;
  const to = Buffer.alloc(size);
  return unpackXpress(from, 0, from.length, to, 0, size) === size ? to : null;
}

const text = (hex: string, size: number): string | undefined => unpack(hex, size)?.toString('latin1');

const lumps = fc
  .array(fc.tuple(fc.uint8Array({ maxLength: 12 }), fc.integer({ min: 1, max: 400 })), { maxLength: 20 })
  .map((parts) => Buffer.concat(parts.flatMap(([bytes, times]) => Array.from({ length: times }, () => bytes))));

describe('by hand', () => {
  it('unpacks the examples of the specification', () => {
    // [MS-XCA] 3.1.
    const alphabet = 'abcdefghijklmnopqrstuvwxyz';
    expect(text(`3f000000 ${Buffer.from(alphabet).toString('hex')}`, 26)).toBe(alphabet);
    expect(text('ffffff1f 616263 1700 0f ff 2601', 300)).toBe('abc'.repeat(100));
  });

  // Each: a literal `a`, then a match one byte back of so many bytes; flags 0, 1, and ones to the end.
  it.each([
    ['the match itself', '0000', 3],
    ['the match itself', '0600', 9],
    ['half a byte', '0700 00', 10],
    ['half a byte', '0700 0e', 24],
    ['a byte', '0700 0f 00', 25],
    ['a byte', '0700 0f fe', 279],
    ['a word', '0700 0f ff 1601', 281],
    ['a word, the least that a byte could say as well', '0700 0f ff 1600', 25],
    ['a word', '0700 0f ff ffff', 65538],
    ['a double word', '0700 0f ff 0000 9d860100', 100_000],
  ])('takes the length from %s: %s', (_, match, length) => {
    const size = 1 + length;
    expect(text(`ffffff7f 61 ${match}`, size)).toBe('a'.repeat(size));
    // No more comes of it: the next match is not there.
    expect(unpack(`ffffff7f 61 ${match}`, size + 1)).toBeNull();
  });

  it('shares a byte between two lengths, the lower half first', () => {
    expect(text('ffffff5f 61 0700 52 62 0700', 29)).toBe(`${'a'.repeat(13)}${'b'.repeat(16)}`);
    // A third match takes a new byte.
    expect(text('ffffff57 61 0700 52 62 0700 63 0700 01', 41)).toBe(
      `${'a'.repeat(13)}${'b'.repeat(16)}${'c'.repeat(12)}`,
    );
  });

  it('takes new flags after 32, and leaves those alone that the output does not need', () => {
    const letters = Buffer.alloc(40, 'xy').toString('hex');
    expect(text(`00000000 ${letters.slice(0, 64)} 00000000 ${letters.slice(64)}`, 40)).toBe('xy'.repeat(20));
    // 4 bytes of flags may be left over.
    expect(text(`00000000 ${letters.slice(0, 64)} ffffffff`, 32)).toBe('xy'.repeat(16));
  });

  it.each([
    ['no flags', '', 0],
    ['flags cut', 'ffff', 0],
    ['flags only', '00000000', 0],
    ['literals cut', '00000000 6162', 2],
    ['a match cut', 'ffffff7f 61 07', 1],
    ['a length cut', 'ffffff7f 61 0700', 1],
    ['a longer length cut', 'ffffff7f 61 0700 0f', 1],
    ['a word cut', 'ffffff7f 61 0700 0f ff 01', 1],
    ['a double word cut', 'ffffff7f 61 0700 0f ff 0000 010000', 1],
    ['a word below what is left to it', 'ffffff7f 61 0700 0f ff 1500', 1],
    ['a match before the start', 'ffffffff 0000', 0],
    ['a match one byte before the start', 'ffffff7f 61 0800', 1],
  ])('stops at %s', (_, hex, written) => {
    const from = Buffer.from(hex.replaceAll(' ', ''), 'hex');
    const to = Buffer.alloc(500, 0xa5);
    expect(unpackXpress(from, 0, from.length, to, 0, 500)).toBe(written);
    expect(to.subarray(written).every((byte) => byte === 0xa5)).toBe(true);
  });

  it('refers no further back than its own window, whatever lies before', () => {
    const to = Buffer.alloc(64, 0x2e);
    const from = Buffer.from('ffffff7f610800', 'hex');
    expect(unpackXpress(from, 0, from.length, to, 10, 64)).toBe(11);
    expect(to.toString('latin1', 0, 12)).toBe('..........a.');
  });
});

describe('any bytes', () => {
  it('gives back what the compressor took', () => {
    fc.assert(
      fc.property(lumps, (input) => {
        expect(unpack(xpressCompress(input), input.length)?.equals(input)).toBe(true);
      }),
      { seed: 11, numRuns: 300 },
    );
  });

  it('reaches back 8192 bytes', () => {
    const block = Buffer.from(Array.from({ length: 8192 }, (_, i) => (i * 7 + (i >> 8) * 13) & 0xff));
    const input = Buffer.concat([block, block]);
    expect(unpack(xpressCompress(input), input.length)?.equals(input)).toBe(true);
    // 256 words of flags with 32 literals each, then a match of 13 bits of ones, 8192 back, 3 + 5 bytes long.
    const literals = Array.from({ length: 256 }, (_, i) => [Buffer.alloc(4), block.subarray(i * 32, i * 32 + 32)]);
    const packed = Buffer.concat([...literals.flat(), Buffer.from('ffffffff fdff'.replace(' ', ''), 'hex')]);
    expect(unpack(packed, 8200)?.subarray(8192).equals(block.subarray(0, 8))).toBe(true);
  });

  it('never writes outside its window nor reads behind its end, and comes to an end', () => {
    const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 });
    const window = fc.tuple(fc.nat(40), fc.nat(3000), fc.nat(40));
    const started = performance.now();
    fc.assert(
      fc.property(lumps, edits, fc.nat(), window, (input, places, cut, [before, size, after]) => {
        const packed = Buffer.from(xpressCompress(input));
        for (const [place, by] of places) if (packed.length > 0) packed[place % packed.length] = by;
        const end = cut % (packed.length + 1);
        const results = [0x00, 0xff].map((behind) => {
          const from = Buffer.concat([Buffer.alloc(3, behind), packed.subarray(0, end), Buffer.alloc(16, behind)]);
          const to = Buffer.alloc(before + size + after, 0xa5);
          const stop = unpackXpress(from, 3, 3 + end, to, before, before + size);
          expect(stop).toBeGreaterThanOrEqual(before);
          expect(stop).toBeLessThanOrEqual(before + size);
          const outside = [to.subarray(0, before), to.subarray(stop)];
          expect(outside.every((part) => part.every((byte) => byte === 0xa5))).toBe(true);
          return to;
        });
        expect(results[0].equals(results[1])).toBe(true);
      }),
      { seed: 12, numRuns: 1500 },
    );
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});
