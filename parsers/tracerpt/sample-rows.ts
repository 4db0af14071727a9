/** Rows of sampled addresses and of walked stacks. */

import { NULL_I32 } from '../../src/core/schema.js';
import { parseTicks, type Ticks } from '../../src/core/time.js';
import type { KernelContext, KernelHead, Writers } from './context.js';
import { MAX_FRAMES } from './field-names.js';
import { address, type FieldOf, fit, wholeNumber } from './field-values.js';
import { badField, type Outcome } from './outcome.js';
import { timeUs } from './timeline.js';

export function writeSample(w: NonNullable<Writers['sample']>, head: KernelHead, field: FieldOf): Outcome {
  const pointer = address(field('InstructionPointer'));
  if (pointer === null) return badField('InstructionPointer');
  const tid = wholeNumber(field('ThreadId'));
  w.row({
    atUs: head.atUs,
    cpu: head.cpu === NULL_I32 ? null : head.cpu,
    pid: head.pid === NULL_I32 ? null : head.pid,
    tid: fit(tid),
    address: pointer,
    routine: `0x${pointer.toString(16)}`,
    line: head.line,
    byte: head.byte,
  });
  return 'row';
}

/** A stack as its event holds it. */
export interface WalkedStack {
  /** EventTimeStamp: time of the event that it belongs to, in the clock of the trace. */
  readonly stamp: Ticks;
  readonly pid: number | null;
  readonly tid: number;
  /** Return addresses, innermost first; at least one. */
  readonly frames: readonly bigint[];
}

/** A stack goes to the table of stacks, to the pool event that it belongs to, to both or to neither. */
export function readStack(context: KernelContext, head: KernelHead, field: FieldOf): Outcome {
  const stamp = parseTicks(field('EventTimeStamp') ?? '');
  const tid = wholeNumber(field('StackThread'));
  if (stamp === null || tid === null) return badField('EventTimeStamp or StackThread');
  const frames = framesOf(field);
  if (frames.length === 0) return badField('first frame');
  const stack = { stamp, pid: wholeNumber(field('StackProcess')), tid, frames };
  const isOfPool = context.pool.stack(stack, head);
  const w = context.writers.stack;
  if (w !== null) writeStack(context, w, stack, head);
  return w !== null || isOfPool ? 'row' : 'unwanted';
}

function framesOf(field: FieldOf): bigint[] {
  const frames: bigint[] = [];
  while (frames.length < MAX_FRAMES) {
    const pointer = address(field(`Stack${frames.length + 1}`));
    if (pointer === null) break;
    frames.push(pointer);
  }
  return frames;
}

/** One row a frame; `atUs` is null where the clock of the trace cannot be related. */
function writeStack(
  context: KernelContext,
  w: NonNullable<Writers['stack']>,
  stack: WalkedStack,
  head: KernelHead,
): void {
  const atUs = timeUs(context.timeline, stack.stamp);
  for (const [i, pointer] of stack.frames.entries()) {
    const routine = `0x${pointer.toString(16)}`;
    w.row({ atUs, tid: fit(stack.tid), frame: i + 1, address: pointer, routine, line: head.line, byte: head.byte });
  }
}
