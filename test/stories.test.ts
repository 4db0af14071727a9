/** The made-up stories themselves: their files are read whole, and each side says what the truth says of it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PARSERS } from '../parsers/index.js';
import { inputsOf } from '../src/core/source.js';
import {
  analyzeDpc,
  analyzeDump,
  analyzeErrors,
  analyzePool,
  type DpcOptions,
  type DpcResult,
  type DumpResult,
  type ErrorsResult,
  open,
  type PoolResult,
  type Report,
  type Trace,
} from '../src/index.js';
import { prefixOf } from '../src/open.js';
import { processTable } from '../src/tables/process.js';
import {
  STORY_KINDS,
  type Story,
  type StoryKind,
  story,
  TWISTS,
  type Twist,
  twistsOf,
} from './generate/stories/index.js';
import { STORY_SAMPLES } from './generate/stories/samples.js';
import { parseWith } from './support/parse.js';

const SEEDS = Number(process.env.TRACEKIT_STORY_SEEDS ?? 10);
const MOST_BYTES = 300_000;
const seeds = Array.from({ length: SEEDS }, (_, i) => i + 1);
const combinations: readonly (readonly [StoryKind, Twist])[] = STORY_KINDS.flatMap((kind) =>
  twistsOf(kind).map((twist) => [kind, twist] as const),
);

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tracekit-stories-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What a file of the story says, by one of the analyses. */
async function answer<R>({ files }: Story, role: 'trace' | 'dump', analyze: (trace: Trace) => Promise<Report<R>>) {
  const file = files.find((one) => one.role === role) as Story['files'][number];
  const path = join(folder, file.name);
  writeFileSync(path, file.bytes);
  const trace = await open([path]);
  try {
    return { format: trace.sources[0].format, path, report: await analyze(trace) };
  } finally {
    trace.close();
  }
}

const result = async <R>(...args: Parameters<typeof answer<R>>): Promise<R> => (await answer(...args)).report.result;
const dump = (told: Story): Promise<DumpResult> => result(told, 'dump', analyzeDump);
const errors = (told: Story): Promise<ErrorsResult> => result(told, 'trace', analyzeErrors);
const pool = (told: Story, role: 'trace' | 'dump' = 'trace'): Promise<PoolResult> => result(told, role, analyzePool);
const dpc = (told: Story, options: Partial<DpcOptions> = {}): Promise<DpcResult> =>
  result(told, 'trace', (trace) => analyzeDpc(trace, options));
const trace = ({ kind }: Story): ((source: Trace) => Promise<Report<unknown>>) =>
  kind.endsWith('watchdog') ? analyzeDpc : kind === 'pool-leak' ? analyzePool : analyzeErrors;

/** Formats in which a kind may be told. */
const FORMATS: Readonly<Record<StoryKind, readonly string[]>> = {
  'single-watchdog': ['xperf-dumper', 'etl'],
  'cumulative-watchdog': ['xperf-dumper', 'etl'],
  'pool-leak': ['xperf-dumper', 'etl', 'wpa-pool'],
  'retry-block': ['text-trace', 'log-text', 'wpp-text', 'debugview'],
  'deadlock-innocent-rhythm': ['text-trace', 'log-text', 'wpp-text', 'debugview'],
  'disk-timeout-block': ['eventlog-text', 'eventlog-xml'],
  'process-factory': ['text-trace', 'log-text', 'wpp-text', 'debugview', 'xperf-dumper'],
};

/** A line of LiveKd that only advertises is of no command. */
const HARMLESS = new Set(['unread-commands']);

function startOf({ sources: [{ about }] }: Report<unknown>): number | null {
  const { clock, span } = about;
  if (clock.startUtc === null) return null;
  // Newest first, the first event of the file is the last one.
  return Date.parse(clock.startUtc) + Math.min(0, span?.startUs ?? 0) / 1000;
}

