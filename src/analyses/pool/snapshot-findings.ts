/** What snapshots, lists of blocks and breakpoints come to, in words. */
import type { Finish } from '../../core/analysis.js';
import type { Finding } from '../../core/evidence.js';
import { bytesText, poolText, rateText, tagText } from './bytes-text.js';
import { codeText, finding, sentence } from './findings.js';
import type { PoolCounter, PoolResult, PoolStack } from './result.js';
import type { SnapshotTag } from './snapshot-answer.js';
import { evidenceOf, type Snapshot } from './snapshots.js';

/** Share of its pool, and bytes, from which on a tag in a single snapshot is worth a word. */
const DOMINATES = 0.25;
const MIN_BYTES = 8 << 20;
const MAX_FINDINGS = 8;

export function snapshotFindings(
  tags: readonly SnapshotTag[],
  snapshots: readonly Snapshot[],
  places: PoolResult['tagPlaces'],
): Finding[] {
  const found: Finding[] = [];
  const inOrder = [...tags].sort((a, b) => b.judgement.score - a.judgement.score || (b.bytes ?? 0) - (a.bytes ?? 0));
  for (const tag of inOrder
    .filter(({ judgement }) => judgement.verdict === 'leak' || judgement.verdict === 'growing')
    .slice(0, MAX_FINDINGS)) {
    found.push(...growth(tag, places));
  }
  found.push(...dominating(tags, snapshots, places));
  return found;
}

function growth(tag: SnapshotTag, places: PoolResult['tagPlaces']): Finding[] {
  const { judgement, slope, perSnapshot } = tag;
  const isLeak = judgement.verdict === 'leak';
  const rate =
    slope !== null
      ? ` at ${rateText(slope.perSecond)}`
      : perSnapshot !== null
        ? ` by ${bytesText(perSnapshot)} a snapshot`
        : '';
  const share =
    // Counters of 32 bits begin anew: then their difference is not what is in use.
    tag.allocs !== null && tag.frees !== null && tag.allocs > 0 && tag.allocs - tag.frees === tag.count
      ? ` ${tag.allocs - tag.frees} of its ${tag.allocs} allocations were not freed.`
      : '';
  const owner = tag.driver === null ? '' : ` The source names ${tag.driver} for it.`;
  return finding(
    isLeak ? 'pool-leak' : 'pool-growing',
    'warning',
    `${tagText(tag.tag)} (${poolText(tag.paged)}) ${isLeak ? (judgement.confidence === 'low' ? 'may leak, it grows' : 'leaks') : 'grows'}${rate}, now ${bytesText(tag.bytes ?? 0)}: ${judgement.reasons.join('; ')}.${share}${owner}${placesText(tag.tag, places)} Snapshots do not show which code allocates.`,
    tag.evidence,
    {
      confidence: judgement.confidence,
      next: ['tracekit recipe pool prints how to record the allocating stacks of this tag'],
    },
  );
}

/** Where the code says the tag. */
function placesText(tag: string | null, places: PoolResult['tagPlaces']): string {
  const own = places.filter((place) => place.tag?.trimEnd() === tag?.trimEnd());
  if (tag === null || own.length === 0) return '';
  const shown = own.slice(0, 3).map(({ address, module }) => `${module === null ? '' : `${module} `}${address}`);
  return ` The tag stands in code at ${shown.join(', ')}${own.length > 3 ? ` and ${own.length - 3} more places` : ''}.`;
}

/** A tag that holds much of its pool in the last snapshot: a suspect, as long as there is no second snapshot. */
function dominating(
  tags: readonly SnapshotTag[],
  snapshots: readonly Snapshot[],
  places: PoolResult['tagPlaces'],
): Finding[] {
  const totals = new Map([false, true].map((paged) => [paged, totalOf(snapshots, paged)]));
  return [...tags]
    .sort((a, b) => (b.bytes ?? 0) - (a.bytes ?? 0))
    .flatMap((tag): Finding[] => {
      const total = tag.paged === null ? null : (totals.get(tag.paged) ?? null);
      const { bytes, count, judgement } = tag;
      if (bytes === null || total === null || judgement.verdict !== 'insufficient') return [];
      if (bytes < MIN_BYTES || bytes < DOMINATES * total.bytes) return [];
      const each = count === null || count === 0 ? '' : equalText(bytes, count);
      const share = Math.min(100, (100 * bytes) / total.bytes);
      return finding(
        'pool-tag-dominates',
        'warning',
        `${tagText(tag.tag)} holds ${bytes} of ${total.bytes} bytes of ${poolText(tag.paged)}${total.isPrinted ? '' : ' that the tags add up to'} (${share.toFixed(0)} %)${each}: the first suspect of a leak. ${sentence(judgement.reasons)}${tag.driver === null ? '' : ` The source names ${tag.driver} for it.`}${placesText(tag.tag, places)}`,
        [...tag.evidence, ...placeEvidence(tag.tag, places)],
        {
          confidence: share >= 75 ? 'medium' : 'low',
          next: [
            'take another snapshot later: only growth shows a leak',
            'tracekit recipe pool prints how to find the allocating code: PoolHitTag, Driver Verifier, a trace with stacks',
          ],
        },
      );
    })
    .slice(0, 3);
}

