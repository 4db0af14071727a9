/** The buffers of a log: compressed or not, cut, damaged, of many processors. Every event is a row, skipped or ignored. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buffersOf } from '../parsers/etl/log/buffers.js';
import { TracekitError } from '../src/core/error.js';
import { sampledProfile } from '../src/tables/sampled-profile.js';
import { padded8 } from './generate/etl/bytes.js';
import {
  cutAt,
  eventOffset,
  withBufferField,
  withEventMarker,
  withEventSize,
  withZeroedBuffer,
} from './generate/etl/damage.js';
import { eventBytes } from './generate/etl/event-bytes.js';
import type { EtlEvent, HeaderKind } from './generate/etl/log.js';
import { classicEvent, instanceEvent, manifestEvent, wppMessage } from './generate/etl/payloads/other.js';
import { sampledProfile as sample } from './generate/etl/payloads/schedule.js';
import { type WrittenEtl, writeEtl } from './generate/etl/write-etl.js';
import { addsUp } from './support/damage.js';
import { at, inMemory, type LogOptions, logOf, parseEtl, readBack, written } from './support/etl-logs.js';
import type { Parsed } from './support/parse.js';

const GUID = 'd3dd3dd4-aac2-4e2a-8dd4-a8fb61b77615';

/** So many samples, 1 µs apart, over CPUs; 32 bytes each, so that 125 fit into a buffer of 4096. */
const samples = (count: number, cpus = 3, first = 0): EtlEvent[] =>
  Array.from({ length: count }, (_, i) =>
    at(i + 1, sample({ instructionPointer: BigInt(0x1000 + i), tid: 4 }), { cpu: first + (i % cpus) }),
  );

/** Which of `samples` came out: their place, by the address. */
const readOf = (parsed: Parsed): number[] =>
  parsed
    .rows(sampledProfile)
    .map(({ address }) => Number(address) - 0x1000)
    .sort((a, b) => a - b);
const indexOf = ({ payload }: EtlEvent): number => payload.readUInt32LE(0) - 0x1000;
const allBut = (count: number, gone: (i: number) => boolean): number[] =>
  Array.from({ length: count }, (_, i) => i).filter((i) => !gone(i));

async function read(bytes: Uint8Array): Promise<Parsed> {
  const parsed = await parseEtl(bytes);
  expect(addsUp(parsed)).toBe(true);
  return parsed;
}

/** Code, count and place of the diagnostics. */
const told = ({ diagnostics }: Parsed): unknown[] => diagnostics.map(({ code, count, byte }) => [code, count, byte]);

const SHAPES: readonly (readonly [string, LogOptions])[] = [
  ['merged', {}],
  ['written by Windows', { nativeLog: true }],
  ['of Windows 7, with indexes of 8 bits', { wideProcessorIndex: false }],
  ['compressed', { compressed: true }],
  ['with a 32-bit header', { session: { pointerBytes: 4 } }],
  ['compressed, with a 32-bit header', { compressed: true, session: { pointerBytes: 4 } }],
  ['with buffers of 1 MB', { session: { bufferBytes: 1 << 20 } }],
  ['with compressed buffers of 1 MB', { compressed: true, session: { bufferBytes: 1 << 20 } }],
  ['with buffers of 1 KB', { session: { bufferBytes: 1024 } }],
];