describe('a story', () => {
  it('is the same each time, and another by seed', () => {
    for (const [kind, twist] of combinations) {
      expect(story(kind, twist, 7)).toEqual(story(kind, twist, 7));
      const [one, other] = [story(kind, twist, 7), story(kind, twist, 8)];
      for (const i of [0, 1]) expect(one.files[i].bytes.equals(other.files[i].bytes)).toBe(false);
    }
  });

  it('is not told with a twist that its kind has not', () => {
    for (const kind of STORY_KINDS) {
      expect(twistsOf(kind).length).toBeGreaterThan(3);
      for (const twist of TWISTS.filter((one) => !twistsOf(kind).includes(one))) {
        expect(() => story(kind, twist, 1)).toThrow(twist);
      }
    }
    expect(STORY_SAMPLES.length).toBeGreaterThan(6);
  });

  it.each(combinations)('%s, %s: both files are read whole, and their heads tell the offset', async (kind, twist) => {
    for (const seed of seeds) {
      const told = story(kind, twist, seed);
      const { truth, files } = told;
      const where = `${kind} ${twist} ${seed}`;
      expect(
        files.map(({ role }) => role),
        where,
      ).toEqual(['trace', 'dump']);
      expect(
        files.reduce((sum, { bytes }) => sum + bytes.length, 0),
        where,
      ).toBeLessThan(MOST_BYTES);
      const first = await answer(told, 'trace', trace(told));
      const second = await answer(told, 'dump', analyzeDump);
      expect([second.format, FORMATS[kind]], where).toEqual(['kd', expect.arrayContaining([first.format])]);
      for (const { report } of [first, second]) {
        const [{ account }] = report.sources;
        expect([account.skipped, account.read > 20], where).toEqual([0, true]);
        expect(
          report.diagnostics.filter(({ code }) => !HARMLESS.has(code)),
          where,
        ).toEqual([]);
      }
      const { debugSessionUtc, uptimeMs } = (second.report.result as DumpResult).system;
      expect([debugSessionUtc, truth.dumpUtc], where).toEqual([truth.dumpUtc, truth.dumpUtc]);
      const startMs = startOf(first.report);
      if (startMs !== null)
        expect(Math.abs(Date.parse(truth.dumpUtc) - startMs - truth.offsetMs), where).toBeLessThan(1);
      else
        expect(['zone-without-date', 'time-of-day-only'].includes(twist) || first.format === 'wpa-pool', where).toBe(
          true,
        );
      // The dump's boot began before the trace, or after it.
      expect((uptimeMs ?? 0) > truth.offsetMs, where).toBe(truth.sameBoot);
      if (truth.isProvable) expect(truth.sameBoot, where).toBe(true);
    }
  });

  it.each(combinations)('%s, %s: each file is claimed by one parser alone', async (kind, twist) => {
    for (const { role, bytes } of story(kind, twist, 3).files) {
      const path = join(folder, `claimed-${role}`);
      writeFileSync(path, bytes);
      const stream = await (await inputsOf(path))[0].open();
      stream.close();
      const prefix = prefixOf(stream);
      const claimants = PARSERS.filter((parser) => parser.sniff(prefix).claims).map(({ name }) => name);
      expect(claimants).toEqual([role === 'dump' ? 'kd' : claimants[0]]);
      expect(role === 'dump' || FORMATS[kind].includes(claimants[0])).toBe(true);
    }
  });
});

const bare = (module: string): string => module.replace(/\.(?:sys|exe|dll)$/i, '');

