import { describe, expect, it } from 'vitest';
import {
  booksOf,
  figuresByStack,
  figuresByTag,
  isPagedType,
  isSessionType,
  outstandingOf,
  type PoolEvent,
  type PoolFigures,
  type PoolTruth,
  peakOf,
  type ScenarioKind,
  simulatePool,
} from './generate/pool/truth.js';

const SEEDS = Array.from({ length: 30 }, (_, i) => i + 1);
const truths = new Map(SEEDS.map((seed) => [seed, simulatePool(seed)]));
const truthOf = (seed: number): PoolTruth => truths.get(seed) as PoolTruth;

const count = (items: readonly PoolEvent[], op: PoolEvent['op']): number => items.filter((e) => e.op === op).length;
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const tagsOf = (truth: PoolTruth, kind: ScenarioKind) => truth.scenarios.filter((scenario) => scenario.kind === kind);
const eventsOf = ({ events }: PoolTruth, { tag, paged }: { tag: string; paged: boolean }): PoolEvent[] =>
  events.filter((event) => event.tag === tag && isPagedType(event.poolType) === paged);

/** The life of each block by its number, which no reader knows: the first alloc, and the first free. */
function livesOf(events: readonly PoolEvent[]): { alloc?: PoolEvent; free?: PoolEvent }[] {
  const lives = new Map<number, { alloc?: PoolEvent; free?: PoolEvent }>();
  for (const event of events) {
    const life = lives.get(event.block) ?? {};
    life[event.op] ??= event;
    lives.set(event.block, life);
  }
  return [...lives.values()];
}

/** Counts and bytes of all classes together and of the range, the plainest way. */
function recount(events: readonly PoolEvent[], fromUs: number, toUs: number): Map<string, [number, number]> {
  const found = new Map<string, [number, number]>();
  for (const { alloc, free } of livesOf(events)) {
    const [start, end] = [alloc?.atUs ?? -1, free?.atUs ?? Number.POSITIVE_INFINITY];
    if (start > toUs || end < fromUs) continue;
    const { tag, poolType, bytes } = (alloc ?? free) as PoolEvent;
    const kind = `a${start >= fromUs ? 'i' : 'o'}f${end <= toUs ? 'i' : 'o'}`;
    const key = `${tag} ${isPagedType(poolType)} ${kind}`;
    const [n, total] = found.get(key) ?? [0, 0];
    found.set(key, [n + 1, total + bytes]);
  }
  return found;
}

function flat(figures: readonly PoolFigures[]): Map<string, [number, number]> {
  const kinds = ['aifi', 'aifo', 'aofi', 'aofo'] as const;
  const rows = figures.flatMap((row) =>
    kinds.map((kind) => [`${row.tag} ${row.paged} ${kind}`, [row[kind].count, row[kind].bytes]] as const),
  );
  return new Map(rows.filter(([, [n]]) => n > 0).map(([key, [n, bytes]]) => [key, [n, bytes]]));
}

