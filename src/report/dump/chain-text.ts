/** Chains as trees on a terminal: what all wait for on top, below each thread those that wait for it. */
import type { DumpResult } from '../../analyses/dump/result.js';
import { printable } from '../../core/text.js';
import { colorsOf, rowLimit, type TerminalOptions, wrap } from '../terminal.js';
import { type ChainNode, type ChainTree, chainTrees } from './chain-tree.js';
import { fittedLine } from './lines.js';
import { countText, type DumpIndex, durationText, edgeText, indexOf, nameText, nodeParts } from './names.js';

export interface ListTextOptions extends TerminalOptions {
  readonly top: number | null;
}

const DEFAULT_TREES = 10;
/** Threads shown of a tree. */
const DEFAULT_NODES = 40;

/** Every chain, those of one root as one tree. */
export function renderChains(result: DumpResult, options: ListTextOptions): string {
  const c = colorsOf(options);
  const title = c.bold('Wait chains, what all wait for on top');
  const trees = chainTrees(result);
  if (trees.length === 0) return `${title}\nnone\n`;
  const shown = trees.slice(0, rowLimit(options.top, DEFAULT_TREES));
  const index = indexOf(result);
  const parts = shown.map((tree) => oneTree(tree, index, options));
  const notes = [];
  if (shown.length < trees.length) notes.push(`(${shown.length} of ${trees.length} shown; --top 0 shows all)`);
  const of = result.cut.chains ?? 0;
  if (of > result.chains.length) notes.push(`(the answer holds ${result.chains.length} of ${of} chains)`);
  return `${title}\n${parts.join('\n')}${notes.map((note) => `${c.dim(note)}\n`).join('')}`;
}

function oneTree(tree: ChainTree, index: DumpIndex, options: ListTextOptions): string {
  const max = options.top === null ? DEFAULT_NODES : Math.max(DEFAULT_NODES, rowLimit(options.top, 0));
  const head = fittedLine(nodeParts(tree.node.id, index), { first: '', later: '  ' }, options, true);
  const lines = [head, ...rootLines(tree, index, options)];
  let nodes = 0;
  let left = tree.size;
  for (const { node, guide, below } of nodesBelow(tree.node)) {
    if (++nodes > max) break;
    left -= 1 + node.alike.length;
    const parts = nodeParts(node.id, index);
    if (node.alike.length > 0) parts.push(`× ${node.alike.length + 1}`);
    if (node.edge !== null) parts.push(edgeText(node.edge, index));
    lines.push(fittedLine(parts, { first: guide, later: `${below}  ` }, options));
  }
  if (left > 0) lines.push(colorsOf(options).dim(`(${left} more below; --top 0 shows all)`));
  return `${lines.join('\n')}\n`;
}

/** Why the root stands, and who waits for it. */
function rootLines(tree: ChainTree, index: DumpIndex, options: TerminalOptions): string[] {
  const c = colorsOf(options);
  const { root } = tree;
  const where = [root.module, root.function].filter((part) => part !== null).join('!');
  const more = [
    root.isRunning ? 'is not blocked: it runs' : null,
    root.isPolling ? 'sleeps again and again for a moment' : null,
    where === '' ? null : `in ${nameText(where)}`,
    root.waitsFor === null ? null : `waits for ${nodeParts(root.waitsFor, index).join(' ')}`,
  ].filter((part) => part !== null);
  const lines = [`${c.red(root.isDeadlock ? 'deadlock' : root.why)}: ${printable(root.statement, 600)}`];
  if (more.length > 0) lines.push(more.join('; '));
  const waiters = waitersText(tree, root.isDeadlock);
  if (waiters !== '') lines.push(waiters);
  return lines.map((line) => wrap(`   ${line}`, options.width, 5));
}

function waitersText({ waiters, size, longestWaitMs, certain }: ChainTree, isDeadlock: boolean): string {
  const all = Math.max(waiters, size);
  const parts = [];
  if (all > 0) parts.push(`${countText(all, 'thread')} ${all === 1 ? 'waits' : 'wait'} for it`);
  // Members of a deadlock wait for each other, and stand in no tree.
  if (all > size && size > 0 && !isDeadlock) parts.push(`${all - size} of them only counted by locks`);
  if (all > 0 && longestWaitMs !== null) parts.push(`longest wait ${durationText(longestWaitMs)}`);
  if (!certain) parts.push('? marks what is inferred');
  return parts.join(', ');
}

interface Placed {
  readonly node: ChainNode;
  /** What leads to it, and what stands below it. */
  readonly guide: string;
  readonly below: string;
}

/** Every node below the root, each followed by those that wait for it. No recursion: chains may be long. */
function* nodesBelow(root: ChainNode): Generator<Placed> {
  const waiting = placed(root, '').reverse();
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    yield next;
    waiting.push(...placed(next.node, next.below).reverse());
  }
}

const placed = ({ children }: ChainNode, under: string): Placed[] =>
  children.map((node, i) =>
    i < children.length - 1
      ? { node, guide: `${under}|- `, below: shortened(`${under}|  `) }
      : { node, guide: `${under}\`- `, below: shortened(`${under}   `) },
  );

/** Guides of very long chains lose their beginning. */
const MAX_GUIDE = 160;
const shortened = (guide: string): string => guide.slice(-MAX_GUIDE);
