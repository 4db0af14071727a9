/** Columns of WPA's Pool table by their headers. */

import { headerText, isSummed, MAX_HEADER_CELL, timeScale } from '../wpa/columns.js';

/** `AIFI` and the like count and sum up in columns of their own where a table is grouped by something else. */
export type LifeColumn = `${'aifi' | 'aifo' | 'aofi' | 'aofo'}${'Count' | 'Size'}`;
export type NumberColumn = 'allocTime' | 'freeTime' | 'size' | 'impactingSize' | 'count' | LifeColumn;
type PlainColumn =
  | 'type'
  | 'impactingType'
  | 'paged'
  | 'poolType'
  | 'tag'
  | 'tagModule'
  | 'stack'
  | 'freeStack'
  | 'process'
  | 'pid'
  | 'tid'
  | 'address';
export type ColumnId = NumberColumn | PlainColumn | 'unused';

export const TIMES: readonly NumberColumn[] = ['allocTime', 'freeTime'];
export const LIVES = ['aifi', 'aifo', 'aofi', 'aofo'] as const;
const COUNTS: readonly NumberColumn[] = ['count', ...LIVES.map((life) => `${life}Count` as const)];
const SIZES: readonly NumberColumn[] = ['size', 'impactingSize', ...LIVES.map((life) => `${life}Size` as const)];
export const NUMBERS: readonly NumberColumn[] = [...TIMES, ...SIZES, ...COUNTS];

export const isSize = (id: NumberColumn): boolean => SIZES.includes(id);
export const isCount = (id: NumberColumn): boolean => COUNTS.includes(id);

/**
 * Header texts, letters only, lower case. Pool Tag, Pool Tag Module, Paged, Stack, Impacting Type, Impacting Size, Size and
 * Count are documented; the others are how WPA calls such columns in its other tables, and what users write of them. The German ones
 * are translations made here: no localised export was found.
 */
const ALIASES: ReadonlyMap<string, ColumnId> = new Map<string, ColumnId>([
  ['type', 'type'],
  ['allocationtype', 'type'],
  ['impactingtype', 'impactingType'],
  ['paged', 'paged'],
  ['ispaged', 'paged'],
  ['pooltype', 'poolType'],
  ['pool', 'poolType'],
  ['pooltag', 'tag'],
  ['tag', 'tag'],
  ['pooltagmodule', 'tagModule'],
  ['pooltagdescription', 'tagModule'],
  ['tagdescription', 'tagModule'],
  ['driver', 'tagModule'],
  ['module', 'tagModule'],
  ['stack', 'stack'],
  ['allocstack', 'stack'],
  ['allocationstack', 'stack'],
  ['callstack', 'stack'],
  ['freestack', 'freeStack'],
  ['process', 'process'],
  ['allocprocess', 'process'],
  ['allocatingprocess', 'process'],
  ['processname', 'process'],
  ['processid', 'pid'],
  ['pid', 'pid'],
  ['threadid', 'tid'],
  ['allocthreadid', 'tid'],
  ['allocatingthreadid', 'tid'],
  ['tid', 'tid'],
  ['address', 'address'],
  ['allocaddress', 'address'],
  ['alloctime', 'allocTime'],
  ['allocationtime', 'allocTime'],
  ['freetime', 'freeTime'],
  ['size', 'size'],
  ['impactingsize', 'impactingSize'],
  ['count', 'count'],
  ...LIVES.flatMap((life): [string, ColumnId][] => [
    [`${life}count`, `${life}Count`],
    [`${life}size`, `${life}Size`],
  ]),
  ['freeprocess', 'unused'],
  ['freethreadid', 'unused'],
  ['freeingprocess', 'unused'],
  ['freeingthreadid', 'unused'],
  ['lifetime', 'unused'],
  ['sessionid', 'unused'],
  ['line', 'unused'],
  ['cpu', 'unused'],
  ['typ', 'type'],
  ['zuordnungstyp', 'type'],
  ['ausgelagert', 'paged'],
  ['auslagerbar', 'paged'],
  ['pooltyp', 'poolType'],
  ['poolkennung', 'tag'],
  ['pooltagmodul', 'tagModule'],
  ['treiber', 'tagModule'],
  ['modul', 'tagModule'],
  ['stapel', 'stack'],
  ['zuordnungsstapel', 'stack'],
  ['freigabestapel', 'freeStack'],
  ['prozess', 'process'],
  ['zuordnungsprozess', 'process'],
  ['prozessid', 'pid'],
  ['adresse', 'address'],
  ['zuordnungszeit', 'allocTime'],
  ['freigabezeit', 'freeTime'],
  ['größe', 'size'],
  ['anzahl', 'count'],
]);

/** Words that no other table has. */
const POOL_WORDS =
  /\bpool[ -]?(?:tag|kennung|typ)|^\s*(?:paged|ausgelagert|auslagerbar|AIF[IO]|AOF[IO])\b|^\s*impacting (?:type|size)\b/i;
/** With a column `Tag` these say that it is one of pool. */
const ALLOC_WORDS = /^\s*(?:alloc(?:ation)? (?:time|stack)|zuordnungs(?:zeit|stapel))\b/i;

export const hasPoolWord = (cell: string): boolean => cell.length <= MAX_HEADER_CELL && POOL_WORDS.test(cell);
export const hasAllocWord = (cell: string): boolean => cell.length <= MAX_HEADER_CELL && ALLOC_WORDS.test(cell);

// `Size (B)`, `Alloc Time (s)`, `Größe (KB)`
export const UNIT = /\s*\((B|bytes|KB|KiB|MB|MiB|GB|GiB|s|ms|us|ns|[^\x20-\x7e]{1,3}s?)\)\s*$/i;

const BYTES: Readonly<Record<string, number>> = {
  b: 1,
  bytes: 1,
  kb: 1024,
  kib: 1024,
  mb: 1024 ** 2,
  mib: 1024 ** 2,
  gb: 1024 ** 3,
  gib: 1024 ** 3,
};

/** Bytes in a unit of size; null for other units. */
export const sizeScale = (unit: string): number | null => BYTES[unit.toLowerCase()] ?? null;

/** How much of the table's own unit (µs, bytes) a unit stands for in that column; null where it is none of it. */
export function scaleOf(id: NumberColumn, unit: string): number | null {
  if (isCount(id)) return null;
  return isSize(id) ? sizeScale(unit) : timeScale(unit);
}

/** `known` is false where no column of the table, as it is or summed up, has that header. */
export function columnOf(cell: string): { id: ColumnId | null; unit: string | null; known: boolean } {
  if (cell.length > MAX_HEADER_CELL) return { id: null, unit: null, known: false };
  const { name, unit, how, isPercent } = headerText(cell, UNIT);
  if (isPercent) return { id: 'unused', unit, known: true };
  const id = ALIASES.get(name) ?? null;
  if (id === null || isSummed(how)) return { id, unit, known: id !== null };
  return { id: 'unused', unit, known: false };
}
