/** Two traces side by side: which templates are new, gone, faster or slower in the second. */

import type { Joined } from './joined.js';
import type { MessagePass } from './messages.js';
import type { Beat } from './periodic.js';
import type { SpanDiff, TemplateDiff, TraceDiff } from './result.js';
import type { SpanStats } from './spans.js';
import type { Told } from './template-rows.js';

const US = 1e6;
/** Rates differ where their difference is beyond so many of its standard deviations, and by so much. */
const DEVIATIONS = 5;
const LEAST_RATIO = 1.5;

/** A trace's share of time, by which counts become rates. */
interface Side {
  readonly group: number;
  firstUs: number;
  lastUs: number;
}

/** `groups`: the number of the clock of the first trace, and of the second. */
export function diffOf(
  told: readonly Told[],
  beats: readonly Beat[],
  spans: readonly SpanStats[],
  joined: Joined,
  groups: readonly [number, number],
): TraceDiff {
  const { pass } = joined;
  const [a, b] = groups.map((group) => sideOf(pass, group));
  const period = (template: number, { group }: Side): number | null => {
    const beat = beats.find((one) => one.template === template && groupOf(one, pass) === group);
    return beat === undefined ? null : beat.rhythm.periodUs / 1000;
  };
  const templates = told.map(({ template, row }): TemplateDiff => {
    const count = ({ group }: Side): number =>
      template.wholes.filter(({ thread }) => -1 - thread === group).reduce((sum, whole) => sum + whole.count, 0);
    const [countA, countB] = [count(a), count(b)];
    const [perSecondA, perSecondB] = [rate(countA, a), rate(countB, b)];
    return {
      id: row.id,
      template: row.template,
      level: row.level,
      change: changeOf(countA, countB, a, b),
      countA,
      countB,
      perSecondA,
      perSecondB,
      ratio: perSecondA && perSecondB ? perSecondB / perSecondA : null,
      periodMsA: period(template.id, a),
      periodMsB: period(template.id, b),
      evidence: row.examples.slice(0, 1),
    };
  });
  return { templates: templates.sort(moreFirst), spans: spanDiffs(spans, pass, a, b) };
}

const groupOf = ({ thread }: Beat, pass: MessagePass): number =>
  thread < 0 ? -1 - thread : pass.threads[thread].group;

function sideOf(pass: MessagePass, group: number): Side {
  const side: Side = { group, firstUs: Number.NaN, lastUs: Number.NaN };
  for (const [i, thread] of pass.threads.entries()) {
    if (thread.group !== group) continue;
    const [firstUs, lastUs] = [pass.threadLives.firstUs(i), pass.threadLives.lastUs(i)];
    if (!(side.firstUs <= firstUs)) side.firstUs = firstUs;
    if (!(side.lastUs >= lastUs)) side.lastUs = lastUs;
  }
  return side;
}

const rate = (count: number, { firstUs, lastUs }: Side): number | null =>
  lastUs > firstUs ? (US * count) / (lastUs - firstUs) : null;

/** Counts of a Poisson stream differ by their square roots: below that nothing is said. */
function changeOf(countA: number, countB: number, a: Side, b: Side): TemplateDiff['change'] {
  if (countA === 0) return 'new';
  if (countB === 0) return 'gone';
  const [timeA, timeB] = [a.lastUs - a.firstUs, b.lastUs - b.firstUs];
  if (!(timeA > 0 && timeB > 0)) return 'same';
  const expected = ((countA + countB) * timeB) / (timeA + timeB);
  const deviation = Math.sqrt((expected * timeA) / (timeA + timeB));
  const ratio = (countB * timeA) / (countA * timeB);
  if (Math.abs(countB - expected) < DEVIATIONS * deviation || (ratio < LEAST_RATIO && ratio > 1 / LEAST_RATIO))
    return 'same';
  return ratio > 1 ? 'faster' : 'slower';
}

const ORDER = ['new', 'gone', 'faster', 'slower', 'same'];
const moreFirst = (x: TemplateDiff, y: TemplateDiff): number =>
  ORDER.indexOf(x.change) - ORDER.indexOf(y.change) ||
  Math.abs(y.countB - y.countA) - Math.abs(x.countB - x.countA) ||
  (x.id < y.id ? -1 : 1);

/** Spans of one name, all threads of a trace together. */
function spanDiffs(spans: readonly SpanStats[], pass: MessagePass, a: Side, b: Side): SpanDiff[] {
  const names = [...new Set(spans.map(({ name }) => name))];
  return names
    .map((name) => {
      const of = ({ group }: Side): SpanStats[] =>
        spans.filter((span) => span.name === name && pass.threads[span.thread].group === group);
      const [inA, inB] = [figures(of(a)), figures(of(b))];
      return {
        name,
        countA: inA.count,
        countB: inB.count,
        meanMsA: inA.meanMs,
        meanMsB: inB.meanMs,
        maxMsA: inA.maxMs,
        maxMsB: inB.maxMs,
      };
    })
    .sort((x, y) => Math.abs(total(y)) - Math.abs(total(x)));
}

/** Time that the second trace spends more. */
const total = ({ countA, countB, meanMsA, meanMsB }: SpanDiff): number =>
  countB * (meanMsB ?? 0) - countA * (meanMsA ?? 0);

function figures(spans: readonly SpanStats[]): { count: number; meanMs: number | null; maxMs: number | null } {
  const count = spans.reduce((sum, span) => sum + span.count, 0);
  if (count === 0) return { count, meanMs: null, maxMs: null };
  const sumUs = spans.reduce((sum, span) => sum + span.sumUs, 0);
  return { count, meanMs: sumUs / count / 1000, maxMs: Math.max(...spans.map(({ maxUs }) => maxUs)) / 1000 };
}
