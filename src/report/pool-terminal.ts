/** The `pool` answer as read on a screen. */
import type { PoolResult, PoolStack } from '../analyses/pool/result.js';
import type { Reportable } from './document.js';
import { shownFrame, weightedStacks } from './pool-stacks.js';
import { type PoolViewName, poolView } from './pool-views.js';
import { sourceLine } from './source-line.js';
import { foldTree } from './stacks/fold.js';
import { renderStackTree } from './stacks/tree-text.js';
import {
  colorsOf,
  renderDiagnostics,
  renderFindings,
  renderTable,
  rowLimit,
  type TerminalOptions,
  wrap,
} from './terminal.js';
import { chosenColumns } from './views.js';

export interface PoolTerminalOptions extends TerminalOptions {
  /** Lists to show; null for those that have something to show. */
  readonly views: readonly PoolViewName[] | null;
  /** Stacks as a tree from the outer or the inner end, in place of the lists. */
  readonly tree: 'top-down' | 'bottom-up' | null;
  readonly columns: readonly string[] | null;
  readonly top: number | null;
  /** Frames shown of a stack; 0 = all. */
  readonly depth: number | null;
}

type PoolReport = Reportable & { readonly result: PoolResult };

const DEFAULT_VIEWS: readonly [PoolViewName, number][] = [
  ['total', 12],
  ['tag', 20],
  ['stack', 10],
  ['group', 10],
  ['snapshot', 12],
  ['counter', 16],
  ['block', 10],
  ['place', 8],
];
const DEFAULT_ROWS = 40;
const DEFAULT_FINDINGS = 12;
/** Stacks whose frames are printed. */
const DEFAULT_STACKS = 2;
const DEFAULT_DEPTH = 16;

export function renderPool(report: PoolReport, options: PoolTerminalOptions): string {
  const { result } = report;
  const parts = [header(report, options)];
  if (options.tree !== null) parts.push(stackTree(result, options.tree, options));
  else for (const [name, rows] of viewsOf(options)) parts.push(list(name, rows, result, options));
  if (options.tree === null && options.views === null) parts.push(course(result, options), frames(result, options));
  parts.push(
    renderFindings(report.findings, Math.max(DEFAULT_FINDINGS, rowLimit(options.top, DEFAULT_FINDINGS)), options),
  );
  parts.push(renderDiagnostics(report.diagnostics, options));
  return parts.filter((part) => part !== '').join('\n');
}

const viewsOf = ({ views }: PoolTerminalOptions): readonly [PoolViewName, number][] =>
  views?.map((view): [PoolViewName, number] => [view, DEFAULT_ROWS]) ?? DEFAULT_VIEWS;

function list(name: PoolViewName, rows: number, result: PoolResult, options: PoolTerminalOptions): string {
  const view = poolView(name, options.views === null ? shortly(result) : result);
  if (view.rows.length === 0 && options.views === null) return '';
  if (chosenColumns(view, options.columns).length === 0) return '';
  return renderTable(view, options.columns, rowLimit(options.top, rows), options);
}

/** What is worth a line where nobody asked for the list: figures of pool and commit, and snapshots where there are several. */
function shortly(result: PoolResult): PoolResult {
  const counters = result.counters.filter(
    ({ name, samples }) =>
      samples > 1 || /^failed|pool.*(usage|max)|^pool [np]|pool (non)?paged bytes|commit/i.test(name),
  );
  // Lines of a counter log are no snapshots to look at: their figures stand by name.
  const snapshots = result.snapshots.filter(({ tags }) => tags.length > 0);
  return { ...result, counters, snapshots: snapshots.length > 1 ? snapshots : [] };
}

