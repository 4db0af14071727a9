/** Counts: of modules and sections, in histograms, and the report's own check that they agree. */

import type { TextLine } from '../../src/core/parser.js';
import { ALL_MODULES, BUCKET, BUCKETS_END, TOTAL } from './patterns.js';
import { type Fate, moduleOf, noteKind, type State } from './report.js';

export function readBucket(state: State, text: string, { line, byte }: TextLine): Fate | null {
  const found = BUCKET.exec(text);
  if (found === null) return null;
  const { histogram } = state;
  // A bucket of nobody knows what cannot be used.
  if (histogram === null) return 'damaged';
  const count = Number(found[3]);
  histogram.counted += count;
  histogram.buckets++;
  if (state.buckets === null) return 'ignored';
  const { kind, module, scope } = histogram;
  const leUs = found[2] === undefined ? null : Number(found[2]);
  state.buckets.row({ kind, module, scope, gtUs: Number(found[1]), leUs, count, line, byte });
  return 'row';
}

export function readTotal(state: State, text: string, { line, byte }: TextLine): Fate | null {
  const found = TOTAL.exec(text);
  if (found === null) return null;
  const name = found[2]?.trim();
  if (name === '') return 'damaged';
  endHistogram(state);
  noteKind(state, line);
  const count = Number(found[1]);
  const scope = name === undefined ? 'all' : 'module';
  const module = name === undefined ? null : moduleOf(name);
  const { kind } = state;
  state.totals++;
  if (name === undefined) state.sectionTotal = count;
  else {
    state.modulesTotal = (state.modulesTotal ?? 0) + count;
    noteModule(state, name, line, text);
  }
  state.histogram = { kind, module, scope, total: count, line, counted: 0, buckets: 0, ended: false };
  if (state.aggregates === null) return 'ignored';
  state.aggregates.row({ kind, module, scope, count, line, byte });
  return 'row';
}

/** Twice the same module: two reports in one file, or excerpts of several. Their counts are then added up. */
function noteModule(state: State, name: string, line: number, example: string): void {
  const key = `${state.kind} ${name.toLowerCase()}`;
  if (state.modulesSeen.has(key)) {
    const message = 'a module is counted more than once: the file may hold parts of several reports';
    state.out.diagnostics.add('module-counted-twice', 'warning', message, { line, example });
  }
  state.modulesSeen.add(key);
}

export function readBucketsEnd(state: State, text: string, { line }: TextLine): Fate | null {
  const found = BUCKETS_END.exec(text);
  if (found === null) return null;
  const { histogram } = state;
  if (histogram === null) return 'ignored';
  histogram.ended = true;
  if (found[1] !== '' && Number(found[1]) !== histogram.total) {
    mismatch(state, line, `a histogram's heading counts ${histogram.total}, its last line ${found[1]}`, text);
  }
  endHistogram(state);
  return 'ignored';
}

/** The buckets of a histogram must add up to its heading. With `-summary` there are no buckets. */
export function endHistogram(state: State): void {
  const { histogram } = state;
  state.histogram = null;
  if (histogram === null || histogram.buckets === 0 || histogram.counted === histogram.total) return;
  const { total, counted, module, scope, line } = histogram;
  const whose = scope === 'all' ? 'all modules' : (module ?? 'the unresolved module');
  mismatch(
    state,
    line,
    `the buckets of ${whose} add up to ${counted}, their heading counts ${total}`,
    `Total = ${total}`,
  );
}

export function readAllModules(state: State, text: string, { line }: TextLine): Fate | null {
  const found = ALL_MODULES.exec(text);
  if (found === null) return null;
  endHistogram(state);
  const modules = Number(found[1]);
  const total = Number(found[2]);
  const saysEqual = /^EQUAL\b/i.test(found[3]);
  if (modules !== total || !saysEqual) {
    mismatch(state, line, `the report's own check fails: ${modules} by module, ${total} in all`, text);
  }
  const { modulesTotal, sectionTotal } = state;
  if (modulesTotal !== null && modulesTotal !== modules) {
    mismatch(state, line, `the counts by module add up to ${modulesTotal}, the report says ${modules}`, text);
  }
  if (sectionTotal !== null && sectionTotal !== total) {
    mismatch(state, line, `the section counts ${sectionTotal} in all, its check line ${total}`, text);
  }
  startSection(state);
  return 'ignored';
}

function mismatch(state: State, line: number, message: string, example: string): void {
  state.out.diagnostics.add('totals-differ', 'warning', message, { line, example });
}

export function startSection(state: State): void {
  state.sectionTotal = null;
  state.modulesTotal = null;
}
