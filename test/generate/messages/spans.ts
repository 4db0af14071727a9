/** Starts and finishes of a pair source: in each thread one after the other, some with others of their kind inside. */
import type { Random } from '../random.js';
import type { PairSource } from './model.js';

export interface PlannedSpan {
  readonly startUs: number;
  /** Null where it never finishes. */
  readonly endUs: number | null;
  readonly tid: number;
  readonly depth: number;
}

const DEEPEST = 3;
/** Spans shorter than this have no room for another one. */
const ROOM_US = 60;
/** Most durations of a long tail lie within this many doublings of the median. */
const SIGMA = 1.2;

/** In the order of their starts, thread by thread; inner ones behind what they are in. */
export function spansOf(random: Random, source: PairSource, lengthUs: number): PlannedSpan[] {
  const { tids } = source;
  return tids.flatMap((tid, i) => {
    const share = Math.floor(source.spans / tids.length) + (i < source.spans % tids.length ? 1 : 0);
    return threadSpans(random, source, tid, share, lengthUs);
  });
}

/** `count` outer spans at random, moved back where they would overlap, up to the end of the trace. */
function threadSpans(random: Random, source: PairSource, tid: number, count: number, lengthUs: number): PlannedSpan[] {
  const starts = Array.from({ length: count }, () => random.whole(0, lengthUs - 1)).sort((a, b) => a - b);
  const spans: PlannedSpan[] = [];
  let freeUs = 0;
  for (const wantedUs of starts) {
    const startUs = Math.max(wantedUs, freeUs);
    const endUs = startUs + random.longTailed(source.medianUs, SIGMA) + 1;
    if (endUs >= lengthUs) break;
    put(random, source, { startUs, endUs, tid, depth: 0 }, spans);
    freeUs = endUs + random.whole(1, 50);
  }
  return spans;
}

interface Finished extends PlannedSpan {
  readonly endUs: number;
}

function put(random: Random, source: PairSource, span: Finished, into: PlannedSpan[]): void {
  const unfinished = random.next() < source.unfinished;
  into.push(unfinished ? { ...span, endUs: null } : span);
  const roomUs = span.endUs - span.startUs;
  if (span.depth >= DEEPEST || roomUs < ROOM_US || random.next() >= source.nested) return;
  const startUs = span.startUs + random.whole(1, Math.floor(roomUs / 3));
  const endUs = random.whole(startUs + 1, span.endUs - 1);
  put(random, source, { startUs, endUs, tid: span.tid, depth: span.depth + 1 }, into);
}
