/** Prints the counters of tags as poolmon does. Column widths are those of its documentation. */
import { countersAt, type TagCounters } from './counters.js';
import type { PoolTruth } from './model.js';
import { momentsOf } from './text.js';

export interface PoolmonOptions {
  /** Default 12. */
  readonly snapshots?: number;
  /** `screen` as shown, with changes since the screen before; `snapshot` as `poolmon -n` saves it, without. */
  readonly layout?: 'screen' | 'snapshot';
  /** With the column of `poolmon -g`. */
  readonly drivers?: boolean;
}

/** One text a moment. Neither says when it was taken. */
export function poolmonScreens(truth: PoolTruth, options: PoolmonOptions = {}): string[] {
  const counters = countersAt(truth, momentsOf(truth, options.snapshots ?? 12));
  return counters.map((tags, i) => screen(truth, tags, i === 0 ? tags : counters[i - 1], options));
}

/** All of them in one file. */
export const poolmonLog = (truth: PoolTruth, options: PoolmonOptions = {}): string =>
  `${poolmonScreens(truth, options).join('\r\n\r\n')}\r\n`;

function screen(
  truth: PoolTruth,
  tags: readonly TagCounters[],
  before: readonly TagCounters[],
  options: PoolmonOptions,
) {
  const isScreen = (options.layout ?? 'screen') === 'screen';
  const title = isScreen
    ? ' Tag  Type     Allocs            Frees            Diff   Bytes       Per Alloc'
    : ' Tag  Type     Allocs     Frees      Diff   Bytes  Per Alloc';
  const rows = tags
    .map((tag, i) => ({
      tag: tag.tag,
      text: `${isScreen ? row(tag, before[i]) : plainRow(tag)}${driverCell(truth, tag, options)}`,
    }))
    .sort((a, b) => (a.tag < b.tag ? -1 : a.tag > b.tag ? 1 : 0))
    .map(({ text }) => text);
  const head = isScreen ? memoryLines(tags) : [];
  return [...head, `${title}${options.drivers ? '  Mapped_Driver' : ''}`, '', ...rows].join('\r\n');
}

/** Of the machine, only the sizes of the pools are in the truth. */
function memoryLines(tags: readonly TagCounters[]): string[] {
  const kb = (paged: boolean): number =>
    Math.ceil(tags.filter((tag) => tag.paged === paged).reduce((sum, { bytes }) => sum + bytes, 0) / 1024);
  return [
    ` Memory: 8304828K Avail: 3574040K  PageFlts:   914   InRam Krnl:31464K P:${kb(true)}K`,
    ` Commit:6798116K Limit:12880828K Peak:7958348K            Pool N:${kb(false)}K P:${kb(true)}K`,
    ' System pool information',
  ];
}

const num = (value: number, width: number): string => String(value).padStart(width);
const named = ({ tag, paged }: TagCounters): string => ` ${tag} ${paged ? 'Paged' : 'Nonp '}`;
const perAlloc = ({ allocs, frees, bytes }: TagCounters): number =>
  allocs === frees ? 0 : Math.floor(bytes / (allocs - frees));

function row(tag: TagCounters, before: TagCounters): string {
  const { allocs, frees, bytes } = tag;
  const counts = `${num(allocs, 10)} (${num(allocs - before.allocs, 4)})${num(frees, 10)} (${num(frees - before.frees, 4)})`;
  const used = `${num(allocs - frees, 9)} ${num(bytes, 7)} (${num(bytes - before.bytes, 6)})`;
  return `${named(tag)}${counts}${used} ${num(perAlloc(tag), 6)}`;
}

function plainRow(tag: TagCounters): string {
  const { allocs, frees, bytes } = tag;
  return `${named(tag)}${num(allocs, 10)}${num(frees, 10)}${num(allocs - frees, 10)} ${num(bytes, 7)} ${num(perAlloc(tag), 10)}`;
}

/** Known are the drivers of leaks. */
function driverCell(truth: PoolTruth, { tag }: TagCounters, { drivers }: PoolmonOptions): string {
  if (!drivers) return '';
  const leak = truth.scenarios.find((scenario) => scenario.tag === tag)?.leak;
  return leak ? ` [${leak.module}]` : ' [Unknown Driver]';
}