describe.each(SHAPES)('a log %s', (_, options) => {
  it('gives every event, with CPU and time', async () => {
    const parsed = await readBack(samples(1000), options);
    expect(parsed.account).toEqual({ unit: 'event', read: 1001, rows: 1000, skipped: 0, ignored: 1 });
    expect(parsed.diagnostics).toEqual([]);
    const rows = parsed.rows(sampledProfile).map(({ cpu, atUs, address }) => [Number(address) - 0x1000, cpu, atUs]);
    expect(rows.sort(([a], [b]) => Number(a) - Number(b))).toEqual(
      Array.from({ length: 1000 }, (__, i) => [i, i % 3, i + 1]),
    );
  });

  it('counts events of every header, with odd sizes', async () => {
    const kernel: HeaderKind[] = ['system32', 'system64', 'compact32', 'compact64', 'perfinfo32', 'perfinfo64'];
    const head = { guid: GUID, opcode: 9, id: 5, version: 1 };
    const events = Array.from({ length: 20 }, (__, length) => {
      const payload = Buffer.alloc(length, 0xc0);
      return [
        ...kernel.map((header) => ({ header, group: 0x06, opcode: 10, payload })),
        ...([4, 8] as const).flatMap((p) => [
          manifestEvent(head, payload, p),
          classicEvent(head, payload, p),
          instanceEvent(head, payload, p),
        ]),
        wppMessage({ number: 10, guid: GUID, time: true }, payload),
      ];
    }).flat();
    const parsed = await readBack(
      events.map((body, i) => at(i, body, { cpu: i % 2 })),
      options,
    );
    expect(parsed.account).toMatchObject({ read: 261, skipped: 0 });
    expect(parsed.diagnostics).toEqual([]);
    const counts = [...parsed.events.values()].map(({ count, bytes }) => [count, bytes]);
    // Payloads of 0 to 19 bytes, 190 in all: 120 kernel events, 40 each with EVENT and classic headers, 20 messages.
    const header = Buffer.from(writeEtl(logOf([], options))).readUInt16LE(72 + 4);
    const wanted = [
      [1, header],
      [120, 40 * (32 + 24 + 16) + 6 * 190],
      [40, 40 * 80 + 2 * 190],
      [80, 40 * (48 + 72) + 4 * 190],
      [20, 20 * 32 + 190],
    ];
    expect(counts.sort()).toEqual(wanted.sort());
  });
});

describe('processors', () => {
  it('beyond 255', async () => {
    const parsed = await readBack(samples(900, 300, 100));
    expect(parsed.account.rows).toBe(900);
    const cpus = new Set(parsed.rows(sampledProfile).map(({ cpu }) => Number(cpu)));
    expect([cpus.size, Math.max(...cpus), Math.min(...cpus)]).toEqual([300, 399, 100]);
    const last = await readBack(samples(2, 1, 65_535), { compressed: true });
    expect(last.rows(sampledProfile).map(({ cpu }) => cpu)).toEqual([65_535, 65_535]);
  });

  it('of 8 bits, whatever the byte behind says', async () => {
    const parsed = await readBack(samples(2, 1, 255), { wideProcessorIndex: false });
    expect(parsed.rows(sampledProfile).map(({ cpu }) => cpu)).toEqual([255, 255]);
  });
});

describe('compressed buffers', () => {
  it('of odd length, then a plain one at an odd place', async () => {
    const plain = written(samples(1000));
    const packed = written(samples(1000), { compressed: true });
    expect(packed.buffers.some(({ offset }) => offset % 8 !== 0)).toBe(true);
    // All buffers compressed but the last and one in the middle that begins at an odd place.
    const odd = packed.buffers.findIndex(({ offset }, i) => i > 2 && offset % 2 === 1);
    const mixed = Buffer.concat([
      packed.bytes.subarray(0, 512),
      ...packed.buffers.map(({ offset, bytes }, i) => {
        const from = i === odd ? plain : packed;
        const buffer = from.buffers[i];
        return i === odd
          ? from.bytes.subarray(buffer.offset, buffer.offset + buffer.bytes)
          : packed.bytes.subarray(offset, offset + bytes);
      }),
    ]);
    const parsed = await read(mixed);
    expect(odd).toBeGreaterThan(2);
    expect(parsed.diagnostics).toEqual([]);
    expect(readOf(parsed)).toEqual(allBut(1000, () => false));
  });

  it('places that are told are those of the log unpacked, and rows can be quoted', async () => {
    const plain = await readBack(samples(600));
    const packed = await readBack(samples(600), { compressed: true });
    // The header's buffer has 512 bytes, and unpacked buffers are as long as they are filled.
    expect(packed.rows(sampledProfile)[0].byte).toBe(512 + 72);
    expect(plain.rows(sampledProfile)[0].byte).toBe(4096 + 72);
    expect(packed.rows(sampledProfile)[130].byte).toBe(512 + 4072 + 72 + 5 * 32);
    expect(packed.rows(sampledProfile).every(({ quote }) => quote !== '')).toBe(true);
  });

  it('that unpack to less than they say: what there is, and one skip', async () => {
    const file = written(samples(1000), { compressed: true });
    const { offset, events } = file.buffers[2];
    const more = Buffer.from(file.bytes);
    more.writeUInt32LE(more.readUInt32LE(offset + 0x30) + 64, offset + 0x30);
    const parsed = await read(more);
    expect(told(parsed)).toEqual([['damaged-buffer', 1, offset]]);
    expect(readOf(parsed)).toHaveLength(1000);
    // Data that refer to what lies before their start.
    const broken = Buffer.from(file.bytes);
    broken.fill(0xff, offset + 72, offset + 76);
    const less = await read(broken);
    expect(told(less)).toEqual([['damaged-buffer', 1, offset]]);
    const gone = new Set(events.map(({ event }) => indexOf(event)));
    expect(readOf(less)).toEqual(allBut(1000, (i) => gone.has(i)));
  });

  it('that claim to expand without end stop the reading', async () => {
    const file = written(samples(1000), { compressed: true });
    // 200 buffers that say 16 MB each, in a file of a few KB.
    const { offset, bytes } = file.buffers[0];
    const bomb = Buffer.from(file.bytes.subarray(offset, offset + bytes));
    bomb.writeUInt32LE(16 << 20, 0x30);
    const all = Buffer.concat([file.bytes.subarray(0, 512), ...Array.from({ length: 200 }, () => bomb)]);
    await expect(parseEtl(all)).rejects.toThrow(TracekitError);
    await expect(parseEtl(all)).rejects.toThrow(/decompression bomb/);
  });
});

