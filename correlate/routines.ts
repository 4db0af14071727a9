/** Routines by their place in the image: raw logs have no names, and images lie elsewhere after each boot. */
import type { Given } from './given.js';
import { moduleKey } from './names.js';

/** Where a routine of the dump begins in its image, `0x1bc50`; null where the dump's list of modules does not hold it. */
export function offsetInImage(module: string, address: string | null, { dump }: Given): string | null {
  const loaded = dump.system.modules.find(
    ({ name, base, unloaded }) => !unloaded && base !== null && moduleKey(name) === moduleKey(module),
  );
  if (address === null || loaded?.base == null) return null;
  const offset = BigInt(address) - BigInt(loaded.base);
  return offset >= 0n ? `0x${offset.toString(16)}` : null;
}