describe('a single DPC over the limit', () => {
  const longestOf = async (told: Story, module: string): Promise<number> => {
    const { modules } = await dpc(told);
    return modules.find((one) => one.kind === 'DPC' && bare(one.module ?? '') === module)?.maxUs ?? 0;
  };

  it('is on the stack, and its driver’s runs are long in the trace', async () => {
    for (const seed of seeds) {
      const told = story('single-watchdog', 'none', seed);
      const { watchdog } = await dump(told);
      const { module, function: fn, facts, innocent } = told.truth;
      expect(watchdog?.culprit).toMatchObject({ module, function: fn, cpu: facts.cpu });
      const { functions } = await dpc(told, { dpcUs: 2000, cpus: new Set([facts.cpu ?? 0]) });
      const long = functions.filter(({ overThreshold }) => (overThreshold ?? 0) > 0);
      // Of a framework's timer the samples tell whose it was.
      expect(long.map((one) => bare(one.owners[0]?.module ?? one.module ?? ''))).toEqual([module]);
      expect(await longestOf(told, innocent[0])).toBeGreaterThan(100);
    }
  });

  it('is nowhere where the evidence is removed, and short where it is contradicted', async () => {
    for (const seed of seeds) {
      const gone = story('single-watchdog', 'decisive-evidence-removed', seed);
      expect((await dump(gone)).watchdog?.culprit ?? null).toBeNull();
      expect(await longestOf(gone, gone.truth.module ?? '')).toBe(0);
      const told = story('single-watchdog', 'contradicted', seed);
      expect((await dump(told)).watchdog?.culprit).toMatchObject({ module: told.truth.module, certain: true });
      expect(await longestOf(told, told.truth.module ?? '')).toBeLessThanOrEqual(20);
      const { longest } = await dpc(told, { cpus: new Set([told.truth.facts.cpu ?? 0]) });
      expect(longest?.durationUs).toBeGreaterThan(150_000);
      expect(told.truth.innocent).toContain(bare(longest?.module ?? ''));
    }
  });
});

describe('a CPU held by all DPCs together', () => {
  /** Shares of the watchdog period before the dump that drivers have, in percent of the CPU. */
  async function shares(told: Story): Promise<{ module: string; percent: number }[]> {
    const { offsetMs, facts } = told.truth;
    const { cpu, limitMs } = facts as { cpu: number; limitMs: number };
    const range = { startUs: (offsetMs - limitMs) * 1000, endUs: offsetMs * 1000 };
    const { modules } = await dpc(told, { range, cpus: new Set([cpu]) });
    return modules
      .map((one) => ({ module: bare(one.module ?? ''), percent: (one.inclusiveUs ?? 0) / limitMs / 10 }))
      .sort((a, b) => b.percent - a.percent);
  }

  it('is held by one driver, while another is louder in all', async () => {
    for (const seed of seeds) {
      const told = story('cumulative-watchdog', 'none', seed);
      const { watchdog } = await dump(told);
      expect([watchdog?.kind, watchdog?.culprit ?? null]).toEqual(['cumulative', null]);
      const [first] = await shares(told);
      expect(first.module).toBe(told.truth.module);
      expect(first.percent).toBeGreaterThan(59);
      expect(first.percent).toBeLessThan(96);
      const { modules } = await dpc(told);
      const of = (module: string): number =>
        modules.find((one) => one.kind === 'DPC' && bare(one.module ?? '') === module)?.inclusiveUs ?? 0;
      const loud = told.truth.innocent[0];
      const longest = modules.find((one) => bare(one.module ?? '') === loud)?.maxUs ?? 0;
      expect(longest > 300_000 || of(loud) > of(first.module)).toBe(true);
    }
  });

  it('is idle where the story is contradicted, and not recorded where the evidence is removed', async () => {
    for (const twist of ['contradicted', 'decisive-evidence-removed'] as const) {
      for (const seed of seeds) {
        const all = await shares(story('cumulative-watchdog', twist, seed));
        expect(all.reduce((sum, { percent }) => sum + percent, 0)).toBeLessThan(5);
      }
    }
  });
});

