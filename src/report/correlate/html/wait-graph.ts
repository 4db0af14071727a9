/** The wait graph of the dump as a drawing: what all wait for on the left, arrows lead from who waits to what it waits for. */

import type { CorrelateParts } from '../../../../correlate/result.js';
import type { DumpResult } from '../../../analyses/dump/result.js';
import { type GraphEdge, type GraphNode, waitGraph } from '../../wait-graph/graph.js';
import { waitsTables } from './lists.js';
import { cut, type Html, html, NOTHING, trusted } from './markup.js';
import type { TableContext } from './tables.js';
import { layOutWaits, type PlacedNode } from './wait-layout.js';

const BOX = 224;
const GAP = 200;
const LINE = 15;
const PAD = 8;
const ROW_GAP = 20;
/** Below members of a ring there is room for the arrow that closes it. */
const RING_GAP = 52;
const BADGE = 16;
const MARGIN = 14;
const MAX_CHARS = 31;
const MAX_LABEL = 25;

export function waitsSection(parts: CorrelateParts, context: TableContext): Html {
  if (parts.dump === null) return NOTHING;
  const { result } = parts.dump;
  return html`<section id="waits" aria-labelledby="waits-h"><h2 id="waits-h">Who waits for whom</h2>
${deadlocks(result, context)}
${drawing(result, context)}
${waitsTables(parts, context)}</section>`;
}

function deadlocks(result: DumpResult, { limits, places }: TableContext): Html {
  if (result.deadlocks.length === 0) return NOTHING;
  const items = result.deadlocks.slice(0, limits.items).map(({ threads, edges, victims, certain }, i) => {
    const names = threads
      .slice(0, limits.items)
      .map((id) => cut(id, 60))
      .join(' → ');
    const evidence = edges.flatMap((edge) => edge.evidence);
    return html`<li><b>Deadlock ${i + 1}</b> (${certain ? 'certain' : 'inferred'}): <code>${names} → ${cut(threads[0] ?? '', 60)}</code>; threads held up by it: ${victims.length}.${places.lines(evidence)}</li>`;
  });
  return html`<ul class="blocks">${items}</ul>`;
}

function drawing(result: DumpResult, { limits }: TableContext): Html {
  const graph = waitGraph(result, limits.nodes);
  if (graph.nodes.length === 0) return html`<p>The dump shows no thread that waits for another.</p>`;
  const { nodes, columns, rows } = layOutWaits(graph);
  const tops = rowTops(nodes, rows);
  const at = new Map(nodes.map((placed) => [placed.node.id, place(placed, tops)]));
  const width = 2 * MARGIN + columns * (BOX + GAP) - GAP;
  const height = MARGIN + tops[rows];
  const roots = graph.nodes.filter(({ isRoot }) => isRoot).length;
  const locked = graph.nodes.filter(({ isDeadlocked }) => isDeadlocked).length;
  const left = graph.nodesLeft + graph.edgesLeft;
  return html`<figure><div class="scroll" tabindex="0" role="region" aria-label="Wait graph"><svg class="waits" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Wait graph: ${graph.nodes.length} nodes, ${graph.edges.length} waits, ${roots} ends of chains, ${locked} members of deadlocks. The tables below say the same.">
${trusted(MARKERS)}
${graph.edges.map((edge) => edgeMarkup(edge, at))}${nodes.map((placed) => nodeMarkup(placed.node, at))}</svg></div>
<figcaption class="note">An arrow leads from who waits to what it waits for; what all wait for stands on the left. Dashed: inferred. Thick frame and “end of chain”: the last thread that the log shows. Double frame and “deadlock”: member of a ring.${
    left > 0 ? html` ${graph.nodesLeft} nodes and ${graph.edgesLeft} waits were left out.` : null
  }</figcaption></figure>`;
}

const arrow = (id: string): string =>
  `<marker id="${id}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="10" markerHeight="10" markerUnits="userSpaceOnUse" orient="auto-start-reverse"><path d="M0 0.5L8 4L0 7.5z"/></marker>`;
const MARKERS = `<defs>${arrow('to')}${arrow('to-ring')}</defs>`;

interface Spot {
  readonly x: number;
  readonly y: number;
  readonly height: number;
}

const badgeOf = ({ isDeadlocked, isRoot }: GraphNode): string | null =>
  isDeadlocked ? 'deadlock' : isRoot ? 'end of chain' : null;

