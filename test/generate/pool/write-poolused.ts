/** Prints the counters of tags as `!poolused` of kd does, several times in one log. */
import { countersAt, type TagCounters } from './counters.js';
import type { PoolTruth } from './model.js';
import { kdTime, kdUptime, momentsOf } from './text.js';

export interface PoolusedOptions {
  /** Default 6. */
  readonly snapshots?: number;
  /** `old`: as in the debugger's documentation; `new`: wider, as debuggers print since Windows 7. */
  readonly layout?: 'old' | 'new';
}

export function poolusedLog(truth: PoolTruth, options: PoolusedOptions = {}): string {
  const moments = momentsOf(truth, options.snapshots ?? 6);
  const counters = countersAt(truth, moments);
  const print = options.layout === 'old' ? oldLayout : newLayout;
  const lines = moments.flatMap((atUs, i) => {
    const time = ['0: kd> .time', `Debug session time: ${kdTime(truth, atUs)}`, `System Uptime: ${kdUptime(atUs)}`];
    return [...time, ...print(rowsOf(counters[i])), '0: kd> g'];
  });
  return `${lines.join('\r\n')}\r\n`;
}

interface Row {
  readonly tag: string;
  /** Allocs and Used of nonpaged, then of paged pool. */
  readonly figures: readonly [number, number, number, number];
}

/** A tag has one line for both kinds of pool; tags without blocks have none. */
function rowsOf(counters: readonly TagCounters[]): Row[] {
  const rows = new Map<string, [number, number, number, number]>();
  for (const { tag, paged, allocs, frees, bytes } of counters) {
    const figures = rows.get(tag) ?? [0, 0, 0, 0];
    figures[paged ? 2 : 0] += allocs - frees;
    figures[paged ? 3 : 1] += bytes;
    rows.set(tag, figures);
  }
  return [...rows]
    .map(([tag, figures]) => ({ tag, figures }))
    .filter(({ figures }) => figures.some((value) => value !== 0));
}

const num = (value: number, width: number): string => String(value).padStart(width);
const describe = (tag: string): string =>
  tag === 'Ntff' ? 'FCB_DATA , Binary: ntfs.sys' : `UNKNOWN pooltag '${tag}', please update pooltag.txt`;
const total = (rows: readonly Row[], i: 0 | 1 | 2 | 3): number =>
  rows.reduce((sum, { figures }) => sum + figures[i], 0);

function oldLayout(rows: readonly Row[]): string[] {
  const sorted = [...rows].sort((a, b) => (a.tag < b.tag ? -1 : 1));
  const line = ({ tag, figures: [n, nBytes, p, pBytes] }: Row): string =>
    ` ${tag}${num(n, 9)} ${num(nBytes, 8)} ${num(p, 9)} ${num(pBytes, 8)}${describe(tag)}`;
  const sums = `${num(total(rows, 0), 12)} ${num(total(rows, 1), 9)} ${num(total(rows, 2), 9)} ${num(total(rows, 3), 8)}`;
  return [
    '0: kd> !poolused',
    '   Sorting by  Tag',
    '',
    '  Pool Used:',
    '            NonPaged            Paged',
    ' Tag    Allocs     Used    Allocs     Used',
    ...sorted.map(line),
    ` TOTAL${sums}`,
  ];
}

function newLayout(rows: readonly Row[]): string[] {
  const sorted = [...rows].sort((a, b) => b.figures[1] - a.figures[1] || (a.tag < b.tag ? -1 : 1));
  const cells = (n: number, nBytes: number, p: number, pBytes: number): string =>
    `${num(n, 10)} ${num(nBytes, 12)} ${num(p, 10)} ${num(pBytes, 12)}`;
  return [
    '0: kd> !poolused 2',
    ' Sorting by NonPaged Pool Consumed',
    '',
    '               NonPaged                  Paged',
    ' Tag     Allocs         Used     Allocs         Used',
    '',
    ...sorted.map(({ tag, figures }) => ` ${tag}${cells(...figures)}  ${describe(tag)}`),
    '',
    ` TOTAL${cells(total(rows, 0), total(rows, 1), total(rows, 2), total(rows, 3)).slice(1)}`,
  ];
}
