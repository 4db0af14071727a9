/** What a module of a command is: it says which lines begin its output, and reads them until they end. */
import type { KdLine } from './line.js';
import type { Log } from './log.js';
import type { Typed } from './prompt.js';

/**
 * What became of a line:
 * - `row`: it fed a row (of a table that is asked for)
 * - `ignored`: sound, but not needed: a header, a figure of a table that nobody reads
 * - `skipped`: damaged; the reader has called `out.skip`, which counts it
 * - `held`: the reader counts it itself, at the latest in `end`
 * - `unread`: not of this output, but more of it may come
 * - `over`: not of this output, which has ended before
 */
export type Taken = 'row' | 'ignored' | 'skipped' | 'held' | 'unread' | 'over';

/** Reads one output of a command. Blank lines are not handed to it. */
export interface Reader {
  take(line: KdLine): Taken;
  /** Something was cut out here. */
  cut?(): void;
  /** The output has ended; called once. */
  end?(): void;
}

export interface Command {
  /** As in the counts of `info`: `!poolused`. */
  readonly name: string;
  /** True where this is how the command is typed. */
  isTyped(typed: Typed): boolean;
  /** True where the line can only be the beginning of this command's output, whether or not a prompt was seen. */
  begins(line: KdLine, log: Log): boolean;
  /** `typed`: null where the output stands without a command, or with another one. */
  read(log: Log, typed: Typed | null): Reader;
}
