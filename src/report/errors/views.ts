/** The lists of an `errors` result as tables. */
import type { ErrorsResult, Periodic } from '../../analyses/errors/result.js';
import type { View, ViewColumn } from '../views.js';
import * as column from './columns.js';

export const ERRORS_VIEWS = [
  'template',
  'periodic',
  'group',
  'gap',
  'span',
  'change',
  'thread',
  'disk',
  'parameter',
  'diff',
  'span-diff',
] as const;
export type ErrorsViewName = (typeof ERRORS_VIEWS)[number];

const made = <R>(name: string, title: string, columns: readonly ViewColumn<R>[], rows: readonly R[]): View<never> =>
  ({ name, title, columns, rows, of: rows.length }) as unknown as View<never>;

/** A list of the result as a table. */
export function errorsView(name: ErrorsViewName, result: ErrorsResult): View<never> {
  switch (name) {
    case 'template':
      return made(name, 'Templates', column.TEMPLATE, templateRows(result));
    case 'periodic':
      return made(name, 'Periodic', column.PERIODIC, result.periodic);
    case 'group':
      return made(name, 'What has one rhythm', column.GROUP, groupRows(result));
    case 'gap':
      return made(name, 'Discontinuities', column.GAP, result.gaps);
    case 'span':
      return made(name, 'Spans', column.SPAN, result.spans);
    case 'change':
      return made(name, 'What changed', column.CHANGE, result.changes);
    case 'thread':
      return made(name, 'Threads of activity', column.THREAD, result.threads);
    case 'disk':
      return made(name, 'Disk events', column.DISK, result.disks);
    case 'parameter':
      return made(name, 'Parameters', column.PARAMETER, column.parameterRows(result));
    case 'diff':
      return made(name, 'Templates of A and B', column.DIFF, result.diff?.templates ?? []);
    case 'span-diff':
      return made(name, 'Spans of A and B', column.SPAN_DIFF, result.diff?.spans ?? []);
  }
}

function templateRows({ templates, periodic }: ErrorsResult): column.TemplateRow[] {
  const byId = new Map<string, Periodic>();
  for (const one of periodic) if (one.templateId !== null && !byId.has(one.templateId)) byId.set(one.templateId, one);
  return templates.map((template) => ({ template, period: byId.get(template.id) ?? null }));
}

const groupRows = ({ groups, periodic }: ErrorsResult): column.GroupRow[] =>
  groups.flatMap(({ periodMs, members }, group) =>
    members.map(({ periodic: i, lagMs }) => ({ group, periodMs, lagMs, member: periodic[i] })),
  );
