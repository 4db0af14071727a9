/** Tables on a terminal, of any length. */
import { expect, it } from 'vitest';
import { renderTable } from '../src/report/terminal.js';
import type { View } from '../src/report/views.js';

it('a table of 200 000 rows is laid out like a short one', () => {
  const rows = Array.from({ length: 200_000 }, (_, i) => ({ n: i, name: i % 7 === 0 ? 'seven' : 'n' }));
  const view: View<(typeof rows)[number]> = {
    name: 'n',
    title: 'Numbers',
    columns: [
      { key: 'n', title: 'N', rank: 0, value: (row) => row.n },
      { key: 'name', title: 'Name', rank: 0, value: (row) => row.name },
    ],
    rows,
    of: rows.length,
  };
  const lines = renderTable(view as unknown as View<never>, null, Number.POSITIVE_INFINITY, {
    width: 80,
    color: false,
  }).split('\n');
  expect(lines).toHaveLength(200_003);
  expect(lines.slice(0, 4)).toEqual(['Numbers', '     N  Name', '     0  seven', '     1  n']);
  expect(lines[200_001]).toBe('199999  n');
});
