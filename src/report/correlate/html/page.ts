/** The shell of the page: head with its policy, contents, skip link, style and script. */
import { createHash } from 'node:crypto';
import { type Html, html, trusted } from './markup.js';
import { SCRIPT } from './script.js';
import { STYLE } from './style.js';

// Of a template whose text holds the end of a script the bundler would make a call into a package of its own.
const SCRIPT_ELEMENT = trusted(`<script>${SCRIPT}</script>`);

export interface PageParts {
  readonly title: string;
  readonly subtitle: Html;
  /** Ids and names of the sections that are there, in their order. */
  readonly contents: readonly (readonly [id: string, name: string])[];
  readonly sections: readonly Html[];
  /** Data for the script; empty where it needs none. */
  readonly data: Html;
}

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}'`;

/** Nothing is loaded, nothing is sent, and no text can become script. */
const POLICY = [
  "default-src 'none'",
  `style-src ${hashOf(STYLE)}`,
  `script-src ${hashOf(SCRIPT)}`,
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

export function page({ title, subtitle, contents, sections, data }: PageParts): string {
  const links = contents.map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>`);
  return html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${trusted(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the report</a>
<div class="wrap">
<header class="top"><div><h1>${title}</h1>${subtitle}</div><button type="button" class="theme js">Theme</button></header>
<div class="cols">
<nav aria-label="Contents"><ul>${links}</ul></nav>
<main id="main" tabindex="-1">
${sections}
<section class="place" popover role="dialog" id="mark" aria-label="Mark of the time line"><div class="place-head"><h3>Mark</h3><button type="button" class="close" popovertarget="mark" popovertargetaction="hide">Close</button></div><blockquote></blockquote><p class="note">The lines around it are not kept in this report: open the file at that place.</p></section>
</main>
</div>
</div>
${data}
${SCRIPT_ELEMENT}
</body>
</html>
`.text;
}
