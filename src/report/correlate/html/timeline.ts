/** The time line: a canvas that the script drives, the same drawn still for print and without scripts, and as a table. */
import type { TimeLine } from '../../../../correlate/result.js';
import { durationText } from '../../../core/duration-text.js';
import { safeJson } from '../../../core/text.js';
import { type Html, html, leftOut, trusted, UNKNOWN } from './markup.js';
import { column, numberColumn, type TableContext, table } from './tables.js';
import { type DrawnLane, type DrawnTimeLine, drawn } from './timeline-data.js';
import { stillTimeLine } from './timeline-still.js';
import { momentText, usText } from './units.js';

export interface MadeTimeLine {
  readonly section: Html;
  readonly data: DrawnTimeLine;
}

const LEVEL_SIGNS = { error: '▲', warning: '◆', note: '●' } as const;
export const signOf = (level: DrawnLane['level']): string => LEVEL_SIGNS[level] ?? '●';

export function timelineSection(timeline: TimeLine, context: TableContext): MadeTimeLine {
  const data = drawn(timeline, context.limits);
  const marks = data.lanes.reduce((sum, { start }) => sum + start.length, 0);
  const content =
    data.all === null || data.lanes.length === 0
      ? html`<p>No source gives marks with a time.</p>`
      : html`${drawing(data, marks)}${lanesTable(data, context)}`;
  const section = html`<section id="time-line" aria-labelledby="time-line-h"><h2 id="time-line-h">Time line</h2>
<p>${dumpText(data)}</p>
${content}</section>`;
  return { section, data };
}

function dumpText({ dumpAtUs, uncertaintyUs }: DrawnTimeLine): Html {
  if (dumpAtUs === null) return html`The moment of the dump is <span class="unknown">unknown</span> on this time line.`;
  const bound =
    uncertaintyUs === null ? UNKNOWN : html`±\u00a0${durationText(uncertaintyUs / 1000).replace(' ', '\u00a0')}`;
  return html`The dump was taken at ${momentText(dumpAtUs)} from the start of the first trace; uncertainty ${bound}.`;
}

const button = (act: string, text: string, label = ''): Html =>
  html`<button type="button" data-act="${act}"${label === '' ? null : html` aria-label="${label}"`}>${text}</button>`;

function drawing(data: DrawnTimeLine, marks: number): Html {
  const hasDump = data.dumpAtUs !== null;
  return html`<div class="tl js" id="tl">
<div class="tl-bar" role="group" aria-label="Zoom">${button('in', '+', 'Zoom in')}${button('out', '−', 'Zoom out')}${button('first', 'Reset')}${button('all', 'Everything')}${
    hasDump ? button('dump', 'Around the dump') : null
  }<output class="tl-range"></output></div>
<div class="tl-stage" tabindex="0" role="application" aria-roledescription="time line" aria-label="Time line of ${data.lanes.length} lanes with ${marks} marks" aria-describedby="tl-keys"><canvas aria-hidden="true"></canvas><div class="tl-tip" aria-hidden="true" hidden></div></div>
<p class="tl-status" role="status" aria-live="polite"></p>
<p class="note" id="tl-keys">Keys: <kbd>←</kbd> <kbd>→</kbd> go from mark to mark, <kbd>↑</kbd> <kbd>↓</kbd> from lane to lane, <kbd>Enter</kbd> opens the evidence, <kbd>+</kbd> <kbd>−</kbd> zoom, <kbd>Shift</kbd> with <kbd>←</kbd> <kbd>→</kbd> moves the view, <kbd>0</kbd> or <kbd>Home</kbd> shows it from the beginning again. Wheel or pinch zooms, dragging moves.</p>
</div>
<div class="scroll still" tabindex="0" role="region" aria-label="Time line, drawn still">${stillTimeLine(data)}</div>
${legend(hasDump)}
${leftOut(data.lanes.length, data.lanes.length + data.lanesLeft, 'lanes')}`;
}

const legend = (hasDump: boolean): Html =>
  html`<p class="legend"><span class="key error">▲ error</span> <span class="key warning">◆ warning</span> <span class="key note-key">● note</span>${
    hasDump ? html` <span class="key dump">┃ moment of the dump, with its uncertainty</span>` : null
  }<span>Height: how long a DPC or ISR ran, or how many messages stand there (both logarithmic).</span></p>`;

function lanesTable({ lanes }: DrawnTimeLine, context: TableContext): Html {
  const longest = ({ duration }: DrawnLane): number => duration.reduce((most, us) => Math.max(most, us), 0);
  const last = ({ start }: DrawnLane): number => start[start.length - 1];
  const text = (title: string, us: (lane: DrawnLane) => number, shown: (us: number) => string) => ({
    title,
    isNumber: true,
    cell: (lane: DrawnLane) => ({ shown: shown(us(lane)), by: us(lane) }),
  });
  const lasting = (us: number): string => (us === 0 ? 'instants' : usText(us));
  return html`<details><summary>The lanes as a table</summary>${table<DrawnLane>(
    'Lanes of the time line',
    [
      column('Lane', ({ title }) => title),
      column('Kind', ({ kind }) => kind),
      column('Level', ({ level }) => level),
      numberColumn('Marks', ({ of }) => of),
      numberColumn('Drawn', ({ start }) => start.length),
      text('First', ({ start }) => start[0], momentText),
      text('Last', last, momentText),
      text('Longest', longest, lasting),
    ],
    lanes,
    context,
  )}</details>`;
}

/** JSON where a script element can hold it: no text of it ends the element. */
export const dataScript = (json: string): Html =>
  trusted(`<script type="application/json" id="tl-data">${safeJson(json).replaceAll('<', '\\u003c')}</script>`);
