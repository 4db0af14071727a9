/** The stacks of the events in one buffer, found before the events are told of. */
import type { EventCursor } from './cursor.js';
import type { LateStacks } from './late-stacks.js';
import { isStackUse, stackAt, stampOf } from './stack-events.js';
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
   * them: others that happen to have the same time stamp carry theirs inside, or, as those that merging adds, have none.
   */
  of(cursor: EventCursor): number {
    if (cursor.key < 0) return -1;
    const { stacks, keys, late } = this.known;
    const { ticks } = cursor;
    let stack = -1;
    const at = this.#uses.at(ticks);
    if (at >= 0) {
      stack = stackAt(cursor, this.#uses.first(at), stacks, keys);
      const second = this.#uses.second(at);
      if (second >= 0) stack = stacks.joined(stack, stackAt(cursor, second, stacks, keys));
    }
    let i = late.find(ticks);
    while (i >= 0) {
      const more = late.stack(i, ticks);
      if (more < -1) break;
      stack = stacks.joined(stack, more);
      i++;
    }
    return stack;
  }
}
