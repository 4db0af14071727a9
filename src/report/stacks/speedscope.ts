/**
 * A file for https://www.speedscope.app: two sampled profiles of the same stacks, bytes and counts.
 * Format: https://www.speedscope.app/file-format-schema.json
 */
import { safeJson } from '../../core/text.js';
import { VERSION } from '../../version.js';
import { visibleName } from './names.js';
import { distinctStacks, sortedPaths, type WeightedStack, type Weights } from './paths.js';

/** The file's text. Samples stand in the order of names, so that the view by time already shows like stacks together. */
export function renderSpeedscope(stacks: readonly WeightedStack[], name: string): string {
  const paths = sortedPaths(stacks, 'top-down', null, visibleName);
  const distinct = [...distinctStacks(stacks, paths)];
  const samples = distinct.map(({ ids }) => Array.from(ids));
  const weights = distinct.map((stack) => stack.weights);
  const title = visibleName(name);
  const file = {
    $schema: 'https://www.speedscope.app/file-format-schema.json',
    exporter: `tracekit@${VERSION}`,
    name: title,
    activeProfileIndex: 0,
    shared: { frames: paths.names.map((frame) => ({ name: frame })) },
    profiles: [
      sampled(`${title}: bytes`, 'bytes', samples, weights, 0),
      sampled(`${title}: count`, 'none', samples, weights, 1),
    ],
  };
  return `${safeJson(JSON.stringify(file))}\n`;
}

function sampled(
  name: string,
  unit: 'bytes' | 'none',
  samples: readonly number[][],
  all: readonly Weights[],
  which: 0 | 1,
): object {
  const weights = all.map((pair) => pair[which]);
  const endValue = weights.reduce((sum, weight) => sum + weight, 0);
  return { type: 'sampled', name, unit, startValue: 0, endValue, samples, weights };
}
