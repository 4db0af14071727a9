/** Places cited: each opens its quote and the original lines around it, and stands in the page once. */
import type { SourceSummary } from '../../../core/analysis.js';
import type { Evidence } from '../../../core/evidence.js';
import type { Excerpts } from '../excerpts-type.js';
import type { Limits } from './limits.js';
import { cut, Html, html, NOTHING } from './markup.js';

/** Quote beside a place, and in what it opens. */
const SHORT_QUOTE = 180;
const WHOLE_QUOTE = 2000;
const MAX_LINE = 600;
const MAX_LINES = 41;
const MAX_PATH = 48;

/** Last part of a path of either system. */
export const baseName = (path: string): string =>
  path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);

interface Cited {
  readonly id: string;
  readonly name: string;
  readonly evidence: Evidence;
}

export class Places {
  readonly #names: ReadonlyMap<string, string>;
  readonly #cited = new Map<string, Cited>();
  #refused = 0;

  constructor(
    sources: readonly SourceSummary[],
    private readonly excerpts: Excerpts,
    private readonly limits: Limits,
  ) {
    this.#names = namesOf(sources);
  }

  /** Name of a source's file, with its id where two files have one name. */
  fileOf(source: string): string {
    return this.#names.get(source) ?? source;
  }

  /** `trace.csv:4513`, `trace.etl@0x1234`. */
  nameOf({ source, line, byte }: Pick<Evidence, 'source' | 'line' | 'byte'>): string {
    const file = this.fileOf(source);
    if (line !== null) return `${file}:${line}`;
    return byte === null ? file : `${file}@0x${byte.toString(16)}`;
  }

  /** A button that opens the place; text alone where the page holds too many already. */
  button(evidence: Evidence): Html {
    const name = this.nameOf(evidence);
    const key = JSON.stringify([evidence.source, evidence.line, evidence.byte, evidence.quote]);
    let cited = this.#cited.get(key);
    if (cited === undefined) {
      if (this.#cited.size >= this.limits.allPlaces) {
        this.#refused++;
        return html`<span class="at">${name}</span>`;
      }
      cited = { id: `e${this.#cited.size + 1}`, name, evidence };
      this.#cited.set(key, cited);
    }
    return html`<button type="button" class="at" popovertarget="${cited.id}">${name}</button>`;
  }

  /** Places with the beginning of what they say, a line each. */
  lines(evidence: readonly Evidence[], most = this.limits.places): Html {
    if (evidence.length === 0) return NOTHING;
    const shown = evidence.slice(0, most);
    const more = evidence.length - shown.length;
    return html`<ul class="cites">${shown.map(
      (one) => html`<li>${this.button(one)} <q>${cut(one.quote, SHORT_QUOTE)}</q></li>`,
    )}${more > 0 ? html`<li class="note">and ${more} more</li>` : null}</ul>`;
  }

  /** Places alone, for cells of tables. */
  buttons(evidence: readonly Evidence[], most = 2): Html {
    const more = evidence.length - most;
    const shown = evidence.slice(0, most).map((one) => this.button(one));
    return html`${join(shown)}${more > 0 ? html` <span class="note">+${more}</span>` : null}`;
  }

  /** Ids by `source:line`, for marks that stand at a cited place. */
  byLine(): Record<string, string> {
    const ids: Record<string, string> = {};
    for (const { id, evidence } of this.#cited.values()) {
      if (evidence.line !== null) ids[`${evidence.source}:${evidence.line}`] ??= id;
    }
    return ids;
  }

  /** All places cited so far: to be asked last. */
  section(): Html {
    let left = this.limits.excerptBytes;
    const places = [...this.#cited.values()].map((cited) => {
      const lines = this.#excerpt(cited.evidence);
      if (lines === null) return placeMarkup(cited, quoteMarkup(cited), null);
      if (lines.text.length > left) return placeMarkup(cited, quoteMarkup(cited), TOO_LARGE);
      left -= lines.text.length;
      return placeMarkup(cited, this.#holdsQuote(cited.evidence) ? null : quoteMarkup(cited), lines);
    });
    const refused =
      this.#refused === 0 ? null : html` ${this.#refused} more citations are named only: open the file at that line.`;
    return html`<section id="places" aria-labelledby="places-h"><h2 id="places-h">Places cited</h2>
<p class="note">${places.length} places. Each button with a file and a line opens what stands there, with the original lines around it where they were kept.${refused}</p>
${places}</section>`;
  }

  /** True where the cited line says what the quote says. */
  #holdsQuote({ source, line, quote }: Evidence): boolean {
    const found = this.excerpts.get(`${source}:${line}`);
    return found?.lines[(line ?? 0) - found.firstLine]?.trim() === quote.trim();
  }

  #excerpt({ source, line }: Evidence): Html | null {
    const found = line === null ? undefined : this.excerpts.get(`${source}:${line}`);
    if (found === undefined || line === null) return null;
    const from = Math.min(
      Math.max(0, line - found.firstLine - (MAX_LINES - 1) / 2),
      Math.max(0, found.lines.length - 1),
    );
    const lines = found.lines.slice(from, from + MAX_LINES).map((text, i) => {
      const isCited = found.firstLine + from + i === line;
      const shown = cut(text, MAX_LINE);
      return isCited
        ? html`<li class="cited"><mark>${shown}</mark><span class="vh"> (cited line)</span></li>`
        : html`<li>${shown}</li>`;
    });
    return html`<ol class="lines" start="${found.firstLine + from}" tabindex="0" aria-label="Lines around it">${lines}</ol>`;
  }
}

const TOO_LARGE = html`<p class="note">The lines around it were left out: the report would be too large.</p>`;

const quoteMarkup = ({ evidence }: Cited): Html => html`<blockquote>${cut(evidence.quote, WHOLE_QUOTE)}</blockquote>`;

function placeMarkup({ id, name }: Cited, quote: Html | null, lines: Html | null): Html {
  return html`<section class="place" popover role="dialog" id="${id}" aria-label="${name}">
<div class="place-head"><h3>${name}</h3><button type="button" class="close" popovertarget="${id}" popovertargetaction="hide">Close</button></div>
${quote}${lines}</section>
`;
}

const join = (parts: readonly Html[]): Html => new Html(parts.map(({ text }) => text).join(' '));

function namesOf(sources: readonly SourceSummary[]): Map<string, string> {
  const count = new Map<string, number>();
  for (const { path } of sources) count.set(baseName(path), (count.get(baseName(path)) ?? 0) + 1);
  return new Map(
    sources.map(({ id, path }) => {
      const name = cut(baseName(path) || path, MAX_PATH);
      return [id, (count.get(baseName(path)) ?? 0) > 1 ? `${name} (${id})` : name];
    }),
  );
}
