/** Places by the name of their file, as people cite them: `trace.csv:4513`, `boot.etl@0x1f0`. */
import type { SourceSummary } from '../../core/analysis.js';
import type { Evidence } from '../../core/evidence.js';
import { printable } from '../../core/text.js';
import { placeText } from '../views.js';

/** From evidence to its place. Two files of one name are told apart by their ids in front. */
export function placeNames(sources: readonly SourceSummary[]): (evidence: Evidence) => string {
  const names = new Map(sources.map(({ id, path }) => [id, printable(baseName(path), 80)]));
  const count = new Map<string, number>();
  for (const name of names.values()) count.set(name, (count.get(name) ?? 0) + 1);
  return (evidence) => {
    const name = names.get(evidence.source);
    if (name === undefined) return placeText(evidence);
    return placeText({ ...evidence, source: (count.get(name) ?? 0) > 1 ? `${evidence.source} ${name}` : name });
  };
}

/** The last part of a path of any system; of an entry of a zip that of the entry. */
const baseName = (path: string): string =>
  path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1) || path;

/** The first place of each of two sources, or the first two of one. */
export function ofEachSide(evidence: readonly Evidence[]): Evidence[] {
  const [first, second] = evidence;
  if (first === undefined) return [];
  const other = evidence.find(({ source }) => source !== first.source) ?? second;
  return other === undefined ? [first] : [first, other];
}
