/** Tags, pools and processes as WPA prints them. */

import { isPaged, poolTypeName } from '../../src/tables/pool-types.js';

/**
 * The tag of a cell, blanks given back, which exports may have taken off:
 *
 *     Leak
 *     Irp
 *     Leak (unknown)
 *     Ntff - NTFS FileControlBlock
 *     0x6B61654C
 *
 * Null where it is none.
 */
export function tagOf(raw: string): string | null {
  if (raw.length === 4) return raw;
  const text = raw.trim();
  if (/^0x[0-9a-f]{5,8}$/i.test(text)) return charactersOf(Number(text));
  if (text.length <= 4) return text === '' || /^n\/a$/i.test(text) ? null : text.padEnd(4);
  const described = /^(.{1,4}?) {0,4}(?:[([]| [-–] )/.exec(text) ?? /^(.{4})\s/.exec(text);
  return described === null ? null : described[1].padEnd(4);
}

/** The four characters of a tag, as they lie in memory. */
function charactersOf(word: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(word);
  return bytes.toString('latin1');
}

const YES = /^(?:true|yes|wahr|ja|vrai|oui)$/i;
const NO = /^(?:false|no|falsch|nein|faux|non)$/i;

/** What `Paged` says: `True`, `Paged`, `Paged Pool`, `Nonpaged`, `Nicht ausgelagert` …; null where that is not known. */
export function pagedOf(text: string): boolean | null {
  if (YES.test(text)) return true;
  if (NO.test(text)) return false;
  if (/^(?:nicht|un)[ -]?auslager|^nicht[ -]?ausgelagert/i.test(text)) return false;
  if (/^auslager|^ausgelagert/i.test(text)) return true;
  return isPaged(text);
}

/** `NonPagedPoolNx` as it stands, a number by its name, and all else as far as it tells paged from nonpaged. */
export function poolTypeOf(poolType: string, paged: string): string | null {
  if (/^(?:Non)?PagedPool[A-Za-z]{0,30}$/.test(poolType)) return poolType;
  if (/^(?:\d{1,4}|0x[0-9a-f]{1,3})$/i.test(poolType)) return poolTypeName(Number(poolType));
  const said = pagedOf(poolType) ?? pagedOf(paged);
  return said === null ? null : said ? 'PagedPool' : 'NonPagedPool';
}

export interface ProcessCell {
  readonly name: string | null;
  readonly pid: number | null;
}

const NO_PROCESS = /^(?:n\/a|-|unknown|unbekannt)?$/i;

/** `NotMyfault.exe (1234)`, `System (4)`, `Unknown`. */
export function processOf(text: string): ProcessCell {
  const match = /^([^()]{0,260}(?:\([^()]{0,80}\)[^()]{0,80})?)\((\d{1,10})\)$/.exec(text);
  const name = (match?.[1] ?? text).trim();
  const pid = match === null ? null : Number(match[2]);
  return { name: NO_PROCESS.test(name) ? null : name, pid: pid === null || pid > 0x7fffffff ? null : pid };
}

/** `AIFO`, however it is written around it. */
export const lifeOf = (text: string): string | null =>
  /\b(AIFI|AIFO|AOFI|AOFO)\b/i.exec(text)?.[1].toUpperCase() ?? null;
