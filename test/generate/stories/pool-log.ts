/** What a debugger shows of pool that is used up: `!vm`, `!poolused`, and the blocks of a tag. */
import { hex } from '../dump/text.js';
import type { PoolEvent } from '../pool/model.js';
import { digits, typed } from './kd-text.js';
import type { Scene } from './scene.js';

export interface TagUse {
  readonly tag: string;
  readonly count: number;
  readonly bytes: number;
  readonly comment: string;
}

export interface PoolLog {
  readonly isPaged: boolean;
  /** Of the pool that is short, most first. */
  readonly tags: readonly TagUse[];
  readonly maximumBytes: number;
  readonly failed: number;
}

const PAGE = 4096;
const num = (value: number, width: number): string => String(value).padStart(width);

export function vmLines(scene: Scene, { isPaged, tags, maximumBytes, failed }: PoolLog): string[] {
  const used = Math.round(tags.reduce((sum, { bytes }) => sum + bytes, 0) / PAGE);
  const physical = Math.round((maximumBytes * 3) / PAGE);
  const small = 20_000 + (scene.seed % 9_000);
  const [paged, nonpaged] = isPaged ? [used, small] : [small, used];
  const most = Math.round(maximumBytes / PAGE);
  const row = (name: string, pages: number): string =>
    `\t${`${name}:`.padEnd(20)} ${num(pages, 10)} (${num(pages * 4, 11)} Kb)`;
  return [
    typed(0, '!vm 1'),
    '',
    '*** Virtual Memory Usage ***',
    row('Physical Memory', physical),
    '\tPage File: \\??\\C:\\pagefile.sys',
    `\t  Current: ${num(physical * 4, 10)} Kb  Free Space: ${num(physical * 4 - 20_480, 10)} Kb`,
    `\t  Minimum: ${num(physical * 4, 10)} Kb  Maximum:    ${num(physical * 4, 10)} Kb`,
    row('Available Pages', Math.round(physical / 5)),
    row('ResAvail Pages', Math.round(physical / 2)),
    row('Locked IO Pages', 0),
    row('Free System PTEs', 33_460_257),
    row('Modified Pages', 20_299),
    row('NonPagedPool Usage', nonpaged),
    row('NonPagedPool Max', isPaged ? most * 2 : most),
    row('PagedPool Usage', paged),
    row('PagedPool Maximum', isPaged ? most : most * 4),
    ...(failed === 0 ? [] : ['', `\t********** ${failed} pool allocations have failed **********`, '']),
    row('Shared Commit', 6_522),
    row('Special Pool', 0),
    row('Shared Process', 53_597),
    row('PagedPool Commit', paged + 100),
    row('Driver Commit', 5_691),
    row('Committed pages', Math.round(physical * 0.8)),
    row('Commit limit', physical * 2),
    '',
  ];
}

/** `!poolused` sorted by the pool that is short. */
export function poolusedLines({ isPaged, tags }: PoolLog): string[] {
  const cells = (count: number, bytes: number): string => {
    const [own, none] = [`${num(count, 10)} ${num(bytes, 12)}`, `${num(0, 10)} ${num(0, 12)}`];
    return isPaged ? `${none} ${own}` : `${own} ${none}`;
  };
  const total = cells(
    tags.reduce((sum, { count }) => sum + count, 0),
    tags.reduce((sum, { bytes }) => sum + bytes, 0),
  );
  return [
    typed(0, `!poolused /t${tags.length} ${isPaged ? 4 : 2}`),
    ` Sorting by ${isPaged ? 'Paged' : 'NonPaged'} Pool Consumed`,
    '',
    '               NonPaged                  Paged',
    ' Tag     Allocs         Used     Allocs         Used',
    '',
    ...tags.map(({ tag, count, bytes, comment }) => ` ${tag}${cells(count, bytes)}  ${comment}`),
    '',
    ` TOTAL${total.slice(1)}`,
    '',
  ];
}

export const unknownTag = (tag: string): string => `UNKNOWN pooltag '${tag}', please update pooltag.txt`;

/** A part of the list: the search was ended by hand. */
export function poolfindLines(scene: Scene, tag: string, isPaged: boolean, blocks: readonly PoolEvent[]): string[] {
  const code = Buffer.from(tag, 'latin1').readUInt32LE(0);
  const region = isPaged ? 'Paged' : 'Nonpaged';
  const from = isPaged ? 0xffffc68a00000000n : 0xffffb18c00000000n;
  const rows = blocks.map(({ address, bytes }) =>
    bytes < PAGE
      ? `${digits(scene, address)} : tag ${tag}, size ${`0x${hex(bytes)}`.padStart(9)}, ${region} pool`
      : `*${digits(scene, address)} : large page allocation, tag is ${tag}, size is 0x${hex(bytes)} bytes`,
  );
  return [
    typed(0, `!poolfind ${tag} ${isPaged ? 1 : 0}`),
    '',
    `Scanning large pool allocation table for tag 0x${hex(code, 8)} (${tag}) (${digits(scene, from)} : ${digits(scene, from + 0x300000n)})`,
    '',
    ...rows,
    `...terminating - searched pool to ${digits(scene, from + 0x7f00000n)}`,
    '',
  ];
}
