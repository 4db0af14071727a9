/** Answers of `correlate` made by hand, for tests of what prints them: one whole story, each kind of cause, and strangers' names. */
import type { Cause, CauseKind, CorrelateParts, CorrelateResult, Culprit, Point } from '../../correlate/result.js';
import type { SourceSummary } from '../../src/core/analysis.js';
import type { Evidence } from '../../src/core/evidence.js';
import type { Excerpts } from '../../src/report/correlate/excerpts-type.js';
import type { CorrelateHtmlInput } from '../../src/report/correlate/html.js';
import { lanes, runsLane } from './correlate-lanes.js';
import { dpcPart, dumpPart, errorsPart, poolPart } from './correlate-parts.js';

export const traceLine = (line: number, quote: string): Evidence => ({ source: 's1', line, byte: line * 96, quote });
export const dumpLine = (line: number, quote: string): Evidence => ({ source: 's2', line, byte: line * 72, quote });

const WORKER = 'THREAD ffffb28c4a1d5080  Cid 0a34.1b58  Teb: 000000c5f7a2b000 WAIT: (DelayExecution) KernelMode';
const RETRY = '16504, 2026-03-14 09:41:07.118, spoolsv.exe, 2612, 7000, ERROR, Not enough space on temp disk, retry 41';

export const NO_CULPRIT: Culprit = {
  module: null,
  function: null,
  process: null,
  pid: null,
  thread: null,
  remote: null,
  resource: null,
};

export const pointOf = (more: Partial<Point> = {}): Point => ({
  rule: 'period-matches-sleep',
  points: 30,
  statement: 'messages of that component recur every 6.656 s; the thread sleeps 6.912 s in its stack (Sleep(0x1b00))',
  from: 'both',
  chance: 0.004,
  evidence: [traceLine(16504, RETRY), dumpLine(88, WORKER)],
  ...more,
});

const POINTS: readonly Point[] = [
  pointOf(),
  pointOf({
    rule: 'component-in-frames',
    points: 18,
    statement: 'the component that the messages name, spoolsv, stands in four frames of the stack of the owner',
    chance: 0.21,
    evidence: [dumpLine(96, '0b 0127f8a4 7502b6f1 spoolsv!WaitForTempSpace+0x4c')],
  }),
  pointOf({
    rule: 'tid-not-in-trace',
    points: -8,
    statement: 'the thread 1b58 itself logs nothing in the trace',
    from: 'trace',
    chance: null,
    evidence: [traceLine(1, 'No, Time, Process, PID, TID, Level, Message')],
  }),
];

export const causeOf = (cause: CauseKind, more: Partial<Cause> = {}): Cause => ({
  rank: 1,
  cause,
  culprit: NO_CULPRIT,
  statement: `a statement about ${cause}`,
  confidence: 'low',
  score: 20,
  question: 'what held the threads up',
  victims: null,
  points: POINTS,
  limits: ['the clocks are joined by local time only (± 2 s)'],
  evidence: [dumpLine(88, WORKER)],
  against: [],
  next: ['!thread ffffb28c4a1d5080: its stack with arguments'],
  ...more,
});

/** The cause that the story is about. */
const blocking = (): Cause =>
  causeOf('blocking', {
    culprit: {
      ...NO_CULPRIT,
      module: 'spoolsv',
      function: 'WaitForTempSpace',
      process: 'spoolsv.exe',
      pid: 2612,
      thread: '0xffffb28c4a1d5080',
      resource: 'critical-section 0x7c980600',
    },
    statement:
      'spoolsv.exe owns a critical section that 52 threads wait for, and sleeps 6.9 s at a time until there is space on the temp disk',
    confidence: 'medium',
    score: 64,
    victims: 52,
    against: [traceLine(16777, '16777, 2026-03-14 09:41:09.001, winlogon.exe, 640, 644, INFO, Session unlocked')],
    next: [
      'tracekit errors trace.csv --process spoolsv --list periodic',
      '!cs -l -o 0x7c980600: the owner, and who waits',
      'Record the disk at the same time: `wpr -start GeneralProfile -start DiskIO` and stop with `wpr -stop disk.etl`',
    ],
    limits: [
      'the thread 1b58 is not in the trace: it is joined by component and rhythm only',
      'the clocks are joined by local time only (± 2 s)',
    ],
  });

