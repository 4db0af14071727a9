/** What each header text stands for: a column, its unit, an aggregation of it. */

import { headerText, isSummed, MAX_HEADER_CELL, TIME_UNIT, timeScale } from '../wpa/columns.js';

export type TimeColumn = 'enter' | 'exit' | 'fragEnter' | 'fragExit';
type DurationColumn = 'inclusive' | 'exclusive' | 'fragmented' | 'maxInclusive' | 'maxFragmented';
export type NumberColumn = TimeColumn | DurationColumn;
type PlainColumn =
  | 'type'
  | 'dpcType'
  | 'module'
  | 'fn'
  | 'cpu'
  | 'address'
  | 'vector'
  | 'messageIndex'
  | 'count'
  | 'fragments';
export type ColumnId = NumberColumn | PlainColumn | 'unused';

export const TIMES: readonly TimeColumn[] = ['enter', 'exit', 'fragEnter', 'fragExit'];
export const DURATIONS: readonly DurationColumn[] = [
  'inclusive',
  'exclusive',
  'fragmented',
  'maxInclusive',
  'maxFragmented',
];
export const NUMBERS: readonly NumberColumn[] = [...TIMES, ...DURATIONS];

/**
 * Header texts, letters only, lower case. The English ones are documented; the German ones are translations made here
 * (no localised export was found), so that such a file is read where the words are the obvious ones. A bare `Duration`
 * is what aggregations of the fragmented column are called (`Max:Duration (ms)`).
 */
const ALIASES: ReadonlyMap<string, ColumnId> = new Map<string, ColumnId>([
  ['dpcisrentertime', 'enter'],
  ['dpcisrexittime', 'exit'],
  ['fragmententertime', 'fragEnter'],
  ['fragmentexittime', 'fragExit'],
  ['inclusiveduration', 'inclusive'],
  ['exclusiveduration', 'exclusive'],
  ['durationfragmented', 'fragmented'],
  ['duration', 'fragmented'],
  ['type', 'type'],
  ['dpctype', 'dpcType'],
  ['module', 'module'],
  ['function', 'fn'],
  ['cpu', 'cpu'],
  ['address', 'address'],
  ['vector', 'vector'],
  ['messageindex', 'messageIndex'],
  ['countdpcsisrs', 'count'],
  ['count', 'count'],
  ['countfragments', 'fragments'],
  ['fragment', 'unused'],
  ['returnvalue', 'unused'],
  ['dpcisreintrittszeit', 'enter'],
  ['dpcisrstartzeit', 'enter'],
  ['dpcisraustrittszeit', 'exit'],
  ['dpcisrendzeit', 'exit'],
  ['fragmenteintrittszeit', 'fragEnter'],
  ['fragmentaustrittszeit', 'fragExit'],
  ['inklusivedauer', 'inclusive'],
  ['dauerinklusiv', 'inclusive'],
  ['exklusivedauer', 'exclusive'],
  ['dauerexklusiv', 'exclusive'],
  ['dauerfragmentiert', 'fragmented'],
  ['fragmentiertedauer', 'fragmented'],
  ['dauer', 'fragmented'],
  ['typ', 'type'],
  ['dpctyp', 'dpcType'],
  ['modul', 'module'],
  ['funktion', 'fn'],
  ['prozessor', 'cpu'],
  ['adresse', 'address'],
  ['vektor', 'vector'],
  ['nachrichtenindex', 'messageIndex'],
  ['anzahldpcsisrs', 'count'],
  ['anzahl', 'count'],
  ['anzahlfragmente', 'fragments'],
  ['rückgabewert', 'unused'],
]);

/** `known` is false where no documented column, as it is or summed up, has that header. */
export function columnOf(cell: string): { id: ColumnId | null; scale: number | null; known: boolean } {
  if (cell.length > MAX_HEADER_CELL) return { id: null, scale: null, known: false };
  const { name, unit, how, isPercent } = headerText(cell, TIME_UNIT);
  const scale = unit === null ? null : timeScale(unit);
  if (isPercent) return { id: 'unused', scale, known: true };
  const plain = ALIASES.get(name) ?? null;
  return { id: aggregated(plain, how), scale, known: plain !== null && (how === '' || plain === 'unused') };
}

function aggregated(id: ColumnId | null, how: string): ColumnId | null {
  if (isSummed(how) || id === null) return id;
  if (!how.startsWith('max')) return 'unused';
  return id === 'inclusive' ? 'maxInclusive' : id === 'fragmented' ? 'maxFragmented' : 'unused';
}
