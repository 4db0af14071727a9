/** What the pool analysis keeps its figures in, against Maps; and how it spells sizes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesText, poolText, rateText, spanText, tagText } from '../src/analyses/pool/bytes-text.js';
import { LiveBlocks } from '../src/analyses/pool/live-blocks.js';
import { RecentFrees } from '../src/analyses/pool/recent-frees.js';
import { Slots, Sum } from '../src/analyses/pool/slots.js';
import { lifetimeUs, livedOver, sumOf } from '../src/analyses/pool/sums.js';
import { BINS, SLOT_BINS, slotBinsUsed, TimeBins } from '../src/analyses/pool/time-bins.js';
import { IntKeys } from '../src/core/int-keys.js';

interface Block {
  readonly atUs: number;
  readonly bytes: number;
  readonly slot: number;
  readonly place: number;
}

type Step = Block & { readonly take: boolean; readonly address: [number, number] };

const SIZES = [0, 1, 4096, 2 ** 31, 2 ** 32 - 2, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 123 * 2 ** 32 + 8];
const keyOf = (low: number, high: number): string => `${low},${high}`;
const known = ({ atUs, bytes, slot, place }: LiveBlocks): Block => ({ atUs, bytes, slot, place });

describe('LiveBlocks', () => {
  // Neighbours, and addresses whose halves have the sign bit: hashes fall together, runs of the index wrap around its end.
  const address = fc.tuple(
    fc.oneof(
      fc.integer({ min: 0, max: 40 }).map((n) => n * 16),
      fc.constantFrom(0, -16, 0x7ffffff0, -0x80000000),
    ),
    fc.constantFrom(0, -30720, -1, 0x7fffffff),
  );
  const step: fc.Arbitrary<Step> = fc.record({
    take: fc.boolean(),
    address,
    atUs: fc.nat(1e6),
    bytes: fc.constantFrom(...SIZES),
    slot: fc.constantFrom(0, 1, 2, 399_999, 1 << 30),
    place: fc.nat(1e6),
  });

  function run(blocks: LiveBlocks, model: Map<string, Block>, steps: readonly Step[]): void {
    for (const {
      take,
      address: [low, high],
      ...block
    } of steps) {
      const key = keyOf(low, high);
      const expected = model.get(key);
      expect(blocks.find(low, high)).toBe(expected !== undefined);
      if (expected !== undefined) expect(known(blocks)).toEqual(expected);
      if (take || expected !== undefined) {
        expect(blocks.take(low, high)).toBe(expected !== undefined);
        if (expected !== undefined) expect(known(blocks)).toEqual(expected);
        model.delete(key);
      }
      if (!take) {
        expect(blocks.add(low, high, block.atUs, block.bytes, block.slot, block.place)).toBe(true);
        model.set(key, block);
      }
      expect(blocks.count).toBe(model.size);
    }
  }

  it('is a Map from addresses to blocks', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const [blocks, model] = [new LiveBlocks(), new Map<string, Block>()];
        run(blocks, model, steps);
        const all = new Map<string, Block>();
        blocks.each((low, high, atUs, bytes, slot, place) => all.set(keyOf(low, high), { atUs, bytes, slot, place }));
        expect(all).toEqual(model);
        expect(blocks.dropped).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  it('keeps what it grew by, through growth and removal of nearly all', () => {
    const blocks = new LiveBlocks();
    const N = 100_000;
    for (let i = 0; i < N; i++) blocks.add(i * 16, i & 3, i, i % 7 === 0 ? 2 ** 32 + i : i, i % 11, i);
    expect(blocks.count).toBe(N);
    for (let i = 0; i < N; i++) if (i % 10 !== 0) expect(blocks.take(i * 16, i & 3)).toBe(true);
    expect(blocks.count).toBe(N / 10);
    for (let i = 0; i < N; i += 10) {
      if (!blocks.find(i * 16, i & 3)) throw new Error(`block ${i} is lost`);
      expect(known(blocks)).toEqual({ atUs: i, bytes: i % 7 === 0 ? 2 ** 32 + i : i, slot: i % 11, place: i });
    }
    // Records that are free again take new blocks; sizes of the old ones are forgotten.
    for (let i = 0; i < N; i++) if (i % 10 !== 0) blocks.add(i * 16, i & 3, 1, 8, 0, 0);
    for (let i = 0; i < N; i++)
      if (i % 10 !== 0 && (!blocks.find(i * 16, i & 3) || blocks.bytes !== 8)) throw new Error(`${i}`);
    expect(blocks.count).toBe(N);
  });
});

describe('IntKeys', () => {
  const part = fc.constantFrom(-1, 0, 1, 2, 0x7fffffff, -0x80000000);
  it('numbers tuples in the order of first sight, up to its bound', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(part, part, part, part), { maxLength: 300 }),
        fc.integer({ min: 1, max: 100 }),
        (tuples, max) => {
          const [keys, model] = [new IntKeys(max), new Map<string, number>()];
          for (const tuple of tuples) {
            const expected = model.get(String(tuple)) ?? (model.size < max ? model.size : -1);
            if (expected >= 0) model.set(String(tuple), expected);
            expect(keys.id(...tuple)).toBe(expected);
            if (expected >= 0) expect(([0, 1, 2, 3] as const).map((i) => keys.part(expected, i))).toEqual(tuple);
          }
          expect(keys.count).toBe(model.size);
        },
      ),
    );
  });

  it('goes on with many', () => {
    const keys = new IntKeys(1 << 20);
    for (let i = 0; i < 50_000; i++) if (keys.id(i, -i, i * 7, 3) !== i) throw new Error(`${i}`);
    for (let i = 0; i < 50_000; i++) if (keys.id(i, -i, i * 7, 3) !== i) throw new Error(`${i}`);
    expect(keys.count).toBe(50_000);
  });
});

describe('RecentFrees', () => {
  it('knows the last free of an address until it is allocated again', () => {
    const recent = new RecentFrees();
    expect(recent.has(0, 0)).toBe(false);
    recent.forget(0, 0);
    recent.add(0x1000, -30720, 7, 12.5, 99);
    expect(recent.has(0, 0)).toBe(false);
    expect(recent.has(0x1000, 1)).toBe(false);
    expect(recent.has(0x1000, -30720)).toBe(true);
    expect([recent.slot, recent.atUs, recent.place]).toEqual([7, 12.5, 99]);
    recent.forget(0x1000, 1);
    expect(recent.has(0x1000, -30720)).toBe(true);
    recent.forget(0x1000, -30720);
    expect(recent.has(0x1000, -30720)).toBe(false);
    recent.add(0x1000, -30720, 1 << 30, 1, 1);
    expect([recent.has(0x1000, -30720), recent.slot]).toEqual([true, 1 << 30]);
    recent.add(0x1000, -30720, 0, 1, 1);
    expect([recent.has(0x1000, -30720), recent.slot]).toEqual([true, 0]);
  });

  it('never invents one, however many there are', () => {
    const recent = new RecentFrees();
    for (let i = 0; i < 300_000; i++) recent.add(i * 16, 5, 1, i, i);
    let remembered = 0;
    for (let i = 0; i < 300_000; i++) {
      if (recent.has(i * 16, 6)) throw new Error(`${i} is invented`);
      if (recent.has(i * 16, 5)) {
        remembered++;
        if (recent.atUs !== i) throw new Error(`${i} is taken for ${recent.atUs}`);
      }
    }
    expect(remembered).toBeGreaterThan(30_000);
  });
});

describe('TimeBins', () => {
  it('of a known length are as wide as it takes, both ends included', () => {
    const bins = new TimeBins(1000, 1000 + 2560);
    expect(bins.widthUs).toBe(10);
    expect([999, 1000, 1009.9, 1010, 3559, 3560].map((us) => bins.of(us))).toEqual([0, 0, 0, 1, 255, 255]);
    expect(bins.widthUs).toBe(10);
  });

  it('of an unknown length are joined two by two: no count is lost', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1e9), { minLength: 1, maxLength: 80 }), (times) => {
        const bins = new TimeBins(0, Number.NaN);
        const [fine, coarse] = [bins.series(BINS), bins.series(SLOT_BINS)];
        for (const us of times) {
          const bin = bins.of(us);
          fine.add(3, bin, 1);
          coarse.add(300, bin, 1);
        }
        const counted = (width: number, n: number): number[] =>
          Array.from({ length: n }, (_, i) => times.filter((us) => Math.floor(us / width) === i).length);
        expect([...fine.of(3)]).toEqual(counted(bins.widthUs, BINS));
        expect([...coarse.of(300)]).toEqual(counted(bins.widthUs * (BINS / SLOT_BINS), SLOT_BINS));
        expect([...fine.of(999)].every((n) => n === 0)).toBe(true);
        expect(bins.last).toBe(Math.floor(Math.max(...times) / bins.widthUs));
      }),
      { numRuns: 60 },
    );
  });

  it('tells how many parts of a slot are reached', () =>
    expect([-1, 0, 3, 4, 255].map(slotBinsUsed)).toEqual([0, 1, 1, 2, 64]));
});

describe('Slots', () => {
  it('count lifetimes by powers of two', () => {
    const slots = new Slots(new TimeBins(0, 1e6));
    const slot = slots.id(0, 0, 0, 0);
    for (const us of [0, 1, 1.5, 2, 3, 4, 5, 1024, 1025, 2 ** 31, 2 ** 40]) slots.lived(slot, us);
    const lives = [...slots.lives(slot)];
    expect(lives.flatMap((count, power) => (count > 0 ? [[power, count]] : []))).toEqual([
      [0, 2],
      [1, 2],
      [2, 2],
      [3, 1],
      [10, 1],
      [11, 1],
      [31, 1],
      [40, 1],
    ]);
    const sums = sumOf(slots, [slot]);
    expect(sums.lifeMaxUs).toBe(2 ** 40);
    expect(lifetimeUs(sums, 0.5)).toBe(4);
    expect(lifetimeUs(sums, 1)).toBe(2 ** 40);
    expect(livedOver(sums, 10)).toBe(3);
    expect(lifetimeUs({ lives: new Float64Array(50), lifeMaxUs: 0 }, 0.5)).toBeNull();
  });

  it('that have no room of their own stand under their tag', () => {
    const slots = new Slots(new TimeBins(0, 1e6));
    const own = slots.id(1, 2, -1, -1);
    for (let stack = 0; slots.count < 400_000; stack++) slots.id(1, 2, stack, 4);
    expect(slots.id(1, 2, 1 << 30, 4)).toBe(own);
    expect(slots.id(9, 9, 1 << 30, 4)).toBe(-1);
    expect(slots.dropped).toBe(2);
    expect(slots.key(own)).toEqual({ type: 1, tag: 2, stack: -1, pid: -1 });
    slots.add(own, Sum.AllocBytes, 5);
    slots.add(own, Sum.GoneBytes, 2);
    expect(slots.outBytes(own)).toBe(3);
  });
});

describe('sizes', () => {
  it.each([
    [0, '0 bytes'],
    [1, '1 bytes'],
    [1023, '1023 bytes'],
    [1024, '1.00 KB'],
    [41_984, '41.0 KB'],
    [102_400, '100 KB'],
    [1_047_552, '1023 KB'],
    [1_048_064, '1.00 MB'],
    [10_236, '10.0 KB'],
    [102_385, '100 KB'],
    [263_168_000, '251 MB'],
    [-4096, '-4.00 KB'],
    [2 ** 40 * 5000, '5000 TB'],
  ])('%i is %s', (bytes, text) => {
    expect(bytesText(bytes)).toBe(text);
    expect(rateText(bytes)).toBe(`${text}/s`);
  });

  it('never shows four figures where a greater unit is there', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e15, noNaN: true }), (bytes) => {
        expect(bytesText(bytes)).toMatch(/^(\d{1,4} bytes|(\d{3}|10[012]\d|\d\d\.\d|\d\.\d\d) [KMGT]B)$/);
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    [0.4, '0 s'],
    [119, '119 s'],
    [120, '2 min'],
    [7200, '2.0 h'],
    [86_400 * 2, '2.0 days'],
    [86_400 * 1000, 'years'],
  ])('%f s is %s', (s, text) => expect(spanText(s)).toBe(text));

  it('names pools and tags', () => {
    expect([true, false, null].map(poolText)).toEqual(['paged pool', 'nonpaged pool', 'pool']);
    expect([tagText('Ec  '), tagText(null)]).toEqual(["'Ec  '", 'an unknown tag']);
  });
});
