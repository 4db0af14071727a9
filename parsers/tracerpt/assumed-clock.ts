/**
 * Durations of DPCs and ISRs whose InitialTime is in ticks of the performance counter beside a FILETIME Clock-Time.
 *
 * FILETIME(ticks) = offset + ticks * 10^7 / PerfFreq, and the offset is printed nowhere. No run ends before it begins:
 * the offset is at most Clock-Time - InitialTime of any run, and the least of these is taken. Each run then comes out
 * short by the length of the shortest one. From below the offset is bounded by DPCs that followed each other on a CPU,
 * as the second cannot have begun before the first ended.
 */

import { HeldRuns } from '../../src/core/held-runs.js';
import { addNote } from '../../src/core/note.js';
import type { Output } from '../../src/core/parser.js';
import { NULL_I32 } from '../../src/core/schema.js';
import { Dictionary, type Writer } from '../../src/core/table.js';
import { filetimeToUtc, isoToFiletime, type Ticks, ticksBetween, ticksValue } from '../../src/core/time.js';
import type { dpcIsr } from '../../src/tables/dpc-isr.js';

/** Runs held for one trace, about 90 bytes each; more are not read. */
const MAX_RUNS = 5_000_000;
/** With fewer, the shortest one may be long, and nothing could be checked. */
export const MIN_RUNS = 64;
const SLICES = 16;
const MIN_SLICE = 32;
/** Slices whose offsets differ by more are not of one clock. */
const MAX_DRIFT_US = 50;
/** Time stamps are printed in steps of 0.1 µs. */
const STEP_US = 0.1;
/** Characters kept of all the different texts around the numbers of the runs. */
const MAX_TEXT = 1 << 26;
const MAX_EXAMPLES = 3;

/** Runs of one trace that wait for the offset. Until then `startUs` holds ticks from `firstTick`, `durationUs` duration + offset. */
export interface AssumedClock {
  readonly runs: HeldRuns<typeof dpcIsr>;
  readonly counterPerUs: number;
  /** Start of the trace: `endUs` counts from it. */
  readonly start: Ticks;
  readonly firstTick: Ticks;
  /** What stands around the two numbers of a row, and how they are printed; `tags` are their ids. */
  readonly frames: Dictionary;
  frameChars: number;
}

/** A row's own numbers, as they stand in it. */
interface RunClock {
  readonly stamp: Ticks;
  /** The time stamp as printed, where it is not the decimal ticks. */
  readonly stampText: string | null;
  readonly initial: Ticks;
  readonly initialText: string;
  readonly endUs: number;
}

export function assumedClock(
  out: Output,
  writer: Writer<typeof dpcIsr>,
  start: Ticks,
  firstTick: Ticks,
  counterPerUs: number,
): AssumedClock {
  const runs = new HeldRuns(out, writer);
  return { runs, counterPerUs, start, firstTick, frames: new Dictionary(), frameChars: 0 };
}

/** Holds the run that stands, but for its times, at the writer's index `n`. Why not, where it cannot be held. */
export function holdRun(clock: AssumedClock, run: RunClock, quote: string): 'held' | 'too-many' | 'too-far' {
  if (clock.runs.n >= MAX_RUNS) return 'too-many';
  const ticks = ticksBetween(clock.firstTick, run.initial);
  if (!Number.isSafeInteger(ticks)) return 'too-far';
  const { cols, n } = clock.runs.writer;
  cols.startUs[n] = ticks;
  cols.durationUs[n] = run.endUs - ticks / clock.counterPerUs;
  clock.runs.hold(run.endUs, null, frameOf(clock, run, quote));
  return 'held';
}

/** Where the two numbers stand in a frame. */
const STAMP = '\u0001';
const INITIAL = '\u0002';
const END_OF_ZONE = ':';
/** Begins the frame of a text that is kept as it is; zones are digits. */
const WHOLE = '=';
/** `2006-12-18T12:26:27.8873095`, of which tracerpt prints two decimals more. */
const ISO_CHARS = 27;

/**
 * Rows of one routine and CPU differ in their two times only, which are held as numbers anyway: one text with gaps
 * serves for all of them. A row that this does not give back to the letter has a text of its own.
 */
function frameOf(clock: AssumedClock, run: RunClock, quote: string): number {
  const frame = cut(run, quote) ?? `${WHOLE}${quote}`;
  const known = clock.frames.values.length;
  if (clock.frameChars > MAX_TEXT) return -1;
  const id = clock.frames.id(frame);
  if (id === known) clock.frameChars += frame.length;
  return id;
}

/** `<zone>:<text with gaps>`: zone = what is printed less what it is read as, in 100 ns; empty for decimal ticks. */
function cut(run: RunClock, quote: string): string | null {
  if (quote.includes(STAMP) || quote.includes(INITIAL)) return null;
  const printed = run.stampText?.slice(0, ISO_CHARS) ?? decimal(run.stamp);
  const stampAt = quote.indexOf(printed);
  const initialAt = quote.indexOf(run.initialText, stampAt + printed.length);
  if (stampAt < 0 || initialAt < 0 || run.initialText !== decimal(run.initial)) return null;
  const zone = run.stampText === null ? '' : zoneOf(printed, run.stamp);
  if (zone === null) return null;
  const between = quote.slice(stampAt + printed.length, initialAt);
  const text = `${quote.slice(0, stampAt)}${STAMP}${between}${INITIAL}${quote.slice(initialAt + run.initialText.length)}`;
  return `${zone}${END_OF_ZONE}${text}`;
}

