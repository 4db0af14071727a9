/** What each header text stands for: a column, its unit, an aggregation of it. */

export const MAX_HEADER_CELL = 200;

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

// `Max:Inclusive Duration (ms)`, `Max Inclusive Duration (ms)`
const AGGREGATION =
  /^\s*(?:(sum|max|maximum|min|minimum|avg|average|mean|count|summe|mittelwert)\s*:|(sum|max|maximum|min|minimum|avg|average|mean)\s)\s*/i;
// `Inclusive Duration (ms) [Max]`, `Inclusive Duration (Max) (ms)`
const AGGREGATION_BEHIND = /\s*[[(<](sum|max|maximum|min|minimum|avg|average|mean)[\])>]\s*$/i;
// A unit in brackets; µ comes damaged in every encoding, so that one odd character (with or without `s`) is µs.
export const UNIT = /\s*\((s|ms|us|ns|[^\x20-\x7e]{1,3}s?)\)\s*$/i;

export function scaleOf(unit: string): number | null {
  const word = unit.toLowerCase();
  if (word === 's') return 1e6;
  if (word === 'ms') return 1e3;
  if (word === 'ns') return 1e-3;
  return word === 'us' || (word !== '' && (word.codePointAt(0) ?? 0) > 0x7e) ? 1 : null;
}

/** `known` is false where no documented column, as it is or summed up, has that header. */
export function columnOf(cell: string): { id: ColumnId | null; scale: number | null; known: boolean } {
  if (cell.length > MAX_HEADER_CELL) return { id: null, scale: null, known: false };
  const last = AGGREGATION_BEHIND.exec(cell);
  let name = last === null ? cell : cell.slice(0, last.index);
  const unit = UNIT.exec(name);
  if (unit !== null) name = name.slice(0, unit.index);
  const aggregation = AGGREGATION.exec(name) ?? AGGREGATION_BEHIND.exec(name);
  if (aggregation !== null) name = name.replace(aggregation[0], '');
  const how = (aggregation?.[1] ?? aggregation?.[2] ?? last?.[1] ?? '').toLowerCase();
  const scale = unit === null ? null : scaleOf(unit[1]);
  if (/^\s*%/.test(name)) return { id: 'unused', scale, known: true };
  const plain =
    ALIASES.get(
      name
        .normalize('NFC')
        .toLowerCase()
        .replace(/[^\p{L}]/gu, ''),
    ) ?? null;
  return { id: aggregated(plain, how), scale, known: plain !== null && (how === '' || plain === 'unused') };
}

function aggregated(id: ColumnId | null, how: string): ColumnId | null {
  if (how === '' || how === 'sum' || how === 'summe' || how === 'count' || id === null) return id;
  if (!how.startsWith('max')) return 'unused';
  return id === 'inclusive' ? 'maxInclusive' : id === 'fragmented' ? 'maxFragmented' : 'unused';
}
