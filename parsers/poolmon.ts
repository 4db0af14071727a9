/**
 * What poolmon shows: screens copied from its window, and the logs of `poolmon -n`, one snapshot after another. Each begins
 * with two lines on the whole machine or, where those were not copied, with the column header.
 *
 *      Memory:  260620K Avail:   96364K  PageFlts:     0   InRam Krnl: 1916K P:17856K
 *      Commit: 203500K Limit: 640916K Peak: 260632K            Pool N: 8332K P:27220K
 *      System pool information
 *      Tag  Type     Allocs            Frees            Diff   Bytes       Per Alloc
 *
 *      Wait Nonp    3971107 (   0)   3971077 (   0)       30    8456 (     0)    281
 *      Dh 1 Paged        24 (   0)        24 (   0)        0       0 (     0)      0
 *
 * A tag is any four bytes, blanks among them: it is found by its column where the widths are poolmon's own.
 */
import { addNote } from '../src/core/note.js';
import {
  CLAIMED,
  type Claim,
  linesOf,
  NOT_MINE,
  type Output,
  type Parser,
  type Prefix,
  type TextLine,
} from '../src/core/parser.js';
import type { SourceStream } from '../src/core/source.js';
import type { Writer } from '../src/core/table.js';
import { poolCounter, poolTag } from '../src/tables/pool-snapshot.js';
import { COLLAPSED, type Columns, columnsOf, type PoolRow, rowOf } from './poolmon/columns.js';
import { countersOf, type HeadLine, headLineOf } from './poolmon/counters.js';
import { countsOf } from './poolmon/figures.js';
import { mappedDriver } from './poolmon/mapped-driver.js';
import { type DateOrder, type Stamp, stampOf } from './poolmon/stamps.js';

export const poolmon: Parser = {
  name: 'poolmon',
  title: 'poolmon screen, or log of poolmon -n',
  madeBy: 'poolmon -b -n poolsnap.log, or copied from its window',
  specification: 'https://learn.microsoft.com/windows-hardware/drivers/devtest/poolmon-display',
  tables: [poolTag, poolCounter],
  sniff,
  parse,
};

interface State {
  readonly out: Output;
  /** Null where nobody wants them. */
  readonly tags: Writer<typeof poolTag> | null;
  readonly counters: Writer<typeof poolCounter> | null;
  /** Number of the snapshot under way; 0 before the first. */
  snapshot: number;
  atMs: number | null;
  /** Lines of the head that this snapshot has had; null once its table has begun. */
  head: Set<HeadLine | 'title'> | null;
  /** Whose pool the title names. */
  session: { readonly isSession: boolean; readonly id: number | null };
  columns: Columns;
  rows: number;
  /** The last lines that are none of poolmon's: the time of the next snapshot may stand there. */
  between: string;
  readonly order: DateOrder;
  /** The first time that was read; the others must be like it. */
  first: Stamp | null;
  lastMs: number | null;
}

const SYSTEM = { isSession: false, id: null };
const MAX_BETWEEN = 400;

function sniff(prefix: Prefix): Claim {
  if (prefix.encoding === 'binary') return NOT_MINE;
  return prefix.lines.some((line) => isTableHeader(line) || isHead(line)) ? CLAIMED : NOT_MINE;
}

const isTableHeader = (line: string): boolean => {
  const figures = columnsOf(line)?.figures ?? [];
  return ['allocs', 'frees', 'diff', 'bytes'].every((name) => figures.some((figure) => figure === name));
};

const isHead = (line: string): boolean => headLineOf(line) === 'memory' && /PageFlts|InRam/.test(line);

async function parse(stream: SourceStream, out: Output): Promise<void> {
  const state: State = {
    out,
    tags: out.writer(poolTag),
    counters: out.writer(poolCounter),
    snapshot: 0,
    atMs: null,
    head: null,
    session: SYSTEM,
    columns: COLLAPSED,
    rows: 0,
    between: '',
    order: { known: null },
    first: null,
    lastMs: null,
  };
  out.about.functionNames = false;
  for await (const line of linesOf(stream, out)) takeLine(state, line);
  finish(state);
}

function takeLine(state: State, line: TextLine): void {
  const { account } = state.out;
  const { text } = line;
  if (text.trim() === '') account.ignored++;
  else if (!takeHead(state, line) && !takeColumns(state, line) && !takeRow(state, line)) {
    account.ignored++;
    state.between = `${state.between} ${text.slice(0, MAX_BETWEEN)}`.slice(-MAX_BETWEEN);
  }
}

function takeHead(state: State, line: TextLine): boolean {
  const title = titleOf(line.text);
  const kind = headLineOf(line.text) ?? (title === null ? null : 'title');
  if (kind === null) return false;
  if (state.head === null || state.head.has(kind)) begin(state, line);
  state.head?.add(kind);
  if (title !== null) state.session = title;
  if (kind === 'title' || !takeCounters(state, line)) state.out.account.ignored++;
  return true;
}

//  System pool information
//  All sessions pool information
//  Session 0 pool information
const TITLE = /^\s{0,40}(System|All\s{1,4}sessions|Session\s{1,4}(\d{1,6}))\s{1,4}pool\s{1,4}information\b/i;

