/** What a whole report must agree with: ranges that touch, totals, its own end. */
import { type Bucket, type CpuFigures, KINDS, type Kind, kindOf, type State } from './report.js';

export const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/**
 * Ranges touch: `500-999` ends where `1000-1999` begins. `500-10000`, in the DPC list of every report seen, is a slip of
 * the tool for 500-1000: the next range begins at 1000, the ISR list says 500-1000, and the counts of all ranges add up
 * to those of all processors only if the ranges do not overlap.
 */
export function readBuckets(state: State, kind: Kind): void {
  const { buckets } = state.of[kind];
  buckets.sort((a, b) => a.lo - b.lo);
  for (const [i, bucket] of buckets.entries()) {
    const next = buckets[i + 1]?.lo ?? null;
    if (bucket.hi === null) continue;
    const slip = bucket.lo === 500 && bucket.hi === 10000 && (next === null || next === 1000);
    if (!slip && (next === null || (next > bucket.hi + 1 && next !== bucket.hi))) continue;
    const touching = slip ? 1000 : (next ?? bucket.hi);
    if (touching < bucket.hi) sayLabel(state, bucket, touching);
    bucket.hi = touching;
  }
}

function sayLabel({ out }: State, bucket: Bucket, hi: number): void {
  const message = `the range ${bucket.lo}-${bucket.printedHi} µs overlaps the next one: a known slip of LatencyMon, read as ${bucket.lo}-${hi} µs`;
  out.diagnostics.add('bucket-label', 'info', message, { line: bucket.line, example: bucket.quote });
}

/** The report's own totals: runs by range and by processor are the same runs; the longest run is some processor's. */
export function checkSums(state: State, kind: Kind): void {
  const { buckets, cpus, max, percent } = state.of[kind];
  const { diagnostics, about } = state.out;
  const counted = [...cpus.values()];
  const complete = cpus.size > 0 && cpus.size === (about.machine.cpus ?? cpus.size);
  if (!complete) return;
  const counts = counted.flatMap((c) => c.count ?? []);
  if (counts.length === counted.length && hasAllRanges(buckets)) {
    const ranges = sum(buckets.map((b) => b.count));
    const processors = sum(counts);
    if (ranges !== processors) {
      const message = `${kind}: the ranges count ${ranges} runs, the processors ${processors}: figures are missing or damaged`;
      diagnostics.add(`sum-differs-${kind.toLowerCase()}`, 'warning', message);
    } else if (state.cut?.what === 'cpuCount' && kindOf(state.cut.groups[1]) === kind) state.cut = null;
  }
  const longest = counted.map((c) => c.max ?? Number.NaN);
  if (max !== null && !longest.some(Number.isNaN) && Math.max(...longest) !== max) {
    const message = `${kind}: the longest run is ${max} µs, the processors' longest ${Math.max(...longest)} µs`;
    diagnostics.add(`max-differs-${kind.toLowerCase()}`, 'warning', message);
  }
  checkPercent(state, kind, percent, counted);
}

/** `Total time spent in …` is the share of all processors' time; the time analysed is printed to the second. */
function checkPercent(state: State, kind: Kind, percent: number | null, counted: readonly CpuFigures[]): void {
  const totals = counted.flatMap((c) => c.total ?? []);
  if (percent === null || state.durationS === null || totals.length !== counted.length) return;
  const shareOf = (seconds: number): number => (sum(totals) / (seconds * 1e6 * counted.length)) * 100;
  const low = shareOf(state.durationS + 2) * 0.98 - 1e-6;
  const high = state.durationS > 2 ? shareOf(state.durationS - 2) * 1.02 + 1e-6 : Number.POSITIVE_INFINITY;
  if (percent >= low && percent <= high) return;
  const message = `${kind}: ${percent} % of all processors is printed, but their times add up to ${shareOf(state.durationS || 1).toFixed(6)} %`;
  state.out.diagnostics.add(`percent-differs-${kind.toLowerCase()}`, 'warning', message);
}

export const hasAllRanges = (buckets: readonly Bucket[]): boolean =>
  buckets.length >= 2 &&
  buckets[0].lo === 0 &&
  buckets[buckets.length - 1].hi === null &&
  buckets.every((b, i) => i === 0 || buckets[i - 1].hi === b.lo);

/** A whole report ends with three figures of each kind for each processor. */
export function checkEnd(state: State): void {
  const { out, of, cut } = state;
  const cpus = out.about.machine.cpus;
  const whole = (figures: CpuFigures): boolean =>
    figures.max !== undefined && figures.total !== undefined && figures.count !== undefined;
  const complete = KINDS.every((kind) => {
    const all = [...of[kind].cpus.values()];
    return all.length > 0 && all.every(whole) && all.length >= (cpus ?? 1);
  });
  if (!complete) {
    out.about.truncated = true;
    const seen = KINDS.map((kind) => `${of[kind].cpus.size} for ${kind}s`).join(', ');
    const message = `the report ends before the figures of all processors (${cpus ?? 'an unknown number'}) are there: ${seen}`;
    out.diagnostics.add('truncated', 'data-loss', message);
  }
  if (cut !== null) {
    const message = 'the last line has no line end and no total confirms it: its figure may be cut off';
    out.diagnostics.add('last-line-cut', 'warning', message, { line: cut.line, example: cut.quote });
  }
}
