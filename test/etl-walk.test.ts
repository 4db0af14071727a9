/** The order in which events come: of time on each processor, or of time over all of them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Survey, survey } from '../parsers/etl/survey.js';
import { type Visitor, Walk } from '../parsers/etl/walk.js';
import { sampledProfile } from '../src/tables/sampled-profile.js';
import type { EtlEvent } from './generate/etl/log.js';
import { sampledProfile as sample } from './generate/etl/payloads/schedule.js';
import { at, inMemory, type LogOptions, parseEtl, written } from './support/etl-logs.js';

/** Every kernel event. */
const ALL = new Uint8Array(1 << 16).fill(1);

const silent = { damaged: () => {}, cut: () => {}, unused: () => {}, shrank: () => {}, noEvent: () => {} };

interface Seen {
  readonly cpu: number;
  readonly ticks: number;
  readonly id: number;
}

interface Order {
  readonly found: Survey;
  readonly byProcessor: Seen[];
  readonly inTime: Seen[];
}

/** Walks a log in both ways. Samples carry their number as address; the header's event is left out. */
async function walk(bytes: Buffer): Promise<Order> {
  const file = inMemory(bytes);
  const found = await survey(file, silent);
  const collect = (): { seen: Seen[]; visitor: Visitor } => {
    const seen: Seen[] = [];
    const visitor: Visitor = {
      wanted: ALL,
      wantsOthers: true,
      passed: () => {},
      event: ({ cursor }) => {
        if (cursor.key === 0x0f2e)
          seen.push({ cpu: cursor.cpu, ticks: cursor.ticks, id: cursor.words[cursor.payloadAt >> 2] });
      },
      release: () => {},
    };
    return { seen, visitor };
  };
  const one = collect();
  await new Walk(file, found, false).byProcessor(one.visitor);
  const two = collect();
  expect(await new Walk(file, found, false).inTime(two.visitor)).toBe(true);
  return { found, byProcessor: one.seen, inTime: two.seen };
}

/** A sample of so many ticks after the start. */
const numbered = (id: number, ticks: number, cpu: number): EtlEvent =>
  at(ticks / 10, sample({ instructionPointer: BigInt(id), tid: 4 }), { cpu });

const byTimeThenCpu = (a: Seen, b: Seen): number => a.ticks - b.ticks || a.cpu - b.cpu || a.id - b.id;

/** Events at equal times on many processors, in bursts, so that buffers of a processor follow each other unevenly. */
const busy = (count: number, cpus: number): EtlEvent[] =>
  Array.from({ length: count }, (_, i) => numbered(i, Math.floor(i / 5) * 3, (i * i + (i >> 6)) % cpus));

async function expectOrdered(events: readonly EtlEvent[], options: LogOptions): Promise<Order> {
  const order = await walk(written(events, options).bytes);
  const wanted = events.map(({ cpu, ticks, payload }) => ({
    cpu,
    ticks: Number(ticks - 41_000_000_000n),
    id: payload.readUInt32LE(0),
  }));
  expect(order.inTime).toEqual(wanted.sort(byTimeThenCpu));
  for (const cpu of new Set(events.map((event) => event.cpu))) {
    const own = order.byProcessor.filter((seen) => seen.cpu === cpu);
    expect(own).toEqual(order.inTime.filter((seen) => seen.cpu === cpu));
  }
  expect(order.byProcessor).toHaveLength(events.length);
  return order;
}

