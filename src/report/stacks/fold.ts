/** Call stacks folded into one tree. */
import {
  compareNames,
  type Direction,
  type StackPaths,
  sharedLength,
  sortedPaths,
  type WeightedStack,
  type Weights,
} from './paths.js';

export type { Direction, WeightedStack, Weights };

export interface StackNode {
  /** As it stands in the file: outputs make it safe to show. */
  readonly name: string;
  /** The root, or a name that only prefixes gave: no frame. */
  readonly group: boolean;
  /** Of stacks that end here, or were cut here. */
  readonly self: Weights;
  /** Of all stacks through here. */
  readonly total: Weights;
  /** Most bytes first, then by name. */
  readonly children: readonly StackNode[];
}

export interface StackTree extends StackNode {
  /** Stacks that have more frames than the tree shows: their weights are those of the last frame kept. */
  readonly cutStacks: number;
}

/** A tree of more nodes costs more memory than it is worth: its deepest levels are left out. */
const MAX_NODES = 1_000_000;

interface Growing {
  readonly name: string;
  group: boolean;
  readonly self: [number, number];
  readonly total: [number, number];
  readonly children: Growing[];
}

const grow = (name: string, group: boolean): Growing => ({ name, group, self: [0, 0], total: [0, 0], children: [] });

/**
 * One tree of all stacks, nodes merged by name; its root is called `all`. `depth` is the number of frames kept of each
 * stack, groups not counted; null keeps all. The order of the stacks does not matter.
 */
export function foldTree(
  stacks: readonly WeightedStack[],
  direction: Direction,
  depth: number | null,
  maxNodes = MAX_NODES,
): StackTree {
  const paths = sortedPaths(stacks, direction, depth);
  const levels = levelsKept(paths, maxNodes);
  const open: Growing[] = [grow('all', true)];
  let previous: number | null = null;
  let cutStacks = paths.cutStacks;
  for (const stack of paths.order) {
    const { frames, prefix, weights } = stacks[stack];
    const length = paths.starts[stack + 1] - paths.starts[stack];
    const shared = previous === null ? 0 : sharedLength(paths.ids, paths.starts, previous, stack);
    close(open, Math.min(shared, levels) + 1);
    openPath(open, paths, stack, Math.min(length, levels));
    markFrames(open, prefix?.length ?? 0);
    add(open[open.length - 1].self, weights);
    // Those cut by `depth` are counted already.
    if (length > levels && frames.length + (prefix?.length ?? 0) === length) cutStacks++;
    previous = stack;
  }
  close(open, 1);
  const [root] = open;
  finish(root);
  return { ...root, cutStacks };
}

/** How many levels below the root the tree may have. */
function levelsKept({ ids, starts, order }: StackPaths, maxNodes: number): number {
  const deepest = order.reduce((most, stack) => Math.max(most, starts[stack + 1] - starts[stack]), 0);
  // A stack opens nodes on the levels that it does not share with the one before it: +1 where they begin, -1 behind.
  const changes = new Int32Array(deepest + 2);
  for (const [i, stack] of order.entries()) {
    changes[i === 0 ? 0 : sharedLength(ids, starts, order[i - 1], stack)]++;
    changes[starts[stack + 1] - starts[stack]]--;
  }
  let nodes = 0;
  let onLevel = 0;
  for (let level = 0; level < deepest; level++) {
    onLevel += changes[level];
    nodes += onLevel;
    if (nodes > maxNodes) return level;
  }
  return deepest;
}

function openPath(open: Growing[], { ids, starts, names }: StackPaths, stack: number, length: number): void {
  while (open.length <= length) {
    const node = grow(names[ids[starts[stack] + open.length - 1]], true);
    open[open.length - 1].children.push(node);
    open.push(node);
  }
}

/** What stands behind the prefix of any stack is a frame. */
function markFrames(open: readonly Growing[], prefixLength: number): void {
  for (let level = prefixLength + 1; level < open.length; level++) open[level].group = false;
}

/** Finishes nodes until `length` are left open. */
function close(open: Growing[], length: number): void {
  while (open.length > length) {
    const node = open.pop()!;
    finish(node);
    add(open[open.length - 1].total, node.total);
  }
}

function finish(node: Growing): void {
  add(node.total, node.self);
  if (node.children.length > 1) {
    node.children.sort((a, b) => b.total[0] - a.total[0] || compareNames(a.name, b.name));
  }
}

function add(sum: [number, number], weights: Weights): void {
  sum[0] += weights[0];
  sum[1] += weights[1];
}
