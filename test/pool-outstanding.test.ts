/** Allocations are paired with frees as a Map from address to block would do it, whatever comes in whatever range. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PoolOptions } from '../src/analyses/pool/options.js';
import { poolOfTexts } from './support/pool.js';
import { feed, type MadeEvent, pairedNaively } from './support/pool-feed.js';

const ADDRESSES = [0x1000n, 0x2000n, 0xffffa80000001000n, 0xffffa80000002000n, 0xffffa80100001000n];
const event: fc.Arbitrary<MadeEvent & { readonly stepUs: number }> = fc.record({
  operation: fc.constantFrom('alloc', 'alloc', 'free'),
  stepUs: fc.constantFrom(0, 1, 1, 5, 100),
  atUs: fc.constant(0),
  address: fc.constantFrom(...ADDRESSES),
  bytes: fc.constantFrom(0, 1, 16, 4096, 2 ** 32, 5 * 2 ** 32 + 8),
  tag: fc.constantFrom('Aaaa', 'Bb  '),
  poolType: fc.constantFrom('NonPagedPool', 'PagedPool', 'NonPagedPoolNx', 'PagedPoolSession'),
  sessionId: fc.constantFrom(null, 0, 1, 2),
  stack: fc.constantFrom(null, 0, 1),
  pid: fc.constantFrom(4, 1380),
});
/** In the order of time, with several events at one time. */
const events = fc.array(event, { minLength: 1, maxLength: 60 }).map((list): MadeEvent[] => {
  let atUs = 0;
  return list.map(({ stepUs, ...rest }) => {
    atUs += stepUs;
    return { ...rest, atUs };
  });
});
const stacks = [
  ['nt!ExAllocatePool2', 'a.sys!Alloc'],
  ['nt!ExFreePoolWithTag', 'b.sys!Free'],
];
const WHOLE = { startUs: 0, endUs: Number.POSITIVE_INFINITY };

type Row = { readonly tag: string | null; readonly paged: boolean | null };
const nonZero = (figures: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(figures).filter(([, text]) => /[1-9]\d*\/| [1-9]/.test(text)));

/** The answer in the shape of the expected figures. AOFO of the tags is not in the result: it is taken from the totals. */
function said(list: readonly MadeEvent[], options: Partial<PoolOptions>, batch?: number) {
  const { result } = feed({ events: list, stacks, batch }, options);
  const byTag = Object.fromEntries(
    result.tags.map((t) => [
      `${t.tag}|${t.paged}`,
      `AIFI ${t.aifiCount}/${t.aifiBytes} AIFO ${t.aifoCount}/${t.aifoBytes} AOFI ${t.aofiCount}/${t.aofiBytes}`,
    ]),
  );
  const totals: Record<string, string> = {};
  for (const { type, paged, count, bytes } of result.totals) {
    const before = totals[`${paged}`] === undefined ? '' : `${totals[`${paged}`]} `;
    totals[`${paged}`] = `${before}${type} ${count ?? 0}/${bytes ?? 0}`;
  }
  return { result, byTag: nonZero(byTag), totals: nonZero(totals) };
}

const withoutAofo = (tags: Readonly<Record<string, string>>): Record<string, string> =>
  nonZero(Object.fromEntries(Object.entries(tags).map(([key, text]) => [key, text.replace(/ AOFO.*/, '')])));

