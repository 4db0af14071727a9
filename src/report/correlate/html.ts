/** The answer of `correlate` as one HTML file that needs nothing else: opened in a browser, mailed, printed. */
import type { CorrelateParts, CorrelateResult } from '../../../correlate/result.js';
import { VERSION } from '../../version.js';
import type { Reportable } from '../document.js';
import type { Excerpts } from './excerpts-type.js';
import { causesSection, verdictSection } from './html/causes.js';
import { flameGraph } from './html/flame.js';
import { growthCurves } from './html/growth.js';
import { histograms } from './html/histograms.js';
import { type Limits, limitsFor } from './html/limits.js';
import {
  joinsSection,
  messagesSection,
  missingSection,
  modulesTable,
  tagsTable,
  unexplainedSection,
} from './html/lists.js';
import { cut, type Html, html, NOTHING } from './html/markup.js';
import { page } from './html/page.js';
import { baseName, Places } from './html/places.js';
import { alignmentSection, qualitySection } from './html/sources.js';
import type { TableContext } from './html/tables.js';
import { dataScript, timelineSection } from './html/timeline.js';
import { timelineJson } from './html/timeline-data.js';
import { waitsSection } from './html/wait-graph.js';

export interface CorrelateHtmlInput extends Reportable {
  readonly result: CorrelateResult;
  readonly parts: CorrelateParts;
  readonly excerpts: Excerpts;
}

/** Mail and browsers take that much easily. */
const MAX_BYTES = 4_900_000;
const SHARES = [1, 0.5, 0.2, 0.05];

/** The page; of lists that would make it larger than 5 MB less is shown, and the page says how much. */
export function renderCorrelateHtml(report: CorrelateHtmlInput): string {
  let text = '';
  for (const share of SHARES) {
    text = rendered(report, limitsFor(share));
    if (Buffer.byteLength(text) <= MAX_BYTES) break;
  }
  return text;
}

function rendered(report: CorrelateHtmlInput, limits: Limits): string {
  const { result, parts, sources } = report;
  const places = new Places(sources, report.excerpts, limits);
  const context: TableContext = { places, limits };
  const timeline = timelineSection(parts.timeline, context);
  const sections: [id: string, name: string, section: Html][] = [
    ['verdict', 'Verdict', verdictSection(result)],
    ['causes', 'Causes', causesSection(result, context)],
    ['time-line', 'Time line', timeline.section],
    ['waits', 'Who waits for whom', waitsSection(parts, context)],
    ['pool', 'Pool', poolSection(parts, context)],
    ['dpcs', 'DPCs and ISRs', dpcSection(parts, context)],
    ['messages', 'Errors that recur', messagesSection(parts, context)],
    ['joins', 'Joins', joinsSection(result.joins, context)],
    ['unexplained', 'Unexplained', unexplainedSection(result, context)],
    ['missing', 'Not measured', missingSection(result, context)],
    ['alignment', 'Alignment of the clocks', alignmentSection(result.alignment, context)],
    [
      'quality',
      'Quality of the data',
      qualitySection(sources, report.diagnostics, parts.dump?.result ?? null, context),
    ],
  ];
  // The last: it holds what all others cite.
  sections.push(['places', 'Places cited', places.section()]);
  const there = sections.filter(([, , section]) => section !== NOTHING);
  const utc = result.alignment.clocks.find(({ role, atUs }) => role === 'trace' && atUs === 0)?.utc ?? null;
  const hasTimeLine = timeline.data.lanes.length > 0;
  return page({
    title: titleOf(report),
    subtitle: subtitle(report),
    contents: there.map(([id, name]) => [id, name] as const),
    sections: there.map(([, , section]) => section),
    data: hasTimeLine
      ? dataScript(timelineJson(timeline.data, (source) => places.fileOf(source), places.byLine(), utc))
      : NOTHING,
  });
}

const MAX_NAMED = 4;

function titleOf({ sources }: CorrelateHtmlInput): string {
  const names = sources.slice(0, MAX_NAMED).map(({ path }) => cut(baseName(path) || path, 60));
  const more = sources.length - names.length;
  const last = more > 0 ? `${more} more` : names.pop();
  return `Correlation of ${names.length === 0 ? last : `${names.join(', ')} and ${last}`}`;
}

function subtitle({ result, sources }: CorrelateHtmlInput): Html {
  const roles = result.alignment.clocks.map(({ role }) => role);
  const count = (wanted: string): number => roles.filter((role) => role === wanted).length;
  const text = `${count('trace')} read as trace, ${count('dump')} as dump`;
  return html`<p class="note">tracekit ${VERSION} correlate; ${sources.length} sources, ${text}. This file loads nothing from a network.</p>`;
}

function poolSection(parts: CorrelateParts, context: TableContext): Html {
  if (parts.pool === null) return NOTHING;
  const { result } = parts.pool;
  return html`<section id="pool" aria-labelledby="pool-h"><h2 id="pool-h">Pool</h2>
${flameGraph(result, context.limits)}${growthCurves(result, context.limits)}
${tagsTable(parts, context)}</section>`;
}

function dpcSection(parts: CorrelateParts, context: TableContext): Html {
  if (parts.dpc === null) return NOTHING;
  return html`<section id="dpcs" aria-labelledby="dpcs-h"><h2 id="dpcs-h">DPCs and ISRs</h2>
${histograms(parts.dpc.result)}
${modulesTable(parts, context)}</section>`;
}
