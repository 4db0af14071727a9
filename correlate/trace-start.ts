/** When a trace began, by what it says, what the user says, or what can be concluded. */
import type { SourceSummary } from '../src/core/analysis.js';
import { durationText } from '../src/core/duration-text.js';
import { localToUtcMs } from '../src/core/time.js';
import type { Given } from './given.js';
import { type Instant, utcText } from './instant.js';
import { likeliestStart, type Silence } from './local-start.js';
import { Threads } from './threads.js';

/** A start that is printed without saying how well is taken for good to a second. */
const UNKNOWN_MS = 1000;

interface Zone {
  readonly name: string;
  readonly from: 'option' | 'dump' | 'trace';
}

/** The zone of times that name none: as the user says, else that of the debugger's session, else that of another trace. */
export function zoneOf({ options, context, dumps }: Given): Zone | null {
  if (options.zone !== null) return { name: options.zone, from: 'option' };
  for (const [index, { about }] of context.sources.entries()) {
    const { zone } = about.clock;
    if (zone !== null) return { name: plainZone(zone), from: index < dumps ? 'dump' : 'trace' };
  }
  return null;
}

/** `UTC+02:00` is how some sources name an offset. */
const plainZone = (zone: string): string => zone.replace(/^UTC(?=[+-])/, '');

export async function traceStart(
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
