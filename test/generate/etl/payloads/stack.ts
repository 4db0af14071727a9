/**
 * Stacks: whole, or by a key whose frames come later. Fields: MOF class StackWalk_Event of the documentation of ETW for 32;
 * the others have no documentation, their layout was found in real files.
 */
import { type PointerBytes, pointer, u32, u64 } from '../bytes.js';
import type { EventBody } from '../log.js';
import { GROUP, perfInfoEvent } from './kernel.js';

const STACK = 32;
const KEY_DELETE = 35;
const KEY_RUNDOWN = 36;
const KEY_KERNEL = 37;
const KEY_USER = 38;

/** The event that a stack belongs to. */
export interface StackOwner {
  readonly ticks: bigint;
  readonly pid: number;
  readonly tid: number;
}

const owned = ({ ticks, pid, tid }: StackOwner): Buffer[] => [u64(ticks), u32(pid), u32(tid)];
const what = (opcode: number, pointerBytes: PointerBytes) => ({ group: GROUP.stackWalk, opcode, pointerBytes });

/** Frames from the innermost on. */
export function stack(owner: StackOwner, frames: readonly bigint[], pointerBytes: PointerBytes = 8): EventBody {
  return perfInfoEvent(
    what(STACK, pointerBytes),
    ...owned(owner),
    ...frames.map((frame) => pointer(frame, pointerBytes)),
  );
}

export function stackKey(
  part: 'kernel' | 'user',
  owner: StackOwner,
  key: bigint,
  pointerBytes: PointerBytes = 8,
): EventBody {
  const opcode = part === 'kernel' ? KEY_KERNEL : KEY_USER;
  return perfInfoEvent(what(opcode, pointerBytes), ...owned(owner), pointer(key, pointerBytes));
}

/** What a key meant until now: at the end of the trace, or when the key is given to other frames. */
export function stackKeyFrames(
  why: 'delete' | 'rundown',
  key: bigint,
  frames: readonly bigint[],
  pointerBytes: PointerBytes = 8,
): EventBody {
  const opcode = why === 'delete' ? KEY_DELETE : KEY_RUNDOWN;
  return perfInfoEvent(
    what(opcode, pointerBytes),
    pointer(key, pointerBytes),
    ...frames.map((frame) => pointer(frame, pointerBytes)),
  );
}
