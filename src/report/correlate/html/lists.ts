/** The tables of a page: joins, and the lists of each side's own answer; then what nobody explains or measured. */
import type { CorrelateParts, CorrelateResult, Join, Missing, Unexplained } from '../../../../correlate/result.js';
import type { ModuleFigures } from '../../../analyses/dpc-result.js';
import type { DumpChain, DumpThread } from '../../../analyses/dump/result.js';
import type { Evidence } from '../../../core/evidence.js';
import { dpcView } from '../../dpc-views.js';
import { dumpView } from '../../dump/views.js';
import { errorsView } from '../../errors/views.js';
import { poolView } from '../../pool-views.js';
import { nextStep, nextSteps } from './commands.js';
import { type Html, html, leftOut, NOTHING } from './markup.js';
import { column, numberColumn, placeColumn, type TableContext, table, viewTable } from './tables.js';

const evidenceOf = (row: { readonly evidence: readonly Evidence[] }): readonly Evidence[] => row.evidence;

export function joinsSection(joins: readonly Join[], context: TableContext): Html {
  const joined = table<Join>(
    'What both sides name',
    [
      column('Kind', ({ kind }) => kind),
      column('Name', ({ key }) => key),
      column('Strength', ({ strength }) => strength),
      numberColumn('Rows in the trace', ({ traceRows }) => traceRows),
      numberColumn('Rows in the dump', ({ dumpRows }) => dumpRows),
      column('Statement', ({ statement }) => statement, true),
      placeColumn(context.places, evidenceOf),
    ],
    joins,
    context,
  );
  return html`<section id="joins" aria-labelledby="joins-h"><h2 id="joins-h">Joins between trace and dump</h2>
<p class="note"><b>exact</b>: the same number or name; <b>inferred</b>: by parts of names; <b>weak</b>: a name that many have.</p>
${joined}</section>`;
}

export function modulesTable(parts: CorrelateParts, context: TableContext): Html {
  if (parts.dpc === null) return NOTHING;
  const keys = [
    'kind',
    'module',
    'count',
    'exclusiveUs',
    'percentOfCpu',
    'p99Us',
    'maxUs',
    'maxRange',
    'overThreshold',
  ];
  const longest = ({ longest, maxRange }: ModuleFigures): readonly Evidence[] =>
    longest?.evidence ?? maxRange?.evidence ?? [];
  return viewTable(dpcView('module', parts.dpc.result), keys, longest, context, 'DPCs and ISRs by module');
}

export function tagsTable(parts: CorrelateParts, context: TableContext): Html {
  if (parts.pool === null) return NOTHING;
  const { result } = parts.pool;
  const keys = [
    'tag',
    'paged',
    'verdict',
    'confidence',
    'aifoBytes',
    'snapshotBytes',
    'slopeBytesPerSecond',
    'driver',
    'driverFrom',
  ];
  const stackKeys = ['bytes', 'count', 'verdict', 'tag', 'allocator', 'requester', 'process'];
  return html`${viewTable(poolView('tag', result), keys, evidenceOf, context, 'Pool tags')}
${viewTable(poolView('stack', result), stackKeys, evidenceOf, context, 'Stacks that hold pool')}`;
}

export function messagesSection({ errors }: CorrelateParts, context: TableContext): Html {
  if (errors === null) return NOTHING;
  const keys = [
    'template',
    'level',
    'periodMs',
    'jitterMs',
    'count',
    'missed',
    'confidence',
    'chance',
    'process',
    'pid',
    'tid',
  ];
  return html`<section id="messages" aria-labelledby="messages-h"><h2 id="messages-h">Errors that recur</h2>
${viewTable(errorsView('periodic', errors.result), keys, evidenceOf, context, 'Periodic messages')}</section>`;
}

export function waitsTables({ dump }: CorrelateParts, context: TableContext): Html {
  if (dump === null) return NOTHING;
  const { result } = dump;
  const chains = ['root', 'why', 'in', 'waitsFor', 'waiters', 'longestWaitMs', 'certain', 'threads', 'statement'];
  const ofChain = ({ edges }: DumpChain): readonly Evidence[] => edges.flatMap(({ evidence }) => evidence);
  const order = ['waitMs', 'thread', 'cid', 'process', 'waitReason', 'for', 'frame'];
  const ofThread = ({ thread }: { readonly thread: DumpThread | null }): readonly Evidence[] => thread?.evidence ?? [];
  return html`${viewTable(dumpView('chain', result), chains, ofChain, context)}
${viewTable(dumpView('order', result), order, ofThread, context, 'Order of waits, the longest first')}`;
}

export function unexplainedSection({ unexplained }: CorrelateResult, { places, limits }: TableContext): Html {
  const shown = unexplained.slice(0, limits.items);
  const one = ({
    statement,
    from,
    evidence,
    next,
  }: Unexplained): Html => html`<li><p>${statement} <span class="side">in the ${from}</span></p>${places.lines(evidence)}${next.length === 0 ? null : nextSteps(next, limits.items)}</li>
`;
  return html`<section id="unexplained" aria-labelledby="unexplained-h"><h2 id="unexplained-h">Unexplained</h2>
${shown.length === 0 ? html`<p>Nothing that was found is left without a cause.</p>` : html`<ul class="blocks">${shown.map(one)}</ul>`}${leftOut(shown.length, unexplained.length, 'observations')}</section>`;
}

export function missingSection({ missing }: CorrelateResult, { limits }: TableContext): Html {
  const shown = missing.slice(0, limits.items);
  const one = ({
    what,
    why,
    next,
  }: Missing): Html => html`<li><p><b>${what}</b> ${why}</p>${next === '' ? null : html`<p>${nextStep(next, true)}</p>`}</li>
`;
  return html`<section id="missing" aria-labelledby="missing-h"><h2 id="missing-h">Not measured</h2>
${shown.length === 0 ? html`<p>Nothing is missing that would settle a question.</p>` : html`<ul class="blocks">${shown.map(one)}</ul>`}${leftOut(shown.length, missing.length, 'items')}</section>`;
}
