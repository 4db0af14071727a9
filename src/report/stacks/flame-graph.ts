/** Folded stacks as one SVG that needs nothing else: readable as a picture, explored with mouse or keys in a browser. */
import { groupOrigin, type Origin, originOf } from './flame-colors.js';
import { type Box, type Layout, layOut } from './flame-layout.js';
import { SCRIPT } from './flame-script.js';
import { CHAR_WIDTH, STYLE } from './flame-style.js';
import { type Direction, foldTree, type StackTree, type WeightedStack } from './fold.js';
import { percentText, visibleName } from './names.js';

export interface FlameGraphOptions {
  readonly title: string;
  readonly subtitle: string;
  /** What the width of a frame stands for. */
  readonly unit: 'bytes';
  readonly direction: Direction;
  /** In pixels; default 1200, at least 640. */
  readonly width?: number;
}

const WIDTH = 1200;
const MIN_WIDTH = 640;
const MARGIN = 12;
const ROW = 17;
const HEADER = 104;
const FOOTER = 80;
/** Browsers grow slow with larger documents. */
const MAX_BYTES = 4_500_000;
const MAX_FRAMES = 12_000;
/** Longer names exist only in made-up files. */
const MAX_NAME = 2000;

/** The SVG; as many frames are drawn as fit into 5 MB, the largest first. */
export function renderFlameGraph(stacks: readonly WeightedStack[], options: FlameGraphOptions): string {
  const tree = foldTree(stacks, options.direction, null);
  const width = Math.max(MIN_WIDTH, Math.round(options.width ?? WIDTH));
  for (let most = MAX_FRAMES; ; most = Math.floor(most / 2)) {
    const svg = draw(tree, layOut(tree, width - 2 * MARGIN, most), width, options);
    if (most < 2 || Buffer.byteLength(svg) <= MAX_BYTES) return svg;
  }
}

