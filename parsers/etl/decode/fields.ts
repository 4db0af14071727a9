/**
 * A decoded value, as it goes into JSON: addresses, pointers and masks are `0x…` in lower case; whole numbers beyond
 * 2^53 are decimal text; instants are ISO 8601 with Z; binary is hex without `0x`; null is what the event does not say.
 */
export type FieldValue =
  | string
  | number
  | boolean
  | null
  | readonly FieldValue[]
  | { readonly [name: string]: FieldValue };

/** The fields of one event, in the order in which they lie. */
export type Fields = Record<string, FieldValue>;

/** A whole number: as number where it is exact, else as decimal text. */
export function wholeValue(value: bigint): FieldValue {
  return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value.toString();
}

/** An address or mask in hex. */
export const hexValue = (value: bigint | number): string => `0x${value.toString(16)}`;
