/** The verdict, and the causes with all that speaks for and against each. */
import type { Cause, CauseKind, Confidence, CorrelateResult, Culprit, Point } from '../../../../correlate/result.js';
import type { Evidence } from '../../../core/evidence.js';
import { nextSteps } from './commands.js';
import { cut, type Html, html, leftOut, listOf, NOTHING, type Part, UNKNOWN } from './markup.js';
import type { TableContext } from './tables.js';
import { chanceText } from './units.js';

/** Causes whose reasons stand open. */
const OPEN = 3;
const MAX_NAME = 160;

const KINDS: Readonly<Record<CauseKind, string>> = {
  'dpc-watchdog-single': 'DPC watchdog, one DPC too long',
  'dpc-watchdog-cumulative': 'DPC watchdog, too long at DISPATCH in sum',
  'pool-leak': 'Pool leak',
  blocking: 'Blocking',
  deadlock: 'Deadlock',
  starvation: 'Starvation',
  'process-factory': 'Processes started without end',
  exhaustion: 'Exhaustion',
};

const kindText = (kind: CauseKind): string => KINDS[kind] ?? kind;

const SIGNS: Readonly<Record<Confidence, string>> = { high: '●●●', medium: '●●○', low: '●○○' };

/** Confidence in a word, with a sign that needs no colour. */
export function confidenceMark(confidence: Confidence | null): Html {
  if (confidence === null) return html`<span class="mark none">no confidence: not enough evidence</span>`;
  return html`<span class="mark ${confidence}"><span aria-hidden="true">${SIGNS[confidence] ?? '○○○'}</span> ${confidence} confidence</span>`;
}

export function verdictSection({ verdict, causes }: CorrelateResult): Html {
  const named = causes.find(({ rank }) => rank === verdict.cause) ?? null;
  const carries = verdict.cause !== null;
  const insufficient = html`<p><strong>The evidence does not carry a verdict.</strong> No cause is named. What was considered, what was not measured and what to collect next stands below.</p>`;
  return html`<section id="verdict" class="verdict ${carries ? (verdict.confidence ?? 'none') : 'none'}" aria-labelledby="verdict-h">
<h2 id="verdict-h">Verdict</h2>
<p class="lead">${verdict.statement}</p>
<p>${confidenceMark(verdict.confidence)}${
    named === null
      ? null
      : html` <a href="#cause-${named.rank}">Cause ${named.rank}: ${cut(titleOf(named), MAX_NAME)}</a>`
  }</p>
${carries ? null : insufficient}</section>`;
}

export function causesSection({ causes }: CorrelateResult, context: TableContext): Html {
  const shown = causes.slice(0, context.limits.causes);
  const intro =
    causes.length === 0
      ? html`<p>No cause was found that the sources speak for.</p>`
      : html`<p class="note">Ranked by the sum of points, each of which is listed with what it stands on. Causes of one question exclude each other.</p>`;
  return html`<section id="causes" aria-labelledby="causes-h"><h2 id="causes-h">Causes</h2>
${intro}${shown.map((cause) => causeMarkup(cause, context))}${leftOut(shown.length, causes.length, 'causes')}</section>`;
}

/** Culprit in one line: `disk.sys!DpcRoutine`, a process, a lock. */
function culpritName({ module, function: fn, process, thread, remote, resource }: Culprit): string | null {
  const code = [module, fn].filter((part) => part !== null).join('!');
  return code !== '' ? code : (process ?? resource ?? remote ?? thread);
}

function titleOf(cause: Cause): string {
  const name = culpritName(cause.culprit);
  return name === null ? kindText(cause.cause) : `${kindText(cause.cause)}: ${name}`;
}