describe('the order of time', () => {
  it.each([1, 2, 3, 8, 64, 300])('over %i processors, at equal times the lower first', async (cpus) => {
    const session = { bufferBytes: 1024 };
    const { found } = await expectOrdered(busy(3000, cpus), { session });
    expect([found.buffers.isOrdered, found.inversions]).toEqual([true, 0]);
    await expectOrdered(busy(3000, cpus), { session, compressed: true });
  });

  it('all at one time', async () => {
    const events = Array.from({ length: 400 }, (_, i) => numbered(i, 5, i % 7));
    await expectOrdered(events, { session: { bufferBytes: 1024 } });
  });

  it('of processors that end early, or begin late', async () => {
    const events = [
      ...Array.from({ length: 100 }, (_, i) => numbered(i, i, 2)),
      ...Array.from({ length: 100 }, (_, i) => numbered(1000 + i, 500 + i, 1)),
      ...Array.from({ length: 100 }, (_, i) => numbered(2000 + i, i * 10, 0)),
    ];
    await expectOrdered(events, { session: { bufferBytes: 1024 } });
  });

  it('rows come in it where they are wanted so', async () => {
    const { bytes } = written(busy(2000, 9), { session: { bufferBytes: 1024 } });
    const rows = (await parseEtl(bytes, { inTime: true })).rows(sampledProfile);
    const times = rows.map(({ atUs }) => atUs as number);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(rows).toHaveLength(2000);
    expect(rows.every(({ quote }) => quote !== '')).toBe(true);
    const plain = (await parseEtl(bytes)).rows(sampledProfile);
    const key = ({ byte }: { byte: number | null }): number => byte as number;
    expect(rows.map(key).sort((a, b) => a - b)).toEqual(plain.map(key).sort((a, b) => a - b));
  });

  it('whatever the log', async () => {
    const shape = fc.record({
      times: fc.array(fc.tuple(fc.nat(60), fc.nat(5)), { minLength: 1, maxLength: 200 }),
      compressed: fc.boolean(),
      rotateBuffers: fc.nat(12),
    });
    await fc.assert(
      fc.asyncProperty(shape, async ({ times, compressed, rotateBuffers }) => {
        const counts = new Map<string, number>();
        // Of one processor, times that lie apart: the order of buffers that begin at one time is that of the file.
        const events = times.map(([ticks, cpu], i) => {
          const n = counts.get(`${cpu}`) ?? 0;
          counts.set(`${cpu}`, n + 1);
          return numbered(i, ticks + n * 61, cpu);
        });
        await expectOrdered(events, { session: { bufferBytes: 512 + 72 }, compressed, rotateBuffers });
      }),
      { seed: 41, numRuns: 150 },
    );
  });
});

describe('a log that wrapped', () => {
  const session = { bufferBytes: 1024 };
  // 29 samples fit into a buffer; two processors.
  const events = Array.from({ length: 600 }, (_, i) => numbered(i, 10 + i, i % 2));

  it.each([
    ['turned', { rotateBuffers: 7 }],
    ['turned, compressed', { rotateBuffers: 7, compressed: true }],
    ['turned, by Windows', { rotateBuffers: 3, nativeLog: true }],
  ])('comes in the order of time on each processor: %s', async (_, options) => {
    const { found } = await expectOrdered(events, { session, ...options });
    expect(found.buffers.isOrdered).toBe(false);
    expect([found.firstTicks, found.lastTicks]).toEqual([10, 609]);
    expect(found.inversions).toBe(0);
  });

  it('whose first buffers were overwritten: the last ones, in order', async () => {
    const file = written(events, { session, circularBuffers: 8 });
    const kept = file.buffers.flatMap((buffer) => buffer.events.map(({ event }) => event.payload.readUInt32LE(0)));
    const { found, inTime, byProcessor } = await walk(file.bytes);
    expect(found.buffers.isOrdered).toBe(false);
    expect(file.buffers.map(({ sequence }) => sequence)).not.toEqual([...file.buffers.keys()]);
    expect(inTime.map(({ id }) => id)).toEqual(kept.sort((a, b) => a - b));
    expect(found.firstTicks).toBe(10 + kept[0]);
    for (const cpu of [0, 1]) {
      const own = byProcessor.filter((seen) => seen.cpu === cpu).map(({ id }) => id);
      expect(own).toEqual(kept.filter((id) => id % 2 === cpu));
    }
  });

  it('is said to have wrapped', async () => {
    const codes = async (options: LogOptions): Promise<string[]> =>
      (await parseEtl(written(events, { session, ...options }).bytes)).diagnostics.map(({ code }) => code);
    expect(await codes({ rotateBuffers: 7 })).toEqual(['buffers-not-in-order']);
    expect(await codes({})).toEqual([]);
  });

  it('gives rows whose places are those in the file', async () => {
    for (const compressed of [false, true]) {
      const file = written(events, { session, rotateBuffers: 7, compressed });
      const places = new Map<number, number>();
      let start = compressed ? 512 : 1024;
      for (const { events: list } of file.buffers) {
        for (const { event, offset } of list) places.set(event.payload.readUInt32LE(0), start + offset);
        start += compressed ? (list.at(-1)?.offset ?? 0) + 32 : 1024;
      }
      for (const inTime of [false, true]) {
        const rows = (await parseEtl(file.bytes, { inTime })).rows(sampledProfile);
        expect(rows).toHaveLength(600);
        for (const { address, byte } of rows) expect(byte).toBe(places.get(Number(address)));
      }
    }
  });
});

