/** Each option of `dpc` against a plain selection from the truth that the sample was made from. */
import { describe, expect, it } from 'vitest';
import { type DpcOptions, type DpcResult, parseFilter, type Report, SORT_KEYS, type SortKey } from '../src/index.js';
import { expectedOf } from './generate/oracle.js';
import { endUs, type Run, stutter } from './generate/truth.js';
import { dpcOf, sample } from './support/samples.js';

const truth = stutter();
const { exclusiveUs } = expectedOf(truth);
const DUMPER = sample('xperf-dumper/stutter.txt');

const dpc = (options: Partial<DpcOptions>): Promise<Report<DpcResult>> => dpcOf(DUMPER, options);

/** count, inclusive, exclusive, longest and over the limit by kind and module. */
function plainly(runs: readonly Run[], limits = { dpcUs: 100, isrUs: 25 }): Record<string, number[]> {
  const sums: Record<string, number[]> = {};
  for (const run of runs) {
    const key = `${run.kind} ${run.module}`;
    sums[key] ??= [0, 0, 0, 0, 0];
    const sum = sums[key];
    sum[0]++;
    sum[1] += run.durationUs;
    sum[2] += exclusiveUs.get(run) ?? 0;
    sum[3] = Math.max(sum[3], run.durationUs);
    if (run.durationUs > (run.kind === 'ISR' ? limits.isrUs : limits.dpcUs)) sum[4]++;
  }
  return sums;
}

const answered = ({ modules }: DpcResult): Record<string, unknown[]> =>
  Object.fromEntries(
    modules.map((m) => [`${m.kind} ${m.module}`, [m.count, m.inclusiveUs, m.exclusiveUs, m.maxUs, m.overThreshold]]),
  );

async function expectSelected(options: Partial<DpcOptions>, passes: (run: Run) => boolean): Promise<void> {
  const { result } = await dpc(options);
  const chosen = truth.runs.filter(passes);
  expect(chosen.length).toBeGreaterThan(0);
  expect(chosen.length).toBeLessThan(truth.runs.length);
  expect(answered(result)).toEqual(plainly(chosen));
  const byCpu = result.cpus.map((c) => (c.dpcCount ?? 0) + (c.isrCount ?? 0)).reduce((a, b) => a + b, 0);
  expect(byCpu).toBe(chosen.length);
  expect(result.occurrences.every((o) => chosen.some((r) => r.startUs === o.startUs && r.cpu === o.cpu))).toBe(true);
}

