/** Walking the events of one buffer: every header, odd sizes, and what is no event. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventCursor } from '../parsers/etl/log/cursor.js';
import { padded8 } from './generate/etl/bytes.js';
import { eventBytes } from './generate/etl/event-bytes.js';
import type { EtlEvent, EventBody, HeaderKind } from './generate/etl/log.js';

const ORIGIN = 41_000_000_000n;
const GUID = 'd3dd3dd4-aac2-4e2a-8dd4-a8fb61b77615';

const event = (body: Partial<EventBody> & { header: HeaderKind }, ticks: number, over: Partial<EtlEvent> = {}) =>
  eventBytes({ payload: Buffer.alloc(0), cpu: 0, ticks: ORIGIN + BigInt(ticks), ...body, ...over } as EtlEvent);

/** Bytes at a multiple of 8 in memory, as buffers are handed on. */
function aligned(...parts: Buffer[]): Buffer {
  const all = Buffer.concat(parts);
  const copy = Buffer.from(new ArrayBuffer((all.length + 7) & ~7), 0, all.length);
  all.copy(copy);
  return copy;
}

interface Walked {
  readonly events: { at: number; size: number; type: number; key: number; ticks: number; payloadAt: number }[];
  readonly broken: { at: number; bytes: number; why: string }[];
}

function walk(bytes: Buffer, from = 0, end = bytes.length): Walked {
  const broken: Walked['broken'] = [];
  const cursor = new EventCursor((_, at, n, why) => broken.push({ at, bytes: n, why }));
  cursor.setOrigin(ORIGIN);
  cursor.open(bytes, from, end, 1000, 3);
  const events: Walked['events'] = [];
  while (cursor.step()) {
    const { at, size, type, key, ticks, payloadAt } = cursor;
    events.push({ at, size, type, key, ticks, payloadAt });
  }
  return { events, broken };
}

// Header, its number, its length; kernel events are told by group and opcode.
const HEADERS: readonly (readonly [HeaderKind, number, number, boolean])[] = [
  ['system32', 1, 32, true],
  ['system64', 2, 32, true],
  ['compact32', 3, 24, true],
  ['compact64', 4, 24, true],
  ['perfinfo32', 16, 16, true],
  ['perfinfo64', 17, 16, true],
  ['full32', 10, 48, false],
  ['full64', 20, 48, false],
  ['instance32', 11, 72, false],
  ['instance64', 21, 72, false],
  ['event32', 18, 80, false],
  ['event64', 19, 80, false],
];

/** Events of every header, with payloads of all lengths up to 9. */
const someOfEach = (): Buffer[] =>
  HEADERS.flatMap(([header], i) =>
    Array.from({ length: 10 }, (_, length) =>
      event(
        { header, group: 0x0f, opcode: 46, guid: GUID, id: 7, payload: Buffer.alloc(length, 0xee) },
        i * 100 + length,
      ),
    ),
  );

describe('headers', () => {
  it.each(HEADERS)('%s', (header, type, headerBytes, isKernel) => {
    for (let length = 0; length < 20; length++) {
      const payload = Buffer.alloc(length, 0xc0);
      const first = event({ header, group: 0x0f, opcode: 46, guid: GUID, payload }, 123_456);
      const second = event({ header, group: 0x05, opcode: 36, guid: GUID, payload }, 2 ** 40 + 1);
      expect(first.length).toBe(headerBytes + length);
      const { events, broken } = walk(aligned(padded8(first), padded8(second)));
      const step = Math.ceil((headerBytes + length) / 8) * 8;
      const common = { size: headerBytes + length, type };
      expect(broken).toEqual([]);
      expect(events).toEqual([
        { ...common, at: 0, key: isKernel ? 0x0f2e : -1, ticks: 123_456, payloadAt: headerBytes },
        { ...common, at: step, key: isKernel ? 0x0524 : -1, ticks: 2 ** 40 + 1, payloadAt: step + headerBytes },
      ]);
    }
  });

  it('takes times before the origin, and the upper halves of both', () => {
    const times = [-1, -(2 ** 33), 0, 2 ** 32 - 1, 2 ** 50];
    const bytes = aligned(...times.map((ticks) => event({ header: 'perfinfo64' }, ticks)));
    expect(walk(bytes).events.map(({ ticks }) => ticks)).toEqual(times);
  });

  // Options as numbered in evntrace.h: time lies behind sequence number, then GUID or component.
  it.each([
    [{ time: true }],
    [{ time: true, sequence: 1 }],
    [{ time: true, guid: GUID }],
    [{ time: true, guid: GUID, sequence: 1 }],
    [{ time: true, componentId: 5 }],
    [{ time: true, componentId: 5, sequence: 1, system: true, pointerBytes: 8 as const }],
  ])('message with %o', (fields) => {
    const message = event({ header: 'message', message: { number: 10, ...fields }, payload: Buffer.alloc(3) }, 77);
    const { events, broken } = walk(aligned(padded8(message)));
    expect(broken).toEqual([]);
    expect(events).toEqual([{ at: 0, size: message.length, type: 15, key: -1, ticks: 77, payloadAt: 8 }]);
  });

  it('gives a message without time that of the event before', () => {
    const before = event({ header: 'full64', guid: GUID }, 500);
    const message = event({ header: 'message', message: { number: 10, sequence: 3 }, payload: Buffer.alloc(1) }, 900);
    const { events } = walk(aligned(before, padded8(message)));
    expect(events.map(({ ticks }) => ticks)).toEqual([500, 500]);
  });

  it('passes over counters between header and payload, as many as the version says, and not beyond the event', () => {
    const counted = (counters: number, payload: number): Buffer =>
      event({ header: 'perfinfo64', version: 2 | (counters << 8), payload: Buffer.alloc(payload) }, 1);
    const at = (bytes: Buffer): number => walk(aligned(padded8(bytes))).events[0].payloadAt;
    expect([at(counted(0, 40)), at(counted(1, 40)), at(counted(4, 40)), at(counted(7, 40))]).toEqual([16, 24, 48, 56]);
  });
});

