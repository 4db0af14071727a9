/** The figures of every sample format against those that test/generate/oracle.ts computes from the truth. */
import { describe, expect, it } from 'vitest';
import type { DpcResult, FunctionFigures, ModuleFigures, Report } from '../src/index.js';
import { expectedOf, type Figures } from './generate/oracle.js';
import { endUs, type Run, type Sample, stutter } from './generate/truth.js';
import { ticksOf, type WalkedEvent, walkEvents } from './support/etl-walk.js';
import { bytesOfSample, dpcOf, linesOfSample, SINGLE_RUNS, sample } from './support/samples.js';

const truth = stutter();
const expected = expectedOf(truth);

/** What is compared of a group: whole µs, so exactly. */
function figures(f: ModuleFigures | Figures): object {
  const { count, inclusiveUs, exclusiveUs, meanUs, p50Us, p90Us, p99Us, p999Us, maxUs, overThreshold } = f;
  return { count, inclusiveUs, exclusiveUs, meanUs, p50Us, p90Us, p99Us, p999Us, maxUs, overThreshold };
}

const byKey = <T>(list: readonly T[], key: (item: T) => string): [string, T][] =>
  list.map((item): [string, T] => [key(item), item]).sort(([a], [b]) => (a < b ? -1 : 1));

const hex = (address: bigint | null): string => (address === null ? '' : `0x${address.toString(16)}`);

/** Without empty buckets: the oracle leaves them out. */
const filled = (buckets: readonly { gtUs: number; leUs: number | null; count: number }[]) =>
  buckets.filter((b) => b.count > 0).map(({ gtUs, leUs, count }) => ({ gtUs, leUs, count }));

const WDF = 'Wdf01000.sys';
const longTimer = truth.runs.find((run) => run.durationUs === 1_000_412) as Run;

