/** The look of a flame graph, light and dark. */
import { DARK_TEXT, LIGHT_TEXT, SWATCHES, type Swatch } from './flame-colors.js';

const FONT_SIZE = 12;
/** A character of the monospaced fonts below is about this wide, in pixels at `FONT_SIZE`. */
export const CHAR_WIDTH = 7.25;

const fills = (color: (swatch: Swatch) => string): string =>
  SWATCHES.map((swatch) => `.${swatch.name}>rect{fill:${color(swatch)}}`).join('');

interface Theme {
  readonly page: string;
  readonly text: string;
  readonly dim: string;
  readonly line: string;
  readonly field: string;
  /** Of frames that the search found: no module has this hue. */
  readonly hit: string;
  readonly focus: string;
}

export const LIGHT: Theme = {
  page: '#ffffff',
  text: '#15181c',
  dim: '#57606a',
  line: '#c4cad1',
  field: '#f6f8fa',
  hit: '#ff9ee8',
  focus: '#0b57d0',
};

export const DARK: Theme = {
  page: '#14171b',
  text: '#e8ebee',
  dim: '#a3acb6',
  line: '#4a525c',
  field: '#22272d',
  hit: '#a3287f',
  focus: '#9ec5ff',
};

const themed = (t: Theme): string =>
  [
    `:root{background:${t.page}}.page{fill:${t.page}}`,
    `.title,.subtitle,.status,.bar text{fill:${t.text}}.legend,.foot{fill:${t.dim}}`,
    `.bar rect{fill:${t.field};stroke:${t.line}}`,
    `input{background:${t.field};color:${t.text};border:1px solid ${t.dim}}input:focus{outline:2px solid ${t.focus}}`,
    `.f:hover>rect{stroke:${t.focus};stroke-width:2}.f:focus>rect{stroke:${t.focus};stroke-width:4}`,
    `.f.hit>rect{fill:${t.hit}}`,
  ].join('');

export const STYLE = [
  ':root{color-scheme:light dark}',
  'text{font:12px system-ui,"Segoe UI",Roboto,sans-serif}',
  '.title{font-size:18px;font-weight:600}.strong{font-weight:600}',
  `.f text{font:${FONT_SIZE}px ui-monospace,Consolas,Menlo,"DejaVu Sans Mono",monospace;white-space:pre;pointer-events:none;fill:${LIGHT_TEXT}}`,
  '.f{outline:none;overflow:hidden}.f.live{cursor:pointer}',
  'input{box-sizing:border-box;width:100%;height:26px;font:13px system-ui,sans-serif;border-radius:5px;padding:2px 8px}',
  // Only fills fade: text on them must stay readable.
  '.more>rect,.above>rect{fill-opacity:.5}.searching .f:not(.hit)>rect{fill-opacity:.22}',
  '.away{display:none}.bar{pointer-events:none}',
  themed(LIGHT),
  fills((swatch) => swatch.light),
  `@media (prefers-color-scheme:dark){${themed(DARK)}.f text{fill:${DARK_TEXT}}${fills((swatch) => swatch.dark)}}`,
].join('\n');
