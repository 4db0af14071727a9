/**
 * Tables copied or exported with grouping columns: rows that sum up the ones below them. Those below have blanks in the
 * parents' columns, or repeat these, and the frames of a stack may stand under each other:
 *
 *     Type,Pool Tag,Stack,Count,Size (B)
 *     AIFO,,,3,192
 *     ,Leak,,3,192
 *     ,,[Root],3,192
 *     ,,|- myfault.sys!LeakPool,2,128
 *     ,,|- <unknown>,1,64
 *
 * Only rows without others below them count, their blanks filled from the rows above; so nothing counts twice. Where
 * parents' cells are repeated, a row is a group if the rows below it add up to it. The shape is inferred from what WPA shows:
 * no export of this kind was found.
 */
import type { CsvRecord } from '../../src/core/csv.js';
import type { Output } from '../../src/core/parser.js';
import type { ColumnId } from './columns.js';
import { type Figures, sumsOf } from './figures.js';
import type { Header } from './headers.js';
import { below, pathOf, type TreeFrame, treeFrameOf } from './stacks.js';

/** Columns that name what a row is of. */
const NAMING: readonly ColumnId[] = [
  'type',
  'impactingType',
  'paged',
  'poolType',
  'tag',
  'tagModule',
  'stack',
  'freeStack',
  'process',
  'pid',
  'tid',
];
/** Groups within each other: the naming columns, and the frames of a stack. */
const MAX_DEPTH = 512;
/** Stacks whose frames are kept; a table repeats few. */
const MAX_PATHS = 20_000;

const ADVICE =
  'export without grouping columns (move all columns to the right of the gold bar), or with wpaexporter and such a profile';

/** A row that stands for itself. */
export interface LeafRow {
  readonly record: CsvRecord;
  readonly figures: Figures;
  /** Frames of its stack, outermost first. */
  readonly path: readonly string[];
  /** The text of a naming column, filled from the rows above; of the others, its own. */
  text(id: ColumnId): string;
}

interface Node {
  readonly record: CsvRecord;
  readonly figures: Figures;
  /** Cells of the naming columns, in the order of the table: its own, and filled from the rows above. */
  readonly own: readonly string[];
  readonly cells: readonly string[];
  /** First and last of its own that are not blank. */
  readonly first: number;
  readonly last: number;
  /** Null where the row's stack is a path, or none. */
  readonly frame: TreeFrame | null;
  readonly path: readonly string[];
  /** Rows right below it, their sums, and how they were told. */
  rowsBelow: number;
  bytesBelow: number;
  countBelow: number;
  isGroup: boolean;
}

/** What makes a row the child of the one above: blanks, its place among frames, or repeated cells. */
type Relation = 'blanks' | 'frame' | 'repeats';

/** The rows of one table. */
export class Groups {
  readonly #places: readonly number[];
  readonly #stackAt: number;
  /** The row last read, under the ones that it belongs to. */
  readonly #open: Node[] = [];
  readonly #paths = new Map<string, readonly string[]>();

  constructor(
    private readonly header: Header,
    private readonly out: Output,
    private readonly emit: (row: LeafRow) => void,
  ) {
    const known = NAMING.filter((id) => header.at.has(id));
    this.#places = known.map((id) => header.at.get(id) ?? 0).sort((a, b) => a - b);
    this.#stackAt = this.#places.indexOf(header.at.get('stack') ?? -1);
  }

  /** Takes a row; hands on the one before it where that stands for itself. */
  take(record: CsvRecord, figures: Figures): void {
    const own = this.#places.map((at) => (record.fields[at] ?? '').trim());
    const first = own.findIndex((text) => text !== '');
    if (first < 0) {
      this.end();
      this.#leaveOut(record);
      return;
    }
    const last = own.findLastIndex((text) => text !== '');
    const raw = this.#stackAt < 0 ? '' : (record.fields[this.#places[this.#stackAt]] ?? '');
    const shape = { record, own, first, last, frame: treeFrameOf(raw) };
    const relation = this.#relate(shape);
    if (this.#open.length >= MAX_DEPTH) {
      this.#refuse(record);
      return;
    }
    this.#push(shape, figures, relation);
  }

  /** The table ends. */
  end(): void {
    while (this.#open.length > 0) this.#close();
  }

  /** Ends the rows that this one does not belong to; tells how it belongs to the last one left. */
  #relate(shape: Shape): Relation | null {
    for (let top = this.#open.at(-1); top !== undefined; top = this.#open.at(-1)) {
      const relation = relationOf(top, shape, this.#stackAt, this.#isSingle(top));
      if (relation !== null) return relation;
      this.#close();
    }
    return null;
  }

  #push(shape: Shape, figures: Figures, relation: Relation | null): void {
    const parent = relation === null ? undefined : this.#open.at(-1);
    const isFilled = parent !== undefined && relation !== 'repeats';
    const upTo = relation === 'frame' ? this.#stackAt : shape.first;
    const cells = shape.own.map((text, i) => (isFilled && i < upTo ? text || parent.cells[i] : text));
    const above = isFilled ? parent.path : [];
    const { frame } = shape;
    const own = this.#stackAt < 0 ? '' : shape.own[this.#stackAt];
    const path = frame !== null ? below(above, frame) : own === '' ? above : this.#pathOf(own);
    const none = { rowsBelow: 0, bytesBelow: 0, countBelow: 0, isGroup: false };
    if (parent !== undefined) {
      const { bytes, count } = sumsOf(figures);
      parent.rowsBelow++;
      parent.bytesBelow += bytes;
      parent.countBelow += count;
      parent.isGroup ||= isFilled;
    }
    this.#open.push({ ...shape, figures, cells, path, ...none });
  }

