/** The answer of `correlate` in Markdown, to be pasted into a ticket. */
import type { Cause } from '../../../correlate/result.js';
import type { Evidence } from '../../core/evidence.js';
import { printable } from '../../core/text.js';
import { markdownText } from '../rows.js';
import { ofEachSide, placeNames } from './places.js';
import { type CorrelateReport, culpritText, offsetText } from './terminal.js';

const SHOWN = 10;
const MOST = 4000;

export function correlateMarkdown(report: CorrelateReport, { top }: { readonly top: number | null }): string {
  const { result, sources, diagnostics } = report;
  const { alignment, verdict, causes, unexplained, missing } = result;
  const place = placeNames(sources);
  const shown = causes.slice(0, top === null ? SHOWN : top || causes.length);
  const offset =
    alignment.offsetMs === null
      ? 'trace and dump are not on one clock'
      : offsetText(alignment.offsetMs, alignment.uncertaintyMs);
  const lines = [
    '## Verdict',
    '',
    text(verdict.statement),
    '',
    `**Clocks:** ${offset}. ${text(alignment.statement)}`,
    '',
    ...shown.flatMap((cause) => causeLines(cause, place)),
    ...(causes.length > shown.length ? [`${shown.length} of ${causes.length} causes.`, ''] : []),
    ...list(
      '## Not explained',
      unexplained.map(({ statement, evidence }) => [statement, evidence] as const),
      place,
    ),
    ...list(
      '## Not measured',
      missing.map(({ what, why, next }) => [`${what}: ${why}; next: ${next}`, []] as const),
      place,
    ),
    '## Sources',
    '',
    ...sources.map(
      ({ id, path, format, account }) =>
        `- ${id} ${text(path)} (${format}): ${account.read} ${account.unit}s = ${account.rows} rows + ${account.skipped} skipped + ${account.ignored} ignored`,
    ),
    ...diagnostics.map((d) => `- ${d.severity}: ${d.source ?? ''} ${text(d.message)} (${d.count}, ${d.code})`),
  ];
  return `${lines.join('\n')}\n`;
}

const text = (raw: string): string => markdownText(printable(raw, MOST)).replace(/\s+/g, ' ');

function causeLines(
  { rank, cause, culprit, confidence, score, statement, points, limits, next }: Cause,
  place: (e: Evidence) => string,
): string[] {
  const who = culpritText(culprit);
  return [
    `## ${rank}. ${cause}${who === '' ? '' : `: ${text(who)}`}`,
    '',
    `**${confidence} confidence, ${score} of 100 points.** ${text(statement)}`,
    '',
    '| points | stands on | what | where |',
    '| ---: | --- | --- | --- |',
    ...points.map(
      (one) =>
        `| ${one.points > 0 ? '+' : ''}${one.points} | ${one.from} | ${text(one.statement)} | ${ofEachSide(one.evidence)
          .map((e) => `${text(place(e))}: ${text(printable(e.quote, 120))}`)
          .join('; ')} |`,
    ),
    '',
    ...limits.map((limit) => `- not surer: ${text(limit)}`),
    ...next.map((step) => `- next: ${text(step)}`),
    '',
  ];
}

function list(
  title: string,
  rows: readonly (readonly [string, readonly Evidence[]])[],
  place: (e: Evidence) => string,
): string[] {
  if (rows.length === 0) return [];
  return [
    title,
    '',
    ...rows.map(
      ([statement, [first]]) =>
        `- ${text(statement)}${first === undefined ? '' : ` (${text(place(first))}: ${text(printable(first.quote, 120))})`}`,
    ),
    '',
  ];
}
