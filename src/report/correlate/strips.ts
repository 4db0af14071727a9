/** The time line on a screen: one line for each lane, darker where more happened, and where the dump lies. */
import type { CorrelateResult } from '../../../correlate/result.js';
import { durationText } from '../../core/duration-text.js';
import { printable } from '../../core/text.js';
import { colorsOf, type TerminalOptions, wrap } from '../terminal.js';

const SHADES = ['·', '░', '▒', '▓', '█'];
const MOST_LANES = 12;
const TITLE = 34;

export function stripLines({ timeline }: CorrelateResult, options: TerminalOptions): string[] {
  const { startUs, endUs, dumpAtUs, strips } = timeline;
  if (startUs === null || endUs === null || strips.length === 0) return [];
  const c = colorsOf(options);
  const titleWidth = Math.min(TITLE, Math.max(16, options.width - 66));
  const width = Math.max(16, Math.min(64, options.width - titleWidth - 2));
  const title = (text: string): string =>
    printable(text, titleWidth - 1)
      .replace(/\s+/g, ' ')
      .slice(0, titleWidth)
      .padEnd(titleWidth);
  const lines = strips.slice(0, MOST_LANES).map((strip) => `${title(strip.title)}  ${shaded(strip.counts, width)}`);
  const mark =
    dumpAtUs === null
      ? null
      : Math.min(width - 1, Math.floor((width * (dumpAtUs - startUs)) / Math.max(1, endUs - startUs)));
  return [
    c.bold(
      wrap(
        `Time line (${durationText((endUs - startUs) / 1000)} from ${durationText(startUs / 1000)}; a character is ${durationText((endUs - startUs) / 1000 / width)})`,
        options.width,
        2,
      ),
    ),
    ...lines,
    ...(mark === null ? [] : [`${title('the dump')}  ${' '.repeat(mark)}^`]),
    ...(strips.length > MOST_LANES ? [c.dim(`(${MOST_LANES} of ${strips.length} lanes shown; --html shows all)`)] : []),
    '',
  ];
}

function shaded(counts: readonly number[], width: number): string {
  const cells = Array.from({ length: width }, (_, i) => {
    const from = Math.floor((i * counts.length) / width);
    const to = Math.max(from + 1, Math.floor(((i + 1) * counts.length) / width));
    return counts.slice(from, to).reduce((sum, one) => sum + one, 0);
  });
  const most = Math.max(1, ...cells);
  return cells.map((count) => SHADES[count === 0 ? 0 : Math.max(1, Math.ceil((4 * count) / most))]).join('');
}
