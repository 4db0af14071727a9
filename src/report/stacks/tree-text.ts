/** A stack tree on a terminal: indented where it branches only, so that deep stacks fit. */
import { colorsOf, type TerminalOptions } from '../terminal.js';
import type { StackNode, StackTree, Weights } from './fold.js';
import { columnsOf, cutMiddle, percentText, visibleName } from './names.js';

export interface StackTreeOptions extends TerminalOptions {
  /** Frames shown of each stack, groups not counted; null shows all. */
  readonly depth: number | null;
  /** Branches shown at each fork; 0 shows all, null the ten largest of 0.5 % and more. */
  readonly top: number | null;
  /** What the first column holds. */
  readonly unit: 'bytes';
}

const DEFAULT_TOP = 10;
const DEFAULT_SHARE = 0.005;
const MIN_NAME = 24;

/** A line before it is laid out. */
interface Line {
  /** Null where they are those of the line above. */
  readonly weights: Weights | null;
  /** What leads from the parent to this. */
  readonly guide: string;
  readonly name: string;
  /** Says what is not shown, so no frame. */
  readonly isNote: boolean;
}

/** A node still to be shown, or a line about nodes that are not. */
type Waiting = Line | (Line & { readonly node: StackNode; readonly below: string; readonly depth: number });

/** The tree as lines of at most `width` columns: bytes, percent, count, and the name behind its guides. */
export function renderStackTree(tree: StackTree, options: StackTreeOptions): string {
  const c = colorsOf(options);
  const layout = columnsFor(tree, options);
  const lines = [c.dim(layout.head)];
  for (const line of treeLines(tree, options)) {
    const figures = layout.figures(line.weights);
    const guide = shortGuide(line.guide, layout.nameWidth - MIN_NAME);
    const name = cutMiddle(line.name, Math.max(MIN_NAME, layout.nameWidth - guide.length));
    lines.push(`${figures}${c.dim(guide)}${line.isNote ? c.dim(name) : name}`.trimEnd());
  }
  if (tree.cutStacks > 0) {
    const { cutStacks } = tree;
    lines.push(c.dim(`(${cutStacks} ${plural(cutStacks, 'stack')} cut: deeper frames count for the last one kept)`));
  }
  return `${lines.join('\n')}\n`;
}

interface Columns {
  readonly head: string;
  readonly nameWidth: number;
  readonly figures: (weights: Weights | null) => string;
}

function columnsFor(tree: StackTree, { unit, width }: StackTreeOptions): Columns {
  const title = unit[0].toUpperCase() + unit.slice(1);
  const bytesWidth = Math.max(title.length, String(tree.total[0]).length);
  const countWidth = Math.max('Count'.length, String(tree.total[1]).length);
  const row = (bytes: string, percent: string, count: string): string =>
    `${bytes.padStart(bytesWidth)}  ${percent.padStart(5)}  ${count.padStart(countWidth)}  `;
  const figures = (weights: Weights | null): string =>
    weights === null
      ? row('', '', '')
      : row(String(weights[0]), percentText(weights[0], tree.total[0]), String(weights[1]));
  const head = `${row(title, '%', 'Count')}Stack`;
  return { head, nameWidth: Math.max(MIN_NAME, width - columnsOf(row('', '', ''))), figures };
}

/** Every line, from the root down. No recursion: stacks may be deep. */
function* treeLines(tree: StackTree, options: StackTreeOptions): Generator<Line> {
  const waiting: Waiting[] = [nodeLine(tree, tree.total, '', '', 0)];
  for (let line = waiting.pop(); line !== undefined; line = waiting.pop()) {
    yield line;
    if (!('node' in line)) continue;
    for (const next of below(line, tree, options).reverse()) waiting.push(next);
  }
}

function nodeLine(node: StackNode, weights: Weights | null, guide: string, under: string, depth: number): Waiting {
  const name = visibleName(node.name) || '(no name)';
  return { weights, guide, name, isNote: false, node, below: under, depth: node.group ? depth : depth + 1 };
}

const note = (weights: Weights | null, guide: string, name: string): Line => ({ weights, guide, name, isNote: true });

/** What stands under a node: its only child straight below it, or its branches one step to the right. */
function below(
  { node, below: guide, depth }: Extract<Waiting, { node: StackNode }>,
  tree: StackTree,
  options: StackTreeOptions,
): Waiting[] {
  const { children } = node;
  if (children.length === 0) return [];
  if (options.depth !== null && depth >= options.depth && !children[0].group) {
    return [note(null, guide, '(deeper frames not shown)')];
  }
  if (children.length === 1) {
    const [child] = children;
    return [nodeLine(child, isSame(child.total, node.total) ? null : child.total, guide, guide, depth)];
  }
  return branches(node, guide, depth, tree, options);
}

const isSame = (a: Weights, b: Weights): boolean => a[0] === b[0] && a[1] === b[1];

function branches(
  node: StackNode,
  guide: string,
  depth: number,
  tree: StackTree,
  options: StackTreeOptions,
): Waiting[] {
  const shown = node.children.slice(0, shownOf(node, tree, options));
  const hidden = node.children.slice(shown.length);
  const lines: ((guide: string, under: string) => Waiting)[] = shown.map(
    (child) => (at, under) => nodeLine(child, child.total, at, under, depth),
  );
  if (node.self[0] > 0 || node.self[1] > 0) lines.push((at) => note(node.self, at, '(ends here)'));
  if (hidden.length > 0) lines.push((at) => hiddenLine(hidden, at, tree));
  return lines.map((line, i) =>
    i < lines.length - 1 ? line(`${guide}|- `, `${guide}|  `) : line(`${guide}\`- `, `${guide}   `),
  );
}

function shownOf({ children }: StackNode, tree: StackTree, { top }: StackTreeOptions): number {
  if (top !== null) return top === 0 ? children.length : top;
  const large = children.findIndex((child) => child.total[0] < DEFAULT_SHARE * tree.total[0]);
  // A fork that shows nothing says nothing.
  return Math.max(1, Math.min(DEFAULT_TOP, large < 0 ? children.length : large));
}

function hiddenLine(hidden: readonly StackNode[], guide: string, tree: StackTree): Line {
  const sum = (which: 0 | 1): number => hidden.reduce((all, node) => all + node.total[which], 0);
  const share = percentText(sum(0), tree.total[0]);
  const name = `(${hidden.length} smaller ${hidden.length === 1 ? 'branch' : 'branches'}, ${share} %)`;
  return note([sum(0), sum(1)], guide, name);
}

const plural = (n: number, word: string): string => (n === 1 ? word : `${word}s`);

/** A guide that leaves too little room for names loses its beginning. */
function shortGuide(guide: string, max: number): string {
  return guide.length <= max ? guide : `…${guide.slice(guide.length - Math.max(3, max) + 1)}`;
}
