/** Which stack an event has: whole or by key, in the same buffer or another, of kernel and user mode. */
import { describe, expect, it } from 'vitest';
import { MAX_FRAMES, StackKeys, Stacks } from '../parsers/etl/stacks/stacks.js';
import { TicksMap } from '../parsers/etl/stacks/ticks-map.js';
import { sampledProfile } from '../src/tables/sampled-profile.js';
import type { EtlEvent } from './generate/etl/log.js';
import { imageEvent } from './generate/etl/payloads/rundown.js';
import { sampledProfile as sample } from './generate/etl/payloads/schedule.js';
import { stack, stackKey, stackKeyFrames } from './generate/etl/payloads/stack.js';
import { at, type LogOptions, readBack, ticksAt } from './support/etl-logs.js';

const KERNEL = [0xfffff80340001000n, 0xfffff80340002000n, 0xfffff80340003000n];
const OTHER = [0xfffff80350001000n, 0xfffff80340002000n];
const USER = [0x7ffa00001000n, 0x7ff600002000n];
const KEY = 0xffffb18c40000000n;

/** A sample at `us`, and what tells its stack. */
const sampleAt = (us: number, cpu = 0): EtlEvent =>
  at(us, sample({ instructionPointer: BigInt(0x5000 + us), tid: 44 }), { cpu });
const owner = (us: number) => ({ ticks: ticksAt(us), pid: 4, tid: 44 });
const whole = (us: number, of: number, frames: readonly bigint[], cpu = 0, pointerBytes: 4 | 8 = 8): EtlEvent =>
  at(us, stack(owner(of), frames, pointerBytes), { cpu });
const keyed = (us: number, of: number, key: bigint, part: 'kernel' | 'user' = 'kernel', cpu = 0): EtlEvent =>
  at(us, stackKey(part, owner(of), key), { cpu });
const defined = (us: number, key: bigint, frames: readonly bigint[], why: 'delete' | 'rundown' = 'delete'): EtlEvent =>
  at(us, stackKeyFrames(why, key, frames));

const text = (...frames: readonly bigint[][]): string =>
  frames
    .flat()
    .map((frame) => `0x${frame.toString(16)}`)
    .join(';');

/** Stacks of the samples, by their time. */
async function stacksOf(events: readonly EtlEvent[], options: LogOptions = {}): Promise<Record<number, string | null>> {
  const found: Record<number, string | null> = {};
  for (const inTime of [false, true]) {
    const rows = (await readBack(events, options, { inTime })).rows(sampledProfile);
    const own = Object.fromEntries(rows.map(({ atUs, stack: frames }) => [atUs, frames]));
    if (inTime) expect(own).toEqual(found);
    Object.assign(found, own);
  }
  return found;
}

/** Samples that fill more than a buffer of 4096 bytes of a CPU. */
const filler = (from: number, cpu = 0): EtlEvent[] => Array.from({ length: 130 }, (_, i) => sampleAt(from + i, cpu));

