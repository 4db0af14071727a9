/** CSV, Markdown and NDJSON of a view: one row a line, numbers in full and without locale. */
import { jsonText, printable } from '../core/text.js';
import { type Cell, chosenColumns, shownCell, type View } from './views.js';

/**
 * CSV (RFC 4180). Text that a spreadsheet would take for a formula (`=`, `+`, `-`, `@`, tab in front) gets an apostrophe:
 * module names come from strangers' files.
 */
export function renderCsv(view: View<never>, keys: readonly string[] | null): string {
  const columns = chosenColumns(view, keys);
  const lines = [columns.map((c) => c.key)];
  for (const row of view.rows) lines.push(columns.map((c) => csvCell(c.value(row))));
  return lines.map((line) => `${line.join(',')}\n`).join('');
}

/** One cell: formulas made harmless, also behind blanks; control characters visible, so that a row is a line. */
export function csvCell(value: Cell): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const text = printable(value, Number.POSITIVE_INFINITY);
  const safe = /^\s*[=+\-@]/.test(text) ? `'${text}` : text;
  return /[",]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A Markdown table under a heading. */
export function renderMarkdown(view: View<never>, keys: readonly string[] | null, max: number): string {
  if (view.rows.length === 0) return `### ${markdownText(view.title)}\n\nnone\n`;
  const columns = chosenColumns(view, keys).filter(
    (c) =>
      keys !== null || (!c.hidden && (c.optional !== true || view.rows.some((row) => (c.value(row) ?? '') !== ''))),
  );
  const right = columns.map((c) => view.rows.some((row) => typeof c.value(row) === 'number'));
  const rows = view.rows.slice(0, max);
  const lines = [
    `### ${markdownText(view.title)}`,
    '',
    `| ${columns.map((c) => c.title).join(' | ')} |`,
    `|${right.map((r) => (r ? '---:' : '---')).join('|')}|`,
    ...rows.map((row) => `| ${columns.map((c) => markdownText(shownCell(c, row))).join(' | ')} |`),
  ];
  if (rows.length < view.of) lines.push('', `${rows.length} of ${view.of} shown.`);
  return `${lines.join('\n')}\n`;
}

/** Text that can hold no markup of its own. */
export function markdownText(text: string): string {
  return text
    .replace(/[\\`*_{}[\]|#~]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}

/** One JSON object a line, with the keys of the view's columns. */
export function renderNdjson(view: View<never>, keys: readonly string[] | null): string {
  const columns = chosenColumns(view, keys);
  return view.rows
    .map((row) => `${jsonText(Object.fromEntries(columns.map((c) => [c.key, c.value(row)])))}\n`)
    .join('');
}
