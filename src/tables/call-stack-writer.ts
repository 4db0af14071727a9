/** Stacks of text formats as rows of `call_stack`, each different one once. */
import type { Output } from '../core/parser.js';
import type { Writer } from '../core/table.js';
import { callStack } from './call-stack.js';

/** One frame as a source prints it. */
export interface StackFrame {
  readonly address: bigint | null;
  readonly module: string | null;
  /** `Image!Function+0xoffset`; null where the source has no symbols. */
  readonly routine: string | null;
}

/** As many as ETW walks at most. */
const MAX_FRAMES = 192;
/** Different stacks of a trace go to tens of thousands; made-up ones must not fill the memory. */
const MAX_FRAMES_KEPT = 8 << 20;
const MAX_STACKS = 500_000;

/**
 * Make it before asking for the writers of tables that refer to stacks: tables are handed on in the order in which their
 * writers were asked for, and a stack must come before the row that has it.
 */
export class CallStackWriter {
  readonly #writer: Writer<typeof callStack> | null;
  readonly #ids = new Map<string, number>();
  #frames = 0;

  constructor(private readonly out: Output) {
    this.#writer = out.writer(callStack);
  }

  /** False where nobody reads stacks: then frames need not be collected. */
  get isWanted(): boolean {
    return this.#writer !== null;
  }

  /**
   * Number of the stack with these frames, innermost first; null where there are none, nobody reads them, or there is no room.
   * `place` is where the stack begins.
   */
  id(
    frames: readonly StackFrame[],
    place: { readonly line: number | null; readonly byte: number | null },
  ): number | null {
    if (this.#writer === null || frames.length === 0) return null;
    const kept = frames.slice(0, MAX_FRAMES);
    const key = kept.map((f) => `${f.address?.toString(16) ?? ''} ${f.routine ?? f.module ?? ''}`).join('\n');
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    if (this.#ids.size >= MAX_STACKS || this.#frames + kept.length > MAX_FRAMES_KEPT) {
      this.out.diagnostics.add(
        'too-many-stacks',
        'data-loss',
        'more different stacks than there is room for: the rest was left out',
      );
      return null;
    }
    const stack = this.#ids.size;
    this.#ids.set(key, stack);
    this.#frames += kept.length;
    kept.forEach((frame, i) => {
      this.#writer?.row({ stack, frame: i + 1, ...frame, ...place });
    });
    return stack;
  }
}