describe('whole stacks', () => {
  it('belong to the event of their time, whatever lies between', async () => {
    const events = [
      sampleAt(10),
      whole(11, 10, KERNEL),
      sampleAt(20),
      sampleAt(21),
      whole(22, 20, OTHER),
      whole(23, 21, KERNEL),
      sampleAt(30),
      // Of no event at all.
      whole(31, 29, OTHER),
    ];
    expect(await stacksOf(events)).toEqual({ 10: text(KERNEL), 20: text(OTHER), 21: text(KERNEL), 30: null });
  });

  it('may stand before their event, or at its own time', async () => {
    expect(await stacksOf([whole(5, 10, KERNEL), sampleAt(10)])).toEqual({ 10: text(KERNEL) });
    expect(await stacksOf([sampleAt(10), whole(10, 10, KERNEL)])).toEqual({ 10: text(KERNEL) });
  });

  it('of kernel and user mode are joined, in whichever order they come', async () => {
    const joined = { 10: text(KERNEL, USER) };
    expect(await stacksOf([sampleAt(10), whole(11, 10, KERNEL), whole(12, 10, USER)])).toEqual(joined);
    expect(await stacksOf([sampleAt(10), whole(11, 10, USER), whole(12, 10, KERNEL)])).toEqual(joined);
    // Two of one mode are not parts of one stack.
    expect(await stacksOf([sampleAt(10), whole(11, 10, KERNEL), whole(12, 10, OTHER)])).toEqual({ 10: text(KERNEL) });
  });

  it('of 4-byte addresses', async () => {
    const frames = [0x80001000n, 0x7c802000n];
    expect(await stacksOf([sampleAt(10), whole(11, 10, frames, 0, 4)])).toEqual({ 10: text(frames) });
    // The same 32-bit words as one frame of 8 bytes are another stack.
    const one = [(0x7c802000n << 32n) | 0x80001000n];
    const both = [sampleAt(10), whole(11, 10, frames, 0, 4), sampleAt(20), whole(21, 20, one)];
    expect(await stacksOf(both)).toEqual({ 10: text(frames), 20: text(one) });
  });

  it('without frames, or too short to say whose they are', async () => {
    const empty = whole(11, 10, []);
    const short = { ...empty, payload: empty.payload.subarray(0, 12) };
    expect(await stacksOf([sampleAt(10), empty])).toEqual({ 10: null });
    expect(await stacksOf([sampleAt(10), short])).toEqual({ 10: null });
    // Half an address is none.
    const half = whole(11, 10, KERNEL);
    const cut = { ...half, payload: half.payload.subarray(0, half.payload.length - 4) };
    expect(await stacksOf([sampleAt(10), cut])).toEqual({ 10: text(KERNEL.slice(0, 2)) });
  });

  it.each([
    ['plain', {}],
    ['compressed', { compressed: true }],
    ['turned', { rotateBuffers: 2 }],
  ])('in another buffer than their event, before or behind it: %s', async (_, options) => {
    const events = [
      // The stack lies in the next buffer of its processor.
      sampleAt(100),
      ...filler(101),
      whole(300, 100, KERNEL),
      // On another processor.
      sampleAt(310, 1),
      whole(311, 310, OTHER, 2),
      // Kernel part in place, user part late.
      sampleAt(400),
      whole(401, 400, KERNEL),
      ...filler(402),
      whole(600, 400, USER),
      // Both late.
      sampleAt(700, 3),
      whole(701, 700, USER, 4),
      whole(702, 700, KERNEL, 5),
    ];
    const found = await stacksOf(events, options);
    expect(Object.entries(found).filter(([, frames]) => frames !== null)).toEqual([
      ['100', text(KERNEL)],
      ['310', text(OTHER)],
      ['400', text(KERNEL, USER)],
      ['700', text(KERNEL, USER)],
    ]);
  });
});