const placeEvidence = (
  tag: string | null,
  places: PoolResult['tagPlaces'],
): PoolResult['tagPlaces'][number]['evidence'] =>
  places
    .filter((place) => place.tag?.trimEnd() === tag?.trimEnd())
    .slice(0, 2)
    .flatMap(({ evidence }) => evidence);

function equalText(bytes: number, count: number): string {
  const isEven = bytes % count === 0;
  return ` in ${count} ${count === 1 ? 'block' : isEven && count > 1 ? 'blocks of' : 'blocks, on average'} ${isEven || count === 1 ? (count === 1 ? '' : `${bytes / count} bytes`) : bytesText(bytes / count)}`.trimEnd();
}

/** Figures that say how much of a pool is in use, the surest first: the total of !poolused, !vm, the head of poolmon, perfmon. */
const TOTALS = {
  nonpaged: ['poolused nonpaged used', 'nonpagedpool usage', 'pool n', 'pool nonpaged bytes'],
  paged: ['poolused paged used', 'pagedpool usage', 'pool p', 'pool paged bytes'],
} as const;

/** Bytes of a pool in the last snapshot with tags: the total that it prints, else the sum. */
function totalOf(snapshots: readonly Snapshot[], paged: boolean): { bytes: number; isPrinted: boolean } | null {
  const last = snapshots.findLast(({ tags }) => tags.length > 0);
  if (last === undefined) return null;
  const own = last.tags.filter((point) => point.paged === paged && point.bytes !== null);
  const sum = own.reduce((all, point) => all + (point.bytes as number), 0);
  for (const name of paged ? TOTALS.paged : TOTALS.nonpaged) {
    const printed = last.counters.find((c) => c.sessionId === null && c.name.toLowerCase() === name)?.value ?? 0;
    // A total that is less than its parts is one of something else.
    if (printed > 0 && printed >= 0.99 * sum) return { bytes: printed, isPrinted: true };
  }
  return sum > 0 ? { bytes: sum, isPrinted: false } : null;
}

/** Figures of pool in use over time. */
export function counterFindings(counters: readonly PoolCounter[], hasTags: boolean): Finding[] {
  return counters
    .filter(({ name, samples, unit }) => samples >= 4 && unit === 'bytes' && isTotal(name))
    .flatMap((counter): Finding[] => {
      const { name, first, last, max, verdict, slopePerSecond, evidence } = counter;
      const rate = slopePerSecond === null ? '' : `, ${rateText(slopePerSecond)} by the slope`;
      const course = `from ${bytesText(first)} to ${bytesText(last)}, ${bytesText(max)} at most${rate}`;
      if (verdict === 'growing')
        return finding(
          'pool-grows',
          'warning',
          `${name} grows: ${course}.${hasTags ? '' : ' Which tag it is, poolmon or !poolused shows.'}`,
          evidence,
        );
      return finding(
        'pool-course',
        'note',
        `${name} went ${course}: ${verdict === 'insufficient' ? 'too few samples to tell growth' : verdict === 'transient' ? 'it rose and fell again' : 'it does not keep growing'}.`,
        evidence,
      );
    });
}

const isTotal = (name: string): boolean =>
  [...TOTALS.nonpaged, ...TOTALS.paged].some(
    (total) => name.toLowerCase() === total || name.toLowerCase().endsWith(`\\${total}`),
  );

/** Allocations that the machine had to refuse. */
export function failureFindings(snapshots: readonly Snapshot[], context: Finish): Finding[] {
  const found: Finding[] = [];
  const said = new Set<string>();
  for (const snapshot of [...snapshots].reverse()) {
    for (const counter of snapshot.counters) {
      const key = `${counter.name}|${counter.sessionId}`;
      if (!/^failed /i.test(counter.name) || said.has(key) || (counter.value ?? 0) <= 0) continue;
      said.add(key);
      const whose = counter.sessionId === null ? '' : ` in session ${counter.sessionId}`;
      found.push(
        ...finding(
          'allocations-failed',
          /pool/i.test(counter.name) ? 'error' : 'warning',
          `${counter.value} ${counter.name.replace(/^failed /i, '')} failed since the system started${whose}; when, the figure does not say.`,
          [evidenceOf(context, snapshot, counter)],
        ),
      );
    }
  }
  return found;
}

/** Stacks at which PoolHitTag stopped. */
export function hitFindings(stacks: readonly PoolStack[]): Finding[] {
  return stacks
    .filter(({ from }) => from === 'breakpoint')
    .sort((a, b) => b.count - a.count)
    .slice(0, 3)
    .flatMap((stack) =>
      finding(
        'pool-hit',
        'note',
        `${tagText(stack.tag)} is allocated by ${codeText(stack)}: ${stack.reasons.join('; ')}.`,
        stack.evidence,
        {
          confidence: 'medium',
          next:
            stack.siblings === null
              ? [
                  'let the breakpoint print the stacks of frees too: a path that allocates and never frees is what to look for',
                ]
              : [],
        },
      ),
    );
}