describe('pairing', () => {
  it('over the whole trace is that of a Map', () => {
    fc.assert(
      fc.property(events, fc.integer({ min: 1, max: 7 }), (list, batch) => {
        const { result, byTag, totals } = said(list, { range: { ...WHOLE, startUs: -1 } }, batch);
        const expected = pairedNaively(list, { ...WHOLE, startUs: -1 });
        expect(byTag).toEqual(withoutAofo(expected.tags));
        expect(totals).toEqual(nonZero({ ...expected.totals }));
        expect(result.tags.reduce((sum, { doubleFrees }) => sum + (doubleFrees ?? 0), 0)).toBe(expected.twice);
        for (const paged of [false, true])
          expect(result.peaks.find((peak) => peak.paged === paged)?.bytes ?? 0).toBe(expected.peaks[`${paged}`]);
      }),
      { numRuns: 250 },
    );
  });

  it('in any range is that of a Map: all four classes, with both ends in the range', () => {
    fc.assert(
      fc.property(events, fc.nat(), fc.nat(), (list, a, b) => {
        const times = [...list.map(({ atUs }) => atUs), -5, (list.at(-1)?.atUs ?? 0) + 5];
        const [startUs, endUs] = [times[a % times.length], times[b % times.length]].sort((x, y) => x - y);
        const { result, byTag, totals } = said(list, { range: { startUs, endUs } });
        const isOutside = endUs < (list[0]?.atUs ?? 0) || startUs > (list.at(-1)?.atUs ?? 0);
        // Of a range before or behind the trace nothing is said.
        if (isOutside) {
          expect(result.tags).toEqual([]);
          return;
        }
        const expected = pairedNaively(list, { startUs, endUs });
        expect(totals).toEqual(nonZero({ ...expected.totals }));
        expect(byTag).toEqual(withoutAofo(expected.tags));
        expect(result.tags.reduce((sum, { doubleFrees }) => sum + (doubleFrees ?? 0), 0)).toBe(expected.twice);
        for (const paged of [false, true])
          expect(result.peaks.find((peak) => peak.paged === paged)?.bytes ?? 0).toBe(expected.peaks[`${paged}`]);
      }),
      { numRuns: 700 },
    );
  });

  it('leaves out of what is outstanding all that is younger than asked for', () => {
    fc.assert(
      fc.property(events, fc.nat(), fc.nat(), fc.constantFrom(1, 5, 100), (list, a, b, minAgeUs) => {
        const times = list.map(({ atUs }) => atUs);
        const [startUs, endUs] = [times[a % times.length], times[b % times.length]].sort((x, y) => x - y);
        const { byTag, totals, result } = said(list, { range: { startUs, endUs }, minAgeUs, by: ['type', 'tag'] });
        const expected = pairedNaively(list, { startUs, endUs }, minAgeUs);
        expect(byTag).toEqual(withoutAofo(expected.tags));
        expect(totals).toEqual(nonZero({ ...expected.totals }));
        const aifo = result.tree.find(({ value }) => value === 'AIFO');
        const count = result.tags.reduce((sum, tag) => sum + (tag.aifoCount ?? 0), 0);
        expect(aifo?.count ?? 0).toBe(count);
      }),
      { numRuns: 200 },
    );
  });

  it('adds up: stacks, processes, tree and course come to what the tags come to', () => {
    fc.assert(
      fc.property(events, (all) => {
        const list = all.map((e) => ({ ...e, stack: e.stack ?? 0 }));
        const { result } = said(list, { by: ['type', 'paged', 'tag', 'stack'] });
        const outOf = (row: Row) =>
          result.stacks
            .filter(({ tag, paged }) => tag === row.tag && paged === row.paged)
            .reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
        for (const tag of result.tags) expect(outOf(tag)).toBe(tag.aifoBytes);
        for (const { processes, bytes, count } of result.stacks) {
          expect(processes.reduce((sum, p) => sum + p.bytes, 0)).toBe(bytes);
          expect(processes.reduce((sum, p) => sum + p.count, 0)).toBe(count);
        }
        for (const { type, count, bytes } of sumsByType(result.totals)) {
          const node = result.tree.find(({ value }) => value === type);
          expect([type, node?.count ?? 0, node?.bytes ?? 0]).toEqual([type, count, bytes]);
        }
        const out = (paged: boolean) => result.totals.find((t) => t.type === 'AIFO' && t.paged === paged)?.bytes ?? 0;
        expect(result.timeline?.nonpagedBytes.at(-1)).toBe(out(false));
        expect(result.timeline?.pagedBytes.at(-1)).toBe(out(true));
      }),
      { numRuns: 200 },
    );
  });

  it('measures lifetimes: their number, mean and longest, and powers of two that hold the percentiles', () => {
    fc.assert(
      fc.property(events, (list) => {
        const { result } = said(list, {});
        for (const { tag, paged, lifetimes } of result.tags) {
          const lives = lifetimesOf(list, tag, paged);
          if (lives.length === 0) {
            expect(lifetimes).toBeNull();
            continue;
          }
          const [p50, p99] = [0.5, 0.99].map((p) => lives[Math.ceil(p * lives.length) - 1]);
          expect(lifetimes).toMatchObject({ freed: lives.length, maxUs: lives.at(-1) });
          expect(lifetimes?.meanUs).toBeCloseTo(lives.reduce((a, b) => a + b, 0) / lives.length, 6);
          for (const [said, exact] of [
            [lifetimes?.p50Us, p50],
            [lifetimes?.p99Us, p99],
          ] as const) {
            expect(said).toBeGreaterThanOrEqual(exact);
            expect(said).toBeLessThanOrEqual(Math.max(1, 2 * exact));
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it('is the same from dumper text', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(events, async (all) => {
        const list = all.map((e) => ({ ...e, sessionId: null, poolType: e.poolType.replace('Session', '') }));
        const { result } = await poolOfTexts(dumperOf(list), { range: { startUs: -1, endUs: 1e9 } });
        const expected = pairedNaively(list, { startUs: -1, endUs: 1e9 });
        const byTag = Object.fromEntries(
          result.tags.map((t) => [
            `${t.tag}|${t.paged}`,
            `AIFI ${t.aifiCount}/${t.aifiBytes} AIFO ${t.aifoCount}/${t.aifoBytes} AOFI ${t.aofiCount}/${t.aofiBytes}`,
          ]),
        );
        expect(nonZero(byTag)).toEqual(withoutAofo(expected.tags));
      }),
      { numRuns: 60 },
    );
  });
});

function sumsByType(totals: ReturnType<typeof feed>['result']['totals']) {
  return ['AIFI', 'AIFO', 'AOFI'].map((type) => {
    const own = totals.filter((total) => total.type === type);
    return {
      type,
      count: own.reduce((sum, { count }) => sum + (count ?? 0), 0),
      bytes: own.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0),
    };
  });
}

/** Of blocks of a tag that were freed, sorted. */
function lifetimesOf(list: readonly MadeEvent[], tag: string | null, paged: boolean | null): number[] {
  const open = new Map<string, MadeEvent>();
  const lives: number[] = [];
  for (const e of list) {
    const key = `${e.address} ${e.poolType.includes('Session') ? e.sessionId : null}`;
    const known = open.get(key);
    if (e.operation === 'alloc') open.set(key, e);
    else {
      open.delete(key);
      if (known?.tag === tag && !known.poolType.startsWith('Non') === paged) lives.push(e.atUs - known.atUs);
    }
  }
  return lives.sort((a, b) => a - b);
}

function dumperOf(list: readonly MadeEvent[]): string {
  const columns = 'TimeStamp,     Process Name ( PID),   ThreadID, CPU, Type, Tag, Size, Address';
  const head = ['PoolAlloc', 'PoolFree'].map((name) => `${name.padStart(23)}, ${columns}`);
  const rows = list.map(
    ({ operation, atUs, pid, poolType, tag, bytes, address }) =>
      `${(operation === 'alloc' ? 'PoolAlloc' : 'PoolFree').padStart(23)}, ${atUs}, a.exe (${pid}), 8, 0, ${poolType}, ${tag}, ${bytes}, 0x${address.toString(16)}`,
  );
  return ['BeginHeader', ...head, 'EndHeader', ...rows, ''].join('\r\n');
}
