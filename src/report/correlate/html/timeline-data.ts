/** Marks of the time line as the page carries them: sorted, bounded, and small as text. */
import type { Lane, TimeLine } from '../../../../correlate/result.js';
import { visibleName } from '../../stacks/names.js';
import type { Limits } from './limits.js';

/** Times are whole tenths of a µs from here on. */
const PER_US = 10;
const MAX_TITLE = 80;
const MAX_LABEL = 160;
/** Different labels of a lane that keep their names: more than that nobody reads. */
const MAX_LABELS = 2000;
/** Latest time that is drawn: beyond it whole tenths are no longer exact. */
const MAX_US = 8e14;

/** A lane's marks in the order of time, and what the page says of it. */
export interface DrawnLane {
  readonly title: string;
  readonly kind: Lane['kind'];
  readonly level: Lane['level'];
  readonly source: string | null;
  readonly isByte: boolean;
  /** Marks of the lane before anything was left out. */
  readonly of: number;
  /** µs. */
  readonly start: Float64Array;
  readonly duration: Float64Array;
  readonly label: readonly number[];
  readonly place: readonly (number | null)[];
  readonly labels: readonly string[];
}

export interface DrawnTimeLine {
  readonly lanes: readonly DrawnLane[];
  readonly lanesLeft: number;
  /** All marks, the window and the dump's moment lie between these; null where nothing has a time. */
  readonly all: readonly [number, number] | null;
  /** What is shown first. */
  readonly first: readonly [number, number] | null;
  readonly dumpAtUs: number | null;
  readonly uncertaintyUs: number | null;
}

const isTime = (us: number | null | undefined): us is number => typeof us === 'number' && Math.abs(us) <= MAX_US;

/** The lanes that are drawn, those with marks and the worst first kept, in their own order. */
export function drawn(timeline: TimeLine, limits: Limits): DrawnTimeLine {
  const full = timeline.lanes.filter(({ startUs }) => startUs.some(isTime));
  const kept = new Set([...full].sort(worstFirst).slice(0, limits.lanes));
  const chosen = full.filter((lane) => kept.has(lane));
  const total = chosen.reduce((sum, { startUs }) => sum + startUs.length, 0);
  const share = Math.min(1, limits.marks / Math.max(1, total));
  const lanes = chosen.map((lane) => drawnLane(lane, Math.max(1, Math.floor(lane.startUs.length * share))));
  const dumpAtUs = isTime(timeline.dumpAtUs) ? timeline.dumpAtUs : null;
  const uncertaintyUs = isTime(timeline.uncertaintyUs) ? Math.abs(timeline.uncertaintyUs) : null;
  return {
    lanes,
    lanesLeft: full.length - lanes.length,
    ...ranges(timeline, lanes, dumpAtUs, uncertaintyUs),
    dumpAtUs,
    uncertaintyUs,
  };
}

const WORST: Readonly<Record<Lane['level'], number>> = { error: 0, warning: 1, note: 2 };
const worstFirst = (a: Lane, b: Lane): number => WORST[a.level] - WORST[b.level] || b.of - a.of;

function drawnLane(lane: Lane, most: number): DrawnLane {
  const order = lane.startUs.flatMap((us, i) => (isTime(us) ? [i] : []));
  const lasts = (i: number): number => (isTime(lane.durationUs[i]) ? Math.max(0, lane.durationUs[i]) : 0);
  if (order.length > most) {
    order.sort((a, b) => lasts(b) - lasts(a));
    order.length = most;
  }
  order.sort((a, b) => lane.startUs[a] - lane.startUs[b]);
  const { numbers, labels } = usedLabels(lane, order);
  return {
    title: visibleName(lane.title, MAX_TITLE),
    kind: lane.kind,
    level: lane.level,
    source: lane.source,
    isByte: lane.placesAre === 'byte',
    of: Math.max(lane.of, lane.startUs.length),
    start: Float64Array.from(order, (i) => lane.startUs[i]),
    duration: Float64Array.from(order, lasts),
    label: numbers,
    place: order.map((i) => lane.places[i] ?? null),
    labels,
  };
}