const boxHeight = (node: GraphNode): number =>
  node.lines.length * LINE + 2 * PAD + (badgeOf(node) === null ? 0 : BADGE);

/** Where each row begins, and behind them all where the last ends. */
function rowTops(nodes: readonly PlacedNode[], rows: number): number[] {
  const heights = new Array<number>(rows).fill(0);
  for (const { node, row } of nodes)
    heights[row] = Math.max(heights[row], boxHeight(node) + (node.isDeadlocked ? RING_GAP : ROW_GAP));
  const tops = [MARGIN];
  for (const height of heights) tops.push(tops[tops.length - 1] + height);
  return tops;
}

const place = ({ node, column, row }: PlacedNode, tops: readonly number[]): Spot => ({
  x: MARGIN + column * (BOX + GAP),
  y: tops[row],
  height: boxHeight(node),
});

function nodeMarkup(node: GraphNode, at: ReadonlyMap<string, Spot>): Html {
  const { x, y, height } = at.get(node.id)!;
  const badge = badgeOf(node);
  const kind = node.isDeadlocked ? 'ring' : node.isRoot ? 'root' : '';
  const inner = node.isDeadlocked
    ? html`<rect x="${x + 4}" y="${y + 4}" width="${BOX - 8}" height="${height - 8}" rx="2" class="inner"/>`
    : null;
  const top = y + PAD + 11;
  const offset = badge === null ? 0 : BADGE;
  return html`<g class="node ${kind} ${node.kind}"><title>${node.lines.join('; ')}${badge === null ? '' : ` (${badge})`}</title><rect x="${x}" y="${y}" width="${BOX}" height="${height}" rx="${node.kind === 'thread' ? 3 : 12}"/>${inner}${
    badge === null ? null : html`<text class="badge" x="${x + 10}" y="${top}">${badge}</text>`
  }${node.lines.map((line, i) => html`<text class="${i === 0 ? 'first' : ''}" x="${x + 10}" y="${top + offset + i * LINE}">${cut(line, MAX_CHARS)}</text>`)}</g>
`;
}

/** The line's height within its nodes: beside their first lines. */
const MIDDLE = 26;

function edgeMarkup(edge: GraphEdge, at: ReadonlyMap<string, Spot>): Html | null {
  const from = at.get(edge.from);
  const to = at.get(edge.to);
  if (from === undefined || to === undefined) return null;
  const kind = `${edge.certain ? '' : 'inferred '}${edge.isDeadlocked ? 'ring' : ''}`;
  const { path, x, y, anchor } = from.x > to.x ? leftwards(from, to) : around(from, to);
  return html`<g class="edge ${kind}"><title>${edge.label}${edge.certain ? '' : ' (inferred)'}</title><path d="${path}" marker-end="url(#${edge.isDeadlocked ? 'to-ring' : 'to'})"/><text x="${x}" y="${y}" text-anchor="${anchor}">${cut(edge.label, MAX_LABEL)}</text></g>
`;
}

interface Curve {
  readonly path: string;
  readonly x: number;
  readonly y: number;
  readonly anchor: 'start' | 'middle' | 'end';
}

function leftwards(from: Spot, to: Spot): Curve {
  const y = from.y + MIDDLE;
  const end = to.y + MIDDLE;
  const x = to.x + BOX;
  const near = from.x - GAP;
  // Straight beside the label, then a bend next to what is waited for.
  const path =
    y === end
      ? `M${from.x} ${y}H${x + 1}`
      : `M${from.x} ${y}H${near + 24}C${near + 6} ${y} ${x + 18} ${end} ${x + 1} ${end}`;
  return { path, x: from.x - 6, y: y - 5, anchor: 'end' };
}

/** To a node further right, or in the same column: below both. */
function around(from: Spot, to: Spot): Curve {
  const x = from.x + BOX / 2;
  const end = to.x + BOX / 2 + (from === to ? 40 : 0);
  const y = from.y + from.height;
  const endY = to.y + to.height;
  const low = Math.max(y, endY) + 40;
  return {
    path: `M${x} ${y}C${x} ${low} ${end} ${low} ${end} ${endY + 1}`,
    x: (x + end) / 2,
    y: low - 1,
    anchor: 'middle',
  };
}
