/** Counts and bytes nested by the keys that were asked for, as WPA groups its Pool table. */
import { allocatorOf, driverOf, requesterOf } from './attribution.js';
import { frameText } from './frames.js';
import type { PoolOptions } from './options.js';
import type { Outstanding } from './outstanding.js';
import type { PoolKey, PoolNode } from './result.js';
import { type Slots, Sum } from './slots.js';
import { processName, slotFilter } from './trace-groups.js';

interface Node {
  readonly by: PoolKey;
  readonly value: string | null;
  count: number;
  bytes: number;
  readonly children: Map<string | null, Node>;
}

const TYPES = ['AIFI', 'AIFO', 'AOFI', 'AOFO'] as const;
type PoolTypeName = (typeof TYPES)[number];

/** Without `type` among the keys, what is outstanding (AIFO) counts. */
export function treeOf(trace: Outstanding, options: PoolOptions): PoolNode[] {
  const { slots } = trace;
  const { by } = options;
  if (slots === null || by === null) return [];
  const passes = slotFilter(trace, options);
  const values = new Values(trace);
  const root: Node = { by: 'type', value: null, count: 0, bytes: 0, children: new Map() };
  const types = by.includes('type') ? TYPES : (['AIFO'] as const);
  for (let slot = 0; slot < slots.count; slot++) {
    if (!passes(slot)) continue;
    for (const type of types) {
      const [count, bytes] = figures(trace, slots, slot, type);
      if (count !== 0) add(root, by, values, slot, type, count, bytes);
    }
  }
  return shown(root);
}

function figures({ young }: Outstanding, slots: Slots, slot: number, type: PoolTypeName): [number, number] {
  switch (type) {
    case 'AIFI':
      return [slots.sum(slot, Sum.FreedCount), slots.sum(slot, Sum.FreedBytes)];
    case 'AIFO':
      return [slots.outCount(slot) - young.of(slot).count, slots.outBytes(slot) - young.of(slot).bytes];
    case 'AOFI':
      return [slots.sum(slot, Sum.BeforeFreedCount), slots.sum(slot, Sum.BeforeFreedBytes)];
    case 'AOFO':
      return [slots.sum(slot, Sum.BeforeCount), slots.sum(slot, Sum.BeforeBytes)];
  }
}

function add(
  root: Node,
  by: readonly PoolKey[],
  values: Values,
  slot: number,
  type: PoolTypeName,
  count: number,
  bytes: number,
): void {
  let node = root;
  for (const key of by) {
    const value = key === 'type' ? type : values.of(slot, key);
    let child = node.children.get(value);
    if (child === undefined) {
      child = { by: key, value, count: 0, bytes: 0, children: new Map() };
      node.children.set(value, child);
    }
    child.count += count;
    child.bytes += bytes;
    node = child;
  }
}

const shown = ({ children }: Node): PoolNode[] =>
  [...children.values()]
    .map((node) => ({ by: node.by, value: node.value, count: node.count, bytes: node.bytes, children: shown(node) }))
    .sort((a, b) =>
      a.by === 'type'
        ? TYPES.indexOf(a.value as PoolTypeName) - TYPES.indexOf(b.value as PoolTypeName)
        : b.bytes - a.bytes || b.count - a.count,
    );

/** Values of keys by slot; those of stacks are worked out once for each. */
class Values {
  readonly #stacks = new Map<number, { readonly driver: string | null; readonly path: string | null }>();

  constructor(private readonly trace: Outstanding) {}

  of(slot: number, key: PoolKey): string | null {
    const { dicts, slots } = this.trace;
    if (slots === null || dicts === null) return null;
    const { type, tag, stack, pid } = slots.key(slot);
    switch (key) {
      case 'paged': {
        const paged = this.trace.paged(type);
        return paged === null ? null : paged ? 'Paged' : 'Nonpaged';
      }
      case 'tag':
        return dicts.tag.get(tag);
      case 'process': {
        const name = processName(this.trace, slot);
        return pid < 0 ? name : `${name ?? 'unknown'} (${pid})`;
      }
      case 'driver':
        return this.#stack(stack).driver;
      default:
        return this.#stack(stack).path;
    }
  }

  #stack(stack: number): { readonly driver: string | null; readonly path: string | null } {
    const { stacks } = this.trace;
    const folded = stacks.folded(stack);
    const known = this.#stacks.get(folded);
    if (known !== undefined) return known;
    const frames = stacks.frames(stack);
    const allocator = allocatorOf(frames);
    const requester = requesterOf(frames, null, null);
    const path =
      allocator === null ? null : `${frameText(allocator)}${requester === null ? '' : ` <- ${frameText(requester)}`}`;
    const made = {
      driver: allocator === null ? null : driverOf(allocator),
      path: path ?? (frames[0] === undefined ? null : frameText(frames[0])),
    };
    this.#stacks.set(folded, made);
    return made;
  }
}
