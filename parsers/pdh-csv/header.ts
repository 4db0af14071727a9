/** The first line of a counter log: what it is, the zone of its times, the counters. */

export interface Header {
  /** Name of the zone; null where the header has none (typeperf). */
  readonly zone: string | null;
  /** Minutes to add to a local time for UTC; null where the header does not say. */
  readonly biasMinutes: number | null;
  /** Paths of the counters, in the order of the columns behind the time. */
  readonly paths: readonly string[];
}

/** What stands between cells; `blank` where quotes and separators were lost. */
export type Separator = ',' | ';' | '\t' | 'blank';

// "(PDH-CSV 4.0) (W. Europe Standard Time)(-60)","\\HOST\Memory\Pool Nonpaged Bytes"
// (PDH-CSV 4.0) (Eastern Daylight Time)(240) \USER\memory\pool nonpaged bytes
const SIGNATURE = /^\s{0,8}"?\((PDH-[CT]SV) \d{1,2}\.\d{1,2}\)(?: {0,4}\(([^\r\n]{0,120}?)\) {0,4}\(([+-]?\d{1,4})\))?/;

export const isHeader = (line: string): boolean => SIGNATURE.test(line);

export function separatorOf(line: string): Separator {
  const signature = SIGNATURE.exec(line);
  if (signature === null) return ',';
  const next = line.slice(signature[0].length).replace(/^"/, '').charAt(0);
  if (next === ',' || next === ';' || next === '\t') return next;
  if (next === '') return signature[1] === 'PDH-TSV' ? '\t' : ',';
  return 'blank';
}

/** The header in the cells of a record. */
export function headerOf(cells: readonly string[]): Header {
  const [, , zone = '', bias] = SIGNATURE.exec(cells[0]) ?? [];
  return {
    zone: zone === '' ? null : zone,
    biasMinutes: bias === undefined ? null : Number(bias),
    paths: cells.slice(1),
  };
}

/** The cells of a header whose separators are blanks, which stand in paths as well: each path begins with a backslash. */
export function blankHeaderCells(line: string): string[] {
  const text = line.trim();
  const signature = SIGNATURE.exec(text)?.[0] ?? '';
  const [, ...paths] = text.slice(signature.length).split(/[ \t]\\/);
  return [signature, ...paths.map((path) => `\\${path}`.trim())];
}
