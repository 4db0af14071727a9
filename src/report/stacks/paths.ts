/** Stacks as sorted rows of numbers, from which every output of this folder is made without a tree of maps. */

/** One call stack and what it weighs. */
export interface WeightedStack {
  /** Innermost first: `module!function+0x10` or `module!0x…`. Texts from a stranger's file, as they are. */
  readonly frames: readonly string[];
  /** Bytes and count. */
  readonly weights: Weights;
  /** Names of groups, outermost first, put between root and frames: `['NonPagedPool', 'Leak']`. */
  readonly prefix?: readonly string[];
}

export type Weights = readonly [bytes: number, count: number];

/** `top-down`: the outermost frame next to the root. `bottom-up`: the innermost. Groups come first in both. */
export type Direction = 'top-down' | 'bottom-up';

/** Paths from the root, each a run of `ids`. */
export interface StackPaths {
  /** Sorted, each once; an id is an index here. */
  readonly names: readonly string[];
  readonly ids: Uint32Array;
  /** Path of stack i: `ids[starts[i]]` up to `ids[starts[i + 1]]`. */
  readonly starts: Uint32Array;
  /** The stacks' numbers in the order of their paths: same paths are neighbours, a path stands before those it begins. */
  readonly order: Uint32Array;
  /** Stacks of which `depth` left frames out. */
  readonly cutStacks: number;
}

/**
 * The stacks' paths in order. `depth` is the number of frames kept of each, groups not counted; null keeps all.
 * `nameOf` turns texts into names and is called once for each different text.
 */
export function sortedPaths(
  stacks: readonly WeightedStack[],
  direction: Direction,
  depth: number | null,
  nameOf: (text: string) => string = (text) => text,
): StackPaths {
  const most = depth ?? Number.POSITIVE_INFINITY;
  const starts = startsOf(stacks, most);
  const ids = new Uint32Array(starts[stacks.length]);
  const { names, idOf } = interner(nameOf);
  for (const [i, stack] of stacks.entries()) fillPath(ids, starts[i], stack, direction, most, idOf);
  const sorted = rankByName(names, ids);
  const order = Uint32Array.from(stacks.keys()).sort((a, b) => comparePaths(ids, starts, a, b));
  const cutStacks = stacks.reduce((sum, { frames }) => sum + (frames.length > most ? 1 : 0), 0);
  return { names: sorted, ids, starts, order, cutStacks };
}

function startsOf(stacks: readonly WeightedStack[], most: number): Uint32Array {
  const starts = new Uint32Array(stacks.length + 1);
  for (const [i, { frames, prefix }] of stacks.entries()) {
    starts[i + 1] = starts[i] + (prefix?.length ?? 0) + Math.min(frames.length, most);
  }
  return starts;
}

function fillPath(
  ids: Uint32Array,
  start: number,
  { frames, prefix = [] }: WeightedStack,
  direction: Direction,
  most: number,
  idOf: (text: string) => number,
): void {
  let at = start;
  for (const group of prefix) ids[at++] = idOf(group);
  const kept = Math.min(frames.length, most);
  const last = frames.length - 1;
  for (let i = 0; i < kept; i++) ids[at++] = idOf(frames[direction === 'top-down' ? last - i : i]);
}

/** Numbers for texts; texts with the same name share one. */
function interner(nameOf: (text: string) => string): { names: string[]; idOf: (text: string) => number } {
  const names: string[] = [];
  const byText = new Map<string, number>();
  const byName = new Map<string, number>();
  const idOf = (text: string): number => {
    const known = byText.get(text);
    if (known !== undefined) return known;
    const name = nameOf(text);
    const id = byName.get(name) ?? names.push(name) - 1;
    byName.set(name, id);
    byText.set(text, id);
    return id;
  };
  return { names, idOf };
}

/** Renumbers `ids` in the order of names, so that no output depends on the order in which stacks came. */
function rankByName(names: readonly string[], ids: Uint32Array): string[] {
  const byName = [...names.keys()].sort((a, b) => compareNames(names[a], names[b]));
  const rank = new Uint32Array(names.length);
  for (const [place, id] of byName.entries()) rank[id] = place;
  for (let i = 0; i < ids.length; i++) ids[i] = rank[ids[i]];
  return byName.map((id) => names[id]);
}

/** By UTF-16 units: the same on every machine, which locales are not. */
export function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function comparePaths(ids: Uint32Array, starts: Uint32Array, a: number, b: number): number {
  const shared = sharedLength(ids, starts, a, b);
  const left = starts[a + 1] - starts[a];
  const right = starts[b + 1] - starts[b];
  if (shared === left || shared === right) return left - right;
  return ids[starts[a] + shared] - ids[starts[b] + shared];
}

/** How many names from the root two stacks have in common. */
export function sharedLength(ids: Uint32Array, starts: Uint32Array, a: number, b: number): number {
  const most = Math.min(starts[a + 1] - starts[a], starts[b + 1] - starts[b]);
  let n = 0;
  while (n < most && ids[starts[a] + n] === ids[starts[b] + n]) n++;
  return n;
}

/** Each different path once, root first, with the sum of its weights. */
export function* distinctStacks(
  stacks: readonly WeightedStack[],
  { ids, starts, order }: StackPaths,
): Generator<{ readonly ids: Uint32Array; readonly weights: Weights }> {
  for (let from = 0; from < order.length; ) {
    const first = order[from];
    const length = starts[first + 1] - starts[first];
    let bytes = 0;
    let count = 0;
    let to = from;
    for (; to < order.length; to++) {
      const other = order[to];
      if (starts[other + 1] - starts[other] !== length || sharedLength(ids, starts, first, other) < length) break;
      bytes += stacks[other].weights[0];
      count += stacks[other].weights[1];
    }
    yield { ids: ids.subarray(starts[first], starts[first + 1]), weights: [bytes, count] };
    from = to;
  }
}