describe('a leak behind a shared tag', () => {
  it('grows in the trace by one of two drivers, and the dump’s bytes follow from its slope', async () => {
    for (const seed of seeds) {
      const told = story('pool-leak', 'none', seed);
      const { tag, module, function: fn, facts } = told.truth;
      const { tags, stacks } = await pool(told);
      expect(tags.find((one) => one.tag === tag)?.verdict).toBe('leak');
      const leaking = stacks.filter((one) => one.tag === tag && one.verdict === 'leak');
      expect(leaking.map(({ allocator }) => bare(allocator?.module ?? ''))).toEqual([module]);
      // A raw log has no symbols.
      if (leaking[0].allocator?.function) expect(leaking[0].allocator.function).toBe(fn);
      const others = stacks.filter((one) => one.tag === tag && bare(one.allocator?.module ?? '') !== module);
      expect(others.length).toBeGreaterThan(0);
      const { snapshots, blocks } = await pool(told, 'dump');
      const bytes = snapshots.flatMap((one) => one.tags).find((one) => one.tag === tag)?.bytes ?? 0;
      expect(bytes).toBe(facts.bytes);
      const { uptimeMs } = (await dump(told)).system;
      const share = ((facts.bytesPerSecond ?? 0) * (uptimeMs ?? 0)) / 1000 / bytes;
      expect(share).toBeGreaterThan(0.55);
      expect(share).toBeLessThan(1.15);
      expect(blocks.length).toBeGreaterThan(0);
    }
  });

  it('is steady in the trace where the story is contradicted, while another tag grows', async () => {
    for (const seed of seeds) {
      const told = story('pool-leak', 'contradicted', seed);
      const { tags } = await pool(told);
      const verdictOf = (tag: string | null) => tags.find((one) => one.tag === tag)?.verdict;
      expect(['steady', 'transient']).toContain(verdictOf(told.truth.tag));
      expect(told.truth.innocent.some((name) => verdictOf(name) === 'leak')).toBe(true);
    }
  });

  it('has no stacks where the evidence is removed', async () => {
    for (const seed of seeds) {
      const { stacks } = await pool(story('pool-leak', 'decisive-evidence-removed', seed));
      expect(stacks.every(({ allocator }) => allocator === null)).toBe(true);
    }
  });
});

describe('a service behind a thread that sleeps between tries', () => {
  const KIND = 'retry-block';

  it('sleeps in the component whose error comes in that rhythm', async () => {
    for (const twist of ['none', 'live-dump', 'zone-without-date', 'time-of-day-only', 'other-boot'] as const) {
      for (const seed of seeds) {
        const told = story(KIND, twist, seed);
        const { truth } = told;
        const { chains, threads } = await dump(told);
        const { root, waiters } = chains[0];
        const { thread: node, module, function: fn } = truth;
        expect(root, `${twist} ${seed}`).toMatchObject({ why: 'sleep', node, module, function: fn });
        if (truth.facts.sleepMs !== null) expect(root.statement).toContain(`for ${truth.facts.sleepMs} ms`);
        expect(waiters).toBe(truth.facts.threads.length);
        expect(threads.find(({ id }) => id === node)?.process).toBe(truth.process);
        const { periodic } = await errors(told);
        const found = periodic.find(({ retry }) => retry !== null);
        const off = Math.abs((found?.periodMs ?? 0) / (truth.facts.periodMs ?? 1) - 1);
        expect(off, `${twist} ${seed}: ${found?.periodMs} ${truth.facts.periodMs}`).toBeLessThan(0.005);
      }
    }
  });

  it('says nothing of itself where the evidence is removed or contradicted', async () => {
    for (const seed of seeds) {
      expect(
        (await errors(story(KIND, 'decisive-evidence-removed', seed))).periodic.every((one) => one.retry === null),
      ).toBe(true);
      const told = story(KIND, 'contradicted', seed);
      const loops = (await errors(told)).periodic.filter(({ retry }) => retry !== null);
      const sleepMs = told.truth.facts.sleepMs;
      for (const { periodMs } of loops) {
        if (sleepMs !== null) expect(Math.abs(periodMs / sleepMs - 1)).toBeGreaterThan(0.2);
      }
    }
  });
});

