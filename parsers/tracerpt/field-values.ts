/** Values of fields as tracerpt prints them. */
import { NULL_I32 } from '../../src/core/schema.js';

/** The value of a field by its MOF name, blanks and quotes taken off; undefined where the event has no such field. */
export type FieldOf = (name: string) => string | undefined;

/** A whole number, decimal or `0x` hex, below 2^53; null where the text is neither. */
export function wholeNumber(text: string | undefined): number | null {
  if (text === undefined || !/^(?:[0-9]{1,15}|-[0-9]{1,15}|0x[0-9a-f]{1,13})$/i.test(text)) return null;
  return Number(text);
}

/** As an i32 column stores it: ids and numbers above 2^31, as 0xFFFFFFFF for "none", are null. */
export function stored(text: string | undefined): number {
  const value = wholeNumber(text);
  return value === null || value > 0x7fffffff || value <= NULL_I32 ? NULL_I32 : value;
}

/** Null where a number does not fit an i32 column (0xFFFFFFFF stands for "none"). */
export const fit = (value: number | null): number | null => (value === null || value > 0x7fffffff ? null : value);

/** An address as tracerpt prints it, `0x` and hex; null for anything else. */
export function address(text: string | undefined): bigint | null {
  return text !== undefined && /^0x[0-9a-f]{1,16}$/i.test(text) ? BigInt(text) : null;
}
