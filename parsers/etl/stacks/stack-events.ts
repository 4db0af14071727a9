/**
 * Events that carry the call stack of another event: StackWalk/Stack (32) with the addresses, KeyKernel (37) and KeyUser
 * (38) with a key that KeyDelete (35) or KeyRundown (36) defines. Payload of the first three: EventTimeStamp u64, PID u32,
 * TID u32, then addresses or the key; of the last two: the key, then addresses. Verified, see docs/formats.md.
 */
import type { EventCursor } from '../log/cursor.js';
import { Group, HEADER_BYTES, HeaderType, kernelKey, pointerBytesOf } from '../log/layout.js';
import { MAX_FRAMES, type StackKeys, type Stacks } from './stacks.js';

export const STACK = kernelKey(Group.StackWalk, 32);
export const KEY_DELETE = kernelKey(Group.StackWalk, 35);
export const KEY_RUNDOWN = kernelKey(Group.StackWalk, 36);
export const KEY_KERNEL = kernelKey(Group.StackWalk, 37);
export const KEY_USER = kernelKey(Group.StackWalk, 38);

/** EventTimeStamp, PID and TID. */
const PREFIX = 16;

/** True where the event at the cursor belongs to another event and is long enough to say to which. */
export function isStackUse(cursor: EventCursor): boolean {
  const { key } = cursor;
  return (key === STACK || key === KEY_KERNEL || key === KEY_USER) && cursor.size >= HEADER_BYTES[cursor.type] + PREFIX;
}

/** Time of the event that the stack belongs to. */
export const stampOf = (cursor: EventCursor): number => cursor.ticksIn(HEADER_BYTES[cursor.type]);

/** Thread that the stack in the event at `at` was walked on. */
export const stackTidAt = ({ bytes, words }: EventCursor, at: number): number =>
  words[(at + HEADER_BYTES[bytes[at + 2]] + 12) >> 2];

/** Its process. */
export const stackPidAt = ({ bytes, words }: EventCursor, at: number): number =>
  words[(at + HEADER_BYTES[bytes[at + 2]] + 8) >> 2];

/** Key of a stack, of a use that has one. */
export function keyOf(cursor: EventCursor): bigint {
  const pointerBytes = pointerBytesOf(cursor.type);
  const at = HEADER_BYTES[cursor.type] + PREFIX;
  return cursor.size >= at + pointerBytes ? pointerAt(cursor.bytes, cursor.at + at, pointerBytes) : 0n;
}

/** Keeps the definition that is at the cursor. */
export function defineKey(cursor: EventCursor, stacks: Stacks, keys: StackKeys): void {
  const pointerBytes = pointerBytesOf(cursor.type);
  const at = cursor.at + HEADER_BYTES[cursor.type];
  const frames = Math.floor((cursor.at + cursor.size - at - pointerBytes) / pointerBytes);
  if (frames < 0) return;
  const stack = stacks.id(cursor.words, (at + pointerBytes) >> 2, Math.min(frames, MAX_FRAMES), pointerBytes);
  if (stack >= 0) keys.define(pointerAt(cursor.bytes, at, pointerBytes), cursor.ticks, stack);
}

/** Number of the stack in the event that begins at `at` in the cursor's buffer; -1 where its key is not defined. */
export function stackAt(cursor: EventCursor, at: number, stacks: Stacks, keys: StackKeys): number {
  const { bytes, words } = cursor;
  const type = bytes[at + 2];
  const pointerBytes = pointerBytesOf(type);
  const from = at + HEADER_BYTES[type] + PREFIX;
  const left = at + bytes.readUInt16LE(at + 4) - from;
  if (bytes[at + 6] !== (STACK & 0xff)) {
    const ticks = cursor.ticksFrom(at + (type >= HeaderType.PerfInfo32 ? 8 : 16));
    return left < pointerBytes
      ? -1
      : keys.findWords(words[from >> 2], pointerBytes === 8 ? words[(from >> 2) + 1] : 0, ticks);
  }
  const frames = Math.min(Math.floor(left / pointerBytes), MAX_FRAMES);
  return frames > 0 ? stacks.id(words, from >> 2, frames, pointerBytes) : -1;
}

const pointerAt = (bytes: Buffer, at: number, pointerBytes: 4 | 8): bigint =>
  pointerBytes === 8 ? bytes.readBigUInt64LE(at) : BigInt(bytes.readUInt32LE(at));