describe('a ring', () => {
  const KIND = 'deadlock-innocent-rhythm';

  it('is in the dump, its threads are silent in the trace, and an innocent error goes on', async () => {
    for (const twist of ['none', 'live-dump'] as const) {
      for (const seed of seeds) {
        const told = story(KIND, twist, seed);
        const { deadlocks, threads } = await dump(told);
        expect(deadlocks.map((one) => [...one.threads].sort())).toEqual([[...told.truth.facts.threads].sort()]);
        // What ran on while it was dumped may have changed in between.
        expect(deadlocks[0].certain).toBe(twist === 'none');
        const own = threads.filter(({ id }) => told.truth.facts.threads.includes(id));
        const activity = await errors(told);
        for (const { tid, pid, waitMs } of own) {
          const said = activity.threads.find((one) => one.tid === tid && (one.pid === pid || one.pid === null));
          const silentUs = (told.truth.offsetMs - (waitMs ?? 0)) * 1000;
          if (said !== undefined) expect(said.lastUs ?? 0).toBeLessThan(silentUs + 50_000);
        }
        expect(activity.messages).toBeGreaterThan(100);
      }
    }
  });

  it('is open where an owner is missing', async () => {
    for (const seed of seeds) {
      expect((await dump(story(KIND, 'decisive-evidence-removed', seed))).deadlocks).toEqual([]);
    }
  });
});

describe('a disk that does not answer', () => {
  const KIND = 'disk-timeout-block';
  const resetsOf = async (told: Story): Promise<number> => {
    const { templates } = await errors(told);
    return templates
      .filter(({ eventId, provider }) => eventId === 129 && provider === told.truth.module)
      .reduce((sum, { count }) => sum + count, 0);
  };

  it('holds the request of the root, and its miniport resets it again and again', async () => {
    for (const twist of ['none', 'zone-without-date', 'live-dump', 'other-boot'] as const) {
      for (const seed of seeds) {
        const told = story(KIND, twist, seed);
        const { root } = (await dump(told)).chains[0];
        expect(root).toMatchObject({ node: told.truth.thread, waitsFor: `driver:\\Driver\\${told.truth.module}` });
        expect(await resetsOf(told)).toBeGreaterThan(15);
      }
    }
  });

  it('is not in the event log where that is removed, or another is', async () => {
    for (const seed of seeds) {
      for (const twist of ['decisive-evidence-removed', 'contradicted'] as const) {
        expect(await resetsOf(story(KIND, twist, seed))).toBe(0);
      }
    }
  });
});

describe('a process that starts others without end', () => {
  const KIND = 'process-factory';

  it('is the parent of many in the dump, and starts them in the trace', async () => {
    for (const seed of seeds) {
      const told = story(KIND, 'none', seed);
      const { process, facts } = told.truth;
      const { processes, patterns } = await dump(told);
      const parent = processes.find(({ image }) => image === process);
      const children = processes.filter(({ parentPid }) => parentPid === parent?.pid);
      expect(children).toHaveLength(facts.children ?? 0);
      const factory = patterns.find(({ name }) => name === 'Process Factory');
      expect([factory?.certain, factory?.statement.startsWith(process ?? '')]).toEqual([true, true]);
      const { format, path } = await answer(told, 'trace', analyzeErrors);
      if (format !== 'xperf-dumper') continue;
      const parser = PARSERS.find(({ name }) => name === format) as (typeof PARSERS)[number];
      const rows = (await parseWith(parser, { path }, {}, [processTable])).rows(processTable);
      const started = rows.filter((one) => one.event === 'start' && one.parentPid === parent?.pid);
      expect(started.length).toBeGreaterThan(15);
      for (const { pid } of started) expect(children.some((one) => one.pid === pid)).toBe(true);
    }
  });
});