describe('the simulated pool', () => {
  it('is the same each time and differs by seed', () => {
    expect(simulatePool(3)).toEqual(truthOf(3));
    expect(simulatePool(4).events).not.toEqual(truthOf(3).events);
  });

  it.each(SEEDS)('seed %i: events in the order of time, and no address lives twice', (seed) => {
    const { events, lengthUs, doubleFrees, processes, cpus, stacks } = truthOf(seed);
    expect(events.length).toBeGreaterThanOrEqual(5_000);
    expect(events.length).toBeLessThanOrEqual(20_000);
    const again = new Set(doubleFrees);
    const live = new Map<bigint, number>();
    const threads = new Map(processes.flatMap((p) => p.threads.map(({ tid }) => [tid, p.pid] as const)));
    let last = -1;
    let wrong = 0;
    for (const event of events) {
      if (event.atUs <= last || event.atUs > lengthUs || !Number.isInteger(event.atUs)) wrong++;
      if (threads.get(event.tid) !== event.pid || event.cpu >= cpus || stacks[event.stack].id !== event.stack) wrong++;
      last = event.atUs;
      if (event.op === 'alloc') {
        if (live.has(event.address)) wrong++;
        live.set(event.address, event.block);
      } else if (again.has(event)) {
        if (live.has(event.address)) wrong++;
      } else {
        if (live.has(event.address) && live.get(event.address) !== event.block) wrong++;
        live.delete(event.address);
      }
    }
    expect(wrong).toBe(0);
  });

  it.each(SEEDS)('seed %i: double frees are under tags of traffic, and the books find them by address', (seed) => {
    const truth = truthOf(seed);
    const traffic = new Set(tagsOf(truth, 'traffic').map(({ tag }) => tag));
    expect(truth.doubleFrees.length).toBeGreaterThanOrEqual(1);
    expect(truth.doubleFrees.length).toBeLessThanOrEqual(3);
    expect(truth.doubleFrees.every(({ tag }) => traffic.has(tag))).toBe(true);
    expect(booksOf(truth.events).doubleFrees).toEqual(truth.doubleFrees);
  });

  it.each(SEEDS)('seed %i: sums agree with a recount, of the whole and of ranges', (seed) => {
    const { events, lengthUs, doubleFrees } = truthOf(seed);
    const books = booksOf(events);
    const whole = figuresByTag(books);
    expect(flat(whole)).toEqual(recount(events, 0, lengthUs));
    expect(sum(whole.map(({ aifi, aifo }) => aifi.count + aifo.count))).toBe(count(events, 'alloc'));
    const frees = sum(whole.map(({ aifi, aofi }) => aifi.count + aofi.count));
    expect(frees + doubleFrees.length).toBe(count(events, 'free'));
    const byStack = figuresByStack(books);
    for (const kind of ['aifi', 'aifo', 'aofi', 'aofo', 'unknown'] as const) {
      expect(sum(byStack.map((row) => row[kind].bytes))).toBe(sum(whole.map((row) => row[kind].bytes)));
    }
    for (const from of [0.1, 0.35, 0.5]) {
      const to = Math.min(0.95, from * 2.5);
      const range = { fromUs: Math.floor(from * lengthUs), toUs: Math.floor(to * lengthUs) };
      expect(flat(figuresByTag(books, range))).toEqual(recount(events, range.fromUs, range.toUs));
    }
  });

  it.each(SEEDS)('seed %i: addresses are used again, by other tags as well, and all kinds of pool occur', (seed) => {
    const { events } = truthOf(seed);
    const tags = new Map<bigint, Set<string>>();
    for (const { address, tag } of events) tags.set(address, (tags.get(address) ?? new Set()).add(tag));
    expect([...tags.values()].filter(({ size }) => size > 1).length).toBeGreaterThan(10);
    const types = new Set(events.map(({ poolType }) => poolType));
    expect([0, 1, 512].every((type) => types.has(type)) && [...types].some(isSessionType)).toBe(true);
  });
});

