/** A server that a root waits for, in the messages of the trace. */
import type { Case } from '../../case.js';
import { point } from '../../points.js';
import type { Point } from '../../result.js';
import type { Root } from './roots.js';

const ERRORS = new Set(['critical', 'error', 'warning']);

export function remotePoints({ waitsFor, evidence }: Root, { errors }: Case): Point[] {
  if (errors === null || !waitsFor?.startsWith('remote:')) return [];
  const server = waitsFor.slice('remote:'.length).replace(/^\\+/, '').split('\\')[0].toLowerCase();
  if (server.length < 3) return [];
  const naming = errors.templates.filter(({ template, examples, parameters }) => {
    const texts = [template, ...examples.map(({ quote }) => quote), ...parameters.flatMap(({ values }) => values)];
    return texts.some((text) => text.toLowerCase().includes(server));
  });
  const bad = naming.filter(({ level }) => level !== null && ERRORS.has(level));
  const [told] = bad.length > 0 ? bad : naming;
  if (told === undefined)
    return [point('server-not-in-trace', -3, 'trace', `no message of the trace names ${server}`, [])];
  return [
    point(
      bad.length > 0 ? 'server-fails-in-trace' : 'server-in-trace',
      bad.length > 0 ? 25 : 6,
      'both',
      `the trace names the same server${bad.length > 0 ? ' in an error' : ''}: "${told.template}", ${told.count} times`,
      [...told.examples.slice(0, 2), ...evidence],
    ),
  ];
}
