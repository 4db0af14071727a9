/** Original lines that reports show around what they cite. */

/** Lines around a cited one, by `source:line` (e.g. "s1:123"); `firstLine` counts from 1. */
export type Excerpts = ReadonlyMap<string, { readonly firstLine: number; readonly lines: readonly string[] }>;
