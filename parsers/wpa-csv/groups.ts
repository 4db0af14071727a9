/**
 * Tables copied or exported with grouping columns: rows that sum up the ones below them, with or without the parents'
 * cells repeated. WPA shows them blank:
 *
 *     Type,Module,Function,CPU,Count (DPCs/ISRs),Inclusive Duration (ms)
 *     DPC,,,,123,13.5
 *     ,ndis.sys,,,120,12.5
 *     ,,ndisInterruptDpc,,120,12.5
 *     ,Wdf01000.sys,,,3,1.0
 *
 * Blank cells are filled from the rows above, and of a group whose rows add up to it only those rows count. Where they
 * do not (a part of the rows was copied), the group's own row counts and the rows are refused. The shape is inferred
 * from what WPA shows; no export of this kind was found.
 */
import type { CsvRecord } from '../../src/core/csv.js';
import type { Output } from '../../src/core/parser.js';
import { cell } from '../wpa/cells.js';
import { countOf } from './cells.js';
import { type ColumnId, TIMES } from './columns.js';
import type { Header } from './headers.js';
import { fits, type Numbers } from './numbers.js';
import { isTotal } from './runs.js';

/** Columns that name what a row is of. */
const NAMING: readonly ColumnId[] = ['type', 'dpcType', 'module', 'fn', 'cpu'];
/** Others that tell one row from another. */
const TELLING: readonly ColumnId[] = ['address', 'vector', 'messageIndex'];
/** Rows of one group that are held until it ends; of larger ones the sum alone counts. */
const MAX_HELD = 200_000;

const ADVICE =
  'export without grouping columns (move all columns to the right of the gold bar), or with wpaexporter and such a profile';

interface Node {
  readonly record: CsvRecord;
  readonly numbers: Numbers;
  /** Cells of the naming columns, in the order of the table, filled from the rows above. */
  readonly cells: readonly string[];
  /** First of them that the row has itself. */
  readonly first: number;
  /** Last of them that is not blank. */
  readonly last: number;
  /** True where blank cells make it the child of the row above, not repeated ones. */
  readonly isByBlanks: boolean;
  readonly children: Node[];
  /** Of runs: the row was a group, and is not handed on. */
  isGroup: boolean;
}

export interface Groups {
  readonly header: Header;
  readonly out: Output;
  readonly emit: (record: CsvRecord, numbers: Numbers) => void;
  /** Places of the naming columns. */
  readonly places: readonly number[];
  /** Index of the module among them; -1 where there is none. */
  readonly module: number;
  /** The row last read that others may belong to, under the ones that it belongs to itself. */
  readonly open: Node[];
  held: number;
  /** True once blank cells have made a row the child of another; false as long as rows stand by themselves. */
  isGrouped: boolean;
  hasModules: boolean;
}

/** `ahead` are the first records of the table: they tell whether it is grouped. */
export function groupsOf(
  header: Header,
  ahead: readonly CsvRecord[],
  out: Output,
  emit: (record: CsvRecord, numbers: Numbers) => void,
): Groups {
  const known = NAMING.filter((id) => header.at.has(id));
  const places = known.map((id) => header.at.get(id) ?? 0).sort((a, b) => a - b);
  const module = places.indexOf(header.at.get('module') ?? -1);
  const groups = { header, out, emit, places, module, open: [], held: 0, isGrouped: false, hasModules: false };
  let above: Shape | null = null;
  for (const record of ahead) {
    const shape = shapeOf(groups, record);
    if (module >= 0 && shape.cells[module] !== '') groups.hasModules = true;
    if (above !== null && isBelow(above, shape)) groups.isGrouped = true;
    // Single runs are nobody's group.
    above = header.mode === 'sums' || TIMES.every((id) => cell(header, record, id) === '') ? shape : null;
  }
  return groups;
}

type Shape = Pick<Node, 'cells' | 'first' | 'last'>;

function shapeOf({ places }: Pick<Groups, 'places'>, record: CsvRecord): Shape {
  const cells = places.map((at) => (record.fields[at] ?? '').trim());
  return { cells, first: cells.findIndex((text) => text !== ''), last: cells.findLastIndex((text) => text !== '') };
}

/** The row has blanks where `above` has its name, and its own name where that one has none. */
const isBelow = (above: Shape, row: Shape): boolean =>
  above.first >= 0 && row.first > above.first && above.cells[row.first] === '';