describe('stacks by key', () => {
  it('mean the first definition at or after their use', async () => {
    const events = [
      sampleAt(10),
      keyed(11, 10, KEY),
      defined(20, KEY, KERNEL),
      sampleAt(30),
      keyed(31, 30, KEY),
      defined(31, KEY, OTHER),
      sampleAt(40),
      keyed(41, 40, KEY),
      defined(50, KEY, KERNEL.slice(1), 'rundown'),
      // Nothing defines it any more.
      sampleAt(60),
      keyed(61, 60, KEY),
    ];
    expect(await stacksOf(events)).toEqual({
      10: text(KERNEL),
      30: text(OTHER),
      40: text(KERNEL.slice(1)),
      60: null,
    });
  });

  it('that only the end of the log defines, in another buffer and on another processor', async () => {
    const events = [
      sampleAt(10, 1),
      keyed(11, 10, KEY, 'kernel', 1),
      ...filler(20, 1),
      sampleAt(200, 2),
      keyed(201, 200, KEY + 8n, 'user', 2),
      defined(900, KEY, KERNEL, 'rundown'),
      defined(900, KEY + 8n, USER, 'rundown'),
    ];
    for (const options of [{}, { compressed: true }, { rotateBuffers: 3 }]) {
      const found = await stacksOf(events, options);
      expect([found[10], found[200], found[20]]).toEqual([text(KERNEL), text(USER), null]);
    }
  });

  it('of kernel and user mode are joined', async () => {
    const events = [
      sampleAt(10),
      keyed(11, 10, KEY),
      keyed(12, 10, KEY + 8n, 'user'),
      defined(90, KEY, KERNEL, 'rundown'),
      defined(91, KEY + 8n, USER, 'rundown'),
    ];
    expect(await stacksOf(events)).toEqual({ 10: text(KERNEL, USER) });
    // The user part is not defined.
    expect(await stacksOf(events.slice(0, 4))).toEqual({ 10: text(KERNEL) });
  });

  it('used late: in another buffer than the event, the key meaning what it meant at the use', async () => {
    const events = [
      sampleAt(100),
      ...filler(101),
      keyed(300, 100, KEY),
      defined(310, KEY, KERNEL),
      defined(400, KEY, OTHER, 'rundown'),
    ];
    expect((await stacksOf(events))[100]).toBe(text(KERNEL));
  });

  it('with keys of 4 bytes', async () => {
    const key = 0x85001234n;
    const events = [
      sampleAt(10),
      at(11, stackKey('kernel', owner(10), key, 4)),
      at(20, stackKeyFrames('delete', key, [0x80001000n], 4)),
    ];
    expect(await stacksOf(events)).toEqual({ 10: '0x80001000' });
  });

  it('whose definitions or uses are too short', async () => {
    const use = keyed(11, 10, KEY);
    const definition = defined(20, KEY, KERNEL);
    const cutUse = { ...use, payload: use.payload.subarray(0, 20) };
    const cutDefinition = { ...definition, payload: definition.payload.subarray(0, 4) };
    expect(await stacksOf([sampleAt(10), cutUse, definition])).toEqual({ 10: null });
    expect(await stacksOf([sampleAt(10), use, cutDefinition])).toEqual({ 10: null });
  });
});

describe('frames', () => {
  it('are printed with the image that they lie in', async () => {
    const image = { base: 0xfffff80340000000n, size: 0x10000n, pid: 0, fileName: '\\SystemRoot\\a.sys' };
    const events = [at(1, imageEvent('rundownStart', image)), sampleAt(10), whole(11, 10, [...KERNEL, OTHER[0]])];
    const named = KERNEL.map((frame) => `a.sys!0x${frame.toString(16)}`).join(';');
    expect(await stacksOf(events)).toEqual({ 10: `${named};0x${OTHER[0].toString(16)}` });
  });

  it('are printed up to 64', async () => {
    const deep = Array.from({ length: 200 }, (_, i) => 0xfffff80340000000n + BigInt(i));
    const found = await stacksOf([sampleAt(10), whole(11, 10, deep)]);
    expect(found[10]).toBe(text(deep.slice(0, 64)));
  });
});

