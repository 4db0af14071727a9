/** The stack of the processor that crashed. */
import type { Frame } from './frames.js';
import type { Model, ThreadRow } from './model.js';

export interface CrashStack {
  readonly row: ThreadRow;
  readonly frames: readonly Frame[];
}

/** A live debugger stops some frames further in than KeBugCheckEx. */
const INNERMOST = 8;

export const allStacks = (model: Model): CrashStack[] => [
  ...model.looseStacks,
  ...[...model.threads.values()].flatMap(({ stackRow, frames }) =>
    stackRow === null ? [] : [{ row: stackRow, frames }],
  ),
];

/** True where the bugcheck was called on this stack. */
export const hasBugcheck = ({ frames }: CrashStack): boolean =>
  frames
    .slice(0, INNERMOST)
    .some(({ base, function: fn }) => base === 'nt' && fn !== null && /^KeBugCheck\w{0,6}$/.test(fn));
