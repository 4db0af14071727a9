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
  readonly #byKey = new Map<string, number>();
  #stacks = 0;
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
    return this.#ids.get(key) ?? this.#add(this.#ids, key, kept, place);
  }

  /**
   * The same for a caller that can tell equal stacks by a key of its own, which no other caller uses: `frames` is called only
   * where the stack is new.
   */
  idByKey(
    key: string,
    frames: () => readonly StackFrame[],
    place: { readonly line: number | null; readonly byte: number | null },
  ): number | null {
    if (this.#writer === null) return null;
    return this.#byKey.get(key) ?? this.#add(this.#byKey, key, frames().slice(0, MAX_FRAMES), place);
  }

  #add(
    ids: Map<string, number>,
    key: string,
    kept: readonly StackFrame[],
    place: { readonly line: number | null; readonly byte: number | null },
  ): number | null {
    if (this.#stacks >= MAX_STACKS || this.#frames + kept.length > MAX_FRAMES_KEPT) {
      this.out.diagnostics.add(
        'too-many-stacks',
        'data-loss',
        'more different stacks than there is room for: the rest was left out',
      );
      return null;
    }
    const stack = this.#stacks++;
    ids.set(key, stack);
    this.#frames += kept.length;
    for (let i = 0; i < kept.length; i++) this.#row(stack, i + 1, kept[i], place);
    return stack;
  }

  /** Straight into the columns: a source may have millions of frames. */
  #row(
    stack: number,
    number: number,
    frame: StackFrame,
    { line, byte }: { readonly line: number | null; readonly byte: number | null },
  ): void {
    const writer = this.#writer;
    if (writer === null) return;
    const { cols, dicts, n } = writer;
    cols.stack[n] = stack;
    cols.frame[n] = number;
    cols.address[n] = frame.address ?? 0n;
    cols.module[n] = dicts.module.id(frame.module);
    cols.routine[n] = dicts.routine.id(frame.routine);
    cols.line[n] = line ?? Number.NaN;
    cols.byte[n] = byte ?? Number.NaN;
    writer.push();
  }
}
