/** The wait graph for Graphviz: `dot -Tsvg waits.dot -o waits.svg`. https://graphviz.org/doc/info/lang.html */
import type { DumpResult } from '../../analyses/dump/result.js';
import { visibleName } from '../stacks/names.js';
import { type GraphEdge, type GraphNode, waitGraph } from './graph.js';

const MAX_NODES = 500;

const SHAPES = { thread: 'box', process: 'folder', driver: 'component', remote: 'ellipse', unknown: 'plaintext' };

export function renderDot(result: DumpResult, max = MAX_NODES): string {
  const { nodes, edges, nodesLeft, edgesLeft } = waitGraph(result, max);
  const numbers = new Map(nodes.map(({ id }, i) => [id, `n${i}`]));
  const lines = [
    'digraph waits {',
    '  // An arrow leads from who waits to what it waits for; dashed: inferred. Red: deadlock. Bold: end of a chain.',
    ...(nodesLeft + edgesLeft > 0
      ? [`  // Left out, since there are too many: ${nodesLeft} nodes, ${edgesLeft} edges.`]
      : []),
    '  rankdir=LR;',
    '  node [shape=box, fontname="Helvetica", fontsize=10];',
    '  edge [fontname="Helvetica", fontsize=9];',
    ...nodes.map((node) => `  ${numbers.get(node.id)} [${nodeAttributes(node).join(', ')}];`),
    ...edges.map(
      (edge) => `  ${numbers.get(edge.from)} -> ${numbers.get(edge.to)} [${edgeAttributes(edge).join(', ')}];`,
    ),
    '}',
  ];
  return `${lines.join('\n')}\n`;
}

function nodeAttributes({ kind, lines, isRoot, isDeadlocked }: GraphNode): string[] {
  const attributes = [`label=${dotText(lines)}`];
  if (kind !== 'thread') attributes.push(`shape=${SHAPES[kind]}`);
  if (isRoot) attributes.push('style=bold', 'penwidth=3');
  if (isDeadlocked) attributes.push('color=red', 'fontcolor=red');
  return attributes;
}

function edgeAttributes({ label, certain, isDeadlocked }: GraphEdge): string[] {
  const attributes = [`label=${dotText([label])}`];
  if (!certain) attributes.push('style=dashed');
  if (isDeadlocked) attributes.push('color=red', 'fontcolor=red');
  return attributes;
}

/** A quoted string: no quote, backslash, escape such as \N, or entity of the text has a meaning in it. */
export function dotText(lines: readonly string[]): string {
  const escaped = lines.map((line) =>
    visibleName(line).replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('&', '&amp;'),
  );
  return `"${escaped.join('\\n')}"`;
}