function titleOf(text: string): State['session'] | null {
  const found = TITLE.exec(text);
  if (found === null) return null;
  return { isSession: !/^system$/i.test(found[1]), id: found[2] === undefined ? null : Number(found[2]) };
}

/** Writes the figures of a head line; false, and not counted, where nobody wants them or there are none. */
function takeCounters({ out, counters, snapshot, atMs }: State, line: TextLine): boolean {
  const found = countersOf(line.text);
  for (const { name, value, unit } of found) {
    counters?.row({ snapshot, atMs, name, value, unit, line: line.line, byte: line.byte });
    if (value === null) sayWrapped(out, line);
  }
  if (counters === null || found.length === 0) return false;
  out.account.rows++;
  return true;
}

function takeColumns(state: State, line: TextLine): boolean {
  const columns = columnsOf(line.text);
  if (columns === null) return false;
  if (state.head === null) begin(state, line);
  state.head = null;
  state.columns = columns;
  state.out.account.ignored++;
  if (columns.tagAt === null) {
    addNote(
      state.out.about,
      'the widths of the columns were lost: pool tags are padded with blanks behind, and blanks in front of a tag are gone',
    );
  }
  return true;
}

function begin(state: State, line: TextLine): void {
  state.snapshot++;
  state.head = new Set();
  state.session = SYSTEM;
  state.atMs = timeOf(state, line);
  state.between = '';
}

/** When a snapshot was taken, by the lines in front of it. */
function timeOf(state: State, line: TextLine): number | null {
  const { diagnostics } = state.out;
  const at = { line: line.line, example: state.between.trim() };
  const stamp = stampOf(state.between, state.order);
  if (stamp === 'ambiguous') {
    const message = 'dates that can be read with the day or with the month first: these snapshots have no time';
    diagnostics.add('date-ambiguous', 'warning', message, at);
    return null;
  }
  if (stamp === null) return null;
  state.first ??= stamp;
  const { first } = state;
  if (stamp.zoned !== first.zoned || (!stamp.zoned && stamp.form !== first.form)) {
    const message = 'times that are not written as the first one is: these snapshots have no time';
    diagnostics.add('time-form-mixed', 'warning', message, at);
    return null;
  }
  if (state.lastMs !== null && stamp.ms < state.lastMs) {
    diagnostics.add('time-inversion', 'warning', 'times of snapshots run backwards', at);
  }
  state.lastMs = Math.max(stamp.ms, state.lastMs ?? stamp.ms);
  return stamp.ms;
}

function takeRow(state: State, line: TextLine): boolean {
  const row = rowOf(line.text, state.columns);
  if (row === null) return false;
  const { out } = state;
  if (row === 'damaged') {
    if (!line.ended) out.about.truncated = true;
    const message = 'rows that lack figures were passed over';
    out.skip('damaged-row', message, { line: line.line, example: line.text });
    return true;
  }
  if (state.snapshot === 0) begin(state, line);
  state.head = null;
  state.rows++;
  writeRow(state, row, line);
  if (state.tags === null) out.account.ignored++;
  else out.account.rows++;
  return true;
}

function writeRow({ out, tags, snapshot, atMs, session }: State, row: PoolRow, line: TextLine): void {
  const { allocs, frees, outstanding, bytes, wrapped, mismatch } = countsOf(row);
  const pool = row.type === 'Nonp' ? 'NonPagedPool' : 'PagedPool';
  tags?.row({
    snapshot,
    atMs,
    tag: row.tag,
    poolType: session.isSession ? `${pool}Session` : pool,
    sessionId: session.id,
    allocs,
    frees,
    outstanding,
    bytes,
    ...mappedDriver(row.rest),
    line: line.line,
    byte: line.byte,
  });
  if (wrapped) sayWrapped(out, line);
  if (mismatch) {
    const message = 'rows whose Diff is not Allocs - Frees: Diff was taken where it can be';
    out.diagnostics.add('diff-mismatch', 'warning', message, { line: line.line, example: line.text });
  }
  if (row.tag.includes('\ufffd')) {
    const message = 'tags with bytes that are no UTF-8: tags that differ in those only are one here';
    out.diagnostics.add('tag-bytes', 'info', message, { line: line.line, example: line.text });
  }
}

function sayWrapped(out: Output, line: TextLine): void {
  const message = 'counters that have wrapped or are negative: their values are left out';
  out.diagnostics.add('wrapped-counter', 'warning', message, { line: line.line, example: line.text });
}

function finish({ out, rows, first, lastMs }: State): void {
  const { about, diagnostics } = out;
  if (rows === 0) diagnostics.add('no-rows', 'error', 'there are no rows of pool tags. Copy the whole screen.');
  if (first === null || lastMs === null) return;
  about.span = { startUs: 0, endUs: (lastMs - first.ms) * 1000 };
  if (first.zoned) {
    about.clock.startUtc = new Date(first.ms).toISOString();
    about.clock.zone = 'UTC';
    return;
  }
  addNote(
    about,
    'the times of the snapshots have no zone: they are taken as if in UTC, so only their differences hold, and those not where the clock was changed',
  );
}