function zoneOf(printed: string, stamp: Ticks): string | null {
  const local = isoToFiletime(printed);
  return local === null || printed.length < ISO_CHARS ? null : String(ticksBetween(stamp, local));
}

const decimal = ({ high, low }: Ticks): string => (high === 0 ? String(low) : `${high}${String(low).padStart(9, '0')}`);

/** The text that a held row was read from. */
function quoteOf(clock: AssumedClock, row: number): string {
  const frame = clock.frames.get(clock.runs.tags[row]);
  if (frame === null) return '';
  if (frame.startsWith(WHOLE)) return frame.slice(1);
  const end = frame.indexOf(END_OF_ZONE);
  const zone = frame.slice(0, end);
  const stamp = ticksValue(clock.start) + BigInt(Math.round(clock.runs.endUs[row] * 10));
  const initial = ticksValue(clock.firstTick) + BigInt(clock.runs.cols.startUs[row]);
  const printed = zone === '' ? String(stamp) : filetimeToUtc(stamp + BigInt(zone)).slice(0, ISO_CHARS);
  return frame
    .slice(end + 1)
    .replace(STAMP, printed)
    .replace(INITIAL, String(initial));
}

/** What the runs say of the offset: from the start of the trace to tick 0 on its scale, in µs. */
interface Fit {
  readonly offsetUs: number;
  /** How much of the shortest run there can be at most; null where no two DPCs prove it. */
  readonly shortByUs: number | null;
  /** By how much the offsets of the slices differ. */
  readonly driftUs: number;
  readonly slices: number;
}

function fit({ runs }: AssumedClock): Fit {
  const { n, endUs } = runs;
  const { durationUs, cpu, type, kind } = runs.cols;
  const slices = Math.min(SLICES, Math.floor(n / MIN_SLICE));
  const least = new Float64Array(slices).fill(Number.POSITIVE_INFINITY);
  const isDpc = runs.writer.dicts.kind.id('DPC');
  const isThreaded = runs.writer.dicts.type.id('ThreadedDPC');
  const previous = new Map<number, number>();
  let lowest = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < n; row++) {
    const slice = Math.floor((row * slices) / n);
    if (durationUs[row] < least[slice]) least[slice] = durationUs[row];
    if (kind[row] !== isDpc || type[row] === isThreaded || cpu[row] === NULL_I32) continue;
    // Timer DPCs run inside a DPC in some versions of Windows: only those of one type follow each other.
    const key = cpu[row] * 16 + type[row];
    const before = previous.get(key);
    if (before === undefined || endUs[row] >= before) {
      if (before !== undefined) lowest = Math.max(lowest, durationUs[row] - (endUs[row] - before));
      previous.set(key, endUs[row]);
    }
  }
  const offsetUs = least.reduce((a, b) => Math.min(a, b));
  const shortByUs = offsetUs - lowest + 2 * STEP_US;
  const driftUs = least.reduce((a, b) => Math.max(a, b)) - offsetUs;
  return { offsetUs, shortByUs: shortByUs >= 0 && Number.isFinite(shortByUs) ? shortByUs : null, driftUs, slices };
}

/** Why runs stay without duration. */
interface Refusal {
  readonly message: string;
  readonly count: number;
  readonly line: number;
  readonly examples: readonly string[];
}

/** Finds the offset and hands the runs on, telling `onRun` of each; or says why none can be taken. */
export function settleClock(
  clock: AssumedClock,
  out: Output,
  onRun: (cpu: number, endUs: number, line: number) => void,
): Refusal | null {
  const { runs } = clock;
  if (runs.n === 0) return null;
  if (runs.n < MIN_RUNS) {
    return refuse(clock, `fewer than ${MIN_RUNS} runs do not relate them`);
  }
  const fitted = fit(clock);
  if (fitted.driftUs > MAX_DRIFT_US) {
    const drift = rounded(fitted.driftUs);
    return refuse(clock, `no one relation fits (over ${fitted.slices} parts of the trace it drifts by ${drift} µs)`);
  }
  say(clock, fitted, out);
  const { cols } = runs.writer;
  runs.release({
    quoteOf: (row) => quoteOf(clock, row),
    complete: (row) => {
      const n = runs.writer.n;
      const durationUs = Math.round((runs.cols.durationUs[row] - fitted.offsetUs) * 1000) / 1000;
      cols.durationUs[n] = durationUs;
      cols.startUs[n] = runs.endUs[row] - durationUs;
      onRun(cols.cpu[n], runs.endUs[row], cols.line[n]);
    },
  });
  return null;
}

function refuse(clock: AssumedClock, message: string): Refusal {
  const { runs } = clock;
  const examples = Array.from({ length: Math.min(runs.n, MAX_EXAMPLES) }, (_, row) => quoteOf(clock, row));
  const refusal = { message, count: runs.n, line: runs.cols.line[0], examples };
  runs.drop();
  return refusal;
}

/** Upwards, to whole steps: a bound stays one. */
const rounded = (us: number): number => Math.max(1, Math.ceil(us * 10 - 1e-6)) / 10;

function say(clock: AssumedClock, { shortByUs, driftUs }: Fit, out: Output): void {
  const bound = shortByUs === null ? 'not proved' : `at most ${rounded(shortByUs)} µs`;
  // A diagnostic's message ends at 240 characters.
  const message =
    `each duration is short by what the shortest run took (usually below 1 µs, ${bound}): InitialTime is in counter ` +
    `ticks, not related to Clock-Time by the file, so it was given no length; parts of the trace agree within ${rounded(driftUs)} µs`;
  addNote(out.about, message);
  out.diagnostics.add('assumed-clock', 'warning', message, { line: clock.runs.cols.line[0], count: clock.runs.n });
}
