/** Stacks that hold pool as a flame graph inside the page: as wide as the page, readable without scripts. */
import type { PoolResult } from '../../../analyses/pool/result.js';
import { weightedStacks } from '../../pool-stacks.js';
import { groupOrigin, originOf } from '../../stacks/flame-colors.js';
import { type Box, layOut } from '../../stacks/flame-layout.js';
import { foldTree, type StackTree } from '../../stacks/fold.js';
import { percentText } from '../../stacks/names.js';
import type { Limits } from './limits.js';
import { cut, type Html, html, NOTHING } from './markup.js';
import { bytesText, figure } from './units.js';

const ROW = 19;
const MAX_ROWS = 60;
const MAX_NAME = 240;
/** Width for which frames are chosen; they are drawn in percent of what there is. */
const WIDTH = 1000;

export function flameGraph(pool: PoolResult, limits: Limits): Html {
  const stacks = weightedStacks(pool);
  if (stacks.length === 0) return NOTHING;
  const inBytes = pool.stacks.some(({ bytes }) => bytes !== null && bytes > 0);
  const tree = foldTree(stacks, 'top-down', null, 50_000);
  const { boxes, rows } = layOut(tree, WIDTH, limits.frames);
  const shownRows = Math.min(rows, MAX_ROWS);
  const shown = boxes.filter(({ row }) => row < shownRows);
  const deeper = rows > shownRows ? html` The ${rows - shownRows} deepest rows are left out.` : null;
  const unit = inBytes ? 'bytes outstanding' : 'hits of the breakpoint';
  return html`<h3>Stacks that hold pool</h3>
<figure class="flame-figure"><svg class="flame" id="flame" width="100%" height="${shownRows * ROW}" role="group" aria-label="Flame graph of the stacks that hold pool">
${shown.map((box) => frame(box, tree, inBytes))}</svg>
<p class="flame-status" role="status" aria-live="polite"></p>
<figcaption class="note">Width: ${unit}; the top row is the whole, below a frame stands what it called. Warm: kernel modules, cool: user mode.${deeper}<span class="js"> Click, <kbd>Enter</kbd>: zoom in; <kbd>Esc</kbd>: out; arrow keys: parent, child, siblings.</span></figcaption></figure>`;
}

function frame(box: Box, tree: StackTree, inBytes: boolean): Html {
  const { node, total, start, row, folded } = box;
  const whole = tree.total[0] || 1;
  const origin = node === null || node.group ? groupOrigin : originOf(node.name);
  const name = node === null ? `(${folded} smaller)` : node.name || '(no name)';
  const amount = inBytes ? `${bytesText(total[0])} in ${figure(total[1])} blocks` : `${figure(total[0])} hits`;
  const about = `${cut(name, MAX_NAME)}: ${amount}, ${percentText(total[0], whole)} %`;
  const x = percent(start / whole);
  const width = percent(row === 0 ? 1 : total[0] / whole);
  return html`<svg class="f ${origin.color}" x="${x}%" width="${width}%" y="${row * ROW}" height="${ROW - 1}" data-b="${start} ${total[0]} ${row}"><title>${about}</title><rect width="100%" height="100%"/><text x="4" y="13">${cut(name, MAX_NAME)}</text></svg>
`;
}

const percent = (share: number): number => Number((100 * share).toFixed(4));
