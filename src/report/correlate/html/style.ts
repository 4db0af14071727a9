/** The look of the report, light and dark. */
import { DARK_TEXT, LIGHT_TEXT, SWATCHES } from '../../stacks/flame-colors.js';
import { PRINT } from './style-print.js';

/** Every colour on its page has a contrast of 4.5 or more as text; a test measures it. */
export interface Theme {
  readonly page: string;
  readonly card: string;
  readonly text: string;
  readonly dim: string;
  readonly line: string;
  /** Lines of controls and marks: 3 to 1 on the page. */
  readonly edge: string;
  readonly accent: string;
  readonly error: string;
  readonly warning: string;
  readonly good: string;
  readonly hit: string;
}

export const LIGHT: Theme = {
  page: '#ffffff',
  card: '#f5f7f9',
  text: '#15191e',
  dim: '#505a66',
  line: '#d5dbe1',
  edge: '#78828d',
  accent: '#0a53be',
  error: '#b3201b',
  warning: '#855000',
  good: '#17663a',
  hit: '#fff0a8',
};

export const DARK: Theme = {
  page: '#121519',
  card: '#1b2026',
  text: '#e8ebef',
  dim: '#a7b0ba',
  line: '#333b44',
  edge: '#77828e',
  accent: '#8fbcff',
  error: '#ff9a92',
  warning: '#efbd62',
  good: '#7fd8a0',
  hit: '#5a4a00',
};

const variables = (theme: Theme): string =>
  Object.entries(theme)
    .map(([name, color]) => `--${name}:${color}`)
    .join(';');

const fills = (isDark: boolean): string =>
  SWATCHES.map(({ name, light, dark }) => `--${name}:${isDark ? dark : light}`).join(';');

const light = `color-scheme:light;${variables(LIGHT)};--frame:${LIGHT_TEXT};${fills(false)}`;
const dark = `color-scheme:dark;${variables(DARK)};--frame:${DARK_TEXT};${fills(true)}`;

const PAGE = `
:root{--bg:var(--page);--shade:rgba(110,122,135,.45)}
*,*::before,*::after{box-sizing:border-box}
html{background:var(--page);color:var(--text);font:16px/1.55 system-ui,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;-webkit-text-size-adjust:100%;text-size-adjust:100%;scroll-padding-top:1rem}
body{margin:0}
h1,h2,h3,h4{line-height:1.25;margin:0;font-weight:650;text-wrap:balance;overflow-wrap:anywhere}
h1{font-size:1.6rem;letter-spacing:-.01em}
h2{font-size:1.3rem;margin:0 0 .75rem;padding-top:.9rem;border-top:2px solid var(--text)}
h3{font-size:1.08rem;margin:1.75rem 0 .5rem}
h4{font-size:.95rem;margin:1.4rem 0 .4rem}
p{margin:.5rem 0;max-width:46rem;overflow-wrap:anywhere}
ul{margin:.4rem 0;padding-left:1.25rem;max-width:52rem;overflow-wrap:anywhere}
a{color:var(--accent);text-underline-offset:.15em}
code,kbd,pre,q,blockquote,.at,.lines,.waits text,.f text{font-family:ui-monospace,"Cascadia Mono",Consolas,Menlo,"DejaVu Sans Mono",monospace}
code,kbd{font-size:.88em;overflow-wrap:anywhere}
kbd{border:1px solid var(--edge);border-radius:3px;padding:0 .3em}
button{font:inherit;color:inherit;background:var(--page);border:1px solid var(--edge);border-radius:4px;padding:.15rem .6rem;min-height:1.75rem;cursor:pointer}
button:hover{border-color:var(--accent);color:var(--accent)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
details{margin:.6rem 0}
summary{cursor:pointer;color:var(--accent);padding:.2rem 0}
figure{margin:1rem 0}
figcaption,summary,caption,.none,.legend{overflow-wrap:anywhere}
.charts>*{min-width:0}
figcaption{font-size:.9rem;max-width:52rem}
.wrap{max-width:84rem;margin:0 auto;padding:1.25rem 1rem 4rem}
main>section{margin-top:3rem}
.skip{position:absolute;left:-100vw;top:0;background:var(--page);padding:.5rem 1rem;z-index:9}
.skip:focus{left:0}
.vh{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.js{display:none}
.js-on .js{display:revert}
.top{display:flex;flex-wrap:wrap;gap:.5rem 2rem;justify-content:space-between;align-items:flex-start}
.top p{margin:.15rem 0}
.note{color:var(--dim);font-size:.9rem}
.unknown{color:var(--dim);font-style:italic}
nav ul{list-style:none;margin:0;padding:0;display:flex;flex-wrap:wrap;gap:.1rem 1rem;font-size:.92rem}
nav a{display:block;padding:.2rem 0;text-decoration:none}
nav a:hover{text-decoration:underline}
@media (min-width:70rem){
.cols{display:grid;grid-template-columns:11.5rem minmax(0,1fr);gap:3rem}
nav{position:sticky;top:1.5rem;align-self:start;margin-top:3.9rem;max-height:calc(100vh - 3rem);overflow:auto}
nav ul{flex-direction:column;border-left:1px solid var(--line);padding-left:1rem}
}
@media (max-width:69.99rem){nav{margin-top:1rem;padding:.5rem 0;border-top:1px solid var(--line);border-bottom:1px solid var(--line)}}
`;

