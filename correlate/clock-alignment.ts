/**
 * One time line for traces and dump: when each began, how that is known, and how far it may be off. µs on the line count from the start
 * of the first trace. `Debug session time` of a dump is when it was taken; a thread's wait began
 * `Ticks × tick length` before, as `!thread` prints it.
 */
import type { SourceSummary } from '../src/core/analysis.js';
import type { Evidence } from '../src/core/evidence.js';
import type { Given } from './given.js';
import { earliestUs, type Instant, utcText } from './instant.js';
import type { ClockMethod, SourceClock } from './result.js';
import { TICK_MS } from './ticks.js';
import { traceStart, zoneOf } from './trace-start.js';

/** The time line: where sources lie on it. */
export interface Line {
  readonly clocks: readonly SourceClock[];
  /** µs to be added to times of a source, by its index; null where its clock cannot be joined to the first trace's. */
  readonly offsetUs: readonly (number | null)[];
  /** Index of the source from whose start the line counts; -1 where there is no trace. */
  readonly origin: number;
  readonly dumpAtUs: number | null;
  readonly dumpMs: number | null;
  /** Of a join of trace and dump in time; null where that cannot be made. */
  readonly uncertaintyMs: number | null;
  readonly method: ClockMethod;
  readonly isAssumed: boolean;
  readonly isImpossible: boolean;
  readonly isBySilences: boolean;
  readonly statement: string;
  readonly evidence: readonly Evidence[];
}

export async function lineOf(given: Given): Promise<Line> {
  const { context, dumps, messagesInDump, options } = given;
  const { sources } = context;
  const dump = dumpInstant(given);
  const zone = zoneOf(given);
  const traces = [...sources.keys()].filter((i) => i >= dumps || messagesInDump.includes(i));
  // Messages pasted into the debugger's log come behind the traces proper.
  traces.sort((a, b) => Number(a < dumps) - Number(b < dumps) || a - b);
  const origin = traces[0] ?? -1;
  const starts = new Map<number, Instant | null>();
  for (const index of traces) {
    starts.set(index, await traceStart(sources[index], index === origin, index < dumps, dump, zone, given));
  }
  const first = atEarliest(starts.get(origin) ?? null, sources[origin]);
  const dumpAtMs = options.offsetMs ?? (dump === null || first === null ? null : dump.ms - first.ms);
  const offsetUs = [...sources.keys()].map((index): number | null => {
    if (index === origin) return -earliestUs(sources[index]);
    const start = starts.get(index) ?? null;
    return start === null || first === null ? null : (start.ms - first.ms) * 1000;
  });
  const isGiven = options.offsetMs !== null;
  const method: ClockMethod = isGiven ? 'given' : dumpAtMs === null ? 'unknown' : worse(first?.method, dump?.method);
  return {
    clocks: [...sources.keys()].map((index) =>
      index < dumps && !messagesInDump.includes(index)
        ? dumpClock(sources[index], dump, dumpAtMs)
        : traceClock(sources[index], index < dumps, starts.get(index) ?? null, offsetUs[index], given),
    ),
    offsetUs,
    origin,
    dumpAtUs: dumpAtMs === null ? null : dumpAtMs * 1000,
    dumpMs: dump?.ms ?? (dumpAtMs === null || first === null ? null : first.ms + dumpAtMs),
    uncertaintyMs:
      dumpAtMs === null ? null : isGiven ? TICK_MS : (first?.uncertaintyMs ?? 0) + (dump?.uncertaintyMs ?? 0),
    method,
    isAssumed: !isGiven && (first?.isAssumed === true || dump?.isAssumed === true),
    isImpossible: first?.isImpossible === true,
    isBySilences: first?.isBySilences === true,
    statement: statementOf(given, dump, first, dumpAtMs, origin),
    evidence: [...(first?.evidence ?? []), ...(dump?.evidence ?? [])],
  };
}

/** The start of a trace: that of its earliest event, wherever it stands. */
function atEarliest(start: Instant | null, source: SourceSummary | undefined): Instant | null {
  const early = earliestUs(source);
  if (start === null || early === 0) return start;
  const ms = start.ms + early / 1000;
  return { ...start, ms, statement: `${start.statement}, its earliest event is of ${utcText(ms)}` };
}

const METHODS: readonly ClockMethod[] = ['given', 'utc', 'in-dump', 'local-in-zone', 'time-of-day', 'unknown'];
const worse = (a: ClockMethod = 'unknown', b: ClockMethod = 'unknown'): ClockMethod =>
  METHODS[Math.max(METHODS.indexOf(a), METHODS.indexOf(b))];