/** One cause of every kind, in ranks. */
export const everyCause = (): Cause[] => [
  blocking(),
  causeOf('deadlock', {
    rank: 2,
    score: 55,
    confidence: 'medium',
    statement: 'two threads wait for each other',
    victims: 3,
    culprit: { ...NO_CULPRIT, process: 'print.exe', resource: 'mutant 0xffffb28c11' },
  }),
  causeOf('dpc-watchdog-single', {
    rank: 3,
    score: 41,
    confidence: 'medium',
    statement: 'netdrv.sys!RxDpc ran for 501 ms',
    question: 'what tripped the watchdog',
    culprit: { ...NO_CULPRIT, module: 'netdrv.sys', function: 'RxDpc' },
  }),
  causeOf('dpc-watchdog-cumulative', {
    rank: 4,
    score: 33,
    question: 'what tripped the watchdog',
    culprit: { ...NO_CULPRIT, module: 'storport.sys' },
  }),
  causeOf('pool-leak', {
    rank: 5,
    score: 30,
    statement: "at 41 KB/s since boot the trace explains 93 % of the 263 MB of 'Leak' in the dump",
    question: 'who holds the pool',
    culprit: { ...NO_CULPRIT, module: 'leak.sys', function: 'Read', resource: "tag 'Leak'" },
  }),
  causeOf('starvation', { rank: 6, score: 18, culprit: { ...NO_CULPRIT, thread: '0xffffb28c4a1d6080' } }),
  causeOf('process-factory', { rank: 7, score: 12, culprit: { ...NO_CULPRIT, process: 'cmd.exe' } }),
  causeOf('exhaustion', { rank: 8, score: 5, points: [], next: [], limits: [], evidence: [] }),
];

export const sourceOf = (id: string, path: string, format: string): SourceSummary =>
  ({
    id,
    path,
    format,
    bytes: 1_048_576,
    encoding: 'utf-8',
    container: null,
    account: { unit: 'line', read: 20_480, rows: 20_000, skipped: 2, ignored: 478 },
    about: {
      truncated: id === 's2',
      eventsLost: id === 's1' ? 12 : null,
      buffersLost: id === 's1' ? 0 : null,
      clock: {
        startUtc: id === 's1' ? '2026-03-14T09:39:00.000Z' : null,
        zone: null,
        resolutionNs: null,
        uncertaintyMs: null,
      },
      machine: { os: null, build: null, cpus: null },
      session: null,
      assumedTimestamp: null,
      notes: id === 's1' ? ['times are taken for local time'] : [],
    },
  }) as unknown as SourceSummary;

