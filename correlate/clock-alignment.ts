/**
 * One time line for traces and dump: when each began, how that is known, and how far it may be off. µs on the line count from the start
 * of the first trace. `Debug session time` of a dump is when it was taken; a thread's wait began
 * `Ticks × tick length` before, as `!thread` prints it.
 */
import type { SourceSummary } from '../src/core/analysis.js';
import { durationText } from '../src/core/duration-text.js';
import type { Evidence } from '../src/core/evidence.js';
import { localToUtcMs } from '../src/core/time.js';
import type { Given } from './given.js';
import { likeliestStart, type Silence } from './local-start.js';
import type { ClockMethod, SourceClock } from './result.js';
import { Threads } from './threads.js';

/** The clock interrupt moves the system time: no dump tells its moment better. */
const TICK_MS = 15.625;
/** A start that is printed without saying how well is taken for good to a second. */
const UNKNOWN_MS = 1000;

/** A moment in UTC. */
export interface Instant {
  readonly ms: number;
  readonly method: ClockMethod;
  readonly uncertaintyMs: number;
  /** True where a zone or a day had to be assumed. */
  readonly isAssumed: boolean;
  /** True where no zone and no day puts the trace between boot and dump. */
  readonly isImpossible?: boolean;
  /** True where zone and day follow from threads that fall silent when their waits begin. */
  readonly isBySilences?: boolean;
  readonly statement: string;
  readonly evidence: readonly Evidence[];
}

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

/** Times of a log with the newest event first go down from 0. */
export const earliestUs = (source: SourceSummary | undefined): number => Math.min(0, source?.about.span.startUs ?? 0);

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

interface Zone {
  readonly name: string;
  readonly from: 'option' | 'dump' | 'trace';
}

/** The zone of times that name none: as the user says, else that of the debugger's session, else that of another trace. */
function zoneOf({ options, context, dumps }: Given): Zone | null {
  if (options.zone !== null) return { name: options.zone, from: 'option' };
  for (const [index, { about }] of context.sources.entries()) {
    const { zone } = about.clock;
    if (zone !== null) return { name: plainZone(zone), from: index < dumps ? 'dump' : 'trace' };
  }
  return null;
}

/** `UTC+02:00` is how some sources name an offset. */
const plainZone = (zone: string): string => zone.replace(/^UTC(?=[+-])/, '');

async function traceStart(
  source: SourceSummary,
  isFirst: boolean,
  isInDump: boolean,
  dump: Instant | null,
  zone: Zone | null,
  given: Given,
): Promise<Instant | null> {
  const { options } = given;
  const { clock } = source.about;
  if (isFirst && options.traceStartMs !== null) {
    return {
      ms: options.traceStartMs,
      method: 'given',
      uncertaintyMs: Math.max(1, (clock.resolutionNs ?? 0) / 1e6),
      isAssumed: false,
      statement: `${source.id} began at ${utcText(options.traceStartMs)} (--trace-start)`,
      evidence: [],
    };
  }
  // Of a debugger's log the start is that of the dump, not of its messages.
  if (clock.startUtc !== null && !isInDump) {
    const ms = Date.parse(clock.startUtc);
    const uncertaintyMs = clock.uncertaintyMs ?? UNKNOWN_MS;
    const how = clock.uncertaintyMs === null ? ', taken for good to a second' : '';
    return {
      ms: ms + subMs(clock.startUtc),
      method: 'utc',
      uncertaintyMs,
      isAssumed: false,
      statement: `${source.id} began at ${utcText(ms)} (it says so itself${how})`,
      evidence: [],
    };
  }
  if (clock.startLocal === undefined) return null;
  return localStart(source, clock.startLocal, isInDump, dump, zone, given);
}

