/** Events on their way to rows: their times, which may be known only when later events have shown how dates are read. */
import { addNote } from '../../src/core/note.js';
import type { ClockGiven, Output } from '../../src/core/parser.js';
import type { Writer } from '../../src/core/table.js';
import { filetimeToUtc, type Ticks, ticksBetween, ticksValue } from '../../src/core/time.js';
import { logMessage } from '../../src/tables/log-message.js';
import { type DateReader, dateReader, type Instant, instantOf, knowsOrder, learn } from './date-reader.js';
import type { LogEvent } from './event.js';

/** Events that wait for a date that can be read in one way only. */
const MAX_WAITING = 20_000;
const MAX_WAITING_CHARS = 32 << 20;
/** Rows after which quotes are given up: the texts of so many events are kept. */
const MAX_QUOTES = 2048;

export interface EventRows {
  readonly out: Output;
  readonly writer: Writer<typeof logMessage> | null;
  readonly dates: DateReader;
  waiting: LogEvent[];
  waitingChars: number;
  /** The instant of `atUs` 0. */
  base: Instant | null;
  lastUs: number;
  steps: { forward: number; back: number };
  span: { first: number; last: number };
  readonly quotes: Map<number, string>;
}

export function eventRows(out: Output, clock: ClockGiven): EventRows {
  out.account.unit = 'record';
  out.about.functionNames = false;
  return {
    out,
    writer: out.writer(logMessage),
    dates: dateReader(out, clock),
    waiting: [],
    waitingChars: 0,
    base: null,
    lastUs: Number.NaN,
    steps: { forward: 0, back: 0 },
    span: { first: Number.POSITIVE_INFINITY, last: Number.NEGATIVE_INFINITY },
    quotes: new Map(),
  };
}

/** Takes an event that was read; `out.account.read` has counted it. */
export async function addEvent(rows: EventRows, event: LogEvent): Promise<void> {
  const { out, dates } = rows;
  out.countEvent(`${event.provider ?? '?'}/${event.eventId ?? '?'}`, event.quote.length);
  learn(dates, event);
  const mustWait = event.utc === null && event.date?.readings != null && !knowsOrder(dates);
  if (rows.waiting.length > 0 || (mustWait && !dates.gaveUp)) {
    rows.waiting.push(event);
    rows.waitingChars += (event.message?.length ?? 0) + (event.dataHex?.length ?? 0) + event.quote.length;
    if (rows.waiting.length >= MAX_WAITING || rows.waitingChars > MAX_WAITING_CHARS) dates.gaveUp = true;
    if (knowsOrder(dates) || dates.gaveUp) await writeWaiting(rows);
  } else await writeEvent(rows, event);
}

async function writeWaiting(rows: EventRows): Promise<void> {
  const events = rows.waiting;
  rows.waiting = [];
  rows.waitingChars = 0;
  for (const event of events) await writeEvent(rows, event);
}

async function writeEvent(rows: EventRows, event: LogEvent): Promise<void> {
  const { out, writer, quotes } = rows;
  const instant = await instantOf(rows.dates, event, rows.base?.basis ?? null);
  const atUs = instant === null ? Number.NaN : place(rows, instant);
  if (writer === null) {
    out.account.ignored++;
    return;
  }
  quotes.set(event.byte, event.quote);
  // Set again and again: who reads lines sets his own with each block.
  out.quoteRow = (byte) => quotes.get(byte) ?? '';
  const { provider, eventId, level, machine, channel, cpu, pid, tid, dataHex, message, line, byte } = event;
  writer.row({ atUs, cpu, pid, tid, provider, level, eventId, machine, channel, dataHex, message, line, byte });
  out.account.rows++;
  if (quotes.size < MAX_QUOTES) return;
  out.flush();
  quotes.clear();
}

/** µs from the first event that has a time. */
function place(rows: EventRows, instant: Instant): number {
  rows.base ??= instant;
  const { base, span, steps } = rows;
  const atUs = ticksBetween(base.ticks, instant.ticks) / 10;
  if (atUs > rows.lastUs) steps.forward++;
  if (atUs < rows.lastUs) steps.back++;
  rows.lastUs = atUs;
  span.first = Math.min(span.first, atUs);
  span.last = Math.max(span.last, atUs);
  return atUs;
}

/** Writes what waits, and says what the source said of time. */
export async function finishEvents(rows: EventRows): Promise<void> {
  const { out, base, dates } = rows;
  dates.gaveUp = true;
  await writeWaiting(rows);
  out.flush();
  const first = rows.base ?? base;
  if (first === null) return;
  const { about } = out;
  about.span = { startUs: rows.span.first, endUs: rows.span.last };
  sayClock(rows, first);
  sayOrder(rows);
}

function sayClock({ out, dates }: EventRows, { ticks, basis }: Instant): void {
  const { clock } = out.about;
  clock.resolutionNs = dates.resolutionNs;
  if (basis === 'utc') {
    clock.startUtc = filetimeToUtc(ticksValue(ticks));
    clock.zone = 'UTC';
    clock.uncertaintyMs = dates.resolutionNs / 1e6;
    return;
  }
  clock.startLocal = localText(ticks);
  addNote(
    out.about,
    'the times have no zone (--zone gives it): only their differences hold, and those not where the clock was changed',
  );
}

/** `2018-07-21T09:58:19.504`, with more decimals where they are not 0. */
const localText = (ticks: Ticks): string => filetimeToUtc(ticksValue(ticks)).slice(0, -1).replace(/0000$/, '');

/** Exports begin with the newest event where nothing else was asked for: that is no clock that runs backwards. */
function sayOrder({ out, steps }: EventRows): void {
  if (steps.back === 0) return;
  if (steps.forward === 0) {
    addNote(
      out.about,
      'the newest event comes first: times are counted from it, so that those of older ones are negative',
    );
    return;
  }
  addNote(
    out.about,
    `the events are in no order of time (${steps.back} of ${steps.back + steps.forward} steps go back): times are counted from the first one in the file`,
  );
}