describe('its scenarios', () => {
  it.each(SEEDS)('seed %i: the slow leak is on one stack of one process, among others', (seed) => {
    const truth = truthOf(seed);
    const [scenario] = tagsOf(truth, 'slow-leak');
    const leak = scenario.leak as NonNullable<typeof scenario.leak>;
    const rows = figuresByStack(booksOf(truth.events)).filter(
      ({ tag, stack }) => tag === scenario.tag && stack !== null,
    );
    const own = rows.find(({ stack }) => stack === leak.stack) as PoolFigures;
    const others = rows.filter((row) => row !== own);
    expect(rows.length).toBeGreaterThanOrEqual(5);
    expect(own.aifo.count).toBeGreaterThanOrEqual(60);
    expect(sum(others.map(({ aifo }) => aifo.count))).toBeLessThan(own.aifo.count / 2);
    expect(new Set(eventsOf(truth, scenario).flatMap((e) => (e.stack === leak.stack ? [e.pid] : [])))).toEqual(
      new Set([leak.pid]),
    );
    const kernelPart = (id: number): string =>
      truth.stacks[id].frames
        .slice(0, truth.stacks[id].kernelFrames)
        .map(({ address }) => address)
        .join();
    const sameSite = others.filter(({ stack }) => kernelPart(stack as number) === kernelPart(leak.stack));
    expect(sameSite.length).toBeGreaterThanOrEqual(1);
    expect(truth.stacks[leak.stack].frames.some((f) => f.module === leak.module && f.fn === leak.fn)).toBe(true);
  });

  it('frees nothing at all on the leaking stack in about half of the traces', () => {
    const never = SEEDS.filter((seed) => {
      const truth = truthOf(seed);
      const stack = tagsOf(truth, 'slow-leak')[0].leak?.stack;
      return figuresByStack(booksOf(truth.events)).find((row) => row.stack === stack)?.aifi.count === 0;
    });
    expect(never.length).toBeGreaterThan(8);
    expect(never.length).toBeLessThan(22);
  });

  it.each(SEEDS)('seed %i: the innocent ones are what their names say', (seed) => {
    const truth = truthOf(seed);
    const { lengthUs } = truth;
    const books = booksOf(truth.events);
    const figures = (kind: ScenarioKind) => {
      const [{ tag, paged }] = tagsOf(truth, kind);
      return figuresByTag(books).find((row) => row.tag === tag && row.paged === paged) as PoolFigures;
    };
    const [cache, burst, turnover, few] = (['cache', 'burst', 'turnover', 'few'] as const).map(figures);
    expect(cache).toMatchObject({ aifi: { count: 0 }, aofi: { count: 0 } });
    const lastUs = eventsOf(truth, cache).at(-1)?.atUs ?? 0;
    expect(lastUs).toBeGreaterThan(0.25 * lengthUs);
    expect(lastUs).toBeLessThan(0.71 * lengthUs);
    expect(burst).toMatchObject({ aifo: { count: 0 }, aofi: { count: 0 } });
    const [freed] = eventsOf(truth, burst).filter(({ op }) => op === 'free');
    expect(freed.atUs).toBeGreaterThanOrEqual(0.6 * lengthUs);
    expect(turnover.aifi.count).toBe(0);
    expect(turnover.aifo).toEqual(turnover.aofi);
    expect(few.aifo.count).toBeGreaterThanOrEqual(3);
    expect(few.aifo.count).toBeLessThanOrEqual(5);
  });

  it.each(SEEDS)('seed %i: the group leaks 1:1:2, slower than the other leak', (seed) => {
    const truth = truthOf(seed);
    const group = tagsOf(truth, 'group-leak').map((scenario) => eventsOf(truth, scenario).length);
    expect(group).toEqual([group[0], group[0], 2 * group[0]]);
    expect(group[0]).toBeLessThan(60);
    const [first] = tagsOf(truth, 'slow-leak');
    expect(tagsOf(truth, 'group-leak')[0].leak?.module).not.toBe(first.leak?.module);
  });

  it('outstanding bytes end with AIFO and never fall below 0', () => {
    const truth = truthOf(1);
    const books = booksOf(truth.events);
    for (const { tag, paged, aifo } of figuresByTag(books)) {
      const rows = outstandingOf(books, tag, paged);
      expect(rows.every(({ bytes }) => bytes >= 0)).toBe(true);
      expect(rows.at(-1) ?? { count: 0, bytes: 0 }).toMatchObject(aifo);
      expect(peakOf(rows)?.bytes ?? 0).toBeGreaterThanOrEqual(aifo.bytes);
    }
  });

  it('have frames of Driver Verifier in most traces', () => {
    const verified = SEEDS.filter((seed) =>
      truthOf(seed).stacks.some(({ frames }) => frames.some(({ fn }) => /^Verifier|_wrapper$/.test(fn))),
    );
    expect(verified.length).toBeGreaterThan(15);
  });
});

describe('traces that are smaller or not whole', () => {
  it.each(SEEDS.slice(0, 10))('seed %i: lost events are missing from the middle, the truth stays', (seed) => {
    const truth = simulatePool(seed, { lost: true });
    const { lost, lengthUs } = truth;
    const { events, scenarios, population } = truthOf(seed);
    expect(truth).toMatchObject({ events, scenarios, population });
    if (lost === null) throw new Error('nothing was lost');
    const share = (lost.toUs - lost.fromUs) / lengthUs;
    expect(share).toBeGreaterThan(0.029);
    expect(share).toBeLessThan(0.081);
    expect(truth.written.some(({ atUs }) => atUs >= lost.fromUs && atUs <= lost.toUs)).toBe(false);
    expect(truth.events.length - truth.written.length).toBe(lost.events);
    expect(lost.events).toBeGreaterThan(0);
    const books = booksOf(truth.written, lost);
    expect(books.doubleFrees.every((event) => truth.doubleFrees.includes(event))).toBe(true);
    const figures = figuresByTag(books);
    const known = sum(figures.map(({ aifi, aifo, unknown }) => aifi.count + aifo.count + unknown.count));
    expect(known).toBe(count(truth.written, 'alloc'));
  });

  it('are smaller by a scale, with the same scenarios', () => {
    const small = simulatePool(2, { lengthSeconds: 60, scale: 0.4 });
    expect(small.events.length).toBeLessThan(4_500);
    expect(small.lengthUs).toBe(60_000_000);
    expect(small.scenarios.map(({ kind }) => kind)).toEqual(truthOf(2).scenarios.map(({ kind }) => kind));
    expect(booksOf(small.events).doubleFrees).toEqual(small.doubleFrees);
  });

  it('end early', () => {
    const truth = simulatePool(2, { truncate: 0.5 });
    expect(truth.events).toEqual(truthOf(2).events);
    expect(truth.written.at(-1)?.atUs).toBeLessThanOrEqual(0.5 * truth.lengthUs);
  });
});
