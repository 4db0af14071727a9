/** `--range` and `--around`: from what was typed to µs from the start of the trace. */

import { type Instant, parseDurationUs, parseTime } from '../src/core/duration.js';
import { EXIT, TracekitError } from '../src/core/error.js';
import { parseInstant } from '../src/core/time.js';
import type { Trace } from '../src/index.js';

type Range = { readonly startUs: number; readonly endUs: number };

/** The window asked for; null where none was. Wall-clock times need the trace's start, which costs a look at the file. */
export async function windowOption(trace: Trace, given: { range?: string; around?: string }): Promise<Range | null> {
  if (given.range !== undefined && given.around !== undefined) throw usage('give --range or --around, not both.');
  if (given.range !== undefined) return rangeOf(trace, given.range);
  return given.around === undefined ? null : aroundOf(trace, given.around);
}

async function rangeOf(trace: Trace, text: string): Promise<Range> {
  const [a, b, ...more] = text.split(/[,\s]+(?=[\d+])/);
  if (b === undefined || more.length > 0) throw usage('--range takes two times: --range 2s 3s, --range 2s +500ms.');
  const startUs = await instantUs(trace, a, '--range');
  const length = b.startsWith('+') ? parseDurationUs(b.slice(1)) : null;
  if (b.startsWith('+') && length === null) throw usage(`--range: '${b}' is no duration.`);
  const endUs = length === null ? await instantUs(trace, b, '--range') : startUs + length;
  if (endUs < startUs) throw usage(`--range ends before it begins (${a} to ${b}).`);
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

const usage = (message: string): TracekitError => new TracekitError(message, EXIT.usage);
