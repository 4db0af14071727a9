/**
 * POOL_TYPE: https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/ne-wdm-_pool_type. Parsers write these names into
 * the column `poolType`, so that analyses need not know which format spelled it how.
 */
const NAMES: Readonly<Record<number, string>> = {
  0: 'NonPagedPool',
  1: 'PagedPool',
  2: 'NonPagedPoolMustSucceed',
  3: 'DontUseThisType',
  4: 'NonPagedPoolCacheAligned',
  5: 'PagedPoolCacheAligned',
  6: 'NonPagedPoolCacheAlignedMustS',
  32: 'NonPagedPoolSession',
  33: 'PagedPoolSession',
  34: 'NonPagedPoolMustSucceedSession',
  35: 'DontUseThisTypeSession',
  36: 'NonPagedPoolCacheAlignedSession',
  37: 'PagedPoolCacheAlignedSession',
  38: 'NonPagedPoolCacheAlignedMustSSession',
  512: 'NonPagedPoolNx',
  516: 'NonPagedPoolNxCacheAligned',
  544: 'NonPagedPoolSessionNx',
};
/**
 * Bits that callers add, which do not say what pool it is (wdm.h): quota, raise on failure, cold, zeroed. They are left out
 * of the name.
 */
const FLAGS = 0x8 | 0x10 | 0x100 | 0x400;

/** The name of a POOL_TYPE as an event holds it; the number where it is none that is documented. */
export function poolTypeName(value: number): string {
  return NAMES[value] ?? NAMES[value & ~FLAGS] ?? String(value);
}

/** True for paged pool, false for nonpaged, null where the text does not say. The lowest bit of a POOL_TYPE tells (BASE_POOL_TYPE_MASK). */
export function isPaged(poolType: string | null): boolean | null {
  if (poolType === null) return null;
  if (/^\d{1,10}$/.test(poolType)) return Number(poolType) % 2 === 1;
  if (/non-?\s?paged|nonp/i.test(poolType)) return false;
  return /paged/i.test(poolType) ? true : null;
}

/** True for pool that belongs to a session. */
export const isSessionPool = (poolType: string | null): boolean => poolType !== null && /session/i.test(poolType);
