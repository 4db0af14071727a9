/** How long DPCs and ISRs ran: a histogram for each of the modules that ran longest. */
import type { DpcResult, DurationHistogram } from '../../../analyses/dpc-result.js';
import { durationText } from '../../../core/duration-text.js';
import { cut, type Html, html, leftOut, NOTHING, trusted } from './markup.js';
import { figure } from './units.js';

const MOST = 8;
const HEIGHT = 166;
const BASE = 142;
const TALLEST = 104;
const MAX_NAME = 60;

export function histograms({ histograms: all, thresholds }: DpcResult): Html {
  const full = all.filter(({ buckets }) => buckets.some(({ count }) => count > 0));
  if (full.length === 0) return NOTHING;
  const shown = [...full].sort((a, b) => longest(b) - longest(a)).slice(0, MOST);
  return html`<h3>How long they ran</h3>
<p class="note">Logarithmic both ways; the figure on a bar is how many runs it stands for. Right of the dashed line all ran longer than the threshold.</p>
<div class="charts">${shown.map((one) => oneHistogram(one, one.kind === 'ISR' ? thresholds.isrUs : thresholds.dpcUs))}</div>
${leftOut(shown.length, full.length, 'histograms')}`;
}

const longest = ({ buckets }: DurationHistogram): number =>
  buckets.reduce((most, { gtUs, count }) => (count > 0 ? Math.max(most, gtUs) : most), -1);

const nameOf = ({ kind, module }: DurationHistogram): string =>
  `${kind ?? 'DPC or ISR'} of ${cut(module ?? 'unknown module', MAX_NAME)}`;

/** `≤ 1 µs`, `> 4.096 ms`. */
const rangeText = (gtUs: number, leUs: number | null): string =>
  leUs === null ? `> ${durationText(gtUs / 1000)}` : `${gtUs === 0 ? '' : `${shortText(gtUs)} – `}${shortText(leUs)}`;

function shortText(us: number): string {
  if (us < 1000) return `${Number(us.toPrecision(3))} µs`;
  return us < 1e6 ? `${Number((us / 1000).toPrecision(3))} ms` : `${Number((us / 1e6).toPrecision(3))} s`;
}

function oneHistogram(histogram: DurationHistogram, thresholdUs: number): Html {
  const buckets = histogram.buckets.slice(0, 40);
  const most = buckets.reduce((max, { count }) => Math.max(max, count), 1);
  const width = 100 / buckets.length;
  const every = Math.ceil(buckets.length / 5);
  const bars = buckets.map(({ gtUs, leUs, count }, i) => {
    if (count <= 0) return NOTHING;
    const height = 4 + (TALLEST - 4) * (Math.log1p(count) / Math.log1p(most));
    const isOver = gtUs >= thresholdUs;
    const middle = percent((i + 0.5) * width);
    return html`<g class="${isOver ? 'over' : ''}"><title>${rangeText(gtUs, leUs)}: ${count}</title><rect x="${percent(i * width + 0.6)}%" width="${percent(width - 1.2)}%" y="${(BASE - height).toFixed(1)}" height="${height.toFixed(1)}"/><text x="${middle}%" y="${(BASE - height - 4).toFixed(1)}" text-anchor="middle">${countText(count)}</text></g>`;
  });
  const over = buckets.findIndex(({ gtUs }) => gtUs >= thresholdUs);
  const limit = over < 0 ? null : limitMark(percent(over * width), thresholdUs);
  const marks = buckets.flatMap(({ leUs, gtUs }, i) =>
    i % every === every - 1
      ? [
          html`<text class="axis" x="${percent((i + 1) * width)}%" y="${BASE + 16}" text-anchor="${i === buckets.length - 1 ? 'end' : 'middle'}">${leUs === null ? `> ${shortText(gtUs)}` : shortText(leUs)}</text>`,
        ]
      : [],
  );
  const name = nameOf(histogram);
  return html`<figure class="chart"><svg class="histogram" width="100%" height="${HEIGHT}" role="img" aria-label="Durations of ${name}; the table below holds the same"><line class="rule" x1="0" x2="100%" y1="${trusted(String(BASE))}" y2="${trusted(String(BASE))}"/>${bars}${marks}${limit}</svg>
<figcaption><b>${name}</b></figcaption><details><summary>As a table</summary><table><thead><tr><th scope="col">Duration</th><th scope="col" class="n">Runs</th></tr></thead><tbody>${buckets.map(
    ({ gtUs, leUs, count }) =>
      html`<tr><th scope="row">${rangeText(gtUs, leUs)}</th><td class="n">${figure(count)}</td></tr>`,
  )}</tbody></table></details></figure>`;
}

/** A line left of the first bar that lies over the threshold. */
const limitMark = (x: number, us: number): Html =>
  html`<g class="limit"><line x1="${x}%" x2="${x}%" y1="2" y2="${BASE}"/><text x="${x}%" dx="${x > 70 ? -5 : 5}" y="11" text-anchor="${x > 70 ? 'end' : 'start'}">all over ${shortText(us)} →</text></g>`;

const percent = (value: number): number => Number(value.toFixed(3));

/** Short enough to stand on a bar. */
const countText = (count: number): string =>
  count < 1000
    ? String(count)
    : count < 1e6
      ? `${Number((count / 1000).toPrecision(2))}k`
      : `${Number((count / 1e6).toPrecision(2))}M`;
