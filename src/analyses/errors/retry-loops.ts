/**
 * Loops that a retry counter shows: a few messages are no rhythm, but a counter that steps says that they repeat. What comes with
 * each step in the same thread repeats with it.
 */
import { pushTo } from '../../core/push-to.js';
import type { Joined, JoinedSeries, JoinedTemplate } from './joined.js';
import { allThreadsOf } from './messages.js';
import type { Beat } from './periodic.js';
import type { Count } from './retry.js';
import type { Rhythm } from './rhythm.js';

/** A message belongs to a step within this share of the period. */
const WITH_STEP = 0.05;
/** Gaps of a loop differ by no more. */
const MAX_RATIO = 1.5;

interface Loop {
  readonly template: JoinedTemplate;
  readonly series: JoinedSeries;
  readonly count: Count;
  readonly instants: Float64Array;
}

/** Adds counters to the rhythms that have one beside them, and the loops that only their counter shows. */
export function withRetries(beats: readonly Beat[], joined: Joined): Beat[] {
  const loops = loopsOf(joined);
  const counted = beats.map((beat) => ({ ...beat, retry: retryOf(beat, loops) }));
  const known = new Set(beats.map(({ template, thread }) => `${template} ${thread}`));
  const { threads } = joined.pass;
  const told = (template: number, thread: number): boolean =>
    known.has(`${template} ${thread}`) || known.has(`${template} ${allThreadsOf(threads[thread].group)}`);
  const looping = new Set(loops.map(({ series }) => series.thread));
  const inThread = new Map<number, { template: JoinedTemplate; series: JoinedSeries }[]>();
  for (const template of joined.templates) {
    for (const series of template.threads) {
      if (looping.has(series.thread)) pushTo(inThread, series.thread, { template, series });
    }
  }
  const more: Beat[] = [];
  for (const loop of loops) {
    const period = periodOf(loop.instants);
    if (period === null) continue;
    for (const { template, series } of inThread.get(loop.series.thread) ?? []) {
      if (told(template.id, series.thread)) continue;
      const instants = template === loop.template ? loop.instants : joined.instants(series.series).start;
      if (template !== loop.template && !comesWith(instants, loop.instants, period)) continue;
      known.add(`${template.id} ${series.thread}`);
      more.push(beatOf(template, series, instants, loop));
    }
  }
  return [...counted, ...more];
}

function loopsOf(joined: Joined): Loop[] {
  return joined.templates.flatMap((template) =>
    template.threads.flatMap((series) => {
      const count = joined.counter(series.series);
      return count === null ? [] : [{ template, series, count, instants: joined.instants(series.series).start }];
    }),
  );
}

/** The counter of the template itself, or of one in the same thread that comes with its beats. */
function retryOf(beat: Beat, loops: readonly Loop[]): Beat['retry'] {
  const inThread = loops.filter(({ series }) => beat.thread < 0 || series.thread === beat.thread);
  const own = inThread.find(({ template }) => template.id === beat.template);
  const found =
    own ??
    (beat.thread < 0
      ? undefined
      : inThread.find(({ instants }) => comesWith(instants, beat.instants, beat.rhythm.periodUs)));
  return found === undefined ? null : { count: found.count, template: found.template.id };
}

/** Usual gap; null where gaps differ too much for a loop, or there is none. */
function periodOf(instants: Float64Array): number | null {
  const gaps = Array.from(instants.subarray(1), (at, i) => at - instants[i]).sort((a, b) => a - b);
  if (gaps.length === 0 || !(gaps[0] > 0) || gaps[gaps.length - 1] > MAX_RATIO * gaps[0]) return null;
  return gaps[gaps.length >> 1];
}

/** True where (nearly) each of `instants` has one of `steps` by its side, and there are as many. */
function comesWith(instants: Float64Array, steps: Float64Array, period: number): boolean {
  if (instants.length < 2 || Math.abs(instants.length - steps.length) > Math.max(1, 0.2 * steps.length)) return false;
  let beside = 0;
  let k = 0;
  for (const at of instants) {
    while (k + 1 < steps.length && Math.abs(steps[k + 1] - at) <= Math.abs(steps[k] - at)) k++;
    if (Math.abs(steps[k] - at) <= WITH_STEP * period) beside++;
  }
  return beside >= 0.9 * instants.length;
}

function beatOf(template: JoinedTemplate, series: JoinedSeries, instants: Float64Array, loop: Loop): Beat {
  return {
    kind: 'message',
    template: template.id,
    name: null,
    thread: series.thread,
    pid: null,
    series: series.series,
    count: series.count,
    rhythm: plainRhythm(instants),
    isPartial: false,
    instants,
    confidence: 'low',
    chance: null,
    retry: { count: loop.count, template: loop.template.id },
  };
}

/** Mean gap and its spread: of few instants nothing more is known. */
function plainRhythm(instants: Float64Array): Rhythm {
  const last = instants.length - 1;
  const periodUs = (instants[last] - instants[0]) / last;
  let squares = 0;
  for (let i = 0; i < last; i++) squares += (instants[i + 1] - instants[i] - periodUs) ** 2;
  return {
    periodUs,
    jitterUs: last < 2 ? Number.NaN : Math.sqrt(squares / (last - 1)),
    phaseUs: instants[0],
    beats: instants.length,
    missed: 0,
    extra: 0,
    driftPercent: null,
    perBeat: 1,
    stretches: 1,
    firstUs: instants[0],
    lastUs: instants[last],
    lnChance: 0,
  };
}