function header({ result, sources }: PoolReport, options: TerminalOptions): string {
  const c = colorsOf(options);
  const lines = sources.map((source) => sourceLine(source, options.width));
  const { startUs, endUs } = result.window;
  if (startUs !== null && endUs !== null) {
    lines.push(`Window: ${((endUs - startUs) / 1e6).toFixed(3)} s from ${(startUs / 1e6).toFixed(6)} s`);
  }
  for (const { paged, bytes, atUs } of result.peaks) {
    const pool = paged === null ? 'pool' : paged ? 'paged pool' : 'nonpaged pool';
    const at = atUs === null ? '' : ` at ${(atUs / 1e6).toFixed(3)} s`;
    lines.push(`Most outstanding at one time: ${bytes} bytes of ${pool}${at}`);
  }
  if (result.stacks.length > 0 && sources.every((s) => !s.about.functionNames)) {
    lines.push(
      wrap(
        'A raw log holds no function names: frames are shown by their offset in the image (in a debugger: ln myfault+0x1a00), and an allocator is the first frame outside nt, whose pool functions cannot be told from its others',
        options.width,
        2,
      ),
    );
  }
  return `${c.bold('tracekit pool')}\n${lines.join('\n')}\n`;
}

const STRIP = 64;

/** Outstanding bytes over time as a strip of bars. */
function course({ timeline }: PoolResult, options: TerminalOptions): string {
  if (timeline === null) return '';
  const c = colorsOf(options);
  const lines = [
    ['nonpaged', timeline.nonpagedBytes],
    ['paged', timeline.pagedBytes],
  ] as const;
  const shown = lines.filter(([, bytes]) => bytes.some((value) => value > 0));
  if (shown.length === 0) return '';
  const width = Math.max(16, Math.min(STRIP, options.width - 34));
  const rows = shown.map(([name, bytes]) => {
    const most = Math.max(...bytes);
    return `${name.padEnd(8)}  ${strip(bytes, most, width)}  up to ${most} bytes`;
  });
  return `${c.bold('Outstanding over time')}\n${rows.join('\n')}\n`;
}

/** Highest value of each of `width` parts, as blocks of eight heights. */
function strip(values: readonly number[], most: number, width: number): string {
  const columns = Math.min(width, values.length);
  return Array.from({ length: columns }, (_, i) => {
    const from = Math.floor((i * values.length) / columns);
    const to = Math.max(from + 1, Math.floor(((i + 1) * values.length) / columns));
    const value = Math.max(...values.slice(from, to));
    return value <= 0 ? ' ' : '▁▂▃▄▅▆▇█'[Math.min(7, Math.floor((8 * value) / most))];
  }).join('');
}

/** Frames of the stacks that leak, or of the largest. */
function frames(result: PoolResult, options: PoolTerminalOptions): string {
  const guilty = result.stacks.filter(({ verdict, from }) => verdict === 'leak' || from !== 'trace');
  const chosen = (guilty.length > 0 ? guilty : result.stacks.filter(({ count }) => count > 0)).slice(
    0,
    rowLimit(options.top, DEFAULT_STACKS),
  );
  return chosen.map((stack) => oneStack(stack, options)).join('\n');
}

function oneStack(stack: PoolStack, options: PoolTerminalOptions): string {
  const c = colorsOf(options);
  const { tag, bytes, count, verdict } = stack;
  const title = `Stack of '${tag ?? 'unknown tag'}': ${bytes === null ? '' : `${bytes} bytes, `}${count} ${count === 1 ? 'block' : 'blocks'}, ${verdict}`;
  const depth = options.depth === null ? DEFAULT_DEPTH : options.depth || stack.frames.length;
  const allocator = stack.allocator === null ? null : shownFrame(stack.allocator);
  const lines = stack.frames.slice(0, depth).map((frame) => {
    const text = shownFrame(frame);
    return text === allocator ? `> ${c.bold(text)}` : `  ${text}`;
  });
  const more = stack.frames.length - lines.length;
  if (more > 0) lines.push(c.dim(`  (${more} more frames; --depth 0 shows all)`));
  return `${c.bold(wrap(title, options.width, 2))}\n${lines.join('\n')}\n`;
}

function stackTree(result: PoolResult, direction: 'top-down' | 'bottom-up', options: PoolTerminalOptions): string {
  const c = colorsOf(options);
  const stacks = weightedStacks(result);
  const title = `Outstanding by stack, ${direction === 'top-down' ? 'outermost' : 'innermost'} frame first`;
  if (stacks.length === 0) return `${c.bold(title)}\nnone\n`;
  const depth = options.depth === null || options.depth === 0 ? null : options.depth;
  const tree = renderStackTree(foldTree(stacks, direction, depth), { ...options, depth, unit: 'bytes' });
  return `${c.bold(title)}\n${tree}`;
}
