import { ERRNO } from './errno.js';
import { HRESULT } from './hresult.js';
import { NTSTATUS } from './ntstatus.js';
import { WIN32 } from './win32.js';

export type CodeKind = 'ntstatus' | 'hresult' | 'win32' | 'errno';

/** A code that has a name; the value is unsigned. */
export interface KnownCode {
  kind: CodeKind;
  value: number;
  name: string;
  description: string;
}

const TABLES: readonly (readonly [kind: CodeKind, table: string, radix: 10 | 16])[] = [
  ['ntstatus', NTSTATUS, 16],
  ['hresult', HRESULT, 16],
  ['win32', WIN32, 10],
  ['errno', ERRNO, 10],
];

/** Other names of values that a table has under one name. */
const ALIASES: readonly (readonly [name: string, kind: CodeKind, value: number])[] = [
  ['NO_ERROR', 'win32', 0],
  ['STATUS_WAIT_0', 'ntstatus', 0],
  ['STATUS_ABANDONED_WAIT_0', 'ntstatus', 0x80],
  ['SEC_E_OK', 'hresult', 0],
];

interface Lookup {
  byValue: ReadonlyMap<CodeKind, ReadonlyMap<number, KnownCode>>;
  byName: ReadonlyMap<string, KnownCode>;
}

let lookup: Lookup | null = null;

/** The tables are taken apart when the first code is looked up: most commands never need them. */
function tables(): Lookup {
  if (lookup !== null) return lookup;
  const byName = new Map<string, KnownCode>();
  const byValue = new Map<CodeKind, Map<number, KnownCode>>();
  for (const [kind, table, radix] of TABLES) {
    const values = new Map(codesOf(kind, table, radix).map((code) => [code.value, code]));
    byValue.set(kind, values);
    for (const code of values.values()) byName.set(code.name, code);
  }
  for (const [name, kind, value] of ALIASES) byName.set(name, byValue.get(kind)!.get(value)!);
  lookup = { byValue, byName };
  return lookup;
}

/** `c0000022 STATUS_ACCESS_DENIED: access denied;` */
function codesOf(kind: CodeKind, table: string, radix: number): KnownCode[] {
  return [...table.matchAll(/([0-9a-f]{1,8}) (\w{2,90}): ([^;]{1,90});/g)].map(([, value, name, description]) => ({
    kind,
    value: Number.parseInt(value, radix),
    name,
    description,
  }));
}

/** The code of this kind and unsigned value; null where it has no name here. */
export const knownCode = (kind: CodeKind, value: number): KnownCode | null =>
  tables().byValue.get(kind)?.get(value) ?? null;

/** The code of this name, `STATUS_ACCESS_DENIED` or `ERROR_ACCESS_DENIED`, in the case that Windows writes; else null. */
export const codeNamed = (name: string): KnownCode | null => tables().byName.get(name) ?? null;

/** How many codes of a kind have a name. */
export const countOfCodes = (kind: CodeKind): number => tables().byValue.get(kind)?.size ?? 0;