/** The row repeats the names of `above` and adds to them. */
const isPartOf = (above: Shape, row: Shape): boolean =>
  above.last >= 0 && row.last > above.last && above.cells.every((text, i) => i > above.last || text === row.cells[i]);

/** Takes a row; hands on those that count once it is known which do. */
export function takeGrouped(groups: Groups, record: CsvRecord, numbers: Numbers): void {
  if (isPlain(groups, record)) {
    endGroups(groups);
    groups.emit(record, numbers);
    return;
  }
  const shape = shapeOf(groups, record);
  if (shape.first < 0) {
    takeNameless(groups, record, numbers);
    return;
  }
  const isRun = groups.header.mode === 'runs';
  for (let top = groups.open.at(-1); top !== undefined; top = groups.open.at(-1)) {
    if (isRun ? isRunBelow(groups, top, shape, record, numbers) : isBelow(top, shape) || isPartOf(top, shape)) break;
    close(groups);
  }
  const parent = groups.open.at(-1);
  const isByBlanks = parent !== undefined && isBelow(parent, shape);
  if (isByBlanks) groups.isGrouped = true;
  if (!isByBlanks && isOrphan(groups, shape, record)) {
    refuse(groups, record);
    return;
  }
  const cells = shape.cells.map((text, i) => (isByBlanks && i < shape.first ? parent.cells[i] : text));
  const node: Node = { ...shape, record, numbers, cells, isByBlanks, children: [], isGroup: false };
  if (isRun) takeRunRow(groups, node);
  else takeSumRow(groups, parent, node);
}

/** True for most rows: all names are there, and those of no group are repeated. */
function isPlain({ header, open, places }: Groups, { fields }: CsvRecord): boolean {
  if (open.length > 0 && header.mode !== 'runs') return false;
  for (const at of places) {
    const text = fields[at] ?? '';
    if (text === '' || (text.charCodeAt(0) <= 32 && text.trim() === '')) return false;
  }
  return true;
}

/** Ends all groups that are open: the table ends. */
export function endGroups(groups: Groups): void {
  while (groups.open.length > 0) close(groups);
}

/** A grand total, or the total of a group that has no name: what follows belongs to none of those above. */
function takeNameless(groups: Groups, record: CsvRecord, numbers: Numbers): void {
  const { header } = groups;
  if (header.mode === 'sums' && !TELLING.some((id) => cell(header, record, id) !== '')) endGroups(groups);
  groups.emit(record, numbers);
}

/**
 * Without the row that it belongs to, a row with a blank module would be called unresolved. Where no other row has
 * such blanks, they are the row's own.
 */
function isOrphan({ header, module, isGrouped, hasModules }: Groups, { first }: Shape, record: CsvRecord): boolean {
  if (module < 0 || first <= module || cell(header, record, 'fn').includes('!')) return false;
  return isGrouped || (!hasModules && header.mode === 'sums');
}

function refuse({ out }: Groups, record: CsvRecord): void {
  const message = `rows of a grouped table whose group is not in the file or does not add up were passed over: ${ADVICE}`;
  out.skip('grouping-unclear', message, { line: record.line, example: record.text }, 'data-loss');
}

function filled({ places }: Groups, { record, cells }: Node): CsvRecord {
  if (places.every((at, i) => (record.fields[at] ?? '').trim() === cells[i])) return record;
  const fields = [...record.fields];
  for (const [i, at] of places.entries()) fields[at] = cells[i];
  return { ...record, fields };
}

/** Sums are held until the group that they are in ends. */
function takeSumRow(groups: Groups, parent: Node | undefined, node: Node): void {
  const mayHaveParts = node.cells.some((text, i) => i > node.first && text === '');
  if (parent === undefined && !mayHaveParts) {
    groups.emit(node.record, node.numbers);
    return;
  }
  if (++groups.held > MAX_HELD && parent !== undefined) {
    refuse(groups, node.record);
    return;
  }
  parent?.children.push(node);
  if (mayHaveParts) groups.open.push(node);
}

/** Ends the innermost open group; the outermost one is then settled. */
function close(groups: Groups): void {
  const node = groups.open.pop();
  if (node === undefined) return;
  if (groups.header.mode === 'runs') {
    closeRun(groups, node);
    return;
  }
  if (groups.open.length > 0) return;
  settle(groups, node, groups.held > MAX_HELD);
  groups.held = 0;
}

