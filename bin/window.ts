/** `--range` and `--around`: from what was typed to µs from the start of the trace. */

import { type Instant, parseDurationUs, parseTime } from '../src/core/duration.js';
import { EXIT, TracekitError } from '../src/core/error.js';
import { parseInstant } from '../src/core/time.js';
import type { Trace } from '../src/index.js';

type Range = { readonly startUs: number; readonly endUs: number };

/** The window asked for; null where none was. Wall-clock times need the trace's start, which costs a look at the file. */
export async function windowOption(
  trace: Trace,
  given: { range?: string; around?: string },
  option = '--range',
): Promise<Range | null> {
  if (given.range !== undefined && given.around !== undefined) throw usage('give --range or --around, not both.');
  if (given.range !== undefined) return rangeOf(trace, given.range, option);
  return given.around === undefined ? null : aroundOf(trace, given.around);
}

async function rangeOf(trace: Trace, text: string, option: string): Promise<Range> {
  const [a, b, ...more] = text.split(/[,\s]+(?=[\d+])/);
  if (b === undefined || more.length > 0)
    throw usage(`${option} takes two times: ${option} 2s 3s, ${option} 2s +500ms.`);
  const startUs = await instantUs(trace, a, option);
  const length = b.startsWith('+') ? parseDurationUs(b.slice(1)) : null;
  if (b.startsWith('+') && length === null) throw usage(`${option}: '${b}' is no duration.`);
  const endUs = length === null ? await instantUs(trace, b, option) : startUs + length;
  if (endUs < startUs) throw usage(`${option} ends before it begins (${a} to ${b}).`);
  return { startUs, endUs };
}

async function aroundOf(trace: Trace, text: string): Promise<Range> {
  const match = /^(.+?)\s*(?:±|\+\/-|\+-|~)\s*(.+)$/.exec(text);
  const half = match === null ? null : parseDurationUs(match[2]);
  if (match === null || half === null)
    throw usage('--around takes a time and a distance: --around 12.5s±100ms (or +-).');
  const us = await instantUs(trace, match[1], '--around');
  return { startUs: us - half, endUs: us + half };
}

async function instantUs(trace: Trace, text: string, option: string): Promise<number> {
  const clock = await localClockUs(trace, text);
  if (clock !== null) return clock;
  const time = parseTime(text);
  if (time === null) {
    throw usage(`${option}: '${text}' is no time. Examples: 12.5s, 250ms, 1500 (µs), 2026-05-04T10:20:30.5Z.`);
  }
  return 'us' in time ? time.us : fromStart(trace, time, option);
}

async function fromStart(trace: Trace, time: Extract<Instant, { iso: string }>, option: string): Promise<number> {
  const { sources } = await trace.read(() => []);
  const start = sources.map((s) => s.about.clock.startUtc).find((utc) => utc !== null);
  const zone = sources.map((s) => s.about.clock.zone).find((z) => z !== null);
  if (start === undefined || start === null) {
    throw usage(
      `${option}: the trace does not say when it began, so a time of day cannot be found in it. Give seconds from its start.`,
    );
  }
  if (!/(Z|[+-]\d\d:?\d\d)$/.test(time.iso) && zone === undefined) {
    throw usage(
      `${option}: '${time.iso}' has no zone and the trace names none. Add one: ${time.iso}Z, ${time.iso}+02:00.`,
    );
  }
  const at = await parseInstant(time.iso, zone ?? 'utc');
  const origin = await parseInstant(start);
  if (at === null || origin === null) throw usage(`${option}: '${time.iso}' is no time.`);
  // Milliseconds since 1970 leave a double a quarter of a µs.
  return Math.round((at - origin) * 1000);
}

// 10:05:11.005   2026-11-20T10:05:11
const LOCAL = /^(?:(\d{4}-\d\d-\d\d)[T ])?(\d{1,2}):(\d\d)(?::(\d\d(?:[.,]\d{1,9})?))?$/;
const DAY_US = 86_400e6;

/**
 * A time of day, or a day and a time, as the source's own clock shows it: µs from its start. A time of day before that of the
 * start is the next day's. Null where the text is none, or the source tells time in another way.
 */
async function localClockUs(trace: Trace, text: string): Promise<number | null> {
  const asked = LOCAL.exec(text.trim());
  if (asked === null) return null;
  const { sources } = await trace.read(() => []);
  const clock = sources.map((source) => source.about.clock).find(({ startLocal }) => startLocal !== undefined);
  const start = LOCAL.exec(clock?.startLocal ?? '');
  if (start === null || (asked[1] !== undefined && start[1] === undefined)) return null;
  const us = dayUs(asked) - dayUs(start);
  if (asked[1] === undefined) return us < 0 ? us + DAY_US : us;
  return Math.round(us + (Date.parse(asked[1]) - Date.parse(start[1])) * 1000);
}

const dayUs = ([, , hours, minutes, seconds = '0']: RegExpExecArray): number =>
  Math.round((Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds.replace(',', '.'))) * 1e6);

const usage = (message: string): TracekitError => new TracekitError(message, EXIT.usage);