describe('time that goes back', () => {
  it('in a buffer is counted, and every event still comes', async () => {
    const file = written(Array.from({ length: 50 }, (_, i) => numbered(i, 100 + i, 0)));
    const bytes = Buffer.from(file.bytes);
    const { offset, events } = file.buffers[0];
    bytes.writeBigUInt64LE(41_000_000_050n, offset + events[20].offset + 8);
    const { found, inTime, byProcessor } = await walk(bytes);
    expect(found.inversions).toBe(1);
    expect([inTime.length, byProcessor.length]).toEqual([50, 50]);
  });
});

describe('an event by its place', () => {
  it('is found in what is in memory, and nowhere else', async () => {
    const file = written(busy(100, 1));
    const memory = inMemory(file.bytes);
    const walked = new Walk(memory, await survey(memory, silent), false);
    const { offset, events } = file.buffers[0];
    let asked = 0;
    await walked.byProcessor({
      wanted: ALL,
      wantsOthers: true,
      passed: () => {},
      event: ({ cursor }) => {
        if (cursor.start !== offset) return;
        asked++;
        const other = events[(asked * 7) % 100];
        const found = walked.eventAt(offset + other.offset);
        expect(found?.words[found.payloadAt >> 2]).toBe(other.event.payload.readUInt32LE(0));
        expect(walked.eventAt(offset + file.buffers[0].bytes)).toBeNull();
        expect(walked.eventAt(offset + 8)).toBeNull();
      },
      release: () => {},
    });
    expect(asked).toBe(100);
  });
});

it('messages without time at the beginning of buffers keep their place and do not make a log look wrapped', async () => {
  const events: EtlEvent[] = [];
  for (let i = 0; i < 200; i++) {
    events.push(at(10 * i, { ...sample({ instructionPointer: BigInt(i), tid: 1 }) }));
    for (let k = 0; k < 5; k++) {
      events.push(at(10 * i, { header: 'message', payload: Buffer.alloc(9), message: { number: k } } as never));
    }
  }
  const { bytes } = written(events, { session: { bufferBytes: 1024 } });
  const found = await survey(inMemory(bytes), silent);
  expect(found.buffers.isOrdered).toBe(true);
  const times: number[] = [];
  const walk = new Walk(inMemory(bytes), found, false);
  const visitor: Visitor = {
    wanted: ALL,
    wantsOthers: true,
    passed: () => {},
    event: ({ cursor }) => times.push(cursor.ticks),
    release: () => {},
  };
  expect(await walk.inTime(visitor)).toBe(true);
  expect(times).toHaveLength(1201);
  expect(times.every((ticks, i) => Number.isFinite(ticks) && (i === 0 || ticks >= times[i - 1]))).toBe(true);
});
