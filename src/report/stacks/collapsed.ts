/**
 * Collapsed stacks, the input of flamegraph.pl, inferno, speedscope and others: `outer;inner 1234`, one line a stack.
 * https://github.com/brendangregg/FlameGraph#2-fold-stacks
 */
import { visibleName } from './names.js';
import { distinctStacks, sortedPaths, type WeightedStack } from './paths.js';

const UNIT_WEIGHT = { bytes: 0, count: 1 } as const;

/** The readers know no escape for `;`, and take a line without a name for damaged. */
const collapsedName = (text: string): string => visibleName(text).replaceAll(';', ',') || '(no name)';

/** One line a different stack, in the order of names; the weight is rounded, for the format has whole numbers only. */
export function* collapsedLines(
  stacks: readonly WeightedStack[],
  unit: keyof typeof UNIT_WEIGHT = 'bytes',
): Generator<string> {
  const paths = sortedPaths(stacks, 'top-down', null, collapsedName);
  for (const { ids, weights } of distinctStacks(stacks, paths)) {
    const names = Array.from(ids, (id) => paths.names[id]);
    yield `${names.join(';') || '(no stack)'} ${wholeNumber(weights[UNIT_WEIGHT[unit]])}\n`;
  }
}

/** Without exponent, which numbers above 1e21 would get. */
const wholeNumber = (weight: number): string => BigInt(Math.round(weight)).toString();

/** All lines as one text; write the lines one by one where there may be more than half a gigabyte of them. */
export function renderCollapsed(stacks: readonly WeightedStack[], unit: keyof typeof UNIT_WEIGHT = 'bytes'): string {
  return [...collapsedLines(stacks, unit)].join('');
}
