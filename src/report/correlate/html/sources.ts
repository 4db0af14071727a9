/** What the answer stands on: clocks, sources, and what makes them doubtful. */
import type { Alignment, SourceClock } from '../../../../correlate/result.js';
import type { DumpResult } from '../../../analyses/dump/result.js';
import type { SourceSummary } from '../../../core/analysis.js';
import type { Diagnostic } from '../../../core/diagnostic.js';
import { durationText } from '../../../core/duration-text.js';
import { cut, type Html, html, listOf, NOTHING, type Part, UNKNOWN } from './markup.js';
import { column, numberColumn, placeColumn, type TableContext, table } from './tables.js';
import { momentText } from './units.js';

const yesNo = (value: boolean | null): Part => (value === null ? UNKNOWN : value ? 'yes' : 'no');
const span = (ms: number | null): Part => (ms === null ? UNKNOWN : durationText(ms));
const fact = (name: string, value: Part, more: Part = null): Html =>
  html`<div><dt>${name}</dt><dd>${value}${more}</dd></div>`;

export function alignmentSection(alignment: Alignment, context: TableContext): Html {
  const { method, offsetMs, uncertaintyMs, sameBoot, sameBootReasons, traceBeforeDump, gapMs, asked, overlapMs } =
    alignment;
  const bound = uncertaintyMs === null ? UNKNOWN : html`±\u00a0${durationText(uncertaintyMs)}`;
  return html`<section id="alignment" class="box" aria-labelledby="alignment-h"><h2 id="alignment-h">Alignment of the clocks</h2>
<p>${alignment.statement}</p>
<dl class="facts">${fact('Method', method)}${fact('Start of trace to dump', span(offsetMs))}${fact('Uncertainty', bound)}${fact('Same boot', yesNo(sameBoot))}${fact('Trace before the dump', yesNo(traceBeforeDump))}${fact('Gap between them', span(gapMs))}${fact(asked === null ? 'Overlap' : `Of ${asked.what} in the trace`, span(overlapMs))}</dl>
${sameBootReasons.length === 0 ? NOTHING : html`<h3>Same boot or not</h3>${listOf(sameBootReasons.slice(0, context.limits.items).map((one) => html`${one}`))}`}
${context.places.lines(alignment.evidence)}
${clocksTable(alignment.clocks, context)}</section>`;
}

function clocksTable(clocks: readonly SourceClock[], context: TableContext): Html {
  const at = (us: number | null): string | null => (us === null ? null : momentText(us));
  return table<SourceClock>(
    'Clock of each source',
    [
      column('Source', (clock) => context.places.fileOf(clock.source)),
      column('As', (clock) => clock.role),
      column('Method', (clock) => clock.method),
      column('UTC', (clock) => clock.utc),
      column('On the time line', (clock) => at(clock.atUs)),
      { title: 'May be off by', isNumber: true, cell: ({ uncertaintyMs: ms }) => ({ shown: span(ms), by: ms }) },
      column('How it was found', (clock) => clock.statement, true),
      placeColumn(context.places, (clock) => clock.evidence),
    ],
    clocks,
    context,
  );
}

export function qualitySection(
  sources: readonly SourceSummary[],
  diagnostics: readonly Diagnostic[],
  dump: DumpResult | null,
  context: TableContext,
): Html {
  return html`<section id="quality" class="box" aria-labelledby="quality-h"><h2 id="quality-h">Quality of the data</h2>
${sourcesTable(sources, context)}
${diagnosticsTable(diagnostics, context)}
${dump === null ? NOTHING : dumpQuality(dump, context)}</section>`;
}

const lost = ({ about }: SourceSummary): string =>
  about.eventsLost === null && about.buffersLost === null
    ? 'unknown'
    : `${about.eventsLost ?? 'unknown'} events, ${about.buffersLost ?? 'unknown'} buffers`;

function sourcesTable(sources: readonly SourceSummary[], context: TableContext): Html {
  return table<SourceSummary>(
    'Sources',
    [
      column('Id', ({ id }) => id),
      column('Path', ({ path }) => path, true),
      column('Format', ({ format }) => format),
      numberColumn('Read', ({ account }) => account.read),
      column('Unit', ({ account }) => account.unit),
      numberColumn('Rows', ({ account }) => account.rows),
      numberColumn('Skipped', ({ account }) => account.skipped),
      numberColumn('Ignored', ({ account }) => account.ignored),
      column('Lost', lost),
      column('Truncated', ({ about }) => (about.truncated ? 'yes' : 'no')),
      column('Notes', ({ about }) => about.notes.join('; ') || 'none', true),
    ],
    sources,
    context,
  );
}

function diagnosticsTable(diagnostics: readonly Diagnostic[], context: TableContext): Html {
  return table<Diagnostic>(
    'What reading found',
    [
      column('Severity', ({ severity }) => severity),
      column('Message', ({ message }) => message, true),
      numberColumn('Times', ({ count }) => count),
      {
        title: 'First at',
        cell: ({ source, line, byte }) => {
          const name = source === null ? 'several sources' : context.places.nameOf({ source, line, byte });
          return { shown: name, by: name };
        },
      },
      {
        title: 'Example',
        isText: true,
        cell: ({ examples: [first] }) => ({
          shown: first === undefined ? 'none' : html`<code>${cut(first, 200)}</code>`,
          by: first ?? null,
        }),
      },
      column('Code', ({ code }) => code),
    ],
    diagnostics,
    context,
  );
}

function dumpQuality({ quality }: DumpResult, context: TableContext): Html {
  return table<DumpResult['quality'][number]>(
    'What makes the dump doubtful',
    [
      column('Flag', ({ flag }) => flag),
      column('Statement', ({ statement }) => statement, true),
      numberColumn('Times', ({ count }) => count),
      placeColumn(context.places, ({ evidence }) => evidence),
    ],
    quality,
    context,
  );
}