/** When the dump was taken. */
function dumpInstant({ options, facts, context, dump, dumps }: Given): Instant | null {
  const row = facts.system.get('debugSessionUtc');
  const tickMs = dump.system.tickMs ?? TICK_MS;
  if (options.dumpTimeMs !== null) {
    return {
      ms: options.dumpTimeMs,
      method: 'given',
      uncertaintyMs: tickMs,
      isAssumed: false,
      statement: `dump taken at ${utcText(options.dumpTimeMs)} (--dump-time)`,
      evidence: [],
    };
  }
  if (row === undefined || row.number === null) return null;
  const { clock } = context.sources[Math.min(row.source, dumps - 1)].about;
  return {
    ms: row.number,
    method: 'utc',
    uncertaintyMs: Math.max(clock.uncertaintyMs ?? 1, tickMs),
    isAssumed: false,
    statement: `dump taken at ${utcText(row.number)} (Debug session time)`,
    evidence: [context.evidence(row.source, row.cite)],
  };
}

function dumpClock(source: SourceSummary, dump: Instant | null, dumpAtMs: number | null): SourceClock {
  return {
    source: source.id,
    role: 'dump',
    method: dump?.method ?? 'unknown',
    utc: dump === null ? null : new Date(Math.round(dump.ms)).toISOString(),
    atUs: dumpAtMs === null ? null : dumpAtMs * 1000,
    uncertaintyMs: dump?.uncertaintyMs ?? null,
    startUs: null,
    endUs: null,
    statement: dump?.statement ?? 'the log does not say when the dump was taken (.time, or its first lines)',
    evidence: dump?.evidence ?? [],
  };
}

function traceClock(
  source: SourceSummary,
  isInDump: boolean,
  start: Instant | null,
  offsetUs: number | null,
  given: Given,
): SourceClock {
  const { span, clock } = source.about;
  const known =
    clock.startLocal === undefined
      ? ''
      : `; it shows ${clock.startLocal.replace('T', ' ')}, of which zone is not known`;
  const told =
    start?.statement ?? `${source.id}${isInDump ? ' holds messages that' : ''} does not say when it began${known}`;
  const session = sessionOfDump(source, given);
  return {
    source: source.id,
    role: 'trace',
    method: start?.method ?? 'unknown',
    utc: start === null ? null : new Date(Math.round(start.ms + earliestUs(source) / 1000)).toISOString(),
    atUs: offsetUs === null ? null : offsetUs + earliestUs(source),
    uncertaintyMs: start?.uncertaintyMs ?? null,
    startUs: span.startUs === null || offsetUs === null ? null : span.startUs + offsetUs,
    endUs: span.endUs === null || offsetUs === null ? null : span.endUs + offsetUs,
    statement: `${told}${session === null ? '' : `; it is the session "${session.name}" that lay in the dump`}`,
    evidence: [...(start?.evidence ?? []), ...(session === null ? [] : [session.evidence])],
  };
}

/** The session of the dump that a raw log was saved from (`!wmitrace.logsave`), by its name; null where it is none of those. */
function sessionOfDump(
  { about }: SourceSummary,
  { facts, context }: Given,
): { readonly name: string; readonly evidence: Evidence } | null {
  const name = about.session?.name ?? null;
  if (name === null) return null;
  for (const row of facts.loggers.values()) {
    if (row.value?.trim().toLowerCase() === name.trim().toLowerCase()) {
      return { name, evidence: context.evidence(row.source, row.cite) };
    }
  }
  return null;
}

function statementOf(
  { options }: Given,
  dump: Instant | null,
  first: Instant | null,
  dumpAtMs: number | null,
  origin: number,
): string {
  if (origin < 0) return 'There is no trace, and the log holds no messages of one.';
  if (options.offsetMs !== null) return 'The time from the start of the trace to the dump was given (--offset).';
  if (dumpAtMs !== null) return `${dump?.statement}; ${first?.statement}.`;
  if (dump === null && first === null)
    return 'Neither the trace nor the dump says when it was: they are joined by names, numbers and rhythm only.';
  if (dump === null)
    return `${first?.statement}; when the dump was taken the log does not say: joined by names, numbers and rhythm only.`;
  return `${dump.statement}; when the trace began, or in which zone, is not known: joined by names, numbers and rhythm only.`;
}
