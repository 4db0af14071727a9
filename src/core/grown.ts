/** A longer array of the same kind that begins with what the shorter one holds. */
export function grown<A extends Float64Array | Int32Array | BigUint64Array>(from: A, length: number): A {
  const to = new (from.constructor as new (length: number) => A)(length);
  (to as Float64Array).set(from as Float64Array);
  return to;
}
