/** Tables and findings for a terminal or a pipe. */
import Table from 'cli-table3';
import pc from 'picocolors';
import type { Diagnostic } from '../core/diagnostic.js';
import type { Finding } from '../core/evidence.js';
import { printable } from '../core/text.js';
import { chosenColumns, placeText, shownCell, type View, type ViewColumn } from './views.js';

export interface TerminalOptions {
  readonly width: number;
  readonly color: boolean;
}

type Colors = ReturnType<typeof pc.createColors>;

export const colorsOf = (options: TerminalOptions): Colors => pc.createColors(options.color);

const PLAIN = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

/** Longest text of a cell: symbols of templates can be hundreds of characters long. */
const MAX_CELL = 48;

/** Rows shown: as many as `--top` says, all where that is 0, `otherwise` where it was not given. */
export const rowLimit = (top: number | null, otherwise: number): number =>
  top === null ? otherwise : top || Number.POSITIVE_INFINITY;

/** A view as an aligned table no wider than the terminal; says which columns did not fit and how many rows were cut. */
export function renderTable(
  view: View<never>,
  keys: readonly string[] | null,
  max: number,
  options: TerminalOptions,
  howToSeeAll = '--top 0 shows all',
): string {
  const c = colorsOf(options);
  if (view.rows.length === 0) return `${c.bold(view.title)}\nnone\n`;
  const rows = view.rows.slice(0, max);
  const chosen = chosenColumns(view, keys).filter(
    (column) => keys !== null || (!column.hidden && !isEmpty(column, view.rows)),
  );
  const { columns, left } = fitted(chosen, rows, keys === null ? options.width : Number.POSITIVE_INFINITY);
  const [head, ...body] = tableLines(columns, rows, fillWidth(columns, rows, options.width));
  const notes = [];
  if (rows.length < view.of) notes.push(`${rows.length} of ${view.of} shown; ${howToSeeAll}`);
  if (left.length > 0) notes.push(`not shown for want of width: ${left.map((column) => column.key).join(', ')}`);
  return [
    c.bold(view.title),
    c.dim(head),
    ...body,
    ...notes.map((note) => c.dim(wrap(`(${note})`, options.width, 1))),
    '',
  ].join('\n');
}

/** Rows laid out at once: the library takes its arguments on the stack, of which there is not room for all. */
const CHUNK = 1000;

/** Least width of a column that fills the line, and its share of a wide one: other columns give way. */
const LEAST_FILL = 24;
const FILL_SHARE = 0.4;

/** Width that the other columns leave for the one that fills the line. */
function fillWidth(columns: readonly ViewColumn<never>[], rows: readonly never[], width: number): number {
  const others = columns.filter(({ fills }) => !fills);
  const taken = others.reduce((sum, column) => sum + widthOf(column, rows, 0) + 2, 0);
  return Math.max(LEAST_FILL, width - taken);
}

/** Width of a column's longest cell; `fill` is what the one that fills the line may have. */
const widthOf = (column: ViewColumn<never>, rows: readonly never[], fill: number): number =>
  rows.reduce((most, row) => Math.max(most, cellText(column, row, fill).length), column.title.length);

/** Heading and rows, aligned. */
function tableLines(columns: readonly ViewColumn<never>[], rows: readonly never[], fill: number): string[] {
  const isNumber = columns.map((column) => rows.some((row) => typeof column.value(row) === 'number'));
  const widths = columns.map((column) => widthOf(column, rows, fill));
  const lines: string[] = [];
  for (let from = 0; from === 0 || from < rows.length; from += CHUNK) {
    const table = new Table({
      head: from === 0 ? columns.map((column) => column.title) : [],
      colAligns: isNumber.map((number) => (number ? 'right' : 'left')),
      colWidths: widths,
      chars: PLAIN,
      style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
    });
    for (const row of rows.slice(from, from + CHUNK)) table.push(columns.map((column) => cellText(column, row, fill)));
    for (const line of table.toString().split('\n')) lines.push(line.trimEnd());
  }
  return lines;
}

const isEmpty = (column: ViewColumn<never>, rows: readonly never[]): boolean =>
  (column.rank > 0 || column.optional === true) && rows.every((row) => (column.value(row) ?? '') === '');

