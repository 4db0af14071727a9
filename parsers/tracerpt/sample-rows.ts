/** Rows of sampled addresses and of walked stacks. */

import { NULL_I32 } from '../../src/core/schema.js';
import { parseTicks } from '../../src/core/time.js';
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

/** One row a frame. EventTimeStamp is in the clock of the trace; where that cannot be related `atUs` is null. */
export function writeStack(
  context: KernelContext,
  w: NonNullable<Writers['stack']>,
  head: KernelHead,
  field: FieldOf,
): Outcome {
  const stamp = parseTicks(field('EventTimeStamp') ?? '');
  const tid = wholeNumber(field('StackThread'));
  if (stamp === null || tid === null) return badField('EventTimeStamp or StackThread');
  const atUs = timeUs(context.timeline, stamp);
  let frame = 1;
  for (; frame <= MAX_FRAMES; frame++) {
    const pointer = address(field(`Stack${frame}`));
    if (pointer === null) break;
    const routine = `0x${pointer.toString(16)}`;
    w.row({ atUs, tid: fit(tid), frame, address: pointer, routine, line: head.line, byte: head.byte });
  }
  return frame === 1 ? badField('first frame') : 'row';
}