export function correlateResult(more: Partial<CorrelateResult> = {}): CorrelateResult {
  return {
    verdict: {
      statement:
        'Most likely spoolsv.exe blocks 52 threads: it owns the critical section 0x7c980600 and sleeps 6.9 s at a time because there is not enough space on the temp disk.',
      cause: 1,
      confidence: 'medium',
    },
    alignment: {
      method: 'local-in-zone',
      offsetMs: 135_000,
      uncertaintyMs: 2000,
      sameBoot: true,
      sameBootReasons: ['the uptime of the dump, 4 h 12 min, began before the trace', 'process ids of 14 images agree'],
      traceBeforeDump: true,
      gapMs: 15_000,
      asked: { what: 'the longest wait', ms: 600_000 },
      overlapMs: 120_000,
      statement:
        'The dump was taken 15 s after the trace ended; times of day of both are in the zone that the dump names.',
      clocks: [
        {
          source: 's1',
          role: 'trace',
          method: 'local-in-zone',
          utc: '2026-03-14T09:39:00.000Z',
          atUs: 0,
          uncertaintyMs: 2000,
          startUs: 0,
          endUs: 120e6,
          statement: 'local time, put into the zone of the dump',
          evidence: [traceLine(2, '2, 2026-03-14 10:39:00.000, System, 4, 8, INFO, trace began')],
        },
        {
          source: 's2',
          role: 'dump',
          method: 'utc',
          utc: '2026-03-14T09:41:15.000Z',
          atUs: 135e6,
          uncertaintyMs: null,
          startUs: null,
          endUs: null,
          statement: 'Debug session time',
          evidence: [dumpLine(12, 'Debug session time: Sat Mar 14 10:41:15.000 2026 (UTC + 1:00)')],
        },
      ],
      evidence: [dumpLine(12, 'Debug session time: Sat Mar 14 10:41:15.000 2026 (UTC + 1:00)')],
    },
    joins: [
      {
        kind: 'process',
        key: 'spoolsv.exe',
        traceRows: 41,
        dumpRows: 9,
        strength: 'exact',
        statement: 'the same image and the same process id 2612',
        evidence: [traceLine(16504, RETRY), dumpLine(88, WORKER)],
      },
      {
        kind: 'component',
        key: 'spoolsv',
        traceRows: 41,
        dumpRows: 4,
        strength: 'inferred',
        statement: 'named in messages, and in frames of stacks',
        evidence: [traceLine(16504, RETRY)],
      },
      {
        kind: 'module',
        key: 'nt',
        traceRows: 12_345,
        dumpRows: 812,
        strength: 'weak',
        statement: 'the kernel is everywhere',
        evidence: [],
      },
    ],
    causes: everyCause(),
    unexplained: [
      {
        statement: 'Disk 0 was reset once at +61 s, before any wait began',
        from: 'trace',
        evidence: [traceLine(20_000, 'event 129, storahci, Reset to device, \\Device\\RaidPort0, was issued.')],
        next: ['wevtutil qe System /q:"*[System[(EventID=129)]]" /f:text'],
      },
    ],
    missing: [
      {
        what: 'Context switches',
        why: 'say since when the thread has slept, and who woke it.',
        next: 'xperf -on PROC_THREAD+LOADER+CSWITCH+DISPATCHER -stackwalk ReadyThread -f cswitch.etl',
      },
      {
        what: 'Handles',
        why: 'tell which process opened the files on the temp disk.',
        next: '!handle 0 f 0xa34 File\n!handle 0 f 0xa38 File',
      },
    ],
    timeline: { startUs: 0, endUs: 120e6, dumpAtUs: 135e6, strips: [] },
    ...more,
  };
}

export const correlateParts = (more: Partial<CorrelateParts> = {}): CorrelateParts => ({
  dpc: dpcPart(),
  pool: poolPart(),
  errors: errorsPart(),
  dump: dumpPart(),
  timeline: { startUs: 0, endUs: 120e6, dumpAtUs: 135e6, uncertaintyUs: 2e6, lanes: lanes() },
  ...more,
});

const around = (line: number, cited: string, other: (line: number) => string) => ({
  firstLine: Math.max(1, line - 5),
  lines: Array.from({ length: 11 }, (_, i) => (i === Math.min(5, line - 1) ? cited : other(Math.max(1, line - 5) + i))),
});

export const excerpts = (): Excerpts =>
  new Map([
    [
      's1:16504',
      around(
        16504,
        RETRY,
        (line) =>
          `${line}, 2026-03-14 09:41:07.09${line % 10}, svchost.exe, 1204, ${line % 97}, INFO, RPC call finished`,
      ),
    ],
    [
      's2:88',
      around(
        88,
        WORKER,
        (line) => `${line.toString(16).padStart(2, '0')} 0127f8${line} nt!KiSwapContext+0x${line.toString(16)}`,
      ),
    ],
    [
      's2:12',
      around(12, 'Debug session time: Sat Mar 14 10:41:15.000 2026 (UTC + 1:00)', (line) => `System line ${line}`),
    ],
  ]);

