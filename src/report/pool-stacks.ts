/** The stacks of a `pool` result as folded stacks, for flame graphs and the like. */
import type { PoolResult, PoolStack } from '../analyses/pool/result.js';
import { printable } from '../core/text.js';
import type { WeightedStack } from './stacks/fold.js';

type ShownFrame = PoolStack['frames'][number];

/** `myfault.sys!MyfaultDeviceControl+0x358`, as it came from the source. */
export function rawFrame({ module, function: fn, offset, address }: ShownFrame, withOffset = true): string {
  if (module === null && fn === null) return address ?? '?';
  const base = fn === null ? (module ?? '?') : `${module ?? '?'}!${fn}`;
  // What a function returned to inside another tells paths apart that are one to the reader of a graph.
  const shows = offset !== null && offset !== '0x0' && (withOffset || fn === null);
  return shows ? `${base}+${offset}` : base;
}

export const shownFrame = (frame: ShownFrame): string => printable(rawFrame(frame));

/** Outstanding bytes and blocks of each stack, under pool and tag. Of breakpoints only hits are known: they weigh one byte each. */
export function weightedStacks({ stacks }: PoolResult): WeightedStack[] {
  const hasBytes = stacks.some(({ bytes }) => bytes !== null && bytes > 0);
  return stacks.flatMap((stack): WeightedStack[] => {
    const bytes = hasBytes ? (stack.bytes ?? 0) : stack.count;
    if (bytes <= 0) return [];
    const pool = stack.paged === null ? 'Pool' : stack.paged ? 'Paged pool' : 'Nonpaged pool';
    return [
      {
        frames: stack.frames.map((frame) => rawFrame(frame, false)),
        weights: [bytes, stack.count],
        prefix: [pool, `'${stack.tag ?? 'unknown tag'}'`],
      },
    ];
  });
}
