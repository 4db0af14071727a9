/** The stacks of the events in one buffer, found before the events are told of. */
import { NULL_I32 } from '../../../src/core/schema.js';
import type { EventCursor } from '../log/cursor.js';
import type { LateStacks } from './late-stacks.js';
import { isStackUse, stackAt, stackTidAt, stampOf } from './stack-events.js';
import type { StackKeys, Stacks } from './stacks.js';
import { TicksMap } from './ticks-map.js';

/** What the first pass knows of stacks. */
export interface KnownStacks {
  readonly stacks: Stacks;
  readonly keys: StackKeys;
  readonly late: LateStacks;
}

export class StackUses {
  readonly #uses = new TicksMap();

  constructor(private readonly known: KnownStacks) {}

  /** Looks through a buffer that was just opened; the cursor is at its end then. */
  prepare(cursor: EventCursor): void {
    this.#uses.clear();
    while (cursor.step()) if (isStackUse(cursor)) this.#uses.add(stampOf(cursor), cursor.at);
  }

  /**
   * Number of the stack of the event at the cursor; -1 where it has none. Only the kernel's own events have stacks behind
   * them: others that happen to have the same time stamp carry theirs inside, or, as those that merging adds, have none. Of
   * events with one time stamp `tid` tells whose a stack is, where it is known (not NULL_I32).
   */
  of(cursor: EventCursor, tid: number): number {
    if (cursor.key < 0) return -1;
    const { stacks, keys, late } = this.known;
    const { ticks } = cursor;
    const isOurs = (use: number): boolean => tid === NULL_I32 || stackTidAt(cursor, use) === tid;
    let stack = -1;
    const at = this.#uses.at(ticks);
    if (at >= 0) {
      const [first, second] = [this.#uses.first(at), this.#uses.second(at)];
      if (isOurs(first)) stack = stackAt(cursor, first, stacks, keys);
      if (second >= 0 && isOurs(second)) stack = stacks.joined(stack, stackAt(cursor, second, stacks, keys));
    }
    for (let i = late.find(ticks); late.isAt(i, ticks); i++) {
      if (tid === NULL_I32 || late.tid(i) === tid) stack = stacks.joined(stack, late.stack(i));
    }
    return stack;
  }
}