const CAUSES = `
.verdict{border-left:6px solid var(--edge);padding:.1rem 0 .3rem 1.25rem}
.verdict h2{border:0;padding:0;font-size:.85rem;letter-spacing:.08em;text-transform:uppercase;color:var(--dim);margin-bottom:.4rem}
.verdict.high,.verdict.medium{border-color:var(--accent)}.verdict.none{border-left-style:dashed}
.lead{font-size:1.3rem;line-height:1.4;font-weight:550;max-width:50rem}
.mark{display:inline-block;font-size:.88rem;font-weight:600;white-space:nowrap;margin-right:.75rem}
.mark.low,.mark.none{color:var(--dim)}.mark.none{white-space:normal}
.cause{margin:1.25rem 0 2.5rem;padding:1rem 1.25rem 1.1rem;border:1px solid var(--line);border-radius:6px}
.cause h3{margin:0 0 .3rem;font-size:1.15rem}
.cause>details{margin-bottom:0}
.rank{display:inline-block;min-width:1.7em;padding:0 .35em;margin-right:.35em;border:2px solid var(--text);border-radius:4px;text-align:center;font-size:.9em}
.said{font-size:1.05rem}
.score{font-size:.88rem;white-space:nowrap}
.bar{vertical-align:middle;margin-left:.4rem}.track{fill:var(--line)}.fill{fill:var(--text)}
.facts{display:flex;flex-wrap:wrap;gap:.5rem 2rem;margin:.75rem 0}
.facts div{min-width:6rem;max-width:100%}
.facts dt{font-size:.8rem;color:var(--dim)}
.facts dd{margin:0;overflow-wrap:anywhere}
.cites{list-style:none;padding:0;margin:.3rem 0;font-size:.88rem}
.cites li{margin:.2rem 0}
q{font-size:.92em;color:var(--dim);quotes:none;overflow-wrap:anywhere}
.at{font-size:.82rem;line-height:1.3;padding:.05rem .4rem;min-height:1.5rem;text-align:left;overflow-wrap:anywhere;color:var(--accent);border-color:var(--line);background:var(--card)}
span.at{border:1px solid var(--line);border-radius:4px;display:inline-block;color:var(--dim)}
.side{color:var(--dim);font-size:.88rem}
.rule{font-size:.82rem;color:var(--dim);margin:.3rem 0 0}
.blocks{list-style:none;padding:0}
.blocks>li{border-top:1px solid var(--line);padding:.6rem 0}
.steps{list-style:none;padding:0}
.steps li{margin:.5rem 0}
.cmd{display:inline-flex;align-items:stretch;max-width:100%;border:1px solid var(--line);border-radius:4px;background:var(--card);vertical-align:middle;margin:.1rem .2rem .1rem 0}
.cmd code{padding:.2rem .6rem;overflow-x:auto;white-space:pre-wrap;min-width:0}
.copy{border:0;border-left:1px solid var(--line);border-radius:0 3px 3px 0;font-size:.82rem;flex:none}
.box{--bg:var(--card);background:var(--card);border:1px solid var(--line);border-radius:6px;padding:.25rem 1.25rem 1.25rem}
.box h2{border:0}
`;

