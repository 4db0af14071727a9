import type { Output } from '../../../src/core/parser.js';
import { NULL_I32 } from '../../../src/core/schema.js';
import type { EventCursor } from '../log/cursor.js';
import { Group, HeaderType, kernelKey, pointerBytesOf } from '../log/layout.js';
import { isStackUse, stackPidAt, stackTidAt } from '../stacks/stack-events.js';
import type { Survey } from '../survey.js';
import type { Loaded } from '../walk.js';

/** What an event came to: a row, nothing (it is sound, but not needed), or why it could not be used. */
export type Outcome = 'row' | 'none' | Problem;

export interface Problem {
  readonly code: string;
  readonly message: string;
}

/** Turns one kind of event into rows. */
export type Handler = (loaded: Loaded) => Outcome;

/** What all rows need. */
export class RowContext {
  /** Thread that runs on each processor, as the context switches say; -1 where none has been seen. */
  readonly #running: number[] = [];
  readonly #perUs: number;

  constructor(
    readonly survey: Survey,
    readonly out: Output,
    ticksPerUs: number | null,
    /** Threads whose context switches are wanted; null for all. */
    readonly switchedThreads: ReadonlySet<number> | null = null,
  ) {
    this.#perUs = ticksPerUs ?? Number.NaN;
  }

  /** µs from the start of the log; NaN where the log does not say how fast its clock goes. */
  us(ticks: number): number {
    return ticks / this.#perUs;
  }

  switched(cpu: number, tid: number): void {
    this.#running[cpu] = tid;
  }

  /**
   * Thread of the event: that which a sample or a stack names, else that in the header, or the one that runs on the
   * processor. NULL_I32 where unknown.
   */
  tid(cursor: EventCursor): number {
    const { type, words, at } = cursor;
    if (type === HeaderType.PerfInfo64 || type === HeaderType.PerfInfo32) {
      if (cursor.key === SAMPLE) return sampledTid(cursor);
      return isStackUse(cursor) ? idOrNull(stackTidAt(cursor, at)) : (this.#running[cursor.cpu] ?? NULL_I32);
    }
    return type === HeaderType.Message ? NULL_I32 : idOrNull(words[(at >> 2) + 2]);
  }

  /** Its process, in the same way. */
  pid(cursor: EventCursor): number {
    const { type, words, at } = cursor;
    if (type === HeaderType.PerfInfo64 || type === HeaderType.PerfInfo32) {
      if (isStackUse(cursor)) return idOrNull(stackPidAt(cursor, at));
      const tid = this.tid(cursor);
      return tid === NULL_I32 ? NULL_I32 : (this.survey.system.pidOfThread(tid, cursor.ticks) ?? NULL_I32);
    }
    return type === HeaderType.Message ? NULL_I32 : idOrNull(words[(at >> 2) + 3]);
  }
}

/** Key of a sample of the profile interrupt. */
export const SAMPLE: number = kernelKey(Group.PerfInfo, 46);

/** Thread that a sample names, behind its InstructionPointer. */
function sampledTid(cursor: EventCursor): number {
  const at = cursor.payloadAt + pointerBytesOf(cursor.type);
  return at + 4 <= cursor.at + cursor.size ? idOrNull(cursor.words[at >> 2]) : NULL_I32;
}

/** An id as it is stored; 0xFFFFFFFF (and what would not fit) means none. */
export const idOrNull = (id: number): number => (id < 0 ? NULL_I32 : id);

/** A problem with an event's payload. */
export const tooShort = (event: string): Problem => ({
  code: 'damaged-event',
  message: `events of ${event} are shorter than their fields`,
});
