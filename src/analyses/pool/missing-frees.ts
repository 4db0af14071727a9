/** Whether a trace lacks frees: then what was freed looks leaked, whatever its header says of lost events. */
import type { About } from '../../core/parser.js';
import type { PoolOptions } from './options.js';
import type { Outstanding } from './outstanding.js';

/** Addresses given out again without a free, from which on it is no accident: that many, and this share of the events. */
const MIN_REUSED = 10;
const REUSED = 0.001;
/** Allocations, and tags among them, of which some would have been freed. */
const MIN_EVENTS = 200;
const MIN_TAGS = 5;

/** True where the source itself counts events or buffers that were lost. */
export const hasLosses = ({ eventsLost, buffersLost }: Pick<About, 'eventsLost' | 'buffersLost'>): boolean =>
  (eventsLost ?? 0) > 0 || (buffersLost ?? 0) > 0;

/** `reused`: blocks were given out twice without a free between; `none`: not one free was recorded; null where nothing is amiss. */
export function lacksFrees(trace: Outstanding, { tag }: PoolOptions): 'reused' | 'none' | null {
  const { events, paired, reused, matched, unmatched, slots } = trace;
  if (reused > Math.max(MIN_REUSED, REUSED * (events + paired))) return 'reused';
  // One tag alone may leak every block; several hardly do.
  if (tag !== null || slots === null || matched + unmatched > 0 || events < MIN_EVENTS) return null;
  const tags = new Set(Array.from({ length: slots.count }, (_, slot) => slots.key(slot).tag));
  return tags.size >= MIN_TAGS ? 'none' : null;
}
