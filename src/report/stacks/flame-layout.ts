/** Where each frame of a flame graph lies, and which frames are too small to be drawn. */
import type { StackNode, Weights } from './fold.js';

/** Frames narrower than this, in pixels, are drawn as one. */
const MIN_WIDTH = 0.1;

export interface Box {
  /** Null where this stands for `folded` siblings. */
  readonly node: StackNode | null;
  readonly folded: number;
  readonly total: Weights;
  /** Bytes left of it, over the whole width. */
  readonly start: number;
  /** 0 is the root. */
  readonly row: number;
}

export interface Layout {
  /** A parent stands before its children, these from left to right. */
  readonly boxes: readonly Box[];
  readonly rows: number;
  /** Width below which frames were drawn as one, in pixels. */
  readonly minWidth: number;
}

/** Lays out at most `most` frames, the largest, and for each at most one box for its smaller children. */
export function layOut(root: StackNode, width: number, most: number): Layout {
  const min = smallestDrawn(root, (MIN_WIDTH / width) * root.total[0], most);
  const boxes: Box[] = [];
  const waiting: Box[] = [{ node: root, folded: 0, total: root.total, start: 0, row: 0 }];
  let rows = 1;
  for (let box = waiting.pop(); box !== undefined; box = waiting.pop()) {
    boxes.push(box);
    rows = Math.max(rows, box.row + 1);
    if (box.node !== null) waiting.push(...childBoxes(box.node, box.start, box.row + 1, min).reverse());
  }
  return { boxes, rows, minWidth: root.total[0] > 0 ? (min / root.total[0]) * width : MIN_WIDTH };
}

/** Bytes that a frame needs to be drawn: so many that no more than `most` are, and more than none. */
function smallestDrawn(root: StackNode, min: number, most: number): number {
  const totals: number[] = [];
  const waiting: StackNode[] = [root];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    totals.push(node.total[0]);
    for (const child of node.children) if (isDrawn(child, min)) waiting.push(child);
  }
  if (totals.length <= most) return min;
  // All of the size at which the limit falls are left out: which of them were drawn would be chance.
  const sorted = Float64Array.from(totals).sort().reverse();
  const next = sorted.subarray(0, most).findLast((total) => total > sorted[most]);
  return next ?? sorted[0] + 1;
}

const isDrawn = (node: StackNode, min: number): boolean => node.total[0] > 0 && node.total[0] >= min;

function childBoxes(node: StackNode, from: number, row: number, min: number): Box[] {
  const boxes: Box[] = [];
  let start = from;
  for (const child of node.children) {
    if (!isDrawn(child, min)) continue;
    boxes.push({ node: child, folded: 0, total: child.total, start, row });
    start += child.total[0];
  }
  const small = node.children.filter((child) => !isDrawn(child, min));
  if (small.length > 0) boxes.push({ node: null, folded: small.length, total: sumOf(small), start, row });
  return boxes;
}

function sumOf(nodes: readonly StackNode[]): Weights {
  return [nodes.reduce((sum, node) => sum + node.total[0], 0), nodes.reduce((sum, node) => sum + node.total[1], 0)];
}