const TABLES = `
.scroll{overflow-x:auto;max-width:100%;margin:.75rem 0;background:linear-gradient(90deg,var(--bg) 40%,transparent) 0 0/2.5rem 100% local no-repeat,linear-gradient(270deg,var(--bg) 40%,transparent) 100% 0/2.5rem 100% local no-repeat,linear-gradient(90deg,var(--shade),transparent) 0 0/.9rem 100% scroll no-repeat,linear-gradient(270deg,var(--shade),transparent) 100% 0/.9rem 100% scroll no-repeat}
table{border-collapse:collapse;font-size:.88rem;line-height:1.4;font-variant-numeric:tabular-nums}
caption{text-align:left;font-weight:650;font-size:.95rem;padding:.35rem 0}
th,td{text-align:left;vertical-align:top;padding:.35rem .75rem .35rem 0;border-bottom:1px solid var(--line)}
thead th{border-bottom:1.5px solid var(--edge);white-space:nowrap;font-weight:600;vertical-align:bottom}
td{white-space:nowrap}
td.l,td.t,.points td{white-space:normal;overflow-wrap:break-word}
td.l{min-width:12rem;max-width:22rem}td.t{min-width:16rem;max-width:32rem}
td .at{overflow-wrap:normal}.points .at{overflow-wrap:anywhere}
.n{text-align:right;white-space:nowrap}
th.n .sort{text-align:right}
.sort{border:0;background:none;padding:0;font-weight:600;min-height:1.5rem;text-align:left;white-space:nowrap}
.sort::after{content:"";display:inline-block;width:1.1em;text-align:center;color:var(--accent)}
.js-on .sort::after{content:"↕";color:var(--edge)}
.js-on [aria-sort=ascending] .sort::after{content:"↑";color:var(--accent)}
.js-on [aria-sort=descending] .sort::after{content:"↓";color:var(--accent)}
html:not(.js-on) .sort{pointer-events:none}
.points{width:100%}
.points p{margin:0}
.points td,.points th{padding-left:.1rem}
.pts{font-weight:650;font-size:1.02em;width:4rem}.plus{color:var(--good)}.minus{color:var(--error)}
@media (max-width:40rem){
.points thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.points,.points tbody,.points tr,.points td{display:block;width:auto;max-width:none}
.points tr{padding:.5rem 0;border-bottom:1px solid var(--line)}
.points td{border:0;padding:.1rem 0;text-align:left}
.points td[data-of]::before{content:attr(data-of) ": ";color:var(--dim)}
.points td[data-of]{display:inline-block;margin-right:1rem;font-size:.85rem}
.cause{padding:.75rem .8rem}.box{padding:.1rem .8rem 1rem}
.lead{font-size:1.12rem}
}
`;

const PLACES = `
.place{border:1px solid var(--line);border-radius:6px;padding:1rem;margin:1rem 0;background:var(--page);color:var(--text)}
.place:popover-open{position:fixed;inset:auto 0 0 0;width:100%;max-width:none;max-height:55vh;overflow:auto;margin:0;border:0;border-top:3px solid var(--accent);border-radius:0;padding:.6rem 1rem 1.25rem;box-shadow:0 -8px 30px rgba(0,0,0,.28)}
.place-head{display:flex;gap:1rem;justify-content:space-between;align-items:center;position:sticky;top:-.6rem;background:var(--page);padding:.3rem 0}
.place h3{margin:0;font-size:1rem;font-family:ui-monospace,Consolas,Menlo,monospace}
blockquote{margin:.4rem 0;padding:.4rem .75rem;border-left:3px solid var(--edge);font-size:.88rem;overflow-wrap:anywhere;white-space:pre-wrap}
.lines{margin:.5rem 0 0;padding:.4rem 0 .4rem 5.5rem;background:var(--card);font-size:.82rem;line-height:1.5;overflow-x:auto;white-space:pre}
.lines li::marker{color:var(--dim)}
.lines li{padding-left:.5rem;border-left:3px solid transparent;width:max-content;min-width:100%}
.lines .cited{border-left-color:var(--error);font-weight:650}
mark{background:var(--hit);color:var(--text)}
`;

