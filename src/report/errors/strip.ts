/** Counts over time as a strip of blocks, one character a part of the time. */

const BLOCKS = '▁▂▃▄▅▆▇█';

/** Empty parts are blanks; the others by their share of the greatest, on a scale of square roots so that few are seen beside many. */
export function strip(counts: readonly number[], width: number): string {
  const parts = fitted(counts, width);
  const most = Math.max(...parts, 1);
  return parts
    .map((count) => {
      if (count === 0) return ' ';
      return BLOCKS[Math.min(BLOCKS.length - 1, Math.floor(Math.sqrt(count / most) * BLOCKS.length))];
    })
    .join('');
}

/** As many parts as there is room for: neighbours added up. */
function fitted(counts: readonly number[], width: number): number[] {
  if (counts.length <= width) return [...counts];
  const parts = new Array<number>(width).fill(0);
  for (const [i, count] of counts.entries()) parts[Math.floor((i * width) / counts.length)] += count;
  return parts;
}
