/** The table of time by interval and CPU, of which each section has one. */

import type { TextLine } from '../../src/core/parser.js';
import { INTERVAL, INTERVAL_CELL, INTERVAL_COLUMNS } from './patterns.js';
import { cellsOf, cpusIn, type Fate, noteKind, type State, sayNoCpus } from './report.js';

export function readIntervalColumns(state: State, text: string): Fate | null {
  if (!INTERVAL_COLUMNS.test(text)) return null;
  state.intervalCpus = cpusIn(text, state);
  return 'ignored';
}

export function readInterval(state: State, text: string, { line, byte }: TextLine): Fate | null {
  const found = INTERVAL.exec(text);
  if (found === null) return null;
  const startUs = Number(found[1]) * 1000;
  const endUs = Number(found[2]) * 1000;
  const { cells, end } = cellsOf(text, INTERVAL_CELL, found[0].length);
  // Without the table's own line of CPUs the one above the modules stands for it, where it has as many.
  const cpus = state.intervalCpus ?? (state.cpus?.length === cells.length ? state.cpus : null);
  const isWhole = end === text.length && cells.length > 0 && cells.length === (cpus?.length ?? cells.length);
  if (!isWhole || endUs <= startUs) return 'damaged';
  noteKind(state, line);
  if (cpus === null) sayNoCpus(state, line);
  if (state.intervals === null) return 'ignored';
  const { kind } = state;
  for (const [i, { us, percent }] of cells.entries()) {
    state.intervals.row({ kind, cpu: cpus?.[i] ?? null, startUs, endUs, us, percentOfCpu: percent, line, byte });
  }
  return 'row';
}
