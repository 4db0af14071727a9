/** The stacks of the events in one buffer, found before the events are told of. */
import { NULL_I32 } from '../../../src/core/schema.js';
import type { EventCursor } from '../log/cursor.js';
import type { LateStacks } from './late-stacks.js';
import { isStackUse, KEY_KERNEL, KEY_USER, STACK, stackAt, stackPidAt, stackTidAt, stampOf } from './stack-events.js';
import type { StackKeys, Stacks } from './stacks.js';
import { TicksMap } from './ticks-map.js';

/** What the first pass knows of stacks. */
export interface KnownStacks {
  readonly stacks: Stacks;
  readonly keys: StackKeys;
  readonly late: LateStacks;
}

/** Events that hold the stack of another. */
const USES = new Uint8Array(1 << 16);
for (const key of [STACK, KEY_KERNEL, KEY_USER]) USES[key] = 1;

export class StackUses {
  /** Process of the stack that was found last, as the stack's own event says; NULL_I32 where there was none. */
  pid = NULL_I32;
  /** Its thread. */
  tid = NULL_I32;
  readonly #uses = new TicksMap();
  #place = Number.NaN;
  #stack = -1;

  constructor(private readonly known: KnownStacks) {}

  /** Looks through a buffer that was just opened; the cursor is at its end then. */
  prepare(cursor: EventCursor): void {
    this.#uses.clear();
    while (cursor.stepTo(USES, false)) if (isStackUse(cursor)) this.#uses.add(stampOf(cursor), cursor.at);
  }

  /**
   * Number of the stack of the event at the cursor; -1 where it has none. Only the kernel's own events have stacks behind
   * them: others that happen to have the same time stamp carry theirs inside, or, as those that merging adds, have none. Of
   * events with one time stamp `tid` tells whose a stack is, where it is known (not NULL_I32); of those of one thread the first
   * has it: a stack is one event's.
   */
  of(cursor: EventCursor, tid: number): number {
    if (cursor.key < 0) return -1;
    // Asked again for the same event, by the rows of another table.
    const place = cursor.start + cursor.at;
    if (place !== this.#place) {
      this.#place = place;
      this.#stack = this.#take(cursor, tid);
    }
    return this.#stack;
  }

  #take(cursor: EventCursor, tid: number): number {
    const { stacks, keys, late } = this.known;
    const { ticks } = cursor;
    this.pid = NULL_I32;
    this.tid = NULL_I32;
    const isOurs = (use: number): boolean => use >= 0 && (tid === NULL_I32 || stackTidAt(cursor, use) === tid);
    let stack = -1;
    const at = this.#uses.at(ticks);
    if (at >= 0) {
      for (const isSecond of [false, true]) {
        const use = isSecond ? this.#uses.second(at) : this.#uses.first(at);
        if (!isOurs(use)) continue;
        const part = stackAt(cursor, use, stacks, keys);
        // The other stack is that of another event of the same time.
        if (!stacks.areParts(stack, part)) continue;
        stack = stacks.joined(stack, part);
        this.pid = stackPidAt(cursor, use);
        this.tid = stackTidAt(cursor, use);
        this.#uses.take(at, isSecond);
      }
    }
    for (let i = late.find(ticks); late.isAt(i, ticks); i++) {
      if ((tid !== NULL_I32 && late.tid(i) !== tid) || late.isTaken(i)) continue;
      if (!stacks.areParts(stack, late.stack(i))) continue;
      stack = stacks.joined(stack, late.stack(i));
      this.pid = late.pid(i);
      this.tid = late.tid(i);
      late.take(i);
    }
    return stack;
  }
}
