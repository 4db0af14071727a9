/** The time line as a drawing that does not move: for print, and for readers without scripts. */
import { visibleName } from '../../stacks/names.js';
import { type Html, html, trusted } from './markup.js';
import type { DrawnLane, DrawnTimeLine } from './timeline-data.js';
import { momentText } from './units.js';

const WIDTH = 1000;
const GUTTER = 210;
const LANE = 24;
const TOP = 26;
const STEPS = 790;
const TICKS = 6;
const MAX_NAME = 27;

/** Lanes below each other over what the page shows first. */
export function stillTimeLine(data: DrawnTimeLine): Html {
  const [from, to] = data.first ?? [0, 1];
  const scale = STEPS / (to - from);
  const height = TOP + data.lanes.length * LANE + 6;
  const x = (us: number): number => GUTTER + (us - from) * scale;
  return html`<svg class="tl-still" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="Time line from ${momentText(from)} to ${momentText(to)}, ${data.lanes.length} lanes">
${ticks(from, to, height)}${dumpMark(data, x, from, to, height)}
${data.lanes.map((lane, i) => laneMarkup(lane, TOP + i * LANE, from, scale))}</svg>`;
}

const SIGNS = { error: '▲', warning: '◆', note: '●' } as const;

function laneMarkup(lane: DrawnLane, y: number, from: number, scale: number): Html {
  const level = lane.level in SIGNS ? lane.level : 'note';
  const title = visibleName(lane.title);
  return html`<g class="lane is-${level}"><title>${title}: ${lane.of} marks</title><text x="4" y="${y + 16}">${SIGNS[level]} ${short(title)}</text><path class="rule" d="M${GUTTER} ${y + LANE - 0.5}H${WIDTH}"/><path d="${trusted(barsOf(lane, y + LANE - 2, from, scale))}"/></g>
`;
}

const short = (title: string): string => (title.length > MAX_NAME ? `${title.slice(0, MAX_NAME - 1)}…` : title);

/** One bar for each step that a mark touches, as high as the longest or the most of all there. */
function barsOf({ start, duration, kind }: DrawnLane, base: number, from: number, scale: number): string {
  const weight = new Float64Array(STEPS);
  const isLasting = duration.some((us) => us > 0);
  for (const [i, us] of start.entries()) {
    const first = Math.floor((us - from) * scale);
    const last = Math.floor((us + duration[i] - from) * scale);
    for (let step = Math.max(0, first); step <= Math.min(STEPS - 1, last); step++) {
      weight[step] = isLasting ? Math.max(weight[step], duration[i]) : weight[step] + 1;
    }
  }
  const most = weight.reduce((a, b) => Math.max(a, b), 0);
  const high = (value: number): number => (kind === 'wait' ? 18 : 5 + 13 * (Math.log1p(value) / Math.log1p(most)));
  let path = '';
  for (let step = 0; step < STEPS; step++) {
    if (weight[step] === 0) continue;
    const run = step;
    while (step + 1 < STEPS && weight[step + 1] === weight[run]) step++;
    const tall = high(weight[run]).toFixed(1);
    path += `M${GUTTER + run} ${base}h${step + 1 - run}v-${tall}h-${step + 1 - run}z`;
  }
  return path;
}

/** Lines at round times. */
function ticks(from: number, to: number, height: number): Html[] {
  const step = roundStep((to - from) / TICKS);
  const first = Math.ceil(from / step);
  const count = Math.min(2 * TICKS, Math.floor(to / step) - first + 1);
  return Array.from({ length: Math.max(0, count) }, (_, i) => {
    const us = (first + i) * step;
    const x = (GUTTER + (STEPS * (us - from)) / (to - from)).toFixed(1);
    return html`<g class="tick"><path d="M${x} ${TOP - 6}V${height}"/><text x="${x}" dx="3" y="13">${momentText(us)}</text></g>`;
  });
}

/** The next of 1, 2, 5 times a power of ten; of whole minutes above one. */
function roundStep(least: number): number {
  const unit = least > 30e6 ? 60e6 : 1;
  const power = 10 ** Math.floor(Math.log10(least / unit));
  return unit * ([1, 2, 5, 10].find((one) => one * power >= least / unit) ?? 10) * power;
}

function dumpMark(
  { dumpAtUs, uncertaintyUs }: DrawnTimeLine,
  x: (us: number) => number,
  from: number,
  to: number,
  height: number,
): Html | null {
  if (dumpAtUs === null) return null;
  if (dumpAtUs < from || dumpAtUs > to) {
    return html`<text class="dump" x="${WIDTH - 4}" y="${height - 2}" text-anchor="end">dump at ${momentText(dumpAtUs)}, outside this drawing</text>`;
  }
  const band = uncertaintyUs ?? 0;
  const left = Math.max(GUTTER, x(dumpAtUs - band));
  const right = Math.min(WIDTH, x(dumpAtUs + band));
  const at = x(dumpAtUs);
  return html`<g class="dump"><rect class="band" x="${left.toFixed(1)}" y="${TOP}" width="${Math.max(0, right - left).toFixed(1)}" height="${height - TOP}"/><path d="M${at.toFixed(1)} ${TOP - 8}V${height}"/><text x="${at.toFixed(1)}" y="25" dx="-4" text-anchor="end">dump</text></g>`;
}