/** The whole story: a service blocked by a driver that retries, with every part that a report can have. */
export const correlateReport = (more: Partial<CorrelateHtmlInput> = {}): CorrelateHtmlInput => ({
  command: 'correlate',
  sources: [sourceOf('s1', 'C:\\traces\\case 08\\trace.csv', 'cdf-csv'), sourceOf('s2', '/cases/08/dump.log', 'kd')],
  result: correlateResult(),
  parts: correlateParts(),
  excerpts: excerpts(),
  findings: [],
  diagnostics: [
    {
      code: 'text/bad-line',
      severity: 'warning',
      source: 's1',
      line: 4513,
      byte: null,
      count: 2,
      message: 'lines without a time were skipped',
      examples: ['*** truncated'],
    },
  ],
  ...more,
});

/** Nothing was found, and nothing is known. */
export const emptyReport = (): CorrelateHtmlInput =>
  correlateReport({
    result: correlateResult({
      verdict: {
        statement: 'The trace and the dump have nothing in common that would carry a cause.',
        cause: null,
        confidence: null,
      },
      alignment: {
        method: 'unknown',
        offsetMs: null,
        uncertaintyMs: null,
        sameBoot: null,
        sameBootReasons: [],
        traceBeforeDump: null,
        gapMs: null,
        asked: null,
        overlapMs: null,
        statement: 'The clocks cannot be joined.',
        clocks: [],
        evidence: [],
      },
      joins: [],
      causes: [],
      unexplained: [],
      missing: [],
    }),
    parts: {
      dpc: null,
      pool: null,
      errors: null,
      dump: null,
      timeline: { startUs: null, endUs: null, dumpAtUs: null, uncertaintyUs: null, lanes: [] },
    },
    excerpts: new Map(),
    diagnostics: [],
  });

/** `count` marks on eight processors. */
export const manyMarks = (count: number): CorrelateHtmlInput => {
  const cpus = Array.from({ length: 8 }, (_, cpu) => runsLane(`CPU ${cpu} DPC`, count / 8, 600e6, { cpu }));
  return correlateReport({
    parts: correlateParts({ timeline: { startUs: 0, endUs: 600e6, dumpAtUs: 610e6, uncertaintyUs: 1e6, lanes: cpus } }),
  });
};

/** The same answer with every text in it replaced, in keys of records too; ids keep what they refer to. */
export function withTexts<T>(value: T, replaced: (text: string) => string): T {
  if (typeof value === 'string') return replaced(value) as T;
  if (Array.isArray(value)) return value.map((one) => withTexts(one, replaced)) as T;
  if (value instanceof Map) return new Map([...value].map(([key, one]) => [key, withTexts(one, replaced)])) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withTexts(one, replaced)])) as T;
}

/** What each field of a program's own words is left: strangers do not write these. */
export const OWN_WORDS =
  /^(?:s\d|dpc|isr|message|wait|pool|disk|cpu|error|warning|note|high|medium|low|trace|dump|both|line|byte|correlate|DPC|ISR)$/;

/** Every text of a report made hostile: one of `names` before and after it. Equal texts stay equal, so that ids still lead somewhere. */
export function hostileReport(names: readonly string[]): CorrelateHtmlInput {
  const made = new Map<string, string>();
  return withTexts(correlateReport(), (text) => {
    if (OWN_WORDS.test(text)) return text;
    const n = made.size;
    if (!made.has(text)) made.set(text, `${names[n % names.length]}${text}${names[(n * 7 + 3) % names.length]}`);
    return made.get(text)!;
  });
}