describe('what is no event', () => {
  const list = someOfEach();
  const bytes = aligned(...list.map(padded8));
  const starts = list.map((_, i) => list.slice(0, i).reduce((sum, one) => sum + padded8(one).length, 0));
  const sound = walk(bytes);
  const sizeAt = (i: number): number => starts[i] + (HEADERS[Math.floor(i / 10)][3] ? 4 : 0);

  it('is not told of in a sound buffer', () => {
    expect(sound.broken).toEqual([]);
    expect(sound.events.map(({ at }) => at)).toEqual(starts);
  });

  it.each([
    ['size 0', (copy: Buffer, i: number) => copy.writeUInt16LE(0, sizeAt(i))],
    ['a size less than its header', (copy: Buffer, i: number) => copy.writeUInt16LE(15, sizeAt(i))],
    ['a size beyond the buffer', (copy: Buffer, i: number) => copy.writeUInt16LE(0xffff, sizeAt(i))],
    ['a type that does not exist', (copy: Buffer, i: number) => copy.writeUInt8(0x2a, starts[i] + 2)],
    ['no mark', (copy: Buffer, i: number) => copy.writeUInt8(0x40, starts[i] + 3)],
    ['zeros', (copy: Buffer, i: number) => copy.fill(0, starts[i], starts[i + 1] ?? copy.length)],
  ])('%s: that event is told of once, and all others are read', (_, damage) => {
    for (let i = 0; i < list.length; i++) {
      const copy = aligned(bytes);
      damage(copy, i);
      const { events, broken } = walk(copy);
      const length = (starts[i + 1] ?? bytes.length) - starts[i];
      expect(broken.map(({ at, bytes: n }) => [at, n])).toEqual([[starts[i], length]]);
      expect(events).toEqual(sound.events.filter((__, n) => n !== i));
    }
  });

  it('takes a rest of less than 8 bytes for no event', () => {
    const one = event({ header: 'perfinfo64', payload: Buffer.alloc(8) }, 5);
    for (let rest = 1; rest < 8; rest++) {
      const { events, broken } = walk(aligned(one, Buffer.alloc(rest, 0xc0)));
      expect(events).toHaveLength(1);
      expect(broken).toEqual([{ at: 24, bytes: rest, why: 'too few bytes for an event' }]);
    }
  });

  it('reads an event that ends at the end without what fills it up', () => {
    const one = event({ header: 'perfinfo64', payload: Buffer.alloc(9) }, 5);
    const { events, broken } = walk(aligned(one));
    expect([events.length, events[0].size, broken]).toEqual([1, 25, []]);
  });

  it('covers any bytes without gap or overlap, in order', () => {
    const edits = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 40 });
    const noise = fc.uint8Array({ maxLength: 400 }).map((any) => Buffer.from(any));
    const edited = edits.map((places) => {
      const copy = Buffer.from(bytes);
      for (const [at, by] of places) copy[at] = by;
      return copy;
    });
    fc.assert(
      fc.property(fc.oneof(noise, edited), fc.nat(20), fc.nat(40), (any, words, less) => {
        const copy = aligned(any);
        const from = Math.min(words * 8, copy.length & ~7);
        const end = Math.max(from, copy.length - less);
        const { events, broken } = walk(copy, from, end);
        const parts = [
          ...events.map(({ at, size }) => ({ at, to: at + size, next: (at + size + 7) & ~7 })),
          ...broken.map(({ at, bytes: n }) => ({ at, to: at + n, next: at + n })),
        ].sort((a, b) => a.at - b.at);
        let reached = from;
        for (const { at, to, next } of parts) {
          expect(at).toBe(reached);
          expect(to).toBeGreaterThan(at);
          expect(to).toBeLessThanOrEqual(end);
          reached = next;
        }
        expect(reached).toBeGreaterThanOrEqual(end);
        expect(events.every(({ payloadAt, at, size }) => payloadAt <= at + size)).toBe(true);
      }),
      { seed: 21, numRuns: 1000 },
    );
  });
});