describe('a broken event', () => {
  const file = written(samples(1000));
  const { events } = file.buffers[4];

  it.each([
    ['size 7', withEventSize(file, 4, 60, 7)],
    ['size 0', withEventSize(file, 4, 60, 0)],
    ['size 65535', withEventSize(file, 4, 60, 0xffff)],
    ['type 99', withEventMarker(file, 4, 60, 99, 0xc0)],
    ['mark 0', withEventMarker(file, 4, 60, 17, 0)],
  ])('%s in the middle is skipped once, with its offset', async (_, bytes) => {
    const parsed = await read(bytes);
    expect(told(parsed)).toEqual([['damaged-event', 1, eventOffset(file, 4, 60)]]);
    expect(parsed.account).toMatchObject({ rows: 999, skipped: 1 });
    expect(readOf(parsed)).toEqual(allBut(1000, (i) => i === indexOf(events[60].event)));
  });

  it.each([0, 124])('at an end of the buffer: event %i', async (n) => {
    const parsed = await read(withEventSize(file, 4, n, 3));
    expect(told(parsed)).toEqual([['damaged-event', 1, eventOffset(file, 4, n)]]);
    expect(readOf(parsed)).toEqual(allBut(1000, (i) => i === indexOf(events[n].event)));
  });

  it('one in each buffer is one skip each', async () => {
    const bytes = Buffer.from(file.bytes);
    for (let i = 0; i < file.buffers.length; i++) bytes.writeUInt16LE(1, eventOffset(file, i, 10) + 4);
    const parsed = await read(bytes);
    expect(parsed.account).toMatchObject({ rows: 1000 - 9, skipped: 9 });
  });

  it('is told at its place in the log unpacked where that is compressed', async () => {
    const broken = samples(1000).map((event, i) =>
      i === 500 ? { ...event, header: 'message' as const, message: { number: 1 } } : event,
    );
    // A message is no kernel event; its mark is then made one that does not exist.
    const log = written(broken, { compressed: true });
    const plain = written(broken);
    const at500 = plain.buffers.flatMap(({ events: list }, b) =>
      list.map(({ event }, e) => ({ b, e, isIt: event.header === 'message' })),
    );
    const { b, e } = at500.find(({ isIt }) => isIt) as { b: number; e: number };
    const marked = withEventMarker(plain, b, e, 0, 0);
    const { xpressCompress } = await import('./generate/etl/xpress-compress.js');
    const parts = log.buffers.map(({ offset, bytes }, i) => {
      if (i !== b) return log.bytes.subarray(offset, offset + bytes);
      const from = plain.buffers[i].offset;
      const filled = plain.bytes.readUInt32LE(from + 0x30);
      const content = xpressCompress(marked.subarray(from + 72, from + filled));
      const header = Buffer.from(log.bytes.subarray(offset, offset + 72));
      header.writeUInt32LE(72 + content.length, 0);
      return Buffer.concat([header, content]);
    });
    const parsed = await read(Buffer.concat([log.bytes.subarray(0, 512), ...parts]));
    const before = plain.buffers.slice(0, b).reduce((sum, one) => sum + plain.bytes.readUInt32LE(one.offset + 0x30), 0);
    expect(told(parsed)).toEqual([['damaged-event', 1, 512 + before + log.buffers[b].events[e].offset]]);
    expect(parsed.account).toMatchObject({ rows: 999, skipped: 1 });
  });
});