function draw(tree: StackTree, layout: Layout, width: number, options: FlameGraphOptions): string {
  const height = HEADER + layout.rows * ROW + FOOTER;
  const inner = width - 2 * MARGIN;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<title>${xmlText(visibleName(options.title, MAX_NAME))}</title>`,
    `<style>${STYLE}</style>`,
    `<rect class="page" width="100%" height="100%" fill="#ffffff"/>`,
    ...header(tree, width, options),
    `<g class="frames" data-width="${inner}" data-left="${MARGIN}" data-char="${CHAR_WIDTH}">`,
    ...frames(tree, layout, inner),
    '</g>',
    ...footer(tree, layout, width, HEADER + layout.rows * ROW),
    `<script><![CDATA[${SCRIPT}]]></script>`,
    '</svg>\n',
  ].join('\n');
}

/** One line of text, cut to the width that is left. */
function line(kind: string, y: number, text: string, width: number, charWidth = 7): string {
  const cut = fitting(text, width - MARGIN, charWidth);
  return `<text class="${kind}" x="${MARGIN}" y="${y}">${xmlText(cut)}</text>`;
}

const MEANING = {
  'top-down': 'what it called',
  'bottom-up': 'what called it',
} as const;

function header(tree: StackTree, width: number, { title, subtitle, unit, direction }: FlameGraphOptions): string[] {
  const whole = `The width of a frame is its ${unit}; the top row is the whole, ${tree.total[0]} ${unit}. Below a frame: ${MEANING[direction]}.`;
  // On the right of title and subtitle there is the search.
  return [
    line('title', 32, visibleName(title, MAX_NAME), width - 260, 10.5),
    line('subtitle', 54, visibleName(subtitle, MAX_NAME), width - 240),
    line('legend', 74, whole, width, 6.3),
    ...key(MARGIN, ['k8', 'k3', 'k14'], 'kernel modules'),
    ...key(MARGIN + 150, ['u8', 'u3', 'u14'], 'user modules'),
    ...key(MARGIN + 290, ['g'], 'groups, unknown'),
  ];
}

/** A line of the colour key. */
function* key(x: number, colors: readonly string[], text: string): Generator<string> {
  for (const [i, color] of colors.entries()) {
    yield `<g class="${color}"><rect x="${x + i * 13}" y="83" width="11" height="11" rx="2"/></g>`;
  }
  yield `<text class="legend" x="${x + colors.length * 13 + 4}" y="93">${text}</text>`;
}

function footer({ cutStacks }: StackTree, { minWidth }: Layout, width: number, y: number): string[] {
  const cut = cutStacks === 0 ? '' : ` Of ${cutStacks} stacks the deepest frames are left out.`;
  const small = `Frames narrower than ${minWidth.toFixed(2)} px are drawn as one, '(n smaller)'.${cut}`;
  const keys =
    'In a browser: click, Enter or Space zooms in, Esc or 0 out again; arrow keys go to parent, child, siblings; / or Ctrl+F searches.';
  return [line('foot', y + 20, small, width, 6.3), line('foot', y + 38, keys, width, 6.3)];
}

function* frames(tree: StackTree, { boxes }: Layout, inner: number): Generator<string> {
  const scale = tree.total[0] > 0 ? inner / tree.total[0] : 0;
  const known = new Map<string, Origin>();
  for (const box of boxes) {
    const origin = box.node === null || box.node.group ? groupOrigin : remembered(known, box.node.name);
    // An empty graph still has its root.
    yield frame(box, origin, tree, box.row === 0 ? inner : box.total[0] * scale, MARGIN + box.start * scale);
  }
}

function remembered(known: Map<string, Origin>, name: string): Origin {
  const origin = known.get(name) ?? originOf(name);
  known.set(name, origin);
  return origin;
}

function frame(box: Box, origin: Origin, tree: StackTree, width: number, x: number): string {
  const name = box.node === null ? `(${box.folded} smaller)` : visibleName(box.node.name, MAX_NAME) || '(no name)';
  const kind = `f ${origin.color}${box.node === null ? ' more' : ''}`;
  // Between wide frames there is a gap; narrow ones would vanish in it.
  const drawn = width > 3 ? width - 1 : width;
  const text = fitting(name, width - 6);
  const label = text === '' ? '' : `<text x="3" y="12">${xmlText(text)}</text>`;
  return (
    `<svg class="${kind}" x="${decimals(x)}" y="${HEADER + box.row * ROW}" width="${decimals(drawn)}" height="${ROW - 1}"` +
    ` data-b="${box.start} ${box.total[0]} ${box.row}"><title>${xmlText(`${name}\n${about(box, origin, tree)}`)}</title>` +
    `<rect width="100%" height="100%" rx="1"/>${label}</svg>`
  );
}

function about({ total, node }: Box, { side }: Origin, tree: StackTree): string {
  const lines = [`${total[0]} bytes (${percentText(total[0], tree.total[0])} %)`, `count ${total[1]}`];
  if (node !== null && node.children.length > 0 && node.self[0] > 0) lines.push(`${node.self[0]} bytes end here`);
  if (side !== null) lines.push(side === 'kernel' ? 'kernel' : 'user mode');
  return lines.join('\n');
}

const decimals = (pixels: number): string => String(Number(pixels.toFixed(3)));

/** The beginning of the text, as far as it fits; nothing where three characters do not. As `fitting` in the script. */
function fitting(text: string, width: number, charWidth = CHAR_WIDTH): string {
  const room = Math.floor(width / charWidth);
  let columns = 0;
  let kept = 0;
  let cut = 0;
  for (const char of text) {
    columns += char.codePointAt(0)! >= 0x1100 ? 2 : 1;
    if (columns > room) return room >= 3 ? `${text.slice(0, cut)}…` : '';
    kept += char.length;
    if (columns <= room - 1) cut = kept;
  }
  return text;
}

/** Text between tags; `visibleName` has taken away what XML cannot hold. */
function xmlText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
