/** The slots of a trace, gathered into tags and stacks. */
import type { Filter } from '../../core/filter.js';
import { pushTo } from '../../core/push-to.js';
import type { CallStacks } from './call-stacks.js';
import type { PoolOptions } from './options.js';
import type { Outstanding } from './outstanding.js';
import type { Slots } from './slots.js';
import { addTo, type Sums, sumOf } from './sums.js';
import { SLOT_BINS } from './time-bins.js';

/** Allocations of one tag and pool. */
export interface TagGroup {
  readonly tag: string | null;
  readonly paged: boolean | null;
  readonly sums: Sums;
  readonly stacks: readonly StackGroup[];
  /** Frees in the range, by time, of blocks from before it that may be of this group: a free does not say who allocated. */
  readonly freedBefore: Float64Array;
  /** Of them, those whose stack is not known. */
  readonly freedUnknown: Float64Array;
}

/** Of them, those of one stack; `stack` is one of those that were folded. */
export interface StackGroup {
  readonly stack: number;
  readonly sums: Sums;
}

/** Gathers the slots that pass the filters which cannot be asked before all is read. */
export function groupsOf(trace: Outstanding, options: PoolOptions): TagGroup[] {
  const { slots, dicts } = trace;
  if (slots === null || dicts === null) return [];
  const passes = slotFilter(trace, options);
  const byTag = new Map<string, number[]>();
  // Filters leave out what was allocated before the trace: it says neither process nor stack.
  const leftOut = new Map<string, number[]>();
  for (let slot = 0; slot < slots.count; slot++) {
    const { type, tag, stack, pid } = slots.key(slot);
    const key = `${tag},${trace.paged(type)}`;
    if (passes(slot)) pushTo(byTag, key, slot);
    else if (stack < 0 && pid < 0) pushTo(leftOut, key, slot);
  }
  return [...byTag].map(([key, members]) => {
    const { type, tag } = slots.key(members[0]);
    const sums = sumOf(slots, members);
    const others = freedBeforeOf(slots, leftOut.get(key) ?? []);
    const unknown = freedBeforeOf(
      slots,
      members.filter((slot) => trace.stacks.folded(slots.key(slot).stack) < 0),
    );
    return {
      tag: dicts.tag.get(tag),
      paged: trace.paged(type),
      sums,
      stacks: stacksOf(members, trace),
      freedBefore: added(sums.freedBefore, others),
      freedUnknown: added(unknown, others),
    };
  });
}

function freedBeforeOf(slots: Slots, members: readonly number[]): Float64Array {
  const sum = new Float64Array(SLOT_BINS);
  for (const slot of members) addTo(sum, slots.freedBefore(slot));
  return sum;
}

/** Sum of two series. */
export const added = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, i) => value + b[i]);

function stacksOf(members: readonly number[], { slots, stacks }: Outstanding): StackGroup[] {
  if (slots === null) return [];
  const byStack = new Map<number, number[]>();
  for (const slot of members) {
    const folded = stacks.folded(slots.key(slot).stack);
    if (folded >= 0) pushTo(byStack, folded, slot);
  }
  return [...byStack.values()].map((own) => {
    const sums = sumOf(slots, own);
    const largest = own.reduce((a, b) => (slots.outBytes(b) > slots.outBytes(a) ? b : a));
    return { stack: slots.key(largest).stack, sums };
  });
}

/** Frees of blocks from before the trace name neither process nor stack: they pass only where nobody asks for these. */
export function slotFilter(trace: Outstanding, options: PoolOptions): (slot: number) => boolean {
  const { process, pids, module, fn } = options;
  const byStack = new Map<number, boolean>();
  return (slot) => {
    const { stack, pid } = trace.slots?.key(slot) ?? { stack: -1, pid: -1 };
    if (pids !== null && !pids.has(pid)) return false;
    if (process !== null && !process(processName(trace, slot) ?? '')) return false;
    if (module === null && fn === null) return true;
    const known = byStack.get(stack);
    if (known !== undefined) return known;
    const passes = hasFrame(trace.stacks, stack, module, fn);
    byStack.set(stack, passes);
    return passes;
  };
}

const hasFrame = (stacks: CallStacks, stack: number, wanted: Filter | null, wantedFn: Filter | null): boolean =>
  stacks
    .frames(stack)
    .some(
      ({ module, function: fn }) =>
        (wanted === null || (module !== null && wanted(module))) &&
        (wantedFn === null || (fn !== null && wantedFn(fn))),
    );

/** Name of the process of a slot; null where it is not known. */
export function processName({ processes, dicts, slots, system }: Outstanding, slot: number): string | null {
  const named = dicts?.process.get(processes[slot] ?? -1) ?? null;
  const pid = slots?.key(slot).pid ?? -1;
  return named ?? (pid < 0 ? null : system.process(pid));
}