describe('damaged buffers', () => {
  const file = written(samples(1000));
  const goneOf = (buffer: number): Set<number> =>
    new Set(file.buffers[buffer].events.map(({ event }) => indexOf(event)));

  it('zeros: room that was not used', async () => {
    const parsed = await read(withZeroedBuffer(file, 3));
    expect(parsed.diagnostics).toMatchObject([
      { code: 'unused-space', severity: 'info', count: 1, byte: 4 * 4096, examples: ['4096 bytes at 0x4000'] },
    ]);
    expect(readOf(parsed)).toEqual(allBut(1000, (i) => goneOf(3).has(i)));
  });

  it('zeros behind the log, as in files laid out in advance', async () => {
    const parsed = await read(Buffer.concat([file.bytes, Buffer.alloc(3 * 4096)]));
    expect(parsed.diagnostics.map(({ code }) => code)).toEqual(['unused-space']);
    expect(readOf(parsed)).toHaveLength(1000);
  });

  it.each([
    ['BufferSize 0', 0x00, 0],
    ['BufferSize less than a header', 0x00, 71],
    ['BufferSize without end', 0x00, 0xffffffff],
    ['BufferSize less than what is filled', 0x00, 2048],
    ['more filled than there is room', 0x30, 4097],
    ['filled without end', 0x30, 0xffffffff],
    ['less filled than the header', 0x30, 71],
    ['a type that does not exist', 0x36, 8],
  ])('%s: passed over up to the next, one skip with its offset', async (_, field, value) => {
    const parsed = await read(withBufferField(file, 3, field, value));
    expect(parsed.diagnostics).toMatchObject([
      { code: 'damaged-buffer', count: 1, byte: 4 * 4096, examples: ['4096 bytes at 0x4000'] },
    ]);
    expect(readOf(parsed)).toEqual(allBut(1000, (i) => goneOf(3).has(i)));
  });

  it('a compressed one: the next is found behind it', async () => {
    const packed = written(samples(1000), { compressed: true });
    const { offset, bytes } = packed.buffers[3];
    const parsed = await read(withBufferField(packed, 3, 0x00, 0xffffffff));
    expect(told(parsed)).toEqual([['damaged-buffer', 1, offset]]);
    expect(parsed.diagnostics[0].examples).toEqual([`${bytes} bytes at 0x${offset.toString(16)}`]);
    expect(readOf(parsed)).toEqual(allBut(1000, (i) => goneOf(3).has(i)));
  });

  it('the last one: the log may be cut there', async () => {
    const last = file.buffers.length - 1;
    const parsed = await read(withBufferField(file, last, 0x00, 0));
    expect([parsed.about.truncated, parsed.account.skipped]).toEqual([true, 1]);
    expect(readOf(parsed)).toEqual(allBut(1000, (i) => goneOf(last).has(i)));
  });

  it('filled 0 is a buffer without events', async () => {
    const parsed = await read(withBufferField(file, 3, 0x30, 0));
    expect(parsed.diagnostics).toEqual([]);
    expect(readOf(parsed)).toEqual(allBut(1000, (i) => goneOf(3).has(i)));
  });
});

