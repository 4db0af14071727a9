/** Prints the sizes of the pools as a counter log of typeperf: a sample every few seconds. */
import { countersAt, type TagCounters } from './counters.js';
import type { PoolTruth } from './model.js';
import { snapshotMs } from './text.js';

export interface PdhOptions {
  /** Default 4. */
  readonly everySeconds?: number;
}

/** The machine's counters by tag, added up, and one that has nothing to do with pool. */
const COUNTERS: readonly (readonly [path: string, value: (tags: readonly TagCounters[], sample: number) => number])[] =
  [
    ['Memory\\Pool Nonpaged Bytes', (tags) => total(tags, false, ({ bytes }) => bytes)],
    ['Memory\\Pool Paged Bytes', (tags) => total(tags, true, ({ bytes }) => bytes)],
    ['Memory\\Pool Nonpaged Allocs', (tags) => total(tags, false, ({ allocs }) => allocs)],
    ['Memory\\Pool Paged Allocs', (tags) => total(tags, true, ({ allocs }) => allocs)],
    ['System\\Processes', (_, sample) => 212 + (sample % 3)],
  ];

const total = (tags: readonly TagCounters[], paged: boolean, of: (tag: TagCounters) => number): number =>
  tags.filter((tag) => tag.paged === paged).reduce((sum, tag) => sum + of(tag), 0);

/** The file: lines end with CRLF, times are those of a zone an hour ahead of UTC. */
export function pdhLog(truth: PoolTruth, options: PdhOptions = {}): string {
  const head = ['(PDH-CSV 4.0) (W. Europe Standard Time)(-60)', ...COUNTERS.map(([path]) => `\\\\HOST\\${path}`)];
  const moments = sampleMoments(truth, options.everySeconds ?? 4);
  const rows = countersAt(truth, moments).map((tags, i) => [
    pdhTime(snapshotMs(truth, moments[i]) + 3_600_000),
    ...COUNTERS.map(([, value]) => String(value(tags, i))),
  ]);
  return [head, ...rows].map((cells) => `${cells.map((cell) => `"${cell}"`).join(',')}\r\n`).join('');
}

/** From the start of the trace to its end. */
function sampleMoments({ lengthUs }: PoolTruth, everySeconds: number): number[] {
  const step = everySeconds * 1_000_000;
  return Array.from({ length: Math.floor(lengthUs / step) + 1 }, (_, i) => i * step);
}

/** `04/18/2025 14:00:00.123` */
function pdhTime(ms: number): string {
  const [date, time] = new Date(ms).toISOString().slice(0, -1).split('T');
  const [year, month, day] = date.split('-');
  return `${month}/${day}/${year} ${time}`;
}
