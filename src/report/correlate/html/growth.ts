/** Pool over time: what is outstanding of the trace's allocations, and the sums of snapshots. */
import type { PoolResult, PoolSnapshot, PoolTimeline } from '../../../analyses/pool/result.js';
import type { Limits } from './limits.js';
import { type Html, html, NOTHING, trusted } from './markup.js';
import { bytesText, momentText } from './units.js';

interface Line {
  readonly name: string;
  /** Class of its stroke, which differs in dashes as well. */
  readonly kind: 'a' | 'b' | 'c' | 'd';
  readonly values: readonly (number | null)[];
  /** Where each value stands, 0 to 1; null for equal steps. */
  readonly at: readonly number[] | null;
}

const HEIGHT = 220;
const PLOT_TOP = 12;
const PLOT_HEIGHT = 176;

export function growthCurves(pool: PoolResult, limits: Limits): Html {
  if (pool.timeline === null && pool.snapshots.length < 2) return NOTHING;
  return html`<h3>Growth</h3>
${pool.timeline === null ? NOTHING : traceCurve(pool.timeline, pool)}${snapshotCurve(pool.snapshots, limits)}`;
}

function traceCurve(timeline: PoolTimeline, { peaks }: PoolResult): Html {
  const { startUs, binUs, nonpagedBytes } = timeline;
  const lines: Line[] = [
    { name: 'nonpaged, outstanding', kind: 'a', values: nonpagedBytes, at: null },
    { name: 'paged, outstanding', kind: 'b', values: timeline.pagedBytes, at: null },
    { name: 'nonpaged, growth', kind: 'c', values: timeline.nonpagedGrowth, at: null },
    { name: 'paged, growth', kind: 'd', values: timeline.pagedGrowth, at: null },
  ];
  const ends = [momentText(startUs), momentText(startUs + binUs * nonpagedBytes.length)] as const;
  const peakText = peaks.map(({ paged, bytes, atUs }) => {
    const pool = paged === null ? 'pool' : paged ? 'paged pool' : 'nonpaged pool';
    return `Peak of ${pool} ${bytesText(bytes)}${atUs === null ? '' : ` at ${momentText(atUs)}`}`;
  });
  const note = peakText.length === 0 ? 'No peak is known.' : `${peakText.slice(0, 4).join('; ')}.`;
  return chart('Growth of pool in the trace', lines, ends, note, (i) => momentText(startUs + binUs * (i + 1)));
}

function snapshotCurve(all: readonly PoolSnapshot[], limits: Limits): Html {
  const snapshots = all.slice(0, limits.rows);
  if (snapshots.length < 2) return NOTHING;
  const at = shares(snapshots.map(({ utc }) => Date.parse(utc ?? '')));
  const lines: Line[] = [
    { name: 'nonpaged', kind: 'a', values: snapshots.map(({ nonpagedBytes }) => nonpagedBytes), at },
    { name: 'paged', kind: 'b', values: snapshots.map(({ pagedBytes }) => pagedBytes), at },
  ];
  const name = (i: number): string => snapshots[i].utc ?? `snapshot ${snapshots[i].snapshot}`;
  const more = all.length > snapshots.length ? ` ${all.length - snapshots.length} later snapshots are left out.` : '';
  return chart(
    'Pool by snapshots',
    lines,
    [name(0), name(snapshots.length - 1)],
    `${at === null ? 'One step for each snapshot: not all have a time.' : 'By the time of each snapshot.'}${more}`,
    name,
  );
}

/** Times as shares of their span; null where one is not known, or they do not ascend. */
function shares(times: readonly number[]): number[] | null {
  const span = times[times.length - 1] - times[0];
  const ascend = times.every((time, i) => i === 0 || time >= times[i - 1]);
  return ascend && span > 0 ? times.map((time) => (time - times[0]) / span) : null;
}