/** How local times are put into UTC: every zone and day that could be, and the one that is taken. */
async function localStart(
  source: SourceSummary,
  local: string,
  isInDump: boolean,
  dump: Instant | null,
  zone: Zone | null,
  given: Given,
): Promise<Instant | null> {
  const stepMs = Math.max(1, (source.about.clock.resolutionNs ?? 1e6) / 1e6);
  const hasDay = local.includes('T');
  const localMs = Date.parse(hasDay ? `${local}Z` : `1970-01-01T${local}Z`);
  if (Number.isNaN(localMs)) return null;
  // Messages in the dump are printed by the debugger, in its own zone.
  const isSure = zone !== null && (zone.from === 'option' || isInDump);
  if (isSure && hasDay) {
    const utc = await localToUtcMs(localMs, zone.name);
    if (utc === null) return null;
    const from = isInDump ? "the debugger's zone" : '--zone';
    return {
      ms: utc,
      method: isInDump ? 'in-dump' : 'local-in-zone',
      uncertaintyMs: stepMs,
      isAssumed: false,
      statement: `${source.id} began at ${local.replace('T', ' ')} local time, ${utcText(utc)} in zone ${zone.name} (${from})`,
      evidence: [],
    };
  }
  if (dump === null) return null;
  const ownZone = zone === null ? null : await localToUtcMs(hasDay ? localMs : dump.ms, zone.name);
  const ownMinutes = ownZone === null ? null : ((hasDay ? localMs : dump.ms) - ownZone) / 60_000;
  const chosen = likeliestStart(
    { localMs, hasDay, spanMs: spanMs(source, given), zoneMinutes: ownMinutes, isZoneSure: isSure },
    dump.ms,
    given.dump.system.uptimeMs,
    silencesOf(source, dump, given),
  );
  const assumed = [...(hasDay ? [] : ['the day']), ...(isSure ? [] : ['the zone'])].join(' and ');
  const others =
    chosen.silences > 0
      ? `only so ${chosen.silences} threads fall silent in the trace when their waits begin in the dump`
      : chosen.possible === 0
        ? 'in no zone does it lie between the boot and the dump'
        : chosen.possible === 1
          ? 'no other puts it between the boot and the dump'
          : `${chosen.possible} others put it between the boot and the dump as well, up to ${durationText(chosen.spreadMs)} away`;
  return {
    ms: chosen.ms,
    method: hasDay ? 'local-in-zone' : 'time-of-day',
    uncertaintyMs: Math.max(stepMs, chosen.spreadMs),
    // Against a zone that the other side names, and that is possible, they prove nothing.
    isAssumed: chosen.silences === 0 || chosen.isAgainstNamed,
    isImpossible: chosen.possible === 0,
    isBySilences: chosen.silences > 0,
    statement: `${source.id} began at ${local.replace('T', ' ')}; ${assumed} it does not name: ${utcText(chosen.ms)} (UTC${zoneText(chosen.zoneMinutes)}) is ${chosen.silences > 0 ? 'taken' : 'assumed'}, ${others}`,
    evidence: [],
  };
}

/** Before the end of a trace: later silence is not seen to be one. */
const CENSORED_MS = 30_000;

/** Threads of the dump that wait, and said something in this trace before. */
function silencesOf({ id }: SourceSummary, dump: Instant, given: Given): Silence[] {
  const index = given.context.sources.findIndex((one) => one.id === id);
  const { span } = given.context.sources[index].about;
  const endMs = (span.endUs ?? given.errors?.window?.endUs ?? 0) / 1000;
  const threads = new Threads(given);
  return given.dump.threads.flatMap((thread): Silence[] => {
    // The first threads of System have the same numbers on every machine.
    if (thread.waitMs === null || (thread.pid !== null && thread.pid <= 4)) return [];
    const talk = threads.match(thread)?.talk.filter(({ source, count }) => source === index && count > 1) ?? [];
    if (talk.length !== 1) return [];
    // Who talks until the trace ends has not fallen silent.
    if (talk[0].lastUs / 1000 > endMs - CENSORED_MS) return [];
    return [{ lastMs: talk[0].lastUs / 1000, beganMs: dump.ms - thread.waitMs }];
  });
}

/** From the first to the last time of a trace. */
function spanMs({ id, about }: SourceSummary, { errors, context }: Given): number {
  const { startUs, endUs } = about.span;
  if (startUs !== null && endUs !== null) return Math.max(0, (endUs - startUs) / 1000);
  // Of a text the messages tell; of several the window is of all of them.
  const window = errors?.window ?? null;
  return window === null || !context.sources.some((source) => source.id === id)
    ? 0
    : (window.endUs - window.startUs) / 1000;
}

const zoneText = (minutes: number): string => {
  const abs = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${String(Math.floor(abs / 60)).padStart(2, '0')}:${String(abs % 60).padStart(2, '0')}`;
};

/** Digits of an ISO time below the millisecond, in ms. */
const subMs = (iso: string): number => Number(`0.${/\.\d{3}(\d{1,9})/.exec(iso)?.[1] ?? 0}`);

export const utcText = (ms: number): string =>
  new Date(Math.round(ms)).toISOString().replace('T', ' ').replace('Z', ' UTC');

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