  /** One list for all rows whose cells are the same. */
  #pathOf(cell: string): readonly string[] {
    let path = this.#paths.get(cell);
    if (path === undefined) {
      path = pathOf(cell);
      if (this.#paths.size < MAX_PATHS) this.#paths.set(cell, path);
    }
    return path;
  }

  #close(): void {
    const node = this.#open.pop();
    if (node === undefined) return;
    const whole = node.rowsBelow === 0 ? 'unknown' : compare(this.header, node);
    if (node.isGroup || whole === 'equal') {
      if (whole === 'less' || whole === 'more') this.#sayUneven(node.record, whole);
      this.#leaveOut(node.record);
      return;
    }
    const { record, figures, cells, path } = node;
    this.emit({ record, figures, path, text: (id) => this.#text(record, cells, id) });
  }

  #text(record: CsvRecord, cells: readonly string[], id: ColumnId): string {
    const at = this.header.at.get(id);
    if (at === undefined) return '';
    const own = record.fields[at] ?? '';
    const place = this.#places.indexOf(at);
    return own.trim() === '' && place >= 0 ? cells[place] : own;
  }

  /** An allocation of its own has a time or a block. */
  #isSingle({ record, figures }: Node): boolean {
    const at = this.header.at.get('address');
    return figures.allocTime !== undefined || (at !== undefined && (record.fields[at] ?? '').trim() !== '');
  }

  #leaveOut(record: CsvRecord): void {
    this.out.account.ignored++;
    const place = { line: record.line, example: record.text };
    this.out.diagnostics.add('total-row', 'info', 'rows that sum up those below them were left out', place);
  }

  #sayUneven(record: CsvRecord, whole: 'less' | 'more'): void {
    const place = { line: record.line, example: record.text };
    const message =
      whole === 'less'
        ? `rows of a group are missing: those in the file add up to less than it. To have all, ${ADVICE}`
        : `rows of a group add up to more than it, so that some may count twice. To be sure, ${ADVICE}`;
    this.out.diagnostics.add(whole === 'less' ? 'group-incomplete' : 'grouping-unclear', 'data-loss', message, place);
  }

  #refuse(record: CsvRecord): void {
    const message = `rows of groups within groups beyond ${MAX_DEPTH} were passed over: ${ADVICE}`;
    this.out.skip('grouping-unclear', message, { line: record.line, example: record.text }, 'data-loss');
  }
}

type Shape = Pick<Node, 'record' | 'own' | 'first' | 'last' | 'frame'>;

function relationOf(top: Node, row: Shape, stackAt: number, isSingle: boolean): Relation | null {
  const isFrameRow = row.frame !== null && row.frame.level > 0 && top.frame !== null;
  if (isFrameRow && row.own.every((text, i) => i >= stackAt || text === '' || text === top.cells[i])) {
    return isFrameBelow(top, row) ? 'frame' : null;
  }
  if (row.first > top.first && top.own[row.first] === '') return 'blanks';
  return !isSingle && isPartOf(top, row, stackAt) ? 'repeats' : null;
}

function isFrameBelow(top: Node, row: Shape): boolean {
  if (top.frame === null || row.frame === null) return false;
  return row.frame.isBranch ? top.frame.level < row.frame.level : top.frame.level <= row.frame.level;
}

/** The row repeats the names of `above` and adds to them: a further column, or further frames of its path. */
function isPartOf(above: Node, row: Shape, stackAt: number): boolean {
  const isLonger = (i: number): boolean => i === stackAt && row.own[i].startsWith(`${above.own[i]}/`);
  const isSame = above.own.every((text, i) => i > above.last || text === row.own[i] || isLonger(i));
  if (!isSame) return false;
  return row.last > above.last || (above.last === stackAt && row.last === stackAt && isLonger(stackAt));
}

/** How the rows below a group compare with it; `unknown` where no figure is in all of them. */
function compare(header: Header, node: Node): 'equal' | 'less' | 'more' | 'unknown' {
  const { bytes, count } = sumsOf(node.figures);
  // Sizes in KB and MB are rounded, each by half of the last decimal, of which WPA prints three.
  const step =
    (header.scale.get('size') ?? 1) === 1 ? 0 : ((header.scale.get('size') ?? 1) * (node.rowsBelow + 1)) / 2000;
  const pairs = [
    [node.bytesBelow, bytes, step + 0.5],
    [node.countBelow, count, 0],
  ].filter(([a, b]) => !Number.isNaN(a + b));
  if (pairs.length === 0) return 'unknown';
  if (pairs.every(([sum, own, tolerance]) => Math.abs(sum - own) <= tolerance)) return 'equal';
  return pairs.every(([sum, own, tolerance]) => sum <= own + tolerance) ? 'less' : 'more';
}