describe('the buffer of the header', () => {
  it('may repeat an event of the data behind its saved offset', async () => {
    const file = written(samples(10), { compressed: true });
    const repeated = padded8(eventBytes(samples(1)[0]));
    const filled = file.bytes.readUInt32LE(0x30);
    const bytes = Buffer.from(file.bytes);
    expect(filled + repeated.length).toBeLessThanOrEqual(512);
    repeated.copy(bytes, filled);
    bytes.writeUInt32LE(filled + repeated.length, 0x30);
    expect(bytes.readUInt32LE(0x04)).toBe(filled);
    expect((await read(bytes)).account).toEqual({ unit: 'event', read: 11, rows: 10, skipped: 0, ignored: 1 });
    // Without a saved offset, as before Windows 8, what is filled counts.
    bytes.writeUInt32LE(0, 0x04);
    expect((await read(bytes)).account).toMatchObject({ read: 12, rows: 11 });
  });

  it.each([0, 1, 71, 72, 80, 103, 104, 200, 300])('cut at %i bytes: an error that says what is missing', async (n) => {
    const error = await parseEtl(cutAt(written(samples(10)), n)).then(
      () => null,
      (reason) => reason,
    );
    expect(error).toBeInstanceOf(TracekitError);
    expect(error.message).toMatch(/header of a log/);
  });
});

describe('a log that is cut', () => {
  /** What must come of the first `length` bytes: events that are there whole. */
  function expectCut(file: WrittenEtl, parsed: Parsed, length: number): void {
    const whole = file.buffers.flatMap(({ offset, events }) =>
      events.filter(({ offset: from, bytes }) => offset + from + bytes.length <= length),
    );
    expect(readOf(parsed)).toEqual(whole.map(({ event }) => indexOf(event)).sort((a, b) => a - b));
    const isBetween = file.buffers.some(({ offset }) => offset === length);
    const inside = file.buffers.find(({ offset, bytes }) => offset < length && length < offset + bytes);
    // In the unused rest of a buffer nothing is missing of it.
    const loses = inside !== undefined && length - inside.offset < 72 + 32 * inside.events.length;
    expect(parsed.about.truncated).toBe(loses);
    if (isBetween) expect(parsed.diagnostics).toEqual([]);
    if (!loses) return;
    expect(parsed.account.skipped).toBeGreaterThan(0);
    expect(parsed.diagnostics[0].byte).toBe(inside.offset);
    expect(parsed.diagnostics[0].severity).toBe('data-loss');
  }

  it('at every 4 KB', async () => {
    const file = written(samples(1000), { session: { bufferBytes: 16384 } });
    for (let length = 16384; length <= file.bytes.length; length += 4096) {
      expectCut(file, await read(cutAt(file, length)), length);
    }
  });

  it('anywhere', async () => {
    const file = written(samples(400), { session: { bufferBytes: 1024 } });
    for (let length = 1024; length < 1024 * 5; length += 29) expectCut(file, await read(cutAt(file, length)), length);
  });

  it('anywhere, compressed: all buffers before the cut, and a part of that which is cut', async () => {
    const file = written(samples(400), { compressed: true });
    for (let length = 512; length < file.bytes.length; length += 61) {
      const parsed = await read(cutAt(file, length));
      const before = file.buffers.filter(({ offset, bytes }) => offset + bytes <= length);
      const inside = file.buffers.find(({ offset, bytes }) => offset < length && length < offset + bytes);
      const read1 = new Set(readOf(parsed));
      for (const { events } of before) expect(events.every(({ event }) => read1.has(indexOf(event)))).toBe(true);
      const least = before.reduce((sum, { events }) => sum + events.length, 0);
      const most = least + (inside?.events.length ?? 0);
      expect(read1.size).toBeGreaterThanOrEqual(least);
      expect(read1.size).toBeLessThanOrEqual(most);
      // A few bytes may be left over behind the last match.
      if (read1.size < most)
        expect([parsed.about.truncated, parsed.diagnostics[0].byte]).toEqual([true, inside?.offset]);
    }
  });
});