describe('range', () => {
  const overlapping =
    (startUs: number, until: number) =>
    (run: Run): boolean =>
      endUs(run) >= startUs && run.startUs <= until;

  it.each([
    ['cuts the long timer on both sides', 6_200_000, 6_700_000],
    ['begins inside the storm', 8_000_000, 9_500_000],
    ['begins at the end of a run and ends at the start of another', 4_200_210, 16_040_000],
    ['lies before the first and after the last run', 0, 4_000_000],
  ])('takes the runs that overlap it: %s', async (_, startUs, until) => {
    await expectSelected({ range: { startUs, endUs: until } }, overlapping(startUs, until));
  });

  it('counts whole durations, but shares only of the time inside', async () => {
    const [startUs, until] = [6_200_000, 6_700_000];
    const { result } = await dpc({ range: { startUs, endUs: until } });
    expect(result.window).toEqual({ startUs, endUs: until, cpus: truth.cpus });
    const timer = result.modules.find((m) => m.module === 'Wdf01000.sys');
    expect(timer?.inclusiveUs).toBe(1_000_412);
    // A run cut by the window has its exclusive time spread evenly: here 1 000 118 of 1 000 412 µs.
    expect(timer?.percentOfCpu).toBeCloseTo((100 * (until - startUs) * (1_000_118 / 1_000_412)) / (500_000 * 8), 9);
    expect(timer?.perSecond).toBeCloseTo((timer?.count ?? 0) / 0.5, 9);
    const cpu = result.cpus.find((c) => c.cpu === 3);
    const inside = truth.runs.filter((r) => r.cpu === 3 && overlapping(startUs, until)(r));
    const busy = inside.reduce((sum, r) => {
      const clipped = Math.min(endUs(r), until) - Math.max(r.startUs, startUs);
      return sum + (clipped * (exclusiveUs.get(r) ?? 0)) / r.durationUs;
    }, 0);
    expect(cpu?.percentOfCpu).toBeCloseTo((100 * busy) / 500_000, 9);
  });

  it('gives nothing where nothing ran, and no figures of another window', async () => {
    const { result, findings, diagnostics } = await dpc({ range: { startUs: 30_000_000, endUs: 31_000_000 } });
    expect([result.modules, result.occurrences, result.storms, result.longest]).toEqual([[], [], [], null]);
    expect(findings).toEqual([]);
    expect(diagnostics.map((d) => d.code)).not.toContain('no-runs');
  });

  it('claims no driver behind a framework from samples outside it', async () => {
    const range = { startUs: 10_000_000, endUs: 19_900_000 };
    const { result, findings } = await dpc({ range, dpcUs: 1 });
    const timer = result.functions.find((f) => f.module === 'Wdf01000.sys');
    expect(timer?.count).toBeGreaterThan(0);
    expect([timer?.owner, timer?.owners, timer?.longestOwners]).toEqual([null, [], null]);
    expect(findings.some((f) => f.message.includes('echo.sys'))).toBe(false);
  });

  it('confines the storms to it', async () => {
    const { result } = await dpc({ range: { startUs: 8_000_000, endUs: 9_500_000 } });
    expect(result.storms.map((s) => s.cpu)).toEqual([5]);
    expect(result.storms[0].startUs).toBeGreaterThanOrEqual(7_250_000);
  });
});

describe('selection', () => {
  it('takes the processors asked for, and lists no others', async () => {
    await expectSelected({ cpus: new Set([3, 5]) }, (run) => run.cpu === 3 || run.cpu === 5);
    expect((await dpc({ cpus: new Set([3, 5]) })).result.cpus.map((c) => c.cpu)).toEqual([3, 5]);
  });

  it.each([
    ['one name', 'tcpip.sys', /^tcpip\.sys$/i],
    ['letter case', 'USBPORT.sys', /^usbport\.sys$/i],
    ['any run of characters', 'usb*', /^usb/i],
    ['single characters', 'USB????.SYS', /^usb....\.sys$/i],
    ['alternatives', 'ndis*;storport.sys', /^ndis|^storport\.sys$/i],
    ['what must not match', '!ntoskrnl.exe;!hal.dll', /^(?!ntoskrnl\.exe$|hal\.dll$)/i],
    ['both', '*.sys;!storport.sys', /^(?!storport).*\.sys$/i],
    ['runs in no known module', 'unknown', /^unknown$/i],
  ])('filters modules: %s', async (_, filter, pattern) => {
    await expectSelected({ module: parseFilter(filter) }, (run) => pattern.test(run.module ?? 'Unknown'));
  });

  it('filters functions', async () => {
    await expectSelected({ fn: parseFilter('*timer*') }, (run) => /timer/i.test(run.fn ?? ''));
    await expectSelected({ fn: parseFilter('!HalpPerfInterrupt') }, (run) => run.fn !== 'HalpPerfInterrupt');
  });

  it.each([
    [['isr'], (run: Run) => run.kind === 'ISR'],
    [['timerdpc'], (run: Run) => run.type === 'TimerDPC'],
    [['isr-msi', 'threadeddpc'], (run: Run) => run.type === 'ISR-MSI' || run.type === 'ThreadedDPC'],
  ])('takes kinds: %s', async (kinds, passes) => {
    await expectSelected({ kinds: new Set(kinds) }, passes);
  });

  it('gives types and vectors', async () => {
    const { result } = await dpc({});
    const counts = new Map<string, number>();
    for (const { type, vector } of truth.runs) {
      counts.set(`${type} ${vector}`, (counts.get(`${type} ${vector}`) ?? 0) + 1);
    }
    const mine = result.kinds.map((k): [string, number | null] => [`${k.type} ${k.vector}`, k.count]);
    expect(mine.sort()).toEqual([...counts].sort());
  });
});

