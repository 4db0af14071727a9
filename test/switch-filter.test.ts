/** Context switches that nobody asks for are left out, and only those. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { switchFilter } from '../parsers/xperf-dumper/switch-filter.js';
import { cutFields } from '../parsers/xperf-dumper/text-rows.js';
import { open } from '../src/index.js';
import { cswitch } from '../src/tables/cswitch.js';
import { sample } from './support/samples.js';

const COLUMNS =
  'CSwitch, TimeStamp, New Process Name ( PID), New TID, NPri, NQnt, TmSinceLast, WaitTime, Old Process Name ( PID), Old TID, OPri'.split(
    ', ',
  );

/** Ids of the switches of a sample that were handed on. */
async function pairs(path: string, threads: ReadonlySet<number> | null): Promise<{ pairs: string[]; account: number }> {
  const found: string[] = [];
  const trace = await open([sample(path)]);
  const { sources } = await trace.read(
    (table) =>
      table === cswitch
        ? [
            (batch) => {
              const { newTid, oldTid } = batch.cols as unknown as Record<'newTid' | 'oldTid', Int32Array>;
              for (let i = 0; i < batch.n; i++) found.push(`${newTid[i]} ${oldTid[i]}`);
            },
          ]
        : [],
    { switchedThreads: () => threads },
  );
  trace.close();
  const { read, rows, skipped, ignored } = sources[0].account;
  return { pairs: found, account: read - rows - skipped - ignored };
}

describe('switches of threads that are asked for', () => {
  it.each(['xperf-dumper/stutter.txt', 'etl/stutter.etl'])('are those of %s', async (path) => {
    const all = await pairs(path, null);
    expect(all.pairs.length).toBeGreaterThan(10);
    const [first] = all.pairs;
    const asked = new Set([Number(first.split(' ')[0])]);
    const some = await pairs(path, asked);
    expect(some.pairs).toEqual(all.pairs.filter((pair) => pair.split(' ').some((tid) => asked.has(Number(tid)))));
    expect(some.pairs.length).toBeLessThan(all.pairs.length);
    expect([all.account, some.account]).toEqual([0, 0]);
  });

  it('are never left out, whatever a line holds', () => {
    const isLeftOut = switchFilter(COLUMNS, new Set([7]));
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 12 }), { minLength: 1, maxLength: 14 }), (fields) => {
        const line = fields.join(',');
        const bytes = Buffer.from(`${line}\n`);
        if (isLeftOut?.(bytes, 0, bytes.length - 1) !== true) return;
        const cut = cutFields(line, COLUMNS);
        if (cut !== null && !line.includes('"')) {
          expect(cut.number('newtid')).not.toBe(7);
          expect(cut.number('oldtid')).not.toBe(7);
        }
      }),
      { numRuns: 2000 },
    );
    expect(switchFilter(['CSwitch', 'TimeStamp'], new Set([7]))).toBeNull();
  });
});