describe('long buffers and long files', () => {
  it('of 16 MB, longer than one read, and ones that straddle two', async () => {
    const events = Array.from({ length: 700 }, (_, i) =>
      at(i, manifestEvent({ guid: GUID, id: 1 }, Buffer.alloc(60_000, i & 0xff)), { cpu: i % 3 }),
    );
    const parsed = await readBack(events, { session: { bufferBytes: 16 << 20 } });
    expect(parsed.account).toMatchObject({ read: 701, skipped: 0 });
    expect(parsed.diagnostics).toEqual([]);
    const straddling = await readBack(events, { session: { bufferBytes: 1_500_000 } });
    expect(straddling.account).toMatchObject({ read: 701, skipped: 0 });
    expect(straddling.diagnostics).toEqual([]);
    const packed = await readBack(events, { compressed: true, session: { bufferBytes: 1_500_000 } });
    expect(packed.account).toMatchObject({ read: 701, skipped: 0 });
    expect(packed.diagnostics).toEqual([]);
  });

  it('buffers come in the order of the file, each unpacked to its own bytes', async () => {
    const plain = written(samples(1000));
    const packed = written(samples(1000), { compressed: true });
    let i = -1;
    const troubles = { damaged: fail, cut: fail, unused: fail, shrank: fail };
    for await (const { at: place, bytes, header } of buffersOf(inMemory(packed.bytes), troubles)) {
      if (i >= 0) {
        const { offset } = plain.buffers[i];
        expect(place).toBe(packed.buffers[i].offset);
        expect(bytes.byteOffset % 8).toBe(0);
        expect(bytes.subarray(72).equals(plain.bytes.subarray(offset + 72, offset + header.filled))).toBe(true);
      }
      i++;
    }
    expect(i).toBe(9);
  });
});

function fail(): void {
  throw new Error('nothing is wrong with this log');
}

describe('any log', () => {
  it('is read whole, whatever its buffers are', async () => {
    const shape = fc.record({
      compressed: fc.boolean(),
      nativeLog: fc.boolean(),
      pointerBytes: fc.constantFrom(4 as const, 8 as const),
      bufferBytes: fc.constantFrom(1024, 2048, 4096, 8192, 12_288, 65_536),
      count: fc.nat(300),
      cpus: fc.integer({ min: 1, max: 20 }),
    });
    await fc.assert(
      fc.asyncProperty(shape, async ({ compressed, nativeLog, pointerBytes, bufferBytes, count, cpus }) => {
        const session = { pointerBytes, bufferBytes };
        const parsed = await readBack(samples(count, cpus), { compressed, nativeLog, session });
        expect(parsed.account).toMatchObject({ read: count + 1, rows: count, skipped: 0 });
        expect(readOf(parsed)).toEqual(allBut(count, () => false));
      }),
      { seed: 31, numRuns: 40 },
    );
  });
});

describe('one damaged sector', () => {
  const file = written(samples(1000));
  const losses = file.buffers.slice(1).map((buffer, i) => [i, buffer] as const);

  it.each(losses)('at the front of buffer %i costs the events of that buffer and no others', async (_, { offset }) => {
    for (const fill of [0, 0xa5]) {
      const bytes = Buffer.from(file.bytes);
      bytes.fill(fill, offset, offset + 512);
      const whole = await parseEtl(file.bytes);
      const parsed = await parseEtl(bytes);
      const lost = file.buffers.find((b) => b.offset === offset)?.events ?? [];
      expect(parsed.account.read - parsed.account.skipped).toBe(whole.account.read - lost.length);
      expect(parsed.diagnostics.map(({ code, severity, byte }) => [code, severity, byte])).toEqual([
        ['damaged-buffer', 'data-loss', offset],
      ]);
    }
  });

  it('is survived by a compressed log but for the buffers next to it', async () => {
    const packed = written(samples(1000), { compressed: true });
    const whole = await parseEtl(packed.bytes);
    for (const { offset } of packed.buffers.slice(2, -1)) {
      const bytes = Buffer.from(packed.bytes);
      bytes.fill(0xa5, offset, offset + 72);
      const parsed = await parseEtl(bytes);
      expect(parsed.account.read - parsed.account.skipped).toBeGreaterThanOrEqual(whole.account.read - 2 * 130);
      expect(parsed.diagnostics.map(({ code }) => code)).toContain('damaged-buffer');
    }
  });
});

it('a file that shrinks while it is read is told of, and what was there is used', async () => {
  const { bytes } = written(samples(1000));
  const size = bytes.length;
  const file = {
    size,
    read: async (target: Uint8Array, at: number) => {
      const part = bytes.subarray(at, Math.min(at + target.length, size - 5000));
      target.set(part);
      return part.length;
    },
    close: () => {},
  };
  const seen: string[] = [];
  const tell = (what: string) => (): void => void seen.push(what);
  let buffers = 0;
  const troubles = { damaged: tell('damaged'), cut: tell('cut'), unused: tell('unused'), shrank: tell('shrank') };
  for await (const _ of buffersOf(file, troubles)) buffers++;
  expect(seen).toContain('shrank');
  expect(buffers).toBeGreaterThan(5);
});