it('counts runs over the limits given, not those at them', async () => {
  const limits = { dpcUs: 128, isrUs: 16 };
  const { result } = await dpc(limits);
  expect(answered(result)).toEqual(plainly(truth.runs, limits));
  expect(result.thresholds).toEqual(limits);
});

describe('order and length', () => {
  const value: Record<Exclude<SortKey, 'name'>, keyof DpcResult['modules'][number]> = {
    max: 'maxUs',
    count: 'count',
    inclusive: 'inclusiveUs',
    exclusive: 'exclusiveUs',
    mean: 'meanUs',
    p99: 'p99Us',
    over: 'overThreshold',
  };

  it.each(SORT_KEYS)('sorts modules and functions by %s', async (sort) => {
    const { result } = await dpc({ sort });
    for (const list of [result.modules, result.functions]) {
      const keys =
        sort === 'name'
          ? list.map((m) => (m.module ?? '~').toLowerCase())
          : list.map((m) => -(m[value[sort]] as number));
      const sorted = sort === 'name' ? [...keys].sort() : [...keys].sort((a, b) => Number(a) - Number(b));
      expect(keys).toEqual(sorted);
    }
  });

  it('cuts the lists to the longest and says so, but finds no less', async () => {
    const all = await dpc({});
    const { result, findings } = await dpc({ top: 5, sort: 'name' });
    const functions = all.result.functions.length;
    expect(result.cut).toEqual({
      modules: { shown: 5, of: all.result.modules.length },
      functions: { shown: 5, of: functions },
      occurrences: { shown: 5, of: truth.runs.length },
    });
    expect([result.modules.length, result.functions.length, result.occurrences.length]).toEqual([5, 5, 5]);
    expect(result.occurrences).toEqual(all.result.occurrences.slice(0, 5));
    expect(result.longest).toEqual(all.result.longest);
    expect(findings.map((f) => f.message).sort()).toEqual(all.findings.map((f) => f.message).sort());
  });

  it('cuts nothing with 0', async () => {
    const { result } = await dpc({ top: 0 });
    expect(result.cut).toEqual({});
    expect(result.occurrences).toHaveLength(truth.runs.length);
  });
});

it('draws the ranges of LatencyMon, whose lower edges belong to them', async () => {
  const { result } = await dpc({ histogram: 'latencymon' });
  const edges = [0, 250, 500, 1000, 2000, 4000, Number.POSITIVE_INFINITY];
  for (const { kind, module, buckets } of result.histograms) {
    const runs = truth.runs.filter((r) => r.kind === kind && (module === null || r.module === module));
    expect(buckets.map((b) => b.count)).toEqual(
      edges.slice(1).map((to, i) => runs.filter((r) => r.durationUs >= edges[i] && r.durationUs < to).length),
    );
  }
});

it.each(['xperf-dumper/stutter.txt', 'tracerpt-csv/stutter.csv.gz', 'etl/stutter.etl'])(
  'a routine without a name goes by its address: %s',
  async (name) => {
    const fn = parseFilter('0xfffff803510676d0');
    const { functions } = (await dpcOf(sample(name), { fn })).result;
    expect(functions.map(({ module, address }) => [module, address])).toEqual([['audiodrv.sys', '0xfffff803510676d0']]);
    const others = (await dpcOf(sample(name), { fn: parseFilter('!0xfffff803510676d0') })).result.functions;
    expect(others.length).toBeGreaterThan(10);
    expect(others.some(({ module }) => module === 'audiodrv.sys')).toBe(false);
  },
);