/** Lines over steps; `pointName` says in the table what a step is. */
function chart(
  title: string,
  all: readonly Line[],
  ends: readonly [string, string],
  note: string,
  pointName: (i: number) => string,
): Html {
  const lines = all.filter(({ values }) => values.some((value) => value !== null && value !== 0));
  if (lines.length === 0) return html`<p class="none"><b>${title}:</b> nothing but zeros.</p>`;
  const known = lines.flatMap(({ values }) =>
    values.filter((value) => value !== null && Number.isFinite(value)),
  ) as number[];
  const top = 1.04 * known.reduce((most, value) => Math.max(most, value), 0) || 1;
  const bottom = known.reduce((least, value) => Math.min(least, value), 0);
  const steps = lines.reduce((most, { values }) => Math.max(most, values.length), 0);
  return html`<figure class="chart"><svg width="100%" height="${HEIGHT}" role="img" aria-label="${title}: from ${bytesText(known[0])} to ${bytesText(known[known.length - 1])}, at most ${bytesText(top / 1.04)}">
<svg y="${PLOT_TOP}" width="100%" height="${PLOT_HEIGHT}" viewBox="0 0 1000 1000" preserveAspectRatio="none">${lines.map(
    (line) => html`<path class="curve ${line.kind}" d="${trusted(pathOf(line, top, bottom))}"/>`,
  )}</svg>${grid(top, bottom)}<text class="axis" x="0" y="${HEIGHT - 8}">${ends[0]}</text><text class="axis" x="100%" y="${HEIGHT - 8}" text-anchor="end">${ends[1]}</text></svg>
<p class="legend">${lines.map(({ kind, name }) => html`<span><svg width="34" height="8" aria-hidden="true"><path class="curve ${kind}" d="M0 4H34"/></svg> ${name}</span>`)}</p>
<figcaption><b>${title}.</b> ${note}</figcaption></figure>
<details><summary>${title} as a table</summary>${figuresTable(title, lines, steps, pointName)}</details>`;
}

const MAX_TICKS = 5;

/** Lines at round figures in the unit of the largest. */
function grid(top: number, bottom: number): Html[] {
  const unit = 1024 ** Math.max(0, Math.floor(Math.log(Math.max(top, 1)) / Math.log(1024) + 0.01));
  const least = (top - bottom) / unit / MAX_TICKS;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = unit * power * ([1, 2, 5, 10].find((one) => one * power >= least) ?? 10);
  const first = Math.ceil(bottom / step);
  const count = Math.min(MAX_TICKS + 2, Math.floor(top / step) - first + 1);
  return Array.from({ length: Math.max(0, count) }, (_, i) => {
    const value = (first + i) * step;
    const y = (PLOT_TOP + PLOT_HEIGHT * (1 - (value - bottom) / (top - bottom))).toFixed(1);
    return html`<line class="rule" x1="0" x2="100%" y1="${y}" y2="${y}"/><text class="axis" x="0" y="${(Number(y) - 3).toFixed(1)}">${roundText(value)}</text>`;
  });
}

const roundText = (bytes: number): string =>
  bytesText(bytes).replace(/\.?0{1,3} (?=[KMGT]?B$)/, (zeros) => (zeros.startsWith('.') ? ' ' : zeros));

/** What is not known is left open; a value alone between such is a dot. */
function pathOf({ values, at }: Line, top: number, bottom: number): string {
  const width = Math.max(1, values.length - 1);
  const isKnown = (i: number): boolean => values[i] != null && Number.isFinite(values[i]);
  let path = '';
  for (const [i, value] of values.entries()) {
    if (value === null || !isKnown(i)) continue;
    const x = 1000 * (at === null ? i / width : at[i]);
    const y = 1000 * (1 - (value - bottom) / (top - bottom));
    path += `${isKnown(i - 1) ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}${isKnown(i - 1) || isKnown(i + 1) ? '' : 'h0'}`;
  }
  return path;
}

function figuresTable(title: string, lines: readonly Line[], steps: number, pointName: (i: number) => string): Html {
  const rows = Array.from({ length: Math.min(steps, 200) }, (_, i) => {
    const cells = lines.map(
      ({ values }) => html`<td class="n">${values[i] == null ? 'unknown' : bytesText(values[i])}</td>`,
    );
    return html`<tr><th scope="row">${pointName(i)}</th>${cells}</tr>`;
  });
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${title}"><table><thead><tr><th scope="col">To</th>${lines.map(({ name }) => html`<th scope="col" class="n">${name}</th>`)}</tr></thead><tbody>${rows}</tbody></table></div>`;
}
