/** Texts that a structure points to. */
export interface Texts {
  /** The text at that offset up to its NUL; null where the offset is 0, which means none, or lies outside. */
  at(offset: number): string | null;
  /** The texts one behind the other from that offset up to an empty one. */
  list(offset: number): string[];
}

/**
 * UTF-16 texts at offsets from the start of `bytes`. Offsets may point to one place again and again: all texts together
 * are no more than could lie in the bytes twice, and further ones are null.
 */
export function textsIn(bytes: Buffer): Texts {
  let units = bytes.length;
  const at = (offset: number): string | null => {
    if (offset === 0 || offset >= bytes.length) return null;
    const limit = Math.min(bytes.length - 1, offset + 2 * units);
    let stop = offset;
    while (stop < limit && (bytes[stop] !== 0 || bytes[stop + 1] !== 0)) stop += 2;
    units -= (stop - offset) / 2 + 1;
    return units < 0 ? null : bytes.toString('utf16le', offset, Math.min(stop, bytes.length));
  };
  const list = (offset: number): string[] => {
    const texts: string[] = [];
    for (let next = offset; ; ) {
      const text = at(next);
      if (text === null || text === '') return texts;
      texts.push(text);
      next += 2 * (text.length + 1);
    }
  };
  return { at, list };
}
