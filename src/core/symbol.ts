/** `Image!Function` as xperf and WPA print it, taken apart. */
export interface Symbol {
  /** File name as spelled, e.g. `ndis.sys`; null where the source does not know it. */
  readonly module: string | null;
  /** Null where only an address is known. */
  readonly fn: string | null;
}

const UNKNOWN = new Set(['', 'unknown', '?', '<unknown>', 'n/a']);

/**
 * Splits `module!function`. An address in the function's place (`ndis.sys!0xfffff8034a6d1230`) means that no symbols
 * were loaded, `Unknown` (with or without quotes) that no image covers the address. Seen in xperf dumper text.
 */
export function splitSymbol(text: string): Symbol {
  const trimmed = text.trim();
  const bang = trimmed.indexOf('!');
  const left = unquote(bang < 0 ? trimmed : trimmed.slice(0, bang));
  const right = bang < 0 ? '' : unquote(trimmed.slice(bang + 1));
  const module = UNKNOWN.has(left.toLowerCase()) || isAddress(left) ? null : left;
  const fn = UNKNOWN.has(right.toLowerCase()) || isAddress(right) ? null : right;
  return { module, fn };
}

const unquote = (text: string): string =>
  text
    .trim()
    .replace(/^"(.*)"$/, '$1')
    .trim();

/** `0x` and hex digits. */
export function isAddress(text: string): boolean {
  return /^0x[0-9a-f]{1,16}$/i.test(text);
}

/** Address as the JSON contract wants it: lower-case hex, no leading zeros; null for 0. */
export function formatAddress(address: bigint | null): string | null {
  return address === null || address === 0n ? null : `0x${address.toString(16)}`;
}

/** Reads `0x…`, bare hex, or with a backtick in the middle; null where it is none. */
export function parseAddress(text: string): bigint | null {
  const digits = text.trim().replace(/^0x/i, '').replace('`', '');
  return /^[0-9a-f]{1,16}$/i.test(digits) ? BigInt(`0x${digits}`) : null;
}

/** The file name at the end of a Windows path. */
export function fileName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('\\'), path.lastIndexOf('/')) + 1);
}
