/** The wait graph for Mermaid, which ticket systems draw from Markdown. https://mermaid.js.org/syntax/flowchart.html */
import type { DumpResult } from '../../analyses/dump/result.js';
import { visibleName } from '../stacks/names.js';
import { type GraphNode, type WaitGraph, waitGraph } from './graph.js';

/** What Mermaid draws unless its reader allows more: `maxEdges` and `maxTextSize`. */
const MAX_EDGES = 500;
const MAX_LENGTH = 50_000;
const MAX_NODES = 400;

/** As many nodes as Mermaid draws. */
export function renderMermaid(result: DumpResult, max = MAX_NODES): string {
  for (let nodes = max; ; nodes >>= 1) {
    const graph = waitGraph(result, nodes);
    const text = mermaidText(graph);
    if (nodes < 4 || (graph.edges.length <= MAX_EDGES && text.length <= MAX_LENGTH)) return text;
  }
}

export function mermaidText({ nodes, edges, nodesLeft, edgesLeft }: WaitGraph): string {
  const numbers = new Map(nodes.map(({ id }, i) => [id, `n${i}`]));
  const named = (passes: (node: GraphNode) => boolean): string =>
    nodes
      .filter(passes)
      .map(({ id }) => numbers.get(id))
      .join(',');
  const deadlocked = named(({ isDeadlocked }) => isDeadlocked);
  const roots = named(({ isRoot }) => isRoot);
  const red = edges.flatMap(({ isDeadlocked }, i) => (isDeadlocked ? [i] : []));
  const lines = [
    'flowchart LR',
    '%% An arrow leads from who waits to what it waits for, dotted: inferred. Red: deadlock. Bold: end of a chain.',
    ...(nodesLeft + edgesLeft > 0
      ? [`%% Left out, since there are too many: ${nodesLeft} nodes and ${edgesLeft} edges.`]
      : []),
    ...nodes.map((node) => `  ${numbers.get(node.id)}${shaped(node)}`),
    ...edges.map(
      ({ from, to, label, certain }) =>
        `  ${numbers.get(from)} ${certain ? '-->' : '-.->'}|"${escaped(label)}"| ${numbers.get(to)}`,
    ),
    ...(roots === '' ? [] : ['  classDef root stroke-width:4px,font-weight:bold', `  class ${roots} root`]),
    ...(deadlocked === '' ? [] : ['  classDef deadlock stroke:#c00,color:#c00', `  class ${deadlocked} deadlock`]),
    ...(red.length === 0 ? [] : [`  linkStyle ${red.join(',')} stroke:#c00`]),
  ];
  return `${lines.join('\n')}\n`;
}

function shaped({ kind, lines }: GraphNode): string {
  const label = `"${lines.map(escaped).join('<br/>')}"`;
  if (kind === 'thread') return `[${label}]`;
  if (kind === 'remote') return `((${label}))`;
  return kind === 'unknown' ? `(${label})` : `[[${label}]]`;
}

// Between these Mermaid may see the end of a text, HTML, Markdown, a comment or a directive (`%%{init: …}%%`).
const MEANINGFUL = /[^\p{L}\p{N} .,!+\-()=?:]/gu;

/** Text in which nothing has a meaning: entity codes (`#35;`) in place of all that might. */
export const escaped = (text: string): string =>
  visibleName(text).replace(MEANINGFUL, (char) => `#${char.codePointAt(0)};`);
