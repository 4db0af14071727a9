/** Symbols of locks. */

const MAX_SYMBOL = 300;

/**
 * The symbol of a lock as printed; null where only an offset or nothing stands there:
 *
 *     ntdll!ExampleLock+0x0
 *     ntdll!ExampleLock+0
 *     example!g_state+0x24
 *     +0x1E700D4
 */
export function lockSymbol(text: string): string | null {
  const symbol = text
    .trim()
    .replace(/\+(?:0x)?0{1,16}$/i, '')
    .slice(0, MAX_SYMBOL);
  return symbol === '' || symbol.startsWith('+') ? null : symbol;
}
