/** Starts without zone or day, and how the answer says what it assumed. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LocalStart, likeliestStart } from '../correlate/local-start.js';
import { story } from './generate/stories/index.js';
import { reportOf } from './support/stories.js';

const HOUR = 3_600_000;
const DUMP = Date.parse('2026-11-20T10:31:02Z');
const local = (text: string): number => Date.parse(`${text}Z`);

const start = (more: Partial<LocalStart>): LocalStart => ({
  localMs: local('2026-11-20T11:05:11'),
  hasDay: true,
  spanMs: 60_000,
  zoneMinutes: null,
  isZoneSure: false,
  ...more,
});

describe('a start without a zone', () => {
  it('is the only one that lies between boot and dump', () => {
    // Up for half an hour: of all zones only +01:00 has 11:05:11 within it (10:05:11Z); quarters of an hour apart there is 10:20:11Z too.
    const chosen = likeliestStart(start({}), DUMP, 27 * 60_000);
    expect(chosen).toMatchObject({ possible: 2, zoneMinutes: 45, ms: Date.parse('2026-11-20T10:20:11Z') });
    expect(chosen.spreadMs).toBe(15 * 60_000);
    expect(likeliestStart(start({ spanMs: 25 * 60_000 }), DUMP, 27 * 60_000)).toMatchObject({
      possible: 1,
      zoneMinutes: 60,
      spreadMs: 0,
    });
  });

  it('is in the zone that the debugger names where that is possible, and may be off by all others', () => {
    const chosen = likeliestStart(start({ zoneMinutes: 120 }), DUMP, 48 * HOUR);
    expect(chosen).toMatchObject({ zoneMinutes: 120, ms: Date.parse('2026-11-20T09:05:11Z') });
    expect(chosen.possible).toBeGreaterThan(20);
    expect(chosen.spreadMs).toBeGreaterThan(8 * HOUR);
  });

  it('is in none where no zone puts it between boot and dump', () => {
    expect(likeliestStart(start({ localMs: local('2026-11-25T00:00:00') }), DUMP, HOUR).possible).toBe(0);
  });

  it('follows from threads that fall silent when their waits begin', () => {
    const began = Date.parse('2026-11-20T09:10:00Z');
    const silences = [0, 1, 2].map((i) => ({
      lastMs: began + 1000 * i - Date.parse('2026-11-20T09:05:11Z') - 300,
      beganMs: began + 1000 * i,
    }));
    expect(likeliestStart(start({ zoneMinutes: 60 }), DUMP, 48 * HOUR, silences)).toMatchObject({
      zoneMinutes: 120,
      silences: 3,
      spreadMs: 0,
    });
    // One alone may be chance.
    expect(likeliestStart(start({ zoneMinutes: 60 }), DUMP, 48 * HOUR, silences.slice(0, 1)).silences).toBe(0);
  });

  it('always has the truth within its bound where the trace lies between boot and dump', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -48, max: 56 }),
        fc.integer({ min: 60_000, max: 72 * HOUR }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.boolean(),
        fc.option(fc.integer({ min: -48, max: 56 }), { nil: null }),
        (quarters, uptimeMs, at, hasDay, debuggers) => {
          const utc = Math.round(DUMP - uptimeMs + at * (uptimeMs - 1000));
          const shown = utc + quarters * 15 * 60_000;
          const localMs = hasDay ? shown : ((shown % (24 * HOUR)) + 24 * HOUR) % (24 * HOUR);
          const chosen = likeliestStart(
            start({ localMs, hasDay, spanMs: 0, zoneMinutes: debuggers === null ? null : debuggers * 15 }),
            DUMP,
            uptimeMs,
          );
          expect(chosen.possible).toBeGreaterThan(0);
          expect(Math.abs(chosen.ms - utc)).toBeLessThanOrEqual(chosen.spreadMs);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('what the user says of clocks', () => {
  it('goes before what the sources say', async () => {
    const told = story('retry-block', 'none', 2);
    const given = await reportOf(told, { offsetMs: 5000 });
    expect(given.result.alignment).toMatchObject({ method: 'given', offsetMs: 5000 });
    const later = await reportOf(told, { dumpTimeMs: Date.parse(told.truth.dumpUtc) + 60_000 });
    expect(later.result.alignment.offsetMs).toBeCloseTo(told.truth.offsetMs + 60_000, 0);
  });

  it('--zone and a date end all guessing', async () => {
    const told = story('retry-block', 'zone-without-date', 2);
    const minutes = told.truth.zoneMinutes;
    const sign = minutes < 0 ? '-' : '+';
    const two = (value: number): string => String(Math.floor(Math.abs(value))).padStart(2, '0');
    const { alignment } = (await reportOf(told, { zone: `${sign}${two(minutes / 60)}:${two(Math.abs(minutes) % 60)}` }))
      .result;
    expect(alignment.method).toBe('local-in-zone');
    expect(Math.abs((alignment.offsetMs as number) - told.truth.offsetMs)).toBeLessThan(20);
    expect(alignment.uncertaintyMs).toBeLessThan(20);
  });

  it('a join in time closer than the bound is not made, and the answer says so', async () => {
    for (let seed = 1; seed <= 8; seed++) {
      const { result } = await reportOf(story('disk-timeout-block', 'zone-without-date', seed));
      if ((result.alignment.uncertaintyMs as number) <= 120_000) continue;
      for (const { points } of result.causes) {
        const inTime = points.filter(({ rule }) => /-the-wait$/.test(rule)).map(({ rule }) => rule);
        expect(inTime).toEqual([]);
      }
      expect(result.missing.map(({ what }) => what)).toContain('how far trace and dump are apart, to the second');
    }
  });
});