function usedLabels({ label, labels }: Lane, order: readonly number[]): { numbers: number[]; labels: string[] } {
  const byText = new Map<string, number>();
  const numbers = order.map((i) => {
    const text = visibleName(labels[label[i]] ?? 'unknown', MAX_LABEL);
    const seen = byText.get(text);
    if (seen !== undefined) return seen;
    if (byText.size >= MAX_LABELS) return MAX_LABELS;
    byText.set(text, byText.size);
    return byText.size - 1;
  });
  return { numbers, labels: byText.size >= MAX_LABELS ? [...byText.keys(), 'other'] : [...byText.keys()] };
}

function ranges(
  { startUs, endUs }: TimeLine,
  lanes: readonly DrawnLane[],
  dumpAtUs: number | null,
  uncertaintyUs: number | null,
): Pick<DrawnTimeLine, 'all' | 'first'> {
  const window = [startUs, endUs].filter(isTime);
  const band = uncertaintyUs ?? 0;
  const dump = dumpAtUs === null ? [] : [dumpAtUs - band, dumpAtUs + band];
  const marks = lanes.flatMap(({ start, duration }) => [
    start[0],
    start.reduce((most, us, i) => Math.max(most, us + duration[i]), -MAX_US),
  ]);
  const all = spanOf([...window, ...dump, ...marks]);
  if (all === null) return { all, first: null };
  const trace = spanOf(window);
  const both = spanOf([...window, ...dump]);
  // A trace of seconds before a dump of hours later would be a dot: then it is shown alone.
  const first = trace === null ? all : both !== null && both[1] - both[0] <= 10 * (trace[1] - trace[0]) ? both : trace;
  return { all, first: padded(first) };
}

function spanOf(times: readonly number[]): [number, number] | null {
  if (times.length === 0) return null;
  const from = times.reduce((a, b) => Math.min(a, b));
  const to = times.reduce((a, b) => Math.max(a, b));
  return [from, Math.max(to, from + 1)];
}

const padded = ([from, to]: readonly [number, number]): [number, number] => [
  from - (to - from) * 0.01,
  to + (to - from) * 0.02,
];

/** The same as JSON. Starts and places are differences to the one before; a column of zeros alone is `0`. */
export function timelineJson(
  timeline: DrawnTimeLine,
  fileOf: (source: string) => string,
  cited: Readonly<Record<string, string>>,
  utc: string | null,
): string {
  const at = utc === null ? Number.NaN : Date.parse(utc);
  return JSON.stringify({
    all: timeline.all === null ? null : padded(timeline.all),
    first: timeline.first,
    dump: timeline.dumpAtUs,
    band: timeline.uncertaintyUs,
    utcMs: Number.isFinite(at) ? at : null,
    cited,
    lanes: timeline.lanes.map((lane) => ({
      title: lane.title,
      kind: lane.kind,
      level: lane.level,
      source: lane.source,
      file: lane.source === null ? null : visibleName(fileOf(lane.source)),
      byte: lane.isByte,
      of: lane.of,
      n: lane.start.length,
      s: differences(Array.from(lane.start, tenths)),
      d: compact(Array.from(lane.duration, tenths)),
      l: compact(lane.label),
      // 0: not known.
      p: compact(differences(lane.place.map((place) => (place === null ? 0 : place + 1)))),
      labels: lane.labels,
    })),
  });
}

const tenths = (us: number): number => Math.round(us * PER_US);

const differences = (values: readonly number[]): number[] =>
  values.map((value, i) => (i === 0 ? value : value - values[i - 1]));

const compact = (values: readonly number[]): readonly number[] | 0 =>
  values.some((value) => value !== 0) ? values : 0;
