/** Prints a truth of pool as WPA exports its Pool table: a row for each block. Columns are in an order that a user chose. */
import { type Block, booksOf } from './figures.js';
import type { PoolStack, PoolTruth } from './model.js';
import { hex64, processNames, xperfSymbol } from './text.js';

export interface PoolWpaOptions {
  /** `de`: semicolon, decimal comma, UTF-16LE. Default `en`: comma, decimal point, UTF-8. Both with byte-order mark. */
  readonly locale?: 'en' | 'de';
}

interface Locale {
  readonly delimiter: string;
  readonly point: string;
  readonly grouping: string;
  readonly encoding: 'utf8' | 'utf16le';
}

const LOCALES: Readonly<Record<'en' | 'de', Locale>> = {
  en: { delimiter: ',', point: '.', grouping: ',', encoding: 'utf8' },
  de: { delimiter: ';', point: ',', grouping: '.', encoding: 'utf16le' },
};

const TITLES = [
  'Type',
  'Paged',
  'Pool Tag',
  'Alloc Stack',
  'Alloc Time (s)',
  'Free Time (s)',
  'Process',
  'Thread ID',
  'Address',
  'Count',
  'Size (B)',
];

export function poolWpa(truth: PoolTruth, options: PoolWpaOptions = {}): Buffer {
  const locale = LOCALES[options.locale ?? 'en'];
  const stacks = truth.stacks.map((stack) => (truth.stacksOf === 'none' ? 'n/a' : wpaStack(stack)));
  const names = processNames(truth.processes);
  const row = (cells: readonly string[]): string =>
    cells.map((cell) => quoted(cell, locale.delimiter)).join(locale.delimiter);
  const rows = sorted(booksOf(truth.written).blocks).map((block) => row(cellsOf(block, stacks, names, locale)));
  return Buffer.from(`\uFEFF${[row(TITLES), ...rows].join('\r\n')}\r\n`, locale.encoding);
}

/** In the order of allocation; those of before the trace come first. */
function sorted(blocks: readonly Block[]): Block[] {
  const startUs = ({ alloc }: Block): number => alloc?.atUs ?? -1;
  return [...blocks].sort((a, b) => startUs(a) - startUs(b));
}

/** The outermost frame first. Offsets are not shown: stacks that differ only by them look alike. */
export const wpaStack = ({ frames }: PoolStack): string => ['[Root]', ...frames.map(xperfSymbol).reverse()].join('/');

/** Of a block of before the trace, who allocated it is not known. */
function cellsOf(
  block: Block,
  stacks: readonly string[],
  names: ReadonlyMap<number, string>,
  locale: Locale,
): string[] {
  const { alloc, free, paged, tag, bytes, address } = block;
  const type = alloc === null ? 'AOFI' : free === null ? 'AIFO' : 'AIFI';
  return [
    type,
    paged ? 'Paged' : 'NonPaged',
    tag,
    alloc === null ? 'n/a' : stacks[alloc.stack],
    alloc === null ? '' : seconds(alloc.atUs, locale),
    free === null ? '' : seconds(free.atUs, locale),
    alloc === null ? 'Unknown' : `${names.get(alloc.pid)} (${alloc.pid})`,
    alloc === null ? '' : String(alloc.tid),
    hex64(address),
    '1',
    grouped(bytes, locale),
  ];
}

/** With nine decimals, as WPA shows ns. */
const seconds = (us: number, { point }: Locale): string =>
  `${Math.floor(us / 1_000_000)}${point}${String(us % 1_000_000).padStart(6, '0')}000`;

/** As in copies of the table. Ids are not grouped: so it is in real exports of other tables. */
const grouped = (value: number, { grouping }: Locale): string => String(value).replace(/\B(?=(\d{3})+$)/g, grouping);

const quoted = (text: string, delimiter: string): string =>
  text.includes(delimiter) || text.includes('"') ? `"${text.replaceAll('"', '""')}"` : text;
