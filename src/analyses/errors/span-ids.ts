/** What tells one span of a name from another: the variables of its messages. */
import type { Scanner } from './scanner.js';
import { BETWEEN_DIGITS, type SpanMark } from './span-words.js';

/** A hash of a message's id and of the digits in its name; 0 where it has none. */
export function idOf(scanner: Scanner, buffer: Buffer, { idSlot, digitSlots }: SpanMark): number {
  const slots = idSlot < 0 ? digitSlots : [idSlot, ...digitSlots];
  let id = 0x811c9dc5;
  let seen = 0;
  for (const slot of slots) {
    if (slot >= scanner.slots) continue;
    seen++;
    for (let k = scanner.slotFrom[slot]; k < scanner.slotEnd[slot]; k++) id = Math.imul(id ^ buffer[k], 0x01000193);
    // `1` and `23` are not `12` and `3`.
    if (slots.length > 1) id = Math.imul(id, 0x01000193);
  }
  return seen === 0 ? 0 : id === 0 ? 1 : id;
}

/** The digits in the name of what a message begins or ends, for `nameWith`. */
export const digitsOf = (scanner: Scanner, buffer: Buffer, digitSlots: readonly number[]): string =>
  digitSlots
    .filter((slot) => slot < scanner.slots)
    .map((slot) => buffer.toString('latin1', scanner.slotFrom[slot], scanner.slotEnd[slot]))
    .join(BETWEEN_DIGITS);