/** Hands on either a group's own row or the rows in it. */
function settle(groups: Groups, node: Node, isCut: boolean): void {
  const { children, numbers } = node;
  const whole = isCut ? 'less' : sumOf(groups.header, node);
  if (children.length === 0) groups.emit(filled(groups, node), numbers);
  // What sums up a kind of runs is in no list, so that some of its rows are better than none.
  else if (whole === 'equal' || (whole === 'less' && isOfKindOnly(groups, node))) {
    if (whole === 'less') sayPartial(groups, node);
    leaveOut(groups, node);
    for (const child of children) settle(groups, child, isCut);
  } else {
    groups.emit(filled(groups, node), numbers);
    for (const child of children) {
      if (child.isByBlanks) refuseAll(groups, child);
      else settle(groups, child, isCut);
    }
  }
}

function refuseAll(groups: Groups, node: Node): void {
  refuse(groups, node.record);
  for (const child of node.children) refuseAll(groups, child);
}

const isOfKindOnly = ({ header }: Groups, { record, cells }: Node): boolean => {
  const named = [cell(header, record, 'type'), cell(header, record, 'dpcType')].filter((text) => text !== '');
  return cells.filter((text) => text !== '').length === named.length;
};

function sayPartial({ out }: Groups, { record }: Node): void {
  const message = `rows of a group are missing: those in the file add up to less than it. To have all, ${ADVICE}`;
  out.diagnostics.add('group-incomplete', 'data-loss', message, { line: record.line, example: record.text });
}

const SUMMED = ['inclusive', 'exclusive', 'fragmented'] as const;

/** How the rows of a group compare with its own, in every figure that all of them have; null where there is none. */
function sumOf(header: Header, { record, numbers, children }: Node): 'equal' | 'less' | 'more' | null {
  const pairs: (readonly [number, number])[] = [];
  const counts = children.map((child) => countOf(header, child.record) ?? Number.NaN);
  const count = countOf(header, record) ?? Number.NaN;
  const counted = counts.reduce((a, b) => a + b, 0);
  if (!Number.isNaN(count + counted)) pairs.push([counted, count]);
  const isCounted = pairs.length > 0;
  for (const id of SUMMED) {
    const own = numbers[id] ?? Number.NaN;
    const sum = children.reduce((total, child) => total + (child.numbers[id] ?? Number.NaN), 0);
    if (Number.isNaN(own + sum)) continue;
    // Printed times are rounded. Counts are not: where they agree, times need only be near.
    const isNear = isCounted ? fits(sum, own) : Math.abs(sum - own) <= Math.max(2, own * 0.001);
    pairs.push([isNear ? own : sum, own]);
  }
  if (pairs.length === 0) return null;
  if (pairs.every(([sum, own]) => sum === own)) return 'equal';
  return pairs.every(([sum, own]) => sum <= own) ? 'less' : 'more';
}

/** Of runs only a row without a time of its own is a group, or one that says the same as the single run below it. */
function isRunBelow(groups: Groups, top: Node, shape: Shape, record: CsvRecord, numbers: Numbers): boolean {
  if (!isBelow(top, shape)) return false;
  return isTotalRow(groups, top) || isSameRun(top.numbers, numbers, countOf(groups.header, record));
}

const isTotalRow = ({ header }: Groups, { record, numbers }: Node): boolean =>
  isTotal(numbers, countOf(header, record));

const isSameRun = (a: Numbers, b: Numbers, count: number | null): boolean =>
  !isTotal(b, count) && a.enter === b.enter && a.exit === b.exit && a.inclusive === b.inclusive;

/** Runs are handed on as they come; one that may be the group of the next is held until that has come. */
function takeRunRow(groups: Groups, node: Node): void {
  const parent = groups.open.at(-1);
  if (parent !== undefined) parent.isGroup = true;
  const mayBeGroup = isTotalRow(groups, node) || node.cells.some((text, i) => i > node.first && text === '');
  if (mayBeGroup) groups.open.push(node);
  else groups.emit(filled(groups, node), node.numbers);
}

/** The totals among the rows of runs are handed on too: they are told, and left out, where runs are put together. */
function closeRun(groups: Groups, node: Node): void {
  if (!node.isGroup || isTotalRow(groups, node)) {
    groups.emit(filled(groups, node), node.numbers);
    return;
  }
  leaveOut(groups, node);
}

function leaveOut({ out }: Groups, { record }: Node): void {
  out.account.ignored++;
  const place = { line: record.line, example: record.text };
  out.diagnostics.add('total-row', 'info', 'rows that sum up those below them were left out', place);
}
