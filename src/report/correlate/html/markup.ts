/** Markup that cannot be injected into: whatever is put into a template is text, unless a template made it. */
import { visibleName } from '../../stacks/names.js';

/** Markup made by `html`. */
export class Html {
  constructor(readonly text: string) {}
}

export type Part = Html | string | number | null | readonly (Html | null)[];

/** Longest text in the flow of the page: longer ones exist in made-up files only. */
const MAX_TEXT = 4000;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/** Text for content and for quoted attributes: markup is escaped, control and bidirectional characters made visible. */
export const escaped = (text: string, max = MAX_TEXT): string =>
  visibleName(text, max).replace(/[&<>"'`]/g, (char) => ENTITIES[char]);

/** A template of markup: strings and numbers put into it become text, null becomes nothing. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  let text = strings[0];
  for (const [i, part] of parts.entries()) text += markupOf(part) + strings[i + 1];
  return new Html(text);
}

function markupOf(part: Part): string {
  if (part === null) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'object') return part.map((one) => one?.text ?? '').join('');
  return escaped(String(part));
}

/** Markup of constants of this program: styles, scripts, drawings made of numbers. Never text from a file. */
export const trusted = (text: string): Html => new Html(text);

export const NOTHING = trusted('');

/** Text no longer than `max` characters. */
export const cut = (text: string, max: number): string => (text.length > max ? `${text.slice(0, max - 1)}…` : text);

/** What stands in place of a value that nobody knows. */
export const UNKNOWN = trusted('<span class="unknown">unknown</span>');

export const known = (part: string | number | null): Part => part ?? UNKNOWN;

/** A list, or nothing where it is empty. */
export const listOf = (items: readonly Html[], kind = 'plain'): Html =>
  items.length === 0 ? NOTHING : html`<ul class="${kind}">${items.map((item) => html`<li>${item}</li>`)}</ul>`;

/** How many of a list were left out; nothing where none were. */
export const leftOut = (shown: number, of: number, what: string): Html =>
  shown >= of ? NOTHING : html`<p class="note">${shown} of ${of} ${what} are shown; ${of - shown} were left out.</p>`;