function cellText(column: ViewColumn<never>, row: never, fill: number): string {
  const text = shownCell(column, row);
  const most = column.fills ? fill : MAX_CELL;
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

/** Columns of rank 0, and of the others as many as fit, lowest rank first. */
function fitted(
  columns: readonly ViewColumn<never>[],
  rows: readonly never[],
  width: number,
): { columns: readonly ViewColumn<never>[]; left: readonly ViewColumn<never>[] } {
  const fill = Math.max(LEAST_FILL, Math.min(Math.floor(FILL_SHARE * width), 100));
  const widths = new Map(columns.map((column) => [column, widthOf(column, rows, fill)]));
  const kept = new Set(columns.filter((column) => column.rank === 0));
  const total = (): number => [...kept].reduce((sum, column) => sum + (widths.get(column) ?? 0) + 2, -2);
  for (const column of [...columns].sort((a, b) => a.rank - b.rank)) {
    kept.add(column);
    if (column.rank > 0 && total() > width) kept.delete(column);
  }
  return { columns: columns.filter((column) => kept.has(column)), left: columns.filter((column) => !kept.has(column)) };
}

const MARK = { error: 'ERROR', warning: 'WARN ', note: 'NOTE ' } as const;

/** Findings, worst first, each with its evidence and what to do next. */
export function renderFindings(findings: readonly Finding[], max: number, options: TerminalOptions): string {
  const c = colorsOf(options);
  if (findings.length === 0) return `${c.bold('Findings')}\nnone\n`;
  const paint = { error: c.red, warning: c.yellow, note: c.cyan };
  const lines = [c.bold('Findings')];
  const said = new Set<string>();
  const shown = [...findings.slice(0, max), ...explanations(findings.slice(max))];
  for (const finding of shown) {
    lines.push(wrap(`${paint[finding.level](MARK[finding.level])} ${finding.message}`, options.width, 6));
    const [first] = finding.evidence;
    lines.push(
      c.dim(wrap(`      ${placeText(first)}: ${printable(first.quote, 200).replace(/\s+/g, ' ')}`, options.width, 8)),
    );
    for (const next of finding.next) {
      lines.push(said.has(next) ? '      next: as above' : wrap(`      next: ${next}`, options.width, 12));
      said.add(next);
    }
  }
  if (findings.length > shown.length) {
    lines.push(c.dim(`(${shown.length} of ${findings.length} shown; --top 0 shows all)`));
  }
  return `${lines.join('\n')}\n`;
}

const MAX_EXPLANATIONS = 4;

/** Notes say what the figures above them mean (whose the profile interrupt is): warnings must not push them out. */
const explanations = (findings: readonly Finding[]): Finding[] =>
  findings.filter(({ level }) => level === 'note').slice(0, MAX_EXPLANATIONS);

/** What reading found: everything skipped, cut or assumed. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], options: TerminalOptions): string {
  const c = colorsOf(options);
  if (diagnostics.length === 0) return '';
  const lines = [c.bold('About the input')];
  for (const d of diagnostics) {
    const at = d.line !== null ? `line ${d.line}` : d.byte !== null ? `byte 0x${d.byte.toString(16)}` : null;
    const place = [d.source, at].filter((p) => p !== null).join(' ');
    const count = d.count > 1 ? ` (${d.count} times)` : '';
    lines.push(
      wrap(`${d.severity}: ${place === '' ? '' : `${place}: `}${d.message}${count} [${d.code}]`, options.width, 2),
    );
    if (d.examples.length > 0) lines.push(c.dim(wrap(`  e.g. ${printable(d.examples[0], 120)}`, options.width, 7)));
  }
  return `${lines.join('\n')}\n`;
}

/** Breaks at blanks, but not between a number and its unit; later lines are indented. Colour codes do not count. */
export function wrap(text: string, width: number, indent: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/(?<=\S) (?!(?:%|µs|ms|s)(?![\p{L}\d]))/u)) {
    if (line !== '' && visible(line) + 1 + visible(word) > width) {
      lines.push(line);
      line = `${' '.repeat(indent)}${word}`;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join('\n');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes begin with ESC.
const visible = (text: string): number => text.replace(/\u001b\[[0-9;]*m/g, '').length;

/** A bar of `share` (0-1) of `width` characters. */
export function bar(share: number, width: number): string {
  const eighths = Math.round(share * width * 8);
  const rest = ' ▏▎▍▌▋▊▉'[eighths % 8];
  return `${'█'.repeat(Math.floor(eighths / 8))}${rest === ' ' ? '' : rest}` || (share > 0 ? '▏' : '');
}