describe.each(SINGLE_RUNS)('$name', ({ path, functions, addresses }) => {
  const report: Promise<Report<DpcResult>> = dpcOf(sample(path));

  it('gives each module its figures', async () => {
    const { result } = await report;
    const key = (f: { kind: string | null; module: string | null }): string => `${f.kind} ${f.module}`;
    expect(byKey(result.modules, key).map(([k, f]) => [k, figures(f)])).toEqual(
      byKey(expected.byModule, key).map(([k, f]) => [k, figures(f)]),
    );
  });

  it('gives each function its figures', async () => {
    const { result } = await report;
    // Where a format carries no name or no address, routines are told apart by the other one.
    const mine = (f: FunctionFigures): string =>
      `${f.kind} ${f.module} ${functions ? f.function : ''} ${addresses ? (f.address ?? '') : ''}`;
    const theirs = (f: Figures): string =>
      `${f.kind} ${f.module} ${functions ? f.fn : ''} ${addresses ? hex(f.address) : ''}`;
    expect(byKey(result.functions, mine).map(([k, f]) => [k, figures(f)])).toEqual(
      byKey(expected.byFunction, theirs).map(([k, f]) => [k, figures(f)]),
    );
    if (!functions) expect(result.functions.every((f) => f.function === null)).toBe(true);
  });

  it('gives each CPU its counts and times', async () => {
    const { result } = await report;
    const side = (kind: string, cpu: number) => expected.byCpu.find((c) => c.cpu === cpu && c.kind === kind);
    expect(result.cpus.map((c) => c.cpu)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    for (const { cpu, dpcCount, dpcUs, isrCount, isrUs, percentOfCpu } of result.cpus) {
      const dpc = side('DPC', cpu);
      const isr = side('ISR', cpu);
      expect([dpcCount, dpcUs, isrCount, isrUs]).toEqual([dpc?.count, dpc?.inclusiveUs, isr?.count, isr?.inclusiveUs]);
      const { startUs, endUs: until } = result.window;
      const busyUs = (dpc?.exclusiveUs ?? 0) + (isr?.exclusiveUs ?? 0);
      expect(percentOfCpu).toBeCloseTo((100 * busyUs) / ((until as number) - (startUs as number)), 6);
    }
  });

  it('draws the histograms with the edges of xperf', async () => {
    const { result } = await report;
    for (const { kind, module, histogram } of expected.byModule.filter((f) => f.module !== null)) {
      const mine = result.histograms.find((h) => h.kind === kind && h.module === module);
      expect(filled(mine?.buckets ?? []), `${kind} ${module}`).toEqual(histogram);
    }
    for (const kind of ['DPC', 'ISR']) {
      const all = result.histograms.find((h) => h.kind === kind && h.module === null);
      const runs = truth.runs.filter((run) => run.kind === kind);
      expect(all?.buckets.reduce((sum, b) => sum + b.count, 0)).toBe(runs.length);
    }
  });

  it('lists the longest runs, with the place that each was read from', async () => {
    const { result } = await report;
    const longest = truth.runs.map((run) => run.durationUs).sort((a, b) => b - a);
    expect(result.occurrences.map((o) => o.durationUs)).toEqual(longest.slice(0, result.occurrences.length));
    expect(result.occurrences.length).toBe(100);
    const expectQuoted = quotesOf(path);
    for (const { startUs, durationUs, cpu, module, exclusiveUs, evidence } of result.occurrences) {
      const same = (r: Run): boolean =>
        r.startUs === startUs && r.durationUs === durationUs && r.cpu === cpu && r.module === module;
      const run = truth.runs.find(same);
      expect(run, `${startUs} ${durationUs}`).toBeDefined();
      expect(exclusiveUs).toBe(expected.exclusiveUs.get(run as Run));
      expectQuoted(evidence[0], run);
    }
  });

  it('finds the storms where the CPU is busiest', async () => {
    const { result } = await report;
    const cpus = [...Array(truth.cpus).keys()]
      .map((cpu) => ({ cpu, ...worstSecond(cpu) }))
      .filter((w) => w.percent > 5);
    expect(result.storms.map((s) => s.cpu)).toEqual(cpus.sort((a, b) => b.percent - a.percent).map(({ cpu }) => cpu));
    for (const storm of result.storms) {
      const worst = cpus.find(({ cpu }) => cpu === storm.cpu);
      expect(storm.percentOfCpu).toBeCloseTo(worst?.percent ?? 0, 2);
      expect(busyPercent(storm.cpu, storm.startUs)).toBeCloseTo(worst?.percent ?? 0, 1);
    }
    expect(result.storms[0].cpu).toBe(expected.busiest.cpu);
    expect(result.storms[0].percentOfCpu).toBeGreaterThanOrEqual(expected.busiest.busyUs / 1e4 - 0.05);
  });

  it('finds the period of the routine that runs every 15.6 ms, and its missed beats', async () => {
    const { result } = await report;
    const polls = truth.runs.filter((run) => run.module === 'hidpoll.sys').map((run) => run.startUs);
    const gaps = polls.slice(1).map((at, i) => at - polls[i]);
    const beats = gaps.filter((gap) => gap < 20_000).sort((a, b) => a - b);
    const found = result.intervals.filter((i) => i.module === 'hidpoll.sys');
    expect(found).toHaveLength(1);
    expect(found[0].count).toBe(polls.length);
    expect(found[0].periodMs).toBeCloseTo(beats[beats.length >> 1] / 1000, 2);
    expect(found[0].jitterMs).toBeLessThan(0.1);
    expect(found[0].missedBeats).toBe(4);
  });

  it('reports the pair that overlaps once', async () => {
    const { diagnostics } = await report;
    expect(expected.overlaps).toHaveLength(1);
    const found = diagnostics.filter((d) => d.code === 'overlapping-runs');
    expect(found.map((d) => [d.count, d.source])).toEqual([[1, 's1']]);
  });

  it('says that runs lie in no known module', async () => {
    const { findings } = await report;
    const count = truth.runs.filter((run) => run.module === null).length;
    const found = findings.filter((f) => f.rule === 'unresolved-module');
    expect(found.map((f) => f.message.startsWith(`${count} runs`))).toEqual([true]);
    quotesOf(path)(found[0].evidence[0]);
  });

  it('quotes in each finding what stands in the file', async () => {
    const { findings } = await report;
    const expectQuoted = quotesOf(path);
    expect(findings.length).toBeGreaterThan(10);
    for (const { evidence, against } of findings) for (const e of [...evidence, ...against]) expectQuoted(e);
  });

  it('names the long timer, and the driver behind it only where the format carries stacks', async () => {
    const { findings, result } = await report;
    const found = findings.filter((f) => f.rule === 'dpc-over-threshold' && f.message.includes(WDF));
    expect(found).toHaveLength(1);
    expect(found[0].level).toBe('error');
    expect(found[0].message).toContain('6.000137 s on CPU 3');
    const timer = result.functions.find((f) => f.module === WDF);
    if (path.startsWith('xperf-dumper') || isRaw(path)) {
      expect(timer?.owner).toBe('echo.sys');
      // A raw log tells by the addresses of its images whose code ran, but has no names of functions.
      const by = isRaw(path) ? 'KMDF ran it for echo.sys (' : 'echo.sys!EchoEvtTimerFunc';
      expect(found[0].message).toContain(by);
      const inside = truth.samples.filter(
        (s) => s.cpu === 3 && s.atUs >= longTimer.startUs && s.atUs <= endUs(longTimer),
      );
      expect(timer?.longestOwners?.map((o) => [o.samples, o.ofSamples])).toEqual([[inside.length, inside.length]]);
      expect(inside.length).toBe(40);
      expectSampleOf(inside, path, found[0].evidence[1]);
    } else {
      expect(found[0].message).toContain('which one is unknown');
      expect(JSON.stringify([result, findings])).not.toContain('echo.sys');
      expect(result.functions.every((f) => f.owner === null)).toBe(true);
    }
  });

  it('takes the profile interrupt for the trace’s own by its name, and not by a rhythm that a clock has as well', async () => {
    const { findings } = await report;
    const own = expected.byFunction.find((f) => f.fn === 'HalpPerfInterrupt') as Figures;
    const found = findings.filter((f) => f.rule === 'profile-interrupt');
    // tracerpt prints no names, and this trace holds fewer samples than such interrupts: nothing is claimed there.
    expect(found).toHaveLength(functions ? 1 : 0);
    if (!functions) return;
    expect(found[0].message).toMatch(new RegExp(`^${own.count} ISRs in ntoskrnl\\.exe`));
    expect(found[0].confidence).toBe('high');
  });
});

describe('sums only', () => {
  /** What a report of sums cannot know. */
  function expectNothingOfRuns({ result, findings }: Report<DpcResult>): void {
    expect([result.occurrences, result.intervals]).toEqual([[], []]);
    // A report may print time by second, but not whose it was.
    expect(result.storms.flatMap((storm) => storm.modules)).toEqual([]);
    for (const f of [...result.modules, ...result.functions]) {
      expect([f.exclusiveUs, f.p50Us, f.p90Us, f.p99Us, f.p999Us, f.overThreshold]).toEqual(Array(6).fill(null));
      expect(f.longest?.startUs ?? null).toBeNull();
    }
    expect(JSON.stringify([result, findings])).not.toContain('echo.sys');
  }

  it('gives the sums, counts and histograms of an xperf dpcisr report, and bounds for the longest run', async () => {
    const report = await dpcOf(sample('xperf-dpcisr/stutter.txt'));
    const { result } = report;
    expectNothingOfRuns(report);
    const named = (module: string | null): string => module ?? 'Unknown';
    const mine = byKey(result.modules, (f) => `${f.kind} ${named(f.module)}`);
    const theirs = byKey(expected.byModule, (f) => `${f.kind} ${named(f.module)}`);
    expect(mine.map(([k, f]) => [k, f.count, f.inclusiveUs, f.meanUs])).toEqual(
      theirs.map(([k, f]) => [k, f.count, f.inclusiveUs, f.meanUs]),
    );
    for (const [i, [key, { maxUs, maxRange }]] of mine.entries()) {
      const { maxUs: us, histogram } = theirs[i][1];
      const { gtUs, leUs, count } = histogram[histogram.length - 1];
      expect([key, maxUs, maxRange?.gtUs, maxRange?.leUs, maxRange?.count]).toEqual([key, null, gtUs, leUs, count]);
      expect(us > gtUs && us <= leUs).toBe(true);
    }
    for (const { kind, module, histogram } of expected.byModule) {
      const own = result.histograms.find((h) => h.kind === kind && h.module === named(module));
      expect(filled(own?.buckets ?? []), `${kind} ${module}`).toEqual(histogram);
    }
    for (const { cpu, dpcUs, isrUs, dpcCount, isrCount } of result.cpus) {
      const of = (kind: string) => expected.byCpu.find((c) => c.cpu === cpu && c.kind === kind)?.inclusiveUs;
      expect([dpcUs, isrUs, dpcCount, isrCount]).toEqual([of('DPC'), of('ISR'), null, null]);
    }
  });

  it.each(['stutter.txt', 'stutter-comma.txt'])('gives what LatencyMon prints: %s', async (name) => {
    const report = await dpcOf(sample(`latencymon/${name}`));
    const { result } = report;
    expectNothingOfRuns(report);
    const worst = (kind: string): Run =>
      truth.runs.filter((r) => r.kind === kind).reduce((a, b) => (b.durationUs > a.durationUs ? b : a));
    for (const kind of ['DPC', 'ISR']) {
      const holder = result.modules.find((m) => m.kind === kind && m.maxUs !== null);
      expect([holder?.module, holder?.maxUs]).toEqual([worst(kind).module, worst(kind).durationUs]);
      const runs = truth.runs.filter((r) => r.kind === kind);
      const edges = [0, 250, 500, 1000, 2000, 4000, Number.POSITIVE_INFINITY];
      const counts = edges
        .slice(1)
        .map((to, i) => runs.filter((r) => r.durationUs >= edges[i] && r.durationUs < to).length);
      expect(result.histograms.find((h) => h.kind === kind)?.buckets.map((b) => b.count)).toEqual(counts);
    }
    for (const { cpu, dpcCount, dpcUs, maxDpcUs, isrCount, isrUs, maxIsrUs } of result.cpus) {
      const figuresOf = (kind: string): number[] => {
        const us = truth.runs.filter((r) => r.kind === kind && r.cpu === cpu).map((r) => r.durationUs);
        return [us.length, us.reduce((a, b) => a + b, 0), Math.max(...us)];
      };
      expect([dpcCount, dpcUs, maxDpcUs]).toEqual(figuresOf('DPC'));
      expect([isrCount, isrUs, maxIsrUs]).toEqual(figuresOf('ISR'));
    }
  });
});

/** Share of the second from `fromUs` that a CPU spent in runs, nested time once. */
function busyPercent(cpu: number, fromUs: number): number {
  const parts = truth.runs
    .filter((run) => run.cpu === cpu)
    .map((run) => [Math.max(run.startUs, fromUs), Math.min(endUs(run), fromUs + 1e6)])
    .filter(([start, end]) => end > start)
    .sort((a, b) => a[0] - b[0]);
  let busyUs = 0;
  let reached = 0;
  for (const [start, end] of parts) {
    busyUs += Math.max(0, end - Math.max(start, reached));
    reached = Math.max(reached, end);
  }
  return busyUs / 1e4;
}

/** The busiest second among those that begin at a quarter of one. */
function worstSecond(cpu: number): { percent: number } {
  let percent = 0;
  for (let at = 0; at < truth.lengthUs; at += 250_000) percent = Math.max(percent, busyPercent(cpu, at));
  return { percent };
}

interface Quote {
  readonly line: number | null;
  readonly byte: number | null;
  readonly quote: string;
}

/** Checks that a quote stands where its evidence says, and, of raw logs, that it is of `run`. */
function quotesOf(path: string): (e: Quote, run?: Run) => void {
  if (isRaw(path)) {
    const events = eventsOf(path);
    return (e, run) => expectEvent(events, e, run);
  }
  const lines = linesOfSample(path);
  return (e) => expectLine(lines, e);
}

/** The quote stands at its line; XML quotes go over the lines of their event, without name spaces. */
function expectLine(lines: readonly string[], e: Quote): void {
  const plain = (text: string): string => text.replace(/ xmlns="[^"]*"/g, '').replace(/\s+/g, '');
  const quote = plain(e.quote).replace(/…$/, '');
  const from = (e.line as number) - 1;
  expect(quote.length).toBeGreaterThan(10);
  expect(plain(lines.slice(from, from + 40).join('')).startsWith(quote), `line ${e.line}: ${quote}`).toBe(true);
}

const isRaw = (path: string): boolean => path.startsWith('etl/');

/** The events of a raw log by where they begin. */
const eventsOf = (path: string): Map<number, WalkedEvent> =>
  new Map([...walkEvents(bytesOfSample(path))].map((event) => [event.byte, event]));

/** The counter at the start of the raw logs, of 10 MHz. */
const ORIGIN = 41_000_000_000;

function expectEvent(events: ReadonlyMap<number, WalkedEvent>, { line, byte, quote }: Quote, run?: Run): void {
  const event = events.get(byte as number);
  expect(event, `no event at ${byte}`).toBeDefined();
  expect([line, quote]).toEqual([null, textOf(event as WalkedEvent)]);
  if (run === undefined) return;
  expect(quote).toMatch(new RegExp(`^PerfInfo/${run.type} InitialTime=${ORIGIN + 10 * run.startUs}, `));
  expect(ticksOf(event as WalkedEvent)).toBe(BigInt(ORIGIN + 10 * endUs(run)));
}

/** Events of group 15, PerfInfo, by opcode, with the fields of 64-bit logs of Windows 10 and 11. */
const PERF_INFO: Readonly<Record<number, readonly string[]>> = {
  46: ['SampledProfile', 'InstructionPointer:p', 'ThreadId:u32', 'Count:u16', 'Reserved:u16'],
  50: [
    ...['ISR-MSI', 'InitialTime:u64', 'Routine:p', 'ReturnValue:u8', 'Vector:u16', 'Reserved:u8'],
    'MessageNumber:u32',
  ],
  66: ['ThreadedDPC', 'InitialTime:u64', 'Routine:p'],
  67: ['ISR', 'InitialTime:u64', 'Routine:p', 'ReturnValue:u8', 'Vector:u16', 'Reserved:u8'],
  68: ['DPC', 'InitialTime:u64', 'Routine:p'],
  69: ['TimerDPC', 'InitialTime:u64', 'Routine:p'],
};

function textOf({ bytes, group, opcode, payload, end }: WalkedEvent): string {
  expect(group).toBe(15);
  const [name, ...fields] = PERF_INFO[opcode];
  let at = payload;
  const read = (type: string): string => {
    const size = type === 'p' ? 8 : Number(type.slice(1)) / 8;
    at += size;
    if (type === 'p') return hex(bytes.readBigUInt64LE(at - size));
    return String(size === 8 ? bytes.readBigUInt64LE(at - size) : bytes.readUIntLE(at - size, size));
  };
  const shown = fields.map((field) => field.split(':')).map(([label, type]) => `${label}=${read(type)}`);
  expect(at).toBe(end);
  return `PerfInfo/${name} ${shown.join(', ')}`;
}

/** The place is that of a sample, and in a raw log of one of `samples`. */
function expectSampleOf(samples: readonly Sample[], path: string, { line, byte }: Quote): void {
  if (!isRaw(path)) {
    expect(linesOfSample(path)[(line as number) - 1]).toContain('SampledProfile');
    return;
  }
  const event = eventsOf(path).get(byte as number) as WalkedEvent;
  const us = (Number(ticksOf(event)) - ORIGIN) / 10;
  expect([event.cpu, samples.some(({ atUs }) => atUs === us)]).toEqual([3, true]);
}