function causeMarkup(cause: Cause, context: TableContext): Html {
  const { rank, score } = cause;
  const id = `cause-${rank}`;
  const width = Math.max(0, Math.min(100, score)) || 0;
  const details = reasons(cause, context);
  return html`<article class="cause" id="${id}" aria-labelledby="${id}-h">
<h3 id="${id}-h"><span class="rank">${rank}</span> ${cut(titleOf(cause), MAX_NAME)}</h3>
<p class="said">${cause.statement}</p>
<p class="marks">${confidenceMark(cause.confidence)} <span class="score">score ${score} of 100 <svg class="bar" width="100" height="8" aria-hidden="true"><rect class="track" width="100" height="8"/><rect class="fill" width="${width}" height="8"/></svg></span></p>
<dl class="facts">${culpritFacts(cause)}</dl>
${rank <= OPEN ? details : html`<details><summary>Points, limits, what speaks against it, next steps</summary>${details}</details>`}
</article>
`;
}

function culpritFacts({ culprit, question, victims }: Cause): Html[] {
  const facts: [string, string | number | null][] = [
    ['Module', culprit.module],
    ['Function', culprit.function],
    ['Process', culprit.process],
    ['PID', culprit.pid],
    ['Thread', culprit.thread],
    ['Remote', culprit.remote],
    ['Resource', culprit.resource],
  ];
  const known = facts.filter(([, value]) => value !== null);
  const fact = (name: string, value: Part): Html => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
  return [
    ...(known.length === 0
      ? [fact('Culprit', UNKNOWN)]
      : known.map(([name, value]) => fact(name, cut(String(value), 300)))),
    fact('Threads held up', victims ?? 'none'),
    fact('Question', question),
  ];
}

const placeKey = ({ source, line, byte }: Evidence): string => `${source} ${line} ${byte}`;

function reasons(cause: Cause, { places, limits }: TableContext): Html {
  const cited = new Set(cause.points.flatMap(({ evidence }) => evidence.map(placeKey)));
  const further = cause.evidence.filter((one) => !cited.has(placeKey(one)));
  const part = (title: string, content: Html, isThere: boolean): Html =>
    isThere ? html`<h4>${title}</h4>${content}` : NOTHING;
  const id = `cause-${cause.rank}`;
  return html`<h4 id="${id}-p">Points</h4>${pointsTable(cause, places, limits.points, limits.places, `${id}-p`)}
${part('Further evidence', places.lines(further, limits.places * 2), further.length > 0)}
${part('Why the confidence is no higher', listOf(cause.limits.slice(0, limits.items).map((limit) => html`${limit}`)), cause.limits.length > 0)}
<h4>What speaks against it</h4>${
    cause.against.length === 0
      ? html`<p class="note">Nothing that was looked at.</p>`
      : places.lines(cause.against, limits.places * 2)
  }
${part('Collect next', nextSteps(cause.next, limits.items), cause.next.length > 0)}`;
}

const SIDES: Readonly<Record<Point['from'], string>> = { trace: 'trace', dump: 'dump', both: 'trace and dump' };

/** Its roles are written out: on a narrow screen each row becomes a block, and browsers then forget what it was. */
function pointsTable(
  { points }: Cause,
  places: TableContext['places'],
  most: number,
  cites: number,
  label: string,
): Html {
  if (points.length === 0) return html`<p class="note">None.</p>`;
  const shown = points.slice(0, most);
  const rows = shown.map(
    (
      point,
    ) => html`<tr role="row"><td role="cell" class="n pts ${point.points < 0 ? 'minus' : 'plus'}">${pointsText(point.points)}</td>
<td role="cell"><p>${point.statement}</p>${places.lines(point.evidence, cites)}<p class="rule">rule <code>${point.rule}</code></p></td>
<td role="cell" data-of="Stands on">${SIDES[point.from] ?? point.from}</td>
<td role="cell" data-of="By chance">${point.chance === null ? html`<span class="unknown">no match</span>` : chanceText(point.chance)}</td></tr>
`,
  );
  return html`<table class="points" role="table" aria-labelledby="${label}"><thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col" class="n">Points</th><th role="columnheader" scope="col">Reason and where it stands</th><th role="columnheader" scope="col">Stands on</th><th role="columnheader" scope="col">By chance</th></tr></thead>
<tbody role="rowgroup">${rows}</tbody></table>${leftOut(shown.length, points.length, 'points')}`;
}

/** With a sign that reads well aloud and in print. */
const pointsText = (points: number): string => (points < 0 ? `−${Math.abs(points)}` : `+${points}`);
