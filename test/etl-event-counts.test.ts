/** Counting events by kind when a log has more kinds than any real one. */
import { describe, expect, it } from 'vitest';
import { EventCursor } from '../parsers/etl/log/cursor.js';
import { EventCounts } from '../parsers/etl/log/event-counts.js';

const EVENTS = 100_000;
const EVENT_BYTES = 104;
/** The first ones; the others are counted together. */
const KINDS = 20_000;

/** Events with EVENT headers (type 19), one behind the other. */
function events(fill: (bytes: Buffer, at: number, i: number) => void): Buffer {
  const bytes = Buffer.from(new ArrayBuffer(EVENTS * EVENT_BYTES));
  for (let i = 0; i < EVENTS; i++) {
    const at = i * EVENT_BYTES;
    bytes.writeUInt16LE(EVENT_BYTES, at);
    bytes[at + 2] = 19;
    bytes[at + 3] = 0xc0;
    bytes.writeBigUInt64LE(BigInt(i), at + 16);
    fill(bytes, at, i);
  }
  return bytes;
}

function counted(bytes: Buffer): { counts: EventCounts; ms: number } {
  const cursor = new EventCursor(() => {});
  cursor.open(bytes, 0, bytes.length, 0, 0);
  const counts = new EventCounts();
  const start = performance.now();
  while (cursor.step()) counts.count(cursor);
  return { counts, ms: performance.now() - start };
}

describe('events of very many kinds are counted without being compared with each other', () => {
  // It took 16 s and 12 s where each was.
  it('that describe themselves, each by another name', () => {
    const { counts, ms } = counted(
      events((bytes, at, i) => {
        bytes.writeUInt16LE(1, at + 4);
        bytes.writeUInt16LE(24, at + 80);
        bytes.writeUInt16LE(11, at + 82);
        bytes.writeUInt16LE(16, at + 86);
        bytes.writeUInt16LE(16, at + 88);
        bytes.write(`n${i}`, at + 91, 'latin1');
      }),
    );
    expect(counts.list().map(({ kind }) => kind.name)).toEqual(Array.from({ length: KINDS }, (_, i) => `n${i}`));
    expect(counts.uncounted).toBe(EVENTS - KINDS);
    expect(ms).toBeLessThan(4000);
  });

  it('of providers whose GUIDs are made to look alike', () => {
    const { counts, ms } = counted(
      events((bytes, at, i) => {
        bytes.writeUInt32LE(i * 7919, at + 24);
        bytes.writeUInt32LE(i * 7919, at + 36);
      }),
    );
    expect(new Set(counts.list().map(({ kind }) => kind.guid)).size).toBe(KINDS);
    expect(counts.uncounted).toBe(EVENTS - KINDS);
    expect(ms).toBeLessThan(4000);
  });
});