describe('what is kept', () => {
  const words = (...numbers: number[]): Int32Array => Int32Array.from(numbers);

  it('is one stack for the same addresses, whatever their width', () => {
    const stacks = new Stacks();
    const one = stacks.id(words(1, 0, 2, 0), 0, 2, 8);
    expect(stacks.id(words(9, 1, 0, 2, 0), 1, 2, 8)).toBe(one);
    expect(stacks.id(words(1, -1, 2, 0), 0, 2, 8)).not.toBe(one);
    const narrow = stacks.id(words(1, 2), 0, 2, 4);
    const { starts } = stacks;
    expect([...stacks.words.subarray(starts[narrow], starts[narrow + 1])]).toEqual([1, 0, 2, 0]);
  });

  it('grows, each stack keeping its number and its frames', () => {
    const stacks = new Stacks();
    const of = (i: number): Int32Array => words(...Array.from({ length: (i % 7) * 2 + 2 }, (_, n) => i * 31 + n));
    const ids = Array.from({ length: 20_000 }, (_, i) => stacks.id(of(i), 0, (i % 7) + 1, 8));
    expect(ids).toEqual(Array.from({ length: 20_000 }, (_, i) => i));
    for (let i = 0; i < 20_000; i += 97) {
      expect(stacks.id(of(i), 0, (i % 7) + 1, 8)).toBe(i);
      expect(stacks.words.slice(stacks.starts[i], stacks.starts[i + 1])).toEqual(of(i));
    }
  });

  it('ends where there is no room: counted, and what is known is still found', () => {
    const stacks = new Stacks();
    const first = stacks.id(words(5, -1), 0, 1, 8);
    // 16 million words in all; each of these takes 384 of them.
    const deep = new Int32Array(MAX_FRAMES * 2);
    const fit = Math.floor(((16 << 20) - 2) / deep.length);
    for (let i = 0; i < fit + 10; i++) {
      deep[0] = i;
      stacks.id(deep, 0, MAX_FRAMES, 8);
    }
    expect([stacks.dropped, stacks.count]).toEqual([10, fit + 1]);
    expect(stacks.id(words(5, -1), 0, 1, 8)).toBe(first);
    expect(stacks.words.length).toBeLessThanOrEqual(32 << 20);
    expect(stacks.joined(first, -1)).toBe(first);
  });

  it('keys end where there is no room', () => {
    const keys = new StackKeys();
    for (let i = 0; i < (1 << 19) + 5; i++) keys.define(7n, i, 3);
    expect(keys.dropped).toBe(5);
    expect([keys.find(7n, (1 << 19) - 1), keys.find(7n, 1 << 19), keys.find(8n, 0)]).toEqual([3, -1, -1]);
  });

  it('two numbers a time, until the map is cleared', () => {
    const map = new TicksMap();
    for (let round = 0; round < 3; round++) {
      map.clear();
      for (let i = 0; i < 5000; i++) map.add(i * 4294967296 + i, i);
      for (let i = 0; i < 5000; i += 2) map.add(i * 4294967296 + i, i + 1);
      for (let i = 0; i < 5000; i++) {
        const place = map.at(i * 4294967296 + i);
        expect([map.first(place), map.second(place)]).toEqual([i, i % 2 === 0 ? i + 1 : -1]);
      }
      expect([map.at(-1), map.at(5000 * 4294967296)]).toEqual([-1, -1]);
    }
  });
});

describe('of events of one time', () => {
  const at32 = (us: number, body: Parameters<typeof at>[1]): EtlEvent => at(us, body);
  const stacksOf = async (events: readonly EtlEvent[]): Promise<(string | null)[]> =>
    (await readBack(events)).rows(sampledProfile).map((row) => row.stack);

  it('a 32-bit log has kernel and user part, kernel first', async () => {
    const kernel = [0x81001000n, 0x81002000n];
    const user = [0x77001000n, 0x401000n];
    const profile = at32(100, sample({ instructionPointer: 0x81001000n, tid: 44 }, 4));
    const of = (us: number, frames: readonly bigint[]): EtlEvent => at(us, stack(owner(100), frames, 4));
    const expected = [text(kernel, user)];
    expect(await stacksOf([profile, of(101, kernel), of(102, user)])).toEqual(expected);
    expect(await stacksOf([profile, of(101, user), of(102, kernel)])).toEqual(expected);
  });

  it('a stack of another thread is not theirs, and one stack is not two events’', async () => {
    const mine = at(100, sample({ instructionPointer: 0x5000n, tid: 44 }));
    const theirs = at(100, sample({ instructionPointer: 0x6000n, tid: 45 }));
    const again = at(100, sample({ instructionPointer: 0x7000n, tid: 44 }));
    const others = at(101, stack({ ticks: ticksAt(100), pid: 4, tid: 45 }, OTHER));
    expect(await stacksOf([mine, theirs, again, whole(101, 100, KERNEL), others])).toEqual([
      text(KERNEL),
      text(OTHER),
      null,
    ]);
  });
});