const DRAWINGS = `
svg{font:12px system-ui,"Segoe UI",Roboto,sans-serif;display:block;overflow:visible}
.chart>svg,.flame{overflow:hidden}
svg text{fill:var(--text)}
svg .axis{fill:var(--dim);font-size:11px;paint-order:stroke;stroke:var(--page);stroke-width:4px;stroke-linejoin:round}
svg .rule{stroke:var(--line);fill:none}
.bar,.legend svg{display:inline-block;vertical-align:middle}
.legend{display:flex;flex-wrap:wrap;gap:.2rem 1.25rem;font-size:.88rem;color:var(--dim);max-width:none}
.key.error{color:var(--error)}.key.warning{color:var(--warning)}.key.note-key,.key.dump{color:var(--text)}.key{font-weight:600}
.tl-bar{display:flex;flex-wrap:wrap;gap:.4rem;align-items:center;margin:.5rem 0}
.tl-range{margin-left:auto;font-size:.88rem;font-variant-numeric:tabular-nums;color:var(--dim)}
.tl-stage{position:relative;border:1px solid var(--edge);border-radius:4px;touch-action:pan-y;cursor:crosshair;overflow:hidden}
.tl-stage canvas{display:block;width:100%}
.tl-tip{position:absolute;left:0;top:0;max-width:min(22rem,90%);background:var(--text);color:var(--page);font-size:.82rem;line-height:1.35;padding:.35rem .6rem;border-radius:4px;pointer-events:none;white-space:pre-line;overflow-wrap:anywhere}
.tl-status{min-height:1.6em;font-size:.92rem;max-width:none}
.js-on .still{display:none}
.tl-still .lane path{fill:var(--accent)}.tl-still .is-error path{fill:var(--error)}.tl-still .is-warning path{fill:var(--warning)}
.tl-still .lane .rule{fill:none}
.tick path{stroke:var(--line)}.tick text{fill:var(--dim)}
.tl-still .dump path{stroke:var(--text);stroke-width:2;stroke-dasharray:5 3}.tl-still .band{fill:var(--text);fill-opacity:.12}
.tl-still .dump text,text.dump{font-weight:650}
.waits text{font-size:12px}.waits .first{font-weight:650}
.node rect{fill:var(--page);stroke:var(--edge)}
.node.root>rect{stroke:var(--text);stroke-width:3}
.node.ring>rect{stroke:var(--error);stroke-width:2}.node .inner{fill:none}
.node .badge{font:650 11px system-ui,sans-serif}.ring .badge{fill:var(--error)}
.edge path{fill:none;stroke:var(--dim);stroke-width:1.4}
.edge.ring path{stroke:var(--error);stroke-width:2.2}.edge.inferred path,.inferred.ring path{stroke-dasharray:5 4}
.edge text{font-size:11px;fill:var(--dim)}
#to path{fill:var(--dim)}#to-ring path{fill:var(--error)}
.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,21rem),1fr));gap:1rem 2.5rem}
.histogram rect{fill:var(--accent)}.histogram .over rect{fill:var(--error)}
.histogram g text{font-size:10.5px}
.limit line{stroke:var(--text);stroke-dasharray:4 3}.limit text{font-size:10.5px;font-weight:650;paint-order:stroke;stroke:var(--page);stroke-width:4px}
.curve{fill:none;stroke-width:2;stroke-linecap:round;vector-effect:non-scaling-stroke}
.curve.a{stroke:var(--accent)}.curve.b{stroke:var(--warning);stroke-dasharray:7 4}.curve.c{stroke:var(--error);stroke-dasharray:2 3}.curve.d{stroke:var(--good);stroke-dasharray:10 3 2 3}
.f{overflow:hidden}.f text{font-size:11.5px;fill:var(--frame);white-space:pre;pointer-events:none}
.f rect{stroke:var(--page);stroke-width:1}
.f:hover rect,.f:focus-visible rect{stroke:var(--text);stroke-width:3}
.f:focus-visible{outline:none}
.f.above rect{fill-opacity:.5}.f.away{display:none}
.js-on .f{cursor:pointer}
.flame-status{min-height:1.6em;font-size:.9rem;max-width:none}
${SWATCHES.map(({ name }) => `.f.${name} rect{fill:var(--${name})}`).join('')}
`;

export const STYLE = [
  `:root{${light}}`,
  `@media (prefers-color-scheme:dark){:root:not([data-theme=light]){${dark}}}`,
  `:root[data-theme=dark]{${dark}}`,
  PAGE,
  CAUSES,
  TABLES,
  PLACES,
  DRAWINGS,
  '@media (forced-colors:active){.f rect{forced-color-adjust:none}.f text{forced-color-adjust:none}}',
  PRINT(light),
].join('\n');
